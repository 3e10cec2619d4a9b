/* cmd/analyze.c - what a day of level-2 data says: report, table, pictures, page. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "desk/depth_report.h"
#include "sys/terminal.h"

#define TEXT_BYTES ((size_t)4 << 20)

struct args {
    const char *folder, *symbol, *output;
    int64_t day;
    bool json;
};

const struct td_opt cmd_analyze_options[] = {
    {.name = "data-dir",
     .letter = 'd',
     .type = TD_OPT_PATH,
     .required = true,
     .into = offsetof(struct args, folder),
     .help = "folder with <SYMBOL>/, Level2/<SYMBOL>/ or level2/<SYMBOL>/"},
    {.name = "symbol",
     .letter = 's',
     .type = TD_OPT_STR,
     .required = true,
     .into = offsetof(struct args, symbol),
     .help = "name of the symbol's folder"},
    {.name = "date",
     .type = TD_OPT_DATE,
     .required = true,
     .into = offsetof(struct args, day),
     .help = "trading day: the one the files' names begin with"},
    {.name = "output",
     .letter = 'o',
     .type = TD_OPT_PATH,
     .into = offsetof(struct args, output),
     .help = "file for the report as JSON"},
    {.name = "json",
     .type = TD_OPT_FLAG,
     .into = offsetof(struct args, json),
     .help = "print the report instead of the table"},
    {0},
};
_Static_assert(sizeof(struct args) <= TD_CMD_ARGS_MAX, "arguments fit");

/* The report as text in `t`. */
static enum td_err write_json(const struct td_depth_report *r, struct td_text *t,
                              struct td_fail *why)
{
    struct td_json j;
    td_json_init(&j, t, true);
    td_depth_report_json(r, &j);
    td_text_char(t, '\n');
    return td_text_full(t)
               ? td_fail_set(why, TD_EFULL, "the report is longer than %zu bytes", TEXT_BYTES)
               : TD_OK;
}

static enum td_err tell(const struct td_run *run, const struct args *a,
                        const struct td_depth_report *r, struct td_text *t, struct td_fail *why)
{
    enum td_err err = TD_OK;
    if (a->output || a->json)
        err = write_json(r, t, why);
    if (!err && a->output)
        err = td_file_replace(run->world, a->output, (struct td_str){t->buf, t->len}, why);
    if (err || a->json)
        return err;
    td_text_reset(t);
    td_depth_report_text(r, t);
    if (a->output)
        td_text_printf(t, "report: %s\n", a->output);
    return TD_OK;
}

int cmd_analyze(struct td_run *run, void *arguments)
{
    const struct args *a = arguments;
    struct td_depth_report *r = calloc(1, sizeof *r);
    char *buf = malloc(TEXT_BYTES), day[16];
    struct td_fail why = {0};
    struct td_text t;
    enum td_err err = r && buf ? TD_OK : td_fail_set(&why, TD_ENOMEM, "no memory for the report");
    (void)td_date_print(a->day, day);
    if (!err) {
        const struct td_depth_ask ask = {a->folder, a->symbol, day};
        td_text_init(&t, buf, TEXT_BYTES);
        td_progress("reading %s of %s", a->symbol, day);
        err = td_depth_report_make(r, run->world, &ask, &why);
        td_progress("%s", "");
        if (!err)
            err = tell(run, a, r, &t, &why);
        if (!err && !td_cmd_print(&t))
            err = td_fail_set(&why, TD_EIO, "nobody reads the report");
        td_depth_report_fini(r);
    }
    free(r);
    free(buf);
    return err ? td_cmd_fail(run, &why) : 0;
}
