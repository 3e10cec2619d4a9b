/* desk/stationfile.h - what a station keeps between two runs: who is recorded, who is hidden, and how it was asked to look.
 *
 * One JSON file, <state>/gap_recorder_state.json, with the keys of the original: sessions[{symbol, mode, start_time, queued}] (mode
 * l2, queued or tick_only; in the order in which they are to have depth), hidden_symbols[], preferences{min_gap_pct, min_rvol,
 * refresh_sec, exclude_etfs}. Written whole or not at all, and synced. Preferences are told there for others; the options rule.
 * Reading passes over keys it does not know; a symbol that is none, or twice, is left out. Source: contracts 4.11, 9.
 */
#ifndef TD_DESK_STATIONFILE_H
#define TD_DESK_STATIONFILE_H

#include "market/depthslots.h"
#include "sys/world.h"

#define TD_STATIONFILE_NAME   "gap_recorder_state.json"
#define TD_STATIONFILE_HIDDEN 256

struct td_stationfile_session {
    char symbol[TD_SYMBOL_CHARS];
    const char *mode; /* "l2", "queued", "tick_only"; not read: a slot is free or it is not */
    td_ns started;    /* 0 when it was not told */
};

struct td_stationfile {
    struct td_stationfile_session sessions[TD_DEPTHSLOTS_SESSIONS];
    uint32_t session_count;
    char hidden[TD_STATIONFILE_HIDDEN][TD_SYMBOL_CHARS];
    uint32_t hidden_count;
    int64_t min_gap_e9, min_rvol_e9, refresh_s; /* written only */
    bool exclude_etfs;
};

/* No file: nothing is kept, TD_OK. TD_EPARSE: it is no such file; name it and go on by hand. TD_EIO, TD_ENOMEM. */
TD_MUST_CHECK enum td_err td_stationfile_load(struct td_stationfile *f, struct td_world *world,
                                              const char *path, struct td_fail *why);
TD_MUST_CHECK enum td_err td_stationfile_save(const struct td_stationfile *f,
                                              struct td_world *world, const char *path,
                                              struct td_fail *why);

#endif
