/* trade/retrace.h - a journal replayed for looking at it: the state after each record, and whether it is what the desk
 * had when it wrote STOP and RECON records, and what the snapshots say.
 *
 * The tables are as large as a desk's and keep as much, so the states can be equal. Memory: taken at open, about
 * 16 MB. Owner: one thread.
 */
#ifndef TD_TRADE_RETRACE_H
#define TD_TRADE_RETRACE_H

#include "trade/blotter.h"
#include "trade/journal.h"

#define TD_RETRACE_FILES 9999

struct td_retrace {
    struct td_world *world;
    const char *folder; /* of the journal */
    struct td_blotter b;
    void *memory;
    uint64_t types[TD_REC_TYPES];
    uint64_t states_equal, states_other_layout;
    uint64_t differs_seq; /* first record that tells another state; 0 none */
    uint32_t snapshots_equal, snapshots_ignored;
    uint32_t snapshot_differs; /* first file whose snapshot is another state; 0 none */
    void (*file)(void *arg, const struct td_journal_file *file); /* the caller's, may be NULL */
    void (*record)(void *arg, const struct td_record *r, const struct td_blotter *after);
    void *arg;
};

/* TD_ENOMEM. `out` may hold file, record and arg already. */
TD_MUST_CHECK enum td_err td_retrace_open(struct td_retrace *out, struct td_world *world,
                                          const char *folder, struct td_fail *why);
/* Reads it all, with every check of the journal. Errors as td_journal_read; TD_ECORRUPT also when a record cannot
 * follow the ones before. */
TD_MUST_CHECK enum td_err td_retrace_run(struct td_retrace *r, struct td_journal_report *report,
                                         struct td_fail *why);
/* Accepts a zeroed one, and twice. */
void td_retrace_close(struct td_retrace *r);

#endif
