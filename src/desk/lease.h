/* desk/lease.h - the right of one process of this machine to use a client id at a gateway.
 *
 * A lock file per (host, port, client id) below the runtime folder, taken before the dial and held until the
 * connection has ended: two of our own processes never fight for an id, and error 326 is then always somebody
 * else's. The file names the holder (pid and command) and stays; only the lock counts, and it ends with its
 * process, however that ends. A folder that cannot be written makes no lease: connecting goes on without.
 */
#ifndef TD_DESK_LEASE_H
#define TD_DESK_LEASE_H

#include "sys/world.h"

struct td_lease {
    struct td_world *world; /* NULL: not held */
    struct td_file file;
};

/* TD_ELOCKED: another process of ours holds it; the failure names it. Other errors: no lease could be made. */
TD_MUST_CHECK enum td_err td_lease_take(struct td_lease *l, struct td_world *world,
                                        const char *folder, const char *host, uint16_t port,
                                        int32_t client_id, struct td_fail *why);
/* Accepts a zeroed lease, and twice. */
void td_lease_drop(struct td_lease *l);

#endif
