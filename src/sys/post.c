/* sys/post.c - libcurl's easy interface for two kinds of short messages; loaded by the first one that is wanted. */
#include "sys/post.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sys/curl_lib.h"

struct td_post {
    struct td_curl call;
    char ca_file[1024];
    const atomic_bool *stop;
    struct td_str left; /* of the mail that is read */
};

/* --- addresses --- */

/* The host of scheme://HOST[:PORT][/...]; false: no such form, or it holds a user. */
static bool host_of(const char *url, const char *scheme, char *out, size_t cap)
{
    const size_t n = strlen(scheme);
    if (strncasecmp(url, scheme, n) != 0)
        return false;
    const char *host = url + n;
    const size_t all = strcspn(host, "/?#");
    size_t len = *host == '[' ? strcspn(host, "]") : strcspn(host, ":/?#");
    if (memchr(host, '@', all) || len == 0 || len >= cap)
        return false;
    const bool v6 = *host == '[';
    if (v6 && host[len] != ']')
        return false;
    (void)td_str_copy((struct td_str){host + v6, len - v6}, out, cap);
    return true;
}

/* Strictly: a name may begin with "127." and be anywhere. */
static bool is_here(const char *host)
{
    return strcasecmp(host, "localhost") == 0 || strcmp(host, "::1") == 0 ||
           (strncmp(host, "127.", 4) == 0 && strspn(host, "0123456789.") == strlen(host));
}

static bool is_plain_text(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text <= ' ' || (unsigned char)*text == 0x7f)
            return false;
    return true;
}

enum td_err td_post_check_web(const char *url, struct td_fail *why)
{
    char host[256];
    const bool fits = strlen(url) < TD_POST_URL && is_plain_text(url);
    if (fits && host_of(url, "https://", host, sizeof host))
        return TD_OK;
    if (fits && host_of(url, "http://", host, sizeof host) && is_here(host))
        return TD_OK;
    return td_fail_set(why, TD_EINVAL,
                       "expected https://HOST/..., or http:// to this machine, without a user");
}

static bool is_address(const char *text)
{
    const char *at = text ? strchr(text, '@') : NULL;
    return at && at != text && at[1] && strlen(text) < TD_POST_ADDRESS && is_plain_text(text) &&
           !strpbrk(text, "<>,;\"\\") && !strchr(at + 1, '@');
}

static bool is_mail_server(const char *url, bool *here)
{
    char host[256];
    if (!url || strlen(url) >= TD_POST_URL || !is_plain_text(url))
        return false;
    *here = false;
    if (host_of(url, "smtps://", host, sizeof host))
        return true;
    if (!host_of(url, "smtp://", host, sizeof host))
        return false;
    *here = is_here(host);
    return true;
}

enum td_err td_post_check_mail(const struct td_post_mail *mail, struct td_fail *why)
{
    bool here;
    if (!is_mail_server(mail->server, &here))
        return td_fail_set(why, TD_EINVAL,
                           "the server: expected smtps://HOST[:PORT] or smtp://HOST[:PORT]");
    if (!is_address(mail->from))
        return td_fail_set(why, TD_EINVAL, "the sender: expected one address like a@example.org");
    if (!is_address(mail->to))
        return td_fail_set(why, TD_EINVAL, "the receiver: expected one address like a@example.org");
    return TD_OK;
}

/* --- what libcurl calls --- */

static int on_progress(void *arg, curl_off_t all, curl_off_t now, curl_off_t up_all, curl_off_t up)
{
    const struct td_post *p = arg;
    (void)all, (void)now, (void)up_all, (void)up;
    return p->stop && atomic_load_explicit(p->stop, memory_order_relaxed);
}

static size_t on_body(char *bytes, size_t one, size_t len, void *arg)
{
    (void)bytes, (void)arg;
    return one * len;
}

static size_t on_mail(char *out, size_t one, size_t cap, void *arg)
{
    struct td_post *p = arg;
    const size_t room = one * cap, n = p->left.len < room ? p->left.len : room;
    if (n)
        memcpy(out, p->left.p, n);
    p->left.p += n;
    p->left.len -= n;
    return n;
}

/* --- one message --- */

static void prepare(struct td_post *p, const char *url, const struct td_post_limit *limit)
{
    const long ms = (long)(limit->limit / TD_MS);
    p->stop = limit->stop;
    td_curl_begin(&p->call, url, p->ca_file);
    (void)p->call.set(p->call.handle, CURLOPT_PROXY, "");
    (void)p->call.set(p->call.handle, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    (void)p->call.set(p->call.handle, CURLOPT_USERAGENT, "tapedeck");
    (void)p->call.set(p->call.handle, CURLOPT_TIMEOUT_MS, ms > 0 ? ms : 1L);
    (void)p->call.set(p->call.handle, CURLOPT_CONNECTTIMEOUT_MS, ms > 0 ? ms : 1L);
    /* The goodbye of a mail server is waited for beyond the limit: for as long again. */
    (void)p->call.set(p->call.handle, CURLOPT_SERVER_RESPONSE_TIMEOUT, ms / 1000 + 1);
    (void)p->call.set(p->call.handle, CURLOPT_FORBID_REUSE, 1L);
    (void)p->call.set(p->call.handle, CURLOPT_WRITEFUNCTION, on_body);
    (void)p->call.set(p->call.handle, CURLOPT_NOPROGRESS, 0L);
    (void)p->call.set(p->call.handle, CURLOPT_XFERINFOFUNCTION, on_progress);
    (void)p->call.set(p->call.handle, CURLOPT_XFERINFODATA, p);
}

/* Sends what was prepared; `list` is given back. */
static enum td_err perform(struct td_post *p, CURLoption option, struct curl_slist *list,
                           long *status, struct td_fail *why)
{
    *status = 0;
    (void)p->call.set(p->call.handle, option, list);
    const CURLcode code = p->call.perform(p->call.handle);
    (void)p->call.get(p->call.handle, CURLINFO_RESPONSE_CODE, status);
    (void)p->call.set(p->call.handle, option, NULL);
    p->call.free_all(list);
    const enum td_err err = td_curl_meaning(code);
    return err ? td_fail_set(why, err, "%s", p->call.text(code)) : TD_OK;
}

static enum td_err judge_web(long status, struct td_fail *why)
{
    if (status >= 200 && status < 300)
        return TD_OK;
    return td_fail_set(why, status >= 500 || status == 408 || status == 429 ? TD_EIO : TD_EDENIED,
                       "answered with HTTP status %ld", status);
}

enum td_err td_post_web(struct td_post *p, const char *url, struct td_str json,
                        const struct td_post_limit *limit, struct td_fail *why)
{
    long status = 0;
    enum td_err err = td_post_check_web(url, why);
    if (err)
        return err;
    struct curl_slist *headers = p->call.append(NULL, "Content-Type: application/json");
    if (!headers)
        return td_fail_set(why, TD_ENOMEM, "%s", td_err_text(TD_ENOMEM));
    prepare(p, url, limit);
    (void)p->call.set(p->call.handle, CURLOPT_PROTOCOLS_STR, "http,https");
    (void)p->call.set(p->call.handle, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)json.len);
    (void)p->call.set(p->call.handle, CURLOPT_POSTFIELDS, json.p);
    err = perform(p, CURLOPT_HTTPHEADER, headers, &status, why);
    return err ? err : judge_web(status, why);
}

enum td_err td_post_mail(struct td_post *p, const struct td_post_mail *mail,
                         const struct td_post_limit *limit, struct td_fail *why)
{
    long status = 0;
    bool here = false;
    enum td_err err = td_post_check_mail(mail, why);
    if (err)
        return err;
    (void)is_mail_server(mail->server, &here);
    struct curl_slist *to = p->call.append(NULL, mail->to);
    if (!to)
        return td_fail_set(why, TD_ENOMEM, "%s", td_err_text(TD_ENOMEM));
    prepare(p, mail->server, limit);
    p->left = mail->message;
    (void)p->call.set(p->call.handle, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    (void)p->call.set(p->call.handle, CURLOPT_USE_SSL,
                      here ? (long)CURLUSESSL_NONE : (long)CURLUSESSL_ALL);
    if (mail->user && *mail->user) {
        (void)p->call.set(p->call.handle, CURLOPT_USERNAME, mail->user);
        (void)p->call.set(p->call.handle, CURLOPT_PASSWORD, mail->password ? mail->password : "");
    }
    (void)p->call.set(p->call.handle, CURLOPT_MAIL_FROM, mail->from);
    (void)p->call.set(p->call.handle, CURLOPT_UPLOAD, 1L);
    (void)p->call.set(p->call.handle, CURLOPT_READFUNCTION, on_mail);
    (void)p->call.set(p->call.handle, CURLOPT_READDATA, p);
    err = perform(p, CURLOPT_MAIL_RCPT, to, &status, why);
    if (err && status >= 500 && status < 600)
        return td_fail_set(why, TD_EDENIED, "answered with SMTP status %ld", status);
    return err;
}

/* --- life --- */

enum td_err td_post_open(struct td_post **out, const char *ca_file, struct td_fail *why)
{
    struct td_post *p = calloc(1, sizeof *p);
    if (!p)
        return td_fail_set(why, TD_ENOMEM, "%s", td_err_text(TD_ENOMEM));
    (void)td_str_copy(td_str_of(ca_file), p->ca_file, sizeof p->ca_file);
    const enum td_err err = td_curl_open(&p->call, why);
    if (err) {
        free(p);
        return err;
    }
    *out = p;
    return TD_OK;
}

void td_post_close(struct td_post *p)
{
    if (!p)
        return;
    td_curl_close(&p->call);
    free(p);
}
