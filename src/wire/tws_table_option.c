/* wire/tws_table_option.c - rows of option computations and exercise, EFP ticks, fundamentals, news, WSH
 * (tws-protocol 4.1, 4.5, 4.11).
 *
 * Where senders disagree on the options text at the end (some put a count before it) both forms are read and the
 * shorter one is written, which the official C++ and Java clients use.
 */
#include "wire/tws_table.h"

/* ---- options ---- */

#define R(type, ...) TD_ROW(type, td_tws_calc_option, __VA_ARGS__)
#define CALCULATION                                                                                \
    {                                                                                              \
        TD_LIT("3"), R(ID, req_id, PB(1)), TD_SUB(td_tws_calc_option, contract, td_tws_c12),       \
            TD_NESTED(td_tws_calc_option, contract, td_tws_pb_contract, 2),                        \
            R(E9, value_e9, PB(3)), R(E9, under_price, PB(4)), R(TAIL, options, PB_MAP(5)), TD_END \
    }
TD_TWS_TABLE(CALC_IMPLIED_VOLATILITY) CALCULATION;
TD_TWS_TABLE(CALC_OPTION_PRICE) CALCULATION;
#undef R
TD_TWS_TABLE(CANCEL_CALC_IMPLIED_VOLATILITY){TD_LIT("1"), TD_ROW(ID, td_tws_req, req_id, PB(1)),
                                             TD_END};
TD_TWS_TABLE(CANCEL_CALC_OPTION_PRICE){TD_LIT("1"), TD_ROW(ID, td_tws_req, req_id, PB(1)), TD_END};

#define R(type, ...) TD_ROW(type, td_tws_exercise_options, __VA_ARGS__)
TD_TWS_TABLE(EXERCISE_OPTIONS){
    TD_LIT("2"),
    R(ID, req_id, PB(1)),
    R(I32, contract.con_id),
    R(STR, contract.symbol),
    R(STR, contract.sec_type),
    R(STR, contract.expiry),
    R(E9U, contract.strike),
    R(STR, contract.right),
    R(STR, contract.multiplier),
    R(STR, contract.exchange),
    R(STR, contract.currency),
    R(STR, contract.local_symbol),
    R(STR, contract.trading_class),
    R(I32, action, PB(3)),
    R(I32, quantity, PB(4)),
    R(STR, account, PB(5)),
    R(BOOL, override, PB(6)),
    R(STR, manual_time, PB(7), .since = 180),
    R(STR, customer_account, PB(8), .since = 183),
    R(BOOL, professional_customer, PB(9), .since = 184),
    TD_NESTED(td_tws_exercise_options, contract, td_tws_pb_contract, 2),
    TD_END,
};
#undef R

#define R(type, ...) TD_ROW(type, td_tws_tick_efp, __VA_ARGS__)
TD_TWS_TABLE(TICK_EFP){
    TD_LIT("1"),
    R(ID, req_id),
    R(I32, tick_type),
    R(E9, basis_points_e9),
    R(STR, basis_points),
    R(E9, implied_future),
    R(I32, hold_days),
    R(STR, future_last_trade_date),
    R(E9, dividend_impact_e9),
    R(E9, dividends_to_expiry_e9),
    TD_END,
};
#undef R
#define R(type, ...) TD_ROW(type, td_tws_delta_neutral_data, __VA_ARGS__)
TD_TWS_TABLE(DELTA_NEUTRAL_VALIDATION){
    TD_LIT("1"),           R(ID, req_id), R(I32, contract.con_id), R(E9, contract.delta_e9),
    R(E9, contract.price), TD_END,
};
#undef R

/* ---- fundamentals ---- */

#define R(type, ...) TD_ROW(type, td_tws_req_fundamental, __VA_ARGS__)
TD_TWS_TABLE(REQ_FUNDAMENTAL_DATA){
    TD_LIT("2"),
    R(ID, req_id, PB(1)),
    R(I32, contract.con_id),
    R(STR, contract.symbol),
    R(STR, contract.sec_type),
    R(STR, contract.exchange),
    R(STR, contract.primary_exch),
    R(STR, contract.currency),
    R(STR, contract.local_symbol),
    R(STR, report, PB(3)),
    R(TAIL, options, PB_MAP(4)),
    TD_NESTED(td_tws_req_fundamental, contract, td_tws_pb_contract, 2),
    TD_END,
};
#undef R
TD_TWS_TABLE(CANCEL_FUNDAMENTAL_DATA){TD_LIT("1"), TD_ROW(ID, td_tws_req, req_id, PB(1)), TD_END};
TD_TWS_TABLE(FUNDAMENTAL_DATA){
    TD_LIT("1"),
    TD_ROW(ID, td_tws_req_text, req_id, PB(1)),
    TD_ROW(STR, td_tws_req_text, text, PB(2)),
    TD_END,
};

/* ---- news ---- */

#define R(type, ...) TD_ROW(type, td_tws_req_news_article, __VA_ARGS__)
TD_TWS_TABLE(REQ_NEWS_ARTICLE){
    R(ID, req_id, PB(1)),
    R(STR, provider, PB(2)),
    R(STR, article_id, PB(3)),
    R(STR, options, PB_MAP(4)),
    TD_END,
};
#undef R
#define R(type, ...) TD_ROW(type, td_tws_req_historical_news, __VA_ARGS__)
TD_TWS_TABLE(REQ_HISTORICAL_NEWS){
    R(ID, req_id, PB(1)),       R(I32, con_id, PB(2)),
    R(STR, providers, PB(3)),   R(STR, start_time, PB(4)),
    R(STR, end_time, PB(5)),    R(I32, results_max, PB(6)),
    R(STR, options, PB_MAP(7)), TD_END,
};
#undef R
#define R(type, ...) TD_ROW(type, td_tws_news_article, __VA_ARGS__)
TD_TWS_TABLE(NEWS_ARTICLE){R(ID, req_id, PB(1)), R(I32, type, PB(2)), R(STR, text, PB(3)), TD_END};
#undef R
#define R(type, ...) TD_ROW(type, td_tws_tick_news, __VA_ARGS__)
TD_TWS_TABLE(TICK_NEWS){
    R(ID, req_id, PB(1)),
    R(I64, time_ms, PB(2)),
    R(STR, provider, PB(3)),
    R(STR, article_id, PB(4)),
    R(STR, headline, PB(5)),
    R(STR, extra, PB(6)),
    TD_END,
};
#undef R
#define R(type, ...) TD_ROW(type, td_tws_historical_news, __VA_ARGS__)
TD_TWS_TABLE(HISTORICAL_NEWS){
    R(ID, req_id, PB(1)),      R(STR, time, PB(2)),     R(STR, provider, PB(3)),
    R(STR, article_id, PB(4)), R(STR, headline, PB(5)), TD_END,
};
#undef R
TD_TWS_TABLE(HISTORICAL_NEWS_END){
    TD_ROW(ID, td_tws_historical_news_end, req_id, PB(1)),
    TD_ROW(BOOL, td_tws_historical_news_end, has_more, PB(2)),
    TD_END,
};

/* ---- WSH calendar ---- */

#define ID_ONLY                                                                                    \
    {                                                                                              \
        TD_ROW(ID, td_tws_req, req_id, PB(1)), TD_END                                              \
    }
#define ID_AND_TEXT                                                                                \
    {                                                                                              \
        TD_ROW(ID, td_tws_req_text, req_id, PB(1)), TD_ROW(STR, td_tws_req_text, text, PB(2)),     \
            TD_END                                                                                 \
    }
TD_TWS_TABLE(REQ_WSH_META_DATA) ID_ONLY;
TD_TWS_TABLE(CANCEL_WSH_META_DATA) ID_ONLY;
TD_TWS_TABLE(CANCEL_WSH_EVENT_DATA) ID_ONLY;
TD_TWS_TABLE(WSH_META_DATA) ID_AND_TEXT;
TD_TWS_TABLE(WSH_EVENT_DATA) ID_AND_TEXT;
#define R(type, ...) TD_ROW(type, td_tws_req_wsh_event, __VA_ARGS__)
TD_TWS_TABLE(REQ_WSH_EVENT_DATA){
    R(ID, req_id, PB(1)),
    R(I32M, con_id, PB(2)),
    R(STR, filter, PB(3), .since = 171),
    R(BOOL, watchlist, PB(4), .since = 171),
    R(BOOL, portfolio, PB(5), .since = 171),
    R(BOOL, competitors, PB(6), .since = 171),
    R(STR, start_date, PB(7), .since = 173),
    R(STR, end_date, PB(8), .since = 173),
    R(I32M, limit, PB(9), .since = 173),
    TD_END,
};
#undef R
