/* history/depth_series.c - steps that double their width. */
#include "history/depth_series.h"

#include <string.h>

/* `later` follows `s` in time. */
static void join(struct td_series_step *s, const struct td_series_step *later)
{
    if (later->n == 0)
        return;
    struct td_series_step both = *later;
    if (s->n) {
        both.n += s->n;
        both.mid_sum += s->mid_sum;
        both.spread_sum += s->spread_sum;
        both.imbalance_sum += s->imbalance_sum;
        both.mid_low = s->mid_low < both.mid_low ? s->mid_low : both.mid_low;
        both.mid_high = s->mid_high > both.mid_high ? s->mid_high : both.mid_high;
        both.spread_high = s->spread_high > both.spread_high ? s->spread_high : both.spread_high;
    }
    *s = both;
}

static void widen(struct td_series *s)
{
    static const struct td_series_step empty;
    for (size_t i = 0; i < TD_SERIES_STEPS; i++) {
        const struct td_series_step step = s->steps[i];
        if (i % 2 == 0)
            s->steps[i / 2] = step;
        else
            join(&s->steps[i / 2], &step);
    }
    for (size_t i = TD_SERIES_STEPS / 2; i < TD_SERIES_STEPS; i++)
        s->steps[i] = empty;
    s->width_ns *= 2;
}

static void keep_book(struct td_series_step *step, const struct td_ladder *b)
{
    for (int side = TD_ASK; side <= TD_BID; side++) {
        const int32_t n = b->rows[side] < TD_SERIES_LEVELS ? b->rows[side] : TD_SERIES_LEVELS;
        step->rows[side] = n;
        memcpy(step->px[side], b->px[side], (size_t)n * sizeof(double));
        memcpy(step->qty[side], b->qty[side], (size_t)n * sizeof(double));
    }
}

void td_series_push(struct td_series *s, td_ns at, const struct td_ladder *b, double imbalance)
{
    const double mid = td_ladder_mid(b), spread = td_ladder_spread(b);
    if (s->width_ns == 0) {
        s->first_ns = at;
        s->width_ns = 100 * TD_MS;
    }
    while ((at - s->first_ns) / s->width_ns >= TD_SERIES_STEPS)
        widen(s);
    const size_t place = (size_t)((at - s->first_ns) / s->width_ns);
    struct td_series_step *step = &s->steps[place];
    if (step->n++ == 0) {
        step->mid_low = step->mid_high = mid;
        step->spread_high = spread;
    }
    step->mid_sum += mid;
    step->mid_low = mid < step->mid_low ? mid : step->mid_low;
    step->mid_high = mid > step->mid_high ? mid : step->mid_high;
    step->spread_sum += spread;
    step->spread_high = spread > step->spread_high ? spread : step->spread_high;
    step->imbalance_sum += imbalance;
    keep_book(step, b);
    s->count = place + 1;
}
