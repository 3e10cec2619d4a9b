/* sys/socktable.c - reads /proc/net/tcp, /proc/net/tcp6 and our own descriptors. */
#include "sys/socktable.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINE_MAX_BYTES 512
#define CHUNK          16384
#define OWN_FDS        "/proc/self/fd"

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool parse_hex(struct td_str s, uint32_t *out)
{
    uint32_t value = 0;
    if (!s.len || s.len > 8)
        return false;
    for (size_t i = 0; i < s.len; i++) {
        const int digit = hex_value(s.p[i]);
        if (digit < 0)
            return false;
        value = value << 4 | (uint32_t)digit;
    }
    *out = value;
    return true;
}

/* Words are the words' kernel order: 127.x.x.x ends in 7F on little-endian machines, and "any" is all zero. */
static bool is_local(struct td_str address)
{
    static const char *const loops[] = {"00000000", "0000000000000000FFFF00000100007F",
                                        "00000000000000000000000000000000",
                                        "00000000000000000000000001000000"};
    if (address.len == 8 && !memcmp(address.p + 6, "7F", 2))
        return true;
    for (size_t i = 0; i < TD_COUNT(loops); i++)
        if (td_str_is(address, loops[i]))
            return true;
    return false;
}

static bool parse_end(struct td_str text, struct td_str *address, uint16_t *port)
{
    uint32_t value = 0;
    struct td_str rest = text;
    if (!td_str_split(&rest, ':', address) || (address->len != 8 && address->len != 32) ||
        rest.len != 4 || !parse_hex(rest, &value))
        return false;
    *port = (uint16_t)value;
    return true;
}

/* The next word of a line whose words are parted by any number of blanks. */
static struct td_str next_word(struct td_str *rest)
{
    struct td_str word = {rest->p, 0};
    *rest = td_str_trim(*rest);
    if (!td_str_split(rest, ' ', &word))
        word = (struct td_str){rest->p, 0};
    return word;
}

enum td_err td_sock_parse(struct td_str line, struct td_sock *out)
{
    enum column {
        SLOT,
        LOCAL,
        REMOTE,
        STATE,
        QUEUES,
        TIMER,
        RETRIES,
        UID,
        TIMEOUT,
        INODE,
        COLUMNS
    };
    struct td_str words[COLUMNS], address = {NULL, 0}, other, rest = line;
    int64_t uid = 0, inode = 0;
    uint32_t state = 0;
    *out = (struct td_sock){0};
    for (int i = 0; i < COLUMNS; i++)
        words[i] = next_word(&rest);
    if (!parse_end(words[LOCAL], &address, &out->local_port) ||
        !parse_end(words[REMOTE], &other, &out->remote_port) || !parse_hex(words[STATE], &state) ||
        state > UINT8_MAX || td_i64_parse(words[UID].p, words[UID].len, &uid) ||
        td_i64_parse(words[INODE].p, words[INODE].len, &inode) || uid < 0 || inode < 0)
        return TD_EPARSE;
    out->state = (uint8_t)state;
    out->local_loop = is_local(address);
    out->uid = (uint32_t)uid;
    out->inode = (uint64_t)inode;
    return TD_OK;
}

/* Hands over the whole lines of buf[0, *len) and keeps the rest at the front. */
static void take_lines(char *buf, size_t *len, td_sock_fn *fn, void *arg)
{
    size_t start = 0;
    const char *end;
    while ((end = memchr(buf + start, '\n', *len - start)) != NULL) {
        struct td_sock s;
        const size_t n = (size_t)(end - buf) - start;
        if (td_sock_parse((struct td_str){buf + start, n}, &s) == TD_OK)
            fn(arg, &s);
        start += n + 1;
    }
    memmove(buf, buf + start, *len - start);
    *len -= start;
}

static enum td_err walk_table(const char *path, td_sock_fn *fn, void *arg)
{
    char buf[CHUNK];
    size_t len = 0;
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? TD_ENOENT : TD_EACCES;
    for (ssize_t got = 1; got > 0;) {
        if (len >= sizeof buf - LINE_MAX_BYTES)
            len = 0; /* no line of the kernel is that long */
        do
            got = read(fd, buf + len, sizeof buf - len);
        while (got < 0 && errno == EINTR);
        if (got < 0) {
            (void)close(fd);
            return TD_EIO;
        }
        len += (size_t)got;
        take_lines(buf, &len, fn, arg);
    }
    (void)close(fd);
    return TD_OK;
}

enum td_err td_sock_walk(td_sock_fn *fn, void *arg)
{
    const enum td_err four = walk_table("/proc/net/tcp", fn, arg);
    const enum td_err six = walk_table("/proc/net/tcp6", fn, arg);
    /* A kernel without IPv6 has no second table; one that cannot be read hides listeners. */
    return four ? four : six == TD_ENOENT ? TD_OK : six;
}

bool td_sock_is_ours(uint64_t inode)
{
    char path[64], target[64], wanted[64];
    struct td_text t;
    bool found = false;
    DIR *dir = inode ? opendir(OWN_FDS) : NULL;
    td_text_init(&t, wanted, sizeof wanted);
    td_text_printf(&t, "socket:[%llu]", (unsigned long long)inode);
    for (struct dirent *e; dir && !found && (e = readdir(dir)) != NULL;) {
        td_text_init(&t, path, sizeof path);
        td_text_printf(&t, OWN_FDS "/%.20s", e->d_name);
        const ssize_t n = readlink(path, target, sizeof target - 1);
        found = n > 0 && (size_t)n == strlen(wanted) && !memcmp(target, wanted, (size_t)n);
    }
    if (dir)
        (void)closedir(dir);
    return found;
}

struct census {
    uint16_t port;
    struct td_sock_census *out;
};

static void count_sock(void *arg, const struct td_sock *s)
{
    const struct census *c = arg;
    const bool local = s->local_port == c->port, remote = s->remote_port == c->port;
    c->out->listeners += local && s->state == TD_SOCK_LISTEN;
    c->out->established += local && s->state == TD_SOCK_ESTABLISHED;
    if (s->state != TD_SOCK_CLOSE_WAIT)
        return;
    c->out->gateway_close_wait += local;
    if (!local && remote && td_sock_is_ours(s->inode))
        c->out->our_close_wait++;
    else if (!local && remote)
        c->out->other_close_wait++;
}

enum td_err td_sock_census_take(uint16_t port, struct td_sock_census *out)
{
    struct census c = {port, out};
    *out = (struct td_sock_census){0};
    return td_sock_walk(count_sock, &c);
}

struct search {
    uint16_t port;
    bool found;
};

static void find_listener(void *arg, const struct td_sock *s)
{
    struct search *search = arg;
    search->found |= s->local_port == search->port && s->state == TD_SOCK_LISTEN && s->local_loop;
}

enum td_listening td_sock_listening(void *self, const char *host, uint16_t port)
{
    struct search search = {.port = port};
    (void)self;
    if (!td_host_is_here(host) || td_sock_walk(find_listener, &search) != TD_OK)
        return TD_LISTENING_UNKNOWN;
    return search.found ? TD_LISTENING_YES : TD_LISTENING_NO;
}
