/* wire/tws_order.h - contracts, orders and their conditions as the TWS protocol knows them.
 *
 * Plain structs shared by several messages of tws_msg.h; the field tables (tws_table_*.c) say which
 * message carries which member, in which order and since which server version.
 *
 * Ownership: every struct td_str and every list borrows. After decoding, texts point into the receive
 * buffer and lists into the decoder's arena: both are valid until the next td_tws_next, td_tws_feed or
 * td_tws_decode on the same core. For encoding they belong to the caller and are only read.
 *
 * Numbers: prices, sizes and every double of the protocol are fixed point 1e-9 (base/num.h).
 * "Unset" is TD_E9_NONE for those, TD_TWS_INT_NONE for integers. A member the message does not carry at
 * the negotiated version reads as unset when it can be unset, else 0, false or empty.
 * Source: tws-protocol sections 4 (shared tuples), 4.7 and 4.8.
 */
#ifndef TD_WIRE_TWS_ORDER_H
#define TD_WIRE_TWS_ORDER_H

#include "base/text.h"

#define TD_TWS_INT_NONE  INT32_MAX /* UNSET of a 32-bit field, 2147483647 on the wire      */
#define TD_TWS_LONG_NONE INT64_MAX /* UNSET of a 64-bit field                              */
#define TD_TWS_INFINITY  INT64_MIN /* "Infinity"; only competeAgainstBestOffset may be it  */

/* `n` elements at `p`; p may be NULL when n is 0. */
#define TD_TWS_LIST(type)                                                                          \
    struct {                                                                                       \
        const struct type *p;                                                                      \
        uint32_t n;                                                                                \
    }

struct td_tws_tag {
    struct td_str tag, value;
};
struct td_tws_text {
    struct td_str text;
};
struct td_tws_price {
    td_px px;
};
struct td_tws_day {
    int32_t yyyymmdd;
};

struct td_tws_leg {
    int32_t con_id, ratio;
    struct td_str action, exchange;
    int32_t open_close, short_sale_slot; /* orders only, with the next two */
    struct td_str designated_location;
    int32_t exempt_code; /* -1 usual */
    td_px px;            /* unset: no price for this leg */
};

struct td_tws_delta_neutral {
    bool present; /* the rest counts only then */
    int32_t con_id;
    int64_t delta_e9;
    td_px price;
};

/* Members beyond the twelve of every request are marked with the messages that carry them. */
struct td_tws_contract {
    int32_t con_id;
    bool include_expired; /* contract details, history */
    td_px strike;         /* unset or 0 when not an option */
    struct td_str symbol, sec_type, expiry, right, multiplier, exchange;
    struct td_str primary_exch; /* requests only: replies do not carry it */
    struct td_str currency, local_symbol, trading_class;
    struct td_str sec_id_type, sec_id; /* placeOrder, reqContractDetails      */
    struct td_str issuer_id;           /* reqContractDetails since 176         */
    struct td_str combo_legs_descrip;  /* replies about orders                 */
    TD_TWS_LIST(td_tws_leg) legs;      /* where secType is BAG, and in replies */
    struct td_tws_delta_neutral delta_neutral;
};

enum td_tws_condition_type {
    TD_TWS_COND_PRICE = 1,
    TD_TWS_COND_TIME = 3,
    TD_TWS_COND_MARGIN = 4,
    TD_TWS_COND_EXECUTION = 5,
    TD_TWS_COND_VOLUME = 6,
    TD_TWS_COND_PERCENT = 7
};

struct td_tws_condition {
    int32_t type;                   /* enum td_tws_condition_type */
    bool all;                       /* true: and, false: or        */
    bool is_more;                   /* all but execution          */
    int32_t con_id;                 /* price, volume, percent     */
    int32_t trigger_method;         /* price                 */
    int32_t percent, volume;        /* margin; volume        */
    td_px price;                    /* price                 */
    int64_t change_e9;              /* percent change        */
    struct td_str exchange;         /* price, volume, percent, execution */
    struct td_str sec_type, symbol; /* execution             */
    struct td_str time;             /* time                  */
};

/* Order attributes, in groups. A fresh order starts with td_tws_order_init (unset is not zero). */
struct td_tws_order {
    /* main */
    struct td_str action, order_type, tif, account, order_ref;
    td_qty total_quantity;
    td_px lmt_price, aux_price;
    int32_t parent_id, oca_type, origin, client_id;
    int64_t perm_id;
    bool transmit, outside_rth, hidden, block_order, sweep_to_fill, all_or_none, what_if;
    struct td_str oca_group, open_close, good_after_time, good_till_date, rule_80a;
    int32_t display_size, trigger_method, min_qty;
    td_px trail_stop_price;
    int64_t trailing_percent_e9, percent_offset_e9;
    /* advisors, clearing, short sales */
    struct td_str fa_group, fa_method, fa_percentage, fa_profile, model_code, shares_allocation;
    struct td_str settling_firm, clearing_account, clearing_intent;
    struct td_str designated_location;
    int32_t short_sale_slot, exempt_code;
    /* auctions, discretion, exchanges */
    td_cash discretionary_amt;
    int32_t auction_strategy;
    td_px starting_price, stock_ref_price, stock_range_lower, stock_range_upper, nbbo_price_cap;
    int64_t delta_e9;
    bool override_percentage_constraints, e_trade_only, firm_quote_only, opt_out_smart_routing;
    bool not_held, solicited, randomize_size, randomize_price;
    /* volatility orders */
    int64_t volatility_e9;
    int32_t volatility_type, reference_price_type;
    bool continuous_update;
    struct td_str dn_order_type; /* the next block is on the wire only when this is not empty */
    td_px dn_aux_price;
    int32_t dn_con_id, dn_short_sale_slot;
    struct td_str dn_settling_firm, dn_clearing_account, dn_clearing_intent, dn_open_close,
        dn_designated_location;
    bool dn_short_sale;
    /* combination orders */
    int64_t basis_points_e9;
    int32_t basis_points_type;
    TD_TWS_LIST(td_tws_tag) smart_combo_params;
    /* scale orders: from price_adjust on only when 0 < price_increment < unset */
    int32_t scale_init_level_size, scale_subs_level_size;
    td_px scale_price_increment, scale_price_adjust_value, scale_profit_offset;
    int32_t scale_price_adjust_interval, scale_init_position, scale_init_fill_qty;
    bool scale_auto_reset, scale_random_percent;
    struct td_str scale_table, active_start_time, active_stop_time;
    /* hedge and algo: the second member only when the first is not empty */
    struct td_str hedge_type, hedge_param;
    struct td_str algo_strategy, algo_id;
    TD_TWS_LIST(td_tws_tag) algo_params;
    struct td_str misc_options; /* "tag=value;tag=value;" */
    /* pegged to benchmark: only when order_type is PEG BENCH */
    int32_t reference_contract_id;
    bool pegged_change_decrease;
    int64_t pegged_change_amount_e9, reference_change_amount_e9;
    struct td_str reference_exchange;
    /* conditions: the two flags only when there are any */
    TD_TWS_LIST(td_tws_condition) conditions;
    bool conditions_ignore_rth, conditions_cancel_order;
    /* adjustable stops */
    struct td_str adjusted_order_type;
    td_px trigger_price, lmt_price_offset, adjusted_stop_price, adjusted_stop_limit_price;
    int64_t adjusted_trailing_amount_e9;
    int32_t adjustable_trailing_unit;
    /* compliance and later additions */
    struct td_str ext_operator, soft_dollar_name, soft_dollar_value, soft_dollar_display;
    td_cash cash_qty;
    struct td_str mifid2_decision_maker, mifid2_decision_algo, mifid2_execution_trader,
        mifid2_execution_algo;
    bool dont_use_auto_price_for_hedge, is_oms_container, discretionary_up_to_limit;
    int32_t use_price_mgmt_algo; /* 0, 1 or unset */
    int32_t duration, post_to_ats;
    bool auto_cancel_parent;
    struct td_str advanced_error_override, manual_order_time;
    int32_t min_trade_qty, min_compete_size;
    int64_t compete_offset_e9; /* TD_TWS_INFINITY: up to mid */
    int64_t mid_offset_whole_e9, mid_offset_half_e9;
    struct td_str customer_account, bond_accrued_interest, submitter;
    bool professional_customer, include_overnight, imbalance_only, route_marketable_to_bbo;
    int32_t manual_order_indicator;
    /* completed orders only */
    struct td_str auto_cancel_date, shareholder;
    td_qty filled_quantity;
    int32_t ref_futures_con_id;
    int64_t parent_perm_id;
    /* protobuf only, and only newer gateways know them */
    bool deactivate, post_only, allow_pre_open, ignore_open_auction;
    int32_t seek_price_improvement, what_if_type, hedge_max_size;
};

/* An order as a plain client sends it: everything unset or empty, exempt_code -1, transmit true. */
void td_tws_order_init(struct td_tws_order *order);

struct td_tws_allocation {
    struct td_str account;
    td_qty position, position_desired, position_after, desired_qty, allowed_qty;
    bool is_monetary;
};

/* The broker's view of an order. The nine margin texts are doubles as text, "1.7976931348623157E308"
 * when the broker gives none. */
struct td_tws_order_state {
    struct td_str status;
    struct td_str init_margin_before, maint_margin_before, equity_before;
    struct td_str init_margin_change, maint_margin_change, equity_change;
    struct td_str init_margin_after, maint_margin_after, equity_after;
    td_cash commission, min_commission, max_commission;
    struct td_str commission_currency, warning_text;
    /* the rest since 195 */
    struct td_str margin_currency, reject_reason;
    td_cash orth_init_before, orth_maint_before, orth_equity_before;
    td_cash orth_init_change, orth_maint_change, orth_equity_change;
    td_cash orth_init_after, orth_maint_after, orth_equity_after;
    td_qty suggested_size;
    TD_TWS_LIST(td_tws_allocation) allocations;
    /* completedOrder only */
    struct td_str completed_time, completed_status;
};

#endif
