/* desk/market.c - subscriptions as desired state: lines, asking, cancelling, budgets, connections. */
#include "desk/market_inner.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"

#define LINES_PRESET 64
#define PAUSE        (30 * TD_SEC) /* a subscription is not asked for again before */
#define PAUSE_MAX    (5 * TD_MIN)

/* In the order they are sent: what prices a line first. */
static const struct {
    const char *word;
    int want; /* 0: not a subscription */
    uint16_t ask, cancel;
    int budget; /* enum td_market_budget, -1 none */
} purposes[TD_PURPOSES] = {
    [TD_FOR_DETAILS] = {"details", 0, TD_TWS_REQ_CONTRACT_DETAILS, 0, -1},
    [TD_FOR_QUOTES] = {"quotes", TD_WANT_QUOTES, TD_TWS_REQ_MKT_DATA, TD_TWS_CANCEL_MKT_DATA,
                       TD_BUDGET_QUOTES},
    [TD_FOR_DEPTH] = {"depth", TD_WANT_DEPTH, TD_TWS_REQ_MKT_DEPTH, TD_TWS_CANCEL_MKT_DEPTH,
                      TD_BUDGET_DEPTH},
    [TD_FOR_TICKS] = {"ticks", TD_WANT_TICKS, TD_TWS_REQ_TICK_BY_TICK, TD_TWS_CANCEL_TICK_BY_TICK,
                      TD_BUDGET_TICKS},
    [TD_FOR_BARS] = {"bars", TD_WANT_BARS, TD_TWS_REQ_HISTORICAL_DATA,
                     TD_TWS_CANCEL_HISTORICAL_DATA, -1},
};

const char *td_purpose_word(enum td_purpose purpose)
{
    return purposes[purpose].word;
}

int market_want(enum td_purpose purpose)
{
    return purposes[purpose].want;
}

const char *td_sub_word(enum td_sub_state state)
{
    static const char *const words[] = {"off",   "waiting", "queued", "later",
                                        "asked", "live",    "refused"};
    return words[state];
}

/* --- memory --- */

static size_t power_of_two(size_t n)
{
    size_t cap = 8;
    while (cap < n)
        cap *= 2;
    return cap;
}

static void take_arrays(struct td_market *m, struct td_arena *arena, uint32_t lines, size_t slots)
{
    const struct td_market_config *c = &m->config;
    const uint32_t budget[TD_BUDGETS] = {c->quote_slots, c->depth_slots, c->tick_slots};
    const uint32_t subs = lines * TD_PURPOSES;
    m->lines = td_arena_take(arena, lines, sizeof *m->lines);
    m->hours = td_arena_take(arena, 1, sizeof *m->hours);
    td_map_init(&m->by_id, td_arena_take(arena, slots, sizeof(struct td_map_slot)), slots);
    for (int b = 0; b < TD_BUDGETS; b++)
        td_budget_init(&m->budgets[b], td_arena_take(arena, lines, sizeof(struct td_budget_item)),
                       lines, budget[b] && budget[b] < lines ? budget[b] : lines, TD_BUDGET_DWELL);
    m->cancels = (struct td_market_queue){td_arena_take(arena, subs, sizeof(uint32_t)), subs, 0, 0};
    for (int p = 0; p < TD_PURPOSES; p++)
        m->asks[p] =
            (struct td_market_queue){td_arena_take(arena, lines, sizeof(uint32_t)), lines, 0, 0};
}

enum td_err td_market_init(struct td_market *m, const struct td_market_config *config,
                           struct td_link *link, struct td_log *log, td_market_fn *sink, void *arg,
                           struct td_fail *why)
{
    const uint32_t lines = config->lines_max ? config->lines_max : LINES_PRESET;
    struct td_arena arena;
    memset(m, 0, sizeof *m);
    if (lines > TD_LINES_MAX)
        return td_fail_set(why, TD_EINVAL, "%u lines; at most %d", lines, TD_LINES_MAX);
    /* A line has at most one standing request per purpose; the table is kept half empty. */
    const size_t slots = power_of_two((size_t)lines * TD_PURPOSES * 2);
    const size_t bytes = lines * (sizeof(struct td_line) + 2 * TD_PURPOSES * sizeof(uint32_t) +
                                  TD_BUDGETS * sizeof(struct td_budget_item)) +
                         sizeof(struct td_hours) + slots * sizeof(struct td_map_slot) + 1024;
    m->memory = malloc(bytes);
    if (!m->memory)
        return td_fail_set(why, TD_ENOMEM, "no memory for %u lines of the market", lines);
    m->config = *config;
    m->config.lines_max = lines;
    m->link = link;
    m->log = log;
    m->sink = sink;
    m->arg = arg;
    m->next_id = MARKET_FIRST_ID;
    m->next_mono = TD_NS_NEVER;
    td_arena_init(&arena, m->memory, bytes);
    take_arrays(m, &arena, lines, slots);
    td_hours_init(m->hours, link->world);
    return TD_OK;
}

void td_market_fini(struct td_market *m)
{
    free(m->memory);
    memset(m, 0, sizeof *m);
}

enum td_err td_market_add(struct td_market *m, const char *symbol, int wants, uint32_t *index,
                          struct td_fail *why)
{
    if (m->count == m->config.lines_max)
        return td_fail_set(why, TD_EFULL, "more than %u symbols", m->config.lines_max);
    const enum td_err err = market_begin_line(m, m->count, symbol, wants, why);
    if (err)
        return err;
    *index = m->count++;
    if (td_link_ready(m->link))
        td_market_ready(m);
    return TD_OK;
}

/* --- queues --- */

static void push(struct td_market_queue *q, uint32_t item)
{
    TD_REQUIRE(q->count < q->cap); /* each item stands in it at most once */
    q->items[(q->at + q->count++) % q->cap] = item;
}

static uint32_t head(const struct td_market_queue *q)
{
    return q->items[q->at];
}

static void pop(struct td_market_queue *q)
{
    q->at = (q->at + 1) % q->cap;
    q->count--;
}

struct td_budget *market_budget(struct td_market *m, enum td_purpose purpose)
{
    return purposes[purpose].budget < 0 ? NULL : &m->budgets[purposes[purpose].budget];
}

void market_queue_ask(struct td_market *m, uint32_t index, enum td_purpose purpose)
{
    struct td_sub *sub = market_sub(m, index, purpose);
    sub->state = TD_SUB_QUEUED;
    if (!sub->in_queue)
        push(&m->asks[purpose], index);
    sub->in_queue = true;
    m->next_mono = 0;
}

void market_drop(struct td_market *m, uint32_t index, enum td_purpose purpose, bool cancel)
{
    struct td_sub *sub = market_sub(m, index, purpose);
    if (!sub->id)
        return;
    (void)td_map_del(&m->by_id, (uint64_t)sub->id);
    const bool standing = sub->state == TD_SUB_ASKED || sub->state == TD_SUB_LIVE;
    if (purpose == TD_FOR_BARS && sub->state == TD_SUB_ASKED)
        td_pacer_answered(&m->link->pacer);
    if (cancel && standing && purposes[purpose].cancel && td_link_ready(m->link)) {
        sub->cancel_id = sub->id;
        if (!sub->in_cancels)
            push(&m->cancels, index * TD_PURPOSES + purpose);
        sub->in_cancels = true;
        m->next_mono = 0;
    }
    sub->id = 0;
}

/* After the first, not before `again`: 30 s after the last, and longer once the tries did not help. */
bool market_may_again(const struct td_market *m, const struct td_sub *sub)
{
    return !sub->tries || market_mono(m) >= sub->again;
}

void market_again(struct td_market *m, uint32_t index, enum td_purpose purpose, bool cancel,
                  const char *why)
{
    struct td_line *line = &m->lines[index];
    struct td_sub *sub = market_sub(m, index, purpose);
    const bool now = market_may_again(m, sub);
    td_logf(m->log, TD_LOG_WARN, TD_LOG_API, "resubscribe", "%s %s: %s", line->symbol,
            purposes[purpose].word, why);
    market_drop(m, index, purpose, cancel);
    line->resubscribed++;
    sub->tries = (uint8_t)(sub->tries + (sub->tries < UINT8_MAX));
    sub->mute = (uint8_t)(sub->mute + (sub->mute < UINT8_MAX));
    if (now)
        market_queue_ask(m, index, purpose);
    else
        sub->state = TD_SUB_LATER;
}

void market_subscribe_one(struct td_market *m, uint32_t index, enum td_purpose purpose)
{
    struct td_budget *budget = market_budget(m, purpose);
    if (budget) {
        td_budget_want(budget, index, market_mono(m));
        market_sub(m, index, purpose)->state = TD_SUB_WAITING;
    } else {
        market_queue_ask(m, index, purpose);
    }
}

void market_subscribe(struct td_market *m, uint32_t index)
{
    struct td_line *line = &m->lines[index];
    line->state = TD_LINE_LIVE;
    for (int p = TD_FOR_QUOTES; p < TD_PURPOSES; p++)
        if (line->wants & purposes[p].want && line->subs[p].state != TD_SUB_REFUSED)
            market_subscribe_one(m, index, (enum td_purpose)p);
}

/* --- requests --- */

static td_ns pause_after(uint8_t tries)
{
    td_ns pause = PAUSE;
    for (int i = TD_MARKET_TRIES; i < tries && pause < PAUSE_MAX; i++)
        pause *= 2;
    return pause < PAUSE_MAX ? pause : PAUSE_MAX;
}

static void fill_ask(const struct td_market *m, const struct td_line *line, enum td_purpose purpose,
                     struct td_tws_msg *msg)
{
    td_tws_msg_init(msg, purposes[purpose].ask);
    switch (purpose) {
    case TD_FOR_DETAILS:
        market_contract_ask(line, &msg->req_contract.contract);
        break;
    case TD_FOR_QUOTES:
        td_market_contract(line, &msg->req_mkt_data.contract);
        break;
    case TD_FOR_DEPTH:
        msg->req_mkt_depth.rows = m->config.depth_rows;
        msg->req_mkt_depth.smart = strcmp(line->exchange, "SMART") == 0;
        td_market_contract(line, &msg->req_mkt_depth.contract);
        break;
    case TD_FOR_TICKS:
        msg->req_tick_by_tick.tick_type = td_str_of("AllLast");
        td_market_contract(line, &msg->req_tick_by_tick.contract);
        break;
    case TD_FOR_BARS:
        msg->req_historical_data.format_date = 2;
        msg->req_historical_data.keep_up_to_date = true;
        msg->req_historical_data.bar_size = td_str_of(m->config.bar_size);
        msg->req_historical_data.duration = td_str_of(m->config.bar_history);
        msg->req_historical_data.what_to_show = td_str_of("TRADES");
        td_market_contract(line, &msg->req_historical_data.contract);
        break;
    case TD_PURPOSES:
        break;
    }
}

/* What the line forgets when a subscription begins anew. A book that still had rows was never told to be over: what
 * came since, to nobody, is missing (10197, a lost connection, no room). */
static void begin_anew(struct td_market *m, uint32_t index, enum td_purpose purpose)
{
    struct td_line *line = &m->lines[index];
    if (purpose == TD_FOR_DETAILS)
        market_contract_begin(m, line);
    if (purpose == TD_FOR_QUOTES)
        line->quote_delayed = false; /* its messages and ticks say so again */
    if (purpose == TD_FOR_DEPTH) {
        line->smart_depth = strcmp(line->exchange, "SMART") == 0;
        if (line->book.rows[TD_BID] || line->book.rows[TD_ASK])
            market_depth_reset(m, index, true);
        td_book_reset(&line->book);
    }
    if (purpose == TD_FOR_BARS) {
        line->warm = false;
        line->forming_start = 0;
    }
}

bool market_may_leave(struct td_market *m, const struct td_tws_msg *msg)
{
    const td_ns at = td_link_when(m->link, msg);
    if (at <= market_mono(m))
        return true;
    m->next_mono = at < m->next_mono ? at : m->next_mono;
    return false;
}

bool market_send(struct td_market *m, const struct td_tws_msg *msg, const struct td_line *line)
{
    const enum td_err err = td_link_send(m->link, msg);
    if (err)
        td_logf(m->log, TD_LOG_ERROR, TD_LOG_API, "send_failed", "%s %s: %s",
                td_tws_kind_name(msg->kind), line->symbol, td_err_text(err));
    return err == TD_OK;
}

static bool send_cancel(struct td_market *m)
{
    const uint32_t item = head(&m->cancels);
    struct td_line *line = &m->lines[item / TD_PURPOSES];
    const enum td_purpose purpose = (enum td_purpose)(item % TD_PURPOSES);
    struct td_sub *sub = &line->subs[purpose];
    struct td_tws_msg msg;
    td_tws_msg_init(&msg, purposes[purpose].cancel);
    msg.req.req_id = sub->cancel_id;
    if (purpose == TD_FOR_DEPTH)
        msg.cancel_mkt_depth.smart = line->smart_depth;
    if (!market_may_leave(m, &msg))
        return false;
    pop(&m->cancels);
    sub->in_cancels = false;
    m->cancelled += market_send(m, &msg, line);
    return true;
}

static bool send_ask(struct td_market *m, enum td_purpose purpose)
{
    const uint32_t index = head(&m->asks[purpose]);
    struct td_line *line = &m->lines[index];
    struct td_sub *sub = &line->subs[purpose];
    struct td_tws_msg msg;
    if (sub->state == TD_SUB_QUEUED) {
        fill_ask(m, line, purpose, &msg);
        if (!market_may_leave(m, &msg))
            return false;
    }
    pop(&m->asks[purpose]);
    sub->in_queue = false;
    if (sub->state != TD_SUB_QUEUED)
        return true; /* not wanted any more */
    begin_anew(m, index, purpose);
    const int32_t id = m->next_id;
    m->next_id = id == INT32_MAX ? MARKET_FIRST_ID : id + 1; /* after 147 million requests */
    sub->id = msg.req.req_id = id;
    sub->asked = market_mono(m);
    sub->again = sub->asked + pause_after(sub->tries);
    sub->heard = 0;
    sub->state = TD_SUB_ASKED;
    /* The table is sized for all that can stand at once. */
    TD_REQUIRE(td_map_put(&m->by_id, (uint64_t)id, index * TD_PURPOSES + purpose) == TD_OK);
    if (market_send(m, &msg, line))
        m->asked++;
    else
        market_refuse(m, index, 0, td_str_of("the request could not be sent"));
    return true;
}

static void move_slots(struct td_market *m)
{
    for (int p = TD_FOR_QUOTES; p < TD_PURPOSES; p++) {
        struct td_budget *budget = market_budget(m, (enum td_purpose)p);
        struct td_budget_change change;
        while (budget && td_budget_next(budget, market_mono(m), &change)) {
            struct td_sub *sub = market_sub(m, change.item, (enum td_purpose)p);
            if (change.granted) {
                market_queue_ask(m, change.item, (enum td_purpose)p);
                continue;
            }
            market_drop(m, change.item, (enum td_purpose)p, true);
            sub->state = TD_SUB_WAITING;
            sub->stale = false;
            if (p == TD_FOR_DEPTH)
                market_depth_reset(m, change.item, true);
        }
    }
}

void td_market_turn(struct td_market *m)
{
    m->next_mono = TD_NS_NEVER;
    if (!td_link_ready(m->link) || m->blind)
        return;
    move_slots(m);
    while (m->cancels.count)
        if (!send_cancel(m))
            return;
    for (int p = 0; p < TD_PURPOSES; p++)
        while (!(m->held >> p & 1) && m->asks[p].count && send_ask(m, (enum td_purpose)p))
            continue;
    market_ticks_turn(m);
}

td_ns td_market_deadline(const struct td_market *m)
{
    td_ns first = m->next_mono;
    if (!td_link_ready(m->link) || m->blind)
        return TD_NS_NEVER;
    for (int b = 0; b < TD_BUDGETS; b++) {
        const td_ns at = td_budget_deadline(&m->budgets[b]);
        first = at < first ? at : first;
    }
    return first;
}

void td_market_cancel(struct td_market *m)
{
    for (uint32_t i = 0; i < m->count; i++)
        for (int p = TD_FOR_QUOTES; p < TD_PURPOSES; p++)
            market_drop(m, i, (enum td_purpose)p, true);
    while (td_link_ready(m->link) && m->cancels.count && send_cancel(m))
        continue;
}

/* --- connections --- */

void td_market_ready(struct td_market *m)
{
    m->blind = false;
    for (uint32_t i = 0; i < m->count; i++)
        if (m->lines[i].state == TD_LINE_IDLE)
            market_contract_anew(m, i);
}

static void forget(struct td_market *m, uint32_t index)
{
    struct td_line *line = &m->lines[index];
    for (int p = 0; p < TD_PURPOSES; p++)
        line->subs[p] = (struct td_sub){
            .stale = line->subs[p].stale,
            .cancel_id = m->cancels.count ? line->subs[p].cancel_id : 0,
            .in_cancels = m->cancels.count && line->subs[p].in_cancels,
            .state = line->subs[p].state == TD_SUB_REFUSED ? TD_SUB_REFUSED : TD_SUB_OFF};
    line->quote = (struct td_quote){TD_PX_NONE, TD_PX_NONE, TD_QTY(0), TD_QTY(0)};
    line->book.broken = true;
    market_ticks_lost(line);
    td_pause_lost(&line->pause);
}

/* All ids, queues and slots are void, but for cancels that are to go out. */
static void forget_all(struct td_market *m)
{
    td_map_reset(&m->by_id);
    td_pacer_lost(&m->link->pacer);
    for (int p = 0; p < TD_PURPOSES; p++)
        m->asks[p].count = 0;
    for (int b = 0; b < TD_BUDGETS; b++)
        td_budget_clear(&m->budgets[b]);
    for (uint32_t i = 0; i < m->count; i++)
        forget(m, i);
}

void td_market_lost(struct td_market *m)
{
    m->cancels.count = 0;
    forget_all(m);
    for (uint32_t i = 0; i < m->count; i++)
        if (m->lines[i].state != TD_LINE_REFUSED)
            m->lines[i].state = TD_LINE_IDLE;
}

/* A request that the broker's news crossed may have come after its loss: it would live on beside the new one. */
static void cancel_unanswered(struct td_market *m)
{
    for (uint32_t i = 0; i < m->count; i++)
        for (int p = TD_FOR_QUOTES; p < TD_PURPOSES; p++)
            if (m->lines[i].subs[p].state == TD_SUB_ASKED)
                market_drop(m, i, (enum td_purpose)p, true);
}

void td_market_restore(struct td_market *m)
{
    m->blind = false;
    cancel_unanswered(m);
    forget_all(m);
    for (uint32_t i = 0; i < m->count; i++) {
        if (m->lines[i].state == TD_LINE_LIVE)
            market_subscribe(m, i);
        if (m->lines[i].state == TD_LINE_ASKED)
            m->lines[i].state = TD_LINE_IDLE;
    }
    td_market_ready(m);
}

void td_market_pin(struct td_market *m, uint32_t index, bool pinned)
{
    for (int b = 0; b < TD_BUDGETS; b++)
        m->budgets[b].items[index].pinned = pinned;
}
