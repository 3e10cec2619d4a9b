/* tests/signal/series.h - series for the indicator tests, and one way to run a row over them. */
#ifndef TD_TESTS_SERIES_H
#define TD_TESTS_SERIES_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "signal/indicator.h"
#include "support/support.h"

#define SERIES_MAX 1024

/* The number at `at`; *end behind it, or at `at` when there is none. */
static inline double series_number(const char *at, const char **end)
{
    char text[48];
    double value = 0;
    int used = 0;
    const size_t len = strspn(at, " +-.0123456789eE");
    (void)snprintf(text, sizeof text, "%.*s", (int)(len < 47 ? len : 47), at);
    if (sscanf(text, "%lf%n", &value, &used) != 1)
        used = 0;
    if (end)
        *end = at + used;
    return value;
}

enum column { OPEN, HIGH, LOW, CLOSE, VOLUME, PERIODS, MINUTE, WEEKDAY, COLUMNS };

struct series {
    size_t n;
    double column[COLUMNS][SERIES_MAX];
};

/* The generator of the golden series; ticks of 0.01. */
static inline uint32_t series_draw(uint32_t *seed, uint32_t below)
{
    *seed = (*seed * 1103515245u + 12345u) & 0x7fffffffu;
    return (*seed >> 16) % below;
}

static inline void series_calendar(struct series *s)
{
    for (size_t i = 0; i < s->n; i++) {
        s->column[PERIODS][i] = 2 + (double)(i * 7 % 35);
        s->column[MINUTE][i] = (double)(i % 390);
        s->column[WEEKDAY][i] = (double)(i / 390 % 5);
    }
}

/* A walk in ticks around 100; `jump` ticks now and then between bars. */
static inline void series_walk(struct series *s, size_t n, uint32_t seed, uint32_t jump)
{
    int64_t last = 10000;
    s->n = n;
    for (size_t i = 0; i < n; i++) {
        int64_t open = last + series_draw(&seed, 21) - 10;
        if (jump > 0 && series_draw(&seed, 25) == 0)
            open += (int64_t)series_draw(&seed, 2 * jump + 1) - jump;
        open = open < 500 ? 500 : open;
        int64_t close = open + series_draw(&seed, 101) - 50;
        close = close < 300 ? 300 : close;
        const int64_t high = (open > close ? open : close) + series_draw(&seed, 40);
        const int64_t low = (open < close ? open : close) - series_draw(&seed, 40);
        s->column[OPEN][i] = (double)open / 100;
        s->column[HIGH][i] = (double)high / 100;
        s->column[LOW][i] = (double)low / 100;
        s->column[CLOSE][i] = (double)close / 100;
        s->column[VOLUME][i] = 1000 + series_draw(&seed, 5000);
        last = close;
    }
    series_calendar(s);
}

/* Every price the same. */
static inline void series_constant(struct series *s, size_t n, double price)
{
    series_walk(s, n, 1, 0);
    for (size_t i = 0; i < n; i++)
        s->column[OPEN][i] = s->column[HIGH][i] = s->column[LOW][i] = s->column[CLOSE][i] = price;
}

/* Prices that go from 1e-4 to 1e6 and back, with bars without volume. */
static inline void series_extreme(struct series *s, size_t n, uint32_t seed)
{
    series_walk(s, n, seed, 0);
    for (size_t i = 0; i < n; i++) {
        const double way = (double)(i % 200) / 100, level = way < 1 ? way : 2 - way;
        const double factor = pow(10, -6 + 10 * level);
        for (int c = OPEN; c <= CLOSE; c++)
            s->column[c][i] *= factor;
        if (i % 17 == 3)
            s->column[VOLUME][i] = 0;
    }
}

static inline void series_scale(struct series *s, double factor)
{
    for (size_t i = 0; i < s->n; i++)
        for (int c = OPEN; c <= CLOSE; c++)
            s->column[c][i] *= factor;
}

static inline int series_column(const char *input)
{
    static const struct {
        const char *name;
        int column;
    } names[] = {{"open", OPEN},       {"high", HIGH},     {"low", LOW},        {"close", CLOSE},
                 {"real", CLOSE},      {"volume", VOLUME}, {"real0", HIGH},     {"real1", LOW},
                 {"periods", PERIODS}, {"minute", MINUTE}, {"weekday", WEEKDAY}};
    for (size_t i = 0; i < TD_COUNT(names); i++)
        if (strcmp(names[i].name, input) == 0)
            return names[i].column;
    fail_msg("a row has the input %s, which no series has", input);
    return -1;
}

static inline void series_inputs(const struct td_indicator *row, const struct series *s,
                                 const double *in[TD_IND_INPUTS_MAX])
{
    for (int k = 0; k < td_indicator_inputs(row); k++)
        in[k] = s->column[series_column(row->inputs[k])];
}

struct result {
    double out[TD_IND_OUTPUTS_MAX][SERIES_MAX];
};

static inline void *series_state(const struct td_indicator *row, const double *params)
{
    void *state = malloc(td_indicator_state_size(row, params));
    assert_non_null(state);
    td_indicator_init(row, params, state);
    return state;
}

/* Batch over bars [0, n). */
static inline void series_batch(const struct td_indicator *row, const double *params,
                                const struct series *s, size_t n, struct result *r)
{
    const double *in[TD_IND_INPUTS_MAX] = {0};
    double *out[TD_IND_OUTPUTS_MAX];
    void *state = series_state(row, params);
    series_inputs(row, s, in);
    for (int k = 0; k < TD_IND_OUTPUTS_MAX; k++)
        out[k] = r->out[k];
    td_indicator_batch(row, state, in, out, n);
    free(state);
}

/* One bar of the series as a step's input. */
static inline void series_bar(const struct td_indicator *row, const struct series *s, size_t i,
                              double *in)
{
    for (int k = 0; k < td_indicator_inputs(row); k++)
        in[k] = s->column[series_column(row->inputs[k])][i];
}

#define PARAM_SETS 3

/* Set 0: the presets. Set 1: longer windows, the other beginning, another average. Set 2: short windows. */
static inline void series_params(const struct td_indicator *row, int set, double *params)
{
    td_indicator_presets(row, params);
    for (int k = 0; k < td_indicator_params(row) && set > 0; k++) {
        const struct td_ind_param *p = &row->params[k];
        double v = params[k];
        if (strstr(p->name, "matype"))
            v = set == 1 ? 1 + k % 8 : 8 - k % 4;
        else if (strcmp(p->name, "seed") == 0)
            v = set == 1;
        else if (p->whole)
            v = set == 1 ? v + 3 : 2 + k;
        else
            v = set == 1 ? v * 1.25 : v * 0.5;
        params[k] = fmin(fmax(v, p->low), p->high);
    }
    TD_OK_OR_FAIL(td_indicator_check(row, params, NULL));
}

/* Equal to 1e-12 of the greater of 1 and the value, NaN only beside NaN. */
static inline bool series_close(double a, double b)
{
    if (isnan(a) || isnan(b))
        return isnan(a) && isnan(b);
    return a == b || fabs(a - b) <= 1e-12 * fmax(1, fabs(b));
}

/* The kinds of series every row is tried on. */
#define SERIES_KINDS 8

static inline const char *series_make(struct series *s, int kind, size_t n)
{
    static const char *const names[SERIES_KINDS] = {"random", "random",   "random",  "gappy",
                                                    "gappy",  "constant", "extreme", "extreme"};
    switch (kind) {
    case 3:
    case 4:
        series_walk(s, n, 77u + (uint32_t)kind, 900);
        break;
    case 5:
        series_constant(s, n, 0.1);
        break;
    case 6:
    case 7:
        series_extreme(s, n, 5u + (uint32_t)kind);
        break;
    default:
        series_walk(s, n, 12345u + 999u * (uint32_t)kind, 0);
    }
    return names[kind];
}

#endif
