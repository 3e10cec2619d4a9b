/* tests/wire/feather_test.c - what the writer writes the reader reads; damaged and foreign files are refused. */
#include "wire/feather.h"

#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "support/support.h"

enum { ROWS = 300, LEVELS = 5, GROUPS = 3, FILE_MAX = 1 << 19, ARENA = 1 << 20 };

/* A file in memory; the writer's sink fails from byte `limit` on. */
struct image {
    uint8_t *bytes;
    size_t len, limit;
};

static enum td_err take_bytes(void *arg, const void *bytes, size_t len)
{
    struct image *m = arg;
    if (m->len + len > m->limit)
        return TD_ENOSPC;
    memcpy(m->bytes + m->len, bytes, len);
    m->len += len;
    return TD_OK;
}

static enum td_err give_bytes(void *arg, uint64_t offset, void *buf, size_t len)
{
    const struct image *m = arg;
    TD_REQUIRE(offset <= m->len && len <= m->len - offset);
    if (len)
        memcpy(buf, m->bytes + offset, len);
    return TD_OK;
}

static const struct td_pq_column schema[] = {
    {"text", TD_PQ_BYTES, TD_PQ_UTF8, TD_PQ_AUTO, 0, true},
    {"prices", TD_PQ_DOUBLE, TD_PQ_NONE, TD_PQ_AUTO, LEVELS, true},
    {"sizes", TD_PQ_INT64, TD_PQ_NONE, TD_PQ_AUTO, LEVELS, false},
    {"at", TD_PQ_INT64, TD_PQ_TIME_NS, TD_PQ_AUTO, 0, true},
    {"local", TD_PQ_INT64, TD_PQ_TIME_NS_LOCAL, TD_PQ_AUTO, 0, false},
    {"level", TD_PQ_INT32, TD_PQ_INT16, TD_PQ_AUTO, 0, false},
    {"odd", TD_PQ_INT32, TD_PQ_NONE, TD_PQ_AUTO, 0, true},
    {"flag", TD_PQ_BOOL, TD_PQ_NONE, TD_PQ_AUTO, 0, true},
    {"noise", TD_PQ_DOUBLE, TD_PQ_NONE, TD_PQ_AUTO, 0, false},
    {"wide", TD_PQ_INT64, TD_PQ_UINT64, TD_PQ_AUTO, 0, false},
    {"raw", TD_PQ_BYTES, TD_PQ_NONE, TD_PQ_AUTO, 0, false},
};
enum { COLUMNS = TD_COUNT(schema) };

struct rows {
    struct td_str text[ROWS], raw[ROWS];
    double prices[ROWS][LEVELS], noise[ROWS];
    int64_t sizes[ROWS][LEVELS], at[ROWS], local[ROWS], wide[ROWS];
    int32_t level[ROWS], odd[ROWS];
    uint8_t flag[ROWS], present[ROWS];
};

static struct rows rows;
static uint8_t arena_block[ARENA];
static struct image file;

static void make_rows(void)
{
    static const char *const words[] = {"", "a", "2026-11-21T05:30:00+00:00", "\xc3\xa9t\xc3\xa9"};
    struct td_rng g;
    td_rng_init(&g, 7);
    for (size_t i = 0; i < ROWS; i++) {
        rows.text[i] = td_str_of(words[td_rng_below(&g, 4)]);
        rows.raw[i] = (struct td_str){"\x00\xff\x01", td_rng_below(&g, 4)};
        for (size_t l = 0; l < LEVELS; l++) {
            rows.prices[i][l] = 100.0 + 0.01 * (double)td_rng_below(&g, 40);
            rows.sizes[i][l] = td_rng_between(&g, 1, 900) * 100;
        }
        rows.at[i] = td_rng_between(&g, -(INT64_C(1) << 61), INT64_C(1) << 61);
        rows.local[i] = INT64_C(1763717400000000000) + (int64_t)i * TD_MIN;
        rows.level[i] = (int32_t)td_rng_between(&g, -32768, 32767);
        rows.odd[i] = (int32_t)td_rng_between(&g, INT32_MIN, INT32_MAX);
        rows.flag[i] = (uint8_t)td_rng_below(&g, 2);
        rows.noise[i] = (double)td_rng_between(&g, -(INT64_C(1) << 61), INT64_C(1) << 61) / 3.0;
        rows.wide[i] = td_rng_between(&g, -(INT64_C(1) << 61), INT64_C(1) << 61);
        rows.present[i] = td_rng_below(&g, 3) != 0;
    }
}

static void point(struct td_pq_data *d)
{
    const void *values[COLUMNS] = {rows.text,  rows.prices, rows.sizes, rows.at,
                                   rows.local, rows.level,  rows.odd,   rows.flag,
                                   rows.noise, rows.wide,   rows.raw};
    for (size_t c = 0; c < COLUMNS; c++)
        d[c] = (struct td_pq_data){values[c],
                                   schema[c].optional && !schema[c].list ? rows.present : NULL};
}

static const struct td_pq_pair pairs[] = {{"pandas", "{\"index_columns\":[]}"}, {"empty", ""}};

static enum td_err write_file(enum td_pq_codec codec, size_t limit, struct td_fail *why)
{
    struct td_pq_data data[COLUMNS];
    struct td_arena arena;
    struct td_ftr_writer *w = NULL;
    file.len = 0;
    file.limit = limit;
    const struct td_pq_write_options o = {.columns = schema,
                                          .column_count = COLUMNS,
                                          .rows_max = ROWS,
                                          .groups_max = GROUPS,
                                          .codec = codec,
                                          .pairs = pairs,
                                          .pair_count = TD_COUNT(pairs),
                                          .write = take_bytes,
                                          .arg = &file};
    td_arena_init(&arena, arena_block, td_ftr_writer_need(&o) + 16);
    point(data);
    enum td_err err = td_ftr_writer_open(&w, &o, &arena, why);
    for (size_t g = 0; g < GROUPS && !err; g++)
        err = td_ftr_write_group(w, data, g == 1 ? 1 : ROWS, why);
    if (!err)
        err = td_ftr_writer_finish(w, why);
    if (!err)
        assert_int_equal(td_ftr_writer_bytes(w), file.len);
    td_ftr_writer_close(w);
    return err;
}

static struct td_ftr_reader *open_file(struct td_arena *arena)
{
    struct td_ftr_reader *r;
    struct td_fail why = {.text = ""};
    const struct td_pq_source source = {give_bytes, &file, file.len};
    td_arena_init(arena, arena_block, sizeof arena_block);
    if (td_ftr_reader_open(&r, &source, arena, &why))
        fail_msg("%s", why.text);
    return r;
}

static void compare(size_t c, const struct td_pq_values *v)
{
    const void *const numbers[COLUMNS] = {NULL,       rows.prices, rows.sizes, rows.at,
                                          rows.local, rows.level,  rows.odd,   rows.flag,
                                          rows.noise, rows.wide,   NULL};
    static const size_t sizes[] = {1, 4, 8, 8};
    const bool nullable = schema[c].optional && !schema[c].list;
    for (size_t i = 0; i < v->count; i++) {
        if (nullable && v->present && !v->present[i])
            assert_false(rows.present[i]);
        else if (numbers[c])
            assert_memory_equal((const char *)v->values + i * sizes[schema[c].type],
                                (const char *)numbers[c] + i * sizes[schema[c].type],
                                sizes[schema[c].type]);
        else
            assert_true(
                td_str_eq(((const struct td_str *)v->values)[i], (c ? rows.raw : rows.text)[i]));
    }
}

static void round_trip(void **state)
{
    (void)state;
    static const enum td_pq_codec codecs[] = {TD_PQ_ZSTD, TD_PQ_UNCOMPRESSED};
    for (size_t k = 0; k < 2; k++) {
        struct td_arena arena;
        TD_OK_OR_FAIL(write_file(codecs[k], FILE_MAX, NULL));
        struct td_ftr_reader *r = open_file(&arena);
        assert_int_equal(td_ftr_columns(r), COLUMNS);
        assert_int_equal(td_ftr_groups(r), GROUPS);
        assert_int_equal(td_ftr_rows(r), 2 * ROWS + 1);
        assert_true(td_str_is(td_ftr_meta(r, "pandas"), pairs[0].value));
        assert_null(td_ftr_meta(r, "absent").p);
        assert_true(td_str_is(td_ftr_zone(r, 3), "UTC") && td_ftr_zone(r, 4).len == 0);
        for (size_t c = 0; c < COLUMNS; c++) {
            const struct td_pq_column *got = td_ftr_column_at(r, c);
            assert_string_equal(got->name, schema[c].name);
            assert_int_equal(td_ftr_column_find(r, schema[c].name), c);
            assert_int_equal(got->type, schema[c].type);
            assert_int_equal(got->logical, schema[c].logical);
            assert_int_equal(got->optional, schema[c].optional);
            for (size_t g = 0; g < GROUPS; g++) {
                struct td_pq_values v;
                const size_t mark = arena.used;
                TD_OK_OR_FAIL(td_ftr_read_column(r, g, c, &arena, &v, NULL));
                assert_int_equal(v.rows, g == 1 ? 1 : ROWS);
                assert_int_equal(v.count, v.rows * (schema[c].list ? LEVELS : 1));
                assert_true(!v.starts || v.starts[v.rows] == v.count);
                compare(c, &v);
                arena.used = mark;
            }
        }
    }
}

/* An arena that is too small says so and is left as it was. */
static void too_little_memory(void **state)
{
    (void)state;
    struct td_arena arena;
    struct td_pq_values v;
    TD_OK_OR_FAIL(write_file(TD_PQ_ZSTD, FILE_MAX, NULL));
    struct td_ftr_reader *r = open_file(&arena);
    const size_t mark = arena.used, cap = arena.cap;
    for (size_t c = 0; c < COLUMNS; c++) {
        enum td_err err = TD_ENOMEM;
        for (size_t more = 0; err; more += 64) {
            arena.cap = mark + more;
            err = td_ftr_read_column(r, 0, c, &arena, &v, NULL);
            assert_true(err == TD_OK || (err == TD_ENOMEM && arena.used == mark));
        }
        arena.used = mark;
    }
    arena.cap = cap;
    for (size_t small = 0; small < 8192; small += 256) {
        const struct td_pq_source source = {give_bytes, &file, file.len};
        td_arena_init(&arena, arena_block, small);
        assert_int_equal(td_ftr_reader_open(&r, &source, &arena, NULL), TD_ENOMEM);
    }
}

/* Reads whatever can be read. */
static void read_all(void)
{
    struct td_arena arena;
    struct td_ftr_reader *r;
    struct td_pq_values v;
    const struct td_pq_source source = {give_bytes, &file, file.len};
    td_arena_init(&arena, arena_block, sizeof arena_block);
    if (td_ftr_reader_open(&r, &source, &arena, NULL))
        return;
    for (size_t g = 0; g < td_ftr_groups(r) && g < 4; g++)
        for (size_t c = 0; c < td_ftr_columns(r); c++) {
            const size_t mark = arena.used;
            (void)!td_ftr_read_column(r, g, c, &arena, &v, NULL);
            arena.used = mark;
        }
}

static void damaged_bytes(void **state)
{
    (void)state;
    TD_OK_OR_FAIL(write_file(TD_PQ_ZSTD, FILE_MAX, NULL));
    const size_t whole = file.len;
    uint8_t *all = file.bytes;
    for (size_t at = 0; at < whole; at += at < 2048 || at > whole - 3000 ? 3 : 197) {
        const uint8_t was = all[at];
        static const uint8_t turns[] = {0xff, 0x80, 0x01};
        for (size_t k = 0; k < TD_COUNT(turns); k++) {
            all[at] = was ^ turns[k];
            read_all();
        }
        all[at] = was;
    }
    for (size_t len = 0; len < whole; len += len < 200 ? 1 : 211) { /* against a page that traps */
        struct td_arena arena;
        struct td_ftr_reader *r;
        file.bytes = td_guard_copy(all, len);
        file.len = len;
        const struct td_pq_source source = {give_bytes, &file, len};
        td_arena_init(&arena, arena_block, sizeof arena_block);
        assert_int_equal(td_ftr_reader_open(&r, &source, &arena, NULL), TD_EPARSE);
        td_guard_free(file.bytes, len);
    }
    file.bytes = all;
}

static void refused_by_name(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        enum td_err err;
        const char *text;
    } cases[] = {{"FEA1....................", TD_EVERSION, "version 1"},
                 {"\xff\xff\xff\xff....................", TD_EUNSUP, "stream"},
                 {"PAR1....................", TD_EPARSE, "ARROW1"},
                 {"ARROW1..................", TD_EPARSE, "cut"}};
    for (size_t i = 0; i < TD_COUNT(cases); i++) {
        struct td_arena arena;
        struct td_ftr_reader *r;
        struct td_fail why = {.text = ""};
        file.len = strlen(cases[i].bytes);
        memcpy(file.bytes, cases[i].bytes, file.len);
        const struct td_pq_source source = {give_bytes, &file, file.len};
        td_arena_init(&arena, arena_block, sizeof arena_block);
        assert_int_equal(td_ftr_reader_open(&r, &source, &arena, &why), cases[i].err);
        assert_non_null(strstr(why.text, cases[i].text));
    }
}

/* The n-th byte cannot be written: the error comes back whatever n is. */
static void full_disk(void **state)
{
    (void)state;
    TD_OK_OR_FAIL(write_file(TD_PQ_ZSTD, FILE_MAX, NULL));
    const size_t whole = file.len;
    for (size_t limit = 0; limit < whole; limit += 499)
        assert_int_equal(write_file(TD_PQ_ZSTD, limit, NULL), TD_ENOSPC);
}

static void options_that_cannot_be(void **state)
{
    (void)state;
    static const struct td_pq_column bad[] = {
        {"", TD_PQ_INT64, TD_PQ_NONE, TD_PQ_AUTO, 0, false},
        {"x", TD_PQ_OTHER, TD_PQ_NONE, TD_PQ_AUTO, 0, false},
        {"x", TD_PQ_DOUBLE, TD_PQ_TIME_NS, TD_PQ_AUTO, 0, false},
        {"x", TD_PQ_INT64, TD_PQ_UTF8, TD_PQ_AUTO, 0, false}};
    struct td_arena arena;
    struct td_ftr_writer *w;
    struct td_fail why;
    struct td_pq_write_options o = {.column_count = 1,
                                    .rows_max = 1,
                                    .groups_max = 1,
                                    .text_max = 4,
                                    .codec = TD_PQ_UNCOMPRESSED,
                                    .write = take_bytes,
                                    .arg = &file};
    td_arena_init(&arena, arena_block, sizeof arena_block);
    for (size_t i = 0; i < TD_COUNT(bad); i++) {
        o.columns = &bad[i];
        assert_int_equal(td_ftr_writer_open(&w, &o, &arena, &why), TD_EINVAL);
    }
    o.columns = schema;
    o.codec = TD_PQ_SNAPPY;
    assert_int_equal(td_ftr_writer_open(&w, &o, &arena, &why), TD_EINVAL);
    o.codec = TD_PQ_UNCOMPRESSED;
    file.len = 0;
    file.limit = FILE_MAX;
    TD_OK_OR_FAIL(td_ftr_writer_open(&w, &o, &arena, &why));
    const struct td_str fits = {"1234", 4}, long_one = {"12345", 5};
    const struct td_pq_data good = {&fits, NULL}, much = {&long_one, NULL};
    TD_OK_OR_FAIL(td_ftr_write_group(w, &good, 1, &why));
    assert_int_equal(td_ftr_write_group(w, &good, 1, &why), TD_EFULL);
    td_ftr_writer_close(w);
    td_arena_reset(&arena);
    TD_OK_OR_FAIL(td_ftr_writer_open(&w, &o, &arena, &why));
    assert_int_equal(td_ftr_write_group(w, &much, 1, &why), TD_ERANGE);
    td_ftr_writer_close(w);
}

static int open_scene(void **state)
{
    (void)state;
    make_rows();
    file.bytes = malloc(FILE_MAX);
    return file.bytes ? 0 : -1;
}

static int close_scene(void **state)
{
    (void)state;
    free(file.bytes);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trip),    cmocka_unit_test(too_little_memory),
        cmocka_unit_test(damaged_bytes), cmocka_unit_test(refused_by_name),
        cmocka_unit_test(full_disk),     cmocka_unit_test(options_that_cannot_be),
    };
    return cmocka_run_group_tests(tests, open_scene, close_scene);
}
