/* tests/dash/dash_tls_test.c - the dashboard over TLS: by libcurl as a user's program has it, by OpenSSL where a client has to be strange.
 * The certificate is made here. */
#include <openssl/ssl.h>
#include <sys/wait.h>

#include "dash/dash.h"
#include "dash/dash_client.h"
#include "support/certificate.h"
#include "sys/https.h"

static struct {
    struct td_dash *dash;
    uint16_t port;
    char cert[300], key[300], other_key[300], read[65];
    const char *state;
} at;

static struct td_dash_config tls_config(void)
{
    return (struct td_dash_config){.host = "127.0.0.1",
                                   .state = at.state,
                                   .version = "0.1",
                                   .certificate = at.cert,
                                   .key = at.key};
}

static int make_files(void **state)
{
    (void)state;
    EVP_PKEY *key, *other;
    at.state = td_test_folder("dash-tls");
    (void)snprintf(at.cert, sizeof at.cert, "%s/cert.pem", at.state);
    (void)snprintf(at.key, sizeof at.key, "%s/key.pem", at.state);
    (void)snprintf(at.other_key, sizeof at.other_key, "%s/other.pem", at.state);
    X509 *unused = certificate_make(&other), *cert = certificate_make(&key);
    certificate_write(at.cert, cert, at.key, key);
    certificate_write(NULL, unused, at.other_key, other);
    X509_free(cert);
    X509_free(unused);
    EVP_PKEY_free(key);
    EVP_PKEY_free(other);
    return 0;
}

static int begin(void **state)
{
    char path[300];
    size_t len;
    (void)make_files(state);
    const struct td_dash_config config = tls_config();
    struct td_fail why = {0};
    if (td_dash_open(&at.dash, &config, &why) != TD_OK)
        fail_msg("%s", why.text);
    at.port = td_dash_port(at.dash);
    (void)snprintf(path, sizeof path, "%s/dash_tokens.json", at.state);
    char *text = td_test_slurp(path, &len);
    assert_non_null(text);
    assert_int_equal(sscanf(strstr(text, "\"read\":\"") + 8, "%64[0-9a-f]", at.read), 1);
    free(text);
    return 0;
}

static int end(void **state)
{
    (void)state;
    td_dash_close(at.dash);
    at.dash = NULL;
    return 0;
}

/* --- libcurl --- */

static enum td_err get(const char *ca_file, const char *host, const char *path,
                       struct td_https_reply *reply)
{
    const struct td_https_config config = {.ca_file = ca_file, .silence_limit = 5 * TD_SEC};
    struct td_https *h;
    struct td_fail why = {0};
    char url[200];
    (void)snprintf(url, sizeof url, "https://%s:%u%s", host, at.port, path);
    if (td_https_open(&h, &config, &why) != TD_OK)
        td_skip("%s", why.text);
    const struct td_https_request request = {.url = url};
    const enum td_err err = td_https_do(h, &request, reply, &why);
    td_https_close(h);
    return err;
}

static void those_who_trust_the_certificate(void **state)
{
    (void)state;
    static const char *const hosts[] = {"localhost", "127.0.0.1"};
    struct td_https_reply reply;
    for (size_t i = 0; i < TD_COUNT(hosts); i++) {
        TD_OK_OR_FAIL(get(at.cert, hosts[i], "/", &reply));
        assert_int_equal(reply.status, 200);
        TD_OK_OR_FAIL(get(at.cert, hosts[i], "/api/v1/session", &reply));
        assert_int_equal(reply.status, 200);
        assert_non_null(strstr(reply.body, "\"scopes\""));
        TD_OK_OR_FAIL(get(at.cert, hosts[i], "/metrics", &reply));
        assert_non_null(strstr(reply.body, "dashboard_up 1"));
    }
    assert_int_equal(get(NULL, "localhost", "/", &reply),
                     TD_EACCES); /* the system does not know it */
}

/* --- OpenSSL --- */

struct client {
    SSL_CTX *context;
    SSL *ssl;
    int fd;
};

/* A handshake with what the server offers for the versions from `low` to `high`; false: there is none. */
static bool client_tls(struct client *c, int low, int high)
{
    c->context = SSL_CTX_new(TLS_client_method());
    assert_non_null(c->context);
    SSL_CTX_set_security_level(c->context, 0);
    assert_int_equal(SSL_CTX_set_min_proto_version(c->context, low), 1);
    assert_int_equal(SSL_CTX_set_max_proto_version(c->context, high), 1);
    assert_int_equal(SSL_CTX_load_verify_locations(c->context, at.cert, NULL), 1);
    SSL_CTX_set_verify(c->context, SSL_VERIFY_PEER, NULL);
    c->ssl = SSL_new(c->context);
    c->fd = client_open(at.port);
    assert_int_equal(SSL_set_fd(c->ssl, c->fd), 1);
    assert_int_equal(SSL_set1_host(c->ssl, "localhost"), 1);
    return SSL_connect(c->ssl) == 1;
}

static void client_end(struct client *c)
{
    SSL_free(c->ssl);
    SSL_CTX_free(c->context);
    (void)close(c->fd);
}

static void say(struct client *c, const char *text)
{
    size_t n = 0;
    assert_true(SSL_write_ex(c->ssl, text, strlen(text), &n) == 1 && n == strlen(text));
}

/* Reads until `words` have come. */
static void hear(struct client *c, const char *words, char *out, size_t cap)
{
    size_t used = 0, n = 0;
    out[0] = '\0';
    while (!strstr(out, words)) {
        if (used + 1 >= cap || SSL_read_ex(c->ssl, out + used, cap - 1 - used, &n) != 1)
            fail_msg("expected %s in: %s", words, out);
        for (size_t i = used; i < used + n; i++)
            out[i] = out[i] ? out[i] : ' '; /* frames have zeros in their heads */
        used += n;
        out[used] = '\0';
    }
}

static void sockets_and_cookies(void **state)
{
    (void)state;
    static char out[70000];
    char text[800], body[100];
    struct client c;
    assert_true(client_tls(&c, TLS1_2_VERSION, TLS1_3_VERSION));
    (void)snprintf(text, sizeof text,
                   "GET /ws HTTP/1.1\r\nHost: localhost:%u\r\nUpgrade: websocket\r\nConnection: "
                   "Upgrade\r\nOrigin: https://localhost:%u\r\nSec-WebSocket-Key: "
                   "dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
                   at.port, at.port);
    say(&c, text);
    hear(&c, "\"type\":\"connection\"", out, sizeof out);
    assert_non_null(strstr(out, "101"));
    client_end(&c);

    assert_true(client_tls(&c, TLS1_2_VERSION, TLS1_3_VERSION));
    (void)snprintf(body, sizeof body, "{\"token\":\"%s\"}", at.read);
    (void)snprintf(text, sizeof text,
                   "POST /api/v1/login HTTP/1.1\r\nHost: localhost:%u\r\nOrigin: "
                   "https://localhost:%u\r\nX-Tapedeck: 1\r\nContent-Type: application/json\r\n"
                   "Content-Length: %zu\r\n\r\n%s",
                   at.port, at.port, strlen(body), body);
    say(&c, text);
    hear(&c, "\r\n\r\n", out, sizeof out);
    assert_non_null(strstr(out, "200"));
    assert_non_null(strstr(out, "; Secure"));
    assert_non_null(strstr(out, "HttpOnly"));
    client_end(&c);
}

static void old_versions_and_plain_text_are_refused(void **state)
{
    (void)state;
    char out[4096], text[200];
    struct client c;
    assert_false(client_tls(&c, TLS1_VERSION, TLS1_1_VERSION));
    client_end(&c);
    assert_true(client_tls(&c, TLS1_2_VERSION, TLS1_2_VERSION));
    client_end(&c);
    const int fd = client_open(at.port);
    (void)snprintf(text, sizeof text, "GET /api/v1/session HTTP/1.1\r\nHost: localhost:%u\r\n\r\n",
                   at.port);
    assert_true(client_say(fd, text));
    assert_int_not_equal(client_answer(fd, out, sizeof out), 200);
    assert_null(strstr(out, "scopes"));
    (void)close(fd);
}

static bool is_refused(const char *cert, const char *key, const char *host, const char *words)
{
    struct td_dash *d = NULL;
    struct td_fail why = {0};
    struct td_dash_config config = tls_config();
    config.certificate = cert;
    config.key = key;
    config.host = host;
    return td_dash_open(&d, &config, &why) == TD_EINVAL && !d && strstr(why.text, words);
}

/* In a process of its own: libwebsockets does not give back what it had of a pair that it refuses. */
static void keys_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    int status = -1;
    const pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        _exit(!(is_refused(at.cert, at.other_key, "127.0.0.1", "DASH_TLS_KEY") &&
                is_refused(at.key, at.key, "127.0.0.1", "DASH_TLS_CERT") &&
                is_refused(NULL, NULL, "0.0.0.0", "DASH_TLS_CERT")));
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(those_who_trust_the_certificate),
        TEST(sockets_and_cookies),
        TEST(old_versions_and_plain_text_are_refused),
        cmocka_unit_test_setup(keys_that_do_not_fit_are_refused, make_files),
    };
    return cmocka_run_group_tests_name("dash/tls", tests, NULL, NULL);
}
