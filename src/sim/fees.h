/* sim/fees.h - what the broker charges for an execution.
 *
 * Source: IBKR's published fixed pricing (United States): stocks and ETFs USD 0.005 a share, at least 1.00
 * and at most 1 % of trade value per order; E-mini futures USD 2.25 a contract, which is IBKR's 0.85 plus
 * exchange, clearing and regulatory fees; stock options USD 0.65 a contract,
 * at least 1.00; spot currencies 0.2 basis points, at least 2.00 per order.
 * For stocks, fixed pricing includes exchange fees; the regulatory fees on sales (SEC, FINRA TAF) are NOT included.
 * The minimum and maximum hold per order: partial fills are charged by the difference of running totals.
 */
#ifndef TD_SIM_FEES_H
#define TD_SIM_FEES_H

#include "base/num.h"

struct td_fee_row {
    const char *sec_type; /* "STK" */
    td_cash per_unit;     /* per share or contract          */
    td_cash minimum;      /* per order                      */
    int64_t maximum_ppm;  /* of trade value, 0: no maximum  */
    int64_t value_ppb;    /* part of trade value, 1e-9      */
};

/* The row for a security type; unknown types are charged as stocks. */
const struct td_fee_row *td_fee_for(const char *sec_type);

/* The whole fee of an order that has filled `qty` (> 0) for `value` (price x qty x multiplier, >= 0).
 * TD_ERANGE when it does not fit. */
TD_MUST_CHECK enum td_err td_fee_total(const struct td_fee_row *row, td_qty qty, td_cash value,
                                       td_cash *out);

#endif
