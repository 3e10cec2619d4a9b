/* history/canvas_pixels.c - pixels in memory, and libpng that packs them. */
#include "history/canvas_pixels.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "history/stroke_font.h"

#ifdef TD_WITH_PNG
#include <png.h>
#endif

#define GRID_X 0.095 /* of the size: a step of the font's grid */
#define GRID_Y 0.12
#define PEN    0.105

static int32_t columns(const struct td_canvas *c)
{
    return c->width * TD_CANVAS_SCALE;
}

static int32_t clamp(double v, int32_t high)
{
    return v < 0 ? 0 : v > high ? high : (int32_t)v;
}

static void blend(uint8_t *p, uint32_t colour, double cover)
{
    for (int i = 0; i < 3; i++) {
        const double to = (double)(colour >> (16 - 8 * i) & 0xff);
        p[i] = (uint8_t)((double)p[i] + (to - (double)p[i]) * cover + 0.5);
    }
}

void td_pixels_box(struct td_canvas *c, const struct td_box *b, uint32_t colour)
{
    const int32_t wide = columns(c), high = c->height * TD_CANVAS_SCALE;
    const int32_t x0 = clamp(floor(b->x * TD_CANVAS_SCALE + 0.5), wide),
                  x1 = clamp(floor((b->x + b->w) * TD_CANVAS_SCALE + 0.5), wide),
                  y0 = clamp(floor(b->y * TD_CANVAS_SCALE + 0.5), high),
                  y1 = clamp(floor((b->y + b->h) * TD_CANVAS_SCALE + 0.5), high);
    for (int32_t y = y0; y < y1; y++)
        for (int32_t x = x0; x < x1; x++)
            blend(c->pixels + ((size_t)y * (size_t)wide + (size_t)x) * 3, colour, 1);
}

/* How far a point is from the stroke a-b. */
static double distance(double x, double y, struct td_point a, struct td_point b)
{
    const double dx = b.x - a.x, dy = b.y - a.y, len = dx * dx + dy * dy;
    double t = len > 0 ? ((x - a.x) * dx + (y - a.y) * dy) / len : 0;
    t = t < 0 ? 0 : t > 1 ? 1 : t;
    return hypot(x - a.x - t * dx, y - a.y - t * dy);
}

void td_pixels_stroke(struct td_canvas *c, struct td_point a, struct td_point b, double thick,
                      uint32_t colour)
{
    const double s = TD_CANVAS_SCALE, half = thick * s / 2, reach = half + 1;
    const int32_t wide = columns(c), high = c->height * TD_CANVAS_SCALE;
    const struct td_point p = {a.x * s, a.y * s}, q = {b.x * s, b.y * s};
    const int32_t x0 = clamp(fmin(p.x, q.x) - reach, wide),
                  x1 = clamp(fmax(p.x, q.x) + reach + 1, wide),
                  y0 = clamp(fmin(p.y, q.y) - reach, high),
                  y1 = clamp(fmax(p.y, q.y) + reach + 1, high);
    for (int32_t y = y0; y < y1; y++)
        for (int32_t x = x0; x < x1; x++) {
            const double cover = half + 0.5 - distance(x + 0.5, y + 0.5, p, q);
            if (cover > 0)
                blend(c->pixels + ((size_t)y * (size_t)wide + (size_t)x) * 3, colour,
                      cover < 1 ? cover : 1);
        }
}

double td_pixels_width(const char *text, double size)
{
    double sum = 0, left, advance;
    for (; *text; text++) {
        (void)td_glyph(*text, &left, &advance);
        sum += advance;
    }
    return sum * GRID_X * size;
}

static void draw_glyph(struct td_canvas *c, struct td_point foot, double size, uint32_t colour,
                       const char *glyph, double left)
{
    struct td_point last = {0, 0};
    bool down = false;
    for (const char *p = glyph; *p; p += *p == ' ' ? 1 : 2) {
        if (*p == ' ') {
            down = false;
            continue;
        }
        const struct td_point at = {foot.x + (p[0] - '0' - left) * GRID_X * size,
                                    foot.y - (p[1] - '0' - TD_GLYPH_FOOT) * GRID_Y * size};
        if (down)
            td_pixels_stroke(c, last, at, PEN * size, colour);
        last = at;
        down = true;
    }
}

void td_pixels_words(struct td_canvas *c, struct td_point at, double size,
                     enum td_canvas_anchor anchor, uint32_t colour, const char *text)
{
    const double width = td_pixels_width(text, size);
    at.x -= anchor == TD_ANCHOR_END ? width : anchor == TD_ANCHOR_MIDDLE ? width / 2 : 0;
    for (; *text; text++) {
        double left, advance;
        const char *glyph = td_glyph(*text, &left, &advance);
        draw_glyph(c, at, size, colour, glyph, left);
        at.x += advance * GRID_X * size;
    }
}

/* ---- the file ---- */

bool td_canvas_has_png(void)
{
#ifdef TD_WITH_PNG
    return true;
#else
    return false;
#endif
}

enum td_err td_canvas_png(const struct td_canvas *c, uint8_t **bytes, size_t *len,
                          struct td_fail *why)
{
#ifdef TD_WITH_PNG
    png_image image = {.version = PNG_IMAGE_VERSION,
                       .width = (png_uint_32)columns(c),
                       .height = (png_uint_32)(c->height * TD_CANVAS_SCALE),
                       .format = PNG_FORMAT_RGB};
    png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(image);
    uint8_t *room = malloc(size);
    if (!room)
        return td_fail_set(why, TD_ENOMEM, "no memory for the PNG");
    if (!png_image_write_to_memory(&image, room, &size, 0, c->pixels, 0, NULL)) {
        free(room);
        return td_fail_set(why, TD_ENOMEM, "writing the PNG: %s", image.message);
    }
    *bytes = room;
    *len = size;
    return TD_OK;
#else
    (void)c;
    (void)bytes;
    (void)len;
    return td_fail_set(
        why, TD_EUNSUP,
        "built without libpng (install libpng-dev and build again); the SVG is there");
#endif
}
