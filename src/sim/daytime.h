/* sim/daytime.h - how sim files turn local days into UTC: one function given by the caller.
 *
 * Data files and sessions speak local time; the zone table is read by whoever has files.
 */
#ifndef TD_SIM_DAYTIME_H
#define TD_SIM_DAYTIME_H

#include "base/tz.h"

struct td_daytime {
    /* The instant of local midnight plus `ms` milliseconds of wall clock on `day` (days since 1970). */
    td_ns (*at)(const void *zone, int64_t day, int64_t ms);
    const void *zone;
};

/* One day of a venue, UTC: extended hours around regular ones. All zero: always open. */
struct td_venue_hours {
    td_ns ext_open, open, close, ext_close;
};

/* A zone from a table: `zone` is a struct td_tz. */
td_ns td_daytime_tz(const void *zone, int64_t day, int64_t ms);

/* A zone with one fixed offset from UTC (`zone` points to an int64_t in seconds east). For tests. */
td_ns td_daytime_fixed(const void *zone, int64_t day, int64_t ms);

/* The local day an instant falls on. */
int64_t td_daytime_day(const struct td_daytime *d, td_ns at);

#endif
