/* dash/api_health.c - is it alive, is it ready, is the market open; the metrics page. */
#include "dash/api_answers.h"
#include "dash/api_inner.h"
#include "dash/metrics.h"

void api_health(const struct td_api_call *call, struct td_api_answer *out)
{
    struct td_json j;
    api_begin(&j, out);
    td_json_key_text(&j, "status", "healthy");
    api_time(&j, "timestamp", call->view->now);
    api_end(&j, out);
}

void api_live(const struct td_api_call *call, struct td_api_answer *out)
{
    struct td_json j;
    api_begin(&j, out);
    td_json_key_text(&j, "status", "alive");
    api_time(&j, "timestamp", call->view->now);
    td_json_key_text(&j, "service", "dashboard");
    api_end(&j, out);
}

static bool ask_number(const struct td_api_view *v, const char *sql, struct api_sql *q,
                       int64_t *value)
{
    (void)api_ask(v, q, sql);
    const bool got = api_step(q);
    if (got)
        *value = sqlite3_column_int64(q->s, 0);
    api_done(q);
    return got;
}

void api_ready(const struct td_api_call *call, struct td_api_answer *out)
{
    const struct td_api_view *v = call->view;
    const cJSON *disk = api_at(v->status, "disk_ok");
    struct td_json j;
    struct api_sql q;
    int64_t seq;
    const bool database = ask_number(v, "SELECT value FROM meta WHERE key = 'seq'", &q, &seq);
    const bool config = v->config_json != NULL;
    const bool filesystem = cJSON_IsBool(disk) ? cJSON_IsTrue(disk) : database;
    const bool ready = database && config && filesystem;
    out->status = ready ? 200 : 503;
    api_begin(&j, out);
    api_time(&j, "timestamp", v->now);
    td_json_key_text(&j, "service", "dashboard");
    td_json_key_bool(&j, "ready", ready);
    td_json_key(&j, "checks");
    td_json_object(&j);
    td_json_key_bool(&j, "database", database);
    td_json_key_bool(&j, "config", config);
    td_json_key_bool(&j, "filesystem", filesystem);
    td_json_object_end(&j);
    if (q.failed)
        td_json_key_text(&j, "reason", q.why);
    api_end(&j, out);
}

void api_database(const struct td_api_call *call, struct td_api_answer *out)
{
    struct td_json j;
    struct api_sql q;
    int64_t tables = 0;
    const bool good = ask_number(
        call->view, "SELECT COUNT(*) FROM sqlite_schema WHERE type = 'table'", &q, &tables);
    out->status = good ? 200 : 500;
    api_begin(&j, out);
    td_json_key_text(&j, "status", good ? "healthy" : "unhealthy");
    if (good)
        td_json_key_i64(&j, "table_count", tables);
    else
        td_json_key_text(&j, "error", q.why);
    api_time(&j, "timestamp", call->view->now);
    api_end(&j, out);
}

void api_market(const struct td_api_call *call, struct td_api_answer *out)
{
    struct td_json j;
    api_begin(&j, out);
    api_put_market(&j, call->view);
    api_end(&j, out);
}

void api_metrics(const struct td_api_call *call, struct td_api_answer *out)
{
    out->type = TD_METRICS_TYPE;
    td_text_reset(&out->text);
    td_metrics_put(call->view, &out->text);
    if (td_text_full(&out->text))
        api_error(out, 500, "the metrics do not fit");
}
