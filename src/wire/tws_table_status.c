/* wire/tws_table_status.c - rows of what the gateway says about orders and executions (tws-protocol 4.8).
 *
 * The numbers in the comments are those of the reference's openOrder table.
 */
#include "wire/tws_order_rows.h"
#include "wire/tws_table.h"

#define A(type, ...) TD_ROW(type, td_tws_allocation, __VA_ARGS__)
const struct td_tws_field td_tws_allocation_rows[] = {
    A(STR, account, PB(1)),          A(QTY, position, PB(2)),
    A(QTY, position_desired, PB(3)), A(QTY, position_after, PB(4)),
    A(QTY, desired_qty, PB(5)),      A(QTY, allowed_qty, PB(6)),
    A(BOOL, is_monetary, PB(7)),     TD_END,
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
    O(STR, contract.combo_legs_descrip), TD_ROWS(td_tws_open_order, contract.legs, td_tws_legs8),  \
        TD_AGAIN(td_tws_open_order, contract.legs, td_tws_leg_price),                              \
        TD_ROWS(td_tws_open_order, order.smart_combo_params, td_tws_pair)
/* 83-86 */
#define SCALE                                                                                      \
    O(I32M, order.scale_init_level_size), O(I32M, order.scale_subs_level_size),                    \
        O(E9U, order.scale_price_increment), ON_ORDER(td_tws_scale, HAS_SCALE)

TD_TWS_TABLE(OPEN_ORDER){
    O(ID, order_id, PB(1)), /* 2 */
    TD_SUB(td_tws_open_order, contract, td_tws_cr11),
    TD_NESTED(td_tws_open_order, contract, td_tws_pb_contract, 2),
    TD_NESTED(td_tws_open_order, order, td_tws_pb_order, 3),
    TD_NESTED(td_tws_open_order, state, td_tws_pb_state, 4),
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
    TD_ROWS(td_tws_open_order, state.allocations, td_tws_allocation_rows, .since = 195),
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
    TD_NESTED(td_tws_open_order, contract, td_tws_pb_contract, 1),
    TD_NESTED(td_tws_open_order, order, td_tws_pb_order, 2),
    TD_NESTED(td_tws_open_order, state, td_tws_pb_state, 3),
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

#define S(type, ...) TD_ROW(type, td_tws_order_status, __VA_ARGS__)
TD_TWS_TABLE(ORDER_STATUS){
    S(ID, order_id, PB(1)),   S(STR, status, PB(2)),         S(QTY, filled, PB(3)),
    S(QTY, remaining, PB(4)), S(E9, avg_fill_price, PB(5)),  S(I64, perm_id, PB(6)),
    S(I32, parent_id, PB(7)), S(E9, last_fill_price, PB(8)), S(I32, client_id, PB(9)),
    S(STR, why_held, PB(10)), S(E9, mkt_cap_price, PB(11)),  TD_END,
};

#define B(type, ...) TD_ROW(type, td_tws_order_bound, __VA_ARGS__)
TD_TWS_TABLE(ORDER_BOUND){B(I64, perm_id, PB(1)), B(I32, client_id, PB(2)), B(ID, order_id, PB(3)),
                          TD_END};

#define E(type, ...) TD_ROW(type, td_tws_execution, __VA_ARGS__)
static const struct td_tws_field execution[] = {
    E(I32, order_id, PB(1), .since = TD_TWS_PROTOBUF), /* in text before the contract */
    E(STR, exec_id, PB(2)),
    E(STR, time, PB(3)),
    E(STR, account, PB(4)),
    E(STR, exchange, PB(5)),
    E(STR, side, PB(6)),
    E(QTY, shares, PB(7)),
    E(E9, price, PB(8)),
    E(I64, perm_id, PB(9)),
    E(I32, client_id, PB(10)),
    E(BOOL, liquidation, PB(11)),
    E(QTY, cum_qty, PB(12)),
    E(E9, avg_price, PB(13)),
    E(STR, order_ref, PB(14)),
    E(STR, ev_rule, PB(15)),
    E(E9, ev_multiplier_e9, PB(16)),
    E(STR, model_code, PB(17)),
    E(I32, last_liquidity, PB(18)),
    E(BOOL, pending_price_revision, PB(19), .since = 178),
    E(STR, submitter, PB(20), .since = 198),
    TD_END,
};
TD_TWS_TABLE(EXECUTION_DATA){
    E(ID, req_id, PB(1)),
    E(I32, order_id),
    TD_SUB(td_tws_execution, contract, td_tws_cr11),
    TD_NESTED(td_tws_execution, contract, td_tws_pb_contract, 2),
    TD_PART(execution, PB(3)),
    TD_END,
};
TD_TWS_TABLE(EXECUTION_DATA_END){TD_LIT("1"), TD_ROW(ID, td_tws_req, req_id, PB(1)), TD_END};

#define M(type, ...) TD_ROW(type, td_tws_commission, __VA_ARGS__)
TD_TWS_TABLE(COMMISSION_REPORT){
    TD_LIT("1"),
    M(STR, exec_id, PB(1)),
    M(E9, commission, PB(2)),
    M(STR, currency, PB(3)),
    M(E9, realized_pnl, PB(4)),
    M(E9, yield_e9, PB(5)),
    M(I32U, yield_redemption_date, PB_TEXT(6)),
    TD_END,
};
