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

/* For a reader that jumps (store/recorded.h). Row groups are numbered from 0. */
size_t td_depth_cursor_groups(const struct td_depth_cursor *c);
/* Rows of a group, and its earliest and latest time (0 without rows), from its times alone. No row is at hand then. */
struct td_depth_span {
    uint64_t rows;
    td_ns first_ns, last_ns;
};
TD_MUST_CHECK enum td_err td_depth_cursor_span(struct td_depth_cursor *c, size_t group,
                                               struct td_depth_span *out, struct td_fail *why);
/* How many rows of the group whose flags hold one of `mask`, from that column alone; -1: there is no such column. No row
 * is at hand then. */
TD_MUST_CHECK enum td_err td_depth_cursor_flagged(struct td_depth_cursor *c, size_t group,
                                                  uint32_t mask, int64_t *out, struct td_fail *why);
/* Stands at the first row of the group at `at` or later, or behind its last one. A group that is in memory is not read
 * again. O(log rows) then. */
TD_MUST_CHECK enum td_err td_depth_cursor_seek(struct td_depth_cursor *c, size_t group, td_ns at,
                                               struct td_fail *why);
bool td_depth_cursor_here(const struct td_depth_cursor *c); /* a row of the group is at hand */
bool td_depth_cursor_back(struct td_depth_cursor *c);       /* one row; false: it is the first */

#endif
