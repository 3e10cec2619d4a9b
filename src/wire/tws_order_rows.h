/* wire/tws_order_rows.h - the row blocks shared by placeOrder, openOrder and completedOrder.
 *
 * For tws_table_order.c (where most are), tws_table_status.c and tws_table_proto.c only. Those without a remark
 * stand on struct td_tws_order.
 */
#ifndef TD_WIRE_TWS_ORDER_ROWS_H
#define TD_WIRE_TWS_ORDER_ROWS_H

#include "wire/tws_field.h"

extern const struct td_tws_field td_tws_legs8[];           /* td_tws_leg, all members  */
extern const struct td_tws_field td_tws_leg_price[];       /* td_tws_leg: its price    */
extern const struct td_tws_field td_tws_condition_rows[];  /* td_tws_condition  */
extern const struct td_tws_field td_tws_allocation_rows[]; /* td_tws_allocation */
extern const struct td_tws_field td_tws_delta_neutral_order[];
extern const struct td_tws_field td_tws_scale[];
extern const struct td_tws_field td_tws_hedge[];
extern const struct td_tws_field td_tws_algo[];
extern const struct td_tws_field td_tws_peg_bench[];
extern const struct td_tws_field td_tws_peg_best[];
extern const struct td_tws_field td_tws_conditions[];

#endif
