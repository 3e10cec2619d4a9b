/* sys/logfile.h - the log's files, written by a thread of their own so that no caller waits for a disk.
 *
 * Under a folder: trading.log (every line), error.log (errors), api.<name>.log (channel api) and
 * performance.log. A full ring drops lines and says how many once there is room again. Files that grow
 * past `bytes_max` are renamed to <file>.1 (one older copy is kept). Lines also go to stderr when asked.
 * Safe from any thread (producers share a short lock around a copy).
 */
#ifndef TD_SYS_LOGFILE_H
#define TD_SYS_LOGFILE_H

#include "base/log.h"
#include "sys/world.h"

struct td_logfile_config {
    const char *folder; /* NULL: no files */
    const char *name;   /* names api.<name>.log */
    bool to_stderr;
    enum td_log_level stderr_level;
    uint64_t bytes_max; /* 0: 64 MiB */
};

struct td_logfile; /* owns threads and a lock: opaque */

/* Opens the files, starts the thread and points `log` at it. TD_EACCES etc. name the file. */
TD_MUST_CHECK enum td_err td_logfile_open(struct td_logfile **out,
                                          const struct td_logfile_config *config,
                                          struct td_log *log, struct td_fail *why);
/* Writes what waits, stops the thread, closes the files; `log` drops lines from then on. NULL is fine. */
void td_logfile_close(struct td_logfile *lf, struct td_log *log);

#endif
