/* strat/bar_feed.c - bars as columns, and a set of indicators over them. */
#include "strat/bar_feed.h"

#include <math.h>
#include <string.h>

#define ASKS_MAX 16

double td_feed_price(td_px px)
{
    const double v = td_px_is_none(px) ? (double)NAN : td_e9_to_double(px.e9);
    return v > 0 && v <= TD_FEED_PX_MAX ? v : (double)NAN;
}

bool td_feed_bar(const struct td_event *event, double *out)
{
    const struct td_bar *b = &event->bar;
    if (event->kind != TD_EV_BAR)
        return false;
    const double open = td_feed_price(b->open), high = td_feed_price(b->high);
    const double low = td_feed_price(b->low), close = td_feed_price(b->close);
    const double volume = td_qty_is_none(b->volume) ? 0 : td_e9_to_double(b->volume.e9);
    const bool inside = open <= high && close <= high && open >= low && close >= low;
    if (!inside || !(volume >= 0))
        return false;
    out[TD_FEED_OPEN] = open;
    out[TD_FEED_HIGH] = high;
    out[TD_FEED_LOW] = low;
    out[TD_FEED_CLOSE] = close;
    out[TD_FEED_VOLUME] = volume;
    return true;
}

bool td_feed_range(const struct td_event *event, double *low, double *high)
{
    double bar[TD_FEED_COLUMNS];
    if (td_feed_bar(event, bar)) {
        *low = bar[TD_FEED_LOW];
        *high = bar[TD_FEED_HIGH];
        return true;
    }
    if (event->kind != TD_EV_TRADE || isnan(td_feed_price(event->trade.px)))
        return false;
    *low = *high = td_feed_price(event->trade.px);
    return true;
}

td_ns td_feed_time(const struct td_event *event)
{
    const td_ns at = event->venue_ns ? event->venue_ns : event->recv_ns;
    return event->kind == TD_EV_BAR && event->venue_ns ? at + event->bar.span : at;
}

static uint8_t column_of(const char *input, uint8_t otherwise)
{
    static const char *const names[] = {"open", "high", "low", "close", "volume"};
    for (uint8_t i = 0; i < TD_COUNT(names); i++)
        if (strcmp(input, names[i]) == 0)
            return i;
    return otherwise;
}

static void fill_ask(const struct td_feed_ask *from, struct td_ind_ask *to)
{
    to->row = td_indicator_find(td_str_of(from->row));
    TD_REQUIRE(to->row != NULL);
    td_indicator_presets(to->row, to->params);
    for (size_t i = 0; i < TD_COUNT(from->params); i++)
        if (from->params[i] != 0)
            to->params[i] = from->params[i];
    for (int32_t i = 0; i < td_indicator_inputs(to->row); i++)
        to->column[i] = column_of(to->row->inputs[i], from->column);
}

enum td_err td_feed_begin(const struct td_feed_ask *asks, size_t n, void *memory, size_t cap,
                          struct td_fail *why)
{
    struct td_ind_ask full[ASKS_MAX] = {0};
    size_t bytes;
    TD_REQUIRE(n > 0 && n <= ASKS_MAX);
    for (size_t i = 0; i < n; i++) {
        fill_ask(&asks[i], &full[i]);
        const enum td_err err = td_indicator_check(full[i].row, full[i].params, why);
        if (err)
            return err;
    }
    const enum td_err err = td_ind_set_size(full, n, &bytes, why);
    if (err)
        return err;
    if (bytes > cap)
        return td_fail_set(why, TD_ERANGE, "periods need %zu bytes of state; %zu are there", bytes,
                           cap);
    (void)td_ind_set_init(full, n, memory);
    return TD_OK;
}

void td_feed_step(void *memory, const double *bar)
{
    struct td_ind_set *set = memory;
    TD_REQUIRE(td_ind_set_step(set, bar) == TD_OK); /* td_feed_bar let finite ones pass */
}

double td_feed_value(const void *memory, size_t ask, int output)
{
    const struct td_ind_set *set = memory;
    return td_ind_set_value(set, ask, output);
}

double td_feed_rsi(const void *memory, size_t ask)
{
    return 50 + td_feed_value(memory, ask, 0) / 2;
}
