/* history/backfill_batch.c - find, do, book. */
#include "history/backfill_batch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "desk/zone.h"

#define WORKERS_PRESET 4

static void map_name(void *arg, const char *symbol, struct td_backfill_name *out)
{
    const struct td_symbol_row *row = td_symbolmap_find(arg, symbol);
    if (!row)
        return;
    (void)snprintf(out->symbol, sizeof out->symbol, "%s", row->symbol);
    (void)snprintf(out->dataset, sizeof out->dataset, "%s",
                   row->dataset[0] ? td_dataset_name(row->dataset) : "");
    (void)snprintf(out->schema, sizeof out->schema, "%.15s", row->schema);
}

static void print_minute(int32_t minute, char *out)
{
    (void)snprintf(out, 8, "%02d:%02d", (int)(minute / 60 % 100), (int)(minute % 60));
}

/* The window as it will be asked for; an empty one is each task's error, and is shown as configured. */
static void print_window(struct td_batch *b)
{
    const struct td_backfill_config *c = &b->config;
    struct td_backfill_window w = c->window;
    if (c->enforce_trading) {
        w.start = w.start > c->trading.start ? w.start : c->trading.start;
        w.end = w.end < c->trading.end ? w.end : c->trading.end;
    }
    print_minute(w.start < w.end ? w.start : c->window.start, b->window_start);
    print_minute(w.start < w.end ? w.end : c->window.end, b->window_end);
}

static void print_run_id(struct td_batch *b, td_ns now)
{
    struct td_civil c;
    td_civil_from_ns(now, &c);
    (void)snprintf(b->run_id, sizeof b->run_id, "%04d%02d%02d-%02d%02d%02d-%06d", (int)c.year,
                   (int)c.month, (int)c.day, (int)c.hour, (int)c.minute, (int)c.second,
                   (int)(now % TD_SEC / TD_US));
}

static int32_t count_workers(const struct td_batch_options *o)
{
    const struct td_settings *s = o->settings;
    const int64_t n = o->workers          ? o->workers
                      : s->l2_workers     ? s->l2_workers
                      : s->l2_concurrency ? s->l2_concurrency
                                          : WORKERS_PRESET;
    return n > TD_BACKFILL_WORKERS_MAX ? TD_BACKFILL_WORKERS_MAX : (int32_t)n;
}

enum td_err td_batch_open(struct td_batch *b, struct td_world *world,
                          const struct td_batch_options *o, struct td_fail *why)
{
    const struct td_settings *s = o->settings;
    const char *vendor = o->vendor ? o->vendor : s->backfill_vendor;
    memset(b, 0, sizeof *b);
    b->options = *o;
    b->config = (struct td_backfill_config){.settings = s,
                                            .vendor = td_vendor_find(vendor),
                                            .new_york = &b->new_york,
                                            .base = o->root,
                                            .folder = s->level2_folder,
                                            .enforce_trading = s->l2_enforce_window,
                                            .force = o->force,
                                            .legacy = o->legacy,
                                            .no_book = o->no_book,
                                            .rows_max = (uint64_t)s->l2_rows_max,
                                            .max_cost_e9 = o->max_cost_e9,
                                            .backoff_base = s->l2_backoff_base_ms * TD_MS,
                                            .backoff_max = s->l2_backoff_max_ms * TD_MS,
                                            .workers = count_workers(o),
                                            .map = map_name,
                                            .map_arg = &b->map,
                                            .tell = o->tell,
                                            .progress = o->progress,
                                            .arg = o->arg};
    if (!b->config.vendor)
        return td_fail_set(why, TD_EINVAL, "\"%.40s\" is no vendor", vendor);
    enum td_err err =
        td_backfill_window_parse("L2_BACKFILL_WINDOW_ET", s->l2_window, &b->config.window, why);
    if (!err)
        err = td_backfill_window_parse("L2_TRADING_WINDOW_ET", s->l2_trading_window,
                                       &b->config.trading, why);
    if (!err)
        err = td_zone_load(world, TD_ZONE_NEW_YORK, &b->new_york, why);
    if (err)
        return err;
    td_symbolmap_load(&b->map, world, s->symbol_mapping);
    if (b->map.warnings && o->tell)
        o->tell(o->arg, true, b->map.warning);
    print_window(b);
    print_run_id(b, td_world_now(world));
    return TD_OK;
}

void td_batch_close(struct td_batch *b)
{
    td_tasks_fini(&b->tasks);
    free(b->results);
    b->results = NULL;
}

enum td_err td_batch_find(struct td_batch *b, struct td_world *world, struct td_fail *why)
{
    const td_ns began = td_world_mono(world);
    const enum td_err err = td_tasks_find(&b->tasks, world, &b->options.tasks, why);
    b->discovery = td_world_mono(world) - began;
    return err;
}

bool td_batch_has(const struct td_batch *b, struct td_world *world, const struct td_task *task)
{
    char day[16], path[TD_BACKFILL_PATH];
    (void)td_date_print(task->day, day);
    const int n = snprintf(path, sizeof path, "%s/%s/%s/%s_snapshots_databento.parquet",
                           b->config.base, b->config.folder, task->symbol, day);
    return n > 0 && (size_t)n < sizeof path && td_entry_at(world, path) == TD_ENTRY_FILE;
}

enum td_err td_batch_run(struct td_batch *b, struct td_world *world, struct td_fail *why)
{
    const size_t count = b->tasks.count;
    if (count == 0)
        return TD_OK;
    if (count > UINT32_MAX)
        return td_fail_set(why, TD_EFULL, "%zu tasks are more than one run takes", count);
    b->results = calloc(count, sizeof *b->results);
    if (!b->results)
        return td_fail_set(why, TD_ENOMEM, "no memory for %zu tasks", count);
    return td_backfill_run(&b->config, world, b->tasks.items, (uint32_t)count, b->results,
                           &b->summary, why);
}

/* --- booking --- */

static void fill_entry(const struct td_batch *b, size_t i, struct td_l2_entry *e)
{
    const struct td_backfill_result *r = &b->results[i];
    *e = (struct td_l2_entry){.day = b->tasks.items[i].day,
                              .status = r->status,
                              .run_id = b->run_id,
                              .path = r->path[0] ? r->path : NULL,
                              .error = r->error[0] ? r->error : NULL,
                              .rows = r->status == TD_TASK_WRITE ? (int64_t)r->rows : -1};
    (void)snprintf(e->symbol, sizeof e->symbol, "%s", b->tasks.items[i].symbol);
}

static enum td_err append_manifest(const struct td_batch *b, struct td_world *world,
                                   const struct td_l2_entry *entries, struct td_fail *why)
{
    char path[TD_BACKFILL_PATH];
    size_t begun = 0;
    struct td_l2_entry *done = calloc(b->tasks.count + 1, sizeof *done);
    if (!done)
        return td_fail_set(why, TD_ENOMEM, "no memory for the manifest");
    for (size_t i = 0; i < b->tasks.count; i++)
        if (b->results[i].begun)
            done[begun++] = entries[i];
    enum td_err err =
        td_path_join(path, sizeof path, b->config.base, TD_L2_MANIFEST) ? TD_OK : TD_ERANGE;
    if (!err && begun)
        err = td_l2_manifest_append(world, path, done, begun, why);
    free(done);
    return err;
}

static enum td_err write_summary(const struct td_batch *b, struct td_world *world,
                                 const struct td_l2_entry *entries, struct td_fail *why)
{
    char path[TD_BACKFILL_PATH];
    const struct td_l2_summary summary = {.entries = entries,
                                          .count = b->tasks.count,
                                          .duration_s = (double)b->summary.took / 1e9,
                                          .strict = b->options.strict,
                                          .force = b->options.force,
                                          .max_tasks = b->options.tasks.max_tasks,
                                          .concurrency = b->config.workers,
                                          .run_id = b->run_id,
                                          .window_start = b->window_start,
                                          .window_end = b->window_end};
    if (!td_path_join(path, sizeof path, b->config.base, TD_L2_SUMMARY))
        return td_fail_set(why, TD_ERANGE, "%s: the path is too long", b->config.base);
    return td_l2_summary_write(world, path, &summary, why);
}

enum td_err td_batch_record(const struct td_batch *b, struct td_world *world, struct td_fail *why)
{
    struct td_l2_entry *entries = calloc(b->tasks.count + 1, sizeof *entries);
    if (!entries)
        return td_fail_set(why, TD_ENOMEM, "no memory for the manifest");
    for (size_t i = 0; i < b->tasks.count; i++)
        fill_entry(b, i, &entries[i]);
    enum td_err err = td_folder_make(world, b->config.base);
    if (err)
        (void)td_fail_set(why, err, "%s: %s", b->config.base, td_err_text(err));
    if (!err)
        err = append_manifest(b, world, entries, why);
    if (!err)
        err = write_summary(b, world, entries, why);
    free(entries);
    return err;
}
