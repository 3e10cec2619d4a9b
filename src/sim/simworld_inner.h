/* sim/simworld_inner.h - shared by simworld.c, simnet.c and simdisk.c; nobody else includes it. */
#ifndef TD_SIM_SIMWORLD_INNER_H
#define TD_SIM_SIMWORLD_INNER_H

#include "base/random.h"
#include "sim/simworld.h"

#define SIM_CONNS 256
#define SIM_FILES 64
#define SIM_WAKES 1024
#define SIM_PORTS 64 /* refused ports */

enum sim_event_kind {
    SIM_EV_SYN,
    SIM_EV_ANSWER,
    SIM_EV_DATA,
    SIM_EV_END,
    SIM_EV_RESET,
    SIM_EV_WRITABLE,
    SIM_EV_TURN
};

struct sim_event {
    td_ns at;
    uint64_t seq;
    enum sim_event_kind kind;
    uint32_t host;       /* of TURN */
    struct td_conn conn; /* whom it concerns; void when that is gone */
    enum td_err err;     /* of ANSWER */
    uint8_t *bytes;
    size_t len;
};

enum sim_conn_state { SIM_FREE, SIM_DIALLING, SIM_ESTABLISHED, SIM_LISTENING };

struct sim_conn {
    enum sim_conn_state state;
    uint16_t generation;
    uint16_t port;
    uint32_t host;
    char path[128]; /* unix path; "" for TCP */
    struct td_conn peer;
    uint8_t *rx;
    size_t rx_len;
    size_t coming; /* bytes under way to it */
    td_ns last_at; /* delivery time of the last thing it sent */
    bool ended, reset, told, full;
};

struct sim_inode {
    struct sim_inode *next;
    uint8_t *bytes, *synced;
    size_t len, cap, synced_len, synced_cap;
    size_t clean; /* leading bytes that are the same in both */
    bool locked, kept;
};

struct sim_name {
    char path[512];
    struct sim_inode *inode; /* NULL: a folder */
};

struct sim_names {
    struct sim_name *rows;
    size_t count, cap;
};

/* A change of names that no folder sync has made durable. */
struct sim_change {
    char from[512], to[512]; /* create: to; remove: from; rename: both */
    struct sim_inode *inode;
};

struct sim_open {
    struct sim_inode *inode;
    bool used, writable, locks;
};

struct sim_host {
    struct td_simworld *sim;
    char name[24];
    uint32_t index;
    bool used, alive, in_turn;
    uint32_t life; /* counts processes: old handles are dead */
    td_sim_turn_fn *turn;
    void *turn_arg;
    uint64_t turn_seq; /* the one valid TURN event */
    struct td_wake wakes[SIM_WAKES];
    uint32_t wake_head, wake_tail;
    struct sim_names names, durable;
    struct sim_change *changes;
    size_t change_count, change_cap;
    struct sim_inode *inodes;
    struct sim_open files[SIM_FILES];
    struct td_sim_fault fault;
    bool broken; /* a fault for ever has struck */
    uint64_t fault_calls, calls;
    uint64_t entered, dies_at; /* system calls of this process; before which one it ends, 0 none */
    uint64_t used_bytes;
    struct td_sim_watch watch;
};

/* What td_world.self points to: one process of a machine. */
struct sim_process {
    struct sim_process *next;
    struct sim_host *host;
    uint32_t life;
    td_ns ghost; /* the time a dead process believes it is: its waits end at their deadlines */
};

struct td_simworld {
    struct td_simworld_options o;
    struct td_rng rng;
    td_ns mono, step;
    uint64_t event_seq, trace;
    struct sim_event *heap;
    size_t heap_len, heap_cap;
    struct sim_host hosts[TD_SIM_HOSTS];
    struct sim_conn conns[SIM_CONNS];
    uint32_t conns_top;     /* slots from here on were never used */
    uint32_t next_readable; /* where the search goes on, so that none starves */
    uint16_t refused[SIM_PORTS];
    uint16_t next_port;
    struct sim_process *processes;
};

/* simworld.c */
struct sim_host *sim_host_of(void *self); /* NULL when the process is dead */
/* The same at the begin of a system call: the process may end before it. */
struct sim_host *sim_enter(void *self);
void sim_note(struct td_simworld *s, uint64_t what, uint64_t a, uint64_t b);
bool sim_odd(struct td_simworld *s);
void sim_push_event(struct td_simworld *s, struct sim_event event); /* at `event.at` */
void sim_push_wake(struct sim_host *h, struct td_wake wake);
void *sim_grow(void *rows, size_t *cap, size_t need, size_t size);

/* simnet.c */
enum td_err sim_dial(void *self, const char *host, uint16_t port, struct td_conn *out,
                     struct td_fail *why);
enum td_err sim_listen(void *self, const char *host, uint16_t *port, struct td_conn *out,
                       struct td_fail *why);
enum td_err sim_listen_local(void *self, const char *path, struct td_conn *out,
                             struct td_fail *why);
enum td_err sim_dial_local(void *self, const char *path, struct td_conn *out, struct td_fail *why);
enum td_err sim_recv(void *self, struct td_conn conn, void *buf, size_t cap, size_t *got);
enum td_err sim_send(void *self, struct td_conn conn, const void *bytes, size_t len, size_t *sent);
void sim_hangup(void *self, struct td_conn conn, bool abort);
enum td_listening sim_listening(void *self, const char *host, uint16_t port);
void sim_net_event(struct td_simworld *s, const struct sim_event *event, uint32_t *host);
bool sim_net_readable(struct td_simworld *s, uint32_t host, struct td_wake *out);
bool sim_net_alive(const struct td_simworld *s, struct td_conn conn);
void sim_net_drop_host(struct td_simworld *s, uint32_t host, bool listeners);

/* simdisk.c */
enum td_err sim_open_file(void *self, const char *path, enum td_file_mode mode, struct td_file *out,
                          struct td_fail *why);
enum td_err sim_read(void *self, struct td_file file, uint64_t offset, void *buf, size_t cap,
                     size_t *got);
enum td_err sim_write(void *self, struct td_file file, const void *bytes, size_t len);
enum td_err sim_sync(void *self, struct td_file file);
enum td_err sim_truncate(void *self, struct td_file file, uint64_t size);
enum td_err sim_size(void *self, struct td_file file, uint64_t *out);
void sim_close_file(void *self, struct td_file file);
enum td_err sim_rename(void *self, const char *from, const char *to);
enum td_err sim_remove(void *self, const char *path);
enum td_err sim_make_folder(void *self, const char *path);
enum td_err sim_sync_folder(void *self, const char *path);
enum td_err sim_list(void *self, const char *path, td_list_fn *fn, void *arg);
enum td_entry_kind sim_entry(void *self, const char *path);
enum td_err sim_free_bytes(void *self, const char *path, uint64_t *out);
void sim_disk_close_all(struct sim_host *h);
void sim_disk_power_cut(struct sim_host *h);
void sim_disk_free(struct sim_host *h);

#endif
