/* desk/guest_host.h - the process that runs a foreign strategy: loads the shared object, answers events.
 *
 * Started by a desk or by `strategies check` (sys/world.h, td_world_spawn), never by a person. Confines itself (sys/confine.h)
 * before the object is loaded, says what it is, then answers one frame after the other (strat/guest.h) until the channel
 * ends. It knows no socket of the desk, no file, no order. Memory is taken when an instance begins and never after.
 */
#ifndef TD_DESK_GUEST_HOST_H
#define TD_DESK_GUEST_HOST_H

#include "base/err.h"

/* Returns only when stdin is no channel (TD_EINVAL) or the process cannot be confined; else it ends the process. */
TD_MUST_CHECK enum td_err td_guest_host(const char *path, struct td_fail *why);

#endif
