/* history/task_bars.c - tasks one after the other: what is missing, the requests, the file, its line in the manifest. */
#include "history/task_bars.h"

#include <stdio.h>
#include <stdlib.h>

#include "desk/pipeline.h"
#include "history/task_bars_inner.h"

#define LINES_MAX    64 /* contracts the market keeps; then it begins anew */
#define SHORTEST_ASK TD_MIN

enum td_err td_task_bars_needs(struct td_task_bars *b, const struct td_task *task,
                               struct td_task_bars_need *out, struct td_fail *why)
{
    const td_ns now = td_world_now(b->world);
    struct td_bar_rows rows = {0};
    enum td_err err = TD_OK;
    *out = (struct td_task_bars_need){0};
    for (int k = 0; k < TD_BARS_KINDS && !err; k++) {
        const enum td_bars_kind kind = (enum td_bars_kind)k;
        const struct task_bars_file *f = task_bars_find(b, task, kind);
        struct task_bars_plan p;
        if (!task_bars_wants(b, task, kind) || (f && f->empty))
            continue;
        rows.count = 0;
        err = task_bars_make_plan(b, task, kind, now, &p, &rows, why);
        if (err)
            break;
        if (!p.session_count && !out->note[0])
            (void)td_str_copy(td_str_of(p.note), out->note, sizeof out->note);
        out->requests += (uint32_t)p.ask_count;
        out->bits |= p.ask_count ? TD_BARS_BIT(kind) : 0;
    }
    td_bar_rows_free(&rows);
    return err;
}

/* --- the run --- */

struct job {
    struct td_task_bars *b;
    struct td_link *link;
    struct td_market market;
    struct td_fetch fetch;
    struct td_task_bars_report *report;
    struct td_bar_rows rows, fresh; /* of the file in hand; of the request in hand */
    struct task_bars_plan plan;
    td_ns now, now_mono; /* the gateway's clock, and when it was read */
    uint32_t done, all;
    char line[600];
};

static void no_event(void *arg, uint32_t index, const struct td_event *event, bool warmup)
{
    (void)arg, (void)index, (void)event, (void)warmup;
}

/* After these there is no use in the next file. */
static bool ends_run(enum td_err err)
{
    return err == TD_EAGAIN || err == TD_ECLOSED || err == TD_ENOSPC || err == TD_ENOMEM;
}

static enum td_err open_market(struct job *j, struct td_fail *why)
{
    const struct td_market_config config = {.depth_rows = 1, .lines_max = LINES_MAX};
    return td_market_init(&j->market, &config, j->link, j->b->config.log, no_event, j, why);
}

/* A contract is looked up once; a full market has nothing open and is begun anew. */
static enum td_err line_of(struct job *j, const char *symbol, uint32_t *index, struct td_fail *why)
{
    enum td_err err = TD_OK;
    *index = 0;
    while (*index < j->market.count &&
           strcmp(j->market.lines[*index].symbol, td_market_symbol(symbol)) != 0)
        ++*index;
    if (*index == j->market.count && j->market.count == LINES_MAX) {
        td_market_fini(&j->market);
        err = open_market(j, why);
    }
    if (!err && *index >= j->market.count)
        err = td_market_add(&j->market, symbol, 0, index, why);
    return err ? err : td_fetch_qualify(&j->fetch, *index, why);
}

/* A wall clock of New York as the end of a request. */
static void end_words(const struct job *j, td_ns local, struct td_text *out)
{
    struct td_civil c;
    td_civil_from_ns(local, &c);
    td_request_time(td_tz_instant(&j->b->new_york, &c), out);
}

static enum td_err ask(struct job *j, const struct task_bars_ask *a, uint32_t line,
                       struct td_fail *why)
{
    const struct task_bars_row *row = j->plan.row;
    char duration[24], end[32];
    struct td_text e;
    td_ns length = a->window.to - a->window.from;
    length = length < SHORTEST_ASK ? SHORTEST_ASK : length < row->span ? row->span : length;
    td_text_init(&e, end, sizeof end);
    end_words(j, a->window.to, &e);
    (void)snprintf(duration, sizeof duration, "%lld %c",
                   (long long)(a->days ? a->days : length / TD_SEC), a->days ? 'D' : 'S');
    const struct td_fetch_request request = {.line = line,
                                             .bar_size = row->wire,
                                             .duration = duration,
                                             .end = end,
                                             .rth = row->rth,
                                             .span = row->span,
                                             .zone = &j->b->new_york};
    j->fresh.count = 0;
    return td_fetch_bars(&j->fetch, &request, &j->fresh, why);
}

/* Joins an answer to the file, without what lies outside of it. */
static enum td_err join(struct job *j, struct td_fail *why)
{
    const struct task_bars_plan *p = &j->plan;
    enum td_err err = TD_OK;
    td_pipeline_clip(&j->fresh, p->sessions[0].from, p->sessions[p->session_count - 1].to);
    for (size_t i = 0; i < j->fresh.count && !err; i++)
        err = td_bar_rows_add(&j->rows, &j->fresh.rows[i]);
    return err ? td_fail_set(why, err, "bars of %s: %s", p->task->symbol, td_err_text(err)) : TD_OK;
}

/* All requests of the plan, until one fails. *answered counts those that did not. */
static enum td_err ask_all(struct job *j, size_t *answered, struct td_fail *why)
{
    uint32_t line;
    enum td_err err = line_of(j, j->plan.task->symbol, &line, why);
    for (*answered = 0; *answered < j->plan.ask_count && !err;) {
        const struct task_bars_ask *a = &j->plan.asks[*answered];
        err = ask(j, a, line, why);
        if (!err)
            err = join(j, why);
        if (err)
            break;
        task_bars_answered(&j->plan, a->window);
        ++*answered;
    }
    return err;
}

/* The file, then its line: between the two a kill leaves a whole file that nobody vouches for. */
static enum td_err save(struct job *j, struct td_fail *why)
{
    struct td_task_bars *b = j->b;
    const struct task_bars_plan *p = &j->plan;
    struct td_bars_entry e = {.written_at = td_world_now(b->world)};
    const char *name;
    char folder[TD_PATH_MAX];
    enum td_err err = task_bars_path(b, p->task, p->kind, e.path, &name, why);
    if (err)
        return err;
    td_bar_rows_settle(&j->rows);
    td_path_folder(e.path, folder, sizeof folder);
    err = td_folder_make(b->world, folder);
    if (err)
        return td_fail_set(why, err, "folder %s: %s", folder, td_err_text(err));
    err = td_bars_write_parquet(b->world, e.path, j->rows.rows, j->rows.count, why);
    if (err)
        return err;
    (void)snprintf(e.filename, sizeof e.filename, "%s", name);
    (void)snprintf(e.symbol, sizeof e.symbol, "%s", p->task->symbol);
    (void)snprintf(e.bar_size, sizeof e.bar_size, "%s", p->row->word);
    e.rows = (int64_t)j->rows.count;
    e.time_start = j->rows.rows[0].local_ns;
    e.time_end = j->rows.rows[j->rows.count - 1].local_ns;
    task_bars_asked(p, &e);
    err = td_bars_manifest_append(b->world, b->manifest, &e, NULL, why);
    if (!err && task_bars_learn(b, p->task, p->kind, &e))
        err = td_fail_set(why, TD_ENOMEM, "no memory for what was written");
    if (!err)
        j->report->rows += j->rows.count;
    return err;
}

/* --- one file --- */

enum fate { WRITTEN, HELD, EMPTY, IDLE, FAILED };

static enum td_err note_empty(struct job *j, struct td_fail *why)
{
    struct task_bars_file *f;
    if (task_bars_note(j->b, j->plan.task, j->plan.kind, &f))
        return td_fail_set(why, TD_ENOMEM, "no memory for a file without bars");
    f->empty = true;
    return TD_OK;
}

/* What was answered before a failure is kept, unless a whole file would be replaced by a part of it. */
static enum td_err fetch_file(struct job *j, enum fate *fate, struct td_fail *why)
{
    size_t answered = 0;
    enum td_err err = ask_all(j, &answered, why);
    *fate = FAILED;
    if (err && (!answered || !j->rows.count || j->b->config.force))
        return err;
    if (!err && !j->rows.count) {
        *fate = EMPTY;
        return note_empty(j, why);
    }
    struct td_fail local = {0};
    const enum td_err saved = save(j, &local);
    if (saved && !err)
        return td_fail_set(why, saved, "%s", local.text);
    *fate = err ? FAILED : WRITTEN;
    return err;
}

static enum td_err do_file(struct job *j, const struct td_task *task, enum td_bars_kind kind,
                           enum fate *fate, struct td_fail *why)
{
    const td_ns now = j->now + td_world_mono(j->b->world) - j->now_mono;
    const struct task_bars_file *f = task_bars_find(j->b, task, kind);
    *fate = FAILED;
    j->rows.count = 0;
    const enum td_err err = task_bars_make_plan(j->b, task, kind, now, &j->plan, &j->rows, why);
    if (err)
        return err;
    *fate = !j->plan.session_count ? IDLE : f && f->empty ? EMPTY : HELD;
    return *fate == HELD && j->plan.ask_count ? fetch_file(j, fate, why) : TD_OK;
}

/* --- telling --- */

static void tell(struct job *j, enum fate fate, uint32_t requests, const struct td_fail *why)
{
    const struct td_task_bars_config *c = &j->b->config;
    struct td_text t;
    char day[16];
    (void)td_date_print(j->plan.task->day, day);
    td_text_init(&t, j->line, sizeof j->line);
    td_text_printf(&t, "%s %s %s: ", j->plan.task->symbol, day, j->plan.row->word);
    if (fate == FAILED)
        td_text_put(&t, why->text);
    else if (fate == IDLE)
        td_text_put(&t, j->plan.note);
    else if (fate == EMPTY)
        td_text_printf(&t, "the gateway has no bars (%u requests)", requests);
    else if (fate == HELD)
        td_text_printf(&t, "nothing missing, %zu bars held", j->rows.count);
    else
        td_text_printf(&t, "%zu bars written, %u request%s", j->rows.count, requests,
                       requests == 1 ? "" : "s");
    const bool bad = fate == FAILED || fate == EMPTY;
    td_logf(c->log, bad ? TD_LOG_WARN : TD_LOG_INFO, TD_LOG_TRADING, "task_bars", "%s", j->line);
    const struct td_task_bars_step step = {.task = j->plan.task,
                                           .kind = j->plan.kind,
                                           .line = j->line,
                                           .bad = bad,
                                           .done = j->done,
                                           .all = j->all};
    if (c->tell)
        c->tell(c->arg, &step);
}

/* Failures stay with their file, but for those that end the run. */
static enum td_err count_file(struct job *j, const struct td_task *task, enum td_bars_kind kind,
                              struct td_fail *why)
{
    struct td_task_bars_report *r = j->report;
    struct td_fail local = {0};
    const uint32_t before = j->fetch.requests;
    enum fate fate;
    const enum td_err err = do_file(j, task, kind, &fate, &local);
    r->requests += j->fetch.requests - before;
    uint32_t *const counts[] = {[WRITTEN] = &r->written,
                                [HELD] = &r->held,
                                [EMPTY] = &r->empty,
                                [IDLE] = &r->idle,
                                [FAILED] = &r->failed};
    if (err != TD_EAGAIN)
        ++*counts[fate];
    j->done++;
    tell(j, fate, j->fetch.requests - before, &local);
    return ends_run(err) ? td_fail_set(why, err, "%s", local.text) : TD_OK;
}

static enum td_err run_all(struct job *j, const struct td_task *tasks, uint32_t count,
                           struct td_fail *why)
{
    enum td_err err = td_fetch_now(&j->fetch, &j->now, why);
    j->now_mono = td_world_mono(j->b->world);
    for (uint32_t i = 0; i < count; i++)
        for (int k = 0; k < TD_BARS_KINDS; k++)
            j->all += task_bars_wants(j->b, &tasks[i], (enum td_bars_kind)k);
    for (uint32_t i = 0; i < count && !err; i++)
        for (int k = 0; k < TD_BARS_KINDS && !err; k++)
            if (task_bars_wants(j->b, &tasks[i], (enum td_bars_kind)k))
                err = count_file(j, &tasks[i], (enum td_bars_kind)k, why);
    return err;
}

enum td_err td_task_bars_run(struct td_task_bars *b, struct td_link *link,
                             const struct td_task *tasks, uint32_t count,
                             struct td_task_bars_report *out, struct td_fail *why)
{
    struct job *j = calloc(1, sizeof *j);
    *out = (struct td_task_bars_report){0};
    if (!j)
        return td_fail_set(why, TD_ENOMEM, "no memory for bars of tasks");
    j->b = b;
    j->link = link;
    j->report = out;
    const struct td_connection_config session = {.link = link,
                                                 .market = &j->market,
                                                 .log = b->config.log,
                                                 .client_id = b->config.plan->client_id,
                                                 .ids = b->config.plan->ids,
                                                 .restart_minute = -1,
                                                 .reauth_minute = -1};
    enum td_err err = open_market(j, why);
    if (!err) {
        td_fetch_init(&j->fetch, &session);
        err = run_all(j, tasks, count, why);
    }
    out->interrupted = err == TD_EAGAIN;
    td_bar_rows_free(&j->rows);
    td_bar_rows_free(&j->fresh);
    td_market_fini(&j->market);
    free(j);
    return err;
}
