/* wire/tws_msg.h - every TWS message we speak, as one tagged union of plain structs.
 *
 * `kind` says which message it is and in which direction it travels; the union member it uses stands in
 * the row of TD_TWS_REQUESTS or TD_TWS_REPLIES below. Several kinds share a member: all plain cancels
 * use `req`, all "request with no fields" kinds use none. What no row covers is TD_TWS_OTHER_REQUEST or
 * TD_TWS_OTHER_REPLY: the wire id and the untouched field bytes.
 *
 * By convention `req_id` (or order_id) is the first member of each struct that has one.
 * Ownership of texts and lists: see tws_order.h. Units: fixed point 1e-9; times as the wire gives them
 * (epoch seconds, or the broker's text). Adding a message = struct here, a row here, a table in
 * tws_table_*.c; no code. Source: tws-protocol sections 3 and 4.
 */
#ifndef TD_WIRE_TWS_MSG_H
#define TD_WIRE_TWS_MSG_H

#include "wire/tws_order.h"

#define TD_TWS_VERSION_MIN 157
#define TD_TWS_VERSION_MAX                                                                         \
    200 /* last of the text form: what we offer                              */
#define TD_TWS_VERSION_PB                                                                          \
    213 /* first of which every message is protobuf: 201..212 are mixed, unused */
#define TD_TWS_VERSION_PB_MAX                                                                      \
    225 /* newest we know of                                                 */

/* X(kind, wire id, first server version that has it, union member): client to gateway. */
#define TD_TWS_REQUESTS(X)                                                                         \
    X(REQ_MKT_DATA, 1, 0, req_mkt_data)                                                            \
    X(CANCEL_MKT_DATA, 2, 0, req)                                                                  \
    X(PLACE_ORDER, 3, 0, place_order)                                                              \
    X(CANCEL_ORDER, 4, 0, cancel_order)                                                            \
    X(REQ_OPEN_ORDERS, 5, 0, none)                                                                 \
    X(REQ_ACCOUNT_UPDATES, 6, 0, req_account_updates)                                              \
    X(REQ_EXECUTIONS, 7, 0, req_executions)                                                        \
    X(REQ_IDS, 8, 0, number)                                                                       \
    X(REQ_CONTRACT_DETAILS, 9, 0, req_contract)                                                    \
    X(REQ_MKT_DEPTH, 10, 0, req_mkt_depth)                                                         \
    X(CANCEL_MKT_DEPTH, 11, 0, cancel_mkt_depth)                                                   \
    X(REQ_NEWS_BULLETINS, 12, 0, flag)                                                             \
    X(CANCEL_NEWS_BULLETINS, 13, 0, none)                                                          \
    X(SET_SERVER_LOG_LEVEL, 14, 0, number)                                                         \
    X(REQ_AUTO_OPEN_ORDERS, 15, 0, flag)                                                           \
    X(REQ_ALL_OPEN_ORDERS, 16, 0, none)                                                            \
    X(REQ_MANAGED_ACCTS, 17, 0, none)                                                              \
    X(REQ_FA, 18, 0, number)                                                                       \
    X(REPLACE_FA, 19, 0, replace_fa)                                                               \
    X(REQ_HISTORICAL_DATA, 20, 0, req_historical_data)                                             \
    X(EXERCISE_OPTIONS, 21, 0, exercise_options)                                                   \
    X(REQ_SCANNER_SUBSCRIPTION, 22, 0, req_scanner)                                                \
    X(CANCEL_SCANNER_SUBSCRIPTION, 23, 0, req)                                                     \
    X(REQ_SCANNER_PARAMETERS, 24, 0, none)                                                         \
    X(CANCEL_HISTORICAL_DATA, 25, 0, req)                                                          \
    X(REQ_CURRENT_TIME, 49, 0, none)                                                               \
    X(REQ_REAL_TIME_BARS, 50, 0, req_real_time_bars)                                               \
    X(CANCEL_REAL_TIME_BARS, 51, 0, req)                                                           \
    X(REQ_FUNDAMENTAL_DATA, 52, 0, req_fundamental)                                                \
    X(CANCEL_FUNDAMENTAL_DATA, 53, 0, req)                                                         \
    X(CALC_IMPLIED_VOLATILITY, 54, 0, calc_option)                                                 \
    X(CALC_OPTION_PRICE, 55, 0, calc_option)                                                       \
    X(CANCEL_CALC_IMPLIED_VOLATILITY, 56, 0, req)                                                  \
    X(CANCEL_CALC_OPTION_PRICE, 57, 0, req)                                                        \
    X(REQ_GLOBAL_CANCEL, 58, 0, cancel_order)                                                      \
    X(REQ_MARKET_DATA_TYPE, 59, 0, number)                                                         \
    X(REQ_POSITIONS, 61, 0, none)                                                                  \
    X(REQ_ACCOUNT_SUMMARY, 62, 0, req_account_summary)                                             \
    X(CANCEL_ACCOUNT_SUMMARY, 63, 0, req)                                                          \
    X(CANCEL_POSITIONS, 64, 0, none)                                                               \
    X(VERIFY_REQUEST, 65, 0, verify)                                                               \
    X(VERIFY_MESSAGE, 66, 0, verify)                                                               \
    X(QUERY_DISPLAY_GROUPS, 67, 0, req)                                                            \
    X(SUBSCRIBE_TO_GROUP_EVENTS, 68, 0, req_group)                                                 \
    X(UPDATE_DISPLAY_GROUP, 69, 0, req_text)                                                       \
    X(UNSUBSCRIBE_FROM_GROUP_EVENTS, 70, 0, req)                                                   \
    X(START_API, 71, 0, start_api)                                                                 \
    X(VERIFY_AND_AUTH_REQUEST, 72, 0, verify)                                                      \
    X(VERIFY_AND_AUTH_MESSAGE, 73, 0, verify)                                                      \
    X(REQ_POSITIONS_MULTI, 74, 0, req_multi)                                                       \
    X(CANCEL_POSITIONS_MULTI, 75, 0, req)                                                          \
    X(REQ_ACCOUNT_UPDATES_MULTI, 76, 0, req_multi)                                                 \
    X(CANCEL_ACCOUNT_UPDATES_MULTI, 77, 0, req)                                                    \
    X(REQ_SEC_DEF_OPT_PARAMS, 78, 0, req_sec_def_opt_params)                                       \
    X(REQ_SOFT_DOLLAR_TIERS, 79, 0, req)                                                           \
    X(REQ_FAMILY_CODES, 80, 0, none)                                                               \
    X(REQ_MATCHING_SYMBOLS, 81, 0, req_text)                                                       \
    X(REQ_MKT_DEPTH_EXCHANGES, 82, 0, none)                                                        \
    X(REQ_SMART_COMPONENTS, 83, 0, req_text)                                                       \
    X(REQ_NEWS_ARTICLE, 84, 0, req_news_article)                                                   \
    X(REQ_NEWS_PROVIDERS, 85, 0, none)                                                             \
    X(REQ_HISTORICAL_NEWS, 86, 0, req_historical_news)                                             \
    X(REQ_HEAD_TIMESTAMP, 87, 0, req_head_timestamp)                                               \
    X(REQ_HISTOGRAM_DATA, 88, 0, req_histogram)                                                    \
    X(CANCEL_HISTOGRAM_DATA, 89, 0, req)                                                           \
    X(CANCEL_HEAD_TIMESTAMP, 90, 0, req)                                                           \
    X(REQ_MARKET_RULE, 91, 0, number)                                                              \
    X(REQ_PNL, 92, 0, req_multi)                                                                   \
    X(CANCEL_PNL, 93, 0, req)                                                                      \
    X(REQ_PNL_SINGLE, 94, 0, req_multi)                                                            \
    X(CANCEL_PNL_SINGLE, 95, 0, req)                                                               \
    X(REQ_HISTORICAL_TICKS, 96, 0, req_historical_ticks)                                           \
    X(REQ_TICK_BY_TICK, 97, 0, req_tick_by_tick)                                                   \
    X(CANCEL_TICK_BY_TICK, 98, 0, req)                                                             \
    X(REQ_COMPLETED_ORDERS, 99, 0, flag)                                                           \
    X(REQ_WSH_META_DATA, 100, 161, req)                                                            \
    X(CANCEL_WSH_META_DATA, 101, 161, req)                                                         \
    X(REQ_WSH_EVENT_DATA, 102, 161, req_wsh_event)                                                 \
    X(CANCEL_WSH_EVENT_DATA, 103, 161, req)                                                        \
    X(REQ_USER_INFO, 104, 167, req)                                                                \
    X(REQ_CURRENT_TIME_MILLIS, 105, 197, none)                                                     \
    X(CANCEL_CONTRACT_DATA, 106, 215, req)                                                         \
    X(CANCEL_HISTORICAL_TICKS, 107, 215, req)

/* The same from gateway to client. */
#define TD_TWS_REPLIES(X)                                                                          \
    X(TICK_PRICE, 1, 0, tick_price)                                                                \
    X(TICK_SIZE, 2, 0, tick_size)                                                                  \
    X(ORDER_STATUS, 3, 0, order_status)                                                            \
    X(ERROR, 4, 0, error)                                                                          \
    X(OPEN_ORDER, 5, 0, open_order)                                                                \
    X(ACCOUNT_VALUE, 6, 0, account_value)                                                          \
    X(PORTFOLIO_VALUE, 7, 0, portfolio_value)                                                      \
    X(ACCOUNT_UPDATE_TIME, 8, 0, text)                                                             \
    X(NEXT_VALID_ID, 9, 0, number)                                                                 \
    X(CONTRACT_DATA, 10, 0, contract_data)                                                         \
    X(EXECUTION_DATA, 11, 0, execution)                                                            \
    X(MARKET_DEPTH, 12, 0, depth)                                                                  \
    X(MARKET_DEPTH_L2, 13, 0, depth)                                                               \
    X(NEWS_BULLETIN, 14, 0, news_bulletin)                                                         \
    X(MANAGED_ACCOUNTS, 15, 0, text)                                                               \
    X(RECEIVE_FA, 16, 0, fa)                                                                       \
    X(HISTORICAL_DATA, 17, 0, historical_data)                                                     \
    X(BOND_CONTRACT_DATA, 18, 0, contract_data)                                                    \
    X(SCANNER_PARAMETERS, 19, 0, text)                                                             \
    X(SCANNER_DATA, 20, 0, scanner)                                                                \
    X(TICK_OPTION_COMPUTATION, 21, 0, tick_option)                                                 \
    X(TICK_GENERIC, 45, 0, tick_generic)                                                           \
    X(TICK_STRING, 46, 0, tick_string)                                                             \
    X(TICK_EFP, 47, 0, tick_efp)                                                                   \
    X(CURRENT_TIME, 49, 0, instant)                                                                \
    X(REAL_TIME_BAR, 50, 0, real_time_bar)                                                         \
    X(FUNDAMENTAL_DATA, 51, 0, req_text)                                                           \
    X(CONTRACT_DATA_END, 52, 0, req)                                                               \
    X(OPEN_ORDER_END, 53, 0, none)                                                                 \
    X(ACCOUNT_DOWNLOAD_END, 54, 0, text)                                                           \
    X(EXECUTION_DATA_END, 55, 0, req)                                                              \
    X(DELTA_NEUTRAL_VALIDATION, 56, 0, delta_neutral)                                              \
    X(TICK_SNAPSHOT_END, 57, 0, req)                                                               \
    X(MARKET_DATA_TYPE, 58, 0, market_data_type)                                                   \
    X(COMMISSION_REPORT, 59, 0, commission)                                                        \
    X(POSITION, 61, 0, position)                                                                   \
    X(POSITION_END, 62, 0, none)                                                                   \
    X(ACCOUNT_SUMMARY, 63, 0, account_summary)                                                     \
    X(ACCOUNT_SUMMARY_END, 64, 0, req)                                                             \
    X(VERIFY_MESSAGE_API, 65, 0, verify)                                                           \
    X(VERIFY_COMPLETED, 66, 0, verified)                                                           \
    X(DISPLAY_GROUP_LIST, 67, 0, req_text)                                                         \
    X(DISPLAY_GROUP_UPDATED, 68, 0, req_text)                                                      \
    X(VERIFY_AND_AUTH_MESSAGE_API, 69, 0, verify)                                                  \
    X(VERIFY_AND_AUTH_COMPLETED, 70, 0, verified)                                                  \
    X(POSITION_MULTI, 71, 0, position)                                                             \
    X(POSITION_MULTI_END, 72, 0, req)                                                              \
    X(ACCOUNT_UPDATE_MULTI, 73, 0, account_summary)                                                \
    X(ACCOUNT_UPDATE_MULTI_END, 74, 0, req)                                                        \
    X(SEC_DEF_OPT_PARAMS, 75, 0, sec_def_opt_params)                                               \
    X(SEC_DEF_OPT_PARAMS_END, 76, 0, req)                                                          \
    X(SOFT_DOLLAR_TIERS, 77, 0, soft_dollar_tiers)                                                 \
    X(FAMILY_CODES, 78, 0, pairs)                                                                  \
    X(SYMBOL_SAMPLES, 79, 0, symbol_samples)                                                       \
    X(MKT_DEPTH_EXCHANGES, 80, 0, depth_exchanges)                                                 \
    X(TICK_REQ_PARAMS, 81, 0, tick_req_params)                                                     \
    X(SMART_COMPONENTS, 82, 0, smart_components)                                                   \
    X(NEWS_ARTICLE, 83, 0, news_article)                                                           \
    X(TICK_NEWS, 84, 0, tick_news)                                                                 \
    X(NEWS_PROVIDERS, 85, 0, pairs)                                                                \
    X(HISTORICAL_NEWS, 86, 0, historical_news)                                                     \
    X(HISTORICAL_NEWS_END, 87, 0, historical_news_end)                                             \
    X(HEAD_TIMESTAMP, 88, 0, req_text)                                                             \
    X(HISTOGRAM_DATA, 89, 0, histogram)                                                            \
    X(HISTORICAL_DATA_UPDATE, 90, 0, historical_update)                                            \
    X(REROUTE_MKT_DATA, 91, 0, reroute)                                                            \
    X(REROUTE_MKT_DEPTH, 92, 0, reroute)                                                           \
    X(MARKET_RULE, 93, 0, market_rule)                                                             \
    X(PNL, 94, 0, pnl)                                                                             \
    X(PNL_SINGLE, 95, 0, pnl)                                                                      \
    X(HISTORICAL_TICKS, 96, 0, historical_ticks)                                                   \
    X(HISTORICAL_TICKS_BID_ASK, 97, 0, historical_ticks)                                           \
    X(HISTORICAL_TICKS_LAST, 98, 0, historical_ticks)                                              \
    X(TICK_BY_TICK, 99, 0, tick_by_tick)                                                           \
    X(ORDER_BOUND, 100, 0, order_bound)                                                            \
    X(COMPLETED_ORDER, 101, 0, completed_order)                                                    \
    X(COMPLETED_ORDERS_END, 102, 0, none)                                                          \
    X(REPLACE_FA_END, 103, 0, req_text)                                                            \
    X(WSH_META_DATA, 104, 161, req_text)                                                           \
    X(WSH_EVENT_DATA, 105, 161, req_text)                                                          \
    X(HISTORICAL_SCHEDULE, 106, 165, historical_schedule)                                          \
    X(USER_INFO, 107, 167, req_text)                                                               \
    X(HISTORICAL_DATA_END, 108, 196, historical_data_end)                                          \
    X(CURRENT_TIME_MILLIS, 109, 197, instant)

#define TD_TWS_KIND(name, id, since, member) TD_TWS_##name,
enum td_tws_kind {
    TD_TWS_NONE, /* never on the wire */
    TD_TWS_REQUESTS(TD_TWS_KIND) TD_TWS_OTHER_REQUEST,
    TD_TWS_REPLIES(TD_TWS_KIND) TD_TWS_OTHER_REPLY,
    TD_TWS_KINDS
};
#undef TD_TWS_KIND

/* ---- small shared shapes ---- */

struct td_tws_none {
    char unused;
};
struct td_tws_req {
    int32_t req_id;
};
struct td_tws_number {
    int32_t value;
}; /* reqIds numIds, log level, data type, rule id, FA data type, nextValidId */
struct td_tws_flag {
    bool on;
}; /* allMessages, autoBind, apiOnly */
struct td_tws_one_text {
    struct td_str text;
}; /* accounts (comma list), account, "hh:mm", scanner parameters */
struct td_tws_req_text {
    int32_t req_id;
    struct td_str text;
};
struct td_tws_instant {
    int64_t value;
}; /* epoch seconds, or milliseconds by kind */
struct td_tws_pairs {
    TD_TWS_LIST(td_tws_tag) pairs;
}; /* account/code; provider code/name */
struct td_tws_start_api {
    int32_t client_id;
    struct td_str capabilities;
};

/* An id no table covers: `fields` is everything after the id, NUL-terminated fields. */
struct td_tws_other {
    int32_t id;
    struct td_str fields;
};

/* ---- requests ---- */

struct td_tws_req_mkt_data {
    int32_t req_id;
    bool snapshot, regulatory_snapshot;
    struct td_tws_contract contract;
    struct td_str generic_ticks, options;
};
struct td_tws_req_mkt_depth {
    int32_t req_id, rows;
    bool smart;
    struct td_tws_contract contract;
    struct td_str options;
};
struct td_tws_cancel_mkt_depth {
    int32_t req_id;
    bool smart;
}; /* `smart` as in the request */

struct td_tws_place_order {
    int32_t order_id;
    struct td_tws_contract contract;
    struct td_tws_order order;
};
/* cancelOrder; reqGlobalCancel uses only the last two. */
struct td_tws_cancel_order {
    int32_t order_id, manual_order_indicator;
    struct td_str manual_cancel_time, ext_operator;
};
struct td_tws_req_account_updates {
    bool subscribe;
    struct td_str account;
};
struct td_tws_req_executions {
    int32_t req_id, client_id, last_n_days; /* last_n_days since 200, unset usual */
    struct td_str account, time, symbol, sec_type, exchange, side;
    TD_TWS_LIST(td_tws_day) days; /* since 200 */
};
struct td_tws_req_contract {
    int32_t req_id;
    struct td_tws_contract contract;
};
struct td_tws_req_historical_data {
    int32_t req_id, format_date; /* 1 text, 2 epoch seconds */
    bool use_rth, keep_up_to_date;
    struct td_tws_contract contract;
    struct td_str end_time, bar_size, duration, what_to_show, options;
};
struct td_tws_req_real_time_bars {
    int32_t req_id, bar_size; /* only 5 exists */
    bool use_rth;
    struct td_tws_contract contract;
    struct td_str what_to_show, options;
};
struct td_tws_req_account_summary {
    int32_t req_id;
    struct td_str group, tags;
};
/* positions multi, account updates multi (ledger_and_nlv), P&L, P&L single (con_id) */
struct td_tws_req_multi {
    int32_t req_id, con_id;
    bool ledger_and_nlv;
    struct td_str account, model_code;
};
struct td_tws_req_sec_def_opt_params {
    int32_t req_id, underlying_con_id;
    struct td_str symbol, fut_fop_exchange, sec_type;
};
struct td_tws_req_head_timestamp {
    int32_t req_id, format_date;
    bool use_rth;
    struct td_tws_contract contract;
    struct td_str what_to_show;
};
struct td_tws_req_histogram {
    int32_t req_id;
    bool use_rth;
    struct td_tws_contract contract;
    struct td_str period; /* "3 days" */
};
struct td_tws_req_historical_ticks {
    int32_t req_id, ticks_max;
    bool use_rth, ignore_size;
    struct td_tws_contract contract;
    struct td_str start_time, end_time, what_to_show, options;
};
struct td_tws_req_tick_by_tick {
    int32_t req_id, ticks_max;
    bool ignore_size;
    struct td_tws_contract contract;
    struct td_str tick_type; /* Last AllLast BidAsk MidPoint */
};
struct td_tws_req_scanner { /* unset numbers: no bound */
    int32_t req_id, rows;   /* rows -1: the gateway's default (50) */
    struct td_str instrument, location, scan_code;
    td_px above_price, below_price;
    int32_t above_volume, average_option_volume_above;
    td_cash market_cap_above, market_cap_below;
    struct td_str moody_above, moody_below, sp_above, sp_below, maturity_above, maturity_below;
    int64_t coupon_above_e9, coupon_below_e9;
    bool exclude_convertible;
    struct td_str setting_pairs, stock_type, filter_options, options;
};
struct td_tws_req_fundamental {
    int32_t req_id;
    struct td_tws_contract contract; /* no option members */
    struct td_str report, options;
};
struct td_tws_calc_option { /* value_e9: option price, or volatility, by the kind */
    int32_t req_id;
    struct td_tws_contract contract;
    int64_t value_e9;
    td_px under_price;
    struct td_str options;
};
struct td_tws_exercise_options {
    int32_t req_id, action; /* 1 exercise, 2 lapse */
    int32_t quantity;
    bool override, professional_customer;
    struct td_tws_contract contract;
    struct td_str account, manual_time, customer_account;
};
struct td_tws_replace_fa {
    int32_t req_id, type; /* 1 groups, 3 aliases */
    struct td_str xml;
};
struct td_tws_req_group {
    int32_t req_id, group_id;
};
struct td_tws_req_news_article {
    int32_t req_id;
    struct td_str provider, article_id, options;
};
struct td_tws_req_historical_news {
    int32_t req_id, con_id, results_max;
    struct td_str providers, start_time, end_time, options; /* "yyyy-mm-dd hh:mm:ss.0" or empty */
};
struct td_tws_req_wsh_event {
    int32_t req_id, con_id, limit; /* both may be unset */
    struct td_str filter, start_date, end_date;
    bool watchlist, portfolio, competitors;
};
/* Third-party verification. `name`: api name or data; `extra`: api version, response or challenge. */
struct td_tws_verify {
    struct td_str name, extra, key; /* key: verifyAndAuthRequest */
};

/* ---- market data ---- */

#define TD_TWS_TICK_CAN_AUTO_EXECUTE 1 /* bits of tickPrice attributes */
#define TD_TWS_TICK_PAST_LIMIT       2
#define TD_TWS_TICK_PRE_OPEN         4

struct td_tws_tick_price { /* price -1 with size 0: no data */
    int32_t req_id, tick_type;
    td_px price;
    td_qty size; /* unset when empty (indices) */
    int32_t attributes;
};
struct td_tws_tick_size {
    int32_t req_id, tick_type;
    td_qty size;
};
struct td_tws_tick_generic {
    int32_t req_id, tick_type;
    int64_t value_e9;
};
struct td_tws_tick_string {
    int32_t req_id, tick_type;
    struct td_str value;
};
struct td_tws_tick_option { /* negative sentinels as on the wire: -1 or -2 "none" */
    int32_t req_id, tick_type, tick_attrib;
    int64_t implied_vol_e9, delta_e9, gamma_e9, vega_e9, theta_e9;
    td_px opt_price, pv_dividend, und_price;
};
struct td_tws_tick_req_params {
    int32_t req_id, snapshot_permissions;
    td_px min_tick;
    struct td_str bbo_exchange;
};
struct td_tws_tick_efp {
    int32_t req_id, tick_type, hold_days;
    int64_t basis_points_e9;
    struct td_str basis_points, future_last_trade_date; /* as text */
    td_px implied_future;
    int64_t dividend_impact_e9, dividends_to_expiry_e9;
};
struct td_tws_tick_news {
    int32_t req_id;
    int64_t time_ms;
    struct td_str provider, article_id, headline, extra;
};
struct td_tws_delta_neutral_data {
    int32_t req_id;
    struct td_tws_delta_neutral contract;
};
struct td_tws_market_data_type {
    int32_t req_id, type;
}; /* 1 live 2 frozen 3 delayed 4 delayed-frozen */
struct td_tws_reroute {
    int32_t req_id, con_id;
    struct td_str exchange;
};
struct td_tws_component {
    int32_t bit;
    struct td_str exchange, letter;
};
struct td_tws_smart_components {
    int32_t req_id;
    TD_TWS_LIST(td_tws_component) components;
};
struct td_tws_increment {
    td_px low_edge, increment;
};
struct td_tws_market_rule {
    int32_t rule_id;
    TD_TWS_LIST(td_tws_increment) increments;
};

/* marketDepth (no maker, no smart) and marketDepthL2. Any row, op and side may arrive: check them. */
struct td_tws_depth {
    int32_t req_id, row;
    int32_t op;   /* 0 insert, 1 update, 2 delete */
    int32_t side; /* 0 ask, 1 bid */
    td_px px;
    td_qty qty;
    struct td_str maker; /* MPID, or the exchange when smart */
    bool smart;
};
struct td_tws_depth_exchange {
    struct td_str exchange, sec_type, listing_exch, service_data_type;
    int32_t agg_group; /* unset: none */
};
struct td_tws_depth_exchanges {
    TD_TWS_LIST(td_tws_depth_exchange) exchanges;
};

enum td_tws_tbt {
    TD_TWS_TBT_NONE,
    TD_TWS_TBT_LAST,
    TD_TWS_TBT_ALL_LAST,
    TD_TWS_TBT_BID_ASK,
    TD_TWS_TBT_MID
};

/* The two bid/ask messages carry these flags in opposite bit orders; here each flag has its name. */
struct td_tws_tick_by_tick {
    int32_t req_id, type; /* enum td_tws_tbt */
    int64_t time_s;       /* epoch seconds */
    td_px price;          /* Last, AllLast, MidPoint */
    td_qty size;          /* Last, AllLast */
    td_px bid, ask;       /* BidAsk, with the sizes */
    td_qty bid_size, ask_size;
    bool past_limit, unreported;        /* Last, AllLast */
    bool bid_past_low, ask_past_high;   /* BidAsk */
    struct td_str exchange, conditions; /* Last, AllLast */
};
struct td_tws_historical_tick {
    int64_t time_s;
    td_px price; /* midpoint or trade */
    td_qty size;
    td_px bid, ask;
    td_qty bid_size, ask_size;
    bool past_limit, unreported, bid_past_low, ask_past_high;
    struct td_str exchange, conditions;
};
struct td_tws_historical_ticks { /* which members count follows from the kind */
    int32_t req_id;
    bool done;
    TD_TWS_LIST(td_tws_historical_tick) ticks;
};
struct td_tws_real_time_bar {
    int32_t req_id, count;
    int64_t time_s; /* bar start */
    td_px open, high, low, close, wap;
    td_qty volume;
};

/* ---- history ---- */

struct td_tws_bar {
    struct td_str date; /* yyyymmdd, text with zone, or epoch seconds */
    td_px open, high, low, close, wap;
    td_qty volume; /* -1: missing, as wap and count */
    int32_t count;
};
struct td_tws_historical_data {
    int32_t req_id;
    struct td_str start, end; /* below 196; later in historicalDataEnd */
    TD_TWS_LIST(td_tws_bar) bars;
};
struct td_tws_historical_data_end {
    int32_t req_id;
    struct td_str start, end;
};
struct td_tws_historical_update {
    int32_t req_id;
    struct td_tws_bar bar;
}; /* prices may be unset */
struct td_tws_histogram_entry {
    td_px price;
    td_qty size;
};
struct td_tws_histogram {
    int32_t req_id;
    TD_TWS_LIST(td_tws_histogram_entry) entries;
};
struct td_tws_session {
    struct td_str start, end, ref_date;
};
struct td_tws_historical_schedule {
    int32_t req_id;
    struct td_str start, end, time_zone;
    TD_TWS_LIST(td_tws_session) sessions;
};

/* ---- contracts ---- */

struct td_tws_fund { /* only for secType FUND since 179 */
    struct td_str name, family, type, front_load, back_load, back_load_interval, management_fee;
    bool closed, closed_new_investors, closed_new_money;
    struct td_str notify_amount, min_initial, min_subsequent, blue_sky_states, blue_sky_territories;
    struct td_str distribution_policy, asset_type;
};
struct td_tws_bond {
    struct td_str cusip, issue_date, ratings, type, coupon_type, descriptions, notes;
    struct td_str next_option_date, next_option_type;
    int64_t coupon_e9;
    bool convertible, callable, puttable, next_option_partial;
};
struct td_tws_contract_data {
    int32_t req_id;
    struct td_tws_contract contract; /* expiry: last trade date and time text */
    struct td_str last_trade_date;   /* since 182 */
    struct td_str market_name, order_types, valid_exchanges, long_name, contract_month;
    struct td_str industry, category, subcategory, time_zone, trading_hours, liquid_hours, ev_rule;
    struct td_str under_symbol, under_sec_type, market_rule_ids, real_expiration, stock_type;
    td_px min_tick;
    int64_t ev_multiplier_e9;
    int32_t price_magnifier, under_con_id, agg_group;
    td_qty size_min_tick;                                      /* 163 only */
    td_qty min_size, size_increment, suggested_size_increment; /* since 164 */
    TD_TWS_LIST(td_tws_tag) sec_ids;
    struct td_tws_fund fund;
    TD_TWS_LIST(td_tws_tag) ineligibility; /* id, description; since 186 */
    struct td_tws_bond bond;               /* bondContractData only; its maturity is the expiry */
};
struct td_tws_symbol_sample {
    int32_t con_id;
    struct td_str symbol, sec_type, primary_exch, currency, description,
        issuer_id; /* last two since 176 */
    TD_TWS_LIST(td_tws_text) derivatives;
};
struct td_tws_symbol_samples {
    int32_t req_id;
    TD_TWS_LIST(td_tws_symbol_sample) samples;
};
struct td_tws_scan_row {
    int32_t rank;
    struct td_tws_contract contract;
    struct td_str market_name, distance, benchmark, projection, legs;
};
struct td_tws_scanner {
    int32_t req_id;
    TD_TWS_LIST(td_tws_scan_row) rows;
};
struct td_tws_sec_def_opt_params {
    int32_t req_id, underlying_con_id;
    struct td_str exchange, trading_class, multiplier;
    TD_TWS_LIST(td_tws_text) expirations;
    TD_TWS_LIST(td_tws_price) strikes;
};

/* ---- orders ---- */

struct td_tws_order_status {
    int32_t order_id, parent_id, client_id;
    struct td_str status, why_held;
    td_qty filled, remaining;
    td_px avg_fill_price, last_fill_price, mkt_cap_price;
    int64_t perm_id;
};
struct td_tws_open_order {
    int32_t order_id;
    struct td_tws_contract contract;
    struct td_tws_order order;
    struct td_tws_order_state state;
};
struct td_tws_order_bound {
    int64_t perm_id;
    int32_t client_id, order_id;
};
struct td_tws_execution {
    int32_t req_id, order_id, client_id, last_liquidity;
    struct td_tws_contract contract;
    struct td_str exec_id, time, account, exchange, side, order_ref, ev_rule, model_code, submitter;
    td_qty shares, cum_qty;
    td_px price, avg_price;
    int64_t perm_id, ev_multiplier_e9;
    bool liquidation;            /* by the broker */
    bool pending_price_revision; /* since 178 */
};
struct td_tws_commission {
    struct td_str exec_id, currency;
    td_cash commission, realized_pnl; /* realized_pnl unset for an opening trade */
    int64_t yield_e9;
    int32_t yield_redemption_date; /* yyyymmdd or unset */
};

/* ---- account ---- */

struct td_tws_account_value {
    struct td_str key, value, currency, account;
};
struct td_tws_portfolio_value {
    struct td_tws_contract contract; /* with primary_exch, without exchange */
    td_qty position;
    td_px market_price, average_cost;
    td_cash market_value, unrealized_pnl, realized_pnl;
    struct td_str account;
};
struct td_tws_position { /* req_id and model_code: positionMulti */
    int32_t req_id;
    struct td_tws_contract contract;
    struct td_str account, model_code;
    td_qty position;
    td_px avg_cost;
};
struct td_tws_account_summary { /* model_code: accountUpdateMulti, whose key is `tag` */
    int32_t req_id;
    struct td_str account, model_code, tag, value, currency;
};
struct td_tws_pnl { /* position and value: pnlSingle */
    int32_t req_id;
    td_qty position;
    td_cash daily, unrealized, realized, value;
};
struct td_tws_soft_dollar_tier {
    struct td_str name, value, display;
};
struct td_tws_soft_dollar_tiers {
    int32_t req_id;
    TD_TWS_LIST(td_tws_soft_dollar_tier) tiers;
};

/* ---- notices ---- */

struct td_tws_error {
    int32_t id, code; /* id -1: about no request */
    struct td_str text, advanced_reject_json;
    int64_t time_ms; /* since 194, else 0 */
};
struct td_tws_news_bulletin {
    int32_t id, type;
    struct td_str text, exchange;
};
struct td_tws_news_article {
    int32_t req_id, type; /* 0 text or HTML, 1 binary as base64 */
    struct td_str text;
};
struct td_tws_historical_news {
    int32_t req_id;
    struct td_str time, provider, article_id, headline;
};
struct td_tws_historical_news_end {
    int32_t req_id;
    bool has_more;
};
struct td_tws_fa {
    int32_t type;
    struct td_str xml;
};
struct td_tws_verified {
    bool success;
    struct td_str text;
};

struct td_tws_msg {
    uint16_t kind; /* enum td_tws_kind */
    union {
        struct td_tws_none none;
        struct td_tws_req req;
        struct td_tws_number number;
        struct td_tws_flag flag;
        struct td_tws_one_text text;
        struct td_tws_req_text req_text;
        struct td_tws_instant instant;
        struct td_tws_pairs pairs;
        struct td_tws_start_api start_api;
        struct td_tws_other other;
        struct td_tws_req_mkt_data req_mkt_data;
        struct td_tws_req_mkt_depth req_mkt_depth;
        struct td_tws_cancel_mkt_depth cancel_mkt_depth;
        struct td_tws_place_order place_order;
        struct td_tws_cancel_order cancel_order;
        struct td_tws_req_account_updates req_account_updates;
        struct td_tws_req_executions req_executions;
        struct td_tws_req_contract req_contract;
        struct td_tws_req_historical_data req_historical_data;
        struct td_tws_req_real_time_bars req_real_time_bars;
        struct td_tws_req_account_summary req_account_summary;
        struct td_tws_req_multi req_multi;
        struct td_tws_req_sec_def_opt_params req_sec_def_opt_params;
        struct td_tws_req_head_timestamp req_head_timestamp;
        struct td_tws_req_histogram req_histogram;
        struct td_tws_req_historical_ticks req_historical_ticks;
        struct td_tws_req_tick_by_tick req_tick_by_tick;
        struct td_tws_req_scanner req_scanner;
        struct td_tws_req_fundamental req_fundamental;
        struct td_tws_calc_option calc_option;
        struct td_tws_exercise_options exercise_options;
        struct td_tws_replace_fa replace_fa;
        struct td_tws_req_group req_group;
        struct td_tws_req_news_article req_news_article;
        struct td_tws_req_historical_news req_historical_news;
        struct td_tws_req_wsh_event req_wsh_event;
        struct td_tws_verify verify;
        struct td_tws_tick_price tick_price;
        struct td_tws_tick_size tick_size;
        struct td_tws_tick_generic tick_generic;
        struct td_tws_tick_string tick_string;
        struct td_tws_tick_option tick_option;
        struct td_tws_tick_req_params tick_req_params;
        struct td_tws_tick_efp tick_efp;
        struct td_tws_tick_news tick_news;
        struct td_tws_delta_neutral_data delta_neutral;
        struct td_tws_market_data_type market_data_type;
        struct td_tws_reroute reroute;
        struct td_tws_smart_components smart_components;
        struct td_tws_market_rule market_rule;
        struct td_tws_depth depth;
        struct td_tws_depth_exchanges depth_exchanges;
        struct td_tws_tick_by_tick tick_by_tick;
        struct td_tws_historical_ticks historical_ticks;
        struct td_tws_real_time_bar real_time_bar;
        struct td_tws_historical_data historical_data;
        struct td_tws_historical_data_end historical_data_end;
        struct td_tws_historical_update historical_update;
        struct td_tws_histogram histogram;
        struct td_tws_historical_schedule historical_schedule;
        struct td_tws_contract_data contract_data;
        struct td_tws_symbol_samples symbol_samples;
        struct td_tws_scanner scanner;
        struct td_tws_sec_def_opt_params sec_def_opt_params;
        struct td_tws_order_status order_status;
        struct td_tws_open_order open_order;
        struct td_tws_open_order completed_order; /* order_id 0 */
        struct td_tws_order_bound order_bound;
        struct td_tws_execution execution;
        struct td_tws_commission commission;
        struct td_tws_account_value account_value;
        struct td_tws_portfolio_value portfolio_value;
        struct td_tws_position position;
        struct td_tws_account_summary account_summary;
        struct td_tws_pnl pnl;
        struct td_tws_soft_dollar_tiers soft_dollar_tiers;
        struct td_tws_error error;
        struct td_tws_news_bulletin news_bulletin;
        struct td_tws_news_article news_article;
        struct td_tws_historical_news historical_news;
        struct td_tws_historical_news_end historical_news_end;
        struct td_tws_fa fa;
        struct td_tws_verified verified;
    };
};

/* "marketDepthL2"-like name of a kind for logs ("MARKET_DEPTH_L2"); "?" for a value out of range. */
const char *td_tws_kind_name(uint16_t kind);
bool td_tws_is_request(uint16_t kind);

/* Starts a message: only the member of `kind` is cleared, and its optional numbers become unset. */
void td_tws_msg_init(struct td_tws_msg *msg, uint16_t kind);

#endif
