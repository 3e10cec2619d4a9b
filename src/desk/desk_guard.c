/* desk/desk_guard.c - the stop-loss monitor over what is held, and its stop at the broker.
 *
 * Every position that no strategy's stop covers has a guard (trade/guard.h). Its stop is a GUARD record whenever it changes,
 * so a restart goes on with it; a position that was there before gets one by its average price. With RISK_BROKER_STOPS the
 * same stop rests at the broker as an order of role STOP without a parent: never more than the position less what
 * else would close it, moved with the guard, cancelled by whatever exits (desk_exit).
 */
#include <stdio.h>

#include "desk/desk_inner.h"

#define LOOK        TD_SEC
#define PLACE_AGAIN TD_MIN         /* after the gates or the broker refused a stop */
#define MOVE_AGAIN  (5 * TD_SEC)   /* a stop at the broker follows not oftener, */
#define MOVE_LEAST  (TD_E9 / 1000) /* and not for less than this part of its price */

/* --- the journal --- */

static void journal_guard(struct td_desk *d, uint32_t holding, const char *status, const char *text)
{
    const struct td_blotter_holding *h = &d->blotter.holdings[holding];
    const struct td_guard_terms *t = &d->guards.rows[holding].terms;
    struct td_record r;
    td_record_init(&r, TD_REC_GUARD, td_world_now(d->world));
    (void)snprintf(r.symbol, sizeof r.symbol, "%s", h->symbol);
    r.conid = h->conid;
    r.multiplier = h->multiplier;
    r.action = t->action;
    r.code = (int64_t)t->kind;
    r.qty = t->qty;
    r.stop = t->stop;
    r.trail = t->kind == TD_GUARD_TRAIL ? t->trail : (td_px){t->part_e9};
    (void)snprintf(r.status, sizeof r.status, "%s", status);
    (void)snprintf(r.text, sizeof r.text, "%s", text);
    (void)desk_fact(d, &r);
}

void desk_open_guards(struct td_desk *d)
{
    for (uint32_t h = 0; h < d->blotter.holding_count; h++) {
        const struct td_guard *g = &d->blotter.holdings[h].guard;
        const struct td_guard_terms terms = {.kind = (enum td_guard_kind)g->kind,
                                             .action = g->action,
                                             .qty = g->qty,
                                             .stop = g->stop,
                                             .entry = TD_PX_NONE,
                                             .part_e9 = g->trail.e9,
                                             .trail = g->trail};
        if (g->qty.e9 > 0)
            td_guard_restore(&d->guards.rows[h], &terms, g->triggered, td_world_mono(d->world),
                             &d->guards.stats);
    }
}

/* --- what is held and not covered --- */

/* What strategies' own stops at the broker would close of it. */
static int64_t covered(const struct td_desk *d, uint32_t holding)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < d->blotter.live_count; i++) {
        const struct td_order *o = &d->blotter.orders[d->blotter.live[i]];
        if (o->holding == holding && o->role == TD_ROLE_STOP && o->parent)
            sum += td_order_rest(o).e9;
    }
    return sum;
}

/* What they are meant to close; some may not be placed yet. Their place at the broker is kept free. */
static int64_t promised(const struct td_desk *d, uint32_t holding)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < d->blotter.order_count && d->blotter.brackets; i++) {
        const struct td_order *o = &d->blotter.orders[i];
        if (o->holding == holding && td_order_bracketed(o) && !td_px_is_none(o->protect))
            sum += o->filled.e9;
    }
    const int64_t rest = sum - covered(d, holding);
    return rest > 0 ? rest : 0;
}

static const struct td_order *own_stop(const struct td_desk *d, uint32_t holding)
{
    for (uint32_t i = 0; i < d->blotter.live_count; i++) {
        const struct td_order *o = &d->blotter.orders[d->blotter.live[i]];
        if (o->holding == holding && o->role == TD_ROLE_STOP && !o->parent && !o->foreign)
            return o;
    }
    return NULL;
}

static bool exit_works(const struct td_desk *d, uint32_t holding, uint8_t action)
{
    for (uint32_t i = 0; i < d->blotter.live_count; i++) {
        const struct td_order *o = &d->blotter.orders[d->blotter.live[i]];
        if (o->holding == holding && o->role == TD_ROLE_EXIT && o->action == action)
            return true;
    }
    return false;
}

static struct td_guard_terms preset_terms(const struct td_desk *d, uint32_t holding, uint32_t line,
                                          int64_t qty)
{
    const struct td_settings *s = d->config.settings;
    const struct td_holding *now = &d->blotter.holdings[holding].now;
    const td_px here = desk_good_mark(d, line);
    return (struct td_guard_terms){.kind = s->trailing_stop ? TD_GUARD_TRAIL_PART : TD_GUARD_FIXED,
                                   .action = now->qty.e9 > 0 ? TD_SELL : TD_BUY,
                                   .qty = {qty},
                                   .stop = TD_PX_NONE,
                                   /* taken over without a price: from where it is seen first */
                                   .entry = now->average.e9 > 0 ? now->average : here,
                                   .part_e9 =
                                       s->trailing_stop ? s->trailing_stop_e9 : s->stop_loss_e9,
                                   .trail = TD_PX_NONE};
}

static void arm(struct td_desk *d, uint32_t holding, uint32_t line, int64_t qty, td_ns mono)
{
    const struct td_guard_terms terms = preset_terms(d, holding, line, qty);
    struct td_guard_watch *w = &d->guards.rows[holding];
    if (td_guard_arm(w, &terms, mono, &d->guards.stats) == TD_OK)
        journal_guard(d, holding, "armed", "");
}

/* More is held than it was armed for: by the new average, but never looser. */
static void extend(struct td_desk *d, uint32_t holding, uint32_t line, int64_t qty, td_ns mono)
{
    struct td_guard_terms terms = preset_terms(d, holding, line, qty);
    struct td_guard_watch *w = &d->guards.rows[holding], fresh = {0};
    struct td_guard_stats unused = {0};
    const bool armed = td_guard_arm(&fresh, &terms, mono, &unused) == TD_OK;
    const bool tighter = terms.action == TD_SELL ? fresh.terms.stop.e9 > w->terms.stop.e9
                                                 : fresh.terms.stop.e9 < w->terms.stop.e9;
    if (armed && tighter && w->state == TD_GUARD_PENDING)
        w->terms.stop = fresh.terms.stop;
    (void)td_guard_resize(w, (td_qty){qty}, mono, &d->guards.stats);
    journal_guard(d, holding, w->state == TD_GUARD_TRIGGERED ? "triggered" : "armed",
                  "more is held");
}

/* The guard is for what is held now: armed, more, less, over. */
static void follow_position(struct td_desk *d, uint32_t holding, uint32_t line, td_ns mono)
{
    struct td_guard_watch *w = &d->guards.rows[holding];
    const int64_t held = d->blotter.holdings[holding].now.qty.e9;
    const int64_t size = held < 0 ? -held : held;
    const int64_t rest = d->config.settings->stop_monitor ? size - covered(d, holding) : 0;
    const int64_t want = rest > 0 ? desk_whole(rest) : 0;
    const bool stands = td_guard_is_active(w) || w->state == TD_GUARD_FAILED;
    const bool turned = stands && w->terms.action != (held > 0 ? TD_SELL : TD_BUY);
    if (stands && (turned || want == 0)) {
        (void)td_guard_resize(w, TD_QTY(0), mono, &d->guards.stats);
        journal_guard(d, holding, "off", td_guard_state_word((enum td_guard_state)w->state));
    }
    if (want == 0)
        return;
    if (!stands || turned)
        arm(d, holding, line, want, mono);
    else if (want > w->terms.qty.e9)
        extend(d, holding, line, want, mono);
    else if (td_guard_resize(w, (td_qty){want}, mono, &d->guards.stats))
        journal_guard(d, holding, w->state == TD_GUARD_TRIGGERED ? "triggered" : "armed",
                      "less is held");
}

/* --- closing --- */

static struct td_intent closing_intent(struct td_desk *d, const struct td_guard_terms *t,
                                       enum td_order_type type)
{
    return (struct td_intent){.kind = TD_INTENT_ORDER,
                              .type = (uint8_t)type,
                              .tif = type == TD_ORDER_STOP ? TD_TIF_GTC : TD_TIF_DAY,
                              .action = t->action,
                              .exit = true,
                              .qty = t->qty,
                              .limit = TD_PX_NONE,
                              .stop = TD_PX_NONE,
                              .trail = TD_PX_NONE,
                              .target = TD_PX_NONE,
                              .protect = TD_PX_NONE,
                              .reference = t->stop,
                              .decided_ns = td_world_now(d->world),
                              .strategy = "guard"};
}

/* Gates that are closed for a while and say nothing about the order: no try is spent on them. */
static bool is_blocked(struct td_desk *d, uint32_t line, const struct td_guard_terms *t)
{
    static const enum td_gate passing[] = {
        TD_GATE_ALLOW_ORDERS, TD_GATE_DRY_RUN, TD_GATE_ORDER_EXEC,  TD_GATE_SESSION, TD_GATE_WINDOW,
        TD_GATE_QUALIFIED,    TD_GATE_CLOCK,   TD_GATE_MARKET_OPEN, TD_GATE_QUOTE};
    struct td_gate_facts facts;
    const struct td_intent i = closing_intent(d, t, TD_ORDER_MARKET);
    desk_facts(d, line, &facts);
    for (size_t k = 0; k < TD_COUNT(passing); k++)
        if (!td_gate_is_open(passing[k], &d->limits, &facts, &i, &d->recent))
            return true;
    return false;
}

static void exit_by_guard(struct td_desk *d, uint32_t line, const struct td_guard_watch *w)
{
    const struct desk_origin from = {.role = TD_ROLE_EXIT};
    struct td_intent i = closing_intent(d, &w->terms, TD_ORDER_MARKET);
    char stop[TD_E9_CHARS], at[TD_E9_CHARS];
    (void)td_e9_print(w->terms.stop.e9, stop);
    (void)td_e9_print(w->trigger_px.e9, at);
    (void)snprintf(i.reason, sizeof i.reason, "stop %.18s passed at %.18s, try %d", stop, at,
                   w->tries);
    td_risk_forget(&d->recent, line,
                   (enum td_action)w->terms.action); /* none works: see the look */
    desk_exit(d, line, &i, &from);
}

static void tell(struct td_desk *d, const char *format, const char *symbol)
{
    char text[160];
    (void)snprintf(text, sizeof text, "%s %s", symbol, format);
    td_connection_alert(&d->conn, TD_ALERT_GUARD, text);
}

static void act(struct td_desk *d, uint32_t holding, uint32_t line, uint32_t todo)
{
    const struct td_guard_watch *w = &d->guards.rows[holding];
    const char *symbol = d->blotter.holdings[holding].symbol;
    if (todo & (TD_GUARD_WENT_STALE | TD_GUARD_CAME_FRESH))
        d->guards.stale[holding] = (todo & TD_GUARD_WENT_STALE) != 0;
    if (todo & TD_GUARD_WENT_STALE)
        tell(d, "is held and its price is older than 10 s: its stop is not watched", symbol);
    if (todo & TD_GUARD_MOVED)
        journal_guard(d, holding, "moved", "");
    if (todo & TD_GUARD_TRIGGER)
        journal_guard(d, holding, "triggered", "");
    if (todo & TD_GUARD_EXIT)
        exit_by_guard(d, line, w);
    if (todo & TD_GUARD_HALT) {
        char reason[120];
        (void)snprintf(reason, sizeof reason, "the stop of %s did not close it in %d tries", symbol,
                       TD_GUARD_TRIES);
        journal_guard(d, holding, "failed", "");
        tell(d, "was not closed by its stop in 3 tries: trading is halted", symbol);
        desk_halt(d, reason);
    }
}

/* --- its stop at the broker --- */

/* On the grid, at the market's side of the guard's: the broker's comes first. */
static td_px broker_price(const struct td_desk *d, uint32_t line, const struct td_guard_terms *t)
{
    td_px px;
    const enum td_round how = t->action == TD_SELL ? TD_ROUND_UP : TD_ROUND_DOWN;
    return td_px_round(t->stop, d->market.lines[line].inst.min_tick, how, &px) == TD_OK
               ? px
               : TD_PX_NONE;
}

/* What it may close: what the guard does, less what else already would. */
static int64_t broker_quantity(const struct td_desk *d, uint32_t holding, uint32_t line,
                               const struct td_order *own)
{
    const struct td_blotter_holding *h = &d->blotter.holdings[holding];
    const struct td_guard_watch *w = &d->guards.rows[holding];
    const bool sells = w->terms.action == TD_SELL;
    if (!d->config.settings->broker_stops || w->state != TD_GUARD_PENDING ||
        desk_exit_waits(d, line))
        return 0;
    const int64_t others =
        (sells ? h->working_sell.e9 : h->working_buy.e9) - (own ? td_order_counted(own).e9 : 0);
    const int64_t free = (sells ? h->now.qty.e9 : -h->now.qty.e9) - others - promised(d, holding);
    const int64_t want = free < w->terms.qty.e9 ? free : w->terms.qty.e9;
    return want > 0 ? desk_whole(want) : 0;
}

static bool is_moved(const struct td_order *own, int64_t qty, td_px stop)
{
    int64_t least;
    const int64_t away = stop.e9 - own->now.stop.e9;
    if (td_order_rest(own).e9 != qty)
        return true;
    return td_e9_mul(stop.e9, MOVE_LEAST, &least) == TD_OK && (away < 0 ? -away : away) >= least;
}

static void tend_broker_stop(struct td_desk *d, uint32_t holding, uint32_t line, td_ns mono)
{
    const struct td_guard_watch *w = &d->guards.rows[holding];
    const struct td_order *own = own_stop(d, holding);
    const int64_t qty = broker_quantity(d, holding, line, own);
    if (own && qty == 0 && w->state != TD_GUARD_TRIGGERED && !desk_exit_waits(d, line))
        desk_cancel(d, own, "nothing is left to close");
    if (qty == 0 || mono < d->guards.place_mono[holding])
        return;
    struct td_intent i = closing_intent(d, &w->terms, TD_ORDER_STOP);
    const struct desk_origin from = {.role = TD_ROLE_STOP};
    i.qty.e9 = qty;
    i.stop = broker_price(d, line, &w->terms);
    (void)snprintf(i.reason, sizeof i.reason, "stop of the position");
    if (td_px_is_none(i.stop) || is_blocked(d, line, &w->terms))
        return;
    if (!own) {
        const bool placed = desk_ask_gates(d, line, &i, &from);
        d->guards.place_mono[holding] = mono + (placed ? MOVE_AGAIN : PLACE_AGAIN);
        return;
    }
    if (own->state != TD_OS_WORKING || own->changing || !is_moved(own, qty, i.stop))
        return;
    i.qty.e9 += own->filled.e9;
    const bool changed = desk_change(d, line, own, &i);
    d->guards.place_mono[holding] = mono + (changed ? MOVE_AGAIN : PLACE_AGAIN);
}

/* --- the look --- */

static void look_at_guard(struct td_desk *d, uint32_t holding, uint32_t line, td_ns mono)
{
    struct td_guard_watch *w = &d->guards.rows[holding];
    const struct td_line *l = &d->market.lines[line];
    const struct td_order *own = own_stop(d, holding);
    const td_ns age = td_world_now(d->world) - l->quote_recv_ns;
    const struct td_guard_sight sight = {
        .now = mono,
        .price = desk_good_mark(d, line),
        .price_at = mono - (age > 0 ? age : 0),
        .open =
            td_market_open(&d->market, line) == TD_HOURS_OPEN && l->pause.state == TD_PAUSE_TRADING,
        .closing = desk_exit_waits(d, line) || exit_works(d, holding, w->terms.action),
        .blocked = w->state == TD_GUARD_TRIGGERED && is_blocked(d, line, &w->terms),
        .broker_stop = own && own->state == TD_OS_WORKING ? own->now.stop : TD_PX_NONE};
    if (!d->blotter.halted)
        td_guard_again(w, &d->guards.stats);
    act(d, holding, line, td_guard_look(w, &sight, &d->guards.stats));
}

static void clear_alert(struct td_desk *d)
{
    for (uint32_t h = 0; h < d->blotter.holding_count; h++) {
        const struct td_guard_watch *w = &d->guards.rows[h];
        d->guards.stale[h] &= td_guard_is_active(w);
        if (d->guards.stale[h] || w->state == TD_GUARD_FAILED)
            return;
    }
    td_alert_clear(&d->conn.alerts, TD_ALERT_GUARD);
}

void desk_guards_moved(struct td_desk *d)
{
    d->guards.look_mono = 0;
}

td_ns desk_guard_deadline(const struct td_desk *d)
{
    return d->guards.stats.active_stops ? d->guards.look_mono : TD_NS_NEVER;
}

void desk_tend_guards(struct td_desk *d)
{
    const td_ns mono = td_world_mono(d->world);
    bool pressing = false;
    if (mono < d->guards.look_mono)
        return;
    d->guards.look_mono = mono + LOOK;
    if (!desk_may_order(d))
        return;
    if (d->blotter.day != d->guards.day)
        td_guard_begin_day(&d->guards.stats);
    d->guards.day = d->blotter.day;
    for (uint32_t h = 0; h < d->blotter.holding_count; h++) {
        uint32_t line;
        if (!desk_line_of(d, d->blotter.holdings[h].symbol, &line))
            continue;
        follow_position(d, h, line, mono);
        look_at_guard(d, h, line, mono);
        tend_broker_stop(d, h, line, mono);
        pressing |= d->guards.rows[h].state == TD_GUARD_TRIGGERED;
    }
    clear_alert(d);
    if (pressing)
        d->guards.look_mono = mono + TD_GUARD_TRY_AGAIN;
}
