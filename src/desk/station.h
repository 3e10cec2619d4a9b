/* desk/station.h - a scanner that starts streams: who gaps up, who of them is recorded, and who of these has depth.
 *
 * Joins, in one loop of one world: the scanner over one link (desk/scanner.h), a standing recording over another, with client ids
 * of its own (desk/recording.h), the few depth slots (market/depthslots.h), and a control socket <state>/scan.sock. The scanner
 * waits for its answers; the rest is turned inside these waits, so that a snapshot is never late for a list.
 *
 * A row of the slots is what acts: l2_acquired and l2_promoted ask for depth, l2_released lets it go; session_upgraded comes with
 * the first depth message, l2_subscribe_failed with the broker's refusal. Each row is a line of the log, key=value. After a
 * refusal the next try waits: 2 s, or ten minutes when the broker has no depth line left, unless a session ends before.
 * A session whose contract or market data is refused, or whose files cannot be written, is ended and told.
 *
 * Words, one line each, answered by one line of JSON:
 *     rows                the table of dash/scan_json.h with each symbol's status, and all that `sessions` tells
 *     sessions            slots, sessions, hidden symbols
 *     start SYM...        records them: ticks at once, depth when a slot is free. One that is recorded stays as it is
 *     stop SYM...|all     ends them; their files are made
 *     hide SYM... / unhide SYM...|all
 *
 * Sessions, hidden symbols and preferences are kept in a file (desk/stationfile.h) at every change; what was recorded is taken up
 * again at the next start. One station a state folder (a lock). Owner: one thread; heap at open.
 * Source: contracts 2.7, 4.11, 9.
 */
#ifndef TD_DESK_STATION_H
#define TD_DESK_STATION_H

#include "desk/recording.h"
#include "desk/scanner.h"
#include "market/depthslots.h"

#define TD_STATION_SOCKET "scan.sock"
#define TD_STATION_ANSWER 524288 /* room for every answer */

struct td_station_config {
    const char *state;                          /* folder; made when it is not there */
    const char *output;                         /* folder of the recordings */
    const struct td_plan *scan_plan, *rec_plan; /* whose client ids do not meet */
    const struct td_tz *new_york;
    struct td_scan_config scan; /* what is listed, and how; the minute is filled in */
    int32_t adv_days;
    int64_t refresh_s; /* told in the file */
    const char *const *named;
    uint32_t named_count;
    uint32_t
        lines; /* market data lines of the account: half of them, at most 64, are the recorder's */
    uint32_t slots; /* of depth; 0: TD_DEPTHSLOTS */
    int32_t levels, interval_ms;
    td_ns rotate_ns;
    /* Marks ETFs and what the preferences hide; *funds: how many ETFs are known. NULL: nobody. */
    enum td_err (*mark)(void *arg, struct td_scan_facts *facts, uint32_t count, uint32_t *funds,
                        struct td_fail *why);
    void *mark_arg;
    bool inline_writer; /* simulation */
    struct td_log *log;
};

struct td_station; /* opaque: heap */

/* In short, for a line of progress. */
struct td_station_look {
    uint32_t sessions, held, slots, queued, candidates;
    bool scanning, recording; /* their sessions with the gateway stand */
};

/* Both links are ready. TD_ELOCKED: a station runs with that folder. TD_EPARSE: the file of sessions. TD_ENOMEM and others. */
TD_MUST_CHECK enum td_err td_station_open(struct td_station **out,
                                          const struct td_station_config *config,
                                          struct td_link *scan_link, struct td_link *rec_link,
                                          struct td_world *world, struct td_fail *why);
/* Scans, records and answers for about `span`; a gateway that stays away is waited for. TD_EAGAIN: a signal. */
TD_MUST_CHECK enum td_err td_station_run(struct td_station *s, td_ns span, struct td_fail *why);
/* What a line of the control socket does; the answer stays valid until the next call. */
struct td_str td_station_answer(struct td_station *s, const char *line);
/* The table now, with its statuses, into the arena of `block` (td_scan_bytes of TD_SCANNER_UNIVERSE). The failure of `mark`. */
TD_MUST_CHECK enum td_err td_station_view(struct td_station *s, void *block,
                                          struct td_scan_table *table, struct td_scan_view *view,
                                          struct td_fail *why);
void td_station_look(const struct td_station *s, struct td_station_look *out);
/* Files of what was recorded are made; sessions stay in their file. NULL is fine. */
void td_station_close(struct td_station *s);

/* One line to the station of a state folder. TD_ENOENT, TD_EUNREACH: none runs, and what starts one. TD_EMUTE. */
TD_MUST_CHECK enum td_err td_station_ask(struct td_world *world, const char *state,
                                         const char *line, char *out, size_t cap,
                                         struct td_fail *why);

#endif
