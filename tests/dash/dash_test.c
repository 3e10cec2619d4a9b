/* tests/dash/dash_test.c - the server over real sockets of this machine: pages, actions, hostile requests, WebSocket clients. */
#include "dash/dash.h"

#include <pthread.h>
#include <sys/stat.h>

#include "dash/dash_client.h"

static struct {
    struct td_dash *dash;
    struct td_feed feed;
    struct td_book book;
    uint16_t port;
    const char *state;
    char read[65], trade[65];
    char said[300];
    _Atomic int asked;
    _Atomic bool hang, stopped;
} at;

static char page[1 << 21];

static enum td_err hear(void *arg, const char *line, char *out, size_t cap, struct td_fail *why)
{
    (void)arg, (void)why;
    atomic_fetch_add(&at.asked, 1);
    while (atomic_load(&at.hang) && !atomic_load(&at.stopped))
        (void)poll(NULL, 0, 5);
    if (atomic_load(&at.stopped))
        return TD_EMUTE;
    if (strcmp(line, "status") != 0 && strcmp(line, "gates") != 0)
        (void)snprintf(at.said, sizeof at.said, "%s", line);
    (void)snprintf(out, cap, "{\"ok\":true,\"mode\":\"paper\",\"positions\":[],\"orders\":[]}\n");
    return TD_OK;
}

static void stop_asking(void *arg)
{
    (void)arg;
    atomic_store(&at.stopped, true);
}

static void cut_token(const char *text, const char *key, char *out)
{
    const char *p = strstr(text, key);
    assert_non_null(p);
    (void)snprintf(out, 65, "%.64s", p + strlen(key));
}

static int begin(void **state)
{
    (void)state;
    char path[400];
    size_t len;
    at.state = td_test_folder("dash");
    at.hang = at.stopped = false;
    at.asked = 0;
    td_book_init(&at.book, 10);
    TD_OK_OR_FAIL(td_feed_open(&at.feed));
    td_feed_line(&at.feed, 0, "SPY");
    const struct td_dash_config config = {.host = "127.0.0.1",
                                          .state = at.state,
                                          .version = "0.1",
                                          .feed = &at.feed,
                                          .ask = hear,
                                          .ask_stop = stop_asking};
    struct td_fail why = {0};
    if (td_dash_open(&at.dash, &config, &why) != TD_OK)
        fail_msg("%s", why.text);
    at.port = td_dash_port(at.dash);
    (void)snprintf(path, sizeof path, "%s/dash_tokens.json", at.state);
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    char *text = td_test_slurp(path, &len);
    cut_token(text, "\"read\":\"", at.read);
    cut_token(text, "\"trade\":\"", at.trade);
    free(text);
    return 0;
}

static int end(void **state)
{
    (void)state;
    const int64_t from = clock_ms();
    td_dash_close(at.dash);
    at.dash = NULL;
    assert_true(clock_ms() - from < 1000);
    td_feed_close(&at.feed);
    return 0;
}

/* One request on a connection of its own. */
static int ask_once(const char *format, ...)
{
    char text[4096];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    const int fd = client_open(at.port);
    assert_true(client_say(fd, text));
    const int status = client_answer(fd, page, sizeof page);
    (void)close(fd);
    return status;
}

static int get(const char *path)
{
    return ask_once("GET %s HTTP/1.1\r\nHost: localhost:%u\r\n\r\n", path, at.port);
}

static int post(const char *path, const char *token, const char *body)
{
    return ask_once("POST %s HTTP/1.1\r\nHost: localhost:%u\r\nContent-Type: "
                    "application/json\r\nX-Tapedeck: 1\r\n"
                    "%s%s%sContent-Length: %zu\r\n\r\n%s",
                    path, at.port, token ? "Authorization: Bearer " : "", token ? token : "",
                    token ? "\r\n" : "", strlen(body), body);
}

static void pages(void **state)
{
    (void)state;
    assert_int_equal(get("/"), 200);
    assert_non_null(strstr(
        page,
        "content-security-policy: default-src 'self'; script-src 'self'; style-src 'self'; "
        "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'\r\n"));
    assert_non_null(strstr(page, "x-content-type-options: nosniff\r\n"));
    assert_non_null(strstr(page, "content-type: text/html"));
    assert_null(strstr(page, "access-control"));
    assert_non_null(strstr(page, "tapedeck"));
    assert_int_equal(get("/book/SPY"), 200); /* a view of the page */
    assert_int_equal(get("/nothing.js"), 404);
    assert_int_equal(get("/api/v1/nothing"), 404);
    assert_int_equal(get("/api/v1/health"), 200);
    assert_non_null(strstr(page, "cache-control: no-store\r\n"));
    assert_non_null(strstr(page, "{\"status\":\"healthy\""));
    assert_int_equal(get("/api/v1/session"), 200);
    assert_non_null(
        strstr(page, "\"mode\":\"paper\",\"scopes\":[\"read\"],\"trade_token_needed\":true"));
    assert_int_equal(get("/api/v1/halt"), 405);
    assert_non_null(strstr(page, "allow: GET, POST\r\n"));
    assert_int_equal(ask_once("PUT / HTTP/1.1\r\nHost: localhost:%u\r\n\r\n", at.port), 405);
    assert_int_equal(
        ask_once("OPTIONS /api/v1/halt HTTP/1.1\r\nHost: localhost:%u\r\nOrigin: https://evil\r\n"
                 "Access-Control-Request-Method: POST\r\n\r\n",
                 at.port),
        405);
    assert_null(strstr(page, "access-control"));
}

static void hosts(void **state)
{
    (void)state;
    assert_int_equal(ask_once("GET / HTTP/1.1\r\nHost: evil.example:%u\r\n\r\n", at.port), 421);
    assert_int_equal(ask_once("GET / HTTP/1.1\r\nHost: localhost:1\r\n\r\n"), 421);
    assert_int_equal(
        ask_once(
            "GET /api/v1/session HTTP/1.1\r\nHost: localhost:%u\r\nAuthorization: Bearer x\r\n\r\n",
            at.port),
        401);
    assert_int_equal(ask_once("GET /api/v1/session HTTP/1.1\r\nHost: localhost:%u\r\nOrigin: "
                              "https://evil.example\r\n\r\n",
                              at.port),
                     403);
    assert_int_not_equal(ask_once("GET / HTTP/1.1\r\n\r\n"), 200);
    assert_int_not_equal(
        ask_once("GET / HTTP/1.1\r\nHost: localhost:%u\r\nHost: evil\r\n\r\n", at.port), 200);
}

static void actions(void **state)
{
    (void)state;
    char body[300];
    assert_int_equal(post("/api/v1/halt", NULL, "{}"), 403); /* no Origin, no Bearer */
    assert_int_equal(post("/api/v1/halt", at.read, "{}"), 403);
    assert_int_equal(post("/api/v1/halt", "0000", "{}"), 401);
    assert_string_equal(at.said, "");
    assert_int_equal(post("/api/v1/halt", at.trade, "{\"reason\":\"storm\"}"), 200);
    assert_string_equal(at.said, "halt dashboard: storm");
    assert_int_equal(post("/api/v1/halt", at.trade, "{\"reason\":1,\"reason\":2}"), 400);
    assert_int_equal(post("/api/v1/halt", at.trade, "[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]"),
                     400);
    assert_int_equal(post("/api/v1/halt", at.trade, ""), 400);

    assert_int_equal(post("/api/v1/resume", at.trade, "{\"reason\":\"x\"}"), 403);
    assert_int_equal(post("/api/v1/nonce", at.trade, "{\"action\":\"resume\"}"), 200);
    const char *nonce = strstr(page, "\"nonce\":\"") + 9;
    (void)snprintf(body, sizeof body,
                   "{\"nonce\":\"%.32s\",\"confirm\":\"RESUME\",\"reason\":\"looked\"}", nonce);
    assert_int_equal(post("/api/v1/resume", at.trade, body), 200);
    assert_string_equal(at.said, "resume dashboard: looked");
    assert_int_equal(post("/api/v1/resume", at.trade, body), 403); /* once */
    at.said[0] = '\0';
}

static void a_login_is_a_cookie(void **state)
{
    (void)state;
    char body[200], cookie[80];
    (void)snprintf(body, sizeof body, "{\"token\":\"%s\"}", at.trade);
    const char *form = "POST %s HTTP/1.1\r\nHost: localhost:%u\r\nContent-Type: "
                       "application/json\r\nX-Tapedeck: 1\r\n"
                       "Origin: http://localhost:%u\r\nSec-Fetch-Site: same-origin\r\nCookie: "
                       "%s\r\nContent-Length: %zu\r\n\r\n%s";
    assert_int_equal(ask_once(form, "/api/v1/login", at.port, at.port, "a=b", strlen(body), body),
                     200);
    const char *set = strstr(page, "set-cookie: ");
    assert_non_null(set);
    (void)snprintf(cookie, sizeof cookie, "%.73s", set + 12);
    assert_int_equal(ask_once(form, "/api/v1/halt", at.port, at.port, cookie, (size_t)2, "{}"),
                     200);
    assert_string_equal(at.said, "halt dashboard: by hand");
    assert_int_equal(ask_once(form, "/api/v1/logout", at.port, at.port, cookie, (size_t)2, "{}"),
                     200);
    assert_int_equal(ask_once(form, "/api/v1/halt", at.port, at.port, cookie, (size_t)2, "{}"),
                     401);
    at.said[0] = '\0';
}

static void hostile_requests(void **state)
{
    (void)state;
    static const char *const paths[] = {"/..%2f..%2fetc%2fpasswd",
                                        "/../../etc/passwd",
                                        "/%2e%2e/%2e%2e/etc/passwd",
                                        "/api/v1/session%00",
                                        "/%00",
                                        "/assets/..%5c..%5c",
                                        "/%zz",
                                        "//etc/passwd",
                                        "/api/v1/session/..;/halt",
                                        "/dash_tokens.json"};
    for (size_t i = 0; i < TD_COUNT(paths); i++) {
        const int status = get(paths[i]);
        const bool is_page =
            strstr(page, "<title>tapedeck</title>") != NULL; /* what / is, plain or built */
        if (status == 200 && !is_page)
            print_error("%s: %.300s\n", paths[i], page);
        assert_true(status != 200 || is_page);
        assert_null(strstr(page, "root:"));
    }
    /* two readers must not see two requests */
    const int fd = client_open(at.port);
    char text[1000];
    (void)snprintf(text, sizeof text,
                   "POST /api/v1/halt HTTP/1.1\r\nHost: localhost:%u\r\nContent-Length: 60\r\n\r\n"
                   "GET /api/v1/session HTTP/1.1\r\nHost: localhost:%u\r\n\r\n",
                   at.port, at.port);
    assert_true(client_say(fd, text));
    assert_int_equal(client_answer(fd, page, sizeof page), 403);
    assert_int_equal(client_answer(fd, page, sizeof page), 0);
    (void)close(fd);
    assert_int_equal(
        ask_once(
            "POST /api/v1/halt HTTP/1.1\r\nHost: localhost:%u\r\nTransfer-Encoding: chunked\r\n"
            "Content-Length: 5\r\n\r\n0\r\n\r\n",
            at.port),
        400);
    assert_int_equal(
        ask_once("POST /api/v1/halt HTTP/1.1\r\nHost: localhost:%u\r\nContent-Length: 5\r\n"
                 "Content-Length: 6\r\n\r\n{}",
                 at.port),
        400);
    assert_int_equal(
        ask_once(
            "GET /api/v1/session HTTP/1.1\r\nHost: localhost:%u\r\nContent-Length: 5\r\n\r\nabcde",
            at.port),
        400);
    assert_int_equal(ask_once("POST /api/v1/halt HTTP/1.1\r\nHost: localhost:%u\r\nContent-Type: "
                              "application/json\r\nX-Tapedeck: 1\r\n"
                              "Authorization: Bearer %s\r\nContent-Length: 1073741824\r\n\r\n",
                              at.port, at.trade),
                     413);
    assert_int_equal(
        ask_once("GET /api/v1/session?token=%s HTTP/1.1\r\nHost: desk\r\n\r\n", at.trade), 421);
    assert_int_equal(ask_once("GET / HTTP/1.1\r\nHost: localhost:%u\r\nUpgrade: h2c\r\nConnection: "
                              "Upgrade, HTTP2-Settings\r\n"
                              "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n",
                              at.port),
                     400);
}

static void large_heads(void **state)
{
    (void)state;
    static const size_t sizes[] = {5000, 60000, 70000, 1 << 20};
    for (size_t i = 0; i < TD_COUNT(sizes); i++) {
        char *line = malloc(sizes[i] + 1);
        const int fd = client_open(at.port);
        char text[200];
        memset(line, 'a', sizes[i]);
        (void)snprintf(text, sizeof text,
                       "GET /api/v1/health HTTP/1.1\r\nHost: localhost:%u\r\nCookie: ", at.port);
        (void)!(client_say(fd, text) && client_send(fd, line, sizes[i]) &&
                client_say(fd, "\r\n\r\n"));
        const int status = client_answer(fd, page, sizeof page);
        assert_true(status == 431 || status == 0 || (status >= 400 && status < 500));
        (void)close(fd);
        free(line);
    }
    assert_int_equal(get("/api/v1/health"), 200);
}

static void one_after_the_other(void **state)
{
    (void)state;
    char text[1000];
    const int fd = client_open(at.port);
    (void)snprintf(text, sizeof text,
                   "GET /api/v1/health HTTP/1.1\r\nHost: localhost:%u\r\n\r\nGET /api/v1/session "
                   "HTTP/1.1\r\nHost: "
                   "localhost:%u\r\n\r\nGET /plain.css HTTP/1.1\r\nHost: localhost:%u\r\n\r\n",
                   at.port, at.port, at.port);
    assert_true(client_say(fd, text)); /* pipelined */
    assert_int_equal(client_answer(fd, page, sizeof page), 200);
    assert_non_null(strstr(page, "healthy"));
    assert_int_equal(client_answer(fd, page, sizeof page), 200);
    assert_non_null(strstr(page, "scopes"));
    assert_true(client_answer(fd, page, sizeof page) > 0);
    (void)close(fd);
}

/* --- WebSocket --- */

static void quote(int64_t bid)
{
    const struct td_event ev = {
        .recv_ns = TD_SEC,
        .kind = TD_EV_QUOTE,
        .quote = {{bid * TD_E9}, {(bid + 1) * TD_E9}, TD_QTY(1), TD_QTY(2)}};
    td_feed_event(&at.feed, 0, &ev, false, &at.book);
}

static int open_socket(const char *topics)
{
    const int fd = client_open(at.port);
    assert_true(socket_handshake(fd, at.port, "/ws"));
    assert_int_equal(socket_recv(fd, page, sizeof page, 5000), 1);
    assert_true(strncmp(page, "{\"type\":\"connection\",\"status\":\"connected\",\"timestamp\":\"",
                        53) == 0);
    assert_true(socket_say(fd, topics));
    return fd;
}

static void a_subscription(void **state)
{
    (void)state;
    int64_t seq = 0, last;
    const int fd = open_socket(
        "{\"type\":\"subscribe\",\"topics\":[\"symbols\",\"status\",\"book:SPY\",\"bars:NONE\"]}");
    assert_int_equal(socket_recv(fd, page, sizeof page, 5000), 1);
    assert_int_equal(sscanf(page, "{\"type\":\"update\",\"seq\":%ld", &seq), 1);
    assert_int_equal(seq, 1);
    assert_non_null(strstr(page, "\"full\":true"));
    assert_non_null(strstr(page, "\"bars:NONE\":null"));
    assert_non_null(strstr(page, "\"book:SPY\":{\"symbol\":\"SPY\""));
    for (int64_t bid = 100; bid < 110; bid++) {
        char wanted[40];
        quote(bid);
        (void)snprintf(wanted, sizeof wanted, "\"bid\":%ld,", (long)bid);
        do {
            last = seq;
            assert_int_equal(socket_recv(fd, page, sizeof page, 5000), 1);
            assert_int_equal(sscanf(page, "{\"type\":\"update\",\"seq\":%ld", &seq), 1);
            assert_int_equal(seq, last + 1);
        } while (!strstr(page, wanted));
    }
    assert_non_null(strstr(page, "\"full\":false"));
    (void)close(fd);
}

static void the_older_form(void **state)
{
    (void)state;
    const int fd = open_socket("{\"type\":\"subscribe\",\"symbols\":[\"SPY\"]}");
    bool market = false, positions = false, performance = false;
    quote(100);
    for (int i = 0; i < 20 && !(market && positions && performance); i++) {
        assert_int_equal(socket_recv(fd, page, sizeof page, 5000), 1);
        market |=
            strstr(
                page,
                "{\"type\":\"market_data\",\"symbol\":\"SPY\",\"price\":null,\"timestamp\":"
                "\"1970-01-01T00:00:01.000000+00:00\",\"bid\":100,\"ask\":101,\"volume\":null}") !=
            NULL;
        positions |=
            strstr(page, "{\"type\":\"positions\",\"positions\":{},\"timestamp\":") != NULL;
        performance |= strstr(page, "{\"type\":\"performance\",\"metrics\":{") != NULL;
    }
    assert_true(market && positions && performance);
    (void)close(fd);
}

/* How the server ends it: the code of its close frame; 1 without one; 0: it does not, in five seconds. */
static int ending(int fd)
{
    char byte;
    for (int64_t until = clock_ms() + 5000; clock_ms() < until;) {
        const int opcode = socket_recv(fd, page, sizeof page, 5000);
        if (opcode == 8)
            return (uint8_t)page[0] << 8 | (uint8_t)page[1];
        if (opcode == 0)
            return client_recv(fd, &byte, 1, 0) == 0;
    }
    return 0;
}

static void hostile_sockets(void **state)
{
    (void)state;
    static char much[40000];
    memset(much, 'x', sizeof much);
    static const uint8_t unmasked[] = {0x81, 2, '{', '}'},
                         huge[] = {0x81, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff,
                                   0xff, 0xff, 0xff, 0,    0,    0,    0},
                         reserved[] = {0xf3, 0x80, 0, 0, 0, 0},
                         not_utf8[] = {0x81, 0x82, 0, 0, 0, 0, 0xc3, 0x28};
    const char *topics = "{\"type\":\"subscribe\",\"topics\":[\"status\"]}";
    int fd = open_socket(topics);
    assert_true(client_send(fd, unmasked, sizeof unmasked));
    assert_int_equal(ending(fd), 1008);
    (void)close(fd);
    fd = open_socket(topics);
    (void)(client_send(fd, huge, sizeof huge) && client_send(fd, much, sizeof much));
    assert_int_equal(ending(fd), 1009);
    (void)close(fd);
    fd = open_socket(topics);
    assert_true(client_send(fd, reserved, sizeof reserved));
    assert_int_equal(ending(fd), 1002);
    (void)close(fd);
    fd = open_socket(topics);
    assert_true(client_send(fd, not_utf8, sizeof not_utf8));
    assert_int_equal(ending(fd), 1007);
    (void)close(fd);
    fd = open_socket(topics);
    assert_true(socket_send(fd, 0x81, much, sizeof much)); /* 16 KiB at most */
    assert_int_equal(ending(fd), 1009);
    (void)close(fd);
    fd = open_socket(topics);
    assert_true(socket_send(fd, 0x82, "{}", 2));
    assert_int_equal(ending(fd), 1003);
    (void)close(fd);
    fd = open_socket(
        "{\"type\":\"trade\",\"symbol\":\"SPY\"}"); /* nobody's words are told to others */
    assert_int_equal(ending(fd), 1008);
    (void)close(fd);
    fd = open_socket(topics);
    for (int i = 0; i < 200 && socket_say(fd, topics); i++)
        continue;
    assert_true(ending(fd) > 0);
    (void)close(fd);
    fd = open_socket(topics);
    for (const char *p = topics; *p; p++) /* fragments of a byte */
        assert_true(socket_send(fd, (uint8_t)((p == topics ? 1 : 0) | (p[1] ? 0 : 0x80)), p, 1));
    assert_int_equal(socket_recv(fd, page, sizeof page, 5000), 1);
    (void)close(fd);
    fd = client_open(at.port);
    assert_false(socket_handshake(fd, at.port, "/else"));
    (void)close(fd);
    assert_int_equal(ask_once("GET /ws HTTP/1.1\r\nHost: localhost:%u\r\nOrigin: "
                              "https://evil.example\r\nUpgrade: websocket\r\n"
                              "Connection: Upgrade\r\nSec-WebSocket-Key: "
                              "dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
                              at.port),
                     403);
    assert_int_equal(get("/api/v1/health"), 200);
}

#define CROWD 20

/* Twenty that read and twenty that never do, while the market is told at full speed. */
static void some_never_read(void **state)
{
    (void)state;
    int normal[CROWD], stalled[CROWD];
    const char *topics =
        "{\"type\":\"subscribe\",\"topics\":[\"symbols\",\"book:SPY\",\"trades:SPY\",\"status\"]}";
    int64_t worst_ms = 0, spent_us = 0;
    for (int i = 0; i < CROWD; i++) {
        stalled[i] = open_socket(topics);
        const int small = 1024;
        (void)setsockopt(stalled[i], SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
        normal[i] = open_socket(topics);
    }
    for (int64_t round = 1; round <= 25; round++) {
        struct timespec a, b;
        (void)clock_gettime(CLOCK_MONOTONIC, &a);
        for (int i = 0; i < 400; i++) {
            const struct td_event print = {
                .recv_ns = TD_SEC,
                .kind = TD_EV_TRADE,
                .trade = {.px = {100 * TD_E9}, .qty = TD_QTY(1), .aggressor = 2}};
            td_feed_event(&at.feed, 0, &print, false, &at.book);
        }
        quote(1000 + round);
        (void)clock_gettime(CLOCK_MONOTONIC, &b);
        spent_us += (b.tv_sec - a.tv_sec) * 1000000 + (b.tv_nsec - a.tv_nsec) / 1000;
        const int64_t from = clock_ms();
        char wanted[40];
        (void)snprintf(wanted, sizeof wanted, "\"bid\":%ld,", (long)(1000 + round));
        for (int i = 0; i < CROWD; i++)
            do {
                assert_int_equal(socket_recv(normal[i], page, sizeof page, 5000), 1);
            } while (!strstr(page, wanted));
        const int64_t ms = clock_ms() - from;
        worst_ms = ms > worst_ms ? ms : worst_ms;
    }
    print_message("20 stalled, 20 normal: the last of them had the newest after %ld ms at worst; "
                  "10,000 events cost the producer "
                  "%ld us\n",
                  (long)worst_ms, (long)spent_us);
    assert_true(worst_ms < 2000);
    assert_int_equal(get("/api/v1/health"), 200);
    for (int i = 0; i < CROWD; i++) {
        (void)close(normal[i]);
        if (i % 2)
            (void)close(stalled[i]); /* others are still there when the server closes */
    }
}

static void more_than_it_takes(void **state)
{
    (void)state;
    int fds[80], alive = 0;
    char byte;
    for (size_t i = 0; i < TD_COUNT(fds); i++)
        fds[i] = client_open(at.port);
    for (size_t i = 0; i < TD_COUNT(fds); i++) {
        const ssize_t n = client_recv(fds[i], &byte, 1, i < 64 ? 1 : 500);
        alive += n < 0;
    }
    assert_true(alive >= 60 && alive <= 64);
    for (size_t i = 0; i < TD_COUNT(fds); i++)
        (void)close(fds[i]);
    int status = 0;
    for (int i = 0; i < 50 && status != 200; i++)
        status = get("/api/v1/health");
    assert_int_equal(status, 200);
}

static void slow_ones_are_cut(void **state)
{
    (void)state;
    char text[300], byte;
    const int head = client_open(at.port), body = client_open(at.port),
              silent = client_open(at.port);
    const int64_t from = clock_ms();
    int64_t head_ms = 0, body_ms = 0, silent_ms = 0;
    (void)snprintf(
        text, sizeof text,
        "POST /api/v1/halt HTTP/1.1\r\nHost: localhost:%u\r\nContent-Type: application/json\r\n"
        "X-Tapedeck: 1\r\nAuthorization: Bearer %s\r\nContent-Length: 1000\r\n\r\n",
        at.port, at.trade);
    assert_true(client_say(body, text) && client_say(head, "GET / HTTP/1.1\r\nX: "));
    while ((!head_ms || !body_ms || !silent_ms) && clock_ms() - from < 20000) {
        if (!head_ms && (client_recv(head, &byte, 1, 100) == 0 || !client_say(head, "x")))
            head_ms = clock_ms() - from;
        if (!body_ms && (client_recv(body, &byte, 1, 100) == 0 || !client_say(body, " ")))
            body_ms = clock_ms() - from;
        if (!silent_ms && client_recv(silent, &byte, 1, 100) == 0)
            silent_ms = clock_ms() - from;
    }
    print_message("cut after: headers %ld ms, body %ld ms, silence %ld ms\n", (long)head_ms,
                  (long)body_ms, (long)silent_ms);
    assert_true(head_ms > 8000 && head_ms < 14000 && body_ms > 8000 && body_ms < 14000 &&
                silent_ms > 8000 && silent_ms < 14000);
    (void)close(head);
    (void)close(body);
    (void)close(silent);
}

/* However many look, the desk is asked twice a second; one that hangs keeps nobody from closing. */
static void the_desk_is_left_alone(void **state)
{
    (void)state;
    for (int i = 0; i < 20; i++)
        assert_int_equal(get("/api/v1/session"), 200);
    assert_true(atomic_load(&at.asked) <= 8);
    atomic_store(&at.hang, true);
    const int fd = open_socket("{\"type\":\"subscribe\",\"topics\":[\"status\"]}");
    const int before = atomic_load(&at.asked);
    for (int64_t until = clock_ms() + 3000; atomic_load(&at.asked) == before && clock_ms() < until;)
        (void)poll(NULL, 0, 10);
    (void)close(fd); /* the teardown closes within a second */
}

static void what_cannot_be_served(void **state)
{
    (void)state;
    struct td_dash *d = NULL;
    struct td_fail why = {0};
    struct td_dash_config config = {
        .host = "127.0.0.1", .port = at.port, .state = at.state, .version = "0.1"};
    assert_int_equal(td_dash_open(&d, &config, &why), TD_EINUSE);
    config = (struct td_dash_config){.host = "0.0.0.0", .state = at.state, .version = "0.1"};
    assert_int_equal(td_dash_open(&d, &config, &why), TD_EINVAL);
    config = (struct td_dash_config){.host = "127.0.0.1",
                                     .state = at.state,
                                     .version = "0.1",
                                     .certificate = "/nowhere.pem",
                                     .key = "/nowhere.pem"};
    assert_int_equal(td_dash_open(&d, &config, &why), TD_EINVAL);
    assert_null(d);
    td_dash_close(NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(pages),
        TEST(hosts),
        TEST(actions),
        TEST(a_login_is_a_cookie),
        TEST(hostile_requests),
        TEST(large_heads),
        TEST(one_after_the_other),
        TEST(a_subscription),
        TEST(the_older_form),
        TEST(hostile_sockets),
        TEST(some_never_read),
        TEST(more_than_it_takes),
        TEST(slow_ones_are_cut),
        TEST(the_desk_is_left_alone),
        TEST(what_cannot_be_served),
    };
    return cmocka_run_group_tests_name("dash", tests, NULL, NULL);
}
