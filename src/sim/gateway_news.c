/* sim/gateway_news.c - headlines about the simulator's own market, bulletins, and the news that is not sold here.
 *
 * One provider, TDSIM. A headline is a fact of the tape that just happened: the first regular print, a new high or low
 * of the day (at most one in five minutes of market time and symbol, from five minutes after the open), a halt and its end, the
 * last regular print. Every headline says that it is simulated. The same tape gives the same headlines with the same
 * article ids ("TDSIM$" and a number in the order they happened).
 *
 * Fundamentals: error 430, as the broker answers since it dropped them. The WSH calendar and other providers: error
 * 10276, as an account without the subscription gets. Source: tws-protocol 4.11, 5.
 */
#include "sim/gateway_inner.h"

#include <stdio.h>
#include <string.h>

#include "market/calendar.h"

#define PROVIDER "TDSIM"
#define PAUSE    (5 * TD_MIN) /* between two extremes of a symbol */
#define LIST_MAX 300
#define TEXT_MAX 200
#define NO_FEED  "News feed is not allowed."
#define BULLETIN 200

/* ---- happening ---- */

static void tell(struct td_gateway *g, const struct td_gw_symbol *s, td_ns at, td_px px,
                 uint8_t kind)
{
    g->headlines[g->headline_count++ % TD_GW_HEADLINES] = (struct td_gw_headline){
        .at = at, .px = px, .volume = s->volume, .row = s->row, .kind = kind};
}

static void extremes(struct td_gateway *g, struct td_gw_symbol *s, const struct td_event *ev)
{
    struct td_gw_told *told = &s->told;
    const td_px px = ev->trade.px;
    const bool high = px.e9 > told->high.e9, low = px.e9 < told->low.e9;
    if (!high && !low)
        return;
    told->high = high ? px : told->high;
    told->low = low ? px : told->low;
    if (ev->venue_ns < told->extreme_at + PAUSE)
        return;
    told->extreme_at = ev->venue_ns;
    tell(g, s, ev->venue_ns, px, high ? TD_GW_NEWS_HIGH : TD_GW_NEWS_LOW);
}

static void on_trade(struct td_gateway *g, struct td_gw_symbol *s, const struct td_event *ev)
{
    struct td_gw_told *told = &s->told;
    told->last = ev->trade.px;
    if (told->opened) {
        extremes(g, s, ev);
        return;
    }
    told->opened = true;
    told->open = told->high = told->low = ev->trade.px;
    told->extreme_at = ev->venue_ns;
    tell(g, s, ev->venue_ns, ev->trade.px, TD_GW_NEWS_OPEN);
}

void td_gw_news_event(struct td_gateway *g, struct td_gw_symbol *s, const struct td_event *ev)
{
    struct td_gw_told *told = &s->told;
    const struct td_venue_hours *h = &s->source.hours;
    if (told->day != s->day)
        *told = (struct td_gw_told){.day = s->day};
    if (told->opened && !told->closed && ev->venue_ns >= h->close) {
        told->closed = true;
        tell(g, s, h->close, told->last, TD_GW_NEWS_CLOSE);
    }
    if (ev->kind == TD_EV_TRADE && ev->venue_ns >= h->open && ev->venue_ns < h->close)
        on_trade(g, s, ev);
    const bool halted = s->status == TD_STATUS_HALTED;
    if (ev->kind == TD_EV_STATUS && halted != told->halted) {
        told->halted = halted;
        tell(g, s, ev->venue_ns, s->last, halted ? TD_GW_NEWS_HALT : TD_GW_NEWS_RESUME);
    }
}

/* ---- texts ---- */

static const char *const verbs[] = {[TD_GW_NEWS_OPEN] = "opens at",
                                    [TD_GW_NEWS_HIGH] = "makes a new high of the day at",
                                    [TD_GW_NEWS_LOW] = "makes a new low of the day at",
                                    [TD_GW_NEWS_HALT] = "is halted, last",
                                    [TD_GW_NEWS_RESUME] = "resumes after a halt, last",
                                    [TD_GW_NEWS_CLOSE] = "closes at"};

static struct td_str headline_text(const struct td_gateway *g, const struct td_gw_headline *h,
                                   char out[TEXT_MAX])
{
    struct td_text t;
    td_text_init(&t, out, TEXT_MAX);
    td_text_printf(&t, "SIMULATED: %s %s ", g->universe.rows[h->row].inst.symbol, verbs[h->kind]);
    if (td_px_is_none(h->px))
        td_text_put(&t, "no price");
    td_text_e9(&t, h->px.e9);
    return (struct td_str){out, t.len};
}

static struct td_str article_id(uint32_t number, char out[24])
{
    const int n = snprintf(out, 24, PROVIDER "$%08x", (unsigned)number);
    return (struct td_str){out, n > 0 ? (size_t)n : 0};
}

/* "2026-11-20 14:30:00.0", UTC. */
static struct td_str news_time(td_ns at, char out[48])
{
    struct td_text t;
    struct td_civil c;
    td_text_init(&t, out, 48);
    td_civil_from_ns(at, &c);
    td_text_printf(&t, "%04d-%02d-%02d %02d:%02d:%02d.0", (int)c.year, (int)c.month, (int)c.day,
                   (int)c.hour, (int)c.minute, (int)c.second);
    return (struct td_str){out, t.len};
}

static uint32_t oldest(const struct td_gateway *g)
{
    return g->headline_count > TD_GW_HEADLINES ? g->headline_count - TD_GW_HEADLINES : 0;
}

/* ---- live ---- */

bool td_gw_news_wanted(struct td_gateway *g, struct td_gw_client *c, struct td_str generic,
                       struct td_gw_sub *sub)
{
    struct td_str part;
    while (td_str_split(&generic, ',', &part)) {
        struct td_str provider = td_str_trim(part), name;
        (void)td_str_split(&provider, ':', &name);
        sub->quiet = sub->quiet || td_str_is(name, "mdoff");
        if (!td_str_is(name, "292"))
            continue;
        sub->news = true;
        if (provider.len && !td_str_is(provider, PROVIDER)) {
            td_gw_error(g, c, sub->req_id, 10276, NO_FEED);
            return false;
        }
    }
    sub->news_seen = sub->news ? oldest(g) : 0;
    return true;
}

void td_gw_news_send(struct td_gateway *g, struct td_gw_client *c, struct td_gw_sub *sub)
{
    char text[TEXT_MAX], id[24];
    if (!sub->news)
        return;
    sub->news_seen = sub->news_seen < oldest(g) ? oldest(g) : sub->news_seen;
    for (; sub->news_seen < g->headline_count; sub->news_seen++) {
        const struct td_gw_headline *h = &g->headlines[sub->news_seen % TD_GW_HEADLINES];
        if (h->row != sub->sym)
            continue;
        td_tws_msg_init(&g->msg, TD_TWS_TICK_NEWS);
        g->msg.tick_news = (struct td_tws_tick_news){.req_id = sub->req_id,
                                                     .time_ms = h->at / TD_MS,
                                                     .provider = td_str_of(PROVIDER),
                                                     .article_id = article_id(sub->news_seen, id),
                                                     .headline = headline_text(g, h, text),
                                                     .extra = td_str_of("")};
        (void)td_gw_send(g, c, &g->msg);
    }
}

/* ---- asked for ---- */

void td_gw_req_news_providers(struct td_gateway *g, struct td_gw_client *c,
                              const struct td_tws_msg *m)
{
    const struct td_tws_tag one = {td_str_of(PROVIDER),
                                   td_str_of("Events of the simulated market")};
    (void)m;
    td_tws_msg_init(&g->msg, TD_TWS_NEWS_PROVIDERS);
    g->msg.pairs.pairs.p = &one;
    g->msg.pairs.pairs.n = 1;
    (void)td_gw_send(g, c, &g->msg);
}

/* "yyyy-mm-dd hh:mm:ss.0" or "yyyymmdd hh:mm:ss" in UTC; empty leaves *out. */
static bool read_time(struct td_gateway *g, struct td_str text, td_ns *out)
{
    char plain[32];
    size_t n = 0;
    bool bare = false;
    text = td_str_trim(text);
    for (size_t i = 0; i < text.len && n < sizeof plain - 1 && text.p[i] != '.'; i++) {
        const bool dash = text.p[i] == '-' && i < 10;
        if (!dash) {
            plain[n] = text.p[i] == ' ' && n == 8 ? '-' : text.p[i];
            n++;
        }
    }
    const enum td_err err = td_gw_time_parse(g, (struct td_str){plain, n}, out, &bare);
    return err == TD_OK || err == TD_ENODATA;
}

static bool has_provider(struct td_str list)
{
    struct td_str one;
    while (td_str_split(&list, '+', &one))
        if (td_str_is(td_str_trim(one), PROVIDER))
            return true;
    return false;
}

static void send_headline(struct td_gateway *g, struct td_gw_client *c, int32_t req_id,
                          uint32_t number)
{
    const struct td_gw_headline *h = &g->headlines[number % TD_GW_HEADLINES];
    char time[48], id[24], text[TEXT_MAX];
    td_tws_msg_init(&g->msg, TD_TWS_HISTORICAL_NEWS);
    g->msg.historical_news = (struct td_tws_historical_news){.req_id = req_id,
                                                             .time = news_time(h->at, time),
                                                             .provider = td_str_of(PROVIDER),
                                                             .article_id = article_id(number, id),
                                                             .headline = headline_text(g, h, text)};
    (void)td_gw_send(g, c, &g->msg);
}

/* The newest first. */
void td_gw_req_historical_news(struct td_gateway *g, struct td_gw_client *c,
                               const struct td_tws_msg *m)
{
    const struct td_tws_req_historical_news *r = &m->req_historical_news;
    const struct td_tws_contract contract = {.con_id = r->con_id};
    td_ns from = 0, to = TD_NS_NEVER;
    uint32_t row = 0;
    if (!td_gw_contract(g, c, r->req_id, &contract, &row))
        return;
    if (!has_provider(r->providers)) {
        td_gw_error(g, c, r->req_id, 10276, NO_FEED);
        return;
    }
    if (!read_time(g, r->start_time, &from) || !read_time(g, r->end_time, &to) ||
        r->results_max < 1) {
        td_gw_error(g, c, r->req_id, 321,
                    "Error validating request.-'Times are yyyy-mm-dd hh:mm:ss.0 or empty, and at "
                    "least one result is asked for'");
        return;
    }
    const int32_t limit = r->results_max < LIST_MAX ? r->results_max : LIST_MAX;
    int32_t sent = 0;
    bool more = false;
    for (uint32_t i = g->headline_count; i-- > oldest(g) && !more;) {
        const struct td_gw_headline *h = &g->headlines[i % TD_GW_HEADLINES];
        if (h->row != row || h->at < from || h->at > to)
            continue;
        more = sent == limit;
        if (!more)
            send_headline(g, c, r->req_id, i);
        sent++;
    }
    td_tws_msg_init(&g->msg, TD_TWS_HISTORICAL_NEWS_END);
    g->msg.historical_news_end.req_id = r->req_id;
    g->msg.historical_news_end.has_more = more;
    (void)td_gw_send(g, c, &g->msg);
}

static bool find_article(const struct td_gateway *g, const struct td_tws_req_news_article *r,
                         uint32_t *out)
{
    char id[24];
    for (uint32_t i = oldest(g); i < g->headline_count; i++)
        if (td_str_is(r->provider, PROVIDER) && td_str_eq(r->article_id, article_id(i, id))) {
            *out = i;
            return true;
        }
    return false;
}

void td_gw_req_news_article(struct td_gateway *g, struct td_gw_client *c,
                            const struct td_tws_msg *m)
{
    const struct td_tws_req_news_article *r = &m->req_news_article;
    char body[600], head[TEXT_MAX], time[48];
    struct td_text t;
    uint32_t at = 0;
    if (!find_article(g, r, &at)) {
        td_gw_error(g, c, r->req_id, 10172, "Failed to request news article:No data available");
        return;
    }
    const struct td_gw_headline *h = &g->headlines[at % TD_GW_HEADLINES];
    td_text_init(&t, body, sizeof body);
    td_text_str(&t, headline_text(g, h, head));
    td_text_put(&t, "\n");
    td_text_str(&t, news_time(h->at, time));
    td_text_put(&t, " UTC. Volume of the day so far: ");
    td_text_e9(&t, h->volume.e9);
    td_text_put(&t, ". This is an event of the market simulator, not news.");
    td_tws_msg_init(&g->msg, TD_TWS_NEWS_ARTICLE);
    g->msg.news_article.req_id = r->req_id;
    g->msg.news_article.type = 0;
    g->msg.news_article.text = (struct td_str){body, t.len};
    (void)td_gw_send(g, c, &g->msg);
}

/* ---- bulletins: the bells of New York ---- */

static void send_bulletins(struct td_gateway *g, struct td_gw_client *c)
{
    char text[BULLETIN], time[48];
    const uint32_t first =
        g->bulletin_count > TD_GW_BULLETINS ? g->bulletin_count - TD_GW_BULLETINS : 0;
    c->bulletins_seen = c->bulletins_seen < first ? first : c->bulletins_seen;
    for (; c->bulletins_seen < g->bulletin_count; c->bulletins_seen++) {
        const struct td_gw_bulletin *b = &g->bulletins[c->bulletins_seen % TD_GW_BULLETINS];
        const struct td_str at = news_time(b->at, time);
        const int n =
            snprintf(text, sizeof text, "SIMULATED: regular trading in New York %s at %.*s UTC",
                     b->opens ? "began" : "ended", TD_STR_ARG(at));
        td_tws_msg_init(&g->msg, TD_TWS_NEWS_BULLETIN);
        g->msg.news_bulletin = (struct td_tws_news_bulletin){.id = (int32_t)c->bulletins_seen + 1,
                                                             .type = 1,
                                                             .text = {text, n > 0 ? (size_t)n : 0},
                                                             .exchange = td_str_of(PROVIDER)};
        (void)td_gw_send(g, c, &g->msg);
    }
}

static void ring_bell(struct td_gateway *g, bool opens)
{
    struct td_session_hours h = {0};
    const int64_t day = td_tz_day(g->new_york, g->now);
    const bool session = td_calendar_session(&td_calendar_xnys, g->new_york, day, &h);
    const td_ns at = !session ? g->now : opens ? h.open : h.close;
    g->bulletins[g->bulletin_count++ % TD_GW_BULLETINS] = (struct td_gw_bulletin){at, opens};
}

/* Sessions begin and end at full minutes, so the calendar is read once in each. */
static void look_at_phase(struct td_gateway *g)
{
    const int64_t minute = g->now / TD_MIN;
    if (minute == g->phase_minute)
        return;
    const uint8_t phase = (uint8_t)td_calendar_phase(&td_calendar_xnys, g->new_york, g->now);
    const bool was = g->phase == TD_PHASE_REGULAR, is = phase == TD_PHASE_REGULAR;
    g->phase = phase;
    g->phase_minute = minute;
    if (was != is)
        ring_bell(g, is);
}

void td_gw_news_tick(struct td_gateway *g)
{
    look_at_phase(g);
    for (size_t i = 0; i < TD_GATEWAY_CLIENTS_MAX; i++)
        if (g->clients[i] && g->clients[i]->bulletins)
            send_bulletins(g, g->clients[i]);
}

void td_gw_req_bulletins(struct td_gateway *g, struct td_gw_client *c, const struct td_tws_msg *m)
{
    td_gw_news_tick(g);
    c->bulletins = true;
    c->bulletins_seen = m->flag.on ? 0 : g->bulletin_count;
    send_bulletins(g, c);
}

void td_gw_cancel_bulletins(struct td_gateway *g, struct td_gw_client *c,
                            const struct td_tws_msg *m)
{
    (void)g;
    (void)m;
    c->bulletins = false;
}

/* ---- not sold here ---- */

void td_gw_req_fundamental(struct td_gateway *g, struct td_gw_client *c, const struct td_tws_msg *m)
{
    uint32_t row = 0;
    if (td_gw_contract(g, c, m->req_fundamental.req_id, &m->req_fundamental.contract, &row))
        td_gw_error(g, c, m->req_fundamental.req_id, 430,
                    "We are sorry, but fundamentals data for the security specified is not "
                    "available.Not allowed");
}

void td_gw_req_wsh(struct td_gateway *g, struct td_gw_client *c, const struct td_tws_msg *m)
{
    const int32_t id =
        m->kind == TD_TWS_REQ_WSH_META_DATA ? m->req.req_id : m->req_wsh_event.req_id;
    td_gw_error(g, c, id, 10276, NO_FEED);
}
