/* desk/bringup.h - a ready connection: to the gateway that runs, or to one we start.
 *
 * The owner of a desk/manager.h for commands that need one session: it looks for listeners in the kernel's list,
 * dials by the plan (desk/plan.h), starts what desk/launch.h chose when nobody listens, reads its log for the second
 * factor, and gives IB_POST_LISTENER_GRACE for it before a refused handshake counts. All limits are the manager's;
 * this file adds the caller's patience. What was started goes on after td_bringup_leave, and ends with
 * td_bringup_end. Credentials reach IBC by its own file alone.
 */
#ifndef TD_DESK_BRINGUP_H
#define TD_DESK_BRINGUP_H

#include "desk/launch.h"
#include "desk/manager.h"
#include "desk/plan.h"

struct td_bringup_options {
    td_ns patience; /* retry this long, by the manager's pace; 0: one clear answer ends it */
    bool attach;    /* start nothing */
    int way;        /* enum td_launch_way that a person chose, or -1 */
    struct td_log *log;
    /* Called once for each alert and each change of state, with one line; may be NULL. */
    void (*tell)(void *arg, const char *line);
    void *arg;
};

struct td_bringup {
    struct td_child child; /* pid 0: nothing was started */
    struct td_display display;
    struct td_manager manager;
    struct td_launch launch;
    struct td_plan_found found; /* of the last handshake */
    uint16_t port;
    int32_t client_id;
    bool started;
    bool shaken; /* a handshake was tried: its failure is the story */
    /* private */
    const struct td_plan *plan;
    const struct td_settings *settings;
    const struct td_bringup_options *options;
    struct td_link *link;
    td_ns until;
    int prompts;
    bool told_end, interrupted;
    enum td_manager_state told_state;
    struct td_fail last;
};

/* Gives a ready link. Failures name the reason. TD_ENOENT (exit 1): nobody listens here, and there is no way to
 * start one. TD_EUNREACH, TD_EMUTE and the others of td_plan_connect (exit 2). TD_EIO (exit 1): the started program
 * ended or did not listen in time. TD_EAGAIN: a signal arrived. */
TD_MUST_CHECK enum td_err td_bringup_run(struct td_bringup *b, const struct td_plan *plan,
                                         const struct td_settings *settings, struct td_link *link,
                                         struct td_log *log, struct td_fail *why);
/* The same with options. */
TD_MUST_CHECK enum td_err td_bringup_by(struct td_bringup *b, const struct td_plan *plan,
                                        const struct td_settings *settings, struct td_link *link,
                                        const struct td_bringup_options *options,
                                        struct td_fail *why);

/* Ends what was started (SIGTERM, at most 10 s each). Accepts one that started nothing. */
void td_bringup_end(struct td_bringup *b, struct td_log *log);
/* Leaves what was started running. */
void td_bringup_leave(struct td_bringup *b);

#endif
