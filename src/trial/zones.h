/* trial/zones.h - time zones on a simulated machine's disk: the real files, copied. */
#ifndef TD_TRIAL_ZONES_H
#define TD_TRIAL_ZONES_H

#include "sys/world.h"

/* Those that the simulator's exchanges and the desk ask for. TD_ENOENT: the real machine has no zone files. */
TD_MUST_CHECK enum td_err td_zones_install(struct td_world *from, struct td_world *to,
                                           struct td_fail *why);

#endif
