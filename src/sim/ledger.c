/* sim/ledger.c - orders as received, executions, cash and positions. */
#include "sim/ledger.h"

#include <string.h>

size_t td_ledger_bytes(const struct td_ledger_config *config)
{
    return config->accounts_max * sizeof(struct td_ledger_account) +
           config->positions_max * sizeof(struct td_position) +
           config->orders_max * sizeof(struct td_ledger_order) +
           config->fills_max * sizeof(struct td_ledger_fill) + 128;
}

enum td_err td_ledger_open(struct td_ledger *l, const struct td_ledger_config *config,
                           struct td_arena *arena)
{
    *l = (struct td_ledger){.max = *config};
    l->accounts = td_arena_take(arena, config->accounts_max, sizeof *l->accounts);
    l->positions = td_arena_take(arena, config->positions_max, sizeof *l->positions);
    l->orders = td_arena_take(arena, config->orders_max, sizeof *l->orders);
    l->fills = td_arena_take(arena, config->fills_max, sizeof *l->fills);
    return l->accounts && l->positions && l->orders && l->fills ? TD_OK : TD_ENOMEM;
}

enum td_err td_ledger_add_account(struct td_ledger *l, const char *name, td_cash cash,
                                  uint32_t *index)
{
    if (td_ledger_account(l, name, index))
        return TD_EEXIST;
    if (l->account_count == l->max.accounts_max)
        return TD_EFULL;
    struct td_ledger_account *a = &l->accounts[l->account_count];
    *a = (struct td_ledger_account){.start = cash, .cash = cash};
    if (!td_str_copy(td_str_of(name), a->name, sizeof a->name))
        return TD_EINVAL;
    *index = l->account_count++;
    return TD_OK;
}

bool td_ledger_account(const struct td_ledger *l, const char *name, uint32_t *index)
{
    for (uint32_t i = 0; i < l->account_count; i++)
        if (strcmp(l->accounts[i].name, name) == 0) {
            *index = i;
            return true;
        }
    return false;
}

enum td_err td_ledger_received(struct td_ledger *l, const struct td_ledger_order *order)
{
    if (l->order_count == l->max.orders_max)
        return TD_EFULL;
    bool same_id = false;
    bool same_ref = false;
    for (uint32_t i = 0; i < l->order_count && !order->is_modify; i++) {
        const struct td_ledger_order *old = &l->orders[i];
        same_id =
            same_id || (old->client_id == order->client_id && old->order_id == order->order_id);
        same_ref =
            same_ref || (order->ref[0] && !old->is_modify && strcmp(old->ref, order->ref) == 0);
    }
    l->duplicate_ids += same_id;
    l->duplicate_refs += same_ref;
    l->orders[l->order_count++] = *order;
    return TD_OK;
}

static struct td_position *find_position(const struct td_ledger *l, uint32_t account, uint32_t inst)
{
    for (uint32_t i = 0; i < l->position_count; i++)
        if (l->positions[i].account == account && l->positions[i].inst == inst)
            return &l->positions[i];
    return NULL;
}

const struct td_position *td_ledger_position(const struct td_ledger *l, uint32_t account,
                                             uint32_t inst)
{
    return find_position(l, account, inst);
}

/* Signed money the account pays for a fill: price x quantity x multiplier. */
static enum td_err value_of(const struct td_ledger_fill *fill, td_qty qty, td_px px, int64_t *out)
{
    int64_t units = 0;
    const enum td_err err = td_e9_mul(qty.e9, fill->multiplier.e9, &units);
    return err == TD_OK ? td_e9_mul(px.e9, units, out) : err;
}

static int64_t magnitude(int64_t v)
{
    return v < 0 ? -v : v;
}

/* The part of the fill that closes the position, with the sign of the position. */
static int64_t closing_part(int64_t held, int64_t traded)
{
    if (held == 0 || (held > 0) == (traded > 0))
        return 0;
    const int64_t size = magnitude(traded) < magnitude(held) ? magnitude(traded) : magnitude(held);
    return held > 0 ? size : -size;
}

/* Average price after adding `traded` to `held` on the same side. */
static enum td_err average(const struct td_position *p, int64_t traded, td_px px, int64_t *out)
{
    int64_t weighted_step = 0;
    int64_t total = 0;
    enum td_err err = td_e9_add(p->qty.e9, traded, &total);
    if (err == TD_OK)
        err = td_i64_muldiv(px.e9 - p->avg_px.e9, traded, total, &weighted_step);
    if (err == TD_OK)
        *out = p->avg_px.e9 + weighted_step;
    return err;
}

static enum td_err move_position(struct td_position *p, const struct td_ledger_fill *fill,
                                 int64_t *realized)
{
    const int64_t traded = fill->action == TD_BUY ? fill->qty.e9 : -fill->qty.e9;
    const int64_t closed = closing_part(p->qty.e9, traded);
    int64_t qty = 0;
    int64_t gain = 0;
    enum td_err err = td_e9_add(p->qty.e9, traded, &qty);
    if (err == TD_OK)
        err = value_of(fill, (td_qty){closed}, (td_px){fill->px.e9 - p->avg_px.e9}, &gain);
    int64_t avg = p->avg_px.e9;
    if (err == TD_OK && closed == 0)
        err = average(p, traded, fill->px, &avg);
    else if (magnitude(traded) > magnitude(closed))
        avg = fill->px.e9;
    if (err == TD_OK)
        err = td_e9_add(p->realized.e9, gain, &p->realized.e9);
    if (err == TD_OK)
        err = td_e9_add(p->fees.e9, fill->fee.e9, &p->fees.e9);
    if (err != TD_OK)
        return err;
    p->qty.e9 = qty;
    p->avg_px.e9 = qty == 0 ? 0 : avg;
    *realized = gain;
    return TD_OK;
}

static enum td_err move_cash(struct td_ledger_account *a, const struct td_ledger_fill *fill,
                             int64_t realized)
{
    int64_t value = 0;
    enum td_err err = value_of(fill, fill->qty, fill->px, &value);
    if (err == TD_OK)
        err = fill->action == TD_BUY ? td_e9_sub(a->cash.e9, value, &a->cash.e9)
                                     : td_e9_add(a->cash.e9, value, &a->cash.e9);
    if (err == TD_OK)
        err = td_e9_sub(a->cash.e9, fill->fee.e9, &a->cash.e9);
    if (err == TD_OK)
        err = td_e9_add(a->fees.e9, fill->fee.e9, &a->fees.e9);
    return err == TD_OK ? td_e9_add(a->realized.e9, realized, &a->realized.e9) : err;
}

enum td_err td_ledger_book(struct td_ledger *l, struct td_ledger_fill *fill)
{
    TD_REQUIRE(fill->account < l->account_count);
    if (l->fill_count == l->max.fills_max)
        return TD_EFULL;
    struct td_position *p = find_position(l, fill->account, fill->inst);
    if (!p && l->position_count == l->max.positions_max)
        return TD_EFULL;
    /* Both sums are made on copies, so that a value that does not fit books nothing. */
    struct td_position after =
        p ? *p : (struct td_position){.account = fill->account, .inst = fill->inst};
    struct td_ledger_account account = l->accounts[fill->account];
    int64_t realized = 0;
    after.multiplier = fill->multiplier;
    enum td_err err = move_position(&after, fill, &realized);
    if (err == TD_OK)
        err = move_cash(&account, fill, realized);
    if (err != TD_OK)
        return err;
    if (!p)
        p = &l->positions[l->position_count++];
    *p = after;
    l->accounts[fill->account] = account;
    fill->realized.e9 = realized;
    l->fills[l->fill_count++] = *fill;
    return TD_OK;
}

static enum td_err check_account(const struct td_ledger *l, uint32_t account, struct td_fail *why)
{
    struct td_ledger_account sum = {.cash = l->accounts[account].start};
    for (uint32_t i = 0; i < l->fill_count; i++)
        if (l->fills[i].account == account) {
            const enum td_err err = move_cash(&sum, &l->fills[i], l->fills[i].realized.e9);
            if (err != TD_OK)
                return td_fail_set(why, err, "ledger: account %s: fills do not sum",
                                   l->accounts[account].name);
        }
    if (sum.cash.e9 != l->accounts[account].cash.e9 || sum.fees.e9 != l->accounts[account].fees.e9)
        return td_fail_set(why, TD_ECORRUPT, "ledger: account %s: cash differs from its fills",
                           l->accounts[account].name);
    return TD_OK;
}

enum td_err td_ledger_check(const struct td_ledger *l, struct td_fail *why)
{
    for (uint32_t a = 0; a < l->account_count; a++) {
        const enum td_err err = check_account(l, a, why);
        if (err != TD_OK)
            return err;
    }
    for (uint32_t p = 0; p < l->position_count; p++) {
        const struct td_position *pos = &l->positions[p];
        int64_t qty = 0;
        for (uint32_t i = 0; i < l->fill_count; i++) {
            const struct td_ledger_fill *f = &l->fills[i];
            if (f->account == pos->account && f->inst == pos->inst)
                qty += f->action == TD_BUY ? f->qty.e9 : -f->qty.e9;
        }
        if (qty != pos->qty.e9)
            return td_fail_set(why, TD_ECORRUPT, "ledger: position %u differs from its fills",
                               (unsigned)pos->inst);
    }
    return TD_OK;
}

static void put_text(struct td_text *t, const char *name, const char *value)
{
    td_text_printf(t, ",\"%s\":", name);
    td_text_json(t, td_str_of(value));
}

/* Fixed-point numbers go out as text: JSON readers that use floats would change them. */
static void put_e9(struct td_text *t, const char *name, int64_t e9)
{
    td_text_printf(t, ",\"%s\":", name);
    if (e9 == TD_E9_NONE) {
        td_text_put(t, "null");
        return;
    }
    td_text_char(t, '"');
    td_text_e9(t, e9);
    td_text_char(t, '"');
}

static void put_head(struct td_text *t, const char *record, td_ns at)
{
    td_text_printf(t, "{\"record\":\"%s\",\"at\":\"", record);
    td_text_iso(t, at);
    td_text_char(t, '"');
}

static void put_account(struct td_text *t, const struct td_ledger_account *a)
{
    td_text_put(t, "{\"record\":\"account\"");
    put_text(t, "account", a->name);
    put_e9(t, "start", a->start.e9);
    put_e9(t, "cash", a->cash.e9);
    put_e9(t, "realized", a->realized.e9);
    put_e9(t, "fees", a->fees.e9);
    td_text_char(t, '}');
}

static void put_position(struct td_text *t, const struct td_ledger *l, const struct td_position *p)
{
    td_text_put(t, "{\"record\":\"position\"");
    put_text(t, "account", l->accounts[p->account].name);
    td_text_printf(t, ",\"inst\":%u", (unsigned)p->inst);
    put_e9(t, "qty", p->qty.e9);
    put_e9(t, "avg_px", p->avg_px.e9);
    put_e9(t, "realized", p->realized.e9);
    put_e9(t, "fees", p->fees.e9);
    td_text_char(t, '}');
}

static void put_order(struct td_text *t, const struct td_ledger_order *o)
{
    put_head(t, "order", o->at);
    td_text_printf(t,
                   ",\"client_id\":%d,\"order_id\":%d,\"perm_id\":%lld,\"inst\":%u,\"action\":\"%"
                   "s\",\"modify\":%s",
                   (int)o->client_id, (int)o->order_id, (long long)o->perm_id, (unsigned)o->inst,
                   o->action == TD_BUY ? "BUY" : "SELL", o->is_modify ? "true" : "false");
    put_text(t, "type", o->type);
    put_text(t, "tif", o->tif);
    put_text(t, "ref", o->ref);
    put_e9(t, "qty", o->qty.e9);
    put_e9(t, "limit_px", o->limit_px.e9);
    put_e9(t, "stop_px", o->stop_px.e9);
    td_text_char(t, '}');
}

static void put_fill(struct td_text *t, const struct td_ledger *l, const struct td_ledger_fill *f)
{
    put_head(t, "fill", f->at);
    td_text_printf(t,
                   ",\"client_id\":%d,\"order_id\":%d,\"perm_id\":%lld,\"inst\":%u,\"action\":\"%"
                   "s\",\"liquidity\":%d",
                   (int)f->client_id, (int)f->order_id, (long long)f->perm_id, (unsigned)f->inst,
                   f->action == TD_BUY ? "BUY" : "SELL", (int)f->liquidity);
    put_text(t, "account", l->accounts[f->account].name);
    put_text(t, "exec_id", f->exec_id);
    put_text(t, "ref", f->ref);
    put_e9(t, "px", f->px.e9);
    put_e9(t, "qty", f->qty.e9);
    put_e9(t, "fee", f->fee.e9);
    put_e9(t, "realized", f->realized.e9);
    td_text_printf(t, ",\"generated\":%s}", f->generated ? "true" : "false");
}

bool td_ledger_line(const struct td_ledger *l, uint32_t *cursor, struct td_text *out)
{
    uint32_t at = (*cursor)++;
    td_text_reset(out);
    if (at < l->account_count) {
        put_account(out, &l->accounts[at]);
        return true;
    }
    at -= l->account_count;
    if (at < l->position_count) {
        put_position(out, l, &l->positions[at]);
        return true;
    }
    at -= l->position_count;
    if (at < l->order_count) {
        put_order(out, &l->orders[at]);
        return true;
    }
    at -= l->order_count;
    if (at < l->fill_count) {
        put_fill(out, l, &l->fills[at]);
        return true;
    }
    if (at > l->fill_count)
        return false;
    td_text_printf(out,
                   "{\"record\":\"summary\",\"orders\":%u,\"fills\":%u,\"duplicate_ids\":%u,"
                   "\"duplicate_refs\":%u}",
                   (unsigned)l->order_count, (unsigned)l->fill_count, (unsigned)l->duplicate_ids,
                   (unsigned)l->duplicate_refs);
    return true;
}
