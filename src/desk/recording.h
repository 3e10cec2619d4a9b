/* desk/recording.h - records the depth of many symbols over one gateway connection, for days.
 *
 * Joins connection, market, books and the writer: every depth message and, each interval, every book go to the
 * writer thread, which owns the files. A lost connection is a gap mark in the recording and a reconnect by the
 * manager's ladder (desk/connection.h); it never ends the recording. The broker's reset windows do not slow it.
 * Lines may come and go while it runs (`standing`): a line begins with its ticks (quotes and last trades of its market data line),
 * its depth is wanted and let go apart, and when it is stopped its files are made.
 * Sessions rotate every hour. Full ring: messages are dropped, counted, and marked as a gap once there is room again.
 */
#ifndef TD_DESK_RECORDING_H
#define TD_DESK_RECORDING_H

#include "desk/market.h"
#include "desk/plan.h"
#include "desk/writer.h"

#define TD_RECORDING_LINES_MAX 64 /* as the writer has slots */

struct td_recording_config {
    const struct td_plan *plan;
    const char *folder;
    int32_t levels;
    int32_t interval_ms;
    td_ns duration;  /* TD_NS_NEVER: until a signal */
    td_ns rotate_ns; /* length of a session, e.g. an hour */
    const char *const *symbols;
    int32_t symbol_count; /* at most TD_RECORDING_LINES_MAX */
    int32_t
        depth_slots; /* depth lines of the account; more symbols take turns. 0: no limit of ours */
    uint32_t
        quote_slots; /* market data lines for ticks; more symbols take turns. 0: no limit of ours */
    bool standing; /* begins without lines, records ticks too, and does not end for want of lines */
    bool inline_writer; /* simulation: no writer thread */
    bool quiet;         /* nothing on stderr: neither progress nor a line that stopped */
    struct td_log *log;
};

struct td_recording_line {
    char symbol[TD_SYMBOL_CHARS];
    uint64_t messages, ticks, snapshots, dropped, gaps;
    uint32_t sessions; /* finished: files written */
    bool failed;
    char failure[256];
    struct td_session_result last; /* of the last finished session */
};

struct td_recording_result {
    struct td_recording_line lines[TD_RECORDING_LINES_MAX];
    int32_t count;
    uint32_t reconnects;
    bool interrupted;
};

/* Runs until duration, a signal, or until no symbol can be recorded any more. `link` is open and ready.
 * TD_EIO and others: nothing could be recorded; the lines say why. */
TD_MUST_CHECK enum td_err td_recording_run(const struct td_recording_config *config,
                                           struct td_link *link, struct td_world *world,
                                           struct td_recording_result *out, struct td_fail *why);

/* The same in turns, for an owner with a loop of its own:
 *
 *     while (!td_recording_done(r)) { td_world_wait(w, td_recording_deadline(r), &wake); td_recording_turn(r, &wake); }
 *     td_recording_finish(r, &why);   what was recorded becomes files
 *     td_recording_close(r);
 *
 * `result` is kept true by every turn. `config` is copied, its texts, plan and symbols are the caller's until close. */
struct td_recording; /* opaque: heap */
TD_MUST_CHECK enum td_err td_recording_open(struct td_recording **out,
                                            const struct td_recording_config *config,
                                            struct td_link *link, struct td_world *world,
                                            struct td_recording_result *result,
                                            struct td_fail *why);
void td_recording_turn(struct td_recording *r, const struct td_wake *wake);

/* Of a standing recording: its lines. Indices are those of result->lines; a line keeps its index until it is stopped. */

enum td_recording_depth {
    TD_DEPTH_OFF,     /* not wanted */
    TD_DEPTH_ASKED,   /* nothing has come yet */
    TD_DEPTH_COMES,   /* it did */
    TD_DEPTH_NO_SLOT, /* the broker has no depth line for it */
    TD_DEPTH_REFUSED, /* the broker will not give it */
};
/* Begins a line with its ticks alone. TD_EINVAL: no symbol. TD_EEXIST: it is there. TD_EFULL: as many lines as there can be,
 * those that are still ending among them. */
TD_MUST_CHECK enum td_err td_recording_start(struct td_recording *r, const char *symbol,
                                             uint32_t *index, struct td_fail *why);
/* Asks for its depth, or lets it go; a refusal is forgotten. */
void td_recording_want_depth(struct td_recording *r, uint32_t index, bool wanted);
enum td_recording_depth td_recording_look(const struct td_recording *r, uint32_t index);
/* Its contract or its market data is refused: it never says anything. NULL: no; else the broker's words. */
const char *td_recording_refused(const struct td_recording *r, uint32_t index);
/* Ends a line: what was recorded becomes files. Its counts stay until the index is given away. */
void td_recording_stop(struct td_recording *r, uint32_t index);
/* The session with the gateway stands. */
bool td_recording_connected(const struct td_recording *r);

td_ns td_recording_deadline(struct td_recording *r);
bool td_recording_done(const struct td_recording *r);
/* Once, after the last turn. TD_ENODATA: nothing was recorded, and the reason; a standing one may have had nothing to do. */
enum td_err td_recording_finish(struct td_recording *r, struct td_fail *why);
void td_recording_close(
    struct td_recording *r); /* NULL is fine; without finish: as a process that ends */

#endif
