/* desk/bringup.h - a ready connection: to the gateway that runs, or to one we start.
 *
 * Looks for a gateway by the plan. Only when nobody listens and IB_GATEWAY_START_CMD is set, starts that
 * program (words, no shell; sys/child.h), looks every IB_GATEWAY_CHECK_INTERVAL until IB_GATEWAY_START_TIMEOUT,
 * and from the first sign of a listener on gives it IB_POST_LISTENER_GRACE for the second login factor before a
 * refused handshake counts. Login is the started program's work: credentials never leave our environment.
 */
#ifndef TD_DESK_BRINGUP_H
#define TD_DESK_BRINGUP_H

#include "desk/plan.h"
#include "sys/child.h"

struct td_bringup {
    struct td_child child; /* pid 0: nothing was started */
    uint16_t port;
    int32_t client_id;
    bool started;
};

/* Gives a ready link. Failures name the reason. TD_ENOENT (exit 1): nobody listens here, no start command is
 * set and the login is not either. TD_EUNREACH, TD_EMUTE and the others of td_plan_connect (exit 2).
 * TD_EIO (exit 1): the started program ended or did not listen in time. TD_EAGAIN: a signal arrived. */
TD_MUST_CHECK enum td_err td_bringup_run(struct td_bringup *b, const struct td_plan *plan,
                                         const struct td_settings *settings, struct td_link *link,
                                         struct td_log *log, struct td_fail *why);

/* Ends what was started (SIGTERM, at most 10 s). Accepts one that started nothing. */
void td_bringup_end(struct td_bringup *b, struct td_log *log);

#endif
