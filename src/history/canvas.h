/* history/canvas.h - a drawing of rectangles, lines and words, written as SVG or as PNG.
 *
 * One layout, two forms: what draws does not know which. The unit is the pixel of a screen 400 wide; a PNG has two of its
 * pixels to each. Colours are 0xRRGGBB. In SVG words are in the reader's sans-serif; in PNG in a stroke font of our own
 * (history/stroke_font.h), so no font need be installed and a drawing gives the same pixels everywhere. SVG goes into the
 * caller's text; the pixels are heap of the canvas. One owner.
 */
#ifndef TD_DESK_CANVAS_H
#define TD_DESK_CANVAS_H

#include "base/text.h"

#define TD_CANVAS_SCALE    2    /* PNG pixels to a unit */
#define TD_CANVAS_SIDE_MAX 4000 /* units */

enum td_canvas_anchor { TD_ANCHOR_START, TD_ANCHOR_MIDDLE, TD_ANCHOR_END };

struct td_point {
    double x, y;
};

struct td_box {
    double x, y, w, h;
};

struct td_canvas {
    int32_t width, height; /* units */
    /* private */
    struct td_text *svg; /* NULL: pixels */
    uint8_t *pixels;     /* [height * SCALE][width * SCALE][3] */
};

/* An SVG drawing: its head goes into `out`, which stays the caller's; `label` tells those who do not see it. */
void td_canvas_svg(struct td_canvas *c, int32_t width, int32_t height, const char *label,
                   struct td_text *out);
/* A white picture in memory. TD_ENOMEM. */
TD_MUST_CHECK enum td_err td_canvas_pixels(struct td_canvas *c, int32_t width, int32_t height,
                                           struct td_fail *why);
/* Ends the SVG text, or gives the pixels back. Accepts a zeroed one, and twice. */
void td_canvas_fini(struct td_canvas *c);
/* Whether this build can write PNG. */
bool td_canvas_has_png(void);
/* The pixels as a PNG file in *bytes, malloc'd. TD_EUNSUP: built without libpng. TD_ENOMEM. */
TD_MUST_CHECK enum td_err td_canvas_png(const struct td_canvas *c, uint8_t **bytes, size_t *len,
                                        struct td_fail *why);

/* n boxes of one colour. */
void td_canvas_boxes(struct td_canvas *c, const struct td_box *boxes, size_t n, uint32_t colour);
/* A line through n points, `thick` units wide, with round ends. */
void td_canvas_line(struct td_canvas *c, const struct td_point *points, size_t n, double thick,
                    uint32_t colour);
/* `size` as of a font: 12 can be read on a phone. `y` is where the letters stand. */
void td_canvas_words(struct td_canvas *c, struct td_point at, double size,
                     enum td_canvas_anchor anchor, uint32_t colour, const char *text);
/* As wide as the words get, at most, in either form. */
double td_canvas_words_width(const char *text, double size);

#endif
