/* desk/guest_load.c - asks the host of a shared object what it is, and whether it takes its parameters. */
#include "desk/guest_load.h"

bool td_guest_is_object(const char *word)
{
    const size_t n = strlen(word);
    return strchr(word, '/') != NULL && n > 3 && strcmp(word + n - 3, ".so") == 0;
}

enum td_err td_guest_spawn(struct td_world *world, const char *program, const char *object,
                           struct td_proc *out, struct td_fail *why)
{
    const char *const argv[] = {program, "strategies", "host", object, NULL};
    const enum td_err err = td_world_spawn(world, argv, out, why);
    return err ? td_fail_add(why, err, "the process of %s", object) : TD_OK;
}

void td_guest_describe(const struct td_guest_about *about, struct td_guest_strat *out)
{
    out->about = *about;
    const struct td_guest_about *a = &out->about;
    for (uint32_t i = 0; i < a->param_count; i++)
        out->params[i] = (struct td_strat_param){.name = a->params[i].name,
                                                 .preset = a->params[i].preset,
                                                 .low = a->params[i].low,
                                                 .high = a->params[i].high,
                                                 .help = a->params[i].help};
    out->strat = (struct td_strat){.name = a->name,
                                   .help = a->help,
                                   .scope = (enum td_scope)a->scope,
                                   .legs_min = a->legs_min,
                                   .params = out->params,
                                   .param_count = a->param_count};
}

/* A host that is asked once. */
struct asked {
    struct td_world *world;
    const char *object;
    struct td_proc proc;
    struct td_guest_in in;
    struct td_guest_frame frame;
    td_ns until;
};

static enum td_err receive(struct asked *a, struct td_fail *why)
{
    uint8_t bytes[4096];
    size_t got = 0;
    const enum td_err err = td_world_recv(a->world, a->proc.channel, bytes, sizeof bytes, &got);
    if (err == TD_EAGAIN)
        return TD_OK;
    if (err)
        return td_fail_set(why, TD_ECLOSED, "%s: its process ended while it was loaded", a->object);
    return td_guest_feed(&a->in, bytes, got) == got
               ? TD_OK
               : td_fail_set(why, TD_EPROTO, "%s: too many bytes", a->object);
}

/* The next frame, which must be of this kind or REFUSED. */
static enum td_err await(struct asked *a, enum td_guest_kind kind, struct td_fail *why)
{
    enum td_err err;
    while ((err = td_guest_next(&a->in, &a->frame, why)) == TD_EAGAIN) {
        struct td_wake wake;
        td_world_wait(a->world, a->until, &wake);
        if (wake.kind == TD_WAKE_SIGNAL)
            return td_fail_set(why, TD_EAGAIN, "%s: interrupted", a->object);
        if (td_world_mono(a->world) >= a->until)
            return td_fail_set(why, TD_ETIMEOUT, "%s: no answer within %lld s", a->object,
                               (long long)(TD_GUEST_START / TD_SEC));
        err = receive(a, why);
        if (err)
            return err;
    }
    if (err)
        return td_fail_add(why, err, "%s", a->object);
    if (a->frame.kind == TD_GUEST_REFUSED)
        return td_fail_set(why, a->frame.word.err ? (enum td_err)a->frame.word.err : TD_EPROTO,
                           "%s", a->frame.word.text);
    return a->frame.kind == kind
               ? TD_OK
               : td_fail_set(why, TD_EPROTO, "%s: an answer nobody asked for", a->object);
}

static enum td_err start(struct asked *a, struct td_world *world, const char *program,
                         const char *object, struct td_fail *why)
{
    *a = (struct asked){
        .world = world, .object = object, .until = td_world_mono(world) + TD_GUEST_START};
    if (td_entry_at(world, object) != TD_ENTRY_FILE)
        return td_fail_set(why, TD_ENOENT, "%s: no such file", object);
    const enum td_err err = td_guest_spawn(world, program, object, &a->proc, why);
    return err ? err : await(a, TD_GUEST_ABOUT, why);
}

static void end(struct asked *a)
{
    int status;
    if (!a->proc.id)
        return;
    td_world_hangup(a->world, a->proc.channel, true);
    td_world_end(a->world, a->proc, false);
    if (td_world_reap(a->world, a->proc, TD_SEC, &status))
        return;
    td_world_end(a->world, a->proc, true);
    (void)td_world_reap(a->world, a->proc, TD_SEC, &status);
}

enum td_err td_guest_look(struct td_world *world, const char *program, const char *object,
                          struct td_guest_strat *out, struct td_fail *why)
{
    struct asked a;
    const enum td_err err = start(&a, world, program, object, why);
    if (!err)
        td_guest_describe(&a.frame.about, out);
    end(&a);
    return err;
}

static enum td_err ask_begin(struct asked *a, const struct td_strat_use *use, uint32_t legs,
                             td_ns bar_span, struct td_fail *why)
{
    uint8_t out[sizeof(struct td_guest_head) + sizeof(struct td_guest_begin)];
    struct td_guest_begin b = {
        .legs = legs, .allow_short = use->allow_short, .size = use->size, .bar_span = bar_span};
    size_t sent = 0;
    memcpy(b.params, use->params, sizeof b.params);
    const size_t len = td_guest_put(out, sizeof out, TD_GUEST_BEGIN, &b, sizeof b);
    if (td_world_send(a->world, a->proc.channel, out, len, &sent) != TD_OK || sent != len)
        return td_fail_set(why, TD_ECLOSED, "%s: its process ended", a->object);
    const enum td_err err = await(a, TD_GUEST_BEGUN, why);
    if (err || !a->frame.word.err)
        return err;
    return td_fail_set(why, (enum td_err)a->frame.word.err, "%s", a->frame.word.text);
}

enum td_err td_guest_try(struct td_world *world, const char *program,
                         const struct td_strat_use *use, uint32_t legs, td_ns bar_span,
                         struct td_fail *why)
{
    struct asked a;
    enum td_err err = start(&a, world, program, use->object, why);
    if (!err)
        err = ask_begin(&a, use, legs, bar_span, why);
    end(&a);
    return err;
}
