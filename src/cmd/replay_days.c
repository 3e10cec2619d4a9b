/* cmd/replay_days.c - questions of the dashboard, put to the recordings on the disk. */
#include "cmd/replay_days.h"

#include <stdio.h>
#include <string.h>

#define LIST_AGE (2 * TD_SEC)
#define BUDGET   (60 * TD_MS) /* of looking into files, for one question: pushes wait for it */

_Static_assert(TD_RECORDINGS_LEVELS == TD_RECORDED_LEVELS, "one limit");
_Static_assert(TD_RECORDINGS_COLUMNS == TD_RECORDED_COLUMNS, "one limit");

static enum td_err refresh(struct td_recordings_of *r, td_ns budget, struct td_fail *why)
{
    if (!r->recorded && td_recorded_open(&r->recorded, r->world, r->folder) != TD_OK)
        return td_fail_set(why, TD_ENOMEM, "no memory for recordings");
    return td_recorded_refresh(r->recorded, LIST_AGE, budget, why);
}

static enum td_err days(void *arg, struct td_json *j, struct td_fail *why)
{
    struct td_recordings_of *r = arg;
    const enum td_err err = refresh(r, BUDGET, why);
    if (!err)
        td_recorded_put_days(r->recorded, j);
    return err;
}

static enum td_err window(void *arg, const struct td_recordings_query *q, struct td_json *j,
                          struct td_fail *why)
{
    struct td_recordings_of *r = arg;
    struct td_recorded_window w;
    const struct td_recorded_query query = {.symbol = q->symbol,
                                            .day = q->day,
                                            .from = q->from,
                                            .to = q->to,
                                            .levels = q->levels,
                                            .columns = q->columns};
    enum td_err err = refresh(r, 0, why);
    if (!err)
        err = td_recorded_window(r->recorded, &query, &w, why);
    if (!err)
        td_recorded_put_window(&w, j);
    return err;
}

static enum td_err book(void *arg, const struct td_recordings_query *q, struct td_json *j,
                        struct td_fail *why)
{
    struct td_recordings_of *r = arg;
    struct td_recorded_book b;
    enum td_err err = refresh(r, 0, why);
    if (!err)
        err = td_recorded_book(r->recorded, q->symbol, q->day, q->from, q->levels, &b, why);
    if (!err)
        td_recorded_put_book(&b, j);
    return err;
}

/* --- evening reports --- */

#define REPORTS_MAX 366

struct reports {
    char days[REPORTS_MAX][12]; /* the newest, as names come in order */
    size_t count;
};

/* "report-2026-11-20.html". */
static bool take_report(void *arg, const char *name, enum td_entry_kind kind)
{
    struct reports *r = arg;
    int64_t day;
    if (kind != TD_ENTRY_FILE || strlen(name) != 22 || memcmp(name, "report-", 7) != 0 ||
        strcmp(name + 17, ".html") != 0 || td_date_parse(name + 7, 10, &day) != TD_OK)
        return true;
    (void)td_str_copy((struct td_str){name + 7, 10}, r->days[r->count++ % REPORTS_MAX],
                      sizeof r->days[0]);
    return true;
}

static bool report_path(const struct td_recordings_of *r, const char *day, char *out, size_t cap)
{
    return snprintf(out, cap, "%s/report-%s.html", r->state, day) < (int)cap;
}

/* 0: it cannot be read. */
static uint64_t size_of_report(struct td_recordings_of *r, const char *day)
{
    char path[TD_PATH_MAX];
    struct td_file file;
    uint64_t size = 0;
    if (!report_path(r, day, path, sizeof path) ||
        td_file_open(r->world, path, TD_FILE_READ, &file, NULL) != TD_OK)
        return 0;
    if (td_file_size(r->world, file, &size) != TD_OK)
        size = 0;
    td_file_close(r->world, file);
    return size;
}

static enum td_err reports(void *arg, struct td_json *j, struct td_fail *why)
{
    struct td_recordings_of *r = arg;
    struct reports found = {.count = 0};
    const enum td_err err = td_folder_list(r->world, r->state, take_report, &found);
    if (err)
        return td_fail_set(why, err == TD_ENOENT ? TD_ENODATA : err, "%s: %s", r->state,
                           td_err_text(err));
    const size_t shown = found.count < REPORTS_MAX ? found.count : REPORTS_MAX;
    td_json_key(j, "reports");
    td_json_array(j);
    for (size_t i = 1; i <= shown; i++) {
        const char *day = found.days[(found.count - i) % REPORTS_MAX];
        td_json_object(j);
        td_json_key_text(j, "day", day);
        td_json_key_i64(j, "bytes", (int64_t)size_of_report(r, day));
        td_json_object_end(j);
    }
    td_json_array_end(j);
    return TD_OK;
}

static enum td_err report(void *arg, const char *day, struct td_text *out, struct td_fail *why)
{
    struct td_recordings_of *r = arg;
    char path[TD_PATH_MAX];
    size_t len = 0;
    if (!report_path(r, day, path, sizeof path))
        return td_fail_set(why, TD_ERANGE, "the path of the report is too long");
    const enum td_err err = td_file_slurp(r->world, path, out->buf, out->cap, &len, why);
    if (!err)
        out->len = len;
    return err;
}

void td_recordings_init(struct td_recordings_of *r, struct td_world *world, const char *folder,
                        const char *state)
{
    *r = (struct td_recordings_of){.world = world,
                                   .folder = folder,
                                   .state = state,
                                   .calls = {.arg = r,
                                             .folder = folder,
                                             .days = days,
                                             .window = window,
                                             .book = book,
                                             .reports = reports,
                                             .report = report}};
}

void td_recordings_close(struct td_recordings_of *r)
{
    td_recorded_close(r->recorded);
    memset(r, 0, sizeof *r);
}
