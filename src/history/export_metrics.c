/* history/export_metrics.c - Sharpe ratio and drawdown of a series, and the series from a text or a CSV file. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "history/export_manifest.h"
#include "store/table.h"

#define NUMBERS_MAX ((size_t)1 << 20)

static double sharpe_of(const double *v, size_t n)
{
    double mean = 0, sum = 0;
    if (n < 2)
        return 0;
    for (size_t i = 0; i < n; i++)
        mean += v[i] / (double)n;
    for (size_t i = 0; i < n; i++)
        sum += (v[i] - mean) * (v[i] - mean);
    const double deviation = sqrt(sum / (double)(n - 1));
    /* Equal values leave rounding only. */
    return deviation > 1e-12 * fabs(mean) ? mean / deviation * sqrt(252) : 0;
}

static struct td_export_metrics measure(const double *v, size_t n, double equity, bool compound)
{
    struct td_export_metrics m = {.sharpe = sharpe_of(v, n), .count = n};
    const double start = equity;
    double peak = equity;
    for (size_t i = 0; i < n; i++) {
        equity = compound ? equity * (1 + v[i]) : equity + v[i];
        peak = equity > peak ? equity : peak;
        const double drawdown = (equity - peak) / peak;
        m.max_drawdown = drawdown < m.max_drawdown ? drawdown : m.max_drawdown;
    }
    m.total = equity / start - 1;
    return m;
}

struct td_export_metrics td_export_of_returns(const double *returns, size_t n)
{
    return measure(returns, n, 1, true);
}

struct td_export_metrics td_export_of_pnl(const double *pnl, size_t n, double equity)
{
    TD_REQUIRE(equity > 0);
    return measure(pnl, n, equity, false);
}

static enum td_err numbers_of_text(struct td_str rest, double **out, size_t *n, struct td_fail *why)
{
    struct td_str word;
    double *v = malloc((rest.len / 2 + 2) * sizeof *v); /* a digit and a comma each */
    size_t count = 0;
    if (!v)
        return td_fail_set(why, TD_ENOMEM, "out of memory");
    while (td_str_split(&rest, ',', &word)) {
        word = td_str_trim(word);
        if (!td_double_parse(word, &v[count])) {
            free(v);
            return td_fail_set(why, TD_EPARSE,
                               "\"%.*s\" is no number (value %zu), and there is no such file",
                               word.len < 80 ? (int)word.len : 80, word.p ? word.p : "", count + 1);
        }
        count++;
    }
    *out = v;
    *n = count;
    return TD_OK;
}

/* The column whose second row is a number. */
static size_t first_number_column(const struct td_table *t)
{
    double number;
    const size_t row = t->rows > 1 ? 1 : 0;
    for (size_t c = 0; c < t->columns; c++)
        if (td_double_parse(td_str_trim(td_table_at(t, row, c)->text), &number))
            return c;
    return 0;
}

static enum td_err numbers_of_table(const struct td_table *t, const char *name, double **out,
                                    size_t *n, struct td_fail *why)
{
    const size_t column = first_number_column(t);
    double *v = malloc((t->rows + 1) * sizeof *v);
    size_t count = 0;
    if (!v)
        return td_fail_set(why, TD_ENOMEM, "out of memory");
    for (size_t r = 0; r < t->rows; r++) {
        const struct td_str s = td_str_trim(td_table_at(t, r, column)->text);
        if (td_double_parse(s, &v[count])) {
            count++;
        } else if (r > 0) {
            free(v);
            return td_fail_set(why, TD_EPARSE, "%s: row %zu column %zu is no number", name, r + 1,
                               column + 1);
        }
    }
    *out = v;
    *n = count;
    return TD_OK;
}

enum td_err td_export_numbers(struct td_world *world, const char *text, double **out, size_t *n,
                              struct td_fail *why)
{
    struct td_table t = {0};
    if (td_entry_at(world, text) != TD_ENTRY_FILE)
        return numbers_of_text(td_str_of(text), out, n, why);
    enum td_err err = td_table_load(&t, world, text, NULL, why);
    if (!err && t.rows > NUMBERS_MAX)
        err = td_fail_set(why, TD_ERANGE, "%s: more than %zu numbers", text, NUMBERS_MAX);
    if (!err)
        err = numbers_of_table(&t, text, out, n, why);
    td_table_fini(&t);
    return err;
}
