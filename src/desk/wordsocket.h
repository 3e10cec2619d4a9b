/* desk/wordsocket.h - the answering end of a local control socket: one line in, one line of JSON out, mode 0600.
 *
 * Belongs to a loop: every wake is offered to it. A client that sends more than a line can be, or takes nothing of its answer
 * within the socket's buffer, loses it; a ninth client is hung up on. Asking end: desk/ask.h. No memory of its own.
 */
#ifndef TD_DESK_WORDSOCKET_H
#define TD_DESK_WORDSOCKET_H

#include "sys/world.h"

#define TD_WORDSOCKET_CLIENTS 8
#define TD_WORDSOCKET_LINE    1024 /* with its end; a signal of trade/mlsignal.h fits */

struct td_wordsocket_client {
    struct td_conn conn; /* id 0: free */
    char line[TD_WORDSOCKET_LINE];
    size_t used;
};

struct td_wordsocket {
    struct td_world *world;
    struct td_conn listener;
    char path[800];
    /* One line without its end; the answer with it stays valid until the next call. */
    struct td_str (*answer)(void *arg, const char *line);
    void *arg;
    struct td_wordsocket_client clients[TD_WORDSOCKET_CLIENTS];
};

/* Listens. `answer` and `arg` are set by the owner before. TD_ELOCKED, TD_EINUSE and others: as td_world_listen_local. */
TD_MUST_CHECK enum td_err td_wordsocket_open(struct td_wordsocket *s, struct td_world *world,
                                             const char *path, struct td_fail *why);
/* Hangs up and removes the socket. Accepts one that never listened, and twice. */
void td_wordsocket_close(struct td_wordsocket *s);
/* False: the wake is somebody else's. */
bool td_wordsocket_wake(struct td_wordsocket *s, const struct td_wake *wake);

#endif
