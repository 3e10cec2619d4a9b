/* desk/station_inner.h - what the station's source files share; nobody else includes it. */
#ifndef TD_DESK_STATION_INNER_H
#define TD_DESK_STATION_INNER_H

#include "desk/station.h"
#include "desk/stationfile.h"
#include "desk/wordsocket.h"
#include "wire/json.h"

struct station_session {
    char symbol[TD_SYMBOL_CHARS]; /* empty: free */
    uint32_t line;                /* of the recording */
    td_ns started;                /* wall clock */
    char trouble[160];            /* why it has no depth; empty: it does not lack it */
};

struct td_station {
    struct td_station_config config;
    struct td_world *world;
    struct td_fetch_guest guest;
    struct td_scanner *scanner;
    struct td_link *scan_link;
    struct td_recording *recording;
    struct td_recording_result result;
    struct td_depthslots slots;
    struct station_session sessions[TD_DEPTHSLOTS_SESSIONS];
    struct td_wordsocket socket;
    struct td_stationfile file; /* as it was last written, and who is hidden */
    struct td_file lock;
    td_ns slots_mono; /* the next look at the queue */
    td_ns widen_mono; /* one slot more is tried; TD_NS_NEVER: there are as many as wanted */
    bool away;        /* the scanner's gateway, and it was told */
    uint32_t funds;
    char note[400]; /* of the scanner, or the last session that ended by itself */
    char ended[240];
    void *block;  /* [td_scan_bytes] */
    char *answer; /* [TD_STATION_ANSWER] */
};

/* station.c */
/* NULL: that symbol is not recorded. */
struct station_session *station_find(struct td_station *s, const char *symbol);
/* TD_EEXIST: it is recorded. TD_EINVAL, TD_EFULL. */
TD_MUST_CHECK enum td_err station_start(struct td_station *s, const char *symbol, td_ns started,
                                        struct td_fail *why);
void station_stop(struct td_station *s, struct station_session *session);
void station_stop_all(struct td_station *s);
/* Writes the file; a failure goes to the log, and what runs goes on. */
void station_save(struct td_station *s);
/* False: there are as many as there can be. */
bool station_hide(struct td_station *s, const char *symbol);
void station_unhide(struct td_station *s, const char *symbol); /* NULL: all */

/* station_words.c */
const char *station_status_word(void *station, const char *symbol);

#endif
