/* store/recorded_read.c - windows and instants of recorded sessions, reading the row groups that hold them and no others. */
#include <string.h>

#include "store/recorded_inner.h"

/* --- a book --- */

static void take_side(const struct td_depth_image *image, enum td_side side, int32_t levels,
                      struct td_recorded_column *out)
{
    int32_t n = 0;
    for (int32_t row = 0; row < image->rows[side] && n < levels; row++) {
        struct td_level *l = &out->side[side][n];
        if (image->qty[side][row] > 0 &&
            td_e9_from_double(image->px[side][row], &l->px.e9) == TD_OK &&
            td_e9_from_double(image->qty[side][row], &l->qty.e9) == TD_OK)
            n++;
    }
    out->rows[side] = n;
}

static void take_book(const struct td_depth_image *image, int32_t levels,
                      struct td_recorded_column *out)
{
    out->at_ns = image->at_ns;
    take_side(image, TD_BID, levels, out);
    take_side(image, TD_ASK, levels, out);
}

static uint32_t flags_of(const struct td_depth_image *image)
{
    return image->quality | (image->generated ? TD_Q_GENERATED : 0);
}

/* --- sessions of a day --- */

static bool is_of(const struct td_recorded_session *s, const char *symbol, const char *day)
{
    return strcmp(s->symbol, symbol) == 0 && strcmp(s->day, day) == 0;
}

/* Looks into those of the day that were not; TD_ENODATA: there are none. */
static enum td_err find_day(struct td_recorded *r, const char *symbol, const char *day,
                            struct td_fail *why)
{
    size_t found = 0;
    for (size_t i = 0; i < r->count; i++) {
        struct td_recorded_session *s = &r->sessions[i];
        if (!is_of(s, symbol, day))
            continue;
        found++;
        if (!s->looked) {
            recorded_look(r, s);
            r->looked++;
        }
    }
    return found ? TD_OK
                 : td_fail_set(why, TD_ENODATA, "no recording of %s on %s below %s", symbol, day,
                               r->folder);
}

/* --- windows --- */

struct window {
    struct td_recorded *r;
    const struct td_recorded_query *q;
    struct td_recorded_window *out;
    uint64_t rows; /* of the groups that were needed */
};

/* Of a column the latest book, in whatever order the files come; of one instant the later row. */
static enum td_err take_row(struct window *w, struct td_fail *why)
{
    struct td_depth_image image;
    const enum td_err err = td_depth_cursor_row(w->r->cursor, &image, why);
    if (err)
        return err;
    struct td_recorded_column *to = &w->r->columns[(image.at_ns - w->q->from) / w->out->step];
    if (!to->books || image.at_ns >= to->at_ns)
        take_book(&image, w->q->levels, to);
    to->books++;
    to->quality |= flags_of(&image);
    return TD_OK;
}

/* The part of the group within from..until. */
static enum td_err take_group(struct window *w, size_t group, struct td_fail *why)
{
    struct td_depth_cursor *c = w->r->cursor;
    enum td_err err = td_depth_cursor_seek(c, group, w->q->from, why);
    for (; !err && td_depth_cursor_here(c) && td_depth_cursor_at(c) < w->out->until;
         td_depth_cursor_step(c))
        err = take_row(w, why);
    return err;
}

static bool overlaps(const struct window *w, uint64_t rows, td_ns first, td_ns last)
{
    return rows && first < w->out->until && last >= w->q->from;
}

static enum td_err take_session(struct window *w, const struct td_recorded_session *s,
                                struct td_fail *why)
{
    enum td_err err = recorded_use(w->r, s, why);
    for (size_t g = 0; g < w->r->groups && !err; g++) {
        const struct td_depth_span *span = &w->r->spans[g];
        if (!overlaps(w, span->rows, span->first_ns, span->last_ns))
            continue;
        const td_ns begin =
            w->q->from + (span->first_ns - w->q->from) / w->out->step * w->out->step;
        if (w->rows >= TD_RECORDED_ROWS && begin > w->q->from) {
            w->out->until = begin; /* enough for one call: the columns before it are whole */
            continue;
        }
        w->rows += span->rows;
        err = take_group(w, g, why);
    }
    return err;
}

static enum td_err check(const struct td_recorded_query *q, struct td_fail *why)
{
    if (q->from >= q->to || q->from < 0 || q->to - q->from > TD_RECORDED_SPAN)
        return td_fail_set(why, TD_EINVAL, "from is before to, by %d days at most",
                           (int)(TD_RECORDED_SPAN / TD_DAY));
    if (q->levels < 1 || q->levels > TD_RECORDED_LEVELS || q->columns < 1 ||
        q->columns > TD_RECORDED_COLUMNS)
        return td_fail_set(why, TD_EINVAL, "levels are 1 to %d, columns 1 to %d",
                           TD_RECORDED_LEVELS, TD_RECORDED_COLUMNS);
    return TD_OK;
}

/* Empty columns go, and those that begin behind what was read. */
static void pack(struct window *w)
{
    struct td_recorded_column *columns = w->r->columns;
    w->out->books = 0;
    for (uint32_t i = 0; i < w->q->columns; i++) {
        if (!columns[i].books || columns[i].at_ns >= w->out->until)
            continue;
        w->out->books += columns[i].books;
        columns[w->out->count++] = columns[i];
    }
    w->out->columns = columns;
}

enum td_err td_recorded_window(struct td_recorded *r, const struct td_recorded_query *q,
                               struct td_recorded_window *out, struct td_fail *why)
{
    struct window w = {.r = r, .q = q, .out = out};
    enum td_err err = check(q, why);
    if (!err)
        err = find_day(r, q->symbol, q->day, why);
    if (err)
        return err;
    *out = (struct td_recorded_window){
        .step = (q->to - q->from + q->columns - 1) / (td_ns)q->columns, .until = q->to};
    memset(r->columns, 0, q->columns * sizeof *r->columns);
    for (size_t i = 0; i < r->count && !err; i++) {
        const struct td_recorded_session *s = &r->sessions[i];
        if (is_of(s, q->symbol, q->day) && !s->problem[0] &&
            overlaps(&w, s->rows, s->first_ns, s->last_ns))
            err = take_session(&w, s, why);
    }
    if (!err)
        pack(&w);
    return err;
}

/* --- an instant --- */

static void earlier(td_ns *have, td_ns at)
{
    *have = !*have || at < *have ? at : *have;
}

static void later(td_ns *have, td_ns at)
{
    *have = at > *have ? at : *have;
}

struct instant {
    struct td_recorded *r;
    td_ns at;
    int32_t levels;
    struct td_recorded_book *out;
};

/* The row before the cursor is the newest at or before the time: it, and its neighbour on the left. */
static enum td_err take_before(struct instant *in, struct td_fail *why)
{
    struct td_depth_cursor *c = in->r->cursor;
    struct td_recorded_column *book = &in->out->book;
    struct td_depth_image image;
    if (!td_depth_cursor_back(c))
        return TD_OK;
    const td_ns at = td_depth_cursor_at(c);
    if (book->books && at <= book->at_ns) { /* an overlapping file has a newer one */
        if (at < book->at_ns)
            later(&in->out->before, at);
        return TD_OK;
    }
    if (book->books)
        later(&in->out->before, book->at_ns);
    const enum td_err err = td_depth_cursor_row(c, &image, why);
    if (err)
        return err;
    *book = (struct td_recorded_column){.quality = flags_of(&image), .books = 1};
    take_book(&image, in->levels, book);
    if (td_depth_cursor_back(c))
        later(&in->out->before, td_depth_cursor_at(c));
    return TD_OK;
}

static enum td_err look_at(struct instant *in, const struct td_recorded_session *s,
                           struct td_fail *why)
{
    size_t group = SIZE_MAX;
    enum td_err err = recorded_use(in->r, s, why);
    for (size_t g = 0; g < in->r->groups && !err; g++) {
        const struct td_depth_span *span = &in->r->spans[g];
        if (!span->rows)
            continue;
        if (span->first_ns > in->at)
            earlier(&in->out->after, span->first_ns);
        else if (group == SIZE_MAX || span->last_ns >= in->r->spans[group].last_ns) {
            if (group != SIZE_MAX)
                later(&in->out->before, in->r->spans[group].last_ns);
            group = g;
        }
    }
    if (err || group == SIZE_MAX)
        return err;
    err = td_depth_cursor_seek(in->r->cursor, group, in->at + 1, why);
    if (!err && td_depth_cursor_here(in->r->cursor))
        earlier(&in->out->after, td_depth_cursor_at(in->r->cursor));
    return err ? err : take_before(in, why);
}

enum td_err td_recorded_book(struct td_recorded *r, const char *symbol, const char *day, td_ns at,
                             int32_t levels, struct td_recorded_book *out, struct td_fail *why)
{
    struct instant in = {.r = r, .at = at, .levels = levels, .out = out};
    enum td_err err = levels < 1 || levels > TD_RECORDED_LEVELS || at < 0 || at == TD_NS_NEVER
                          ? td_fail_set(why, TD_EINVAL, "levels are 1 to %d", TD_RECORDED_LEVELS)
                          : find_day(r, symbol, day, why);
    memset(out, 0, sizeof *out);
    for (size_t i = r->count; i > 0 && !err; i--) { /* newest first: mostly one file is opened */
        const struct td_recorded_session *s = &r->sessions[i - 1];
        if (!is_of(s, symbol, day) || s->problem[0] || !s->rows)
            continue;
        if (s->first_ns > at)
            earlier(&out->after, s->first_ns);
        else if (out->book.books && s->last_ns < out->book.at_ns)
            later(&out->before, s->last_ns);
        else
            err = look_at(&in, s, why);
    }
    if (!err && !out->book.books)
        err = td_fail_set(why, TD_ENODATA, "nothing of %s was recorded on %s by then", symbol, day);
    return err;
}
