/* sys/curl_lib.h - libcurl, loaded by the first who needs it: it brings thirty libraries, which would cost every start of the
 * program 7 ms. Private to sys/https.c and sys/post.c.
 *
 * One easy handle with the calls that are used of it. It stays loaded: what it brings does not like to leave.
 * Owner: one thread per handle. Source: libcurl 7.88.1.
 */
#ifndef TD_SYS_CURL_LIB_H
#define TD_SYS_CURL_LIB_H

#include <curl/curl.h>

#include "base/err.h"

struct td_curl {
    CURL *handle;
    CURLcode (*global_init)(long flags);
    void (*global_cleanup)(void);
    CURL *(*init)(void);
    void (*cleanup)(CURL *);
    void (*reset)(CURL *);
    CURLcode (*perform)(CURL *);
    CURLcode (*set)(CURL *, CURLoption, ...);
    CURLcode (*get)(CURL *, CURLINFO, ...);
    const char *(*text)(CURLcode);
    struct curl_slist *(*append)(struct curl_slist *, const char *);
    void (*free_all)(struct curl_slist *);
};

/* TD_EUNSUP: it is not there, or cannot start. TD_ENOMEM. */
TD_MUST_CHECK enum td_err td_curl_open(struct td_curl *c, struct td_fail *why);
void td_curl_close(struct td_curl *c); /* accepts a zeroed one, and twice */

/* Begins a request: options as new (the connection stays), no signals, redirects are not followed, TLS 1.2 or later with
 * certificates checked against the system's, or against those of `ca_file` ("" or NULL: none). */
void td_curl_begin(const struct td_curl *c, const char *url, const char *ca_file);
/* What a result means to us; TD_EIO for those that have no row. TD_EAGAIN: one of our callbacks ended it. */
enum td_err td_curl_meaning(CURLcode code);

#endif
