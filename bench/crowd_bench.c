/* bench/crowd_bench.c - many who look at a dashboard: crowd_bench PORT READERS STALLED SECONDS
 *
 * Opens so many WebSockets, each with its subscription. Readers take every byte at once and count frames; stalled ones
 * have a small receive buffer and never read. Prints frames a second of the slowest, median and fastest reader.
 */
#define _POSIX_C_SOURCE 200809L
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench_row.h"

#define CROWD_MAX 1024

/* Where a reader is in its stream of frames. */
struct reader {
    uint8_t head[10];
    size_t head_len;
    uint64_t left; /* bytes of the body still to come */
    uint64_t frames, bytes;
};

static struct reader readers[CROWD_MAX];

static void die(const char *what)
{
    (void)fprintf(stderr, "crowd_bench: %s\n", what);
    exit(EXIT_FAILURE);
}

static void send_all(int fd, const void *bytes, size_t len)
{
    for (size_t at = 0; at < len;) {
        const ssize_t n = send(fd, (const char *)bytes + at, len - at, MSG_NOSIGNAL);
        if (n <= 0)
            die("the server does not take what is sent");
        at += (size_t)n;
    }
}

/* The answer to the upgrade, byte by byte: the frames begin behind it. */
static void take_upgrade(int fd)
{
    char text[2048];
    for (size_t at = 0; at < sizeof text; at++) {
        if (recv(fd, text + at, 1, 0) != 1)
            break;
        if (at > 3 && memcmp(text + at - 3, "\r\n\r\n", 4) == 0) {
            if (memcmp(text, "HTTP/1.1 101", 12) == 0)
                return;
            break;
        }
    }
    die("the server refused a WebSocket");
}

static int join(uint16_t port, bool stalls)
{
    static const char words[] =
        "{\"type\":\"subscribe\",\"topics\":[\"status\",\"symbols\",\"book:SPY\","
        "\"trades:SPY\",\"bars:SPY\",\"orders\"]}";
    const struct sockaddr_in at = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const uint8_t head[] = {0x81, 0x80 | (sizeof words - 1 < 126 ? sizeof words - 1 : 126), 0, 0, 0,
                            0};
    _Static_assert(sizeof words - 1 < 126, "one length byte");
    char upgrade[300];
    const int fd = socket(AF_INET, SOCK_STREAM, 0), small = 1024;
    if (fd < 0)
        die("no socket is left");
    if (stalls)
        (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    if (connect(fd, (const struct sockaddr *)&at, sizeof at) != 0)
        die("nobody listens");
    const int n = snprintf(upgrade, sizeof upgrade,
                           "GET /ws HTTP/1.1\r\nHost: localhost:%u\r\nUpgrade: websocket\r\n"
                           "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                           "Sec-WebSocket-Version: 13\r\n\r\n",
                           (unsigned)port);
    send_all(fd, upgrade, (size_t)n);
    take_upgrade(fd);
    send_all(fd, head, sizeof head); /* the mask is zero */
    send_all(fd, words, sizeof words - 1);
    return fd;
}

/* Bytes of the head that its first two ask for. */
static size_t head_size(const struct reader *r)
{
    const uint8_t len = r->head[1] & 0x7f;
    return r->head_len < 2 ? 2 : len == 126 ? 4 : len == 127 ? 10 : 2;
}

static void take_bytes(struct reader *r, const uint8_t *p, size_t n)
{
    r->bytes += n;
    while (n > 0) {
        if (r->left) {
            const size_t part = n < r->left ? n : (size_t)r->left;
            r->left -= part;
            p += part;
            n -= part;
        } else {
            r->head[r->head_len++] = *p++;
            n--;
            if (r->head_len < head_size(r))
                continue;
            r->left = r->head[1] & 0x7f;
            if (r->head_len > 2)
                r->left = 0;
            for (size_t i = 2; i < r->head_len; i++)
                r->left = r->left << 8 | r->head[i];
            r->head_len = 0;
            r->frames++;
        }
    }
}

static void serve(struct pollfd *fds, size_t count, double until)
{
    static uint8_t buf[1 << 16];
    while (bench_seconds() < until) {
        if (poll(fds, count, 50) < 0)
            die("poll failed");
        for (size_t i = 0; i < count; i++) {
            if (!fds[i].revents)
                continue;
            const ssize_t n = recv(fds[i].fd, buf, sizeof buf, 0);
            if (n <= 0)
                die("a reader was dropped");
            take_bytes(&readers[i], buf, (size_t)n);
        }
    }
}

int main(int argc, char **argv)
{
    static struct pollfd fds[CROWD_MAX];
    static double rates[CROWD_MAX];
    const long port = argc == 5 ? strtol(argv[1], NULL, 10) : 0;
    const long count = argc == 5 ? strtol(argv[2], NULL, 10) : 0;
    const long stalled = argc == 5 ? strtol(argv[3], NULL, 10) : 0;
    const double seconds = argc == 5 ? strtod(argv[4], NULL) : 0;
    if (port < 1 || port > 65535 || count < 1 || count > CROWD_MAX || stalled < 0 ||
        stalled > CROWD_MAX || seconds <= 0)
        die("crowd_bench PORT READERS STALLED SECONDS");
    for (long i = 0; i < stalled; i++)
        (void)join((uint16_t)port, true);
    for (long i = 0; i < count; i++)
        fds[i] = (struct pollfd){.fd = join((uint16_t)port, false), .events = POLLIN};
    const double begin = bench_seconds();
    uint64_t bytes = 0;
    for (long i = 0; i < count; i++)
        readers[i] = (struct reader){0};
    serve(fds, (size_t)count, begin + seconds);
    for (long i = 0; i < count; i++) {
        rates[i] = (double)readers[i].frames / (bench_seconds() - begin);
        bytes += readers[i].bytes;
    }
    const double median = bench_quantile(rates, (size_t)count, 0.5); /* sorts */
    printf("frames_per_s min %.1f median %.1f max %.1f bytes_per_s %.0f\n", rates[0], median,
           rates[count - 1], (double)bytes / seconds);
    return EXIT_SUCCESS;
}
