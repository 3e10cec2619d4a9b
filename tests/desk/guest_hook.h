/* tests/desk/guest_hook.h - real guest processes beside a desk in the simulated world.
 *
 * The world of the scene gets spawn, end and reap, and the bytes of a guest's channel go to a real process. Simulated time stands still
 * while the hook waits for an answer that is owed, at most `patience` of real time: an honest guest answers in no
 * simulated time, so that a day plays again; one that does not answer runs into the desk's simulated deadline.
 */
#ifndef TD_TESTS_GUEST_HOOK_H
#define TD_TESTS_GUEST_HOOK_H

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "desk/desk_scene.h"
#include "desk/guest_load.h"
#include "sys/child.h"

#define GUEST_CONN     0x7fff0001u
#define START_PATIENCE 20000

/* Frames of one direction. */
struct guest_stream {
    uint8_t head[sizeof(struct td_guest_head)];
    size_t have, skip;
};

static struct guest_hook {
    struct td_world_ops ops; /* of the world below */
    struct td_child child;
    struct guest_stream to, from;
    int owed;     /* answers */
    int answers;  /* that came */
    int patience; /* ms of real time, from the second answer on: a process takes its time to start */
    td_ns delay;  /* simulated, of every answer */
    td_ns asked;  /* simulated: when it was sent something last */
    bool given_up;
    int64_t pid; /* of the last one */
    int spawned, hard_ends;
    td_ns ended_at; /* simulated, by the first end */
} guest_hook;

/* Frames that begin in these bytes and have to be answered, or are answers. */
static int count_frames(struct guest_stream *s, const uint8_t *bytes, size_t len)
{
    int n = 0;
    while (len) {
        if (s->skip) {
            const size_t step = s->skip < len ? s->skip : len;
            s->skip -= step;
            bytes += step;
            len -= step;
            continue;
        }
        s->head[s->have++] = *bytes++;
        len--;
        if (s->have == sizeof s->head) {
            struct td_guest_head head;
            memcpy(&head, s->head, sizeof head);
            s->have = 0;
            s->skip = head.len;
            n += head.kind != TD_GUEST_LINE;
        }
    }
    return n;
}

static enum td_err hook_spawn(void *self, const char *const *argv, struct td_proc *out,
                              struct td_fail *why)
{
    struct guest_hook *h = &guest_hook;
    static const char *const only[] = {"LD_LIBRARY_PATH", NULL};
    (void)self;
    TD_REQUIRE(h->child.pid == 0);
    const enum td_err err =
        td_child_launch(&h->child,
                        &(struct td_child_config){
                            .argv = argv, .output = TD_CHILD_QUIET, .only = only, .channel = true},
                        why);
    if (err)
        return err;
    h->pid = h->child.pid;
    h->spawned++;
    h->owed = 1; /* what it is */
    h->given_up = false;
    h->to = h->from = (struct guest_stream){0};
    *out = (struct td_proc){1, {GUEST_CONN}};
    return TD_OK;
}

static enum td_err hook_recv(void *self, struct td_conn conn, void *buf, size_t cap, size_t *got)
{
    struct guest_hook *h = &guest_hook;
    if (conn.id != GUEST_CONN)
        return h->ops.recv(self, conn, buf, cap, got);
    if (h->owed && td_world_mono(&scene.desk_world) < h->asked + h->delay)
        return TD_EAGAIN;
    struct pollfd look = {.fd = h->child.channel_fd, .events = POLLIN};
    const int patience = h->answers ? h->patience : START_PATIENCE;
    const int ready = poll(&look, 1, h->owed && !h->given_up ? patience : 0);
    h->given_up |= ready == 0 && h->owed;
    const ssize_t n = recv(h->child.channel_fd, buf, cap, 0);
    if (n < 0)
        return errno == EAGAIN ? TD_EAGAIN : TD_EIO;
    if (n == 0)
        return TD_ECLOSED;
    const int came = count_frames(&h->from, buf, (size_t)n);
    h->answers += came;
    h->owed -= came;
    *got = (size_t)n;
    return TD_OK;
}

static enum td_err hook_send(void *self, struct td_conn conn, const void *bytes, size_t len,
                             size_t *sent)
{
    struct guest_hook *h = &guest_hook;
    if (conn.id != GUEST_CONN)
        return h->ops.send(self, conn, bytes, len, sent);
    const ssize_t n = send(h->child.channel_fd, bytes, len, MSG_NOSIGNAL);
    if (n < 0 && errno != EAGAIN)
        return TD_EIO;
    *sent = n < 0 ? 0 : (size_t)n;
    h->asked = td_world_mono(&scene.desk_world);
    h->owed += count_frames(&h->to, bytes, *sent);
    return TD_OK;
}

static void hook_hangup(void *self, struct td_conn conn, bool abort)
{
    struct guest_hook *h = &guest_hook;
    if (conn.id != GUEST_CONN)
        h->ops.hangup(self, conn, abort);
    else if (h->child.channel_fd >= 0)
        (void)close(h->child.channel_fd);
    if (conn.id == GUEST_CONN)
        h->child.channel_fd = -1;
}

static void hook_end(void *self, struct td_proc proc, bool hard)
{
    (void)self;
    (void)proc;
    guest_hook.hard_ends += hard;
    if (!guest_hook.ended_at)
        guest_hook.ended_at = td_world_mono(&scene.desk_world);
    td_child_end(&guest_hook.child, hard);
}

/* Real time for a real end: 100 ms for one that was asked politely. */
static bool hook_reap(void *self, struct td_proc proc, td_ns wait, int *status)
{
    struct guest_hook *h = &guest_hook;
    (void)self;
    (void)proc;
    (void)wait;
    for (int i = 0; i < (h->hard_ends ? 5000 : 100) && td_child_alive(&h->child); i++)
        (void)poll(NULL, 0, 1);
    if (h->child.running)
        return false;
    *status = h->child.status;
    h->child = (struct td_child){0};
    return true;
}

/* After scene_open. */
static void hook_guests(int patience)
{
    memset(&guest_hook, 0, sizeof guest_hook);
    guest_hook.patience = patience;
    guest_hook.ops = scene_watch.ops;
    scene_watch.ops.spawn = hook_spawn;
    scene_watch.ops.end = hook_end;
    scene_watch.ops.reap = hook_reap;
    scene_watch.ops.recv = hook_recv;
    scene_watch.ops.send = hook_send;
    scene_watch.ops.hangup = hook_hangup;
    scene.config.program = td_test_program("TAPEDECK_BIN");
}

/* Nobody of that number is left: it was reaped, so the number means no process of ours. */
static bool guest_is_gone(void)
{
    int status;
    return guest_hook.child.pid == 0 && waitpid((pid_t)guest_hook.pid, &status, WNOHANG) < 0 &&
           errno == ECHILD;
}

#endif
