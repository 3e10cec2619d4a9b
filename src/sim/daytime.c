/* sim/daytime.c - local days and fixed zones. */
#include "sim/daytime.h"

td_ns td_daytime_fixed(const void *zone, int64_t day, int64_t ms)
{
    int64_t east = 0;
    memcpy(&east, zone, sizeof east);
    return day * TD_DAY + ms * TD_MS - east * TD_SEC;
}

td_ns td_daytime_tz(const void *zone, int64_t day, int64_t ms)
{
    /* Wall clock, so that 09:30 is 09:30 on the days the clocks change, too. */
    int64_t in_day = ms % (TD_DAY / TD_MS);
    day += ms / (TD_DAY / TD_MS);
    if (in_day < 0) {
        in_day += TD_DAY / TD_MS;
        day--;
    }
    const int32_t seconds = (int32_t)(in_day / 1000);
    return td_tz_at(zone, day, seconds / 3600, seconds / 60 % 60, seconds % 60) +
           in_day % 1000 * TD_MS;
}

int64_t td_daytime_day(const struct td_daytime *d, td_ns at)
{
    /* Local midnight is within a day of UTC midnight, so the answer is one of three days. */
    int64_t day = at / TD_DAY + 1;
    while (d->at(d->zone, day, 0) > at)
        day--;
    return day;
}
