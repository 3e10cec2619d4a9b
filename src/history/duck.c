/* history/duck.c - the functions of DuckDB that are used, and what is done with them. */
#include "history/duck.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sys/library.h"
#include "sys/machine.h"

#define NPM_PLACE       "third_party/duckdb/node_modules/@duckdb/node-bindings-linux-x64/libduckdb.so"
#define NPM_ABOVE_BUILD "../../" NPM_PLACE
#define SQL_MAX         ((size_t)1 << 20)

/* ---- the interface, as its documentation tells it ---- */

typedef struct duck_handle
    *duck_handle; /* database, connection, config, statement, chunk, vector, appender */
typedef uint64_t duck_idx;

enum { DUCK_OK = 0, DUCK_SELECT = 1 };

struct duck_result { /* handed around by value */
    duck_idx counts[3];
    void *parts[3];
};

struct duck_text { /* 12 bytes inside, or a prefix and where the bytes are */
    uint32_t len;
    char inside[4];
    const char *outside;
};
_Static_assert(sizeof(struct duck_result) == 48 && sizeof(struct duck_text) == 16, "DuckDB's ABI");

#define FUNCTIONS(X)                                                                               \
    X(const char *, library_version, (void))                                                       \
    X(int, create_config, (duck_handle *))                                                         \
    X(int, set_config, (duck_handle, const char *, const char *))                                  \
    X(void, destroy_config, (duck_handle *))                                                       \
    X(int, open_ext, (const char *, duck_handle *, duck_handle, char **))                          \
    X(void, close, (duck_handle *))                                                                \
    X(int, connect, (duck_handle, duck_handle *))                                                  \
    X(void, disconnect, (duck_handle *))                                                           \
    X(void, free, (void *))                                                                        \
    X(int, query, (duck_handle, const char *, struct duck_result *))                               \
    X(void, destroy_result, (struct duck_result *))                                                \
    X(const char *, result_error, (struct duck_result *))                                          \
    X(duck_idx, column_count, (struct duck_result *))                                              \
    X(const char *, column_name, (struct duck_result *, duck_idx))                                 \
    X(duck_idx, extract_statements, (duck_handle, const char *, duck_handle *))                    \
    X(const char *, extract_statements_error, (duck_handle))                                       \
    X(int, prepare_extracted_statement, (duck_handle, duck_handle, duck_idx, duck_handle *))       \
    X(void, destroy_extracted, (duck_handle *))                                                    \
    X(int, prepare, (duck_handle, const char *, duck_handle *))                                    \
    X(const char *, prepare_error, (duck_handle))                                                  \
    X(int, prepared_statement_type, (duck_handle))                                                 \
    X(void, destroy_prepare, (duck_handle *))                                                      \
    X(int, execute_prepared_streaming, (duck_handle, struct duck_result *))                        \
    X(duck_handle, fetch_chunk, (struct duck_result))                                              \
    X(duck_idx, data_chunk_get_size, (duck_handle))                                                \
    X(duck_handle, data_chunk_get_vector, (duck_handle, duck_idx))                                 \
    X(void, destroy_data_chunk, (duck_handle *))                                                   \
    X(void *, vector_get_data, (duck_handle))                                                      \
    X(uint64_t *, vector_get_validity, (duck_handle))                                              \
    X(int, appender_create, (duck_handle, const char *, const char *, duck_handle *))              \
    X(const char *, appender_error, (duck_handle))                                                 \
    X(int, appender_close, (duck_handle))                                                          \
    X(int, appender_destroy, (duck_handle *))                                                      \
    X(int, appender_end_row, (duck_handle))                                                        \
    X(int, append_int64, (duck_handle, int64_t))                                                   \
    X(int, append_double, (duck_handle, double))                                                   \
    X(int, append_varchar_length, (duck_handle, const char *, duck_idx))                           \
    X(int, append_null, (duck_handle))

struct calls {
#define MEMBER(type, name, args) type(*name) args;
    FUNCTIONS(MEMBER)
#undef MEMBER
};

static const struct {
    const char *name;
    size_t into;
} functions[] = {
#define ROW(type, name, args) {"duckdb_" #name, offsetof(struct calls, name)},
    FUNCTIONS(ROW)
#undef ROW
};

struct td_duck {
    struct td_library library;
    struct calls call;
    duck_handle database, connection;
};

struct td_duck_filler {
    struct td_duck *duck;
    duck_handle appender;
    char table[80];
    bool failed;
};

/* ---- finding and opening ---- */

/* Folder of the program into out[cap]; false when it is not known. */
static bool program_folder(const char *program, char *out, size_t cap)
{
    char path[1024];
    if (!program || !td_machine_program(program, path, sizeof path))
        return false;
    char *slash = strrchr(path, '/');
    if (!slash)
        return false;
    *slash = '\0';
    return td_str_copy(td_str_of(path), out, cap);
}

static enum td_err find_library(struct td_duck *d, const struct td_duck_config *c,
                                struct td_fail *why)
{
    static const char *const places[] = {"libduckdb.so", "../lib/tapedeck/libduckdb.so",
                                         NPM_ABOVE_BUILD};
    char folder[1024], path[1400];
    struct td_fail said;
    if (c->library && *c->library)
        return td_library_open(&d->library, c->library, &said)
                   ? td_fail_set(why, TD_ENOENT, "DUCKDB_LIBRARY %s: %s", c->library, said.text)
                   : TD_OK;
    const bool known = program_folder(c->program, folder, sizeof folder);
    for (size_t i = 0; i < TD_COUNT(places) && known; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", folder, places[i]);
        if (td_library_open(&d->library, path, NULL) == TD_OK)
            return TD_OK;
    }
    if (td_library_open(&d->library, "libduckdb.so", NULL) == TD_OK)
        return TD_OK;
    return td_fail_set(why, TD_ENOENT,
                       "query needs DuckDB %s (libduckdb.so), which is not here: `npm ci "
                       "--ignore-scripts` in third_party/duckdb gets it, or set DUCKDB_LIBRARY",
                       TD_DUCK_VERSION);
}

static enum td_err find_functions(struct td_duck *d, struct td_fail *why)
{
    for (size_t i = 0; i < TD_COUNT(functions); i++) {
        td_library_fn *fn = td_library_find(&d->library, functions[i].name);
        if (!fn)
            return td_fail_set(why, TD_EUNSUP, "this libduckdb.so has no %s; %s is meant",
                               functions[i].name, TD_DUCK_VERSION);
        memcpy((char *)&d->call + functions[i].into, &fn, sizeof fn);
    }
    return TD_OK;
}

/* "v1.5.6-dev3" as one number that grows with the version; 0 when it is none. */
static int64_t version_number(const char *text)
{
    unsigned major, minor, patch;
    if (sscanf(*text == 'v' ? text + 1 : text, "%u.%u.%u", &major, &minor, &patch) != 3)
        return 0;
    return ((int64_t)major * 1000 + minor) * 1000 + patch;
}

static enum td_err open_database(struct td_duck *d, const struct td_duck_config *c,
                                 struct td_fail *why)
{
    char memory[32];
    char *said = NULL;
    duck_handle config = NULL;
    (void)snprintf(memory, sizeof memory, "%lldMiB", (long long)c->memory_mb);
    const struct {
        const char *name, *value;
    } rows[] = {{"autoinstall_known_extensions", "false"},
                {"autoload_known_extensions", "false"},
                {"allow_community_extensions", "false"},
                {"threads", "2"},
                {"memory_limit", memory},
                {"temp_directory", c->temp},
                {"max_temp_directory_size", "8GB"}};
    if (d->call.create_config(&config) != DUCK_OK)
        return td_fail_set(why, TD_ENOMEM, "DuckDB: %s", td_err_text(TD_ENOMEM));
    enum td_err err = TD_OK;
    for (size_t i = 0; i < TD_COUNT(rows) && !err; i++)
        if (d->call.set_config(config, rows[i].name, rows[i].value) != DUCK_OK)
            err = td_fail_set(why, TD_EUNSUP, "DuckDB does not take %s=%s", rows[i].name,
                              rows[i].value);
    if (!err && d->call.open_ext(":memory:", &d->database, config, &said) != DUCK_OK)
        err = td_fail_set(why, TD_ENOMEM, "DuckDB: %s", said ? said : "cannot be opened");
    if (said)
        d->call.free(said);
    d->call.destroy_config(&config);
    if (!err && d->call.connect(d->database, &d->connection) != DUCK_OK)
        err = td_fail_set(why, TD_ENOMEM, "DuckDB: no connection");
    return err;
}

enum td_err td_duck_open(struct td_duck **out, const struct td_duck_config *config,
                         struct td_fail *why)
{
#ifdef TD_WITHOUT_DUCKDB
    (void)out, (void)config;
    return td_fail_set(why, TD_EUNSUP, "query was left out of this build (TD_DUCKDB=OFF)");
#else
    struct td_duck *d = calloc(1, sizeof *d);
    if (!d)
        return td_fail_set(why, TD_ENOMEM, "DuckDB: %s", td_err_text(TD_ENOMEM));
    enum td_err err = find_library(d, config, why);
    if (!err)
        err = find_functions(d, why);
    if (!err && version_number(d->call.library_version()) < version_number(TD_DUCK_VERSION))
        err = td_fail_set(why, TD_EVERSION, "DuckDB %s is too old; at least %s is needed",
                          d->call.library_version(), TD_DUCK_VERSION);
    if (!err)
        err = open_database(d, config, why);
    if (err) {
        td_duck_close(d);
        return err;
    }
    *out = d;
    return TD_OK;
#endif
}

void td_duck_close(struct td_duck *d)
{
    if (!d)
        return;
    if (d->connection)
        d->call.disconnect(&d->connection);
    if (d->database)
        d->call.close(&d->database);
    td_library_close(&d->library);
    free(d);
}

const char *td_duck_version(const struct td_duck *d)
{
    return d->call.library_version();
}

/* ---- statements of ours ---- */

static enum td_err told(struct td_fail *why, enum td_err err, const char *said)
{
    return td_fail_set(why, err, "%.*s", (int)strcspn(said ? said : "", "\n"),
                       said ? said : "DuckDB gave no reason");
}

enum td_err td_duck_run(struct td_duck *d, const char *sql, struct td_fail *why)
{
    struct duck_result r = {0};
    enum td_err err = TD_OK;
    if (d->call.query(d->connection, sql, &r) != DUCK_OK)
        err = told(why, TD_EINVAL, d->call.result_error(&r));
    d->call.destroy_result(&r);
    return err;
}

enum td_err td_duck_lock(struct td_duck *d, struct td_fail *why)
{
    return td_duck_run(d, "SET lock_configuration = true", why);
}

/* ---- filling tables ---- */

enum td_err td_duck_fill(struct td_duck *d, const char *table, struct td_duck_filler **out,
                         struct td_fail *why)
{
    struct td_duck_filler *f = calloc(1, sizeof *f);
    if (!f)
        return td_fail_set(why, TD_ENOMEM, "%s: %s", table, td_err_text(TD_ENOMEM));
    f->duck = d;
    (void)td_str_copy(td_str_of(table), f->table, sizeof f->table);
    if (d->call.appender_create(d->connection, NULL, table, &f->appender) != DUCK_OK) {
        (void)d->call.appender_destroy(&f->appender);
        free(f);
        return td_fail_set(why, TD_EINVAL, "%s: cannot be filled", table);
    }
    *out = f;
    return TD_OK;
}

void td_duck_put_i64(struct td_duck_filler *f, int64_t value)
{
    f->failed = f->failed || f->duck->call.append_int64(f->appender, value) != DUCK_OK;
}

void td_duck_put_double(struct td_duck_filler *f, double value)
{
    f->failed = f->failed || f->duck->call.append_double(f->appender, value) != DUCK_OK;
}

void td_duck_put_text(struct td_duck_filler *f, struct td_str value)
{
    f->failed = f->failed || f->duck->call.append_varchar_length(
                                 f->appender, value.p ? value.p : "", value.len) != DUCK_OK;
}

void td_duck_put_null(struct td_duck_filler *f)
{
    f->failed = f->failed || f->duck->call.append_null(f->appender) != DUCK_OK;
}

void td_duck_end_row(struct td_duck_filler *f)
{
    f->failed = f->failed || f->duck->call.appender_end_row(f->appender) != DUCK_OK;
}

enum td_err td_duck_fill_end(struct td_duck_filler *f, struct td_fail *why)
{
    enum td_err err = TD_OK;
    if (f->failed || f->duck->call.appender_close(f->appender) != DUCK_OK) {
        const char *said = f->duck->call.appender_error(f->appender);
        err = td_fail_set(why, TD_EINVAL, "filling %s: %s", f->table, said ? said : "refused");
    }
    (void)f->duck->call.appender_destroy(&f->appender);
    free(f);
    return err;
}

/* ---- answers ---- */

/* The statement alone, without semicolons at its end; TD_EDENIED when it does more than read. */
static enum td_err check_statement(struct td_duck *d, const char *sql, struct td_fail *why)
{
    duck_handle all = NULL, one = NULL;
    enum td_err err = TD_OK;
    const duck_idx count = d->call.extract_statements(d->connection, sql, &all);
    if (count == 0) {
        const char *said = d->call.extract_statements_error(all);
        err = told(why, TD_EINVAL, said ? said : "no statement");
    } else if (count > 1) {
        err = td_fail_set(why, TD_EDENIED, "one statement at a time");
    } else if (d->call.prepare_extracted_statement(d->connection, all, 0, &one) != DUCK_OK) {
        err = told(why, TD_EINVAL, d->call.prepare_error(one));
    } else if (d->call.prepared_statement_type(one) != DUCK_SELECT) {
        err = td_fail_set(why, TD_EDENIED,
                          "query only reads: SELECT, WITH, VALUES, DESCRIBE, SHOW and the like");
    }
    d->call.destroy_prepare(&one);
    d->call.destroy_extracted(&all);
    return err;
}

static struct td_str text_of(const struct duck_text *t)
{
    const char *inside = (const char *)t + offsetof(struct duck_text, inside);
    return (struct td_str){t->len <= 12 ? inside : t->outside, t->len};
}

/* A chunk's rows; false: the caller has enough. */
static bool give_rows(struct td_duck *d, duck_handle chunk, size_t columns, struct td_str *cells,
                      const struct td_duck_sink *sink)
{
    const duck_idx rows = d->call.data_chunk_get_size(chunk);
    const struct duck_text *data[TD_DUCK_COLUMNS_MAX];
    const uint64_t *valid[TD_DUCK_COLUMNS_MAX];
    for (size_t c = 0; c < columns; c++) {
        duck_handle vector = d->call.data_chunk_get_vector(chunk, c);
        data[c] = d->call.vector_get_data(vector);
        valid[c] = d->call.vector_get_validity(vector);
    }
    for (duck_idx r = 0; r < rows; r++) {
        for (size_t c = 0; c < columns; c++) {
            const bool there = !valid[c] || (valid[c][r / 64] >> (r % 64) & 1);
            cells[c] = there ? text_of(&data[c][r]) : (struct td_str){NULL, 0};
        }
        if (!sink->row(sink->arg, cells, columns))
            return false;
    }
    return true;
}

static enum td_err give_answer(struct td_duck *d, struct duck_result *r,
                               const struct td_duck_sink *sink, struct td_fail *why)
{
    static struct td_str cells[TD_DUCK_COLUMNS_MAX];
    const size_t columns = (size_t)d->call.column_count(r);
    duck_handle chunk;
    if (columns > TD_DUCK_COLUMNS_MAX)
        return td_fail_set(why, TD_EFULL, "%zu columns; %d are shown", columns,
                           TD_DUCK_COLUMNS_MAX);
    for (size_t c = 0; c < columns; c++)
        cells[c] = td_str_of(d->call.column_name(r, c));
    bool more = sink->names(sink->arg, cells, columns);
    while (more && (chunk = d->call.fetch_chunk(*r)) != NULL) {
        more = d->call.data_chunk_get_size(chunk) > 0 && give_rows(d, chunk, columns, cells, sink);
        d->call.destroy_data_chunk(&chunk);
    }
    const char *said = more ? d->call.result_error(r) : NULL;
    return said ? told(why, TD_EINVAL, said) : TD_OK;
}

enum td_err td_duck_select(struct td_duck *d, const char *sql, enum td_duck_form form,
                           const struct td_duck_sink *sink, struct td_fail *why)
{
    const char *what =
        form == TD_DUCK_JSON ? "CAST(to_json(q) AS VARCHAR) AS row" : "CAST(COLUMNS(*) AS VARCHAR)";
    struct td_str one = td_str_trim(td_str_of(sql));
    struct duck_result r = {0};
    duck_handle statement = NULL;
    enum td_err err = one.len > SQL_MAX ? td_fail_set(why, TD_EFULL, "the statement is too long")
                                        : check_statement(d, sql, why);
    if (err)
        return err;
    while (one.len && one.p[one.len - 1] == ';')
        one = td_str_trim((struct td_str){one.p, one.len - 1});
    const size_t cap = one.len + 128;
    char *wrapped = malloc(cap);
    if (!wrapped)
        return td_fail_set(why, TD_ENOMEM, "%s", td_err_text(TD_ENOMEM));
    (void)snprintf(wrapped, cap, "SELECT %s FROM (\n%.*s\n) AS q", what, TD_STR_ARG(one));
    if (d->call.prepare(d->connection, wrapped, &statement) != DUCK_OK)
        err = told(why, TD_EINVAL, d->call.prepare_error(statement));
    else if (d->call.execute_prepared_streaming(statement, &r) != DUCK_OK)
        err = told(why, TD_EINVAL, d->call.result_error(&r));
    else
        err = give_answer(d, &r, sink, why);
    d->call.destroy_result(&r);
    d->call.destroy_prepare(&statement);
    free(wrapped);
    return err;
}
