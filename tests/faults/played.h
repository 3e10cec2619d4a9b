/* tests/faults/played.h - a gateway simulator inside the test, served while the real program runs as a child.
 *
 * Its ledger, not the child's books, says what arrived. The test pumps it: nothing is served in between.
 * Children are ended by the test that started them.
 */
#ifndef TD_TESTS_FAULTS_PLAYED_H
#define TD_TESTS_FAULTS_PLAYED_H

#include <sys/types.h>

#include "sim/gateway_server.h"
#include "sys/world.h"

struct played {
    struct td_world world;
    struct td_gateway *gateway;
    char port[16]; /* for the child's --port */
};

/* Data by seed or recorded, as the simulator chooses; `speed` times as fast as it happened. False after
 * printing why. */
bool played_open(struct played *p, const char *const *symbols, uint32_t count, uint64_t seed,
                 int speed);
void played_close(struct played *p);

/* Serves the gateway for `span` of real time. */
void played_pump(struct played *p, td_ns span);

/* Starts argv[0]; what it says is appended to NAME.out and NAME.err in the working directory. */
pid_t played_start(const char *const *argv, const char *name);

/* Kills it with SIGKILL and serves on until it is gone. */
void played_kill(struct played *p, pid_t pid);

/* Serves until it has ended; its exit status, 128 after a signal. Fails the test after `limit`. */
int played_finish(struct played *p, pid_t pid, td_ns limit);

#endif
