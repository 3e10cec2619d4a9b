/* cmd/update.c - bars of symbols up to date: which symbols, which days, the gateway, the report, the coverage. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/option_rows.h"
#include "desk/bringup.h"
#include "history/task_bars.h"
#include "desk/zone.h"
#include "market/calendar.h"
#include "store/coverage_file.h"
#include "store/tasks.h"
#include "sys/logfile.h"
#include "sys/terminal.h"
#include "wire/json.h"

#define DAYS_MAX    366
#define ERRORS_MAX  100 /* in the JSON; all are on stderr */
#define ERROR_CHARS 160
#define TASK_BYTES  (6 * ERROR_CHARS + 512) /* of JSON, every byte of an error escaped */

struct args {
    struct td_opt_list symbols, timeframes;
    const char *list, *host;
    int64_t date, port;
    bool warrior, force, dry_run, live, json;
};

#define AT(member) .into = offsetof(struct args, member)
const struct td_opt cmd_update_options[] = {
    {.name = "symbols", .type = TD_OPT_LIST, AT(symbols), .help = "symbols, e.g. AAPL,MSFT"},
    {.name = "use-warrior-list",
     .type = TD_OPT_FLAG,
     AT(warrior),
     .help = "the symbols of the trade list (WARRIOR_TRADES_FILENAME)"},
    {.name = "list",
     .type = TD_OPT_PATH,
     AT(list),
     .help = "the symbols of this CSV file, workbook, or text with one symbol per line"},
    {.name = "timeframes",
     .preset = "1 hour,1 min,1 sec",
     .type = TD_OPT_LIST,
     AT(timeframes),
     .help = "bar sizes: 1 hour, 1 min, 1 sec"},
    {.name = "date", .type = TD_OPT_DATE, AT(date), .help = "the last day [today]"},
    {.name = "force",
     .type = TD_OPT_FLAG,
     AT(force),
     .help = "ask for what is held too, and replace the files"},
    {.name = "dry-run",
     .letter = 'n',
     .type = TD_OPT_FLAG,
     AT(dry_run),
     .help = "tell what would be asked for; no gateway, nothing written"},
    {.name = "ib-host", .type = TD_OPT_STR, AT(host), .help = "gateway host [IB_HOST]"},
    {.name = "ib-port",
     .type = TD_OPT_INT,
     .low = 1,
     .high = 65535,
     AT(port),
     .help = "gateway port; without it the usual paper ports are tried"},
    TD_OPTION_LIVE("live account: its port must be named in IB_PORT or --ib-port"),
    TD_OPTION_JSON_RESULT,
    {0},
};
_Static_assert(sizeof(struct args) <= TD_CMD_ARGS_MAX, "arguments fit");

/* One run of the command. */
struct update {
    struct td_run *run;
    const struct args *args;
    const char *base;
    struct td_tz new_york;
    struct td_task *symbols; /* by symbol, each once */
    size_t symbol_count, symbol_cap;
    int64_t days[DAYS_MAX]; /* trading days, oldest first */
    size_t day_count;
    struct td_task *tasks; /* by day, then symbol */
    uint32_t task_count;
    struct td_task_bars_config bars;
    struct td_task_bars_report report;
    char errors[ERRORS_MAX][600];
    uint32_t error_count;
    bool covered;
};

/* --- symbols --- */

static enum td_err add_symbols(struct update *u, const struct td_task *items, size_t count,
                               struct td_fail *why)
{
    struct td_task *more = realloc(u->symbols, (u->symbol_count + count + 1) * sizeof *more);
    if (!more)
        return td_fail_set(why, TD_ENOMEM, "no memory for %zu symbols", count);
    u->symbols = more;
    for (size_t i = 0; i < count; i++) {
        more[u->symbol_count] = items[i];
        more[u->symbol_count++].day = 0;
    }
    u->symbol_count = td_tasks_sort(u->symbols, u->symbol_count);
    return TD_OK;
}

static enum td_err from_words(struct update *u, struct td_fail *why)
{
    struct td_task task = {0};
    enum td_err err = TD_OK;
    for (int32_t i = 0; i < u->args->symbols.count && !err; i++) {
        const char *word = u->args->symbols.items[i];
        err = td_ticker_parse(td_str_of(word), task.symbol)
                  ? add_symbols(u, &task, 1, why)
                  : td_fail_set(why, TD_EINVAL,
                                "--symbols: \"%.40s\" is no symbol: a letter and up to six "
                                "letters, digits, '.' or '-'",
                                word);
    }
    return err;
}

static enum td_err from_warrior(struct update *u, struct td_fail *why)
{
    const struct td_settings *s = u->run->settings;
    struct td_tasks_options o;
    struct td_tasks t;
    td_tasks_options_init(&o);
    o.paths = td_cmd_paths(u->run);
    o.file = s->trades_file && *s->trades_file ? s->trades_file : NULL;
    o.keep_weekends = true;
    enum td_err err = td_tasks_find(&t, u->run->world, &o, why);
    if (err)
        return err;
    err = add_symbols(u, t.items, t.count, why);
    td_tasks_fini(&t);
    return err;
}

static enum td_err from_list(struct update *u, struct td_fail *why)
{
    struct td_table table;
    struct td_tradelist list = {0};
    enum td_err err = td_table_load(&table, u->run->world, u->args->list, NULL, why);
    if (err)
        return err;
    err = td_tradelist_symbols(&list, &table, 0, u->args->list, why);
    if (!err && list.bad_symbol)
        (void)fprintf(stderr, "%s: %zu of %zu rows are no symbols and are left out\n",
                      u->args->list, list.bad_symbol, list.rows);
    if (!err)
        err = add_symbols(u, list.tasks, list.count, why);
    td_tradelist_fini(&list);
    td_table_fini(&table);
    return err;
}

static enum td_err find_symbols(struct update *u, struct td_fail *why)
{
    const struct args *a = u->args;
    if (!a->symbols.count && !a->warrior && !a->list)
        return td_fail_set(why, TD_EINVAL,
                           "which symbols? --symbols A,B or --use-warrior-list or --list FILE");
    enum td_err err = from_words(u, why);
    if (!err && a->warrior)
        err = from_warrior(u, why);
    if (!err && a->list)
        err = from_list(u, why);
    return err;
}

/* --- days --- */

static enum td_err find_kinds(struct update *u, struct td_fail *why)
{
    enum td_bars_kind kind;
    for (int32_t i = 0; i < u->args->timeframes.count; i++) {
        const char *word = u->args->timeframes.items[i];
        if (!td_bars_kind_parse(td_str_of(word), &kind))
            return td_fail_set(why, TD_EINVAL,
                               "--timeframes: \"%.40s\" is not allowed; 1 hour, 1 min, 1 sec",
                               word);
        u->bars.kinds |= TD_BARS_BIT(kind);
    }
    return TD_OK;
}

/* The last trading days up to the date, so many as the widest look back wants; each bar size since its own. */
static enum td_err find_days(struct update *u, struct td_fail *why)
{
    const struct td_settings *s = u->run->settings;
    const int64_t back[TD_BARS_KINDS] = {s->lookback_hour, s->lookback_min, s->lookback_sec};
    const int64_t today = td_tz_day(&u->new_york, td_world_now(u->run->world));
    int64_t want = 0, found = 0, days[DAYS_MAX];
    int64_t day = u->args->date == INT64_MIN ? today : u->args->date;
    const int64_t first = day - 2 * DAYS_MAX;
    for (int k = 0; k < TD_BARS_KINDS; k++)
        if (u->bars.kinds & TD_BARS_BIT(k) && back[k] > want)
            want = back[k];
    for (; found < want && day > first; day--) {
        struct td_session_hours hours;
        if (!td_calendar_session(&td_calendar_xnys, &u->new_york, day, &hours))
            continue;
        days[found++] = day;
        for (int k = 0; k < TD_BARS_KINDS; k++)
            if (found <= back[k])
                u->bars.since[k] = day;
    }
    if (!found)
        return td_fail_set(why, TD_EINVAL, "--date: no trading day is known there");
    for (u->day_count = 0; found > 0;)
        u->days[u->day_count++] = days[--found];
    return TD_OK;
}

static enum td_err make_tasks(struct update *u, struct td_fail *why)
{
    const size_t count = u->day_count * u->symbol_count;
    u->tasks = count < UINT32_MAX / TD_BARS_KINDS ? calloc(count + 1, sizeof *u->tasks) : NULL;
    if (!u->tasks)
        return td_fail_set(why, TD_ENOMEM, "no memory for %zu tasks", count);
    for (size_t d = 0; d < u->day_count; d++)
        for (size_t s = 0; s < u->symbol_count; s++) {
            struct td_task *t = &u->tasks[u->task_count++];
            *t = u->symbols[s];
            t->day = u->days[d];
        }
    return TD_OK;
}

/* --- dry run --- */

struct dry {
    struct td_json json;
    uint32_t files, requests, failed;
};

static void put_need(struct dry *d, const struct td_task *task, const struct td_task_bars_need *n,
                     const char *error)
{
    char day[16], text[ERROR_CHARS];
    (void)td_date_print(task->day, day);
    td_json_object(&d->json);
    td_json_key_text(&d->json, "symbol", task->symbol);
    td_json_key_text(&d->json, "date", day);
    td_json_key(&d->json, "needs");
    td_json_array(&d->json);
    for (int k = 0; k < TD_BARS_KINDS; k++)
        if (n->bits & TD_BARS_BIT(k)) {
            td_json_text(&d->json, td_bars_word((enum td_bars_kind)k));
            d->files++;
        }
    td_json_array_end(&d->json);
    td_json_key_i64(&d->json, "requests", n->requests);
    if (error) {
        (void)td_str_copy(td_str_of(error), text, sizeof text);
        td_json_key_text(&d->json, "error", text);
    }
    td_json_object_end(&d->json);
    d->requests += n->requests;
    d->failed += error != NULL;
}

static void put_needs(struct update *u, struct td_task_bars *b, struct dry *d)
{
    td_json_key(&d->json, "tasks");
    td_json_array(&d->json);
    for (uint32_t i = 0; i < u->task_count && !u->report.interrupted; i++) {
        struct td_task_bars_need need;
        struct td_fail one = {0};
        struct td_wake wake;
        td_world_wait(u->run->world, 0, &wake);
        u->report.interrupted = wake.kind == TD_WAKE_SIGNAL;
        const enum td_err err = td_task_bars_needs(b, &u->tasks[i], &need, &one);
        td_progress("%u of %u", i + 1, u->task_count);
        if (err || need.bits)
            put_need(d, &u->tasks[i], &need, err ? one.text : NULL);
    }
    td_progress("%s", "");
    td_json_array_end(&d->json);
}

/* The tasks with something missing; what is held or not due is left out. */
static enum td_err dry_run(struct update *u, struct td_task_bars *b, struct td_fail *why)
{
    const size_t room = (size_t)u->task_count * TASK_BYTES + 4096;
    char *bytes = malloc(room), day[16];
    struct td_text t;
    struct dry d = {0};
    if (!bytes)
        return td_fail_set(why, TD_ENOMEM, "no memory for %u tasks", u->task_count);
    (void)td_date_print(u->days[u->day_count - 1], day);
    td_text_init(&t, bytes, room);
    td_json_init(&d.json, &t, true);
    td_json_object(&d.json);
    td_json_key_bool(&d.json, "dry_run", true);
    td_json_key_text(&d.json, "date", day);
    td_json_key_i64(&d.json, "symbol_count", (int64_t)u->symbol_count);
    td_json_key_i64(&d.json, "task_count", u->task_count);
    put_needs(u, b, &d);
    td_json_key_i64(&d.json, "files", d.files);
    td_json_key_i64(&d.json, "requests", d.requests);
    td_json_key_i64(&d.json, "failed", d.failed);
    td_json_key_bool(&d.json, "interrupted", u->report.interrupted);
    td_json_object_end(&d.json);
    td_text_char(&t, '\n');
    TD_REQUIRE(!td_text_full(&t));
    const bool printed = td_cmd_print(&t);
    free(bytes);
    return printed ? TD_OK : td_fail_set(why, TD_EIO, "stdout is gone");
}

/* --- the run --- */

static void told(void *arg, const struct td_task_bars_step *step)
{
    struct update *u = arg;
    if (step->bad) {
        td_progress("%s", "");
        (void)fprintf(stderr, "%s\n", step->line);
    }
    if (step->bad && u->error_count < ERRORS_MAX)
        (void)td_str_copy(td_str_of(step->line), u->errors[u->error_count++], sizeof u->errors[0]);
    td_progress("%u of %u: %s", step->done, step->all, step->line);
}

static enum td_err connect_to(struct update *u, struct td_plan *plan, struct td_bringup *gateway,
                              struct td_link *link, struct td_fail *why)
{
    const struct td_bringup_options options = {.attach = true, .way = -1, .log = u->run->log};
    const char *host = u->args->host;
    enum td_err err = td_plan_make(u->run->settings, u->args->port, u->args->live, plan, why);
    if (!err && host && *host && !td_str_copy(td_str_of(host), plan->host, sizeof plan->host))
        err = td_fail_set(why, TD_EINVAL, "--ib-host: \"%.40s...\" is too long", host);
    if (err)
        return err;
    if (plan->warnings[0])
        (void)fprintf(stderr, "%s\n", plan->warnings);
    err = td_link_open(link, u->run->world, why);
    if (err)
        return err;
    td_progress("connecting to %s", plan->host);
    err = td_bringup_by(gateway, plan, u->run->settings, link, &options, why);
    td_progress("%s", "");
    return err;
}

/* The days of the bars, derived anew. A failure is told and changes nothing about the bars. */
static void derive_coverage(struct update *u)
{
    struct td_fail why = {0};
    const enum td_err err = td_coverage_derive(u->run->world, u->base, &why);
    u->covered = !err;
    if (err && err != TD_ENOENT)
        (void)fprintf(stderr, "the coverage was not derived: %s\n", why.text);
}

static enum td_err download(struct update *u, struct td_task_bars *b, struct td_plan *plan,
                            struct td_fail *why)
{
    struct td_bringup gateway = {0};
    struct td_link link = {0};
    enum td_err err = connect_to(u, plan, &gateway, &link, why);
    if (!err) {
        err = td_task_bars_run(b, &link, u->tasks, u->task_count, &u->report, why);
        td_progress("%s", "");
        derive_coverage(u);
    }
    td_link_close(&link);
    td_bringup_end(&gateway, u->run->log);
    return err;
}

/* --- the report --- */

static void put_counts(struct td_json *j, const struct td_task_bars_report *r)
{
    td_json_key_i64(j, "written", r->written);
    td_json_key_i64(j, "held", r->held);
    td_json_key_i64(j, "empty", r->empty);
    td_json_key_i64(j, "failed", r->failed);
    td_json_key_i64(j, "not_due", r->idle);
    td_json_key_i64(j, "requests", r->requests);
    td_json_key_i64(j, "rows", (int64_t)r->rows);
    td_json_key_bool(j, "interrupted", r->interrupted);
}

static void print_json(const struct update *u)
{
    static char text[ERRORS_MAX * 1300 + 8192];
    struct td_text t;
    struct td_json j;
    char day[16];
    (void)td_date_print(u->days[u->day_count - 1], day);
    td_text_init(&t, text, sizeof text);
    td_json_init(&j, &t, false);
    td_json_object(&j);
    td_json_key_text(&j, "date", day);
    td_json_key_i64(&j, "symbol_count", (int64_t)u->symbol_count);
    td_json_key_i64(&j, "task_count", u->task_count);
    put_counts(&j, &u->report);
    td_json_key_bool(&j, "coverage", u->covered);
    td_json_key(&j, "errors");
    td_json_array(&j);
    for (uint32_t i = 0; i < u->error_count; i++)
        td_json_text(&j, u->errors[i]);
    td_json_array_end(&j);
    td_json_object_end(&j);
    td_text_char(&t, '\n');
    (void)td_cmd_print(&t);
}

static void print_line(const struct update *u)
{
    const struct td_task_bars_report *r = &u->report;
    (void)printf("%u files written with %llu bars, %u complete, %u without bars, %u failed, %u not "
                 "due; %u requests%s\n",
                 r->written, (unsigned long long)r->rows, r->held, r->empty, r->failed, r->idle,
                 r->requests, r->interrupted ? "; interrupted" : "");
}

static enum td_err prepare(struct update *u, struct td_fail *why)
{
    enum td_err err = find_symbols(u, why);
    if (!err)
        err = find_kinds(u, why);
    if (!err)
        err = td_zone_load(u->run->world, TD_ZONE_NEW_YORK, &u->new_york, why);
    if (!err)
        err = find_days(u, why);
    return err ? err : make_tasks(u, why);
}

static int update(struct update *u, struct td_fail *why)
{
    struct td_plan plan = {0};
    struct td_task_bars *b = NULL;
    struct td_logfile *files = NULL;
    const struct args *args = u->args;
    enum td_err err = prepare(u, why);
    if (!err && !args->dry_run)
        err = td_cmd_logs(u->run, "update", &files, why);
    u->bars.base = u->base;
    u->bars.downloads = u->run->settings->downloads_folder;
    u->bars.force = args->force;
    u->bars.plan = &plan;
    u->bars.log = u->run->log;
    u->bars.tell = told;
    u->bars.arg = u;
    if (!err)
        err = td_task_bars_open(&b, &u->bars, u->run->world, why);
    if (!err)
        err = args->dry_run ? dry_run(u, b, why) : download(u, b, &plan, why);
    td_task_bars_close(b);
    td_logfile_close(files, u->run->log);
    const bool begun = !err || u->report.interrupted || u->report.requests > 0;
    if (begun && !args->dry_run) {
        if (args->json)
            print_json(u);
        else
            print_line(u);
    }
    if (err == TD_EAGAIN)
        return 0; /* Ctrl-C */
    return err ? td_cmd_fail(u->run, why) : u->report.failed ? 1 : 0;
}

int cmd_update(struct td_run *run, void *arguments)
{
    static struct update u;
    const struct td_datapath paths = td_cmd_paths(run);
    struct td_fail why = {0};
    u.run = run;
    u.args = arguments;
    u.base = td_datapath_root(&paths, NULL);
    const int status = update(&u, &why);
    free(u.symbols);
    free(u.tasks);
    return status;
}
