/* wire/tws.h - the TWS API client as a sans-IO core: bytes in, events out, bytes out.
 *
 * The caller owns socket, clock and memory and moves bytes in both directions; the core does the
 * handshake, cuts frames, decodes and encodes by the field tables, and paces what it sends. It never
 * allocates, never blocks, never reads a clock. Single owner: not thread-safe.
 *
 * Life: CONNECT (the version frame is waiting in pull) -> HELLO -> START (startApi sent) -> READY once
 * both nextValidId and a non-empty managedAccounts arrived -> CLOSED. The loop of a caller:
 *
 *     td_tws_tick(s, now);
 *     for (off = 0; off < got; ) {
 *         off += td_tws_feed(s, in + off, got - off);
 *         while (td_tws_next(s, &ev)) handle(&ev);
 *     }
 *     while ((n = td_tws_pull(s, out, sizeof out))) send(out, n);
 *     wait_until(td_tws_wake(s));
 *
 * Errors of the peer are events: a body that does not fit its table is TD_TWS_EV_BAD and the session
 * goes on; a broken frame or handshake is TD_TWS_EV_CLOSED with the reason, and the core is then dead.
 * Source: tws-protocol sections 1, 2 and 8; rulings in docs/wire/tws.md.
 */
#ifndef TD_WIRE_TWS_H
#define TD_WIRE_TWS_H

#include "base/arena.h"
#include "base/err.h"
#include "wire/tws_frame.h"
#include "wire/tws_msg.h"

#define TD_TWS_RATE_MAX 64 /* largest messages_per_sec */
/* A second of the gateway's: the network may bring the end of one of ours closer to the begin of the next. */
#define TD_TWS_RATE_WINDOW (TD_SEC + TD_SEC / 20)

enum td_tws_event_kind {
    TD_TWS_EV_READY,     /* client: requests are accepted from now on                        */
    TD_TWS_EV_START_API, /* gateway: the client said who it is (msg.start_api)                */
    TD_TWS_EV_MESSAGE,   /* `msg`                                                             */
    TD_TWS_EV_BAD,       /* a message was dropped: `err`, `text`, `wire_id`, `req_id`; see below */
    TD_TWS_EV_CLOSED,    /* the last event: `err` and `text` say why                          */
};

/* Borrowed parts of `msg` are valid until the next call of next or feed; `text` until the core dies.
 * BAD: err is TD_EPROTO (does not fit its table), TD_ERANGE (a number past fixed point) or TD_EFULL
 * (lists larger than the arena). wire_id is the message id, or -1; req_id the request or order id when
 * it had been read before the trouble, else -1: an order-relevant one asks for a resync. */
struct td_tws_event {
    enum td_tws_event_kind kind;
    enum td_err err;
    int32_t wire_id;
    int32_t req_id;
    const char *text;
    struct td_tws_msg msg;
};

enum td_tws_state { TD_TWS_HELLO, TD_TWS_START, TD_TWS_READY, TD_TWS_CLOSED };

/* All memory is the caller's and outlives the core. Zero in a limit takes the preset in brackets. */
struct td_tws_config {
    uint8_t *rx;   /* receive buffer; its size - 4 is the largest frame accepted (<= 0xffffff) */
    size_t rx_cap; /* >= 256 */
    uint8_t *tx;   /* send buffer; a quarter of it is kept for orders and their cancels */
    size_t tx_cap; /* >= 1024 */
    void *arena;   /* lists of the current message (bars: 80 bytes each) */
    size_t arena_cap;
    td_ns now_ns;   /* monotonic time of the connect */
    td_ns hello_ns; /* limit from connect to the gateway's hello [5 s] */
    td_ns ready_ns; /* limit from hello to ready [10 s]                */
    int32_t client_id;
    uint16_t version_min, version_max; /* offered [157, 200]: text; both 213 for protobuf */
    uint16_t
        messages_per_sec; /* never more in any TD_TWS_RATE_WINDOW; 0 = no limit; <= TD_TWS_RATE_MAX */
    const char *capabilities; /* startApi's optional capabilities [empty] */
    bool
        no_orders; /* nothing that td_tws_is_order_side names is ever encoded: TD_EDENIED, counted */
};

struct td_tws {
    enum td_tws_state state;
    int32_t server_version; /* negotiated, once past HELLO */
    char server_time[64];
    int32_t next_valid_id;     /* from the first nextValidId; later ones are messages only */
    uint64_t messages;         /* decoded                      */
    uint64_t bad_messages;     /* dropped, each reported as BAD */
    uint64_t surplus_messages; /* decoded, but with more fields than the table knows */
    uint64_t orders_refused;   /* with no_orders: sends that were not encoded */
    /* private */
    struct td_tws_config config;
    struct td_tws_rx rx;
    struct td_tws_tx urgent, data;
    struct td_tws_tx *partial; /* queue whose frame is only partly pulled */
    struct td_arena arena;
    td_ns now_ns, deadline_ns;
    td_ns sent_ns[TD_TWS_RATE_MAX]; /* ring of the latest sends */
    uint64_t sent;
    bool have_id, have_accounts, say_ready, say_closed;
    bool rush; /* the urgent queue goes without pace until it is empty */
    enum td_err close_err;
    char close_text[160], bad_text[96];
};

/* TD_EINVAL: a buffer is missing or too small, a rate outside the limits, or a version range that is neither
 * within 157..200 (text) nor within 213..225 (protobuf). */
TD_MUST_CHECK enum td_err td_tws_init(struct td_tws *s, const struct td_tws_config *config);
/* Takes bytes from the gateway; returns how many, > 0 once events are drained. A closed core takes
 * and drops everything. */
size_t td_tws_feed(struct td_tws *s, const uint8_t *in, size_t len);
/* The next event, or false when more bytes or time are needed. */
bool td_tws_next(struct td_tws *s, struct td_tws_event *out);
/* Bytes to send now, at most `cap`; 0 when there are none or the pace forbids more. */
size_t td_tws_pull(struct td_tws *s, uint8_t *out, size_t cap);
/* When tick must be called at the latest (a timeout, or a paced frame becomes free), or TD_NS_NEVER. */
td_ns td_tws_wake(const struct td_tws *s);
/* Its first part alone, the limit of the present stage: for an owner whose socket takes nothing. */
td_ns td_tws_limit(const struct td_tws *s);
/* Time has passed; call before feed and pull in each turn. A missed stage limit becomes
 * TD_TWS_EV_CLOSED with TD_EMUTE and a text that names the stage. */
void td_tws_tick(struct td_tws *s, td_ns now_ns);

/* Queues a request. TD_EAGAIN before READY, TD_ECLOSED after CLOSED, TD_EFULL no room (nothing queued),
 * TD_EINVAL not a request, or a text with bytes outside printable ASCII, TAB, LF, CR;
 * TD_ERANGE a value the wire cannot carry; TD_EUNSUP not in the negotiated version; TD_EDENIED by no_orders. */
TD_MUST_CHECK enum td_err td_tws_send(struct td_tws *s, const struct td_tws_msg *msg);
/* A request that places, changes, cancels or exercises something, or asks about orders, executions, positions and the
 * account's worth: what a session that is for market data alone has no use for. */
bool td_tws_is_order_side(uint16_t kind);
/* What is queued of orders and cancels, and what joins it until that is gone, leaves without regard to the pace: a kill
 * switch does not wait in a queue. The sends still count, so everything else waits the longer. */
void td_tws_rush(struct td_tws *s);
/* We end the session: a CLOSED event with TD_ECLOSED follows; what was not pulled is dropped. */
void td_tws_close(struct td_tws *s);

#endif
