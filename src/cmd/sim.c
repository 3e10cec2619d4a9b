/* cmd/sim.c - the gateway simulator as a process: options, the lines about what plays, the loop.
 *
 * Ends with status 0 on SIGINT, SIGTERM or after --duration. With --json the one line it prints as soon as it listens is
 * what tests and the demo wait for: {"host","port","accounts","symbols":[{"symbol","recorded","source"}]}.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/option_rows.h"
#include "sim/gateway_server.h"
#include "wire/json.h"

#define DATA_BESIDE "../shared/data"

struct args {
    int64_t port, seed, speed, day, lines, depth_lines, master, latency_ms, duration, cash;
    const char *host, *data, *start, *pace, *ledger, *script, *subscribed, *control;
    struct td_opt_list symbols, accounts, faults;
    bool json, no_data, read_only;
};

/* What the configuration borrows. */
struct scene {
    struct td_script script;
    struct td_gateway_lists names;
};

#define AT(member) .into = offsetof(struct args, member)
const struct td_opt cmd_sim_options[] = {
    {.name = "port",
     .preset = "4002",
     .type = TD_OPT_INT,
     .low = 0,
     .high = 65535,
     AT(port),
     .help = "TCP port; 0 takes a free one"},
    {.name = "host",
     .preset = "127.0.0.1",
     .type = TD_OPT_STR,
     AT(host),
     .help = "address to listen on"},
    {.name = "data",
     .type = TD_OPT_PATH,
     AT(data),
     .help = "folder of recorded data [TAPEDECK_DATA, else ../shared/data]"},
    {.name = "no-data",
     .type = TD_OPT_FLAG,
     AT(no_data),
     .help = "use the generator even where there is recorded data"},
    {.name = "symbols",
     .type = TD_OPT_LIST,
     AT(symbols),
     .help = "symbols to play [those with data, else SPY,AAPL,MSFT,ES]"},
    {.name = "account",
     .preset = "DU1234567",
     .type = TD_OPT_LIST,
     AT(accounts),
     .help = "account names"},
    {.name = "cash",
     .preset = "1000000",
     .type = TD_OPT_NUM,
     .low = 1,
     .high = 9000000000,
     AT(cash),
     .help = "dollars each account begins with"},
    {.name = "seed",
     .preset = "7",
     .type = TD_OPT_INT,
     .low = 0,
     .high = INT64_MAX,
     AT(seed),
     .help = "of the generator"},
    {.name = "speed",
     .preset = "1",
     .type = TD_OPT_NUM,
     .low = 0,
     .high = 100000,
     AT(speed),
     .help = "market seconds per second; 0: as fast as clients take it"},
    {.name = "day",
     .type = TD_OPT_DATE,
     AT(day),
     .help = "day to play [the first recorded one, else the last weekday]"},
    {.name = "start",
     .preset = "09:30",
     .type = TD_OPT_STR,
     AT(start),
     .help = "market clock at the start, HH:MM New York"},
    {.name = "lines",
     .preset = "100",
     .type = TD_OPT_INT,
     .low = 1,
     .high = 1000,
     AT(lines),
     .help = "market data lines of the account"},
    {.name = "depth-lines",
     .preset = "3",
     .type = TD_OPT_INT,
     .low = 1,
     .high = 200,
     AT(depth_lines),
     .help = "market depth subscriptions per client"},
    {.name = "latency",
     .preset = "5",
     .type = TD_OPT_INT,
     .low = 0,
     .high = 60000,
     AT(latency_ms),
     .help = "ms of market time to the venue, and back"},
    {.name = "pace",
     .preset = "reject",
     .type = TD_OPT_STR,
     .choices = "reject|hold|off",
     AT(pace),
     .help = "above 50 requests a second"},
    {.name = "read-only",
     .type = TD_OPT_FLAG,
     AT(read_only),
     .help = "refuse everything about orders, as Read-Only API does"},
    {.name = "subscribed",
     .preset = "live",
     .type = TD_OPT_STR,
     .choices = "live|delayed|none",
     AT(subscribed),
     .help = "market data the account has"},
    {.name = "master",
     .preset = "-1",
     .type = TD_OPT_INT,
     .low = -1,
     .high = 2147483000,
     AT(master),
     .help = "client id that sees all orders"},
    {.name = "fault",
     .type = TD_OPT_LIST,
     AT(faults),
     .help = "mute-hello, mute-after-hello, drop-after:N, no-next-id, garbage:N, dup-status, "
             "no-exec-end, or an action of docs/fault-scripts.md with : for its blanks"},
    {.name = "script",
     .type = TD_OPT_PATH,
     AT(script),
     .help = "fault script: what goes wrong, and when; examples/faults holds some"},
    {.name = "control",
     .type = TD_OPT_PATH,
     AT(control),
     .help = "local socket that takes actions: tapedeck fault --control PATH ACTION"},
    {.name = "ledger",
     .type = TD_OPT_PATH,
     AT(ledger),
     .help = "file that gets every order and fill as JSON lines"},
    {.name = "duration",
     .preset = "0",
     .type = TD_OPT_INT,
     .low = 0,
     .high = 100000000,
     AT(duration),
     .help = "seconds to run; 0: until a signal"},
    TD_OPTION_JSON("print one JSON line instead of the table"),
    {0},
};
_Static_assert(sizeof(struct args) <= TD_CMD_ARGS_MAX, "arguments fit");

/* The option, else the setting, else the folder beside the checkout when it is there. */
static const char *find_data(const struct td_run *run, const struct args *args)
{
    if (args->no_data)
        return NULL;
    if (args->data && args->data[0])
        return args->data;
    if (run->settings->market_data && run->settings->market_data[0])
        return run->settings->market_data;
    return td_entry_at(run->world, DATA_BESIDE "/lean") == TD_ENTRY_FOLDER ? DATA_BESIDE : NULL;
}

static enum td_err configure(const struct td_run *run, const struct args *args,
                             struct td_gateway_config *c, struct td_fail *why)
{
    *c = (struct td_gateway_config){
        .world = run->world,
        .log = run->log,
        .host = args->host,
        .port = (uint16_t)args->port,
        .data = find_data(run, args),
        .symbols = args->symbols.items,
        .symbol_count = (uint32_t)args->symbols.count,
        .accounts = args->accounts.items,
        .account_count = (uint32_t)args->accounts.count,
        .cash = {args->cash},
        .seed = (uint64_t)args->seed,
        .speed_e9 = args->speed,
        .day = args->day,
        .master_id = (int32_t)args->master,
        .lines = (int32_t)args->lines,
        .depth_lines = (int32_t)args->depth_lines,
        .read_only = args->read_only,
        .latency = args->latency_ms * TD_MS,
        .control = args->control && args->control[0] ? args->control : NULL,
        .ledger = args->ledger && args->ledger[0] ? args->ledger : NULL};
    c->pace = strcmp(args->pace, "off") == 0    ? TD_GATEWAY_PACE_OFF
              : strcmp(args->pace, "hold") == 0 ? TD_GATEWAY_PACE_HOLD
                                                : TD_GATEWAY_PACE_REJECT;
    c->subscribed = strcmp(args->subscribed, "none") == 0      ? TD_GATEWAY_DATA_NONE
                    : strcmp(args->subscribed, "delayed") == 0 ? TD_GATEWAY_DATA_DELAYED
                                                               : TD_GATEWAY_DATA_LIVE;
    if (!td_gateway_start_parse(args->start, &c->start_minute))
        return td_fail_set(why, TD_EINVAL, "--start \"%s\": HH:MM, 00:01 to 23:59", args->start);
    return TD_OK;
}

/* The file's settings win over the options' presets: a script is a whole scene. */
static enum td_err read_script(const struct td_run *run, const struct args *args,
                               struct scene *scene, struct td_gateway_config *c,
                               struct td_fail *why)
{
    static char text[TD_SCRIPT_BYTES + 1];
    size_t len = 0;
    enum td_err err = TD_OK;
    td_script_init(&scene->script);
    scene->script.seed = (uint64_t)args->seed;
    if (args->script && args->script[0]) {
        err = td_file_slurp(run->world, args->script, text, sizeof text, &len, why);
        if (!err)
            err = td_script_parse(&scene->script, args->script, (struct td_str){text, len}, why);
        if (!err)
            err = td_gateway_settings(c, &scene->script, &scene->names, why);
        if (err)
            return td_fail_add(why, err, "--script %s", args->script);
    }
    for (int32_t i = 0; i < args->faults.count && !err; i++)
        err = td_script_fault(&scene->script, args->faults.items[i], why);
    c->script = &scene->script;
    c->seed = scene->script.seed;
    return err ? td_fail_add(why, err, "--fault") : TD_OK;
}

static void print_json(const struct td_gateway *g, const char *host)
{
    char buf[32768];
    struct td_text t;
    struct td_json j;
    struct td_gateway_symbol s;
    const char *name;
    td_text_init(&t, buf, sizeof buf);
    td_json_init(&j, &t, false);
    td_json_object(&j);
    td_json_key_text(&j, "host", host);
    td_json_key_i64(&j, "port", td_gateway_port(g));
    td_json_key(&j, "accounts");
    td_json_array(&j);
    for (uint32_t i = 0; (name = td_gateway_account(g, i)) != NULL; i++)
        td_json_text(&j, name);
    td_json_array_end(&j);
    td_json_key(&j, "market_time");
    td_json_iso(&j, td_gateway_now(g));
    td_json_key(&j, "symbols");
    td_json_array(&j);
    for (uint32_t i = 0; td_gateway_symbol(g, i, &s); i++) {
        td_json_object(&j);
        td_json_key_text(&j, "symbol", s.symbol);
        td_json_key_bool(&j, "recorded", s.recorded);
        td_json_key_text(&j, "source", s.text);
        td_json_object_end(&j);
    }
    td_json_array_end(&j);
    td_json_object_end(&j);
    td_text_char(&t, '\n');
    (void)td_cmd_print(&t);
}

static void print_table(const struct td_gateway *g, const struct args *args)
{
    char buf[32768], now[40];
    struct td_text t;
    struct td_gateway_symbol s;
    const char *name;
    td_text_init(&t, buf, sizeof buf);
    td_text_printf(&t, "IB gateway simulator on %s:%u\n", args->host, (unsigned)td_gateway_port(g));
    td_text_put(&t, "accounts ");
    for (uint32_t i = 0; (name = td_gateway_account(g, i)) != NULL; i++)
        td_text_printf(&t, " %s", name);
    (void)td_iso_print(td_gateway_now(g), now);
    td_text_printf(&t, "\nmarket    %.19s UTC at speed ", now);
    td_text_e9(&t, args->speed);
    td_text_put(&t, "; weekends and holidays of the New York exchange are closed\n");
    for (uint32_t i = 0; td_gateway_symbol(g, i, &s); i++)
        td_text_printf(&t, "%-9s %s\n", s.symbol, s.text);
    (void)td_cmd_print(&t);
}

static bool is_end(const struct td_wake *wake)
{
    return wake->kind == TD_WAKE_SIGNAL && (wake->signal == SIGINT || wake->signal == SIGTERM);
}

static void serve(struct td_world *world, struct td_gateway *g, td_ns until)
{
    for (struct td_wake wake = {.kind = TD_WAKE_TIMEOUT};
         !is_end(&wake) && td_world_mono(world) < until;) {
        const td_ns next = td_gateway_deadline(g);
        td_world_wait(world, next < until ? next : until, &wake);
        (void)td_gateway_wake(g, &wake);
        if (td_world_mono(world) >= next)
            td_gateway_tick(g);
    }
}

int cmd_sim(struct td_run *run, void *arguments)
{
    const struct args *args = arguments;
    static struct scene scene;
    struct td_gateway_config config;
    struct td_gateway *g = NULL;
    struct td_fail why = {0};
    enum td_err err = configure(run, args, &config, &why);
    if (!err)
        err = read_script(run, args, &scene, &config, &why);
    if (!err)
        err = td_gateway_open(&g, &config, &why);
    if (err)
        return td_cmd_fail(run, &why);
    if (args->json)
        print_json(g, args->host);
    else
        print_table(g, args);
    const td_ns end =
        args->duration ? td_world_mono(run->world) + args->duration * TD_SEC : TD_NS_NEVER;
    serve(run->world, g, end);
    td_gateway_close(g);
    return 0;
}
