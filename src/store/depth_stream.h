/* store/depth_stream.h - snapshots of any number of files as one sequence in time order.
 *
 * Files hold the contract's columns (contracts 4.1): timestamp as ISO text or an instant, four lists; lists that are texts
 * are read as JSON arrays, sizes may be floats. A row group is in memory at a time, of each file that overlaps another in
 * time; a file is opened when its first row is due and closed behind its last one. Rows of a group that are not in time
 * order are put in order; a row that is older than one already given is left out and counted, never given late.
 * Rows of the same instant come in the order of files, then rows. One owner, heap of this file.
 */
#ifndef TD_STORE_DEPTH_STREAM_H
#define TD_STORE_DEPTH_STREAM_H

#include "store/capture.h"

#define TD_DEPTH_OPEN_MAX 8 /* files that overlap in time */

/* A row as it was recorded. Valid until the next call. */
struct td_depth_image {
    td_ns at_ns;
    uint32_t quality; /* flags of market/book.h; 0 where the file has no such column */
    bool generated;
    int32_t rows[2]; /* [enum td_side] entries of the lists, those of missing levels too */
    const double *px[2];
    double qty[2][TD_CAPTURE_LEVELS_MAX];
};

struct td_depth_source {
    const char *path;        /* borrowed */
    uint64_t rows;           /* read so far */
    uint64_t disordered;     /* rows that stood behind a later one in their group */
    uint64_t late;           /* left out */
    td_ns first_ns, last_ns; /* earliest and latest; 0 without rows */
};

struct td_depth_stream; /* opaque */

/* TD_EPARSE: a file is not a snapshots file, or cut short. The paths stay borrowed. */
TD_MUST_CHECK enum td_err td_depth_stream_open(struct td_depth_stream **out, struct td_world *world,
                                               const char *const *paths, size_t count,
                                               struct td_fail *why);
/* TD_ENODATA: no more. TD_EPARSE: damaged, or a row that makes no sense: file and row are named. TD_ENOMEM: a row group
 * past 256 MiB. TD_EFULL: more than TD_DEPTH_OPEN_MAX files overlap. */
TD_MUST_CHECK enum td_err td_depth_stream_next(struct td_depth_stream *s,
                                               struct td_depth_image *out, struct td_fail *why);
size_t td_depth_stream_count(const struct td_depth_stream *s);
const struct td_depth_source *td_depth_stream_source(const struct td_depth_stream *s, size_t i);
void td_depth_stream_close(struct td_depth_stream *s); /* NULL is allowed */

#endif
