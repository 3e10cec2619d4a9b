/* cmd/inventory_cmd.c - what lies in a data folder: files by type, symbols and days of bars, how fresh, splits, what to do. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/option_rows.h"
#include "history/split_scan.h"
#include "store/inventory.h"
#include "sys/terminal.h"
#include "wire/json.h"

struct args {
    const char *path, *factors;
    struct td_opt_list types;
    bool no_detail, splits, json;
};

const struct td_opt cmd_inventory_options[] = {
    {.name = "scan-path",
     .letter = 'p',
     .type = TD_OPT_PATH,
     .preset = ".",
     .into = offsetof(struct args, path),
     .help = "folder to look through"},
    {.name = "file-types",
     .type = TD_OPT_LIST,
     .preset = "ftr,xlsx,csv,parquet,json",
     .into = offsetof(struct args, types),
     .help = "endings to count"},
    {.name = "no-detail",
     .type = TD_OPT_FLAG,
     .into = offsetof(struct args, no_detail),
     .help = "only the counts, not symbols, timeframes and days"},
    {.name = "splits",
     .type = TD_OPT_FLAG,
     .into = offsetof(struct args, splits),
     .help =
         "read the bars of minutes, hours and days, and show splits they were not adjusted for"},
    {.name = "factors",
     .type = TD_OPT_PATH,
     .into = offsetof(struct args, factors),
     .help = "--splits, and a folder of LEAN factor files (<symbol>.csv) that say which are known"},
    TD_OPTION_JSON("one object instead of a table"),
    {0},
};
_Static_assert(sizeof(struct args) <= TD_CMD_ARGS_MAX, "arguments fit");

static double megabytes(uint64_t bytes)
{
    return (double)(int64_t)((double)bytes / 1048576 * 1000 + 0.5) / 1000;
}

static void put_words(struct td_json *j, const char *key, const struct td_inventory_words *w)
{
    td_json_key(j, key);
    td_json_array(j);
    for (size_t i = 0; i < w->count; i++)
        td_json_text(j, w->words[i]);
    td_json_array_end(j);
}

static void put_range(struct td_json *j, const struct td_inventory *v)
{
    char first[16], last[16];
    td_json_key(j, "date_range");
    td_json_object(j);
    if (v->first_day <= v->last_day) {
        (void)td_date_print(v->first_day, first);
        (void)td_date_print(v->last_day, last);
    }
    td_json_key_text(j, "min", v->first_day <= v->last_day ? first : NULL);
    td_json_key_text(j, "max", v->first_day <= v->last_day ? last : NULL);
    td_json_object_end(j);
}

static void put_detail(struct td_json *j, const struct td_inventory *v)
{
    td_json_key(j, "feather_analysis");
    td_json_object(j);
    put_words(j, "symbols", &v->symbols);
    put_words(j, "timeframes", &v->timeframes);
    put_range(j, v);
    td_json_key_i64(j, "file_count", (int64_t)v->bar_files);
    td_json_key(j, "total_size_mb");
    td_json_double(j, megabytes(v->bar_bytes));
    td_json_key(j, "freshness_days");
    td_json_object(j);
    for (size_t i = 0; i < TD_COUNT(v->fresh); i++)
        td_json_key_i64(j, td_inventory_band(i), (int64_t)v->fresh[i]);
    td_json_object_end(j);
    td_json_object_end(j);
}

static void put_advice(struct td_json *j, const struct td_inventory *v)
{
    const char *lines[TD_INVENTORY_ADVICE];
    const size_t count = td_inventory_advice(v, lines);
    td_json_key(j, "recommendations");
    td_json_array(j);
    for (size_t i = 0; i < count; i++)
        td_json_text(j, lines[i]);
    td_json_array_end(j);
    td_json_key(j, "next_steps");
    td_json_array(j);
    const char *steps[TD_INVENTORY_ADVICE];
    const size_t step_count = td_inventory_steps(v, steps);
    for (size_t i = 0; i < step_count; i++)
        td_json_text(j, steps[i]);
    td_json_array_end(j);
}

static void put_night(struct td_json *j, const struct td_split_found *f)
{
    char before[16], day[16];
    const struct td_split_night *n = &f->night;
    (void)td_date_print(n->before, before);
    (void)td_date_print(n->day, day);
    td_json_object(j);
    td_json_key_text(j, "symbol", f->symbol);
    td_json_key_text(j, "bar_size", f->bar_size);
    td_json_key_text(j, "folder", f->folder);
    td_json_key_text(j, "day", day);
    td_json_key(j, "ratio");
    td_json_double(j, n->ratio);
    td_json_key(j, "confidence");
    td_json_double(j, n->confidence);
    td_json_key(j, "previous_close");
    td_json_e9(j, n->previous.e9);
    td_json_key(j, "next_open");
    td_json_e9(j, n->next.e9);
    td_json_key(j, "known");
    if (n->known == TD_SPLIT_NO_FACTORS)
        td_json_null(j);
    else
        td_json_bool(j, n->known == TD_SPLIT_KNOWN);
    td_json_key(j, "factor");
    if (n->known == TD_SPLIT_KNOWN)
        td_json_double(j, n->factor);
    else
        td_json_null(j);
    td_json_key_i64(j, "stale_files", n->stale_files);
    td_json_key_i64(j, "mixed_files", n->mixed_files);
    td_json_key_text(j, "stale_until", before);
    td_json_object_end(j);
}

static void put_splits(struct td_json *j, const struct td_split_report *r)
{
    td_json_key(j, "splits");
    td_json_object(j);
    td_json_key_i64(j, "files_read", (int64_t)r->files);
    td_json_key_i64(j, "series", (int64_t)r->series);
    td_json_key_i64(j, "nights", (int64_t)r->counts.nights);
    td_json_key_i64(j, "holes", (int64_t)r->counts.holes);
    td_json_key_i64(j, "doubtful", (int64_t)r->counts.doubts);
    td_json_key_i64(j, "stale_files", (int64_t)r->stale);
    td_json_key(j, "found");
    td_json_array(j);
    for (size_t i = 0; i < r->found_count; i++)
        put_night(j, &r->found[i]);
    td_json_array_end(j);
    td_json_key_i64(j, "unreadable_files", (int64_t)r->unreadable);
    td_json_key(j, "unreadable");
    td_json_array(j);
    for (size_t i = 0; i < r->error_count; i++) {
        td_json_object(j);
        td_json_key_text(j, "file", r->errors[i].file);
        td_json_key_text(j, "error", r->errors[i].reason);
        td_json_object_end(j);
    }
    td_json_array_end(j);
    td_json_key_bool(j, "complete", r->complete);
    td_json_object_end(j);
}

static void put_json(struct td_json *j, const struct td_inventory *v,
                     const struct td_split_report *splits, bool detail)
{
    td_json_object(j);
    td_json_key(j, "scan_summary");
    td_json_object(j);
    td_json_key_i64(j, "total_files", (int64_t)v->files);
    td_json_key_i64(j, "file_types_found", (int64_t)v->type_count);
    td_json_key(j, "total_size_mb");
    td_json_double(j, megabytes(v->bytes));
    td_json_key_bool(j, "complete", !v->cut);
    td_json_object_end(j);
    td_json_key(j, "files_by_type");
    td_json_object(j);
    for (size_t i = 0; i < v->type_count; i++)
        td_json_key_i64(j, v->types[i].name, (int64_t)v->types[i].files);
    td_json_object_end(j);
    if (detail)
        put_detail(j, v);
    if (splits)
        put_splits(j, splits);
    put_advice(j, v);
    td_json_object_end(j);
}

static void put_table(struct td_text *t, const struct td_inventory *v, bool detail)
{
    char first[16] = "-", last[16] = "-";
    const char *lines[TD_INVENTORY_ADVICE];
    td_text_printf(t, "%-10s %10s %14s\n", "type", "files", "MB");
    for (size_t i = 0; i < v->type_count; i++)
        td_text_printf(t, "%-10s %10llu %14.3f\n", v->types[i].name,
                       (unsigned long long)v->types[i].files, megabytes(v->types[i].bytes));
    td_text_printf(t, "%-10s %10llu %14.3f\n", "all", (unsigned long long)v->files,
                   megabytes(v->bytes));
    if (v->first_day <= v->last_day) {
        (void)td_date_print(v->first_day, first);
        (void)td_date_print(v->last_day, last);
    }
    if (detail)
        td_text_printf(t, "bars: %llu files, %zu symbols, %zu timeframes, %s to %s\n",
                       (unsigned long long)v->bar_files, v->symbols.count, v->timeframes.count,
                       first, last);
    const size_t count = td_inventory_advice(v, lines);
    for (size_t i = 0; i < count; i++)
        td_text_printf(t, "%s\n", lines[i]);
}

/* "known 0.25", "unknown", "-" without a factor file. */
static const char *known_words(const struct td_split_night *n, char out[32])
{
    static const char *const words[] = {
        [TD_SPLIT_NO_FACTORS] = "-", [TD_SPLIT_UNKNOWN] = "unknown", [TD_SPLIT_KNOWN] = "known"};
    if (n->known == TD_SPLIT_KNOWN)
        (void)snprintf(out, 32, "known %.7g", n->factor);
    else
        (void)snprintf(out, 32, "%s", words[n->known]);
    return out;
}

static void put_split_table(struct td_text *t, const struct td_split_report *r)
{
    char before[16], day[16], known[32];
    td_text_printf(t, "splits: %llu files, %llu series, %llu nights; %zu found, %llu files stale\n",
                   (unsigned long long)r->files, (unsigned long long)r->series,
                   (unsigned long long)r->counts.nights, r->found_count,
                   (unsigned long long)r->stale);
    if (r->found_count)
        td_text_printf(t, "%-7s %-8s %-12s %-10s %8s %6s %7s %7s  %-10s  %s\n", "symbol", "bars",
                       "folder", "day", "ratio", "conf", "stale", "mixed", "until", "factor file");
    for (size_t i = 0; i < r->found_count; i++) {
        const struct td_split_found *f = &r->found[i];
        const struct td_split_night *n = &f->night;
        (void)td_date_print(n->before, before);
        (void)td_date_print(n->day, day);
        td_text_printf(t, "%-7s %-8s %-12s %-10s %8.5g %6.2f %7u %7u  %-10s  %s\n", f->symbol,
                       f->bar_size, f->folder, day, n->ratio, n->confidence, n->stale_files,
                       n->mixed_files, before, known_words(n, known));
    }
    if (r->counts.doubts)
        td_text_printf(t, "%llu nights near a ratio, below the confidence of a split\n",
                       (unsigned long long)r->counts.doubts);
    if (r->counts.holes)
        td_text_printf(t, "%llu holes of more than %d days were not compared\n",
                       (unsigned long long)r->counts.holes, TD_SPLIT_HOLE_DAYS);
    for (size_t i = 0; i < r->error_count; i++)
        td_text_printf(t, "unreadable: %s\n", r->errors[i].reason);
    if (r->unreadable > r->error_count)
        td_text_printf(t, "and %llu more\n", (unsigned long long)(r->unreadable - r->error_count));
    if (!r->complete)
        td_text_put(t, "not everything could be looked at for splits\n");
}

static void show_progress(void *arg, uint64_t number, uint64_t of, const char *path)
{
    (void)arg;
    td_progress("%llu of %llu: %s", (unsigned long long)number, (unsigned long long)of, path);
}

static enum td_err look_through(struct td_run *run, const struct args *args, struct td_inventory *v,
                                struct td_split_report *splits, struct td_fail *why)
{
    struct td_inventory_options o = {.today = td_world_now(run->world) / TD_DAY};
    for (int32_t i = 0; i < args->types.count && o.type_count < TD_INVENTORY_TYPES; i++)
        o.types[o.type_count++] = args->types.items[i];
    td_progress("looking through %s", args->path);
    enum td_err err = td_inventory_scan(v, run->world, args->path, &o, why);
    if (!err && (args->splits || args->factors)) {
        err =
            td_split_scan(run->world, args->path, args->factors, show_progress, NULL, splits, why);
        if (err)
            td_inventory_fini(v);
    }
    td_progress("%s", "");
    return err;
}

int cmd_inventory(struct td_run *run, void *arguments)
{
    static char text[8 << 20];
    static struct td_inventory v;
    const struct args *args = arguments;
    struct td_split_report splits = {0};
    struct td_fail why = {0};
    struct td_text t;
    struct td_json j;
    const bool with_splits = args->splits || args->factors;
    if (look_through(run, args, &v, &splits, &why))
        return td_cmd_fail(run, &why);
    td_text_init(&t, text, sizeof text);
    td_json_init(&j, &t, true);
    if (args->json || strcmp(run->called, "scan_data") == 0) {
        put_json(&j, &v, with_splits ? &splits : NULL, !args->no_detail);
        td_text_char(&t, '\n');
    } else {
        put_table(&t, &v, !args->no_detail);
        if (with_splits)
            put_split_table(&t, &splits);
    }
    td_inventory_fini(&v);
    td_split_report_fini(&splits);
    return td_cmd_print(&t) ? 0 : 1;
}
