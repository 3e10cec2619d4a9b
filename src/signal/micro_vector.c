/* signal/micro_vector.c - the features of the moment, from the state of signal/micro.c. */
#include "signal/micro.h"

#include <float.h>

static const double none = (double)NAN;

static bool both(const struct td_micro_book *b, int k)
{
    return b->bid.px[k] > 0 && b->bid.qty[k] > 0 && b->ask.px[k] > 0 && b->ask.qty[k] > 0;
}

/* ---- the best prices ---- */

static void put_best(const struct td_micro *m, double *out)
{
    const double bid = m->book.bid.px[0], ask = m->book.ask.px[0];
    const double bid_qty = m->book.bid.qty[0], ask_qty = m->book.ask.qty[0];
    const double all = bid_qty + ask_qty, micro = (bid * ask_qty + ask * bid_qty) / all;
    out[TD_MICRO_MID] = m->mid;
    out[TD_MICRO_SPREAD] = ask - bid;
    out[TD_MICRO_REL_SPREAD] = 1e4 * (ask - bid) / m->mid;
    out[TD_MICRO_MICROPRICE] = micro;
    out[TD_MICRO_MICRO_DEV] = (micro - m->mid) / (ask - bid);
    out[TD_MICRO_IMB_L1] = (bid_qty - ask_qty) / all;
}

/* ---- all levels ---- */

/* Sums of one side for the slope of summed size on distance. */
struct fit {
    double n, d, c, dd, dc, size;
};

static void add_level(struct fit *f, double distance, double qty)
{
    f->size += qty;
    f->n += 1;
    f->d += distance;
    f->c += f->size;
    f->dd += distance * distance;
    f->dc += distance * f->size;
}

static double slope(const struct fit *f)
{
    const double below = f->n * f->dd - f->d * f->d;
    return f->n > 1 && below > 0 ? (f->n * f->dc - f->d * f->c) / below : none;
}

static void put_depth(const struct td_micro *m, double *out)
{
    struct fit bid = {0}, ask = {0};
    double lean = 0, all = 0, push_bid = 0, push_ask = 0;
    for (int k = 0; k < TD_MICRO_LEVELS; k++) {
        if (!both(&m->book, k))
            continue;
        const double b = m->book.bid.qty[k], a = m->book.ask.qty[k], w = 1.0 / (k + 1);
        const double to_bid = m->mid - m->book.bid.px[k], to_ask = m->book.ask.px[k] - m->mid;
        lean += w * (b - a);
        all += w * (b + a);
        push_bid += b / to_bid;
        push_ask += a / to_ask;
        add_level(&bid, to_bid, b);
        add_level(&ask, to_ask, a);
    }
    out[TD_MICRO_DEPTH_IMB] = lean / all;
    out[TD_MICRO_BOOK_PRESSURE] = (push_bid - push_ask) / (push_bid + push_ask);
    out[TD_MICRO_BOOK_SLOPE] = (slope(&bid) + slope(&ask)) / 2;
}

/* Mean price of taking `qty` from a side; NaN when it is too thin. */
static double sweep(const struct td_micro_levels *l, double qty)
{
    double left = qty, money = 0;
    for (int k = 0; k < TD_MICRO_LEVELS && left > 0; k++) {
        const double part = l->px[k] > 0 ? td_min(left, l->qty[k]) : 0;
        money += part * l->px[k];
        left -= part;
    }
    return left > 0 ? none : money / qty;
}

static double gap(const struct td_micro *m, const struct td_micro_levels *l, int k, double side)
{
    const bool there = l->px[k] > 0 && l->qty[k] > 0 && l->px[k + 1] > 0 && l->qty[k + 1] > 0;
    return there ? side * (l->px[k] - l->px[k + 1]) / m->config.tick : none;
}

static void put_book(const struct td_micro *m, int64_t now_ns, double *out)
{
    put_best(m, out);
    put_depth(m, out);
    out[TD_MICRO_SWEEP_BUY] = sweep(&m->book.ask, m->config.sweep_qty) - m->mid;
    out[TD_MICRO_SWEEP_SELL] = m->mid - sweep(&m->book.bid, m->config.sweep_qty);
    for (int k = 0; k < 3; k++) {
        out[TD_MICRO_BID_GAP_1 + k] = gap(m, &m->book.bid, k, 1);
        out[TD_MICRO_ASK_GAP_1 + k] = gap(m, &m->book.ask, k, -1);
    }
    for (int k = 0; k < TD_MICRO_FLOWS; k++)
        out[TD_MICRO_MLOFI_1 + k] = m->flow[k];
    out[TD_MICRO_OFI] = m->flow[0];
    out[TD_MICRO_OFI_DEPTH] = m->depth > 0 ? m->flow[0] / (m->depth / m->updates) : none;
    out[TD_MICRO_QUOTE_AGE] = (double)(now_ns - m->quote_ns) / 1e9;
    const double sd = sqrt(td_moment_sample(&m->spread));
    if (td_win_full(&m->spread.ring))
        out[TD_MICRO_SPREAD_Z] =
            sd > 0 ? (out[TD_MICRO_SPREAD] - td_moment_mean(&m->spread)) / sd : 0;
}

/* ---- trades and intervals ---- */

static void put_decayed(const struct td_micro *m, int64_t now_ns, double *out)
{
    const double dt = (double)(now_ns - m->decay_ns) / 1e9;
    const double by_60 = dt > 0 ? exp(-dt / 60) : 1;
    const double by_10 = dt > 0 ? exp(-dt / 10) : 1, by_1 = dt > 0 ? exp(-dt) : 1;
    out[TD_MICRO_TRADE_RATE_1] = m->rate[0] * by_1;
    out[TD_MICRO_TRADE_RATE_10] = m->rate[1] * by_10;
    out[TD_MICRO_TRADE_RATE_60] = m->rate[2] * by_60;
    out[TD_MICRO_QUEUE_DEPLETION] = m->lost * by_10;
    out[TD_MICRO_CANCEL_RATE] = m->cancels * by_10;
    out[TD_MICRO_FLOW_IMB] = m->all_flow > 0 ? m->signed_flow / m->all_flow : none;
}

/* A price is off by up to half a unit in its last place, a difference of two by twice that: covariance that such errors make
 * is none. */
static double roll_spread(const struct td_micro *m)
{
    const double n = m->roll.n, covariance = m->roll.xy / n;
    const double noise = 4 * DBL_EPSILON * m->last_px * sqrt(m->roll.squares[0] / n);
    return covariance < -noise ? 2 * sqrt(-covariance) : 0;
}

static void put_trades(const struct td_micro *m, double *out)
{
    out[TD_MICRO_TRADE_SIGN] = m->has_px ? m->sign : none;
    out[TD_MICRO_CVD] = m->cvd;
    out[TD_MICRO_EFF_SPREAD] = m->eff;
    out[TD_MICRO_REALISED_SPREAD] = m->realised;
    if (m->roll.count == m->roll.n)
        out[TD_MICRO_ROLL_SPREAD] = roll_spread(m);
    if (m->bucket_count == (uint32_t)m->config.buckets) {
        double sum = 0;
        for (uint32_t i = 0; i < m->bucket_count; i++)
            sum += m->imbalance[i];
        out[TD_MICRO_VPIN] = sum / (m->config.buckets * m->config.bucket_qty);
    }
}

static void put_intervals(const struct td_micro *m, double *out)
{
    if (m->kyle.count == m->kyle.n) {
        out[TD_MICRO_KYLE] = td_pair_slope(&m->kyle);
        out[TD_MICRO_HASBROUCK] = td_pair_slope(&m->hasbrouck);
    }
    if (m->rv.full) {
        out[TD_MICRO_RV] = td_sum_value(&m->rv);
        out[TD_MICRO_RSEMI_UP] = td_sum_value(&m->up);
        out[TD_MICRO_RSEMI_DOWN] = td_sum_value(&m->down);
    }
    if (m->bv.full) {
        out[TD_MICRO_BV] = 1.57079632679489661923 * td_sum_value(&m->bv);
        out[TD_MICRO_JUMP] = td_max(out[TD_MICRO_RV] - out[TD_MICRO_BV], 0);
    }
}

void td_micro_values(const struct td_micro *m, int64_t now_ns, double *out)
{
    for (int i = 0; i < TD_MICRO_COUNT; i++)
        out[i] = none;
    if (m->has_book && now_ns - m->book.at_ns <= m->config.stale_ns)
        put_book(m, now_ns, out);
    if (m->changes >= TD_MICRO_CHANGES)
        out[TD_MICRO_MICRO_VOL] = sqrt(m->change_var);
    put_decayed(m, now_ns, out);
    put_trades(m, out);
    put_intervals(m, out);
}
