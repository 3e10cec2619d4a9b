/* sys/https.h - one HTTPS request at a time, streamed to the caller: vendors of history, object stores, news.
 *
 * Blocks the calling thread, which is a worker's and never the trading thread. Bounded: connecting, silence between
 * bytes, sizes kept. Certificates are checked against the system's (or `ca_file`); nothing but https is spoken, and a
 * redirect is an answer like any other: credentials go to the host that was named. A whole body with any status is
 * TD_OK: what a status means is the caller's to say.
 *
 * Owner: one thread per td_https; it keeps its connection between requests. Secrets are not written anywhere.
 * Source: RFC 9110 (status, Retry-After), libcurl 7.88.1 (CURLOPT_AWS_SIGV4).
 */
#ifndef TD_SYS_HTTPS_H
#define TD_SYS_HTTPS_H

#include <stdatomic.h>

#include "base/text.h"
#include "base/time.h"

#define TD_HTTPS_URL      2048
#define TD_HTTPS_WARNINGS 2048
#define TD_HTTPS_BODY     4096

struct td_https; /* opaque */

/* Zero takes the preset in brackets. */
struct td_https_config {
    const char *ca_file; /* certificates to trust instead of the system's; NULL: the system's */
    const char *agent;   /* ["tapedeck"] */
    td_ns connect_limit; /* [10 s] */
    td_ns silence_limit; /* between two bytes [100 s] */
};

/* A signature of the form that object stores ask for (AWS signature version 4). The query must be sorted by name and
 * every name in it have its '='; x-amz-content-sha256 is the caller's header. */
struct td_https_sign {
    const char *service; /* "aws:amz:REGION:s3" */
    const char *key, *secret;
};

/* Bytes of a 2xx body in order. Anything but TD_OK ends the request and is what it returns. */
typedef enum td_err td_https_sink(void *arg, const void *bytes, size_t len);

struct td_https_request {
    const char *url;           /* https://...; with its query */
    const char *user, *secret; /* basic authorisation; NULL none */
    const char *form;          /* POST with this form body; NULL: GET */
    const char *method; /* "PUT", "HEAD", "DELETE", "POST" with `body`; NULL: as `form` says */
    const void *body;   /* of `method`, borrowed until the end */
    size_t body_len;
    const struct td_https_sign *sign; /* NULL: none */
    const char *keep;                 /* name of a header whose value goes to reply.kept; or NULL */
    const char *const *headers;       /* "Name: value" lines, NULL at the end; or NULL */
    td_https_sink *sink;              /* NULL: a 2xx body goes to reply.body too */
    void *arg;
    const atomic_bool
        *stop; /* set by another thread: the request ends with TD_EAGAIN within a second; or NULL */
};

struct td_https_reply {
    int status;     /* 0: none came */
    uint64_t bytes; /* of the body, taken by the sink or not */
    td_ns wait;     /* Retry-After; 0 none, at most an hour */
    int64_t size;   /* Content-Length as told, for HEAD; -1: not told */
    char request_id[80];
    char etag[80];                    /* with its quotes */
    char kept[128];                   /* the header asked for; empty: not there */
    char warnings[TD_HTTPS_WARNINGS]; /* X-Warning as it stands; cut */
    char body[TD_HTTPS_BODY];         /* of an error, or without a sink; NUL behind it */
    size_t len;
    bool cut; /* the body was longer than `body` */
};

/* Loads libcurl when it is the first. TD_ENOMEM; TD_EUNSUP: it is not there, or cannot start. */
TD_MUST_CHECK enum td_err td_https_open(struct td_https **out, const struct td_https_config *config,
                                        struct td_fail *why);
void td_https_close(struct td_https *h); /* NULL is fine */

/* TD_EINVAL: not an https address. TD_EUNREACH: no such host, nobody listens. TD_EACCES: its certificate is not
 * trusted. TD_ETIMEOUT: connecting or silence took too long. TD_ECLOSED: the body ended before its end. TD_EAGAIN: `stop`.
 * Or the sink's error. `reply` is filled as far as it came. */
TD_MUST_CHECK enum td_err td_https_do(struct td_https *h, const struct td_https_request *request,
                                      struct td_https_reply *reply, struct td_fail *why);

/* Adds "key=value" to a form or query, with '&' before it where something stands already; escaped (RFC 3986). */
void td_https_pair(struct td_text *form, const char *key, struct td_str value);

#endif
