/* cmd/steps.c - starts, hears to the end, and tells how it ended. */
#include "cmd/steps.h"

#include <stdlib.h>

enum td_err td_steps_open(struct td_steps *s, struct td_run *run, struct td_fail *why)
{
    *s = (struct td_steps){.run = run, .output = calloc(1, TD_STEPS_OUTPUT)};
    return s->output ? TD_OK : td_fail_set(why, TD_ENOMEM, "no memory for what the steps print");
}

void td_steps_close(struct td_steps *s)
{
    free(s->output);
    s->output = NULL;
}

void td_step_add(struct td_step_words *w, const char *word)
{
    TD_REQUIRE(w->n + 1 < TD_STEPS_WORDS);
    w->argv[w->n++] = word;
    w->argv[w->n] = NULL;
}

struct td_step_words td_step_begin(const struct td_steps *s, const char *command)
{
    struct td_step_words w = {.n = 0};
    td_step_add(&w, s->run->program);
    td_step_add(&w, command);
    return w;
}

/* Reads until a newline (`line`) or until the child closes its output. */
static enum td_err hear(struct td_steps *s, struct td_child *c, bool line, td_ns limit)
{
    const td_ns until = td_world_mono(s->run->world) + limit;
    size_t used = 0;
    s->output[0] = '\0';
    for (;;) {
        size_t got = 0;
        const td_ns left = until - td_world_mono(s->run->world);
        const enum td_err err = left <= 0
                                    ? TD_ETIMEOUT
                                    : td_child_read(c, s->output + used, TD_STEPS_OUTPUT - 1 - used,
                                                    left < TD_SEC ? left : TD_SEC, &got);
        if (err == TD_ECLOSED)
            return line ? TD_ECLOSED : TD_OK;
        if (err && err != TD_EAGAIN)
            return err;
        used += got;
        s->output[used] = '\0';
        if (line && strchr(s->output, '\n'))
            return TD_OK;
        if (used + 1 == TD_STEPS_OUTPUT)
            return TD_ERANGE;
    }
}

enum td_err td_step(struct td_steps *s, const struct td_step_words *w, td_ns limit,
                    struct td_fail *why)
{
    struct td_child c = {0};
    struct td_world *world = s->run->world;
    const td_ns start = td_world_mono(world);
    enum td_err err = td_child_start(&c, w->argv, TD_CHILD_PIPE, why);
    if (err)
        return err;
    err = hear(s, &c, false, limit);
    if (err) {
        (void)td_child_stop(&c, 5 * TD_SEC);
        return td_fail_set(why, err, "%s did not finish in %lld s", w->argv[1],
                           (long long)(limit / TD_SEC));
    }
    for (td_ns until = td_world_mono(world) + 5 * TD_SEC;
         td_child_alive(&c) && td_world_mono(world) < until;) {
        struct td_wake wake;
        td_world_wait(world, td_world_mono(world) + 5 * TD_MS, &wake);
    }
    (void)td_child_stop(&c, TD_SEC);
    s->took = td_world_mono(world) - start;
    if (c.status != 0)
        return td_fail_set(why, TD_EIO, "%s ended with status %d", w->argv[1], c.status);
    return TD_OK;
}

enum td_err td_step_start(struct td_steps *s, const struct td_step_words *w, td_ns limit,
                          struct td_child *child, struct td_fail *why)
{
    enum td_err err = td_child_start(child, w->argv, TD_CHILD_PIPE, why);
    if (err)
        return err;
    err = hear(s, child, true, limit);
    return err ? td_fail_set(why, err, "%s did not say that it runs: %s", w->argv[1],
                             td_err_text(err))
               : TD_OK;
}
