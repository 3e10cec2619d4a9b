/* sys/curl_lib.c - a table of names, and a table of results. */
#include "sys/curl_lib.h"

#include <string.h>

#include "sys/library.h"

static enum td_err load(struct td_curl *c, struct td_fail *why)
{
    static const struct {
        const char *name;
        size_t into;
    } rows[] = {
        {"curl_global_init", offsetof(struct td_curl, global_init)},
        {"curl_global_cleanup", offsetof(struct td_curl, global_cleanup)},
        {"curl_easy_init", offsetof(struct td_curl, init)},
        {"curl_easy_cleanup", offsetof(struct td_curl, cleanup)},
        {"curl_easy_reset", offsetof(struct td_curl, reset)},
        {"curl_easy_perform", offsetof(struct td_curl, perform)},
        {"curl_easy_setopt", offsetof(struct td_curl, set)},
        {"curl_easy_getinfo", offsetof(struct td_curl, get)},
        {"curl_easy_strerror", offsetof(struct td_curl, text)},
        {"curl_slist_append", offsetof(struct td_curl, append)},
        {"curl_slist_free_all", offsetof(struct td_curl, free_all)},
    };
    struct td_library library;
    struct td_fail said = {0};
    if (td_library_open(&library, "libcurl.so.4", &said) != TD_OK)
        return td_fail_set(why, TD_EUNSUP, "libcurl (package libcurl4) is needed: %s", said.text);
    for (size_t i = 0; i < TD_COUNT(rows); i++) {
        td_library_fn *fn = td_library_find(&library, rows[i].name);
        if (!fn)
            return td_fail_set(why, TD_EUNSUP, "libcurl has no %s", rows[i].name);
        memcpy((char *)c + rows[i].into, &fn, sizeof fn);
    }
    return TD_OK;
}

enum td_err td_curl_open(struct td_curl *c, struct td_fail *why)
{
    *c = (struct td_curl){0};
    const enum td_err err = load(c, why);
    if (err)
        return err;
    if (c->global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) /* counted by the library */
        return td_fail_set(why, TD_EUNSUP, "libcurl cannot start");
    c->handle = c->init();
    if (c->handle)
        return TD_OK;
    c->global_cleanup();
    return td_fail_set(why, TD_ENOMEM, "libcurl: %s", td_err_text(TD_ENOMEM));
}

void td_curl_close(struct td_curl *c)
{
    if (!c->handle)
        return;
    c->cleanup(c->handle);
    c->global_cleanup();
    c->handle = NULL;
}

void td_curl_begin(const struct td_curl *c, const char *url, const char *ca_file)
{
    c->reset(c->handle);
    (void)c->set(c->handle, CURLOPT_NOSIGNAL, 1L);
    (void)c->set(c->handle, CURLOPT_URL, url);
    (void)c->set(c->handle, CURLOPT_FOLLOWLOCATION, 0L);
    (void)c->set(c->handle, CURLOPT_SSL_VERIFYPEER, 1L);
    (void)c->set(c->handle, CURLOPT_SSL_VERIFYHOST, 2L);
    (void)c->set(c->handle, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
    if (ca_file && *ca_file)
        (void)c->set(c->handle, CURLOPT_CAINFO, ca_file);
}

enum td_err td_curl_meaning(CURLcode code)
{
    static const struct {
        CURLcode code;
        enum td_err err;
    } rows[] = {
        {CURLE_OK, TD_OK},
        {CURLE_URL_MALFORMAT, TD_EINVAL},
        {CURLE_UNSUPPORTED_PROTOCOL, TD_EINVAL},
        {CURLE_COULDNT_RESOLVE_HOST, TD_EUNREACH},
        {CURLE_COULDNT_RESOLVE_PROXY, TD_EUNREACH},
        {CURLE_COULDNT_CONNECT, TD_EUNREACH},
        {CURLE_PEER_FAILED_VERIFICATION, TD_EACCES},
        {CURLE_SSL_CONNECT_ERROR, TD_EACCES},
        {CURLE_SSL_CACERT_BADFILE, TD_EACCES},
        {CURLE_USE_SSL_FAILED, TD_EACCES},
        {CURLE_OPERATION_TIMEDOUT, TD_ETIMEOUT},
        {CURLE_PARTIAL_FILE, TD_ECLOSED},
        {CURLE_RECV_ERROR, TD_ECLOSED},
        {CURLE_SEND_ERROR, TD_ECLOSED},
        {CURLE_GOT_NOTHING, TD_ECLOSED},
        {CURLE_LOGIN_DENIED, TD_EDENIED},
        {CURLE_OUT_OF_MEMORY, TD_ENOMEM},
        {CURLE_ABORTED_BY_CALLBACK, TD_EAGAIN},
    };
    for (size_t i = 0; i < TD_COUNT(rows); i++)
        if (rows[i].code == code)
            return rows[i].err;
    return TD_EIO;
}
