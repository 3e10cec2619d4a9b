/* desk/desk_control.c - the desk's control socket, and the other end of it. */
#include "desk/desk_inner.h"

#include <stdio.h>

#include "desk/ask.h"

static void socket_path(const char *state, char *out, size_t cap)
{
    (void)snprintf(out, cap, "%s/control.sock", state);
}

static struct td_str answer(void *arg, const char *line)
{
    return desk_answer(arg, line);
}

enum td_err desk_control_open(struct td_desk *d, struct td_fail *why)
{
    char path[800];
    socket_path(d->config.state, path, sizeof path);
    d->control.answer = answer;
    d->control.arg = d;
    return td_wordsocket_open(&d->control, d->world, path, why);
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
