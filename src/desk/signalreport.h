/* desk/signalreport.h - external signals as JSON: how many went which way, and how well they were executed.
 *
 * The same for a running desk (control word `signals`) and for a journal that was read (`report signals`). Times in
 * milliseconds; what is not known is null. Pure.
 */
#ifndef TD_DESK_SIGNALREPORT_H
#define TD_DESK_SIGNALREPORT_H

#include "trade/blotter.h"
#include "trade/mlquality.h"
#include "wire/json.h"

#define TD_SIGNAL_REPORT_ROWS 100 /* of single signals, the newest */

/* Into an object that is open: of the signals that came from `from` on and before `before`. */
void td_signal_report_put(const struct td_blotter *b, td_ns from, td_ns before, struct td_json *j);
/* One signal, into an object that is open. */
void td_signal_row_put(const struct td_mlsignal_row *row, struct td_json *j);

#endif
