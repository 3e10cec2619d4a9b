/* desk/bringup.c - carries out what the manager asks for, until there is a session or a clear reason. */
#include "desk/bringup.h"

#include <stdio.h>

#include "desk/ibc.h"

#define STOP_LIMIT (10 * TD_SEC)
#define TURN       (100 * TD_MS) /* a look at children and files, which give no wakes */
#define LOG_MAX    65536

static bool is_set(const char *setting)
{
    return setting && *setting;
}

static void tell(struct td_bringup *b, const char *line)
{
    if (b->options->tell)
        b->options->tell(b->options->arg, line);
}

static void say(struct td_bringup *b, enum td_manager_event_kind kind, enum td_err err,
                const char *text)
{
    const struct td_manager_clock now = td_manager_clock_of(b->link->world);
    td_manager_event(&b->manager, &now,
                     &(struct td_manager_event){.kind = kind, .err = err, .text = text});
}

/* --- what the manager asks for --- */

static void look(struct td_bringup *b)
{
    const struct td_manager_clock now = td_manager_clock_of(b->link->world);
    td_manager_event(
        &b->manager, &now,
        &(struct td_manager_event){.kind = TD_MANAGER_EV_LISTENING,
                                   .listening = td_plan_listening(b->plan, b->link->world)});
}

/* The display answers when its socket is there: see watch_children. */
static void start_display(struct td_bringup *b)
{
    const enum td_err err = td_launch_display(&b->launch, &b->display, &b->last);
    if (err)
        say(b, TD_MANAGER_EV_DISPLAY, err, b->last.text);
}

static void start_gateway(struct td_bringup *b)
{
    const enum td_err err = td_launch_start(&b->launch, &b->display, &b->child, &b->last);
    b->started |= !err;
    b->told_end = false;
    b->prompts = 0;
    if (!err)
        td_logf(b->options->log, TD_LOG_INFO, TD_LOG_TRADING, "gateway_autostart_env_cmd",
                "started %s by %s, pid %lld", b->launch.ways[b->launch.way].program,
                td_launch_way_name((enum td_launch_way)b->launch.way), (long long)b->child.pid);
    say(b, TD_MANAGER_EV_SPAWNED, err, b->last.text);
}

static void dial(struct td_bringup *b)
{
    struct td_plan plan = *b->plan;
    const td_ns left = b->until - td_world_mono(b->link->world);
    if (b->options->patience)
        plan.timeout = left < TD_SEC ? TD_SEC : left < plan.timeout ? left : plan.timeout;
    b->last = (struct td_fail){0};
    const enum td_err err =
        td_plan_search(&plan, b->link, b->started ? NULL : b->options->log, &b->found, &b->last);
    b->interrupted |= err == TD_EAGAIN;
    b->shaken |= err != TD_EUNREACH;
    b->port = b->found.port;
    b->client_id = b->found.client_id;
    if (err == TD_EDENIED)
        say(b, TD_MANAGER_EV_REFUSED, err, b->last.text);
    else
        say(b, err ? TD_MANAGER_EV_LINK_FAILED : TD_MANAGER_EV_LINK_READY, err, b->last.text);
}

static void carry_out(struct td_bringup *b, const struct td_manager_action *a)
{
    char line[480];
    switch (a->what) {
    case TD_MANAGER_LOOK:
        look(b);
        break;
    case TD_MANAGER_DISPLAY:
        start_display(b);
        break;
    case TD_MANAGER_START:
        start_gateway(b);
        break;
    case TD_MANAGER_DIAL:
        dial(b);
        break;
    case TD_MANAGER_ALERT:
        (void)snprintf(line, sizeof line, "%s: %s", td_manager_alert_word(a->alert), a->text);
        td_logf(b->options->log, TD_LOG_WARN, TD_LOG_TRADING, "gateway_alert", "%s", line);
        tell(b, line);
        break;
    case TD_MANAGER_SOFT_RESTART: /* not allowed in our config */
    case TD_MANAGER_RECONCILE:
    case TD_MANAGER_DROP: /* the search has ended its own connection */
    case TD_MANAGER_CENSUS:
    case TD_MANAGER_ALERTS_OVER:
        break;
    }
}

/* --- what happens by itself --- */

static void watch_display(struct td_bringup *b)
{
    if (b->manager.state != TD_MANAGER_SPAWN || !b->display.number || !b->manager.in_display)
        return;
    if (td_display_ready(&b->display, b->link->world))
        say(b, TD_MANAGER_EV_DISPLAY, TD_OK, NULL);
    else if (!td_child_alive(&b->display.child))
        say(b, TD_MANAGER_EV_DISPLAY, TD_EIO, "the display's program ended");
}

static void watch_child(struct td_bringup *b)
{
    char text[200];
    if (!b->child.pid || b->told_end || td_child_alive(&b->child))
        return;
    b->told_end = true;
    const struct td_ibc_status *row =
        b->launch.way == TD_LAUNCH_IBC ? td_ibc_status_find(b->child.status) : NULL;
    (void)snprintf(text, sizeof text, "the start command ended with status %d%s%s", b->child.status,
                   row ? ": " : "", row ? row->meaning : "");
    const struct td_manager_clock now = td_manager_clock_of(b->link->world);
    td_manager_event(&b->manager, &now,
                     &(struct td_manager_event){.kind = TD_MANAGER_EV_CHILD_ENDED,
                                                .status = b->child.status,
                                                .text = text});
}

/* Looks at the end of what the started program wrote for a new prompt of the second factor. */
static void watch_log(struct td_bringup *b)
{
    static const char text[] = "the login waits for the second factor";
    char bytes[LOG_MAX];
    struct td_file f;
    uint64_t size = 0;
    size_t got = 0;
    if (!b->started || td_file_open(b->link->world, b->launch.log, TD_FILE_READ, &f, NULL) != TD_OK)
        return;
    if (td_file_size(b->link->world, f, &size) == TD_OK) {
        const uint64_t from = size > sizeof bytes ? size - sizeof bytes : 0;
        if (td_file_read(b->link->world, f, from, bytes, sizeof bytes, &got) != TD_OK)
            got = 0;
    }
    td_file_close(b->link->world, f);
    const int prompts = td_ibc_prompts((struct td_str){bytes, got});
    if (prompts > b->prompts)
        say(b, TD_MANAGER_EV_SECOND_LOGIN, TD_OK, text);
    b->prompts = prompts > b->prompts ? prompts : b->prompts;
}

static void tell_state(struct td_bringup *b)
{
    char line[300];
    struct td_text t;
    if (b->manager.state == b->told_state)
        return;
    b->told_state = b->manager.state;
    td_text_init(&t, line, sizeof line);
    td_manager_print(&b->manager, &t);
    td_logf(b->options->log, TD_LOG_INFO, TD_LOG_TRADING, "gateway_state", "%s", line);
    tell(b, line);
}

/* --- the end --- */

/* Nobody listens and there is no way to start one: what the user has to do. */
static enum td_err cannot_start(const struct td_bringup *b, struct td_fail *why)
{
    const struct td_settings *s = b->settings;
    const char *missing = NULL;
    struct td_fail none = {0};
    if (!is_set(s->username) && !is_set(s->password))
        missing = "IB_USERNAME and IB_PASSWORD are";
    else if (!is_set(s->username))
        missing = "IB_USERNAME is";
    else if (!is_set(s->password))
        missing = "IB_PASSWORD is";
    (void)td_fail_set(&none, TD_EUNREACH,
                      "no gateway listens on %s: start IB Gateway or TWS, or `tapedeck sim`",
                      b->plan->host);
    *why = b->last.code == TD_EUNREACH ? b->last : none;
    if (!td_host_is_here(b->plan->host) || b->options->attach)
        return why->code;
    if (missing)
        return td_fail_set(why, TD_ENOENT,
                           "no gateway listens on %s and none can be started: "
                           "IB_GATEWAY_START_CMD and %s missing",
                           b->plan->host, missing);
    return td_fail_add(why, why->code,
                       "set IB_GATEWAY_START_CMD to the program that starts the gateway");
}

/* The story of a failure: the handshake's when one was tried, else that of what was started. */
static enum td_err tell_failure(const struct td_bringup *b, struct td_fail *why)
{
    const struct td_manager *m = &b->manager;
    if (b->shaken && b->last.code) {
        *why = b->last;
        return why->code;
    }
    if (!b->started && m->spawns == 0)
        return cannot_start(b, why);
    if (m->last_err == TD_ETIMEOUT && !m->in_display && b->started)
        return td_fail_set(why, TD_EIO,
                           "the started gateway did not listen within %lld s "
                           "(IB_GATEWAY_START_TIMEOUT)",
                           (long long)b->settings->gateway_start_timeout_s);
    return td_fail_set(why, TD_EIO, "%s",
                       m->last_text[0] ? m->last_text : "no gateway was started");
}

/* Whether the answer is clear: nobody there and nothing to start, or a try that counts has failed. */
static bool is_over(const struct td_bringup *b)
{
    const struct td_manager *m = &b->manager;
    if (b->options->patience)
        return td_world_mono(b->link->world) >= b->until;
    return m->state == TD_MANAGER_OFF || m->state == TD_MANAGER_NEED_HUMAN || m->failures > 0 ||
           (m->state == TD_MANAGER_BACKOFF && m->last_err == TD_EINUSE && b->shaken);
}

static void configure(struct td_bringup *b, struct td_manager_config *c)
{
    const struct td_settings *s = b->settings;
    *c = (struct td_manager_config){
        .managed = b->launch.way >= 0 && td_host_is_here(b->plan->host) && !b->options->attach,
        .display = b->launch.needs_display,
        .listen_limit = s->gateway_start_timeout_s * TD_SEC,
        .listen_alive = s->gateway_start_timeout_s * TD_SEC,
        .grace = s->gateway_grace_s * TD_SEC,
        .look_every = s->gateway_check_s * TD_SEC,
        .restart_minute = -1,
        .reauth_minute = -1, /* somebody waits for this command: no windows either */
    };
}

/* One turn: everything that is asked for, everything that happened, then a short sleep. */
static void turn(struct td_bringup *b)
{
    struct td_manager_action a;
    struct td_wake wake;
    while (!b->interrupted && td_manager_next(&b->manager, &a))
        carry_out(b, &a);
    tell_state(b);
    if (b->interrupted || b->manager.state == TD_MANAGER_READY || is_over(b))
        return;
    const td_ns soon = td_world_mono(b->link->world) + TURN, next = td_manager_wake(&b->manager);
    td_world_wait(b->link->world, next < soon ? next : soon, &wake);
    b->interrupted |= wake.kind == TD_WAKE_SIGNAL;
    watch_display(b);
    watch_log(b);
    watch_child(b);
    const struct td_manager_clock now = td_manager_clock_of(b->link->world);
    td_manager_tick(&b->manager, &now);
}

static void begin(struct td_bringup *b)
{
    struct td_manager_config config;
    td_launch_look(&b->launch, b->link->world, b->settings, b->plan->live);
    if (b->options->way >= 0 && b->launch.ways[b->options->way].usable)
        td_launch_choose(&b->launch, (enum td_launch_way)b->options->way);
    configure(b, &config);
    const struct td_manager_clock now = td_manager_clock_of(b->link->world);
    b->until = now.mono + b->options->patience;
    td_manager_init(&b->manager, &config, &now);
    b->told_state = TD_MANAGER_STATES;
}

enum td_err td_bringup_by(struct td_bringup *b, const struct td_plan *plan,
                          const struct td_settings *settings, struct td_link *link,
                          const struct td_bringup_options *options, struct td_fail *why)
{
    struct td_fail local = {0};
    *b = (struct td_bringup){.plan = plan, .settings = settings, .link = link, .options = options};
    begin(b);
    while (!b->interrupted && b->manager.state != TD_MANAGER_READY && !is_over(b))
        turn(b);
    enum td_err err = TD_OK;
    if (b->manager.state == TD_MANAGER_READY)
        td_logf(options->log, TD_LOG_INFO, TD_LOG_TRADING, "step_gateway", "%s on %s:%u",
                b->started ? "started one; it is" : "attached to the one", plan->host,
                (unsigned)b->port);
    else if (b->interrupted)
        err = td_fail_set(&local, TD_EAGAIN, "interrupted while waiting for the gateway");
    else
        err = tell_failure(b, &local);
    if (err && err != TD_EAGAIN)
        td_logf(options->log, TD_LOG_ERROR, TD_LOG_TRADING, "gateway_autostart_error", "%s",
                local.text);
    if (err && why)
        *why = local;
    return err;
}

enum td_err td_bringup_run(struct td_bringup *b, const struct td_plan *plan,
                           const struct td_settings *settings, struct td_link *link,
                           struct td_log *log, struct td_fail *why)
{
    const struct td_bringup_options options = {.way = -1, .log = log};
    return td_bringup_by(b, plan, settings, link, &options, why);
}

static void end_child(struct td_child *c, const char *what, struct td_log *log)
{
    if (!c->pid || !td_child_alive(c))
        return;
    const bool ended = td_child_stop(c, STOP_LIMIT);
    td_logf(log, ended ? TD_LOG_INFO : TD_LOG_WARN, TD_LOG_TRADING, "gateway_stop",
            "%s, pid %lld %s", what, (long long)c->pid,
            ended ? "ended" : "did not end within 10 s; it is left alone");
}

void td_bringup_end(struct td_bringup *b, struct td_log *log)
{
    end_child(&b->child, "gateway", log);
    end_child(&b->display.child, "display", log);
}

void td_bringup_leave(struct td_bringup *b)
{
    if (b->child.pid)
        td_child_release(&b->child);
    if (b->display.number)
        td_child_release(&b->display.child);
}
