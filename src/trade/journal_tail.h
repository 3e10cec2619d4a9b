/* trade/journal_tail.h - reads a journal on while its owner writes it: for those who follow it at their own pace.
 *
 * The caller says how far the journal is durable, and nothing behind that is read: what is asked for is whole, so a bad
 * frame is damage and never a torn end. The files themselves are the queue between writer and follower: a follower that is
 * a day late reads a day of files, and nothing waits for it. Every check of the journal's own reading is made.
 *
 * Owner: one thread, never the trading thread. One file is open at a time.
 */
#ifndef TD_TRADE_JOURNAL_TAIL_H
#define TD_TRADE_JOURNAL_TAIL_H

#include "trade/journal.h"

struct td_journal_tail; /* opaque */

/* `base` may be NULL; it is asked as in td_journal_open_with. TD_ENOENT: there is no such folder. TD_ENOMEM. */
TD_MUST_CHECK enum td_err td_journal_tail_open(struct td_journal_tail **out, struct td_world *world,
                                               const char *folder, td_journal_base_fn *base,
                                               void *arg, struct td_fail *why);
void td_journal_tail_close(struct td_journal_tail *t); /* NULL is fine */

/* Number of the next record. */
uint64_t td_journal_tail_next(const struct td_journal_tail *t);
/* Calls `each` for the next records, at most `max` and none behind `durable`. Its error ends that and is returned; the
 * record counts as read. TD_ECORRUPT, TD_EVERSION name file and offset. */
TD_MUST_CHECK enum td_err td_journal_tail_read(struct td_journal_tail *t, uint64_t durable,
                                               uint32_t max, td_journal_fn *each, void *arg,
                                               struct td_fail *why);

#endif
