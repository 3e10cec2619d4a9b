/* desk/market_ticks.c - the price steps of each line: which market rule holds, and asking for it.
 *
 * Rules are asked for by id and answered by id, without a request id, and a thousand stocks share one: whatever line
 * needs it first asks, the answer is everybody's. An unknown id is refused by an error that names no request, so an
 * answer that does not come in ten seconds is asked for again, three times a connection.
 */
#include "desk/market_inner.h"

#define ANSWER_LIMIT (10 * TD_SEC)
#define TRIES_MAX    3

/* A line that was told the rule by this connection, or has asked for it; NULL: nobody. */
static const struct td_line *find_other(const struct td_market *m, int32_t rule_id)
{
    for (uint32_t i = 0; i < m->count; i++)
        if (m->lines[i].rule_id == rule_id && (m->lines[i].rule_told || m->lines[i].rule_asked))
            return &m->lines[i];
    return NULL;
}

void market_ticks_of(struct td_market *m, uint32_t index, const struct td_tws_contract_data *d)
{
    struct td_line *line = &m->lines[index];
    int32_t id = 0;
    line->rule_id = 0;
    line->ticks.count = 0;
    market_ticks_lost(line);
    if (!d->market_rule_ids.len) { /* none is told: one step for all prices */
        td_tick_rule_one(&line->ticks, d->min_tick);
        return;
    }
    const enum td_err err =
        td_tick_rule_id(d->valid_exchanges, d->market_rule_ids, td_str_of(line->exchange), &id);
    if (err) {
        td_logf(m->log, TD_LOG_WARN, TD_LOG_API, "market_rule",
                "%s: the contract tells no market rule of %s; no orders", line->symbol,
                line->exchange);
        return;
    }
    line->rule_id = id;
    const struct td_line *other = find_other(m, id);
    if (other && other->rule_told) {
        line->ticks = other->ticks;
        line->rule_told = true;
    }
    m->rules_due |= !other;
}

static bool is_due(const struct td_market *m, const struct td_line *line)
{
    if (!line->rule_id || line->rule_told || line->rule_tries == TRIES_MAX)
        return false;
    const struct td_line *other = find_other(m, line->rule_id);
    return !other || (other == line && market_mono(m) - line->rule_asked >= ANSWER_LIMIT);
}

/* False: it cannot leave now. */
static bool ask(struct td_market *m, struct td_line *line)
{
    struct td_tws_msg msg;
    td_tws_msg_init(&msg, TD_TWS_REQ_MARKET_RULE);
    msg.number.value = line->rule_id;
    if (!market_may_leave(m, &msg))
        return false;
    line->rule_asked = market_mono(m);
    line->rule_tries++;
    if (line->rule_tries == TRIES_MAX)
        td_logf(m->log, TD_LOG_WARN, TD_LOG_API, "market_rule",
                "%s: market rule %d is not told; no orders until it is", line->symbol,
                (int)line->rule_id);
    m->asked += market_send(m, &msg, line);
    return true;
}

void market_ticks_turn(struct td_market *m)
{
    if (!m->rules_due)
        return;
    for (uint32_t i = 0; i < m->count; i++)
        if (is_due(m, &m->lines[i]) && !ask(m, &m->lines[i]))
            return;
    m->rules_due = false;
}

void market_ticks_watch(struct td_market *m)
{
    for (uint32_t i = 0; i < m->count && !m->rules_due; i++)
        m->rules_due = m->lines[i].rule_asked && is_due(m, &m->lines[i]);
}

void market_ticks_take(struct td_market *m, const struct td_tws_market_rule *told)
{
    struct td_tick_step steps[TD_TICK_STEPS_MAX];
    struct td_tick_rule rule;
    const size_t n = told->increments.n;
    for (size_t i = 0; i < n && i < TD_TICK_STEPS_MAX; i++)
        steps[i] =
            (struct td_tick_step){told->increments.p[i].low_edge, told->increments.p[i].increment};
    const enum td_err err = td_tick_rule_set(&rule, steps, n);
    if (err) {
        td_logf(m->log, TD_LOG_WARN, TD_LOG_API, "market_rule", "rule %d of %zu steps: %s",
                (int)told->rule_id, n, td_err_text(err));
        return;
    }
    for (uint32_t i = 0; i < m->count; i++)
        if (m->lines[i].rule_id == told->rule_id) {
            m->lines[i].ticks = rule;
            m->lines[i].rule_told = true;
        }
}

void market_ticks_lost(struct td_line *line)
{
    line->rule_asked = 0;
    line->rule_tries = 0;
    line->rule_told = false;
}
