/* store/session.h - the files of a recorded session, made from its capture log.
 *
 * In <out>/<SYMBOL>/: <day>_snapshots_<time>.parquet, <day>_messages_<time>.json and
 * session_stats_<YYYYMMDD>_<time>.json, and <day>_ticks_<time>.parquet where ticks were recorded.
 * Contractual columns and keys come first, in contractual order and
 * type; receive and venue clocks, quality and sequence follow. A side without rows has 0.0 / 0.
 * Each file is written as <name>.tmp, synced and renamed; a name without .tmp is always a whole file. The
 * log is removed only after all files are published, so the work can be repeated after a kill at any point.
 * Without a snapshot no snapshots and no statistics are written; without a message no messages file; without a tick no ticks.
 * Allocates one workspace (at most 45 MB) for the time of the call: not for the trading thread.
 * Source: the external behaviour contracts of the recorder (docs/format.md#session-files).
 */
#ifndef TD_STORE_SESSION_H
#define TD_STORE_SESSION_H

#include "store/capture.h"
#include "wire/parquet.h"

#define TD_SESSION_PATH 768

enum td_session_column {
    TD_SESSION_TIMESTAMP,
    TD_SESSION_BID_PRICES,
    TD_SESSION_BID_SIZES,
    TD_SESSION_ASK_PRICES,
    TD_SESSION_ASK_SIZES,
    TD_SESSION_RECV_NS,
    TD_SESSION_VENUE_NS,
    TD_SESSION_QUALITY,
    TD_SESSION_GENERATED,
    TD_SESSION_SEQ,
    TD_SESSION_COLUMNS
};

enum td_tick_column {
    TD_TICK_TIMESTAMP, /* of receipt, ISO 8601, UTC */
    TD_TICK_BID, /* of a quote, null else and for a side that is not there; so are the next five by their kind */
    TD_TICK_ASK,
    TD_TICK_BID_SIZE,
    TD_TICK_ASK_SIZE,
    TD_TICK_LAST,
    TD_TICK_LAST_SIZE,
    TD_TICK_EXCHANGE, /* of a trade; empty: not told */
    TD_TICK_RECV_NS,
    TD_TICK_VENUE_NS,
    TD_TICK_GENERATED,
    TD_TICK_COLUMNS
};

/* The schema table of the ticks file. */
extern const struct td_pq_column td_tick_schema[TD_TICK_COLUMNS];
/* The schema table of the snapshots file for `levels` rows per side, into out[TD_SESSION_COLUMNS]. */
void td_session_schema(int32_t levels, struct td_pq_column *out);

/* Paths of a session below the folder of its symbol. */
struct td_session_paths {
    char capture[TD_SESSION_PATH];
    char snapshots[TD_SESSION_PATH];
    char messages[TD_SESSION_PATH];
    char ticks[TD_SESSION_PATH];
    char stats[TD_SESSION_PATH];
};

/* TD_ERANGE: the names do not fit. `folder` is <out>/<SYMBOL>. */
TD_MUST_CHECK enum td_err td_session_paths(const char *folder, const struct td_session_facts *facts,
                                           struct td_session_paths *out);

struct td_session_result {
    struct td_session_facts facts;
    uint64_t snapshots;
    uint64_t messages;
    uint64_t ticks;
    uint64_t gaps; /* gap and reset marks among the messages */
    enum td_capture_end end;
    uint64_t cut_bytes;
    struct td_session_paths paths;
    bool kept; /* the log was damaged and is kept as <log>.damaged */
};

/* Turns the log at `capture` into its files and removes it. TD_ELOCKED: still being recorded.
 * TD_ENODATA: the log holds nothing (it is removed). TD_ECORRUPT: its head is damaged (it is kept as
 * <log>.damaged). TD_ENOSPC, TD_EIO, TD_ENOMEM: the log stays, try again later. `out` may be NULL. */
TD_MUST_CHECK enum td_err td_session_finish(struct td_world *world, const char *capture,
                                            struct td_session_result *out, struct td_fail *why);

#endif
