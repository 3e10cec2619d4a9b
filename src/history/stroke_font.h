/* history/stroke_font.h - letters as strokes, for pictures on machines without fonts. Own design.
 *
 * A glyph is a text of points on a grid, two digits each: x 0..4, y 0..8 (2 the foot, 6 the top of small letters, 8 of capitals,
 * 0 the end of tails). Points follow each other in a stroke; a blank lifts the pen. A point given twice is a dot.
 */
#ifndef TD_DESK_STROKE_FONT_H
#define TD_DESK_STROKE_FONT_H

#include "base/defs.h"

#define TD_GLYPH_FOOT 2
#define TD_GLYPH_TOP  8

/* The strokes of a character; of one that is not ASCII, a box. Its leftmost x, and how far the pen moves on. */
const char *td_glyph(char c, double *left, double *advance);

#endif
