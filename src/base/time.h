/* base/time.h - instants as nanoseconds since 1970-01-01 UTC, and their written forms.
 *
 * Two clocks are never mixed: records carry wall time (td_ns UTC), timers run on the monotonic clock.
 * This file converts; it never reads a clock (that is the world's, sys/world.h).
 * Source of the calendar arithmetic: proleptic Gregorian, days-from-civil by eras of 400 years.
 */
#ifndef TD_BASE_TIME_H
#define TD_BASE_TIME_H

#include "base/err.h"

typedef int64_t td_ns; /* ns since 1970-01-01 UTC, or a span in ns */

#define TD_NS_NEVER INT64_MAX
#define TD_US       INT64_C(1000)
#define TD_MS       INT64_C(1000000)
#define TD_SEC      INT64_C(1000000000)
#define TD_MIN      (60 * TD_SEC)
#define TD_HOUR     (3600 * TD_SEC)
#define TD_DAY      (24 * TD_HOUR)

/* A wall-clock reading in some zone. month 1..12, day 1..31, second 0..60, nanos 0..999999999. */
struct td_civil {
    int32_t year;
    int32_t month;
    int32_t day;
    int32_t hour;
    int32_t minute;
    int32_t second;
    int32_t nanos;
};

/* Days since 1970-01-01 of a civil date, and back. Any month 1..12; day may run past the month. */
int64_t td_days_from_civil(int32_t year, int32_t month, int32_t day);
void td_civil_from_days(int64_t days, struct td_civil *out); /* fills year, month, day; time 0 */
int td_weekday(int64_t days);                                /* 0 = Sunday .. 6 = Saturday */

/* UTC civil time of an instant, and back. */
void td_civil_from_ns(td_ns at, struct td_civil *out);
td_ns td_ns_from_civil(const struct td_civil *civil);

/* "2026-11-21T05:30:00.123456+00:00": ISO 8601, UTC, microseconds. out[40]; returns the length. */
size_t td_iso_print(td_ns at, char *out);
/* The same, given the text of an instant before it: within one second only its fraction is printed anew. */
size_t td_iso_print_after(td_ns at, td_ns before, const char *earlier, char *out);

/* Reads "YYYY-MM-DD[T| ]HH:MM:SS[.f{1,9}][Z|+HH:MM|-HH:MM]" (no zone means UTC) or "YYYY-MM-DD", of the
 * years 1678 to 2261. */
TD_MUST_CHECK enum td_err td_iso_parse(const char *text, size_t len, td_ns *out);

/* "YYYY-MM-DD" and "YYYYMMDD" as days since 1970-01-01. TD_EPARSE when malformed or no such day. */
TD_MUST_CHECK enum td_err td_date_parse(const char *text, size_t len, int64_t *days);
size_t td_date_print(int64_t days, char *out);         /* YYYY-MM-DD, out[16] */
size_t td_date_print_compact(int64_t days, char *out); /* YYYYMMDD,   out[16] */

#endif
