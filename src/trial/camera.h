/* trial/camera.h - the recorder on the stage: a machine of its own that records depth as `tapedeck record` does.
 *
 * Its process begins with what a crash left (store/recover.h), connects, records (desk/recording.h), rotates, is stopped,
 * killed and cut off from power by the acts of the plan, and is started again three seconds later by whoever watches over
 * it. It runs by its turn function inside the waits of the others. Lives are remembered for the judge of its files
 * (trial/witness.h).
 *
 * Owner: the trial's thread. Memory: that of link and recording.
 */
#ifndef TD_TRIAL_CAMERA_H
#define TD_TRIAL_CAMERA_H

#include "desk/recording.h"
#include "trial/draw.h"
#include "trial/wiretap.h"

#define TD_CAMERA_FOLDER "data/level2"
#define TD_CAMERA_LIVES  256

enum td_camera_end {
    TD_CAMERA_RUNS,
    TD_CAMERA_STOPPED, /* in order: everything became files */
    TD_CAMERA_KILLED,
    TD_CAMERA_POWER
};

/* One process, from its first row of depth on; times are monotonic. */
struct td_camera_life {
    td_ns from, to;
    td_ns failed; /* a symbol stopped and was told; TD_NS_NEVER: none did */
    enum td_camera_end end;
};

struct td_camera {
    const struct td_trial_plan *plan;
    struct td_simworld *sim;
    struct td_world world; /* of its present process */
    uint32_t host;
    struct td_plan connect;
    struct td_link_config dial;
    struct td_recording_config config;
    struct td_recording_result result;
    struct td_link link;
    struct td_recording *recording; /* NULL: not connected yet */
    struct td_wiretap tap;
    struct td_camera_life lives[TD_CAMERA_LIVES];
    uint32_t life_count, next_act;
    td_ns began, restart_at, redial_at, disk_until; /* monotonic; 0: none */
    bool up, power_next, over;
    uint32_t kills, crashes, stops, recovered, torn, damaged, unrecovered;
    uint32_t sessions;
    uint64_t messages, snapshots, dropped, gaps;
};

/* Attaches its machine and starts the first process. `zones` installs what a process reads of the system. */
TD_MUST_CHECK enum td_err td_camera_open(struct td_camera *c, const struct td_trial_plan *plan,
                                         struct td_simworld *sim, struct td_log *log,
                                         struct td_fail *why);
/* The first process, once the machine has its zone files. */
void td_camera_start(struct td_camera *c);
/* What the plan and its turns did to its process; true: a process has just ended, and its disk can be looked at. */
bool td_camera_see(struct td_camera *c, td_ns now);
/* The trial is over: stopped in order, after a last start when it was down, so that nothing is left unfinished. */
void td_camera_finish(struct td_camera *c);
void td_camera_close(struct td_camera *c); /* accepts a zeroed one */

#endif
