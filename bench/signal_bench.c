/* bench/signal_bench.c - fifty common indicators over one million bars, batch and streaming, and the book features of depth updates.
 *
 * signal_bench [PEER-NS [PEER-NAME]]   what the peer took for a bar of all fifty, measured in the same run (bench/talib_signal.py)
 * signal_bench --each                  each row alone
 *
 * Batch goes over the columns once, in blocks that stay in the cache; streaming gives each bar to all fifty before the next one, as a
 * desk does. Both are measured twice: as one set, and row by row through the functions of one indicator. All four
 * compute the same values: their sums are compared. Best of several runs. This is the acceptance test ind_bench: the figures are
 * printed, and bench_report sets them beside those of the run before.
 */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench_row.h"
#include "signal/indicator.h"
#include "signal/micro.h"
#include "signal/set.h"

enum { BARS = 1000000, BLOCK = 1024, RUNS = 10, ROWS = 50, COLUMNS = 5 };

static const char *const fifty[ROWS] = {
    "SMA",       "EMA",
    "WMA",       "DEMA",
    "TEMA",      "T3",
    "TRIMA",     "KAMA",
    "RMA",       "RSI",
    "CMO",       "MACD",
    "APO",       "PPO",
    "MOM",       "ROC",
    "TRIX",      "STDDEV",
    "VAR",       "BBANDS",
    "LINEARREG", "LINEARREG_SLOPE",
    "TSF",       "MAX",
    "MIN",       "MIDPOINT",
    "ATR",       "NATR",
    "TRANGE",    "ADX",
    "ADXR",      "DX",
    "PLUS_DI",   "MINUS_DI",
    "CCI",       "WILLR",
    "STOCH",     "STOCHF",
    "ULTOSC",    "AROON",
    "SAR",       "MIDPRICE",
    "CORREL",    "MFI",
    "AD",        "ADOSC",
    "OBV",       "BOP",
    "TYPPRICE",  "CMF",
};

static double columns[COLUMNS][BARS];
static double block_out[TD_IND_OUTPUTS_MAX][BLOCK];

struct unit {
    const struct td_indicator *row;
    double params[TD_IND_PARAMS_MAX];
    void *state;
    int inputs, outputs, column[TD_IND_INPUTS_MAX];
    double last;
};
static struct unit units[ROWS];

static double uniform(uint64_t *s)
{
    *s = *s * 6364136223846793005u + 1442695040888963407u;
    return (double)(*s >> 11) / 9007199254740992.0;
}

static void make_bars(void)
{
    uint64_t seed = 7;
    double price = 100;
    for (int i = 0; i < BARS; i++) {
        const double open = price + (uniform(&seed) - 0.5) * 0.1;
        const double close =
            open + (uniform(&seed) + uniform(&seed) - 1) * 0.5 + (100 - open) * 1e-4;
        columns[0][i] = open;
        columns[1][i] = fmax(open, close) + uniform(&seed) * 0.3;
        columns[2][i] = fmin(open, close) - uniform(&seed) * 0.3;
        columns[3][i] = close;
        columns[4][i] = 1000 + 5000 * uniform(&seed);
        price = close;
    }
}

static int column_of(const char *input)
{
    static const char *const names[] = {"open", "high", "low", "close", "volume", "real0", "real1"};
    static const int columns_of[] = {0, 1, 2, 3, 4, 1, 2};
    for (size_t i = 0; i < TD_COUNT(names); i++)
        if (strcmp(names[i], input) == 0)
            return columns_of[i];
    return 3; /* real */
}

static void begin(void)
{
    for (int r = 0; r < ROWS; r++) {
        struct unit *u = &units[r];
        u->row = td_indicator_find(td_str_of(fifty[r]));
        TD_REQUIRE(u->row != NULL);
        td_indicator_presets(u->row, u->params);
        u->inputs = td_indicator_inputs(u->row);
        u->outputs = td_indicator_outputs(u->row);
        for (int k = 0; k < u->inputs; k++)
            u->column[k] = column_of(u->row->inputs[k]);
        u->state = malloc(td_indicator_state_size(u->row, u->params));
        TD_REQUIRE(u->state != NULL);
    }
}

static void reset(void)
{
    for (int r = 0; r < ROWS; r++)
        td_indicator_init(units[r].row, units[r].params, units[r].state);
}

static void batch_block(struct unit *u, int at, int n)
{
    const double *in[TD_IND_INPUTS_MAX] = {0};
    double *out[TD_IND_OUTPUTS_MAX];
    for (int k = 0; k < u->inputs; k++)
        in[k] = columns[u->column[k]] + at;
    for (int k = 0; k < TD_IND_OUTPUTS_MAX; k++)
        out[k] = block_out[k];
    td_indicator_batch(u->row, u->state, in, out, (size_t)n);
    u->last = out[0][n - 1];
}

static double batch(void)
{
    reset();
    const double start = bench_seconds();
    for (int at = 0; at < BARS; at += BLOCK)
        for (int r = 0; r < ROWS; r++)
            batch_block(&units[r], at, BARS - at < BLOCK ? BARS - at : BLOCK);
    return (bench_seconds() - start) / BARS * 1e9;
}

static double stream(void)
{
    double in[TD_IND_INPUTS_MAX], out[TD_IND_OUTPUTS_MAX];
    reset();
    const double start = bench_seconds();
    for (int i = 0; i < BARS; i++)
        for (int r = 0; r < ROWS; r++) {
            struct unit *u = &units[r];
            for (int k = 0; k < u->inputs; k++)
                in[k] = columns[u->column[k]][i];
            if (td_indicator_step(u->row, u->state, in, out) == TD_OK)
                u->last = out[0];
        }
    return (bench_seconds() - start) / BARS * 1e9;
}

static double stream_one(struct unit *u)
{
    double in[TD_IND_INPUTS_MAX], out[TD_IND_OUTPUTS_MAX];
    const double start = bench_seconds();
    for (int i = 0; i < 50 * BLOCK; i++) {
        for (int k = 0; k < u->inputs; k++)
            in[k] = columns[u->column[k]][i];
        if (td_indicator_step(u->row, u->state, in, out) == TD_OK)
            u->last = out[0];
    }
    return (bench_seconds() - start) / (50 * BLOCK) * 1e9;
}

/* Each row alone, batch and streaming, best of several, for whoever looks for the slow one. */
static void print_each(void)
{
    double all = 0, steps = 0;
    for (int r = 0; r < ROWS; r++) {
        double best = 1e9;
        for (int run = 0; run < 40; run++) {
            const double start = bench_seconds();
            for (int at = 0; at < 50 * BLOCK; at += BLOCK)
                batch_block(&units[r], at, BLOCK);
            best = fmin(best, (bench_seconds() - start) / (50 * BLOCK) * 1e9);
        }
        double step = 1e9;
        for (int run = 0; run < 20; run++)
            step = fmin(step, stream_one(&units[r]));
        printf("  %-16s %6.2f %6.2f\n", fifty[r], best, step);
        all += best;
        steps += step;
    }
    printf("  %-16s %6.0f %6.0f\n", "sum", all, steps);
}

/* ---- the same as one set ---- */

static struct td_ind_set *set;
static double *set_out[ROWS * TD_IND_OUTPUTS_MAX]; /* [BLOCK] each */
static int set_first[ROWS];

static void begin_set(void)
{
    struct td_ind_ask asks[ROWS];
    size_t bytes = 0;
    int column = 0;
    for (int r = 0; r < ROWS; r++) {
        asks[r] = (struct td_ind_ask){.row = units[r].row};
        memcpy(asks[r].params, units[r].params, sizeof asks[r].params);
        for (int k = 0; k < units[r].inputs; k++)
            asks[r].column[k] = (uint8_t)units[r].column[k];
        set_first[r] = column;
        for (int k = 0; k < units[r].outputs; k++) {
            set_out[column] = malloc(BLOCK * sizeof(double));
            TD_REQUIRE(set_out[column++] != NULL);
        }
    }
    if (!set) {
        TD_REQUIRE(td_ind_set_size(asks, ROWS, &bytes, NULL) == TD_OK);
        set = malloc(bytes);
        TD_REQUIRE(set != NULL);
    }
    (void)td_ind_set_init(asks, ROWS, set);
}

static void end_set(void)
{
    for (int i = 0; i < ROWS * TD_IND_OUTPUTS_MAX; i++) {
        free(set_out[i]);
        set_out[i] = NULL;
    }
}

static double set_batch(void)
{
    const double *in[COLUMNS];
    begin_set();
    const double start = bench_seconds();
    for (int at = 0; at < BARS; at += BLOCK) {
        for (int c = 0; c < COLUMNS; c++)
            in[c] = columns[c] + at;
        td_ind_set_batch(set, in, set_out, (size_t)(BARS - at < BLOCK ? BARS - at : BLOCK));
    }
    const double took = bench_seconds() - start;
    for (int r = 0; r < ROWS; r++)
        units[r].last = set_out[set_first[r]][(BARS - 1) % BLOCK];
    end_set();
    return took / BARS * 1e9;
}

static double set_stream(void)
{
    double bar[COLUMNS];
    begin_set();
    const double start = bench_seconds();
    for (int i = 0; i < BARS; i++) {
        for (int c = 0; c < COLUMNS; c++)
            bar[c] = columns[c][i];
        TD_REQUIRE(td_ind_set_step(set, bar) == TD_OK);
    }
    const double took = bench_seconds() - start;
    for (int r = 0; r < ROWS; r++)
        units[r].last = td_ind_set_value(set, (size_t)r, 0);
    end_set();
    return took / BARS * 1e9;
}

static double sum(void)
{
    double s = 0;
    for (int r = 0; r < ROWS; r++)
        s += units[r].last;
    return s;
}

/* ---- the whole microstructure vector after every book of ten levels a side ---- */

enum { BOOKS = 4096, BOOK_RUNS = 200 };
static struct td_micro_book books[BOOKS];
static struct td_micro micro;

static void make_books(void)
{
    uint64_t seed = 11;
    double mid = 100;
    for (int i = 0; i < BOOKS; i++) {
        struct td_micro_book *b = &books[i];
        mid += floor(uniform(&seed) * 3) * 0.01 - 0.01;
        b->at_ns = 1000000000ll + i * 1000000ll;
        for (int k = 0; k < TD_MICRO_LEVELS; k++) {
            b->bid.px[k] = mid - 0.01 * (k + 1);
            b->ask.px[k] = mid + 0.01 * (k + 1);
            b->bid.qty[k] = 100 + floor(uniform(&seed) * 400);
            b->ask.qty[k] = 100 + floor(uniform(&seed) * 400);
        }
    }
}

static void measure_books(void)
{
    double best = 1e9, out[TD_MICRO_COUNT], sum_of = 0;
    make_books();
    for (int run = 0; run < BOOK_RUNS; run++) {
        TD_REQUIRE(td_micro_init(&micro, &(struct td_micro_config){0}, NULL) == TD_OK);
        const double start = bench_seconds();
        for (int i = 0; i < BOOKS; i++) {
            TD_REQUIRE(td_micro_on_book(&micro, &books[i]) == TD_OK);
            td_micro_values(&micro, books[i].at_ns, out);
            sum_of += out[TD_MICRO_SPREAD];
        }
        best = fmin(best, (bench_seconds() - start) / BOOKS * 1e9);
    }
    TD_REQUIRE(sum_of > 0);
    printf("%d book features: %.0f ns a depth update\n", (int)TD_MICRO_COUNT, best);
    bench_row(&(struct bench_row){.name = "microstructure vector",
                                  .value = best,
                                  .unit = "ns/update",
                                  .yardstick = "bound 150",
                                  .ratio = 150 / best,
                                  .note = "ten levels a side, every feature after every book"});
}

/* The four ways, and what they are measured against. */
static const struct way {
    const char *name, *note;
    double (*run)(void);
} ways[] = {
    {"50 indicators, batch", "one set; bound 120", set_batch},
    {"50 indicators, streaming", "one set; bound 200; the peer's figure is of its batch",
     set_stream},
    {"50 indicators, batch, row by row", "each row alone over a block", batch},
    {"50 indicators, streaming, row by row", "the peer's figure is of its batch", stream},
};

static bool measure_ways(double peer, const char *name)
{
    double best[TD_COUNT(ways)], of = 0;
    for (size_t w = 0; w < TD_COUNT(ways); w++)
        best[w] = 1e9;
    for (int i = 0; i < RUNS; i++)
        for (size_t w = 0; w < TD_COUNT(ways); w++) {
            best[w] = fmin(best[w], ways[w].run());
            of = i == 0 && w == 0 ? sum() : of;
            if (fabs(sum() - of) <= 1e-12 * fabs(of))
                continue;
            printf("%s gives other values: %.17g, expected %.17g\n", ways[w].name, sum(), of);
            return false;
        }
    for (size_t w = 0; w < TD_COUNT(ways); w++) {
        printf("%s: %.0f ns/bar; %s %.0f\n", ways[w].name, best[w], name, peer);
        bench_row(&(struct bench_row){.name = ways[w].name,
                                      .value = best[w],
                                      .unit = "ns/bar",
                                      .yardstick = name,
                                      .ratio = peer / best[w],
                                      .note = ways[w].note});
    }
    printf("a set of %d rows takes %zu steps a bar\n", ROWS, td_ind_set_steps(set));
    return true;
}

int main(int argc, char **argv)
{
    double peer = (double)NAN;
    make_bars();
    begin();
    if (argc > 1 && strcmp(argv[1], "--each") == 0) {
        reset();
        print_each();
        return EXIT_SUCCESS;
    }
    if (argc > 1 && sscanf(argv[1], "%lf", &peer) != 1)
        peer = (double)NAN;
    if (!measure_ways(peer, argc > 2 ? argv[2] : "none: no peer in this run"))
        return EXIT_FAILURE;
    for (int r = 0; r < ROWS; r++)
        free(units[r].state);
    free(set);
    measure_books();
    return EXIT_SUCCESS;
}
