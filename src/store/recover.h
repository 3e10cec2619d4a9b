/* store/recover.h - finishes what a crash left behind.
 *
 * Looks for capture logs in a folder and the folders below it and turns each into its files
 * (store/session.h). Logs that another process is writing are left alone. May be killed at any point and
 * run again: the result is the same.
 */
#ifndef TD_STORE_RECOVER_H
#define TD_STORE_RECOVER_H

#include "store/session.h"

#define TD_RECOVER_DEPTH 3    /* folders below the one given */
#define TD_RECOVER_LOGS  1024 /* most logs in one run; more are left for the next */

struct td_recover_report {
    uint32_t found;
    uint32_t recovered; /* turned into files */
    uint32_t empty;     /* held nothing; removed */
    uint32_t busy;      /* being recorded by another process */
    uint32_t torn;      /* of the recovered: the last record was cut */
    uint32_t
        damaged; /* of the recovered: read up to a damaged record; the log is kept as .damaged */
    uint32_t failed; /* still there; `why` tells the first cause */
    uint64_t messages;
    uint64_t snapshots;
    uint64_t cut_bytes;
    /* Called once per log with its path and what came of it; may be NULL. */
    void (*each)(void *arg, const char *log, enum td_err err,
                 const struct td_session_result *result);
    void *arg;
};

/* `report` is zeroed by the caller but for each and arg. Returns the first failure after trying all logs.
 * A folder that is not there has nothing to recover: TD_OK. */
TD_MUST_CHECK enum td_err td_capture_recover(struct td_world *world, const char *folder,
                                             struct td_recover_report *report, struct td_fail *why);

#endif
