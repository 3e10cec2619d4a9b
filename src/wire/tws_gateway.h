/* wire/tws_gateway.h - the gateway's side of one TWS API connection as a sans-IO core.
 *
 * One struct td_twsgw per accepted client. It answers the handshake, waits for startApi, hands out the
 * requests and encodes replies at the negotiated version; what the replies say is the simulator's
 * business. Same five verbs, ownership and limits as wire/tws.h. Single owner: not thread-safe.
 *
 * Handshake rulings (tws-protocol 1.1, 1.4, 1.5): to a client that speaks text the reply is min(client max, our
 * max); to one that does not it is 213, or the client's minimum when that is higher (protobuf, unless switched
 * off); never 201..212. Any other client is closed with TD_EVERSION. The
 * hello is one unit and nothing follows it until startApi: td_twsgw_send refuses with TD_EAGAIN.
 */
#ifndef TD_WIRE_TWS_GATEWAY_H
#define TD_WIRE_TWS_GATEWAY_H

#include "wire/tws.h"

struct td_twsgw_config {
    uint8_t *rx; /* as struct td_tws_config */
    size_t rx_cap;
    uint8_t *tx; /* frames that do not fit are refused with TD_EFULL: the caller drops the client */
    size_t tx_cap;
    void *arena;
    size_t arena_cap;
    td_ns now_ns;                      /* monotonic time of the accept */
    td_ns hello_ns;                    /* limit from accept to startApi [60 s] */
    uint16_t version_min, version_max; /* answered in text [157, 200] */
    bool no_protobuf;                  /* an older gateway            */
    int32_t version_said;    /* what the hello names in tests of clients; 0: what was negotiated */
    const char *server_time; /* "20261121 05:30:00 UTC": UTC or an IANA zone name; copied */
};

enum td_twsgw_state {
    TD_TWSGW_API,
    TD_TWSGW_VERSION,
    TD_TWSGW_START,
    TD_TWSGW_OPEN,
    TD_TWSGW_CLOSED
};

struct td_twsgw {
    enum td_twsgw_state state;
    int32_t version;   /* negotiated, once past VERSION */
    int32_t client_id; /* once OPEN */
    char options[32];  /* connect options after the version range, e.g. "+PACEAPI" */
    uint64_t messages, bad_messages;
    /* private */
    struct td_twsgw_config config;
    char server_time[64];
    struct td_tws_rx rx;
    struct td_tws_tx tx;
    struct td_arena arena;
    td_ns now_ns, deadline_ns;
    bool say_closed;
    enum td_err close_err;
    char close_text[160], bad_text[96];
};

/* TD_EINVAL: a buffer is missing or too small, or a version range outside 157..200. */
TD_MUST_CHECK enum td_err td_twsgw_init(struct td_twsgw *g, const struct td_twsgw_config *config);
size_t td_twsgw_feed(struct td_twsgw *g, const uint8_t *in, size_t len);
/* Events: START_API once, then MESSAGE per request and BAD per request that does not parse (the
 * simulator answers 320 and keeps the connection), CLOSED last. */
bool td_twsgw_next(struct td_twsgw *g, struct td_tws_event *out);
size_t td_twsgw_pull(struct td_twsgw *g, uint8_t *out, size_t cap);
td_ns td_twsgw_wake(const struct td_twsgw *g);
void td_twsgw_tick(struct td_twsgw *g, td_ns now_ns);
/* Queues a reply. TD_EAGAIN before startApi, TD_ECLOSED, TD_EFULL, TD_EUNSUP (not in that version),
 * TD_EINVAL (not a reply, or control bytes in a text), TD_ERANGE as td_tws_send. */
TD_MUST_CHECK enum td_err td_twsgw_send(struct td_twsgw *g, const struct td_tws_msg *msg);
/* The gateway ends the session. What is queued can still be pulled (an error before the hang-up). */
void td_twsgw_close(struct td_twsgw *g);
/* Bytes queued and not pulled: the caller's measure of a slow client. */
size_t td_twsgw_queued(const struct td_twsgw *g);

#endif
