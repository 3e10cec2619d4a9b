/* desk/desk_control.c - the control socket: one line in, one line of JSON out, mode 0600. */
#include "desk/desk_inner.h"

#include <stdio.h>

#include "desk/ask.h"

static void socket_path(const char *state, char *out, size_t cap)
{
    (void)snprintf(out, cap, "%s/control.sock", state);
}

enum td_err desk_control_open(struct td_desk *d, struct td_fail *why)
{
    char path[800];
    socket_path(d->config.state, path, sizeof path);
    return td_world_listen_local(d->world, path, &d->control, why);
}

void desk_control_close(struct td_desk *d)
{
    char path[800];
    for (int i = 0; i < DESK_CLIENTS_MAX; i++)
        if (d->clients[i].conn.id)
            td_world_hangup(d->world, d->clients[i].conn, false);
    if (!d->control.id)
        return;
    td_world_hangup(d->world, d->control, false);
    d->control.id = 0;
    socket_path(d->config.state, path, sizeof path);
    (void)td_file_remove(d->world, path);
}

static void answer(struct td_desk *d, struct desk_client *c)
{
    const struct td_str said = desk_answer(d, c->line);
    size_t sent;
    /* A local client that does not read its one line within the socket's buffer loses it. */
    (void)!td_world_send(d->world, c->conn, said.p, said.len, &sent);
}

static void drop_client(struct td_desk *d, struct desk_client *c)
{
    td_world_hangup(d->world, c->conn, false);
    c->conn.id = 0;
}

static void read_client(struct td_desk *d, struct desk_client *c)
{
    size_t got = 0;
    const enum td_err err =
        td_world_recv(d->world, c->conn, c->line + c->used, sizeof c->line - 1 - c->used, &got);
    if (err == TD_EAGAIN)
        return;
    c->used += got;
    c->line[c->used] = '\0';
    char *end = strchr(c->line, '\n');
    if (end) {
        *end = '\0';
        answer(d, c);
        c->used = 0;
    }
    if (err || c->used + 1 == sizeof c->line)
        drop_client(d, c);
}

bool desk_control_wake(struct td_desk *d, const struct td_wake *wake)
{
    if (wake->kind == TD_WAKE_ACCEPTED && wake->listener.id == d->control.id) {
        for (int i = 0; i < DESK_CLIENTS_MAX; i++)
            if (!d->clients[i].conn.id) {
                d->clients[i] = (struct desk_client){.conn = wake->conn};
                return true;
            }
        td_world_hangup(d->world, wake->conn, true);
        return true;
    }
    for (int i = 0; i < DESK_CLIENTS_MAX; i++)
        if (wake->conn.id && d->clients[i].conn.id == wake->conn.id) {
            if (wake->kind == TD_WAKE_READABLE)
                read_client(d, &d->clients[i]);
            return true;
        }
    return false;
}

/* --- the other end: a command asks --- */

enum td_err td_desk_ask(struct td_world *world, const char *state, const char *line, char *out,
                        size_t cap, struct td_fail *why)
{
    char path[800];
    socket_path(state, path, sizeof path);
    const enum td_err err = td_ask(world, path, line, out, cap, why);
    if (err == TD_ENOENT || err == TD_EUNREACH)
        return td_fail_set(why, err,
                           "no desk runs with state folder %s (tapedeck trade starts one)", state);
    return err;
}
