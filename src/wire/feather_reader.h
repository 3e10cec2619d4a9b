/* wire/feather_reader.h - the reader's inside, shared by feather_read.c, feather_fields.c and feather_column.c. */
#ifndef TD_WIRE_FEATHER_READER_H
#define TD_WIRE_FEATHER_READER_H

#include "wire/feather.h"
#include "wire/feather_flat.h"
#include "wire/feather_format.h"

#define TD_FTR_ROWS_MAX INT32_MAX

/* How the numbers of a column lie in the file. */
enum td_ftr_kind {
    TD_FTR_K_BAD, /* cannot be read */
    TD_FTR_K_BITS,
    TD_FTR_K_I8,
    TD_FTR_K_I16,
    TD_FTR_K_I32,
    TD_FTR_K_I64,
    TD_FTR_K_U8,
    TD_FTR_K_U16,
    TD_FTR_K_U32,
    TD_FTR_K_F32,
    TD_FTR_K_F64,
    TD_FTR_K_TEXT,
};

struct td_ftr_leaf {
    struct td_pq_column column; /* its name points to `name` */
    char name[TD_PQ_NAME_CHARS];
    struct td_str zone;
    enum td_ftr_kind kind;  /* of the values, or of the elements of a list */
    int64_t scale;          /* of instants, in ns; 0: not an instant */
    uint8_t text_width;     /* bytes of an offset into texts: 4 or 8 */
    uint8_t list_width;     /* of an offset into a list; 0: flat */
    enum td_ftr_kind index; /* of a dictionary-encoded column; else BAD */
    int64_t dictionary;     /* its id */
    size_t node, buffer;    /* first ones of the column in a batch */
    const char *type_name;  /* for messages */
};

struct td_ftr_block {
    uint64_t offset, meta, body;
};

struct td_ftr_group {
    struct td_ftr_block block;
    uint64_t rows;
};

struct td_ftr_reader {
    struct td_pq_source source;
    uint64_t limit; /* everything but the footer lies before it */
    size_t leaf_count;
    struct td_ftr_leaf leaves[TD_PQ_COLUMNS_MAX];
    size_t group_count, dict_count;
    struct td_ftr_group *groups;
    struct td_ftr_block *dicts;
    size_t pair_count;
    struct td_str *pairs; /* [2 * pair_count] key, value */
    uint64_t rows;
};

/* A batch's head; its vectors point into the arena. */
struct td_ftr_batch {
    struct td_fb flat; /* what the vectors lie in */
    uint64_t rows;
    struct td_fb_vector nodes, buffers;
    int codec; /* -1: none */
    uint64_t body, body_len;
    int64_t dictionary; /* of a dictionary batch */
    bool delta;
};

/* Columns and pairs of a schema. TD_EPARSE, TD_EUNSUP, TD_ENOMEM. */
TD_MUST_CHECK enum td_err td_ftr_parse_schema(struct td_ftr_reader *r,
                                              const struct td_fb_table *schema,
                                              struct td_arena *arena, struct td_fail *why);
/* Reads the head of a block of kind RECORDS or DICTIONARY. TD_EPARSE, TD_EUNSUP, TD_ENOMEM. */
TD_MUST_CHECK enum td_err td_ftr_read_batch(struct td_ftr_reader *r,
                                            const struct td_ftr_block *block, int kind,
                                            struct td_arena *arena, struct td_ftr_batch *out,
                                            struct td_fail *why);
/* One buffer of a body, unpacked to exactly out_len bytes. TD_EUNSUP: a codec this build does not have. TD_ENOMEM. */
TD_MUST_CHECK enum td_err td_ftr_unpress(int codec, const void *in, size_t len, void *out,
                                         size_t out_len);

#endif
