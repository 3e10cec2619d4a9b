/* desk/hours.c - shared schedules. */
#include "desk/hours.h"

#include <stdio.h>
#include <string.h>

#include "desk/zone.h"

void td_hours_init(struct td_hours *h, struct td_world *world)
{
    memset(h, 0, sizeof *h);
    h->world = world;
}

static uint32_t find_zone(struct td_hours *h, const char *name)
{
    for (uint32_t i = 0; i < h->zone_count; i++)
        if (strcmp(h->zones[i].name, name) == 0)
            return i;
    if (h->zone_count == TD_HOURS_ZONES ||
        td_zone_load(h->world, name, &h->zones[h->zone_count], NULL) != TD_OK)
        return TD_HOURS_NONE;
    /* Found again under the name it was asked by. */
    (void)snprintf(h->zones[h->zone_count].name, sizeof h->zones[0].name, "%s", name);
    return h->zone_count++;
}

const struct td_tz *td_hours_zone(struct td_hours *h, const char *name)
{
    const uint32_t z = *name ? find_zone(h, name) : TD_HOURS_NONE;
    return z == TD_HOURS_NONE ? NULL : &h->zones[z];
}

static uint8_t answer(const struct td_hours *h, const struct td_schedule *s)
{
    return h->looked
               ? (uint8_t)td_hours_text_open(td_str_of(s->text), &h->zones[s->zone], h->looked)
               : TD_HOURS_UNKNOWN;
}

uint32_t td_hours_take(struct td_hours *h, const char *text, const char *zone)
{
    uint32_t room = TD_HOURS_NONE;
    if (!*text || !*zone || strlen(text) >= TD_HOURS_CHARS)
        return TD_HOURS_NONE;
    const uint32_t z = find_zone(h, zone);
    for (uint32_t i = TD_HOURS_SCHEDULES; i-- > 0 && z != TD_HOURS_NONE;) {
        struct td_schedule *s = &h->rows[i];
        if (!s->users) {
            room = i;
        } else if (s->zone == z && strcmp(s->text, text) == 0) {
            s->users++;
            return i;
        }
    }
    if (room == TD_HOURS_NONE)
        return TD_HOURS_NONE;
    struct td_schedule *s = &h->rows[room];
    (void)snprintf(s->text, sizeof s->text, "%s", text);
    s->zone = z;
    s->users = 1;
    s->open = answer(h, s);
    return room;
}

void td_hours_drop(struct td_hours *h, uint32_t schedule)
{
    if (schedule < TD_HOURS_SCHEDULES && h->rows[schedule].users)
        h->rows[schedule].users--;
}

void td_hours_look(struct td_hours *h, td_ns market_now)
{
    h->looked = market_now;
    for (uint32_t i = 0; i < TD_HOURS_SCHEDULES; i++)
        if (h->rows[i].users)
            h->rows[i].open = answer(h, &h->rows[i]);
}

enum td_hours_answer td_hours_open(const struct td_hours *h, uint32_t schedule)
{
    return schedule < TD_HOURS_SCHEDULES && h->rows[schedule].users
               ? (enum td_hours_answer)h->rows[schedule].open
               : TD_HOURS_UNKNOWN;
}
