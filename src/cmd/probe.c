/* cmd/probe.c - connects, tells what it found as one JSON line, and ends the connection in order.
 *
 * Keys and exit status as the old ib_probe (contracts 2.5): 0 connected, 2 not. The gateway's settings file
 * is only read, unless --fix-api-config asks for the four settings the old tool set. A handshake that fails
 * is reset, a finished one is closed, so nothing half-open stays.
 */
#include <stdio.h>
#include <stdlib.h>

#include "cmd/cmd.h"
#include "desk/jtsini.h"
#include "desk/plan.h"
#include "wire/json.h"

struct args {
    int64_t port;
    int64_t client_id;
    int64_t timeout;
    bool live, fix;
};

const struct td_opt cmd_probe_options[] = {
    {.name = "port",
     .type = TD_OPT_INT,
     .low = 1,
     .high = 65535,
     .into = offsetof(struct args, port),
     .help = "try only this port"},
    {.name = "client-id",
     .env = "IB_CLIENT_ID",
     .preset = "2011",
     .type = TD_OPT_INT,
     .low = 0,
     .high = 2147483000,
     .into = offsetof(struct args, client_id),
     .help = "base client id"},
    {.name = "timeout",
     .env = "IB_CONNECT_TIMEOUT",
     .preset = "20",
     .type = TD_OPT_INT,
     .low = 1,
     .high = 600,
     .into = offsetof(struct args, timeout),
     .help = "seconds for the whole probe"},
    {.name = "live",
     .type = TD_OPT_FLAG,
     .into = offsetof(struct args, live),
     .help = "allow the live port named in IB_PORT"},
    {.name = "fix-api-config",
     .type = TD_OPT_FLAG,
     .into = offsetof(struct args, fix),
     .help =
         "set ApiOnly, port 7497, no SSL and TrustedIPs in the gateway's jts.ini, keeping a .bak"},
    {0},
};
_Static_assert(sizeof(struct args) <= TD_CMD_ARGS_MAX, "arguments fit");

static void put_tri(struct td_json *j, const char *key, int value)
{
    td_json_key(j, key);
    if (value < 0)
        td_json_null(j);
    else
        td_json_bool(j, value != 0);
}

static void put_plan(struct td_json *j, const struct td_plan *plan, const struct td_settings *s,
                     const struct td_jtsini *ini)
{
    td_json_key_text(j, "method", "linux");
    td_json_key_bool(j, "windows_allowed", s->allow_windows);
    td_json_key(j, "candidates");
    td_json_array(j);
    for (int i = 0; i < plan->port_count; i++)
        td_json_i64(j, plan->ports[i]);
    td_json_array_end(j);
    put_tri(j, "api_enabled", ini->api_only);
    td_json_key(j, "api_port");
    if (ini->port < 0)
        td_json_null(j);
    else
        td_json_i64(j, ini->port);
    put_tri(j, "api_ssl", ini->ssl);
    put_tri(j, "trusted_localhost", ini->trusted_localhost);
}

static void put_accounts(struct td_json *j, const char *accounts)
{
    struct td_str rest = td_str_of(accounts), one;
    td_json_key(j, "accounts");
    td_json_array(j);
    while (td_str_split(&rest, ',', &one))
        if (one.len)
            td_json_str(j, one);
    td_json_array_end(j);
}

static void print_result(const struct td_plan *plan, const struct td_run *run,
                         const struct td_link *link, const struct td_fail *why, uint16_t port,
                         int32_t client_id)
{
    char text[4096];
    struct td_text t;
    struct td_json j;
    struct td_jtsini ini;
    const bool connected = why->code == TD_OK;
    td_jtsini_read(run->world, getenv("HOME"), &ini);
    td_text_init(&t, text, sizeof text);
    td_json_init(&j, &t, false);
    td_json_object(&j);
    td_json_key_bool(&j, "connected", connected);
    if (!connected)
        td_json_key_text(&j, "error", why->text);
    td_json_key_text(&j, "host", plan->host);
    td_json_key(&j, "port");
    if (connected)
        td_json_i64(&j, port);
    else
        td_json_null(&j);
    td_json_key_i64(&j, "clientId", client_id);
    put_plan(&j, plan, run->settings, &ini);
    if (connected) {
        td_json_key_i64(&j, "serverVersion", link->tws.server_version);
        put_accounts(&j, link->accounts);
    }
    td_json_key_text(
        &j, "hint",
        ini.ssl == 1
            ? "the gateway's settings ask for SSL; the API socket speaks plain TCP: set UseSSL=0"
            : NULL);
    td_json_object_end(&j);
    td_text_char(&t, '\n');
    (void)td_cmd_print(&t);
}

/* The orderly end takes until the gateway closes its side: at most a second. */
static void let_go(struct td_world *world)
{
    const td_ns until = td_world_mono(world) + TD_SEC;
    for (struct td_wake wake; td_world_mono(world) < until;) {
        td_world_wait(world, td_world_mono(world) + 20 * TD_MS, &wake);
        if (wake.kind == TD_WAKE_TIMEOUT)
            return;
    }
}

static enum td_err fix_config(struct td_run *run, struct td_fail *why)
{
    struct td_jtsini ini;
    td_jtsini_read(run->world, getenv("HOME"), &ini);
    if (!ini.path[0])
        return td_fail_set(why, TD_ENOENT, "no jts.ini below the home folder: nothing to fix");
    const enum td_err err = td_jtsini_fix(run->world, ini.path, why);
    if (!err)
        (void)fprintf(stderr, "rewrote %s, the old one is %s.bak; restart the gateway\n", ini.path,
                      ini.path);
    return err;
}

int cmd_probe(struct td_run *run, void *arguments)
{
    const struct args *args = arguments;
    struct td_fail unfixed = {0};
    if (args->fix && fix_config(run, &unfixed) != TD_OK)
        return td_cmd_fail(run, &unfixed);
    struct td_plan plan;
    struct td_link link = {0};
    struct td_fail why = {0};
    uint16_t port = 0;
    int32_t client_id = (int32_t)args->client_id;
    enum td_err err = td_plan_make(run->settings, args->port, args->live, &plan, &why);
    plan.client_id = (int32_t)args->client_id;
    plan.timeout = args->timeout * TD_SEC;
    if (plan.warnings[0])
        (void)fprintf(stderr, "%s\n", plan.warnings);
    if (!err)
        err = td_link_open(&link, run->world, &why);
    if (!err)
        err = td_plan_connect(&plan, &link, run->log, &port, &client_id, &why);
    why.code = err;
    print_result(&plan, run, &link, &why, port, client_id);
    td_link_close(&link);
    let_go(run->world);
    return err ? 2 : 0;
}
