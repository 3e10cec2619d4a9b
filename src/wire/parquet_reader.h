/* wire/parquet_reader.h - the reader's inside, shared by parquet_meta.c, parquet_page.c and parquet_read.c. */
#ifndef TD_WIRE_PARQUET_READER_H
#define TD_WIRE_PARQUET_READER_H

#include "wire/parquet.h"
#include "wire/parquet_decode.h"

struct td_pq_leaf {
    struct td_pq_column column; /* its name points to `name` */
    char name[TD_PQ_NAME_CHARS];
    uint8_t max_def;
    uint8_t slot_def; /* from this definition level on there is a slot */
    int64_t scale;    /* of a timestamp: 1, 1000 or 1000000 ns */
};

struct td_pq_chunk_in {
    uint64_t start; /* of the dictionary or first data page */
    uint64_t bytes;
    uint64_t values;
    int32_t codec;
    int32_t type;
    bool seen;
    bool elsewhere; /* in another file */
};

struct td_pq_group_in {
    uint64_t rows;
    struct td_pq_chunk_in *chunks; /* [leaf_count] */
};

struct td_pq_meta_pair {
    struct td_str key;
    struct td_str value;
};

struct td_pq_reader {
    struct td_pq_source source;
    size_t leaf_count;
    struct td_pq_leaf leaves[TD_PQ_COLUMNS_MAX];
    uint64_t rows;
    size_t group_count;
    struct td_pq_group_in *groups;
    size_t pair_count;
    struct td_pq_meta_pair *pairs;
    struct td_str created_by;
};

/* One page, its levels cut off and its values decompressed. */
struct td_pq_page {
    int type;
    int encoding;
    size_t values;          /* level entries, nulls included */
    struct td_pq_bytes rep; /* runs, without a length in front */
    struct td_pq_bytes def;
    struct td_pq_bytes data;
};

/* Walks the pages of one chunk. */
struct td_pq_pages {
    struct td_pq_reader *reader;
    const struct td_pq_leaf *leaf;
    const struct td_pq_chunk_in *chunk;
    struct td_arena *arena;
    uint64_t at;   /* offset in the file of the next page */
    uint64_t left; /* bytes of the chunk */
};

/* Fills the schema, groups and pairs from the footer's bytes, which stay borrowed. */
TD_MUST_CHECK enum td_err td_pq_parse_footer(struct td_pq_reader *r, struct td_str footer,
                                             struct td_arena *arena, struct td_fail *why);
/* The next page into the arena. TD_EPARSE, TD_EUNSUP, TD_ENOMEM, and what the source says. */
TD_MUST_CHECK enum td_err td_pq_next_page(struct td_pq_pages *pages, struct td_pq_page *out,
                                          struct td_fail *why);

#endif
