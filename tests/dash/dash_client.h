/* tests/dash/dash_client.h - a raw client for tests of the dashboard: bytes out, bytes in, nothing understood for it. */
#ifndef TD_TESTS_DASH_CLIENT_H
#define TD_TESTS_DASH_CLIENT_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "dash/dash.h"
#include "support/support.h"

static inline int64_t clock_ms(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static inline int client_open(uint16_t port)
{
    const struct sockaddr_in at = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&at, sizeof at), 0);
    return fd;
}

/* False: the other side is gone. */
static inline bool client_send(int fd, const void *bytes, size_t len)
{
    const char *p = bytes;
    while (len > 0) {
        struct pollfd ready = {.fd = fd, .events = POLLOUT};
        if (poll(&ready, 1, 5000) <= 0)
            return false;
        const ssize_t n = send(fd, p, len, MSG_NOSIGNAL);
        if (n <= 0)
            return false;
        p += n;
        len -= (size_t)n;
    }
    return true;
}

static inline bool client_say(int fd, const char *text)
{
    return client_send(fd, text, strlen(text));
}

/* What comes within `wait_ms`; 0: the end, -1: nothing in time. */
static inline ssize_t client_recv(int fd, void *out, size_t cap, int wait_ms)
{
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    if (poll(&ready, 1, wait_ms) <= 0)
        return -1;
    const ssize_t n = recv(fd, out, cap, 0);
    return n < 0 ? 0 : n;
}

/* One answer with its body, NUL-terminated; its status, 0 when the connection ended without one. */
static inline int client_answer(int fd, char *out, size_t cap)
{
    size_t used = 0, need = SIZE_MAX;
    int status = 0;
    while (used + 1 < cap && used < need) {
        const ssize_t n = client_recv(fd, out + used, need == SIZE_MAX ? 1 : need - used, 15000);
        if (n <= 0)
            break;
        used += (size_t)n;
        out[used] = '\0';
        if (need == SIZE_MAX && used > 4 && memcmp(out + used - 4, "\r\n\r\n", 4) == 0) {
            const char *length = strstr(out, "content-length: ");
            need = used + (length ? strtoul(length + 16, NULL, 10) : 0);
        }
    }
    out[used] = '\0';
    return sscanf(out, "HTTP/1.%*d %d", &status) == 1 ? status : 0;
}

/* --- WebSocket --- */

static inline bool socket_handshake(int fd, uint16_t port, const char *path)
{
    char text[600];
    (void)snprintf(text, sizeof text,
                   "GET %s HTTP/1.1\r\nHost: localhost:%u\r\nUpgrade: websocket\r\n"
                   "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                   "Sec-WebSocket-Version: 13\r\n\r\n",
                   path, port);
    return client_say(fd, text) && client_answer(fd, text, sizeof text) == 101 &&
           strstr(text, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

/* A masked frame of at most 65535 bytes. */
static inline bool socket_send(int fd, uint8_t first, const void *bytes, size_t len)
{
    uint8_t head[8] = {first, (uint8_t)(0x80 | (len < 126 ? len : 126)), 0, 0, 0, 0, 0, 0};
    size_t n = 2;
    if (len >= 126) {
        head[n++] = (uint8_t)(len >> 8);
        head[n++] = (uint8_t)len;
    }
    return client_send(fd, head, n + 4) && client_send(fd, bytes, len); /* the mask is zero */
}

static inline bool socket_say(int fd, const char *text)
{
    return socket_send(fd, 0x81, text, strlen(text));
}

static inline bool recv_all(int fd, void *out, size_t len, int wait_ms)
{
    char *p = out;
    while (len > 0) {
        const ssize_t n = client_recv(fd, p, len, wait_ms);
        if (n <= 0)
            return false;
        p += n;
        len -= (size_t)n;
    }
    return true;
}

/* The next text frame, NUL-terminated; its opcode, 0: nothing in time or the end. Pings are passed over. */
static inline int socket_recv(int fd, char *out, size_t cap, int wait_ms)
{
    for (;;) {
        uint8_t head[10];
        uint64_t len;
        if (!recv_all(fd, head, 2, wait_ms))
            return 0;
        len = head[1] & 0x7f;
        const size_t more = len == 126 ? 2 : len == 127 ? 8 : 0;
        if (more) {
            if (!recv_all(fd, head + 2, more, wait_ms))
                return 0;
            len = 0;
            for (size_t i = 0; i < more; i++)
                len = len << 8 | head[2 + i];
        }
        assert_true(len < cap);
        if (!recv_all(fd, out, len, wait_ms))
            return 0;
        out[len] = '\0';
        if ((head[0] & 15) != 9)
            return head[0] & 15;
    }
}

#endif
