/* desk/link.h - one connection to a gateway: socket, TWS core and buffers, driven by the world's wakes.
 *
 * The owner dials, hands over every wake, and takes events. Nothing here waits; td_link_connect below is the
 * one blocking helper, for commands that cannot do anything before they are connected. A link ends with
 * exactly one TD_TWS_EV_CLOSED, whatever the cause; an unfinished handshake is reset, so that it leaves no
 * half-open peer behind, a finished one ends in order. One owner; memory is taken at open.
 *
 * Every message that is sent is counted by the link's pacer (desk/pacer.h), whoever sends it. Whoever has many to
 * send asks td_link_when first; the core's own limit below is the last guard and never acts when they do.
 */
#ifndef TD_DESK_LINK_H
#define TD_DESK_LINK_H

#include "base/log.h"
#include "desk/lease.h"
#include "desk/pacer.h"
#include "sys/world.h"
#include "wire/tws.h"

struct td_link_config {
    const char *host;
    uint16_t port;
    int32_t client_id;
    td_ns dial_ns;  /* limit of the TCP connect */
    td_ns hello_ns; /* as struct td_tws_config */
    td_ns ready_ns;
    uint16_t messages_per_sec;
    uint16_t version_min, version_max; /* as struct td_tws_config: 0 text, both 213 protobuf */
    const char *leases; /* folder of the client-id leases (desk/lease.h); NULL or empty: none */
    struct td_log *log; /* may be NULL */
    bool
        no_orders; /* market data alone: the core encodes nothing about orders (wire/tws.h), whoever asks */
};

/* Who answers what is about orders, executions, positions and the account instead of the gateway (desk/paper.h). Only
 * for a connection that was dialled with no_orders. */
struct td_order_desk {
    void *arg;
    const char *account; /* stands for the gateway's accounts */
    enum td_err (*take)(void *arg, const struct td_tws_msg *msg);
    bool (*next)(void *arg, struct td_tws_event *out); /* its answers, in order */
    td_ns (*due)(const void *arg); /* monotonic: when next has something; TD_NS_NEVER */
};

enum td_link_state { TD_LINK_IDLE, TD_LINK_DIALLING, TD_LINK_OPEN, TD_LINK_ENDED };

struct td_link {
    struct td_world *world;
    struct td_link_config config;
    enum td_link_state state;
    struct td_tws tws;
    char host[64];
    char accounts[256]; /* comma list, as the gateway sent it */
    uint64_t bytes_in, bytes_out;
    td_ns recv_ns;    /* wall clock of the turn that read the current bytes */
    td_ns heard_mono; /* last time anything was received */
    struct td_pacer pacer;
    struct td_order_desk order_desk; /* take NULL: the gateway answers */
    uint64_t kept_back;              /* messages that it took: none of them was encoded */
    uint64_t passed_over;            /* what the gateway said about orders meanwhile: not ours */
    /* private */
    struct td_conn conn;
    struct td_lease lease;
    td_ns dial_until;
    bool tws_live, say_ended, readable, blocked;
    enum td_err end_err;
    char end_text[200];
    uint8_t *memory, *input, *output;
    size_t in_at, in_len, out_at, out_len;
};

/* Takes the buffers (once). TD_ENOMEM. */
TD_MUST_CHECK enum td_err td_link_open(struct td_link *l, struct td_world *world,
                                       struct td_fail *why);
/* Starts a connection; an older one must have ended. Failures come as the CLOSED event, TD_EINUSE also when
 * another process of ours has the client id. The texts of the config live as long as the link. */
void td_link_dial(struct td_link *l, const struct td_link_config *config);
/* Takes a wake of the world; false when it was not about this link. */
bool td_link_wake(struct td_link *l, const struct td_wake *wake);
/* Time has passed (call once a turn), and the next moment it must be called. */
void td_link_tick(struct td_link *l);
td_ns td_link_deadline(const struct td_link *l);
/* The next event, reading the socket as needed. False: wait for a wake. */
bool td_link_next(struct td_link *l, struct td_tws_event *out);
/* When this message may be sent by the broker's rules: now, a later time (monotonic), or TD_NS_NEVER (an answer
 * to a historical request makes room). Its request id does not matter. */
td_ns td_link_when(const struct td_link *l, const struct td_tws_msg *msg);
/* From here on what td_tws_is_order_side names goes to `desk` (copied), and the gateway's own word about such things
 * is passed over. The link was dialled with no_orders (asserted), and stays so. */
void td_link_serve_orders(struct td_link *l, const struct td_order_desk *desk);
/* Queues a request (errors as td_tws_send); flush hands queued bytes to the socket. */
TD_MUST_CHECK enum td_err td_link_send(struct td_link *l, const struct td_tws_msg *msg);
void td_link_flush(struct td_link *l);
/* The same, and orders and cancels do not wait for the pace: for a kill switch. A gateway paces them itself; one that has
 * refused messages for their rate (error 100) in this process would drop them, so there the pace is kept. */
void td_link_rush(struct td_link *l);
bool td_link_ready(const struct td_link *l);
/* Ends the connection in order; CLOSED follows. */
void td_link_hangup(struct td_link *l);
/* Gives the buffers back. Accepts a zeroed link, and twice. */
void td_link_close(struct td_link *l);

#endif
