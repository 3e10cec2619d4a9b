/* desk/zone.h - time zones from the system's zone files, and names of the exchange day. */
#ifndef TD_DESK_ZONE_H
#define TD_DESK_ZONE_H

#include "base/tz.h"
#include "sys/world.h"

#define TD_ZONE_NEW_YORK "America/New_York"

/* Reads /usr/share/zoneinfo/<name> (or $TZDIR). TD_EINVAL: not a zone name; TD_ENOENT: no such zone file. */
TD_MUST_CHECK enum td_err td_zone_load(struct td_world *world, const char *name, struct td_tz *out,
                                       struct td_fail *why);

/* "YYYY-MM-DD" and "HHMMSS" of an instant in a zone: out_day[16], out_time[8]. */
void td_zone_stamp(const struct td_tz *zone, td_ns at, char *out_day, char *out_time);

#endif
