/* signal/indicator.c - the table put together, and the two drivers. */
#include "signal/indicator.h"

#include <math.h>
#include <string.h>

#include "signal/rows.h"

/* In front of every state: which row it belongs to, where its windows begin. */
struct head {
    uint32_t tag;
    uint32_t fixed_bytes; /* rounded up to pairs of doubles */
    uint32_t bytes;
    uint32_t inputs;
};

static const struct td_indicator *const tables[] = {
    td_rows_average,    td_rows_weighted,   td_rows_trend,      td_rows_directional,
    td_rows_stops,      td_rows_regression, td_rows_momentum,   td_rows_rates,
    td_rows_macd,       td_rows_stochastic, td_rows_oscillator, td_rows_range,
    td_rows_volatility, td_rows_volume,     td_rows_turnover,   td_rows_price,
    td_rows_statistics, td_rows_regime,     td_rows_cycle,      td_rows_math,
    td_rows_candle,
};

static size_t rows_of(const struct td_indicator *table)
{
    size_t n = 0;
    while (table[n].name)
        n++;
    return n;
}

size_t td_indicator_count(void)
{
    size_t n = 0;
    for (size_t t = 0; t < TD_COUNT(tables); t++)
        n += rows_of(tables[t]);
    return n;
}

const struct td_indicator *td_indicator_at(size_t i)
{
    for (size_t t = 0; t < TD_COUNT(tables); t++) {
        const size_t n = rows_of(tables[t]);
        if (i < n)
            return &tables[t][i];
        i -= n;
    }
    TD_REQUIRE(false); /* there is no such row */
    return NULL;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool same_word(struct td_str a, const char *b)
{
    if (!b || strlen(b) != a.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (lower(a.p[i]) != lower(b[i]))
            return false;
    return true;
}

const struct td_indicator *td_indicator_find(struct td_str name)
{
    const size_t n = td_indicator_count();
    for (int which = 0; which < 3; which++)
        for (size_t i = 0; i < n; i++) {
            const struct td_indicator *row = td_indicator_at(i);
            if (same_word(name, which == 0 ? row->name : which == 1 ? row->talib : row->tulip))
                return row;
        }
    return NULL;
}

int32_t td_indicator_inputs(const struct td_indicator *row)
{
    int32_t n = 0;
    while (n < TD_IND_INPUTS_MAX && row->inputs[n])
        n++;
    return n;
}

int32_t td_indicator_outputs(const struct td_indicator *row)
{
    int32_t n = 0;
    while (n < TD_IND_OUTPUTS_MAX && row->outputs[n])
        n++;
    return n;
}

int32_t td_indicator_params(const struct td_indicator *row)
{
    int32_t n = 0;
    while (n < TD_IND_PARAMS_MAX && row->params[n].name)
        n++;
    return n;
}

void td_indicator_presets(const struct td_indicator *row, double *params)
{
    for (int32_t i = 0; i < TD_IND_PARAMS_MAX; i++)
        params[i] = row->params[i].name ? row->params[i].preset : 0;
}

/* The next letter that counts, or 0. */
static char letter(struct td_str *s)
{
    while (s->len > 0) {
        const char c = lower(*s->p);
        s->p++;
        s->len--;
        if (c != '_' && c != '-' && c != ' ')
            return c;
    }
    return '\0';
}

static bool same_param(struct td_str given, const char *word)
{
    struct td_str b = td_str_of(word ? word : "");
    if (given.len > 5 && memcmp(given.p, "optIn", 5) == 0)
        given = (struct td_str){given.p + 5, given.len - 5};
    for (;;) {
        const char x = letter(&given), y = letter(&b);
        if (x != y)
            return false;
        if (!x)
            return true;
    }
}

int32_t td_indicator_param(const struct td_indicator *row, struct td_str name)
{
    const int32_t n = td_indicator_params(row);
    if (name.len == 0)
        return -1;
    for (int32_t i = 0; i < n; i++)
        if (same_param(name, row->params[i].name) ||
            (row->params[i].alias && same_param(name, row->params[i].alias)))
            return i;
    return -1;
}

enum td_err td_indicator_check(const struct td_indicator *row, const double *params,
                               struct td_fail *why)
{
    const int32_t n = td_indicator_params(row);
    for (int32_t i = 0; i < n; i++) {
        const struct td_ind_param *p = &row->params[i];
        if (params[i] >= p->low && params[i] <= p->high &&
            (!p->whole || floor(params[i]) == params[i]))
            continue;
        return td_fail_set(why, TD_ERANGE, "%s: %s is %.10g; expected %s from %.10g to %.10g",
                           row->name, p->name, params[i], p->whole ? "an integer" : "a number",
                           p->low, p->high);
    }
    return TD_OK;
}

int32_t td_indicator_lookback(const struct td_indicator *row, const double *params)
{
    return row->lookback(params);
}

static uint32_t tag_of(const struct td_indicator *row)
{
    uint32_t h = 2166136261u;
    for (const char *c = row->name; *c; c++)
        h = (h ^ (uint8_t)*c) * 16777619u;
    return h;
}

static struct head measure(const struct td_indicator *row, const double *params)
{
    _Alignas(16) unsigned char fixed[TD_IND_FIXED_MAX] = {0};
    struct td_ind_space space = {0};
    TD_REQUIRE(row->fixed_bytes <= sizeof fixed);
    row->init(fixed, &space, params);
    /* a multiple of 16: a pair of doubles that crosses a page costs a step its whole time */
    const uint32_t fixed_bytes = ((uint32_t)row->fixed_bytes + 15u) & ~15u;
    return (struct head){.tag = tag_of(row),
                         .fixed_bytes = fixed_bytes,
                         .bytes = (uint32_t)sizeof(struct head) + fixed_bytes + 8u * space.used,
                         .inputs = (uint32_t)td_indicator_inputs(row)};
}

size_t td_indicator_state_size(const struct td_indicator *row, const double *params)
{
    return (size_t)measure(row, params).bytes;
}

void td_indicator_init(const struct td_indicator *row, const double *params, void *state)
{
    const struct head head = measure(row, params);
    struct td_ind_space space = {0};
    memset(state, 0, (size_t)head.bytes);
    memcpy(state, &head, sizeof head);
    row->init((char *)state + sizeof head, &space, params);
}

void *td_indicator_fixed(void *state)
{
    return (char *)state + sizeof(struct head);
}

static double *windows(void *state)
{
    const struct head *head = state;
    return (double *)(void *)((char *)state + sizeof *head + head->fixed_bytes);
}

double *td_indicator_windows(void *state)
{
    return windows(state);
}

enum td_err td_indicator_step(const struct td_indicator *row, void *state, const double *in,
                              double *out)
{
    const struct head *head = state;
    double probe = 0; /* 0 times a NaN or an infinity is a NaN */
    TD_CHECK(head->fixed_bytes >= row->fixed_bytes);
    for (uint32_t k = 0; k < head->inputs; k++)
        probe += in[k] * 0.0;
    if (TD_UNLIKELY(probe != 0))
        return TD_EINVAL;
    const enum td_ind_said said = row->step((char *)state + sizeof *head, windows(state), in, out);
    if (TD_LIKELY(said == TD_IND_VALUE))
        return TD_OK;
    return said == TD_IND_REFUSE ? TD_EINVAL : TD_EAGAIN;
}

enum td_err td_indicator_peek(const struct td_indicator *row, const void *state, void *scratch,
                              const double *in, double *out)
{
    memcpy(scratch, state, (size_t)((const struct head *)state)->bytes);
    return td_indicator_step(row, scratch, in, out);
}

/* Four sums side by side: one alone waits for its own additions. */
bool td_indicator_finite(const double *x, size_t n)
{
    double a = 0, b = 0, c = 0, d = 0; /* 0 times a NaN or an infinity is a NaN */
    size_t i = 0;
    for (; i + 4 <= n; i += 4) {
        a += x[i] * 0.0;
        b += x[i + 1] * 0.0;
        c += x[i + 2] * 0.0;
        d += x[i + 3] * 0.0;
    }
    for (; i < n; i++)
        a += x[i] * 0.0;
    return (a + b) + (c + d) == 0;
}

void td_indicator_batch(const struct td_indicator *row, void *state, const double *const *in,
                        double *const *out, size_t n)
{
    const struct head *head = state;
    bool finite = true;
    TD_REQUIRE(head->tag == tag_of(row));
    for (uint32_t k = 0; k < head->inputs && finite; k++)
        finite = td_indicator_finite(in[k], n);
    row->batch((char *)state + sizeof *head, windows(state), in, out, n, finite);
}
