/* wire/tws_table_scanner.c - rows of scanner, display groups, bonds (tws-protocol 4.5, 4.6). */
#include "wire/tws_table.h"

TD_TWS_TABLE(REQ_SCANNER_PARAMETERS){TD_LIT("1"), TD_END};
TD_TWS_TABLE(SCANNER_PARAMETERS){TD_LIT("1"), TD_ROW(STR, td_tws_one_text, text, PB(1)), TD_END};

#define R(type, ...) TD_ROW(type, td_tws_req_scanner, __VA_ARGS__)
static const struct td_tws_field subscription[] = {
    R(I32U, rows, PB(1)),
    R(STR, instrument, PB(2)),
    R(STR, location, PB(3)),
    R(STR, scan_code, PB(4)),
    R(E9U, above_price, PB(5)),
    R(E9U, below_price, PB(6)),
    R(I32U, above_volume, PB(7)),
    R(E9U, market_cap_above, PB(8)),
    R(E9U, market_cap_below, PB(9)),
    R(STR, moody_above, PB(10)),
    R(STR, moody_below, PB(11)),
    R(STR, sp_above, PB(12)),
    R(STR, sp_below, PB(13)),
    R(STR, maturity_above, PB(14)),
    R(STR, maturity_below, PB(15)),
    R(E9U, coupon_above_e9, PB(16)),
    R(E9U, coupon_below_e9, PB(17)),
    R(BOOL, exclude_convertible, PB(18)),
    R(I32U, average_option_volume_above, PB(19)),
    R(STR, setting_pairs, PB(20)),
    R(STR, stock_type, PB(21)),
    R(STR, filter_options, PB_MAP(22)),
    R(STR, options, PB_MAP(23)),
    TD_END,
};
TD_TWS_TABLE(REQ_SCANNER_SUBSCRIPTION){R(ID, req_id, PB(1)), TD_PART(subscription, PB(2)), TD_END};
#undef R
TD_TWS_TABLE(CANCEL_SCANNER_SUBSCRIPTION){TD_LIT("1"), TD_ROW(ID, td_tws_req, req_id, PB(1)),
                                          TD_END};

#define R(type, ...) TD_ROW(type, td_tws_scan_row, __VA_ARGS__)
static const struct td_tws_field scan_row[] = {
    R(I32, rank, PB(1)),
    R(I32, contract.con_id),
    R(STR, contract.symbol),
    R(STR, contract.sec_type),
    R(STR, contract.expiry),
    R(E9, contract.strike),
    R(STR, contract.right),
    R(STR, contract.exchange),
    R(STR, contract.currency),
    R(STR, contract.local_symbol),
    R(STR, market_name, PB(3)),
    R(STR, contract.trading_class),
    R(STR, distance, PB(4)),
    R(STR, benchmark, PB(5)),
    R(STR, projection, PB(6)),
    R(STR, legs, PB(7)),
    TD_NESTED(td_tws_scan_row, contract, td_tws_pb_contract, 2),
    TD_END,
};
#undef R
TD_TWS_TABLE(SCANNER_DATA){
    TD_LIT("3"),
    TD_ROW(ID, td_tws_scanner, req_id, PB(1)),
    TD_ROWS(td_tws_scanner, rows, scan_row, PB(2)),
    TD_END,
};

/* ---- display groups ---- */

#define ID_OF_REQUEST                                                                              \
    {                                                                                              \
        TD_LIT("1"), TD_ROW(ID, td_tws_req, req_id, PB(1)), TD_END                                 \
    }
#define ID_AND_TEXT                                                                                \
    {                                                                                              \
        TD_LIT("1"), TD_ROW(ID, td_tws_req_text, req_id, PB(1)),                                   \
            TD_ROW(STR, td_tws_req_text, text, PB(2)), TD_END                                      \
    }
TD_TWS_TABLE(QUERY_DISPLAY_GROUPS) ID_OF_REQUEST;
TD_TWS_TABLE(UNSUBSCRIBE_FROM_GROUP_EVENTS) ID_OF_REQUEST;
TD_TWS_TABLE(UPDATE_DISPLAY_GROUP) ID_AND_TEXT;
TD_TWS_TABLE(DISPLAY_GROUP_LIST) ID_AND_TEXT;
TD_TWS_TABLE(DISPLAY_GROUP_UPDATED) ID_AND_TEXT;
TD_TWS_TABLE(SUBSCRIBE_TO_GROUP_EVENTS){
    TD_LIT("1"),
    TD_ROW(ID, td_tws_req_group, req_id, PB(1)),
    TD_ROW(I32, td_tws_req_group, group_id, PB(2)),
    TD_END,
};

/* ---- bonds ---- */

#define R(type, ...) TD_ROW(type, td_tws_contract_data, __VA_ARGS__)
TD_TWS_TABLE(BOND_CONTRACT_DATA){
    TD_LIT("6", .until = 164),
    R(ID, req_id, PB(1)),
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
    TD_ONLY(td_tws_pb_contract_of_data, 2),
    TD_ONLY(td_tws_pb_details, 3),
    TD_END,
};
#undef R
