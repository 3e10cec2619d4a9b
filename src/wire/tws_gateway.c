/* wire/tws_gateway.c - the gateway core: version reply, startApi, requests out, replies in. */
#include "wire/tws_gateway.h"

#include <string.h>

#include "wire/tws_field.h"

#define HELLO_NS    (60 * TD_SEC)
#define RX_MIN      256
#define TX_MIN      256
#define VERSION_MAX 128 /* longest version frame believed */

static bool is_usable(const struct td_twsgw_config *c)
{
    return c->rx && c->rx_cap >= RX_MIN && c->tx && c->tx_cap >= TX_MIN && c->arena &&
           c->arena_cap && c->hello_ns > 0 && c->version_min >= TD_TWS_VERSION_MIN &&
           c->version_max <= TD_TWS_VERSION_MAX && c->version_min <= c->version_max &&
           c->server_time && *c->server_time;
}

enum td_err td_twsgw_init(struct td_twsgw *g, const struct td_twsgw_config *config)
{
    struct td_twsgw_config c = *config;
    c.hello_ns = c.hello_ns ? c.hello_ns : HELLO_NS;
    c.version_min = c.version_min ? c.version_min : TD_TWS_VERSION_MIN;
    c.version_max = c.version_max ? c.version_max : TD_TWS_VERSION_MAX;
    if (!is_usable(&c))
        return TD_EINVAL;
    *g = (struct td_twsgw){.config = c, .state = TD_TWSGW_API, .now_ns = c.now_ns};
    g->deadline_ns = c.now_ns + c.hello_ns;
    if (!td_str_copy(td_str_of(c.server_time), g->server_time, sizeof g->server_time))
        return TD_EINVAL;
    td_tws_rx_init(&g->rx, c.rx, c.rx_cap);
    td_tws_tx_init(&g->tx, c.tx, c.tx_cap);
    td_arena_init(&g->arena, c.arena, c.arena_cap);
    return TD_OK;
}

static void end(struct td_twsgw *g, enum td_err err, const char *text)
{
    if (g->state == TD_TWSGW_CLOSED)
        return;
    g->state = TD_TWSGW_CLOSED;
    g->close_err = err;
    g->say_closed = true;
    g->deadline_ns = TD_NS_NEVER;
    (void)td_str_copy(td_str_of(text), g->close_text, sizeof g->close_text);
}

size_t td_twsgw_feed(struct td_twsgw *g, const uint8_t *in, size_t len)
{
    return g->state == TD_TWSGW_CLOSED ? len : td_tws_rx_feed(&g->rx, in, len);
}

size_t td_twsgw_pull(struct td_twsgw *g, uint8_t *out, size_t cap)
{
    size_t n = 0, got;
    while ((got = td_tws_tx_pull(&g->tx, out + n, cap - n)) > 0)
        n += got;
    return n;
}

size_t td_twsgw_queued(const struct td_twsgw *g)
{
    return g->tx.tail - g->tx.head;
}

td_ns td_twsgw_wake(const struct td_twsgw *g)
{
    return td_tws_tx_empty(&g->tx) ? g->deadline_ns : g->now_ns;
}

void td_twsgw_tick(struct td_twsgw *g, td_ns now_ns)
{
    if (now_ns > g->now_ns)
        g->now_ns = now_ns;
    if (g->now_ns >= g->deadline_ns)
        end(g, TD_EMUTE, "the client did not reach startApi in time");
}

void td_twsgw_close(struct td_twsgw *g)
{
    end(g, TD_ECLOSED, "closed by us");
}

enum td_err td_twsgw_send(struct td_twsgw *g, const struct td_tws_msg *msg)
{
    if (g->state == TD_TWSGW_CLOSED)
        return TD_ECLOSED;
    if (g->state != TD_TWSGW_OPEN)
        return TD_EAGAIN;
    const struct td_tws_codec codec = {.version = g->version};
    size_t room, len = 0;
    uint8_t *at = td_tws_tx_begin(&g->tx, &room);
    const enum td_err err = td_tws_encode(&codec, msg, at, room, &len);
    if (!err)
        td_tws_tx_commit(&g->tx, len);
    return err;
}

/* ---- handshake ---- */

/* Digits at the start of *s, at most five; they are cut off. -1 when there are none. */
static int32_t cut_number(struct td_str *s)
{
    int32_t value = 0;
    size_t n = 0;
    for (; n < s->len && n < 5 && s->p[n] >= '0' && s->p[n] <= '9'; n++)
        value = value * 10 + (s->p[n] - '0');
    *s = (struct td_str){s->p + n, s->len - n};
    return n ? value : -1;
}

/* "vMIN..MAX" or "vMIN", then optionally a blank and connect options. */
static enum td_err parse_range(struct td_str text, int32_t *low, int32_t *high,
                               struct td_str *options)
{
    if (!td_str_starts(text, "v"))
        return TD_EPROTO;
    struct td_str rest = {text.p + 1, text.len - 1};
    *low = *high = cut_number(&rest);
    if (td_str_starts(rest, "..")) {
        rest = (struct td_str){rest.p + 2, rest.len - 2};
        *high = cut_number(&rest);
    }
    if (*low < 0 || *high < *low || (rest.len && rest.p[0] != ' '))
        return TD_EPROTO;
    *options = td_str_trim(rest);
    return TD_OK;
}

/* The hello, one frame: section 1.1 step 3. */
static void say_hello(struct td_twsgw *g)
{
    char text[96];
    struct td_text t;
    size_t room;
    td_text_init(&t, text, sizeof text);
    td_text_i64(&t, g->config.version_said ? g->config.version_said : g->version);
    td_text_char(&t, '\0');
    td_text_put(&t, g->server_time);
    td_text_char(&t, '\0');
    uint8_t *at = td_tws_tx_begin(&g->tx, &room);
    TD_REQUIRE(room >= t.len); /* TX_MIN is larger */
    memcpy(at, text, t.len);
    td_tws_tx_commit(&g->tx, t.len);
}

/* The version for a client that offers low..high; 0: none. */
static int32_t answer(const struct td_twsgw_config *c, int32_t low, int32_t high)
{
    if (low <= c->version_max)
        return high < c->version_min ? 0 : high < c->version_max ? high : c->version_max;
    const int32_t proto = low > TD_TWS_VERSION_PB ? low : TD_TWS_VERSION_PB;
    return c->no_protobuf || high < proto || proto > TD_TWS_VERSION_PB_MAX ? 0 : proto;
}

static void take_version(struct td_twsgw *g, struct td_str payload)
{
    int32_t low = 0, high = 0;
    struct td_str options;
    if (payload.len > VERSION_MAX || parse_range(payload, &low, &high, &options)) {
        end(g, TD_EPROTO, "the client's first frame is not a version range");
        return;
    }
    g->version = answer(&g->config, low, high);
    if (!g->version) {
        end(g, TD_EVERSION,
            high < g->config.version_min ? "the client only speaks versions that are too old"
                                         : "the client only speaks versions we do not answer");
        return;
    }
    (void)td_str_copy(options, g->options, sizeof g->options);
    g->state = TD_TWSGW_START;
    say_hello(g);
}

static void take_api(struct td_twsgw *g)
{
    if (memcmp(g->rx.buf + g->rx.head, "API", 4)) {
        end(g, TD_EPROTO, "the client did not begin with API");
        return;
    }
    g->rx.head += 4;
    g->state = TD_TWSGW_VERSION;
}

/* ---- requests ---- */

static void fill(struct td_tws_event *out, enum td_tws_event_kind kind, enum td_err err,
                 const char *text)
{
    out->kind = kind;
    out->err = err;
    out->text = text;
}

static void refuse(struct td_twsgw *g, enum td_err err, const char *where, struct td_tws_event *out)
{
    struct td_text t;
    td_text_init(&t, g->bad_text, sizeof g->bad_text);
    td_text_printf(&t, "message %d: %s", (int)out->wire_id, where);
    g->bad_messages++;
    fill(out, TD_TWS_EV_BAD, err, g->bad_text);
}

static void take_request(struct td_twsgw *g, struct td_str payload, struct td_tws_event *out)
{
    const struct td_tws_codec codec = {.version = g->version, .request = true, .arena = &g->arena};
    struct td_tws_decoded info;
    const enum td_err err = td_tws_decode(&codec, payload, &out->msg, &info);
    const bool starts = !err && out->msg.kind == TD_TWS_START_API;
    out->wire_id = info.wire_id;
    out->req_id = info.req_id;
    if (err) {
        refuse(g, err, info.at ? info.at : "its id", out);
    } else if (info.surplus && out->msg.kind != TD_TWS_OTHER_REQUEST) {
        refuse(g, TD_EPROTO, "more fields than the request has", out);
    } else if (starts != (g->state == TD_TWSGW_START)) {
        refuse(g, TD_EPROTO, starts ? "a second startApi" : "a request before startApi", out);
    } else {
        g->messages++;
        fill(out, starts ? TD_TWS_EV_START_API : TD_TWS_EV_MESSAGE, TD_OK, "");
    }
    if (out->kind == TD_TWS_EV_START_API) {
        g->client_id = out->msg.start_api.client_id;
        g->state = TD_TWSGW_OPEN;
        g->deadline_ns = TD_NS_NEVER;
    }
}

/* One step of the machine: true when *out is an event. *more tells whether bytes may allow another. */
static bool step(struct td_twsgw *g, struct td_tws_event *out, bool *more)
{
    struct td_str payload;
    if (g->state == TD_TWSGW_API) {
        *more = g->rx.tail - g->rx.head >= 4;
        if (*more)
            take_api(g);
        return false;
    }
    const enum td_err err = td_tws_rx_next(&g->rx, &payload);
    *more = err != TD_EAGAIN;
    if (!*more)
        return false;
    if (err) {
        end(g, TD_EPROTO, "a frame of zero, negative or too large length");
    } else if (g->state == TD_TWSGW_VERSION) {
        take_version(g, payload);
    } else {
        take_request(g, payload, out);
        return true;
    }
    return false;
}

bool td_twsgw_next(struct td_twsgw *g, struct td_tws_event *out)
{
    for (bool more = true; more && g->state != TD_TWSGW_CLOSED;)
        if (step(g, out, &more))
            return true;
    if (!g->say_closed)
        return false;
    g->say_closed = false;
    fill(out, TD_TWS_EV_CLOSED, g->close_err, g->close_text);
    out->wire_id = out->req_id = -1;
    out->msg.kind = TD_TWS_NONE;
    return true;
}
