/* sim/gateway_contract.c - contract details, symbol search and the small answers that never change. */
#include "sim/gateway_inner.h"

#include <string.h>

#define HOURS_DAYS 6

void td_gw_send_details(struct td_gateway *g, struct td_gw_client *c, int32_t req_id,
                        const struct td_universe_row *row)
{
    const struct td_instrument *inst = &row->inst;
    const bool future = strcmp(inst->sec_type, "FUT") == 0, option = row->right != 0;
    char multiplier[TD_E9_CHARS];
    char hours[2][512];
    struct td_text text[2];
    struct td_universe_hours ask = {.days =
                                        g->config.hours_days ? g->config.hours_days : HOURS_DAYS,
                                    .closed = td_gw_is_holiday,
                                    .arg = g};
    const struct td_tz *zone = td_gw_zone(g, inst->time_zone);
    ask.first = zone ? td_tz_day(zone, g->now) : g->day;
    for (int i = 0; i < 2; i++) {
        td_text_init(&text[i], hours[i], sizeof hours[i]);
        ask.liquid = i == 1;
        td_universe_hours_text(row, &ask, &text[i]);
    }
    td_tws_msg_init(&g->msg, TD_TWS_CONTRACT_DATA);
    struct td_tws_contract_data *d = &g->msg.contract_data;
    d->req_id = req_id;
    td_gw_fill_row(row, inst->exchange, multiplier, &d->contract);
    d->contract.primary_exch = td_str_of(inst->primary);
    d->last_trade_date = td_str_of(inst->expiry);
    d->market_name = td_str_of(inst->trading_class);
    d->order_types = td_str_of(row->order_types);
    d->valid_exchanges = td_str_of(row->valid_exchanges);
    d->long_name = td_str_of(inst->long_name);
    d->contract_month = td_str_of(row->derived ? row->month : row->contract_month);
    d->industry = td_str_of(row->industry);
    d->category = td_str_of(row->category);
    d->subcategory = td_str_of(row->subcategory);
    d->time_zone = td_str_of(inst->time_zone);
    d->trading_hours = (struct td_str){hours[0], text[0].len};
    d->liquid_hours = (struct td_str){hours[1], text[1].len};
    d->market_rule_ids = td_str_of(row->market_rules);
    d->real_expiration = td_str_of(inst->expiry);
    d->stock_type = td_str_of(row->stock_type);
    d->min_tick = inst->min_tick;
    d->ev_multiplier_e9 = 0;
    d->price_magnifier = 1;
    d->agg_group = option ? 2 : 1;
    d->size_min_tick = d->min_size = d->size_increment = TD_QTY(1);
    d->suggested_size_increment = future || option ? TD_QTY(1) : TD_QTY(100);
    d->under_symbol = td_str_of(future || option ? inst->symbol : "");
    d->under_sec_type = td_str_of(future ? "IND" : option ? "STK" : "");
    d->under_con_id = option ? g->universe.rows[row->under].inst.conid : 0;
    (void)td_gw_send(g, c, &g->msg);
}

void td_gw_req_details(struct td_gateway *g, struct td_gw_client *c, const struct td_tws_msg *m)
{
    uint32_t row = 0;
    const int32_t id = m->req_contract.req_id;
    if (m->req_contract.contract.sec_id.len) {
        td_gw_error(g, c, id, 200, "No security definition has been found for the request");
        return;
    }
    if (td_gw_is_option(&m->req_contract.contract)) {
        if (td_gw_option_details(g, c, id, &m->req_contract.contract) == 0)
            return;
    } else if (td_gw_contract(g, c, id, &m->req_contract.contract, &row)) {
        td_gw_send_details(g, c, id, &g->universe.rows[row]);
    } else {
        return;
    }
    td_tws_msg_init(&g->msg, TD_TWS_CONTRACT_DATA_END);
    g->msg.req.req_id = id;
    (void)td_gw_send(g, c, &g->msg);
}

static char upper(char ch)
{
    return ch >= 'a' && ch <= 'z' ? (char)(ch - 32) : ch;
}

/* The pattern begins the symbol, or stands in the name; case does not count. */
static bool matches(const struct td_instrument *inst, struct td_str pattern)
{
    const char *const places[] = {inst->symbol, inst->long_name};
    for (size_t p = 0; p < TD_COUNT(places); p++)
        for (const char *at = places[p]; *at; at++) {
            size_t n = 0;
            while (n < pattern.len && at[n] && upper(at[n]) == upper(pattern.p[n]))
                n++;
            if (n == pattern.len)
                return true;
            if (p == 0)
                break;
        }
    return false;
}

void td_gw_req_matching(struct td_gateway *g, struct td_gw_client *c, const struct td_tws_msg *m)
{
    static const struct td_tws_text option = {{"OPT", 3}};
    struct td_tws_symbol_sample list[16];
    uint32_t n = 0;
    for (uint32_t i = 0; i < g->universe.count && n < TD_COUNT(list) && m->req_text.text.len; i++) {
        const struct td_instrument *inst = &g->universe.rows[i].inst;
        if (strcmp(inst->sec_type, "STK") != 0 || !matches(inst, m->req_text.text))
            continue;
        list[n] = (struct td_tws_symbol_sample){.con_id = inst->conid,
                                                .symbol = td_str_of(inst->symbol),
                                                .sec_type = td_str_of(inst->sec_type),
                                                .primary_exch = td_str_of(inst->primary),
                                                .currency = td_str_of(inst->currency),
                                                .description = td_str_of(inst->long_name)};
        list[n].derivatives.p = &option;
        list[n++].derivatives.n = td_gw_has_options(inst->symbol);
    }
    const int32_t id = m->req_text.req_id;
    td_tws_msg_init(&g->msg, TD_TWS_SYMBOL_SAMPLES);
    g->msg.symbol_samples.req_id = id;
    g->msg.symbol_samples.samples.p = list;
    g->msg.symbol_samples.samples.n = n;
    (void)td_gw_send(g, c, &g->msg);
}

void td_gw_req_rule(struct td_gateway *g, struct td_gw_client *c, const struct td_tws_msg *m)
{
    struct td_tws_increment list[TD_TICK_STEPS_MAX];
    struct td_tick_rule rule;
    if (!td_universe_rule(m->number.value, &rule)) {
        td_gw_error(g, c, -1, 321, "Error validating request.-'Market rule %d is unknown'",
                    (int)m->number.value);
        return;
    }
    for (uint32_t i = 0; i < rule.count; i++)
        list[i] = (struct td_tws_increment){rule.steps[i].low_edge, rule.steps[i].increment};
    td_tws_msg_init(&g->msg, TD_TWS_MARKET_RULE);
    g->msg.market_rule.rule_id = m->number.value;
    g->msg.market_rule.increments.p = list;
    g->msg.market_rule.increments.n = rule.count;
    (void)td_gw_send(g, c, &g->msg);
}

void td_gw_req_components(struct td_gateway *g, struct td_gw_client *c, const struct td_tws_msg *m)
{
    static const char *const names[][2] = {{"ARCA", "P"}, {"NASDAQ", "Q"}, {"BATS", "Z"},
                                           {"NYSE", "N"}, {"IEX", "V"},    {"EDGX", "K"},
                                           {"MEMX", "U"}};
    struct td_tws_component list[TD_COUNT(names)];
    const int32_t id = m->req_text.req_id;
    for (size_t i = 0; i < TD_COUNT(names); i++)
        list[i] =
            (struct td_tws_component){(int32_t)i, td_str_of(names[i][0]), td_str_of(names[i][1])};
    td_tws_msg_init(&g->msg, TD_TWS_SMART_COMPONENTS);
    g->msg.smart_components.req_id = id;
    g->msg.smart_components.components.p = list;
    g->msg.smart_components.components.n = TD_COUNT(names);
    (void)td_gw_send(g, c, &g->msg);
}

/* A reply that is only a request id, or an empty list after one. */
static void send_id(struct td_gateway *g, struct td_gw_client *c, uint16_t kind, int32_t req_id)
{
    td_tws_msg_init(&g->msg, kind);
    g->msg.req.req_id = req_id;
    (void)td_gw_send(g, c, &g->msg);
}

void td_gw_req_tiers(struct td_gateway *g, struct td_gw_client *c, const struct td_tws_msg *m)
{
    send_id(g, c, TD_TWS_SOFT_DOLLAR_TIERS, m->req.req_id);
}

void td_gw_req_user(struct td_gateway *g, struct td_gw_client *c, const struct td_tws_msg *m)
{
    send_id(g, c, TD_TWS_USER_INFO, m->req.req_id);
}

void td_gw_req_family(struct td_gateway *g, struct td_gw_client *c, const struct td_tws_msg *m)
{
    struct td_tws_tag list[TD_GATEWAY_ACCOUNTS_MAX];
    (void)m;
    for (uint32_t i = 0; i < g->ledger.account_count; i++)
        list[i] = (struct td_tws_tag){td_str_of(g->ledger.accounts[i].name), td_str_of("")};
    td_tws_msg_init(&g->msg, TD_TWS_FAMILY_CODES);
    g->msg.pairs.pairs.p = list;
    g->msg.pairs.pairs.n = g->ledger.account_count;
    (void)td_gw_send(g, c, &g->msg);
}

static void send_instant(struct td_gateway *g, struct td_gw_client *c, uint16_t kind, int64_t value)
{
    td_tws_msg_init(&g->msg, kind);
    g->msg.instant.value = value;
    (void)td_gw_send(g, c, &g->msg);
}

void td_gw_req_time(struct td_gateway *g, struct td_gw_client *c, const struct td_tws_msg *m)
{
    (void)m;
    send_instant(g, c, TD_TWS_CURRENT_TIME, g->now / TD_SEC);
}

void td_gw_req_time_ms(struct td_gateway *g, struct td_gw_client *c, const struct td_tws_msg *m)
{
    (void)m;
    send_instant(g, c, TD_TWS_CURRENT_TIME_MILLIS, g->now / TD_MS);
}
