/* trial/stage.h - the machines of a trial: the desk's, the gateway's, and a bystander that keeps the time.
 *
 * The gateway runs by its turn function inside the waits of the others. The desk's world is watched: every order
 * reference that goes to a socket must stand in bytes of the journal that were synced before (P1).
 */
#ifndef TD_TRIAL_STAGE_H
#define TD_TRIAL_STAGE_H

#include "desk/desk.h"
#include "sim/gateway_server.h"
#include "trial/camera.h"

#define TD_STAGE_JOURNAL "state/journal"

/* What the desk's machine wrote, synced and sent. */
struct td_stage_eye {
    uint8_t *written; /* the newest bytes of all files, in order */
    size_t used, synced, cap;
    char tail[65536 + 64]; /* of what was sent */
    size_t tail_len;
    uint64_t checked; /* references that were looked for */
    bool early;       /* one left before it was durable */
};

struct td_stage {
    const struct td_trial_config *config;
    struct td_trial_plan plan;
    struct td_simworld *sim;
    struct td_world desk_world, gateway_world, bystander;
    uint32_t desk_host, gateway_host, bystander_host;
    struct td_gateway *gateway;
    struct td_gateway_lists lists;
    struct td_settings settings;
    struct td_environ *nothing;
    struct td_plan connect;
    struct td_link link;
    struct td_desk *desk; /* NULL: no process, or it refused to start */
    struct td_desk_config desk_config;
    struct td_strat_use use;
    struct td_stage_eye eye;
    struct td_camera camera; /* when the plan has one */
    struct td_log log;       /* the caller's, with the simulated clock */
    td_ns began;
    td_ns stepped; /* monotonic: the wall clock jumped last */
    uint32_t starts, refused;
    /* what the script asks of the world, to be done after the desk's turn */
    bool crash, kill, halt, resume;
    td_ns stop_for;
};

/* Draws the plan and opens machines and gateway; the desk is not started. Accepts a zeroed stage for close. */
TD_MUST_CHECK enum td_err td_stage_open(struct td_stage *s, const struct td_trial_config *config,
                                        struct td_fail *why);
void td_stage_close(struct td_stage *s);

/* Starts the desk's process: it connects and opens. False: it was refused, and `why` says so. */
bool td_stage_start(struct td_stage *s, struct td_fail *why);
/* Ends its process as `kind` says, and attaches a new one to the machine. */
void td_stage_end(struct td_stage *s, bool power);
td_ns td_stage_played(const struct td_stage *s);
/* Time passes and the desk does nothing. */
void td_stage_stand_still(struct td_stage *s, td_ns span);

#endif
