/* signal/feature_bar.c - what a bar tells features: its inputs by name, and those of its clock. */
#include <math.h>
#include <string.h>

#include "signal/feature.h"

#define TD_BAR_ROW(id, name, help) {name, help},
static const struct {
    const char *name, *help;
} inputs[TD_BAR_MICRO] = {TD_BAR_INPUTS(TD_BAR_ROW)};

const char *td_bar_input_name(int i)
{
    TD_REQUIRE(i >= 0 && i < TD_BAR_COUNT);
    return i < TD_BAR_MICRO ? inputs[i].name : td_micro_rows[i - TD_BAR_MICRO].name;
}

const char *td_bar_input_help(int i)
{
    TD_REQUIRE(i >= 0 && i < TD_BAR_COUNT);
    return i < TD_BAR_MICRO ? inputs[i].help : td_micro_rows[i - TD_BAR_MICRO].formula;
}

int td_bar_input_find(struct td_str name)
{
    for (int i = 0; i < TD_BAR_COUNT; i++)
        if (td_str_is(name, td_bar_input_name(i)))
            return i;
    return -1;
}

static void put_session(const struct td_feature_clock *clock, struct td_feature_bar *bar)
{
    struct td_session_hours hours;
    if (!clock->calendar)
        return;
    const int64_t day = td_calendar_day(clock->calendar, clock->zone, bar->at);
    if (!td_calendar_session(clock->calendar, clock->zone, day, &hours))
        return;
    const td_ns end = clock->regular ? hours.close : hours.outer_close;
    bar->session_end = end > bar->at ? end : TD_NS_NEVER;
    bar->x[TD_BAR_FROM_OPEN] = (double)(bar->at - hours.open) / (double)TD_MIN;
    bar->x[TD_BAR_TO_CLOSE] = (double)(hours.close - bar->end) / (double)TD_MIN;
}

void td_feature_bar_begin(const struct td_feature_clock *clock, td_ns at, td_ns span,
                          struct td_feature_bar *out)
{
    struct td_civil civil;
    out->at = at;
    out->end = at + span;
    out->local = at + td_tz_offset(clock->zone, at) * TD_SEC;
    out->session_end = TD_NS_NEVER;
    for (int i = 0; i < TD_BAR_COUNT; i++)
        out->x[i] = (double)NAN;
    td_civil_from_ns(out->local, &civil);
    out->x[TD_BAR_HOUR] = civil.hour;
    out->x[TD_BAR_MINUTE] = civil.minute;
    out->x[TD_BAR_WEEKDAY] =
        (td_weekday(td_days_from_civil(civil.year, civil.month, civil.day)) + 6) % 7;
    put_session(clock, out);
}
