/* desk/desk_gates.c - where the gates stand: what each would say now to one more unit of each symbol.
 *
 * The unit is asked for at market, on the side that makes the position larger. Nothing is approved, remembered or
 * journaled by looking. Limits are shown with the setting that made them (desk/limits.c).
 */
#include <stdio.h>

#include "desk/desk_inner.h"

#define LINES_ASKED 32 /* symbols looked at for one answer */

struct stand {
    uint32_t asked;
    uint32_t closed_count[TD_GATE_COUNT];
    uint32_t closed[TD_GATE_COUNT][LINES_ASKED]; /* lines */
};

static struct td_intent one_unit(struct td_desk *d, uint32_t line)
{
    struct td_intent i = td_intent_blank();
    i.action = d->legs[line].position.e9 < 0 ? TD_SELL : TD_BUY;
    i.type = TD_ORDER_MARKET;
    i.qty = TD_QTY(1);
    i.reference = d->legs[line].last;
    i.decided_ns = td_world_now(d->world);
    return i;
}

static void look_at(struct td_desk *d, uint32_t line, struct stand *s)
{
    struct td_gate_facts facts;
    const struct td_intent intent = one_unit(d, line);
    desk_facts(d, line, &facts);
    for (int g = 0; g < TD_GATE_COUNT; g++)
        if (!td_gate_is_open((enum td_gate)g, &d->limits, &facts, &intent, &d->recent))
            s->closed[g][s->closed_count[g]++] = line;
    s->asked++;
}

static void look(struct td_desk *d, const char *symbol, struct stand *s)
{
    memset(s, 0, sizeof *s);
    for (uint32_t i = 0; i < d->market.count && s->asked < LINES_ASKED; i++)
        if (!*symbol || strcmp(symbol, d->market.lines[i].symbol) == 0)
            look_at(d, i, s);
}

/* What a limit is now: its value in words, and whose setting it is. */
static void put_limit(const struct td_desk *d, enum td_limit limit, struct td_json *j)
{
    char text[40];
    struct td_text t;
    td_text_init(&t, text, sizeof text);
    if (limit != TD_LIMIT_NONE)
        td_limit_print(limit, d->limits.value[limit], &t);
    td_json_key_text(j, "limit", limit == TD_LIMIT_NONE ? NULL : td_limit_name(limit));
    td_json_key_text(j, "value", limit == TD_LIMIT_NONE ? NULL : text);
    td_json_key_text(j, "setting", limit == TD_LIMIT_NONE ? NULL : d->limits.key[limit]);
}

static void put_gate(const struct td_desk *d, enum td_gate gate, const struct stand *s,
                     struct td_json *j)
{
    td_json_object(j);
    td_json_key_text(j, "gate", td_gate_name(gate));
    td_json_key_bool(j, "open", s->asked && !s->closed_count[gate]);
    td_json_key(j, "closed_for");
    td_json_array(j);
    for (uint32_t i = 0; i < s->closed_count[gate]; i++)
        td_json_text(j, d->market.lines[s->closed[gate][i]].symbol);
    td_json_array_end(j);
    put_limit(d, td_gate_limit(gate), j);
    td_json_key_text(j, "reducing", td_gate_lets_reducing(gate) ? "pass" : "refused");
    td_json_key_text(j, "looks_at", td_gate_looks_at(gate));
    td_json_key_text(j, "closed_means", td_gate_text(gate));
    td_json_object_end(j);
}

void desk_put_gates(struct td_desk *d, const char *symbol, struct td_json *j)
{
    static struct stand s;
    (void)desk_switch_file(d);
    look(d, symbol, &s);
    td_json_key_i64(j, "symbols", d->market.count);
    td_json_key_i64(j, "symbols_asked", s.asked);
    td_json_key(j, "gates");
    td_json_array(j);
    for (int g = 0; g < TD_GATE_COUNT; g++)
        put_gate(d, (enum td_gate)g, &s, j);
    td_json_array_end(j);
}

/* --- the log --- */

void desk_log_limits(struct td_desk *d)
{
    for (int i = 0; i < TD_LIMIT_COUNT; i++) {
        char text[40];
        struct td_text t;
        td_text_init(&t, text, sizeof text);
        td_limit_print((enum td_limit)i, d->limits.value[i], &t);
        td_logf(d->log, TD_LOG_INFO, TD_LOG_TRADING, "limit", "%s %s (%s)",
                td_limit_name((enum td_limit)i), text,
                d->limits.key[i] ? d->limits.key[i] : "not set");
    }
}

void desk_log_gates(struct td_desk *d)
{
    static struct stand s;
    look(d, "", &s);
    for (int g = 0; g < TD_GATE_COUNT; g++)
        td_logf(d->log, TD_LOG_INFO, TD_LOG_TRADING, "gate",
                "%s %s for %u of %u symbols; reducing orders %s", td_gate_name((enum td_gate)g),
                s.closed_count[g] ? "closed" : "open",
                s.closed_count[g] ? s.closed_count[g] : s.asked, s.asked,
                td_gate_lets_reducing((enum td_gate)g) ? "pass" : "as others");
}
