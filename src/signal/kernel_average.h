/* signal/kernel_average.h - the moving averages that other indicators choose by number (matype), behind one push.
 *
 * 0 SMA, 1 EMA, 2 WMA, 3 DEMA, 4 TEMA, 5 TRIMA, 6 KAMA, 7 MAMA, 8 T3 as TA-Lib numbers them. A mean over one bar is the bar
 * itself, as in TA-Lib. MAMA has no period: it takes limits 0.5 and 0.05. O(1) a bar. */
#ifndef TD_SIGNAL_KERNEL_AVERAGE_H
#define TD_SIGNAL_KERNEL_AVERAGE_H

#include "signal/kernel_hilbert.h"
#include "signal/kernel_smooth.h"

enum td_matype {
    TD_MA_SMA,
    TD_MA_EMA,
    TD_MA_WMA,
    TD_MA_DEMA,
    TD_MA_TEMA,
    TD_MA_TRIMA,
    TD_MA_KAMA,
    TD_MA_MAMA,
    TD_MA_T3,
};

/* ---- chains of exponential means ---- */

/* As so many td_ema_of of one length, with one look at what they have taken. */
struct td_chain_of {
    double k, keep; /* keep: 1 - k */
    uint32_t n, count[6];
    bool from_first;
    double y[6];
};

static inline void td_chain_init(struct td_chain_of *c, double n, bool from_first)
{
    const double k = 2 / (n + 1);
    *c = (struct td_chain_of){.k = k, .keep = 1 - k, .n = (uint32_t)n, .from_first = from_first};
}

/* True when link i has a value. */
static inline bool td_chain_has(const struct td_chain_of *c, int i)
{
    return c->count[i] >= c->n;
}

/* Each link begins as td_ema_push does. */
static inline bool td_chain_begin(struct td_chain_of *c, double x, int links)
{
    for (int i = 0; i < links; i++) {
        double *y = &c->y[i];
        const bool moves = td_chain_has(c, i) || (c->from_first && c->count[i] > 0);
        *y = moves ? x * c->k + *y * c->keep : *y + x;
        if (!td_chain_has(c, i)) {
            if (++c->count[i] < c->n)
                return false;
            *y = c->from_first ? *y : *y / c->n;
        }
        x = *y;
    }
    return true;
}

/* Each link takes the values of the one before from its first on; true when the last of `links` has one. */
static inline bool td_chain_push(struct td_chain_of *c, double x, int links)
{
    if (TD_UNLIKELY(!td_chain_has(c, links - 1)))
        return td_chain_begin(c, x, links);
    for (int i = 0; i < links; i++)
        x = c->y[i] = x * c->k + c->y[i] * c->keep;
    return true;
}

/* The weights of the last four links. */
static inline void td_t3_weights(double v, double *w)
{
    const double v2 = v * v, v3 = v2 * v;
    w[0] = 1 + 3 * v + v3 + 3 * v2;
    w[1] = -6 * v2 - 3 * v - 3 * v3;
    w[2] = 3 * v2 + 3 * v3;
    w[3] = -v3;
}

static inline double td_t3_value(const double *e, const double *w)
{
    return (w[3] * e[5] + w[2] * e[4]) + (w[1] * e[3] + w[0] * e[2]);
}

/* ---- triangular mean: a mean of a mean ---- */

struct td_trima_of {
    struct td_sum_of inner, outer;
};

static inline void td_trima_init(struct td_trima_of *t, struct td_ind_space *space, double n)
{
    const bool odd = fmod(n, 2) == 1;
    td_sum_init(&t->inner, space, odd ? (n + 1) / 2 : n / 2);
    td_sum_init(&t->outer, space, odd ? (n + 1) / 2 : n / 2 + 1);
}

static inline bool td_trima_push(struct td_trima_of *t, double *mem, double x, double *y)
{
    double mean;
    return td_sma_push(&t->inner, mem, x, &mean) && td_sma_push(&t->outer, mem, mean, y);
}

/* ---- Kaufman's adaptive mean ---- */

struct td_kama_of {
    struct td_ring_of past;
    struct td_sum_of moves;
    struct td_step_of last;
    double y;
};

static inline void td_kama_init(struct td_kama_of *k, struct td_ind_space *space, double n)
{
    td_win_init(&k->past, space, n);
    td_sum_init(&k->moves, space, n);
    k->last = (struct td_step_of){0};
    k->y = 0;
}

/* True from bar n; the mean begins as the value before it. */
static inline bool td_kama_push(struct td_kama_of *k, double *mem, double x, double *y)
{
    double before = 0, old = 0;
    if (td_step_push(&k->last, x, &before))
        (void)td_sum_push(&k->moves, mem, fabs(x - before));
    if (!td_win_lag(&k->past, mem, x, &old)) {
        k->y = x;
        return false;
    }
    const double moves = td_sum_value(&k->moves), gone = x - old;
    const double er = moves <= gone || moves == 0 ? 1 : fabs(gone / moves);
    const double smooth = er * (2.0 / 3 - 2.0 / 31) + 2.0 / 31;
    k->y = (x - k->y) * (smooth * smooth) + k->y;
    *y = k->y;
    return true;
}

/* ---- one of them, by number ---- */

struct td_ma_of {
    enum td_matype type;
    bool bare; /* over one bar */
    double y;  /* of the rarer kinds */
    union {
        struct td_sum_of sma;
        struct td_chain_of chain;
        struct td_wma_of wma;
        struct td_trima_of trima;
        struct td_kama_of kama;
        struct td_mama_of mama;
    } u;
};

static inline int32_t td_ma_lookback(double type, double period)
{
    const int32_t n = (int32_t)period;
    if ((int)type == TD_MA_MAMA)
        return 32;
    if (n <= 1)
        return 0;
    switch ((int)type) {
    case TD_MA_DEMA:
        return 2 * (n - 1);
    case TD_MA_TEMA:
        return 3 * (n - 1);
    case TD_MA_KAMA:
        return n;
    case TD_MA_T3:
        return 6 * (n - 1);
    default:
        return n - 1;
    }
}

static inline void td_ma_init(struct td_ma_of *m, struct td_ind_space *space, double type, double n,
                              bool from_first)
{
    *m = (struct td_ma_of){.type = (enum td_matype)type};
    m->bare = n <= 1 && m->type != TD_MA_MAMA;
    switch (m->type) {
    case TD_MA_WMA:
        td_wma_init(&m->u.wma, space, n);
        break;
    case TD_MA_EMA:
    case TD_MA_DEMA:
    case TD_MA_TEMA:
    case TD_MA_T3:
        td_chain_init(&m->u.chain, n, from_first);
        break;
    case TD_MA_TRIMA:
        td_trima_init(&m->u.trima, space, n);
        break;
    case TD_MA_KAMA:
        td_kama_init(&m->u.kama, space, n);
        break;
    case TD_MA_MAMA:
        td_mama_init(&m->u.mama, 0.5, 0.05);
        break;
    case TD_MA_SMA:
    default:
        td_sum_init(&m->u.sma, space, n);
    }
}

static inline bool td_ma_push_chain(struct td_ma_of *m, double x, double *y)
{
    const double *e = m->u.chain.y;
    double w[4];
    switch (m->type) {
    case TD_MA_DEMA:
        if (!td_chain_push(&m->u.chain, x, 2))
            return false;
        *y = 2 * e[0] - e[1];
        return true;
    case TD_MA_TEMA:
        if (!td_chain_push(&m->u.chain, x, 3))
            return false;
        *y = 3 * e[0] - 3 * e[1] + e[2];
        return true;
    case TD_MA_SMA:
    case TD_MA_EMA:
    case TD_MA_WMA:
    case TD_MA_TRIMA:
    case TD_MA_KAMA:
    case TD_MA_MAMA:
    case TD_MA_T3:
    default:
        if (!td_chain_push(&m->u.chain, x, 6))
            return false;
        td_t3_weights(0.7, w);
        *y = td_t3_value(e, w);
        return true;
    }
}

/* All but the two that most rows take, into m->y; not inlined, so that those stay small. */
__attribute__((noinline, unused)) static bool td_ma_push_other(struct td_ma_of *m, double *mem,
                                                               double x)
{
    switch (m->type) {
    case TD_MA_WMA:
        return td_wma_push(&m->u.wma, mem, x, &m->y);
    case TD_MA_TRIMA:
        return td_trima_push(&m->u.trima, mem, x, &m->y);
    case TD_MA_KAMA:
        return td_kama_push(&m->u.kama, mem, x, &m->y);
    case TD_MA_MAMA:
        if (!td_mama_push(&m->u.mama, x))
            return false;
        m->y = m->u.mama.mama;
        return true;
    case TD_MA_SMA:
    case TD_MA_EMA:
    case TD_MA_DEMA:
    case TD_MA_TEMA:
    case TD_MA_T3:
    default:
        return td_ma_push_chain(m, x, &m->y);
    }
}

/* True when *y holds a value. */
static inline bool td_ma_push(struct td_ma_of *m, double *mem, double x, double *y)
{
    if (TD_UNLIKELY(m->bare)) {
        *y = x;
        return true;
    }
    if (m->type == TD_MA_SMA)
        return td_sma_push(&m->u.sma, mem, x, y);
    if (m->type == TD_MA_EMA) {
        if (!td_chain_push(&m->u.chain, x, 1))
            return false;
        *y = m->u.chain.y[0];
        return true;
    }
    if (!td_ma_push_other(m, mem, x))
        return false;
    *y = m->y;
    return true;
}

#endif
