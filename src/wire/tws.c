/* wire/tws.c - the client core: handshake, ready, events, paced sending. */
#include "wire/tws.h"

#include <string.h>

#include "wire/tws_field.h"

#define HELLO_NS (5 * TD_SEC)
#define READY_NS (10 * TD_SEC)
#define RX_MIN   256
#define TX_MIN   1024

static void fill_presets(struct td_tws_config *c)
{
    if (!c->hello_ns)
        c->hello_ns = HELLO_NS;
    if (!c->ready_ns)
        c->ready_ns = READY_NS;
    if (!c->version_min)
        c->version_min = TD_TWS_VERSION_MIN;
    if (!c->version_max)
        c->version_max = TD_TWS_VERSION_MAX;
}

/* Text only, or protobuf only: a gateway may answer anything in between, and 201 to 212 mix the two. */
static bool is_range(int32_t low, int32_t high)
{
    const bool text = low >= TD_TWS_VERSION_MIN && high <= TD_TWS_VERSION_MAX;
    const bool proto = low >= TD_TWS_VERSION_PB && high <= TD_TWS_VERSION_PB_MAX;
    return low <= high && (text || proto);
}

static bool is_usable(const struct td_tws_config *c)
{
    return c->rx && c->rx_cap >= RX_MIN && c->tx && c->tx_cap >= TX_MIN && c->arena &&
           c->arena_cap && c->hello_ns > 0 && c->ready_ns > 0 &&
           is_range(c->version_min, c->version_max) && c->messages_per_sec <= TD_TWS_RATE_MAX;
}

/* "API\0" and the framed version range, one unit: section 1.1 steps 1 and 2. */
static enum td_err say_hello(struct td_tws *s)
{
    char bytes[40];
    struct td_text t;
    td_text_init(&t, bytes + 8, sizeof bytes - 8);
    td_text_printf(&t, "v%d", s->config.version_min);
    if (s->config.version_min != s->config.version_max)
        td_text_printf(&t, "..%d", s->config.version_max);
    memcpy(bytes, "API\0\0\0\0", 7);
    bytes[7] = (char)t.len;
    return td_tws_tx_raw(&s->urgent, bytes, 8 + t.len);
}

enum td_err td_tws_init(struct td_tws *s, const struct td_tws_config *config)
{
    struct td_tws_config c = *config;
    fill_presets(&c);
    if (!is_usable(&c))
        return TD_EINVAL;
    *s = (struct td_tws){.config = c, .state = TD_TWS_HELLO, .now_ns = c.now_ns};
    s->deadline_ns = c.now_ns + c.hello_ns;
    td_tws_rx_init(&s->rx, c.rx, c.rx_cap);
    td_tws_tx_init(&s->urgent, c.tx, c.tx_cap / 4);
    td_tws_tx_init(&s->data, c.tx + c.tx_cap / 4, c.tx_cap - c.tx_cap / 4);
    td_arena_init(&s->arena, c.arena, c.arena_cap);
    return say_hello(s);
}

/* The reason of the end is written here first; nothing is written once closed. */
static struct td_text reason(struct td_tws *s)
{
    struct td_text t;
    td_text_init(&t, s->close_text, sizeof s->close_text);
    return t;
}

static void end(struct td_tws *s, enum td_err err)
{
    s->state = TD_TWS_CLOSED;
    s->close_err = err;
    s->say_closed = true;
    s->deadline_ns = TD_NS_NEVER;
    s->partial = NULL;
    td_tws_tx_init(&s->urgent, s->urgent.buf, s->urgent.cap);
    td_tws_tx_init(&s->data, s->data.buf, s->data.cap);
}

size_t td_tws_feed(struct td_tws *s, const uint8_t *in, size_t len)
{
    return s->state == TD_TWS_CLOSED ? len : td_tws_rx_feed(&s->rx, in, len);
}

/* ---- sending ---- */

static bool is_urgent(uint16_t kind)
{
    return kind == TD_TWS_PLACE_ORDER || kind == TD_TWS_CANCEL_ORDER ||
           kind == TD_TWS_REQ_GLOBAL_CANCEL || kind == TD_TWS_START_API;
}

static enum td_err queue(struct td_tws *s, const struct td_tws_msg *msg)
{
    const struct td_tws_codec codec = {.version = s->server_version, .request = true};
    struct td_tws_tx *tx = is_urgent(msg->kind) ? &s->urgent : &s->data;
    size_t room, len = 0;
    uint8_t *at = td_tws_tx_begin(tx, &room);
    const enum td_err err = td_tws_encode(&codec, msg, at, room, &len);
    if (!err)
        td_tws_tx_commit(tx, len);
    return err;
}

bool td_tws_is_order_side(uint16_t kind)
{
    static const uint16_t kinds[] = {
        TD_TWS_PLACE_ORDER,
        TD_TWS_CANCEL_ORDER,
        TD_TWS_REQ_GLOBAL_CANCEL,
        TD_TWS_EXERCISE_OPTIONS,
        TD_TWS_REQ_OPEN_ORDERS,
        TD_TWS_REQ_ALL_OPEN_ORDERS,
        TD_TWS_REQ_AUTO_OPEN_ORDERS,
        TD_TWS_REQ_EXECUTIONS,
        TD_TWS_REQ_COMPLETED_ORDERS,
        TD_TWS_REQ_IDS,
        TD_TWS_REQ_POSITIONS,
        TD_TWS_CANCEL_POSITIONS,
        TD_TWS_REQ_POSITIONS_MULTI,
        TD_TWS_CANCEL_POSITIONS_MULTI,
        TD_TWS_REQ_ACCOUNT_UPDATES,
        TD_TWS_REQ_ACCOUNT_SUMMARY,
        TD_TWS_CANCEL_ACCOUNT_SUMMARY,
        TD_TWS_REQ_ACCOUNT_UPDATES_MULTI,
        TD_TWS_REQ_PNL,
        TD_TWS_REQ_PNL_SINGLE,
    };
    for (size_t i = 0; i < TD_COUNT(kinds); i++)
        if (kinds[i] == kind)
            return true;
    return false;
}

enum td_err td_tws_send(struct td_tws *s, const struct td_tws_msg *msg)
{
    if (s->config.no_orders && td_tws_is_order_side(msg->kind)) {
        s->orders_refused++;
        return TD_EDENIED;
    }
    if (s->state == TD_TWS_CLOSED)
        return TD_ECLOSED;
    return s->state == TD_TWS_READY ? queue(s, msg) : TD_EAGAIN;
}

void td_tws_rush(struct td_tws *s)
{
    s->rush = s->state == TD_TWS_READY && !td_tws_tx_empty(&s->urgent);
}

/* When the next frame of that urgency may start: never more than `rate` starts in any window, of which
 * an eighth is only for orders. The ring remembers the last TD_TWS_RATE_MAX starts. */
static td_ns free_at(const struct td_tws *s, bool urgent)
{
    const uint64_t rate = s->config.messages_per_sec;
    const uint64_t allowed = urgent || rate < 2 ? rate : rate - (rate + 7) / 8;
    if (!rate || s->state != TD_TWS_READY || s->sent < allowed || (urgent && s->rush))
        return s->now_ns;
    const td_ns at = s->sent_ns[(s->sent - allowed) % TD_TWS_RATE_MAX] + TD_TWS_RATE_WINDOW;
    return at > s->now_ns ? at : s->now_ns;
}

static struct td_tws_tx *choose(struct td_tws *s)
{
    if (s->partial)
        return s->partial;
    const bool urgent = !td_tws_tx_empty(&s->urgent);
    struct td_tws_tx *tx = urgent ? &s->urgent : &s->data;
    s->rush &= urgent;
    if (td_tws_tx_empty(tx) || free_at(s, urgent) > s->now_ns)
        return NULL;
    s->sent_ns[s->sent++ % TD_TWS_RATE_MAX] = s->now_ns;
    return tx;
}

size_t td_tws_pull(struct td_tws *s, uint8_t *out, size_t cap)
{
    size_t n = 0;
    while (n < cap) {
        struct td_tws_tx *tx = choose(s);
        if (!tx)
            break;
        n += td_tws_tx_pull(tx, out + n, cap - n);
        s->partial = tx->left ? tx : NULL;
    }
    return n;
}

td_ns td_tws_wake(const struct td_tws *s)
{
    td_ns at = s->deadline_ns;
    if (!td_tws_tx_empty(&s->urgent) && free_at(s, true) < at)
        at = free_at(s, true);
    else if (!td_tws_tx_empty(&s->data) && free_at(s, false) < at)
        at = free_at(s, false);
    return at;
}

td_ns td_tws_limit(const struct td_tws *s)
{
    return s->deadline_ns;
}

void td_tws_tick(struct td_tws *s, td_ns now_ns)
{
    if (now_ns > s->now_ns)
        s->now_ns = now_ns;
    if (s->now_ns < s->deadline_ns) /* never in READY and CLOSED: they have no deadline */
        return;
    struct td_text t = reason(s);
    if (s->state == TD_TWS_HELLO)
        td_text_printf(&t, "no hello from the gateway within %lld ms",
                       (long long)(s->config.hello_ns / TD_MS));
    else
        td_text_printf(&t, "no %s after startApi within %lld ms",
                       s->have_id ? "managedAccounts" : "nextValidId",
                       (long long)(s->config.ready_ns / TD_MS));
    end(s, TD_EMUTE);
}

void td_tws_close(struct td_tws *s)
{
    if (s->state == TD_TWS_CLOSED)
        return;
    struct td_text t = reason(s);
    td_text_put(&t, "closed by us");
    end(s, TD_ECLOSED);
}

/* ---- receiving ---- */

static void start_api(struct td_tws *s)
{
    struct td_tws_msg msg = {.kind = TD_TWS_START_API};
    msg.start_api =
        (struct td_tws_start_api){s->config.client_id, td_str_of(s->config.capabilities)};
    s->state = TD_TWS_START;
    s->deadline_ns = s->now_ns + s->config.ready_ns;
    const enum td_err err = queue(s, &msg);
    if (err) {
        struct td_text t = reason(s);
        td_text_printf(&t, "startApi cannot be sent: %s", td_err_text(err));
        end(s, err);
    }
}

/* Section 1.1 step 3: exactly two fields, version and time, both ended. */
static bool parse_hello(struct td_str payload, int64_t *version, struct td_str *time)
{
    struct td_str rest = payload, first;
    return td_str_split(&rest, '\0', &first) && td_str_split(&rest, '\0', time) && rest.p &&
           !rest.len && !td_i64_parse(first.p, first.len, version);
}

static void take_hello(struct td_tws *s, struct td_str payload)
{
    struct td_str time = {NULL, 0};
    int64_t value = 0;
    struct td_text t = reason(s);
    if (!parse_hello(payload, &value, &time)) {
        td_text_put(&t, "the first frame is not a gateway's hello");
        end(s, TD_EPROTO);
    } else if (value < 0) {
        td_text_printf(&t, "the gateway redirects to %.*s; redirects are not followed",
                       TD_STR_ARG(time));
        end(s, TD_EVERSION);
    } else if (value < s->config.version_min || value > s->config.version_max) {
        td_text_printf(&t, "server version %lld is outside %d..%d", (long long)value,
                       s->config.version_min, s->config.version_max);
        end(s, TD_EVERSION);
    } else {
        s->server_version = (int32_t)value;
        (void)td_str_copy(time, s->server_time, sizeof s->server_time);
        start_api(s);
    }
}

#define NEXT_VALID_ID_WIRE 9

/* Ready after both nextValidId and a non-empty account list, in any order. */
static void watch_start(struct td_tws *s, const struct td_tws_msg *msg)
{
    if (msg->kind == TD_TWS_NEXT_VALID_ID && !s->have_id) {
        s->next_valid_id = msg->number.value;
        s->have_id = true;
    }
    if (msg->kind == TD_TWS_MANAGED_ACCOUNTS && msg->text.text.len)
        s->have_accounts = true;
    if (s->have_id && s->have_accounts) {
        s->state = TD_TWS_READY;
        s->deadline_ns = TD_NS_NEVER;
        s->say_ready = true;
    }
}

static void report_bad(struct td_tws *s, enum td_err err, const struct td_tws_decoded *info,
                       struct td_tws_event *out)
{
    struct td_text t;
    td_text_init(&t, s->bad_text, sizeof s->bad_text);
    td_text_printf(&t, "message %d at %s: %s", (int)info->wire_id, info->at ? info->at : "its id",
                   td_err_text(err));
    s->bad_messages++;
    out->kind = TD_TWS_EV_BAD;
    out->err = err;
    out->wire_id = info->wire_id;
    out->req_id = info->req_id;
    out->text = s->bad_text;
}

static void take_message(struct td_tws *s, struct td_str payload, struct td_tws_event *out)
{
    const struct td_tws_codec codec = {.version = s->server_version, .arena = &s->arena};
    struct td_tws_decoded info;
    const enum td_err err = td_tws_decode(&codec, payload, &out->msg, &info);
    if (TD_UNLIKELY(err)) {
        report_bad(s, err, &info, out);
        if (s->state == TD_TWS_START && info.wire_id == NEXT_VALID_ID_WIRE && err == TD_ERANGE) {
            struct td_text t = reason(s);
            td_text_put(&t,
                        "order ids are used up: the gateway's next order id does not fit 31 bits");
            end(s, TD_ERANGE);
        }
        return;
    }
    s->messages++;
    s->surplus_messages += info.surplus > 0;
    out->kind = TD_TWS_EV_MESSAGE;
    out->err = TD_OK;
    out->wire_id = info.wire_id;
    out->req_id = info.req_id;
    out->text = "";
    if (TD_UNLIKELY(s->state == TD_TWS_START))
        watch_start(s, &out->msg);
}

static void announce(struct td_tws_event *out, enum td_tws_event_kind kind, enum td_err err,
                     const char *text)
{
    out->kind = kind;
    out->err = err;
    out->wire_id = out->req_id = -1;
    out->text = text;
    out->msg.kind = TD_TWS_NONE;
}

bool td_tws_next(struct td_tws *s, struct td_tws_event *out)
{
    if (TD_UNLIKELY(s->say_ready)) {
        s->say_ready = false;
        announce(out, TD_TWS_EV_READY, TD_OK, "");
        return true;
    }
    while (s->state != TD_TWS_CLOSED) {
        struct td_str payload;
        const enum td_err err = td_tws_rx_next(&s->rx, &payload);
        if (err == TD_EAGAIN)
            return false;
        if (TD_UNLIKELY(err)) {
            struct td_text t = reason(s);
            td_text_put(&t, "a frame of zero, negative or too large length");
            end(s, TD_EPROTO);
        } else if (TD_UNLIKELY(s->state == TD_TWS_HELLO)) {
            take_hello(s, payload);
        } else {
            take_message(s, payload, out);
            return true;
        }
    }
    if (!s->say_closed)
        return false;
    s->say_closed = false;
    announce(out, TD_TWS_EV_CLOSED, s->close_err, s->close_text);
    return true;
}
