/* history/backfill.c - one task: skip, buy, verify, convert. */
#include "history/backfill.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "history/backfill_inner.h"
#include "desk/settings.h"
#include "store/dbn_file.h"
#include "store/l2_file.h"

/* --- words and windows --- */

const char *td_backfill_api_word(enum td_task_status status)
{
    static const char *const words[TD_TASK_STATUSES] = {[TD_TASK_WRITE] = "written",
                                                        [TD_TASK_SKIP] = "skipped",
                                                        [TD_TASK_EMPTY] = "skipped",
                                                        [TD_TASK_ERROR] = "error"};
    return words[status];
}

/* "HH:MM", up to 24:00. */
static bool read_minute(struct td_str text, int32_t *out)
{
    int64_t hour, minute;
    if (text.len != 5 || text.p[2] != ':' || td_i64_parse(text.p, 2, &hour) != TD_OK ||
        td_i64_parse(text.p + 3, 2, &minute) != TD_OK || hour < 0 || minute < 0 || minute > 59 ||
        hour * 60 + minute > 24 * 60)
        return false;
    *out = (int32_t)(hour * 60 + minute);
    return true;
}

enum td_err td_backfill_window_parse(const char *key, const char *text,
                                     struct td_backfill_window *out, struct td_fail *why)
{
    struct td_backfill_window w;
    struct td_str end = td_str_trim(td_str_of(text)), start;
    if (!td_str_split(&end, '-', &start) || !read_minute(td_str_trim(start), &w.start) ||
        !read_minute(td_str_trim(end), &w.end) || w.start >= w.end)
        return td_fail_set(why, TD_EINVAL,
                           "%s: \"%.40s\" is no window; write HH:MM-HH:MM of New York, e.g. "
                           "09:00-11:00",
                           key, text);
    *out = w;
    return TD_OK;
}

/* "2025-03-10T09:00:00-04:00". */
static void print_bound(const struct td_tz *tz, int64_t day, int32_t minute, char *out)
{
    const td_ns at = td_tz_at(tz, day, minute / 60, minute % 60, 0);
    const int32_t offset = td_tz_offset(tz, at) / 60, size = offset < 0 ? -offset : offset;
    struct td_civil c;
    td_tz_civil(tz, at, &c);
    (void)snprintf(out, 40, "%04d-%02d-%02dT%02d:%02d:%02d%c%02d:%02d", (int)c.year, (int)c.month,
                   (int)c.day, (int)c.hour, (int)c.minute, (int)c.second, offset < 0 ? '-' : '+',
                   (int)(size / 60), (int)(size % 60));
}

enum td_err td_backfill_bounds(const struct td_backfill_config *c, int64_t day, char *start,
                               char *end, struct td_fail *why)
{
    struct td_backfill_window w = c->window;
    if (c->enforce_trading) {
        w.start = w.start > c->trading.start ? w.start : c->trading.start;
        w.end = w.end < c->trading.end ? w.end : c->trading.end;
    }
    if (w.start >= w.end)
        return td_fail_set(why, TD_EINVAL,
                           "empty window: nothing of L2_BACKFILL_WINDOW_ET is inside "
                           "L2_TRADING_WINDOW_ET");
    print_bound(c->new_york, day, w.start, start);
    print_bound(c->new_york, day, w.end, end);
    return TD_OK;
}

/* --- where things lie --- */

static enum td_err name_files(struct backfill_work *w, struct td_fail *why)
{
    const struct td_backfill_config *c = w->c;
    char folder[TD_BACKFILL_PATH];
    const int n = snprintf(folder, sizeof folder, "%s/%s/%s", c->base, c->folder, w->task->symbol);
    if (n < 0 || (size_t)n > sizeof folder - 80)
        return td_fail_set(why, TD_ERANGE, "%s: the path is too long", c->base);
    (void)snprintf(w->events, sizeof w->events, "%.700s/%s_snapshots_databento.parquet", folder,
                   w->day);
    (void)snprintf(w->book, sizeof w->book, "%.700s/%s_book_databento.parquet", folder, w->day);
    (void)snprintf(w->raw, sizeof w->raw, "%.700s/%s_%s.dbn.zst", folder, w->day, w->name.schema);
    (void)snprintf(w->part, sizeof w->part, "%.710s.part", w->raw);
    memcpy(w->folder, folder, sizeof folder);
    return TD_OK;
}

static void name_task(struct backfill_work *w)
{
    const struct td_settings *s = w->c->settings;
    memset(&w->name, 0, sizeof w->name);
    if (w->c->map) {
        backfill_lock(w->pool);
        w->c->map(w->c->map_arg, w->task->symbol, &w->name);
        backfill_unlock(w->pool);
    }
    if (!w->name.symbol[0])
        (void)snprintf(w->name.symbol, sizeof w->name.symbol, "%s", w->task->symbol);
    if (!w->name.dataset[0])
        (void)snprintf(w->name.dataset, sizeof w->name.dataset, "%.31s", s->databento_dataset);
    if (!w->name.schema[0])
        (void)snprintf(w->name.schema, sizeof w->name.schema, "%.15s", s->databento_schema);
}

/* --- buying --- */

static enum td_err write_part(void *arg, const void *bytes, size_t len)
{
    struct backfill_work *w = arg;
    return td_file_write(w->world, w->file, bytes, len);
}

/* One try: the whole slice into .part, on the disk. */
static enum td_err fetch_once(struct backfill_work *w, const struct td_vendor_ask *ask,
                              struct td_vendor_answer *a, struct td_fail *why)
{
    enum td_err err = td_file_open(w->world, w->part, TD_FILE_NEW, &w->file, why);
    if (err) {
        a->again = false;
        return err;
    }
    w->out->calls++;
    err = w->c->vendor->fetch(w->vendor, ask, write_part, w, a, why);
    w->out->bytes += a->bytes;
    if (!err && (err = td_file_sync(w->world, w->file)) != TD_OK)
        err = td_fail_set(why, err, "%s: %s", w->part, td_err_text(err));
    td_file_close(w->world, w->file);
    return err;
}

/* Reads it to its end: whole frames, whole records. A torn stream is one that was cut. */
static enum td_err verify(struct backfill_work *w, uint64_t *records, struct td_fail *why)
{
    struct td_dbn_record r;
    struct td_dbn_file *f = calloc(1, sizeof *f);
    if (!f)
        return td_fail_set(why, TD_ENOMEM, "%s: %s", w->part, td_err_text(TD_ENOMEM));
    *records = 0;
    enum td_err err = td_dbn_file_open(f, w->world, w->part, &(struct td_dbn_file_options){0}, why);
    while (!err && (err = td_dbn_file_next(f, &r, why)) == TD_OK)
        ++*records;
    td_dbn_file_close(f);
    free(f);
    return err == TD_ENODATA ? TD_OK : err;
}

/* min(base * 2^(k-1), max), +-20 %, or what the vendor asked for when that is longer. */
static td_ns pause_after(const struct backfill_work *w, int tries, td_ns asked)
{
    const td_ns base = w->c->backoff_base,
                max = w->c->backoff_max > base ? w->c->backoff_max : base;
    td_ns wait = base;
    for (int i = 1; i < tries && wait < max; i++)
        wait *= 2;
    wait = wait < max ? wait : max;
    wait += (td_ns)(td_world_random(w->world) % (uint64_t)(wait * 2 / 5 + 1)) - wait / 5;
    return asked > wait ? asked : wait;
}

static bool sleep_for(struct backfill_work *w, td_ns wait)
{
    const td_ns until = td_world_mono(w->world) + wait;
    while (td_world_mono(w->world) < until && !backfill_stopped(w->pool)) {
        struct td_wake wake;
        const td_ns step = td_world_mono(w->world) + 100 * TD_MS;
        td_world_wait(w->world, step < until ? step : until, &wake);
    }
    return !backfill_stopped(w->pool);
}

static void warn(struct backfill_work *w, const char *what, const char *text)
{
    char line[480];
    (void)snprintf(line, sizeof line, "%s %s %s: %.300s", what, w->task->symbol, w->day, text);
    backfill_tell(w->pool, w->c, false, line);
}

/* A slice that verified, named and durable. TD_ENODATA: there is nothing for this symbol. */
static enum td_err fetch(struct backfill_work *w, const struct td_vendor_ask *ask,
                         struct td_fail *why)
{
    struct td_vendor_answer a = {0};
    enum td_err err = TD_OK;
    for (int tries = 1; tries <= TD_BACKFILL_TRIES; tries++) {
        err = fetch_once(w, ask, &a, why);
        if (!err && (err = verify(w, &w->records, why)) == TD_OK)
            break;
        a.again |= err == TD_ETORN;
        if (!a.again || tries == TD_BACKFILL_TRIES)
            break;
        warn(w, "RETRY", why->text);
        if (!sleep_for(w, pause_after(w, tries, a.wait)))
            err = td_fail_set(why, TD_EHALTED, "ended by a signal");
        if (err == TD_EHALTED)
            break;
    }
    if (!err && a.warnings[0])
        warn(w, "VENDOR", a.warnings);
    if (!err && w->records == 0)
        err = td_fail_set(why, TD_ENODATA, "the vendor has no records in the window");
    if (!err)
        return td_file_publish(w->world, w->part, w->raw, why);
    (void)td_file_remove(w->world, w->part);
    return err;
}

/* Asks what it costs, before anything paid. TD_EDENIED: over the limit of the run. */
static enum td_err check_cost(struct backfill_work *w, const struct td_vendor_ask *ask,
                              struct td_fail *why)
{
    struct td_vendor_answer a = {0};
    int64_t cost = 0;
    if (!w->c->vendor->paid)
        return TD_OK;
    enum td_err err = TD_OK;
    for (int tries = 1; tries <= TD_BACKFILL_TRIES; tries++) {
        w->out->calls++;
        err = w->c->vendor->cost(w->vendor, ask, &cost, &a, why);
        if (!err || !a.again || !sleep_for(w, pause_after(w, tries, a.wait)))
            break;
    }
    if (err)
        return err;
    if (!backfill_spend(w->pool, w->c->max_cost_e9, cost)) {
        char text[32];
        (void)td_e9_print(cost, text);
        return td_fail_set(why, TD_EDENIED, "it costs %s dollars, which is over --max-cost", text);
    }
    w->out->cost_e9 = cost;
    return TD_OK;
}

static enum td_err buy(struct backfill_work *w, struct td_fail *why)
{
    char start[40], end[40];
    enum td_err err = td_backfill_bounds(w->c, w->task->day, start, end, why);
    const struct td_vendor_ask ask = {.dataset = w->name.dataset,
                                      .schema = w->name.schema,
                                      .symbol = w->name.symbol,
                                      .start = start,
                                      .end = end,
                                      .limit = w->c->rows_max,
                                      .stop = backfill_stop_flag(w->pool)};
    if (!err && !w->vendor)
        err = w->c->vendor->open(&w->vendor, w->c->settings, why);
    if (!err)
        err = check_cost(w, &ask, why);
    if (!err && (err = td_folder_make(w->world, w->folder)) != TD_OK)
        err = td_fail_set(why, err, "%s: %s", w->folder, td_err_text(err));
    return err ? err : fetch(w, &ask, why);
}

/* No rows, and the vendor says that the day is whole: EMPTY. Else it may come later. */
static void settle_empty(struct backfill_work *w, struct td_fail *why)
{
    struct td_vendor_answer a;
    enum td_vendor_day day = TD_VENDOR_DAY_UNKNOWN;
    char reason[240];
    memcpy(reason, why->text, sizeof reason - 1);
    reason[sizeof reason - 1] = '\0';
    w->out->calls += w->c->vendor->paid;
    const enum td_err err =
        w->c->vendor->condition(w->vendor, w->name.dataset, w->day, &day, &a, why);
    if (!err && day == TD_VENDOR_DAY_INCOMPLETE) {
        w->out->status = TD_TASK_ERROR;
        (void)snprintf(w->out->error, sizeof w->out->error,
                       "no rows, and the vendor's day is not complete yet: run it again later");
        return;
    }
    w->out->status = TD_TASK_EMPTY;
    w->out->zero_rows = true;
    (void)snprintf(w->out->error, sizeof w->out->error, "%s", reason);
}

/* --- the task --- */

static enum td_err convert(struct backfill_work *w, struct td_fail *why)
{
    const struct td_l2_options o = {.dbn = w->raw,
                                    .symbol = w->task->symbol,
                                    .events = w->events,
                                    .snapshots = w->c->no_book ? NULL : w->book,
                                    .legacy = w->c->legacy,
                                    .rows_max = w->c->rows_max};
    struct td_l2_result r = {0};
    const enum td_err err = td_l2_convert(w->world, &o, &r, why);
    w->out->rows = r.rows;
    w->out->snapshots = r.snapshots;
    if (!err && r.degraded)
        warn(w, "QUALITY", "the vendor marked parts of the book as maybe bad");
    return err;
}

static enum td_err work(struct backfill_work *w, struct td_fail *why)
{
    name_task(w);
    enum td_err err = name_files(w, why);
    if (err)
        return err;
    if (!w->c->force && td_entry_at(w->world, w->events) == TD_ENTRY_FILE) {
        w->out->status = TD_TASK_SKIP;
        memcpy(w->out->path, w->events, sizeof w->out->path);
        return TD_OK;
    }
    if (w->c->force || td_entry_at(w->world, w->raw) != TD_ENTRY_FILE)
        err = buy(w, why);
    if (!err)
        err = convert(w, why);
    if (err == TD_ENODATA && w->vendor) {
        (void)td_file_remove(w->world, w->raw); /* asked again by the next run */
        settle_empty(w, why);
        return TD_OK;
    }
    if (err)
        return err;
    w->out->status = TD_TASK_WRITE;
    memcpy(w->out->path, w->events, sizeof w->out->path);
    return TD_OK;
}

void backfill_do(struct backfill_work *w, const struct td_task *task,
                 struct td_backfill_result *out)
{
    struct td_fail why = {0};
    const td_ns began = td_world_mono(w->world);
    char line[480];
    memset(out, 0, sizeof *out);
    w->task = task;
    w->out = out;
    out->begun = true;
    (void)td_date_print(task->day, w->day);
    (void)snprintf(line, sizeof line, "START %s %s", task->symbol, w->day);
    backfill_tell(w->pool, w->c, false, line);
    w->err = work(w, &why);
    if (w->err) {
        out->status = TD_TASK_ERROR;
        (void)snprintf(out->error, sizeof out->error, "%.300s", why.text);
    }
    out->took = td_world_mono(w->world) - began;
    if (out->zero_rows)
        warn(w, "ZERO_ROWS", out->error);
    if (out->status == TD_TASK_ERROR) {
        (void)snprintf(line, sizeof line, "ERROR %s %s: %s", task->symbol, w->day, out->error);
        backfill_tell(w->pool, w->c, true, line);
    }
    (void)snprintf(line, sizeof line, "END %s %s status=%s rows=%llu", task->symbol, w->day,
                   td_task_status_name(out->status), (unsigned long long)out->rows);
    backfill_tell(w->pool, w->c, false, line);
}

void backfill_work_close(struct backfill_work *w)
{
    if (w->vendor)
        w->c->vendor->close(w->vendor);
    w->vendor = NULL;
}

void td_backfill_l2(const struct td_backfill_config *c, struct td_world *world,
                    const struct td_task *task, struct td_backfill_result *out)
{
    struct backfill_work w = {.c = c, .world = world};
    backfill_do(&w, task, out);
    backfill_work_close(&w);
}

void td_backfill_summary_line(const struct td_backfill_summary *s, int32_t workers,
                              struct td_text *out)
{
    td_text_put(out, "SUMMARY");
    for (int i = 0; i < TD_TASK_STATUSES; i++)
        td_text_printf(out, " %s=%u", td_task_status_name((enum td_task_status)i),
                       (unsigned)s->counts[i]);
    td_text_printf(out, " total=%u concurrency=%d duration=%lld.%03llds", (unsigned)s->total,
                   (int)workers, (long long)(s->took / TD_SEC),
                   (long long)(s->took / TD_MS % 1000));
}
