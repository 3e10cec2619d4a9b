/* store/depth_stream.c - a cursor per open file, and the merge of them. */
#include "store/depth_stream.h"

#include <stdlib.h>
#include <string.h>

#include "store/depth_cursor.h"

struct source {
    struct td_depth_source facts;
    td_ns begins_ns; /* its earliest row; known when there is more than one file */
};

struct td_depth_stream {
    struct td_world *world;
    struct source *sources; /* by begins_ns */
    size_t count, next;     /* sources[next] is the next to be opened */
    struct td_depth_cursor *open[TD_DEPTH_OPEN_MAX];
    size_t of[TD_DEPTH_OPEN_MAX]; /* index of the source */
    size_t open_count;
    struct td_depth_cursor *given; /* whose row was given last: it moves on before the next one */
    td_ns last_ns;
    bool begun;
    enum td_err failed;
};

static enum td_err open_next(struct td_depth_stream *s, struct td_fail *why)
{
    struct source *from = &s->sources[s->next];
    struct td_depth_cursor **to = &s->open[s->open_count];
    if (s->open_count == TD_DEPTH_OPEN_MAX)
        return td_fail_set(why, TD_EFULL, "more than %d files overlap in time at %s",
                           TD_DEPTH_OPEN_MAX, from->facts.path);
    const enum td_err err = td_depth_cursor_open(to, s->world, &from->facts, why);
    if (err)
        return err;
    s->of[s->open_count++] = s->next++;
    return TD_OK;
}

static void close_at(struct td_depth_stream *s, size_t at)
{
    td_depth_cursor_close(s->open[at]);
    s->open_count--;
    for (size_t i = at; i < s->open_count; i++) {
        s->open[i] = s->open[i + 1];
        s->of[i] = s->of[i + 1];
    }
}

/* When a file begins, from its times alone. */
static enum td_err find_begin(struct td_depth_stream *s, struct source *from, struct td_fail *why)
{
    struct td_depth_cursor *c;
    enum td_err err = td_depth_cursor_open(&c, s->world, &from->facts, why);
    if (err)
        return err;
    from->begins_ns = TD_NS_NEVER;
    err = td_depth_cursor_begin(c, &from->begins_ns, why);
    td_depth_cursor_close(c);
    return err;
}

/* Few files, mostly in order: those that begin together stay in their order. */
static void sort_sources(struct td_depth_stream *s)
{
    for (size_t i = 1; i < s->count; i++) {
        const struct source moved = s->sources[i];
        size_t at = i;
        for (; at > 0 && s->sources[at - 1].begins_ns > moved.begins_ns; at--)
            s->sources[at] = s->sources[at - 1];
        s->sources[at] = moved;
    }
}

enum td_err td_depth_stream_open(struct td_depth_stream **out, struct td_world *world,
                                 const char *const *paths, size_t count, struct td_fail *why)
{
    struct td_depth_stream *s = calloc(1, sizeof *s);
    enum td_err err = TD_OK;
    if (s)
        s->sources = calloc(count ? count : 1, sizeof *s->sources);
    if (!s || !s->sources) {
        free(s);
        return td_fail_set(why, TD_ENOMEM, "reading snapshots: %s", td_err_text(TD_ENOMEM));
    }
    s->world = world;
    s->count = count;
    for (size_t i = 0; i < count; i++)
        s->sources[i].facts.path = paths[i];
    for (size_t i = 0; i < count && count > 1 && !err; i++)
        err = find_begin(s, &s->sources[i], why);
    sort_sources(s);
    if (!err && count)
        err = open_next(s, why);
    if (err)
        td_depth_stream_close(s);
    else
        *out = s;
    return err;
}

/* Closes the files that are read to their end; the others have a row at hand. */
static enum td_err settle(struct td_depth_stream *s, struct td_fail *why)
{
    for (size_t i = s->open_count; i > 0; i--) {
        const enum td_err err = td_depth_cursor_ready(s->open[i - 1], why);
        if (err == TD_ENODATA)
            close_at(s, i - 1);
        else if (err)
            return err;
    }
    return TD_OK;
}

/* The open file whose row is the earliest; the one opened first of equals. */
static size_t earliest(const struct td_depth_stream *s)
{
    size_t best = 0;
    for (size_t i = 1; i < s->open_count; i++)
        if (td_depth_cursor_at(s->open[i]) < td_depth_cursor_at(s->open[best]))
            best = i;
    return best;
}

/* The file whose row is next, after those that are due were opened. TD_ENODATA: no more. */
static enum td_err choose(struct td_depth_stream *s, size_t *best, struct td_fail *why)
{
    for (;;) {
        enum td_err err = settle(s, why);
        if (err)
            return err;
        *best = earliest(s);
        if (s->open_count && (s->next == s->count ||
                              td_depth_cursor_at(s->open[*best]) < s->sources[s->next].begins_ns))
            return TD_OK;
        if (s->next == s->count)
            return TD_ENODATA;
        err = open_next(s, why);
        if (err)
            return err;
    }
}

enum td_err td_depth_stream_next(struct td_depth_stream *s, struct td_depth_image *out,
                                 struct td_fail *why)
{
    if (s->failed)
        return td_fail_set(why, s->failed, "an earlier row could not be read");
    for (;;) {
        size_t best = 0;
        if (s->given)
            td_depth_cursor_step(s->given);
        s->given = NULL;
        enum td_err err = choose(s, &best, why);
        if (err == TD_ENODATA)
            return err;
        if (!err) {
            s->given = s->open[best];
            err = td_depth_cursor_row(s->given, out, why);
        }
        if (err) {
            s->failed = err;
            return err;
        }
        if (!s->begun || out->at_ns >= s->last_ns) {
            s->begun = true;
            s->last_ns = out->at_ns;
            return TD_OK;
        }
        s->sources[s->of[best]].facts.late++;
    }
}

size_t td_depth_stream_count(const struct td_depth_stream *s)
{
    return s->count;
}

const struct td_depth_source *td_depth_stream_source(const struct td_depth_stream *s, size_t i)
{
    TD_REQUIRE(i < s->count);
    return &s->sources[i].facts;
}

void td_depth_stream_close(struct td_depth_stream *s)
{
    if (!s)
        return;
    while (s->open_count)
        close_at(s, s->open_count - 1);
    free(s->sources);
    free(s);
}
