/* desk/bringup.c - attach, or start and wait. */
#include "desk/bringup.h"

#include <stdio.h>

#define STOP_LIMIT (10 * TD_SEC)

static bool is_here(const char *host)
{
    return strncmp(host, "127.", 4) == 0 || strcmp(host, "localhost") == 0 ||
           strcmp(host, "::1") == 0;
}

static bool is_set(const char *setting)
{
    return setting && *setting;
}

/* Nobody listens and there is no command: what the user has to do. */
static enum td_err cannot_start(const struct td_plan *plan, const struct td_settings *s,
                                struct td_fail *why)
{
    const char *missing = NULL;
    if (!is_set(s->username) && !is_set(s->password))
        missing = "IB_USERNAME and IB_PASSWORD are";
    else if (!is_set(s->username))
        missing = "IB_USERNAME is";
    else if (!is_set(s->password))
        missing = "IB_PASSWORD is";
    if (!is_here(plan->host))
        return why->code;
    if (missing)
        return td_fail_set(why, TD_ENOENT,
                           "no gateway listens on %s and none can be started: "
                           "IB_GATEWAY_START_CMD and %s missing",
                           plan->host, missing);
    return td_fail_add(why, why->code,
                       "set IB_GATEWAY_START_CMD to the program that starts the gateway");
}

static enum td_err start(struct td_bringup *b, const struct td_settings *s, struct td_log *log,
                         struct td_fail *why)
{
    const char *argv[TD_CHILD_WORDS_MAX + 1];
    char words[2048];
    enum td_err err = td_child_words(s->gateway_start_cmd, words, sizeof words, argv, why);
    if (err)
        return td_fail_add(why, err, "IB_GATEWAY_START_CMD");
    err = td_child_start(&b->child, argv, TD_CHILD_TO_STDERR, why);
    if (err)
        return td_fail_add(why, TD_EIO, "IB_GATEWAY_START_CMD");
    b->started = true;
    td_logf(log, TD_LOG_INFO, TD_LOG_TRADING, "gateway_autostart_env_cmd", "started %s, pid %lld",
            argv[0], (long long)b->child.pid);
    return TD_OK;
}

/* False: a signal arrived. */
static bool pause_for(struct td_world *world, td_ns until)
{
    while (td_world_mono(world) < until) {
        struct td_wake wake;
        td_world_wait(world, until, &wake);
        if (wake.kind == TD_WAKE_SIGNAL)
            return false;
    }
    return true;
}

static bool nobody_there(enum td_err err)
{
    return err == TD_EUNREACH || err == TD_ETIMEOUT;
}

/* A start program may end well once the gateway is on its way; ending badly is the end of the attempt. */
static bool start_failed(struct td_bringup *b)
{
    return !td_child_alive(&b->child) && b->child.status != 0;
}

/* Looks again and again. The clock of the grace starts with the first sign of a listener. */
static enum td_err wait_ready(struct td_bringup *b, const struct td_plan *plan,
                              const struct td_settings *s, struct td_link *link, struct td_log *log,
                              struct td_fail *why)
{
    td_ns until = td_world_mono(link->world) + s->gateway_start_timeout_s * TD_SEC;
    bool listener_seen = false;
    for (;;) {
        struct td_plan look = *plan;
        const td_ns left = until - td_world_mono(link->world);
        look.timeout = left < TD_SEC ? TD_SEC : left < plan->timeout ? left : plan->timeout;
        const enum td_err err = td_plan_connect(&look, link, NULL, &b->port, &b->client_id, why);
        if (!err || err == TD_EAGAIN)
            return err;
        if (nobody_there(err) && start_failed(b))
            return td_fail_set(why, TD_EIO, "the start command ended with status %d",
                               b->child.status);
        if (!listener_seen && !nobody_there(err)) {
            listener_seen = true;
            until = td_world_mono(link->world) + s->gateway_grace_s * TD_SEC;
            td_logf(log, TD_LOG_INFO, TD_LOG_TRADING, "gateway_listens",
                    "waiting up to %lld s for the login", (long long)s->gateway_grace_s);
        }
        const td_ns mono = td_world_mono(link->world);
        const td_ns next = mono + s->gateway_check_s * TD_SEC;
        if (mono >= until && listener_seen)
            return err;
        if (mono >= until)
            return td_fail_set(why, TD_EIO,
                               "the started gateway did not listen within %lld s "
                               "(IB_GATEWAY_START_TIMEOUT)",
                               (long long)s->gateway_start_timeout_s);
        if (!pause_for(link->world, next < until ? next : until))
            return td_fail_set(why, TD_EAGAIN, "interrupted while the gateway started");
    }
}

enum td_err td_bringup_run(struct td_bringup *b, const struct td_plan *plan,
                           const struct td_settings *settings, struct td_link *link,
                           struct td_log *log, struct td_fail *why)
{
    struct td_fail local = {0};
    struct td_fail *told = why ? why : &local;
    *b = (struct td_bringup){0};
    enum td_err err = td_plan_connect(plan, link, log, &b->port, &b->client_id, told);
    if (!err)
        td_logf(log, TD_LOG_INFO, TD_LOG_TRADING, "step_gateway", "attached to the one on %s:%u",
                plan->host, (unsigned)b->port);
    if (err != TD_EUNREACH)
        return err;
    if (!is_set(settings->gateway_start_cmd))
        return cannot_start(plan, settings, told);
    td_logf(log, TD_LOG_INFO, TD_LOG_TRADING, "gateway_autostart_attempt", "nobody listens on %s",
            plan->host);
    err = start(b, settings, log, told);
    if (!err)
        err = wait_ready(b, plan, settings, link, log, told);
    if (!err)
        td_logf(log, TD_LOG_INFO, TD_LOG_TRADING, "step_gateway", "started one; it is on %s:%u",
                plan->host, (unsigned)b->port);
    else
        td_logf(log, TD_LOG_ERROR, TD_LOG_TRADING, "gateway_autostart_error", "%s", told->text);
    return err;
}

void td_bringup_end(struct td_bringup *b, struct td_log *log)
{
    if (!b->started || !td_child_alive(&b->child))
        return;
    const bool ended = td_child_stop(&b->child, STOP_LIMIT);
    td_logf(log, ended ? TD_LOG_INFO : TD_LOG_WARN, TD_LOG_TRADING, "gateway_stop", "pid %lld %s",
            (long long)b->child.pid, ended ? "ended" : "did not end within 10 s; it is left alone");
}
