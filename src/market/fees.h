/* market/fees.h - what a trade costs: the broker's commission, and what exchanges and regulators take, by date.
 *
 * One table for the simulator, which charges by it, and for the desk, which expects by it before an order is sent and
 * compares with the broker's bill after. Pure, fixed point; amounts are US dollars.
 *
 *   commission   IBKR Pro. Stocks and ETFs: fixed 0.005 a share, at least 1.00, at most 1 % of the value; tiered (up to 300,000
 *                shares a month) 0.0035, at least 0.35, at most 1 %. Options 0.65, at least 1.00. Spot currencies 0.2 basis
 *                points, at least 2.00. Futures by product, where exchange and regulator are in the same sum
 *   exchange     tiered stocks alone: 0.003 a share that takes liquidity (rebates of resting orders differ by venue and are
 *                not counted), 0.0002 clearing, and 0.000738 of the commission passed through
 *   regulatory   sales of stocks: the SEC's fee on the value and FINRA's on the shares, by the day of the trade. The
 *                consolidated audit trail's fee, some 0.0001 a share, changes too often to be a row
 *
 * Minimum and maximum hold per order: partial fills are charged by the difference of running totals.
 * Source: IBKR's commission pages for stocks, options, futures and currencies (2025); SEC fee rate advisories and FINRA notices
 * of the days given. A row of a later day replaces the earlier; where a bill differs, the desk says so.
 */
#ifndef TD_MARKET_FEES_H
#define TD_MARKET_FEES_H

#include "base/num.h"

enum td_fee_plan { TD_FEE_FIXED, TD_FEE_TIERED };

struct td_fee_row {
    uint8_t plan;         /* enum td_fee_plan */
    const char *sec_type; /* "STK" */
    const char *product;  /* symbol or trading class of a future; NULL: any */
    td_cash per_unit;     /* per share or contract          */
    td_cash minimum;      /* per order                      */
    int64_t maximum_ppm;  /* of trade value, 0: no maximum  */
    int64_t value_ppb;    /* part of trade value, 1e-9      */
};

/* The row for a security type and product: the product's own, else the type's, else that of stocks. The tiered plan differs
 * for stocks only. */
const struct td_fee_row *td_fee_find(enum td_fee_plan plan, const char *sec_type,
                                     const char *product);

/* The commission of an order that has filled `qty` (> 0) for `value` (price x qty x multiplier, >= 0).
 * TD_ERANGE when it does not fit. */
TD_MUST_CHECK enum td_err td_fee_total(const struct td_fee_row *row, td_qty qty, td_cash value,
                                       td_cash *out);

/* One order, filled or as it would fill. */
struct td_fee_ask {
    enum td_fee_plan plan;
    const char *sec_type, *product;
    int64_t day; /* since 1970, of the trade */
    bool sells;
    bool takes; /* it takes liquidity */
    td_qty qty;
    td_cash value;
};

struct td_fee_bill {
    td_cash commission, exchange, regulatory, total;
};

/* TD_ERANGE: a quantity or value below 0, or a sum that does not fit. */
TD_MUST_CHECK enum td_err td_fee_expect(const struct td_fee_ask *ask, struct td_fee_bill *out);

#endif
