/* sys/uvworld.h - the real world: Linux through libuv.
 *
 * One per thread. Sockets are non-blocking; every descriptor is close-on-exec. SIGPIPE is ignored.
 * SIGINT, SIGTERM, SIGHUP and SIGUSR1 become TD_WAKE_SIGNAL in worlds opened with `signals`.
 */
#ifndef TD_SYS_UVWORLD_H
#define TD_SYS_UVWORLD_H

#include "sys/world.h"

#define TD_UV_CONNS_MAX    256
#define TD_UV_FILES_MAX    64
#define TD_UV_CHILDREN_MAX 64

/* Opens a world. TD_ENOMEM, TD_EIO. Close it in the thread that opened it. */
TD_MUST_CHECK enum td_err td_uvworld_open(struct td_world *out, bool signals, struct td_fail *why);
void td_uvworld_close(struct td_world *w);

#endif
