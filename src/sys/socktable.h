/* sys/socktable.h - the kernel's table of TCP sockets: who listens, and which dead ends are left, without connecting.
 *
 * A connection made only to look can leave a gateway with a half-open session that blocks later clients, so we read
 * /proc/net/tcp and tcp6 instead. What cannot be read is UNKNOWN, never "nobody listens". The table is that of
 * our network namespace: it says nothing about other machines.
 *
 * CLOSE_WAIT: the peer ended the connection and the owner of the socket has not closed it. On the API port as
 * LOCAL port the owner is the gateway; as REMOTE port it is a client, perhaps we. We report; the only sockets
 * we may close are our own (sys/world.h), and nothing here signals a process. Bounded: one pass per table, a
 * fixed buffer. Source: Linux proc(5); ibkr-operations 1.7.
 */
#ifndef TD_SYS_SOCKTABLE_H
#define TD_SYS_SOCKTABLE_H

#include "base/text.h"
#include "sys/world.h"

enum td_sock_state { /* numbers of the kernel */
                     TD_SOCK_ESTABLISHED = 1,
                     TD_SOCK_TIME_WAIT = 6,
                     TD_SOCK_CLOSE_WAIT = 8,
                     TD_SOCK_LISTEN = 10
};

struct td_sock {
    uint16_t local_port, remote_port;
    uint8_t state;   /* enum td_sock_state, or another number of the kernel */
    bool local_loop; /* the local address is loopback or "any"              */
    uint32_t uid;
    uint64_t inode; /* 0: no owner left */
};

/* One line of the table. TD_EPARSE: the heading, or not of the known form. */
TD_MUST_CHECK enum td_err td_sock_parse(struct td_str line, struct td_sock *out);

/* Calls `fn` for every TCP socket, IPv4 first. TD_EACCES, TD_ENOENT: neither table can be read. */
typedef void td_sock_fn(void *arg, const struct td_sock *s);
TD_MUST_CHECK enum td_err td_sock_walk(td_sock_fn *fn, void *arg);

/* True when one of our own descriptors is the socket with that inode. */
bool td_sock_is_ours(uint64_t inode);

/* Sockets of one API port. */
struct td_sock_census {
    uint32_t listeners, established; /* established: seen from the listener's side */
    uint32_t gateway_close_wait;     /* LOCAL port: the gateway's own leak  */
    uint32_t our_close_wait;         /* REMOTE port, a descriptor of ours    */
    uint32_t other_close_wait;       /* REMOTE port, another client's leak   */
};
TD_MUST_CHECK enum td_err td_sock_census_take(uint16_t port, struct td_sock_census *out);

/* As struct td_world_ops.listening. */
enum td_listening td_sock_listening(void *self, const char *host, uint16_t port);

#endif
