/* tests/wire/parquet_levels_test.c - runs of levels and indexes bit by bit, and dictionaries that are pointed out of. */
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "support/support.h"
#include "wire/parquet.h"
#include "wire/parquet_decode.h"

enum { GROUPS = 40, VALUES = GROUPS * 8, ROWS = 64, DISTINCT = 20 };

/* A bit-packed run of every width, read in pieces of any size, against one bit at a time. */
static void packed_runs(void **state)
{
    (void)state;
    struct td_rng r;
    td_rng_init(&r, 4);
    for (unsigned bits = 1; bits <= 32; bits++)
        for (int round = 0; round < 20; round++) {
            uint8_t bytes[1 + GROUPS * 32];
            uint32_t got[VALUES];
            const size_t cut = round % 4 ? 0 : bits * GROUPS / 3, len = 1 + bits * GROUPS - cut;
            bytes[0] = GROUPS << 1 | 1;
            for (size_t i = 1; i < len; i++)
                bytes[i] = (uint8_t)td_rng_u64(&r);
            uint8_t *exact = td_guard_copy(bytes, len);
            struct td_pq_hybrid h;
            size_t n = 0;
            td_pq_hybrid_init(&h, (struct td_pq_bytes){exact, len}, bits);
            for (size_t some = 1; some && n < VALUES; n += some) {
                const size_t want = 1 + td_rng_below(&r, VALUES - n);
                some = td_pq_hybrid_get(&h, got + n, want);
            }
            assert_int_equal(n, (len - 1) * 8 / bits < VALUES ? (len - 1) * 8 / bits : VALUES);
            for (size_t i = 0; i < n; i++) {
                uint32_t want = 0;
                for (unsigned b = 0; b < bits; b++)
                    want |= (uint32_t)(bytes[1 + (i * bits + b) / 8] >> (i * bits + b) % 8 & 1)
                            << b;
                assert_int_equal(got[i], want);
            }
            td_guard_free(exact, len);
        }
}

/* 100 ones, 50 zeros: only what lies in one run of the value is passed over. */
static void skipping_runs(void **state)
{
    (void)state;
    static const uint8_t bytes[] = {200, 1, 1, 100, 0};
    uint32_t got[64];
    struct td_pq_hybrid h;
    td_pq_hybrid_init(&h, (struct td_pq_bytes){bytes, sizeof bytes}, 1);
    assert_false(td_pq_hybrid_skip(&h, 0, 1));
    assert_true(td_pq_hybrid_skip(&h, 1, 60));
    assert_false(td_pq_hybrid_skip(&h, 1, 60));
    assert_true(td_pq_hybrid_skip(&h, 1, 30));
    assert_int_equal(td_pq_hybrid_get(&h, got, 20), 20);
    assert_int_equal(got[9], 1);
    assert_int_equal(got[10], 0);
    assert_true(td_pq_hybrid_skip(&h, 0, 40));
    assert_false(td_pq_hybrid_skip(&h, 0, 1));
    static const uint8_t packed[] = {3, 0xff};
    td_pq_hybrid_init(&h, (struct td_pq_bytes){packed, sizeof packed}, 1);
    assert_false(td_pq_hybrid_skip(&h, 1, 8));
    assert_int_equal(td_pq_hybrid_get(&h, got, 8), 8);
}

/* ---- a file whose indexes are changed ---- */

struct image {
    uint8_t bytes[4096];
    size_t len;
};

static enum td_err take(void *arg, const void *bytes, size_t len)
{
    struct image *m = arg;
    assert_true(m->len + len <= sizeof m->bytes);
    memcpy(m->bytes + m->len, bytes, len);
    m->len += len;
    return TD_OK;
}

static enum td_err give(void *arg, uint64_t offset, void *buf, size_t len)
{
    memcpy(buf, ((struct image *)arg)->bytes + offset, len);
    return TD_OK;
}

static void write_column(struct image *m, const struct td_pq_column *column, const void *values)
{
    static uint8_t block[1 << 20];
    struct td_arena arena;
    struct td_pq_writer *w;
    const struct td_pq_write_options o = {.columns = column,
                                          .column_count = 1,
                                          .rows_max = ROWS,
                                          .groups_max = 1,
                                          .codec = TD_PQ_UNCOMPRESSED,
                                          .write = take,
                                          .arg = m};
    m->len = 0;
    td_arena_init(&arena, block, sizeof block);
    TD_OK_OR_FAIL(td_pq_writer_open(&w, &o, &arena, NULL));
    TD_OK_OR_FAIL(td_pq_write_group(w, &(struct td_pq_data){values, NULL}, ROWS, NULL));
    TD_OK_OR_FAIL(td_pq_writer_finish(w, NULL));
    td_pq_writer_close(w);
}

static enum td_err read_column(struct image *m, const void *values, size_t width)
{
    static uint8_t block[1 << 20];
    struct td_arena arena;
    struct td_pq_reader *r;
    struct td_pq_values v;
    const struct td_pq_source source = {give, m, m->len};
    td_arena_init(&arena, block, sizeof block);
    TD_OK_OR_FAIL(td_pq_reader_open(&r, &source, &arena, NULL));
    const enum td_err err = td_pq_read_column(r, 0, 0, &arena, &v, NULL);
    if (!err)
        assert_memory_equal(v.values, values, ROWS * width);
    return err;
}

/* Twenty distinct values have indexes of a byte: every one of them, pointed past the dictionary. */
static void indexes_past_the_dictionary(void **state)
{
    (void)state;
    static const struct td_pq_column columns[] = {
        {"wide", TD_PQ_INT64, TD_PQ_NONE, TD_PQ_DICT, 1, false},
        {"narrow", TD_PQ_INT32, TD_PQ_NONE, TD_PQ_DICT, 1, false}};
    uint8_t pattern[ROWS];
    for (size_t c = 0; c < TD_COUNT(columns); c++) {
        static struct image m;
        int64_t wide[ROWS];
        int32_t narrow[ROWS];
        for (int i = 0; i < ROWS; i++) {
            pattern[i] = (uint8_t)(i % DISTINCT);
            wide[i] = narrow[i] = 777 + i % DISTINCT;
        }
        const void *values = c ? (const void *)narrow : wide;
        const size_t width = c ? 4 : 8;
        write_column(&m, &columns[c], values);
        TD_OK_OR_FAIL(read_column(&m, values, width));
        uint8_t *at = m.bytes;
        while (at + sizeof pattern < m.bytes + m.len && memcmp(at, pattern, sizeof pattern) != 0)
            at++;
        assert_memory_equal(at, pattern, sizeof pattern);
        for (int i = 0; i < ROWS; i++)
            for (int wrong = DISTINCT; wrong < 256; wrong += 47) {
                const uint8_t was = at[i];
                at[i] = (uint8_t)wrong;
                assert_int_equal(read_column(&m, values, width), TD_EPARSE);
                at[i] = was;
            }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packed_runs),
        cmocka_unit_test(skipping_runs),
        cmocka_unit_test(indexes_past_the_dictionary),
    };
    return cmocka_run_group_tests_name("parquet_levels", tests, NULL, NULL);
}
