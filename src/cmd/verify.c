/* cmd/verify.c - six core checks, each really done: the program against its own simulator, in a folder of its own.
 *
 * The children run with presets for every setting, whatever the environment and .env say, on a port of the loopback
 * the simulator chose, and with orders armed for its paper account alone. What is not part of the program yet is a
 * state of its own, neither passed nor failed. Source: contracts 11.
 */
#include <cjson/cJSON.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cmd/option_rows.h"
#include "cmd/ready.h"
#include "cmd/steps.h"
#include "trade/projection.h"
#include "trade/retrace.h"
#include "wire/json.h"

#define MEMORY_LIMIT_MB 6000 /* contracts 11 */
#define DECISION_MS     100
#define FILLS           "4"
#define TRADE_LIMIT     (60 * TD_SEC)

struct args {
    const char *folder, *state;
    bool readiness, json;
};

const struct td_opt cmd_verify_options[] = {
    {.name = "folder",
     .preset = "verify",
     .type = TD_OPT_PATH,
     .into = offsetof(struct args, folder),
     .help = "everything the checks write goes below this folder"},
    {.name = "readiness",
     .type = TD_OPT_FLAG,
     .into = offsetof(struct args, readiness),
     .help = "also judge the desk of --state by its journal: ready for live trading?"},
    TD_OPTION_STATE("state folder of the desk, for --readiness"),
    TD_OPTION_JSON_OBJECT,
    {0},
};
_Static_assert(sizeof(struct args) <= TD_CMD_ARGS_MAX, "arguments fit");

enum outcome { FAILED, PASSED, NOT_BUILT };

struct verify {
    struct td_steps steps;
    const struct args *args;
    struct td_child sim;
    char folder[600], state[700], journal[760], port[16];
    bool traded; /* the desk of the check "paper trading" has run */
    int64_t intents, orders, fills, denied_late, memory_kb;
    char positions[32];
    char text[240]; /* of the check that runs */
};

static bool say(struct verify *v, bool ok, const char *format, ...) TD_PRINTF(3, 4);

static bool say(struct verify *v, bool ok, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)vsnprintf(v->text, sizeof v->text, format, args);
    va_end(args);
    return ok;
}

static int64_t number(const cJSON *object, const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    return cJSON_IsNumber(item) ? (int64_t)item->valuedouble : 0;
}

/* --- the checks --- */

static bool check_environment(struct verify *v)
{
    struct td_fail why = {0};
    struct td_step_words w = td_step_begin(&v->steps, "sim"), p;
    static const char *const words[] = {"--port",  "0",       "--json", "--no-data", "--symbols",
                                        "SPY,IBM", "--speed", "30",     "--start",   "11:00"};
    for (size_t i = 0; i < TD_COUNT(words); i++)
        td_step_add(&w, words[i]);
    if (td_step_start(&v->steps, &w, 20 * TD_SEC, &v->sim, &why) != TD_OK)
        return say(v, false, "%s", why.text);
    cJSON *said = cJSON_Parse(v->steps.output);
    (void)snprintf(v->port, sizeof v->port, "%lld", (long long)number(said, "port"));
    cJSON_Delete(said);
    p = td_step_begin(&v->steps, "probe");
    td_step_add(&p, "--port");
    td_step_add(&p, v->port);
    if (td_step(&v->steps, &p, 30 * TD_SEC, &why) != TD_OK)
        return say(v, false, "%s", why.text);
    const bool ready = strstr(v->steps.output, "\"verdict\":\"ready\"") != NULL;
    return say(v, ready, "simulator on 127.0.0.1:%s, %s", v->port,
               ready ? "a session is ready" : "no session");
}

static bool trade(struct verify *v)
{
    struct td_fail why = {0};
    struct td_step_words w = td_step_begin(&v->steps, "trade");
    const char *const words[] = {"--symbols", "SPY,IBM",    "--state",    v->state,    "--port",
                                 v->port,     "--bar-size", "5 secs",     "--history", "1800 S",
                                 "--clock",   "gateway",    "--duration", "0.75",      "--fills",
                                 FILLS,       "--json"};
    for (size_t i = 0; i < TD_COUNT(words); i++)
        td_step_add(&w, words[i]);
    if (td_step(&v->steps, &w, TRADE_LIMIT, &why) != TD_OK)
        return say(v, false, "%s", why.text);
    cJSON *said = cJSON_Parse(v->steps.output);
    const cJSON *equal = cJSON_GetObjectItemCaseSensitive(said, "position_check");
    v->intents = number(said, "intents");
    v->orders = number(said, "orders");
    v->fills = number(said, "fills");
    v->memory_kb = number(said, "memory_peak_kb");
    (void)snprintf(v->positions, sizeof v->positions, "%s",
                   cJSON_IsString(equal) ? equal->valuestring : "not compared");
    cJSON_Delete(said);
    v->traded = true;
    return true;
}

static void count_late(void *arg, const struct td_record *r, const struct td_blotter *after)
{
    struct verify *v = arg;
    (void)after;
    v->denied_late += r->type == TD_REC_DENIED && r->code == TD_GATE_DECISION_AGE;
}

/* Strategy to gates: intents came, and none was older than 100 ms when the gates were asked. */
static bool check_decisions(struct verify *v)
{
    static struct td_retrace r;
    struct td_fail why = {0};
    if (!v->port[0])
        return say(v, false, "there is no simulator");
    if (!trade(v))
        return false;
    r = (struct td_retrace){.record = count_late, .arg = v};
    enum td_err err = td_retrace_open(&r, v->steps.run->world, v->journal, &why);
    if (!err)
        err = td_retrace_run(&r, NULL, &why);
    const bool states = r.differs_seq == 0 && r.states_equal > 0;
    td_retrace_close(&r);
    if (err)
        return say(v, false, "%s", why.text);
    return say(v, v->intents > 0 && v->denied_late == 0 && states,
               "%lld intents, %lld older than %d ms; the journal replays to %s",
               (long long)v->intents, (long long)v->denied_late, DECISION_MS,
               states ? "the same state" : "ANOTHER state");
}

/* Through every gate, to a fill at the simulator, into orders.db and the audit log. */
static bool check_paper(struct verify *v)
{
    char audit[800];
    uint64_t lines = 0;
    struct td_fail why = {0};
    if (!v->traded)
        return say(v, false, "the desk did not run");
    (void)snprintf(audit, sizeof audit, "%.700s/trade_audit_log.jsonl", v->state);
    if (td_audit_verify(v->steps.run->world, audit, &lines, &why) != TD_OK)
        return say(v, false, "%s", why.text);
    const bool equal = strcmp(v->positions, "equal") == 0;
    return say(v, v->orders > 0 && v->fills > 0 && equal,
               "%lld orders, %lld fills, positions %s, audit log of %llu lines whole",
               (long long)v->orders, (long long)v->fills, v->positions, (unsigned long long)lines);
}

static bool check_memory(struct verify *v)
{
    if (!v->traded || v->memory_kb == 0)
        return say(v, false, "the desk did not tell its memory");
    return say(v, v->memory_kb < MEMORY_LIMIT_MB * 1024,
               "the desk took %.1f MB at most, limit %d MB", (double)v->memory_kb / 1024,
               MEMORY_LIMIT_MB);
}

static const struct check {
    const char *name;
    bool (*run)(struct verify *v); /* NULL: the program has no such part yet */
    const char *missing;
    bool core;
} checks[] = {
    {"RL implementation", NULL, "no learned policy in this build; the strategies are rules", true},
    {"trading environment", check_environment, NULL, true},
    {"decision making", check_decisions, NULL, true},
    {"learning capability", NULL, "nothing learns in this build", true},
    {"paper trading", check_paper, NULL, true},
    {"memory management", check_memory, NULL, true},
    {"RL training", NULL, "no training in this build", false},
};

struct result {
    enum outcome outcome;
    td_ns took;
    char text[240];
};

/* --- surroundings --- */

/* Every setting at its preset for the children, then what the checks need. */
static enum td_err set_environment(struct verify *v, struct td_fail *why)
{
    static const char *const needed[][2] = {
        {"ALLOW_ORDERS", "1"},          {"DRY_RUN", "0"},
        {"ENABLE_ORDER_EXEC", "1"},     {"IB_PAPER_TRADING", "1"},
        {"DECISION_LATENCY_MS", "100"}, {"IB_HOST", "127.0.0.1"}};
    char path[720];
    enum td_err err = TD_OK;
    for (const struct td_opt *row = td_settings_table; row->name && !err; row++)
        err = td_environ_export(row->env, "");
    for (size_t i = 0; i < TD_COUNT(needed) && !err; i++)
        err = td_environ_export(needed[i][0], needed[i][1]);
    (void)snprintf(path, sizeof path, "%s/logs", v->folder);
    if (!err)
        err = td_environ_export("LOGS_PATH", path);
    (void)snprintf(path, sizeof path, "%s/live.confirm", v->folder);
    if (!err)
        err = td_environ_export("LIVE_CONFIRM_FILE", path);
    return err ? td_fail_set(why, err, "setting the environment: %s", td_err_text(err)) : TD_OK;
}

static enum td_err prepare(struct verify *v, struct td_fail *why)
{
    struct td_civil c;
    td_civil_from_ns(td_world_now(v->steps.run->world), &c);
    (void)snprintf(v->folder, sizeof v->folder, "%.500s/%04d%02d%02d-%02d%02d%02d", v->args->folder,
                   (int)c.year, (int)c.month, (int)c.day, (int)c.hour, (int)c.minute,
                   (int)c.second);
    (void)snprintf(v->state, sizeof v->state, "%s/state", v->folder);
    (void)snprintf(v->journal, sizeof v->journal, "%s/journal", v->state);
    const enum td_err err = td_folder_make(v->steps.run->world, v->folder);
    return err ? td_fail_set(why, err, "folder %s: %s", v->folder, td_err_text(err))
               : set_environment(v, why);
}

/* --- what is shown --- */

static const char *const words_of[] = {"FAILED", "passed", "not built"};

static void print_row(const struct check *c, const struct result *r)
{
    (void)printf("%-22s %-10s %6.1f s  %s\n", c->name, words_of[r->outcome], (double)r->took / 1e9,
                 r->text);
    (void)fflush(stdout);
}

static void print_json(const struct result *results, int passed, int core,
                       const struct td_ready_table *ready)
{
    static char bytes[8192];
    struct td_text t;
    struct td_json j;
    td_text_init(&t, bytes, sizeof bytes);
    td_json_init(&j, &t, false);
    td_json_object(&j);
    td_json_key_i64(&j, "passed", passed);
    td_json_key_i64(&j, "core_checks", core);
    td_json_key(&j, "checks");
    td_json_array(&j);
    for (size_t i = 0; i < TD_COUNT(checks); i++) {
        td_json_object(&j);
        td_json_key_text(&j, "check", checks[i].name);
        td_json_key_text(&j, "outcome", words_of[results[i].outcome]);
        td_json_key(&j, "seconds");
        td_json_double(&j, (double)results[i].took / 1e9);
        td_json_key_text(&j, "text", results[i].text);
        td_json_object_end(&j);
    }
    td_json_array_end(&j);
    if (ready)
        td_json_key_bool(&j, "ready", ready->ready);
    td_json_object_end(&j);
    td_text_char(&t, '\n');
    (void)td_cmd_print(&t);
}

/* All checks in their order; how many core ones passed, and whether one failed. */
static int run_checks(struct verify *v, struct result *results, bool *failed)
{
    int passed = 0;
    for (size_t i = 0; i < TD_COUNT(checks); i++) {
        const td_ns start = td_world_mono(v->steps.run->world);
        struct result *r = &results[i];
        v->text[0] = '\0';
        r->outcome = checks[i].run ? (enum outcome)checks[i].run(v) : NOT_BUILT;
        r->took = td_world_mono(v->steps.run->world) - start;
        (void)snprintf(r->text, sizeof r->text, "%s", checks[i].run ? v->text : checks[i].missing);
        passed += checks[i].core && r->outcome == PASSED;
        *failed |= r->outcome == FAILED;
        if (!v->args->json)
            print_row(&checks[i], r);
    }
    return passed;
}

static void add_core_row(struct td_ready_table *table, int passed, int core)
{
    struct td_ready_row *row = &table->rows[table->count++];
    *row = (struct td_ready_row){.word = "core checks", .wanted = "6 of 6", .ok = passed == core};
    (void)snprintf(row->found, sizeof row->found, "%d of %d", passed, core);
    table->ready &= row->ok;
}

int cmd_verify(struct td_run *run, void *arguments)
{
    static struct verify v;
    static struct td_ready_table ready;
    struct result results[TD_COUNT(checks)] = {{.outcome = FAILED}};
    struct td_fail why = {0};
    bool failed = false;
    int passed = 0, core = 0;
    for (size_t i = 0; i < TD_COUNT(checks); i++)
        core += checks[i].core;
    v = (struct verify){.args = arguments};
    enum td_err err = TD_OK;
    if (v.args->readiness)
        err = td_ready_look(run, v.args->state, &ready, &why);
    if (!err)
        err = td_steps_open(&v.steps, run, &why);
    if (!err)
        err = prepare(&v, &why);
    if (!err)
        passed = run_checks(&v, results, &failed);
    if (!td_child_stop(&v.sim, 5 * TD_SEC))
        (void)fprintf(stderr, "verify: the simulator (pid %lld) has not ended yet\n",
                      (long long)v.sim.pid);
    td_steps_close(&v.steps);
    if (err)
        return td_cmd_fail(run, &why);
    if (v.args->readiness)
        add_core_row(&ready, passed, core);
    if (v.args->json) {
        print_json(results, passed, core, v.args->readiness ? &ready : NULL);
    } else {
        (void)printf("%d of %d core checks passed; files in %s\n", passed, core, v.folder);
        if (v.args->readiness)
            td_ready_print(&ready, false);
    }
    return failed || (v.args->readiness && !ready.ready);
}
