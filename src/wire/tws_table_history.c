/* wire/tws_table_history.c - rows of historical bars and ticks, and of contracts (tws-protocol 4.4, 4.5). */
#include "wire/tws_table.h"

/* ---- bars ---- */

#define R(type, ...) TD_ROW(type, td_tws_req_historical_data, __VA_ARGS__)
TD_TWS_TABLE(REQ_HISTORICAL_DATA){
    R(ID, req_id, PB(1)),
    TD_SUB(td_tws_req_historical_data, contract, td_tws_c13),
    TD_NESTED(td_tws_req_historical_data, contract, td_tws_pb_contract, 2),
    R(STR, end_time, PB(3)),
    R(STR, bar_size, PB(4)), /* before the duration */
    R(STR, duration, PB(5)),
    R(BOOL, use_rth, PB(6)),
    R(STR, what_to_show, PB(7)),
    R(I32, format_date, PB(8)),
    TD_ROWS(td_tws_req_historical_data, contract.legs, td_tws_legs4, .text = "BAG",
            TD_WHEN(IS, td_tws_req_historical_data, contract.sec_type)),
    R(BOOL, keep_up_to_date, PB(9)),
    R(STR, options, PB_MAP(10)),
    TD_END,
};
#undef R
TD_TWS_TABLE(CANCEL_HISTORICAL_DATA){TD_LIT("1"), TD_ROW(ID, td_tws_req, req_id, PB(1)), TD_END};

#define R(type, ...) TD_ROW(type, td_tws_bar, __VA_ARGS__)
static const struct td_tws_field bar[] = {
    R(STR, date, PB(1)), R(E9, open, PB(2)),   R(E9, high, PB(3)),
    R(E9, low, PB(4)),   R(E9, close, PB(5)),  R(QTY, volume, PB(6)),
    R(QTY, wap, PB(7)),  R(I32, count, PB(8)), TD_END,
};
#undef R
#define R(type, ...) TD_ROW(type, td_tws_historical_data, __VA_ARGS__)
TD_TWS_TABLE(HISTORICAL_DATA){
    R(ID, req_id, PB(1)),
    R(STR, start, .until = 196),
    R(STR, end, .until = 196),
    TD_ROWS(td_tws_historical_data, bars, bar, PB(2)),
    TD_END,
};
#undef R
#define R(type, ...) TD_ROW(type, td_tws_historical_data_end, __VA_ARGS__)
TD_TWS_TABLE(HISTORICAL_DATA_END){R(ID, req_id, PB(1)), R(STR, start, PB(2)), R(STR, end, PB(3)),
                                  TD_END};
#undef R

/* Not the order of message 17: close before high and low, wap before volume. */
#define R(type, ...) TD_ROW(type, td_tws_historical_update, __VA_ARGS__)
TD_TWS_TABLE(HISTORICAL_DATA_UPDATE){
    R(ID, req_id, PB(1)),
    R(I32, bar.count),
    R(STR, bar.date),
    R(E9U, bar.open),
    R(E9U, bar.close),
    R(E9U, bar.high),
    R(E9U, bar.low),
    R(QTY, bar.wap),
    R(QTY, bar.volume),
    TD_NESTED(td_tws_historical_update, bar, bar, 2),
    TD_END,
};
#undef R

#define R(type, ...) TD_ROW(type, td_tws_req_head_timestamp, __VA_ARGS__)
TD_TWS_TABLE(REQ_HEAD_TIMESTAMP){
    R(ID, req_id, PB(1)),
    TD_SUB(td_tws_req_head_timestamp, contract, td_tws_c13),
    TD_NESTED(td_tws_req_head_timestamp, contract, td_tws_pb_contract, 2),
    R(BOOL, use_rth, PB(3)),
    R(STR, what_to_show, PB(4)),
    R(I32, format_date, PB(5)),
    TD_END,
};
#undef R
TD_TWS_TABLE(HEAD_TIMESTAMP){
    TD_ROW(ID, td_tws_req_text, req_id, PB(1)),
    TD_ROW(STR, td_tws_req_text, text, PB(2)),
    TD_END,
};
TD_TWS_TABLE(CANCEL_HEAD_TIMESTAMP){TD_ROW(ID, td_tws_req, req_id, PB(1)), TD_END};

#define R(type, ...) TD_ROW(type, td_tws_req_histogram, __VA_ARGS__)
TD_TWS_TABLE(REQ_HISTOGRAM_DATA){
    R(ID, req_id, PB(1)),
    TD_SUB(td_tws_req_histogram, contract, td_tws_c13),
    TD_NESTED(td_tws_req_histogram, contract, td_tws_pb_contract, 2),
    R(BOOL, use_rth, PB(3)),
    R(STR, period, PB(4)),
    TD_END,
};
#undef R
TD_TWS_TABLE(CANCEL_HISTOGRAM_DATA){TD_ROW(ID, td_tws_req, req_id, PB(1)), TD_END};
static const struct td_tws_field histogram_entry[] = {
    TD_ROW(E9, td_tws_histogram_entry, price, PB(1)),
    TD_ROW(QTY, td_tws_histogram_entry, size, PB(2)),
    TD_END,
};
TD_TWS_TABLE(HISTOGRAM_DATA){
    TD_ROW(ID, td_tws_histogram, req_id, PB(1)),
    TD_ROWS(td_tws_histogram, entries, histogram_entry, PB(2)),
    TD_END,
};

#define R(type, ...) TD_ROW(type, td_tws_session, __VA_ARGS__)
static const struct td_tws_field session[] = {R(STR, start, PB(1)), R(STR, end, PB(2)),
                                              R(STR, ref_date, PB(3)), TD_END};
#undef R
#define R(type, ...) TD_ROW(type, td_tws_historical_schedule, __VA_ARGS__)
TD_TWS_TABLE(HISTORICAL_SCHEDULE){
    R(ID, req_id, PB(1)),
    R(STR, start, PB(2)),
    R(STR, end, PB(3)),
    R(STR, time_zone, PB(4)),
    TD_ROWS(td_tws_historical_schedule, sessions, session, PB(5)),
    TD_END,
};
#undef R

/* ---- ticks ---- */

#define R(type, ...) TD_ROW(type, td_tws_req_historical_ticks, __VA_ARGS__)
TD_TWS_TABLE(REQ_HISTORICAL_TICKS){
    R(ID, req_id, PB(1)),
    TD_SUB(td_tws_req_historical_ticks, contract, td_tws_c13),
    TD_NESTED(td_tws_req_historical_ticks, contract, td_tws_pb_contract, 2),
    R(STR, start_time, PB(3)),
    R(STR, end_time, PB(4)),
    R(I32, ticks_max, PB(5)),
    R(STR, what_to_show, PB(6)),
    R(BOOL, use_rth, PB(7)),
    R(BOOL, ignore_size, PB(8)),
    R(STR, options, PB_MAP(9)),
    TD_END,
};
#undef R

#define T(type, ...)   TD_ROW(type, td_tws_historical_tick, __VA_ARGS__)
#define SECOND(member) .second = offsetof(struct td_tws_historical_tick, member)
static const struct td_tws_field attrib_last[] = {
    T(BOOL, past_limit, PB(1)),
    T(BOOL, unreported, PB(2)),
    TD_END,
};
static const struct td_tws_field attrib_bid_ask[] = {
    T(BOOL, bid_past_low, PB(1)),
    T(BOOL, ask_past_high, PB(2)),
    TD_END,
};
static const struct td_tws_field tick_mid[] = {
    T(I64, time_s, PB(1)), TD_LIT("0"),        T(E9, price, PB(2)),
    T(QTY, size, PB(3)),   T(UNSET, bid),      T(UNSET, ask),
    T(UNSET, bid_size),    T(UNSET, ask_size), TD_END,
};
/* The bits are the other way round than in tickByTick. */
static const struct td_tws_field tick_bid_ask[] = {
    T(I64, time_s, PB(1)),
    T(MASK, ask_past_high, SECOND(bid_past_low)),
    T(E9, bid, PB(3)),
    T(E9, ask, PB(4)),
    T(QTY, bid_size, PB(5)),
    T(QTY, ask_size, PB(6)),
    T(UNSET, price),
    T(UNSET, size),
    TD_ONLY(attrib_bid_ask, 2),
    TD_END,
};
static const struct td_tws_field tick_last[] = {
    T(I64, time_s, PB(1)),   T(MASK, past_limit, SECOND(unreported)),
    T(E9, price, PB(3)),     T(QTY, size, PB(4)),
    T(STR, exchange, PB(5)), T(STR, conditions, PB(6)),
    T(UNSET, bid),           T(UNSET, ask),
    T(UNSET, bid_size),      T(UNSET, ask_size),
    TD_ONLY(attrib_last, 2), TD_END,
};
#define TICKS(element)                                                                             \
    TD_ROW(ID, td_tws_historical_ticks, req_id, PB(1)),                                            \
        TD_ROWS(td_tws_historical_ticks, ticks, element, PB(2)),                                   \
        TD_ROW(BOOL, td_tws_historical_ticks, done, PB(3)), TD_END
TD_TWS_TABLE(HISTORICAL_TICKS){TICKS(tick_mid)};
TD_TWS_TABLE(HISTORICAL_TICKS_BID_ASK){TICKS(tick_bid_ask)};
TD_TWS_TABLE(HISTORICAL_TICKS_LAST){TICKS(tick_last)};

/* ---- contracts ---- */

#define R(type, ...) TD_ROW(type, td_tws_req_contract, __VA_ARGS__)
TD_TWS_TABLE(REQ_CONTRACT_DETAILS){
    TD_LIT("8"),
    R(ID, req_id, PB(1)),
    TD_SUB(td_tws_req_contract, contract, td_tws_c13),
    TD_NESTED(td_tws_req_contract, contract, td_tws_pb_contract, 2),
    R(STR, contract.sec_id_type),
    R(STR, contract.sec_id),
    R(STR, contract.issuer_id, .since = 176),
    TD_END,
};
#undef R

#define R(type, ...) TD_ROW(type, td_tws_fund, __VA_ARGS__)
static const struct td_tws_field fund[] = {
    R(STR, name),
    R(STR, family),
    R(STR, type),
    R(STR, front_load),
    R(STR, back_load),
    R(STR, back_load_interval),
    R(STR, management_fee),
    R(BOOL, closed),
    R(BOOL, closed_new_investors),
    R(BOOL, closed_new_money),
    R(STR, notify_amount),
    R(STR, min_initial),
    R(STR, min_subsequent),
    R(STR, blue_sky_states),
    R(STR, blue_sky_territories),
    R(STR, distribution_policy),
    R(STR, asset_type),
    TD_END,
};
#undef R

#define R(type, ...) TD_ROW(type, td_tws_contract_data, __VA_ARGS__)
TD_TWS_TABLE(CONTRACT_DATA){
    TD_LIT("8", .until = 164),
    R(ID, req_id, PB(1)),
    R(STR, contract.symbol),
    R(STR, contract.sec_type),
    R(STR, contract.expiry),
    R(STR, last_trade_date, .since = 182),
    R(E9, contract.strike),
    R(STR, contract.right),
    R(STR, contract.exchange),
    R(STR, contract.currency),
    R(STR, contract.local_symbol),
    R(STR, market_name),
    R(STR, contract.trading_class),
    R(I32, contract.con_id),
    R(E9, min_tick),
    TD_LIT("100", .until = 164), /* mdSizeMultiplier */
    R(STR, contract.multiplier),
    R(STR, order_types),
    R(STR, valid_exchanges),
    R(I32, price_magnifier),
    R(I32, under_con_id),
    R(ESC, long_name),
    R(STR, contract.primary_exch),
    R(STR, contract_month),
    R(STR, industry),
    R(STR, category),
    R(STR, subcategory),
    R(STR, time_zone),
    R(STR, trading_hours),
    R(STR, liquid_hours),
    R(STR, ev_rule),
    R(E9, ev_multiplier_e9),
    TD_ROWS(td_tws_contract_data, sec_ids, td_tws_pair),
    R(I32, agg_group),
    R(STR, under_symbol),
    R(STR, under_sec_type),
    R(STR, market_rule_ids),
    R(STR, real_expiration),
    R(STR, stock_type),
    R(QTY, size_min_tick, .since = 163, .until = 164),
    R(QTY, min_size, .since = 164),
    R(QTY, size_increment, .since = 164),
    R(QTY, suggested_size_increment, .since = 164),
    TD_SUB(td_tws_contract_data, fund, fund, .since = 179, .text = "FUND",
           TD_WHEN(IS, td_tws_contract_data, contract.sec_type)),
    TD_ROWS(td_tws_contract_data, ineligibility, td_tws_pair, .since = 186),
    TD_ONLY(td_tws_pb_contract_of_data, 2),
    TD_ONLY(td_tws_pb_details, 3),
    TD_END,
};
#undef R
TD_TWS_TABLE(CONTRACT_DATA_END){TD_LIT("1"), TD_ROW(ID, td_tws_req, req_id, PB(1)), TD_END};

TD_TWS_TABLE(REQ_MATCHING_SYMBOLS){
    TD_ROW(ID, td_tws_req_text, req_id, PB(1)),
    TD_ROW(STR, td_tws_req_text, text, PB(2)),
    TD_END,
};
#define R(type, ...) TD_ROW(type, td_tws_symbol_sample, __VA_ARGS__)
static const struct td_tws_field sample_contract[] = {
    R(I32, con_id, PB(1)),     R(STR, symbol, PB(2)),
    R(STR, sec_type, PB(3)),   R(STR, primary_exch, PB(9)),
    R(STR, currency, PB(10)),  R(STR, description, PB(15)),
    R(STR, issuer_id, PB(16)), TD_END,
};
static const struct td_tws_field sample[] = {
    R(I32, con_id),
    R(STR, symbol),
    R(STR, sec_type),
    R(STR, primary_exch),
    R(STR, currency),
    TD_ROWS(td_tws_symbol_sample, derivatives, td_tws_word, PB(2)),
    TD_ONLY(sample_contract, 1),
    R(STR, description, .since = 176),
    R(STR, issuer_id, .since = 176),
    TD_END,
};
#undef R
TD_TWS_TABLE(SYMBOL_SAMPLES){
    TD_ROW(ID, td_tws_symbol_samples, req_id, PB(1)),
    TD_ROWS(td_tws_symbol_samples, samples, sample, PB(2)),
    TD_END,
};

#define R(type, ...) TD_ROW(type, td_tws_req_sec_def_opt_params, __VA_ARGS__)
TD_TWS_TABLE(REQ_SEC_DEF_OPT_PARAMS){
    R(ID, req_id, PB(1)),
    R(STR, symbol, PB(2)),
    R(STR, fut_fop_exchange, PB(3)),
    R(STR, sec_type, PB(4)),
    R(I32, underlying_con_id, PB(5)),
    TD_END,
};
#undef R
static const struct td_tws_field strike[] = {TD_ROW(E9, td_tws_price, px, PB_BARE), TD_END};
#define R(type, ...) TD_ROW(type, td_tws_sec_def_opt_params, __VA_ARGS__)
TD_TWS_TABLE(SEC_DEF_OPT_PARAMS){
    R(ID, req_id, PB(1)),
    R(STR, exchange, PB(2)),
    R(I32, underlying_con_id, PB(3)),
    R(STR, trading_class, PB(4)),
    R(STR, multiplier, PB(5)),
    TD_ROWS(td_tws_sec_def_opt_params, expirations, td_tws_word, PB(6)),
    TD_ROWS(td_tws_sec_def_opt_params, strikes, strike, PB(7)),
    TD_END,
};
#undef R
TD_TWS_TABLE(SEC_DEF_OPT_PARAMS_END){TD_ROW(ID, td_tws_req, req_id, PB(1)), TD_END};

/* Only newer gateways know these two, and only in protobuf. */
TD_TWS_TABLE(CANCEL_CONTRACT_DATA){TD_ROW(ID, td_tws_req, req_id, PB(1)), TD_END};
TD_TWS_TABLE(CANCEL_HISTORICAL_TICKS){TD_ROW(ID, td_tws_req, req_id, PB(1)), TD_END};
