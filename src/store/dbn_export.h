/* store/dbn_export.h - DBN records of one type as a Parquet or CSV file that appears whole or not at all.
 *
 * The columns are the rows of the type's version 3 table (docs/wire/dbn.md), then `ts_out` when the records carry it, then
 * `symbol`. Parquet: times are ns UTC timestamps, prices DOUBLE or, when asked for, INT64 of 1e-9; what is not given is
 * null; letters and texts are UTF-8 (a byte that is no ASCII becomes '?'); zstd; row groups of bounded size. CSV: as
 * td_dbn_csv writes. Memory: about 60 MiB on the heap, whatever the file. One owner.
 */
#ifndef TD_STORE_DBN_EXPORT_H
#define TD_STORE_DBN_EXPORT_H

#include "sys/world.h"
#include "wire/dbn_text.h"

enum td_dbn_form { TD_DBN_PARQUET, TD_DBN_CSV };

struct td_dbn_export_options {
    enum td_dbn_form form;
    const struct td_dbn_layout *layout; /* of version 3 */
    bool has_ts_out;
    bool fixed_prices;            /* Parquet: prices as INT64 of 1e-9 */
    const char *dataset, *schema; /* kept in the file's metadata; may be NULL */
};

struct td_dbn_export; /* on the heap, closed by td_dbn_export_close */

/* Begins <path>.tmp. TD_ENOMEM, or what the disk says. *out is NULL on failure. */
TD_MUST_CHECK enum td_err td_dbn_export_open(struct td_dbn_export **out, struct td_world *world,
                                             const char *path,
                                             const struct td_dbn_export_options *options,
                                             struct td_fail *why);
/* Adds a record of the layout. TD_EFULL: more rows than a file can have. After an error only close. */
TD_MUST_CHECK enum td_err td_dbn_export_add(struct td_dbn_export *e, const struct td_dbn_shown *r,
                                            struct td_fail *why);
/* Completes the file and gives it its name. A file without records is whole, with its columns. */
TD_MUST_CHECK enum td_err td_dbn_export_finish(struct td_dbn_export *e, struct td_fail *why);
uint64_t td_dbn_export_rows(const struct td_dbn_export *e);
/* An unfinished file is removed. NULL is allowed. */
void td_dbn_export_close(struct td_dbn_export *e);

#endif
