/* dash/recordings.h - where the dashboard gets recorded days and finished reports from: calls that the command fills in, as it
 * fills in `ask`.
 *
 * Each writes the members of an object that is open, in the dashboard's own thread, in bounded time and memory; what it may
 * be asked was checked before. A symbol or day is looked for among what there is, never made a path.
 * TD_ENODATA: there is no such recording; TD_EINVAL: it cannot be asked so; others: it cannot be read. `why` is one line.
 */
#ifndef TD_DASH_RECORDINGS_H
#define TD_DASH_RECORDINGS_H

#include "base/time.h"
#include "wire/json.h"

#define TD_RECORDINGS_LEVELS  20   /* a side, and the preset */
#define TD_RECORDINGS_COLUMNS 1500 /* of a window; with 20 levels they fit an answer */

struct td_recordings_query {
    const char *symbol, *day; /* YYYY-MM-DD */
    td_ns from, to;           /* of a book: `from` alone */
    int32_t levels;
    uint32_t columns;
};

struct td_recordings {
    void *arg;
    const char *folder;
    enum td_err (*days)(void *arg, struct td_json *j, struct td_fail *why);
    enum td_err (*window)(void *arg, const struct td_recordings_query *q, struct td_json *j,
                          struct td_fail *why);
    enum td_err (*book)(void *arg, const struct td_recordings_query *q, struct td_json *j,
                        struct td_fail *why);
    enum td_err (*reports)(void *arg, struct td_json *j, struct td_fail *why);
    /* The page of a day (YYYY-MM-DD, checked) into out. TD_ERANGE: it is longer than an answer may be. */
    enum td_err (*report)(void *arg, const char *day, struct td_text *out, struct td_fail *why);
};

#endif
