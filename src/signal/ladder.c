/* signal/ladder.c - the rare rows of a book, and sums over its levels. */
#include "signal/ladder.h"

#include <math.h>
#include <string.h>

static bool is_better(enum td_side side, double a, double b)
{
    return side == TD_BID ? a > b : a < b;
}

uint32_t td_ladder_place(struct td_ladder *b, enum td_side side, double px, double qty)
{
    double *prices = b->px[side], *sizes = b->qty[side];
    int32_t n = b->rows[side], at = n;
    if (!(px >= 0 && px <= TD_LADDER_PX_MAX && qty >= 0 && qty <= TD_LADDER_QTY_MAX))
        return TD_LADDER_BAD;
    if (px == 0 || qty == 0)
        return 0;
    while (at > 0 && is_better(side, px, prices[at - 1]))
        at--;
    const uint32_t order = at < n ? TD_LADDER_DISORDER : 0;
    if (at > 0 && prices[at - 1] == px) {
        sizes[at - 1] += qty;
        return order | TD_LADDER_MERGED;
    }
    if (at == TD_LADDER_LEVELS)
        return order;
    n = n < TD_LADDER_LEVELS ? n : TD_LADDER_LEVELS - 1;
    memmove(prices + at + 1, prices + at, (size_t)(n - at) * sizeof *prices);
    memmove(sizes + at + 1, sizes + at, (size_t)(n - at) * sizeof *sizes);
    prices[at] = px;
    sizes[at] = qty;
    b->rows[side] = n + 1;
    return order;
}

uint32_t td_ladder_fill(struct td_ladder *b, enum td_side side, const double *px, const double *qty,
                        int32_t rows)
{
    double *prices = b->px[side], *sizes = b->qty[side];
    const double sign = side == TD_BID ? -1 : 1; /* so that prices of either side rise */
    double last = -2 * TD_LADDER_PX_MAX;
    uint32_t seen = 0;
    int32_t n = 0;
    for (; n < rows && n < TD_LADDER_LEVELS; n++) { /* best first, nothing missing: most books */
        const double p = px[n], q = qty[n], key = p * sign;
        if (!(p > 0 && p <= TD_LADDER_PX_MAX && key > last && q > 0 && q <= TD_LADDER_QTY_MAX))
            break;
        prices[n] = p;
        sizes[n] = q;
        last = key;
    }
    b->rows[side] = n;
    for (; n < rows; n++)
        seen |= td_ladder_place(b, side, px[n], qty[n]);
    return seen;
}

double td_ladder_depth(const struct td_ladder *b, enum td_side side, int32_t levels)
{
    const int32_t n = b->rows[side] < levels ? b->rows[side] : levels;
    double sum = 0;
    for (int32_t i = 0; i < n; i++)
        sum += b->qty[side][i];
    return sum;
}

double td_ladder_imbalance(const struct td_ladder *b, int32_t levels)
{
    const double bid = td_ladder_depth(b, TD_BID, levels), ask = td_ladder_depth(b, TD_ASK, levels);
    return bid + ask > 0 ? (bid - ask) / (bid + ask) : 0;
}

double td_ladder_near(const struct td_ladder *b, enum td_side side, double span)
{
    const double best = b->px[side][0];
    double sum = 0;
    for (int32_t i = 0; i < b->rows[side] && fabs(b->px[side][i] - best) <= span; i++)
        sum += b->qty[side][i];
    return sum;
}
