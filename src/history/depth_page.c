/* history/depth_page.c - figures for readers: the report's JSON holds all of them, the page those that are looked at. */
#include "history/depth_page.h"

#include <math.h>
#include <stdio.h>

#include "history/canvas_pixels.h"
#include "history/depth_plot.h"

static const char head[] =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
    "'unsafe-inline'\">\n"
    "<style>\n"
    "body{font:16px/1.45 system-ui,sans-serif;color:#222;background:#fff;max-width:46rem;"
    "margin:0 auto;padding:0 .75rem 2rem}\n"
    "h1{font-size:1.4rem}h2{font-size:1.1rem;margin:1.6rem 0 .3rem}\n"
    "svg{max-width:100%;height:auto;display:block}\n"
    "table{border-collapse:collapse;width:100%}\n"
    "th,td{text-align:left;padding:.25rem .4rem;border-bottom:1px solid #ddd;vertical-align:top}\n"
    "table.files td:first-child{overflow-wrap:anywhere}\n"
    "td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}\n"
    "p.note{color:#5a5a5a}\n"
    "@media(max-width:30rem){table{font-size:.8rem}th,td{padding:.2rem .25rem}}\n"
    "</style>\n";

static void cell(struct td_text *t, const char *text, bool number)
{
    td_text_put(t, number ? "<td class=\"n\">" : "<td>");
    td_canvas_escape(t, text);
    td_text_put(t, "</td>");
}

static void value(struct td_text *t, double v, int decimals)
{
    char text[40] = "-";
    if (!isnan(v))
        (void)snprintf(text, sizeof text, "%.*f", decimals, v);
    cell(t, text, true);
}

static void line(struct td_text *t, const char *name, double v, int decimals, const char *meaning)
{
    td_text_put(t, "<tr>");
    cell(t, name, false);
    value(t, v, decimals);
    cell(t, meaning, false);
    td_text_put(t, "</tr>\n");
}

static void put_flow(struct td_text *t, const struct td_measure *m)
{
    const double r = td_pairs_correlation(&m->impact);
    const double back = (double)(m->spread_shocks.begun ? m->spread_shocks.back : 0);
    double median = (double)NAN;
    if (td_histogram_quantile(m->histogram[TD_H_SPREAD_BACK], 0.5, &median, NULL))
        median /= (double)TD_SEC;
    td_text_put(t, "<h2>Flow</h2>\n<table>\n");
    line(t, "average imbalance", td_moments_mean(&m->imbalance), 3,
         "(bids - asks) / (bids + asks) of all levels");
    line(t, "imbalance, one snapshot later", td_pairs_correlation(&m->lagged.pairs[0]), 3,
         "autocorrelation");
    line(t, "order flow imbalance", m->flow_n[0] ? m->flow_sum[0] : (double)NAN, 0,
         "sum over the day, best level; above zero: buying pressure");
    line(t, "move of the mid per unit of it", td_pairs_slope(&m->impact), 9,
         "least squares over intervals of 10 s");
    line(t, "R squared", r * r, 3, "share of the mid's moves it explains");
    line(t, "price volatility", td_moments_sd(&m->mid), 6, "standard deviation of the mid");
    line(t, "spread recovers in", median, 3, "seconds, median");
    line(t, "recoveries", back, 0, "of a widened spread");
    td_text_put(t, "</table>\n");
}

static void put_spread_row(struct td_text *t, const char *name, const struct td_histogram *h,
                           const struct td_moments *m, double scale, int decimals)
{
    static const double points[] = {0.5, 0.95};
    td_text_put(t, "<tr>");
    cell(t, name, false);
    value(t, m->n ? m->low : (double)NAN, decimals);
    for (size_t i = 0; i < TD_COUNT(points); i++) {
        double v = (double)NAN;
        if (td_histogram_quantile(h, points[i], &v, NULL))
            v /= scale;
        value(t, v, decimals);
    }
    value(t, m->n ? m->high : (double)NAN, decimals);
    value(t, td_moments_mean(m), decimals);
    td_text_put(t, "</tr>\n");
}

static void put_spread(struct td_text *t, const struct td_measure *m)
{
    td_text_put(t, "<h2>Spread and depth</h2>\n<table>\n<tr><th></th><th class=\"n\">min</th><th "
                   "class=\"n\">median</th><th class=\"n\">p95</th><th class=\"n\">max</th><th "
                   "class=\"n\">mean</th></tr>\n");
    put_spread_row(t, "spread", m->histogram[TD_H_SPREAD], &m->spread, 1e9, 4);
    put_spread_row(t, "half, bps", m->histogram[TD_H_BPS], &m->half_bps, 1e6, 2);
    put_spread_row(t, "bid size", m->histogram[TD_H_BID], &m->depth[TD_BID], 1e3, 0);
    put_spread_row(t, "ask size", m->histogram[TD_H_ASK], &m->depth[TD_ASK], 1e3, 0);
    td_text_put(t, "</table>\n");
}

static void put_quality(struct td_text *t, const struct td_measure *m)
{
    const struct td_measure_quality *q = &m->quality;
    td_text_put(t, "<h2>Quality</h2>\n<table>\n");
    line(t, "snapshots", (double)q->rows, 0, "rows read");
    line(t, "used", (double)q->used, 0, "in the figures");
    line(t, "a side empty", (double)q->empty, 0, "left out");
    line(t, "crossed or locked", (double)(q->crossed + q->locked), 0, "left out");
    line(t, "bad numbers", (double)q->bad, 0, "left out");
    line(t, "flagged gap or stale", (double)(q->gap_flag + q->stale_flag), 0,
         "left out: the recorder did not trust its book");
    line(t, "generated", (double)q->generated, 0, "made by the simulator's generator");
    if (m->break_ns != TD_NS_NEVER) {
        line(t, "gaps", (double)m->gaps, 0, "longer than 5 s without a row");
        line(t, "longest gap", (double)m->gap_longest_ns / (double)TD_SEC, 3, "seconds");
    }
    td_text_put(t, "</table>\n");
}

static void put_spoofing(struct td_text *t, const struct td_depth_messages *m)
{
    td_text_printf(t,
                   "<h2>Spoofing candidates</h2>\n<p>%llu sizes were shown and taken away within "
                   "ten seconds, of %llu shown. A candidate is no proof.</p>\n",
                   (unsigned long long)m->spoof.candidates, (unsigned long long)m->spoof.adds);
    if (m->spoof.shown_count == 0)
        return;
    td_text_put(t, "<table>\n<tr><th>shown, UTC</th><th>side</th><th class=\"n\">price</th><th "
                   "class=\"n\">size</th><th class=\"n\">seconds</th></tr>\n");
    for (size_t i = 0; i < m->spoof.shown_count; i++) {
        const struct td_spoof_candidate *c = &m->spoof.shown[i];
        char iso[40], number[TD_E9_CHARS];
        (void)td_iso_print(c->at_ns, iso);
        iso[23] = '\0';
        td_text_put(t, "<tr>");
        cell(t, iso + 11, false);
        cell(t, c->side == TD_BID ? "bid" : "ask", false);
        (void)td_e9_print(c->px.e9, number);
        cell(t, number, true);
        (void)td_e9_print(c->qty.e9, number);
        cell(t, number, true);
        value(t, (double)(c->removed_ns - c->at_ns) / (double)TD_SEC, 3);
        td_text_put(t, "</tr>\n");
    }
    td_text_put(t, "</table>\n");
}

static void put_files(struct td_text *t, const struct td_depth_report *r)
{
    td_text_put(t, "<h2>Files</h2>\n<table class=\"files\">\n<tr><th>file</th><th>kind</th><th "
                   "class=\"n\">rows</th></tr>\n");
    for (size_t i = 0; i < r->files.count; i++) {
        td_text_put(t, "<tr>");
        cell(t, r->files.files[i].path, false);
        cell(t, r->used[i] ? td_depth_kind_name(r->files.files[i].kind) : "left out", false);
        value(t, r->used[i] ? (double)r->facts[i].rows : (double)NAN, 0);
        td_text_put(t, "</tr>\n");
    }
    td_text_put(t, "</table>\n");
}

static enum td_err put_picture(const struct td_depth_report *r, struct td_text *t,
                               struct td_fail *why)
{
    char label[160];
    struct td_canvas c;
    if (!td_depth_plot_can(r)) {
        td_text_put(t, "<p class=\"note\">No picture: there is no snapshot to be believed.</p>\n");
        return TD_OK;
    }
    (void)snprintf(label, sizeof label,
                   "Mid price, spread, depth, imbalance and resting size of %.24s on %.10s",
                   r->symbol, r->day);
    td_canvas_svg(&c, TD_PLOT_WIDTH, TD_PLOT_HEIGHT, label, t);
    const enum td_err err = td_depth_plot_draw(r, &c, why);
    td_canvas_fini(&c);
    return err;
}

enum td_err td_depth_page(const struct td_depth_report *r, struct td_text *t, struct td_fail *why)
{
    const struct td_measure *m = &r->books;
    char made[40];
    td_text_put(t, head);
    td_text_put(t, "<title>");
    td_canvas_escape(t, r->symbol);
    td_text_printf(t, " %s</title>\n</head>\n<body>\n<h1>", r->day);
    td_canvas_escape(t, r->symbol);
    (void)td_iso_print(r->made_ns, made);
    made[19] = '\0';
    td_text_printf(t, " %s</h1>\n<p class=\"note\">Level-2 data, analysed %s UTC.</p>\n", r->day,
                   made);
    const enum td_err err = put_picture(r, t, why);
    put_spread(t, m);
    put_flow(t, m);
    if (r->messages.count)
        put_spoofing(t, &r->messages);
    put_quality(t, m);
    put_files(t, r);
    td_text_put(t, "<p class=\"note\">A dash is a figure that cannot be made from these files; the "
                   "JSON report says why. Formulas: docs/analyzer.md.</p>\n</body>\n</html>\n");
    return err;
}
