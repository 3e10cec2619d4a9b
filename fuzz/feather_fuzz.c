/* fuzz/feather_fuzz.c - any bytes as a Feather file: an answer, never a crash, never a byte past the end.
 *
 * The input lies against the end of its allocation (ASan sees one byte too far); memory is bounded by a small
 * arena. Whatever can be read is read twice and must be equal both times.
 */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/crc.h"
#include "wire/feather.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct image {
    const uint8_t *bytes;
    size_t len;
};

static enum td_err give(void *arg, uint64_t offset, void *buf, size_t len)
{
    const struct image *m = arg;
    TD_REQUIRE(offset <= m->len && len <= m->len - offset);
    if (len)
        memcpy(buf, m->bytes + offset, len);
    return TD_OK;
}

static uint32_t sum_values(const struct td_pq_column *c, const struct td_pq_values *v)
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

static uint32_t read_all(struct image *m, void *block, size_t cap)
{
    struct td_arena arena;
    struct td_ftr_reader *r;
    struct td_fail why = {.text = ""};
    const struct td_pq_source source = {give, m, m->len};
    uint32_t sum = 0;
    td_arena_init(&arena, block, cap);
    if (td_ftr_reader_open(&r, &source, &arena, &why))
        return 0;
    const struct td_str meta = td_ftr_meta(r, "pandas");
    sum = td_crc32c(sum, meta.p ? meta.p : "", meta.len);
    for (size_t g = 0; g < td_ftr_groups(r) && g < 4; g++)
        for (size_t c = 0; c < td_ftr_columns(r); c++) {
            const size_t mark = arena.used;
            struct td_pq_values v;
            if (td_ftr_read_column(r, g, c, &arena, &v, &why) == TD_OK)
                sum ^= sum_values(td_ftr_column_at(r, c), &v) + (uint32_t)(g * 131 + c);
            arena.used = mark;
        }
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { MEMORY = 1 << 20 };
    static uint8_t block[MEMORY];
    struct image m = {data, size};
    const uint32_t first = read_all(&m, block, sizeof block);
    TD_REQUIRE(read_all(&m, block, sizeof block) == first);
    return 0;
}
