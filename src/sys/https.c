/* sys/https.c - libcurl's easy interface with everything bounded. */
#include "sys/https.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sys/curl_lib.h"

#define CONNECT_LIMIT (10 * TD_SEC)
#define SILENCE_LIMIT (100 * TD_SEC)
#define WAIT_MAX      TD_HOUR

struct td_https {
    struct td_curl call;
    struct td_https_config config;
    char error[CURL_ERROR_SIZE];
    const struct td_https_request *request; /* under way */
    struct td_https_reply *reply;
    enum td_err sink_err;
};

/* --- what libcurl calls --- */

static bool stopped(const struct td_https *h)
{
    return h->request->stop && atomic_load_explicit(h->request->stop, memory_order_relaxed);
}

static void keep(struct td_https_reply *r, const char *bytes, size_t len)
{
    const size_t room = sizeof r->body - 1 - r->len, n = len < room ? len : room;
    memcpy(r->body + r->len, bytes, n);
    r->len += n;
    r->body[r->len] = '\0';
    r->cut |= n < len;
}

static size_t on_body(char *bytes, size_t one, size_t len, void *arg)
{
    struct td_https *h = arg;
    long status = 0;
    (void)one;
    (void)h->call.get(h->call.handle, CURLINFO_RESPONSE_CODE, &status);
    h->reply->status = (int)status;
    h->reply->bytes += len;
    if (h->request->sink && status >= 200 && status < 300)
        h->sink_err = h->request->sink(h->request->arg, bytes, len);
    else
        keep(h->reply, bytes, len);
    return h->sink_err ? 0 : len;
}

/* "Name: value" when the line has that name. */
static bool header(struct td_str line, const char *name, struct td_str *value)
{
    const size_t n = strlen(name);
    if (line.len <= n || line.p[n] != ':' || strncasecmp(line.p, name, n) != 0)
        return false;
    *value = td_str_trim((struct td_str){line.p + n + 1, line.len - n - 1});
    return true;
}

static size_t on_header(char *bytes, size_t one, size_t len, void *arg)
{
    struct td_https *h = arg;
    const struct td_str line = {bytes, len};
    struct td_https_reply *r = h->reply;
    struct td_str value;
    int64_t seconds;
    (void)one;
    if (len > 5 &&
        strncmp(bytes, "HTTP/", 5) == 0) { /* another answer begins: only the last one counts */
        r->wait = 0;
        r->request_id[0] = r->warnings[0] = r->etag[0] = r->kept[0] = '\0';
        r->size = -1;
    } else if (header(line, "retry-after", &value)) {
        if (td_i64_parse(value.p, value.len, &seconds) == TD_OK && seconds > 0)
            r->wait = seconds < WAIT_MAX / TD_SEC ? seconds * TD_SEC : WAIT_MAX;
    } else if (header(line, "request-id", &value)) {
        (void)td_str_copy(value, r->request_id, sizeof r->request_id);
    } else if (header(line, "x-warning", &value)) {
        (void)td_str_copy(value, r->warnings, sizeof r->warnings);
    } else if (header(line, "etag", &value)) {
        (void)td_str_copy(value, r->etag, sizeof r->etag);
    } else if (header(line, "content-length", &value)) {
        if (td_i64_parse(value.p, value.len, &r->size) != TD_OK)
            r->size = -1;
    } else if (h->request->keep && header(line, h->request->keep, &value)) {
        (void)td_str_copy(value, r->kept, sizeof r->kept);
    }
    return len;
}

static int on_progress(void *arg, curl_off_t all, curl_off_t now, curl_off_t up_all, curl_off_t up)
{
    (void)all, (void)now, (void)up_all, (void)up;
    return stopped(arg);
}

/* --- one request --- */

static enum td_err meaning(const struct td_https *h, CURLcode code)
{
    return h->sink_err ? h->sink_err : td_curl_meaning(code);
}

static struct curl_slist *header_list(const struct td_curl *call, const struct td_https_request *q,
                                      bool *ok)
{
    struct curl_slist *list = NULL;
    *ok = true;
    for (size_t i = 0; q->headers && q->headers[i]; i++) {
        struct curl_slist *longer = call->append(list, q->headers[i]);
        *ok &= longer != NULL;
        list = longer ? longer : list;
    }
    return list;
}

static long ms_of(td_ns span)
{
    return (long)(span / TD_MS);
}

/* What is sent: a form, or a method with or without a body. */
static void prepare_body(const struct td_https *h, const struct td_https_request *q)
{
    if (q->form)
        (void)h->call.set(h->call.handle, CURLOPT_POSTFIELDS, q->form);
    if (!q->method)
        return;
    (void)h->call.set(h->call.handle, CURLOPT_CUSTOMREQUEST, q->method);
    if (strcmp(q->method, "HEAD") == 0) {
        (void)h->call.set(h->call.handle, CURLOPT_NOBODY, 1L);
    } else if (strcmp(q->method, "DELETE") != 0) { /* an empty body is one, too */
        (void)h->call.set(h->call.handle, CURLOPT_POSTFIELDS, q->body ? (const char *)q->body : "");
        (void)h->call.set(h->call.handle, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)q->body_len);
    }
}

static void prepare_sign(const struct td_https *h, const struct td_https_sign *sign)
{
    (void)h->call.set(h->call.handle, CURLOPT_AWS_SIGV4, sign->service);
    (void)h->call.set(h->call.handle, CURLOPT_USERNAME, sign->key);
    (void)h->call.set(h->call.handle, CURLOPT_PASSWORD, sign->secret);
    (void)h->call.set(h->call.handle, CURLOPT_PATH_AS_IS, 1L); /* what is signed is what is sent */
}

static void prepare(struct td_https *h, const struct curl_slist *headers)
{
    const struct td_https_request *q = h->request;
    td_curl_begin(&h->call, q->url, h->config.ca_file);
    (void)h->call.set(h->call.handle, CURLOPT_ERRORBUFFER, h->error);
    (void)h->call.set(h->call.handle, CURLOPT_PROTOCOLS_STR, "https");
    (void)h->call.set(h->call.handle, CURLOPT_USERAGENT, h->config.agent);
    (void)h->call.set(h->call.handle, CURLOPT_CONNECTTIMEOUT_MS, ms_of(h->config.connect_limit));
    (void)h->call.set(h->call.handle, CURLOPT_LOW_SPEED_LIMIT, 1L);
    (void)h->call.set(h->call.handle, CURLOPT_LOW_SPEED_TIME,
                      (long)((h->config.silence_limit + TD_SEC - 1) / TD_SEC));
    (void)h->call.set(h->call.handle, CURLOPT_HTTPHEADER, headers);
    (void)h->call.set(h->call.handle, CURLOPT_WRITEFUNCTION, on_body);
    (void)h->call.set(h->call.handle, CURLOPT_WRITEDATA, h);
    (void)h->call.set(h->call.handle, CURLOPT_HEADERFUNCTION, on_header);
    (void)h->call.set(h->call.handle, CURLOPT_HEADERDATA, h);
    (void)h->call.set(h->call.handle, CURLOPT_NOPROGRESS, 0L);
    (void)h->call.set(h->call.handle, CURLOPT_XFERINFOFUNCTION, on_progress);
    (void)h->call.set(h->call.handle, CURLOPT_XFERINFODATA, h);
    if (q->user) {
        (void)h->call.set(h->call.handle, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
        (void)h->call.set(h->call.handle, CURLOPT_USERNAME, q->user);
        (void)h->call.set(h->call.handle, CURLOPT_PASSWORD, q->secret ? q->secret : "");
    }
    if (q->sign)
        prepare_sign(h, q->sign);
    prepare_body(h, q);
}

/* The address without its query, for messages: a query may hold what is nobody's business. */
static struct td_str place(const char *url)
{
    return (struct td_str){url, strcspn(url, "?")};
}

enum td_err td_https_do(struct td_https *h, const struct td_https_request *request,
                        struct td_https_reply *reply, struct td_fail *why)
{
    bool ok;
    long status = 0;
    memset(reply, 0, sizeof *reply);
    h->request = request;
    h->reply = reply;
    h->sink_err = TD_OK;
    h->error[0] = '\0';
    struct curl_slist *headers = header_list(&h->call, request, &ok);
    prepare(h, headers);
    const CURLcode code = ok ? h->call.perform(h->call.handle) : CURLE_OUT_OF_MEMORY;
    (void)h->call.get(h->call.handle, CURLINFO_RESPONSE_CODE, &status);
    reply->status = (int)status;
    (void)h->call.set(h->call.handle, CURLOPT_HTTPHEADER, NULL);
    h->call.free_all(headers);
    const enum td_err err = meaning(h, code);
    if (err && h->sink_err)
        return td_fail_set(why, err, "%.*s: %s", TD_STR_ARG(place(request->url)), td_err_text(err));
    return err ? td_fail_set(why, err, "%.*s: %s", TD_STR_ARG(place(request->url)),
                             h->error[0] ? h->error : h->call.text(code))
               : TD_OK;
}

/* --- life --- */

enum td_err td_https_open(struct td_https **out, const struct td_https_config *config,
                          struct td_fail *why)
{
    struct td_https *h = calloc(1, sizeof *h);
    if (!h)
        return td_fail_set(why, TD_ENOMEM, "HTTPS: %s", td_err_text(TD_ENOMEM));
    const enum td_err err = td_curl_open(&h->call, why);
    if (err) {
        free(h);
        return td_fail_add(why, err, "HTTPS");
    }
    h->config = *config;
    h->config.agent = config->agent ? config->agent : "tapedeck";
    h->config.connect_limit = config->connect_limit ? config->connect_limit : CONNECT_LIMIT;
    h->config.silence_limit = config->silence_limit ? config->silence_limit : SILENCE_LIMIT;
    *out = h;
    return TD_OK;
}

void td_https_close(struct td_https *h)
{
    if (!h)
        return;
    td_curl_close(&h->call);
    free(h);
}

/* --- forms --- */

void td_https_pair(struct td_text *form, const char *key, struct td_str value)
{
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    td_text_printf(form, "%s%s=", form->len ? "&" : "", key);
    for (size_t i = 0; i < value.len; i++)
        if (value.p[i] && strchr(plain, value.p[i]))
            td_text_printf(form, "%c", value.p[i]);
        else
            td_text_printf(form, "%%%02X", (unsigned)(unsigned char)value.p[i]);
}
