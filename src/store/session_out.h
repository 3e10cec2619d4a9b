/* store/session_out.h - an output file that appears whole or not at all; shared by the files of store/.
 *
 * Written under <path>.tmp through a small buffer; td_out_seal syncs, td_out_publish renames. The first
 * error is kept and every later call repeats it.
 */
#ifndef TD_STORE_SESSION_OUT_H
#define TD_STORE_SESSION_OUT_H

#include "sys/world.h"

#define TD_OUT_PATH   800
#define TD_OUT_BUFFER 65536

struct td_out {
    struct td_world *world;
    struct td_file file;
    enum td_err err;
    uint64_t bytes;
    size_t used;
    char path[TD_OUT_PATH];
    char tmp[TD_OUT_PATH + 8];
    uint8_t buf[TD_OUT_BUFFER];
};

TD_MUST_CHECK enum td_err td_out_open(struct td_out *o, struct td_world *world, const char *path,
                                      struct td_fail *why);
/* Matches td_pq_write_fn. */
enum td_err td_out_write(void *out, const void *bytes, size_t len);
/* Everything on the disk under the temporary name; the file is closed. */
TD_MUST_CHECK enum td_err td_out_seal(struct td_out *o, struct td_fail *why);
/* The finished name, and the folder synced. */
TD_MUST_CHECK enum td_err td_out_publish(struct td_out *o, struct td_fail *why);
/* Closes and removes the temporary file, if it is there. Accepts a zeroed one and a published one. */
void td_out_drop(struct td_out *o);

#endif
