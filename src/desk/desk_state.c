/* desk/desk_state.c - what the desk holds, as JSON for `tapedeck status`: the day, positions, orders, what waits for a
 * person, brackets and guards. Lists are bounded; what is left out is counted. */
#include "desk/desk_inner.h"

#define ROWS_TOLD 100

/* A list of at most ROWS_TOLD objects, and how many there were. */
struct told {
    struct td_json *j;
    const char *more;
    int64_t count;
};

static struct told begin_list(struct td_json *j, const char *name, const char *more)
{
    td_json_key(j, name);
    td_json_array(j);
    return (struct told){j, more, 0};
}

/* Room for one more? Then its object is open. */
static bool tell(struct told *t)
{
    if (t->count++ >= ROWS_TOLD)
        return false;
    td_json_object(t->j);
    return true;
}

static void end_list(struct told *t)
{
    td_json_array_end(t->j);
    td_json_key_i64(t->j, t->more, t->count > ROWS_TOLD ? t->count - ROWS_TOLD : 0);
}

/* NULL: no line of ours. */
static const char *currency_of(const struct td_desk *d, const char *symbol)
{
    uint32_t line;
    const bool known = desk_line_of(d, symbol, &line) && d->market.lines[line].currency[0];
    return known ? d->market.lines[line].currency : NULL;
}

static void put_positions(struct td_desk *d, const td_px *marks, struct td_json *j)
{
    struct told t = begin_list(j, "positions", "positions_not_told");
    for (uint32_t i = 0; i < d->blotter.holding_count; i++) {
        const struct td_blotter_holding *h = &d->blotter.holdings[i];
        td_cash unrealized = TD_CASH_NONE;
        if (td_holding_unrealized(&h->now, marks[i], h->multiplier, &unrealized) != TD_OK)
            unrealized = TD_CASH_NONE;
        if (!tell(&t))
            continue;
        td_json_key_text(j, "symbol", h->symbol);
        td_json_key_e9(j, "quantity", h->now.qty.e9);
        td_json_key_e9(j, "average", h->now.average.e9);
        td_json_key_e9(j, "mark", marks[i].e9);
        td_json_key_e9(j, "realized", h->now.realized.e9);
        td_json_key_e9(j, "unrealized", unrealized.e9);
        td_json_key_e9(j, "fees", h->now.fees.e9);
        td_json_key_e9(j, "multiplier", h->multiplier.e9);
        td_json_key_text(j, "currency", currency_of(d, h->symbol));
        td_json_key_i64(j, "open_orders", h->open_orders);
        td_json_object_end(j);
    }
    end_list(&t);
}

void desk_put_order(const struct td_order *o, struct td_json *j)
{
    static const char *const roles[TD_ROLE_COUNT] = {"entry", "target", "stop",
                                                     "slice", "parent", "exit"};
    td_json_key_i64(j, "key", o->foreign ? 0 : (int64_t)o->key);
    td_json_key_i64(j, "order_id", o->order_id);
    td_json_key_i64(j, "perm_id", o->perm_id);
    td_json_key_i64(j, "client_id", o->client_id);
    td_json_key_text(j, "symbol", o->symbol);
    td_json_key_text(j, "action", o->action == TD_BUY ? "BUY" : "SELL");
    td_json_key_e9(j, "quantity", o->now.qty.e9);
    td_json_key_e9(j, "filled", o->filled.e9);
    td_json_key_text(j, "type", td_order_type_word(o->type));
    td_json_key_e9(j, "limit", o->now.limit.e9);
    td_json_key_e9(j, "stop", o->now.stop.e9);
    td_json_key_text(j, "state", td_order_state_word((enum td_order_state)o->state));
    td_json_key_text(j, "broker_status", o->status[0] ? o->status : NULL);
    td_json_key_text(j, "role", o->role < TD_ROLE_COUNT ? roles[o->role] : NULL);
    td_json_key_i64(j, "parent", (int64_t)o->parent);
    td_json_key_text(j, "strategy", o->strategy[0] ? o->strategy : NULL);
    td_json_key_bool(j, "foreign", o->foreign);
}

static void put_orders(const struct td_desk *d, struct td_json *j)
{
    struct told t = begin_list(j, "orders", "orders_not_told");
    for (uint32_t i = 0; i < d->blotter.live_count; i++) {
        if (!tell(&t))
            continue;
        desk_put_order(&d->blotter.orders[d->blotter.live[i]], j);
        td_json_object_end(j);
    }
    end_list(&t);
}

static void put_frozen(const struct td_desk *d, struct td_json *j)
{
    struct told t = begin_list(j, "frozen", "frozen_not_told");
    for (uint32_t i = 0; i < d->blotter.holding_count; i++) {
        const struct td_blotter_holding *h = &d->blotter.holdings[i];
        if (h->freeze == TD_FREEZE_NONE || !tell(&t))
            continue;
        td_json_key_text(j, "symbol", h->symbol);
        td_json_key_text(j, "state", h->freeze == TD_FREEZE_ALL ? "frozen" : "reduce-only");
        td_json_key_text(j, "reason", h->freeze_reason);
        td_json_object_end(j);
    }
    end_list(&t);
}

/* Orders with a target or a stop that may still be needed. */
static void put_brackets(const struct td_desk *d, struct td_json *j)
{
    struct told t = begin_list(j, "brackets", "brackets_not_told");
    for (uint32_t i = 0; i < d->blotter.order_count; i++) {
        const struct td_order *o = &d->blotter.orders[i];
        if (!td_order_bracketed(o) || !tell(&t))
            continue;
        td_json_key_i64(j, "key", (int64_t)o->key);
        td_json_key_text(j, "symbol", o->symbol);
        td_json_key_e9(j, "filled", o->filled.e9);
        td_json_key_e9(j, "target", o->target.e9);
        td_json_key_e9(j, "stop", o->protect.e9);
        td_json_object_end(j);
    }
    end_list(&t);
}

static void put_guards(const struct td_desk *d, struct td_json *j)
{
    struct told t = begin_list(j, "guards", "guards_not_told");
    for (uint32_t i = 0; i < d->blotter.holding_count; i++) {
        const struct td_blotter_holding *h = &d->blotter.holdings[i];
        if (h->guard.qty.e9 == 0 || !tell(&t))
            continue;
        td_json_key_text(j, "symbol", h->symbol);
        td_json_key_text(j, "action", h->guard.action == TD_BUY ? "BUY" : "SELL");
        td_json_key_e9(j, "quantity", h->guard.qty.e9);
        td_json_key_e9(j, "stop", h->guard.stop.e9);
        td_json_key_e9(j, "trail", h->guard.trail.e9);
        td_json_key_bool(j, "triggered", h->guard.triggered);
        td_json_object_end(j);
    }
    end_list(&t);
}

static void put_day(struct td_desk *d, const td_px *marks, struct td_json *j)
{
    td_cash pnl = TD_CASH_NONE;
    if (td_blotter_day_pnl(&d->blotter, marks, &pnl) != TD_OK)
        pnl = TD_CASH_NONE;
    td_json_key_i64(j, "intents_today", d->blotter.intents_today);
    td_json_key_i64(j, "denied_today", d->blotter.denied_today);
    td_json_key_i64(j, "orders_today", d->blotter.orders_today);
    td_json_key_i64(j, "fills_today", d->blotter.fills_today);
    td_json_key_i64(j, "unknown_orders", d->blotter.unknown_orders);
    td_json_key_text(j, "last_denial", d->result.last_denial[0] ? d->result.last_denial : NULL);
    td_json_key_e9(j, "pnl_today", pnl.e9);
    td_json_key_e9(j, "equity", d->equity.e9);
    td_json_key_e9(j, "gross_position_value", d->broker_gross.e9);
    td_json_key(j, "day_trades_left");
    if (d->day_trades_left == INT32_MIN)
        td_json_null(j);
    else
        td_json_i64(j, d->day_trades_left);
    td_json_key(j, "positions_equal");
    if (d->result.positions_known)
        td_json_bool(j, d->result.positions_equal);
    else
        td_json_null(j);
    td_json_key_i64(j, "positions_pending", d->result.positions_pending);
}

void desk_put_status(struct td_desk *d, struct td_json *j)
{
    td_px marks[TD_LINES_MAX];
    const struct td_settings *s = d->config.settings;
    desk_marks(d, marks);
    td_json_key_text(j, "version", d->config.version);
    td_json_key_text(j, "mode", desk_mode_word(d));
    td_json_key_text(j, "account", d->account);
    td_json_key_text(j, "session", desk_sync_word(d));
    td_json_key_bool(j, "halted", d->blotter.halted);
    td_json_key_text(j, "halt_reason", d->blotter.halted ? d->blotter.halt_reason : NULL);
    td_json_key_text(j, "kill_switch_file", desk_switch_file(d));
    td_json_key_bool(j, "armed", s->allow_orders && !s->dry_run && s->order_exec);
    td_json_key_text(j, "settings_refused",
                     d->config.reload && d->config.reload->refused ? d->config.reload->why : NULL);
    desk_put_now(d, j);
    desk_put_delays(d, j);
    put_day(d, marks, j);
    put_positions(d, marks, j);
    put_orders(d, j);
    put_frozen(d, j);
    put_brackets(d, j);
    put_guards(d, j);
    desk_put_algos(d, j);
    desk_put_strategies(d, j);
    desk_put_signals(d, j);
    desk_put_session(d, j);
}
