/* wire/parquet_writer.h - the writer's inside, shared by parquet_write.c and parquet_footer.c. */
#ifndef TD_WIRE_PARQUET_WRITER_H
#define TD_WIRE_PARQUET_WRITER_H

#include "wire/parquet.h"
#include "wire/parquet_codec.h"
#include "wire/parquet_encode.h"

/* What the footer says about one column of one row group. */
struct td_pq_chunk {
    uint64_t dict_offset; /* 0: none */
    uint64_t data_offset;
    uint64_t raw_bytes; /* page headers included, as both sums below */
    uint64_t packed_bytes;
    uint64_t values; /* nulls included */
    uint64_t nulls;
    int64_t low, high; /* when has_range */
    int encoding;
    bool has_range;
};

struct td_pq_writer {
    struct td_pq_write_options o;
    struct td_pq_press *press;
    struct td_pq_chunk *chunks; /* [groups_max][column_count] */
    uint32_t *group_rows;       /* [groups_max] */
    size_t groups;
    uint64_t rows;
    uint64_t bytes;
    enum td_err failed;
    struct td_pq_dict dict;
    uint16_t *index; /* of the values of one chunk */
    uint8_t *gather; /* a chunk without its nulls, or int32 widened */
    uint8_t *raw;    /* one page before compression */
    uint8_t *packed; /* and after */
    size_t raw_cap;
    size_t packed_cap;
};

/* Hands bytes to the caller and counts them. Matches the flush of struct td_thrift_out. */
enum td_err td_pq_emit(void *writer, const void *bytes, size_t len);
int td_pq_codec_number(enum td_pq_codec codec);
int td_pq_type_number(enum td_pq_type type);
/* The footer, its length and the closing magic. */
enum td_err td_pq_put_footer(struct td_pq_writer *w);

#endif
