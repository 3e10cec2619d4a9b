/* wire/parquet.h - Parquet files of flat and list columns: writer and reader without I/O.
 *
 * A schema is a table of rows (struct td_pq_column); rows of data are column buffers of the caller. The
 * writer hands finished bytes to a callback in file order; the reader asks a callback for byte ranges.
 * Neither opens a file, and all memory comes from the caller's arena, except the working state that
 * libzstd keeps for itself. Sizes are fixed at the start: nothing grows.
 *
 * Written: format version 2, data pages v1, PLAIN / dictionary / DELTA_BINARY_PACKED, zstd, snappy or
 * none, standard three-level lists (<name>.list.element), statistics of flat timestamp columns.
 * Read: the same, plus data pages v2, run-length booleans, delta length and delta byte arrays, lists of any
 * length, nulls. Not read (TD_EUNSUP, by name): gzip, brotli and LZ4 pages, INT96, fixed-length arrays,
 * float, encryption, nesting deeper than one list.
 * Bytes read are hostile until proved: every length is checked against what holds it, decompression is
 * bounded by the page header and by the arena, nothing recurses on input.
 *
 * One owner each, not thread-safe. Source: github.com/apache/parquet-format (parquet.thrift, Encodings.md,
 * LogicalTypes.md, Compression.md) and the Thrift compact protocol specification.
 */
#ifndef TD_WIRE_PARQUET_H
#define TD_WIRE_PARQUET_H

#include "base/arena.h"
#include "base/text.h"

#define TD_PQ_COLUMNS_MAX 128   /* leaf columns of a file, read or written */
#define TD_PQ_NAME_CHARS  64    /* longest column name read, with its NUL  */
#define TD_PQ_LIST_MAX    256   /* longest fixed list written              */
#define TD_PQ_DICT_MAX    65536 /* distinct values of a dictionary written */

enum td_pq_type {
    TD_PQ_BOOL,   /* uint8_t 0 or 1 in memory */
    TD_PQ_INT32,  /* int32_t                  */
    TD_PQ_INT64,  /* int64_t                  */
    TD_PQ_DOUBLE, /* double                   */
    TD_PQ_BYTES,  /* struct td_str            */
    TD_PQ_OTHER,  /* read only: a type that is listed but cannot be read */
};

enum td_pq_logical {
    TD_PQ_NONE,
    TD_PQ_UTF8,    /* BYTES: text                                                            */
    TD_PQ_TIME_NS, /* INT64: instant, ns since 1970-01-01 UTC                                */
    TD_PQ_TIME_NS_LOCAL, /* INT64: wall clock without a zone, as ns since 1970-01-01 of that clock */
    TD_PQ_INT16,         /* INT32: 16-bit signed                                                  */
    TD_PQ_UINT64,        /* INT64: the bits of an unsigned number                                 */
};

enum td_pq_encoding {
    TD_PQ_AUTO, /* INT64 timestamps DELTA; BYTES and BOOL PLAIN; everything else DICT      */
    TD_PQ_PLAIN,
    TD_PQ_DICT,  /* falls back to PLAIN where there are too many distinct values; not BOOL, BYTES */
    TD_PQ_DELTA, /* INT64 */
};

enum td_pq_codec { TD_PQ_ZSTD, TD_PQ_SNAPPY, TD_PQ_UNCOMPRESSED };

/* One row of a schema table. */
struct td_pq_column {
    const char *name;
    enum td_pq_type type;
    enum td_pq_logical logical;
    enum td_pq_encoding encoding; /* written only */
    uint16_t list; /* written: 0 flat, n a list of exactly n. Read: 0 flat, 1 a list */
    bool optional; /* nulls allowed; a list and its elements alike, as pyarrow declares them */
};

/* ---- writer ---- */

/* Takes the next bytes of the file. An error ends the writer and is passed on. */
typedef enum td_err td_pq_write_fn(void *arg, const void *bytes, size_t len);

struct td_pq_pair {
    const char *key;
    const char *value;
};

struct td_pq_write_options {
    const struct td_pq_column *columns; /* borrowed until finish */
    size_t column_count;
    size_t rows_max;   /* largest row group, <= 1 Mi */
    size_t groups_max; /* most row groups of the file */
    size_t text_max;   /* most text bytes of one column in one page's rows; 0: 64 a row */
    enum td_pq_codec codec;
    int level;                      /* of zstd; 0 means 1 */
    const struct td_pq_pair *pairs; /* key/value metadata, borrowed until finish */
    size_t pair_count;
    const char *created_by; /* borrowed until finish */
    td_pq_write_fn *write;
    void *arg;
};

/* One column of one row group. */
struct td_pq_data {
    const void *values; /* [rows], for lists [rows][list], of the type named above */
    const uint8_t
        *present; /* [rows] 1 value, 0 null (its slots are ignored); NULL: all present. Flat only */
};

struct td_pq_writer; /* lives in the arena */

/* Arena bytes that td_pq_writer_open takes for these options. */
size_t td_pq_writer_need(const struct td_pq_write_options *o);
/* Writes the file's first bytes. TD_EINVAL: a column the writer does not know how to write.
 * TD_ENOMEM: the arena is smaller than td_pq_writer_need, or zstd found no memory. */
TD_MUST_CHECK enum td_err td_pq_writer_open(struct td_pq_writer **out,
                                            const struct td_pq_write_options *o,
                                            struct td_arena *arena, struct td_fail *why);
/* Writes one row group: data[column_count], rows 1..rows_max. TD_EFULL: groups_max reached.
 * TD_ERANGE: more text than text_max, or the file passes 2^62 bytes. After an error only close. */
TD_MUST_CHECK enum td_err td_pq_write_group(struct td_pq_writer *w, const struct td_pq_data *data,
                                            size_t rows, struct td_fail *why);
/* Writes the footer. Without it nobody can read the file. */
TD_MUST_CHECK enum td_err td_pq_writer_finish(struct td_pq_writer *w, struct td_fail *why);
/* Gives back what zstd took. NULL is allowed. The arena is the caller's to reset. */
void td_pq_writer_close(struct td_pq_writer *w);
uint64_t td_pq_writer_rows(const struct td_pq_writer *w);
uint64_t td_pq_writer_bytes(const struct td_pq_writer *w); /* handed out so far */

/* The JSON of the `pandas` metadata key for these columns, into `out`. `index` names the column that pandas
 * makes its index, NULL for none. */
void td_pq_pandas(struct td_text *out, const struct td_pq_column *columns, size_t count,
                  const char *index);

/* ---- reader ---- */

/* Fills buf with exactly `len` bytes from `offset`; always within the size given at open. */
typedef enum td_err td_pq_read_fn(void *arg, uint64_t offset, void *buf, size_t len);

struct td_pq_source {
    td_pq_read_fn *read;
    void *arg;
    uint64_t size; /* of the whole file */
};

struct td_pq_reader; /* lives in the arena */

/* Reads the footer. Everything about the file lives in `arena` until it is reset (a file of F footer bytes
 * needs about 4 F). TD_EPARSE: not a Parquet file, or damaged. TD_EUNSUP: encrypted.
 * TD_ENOMEM: the arena is too small. */
TD_MUST_CHECK enum td_err td_pq_reader_open(struct td_pq_reader **out,
                                            const struct td_pq_source *source,
                                            struct td_arena *arena, struct td_fail *why);
size_t td_pq_columns(const struct td_pq_reader *r);
const struct td_pq_column *td_pq_column_at(const struct td_pq_reader *r, size_t column);
/* Index of the column of that name, or -1. */
int td_pq_column_find(const struct td_pq_reader *r, const char *name);
size_t td_pq_groups(const struct td_pq_reader *r);
uint64_t td_pq_group_rows(const struct td_pq_reader *r, size_t group);
uint64_t td_pq_rows(const struct td_pq_reader *r);
/* Value of a key of the metadata; {NULL, 0} when absent. */
struct td_str td_pq_meta(const struct td_pq_reader *r, const char *key);
struct td_str td_pq_created_by(const struct td_pq_reader *r);

/* One column of one row group. */
struct td_pq_values {
    size_t rows;
    size_t count;           /* slots in `values`: rows, or for lists all their elements */
    const void *values;     /* [count] of the type named above; a null's slot is zero */
    const uint8_t *present; /* [count] 1 value, 0 null; NULL when nothing is null */
    const uint32_t
        *starts; /* lists: [rows + 1] first slot of each row (null lists are empty); else NULL */
};

/* Decodes one column of one row group into `arena` (values, texts and the pages they lie in; the caller
 * resets it when done). TD_EPARSE: damaged. TD_EUNSUP: codec, encoding or type, named in `why`.
 * TD_ENOMEM: the arena is too small for it. On failure the arena is as before. */
TD_MUST_CHECK enum td_err td_pq_read_column(struct td_pq_reader *r, size_t group, size_t column,
                                            struct td_arena *arena, struct td_pq_values *out,
                                            struct td_fail *why);

#endif
