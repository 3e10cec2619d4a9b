/* cmd/scan_cmd.c - what gaps up on unusual volume: now, through a gateway, or at any past minute, from what is stored. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/scan_prefs.h"
#include "cmd/scan_serve.h"
#include "cmd/scan_table.h"
#include "desk/scanner.h"
#include "desk/zone.h"
#include "history/scan_store.h"
#include "sys/logfile.h"
#include "sys/terminal.h"

#define NOTE_BYTES 400

struct args {
    struct scan_words words;
    struct td_opt_list symbols, start, stop;
    const char *data, *base, *at, *host, *protocol, *state, *output;
    int64_t from_store, port, client_id, slots, levels, interval_ms;
    bool live, once, save, plain, json, serve, sessions;
};

#define AT(member)   .into = offsetof(struct args, member)
#define WORD(member) .type = TD_OPT_STR, .into = offsetof(struct args, words.member)

const struct td_opt cmd_scan_options[] = {
    {.name = "from-store",
     .type = TD_OPT_DATE,
     AT(from_store),
     .help = "list a past day from stored data instead of asking a gateway"},
    {.name = "at",
     .type = TD_OPT_STR,
     AT(at),
     .help = "minute of that day, HH:MM in New York; else its close"},
    {.name = "min-gap", WORD(min_gap), .help = "least gap in percent [4, GAP_SCANNER_MIN_GAP_PCT]"},
    {.name = "min-rvol",
     WORD(min_rvol),
     .help = "least relative volume; 0: do not ask for it [2, GAP_SCANNER_MIN_RVOL]"},
    {.name = "price", WORD(price), .help = "bounds of the price, LOW:HIGH [1:30]"},
    {.name = "basis",
     WORD(basis),
     .help = "open: the gap of the 09:30 open; last: of the last price [open]"},
    {.name = "adv-days", WORD(adv_days), .help = "completed days of the mean volume, 1 to 60 [20]"},
    {.name = "sort", WORD(sort), .help = "column, with :asc or :desc [gap_pct]"},
    {.name = "limit", WORD(limit), .help = "rows at most; 0: all [50]"},
    {.name = "etfs", .type = TD_OPT_FLAG, AT(words.etfs), .help = "list those of the ETF file too"},
    {.name = "etf-file",
     WORD(etf_file),
     .help = "symbols of ETFs, one a line, # begins a comment [GAP_SCANNER_ETF_BLACKLIST_FILE]"},
    {.name = "hide", .type = TD_OPT_LIST, AT(words.hide), .help = "symbols that are never listed"},
    {.name = "symbols",
     .letter = 's',
     .type = TD_OPT_LIST,
     AT(symbols),
     .help = "look at these too, whatever the gateway's scanners say"},
    {.name = "refresh",
     WORD(refresh),
     .help = "seconds between two tables, at least 3 [10, GAP_SCANNER_REFRESH_SEC]"},
    {.name = "once",
     .type = TD_OPT_FLAG,
     AT(once),
     .help = "one table, then end (also when stdout is no terminal)"},
    {.name = "save",
     .type = TD_OPT_FLAG,
     AT(save),
     .help = "keep these options as the preferences of later calls"},
    {.name = "plain", .type = TD_OPT_FLAG, AT(plain), .help = "pass over the saved preferences"},
    {.name = "data",
     .env = "TAPEDECK_DATA",
     .preset = "data",
     .type = TD_OPT_PATH,
     AT(data),
     .help = "folder of recorded data, with lean/"},
    {.name = "base",
     .type = TD_OPT_PATH,
     AT(base),
     .help = "data root with parquet_data and IBDownloads; else that of the settings"},
    {.name = "host", .env = "IB_HOST", .type = TD_OPT_STR, AT(host), .help = "gateway host"},
    {.name = "port",
     .type = TD_OPT_INT,
     .low = 1,
     .high = 65535,
     AT(port),
     .help = "gateway port; without it the usual paper ports are tried"},
    {.name = "client-id",
     .preset = "40",
     .type = TD_OPT_INT,
     .low = 0,
     .high = 2147483000,
     AT(client_id),
     .help = "base client id"},
    {.name = "protocol",
     .env = "IB_PROTOCOL",
     .preset = "text",
     .type = TD_OPT_STR,
     .choices = "text|protobuf",
     AT(protocol),
     .help = "form of the API's messages"},
    {.name = "live",
     .type = TD_OPT_FLAG,
     AT(live),
     .help = "live account: its port must be named in IB_PORT or --port"},
    {.name = "serve",
     .type = TD_OPT_FLAG,
     AT(serve),
     .help = "stay, and record what --start or the dashboard's page names"},
    {.name = "start",
     .type = TD_OPT_LIST,
     AT(start),
     .help = "record these with the scanner that serves: ticks at once, depth when a slot is free"},
    {.name = "stop",
     .type = TD_OPT_LIST,
     AT(stop),
     .help = "end these recordings of the scanner that serves; \"all\" ends every one"},
    {.name = "sessions",
     .type = TD_OPT_FLAG,
     AT(sessions),
     .help = "what the scanner that serves is recording"},
    {.name = "state",
     .env = "TAPEDECK_STATE",
     .preset = "state",
     .type = TD_OPT_PATH,
     AT(state),
     .help = "folder of preferences, sessions and the socket of --serve"},
    {.name = "output",
     .letter = 'o',
     .preset = "./data/level2",
     .type = TD_OPT_PATH,
     AT(output),
     .help = "with --serve: folder for the recordings"},
    {.name = "slots",
     .preset = "5",
     .type = TD_OPT_INT,
     .low = 1,
     .high = 60,
     AT(slots),
     .help = "with --serve: recordings that have depth at a time"},
    {.name = "levels",
     .letter = 'l',
     .preset = "10",
     .type = TD_OPT_INT,
     .low = 1,
     .high = 60,
     AT(levels),
     .help = "with --serve: book depth per side"},
    {.name = "interval",
     .letter = 'i',
     .preset = "100",
     .type = TD_OPT_INT,
     .low = 10,
     .high = 3600000,
     AT(interval_ms),
     .help = "with --serve: milliseconds between snapshots"},
    {.name = "json",
     .type = TD_OPT_FLAG,
     AT(json),
     .help = "the table as one JSON object, a line each"},
    {0},
};
_Static_assert(sizeof(struct args) <= TD_CMD_ARGS_MAX, "arguments fit");

struct session {
    struct td_run *run;
    const struct args *args;
    struct scan_prefs prefs;
    struct td_scan_config config;
    struct td_tz new_york;
    uint32_t funds;        /* names in the file of ETFs */
    char note[NOTE_BYTES]; /* of the next table */
    bool in_place;         /* the terminal shows one table, drawn anew */
};

/* ---- showing ---- */

static void note_funds(struct session *s, struct td_text *note)
{
    if (!s->prefs.etfs && !s->funds)
        td_text_printf(note, "%sETFs are not told apart: --etf-file names none",
                       note->len ? "; " : "");
}

static enum td_err print_view(const struct session *s, const struct td_scan_view *view,
                              struct td_fail *why)
{
    const size_t cap = TD_SCAN_JSON_HEAD + (size_t)view->table->count * TD_SCAN_JSON_ROW;
    char *bytes = malloc(cap);
    struct td_text t;
    struct td_json j;
    if (!bytes)
        return td_fail_set(why, TD_ENOMEM, "no memory for the table");
    td_text_init(&t, bytes, cap);
    if (s->args->json) {
        td_json_init(&j, &t, false);
        td_scan_json(&j, view);
        td_text_char(&t, '\n');
    } else {
        if (s->in_place)
            td_text_put(&t, "\033[H\033[2J");
        scan_table(view, &t);
    }
    enum td_err err = TD_OK;
    if (td_text_full(&t))
        err = td_fail_set(why, TD_ERANGE, "the table is too long");
    else if (!td_cmd_print(&t))
        err = td_fail_set(why, TD_ECLOSED, "stdout is gone");
    free(bytes);
    return err;
}

/* Marks, scans and prints the facts; `view` says of which minute they are. */
static enum td_err show(struct session *s, struct td_scan_facts *facts, uint32_t count,
                        struct td_scan_view *view, struct td_fail *why)
{
    struct td_arena arena;
    struct td_scan_table table;
    struct td_text note;
    char text[2 * NOTE_BYTES];
    enum td_err err = scan_prefs_mark(&s->prefs, s->run, facts, count, &s->funds, why);
    if (err)
        return err;
    void *block = malloc(td_scan_bytes(count));
    if (!block)
        return td_fail_set(why, TD_ENOMEM, "no memory for %u symbols", (unsigned)count);
    td_arena_init(&arena, block, td_scan_bytes(count));
    s->config.minute = view->minute;
    err = td_scan_run(&s->config, facts, count, &arena, &table);
    TD_REQUIRE(err == TD_OK); /* the block is as large as it says */
    td_text_init(&note, text, sizeof text);
    td_text_put(&note, s->note);
    note_funds(s, &note);
    view->table = &table;
    view->facts = facts;
    view->adv_days = (uint32_t)s->prefs.adv_days;
    view->basis = s->config.basis;
    view->note = text[0] ? text : NULL;
    err = print_view(s, view, why);
    free(block);
    return err;
}

/* ---- a past minute ---- */

static enum td_err read_minute(const char *text, int32_t *out, struct td_fail *why)
{
    int64_t hour = 0, minute = 0;
    *out = INT32_MAX;
    if (!text)
        return TD_OK;
    if (strlen(text) != 5 || text[2] != ':' || td_i64_parse(text, 2, &hour) != TD_OK ||
        td_i64_parse(text + 3, 2, &minute) != TD_OK || hour < 0 || hour > 23 || minute < 0 ||
        minute > 59)
        return td_fail_set(why, TD_EINVAL, "--at \"%.20s\": write HH:MM, e.g. 09:45", text);
    *out = (int32_t)(hour * 60 + minute);
    return TD_OK;
}

static void note_store(struct session *s, const struct td_scan_store *store)
{
    struct td_text note;
    td_text_init(&note, s->note, sizeof s->note);
    if (store->coarse)
        td_text_printf(&note, "coarse universe: %u stocks, %u of %d days before it are there",
                       (unsigned)store->coarse, (unsigned)store->coarse_days,
                       (int)s->prefs.adv_days);
    if (store->coarse && s->config.basis == TD_SCAN_OPENING)
        td_text_put(&note, "; it has no opens: --basis last compares closes");
    if (store->failed)
        td_text_printf(&note, "%s%u files cannot be read, first %.150s", note.len ? "; " : "",
                       (unsigned)store->failed, store->failure);
}

static enum td_err scan_stored(struct session *s, struct td_fail *why)
{
    char lean[TD_PATH_MAX];
    struct td_scan_store store;
    const struct td_datapath paths = td_cmd_paths(s->run);
    struct td_scan_store_config config = {.base = td_datapath_root(&paths, s->args->base),
                                          .downloads =
                                              paths.downloads ? paths.downloads : "IBDownloads",
                                          .day = s->args->from_store,
                                          .adv_days = (int32_t)s->prefs.adv_days,
                                          .new_york = &s->new_york};
    enum td_err err = read_minute(s->args->at, &config.minute, why);
    if (err)
        return err;
    if (!td_path_join(lean, sizeof lean, s->args->data, "lean"))
        return td_fail_set(why, TD_EINVAL, "--data: the path is too long");
    config.lean = lean;
    err = td_scan_store_load(s->run->world, &config, &store, why);
    if (err)
        return err;
    struct td_scan_view view = {.day = config.day, .minute = store.minute, .source = "store"};
    note_store(s, &store);
    err = show(s, store.facts, store.count, &view, why);
    td_scan_store_fini(&store);
    return err;
}

/* ---- now ---- */

static enum td_err show_now(struct session *s, struct td_scanner *scanner, struct td_fail *why)
{
    struct td_scanner_view now;
    struct td_text note;
    td_scanner_view(scanner, &now);
    struct td_scan_view view = {.day = now.day, .minute = now.minute, .source = "gateway"};
    td_text_init(&note, s->note, sizeof s->note);
    if (now.pending)
        td_text_printf(&note, "%u of %u symbols are still asked for", (unsigned)now.pending,
                       (unsigned)now.count);
    if (now.note[0])
        td_text_printf(&note, "%s%s", note.len ? "; " : "", now.note);
    return show(s, now.facts, now.count, &view, why);
}

/* A table each `refresh` seconds; the first of a single call when every symbol was asked for once. */
static enum td_err keep_showing(struct session *s, struct td_scanner *scanner, struct td_fail *why)
{
    const bool once = s->args->once || !td_terminal_out();
    enum td_err err = TD_OK;
    s->in_place = !once && !s->args->json;
    do {
        err = once ? td_scanner_settle(scanner, why)
                   : td_scanner_run(scanner, s->prefs.refresh_s * TD_SEC, why);
        if (!err)
            err = show_now(s, scanner, why);
    } while (!err && !once);
    return err == TD_EAGAIN ? TD_OK : err;
}

static enum td_err make_plan(const struct session *s, struct td_plan *plan, struct td_fail *why)
{
    const struct args *a = s->args;
    struct td_settings settings = *s->run->settings;
    settings.host = a->host && *a->host ? a->host : settings.host;
    const enum td_err err = td_plan_make(&settings, a->port, a->live, plan, why);
    plan->client_id = (int32_t)a->client_id;
    plan->protobuf = td_plan_is_protobuf(a->protocol);
    if (!err && plan->warnings[0])
        (void)fprintf(stderr, "%s\n", plan->warnings);
    return err;
}

static enum td_err serve(const struct session *s, struct td_fail *why)
{
    const struct args *a = s->args;
    struct td_plan plan;
    const struct scan_serve serving = {.run = s->run,
                                       .prefs = &s->prefs,
                                       .config = &s->config,
                                       .new_york = &s->new_york,
                                       .plan = &plan,
                                       .symbols = &a->symbols,
                                       .state = a->state,
                                       .output = a->output,
                                       .slots = a->slots,
                                       .levels = a->levels,
                                       .interval_ms = a->interval_ms};
    const enum td_err err = make_plan(s, &plan, why);
    return err ? err : scan_serve_run(&serving, why);
}

static enum td_err scan_live(struct session *s, struct td_fail *why)
{
    const struct args *a = s->args;
    struct td_plan plan;
    struct td_link link = {0};
    struct td_scanner *scanner = NULL;
    uint16_t port;
    int32_t client_id;
    enum td_err err = make_plan(s, &plan, why);
    if (err)
        return err;
    err = td_link_open(&link, s->run->world, why);
    if (!err)
        err = td_plan_connect(&plan, &link, s->run->log, &port, &client_id, why);
    if (!err) {
        const struct td_scanner_config config = {.plan = &plan,
                                                 .new_york = &s->new_york,
                                                 .adv_days = (int32_t)s->prefs.adv_days,
                                                 .low = s->config.low,
                                                 .high = s->config.high,
                                                 .named = a->symbols.items,
                                                 .named_count = (uint32_t)a->symbols.count,
                                                 .quote_slots =
                                                     (uint32_t)s->run->settings->quote_slots,
                                                 .log = s->run->log};
        err = td_scanner_open(&scanner, &config, &link, s->run->world, why);
    }
    if (!err)
        err = keep_showing(s, scanner, why);
    td_scanner_close(scanner);
    td_link_close(&link);
    return err;
}

/* What talks to the scanner that serves: to start, to stop, to look. */
static int ask_serving(struct td_run *run, const struct args *a)
{
    struct td_fail why = {0};
    enum td_err err = TD_OK;
    if (a->stop.count)
        err = scan_serve_ask(run, a->state, "stop", &a->stop, a->json, &why);
    if (!err && a->start.count)
        err = scan_serve_ask(run, a->state, "start", &a->start, a->json, &why);
    if (!err && a->sessions)
        err = scan_serve_ask(run, a->state, "sessions", NULL, a->json, &why);
    return err ? td_cmd_fail(run, &why) : 0;
}

int cmd_scan(struct td_run *run_given, void *arguments)
{
    static struct session s;
    static struct td_settings settings;
    const struct args *a = arguments;
    struct td_run own = *run_given, *run = &own;
    struct td_fail why = {0};
    struct td_logfile *files = NULL;
    if (a->start.count || a->stop.count || a->sessions)
        return ask_serving(run, a);
    settings = *run->settings;
    settings.state_path = a->state;
    own.settings = &settings;
    s = (struct session){.run = run, .args = arguments};
    const bool stored = s.args->from_store != INT64_MIN;
    enum td_err err = scan_prefs_load(&s.prefs, run, &s.args->words, s.args->plain, &why);
    if (!err)
        err = scan_prefs_config(&s.prefs, &s.config, &why);
    if (!err && s.args->at && !stored)
        err = td_fail_set(&why, TD_EINVAL, "--at belongs to --from-store");
    if (!err && s.args->serve && stored)
        err = td_fail_set(&why, TD_EINVAL, "--serve records what is live: without --from-store");
    if (!err)
        err = td_zone_load(run->world, TD_ZONE_NEW_YORK, &s.new_york, &why);
    if (!err && s.args->save)
        err = scan_prefs_save(&s.prefs, run, &why);
    if (!err && stored)
        err = scan_stored(&s, &why);
    else if (!err)
        err = td_cmd_logs(run, "scan", &files, &why);
    if (!err && s.args->serve)
        err = serve(&s, &why);
    else if (!err && !stored)
        err = scan_live(&s, &why);
    td_logfile_close(files, run->log);
    return err ? td_cmd_fail(run, &why) : 0;
}
