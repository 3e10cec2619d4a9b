/* trial/judge.c - the ledger against the desk, the journal against its own replay. */
#include "trial/judge.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "desk/desk_inner.h"

#define REFS_MAX     65536
#define WHOLE_EVERY  4096          /* turns between two whole checks of the desk's blotter */
#define MINUTE       (58 * TD_SEC) /* orders may come a little closer than they left */
#define AFTER_A_HALT (2 * TD_SEC)  /* what was on its way arrives */

static const struct td_blotter_limits limits = {
    .orders_max = 32768, .executions_max = 65536, .holdings_max = TD_LINES_MAX};

static void TD_PRINTF(2, 3) violated(struct td_judge *j, const char *format, ...)
{
    va_list args;
    if (j->what[0])
        return;
    va_start(args, format);
    (void)vsnprintf(j->what, sizeof j->what, format, args);
    va_end(args);
}

static void must(struct td_judge *j, bool holds, const char *what)
{
    j->checks++;
    if (!holds)
        violated(j, "%s", what);
}

bool td_judge_held(const struct td_judge *j)
{
    return !j->what[0];
}

enum td_err td_judge_open(struct td_judge *j, struct td_fail *why)
{
    const size_t bytes = td_blotter_bytes(&limits);
    memset(j, 0, sizeof *j);
    j->memory = malloc(bytes);
    j->ref_cap = REFS_MAX;
    j->refs = calloc(REFS_MAX, sizeof *j->refs);
    if (!j->memory || !j->refs)
        return td_fail_set(why, TD_ENOMEM, "no memory for the judge");
    td_arena_init(&j->arena, j->memory, bytes);
    return td_blotter_open(&j->again, &limits, &j->arena);
}

void td_judge_close(struct td_judge *j)
{
    free(j->memory);
    free(j->refs);
    memset(j, 0, sizeof *j);
}

/* --- after every turn --- */

static int64_t broker_position(const struct td_stage *s, uint32_t inst)
{
    const struct td_ledger *l = td_gateway_ledger(s->gateway);
    const struct td_position *p = td_ledger_position(l, 0, inst);
    return p ? p->qty.e9 : 0;
}

/* What the desk says this order is for; NULL: it is not the desk's, or nobody is there to ask. */
static const struct td_order *order_of(const struct td_stage *s, const char *ref)
{
    for (uint32_t i = s->desk ? s->desk->blotter.order_count : 0; i-- > 0;)
        if (strcmp(s->desk->blotter.orders[i].ref, ref) == 0)
            return &s->desk->blotter.orders[i];
    return NULL;
}

/* Within a round trip before an order came the broker may have filled what its sender could not know: entries, what shares
 * the order's group, targets beside a stop of the position. Two exits, or stops of two groups, must make room for each other. */
static bool crossed(const struct td_stage *s, const struct td_ledger_fill *f,
                    const struct td_ledger_order *o)
{
    if (f->at <= o->at - 2 * s->plan.world.latency_max * s->plan.speed)
        return false;
    const struct td_order *filled = f->untold ? NULL : order_of(s, f->ref);
    const struct td_order *came = order_of(s, o->ref);
    if (!filled || !came || filled->role == TD_ROLE_ENTRY)
        return true;
    return (filled->group && filled->group == came->group) ||
           (filled->role == TD_ROLE_TARGET && came->role == TD_ROLE_STOP && !came->group);
}

#define VIEWS 3 /* of what came before an order: by its stamp, not by it, as its sender saw it */
#define BOOKS 3 /* the broker's; what was told of it; that, with what was taken back since */

/* Would this order make the position smaller: the broker's, or what was told of it? A change behind the desk's back is not
 * known to it at once, and what has the order's own stamp may have come before or after it. */
static bool reduces(const struct td_stage *s, const struct td_ledger_order *o)
{
    const struct td_ledger *l = td_gateway_ledger(s->gateway);
    const int64_t now = broker_position(s, o->inst);
    int64_t held[BOOKS * VIEWS] = {now, now, now};
    for (uint32_t i = 0; i < l->fill_count; i++) {
        const struct td_ledger_fill *f = &l->fills[i];
        if (f->inst != o->inst)
            continue;
        const int64_t change = f->action == TD_BUY ? f->qty.e9 : -f->qty.e9;
        const bool own = f->client_id == o->client_id && f->order_id == o->order_id;
        const bool after[VIEWS] = {own || f->at >= o->at, own || f->at > o->at,
                                   own || f->at > o->at || crossed(s, f, o)};
        for (int k = 0; k < VIEWS; k++) {
            held[k] -= after[k] ? change : 0;
            held[VIEWS + k] += after[k] || f->untold ? 0 : change;
            held[2 * VIEWS + k] += after[k] || (f->untold && !f->taken_back) ? 0 : change;
        }
    }
    for (int i = 0; i < BOOKS * VIEWS; i++)
        if (o->action == TD_BUY ? held[i] < 0 && o->qty.e9 <= -held[i]
                                : held[i] > 0 && o->qty.e9 <= held[i])
            return true;
    return false;
}

/* Of our desk: references begin with td-. */
static bool is_ours(const struct td_ledger_order *o)
{
    return strncmp(o->ref, "td-", 3) == 0;
}

/* Never more in a minute than the limit, whatever ends and begins again; a jump of the clock begins a new minute. */
static void look_at_pace(struct td_judge *j, const struct td_stage *s,
                         const struct td_ledger_order *o, td_ns mono)
{
    const uint32_t limit = (uint32_t)s->plan.orders_per_minute;
    if (!s->plan.flood || o->is_modify || reduces(s, o))
        return;
    j->checks++;
    if (mono - s->stepped < 2 * MINUTE)
        j->minute_count = 0;
    else if (j->minute_count >= limit &&
             mono - j->minute[(j->minute_count - limit) % TD_COUNT(j->minute)] < MINUTE)
        violated(j, "order %s is one more than %u in a minute", o->ref, limit);
    j->minute[j->minute_count++ % TD_COUNT(j->minute)] = mono;
}

static void look_at_order(struct td_judge *j, const struct td_stage *s,
                          const struct td_ledger_order *o, td_ns mono)
{
    if (!is_ours(o))
        return;
    must(j, o->qty.e9 > 0, "an order for nothing reached the broker");
    if (!o->is_modify && o->qty.e9 > s->plan.order_max * TD_E9 && !reduces(s, o))
        violated(j, "order %s is larger than the limit and does not reduce", o->ref);
    look_at_pace(j, s, o, mono);
    const bool halted = j->halted_since && mono - j->halted_since > AFTER_A_HALT;
    if (halted && !o->is_modify && !reduces(s, o))
        violated(j, "order %s reached the broker while the desk was halted", o->ref);
    j->checks++;
}

void td_judge_look(struct td_judge *j, struct td_stage *s)
{
    const struct td_ledger *l = td_gateway_ledger(s->gateway);
    const td_ns mono = td_world_mono(&s->bystander);
    struct td_fail why = {0};
    must(j, l->duplicate_ids == 0 && l->duplicate_refs == 0, "the broker received an order twice");
    must(j, !s->eye.early, "an order left before its record was durable");
    for (; j->orders_seen < l->order_count; j->orders_seen++)
        look_at_order(j, s, &l->orders[j->orders_seen], mono);
    const bool halted = s->desk && s->desk->blotter.halted;
    if (!halted)
        j->halted_since = 0;
    else if (!j->halted_since)
        j->halted_since = mono;
    if (s->desk && ++j->turns % WHOLE_EVERY == 0) {
        if (td_blotter_check(&s->desk->blotter, &why) != TD_OK)
            violated(j, "%s", why.text);
        j->checks++;
    }
}

/* --- the journal, read again --- */

static enum td_err read_again(void *arg, const struct td_record *r)
{
    struct td_judge *j = arg;
    uint8_t bytes[TD_RECORD_BYTES_MAX];
    const uint64_t pair[2] = {j->hash, td_hash_bytes(bytes, td_record_encode(r, bytes))};
    j->hash = td_hash_bytes(pair, sizeof pair);
    j->changes += r->type == TD_REC_CHANGE;
    j->frozen += r->type == TD_REC_FREEZE;
    if (r->type == TD_REC_ORDER && j->orders < j->ref_cap)
        (void)td_str_copy(td_str_of(r->ref), j->refs[j->orders++], sizeof j->refs[0]);
    const enum td_err err = td_blotter_apply(&j->again, r);
    return err == TD_EEXIST || err == TD_ENOENT ? TD_OK : err;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void compare_refs(struct td_judge *j, const struct td_ledger *l)
{
    qsort(j->refs, j->orders, sizeof *j->refs, by_text);
    for (uint32_t i = 1; i < j->orders; i++)
        must(j, strcmp(j->refs[i - 1], j->refs[i]) != 0, "the journal has an order twice");
    for (uint32_t i = 0; i < l->order_count; i++) {
        char ref[40] = "";
        if (!is_ours(&l->orders[i]))
            continue;
        (void)td_str_copy(td_str_of(l->orders[i].ref), ref, sizeof ref);
        if (!bsearch(ref, j->refs, j->orders, sizeof *j->refs, by_text))
            violated(j, "the broker received %s, which is not in the journal", ref);
        j->checks++;
    }
}

/* What a restart would know must be what the desk knows. */
static void compare_blotters(struct td_judge *j, const struct td_blotter *desk)
{
    const struct td_blotter *again = &j->again;
    must(j, again->order_count == desk->order_count, "a replay has another number of orders");
    must(j, again->execution_count == desk->execution_count,
         "a replay has another number of executions");
    must(j, again->next_id == desk->next_id && again->next_key == desk->next_key,
         "a replay would use an order id or key again");
    must(j, again->halted == desk->halted, "a replay is halted and the desk is not, or otherwise");
    for (uint32_t i = 0; i < desk->order_count && td_judge_held(j); i++) {
        const struct td_order *a = &again->orders[i], *b = &desk->orders[i];
        must(j,
             a->key == b->key && a->state == b->state && a->filled.e9 == b->filled.e9 &&
                 a->now.qty.e9 == b->now.qty.e9 && a->perm_id == b->perm_id,
             "a replay has an order in another state");
    }
    for (uint32_t i = 0; i < desk->holding_count && td_judge_held(j); i++) {
        const struct td_blotter_holding *a = &again->holdings[i], *b = &desk->holdings[i];
        must(j, a->now.qty.e9 == b->now.qty.e9 && a->now.realized.e9 == b->now.realized.e9,
             "a replay has another position or profit");
        must(j, a->freeze == b->freeze && a->open_orders == b->open_orders,
             "a replay has a contract in another state");
    }
}

/* --- parents and children --- */

/* What the broker filled of an order, as far as it was told; never more than the order: what lives twice fills twice. */
static int64_t filled_by_broker(const struct td_ledger *l, const struct td_order *o)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < l->fill_count; i++)
        if (!l->fills[i].untold && strcmp(l->fills[i].ref, o->ref) == 0)
            sum += l->fills[i].qty.e9;
    return sum < o->now.qty.e9 ? sum : o->now.qty.e9;
}

/* By the broker's fills and the journal's parents: children are never more than their parent. */
static void look_at_parents(struct td_judge *j, const struct td_ledger *l)
{
    for (uint32_t i = 0; i < j->again.order_count; i++) {
        const struct td_order *parent = &j->again.orders[i];
        int64_t sum = 0;
        if (parent->role != TD_ROLE_PARENT)
            continue;
        j->parents++;
        for (uint32_t k = i + 1; k < j->again.order_count; k++)
            if (j->again.orders[k].parent == parent->key &&
                j->again.orders[k].role == TD_ROLE_SLICE)
                sum += filled_by_broker(l, &j->again.orders[k]);
        if (sum > parent->now.qty.e9)
            violated(j, "the children of order %llu filled %lld of %lld",
                     (unsigned long long)parent->key, (long long)(sum / TD_E9),
                     (long long)(parent->now.qty.e9 / TD_E9));
        j->checks++;
    }
}

/* --- the end --- */

static int64_t own_position(const struct td_stage *s, const char *symbol)
{
    uint32_t h;
    const bool known = td_blotter_holding(&s->desk->blotter, symbol, &h);
    return known ? s->desk->blotter.holdings[h].now.qty.e9 : 0;
}

bool td_judge_settled(const struct td_stage *s)
{
    struct td_gateway_symbol symbol;
    bool equal = s->desk && s->desk->pending_count == 0 && s->desk->sync == SYNC_DONE;
    for (uint32_t n = 0; equal && td_gateway_symbol(s->gateway, n, &symbol); n++)
        equal = own_position(s, symbol.symbol) == broker_position(s, symbol.inst);
    return equal;
}

static void compare_positions(struct td_judge *j, const struct td_stage *s)
{
    struct td_gateway_symbol symbol;
    for (uint32_t n = 0; td_gateway_symbol(s->gateway, n, &symbol); n++) {
        const int64_t own = own_position(s, symbol.symbol);
        const int64_t theirs = broker_position(s, symbol.inst);
        j->checks++;
        if (own != theirs)
            violated(j, "%s: the desk holds %lld and the broker says %lld", symbol.symbol,
                     (long long)(own / TD_E9), (long long)(theirs / TD_E9));
    }
}

static void look_at_ends(struct td_judge *j, const struct td_desk *d)
{
    for (uint32_t i = 0; i < d->blotter.live_count; i++) {
        const struct td_order *o = &d->blotter.orders[d->blotter.live[i]];
        j->checks++;
        if (o->state == TD_OS_UNKNOWN || o->state == TD_OS_INTENT)
            violated(j, "%s is still %s after the trouble", o->ref,
                     td_order_state_word((enum td_order_state)o->state));
    }
}

void td_judge_end(struct td_judge *j, struct td_stage *s, const char *refused)
{
    struct td_fail why = {0};
    td_judge_look(j, s);
    if (td_ledger_check(td_gateway_ledger(s->gateway), &why) != TD_OK)
        violated(j, "the simulator's own books: %s", why.text);
    if (!s->desk)
        violated(j, "the desk could not be started after the trouble: %s", refused);
    if (!s->desk || !td_judge_held(j))
        return;
    j->checks++;
    if (s->desk->sync != SYNC_DONE)
        violated(j, "the session is not ready after the trouble: %s, look %d",
                 desk_sync_word(s->desk), (int)s->desk->look);
    must(j, td_blotter_check(&s->desk->blotter, &why) == TD_OK, why.text);
    look_at_ends(j, s->desk);
    compare_positions(j, s);
    td_writer_kick(s->desk->writer);
    if (td_journal_read(&s->desk_world, TD_STAGE_JOURNAL, read_again, j, NULL, &why) != TD_OK)
        violated(j, "the journal: %s", why.text);
    look_at_parents(j, td_gateway_ledger(s->gateway));
    must(j, s->desk->algos.stopped == 0, "a child was stopped at the socket");
    compare_refs(j, td_gateway_ledger(s->gateway));
    compare_blotters(j, &s->desk->blotter);
}

void td_judge_camera(struct td_judge *j, struct td_stage *s, bool end)
{
    if (end)
        td_witness_end(&j->witness, &s->camera);
    else
        td_witness_look(&j->witness, &s->camera);
    if (j->witness.what[0])
        violated(j, "%s", j->witness.what);
}
