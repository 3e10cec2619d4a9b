/* cmd/analyze.c - what a day of level-2 data says: report, table, pictures, page. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/option_rows.h"
#include "history/depth_page.h"
#include "history/depth_plot.h"
#include "market/instrument.h"
#include "sys/terminal.h"

#define TEXT_BYTES ((size_t)4 << 20)

struct args {
    const char *folder, *symbol, *output;
    int64_t day;
    bool json, plot, html;
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
    {.name = "plot",
     .type = TD_OPT_FLAG,
     .into = offsetof(struct args, plot),
     .help = "<SYMBOL>_<DATE>_evolution.svg and .png, in the folder of --output, else here"},
    {.name = "html",
     .type = TD_OPT_FLAG,
     .into = offsetof(struct args, html),
     .help = "<SYMBOL>_<DATE>_report.html beside them: tables and picture, nothing fetched"},
    TD_OPTION_JSON("print the report instead of the table"),
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

/* What is being made, and where to. */
struct making {
    const struct td_run *run;
    const struct args *args;
    const struct td_depth_report *report;
    struct td_text *text;      /* room for one file, or for stdout */
    char made[3][TD_PATH_MAX]; /* files that were written */
    size_t count;
    const char *no_picture; /* why there is none */
};

/* <folder of --output>/<SYMBOL>_<DATE>_<tail>, noted as made. */
static enum td_err name_file(struct making *m, const char *tail, struct td_fail *why)
{
    char folder[TD_PATH_MAX] = ".", name[128];
    char *path = m->made[m->count];
    if (m->args->output)
        td_path_folder(m->args->output, folder, sizeof folder);
    (void)snprintf(name, sizeof name, "%.64s_%s_%s", m->report->symbol, m->report->day, tail);
    const bool fits = strcmp(folder, ".") == 0
                          ? snprintf(path, TD_PATH_MAX, "%s", name) < TD_PATH_MAX
                          : td_path_join(path, TD_PATH_MAX, folder, name);
    return fits ? TD_OK : td_fail_set(why, TD_ERANGE, "%s: the path is too long", name);
}

static enum td_err save(struct making *m, struct td_str bytes, struct td_fail *why)
{
    const enum td_err err = td_file_replace(m->run->world, m->made[m->count], bytes, why);
    m->count += !err;
    return err;
}

static enum td_err save_text(struct making *m, const char *tail, struct td_fail *why)
{
    if (td_text_full(m->text))
        return td_fail_set(why, TD_EFULL, "%s is longer than %zu bytes", tail, TEXT_BYTES);
    const enum td_err err = name_file(m, tail, why);
    return err ? err : save(m, (struct td_str){m->text->buf, m->text->len}, why);
}

static enum td_err plot_svg(struct making *m, struct td_fail *why)
{
    struct td_canvas c;
    td_text_reset(m->text);
    td_canvas_svg(&c, TD_PLOT_WIDTH, TD_PLOT_HEIGHT, m->report->symbol, m->text);
    const enum td_err err = td_depth_plot_draw(m->report, &c, why);
    td_canvas_fini(&c);
    return err ? err : save_text(m, "evolution.svg", why);
}

static enum td_err plot_png(struct making *m, struct td_fail *why)
{
    struct td_canvas c = {0};
    uint8_t *bytes = NULL;
    size_t len = 0;
    enum td_err err = td_canvas_pixels(&c, TD_PLOT_WIDTH, TD_PLOT_HEIGHT, why);
    if (!err)
        err = td_depth_plot_draw(m->report, &c, why);
    if (!err)
        err = td_canvas_png(&c, &bytes, &len, why);
    if (!err)
        err = name_file(m, "evolution.png", why);
    if (!err)
        err = save(m, (struct td_str){(const char *)bytes, len}, why);
    free(bytes);
    td_canvas_fini(&c);
    return err;
}

static enum td_err make_files(struct making *m, struct td_fail *why)
{
    enum td_err err = TD_OK;
    if (m->args->plot && !td_depth_plot_can(m->report))
        m->no_picture = "there is no snapshot to be believed";
    else if (m->args->plot)
        err = plot_svg(m, why);
    if (!err && m->args->plot && !m->no_picture) {
        m->no_picture =
            td_canvas_has_png() ? NULL : "no PNG, for this program was built without libpng";
        err = m->no_picture ? TD_OK : plot_png(m, why);
    }
    if (!err && m->args->html) {
        td_text_reset(m->text);
        err = td_depth_page(m->report, m->text, why);
        if (!err)
            err = save_text(m, "report.html", why);
    }
    return err;
}

/* Everything that was asked for; what goes to stdout is in the text at the end. */
static enum td_err tell(struct making *m, struct td_fail *why)
{
    const struct args *a = m->args;
    enum td_err err = make_files(m, why);
    td_text_reset(m->text);
    if (!err && (a->output || a->json))
        err = write_json(m->report, m->text, why);
    if (!err && a->output)
        err = td_file_replace(m->run->world, a->output, (struct td_str){m->text->buf, m->text->len},
                              why);
    if (err || a->json)
        return err;
    td_text_reset(m->text);
    td_depth_report_text(m->report, m->text);
    if (a->output)
        td_text_printf(m->text, "report: %s\n", a->output);
    for (size_t i = 0; i < m->count; i++)
        td_text_printf(m->text, "made: %s\n", m->made[i]);
    if (m->no_picture)
        td_text_printf(m->text, "no picture: %s\n", m->no_picture);
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
    char symbol[24] = "";
    for (size_t i = 0; i < sizeof symbol - 1 && a->symbol[i]; i++)
        symbol[i] = (char)toupper((unsigned char)a->symbol[i]);
    if (!err && (strlen(a->symbol) >= sizeof symbol || !td_symbol_is_safe(td_str_of(symbol))))
        err = td_fail_set(&why, TD_EINVAL, "--symbol %s: no name of a symbol's folder", a->symbol);
    (void)td_date_print(a->day, day);
    if (!err) {
        const struct td_depth_ask ask = {a->folder, symbol, day};
        td_text_init(&t, buf, TEXT_BYTES);
        td_progress("reading %s of %s", symbol, day);
        err = td_depth_report_make(r, run->world, &ask, &why);
        td_progress("%s", "");
        if (!err)
            err = tell(&(struct making){.run = run, .args = a, .report = r, .text = &t}, &why);
        if (!err && !td_cmd_print(&t))
            err = td_fail_set(&why, TD_EIO, "nobody reads the report");
        td_depth_report_fini(r);
    }
    free(r);
    free(buf);
    return err ? td_cmd_fail(run, &why) : 0;
}
