/* cmd/inventory_cmd.c - what lies in a data folder: files by type, symbols and days of bars, how fresh, what to do. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "store/inventory.h"
#include "sys/terminal.h"
#include "wire/json.h"

struct args {
    const char *path;
    struct td_opt_list types;
    bool no_detail, json;
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
    {.name = "json",
     .type = TD_OPT_FLAG,
     .into = offsetof(struct args, json),
     .help = "one object instead of a table"},
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

static void put_json(struct td_json *j, const struct td_inventory *v, bool detail)
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

int cmd_inventory(struct td_run *run, void *arguments)
{
    static char text[1 << 20];
    static struct td_inventory v;
    const struct args *args = arguments;
    struct td_fail why = {0};
    struct td_text t;
    struct td_json j;
    struct td_inventory_options o = {.today = td_world_now(run->world) / TD_DAY};
    for (int32_t i = 0; i < args->types.count && o.type_count < TD_INVENTORY_TYPES; i++)
        o.types[o.type_count++] = args->types.items[i];
    td_progress("looking through %s", args->path);
    const enum td_err err = td_inventory_scan(&v, run->world, args->path, &o, &why);
    td_progress("%s", "");
    if (err)
        return td_cmd_fail(run, &why);
    td_text_init(&t, text, sizeof text);
    td_json_init(&j, &t, true);
    if (args->json || strcmp(run->called, "scan_data") == 0) {
        put_json(&j, &v, !args->no_detail);
        td_text_char(&t, '\n');
    } else {
        put_table(&t, &v, !args->no_detail);
    }
    td_inventory_fini(&v);
    return td_cmd_print(&t) ? 0 : 1;
}
