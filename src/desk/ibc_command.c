/* desk/ibc_command.c - a line out, lines back. */
#include "desk/ibc_command.h"

#include <stdio.h>

#define LIMIT (10 * TD_SEC)

static void end(struct td_ibc_command *c, enum td_err err, struct td_str reply)
{
    if (c->conn.id)
        td_world_hangup(c->world, c->conn, false);
    c->conn = (struct td_conn){0};
    c->err = err;
    (void)td_str_copy(reply, c->reply, sizeof c->reply);
}

void td_ibc_command_begin(struct td_ibc_command *c, struct td_world *world, uint16_t port,
                          const char *word)
{
    struct td_fail why = {0};
    *c = (struct td_ibc_command){.world = world, .until = td_world_mono(world) + LIMIT};
    (void)snprintf(c->word, sizeof c->word, "%.20s\n", word);
    const enum td_err err = td_world_dial(world, "127.0.0.1", port, &c->conn, &why);
    if (err) {
        c->conn = (struct td_conn){0};
        end(c, TD_EUNREACH, td_str_of(why.text));
    }
}

/* The line that decides ends it; others (INFO, a greeting) do not. */
static void take_line(struct td_ibc_command *c, struct td_str line)
{
    line = td_str_trim(line);
    if (td_str_starts(line, "OK"))
        end(c, TD_OK, line);
    else if (td_str_starts(line, "ERROR"))
        end(c, TD_EDENIED, line);
}

static void take_bytes(struct td_ibc_command *c, const char *bytes, size_t n)
{
    for (size_t i = 0; i < n && c->conn.id; i++) {
        if (bytes[i] == '\n') {
            take_line(c, (struct td_str){c->line, c->len});
            c->len = 0;
        } else if (c->len < sizeof c->line) {
            c->line[c->len++] = bytes[i]; /* what is longer is cut */
        }
    }
}

static void read_reply(struct td_ibc_command *c)
{
    char bytes[512];
    size_t got = 0;
    while (c->conn.id) {
        const enum td_err err = td_world_recv(c->world, c->conn, bytes, sizeof bytes, &got);
        if (err == TD_EAGAIN)
            return;
        if (err)
            end(c, TD_ECLOSED, td_str_of("the command port closed without an answer"));
        else
            take_bytes(c, bytes, got);
    }
}

/* A short send goes on with the wake that follows it. */
static void send_rest(struct td_ibc_command *c)
{
    size_t sent = 0;
    const size_t len = strlen(c->word) - c->sent;
    const enum td_err err =
        len ? td_world_send(c->world, c->conn, c->word + c->sent, len, &sent) : TD_OK;
    c->sent += sent;
    if (err && err != TD_EAGAIN)
        end(c, TD_ECLOSED, td_str_of("the command could not be sent"));
}

bool td_ibc_command_wake(struct td_ibc_command *c, const struct td_wake *wake)
{
    if (!c->conn.id || wake->conn.id != c->conn.id)
        return false;
    if (wake->kind == TD_WAKE_FAILED) {
        c->conn = (struct td_conn){0};
        end(c, TD_EUNREACH, td_str_of("nobody listens on the command port"));
    }
    if (wake->kind == TD_WAKE_CONNECTED || wake->kind == TD_WAKE_WRITABLE)
        send_rest(c);
    if (wake->kind == TD_WAKE_READABLE)
        read_reply(c);
    return true;
}

bool td_ibc_command_over(struct td_ibc_command *c)
{
    if (c->conn.id && td_world_mono(c->world) >= c->until)
        end(c, TD_EMUTE, td_str_of("no answer within 10 s"));
    return c->conn.id == 0;
}
