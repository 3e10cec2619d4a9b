/* desk/writer.h - the one thread that writes: recordings, journal, projections.
 *
 * The trading thread hands over work through a single-producer ring and goes on; it learns of results by
 * td_writer_next and td_writer_durable after a TD_WAKE_POKE. Nothing here waits for a disk on the trading
 * thread. A full ring refuses: depth messages are then counted as a gap by the caller, an order is refused.
 *
 * Where a journal file begins, the projections' state is saved beside it (trade/snapshot.h) and the next start begins
 * there: at most the records of one file and one process are replayed. Without projections all are.
 *
 * The journal is committed in groups: everything waiting is written and synced at once. Recordings are
 * synced once a second. In `inline_mode` (simulation, tests) there is no thread: td_writer_step does the
 * same work on the caller's thread and world.
 */
#ifndef TD_DESK_WRITER_H
#define TD_DESK_WRITER_H

#include "base/ring.h"
#include "store/recorder.h"
#include "sys/thread.h"
#include "trade/journal.h"
#include "trade/projection.h"

#define TD_WRITER_SLOTS   64
#define TD_WRITER_WATCHED 2

struct td_writer_config {
    struct td_world *desk; /* poked when there is news */
    bool inline_mode;
    const char *journal; /* folder; NULL: no journal */
    const char *state;   /* folder of the projections; NULL: none */
    td_journal_fn
        *each; /* sees every record the journal holds, during open, on the caller's thread */
    /* Or is given the state to begin with, and then the records behind it. False: it cannot take that. NULL: from
     * the first record on, always. */
    bool (*begin)(void *arg, const struct td_blotter *state);
    void *arg;
    const char *watch
        [TD_WRITER_WATCHED]; /* files looked for at every commit, before it counts; NULL: none */
};

enum td_writer_report_kind {
    TD_WROTE_SESSION,
    TD_WRITE_FAILED,
    TD_JOURNAL_FAILED,
    TD_PROJECTION_FAILED,
    TD_SNAPSHOT_FAILED
};

struct td_writer_report {
    enum td_writer_report_kind kind;
    uint32_t slot;
    enum td_err err;
    struct td_session_result session; /* TD_WROTE_SESSION */
    char text[256];
};

struct td_writer; /* owns a thread: opaque */

/* Opens journal and projections (replaying the journal) and starts the thread. */
TD_MUST_CHECK enum td_err td_writer_open(struct td_writer **out,
                                         const struct td_writer_config *config,
                                         struct td_journal_report *journal, struct td_fail *why);
/* Finishes everything queued, closes recordings in order, stops the thread. NULL is fine. */
void td_writer_close(struct td_writer *w);

/* Recording slots 0..TD_WRITER_SLOTS-1. False: the ring is full, nothing was queued. */
bool td_writer_start(struct td_writer *w, uint32_t slot, const struct td_recorder_options *options);
bool td_writer_event(struct td_writer *w, uint32_t slot, const struct td_event *event);
bool td_writer_snapshot(struct td_writer *w, uint32_t slot, const struct td_snap *snap,
                        int32_t levels);
/* The whole book, so that a session that begins here replays alone. */
bool td_writer_image(struct td_writer *w, uint32_t slot, const struct td_book *book);
bool td_writer_rotate(struct td_writer *w, uint32_t slot, const struct td_session_facts *next);
bool td_writer_finish(struct td_writer *w, uint32_t slot);

/* Queues a journal record and numbers it; durable once td_writer_durable reaches record->seq.
 * TD_EFULL: refused. The latched journal error when it failed before. */
TD_MUST_CHECK enum td_err td_writer_journal(struct td_writer *w, struct td_record *record);
uint64_t td_writer_durable(const struct td_writer *w);
/* One of the watched files was there at the last commit: looked for after the sync, before td_writer_durable tells of
 * it. The trading thread need not ask the system for every order. */
bool td_writer_watched(const struct td_writer *w);
enum td_err td_writer_journal_error(const struct td_writer *w);
/* Wakes the writer for what was queued this turn; in inline mode does the work. */
void td_writer_kick(struct td_writer *w);
/* The next report, or false. */
bool td_writer_next(struct td_writer *w, struct td_writer_report *out);
/* Waits until everything queued so far was handled (start and end of a process only). */
void td_writer_drain(struct td_writer *w);

#endif
