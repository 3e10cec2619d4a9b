/* desk/scanner.c - two lists, one queue of what is due, facts out of bars. */
#include "desk/scanner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "desk/codes.h"
#include "desk/zone.h"
#include "market/calendar.h"

#define FIRST_ID     1880000000 /* below those of desk/fetch.h, above order ids */
#define LISTS        2
#define LIST_MAX     100
#define LIST_WAIT    (30 * TD_SEC) /* for the first lists */
#define MINUTES_OLD  TD_MIN
#define CLOCK_OLD    TD_MIN
#define DETAILS_WAIT (60 * TD_SEC)
#define REFUSED_WAIT (10 * TD_MIN) /* before what was refused is tried again */

static const struct {
    const char *code;
    uint8_t why;
} lists[LISTS] = {{"TOP_PERC_GAIN", TD_SCAN_WHY_GAINER}, {"MOST_ACTIVE", TD_SCAN_WHY_ACTIVE}};

enum list_state { LIST_OFF, LIST_ASKED, LIST_CAME, LIST_REFUSED };

struct list {
    int32_t id;
    uint8_t state;                     /* enum list_state */
    uint16_t symbols[LIST_MAX], count; /* in the gateway's order */
};

struct symbol {
    char name[TD_SYMBOL_CHARS];
    uint32_t line;
    uint8_t why;
    bool refused, has_days, has_minutes;
    td_ns added, minutes_at, refused_at; /* monotonic */
    struct td_scan_past past;
    struct td_scan_today today;
};

struct td_scanner {
    struct td_scanner_config config;
    struct td_world *world;
    struct td_market market;
    struct td_fetch fetch;
    struct list lists[LISTS];
    uint32_t sessions; /* connections that the lists were asked on: lost so far, and one */
    td_ns session_at;  /* monotonic: when the newest of them began */
    int32_t next_id;
    struct symbol symbols[TD_SCANNER_LINES];
    uint32_t count;
    uint16_t universe[TD_SCANNER_UNIVERSE];
    uint32_t universe_count;
    struct td_scan_facts facts[TD_SCANNER_UNIVERSE];
    struct td_scan_told told[TD_SCANNER_UNIVERSE];
    td_ns offset,
        clock_at; /* gateway's time less the monotonic clock, and when that was looked at */
    int64_t day;
    int64_t sessions_before[TD_SCAN_DAYS_MAX];
    struct td_bar_rows rows;
    char note[200];
};

static void no_event(void *arg, uint32_t index, const struct td_event *event, bool warmup)
{
    (void)arg, (void)index, (void)event, (void)warmup;
}

static td_ns now_of(const struct td_scanner *s)
{
    return td_world_mono(s->world) + s->offset;
}

/* ---- symbols ---- */

static struct symbol *find(struct td_scanner *s, const char *name)
{
    for (uint32_t i = 0; i < s->count; i++)
        if (strcmp(s->symbols[i].name, name) == 0)
            return &s->symbols[i];
    return NULL;
}

static void refuse(const struct td_scanner *s, struct symbol *symbol)
{
    symbol->refused = true;
    symbol->refused_at = td_world_mono(s->world);
}

/* NULL: no symbol, or no line is left (noted). */
static struct symbol *take_symbol(struct td_scanner *s, struct td_str text)
{
    char name[TD_SYMBOL_CHARS];
    struct td_fail why = {0};
    uint32_t line = 0;
    if (!td_str_copy(text, name, sizeof name))
        return NULL;
    for (char *c = name; *c; c++) /* a share class: BRK B is BRK.B */
        *c = *c == ' ' ? '.' : *c;
    struct symbol *old = find(s, name);
    if (old)
        return old;
    if (s->count == TD_SCANNER_LINES ||
        td_market_add(&s->market, name, TD_WANT_QUOTES, &line, &why) != TD_OK) {
        (void)snprintf(s->note, sizeof s->note, "%s is left out: %.120s", name,
                       s->count == TD_SCANNER_LINES ? "no line is left" : why.text);
        return NULL;
    }
    struct symbol *symbol = &s->symbols[s->count++];
    *symbol = (struct symbol){.line = line, .added = td_world_mono(s->world)};
    memcpy(symbol->name, name, sizeof symbol->name);
    symbol->refused =
        s->market.lines[line].product != NULL; /* the name of a future, not of a stock */
    td_scan_past_init(&symbol->past, s->config.adv_days);
    return symbol;
}

static void add_to_universe(struct td_scanner *s, uint32_t index, uint8_t why)
{
    s->symbols[index].why |= why;
    for (uint32_t i = 0; i < s->universe_count; i++)
        if (s->universe[i] == index)
            return;
    if (s->universe_count < TD_SCANNER_UNIVERSE)
        s->universe[s->universe_count++] = (uint16_t)index;
}

/* What was named first: it was asked for; then the lists in their order. */
static void gather(struct td_scanner *s)
{
    s->universe_count = 0;
    for (uint32_t i = 0; i < s->count; i++)
        s->symbols[i].why = 0;
    for (uint32_t i = 0; i < s->config.named_count; i++) {
        const struct symbol *symbol = find(s, s->config.named[i]);
        if (symbol)
            add_to_universe(s, (uint32_t)(symbol - s->symbols), TD_SCAN_WHY_NAMED);
    }
    for (size_t k = 0; k < LISTS; k++)
        for (uint16_t i = 0; i < s->lists[k].count; i++)
            add_to_universe(s, s->lists[k].symbols[i], lists[k].why);
}

/* ---- lists ---- */

static void take_list(struct td_scanner *s, struct list *list, const struct td_tws_scanner *data)
{
    list->state = LIST_CAME;
    list->count = 0;
    for (uint32_t i = 0; i < data->rows.n && list->count < LIST_MAX; i++) {
        const struct td_tws_contract *c = &data->rows.p[i].contract;
        const struct symbol *symbol = c->sec_type.len == 0 || td_str_is(c->sec_type, "STK")
                                          ? take_symbol(s, c->symbol)
                                          : NULL;
        if (symbol)
            list->symbols[list->count++] = (uint16_t)(symbol - s->symbols);
    }
    gather(s);
}

/* 165 says that a list is empty; other errors that end a request refuse it. */
static void take_error(struct td_scanner *s, struct list *list, size_t which,
                       const struct td_tws_error *e)
{
    if (e->code == 165) {
        list->state = LIST_CAME;
        list->count = 0;
        gather(s);
    } else if (td_code_ends(e->code)) {
        list->state = LIST_REFUSED;
        (void)snprintf(s->note, sizeof s->note, "%s is refused (%d: %.*s)", lists[which].code,
                       (int)e->code, (int)(e->text.len < 120 ? e->text.len : 120),
                       e->text.p ? e->text.p : "");
    }
}

static bool take_message(void *arg, const struct td_tws_msg *msg)
{
    struct td_scanner *s = arg;
    for (size_t k = 0; k < LISTS; k++) {
        struct list *list = &s->lists[k];
        if (list->state == LIST_OFF)
            continue;
        if (msg->kind == TD_TWS_SCANNER_DATA && msg->scanner.req_id == list->id) {
            take_list(s, list, &msg->scanner);
            return true;
        }
        if (msg->kind == TD_TWS_ERROR && msg->error.id == list->id) {
            take_error(s, list, k, &msg->error);
            return true;
        }
    }
    return msg->kind == TD_TWS_SCANNER_DATA; /* of a session that is over */
}

static enum td_err ask_list(struct td_scanner *s, size_t which, struct td_fail *why)
{
    struct td_tws_msg msg;
    struct list *list = &s->lists[which];
    td_tws_msg_init(&msg, TD_TWS_REQ_SCANNER_SUBSCRIPTION);
    struct td_tws_req_scanner *r = &msg.req_scanner;
    r->req_id = list->id = s->next_id++;
    r->rows = -1;
    r->instrument = td_str_of("STK");
    r->location = td_str_of("STK.US.MAJOR");
    r->scan_code = td_str_of(lists[which].code);
    r->above_price = s->config.low;
    r->below_price = s->config.high;
    list->state = LIST_ASKED;
    const enum td_err err = td_link_send(s->fetch.conn.link, &msg);
    td_link_flush(s->fetch.conn.link);
    return err ? td_fail_set(why, err, "asking for %s: %s", lists[which].code, td_err_text(err))
               : TD_OK;
}

/* Once a session: the subscriptions stand until it ends. */
static enum td_err keep_lists(struct td_scanner *s, struct td_fail *why)
{
    if (!td_link_ready(s->fetch.conn.link) || s->sessions == s->fetch.conn.lost + 1)
        return TD_OK;
    s->sessions = s->fetch.conn.lost + 1;
    s->session_at = td_world_mono(s->world);
    enum td_err err = TD_OK;
    for (size_t k = 0; k < LISTS && !err; k++)
        err = ask_list(s, k, why);
    return err;
}

/* ---- the day ---- */

static void begin_day(struct td_scanner *s, int64_t day)
{
    s->day = day;
    for (int32_t n = 0; n < s->config.adv_days;)
        if (td_calendar_trades(&td_calendar_xnys, --day))
            s->sessions_before[n++] = day;
    for (uint32_t i = 0; i < s->count; i++) {
        s->symbols[i].has_days = s->symbols[i].has_minutes = false;
        td_scan_past_init(&s->symbols[i].past, s->config.adv_days);
    }
}

static enum td_err keep_clock(struct td_scanner *s, struct td_fail *why)
{
    const td_ns mono = td_world_mono(s->world);
    td_ns now = 0;
    if (s->clock_at && mono - s->clock_at < CLOCK_OLD)
        return TD_OK;
    const enum td_err err = td_fetch_now(&s->fetch, &now, why);
    if (err)
        return err;
    s->clock_at = td_world_mono(s->world);
    s->offset = now - s->clock_at;
    const int64_t day = td_tz_day(s->config.new_york, now);
    if (day != s->day)
        begin_day(s, day);
    return TD_OK;
}

static int32_t minute_of(const struct td_scanner *s)
{
    const td_ns now = now_of(s);
    const int64_t minute = (now - td_tz_at(s->config.new_york, s->day, 0, 0, 0)) / TD_MIN;
    return minute < 0 ? 0 : minute > 1439 ? 1439 : (int32_t)minute;
}

/* ---- bars ---- */

static enum td_err ask_bars(struct td_scanner *s, const struct symbol *symbol, bool days,
                            struct td_fail *why)
{
    char duration[16];
    const struct td_fetch_request request = {.line = symbol->line,
                                             .bar_size = days ? "1 day" : "1 min",
                                             .duration = days ? duration : "1 D",
                                             .end = "",
                                             .rth = days,
                                             .span = days ? TD_DAY : TD_MIN,
                                             .zone = s->config.new_york};
    (void)snprintf(duration, sizeof duration, "%d D", (int)s->config.adv_days + 2);
    s->rows.count = 0;
    return td_fetch_bars(&s->fetch, &request, &s->rows, why);
}

static int32_t ago_of(const struct td_scanner *s, int64_t day)
{
    for (int32_t i = 0; i < s->config.adv_days; i++)
        if (s->sessions_before[i] == day)
            return i + 1;
    return 0;
}

static enum td_err ask_days(struct td_scanner *s, struct symbol *symbol, struct td_fail *why)
{
    const enum td_err err = ask_bars(s, symbol, true, why);
    for (size_t i = 0; !err && i < s->rows.count; i++)
        td_scan_past_add(&symbol->past, ago_of(s, s->rows.rows[i].local_ns / TD_DAY),
                         s->rows.rows[i].bar.close, s->rows.rows[i].bar.volume);
    symbol->has_days = !err;
    return err;
}

static enum td_err ask_minutes(struct td_scanner *s, struct symbol *symbol, struct td_fail *why)
{
    const enum td_err err = ask_bars(s, symbol, false, why);
    td_scan_today_init(&symbol->today, minute_of(s));
    for (size_t i = 0; !err && i < s->rows.count; i++) {
        const td_ns at = s->rows.rows[i].local_ns;
        if (at / TD_DAY == s->day)
            td_scan_today_add(&symbol->today, (int32_t)(at % TD_DAY / TD_MIN),
                              &s->rows.rows[i].bar);
    }
    symbol->minutes_at = td_world_mono(s->world);
    symbol->has_minutes = !err;
    return err;
}

/* A request that fails concerns its symbol; what ends the connection, the memory or the process concerns us. */
static bool is_ours(enum td_err err)
{
    return err == TD_EAGAIN || err == TD_ECLOSED || err == TD_ENOMEM;
}

static enum td_err ask(struct td_scanner *s, struct symbol *symbol, struct td_fail *why)
{
    const enum td_err err =
        symbol->has_days ? ask_minutes(s, symbol, why) : ask_days(s, symbol, why);
    if (!err || is_ours(err))
        return err;
    refuse(s, symbol);
    (void)snprintf(s->note, sizeof s->note, "%s: %.150s", symbol->name, why ? why->text : "");
    return TD_OK;
}

/* Its contract is known, of a stock. One that a session does not tell in time, or refuses, is out for a while. */
static bool is_askable(struct td_scanner *s, struct symbol *symbol)
{
    const struct td_line *line = &s->market.lines[symbol->line];
    const td_ns mono = td_world_mono(s->world);
    const td_ns since = symbol->added > s->session_at ? symbol->added : s->session_at;
    const bool late = td_link_ready(s->fetch.conn.link) && mono - since > DETAILS_WAIT;
    if (symbol->refused && mono - symbol->refused_at < REFUSED_WAIT)
        return false;
    symbol->refused = false;
    if (line->product || line->state == TD_LINE_REFUSED || (line->state != TD_LINE_LIVE && late))
        refuse(s, symbol);
    return line->state == TD_LINE_LIVE && !symbol->refused;
}

/* Never asked before asked again, in the universe's order; NULL: nothing is due. */
static struct symbol *find_due(struct td_scanner *s)
{
    struct symbol *oldest = NULL;
    const td_ns mono = td_world_mono(s->world);
    for (uint32_t i = 0; i < s->universe_count; i++) {
        struct symbol *symbol = &s->symbols[s->universe[i]];
        if (!is_askable(s, symbol))
            continue;
        if (!symbol->has_days || !symbol->has_minutes)
            return symbol;
        if (mono - symbol->minutes_at >= MINUTES_OLD &&
            (!oldest || symbol->minutes_at < oldest->minutes_at))
            oldest = symbol;
    }
    return oldest;
}

static uint32_t count_pending(const struct td_scanner *s)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < s->universe_count; i++) {
        const struct symbol *symbol = &s->symbols[s->universe[i]];
        n += !symbol->refused && (!symbol->has_days || !symbol->has_minutes);
    }
    return n;
}

/* ---- running ---- */

/* One request, or a pause of at most `rest`. */
static enum td_err step(struct td_scanner *s, td_ns rest, struct td_fail *why)
{
    enum td_err err = keep_lists(s, why);
    if (!err)
        err = keep_clock(s, why);
    if (err)
        return err;
    struct symbol *due = find_due(s);
    if (due)
        return ask(s, due, why);
    if (!td_fetch_pause(&s->fetch, rest < TD_SEC / 4 ? rest : TD_SEC / 4))
        return td_fail_set(why, TD_EAGAIN, "interrupted");
    return TD_OK;
}

enum td_err td_scanner_run(struct td_scanner *s, td_ns span, struct td_fail *why)
{
    const td_ns until = td_world_mono(s->world) + span;
    enum td_err err = TD_OK;
    while (!err && td_world_mono(s->world) < until)
        err = step(s, until - td_world_mono(s->world), why);
    return err;
}

bool td_scanner_pause(struct td_scanner *s, td_ns span)
{
    return td_fetch_pause(&s->fetch, span);
}

static bool have_lists(const struct td_scanner *s)
{
    for (size_t k = 0; k < LISTS; k++)
        if (s->lists[k].state != LIST_CAME && s->lists[k].state != LIST_REFUSED)
            return false;
    return true;
}

enum td_err td_scanner_settle(struct td_scanner *s, struct td_fail *why)
{
    const td_ns until = td_world_mono(s->world) + LIST_WAIT;
    enum td_err err = TD_OK;
    while (!err && (!have_lists(s) || count_pending(s))) {
        if (!have_lists(s) && td_world_mono(s->world) >= until)
            return td_fail_set(why, TD_ETIMEOUT, "the gateway told no scanner list within 30 s");
        err = step(s, TD_SEC, why);
    }
    return err;
}

/* ---- telling ---- */

static void tell_quote(const struct td_line *line, struct td_scan_facts *f)
{
    if (line->subs[TD_FOR_QUOTES].state != TD_SUB_LIVE || line->subs[TD_FOR_QUOTES].stale)
        return;
    f->bid = line->quote.bid;
    f->ask = line->quote.ask;
    if (line->pause.state != TD_PAUSE_DOUBTFUL)
        f->halted = line->pause.state == TD_PAUSE_PAUSED ? TD_HALTED_YES : TD_HALTED_NO;
}

static void tell(const struct td_scanner *s, const struct symbol *symbol, struct td_scan_facts *f)
{
    (void)td_scan_facts_init(f, td_str_of(symbol->name));
    f->why = symbol->why;
    if (symbol->has_days)
        td_scan_past_tell(&symbol->past, f);
    if (symbol->has_minutes)
        td_scan_today_tell(&symbol->today, f);
    if (symbol->refused)
        f->lacks |= TD_SCAN_LACK(REFUSED);
    else if (!symbol->has_days || !symbol->has_minutes)
        f->lacks |= TD_SCAN_LACK(NOT_ASKED);
    tell_quote(&s->market.lines[symbol->line], f);
}

static void tell_origin(const struct td_scanner *s, const struct symbol *symbol,
                        struct td_scan_told *out)
{
    const struct td_line *line = &s->market.lines[symbol->line];
    *out = (struct td_scan_told){.asked = symbol->minutes_at ? symbol->minutes_at + s->offset : 0};
    (void)td_str_copy(td_str_of(line->inst.primary), out->exchange, sizeof out->exchange);
}

void td_scanner_view(struct td_scanner *s, struct td_scanner_view *out)
{
    for (uint32_t i = 0; i < s->universe_count; i++) {
        tell(s, &s->symbols[s->universe[i]], &s->facts[i]);
        tell_origin(s, &s->symbols[s->universe[i]], &s->told[i]);
    }
    *out = (struct td_scanner_view){.facts = s->facts,
                                    .told = s->told,
                                    .count = s->universe_count,
                                    .pending = count_pending(s),
                                    .day = s->day,
                                    .minute = minute_of(s)};
    (void)snprintf(out->note, sizeof out->note, "%s", s->note);
}

/* ---- open and close ---- */

static enum td_err take_named(struct td_scanner *s, struct td_fail *why)
{
    for (uint32_t i = 0; i < s->config.named_count; i++)
        if (!take_symbol(s, td_str_of(s->config.named[i])))
            return td_fail_set(why, TD_EINVAL, "%.40s is no symbol that can be looked at",
                               s->config.named[i]);
    gather(s);
    return TD_OK;
}

enum td_err td_scanner_open(struct td_scanner **out, const struct td_scanner_config *config,
                            struct td_link *link, struct td_world *world, struct td_fail *why)
{
    struct td_scanner *s = calloc(1, sizeof *s);
    const struct td_market_config market = {
        .depth_rows = 1, .lines_max = TD_SCANNER_LINES, .quote_slots = config->quote_slots};
    if (!s)
        return td_fail_set(why, TD_ENOMEM, "no memory for the scanner");
    s->config = *config;
    s->world = world;
    s->next_id = FIRST_ID;
    const struct td_connection_config session = {.link = link,
                                                 .market = &s->market,
                                                 .log = config->log,
                                                 .client_id = config->plan->client_id,
                                                 .ids = config->plan->ids,
                                                 .restart_minute = -1,
                                                 .reauth_minute = -1};
    enum td_err err = td_market_init(&s->market, &market, link, config->log, no_event, s, why);
    if (!err) {
        td_fetch_init(&s->fetch, &session);
        s->fetch.other = take_message;
        s->fetch.other_arg = s;
        s->fetch.guest = config->guest;
        td_market_ready(&s->market);
        err = take_named(s, why);
    }
    if (err) {
        td_scanner_close(s);
        return err;
    }
    *out = s;
    return TD_OK;
}

void td_scanner_close(struct td_scanner *s)
{
    if (!s)
        return;
    td_bar_rows_free(&s->rows);
    td_market_fini(&s->market);
    free(s);
}
