/* history/task_bars_plan.c - what a file of bars should hold, what it holds, and which requests are left. */
#include <stdio.h>
#include <stdlib.h>

#include "history/task_bars_inner.h"
#include "market/calendar.h"
#include "store/bars_read.h"

const struct task_bars_row task_bars_rows[TD_BARS_KINDS] = {
    [TD_BARS_HOUR] = {"1 hour", "1 hour", TD_HOUR, 570, 960, false, true, TD_DAY, TD_HOUR, 0},
    [TD_BARS_MIN] = {"1 min", "1 min", TD_MIN, 570, 660, true, true, TD_DAY, 30 * TD_MIN, 0},
    [TD_BARS_SEC] = {"1 sec", "1 secs", TD_SEC, 540, 660, false, false, 30 * TD_MIN, 30 * TD_MIN,
                     183},
};

#define DAYS_BACK 10 /* no exchange was closed longer since 1933 */

const char *td_bars_word(enum td_bars_kind kind)
{
    return task_bars_rows[kind].word;
}

bool td_bars_kind_parse(struct td_str words, enum td_bars_kind *out)
{
    const struct td_bar_size *size = td_bar_size_find(words);
    for (int k = 0; k < TD_BARS_KINDS; k++)
        if (size && size->span == task_bars_rows[k].span) {
            *out = (enum td_bars_kind)k;
            return true;
        }
    return false;
}

bool task_bars_wants(const struct td_task_bars *b, const struct td_task *task,
                     enum td_bars_kind kind)
{
    const int64_t since = b->config.since[kind];
    return (b->config.kinds & TD_BARS_BIT(kind)) && (!since || task->day >= since);
}

/* --- sessions --- */

static td_ns local_of(const struct td_tz *zone, td_ns at)
{
    return at + td_tz_offset(zone, at) * TD_SEC;
}

/* The regular session of a day, or with `rth` off the hours around it, cut to minutes of the day. */
static bool session_of(const struct td_task_bars *b, int64_t day, bool rth, td_ns from, td_ns to,
                       struct td_window *out)
{
    struct td_session_hours h;
    if (!td_calendar_session(&td_calendar_xnys, &b->new_york, day, &h))
        return false;
    const td_ns open = local_of(&b->new_york, rth ? h.open : h.outer_open),
                close = local_of(&b->new_york, rth ? h.close : h.outer_close);
    out->from = day * TD_DAY + from > open ? day * TD_DAY + from : open;
    out->to = day * TD_DAY + to < close ? day * TD_DAY + to : close;
    return out->to > out->from;
}

static void say_idle(struct task_bars_plan *p, const char *why)
{
    char day[16];
    (void)td_date_print(p->task->day, day);
    p->session_count = 0;
    (void)snprintf(p->note, sizeof p->note, "%s %s", day, why);
}

/* The sessions of the file up to the last whole bar. */
static void find_sessions(const struct td_task_bars *b, td_ns now, struct task_bars_plan *p)
{
    const struct task_bars_row *row = p->row;
    const td_ns whole = local_of(&b->new_york, now) / row->span * row->span;
    struct td_window w;
    p->session_count = 0;
    if (!session_of(b, p->task->day, row->rth, row->start * TD_MIN, row->end * TD_MIN, &w)) {
        say_idle(p, "is no trading day");
        return;
    }
    if (row->kept && !b->config.force && whole / TD_DAY - p->task->day > row->kept) {
        say_idle(p, "is older than the six months of such bars the broker keeps");
        return;
    }
    if (w.from + row->span > whole) {
        say_idle(p, "has no whole bar yet");
        return;
    }
    for (int64_t day = p->task->day - 1; row->day_before && day >= p->task->day - DAYS_BACK; day--)
        if (session_of(b, day, row->rth, row->start * TD_MIN, TD_DAY,
                       &p->sessions[p->session_count])) {
            p->session_count++;
            break;
        }
    w.to = w.to < whole ? w.to : whole;
    p->sessions[p->session_count++] = w;
}

/* --- what is there --- */

static void hold(struct task_bars_plan *p, td_ns from, td_ns to)
{
    if (p->held_count < TASK_HELD_MAX)
        p->held[p->held_count++] = (struct td_window){from, to};
}

void task_bars_answered(struct task_bars_plan *p, struct td_window w)
{
    hold(p, w.from, w.to);
}

/* Nobody says what was asked for: each session from its first bar to its last, but for long holes. */
static void hold_by_bars(struct task_bars_plan *p, const struct td_bar_rows *rows)
{
    for (size_t s = 0; s < p->session_count; s++) {
        const struct td_window *w = &p->sessions[s];
        struct td_window run = {0, 0};
        for (size_t i = 0; i < rows->count; i++) {
            const td_ns at = rows->rows[i].local_ns;
            if (at < w->from || at >= w->to)
                continue;
            if (run.to && at - run.to >= p->row->hole)
                hold(p, run.from, run.to);
            if (!run.to || at - run.to >= p->row->hole)
                run.from = at;
            run.to = at + p->row->span;
        }
        if (run.to)
            hold(p, run.from, run.to);
    }
}

/* The manifest speaks of this very file: the same rows from the same first to the same last. */
static bool vouched(const struct task_bars_file *f, const struct td_bar_rows *rows)
{
    return f && f->asked_count && rows->count && f->rows == (int64_t)rows->count &&
           f->time_start == rows->rows[0].local_ns &&
           f->time_end == rows->rows[rows->count - 1].local_ns;
}

static enum td_err take_row(void *arg, const struct td_bar_row *row)
{
    return td_bar_rows_add(arg, row);
}

enum td_err task_bars_path(const struct td_task_bars *b, const struct td_task *task,
                           enum td_bars_kind kind, char out[TD_PATH_MAX], const char **name,
                           struct td_fail *why)
{
    char day[16];
    const char *folder = b->config.downloads;
    (void)td_date_print(task->day, day);
    const int n =
        snprintf(out, TD_PATH_MAX, "%s/%s/%s_USUSD_%s_%s.ftr", b->config.base,
                 folder && *folder ? folder : "IBDownloads", task->symbol, td_bars_word(kind), day);
    if (n < 0 || n >= TD_PATH_MAX)
        return td_fail_set(why, TD_EINVAL, "%s: the path is too long", b->config.base);
    *name = strrchr(out, '/') + 1;
    return TD_OK;
}

/* Our own path, else where the manifest has a file of that name. */
static bool find_file(const struct td_task_bars *b, const struct task_bars_file *f,
                      char path[TD_PATH_MAX])
{
    const struct td_datapath paths = {.base = b->config.base, .downloads = b->config.downloads};
    char found[TD_PATH_MAX];
    if (td_entry_at(b->world, path) == TD_ENTRY_FILE)
        return true;
    if (!f || !f->path || !td_datapath_recorded(&paths, b->world, f->path, found, sizeof found))
        return false;
    (void)snprintf(path, TD_PATH_MAX, "%s", found);
    return true;
}

static enum td_err look(struct td_task_bars *b, struct task_bars_plan *p, struct td_bar_rows *rows,
                        struct td_fail *why)
{
    char path[TD_PATH_MAX];
    const char *name;
    const struct task_bars_file *f = task_bars_find(b, p->task, p->kind);
    enum td_err err = task_bars_path(b, p->task, p->kind, path, &name, why);
    if (err || !find_file(b, f, path))
        return err;
    struct td_fail local = {0};
    err = td_bars_read(b->world, path, take_row, rows, &local);
    if (err)
        return td_fail_set(why, err, "%s; move it away, or let force replace it", local.text);
    td_bar_rows_settle(rows);
    if (!vouched(f, rows))
        hold_by_bars(p, rows);
    for (int64_t i = 0; vouched(f, rows) && i < f->asked_count; i++)
        hold(p, f->asked[i].from, f->asked[i].to);
    return TD_OK;
}

/* --- what is to be asked for --- */

static void add_ask(struct task_bars_plan *p, struct td_window w, int32_t days)
{
    if (p->ask_count < TASK_ASKS_MAX)
        p->asks[p->ask_count++] = (struct task_bars_ask){w, days};
}

/* Of two sessions with something missing both come with one request. */
static void find_asks(struct task_bars_plan *p)
{
    struct td_window gaps[TASK_ASKS_MAX], pieces[TASK_ASKS_MAX], held[TASK_HELD_MAX];
    size_t total = 0, touched = 0;
    for (size_t s = 0; s < p->session_count; s++) {
        memcpy(held, p->held, sizeof held);
        const size_t found = td_windows_missing(p->sessions[s], held, p->held_count, p->row->span,
                                                gaps + total, TASK_ASKS_MAX / TASK_SESSIONS);
        total += found;
        touched += found > 0;
    }
    if (touched > 1) {
        add_ask(p, (struct td_window){gaps[0].from, gaps[total - 1].to}, (int32_t)touched);
        return;
    }
    const size_t cut = td_windows_cut(gaps, total, p->row->longest, pieces, TASK_ASKS_MAX);
    for (size_t i = 0; i < cut; i++)
        add_ask(p, pieces[i], 0);
}

enum td_err task_bars_make_plan(struct td_task_bars *b, const struct td_task *task,
                                enum td_bars_kind kind, td_ns now, struct task_bars_plan *p,
                                struct td_bar_rows *rows, struct td_fail *why)
{
    memset(p, 0, sizeof *p);
    p->row = &task_bars_rows[kind];
    p->kind = kind;
    p->task = task;
    find_sessions(b, now, p);
    if (!p->session_count)
        return TD_OK;
    const enum td_err err = b->config.force ? TD_OK : look(b, p, rows, why);
    if (!err)
        find_asks(p);
    return err;
}

void task_bars_asked(const struct task_bars_plan *p, struct td_bars_entry *e)
{
    struct td_window held[TASK_HELD_MAX], gaps[TASK_HELD_MAX + 1];
    e->asked_count = 0;
    for (size_t s = 0; s < p->session_count; s++) {
        const struct td_window *w = &p->sessions[s];
        memcpy(held, p->held, sizeof held);
        const size_t n = td_windows_missing(*w, held, p->held_count, 1, gaps, TASK_HELD_MAX);
        gaps[n] = (struct td_window){w->to, w->to};
        for (size_t i = 0, at = 0; i <= n; i++, at = i) {
            const td_ns from = at ? gaps[i - 1].to : w->from;
            if (gaps[i].from > from && e->asked_count < TD_BARS_ASKED_MAX)
                e->asked[e->asked_count++] = (struct td_bars_span){from, gaps[i].from};
        }
    }
}
