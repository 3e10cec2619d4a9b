/* store/tasks.c - the list, the filters, the diagnostics. */
#include "store/tasks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/json.h"

#define LIST_STEM   "WarriorTrading_Trades"
#define DEBUG_MAX   ((uint64_t)1 << 20)
#define FIRST_TASKS 10

void td_tasks_options_init(struct td_tasks_options *o)
{
    *o = (struct td_tasks_options){.from = INT64_MIN, .to = INT64_MIN, .since = INT64_MIN};
}

enum td_err td_since_parse(const char *text, int64_t today, int64_t *day, struct td_fail *why)
{
    const struct td_str s = td_str_of(text);
    int64_t days = 0;
    if (td_date_parse(s.p, s.len, day) == TD_OK && s.len == 10)
        return TD_OK;
    if (s.len < 6 && td_i64_parse(s.p, s.len, &days) == TD_OK && days >= 0) {
        *day = today - days;
        return TD_OK;
    }
    return td_fail_set(why, TD_EINVAL, "--since %.40s: write a number of days or YYYY-MM-DD", text);
}

static enum td_err check(const struct td_tasks_options *o, char symbol[TD_TICKER_CHARS],
                         struct td_fail *why)
{
    symbol[0] = '\0';
    if (o->symbol && *o->symbol && !td_ticker_parse(td_str_of(o->symbol), symbol))
        return td_fail_set(why, TD_EINVAL, "--symbol %.40s: no ticker", o->symbol);
    if ((o->from == INT64_MIN) != (o->to == INT64_MIN))
        return td_fail_set(why, TD_EINVAL, "--start and --end belong together");
    if (o->from != INT64_MIN && (o->to < o->from || o->to - o->from >= TD_TASKS_DAYS_MAX))
        return td_fail_set(why, TD_EINVAL, "the last day is before the first, or %d days later",
                           TD_TASKS_DAYS_MAX);
    return TD_OK;
}

static enum td_err read_list(struct td_tasks *t, struct td_world *world,
                             const struct td_tasks_options *o, struct td_fail *why)
{
    char stem[256];
    struct td_table table = {0};
    const bool train = o->train_kind && *o->train_kind;
    (void)snprintf(stem, sizeof stem, "%s%s", o->train_prefix ? o->train_prefix : "Train_List-",
                   train ? o->train_kind : "");
    enum td_err err = td_datapath_list(&o->paths, world, train ? NULL : o->file,
                                       train ? stem : LIST_STEM, t->path, sizeof t->path, why);
    if (err) {
        t->path[0] = '\0';
        return err;
    }
    err = td_table_load(&table, world, t->path, NULL, why);
    if (err)
        return err;
    t->format = table.format;
    (void)snprintf(t->sheet, sizeof t->sheet, "%s", table.sheet);
    err = td_tradelist_read(&t->list, &table, train ? TD_LIST_TRAIN : TD_LIST_TRADES, t->path, why);
    td_table_fini(&table);
    t->items = t->list.tasks;
    t->count = t->list.count;
    t->list.tasks = NULL;
    return err;
}

/* First day of the `last` distinct ones; tasks are ordered. */
static int64_t first_of_last(const struct td_tasks *t, int64_t last)
{
    int64_t days = 0, day = INT64_MAX;
    for (size_t i = t->count; i > 0; i--)
        if (t->items[i - 1].day != day) {
            if (days++ == last)
                return day;
            day = t->items[i - 1].day;
        }
    return INT64_MIN;
}

/* Keeps days from..to of a symbol ("": all). */
static void keep(struct td_tasks *t, int64_t from, int64_t to, const char *symbol)
{
    size_t kept = 0;
    for (size_t i = 0; i < t->count; i++)
        if (t->items[i].day >= from && t->items[i].day <= to &&
            (!*symbol || strcmp(t->items[i].symbol, symbol) == 0))
            t->items[kept++] = t->items[i];
    t->count = kept;
}

static enum td_err make_ad_hoc(struct td_tasks *t, const struct td_tasks_options *o,
                               const char *symbol, struct td_fail *why)
{
    const size_t days = (size_t)(o->to - o->from + 1);
    free(t->items);
    t->items = calloc(days, sizeof *t->items);
    t->count = 0;
    if (!t->items)
        return td_fail_set(why, TD_ENOMEM, "out of memory for %zu tasks", days);
    for (size_t i = 0; i < days; i++) {
        struct td_task *task = &t->items[t->count++];
        task->day = o->from + (int64_t)i;
        (void)snprintf(task->symbol, sizeof task->symbol, "%s", *symbol ? symbol : "AAPL");
    }
    t->ad_hoc = true;
    return TD_OK;
}

static void drop_weekends(struct td_tasks *t)
{
    size_t kept = 0;
    for (size_t i = 0; i < t->count; i++) {
        const int of_week = td_weekday(t->items[i].day);
        if (of_week == 0 || of_week == 6)
            t->weekend_skipped++;
        else
            t->items[kept++] = t->items[i];
    }
    t->count = kept;
}

static enum td_err filter(struct td_tasks *t, const struct td_tasks_options *o, const char *symbol,
                          struct td_fail *why)
{
    const bool days = o->from != INT64_MIN;
    if (o->since != INT64_MIN)
        keep(t, o->since, INT64_MAX, "");
    if (o->last > 0)
        keep(t, first_of_last(t, o->last), INT64_MAX, "");
    keep(t, o->from, days ? o->to : INT64_MAX, symbol);
    if (days && t->count == 0) {
        const enum td_err err = make_ad_hoc(t, o, symbol, why);
        if (err)
            return err;
    }
    if (!o->keep_weekends)
        drop_weekends(t);
    if (o->max_tasks > 0 && t->count > (size_t)o->max_tasks)
        t->count = (size_t)o->max_tasks;
    return TD_OK;
}

enum td_err td_tasks_find(struct td_tasks *t, struct td_world *world,
                          const struct td_tasks_options *o, struct td_fail *why)
{
    char symbol[TD_TICKER_CHARS];
    *t = (struct td_tasks){.format = ""};
    enum td_err err = check(o, symbol, why);
    if (err)
        return err;
    err = read_list(t, world, o, why);
    if (err == TD_ENOENT && o->from != INT64_MIN)
        err = TD_OK;
    if (!err)
        err = filter(t, o, symbol, why);
    if (err)
        td_tasks_fini(t);
    return err;
}

void td_tasks_fini(struct td_tasks *t)
{
    free(t->items);
    td_tradelist_fini(&t->list);
    t->items = NULL;
    t->count = 0;
}

/* ---- diagnostics ---- */

static void put_column(struct td_json *j, const char *name, const struct td_list_column *c)
{
    td_json_key(j, name);
    td_json_object(j);
    td_json_key_text(j, "head", c->head);
    td_json_key_i64(j, "column", (int64_t)c->column);
    td_json_key_text(j, "chosen_by", td_list_rule_name(c->rule));
    td_json_object_end(j);
}

static void put_debug(struct td_json *j, const struct td_tasks *t, td_ns now)
{
    td_json_object(j);
    td_json_key(j, "ts");
    td_json_iso(j, now);
    td_json_key_text(j, "path", t->path);
    td_json_key_text(j, "format", t->format);
    td_json_key_text(j, "sheet", t->sheet);
    put_column(j, "symbol_column", &t->list.symbol);
    put_column(j, "date_column", &t->list.date);
    td_json_key(j, "samples");
    td_json_array(j);
    for (size_t i = 0; i < t->list.sample_count; i++) {
        td_json_array(j);
        td_json_text(j, t->list.samples[i].symbol);
        td_json_text(j, t->list.samples[i].day);
        td_json_array_end(j);
    }
    td_json_array_end(j);
    td_json_key_i64(j, "rows", (int64_t)t->list.rows);
    td_json_key_i64(j, "bad_symbols", (int64_t)t->list.bad_symbol);
    td_json_key_i64(j, "bad_dates", (int64_t)t->list.bad_date);
    td_json_key_i64(j, "pre_dedup", (int64_t)t->list.usable);
    td_json_key_i64(j, "post_dedup", (int64_t)t->list.count);
    td_json_object_end(j);
}

static void put_limit(struct td_json *j, const char *name, int64_t value, bool none)
{
    td_json_key(j, name);
    if (none)
        td_json_null(j);
    else
        td_json_i64(j, value);
}

static void put_summary(struct td_json *j, const struct td_tasks *t,
                        const struct td_tasks_options *o, td_ns now)
{
    char day[16];
    td_json_object(j);
    td_json_key_i64(j, "total_tasks_after_filters", (int64_t)t->count);
    td_json_key_i64(j, "weekend_skipped", (int64_t)t->weekend_skipped);
    const bool all = o->since == INT64_MIN;
    put_limit(j, "since_days", all ? 0 : now / TD_DAY - o->since, all);
    put_limit(j, "last", o->last, o->last == 0);
    put_limit(j, "max_tasks", o->max_tasks, o->max_tasks == 0);
    td_json_key_bool(j, "ad_hoc", t->ad_hoc);
    td_json_key_text(j, "warrior_sheet_path", *t->path ? t->path : NULL);
    td_json_key(j, "first_tasks");
    td_json_array(j);
    for (size_t i = 0; i < t->count && i < FIRST_TASKS; i++) {
        (void)td_date_print(t->items[i].day, day);
        td_json_array(j);
        td_json_text(j, t->items[i].symbol);
        td_json_text(j, day);
        td_json_array_end(j);
    }
    td_json_array_end(j);
    td_json_object_end(j);
}

/* Appends, or begins anew when the file has grown past its bound. */
static enum td_err append(struct td_world *world, const char *path, struct td_str line,
                          struct td_fail *why)
{
    struct td_file f = {0};
    uint64_t size = 0;
    enum td_err err = td_file_open(world, path, TD_FILE_APPEND, &f, why);
    if (err)
        return err;
    err = td_file_size(world, f, &size);
    if (!err && size > DEBUG_MAX)
        err = td_file_truncate(world, f, 0);
    if (!err)
        err = td_file_write(world, f, line.p, line.len);
    if (!err)
        err = td_file_sync(world, f);
    td_file_close(world, f);
    return err ? td_fail_set(why, err, "%s: %s", path, td_err_text(err)) : TD_OK;
}

enum td_err td_tasks_report(const struct td_tasks *t, const struct td_tasks_options *o,
                            struct td_world *world, const char *folder, struct td_fail *why)
{
    char buf[16384], path[TD_PATH_MAX];
    struct td_text text;
    struct td_json j;
    const td_ns now = td_world_now(world);
    enum td_err err = td_folder_make(world, folder);
    if (err || !td_path_join(path, sizeof path, folder, "warrior_task_debug.json"))
        return td_fail_set(why, err ? err : TD_EINVAL, "%s: the folder cannot be made", folder);
    td_text_init(&text, buf, sizeof buf);
    td_json_init(&j, &text, false);
    put_debug(&j, t, now);
    td_text_char(&text, '\n');
    TD_REQUIRE(!td_text_full(&text));
    err = append(world, path, (struct td_str){buf, text.len}, why);
    if (err)
        return err;
    td_text_reset(&text);
    td_json_init(&j, &text, true);
    put_summary(&j, t, o, now);
    td_text_char(&text, '\n');
    TD_REQUIRE(!td_text_full(&text));
    (void)td_path_join(path, sizeof path, folder, "warrior_task_summary.json");
    return td_file_replace(world, path, (struct td_str){buf, text.len}, why);
}
