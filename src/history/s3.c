/* history/s3.c - requests to an object store, tried again where that helps. */
#include "history/s3.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "history/s3_xml.h"
#include "sys/https.h"

#define ANSWER_MAX                                                                                 \
    ((size_t)4 << 20) /* of a page of a listing: 1,000 keys of 1,024 bytes, escaped */
#define WAIT_MAX (30 * TD_SEC)
#define URL_MAX  8192
#define PART_XML 160 /* of a part in the list that completes an upload */

struct td_s3 {
    struct td_s3_config c;
    struct td_https *https;
    struct td_https_reply reply;
    uint64_t requests;
    char host[256];    /* "https://host[:port]" */
    char service[128]; /* for the signature */
    char url[URL_MAX];
    char *answer; /* [ANSWER_MAX + 1] of a 2xx */
    size_t answer_len;
};

/* One request as its callers see it. */
struct ask {
    const char *method, *key; /* key NULL: the bucket itself */
    const char *query;        /* sorted, escaped; NULL none */
    const void *body;
    size_t len;
    const char *meta_sha256; /* sent as x-amz-meta-sha256; NULL none */
    bool keep_body;          /* of the answer, in s->answer */
};

/* ---- life ---- */

void td_s3_hash(const void *bytes, size_t len, char out[TD_S3_HASH])
{
    unsigned char sum[crypto_hash_sha256_BYTES];
    (void)crypto_hash_sha256(sum, bytes, len);
    (void)sodium_bin2hex(out, TD_S3_HASH, sum, sizeof sum);
}

/* Letters of a host name with its port; of a bucket without. */
static bool plain(const char *text, const char *others, size_t low, size_t high)
{
    const size_t n = strlen(text);
    for (size_t i = 0; i < n; i++) {
        const char c = text[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || strchr(others, c)))
            return false;
    }
    return n >= low && n <= high;
}

static enum td_err set_places(struct td_s3 *s, struct td_fail *why)
{
    const struct td_s3_config *c = &s->c;
    const char *endpoint = c->endpoint ? c->endpoint : "";
    if (!c->key || !*c->key || !c->secret || !*c->secret)
        return td_fail_set(why, TD_EINVAL,
                           "the object store needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY");
    if (!plain(c->bucket, "-.", 3, 63))
        return td_fail_set(why, TD_EINVAL, "%s: not the name of a bucket", c->bucket);
    if (!plain(c->region, "-", 1, 40))
        return td_fail_set(why, TD_EINVAL, "AWS_REGION %s: not a region, e.g. us-east-1",
                           c->region);
    (void)snprintf(s->service, sizeof s->service, "aws:amz:%s:s3", c->region);
    if (!*endpoint) {
        (void)snprintf(s->host, sizeof s->host, "https://s3.%s.amazonaws.com", c->region);
        return TD_OK;
    }
    size_t n = strlen(endpoint);
    while (n && endpoint[n - 1] == '/')
        n--;
    if (strncmp(endpoint, "https://", 8) != 0 || n >= sizeof s->host)
        return td_fail_set(why, TD_EINVAL, "S3_ENDPOINT_URL %s: https://HOST[:PORT] is meant",
                           endpoint);
    (void)snprintf(s->host, sizeof s->host, "%.*s", (int)n, endpoint);
    if (!plain(s->host + 8, "-.:[]", 1, sizeof s->host))
        return td_fail_set(why, TD_EINVAL, "S3_ENDPOINT_URL %s: https://HOST[:PORT] is meant",
                           endpoint);
    return TD_OK;
}

enum td_err td_s3_open(struct td_s3 **out, const struct td_s3_config *config, struct td_fail *why)
{
    const struct td_https_config https = {
        .ca_file = config->ca_file && *config->ca_file ? config->ca_file : NULL};
    struct td_s3 *s = calloc(1, sizeof *s);
    char *answer = malloc(ANSWER_MAX + 1);
    if (!s || !answer) {
        free(s);
        free(answer);
        return td_fail_set(why, TD_ENOMEM, "object store: %s", td_err_text(TD_ENOMEM));
    }
    s->c = *config;
    s->answer = answer;
    s->c.first_wait = config->first_wait ? config->first_wait : TD_SEC;
    enum td_err err = set_places(s, why);
    if (!err)
        err = td_https_open(&s->https, &https, why);
    if (err) {
        td_s3_close(s);
        return err;
    }
    *out = s;
    return TD_OK;
}

void td_s3_close(struct td_s3 *s)
{
    if (!s)
        return;
    td_https_close(s->https);
    free(s->answer);
    free(s);
}

uint64_t td_s3_requests(const struct td_s3 *s)
{
    return s->requests;
}

/* ---- one request ---- */

static void put_escaped(struct td_text *t, const char *key)
{
    static const char kept[] = "-._~/"; /* the slashes of a key stay */
    for (; *key; key++) {
        const char c = *key;
        const bool word =
            (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (word || strchr(kept, c))
            td_text_char(t, c);
        else
            td_text_printf(t, "%%%02X", (unsigned)(unsigned char)c);
    }
}

static enum td_err make_url(struct td_s3 *s, const struct ask *a, struct td_fail *why)
{
    struct td_text t;
    td_text_init(&t, s->url, sizeof s->url);
    td_text_printf(&t, "%s/%s", s->host, s->c.bucket);
    if (a->key) {
        td_text_char(&t, '/');
        put_escaped(&t, a->key);
    }
    if (a->query)
        td_text_printf(&t, "?%s", a->query);
    return td_text_full(&t)
               ? td_fail_set(why, TD_ERANGE, "%s: the key is too long", a->key ? a->key : "listing")
               : TD_OK;
}

static enum td_err take_answer(void *arg, const void *bytes, size_t len)
{
    struct td_s3 *s = arg;
    if (len > ANSWER_MAX - s->answer_len)
        return TD_EFULL;
    memcpy(s->answer + s->answer_len, bytes, len);
    s->answer_len += len;
    return TD_OK;
}

/* What a status means. First match. */
static const struct {
    int from, to;
    enum td_err err;
    bool again;
} statuses[] = {
    {200, 299, TD_OK, false},      {301, 308, TD_EINVAL, false}, /* another region */
    {401, 401, TD_EACCES, false},  {403, 403, TD_EACCES, false}, {404, 404, TD_ENOENT, false},
    {408, 408, TD_ETIMEOUT, true}, {429, 429, TD_EFULL, true},   {400, 499, TD_EINVAL, false},
    {500, 599, TD_ECLOSED, true},  {0, 999, TD_EPROTO, false},
};

static bool passes_by_itself(enum td_err err)
{
    return err == TD_EUNREACH || err == TD_ETIMEOUT || err == TD_ECLOSED || err == TD_EIO;
}

/* The store's own code and words, or the status. */
static enum td_err judge(struct td_s3 *s, const struct ask *a, bool *again, struct td_fail *why)
{
    const struct td_https_reply *r = &s->reply;
    const struct td_str document = {r->body, r->len};
    struct td_str code, text;
    size_t row = 0;
    while (r->status < statuses[row].from || r->status > statuses[row].to)
        row++;
    *again = statuses[row].again;
    if (!statuses[row].err)
        return TD_OK;
    if (td_s3_xml_get(document, "Code", &code)) {
        *again |= td_str_is(code, "RequestTimeout") || td_str_is(code, "SlowDown");
        if (!td_s3_xml_get(document, "Message", &text))
            text = (struct td_str){NULL, 0};
        return td_fail_set(why, statuses[row].err, "%s %s: %.*s: %.*s", a->method,
                           a->key ? a->key : s->c.bucket, TD_STR_ARG(code), TD_STR_ARG(text));
    }
    return td_fail_set(why, statuses[row].err, "%s %s: status %d", a->method,
                       a->key ? a->key : s->c.bucket, r->status);
}

static enum td_err once(struct td_s3 *s, const struct ask *a, bool *again, struct td_fail *why)
{
    char sum[128], meta[128], token[2100];
    const char *headers[6] = {"Content-Type: application/octet-stream"};
    size_t n = 1;
    const struct td_https_sign sign = {s->service, s->c.key, s->c.secret};
    char hash[TD_S3_HASH];
    td_s3_hash(a->body ? a->body : "", a->len, hash);
    (void)snprintf(sum, sizeof sum, "x-amz-content-sha256: %s", hash);
    headers[n++] = sum;
    if (a->meta_sha256) {
        (void)snprintf(meta, sizeof meta, "x-amz-meta-sha256: %s", a->meta_sha256);
        headers[n++] = meta;
    }
    if (s->c.token && *s->c.token) {
        if (snprintf(token, sizeof token, "x-amz-security-token: %s", s->c.token) >=
            (int)sizeof token)
            return td_fail_set(why, TD_ERANGE, "AWS_SESSION_TOKEN is too long");
        headers[n++] = token;
    }
    const struct td_https_request q = {.url = s->url,
                                       .method = a->method,
                                       .body = a->body,
                                       .body_len = a->len,
                                       .sign = &sign,
                                       .keep = "x-amz-meta-sha256",
                                       .headers = headers,
                                       .sink = a->keep_body ? take_answer : NULL,
                                       .arg = s,
                                       .stop = s->c.stop};
    s->answer_len = 0;
    s->requests++;
    const enum td_err err = td_https_do(s->https, &q, &s->reply, why);
    *again = passes_by_itself(err);
    return err ? err : judge(s, a, again, why);
}

/* False: told to stop. */
static bool wait_for(struct td_s3 *s, td_ns span)
{
    const td_ns end = td_world_mono(s->c.world) + span;
    for (td_ns now = td_world_mono(s->c.world); now < end; now = td_world_mono(s->c.world)) {
        struct td_wake wake;
        if (s->c.stop && atomic_load(s->c.stop))
            return false;
        const td_ns piece = end - now < TD_SEC ? end - now : TD_SEC;
        td_world_wait(s->c.world, now + piece, &wake);
        if (wake.kind == TD_WAKE_SIGNAL)
            return false;
    }
    return true;
}

static enum td_err request(struct td_s3 *s, const struct ask *a, struct td_fail *why)
{
    td_ns wait = s->c.first_wait;
    enum td_err err = make_url(s, a, why);
    if (err)
        return err;
    for (int try = 1;; try++) {
        bool again = false;
        err = once(s, a, &again, why);
        if (!err || !again || try == TD_S3_TRIES)
            break;
        const td_ns asked = s->reply.wait < WAIT_MAX ? s->reply.wait : WAIT_MAX;
        if (!wait_for(s, asked > wait ? asked : wait))
            return td_fail_set(why, TD_EAGAIN, "stopped");
        wait = 2 * wait < WAIT_MAX ? 2 * wait : WAIT_MAX;
    }
    s->answer[s->answer_len] = '\0';
    return err;
}

static struct td_str answer_of(const struct td_s3 *s)
{
    return (struct td_str){s->answer, s->answer_len};
}

/* ---- objects ---- */

enum td_err td_s3_head(struct td_s3 *s, const char *key, int64_t *size, char sha256[TD_S3_HASH],
                       struct td_fail *why)
{
    const struct ask a = {.method = "HEAD", .key = key};
    const enum td_err err = request(s, &a, why);
    if (err)
        return err;
    *size = s->reply.size;
    if (!td_str_copy(td_str_of(s->reply.kept), sha256, TD_S3_HASH))
        sha256[0] = '\0';
    return TD_OK;
}

enum td_err td_s3_put(struct td_s3 *s, const char *key, const void *bytes, size_t len,
                      struct td_fail *why)
{
    char hash[TD_S3_HASH];
    td_s3_hash(bytes, len, hash);
    const struct ask a = {
        .method = "PUT", .key = key, .body = bytes, .len = len, .meta_sha256 = hash};
    return request(s, &a, why);
}

static bool number_in(struct td_str document, const char *name, int64_t *out)
{
    struct td_str text;
    return td_s3_xml_get(document, name, &text) && td_i64_parse(text.p, text.len, out) == TD_OK;
}

/* One page. False: the caller's function does not want more. */
static enum td_err take_page(struct td_str page, td_s3_list_fn *fn, void *arg, uint64_t *left,
                             bool *more, struct td_fail *why)
{
    struct td_str rest = page, item, raw;
    const bool percent = td_s3_xml_get(page, "EncodingType", &raw) && td_str_is(raw, "url");
    while (td_s3_xml_next(&rest, "Contents", &item)) {
        char key[TD_S3_KEY];
        int64_t size;
        if (!td_s3_xml_get(item, "Key", &raw) || !td_s3_xml_text(raw, percent, key, sizeof key) ||
            !number_in(item, "Size", &size))
            return td_fail_set(why, TD_EPROTO, "a listing without key or size");
        if ((*left)-- == 0)
            return td_fail_set(why, TD_EFULL, "the listing is longer than it may be");
        if (!fn(arg, key, size)) {
            *more = false;
            return TD_OK;
        }
    }
    *more = td_s3_xml_get(page, "IsTruncated", &raw) && td_str_is(raw, "true");
    return TD_OK;
}

enum td_err td_s3_list(struct td_s3 *s, const char *prefix, uint64_t most, td_s3_list_fn *fn,
                       void *arg, struct td_fail *why)
{
    char query[6144], token[2048] = "";
    bool more = true;
    uint64_t left = most;
    while (more) {
        struct td_text t;
        struct td_str raw;
        td_text_init(&t, query, sizeof query);
        if (*token)
            td_https_pair(&t, "continuation-token", td_str_of(token));
        td_https_pair(&t, "encoding-type", td_str_of("url"));
        td_https_pair(&t, "list-type", td_str_of("2"));
        td_https_pair(&t, "prefix", td_str_of(prefix));
        const struct ask a = {.method = "GET", .query = query, .keep_body = true};
        if (td_text_full(&t))
            return td_fail_set(why, TD_ERANGE, "%s: the prefix is too long", prefix);
        enum td_err err = request(s, &a, why);
        if (!err)
            err = take_page(answer_of(s), fn, arg, &left, &more, why);
        if (err)
            return err;
        if (more && (!td_s3_xml_get(answer_of(s), "NextContinuationToken", &raw) ||
                     !td_s3_xml_text(raw, false, token, sizeof token)))
            return td_fail_set(why, TD_EPROTO, "a listing that goes on without saying where");
    }
    return TD_OK;
}

/* ---- uploads in parts ---- */

enum td_err td_s3_begin(struct td_s3 *s, const char *key, const char *sha256, char *upload,
                        size_t cap, struct td_fail *why)
{
    struct td_str raw;
    const struct ask a = {.method = "POST",
                          .key = key,
                          .query = "uploads=",
                          .meta_sha256 = sha256,
                          .keep_body = true};
    const enum td_err err = request(s, &a, why);
    if (err)
        return err;
    if (!td_s3_xml_get(answer_of(s), "UploadId", &raw) || raw.len == 0 ||
        !td_s3_xml_text(raw, false, upload, cap))
        return td_fail_set(why, TD_EPROTO, "%s: an upload without its name", key);
    return TD_OK;
}

static enum td_err upload_query(char *query, size_t cap, const char *upload, uint32_t part,
                                struct td_fail *why)
{
    struct td_text t;
    td_text_init(&t, query, cap);
    if (part)
        td_text_printf(&t, "partNumber=%u", (unsigned)part);
    td_https_pair(&t, "uploadId", td_str_of(upload));
    return td_text_full(&t) ? td_fail_set(why, TD_ERANGE, "the name of the upload is too long")
                            : TD_OK;
}

enum td_err td_s3_send_part(struct td_s3 *s, const char *key, const char *upload, uint32_t number,
                            const void *bytes, size_t len, struct td_s3_part *out,
                            struct td_fail *why)
{
    char query[4096];
    const struct ask a = {.method = "PUT", .key = key, .query = query, .body = bytes, .len = len};
    TD_REQUIRE(number >= 1 && number <= TD_S3_PARTS);
    enum td_err err = upload_query(query, sizeof query, upload, number, why);
    if (!err)
        err = request(s, &a, why);
    if (err)
        return err;
    if (!s->reply.etag[0])
        return td_fail_set(why, TD_EPROTO, "%s: part %u came without its tag", key,
                           (unsigned)number);
    out->size = (int64_t)len;
    (void)td_str_copy(td_str_of(s->reply.etag), out->etag, sizeof out->etag);
    return TD_OK;
}

static bool take_part(struct td_str item, struct td_s3_part *parts, uint32_t count)
{
    int64_t number, size;
    struct td_str raw;
    char etag[80];
    if (!number_in(item, "PartNumber", &number) || !number_in(item, "Size", &size) ||
        !td_s3_xml_get(item, "ETag", &raw) || !td_s3_xml_text(raw, false, etag, sizeof etag))
        return false;
    if (number >= 1 && number <= count) {
        parts[number - 1].size = size;
        (void)td_str_copy(td_str_of(etag), parts[number - 1].etag, sizeof etag);
    }
    return true;
}

enum td_err td_s3_list_parts(struct td_s3 *s, const char *key, const char *upload,
                             struct td_s3_part *parts, uint32_t count, struct td_fail *why)
{
    int64_t marker = 0;
    for (int page = 0; page <= TD_S3_PARTS; page++) {
        char query[4096];
        struct td_text t;
        struct td_str rest, item, raw;
        td_text_init(&t, query, sizeof query);
        td_text_printf(&t, "part-number-marker=%lld", (long long)marker);
        td_https_pair(&t, "uploadId", td_str_of(upload));
        const struct ask a = {.method = "GET", .key = key, .query = query, .keep_body = true};
        const enum td_err err = td_text_full(&t)
                                    ? td_fail_set(why, TD_ERANGE, "%s: upload too long", key)
                                    : request(s, &a, why);
        if (err)
            return err;
        rest = answer_of(s);
        while (td_s3_xml_next(&rest, "Part", &item))
            if (!take_part(item, parts, count))
                return td_fail_set(why, TD_EPROTO, "%s: a list of parts that cannot be read", key);
        const bool more =
            td_s3_xml_get(answer_of(s), "IsTruncated", &raw) && td_str_is(raw, "true");
        const int64_t last = marker;
        if (!more)
            return TD_OK;
        if (!number_in(answer_of(s), "NextPartNumberMarker", &marker) || marker <= last)
            break;
    }
    return td_fail_set(why, TD_EPROTO, "%s: a list of parts that does not end", key);
}

enum td_err td_s3_complete(struct td_s3 *s, const char *key, const char *upload,
                           const struct td_s3_part *parts, uint32_t count, struct td_fail *why)
{
    const size_t cap = 128 + PART_XML * (size_t)count;
    char query[4096], *body = malloc(cap);
    struct td_text t;
    struct td_str raw;
    if (!body)
        return td_fail_set(why, TD_ENOMEM, "%s: %s", key, td_err_text(TD_ENOMEM));
    td_text_init(&t, body, cap);
    td_text_put(&t, "<CompleteMultipartUpload>");
    for (uint32_t i = 0; i < count; i++)
        td_text_printf(&t, "<Part><PartNumber>%u</PartNumber><ETag>%s</ETag></Part>",
                       (unsigned)(i + 1), parts[i].etag);
    td_text_put(&t, "</CompleteMultipartUpload>");
    TD_REQUIRE(!td_text_full(&t));
    const struct ask a = {.method = "POST",
                          .key = key,
                          .query = query,
                          .body = body,
                          .len = t.len,
                          .keep_body = true};
    enum td_err err = upload_query(query, sizeof query, upload, 0, why);
    if (!err)
        err = request(s, &a, why);
    /* 200 may come before the store has tried: the error is then in the body. */
    if (!err && td_s3_xml_get(answer_of(s), "Code", &raw))
        err = td_fail_set(why, TD_EPROTO, "completing %s: %.*s", key, TD_STR_ARG(raw));
    free(body);
    return err;
}

enum td_err td_s3_abort(struct td_s3 *s, const char *key, const char *upload, struct td_fail *why)
{
    char query[4096];
    const struct ask a = {.method = "DELETE", .key = key, .query = query};
    const enum td_err err = upload_query(query, sizeof query, upload, 0, why);
    return err ? err : request(s, &a, why);
}
