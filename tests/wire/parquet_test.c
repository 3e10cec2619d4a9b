/* tests/wire/parquet_test.c - what the writer writes the reader reads; damaged files are refused. */
#include "wire/parquet.h"

#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "support/support.h"

enum { ROWS = 300, LEVELS = 5, FILE_MAX = 1 << 20, ARENA = 8 << 20 };

/* A file in memory; the writer's sink fails from byte `limit` on. */
struct image {
    uint8_t *bytes;
    size_t len;
    size_t limit;
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
    {"text", TD_PQ_BYTES, TD_PQ_UTF8, TD_PQ_AUTO, 0, false},
    {"prices", TD_PQ_DOUBLE, TD_PQ_NONE, TD_PQ_AUTO, LEVELS, true},
    {"sizes", TD_PQ_INT64, TD_PQ_NONE, TD_PQ_AUTO, LEVELS, false},
    {"at", TD_PQ_INT64, TD_PQ_TIME_NS, TD_PQ_AUTO, 0, true},
    {"level", TD_PQ_INT32, TD_PQ_INT16, TD_PQ_AUTO, 0, false},
    {"flag", TD_PQ_BOOL, TD_PQ_NONE, TD_PQ_AUTO, 0, false},
    {"noise", TD_PQ_DOUBLE, TD_PQ_NONE, TD_PQ_AUTO, 0, false},
    {"maybe", TD_PQ_BYTES, TD_PQ_UTF8, TD_PQ_AUTO, 0, true},
    {"wide", TD_PQ_INT64, TD_PQ_UINT64, TD_PQ_DELTA, 0, false},
    {"odd", TD_PQ_INT32, TD_PQ_NONE, TD_PQ_AUTO, 0, true},
};
enum { COLUMNS = TD_COUNT(schema) };

struct rows {
    struct td_str text[ROWS];
    double prices[ROWS][LEVELS];
    int64_t sizes[ROWS][LEVELS];
    int64_t at[ROWS];
    int32_t level[ROWS];
    uint8_t flag[ROWS];
    double noise[ROWS];
    struct td_str maybe[ROWS];
    int64_t wide[ROWS];
    int32_t odd[ROWS];
    uint8_t present[ROWS];
};

static void make_rows(struct rows *r, uint64_t seed)
{
    static const char *const words[] = {"", "a", "2026-11-21T05:30:00.123456+00:00",
                                        "\xc3\xa9t\xc3\xa9"};
    struct td_rng g;
    td_rng_init(&g, seed);
    for (size_t i = 0; i < ROWS; i++) {
        r->text[i] = td_str_of(words[td_rng_below(&g, 4)]);
        for (size_t l = 0; l < LEVELS; l++) {
            r->prices[i][l] = 100.0 + 0.01 * (double)td_rng_below(&g, 40);
            r->sizes[i][l] = td_rng_between(&g, 1, 900) * 100;
        }
        r->at[i] =
            (i ? r->at[i - 1] : INT64_C(1764000000000000000)) + td_rng_between(&g, 0, 200 * TD_MS);
        r->level[i] = (int32_t)td_rng_between(&g, -32768, 32767);
        r->flag[i] = td_rng_chance(&g, 0.3);
        r->noise[i] = td_rng_normal(&g);
        r->maybe[i] = td_str_of("present");
        r->wide[i] = (int64_t)td_rng_u64(&g);
        r->odd[i] = i % 5 ? 7 : INT32_MIN;
        r->present[i] = i % 3 != 1;
    }
}

static void point_at(struct rows *r, struct td_pq_data *d)
{
    const void *values[COLUMNS] = {r->text, r->prices, r->sizes, r->at,   r->level,
                                   r->flag, r->noise,  r->maybe, r->wide, r->odd};
    for (size_t i = 0; i < COLUMNS; i++)
        d[i] = (struct td_pq_data){values[i],
                                   schema[i].optional && !schema[i].list ? r->present : NULL};
}

static struct td_pq_write_options options_of(enum td_pq_codec codec, struct image *m)
{
    static const struct td_pq_pair pairs[] = {{"pandas", "{}"}, {"tapedeck", "1"}};
    return (struct td_pq_write_options){.columns = schema,
                                        .column_count = COLUMNS,
                                        .rows_max = ROWS,
                                        .groups_max = 3,
                                        .codec = codec,
                                        .pairs = pairs,
                                        .pair_count = 2,
                                        .created_by = "tapedeck test",
                                        .write = take_bytes,
                                        .arg = m};
}

static enum td_err write_image(struct rows *r, size_t groups, const struct td_pq_write_options *o)
{
    struct td_arena arena;
    struct td_pq_data data[COLUMNS];
    struct td_pq_writer *w = NULL;
    const size_t need = td_pq_writer_need(o);
    void *block = malloc(need);
    td_arena_init(&arena, block, need);
    enum td_err err = td_pq_writer_open(&w, o, &arena, NULL);
    for (size_t g = 0; g < groups && !err; g++) {
        make_rows(r, g);
        point_at(r, data);
        err = td_pq_write_group(w, data, g == 1 ? 1 : ROWS, NULL);
    }
    if (!err)
        err = td_pq_writer_finish(w, NULL);
    td_pq_writer_close(w);
    free(block);
    return err;
}

static void check_texts(const struct td_pq_values *v, const struct td_str *want,
                        const uint8_t *present)
{
    const struct td_str *got = v->values;
    for (size_t i = 0; i < v->rows; i++) {
        const bool here = !present || present[i];
        assert_int_equal(!v->present || v->present[i], here);
        assert_true(td_str_eq(got[i], here ? want[i] : (struct td_str){NULL, 0}));
    }
}

static void check_column(const struct td_pq_values *v, size_t column, const struct td_pq_data *want,
                         size_t rows)
{
    static const size_t sizes[] = {1, 4, 8, 8, 0};
    const size_t list = schema[column].list ? schema[column].list : 1;
    assert_int_equal(v->rows, rows);
    assert_int_equal(v->count, rows * list);
    if (schema[column].type == TD_PQ_BYTES) {
        check_texts(v, want->values, want->present);
        return;
    }
    const size_t size = sizes[schema[column].type];
    for (size_t i = 0; i < v->count; i++) {
        static const uint8_t zero[8];
        const bool here = !want->present || want->present[i / list];
        assert_int_equal(!v->present || v->present[i], here);
        assert_memory_equal((const uint8_t *)v->values + i * size,
                            here ? (const uint8_t *)want->values + i * size : zero, size);
    }
    for (size_t i = 0; schema[column].list && i <= rows; i++)
        assert_int_equal(v->starts[i], i * list);
}

static void read_back(struct image *m, struct rows *r, size_t groups)
{
    struct td_arena arena;
    struct td_pq_data data[COLUMNS];
    struct td_pq_reader *reader = NULL;
    const struct td_pq_source source = {give_bytes, m, m->len};
    void *block = malloc(ARENA);
    td_arena_init(&arena, block, ARENA);
    TD_OK_OR_FAIL(td_pq_reader_open(&reader, &source, &arena, NULL));
    assert_int_equal(td_pq_columns(reader), COLUMNS);
    assert_int_equal(td_pq_groups(reader), groups);
    assert_true(td_str_is(td_pq_meta(reader, "tapedeck"), "1"));
    assert_null(td_pq_meta(reader, "absent").p);
    assert_true(td_str_is(td_pq_created_by(reader), "tapedeck test"));
    for (size_t g = 0; g < groups; g++) {
        make_rows(r, g);
        point_at(r, data);
        for (size_t c = 0; c < COLUMNS; c++) {
            const size_t mark = arena.used;
            struct td_pq_values v;
            assert_string_equal(td_pq_column_at(reader, c)->name, schema[c].name);
            assert_int_equal(td_pq_column_at(reader, c)->logical, schema[c].logical);
            assert_int_equal(td_pq_column_at(reader, c)->optional, schema[c].optional);
            TD_OK_OR_FAIL(td_pq_read_column(reader, g, c, &arena, &v, NULL));
            check_column(&v, c, &data[c], g == 1 ? 1 : ROWS);
            arena.used = mark;
        }
    }
    free(block);
}

static void round_trip(void **state)
{
    (void)state;
    struct rows *r = malloc(sizeof *r);
    struct image m = {malloc(FILE_MAX), 0, FILE_MAX};
    for (int codec = TD_PQ_ZSTD; codec <= TD_PQ_UNCOMPRESSED; codec++)
        for (size_t groups = 0; groups <= 3; groups++) {
            const struct td_pq_write_options o = options_of((enum td_pq_codec)codec, &m);
            m.len = 0;
            TD_OK_OR_FAIL(write_image(r, groups, &o));
            read_back(&m, r, groups);
        }
    free(m.bytes);
    free(r);
}

/* Writes once with room, then fails at every byte: the error comes back, never success. */
static void sink_fails_anywhere(void **state)
{
    (void)state;
    struct rows *r = malloc(sizeof *r);
    struct image m = {malloc(FILE_MAX), 0, FILE_MAX};
    struct td_pq_write_options o = options_of(TD_PQ_ZSTD, &m);
    TD_OK_OR_FAIL(write_image(r, 1, &o));
    const size_t whole = m.len;
    for (size_t limit = 0; limit < whole; limit += limit < 64 || whole - limit < 300 ? 1 : 97) {
        m.len = 0;
        m.limit = limit;
        assert_int_equal(write_image(r, 1, &o), TD_ENOSPC);
    }
    free(m.bytes);
    free(r);
}

/* Reads everything there is; whatever comes, it must be an answer and not a crash. */
static enum td_err read_all(struct image *m, void *block, size_t cap)
{
    struct td_arena arena;
    struct td_pq_reader *reader = NULL;
    const struct td_pq_source source = {give_bytes, m, m->len};
    td_arena_init(&arena, block, cap);
    enum td_err err = td_pq_reader_open(&reader, &source, &arena, NULL);
    for (size_t g = 0; !err && g < td_pq_groups(reader); g++)
        for (size_t c = 0; !err && c < td_pq_columns(reader); c++) {
            const size_t mark = arena.used;
            struct td_pq_values v;
            err = td_pq_read_column(reader, g, c, &arena, &v, NULL);
            arena.used = mark;
        }
    return err;
}

static void cut_files_are_refused(void **state)
{
    (void)state;
    struct rows *r = malloc(sizeof *r);
    struct image m = {malloc(FILE_MAX), 0, FILE_MAX};
    void *block = malloc(ARENA);
    const struct td_pq_write_options o = options_of(TD_PQ_SNAPPY, &m);
    TD_OK_OR_FAIL(write_image(r, 1, &o));
    const size_t whole = m.len;
    TD_OK_OR_FAIL(read_all(&m, block, ARENA));
    for (size_t len = 0; len<whole; len += len + 600> whole ? 1 : 61) {
        struct image cut = {td_guard_copy(m.bytes, len), len, 0};
        assert_int_equal(read_all(&cut, block, ARENA), TD_EPARSE);
        td_guard_free(cut.bytes, len);
    }
    assert_int_equal(read_all(&m, block, 4096), TD_ENOMEM);
    free(block);
    free(m.bytes);
    free(r);
}

static void flipped_bytes_never_crash(void **state)
{
    (void)state;
    struct rows *r = malloc(sizeof *r);
    struct image m = {malloc(FILE_MAX), 0, FILE_MAX};
    void *block = malloc(ARENA);
    for (int codec = TD_PQ_ZSTD; codec <= TD_PQ_UNCOMPRESSED; codec++) {
        const struct td_pq_write_options o = options_of((enum td_pq_codec)codec, &m);
        m.len = 0;
        TD_OK_OR_FAIL(write_image(r, 2, &o));
        for (size_t at = 0; at < m.len; at += m.len - at < 2000 ? 3 : 41) {
            m.bytes[at] ^= 0x55;
            (void)read_all(&m, block, ARENA);
            m.bytes[at] ^= 0x55;
        }
        TD_OK_OR_FAIL(read_all(&m, block, ARENA));
    }
    free(block);
    free(m.bytes);
    free(r);
}

static void writer_refuses(void **state)
{
    (void)state;
    struct rows *r = malloc(sizeof *r);
    struct image m = {malloc(FILE_MAX), 0, FILE_MAX};
    struct td_fail why;
    struct td_pq_write_options o = options_of(TD_PQ_ZSTD, &m);
    assert_int_equal(write_image(r, 4, &o), TD_EFULL);
    o.text_max = 64;
    assert_int_equal(write_image(r, 1, &o), TD_ERANGE);

    static const struct td_pq_column bad[] = {
        {"time", TD_PQ_INT32, TD_PQ_TIME_NS, TD_PQ_AUTO, 0, false},
        {"text", TD_PQ_INT64, TD_PQ_UTF8, TD_PQ_AUTO, 0, false},
        {"small", TD_PQ_INT64, TD_PQ_INT16, TD_PQ_AUTO, 0, false},
        {"unsigned", TD_PQ_INT32, TD_PQ_UINT64, TD_PQ_AUTO, 0, false},
        {"delta", TD_PQ_DOUBLE, TD_PQ_NONE, TD_PQ_DELTA, 0, false},
        {"dict", TD_PQ_BYTES, TD_PQ_NONE, TD_PQ_DICT, 0, false},
        {"", TD_PQ_INT64, TD_PQ_NONE, TD_PQ_AUTO, 0, false},
        {"long", TD_PQ_INT64, TD_PQ_NONE, TD_PQ_AUTO, TD_PQ_LIST_MAX + 1, false},
    };
    struct td_pq_writer *w = NULL;
    struct td_arena arena;
    void *block = malloc(ARENA);
    td_arena_init(&arena, block, ARENA);
    o = options_of(TD_PQ_ZSTD, &m);
    o.column_count = 1;
    for (size_t i = 0; i < TD_COUNT(bad); i++) {
        o.columns = &bad[i];
        assert_int_equal(td_pq_writer_open(&w, &o, &arena, &why), TD_EINVAL);
    }
    o = options_of(TD_PQ_ZSTD, &m);
    td_arena_init(&arena, block, td_pq_writer_need(&o) - 1);
    assert_int_equal(td_pq_writer_open(&w, &o, &arena, &why), TD_ENOMEM);
    td_pq_writer_close(NULL);
    free(block);
    free(m.bytes);
    free(r);
}

/* A long column crosses pages, has too many distinct values for a dictionary, and comes back equal. */
static void many_pages(void **state)
{
    (void)state;
    enum { N = 300000 };
    static const struct td_pq_column one[] = {{"v", TD_PQ_INT64, TD_PQ_NONE, TD_PQ_AUTO, 0, false},
                                              {"f", TD_PQ_INT64, TD_PQ_NONE, TD_PQ_AUTO, 0, false}};
    int64_t *v = malloc(N * sizeof *v), *few = malloc(N * sizeof *few);
    struct image m = {malloc(8 << 20), 0, 8 << 20};
    struct td_pq_write_options o = {.columns = one,
                                    .column_count = 2,
                                    .rows_max = N,
                                    .groups_max = 1,
                                    .write = take_bytes,
                                    .arg = &m};
    struct td_arena arena;
    struct td_pq_writer *w;
    struct td_pq_reader *reader;
    struct td_pq_values got;
    void *block = malloc(64 << 20);
    for (int64_t i = 0; i < N; i++) {
        v[i] = i * 7919 % 200003;
        few[i] = i % 1000;
    }
    td_arena_init(&arena, block, 64 << 20);
    TD_OK_OR_FAIL(td_pq_writer_open(&w, &o, &arena, NULL));
    const struct td_pq_data data[] = {{v, NULL}, {few, NULL}};
    TD_OK_OR_FAIL(td_pq_write_group(w, data, N, NULL));
    TD_OK_OR_FAIL(td_pq_writer_finish(w, NULL));
    assert_int_equal(td_pq_writer_bytes(w), m.len);
    td_pq_writer_close(w);
    td_arena_reset(&arena);
    const struct td_pq_source source = {give_bytes, &m, m.len};
    TD_OK_OR_FAIL(td_pq_reader_open(&reader, &source, &arena, NULL));
    TD_OK_OR_FAIL(td_pq_read_column(reader, 0, 0, &arena, &got, NULL));
    assert_memory_equal(got.values, v, N * sizeof *v);
    TD_OK_OR_FAIL(td_pq_read_column(reader, 0, 1, &arena, &got, NULL));
    assert_memory_equal(got.values, few, N * sizeof *few);
    free(block);
    free(m.bytes);
    free(v);
    free(few);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trip),
        cmocka_unit_test(sink_fails_anywhere),
        cmocka_unit_test(cut_files_are_refused),
        cmocka_unit_test(flipped_bytes_never_crash),
        cmocka_unit_test(writer_refuses),
        cmocka_unit_test(many_pages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
