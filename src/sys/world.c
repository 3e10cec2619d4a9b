/* sys/world.c - the calls of sys/world.h, handed to the world at hand, and what is built on them. */
#include "sys/world.h"

#include <stdio.h>
#include <string.h>

td_ns td_world_now(struct td_world *w)
{
    return w->ops->now(w->self);
}
td_ns td_world_mono(struct td_world *w)
{
    return w->ops->mono(w->self);
}
uint64_t td_world_random(struct td_world *w)
{
    return w->ops->random(w->self);
}
void td_world_poke(struct td_world *w)
{
    w->ops->poke(w->self);
}

void td_world_wait(struct td_world *w, td_ns deadline_mono, struct td_wake *out)
{
    w->ops->wait(w->self, deadline_mono, out);
}

enum td_err td_world_dial(struct td_world *w, const char *host, uint16_t port, struct td_conn *out,
                          struct td_fail *why)
{
    return w->ops->dial(w->self, host, port, out, why);
}

enum td_err td_world_listen(struct td_world *w, const char *host, uint16_t *port,
                            struct td_conn *out, struct td_fail *why)
{
    return w->ops->listen(w->self, host, port, out, why);
}

enum td_err td_world_listen_local(struct td_world *w, const char *path, struct td_conn *out,
                                  struct td_fail *why)
{
    return w->ops->listen_local(w->self, path, out, why);
}

enum td_err td_world_dial_local(struct td_world *w, const char *path, struct td_conn *out,
                                struct td_fail *why)
{
    return w->ops->dial_local(w->self, path, out, why);
}

enum td_err td_world_recv(struct td_world *w, struct td_conn conn, void *buf, size_t cap,
                          size_t *got)
{
    return w->ops->recv(w->self, conn, buf, cap, got);
}

enum td_err td_world_send(struct td_world *w, struct td_conn conn, const void *bytes, size_t len,
                          size_t *sent)
{
    return w->ops->send(w->self, conn, bytes, len, sent);
}

void td_world_hangup(struct td_world *w, struct td_conn conn, bool abort)
{
    w->ops->hangup(w->self, conn, abort);
}

enum td_listening td_world_listening(struct td_world *w, const char *host, uint16_t port)
{
    return w->ops->listening ? w->ops->listening(w->self, host, port) : TD_LISTENING_UNKNOWN;
}

enum td_err td_world_spawn(struct td_world *w, const char *const *argv, struct td_proc *out,
                           struct td_fail *why)
{
    if (!w->ops->spawn)
        return td_fail_set(why, TD_EUNSUP, "%s: this world has no processes", argv[0]);
    return w->ops->spawn(w->self, argv, out, why);
}

void td_world_end(struct td_world *w, struct td_proc proc, bool hard)
{
    w->ops->end(w->self, proc, hard);
}

bool td_world_reap(struct td_world *w, struct td_proc proc, td_ns wait, int *status)
{
    return w->ops->reap(w->self, proc, wait, status);
}

bool td_host_is_here(const char *host)
{
    return !strcmp(host, "localhost") || !strncmp(host, "127.", 4) || !strcmp(host, "::1") ||
           !strcmp(host, "0.0.0.0");
}

enum td_err td_file_open(struct td_world *w, const char *path, enum td_file_mode mode,
                         struct td_file *out, struct td_fail *why)
{
    return w->ops->open(w->self, path, mode, out, why);
}

enum td_err td_file_read(struct td_world *w, struct td_file f, uint64_t offset, void *buf,
                         size_t cap, size_t *got)
{
    return w->ops->read(w->self, f, offset, buf, cap, got);
}

enum td_err td_file_write(struct td_world *w, struct td_file f, const void *bytes, size_t len)
{
    return w->ops->write(w->self, f, bytes, len);
}

enum td_err td_file_sync(struct td_world *w, struct td_file f)
{
    return w->ops->sync(w->self, f);
}
void td_file_close(struct td_world *w, struct td_file f)
{
    w->ops->close(w->self, f);
}

enum td_err td_file_truncate(struct td_world *w, struct td_file f, uint64_t size)
{
    return w->ops->truncate(w->self, f, size);
}

enum td_err td_file_size(struct td_world *w, struct td_file f, uint64_t *out)
{
    return w->ops->size(w->self, f, out);
}

enum td_err td_file_rename(struct td_world *w, const char *from, const char *to)
{
    return w->ops->rename(w->self, from, to);
}

enum td_err td_file_remove(struct td_world *w, const char *path)
{
    return w->ops->remove(w->self, path);
}
enum td_err td_folder_make(struct td_world *w, const char *path)
{
    return w->ops->make_folder(w->self, path);
}
enum td_err td_folder_sync(struct td_world *w, const char *path)
{
    return w->ops->sync_folder(w->self, path);
}

enum td_err td_folder_list(struct td_world *w, const char *path, td_list_fn *fn, void *arg)
{
    return w->ops->list(w->self, path, fn, arg);
}

enum td_entry_kind td_entry_at(struct td_world *w, const char *path)
{
    return w->ops->entry(w->self, path);
}

void td_world_watch(struct td_world *w, const char *path)
{
    if (w->ops->watch)
        w->ops->watch(w->self, path);
}

bool td_world_stirred(struct td_world *w)
{
    return !w->ops->stirred || w->ops->stirred(w->self);
}

enum td_err td_disk_free(struct td_world *w, const char *path, uint64_t *bytes)
{
    return w->ops->free_bytes(w->self, path, bytes);
}

void td_path_folder(const char *path, char *out, size_t cap)
{
    const char *slash = strrchr(path, '/');
    const struct td_str folder = slash == NULL   ? td_str_of(".")
                                 : slash == path ? td_str_of("/")
                                                 : (struct td_str){path, (size_t)(slash - path)};
    (void)td_str_copy(folder, out, cap);
}

enum td_err td_file_publish(struct td_world *w, const char *from, const char *to,
                            struct td_fail *why)
{
    char folder[1024];
    enum td_err err = td_file_rename(w, from, to);
    if (err)
        return td_fail_set(why, err, "renaming %s to %s: %s", from, to, td_err_text(err));
    td_path_folder(to, folder, sizeof folder);
    err = td_folder_sync(w, folder);
    if (err)
        return td_fail_set(why, err, "syncing folder %s: %s", folder, td_err_text(err));
    return TD_OK;
}

static enum td_err replace(struct td_world *w, const char *path, struct td_str bytes,
                           enum td_file_mode mode, struct td_fail *why)
{
    char tmp[1024];
    struct td_file f = {0};
    if (snprintf(tmp, sizeof tmp, "%s.tmp", path) >= (int)sizeof tmp)
        return td_fail_set(why, TD_ERANGE, "%s: path too long", path);
    enum td_err err = td_file_open(w, tmp, mode, &f, why);
    if (err)
        return err;
    err = td_file_write(w, f, bytes.p, bytes.len);
    if (!err)
        err = td_file_sync(w, f);
    td_file_close(w, f);
    if (err) {
        (void)td_file_remove(w, tmp);
        return td_fail_set(why, err, "writing %s: %s", tmp, td_err_text(err));
    }
    return td_file_publish(w, tmp, path, why);
}

enum td_err td_file_replace(struct td_world *w, const char *path, struct td_str bytes,
                            struct td_fail *why)
{
    return replace(w, path, bytes, TD_FILE_NEW, why);
}

enum td_err td_file_replace_secret(struct td_world *w, const char *path, struct td_str bytes,
                                   struct td_fail *why)
{
    return replace(w, path, bytes, TD_FILE_SECRET, why);
}

enum td_err td_file_slurp(struct td_world *w, const char *path, char *buf, size_t cap, size_t *len,
                          struct td_fail *why)
{
    struct td_file f = {0};
    uint64_t size = 0;
    size_t got = 0;
    enum td_err err = td_file_open(w, path, TD_FILE_READ, &f, why);
    if (err)
        return err;
    err = td_file_size(w, f, &size);
    if (!err && size >= cap)
        err = TD_ERANGE;
    if (!err)
        err = td_file_read(w, f, 0, buf, (size_t)size, &got);
    td_file_close(w, f);
    if (err)
        return td_fail_set(why, err, "reading %s: %s", path, td_err_text(err));
    buf[got] = '\0';
    *len = got;
    return TD_OK;
}
