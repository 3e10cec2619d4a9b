/* cmd/run.c - the whole job in one command: gateway, bars, analysis, files, summary (contracts 2.1). */
#include <math.h>
#include <stdio.h>

#include "cmd/cmd.h"
#include "cmd/option_rows.h"
#include "desk/bringup.h"
#include "desk/pipeline.h"
#include "sys/logfile.h"
#include "sys/terminal.h"
#include "wire/json.h"

struct args {
    struct td_opt_list symbols;
    const char *duration, *bar_size, *output;
    bool live, no_save, no_resume, verbose, json;
};

const struct td_opt cmd_run_options[] = {
    {.name = "symbols",
     .preset = "TSLA",
     .type = TD_OPT_LIST,
     .into = offsetof(struct args, symbols),
     .help = "instruments, e.g. AAPL MSFT"},
    {.name = "duration",
     .preset = "1 D",
     .type = TD_OPT_STR,
     .into = offsetof(struct args, duration),
     .help = "how much history: N S, N D, N W, N M or N Y"},
    {.name = "bar-size",
     .preset = "1 min",
     .type = TD_OPT_STR,
     .into = offsetof(struct args, bar_size),
     .help = "length of a bar, e.g. 1 secs, 1 min, 5 mins, 1 hour, 1 day"},
    TD_OPTION_LIVE("live account: its port must be named in IB_PORT; never implied"),
    {.name = "no-save",
     .type = TD_OPT_FLAG,
     .into = offsetof(struct args, no_save),
     .help = "analyse only, write no files"},
    {.name = "no-resume-gaps",
     .type = TD_OPT_FLAG,
     .into = offsetof(struct args, no_resume),
     .help = "ask for the whole duration even when a part is on disk"},
    {.name = "output",
     .preset = "data/automated_trading",
     .type = TD_OPT_PATH,
     .into = offsetof(struct args, output),
     .help = "folder for the files"},
    {.name = "verbose",
     .type = TD_OPT_FLAG,
     .into = offsetof(struct args, verbose),
     .help = "show the log on stderr too"},
    TD_OPTION_JSON_RESULT,
    {0},
};
_Static_assert(sizeof(struct args) <= TD_CMD_ARGS_MAX, "arguments fit");

struct wanted {
    char names[TD_PIPELINE_SYMBOLS_MAX][TD_SYMBOL_CHARS];
    const char *symbols[TD_PIPELINE_SYMBOLS_MAX];
    int32_t count;
    struct td_duration length;
    const struct td_bar_size *size;
};

/* Trimmed and in upper case; one named twice counts once. */
static enum td_err take_symbol(struct wanted *w, const char *text, struct td_fail *why)
{
    const struct td_str word = td_str_trim(td_str_of(text));
    char *name = w->names[w->count];
    const bool fits = td_str_copy(word, name, TD_SYMBOL_CHARS);
    for (char *p = name; *p; p++)
        *p = *p >= 'a' && *p <= 'z' ? (char)(*p - 32) : *p;
    if (!fits || !td_symbol_is_safe(td_str_of(name)))
        return td_fail_set(why, TD_EINVAL,
                           "--symbols: \"%.40s\" is no symbol: letters A-Z, digits, . - _, at most "
                           "%d",
                           text, TD_SYMBOL_CHARS - 1);
    w->symbols[w->count] = name;
    for (int32_t i = 0; i < w->count; i++)
        if (strcmp(w->names[i], name) == 0)
            return TD_OK;
    w->count++;
    return TD_OK;
}

static enum td_err read_wanted(const struct args *args, struct wanted *w, struct td_fail *why)
{
    char list[400];
    struct td_text t;
    if (td_duration_parse(td_str_of(args->duration), &w->length) != TD_OK)
        return td_fail_set(why, TD_EINVAL,
                           "--duration: \"%.40s\" is not allowed; write N S, N D, N W, N M or N Y, "
                           "e.g. 1 D",
                           args->duration);
    w->size = td_bar_size_find(td_str_of(args->bar_size));
    td_text_init(&t, list, sizeof list);
    td_bar_size_list(&t);
    if (!w->size)
        return td_fail_set(why, TD_EINVAL, "--bar-size: \"%.40s\" is not allowed; one of %s",
                           args->bar_size, list);
    enum td_err err = TD_OK;
    for (int32_t i = 0; i < args->symbols.count && !err; i++)
        err = take_symbol(w, args->symbols.items[i], why);
    return err;
}

/* As td_cmd_logs, with a copy on stderr when asked. */
static enum td_err open_logs(struct td_run *run, bool verbose, struct td_logfile **out,
                             struct td_fail *why)
{
    const char *folder = run->settings->logs_path;
    const enum td_err err = td_folder_make(run->world, folder);
    if (err)
        return td_fail_set(why, err, "log folder %s: %s", folder, td_err_text(err));
    const struct td_logfile_config config = {
        .folder = folder, .name = "run", .to_stderr = verbose, .stderr_level = TD_LOG_DEBUG};
    if (verbose)
        run->log->level = TD_LOG_DEBUG;
    return td_logfile_open(out, &config, run->log, why);
}

/* --- output --- */

static void print_table(const struct td_pipeline_result *r)
{
    char price[TD_E9_CHARS];
    (void)printf("%-10s %7s %12s %12s %9s %12s  %-11s %s\n", "symbol", "bars", "latest", "mean",
                 "change %", "volatility %", "signal", "file");
    for (int32_t i = 0; i < r->count; i++) {
        const struct td_pipeline_line *l = &r->lines[i];
        if (l->err) {
            (void)printf("%-10s failed: %s\n", l->symbol, l->failure);
            continue;
        }
        (void)td_e9_print(l->analysis.latest.e9, price);
        (void)printf("%-10s %7zu %12s %12.4f %+9.2f ", l->symbol, l->bars, price, l->analysis.mean,
                     l->analysis.change);
        if (isnan(l->analysis.volatility))
            (void)printf("%12s", "-");
        else
            (void)printf("%12.4f", l->analysis.volatility);
        (void)printf("  %-11s %s\n", l->analysis.signal, l->parquet);
    }
    if (r->summary[0])
        (void)printf("summary: %s\n", r->summary);
}

static void put_line(struct td_json *j, const struct td_pipeline_line *l)
{
    td_json_object(j);
    td_json_key_text(j, "symbol", l->symbol);
    td_json_key_text(j, "error", l->err ? l->failure : NULL);
    td_json_key_i64(j, "bars", (int64_t)l->bars);
    td_json_key_i64(j, "held", (int64_t)l->held);
    td_json_key_i64(j, "requests", l->requests);
    if (!l->err) {
        td_json_key_e9(j, "latest", l->analysis.latest.e9);
        td_json_key(j, "mean");
        td_json_double(j, l->analysis.mean);
        td_json_key(j, "change_pct");
        td_json_double(j, l->analysis.change);
        td_json_key(j, "volatility_pct");
        td_json_double(j, l->analysis.volatility);
        td_json_key_text(j, "signal", l->analysis.signal);
    }
    td_json_key(j, "files");
    td_json_array(j);
    if (l->parquet[0]) {
        td_json_text(j, l->parquet);
        td_json_text(j, l->csv);
    }
    td_json_array_end(j);
    td_json_object_end(j);
}

static void print_json(const struct args *args, const struct td_pipeline_result *r)
{
    static char text[262144];
    struct td_text t;
    struct td_json j;
    int64_t bars = 0;
    td_text_init(&t, text, sizeof text);
    td_json_init(&j, &t, false);
    td_json_object(&j);
    td_json_key_text(&j, "timestamp", r->when);
    td_json_key_text(&j, "duration", args->duration);
    td_json_key_text(&j, "bar_size", args->bar_size);
    td_json_key_text(&j, "mode", args->live ? "live" : "paper");
    td_json_key(&j, "symbols");
    td_json_array(&j);
    for (int32_t i = 0; i < r->count; i++) {
        put_line(&j, &r->lines[i]);
        bars += r->lines[i].err ? 0 : (int64_t)r->lines[i].bars;
    }
    td_json_array_end(&j);
    td_json_key_i64(&j, "bars", bars);
    td_json_key_i64(&j, "succeeded", r->succeeded);
    td_json_key_bool(&j, "interrupted", r->interrupted);
    td_json_key_text(&j, "summary", r->summary[0] ? r->summary : NULL);
    td_json_object_end(&j);
    td_text_char(&t, '\n');
    (void)td_cmd_print(&t);
}

/* --- the run --- */

static enum td_err run_pipeline(struct td_run *run, const struct args *args, const struct wanted *w,
                                struct td_bringup *gateway, struct td_pipeline_result *result,
                                struct td_fail *why)
{
    struct td_plan plan;
    struct td_link link = {0};
    enum td_err err = td_plan_make(run->settings, 0, args->live, &plan, why);
    if (err)
        return err;
    if (plan.warnings[0])
        (void)fprintf(stderr, "%s\n", plan.warnings);
    const struct td_pipeline_config config = {.plan = &plan,
                                              .symbols = w->symbols,
                                              .symbol_count = w->count,
                                              .duration = args->duration,
                                              .length = w->length,
                                              .size = w->size,
                                              .folder = args->output,
                                              .save = !args->no_save,
                                              .resume = !args->no_resume,
                                              .log = run->log};
    err = td_link_open(&link, run->world, why);
    if (!err) {
        td_progress("connecting to %s", plan.host);
        err = td_bringup_run(gateway, &plan, run->settings, &link, run->log, why);
        td_progress("%s", "");
    }
    if (!err)
        err = td_pipeline_run(&config, &link, run->world, result, why);
    td_logf(run->log, TD_LOG_INFO, TD_LOG_TRADING, "step_cleanup", "ending the connection");
    td_link_close(&link);
    td_bringup_end(gateway, run->log);
    return err;
}

int cmd_run(struct td_run *run, void *arguments)
{
    static struct td_pipeline_result result;
    static struct wanted wanted;
    const struct args *args = arguments;
    struct td_bringup gateway = {0};
    struct td_logfile *files = NULL;
    struct td_fail why = {0};
    enum td_err err = read_wanted(args, &wanted, &why);
    if (!err)
        err = open_logs(run, args->verbose, &files, &why);
    if (!err)
        err = run_pipeline(run, args, &wanted, &gateway, &result, &why);
    td_logfile_close(files, run->log);
    if (result.count && args->json)
        print_json(args, &result);
    else if (result.count)
        print_table(&result);
    if (err == TD_EAGAIN)
        return 0; /* Ctrl-C */
    return err ? td_cmd_fail(run, &why) : 0;
}
