/* trade/position.h - positions and profit in fixed point, from executions alone.
 *
 * Average cost: buying into a long (or selling into a short) averages the price, the other way realises
 * profit; crossing zero closes the old side first. Fees are kept apart and lower the net. A correction
 * (an execution that replaces an earlier one) is applied as the reverse of the old and then the new.
 */
#ifndef TD_TRADE_POSITION_H
#define TD_TRADE_POSITION_H

#include "market/event.h"
#include "market/instrument.h"

struct td_holding {
    td_qty qty;       /* signed */
    td_px average;    /* entry price of what is held; 0 when flat */
    td_cash realized; /* before fees */
    td_cash fees;
    td_cash bought; /* value bought and sold, for the reports */
    td_cash sold;
    int64_t fills;
};

/* Books one fill. TD_ERANGE: money or quantity leaves its range; nothing is changed. */
TD_MUST_CHECK enum td_err td_holding_fill(struct td_holding *h, enum td_action action, td_qty qty,
                                          td_px px, td_qty multiplier);
/* Books a fee (negative: a rebate). */
TD_MUST_CHECK enum td_err td_holding_fee(struct td_holding *h, td_cash fee);
/* Profit of what is held at `mark`; 0 when flat. TD_ERANGE when mark is unset and something is held. */
TD_MUST_CHECK enum td_err td_holding_unrealized(const struct td_holding *h, td_px mark,
                                                td_qty multiplier, td_cash *out);
/* Realized + unrealized - fees. */
TD_MUST_CHECK enum td_err td_holding_net(const struct td_holding *h, td_px mark, td_qty multiplier,
                                         td_cash *out);

#endif
