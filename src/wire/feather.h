/* wire/feather.h - Feather V2 files (the Arrow IPC file format): writer and reader without I/O.
 *
 * Schema, data, options and what is read are those of wire/parquet.h, so that a caller writes and reads both forms with
 * one table of columns; a record batch is a row group. The writer hands finished bytes to a callback in file order;
 * the reader asks a callback for byte ranges. All memory comes from the caller's arena, except the working state that
 * libzstd and liblz4 keep for themselves. Sizes are fixed at the start: nothing grows.
 *
 * Written: bool, int16, int32, int64, uint64, double, utf8, binary, timestamp[ns] with zone UTC or none, lists of a
 * fixed length; zstd or no compression; several record batches; key/value metadata (pandas).
 * Read: integers of 8 to 64 bits, float, double, bool, utf8 and binary (large ones too), timestamps of any unit and
 * zone, dates, dictionary-encoded text, lists of the flat types; nulls; zstd and LZ4. Integers come as INT32 or INT64,
 * float as DOUBLE, dates and timestamps in ns. Other types are listed as TD_PQ_OTHER and cannot be read.
 * Not read (TD_EUNSUP, by name): big-endian files, views and run-end columns, the stream form, Feather V1 (TD_EVERSION).
 * Bytes read are hostile until proved: every offset is checked against what holds it (wire/feather_flat.h),
 * decompression is bounded by the arena, nothing recurses on input.
 *
 * One owner each, not thread-safe. Source: arrow.apache.org/docs/format/Columnar.html (IPC file format, buffers,
 * compression), Schema.fbs, Message.fbs, File.fbs.
 */
#ifndef TD_WIRE_FEATHER_H
#define TD_WIRE_FEATHER_H

#include "wire/parquet.h"

/* ---- writer ---- */

struct td_ftr_writer; /* lives in the arena */

/* Arena bytes that td_ftr_writer_open takes for these options. `encoding` of a column and `created_by` mean nothing here;
 * text_max is of one column in one batch. */
size_t td_ftr_writer_need(const struct td_pq_write_options *o);
/* Writes the file's first bytes. TD_EINVAL: a column or codec (snappy) that cannot be written. TD_ENOMEM: the arena is
 * smaller than td_ftr_writer_need, or zstd found no memory. */
TD_MUST_CHECK enum td_err td_ftr_writer_open(struct td_ftr_writer **out,
                                             const struct td_pq_write_options *o,
                                             struct td_arena *arena, struct td_fail *why);
/* Writes one record batch: data[column_count], rows 1..rows_max. TD_EFULL: groups_max reached.
 * TD_ERANGE: more text than text_max. After an error only close. */
TD_MUST_CHECK enum td_err td_ftr_write_group(struct td_ftr_writer *w, const struct td_pq_data *data,
                                             size_t rows, struct td_fail *why);
/* Writes the footer. Without it nobody can read the file. */
TD_MUST_CHECK enum td_err td_ftr_writer_finish(struct td_ftr_writer *w, struct td_fail *why);
/* Gives back what zstd took. NULL is allowed. The arena is the caller's to reset. */
void td_ftr_writer_close(struct td_ftr_writer *w);
uint64_t td_ftr_writer_rows(const struct td_ftr_writer *w);
uint64_t td_ftr_writer_bytes(const struct td_ftr_writer *w); /* handed out so far */

/* ---- reader ---- */

struct td_ftr_reader; /* lives in the arena */

/* Reads the footer and the heads of the batches. Everything about the file lives in `arena` until it is reset.
 * TD_EPARSE: not a Feather file, or damaged. TD_EVERSION: Feather V1. TD_EUNSUP: see above. TD_ENOMEM: the arena is
 * too small. */
TD_MUST_CHECK enum td_err td_ftr_reader_open(struct td_ftr_reader **out,
                                             const struct td_pq_source *source,
                                             struct td_arena *arena, struct td_fail *why);
size_t td_ftr_columns(const struct td_ftr_reader *r);
const struct td_pq_column *td_ftr_column_at(const struct td_ftr_reader *r, size_t column);
/* Zone of a timestamp column as the file names it; empty for others. */
struct td_str td_ftr_zone(const struct td_ftr_reader *r, size_t column);
/* Index of the column of that name, or -1. */
int td_ftr_column_find(const struct td_ftr_reader *r, const char *name);
size_t td_ftr_groups(const struct td_ftr_reader *r);
uint64_t td_ftr_group_rows(const struct td_ftr_reader *r, size_t group);
uint64_t td_ftr_rows(const struct td_ftr_reader *r);
/* Value of a key of the metadata; {NULL, 0} when absent. */
struct td_str td_ftr_meta(const struct td_ftr_reader *r, const char *key);

/* Decodes one column of one record batch into `arena` (the caller resets it when done). TD_EPARSE: damaged.
 * TD_EUNSUP: type or codec, named in `why`. TD_ERANGE: an instant that does not fit ns. TD_ENOMEM: the arena is too
 * small for it. On failure the arena is as before. */
TD_MUST_CHECK enum td_err td_ftr_read_column(struct td_ftr_reader *r, size_t group, size_t column,
                                             struct td_arena *arena, struct td_pq_values *out,
                                             struct td_fail *why);

#endif
