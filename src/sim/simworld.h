/* sim/simworld.h - a world that follows from one seed: clock, randomness, network and disks, with faults.
 *
 * One td_simworld holds one clock, one network and up to TD_SIM_HOSTS machines; each machine has a disk of
 * its own and runs one process, which sees an ordinary td_world. Code under test cannot tell it from the
 * real one. Two runs with the same seed and the same calls do exactly the same; td_simworld_trace is a
 * hash over every call and its result to prove it.
 *
 * Time. mono starts at 1 s and moves only inside td_world_wait, from event to event (ordered by time, then
 * by number); code takes no time. now = start_ns + mono + the steps of td_simworld_step_clock.
 *
 * Several machines on one thread. While one waits, events of the others happen too. A machine with a turn
 * function is run at its events, inside the other's wait: the function handles its wakes (waiting with a
 * deadline that has passed) and returns when it next wants to run, or TD_NS_NEVER. A machine without one
 * finds its wakes queued when it waits itself. Waiting for ever with nothing under way returns TIMEOUT.
 *
 * Network. One address space: ports and unix paths are the world's, a dialled host must be "localhost",
 * "127.0.0.1", "::1", "0.0.0.0" or the name of a machine. Every message takes a latency of its own, drawn from
 * latency_min..latency_max, but bytes of a connection stay in order; a send is delivered in 1 to 3 pieces.
 * An unlistened port is refused: TD_EUNREACH.
 * A connection buffers TD_SIM_WINDOW bytes. `drop` of 1000 sends reset the connection instead.
 *
 * Disk. Writes change the page cache; sync makes a file's bytes durable; folder sync makes the creations,
 * renames and removals in that folder durable. Folders themselves are durable when made (as on ext4, where
 * syncing anything below commits them). A power cut keeps what was synced and, of the rest, what chance
 * decides: per file a length between the synced and the written one, per sector (512 or 4096 bytes) old,
 * new or, where nothing was synced, zeros; of the unsynced changes of names a prefix, or any subset.
 * Bytes that were synced and not rewritten are never lost.
 *
 * Odd but legal behaviour happens in `odd` of 1000 calls: reads of one byte, short sends, TD_EAGAIN though
 * bytes are there, timers up to 2 ms late.
 *
 * Owner: one thread. Memory: malloc, all freed at close.
 */
#ifndef TD_SIM_SIMWORLD_H
#define TD_SIM_SIMWORLD_H

#include "sys/world.h"

#define TD_SIM_HOSTS  8
#define TD_SIM_WINDOW 65536u

struct td_simworld; /* opaque */

struct td_simworld_options {
    uint64_t seed;
    td_ns start_ns;                 /* wall clock when mono is 0            */
    td_ns latency_min, latency_max; /* one way                              */
    uint32_t odd;                   /* of 1000 calls                        */
    uint32_t drop;                  /* of 1000 sends                        */
    uint64_t disk_bytes;            /* size of each disk; 0: without limit  */
};

/* TD_ENOMEM; TD_EINVAL: latency_max < latency_min, odd or drop > 1000. */
TD_MUST_CHECK enum td_err td_simworld_open(struct td_simworld **out,
                                           const struct td_simworld_options *o,
                                           struct td_fail *why);
void td_simworld_close(struct td_simworld *s); /* NULL is fine */

/* Starts a process on the machine `name` (1..23 characters): a new machine with an empty disk, or one whose
 * process was killed, with the disk it has. TD_EEXIST: it is running. TD_EFULL: too many machines.
 * `out` is valid until the process is killed or the world closed. */
TD_MUST_CHECK enum td_err td_simworld_attach(struct td_simworld *s, const char *name,
                                             uint32_t *host, struct td_world *out,
                                             struct td_fail *why);
typedef td_ns td_sim_turn_fn(void *arg);
/* Sets or (NULL) clears the turn function, and runs it at the next wait of anybody. */
void td_simworld_turn(struct td_simworld *s, uint32_t host, td_sim_turn_fn *fn, void *arg);

/* kill -9: connections are reset, locks released, the page cache stays. Calls of the dead process fail with
 * TD_EIO and its waits return TIMEOUT at once. */
void td_simworld_kill(struct td_simworld *s, uint32_t host);
/* The machine loses power: as kill, and the disk keeps only what the header says. */
void td_simworld_crash(struct td_simworld *s, uint32_t host);
/* All machines at once. */
void td_simworld_power_cut(struct td_simworld *s);

/* The process is killed just before its `nth` system call from now on (1: the next; 0: not any more). The code under
 * test goes on until it returns, as a dead process: nothing it does has an effect. Sockets and files count, reading a
 * clock and waiting do not. */
void td_simworld_die_at(struct td_simworld *s, uint32_t host, uint64_t nth);
bool td_simworld_alive(const struct td_simworld *s, uint32_t host);
/* System calls of the machine's process since it was attached. */
uint64_t td_simworld_calls(const struct td_simworld *s, uint32_t host);

enum td_sim_op {
    TD_SIM_OPEN,  /* opening for writing */
    TD_SIM_WRITE, /* a failing write leaves a part of its bytes */
    TD_SIM_SYNC,  /* of a file or folder; afterwards nothing of the unsynced bytes is durable */
    TD_SIM_RENAME,
    TD_SIM_ANY, /* any of these, truncate and remove */
};

/* From now on the `nth` (1-based; 0 clears) such call on the machine's disk fails with `err`; `forever`: and
 * every later changing call. TD_SIM_ANY with TD_EIO for ever, then td_simworld_crash, is a power cut in the
 * middle of the code under test. */
struct td_sim_fault {
    enum td_sim_op op;
    uint64_t nth;
    enum td_err err;
    bool forever;
};
void td_simworld_fault(struct td_simworld *s, uint32_t host, const struct td_sim_fault *fault);
/* Changing calls on the machine's disk since it was attached. */
uint64_t td_simworld_disk_calls(const struct td_simworld *s, uint32_t host);

/* What a machine does, as it has happened: bytes appended to a file, a file whose bytes are durable now, bytes handed to a
 * connection (all that were offered, though it may take fewer), bytes a connection took, and bytes the process read from
 * one. Kept over the ends of its processes; NULL clears, each function may be NULL. Must not call into the world, but
 * for its clocks. */
struct td_sim_watch {
    void *arg;
    void (*wrote)(void *arg, const void *bytes, size_t len);
    void (*synced)(void *arg);
    void (*sent)(void *arg, const void *bytes, size_t len);
    void (*took)(void *arg, struct td_conn conn, const void *bytes, size_t len);
    void (*heard)(void *arg, struct td_conn conn, const void *bytes, size_t len);
};
void td_simworld_watch(struct td_simworld *s, uint32_t host, const struct td_sim_watch *watch);

/* The monotonic clock of all machines. */
td_ns td_simworld_mono(const struct td_simworld *s);
/* The wall clock of all machines jumps; mono goes on. */
void td_simworld_step_clock(struct td_simworld *s, td_ns by);
/* New dials to the port fail with TD_EUNREACH, or work again. */
void td_simworld_refuse(struct td_simworld *s, uint16_t port, bool refuse);
/* What the machine's process holds: sockets (connections, dials and listeners) and open files. */
struct td_simworld_held {
    uint32_t sockets, files;
};
struct td_simworld_held td_simworld_held(const struct td_simworld *s, uint32_t host);
/* Resets every connection of the machine. */
void td_simworld_sever(struct td_simworld *s, uint32_t host);
/* The process receives a signal: TD_WAKE_SIGNAL. */
void td_simworld_signal(struct td_simworld *s, uint32_t host, int number);

/* Hash over every call so far, its arguments' sizes and its result. */
uint64_t td_simworld_trace(const struct td_simworld *s);

#endif
