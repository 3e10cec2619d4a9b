/* store/bars_file.c - bars to Parquet, Feather and CSV. */
#include "store/bars_file.h"

#include <stdlib.h>
#include <string.h>

#include "store/session_out.h"
#include "wire/feather.h"

#define ROWS_MAX ((size_t)1 << 20)

enum { OPEN, HIGH, LOW, CLOSE, VOLUME, WAP, COUNT, DATETIME, COLUMNS };

static const struct td_pq_column schema[COLUMNS] = {
    [OPEN] = {"open", TD_PQ_DOUBLE, TD_PQ_NONE, TD_PQ_AUTO, 0, true},
    [HIGH] = {"high", TD_PQ_DOUBLE, TD_PQ_NONE, TD_PQ_AUTO, 0, true},
    [LOW] = {"low", TD_PQ_DOUBLE, TD_PQ_NONE, TD_PQ_AUTO, 0, true},
    [CLOSE] = {"close", TD_PQ_DOUBLE, TD_PQ_NONE, TD_PQ_AUTO, 0, true},
    [VOLUME] = {"volume", TD_PQ_DOUBLE, TD_PQ_NONE, TD_PQ_AUTO, 0, true},
    [WAP] = {"wap", TD_PQ_DOUBLE, TD_PQ_NONE, TD_PQ_AUTO, 0, true},
    [COUNT] = {"count", TD_PQ_INT64, TD_PQ_NONE, TD_PQ_AUTO, 0, true},
    [DATETIME] = {"datetime", TD_PQ_INT64, TD_PQ_TIME_NS_LOCAL, TD_PQ_AUTO, 0, true},
};

static enum td_err check(const char *path, size_t count, struct td_fail *why)
{
    if (count > 0 && count <= ROWS_MAX)
        return TD_OK;
    return td_fail_set(why, TD_EINVAL, "%s: %zu bars; 1..%zu are possible", path, count, ROWS_MAX);
}

/* The columns in the arena; false when it is too small. */
static bool fill(struct td_arena *arena, const struct td_bar_row *rows, size_t count,
                 struct td_pq_data *data)
{
    double *v[COUNT];
    int64_t *trades = NULL, *at = NULL;
    for (int c = 0; c < COUNT; c++) {
        v[c] = td_arena_take(arena, count, sizeof(double));
        data[c] = (struct td_pq_data){v[c], NULL};
    }
    trades = td_arena_take(arena, count, sizeof *trades);
    at = td_arena_take(arena, count, sizeof *at);
    if (!at)
        return false;
    data[COUNT] = (struct td_pq_data){trades, NULL};
    data[DATETIME] = (struct td_pq_data){at, NULL};
    for (size_t i = 0; i < count; i++) {
        const struct td_bar *b = &rows[i].bar;
        v[OPEN][i] = td_e9_to_double(b->open.e9);
        v[HIGH][i] = td_e9_to_double(b->high.e9);
        v[LOW][i] = td_e9_to_double(b->low.e9);
        v[CLOSE][i] = td_e9_to_double(b->close.e9);
        v[VOLUME][i] = td_e9_to_double(b->volume.e9);
        v[WAP][i] = td_e9_to_double(b->wap.e9);
        trades[i] = b->count;
        at[i] = rows[i].local_ns;
    }
    return true;
}

/* A form of file: the codec readers expect, the memory it takes, and a whole file of one group. */
struct form {
    enum td_pq_codec codec;
    size_t (*need)(const struct td_pq_write_options *o);
    enum td_err (*put)(const struct td_pq_write_options *o, struct td_arena *arena,
                       const struct td_pq_data *data, struct td_fail *why);
};

static enum td_err put_parquet(const struct td_pq_write_options *o, struct td_arena *arena,
                               const struct td_pq_data *data, struct td_fail *why)
{
    struct td_pq_writer *w = NULL;
    enum td_err err = td_pq_writer_open(&w, o, arena, why);
    if (!err)
        err = td_pq_write_group(w, data, o->rows_max, why);
    if (!err)
        err = td_pq_writer_finish(w, why);
    td_pq_writer_close(w);
    return err;
}

static enum td_err put_feather(const struct td_pq_write_options *o, struct td_arena *arena,
                               const struct td_pq_data *data, struct td_fail *why)
{
    struct td_ftr_writer *w = NULL;
    enum td_err err = td_ftr_writer_open(&w, o, arena, why);
    if (!err)
        err = td_ftr_write_group(w, data, o->rows_max, why);
    if (!err)
        err = td_ftr_writer_finish(w, why);
    td_ftr_writer_close(w);
    return err;
}

static const struct form parquet = {TD_PQ_SNAPPY, td_pq_writer_need,
                                    put_parquet}; /* contracts 4.11 */
static const struct form feather = {TD_PQ_ZSTD, td_ftr_writer_need, put_feather};

static enum td_err write_columns(struct td_out *out, const struct form *form,
                                 const struct td_bar_row *rows, size_t count, struct td_fail *why)
{
    char pandas[2048];
    struct td_text text;
    struct td_pq_data data[COLUMNS];
    struct td_arena arena;
    td_text_init(&text, pandas, sizeof pandas);
    td_pq_pandas(&text, schema, COLUMNS, schema[DATETIME].name);
    TD_REQUIRE(!td_text_full(&text));
    const struct td_pq_pair pair = {"pandas", pandas};
    const struct td_pq_write_options o = {.columns = schema,
                                          .column_count = COLUMNS,
                                          .rows_max = count,
                                          .groups_max = 1,
                                          .codec = form->codec,
                                          .pairs = &pair,
                                          .pair_count = 1,
                                          .created_by = "tapedeck version " TD_VERSION,
                                          .write = td_out_write,
                                          .arg = out};
    const size_t need = form->need(&o) + count * COLUMNS * 8 + 16 * COLUMNS;
    void *block = malloc(need);
    if (!block)
        return td_fail_set(why, TD_ENOMEM, "%zu bytes for %zu bars", need, count);
    td_arena_init(&arena, block, need);
    enum td_err err = fill(&arena, rows, count, data) ? TD_OK : TD_ENOMEM;
    if (!err)
        err = form->put(&o, &arena, data, why);
    free(block);
    return err;
}

static enum td_err write_file(struct td_world *world, const char *path, const struct form *form,
                              const struct td_bar_row *rows, size_t count, struct td_fail *why)
{
    struct td_out *out = calloc(1, sizeof *out);
    if (!out)
        return td_fail_set(why, TD_ENOMEM, "writing %s: %s", path, td_err_text(TD_ENOMEM));
    enum td_err err = check(path, count, why);
    if (!err)
        err = td_out_open(out, world, path, why);
    if (!err)
        err = write_columns(out, form, rows, count, why);
    if (!err)
        err = td_out_seal(out, why);
    if (!err)
        err = td_out_publish(out, why);
    td_out_drop(out);
    free(out);
    return err;
}

enum td_err td_bars_write_parquet(struct td_world *world, const char *path,
                                  const struct td_bar_row *rows, size_t count, struct td_fail *why)
{
    return write_file(world, path, &parquet, rows, count, why);
}

enum td_err td_bars_write_feather(struct td_world *world, const char *path,
                                  const struct td_bar_row *rows, size_t count, struct td_fail *why)
{
    return write_file(world, path, &feather, rows, count, why);
}

/* "YYYY-MM-DD HH:MM:SS", as pandas writes an index without a zone. */
static void put_wall_clock(struct td_text *t, td_ns local_ns)
{
    struct td_civil c;
    td_civil_from_ns(local_ns, &c);
    td_text_printf(t, "%04d-%02d-%02d %02d:%02d:%02d", c.year, c.month, c.day, c.hour, c.minute,
                   c.second);
}

static enum td_err put_line(struct td_out *out, const struct td_bar_row *row)
{
    char line[256];
    struct td_text t;
    const int64_t values[] = {row->bar.open.e9,  row->bar.high.e9,   row->bar.low.e9,
                              row->bar.close.e9, row->bar.volume.e9, row->bar.wap.e9};
    td_text_init(&t, line, sizeof line);
    put_wall_clock(&t, row->local_ns);
    for (size_t i = 0; i < TD_COUNT(values); i++) {
        td_text_char(&t, ',');
        td_text_e9(&t, values[i]); /* unset: an empty field, which pandas reads as NaN */
    }
    td_text_char(&t, ',');
    td_text_i64(&t, row->bar.count);
    td_text_char(&t, '\n');
    TD_REQUIRE(!td_text_full(&t));
    return td_out_write(out, line, t.len);
}

enum td_err td_bars_write_csv(struct td_world *world, const char *path,
                              const struct td_bar_row *rows, size_t count, struct td_fail *why)
{
    static const char head[] = "datetime,open,high,low,close,volume,wap,count\n";
    struct td_out *out = calloc(1, sizeof *out);
    if (!out)
        return td_fail_set(why, TD_ENOMEM, "writing %s: %s", path, td_err_text(TD_ENOMEM));
    enum td_err err = check(path, count, why);
    if (!err)
        err = td_out_open(out, world, path, why);
    if (!err) {
        enum td_err put = td_out_write(out, head, sizeof head - 1);
        for (size_t i = 0; i < count && !put; i++)
            put = put_line(out, &rows[i]);
        err = td_out_seal(out, why); /* repeats the error of a write */
    }
    if (!err)
        err = td_out_publish(out, why);
    td_out_drop(out);
    free(out);
    return err;
}
