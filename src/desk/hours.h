/* desk/hours.h - whether a contract's market is open, for many contracts at once.
 *
 * A schedule is a text of liquid hours (as contract details give it) in a time zone. A thousand stocks share a few
 * schedules, so each is read once a second and not each contract. Unknown is an answer: a zone that cannot be
 * loaded, a text that cannot be read, a day it says nothing about, or no room in the tables.
 *
 * Owner: the trading thread. Zone files are read through the world when a zone is first named.
 */
#ifndef TD_DESK_HOURS_H
#define TD_DESK_HOURS_H

#include "base/tz.h"
#include "market/calendar.h"
#include "sys/world.h"

#define TD_HOURS_SCHEDULES 64
#define TD_HOURS_ZONES     16
#define TD_HOURS_CHARS     512
#define TD_HOURS_NONE      UINT32_MAX

struct td_schedule {
    char text[TD_HOURS_CHARS];
    uint32_t zone, users; /* users 0: free */
    uint8_t open;         /* enum td_hours_answer, at the last look */
};

struct td_hours {
    struct td_world *world;
    struct td_schedule rows[TD_HOURS_SCHEDULES];
    struct td_tz zones[TD_HOURS_ZONES];
    uint32_t zone_count;
    td_ns looked; /* market time of the last look; 0 unknown */
};

void td_hours_init(struct td_hours *h, struct td_world *world);
/* The schedule of a text and zone, shared; give it back with drop. TD_HOURS_NONE: not known, no room. */
uint32_t td_hours_take(struct td_hours *h, const char *text, const char *zone);
void td_hours_drop(struct td_hours *h, uint32_t schedule);
/* The zone of that name, loaded when it is first asked for; NULL: not known, no room. */
const struct td_tz *td_hours_zone(struct td_hours *h, const char *name);
/* Reads all schedules at a moment of the market's clock; 0: that clock is not known, and nothing is. */
void td_hours_look(struct td_hours *h, td_ns market_now);
enum td_hours_answer td_hours_open(const struct td_hours *h, uint32_t schedule);

#endif
