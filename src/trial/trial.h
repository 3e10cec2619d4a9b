/* trial/trial.h - a trial: the whole product lives a day in the simulated world, and everything goes wrong.
 *
 * One seed draws the day, the symbols, the strategy, the network's manners and what goes wrong when (trial/draw.h); desk
 * and gateway live on two machines of one simulated world, in one thread (trial/stage.h); what must hold is judged by
 * code that is not the code under test, with the gateway's ledger as the oracle (trial/judge.h). The same seed does the
 * same again, bit for bit, on every machine and with every compiler: `hash` of the journal and `trace` of all system
 * calls say so.
 *
 * Owner: one thread; one trial at a time. Memory: malloc, given back at the end.
 * Source: reliability 2 (promises P1-P3, P7-P9, P12, P17), 3 (faults F1-F45).
 */
#ifndef TD_TRIAL_TRIAL_H
#define TD_TRIAL_TRIAL_H

#include "base/log.h"
#include "sys/world.h"

#define TD_TRIAL_SYMBOLS_MAX 8
#define TD_TRIAL_FAULTS      54 /* F1 to F54 */

enum td_trial_camera {
    TD_TRIAL_CAMERA_DRAWN, /* a recorder is on the stage of one seed in sixteen */
    TD_TRIAL_CAMERA_NEVER,
    TD_TRIAL_CAMERA_ALWAYS
};

struct td_trial_config {
    uint64_t seed;
    int32_t days;     /* 1 to 30 sessions */
    uint32_t symbols; /* 1 to TD_TRIAL_SYMBOLS_MAX; 0: the seed draws */
    uint64_t faults;  /* bit N: F N may happen; 0: a day without faults */
    uint64_t
        die_at; /* instead of faults: twenty seconds on, the process ends before its N-th system call; 0: no */
    bool power; /* and its machine loses power */
    enum td_trial_camera camera;
    struct td_world *real; /* for the zone files */
    struct td_log *log;    /* what the desk logs; may be NULL */
    const char *version;
};

enum td_trial_end {
    TD_TRIAL_HELD,     /* everything that must hold did */
    TD_TRIAL_VIOLATED, /* something did not: `what` says it */
};

struct td_trial_result {
    enum td_trial_end end;
    char what[240];
    char story[200]; /* what the seed drew, in one line */
    uint64_t hash;   /* of all records of the journal */
    uint64_t trace;  /* of all calls of the world */
    td_ns simulated; /* of the market's clock */
    uint64_t events, intents, denied, orders, changes, fills, parents;
    uint32_t faults, kills, crashes, connects, looks, frozen;
    uint64_t checks; /* times something was judged */
    struct {
        uint32_t trials, files, deaths, recovered; /* trials: 1 when a recorder was on the stage */
        uint64_t messages, snapshots, lost;
    } recorded;
};

/* TD_OK when the trial was made, whatever it showed. TD_EINVAL: a number out of range; TD_ENOMEM; TD_ENOENT: no zone files. */
TD_MUST_CHECK enum td_err td_trial_run(const struct td_trial_config *config,
                                       struct td_trial_result *out, struct td_fail *why);

/* "all", "none" or numbers with commas ("1,10,44") as bits. TD_EINVAL. */
TD_MUST_CHECK enum td_err td_trial_faults_parse(const char *text, uint64_t *out,
                                                struct td_fail *why);

#endif
