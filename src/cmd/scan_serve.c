/* cmd/scan_serve.c - two connections, one station; on a terminal its table, else a line of progress. */
#include "cmd/scan_serve.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>

#include "cmd/control.h"
#include "cmd/scan_table.h"
#include "desk/station.h"
#include "store/recover.h"
#include "sys/terminal.h"

#define LINE_BYTES 1024 /* of a word to the station */

struct serving {
    const struct scan_serve *s;
    struct td_station *station;
    void *block;
    char *text;
    bool draws; /* stdout is a terminal: the table, drawn anew */
};

/* ---- showing ---- */

static void put_bar(const struct serving *v, const struct td_scan_view *view, struct td_text *t)
{
    struct td_station_look look;
    td_station_look(v->station, &look);
    td_text_printf(
        t, "recording %u, L2 %u/%u, %u queued; %u candidates, %u hidden; ETFs %s%s%s\n",
        (unsigned)look.sessions, (unsigned)look.held, (unsigned)look.slots, (unsigned)look.queued,
        (unsigned)look.candidates, (unsigned)view->table->dropped[TD_SCAN_DROP_HIDDEN],
        v->s->prefs->etfs ? "listed" : "left out", look.scanning ? "" : "; the scanner reconnects",
        look.recording ? "" : "; the recorder reconnects");
}

static enum td_err draw(struct serving *v, struct td_fail *why)
{
    struct td_scan_table table;
    struct td_scan_view view;
    struct td_text t;
    const enum td_err err = td_station_view(v->station, v->block, &table, &view, why);
    if (err)
        return err;
    td_text_init(&t, v->text, TD_STATION_ANSWER);
    td_text_put(&t, "\033[H\033[2J");
    scan_table(&view, &t);
    put_bar(v, &view, &t);
    return td_cmd_print(&t) ? TD_OK : td_fail_set(why, TD_ECLOSED, "stdout is gone");
}

static void show_progress(const struct serving *v)
{
    struct td_station_look look;
    td_station_look(v->station, &look);
    td_progress("recording %u symbols, L2 %u/%u, %u queued; %u candidates%s",
                (unsigned)look.sessions, (unsigned)look.held, (unsigned)look.slots,
                (unsigned)look.queued, (unsigned)look.candidates,
                look.scanning && look.recording ? "" : "; reconnecting");
}

static enum td_err keep_serving(struct serving *v, struct td_fail *why)
{
    const td_ns refresh = v->draws ? v->s->prefs->refresh_s * TD_SEC : TD_SEC;
    enum td_err err = TD_OK;
    if (!v->draws)
        (void)printf("the scanner answers at %s/%s; Ctrl-C ends it\n", v->s->state,
                     TD_STATION_SOCKET);
    (void)fflush(stdout);
    while (!err) {
        err = td_station_run(v->station, refresh, why);
        if (!err && v->draws)
            err = draw(v, why);
        else if (!err)
            show_progress(v);
    }
    td_progress("%s", "");
    return err == TD_EAGAIN ? TD_OK : err;
}

/* ---- opening ---- */

static enum td_err mark(void *arg, struct td_scan_facts *facts, uint32_t count, uint32_t *funds,
                        struct td_fail *why)
{
    const struct scan_serve *s = arg;
    return scan_prefs_mark(s->prefs, s->run, facts, count, funds, why);
}

static enum td_err connect_to(const struct td_plan *plan, struct td_link *link,
                              const struct scan_serve *s, struct td_fail *why)
{
    uint16_t port;
    int32_t client_id;
    const enum td_err err = td_link_open(link, s->run->world, why);
    return err ? err : td_plan_connect(plan, link, s->run->log, &port, &client_id, why);
}

static enum td_err serve(struct serving *v, const struct td_station_config *config,
                         struct td_fail *why)
{
    struct td_link scan_link = {0}, rec_link = {0};
    enum td_err err = connect_to(config->scan_plan, &scan_link, v->s, why);
    if (!err)
        err = connect_to(config->rec_plan, &rec_link, v->s, why);
    if (!err)
        err = td_station_open(&v->station, config, &scan_link, &rec_link, v->s->run->world, why);
    if (!err)
        err = keep_serving(v, why);
    td_station_close(v->station);
    td_link_close(&rec_link);
    td_link_close(&scan_link);
    return err;
}

enum td_err scan_serve_run(const struct scan_serve *s, struct td_fail *why)
{
    struct serving v = {.s = s, .draws = td_terminal_out()};
    struct td_plan rec_plan = *s->plan;
    struct td_recover_report left = {0};
    rec_plan.client_id = s->plan->client_id + s->plan->ids;
    struct td_plan scan_plan = *s->plan;
    scan_plan.messages_per_sec = rec_plan.messages_per_sec = TD_PLAN_RATE / 2;
    struct td_scan_config scan = *s->config;
    const struct td_station_config config = {.state = s->state,
                                             .output = s->output,
                                             .scan_plan = &scan_plan,
                                             .rec_plan = &rec_plan,
                                             .new_york = s->new_york,
                                             .scan = scan,
                                             .adv_days = (int32_t)s->prefs->adv_days,
                                             .refresh_s = s->prefs->refresh_s,
                                             .named = s->symbols->items,
                                             .named_count = (uint32_t)s->symbols->count,
                                             .lines = (uint32_t)s->run->settings->quote_slots,
                                             .slots = (uint32_t)s->slots,
                                             .levels = (int32_t)s->levels,
                                             .interval_ms = (int32_t)s->interval_ms,
                                             .rotate_ns = TD_HOUR,
                                             .mark = mark,
                                             .mark_arg = (void *)(uintptr_t)s,
                                             .log = s->run->log};
    v.block = malloc(td_scan_bytes(TD_SCANNER_UNIVERSE));
    v.text = malloc(TD_STATION_ANSWER);
    enum td_err err = v.block && v.text ? TD_OK : td_fail_set(why, TD_ENOMEM, "no memory");
    if (!err && td_entry_at(s->run->world, s->output) == TD_ENTRY_FOLDER)
        (void)!td_capture_recover(s->run->world, s->output, &left, NULL); /* stays for later */
    if (!err)
        err = serve(&v, &config, why);
    free(v.block);
    free(v.text);
    return err;
}

/* ---- talking to one that runs ---- */

static void print_sessions(const cJSON *answer)
{
    const cJSON *row, *slots = td_control_list(answer, "slots");
    (void)printf("%-10s %-7s %10s %10s %10s %6s  %s\n", "symbol", "status", "ticks", "messages",
                 "snapshots", "gaps", "");
    cJSON_ArrayForEach(row, td_control_list(answer, "sessions"))
    {
        const bool trouble = cJSON_IsString(td_control_list(row, "trouble"));
        (void)printf("%-10s %-7s %10.0f %10.0f %10.0f %6.0f  %s\n", td_control_text(row, "symbol"),
                     td_control_text(row, "status"), td_control_number(row, "ticks"),
                     td_control_number(row, "messages"), td_control_number(row, "snapshots"),
                     td_control_number(row, "gaps"),
                     trouble ? td_control_text(row, "trouble") : "");
    }
    (void)printf("L2 %.0f/%.0f, %.0f queued; files below %s\n", td_control_number(slots, "held"),
                 td_control_number(slots, "of"), td_control_number(slots, "queued"),
                 td_control_text(answer, "output"));
    if (cJSON_IsString(td_control_list(answer, "ended")))
        (void)printf("%s\n", td_control_text(answer, "ended"));
}

enum td_err scan_serve_ask(struct td_run *run, const char *state, const char *word,
                           const struct td_opt_list *symbols, bool json, struct td_fail *why)
{
    char line[LINE_BYTES];
    struct td_text t;
    td_text_init(&t, line, sizeof line);
    td_text_put(&t, word);
    for (int32_t i = 0; symbols && i < symbols->count; i++)
        td_text_printf(&t, " %s", symbols->items[i]);
    if (td_text_full(&t))
        return td_fail_set(why, TD_ERANGE, "too many symbols for one line; name fewer");
    char *text = malloc(TD_STATION_ANSWER);
    if (!text)
        return td_fail_set(why, TD_ENOMEM, "no memory for the answer");
    enum td_err err = td_station_ask(run->world, state, line, text, TD_STATION_ANSWER, why);
    cJSON *answer = err ? NULL : cJSON_Parse(text);
    if (!err && !answer)
        err = td_fail_set(why, TD_EPARSE, "the scanner's answer is no JSON");
    if (!err && json)
        (void)printf("%s", text);
    else if (!err && td_control_list(answer, "sessions"))
        print_sessions(answer);
    if (!err && !td_control_is(answer, "ok"))
        err = td_fail_set(why, TD_EINVAL, "%s", td_control_text(answer, "error"));
    cJSON_Delete(answer);
    free(text);
    return err;
}
