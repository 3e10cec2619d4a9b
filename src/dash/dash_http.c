/* dash/dash_http.c - one request after the other: found, judged, read, answered. A request that is refused before its body was
 * read ends its connection, so that no byte of it is taken for the next one. */
#include "dash/dash_inner.h" /* first: what libwebsockets includes has names that we ban */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dash/act.h"

#define HEAD_MAX 2048

static const char policy[] =
    "default-src 'self'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

struct reply {
    int status;
    const char *type, *cache, *encoding, *cookie, *allow, *reason, *policy;
};

static bool add(struct lws *wsi, const char *name, const char *value, uint8_t **p, uint8_t *end)
{
    return !value || !value[0] ||
           lws_add_http_header_by_name(wsi, (const unsigned char *)name,
                                       (const unsigned char *)value, (int)strlen(value), p,
                                       end) == 0;
}

/* Status line and headers; the answer itself follows as the client takes it. */
static int send_head(struct td_dash *d, struct dash_conn *c, const struct reply *r)
{
    uint8_t head[LWS_PRE + HEAD_MAX], *start = head + LWS_PRE, *p = start,
                                      *end = head + sizeof head - 1;
    struct lws *wsi = c->wsi;
    const bool good =
        lws_add_http_header_status(wsi, (unsigned)r->status, &p, end) == 0 &&
        lws_add_http_header_content_length(wsi, c->answer_len, &p, end) == 0 &&
        add(wsi, "content-type:", r->type, &p, end) &&
        add(wsi, "cache-control:", r->cache, &p, end) &&
        add(wsi, "content-encoding:", r->encoding, &p, end) &&
        add(wsi, "vary:", r->encoding ? "Accept-Encoding" : NULL, &p, end) &&
        add(wsi, "x-reason:", r->reason, &p, end) && add(wsi, "set-cookie:", r->cookie, &p, end) &&
        add(wsi, "allow:", r->allow, &p, end) &&
        add(wsi, "content-security-policy:", r->policy ? r->policy : policy, &p, end) &&
        add(wsi, "x-content-type-options:", "nosniff", &p, end) &&
        add(wsi, "referrer-policy:", "no-referrer", &p, end) &&
        add(wsi, "cross-origin-resource-policy:", "same-origin", &p, end) &&
        add(wsi, "connection:", c->close ? "close" : NULL, &p, end) &&
        lws_finalize_write_http_header(wsi, start, &p, end) == 0;
    if (!good)
        return -1;
    d->view.requests++;
    d->view.refused += r->status >= 400;
    c->answer_at = 0;
    c->deadline = d->view.mono + DASH_WAIT_TAKE;
    if (r->type)
        (void)lws_callback_on_writable(wsi);
    return 0;
}

/* Takes a copy of `text`: the buffer it stands in is everybody's. */
static int reply_text(struct td_dash *d, struct dash_conn *c, const struct reply *r,
                      struct td_str text)
{
    free(c->owned);
    c->owned = malloc(text.len ? text.len : 1);
    if (!c->owned)
        return -1;
    memcpy(c->owned, text.p, text.len);
    c->answer = (const uint8_t *)c->owned;
    c->answer_len = text.len;
    return send_head(d, c, r);
}

static struct td_api_answer fresh_answer(struct td_dash *d)
{
    struct td_api_answer a = {.status = 200, .type = "application/json"};
    td_text_init(&a.text, (char *)d->out + LWS_PRE, TD_API_BYTES);
    return a;
}

static int reply_answer(struct td_dash *d, struct dash_conn *c, const struct td_api_answer *a,
                        const char *allow)
{
    const struct reply r = {.status = a->status,
                            .type = a->type,
                            .cache = "no-store",
                            .cookie = a->cookie,
                            .policy = a->policy,
                            .allow = allow};
    return reply_text(d, c, &r, (struct td_str){a->text.buf, a->text.len});
}

static int refuse(struct td_dash *d, struct dash_conn *c, int status, const char *reason)
{
    struct td_api_answer a = fresh_answer(d);
    td_route_refuse(&a, status, reason);
    return reply_answer(d, c, &a, status == 405 ? "GET, POST" : NULL);
}

/* --- what answers --- */

static bool takes_gzip(struct lws *wsi)
{
    char accepted[200];
    return lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_ACCEPT_ENCODING) > 0 &&
           lws_hdr_copy(wsi, accepted, sizeof accepted, WSI_TOKEN_HTTP_ACCEPT_ENCODING) > 0 &&
           strstr(accepted, "gzip");
}

static int reply_asset(struct td_dash *d, struct dash_conn *c, const struct td_asset *a)
{
    const bool packed = a->gzip && takes_gzip(c->wsi);
    const struct reply r = {.status = 200,
                            .type = a->type,
                            .cache = td_str_starts(td_str_of(a->path), "/assets/")
                                         ? "public, max-age=31536000, immutable"
                                         : "no-cache",
                            .encoding = packed ? "gzip" : NULL};
    c->answer = packed ? a->gzip : a->bytes;
    c->answer_len = packed ? a->gzip_len : a->len;
    return send_head(d, c, &r);
}

static void tell_log(struct td_dash *d, const struct dash_conn *c, int status)
{
    td_logf(d->config.log, status < 400 ? TD_LOG_INFO : TD_LOG_WARN, TD_LOG_API, "dashboard",
            "POST %.60s from %s: %d", c->facts->path, c->facts->peer, status);
}

/* The nonce of a dangerous action, with its word typed. It is spent, right or wrong. */
static bool confirm(struct td_dash *d, const struct dash_conn *c, const cJSON *body)
{
    const char *action = c->route->nonce;
    const cJSON *nonce = cJSON_GetObjectItemCaseSensitive(body, "nonce"),
                *word = cJSON_GetObjectItemCaseSensitive(body, "confirm");
    return action && cJSON_IsString(nonce) &&
           td_keeper_spend(&d->keeper, td_str_of(nonce->valuestring), action, d->view.mono) &&
           cJSON_IsString(word) && td_act_confirm(action) &&
           strcmp(td_act_confirm(action), word->valuestring) == 0;
}

/* Puts the call to the route's function. */
static int answer(struct td_dash *d, struct dash_conn *c, struct td_str argument, const cJSON *body)
{
    struct td_api_answer a = fresh_answer(d);
    struct td_asker asker;
    dash_facts_asker(c->facts, &asker);
    asker.method = c->route->method;
    dash_look(d);
    dash_ask_status(d);
    dash_ask_gates(d);
    if (c->route->scans && !body)
        dash_ask_scan(d);
    dash_open_db(d);
    const struct td_api_call call = {.route = c->route,
                                     .argument = argument,
                                     .query = td_str_of(c->facts->query),
                                     .body = body,
                                     .may_trade = c->may_trade,
                                     .confirmed = body && confirm(d, c, body),
                                     .asker = &asker,
                                     .view = &d->view};
    c->route->answer(&call, &a);
    if (td_text_full(&a.text))
        td_route_refuse(&a, 500, "the answer does not fit: ask for less");
    if (body) {
        tell_log(d, c, a.status);
        d->status_due = d->scan_due = 0; /* what it changed is looked at */
    }
    return reply_answer(d, c, &a, NULL);
}

/* --- a request --- */

int dash_http_judge(struct td_dash *d, struct dash_conn *c, enum td_access access,
                    const struct td_asker *a, const char **reason)
{
    struct td_judgement v;
    td_keeper_judge(&d->keeper, access, a, d->view.mono, &v);
    c->may_trade = v.trade;
    *reason = v.reason;
    return v.status;
}

static bool is_method(struct lws *wsi, enum td_method *method)
{
    if (lws_hdr_total_length(wsi, WSI_TOKEN_GET_URI) > 0)
        *method = TD_METHOD_GET;
    else if (lws_hdr_total_length(wsi, WSI_TOKEN_POST_URI) > 0)
        *method = TD_METHOD_POST;
    else
        return false;
    return true;
}

static int begin_post(struct td_dash *d, struct dash_conn *c)
{
    if (!c->body_need)
        return refuse(d, c, 400, "a JSON object and its Content-Length are needed");
    if (c->body_need > DASH_BODY_MAX)
        return refuse(d, c, 413, "a body of 1 MiB at most");
    free(c->body);
    c->body = malloc(c->body_need);
    c->body_len = 0;
    c->deadline = d->view.mono + DASH_WAIT_BODY;
    return c->body ? 0 : refuse(d, c, 503, "no memory");
}

/* A path that no route has: a file of the page, or nothing. */
static int begin_file(struct td_dash *d, struct dash_conn *c, enum td_method method, bool known,
                      struct td_asker *a)
{
    const char *reason;
    const struct td_asset *asset = td_asset_find(td_str_of(c->facts->path));
    a->method = TD_METHOD_GET;
    const int status = dash_http_judge(d, c, TD_ACCESS_OPEN, a, &reason);
    if (status != 200)
        return refuse(d, c, status, reason);
    if (known || (asset && method != TD_METHOD_GET))
        return refuse(d, c, 405, "this path has another method");
    return asset ? reply_asset(d, c, asset) : refuse(d, c, 404, "there is no such path");
}

int dash_http_begin(struct td_dash *d, struct dash_conn *c, struct td_str path)
{
    struct td_asker asker;
    struct td_str argument;
    const char *reason;
    bool known;
    enum td_method method = TD_METHOD_GET;
    dash_look(d);
    int status = dash_facts_take(c, path);
    if (status != 200) {
        c->close = true;
        return refuse(d, c, status,
                      status == 431 ? "a header or the path is too long"
                                    : "the length of the body is not clear");
    }
    dash_facts_asker(c->facts, &asker);
    if (!is_method(c->wsi, &method)) {
        c->close = true;
        return refuse(d, c, 405, "GET and POST are spoken here");
    }
    c->route = td_route_find(method, path, &argument, &known);
    if (!c->route)
        return begin_file(d, c, method, known, &asker);
    asker.method = method;
    status = dash_http_judge(d, c, c->route->access, &asker, &reason);
    if (status != 200) {
        if (method == TD_METHOD_POST)
            tell_log(d, c, status);
        return refuse(d, c, status, reason);
    }
    if (method == TD_METHOD_POST)
        return begin_post(d, c);
    if (c->close)
        return refuse(d, c, 400, "a GET has no body");
    return answer(d, c, argument, NULL);
}

int dash_http_body(struct td_dash *d, struct dash_conn *c, struct td_str bytes)
{
    (void)d;
    if (!c->body)
        return 0; /* refused already: nobody reads it */
    if (bytes.len > c->body_need - c->body_len)
        return -1;
    memcpy(c->body + c->body_len, bytes.p, bytes.len);
    c->body_len += bytes.len;
    return 0;
}

int dash_http_body_end(struct td_dash *d, struct dash_conn *c)
{
    const char *reason;
    struct td_str argument = {0};
    bool known;
    if (!c->body || !c->route)
        return 0;
    if (c->body_len != c->body_need)
        return -1;
    c->close = false;
    cJSON *body = td_route_body((struct td_str){c->body, c->body_len}, &reason);
    (void)td_route_find(TD_METHOD_POST, td_str_of(c->facts->path), &argument, &known);
    const int result = body ? answer(d, c, argument, body) : refuse(d, c, 400, reason);
    cJSON_Delete(body);
    free(c->body);
    c->body = NULL;
    return result;
}

int dash_http_write(struct td_dash *d, struct dash_conn *c)
{
    const size_t left = c->answer_len - c->answer_at;
    const size_t len = left < DASH_CHUNK ? left : DASH_CHUNK;
    if (!c->answer)
        return 0;
    memcpy(d->out + LWS_PRE, c->answer + c->answer_at, len);
    c->answer_at += len;
    const bool last = c->answer_at == c->answer_len;
    if (lws_write(c->wsi, d->out + LWS_PRE, len, last ? LWS_WRITE_HTTP_FINAL : LWS_WRITE_HTTP) < 0)
        return -1;
    c->deadline = d->view.mono + DASH_WAIT_TAKE;
    if (!last) {
        (void)lws_callback_on_writable(c->wsi);
        return 0;
    }
    const bool end = c->close;
    dash_http_forget(c);
    return end || lws_http_transaction_completed(c->wsi) ? -1 : 0;
}

/* 0: it may become a WebSocket. 1: it was answered otherwise. */
int dash_http_upgrade(struct td_dash *d, struct dash_conn *c, const char *protocol)
{
    char path[64] = "";
    struct td_asker asker;
    const char *reason = "the only protocol is websocket";
    dash_look(d);
    if (lws_hdr_copy(c->wsi, path, sizeof path, WSI_TOKEN_GET_URI) <= 0)
        return -1;
    int status = strcmp(protocol, "websocket") == 0 ? dash_facts_take(c, td_str_of(path)) : 400;
    if (status == 200 && strcmp(path, "/ws") != 0 &&
        !(strcmp(path, "/") == 0 && d->config.socket_port)) {
        status = 404;
        reason = "the WebSocket is at /ws";
    }
    if (status == 200 && d->socket_count >= DASH_SOCKETS_MAX) {
        status = 503;
        reason = "512 clients are connected";
    }
    if (status == 200) {
        dash_facts_asker(c->facts, &asker);
        asker.socket = true;
        status = dash_http_judge(d, c, TD_ACCESS_READ, &asker, &reason);
    }
    if (status == 200)
        return 0;
    c->close = true;
    c->answer_len = 0; /* no body: libwebsockets ends such a connection behind its head */
    (void)send_head(d, c, &(struct reply){.status = status, .cache = "no-store", .reason = reason});
    return 1;
}

void dash_http_forget(struct dash_conn *c)
{
    free(c->facts);
    free(c->body);
    free(c->owned);
    c->facts = NULL;
    c->body = c->owned = NULL;
    c->answer = NULL;
    c->route = NULL;
    c->close = false;
    c->answer_len = c->answer_at = c->body_len = c->body_need = 0;
}
