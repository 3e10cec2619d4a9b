/* dash/openapi.c - one walk over both tables of paths, printed twice. */
#include "dash/openapi.h"

#include <stdio.h>
#include <string.h>

#include "dash/metrics.h"
#include "wire/json.h"

static const struct td_route *const tables[] = {td_routes, td_api_routes};

static const char *method_word(enum td_method method)
{
    return method == TD_METHOD_GET ? "get" : "post";
}

/* --- OpenAPI --- */

/* The names that may stand in a query: words of the help behind "?". */
static const char *const queries[] = {"symbol", "days", "limit", "after", "from", "state"};

static bool takes(const struct td_route *r, const char *query)
{
    char word[24];
    (void)snprintf(word, sizeof word, "?%s=", query);
    return strstr(r->help, word) != NULL;
}

static void put_parameter(struct td_json *j, const char *name, size_t len, bool in_path)
{
    td_json_object(j);
    td_json_key(j, "name");
    td_json_str(j, (struct td_str){name, len});
    td_json_key_text(j, "in", in_path ? "path" : "query");
    td_json_key_bool(j, "required", in_path);
    td_json_key(j, "schema");
    td_json_object(j);
    td_json_key_text(j, "type", "string");
    td_json_object_end(j);
    td_json_object_end(j);
}

static void put_parameters(struct td_json *j, const struct td_route *r)
{
    const char *open = strchr(r->path, '{');
    td_json_key(j, "parameters");
    td_json_array(j);
    if (open)
        put_parameter(j, open + 1, strcspn(open + 1, "}"), true);
    for (size_t i = 0; i < TD_COUNT(queries); i++)
        if (takes(r, queries[i]))
            put_parameter(j, queries[i], strlen(queries[i]), false);
    td_json_array_end(j);
}

static void put_security(struct td_json *j, const struct td_route *r)
{
    static const char *const schemes[] = {"bearer", "cookie"};
    td_json_key(j, "security");
    td_json_array(j);
    if (r->access == TD_ACCESS_READ) { /* on loopback none is needed */
        td_json_object(j);
        td_json_object_end(j);
    }
    for (size_t i = 0; i < TD_COUNT(schemes) && r->access != TD_ACCESS_OPEN; i++) {
        td_json_object(j);
        td_json_key(j, schemes[i]);
        td_json_array(j);
        td_json_array_end(j);
        td_json_object_end(j);
    }
    td_json_array_end(j);
}

static void put_content(struct td_json *j, const char *type)
{
    td_json_key(j, "content");
    td_json_object(j);
    td_json_key(j, type);
    td_json_object(j);
    td_json_key(j, "schema");
    td_json_object(j);
    td_json_key_text(j, "type", strcmp(type, "application/json") == 0 ? "object" : "string");
    td_json_object_end(j);
    td_json_object_end(j);
    td_json_object_end(j);
}

static void put_operation(struct td_json *j, const struct td_route *r)
{
    const bool metrics = strcmp(r->path, "/metrics") == 0;
    td_json_key(j, method_word(r->method));
    td_json_object(j);
    td_json_key_text(j, "summary", r->help);
    td_json_key_text(j, "description", r->schema);
    put_parameters(j, r);
    put_security(j, r);
    if (r->body) {
        td_json_key(j, "requestBody");
        td_json_object(j);
        td_json_key_text(j, "description", r->body);
        put_content(j, "application/json");
        td_json_object_end(j);
    }
    td_json_key(j, "responses");
    td_json_object(j);
    td_json_key(j, "200");
    td_json_object(j);
    td_json_key_text(j, "description", r->schema);
    put_content(j, metrics ? "text/plain" : "application/json");
    td_json_object_end(j);
    td_json_object_end(j);
    td_json_object_end(j);
}

/* An operation of the same path further up stands in the same object. */
static bool is_told(const struct td_route *row)
{
    for (size_t t = 0; t < TD_COUNT(tables); t++)
        for (const struct td_route *r = tables[t]; r->path; r++) {
            if (r == row)
                return false;
            if (strcmp(r->path, row->path) == 0)
                return true;
        }
    return false;
}

static void put_path(struct td_json *j, const char *path)
{
    td_json_key(j, path);
    td_json_object(j);
    for (size_t t = 0; t < TD_COUNT(tables); t++)
        for (const struct td_route *r = tables[t]; r->path; r++)
            if (strcmp(r->path, path) == 0)
                put_operation(j, r);
    td_json_object_end(j);
}

static void put_schemes(struct td_json *j)
{
    td_json_key(j, "components");
    td_json_object(j);
    td_json_key(j, "securitySchemes");
    td_json_object(j);
    td_json_key(j, "bearer");
    td_json_object(j);
    td_json_key_text(j, "type", "http");
    td_json_key_text(j, "scheme", "bearer");
    td_json_object_end(j);
    td_json_key(j, "cookie");
    td_json_object(j);
    td_json_key_text(j, "type", "apiKey");
    td_json_key_text(j, "in", "cookie");
    td_json_key_text(j, "name", "tapedeck");
    td_json_object_end(j);
    td_json_object_end(j);
    td_json_object_end(j);
}

void td_openapi_put(const char *version, struct td_text *out)
{
    struct td_json j;
    td_json_init(&j, out, true);
    td_json_object(&j);
    td_json_key_text(&j, "openapi", "3.0.3");
    td_json_key(&j, "info");
    td_json_object(&j);
    td_json_key_text(&j, "title", "tapedeck dashboard");
    td_json_key_text(&j, "version", version ? version : "");
    td_json_object_end(&j);
    td_json_key(&j, "paths");
    td_json_object(&j);
    for (size_t t = 0; t < TD_COUNT(tables); t++)
        for (const struct td_route *r = tables[t]; r->path; r++)
            if (!is_told(r))
                put_path(&j, r->path);
    td_json_object_end(&j);
    put_schemes(&j);
    td_json_object_end(&j);
    td_text_char(out, '\n');
}

/* --- docs/api.md --- */

/* A cell of a table: a bar would end it. */
static void put_cell(struct td_text *t, const char *text)
{
    for (; *text; text++) {
        if (*text == '|')
            td_text_char(t, '\\');
        td_text_char(t, *text);
    }
}

static void put_rows(struct td_text *t, bool ours)
{
    static const char *const access[] = {"open", "read", "trade"};
    td_text_put(t, "| path | access | what | answer |\n| --- | --- | --- | --- |\n");
    for (size_t n = 0; n < TD_COUNT(tables); n++)
        for (const struct td_route *r = tables[n]; r->path; r++) {
            if ((strncmp(r->path, "/api/v1/", 8) == 0) != ours)
                continue;
            td_text_printf(t, "| %s %s | %s%s%s | ", r->method == TD_METHOD_GET ? "GET" : "POST",
                           r->path, access[r->access], r->nonce ? ", nonce " : "",
                           r->nonce ? r->nonce : "");
            put_cell(t, r->help);
            if (r->body) {
                td_text_put(t, "; body ");
                put_cell(t, r->body);
            }
            td_text_put(t, " | ");
            put_cell(t, r->schema);
            td_text_put(t, " |\n");
        }
}

static void put_metrics(struct td_text *t)
{
    td_text_put(t, "| name | kind | meaning | label |\n| --- | --- | --- | --- |\n");
    for (const struct td_metric_row *m = td_metrics; m->name; m++)
        td_text_printf(t, "| %s | %s | %s | %s |\n", m->name,
                       m->kind == TD_METRIC_COUNTER ? "counter" : "gauge", m->help,
                       m->label ? m->label : "");
}

void td_api_page_put(struct td_text *t)
{
    td_text_put(
        t,
        "# The dashboard's API\n\nMade from the tables of paths and metrics by `make docs`; the "
        "same as OpenAPI 3: `GET /api/v1/openapi.json`.\n\nAnswers are JSON. Times are ISO 8601 "
        "UTC. What is not known is null, and the reason stands beside it, as `<key>_reason`\nor as "
        "`reason` of the object around it: no number is made up. Errors are "
        "`{\"ok\":false,\"reason\":...}`: 400 malformed, 401 no token or\na wrong one, 403 origin, "
        "header, nonce or what cannot be done, 404, 405, 413, 415, 421 host, 429, 503 no desk, 504 "
        "the desk did not\nanswer. Where no desk runs, what the disk knows is answered with 200; "
        "only `/health/ready` and what needs a desk say 503.\n\nAccess: *open* needs nothing; "
        "*read* needs no token on a loopback address, elsewhere the read or the trade token; "
        "*trade* always\nneeds the trade token, `Content-Type: application/json` and "
        "`X-Tapedeck: 1`. With *nonce*, `POST /api/v1/nonce` comes first, and the body\ncarries "
        "`nonce`, `confirm` and `reason`. `days` is clamped to 0 to 365, `limit` to 1 to 5000.\n\n"
        "## Ours\n\n");
    put_rows(t, true);
    td_text_put(
        t,
        "\n## The original's\n\nSame paths and keys as the older dashboard; its invented values "
        "are null here. Profit is realized, after fees, at average\ncost; round trips match first "
        "in, first out over the newest 16,384 executions. `return_pct`, `volatility` and "
        "`max_drawdown` of a\nperiod are of the equity before it: today's less what the period "
        "earned. `sharpe` is mean over deviation of daily profit, days without\na trade "
        "counted, times the root of 252, without a riskless rate.\n\n");
    put_rows(t, false);
    td_text_put(t, "\n## Metrics\n\n`GET /metrics`, Prometheus text 0.0.4. What is not known has "
                   "no sample. `money` is the account's currency.\n\n");
    put_metrics(t);
}
