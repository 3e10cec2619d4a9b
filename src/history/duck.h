/* history/duck.h - DuckDB, loaded while the program runs: SQL over files, in memory, reading only.
 *
 * The library is optional and 70 MB, so nothing links it: its functions are looked up by name in a table of ours. At
 * least TD_DUCK_VERSION. No extension is installed or loaded, nothing is fetched from a network, and once td_duck_lock
 * was called no setting can be changed. Memory is bounded by the library (softly); what does not fit goes to files below
 * `temp`, at most 8 GB. Answers stream: a chunk of rows at a time.
 *
 * Owner: one thread of an analysis program, never the trading process. Source: the C interface of DuckDB 1.5
 * (duckdb.org/docs/stable/clients/c/overview).
 */
#ifndef TD_DESK_DUCK_H
#define TD_DESK_DUCK_H

#include "base/text.h"

#define TD_DUCK_VERSION     "1.5.6"
#define TD_DUCK_COLUMNS_MAX 512

struct td_duck; /* opaque */

struct td_duck_config {
    const char *
        library; /* path; NULL or "": looked for beside the program, in the system, in the npm folder */
    const char *program; /* argv[0] or a path, for looking */
    int64_t memory_mb;
    const char *temp; /* folder for what does not fit into the memory */
};

/* TD_ENOENT: the library is nowhere; `why` says how to get it. TD_EVERSION: too old. TD_EUNSUP: left out of this build,
 * or a function is missing. TD_ENOMEM. */
TD_MUST_CHECK enum td_err td_duck_open(struct td_duck **out, const struct td_duck_config *config,
                                       struct td_fail *why);
void td_duck_close(struct td_duck *d); /* NULL is fine */
const char *td_duck_version(const struct td_duck *d);

/* Statements of ours, without an answer. TD_EINVAL with the library's words. */
TD_MUST_CHECK enum td_err td_duck_run(struct td_duck *d, const char *sql, struct td_fail *why);
/* Settings stay as they are from now on. */
TD_MUST_CHECK enum td_err td_duck_lock(struct td_duck *d, struct td_fail *why);

/* Rows into a table that is there, in the order of its columns. The first error is kept and told at the end. */
struct td_duck_filler; /* opaque */
TD_MUST_CHECK enum td_err td_duck_fill(struct td_duck *d, const char *table,
                                       struct td_duck_filler **out, struct td_fail *why);
void td_duck_put_i64(struct td_duck_filler *f, int64_t value);
void td_duck_put_double(struct td_duck_filler *f, double value);
void td_duck_put_text(struct td_duck_filler *f, struct td_str value);
void td_duck_put_null(struct td_duck_filler *f);
void td_duck_end_row(struct td_duck_filler *f);
TD_MUST_CHECK enum td_err td_duck_fill_end(struct td_duck_filler *f, struct td_fail *why);

enum td_duck_form {
    TD_DUCK_TEXT, /* each column as text */
    TD_DUCK_JSON, /* one column: the row as a JSON object, as the library writes it (NaN may stand in it) */
};

/* Called with the names first, then once per row; a cell's p is NULL for NULL. Return false to end it. */
struct td_duck_sink {
    bool (*names)(void *arg, const struct td_str *names, size_t count);
    bool (*row)(void *arg, const struct td_str *cells, size_t count);
    void *arg;
};

/* One statement that only reads (SELECT, WITH, VALUES, FROM, DESCRIBE, SHOW, SUMMARIZE). TD_EDENIED: another one.
 * TD_EINVAL: the library refuses it, with its words. TD_EFULL: more than TD_DUCK_COLUMNS_MAX columns. TD_ENOMEM. */
TD_MUST_CHECK enum td_err td_duck_select(struct td_duck *d, const char *sql, enum td_duck_form form,
                                         const struct td_duck_sink *sink, struct td_fail *why);

#endif
