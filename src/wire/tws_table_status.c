/* wire/tws_table_status.c - rows of what the gateway says about orders and executions (tws-protocol 4.8).
 *
 * The numbers in the comments are those of the reference's openOrder table.
 */
#include "wire/tws_order_rows.h"
#include "wire/tws_table.h"

#define A(type, member) TD_ROW(type, td_tws_allocation, member)
static const struct td_tws_field allocation[] = {
    A(STR, account),     A(QTY, position),    A(QTY, position_desired), A(QTY, position_after),
    A(QTY, desired_qty), A(QTY, allowed_qty), A(BOOL, is_monetary),     TD_END,
};

#define O(type, ...)      TD_ROW(type, td_tws_open_order, __VA_ARGS__)
#define ON_ORDER(...)     TD_SUB(td_tws_open_order, order, __VA_ARGS__)
#define HAS_DELTA_NEUTRAL TD_WHEN(TEXT, td_tws_open_order, order.dn_order_type)
#define HAS_SCALE         TD_WHEN(SCALE, td_tws_open_order, order.scale_price_increment)
#define IS_PEG_BENCH      TD_WHEN(PEG_BENCH, td_tws_open_order, order.order_type)

/* 14-24, the same in both messages */
#define ACTION_TO_REF                                                                              \
    O(STR, order.action), O(QTY, order.total_quantity), O(STR, order.order_type),                  \
        O(E9U, order.lmt_price), O(E9U, order.aux_price), O(STR, order.tif),                       \
        O(STR, order.oca_group), O(STR, order.account), O(STR, order.open_close),                  \
        O(I32, order.origin), O(STR, order.order_ref)
/* 32-43 */
#define ADVISOR_TO_EXEMPT                                                                          \
    O(STR, order.fa_group), O(STR, order.fa_method), O(STR, order.fa_percentage),                  \
        O(STR, order.fa_profile, .until = 177), O(STR, order.model_code),                          \
        O(STR, order.good_till_date), O(STR, order.rule_80a), O(E9U, order.percent_offset_e9),     \
        O(STR, order.settling_firm), O(I32, order.short_sale_slot),                                \
        O(STR, order.designated_location), O(I32, order.exempt_code)
/* 45-49 */
#define AUCTION_PRICES                                                                             \
    O(E9U, order.starting_price), O(E9U, order.stock_ref_price), O(E9U, order.delta_e9),           \
        O(E9U, order.stock_range_lower), O(E9U, order.stock_range_upper)
/* 61-64, 73-76 */
#define VOLATILITY                                                                                 \
    O(E9U, order.volatility_e9), O(I32, order.volatility_type), O(STR, order.dn_order_type),       \
        O(E9U, order.dn_aux_price)
#define UPDATE_TO_TRAIL                                                                            \
    O(BOOL, order.continuous_update), O(I32, order.reference_price_type),                          \
        O(E9U, order.trail_stop_price), O(E9U, order.trailing_percent_e9)
/* 79-82 */
#define COMBINATION                                                                                \
    O(STR, order.combo_legs_descrip), TD_ROWS(td_tws_open_order, contract.legs, td_tws_legs8),     \
        TD_ROWS(td_tws_open_order, order.leg_prices, td_tws_leg_price),                            \
        TD_ROWS(td_tws_open_order, order.smart_combo_params, td_tws_pair)
/* 83-86 */
#define SCALE                                                                                      \
    O(I32M, order.scale_init_level_size), O(I32M, order.scale_subs_level_size),                    \
        O(E9U, order.scale_price_increment), ON_ORDER(td_tws_scale, HAS_SCALE)

TD_TWS_TABLE(OPEN_ORDER){
    O(ID, order_id), /* 2 */
    TD_SUB(td_tws_open_order, contract, td_tws_cr11),
    ACTION_TO_REF,
    O(I32, order.client_id), /* 25 */
    O(I64, order.perm_id),
    O(BOOL, order.outside_rth),
    O(BOOL, order.hidden),
    O(E9, order.discretionary_amt),
    O(STR, order.good_after_time),
    O(STR, order.shares_allocation),
    ADVISOR_TO_EXEMPT,
    O(I32, order.auction_strategy), /* 44 */
    AUCTION_PRICES,
    O(I32M, order.display_size), /* 50 */
    O(BOOL, order.block_order),
    O(BOOL, order.sweep_to_fill),
    O(BOOL, order.all_or_none),
    O(I32U, order.min_qty),
    O(I32, order.oca_type),
    O(BOOL, order.e_trade_only),
    O(BOOL, order.firm_quote_only),
    O(E9U, order.nbbo_price_cap),
    O(I32, order.parent_id), /* 59 */
    O(I32, order.trigger_method),
    VOLATILITY,
    ON_ORDER(td_tws_delta_neutral_order, HAS_DELTA_NEUTRAL), /* 65-72 */
    UPDATE_TO_TRAIL,
    O(E9U, order.basis_points_e9), /* 77 */
    O(I32U, order.basis_points_type),
    COMBINATION,
    SCALE,
    ON_ORDER(td_tws_hedge), /* 87 */
    O(BOOL, order.opt_out_smart_routing),
    O(STR, order.clearing_account),
    O(STR, order.clearing_intent),
    O(BOOL, order.not_held),
    TD_SUB(td_tws_open_order, contract.delta_neutral, td_tws_dnc), /* 93 */
    ON_ORDER(td_tws_algo),
    O(BOOL, order.solicited), /* 95 */
    O(BOOL, order.what_if),
    O(STR, state.status),
    O(STR, state.init_margin_before), /* 98 */
    O(STR, state.maint_margin_before),
    O(STR, state.equity_before),
    O(STR, state.init_margin_change),
    O(STR, state.maint_margin_change),
    O(STR, state.equity_change),
    O(STR, state.init_margin_after),
    O(STR, state.maint_margin_after),
    O(STR, state.equity_after),
    O(E9U, state.commission), /* 107 */
    O(E9U, state.min_commission),
    O(E9U, state.max_commission),
    O(STR, state.commission_currency),
    O(STR, state.margin_currency, .since = 195), /* 111 */
    O(E9U, state.orth_init_before, .since = 195),
    O(E9U, state.orth_maint_before, .since = 195),
    O(E9U, state.orth_equity_before, .since = 195),
    O(E9U, state.orth_init_change, .since = 195),
    O(E9U, state.orth_maint_change, .since = 195),
    O(E9U, state.orth_equity_change, .since = 195),
    O(E9U, state.orth_init_after, .since = 195),
    O(E9U, state.orth_maint_after, .since = 195),
    O(E9U, state.orth_equity_after, .since = 195),
    O(QTY, state.suggested_size, .since = 195),
    O(STR, state.reject_reason, .since = 195),
    TD_ROWS(td_tws_open_order, state.allocations, allocation, .since = 195),
    O(STR, state.warning_text), /* 112 */
    O(BOOL, order.randomize_size),
    O(BOOL, order.randomize_price),
    ON_ORDER(td_tws_peg_bench, IS_PEG_BENCH),
    ON_ORDER(td_tws_conditions), /* 116 */
    O(STR, order.adjusted_order_type),
    O(E9, order.trigger_price),
    O(E9, order.trail_stop_price), /* a second time */
    O(E9, order.lmt_price_offset),
    O(E9, order.adjusted_stop_price),
    O(E9, order.adjusted_stop_limit_price),
    O(E9, order.adjusted_trailing_amount_e9),
    O(I32, order.adjustable_trailing_unit),
    O(STR, order.soft_dollar_name), /* 125 */
    O(STR, order.soft_dollar_value),
    O(STR, order.soft_dollar_display),
    O(E9U, order.cash_qty),
    O(BOOL, order.dont_use_auto_price_for_hedge),
    O(BOOL, order.is_oms_container),
    O(BOOL, order.discretionary_up_to_limit),
    O(I32U, order.use_price_mgmt_algo),
    O(I32U, order.duration, .since = 158), /* 133 */
    O(I32U, order.post_to_ats, .since = 160),
    O(BOOL, order.auto_cancel_parent, .since = 162),
    ON_ORDER(td_tws_peg_best, .since = 170),
    O(STR, order.customer_account, .since = 183), /* 141 */
    O(BOOL, order.professional_customer, .since = 184),
    O(STR, order.bond_accrued_interest, .since = 185),
    O(BOOL, order.include_overnight, .since = 189),
    O(STR, order.ext_operator, .since = 193),
    O(I32U, order.manual_order_indicator, .since = 193),
    O(STR, order.submitter, .since = 198),
    O(BOOL, order.imbalance_only, .since = 199),
    TD_END,
};
TD_TWS_TABLE(OPEN_ORDER_END){TD_LIT("1"), TD_END};

TD_TWS_TABLE(COMPLETED_ORDER){
    TD_SUB(td_tws_open_order, contract, td_tws_cr11),
    ACTION_TO_REF,
    O(I64, order.perm_id),
    O(BOOL, order.outside_rth),
    O(BOOL, order.hidden),
    O(E9, order.discretionary_amt),
    O(STR, order.good_after_time),
    ADVISOR_TO_EXEMPT,
    AUCTION_PRICES,
    O(I32M, order.display_size),
    O(BOOL, order.sweep_to_fill),
    O(BOOL, order.all_or_none),
    O(I32U, order.min_qty),
    O(I32, order.oca_type),
    O(I32, order.trigger_method),
    VOLATILITY,
    O(I32, order.dn_con_id, HAS_DELTA_NEUTRAL),
    O(BOOL, order.dn_short_sale, HAS_DELTA_NEUTRAL),
    O(I32, order.dn_short_sale_slot, HAS_DELTA_NEUTRAL),
    O(STR, order.dn_designated_location, HAS_DELTA_NEUTRAL),
    UPDATE_TO_TRAIL,
    COMBINATION,
    SCALE,
    ON_ORDER(td_tws_hedge),
    O(STR, order.clearing_account),
    O(STR, order.clearing_intent),
    O(BOOL, order.not_held),
    TD_SUB(td_tws_open_order, contract.delta_neutral, td_tws_dnc),
    ON_ORDER(td_tws_algo),
    O(BOOL, order.solicited),
    O(STR, state.status),
    O(BOOL, order.randomize_size),
    O(BOOL, order.randomize_price),
    ON_ORDER(td_tws_peg_bench, IS_PEG_BENCH),
    ON_ORDER(td_tws_conditions),
    O(E9, order.trail_stop_price), /* a second time */
    O(E9, order.lmt_price_offset),
    O(E9U, order.cash_qty),
    O(BOOL, order.dont_use_auto_price_for_hedge),
    O(BOOL, order.is_oms_container),
    O(STR, order.auto_cancel_date),
    O(QTY, order.filled_quantity),
    O(I32, order.ref_futures_con_id),
    O(BOOL, order.auto_cancel_parent),
    O(STR, order.shareholder),
    O(BOOL, order.imbalance_only),
    O(BOOL, order.route_marketable_to_bbo),
    O(I64, order.parent_perm_id),
    O(STR, state.completed_time),
    O(STR, state.completed_status),
    ON_ORDER(td_tws_peg_best, .since = 170),
    O(STR, order.customer_account, .since = 183),
    O(BOOL, order.professional_customer, .since = 184),
    O(STR, order.submitter, .since = 198),
    TD_END,
};
TD_TWS_TABLE(COMPLETED_ORDERS_END){TD_END};

#define S(type, member) TD_ROW(type, td_tws_order_status, member)
TD_TWS_TABLE(ORDER_STATUS){
    S(ID, order_id),       S(STR, status),   S(QTY, filled),       S(QTY, remaining),
    S(E9, avg_fill_price), S(I64, perm_id),  S(I32, parent_id),    S(E9, last_fill_price),
    S(I32, client_id),     S(STR, why_held), S(E9, mkt_cap_price), TD_END,
};

#define B(type, member) TD_ROW(type, td_tws_order_bound, member)
TD_TWS_TABLE(ORDER_BOUND){B(I64, perm_id), B(I32, client_id), B(ID, order_id), TD_END};

#define E(type, ...) TD_ROW(type, td_tws_execution, __VA_ARGS__)
TD_TWS_TABLE(EXECUTION_DATA){
    E(ID, req_id),
    E(I32, order_id),
    TD_SUB(td_tws_execution, contract, td_tws_cr11),
    E(STR, exec_id),
    E(STR, time),
    E(STR, account),
    E(STR, exchange),
    E(STR, side),
    E(QTY, shares),
    E(E9, price),
    E(I64, perm_id),
    E(I32, client_id),
    E(I32, liquidation),
    E(QTY, cum_qty),
    E(E9, avg_price),
    E(STR, order_ref),
    E(STR, ev_rule),
    E(E9, ev_multiplier_e9),
    E(STR, model_code),
    E(I32, last_liquidity),
    E(BOOL, pending_price_revision, .since = 178),
    E(STR, submitter, .since = 198),
    TD_END,
};
TD_TWS_TABLE(EXECUTION_DATA_END){TD_LIT("1"), TD_ROW(ID, td_tws_req, req_id), TD_END};

#define M(type, member) TD_ROW(type, td_tws_commission, member)
TD_TWS_TABLE(COMMISSION_REPORT){
    TD_LIT("1"),
    M(STR, exec_id),
    M(E9, commission),
    M(STR, currency),
    M(E9, realized_pnl),
    M(E9, yield_e9),
    M(I32U, yield_redemption_date),
    TD_END,
};
