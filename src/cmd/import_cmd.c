/* cmd/import_cmd.c - old workbooks, CSV, Feather and LEAN archives into the Parquet repository, with a truthful report. */
#include <stdio.h>

#include "cmd/cmd.h"
#include "cmd/option_rows.h"
#include "desk/coverage.h"
#include "history/importer.h"
#include "store/tradelist.h"
#include "sys/terminal.h"
#include "wire/json.h"

struct args {
    const char *root, *backup, *symbol, *bar_size, *sheet;
    bool dry_run, flat, json;
};

const struct td_opt cmd_import_options[] = {
    {.name = "root",
     .letter = 'o',
     .type = TD_OPT_PATH,
     .into = offsetof(struct args, root),
     .help = "where parquet_data and metadata_tables are; else the data root of the settings"},
    {.name = "dry-run",
     .letter = 'n',
     .type = TD_OPT_FLAG,
     .into = offsetof(struct args, dry_run),
     .help = "read and judge every file, write nothing"},
    {.name = "flat",
     .type = TD_OPT_FLAG,
     .into = offsetof(struct args, flat),
     .help = "not the folders below the source"},
    {.name = "symbol",
     .letter = 's',
     .type = TD_OPT_STR,
     .into = offsetof(struct args, symbol),
     .help = "symbol of a series whose name does not begin with it"},
    {.name = "bar-size",
     .type = TD_OPT_STR,
     .into = offsetof(struct args, bar_size),
     .help = "bar size of a series whose name does not say it, e.g. \"1 min\""},
    {.name = "sheet",
     .type = TD_OPT_STR,
     .into = offsetof(struct args, sheet),
     .help = "sheet of workbooks, by name or number; else the first"},
    {.name = "backup",
     .type = TD_OPT_PATH,
     .env = "ML_BACKUP_PATH",
     .into = offsetof(struct args, backup),
     .help = "mirror what is written below this folder, when it is there"},
    TD_OPTION_JSON("the report as one object"),
    {0},
};
_Static_assert(sizeof(struct args) <= TD_CMD_ARGS_MAX, "arguments fit");

static void show_progress(void *arg, uint64_t number, uint64_t of, const char *path)
{
    (void)arg;
    td_progress("%llu of %llu: %s", (unsigned long long)number, (unsigned long long)of, path);
}

/* A quotient, or 0 where there is nothing to divide by. */
static double ratio(double a, double b)
{
    return b > 0 ? a / b : 0;
}

static double rounded(double value, double places)
{
    return (double)(int64_t)(value * places + (value < 0 ? -0.5 : 0.5)) / places;
}

static void put_errors(struct td_json *j, const struct td_import_report *r)
{
    td_json_key(j, "errors");
    td_json_array(j);
    for (size_t i = 0; i < r->error_count; i++) {
        td_json_object(j);
        td_json_key_text(j, "file", r->errors[i].file);
        td_json_key_text(j, "error", r->errors[i].reason);
        td_json_object_end(j);
    }
    td_json_array_end(j);
}

static void put_number(struct td_json *j, const char *key, double value)
{
    td_json_key(j, key);
    td_json_double(j, value);
}

static void put_report(struct td_json *j, const struct td_import_report *r, bool dry_run)
{
    const double saved = (double)r->bytes_before - (double)r->bytes_after;
    td_json_object(j);
    td_json_key_bool(j, "dry_run", dry_run);
    td_json_key_i64(j, "files_processed", (int64_t)r->files);
    td_json_key_i64(j, "files_successful", (int64_t)r->done);
    td_json_key_i64(j, "files_failed", (int64_t)r->failed);
    td_json_key_i64(j, "files_skipped", (int64_t)r->skipped);
    td_json_key_i64(j, "total_rows_migrated", dry_run ? 0 : (int64_t)r->rows);
    td_json_key_i64(j, "rows_read", (int64_t)r->rows);
    td_json_key_i64(j, "total_size_before", (int64_t)r->bytes_before);
    td_json_key_i64(j, "total_size_after", (int64_t)r->bytes_after);
    put_number(j, "duration_seconds", rounded(r->seconds, 1000));
    put_number(j, "overall_compression_percent",
               dry_run ? 0 : rounded(100 * ratio(saved, (double)r->bytes_before), 100));
    put_number(j, "average_rows_per_file", rounded(ratio((double)r->rows, (double)r->done), 100));
    put_number(j, "success_rate",
               rounded(100 * ratio((double)r->done, (double)(r->done + r->failed)), 100));
    td_json_key_i64(j, "error_cells", (int64_t)r->error_cells);
    td_json_key_i64(j, "formulas_without_value", (int64_t)r->uncached);
    td_json_key_i64(j, "columns_left_out", (int64_t)r->columns_left);
    td_json_key_i64(j, "files_mirrored", (int64_t)r->mirrored);
    td_json_key_bool(j, "mirror_absent", r->mirror_absent);
    put_errors(j, r);
    td_json_object_end(j);
}

static void put_table(struct td_text *t, const struct td_import_report *r, bool dry_run)
{
    td_text_printf(t, "%llu files%s: %llu imported, %llu failed, %llu skipped; %llu rows\n",
                   (unsigned long long)r->files, dry_run ? " (dry run, nothing written)" : "",
                   (unsigned long long)r->done, (unsigned long long)r->failed,
                   (unsigned long long)r->skipped, (unsigned long long)r->rows);
    if (!dry_run)
        td_text_printf(t, "%llu bytes became %llu in %.3f s; %llu files mirrored\n",
                       (unsigned long long)r->bytes_before, (unsigned long long)r->bytes_after,
                       r->seconds, (unsigned long long)r->mirrored);
    if (r->error_cells || r->uncached)
        td_text_printf(t, "%llu error cells and %llu formulas without a value became null\n",
                       (unsigned long long)r->error_cells, (unsigned long long)r->uncached);
    if (r->columns_left)
        td_text_printf(t, "%llu columns beside those of bars were left out\n",
                       (unsigned long long)r->columns_left);
    if (r->mirror_absent)
        td_text_put(t, "no mirror: the backup folder is not there\n");
    for (size_t i = 0; i < r->error_count; i++)
        td_text_printf(t, "refused: %s\n", r->errors[i].reason);
    if (r->failed > r->error_count)
        td_text_printf(t, "and %llu more\n", (unsigned long long)(r->failed - r->error_count));
}

static int tell(const struct td_import_report *r, const struct args *args)
{
    static char text[TD_IMPORT_ERRORS_MAX * 8192];
    struct td_text t;
    struct td_json j;
    td_text_init(&t, text, sizeof text);
    td_json_init(&j, &t, true);
    if (args->json) {
        put_report(&j, r, args->dry_run);
        td_text_char(&t, '\n');
    } else {
        put_table(&t, r, args->dry_run);
    }
    return td_cmd_print(&t) && r->failed == 0 ? 0 : 1;
}

static enum td_err check(const struct td_run *run, const struct args *args, char *symbol,
                         const char **bar_size, struct td_fail *why)
{
    const struct td_bar_size *size =
        args->bar_size ? td_bar_size_find(td_str_of(args->bar_size)) : NULL;
    if (run->operands->count > 1)
        return td_fail_set(why, TD_EINVAL,
                           "import takes one file or folder; \"%.100s\" is one too "
                           "many",
                           run->operands->items[1]);
    if (args->symbol && !td_ticker_parse(td_str_of(args->symbol), symbol))
        return td_fail_set(why, TD_EINVAL, "--symbol %.40s: no ticker", args->symbol);
    if (args->bar_size && !size)
        return td_fail_set(why, TD_EINVAL, "--bar-size %.40s: no bar size; 1 min, 1 hour, ...",
                           args->bar_size);
    *bar_size = !size ? NULL : size->span == TD_SEC ? "1 sec" : size->words;
    return TD_OK;
}

int cmd_import(struct td_run *run, void *arguments)
{
    const struct args *args = arguments;
    char symbol[TD_TICKER_CHARS] = "";
    const char *bar_size = NULL;
    const struct td_datapath paths = td_cmd_paths(run);
    struct td_import_report report = {0};
    struct td_fail why = {0};
    enum td_err err = check(run, args, symbol, &bar_size, &why);
    const struct td_import_options o = {
        .source = run->operands->count ? run->operands->items[0] : run->settings->base_path,
        .root = td_datapath_root(&paths, args->root),
        .backup = args->backup ? args->backup : run->settings->backup_path,
        .symbol = symbol[0] ? symbol : NULL,
        .bar_size = bar_size,
        .sheet = args->sheet,
        .dry_run = args->dry_run,
        .flat = args->flat};
    if (!err)
        err = td_import(run->world, &o, show_progress, NULL, &report, &why);
    td_progress("%s", "");
    const int status = err ? td_cmd_fail(run, &why) : tell(&report, args);
    td_import_report_fini(&report);
    return status;
}
