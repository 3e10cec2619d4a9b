/* sys/uvsocket.c - TCP and unix sockets of the libuv world.
 *
 * An unfinished dial ends with a reset (SO_LINGER 0), so that it leaves no half-closed peer behind; an
 * orderly end shuts our side, drains the peer's for up to a second, then closes (ibkr-operations 1.7).
 */
#include "sys/uvworld_inner.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static struct td_conn conn_id(const struct uv_conn *c)
{
    const uint32_t index = (uint32_t)(c - c->world->conns);
    return (struct td_conn){((uint32_t)c->generation << 16) | (index + 1)};
}

static struct uv_conn *find(struct uv_world *w, struct td_conn conn)
{
    const uint32_t index = (conn.id & 0xffff) - 1;
    if (index >= TD_UV_CONNS_MAX)
        return NULL;
    struct uv_conn *c = &w->conns[index];
    const bool live =
        c->state != CONN_FREE && c->state != CONN_CLOSING && c->state != CONN_DRAINING;
    return live && c->generation == conn.id >> 16 ? c : NULL;
}

bool td_uv_conn_alive(const struct uv_world *w, struct td_conn conn)
{
    const uint32_t index = (conn.id & 0xffff) - 1;
    if (index >= TD_UV_CONNS_MAX)
        return false;
    const struct uv_conn *c = &w->conns[index];
    const bool live = c->state == CONN_OPEN || c->state == CONN_LISTENING;
    return live && c->generation == conn.id >> 16;
}

static struct uv_conn *take_slot(struct uv_world *w)
{
    for (size_t i = 0; i < TD_UV_CONNS_MAX; i++) {
        struct uv_conn *c = &w->conns[i];
        if (c->state != CONN_FREE)
            continue;
        const uint16_t generation = (uint16_t)(c->generation + 1);
        memset(c, 0, sizeof *c);
        c->world = w;
        c->fd = -1;
        c->generation = generation;
        return c;
    }
    return NULL;
}

static void on_closed(uv_handle_t *handle)
{
    struct uv_conn *c = handle->data;
    c->state = CONN_FREE;
}

void td_uv_drop(struct uv_conn *c)
{
    if (c->state == CONN_DRAINING)
        c->world->draining--;
    const bool resolving = c->state == CONN_RESOLVING;
    c->state = CONN_CLOSING;
    if (c->poll_open) {
        (void)uv_poll_stop(&c->poll);
        uv_close((uv_handle_t *)&c->poll, on_closed);
    } else if (resolving) {
        (void)uv_cancel((uv_req_t *)&c->lookup); /* on_resolved frees the slot */
    } else {
        c->state = CONN_FREE;
    }
    if (c->fd >= 0)
        (void)close(c->fd);
    c->fd = -1;
}

static void set_abort(int fd)
{
    const struct linger now = {1, 0};
    (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

static void tune(int fd)
{
    static const struct {
        int level, name, value;
    } options[] = {
        {IPPROTO_TCP, TCP_NODELAY, 1},   {SOL_SOCKET, SO_KEEPALIVE, 1},
        {IPPROTO_TCP, TCP_KEEPIDLE, 10}, {IPPROTO_TCP, TCP_KEEPINTVL, 5},
        {IPPROTO_TCP, TCP_KEEPCNT, 3},   {IPPROTO_TCP, TCP_USER_TIMEOUT, 20000},
    };
    for (size_t i = 0; i < TD_COUNT(options); i++)
        (void)setsockopt(fd, options[i].level, options[i].name, &options[i].value,
                         sizeof options[i].value);
}

static void accept_all(struct uv_conn *listener);

static void on_dialled(struct uv_conn *c)
{
    int error = 0;
    socklen_t len = sizeof error;
    if (getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0)
        error = errno;
    struct td_wake wake = {.kind = TD_WAKE_CONNECTED, .conn = conn_id(c)};
    if (error) {
        wake.kind = TD_WAKE_FAILED;
        wake.err = td_uv_errno(error);
        td_uv_drop(c);
    } else {
        c->state = CONN_OPEN;
    }
    td_uv_push(c->world, wake);
}

static void drain(struct uv_conn *c)
{
    char waste[4096];
    ssize_t n;
    do {
        n = recv(c->fd, waste, sizeof waste, 0);
    } while (n > 0);
    if (n == 0 || (errno != EAGAIN && errno != EINTR))
        td_uv_drop(c);
}

static void on_poll(uv_poll_t *handle, int status, int events);

static void watch(struct uv_conn *c, int events)
{
    (void)uv_poll_start(&c->poll, events, on_poll);
}

static void on_poll(uv_poll_t *handle, int status, int events)
{
    struct uv_conn *c = handle->data;
    if (status < 0)
        events = UV_READABLE; /* let recv report it */
    if (c->state == CONN_DIALLING) {
        on_dialled(c);
        if (c->state == CONN_OPEN)
            watch(c, UV_READABLE);
    } else if (c->state == CONN_LISTENING) {
        accept_all(c);
    } else if (c->state == CONN_DRAINING) {
        drain(c);
    } else if (c->state == CONN_OPEN) {
        if (events & UV_WRITABLE) {
            td_uv_push(c->world, (struct td_wake){.kind = TD_WAKE_WRITABLE, .conn = conn_id(c)});
            watch(c, UV_READABLE);
        }
        if (events & UV_READABLE)
            td_uv_push(c->world, (struct td_wake){.kind = TD_WAKE_READABLE, .conn = conn_id(c)});
    }
}

static enum td_err open_poll(struct uv_conn *c, enum conn_state state, int events)
{
    if (uv_poll_init(&c->world->loop, &c->poll, c->fd) != 0)
        return TD_EIO;
    c->poll.data = c;
    c->poll_open = true;
    c->state = state;
    watch(c, events);
    return TD_OK;
}

static void accept_all(struct uv_conn *listener)
{
    for (int i = 0; i < 16; i++) {
        const int fd = accept4(listener->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0)
            return;
        struct uv_conn *c = take_slot(listener->world);
        if (!c) {
            (void)close(fd); /* more clients than the limit: refused */
            return;
        }
        c->fd = fd;
        c->local = listener->local;
        if (!c->local)
            tune(fd);
        if (open_poll(c, CONN_OPEN, UV_READABLE) != TD_OK) {
            td_uv_drop(c);
            return;
        }
        td_uv_push(c->world, (struct td_wake){.kind = TD_WAKE_ACCEPTED,
                                              .conn = conn_id(c),
                                              .listener = conn_id(listener)});
    }
}

static enum td_err start_dial(struct uv_conn *c, const struct sockaddr *address, socklen_t len)
{
    c->fd = socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (c->fd < 0)
        return td_uv_errno(errno);
    if (!c->local)
        tune(c->fd);
    if (connect(c->fd, address, len) != 0 && errno != EINPROGRESS)
        return td_uv_errno(errno);
    return open_poll(c, CONN_DIALLING, UV_WRITABLE);
}

/* Fills an address from an IPv4 or IPv6 literal or "localhost". */
static socklen_t literal_address(const char *host, uint16_t port, struct sockaddr_storage *out)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    memset(out, 0, sizeof *out);
    if (inet_pton(AF_INET, strcmp(host, "localhost") == 0 ? "127.0.0.1" : host, &v4.sin_addr) ==
        1) {
        memcpy(out, &v4, sizeof v4);
        return sizeof v4;
    }
    if (inet_pton(AF_INET6, host, &v6.sin6_addr) == 1) {
        memcpy(out, &v6, sizeof v6);
        return sizeof v6;
    }
    return 0;
}

static void on_resolved(uv_getaddrinfo_t *lookup, int status, struct addrinfo *found)
{
    struct uv_conn *c = lookup->data;
    if (c->state == CONN_CLOSING) {
        c->state = CONN_FREE; /* hung up while resolving */
    } else {
        const struct td_conn id = conn_id(c);
        const enum td_err err =
            status ? TD_EUNREACH : start_dial(c, found->ai_addr, found->ai_addrlen);
        if (err) {
            c->state = CONN_DIALLING;
            td_uv_drop(c);
            td_uv_push(c->world, (struct td_wake){.kind = TD_WAKE_FAILED, .conn = id, .err = err});
        }
    }
    uv_freeaddrinfo(found);
}

static enum td_err resolve(struct uv_conn *c, const char *host)
{
    char service[8];
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    (void)snprintf(service, sizeof service, "%u", (unsigned)c->port);
    c->state = CONN_RESOLVING;
    c->lookup.data = c;
    return uv_getaddrinfo(&c->world->loop, &c->lookup, on_resolved, host, service, &hints)
               ? TD_EUNREACH
               : TD_OK;
}

enum td_err td_uv_dial(void *self, const char *host, uint16_t port, struct td_conn *out,
                       struct td_fail *why)
{
    struct uv_conn *c = take_slot(self);
    struct sockaddr_storage address;
    if (!c)
        return td_fail_set(why, TD_EFULL, "dialling %s:%u: too many connections", host,
                           (unsigned)port);
    c->port = port;
    const socklen_t len = literal_address(host, port, &address);
    const enum td_err err =
        len ? start_dial(c, (const struct sockaddr *)&address, len) : resolve(c, host);
    if (err) {
        c->state = CONN_DIALLING;
        td_uv_drop(c);
        return td_fail_set(why, err, "dialling %s:%u: %s", host, (unsigned)port, td_err_text(err));
    }
    *out = conn_id(c);
    return TD_OK;
}

static bool local_address(const char *path, struct sockaddr_un *out)
{
    *out = (struct sockaddr_un){.sun_family = AF_UNIX};
    return td_str_copy(td_str_of(path), out->sun_path, sizeof out->sun_path);
}

enum td_err td_uv_dial_local(void *self, const char *path, struct td_conn *out, struct td_fail *why)
{
    struct sockaddr_un address;
    if (!local_address(path, &address))
        return td_fail_set(why, TD_ERANGE, "%s: socket path longer than %zu bytes", path,
                           sizeof address.sun_path - 1);
    struct uv_conn *c = take_slot(self);
    if (!c)
        return td_fail_set(why, TD_EFULL, "dialling %s: too many connections", path);
    c->local = true;
    const enum td_err err = start_dial(c, (const struct sockaddr *)&address, sizeof address);
    if (err) {
        td_uv_drop(c);
        return td_fail_set(why, err, "dialling %s: %s", path, td_err_text(err));
    }
    *out = conn_id(c);
    return TD_OK;
}

static enum td_err start_listen(struct uv_conn *c, const struct sockaddr *address, socklen_t len)
{
    const int on = 1;
    c->fd = socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (c->fd < 0)
        return td_uv_errno(errno);
    (void)setsockopt(c->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(c->fd, address, len) != 0 || listen(c->fd, 64) != 0)
        return td_uv_errno(errno);
    return open_poll(c, CONN_LISTENING, UV_READABLE);
}

static uint16_t bound_port(int fd)
{
    struct sockaddr_storage address;
    socklen_t len = sizeof address;
    if (getsockname(fd, (struct sockaddr *)&address, &len) != 0)
        return 0;
    struct sockaddr_in v4;
    memcpy(&v4, &address, sizeof v4); /* the port stands at the same place for IPv6 */
    return ntohs(v4.sin_port);
}

enum td_err td_uv_listen(void *self, const char *host, uint16_t *port, struct td_conn *out,
                         struct td_fail *why)
{
    struct sockaddr_storage address;
    const socklen_t len = literal_address(host, *port, &address);
    struct uv_conn *c = len ? take_slot(self) : NULL;
    if (!len)
        return td_fail_set(why, TD_EINVAL, "%s: listen on an address, not a name", host);
    if (!c)
        return td_fail_set(why, TD_EFULL, "listening on %s:%u: too many connections", host,
                           (unsigned)*port);
    const enum td_err err = start_listen(c, (const struct sockaddr *)&address, len);
    if (err) {
        td_uv_drop(c);
        return td_fail_set(why, err, "listening on %s:%u: %s", host, (unsigned)*port,
                           td_err_text(err));
    }
    *port = bound_port(c->fd);
    *out = conn_id(c);
    return TD_OK;
}

enum td_err td_uv_listen_local(void *self, const char *path, struct td_conn *out,
                               struct td_fail *why)
{
    struct sockaddr_un address;
    if (!local_address(path, &address))
        return td_fail_set(why, TD_ERANGE, "%s: socket path longer than %zu bytes", path,
                           sizeof address.sun_path - 1);
    struct uv_conn *c = take_slot(self);
    if (!c)
        return td_fail_set(why, TD_EFULL, "listening on %s: too many connections", path);
    c->local = true;
    (void)unlink(path);
    const mode_t before = umask(0177);
    const enum td_err err = start_listen(c, (const struct sockaddr *)&address, sizeof address);
    (void)umask(before);
    if (err) {
        td_uv_drop(c);
        return td_fail_set(why, err, "listening on %s: %s", path, td_err_text(err));
    }
    *out = conn_id(c);
    return TD_OK;
}

enum td_err td_uv_recv(void *self, struct td_conn conn, void *buf, size_t cap, size_t *got)
{
    struct uv_conn *c = find(self, conn);
    if (!c || c->state != CONN_OPEN)
        return TD_ECLOSED;
    const ssize_t n = recv(c->fd, buf, cap, 0);
    if (n == 0)
        return TD_ECLOSED;
    if (n < 0)
        return errno == ECONNRESET ? TD_EIO : td_uv_errno(errno);
    *got = (size_t)n;
    return TD_OK;
}

enum td_err td_uv_send(void *self, struct td_conn conn, const void *bytes, size_t len, size_t *sent)
{
    struct uv_conn *c = find(self, conn);
    if (!c || c->state != CONN_OPEN)
        return TD_ECLOSED;
    const ssize_t n = send(c->fd, bytes, len, MSG_NOSIGNAL);
    if (n < 0 && errno != EAGAIN && errno != EINTR)
        return TD_EIO;
    *sent = n < 0 ? 0 : (size_t)n;
    if (*sent < len)
        watch(c, UV_READABLE | UV_WRITABLE);
    return TD_OK;
}

enum td_err td_uv_adopt(struct uv_world *w, int fd, struct td_conn *out)
{
    struct uv_conn *c = take_slot(w);
    if (!c) {
        (void)close(fd);
        return TD_EFULL;
    }
    c->fd = fd;
    c->local = true;
    const enum td_err err = open_poll(c, CONN_OPEN, UV_READABLE);
    if (err)
        td_uv_drop(c);
    else
        *out = conn_id(c);
    return err;
}

void td_uv_hangup(void *self, struct td_conn conn, bool abort)
{
    struct uv_world *w = self;
    struct uv_conn *c = find(w, conn);
    if (!c)
        return;
    if (abort || c->state != CONN_OPEN) {
        if (c->fd >= 0 && c->state != CONN_LISTENING)
            set_abort(c->fd);
        td_uv_drop(c);
        return;
    }
    (void)shutdown(c->fd, SHUT_WR);
    c->state = CONN_DRAINING;
    c->drain_until = INT64_MAX; /* the next wait, which knows the time, sets it */
    w->draining++;
    watch(c, UV_READABLE);
}

void td_uv_expire_drains(struct uv_world *w, td_ns now_mono)
{
    for (size_t i = 0; w->draining && i < TD_UV_CONNS_MAX; i++) {
        struct uv_conn *c = &w->conns[i];
        if (c->state != CONN_DRAINING)
            continue;
        if (c->drain_until == INT64_MAX)
            c->drain_until = now_mono + TD_SEC;
        else if (now_mono >= c->drain_until)
            td_uv_drop(c);
    }
}
