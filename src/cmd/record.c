/* cmd/record.c - level-2 recording to Parquet and JSON (contracts 2.3), and recovery of what a crash left. */
#include <stdio.h>

#include "cmd/cmd.h"
#include "cmd/option_rows.h"
#include "desk/recording.h"
#include "store/recover.h"
#include "sys/logfile.h"
#include "wire/json.h"

struct args {
    struct td_opt_list symbols;
    int64_t levels, interval_ms, duration_e9, port, client_id, rotate_min;
    const char *output, *host, *recover, *protocol;
    bool paper, live, json;
};

const struct td_opt cmd_record_options[] = {
    {.name = "symbol",
     .letter = 's',
     .type = TD_OPT_LIST,
     .into = offsetof(struct args, symbols),
     .help = "instruments to record, e.g. AAPL or AAPL,MSFT"},
    {.name = "levels",
     .letter = 'l',
     .preset = "10",
     .type = TD_OPT_INT,
     .low = 1,
     .high = 60,
     .into = offsetof(struct args, levels),
     .help = "book depth per side"},
    {.name = "interval",
     .letter = 'i',
     .preset = "100",
     .type = TD_OPT_INT,
     .low = 10,
     .high = 3600000,
     .into = offsetof(struct args, interval_ms),
     .help = "milliseconds between snapshots"},
    {.name = "output",
     .letter = 'o',
     .preset = "./data/level2",
     .type = TD_OPT_PATH,
     .into = offsetof(struct args, output),
     .help = "folder for the files"},
    {.name = "duration",
     .letter = 'd',
     .preset = "0",
     .type = TD_OPT_NUM,
     .low = 0,
     .high = 100000,
     .into = offsetof(struct args, duration_e9),
     .help = "minutes; 0 is until Ctrl-C"},
    {.name = "rotate",
     .preset = "60",
     .type = TD_OPT_INT,
     .low = 1,
     .high = 1440,
     .into = offsetof(struct args, rotate_min),
     .help = "minutes per set of files"},
    {.name = "host",
     .env = "IB_HOST",
     .type = TD_OPT_STR,
     .into = offsetof(struct args, host),
     .help = "gateway host"},
    TD_OPTION_PORT("gateway port; without it the usual paper ports are tried"),
    {.name = "client-id",
     .preset = "1",
     .type = TD_OPT_INT,
     .low = 0,
     .high = 2147483000,
     .into = offsetof(struct args, client_id),
     .help = "base client id"},
    TD_OPTION_PROTOCOL,
    {.name = "paper",
     .type = TD_OPT_FLAG,
     .into = offsetof(struct args, paper),
     .help = "paper account (the default)"},
    TD_OPTION_LIVE("live account: its port must be named in IB_PORT or --port"),
    {.name = "recover",
     .type = TD_OPT_PATH,
     .into = offsetof(struct args, recover),
     .help = "finish the recordings a crash left in this folder, then end"},
    TD_OPTION_JSON_RESULT,
    {0},
};
_Static_assert(sizeof(struct args) <= TD_CMD_ARGS_MAX, "arguments fit");

static void told_recovered(void *arg, const char *log, enum td_err err,
                           const struct td_session_result *result)
{
    (void)arg;
    if (err)
        (void)fprintf(stderr, "recovering %s: %s\n", log, td_err_text(err));
    else
        (void)fprintf(stderr, "recovered %s: %llu messages, %llu snapshots%s\n", log,
                      (unsigned long long)result->messages, (unsigned long long)result->snapshots,
                      result->end == TD_CAPTURE_TORN ? ", torn end cut" : "");
}

static int recover(struct td_run *run, const char *folder, bool quiet)
{
    struct td_recover_report report = {.each = told_recovered};
    struct td_fail why = {0};
    const enum td_err err = td_capture_recover(run->world, folder, &report, &why);
    if (!quiet)
        (void)printf("recovery of %s: %u logs, %u recovered, %u empty, %u busy, %u torn, %u "
                     "damaged, %u failed; %llu messages, %llu snapshots\n",
                     folder, report.found, report.recovered, report.empty, report.busy, report.torn,
                     report.damaged, report.failed, (unsigned long long)report.messages,
                     (unsigned long long)report.snapshots);
    return err ? td_cmd_fail(run, &why) : 0;
}

static void print_table(const struct td_recording_result *r)
{
    (void)printf("%-10s %10s %10s %8s %6s %6s  %s\n", "symbol", "messages", "snapshots", "dropped",
                 "gaps", "files", "result");
    for (int32_t i = 0; i < r->count; i++) {
        const struct td_recording_line *l = &r->lines[i];
        (void)printf("%-10s %10llu %10llu %8llu %6llu %6u  %s\n", l->symbol,
                     (unsigned long long)l->messages, (unsigned long long)l->snapshots,
                     (unsigned long long)l->dropped, (unsigned long long)l->gaps, l->sessions,
                     l->failed     ? l->failure
                     : l->sessions ? l->last.paths.snapshots
                                   : "no data");
    }
}

static void print_json(const struct td_recording_result *r)
{
    static char text[65536];
    struct td_text t;
    struct td_json j;
    td_text_init(&t, text, sizeof text);
    td_json_init(&j, &t, false);
    td_json_object(&j);
    td_json_key(&j, "symbols");
    td_json_array(&j);
    for (int32_t i = 0; i < r->count; i++) {
        const struct td_recording_line *l = &r->lines[i];
        td_json_object(&j);
        td_json_key_text(&j, "symbol", l->symbol);
        td_json_key_i64(&j, "messages", (int64_t)l->messages);
        td_json_key_i64(&j, "snapshots", (int64_t)l->snapshots);
        td_json_key_i64(&j, "dropped", (int64_t)l->dropped);
        td_json_key_i64(&j, "gaps", (int64_t)l->gaps);
        td_json_key_text(&j, "error", l->failed ? l->failure : NULL);
        td_json_key(&j, "files");
        td_json_array(&j);
        if (l->sessions) {
            td_json_text(&j, l->last.paths.snapshots);
            td_json_text(&j, l->last.paths.messages);
            td_json_text(&j, l->last.paths.stats);
        }
        td_json_array_end(&j);
        td_json_object_end(&j);
    }
    td_json_array_end(&j);
    td_json_key_i64(&j, "reconnects", r->reconnects);
    td_json_key_bool(&j, "interrupted", r->interrupted);
    td_json_object_end(&j);
    td_text_char(&t, '\n');
    (void)td_cmd_print(&t);
}

static enum td_err record(struct td_run *run, const struct args *args,
                          struct td_recording_result *result, struct td_fail *why)
{
    struct td_plan plan;
    struct td_link link = {0};
    uint16_t port;
    int32_t client_id;
    struct td_settings settings = *run->settings;
    settings.host = args->host && *args->host ? args->host : settings.host;
    enum td_err err = td_plan_make(&settings, args->port, args->live, &plan, why);
    if (err)
        return err;
    plan.client_id = (int32_t)args->client_id;
    plan.protobuf = td_plan_is_protobuf(args->protocol);
    if (plan.warnings[0])
        (void)fprintf(stderr, "%s\n", plan.warnings);
    err = td_link_open(&link, run->world, why);
    if (!err)
        err = td_plan_connect(&plan, &link, run->log, &port, &client_id, why);
    if (!err) {
        const struct td_recording_config config = {
            .plan = &plan,
            .folder = args->output,
            .levels = (int32_t)args->levels,
            .interval_ms = (int32_t)args->interval_ms,
            .duration = args->duration_e9 ? args->duration_e9 / 1000 * 60000 : TD_NS_NEVER,
            .rotate_ns = args->rotate_min * TD_MIN,
            .symbols = args->symbols.items,
            .symbol_count = args->symbols.count,
            .depth_slots = (int32_t)run->settings->depth_slots,
            .log = run->log,
        };
        err = td_recording_run(&config, &link, run->world, result, why);
    }
    td_link_close(&link);
    return err;
}

int cmd_record(struct td_run *run, void *arguments)
{
    static struct td_recording_result result;
    struct args *args = arguments;
    struct td_fail why = {0};
    struct td_logfile *files = NULL;
    if (args->recover)
        return recover(run, args->recover, false);
    if (args->symbols.count == 0) {
        (void)td_fail_set(&why, TD_EINVAL, "--symbol is required (instruments to record)");
        return td_cmd_fail(run, &why);
    }
    if (args->paper && args->live) {
        (void)td_fail_set(&why, TD_EINVAL, "--paper and --live exclude each other");
        return td_cmd_fail(run, &why);
    }
    enum td_err err = td_cmd_logs(run, "record", &files, &why);
    if (!err && td_entry_at(run->world, args->output) == TD_ENTRY_FOLDER)
        (void)recover(run, args->output,
                      true); /* what a crash left; failures are told and stay for later */
    if (!err)
        err = record(run, args, &result, &why);
    td_logfile_close(files, run->log);
    if (!err || result.count) {
        if (args->json)
            print_json(&result);
        else
            print_table(&result);
    }
    return err == TD_EAGAIN ? 0 : err ? td_cmd_fail(run, &why) : 0;
}
