/* history/depth_plot.c - five panels of one column. */
#include "history/depth_plot.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define LEFT   58.0
#define RIGHT  388.0
#define SMALL  12.0
#define INK    0x222222u
#define PALE   0x5a5a5au
#define GRID   0xddddddu
#define BID    0x0072b2u
#define ASK    0xd55e00u
#define SHADES 6
#define COLS   165 /* of the depth panel: two units each */
#define ROWS   50  /* three units each */

struct panel {
    double top, height;
    double low, high; /* values at its foot and its top */
};

/* Sizes of the depth panel. */
struct depth {
    struct panel a;
    float size[2][COLS][ROWS];
    double most;
};

struct plot {
    const struct td_depth_report *r;
    const struct td_series *s;
    struct td_canvas *c;
    struct td_point points[TD_SERIES_STEPS];
    struct td_box boxes[COLS * ROWS];
    struct depth depth;
};

bool td_depth_plot_can(const struct td_depth_report *r)
{
    return r->books.series && r->books.quality.used > 0;
}

/* ---- scales and axes ---- */

static double x_of(const struct plot *p, double step)
{
    return LEFT + step / (double)p->s->count * (RIGHT - LEFT);
}

static double y_of(const struct panel *a, double v)
{
    return a->top + a->height - (v - a->low) / (a->high - a->low) * a->height;
}

/* 1, 2 or 5 times a power of ten, so that about `count` of them make `span`. */
static double round_step(double span, double count)
{
    const double raw = span / count, power = pow(10, floor(log10(raw)));
    return raw <= power       ? power
           : raw <= 2 * power ? 2 * power
           : raw <= 5 * power ? 5 * power
                              : 10 * power;
}

static int decimals_of(double step)
{
    const int n = (int)ceil(-log10(step) - 1e-9);
    return n < 0 ? 0 : n > 6 ? 6 : n;
}

/* Numbers and lines of the left axis. */
static void draw_axis(struct plot *p, const struct panel *a, double count)
{
    const double step = round_step(a->high - a->low, count);
    const int decimals = decimals_of(step);
    for (double v = ceil(a->low / step - 1e-9) * step; v <= a->high + step * 1e-9; v += step) {
        char text[32];
        const double y = y_of(a, v);
        (void)snprintf(text, sizeof text, "%.*f", decimals, fabs(v) < step * 1e-9 ? 0.0 : v);
        td_canvas_boxes(p->c, &(struct td_box){LEFT, y - 0.25, RIGHT - LEFT, 0.5}, 1, GRID);
        td_canvas_words(p->c, (struct td_point){LEFT - 5, y + 4}, SMALL, TD_ANCHOR_END, PALE, text);
    }
}

static void draw_title(struct plot *p, const struct panel *a, const char *text, const char *more)
{
    td_canvas_words(p->c, (struct td_point){6, a->top - 13}, 13, TD_ANCHOR_START, INK, text);
    td_canvas_words(p->c, (struct td_point){RIGHT, a->top - 13}, SMALL, TD_ANCHOR_END, PALE, more);
}

/* The steps of a clock whose labels have room below 330 units. */
static td_ns clock_step(td_ns span)
{
    static const int seconds[] = {1,   2,   5,    10,   15,   30,    60,    120,   300,
                                  600, 900, 1800, 3600, 7200, 10800, 14400, 21600, 43200};
    for (size_t i = 0; i < TD_COUNT(seconds); i++)
        if (span / (seconds[i] * TD_SEC) <= 4)
            return seconds[i] * TD_SEC;
    return 86400 * TD_SEC;
}

static void draw_times(struct plot *p, const struct panel *a)
{
    const td_ns span = p->s->width_ns * (td_ns)p->s->count, step = clock_step(span);
    const td_ns first = (p->s->first_ns + step - 1) / step * step;
    for (td_ns at = first; at <= p->s->first_ns + span; at += step) {
        char iso[40];
        const double x = LEFT + (double)(at - p->s->first_ns) / (double)span * (RIGHT - LEFT);
        (void)td_iso_print(at, iso);
        iso[step < TD_MIN ? 19 : 16] = '\0';
        td_canvas_boxes(p->c, &(struct td_box){x - 0.25, a->top + a->height, 0.5, 4}, 1, PALE);
        if (x > LEFT + 12 && x < RIGHT - 24)
            td_canvas_words(p->c, (struct td_point){x, a->top + a->height + 16}, SMALL,
                            TD_ANCHOR_MIDDLE, PALE, iso + 11);
    }
    td_canvas_boxes(p->c, &(struct td_box){LEFT, a->top + a->height, RIGHT - LEFT, 0.75}, 1, PALE);
    td_canvas_words(p->c, (struct td_point){6, a->top + a->height + 16}, SMALL, TD_ANCHOR_START,
                    PALE, "UTC");
}

/* ---- lines over time ---- */

typedef double value_fn(const struct td_series_step *step);

static double mid_of(const struct td_series_step *s)
{
    return s->mid_sum / (double)s->n;
}
static double spread_of(const struct td_series_step *s)
{
    return s->spread_sum / (double)s->n;
}
static double imbalance_of(const struct td_series_step *s)
{
    return s->imbalance_sum / (double)s->n;
}

static void flush_line(struct plot *p, size_t *n, uint32_t colour)
{
    if (*n == 1) { /* a single step is a dot */
        p->points[1] = (struct td_point){p->points[0].x + 0.01, p->points[0].y};
        *n = 2;
    }
    td_canvas_line(p->c, p->points, *n, 1.5, colour);
    *n = 0;
}

/* Empty steps end a line, but for the few between two books of a slow recording. */
static void draw_line(struct plot *p, const struct panel *a, value_fn *value, uint32_t colour)
{
    const size_t room = (size_t)(TD_DEPTH_GAP / p->s->width_ns);
    size_t n = 0, empty = 0;
    for (size_t i = 0; i < p->s->count; i++) {
        const struct td_series_step *step = &p->s->steps[i];
        empty = step->n ? 0 : empty + 1;
        if (empty > room && n)
            flush_line(p, &n, colour);
        if (step->n)
            p->points[n++] = (struct td_point){x_of(p, (double)i + 0.5), y_of(a, value(step))};
    }
    if (n)
        flush_line(p, &n, colour);
}

/* The range of a value with a little air; never empty. */
static void fit(struct plot *p, struct panel *a, value_fn *value, bool from_zero)
{
    a->low = INFINITY;
    a->high = -INFINITY;
    for (size_t i = 0; i < p->s->count; i++) {
        if (!p->s->steps[i].n)
            continue;
        const double v = value(&p->s->steps[i]);
        a->low = fmin(a->low, v);
        a->high = fmax(a->high, v);
    }
    const double least = fabs(a->high) * 1e-4 + 1e-9;
    const double air = fmax((a->high - a->low) * 0.08, least / 2);
    a->high += air;
    a->low = from_zero ? 0 : a->low - air;
}

static void draw_mid(struct plot *p, double top)
{
    struct panel a = {.top = top, .height = 130};
    char more[64];
    fit(p, &a, mid_of, false);
    (void)snprintf(more, sizeof more, "last %.*f", decimals_of(round_step(a.high - a.low, 4)) + 1,
                   mid_of(&p->s->steps[p->s->count - 1]));
    draw_title(p, &a, "Mid price", more);
    draw_axis(p, &a, 4);
    draw_line(p, &a, mid_of, INK);
    draw_times(p, &a);
}

static void draw_spread(struct plot *p, double top)
{
    struct panel a = {.top = top, .height = 90};
    char more[64];
    (void)snprintf(more, sizeof more, "mean %.6g", td_moments_mean(&p->r->books.spread));
    fit(p, &a, spread_of, true);
    draw_title(p, &a, "Spread", more);
    draw_axis(p, &a, 3);
    draw_line(p, &a, spread_of, INK);
    draw_times(p, &a);
}

static void draw_imbalance(struct plot *p, double top)
{
    struct panel a = {.top = top, .height = 90, .low = -1, .high = 1};
    size_t n[2] = {0, 0};
    draw_title(p, &a, "Imbalance", "blue: more bids, orange: more asks");
    draw_axis(p, &a, 4);
    for (int side = TD_ASK; side <= TD_BID; side++) {
        for (size_t i = 0; i < p->s->count; i++) {
            const struct td_series_step *step = &p->s->steps[i];
            const double v = step->n ? imbalance_of(step) : 0;
            if (side == TD_BID ? v <= 0 : v >= 0)
                continue;
            const double y = y_of(&a, v > 0 ? v : 0), foot = y_of(&a, v > 0 ? 0 : v);
            p->boxes[n[side]++] = (struct td_box){x_of(p, (double)i), y,
                                                  (RIGHT - LEFT) / (double)p->s->count, foot - y};
        }
        td_canvas_boxes(p->c, p->boxes, n[side], side == TD_BID ? BID : ASK);
    }
    draw_times(p, &a);
}

/* ---- depth by price and time ---- */

static uint32_t shade(uint32_t colour, int k)
{
    uint32_t out = 0;
    for (int i = 16; i >= 0; i -= 8) {
        const double c = (double)(colour >> i & 0xff);
        const double w =
            0.18 + 0.82 * (double)(k + 1) / SHADES; /* of the colour; the rest is white */
        out |= (uint32_t)(255 - (255 - c) * w + 0.5) << i;
    }
    return out;
}

/* Prices within which most of the shown books lie: the mids, and on both sides the mean reach of the levels. */
static void fit_prices(struct plot *p, struct panel *a)
{
    double reach = 0, n = 0;
    a->low = INFINITY;
    a->high = -INFINITY;
    for (size_t i = 0; i < p->s->count; i++) {
        const struct td_series_step *step = &p->s->steps[i];
        if (!step->n)
            continue;
        reach +=
            step->px[TD_ASK][step->rows[TD_ASK] - 1] - step->px[TD_BID][step->rows[TD_BID] - 1];
        n++;
        a->low = fmin(a->low, step->mid_low);
        a->high = fmax(a->high, step->mid_high);
    }
    a->low -= reach / n / 2;
    a->high += reach / n / 2;
}

static void gather_depth(struct plot *p, struct depth *d)
{
    for (size_t i = 0; i < p->s->count; i++) {
        const struct td_series_step *step = &p->s->steps[i];
        const size_t first = i * COLS / p->s->count, last = ((i + 1) * COLS - 1) / p->s->count;
        for (size_t col = first; step->n && col <= last; col++) {
            for (int row = 0; row < ROWS; row++)
                d->size[0][col][row] = d->size[1][col][row] = 0;
            for (int side = TD_ASK; side <= TD_BID; side++)
                for (int32_t k = 0; k < step->rows[side]; k++) {
                    const double at =
                        (step->px[side][k] - d->a.low) / (d->a.high - d->a.low) * ROWS;
                    if (at >= 0 && at < ROWS)
                        d->size[side][col][(int)at] += (float)step->qty[side][k];
                }
        }
    }
    for (int side = TD_ASK; side <= TD_BID; side++)
        for (int col = 0; col < COLS; col++)
            for (int row = 0; row < ROWS; row++)
                d->most = fmax(d->most, (double)d->size[side][col][row]);
}

/* Square roots, so that one large order does not make all others white. */
static int shade_of(const struct depth *d, double size)
{
    const int k = (int)(sqrt(size / d->most) * SHADES);
    return k < SHADES ? k : SHADES - 1;
}

static void draw_cells(struct plot *p, const struct depth *d, int side, int k)
{
    size_t n = 0;
    const double w = (RIGHT - LEFT) / COLS, h = d->a.height / ROWS;
    for (int row = 0; row < ROWS; row++)
        for (int col = 0; col < COLS; col++) {
            const double size = (double)d->size[side][col][row];
            if (size <= 0 || shade_of(d, size) != k)
                continue;
            struct td_box *last = n ? &p->boxes[n - 1] : NULL;
            const struct td_box box = {LEFT + col * w, d->a.top + d->a.height - (row + 1) * h, w,
                                       h};
            if (last && last->y == box.y && fabs(last->x + last->w - box.x) < 0.01)
                last->w += w; /* neighbours become one */
            else
                p->boxes[n++] = box;
        }
    td_canvas_boxes(p->c, p->boxes, n, shade(side == TD_BID ? BID : ASK, k));
}

static void draw_depth(struct plot *p, double top)
{
    struct depth *d = &p->depth;
    d->a = (struct panel){.top = top, .height = 150};
    fit_prices(p, &d->a);
    gather_depth(p, d);
    draw_title(p, &d->a, "Depth", "blue: bids, orange: asks, darker: more");
    draw_axis(p, &d->a, 4);
    for (int side = TD_ASK; side <= TD_BID; side++)
        for (int k = 0; k < SHADES; k++)
            draw_cells(p, d, side, k);
    draw_line(p, &d->a, mid_of, INK);
    draw_times(p, &d->a);
}

/* ---- volume profile ---- */

/* Neighbouring prices in ROWS bars at most; bars from the left, bids first, asks behind them. */
static void draw_profile(struct plot *p, double top)
{
    const struct td_profile *v = &p->r->books.resting;
    const bool one = v->count == 1;
    struct panel a = {.top = top, .height = 180};
    double sums[2][ROWS] = {{0}}, most = 0;
    uint32_t point, low, high;
    char more[64];
    if (!td_profile_value_area(v, 0.7, &point, &low, &high))
        return;
    const double first = (double)(v->rows[0].bucket * v->width) / 1e9,
                 last = (double)(v->rows[v->count - 1].bucket * v->width) / 1e9,
                 at = (double)(v->rows[point].bucket * v->width) / 1e9;
    const double step = one ? 1e-9 : (double)td_profile_tick(v) / 1e9;
    const uint32_t bars = v->count < ROWS ? v->count : ROWS;
    a.low = first - step / 2;
    a.high = last + step / 2;
    for (uint32_t i = 0; i < v->count; i++) {
        const double px = (double)(v->rows[i].bucket * v->width) / 1e9;
        const uint32_t bar = (uint32_t)fmin((px - a.low) / (a.high - a.low) * bars, bars - 1);
        sums[0][bar] += v->rows[i].qty[0];
        sums[1][bar] += v->rows[i].qty[1];
        most = fmax(most, sums[0][bar] + sums[1][bar]);
    }
    (void)snprintf(more, sizeof more, "most at %.*f", decimals_of(step), at);
    draw_title(p, &a, "Resting size by price", more);
    draw_axis(p, &a, 5);
    for (int which = 0; which < 2; which++) {
        const double h = a.height / bars;
        for (uint32_t i = 0; i < bars; i++) {
            const double w0 = sums[0][i] / most * (RIGHT - LEFT),
                         w1 = sums[1][i] / most * (RIGHT - LEFT);
            p->boxes[i] = (struct td_box){LEFT + (which ? w0 : 0), a.top + a.height - (i + 1) * h,
                                          which ? w1 : w0, h > 3 ? h - 0.5 : h};
        }
        td_canvas_boxes(p->c, p->boxes, bars, which ? ASK : BID);
    }
    td_canvas_line(p->c, (struct td_point[]){{LEFT, y_of(&a, at)}, {RIGHT, y_of(&a, at)}}, 2, 1,
                   INK);
}

static void draw_head(const struct td_depth_report *r, struct td_canvas *c)
{
    char text[160];
    (void)snprintf(text, sizeof text, "%.24s %.10s", r->symbol, r->day);
    td_canvas_words(c, (struct td_point){6, 24}, 18, TD_ANCHOR_START, INK, text);
    (void)snprintf(text, sizeof text, "%s, %llu of %llu snapshots%s",
                   r->source == TD_DEPTH_LIVE ? "recording" : "backfill",
                   (unsigned long long)r->books.quality.used,
                   (unsigned long long)r->books.quality.rows,
                   r->books.quality.generated ? ", generated" : "");
    td_canvas_words(c, (struct td_point){6, 44}, SMALL, TD_ANCHOR_START, PALE, text);
}

enum td_err td_depth_plot_draw(const struct td_depth_report *r, struct td_canvas *c,
                               struct td_fail *why)
{
    TD_REQUIRE(td_depth_plot_can(r) && c->width == TD_PLOT_WIDTH && c->height == TD_PLOT_HEIGHT);
    struct plot *p = calloc(1, sizeof *p);
    if (!p)
        return td_fail_set(why, TD_ENOMEM, "no memory to draw");
    p->r = r;
    p->s = r->books.series;
    p->c = c;
    draw_head(r, c);
    draw_mid(p, 80);
    draw_spread(p, 266);
    draw_depth(p, 412);
    draw_imbalance(p, 618);
    draw_profile(p, 764);
    free(p);
    return TD_OK;
}
