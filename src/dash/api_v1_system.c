/* dash/api_v1_system.c - settings, alerts, the gateway, journal, recorder and latency; the OpenAPI file. */
#include <math.h>
#include <string.h>

#include "dash/api_answers.h"
#include "dash/api_inner.h"
#include "dash/openapi.h"

void api_config(const struct td_api_call *call, struct td_api_answer *out)
{
    const char *text = call->view->config_json;
    cJSON *all = text ? cJSON_Parse(text) : NULL;
    const cJSON *row;
    struct td_json j;
    api_begin(&j, out);
    td_json_key(&j, "settings");
    td_json_array(&j);
    cJSON_ArrayForEach(row, all)
    {
        td_json_object(&j);
        td_json_key_text(&j, "key", row->string);
        api_copy(&j, "value", api_at(row, "value"), "not told");
        api_copy(&j, "source", api_at(row, "from"), "not told");
        api_copy(&j, "meaning", api_at(row, "meaning"), "not told");
        td_json_object_end(&j);
    }
    td_json_array_end(&j);
    if (!all)
        td_json_key_text(&j, "reason", "the settings were not given to the dashboard");
    cJSON_Delete(all);
    api_end(&j, out);
}

/* A part of the status as it is, or null with the reason. */
static void put_part(struct td_json *j, const struct td_api_view *v, const char *key,
                     const char *path)
{
    const cJSON *part = api_at(v->status, path);
    if (!part || cJSON_IsNull(part)) {
        api_null(j, key, api_no_desk(v));
        return;
    }
    td_json_key(j, key);
    api_whole(j, part);
}

#define NULL_MEANS "null: not known, or it never happened"

void api_alerts(const struct td_api_call *call, struct td_api_answer *out)
{
    struct td_json j;
    api_begin(&j, out);
    put_part(&j, call->view, "alerts", "alerts");
    td_json_key_text(&j, "reason", NULL_MEANS);
    api_end(&j, out);
}

void api_gateway(const struct td_api_call *call, struct td_api_answer *out)
{
    static const char *const parts[] = {"mode",    "account",   "session", "connection",
                                        "missing", "checklist", "clock",   "market_data"};
    struct td_json j;
    api_begin(&j, out);
    for (size_t i = 0; i < TD_COUNT(parts); i++)
        put_part(&j, call->view, parts[i], parts[i]);
    td_json_key_text(&j, "reason", NULL_MEANS);
    api_end(&j, out);
}

void api_journal(const struct td_api_call *call, struct td_api_answer *out)
{
    const struct td_api_view *v = call->view;
    struct api_sql q;
    struct td_json j;
    double projected = (double)NAN;
    (void)api_ask(v, &q, "SELECT value FROM meta WHERE key = 'seq'");
    if (api_step(&q))
        projected = api_cell_real(&q, 0);
    api_begin(&j, out);
    put_part(&j, v, "last_record", "journal.last_record");
    put_part(&j, v, "durable", "journal.durable");
    put_part(&j, v, "waiting", "journal.waiting");
    put_part(&j, v, "ok", "journal.ok");
    api_real(&j, "projected", projected, *q.why ? q.why : "nothing was projected yet");
    put_part(&j, v, "disk_ok", "disk_ok");
    api_done(&q);
    api_end(&j, out);
}

void api_recorder(const struct td_api_call *call, struct td_api_answer *out)
{
    const struct td_watch *w = call->view->watch;
    struct td_json j;
    api_begin(&j, out);
    td_json_key(&j, "symbols");
    td_json_array(&j);
    for (uint32_t i = 0; w && i < w->count; i++) {
        td_json_object(&j);
        td_json_key_text(&j, "symbol", w->symbols[i].symbol);
        td_json_key_i64(&j, "events", (int64_t)w->symbols[i].events);
        td_json_key_i64(&j, "gaps", (int64_t)w->symbols[i].gaps);
        td_json_object_end(&j);
    }
    td_json_array_end(&j);
    put_part(&j, call->view, "recorder", "recorder");
    td_json_key_text(&j, "reason",
                     "events and gaps are those the dashboard has seen since it began; files are "
                     "told by GET /api/v1/recordings");
    api_end(&j, out);
}

void api_latency(const struct td_api_call *call, struct td_api_answer *out)
{
    struct td_json j;
    api_begin(&j, out);
    put_part(&j, call->view, "stages", "delays");
    put_part(&j, call->view, "last_tick_age_s", "last_tick_age_s");
    put_part(&j, call->view, "messages_per_second", "connection.messages_per_second");
    api_end(&j, out);
}

void api_openapi(const struct td_api_call *call, struct td_api_answer *out)
{
    td_text_reset(&out->text);
    td_openapi_put(call->view->version, &out->text);
    if (td_text_full(&out->text))
        api_error(out, 500, "the answer does not fit");
}
