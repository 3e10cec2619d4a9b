/* history/scan_store.h - what the scanner would have seen at any past minute, from what is stored.
 *
 * Sources, in this order; what the first one knows of a symbol stays:
 *
 *     place                                                       the minute              the days before
 *     <base>/parquet_data/<SYM>/1 min, 1 day                      minutes                 closes and volumes
 *     <base>/<downloads>/<SYM>_USUSD_1 min_<day>.ftr              09:30 to 11:00          the close of the session before
 *     <lean>/equity/usa/minute/<sym>, daily/<sym>.zip             minutes                 closes and volumes
 *     <lean>/equity/usa/fundamental/coarse/<YYYYMMDD>.csv         the day's close, volume closes and volumes
 *
 * Nothing later than the minute is read into it: a day's total counts only from the close of its session on, and a minute only
 * once it has ended. A coarse file has no open, so from it alone there is no gap but by the last price (TD_SCAN_LAST). Days before
 * a split are adjusted to the day, prices and volumes, by the split factors of the coarse file or of LEAN's factor files; what
 * is in <base> is taken as it is. A series whose minutes of the day end more than 30 minutes before the minute does not know
 * its volume there. "The sessions before" are those of the NYSE calendar: a day that is missing is missing, not skipped.
 *
 * Stocks of the coarse universe are told apart by LEAN's security id, and called as on the day. A file that cannot be read is
 * counted and its symbol goes without. Reads only. Memory: 256 bytes a symbol, and 24 MiB while it reads.
 * Source: contracts 9; LEAN's readme of coarse universes; docs/scanner.md.
 */
#ifndef TD_HISTORY_SCAN_STORE_H
#define TD_HISTORY_SCAN_STORE_H

#include "base/tz.h"
#include "market/gapscan.h"
#include "sys/world.h"

#define TD_SCAN_SYMBOLS_MAX 16384

struct td_scan_store_config {
    const char *lean;      /* folder with equity/; NULL: none */
    const char *base;      /* data root; NULL: none */
    const char *downloads; /* folder of tasks' bars below base; needed with base */
    int64_t day;           /* days since 1970 */
    int32_t minute;        /* of the day in New York; INT32_MAX: the close */
    int32_t adv_days;      /* 1..TD_SCAN_DAYS_MAX */
    const struct td_tz *new_york;
};

struct td_scan_store {
    struct td_scan_facts *facts; /* heap; by symbol */
    uint32_t count;
    int32_t minute;        /* the one that was meant */
    uint32_t coarse, bars; /* symbols of each kind of source */
    uint32_t coarse_days;  /* coarse files before the day, of adv_days */
    uint32_t failed;       /* files that could not be read */
    uint32_t unsafe;       /* symbols that are no file names */
    char failure[240];     /* of the first of them */
};

/* TD_EINVAL: no session that day (why says which came before). TD_ENODATA: nothing is stored for it, and where was looked.
 * TD_EFULL: more than TD_SCAN_SYMBOLS_MAX symbols. TD_ENOMEM. */
TD_MUST_CHECK enum td_err td_scan_store_load(struct td_world *world,
                                             const struct td_scan_store_config *config,
                                             struct td_scan_store *out, struct td_fail *why);
void td_scan_store_fini(struct td_scan_store *s); /* accepts a zeroed one and a second call */

#endif
