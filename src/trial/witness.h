/* trial/witness.h - judges the recorder's files: whole, readable, and what the gateway sent.
 *
 * After every end of the recorder's process each new file that has its final name is read to its end by store/snapshot_read.h,
 * which shares no code with the writers. At the end of the trial every row of every file is looked up in what the wiretap
 * heard:
 *
 * - a row stands in the files that was heard, once, and in the order heard; a book made from a file's messages is in every
 *   snapshot what the snapshot says;
 * - a row that was heard and stands in no file has its reason: a gap or reset mark behind it in the file, the death of the
 *   process within the time that is not synced yet, or a disk that failed and was told;
 * - nothing is left unfinished: no capture log, no temporary file.
 *
 * Source: reliability P11, F40-F42.
 */
#ifndef TD_TRIAL_WITNESS_H
#define TD_TRIAL_WITNESS_H

#include "trial/camera.h"

#define TD_WITNESS_SEEN 4096

struct td_witness {
    char what[240]; /* empty: all held so far */
    uint64_t checks;
    uint32_t files, rows, snapshots; /* read at the end */
    uint64_t lost;                   /* rows with a reason */
    uint64_t seen[TD_WITNESS_SEEN];  /* names of files that were read, hashed */
    uint32_t seen_count;
};

/* A process has ended: all files with a final name are whole. */
void td_witness_look(struct td_witness *w, struct td_camera *c);
/* After td_camera_finish. */
void td_witness_end(struct td_witness *w, struct td_camera *c);

#endif
