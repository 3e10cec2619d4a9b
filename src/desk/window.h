/* desk/window.h - the daily and weekly interruptions of the broker, in New York time.
 *
 * The preset is the union of the published reset windows and margins: 23:30-01:45 every night, and Friday 22:45
 * to Sunday 02:00 (ibkr-operations 1.4); settings may say other ones. No order is sent inside, and an outage
 * inside is expected. Pure: the caller brings the instant and the zone.
 */
#ifndef TD_DESK_WINDOW_H
#define TD_DESK_WINDOW_H

#include "base/text.h"
#include "base/tz.h"

#define TD_WINDOW_WEEK (7 * 24 * 60) /* minutes */

/* From `from` (included) to `to`; a window may run past midnight or past Saturday. Equal ends: none. */
struct td_windows {
    int32_t day_from, day_to;   /* minutes of every day, 0..1439                      */
    int32_t week_from, week_to; /* minutes of the week, 0 is Sunday 00:00, 0..10079   */
};

extern const struct td_windows td_windows_preset;

/* Reads "23:30-01:45" and "Fri 22:45-Sun 02:00"; an empty text is no window. TD_EINVAL names the form. */
TD_MUST_CHECK enum td_err td_windows_parse(const char *daily, const char *weekly,
                                           struct td_windows *out, struct td_fail *why);
/* "Sun 10:00" as a minute of the week; -1 for an empty text. TD_EINVAL names the form. */
TD_MUST_CHECK enum td_err td_week_minute_parse(const char *text, int32_t *out, struct td_fail *why);
/* The minute of the New York week an instant lies in. */
int32_t td_week_minute(const struct td_tz *new_york, td_ns at);

bool td_windows_inside(const struct td_windows *w, const struct td_tz *new_york, td_ns at);
/* The same for the preset. */
bool td_window_inside(const struct td_tz *new_york, td_ns at);

#endif
