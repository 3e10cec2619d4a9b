/* desk/desk_recent.c - what the gates count: the orders of the last minute after a start, and the day (trade/today.h). */
#include "desk/desk_inner.h"
#include "trade/today.h"

static bool line_of(const void *arg, const char *symbol, uint32_t *line)
{
    return desk_line_of(arg, symbol, line);
}

/* A process that ends and is started again within the minute is the same trader: its orders still count. */
void desk_recall_recent(struct td_desk *d)
{
    if (d->days.recalled || desk_clock_fact(d) != TD_FACT_YES)
        return;
    d->days.recalled = true;
    td_recent_recall(&d->recent, &d->blotter, line_of, d, td_world_now(d->world),
                     td_world_mono(d->world));
}

/* Unrealized profit that is carried into a day. False: a held symbol has no mark yet. */
static bool carried(struct td_desk *d, td_cash *out)
{
    td_px marks[TD_LINES_MAX];
    desk_marks(d, marks);
    *out = TD_CASH(0);
    for (uint32_t h = 0; h < d->blotter.holding_count; h++) {
        const struct td_blotter_holding *held = &d->blotter.holdings[h];
        td_cash unrealized;
        if (td_holding_unrealized(&held->now, marks[h], held->multiplier, &unrealized) != TD_OK ||
            td_cash_add(*out, unrealized, out) != TD_OK)
            return false;
    }
    return true;
}

/* In every turn, before anything is decided: an order after midnight is none of the day before. */
void desk_begin_day(struct td_desk *d)
{
    const td_ns now = desk_market_time(d);
    const bool looking = d->sync != SYNC_OFF && d->sync != SYNC_DONE && d->sync != SYNC_READ_ONLY;
    if (!now || (now >= d->days.from && now < d->days.until))
        return;
    const int64_t day = td_tz_day(&d->new_york, now);
    struct td_record r;
    td_record_init(&r, TD_REC_DAY, td_world_now(d->world));
    r.number = day;
    if (day != d->blotter.day) {
        /* A new day may drop rows of orders, which a look counts by. */
        if (looking ||
            !td_today_begins(&d->blotter, day, desk_clock_fact(d),
                             d->config.clock == TD_CLOCK_GATEWAY) ||
            !carried(d, &r.cash) || desk_fact(d, &r) != TD_OK)
            return;
    }
    d->days.from = td_tz_at(&d->new_york, day, 0, 0, 0);
    d->days.until = td_tz_at(&d->new_york, day + 1, 0, 0, 0);
}
