/* base/tz.h - time zones from TZif files (RFC 8536), so that no global or process-wide zone is used.
 *
 * td_tz_parse reads the bytes of a zoneinfo file (versions 1 to 4; a version 1 file carries no rule for
 * later years); the caller reads the file. A td_tz is plain data, read-only after parsing, and may be
 * shared by threads. Years past the table follow the POSIX rule of the footer.
 */
#ifndef TD_BASE_TZ_H
#define TD_BASE_TZ_H

#include "base/time.h"

#define TD_TZ_TRANSITIONS_MAX 512
#define TD_TZ_TYPES_MAX       64

/* One day rule of a POSIX TZ text: the n-th weekday of a month, or a day of the year. */
struct td_tz_rule {
    char form; /* 'M' month.week.day, 'J' day 1..365 without Feb 29, 'N' day 0..365 */
    int32_t month, week, day;
    int32_t at_sec; /* seconds after local midnight, -167 h .. 167 h */
};

struct td_tz {
    char name[40];
    int32_t transitions;
    int32_t types;
    int64_t
        at_sec[TD_TZ_TRANSITIONS_MAX]; /* UTC seconds, ascending; type[i] holds from at_sec[i] on */
    uint8_t type[TD_TZ_TRANSITIONS_MAX];
    int32_t offset_sec[TD_TZ_TYPES_MAX]; /* seconds east of UTC */
    bool has_rule;                       /* the footer gave a rule for times past the table */
    bool has_dst;
    int32_t std_sec, dst_sec;
    struct td_tz_rule start, end; /* daylight saving from `start` to `end` */
};

/* TD_EPARSE: not a TZif file or damaged. TD_ERANGE: more transitions or types than the limits. */
TD_MUST_CHECK enum td_err td_tz_parse(const void *bytes, size_t len, const char *name,
                                      struct td_tz *out);

/* Fills a zone that is always UTC. */
void td_tz_utc(struct td_tz *out);

/* Seconds east of UTC in force at an instant. O(log transitions). */
int32_t td_tz_offset(const struct td_tz *tz, td_ns at);

/* Local civil time of an instant, and back. A local time that does not exist (clocks go forward) is
 * taken with the offset before the change; one that exists twice is the earlier of the two. */
void td_tz_civil(const struct td_tz *tz, td_ns at, struct td_civil *out);
td_ns td_tz_instant(const struct td_tz *tz, const struct td_civil *local);

/* The local calendar day of an instant, days since 1970-01-01: the exchange day in its zone. */
int64_t td_tz_day(const struct td_tz *tz, td_ns at);
/* The instant of hour:minute:second on a local day. */
td_ns td_tz_at(const struct td_tz *tz, int64_t day, int32_t hour, int32_t minute, int32_t second);

#endif
