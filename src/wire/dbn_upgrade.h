/* wire/dbn_upgrade.h - records of DBN versions 1 and 2 in the form of version 3.
 *
 * Fields go by name: widened numbers keep their value and their "not given", longer texts are padded. What the old form
 * had not is as td_dbn_blank leaves it; what version 3 no longer has is dropped (four fields of definitions: the
 * trading reference, its date, md_security_trading_status, settl_price_type). The code of an old error or system
 * message is told from its text. Types that never changed are copied.
 */
#ifndef TD_WIRE_DBN_UPGRADE_H
#define TD_WIRE_DBN_UPGRADE_H

#include "wire/dbn_layout.h"

/* `record` is a whole one of `from` (raw of struct td_dbn_record, without ts_out) as version `version`. Writes into
 * out[TD_DBN_BYTES_MAX] and gives the table of what stands there. NULL: a type unknown, or too long to copy;
 * `out` is then untouched. */
const struct td_dbn_layout *td_dbn_upgrade(struct td_str record, uint8_t version, void *out);

#endif
