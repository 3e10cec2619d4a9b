/* wire/tws_table_market.c - rows of market data, depth, tick-by-tick and history (tws-protocol 4.1-4.4). */
#include "wire/tws_table.h"

/* ---- ticks ---- */

#define R(type, ...) TD_ROW(type, td_tws_req_mkt_data, __VA_ARGS__)
TD_TWS_TABLE(REQ_MKT_DATA){
    TD_LIT("11"),
    R(ID, req_id, PB(1)),
    TD_SUB(td_tws_req_mkt_data, contract, td_tws_c12),
    TD_NESTED(td_tws_req_mkt_data, contract, td_tws_pb_contract, 2),
    TD_ROWS(td_tws_req_mkt_data, contract.legs, td_tws_legs4, .text = "BAG",
            TD_WHEN(IS, td_tws_req_mkt_data, contract.sec_type)),
    TD_SUB(td_tws_req_mkt_data, contract.delta_neutral, td_tws_dnc),
    R(STR, generic_ticks, PB(3)),
    R(BOOL, snapshot, PB(4)),
    R(BOOL, regulatory_snapshot, PB(5)),
    R(STR, options, PB_MAP(6)),
    TD_END,
};
#undef R

/* Written as the official clients do (2); other clients send 1. */
TD_TWS_TABLE(CANCEL_MKT_DATA){TD_LIT("2"), TD_ROW(ID, td_tws_req, req_id, PB(1)), TD_END};
TD_TWS_TABLE(REQ_MARKET_DATA_TYPE){TD_LIT("1"), TD_ROW(I32, td_tws_number, value, PB(1)), TD_END};

#define R(type, ...) TD_ROW(type, td_tws_tick_price, __VA_ARGS__)
TD_TWS_TABLE(TICK_PRICE){
    TD_LIT("6"),
    R(ID, req_id, PB(1)),
    R(I32, tick_type, PB(2)),
    R(E9, price, PB(3)),
    R(QTY, size, PB(4)),
    R(I32, attributes, PB(5)),
    TD_END,
};
#undef R
#define R(type, ...) TD_ROW(type, td_tws_tick_size, __VA_ARGS__)
TD_TWS_TABLE(TICK_SIZE){TD_LIT("6"), R(ID, req_id, PB(1)), R(I32, tick_type, PB(2)),
                        R(QTY, size, PB(3)), TD_END};
#undef R
#define R(type, ...) TD_ROW(type, td_tws_tick_generic, __VA_ARGS__)
TD_TWS_TABLE(TICK_GENERIC){TD_LIT("6"), R(ID, req_id, PB(1)), R(I32, tick_type, PB(2)),
                           R(E9, value_e9, PB(3)), TD_END};
#undef R
#define R(type, ...) TD_ROW(type, td_tws_tick_string, __VA_ARGS__)
TD_TWS_TABLE(TICK_STRING){TD_LIT("6"), R(ID, req_id, PB(1)), R(I32, tick_type, PB(2)),
                          R(STR, value, PB(3)), TD_END};
#undef R
#define R(type, ...) TD_ROW(type, td_tws_tick_option, __VA_ARGS__)
TD_TWS_TABLE(TICK_OPTION_COMPUTATION){
    R(ID, req_id, PB(1)),         R(I32, tick_type, PB(2)), R(I32, tick_attrib, PB(3)),
    R(E9, implied_vol_e9, PB(4)), R(E9, delta_e9, PB(5)),   R(E9, opt_price, PB(6)),
    R(E9, pv_dividend, PB(7)),    R(E9, gamma_e9, PB(8)),   R(E9, vega_e9, PB(9)),
    R(E9, theta_e9, PB(10)),      R(E9, und_price, PB(11)), TD_END,
};
#undef R
#define R(type, ...) TD_ROW(type, td_tws_tick_req_params, __VA_ARGS__)
TD_TWS_TABLE(TICK_REQ_PARAMS){
    R(ID, req_id, PB(1)),
    R(E9, min_tick, PB_TEXT(2)),
    R(STR, bbo_exchange, PB(3)),
    R(I32, snapshot_permissions, PB(4)),
    TD_END,
};
#undef R
TD_TWS_TABLE(TICK_SNAPSHOT_END){TD_LIT("1"), TD_ROW(ID, td_tws_req, req_id, PB(1)), TD_END};
#define R(type, ...) TD_ROW(type, td_tws_market_data_type, __VA_ARGS__)
TD_TWS_TABLE(MARKET_DATA_TYPE){TD_LIT("1"), R(ID, req_id, PB(1)), R(I32, type, PB(2)), TD_END};
#undef R
#define R(type, ...) TD_ROW(type, td_tws_reroute, __VA_ARGS__)
TD_TWS_TABLE(REROUTE_MKT_DATA){R(ID, req_id, PB(1)), R(I32, con_id, PB(2)), R(STR, exchange, PB(3)),
                               TD_END};
TD_TWS_TABLE(REROUTE_MKT_DEPTH){R(ID, req_id, PB(1)), R(I32, con_id, PB(2)),
                                R(STR, exchange, PB(3)), TD_END};
#undef R
#define R(type, ...) TD_ROW(type, td_tws_req_text, __VA_ARGS__)
TD_TWS_TABLE(REQ_SMART_COMPONENTS){R(ID, req_id, PB(1)), R(STR, text, PB(2)), TD_END};
#undef R
#define R(type, ...) TD_ROW(type, td_tws_component, __VA_ARGS__)
static const struct td_tws_field component[] = {R(I32, bit, PB(1)), R(STR, exchange, PB(2)),
                                                R(STR, letter, PB(3)), TD_END};
#undef R
TD_TWS_TABLE(SMART_COMPONENTS){
    TD_ROW(ID, td_tws_smart_components, req_id, PB(1)),
    TD_ROWS(td_tws_smart_components, components, component, PB(2)),
    TD_END,
};
TD_TWS_TABLE(REQ_MARKET_RULE){TD_ROW(I32, td_tws_number, value, PB(1)), TD_END};
static const struct td_tws_field increment[] = {
    TD_ROW(E9, td_tws_increment, low_edge, PB(1)),
    TD_ROW(E9, td_tws_increment, increment, PB(2)),
    TD_END,
};
TD_TWS_TABLE(MARKET_RULE){
    TD_ROW(I32, td_tws_market_rule, rule_id, PB(1)),
    TD_ROWS(td_tws_market_rule, increments, increment, PB(2)),
    TD_END,
};

/* ---- depth ---- */

#define R(type, ...) TD_ROW(type, td_tws_req_mkt_depth, __VA_ARGS__)
TD_TWS_TABLE(REQ_MKT_DEPTH){
    TD_LIT("5"),
    R(ID, req_id, PB(1)),
    TD_SUB(td_tws_req_mkt_depth, contract, td_tws_c12),
    TD_NESTED(td_tws_req_mkt_depth, contract, td_tws_pb_contract, 2),
    R(I32, rows, PB(3)),
    R(BOOL, smart, PB(4)),
    R(STR, options, PB_MAP(5)),
    TD_END,
};
#undef R
#define R(type, ...) TD_ROW(type, td_tws_cancel_mkt_depth, __VA_ARGS__)
TD_TWS_TABLE(CANCEL_MKT_DEPTH){TD_LIT("1"), R(ID, req_id, PB(1)), R(BOOL, smart, PB(2)), TD_END};
#undef R
#define R(type, ...) TD_ROW(type, td_tws_depth, __VA_ARGS__)
static const struct td_tws_field depth_plain[] = {
    R(I32, row, PB(1)), R(I32, op, PB(2)),  R(I32, side, PB(3)),
    R(E9, px, PB(4)),   R(QTY, qty, PB(5)), TD_END,
};
static const struct td_tws_field depth_full[] = {
    R(I32, row, PB(1)), R(STR, maker, PB(6)), R(I32, op, PB(2)),     R(I32, side, PB(3)),
    R(E9, px, PB(4)),   R(QTY, qty, PB(5)),   R(BOOL, smart, PB(7)), TD_END,
};
TD_TWS_TABLE(MARKET_DEPTH){TD_LIT("1"), R(ID, req_id, PB(1)), TD_PART(depth_plain, PB(2)), TD_END};
TD_TWS_TABLE(MARKET_DEPTH_L2){
    TD_LIT("1"),
    R(ID, req_id, PB(1)),
    TD_PART(depth_full, PB(2)),
    TD_END,
};
#undef R
TD_TWS_TABLE(REQ_MKT_DEPTH_EXCHANGES){TD_END};
#define R(type, ...) TD_ROW(type, td_tws_depth_exchange, __VA_ARGS__)
static const struct td_tws_field depth_exchange[] = {
    R(STR, exchange, PB(1)),          R(STR, sec_type, PB(2)),   R(STR, listing_exch, PB(3)),
    R(STR, service_data_type, PB(4)), R(I32M, agg_group, PB(5)), TD_END,
};
#undef R
TD_TWS_TABLE(MKT_DEPTH_EXCHANGES){TD_ROWS(td_tws_depth_exchanges, exchanges, depth_exchange, PB(1)),
                                  TD_END};

/* ---- tick by tick, real-time bars ---- */

#define R(type, ...) TD_ROW(type, td_tws_req_tick_by_tick, __VA_ARGS__)
TD_TWS_TABLE(REQ_TICK_BY_TICK){
    R(ID, req_id, PB(1)),
    TD_SUB(td_tws_req_tick_by_tick, contract, td_tws_c12),
    TD_NESTED(td_tws_req_tick_by_tick, contract, td_tws_pb_contract, 2),
    R(STR, tick_type, PB(3)),
    R(I32, ticks_max, PB(4)),
    R(BOOL, ignore_size, PB(5)),
    TD_END,
};
#undef R
TD_TWS_TABLE(CANCEL_TICK_BY_TICK){TD_ROW(ID, td_tws_req, req_id, PB(1)), TD_END};

#define IS_TRADE                                                                                   \
    TD_WHEN(VALUE, td_tws_tick_by_tick, type),                                                     \
        .values = 1 << TD_TWS_TBT_LAST | 1 << TD_TWS_TBT_ALL_LAST
#define IS_QUOTE TD_WHEN(VALUE, td_tws_tick_by_tick, type), .values = 1 << TD_TWS_TBT_BID_ASK
#define IS_MID   TD_WHEN(VALUE, td_tws_tick_by_tick, type), .values = 1 << TD_TWS_TBT_MID
#define IS_PRICE                                                                                   \
    TD_WHEN(VALUE, td_tws_tick_by_tick, type),                                                     \
        .values = 1 << TD_TWS_TBT_LAST | 1 << TD_TWS_TBT_ALL_LAST | 1 << TD_TWS_TBT_MID
#define R(type, ...) TD_ROW(type, td_tws_tick_by_tick, __VA_ARGS__)
/* The same members as protobuf nests them. */
static const struct td_tws_field attrib_last[] = {
    R(BOOL, past_limit, PB(1)),
    R(BOOL, unreported, PB(2)),
    TD_END,
};
static const struct td_tws_field attrib_bid_ask[] = {
    R(BOOL, bid_past_low, PB(1)),
    R(BOOL, ask_past_high, PB(2)),
    TD_END,
};
static const struct td_tws_field tick_last[] = {
    R(I64, time_s, PB(1)),
    TD_ONLY(attrib_last, 2),
    R(E9, price, PB(3)),
    R(QTY, size, PB(4)),
    R(STR, exchange, PB(5)),
    R(STR, conditions, PB(6)),
    TD_END,
};
static const struct td_tws_field tick_bid_ask[] = {
    R(I64, time_s, PB(1)),
    TD_ONLY(attrib_bid_ask, 2),
    R(E9, bid, PB(3)),
    R(E9, ask, PB(4)),
    R(QTY, bid_size, PB(5)),
    R(QTY, ask_size, PB(6)),
    TD_END,
};
static const struct td_tws_field tick_mid[] = {
    R(I64, time_s, PB(1)),
    R(E9, price, PB(2)),
    R(QTY, size, PB(3)),
    TD_END,
};
TD_TWS_TABLE(TICK_BY_TICK){
    R(ID, req_id, PB(1)),
    R(ENUM, type, PB(2), .values = 31),
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
    TD_ONLY(tick_last, 3, IS_TRADE),
    TD_ONLY(tick_bid_ask, 4, IS_QUOTE),
    TD_ONLY(tick_mid, 5, IS_MID),
    TD_END,
};
#undef R

#define R(type, ...) TD_ROW(type, td_tws_req_real_time_bars, __VA_ARGS__)
TD_TWS_TABLE(REQ_REAL_TIME_BARS){
    TD_LIT("3"),
    R(ID, req_id, PB(1)),
    TD_SUB(td_tws_req_real_time_bars, contract, td_tws_c12),
    TD_NESTED(td_tws_req_real_time_bars, contract, td_tws_pb_contract, 2),
    R(I32, bar_size, PB(3)),
    R(STR, what_to_show, PB(4)),
    R(BOOL, use_rth, PB(5)),
    R(STR, options, PB_MAP(6)),
    TD_END,
};
#undef R
TD_TWS_TABLE(CANCEL_REAL_TIME_BARS){TD_LIT("1"), TD_ROW(ID, td_tws_req, req_id, PB(1)), TD_END};
#define R(type, ...) TD_ROW(type, td_tws_real_time_bar, __VA_ARGS__)
TD_TWS_TABLE(REAL_TIME_BAR){
    TD_LIT("3"),
    R(ID, req_id, PB(1)),
    R(I64, time_s, PB(2)),
    R(E9, open, PB(3)),
    R(E9, high, PB(4)),
    R(E9, low, PB(5)),
    R(E9, close, PB(6)),
    R(QTY, volume, PB(7)),
    R(QTY, wap, PB(8)),
    R(I32, count, PB(9)),
    TD_END,
};
#undef R
