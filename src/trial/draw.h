/* trial/draw.h - what a seed draws: day, symbols, strategy, the network's manners, and what goes wrong when.
 *
 * What can go wrong is a table of rows: the fault's number in the catalogue, how long it lasts, and the words of sim/
 * faultrow.h with letters that are drawn (%S a symbol, %N a small count, %T seconds, %Q a quantity). What only the
 * owner of the world can do (a process that ends before its N-th system call, a disk that fails) is an `act` of its own.
 */
#ifndef TD_TRIAL_DRAW_H
#define TD_TRIAL_DRAW_H

#include "base/random.h"
#include "sim/script.h"
#include "sim/simworld.h"
#include "trial/trial.h"

#define TD_TRIAL_ACTS 24

enum td_trial_act_kind {
    TD_ACT_DIE,   /* the process ends before its `count`-th call from now on    */
    TD_ACT_CRASH, /* the same, and its machine loses power                      */
    TD_ACT_DISK,  /* the disk fails as `disk` says; later the process is ended  */
    TD_ACT_TERM,  /* SIGTERM; started again by whoever watches over it          */
    TD_ACT_HUP    /* SIGHUP: nothing happens                                    */
};

struct td_trial_act {
    td_ns at; /* since the trial began, monotonic */
    enum td_trial_act_kind kind;
    uint64_t count;
    struct td_sim_fault disk;
};

struct td_trial_plan {
    struct td_script script;
    struct td_trial_act acts[TD_TRIAL_ACTS];
    uint32_t act_count;
    const char *symbols[TD_TRIAL_SYMBOLS_MAX];
    uint32_t symbol_count;
    int64_t day; /* days since 1970 */
    int64_t speed;
    int32_t depth_rows;
    bool camera;             /* a recorder is on the stage */
    uint32_t camera_symbols; /* the first so many */
    int32_t camera_levels, camera_interval_ms;
    td_ns camera_rotate;
    struct td_trial_act camera_acts[TD_TRIAL_ACTS]; /* what happens to its process */
    uint32_t camera_act_count;
    bool monkey; /* else the crossing averages */
    double monkey_rate, monkey_algos;
    bool flood;                      /* F54: it wants too much, and nothing but plain orders */
    int64_t orders_per_minute;       /* the limit of it */
    int64_t position_max, order_max; /* units */
    struct td_simworld_options world;
    td_ns trouble;  /* how long things go wrong */
    td_ns duration; /* of all of it; quiet at the end */
    uint32_t faults;
};

TD_MUST_CHECK enum td_err td_trial_draw(const struct td_trial_config *config,
                                        struct td_trial_plan *out, struct td_fail *why);
void td_trial_tell(const struct td_trial_plan *plan, char *out, size_t cap);

#endif
