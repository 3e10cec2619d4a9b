/* sim/gateway_account.c - accounts: values, portfolio, positions, summary, profit and loss.
 *
 * Money comes from sim/ledger, prices from the tapes. Margin is a fourth of what the positions are worth, a plain rule
 * that is not a broker's. All money is dollars.
 */
#include "sim/gateway_inner.h"

#include <string.h>

#define REFRESH (180 * TD_SEC) /* of account values, as a real gateway */

static int64_t magnitude(int64_t v)
{
    return v < 0 ? -v : v;
}

/* What a position is worth and has gained; false when there is no price for it yet. */
static bool value_of(const struct td_gateway *g, const struct td_position *p, td_px *mark,
                     int64_t *value, int64_t *gain)
{
    const struct td_gw_symbol *s = g->symbols[p->inst];
    int64_t units = 0, cost = 0;
    *mark = s ? td_gw_mark(s) : TD_PX_NONE;
    *value = *gain = 0;
    if (td_px_is_none(*mark) || td_e9_mul(p->qty.e9, p->multiplier.e9, &units) != TD_OK ||
        td_e9_mul(mark->e9, units, value) != TD_OK ||
        td_e9_mul(p->avg_px.e9, units, &cost) != TD_OK)
        return false;
    *gain = *value - cost;
    return true;
}

void td_gw_worth(struct td_gateway *g, uint32_t account, struct td_gw_worth *out)
{
    const struct td_ledger_account *a = &g->ledger.accounts[account];
    *out = (struct td_gw_worth){.cash = a->cash.e9,
                                .net = a->cash.e9,
                                .realized = a->realized.e9 - a->fees.e9,
                                .fees = a->fees.e9};
    for (uint32_t i = 0; i < g->ledger.position_count; i++) {
        const struct td_position *p = &g->ledger.positions[i];
        int64_t value, gain;
        td_px mark;
        if (p->account != account || !value_of(g, p, &mark, &value, &gain))
            continue;
        const bool stock = strcmp(g->universe.rows[p->inst].inst.sec_type, "STK") == 0;
        out->net += value;
        out->gross += magnitude(value);
        out->stocks += stock ? value : 0;
        out->futures += stock ? 0 : value;
        out->unrealized += gain;
    }
    out->margin = out->gross / 4;
}

/* ---- the values by name ---- */

enum value_kind {
    V_CODE,
    V_TYPE,
    V_READY,
    V_CURRENCY,
    V_ONE,
    V_ZERO,
    V_CUSHION,
    V_DAYTRADES,
    V_MONEY
};

static const struct {
    const char *key;
    uint8_t kind;
    size_t at; /* V_MONEY: of struct td_gw_worth */
    bool less_margin, times_four, base;
} values[] = {
    {"AccountCode", V_CODE, 0, false, false, false},
    {"AccountReady", V_READY, 0, false, false, false},
    {"AccountType", V_TYPE, 0, false, false, false},
    {"AccruedCash", V_ZERO, 0, false, false, false},
    {"AvailableFunds", V_MONEY, offsetof(struct td_gw_worth, net), true, false, false},
    {"BuyingPower", V_MONEY, offsetof(struct td_gw_worth, net), true, true, false},
    {"CashBalance", V_MONEY, offsetof(struct td_gw_worth, cash), false, false, true},
    {"Currency", V_CURRENCY, 0, false, false, true},
    {"Cushion", V_CUSHION, 0, false, false, false},
    {"DayTradesRemaining", V_DAYTRADES, 0, false, false, false},
    {"EquityWithLoanValue", V_MONEY, offsetof(struct td_gw_worth, net), false, false, false},
    {"ExcessLiquidity", V_MONEY, offsetof(struct td_gw_worth, net), true, false, false},
    {"ExchangeRate", V_ONE, 0, false, false, true},
    {"FullAvailableFunds", V_MONEY, offsetof(struct td_gw_worth, net), true, false, false},
    {"FullExcessLiquidity", V_MONEY, offsetof(struct td_gw_worth, net), true, false, false},
    {"FullInitMarginReq", V_MONEY, offsetof(struct td_gw_worth, margin), false, false, false},
    {"FullMaintMarginReq", V_MONEY, offsetof(struct td_gw_worth, margin), false, false, false},
    {"FuturesPNL", V_ZERO, 0, false, false, true},
    {"GrossPositionValue", V_MONEY, offsetof(struct td_gw_worth, gross), false, false, false},
    {"InitMarginReq", V_MONEY, offsetof(struct td_gw_worth, margin), false, false, false},
    {"MaintMarginReq", V_MONEY, offsetof(struct td_gw_worth, margin), false, false, false},
    {"NetLiquidation", V_MONEY, offsetof(struct td_gw_worth, net), false, false, false},
    {"NetLiquidationByCurrency", V_MONEY, offsetof(struct td_gw_worth, net), false, false, true},
    {"RealizedPnL", V_MONEY, offsetof(struct td_gw_worth, realized), false, false, true},
    {"SettledCash", V_MONEY, offsetof(struct td_gw_worth, cash), false, false, false},
    {"StockMarketValue", V_MONEY, offsetof(struct td_gw_worth, stocks), false, false, true},
    {"TotalCashBalance", V_MONEY, offsetof(struct td_gw_worth, cash), false, false, true},
    {"TotalCashValue", V_MONEY, offsetof(struct td_gw_worth, cash), false, false, false},
    {"UnrealizedPnL", V_MONEY, offsetof(struct td_gw_worth, unrealized), false, false, true},
};

static struct td_str value_text(const struct td_gateway *g, uint32_t account,
                                const struct td_gw_worth *w, size_t row, char out[32])
{
    int64_t e9 = 0;
    switch (values[row].kind) {
    case V_CODE:
        return td_str_of(g->ledger.accounts[account].name);
    case V_TYPE:
        return td_str_of("INDIVIDUAL");
    case V_READY:
        return td_str_of("true");
    case V_CURRENCY:
        return td_str_of("USD");
    case V_ONE:
        return td_str_of("1.00");
    case V_ZERO:
        return td_str_of("0.00");
    case V_DAYTRADES:
        return td_str_of("-1");
    case V_CUSHION:
        if (w->net <= 0 || td_i64_muldiv(w->net - w->margin, TD_E9, w->net, &e9) != TD_OK)
            e9 = 0;
        return (struct td_str){out, td_e9_print_fixed(e9, 4, out)};
    default:
        memcpy(&e9, (const char *)w + values[row].at, sizeof e9);
        e9 -= values[row].less_margin ? w->margin : 0;
        if (values[row].times_four && td_i64_muldiv(e9, 4, 1, &e9) != TD_OK)
            e9 = INT64_MAX - 1;
        return td_gw_money(e9, out);
    }
}

static const char *currency_of(size_t row)
{
    return values[row].kind == V_MONEY || values[row].kind == V_ZERO || values[row].kind == V_ONE ||
                   values[row].kind == V_CURRENCY
               ? "USD"
               : "";
}

bool td_gw_pick_account(struct td_gateway *g, struct td_gw_client *c, int32_t req_id,
                        struct td_str name, uint32_t *out)
{
    char text[16];
    *out = 0;
    if (name.len == 0 && g->ledger.account_count == 1)
        return true;
    if (name.len == 0) {
        td_gw_error(g, c, req_id, 435, "You must specify an account.");
        return false;
    }
    if (td_str_copy(name, text, sizeof text) && td_ledger_account(&g->ledger, text, out))
        return true;
    td_gw_error(g, c, req_id, 321,
                "Error validating request.-'bJ' : cause - Invalid account code '%.*s'.",
                TD_STR_ARG(name));
    return false;
}

void td_gw_req_accounts(struct td_gateway *g, struct td_gw_client *c, const struct td_tws_msg *m)
{
    char text[TD_GATEWAY_ACCOUNTS_MAX * 17];
    struct td_text t;
    (void)m;
    td_text_init(&t, text, sizeof text);
    for (uint32_t i = 0; i < g->ledger.account_count; i++) {
        td_text_put(&t, i ? "," : "");
        td_text_put(&t, g->ledger.accounts[i].name);
    }
    td_tws_msg_init(&g->msg, TD_TWS_MANAGED_ACCOUNTS);
    g->msg.text.text = g->faults.now.accounts[0] ? td_str_of(g->faults.now.accounts)
                                                 : (struct td_str){text, t.len};
    (void)td_gw_send(g, c, &g->msg);
}

/* ---- account updates ---- */

static void send_portfolio(struct td_gateway *g, struct td_gw_client *c,
                           const struct td_position *p)
{
    int64_t value = 0, gain = 0;
    td_px mark;
    td_tws_msg_init(&g->msg, TD_TWS_PORTFOLIO_VALUE);
    struct td_tws_portfolio_value *v = &g->msg.portfolio_value;
    if (!value_of(g, p, &mark, &value, &gain))
        mark = TD_PX(0);
    td_gw_fill_contract(g, p->inst, NULL, &v->contract);
    v->contract.primary_exch = td_str_of(g->universe.rows[p->inst].inst.primary);
    v->position = p->qty;
    v->market_price = mark;
    v->market_value.e9 = value;
    if (td_e9_mul(p->avg_px.e9, p->multiplier.e9, &v->average_cost.e9) != TD_OK)
        v->average_cost = p->avg_px;
    v->unrealized_pnl.e9 = gain;
    v->realized_pnl.e9 = p->realized.e9 - p->fees.e9;
    v->account = td_str_of(g->ledger.accounts[p->account].name);
    (void)td_gw_send(g, c, &g->msg);
}

static void send_value(struct td_gateway *g, struct td_gw_client *c, uint32_t account,
                       const char *key, struct td_str value, const char *currency)
{
    td_tws_msg_init(&g->msg, TD_TWS_ACCOUNT_VALUE);
    g->msg.account_value = (struct td_tws_account_value){
        td_str_of(key), value, td_str_of(currency), td_str_of(g->ledger.accounts[account].name)};
    (void)td_gw_send(g, c, &g->msg);
}

static void send_account(struct td_gateway *g, struct td_gw_client *c)
{
    struct td_gw_worth w;
    char text[32], clock[48];
    td_gw_worth(g, c->account, &w);
    for (size_t i = 0; i < TD_COUNT(values); i++) {
        const struct td_str value = value_text(g, c->account, &w, i, text);
        send_value(g, c, c->account, values[i].key, value, currency_of(i));
        if (values[i].base)
            send_value(g, c, c->account, values[i].key, value, "BASE");
    }
    for (uint32_t i = 0; i < g->ledger.position_count; i++)
        if (g->ledger.positions[i].account == c->account)
            send_portfolio(g, c, &g->ledger.positions[i]);
    const struct td_str now = td_gw_hello_time(g->now, clock);
    td_tws_msg_init(&g->msg, TD_TWS_ACCOUNT_UPDATE_TIME);
    g->msg.text.text = (struct td_str){now.p + 9, 5};
    (void)td_gw_send(g, c, &g->msg);
    td_tws_msg_init(&g->msg, TD_TWS_ACCOUNT_DOWNLOAD_END);
    g->msg.text.text = td_str_of(g->ledger.accounts[c->account].name);
    (void)td_gw_send(g, c, &g->msg);
    c->account_change = g->account_change;
    c->account_next = g->mono + REFRESH;
}

void td_gw_req_account_updates(struct td_gateway *g, struct td_gw_client *c,
                               const struct td_tws_msg *m)
{
    uint32_t account = 0;
    if (!m->req_account_updates.subscribe) {
        c->account_updates = false;
        return;
    }
    /* Without a name the first account is taken, as a gateway does with a single login. */
    if (m->req_account_updates.account.len &&
        !td_gw_pick_account(g, c, -1, m->req_account_updates.account, &account))
        return;
    c->account_updates = true;
    c->account = account;
    send_account(g, c);
}

/* ---- positions ---- */

static void send_position(struct td_gateway *g, struct td_gw_client *c, const struct td_position *p,
                          int32_t req_id, bool multi)
{
    td_tws_msg_init(&g->msg, multi ? TD_TWS_POSITION_MULTI : TD_TWS_POSITION);
    g->msg.position.req_id = req_id;
    td_gw_fill_contract(g, p->inst, "", &g->msg.position.contract);
    g->msg.position.account = td_str_of(g->ledger.accounts[p->account].name);
    g->msg.position.position = p->qty;
    if (td_e9_mul(p->avg_px.e9, p->multiplier.e9, &g->msg.position.avg_cost.e9) != TD_OK)
        g->msg.position.avg_cost = p->avg_px;
    (void)td_gw_send(g, c, &g->msg);
}

static void send_positions(struct td_gateway *g, struct td_gw_client *c, bool flat_too)
{
    for (uint32_t i = 0; i < g->ledger.position_count; i++)
        if (flat_too || g->ledger.positions[i].qty.e9)
            send_position(g, c, &g->ledger.positions[i], 0, false);
}

void td_gw_req_positions(struct td_gateway *g, struct td_gw_client *c, const struct td_tws_msg *m)
{
    (void)m;
    c->positions = true;
    send_positions(g, c, false);
    td_tws_msg_init(&g->msg, TD_TWS_POSITION_END);
    (void)td_gw_send(g, c, &g->msg);
}

void td_gw_cancel_positions(struct td_gateway *g, struct td_gw_client *c,
                            const struct td_tws_msg *m)
{
    (void)g;
    (void)m;
    c->positions = false;
}

static void send_end(struct td_gateway *g, struct td_gw_client *c, uint16_t kind, int32_t req_id)
{
    td_tws_msg_init(&g->msg, kind);
    g->msg.req.req_id = req_id;
    (void)td_gw_send(g, c, &g->msg);
}

static void send_multi(struct td_gateway *g, struct td_gw_client *c, const struct td_gw_sub *sub,
                       bool flat_too)
{
    for (uint32_t i = 0; i < g->ledger.position_count; i++) {
        const struct td_position *p = &g->ledger.positions[i];
        if (p->account == sub->account && (flat_too || p->qty.e9))
            send_position(g, c, p, sub->req_id, true);
    }
}

/* A subscription that is about one account. NULL after an error was sent. */
static struct td_gw_sub *subscribe(struct td_gateway *g, struct td_gw_client *c,
                                   enum td_gw_sub_kind kind, const struct td_tws_req_multi *r)
{
    uint32_t account = 0;
    if (!td_gw_pick_account(g, c, r->req_id, r->account, &account))
        return NULL;
    struct td_gw_sub *sub = td_gw_sub_add(g, c, kind, r->req_id);
    if (sub) {
        sub->account = account;
        sub->sym = UINT32_MAX;
        sub->con_id = r->con_id;
        sub->seen = g->account_change;
    }
    return sub;
}

static void unsubscribe(struct td_gateway *g, struct td_gw_client *c, enum td_gw_sub_kind kind,
                        int32_t req_id)
{
    if (!td_gw_sub_remove(c, kind, req_id))
        td_gw_error(g, c, req_id, 300, "Can't find EId with tickerId:%d", (int)req_id);
}

void td_gw_req_positions_multi(struct td_gateway *g, struct td_gw_client *c,
                               const struct td_tws_msg *m)
{
    const struct td_gw_sub *sub = subscribe(g, c, TD_GW_POSITIONS_MULTI, &m->req_multi);
    if (!sub)
        return;
    send_multi(g, c, sub, false);
    send_end(g, c, TD_TWS_POSITION_MULTI_END, sub->req_id);
}

void td_gw_cancel_positions_multi(struct td_gateway *g, struct td_gw_client *c,
                                  const struct td_tws_msg *m)
{
    unsubscribe(g, c, TD_GW_POSITIONS_MULTI, m->req.req_id);
}

/* ---- updates of several accounts, summary ---- */

static void send_tag(struct td_gateway *g, struct td_gw_client *c, uint16_t kind, int32_t req_id,
                     const struct td_tws_account_summary *row)
{
    td_tws_msg_init(&g->msg, kind);
    g->msg.account_summary = *row;
    g->msg.account_summary.req_id = req_id;
    (void)td_gw_send(g, c, &g->msg);
}

static void send_account_multi(struct td_gateway *g, struct td_gw_client *c, struct td_gw_sub *sub)
{
    struct td_gw_worth w;
    char text[32];
    td_gw_worth(g, sub->account, &w);
    for (size_t i = 0; i < TD_COUNT(values); i++) {
        const struct td_tws_account_summary row = {
            .account = td_str_of(g->ledger.accounts[sub->account].name),
            .tag = td_str_of(values[i].key),
            .value = value_text(g, sub->account, &w, i, text),
            .currency = td_str_of(currency_of(i))};
        send_tag(g, c, TD_TWS_ACCOUNT_UPDATE_MULTI, sub->req_id, &row);
    }
    sub->next_ns = g->mono + REFRESH;
    sub->seen = g->account_change;
}

void td_gw_req_account_multi(struct td_gateway *g, struct td_gw_client *c,
                             const struct td_tws_msg *m)
{
    struct td_gw_sub *sub = subscribe(g, c, TD_GW_ACCOUNT_MULTI, &m->req_multi);
    if (!sub)
        return;
    send_account_multi(g, c, sub);
    send_end(g, c, TD_TWS_ACCOUNT_UPDATE_MULTI_END, sub->req_id);
}

void td_gw_cancel_account_multi(struct td_gateway *g, struct td_gw_client *c,
                                const struct td_tws_msg *m)
{
    unsubscribe(g, c, TD_GW_ACCOUNT_MULTI, m->req.req_id);
}

static bool has_tag(const char *list, const char *key)
{
    struct td_str rest = td_str_of(list), one;
    while (td_str_split(&rest, ',', &one))
        if (td_str_is(td_str_trim(one), key))
            return true;
    return false;
}

/* Also understands $LEDGER and $LEDGER:USD: cash by currency. */
static void send_summary(struct td_gateway *g, struct td_gw_client *c, struct td_gw_sub *sub)
{
    const bool cash = strstr(sub->tags, "$LEDGER") != NULL;
    for (uint32_t a = 0; a < g->ledger.account_count; a++) {
        struct td_gw_worth w;
        char text[32];
        td_gw_worth(g, a, &w);
        for (size_t i = 0; i < TD_COUNT(values); i++) {
            if (!has_tag(sub->tags, values[i].key) && !(cash && values[i].base))
                continue;
            const struct td_tws_account_summary row = {.account =
                                                           td_str_of(g->ledger.accounts[a].name),
                                                       .tag = td_str_of(values[i].key),
                                                       .value = value_text(g, a, &w, i, text),
                                                       .currency = td_str_of(currency_of(i))};
            send_tag(g, c, TD_TWS_ACCOUNT_SUMMARY, sub->req_id, &row);
        }
    }
    send_end(g, c, TD_TWS_ACCOUNT_SUMMARY_END, sub->req_id);
    sub->next_ns = g->mono + REFRESH;
    sub->seen = g->account_change;
}

void td_gw_req_summary(struct td_gateway *g, struct td_gw_client *c, const struct td_tws_msg *m)
{
    const struct td_tws_req_account_summary *r = &m->req_account_summary;
    int active = 0;
    for (uint32_t i = 0; i < c->sub_count; i++)
        active += c->subs[i].kind == TD_GW_SUMMARY;
    if (active == 2) {
        td_gw_error(
            g, c, r->req_id, 322,
            "Error processing request.-'Maximum number of account summary requests exceeded'");
        return;
    }
    struct td_gw_sub *sub = td_gw_sub_add(g, c, TD_GW_SUMMARY, r->req_id);
    if (!sub)
        return;
    sub->sym = UINT32_MAX;
    (void)td_str_copy(r->tags, sub->tags, sizeof sub->tags);
    send_summary(g, c, sub);
}

void td_gw_cancel_summary(struct td_gateway *g, struct td_gw_client *c, const struct td_tws_msg *m)
{
    unsubscribe(g, c, TD_GW_SUMMARY, m->req.req_id);
}

/* ---- profit and loss, once a second ---- */

static void send_pnl(struct td_gateway *g, struct td_gw_client *c, struct td_gw_sub *sub)
{
    struct td_gw_worth w;
    td_gw_worth(g, sub->account, &w);
    td_tws_msg_init(&g->msg, TD_TWS_PNL);
    g->msg.pnl.req_id = sub->req_id;
    g->msg.pnl.daily.e9 = w.unrealized + w.realized;
    g->msg.pnl.unrealized.e9 = w.unrealized;
    g->msg.pnl.realized.e9 = w.realized;
    (void)td_gw_send(g, c, &g->msg);
    sub->next_ns = g->mono + TD_SEC;
}

static void send_pnl_single(struct td_gateway *g, struct td_gw_client *c, struct td_gw_sub *sub)
{
    sub->next_ns = g->mono + TD_SEC;
    for (uint32_t i = 0; i < g->ledger.position_count; i++) {
        const struct td_position *p = &g->ledger.positions[i];
        int64_t value = 0, gain = 0;
        td_px mark;
        if (p->account != sub->account || g->universe.rows[p->inst].inst.conid != sub->con_id)
            continue;
        (void)value_of(g, p, &mark, &value, &gain);
        td_tws_msg_init(&g->msg, TD_TWS_PNL_SINGLE);
        g->msg.pnl = (struct td_tws_pnl){.req_id = sub->req_id,
                                         .position = p->qty,
                                         .value = {value},
                                         .unrealized = {gain},
                                         .realized = {p->realized.e9 - p->fees.e9},
                                         .daily = {gain + p->realized.e9 - p->fees.e9}};
        (void)td_gw_send(g, c, &g->msg);
    }
}

void td_gw_req_pnl(struct td_gateway *g, struct td_gw_client *c, const struct td_tws_msg *m)
{
    struct td_gw_sub *sub = subscribe(g, c, TD_GW_PNL, &m->req_multi);
    if (sub)
        send_pnl(g, c, sub);
}

void td_gw_cancel_pnl(struct td_gateway *g, struct td_gw_client *c, const struct td_tws_msg *m)
{
    unsubscribe(g, c, TD_GW_PNL, m->req.req_id);
}

void td_gw_req_pnl_single(struct td_gateway *g, struct td_gw_client *c, const struct td_tws_msg *m)
{
    struct td_gw_sub *sub = subscribe(g, c, TD_GW_PNL_SINGLE, &m->req_multi);
    if (sub)
        send_pnl_single(g, c, sub);
}

void td_gw_cancel_pnl_single(struct td_gateway *g, struct td_gw_client *c,
                             const struct td_tws_msg *m)
{
    unsubscribe(g, c, TD_GW_PNL_SINGLE, m->req.req_id);
}

/* ---- once a turn ---- */

static void tick_sub(struct td_gateway *g, struct td_gw_client *c, struct td_gw_sub *sub)
{
    const bool changed = sub->seen != g->account_change;
    const bool due = g->mono >= sub->next_ns;
    if (sub->kind == TD_GW_PNL && due)
        send_pnl(g, c, sub);
    else if (sub->kind == TD_GW_PNL_SINGLE && due)
        send_pnl_single(g, c, sub);
    else if (sub->kind == TD_GW_SUMMARY && (due || changed))
        send_summary(g, c, sub);
    else if (sub->kind == TD_GW_ACCOUNT_MULTI && (due || changed))
        send_account_multi(g, c, sub);
    else if (sub->kind == TD_GW_POSITIONS_MULTI && changed) {
        send_multi(g, c, sub, true);
        sub->seen = g->account_change;
    }
}

void td_gw_accounts_tick(struct td_gateway *g)
{
    for (size_t i = 0; i < TD_GATEWAY_CLIENTS_MAX; i++) {
        struct td_gw_client *c = g->clients[i];
        if (!c || !c->open || c->closing)
            continue;
        const bool changed = c->account_change != g->account_change;
        if (c->positions && changed)
            send_positions(g, c, true);
        if (c->account_updates && (changed || g->mono >= c->account_next))
            send_account(g, c);
        c->account_change = g->account_change;
        for (uint32_t k = 0; k < c->sub_count; k++)
            if (c->subs[k].kind >= TD_GW_POSITIONS_MULTI)
                tick_sub(g, c, &c->subs[k]);
    }
}
