/* history/depth_text.c - the report as a table of names and values. */
#include <math.h>
#include <stdio.h>

#include "history/depth_report.h"

/* Numbers end in one column, whatever stands behind the unit. */
static void number(struct td_text *t, const char *name, double v, int decimals, const char *unit)
{
    char value[40] = "-";
    if (!isnan(v))
        (void)snprintf(value, sizeof value, "%.*f", decimals, v);
    td_text_printf(t, "%-26s %16s%s%s\n", name, value, *unit ? " " : "", unit);
}

static void quantiles(struct td_text *t, const char *name, const struct td_histogram *h,
                      const struct td_moments *m, double scale, int decimals)
{
    double median = (double)NAN, p95 = (double)NAN;
    if (td_histogram_quantile(h, 0.5, &median, NULL) && td_histogram_quantile(h, 0.95, &p95, NULL))
        td_text_printf(t, "%-26s %16.*f %14.*f %14.*f %14.*f %14.*f\n", name, decimals, m->low,
                       decimals, median / scale, decimals, p95 / scale, decimals, m->high, decimals,
                       td_moments_mean(m));
    else
        td_text_printf(t, "%-26s %16s %14s %14s %14s %14s\n", name, "-", "-", "-", "-", "-");
}

static void point(struct td_text *t, const char *name, const struct td_profile *p)
{
    uint32_t at, low, high;
    if (!p->count || !td_profile_value_area(p, 0.7, &at, &low, &high)) {
        number(t, name, (double)NAN, 0, "");
        return;
    }
    char value[3][TD_E9_CHARS];
    const uint32_t rows[] = {at, low, high};
    for (int i = 0; i < 3; i++)
        (void)td_e9_print(p->rows[rows[i]].bucket * p->width, value[i]);
    td_text_printf(t, "%-26s %16s (70 %% between %s and %s)\n", name, value[0], value[1], value[2]);
}

static void head(struct td_text *t, const struct td_depth_report *r)
{
    const struct td_measure *m = &r->books;
    char at[40] = "-";
    td_text_printf(t, "%-26s %16s\n", "symbol", r->symbol);
    td_text_printf(t, "%-26s %16s\n", "date", r->day);
    td_text_printf(t, "%-26s %16s\n", "source",
                   r->source == TD_DEPTH_OTHER ? "no books" : td_depth_kind_name(r->source));
    td_text_printf(t, "%-26s %16llu\n", "snapshots", (unsigned long long)m->quality.rows);
    td_text_printf(t, "%-26s %16llu\n", "  of which used", (unsigned long long)m->quality.used);
    if (m->quality.rows)
        (void)td_iso_print(m->first_ns, at);
    td_text_printf(t, "%-26s %16.8s%s\n", "first, UTC", m->quality.rows ? at + 11 : at, "");
    number(t, "duration",
           m->quality.rows ? (double)(m->last_ns - m->first_ns) / (double)TD_MIN : (double)NAN, 2,
           "minutes");
    if (m->break_ns != TD_NS_NEVER)
        number(t, "gaps", (double)m->gaps, 0, "");
}

void td_depth_report_text(const struct td_depth_report *r, struct td_text *t)
{
    const struct td_measure *m = &r->books;
    const double r_flow = td_pairs_correlation(&m->impact);
    head(t, r);
    number(t, "avg half spread", td_moments_mean(&m->half_bps), 2, "bps");
    number(t, "avg volume imbalance", td_moments_mean(&m->imbalance), 3, "");
    number(t, "price volatility", td_moments_sd(&m->mid), 6, "");
    number(t, "order flow imbalance", m->flow_n[0] ? m->flow_sum[0] : (double)NAN, 0, "");
    number(t, "  r squared with the mid", r_flow * r_flow, 3, "over 10 s");
    number(t, "  price per unit", td_pairs_slope(&m->impact), 9, "");
    point(t, "most resting size at", &m->resting);
    point(t, "most traded volume at", &r->trades.traded);
    if (r->messages.count)
        number(t, "spoofing candidates", (double)r->messages.spoof.candidates, 0, "");
    else
        td_text_printf(t, "%-26s %16s no messages file\n", "spoofing candidates", "-");
    td_text_printf(t, "\n%-26s %16s %14s %14s %14s %14s\n", "", "min", "median", "p95", "max",
                   "mean");
    quantiles(t, "spread", m->histogram[TD_H_SPREAD], &m->spread, 1e9, 4);
    quantiles(t, "half spread, bps", m->histogram[TD_H_BPS], &m->half_bps, 1e6, 2);
    quantiles(t, "bid size, all levels", m->histogram[TD_H_BID], &m->depth[TD_BID], 1e3, 0);
    quantiles(t, "ask size, all levels", m->histogram[TD_H_ASK], &m->depth[TD_ASK], 1e3, 0);
    for (size_t i = 0; i < r->files.count; i++)
        if (!r->used[i])
            td_text_printf(t, "left out: %s: %s\n", r->files.files[i].path,
                           r->files.files[i].kind == TD_DEPTH_OTHER
                               ? "columns of another kind of file"
                               : "the live recording is analysed");
}
