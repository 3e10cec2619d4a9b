/* trade/position.c - average-cost bookkeeping; computed in locals and stored only when all of it fits. */
#include "trade/position.h"

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t size_of(int64_t qty)
{
    return qty < 0 ? -qty : qty;
}

static enum td_err value_of(td_px px, int64_t qty, td_qty multiplier, td_cash *out)
{
    td_qty units;
    enum td_err err = td_e9_mul(qty, multiplier.e9, &units.e9);
    if (!err)
        err = td_notional(px, units, out);
    return err;
}

/* Profit of closing `closed` of the held quantity at `px`. */
static enum td_err close_part(struct td_holding *h, int64_t closed, td_px px, td_qty multiplier)
{
    td_cash at_entry, at_exit, profit;
    enum td_err err = value_of(h->average, closed, multiplier, &at_entry);
    const bool is_long = h->qty.e9 > 0;
    if (!err)
        err = value_of(px, closed, multiplier, &at_exit);
    if (!err)
        err = is_long ? td_cash_sub(at_exit, at_entry, &profit)
                      : td_cash_sub(at_entry, at_exit, &profit);
    if (!err)
        err = td_cash_add(h->realized, profit, &h->realized);
    if (!err)
        h->qty.e9 += is_long ? -closed : closed;
    return err;
}

static enum td_err open_part(struct td_holding *h, int64_t opened, td_px px, bool buys)
{
    int64_t total, weighted, average;
    const int64_t held = size_of(h->qty.e9);
    enum td_err err = td_e9_add(held, opened, &total);
    /* average = old + (px - old) * opened / total, which stays in range for any two prices */
    if (!err)
        err = td_e9_sub(px.e9, h->average.e9, &weighted);
    if (!err)
        err = held == 0 ? TD_OK : td_i64_muldiv(weighted, opened, total, &weighted);
    if (!err)
        err = td_e9_add(h->average.e9, weighted, &average);
    if (err)
        return err;
    h->average.e9 = average;
    h->qty.e9 = buys ? h->qty.e9 + opened : h->qty.e9 - opened;
    return TD_OK;
}

enum td_err td_holding_fill(struct td_holding *h, enum td_action action, td_qty qty, td_px px,
                            td_qty multiplier)
{
    if (td_qty_is_none(qty) || qty.e9 <= 0 || td_px_is_none(px))
        return TD_ERANGE;
    struct td_holding next = *h;
    const bool buys = action == TD_BUY;
    const bool closes = buys ? h->qty.e9 < 0 : h->qty.e9 > 0;
    const int64_t closed = closes ? smaller(size_of(h->qty.e9), qty.e9) : 0;
    td_cash value;
    enum td_err err = value_of(px, qty.e9, multiplier, &value);
    if (!err)
        err = td_cash_add(buys ? next.bought : next.sold, value, buys ? &next.bought : &next.sold);
    if (!err && closed)
        err = close_part(&next, closed, px, multiplier);
    if (next.qty.e9 == 0)
        next.average = TD_PX(0);
    if (!err && qty.e9 > closed)
        err = open_part(&next, qty.e9 - closed, px, buys);
    if (err)
        return err;
    next.fills++;
    *h = next;
    return TD_OK;
}

enum td_err td_holding_fee(struct td_holding *h, td_cash fee)
{
    return td_cash_add(h->fees, fee, &h->fees);
}

enum td_err td_holding_unrealized(const struct td_holding *h, td_px mark, td_qty multiplier,
                                  td_cash *out)
{
    td_cash now, cost;
    if (h->qty.e9 == 0) {
        *out = TD_CASH(0);
        return TD_OK;
    }
    if (td_px_is_none(mark))
        return TD_ERANGE;
    enum td_err err = value_of(mark, h->qty.e9, multiplier, &now);
    if (!err)
        err = value_of(h->average, h->qty.e9, multiplier, &cost);
    return err ? err : td_cash_sub(now, cost, out);
}

enum td_err td_holding_net(const struct td_holding *h, td_px mark, td_qty multiplier, td_cash *out)
{
    td_cash net;
    enum td_err err = td_holding_unrealized(h, mark, multiplier, &net);
    if (!err)
        err = td_cash_add(net, h->realized, &net);
    if (!err)
        err = td_cash_sub(net, h->fees, &net);
    if (!err)
        *out = net;
    return err;
}
