/* store/coverage_file.c - days of bars from the manifest, the best file of each, and the derived file. */
#include "store/coverage_file.h"

#include <stdlib.h>
#include <string.h>

#include "store/datapath.h"
#include "store/session_out.h"
#include "wire/json.h"

/* ---- booking ---- */

/* A 20YY-MM-DD somewhere in a text. */
static bool day_in(const char *text, int64_t *day)
{
    for (const char *p = text; (p = strstr(p, "20")) != NULL; p++)
        if (strlen(p) >= 10 && p[4] == '-' && td_date_parse(p, 10, day) == TD_OK)
            return true;
    return false;
}

static int64_t day_of(td_ns local_ns)
{
    return local_ns >= 0 ? local_ns / TD_DAY : -((-local_ns + TD_DAY - 1) / TD_DAY);
}

static enum td_err book(struct td_coverage *c, int64_t day, td_ns start, td_ns end)
{
    if (c->day_count == c->day_cap) {
        const size_t cap = c->day_cap ? c->day_cap * 2 : 1024;
        if (cap > TD_COVERAGE_DAYS_MAX)
            return TD_EFULL;
        struct td_coverage_day *more = realloc(c->days, cap * sizeof *more);
        if (!more)
            return TD_ENOMEM;
        c->days = more;
        c->day_cap = cap;
    }
    c->days[c->day_count++] =
        (struct td_coverage_day){(uint32_t)(c->entry_count - 1), day, start, end};
    return TD_OK;
}

static bool is_weekend(int64_t day)
{
    const int of_week = td_weekday(day);
    return of_week == 0 || of_week == 6;
}

/* Every day from the first time to the last. */
static enum td_err book_span(struct td_coverage *c, td_ns from, td_ns to)
{
    const int64_t first = day_of(from), last = day_of(to);
    enum td_err err = TD_OK;
    if (last < first || last - first >= TD_COVERAGE_SPAN_MAX)
        return book(c, first, from, to);
    for (int64_t d = first; d <= last && !err; d++)
        if (d == first || d == last || !is_weekend(d))
            err = book(c, d, d == first ? from : d * TD_DAY,
                       d == last ? to : (d + 1) * TD_DAY - TD_SEC);
    return err;
}

static enum td_err add_entry(struct td_coverage *c, const struct td_bars_entry *e)
{
    if (c->entry_count == c->entry_cap) {
        const size_t cap = c->entry_cap ? c->entry_cap * 2 : 256;
        struct td_bars_entry *more =
            cap <= TD_COVERAGE_DAYS_MAX ? realloc(c->entries, cap * sizeof *more) : NULL;
        if (!more)
            return cap > TD_COVERAGE_DAYS_MAX ? TD_EFULL : TD_ENOMEM;
        c->entries = more;
        c->entry_cap = cap;
    }
    c->entries[c->entry_count++] = *e;
    return TD_OK;
}

static enum td_err take(void *arg, const struct td_bars_entry *e)
{
    struct td_coverage *c = arg;
    const bool start = e->time_start != INT64_MIN, end = e->time_end != INT64_MIN;
    int64_t day;
    const enum td_err err = add_entry(c, e);
    if (err)
        return err;
    if (start || end)
        return book_span(c, start ? e->time_start : e->time_end, end ? e->time_end : e->time_start);
    if (day_in(e->filename, &day) || day_in(e->path, &day))
        return book(c, day, INT64_MIN, INT64_MIN);
    c->dayless++;
    return TD_OK;
}

/* ---- the best of each ---- */

/* qsort has no argument for the entries, so rows that carry their entry are sorted. */
struct row {
    struct td_coverage_day day;
    const struct td_bars_entry *e;
};

static int compare_pair(const struct td_bars_entry *a, const struct td_bars_entry *b)
{
    const int symbol = strcmp(a->symbol, b->symbol);
    return symbol ? symbol : strcmp(a->bar_size, b->bar_size);
}

static int order_i64(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

/* By symbol, bar size and day; the best file of a day first, the later line of equals. */
static int compare_rows(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    const int keys[] = {compare_pair(x->e, y->e),
                        order_i64(x->day.day, y->day.day),
                        order_i64(y->e->written_at, x->e->written_at),
                        order_i64(y->e->rows, x->e->rows),
                        order_i64(x->e->time_start, y->e->time_start),
                        order_i64(y->e->time_end, x->e->time_end),
                        order_i64(y->day.entry, x->day.entry)};
    for (size_t i = 0; i < TD_COUNT(keys); i++)
        if (keys[i])
            return keys[i];
    return 0;
}

static enum td_err choose_best(struct td_coverage *c)
{
    size_t kept = 0;
    if (c->day_count == 0)
        return TD_OK;
    struct row *rows = malloc(c->day_count * sizeof *rows);
    if (!rows)
        return TD_ENOMEM;
    for (size_t i = 0; i < c->day_count; i++)
        rows[i] = (struct row){c->days[i], &c->entries[c->days[i].entry]};
    qsort(rows, c->day_count, sizeof *rows, compare_rows);
    for (size_t i = 0; i < c->day_count; i++)
        if (i == 0 || rows[i].day.day != rows[i - 1].day.day ||
            compare_pair(rows[i].e, rows[i - 1].e) != 0)
            c->days[kept++] = rows[i].day;
    c->day_count = kept;
    free(rows);
    return TD_OK;
}

enum td_err td_coverage_read(struct td_coverage *c, struct td_world *world, const char *manifest,
                             struct td_fail *why)
{
    *c = (struct td_coverage){0};
    enum td_err err = td_bars_manifest_each(world, manifest, false, take, c, &c->counts, why);
    if (!err && (err = choose_best(c)) != TD_OK)
        err = td_fail_set(why, err, "%s: %s", manifest, td_err_text(err));
    if (err)
        td_coverage_fini(c);
    return err;
}

void td_coverage_fini(struct td_coverage *c)
{
    free(c->entries);
    free(c->days);
    *c = (struct td_coverage){0};
}

static const struct td_bars_entry *entry_of(const struct td_coverage *c, size_t day)
{
    return &c->entries[c->days[day].entry];
}

size_t td_coverage_pairs(const struct td_coverage *c)
{
    size_t n = 0;
    for (size_t i = 0; i < c->day_count; i++)
        n += i == 0 || compare_pair(entry_of(c, i), entry_of(c, i - 1)) != 0;
    return n;
}

/* ---- the derived file ---- */

static void put_time(struct td_json *j, const char *key, td_ns local_ns)
{
    char text[40];
    td_json_key(j, key);
    if (local_ns == INT64_MIN) {
        td_json_null(j);
        return;
    }
    (void)td_iso_print(local_ns, text);
    td_json_str(j, (struct td_str){text, 19});
}

static void put_day(struct td_json *j, const char *key, int64_t day)
{
    char text[16];
    (void)td_date_print(day, text);
    td_json_key_text(j, key, text);
}

/* Hands the text out before it can fill up. */
static enum td_err pass_on(struct td_out *out, struct td_text *t)
{
    const enum td_err err = td_text_full(t) ? TD_ERANGE : td_out_write(out, t->buf, t->len);
    td_text_reset(t);
    return err;
}

/* One pair of symbol and bar size: days[from..to). */
static enum td_err put_entry(const struct td_coverage *c, size_t from, size_t to, struct td_json *j,
                             struct td_out *out)
{
    enum td_err err = TD_OK;
    td_json_object(j);
    td_json_key_text(j, "symbol", entry_of(c, from)->symbol);
    td_json_key_text(j, "bar_size", entry_of(c, from)->bar_size);
    td_json_key(j, "total");
    td_json_object(j);
    put_day(j, "date_start", c->days[from].day);
    put_day(j, "date_end", c->days[to - 1].day);
    td_json_object_end(j);
    td_json_key(j, "days");
    td_json_array(j);
    for (size_t i = from; i < to && !err; i++) {
        const struct td_bars_entry *e = entry_of(c, i);
        td_json_object(j);
        put_day(j, "date", c->days[i].day);
        put_time(j, "time_start", c->days[i].start);
        put_time(j, "time_end", c->days[i].end);
        td_json_key_text(j, "path", e->path);
        td_json_key_text(j, "filename", e->filename);
        td_json_key_i64(j, "rows", e->rows);
        td_json_object_end(j);
        err = pass_on(out, j->out);
    }
    td_json_array_end(j);
    td_json_object_end(j);
    return err;
}

static enum td_err put_all(const struct td_coverage *c, td_ns now, struct td_out *out)
{
    char buf[16384];
    struct td_text t;
    struct td_json j;
    enum td_err err = TD_OK;
    td_text_init(&t, buf, sizeof buf);
    td_json_init(&j, &t, true);
    td_json_object(&j);
    td_json_key_text(&j, "schema_version", "bars_coverage.v1");
    td_json_key(&j, "generated_at");
    td_json_iso(&j, now);
    td_json_key(&j, "entries");
    td_json_array(&j);
    for (size_t from = 0, to = 0; from < c->day_count && !err; from = to) {
        while (to < c->day_count && compare_pair(entry_of(c, from), entry_of(c, to)) == 0)
            to++;
        err = put_entry(c, from, to, &j, out);
    }
    td_json_array_end(&j);
    td_json_object_end(&j);
    td_text_char(&t, '\n');
    return err ? err : pass_on(out, &t);
}

enum td_err td_coverage_write(const struct td_coverage *c, struct td_world *world, const char *path,
                              struct td_fail *why)
{
    struct td_out *out = calloc(1, sizeof *out);
    if (!out)
        return td_fail_set(why, TD_ENOMEM, "%s: out of memory", path);
    enum td_err err = td_out_open(out, world, path, why);
    if (!err) {
        const enum td_err put = put_all(c, td_world_now(world), out);
        err = td_out_seal(out, why);
        if (!err && put)
            err = td_fail_set(why, put, "%s: %s", path, td_err_text(put));
    }
    if (!err)
        err = td_out_publish(out, why);
    td_out_drop(out);
    free(out);
    return err;
}

enum td_err td_coverage_derive(struct td_world *world, const char *root, struct td_fail *why)
{
    char from[TD_PATH_MAX], to[TD_PATH_MAX];
    struct td_coverage c = {0};
    if (!td_path_join(from, sizeof from, root, TD_BARS_MANIFEST) ||
        !td_path_join(to, sizeof to, root, TD_BARS_COVERAGE))
        return td_fail_set(why, TD_ERANGE, "%s: the path is too long", root);
    enum td_err err = td_coverage_read(&c, world, from, why);
    if (!err)
        err = td_coverage_write(&c, world, to, why);
    td_coverage_fini(&c);
    return err;
}
