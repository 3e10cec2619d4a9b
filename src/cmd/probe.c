/* cmd/probe.c - connects, tells what it found as one JSON line, and ends the connection in order.
 *
 * Keys as the old ib_probe (contracts 2.5), and the verdict by name; exit status 0 ready, 2 nobody listens, the
 * others as desk/verdict.h. The gateway's settings file is only read, unless --fix-api-config with --yes asks for
 * the four settings the old tool set. A port without a listener is not dialled; a handshake that fails is reset, a
 * finished one is closed, so nothing half-open stays.
 */
#include <stdio.h>
#include <stdlib.h>

#include "cmd/cmd.h"
#include "cmd/option_rows.h"
#include "desk/jtsini.h"
#include "desk/plan.h"
#include "wire/json.h"

struct args {
    int64_t port;
    int64_t client_id;
    int64_t timeout;
    const char *protocol;
    bool live, fix, yes, json;
};

const struct td_opt cmd_probe_options[] = {
    TD_OPTION_PORT("try only this port"),
    TD_OPTION_CLIENT_ID("base client id"),
    {.name = "timeout",
     .env = "IB_CONNECT_TIMEOUT",
     .preset = "20",
     .type = TD_OPT_INT,
     .low = 1,
     .high = 600,
     .into = offsetof(struct args, timeout),
     .help = "seconds for the whole probe"},
    TD_OPTION_PROTOCOL,
    TD_OPTION_LIVE("allow the live port named in IB_PORT"),
    {.name = "fix-api-config",
     .type = TD_OPT_FLAG,
     .into = offsetof(struct args, fix),
     .help = "show what would set ApiOnly, port 7497, no SSL and TrustedIPs in the gateway's "
             "jts.ini; write it with --yes"},
    {.name = "yes",
     .type = TD_OPT_FLAG,
     .into = offsetof(struct args, yes),
     .help = "with --fix-api-config: write the file, keeping the old one as .bak"},
    TD_OPTION_JSON("accepted: the answer is always one JSON line"),
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

static void put_port(struct td_json *j, uint16_t port, bool connected)
{
    td_json_key(j, "port");
    if (connected)
        td_json_i64(j, port);
    else
        td_json_null(j);
}

static const char *hint(const struct td_jtsini *ini)
{
    if (ini->trouble[0])
        return ini->trouble;
    return ini->ssl == 1
               ? "the gateway's settings ask for SSL; the API socket speaks plain TCP: set UseSSL=0"
               : NULL;
}

static void print_result(const struct td_plan *plan, const struct td_run *run,
                         const struct td_plan_found *found, const struct td_fail *why)
{
    char text[8192];
    struct td_text t;
    struct td_json j;
    struct td_jtsini ini;
    const struct td_probe_row *row = &td_probe_rows[found->verdict];
    const bool connected = found->verdict == TD_PROBE_READY;
    td_jtsini_read(run->world, getenv("HOME"), &ini);
    td_text_init(&t, text, sizeof text);
    td_json_init(&j, &t, false);
    td_json_object(&j);
    td_json_key_bool(&j, "connected", connected);
    td_json_key_text(&j, "verdict", row->name);
    if (!connected) {
        td_json_key_text(&j, "error", why->text);
        td_json_key_text(&j, "action", row->action);
    }
    td_json_key_text(&j, "host", plan->host);
    put_port(&j, found->port, connected);
    td_json_key_i64(&j, "clientId", connected ? found->client_id : plan->client_id);
    put_plan(&j, plan, run->settings, &ini);
    if (found->server_version > 0) {
        td_json_key_i64(&j, "serverVersion", found->server_version);
        td_json_key_text(&j, "protocol",
                         found->server_version < TD_TWS_VERSION_PB ? "text" : "protobuf");
    }
    if (found->accounts[0])
        put_accounts(&j, found->accounts);
    td_json_key_text(&j, "hint", hint(&ini));
    td_json_object_end(&j);
    td_text_char(&t, '\n');
    (void)td_cmd_print(&t);
}

/* Shows what would change on stderr, and changes it only when told so. */
static enum td_err fix_config(struct td_run *run, bool yes, struct td_fail *why)
{
    static char lines[65536];
    struct td_jtsini ini;
    struct td_text diff;
    td_jtsini_read(run->world, getenv("HOME"), &ini);
    if (!ini.path[0])
        return td_fail_set(why, TD_ENOENT, "no jts.ini below the home folder: nothing to fix");
    td_text_init(&diff, lines, sizeof lines);
    enum td_err err = td_jtsini_diff(run->world, ini.path, &diff, why);
    if (!err && diff.len == 0)
        (void)fprintf(stderr, "%s: nothing to change\n", ini.path);
    if (err || diff.len == 0)
        return err;
    (void)fprintf(stderr, "%s:\n%s", ini.path, lines);
    if (!yes) {
        (void)fprintf(stderr, "not written; add --yes to write it, while the gateway is stopped\n");
        return TD_OK;
    }
    err = td_jtsini_fix(run->world, ini.path, why);
    if (!err)
        (void)fprintf(stderr, "rewrote %s, the old one is %s.bak; restart the gateway\n", ini.path,
                      ini.path);
    return err;
}

int cmd_probe(struct td_run *run, void *arguments)
{
    const struct args *args = arguments;
    struct td_fail unfixed = {0};
    if (args->fix && fix_config(run, args->yes, &unfixed) != TD_OK)
        return td_cmd_fail(run, &unfixed);
    struct td_plan plan;
    struct td_link link = {0};
    struct td_fail why = {0};
    struct td_plan_found found = {.verdict = TD_PROBE_REFUSED};
    enum td_err err = td_plan_make(run->settings, args->port, args->live, &plan, &why);
    plan.client_id = (int32_t)args->client_id;
    plan.timeout = args->timeout * TD_SEC;
    plan.protobuf = td_plan_is_protobuf(args->protocol);
    if (plan.warnings[0])
        (void)fprintf(stderr, "%s\n", plan.warnings);
    if (!err)
        err = td_link_open(&link, run->world, &why);
    if (!err)
        err = td_plan_search(&plan, &link, run->log, &found, &why);
    print_result(&plan, run, &found, &why);
    td_link_close(&link);
    td_cmd_let_go(run->world);
    return err ? err == TD_EINVAL ? 2 : td_probe_rows[found.verdict].exit : 0;
}
