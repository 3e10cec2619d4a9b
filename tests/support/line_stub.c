/* tests/support/line_stub.c - poll, read, answer by the first words. */
#include "support/line_stub.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/support.h"

#define HEARD   65536
#define WAIT_MS 10

struct line_stub {
    int listener;
    uint16_t port;
    bool smtp;
    enum line_stub_manner manner;
    pthread_t thread;
    atomic_bool ending;
    atomic_uint visits;
    char heard[HEARD];
    size_t used;
};

static void say(int fd, const char *text)
{
    (void)!send(fd, text, strlen(text), MSG_NOSIGNAL);
}

static bool ready(const struct line_stub *s, int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    while (!atomic_load(&s->ending))
        if (poll(&p, 1, WAIT_MS) > 0)
            return true;
    return false;
}

/* Bytes of one reading behind those that are kept; NULL: the end. */
static const char *hear(struct line_stub *s, int fd)
{
    char *at = s->heard + s->used;
    if (s->used + 4096 >= HEARD || !ready(s, fd))
        return NULL;
    const ssize_t n = recv(fd, at, 4000, 0);
    if (n <= 0)
        return NULL;
    s->used += (size_t)n;
    s->heard[s->used] = '\0';
    return at;
}

static void talk_http(struct line_stub *s, int fd)
{
    static const char *const answers[] = {
        [LINE_STUB_GOOD] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
        [LINE_STUB_REFUSES] = "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n",
        [LINE_STUB_BUSY] = "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n",
        [LINE_STUB_MOVED] =
            "HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"};
    const size_t begin = s->used;
    while (hear(s, fd)) {
        const char *body = strstr(s->heard + begin, "\r\n\r\n");
        const char *length = strstr(s->heard + begin, "Content-Length: ");
        if (!body || !length || strlen(body + 4) < strtoul(length + 16, NULL, 10))
            continue;
        if (s->manner == LINE_STUB_HANGS || s->manner == LINE_STUB_STALLS)
            continue;
        say(fd, answers[s->manner]);
        return;
    }
}

static void talk_smtp(struct line_stub *s, int fd)
{
    const char *line;
    bool data = false;
    if (s->manner == LINE_STUB_HANGS) {
        while (hear(s, fd))
            continue;
        return;
    }
    say(fd, "220 here\r\n");
    while ((line = hear(s, fd)) != NULL) {
        if (data && (s->used < 5 || strcmp(s->heard + s->used - 5, "\r\n.\r\n") != 0 ||
                     s->manner == LINE_STUB_STALLS))
            continue;
        if (data) {
            data = false;
            say(fd, "250 kept\r\n");
        } else if (strncmp(line, "EHLO", 4) == 0) {
            say(fd, "250-here\r\n250 8BITMIME\r\n");
        } else if (strncmp(line, "RCPT", 4) == 0) {
            say(fd, s->manner == LINE_STUB_REFUSES ? "550 no such box\r\n"
                    : s->manner == LINE_STUB_BUSY  ? "451 later\r\n"
                                                   : "250 ok\r\n");
        } else if (strncmp(line, "DATA", 4) == 0) {
            data = true;
            say(fd, "354 go on\r\n");
        } else if (strncmp(line, "QUIT", 4) == 0) {
            say(fd, "221 bye\r\n");
            return;
        } else {
            say(fd, "250 ok\r\n");
        }
    }
}

static void *serve(void *arg)
{
    struct line_stub *s = arg;
    while (ready(s, s->listener)) {
        const int fd = accept(s->listener, NULL, NULL);
        if (fd < 0)
            continue;
        (void)atomic_fetch_add(&s->visits, 1);
        if (s->manner == LINE_STUB_CLOSES)
            (void)0;
        else if (s->smtp)
            talk_smtp(s, fd);
        else
            talk_http(s, fd);
        (void)close(fd);
    }
    return NULL;
}

struct line_stub *line_stub_open(bool smtp, enum line_stub_manner manner)
{
    struct line_stub *s = calloc(1, sizeof *s);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    assert_non_null(s);
    s->smtp = smtp;
    s->manner = manner;
    s->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(s->listener >= 0);
    assert_int_equal(bind(s->listener, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(s->listener, 16), 0);
    assert_int_equal(getsockname(s->listener, (struct sockaddr *)&at, &len), 0);
    s->port = ntohs(at.sin_port);
    assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
    return s;
}

uint16_t line_stub_port(const struct line_stub *s)
{
    return s->port;
}

uint32_t line_stub_visits(const struct line_stub *s)
{
    return atomic_load(&s->visits);
}

const char *line_stub_heard(const struct line_stub *s)
{
    return s->heard;
}

void line_stub_close(struct line_stub *s)
{
    if (!s)
        return;
    atomic_store(&s->ending, true);
    (void)pthread_join(s->thread, NULL);
    (void)close(s->listener);
    free(s);
}
