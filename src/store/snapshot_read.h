/* store/snapshot_read.h - reads recorded sessions back: snapshots (Parquet) and messages (JSON).
 *
 * For replay, tests and reports. Files of the original recorder are read too: snappy, no extra columns
 * (their clocks are 0), lists shorter than the deepest one. Streams: one row group of snapshots and one
 * message at a time. Memory is one workspace taken at open and given back at close.
 */
#ifndef TD_STORE_SNAPSHOT_READ_H
#define TD_STORE_SNAPSHOT_READ_H

#include "store/capture.h"
#include "wire/parquet.h"

struct td_snapshot_file; /* opaque: heap of this file */

/* TD_EPARSE: not a snapshots file (the reason is in `why`); TD_ENOENT, TD_EIO, TD_ENOMEM. */
TD_MUST_CHECK enum td_err td_snapshot_file_open(struct td_snapshot_file **out,
                                                struct td_world *world, const char *path,
                                                struct td_fail *why);
uint64_t td_snapshot_file_rows(const struct td_snapshot_file *f);
int32_t td_snapshot_file_levels(const struct td_snapshot_file *f); /* of the longest list so far */
/* The next row in file order. TD_ENODATA: no more. TD_EPARSE: damaged. Values are rounded to 1e-9. */
TD_MUST_CHECK enum td_err td_snapshot_file_next(struct td_snapshot_file *f, struct td_snap *out,
                                                struct td_fail *why);
void td_snapshot_file_close(struct td_snapshot_file *f); /* NULL is allowed */

/* One object of a messages file. */
struct td_message {
    struct td_event
        event;    /* DEPTH, DEPTH_RESET or GAP; an operation "?" of the originals is a GAP */
    td_ns at_ns;  /* its timestamp */
    uint64_t seq; /* 0 in files of the original recorder */
    bool image;   /* part of a book image at the session's start */
    char symbol[TD_CAPTURE_SYMBOL];
};

struct td_message_file; /* opaque: heap of this file */

TD_MUST_CHECK enum td_err td_message_file_open(struct td_message_file **out, struct td_world *world,
                                               const char *path, struct td_fail *why);
/* The next message. TD_ENODATA: no more. TD_EPARSE: not a messages file, or damaged. */
TD_MUST_CHECK enum td_err td_message_file_next(struct td_message_file *f, struct td_message *out,
                                               struct td_fail *why);
void td_message_file_close(struct td_message_file *f);

#endif
