/* fuzz/columns.h - what the fuzz targets of columnar files share: bytes as a source, the sum of a column, reading twice.
 *
 * The input lies against the end of its allocation (ASan sees one byte too far); memory is bounded by a small arena.
 * Whatever can be read is read twice and must be equal both times. */
#ifndef TD_FUZZ_COLUMNS_H
#define TD_FUZZ_COLUMNS_H

#include <string.h>

#include "base/arena.h"
#include "base/crc.h"
#include "wire/parquet.h"

struct columns_image {
    const uint8_t *bytes;
    size_t len;
};

static inline enum td_err columns_give(void *arg, uint64_t offset, void *buf, size_t len)
{
    const struct columns_image *m = arg;
    TD_REQUIRE(offset <= m->len && len <= m->len - offset);
    if (len)
        memcpy(buf, m->bytes + offset, len);
    return TD_OK;
}

/* Every value, list and missing place of a column that was read. */
static inline uint32_t columns_sum(const struct td_pq_column *c, const struct td_pq_values *v)
{
    static const size_t sizes[] = {1, 4, 8, 8};
    uint32_t crc = td_crc32c(0, &v->count, sizeof v->count);
    if (c->type == TD_PQ_BYTES) {
        const struct td_str *texts = v->values;
        for (size_t i = 0; i < v->count; i++)
            crc = td_crc32c(crc, texts[i].p ? texts[i].p : "", texts[i].len);
    } else {
        crc = td_crc32c(crc, v->values, v->count * sizes[c->type]);
    }
    for (size_t i = 0; c->list && i <= v->rows; i++) {
        TD_REQUIRE(v->starts[i] <= v->count && (i == 0 || v->starts[i] >= v->starts[i - 1]));
        crc = td_crc32c(crc, &v->starts[i], sizeof v->starts[i]);
    }
    return v->present ? td_crc32c(crc, v->present, v->count) : crc;
}

/* Opens the source within the arena and sums what it can read; 0 when nothing opens. */
typedef uint32_t columns_read_fn(const struct td_pq_source *source, struct td_arena *arena);

static inline void columns_read_twice(const uint8_t *data, size_t size, columns_read_fn *read)
{
    enum { MEMORY = 1 << 20 };
    static uint8_t block[MEMORY];
    struct columns_image m = {data, size};
    const struct td_pq_source source = {columns_give, &m, size};
    uint32_t sum[2];
    for (int i = 0; i < 2; i++) {
        struct td_arena arena;
        td_arena_init(&arena, block, sizeof block);
        sum[i] = read(&source, &arena);
    }
    TD_REQUIRE(sum[0] == sum[1]);
}

#endif
