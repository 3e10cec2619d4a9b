/* dash/api_recordings.c - recorded days: which there are, a window of columns, the book of an instant; finished reports. */
#include <string.h>

#include "dash/api_answers.h"
#include "dash/api_inner.h"
#include "dash/recordings.h"

static void refuse(struct td_api_answer *out, enum td_err err, const struct td_fail *why)
{
    api_error(out,
              err == TD_ENODATA  ? 404
              : err == TD_EINVAL ? 400
                                 : 500,
              why->text[0] ? why->text : td_err_text(err));
}

void api_recordings(const struct td_api_call *call, struct td_api_answer *out)
{
    const struct td_recordings *p = call->view->recordings;
    struct td_fail why = {0};
    struct td_json j;
    api_begin(&j, out);
    if (p)
        td_json_key_text(&j, "folder", p->folder);
    else
        api_null(&j, "folder", "recordings were not given to the dashboard");
    const enum td_err err = p ? p->days(p->arg, &j, &why)
                              : td_fail_set(&why, TD_ENODATA, "no recordings are known here");
    if (err && err != TD_ENODATA) {
        refuse(out, err, &why);
        return;
    }
    if (err) { /* nothing was ever recorded */
        api_null(&j, "symbols", why.text);
        td_json_key_bool(&j, "complete", true);
        td_json_key_bool(&j, "cut", false);
    }
    td_json_key_text(&j, "reason",
                     "null: not looked at yet, or the files do not tell; what is being recorded "
                     "is here when its session ends");
    api_end(&j, out);
}

/* A time of the query; false: none or no time, and the error is written. */
static bool query_time(const struct td_api_call *call, const char *name, td_ns *at,
                       struct td_api_answer *out)
{
    char text[48];
    if (td_route_query(call->query, name, text, sizeof text) &&
        td_iso_parse(text, strlen(text), at) == TD_OK)
        return true;
    api_error(out, 400, "from, to and time are needed as 2026-11-20T14:30:00Z");
    return false;
}

/* Symbol, day and levels; false: one of them is none, and the error is written. */
static bool query_day(const struct td_api_call *call, char *symbol, char *day,
                      struct td_recordings_query *q, struct td_api_answer *out)
{
    int64_t number = 0, levels = TD_RECORDINGS_LEVELS;
    if (!api_path_symbol(call, symbol, out))
        return false;
    if (!td_route_query(call->query, "day", day, 16) || strlen(day) != 10 ||
        td_date_parse(day, 10, &number) != TD_OK) {
        api_error(out, 400, "a day is needed: ?day=2026-11-20");
        return false;
    }
    if (!api_query_whole(call, "levels", 1, TD_RECORDINGS_LEVELS, &levels, out))
        return false;
    *q = (struct td_recordings_query){.symbol = symbol, .day = day, .levels = (int32_t)levels};
    if (call->view->recordings)
        return true;
    api_error(out, 404, "recordings were not given to the dashboard");
    return false;
}

static void begin(struct td_json *j, const struct td_recordings_query *q, struct td_api_answer *out)
{
    api_begin(j, out);
    td_json_key_text(j, "symbol", q->symbol);
    td_json_key_text(j, "day", q->day);
}

void api_recording(const struct td_api_call *call, struct td_api_answer *out)
{
    const struct td_recordings *p = call->view->recordings;
    char symbol[API_SYMBOL_MAX], day[16];
    struct td_recordings_query q;
    struct td_fail why = {0};
    struct td_json j;
    int64_t columns = 600;
    if (!query_day(call, symbol, day, &q, out) || !query_time(call, "from", &q.from, out) ||
        !query_time(call, "to", &q.to, out) ||
        !api_query_whole(call, "columns", 1, TD_RECORDINGS_COLUMNS, &columns, out))
        return;
    q.columns = (uint32_t)columns;
    begin(&j, &q, out);
    const enum td_err err = p->window(p->arg, &q, &j, &why);
    if (err) {
        refuse(out, err, &why);
        return;
    }
    api_null(&j, "trades", "prints of recordings (their ticks files) are not read here");
    api_end(&j, out);
}

void api_recording_at(const struct td_api_call *call, struct td_api_answer *out)
{
    const struct td_recordings *p = call->view->recordings;
    char symbol[API_SYMBOL_MAX], day[16];
    struct td_recordings_query q;
    struct td_fail why = {0};
    struct td_json j;
    if (!query_day(call, symbol, day, &q, out) || !query_time(call, "time", &q.from, out))
        return;
    begin(&j, &q, out);
    const enum td_err err = p->book(p->arg, &q, &j, &why);
    if (err) {
        refuse(out, err, &why);
        return;
    }
    td_json_key_text(&j, "reason", "null: there is no snapshot on that side");
    api_end(&j, out);
}

/* --- evening reports --- */

void api_reports(const struct td_api_call *call, struct td_api_answer *out)
{
    const struct td_recordings *p = call->view->recordings;
    struct td_fail why = {0};
    struct td_json j;
    api_begin(&j, out);
    const enum td_err err = p ? p->reports(p->arg, &j, &why)
                              : td_fail_set(&why, TD_ENODATA, "no reports are known here");
    if (err && err != TD_ENODATA) {
        refuse(out, err, &why);
        return;
    }
    if (err)
        api_null(&j, "reports", why.text);
    td_json_key_text(
        &j, "reason",
        "files report-DAY.html of the state folder; tapedeck report --html makes them");
    api_end(&j, out);
}

/* A page of our own making, from a file that anybody may have written: it may not do anything. */
void api_report(const struct td_api_call *call, struct td_api_answer *out)
{
    const struct td_recordings *p = call->view->recordings;
    struct td_fail why = {0};
    char day[16];
    int64_t number = 0;
    if (call->argument.len != 10 || !td_str_copy(call->argument, day, sizeof day) ||
        td_date_parse(day, 10, &number) != TD_OK) {
        api_error(out, 400, "a day is needed: /api/v1/reports/2026-11-20");
        return;
    }
    td_text_reset(&out->text);
    const enum td_err err = p ? p->report(p->arg, day, &out->text, &why)
                              : td_fail_set(&why, TD_ENODATA, "no reports are known here");
    if (err) {
        refuse(out, err == TD_ENOENT ? TD_ENODATA : err, &why);
        return;
    }
    out->type = "text/html; charset=utf-8";
    out->policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; "
                  "form-action 'none'; frame-ancestors 'none'; sandbox";
}
