/* store/table_file.h - a Parquet or Feather file, told by its first bytes and not by its name.
 *
 * Files called .ftr hold Parquet bytes as often as Feather (the original backfill wrote Parquet under that name), so
 * nobody above asks for a form. PAR1 is Parquet, ARROW1 Feather V2; FEA1 and everything else is refused by name.
 * Reads one row group at a time into memory of its own, taken at open, grown when a group needs it, at most 256 MiB.
 */
#ifndef TD_STORE_TABLE_FILE_H
#define TD_STORE_TABLE_FILE_H

#include "sys/world.h"
#include "wire/parquet.h"

enum td_table_form { TD_TABLE_UNKNOWN, TD_TABLE_PARQUET, TD_TABLE_FEATHER, TD_TABLE_FEATHER_V1 };

struct td_table_file; /* opaque: heap of this file */

/* What the first bytes say. TD_ENOENT, TD_EIO, TD_EACCES. */
TD_MUST_CHECK enum td_err td_table_sniff(struct td_world *world, const char *path,
                                         enum td_table_form *out, struct td_fail *why);
/* TD_EPARSE: neither form, or damaged. TD_EVERSION: Feather V1. TD_EUNSUP, TD_ENOENT, TD_EIO, TD_ENOMEM. */
TD_MUST_CHECK enum td_err td_table_file_open(struct td_table_file **out, struct td_world *world,
                                             const char *path, struct td_fail *why);
void td_table_file_close(struct td_table_file *f); /* NULL is allowed */
enum td_table_form td_table_file_form(const struct td_table_file *f);
size_t td_table_file_columns(const struct td_table_file *f);
/* Valid until the next load, as td_table_file_meta. */
const struct td_pq_column *td_table_file_column_at(const struct td_table_file *f, size_t column);
int td_table_file_find(const struct td_table_file *f, const char *name); /* -1: not there */
size_t td_table_file_groups(const struct td_table_file *f);
uint64_t td_table_file_rows(const struct td_table_file *f);
struct td_str td_table_file_meta(const struct td_table_file *f, const char *key);
/* The column that pandas made the index, by its metadata; false: none, a range, or a name that does not fit. */
bool td_table_file_index(const struct td_table_file *f, char *name, size_t cap);
/* Loads `count` columns of a row group into out[count]; they stay until the next load. */
TD_MUST_CHECK enum td_err td_table_file_load(struct td_table_file *f, size_t group,
                                             const size_t *columns, size_t count,
                                             struct td_pq_values *out, struct td_fail *why);

#endif
