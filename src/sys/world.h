/* sys/world.h - everything that is not decided by our own code: clocks, randomness, sockets, files.
 *
 * All nondeterminism enters through one struct td_world. sys/uvworld implements it on Linux with libuv;
 * sim/simworld implements it from one seed, with faults. Code above never calls the OS.
 *
 * One world belongs to one thread. Only td_world_poke may be called from another thread.
 * Times: `now` is wall time (ns UTC) for records, `mono` is for timers; never mix them.
 * Errors are codes of base/err.h; no errno gets past this header.
 */
#ifndef TD_SYS_WORLD_H
#define TD_SYS_WORLD_H

#include "base/text.h"
#include "base/time.h"

/* A socket (connection or listener) and an open file. Id 0 is "none". */
struct td_conn {
    uint32_t id;
};
struct td_file {
    uint32_t id;
};

/* A program that we started, and the channel to it. Id 0 is "none". */
struct td_proc {
    uint32_t id;
    struct td_conn channel; /* received from and sent to as any connection */
};

enum td_wake_kind {
    TD_WAKE_TIMEOUT,   /* the deadline given to wait passed                                    */
    TD_WAKE_CONNECTED, /* `conn`, dialled before, is open                                      */
    TD_WAKE_FAILED,    /* `conn`, dialled before, could not be opened: `err` says why; closed  */
    TD_WAKE_ACCEPTED,  /* `conn` is a new connection of `listener`                             */
    TD_WAKE_READABLE,  /* `conn` has bytes, or its end, to recv                                */
    TD_WAKE_WRITABLE,  /* `conn` takes bytes again after a short send                          */
    TD_WAKE_SIGNAL,    /* `signal` arrived (SIGINT, SIGTERM, SIGHUP, SIGUSR1)                  */
    TD_WAKE_POKE,      /* another thread called td_world_poke                                  */
};

struct td_wake {
    enum td_wake_kind kind;
    struct td_conn conn;
    struct td_conn listener;
    int signal;
    enum td_err err;
};

enum td_file_mode {
    TD_FILE_READ,   /* must exist                                                          */
    TD_FILE_APPEND, /* created when missing; writes go to the end                          */
    TD_FILE_NEW,    /* created empty, an older one is cut to nothing                       */
    TD_FILE_SECRET, /* as NEW, and nobody but us may read it (mode 0600)                   */
    TD_FILE_LOCK,   /* as APPEND, held exclusively until closed; TD_ELOCKED when another has it */
};

/* Whether somebody accepts connections on a port. UNKNOWN: nothing may be concluded from it. */
enum td_listening { TD_LISTENING_UNKNOWN, TD_LISTENING_NO, TD_LISTENING_YES };

enum td_entry_kind { TD_ENTRY_NONE, TD_ENTRY_FILE, TD_ENTRY_FOLDER };

/* Called once per entry of a folder, names in byte order. Return false to stop. */
typedef bool td_list_fn(void *arg, const char *name, enum td_entry_kind kind);

struct td_world_ops {
    td_ns (*now)(void *self);
    td_ns (*mono)(void *self);
    uint64_t (*random)(void *self);
    void (*wait)(void *self, td_ns deadline_mono, struct td_wake *out);
    void (*poke)(void *self);

    enum td_err (*dial)(void *self, const char *host, uint16_t port, struct td_conn *out,
                        struct td_fail *why);
    enum td_err (*listen)(void *self, const char *host, uint16_t *port, struct td_conn *out,
                          struct td_fail *why);
    enum td_err (*listen_local)(void *self, const char *path, struct td_conn *out,
                                struct td_fail *why);
    enum td_err (*dial_local)(void *self, const char *path, struct td_conn *out,
                              struct td_fail *why);
    enum td_err (*recv)(void *self, struct td_conn conn, void *buf, size_t cap, size_t *got);
    enum td_err (*send)(void *self, struct td_conn conn, const void *bytes, size_t len,
                        size_t *sent);
    void (*hangup)(void *self, struct td_conn conn, bool abort);
    enum td_listening (*listening)(void *self, const char *host, uint16_t port);

    enum td_err (*open)(void *self, const char *path, enum td_file_mode mode, struct td_file *out,
                        struct td_fail *why);
    enum td_err (*read)(void *self, struct td_file file, uint64_t offset, void *buf, size_t cap,
                        size_t *got);
    enum td_err (*write)(void *self, struct td_file file, const void *bytes, size_t len);
    enum td_err (*sync)(void *self, struct td_file file);
    enum td_err (*truncate)(void *self, struct td_file file, uint64_t size);
    enum td_err (*size)(void *self, struct td_file file, uint64_t *out);
    void (*close)(void *self, struct td_file file);
    enum td_err (*rename)(void *self, const char *from, const char *to);
    enum td_err (*remove)(void *self, const char *path);
    enum td_err (*make_folder)(void *self,
                               const char *path); /* and its parents; existing is fine */
    enum td_err (*sync_folder)(void *self, const char *path);
    enum td_err (*list)(void *self, const char *path, td_list_fn *fn, void *arg);
    enum td_entry_kind (*entry)(void *self, const char *path);
    enum td_err (*free_bytes)(void *self, const char *path, uint64_t *out);

    /* NULL in a world that cannot tell. */
    void (*watch)(void *self, const char *path);
    bool (*stirred)(void *self);

    /* NULL in a world without processes. */
    enum td_err (*spawn)(void *self, const char *const *argv, struct td_proc *out,
                         struct td_fail *why);
    void (*end)(void *self, struct td_proc proc, bool hard);
    bool (*reap)(void *self, struct td_proc proc, td_ns wait, int *status);
};

struct td_world {
    const struct td_world_ops *ops;
    void *self;
};

/* Wall clock (ns UTC), monotonic clock (ns since some start), 64 random bits. */
td_ns td_world_now(struct td_world *w);
td_ns td_world_mono(struct td_world *w);
uint64_t td_world_random(struct td_world *w);

/* Sleeps until something happens or `deadline_mono` passes, and reports one thing. Never fails. */
void td_world_wait(struct td_world *w, td_ns deadline_mono, struct td_wake *out);
/* From any thread: makes a present or the next wait return TD_WAKE_POKE. */
void td_world_poke(struct td_world *w);

/* Starts a TCP connection; TD_WAKE_CONNECTED or TD_WAKE_FAILED follows. TD_EFULL: too many sockets. */
TD_MUST_CHECK enum td_err td_world_dial(struct td_world *w, const char *host, uint16_t port,
                                        struct td_conn *out, struct td_fail *why);
/* Listens; *port 0 asks for a free one and receives it. TD_EINUSE, TD_EACCES. */
TD_MUST_CHECK enum td_err td_world_listen(struct td_world *w, const char *host, uint16_t *port,
                                          struct td_conn *out, struct td_fail *why);
/* The same over a unix socket of mode 0600 (the control socket); a stale path is replaced. */
TD_MUST_CHECK enum td_err td_world_listen_local(struct td_world *w, const char *path,
                                                struct td_conn *out, struct td_fail *why);
TD_MUST_CHECK enum td_err td_world_dial_local(struct td_world *w, const char *path,
                                              struct td_conn *out, struct td_fail *why);
/* TD_OK with *got > 0; TD_EAGAIN nothing yet; TD_ECLOSED the peer ended; TD_EIO reset. */
TD_MUST_CHECK enum td_err td_world_recv(struct td_world *w, struct td_conn conn, void *buf,
                                        size_t cap, size_t *got);
/* TD_OK with *sent <= len (a short send is followed by TD_WAKE_WRITABLE); TD_EIO reset. */
TD_MUST_CHECK enum td_err td_world_send(struct td_world *w, struct td_conn conn, const void *bytes,
                                        size_t len, size_t *sent);
/* Ends a connection or listener. `abort` resets it (an unfinished handshake), else an orderly end. */
void td_world_hangup(struct td_world *w, struct td_conn conn, bool abort);
/* Whether a TCP port of this machine has a listener, read from the system and not by connecting. UNKNOWN for
 * other machines, for what cannot be read, and in worlds that do not model it. */
enum td_listening td_world_listening(struct td_world *w, const char *host, uint16_t port);
/* The name means this machine: 127.*, localhost, ::1, 0.0.0.0. Nothing is resolved. */
bool td_host_is_here(const char *host);

TD_MUST_CHECK enum td_err td_file_open(struct td_world *w, const char *path, enum td_file_mode mode,
                                       struct td_file *out, struct td_fail *why);
/* Reads at `offset`; *got < cap only at the end of the file. */
TD_MUST_CHECK enum td_err td_file_read(struct td_world *w, struct td_file f, uint64_t offset,
                                       void *buf, size_t cap, size_t *got);
/* Appends all bytes or fails (TD_ENOSPC, TD_EIO); after a failure an unknown part may be there. */
TD_MUST_CHECK enum td_err td_file_write(struct td_world *w, struct td_file f, const void *bytes,
                                        size_t len);
/* Returns when the bytes are on the disk. After TD_EIO nothing about unsynced bytes is known: never retry. */
TD_MUST_CHECK enum td_err td_file_sync(struct td_world *w, struct td_file f);
TD_MUST_CHECK enum td_err td_file_truncate(struct td_world *w, struct td_file f, uint64_t size);
TD_MUST_CHECK enum td_err td_file_size(struct td_world *w, struct td_file f, uint64_t *out);
void td_file_close(struct td_world *w, struct td_file f);
TD_MUST_CHECK enum td_err td_file_rename(struct td_world *w, const char *from, const char *to);
enum td_err td_file_remove(struct td_world *w, const char *path); /* TD_ENOENT when absent */
TD_MUST_CHECK enum td_err td_folder_make(struct td_world *w, const char *path);
TD_MUST_CHECK enum td_err td_folder_sync(struct td_world *w, const char *path);
TD_MUST_CHECK enum td_err td_folder_list(struct td_world *w, const char *path, td_list_fn *fn,
                                         void *arg);
enum td_entry_kind td_entry_at(struct td_world *w, const char *path);
/* For files that are looked for often: td_world_stirred is false when nothing was made, named or removed in the folder of any
 * watched path since it was asked last, so what td_entry_at said then still holds; it costs a fifth of a look. True in worlds
 * and folders that cannot tell, and the first time. What another machine does in a network folder, and where a symbolic link
 * on the way leads, it does not notice: look now and then all the same. At most TD_WATCHES_MAX paths; more: always true. */
#define TD_WATCHES_MAX 4
void td_world_watch(struct td_world *w, const char *path);
bool td_world_stirred(struct td_world *w);
TD_MUST_CHECK enum td_err td_disk_free(struct td_world *w, const char *path, uint64_t *bytes);

/* Starts argv[0] as a child whose stdin is a two-way channel. It gets nothing else of ours: no descriptor, of the environment
 * LD_LIBRARY_PATH alone, stdout and stderr lead nowhere. The channel is hung up by the caller. TD_EUNSUP: this world has no
 * processes; TD_ENOENT, TD_EACCES, TD_EFULL as sys/child.h. */
TD_MUST_CHECK enum td_err td_world_spawn(struct td_world *w, const char *const *argv,
                                         struct td_proc *out, struct td_fail *why);
/* SIGTERM, or SIGKILL, to this child and nobody else; it is gone once reaped. */
void td_world_end(struct td_world *w, struct td_proc proc, bool hard);
/* True when it has ended, looking for at most `wait`: `status` is its exit status, or 128 + signal; its id is none from then on. */
bool td_world_reap(struct td_world *w, struct td_proc proc, td_ns wait, int *status);

/* Built on the above, the same in every world. */

/* Folder part of a path into out[cap] ("." when there is none). */
void td_path_folder(const char *path, char *out, size_t cap);
/* Publishes `from` as `to`: the file is synced and closed already; rename, then folder sync. */
TD_MUST_CHECK enum td_err td_file_publish(struct td_world *w, const char *from, const char *to,
                                          struct td_fail *why);
/* Whole small file at once: <path>.tmp, sync, rename, folder sync. */
TD_MUST_CHECK enum td_err td_file_replace(struct td_world *w, const char *path, struct td_str bytes,
                                          struct td_fail *why);
/* The same for a file that holds a secret: of mode 0600 from its first byte on. */
TD_MUST_CHECK enum td_err td_file_replace_secret(struct td_world *w, const char *path,
                                                 struct td_str bytes, struct td_fail *why);
/* Whole file into buf[cap] with a NUL behind it; TD_ERANGE when it does not fit. */
TD_MUST_CHECK enum td_err td_file_slurp(struct td_world *w, const char *path, char *buf, size_t cap,
                                        size_t *len, struct td_fail *why);

#endif
