/* cmd/demo.c - the whole job in under a minute: simulator, run, record, trade, and a table of what happened.
 *
 * Then, when asked to or on a terminal, a desk goes on trading with its dashboard until somebody ends it.
 * Every step is the program itself, started as a user would start it, against `tapedeck sim` on a free
 * port of the loopback. Nothing is invented: the numbers are what the steps printed as JSON, and the demo
 * fails when a step fails. Orders are armed for the simulator's paper account only, in the children's environment.
 */
#include <cjson/cJSON.h>
#include <stdarg.h>
#include <stdio.h>

#include "cmd/option_rows.h"
#include "cmd/steps.h"
#include "sys/terminal.h"
#include "wire/json.h"

#define FILES_MAX 64

struct args {
    struct td_opt_list symbols;
    const char *folder, *data;
    int64_t seed, speed_e9, record_seconds, trade_seconds;
    bool serve, json;
};

const struct td_opt cmd_demo_options[] = {
    {.name = "symbols",
     .preset = "SPY,IBM",
     .type = TD_OPT_LIST,
     .into = offsetof(struct args, symbols),
     .help = "instruments"},
    {.name = "folder",
     .preset = "demo",
     .type = TD_OPT_PATH,
     .into = offsetof(struct args, folder),
     .help = "everything the demo writes goes below this folder"},
    {.name = "data",
     .env = "TAPEDECK_DATA",
     .type = TD_OPT_PATH,
     .into = offsetof(struct args, data),
     .help = "folder of recorded market data; without it the generator plays"},
    {.name = "seed",
     .preset = "7",
     .type = TD_OPT_INT,
     .low = 0,
     .high = 1000000000,
     .into = offsetof(struct args, seed),
     .help = "seed of the generator"},
    {.name = "speed",
     .preset = "30",
     .type = TD_OPT_NUM,
     .low = 1,
     .high = 1000,
     .into = offsetof(struct args, speed_e9),
     .help = "market seconds per second"},
    {.name = "record-seconds",
     .preset = "8",
     .type = TD_OPT_INT,
     .low = 1,
     .high = 600,
     .into = offsetof(struct args, record_seconds),
     .help = "how long to record depth"},
    {.name = "trade-seconds",
     .preset = "20",
     .type = TD_OPT_INT,
     .low = 1,
     .high = 600,
     .into = offsetof(struct args, trade_seconds),
     .help = "how long to trade at most"},
    {.name = "serve",
     .type = TD_OPT_FLAG,
     .into = offsetof(struct args, serve),
     .help =
         "then go on trading, with the dashboard, until a signal; on a terminal it does so anyway"},
    TD_OPTION_JSON("end with one JSON object instead of a table"),
    {0},
};
_Static_assert(sizeof(struct args) <= TD_CMD_ARGS_MAX, "arguments fit");

struct demo {
    struct td_steps steps;
    const struct args *args;
    struct td_child sim;
    char folder[512];
    char port[16];
    char symbols[600];
    char source[2048]; /* what plays, for the screen */
    int64_t bars, depth_messages, snapshots, intents, denied, orders, fills;
    char position_check[32], journal[800], realized[32], denial[128];
    char files[FILES_MAX][800];
    int file_count;
};

static int64_t number(const cJSON *object, const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    return cJSON_IsNumber(item) ? (int64_t)item->valuedouble : 0;
}

static void take_text(const cJSON *object, const char *key, char *out, size_t cap)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    out[0] = '\0';
    if (cJSON_IsString(item))
        (void)td_str_copy(td_str_of(item->valuestring), out, cap);
    else if (cJSON_IsNumber(item))
        (void)snprintf(out, cap, "%.2f", item->valuedouble);
}

static void take_files(struct demo *d, const cJSON *list)
{
    const cJSON *file;
    cJSON_ArrayForEach(file, list)
    {
        if (cJSON_IsString(file) && d->file_count < FILES_MAX)
            (void)td_str_copy(td_str_of(file->valuestring), d->files[d->file_count++],
                              sizeof d->files[0]);
    }
}

static void add_symbols(const struct demo *d, struct td_step_words *w, const char *option)
{
    td_step_add(w, option);
    td_step_add(w, d->symbols);
}

/* --- the steps --- */

static enum td_err start_sim(struct demo *d, struct td_fail *why)
{
    static char seed[24], speed[TD_E9_CHARS];
    struct td_step_words w = td_step_begin(&d->steps, "sim");
    (void)td_i64_print(d->args->seed, seed);
    (void)td_e9_print(d->args->speed_e9, speed);
    td_step_add(&w, "--port");
    td_step_add(&w, "0");
    td_step_add(&w, "--json");
    td_step_add(&w, "--depth-lines");
    td_step_add(&w, "60");
    td_step_add(&w, "--speed");
    td_step_add(&w, speed);
    td_step_add(&w, "--seed");
    td_step_add(&w, seed);
    td_step_add(&w, "--start");
    td_step_add(&w, "11:00");
    add_symbols(d, &w, "--symbols");
    if (d->args->data && *d->args->data) {
        td_step_add(&w, "--data");
        td_step_add(&w, d->args->data);
    }
    const enum td_err err = td_step_start(&d->steps, &w, 20 * TD_SEC, &d->sim, why);
    if (err)
        return err;
    cJSON *said = cJSON_Parse(d->steps.output);
    (void)snprintf(d->port, sizeof d->port, "%lld", (long long)number(said, "port"));
    const cJSON *row;
    size_t used = 0;
    cJSON_ArrayForEach(row, cJSON_GetObjectItemCaseSensitive(said, "symbols"))
    {
        const cJSON *symbol = cJSON_GetObjectItemCaseSensitive(row, "symbol"),
                    *plays = cJSON_GetObjectItemCaseSensitive(row, "source");
        if (cJSON_IsString(symbol) && cJSON_IsString(plays) && used < sizeof d->source)
            used += (size_t)snprintf(d->source + used, sizeof d->source - used, "  %-8s %s\n",
                                     symbol->valuestring, plays->valuestring);
    }
    cJSON_Delete(said);
    return td_environ_export("IB_PORT", d->port);
}

static enum td_err do_run(struct demo *d, struct td_fail *why)
{
    struct td_step_words w = td_step_begin(&d->steps, "run");
    static char output[600];
    (void)snprintf(output, sizeof output, "%s/bars", d->folder);
    add_symbols(d, &w, "--symbols");
    td_step_add(&w, "--duration");
    td_step_add(&w, "2 D");
    td_step_add(&w, "--output");
    td_step_add(&w, output);
    td_step_add(&w, "--json");
    const enum td_err err = td_step(&d->steps, &w, 40 * TD_SEC, why);
    if (err)
        return err;
    cJSON *said = cJSON_Parse(d->steps.output);
    d->bars = number(said, "bars");
    const cJSON *row;
    cJSON_ArrayForEach(row, cJSON_GetObjectItemCaseSensitive(said, "symbols"))
    {
        take_files(d, cJSON_GetObjectItemCaseSensitive(row, "files"));
    }
    cJSON_Delete(said);
    return TD_OK;
}

static enum td_err do_record(struct demo *d, struct td_fail *why)
{
    static char output[600], minutes[TD_E9_CHARS];
    struct td_step_words w = td_step_begin(&d->steps, "record");
    (void)snprintf(output, sizeof output, "%s/level2", d->folder);
    (void)td_e9_print(d->args->record_seconds * TD_E9 / 60, minutes);
    add_symbols(d, &w, "--symbol");
    td_step_add(&w, "--duration");
    td_step_add(&w, minutes);
    td_step_add(&w, "--output");
    td_step_add(&w, output);
    td_step_add(&w, "--json");
    const enum td_err err = td_step(&d->steps, &w, (d->args->record_seconds + 30) * TD_SEC, why);
    if (err)
        return err;
    cJSON *said = cJSON_Parse(d->steps.output);
    const cJSON *row;
    cJSON_ArrayForEach(row, cJSON_GetObjectItemCaseSensitive(said, "symbols"))
    {
        d->depth_messages += number(row, "messages");
        d->snapshots += number(row, "snapshots");
        take_files(d, cJSON_GetObjectItemCaseSensitive(row, "files"));
    }
    cJSON_Delete(said);
    return TD_OK;
}

/* Of both desks. Their histories differ: the gateway refuses the same request within fifteen seconds. */
static struct td_step_words trade_words(const struct demo *d, const char *history)
{
    static char state[600];
    struct td_step_words w = td_step_begin(&d->steps, "trade");
    (void)snprintf(state, sizeof state, "%s/state", d->folder);
    add_symbols(d, &w, "--symbols");
    td_step_add(&w, "--state");
    td_step_add(&w, state);
    td_step_add(&w, "--bar-size");
    td_step_add(&w, "5 secs");
    td_step_add(&w, "--history");
    td_step_add(&w, history);
    td_step_add(&w, "--clock");
    td_step_add(&w, "gateway");
    return w;
}

static enum td_err do_trade(struct demo *d, struct td_fail *why)
{
    static const struct {
        const char *key, *value;
    } armed[] = {{"ALLOW_ORDERS", "1"},
                 {"DRY_RUN", "0"},
                 {"ENABLE_ORDER_EXEC", "1"},
                 {"IB_PAPER_TRADING", "1"}};
    static char minutes[TD_E9_CHARS];
    struct td_step_words w = trade_words(d, "1800 S");
    (void)td_e9_print(d->args->trade_seconds * TD_E9 / 60, minutes);
    for (size_t i = 0; i < TD_COUNT(armed); i++)
        if (td_environ_export(armed[i].key, armed[i].value) != TD_OK)
            return td_fail_set(why, TD_ENOMEM, "no memory for the environment");
    td_step_add(&w, "--duration");
    td_step_add(&w, minutes);
    td_step_add(&w, "--fills");
    td_step_add(&w, "6");
    td_step_add(&w, "--json");
    const enum td_err err = td_step(&d->steps, &w, (d->args->trade_seconds + 40) * TD_SEC, why);
    if (err)
        return err;
    cJSON *said = cJSON_Parse(d->steps.output);
    d->intents = number(said, "intents");
    d->denied = number(said, "denied");
    d->orders = number(said, "orders");
    d->fills = number(said, "fills");
    take_text(said, "position_check", d->position_check, sizeof d->position_check);
    take_text(said, "journal", d->journal, sizeof d->journal);
    take_text(said, "realized", d->realized, sizeof d->realized);
    take_text(said, "last_denial", d->denial, sizeof d->denial);
    cJSON_Delete(said);
    return TD_OK;
}

/* --- a desk that goes on --- */

static bool goes_on(const struct demo *d)
{
    return d->args->serve || (!d->args->json && td_terminal_out());
}

/* The limits of a day are for money: at thirty times the speed, and with a strategy that loses, they end the show. */
static enum td_err lift_limits(void)
{
    enum td_err err = td_environ_export("KILL_LOSING_STREAK", "0");
    if (!err)
        err = td_environ_export("MAX_TRADES_PER_DAY", "100000");
    return err ? err : td_environ_export("RISK_MAX_DAILY_NOTIONAL", "9000000000");
}

static enum td_err start_desk(struct demo *d, struct td_child *desk, struct td_fail *why)
{
    struct td_step_words w = trade_words(d, "3600 S");
    char level2[600];
    (void)snprintf(level2, sizeof level2, "%s/level2", d->folder);
    if (lift_limits() != TD_OK || td_environ_export("DASH_RECORDINGS", level2) != TD_OK)
        return td_fail_set(why, TD_ENOMEM, "no memory for the environment");
    td_step_add(&w, "--depth");
    td_step_add(&w, "10");
    return td_child_start(desk, w.argv, TD_CHILD_QUIET, why);
}

/* The page Scanner's other end. Whatever gaps up is listed: a demo has few symbols. */
static enum td_err start_scanner(struct demo *d, struct td_child *scanner, struct td_fail *why)
{
    static char state[600], output[600];
    static const char *const plain[] = {"--serve",    "--plain", "--min-gap", "0",
                                        "--min-rvol", "0",       "--price",   ":"};
    struct td_step_words w = td_step_begin(&d->steps, "scan");
    (void)snprintf(state, sizeof state, "%s/state", d->folder);
    (void)snprintf(output, sizeof output, "%s/level2", d->folder);
    for (size_t i = 0; i < TD_COUNT(plain); i++)
        td_step_add(&w, plain[i]);
    add_symbols(d, &w, "--symbols");
    td_step_add(&w, "--state");
    td_step_add(&w, state);
    td_step_add(&w, "--output");
    td_step_add(&w, output);
    return td_child_start(scanner, w.argv, TD_CHILD_QUIET, why);
}

static void stop(struct td_child *child, const char *what)
{
    if (!td_child_stop(child, 15 * TD_SEC))
        (void)fprintf(stderr, "demo: the %s (pid %lld) has not ended yet\n", what,
                      (long long)child->pid);
}

/* Until a signal; desk and scanner end in order with us. */
static enum td_err go_on(struct demo *d, struct td_fail *why)
{
    const struct td_settings *s = d->steps.run->settings;
    struct td_child desk = {0}, scanner = {0};
    struct td_wake wake = {0};
    enum td_err err = start_desk(d, &desk, why);
    if (err)
        return err;
    err = start_scanner(d, &scanner, why);
    if (err) {
        stop(&desk, "desk");
        return err;
    }
    (void)printf(
        "\ndashboard http://%s:%lld/   trades on against the simulator; Ctrl-C ends it\n"
        "          to halt and resume there: the trade token in %s/state/dash_tokens.json\n",
        s->dash_host, (long long)s->dash_port, d->folder);
    (void)fflush(stdout);
    while (wake.kind != TD_WAKE_SIGNAL && td_child_alive(&desk))
        td_world_wait(d->steps.run->world, td_world_mono(d->steps.run->world) + TD_SEC, &wake);
    const bool ended = !desk.running;
    stop(&scanner, "scanner");
    stop(&desk, "desk");
    return ended ? td_fail_set(why, TD_EIO, "the desk ended by itself with status %d: see %s/logs",
                               desk.status, d->folder)
                 : TD_OK;
}

/* --- what is shown --- */

static void say(const struct demo *d, const char *step_name, const char *format, ...)
    TD_PRINTF(3, 4);

static void say(const struct demo *d, const char *step_name, const char *format, ...)
{
    char text[400];
    va_list args;
    if (d->args->json)
        return;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    (void)printf("%-8s %-62s %5.1f s\n", step_name, text, (double)d->steps.took / 1e9);
    (void)fflush(stdout);
}

static void print_json(const struct demo *d)
{
    static char text[TD_STEPS_OUTPUT];
    struct td_text t;
    struct td_json j;
    td_text_init(&t, text, sizeof text);
    td_json_init(&j, &t, false);
    td_json_object(&j);
    td_json_key(&j, "symbols");
    td_json_array(&j);
    for (int32_t i = 0; i < d->args->symbols.count; i++)
        td_json_text(&j, d->args->symbols.items[i]);
    td_json_array_end(&j);
    td_json_key_i64(&j, "bars", d->bars);
    td_json_key_i64(&j, "depth_messages", d->depth_messages);
    td_json_key_i64(&j, "snapshots", d->snapshots);
    td_json_key_i64(&j, "intents", d->intents);
    td_json_key_i64(&j, "orders", d->orders);
    td_json_key_i64(&j, "fills", d->fills);
    td_json_key_text(&j, "position_check", d->position_check[0] ? d->position_check : NULL);
    td_json_key_text(&j, "journal", d->journal);
    td_json_key(&j, "files");
    td_json_array(&j);
    for (int i = 0; i < d->file_count; i++)
        td_json_text(&j, d->files[i]);
    td_json_array_end(&j);
    td_json_object_end(&j);
    td_text_char(&t, '\n');
    (void)td_cmd_print(&t);
}

static void print_table(const struct demo *d)
{
    (void)printf("\n%-22s %12s\n", "what", "number");
    const struct {
        const char *name;
        int64_t value;
    } rows[] = {{"bars", d->bars},
                {"depth messages", d->depth_messages},
                {"snapshots", d->snapshots},
                {"intents", d->intents},
                {"denied by a gate", d->denied},
                {"orders", d->orders},
                {"fills", d->fills},
                {"files", d->file_count}};
    for (size_t i = 0; i < TD_COUNT(rows); i++)
        (void)printf("%-22s %12lld\n", rows[i].name, (long long)rows[i].value);
    (void)printf("%-22s %12s\n%-22s %12s\n", "realized profit", d->realized, "position check",
                 d->position_check);
    if (d->denial[0])
        (void)printf("last denial            %s\n", d->denial);
    (void)printf("\njournal   %s\nfiles     %s\n", d->journal, d->folder);
    (void)printf("\nLook around: tapedeck --help, docs/architecture.md, and %s\n", d->folder);
}

static enum td_err run_steps(struct demo *d, struct td_fail *why)
{
    if (!d->args->json)
        (void)printf("tapedeck demo: the whole job against the built-in gateway simulator, paper "
                     "account\n\n");
    const td_ns start = td_world_mono(d->steps.run->world);
    enum td_err err = start_sim(d, why);
    d->steps.took = td_world_mono(d->steps.run->world) - start;
    if (err)
        return err;
    say(d, "sim", "gateway simulator on 127.0.0.1:%s", d->port);
    if (!d->args->json)
        (void)printf("%s", d->source);
    err = do_run(d, why);
    if (err)
        return err;
    say(d, "run", "%lld bars downloaded, analysed and saved", (long long)d->bars);
    err = do_record(d, why);
    if (err)
        return err;
    say(d, "record", "%lld depth messages, %lld snapshots", (long long)d->depth_messages,
        (long long)d->snapshots);
    err = do_trade(d, why);
    if (err)
        return err;
    say(d, "trade", "%lld intents, %lld orders, %lld fills, positions %s", (long long)d->intents,
        (long long)d->orders, (long long)d->fills, d->position_check);
    return TD_OK;
}

static enum td_err prepare(struct demo *d, struct td_fail *why)
{
    const struct {
        const char *key, *sub;
    } places[] = {{"LOGS_PATH", "logs"}, {"DATA_PATH_OVERRIDE", "data"}, {"ML_BASE_PATH", "data"}};
    struct td_civil c;
    td_civil_from_ns(td_world_now(d->steps.run->world), &c);
    (void)snprintf(d->folder, sizeof d->folder, "%s/%04d%02d%02d-%02d%02d%02d", d->args->folder,
                   (int)c.year, (int)c.month, (int)c.day, (int)c.hour, (int)c.minute,
                   (int)c.second);
    enum td_err err = td_folder_make(d->steps.run->world, d->folder);
    if (err)
        return td_fail_set(why, err, "demo folder %s: %s", d->folder, td_err_text(err));
    for (size_t i = 0; i < TD_COUNT(places) && !err; i++) {
        char path[600];
        (void)snprintf(path, sizeof path, "%s/%s", d->folder, places[i].sub);
        err = td_environ_export(places[i].key, path);
    }
    for (int32_t i = 0; i < d->args->symbols.count; i++) {
        const size_t used = strlen(d->symbols);
        (void)snprintf(d->symbols + used, sizeof d->symbols - used, "%s%s", i ? "," : "",
                       d->args->symbols.items[i]);
    }
    return err ? td_fail_set(why, err, "setting the environment: %s", td_err_text(err)) : TD_OK;
}

int cmd_demo(struct td_run *run, void *arguments)
{
    static struct demo d;
    struct td_fail why = {0};
    d = (struct demo){.args = arguments};
    enum td_err err = td_steps_open(&d.steps, run, &why);
    if (!err)
        err = prepare(&d, &why);
    if (!err)
        err = run_steps(&d, &why);
    if (!err && d.args->json)
        print_json(&d);
    if (!err && !d.args->json)
        print_table(&d);
    if (!err && goes_on(&d))
        err = go_on(&d, &why);
    if (!td_child_stop(&d.sim, 5 * TD_SEC))
        (void)fprintf(stderr, "demo: the simulator (pid %lld) has not ended yet\n",
                      (long long)d.sim.pid);
    td_steps_close(&d.steps);
    return err ? td_cmd_fail(run, &why) : 0;
}
