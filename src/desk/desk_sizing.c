/* desk/desk_sizing.c - how much an entry is when its strategy leaves that to the desk, and what of the book is at risk.
 *
 * The bars of each line feed its average true range and its returns. A size asks for both, for the strategy's own last
 * trades, and for what the limits leave: a size they would refuse anyway is cut to them.
 */
#include "desk/desk_inner.h"

#include <math.h>
#include <stdio.h>

#include "signal/indicator.h"
#include "signal/running_stats.h"

#define RETURNS_LEAST 30           /* fewer in common say nothing */
#define STOP_FAR      (TD_E9 / 10) /* a stop farther away is not counted as one */
#define RISK_PRESET   (TD_E9 / 50) /* of the price, without stop and range */

/* --- bars --- */

void desk_take_bar(struct td_desk *d, uint32_t line, const struct td_event *event)
{
    struct desk_bars *b = &d->money.bars[line];
    const struct td_indicator *row = td_indicator_find(td_str_of("ATR"));
    const struct td_bar *bar = &event->bar;
    const double in[3] = {td_e9_to_double(bar->high.e9), td_e9_to_double(bar->low.e9),
                          td_e9_to_double(bar->close.e9)};
    double atr;
    if (b->count && event->venue_ns <= b->at[(b->count - 1) % DESK_RETURNS])
        return; /* told again after a reconnect */
    if (td_indicator_step(row, b->atr_state, in, &atr) == TD_OK)
        b->atr = atr;
    if (b->close > 0 && in[2] > 0) {
        b->change[b->count % DESK_RETURNS] = log(in[2] / b->close);
        b->at[b->count++ % DESK_RETURNS] = event->venue_ns;
    }
    b->close = in[2];
}

/* Returns of bars that both lines have; NaN when they are too few. */
static double together(const struct desk_bars *a, const struct desk_bars *b)
{
    struct td_pairs p = {0};
    uint32_t i = a->count > DESK_RETURNS ? a->count - DESK_RETURNS : 0;
    uint32_t k = b->count > DESK_RETURNS ? b->count - DESK_RETURNS : 0;
    while (i < a->count && k < b->count) {
        const uint32_t x = i % DESK_RETURNS, y = k % DESK_RETURNS;
        if (a->at[x] == b->at[y])
            td_pairs_add(&p, a->change[x], b->change[y]);
        i += a->at[x] <= b->at[y];
        k += b->at[y] <= a->at[x];
    }
    return p.n < RETURNS_LEAST ? (double)NAN : td_pairs_correlation(&p);
}

int64_t desk_correlation(const struct td_desk *d, uint32_t line)
{
    int64_t highest = 0, one;
    for (uint32_t h = 0; h < d->blotter.holding_count; h++) {
        uint32_t other;
        if (d->blotter.holdings[h].now.qty.e9 == 0)
            continue;
        if (!desk_line_of(d, d->blotter.holdings[h].symbol, &other))
            return TD_E9_NONE;
        if (other == line)
            continue;
        if (td_e9_from_double(together(&d->money.bars[line], &d->money.bars[other]), &one) !=
                TD_OK ||
            one == TD_E9_NONE)
            return TD_E9_NONE;
        highest = one > highest ? one : highest;
    }
    return highest;
}

/* --- heat --- */

/* What a unit of it may lose, as a part of its price: to its stop, else two ranges, else 2 %. */
static int64_t risk_part(const struct td_desk *d, uint32_t line, td_px mark, td_px stop)
{
    const double atr = d->money.bars[line].atr;
    int64_t away, range, part;
    if (td_px_is_none(mark) || mark.e9 <= 0)
        return TD_E9_NONE;
    away = stop.e9 > mark.e9 ? stop.e9 - mark.e9 : mark.e9 - stop.e9;
    if (!td_px_is_none(stop) && td_e9_div(away, mark.e9, &part) == TD_OK && part <= STOP_FAR)
        return part;
    if (!isnan(atr) && td_e9_from_double(2 * atr, &range) == TD_OK && range != TD_E9_NONE &&
        td_e9_div(range, mark.e9, &part) == TD_OK)
        return part;
    return RISK_PRESET;
}

/* Adds |position| x mark x multiplier, and the part of it at risk. */
static bool add_heat(const struct td_desk *d, const struct td_blotter_holding *h, uint32_t line,
                     int64_t *value, int64_t *risk)
{
    const td_px mark = desk_good_mark(d, line);
    const td_px stop = h->guard.qty.e9 > 0 ? h->guard.stop : TD_PX_NONE;
    const int64_t part = risk_part(d, line, mark, stop);
    const int64_t held = h->now.qty.e9 < 0 ? -h->now.qty.e9 : h->now.qty.e9;
    td_qty units;
    td_cash worth;
    int64_t at_risk;
    return part != TD_E9_NONE && td_e9_mul(held, h->multiplier.e9, &units.e9) == TD_OK &&
           td_notional(mark, units, &worth) == TD_OK &&
           td_e9_mul(worth.e9, part, &at_risk) == TD_OK &&
           td_e9_add(*value, worth.e9, value) == TD_OK && td_e9_add(*risk, at_risk, risk) == TD_OK;
}

/* With this line's order the heat lies between what it is and the line's own: the higher is told. */
int64_t desk_heat(const struct td_desk *d, uint32_t line)
{
    int64_t value = 0, risk = 0, now = 0;
    const int64_t own = risk_part(d, line, desk_good_mark(d, line), TD_PX_NONE);
    for (uint32_t i = 0; i < d->blotter.holding_count; i++) {
        const struct td_blotter_holding *h = &d->blotter.holdings[i];
        uint32_t at;
        if (h->now.qty.e9 == 0)
            continue;
        if (!desk_line_of(d, h->symbol, &at) || !add_heat(d, h, at, &value, &risk))
            return TD_E9_NONE;
    }
    if (own == TD_E9_NONE || (value && td_e9_div(risk, value, &now) != TD_OK))
        return TD_E9_NONE;
    return now > own ? now : own;
}

/* --- sizes --- */

static td_cash less(int64_t limit, int64_t used)
{
    td_cash rest;
    return limit == TD_LIMIT_OFF || td_e9_sub(limit, used, &rest.e9) != TD_OK ? TD_CASH_NONE : rest;
}

static void cut(int64_t *most, int64_t limit)
{
    if (limit != TD_E9_NONE && (*most == TD_E9_NONE || limit < *most))
        *most = limit;
}

/* What the limits leave for one more order. */
static void read_limits(const struct td_desk *d, const struct td_gate_facts *g, bool buys,
                        struct td_sizing_facts *f)
{
    const int64_t *limit = d->limits.value;
    const int64_t after =
        buys ? g->position.e9 + g->working_buy.e9 : -g->position.e9 + g->working_sell.e9;
    int64_t part;
    cut(&f->units_max.e9, limit[TD_LIMIT_ORDER_SIZE]);
    cut(&f->units_max.e9, less(limit[TD_LIMIT_POSITION], after).e9);
    cut(&f->value_max.e9, limit[TD_LIMIT_ORDER_VALUE]);
    cut(&f->value_max.e9, less(limit[TD_LIMIT_DAY_VALUE], g->day_value.e9).e9);
    if (td_e9_mul(limit[TD_LIMIT_SYMBOL_EXPOSURE], g->equity.e9, &part) == TD_OK)
        cut(&f->value_max.e9, less(part, g->symbol_value.e9).e9);
    if (td_e9_mul(limit[TD_LIMIT_LEVERAGE], g->equity.e9, &part) == TD_OK)
        cut(&f->value_max.e9, less(part, g->gross_value.e9).e9);
}

static td_px price_of(const struct td_line *line, const struct td_intent *i)
{
    if (!td_px_is_none(i->limit))
        return i->limit;
    return i->action == TD_BUY ? line->quote.ask : line->quote.bid;
}

/* The distance the strategy gives stands for two ranges. */
static td_px range_of(const struct td_desk *d, uint32_t line, const struct td_intent *i)
{
    td_px atr = TD_PX_NONE;
    if (!td_px_is_none(i->risk) && i->risk.e9 > 0)
        return (td_px){i->risk.e9 / 2};
    if (td_e9_from_double(d->money.bars[line].atr, &atr.e9) != TD_OK)
        return TD_PX_NONE;
    return atr;
}

static struct td_sizing_record trades_of(struct td_desk *d, const char *strategy)
{
    struct td_trip_sum sum;
    const struct td_trip_choice choice = {.strategy = strategy, .last = TD_SIZING_TRADES_LAST};
    td_trips_sum(desk_trips(d), &d->blotter, &choice, &sum);
    return td_trips_record(&sum);
}

bool desk_size(struct td_desk *d, uint32_t line, struct td_intent *intent, char *text)
{
    struct td_gate_facts g;
    struct td_sizing out;
    enum td_sizing_method method = TD_SIZING_FIXED;
    if (intent->qty.e9 != 0)
        return true;
    (void)td_sizing_find(td_str_of(d->config.settings->sizing), &method);
    desk_facts(d, line, &g);
    struct td_sizing_facts f = {.capital = g.equity,
                                .cash = less(g.equity.e9, g.gross_value.e9),
                                .price = price_of(&d->market.lines[line], intent),
                                .multiplier = g.multiplier,
                                .lot = TD_QTY(1),
                                .atr = range_of(d, line, intent),
                                .fraction_e9 = d->config.settings->max_position_part_e9,
                                .record = trades_of(d, intent->strategy),
                                .strength = intent->strength,
                                .correlation = td_e9_to_double(g.correlation_e9),
                                .holds = g.open_positions > 0,
                                .units_max = TD_QTY_NONE,
                                .value_max = TD_CASH_NONE};
    read_limits(d, &g, intent->action == TD_BUY, &f);
    td_sizing_decide(method, &f, &out);
    intent->qty = out.qty;
    (void)snprintf(text, 128, "FORM: sized to nothing: %s", out.reason);
    td_logf(d->log, TD_LOG_DEBUG, TD_LOG_TRADING, "sized", "%s: %s", d->market.lines[line].symbol,
            out.reason);
    return out.qty.e9 > 0;
}
