/* store/recorder.h - records the depth of one symbol: messages and snapshots, nothing lost, nothing torn.
 *
 * Everything goes to the capture log at once (store/capture.h); the files people read are made from it at
 * close, at rotation, or by recovery after a crash (store/recover.h). Memory is this struct and nothing else.
 * One owner: the writer thread. Folder and log are created at open.
 *
 * When the disk is full or fails, the first call that notices returns TD_ENOSPC or TD_EIO, and so does
 * every later one: recording has stopped. What was synced stays; td_recorder_close still tries to finish the
 * files, and when that fails too the log stays for recovery.
 */
#ifndef TD_STORE_RECORDER_H
#define TD_STORE_RECORDER_H

#include "market/book.h"
#include "store/session.h"

struct td_recorder_options {
    const char *folder; /* <out>; the symbol's folder is made below it */
    struct td_session_facts facts;
    size_t group_bytes; /* see td_capture_open */
};

struct td_recorder {
    struct td_world *world;
    char folder[TD_SESSION_PATH];
    struct td_session_facts facts;
    struct td_session_paths paths;
    size_t group_bytes;
    uint64_t messages; /* of this session, book image included */
    uint64_t snapshots, ticks;
    td_ns last_recv_ns;
    td_ns last_venue_ns;
    bool generated; /* an event of the generator was seen */
    struct td_capture capture;
};

/* TD_EINVAL: symbol, levels or interval; TD_EEXIST: a session of that second is there; TD_EACCES, TD_ENOSPC. */
TD_MUST_CHECK enum td_err td_recorder_open(struct td_recorder *r, struct td_world *world,
                                           const struct td_recorder_options *o,
                                           struct td_fail *why);
/* One event of the tape: depth, reset or gap, or a tick: quote or trade (another kind: TD_EINVAL). Ticks are not numbered among
 * the messages. Events come in the order received. */
TD_MUST_CHECK enum td_err td_recorder_message(struct td_recorder *r, const struct td_event *ev,
                                              struct td_fail *why);
/* The book at `at_ns` as a snapshot of `levels` rows per side; quality as td_book_quality says. */
void td_snap_take(struct td_snap *out, const struct td_book *book, int32_t levels, td_ns at_ns,
                  td_ns stale_ns);
/* Records a snapshot; recv_ns, venue_ns and seq are filled in here. */
TD_MUST_CHECK enum td_err td_recorder_snapshot(struct td_recorder *r, struct td_snap *snap,
                                               struct td_fail *why);
/* Returns when everything recorded so far is on the disk. */
TD_MUST_CHECK enum td_err td_recorder_sync(struct td_recorder *r, struct td_fail *why);
/* Ends the session and makes its files. `out` may be NULL. TD_ENODATA: nothing was recorded, nothing is left
 * behind. Accepts a zeroed recorder (TD_OK), and twice. */
enum td_err td_recorder_close(struct td_recorder *r, struct td_session_result *out,
                              struct td_fail *why);
/* Ends this session and goes on in a new one named by `next` (its symbol is ignored). The finished log's path
 * goes to done[TD_SESSION_PATH]; the caller gives it to td_session_finish when it has time (or leaves it to
 * recovery). The caller then records an image of the book, so that each session replays alone. */
TD_MUST_CHECK enum td_err td_recorder_rotate(struct td_recorder *r,
                                             const struct td_session_facts *next, char *done,
                                             struct td_fail *why);
/* Records the whole book: a reset mark and one insert per row, marked as image; a gap mark when it is broken. */
TD_MUST_CHECK enum td_err td_recorder_image(struct td_recorder *r, const struct td_book *book,
                                            td_ns now, struct td_fail *why);

#endif
