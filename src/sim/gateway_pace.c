/* sim/gateway_pace.c - the broker's limits: pacing of history, market data lines, subscriptions, Read-Only, active orders.
 *
 * Source: tws-protocol section 6. The steps of duration and bar are limits on how many bars a duration may have.
 */
#include "sim/gateway_inner.h"

#define SMALL      (30 * TD_SEC)
#define SAME_AFTER (15 * TD_SEC)
#define WINDOW     (600 * TD_SEC)
#define BURST      (2 * TD_SEC)
#define BURST_MAX  6 /* requests of one contract, exchange and kind in that time are one too many */
#define OPEN_MAX   50 /* historical requests without an answer yet, of all clients */
#define SIDE_MAX   20 /* active orders of a contract, side and account */

bool td_gw_step_fits(const struct td_gateway *g, td_ns bar, td_ns span)
{
    static const struct {
        td_ns bar, span;
    } longest[] = {{TD_SEC, 1800 * TD_SEC},
                   {5 * TD_SEC, 3600 * TD_SEC},
                   {10 * TD_SEC, 14400 * TD_SEC},
                   {15 * TD_SEC, 14400 * TD_SEC},
                   {30 * TD_SEC, 28800 * TD_SEC}};
    for (size_t i = 0; i < TD_COUNT(longest) && g->config.pace != TD_GATEWAY_PACE_OFF; i++)
        if (bar == longest[i].bar)
            return span <= longest[i].span;
    return true;
}

bool td_gw_history_free(const struct td_gateway *g)
{
    int32_t waiting = 0; /* all are answered at once but those whose answer a fault holds back */
    for (size_t i = 0; g->faults.late && i < TD_GW_LATE; i++)
        waiting += g->faults.late[i].due != 0 && g->faults.late[i].kind == TD_TWS_HISTORICAL_DATA;
    return waiting < OPEN_MAX || g->config.pace == TD_GATEWAY_PACE_OFF;
}

bool td_gw_history_paced(struct td_gateway *g, const struct td_gw_asked *ask, td_ns bar)
{
    int32_t used = ask->weight, burst = 1;
    if (g->config.pace == TD_GATEWAY_PACE_OFF || bar > SMALL)
        return true;
    for (uint32_t i = 0; i < TD_COUNT(g->asked); i++) {
        const struct td_gw_asked *a = &g->asked[i];
        if (a->weight == 0 || g->mono - a->at >= WINDOW)
            continue;
        used += a->weight;
        burst += a->series == ask->series && g->mono - a->at < BURST;
        if (a->request == ask->request && g->mono - a->at < SAME_AFTER)
            return false;
    }
    if (used > (int32_t)TD_COUNT(g->asked) || burst >= BURST_MAX)
        return false;
    struct td_gw_asked *kept = &g->asked[g->asked_at++ % TD_COUNT(g->asked)];
    *kept = *ask;
    kept->at = g->mono;
    return true;
}

/* ---- lines ---- */

static int32_t count_subs(const struct td_gateway *g, enum td_gw_sub_kind kind)
{
    int32_t n = 0;
    for (size_t i = 0; i < TD_GATEWAY_CLIENTS_MAX; i++)
        for (uint32_t k = 0; g->clients[i] && k < g->clients[i]->sub_count; k++)
            n += g->clients[i]->subs[k].kind == kind;
    return n;
}

bool td_gw_line_free(struct td_gateway *g, struct td_gw_client *c, int32_t req_id)
{
    if (count_subs(g, TD_GW_QUOTES) < g->config.lines)
        return true;
    td_gw_error(g, c, req_id, 101, "Max number of tickers has been reached");
    return false;
}

bool td_gw_ticks_free(struct td_gateway *g, struct td_gw_client *c, int32_t req_id, uint64_t series)
{
    if (g->config.pace == TD_GATEWAY_PACE_OFF)
        return true;
    if (count_subs(g, TD_GW_TICKS) >= g->config.depth_lines) {
        td_gw_error(g, c, req_id, 10190, "Max number of tick-by-tick requests has been reached.");
        return false;
    }
    for (uint32_t i = 0; i < TD_COUNT(g->ticks_asked); i++)
        if (g->ticks_asked[i].weight && g->ticks_asked[i].series == series &&
            g->mono - g->ticks_asked[i].at < SAME_AFTER) {
            td_gw_error(g, c, req_id, 10189,
                        "Failed to request tick-by-tick data.One request for an instrument in 15 "
                        "seconds");
            return false;
        }
    g->ticks_asked[g->ticks_asked_at++ % TD_COUNT(g->ticks_asked)] =
        (struct td_gw_asked){.series = series, .at = g->mono, .weight = 1};
    return true;
}

/* ---- subscriptions of the account ---- */

bool td_gw_subscribed(struct td_gateway *g, struct td_gw_client *c, int32_t req_id, bool *delayed)
{
    const bool asks = c->data_type >= 3;
    *delayed = g->config.subscribed == TD_GATEWAY_DATA_DELAYED && asks;
    if (g->config.subscribed == TD_GATEWAY_DATA_LIVE)
        return true;
    if (*delayed)
        td_gw_error(g, c, req_id, 10167,
                    "Requested market data is not subscribed. Displaying delayed market data.");
    else if (g->config.subscribed == TD_GATEWAY_DATA_DELAYED)
        td_gw_error(g, c, req_id, 10168,
                    "Requested market data is not subscribed. Delayed market data is not enabled.");
    else
        td_gw_error(g, c, req_id, 354, "Requested market data is not subscribed.");
    return *delayed;
}

/* ---- orders ---- */

bool td_gw_writable(struct td_gateway *g, struct td_gw_client *c, const struct td_tws_msg *m)
{
    static const uint16_t refused[] = {TD_TWS_PLACE_ORDER,          TD_TWS_CANCEL_ORDER,
                                       TD_TWS_REQ_OPEN_ORDERS,      TD_TWS_REQ_ALL_OPEN_ORDERS,
                                       TD_TWS_REQ_AUTO_OPEN_ORDERS, TD_TWS_REQ_COMPLETED_ORDERS,
                                       TD_TWS_REQ_GLOBAL_CANCEL};
    size_t i = 0;
    while (i < TD_COUNT(refused) && refused[i] != m->kind)
        i++;
    if (!g->config.read_only || i == TD_COUNT(refused))
        return true;
    const int32_t id = m->kind == TD_TWS_PLACE_ORDER    ? m->place_order.order_id
                       : m->kind == TD_TWS_CANCEL_ORDER ? m->cancel_order.order_id
                                                        : -1;
    td_gw_error(g, c, id, 321,
                "Error validating request.-'bN' : cause - The API interface is currently in "
                "Read-Only mode.");
    return false;
}

bool td_gw_side_free(const struct td_gateway *g, uint32_t account, uint32_t sym, uint8_t action)
{
    int32_t active = 0;
    for (uint32_t i = 0; i < g->order_count; i++) {
        const struct td_gw_order *o = &g->orders[i];
        active += td_gw_order_live(o) && o->account == account && o->sym == sym &&
                  o->venue.action == action;
    }
    return active < SIDE_MAX;
}
