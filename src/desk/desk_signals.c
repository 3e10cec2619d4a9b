/* desk/desk_signals.c - signals of models outside: asked, made an intent, and followed to their end.
 *
 * A signal comes as a line, from the file or the control socket. Its rules and limits (trade/mlrisk.h) are asked first,
 * then the gates, as a question; only then it is journaled as VALIDATED, and wanted as a strategy's intent is, with its
 * number as the order's tag. So the journal has a signal before its order, and whatever an order of that tag does is the
 * signal's outcome, also after a restart. A refusal is journaled as REJECTED while the signals of the hour are within their
 * limit; past it, and of an id that is known already, it is counted and told, and nothing is kept of it.
 *
 * NORMAL is a limit at the mark, HIGH a limit at the far end of the tolerance, CRITICAL is at market. What a BUY or SELL
 * opens has a stop at ML_STOP_LOSS_PCT. A CLOSE ends the brackets of its symbol first, as every exit does.
 */
#include <stdio.h>

#include "desk/desk_inner.h"

#define SPACE       0x3ffffffeu /* in place of a strategy's instance: tags of signals are its own */
#define CANCEL_WAIT TD_SEC      /* before a cancel that could not be asked is tried again */
#define FILLS_WAIT  TD_MIN      /* for executions a status told of, after the time is over */

static int64_t tag_of(uint32_t number)
{
    return (int64_t)(SPACE + 1u) << 32 | number;
}

/* --- what is known --- */

static bool is_bracket(const struct td_order *o)
{
    return o->role == TD_ROLE_STOP || o->role == TD_ROLE_TARGET;
}

/* What an order of this side may close, less what closes it already; stops and targets give way. */
static td_qty closable(const struct td_desk *d, uint32_t line, int side)
{
    const char *symbol = d->market.lines[line].symbol;
    uint32_t holding;
    if (!td_blotter_holding(&d->blotter, symbol, &holding) || desk_exit_waits(d, line))
        return TD_QTY(0);
    const int64_t held = d->blotter.holdings[holding].now.qty.e9;
    int64_t rest = side < 0 ? held : -held;
    for (uint32_t i = 0; i < d->blotter.live_count; i++) {
        const struct td_order *o = &d->blotter.orders[d->blotter.live[i]];
        if (o->holding == holding && !is_bracket(o) && (o->action == TD_BUY) == (side > 0))
            rest -= td_order_counted(o).e9;
    }
    return (td_qty){rest > 0 ? rest : 0};
}

static td_cash value_at(td_px mark, td_qty multiplier, int64_t qty)
{
    td_qty units;
    td_cash value;
    if (td_e9_mul(qty < 0 ? -qty : qty, multiplier.e9, &units.e9) != TD_OK ||
        td_notional(mark, units, &value) != TD_OK)
        return TD_CASH_NONE;
    return value;
}

/* What the orders of a strategy made of a holding, and may still: never more than is held and works. */
static int64_t units_of(const struct td_desk *d, uint32_t holding, const char *strategy)
{
    const int64_t held = d->blotter.holdings[holding].now.qty.e9;
    int64_t net = 0, working = 0;
    for (uint32_t i = 0; i < d->blotter.order_count; i++) {
        const struct td_order *o = &d->blotter.orders[i];
        const int sign = o->action == TD_BUY ? 1 : -1;
        if (o->holding != holding || o->foreign || strcmp(o->strategy, strategy) != 0)
            continue;
        net += sign * o->filled.e9;
        working += o->role == TD_ROLE_ENTRY ? td_order_rest(o).e9 : 0;
    }
    if ((net > 0) != (held > 0))
        net = 0;
    const int64_t most = held < 0 ? -held : held, own = net < 0 ? -net : net;
    return (own < most ? own : most) + working;
}

/* Value of all that a strategy holds and wants; unset when a price is not known. */
static td_cash strategy_value(struct td_desk *d, const char *strategy)
{
    td_px marks[TD_LINES_MAX];
    td_cash sum = TD_CASH(0);
    desk_marks(d, marks);
    for (uint32_t h = 0; h < d->blotter.holding_count; h++) {
        const int64_t units = units_of(d, h, strategy);
        if (units && td_cash_add(sum, value_at(marks[h], d->blotter.holdings[h].multiplier, units),
                                 &sum) != TD_OK)
            return TD_CASH_NONE;
    }
    return sum;
}

static td_cash position_pnl(const struct td_desk *d, uint32_t line, td_px mark)
{
    uint32_t holding;
    td_cash pnl;
    if (!td_blotter_holding(&d->blotter, d->market.lines[line].symbol, &holding))
        return TD_CASH(0);
    const struct td_blotter_holding *h = &d->blotter.holdings[holding];
    return td_holding_unrealized(&h->now, mark, h->multiplier, &pnl) == TD_OK ? pnl : TD_CASH_NONE;
}

static uint32_t signals_since(const struct td_desk *d, td_ns since)
{
    const uint32_t kept = td_blotter_signals(&d->blotter);
    uint32_t n = 0;
    for (uint32_t i = 0; i < kept; i++)
        n += d->blotter.signals[i].received > since;
    return n;
}

static void market_facts(struct td_desk *d, uint32_t line, const struct td_mlsignal *s,
                         struct td_mlfacts *out)
{
    struct td_gate_facts g;
    desk_refresh_leg(d, d->market.lines[line].symbol); /* exits go by it */
    desk_facts(d, line, &g);
    out->mark = desk_good_mark(d, line);
    out->multiplier = g.multiplier;
    out->closable = closable(d, line, td_mlsignal_side((enum td_mlsignal_type)s->type));
    out->equity = g.equity;
    out->gross = g.gross_value;
    out->symbol_value = g.symbol_value;
    out->strategy_value = strategy_value(d, s->strategy);
    out->day_pnl = g.day_pnl;
    out->position_pnl = position_pnl(d, line, out->mark);
    out->correlation_e9 = g.correlation_e9;
    out->units_max.e9 = d->limits.value[TD_LIMIT_ORDER_SIZE];
    out->value_max.e9 = d->limits.value[TD_LIMIT_ORDER_VALUE];
}

static void gather(struct td_desk *d, const struct td_mlsignal *s, struct td_mlfacts *out,
                   uint32_t *line)
{
    const int64_t score = d->config.settings->ml_score_e9;
    *out = (struct td_mlfacts){.now = td_world_now(d->world),
                               .open = d->signals.open_count,
                               .mark = TD_PX_NONE,
                               .multiplier = TD_QTY_NONE,
                               .equity = TD_CASH_NONE,
                               .gross = TD_CASH_NONE,
                               .symbol_value = TD_CASH_NONE,
                               .sector_value = TD_CASH_NONE,
                               .strategy_value = TD_CASH_NONE,
                               .day_pnl = TD_CASH_NONE,
                               .position_pnl = TD_CASH_NONE,
                               .correlation_e9 = TD_E9_NONE,
                               .score_e9 = score ? score : TD_E9_NONE,
                               .units_max = TD_QTY_NONE,
                               .value_max = TD_CASH_NONE};
    out->seen = td_blotter_signal_of(&d->blotter, s->id) != NULL;
    out->signals = signals_since(d, out->now - TD_HOUR);
    out->here = desk_line_of(d, td_market_symbol(s->symbol), line);
    if (out->here && !out->seen && out->now < s->until) /* else nothing looks at them */
        market_facts(d, *line, s, out);
}

/* --- the intent --- */

/* base x (1 + part), on a price the order may have. */
static td_px price_off(const struct td_desk *d, uint32_t line, td_px base, int64_t part_e9,
                       enum td_action action)
{
    int64_t away;
    td_px px;
    if (td_e9_mul(base.e9, part_e9, &away) != TD_OK || td_e9_add(base.e9, away, &px.e9) != TD_OK ||
        px.e9 <= 0 || td_tick_round(&d->market.lines[line].ticks, px, action, &px) != TD_OK)
        return TD_PX_NONE;
    return px;
}

/* False: no price on the tick grid is known. */
static bool make_intent(struct td_desk *d, uint32_t line, const struct td_mlsignal_row *row,
                        struct td_intent *out)
{
    const struct td_mlsignal *s = &row->told;
    const bool opens = td_mlsignal_opens((enum td_mlsignal_type)s->type);
    const int side = td_mlsignal_side((enum td_mlsignal_type)s->type);
    const enum td_action action = side > 0 ? TD_BUY : TD_SELL;
    const td_px mark = desk_good_mark(d, line);
    const int64_t stop = d->config.settings->ml_stop_e9;
    const int64_t far = s->urgency == TD_MLSIGNAL_HIGH ? side * s->tolerance_e9 : 0;
    /* A close goes by the market, whatever it has done since the signal. */
    const td_px base = far && opens ? row->reference : mark;
    *out = (struct td_intent){.kind = TD_INTENT_ORDER,
                              .tag = row->number,
                              .action = (uint8_t)action,
                              .type = TD_ORDER_MARKET,
                              .exit = !opens,
                              .qty = row->wanted,
                              .limit = TD_PX_NONE,
                              .stop = TD_PX_NONE,
                              .trail = TD_PX_NONE,
                              .target = TD_PX_NONE,
                              .protect = TD_PX_NONE,
                              .reference = row->reference,
                              .risk = TD_PX_NONE,
                              .strength = td_e9_to_double(s->confidence_e9),
                              .decided_ns = td_world_now(d->world)};
    (void)td_str_copy(td_str_of(s->strategy), out->strategy, sizeof out->strategy);
    (void)snprintf(out->reason, sizeof out->reason, "signal %s", s->id);
    if (s->urgency != TD_MLSIGNAL_CRITICAL) {
        out->type = TD_ORDER_LIMIT;
        out->limit = price_off(d, line, base, far, action);
    }
    if (opens && stop)
        out->protect = price_off(d, line, mark, -side * stop, action == TD_BUY ? TD_SELL : TD_BUY);
    return (out->type == TD_ORDER_MARKET || !td_px_is_none(out->limit)) &&
           (!opens || !stop || !td_px_is_none(out->protect));
}

/* Would the gates let it leave now? Nothing is remembered of the question; of an exit the refusal is journaled. */
static bool may_leave(struct td_desk *d, uint32_t line, const struct td_intent *intent,
                      struct td_verdict *out)
{
    struct td_gate_facts facts;
    struct td_recent recent = d->recent;
    if (intent->exit) {
        out->approved = desk_may_exit(d, line, intent);
        (void)snprintf(out->text, sizeof out->text, "%.*s", (int)sizeof out->text - 1,
                       d->result.last_denial);
        return out->approved;
    }
    desk_facts(d, line, &facts);
    td_risk_check(&d->limits, &facts, intent, &recent, out);
    return out->approved;
}

/* --- states --- */

/* A known row in another state, journaled. */
static void change(struct td_desk *d, struct td_mlsignal_row *row, enum td_mlsignal_state state,
                   const char *reason)
{
    struct td_record r;
    row->state = (uint8_t)state;
    row->changed = td_world_now(d->world);
    (void)snprintf(row->reason, sizeof row->reason, "%s", reason);
    td_mlsignal_record(row, &r);
    const enum td_err err = desk_fact(d, &r);
    td_logf(d->log, err || state == TD_MLS_FAILED ? TD_LOG_WARN : TD_LOG_INFO, TD_LOG_TRADING,
            "signal", "%s %s %s: %s%s%s%s", row->told.id, row->told.symbol,
            td_mlsignal_type_word((enum td_mlsignal_type)row->told.type),
            td_mlsignal_state_word(state), *reason ? ", " : "", reason,
            err ? "; it could not be kept" : "");
}

/* Refusals of which nothing is kept: told once a second at most. */
static void pass_over(struct td_desk *d, const char *what, const char *text)
{
    struct desk_signals *s = &d->signals;
    const td_ns mono = td_world_mono(d->world);
    s->passed_over++;
    if (s->told_mono && mono - s->told_mono < TD_SEC) {
        s->untold++;
        return;
    }
    td_logf(d->log, TD_LOG_WARN, TD_LOG_TRADING, "signal_passed_over", "%s: %s; %llu more before",
            what, text, (unsigned long long)s->untold);
    s->told_mono = mono;
    s->untold = 0;
}

static void reject(struct td_desk *d, struct td_mlsignal_row *row, enum td_mlrule rule,
                   const char *text, const struct td_mlfacts *facts)
{
    const int64_t most = d->signals.limits.value[TD_MLLIMIT_SIGNALS];
    row->rule = (uint8_t)rule;
    row->wanted = TD_QTY(0);
    if (rule != TD_MLRULE_DUPLICATE && (int64_t)facts->signals < most) {
        row->number = d->blotter.signal_total + 1;
        change(d, row, TD_MLS_REJECTED, text);
        return;
    }
    row->state = TD_MLS_REJECTED;
    row->number = 0;
    (void)snprintf(row->reason, sizeof row->reason, "%s", text);
    pass_over(d, row->told.id, text);
}

static const struct td_order *order_of(const struct td_desk *d, uint32_t number, uint64_t key)
{
    if (key)
        return td_blotter_order(&d->blotter, key);
    for (uint32_t i = d->blotter.order_count; i-- > 0;)
        if (d->blotter.orders[i].tag == tag_of(number) && !d->blotter.orders[i].foreign)
            return &d->blotter.orders[i];
    return NULL;
}

/* Its order is there, or waits for the brackets to end, or was refused. */
static void follow(struct td_desk *d, uint32_t line, struct td_mlsignal_row *row)
{
    const struct td_order *o = order_of(d, row->number, 0);
    if (o) {
        row->key = o->key;
        row->wanted = o->now.qty;
        change(d, row, TD_MLS_EXECUTING, "");
    } else if (!desk_exit_waits(d, line)) {
        change(d, row, TD_MLS_FAILED, "no order was made of it");
        return;
    }
    d->signals.open[d->signals.open_count++] = row->number;
}

static void carry_out(struct td_desk *d, uint32_t line, struct td_mlsignal_row *row,
                      const struct td_intent *intent)
{
    row->number = d->blotter.signal_total + 1;
    change(d, row, TD_MLS_VALIDATED, "");
    if (!td_blotter_signal(&d->blotter, row->number)) {
        row->state = TD_MLS_FAILED; /* nothing is sent for a signal that is not kept */
        (void)snprintf(row->reason, sizeof row->reason, "the table of signals is full");
    } else if (row->told.type == TD_MLSIGNAL_HOLD) {
        change(d, row, TD_MLS_EXECUTED, "hold: nothing to do");
    } else {
        desk_want(d, SPACE, line, intent);
        follow(d, line, row);
    }
}

static void judge(struct td_desk *d, struct td_mlsignal_row *row)
{
    struct td_mlfacts facts;
    struct td_mlverdict verdict;
    struct td_intent intent;
    struct td_verdict gates = {.text = "no price on the tick grid is known"};
    char text[sizeof row->reason];
    uint32_t line = 0;
    gather(d, &row->told, &facts, &line);
    td_mlrisk_check(&d->signals.limits, &row->told, &facts, &verdict);
    row->received = facts.now;
    row->wanted = verdict.qty;
    row->reference = verdict.reference;
    if (verdict.rule == TD_MLRULE_NONE && d->signals.open_count == DESK_SIGNALS_OPEN) {
        reject(d, row, TD_MLRULE_CONCURRENT, "CONCURRENT: the table is full", &facts);
        return;
    }
    if (verdict.rule != TD_MLRULE_NONE) {
        reject(d, row, verdict.rule, verdict.text, &facts);
        return;
    }
    row->number = d->blotter.signal_total + 1;
    if (row->told.type == TD_MLSIGNAL_HOLD ||
        (make_intent(d, line, row, &intent) && may_leave(d, line, &intent, &gates))) {
        carry_out(d, line, row, &intent);
        return;
    }
    (void)snprintf(text, sizeof text, "GATE %.85s", gates.text);
    reject(d, row, TD_MLRULE_GATE, text, &facts);
}

void desk_take_signal(struct td_desk *d, struct td_str line)
{
    const struct td_settings *s = d->config.settings;
    const struct td_mlsignal_presets presets = {.tolerance_e9 = s->ml_tolerance_e9,
                                                .span = s->ml_span_s * TD_SEC};
    struct td_fail why = {0};
    struct td_mlsignal_row *row = &d->signals.answer;
    *row = (struct td_mlsignal_row){.reference = TD_PX_NONE, .average = TD_PX_NONE};
    d->signals.trouble[0] = '\0';
    if (td_mlsignal_parse(line, &presets, &row->told, &why) == TD_OK) {
        judge(d, row);
        return;
    }
    d->signals.unread++;
    (void)snprintf(d->signals.trouble, sizeof d->signals.trouble, "%.159s", why.text);
    pass_over(d, "a line", d->signals.trouble);
}

/* --- to the end --- */

static void conclude(struct td_desk *d, struct td_mlsignal_row *row, const struct td_order *o)
{
    char text[sizeof row->reason], filled[TD_E9_CHARS], wanted[TD_E9_CHARS];
    const bool late = td_world_now(d->world) >= row->told.until;
    (void)td_e9_print(row->filled.e9, filled);
    (void)td_e9_print(row->wanted.e9, wanted);
    (void)snprintf(
        text, sizeof text, "%s of %s filled%s%s%.40s", filled, wanted, late ? "" : ", order ",
        late ? "" : td_order_state_word((enum td_order_state)o->state), late ? " in its time" : "");
    if (row->filled.e9 >= row->wanted.e9)
        change(d, row, TD_MLS_EXECUTED, "");
    else
        change(d, row, late && o->state != TD_OS_REJECTED ? TD_MLS_TIMEOUT : TD_MLS_FAILED, text);
}

/* The rest of an order whose time is over; one whose fate is not known is looked up first. */
static void end_order(struct td_desk *d, const struct td_order *o)
{
    const td_ns mono = td_world_mono(d->world);
    const bool asked =
        o->state == TD_OS_CANCELLING || o->state == TD_OS_UNKNOWN || o->state == TD_OS_FROZEN;
    if (asked || mono < d->signals.tend_mono)
        return;
    if (!desk_cancel(d, o, "max_execution_time of its signal is over"))
        d->signals.tend_mono = mono + CANCEL_WAIT;
}

/* True: it is over. */
static bool tend_order(struct td_desk *d, struct td_mlsignal_row *row, const struct td_order *o)
{
    const td_ns now = td_world_now(d->world);
    if (!td_order_state_terminal((enum td_order_state)o->state)) {
        if (now >= row->told.until)
            end_order(d, o);
        return false;
    }
    if (o->told.e9 > o->filled.e9 && now < row->told.until + FILLS_WAIT)
        return false; /* executions are on their way */
    row->filled = o->filled;
    row->average = td_order_average(o);
    conclude(d, row, o);
    return true;
}

static bool tend(struct td_desk *d, uint32_t number)
{
    const struct td_mlsignal_row *known = td_blotter_signal(&d->blotter, number);
    uint32_t line = 0;
    if (!known || td_mlsignal_is_over((enum td_mlsignal_state)known->state))
        return true;
    struct td_mlsignal_row row = *known;
    const struct td_order *o = order_of(d, number, row.key);
    if (!o && !row.key && desk_line_of(d, td_market_symbol(row.told.symbol), &line) &&
        desk_exit_waits(d, line))
        return false;
    if (!o) {
        change(d, &row, TD_MLS_FAILED,
               row.key ? "its order is not known any more" : "no order was made of it");
        return true;
    }
    if (row.state == TD_MLS_VALIDATED) {
        row.key = o->key;
        row.wanted = o->now.qty;
        change(d, &row, TD_MLS_EXECUTING, "");
    }
    return tend_order(d, &row, o);
}

void desk_tend_signals(struct td_desk *d)
{
    struct desk_signals *s = &d->signals;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < s->open_count; i++)
        if (!tend(d, s->open[i]))
            s->open[kept++] = s->open[i];
    s->open_count = kept;
}

void desk_open_signals(struct td_desk *d)
{
    const uint32_t kept = td_blotter_signals(&d->blotter);
    struct desk_signals *s = &d->signals;
    td_settings_mllimits(d->config.settings, &s->limits);
    for (uint32_t i = 0; i < kept; i++)
        if (!td_mlsignal_is_over((enum td_mlsignal_state)d->blotter.signals[i].state) &&
            s->open_count < DESK_SIGNALS_OPEN)
            s->open[s->open_count++] = d->blotter.signals[i].number;
    desk_begin_signal_file(d);
}
