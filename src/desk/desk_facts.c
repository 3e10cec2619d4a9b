/* desk/desk_facts.c - gathers what the risk gate asks for, at the moment of the decision. */
#include "desk/desk_inner.h"
#include "desk/window.h"

#define NEAR_WINDOW (2 * TD_MIN) /* no order that close before one */

static enum td_fact fact(bool yes)
{
    return yes ? TD_FACT_YES : TD_FACT_NO;
}

td_ns desk_market_time(const struct td_desk *d)
{
    return d->config.clock == TD_CLOCK_WALL ? td_world_now(d->world) : d->gateway_time;
}

static enum td_fact market_fact(const struct td_desk *d, uint32_t index)
{
    switch ((enum td_pause_state)d->market.lines[index].pause.state) {
    case TD_PAUSE_PAUSED:
        return TD_FACT_NO;
    case TD_PAUSE_DOUBTFUL: /* it has ended, and the quote is still that of before */
        return TD_FACT_UNKNOWN;
    case TD_PAUSE_TRADING:
        break;
    }
    switch (td_market_open(&d->market, index)) {
    case TD_HOURS_OPEN:
        return TD_FACT_YES;
    case TD_HOURS_CLOSED:
        return fact(d->config.settings->outside_rth);
    case TD_HOURS_UNKNOWN:
        break;
    }
    return TD_FACT_UNKNOWN;
}

static bool is_listed(const struct td_opt_list *list, const char *symbol)
{
    for (int32_t i = 0; i < list->count; i++)
        if (strcmp(td_market_symbol(list->items[i]), symbol) == 0)
            return true;
    return false;
}

td_px desk_mark_of(const struct td_line *line)
{
    const struct td_quote *q = &line->quote;
    const bool two_sided = !td_px_is_none(q->bid) && !td_px_is_none(q->ask);
    return two_sided ? (td_px){q->bid.e9 / 2 + q->ask.e9 / 2} : line->last;
}

/* Holdings keep their rows, so where it was is looked at first. */
static bool line_of_holding(struct td_desk *d, uint32_t h, uint32_t *line)
{
    const char *symbol = d->blotter.holdings[h].symbol;
    *line = d->holding_line[h];
    if (*line < d->market.count && strcmp(d->market.lines[*line].symbol, symbol) == 0)
        return true;
    if (!desk_line_of(d, symbol, line))
        return false;
    d->holding_line[h] = *line;
    return true;
}

void desk_marks(struct td_desk *d, td_px *marks)
{
    for (uint32_t h = 0; h < d->blotter.holding_count; h++) {
        uint32_t line;
        marks[h] = line_of_holding(d, h, &line) ? desk_mark_of(&d->market.lines[line]) : TD_PX_NONE;
    }
}

static enum td_fact book_fact(const struct td_desk *d, uint32_t index)
{
    const uint32_t bad = TD_Q_GAP | TD_Q_CROSSED | TD_Q_DISORDER | TD_Q_EMPTY;
    if (!d->config.depth_rows)
        return TD_FACT_YES;
    return fact((td_book_quality(&d->market.lines[index].book, 0, 0) & bad) == 0);
}

/* |position| x price x multiplier of a holding; unset when a price is missing. */
static td_cash value_of(const struct td_blotter_holding *h, td_px mark)
{
    const int64_t held = h->now.qty.e9 < 0 ? -h->now.qty.e9 : h->now.qty.e9;
    td_qty units;
    td_cash value;
    if (held == 0)
        return TD_CASH(0);
    if (td_e9_mul(held, h->multiplier.e9, &units.e9) != TD_OK ||
        td_notional(mark, units, &value) != TD_OK)
        return TD_CASH_NONE;
    return value;
}

/* What all positions together are worth, and how many there are. */
static void exposure_facts(const struct td_desk *d, uint32_t holding, const td_px *marks,
                           struct td_gate_facts *out)
{
    int64_t gross = 0;
    out->symbol_value = TD_CASH(0);
    for (uint32_t i = 0; i < d->blotter.holding_count; i++) {
        const struct td_blotter_holding *h = &d->blotter.holdings[i];
        const td_cash value = value_of(h, marks[i]);
        out->open_positions += h->now.qty.e9 != 0 || h->open_orders > 0 || h->working_buy.e9 > 0 ||
                               h->working_sell.e9 > 0;
        if (i == holding)
            out->symbol_value = value;
        if (gross != TD_E9_NONE && td_e9_add(gross, value.e9, &gross) != TD_OK)
            gross = TD_E9_NONE;
    }
    out->gross_value = (td_cash){gross};
}

static void position_facts(struct td_desk *d, uint32_t index, struct td_gate_facts *out)
{
    uint32_t holding = UINT32_MAX;
    td_px marks[TD_LINES_MAX];
    out->own_bid = out->own_ask = TD_PX_NONE;
    out->not_frozen = out->not_reduce_only = out->orders_known = TD_FACT_YES;
    if (td_blotter_holding(&d->blotter, d->market.lines[index].symbol, &holding)) {
        const struct td_blotter_holding *h = &d->blotter.holdings[holding];
        out->position = h->now.qty;
        out->working_buy = h->working_buy;
        out->working_sell = h->working_sell;
        out->open_orders = h->open_orders;
        out->not_frozen = fact(h->freeze != TD_FREEZE_ALL);
        out->not_reduce_only = fact(h->freeze == TD_FREEZE_NONE);
        out->orders_known = fact(h->unknown_orders == 0);
        td_blotter_own_prices(&d->blotter, holding, &out->own_bid, &out->own_ask);
    }
    desk_marks(d, marks);
    exposure_facts(d, holding, marks, out);
    out->day_pnl = TD_CASH_NONE;
    if (td_blotter_day_pnl(&d->blotter, marks, &out->day_pnl) != TD_OK)
        out->day_pnl = TD_CASH_NONE; /* not known: the loss gate stays closed */
}

/* Windows begin and end on whole seconds: one answer holds for a second of the market. */
static enum td_fact window_fact(struct td_desk *d, td_ns market_time)
{
    if (!d->new_york.types || !market_time)
        return TD_FACT_UNKNOWN;
    if (d->window_second != market_time / TD_SEC) {
        d->window_second = market_time / TD_SEC;
        d->window_clear = !td_windows_inside(&d->windows, &d->new_york, market_time) &&
                          !td_windows_inside(&d->windows, &d->new_york, market_time + NEAR_WINDOW);
    }
    return fact(d->window_clear);
}

/* What costs much to know is asked for only when a limit looks at it. */
static bool is_limited(const struct td_desk *d, enum td_limit limit)
{
    return d->limits.value[limit] != TD_LIMIT_OFF;
}

void desk_facts(struct td_desk *d, uint32_t index, struct td_gate_facts *out)
{
    const struct td_settings *s = d->config.settings;
    const struct td_line *line = &d->market.lines[index];
    const td_ns market_time = desk_market_time(d);
    memset(out, 0, sizeof *out);
    out->now = td_world_now(d->world);
    out->mono = td_world_mono(d->world);
    out->inst = index;
    out->allow_orders = fact(s->allow_orders);
    out->dry_run_off = fact(!s->dry_run);
    out->order_exec = fact(s->order_exec);
    out->mode_agrees = fact(d->mode_agrees);
    out->live_confirmed = fact(!d->config.plan->live || d->live_confirmed);
    out->journal_ok = fact(td_writer_journal_error(d->writer) == TD_OK && d->order_errors == 0);
    out->session_ready = fact(desk_may_order(d));
    out->outside_window = window_fact(d, market_time);
    out->qualified = fact(line->state == TD_LINE_LIVE && line->inst.conid != 0);
    out->clock_ok = desk_clock_fact(d);
    out->not_halted = fact(!d->blotter.halted && !d->switch_seen && !desk_reload_holds(d));
    out->disk_ok = fact(d->disk_ok);
    /* An empty allow-list means the symbols of the command, and this is one. */
    out->symbol_allowed = fact(!s->allowlist.count || is_listed(&s->allowlist, line->symbol));
    out->not_restricted = fact(!is_listed(&s->restricted, line->symbol));
    out->strategy_on = TD_FACT_YES;
    out->breaker_closed = desk_breaker_fact(d, out->mono);
    out->data_valid = desk_data_fact(d, index, out->now);
    out->not_expiring = fact(td_market_may_enter(&d->market, index));
    out->market_open = market_fact(d, index);
    out->quote_live = fact(!line->quote_delayed && !td_market_stale(&d->market, index));
    out->book_ok = book_fact(d, index);
    out->quote = line->quote;
    out->quote_recv_ns = line->quote_recv_ns;
    out->ticks = &line->ticks;
    out->multiplier = line->inst.multiplier;
    out->trades_today = d->blotter.orders_today;
    out->day_value = d->blotter.value_today;
    out->equity = desk_capital(d);
    out->sector_value = out->market_cap = TD_CASH_NONE;
    out->correlation_e9 =
        is_limited(d, TD_LIMIT_CORRELATION) ? desk_correlation(d, index) : TD_E9_NONE;
    out->heat_e9 = is_limited(d, TD_LIMIT_HEAT) ? desk_heat(d, index) : TD_E9_NONE;
    out->day_volume = TD_QTY_NONE;
    out->day_trades_left = d->day_trades_left;
    position_facts(d, index, out);
}
