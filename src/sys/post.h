/* sys/post.h - one short message out of the house: JSON to a webhook, or an e-mail.
 *
 * Blocks the calling thread, which is never the trading thread, for at most `limit` a message, connecting included (a
 * mail server that does not say goodbye: twice that, and a second). A webhook is https, or http to this machine alone;
 * e-mail is smtps, or smtp that is encrypted before anything is said (STARTTLS), in the clear to this machine alone.
 * Certificates are checked against the system's (or `ca_file`), redirects are not followed, nothing is read from
 * ~/.netrc, no proxy is asked. What the answer's body says is dropped. No error text holds an address, a path or a
 * password: those are secrets.
 *
 * Owner: one thread. Source: RFC 9110, RFC 5321 and 3207; libcurl 7.88.1.
 */
#ifndef TD_SYS_POST_H
#define TD_SYS_POST_H

#include <stdatomic.h>

#include "base/text.h"
#include "base/time.h"

#define TD_POST_URL     2048
#define TD_POST_ADDRESS 256

struct td_post; /* opaque */

struct td_post_mail {
    const char *server;          /* smtps://HOST[:PORT] or smtp://HOST[:PORT] */
    const char *user, *password; /* NULL or "": none */
    const char *from, *to;       /* one address each */
    struct td_str message;       /* headers, an empty line, the body; lines end with \r\n */
};

/* TD_EINVAL: not such an address; the text tells what is allowed and does not hold it. */
TD_MUST_CHECK enum td_err td_post_check_web(const char *url, struct td_fail *why);
TD_MUST_CHECK enum td_err td_post_check_mail(const struct td_post_mail *mail, struct td_fail *why);

/* Loads libcurl. TD_EUNSUP: it is not there. TD_ENOMEM. `ca_file` may be NULL and is copied. */
TD_MUST_CHECK enum td_err td_post_open(struct td_post **out, const char *ca_file,
                                       struct td_fail *why);
void td_post_close(struct td_post *p); /* NULL is fine */

/* What bounds a message. */
struct td_post_limit {
    td_ns limit;
    const atomic_bool
        *stop; /* set by another thread: ends within a second with TD_EAGAIN; or NULL */
};

/* 2xx is TD_OK. TD_EDENIED: refused for good (another 3xx or 4xx, a login, an address): trying again is no use. TD_EIO: refused
 * for now (5xx, 408, 429). TD_EINVAL as the checks. TD_EUNREACH, TD_EACCES (certificate), TD_ETIMEOUT, TD_ECLOSED, TD_EAGAIN. */
TD_MUST_CHECK enum td_err td_post_web(struct td_post *p, const char *url, struct td_str json,
                                      const struct td_post_limit *limit, struct td_fail *why);
TD_MUST_CHECK enum td_err td_post_mail(struct td_post *p, const struct td_post_mail *mail,
                                       const struct td_post_limit *limit, struct td_fail *why);

#endif
