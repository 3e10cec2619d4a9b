/* store/depth_cursor.h - one snapshots file, a row group at a time; the inside of store/depth_stream.h. */
#ifndef TD_STORE_DEPTH_CURSOR_H
#define TD_STORE_DEPTH_CURSOR_H

#include "store/depth_stream.h"

struct td_depth_cursor; /* opaque */

/* Opens and checks the columns; `facts` is filled while reading and outlives the cursor. */
TD_MUST_CHECK enum td_err td_depth_cursor_open(struct td_depth_cursor **out, struct td_world *world,
                                               struct td_depth_source *facts, struct td_fail *why);
void td_depth_cursor_close(struct td_depth_cursor *c);
/* The earliest time in the file; *begin stays what it was when there are no rows. Reads the times alone. */
TD_MUST_CHECK enum td_err td_depth_cursor_begin(struct td_depth_cursor *c, td_ns *begin,
                                                struct td_fail *why);
/* TD_OK when there is a row at hand, loading a group where needed; TD_ENODATA at the end. */
TD_MUST_CHECK enum td_err td_depth_cursor_ready(struct td_depth_cursor *c, struct td_fail *why);
td_ns td_depth_cursor_at(const struct td_depth_cursor *c); /* of the row at hand */
TD_MUST_CHECK enum td_err td_depth_cursor_row(struct td_depth_cursor *c, struct td_depth_image *out,
                                              struct td_fail *why);
void td_depth_cursor_step(struct td_depth_cursor *c); /* past the row at hand */

#endif
