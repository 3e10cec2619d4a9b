/* cmd/backfill_cmd.c - history for what was traded: level-2 from the vendor, bars from the gateway (contracts 2.2, 7). */
#include <stdio.h>
#include <string.h>

#include "cmd/backfill_bars.h"
#include "cmd/cmd.h"
#include "cmd/option_rows.h"
#include "history/backfill_batch.h"
#include "desk/zone.h"
#include "sys/logfile.h"
#include "sys/terminal.h"
#include "wire/json.h"

#define NEEDS_SHOWN 1000
#define JSON_BYTES  ((size_t)4 << 20)

struct args {
    int64_t date, start, end; /* days; INT64_MIN unset */
    const char *symbol, *since, *list, *vendor, *output;
    int64_t last, max_tasks, workers, max_cost_e9;
    bool strict, force, dry_run, verbose, progress, json, legacy, no_book;
    struct backfill_bars_args bars;
};
#define AT(member) .into = offsetof(struct args, member)

const struct td_opt cmd_backfill_options[] = {
    {.name = "date", .type = TD_OPT_DATE, AT(date), .help = "this day"},
    {.name = "start", .type = TD_OPT_DATE, AT(start), .help = "first of some days"},
    {.name = "end", .type = TD_OPT_DATE, AT(end), .help = "last of them; else today"},
    {.name = "symbol",
     .letter = 's',
     .type = TD_OPT_STR,
     AT(symbol),
     .help = "only this symbol; with days that the list does not have: this one (else AAPL) on "
             "each of them"},
    {.name = "since",
     .type = TD_OPT_STR,
     AT(since),
     .help = "days of the list from N days ago on, or from YYYY-MM-DD"},
    {.name = "last",
     .type = TD_OPT_INT,
     .low = 0,
     .high = 100000,
     .preset = "0",
     AT(last),
     .help = "the last N days of the list; 0 all"},
    {.name = "max-tasks",
     .type = TD_OPT_INT,
     .low = 0,
     .high = 10000000,
     .preset = "0",
     AT(max_tasks),
     .help = "at most N tasks, the earliest; 0 all"},
    {.name = "list",
     .type = TD_OPT_STR,
     AT(list),
     .help = "tasks from Train_List-<this> instead of the trade list"},
    {.name = "strict", .type = TD_OPT_FLAG, AT(strict), .help = "exit status 1 when a task failed"},
    {.name = "force",
     .type = TD_OPT_FLAG,
     AT(force),
     .help = "ask the vendor again and replace files (it may cost again)"},
    {.name = "dry-run",
     .letter = 'n',
     .type = TD_OPT_FLAG,
     AT(dry_run),
     .help = "tell as JSON what would be done; nothing is written or asked"},
    {.name = "verbose",
     .letter = 'v',
     .type = TD_OPT_FLAG,
     AT(verbose),
     .help = "every task on stderr; with --dry-run what each needs"},
    {.name = "max-workers",
     .type = TD_OPT_INT,
     .low = 0,
     .high = TD_BACKFILL_WORKERS_MAX,
     .preset = "0",
     AT(workers),
     .help = "tasks at a time; 0: L2_MAX_WORKERS, else L2_BACKFILL_CONCURRENCY, else 4"},
    {.name = "max-cost",
     .type = TD_OPT_NUM,
     .low = -1,
     .high = 1000000,
     .preset = "-1",
     AT(max_cost_e9),
     .help = "dollars the run may cost by the vendor's estimates; -1 no limit"},
    {.name = "vendor",
     .type = TD_OPT_STR,
     .choices = "databento|files",
     AT(vendor),
     .help = "where level-2 comes from; else BACKFILL_VENDOR"},
    {.name = "legacy-l2-map",
     .type = TD_OPT_FLAG,
     AT(legacy),
     .help = "sides, actions and levels as the old program wrote them"},
    {.name = "no-book", .type = TD_OPT_FLAG, AT(no_book), .help = "only the table of events"},
    TD_OPTION_OUTPUT_ROOT,
    {.name = "progress",
     .env = "L2_PROGRESS",
     .preset = "1",
     .type = TD_OPT_FLAG,
     AT(progress),
     .help = "a progress line with the time left, on a terminal"},
    TD_OPTION_JSON("every task and the counts as one object, instead of the SUMMARY line"),
    {.name = "fetch-bars",
     .preset = "1",
     .type = TD_OPT_FLAG,
     AT(bars.fetch),
     .help = "bars of 1 hour, 1 min and 1 sec from the gateway, before level-2"},
    {.name = "force-bars",
     .type = TD_OPT_FLAG,
     AT(bars.force),
     .help = "ask for all bars again and replace their files"},
    {.name = "ib-host",
     .type = TD_OPT_STR,
     AT(bars.host),
     .help = "the gateway's host; else IB_HOST"},
    {.name = "ib-port",
     .type = TD_OPT_INT,
     .low = 1,
     .high = 65535,
     AT(bars.port),
     .help = "only this port instead of the plan's"},
    {.name = "use-tws",
     .type = TD_OPT_FLAG,
     AT(bars.use_tws),
     .help = "only TWS's paper port instead of the plan's"},
    {.name = "auto-start-gateway",
     .type = TD_OPT_FLAG,
     AT(bars.start_gateway),
     .help = "start a gateway for the bars when none listens; off unless asked for"},
    {.name = "autostart-gateway", .type = TD_OPT_FLAG, AT(bars.start_gateway), .help = "the same"},
    {0},
};
_Static_assert(sizeof(struct args) <= TD_CMD_ARGS_MAX, "arguments fit");

/* What is told while it runs; lines come from workers, one at a time. */
struct telling {
    struct td_run *run;
    const struct args *args;
    td_ns began;
};

static void tell(void *arg, bool bad, const char *line)
{
    const struct telling *t = arg;
    td_logf(t->run->log, bad ? TD_LOG_WARN : TD_LOG_INFO, TD_LOG_TRADING, "backfill", "%s", line);
    if (bad || t->args->verbose)
        (void)fprintf(stderr, "%s\n", line);
}

static void show_progress(void *arg, uint32_t done, uint32_t all, uint32_t errors)
{
    const struct telling *t = arg;
    const td_ns took = td_world_mono(t->run->world) - t->began;
    char left[32] = "";
    if (!t->args->progress)
        return;
    if (done) {
        const int64_t s = took / done * (all - done) / TD_SEC;
        (void)snprintf(left, sizeof left, ", %lld:%02lld left", (long long)(s / 60),
                       (long long)(s % 60));
    }
    td_progress("backfill: %u of %u tasks, %u errors%s", (unsigned)done, (unsigned)all,
                (unsigned)errors, left);
}

/* --- options --- */

static enum td_err read_days(const struct args *a, int64_t today, struct td_tasks_options *o,
                             struct td_fail *why)
{
    if (a->date != INT64_MIN && (a->start != INT64_MIN || a->end != INT64_MIN))
        return td_fail_set(why, TD_EINVAL, "--date is one day; --start and --end are several");
    if (a->end != INT64_MIN && a->start == INT64_MIN)
        return td_fail_set(why, TD_EINVAL, "--end needs --start");
    o->from = a->date != INT64_MIN ? a->date : a->start;
    o->to = a->date != INT64_MIN ? a->date : a->end;
    if (o->from != INT64_MIN && o->to == INT64_MIN)
        o->to = today;
    return a->since ? td_since_parse(a->since, today, &o->since, why) : TD_OK;
}

static enum td_err read_options(const struct td_run *run, const struct args *a,
                                struct td_batch_options *out, struct td_fail *why)
{
    const struct td_settings *s = run->settings;
    struct td_tz new_york;
    enum td_err err = td_zone_load(run->world, TD_ZONE_NEW_YORK, &new_york, why);
    if (err)
        return err;
    td_tasks_options_init(&out->tasks);
    out->settings = s;
    out->tasks.paths = td_cmd_paths(run);
    out->root = td_datapath_root(&out->tasks.paths, a->output);
    out->vendor = a->vendor;
    out->tasks.file = s->trades_file && *s->trades_file ? s->trades_file : NULL;
    out->tasks.train_kind = a->list;
    out->tasks.train_prefix = s->train_prefix;
    out->tasks.symbol = a->symbol;
    out->tasks.last = a->last;
    out->tasks.max_tasks = a->max_tasks;
    out->tasks.keep_weekends = !s->skip_weekends;
    out->workers = a->workers;
    out->max_cost_e9 = a->max_cost_e9;
    out->strict = a->strict;
    out->force = a->force;
    out->legacy = a->legacy;
    out->no_book = a->no_book;
    out->tell = tell;
    out->progress = show_progress;
    return read_days(a, td_tz_day(&new_york, td_world_now(run->world)), &out->tasks, why);
}

/* --- the preview --- */

struct needs {
    uint64_t hour, minute, second, l2, complete;
};

static void put_optional(struct td_json *j, const char *key, int64_t value)
{
    td_json_key(j, key);
    if (value > 0)
        td_json_i64(j, value);
    else
        td_json_null(j);
}

static void put_since(struct td_json *j, const struct args *a)
{
    int64_t days;
    td_json_key(j, "since_days");
    if (a->since && td_i64_parse(a->since, strlen(a->since), &days) == TD_OK)
        td_json_i64(j, days);
    else
        td_json_text(j, a->since);
}

static void put_day(struct td_json *j, const char *key, const struct td_tasks *t, bool last)
{
    char day[16];
    if (t->count)
        (void)td_date_print(t->items[last ? t->count - 1 : 0].day, day);
    td_json_key_text(j, key, t->count ? day : NULL);
}

static size_t count_symbols(const struct td_tasks *t)
{
    size_t symbols = 0;
    for (size_t i = 0; i < t->count; i++) {
        size_t k = 0;
        while (k < i && strcmp(t->items[k].symbol, t->items[i].symbol) != 0)
            k++;
        symbols += k == i;
    }
    return symbols;
}

static void put_window(struct td_json *j, const struct td_batch *b)
{
    td_json_key(j, "requested_window_et");
    td_json_object(j);
    td_json_key_text(j, "start", b->window_start);
    td_json_key_text(j, "end", b->window_end);
    td_json_object_end(j);
}

static void put_preview(struct td_json *j, const struct args *a, const struct td_batch *b,
                        const struct needs *n)
{
    td_json_object(j);
    td_json_key_i64(j, "task_count", (int64_t)b->tasks.count);
    put_since(j, a);
    put_optional(j, "last", a->last);
    put_optional(j, "max_tasks", a->max_tasks);
    td_json_key_text(j, "run_id", b->run_id);
    put_window(j, b);
    td_json_key(j, "stage_latency_ms");
    td_json_object(j);
    td_json_key_i64(j, "discovery", b->discovery / TD_MS);
    td_json_object_end(j);
    td_json_key_i64(j, "symbol_count", (int64_t)count_symbols(&b->tasks));
    td_json_key(j, "date_range");
    td_json_object(j);
    put_day(j, "min", &b->tasks, false);
    put_day(j, "max", &b->tasks, true);
    td_json_object_end(j);
    td_json_key_i64(j, "completed_tasks_count", (int64_t)n->complete);
    td_json_key(j, "needs_summary");
    td_json_object(j);
    td_json_key_i64(j, "need_hourly", (int64_t)n->hour);
    td_json_key_i64(j, "need_minutes", (int64_t)n->minute);
    td_json_key_i64(j, "need_seconds", (int64_t)n->second);
    td_json_key_i64(j, "need_l2", (int64_t)n->l2);
    td_json_object_end(j);
    td_json_key_text(j, "task_list", b->tasks.path[0] ? b->tasks.path : NULL);
    td_json_key_i64(j, "weekend_skipped", (int64_t)b->tasks.weekend_skipped);
    td_json_key_bool(j, "ad_hoc", b->tasks.ad_hoc);
    td_json_key_text(j, "vendor", b->config.vendor->name);
    td_json_object_end(j);
}

static void show_needs(const struct td_task *task, unsigned bars, bool l2)
{
    char day[16];
    (void)td_date_print(task->day, day);
    (void)fprintf(stderr, "%s %-7s", day, task->symbol);
    for (int k = 0; k < TD_BARS_KINDS; k++)
        if (bars & TD_BARS_BIT(k))
            (void)fprintf(stderr, " %s,", td_bars_word((enum td_bars_kind)k));
    (void)fprintf(stderr, " %s\n", l2 ? "level-2" : bars ? "no level-2" : "nothing");
}

static int preview(struct td_run *run, const struct args *a, const struct td_batch *b,
                   struct backfill_bars *bars)
{
    static char bytes[8192];
    struct td_text t;
    struct td_json j;
    struct needs n = {0};
    for (size_t i = 0; i < b->tasks.count; i++) {
        const struct td_task *task = &b->tasks.items[i];
        const unsigned bits = backfill_bars_needs(bars, task);
        const bool l2 = a->force || !td_batch_has(b, run->world, task);
        n.hour += (bits & TD_BARS_BIT(TD_BARS_HOUR)) != 0;
        n.minute += (bits & TD_BARS_BIT(TD_BARS_MIN)) != 0;
        n.second += (bits & TD_BARS_BIT(TD_BARS_SEC)) != 0;
        n.l2 += l2;
        n.complete += !l2 && !bits;
        if (a->verbose && i < NEEDS_SHOWN)
            show_needs(task, bits, l2);
    }
    td_text_init(&t, bytes, sizeof bytes);
    td_json_init(&j, &t, true);
    put_preview(&j, a, b, &n);
    td_text_char(&t, '\n');
    return td_cmd_print(&t) ? 0 : 1;
}

/* --- the result --- */

static void put_result(struct td_json *j, const struct td_task *task,
                       const struct td_backfill_result *r)
{
    char day[16];
    (void)td_date_print(task->day, day);
    td_json_object(j);
    td_json_key_text(j, "symbol", task->symbol);
    td_json_key_text(j, "date", day);
    td_json_key_text(j, "status", td_backfill_api_word(r->status));
    td_json_key_i64(j, "rows", (int64_t)r->rows);
    td_json_key_text(j, "path", r->path[0] ? r->path : NULL);
    td_json_key_i64(j, "duration_ms", r->took / TD_MS);
    td_json_key_bool(j, "zero_rows", r->zero_rows);
    td_json_key_text(j, "error", r->error[0] ? r->error : NULL);
    td_json_key_e9(j, "cost_usd", r->cost_e9);
    td_json_object_end(j);
}

static void put_object(struct td_json *j, const struct td_batch *b)
{
    td_json_object(j);
    td_json_key_text(j, "run_id", b->run_id);
    put_window(j, b);
    td_json_key(j, "counts");
    td_json_object(j);
    for (int i = 0; i < TD_TASK_STATUSES; i++)
        td_json_key_i64(j, td_task_status_name((enum td_task_status)i), b->summary.counts[i]);
    td_json_object_end(j);
    td_json_key_i64(j, "total", b->summary.total);
    td_json_key_i64(j, "concurrency", b->config.workers);
    td_json_key_i64(j, "duration_ms", b->summary.took / TD_MS);
    td_json_key_e9(j, "cost_usd", b->summary.cost_e9);
    td_json_key_bool(j, "interrupted", b->summary.interrupted);
    td_json_key(j, "tasks");
    td_json_array(j);
    for (size_t i = 0; i < b->tasks.count; i++)
        put_result(j, &b->tasks.items[i], &b->results[i]);
    td_json_array_end(j);
    td_json_object_end(j);
}

static bool print_result(const struct td_batch *b, bool json)
{
    static char bytes[JSON_BYTES];
    struct td_text t;
    struct td_json j;
    td_text_init(&t, bytes, sizeof bytes);
    td_json_init(&j, &t, false);
    if (json)
        put_object(&j, b);
    if (!json || td_text_full(&t)) {
        td_text_reset(&t);
        td_backfill_summary_line(&b->summary, b->config.workers, &t);
    }
    td_text_char(&t, '\n');
    return td_cmd_print(&t);
}

/* --- the run --- */

static void show_head(const struct td_batch *b)
{
    char from[16] = "-", to[16] = "-";
    if (b->tasks.count) {
        (void)td_date_print(b->tasks.items[0].day, from);
        (void)td_date_print(b->tasks.items[b->tasks.count - 1].day, to);
    }
    (void)fprintf(stderr,
                  "backfill %s: %zu tasks, %zu symbols, %s to %s; %s-%s New York; %s %s %s; "
                  "%d workers\n",
                  b->run_id, b->tasks.count, count_symbols(&b->tasks), from, to, b->window_start,
                  b->window_end, b->config.vendor->name, b->options.settings->databento_dataset,
                  b->options.settings->databento_schema, (int)b->config.workers);
}

/* What was done is told and booked whatever happened to the run itself. */
static int finish(struct td_run *run, const struct args *a, struct td_batch *b, enum td_err err,
                  const struct td_fail *why)
{
    struct td_fail booking = {0};
    enum td_err booked = TD_OK;
    td_progress("%s", "");
    if (!err || b->results)
        booked = td_batch_record(b, run->world, &booking);
    const bool printed = print_result(b, a->json);
    if (booked)
        (void)fprintf(stderr, "tapedeck backfill: the result is not booked: %s\n", booking.text);
    if (err)
        return td_cmd_fail(run, why);
    if (b->summary.interrupted)
        (void)fprintf(stderr, "tapedeck backfill: ended by a signal; run it again for the rest\n");
    const bool failed = a->strict && b->summary.counts[TD_TASK_ERROR] > 0;
    return booked || !printed || failed ? 1 : 0;
}

static int run_batch(struct td_run *run, const struct args *a, struct td_batch *b,
                     struct backfill_bars *bars, struct telling *telling)
{
    struct td_fail why = {0};
    struct td_logfile *files = NULL;
    enum td_err err = td_cmd_logs(run, "backfill", &files, &why);
    if (err)
        return td_cmd_fail(run, &why);
    show_head(b);
    err = td_tasks_report(&b->tasks, &b->options.tasks, run->world, b->config.base, &why);
    if (!err && !backfill_bars_run(bars, &b->tasks))
        err = td_fail_set(&why, TD_EAGAIN, "ended by a signal before level-2");
    telling->began = td_world_mono(run->world);
    if (!err)
        err = td_batch_run(b, run->world, &why);
    const int status = finish(run, a, b, err, &why);
    td_logfile_close(files, run->log);
    return status;
}

int cmd_backfill(struct td_run *run, void *arguments)
{
    static struct td_batch batch;
    static struct backfill_bars bars;
    const struct args *a = arguments;
    struct telling telling = {.run = run, .args = a, .began = td_world_mono(run->world)};
    struct td_batch_options o = {.arg = &telling};
    struct td_fail why = {0};
    enum td_err err = read_options(run, a, &o, &why);
    if (!err)
        err = td_batch_open(&batch, run->world, &o, &why);
    if (!err)
        err = td_batch_find(&batch, run->world, &why);
    if (err == TD_ENOENT && a->dry_run) { /* nothing to do is what there is to tell */
        (void)fprintf(stderr, "tapedeck backfill: %s\n", why.text);
        err = TD_OK;
    }
    if (!err)
        err = backfill_bars_open(&bars, run, &a->bars, batch.config.base, a->verbose, &why);
    int status = 0;
    if (err)
        status = td_cmd_fail(run, &why);
    else if (a->dry_run)
        status = preview(run, a, &batch, &bars);
    else
        status = run_batch(run, a, &batch, &bars, &telling);
    backfill_bars_close(&bars);
    td_batch_close(&batch);
    return status;
}
