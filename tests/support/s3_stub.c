/* tests/support/s3_stub.c - signatures by OpenSSL, objects in an array. */
#include "support/s3_stub.h"

#include <ctype.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/support.h"

/* ---- signature version 4, from the reference ---- */

static void hex_of(const unsigned char *bytes, size_t len, char *out)
{
    for (size_t i = 0; i < len; i++)
        (void)snprintf(out + 2 * i, 3, "%02x", bytes[i]);
}

static void sha256_hex(const void *bytes, size_t len, char out[65])
{
    unsigned char sum[32];
    assert_int_equal(EVP_Digest(bytes, len, sum, NULL, EVP_sha256(), NULL), 1);
    hex_of(sum, sizeof sum, out);
}

static void hmac(const void *key, size_t key_len, const char *text, unsigned char out[32])
{
    unsigned len = 32;
    assert_non_null(HMAC(EVP_sha256(), key, (int)key_len, (const unsigned char *)text, strlen(text),
                         out, &len));
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Sorted by name, each with its '='. */
static void canonical_query(const char *query, char *out, size_t cap)
{
    char copy[2048], *parts[32], *save = NULL;
    size_t n = 0, len = 0;
    (void)snprintf(copy, sizeof copy, "%s", query);
    for (char *p = strtok_r(copy, "&", &save); p && n < 32; p = strtok_r(NULL, "&", &save))
        parts[n++] = p;
    qsort(parts, n, sizeof *parts, by_text);
    out[0] = '\0';
    for (size_t i = 0; i < n; i++)
        len += (size_t)snprintf(out + len, cap - len, "%s%s%s", i ? "&" : "", parts[i],
                                strchr(parts[i], '=') ? "" : "=");
}

/* The lines of the signed headers; false when one is not there. */
static bool canonical_headers(const struct stub_request *r, const char *names, char *out,
                              size_t cap)
{
    char copy[512], *save = NULL, value[4096];
    size_t len = 0;
    (void)snprintf(copy, sizeof copy, "%s", names);
    out[0] = '\0';
    for (char *p = strtok_r(copy, ";", &save); p; p = strtok_r(NULL, ";", &save)) {
        if (!stub_header(r, p, value, sizeof value))
            return false;
        len += (size_t)snprintf(out + len, cap - len, "%s:%s\n", p, value);
    }
    return true;
}

/* host, x-amz-date, x-amz-content-sha256 and every other x-amz header must be signed. */
static bool all_signed(const struct stub_request *r, const char *names)
{
    char wanted[600];
    (void)snprintf(wanted, sizeof wanted, ";%s;", names);
    bool good = strstr(wanted, ";host;") && strstr(wanted, ";x-amz-date;") &&
                strstr(wanted, ";x-amz-content-sha256;");
    for (const char *p = strstr(r->headers, "\r\n"); p && good; p = strstr(p + 2, "\r\n")) {
        char name[80] = ";";
        size_t n = strcspn(p + 2, ":\r");
        if (n > sizeof name - 3)
            n = sizeof name - 3;
        for (size_t i = 0; i < n; i++)
            name[1 + i] = (char)tolower((unsigned char)p[2 + i]);
        name[n + 1] = ';';
        name[n + 2] = '\0';
        good = strncmp(name, ";x-amz-", 7) != 0 || strstr(wanted, name);
    }
    return good;
}

static bool signature_is_right(const struct stub_request *r)
{
    char line[1024], key_id[64], day[16], region[32], service[16], names[512], given[80];
    char query[2100], headers[8192], canonical[16384], sum[65], when[32], text[512], seen[65];
    char secret[128];
    unsigned char key[32];
    if (!stub_header(r, "authorization", line, sizeof line) ||
        sscanf(line,
               "AWS4-HMAC-SHA256 Credential=%63[^/]/%15[^/]/%31[^/]/%15[^/]/aws4_request, "
               "SignedHeaders=%511[^,], Signature=%79s",
               key_id, day, region, service, names, given) != 6 ||
        !stub_header(r, "x-amz-content-sha256", sum, sizeof sum) ||
        !stub_header(r, "x-amz-date", when, sizeof when) || !all_signed(r, names) ||
        !canonical_headers(r, names, headers, sizeof headers))
        return false;
    sha256_hex(r->body, r->body_len, seen);
    if (strcmp(seen, sum) != 0 || strcmp(key_id, S3_STUB_KEY) != 0 || strcmp(service, "s3") != 0)
        return false;
    canonical_query(r->query, query, sizeof query);
    (void)snprintf(canonical, sizeof canonical, "%s\n%s\n%s\n%s\n%s\n%s", r->method, r->path, query,
                   headers, names, sum);
    sha256_hex(canonical, strlen(canonical), seen);
    (void)snprintf(text, sizeof text, "AWS4-HMAC-SHA256\n%s\n%s/%s/%s/aws4_request\n%s", when, day,
                   region, service, seen);
    (void)snprintf(secret, sizeof secret, "AWS4%s", S3_STUB_SECRET);
    hmac(secret, strlen(secret), day, key);
    hmac(key, sizeof key, region, key);
    hmac(key, sizeof key, service, key);
    hmac(key, sizeof key, "aws4_request", key);
    hmac(key, sizeof key, text, key);
    hex_of(key, sizeof key, seen);
    return strcmp(seen, given) == 0;
}

/* ---- objects ---- */

struct s3_object *s3_stub_find(struct s3_stub *s, const char *key)
{
    for (size_t i = 0; i < s->count; i++)
        if (strcmp(s->objects[i].key, key) == 0)
            return &s->objects[i];
    return NULL;
}

static void store(struct s3_stub *s, const char *key, const void *bytes, size_t len,
                  const char *sha256)
{
    struct s3_object *o = s3_stub_find(s, key);
    if (!o) {
        assert_true(s->count < S3_OBJECTS);
        o = &s->objects[s->count++];
        (void)snprintf(o->key, sizeof o->key, "%s", key);
    }
    free(o->bytes);
    o->bytes = malloc(len + 1);
    assert_non_null(o->bytes);
    memcpy(o->bytes, bytes, len);
    o->len = len;
    (void)snprintf(o->sha256, sizeof o->sha256, "%s", sha256);
}

static void say(struct s3_stub *s, struct stub_answer *a, int status, const char *text)
{
    (void)snprintf(s->answer, sizeof s->answer, "%s", text);
    *a = (struct stub_answer){.status = status, .body = s->answer, .len = strlen(s->answer)};
}

static void refuse(struct s3_stub *s, struct stub_answer *a, int status, const char *code)
{
    char text[256];
    (void)snprintf(text, sizeof text,
                   "<?xml version=\"1.0\"?><Error><Code>%s</Code><Message>no &amp; no</Message>"
                   "</Error>",
                   code);
    say(s, a, status, text);
}

static int by_object(const void *a, const void *b)
{
    return strcmp(((const struct s3_object *)a)->key, ((const struct s3_object *)b)->key);
}

/* S3_PAGE keys of a listing from the token on; keys percent-encoded as asked. */
static void list(struct s3_stub *s, const struct stub_request *r, struct stub_answer *a)
{
    char prefix[512] = "", token[64] = "0", last[128] = "";
    size_t len = 0, shown = 0, i;
    static char text[32768];
    s->lists++;
    (void)stub_value(r->query, "prefix", prefix, sizeof prefix);
    (void)stub_value(r->query, "continuation-token", token, sizeof token);
    qsort(s->objects, s->count, sizeof *s->objects, by_object);
    const char *number =
        strrchr(token, ':'); /* tokens are opaque, with letters that need escaping */
    len = (size_t)snprintf(text, sizeof text, "<ListBucketResult><EncodingType>url</EncodingType>");
    for (i = (size_t)strtoul(number ? number + 1 : token, NULL, 10); i < s->count; i++) {
        const struct s3_object *o = &s->objects[i];
        if (strncmp(o->key, prefix, strlen(prefix)) != 0)
            continue;
        if (shown++ == S3_PAGE)
            break;
        len += (size_t)snprintf(text + len, sizeof text - len, "<Contents><Key>");
        for (const char *p = o->key; *p; p++)
            len +=
                (size_t)snprintf(text + len, sizeof text - len,
                                 isalnum((unsigned char)*p) || strchr("-._/", *p) ? "%c" : "%%%02X",
                                 (unsigned char)*p);
        len += (size_t)snprintf(text + len, sizeof text - len, "</Key><Size>%zu</Size></Contents>",
                                o->len);
    }
    if (i < s->count)
        (void)snprintf(last, sizeof last,
                       "<NextContinuationToken>a+b/&amp;c=:%zu</NextContinuationToken>", i);
    (void)snprintf(text + len, sizeof text - len,
                   "<IsTruncated>%s</IsTruncated>%s</ListBucketResult>",
                   i < s->count ? "true" : "false", last);
    say(s, a, 200, text);
}

static void list_parts(struct s3_stub *s, struct stub_answer *a)
{
    char text[4096];
    size_t len = (size_t)snprintf(text, sizeof text, "<ListPartsResult>");
    for (int n = 1; n <= S3_PARTS_MAX; n++)
        if (s->upload.part_len[n])
            len += (size_t)snprintf(text + len, sizeof text - len,
                                    "<Part><PartNumber>%d</PartNumber><ETag>&quot;tag-%d&quot;"
                                    "</ETag><Size>%zu</Size></Part>",
                                    n, n, s->upload.part_len[n]);
    (void)snprintf(text + len, sizeof text - len,
                   "<IsTruncated>false</IsTruncated></ListPartsResult>");
    say(s, a, 200, text);
}

static void take_part(struct s3_stub *s, const struct stub_request *r, unsigned part,
                      struct stub_answer *a)
{
    static char headers[64];
    assert_in_range(part, 1, S3_PARTS_MAX);
    if (s->on_part)
        s->on_part(part);
    memcpy(s->upload.parts[part], r->body, r->body_len);
    s->upload.part_len[part] = r->body_len;
    s->parts++;
    if (s->stop && s->parts == s->stop_after_parts)
        atomic_store(s->stop, true);
    (void)snprintf(headers, sizeof headers, "ETag: \"tag-%u\"\r\n", part);
    *a = (struct stub_answer){.status = 200, .headers = headers, .body = ""};
}

/* Puts the parts together when the list names them all with their tags. */
static void complete(struct s3_stub *s, const struct stub_request *r, struct stub_answer *a)
{
    static uint8_t whole[S3_PARTS_MAX * STUB_TEXT];
    char want[8192] = "<CompleteMultipartUpload>";
    size_t len = 0, at = strlen(want);
    for (int n = 1; n <= S3_PARTS_MAX && s->upload.part_len[n]; n++) {
        memcpy(whole + len, s->upload.parts[n], s->upload.part_len[n]);
        len += s->upload.part_len[n];
        at += (size_t)snprintf(want + at, sizeof want - at,
                               "<Part><PartNumber>%d</PartNumber><ETag>\"tag-%d\"</ETag></Part>", n,
                               n);
    }
    (void)snprintf(want + at, sizeof want - at, "</CompleteMultipartUpload>");
    s->completes++;
    if (strcmp(want, r->body) != 0) {
        refuse(s, a, 400, "InvalidPart");
        return;
    }
    store(s, s->upload.key, whole, len, s->upload.sha256);
    s->upload.open = false;
    say(s, a, 200, "<CompleteMultipartUploadResult></CompleteMultipartUploadResult>");
    if (s->lose_complete)
        a->cut = 1;
    s->lose_complete = false;
}

static void of_upload(struct s3_stub *s, const struct stub_request *r, const char *key,
                      struct stub_answer *a)
{
    char upload[64] = "", part[16] = "";
    (void)stub_value(r->query, "uploadId", upload, sizeof upload);
    if (!s->upload.open || strcmp(upload, "up/1+2") != 0 || strcmp(s->upload.key, key) != 0) {
        refuse(s, a, 404, "NoSuchUpload");
    } else if (strcmp(r->method, "PUT") == 0 &&
               stub_value(r->query, "partNumber", part, sizeof part)) {
        take_part(s, r, (unsigned)strtoul(part, NULL, 10), a);
    } else if (strcmp(r->method, "GET") == 0) {
        list_parts(s, a);
    } else if (strcmp(r->method, "DELETE") == 0) {
        s->upload.open = false;
        s->aborts++;
        *a = (struct stub_answer){.status = 204, .body = ""};
    } else {
        complete(s, r, a);
    }
}

static void of_object(struct s3_stub *s, const struct stub_request *r, const char *key,
                      struct stub_answer *a)
{
    static char headers[256];
    char sha[80] = "";
    const struct s3_object *o = s3_stub_find(s, key);
    (void)stub_header(r, "x-amz-meta-sha256", sha, sizeof sha);
    *a = (struct stub_answer){.status = 200, .body = ""};
    if (strcmp(r->method, "PUT") == 0) {
        s->puts++;
        store(s, key, r->body, r->body_len, sha);
    } else if (strcmp(r->method, "POST") == 0) {
        s->begins++;
        memset(&s->upload, 0, sizeof s->upload);
        s->upload.open = true;
        (void)snprintf(s->upload.key, sizeof s->upload.key, "%s", key);
        (void)snprintf(s->upload.sha256, sizeof s->upload.sha256, "%s", sha);
        say(s, a, 200, "<R><UploadId>up/1+2</UploadId></R>");
    } else { /* HEAD: no body follows, whatever the length says */
        s->heads++;
        a->status = o ? 200 : 404;
        (void)snprintf(headers, sizeof headers, "x-amz-meta-sha256: %s\r\n", o ? o->sha256 : "");
        a->headers = headers;
        a->len = o ? o->len : 0;
        a->cut = 0;
    }
}

static void answer(void *arg, const struct stub_request *r, struct stub_answer *a)
{
    struct s3_stub *s = arg;
    char key[512], token[256] = "";
    const char *bucket = "/" S3_STUB_BUCKET;
    (void)stub_header(r, "x-amz-security-token", token, sizeof token);
    if (s->fail_next) {
        s->fail_next--;
        refuse(s, a, 503, "SlowDown");
    } else if (!signature_is_right(r) || strcmp(token, s->token ? s->token : "") != 0) {
        s->refused++;
        refuse(s, a, 403, "SignatureDoesNotMatch");
    } else if (strncmp(r->path, bucket, strlen(bucket)) != 0) {
        refuse(s, a, 404, "NoSuchBucket");
    } else if (r->path[strlen(bucket)] == '\0') {
        list(s, r, a);
    } else { /* the path as a value of a query: unescaped */
        char form[300];
        (void)snprintf(form, sizeof form, "k=%s", r->path + strlen(bucket) + 1);
        assert_null(strchr(form, '+'));
        assert_true(stub_value(form, "k", key, sizeof key));
        if (strstr(r->query, "uploadId="))
            of_upload(s, r, key, a);
        else
            of_object(s, r, key, a);
    }
}

void s3_stub_open(struct s3_stub *s, const char *ca_file)
{
    memset(s, 0, sizeof *s);
    s->server = https_stub_open(ca_file, answer, s);
}

void s3_stub_close(struct s3_stub *s)
{
    https_stub_close(s->server);
    for (size_t i = 0; i < s->count; i++)
        free(s->objects[i].bytes);
}
