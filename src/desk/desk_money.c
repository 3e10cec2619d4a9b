/* desk/desk_money.c - round trips, the curve of equity, bills against what was expected, and the kill switch. */
#include "desk/desk_inner.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "signal/indicator.h"

#define FEE_TOLERANCE (TD_E9 / 20) /* and a tenth of what was expected */

/* --- opening --- */

static enum td_err open_bars(struct td_desk *d, uint32_t lines, struct td_fail *why)
{
    double params[TD_IND_PARAMS_MAX];
    const struct td_indicator *row = td_indicator_find(td_str_of("ATR"));
    TD_REQUIRE(row != NULL);
    td_indicator_presets(row, params);
    const size_t stride = (td_indicator_state_size(row, params) + 15) / 16 * 16;
    d->money.bars = calloc(lines, sizeof *d->money.bars + stride + 16);
    if (!d->money.bars)
        return td_fail_set(why, TD_ENOMEM, "no memory for the bars of %u symbols", lines);
    const size_t head = (lines * sizeof *d->money.bars + 15) / 16 * 16;
    for (uint32_t i = 0; i < lines; i++) {
        d->money.bars[i].atr = (double)NAN;
        d->money.bars[i].atr_state = (uint8_t *)d->money.bars + head + i * stride;
        td_indicator_init(row, params, d->money.bars[i].atr_state);
    }
    return TD_OK;
}

static struct td_kill_values kill_limits(const struct td_settings *s)
{
    return (struct td_kill_values){{[TD_KILL_DAY_LOSS] = s->kill_day_loss_e9,
                                    [TD_KILL_POSITION_LOSS] = s->kill_position_loss_e9,
                                    [TD_KILL_LOSING_STREAK] = s->kill_losses,
                                    [TD_KILL_DRAWDOWN] = s->kill_drawdown_e9,
                                    [TD_KILL_BAD_DATA] = s->kill_bad_data}};
}

void desk_money_settings(struct td_desk *d)
{
    d->money.kill.limits = kill_limits(d->config.settings);
}

enum td_err desk_open_money(struct td_desk *d, struct td_fail *why)
{
    const struct td_kill_values limits = kill_limits(d->config.settings);
    const uint32_t executions = d->blotter.max.executions_max;
    const uint32_t lines = d->config.symbol_count > 0 ? (uint32_t)d->config.symbol_count : 1;
    struct td_arena arena;
    td_kill_init(&d->money.kill, &limits);
    d->money.dirty = true;
    d->money.billed = d->money.expected = TD_CASH(0);
    d->money.memory = malloc(td_trips_bytes(executions));
    if (!d->money.memory)
        return td_fail_set(why, TD_ENOMEM, "no memory for the round trips");
    td_arena_init(&arena, d->money.memory, td_trips_bytes(executions));
    const enum td_err err = td_trips_open(&d->money.trips, executions, &arena);
    return err ? td_fail_set(why, err, "no memory for the round trips") : open_bars(d, lines, why);
}

void desk_close_money(struct td_desk *d)
{
    free(d->money.memory);
    free(d->money.bars);
}

/* --- trips and equity --- */

const struct td_trips *desk_trips(struct td_desk *d)
{
    struct td_trip_sum sum;
    if (!d->money.dirty)
        return &d->money.trips;
    if (td_trips_build(&d->money.trips, &d->blotter) != TD_OK)
        td_logf(d->log, TD_LOG_ERROR, TD_LOG_TRADING, "trips", "an amount does not fit");
    td_trips_sum(&d->money.trips, &d->blotter, NULL, &sum);
    d->money.losses_in_row = sum.losses_in_row;
    d->money.dirty = false;
    return &d->money.trips;
}

td_cash desk_capital(const struct td_desk *d)
{
    return td_cash_is_none(d->equity) ? (td_cash){d->config.settings->default_cash_e9} : d->equity;
}

/* What all that was ever earned makes of DEFAULT_CASH, while the account does not tell; unset without a mark. */
static td_cash equity_now(const struct td_desk *d, const td_px *marks)
{
    int64_t sum = d->config.settings->default_cash_e9;
    if (!td_cash_is_none(d->equity))
        return d->equity;
    for (uint32_t i = 0; i < d->blotter.holding_count; i++) {
        const struct td_blotter_holding *h = &d->blotter.holdings[i];
        td_cash net;
        if (td_holding_net(&h->now, marks[i], h->multiplier, &net) != TD_OK ||
            td_e9_add(sum, net.e9, &sum) != TD_OK)
            return TD_CASH_NONE;
    }
    return (td_cash){sum};
}

static td_cash worst_position(const struct td_desk *d, const td_px *marks)
{
    td_cash worst = TD_CASH(0);
    for (uint32_t i = 0; i < d->blotter.holding_count; i++) {
        const struct td_blotter_holding *h = &d->blotter.holdings[i];
        td_cash profit;
        if (td_holding_unrealized(&h->now, marks[i], h->multiplier, &profit) == TD_OK &&
            profit.e9 < worst.e9)
            worst = profit;
    }
    return worst;
}

/* --- the kill switch --- */

static void read_values(struct td_desk *d, struct td_kill_values *out)
{
    td_px marks[TD_LINES_MAX];
    td_cash pnl = TD_CASH_NONE;
    desk_marks(d, marks);
    for (uint32_t h = 0; h < d->blotter.holding_count; h++) {
        uint32_t line;
        if (desk_line_of(d, d->blotter.holdings[h].symbol, &line) && d->data.absurd[line])
            marks[h] = TD_PX_NONE; /* nothing is judged by an absurd price */
    }
    if (td_blotter_day_pnl(&d->blotter, marks, &pnl) != TD_OK)
        pnl = TD_CASH_NONE;
    const td_cash capital = desk_capital(d);
    (void)desk_trips(d);
    if (d->blotter.day != INT64_MIN)
        td_equity_note(&d->money.curve, d->blotter.day, equity_now(d, marks));
    const bool bad_data = td_breaker_state_at(&d->breakers.rows[BREAKER_DATA],
                                              td_world_mono(d->world)) == TD_BREAKER_OPEN;
    *out = (struct td_kill_values){
        {[TD_KILL_DAY_LOSS] = td_kill_part(pnl, capital),
         [TD_KILL_POSITION_LOSS] = td_kill_part(worst_position(d, marks), capital),
         [TD_KILL_LOSING_STREAK] = d->money.losses_in_row,
         [TD_KILL_DRAWDOWN] = d->money.curve.count ? d->money.curve.drawdown_e9 : TD_E9_NONE,
         [TD_KILL_BAD_DATA] = bad_data}};
}

void desk_look_at_money(struct td_desk *d)
{
    char reason[160];
    struct td_text t;
    read_values(d, &d->money.values);
    td_text_init(&t, reason, sizeof reason);
    if (!d->blotter.halted && td_kill_look(&d->money.kill, &d->money.values, &t) != TD_KILL_NONE)
        desk_halt(d, reason);
}

void desk_money_resumed(struct td_desk *d)
{
    read_values(d, &d->money.values);
    td_kill_resumed(&d->money.kill, &d->money.values);
}

/* --- fees --- */

/* All executions of the order have their fee; how many there are is in the blotter's table only. */
static bool is_billed(const struct td_desk *d, const struct td_order *o)
{
    if (o->state != TD_OS_FILLED || td_cash_is_none(o->fees))
        return false;
    for (uint32_t i = d->blotter.execution_count; i-- > 0;)
        if (d->blotter.executions[i].order == o->key && !d->blotter.executions[i].has_fee &&
            d->blotter.executions[i].qty.e9 > 0)
            return false;
    return true;
}

static bool expect(const struct td_desk *d, const struct td_order *o, td_cash *out)
{
    uint32_t line;
    struct td_fee_bill bill;
    if (!desk_line_of(d, o->symbol, &line))
        return false;
    const struct td_instrument *inst = &d->market.lines[line].inst;
    const bool tiered = strcmp(d->config.settings->fee_plan, "tiered") == 0;
    struct td_fee_ask ask = {.plan = tiered ? TD_FEE_TIERED : TD_FEE_FIXED,
                             .sec_type = d->market.lines[line].sec_type,
                             .product = inst->trading_class[0] ? inst->trading_class : o->symbol,
                             .day = d->blotter.day,
                             .sells = o->action == TD_SELL,
                             .takes = (td_order_type_needs(o->type) & TD_AT_MARKET) != 0,
                             .qty = o->filled};
    if (td_e9_mul(o->paid.e9, inst->multiplier.e9, &ask.value.e9) != TD_OK ||
        td_fee_expect(&ask, &bill) != TD_OK)
        return false;
    *out = bill.total;
    return true;
}

void desk_compare_fee(struct td_desk *d, const char *exec_id)
{
    const struct td_order *o = NULL;
    td_cash expected;
    for (uint32_t i = d->blotter.execution_count; i-- > 0 && !o;)
        if (strcmp(d->blotter.executions[i].exec_id, exec_id) == 0)
            o = td_blotter_order(&d->blotter, d->blotter.executions[i].order);
    if (!o || o->foreign || !is_billed(d, o) || !expect(d, o, &expected))
        return;
    const int64_t away =
        o->fees.e9 > expected.e9 ? o->fees.e9 - expected.e9 : expected.e9 - o->fees.e9;
    d->money.compared++;
    if (td_cash_add(d->money.billed, o->fees, &d->money.billed) != TD_OK ||
        td_cash_add(d->money.expected, expected, &d->money.expected) != TD_OK)
        d->money.billed = d->money.expected = TD_CASH_NONE;
    if (away <= FEE_TOLERANCE || away <= expected.e9 / 10)
        return;
    char billed[TD_E9_CHARS], table[TD_E9_CHARS];
    (void)td_e9_print(o->fees.e9, billed);
    (void)td_e9_print(expected.e9, table);
    d->money.differed++;
    td_logf(d->log, TD_LOG_WARN, TD_LOG_TRADING, "fee_differs", "%s %s: billed %s, expected %s",
            o->symbol, o->ref, billed, table);
}
