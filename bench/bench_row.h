/* bench/bench_row.h - one measured figure as a line for bench_report, and the clock and median all benches use.
 *
 * A bench appends its rows to the file named by BENCH_ROWS (run.sh sets it); without it only the program's own
 * text is printed. Columns, separated by tabs: name, value, unit, yardstick, ratio, note. "-" is null.
 */
#ifndef TD_BENCH_ROW_H
#define TD_BENCH_ROW_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct bench_row {
    const char *name;
    double value; /* NaN: not measured, the note says why */
    const char *unit, *yardstick;
    double ratio; /* value against the yardstick, above 1 is better; NaN: none */
    const char *note;
};

static inline void bench_row(const struct bench_row *r)
{
    const char *path = getenv("BENCH_ROWS");
    FILE *f = path ? fopen(path, "a") : NULL;
    char value[32] = "-", ratio[32] = "-";
    if (!f)
        return;
    if (!isnan(r->value))
        (void)snprintf(value, sizeof value, "%.6g", r->value);
    if (!isnan(r->ratio))
        (void)snprintf(ratio, sizeof ratio, "%.4g", r->ratio);
    (void)fprintf(f, "%s\t%s\t%s\t%s\t%s\t%s\n", r->name, value, r->unit, r->yardstick, ratio,
                  r->note);
    (void)fclose(f);
}

/* Needs _POSIX_C_SOURCE before the first include. */
static inline double bench_seconds(void)
{
    struct timespec ts;
    (void)clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec + 1e-9 * (double)ts.tv_nsec;
}

static inline int bench_order(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Sorts v; q in 0..1. */
static inline double bench_quantile(double *v, size_t n, double q)
{
    qsort(v, n, sizeof *v, bench_order);
    const size_t at = (size_t)(q * (double)(n - 1) + 0.5);
    return v[at];
}

#endif
