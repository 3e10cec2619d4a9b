/* tests/support/https_stub.c - TLS by OpenSSL, threads by pthread, HTTP/1.1 as far as a test needs it. */
#include "support/https_stub.h"

#include <arpa/inet.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "support/certificate.h"
#include "support/support.h"

#define THREADS_MAX 1024 /* connections of a whole run; they are joined at the end */
#define WAIT_MS     20

struct https_stub {
    SSL_CTX *tls;
    stub_fn *answer;
    void *arg;
    int listener;
    uint16_t port;
    pthread_t acceptor, threads[THREADS_MAX];
    uint32_t thread_count;
    atomic_uint requests;
    atomic_bool ending;
    pthread_mutex_t lock;
};

struct served {
    struct https_stub *stub;
    int fd;
};

static SSL_CTX *make_tls(const char *ca_file)
{
    EVP_PKEY *key;
    SSL_CTX *tls = SSL_CTX_new(TLS_server_method());
    assert_non_null(tls);
    X509 *cert = certificate_make(&key);
    assert_int_equal(SSL_CTX_use_certificate(tls, cert), 1);
    assert_int_equal(SSL_CTX_use_PrivateKey(tls, key), 1);
    certificate_write(ca_file, cert, NULL, key);
    X509_free(cert);
    EVP_PKEY_free(key);
    return tls;
}

/* --- HTTP --- */

static bool wait_for(struct https_stub *s, SSL *ssl, int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    while (!atomic_load(&s->ending))
        if (SSL_pending(ssl) > 0 || poll(&p, 1, WAIT_MS) > 0)
            return true;
    return false;
}

static bool write_all(SSL *ssl, const void *bytes, size_t len)
{
    size_t n = 0;
    return len == 0 || (SSL_write_ex(ssl, bytes, len, &n) == 1 && n == len);
}

/* Reads until `len` bytes are there, or the end of the headers (len 0). */
static bool read_more(struct https_stub *s, SSL *ssl, int fd, char *buf, size_t *have, size_t len)
{
    size_t n = 0;
    while (len ? *have < len : !strstr(buf, "\r\n\r\n")) {
        if (*have >= STUB_TEXT - 1 || !wait_for(s, ssl, fd) ||
            SSL_read_ex(ssl, buf + *have, STUB_TEXT - 1 - *have, &n) != 1)
            return false;
        *have += n;
        buf[*have] = '\0';
    }
    return true;
}

static bool read_request(struct https_stub *s, SSL *ssl, int fd, struct stub_request *r)
{
    char buf[STUB_TEXT] = "", target[2300] = "", length[16] = "0";
    size_t have = 0;
    memset(r, 0, sizeof *r);
    if (!read_more(s, ssl, fd, buf, &have, 0))
        return false;
    const size_t head = (size_t)(strstr(buf, "\r\n\r\n") + 4 - buf);
    if (sscanf(buf, "%7s %2299s", r->method, target) != 2)
        return false;
    memcpy(r->headers, buf, head);
    const size_t path = strcspn(target, "?");
    (void)snprintf(r->path, sizeof r->path, "%.*s", (int)path, target);
    (void)snprintf(r->query, sizeof r->query, "%.2000s", target[path] ? target + path + 1 : "");
    (void)stub_header(r, "content-length", length, sizeof length);
    const size_t want = (size_t)strtoul(length, NULL, 10);
    if (want && (head + want >= STUB_TEXT || !read_more(s, ssl, fd, buf, &have, head + want)))
        return false;
    memcpy(r->body, buf + head, want);
    r->body_len = want;
    return true;
}

/* False: the connection is over. */
static bool write_answer(struct https_stub *s, SSL *ssl, const struct stub_answer *a)
{
    char head[STUB_TEXT], size[32];
    const size_t len = a->cut && a->cut < a->len ? a->cut : a->len;
    (void)snprintf(size, sizeof size, "%zu", a->len);
    (void)snprintf(head, sizeof head, "HTTP/1.1 %d Said\r\n%s%s%s%s\r\n", a->status,
                   a->headers ? a->headers : "",
                   a->chunked ? "Transfer-Encoding: chunked" : "Content-Length: ",
                   a->chunked ? "" : size, "\r\n");
    if (!write_all(ssl, head, strlen(head)))
        return false;
    if (a->no_body)
        return true;
    for (int ms = 0; ms < a->stall_ms && !atomic_load(&s->ending); ms += WAIT_MS)
        (void)nanosleep(&(struct timespec){.tv_nsec = WAIT_MS * 1000000L}, NULL);
    if (!a->chunked)
        return write_all(ssl, a->body, len) && !a->cut;
    for (size_t at = 0; at < len;) {
        const size_t n = len - at < 1000 ? len - at : 1000;
        (void)snprintf(size, sizeof size, "%zx\r\n", n);
        if (!write_all(ssl, size, strlen(size)) || !write_all(ssl, (const char *)a->body + at, n) ||
            !write_all(ssl, "\r\n", 2))
            return false;
        at += n;
    }
    return !a->cut && write_all(ssl, "0\r\n\r\n", 5);
}

static void *serve(void *arg)
{
    struct served *served = arg;
    struct https_stub *s = served->stub;
    const int fd = served->fd;
    static _Thread_local struct stub_request request;
    SSL *ssl = SSL_new(s->tls);
    free(served);
    assert_non_null(ssl);
    (void)SSL_set_fd(ssl, fd);
    bool open = SSL_accept(ssl) == 1;
    while (open && read_request(s, ssl, fd, &request)) {
        struct stub_answer a = {.status = 404};
        (void)pthread_mutex_lock(&s->lock);
        (void)atomic_fetch_add(&s->requests, 1);
        s->answer(s->arg, &request, &a);
        (void)pthread_mutex_unlock(&s->lock);
        a.no_body = strcmp(request.method, "HEAD") == 0;
        open = write_answer(s, ssl, &a);
    }
    if (open)
        (void)SSL_shutdown(ssl);
    SSL_free(ssl);
    (void)close(fd);
    return NULL;
}

static void *accept_all(void *arg)
{
    struct https_stub *s = arg;
    struct pollfd p = {.fd = s->listener, .events = POLLIN};
    while (!atomic_load(&s->ending)) {
        if (poll(&p, 1, WAIT_MS) <= 0)
            continue;
        struct served *served = malloc(sizeof *served);
        const int fd = accept(s->listener, NULL, NULL);
        if (!served || fd < 0 || s->thread_count == THREADS_MAX) {
            free(served);
            if (fd >= 0)
                (void)close(fd);
            continue;
        }
        *served = (struct served){s, fd};
        if (pthread_create(&s->threads[s->thread_count], NULL, serve, served) == 0)
            s->thread_count++;
    }
    return NULL;
}

/* --- life --- */

struct https_stub *https_stub_open(const char *ca_file, stub_fn *answer, void *arg)
{
    struct https_stub *s = calloc(1, sizeof *s);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    assert_non_null(s);
    (void)signal(SIGPIPE, SIG_IGN); /* a client that is gone when the farewell is written */
    s->tls = make_tls(ca_file);
    s->answer = answer;
    s->arg = arg;
    s->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(s->listener >= 0);
    assert_int_equal(bind(s->listener, (struct sockaddr *)&at, len), 0);
    assert_int_equal(listen(s->listener, 16), 0);
    assert_int_equal(getsockname(s->listener, (struct sockaddr *)&at, &len), 0);
    s->port = ntohs(at.sin_port);
    assert_int_equal(pthread_mutex_init(&s->lock, NULL), 0);
    assert_int_equal(pthread_create(&s->acceptor, NULL, accept_all, s), 0);
    return s;
}

uint16_t https_stub_port(const struct https_stub *s)
{
    return s->port;
}

uint32_t https_stub_requests(struct https_stub *s)
{
    return atomic_load(&s->requests);
}

void https_stub_close(struct https_stub *s)
{
    if (!s)
        return;
    atomic_store(&s->ending, true);
    (void)pthread_join(s->acceptor, NULL);
    for (uint32_t i = 0; i < s->thread_count; i++)
        (void)pthread_join(s->threads[i], NULL);
    (void)close(s->listener);
    SSL_CTX_free(s->tls);
    (void)pthread_mutex_destroy(&s->lock);
    free(s);
}

/* --- looking at requests --- */

bool stub_value(const char *form, const char *key, char *out, size_t cap)
{
    const size_t n = strlen(key);
    for (const char *p = form; p; p = strchr(p, '&')) {
        p += *p == '&';
        if (strncmp(p, key, n) != 0 || p[n] != '=')
            continue;
        size_t len = 0;
        for (p += n + 1; *p && *p != '&' && len + 1 < cap; p++) {
            unsigned code = 0;
            const bool escaped = *p == '%' && sscanf(p + 1, "%2x", &code) == 1;
            out[len++] = escaped ? (char)code : *p == '+' ? ' ' : *p;
            p += escaped ? 2 : 0;
        }
        out[len] = '\0';
        return true;
    }
    return false;
}

bool stub_header(const struct stub_request *request, const char *name, char *out, size_t cap)
{
    const size_t n = strlen(name);
    for (const char *p = strstr(request->headers, "\r\n"); p; p = strstr(p, "\r\n")) {
        p += 2;
        if (strncasecmp(p, name, n) != 0 || p[n] != ':')
            continue;
        p += n + 1;
        p += strspn(p, " ");
        (void)snprintf(out, cap, "%.*s", (int)strcspn(p, "\r"), p);
        return true;
    }
    return false;
}
