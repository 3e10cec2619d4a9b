/* store/recorded_json.c - recorded days, windows and books as JSON. A book has the keys of /api/v1/books. */
#include <string.h>

#include "store/recorded.h"

static void put_time(struct td_json *j, const char *key, td_ns at)
{
    td_json_key(j, key);
    if (at)
        td_json_iso(j, at);
    else
        td_json_null(j);
}

static void put_u64(struct td_json *j, const char *key, uint64_t value)
{
    td_json_key(j, key);
    td_json_u64(j, value);
}

/* --- days --- */

struct sums {
    uint64_t bytes, rows;
    int64_t bad; /* -1: one of them does not tell */
    td_ns first, last;
    const char *problem;
    bool looked;
};

static void add(struct sums *sum, const struct td_recorded_session *s)
{
    sum->looked = sum->looked && s->looked;
    sum->bytes += s->bytes;
    sum->rows += s->rows;
    sum->bad = sum->bad < 0 || s->bad < 0 ? -1 : sum->bad + s->bad;
    if (s->first_ns && (!sum->first || s->first_ns < sum->first))
        sum->first = s->first_ns;
    if (s->last_ns > sum->last)
        sum->last = s->last_ns;
    if (s->problem[0])
        sum->problem = s->problem;
}

/* null while it is not known. */
static void put_bad(struct td_json *j, const struct sums *sum)
{
    td_json_key(j, "bad");
    if (!sum->looked || sum->bad < 0)
        td_json_null(j);
    else
        td_json_i64(j, sum->bad);
    td_json_key_text(j, "grade",
                     sum->looked ? td_recorded_grade_word(
                                       td_recorded_grade(sum->rows, sum->bad, sum->problem != NULL))
                                 : NULL);
}

static void put_sessions(const struct td_recorded *r, size_t from, size_t to, struct td_json *j)
{
    td_json_key(j, "sessions");
    td_json_array(j);
    for (size_t i = from; i < to; i++) {
        const struct td_recorded_session *s = td_recorded_at(r, i);
        td_json_object(j);
        put_time(j, "first", s->first_ns);
        put_time(j, "last", s->last_ns);
        put_u64(j, "rows", s->rows);
        td_json_object_end(j);
    }
    td_json_array_end(j);
}

static void put_day(const struct td_recorded *r, size_t from, size_t to, struct td_json *j)
{
    struct sums sum = {.looked = true};
    for (size_t i = from; i < to; i++)
        add(&sum, td_recorded_at(r, i));
    td_json_object(j);
    td_json_key_text(j, "day", td_recorded_at(r, from)->day);
    td_json_key_bool(j, "looked", sum.looked);
    put_u64(j, "bytes", sum.bytes);
    put_u64(j, "rows", sum.rows);
    put_bad(j, &sum);
    put_time(j, "first", sum.first);
    put_time(j, "last", sum.last);
    td_json_key_text(j, "problem", sum.problem);
    put_sessions(r, from, to, j);
    td_json_object_end(j);
}

static bool same(const struct td_recorded *r, size_t a, size_t b, bool day)
{
    const struct td_recorded_session *x = td_recorded_at(r, a), *y = td_recorded_at(r, b);
    return strcmp(x->symbol, y->symbol) == 0 && (!day || strcmp(x->day, y->day) == 0);
}

void td_recorded_put_days(const struct td_recorded *r, struct td_json *j)
{
    const size_t count = td_recorded_count(r);
    td_json_key_bool(j, "complete", td_recorded_complete(r));
    td_json_key_bool(j, "cut", td_recorded_cut(r));
    td_json_key(j, "symbols");
    td_json_array(j);
    for (size_t i = 0; i < count;) {
        const size_t begin = i;
        td_json_object(j);
        td_json_key_text(j, "symbol", td_recorded_at(r, i)->symbol);
        td_json_key(j, "days");
        td_json_array(j);
        while (i < count && same(r, begin, i, false)) {
            size_t end = i + 1;
            while (end < count && same(r, i, end, true))
                end++;
            put_day(r, i, end, j);
            i = end;
        }
        td_json_array_end(j);
        td_json_object_end(j);
    }
    td_json_array_end(j);
}

/* --- books --- */

static void put_side(struct td_json *j, const char *key, const struct td_recorded_column *c,
                     enum td_side side)
{
    td_json_key(j, key);
    td_json_array(j);
    for (int32_t i = 0; i < c->rows[side]; i++) {
        td_json_array(j);
        td_json_e9(j, c->side[side][i].px.e9);
        td_json_e9(j, c->side[side][i].qty.e9);
        td_json_array_end(j);
    }
    td_json_array_end(j);
}

static void put_column(struct td_json *j, const struct td_recorded_column *c)
{
    put_time(j, "time", c->at_ns);
    td_json_key(j, "quality");
    td_json_array(j);
    for (unsigned bit = 0; td_quality_word(bit); bit++)
        if (c->quality >> bit & 1)
            td_json_text(j, td_quality_word(bit));
    td_json_array_end(j);
    put_side(j, "bids", c, TD_BID);
    put_side(j, "asks", c, TD_ASK);
}

void td_recorded_put_window(const struct td_recorded_window *w, struct td_json *j)
{
    td_json_key_e9(j, "step_ms", w->step * 1000);
    put_time(j, "until", w->until);
    td_json_key(j, "columns");
    td_json_array(j);
    for (uint32_t i = 0; i < w->count; i++) {
        td_json_object(j);
        put_column(j, &w->columns[i]);
        td_json_key_i64(j, "books", w->columns[i].books);
        td_json_object_end(j);
    }
    td_json_array_end(j);
}

void td_recorded_put_book(const struct td_recorded_book *b, struct td_json *j)
{
    put_column(j, &b->book);
    put_time(j, "before", b->before);
    put_time(j, "after", b->after);
}
