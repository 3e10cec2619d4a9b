/* desk/desk_account.c - who we trade for: do port, mode, account and gateway agree, and what the account is worth.
 *
 * Live orders need all four facts to say live, --live, and the file that names the account (reliability P5). The account
 * tells its worth every few minutes; limits that are parts of it are made anew when it changed by more than one in a
 * hundred.
 */
#include <stdio.h>

#include "desk/desk_inner.h"
#include "desk/gatewaymode.h"

#define ACCOUNT_REQ 1900000001 /* beside the look-up's, above the market's ids */

static bool modes_agree(struct td_desk *d, struct td_text *from)
{
    const struct td_settings *s = d->config.settings;
    const bool live_port = td_plan_is_live_port(s, d->link->config.port);
    const enum td_gateway_mode account = td_account_mode(td_str_of(d->account)),
                               gateway =
                                   td_gateway_mode_find(d->world, s, d->config.plan->host, from);
    if (d->config.plan->live)
        return account == TD_GATEWAY_LIVE && gateway == TD_GATEWAY_LIVE && live_port && !s->paper;
    return account == TD_GATEWAY_PAPER && gateway != TD_GATEWAY_LIVE && !live_port;
}

enum td_err desk_check_mode(struct td_desk *d, struct td_fail *why)
{
    const struct td_settings *s = d->config.settings;
    struct td_str rest = td_str_of(d->link->accounts), one, chosen = {0};
    char confirm[64], from[400];
    struct td_text t;
    size_t len = 0;
    if (d->config.paper) { /* whatever the gateway is logged in for: no order can leave */
        d->mode_agrees = !d->config.plan->live;
        (void)td_str_copy(td_str_of(TD_PAPER_ACCOUNT), d->account, sizeof d->account);
        return TD_OK;
    }
    while (td_str_split(&rest, ',', &one))
        if (one.len && (!chosen.len || (s->account && td_str_is(one, s->account))))
            chosen = one;
    if (s->account && *s->account && !td_str_is(chosen, s->account))
        return td_fail_set(why, TD_EINVAL, "the gateway has no account %s (it has %s)", s->account,
                           d->link->accounts);
    (void)td_str_copy(chosen, d->account, sizeof d->account);
    td_text_init(&t, from, sizeof from);
    d->mode_agrees = modes_agree(d, &t);
    if (!d->mode_agrees)
        td_logf(d->log, TD_LOG_ERROR, TD_LOG_TRADING, "mode",
                "mode %s, port %u, account %s and gateway (%s) do not agree: no order will leave",
                d->config.plan->live ? "live" : "paper", (unsigned)d->link->config.port, d->account,
                from);
    d->live_confirmed = td_file_slurp(d->world, s->live_confirm_file, confirm, sizeof confirm, &len,
                                      NULL) == TD_OK &&
                        chosen.len && td_str_eq(td_str_trim((struct td_str){confirm, len}), chosen);
    return TD_OK;
}

/* --- what it is worth --- */

void desk_ask_account(struct td_desk *d)
{
    struct td_tws_msg msg;
    td_tws_msg_init(&msg, TD_TWS_REQ_ACCOUNT_SUMMARY);
    msg.req_account_summary.req_id = ACCOUNT_REQ;
    msg.req_account_summary.group = td_str_of("All");
    msg.req_account_summary.tags =
        td_str_of("NetLiquidation,GrossPositionValue,DayTradesRemaining");
    const enum td_err err = td_link_send(d->link, &msg);
    if (err)
        td_logf(d->log, TD_LOG_ERROR, TD_LOG_API, "account", "asking for its values: %s",
                td_err_text(err));
}

void desk_forget_account(struct td_desk *d)
{
    d->day_trades_left = INT32_MIN; /* its worth stays what it was told last */
}

static void take_equity(struct td_desk *d, td_cash equity)
{
    int64_t change = 0, part = 0;
    d->equity = equity;
    if (td_cash_is_none(d->limits_equity) || td_e9_sub(equity.e9, d->limits_equity.e9, &change) ||
        td_e9_mul(d->limits_equity.e9, TD_E9 / 100, &part) != TD_OK)
        change = INT64_MAX; /* the first, or one that cannot be compared */
    if (change <= (part < 0 ? -part : part) && change >= -(part < 0 ? -part : part))
        return;
    d->limits_equity = equity;
    td_settings_limits(d->config.settings, equity, &d->limits);
    td_logf(d->log, TD_LOG_INFO, TD_LOG_TRADING, "equity",
            "the account is worth %lld.%02d: limits that are parts of it are made anew",
            (long long)(equity.e9 / TD_E9), (int)(equity.e9 % TD_E9 / 10000000));
}

bool desk_take_account(struct td_desk *d, const struct td_tws_account_summary *a)
{
    td_cash value;
    int64_t count;
    if (a->req_id != ACCOUNT_REQ)
        return false;
    if (!td_str_is(a->account, d->account))
        return true; /* another one of the login */
    if (td_str_is(a->tag, "DayTradesRemaining")) {
        const bool known = td_i64_parse(a->value.p, a->value.len, &count) == TD_OK && count >= -1 &&
                           count < INT32_MAX;
        d->day_trades_left = known ? (int32_t)count : INT32_MIN;
    } else if (td_e9_parse(a->value.p, a->value.len, &value.e9) == TD_OK) {
        if (td_str_is(a->tag, "NetLiquidation"))
            take_equity(d, value);
        else if (td_str_is(a->tag, "GrossPositionValue"))
            d->broker_gross = value;
    }
    return true;
}
