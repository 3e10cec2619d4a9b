/* wire/tws_table_scanner.c - rows of scanner, display groups, bonds (tws-protocol 4.5, 4.6). */
#include "wire/tws_table.h"

TD_TWS_TABLE(REQ_SCANNER_PARAMETERS){TD_LIT("1"), TD_END};
TD_TWS_TABLE(SCANNER_PARAMETERS){TD_LIT("1"), TD_ROW(STR, td_tws_one_text, text), TD_END};

#define R(type, ...) TD_ROW(type, td_tws_req_scanner, __VA_ARGS__)
TD_TWS_TABLE(REQ_SCANNER_SUBSCRIPTION){
    R(ID, req_id),
    R(I32U, rows),
    R(STR, instrument),
    R(STR, location),
    R(STR, scan_code),
    R(E9U, above_price),
    R(E9U, below_price),
    R(I32U, above_volume),
    R(E9U, market_cap_above),
    R(E9U, market_cap_below),
    R(STR, moody_above),
    R(STR, moody_below),
    R(STR, sp_above),
    R(STR, sp_below),
    R(STR, maturity_above),
    R(STR, maturity_below),
    R(E9U, coupon_above_e9),
    R(E9U, coupon_below_e9),
    R(BOOL, exclude_convertible),
    R(I32U, average_option_volume_above),
    R(STR, setting_pairs),
    R(STR, stock_type),
    R(STR, filter_options),
    R(STR, options),
    TD_END,
};
#undef R
TD_TWS_TABLE(CANCEL_SCANNER_SUBSCRIPTION){TD_LIT("1"), TD_ROW(ID, td_tws_req, req_id), TD_END};

#define R(type, ...) TD_ROW(type, td_tws_scan_row, __VA_ARGS__)
static const struct td_tws_field scan_row[] = {
    R(I32, rank),
    R(I32, contract.con_id),
    R(STR, contract.symbol),
    R(STR, contract.sec_type),
    R(STR, contract.expiry),
    R(E9, contract.strike),
    R(STR, contract.right),
    R(STR, contract.exchange),
    R(STR, contract.currency),
    R(STR, contract.local_symbol),
    R(STR, market_name),
    R(STR, contract.trading_class),
    R(STR, distance),
    R(STR, benchmark),
    R(STR, projection),
    R(STR, legs),
    TD_END,
};
#undef R
TD_TWS_TABLE(SCANNER_DATA){
    TD_LIT("3"),
    TD_ROW(ID, td_tws_scanner, req_id),
    TD_ROWS(td_tws_scanner, rows, scan_row),
    TD_END,
};

/* ---- display groups ---- */

#define ID_OF_REQUEST                                                                              \
    {                                                                                              \
        TD_LIT("1"), TD_ROW(ID, td_tws_req, req_id), TD_END                                        \
    }
#define ID_AND_TEXT                                                                                \
    {                                                                                              \
        TD_LIT("1"), TD_ROW(ID, td_tws_req_text, req_id), TD_ROW(STR, td_tws_req_text, text),      \
            TD_END                                                                                 \
    }
TD_TWS_TABLE(QUERY_DISPLAY_GROUPS) ID_OF_REQUEST;
TD_TWS_TABLE(UNSUBSCRIBE_FROM_GROUP_EVENTS) ID_OF_REQUEST;
TD_TWS_TABLE(UPDATE_DISPLAY_GROUP) ID_AND_TEXT;
TD_TWS_TABLE(DISPLAY_GROUP_LIST) ID_AND_TEXT;
TD_TWS_TABLE(DISPLAY_GROUP_UPDATED) ID_AND_TEXT;
TD_TWS_TABLE(SUBSCRIBE_TO_GROUP_EVENTS){
    TD_LIT("1"),
    TD_ROW(ID, td_tws_req_group, req_id),
    TD_ROW(I32, td_tws_req_group, group_id),
    TD_END,
};

/* ---- bonds ---- */

#define R(type, ...) TD_ROW(type, td_tws_contract_data, __VA_ARGS__)
TD_TWS_TABLE(BOND_CONTRACT_DATA){
    TD_LIT("6", .until = 164),
    R(ID, req_id),
    R(STR, contract.symbol),
    R(STR, contract.sec_type),
    R(STR, bond.cusip),
    R(E9, bond.coupon_e9),
    R(STR, contract.expiry),
    R(STR, bond.issue_date),
    R(STR, bond.ratings),
    R(STR, bond.type),
    R(STR, bond.coupon_type),
    R(BOOL, bond.convertible),
    R(BOOL, bond.callable),
    R(BOOL, bond.puttable),
    R(STR, bond.descriptions),
    R(STR, contract.exchange),
    R(STR, contract.currency),
    R(STR, market_name),
    R(STR, contract.trading_class),
    R(I32, contract.con_id),
    R(E9, min_tick),
    TD_LIT("100", .until = 164), /* mdSizeMultiplier */
    R(STR, order_types),
    R(STR, valid_exchanges),
    R(STR, bond.next_option_date),
    R(STR, bond.next_option_type),
    R(BOOL, bond.next_option_partial),
    R(STR, bond.notes),
    R(ESC, long_name),
    R(STR, time_zone, .since = 188),
    R(STR, trading_hours, .since = 188),
    R(STR, liquid_hours, .since = 188),
    R(STR, ev_rule),
    R(E9, ev_multiplier_e9),
    TD_ROWS(td_tws_contract_data, sec_ids, td_tws_pair),
    R(I32, agg_group),
    R(STR, market_rule_ids),
    R(QTY, min_size, .since = 164),
    R(QTY, size_increment, .since = 164),
    R(QTY, suggested_size_increment, .since = 164),
    TD_END,
};
#undef R
