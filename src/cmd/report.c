/* cmd/report.c - what was traded and what it made: a few questions to orders.db, and readiness from the journal. */
#include <stdio.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/option_rows.h"
#include "cmd/ready.h"
#include "cmd/report_html.h"
#include "cmd/signal_quality.h"
#include "desk/zone.h"
#include "trade/dbreport.h"
#include "wire/json.h"

#define WIDTH_MAX 60

struct args {
    const char *state, *data;
    int64_t day, since;
    bool json, html;
};

const struct td_opt cmd_report_options[] = {
    TD_OPTION_STATE("state folder of the desk"),
    {.name = "day",
     .type = TD_OPT_DATE,
     .into = offsetof(struct args, day),
     .help = "this exchange day alone (New York); today: the present one"},
    {.name = "since",
     .type = TD_OPT_DATE,
     .into = offsetof(struct args, since),
     .help = "from this exchange day on"},
    {.name = "html",
     .type = TD_OPT_FLAG,
     .into = offsetof(struct args, html),
     .help =
         "the evening report as a page, into the file that is named as a word, or report-DAY.html; "
         "- is stdout"},
    {.name = "data",
     .type = TD_OPT_PATH,
     .into = offsetof(struct args, data),
     .help = "with --html: folder of recordings, whose quality is told"},
    TD_OPTION_JSON("an array of objects, or an object for readiness"),
    {0},
};
_Static_assert(sizeof(struct args) <= TD_CMD_ARGS_MAX, "arguments fit");

/* The widths of the first pass, then the rows of the second. */
struct table {
    bool json, measuring, gone;
    int64_t rows;
    int width[TD_DBREPORT_COLUMNS];
    char bytes[16384];
    struct td_text text;
};

static const char *shown(const struct td_dbcell *cell, char *out, size_t cap)
{
    if (cell->kind == TD_DBCELL_NULL)
        return "-";
    if (cell->kind == TD_DBCELL_REAL)
        (void)snprintf(out, cap, "%.10g", cell->real);
    else
        (void)snprintf(out, cap, "%.*s", WIDTH_MAX, cell->text);
    return out;
}

static void widen(struct table *t, int column, const char *text)
{
    const int n = (int)strlen(text);
    t->width[column] = n > t->width[column] ? n : t->width[column];
}

static void put_json_row(struct table *t, const char *const *names, const struct td_dbcell *cells,
                         int count)
{
    struct td_json j;
    td_text_put(&t->text, t->rows > 1 ? ",\n" : "");
    td_json_init(&j, &t->text, false);
    td_json_object(&j);
    for (int i = 0; i < count; i++) {
        td_json_key(&j, names[i]);
        if (cells[i].kind == TD_DBCELL_NULL)
            td_json_null(&j);
        else if (cells[i].kind == TD_DBCELL_INT)
            td_json_i64(&j, cells[i].i);
        else if (cells[i].kind == TD_DBCELL_REAL)
            td_json_double(&j, cells[i].real);
        else
            td_json_text(&j, cells[i].text);
    }
    td_json_object_end(&j);
}

static bool take_row(void *arg, const char *const *names, const struct td_dbcell *cells, int count)
{
    struct table *t = arg;
    t->rows += cells != NULL;
    td_text_reset(&t->text);
    for (int i = 0; i < count; i++) {
        char text[WIDTH_MAX + 40];
        const char *word = cells ? shown(&cells[i], text, sizeof text) : names[i];
        const bool number =
            cells && (cells[i].kind == TD_DBCELL_INT || cells[i].kind == TD_DBCELL_REAL);
        if (t->measuring)
            widen(t, i, word);
        else if (!t->json)
            td_text_printf(&t->text, number ? "%s%*s" : "%s%-*s", i ? "  " : "", t->width[i], word);
    }
    if (t->measuring)
        return true;
    if (t->json && cells)
        put_json_row(t, names, cells, count);
    else if (!t->json)
        td_text_char(&t->text, '\n');
    t->gone = !td_cmd_print(&t->text);
    return !t->gone;
}

/* The exchange days that are asked for; all, unless `today` is meant. */
static enum td_err span_of_days(struct td_run *run, const struct args *args, bool today,
                                struct td_tz *zone, td_ns *from, td_ns *before, struct td_fail *why)
{
    const enum td_err err = td_zone_load(run->world, TD_ZONE_NEW_YORK, zone, why);
    if (err)
        return err;
    const int64_t day =
        args->day == INT64_MIN && today ? td_tz_day(zone, td_world_now(run->world)) : args->day;
    const int64_t first = day != INT64_MIN ? day : args->since != INT64_MIN ? args->since : 0;
    const int64_t after = day != INT64_MIN ? day + 1 : 80000; /* the year 2189 */
    *from = td_tz_at(zone, first, 0, 0, 0);
    *before = td_tz_at(zone, after, 0, 0, 0);
    return TD_OK;
}

static enum td_err print_report(struct td_run *run, const struct args *args,
                                const struct td_dbreport *report, struct td_fail *why)
{
    static struct table t;
    static struct td_tz zone;
    char path[900];
    (void)snprintf(path, sizeof path, "%.800s/orders.db", args->state);
    td_ns from, before;
    const bool today = strcmp(report->name, "today") == 0 && args->since == INT64_MIN;
    enum td_err err = span_of_days(run, args, today, &zone, &from, &before, why);
    if (err)
        return err;
    t = (struct table){.json = args->json};
    td_text_init(&t.text, t.bytes, sizeof t.bytes);
    for (int pass = args->json; pass < 2 && !err; pass++) {
        t.measuring = pass == 0;
        t.rows = 0;
        if (t.json)
            (void)printf("[");
        err = td_dbreport_run(run->world, path, report, &zone, from, before, take_row, &t, why);
    }
    if (!err && t.json)
        (void)printf("]\n");
    return err;
}

static int print_readiness(struct td_run *run, const struct args *args)
{
    static struct td_ready_table table;
    struct td_fail why = {0};
    if (td_ready_look(run, args->state, &table, &why) != TD_OK)
        return td_cmd_fail(run, &why);
    td_ready_print(&table, args->json);
    return 0;
}

static int print_signals(struct td_run *run, const struct args *args)
{
    static struct td_tz zone;
    struct td_fail why = {0};
    td_ns from, before;
    enum td_err err = span_of_days(run, args, false, &zone, &from, &before, &why);
    if (!err)
        err = td_signal_quality_print(run, args->state, from, before, args->json, &why);
    return err ? td_cmd_fail(run, &why) : 0;
}

int cmd_report(struct td_run *run, void *arguments)
{
    const struct args *args = arguments;
    struct td_fail why = {0};
    struct td_text t;
    char names[200];
    const char *word = run->operands->count == 1 ? run->operands->items[0] : "";
    if (args->html && run->operands->count <= 1) {
        const struct td_report_html ask = {.state = args->state,
                                           .data = args->data,
                                           .file = *word ? word : NULL,
                                           .day = args->day,
                                           .since = args->since};
        return td_report_html(run, &ask);
    }
    if (strcmp(word, "readiness") == 0)
        return print_readiness(run, args);
    if (strcmp(word, "signals") == 0)
        return print_signals(run, args);
    td_text_init(&t, names, sizeof names);
    for (const struct td_dbreport *r = td_dbreports; r->name; r++) {
        if (strcmp(word, r->name) == 0)
            return print_report(run, args, r, &why) ? td_cmd_fail(run, &why) : 0;
        td_text_printf(&t, "%s, ", r->name);
    }
    (void)td_fail_set(&why, TD_EINVAL, "one word is needed: %sreadiness, signals", names);
    return td_cmd_fail(run, &why);
}
