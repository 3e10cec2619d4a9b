/* history/importer.h - history of the old systems brought into the Parquet repository, file by file, with a truthful report.
 *
 * One row of a table per form (workbook, CSV, LEAN archive, ...): told by the first bytes, LEAN archives also by their place
 * in a LEAN folder. Lists and books (failed, downloaded, downloadable, warrior) become
 *   <root>/metadata_tables/<kind>_<YYYYMMDD_HHMMSS>.parquet and <kind>_latest.parquet,
 * everything else is a series of a symbol and bar size, by its name:
 *   <root>/parquet_data/<sym>/<bar size>/<YYYY>/<MM>/<sym>_<bar_size>_<day>.parquet   of seconds and minutes
 *   <root>/parquet_data/<sym>/<bar size>/<YYYY>/<sym>_<bar_size>_<YYYY-MM>.parquet    of coarser bars
 *   <root>/parquet_data/<sym>/<bar size>/<sym>_<bar_size>_latest.parquet              without a day in the name
 * Bars in Feather, or in Parquet under the name .ftr or .feather, become bars of store/bars_file.h: their own columns stay,
 * others are left out and counted. The file of a month takes the days of many such files: bars that are there stay, but a bar
 * of the day that a file is named after replaces the one of the same start. Other forms replace the file of their place.
 * Lists keep their columns and types. What is called .parquet already is left as it is.
 * The source is never touched. Each result is read back before it counts, and mirrored below the backup folder when that
 * folder is there. A file that cannot be read is refused with its place and reason, nothing of it is published, and the
 * next one follows. Source: the external behaviour contracts, 2.10 and 4.11.
 */
#ifndef TD_DESK_IMPORTER_H
#define TD_DESK_IMPORTER_H

#include "store/datapath.h"
#include "sys/world.h"

#define TD_IMPORT_FILES_MAX  65536
#define TD_IMPORT_ERRORS_MAX 200 /* told; all are counted */
#define TD_IMPORT_DEPTH_MAX  16  /* folders below the source */

struct td_import_options {
    const char *source;            /* a folder or one file */
    const char *root;              /* where the repository is */
    const char *backup;            /* mirror, or NULL */
    const char *symbol, *bar_size; /* of a series, instead of its name's; NULL */
    const char *sheet;             /* of workbooks; NULL: the first */
    bool dry_run, flat;            /* flat: not the folders below the source */
};

struct td_import_error {
    char file[TD_PATH_MAX];
    char reason[480];
};

struct td_import_report {
    uint64_t files, done, failed, skipped;
    uint64_t rows, bytes_before, bytes_after;
    uint64_t error_cells, uncached; /* written as null */
    uint64_t columns_left;          /* of bars: columns that are not a bar's, left out */
    uint64_t mirrored;
    bool mirror_absent; /* a backup folder is set and not there */
    double seconds;
    struct td_import_error *errors; /* [TD_IMPORT_ERRORS_MAX] */
    size_t error_count;
};

/* Told before each file: its number from 1, of how many, and its path; may be NULL. */
typedef void td_import_progress(void *arg, uint64_t number, uint64_t of, const char *path);

/* Files are taken largest first. TD_ENOENT: no such source. TD_EFULL: more files than are possible. TD_ENOMEM. What happens to
 * a single file is in the report, not in the result. */
TD_MUST_CHECK enum td_err td_import(struct td_world *world, const struct td_import_options *o,
                                    td_import_progress *progress, void *arg,
                                    struct td_import_report *report, struct td_fail *why);
void td_import_report_fini(struct td_import_report *r); /* accepts a zeroed one and a second call */

/* What a file's name says. False: no kind and no symbol in it. */
struct td_import_name {
    const char *kind; /* "failed", "downloaded", "downloadable", "warrior"; NULL: a series */
    char symbol[8];
    const char *bar_size; /* the broker's words, static; NULL: none in the name */
    int64_t day;          /* INT64_MIN: none */
};
bool td_import_name(const char *file_name, struct td_import_name *out);
/* Its place is the file of a month. */
bool td_import_is_monthly(const struct td_import_name *n);
/* The place of a series below the root. False when it does not fit. */
bool td_import_place(const struct td_import_name *n, char *out, size_t cap);

#endif
