/* cmd/gateway.c - the life of a gateway by hand: status, plan, start, wait, handshake, explain (contracts 2.6).
 *
 * Only `start` starts something, and only when nobody listens. Nothing here ends a gateway.
 */
#include <stdio.h>
#include <stdlib.h>

#include "cmd/cmd.h"
#include "cmd/option_rows.h"
#include "desk/bringup.h"
#include "sys/machine.h"
#include "sys/socktable.h"
#include "sys/terminal.h"
#include "wire/json.h"

#define OUT_BYTES 32768

struct args {
    int64_t port, timeout;
    bool live, json;
};

const struct td_opt cmd_gateway_options[] = {
    TD_OPTION_PORT("look at this port only"),
    {.name = "timeout",
     .env = "IB_GATEWAY_START_TIMEOUT",
     .preset = "180",
     .type = TD_OPT_INT,
     .low = 1,
     .high = 3600,
     .into = offsetof(struct args, timeout),
     .help = "seconds that wait waits"},
    TD_OPTION_LIVE("the live gateway: its port must be named in IB_PORT"),
    TD_OPTION_JSON_OBJECT,
    {0},
};
_Static_assert(sizeof(struct args) <= TD_CMD_ARGS_MAX, "arguments fit");

/* What every action begins with. */
struct scene {
    struct td_run *run;
    const struct args *args;
    struct td_plan plan;
    struct td_launch launch;
    struct td_text out;
    struct td_json json;
};

static const char *listening_word(enum td_listening fact)
{
    return fact == TD_LISTENING_YES ? "yes" : fact == TD_LISTENING_NO ? "no" : "unknown";
}

static int finish(struct scene *s, int status)
{
    if (s->args->json) {
        td_json_object_end(&s->json);
        td_text_char(&s->out, '\n');
    }
    TD_REQUIRE(!td_text_full(&s->out));
    return td_cmd_print(&s->out) ? status : 1;
}

/* --- status and plan --- */

static void put_port(struct scene *s, uint16_t port)
{
    struct td_sock_census c = {0};
    const enum td_listening fact = td_world_listening(s->run->world, s->plan.host, port);
    const bool live = td_plan_is_live_port(s->run->settings, port);
    const bool known = td_sock_census_take(port, &c) == TD_OK;
    if (s->args->json) {
        td_json_object(&s->json);
        td_json_key_i64(&s->json, "port", port);
        td_json_key_text(&s->json, "listening", listening_word(fact));
        td_json_key_bool(&s->json, "live", live);
        td_json_key_i64(&s->json, "connections", known ? c.established : 0);
        td_json_key_i64(&s->json, "close_wait", known ? c.gateway_close_wait : 0);
        td_json_object_end(&s->json);
    } else {
        td_text_printf(&s->out, "%s:%-6u %-5s listens: %-8s connections %u, close_wait %u\n",
                       s->plan.host, (unsigned)port, live ? "live" : "paper", listening_word(fact),
                       known ? c.established : 0, known ? c.gateway_close_wait : 0);
    }
}

/* `live_too`: also the live ones, which a paper plan never dials; looking at them connects to nothing. */
static void put_ports(struct scene *s, bool live_too)
{
    static const uint16_t live[] = {4001, 7496};
    if (s->args->json) {
        td_json_key(&s->json, "ports");
        td_json_array(&s->json);
    }
    for (int i = 0; i < s->plan.port_count; i++)
        put_port(s, s->plan.ports[i]);
    for (size_t i = 0; i < TD_COUNT(live) && live_too && !s->plan.live && !s->args->port; i++)
        put_port(s, live[i]);
    if (s->args->json)
        td_json_array_end(&s->json);
}

static void put_ways(struct scene *s)
{
    if (s->args->json) {
        td_json_key(&s->json, "ways");
        td_json_array(&s->json);
    }
    for (int i = 0; i < TD_LAUNCH_WAYS; i++) {
        const struct td_launch_choice *c = &s->launch.ways[i];
        const char *name = td_launch_way_name((enum td_launch_way)i);
        if (s->args->json) {
            td_json_object(&s->json);
            td_json_key_text(&s->json, "way", name);
            td_json_key_bool(&s->json, "usable", c->usable);
            td_json_key_bool(&s->json, "chosen", i == s->launch.way);
            td_json_key_text(&s->json, "reason", c->reason);
            td_json_object_end(&s->json);
        } else {
            td_text_printf(&s->out, "%s %-16s %s\n",
                           i == s->launch.way ? ">"
                           : c->usable        ? "+"
                                              : "-",
                           name, c->reason);
        }
    }
    if (s->args->json)
        td_json_array_end(&s->json);
}

static int do_status(struct scene *s)
{
    const enum td_listening fact = td_plan_listening(&s->plan, s->run->world);
    if (s->args->json)
        td_json_key_text(&s->json, "listening", listening_word(fact));
    put_ports(s, true);
    return finish(s, fact == TD_LISTENING_NO ? 1 : 0);
}

static int do_plan(struct scene *s)
{
    if (s->args->json) {
        td_json_key_text(&s->json, "host", s->plan.host);
        td_json_key_text(&s->json, "mode", s->plan.live ? "live" : "paper");
        td_json_key_i64(&s->json, "client_id", s->plan.client_id);
    } else {
        td_text_printf(&s->out, "%s on %s, client ids %d to %d\nports, in this order:\n",
                       s->plan.live ? "live" : "paper", s->plan.host, (int)s->plan.client_id,
                       (int)s->plan.client_id + (int)s->plan.ids - 1);
    }
    put_ports(s, false);
    if (!s->args->json)
        td_text_put(&s->out, "ways to start one (> is taken, + could be, - cannot):\n");
    put_ways(s);
    return finish(s, 0);
}

/* --- explain --- */

static void explain_start(struct scene *s, struct td_text *t)
{
    const struct td_launch *l = &s->launch;
    const struct td_settings *set = s->run->settings;
    if (l->way < 0) {
        td_text_put(t, "Nothing would be started: there is no usable way.\n");
        for (int i = 0; i < TD_LAUNCH_WAYS; i++)
            td_text_printf(t, "  %s: %s\n", td_launch_way_name((enum td_launch_way)i),
                           l->ways[i].reason);
        return;
    }
    td_text_printf(t, "It would start %s (%s), because %s.\n", l->ways[l->way].program,
                   td_launch_way_name((enum td_launch_way)l->way), l->ways[l->way].reason);
    if (l->way == TD_LAUNCH_IBC)
        td_text_printf(t,
                       "Before that it would write %s, mode 0600: the login stands in that file "
                       "alone.\n",
                       l->ini);
    if (l->needs_display)
        td_text_printf(t, "DISPLAY is not set, so %s would be started first, for at most 10 s.\n",
                       set->xvfb);
    td_text_printf(t,
                   "Then it would look for a listener every %lld s for %lld s, and shake hands for "
                   "up to %lld s more while\nthe login waits for its second factor. Its output "
                   "goes to %s.\n",
                   (long long)set->gateway_check_s, (long long)set->gateway_start_timeout_s,
                   (long long)set->gateway_grace_s, l->log);
}

static int do_explain(struct scene *s)
{
    char text[4096];
    struct td_text t;
    const enum td_listening fact = td_plan_listening(&s->plan, s->run->world);
    td_text_init(&t, text, sizeof text);
    if (fact == TD_LISTENING_YES)
        td_text_put(&t, "Somebody listens, so `gateway start` would start nothing and shake hands "
                        "once.\n");
    else if (fact == TD_LISTENING_UNKNOWN)
        td_text_put(&t, "Whether somebody listens cannot be read here, so `gateway start` would "
                        "connect; only a refused\nconnection counts as nobody.\n");
    else
        td_text_put(&t, "Nobody listens on the plan's ports.\n");
    if (fact != TD_LISTENING_YES)
        explain_start(s, &t);
    td_text_put(&t, "Nothing was done now.\n");
    if (s->args->json) {
        td_json_key_text(&s->json, "listening", listening_word(fact));
        td_json_key_text(&s->json, "text", text);
    } else {
        td_text_put(&s->out, text);
    }
    return finish(s, 0);
}

/* --- handshake, wait, start --- */

static int put_handshake(struct scene *s, const struct td_plan_found *found, enum td_err err,
                         const struct td_fail *why)
{
    const struct td_probe_row *row = &td_probe_rows[found->verdict];
    if (s->args->json) {
        td_json_key_text(&s->json, "verdict", row->name);
        td_json_key_i64(&s->json, "port", found->port);
        td_json_key_i64(&s->json, "client_id", found->client_id);
        td_json_key_text(&s->json, "accounts", found->accounts[0] ? found->accounts : NULL);
        td_json_key_text(&s->json, "error", err ? why->text : NULL);
        td_json_key_text(&s->json, "action", err ? row->action : NULL);
    } else if (err) {
        td_text_printf(&s->out, "%s: %s\n%s\n", row->name, why->text, row->action);
    } else {
        td_text_printf(&s->out, "ready on %s:%u, client id %d, version %d, %s\n", s->plan.host,
                       (unsigned)found->port, (int)found->client_id, (int)found->server_version,
                       found->accounts);
    }
    return row->exit;
}

static int do_handshake(struct scene *s)
{
    struct td_link link = {0};
    struct td_fail why = {0};
    struct td_plan_found found = {.verdict = TD_PROBE_REFUSED};
    enum td_err err = td_link_open(&link, s->run->world, &why);
    if (!err)
        err = td_plan_search(&s->plan, &link, s->run->log, &found, &why);
    td_link_close(&link);
    td_cmd_let_go(s->run->world);
    return finish(s, put_handshake(s, &found, err, &why));
}

static void tell_line(void *arg, const char *line)
{
    (void)arg;
    (void)fprintf(stderr, "%s\n", line);
}

static int put_result(struct scene *s, const struct td_bringup *b, enum td_err err,
                      const struct td_fail *why)
{
    const int status = !err ? 0 : b->shaken && err != TD_EAGAIN ? 2 : 1;
    if (s->args->json) {
        td_json_key_bool(&s->json, "ready", !err);
        td_json_key_bool(&s->json, "started", b->started);
        td_json_key_text(&s->json, "way",
                         b->started ? td_launch_way_name((enum td_launch_way)b->launch.way) : NULL);
        td_json_key(&s->json, "pid");
        if (b->started)
            td_json_i64(&s->json, b->child.pid);
        else
            td_json_null(&s->json);
        td_json_key_text(&s->json, "state", td_manager_rows[b->manager.state].name);
        td_json_key_text(&s->json, "verdict",
                         b->shaken ? td_probe_rows[b->found.verdict].name : NULL);
        td_json_key_i64(&s->json, "port", err ? 0 : b->port);
        td_json_key_text(&s->json, "error", err ? why->text : NULL);
    } else if (!err) {
        td_text_printf(&s->out, "%s: ready on %s:%u, %s\n", b->started ? "started" : "attached",
                       s->plan.host, (unsigned)b->port, b->found.accounts);
    } else {
        (void)fprintf(stderr, "tapedeck gateway: %s\n", why->text);
    }
    return finish(s, status);
}

static int bring_up(struct scene *s, const struct td_bringup_options *options)
{
    struct td_bringup b = {0};
    struct td_link link = {0};
    struct td_fail why = {0};
    enum td_err err = td_link_open(&link, s->run->world, &why);
    if (!err)
        err = td_bringup_by(&b, &s->plan, s->run->settings, &link, options, &why);
    td_link_close(&link);
    td_cmd_let_go(s->run->world);
    const int status = put_result(s, &b, err, &why);
    td_bringup_leave(&b); /* a start is for others: it goes on without us */
    return status;
}

static int do_wait(struct scene *s)
{
    return bring_up(s, &(struct td_bringup_options){.patience = s->args->timeout * TD_SEC,
                                                    .attach = true,
                                                    .way = -1,
                                                    .log = s->run->log,
                                                    .tell = tell_line});
}

/* A person at a terminal chooses among the usable ways, unless a start command is set. -1: skip. */
static int ask_way(const struct td_launch *l)
{
    char line[32];
    for (int tries = 0; tries < 3; tries++) {
        (void)fprintf(stderr, "No gateway listens. Start one?\n");
        for (int i = TD_LAUNCH_IBC; i < TD_LAUNCH_WAYS; i++)
            if (l->ways[i].usable)
                (void)fprintf(stderr, "  %d  %s (%s)\n", i,
                              td_launch_way_name((enum td_launch_way)i), l->ways[i].reason);
        (void)fprintf(stderr, "  s  skip: somebody starts it by hand, wait for it\n> ");
        if (!td_machine_read_line(line, sizeof line) || line[0] == 's' || line[0] == 'S')
            return -1;
        const int way = line[0] - '0';
        if (line[1] == '\0' && way >= TD_LAUNCH_IBC && way < TD_LAUNCH_WAYS && l->ways[way].usable)
            return way;
    }
    return -1;
}

static int do_start(struct scene *s)
{
    const struct td_settings *set = s->run->settings;
    struct td_bringup_options options = {.way = -1, .log = s->run->log, .tell = tell_line};
    const bool nobody = td_plan_listening(&s->plan, s->run->world) == TD_LISTENING_NO;
    const bool asks = set->interactive && td_machine_person() && !s->args->json &&
                      !(set->gateway_start_cmd && *set->gateway_start_cmd);
    if (nobody && asks) {
        options.way = ask_way(&s->launch);
        options.attach = options.way < 0;
        options.patience = options.attach ? set->gateway_start_timeout_s * TD_SEC : 0;
    }
    return bring_up(s, &options);
}

int cmd_gateway(struct td_run *run, void *arguments)
{
    static const struct {
        const char *word;
        int (*act)(struct scene *s);
    } actions[] = {{"status", do_status}, {"plan", do_plan},           {"start", do_start},
                   {"wait", do_wait},     {"handshake", do_handshake}, {"explain", do_explain}};
    static char text[OUT_BYTES];
    struct scene s = {.run = run, .args = arguments};
    struct td_fail why = {0};
    const char *word = run->operands->count == 1 ? run->operands->items[0] : "";
    size_t i = 0;
    while (i < TD_COUNT(actions) && strcmp(actions[i].word, word) != 0)
        i++;
    if (i == TD_COUNT(actions)) {
        (void)td_fail_set(&why, TD_EINVAL,
                          "\"%.40s\" is no action; write one of status, plan, start, wait, "
                          "handshake, explain",
                          run->operands->count > 1 ? run->operands->items[1] : word);
        return td_cmd_fail(run, &why);
    }
    if (td_plan_make(run->settings, s.args->port, s.args->live, &s.plan, &why) != TD_OK)
        return td_cmd_fail(run, &why);
    if (s.args->port == 0)
        td_plan_widen(&s.plan);
    if (s.plan.warnings[0])
        (void)fprintf(stderr, "%s\n", s.plan.warnings);
    td_launch_look(&s.launch, run->world, run->settings, s.args->live);
    td_text_init(&s.out, text, sizeof text);
    td_json_init(&s.json, &s.out, false);
    if (s.args->json)
        td_json_object(&s.json);
    return actions[i].act(&s);
}
