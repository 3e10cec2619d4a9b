/* tests/sim/pair_world.h - a world for tests: sockets in memory, a clock that only waits move, real files.
 *
 * Everything dialled in it reaches a listener of the same world. Waiting without anything to report moves the
 * monotonic clock to the deadline. A connection holds PAIR_ROOM bytes that were not received yet; more is a short send.
 */
#ifndef TD_TESTS_SIM_PAIR_WORLD_H
#define TD_TESTS_SIM_PAIR_WORLD_H

#include <stdlib.h>
#include <string.h>

#include "sys/uvworld.h"

#define PAIR_CONNS 128
#define PAIR_WAKES 4096
#define PAIR_ROOM  (256u * 1024)

struct pair_conn {
    uint8_t *bytes; /* received, not taken */
    size_t len;
    uint32_t peer; /* id of the other end, 0 gone */
    bool open, ended, starved, announced;
};

struct pair_world {
    struct td_world files; /* answers everything about files */
    struct td_world_ops ops;
    td_ns mono;
    struct pair_conn conns[PAIR_CONNS]; /* id is the index; 0 unused */
    uint32_t count, listener;
    struct td_wake wakes[PAIR_WAKES];
    uint32_t first, waiting;
    uint64_t seed;
};

static void pair_push(struct pair_world *p, struct td_wake wake)
{
    TD_REQUIRE(p->waiting < PAIR_WAKES);
    p->wakes[(p->first + p->waiting++) % PAIR_WAKES] = wake;
}

static td_ns pair_mono(void *self)
{
    return ((struct pair_world *)self)->mono;
}

static td_ns pair_now(void *self)
{
    return INT64_C(1795165200000000000) + pair_mono(self);
}

static uint64_t pair_random(void *self)
{
    return ((struct pair_world *)self)->seed++;
}

static void pair_wait(void *self, td_ns deadline, struct td_wake *out)
{
    struct pair_world *p = self;
    if (p->waiting) {
        *out = p->wakes[p->first];
        p->first = (p->first + 1) % PAIR_WAKES;
        p->waiting--;
        if (out->kind == TD_WAKE_READABLE)
            p->conns[out->conn.id].announced = false;
        return;
    }
    p->mono = deadline > p->mono ? deadline : p->mono;
    *out = (struct td_wake){.kind = TD_WAKE_TIMEOUT};
}

static struct td_conn pair_make(struct pair_world *p)
{
    TD_REQUIRE(p->count + 1 < PAIR_CONNS);
    const uint32_t id = ++p->count;
    p->conns[id].bytes = malloc(PAIR_ROOM);
    p->conns[id].open = true;
    return (struct td_conn){id};
}

static enum td_err pair_listen(void *self, const char *host, uint16_t *port, struct td_conn *out,
                               struct td_fail *why)
{
    struct pair_world *p = self;
    (void)host;
    (void)why;
    *port = *port ? *port : 4002;
    *out = pair_make(p);
    p->listener = out->id;
    return TD_OK;
}

static enum td_err pair_dial(void *self, const char *host, uint16_t port, struct td_conn *out,
                             struct td_fail *why)
{
    struct pair_world *p = self;
    (void)host;
    (void)port;
    (void)why;
    *out = pair_make(p);
    const struct td_conn far = pair_make(p);
    p->conns[out->id].peer = far.id;
    p->conns[far.id].peer = out->id;
    pair_push(p,
              (struct td_wake){.kind = TD_WAKE_ACCEPTED, .conn = far, .listener = {p->listener}});
    return TD_OK;
}

static void pair_announce(struct pair_world *p, uint32_t id)
{
    if (!p->conns[id].open || p->conns[id].announced)
        return;
    p->conns[id].announced = true;
    pair_push(p, (struct td_wake){.kind = TD_WAKE_READABLE, .conn = {id}});
}

static enum td_err pair_recv(void *self, struct td_conn conn, void *buf, size_t cap, size_t *got)
{
    struct pair_world *p = self;
    struct pair_conn *c = &p->conns[conn.id];
    if (!c->open || (c->len == 0 && c->ended))
        return TD_ECLOSED;
    if (c->len == 0)
        return TD_EAGAIN;
    *got = c->len < cap ? c->len : cap;
    memcpy(buf, c->bytes, *got);
    memmove(c->bytes, c->bytes + *got, c->len - *got);
    c->len -= *got;
    if (c->starved && c->peer)
        pair_push(p, (struct td_wake){.kind = TD_WAKE_WRITABLE, .conn = {c->peer}});
    c->starved = false;
    return TD_OK;
}

static enum td_err pair_send(void *self, struct td_conn conn, const void *bytes, size_t len,
                             size_t *sent)
{
    struct pair_world *p = self;
    struct pair_conn *c = &p->conns[p->conns[conn.id].peer];
    if (!p->conns[conn.id].open || !p->conns[conn.id].peer)
        return TD_EIO;
    const size_t room = PAIR_ROOM - c->len;
    *sent = len < room ? len : room;
    memcpy(c->bytes + c->len, bytes, *sent);
    c->len += *sent;
    c->starved = *sent < len;
    pair_announce(p, p->conns[conn.id].peer);
    return TD_OK;
}

static void pair_hangup(void *self, struct td_conn conn, bool abort)
{
    struct pair_world *p = self;
    struct pair_conn *c = &p->conns[conn.id];
    (void)abort;
    if (!c->open)
        return;
    c->open = false;
    if (c->peer) {
        p->conns[c->peer].ended = true;
        p->conns[c->peer].peer = 0;
        pair_announce(p, c->peer);
    }
}

/* Files: the same calls with the real world's self. */
static enum td_err pair_open_file(void *self, const char *path, enum td_file_mode mode,
                                  struct td_file *out, struct td_fail *why)
{
    return td_file_open(&((struct pair_world *)self)->files, path, mode, out, why);
}
static enum td_err pair_read_file(void *self, struct td_file f, uint64_t offset, void *buf,
                                  size_t cap, size_t *got)
{
    return td_file_read(&((struct pair_world *)self)->files, f, offset, buf, cap, got);
}
static enum td_err pair_write_file(void *self, struct td_file f, const void *bytes, size_t len)
{
    return td_file_write(&((struct pair_world *)self)->files, f, bytes, len);
}
static enum td_err pair_size_file(void *self, struct td_file f, uint64_t *out)
{
    return td_file_size(&((struct pair_world *)self)->files, f, out);
}
static void pair_close_file(void *self, struct td_file f)
{
    td_file_close(&((struct pair_world *)self)->files, f);
}
static enum td_err pair_list(void *self, const char *path, td_list_fn *fn, void *arg)
{
    return td_folder_list(&((struct pair_world *)self)->files, path, fn, arg);
}
static enum td_entry_kind pair_entry(void *self, const char *path)
{
    return td_entry_at(&((struct pair_world *)self)->files, path);
}

static struct pair_world *pair_open(struct td_world *out)
{
    struct pair_world *p = calloc(1, sizeof *p);
    TD_REQUIRE(p && td_uvworld_open(&p->files, false, NULL) == TD_OK);
    p->mono = TD_SEC;
    p->ops = (struct td_world_ops){.now = pair_now,
                                   .mono = pair_mono,
                                   .random = pair_random,
                                   .wait = pair_wait,
                                   .dial = pair_dial,
                                   .listen = pair_listen,
                                   .recv = pair_recv,
                                   .send = pair_send,
                                   .hangup = pair_hangup,
                                   .open = pair_open_file,
                                   .read = pair_read_file,
                                   .write = pair_write_file,
                                   .size = pair_size_file,
                                   .close = pair_close_file,
                                   .list = pair_list,
                                   .entry = pair_entry};
    *out = (struct td_world){&p->ops, p};
    return p;
}

static void pair_close(struct pair_world *p)
{
    for (uint32_t i = 1; i <= p->count; i++)
        free(p->conns[i].bytes);
    td_uvworld_close(&p->files);
    free(p);
}

#endif
