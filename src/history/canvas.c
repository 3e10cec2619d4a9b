/* history/canvas.c - the SVG form of a drawing, and which form it is. */
#include "history/canvas.h"

#include <stdlib.h>
#include <string.h>

#include "history/canvas_pixels.h"

void td_canvas_svg(struct td_canvas *c, int32_t width, int32_t height, const char *label,
                   struct td_text *out)
{
    TD_REQUIRE(width > 0 && width <= TD_CANVAS_SIDE_MAX && height > 0 &&
               height <= TD_CANVAS_SIDE_MAX);
    *c = (struct td_canvas){.width = width, .height = height, .svg = out};
    td_text_printf(out,
                   "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" "
                   "height=\"%d\" role=\"img\" font-family=\"system-ui, sans-serif\"><title>",
                   (int)width, (int)height, (int)width, (int)height);
    td_canvas_escape(out, label);
    td_text_printf(out, "</title>\n<rect width=\"%d\" height=\"%d\" fill=\"#ffffff\"/>\n",
                   (int)width, (int)height);
}

enum td_err td_canvas_pixels(struct td_canvas *c, int32_t width, int32_t height,
                             struct td_fail *why)
{
    TD_REQUIRE(width > 0 && width <= TD_CANVAS_SIDE_MAX && height > 0 &&
               height <= TD_CANVAS_SIDE_MAX);
    const size_t bytes = (size_t)width * (size_t)height * TD_CANVAS_SCALE * TD_CANVAS_SCALE * 3;
    *c = (struct td_canvas){.width = width, .height = height, .pixels = malloc(bytes)};
    if (!c->pixels)
        return td_fail_set(why, TD_ENOMEM, "no memory for a picture of %zu bytes", bytes);
    memset(c->pixels, 0xff, bytes);
    return TD_OK;
}

void td_canvas_fini(struct td_canvas *c)
{
    if (c->svg)
        td_text_put(c->svg, "</svg>\n");
    free(c->pixels);
    *c = (struct td_canvas){0};
}

void td_canvas_escape(struct td_text *t, const char *text)
{
    for (; *text; text++) {
        if (*text == '<')
            td_text_put(t, "&lt;");
        else if (*text == '>')
            td_text_put(t, "&gt;");
        else if (*text == '&')
            td_text_put(t, "&amp;");
        else if (*text == '"')
            td_text_put(t, "&quot;");
        else
            td_text_char(t, *text);
    }
}

void td_canvas_boxes(struct td_canvas *c, const struct td_box *boxes, size_t n, uint32_t colour)
{
    for (size_t i = 0; !c->svg && i < n; i++)
        td_pixels_box(c, &boxes[i], colour);
    if (!c->svg || n == 0)
        return;
    td_text_printf(c->svg, "<path fill=\"#%06x\" d=\"", (unsigned)colour);
    for (size_t i = 0; i < n; i++)
        td_text_printf(c->svg, "M%.4g %.4gh%.4gv%.4gh%.4gz", boxes[i].x, boxes[i].y, boxes[i].w,
                       boxes[i].h, -boxes[i].w);
    td_text_put(c->svg, "\"/>\n");
}

void td_canvas_line(struct td_canvas *c, const struct td_point *points, size_t n, double thick,
                    uint32_t colour)
{
    for (size_t i = 1; !c->svg && i < n; i++)
        td_pixels_stroke(c, points[i - 1], points[i], thick, colour);
    if (!c->svg || n < 2)
        return;
    td_text_printf(c->svg,
                   "<polyline fill=\"none\" stroke=\"#%06x\" stroke-width=\"%.3g\" "
                   "stroke-linejoin=\"round\" stroke-linecap=\"round\" points=\"",
                   (unsigned)colour, thick);
    for (size_t i = 0; i < n; i++)
        td_text_printf(c->svg, "%s%.4g,%.4g", i ? " " : "", points[i].x, points[i].y);
    td_text_put(c->svg, "\"/>\n");
}

void td_canvas_words(struct td_canvas *c, struct td_point at, double size,
                     enum td_canvas_anchor anchor, uint32_t colour, const char *text)
{
    static const char *const anchors[] = {"start", "middle", "end"};
    if (!c->svg) {
        td_pixels_words(c, at, size, anchor, colour, text);
        return;
    }
    td_text_printf(c->svg,
                   "<text x=\"%.4g\" y=\"%.4g\" font-size=\"%.3g\" text-anchor=\"%s\" "
                   "fill=\"#%06x\">",
                   at.x, at.y, size, anchors[anchor], (unsigned)colour);
    td_canvas_escape(c->svg, text);
    td_text_put(c->svg, "</text>\n");
}

/* Sans-serif fonts stay below 0.62 of their size for a letter of mixed words. */
double td_canvas_words_width(const char *text, double size)
{
    const double strokes = td_pixels_width(text, size),
                 letters = 0.62 * size * (double)strlen(text);
    return strokes > letters ? strokes : letters;
}
