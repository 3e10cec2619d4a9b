/* fuzz/feather_fuzz.c - any bytes as a Feather file: an answer, never a crash, never a byte past the end, twice the same. */
#include "columns.h"
#include "wire/feather.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint32_t read_all(const struct td_pq_source *source, struct td_arena *arena)
{
    struct td_ftr_reader *r;
    struct td_fail why = {.text = ""};
    if (td_ftr_reader_open(&r, source, arena, &why))
        return 0;
    const struct td_str meta = td_ftr_meta(r, "pandas");
    uint32_t sum = td_crc32c(0, meta.p ? meta.p : "", meta.len);
    for (size_t g = 0; g < td_ftr_groups(r) && g < 4; g++)
        for (size_t c = 0; c < td_ftr_columns(r); c++) {
            const size_t mark = arena->used;
            struct td_pq_values v;
            if (td_ftr_read_column(r, g, c, arena, &v, &why) == TD_OK)
                sum ^= columns_sum(td_ftr_column_at(r, c), &v) + (uint32_t)(g * 131 + c);
            arena->used = mark;
        }
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    columns_read_twice(data, size, read_all);
    return 0;
}
