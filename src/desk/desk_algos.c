/* desk/desk_algos.c - orders that are worked over time: parents, and the children that are due.
 *
 * What is due follows from the plan, the clock and the children's own rows (strat/algo.h), so a fill, a cancel, a lost
 * session or a restart at any moment needs no repair. A parent is journaled once it passed the gates as a whole; each
 * child passes them again. A passing refusal is tried again more and more slowly, one for good ends the parent. Time is
 * the monotonic clock: a wall clock that jumps sends nothing early; after a restart the time that passed is the wall's.
 */
#include "desk/desk_inner.h"

#include <stdio.h>
#include <stdlib.h>

#define ERA           (100000 * TD_DAY) /* between the monotonic clock and that of the plans */
#define SETTLE        TD_SEC /* after a child ended unfilled, before its rest is given out again */
#define GRACE         (10 * TD_SEC) /* for the last children, after the plan's end */
#define PASSIVE       (30 * TD_SEC) /* POV, ADAPTIVE: how long a child waits */
#define PASSIVE_LEAST (5 * TD_SEC)
#define RETRY_MOST    (30 * TD_SEC)
#define REFUSED_MOST  100    /* in a row */
#define FAILED_MOST   3      /* children in a row that the broker ended */
#define QUIET         TD_MIN /* without a trade: told */
#define LOOKS_MOST    3      /* look-ups for children in doubt, of a parent */
#define SOONEST       (10 * TD_MS)

static td_ns plan_clock(const struct td_desk *d)
{
    return td_world_mono(d->world) + ERA;
}

/* --- opening --- */

enum td_err desk_open_algos(struct td_desk *d, struct td_fail *why)
{
    const uint32_t lines = (uint32_t)d->config.symbol_count;
    d->algos.curves = calloc(lines ? lines : 1, sizeof *d->algos.curves);
    if (!d->algos.curves)
        return td_fail_set(why, TD_ENOMEM, "no memory for volume curves");
    d->algos.orphans = true;
    return td_algo_preset_of(d->config.settings, &d->algos.preset, why);
}

void desk_close_algos(struct td_desk *d)
{
    free(d->algos.curves);
}

static struct desk_algo *row_of(struct td_desk *d, uint64_t key)
{
    for (uint32_t i = 0; i < DESK_ALGOS_MAX; i++)
        if (d->algos.rows[i].key == key)
            return &d->algos.rows[i];
    return NULL;
}

/* --- begin --- */

/* A plan without its curve is TWAP's, and that is told. */
static void need_curve(struct td_desk *d, struct desk_algo *a)
{
    if (a->plan.algo != TD_ALGO_VWAP || desk_give_curve(d, a))
        return;
    a->plan.algo = TD_ALGO_TWAP;
    td_logf(d->log, TD_LOG_WARN, TD_LOG_TRADING, "algo_no_curve",
            "%s: no recorded volume for all of the order's time: TWAP instead of VWAP",
            d->market.lines[a->line].symbol);
}

static const char *wrong_with(const struct td_desk *d, const struct td_intent *i)
{
    if ((i->type != TD_ORDER_MARKET && i->type != TD_ORDER_LIMIT) || i->tif != TD_TIF_DAY)
        return "FORM: an algorithm works market and limit orders of the day";
    if (i->group)
        return "FORM: an order of a group is not worked by an algorithm";
    if (i->display.e9 > 0 && i->algo != TD_ALGO_ICEBERG)
        return "FORM: only an iceberg shows a part of itself";
    return d->algos.count == DESK_ALGOS_MAX ? "FORM: 64 orders are worked already" : NULL;
}

static void begin_row(struct td_desk *d, struct desk_algo *a, uint64_t key)
{
    a->key = key;
    a->gate = TD_GATE_COUNT;
    a->sent_mono = a->next_mono = td_world_mono(d->world);
    d->algos.count++;
    d->algos.look = true;
}

bool desk_begin_parent(struct td_desk *d, uint32_t line, const struct td_intent *intent,
                       const struct desk_origin *from)
{
    struct td_fail why = {0};
    char text[160];
    struct desk_algo fresh = {.line = line, .exit = intent->exit};
    const char *wrong = wrong_with(d, intent);
    if (wrong)
        return desk_deny(d, line, intent, TD_GATE_FORM, wrong);
    td_algo_preset_plan(&d->algos.preset, intent, plan_clock(d), &fresh.plan);
    need_curve(d, &fresh);
    if (td_algo_check(&fresh.plan, &why) != TD_OK) {
        (void)snprintf(text, sizeof text, "FORM: %.140s", why.text);
        return desk_deny(d, line, intent, TD_GATE_FORM, text);
    }
    struct td_intent named = *intent;
    named.algo = fresh.plan.algo;
    const uint64_t key = desk_ask_parent(d, line, &named, from, fresh.plan.span);
    struct desk_algo *a = key ? row_of(d, 0) : NULL;
    if (!a)
        return false;
    *a = fresh;
    if (a->plan.curve)
        a->plan.curve = a->curve;
    begin_row(d, a, key);
    return true;
}

/* --- end --- */

static bool is_child_of(const struct td_order *o, uint64_t key)
{
    return o->role == TD_ROLE_SLICE && o->parent == key;
}

static void cancel_children(struct td_desk *d, uint64_t key, bool limits_only, const char *reason)
{
    for (uint32_t i = d->blotter.live_count; i-- > 0;) {
        const struct td_order *o =
            i < d->blotter.live_count ? &d->blotter.orders[d->blotter.live[i]] : NULL;
        if (o && is_child_of(o, key) && !(limits_only && td_px_is_none(o->now.limit)))
            (void)desk_cancel(d, o, reason);
    }
}

void desk_end_parent(struct td_desk *d, const struct td_order *parent, const char *word,
                     const char *reason)
{
    struct td_record r;
    const uint64_t key = parent->key;
    struct desk_algo *a = row_of(d, key);
    if (!a && td_order_state_terminal((enum td_order_state)parent->state))
        return; /* it has ended before */
    if (a) {
        a->key = 0;
        d->algos.count--;
    }
    td_record_init(&r, TD_REC_DONE, td_world_now(d->world));
    r.key = key;
    (void)snprintf(r.status, sizeof r.status, "%s", word);
    (void)snprintf(r.text, sizeof r.text, "%s", reason);
    (void)desk_fact(d, &r);
    desk_tell_parent(d, parent, word, reason);
    d->algos.orphans = true;
    cancel_children(d, key, false, reason);
}

void desk_end_parents_of(struct td_desk *d, uint32_t line, const char *reason)
{
    for (uint32_t i = 0; i < DESK_ALGOS_MAX; i++)
        if (d->algos.rows[i].key && d->algos.rows[i].line == line)
            desk_end_parent(d, td_blotter_order(&d->blotter, d->algos.rows[i].key), "cancelled",
                            reason);
}

bool desk_parent_exits(const struct td_desk *d, uint32_t line)
{
    for (uint32_t i = 0; i < DESK_ALGOS_MAX; i++)
        if (d->algos.rows[i].key && d->algos.rows[i].line == line && d->algos.rows[i].exit)
            return true;
    return false;
}

bool desk_passes_halt(const struct td_desk *d, const struct td_order *o)
{
    const uint64_t key = o->role == TD_ROLE_SLICE ? o->parent : o->key;
    for (uint32_t i = 0; i < DESK_ALGOS_MAX; i++)
        if (d->algos.rows[i].key == key)
            return d->algos.rows[i].exit;
    return false;
}

/* Children whose parent has ended: cancelled as soon as that can be asked for. */
static void cancel_orphans(struct td_desk *d)
{
    d->algos.orphans = false;
    for (uint32_t i = d->blotter.live_count; i-- > 0;) {
        const struct td_order *o =
            i < d->blotter.live_count ? &d->blotter.orders[d->blotter.live[i]] : NULL;
        const struct td_order *parent =
            o && o->role == TD_ROLE_SLICE ? td_blotter_order(&d->blotter, o->parent) : NULL;
        if (!o || o->role != TD_ROLE_SLICE ||
            (parent && !td_order_state_terminal((enum td_order_state)parent->state)))
            continue;
        d->algos.orphans = true;
        if (o->state != TD_OS_UNKNOWN && o->state != TD_OS_FROZEN)
            (void)desk_cancel(d, o, "its parent has ended");
    }
}

/* --- children --- */

/* Refusals that pass by themselves; every other one ends the parent. */
static bool passes_by(enum td_gate gate)
{
    static const uint8_t gates[] = {
        TD_GATE_JOURNAL,     TD_GATE_SESSION, TD_GATE_WINDOW,        TD_GATE_QUALIFIED,
        TD_GATE_CLOCK,       TD_GATE_DISK,    TD_GATE_UNKNOWN_ORDER, TD_GATE_BREAKER,
        TD_GATE_MARKET_OPEN, TD_GATE_QUOTE,   TD_GATE_DATA,          TD_GATE_SPREAD,
        TD_GATE_BOOK,        TD_GATE_TICK,    TD_GATE_COLLAR,        TD_GATE_DECISION_AGE,
        TD_GATE_OPEN_ORDERS, TD_GATE_RATE,    TD_GATE_SELF_CROSS};
    for (size_t i = 0; i < TD_COUNT(gates); i++)
        if (gates[i] == gate)
            return true;
    return false;
}

static struct td_intent child_of(struct td_desk *d, const struct desk_algo *a,
                                 const struct td_order *parent, const struct td_algo_child *child)
{
    struct td_intent i = {.kind = TD_INTENT_ORDER,
                          .action = parent->action,
                          .type = td_px_is_none(child->limit) ? TD_ORDER_MARKET : TD_ORDER_LIMIT,
                          .exit = a->exit,
                          .qty = child->qty,
                          .limit = child->limit,
                          .stop = TD_PX_NONE,
                          .trail = TD_PX_NONE,
                          .target = TD_PX_NONE,
                          .protect = TD_PX_NONE,
                          .risk = TD_PX_NONE,
                          .reference = desk_good_mark(d, a->line),
                          .decided_ns = td_world_now(d->world)};
    (void)td_str_copy(td_str_of(parent->strategy), i.strategy, sizeof i.strategy);
    (void)snprintf(i.reason, sizeof i.reason, "%s child of order %llu", td_algo_word(a->plan.algo),
                   (unsigned long long)parent->key);
    return i;
}

/* Tried again after 1, 2, 4 ... seconds. */
static void wait_after(struct td_desk *d, struct desk_algo *a)
{
    const td_ns pause = TD_SEC << (a->refused < 5 ? a->refused : 5);
    a->refused++;
    a->retry_mono = td_world_mono(d->world) + (pause < RETRY_MOST ? pause : RETRY_MOST);
}

static void send_child(struct td_desk *d, struct desk_algo *a, const struct td_order *parent,
                       const struct td_algo_child *child)
{
    char text[120];
    const struct desk_origin from = {.role = TD_ROLE_SLICE, .parent = parent->key};
    const struct td_intent i = child_of(d, a, parent, child);
    const enum td_gate gate = desk_ask_slice(d, a->line, &i, &from, a->gate);
    a->gate = gate;
    if (gate == TD_GATE_COUNT) {
        a->refused = 0;
        a->sent_mono = td_world_mono(d->world);
        return;
    }
    wait_after(d, a);
    (void)snprintf(text, sizeof text, "%s: %s", td_gate_name(gate), td_gate_text(gate));
    if (!passes_by(gate) || a->refused > REFUSED_MOST)
        desk_end_parent(d, parent, "cancelled", text);
}

/* How long a limit child may wait; ICEBERG's are there to wait. */
static td_ns patience(const struct td_algo_plan *p)
{
    const td_ns most = p->span / 4 > PASSIVE_LEAST ? p->span / 4 : PASSIVE_LEAST;
    td_ns wait = PASSIVE;
    if (p->algo == TD_ALGO_ICEBERG)
        return TD_NS_NEVER;
    if (p->algo == TD_ALGO_TWAP)
        wait = p->span / p->slices;
    if (p->algo == TD_ALGO_VWAP)
        wait = TD_ALGO_BUCKET;
    wait = wait < PASSIVE_LEAST ? PASSIVE_LEAST : wait < most ? wait : most;
    return wait -
           wait / 8; /* before the next slice begins, which gives out what came back as well */
}

/* --- looking at one --- */

/* Why it ends now; NULL: it goes on. */
static const char *end_of(const struct td_desk *d, const struct desk_algo *a,
                          const struct desk_children *c)
{
    if (plan_clock(d) >= a->plan.start + a->plan.span + GRACE)
        return a->gate < TD_GATE_COUNT ? td_gate_text(a->gate) : "its time is over";
    return c->failed_in_row >= FAILED_MOST ? "three children in a row were ended by the broker"
                                           : NULL;
}

/* What may have filled unseen is looked up, a few times. */
static void look_up(struct td_desk *d, struct desk_algo *a, const struct desk_children *c,
                    td_ns mono)
{
    if (c->doubt == 0 || d->look_wanted || a->looks == LOOKS_MOST)
        return;
    a->looks++;
    d->look_wanted = true;
    d->look_again_mono = mono + 2 * SETTLE;
}

/* Algorithms by volume say so when they know none: POV then waits, ADAPTIVE goes by the clock and the spread. */
static void tell_quiet(struct td_desk *d, struct desk_algo *a)
{
    const bool by_volume = a->plan.algo == TD_ALGO_POV || a->plan.algo == TD_ALGO_ADAPTIVE;
    if (!by_volume || a->told || a->traded.e9 > 0 || plan_clock(d) - a->plan.start < QUIET)
        return;
    a->told = true;
    td_logf(d->log, TD_LOG_WARN, TD_LOG_TRADING, "algo_no_volume",
            "%s: the market told of no trade for a minute: %s", d->market.lines[a->line].symbol,
            a->plan.algo == TD_ALGO_POV ? "POV gives nothing out"
                                        : "ADAPTIVE goes by the clock and the spread alone");
}

static void ask_plan(struct td_desk *d, struct desk_algo *a, const struct td_order *parent,
                     const struct desk_children *c)
{
    const td_ns mono = td_world_mono(d->world);
    const int64_t left = parent->now.qty.e9 - c->filled, taken = c->out + c->doubt;
    struct td_algo_now now = {.now = plan_clock(d),
                              .traded = a->traded,
                              .filled = {c->filled},
                              .working = {taken < left ? taken : left}};
    struct td_algo_child child;
    td_px last;
    desk_good_prices(d, a->line, &now.quote, &last);
    td_algo_next(&a->plan, &now, &child);
    if (child.again != TD_NS_NEVER && child.again - ERA < a->next_mono)
        a->next_mono = child.again - ERA;
    if (child.qty.e9 == 0)
        return;
    if (mono < a->retry_mono)
        a->next_mono = a->retry_mono < a->next_mono ? a->retry_mono : a->next_mono;
    else
        send_child(d, a, parent, &child);
}

static void tend_parent(struct td_desk *d, struct desk_algo *a, td_ns mono)
{
    struct desk_children c;
    const struct td_order *parent = td_blotter_order(&d->blotter, a->key);
    const td_ns wait = patience(&a->plan);
    if (td_order_state_terminal((enum td_order_state)parent->state)) {
        desk_end_parent(d, parent, "done", "all of it is filled");
        return;
    }
    desk_count_children(d, parent, &c);
    const char *over = end_of(d, a, &c);
    if (over) {
        desk_end_parent(d, parent, c.failed_in_row >= FAILED_MOST ? "cancelled" : "expired", over);
        return;
    }
    if (c.unfilled != a->ended && a->retry_mono < mono + SETTLE)
        a->retry_mono = mono + (SETTLE << c.failed_in_row);
    a->ended = c.unfilled;
    a->next_mono = a->plan.start + a->plan.span + GRACE - ERA;
    if (c.live && wait != TD_NS_NEVER && mono - a->sent_mono >= wait)
        cancel_children(d, a->key, true, "it waited long enough");
    else if (c.live && wait != TD_NS_NEVER && a->sent_mono + wait < a->next_mono)
        a->next_mono = a->sent_mono + wait;
    look_up(d, a, &c, mono);
    tell_quiet(d, a);
    ask_plan(d, a, parent, &c);
    if (a->key && a->next_mono < mono + SOONEST)
        a->next_mono = mono + SOONEST;
}

void desk_tend_algos(struct td_desk *d)
{
    struct desk_algos *s = &d->algos;
    const td_ns mono = td_world_mono(d->world);
    const bool look = s->look;
    if ((!s->count && !s->orphans) || (mono < s->next_mono && !look))
        return;
    s->next_mono = mono + TD_SEC;
    if (!desk_may_order(d))
        return;
    s->look = false;
    if (s->orphans)
        cancel_orphans(d);
    for (uint32_t i = 0; i < DESK_ALGOS_MAX && s->count; i++) {
        struct desk_algo *a = &s->rows[i];
        if (a->key && (look || mono >= a->next_mono))
            tend_parent(d, a, mono);
        if (a->key && a->next_mono < s->next_mono)
            s->next_mono = a->next_mono;
    }
}

td_ns desk_algo_deadline(const struct td_desk *d)
{
    return d->algos.count || d->algos.orphans ? d->algos.next_mono : TD_NS_NEVER;
}

/* --- after a restart --- */

/* The intent of a parent as its record told it. False: the record names no algorithm. */
static bool read_parent(const struct td_order *o, struct td_intent *out, bool *exits)
{
    struct td_str rest = td_str_of(o->status), word = {0};
    (void)td_str_split(&rest, ' ', &word);
    *exits = td_str_is(td_str_trim(rest), "exit");
    *out = (struct td_intent){.action = o->action,
                              .type = o->type,
                              .qty = o->now.qty,
                              .display = o->display,
                              .limit = o->now.limit,
                              .algo_span = o->until - o->intent_ns};
    return td_algo_find(word, &out->algo) == TD_OK && out->algo != TD_ALGO_NONE;
}

/* Volume of before is not known: as if the plan had been kept so far. */
static td_qty volume_so_far(const struct td_algo_plan *p, td_qty filled)
{
    td_qty volume;
    if (td_e9_from_double(td_e9_to_double(filled.e9) / p->participation, &volume.e9) != TD_OK)
        return TD_QTY(0);
    return volume;
}

/* NULL: it goes on; else why it ends. */
static const char *resume(struct td_desk *d, const struct td_order *o)
{
    struct td_intent i;
    struct td_fail why = {0};
    struct desk_algo fresh = {0}, *a = row_of(d, 0);
    const td_ns passed = td_world_now(d->world) - o->intent_ns;
    if (!a || !read_parent(o, &i, &fresh.exit) || !desk_line_of(d, o->symbol, &fresh.line))
        return "the desk that was started again cannot go on with it";
    if (passed >= i.algo_span)
        return "its time passed while the desk was away";
    if (d->blotter.halted && !fresh.exit)
        return "trading was halted while the desk was away";
    td_algo_preset_plan(&d->algos.preset, &i, plan_clock(d) - (passed > 0 ? passed : 0),
                        &fresh.plan);
    need_curve(d, &fresh);
    fresh.traded = volume_so_far(&fresh.plan, o->filled);
    if (td_algo_check(&fresh.plan, &why) != TD_OK)
        return "the desk that was started again cannot go on with it";
    *a = fresh;
    begin_row(d, a, o->key);
    td_logf(d->log, TD_LOG_WARN, TD_LOG_TRADING, "algo_resumed",
            "%s: %s of order %llu goes on, %lld s of its time are left", o->symbol,
            td_algo_word(a->plan.algo), (unsigned long long)o->key,
            (long long)((i.algo_span - passed) / TD_SEC));
    return NULL;
}

void desk_resume_algos(struct td_desk *d)
{
    for (uint32_t i = d->blotter.live_count; i-- > 0;) {
        const struct td_order *o =
            i < d->blotter.live_count ? &d->blotter.orders[d->blotter.live[i]] : NULL;
        const char *over = o && o->role == TD_ROLE_PARENT ? resume(d, o) : NULL;
        if (over)
            desk_end_parent(d, o, "expired", over);
    }
}
