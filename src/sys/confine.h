/* sys/confine.h - what the host of a foreign strategy does before it loads it, and how it is spoken to.
 *
 * It is the child of td_world_spawn: stdin is the channel. Nothing here protects against malice (what it loads runs as the same
 * user); it bounds what a fault can take: no core file, 32 descriptors, TD_CONFINE_BYTES of address space beside what the
 * program has, no processes and threads of its own (not for root), and its end with ours (PR_SET_PDEATHSIG). SIGTERM ends it
 * at once, whatever it does.
 */
#ifndef TD_SYS_CONFINE_H
#define TD_SYS_CONFINE_H

#include "base/err.h"

#define TD_CONFINE_BYTES ((uint64_t)512 << 20)

/* Once, before anything foreign is loaded. TD_EIO: the system refused; nothing may be loaded then. TD_EINVAL: stdin is no
 * channel: a person started it. */
TD_MUST_CHECK enum td_err td_confine(struct td_fail *why);

/* Exactly len bytes of the channel, waiting for as long as it takes. TD_ECLOSED: the other side is gone. */
TD_MUST_CHECK enum td_err td_confined_read(void *out, size_t len);
TD_MUST_CHECK enum td_err td_confined_write(const void *bytes, size_t len);
/* Ends the process without running anything of what was loaded. */
TD_NORETURN void td_confined_exit(int status);

#endif
