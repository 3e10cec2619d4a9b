/* desk/market_answers.c - what comes back to the subscriptions: contracts, errors, and messages to their lines. */
#include "desk/market_inner.h"

#include <stdio.h>

#include "desk/codes.h"

#define EVICTED_PAUSE (5 * TD_MIN)
#define PACING_PAUSE  (60 * TD_SEC)

enum { MARKET_DEPTH_ID = 12, MARKET_DEPTH_L2_ID = 13 }; /* of the wire */

/* --- contracts and errors --- */

void market_refuse(struct td_market *m, uint32_t index, int32_t code, struct td_str text)
{
    struct td_line *line = &m->lines[index];
    line->state = TD_LINE_REFUSED;
    line->refused_code = code;
    (void)td_str_copy(text, line->refused, sizeof line->refused);
    for (int p = 0; p < TD_PURPOSES; p++) {
        market_drop(m, index, (enum td_purpose)p, true);
        line->subs[p].state = TD_SUB_OFF;
        line->subs[p].stale = false;
    }
    for (int b = 0; b < TD_BUDGETS; b++)
        td_budget_drop(&m->budgets[b], index);
    td_logf(m->log, TD_LOG_ERROR, TD_LOG_API, "line_refused", "%s: %d %s", line->symbol, (int)code,
            line->refused);
}

/* A line without details or quotes is of no use; without the rest it lives on, if it has something else. */
static void refuse_sub(struct td_market *m, uint32_t index, enum td_purpose purpose,
                       const struct td_tws_error *e)
{
    struct td_line *line = &m->lines[index];
    const bool other = line->wants & ~market_want(purpose);
    struct td_budget *budget = market_budget(m, purpose);
    if (purpose == TD_FOR_DETAILS && market_contract_unheld(m, index, e->code))
        return;
    if (purpose == TD_FOR_DETAILS || purpose == TD_FOR_QUOTES || !other) {
        market_refuse(m, index, e->code, e->text);
        return;
    }
    market_drop(m, index, purpose, false);
    line->subs[purpose].state = TD_SUB_REFUSED;
    line->subs[purpose].stale = false;
    if (budget)
        td_budget_drop(budget, index);
    td_logf(m->log, TD_LOG_ERROR, TD_LOG_API, "sub_refused", "%s %s: %d %.*s", line->symbol,
            td_purpose_word(purpose), (int)e->code, TD_STR_ARG(e->text));
}

/* No slot: it goes back into the queue, and the plan is smaller from now on. */
static void shrink(struct td_market *m, uint32_t index, enum td_purpose purpose, int32_t code)
{
    struct td_budget *budget = market_budget(m, purpose);
    if (!budget) {
        market_again(m, index, purpose, false, "the broker has no room for it");
        return;
    }
    market_drop(m, index, purpose, false);
    td_budget_refused(budget, index, market_mono(m));
    market_sub(m, index, purpose)->state = TD_SUB_WAITING;
    td_logf(m->log, TD_LOG_WARN, TD_LOG_API, "budget", "%d: %u slots for %s from now on", (int)code,
            budget->slots, td_purpose_word(purpose));
}

/* What an error does to the subscription it names. */
enum effect { NOTHING, RESET, AGAIN, NO_SLOT, DELAYED, HISTORY, EVICTED, REFUSED };

static enum effect effect_of(int32_t code)
{
    static const struct {
        int32_t code;
        enum effect effect;
    } rows[] = {
        {101, NO_SLOT},  {102, AGAIN},     {162, HISTORY},   {165, NOTHING},   {300, NOTHING},
        {309, NO_SLOT},  {310, NOTHING},   {316, AGAIN},     {317, RESET},     {322, AGAIN},
        {366, HISTORY},  {385, AGAIN},     {386, AGAIN},     {399, NOTHING},   {420, AGAIN},
        {2174, NOTHING}, {10089, DELAYED}, {10090, DELAYED}, {10091, DELAYED}, {10167, DELAYED},
        {10182, AGAIN},  {10190, NO_SLOT}, {10197, EVICTED}, {10225, AGAIN},
    };
    for (size_t i = 0; i < TD_COUNT(rows); i++)
        if (rows[i].code == code)
            return rows[i].effect;
    return td_code_ends(code) ? REFUSED : NOTHING;
}

/* 162: our own cancel, an empty range, or pacing. The request has ended in each case. */
static void end_history(struct td_market *m, uint32_t index, const struct td_tws_error *e)
{
    struct td_sub *sub = market_sub(m, index, TD_FOR_BARS);
    td_logf(m->log, TD_LOG_WARN, TD_LOG_API, "history", "%s: %d %.*s", m->lines[index].symbol,
            (int)e->code, TD_STR_ARG(e->text));
    m->lines[index].warm = true;
    sub->again = market_mono(m) + PACING_PAUSE;
    market_drop(m, index, TD_FOR_BARS, false);
    sub->state = TD_SUB_LATER;
}

static void pause_evicted(struct td_market *m, uint32_t index, enum td_purpose purpose)
{
    struct td_sub *sub = market_sub(m, index, purpose);
    market_drop(m, index, purpose, false);
    sub->again = market_mono(m) + EVICTED_PAUSE;
    sub->state = TD_SUB_LATER;
    sub->stale = true;
}

static void take_error(struct td_market *m, uint32_t index, enum td_purpose purpose,
                       const struct td_tws_error *e)
{
    char why[60];
    (void)snprintf(why, sizeof why, "error %d", (int)e->code);
    switch (effect_of(e->code)) {
    case NOTHING:
        return;
    case RESET:
        market_depth_reset(m, index, false);
        return;
    case AGAIN:
        if (purpose == TD_FOR_DEPTH)
            market_depth_reset(m, index, false);
        market_again(m, index, purpose, true, why);
        return;
    case NO_SLOT:
        shrink(m, index, purpose, e->code);
        return;
    case DELAYED:
        m->lines[index].quote_delayed = true;
        return;
    case HISTORY:
        if (purpose == TD_FOR_BARS)
            end_history(m, index, e);
        return;
    case EVICTED:
        pause_evicted(m, index, purpose);
        return;
    case REFUSED:
        refuse_sub(m, index, purpose, e);
    }
}

/* --- messages --- */

static bool find_line(struct td_market *m, int32_t id, uint32_t *index, enum td_purpose *purpose)
{
    uint32_t value;
    if (id < MARKET_FIRST_ID || !td_map_get(&m->by_id, (uint64_t)id, &value)) {
        m->strays += id >= MARKET_FIRST_ID && id < m->next_id;
        return false;
    }
    *index = value / TD_PURPOSES;
    *purpose = (enum td_purpose)(value % TD_PURPOSES);
    return true;
}

/* The first answer of a burst proves little; data after it does. */
static void note_heard(struct td_market *m, struct td_sub *sub, enum td_purpose purpose)
{
    const td_ns now = m->link->heard_mono;
    if (purpose == TD_FOR_BARS && sub->state == TD_SUB_ASKED)
        td_pacer_answered(&m->link->pacer);
    sub->heard = now;
    sub->stale = sub->doubted = false;
    sub->state = TD_SUB_LIVE;
    sub->mute = 0;
    if (now - sub->asked > 5 * TD_SEC)
        sub->tries = 0;
}

static bool take_data(struct td_market *m, uint32_t index, const struct td_tws_msg *msg)
{
    switch (msg->kind) {
    case TD_TWS_MARKET_DEPTH:
    case TD_TWS_MARKET_DEPTH_L2:
        market_depth(m, index, &msg->depth);
        return true;
    case TD_TWS_TICK_PRICE:
        market_tick(m, index, msg->tick_price.tick_type, msg->tick_price.price,
                    msg->tick_price.size);
        return true;
    case TD_TWS_TICK_SIZE:
        market_tick(m, index, msg->tick_size.tick_type, TD_PX_NONE, msg->tick_size.size);
        return true;
    case TD_TWS_TICK_GENERIC:
        market_tick_generic(m, index, msg->tick_generic.tick_type, msg->tick_generic.value_e9);
        return true;
    case TD_TWS_TICK_BY_TICK:
        market_tick_by_tick(m, index, &msg->tick_by_tick);
        return true;
    case TD_TWS_HISTORICAL_DATA:
        market_history(m, index, &msg->historical_data);
        return true;
    case TD_TWS_HISTORICAL_DATA_UPDATE:
        market_bar_update(m, index, &msg->historical_update.bar);
        return true;
    case TD_TWS_CONTRACT_DATA:
        market_contract_take(m, index, &msg->contract_data);
        return true;
    default:
        return false;
    }
}

static void lose_depth(struct td_market *m, uint32_t index)
{
    market_depth_reset(m, index, true);
    m->lines[index].book.broken = true; /* until the new subscription begins */
    market_again(m, index, TD_FOR_DEPTH, true, "an update could not be read");
}

void td_market_unread(struct td_market *m, int32_t wire_id, int32_t req_id)
{
    uint32_t value;
    if (wire_id != MARKET_DEPTH_ID && wire_id != MARKET_DEPTH_L2_ID)
        return;
    if (req_id >= 0) { /* it says whose it was; nobody's when that has ended */
        if (td_map_get(&m->by_id, (uint64_t)req_id, &value) && value % TD_PURPOSES == TD_FOR_DEPTH)
            lose_depth(m, value / TD_PURPOSES);
        return;
    }
    for (uint32_t i = 0; i < m->count; i++)
        if (market_sub(m, i, TD_FOR_DEPTH)->state == TD_SUB_LIVE)
            lose_depth(m, i);
}

bool td_market_take(struct td_market *m, const struct td_tws_msg *msg)
{
    uint32_t index;
    enum td_purpose purpose;
    if (msg->kind == TD_TWS_ERROR && msg->error.id < 0)
        return false;
    if (msg->kind == TD_TWS_MARKET_RULE) { /* answered by its own id */
        market_ticks_take(m, &msg->market_rule);
        return true;
    }
    /* Every message handled here has its request id first (tws_msg.h). */
    if (!find_line(m, msg->req.req_id, &index, &purpose))
        return false;
    switch (msg->kind) {
    case TD_TWS_ERROR:
        take_error(m, index, purpose, &msg->error);
        return true;
    case TD_TWS_CONTRACT_DATA_END:
        market_contract_end(m, index);
        return true;
    case TD_TWS_MARKET_DATA_TYPE: /* says what will come, not that it comes */
        m->lines[index].quote_delayed = msg->market_data_type.type >= 2;
        return true;
    default:
        break;
    }
    /* Before the event: what it leads to may change the subscription. */
    struct td_sub *sub = market_sub(m, index, purpose);
    note_heard(m, sub, purpose);
    return take_data(m, index, msg);
}
