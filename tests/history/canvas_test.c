/* tests/history/canvas_test.c - both forms of a drawing: escaped words, pixels where they belong, every glyph whole; the picture of
 * a day: words large enough for a phone and inside the picture, whatever the prices. */
#include "history/canvas.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "history/depth_plot.h"
#include "history/stroke_font.h"
#include "support/support.h"

static char svg[1 << 20];

static uint32_t pixel(const struct td_canvas *c, int x, int y)
{
    const uint8_t *p = c->pixels + ((size_t)y * (size_t)c->width * TD_CANVAS_SCALE + (size_t)x) * 3;
    return (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
}

static size_t inked(const struct td_canvas *c)
{
    size_t n = 0;
    for (int y = 0; y < c->height * TD_CANVAS_SCALE; y++)
        for (int x = 0; x < c->width * TD_CANVAS_SCALE; x++)
            n += pixel(c, x, y) != 0xffffff;
    return n;
}

static void boxes_and_lines(void **state)
{
    (void)state;
    struct td_canvas c;
    TD_OK_OR_FAIL(td_canvas_pixels(&c, 40, 30, NULL));
    assert_int_equal(inked(&c), 0);
    const struct td_box boxes[] = {{5, 6, 10, 4}, {-100, 28, 1000, 1000}};
    td_canvas_boxes(&c, boxes, 2, 0x0072b2);
    assert_int_equal(pixel(&c, 10, 12), 0x0072b2);
    assert_int_equal(pixel(&c, 29, 19), 0x0072b2);
    assert_int_equal(pixel(&c, 30, 19), 0xffffff);
    assert_int_equal(pixel(&c, 10, 11), 0xffffff);
    assert_int_equal(inked(&c), 20 * 8 + 80 * 4);
    const struct td_point line[] = {{2, 2}, {2, 25}, {1e7, -1e7}, {30, 4}};
    td_canvas_line(&c, line, 4, 1, 0x000000);
    assert_int_equal(pixel(&c, 4, 30), 0x000000);
    assert_int_equal(pixel(&c, 4, 57), 0x0072b2);
    td_canvas_fini(&c);
    td_canvas_fini(&c);
}

/* Points of two digits on the grid; every letter leaves ink within its width. */
static void glyphs(void **state)
{
    (void)state;
    for (int ch = ' '; ch < 256; ch++) {
        double left, advance;
        const char text[] = {(char)ch, '\0'};
        struct td_canvas c;
        for (const char *p = td_glyph((char)ch, &left, &advance); *p; p += *p == ' ' ? 1 : 2)
            assert_true(*p == ' ' || (*p >= '0' && *p <= '4' && p[1] >= '0' && p[1] <= '8'));
        TD_OK_OR_FAIL(td_canvas_pixels(&c, 20, 30, NULL));
        td_canvas_words(&c, (struct td_point){3, 20}, 16, TD_ANCHOR_START, 0, text);
        assert_true((inked(&c) > 0) == (ch != ' '));
        for (int y = 0; y < 60; y++)
            for (int x = 0; x < 40; x++)
                if (x < 3 || x > (int)(2 * (3 + td_canvas_words_width(text, 16))) + 3)
                    assert_int_equal(pixel(&c, x, y), 0xffffff);
        td_canvas_fini(&c);
    }
}

static void svg_text(void **state)
{
    (void)state;
    struct td_text t;
    struct td_canvas c;
    td_text_init(&t, svg, sizeof svg);
    td_canvas_svg(&c, 100, 50, "a<b>&\"c\"", &t);
    td_canvas_words(&c, (struct td_point){1, 2}, 12, TD_ANCHOR_END, 0xff00ff, "x < y");
    td_canvas_boxes(&c, &(struct td_box){1, 2, 3, 4}, 1, 0x12);
    td_canvas_boxes(&c, NULL, 0, 0x12);
    td_canvas_line(&c, (struct td_point[]){{0, 0}, {1, 1.5}}, 2, 1, 0);
    td_canvas_fini(&c);
    assert_non_null(strstr(svg, "<title>a&lt;b&gt;&amp;&quot;c&quot;</title>"));
    assert_non_null(strstr(svg, "text-anchor=\"end\" fill=\"#ff00ff\">x &lt; y</text>"));
    assert_non_null(strstr(svg, "<path fill=\"#000012\" d=\"M1 2h3v4h-3z\"/>"));
    assert_non_null(strstr(svg, "points=\"0,0 1,1.5\""));
    assert_string_equal(svg + strlen(svg) - 7, "</svg>\n");
}

static void png_file(void **state)
{
    (void)state;
    struct td_canvas c;
    uint8_t *bytes = NULL;
    size_t len = 0;
    TD_OK_OR_FAIL(td_canvas_pixels(&c, 40, 30, NULL));
    if (!td_canvas_has_png()) {
        assert_int_equal(td_canvas_png(&c, &bytes, &len, NULL), TD_EUNSUP);
        td_canvas_fini(&c);
        td_skip("built without libpng: no picture is written");
    }
    TD_OK_OR_FAIL(td_canvas_png(&c, &bytes, &len, NULL));
    assert_memory_equal(bytes, "\x89PNG\r\n\x1a\n", 8);
    assert_int_equal(bytes[19], 80); /* width of the IHDR */
    assert_int_equal(bytes[23], 60);
    free(bytes);
    td_canvas_fini(&c);
}

/* ---- the picture of a day ---- */

static struct td_depth_report r;

static void make_day(double price, double tick, int64_t step_ms, int books)
{
    double bid[2], ask[2];
    struct td_depth_image row = {.rows = {2, 2}, .px = {ask, bid}, .qty = {{5, 900}, {40, 7}}};
    memset(&r, 0, sizeof r);
    r.symbol = "A-SYMBOL-OF-23-LETTERS.";
    r.day = "2026-11-21";
    TD_OK_OR_FAIL(td_measure_open(&r.books, TD_DEPTH_GAP, NULL));
    for (int i = 0; i < books; i++) {
        const double up = price + tick * (i % 7);
        bid[0] = up - tick;
        bid[1] = up - 2 * tick;
        ask[0] = up + tick;
        ask[1] = up + 9 * tick;
        row.at_ns = INT64_C(1763735400000000000) + i * step_ms * TD_MS;
        td_measure_push(&r.books, &row);
    }
    td_measure_finish(&r.books);
}

static double attribute(const char *tag, const char *name)
{
    const char *at = strstr(tag, name);
    assert_non_null(at);
    int64_t e9 = 0;
    at += strlen(name);
    TD_OK_OR_FAIL(td_e9_parse(at, strcspn(at, "\""), &e9));
    return td_e9_to_double(e9);
}

/* Each word of the SVG: at least 12 units high, and within the 400 units however wide it may get. */
static void check_words(void)
{
    int words = 0;
    for (const char *at = strstr(svg, "<text "); at; at = strstr(at + 1, "<text ")) {
        char text[200];
        const char *from = strchr(at, '>') + 1;
        const double x = attribute(at, " x=\""), y = attribute(at, " y=\""),
                     size = attribute(at, "font-size=\"");
        (void)snprintf(text, sizeof text, "%.*s", (int)strcspn(from, "<"), from);
        const double width = td_canvas_words_width(text, size);
        const char *anchor = strstr(at, "text-anchor=\"") + 13;
        const double left = *anchor == 'e' ? x - width : *anchor == 'm' ? x - width / 2 : x;
        assert_true(size >= 12);
        assert_true(y >= 12 && y <= TD_PLOT_HEIGHT);
        if (left < 0 || left + width > TD_PLOT_WIDTH)
            fail_msg("\"%s\" reaches from %.1f to %.1f", text, left, left + width);
        words++;
    }
    assert_true(words > 25);
}

static void days_of_any_kind(void **state)
{
    (void)state;
    static const struct {
        double price, tick;
        int64_t step_ms;
        int books;
    } days[] = {{190, 0.01, 100, 5000}, {61000, 0.1, 100, 40000}, {1.08, 0.00005, 50, 900},
                {190, 0.01, 100, 1},    {190, 0.01, 6000, 40},    {0.002, 0.0001, 1000, 20000},
                {5200, 0.25, 0, 5}};
    for (size_t i = 0; i < TD_COUNT(days); i++) {
        struct td_text t;
        struct td_canvas c;
        make_day(days[i].price, days[i].tick, days[i].step_ms, days[i].books);
        td_text_init(&t, svg, sizeof svg);
        td_canvas_svg(&c, TD_PLOT_WIDTH, TD_PLOT_HEIGHT, "day", &t);
        TD_OK_OR_FAIL(td_depth_plot_draw(&r, &c, NULL));
        td_canvas_fini(&c);
        assert_false(td_text_full(&t));
        assert_null(strstr(svg, "nan"));
        assert_null(strstr(svg, "inf"));
        check_words();
        TD_OK_OR_FAIL(td_canvas_pixels(&c, TD_PLOT_WIDTH, TD_PLOT_HEIGHT, NULL));
        TD_OK_OR_FAIL(td_depth_plot_draw(&r, &c, NULL));
        assert_true(inked(&c) > 10000);
        td_canvas_fini(&c);
        td_depth_report_fini(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(boxes_and_lines),  cmocka_unit_test(glyphs),
        cmocka_unit_test(svg_text),         cmocka_unit_test(png_file),
        cmocka_unit_test(days_of_any_kind),
    };
    return cmocka_run_group_tests_name("canvas", tests, NULL, NULL);
}
