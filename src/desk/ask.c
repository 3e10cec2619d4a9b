/* desk/ask.c - the asking end of a control socket. */
#include "desk/ask.h"

#include <stdio.h>
#include <string.h>

#define LIMIT    (5 * TD_SEC)
#define LINE_MAX 1020 /* a word and a signal */

struct question {
    struct td_world *world;
    struct td_conn conn;
    char *out;
    size_t cap, used;
    bool done;
};

static enum td_err take_answer(struct question *q, const struct td_wake *wake, const char *line)
{
    size_t n = 0;
    if (wake->conn.id != q->conn.id)
        return TD_OK;
    if (wake->kind == TD_WAKE_FAILED)
        return wake->err;
    if (wake->kind == TD_WAKE_CONNECTED) {
        char request[LINE_MAX + 2];
        (void)snprintf(request, sizeof request, "%s\n", line);
        return td_world_send(q->world, q->conn, request, strlen(request), &n);
    }
    while (!q->done && q->used + 1 < q->cap) {
        const enum td_err err =
            td_world_recv(q->world, q->conn, q->out + q->used, q->cap - 1 - q->used, &n);
        if (err)
            return err == TD_EAGAIN ? TD_OK : err;
        q->used += n;
        q->out[q->used] = '\0';
        q->done = memchr(q->out, '\n', q->used) != NULL;
    }
    return q->done ? TD_OK : TD_ERANGE;
}

enum td_err td_ask(struct td_world *world, const char *path, const char *line, char *out,
                   size_t cap, struct td_fail *why)
{
    struct question q = {.world = world, .out = out, .cap = cap};
    const td_ns until = td_world_mono(world) + LIMIT;
    if (strlen(line) > LINE_MAX)
        return td_fail_set(why, TD_ERANGE, "a line of %d bytes at most", LINE_MAX);
    enum td_err err = td_world_dial_local(world, path, &q.conn, why);
    while (!err && !q.done) {
        struct td_wake wake;
        td_world_wait(world, until, &wake);
        err =
            wake.kind == TD_WAKE_TIMEOUT || wake.kind == TD_WAKE_SIGNAL || wake.kind == TD_WAKE_POKE
                ? TD_EMUTE
                : take_answer(&q, &wake, line);
    }
    if (q.conn.id)
        td_world_hangup(world, q.conn, true);
    return err ? td_fail_set(why, err, "control socket %s: %s", path, td_err_text(err)) : TD_OK;
}
