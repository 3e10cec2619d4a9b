/* desk/desk_orders.c - from intent to a record that waits for the disk: new orders, changes, cancels. */
#include "desk/desk_inner.h"

#include <stdio.h>

#define REFUSALS_TOLD 1000 /* one line for so many: a failed journal refuses everything */

enum td_err desk_fact(struct td_desk *d, struct td_record *r)
{
    r->seq = 0;
    const struct td_order *old = r->key ? td_blotter_order(&d->blotter, r->key) : NULL;
    const uint8_t before = old ? old->state : TD_OS_INTENT;
    const enum td_err err = td_blotter_apply(&d->blotter, r);
    if (err)
        return err;
    d->tend |= r->type != TD_REC_DENIED;
    if (r->type == TD_REC_RECON)
        desk_prove_children(d);
    if (r->type == TD_REC_EXEC || r->type == TD_REC_POSITION)
        desk_guards_moved(d);
    d->money.dirty |= r->type == TD_REC_EXEC || r->type == TD_REC_FEE || r->type == TD_REC_DAY;
    desk_money_moved(d);
    const struct td_order *o = r->key ? td_blotter_order(&d->blotter, r->key) : NULL;
    d->algos.look |= r->type == TD_REC_RECON || (o && o->role == TD_ROLE_SLICE);
    if (o)
        desk_note_outcome(d, before, o);
    if (r->symbol[0] || o)
        desk_refresh_leg(d, o ? o->symbol : r->symbol);
    const enum td_err journaled = td_writer_journal(d->writer, r);
    if (journaled) {
        /* The fact itself is the broker's and can be asked for again; the order gate closes by JOURNAL. */
        if (d->order_errors++ % REFUSALS_TOLD == 0)
            td_logf(d->log, TD_LOG_ERROR, TD_LOG_TRADING, "journal_refused", "%s: %s; %llu so far",
                    td_record_name((enum td_record_type)r->type), td_err_text(journaled),
                    (unsigned long long)d->order_errors);
    } else {
        d->blotter.last_seq = r->seq;
    }
    return TD_OK;
}

void desk_name_line(const struct td_desk *d, uint32_t index, struct td_record *r)
{
    const struct td_line *line = &d->market.lines[index];
    (void)td_str_copy(td_str_of(line->symbol), r->symbol, sizeof r->symbol);
    r->conid = line->inst.conid;
    r->multiplier = line->inst.multiplier;
}

/* A refused intent may be anything; the journal takes only what has a meaning. */
static void fill_intent(const struct td_desk *d, uint32_t line, const struct td_intent *i,
                        struct td_record *r)
{
    desk_name_line(d, line, r);
    r->action = i->action <= TD_SELL ? i->action : TD_BUY;
    r->otype = i->type < TD_ORDER_TYPE_COUNT ? i->type : TD_ORDER_MARKET;
    r->tif = i->tif < TD_TIF_COUNT ? i->tif : TD_TIF_DAY;
    r->qty = i->qty;
    r->display = i->display;
    r->limit = i->limit;
    r->stop = i->stop;
    r->trail = i->trail;
    r->target = i->target;
    r->protect = i->protect;
    r->until = i->good_until;
    (void)td_str_copy(td_str_of(i->strategy), r->strategy, sizeof r->strategy);
}

bool desk_deny(struct td_desk *d, uint32_t line, const struct td_intent *i, enum td_gate gate,
               const char *text)
{
    struct td_record r;
    td_record_init(&r, TD_REC_DENIED, td_world_now(d->world));
    fill_intent(d, line, i, &r);
    r.code = (int64_t)gate;
    (void)snprintf(r.text, sizeof r.text, "%s", text);
    d->result.denied++;
    (void)snprintf(d->result.last_denial, sizeof d->result.last_denial, "%s", text);
    if (desk_fact(d, &r) == TD_OK)
        td_logf(d->log, TD_LOG_INFO, TD_LOG_TRADING, "TRADING_DECISION", "%s %s denied: %s",
                r.symbol, i->action == TD_BUY ? "BUY" : "SELL", text);
    return false;
}

/* --- what waits for the disk --- */

static bool hold_until_durable(struct td_desk *d, const struct td_record *r, bool reduces)
{
    for (int i = 0; i < DESK_PENDING_MAX; i++)
        if (!d->pending[i].key) {
            d->pending[i] = (struct desk_pending){.seq = r->seq,
                                                  .key = r->key,
                                                  .since = td_world_mono(d->world),
                                                  .change = r->type == TD_REC_CHANGE,
                                                  .reduces = reduces,
                                                  .settings = d->reload.number};
            d->pending_count++;
            desk_delay(d, DESK_STAGE_DECIDE, d->pending[i].since - d->looks.turn_mono);
            return true;
        }
    return false;
}

static bool refuse_order(struct td_desk *d, const char *symbol, const char *why)
{
    d->order_errors++;
    td_logf(d->log, TD_LOG_ERROR, TD_LOG_TRADING, "order_refused", "%s: %s", symbol, why);
    return false;
}

/* Is there room for one more that waits, and an id for it? */
static bool may_queue(struct td_desk *d, const char *symbol)
{
    if (d->pending_count == DESK_PENDING_MAX) {
        td_logf(d->log, TD_LOG_ERROR, TD_LOG_TRADING, "order_refused",
                "%s: %d orders already wait for the disk", symbol, DESK_PENDING_MAX);
        return false;
    }
    if (d->blotter.next_id <= TD_ORDER_ID_LAST)
        return true;
    td_checklist_set(&d->checks, TD_CHECK_IDS, false); /* what works can still be cancelled */
    td_connection_alert(&d->conn, TD_ALERT_ORDER_IDS,
                        "order ids are used up in this session: no further order");
    return false;
}

/* The record goes to the disk first; the blotter follows. */
static bool put_record(struct td_desk *d, struct td_record *r)
{
    enum td_err err = td_blotter_may(&d->blotter, r);
    if (err)
        return refuse_order(d, r->symbol,
                            err == TD_EFULL ? "the tables are full: no further order today"
                                            : td_err_text(err));
    err = td_writer_journal(d->writer, r);
    if (err)
        return refuse_order(d, r->symbol, td_err_text(err));
    TD_REQUIRE(td_blotter_apply(&d->blotter, r) == TD_OK);
    desk_refresh_leg(d, td_blotter_order(&d->blotter, r->key)->symbol);
    return true;
}

/* And the bytes wait for the disk. */
static bool commit(struct td_desk *d, struct td_record *r, bool reduces)
{
    if (!put_record(d, r))
        return false;
    TD_REQUIRE(hold_until_durable(d, r, reduces));
    return true;
}

static bool approve(struct td_desk *d, uint32_t line, const struct td_approved *a,
                    const struct desk_origin *from)
{
    struct td_record r;
    struct td_text ref;
    TD_REQUIRE(td_risk_sealed(a));
    if (!may_queue(d, d->market.lines[line].symbol))
        return false;
    td_record_init(&r, TD_REC_ORDER, td_world_now(d->world));
    fill_intent(d, line, &a->intent, &r);
    r.key = d->blotter.next_key;
    r.order_id = d->blotter.next_id;
    r.client_id = d->link->config.client_id;
    r.cash = a->value;
    r.role = from->role;
    r.parent = (int64_t)from->parent;
    r.group = from->group;
    r.tag = from->tag;
    td_text_init(&ref, r.ref, sizeof r.ref);
    td_text_put(&ref, "td-");
    td_text_put(&ref, d->run_id);
    td_text_char(&ref, '-');
    td_text_i64(&ref, (int64_t)r.key);
    (void)td_str_copy(td_str_of(d->account), r.account, sizeof r.account);
    (void)td_str_copy(td_str_of(a->intent.reason), r.text, sizeof r.text);
    if (!commit(d, &r, a->reducing))
        return false;
    td_breaker_begin(&d->breakers.rows[BREAKER_ORDERS], td_world_mono(d->world));
    d->result.orders++;
    return true;
}

/* Takes a working order's unfilled part out of the facts. */
static void uncount(const struct td_order *o, struct td_gate_facts *facts)
{
    const int64_t counted = td_order_counted(o).e9;
    if (o->action == TD_BUY)
        facts->working_buy.e9 -= counted;
    else
        facts->working_sell.e9 -= counted;
}

/* A target and its stop are one exit: the stop stands for both in the sums, so the target is asked about without it. */
static void uncount_stop(const struct td_desk *d, uint8_t role, uint64_t parent,
                         struct td_gate_facts *facts)
{
    for (uint32_t i = 0; i < d->blotter.live_count && role == TD_ROLE_TARGET; i++) {
        const struct td_order *o = &d->blotter.orders[d->blotter.live[i]];
        if (o->role == TD_ROLE_STOP && o->parent == parent)
            uncount(o, facts);
    }
}

bool desk_ask_gates(struct td_desk *d, uint32_t line, const struct td_intent *intent,
                    const struct desk_origin *from)
{
    struct td_gate_facts facts;
    struct td_verdict verdict;
    d->result.intents++;
    desk_facts(d, line, &facts);
    uncount_stop(d, from->role, from->parent, &facts);
    td_risk_check(&d->limits, &facts, intent, &d->recent, &verdict);
    return verdict.approved ? approve(d, line, &verdict.order, from)
                            : desk_deny(d, line, intent, verdict.gate, verdict.text);
}

/* --- parents and their children --- */

uint64_t desk_ask_parent(struct td_desk *d, uint32_t line, const struct td_intent *intent,
                         const struct desk_origin *from, td_ns span)
{
    struct td_gate_facts facts;
    struct td_verdict verdict;
    struct td_record r;
    d->result.intents++;
    desk_facts(d, line, &facts);
    td_risk_check(&d->limits, &facts, intent, &d->recent, &verdict);
    if (!verdict.approved) {
        (void)desk_deny(d, line, intent, verdict.gate, verdict.text);
        return 0;
    }
    td_record_init(&r, TD_REC_PARENT, td_world_now(d->world));
    fill_intent(d, line, intent, &r);
    r.key = d->blotter.next_key;
    r.cash = verdict.order.value;
    r.role = from->role;
    r.tag = from->tag;
    r.until = r.at_ns + span;
    r.trail = desk_good_mark(d, line);
    (void)snprintf(r.status, sizeof r.status, "%s%s", td_algo_word(intent->algo),
                   intent->exit ? " exit" : "");
    (void)td_str_copy(td_str_of(intent->reason), r.text, sizeof r.text);
    if (!put_record(d, &r))
        return 0;
    td_logf(d->log, TD_LOG_INFO, TD_LOG_TRADING, "TRADING_DECISION",
            "%s %s %s: key=%llu is worked for %lld s; %s", r.symbol,
            r.action == TD_BUY ? "BUY" : "SELL", r.status, (unsigned long long)r.key,
            (long long)(span / TD_SEC), r.text);
    return r.key;
}

/* What the parent was asked for as a whole, its children are not asked for again. */
static struct td_limits limits_of_slice(const struct td_desk *d)
{
    struct td_limits limits = d->limits;
    limits.value[TD_LIMIT_DUPLICATE] = 0;
    limits.value[TD_LIMIT_TRADES] = INT32_MAX;
    limits.value[TD_LIMIT_DAY_VALUE] = TD_LIMIT_OFF - 1;
    limits.value[TD_LIMIT_OPEN_POSITIONS] = INT32_MAX;
    return limits;
}

enum td_gate desk_ask_slice(struct td_desk *d, uint32_t line, const struct td_intent *intent,
                            const struct desk_origin *from, enum td_gate told)
{
    struct td_gate_facts facts;
    struct td_verdict verdict;
    const struct td_limits limits = limits_of_slice(d);
    d->result.intents++;
    desk_facts(d, line, &facts);
    if (intent->action == TD_BUY) /* it stands in the sums with its parent */
        facts.working_buy.e9 -= intent->qty.e9;
    else
        facts.working_sell.e9 -= intent->qty.e9;
    td_risk_check(&limits, &facts, intent, &d->recent, &verdict);
    if (verdict.approved)
        return approve(d, line, &verdict.order, from) ? TD_GATE_COUNT : TD_GATE_JOURNAL;
    if (verdict.gate != told)
        (void)desk_deny(d, line, intent, verdict.gate, verdict.text);
    return verdict.gate;
}

bool desk_may_exit(struct td_desk *d, uint32_t line, const struct td_intent *intent)
{
    struct td_gate_facts facts;
    struct td_verdict verdict;
    struct td_recent recent = d->recent; /* nothing is remembered of a question */
    desk_facts(d, line, &facts);
    for (uint32_t i = 0; i < d->blotter.live_count; i++) {
        const struct td_order *o = &d->blotter.orders[d->blotter.live[i]];
        if (o->role == TD_ROLE_STOP && strcmp(o->symbol, d->market.lines[line].symbol) == 0)
            uncount(o, &facts);
    }
    td_risk_check(&d->limits, &facts, intent, &recent, &verdict);
    return verdict.approved || desk_deny(d, line, intent, verdict.gate, verdict.text);
}

/* --- other terms, or none --- */

/* What the order would be with the new terms, as a new one in place of the old: the gates look at that. */
static void without(const struct td_desk *d, const struct td_order *o, struct td_gate_facts *facts)
{
    uncount(o, facts);
    uncount_stop(d, o->role, o->parent, facts);
    facts->open_orders--;
    if (o->action == TD_BUY) /* its own price is not met by itself */
        facts->own_bid = TD_PX_NONE;
    else
        facts->own_ask = TD_PX_NONE;
}

bool desk_change(struct td_desk *d, uint32_t line, const struct td_order *o,
                 const struct td_intent *intent)
{
    struct td_gate_facts facts;
    struct td_verdict verdict;
    struct td_intent rest = *intent;
    struct td_record r;
    if (intent->qty.e9 == o->now.qty.e9 && intent->limit.e9 == o->now.limit.e9 &&
        intent->stop.e9 == o->now.stop.e9 && intent->trail.e9 == o->now.trail.e9)
        return true; /* it is so already */
    d->result.intents++;
    if (o->role == TD_ROLE_PARENT)
        return desk_deny(d, line, intent, TD_GATE_FORM,
                         "FORM: an order that is worked by an algorithm is not changed; cancel it");
    if (o->state != TD_OS_WORKING || o->changing)
        return desk_deny(d, line, intent, TD_GATE_FORM,
                         "FORM: the order is not working, or its last change is not answered");
    rest.action = o->action;
    rest.type = o->type;
    rest.qty.e9 -= o->filled.e9;
    desk_facts(d, line, &facts);
    without(d, o, &facts);
    td_risk_check(&d->limits, &facts, &rest, &d->recent, &verdict);
    if (!verdict.approved)
        return desk_deny(d, line, intent, verdict.gate, verdict.text);
    if (!may_queue(d, o->symbol))
        return false;
    td_record_init(&r, TD_REC_CHANGE, td_world_now(d->world));
    r.key = o->key;
    r.order_id = o->order_id;
    r.qty = intent->qty;
    r.limit = intent->limit;
    r.stop = intent->stop;
    r.trail = intent->trail;
    (void)td_str_copy(td_str_of(intent->reason), r.text, sizeof r.text);
    return commit(d, &r, false);
}

void desk_want(struct td_desk *d, uint32_t instance, uint32_t line, const struct td_intent *intent)
{
    const int64_t space = (int64_t)(instance + 1)
                          << 32; /* tags and groups are the instance's own */
    const struct desk_origin from = {.role = intent->exit ? TD_ROLE_EXIT : TD_ROLE_ENTRY,
                                     .tag = intent->tag ? space | intent->tag : 0,
                                     .group = intent->group ? space | intent->group : 0};
    if (intent->kind == TD_INTENT_ORDER && intent->exit) {
        desk_exit(d, line, intent, &from);
        return;
    }
    if (intent->kind == TD_INTENT_ORDER) {
        struct td_intent sized = *intent;
        char text[128];
        const bool any = desk_size(d, line, &sized, text);
        sized.algo = any ? desk_choose_algo(d, line, &sized) : sized.algo;
        if (any && sized.algo != TD_ALGO_NONE)
            (void)desk_begin_parent(d, line, &sized, &from);
        else if (any)
            (void)desk_ask_gates(d, line, &sized, &from);
        else
            (void)desk_deny(d, line, intent, TD_GATE_FORM, text);
        return;
    }
    const struct td_order *o = desk_tagged(d, intent->strategy, from.tag);
    if (!o)
        return; /* it ended meanwhile: nothing is left to change */
    if (intent->kind == TD_INTENT_CANCEL)
        (void)desk_cancel(d, o, intent->reason[0] ? intent->reason : "by the strategy");
    else
        (void)desk_change(d, line, o, intent);
}

const struct td_order *desk_tagged(const struct td_desk *d, const char *strategy, int64_t tag)
{
    for (uint32_t i = 0; tag && i < d->blotter.live_count; i++) {
        const struct td_order *o = &d->blotter.orders[d->blotter.live[i]];
        if (o->tag == tag && !o->foreign && strcmp(o->strategy, strategy) == 0)
            return o;
    }
    return NULL;
}
