/* signal/sma.c - the batch form is the streaming form in a loop, so they cannot differ. */
#include "signal/sma.h"

#include <math.h>

void td_sma_init(struct td_sma *s, int32_t period)
{
    TD_REQUIRE(period >= 1 && period <= TD_SMA_PERIOD_MAX);
    s->sum = s->carry = 0;
    s->period = period;
    s->count = s->at = 0;
}

static void add(struct td_sma *s, double value)
{
    const double sum = s->sum + value;
    s->carry += fabs(s->sum) >= fabs(value) ? (s->sum - sum) + value : (value - sum) + s->sum;
    s->sum = sum;
}

double td_sma_push(struct td_sma *s, double value)
{
    if (s->count == s->period)
        add(s, -s->window[s->at]);
    else
        s->count++;
    s->window[s->at] = value;
    s->at = s->at + 1 == s->period ? 0 : s->at + 1;
    add(s, value);
    return s->count < s->period ? (double)NAN : (s->sum + s->carry) / s->period;
}

void td_sma_batch(const double *in, double *out, size_t n, int32_t period)
{
    struct td_sma s;
    td_sma_init(&s, period);
    for (size_t i = 0; i < n; i++)
        out[i] = td_sma_push(&s, in[i]);
}
