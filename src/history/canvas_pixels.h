/* history/canvas_pixels.h - the PNG form of history/canvas.h: boxes, smooth strokes, stroked words; and how markup is escaped. */
#ifndef TD_DESK_CANVAS_PIXELS_H
#define TD_DESK_CANVAS_PIXELS_H

#include "history/canvas.h"

/* Text for XML and HTML: < > & " as entities. */
void td_canvas_escape(struct td_text *t, const char *text);

/* Parts outside the picture are cut. */
void td_pixels_box(struct td_canvas *c, const struct td_box *b, uint32_t colour);
void td_pixels_stroke(struct td_canvas *c, struct td_point a, struct td_point b, double thick,
                      uint32_t colour);
void td_pixels_words(struct td_canvas *c, struct td_point at, double size,
                     enum td_canvas_anchor anchor, uint32_t colour, const char *text);
double td_pixels_width(const char *text, double size);

#endif
