/* desk/desk_algos_tell.c - parents told: what one came to in the log, and those at work as JSON for `tapedeck status`. */
#include <math.h>

#include "desk/desk_inner.h"

/* How much worse than at arrival it was filled, in basis points; NaN: not known. */
static double slippage_bps(const struct td_order *parent)
{
    const td_px average = td_order_average(parent), arrival = parent->now.trail;
    if (td_px_is_none(average) || td_px_is_none(arrival) || arrival.e9 <= 0)
        return (double)NAN;
    const double worse = td_e9_to_double(average.e9) / td_e9_to_double(arrival.e9) - 1;
    return 10000 * (parent->action == TD_BUY ? worse : -worse);
}

static void put_price(struct td_text *t, const char *word, td_px px)
{
    td_text_put(t, word);
    if (td_px_is_none(px))
        td_text_put(t, "unknown");
    else
        td_text_e9(t, px.e9);
}

void desk_tell_parent(const struct td_desk *d, const struct td_order *parent, const char *word,
                      const char *reason)
{
    char line[300];
    struct td_text t;
    struct desk_children c;
    const double bps = slippage_bps(parent);
    desk_count_children(d, parent, &c);
    td_text_init(&t, line, sizeof line);
    td_text_printf(&t, "%s %s ", parent->symbol, parent->action == TD_BUY ? "BUY" : "SELL");
    td_text_e9(&t, parent->filled.e9);
    td_text_put(&t, " of ");
    td_text_e9(&t, parent->now.qty.e9);
    td_text_printf(&t, " %s (%s), %u children in %lld s", word, reason, c.count,
                   (long long)((td_world_now(d->world) - parent->intent_ns) / TD_SEC));
    put_price(&t, ", average ", td_order_average(parent));
    put_price(&t, ", at arrival ", parent->now.trail);
    if (!isnan(bps))
        td_text_printf(&t, ", slippage %.1f bps", bps);
    td_logf(d->log, TD_LOG_INFO, TD_LOG_TRADING, "algo_end", "key=%llu %.*s",
            (unsigned long long)parent->key, (int)t.len, t.buf);
}

static void put_algo(const struct td_desk *d, const struct desk_algo *a, struct td_json *j)
{
    const struct td_order *o = td_blotter_order(&d->blotter, a->key);
    const td_ns left =
        o->until - td_world_now(d->world) > 0 ? o->until - td_world_now(d->world) : 0;
    const double bps = slippage_bps(o);
    struct desk_children c;
    desk_count_children(d, o, &c);
    td_json_object(j);
    td_json_key_i64(j, "key", (int64_t)o->key);
    td_json_key_text(j, "symbol", o->symbol);
    td_json_key_text(j, "action", o->action == TD_BUY ? "BUY" : "SELL");
    td_json_key_text(j, "algo", td_algo_word(a->plan.algo));
    td_json_key_bool(j, "exit", a->exit);
    td_json_key_e9(j, "quantity", o->now.qty.e9);
    td_json_key_e9(j, "filled", c.filled);
    td_json_key_e9(j, "working", c.out + c.doubt);
    td_json_key_i64(j, "children", c.count);
    td_json_key_i64(j, "seconds_left", left / TD_SEC);
    td_json_key_e9(j, "average", td_order_average(o).e9);
    td_json_key_e9(j, "arrival", o->now.trail.e9);
    td_json_key(j, "slippage_bps");
    if (isnan(bps))
        td_json_null(j);
    else
        td_json_e9(j, (int64_t)(bps * 1e9));
    td_json_key_text(j, "waits_for", a->gate < TD_GATE_COUNT ? td_gate_name(a->gate) : NULL);
    td_json_object_end(j);
}

void desk_put_algos(const struct td_desk *d, struct td_json *j)
{
    td_json_key(j, "algos");
    td_json_array(j);
    for (uint32_t i = 0; i < DESK_ALGOS_MAX; i++)
        if (d->algos.rows[i].key)
            put_algo(d, &d->algos.rows[i], j);
    td_json_array_end(j);
    td_json_key_i64(j, "children_stopped", (int64_t)d->algos.stopped);
}
