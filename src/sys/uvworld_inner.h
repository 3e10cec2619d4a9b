/* sys/uvworld_inner.h - what the source files of the libuv world share; nobody else includes it. */
#ifndef TD_SYS_UVWORLD_INNER_H
#define TD_SYS_UVWORLD_INNER_H

#include <uv.h>

#include "sys/child.h"
#include "sys/uvworld.h"

#define WAKES_MAX 1024u /* more than one turn can produce: three per connection, signals, poke */

enum conn_state {
    CONN_FREE,
    CONN_RESOLVING,
    CONN_DIALLING,
    CONN_OPEN,
    CONN_LISTENING,
    CONN_DRAINING,
    CONN_CLOSING
};

struct uv_conn {
    uv_poll_t poll;
    uv_getaddrinfo_t lookup;
    struct uv_world *world;
    int fd;
    enum conn_state state;
    uint16_t generation;
    uint16_t port;
    bool poll_open;
    bool local;
    td_ns drain_until;
};

/* Folders that are watched by inotify. */
struct uv_watch {
    int fd; /* -1: not open, or it cannot tell */
    uint32_t count;
    char paths[TD_WATCHES_MAX][800];
    bool blind; /* always stirred */
};

struct uv_world {
    uv_loop_t loop;
    uv_timer_t timer;
    uv_async_t poke;
    uv_signal_t signals[4];
    bool with_signals;
    struct uv_conn conns[TD_UV_CONNS_MAX];
    int files[TD_UV_FILES_MAX]; /* -1 free */
    struct td_wake wakes[WAKES_MAX];
    uint32_t wake_head, wake_tail;
    uint32_t draining;
    struct td_child children[TD_UV_CHILDREN_MAX];
    uint16_t child_generation[TD_UV_CHILDREN_MAX];
    struct uv_watch watch;
};

enum td_err td_uv_errno(int error); /* an errno as our error */
void td_uv_push(struct uv_world *w, struct td_wake wake);
bool td_uv_conn_alive(const struct uv_world *w, struct td_conn conn);
void td_uv_drop(struct uv_conn *c); /* closes socket and handle now */
void td_uv_expire_drains(struct uv_world *w, td_ns now_mono);

/* uvsocket.c, uvchild.c, uvwatch.c and osfile.c */
enum td_err td_uv_dial(void *self, const char *host, uint16_t port, struct td_conn *out,
                       struct td_fail *why);
enum td_err td_uv_listen(void *self, const char *host, uint16_t *port, struct td_conn *out,
                         struct td_fail *why);
enum td_err td_uv_listen_local(void *self, const char *path, struct td_conn *out,
                               struct td_fail *why);
enum td_err td_uv_dial_local(void *self, const char *path, struct td_conn *out,
                             struct td_fail *why);
enum td_err td_uv_recv(void *self, struct td_conn conn, void *buf, size_t cap, size_t *got);
enum td_err td_uv_send(void *self, struct td_conn conn, const void *bytes, size_t len,
                       size_t *sent);
void td_uv_hangup(void *self, struct td_conn conn, bool abort);
/* Takes over a connected socket; it is closed with the connection, or at once on TD_EFULL and TD_EIO. */
enum td_err td_uv_adopt(struct uv_world *w, int fd, struct td_conn *out);
enum td_err td_uv_spawn(void *self, const char *const *argv, struct td_proc *out,
                        struct td_fail *why);
void td_uv_end(void *self, struct td_proc proc, bool hard);
bool td_uv_reap(void *self, struct td_proc proc, td_ns wait, int *status);
void td_uv_watch(void *self, const char *path);
bool td_uv_stirred(void *self);
enum td_err td_os_open(void *self, const char *path, enum td_file_mode mode, struct td_file *out,
                       struct td_fail *why);
enum td_err td_os_read(void *self, struct td_file file, uint64_t offset, void *buf, size_t cap,
                       size_t *got);
enum td_err td_os_write(void *self, struct td_file file, const void *bytes, size_t len);
enum td_err td_os_sync(void *self, struct td_file file);
enum td_err td_os_truncate(void *self, struct td_file file, uint64_t size);
enum td_err td_os_size(void *self, struct td_file file, uint64_t *out);
void td_os_close(void *self, struct td_file file);
enum td_err td_os_rename(void *self, const char *from, const char *to);
enum td_err td_os_remove(void *self, const char *path);
enum td_err td_os_make_folder(void *self, const char *path);
enum td_err td_os_sync_folder(void *self, const char *path);
enum td_err td_os_list(void *self, const char *path, td_list_fn *fn, void *arg);
enum td_entry_kind td_os_entry(void *self, const char *path);
enum td_err td_os_free_bytes(void *self, const char *path, uint64_t *out);

#endif
