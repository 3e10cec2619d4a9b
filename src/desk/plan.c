/* desk/plan.c - candidates and the search over ports and client ids. */
#include "desk/plan.h"

#include <stdio.h>

static bool parse_port(const char *text, uint16_t *out)
{
    int64_t value;
    struct td_str s = td_str_trim(td_str_of(text)), word;
    if (!td_str_split(&s, '#', &word))
        return false;
    word = td_str_trim(word);
    if (td_i64_parse(word.p, word.len, &value) != TD_OK || value < 1 || value > 65535)
        return false;
    *out = (uint16_t)value;
    return true;
}

/* An empty setting is no candidate; a bad one is dropped and told. */
static bool take_port(struct td_plan *plan, const char *name, const char *text, uint16_t *out)
{
    if (!text || !*text)
        return false;
    if (parse_port(text, out))
        return true;
    const size_t used = strlen(plan->warnings);
    (void)snprintf(plan->warnings + used, sizeof plan->warnings - used,
                   "%s%s: \"%.40s\" is no port (1 to 65535); dropped", used ? "\n" : "", name,
                   text);
    return false;
}

static void add_port(struct td_plan *plan, uint16_t port)
{
    for (int i = 0; i < plan->port_count; i++)
        if (plan->ports[i] == port)
            return;
    if (plan->port_count < TD_PLAN_PORTS_MAX)
        plan->ports[plan->port_count++] = port;
}

bool td_plan_is_live_port(const struct td_settings *s, uint16_t port)
{
    uint16_t live;
    return port == 4001 || port == 7496 ||
           (parse_port(s->gateway_live_port, &live) && live == port) ||
           (parse_port(s->live_port, &live) && live == port);
}

static void take_host(const char *text, char *out, size_t cap)
{
    struct td_str s = td_str_of(text), word = {0};
    (void)td_str_split(&s, '#', &word);
    s = td_str_trim(word);
    word = s;
    (void)td_str_split(&s, ' ', &word);
    (void)td_str_copy(word.len ? word : td_str_of("127.0.0.1"), out, cap);
}

static void add_candidates(const struct td_settings *s, struct td_plan *plan)
{
    const struct {
        const char *name, *text;
    } list[] = {{"IB_PORT", s->port},
                {"IB_GATEWAY_PAPER_PORT", s->gateway_paper_port},
                {"IB_PAPER_PORT", s->paper_port}};
    const size_t count = plan->live ? 1 : TD_COUNT(list);
    for (size_t i = 0; i < count; i++) {
        uint16_t port;
        if (take_port(plan, list[i].name, list[i].text, &port))
            add_port(plan, port);
    }
    if (s->allow_windows && !plan->live) {
        add_port(plan, 4003);
        add_port(plan, 4004);
    }
}

enum td_err td_plan_make(const struct td_settings *s, int64_t port, bool live, struct td_plan *out,
                         struct td_fail *why)
{
    *out = (struct td_plan){.client_id = (int32_t)s->client_id,
                            .ids = TD_PLAN_IDS,
                            .timeout = s->connect_timeout_s * TD_SEC,
                            .live = live,
                            .protobuf = td_plan_is_protobuf(s->protocol),
                            .check_accounts = true};
    take_host(s->host, out->host, sizeof out->host);
    (void)td_str_copy(td_str_of(s->account), out->account, sizeof out->account);
    td_settings_runtime(s, out->leases, sizeof out->leases);
    if (port > 0)
        add_port(out, (uint16_t)port);
    else
        add_candidates(s, out);
    for (int i = 0; i < out->port_count && !live; i++)
        if (td_plan_is_live_port(s, out->ports[i]))
            return td_fail_set(why, TD_EINVAL,
                               "port %u is a live port and this is paper trading; use a paper port "
                               "(4002, 7497) or --live",
                               (unsigned)out->ports[i]);
    if (live && out->port_count == 0)
        return td_fail_set(why, TD_EINVAL,
                           "live trading needs its port named in IB_PORT; none is implied");
    if (out->port_count == 0)
        return td_fail_set(why, TD_EINVAL,
                           "no valid gateway port is configured; set IB_PORT to 1..65535");
    return TD_OK;
}

enum td_err td_plan_make_local(const struct td_settings *s, int64_t port, struct td_plan *out,
                               struct td_fail *why)
{
    const bool live_port = port > 0 && td_plan_is_live_port(s, (uint16_t)port);
    const enum td_err err = td_plan_make(s, port, live_port, out, why);
    if (err)
        return err;
    out->live = out->check_accounts = false;
    out->local = true;
    return TD_OK;
}

bool td_plan_is_protobuf(const char *protocol)
{
    return protocol && strcmp(protocol, "protobuf") == 0;
}

void td_plan_widen(struct td_plan *plan)
{
    add_port(plan, 4000);
    if (plan->live)
        add_port(plan, 4001);
}

enum td_listening td_plan_listening(const struct td_plan *plan, struct td_world *world)
{
    enum td_listening fact = TD_LISTENING_NO;
    for (int i = 0; i < plan->port_count; i++) {
        const enum td_listening one = td_world_listening(world, plan->host, plan->ports[i]);
        if (one == TD_LISTENING_YES)
            return TD_LISTENING_YES;
        if (one == TD_LISTENING_UNKNOWN)
            fact = TD_LISTENING_UNKNOWN;
    }
    return fact;
}

struct attempt {
    enum td_err err;
    int64_t code; /* of a broker error that came before the end */
    int32_t client_id, server_version;
    char text[200];
    char accounts[256];
};

/* What the gateway says about itself must fit the plan; a session that does not is ended in order. */
static void check_account(const struct td_plan *plan, struct td_link *l, struct attempt *out)
{
    if (!plan->live && !td_accounts_are_paper(l->accounts))
        (void)snprintf(out->text, sizeof out->text,
                       "account %.80s is live and this is paper trading", l->accounts);
    else if (!td_accounts_hold(l->accounts, plan->account))
        (void)snprintf(out->text, sizeof out->text, "the login has %.80s, and not %s (IB_ACCOUNT)",
                       l->accounts, plan->account);
    else
        return;
    out->err = TD_EDENIED;
    td_link_hangup(l);
}

/* One try, until ready or ended. */
static void try_once(struct td_link *l, const struct td_link_config *config, td_ns until,
                     struct attempt *out)
{
    struct td_tws_event ev;
    *out = (struct attempt){.err = TD_EAGAIN, .client_id = config->client_id};
    td_link_dial(l, config);
    while (out->err == TD_EAGAIN) {
        struct td_wake wake;
        while (out->err == TD_EAGAIN && td_link_next(l, &ev)) {
            if (ev.kind == TD_TWS_EV_READY)
                out->err = TD_OK;
            if (ev.kind == TD_TWS_EV_MESSAGE && ev.msg.kind == TD_TWS_ERROR &&
                ev.msg.error.code == 326)
                out->code = 326;
            if (ev.kind == TD_TWS_EV_CLOSED) {
                out->err = out->code == 326 ? TD_EINUSE : ev.err ? ev.err : TD_ECLOSED;
                (void)snprintf(out->text, sizeof out->text, "%s", ev.text);
            }
        }
        if (out->err != TD_EAGAIN)
            return;
        const td_ns deadline = td_link_deadline(l);
        td_world_wait(l->world, deadline < until ? deadline : until, &wake);
        if (wake.kind == TD_WAKE_SIGNAL) {
            td_link_hangup(l);
            (void)snprintf(out->text, sizeof out->text, "interrupted");
            return;
        }
        (void)td_link_wake(l, &wake);
        td_link_tick(l);
    }
}

/* The worst news wins: a port that answers wrongly says more than one where nobody listens. */
static int weight(enum td_err err)
{
    static const enum td_err order[] = {TD_EUNREACH, TD_ETIMEOUT, TD_ECLOSED, TD_EINUSE, TD_EMUTE,
                                        TD_EPROTO,   TD_EVERSION, TD_ERANGE,  TD_EDENIED};
    for (size_t i = 0; i < TD_COUNT(order); i++)
        if (order[i] == err)
            return (int)i;
    return 0;
}

static enum td_probe_verdict verdict_of(const struct td_plan *plan, const struct attempt *a)
{
    return td_probe_verdict_of(a->err, a->server_version > 0, plan->protobuf);
}

static void explain(const struct td_plan *plan, const struct attempt *worst, uint16_t port,
                    struct td_fail *why)
{
    char ports[80];
    size_t used = 0;
    ports[0] = '\0';
    for (int i = 0; i < plan->port_count; i++)
        used += (size_t)snprintf(ports + used, sizeof ports - used, "%s%u", i ? ", " : "",
                                 (unsigned)plan->ports[i]);
    if (worst->err == TD_EUNREACH)
        (void)td_fail_set(
            why, TD_EUNREACH,
            "no gateway listens on %s, ports %s: start IB Gateway or TWS, or `tapedeck sim`",
            plan->host, ports);
    else if (worst->err == TD_EMUTE)
        (void)td_fail_set(why, TD_EMUTE,
                          "%s:%u accepted the connection but the API did not answer (%s): look for "
                          "an open dialog, "
                          "an untrusted IP, or the SSL setting",
                          plan->host, (unsigned)port, worst->text);
    else if (worst->err == TD_EINUSE)
        (void)td_fail_set(why, TD_EINUSE, "%s:%u: client ids %d to %d are in use (%s)", plan->host,
                          (unsigned)port, (int)plan->client_id,
                          (int)plan->client_id + (int)plan->ids - 1,
                          worst->code == 326 ? "error 326" : worst->text);
    else if (verdict_of(plan, worst) == TD_PROBE_PROTOCOL)
        (void)td_fail_set(why, worst->err,
                          "%s:%u does not take protobuf, version %d (%s): set IB_PROTOCOL=text, or "
                          "use a gateway that speaks it",
                          plan->host, (unsigned)port, TD_TWS_VERSION_PB, worst->text);
    else
        (void)td_fail_set(why, worst->err, "%s:%u: %s", plan->host, (unsigned)port, worst->text);
}

/* False when a signal arrived meanwhile. */
static bool pause_a_second(struct td_world *world)
{
    const td_ns until = td_world_mono(world) + TD_SEC;
    struct td_wake wake;
    do {
        td_world_wait(world, until, &wake);
        if (wake.kind == TD_WAKE_SIGNAL)
            return false;
    } while (td_world_mono(world) < until);
    return true;
}

/* One port: the ids in turn. A single id in use is tried again every second: it may be our own last session,
 * not yet noticed as dead, and its orders can be managed under that id alone. */
static void try_port(const struct td_plan *plan, struct td_link *link, struct td_log *log,
                     uint16_t port, td_ns until, struct attempt *out)
{
    const uint16_t version = plan->protobuf ? TD_TWS_VERSION_PB : 0;
    *out = (struct attempt){.err = TD_ETIMEOUT, .text = "the time limit passed"};
    if (td_world_listening(link->world, plan->host, port) == TD_LISTENING_NO) {
        *out = (struct attempt){.err = TD_EUNREACH, .text = "nobody listens"};
        return;
    }
    for (int id = 0; id < plan->ids;) {
        const td_ns left = until - td_world_mono(link->world);
        if (left <= 0)
            return;
        const uint16_t rate = plan->messages_per_sec ? plan->messages_per_sec : TD_PLAN_RATE;
        const struct td_link_config config = {.host = plan->host,
                                              .port = port,
                                              .client_id = plan->client_id + id,
                                              .log = log,
                                              .dial_ns = left < 2 * TD_SEC ? left : 2 * TD_SEC,
                                              .hello_ns = left < 10 * TD_SEC ? left : 10 * TD_SEC,
                                              .ready_ns = left < 15 * TD_SEC ? left : 15 * TD_SEC,
                                              .messages_per_sec = rate,
                                              .version_min = version,
                                              .version_max = version,
                                              .leases = plan->leases,
                                              .no_orders = plan->local};
        try_once(link, &config, until, out);
        out->server_version = link->tws_live ? link->tws.server_version : 0;
        memcpy(out->accounts, link->accounts, sizeof out->accounts);
        if (out->err == TD_OK && plan->check_accounts)
            check_account(plan, link, out);
        if (out->err != TD_OK)
            td_logf(log, TD_LOG_INFO, TD_LOG_API, "ib_attempt", "host=%s port=%u client_id=%d: %s",
                    plan->host, (unsigned)port, (int)config.client_id, out->text);
        if (out->err != TD_EINUSE)
            return;
        if (plan->ids > 1)
            id++;
        else if (!pause_a_second(link->world))
            out->err = TD_EAGAIN;
        if (out->err == TD_EAGAIN)
            return;
    }
}

static void tell_found(const struct td_plan *plan, struct td_plan_found *found,
                       const struct attempt *a, uint16_t port)
{
    *found = (struct td_plan_found){.verdict = verdict_of(plan, a),
                                    .port = port,
                                    .client_id = a->client_id,
                                    .server_version = a->server_version};
    memcpy(found->accounts, a->accounts, sizeof found->accounts);
}

enum td_err td_plan_search(const struct td_plan *plan, struct td_link *link, struct td_log *log,
                           struct td_plan_found *found, struct td_fail *why)
{
    const td_ns until = td_world_mono(link->world) + plan->timeout;
    struct attempt worst = {.err = TD_EUNREACH, .client_id = plan->client_id};
    uint16_t worst_port = plan->ports[0];
    for (int p = 0; p < plan->port_count && td_world_mono(link->world) < until; p++) {
        struct attempt a;
        try_port(plan, link, log, plan->ports[p], until, &a);
        if (a.err == TD_OK) {
            tell_found(plan, found, &a, plan->ports[p]);
            td_logf(log, TD_LOG_INFO, TD_LOG_API, "ib_connected",
                    "host=%s port=%u client_id=%d server_version=%d", plan->host,
                    (unsigned)found->port, (int)found->client_id, (int)found->server_version);
            return TD_OK;
        }
        if (a.err == TD_EAGAIN)
            return td_fail_set(why, TD_EAGAIN, "interrupted while connecting");
        if (weight(a.err) >= weight(worst.err)) {
            worst = a;
            worst_port = plan->ports[p];
        }
    }
    struct td_fail local = {0};
    explain(plan, &worst, worst_port, why ? why : &local);
    tell_found(plan, found, &worst, worst_port);
    td_logf(log, TD_LOG_ERROR, TD_LOG_API, "ib_unreachable", "%s", why ? why->text : local.text);
    return worst.err;
}

enum td_err td_plan_connect(const struct td_plan *plan, struct td_link *link, struct td_log *log,
                            uint16_t *port, int32_t *client_id, struct td_fail *why)
{
    struct td_plan_found found;
    const enum td_err err = td_plan_search(plan, link, log, &found, why);
    if (!err) {
        *port = found.port;
        *client_id = found.client_id;
    }
    return err;
}
