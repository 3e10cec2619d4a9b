/* desk/window.c - minutes of the week against two rules. */
#include "desk/window.h"

bool td_window_inside(const struct td_tz *new_york, td_ns at)
{
    struct td_civil c;
    td_tz_civil(new_york, at, &c);
    const int weekday = td_weekday(td_tz_day(new_york, at));
    const int32_t minute = c.hour * 60 + c.minute;
    if (minute >= 23 * 60 + 30 || minute < 60 + 45)
        return true;
    if (weekday == 5)
        return minute >= 22 * 60 + 45;
    return weekday == 6 || (weekday == 0 && minute < 120);
}
