/* desk/wordsocket.c - accepts, reads lines, answers. */
#include "desk/wordsocket.h"

#include <string.h>

enum td_err td_wordsocket_open(struct td_wordsocket *s, struct td_world *world, const char *path,
                               struct td_fail *why)
{
    s->world = world;
    if (!td_str_copy(td_str_of(path), s->path, sizeof s->path))
        return td_fail_set(why, TD_ERANGE, "%.60s...: the path is too long for a socket", path);
    return td_world_listen_local(world, s->path, &s->listener, why);
}

void td_wordsocket_close(struct td_wordsocket *s)
{
    for (int i = 0; i < TD_WORDSOCKET_CLIENTS; i++)
        if (s->clients[i].conn.id)
            td_world_hangup(s->world, s->clients[i].conn, false);
    memset(s->clients, 0, sizeof s->clients);
    if (!s->listener.id)
        return;
    td_world_hangup(s->world, s->listener, false);
    s->listener.id = 0;
    (void)td_file_remove(s->world, s->path);
}

static void answer(struct td_wordsocket *s, struct td_wordsocket_client *c)
{
    const struct td_str said = s->answer(s->arg, c->line);
    size_t sent;
    /* A local client that does not read its one line within the socket's buffer loses it. */
    (void)!td_world_send(s->world, c->conn, said.p, said.len, &sent);
}

static void read_client(struct td_wordsocket *s, struct td_wordsocket_client *c)
{
    size_t got = 0;
    const enum td_err err =
        td_world_recv(s->world, c->conn, c->line + c->used, sizeof c->line - 1 - c->used, &got);
    if (err == TD_EAGAIN)
        return;
    c->used += got;
    c->line[c->used] = '\0';
    char *end = strchr(c->line, '\n');
    if (end) {
        *end = '\0';
        answer(s, c);
        c->used = 0;
    }
    if (err || c->used + 1 == sizeof c->line) {
        td_world_hangup(s->world, c->conn, false);
        c->conn.id = 0;
    }
}

bool td_wordsocket_wake(struct td_wordsocket *s, const struct td_wake *wake)
{
    if (wake->kind == TD_WAKE_ACCEPTED && s->listener.id && wake->listener.id == s->listener.id) {
        for (int i = 0; i < TD_WORDSOCKET_CLIENTS; i++)
            if (!s->clients[i].conn.id) {
                s->clients[i] = (struct td_wordsocket_client){.conn = wake->conn};
                return true;
            }
        td_world_hangup(s->world, wake->conn, true);
        return true;
    }
    for (int i = 0; i < TD_WORDSOCKET_CLIENTS; i++)
        if (wake->conn.id && s->clients[i].conn.id == wake->conn.id) {
            if (wake->kind == TD_WAKE_READABLE)
                read_client(s, &s->clients[i]);
            return true;
        }
    return false;
}
