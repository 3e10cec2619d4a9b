/* desk/plan.h - where to look for a gateway, and the bounded search for one (contracts 8.1, 8.2).
 *
 * A plan holds the ports to try, in order, and the base client id. Invalid ports are dropped with a warning
 * and never tried. A paper plan never holds a live port (4001, 7496, or what the settings call live): asking
 * for one with paper on is refused. A live plan holds only the port that was named.
 */
#ifndef TD_DESK_PLAN_H
#define TD_DESK_PLAN_H

#include "desk/link.h"
#include "desk/settings.h"

#define TD_PLAN_PORTS_MAX 8
#define TD_PLAN_IDS       3 /* base, base + 1, base + 2 */

struct td_plan {
    char host[64];
    uint16_t ports[TD_PLAN_PORTS_MAX];
    int32_t port_count;
    int32_t client_id;
    int32_t ids;   /* client ids to try: TD_PLAN_IDS; 1 for a desk, whose orders belong to its id */
    td_ns timeout; /* for the whole search */
    bool live;
    char warnings[400]; /* one line each; empty when none */
};

/* `port` overrides the settings' list when > 0 (then it is the only candidate); `live` asks for a live
 * account. TD_EINVAL: a live port on paper, or live without a port. */
TD_MUST_CHECK enum td_err td_plan_make(const struct td_settings *s, int64_t port, bool live,
                                       struct td_plan *out, struct td_fail *why);

/* True when a port is one of the live ones, by custom or by the settings. */
bool td_plan_is_live_port(const struct td_settings *s, uint16_t port);

/* Searches until a session is ready or the plan's time is over. On success the link is ready and *port,
 * *client_id say where. Failures name the reason: TD_EUNREACH nobody listens, TD_EMUTE accepted but never
 * answered, TD_EINUSE every client id in use, TD_EPROTO not a gateway. TD_EAGAIN: a signal arrived. */
TD_MUST_CHECK enum td_err td_plan_connect(const struct td_plan *plan, struct td_link *link,
                                          struct td_log *log, uint16_t *port, int32_t *client_id,
                                          struct td_fail *why);

#endif
