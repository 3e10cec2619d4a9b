/* dash/scan_json.h - the scanner's table as JSON, the same for the command and for a route of the dashboard.
 *
 *     {"day":"2014-06-06","time":"10:00","zone":"America/New_York","basis":"open","adv_days":20,"source":"store",
 *      "seen":7123,"listed":12,"dropped":{"gap not known":7000,...},
 *      "rows":[{"symbol":"AAPL","price":650,"gap_pct":0.41,"rvol":1.2,"volume":1000,"adv20":12000000,
 *               "previous_close":647.35,"open":650,"last":651.2,"spread":0.02,"halted":false,"why":"bars","reason":null}]}
 *
 * A live scanner adds "exchange" and "updated" (ISO), and one that records "status".
 *
 * What is not known is null, and reason says why; reason is null when all is known. Numbers are exact decimals.
 */
#ifndef TD_DASH_SCAN_JSON_H
#define TD_DASH_SCAN_JSON_H

#include "market/gapscan.h"
#include "wire/json.h"

#define TD_SCAN_JSON_ROW  1024 /* bytes that a row takes at most */
#define TD_SCAN_JSON_HEAD 4096 /* and everything else */

/* What a live scanner tells of a symbol beside its facts. */
struct td_scan_told {
    char exchange[16]; /* its primary one; empty: not known */
    td_ns asked;       /* when its minutes were told last; 0: not yet */
};

struct td_scan_view {
    const struct td_scan_table *table;
    const struct td_scan_facts *facts;
    int64_t day;       /* days since 1970; the exchange's */
    int32_t minute;    /* of the day in New York */
    uint32_t adv_days; /* that ADV and RVOL are of */
    enum td_scan_basis basis;
    const char *source;              /* "store" or "gateway" */
    const char *note;                /* for people; NULL: none */
    const struct td_scan_told *told; /* by fact; NULL: not known here */
    /* The word of a symbol's recording, "Idle" to "L2"; NULL: nothing records here, and there is no such column. */
    const char *(*status)(void *arg, const char *symbol);
    void *status_arg;
};

/* One object. Check td_text_full of the emitter's text once at the end. */
void td_scan_json(struct td_json *j, const struct td_scan_view *view);
/* One row of it. */
void td_scan_json_row(struct td_json *j, const struct td_scan_view *view,
                      const struct td_scan_row *row);

#endif
