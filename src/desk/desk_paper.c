/* desk/desk_paper.c - local paper trading of the desk: whose state folder it is, and the broker as the journal left it. */
#include <stdio.h>

#include "desk/desk_inner.h"

static const char marker_text[] =
    TD_PAPER_ACCOUNT "\nThe journal beside this file is of local paper trading.\n";

const char *desk_mode_word(const struct td_desk *d)
{
    return d->config.plan->live ? "live" : d->paper ? TD_PAPER_MODE : "paper";
}

enum td_err desk_paper_claim(struct td_desk *d, struct td_fail *why)
{
    char marker[800], journal[800];
    (void)snprintf(marker, sizeof marker, "%s/paper-local", d->config.state);
    (void)snprintf(journal, sizeof journal, "%s/journal", d->config.state);
    const bool ours = td_entry_at(d->world, marker) == TD_ENTRY_FILE;
    const bool used = td_entry_at(d->world, journal) != TD_ENTRY_NONE;
    if (!d->config.paper)
        return !ours ? TD_OK
                     : td_fail_set(why, TD_EDENIED,
                                   "%s holds the journal of local paper trading (%s); trade an "
                                   "account with another --state",
                                   d->config.state, TD_PAPER_ACCOUNT);
    if (ours)
        return TD_OK;
    if (used)
        return td_fail_set(why, TD_EDENIED,
                           "%s holds the journal of an account; give --paper=local a --state of "
                           "its own",
                           d->config.state);
    const enum td_err err = td_folder_make(d->world, d->config.state);
    return err ? td_fail_set(why, err, "state folder %s: %s", d->config.state, td_err_text(err))
               : td_file_replace(d->world, marker, td_str_of(marker_text), why);
}

/* Positions and what other symbols earned. */
static void revive_holdings(struct td_desk *d)
{
    for (uint32_t h = 0; h < d->blotter.holding_count; h++) {
        uint32_t line = TD_PAPER_ELSEWHERE;
        if (!desk_line_of(d, d->blotter.holdings[h].symbol, &line))
            line = TD_PAPER_ELSEWHERE;
        td_paper_hold(d->paper, line, &d->blotter.holdings[h].now);
    }
}

static td_qty multiplier_of(const struct td_desk *d, uint32_t holding)
{
    const td_qty known = d->blotter.holdings[holding].multiplier;
    return td_qty_is_none(known) || known.e9 <= 0 ? TD_QTY(1) : known;
}

static void revive_orders(struct td_desk *d)
{
    const int64_t today = td_tz_day(&d->new_york, td_world_now(d->world));
    for (uint32_t i = 0; i < d->blotter.order_count; i++) {
        const struct td_order *o = &d->blotter.orders[i];
        uint32_t line;
        if (o->foreign || o->role == TD_ROLE_PARENT || !o->order_id ||
            td_order_state_terminal((enum td_order_state)o->state) ||
            !desk_line_of(d, o->symbol, &line))
            continue;
        const bool over = td_tz_day(&d->new_york, o->intent_ns) < today;
        td_paper_revive(d->paper, line, o, over, multiplier_of(d, o->holding));
    }
}

static void revive_fills(struct td_desk *d)
{
    const uint32_t count = d->blotter.execution_count;
    for (uint32_t i = count > TD_PAPER_FILLS ? count - TD_PAPER_FILLS : 0; i < count; i++) {
        const struct td_execution *e = &d->blotter.executions[i];
        const struct td_order *o = td_blotter_order(&d->blotter, e->order);
        uint32_t line;
        if (o && e->qty.e9 > 0 && desk_line_of(d, o->symbol, &line))
            td_paper_refill(d->paper, line, e, o, multiplier_of(d, e->holding));
    }
}

enum td_err desk_paper_open(struct td_desk *d, struct td_fail *why)
{
    const struct td_settings *s = d->config.settings;
    if (!d->config.paper)
        return TD_OK;
    const struct td_paper_config config = {
        .options = *d->config.paper,
        .market = &d->market,
        .client_id = d->link->config.client_id,
        .cash = {s->default_cash_e9},
        .fees = strcmp(s->fee_plan, "tiered") == 0 ? TD_FEE_TIERED : TD_FEE_FIXED,
        .outside_rth = s->outside_rth,
        .exec_base = (uint32_t)td_world_random(d->world)};
    const enum td_err err = td_paper_open(&d->paper, &config, why);
    if (err)
        return err;
    revive_holdings(d);
    revive_orders(d);
    revive_fills(d);
    const struct td_order_desk seam = td_paper_order_desk(d->paper);
    td_link_serve_orders(d->link, &seam);
    td_logf(d->log, TD_LOG_WARN, TD_LOG_TRADING, "paper_local",
            "orders are filled here by live quotes, as account %s: none goes to the gateway",
            TD_PAPER_ACCOUNT);
    return TD_OK;
}

void desk_paper_tick(struct td_desk *d)
{
    const td_ns now = desk_market_time(d);
    if (d->paper)
        td_paper_tick(d->paper, now ? td_tz_day(&d->new_york, now) : INT64_MIN);
}

void desk_paper_blind(struct td_desk *d)
{
    if (d->paper)
        td_paper_blind(d->paper);
}
