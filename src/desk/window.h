/* desk/window.h - the daily and weekly interruptions of the broker, in New York time.
 *
 * The union of the published reset windows and margins: 23:30-01:45 every night, and Friday 22:45 to Sunday
 * 02:00 (ibkr-operations 1.4). No order is sent inside, and an outage inside is expected.
 */
#ifndef TD_DESK_WINDOW_H
#define TD_DESK_WINDOW_H

#include "base/tz.h"

bool td_window_inside(const struct td_tz *new_york, td_ns at);

#endif
