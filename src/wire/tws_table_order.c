/* wire/tws_table_order.c - rows of placing, cancelling and completing orders (tws-protocol 4.7, 4.8).
 *
 * The blocks shared by placeOrder, openOrder and completedOrder stand on struct td_tws_order; the numbers
 * in the comments are those of the reference's tables.
 */
#include "wire/tws_order_rows.h"
#include "wire/tws_table.h"

#define L(type, ...) TD_ROW(type, td_tws_leg, __VA_ARGS__)
const struct td_tws_field td_tws_legs8[] = {
    L(I32, con_id, PB(1)),
    L(I32, ratio, PB(2)),
    L(STR, action, PB(3)),
    L(STR, exchange, PB(4)),
    L(I32, open_close, PB(5)),
    L(I32, short_sale_slot, PB(6)),
    L(STR, designated_location, PB(7)),
    L(I32, exempt_code, PB(8)),
    TD_ROW(E9U, td_tws_leg, px, PB(9), .since = TD_TWS_PROTOBUF),
    TD_END,
};
const struct td_tws_field td_tws_leg_price[] = {TD_ROW(E9U, td_tws_leg, px), TD_END};

#define O(type, ...) TD_ROW(type, td_tws_order, __VA_ARGS__)
const struct td_tws_field td_tws_delta_neutral_order[] = {
    O(I32, dn_con_id),          O(STR, dn_settling_firm),       O(STR, dn_clearing_account),
    O(STR, dn_clearing_intent), O(STR, dn_open_close),          O(BOOL, dn_short_sale),
    O(I32, dn_short_sale_slot), O(STR, dn_designated_location), TD_END,
};
const struct td_tws_field td_tws_scale[] = {
    O(E9U, scale_price_adjust_value), O(I32U, scale_price_adjust_interval),
    O(E9U, scale_profit_offset),      O(BOOL, scale_auto_reset),
    O(I32U, scale_init_position),     O(I32U, scale_init_fill_qty),
    O(BOOL, scale_random_percent),    TD_END,
};
const struct td_tws_field td_tws_hedge[] = {
    O(STR, hedge_type),
    O(STR, hedge_param, TD_WHEN(TEXT, td_tws_order, hedge_type)),
    TD_END,
};
const struct td_tws_field td_tws_algo[] = {
    O(STR, algo_strategy),
    TD_ROWS(td_tws_order, algo_params, td_tws_pair, TD_WHEN(TEXT, td_tws_order, algo_strategy)),
    TD_END,
};
const struct td_tws_field td_tws_peg_bench[] = {
    O(I32, reference_contract_id),  O(BOOL, pegged_change_decrease),
    O(E9, pegged_change_amount_e9), O(E9, reference_change_amount_e9),
    O(STR, reference_exchange),     TD_END,
};
const struct td_tws_field td_tws_peg_best[] = {
    O(I32U, min_trade_qty),      O(I32U, min_compete_size),  O(E9I, compete_offset_e9),
    O(E9U, mid_offset_whole_e9), O(E9U, mid_offset_half_e9), TD_END,
};

#define BIT(name) (UINT32_C(1) << TD_TWS_COND_##name)
#define K(row_type, member, number, kinds)                                                         \
    TD_ROW(row_type, td_tws_condition, member, PB(number), TD_WHEN(VALUE, td_tws_condition, type), \
           .values = kinds)
/* Where members swap places between types, they have a row per place. */
const struct td_tws_field td_tws_condition_rows[] = {
    TD_ROW(ENUM, td_tws_condition, type, PB(1),
           .values =
               BIT(PRICE) | BIT(TIME) | BIT(MARGIN) | BIT(EXECUTION) | BIT(VOLUME) | BIT(PERCENT)),
    TD_ROW(AND, td_tws_condition, all, PB(2)),
    K(BOOL, is_more, 3, BIT(PRICE) | BIT(TIME) | BIT(MARGIN) | BIT(VOLUME) | BIT(PERCENT)),
    K(STR, time, 12, BIT(TIME)),
    K(I32, percent, 8, BIT(MARGIN)),
    K(STR, sec_type, 7, BIT(EXECUTION)),
    K(STR, exchange, 5, BIT(EXECUTION)),
    K(STR, symbol, 6, BIT(EXECUTION)),
    K(E9, price, 10, BIT(PRICE)),
    K(E9, change_e9, 9, BIT(PERCENT)),
    K(I32, volume, 13, BIT(VOLUME)),
    K(I32, con_id, 4, BIT(PRICE) | BIT(VOLUME) | BIT(PERCENT)),
    K(STR, exchange, 5, BIT(PRICE) | BIT(VOLUME) | BIT(PERCENT)),
    K(I32, trigger_method, 11, BIT(PRICE)),
    TD_END,
};
const struct td_tws_field td_tws_conditions[] = {
    TD_ROWS(td_tws_order, conditions, td_tws_condition_rows),
    O(BOOL, conditions_ignore_rth, TD_WHEN(COUNT, td_tws_order, conditions)),
    O(BOOL, conditions_cancel_order, TD_WHEN(COUNT, td_tws_order, conditions)),
    TD_END,
};

#define P(type, ...) TD_ROW(type, td_tws_place_order, __VA_ARGS__)
#define IS_BAG       .text = "BAG", TD_WHEN(IS, td_tws_place_order, contract.sec_type)
TD_TWS_TABLE(PLACE_ORDER){
    P(ID, order_id, PB(1)), /* 2 */
    TD_SUB(td_tws_place_order, contract, td_tws_c12),
    TD_NESTED(td_tws_place_order, contract, td_tws_pb_contract, 2),
    TD_NESTED(td_tws_place_order, order, td_tws_pb_order, 3),
    P(STR, contract.sec_id_type), /* 15 */
    P(STR, contract.sec_id),
    P(STR, order.action),
    P(QTY, order.total_quantity),
    P(STR, order.order_type),
    P(E9U, order.lmt_price),
    P(E9U, order.aux_price),
    P(STR, order.tif), /* 22 */
    P(STR, order.oca_group),
    P(STR, order.account),
    P(STR, order.open_close),
    P(I32, order.origin),
    P(STR, order.order_ref),
    P(BOOL, order.transmit),
    P(I32, order.parent_id),
    P(BOOL, order.block_order),
    P(BOOL, order.sweep_to_fill),
    P(I32, order.display_size),
    P(I32, order.trigger_method),
    P(BOOL, order.outside_rth),
    P(BOOL, order.hidden),
    TD_ROWS(td_tws_place_order, contract.legs, td_tws_legs8, IS_BAG), /* 36 */
    TD_AGAIN(td_tws_place_order, contract.legs, td_tws_leg_price, IS_BAG),
    TD_ROWS(td_tws_place_order, order.smart_combo_params, td_tws_pair, IS_BAG),
    P(STR, order.shares_allocation), /* 39, deprecated: empty */
    P(E9, order.discretionary_amt),
    P(STR, order.good_after_time),
    P(STR, order.good_till_date),
    P(STR, order.fa_group),
    P(STR, order.fa_method),
    P(STR, order.fa_percentage),
    P(STR, order.fa_profile, .until = 177),
    P(STR, order.model_code),
    P(I32, order.short_sale_slot), /* 48 */
    P(STR, order.designated_location),
    P(I32, order.exempt_code),
    P(I32, order.oca_type),
    P(STR, order.rule_80a),
    P(STR, order.settling_firm),
    P(BOOL, order.all_or_none),
    P(I32U, order.min_qty), /* 55 */
    P(E9U, order.percent_offset_e9),
    P(BOOL, order.e_trade_only),
    P(BOOL, order.firm_quote_only),
    P(E9U, order.nbbo_price_cap),
    P(I32, order.auction_strategy), /* 60 */
    P(E9U, order.starting_price),
    P(E9U, order.stock_ref_price),
    P(E9U, order.delta_e9),
    P(E9U, order.stock_range_lower),
    P(E9U, order.stock_range_upper),
    P(BOOL, order.override_percentage_constraints),
    P(E9U, order.volatility_e9), /* 67 */
    P(I32U, order.volatility_type),
    P(STR, order.dn_order_type),
    P(E9U, order.dn_aux_price),
    TD_SUB(td_tws_place_order, order, td_tws_delta_neutral_order,
           TD_WHEN(TEXT, td_tws_place_order, order.dn_order_type)),
    P(BOOL, order.continuous_update), /* 72 */
    P(I32U, order.reference_price_type),
    P(E9U, order.trail_stop_price),
    P(E9U, order.trailing_percent_e9),
    P(I32U, order.scale_init_level_size),
    P(I32U, order.scale_subs_level_size),
    P(E9U, order.scale_price_increment),
    TD_SUB(td_tws_place_order, order, td_tws_scale,
           TD_WHEN(SCALE, td_tws_place_order, order.scale_price_increment)),
    P(STR, order.scale_table), /* 80 */
    P(STR, order.active_start_time),
    P(STR, order.active_stop_time),
    TD_SUB(td_tws_place_order, order, td_tws_hedge),
    P(BOOL, order.opt_out_smart_routing), /* 85 */
    P(STR, order.clearing_account),
    P(STR, order.clearing_intent),
    P(BOOL, order.not_held),
    TD_SUB(td_tws_place_order, contract.delta_neutral, td_tws_dnc),
    TD_SUB(td_tws_place_order, order, td_tws_algo), /* 90 */
    P(STR, order.algo_id),
    P(BOOL, order.what_if),
    P(STR, order.misc_options),
    P(BOOL, order.solicited),
    P(BOOL, order.randomize_size),
    P(BOOL, order.randomize_price),
    TD_SUB(td_tws_place_order, order, td_tws_peg_bench,
           TD_WHEN(PEG_BENCH, td_tws_place_order, order.order_type)),
    TD_SUB(td_tws_place_order, order, td_tws_conditions), /* 98 */
    P(STR, order.adjusted_order_type),
    P(E9U, order.trigger_price),
    P(E9U, order.lmt_price_offset),
    P(E9U, order.adjusted_stop_price),
    P(E9U, order.adjusted_stop_limit_price),
    P(E9U, order.adjusted_trailing_amount_e9),
    P(I32, order.adjustable_trailing_unit),
    P(STR, order.ext_operator), /* 106 */
    P(STR, order.soft_dollar_name),
    P(STR, order.soft_dollar_value),
    P(E9U, order.cash_qty),
    P(STR, order.mifid2_decision_maker),
    P(STR, order.mifid2_decision_algo),
    P(STR, order.mifid2_execution_trader),
    P(STR, order.mifid2_execution_algo),
    P(BOOL, order.dont_use_auto_price_for_hedge), /* 114 */
    P(BOOL, order.is_oms_container),
    P(BOOL, order.discretionary_up_to_limit),
    P(I32U, order.use_price_mgmt_algo),
    P(I32U, order.duration, .since = 158),
    P(I32U, order.post_to_ats, .since = 160),
    P(BOOL, order.auto_cancel_parent, .since = 162),
    P(STR, order.advanced_error_override, .since = 166),
    P(STR, order.manual_order_time, .since = 169),
    P(I32U, order.min_trade_qty, .since = 170, .text = "IBKRATS",
      TD_WHEN(IS, td_tws_place_order, contract.exchange)),
    P(I32U, order.min_compete_size, .since = 170,
      TD_WHEN(PEG_BEST, td_tws_place_order, order.order_type)),
    P(E9I, order.compete_offset_e9, .since = 170,
      TD_WHEN(PEG_BEST, td_tws_place_order, order.order_type)),
    P(E9U, order.mid_offset_whole_e9, .since = 170, TD_WHEN(OFFSETS, td_tws_place_order, order)),
    P(E9U, order.mid_offset_half_e9, .since = 170, TD_WHEN(OFFSETS, td_tws_place_order, order)),
    P(STR, order.customer_account, .since = 183), /* 126 */
    P(BOOL, order.professional_customer, .since = 184),
    TD_LIT("", .since = 187, .until = 190), /* request-for-quote placeholders */
    TD_LIT("2147483647", .since = 187, .until = 190),
    P(BOOL, order.include_overnight, .since = 189),
    P(I32U, order.manual_order_indicator, .since = 192),
    P(BOOL, order.imbalance_only, .since = 199),
    TD_END,
};

#define X(type, ...) TD_ROW(type, td_tws_cancel_order, __VA_ARGS__)
static const struct td_tws_field order_cancel[] = {
    X(STR, manual_cancel_time, PB(1)),
    X(STR, ext_operator, PB(2)),
    X(I32M, manual_order_indicator, PB(3)),
    TD_END,
};
TD_TWS_TABLE(CANCEL_ORDER){
    TD_LIT("1", .until = 192),
    X(ID, order_id, PB(1)),
    TD_ONLY(order_cancel, 2),
    X(STR, manual_cancel_time, .since = 169),
    TD_LIT("", .since = 187, .until = 190),
    TD_LIT("", .since = 187, .until = 190),
    TD_LIT("2147483647", .since = 187, .until = 190),
    X(STR, ext_operator, .since = 192),
    X(I32M, manual_order_indicator, .since = 192),
    TD_END,
};
TD_TWS_TABLE(REQ_GLOBAL_CANCEL){
    TD_LIT("1", .until = 192),
    TD_ONLY(order_cancel, 1),
    X(STR, ext_operator, .since = 192),
    X(I32M, manual_order_indicator, .since = 192),
    TD_END,
};

TD_TWS_TABLE(REQ_OPEN_ORDERS){TD_LIT("1"), TD_END};
TD_TWS_TABLE(REQ_ALL_OPEN_ORDERS){TD_LIT("1"), TD_END};
TD_TWS_TABLE(REQ_AUTO_OPEN_ORDERS){TD_LIT("1"), TD_ROW(BOOL, td_tws_flag, on, PB(1)), TD_END};
TD_TWS_TABLE(REQ_COMPLETED_ORDERS){TD_ROW(BOOL, td_tws_flag, on, PB(1)), TD_END};

static const struct td_tws_field day[] = {TD_ROW(I32, td_tws_day, yyyymmdd, PB_BARE), TD_END};
#define E(type, ...) TD_ROW(type, td_tws_req_executions, __VA_ARGS__)
static const struct td_tws_field execution_filter[] = {
    E(I32, client_id, PB(1)),
    E(STR, account, PB(2)),
    E(STR, time, PB(3)),
    E(STR, symbol, PB(4)),
    E(STR, sec_type, PB(5)),
    E(STR, exchange, PB(6)),
    E(STR, side, PB(7)),
    E(I32M, last_n_days, PB(8), .since = 200),
    TD_ROWS(td_tws_req_executions, days, day, PB(9), .since = 200),
    TD_END,
};
TD_TWS_TABLE(REQ_EXECUTIONS){
    TD_LIT("3"),
    E(ID, req_id, PB(1)),
    TD_PART(execution_filter, PB(2)),
    TD_END,
};

/* ---- unset ---- */

void td_tws_order_unset(struct td_tws_order *order)
{
    const td_px px = TD_PX_NONE;
    order->lmt_price = order->aux_price = order->trail_stop_price = px;
    order->starting_price = order->stock_ref_price = px;
    order->stock_range_lower = order->stock_range_upper = order->nbbo_price_cap = px;
    order->dn_aux_price = order->trigger_price = order->lmt_price_offset = px;
    order->adjusted_stop_price = order->adjusted_stop_limit_price = px;
    order->scale_price_increment = order->scale_price_adjust_value = order->scale_profit_offset =
        px;
    order->cash_qty = TD_CASH_NONE;
    order->total_quantity = order->filled_quantity = TD_QTY_NONE;
    order->trailing_percent_e9 = order->percent_offset_e9 = order->delta_e9 = TD_E9_NONE;
    order->volatility_e9 = order->basis_points_e9 = TD_E9_NONE;
    order->pegged_change_amount_e9 = order->reference_change_amount_e9 = TD_E9_NONE;
    order->adjusted_trailing_amount_e9 = order->compete_offset_e9 = TD_E9_NONE;
    order->mid_offset_whole_e9 = order->mid_offset_half_e9 = TD_E9_NONE;
    order->min_qty = order->volatility_type = order->reference_price_type = TD_TWS_INT_NONE;
    order->basis_points_type = order->use_price_mgmt_algo = TD_TWS_INT_NONE;
    order->scale_init_level_size = order->scale_subs_level_size = TD_TWS_INT_NONE;
    order->scale_price_adjust_interval = order->scale_init_position = TD_TWS_INT_NONE;
    order->scale_init_fill_qty = order->duration = order->post_to_ats = TD_TWS_INT_NONE;
    order->min_trade_qty = order->min_compete_size = order->manual_order_indicator =
        TD_TWS_INT_NONE;
    order->seek_price_improvement = order->what_if_type = order->hedge_max_size = TD_TWS_INT_NONE;
}

void td_tws_order_init(struct td_tws_order *order)
{
    *order = (struct td_tws_order){.exempt_code = -1, .transmit = true};
    td_tws_order_unset(order);
}

void td_tws_state_unset(struct td_tws_order_state *state)
{
    const td_cash none = TD_CASH_NONE;
    state->commission = state->min_commission = state->max_commission = none;
    state->orth_init_before = state->orth_maint_before = state->orth_equity_before = none;
    state->orth_init_change = state->orth_maint_change = state->orth_equity_change = none;
    state->orth_init_after = state->orth_maint_after = state->orth_equity_after = none;
    state->suggested_size = TD_QTY_NONE;
}
