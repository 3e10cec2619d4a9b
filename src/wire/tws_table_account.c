/* wire/tws_table_account.c - rows of session, accounts, positions, P&L, notices (tws-protocol 1.2, 4.9-4.11). */
#include "wire/tws_table.h"

#define NOTHING                                                                                    \
    {                                                                                              \
        TD_END                                                                                     \
    }
#define VERSION_ONLY(v)                                                                            \
    {                                                                                              \
        TD_LIT(v), TD_END                                                                          \
    }
#define VERSION_AND_ID                                                                             \
    {                                                                                              \
        TD_LIT("1"), TD_ROW(ID, td_tws_req, req_id, PB(1)), TD_END                                 \
    }
#define ID_ONLY                                                                                    \
    {                                                                                              \
        TD_ROW(ID, td_tws_req, req_id, PB(1)), TD_END                                              \
    }
#define VERSION_AND(type, s, member)                                                               \
    {                                                                                              \
        TD_LIT("1"), TD_ROW(type, s, member, PB(1)), TD_END                                        \
    }
#define PAIRS                                                                                      \
    {                                                                                              \
        TD_ROWS(td_tws_pairs, pairs, td_tws_pair, PB(1)), TD_END                                   \
    }

/* ---- session ---- */

TD_TWS_TABLE(START_API){
    TD_LIT("2"),
    TD_ROW(I32, td_tws_start_api, client_id, PB(1)),
    TD_ROW(STR, td_tws_start_api, capabilities, PB(2)),
    TD_END,
};
TD_TWS_TABLE(REQ_IDS) VERSION_AND(I32, td_tws_number, value);
TD_TWS_TABLE(NEXT_VALID_ID) VERSION_AND(I32, td_tws_number, value);
TD_TWS_TABLE(REQ_MANAGED_ACCTS) VERSION_ONLY("1");
TD_TWS_TABLE(MANAGED_ACCOUNTS) VERSION_AND(STR, td_tws_one_text, text);
TD_TWS_TABLE(REQ_CURRENT_TIME) VERSION_ONLY("1");
TD_TWS_TABLE(CURRENT_TIME) VERSION_AND(I64, td_tws_instant, value);
TD_TWS_TABLE(REQ_CURRENT_TIME_MILLIS) NOTHING;
TD_TWS_TABLE(CURRENT_TIME_MILLIS){TD_ROW(I64, td_tws_instant, value, PB(1)), TD_END};
TD_TWS_TABLE(SET_SERVER_LOG_LEVEL) VERSION_AND(I32, td_tws_number, value);
TD_TWS_TABLE(REQ_USER_INFO) ID_ONLY;
TD_TWS_TABLE(USER_INFO){
    TD_ROW(ID, td_tws_req_text, req_id, PB(1)),
    TD_ROW(STR, td_tws_req_text, text, PB(2)),
    TD_END,
};

#define R(type, ...) TD_ROW(type, td_tws_error, __VA_ARGS__)
TD_TWS_TABLE(ERROR){
    TD_LIT("2", .until = 194),
    R(ID, id, PB(1)),
    R(I32, code, PB(3)),
    R(ESC, text, PB(4)),
    R(ESC, advanced_reject_json, PB(5), .since = 166),
    R(I64, time_ms, PB(2), .since = 194),
    TD_END,
};
#undef R

/* ---- account values ---- */

#define R(type, ...) TD_ROW(type, td_tws_req_account_updates, __VA_ARGS__)
TD_TWS_TABLE(REQ_ACCOUNT_UPDATES){TD_LIT("2"), R(BOOL, subscribe, PB(1)), R(STR, account, PB(2)),
                                  TD_END};
#undef R
#define R(type, ...) TD_ROW(type, td_tws_account_value, __VA_ARGS__)
TD_TWS_TABLE(ACCOUNT_VALUE){
    TD_LIT("2"),
    R(STR, key, PB(1)),
    R(STR, value, PB(2)),
    R(STR, currency, PB(3)),
    R(STR, account, PB(4)),
    TD_END,
};
#undef R
#define R(type, ...) TD_ROW(type, td_tws_portfolio_value, __VA_ARGS__)
TD_TWS_TABLE(PORTFOLIO_VALUE){
    TD_LIT("8"),
    R(I32, contract.con_id),
    R(STR, contract.symbol),
    R(STR, contract.sec_type),
    R(STR, contract.expiry),
    R(E9, contract.strike),
    R(STR, contract.right),
    R(STR, contract.multiplier),
    R(STR, contract.primary_exch),
    R(STR, contract.currency),
    R(STR, contract.local_symbol),
    R(STR, contract.trading_class),
    R(QTY, position, PB(2)),
    R(E9, market_price, PB(3)),
    R(E9, market_value, PB(4)),
    R(E9, average_cost, PB(5)),
    R(E9, unrealized_pnl, PB(6)),
    R(E9, realized_pnl, PB(7)),
    R(STR, account, PB(8)),
    TD_NESTED(td_tws_portfolio_value, contract, td_tws_pb_contract, 1),
    TD_END,
};
#undef R
TD_TWS_TABLE(ACCOUNT_UPDATE_TIME) VERSION_AND(STR, td_tws_one_text, text);
TD_TWS_TABLE(ACCOUNT_DOWNLOAD_END) VERSION_AND(STR, td_tws_one_text, text);

#define R(type, ...) TD_ROW(type, td_tws_req_account_summary, __VA_ARGS__)
TD_TWS_TABLE(REQ_ACCOUNT_SUMMARY){TD_LIT("1"), R(ID, req_id, PB(1)), R(STR, group, PB(2)),
                                  R(STR, tags, PB(3)), TD_END};
#undef R
TD_TWS_TABLE(CANCEL_ACCOUNT_SUMMARY) VERSION_AND_ID;
#define R(type, ...) TD_ROW(type, td_tws_account_summary, __VA_ARGS__)
TD_TWS_TABLE(ACCOUNT_SUMMARY){
    TD_LIT("1"),
    R(ID, req_id, PB(1)),
    R(STR, account, PB(2)),
    R(STR, tag, PB(3)),
    R(STR, value, PB(4)),
    R(STR, currency, PB(5)),
    TD_END,
};
TD_TWS_TABLE(ACCOUNT_SUMMARY_END) VERSION_AND_ID;
TD_TWS_TABLE(ACCOUNT_UPDATE_MULTI){
    TD_LIT("1"),        R(ID, req_id, PB(1)), R(STR, account, PB(2)),  R(STR, model_code, PB(3)),
    R(STR, tag, PB(4)), R(STR, value, PB(5)), R(STR, currency, PB(6)), TD_END,
};
#undef R
TD_TWS_TABLE(ACCOUNT_UPDATE_MULTI_END) VERSION_AND_ID;

#define R(type, ...) TD_ROW(type, td_tws_req_multi, __VA_ARGS__)
TD_TWS_TABLE(REQ_ACCOUNT_UPDATES_MULTI){
    TD_LIT("1"),
    R(ID, req_id, PB(1)),
    R(STR, account, PB(2)),
    R(STR, model_code, PB(3)),
    R(BOOL, ledger_and_nlv, PB(4)),
    TD_END,
};
TD_TWS_TABLE(CANCEL_ACCOUNT_UPDATES_MULTI) VERSION_AND_ID;

/* ---- positions, P&L ---- */

TD_TWS_TABLE(REQ_POSITIONS_MULTI){TD_LIT("1"), R(ID, req_id, PB(1)), R(STR, account, PB(2)),
                                  R(STR, model_code, PB(3)), TD_END};
TD_TWS_TABLE(REQ_PNL){R(ID, req_id, PB(1)), R(STR, account, PB(2)), R(STR, model_code, PB(3)),
                      TD_END};
TD_TWS_TABLE(REQ_PNL_SINGLE){R(ID, req_id, PB(1)), R(STR, account, PB(2)),
                             R(STR, model_code, PB(3)), R(I32, con_id, PB(4)), TD_END};
#undef R
TD_TWS_TABLE(REQ_POSITIONS) VERSION_ONLY("1");
TD_TWS_TABLE(CANCEL_POSITIONS) VERSION_ONLY("1");
TD_TWS_TABLE(CANCEL_POSITIONS_MULTI) VERSION_AND_ID;
TD_TWS_TABLE(CANCEL_PNL) ID_ONLY;
TD_TWS_TABLE(CANCEL_PNL_SINGLE) ID_ONLY;

#define R(type, ...) TD_ROW(type, td_tws_position, __VA_ARGS__)
TD_TWS_TABLE(POSITION){
    TD_LIT("3"),
    R(STR, account, PB(1)),
    TD_SUB(td_tws_position, contract, td_tws_cr11),
    TD_NESTED(td_tws_position, contract, td_tws_pb_contract, 2),
    R(QTY, position, PB(3)),
    R(E9, avg_cost, PB(4)),
    TD_END,
};
TD_TWS_TABLE(POSITION_END) VERSION_ONLY("1");
TD_TWS_TABLE(POSITION_MULTI){
    TD_LIT("1"),
    R(ID, req_id, PB(1)),
    R(STR, account, PB(2)),
    TD_SUB(td_tws_position, contract, td_tws_cr11),
    TD_NESTED(td_tws_position, contract, td_tws_pb_contract, 3),
    R(QTY, position, PB(4)),
    R(E9, avg_cost, PB(5)),
    R(STR, model_code, PB(6)),
    TD_END,
};
#undef R
TD_TWS_TABLE(POSITION_MULTI_END) VERSION_AND_ID;

#define R(type, ...) TD_ROW(type, td_tws_pnl, __VA_ARGS__)
TD_TWS_TABLE(PNL){
    R(ID, req_id, PB(1)),
    R(E9, daily, PB(2)),
    R(E9, unrealized, PB(3)),
    R(E9, realized, PB(4)),
    R(UNSET, position),
    R(UNSET, value),
    TD_END,
};
TD_TWS_TABLE(PNL_SINGLE){
    R(ID, req_id, PB(1)),
    R(QTY, position, PB(2)),
    R(E9, daily, PB(3)),
    R(E9, unrealized, PB(4)),
    R(E9, realized, PB(5)),
    R(E9, value, PB(6)),
    TD_END,
};
#undef R

/* ---- advisors, news ---- */

TD_TWS_TABLE(REQ_FAMILY_CODES) NOTHING;
TD_TWS_TABLE(FAMILY_CODES) PAIRS;
TD_TWS_TABLE(REQ_SOFT_DOLLAR_TIERS) ID_ONLY;
#define R(type, ...) TD_ROW(type, td_tws_soft_dollar_tier, __VA_ARGS__)
static const struct td_tws_field tier[] = {R(STR, name, PB(1)), R(STR, value, PB(2)),
                                           R(STR, display, PB(3)), TD_END};
#undef R
TD_TWS_TABLE(SOFT_DOLLAR_TIERS){
    TD_ROW(ID, td_tws_soft_dollar_tiers, req_id, PB(1)),
    TD_ROWS(td_tws_soft_dollar_tiers, tiers, tier, PB(2)),
    TD_END,
};
TD_TWS_TABLE(REQ_NEWS_BULLETINS) VERSION_AND(BOOL, td_tws_flag, on);
TD_TWS_TABLE(CANCEL_NEWS_BULLETINS) VERSION_ONLY("1");
#define R(type, ...) TD_ROW(type, td_tws_news_bulletin, __VA_ARGS__)
TD_TWS_TABLE(NEWS_BULLETIN){
    TD_LIT("1"),         R(I32, id, PB(1)),       R(I32, type, PB(2)),
    R(STR, text, PB(3)), R(STR, exchange, PB(4)), TD_END,
};
#undef R
TD_TWS_TABLE(REQ_NEWS_PROVIDERS) NOTHING;
TD_TWS_TABLE(NEWS_PROVIDERS) PAIRS;

TD_TWS_TABLE(REQ_FA) VERSION_AND(I32, td_tws_number, value);
TD_TWS_TABLE(RECEIVE_FA){
    TD_LIT("1"),
    TD_ROW(I32, td_tws_fa, type, PB(1)),
    TD_ROW(STR, td_tws_fa, xml, PB(2)),
    TD_END,
};
#define R(type, ...) TD_ROW(type, td_tws_replace_fa, __VA_ARGS__)
TD_TWS_TABLE(REPLACE_FA){TD_LIT("1"), R(I32, type, PB(2)), R(STR, xml, PB(3)), R(ID, req_id, PB(1)),
                         TD_END};
#undef R
TD_TWS_TABLE(REPLACE_FA_END){
    TD_ROW(ID, td_tws_req_text, req_id, PB(1)),
    TD_ROW(STR, td_tws_req_text, text, PB(2)),
    TD_END,
};

/* ---- third-party verification ---- */

#define VERIFY                                                                                     \
    {                                                                                              \
        TD_LIT("1"), TD_ROW(STR, td_tws_verify, name, PB(1)),                                      \
            TD_ROW(STR, td_tws_verify, extra, PB(2)), TD_END                                       \
    }
#define VERIFIED                                                                                   \
    {                                                                                              \
        TD_LIT("1"), TD_ROW(TRUE, td_tws_verified, success, PB(1)),                                \
            TD_ROW(STR, td_tws_verified, text, PB(2)), TD_END                                      \
    }
TD_TWS_TABLE(VERIFY_REQUEST) VERIFY;
TD_TWS_TABLE(VERIFY_MESSAGE) VERSION_AND(STR, td_tws_verify, name);
TD_TWS_TABLE(VERIFY_MESSAGE_API) VERSION_AND(STR, td_tws_verify, name);
TD_TWS_TABLE(VERIFY_COMPLETED) VERIFIED;
TD_TWS_TABLE(VERIFY_AND_AUTH_MESSAGE) VERIFY;
TD_TWS_TABLE(VERIFY_AND_AUTH_MESSAGE_API) VERIFY;
TD_TWS_TABLE(VERIFY_AND_AUTH_COMPLETED) VERIFIED;
/* The key rides behind the version, in one field more than the plain request. */
TD_TWS_TABLE(VERIFY_AND_AUTH_REQUEST){
    TD_LIT("1"),
    TD_ROW(STR, td_tws_verify, name),
    TD_ROW(STR, td_tws_verify, extra),
    TD_ROW(STR, td_tws_verify, key),
    TD_END,
};
