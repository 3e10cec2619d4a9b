/* sys/uvworld.c - one libuv loop behind td_world_wait.
 *
 * Callbacks only queue wakes; wait runs the loop when the queue is empty and hands out one wake at a
 * time. So all work happens in the caller's order, never inside a callback.
 */
#include "sys/uvworld.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "sys/socktable.h"
#include "sys/uvworld_inner.h"

static const int signal_numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1};

enum td_err td_uv_errno(int error)
{
    static const struct {
        int error;
        enum td_err err;
    } table[] = {
        {ENOENT, TD_ENOENT},         {ENOTDIR, TD_ENOENT},         {EEXIST, TD_EEXIST},
        {EACCES, TD_EACCES},         {EPERM, TD_EACCES},           {EROFS, TD_EACCES},
        {ENOSPC, TD_ENOSPC},         {EDQUOT, TD_ENOSPC},          {ENOMEM, TD_ENOMEM},
        {EMFILE, TD_EFULL},          {ENFILE, TD_EFULL},           {EADDRINUSE, TD_EINUSE},
        {ECONNREFUSED, TD_EUNREACH}, {EHOSTUNREACH, TD_EUNREACH},  {ENETUNREACH, TD_EUNREACH},
        {ETIMEDOUT, TD_ETIMEOUT},    {EWOULDBLOCK, TD_EAGAIN},     {EINTR, TD_EAGAIN},
        {ENAMETOOLONG, TD_ERANGE},   {EADDRNOTAVAIL, TD_EUNREACH},
    };
    for (size_t i = 0; i < TD_COUNT(table); i++)
        if (table[i].error == error)
            return table[i].err;
    return TD_EIO;
}

void td_uv_push(struct uv_world *w, struct td_wake wake)
{
    TD_REQUIRE(w->wake_head - w->wake_tail < WAKES_MAX);
    w->wakes[w->wake_head++ % WAKES_MAX] = wake;
}

static bool pop(struct uv_world *w, struct td_wake *out)
{
    while (w->wake_head != w->wake_tail) {
        *out = w->wakes[w->wake_tail++ % WAKES_MAX];
        /* A wake for a connection that was hung up meanwhile is void; TD_WAKE_FAILED outlives its own. */
        if (out->conn.id == 0 || out->kind == TD_WAKE_FAILED || td_uv_conn_alive(w, out->conn))
            return true;
    }
    return false;
}

static td_ns clock_ns(clockid_t clock)
{
    struct timespec t;
    TD_REQUIRE(clock_gettime(clock, &t) == 0);
    return (td_ns)t.tv_sec * TD_SEC + t.tv_nsec;
}

static td_ns read_now(void *self)
{
    (void)self;
    return clock_ns(CLOCK_REALTIME);
}

static td_ns read_mono(void *self)
{
    (void)self;
    return clock_ns(CLOCK_MONOTONIC);
}

static uint64_t read_random(void *self)
{
    uint64_t bits = 0;
    (void)self;
    TD_REQUIRE(getrandom(&bits, sizeof bits, 0) == (ssize_t)sizeof bits);
    return bits;
}

static void on_timer(uv_timer_t *timer)
{
    (void)timer; /* it only ends uv_run; wait looks at the clock itself */
}

static void on_poke(uv_async_t *async)
{
    td_uv_push(async->data, (struct td_wake){.kind = TD_WAKE_POKE});
}

static void on_signal(uv_signal_t *handle, int number)
{
    td_uv_push(handle->data, (struct td_wake){.kind = TD_WAKE_SIGNAL, .signal = number});
}

static void poke(void *self)
{
    struct uv_world *w = self;
    (void)uv_async_send(&w->poke);
}

static void wait_wake(void *self, td_ns deadline, struct td_wake *out)
{
    struct uv_world *w = self;
    for (bool polled = false; !pop(w, out); polled = true) {
        const td_ns now = clock_ns(CLOCK_MONOTONIC);
        td_uv_expire_drains(w, now);
        if (deadline <= now && polled) {
            *out = (struct td_wake){.kind = TD_WAKE_TIMEOUT};
            return;
        }
        const td_ns until = w->draining && deadline - now > TD_SEC ? now + TD_SEC : deadline;
        if (until > now && until != TD_NS_NEVER) {
            uv_update_time(&w->loop);
            /* Repeating: libuv runs due timers before it polls, so a single one that is already due when the
             * loop starts would be used up, and the poll would then wait for ever. */
            (void)uv_timer_start(&w->timer, on_timer, (uint64_t)((until - now + TD_MS - 1) / TD_MS),
                                 1);
        }
        (void)uv_run(&w->loop, until <= now ? UV_RUN_NOWAIT : UV_RUN_ONCE);
        (void)uv_timer_stop(&w->timer);
    }
}

static const struct td_world_ops uv_ops = {
    .now = read_now,
    .mono = read_mono,
    .random = read_random,
    .wait = wait_wake,
    .poke = poke,
    .dial = td_uv_dial,
    .listen = td_uv_listen,
    .listen_local = td_uv_listen_local,
    .dial_local = td_uv_dial_local,
    .recv = td_uv_recv,
    .send = td_uv_send,
    .hangup = td_uv_hangup,
    .listening = td_sock_listening,
    .open = td_os_open,
    .read = td_os_read,
    .write = td_os_write,
    .sync = td_os_sync,
    .truncate = td_os_truncate,
    .size = td_os_size,
    .close = td_os_close,
    .rename = td_os_rename,
    .remove = td_os_remove,
    .make_folder = td_os_make_folder,
    .sync_folder = td_os_sync_folder,
    .list = td_os_list,
    .entry = td_os_entry,
    .free_bytes = td_os_free_bytes,
    .watch = td_uv_watch,
    .stirred = td_uv_stirred,
    .spawn = td_uv_spawn,
    .end = td_uv_end,
    .reap = td_uv_reap,
};

_Static_assert(TD_COUNT(signal_numbers) == TD_COUNT(((struct uv_world *)0)->signals), "one each");

static int start_signals(struct uv_world *w)
{
    int failed = 0;
    for (size_t i = 0; i < TD_COUNT(signal_numbers) && !failed; i++) {
        w->signals[i].data = w;
        failed = uv_signal_init(&w->loop, &w->signals[i]);
        if (!failed)
            failed = uv_signal_start(&w->signals[i], on_signal, signal_numbers[i]);
    }
    return failed;
}

enum td_err td_uvworld_open(struct td_world *out, bool signals, struct td_fail *why)
{
    struct uv_world *w = calloc(1, sizeof *w);
    if (!w)
        return td_fail_set(why, TD_ENOMEM, "no memory for the event loop");
    for (size_t i = 0; i < TD_UV_FILES_MAX; i++)
        w->files[i] = -1;
    w->watch.fd = -1;
    (void)signal(SIGPIPE, SIG_IGN);
    int failed = uv_loop_init(&w->loop);
    if (failed) {
        free(w);
        return td_fail_set(why, TD_EIO, "starting the event loop: %s", uv_strerror(failed));
    }
    w->timer.data = w->poke.data = w;
    w->with_signals = signals;
    failed = uv_timer_init(&w->loop, &w->timer);
    if (!failed)
        failed = uv_async_init(&w->loop, &w->poke, on_poke);
    if (!failed && signals)
        failed = start_signals(w);
    *out = (struct td_world){&uv_ops, w};
    if (failed) {
        td_uvworld_close(out);
        return td_fail_set(why, TD_EIO, "starting the event loop: %s", uv_strerror(failed));
    }
    return TD_OK;
}

static void close_handle(uv_handle_t *handle, void *arg)
{
    (void)arg;
    if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}

void td_uvworld_close(struct td_world *world)
{
    struct uv_world *w = world->self;
    if (!w)
        return;
    for (size_t i = 0; i < TD_UV_CONNS_MAX; i++)
        if (w->conns[i].state != CONN_FREE && w->conns[i].state != CONN_CLOSING)
            td_uv_drop(&w->conns[i]);
    for (size_t i = 0; i < TD_UV_FILES_MAX; i++)
        if (w->files[i] >= 0)
            (void)close(w->files[i]);
    if (w->watch.fd >= 0)
        (void)close(w->watch.fd);
    uv_walk(&w->loop, close_handle, NULL);
    while (uv_run(&w->loop, UV_RUN_DEFAULT) != 0)
        continue;
    TD_REQUIRE(uv_loop_close(&w->loop) == 0);
    free(w);
    *world = (struct td_world){0};
}
