/* history/day_curve.c - realized profit after fees over the day, as steps: nothing is drawn that was not earned. */
#include <math.h>
#include <stdio.h>

#include "history/canvas.h"
#include "history/day_page.h"

#define WIDTH  720
#define HEIGHT 240
#define LEFT   76.0
#define RIGHT  708.0
#define TOP    14.0
#define FOOT   206.0
#define INK    0x222222u
#define PALE   0x5a5a5au
#define GRID   0xddddddu
#define CURVE  0x0072b2u
#define STEPS                                                                                      \
    600 /* columns of the curve: of the fills within one the last, the lowest and the highest count */

struct column {
    double last, low, high;
    bool used;
};

struct curve {
    struct td_canvas c;
    td_ns first, last;
    double low, high;
    struct column columns[STEPS];
};

static double x_of(double column)
{
    return LEFT + column / STEPS * (RIGHT - LEFT);
}

static double y_of(const struct curve *k, double v)
{
    return FOOT - (v - k->low) / (k->high - k->low) * (FOOT - TOP);
}

static void fill_columns(struct curve *k, const struct td_day_report *r)
{
    double sum = 0;
    for (uint32_t i = 0; i < r->fill_count; i++) {
        const struct td_day_fill *f = &r->fills[i];
        const double at = (double)(f->at - k->first) / (double)(k->last - k->first) * (STEPS - 1);
        struct column *c = &k->columns[at < 0 ? 0 : at > STEPS - 1 ? STEPS - 1 : (int)at];
        sum += td_e9_to_double(f->gross_e9) -
               (f->fee_e9 == TD_E9_NONE ? 0.0 : td_e9_to_double(f->fee_e9));
        c->low = c->used && c->low < sum ? c->low : sum;
        c->high = c->used && c->high > sum ? c->high : sum;
        c->last = sum;
        c->used = true;
        k->low = sum < k->low ? sum : k->low;
        k->high = sum > k->high ? sum : k->high;
    }
}

static void draw_axis(struct curve *k, const struct td_day_page *p, const char *currency)
{
    const double marks[] = {k->high, 0, k->low};
    char text[64];
    for (size_t i = 0; i < TD_COUNT(marks); i++) {
        const double y = y_of(k, marks[i]);
        if (i != 1 && fabs(y - y_of(k, 0)) < 14)
            continue;
        td_canvas_line(&k->c, (struct td_point[]){{LEFT, y}, {RIGHT, y}}, 2, 1, GRID);
        (void)snprintf(text, sizeof text, "%.2f", marks[i] + 0.0);
        td_canvas_words(&k->c, (struct td_point){LEFT - 6, y + 4}, 12, TD_ANCHOR_END, PALE, text);
    }
    const td_ns ends[] = {k->first, k->last};
    for (int i = 0; i < 2; i++) {
        struct td_civil c;
        td_tz_civil(p->zone, ends[i], &c);
        (void)snprintf(text, sizeof text, "%02d-%02d %02d:%02d", c.month, c.day, c.hour, c.minute);
        td_canvas_words(&k->c, (struct td_point){i ? RIGHT : LEFT, FOOT + 18}, 12,
                        i ? TD_ANCHOR_END : TD_ANCHOR_START, PALE, text);
    }
    (void)snprintf(text, sizeof text, "%s; %s time", currency, p->zone_name);
    td_canvas_words(&k->c, (struct td_point){(LEFT + RIGHT) / 2, FOOT + 18}, 12, TD_ANCHOR_MIDDLE,
                    PALE, text);
}

static void draw_steps(struct curve *k)
{
    struct td_point points[4 * STEPS + 2];
    size_t n = 0;
    double before = 0;
    points[n++] = (struct td_point){LEFT, y_of(k, 0)};
    for (int i = 0; i < STEPS; i++) {
        const struct column *c = &k->columns[i];
        const double x = x_of(i + 1);
        if (!c->used)
            continue;
        const double way[] = {before, c->low, c->high, c->last};
        for (size_t w = 0; w < TD_COUNT(way); w++)
            points[n++] = (struct td_point){x, y_of(k, way[w])};
        before = c->last;
    }
    td_canvas_line(&k->c, points, n, 2, CURVE);
}

void td_day_curve(const struct td_day_page *p, struct td_text *t)
{
    const struct td_day_report *r = p->report;
    struct curve k = {.low = 0, .high = 0};
    if (r->fill_count < 2 || r->all.net_e9 == TD_E9_NONE ||
        r->fills[0].at >= r->fills[r->fill_count - 1].at)
        return;
    k.first = r->fills[0].at;
    k.last = r->fills[r->fill_count - 1].at;
    fill_columns(&k, r);
    if (k.high - k.low < 0.01)
        k.high = k.low + 0.01;
    td_canvas_svg(&k.c, WIDTH, HEIGHT, "Realized profit after fees over the day", t);
    draw_axis(&k, p, r->all.currency[0] ? r->all.currency : "money");
    draw_steps(&k);
    td_canvas_fini(&k.c);
}
