/* history/mirror.h - copies our files to an object store: what is there with the same content is not sent again.
 *
 * Content decides: a file is the same when the object has its size and its SHA-256 (x-amz-meta-sha256). Nothing is ever
 * deleted there. Small files are one request; larger ones go in parts, and the upload under way is kept in
 * <state>/sync-upload.txt, so that after a kill at any moment the next run sends only the parts that are missing. A file
 * that changes while its parts are sent is not completed. One mirror of a state folder at a time (<state>/sync.lock).
 *
 * Owner: one thread, never the trading one. Source: docs/cmd/sync.md, contracts 11.
 */
#ifndef TD_DESK_MIRROR_H
#define TD_DESK_MIRROR_H

#include "history/mirror_plan.h"
#include "history/s3.h"

#define TD_MIRROR_PART     ((size_t)16 << 20)
#define TD_MIRROR_FAILURES 5 /* in a row that end a run */

enum td_mirror_word { TD_MIRROR_SAME, TD_MIRROR_SENT, TD_MIRROR_WOULD_SEND, TD_MIRROR_FAILED };

struct td_mirror_step {
    enum td_mirror_word word;
    const char *path, *key;
    uint64_t bytes;
    const char *why; /* of FAILED */
};

struct td_mirror_report {
    uint64_t files, same, sent, failed; /* dry run: sent is what would be */
    uint64_t bytes, bytes_sent;
    uint64_t parts_kept; /* of an upload that went on */
    size_t done, total;  /* so far */
};

typedef void td_mirror_fn(void *arg, const struct td_mirror_step *step,
                          const struct td_mirror_report *so_far);

struct td_mirror_options {
    struct td_world *world;
    struct td_s3 *s3;
    struct td_mirror_places places;
    bool dry_run;
    size_t part_bytes; /* 0: TD_MIRROR_PART */
    td_mirror_fn *tell;
    void *arg;
};

/* Files that fail are told and counted, the others go on. The error is of what ended the run: TD_EACCES, TD_ENOENT (no
 * such bucket), TD_EAGAIN (stopped), TD_ELOCKED, TD_EFULL of a plan, or the last of TD_MIRROR_FAILURES in a row. */
TD_MUST_CHECK enum td_err td_mirror_run(const struct td_mirror_options *o,
                                        struct td_mirror_report *report, struct td_fail *why);

#endif
