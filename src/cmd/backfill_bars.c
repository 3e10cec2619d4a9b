/* cmd/backfill_bars.c - plan, connection, files, coverage. */
#include "cmd/backfill_bars.h"

#include <stdio.h>

#include "desk/bringup.h"
#include "store/coverage_file.h"
#include "sys/terminal.h"

static void tell(void *arg, const struct td_task_bars_step *step)
{
    const struct backfill_bars *b = arg;
    td_logf(b->run->log, step->bad ? TD_LOG_WARN : TD_LOG_INFO, TD_LOG_TRADING, "bars", "%s",
            step->line);
    if (step->bad || b->verbose) {
        td_progress("%s", "");
        (void)fprintf(stderr, "BARS %s\n", step->line);
    }
    td_progress("bars: %u of %u files", (unsigned)step->done, (unsigned)step->all);
}

static void complain(const struct backfill_bars *b, const char *what, const struct td_fail *why)
{
    td_progress("%s", "");
    td_logf(b->run->log, TD_LOG_WARN, TD_LOG_TRADING, "bars", "%s: %s", what, why->text);
    (void)fprintf(stderr, "tapedeck backfill: %s: %s\n", what, why->text);
}

enum td_err backfill_bars_open(struct backfill_bars *b, struct td_run *run,
                               const struct backfill_bars_args *args, const char *base,
                               bool verbose, struct td_fail *why)
{
    *b = (struct backfill_bars){
        .run = run, .args = args, .base = base, .verbose = verbose, .settings = *run->settings};
    const struct td_task_bars_config config = {.base = base,
                                               .downloads = run->settings->downloads_folder,
                                               .force = args->force,
                                               .plan = &b->plan,
                                               .log = run->log,
                                               .tell = tell,
                                               .arg = b};
    int64_t port = args->port;
    if (!args->fetch)
        return TD_OK;
    if (args->host)
        b->settings.host = args->host;
    if (!port && args->use_tws &&
        td_i64_parse(b->settings.paper_port, strlen(b->settings.paper_port), &port) != TD_OK)
        return td_fail_set(why, TD_EINVAL, "--use-tws: IB_PAPER_PORT is no port");
    const enum td_err err = td_plan_make(&b->settings, port, false, &b->plan, why);
    return err ? err : td_task_bars_open(&b->files, &config, run->world, why);
}

void backfill_bars_close(struct backfill_bars *b)
{
    td_task_bars_close(b->files);
    b->files = NULL;
}

unsigned backfill_bars_needs(struct backfill_bars *b, const struct td_task *task)
{
    struct td_task_bars_need need = {0};
    if (!b->files || td_task_bars_needs(b->files, task, &need, NULL) != TD_OK)
        return 0;
    return need.bits;
}

static bool any_needed(struct backfill_bars *b, const struct td_tasks *tasks)
{
    for (size_t i = 0; i < tasks->count; i++)
        if (backfill_bars_needs(b, &tasks->items[i]))
            return true;
    return false;
}

static void write_coverage(struct backfill_bars *b)
{
    struct td_fail why = {0};
    const enum td_err err = td_coverage_derive(b->run->world, b->base, &why);
    if (err && err != TD_ENOENT)
        complain(b, "no coverage", &why);
}

static enum td_err fetch(struct backfill_bars *b, const struct td_tasks *tasks, struct td_fail *why)
{
    struct td_task_bars_report r = {0};
    struct td_link link = {0};
    struct td_bringup gateway = {0};
    const struct td_bringup_options attach = {
        .attach = !b->args->start_gateway, .way = -1, .log = b->run->log};
    enum td_err err = td_link_open(&link, b->run->world, why);
    if (err)
        return err;
    td_progress("connecting to %s", b->plan.host);
    err = td_bringup_by(&gateway, &b->plan, &b->settings, &link, &attach, why);
    if (!err)
        err = td_task_bars_run(b->files, &link, tasks->items, (uint32_t)tasks->count, &r, why);
    td_progress("%s", "");
    td_link_close(&link);
    td_bringup_end(&gateway, b->run->log);
    if (r.written + r.held + r.empty + r.failed)
        (void)fprintf(stderr, "BARS written=%u held=%u empty=%u failed=%u requests=%u rows=%llu\n",
                      (unsigned)r.written, (unsigned)r.held, (unsigned)r.empty, (unsigned)r.failed,
                      (unsigned)r.requests, (unsigned long long)r.rows);
    return err;
}

bool backfill_bars_run(struct backfill_bars *b, const struct td_tasks *tasks)
{
    struct td_fail why = {0};
    if (!b->files || !any_needed(b, tasks))
        return true;
    if (b->plan.warnings[0])
        (void)fprintf(stderr, "%s\n", b->plan.warnings);
    const enum td_err err = fetch(b, tasks, &why);
    write_coverage(b);
    if (err && err != TD_EAGAIN)
        complain(b, "no bars", &why);
    return err != TD_EAGAIN;
}
