/* desk/market_wants.c - how a line begins, and lines that change while they run: what is wanted of them, and whose they are. */
#include "desk/market_inner.h"

enum td_err market_begin_line(struct td_market *m, uint32_t index, const char *symbol, int wants,
                              struct td_fail *why)
{
    struct td_line *line = &m->lines[index];
    memset(line, 0, sizeof *line);
    if (!market_name_line(line, symbol))
        return td_fail_set(why, TD_EINVAL,
                           "\"%s\" is no symbol: letters A-Z, digits, . - _, at most %d", symbol,
                           TD_SYMBOL_CHARS - 1);
    for (uint32_t i = 0; i < m->count && line->product; i++)
        if (i != index && m->lines[i].product == line->product)
            return td_fail_set(why, TD_EEXIST, "%s is %s, which is there already; name it once",
                               symbol, line->symbol);
    line->wants = wants;
    line->quote = (struct td_quote){TD_PX_NONE, TD_PX_NONE, TD_QTY(0), TD_QTY(0)};
    line->last = TD_PX_NONE;
    line->schedule = TD_HOURS_NONE;
    td_book_init(&line->book, m->config.depth_rows);
    return TD_OK;
}

/* As if it had never been wanted; what stands at the broker is cancelled. */
static void unwant(struct td_market *m, uint32_t index, enum td_purpose purpose)
{
    struct td_sub *sub = market_sub(m, index, purpose);
    struct td_budget *budget = market_budget(m, purpose);
    market_drop(m, index, purpose, true);
    if (budget)
        td_budget_drop(budget, index);
    *sub = (struct td_sub){
        .cancel_id = sub->cancel_id, .in_queue = sub->in_queue, .in_cancels = sub->in_cancels};
}

void td_market_want(struct td_market *m, uint32_t index, int wants)
{
    struct td_line *line = &m->lines[index];
    const int before = line->wants, added = wants & ~before;
    const bool book = line->book.rows[TD_BID] || line->book.rows[TD_ASK];
    line->wants = wants;
    for (int p = TD_FOR_QUOTES; p < TD_PURPOSES; p++)
        if ((before ^ wants) & market_want((enum td_purpose)p))
            unwant(m, index, (enum td_purpose)p);
    if (before & ~wants & TD_WANT_DEPTH && book && wants)
        market_depth_reset(m, index, true);
    else if (!(wants & TD_WANT_DEPTH))
        td_book_reset(&line->book);
    if (added && line->state == TD_LINE_REFUSED)
        line->state = TD_LINE_IDLE;
    if (line->state == TD_LINE_IDLE && td_link_ready(m->link))
        market_contract_anew(m, index);
    for (int p = TD_FOR_QUOTES; p < TD_PURPOSES && line->state == TD_LINE_LIVE; p++)
        if (added & market_want((enum td_purpose)p))
            market_subscribe_one(m, index, (enum td_purpose)p);
    m->next_mono = 0;
}

enum td_err td_market_reuse(struct td_market *m, uint32_t index, const char *symbol, int wants,
                            struct td_fail *why)
{
    TD_REQUIRE(index < m->count && !m->lines[index].wants);
    for (int p = 0; p < TD_PURPOSES; p++)
        if (m->lines[index].subs[p].in_queue || m->lines[index].subs[p].in_cancels)
            return td_fail_set(why, TD_EAGAIN, "%s has not ended yet", m->lines[index].symbol);
    market_drop(m, index, TD_FOR_DETAILS, false);
    const enum td_err err = market_begin_line(m, index, symbol, wants, why);
    if (err) /* it stays a line of nothing */
        m->lines[index].state = TD_LINE_REFUSED;
    else if (td_link_ready(m->link))
        market_contract_anew(m, index);
    return err;
}
