/* desk/plan.h - where to look for a gateway, and the bounded search for one (contracts 8.1, 8.2).
 *
 * A plan holds the ports to try, in order, and the base client id. Invalid ports are dropped with a warning
 * and never tried. A paper plan never holds a live port (4001, 7496, or what the settings call live): asking
 * for one with paper on is refused. A live plan holds only the port that was named. Nor does a paper plan accept
 * a live account: the accounts the gateway tells must all be paper ones, and hold IB_ACCOUNT when that is set.
 *
 * A port is dialled only when the kernel lists a listener, or does not tell (sys/world.h): connecting just to look
 * leaves half-open sessions behind in a gateway. Each dial holds its client id's lease (desk/lease.h).
 */
#ifndef TD_DESK_PLAN_H
#define TD_DESK_PLAN_H

#include "desk/link.h"
#include "desk/settings.h"
#include "desk/verdict.h"

#define TD_PLAN_PORTS_MAX 8
#define TD_PLAN_IDS       3  /* base, base + 1, base + 2 */
#define TD_PLAN_RATE      40 /* messages a second of a session; the broker ends one above 50 */

struct td_plan {
    char host[64];
    uint16_t ports[TD_PLAN_PORTS_MAX];
    int32_t port_count;
    int32_t client_id;
    int32_t ids;   /* client ids to try: TD_PLAN_IDS; 1 for a desk, whose orders belong to its id */
    td_ns timeout; /* for the whole search */
    uint16_t messages_per_sec; /* 0: TD_PLAN_RATE; a program with two sessions gives each a part */
    bool live;
    bool protobuf; /* offer version 213 alone instead of text */
    bool
        local; /* orders are filled here (desk/paper.h): any account's session will do, none gets an order */
    bool check_accounts; /* refuse a session of the wrong account; td_plan_make sets it */
    char account[32];    /* the gateway must have it; empty: any */
    char leases[600];    /* folder of the client-id leases; empty: none */
    char warnings[400];  /* one line each; empty when none */
};

/* `port` overrides the settings' list when > 0 (then it is the only candidate); `live` asks for a live
 * account. TD_EINVAL: a live port on paper, or live without a port. */
TD_MUST_CHECK enum td_err td_plan_make(const struct td_settings *s, int64_t port, bool live,
                                       struct td_plan *out, struct td_fail *why);

/* The same for local paper trading: any port, and any account of the gateway. */
TD_MUST_CHECK enum td_err td_plan_make_local(const struct td_settings *s, int64_t port,
                                             struct td_plan *out, struct td_fail *why);

/* What IB_PROTOCOL and --protocol say: "protobuf" or "text". */
bool td_plan_is_protobuf(const char *protocol);

/* True when a port is one of the live ones, by custom or by the settings. */
bool td_plan_is_live_port(const struct td_settings *s, uint16_t port);

/* For looking at a gateway by hand: also the ports start_gateway.sh tried, 4000, and 4001 when live (contracts 2.6). */
void td_plan_widen(struct td_plan *plan);

/* Whether somebody listens on one of the plan's ports: YES when one does, NO when none, else UNKNOWN. */
enum td_listening td_plan_listening(const struct td_plan *plan, struct td_world *world);

/* What a search found: where the session is ready, or the worst news. */
struct td_plan_found {
    enum td_probe_verdict verdict;
    uint16_t port;
    int32_t client_id;
    int32_t server_version; /* 0: none was told */
    char accounts[256];     /* as told; empty: none was */
};

/* As td_plan_connect, and tells what was found in any case. */
TD_MUST_CHECK enum td_err td_plan_search(const struct td_plan *plan, struct td_link *link,
                                         struct td_log *log, struct td_plan_found *found,
                                         struct td_fail *why);

/* Searches until a session is ready or the plan's time is over. On success the link is ready and *port,
 * *client_id say where. Failures name the reason: TD_EUNREACH nobody listens, TD_EMUTE accepted but never
 * answered, TD_EINUSE every client id in use, TD_EPROTO not a gateway, TD_EDENIED not the account that was asked for,
 * TD_EVERSION. TD_EAGAIN: a signal arrived. */
TD_MUST_CHECK enum td_err td_plan_connect(const struct td_plan *plan, struct td_link *link,
                                          struct td_log *log, uint16_t *port, int32_t *client_id,
                                          struct td_fail *why);

#endif
