/* sim/daytime.c - local days and fixed zones. */
#include "sim/daytime.h"

td_ns td_daytime_fixed(const void *zone, int64_t day, int64_t ms)
{
    int64_t east = 0;
    memcpy(&east, zone, sizeof east);
    return day * TD_DAY + ms * TD_MS - east * TD_SEC;
}

int64_t td_daytime_day(const struct td_daytime *d, td_ns at)
{
    /* Local midnight is within a day of UTC midnight, so the answer is one of three days. */
    int64_t day = at / TD_DAY + 1;
    while (d->at(d->zone, day, 0) > at)
        day--;
    return day;
}
