/* wire/tws_table.h - the names of the field tables, for tws_table*.c only.
 *
 * TD_TWS_TABLE(KIND) starts the rows of one message; the index in tws_table.c finds it by that name.
 * The shared tuples of tws-protocol section 4 are tables as well, on their own structs.
 */
#ifndef TD_WIRE_TWS_TABLE_H
#define TD_WIRE_TWS_TABLE_H

#include "wire/tws_field.h"

#define TD_TWS_TABLE(kind) const struct td_tws_field td_tws_rows_##kind[] =

#define TD_TWS_DECLARE(kind, id, since, member)                                                    \
    extern const struct td_tws_field td_tws_rows_##kind[];
TD_TWS_REQUESTS(TD_TWS_DECLARE)
TD_TWS_REPLIES(TD_TWS_DECLARE)
#undef TD_TWS_DECLARE

/* Shared tuples of the text form. */
extern const struct td_tws_field td_tws_c12[];   /* td_tws_contract of a request              */
extern const struct td_tws_field td_tws_c13[];   /* the same and includeExpired               */
extern const struct td_tws_field td_tws_cr11[];  /* td_tws_contract of a reply: no primaryExch */
extern const struct td_tws_field td_tws_legs4[]; /* td_tws_leg: four members                  */
/* Of both forms. */
extern const struct td_tws_field td_tws_dnc[];  /* td_tws_delta_neutral */
extern const struct td_tws_field td_tws_pair[]; /* td_tws_tag           */
extern const struct td_tws_field td_tws_word[]; /* td_tws_text          */
/* Messages that protobuf nests (tws_table_proto.c). */
extern const struct td_tws_field td_tws_pb_contract[];
extern const struct td_tws_field td_tws_pb_order[];
extern const struct td_tws_field td_tws_pb_state[];
extern const struct td_tws_field td_tws_pb_details[];          /* on td_tws_contract_data       */
extern const struct td_tws_field td_tws_pb_contract_of_data[]; /* its contract, with last trade */

#endif
