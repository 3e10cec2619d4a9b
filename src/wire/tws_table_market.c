/* wire/tws_table_market.c - rows of market data, depth, tick-by-tick and history (tws-protocol 4.1-4.4). */
#include "wire/tws_table.h"

/* ---- ticks ---- */

#define R(type, ...) TD_ROW(type, td_tws_req_mkt_data, __VA_ARGS__)
TD_TWS_TABLE(REQ_MKT_DATA){
    TD_LIT("11"),
    R(ID, req_id),
    TD_SUB(td_tws_req_mkt_data, contract, td_tws_c12),
    TD_ROWS(td_tws_req_mkt_data, contract.legs, td_tws_legs4, .text = "BAG",
            TD_WHEN(IS, td_tws_req_mkt_data, contract.sec_type)),
    TD_SUB(td_tws_req_mkt_data, contract.delta_neutral, td_tws_dnc),
    R(STR, generic_ticks),
    R(BOOL, snapshot),
    R(BOOL, regulatory_snapshot),
    R(STR, options),
    TD_END,
};
#undef R

/* Written as the official clients do (2); other clients send 1. */
TD_TWS_TABLE(CANCEL_MKT_DATA){TD_LIT("2"), TD_ROW(ID, td_tws_req, req_id), TD_END};
TD_TWS_TABLE(REQ_MARKET_DATA_TYPE){TD_LIT("1"), TD_ROW(I32, td_tws_number, value), TD_END};

#define R(type, ...) TD_ROW(type, td_tws_tick_price, __VA_ARGS__)
TD_TWS_TABLE(TICK_PRICE){
    TD_LIT("6"),        R(ID, req_id), R(I32, tick_type), R(E9, price), R(QTY, size),
    R(I32, attributes), TD_END,
};
#undef R
#define R(type, ...) TD_ROW(type, td_tws_tick_size, __VA_ARGS__)
TD_TWS_TABLE(TICK_SIZE){TD_LIT("6"), R(ID, req_id), R(I32, tick_type), R(QTY, size), TD_END};
#undef R
#define R(type, ...) TD_ROW(type, td_tws_tick_generic, __VA_ARGS__)
TD_TWS_TABLE(TICK_GENERIC){TD_LIT("6"), R(ID, req_id), R(I32, tick_type), R(E9, value_e9), TD_END};
#undef R
#define R(type, ...) TD_ROW(type, td_tws_tick_string, __VA_ARGS__)
TD_TWS_TABLE(TICK_STRING){TD_LIT("6"), R(ID, req_id), R(I32, tick_type), R(STR, value), TD_END};
#undef R
#define R(type, ...) TD_ROW(type, td_tws_tick_option, __VA_ARGS__)
TD_TWS_TABLE(TICK_OPTION_COMPUTATION){
    R(ID, req_id),   R(I32, tick_type), R(I32, tick_attrib), R(E9, implied_vol_e9),
    R(E9, delta_e9), R(E9, opt_price),  R(E9, pv_dividend),  R(E9, gamma_e9),
    R(E9, vega_e9),  R(E9, theta_e9),   R(E9, und_price),    TD_END,
};
#undef R
#define R(type, ...) TD_ROW(type, td_tws_tick_req_params, __VA_ARGS__)
TD_TWS_TABLE(TICK_REQ_PARAMS){
    R(ID, req_id), R(E9, min_tick), R(STR, bbo_exchange), R(I32, snapshot_permissions), TD_END,
};
#undef R
TD_TWS_TABLE(TICK_SNAPSHOT_END){TD_LIT("1"), TD_ROW(ID, td_tws_req, req_id), TD_END};
#define R(type, ...) TD_ROW(type, td_tws_market_data_type, __VA_ARGS__)
TD_TWS_TABLE(MARKET_DATA_TYPE){TD_LIT("1"), R(ID, req_id), R(I32, type), TD_END};
#undef R
#define R(type, ...) TD_ROW(type, td_tws_reroute, __VA_ARGS__)
TD_TWS_TABLE(REROUTE_MKT_DATA){R(ID, req_id), R(I32, con_id), R(STR, exchange), TD_END};
TD_TWS_TABLE(REROUTE_MKT_DEPTH){R(ID, req_id), R(I32, con_id), R(STR, exchange), TD_END};
#undef R
#define R(type, ...) TD_ROW(type, td_tws_req_text, __VA_ARGS__)
TD_TWS_TABLE(REQ_SMART_COMPONENTS){R(ID, req_id), R(STR, text), TD_END};
#undef R
#define R(type, member) TD_ROW(type, td_tws_component, member)
static const struct td_tws_field component[] = {R(I32, bit), R(STR, exchange), R(STR, letter),
                                                TD_END};
#undef R
TD_TWS_TABLE(SMART_COMPONENTS){
    TD_ROW(ID, td_tws_smart_components, req_id),
    TD_ROWS(td_tws_smart_components, components, component),
    TD_END,
};
TD_TWS_TABLE(REQ_MARKET_RULE){TD_ROW(I32, td_tws_number, value), TD_END};
static const struct td_tws_field increment[] = {
    TD_ROW(E9, td_tws_increment, low_edge),
    TD_ROW(E9, td_tws_increment, increment),
    TD_END,
};
TD_TWS_TABLE(MARKET_RULE){
    TD_ROW(I32, td_tws_market_rule, rule_id),
    TD_ROWS(td_tws_market_rule, increments, increment),
    TD_END,
};

/* ---- depth ---- */

#define R(type, ...) TD_ROW(type, td_tws_req_mkt_depth, __VA_ARGS__)
TD_TWS_TABLE(REQ_MKT_DEPTH){
    TD_LIT("5"),  R(ID, req_id),  TD_SUB(td_tws_req_mkt_depth, contract, td_tws_c12),
    R(I32, rows), R(BOOL, smart), R(STR, options),
    TD_END,
};
#undef R
#define R(type, ...) TD_ROW(type, td_tws_cancel_mkt_depth, __VA_ARGS__)
TD_TWS_TABLE(CANCEL_MKT_DEPTH){TD_LIT("1"), R(ID, req_id), R(BOOL, smart), TD_END};
#undef R
#define R(type, ...) TD_ROW(type, td_tws_depth, __VA_ARGS__)
TD_TWS_TABLE(MARKET_DEPTH){
    TD_LIT("1"),  R(ID, req_id), R(I32, row), R(I32, op),
    R(I32, side), R(E9, px),     R(QTY, qty), TD_END,
};
TD_TWS_TABLE(MARKET_DEPTH_L2){
    TD_LIT("1"),  R(ID, req_id), R(I32, row), R(STR, maker),  R(I32, op),
    R(I32, side), R(E9, px),     R(QTY, qty), R(BOOL, smart), TD_END,
};
#undef R
TD_TWS_TABLE(REQ_MKT_DEPTH_EXCHANGES){TD_END};
#define R(type, member) TD_ROW(type, td_tws_depth_exchange, member)
static const struct td_tws_field depth_exchange[] = {
    R(STR, exchange),          R(STR, sec_type),   R(STR, listing_exch),
    R(STR, service_data_type), R(I32M, agg_group), TD_END,
};
#undef R
TD_TWS_TABLE(MKT_DEPTH_EXCHANGES){TD_ROWS(td_tws_depth_exchanges, exchanges, depth_exchange),
                                  TD_END};

/* ---- tick by tick, real-time bars ---- */

#define R(type, ...) TD_ROW(type, td_tws_req_tick_by_tick, __VA_ARGS__)
TD_TWS_TABLE(REQ_TICK_BY_TICK){
    R(ID, req_id),        TD_SUB(td_tws_req_tick_by_tick, contract, td_tws_c12),
    R(STR, tick_type),    R(I32, ticks_max),
    R(BOOL, ignore_size), TD_END,
};
#undef R
TD_TWS_TABLE(CANCEL_TICK_BY_TICK){TD_ROW(ID, td_tws_req, req_id), TD_END};

#define IS_TRADE                                                                                   \
    TD_WHEN(VALUE, td_tws_tick_by_tick, type),                                                     \
        .values = 1 << TD_TWS_TBT_LAST | 1 << TD_TWS_TBT_ALL_LAST
#define IS_QUOTE TD_WHEN(VALUE, td_tws_tick_by_tick, type), .values = 1 << TD_TWS_TBT_BID_ASK
#define IS_PRICE                                                                                   \
    TD_WHEN(VALUE, td_tws_tick_by_tick, type),                                                     \
        .values = 1 << TD_TWS_TBT_LAST | 1 << TD_TWS_TBT_ALL_LAST | 1 << TD_TWS_TBT_MID
#define R(type, ...) TD_ROW(type, td_tws_tick_by_tick, __VA_ARGS__)
TD_TWS_TABLE(TICK_BY_TICK){
    R(ID, req_id),
    R(ENUM, type, .values = 31),
    R(I64, time_s),
    R(E9, price, IS_PRICE),
    R(QTY, size, IS_TRADE),
    R(MASK, past_limit, .second = offsetof(struct td_tws_tick_by_tick, unreported), IS_TRADE),
    R(STR, exchange, IS_TRADE),
    R(STR, conditions, IS_TRADE),
    R(E9, bid, IS_QUOTE),
    R(E9, ask, IS_QUOTE),
    R(QTY, bid_size, IS_QUOTE),
    R(QTY, ask_size, IS_QUOTE),
    R(MASK, bid_past_low, .second = offsetof(struct td_tws_tick_by_tick, ask_past_high), IS_QUOTE),
    TD_END,
};
#undef R

#define R(type, ...) TD_ROW(type, td_tws_req_real_time_bars, __VA_ARGS__)
TD_TWS_TABLE(REQ_REAL_TIME_BARS){
    TD_LIT("3"),
    R(ID, req_id),
    TD_SUB(td_tws_req_real_time_bars, contract, td_tws_c12),
    R(I32, bar_size),
    R(STR, what_to_show),
    R(BOOL, use_rth),
    R(STR, options),
    TD_END,
};
#undef R
TD_TWS_TABLE(CANCEL_REAL_TIME_BARS){TD_LIT("1"), TD_ROW(ID, td_tws_req, req_id), TD_END};
#define R(type, ...) TD_ROW(type, td_tws_real_time_bar, __VA_ARGS__)
TD_TWS_TABLE(REAL_TIME_BAR){
    TD_LIT("3"),  R(ID, req_id),  R(I64, time_s), R(E9, open),   R(E9, high), R(E9, low),
    R(E9, close), R(QTY, volume), R(QTY, wap),    R(I32, count), TD_END,
};
#undef R
