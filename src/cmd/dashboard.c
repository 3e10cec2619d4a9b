/* cmd/dashboard.c - settings into a dashboard, and its questions into the desk's control socket. */
#include "cmd/dashboard.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "desk/desk.h"
#include "desk/station.h"
#include "desk/zone.h"
#include "sys/uvworld.h"

#define SETTINGS_BYTES 65536

static enum td_err ask_desk(void *arg, const char *line, char *out, size_t cap, struct td_fail *why)
{
    struct td_dashboard *b = arg;
    return td_desk_ask(&b->world, b->state, line, out, cap, why);
}

static enum td_err ask_scanner(void *arg, const char *line, char *out, size_t cap,
                               struct td_fail *why)
{
    struct td_dashboard *b = arg;
    return td_station_ask(&b->world, b->state, line, out, cap, why);
}

static void stop_asking(void *arg)
{
    struct td_dashboard *b = arg;
    td_world_poke(&b->world);
}

static const char *or_null(const char *text)
{
    return text && *text ? text : NULL;
}

static enum td_err prepare(struct td_dashboard *b, struct td_run *run, const char *state, bool feed,
                           struct td_fail *why)
{
    const struct td_opt_list *names = &run->settings->dash_names;
    struct td_text t;
    memset(b, 0, sizeof *b);
    b->state = state;
    for (int32_t i = 0; i < names->count; i++)
        b->names[i] = names->items[i];
    b->settings = malloc(SETTINGS_BYTES);
    if (!b->settings || (feed && td_feed_open(&b->feed) != TD_OK))
        return td_fail_set(why, TD_ENOMEM, "no memory for the dashboard");
    td_text_init(&t, b->settings, SETTINGS_BYTES);
    td_cmd_settings_json(run, &t);
    const enum td_err err = td_zone_load(run->world, TD_ZONE_NEW_YORK, &b->new_york, why);
    td_recordings_init(&b->recordings, &b->world, run->settings->dash_recordings, state);
    return err ? err : td_uvworld_open(&b->world, false, why);
}

enum td_err td_dashboard_open(struct td_dashboard *b, struct td_run *run, const char *state,
                              bool feed, struct td_fail *why)
{
    const struct td_settings *s = run->settings;
    enum td_err err = prepare(b, run, state, feed, why);
    const struct td_dash_config config = {.host = s->dash_host,
                                          .port = (uint16_t)s->dash_port,
                                          .socket_port = (uint16_t)s->dash_ws_port,
                                          .names = b->names,
                                          .certificate = or_null(s->dash_cert),
                                          .key = or_null(s->dash_key),
                                          .password_hash = or_null(s->dash_hash),
                                          .state = state,
                                          .version = run->version,
                                          .new_york = &b->new_york,
                                          .config_json = b->settings,
                                          .feed = td_dashboard_feed(b),
                                          .ask = ask_desk,
                                          .ask_scan = ask_scanner,
                                          .ask_arg = b,
                                          .ask_stop = stop_asking,
                                          .recordings = &b->recordings.calls,
                                          .log = run->log};
    if (!err && !config.certificate != !config.key)
        err = td_fail_set(why, TD_EINVAL, "DASH_TLS_CERT and DASH_TLS_KEY belong together");
    if (!err)
        err = td_dash_open(&b->dash, &config, why);
    if (err)
        td_dashboard_close(b);
    return err;
}

void td_dashboard_start(struct td_dashboard *b, struct td_run *run, const char *state)
{
    struct td_fail why = {0};
    const enum td_err err = td_dashboard_open(b, run, state, true, &why);
    char text[200];
    struct td_text t;
    if (err) {
        (void)fprintf(stderr, "no dashboard: %s; trading goes on (%s)\n", why.text,
                      err == TD_EINUSE
                          ? "DASH_PORT sets another port, --dashboard off keeps it quiet"
                          : "docs/dashboard.md");
        td_logf(run->log, TD_LOG_WARN, TD_LOG_API, "dashboard", "none: %s", why.text);
        return;
    }
    td_text_init(&t, text, sizeof text);
    td_dashboard_address(b, run, &t);
    td_logf(run->log, TD_LOG_INFO, TD_LOG_API, "dashboard", "at %s", text);
}

struct td_feed *td_dashboard_feed(struct td_dashboard *b)
{
    return b->feed.ring.buf ? &b->feed : NULL;
}

void td_dashboard_address(const struct td_dashboard *b, const struct td_run *run,
                          struct td_text *out)
{
    const struct td_settings *s = run->settings;
    const bool v6 = strchr(s->dash_host, ':') != NULL;
    td_text_printf(out, "%s://%s%s%s:%u/", s->dash_cert && *s->dash_cert ? "https" : "http",
                   v6 ? "[" : "", s->dash_host, v6 ? "]" : "", td_dash_port(b->dash));
}

void td_dashboard_close(struct td_dashboard *b)
{
    td_dash_close(b->dash);
    td_recordings_close(&b->recordings);
    if (b->world.ops)
        td_uvworld_close(&b->world);
    td_feed_close(&b->feed);
    free(b->settings);
    memset(b, 0, sizeof *b);
}
