/* dash/dash.h - the dashboard: one thread that serves pages, JSON, pushes and metrics over HTTP and WebSocket.
 *
 * It reads and never decides: market events come by the feed's ring, orders from orders.db, everything else from the
 * desk's answers to words, asked for twice a second however many look. What changes something (halt, resume, flatten,
 * accept, cancel) goes to the desk as a word like any other. Without a desk it serves what is on the disk.
 *
 * Bounded: 64 connections and 512 WebSocket clients, headers of 64 KiB in 10 s, bodies of 1 MiB in 10 s, answers of 2 MiB;
 * whoever takes nothing for 30 s is dropped. Nothing is queued for a slow client but one frame.
 *
 * Closed by default: 127.0.0.1 alone; another address needs tokens and TLS, or it does not start. Errors: td_dash_open
 * says what is wrong in one line. Threads: open and close by the owner; all else in the dashboard's own.
 * Source: contracts 10.2, 10.3; reliability 4, F46-F49, F52; dependencies 3.
 */
#ifndef TD_DASH_DASH_H
#define TD_DASH_DASH_H

#include "base/log.h"
#include "dash/feed.h"
#include "dash/route.h"

struct td_dash_config {
    const char *host;     /* address to listen on */
    uint16_t port;        /* 0: a free one */
    uint16_t socket_port; /* the WebSocket alone once more, for older clients; 0: no */
    const char *const
        *names; /* further names that a Host header may have; ends with NULL; may be NULL */
    const char *certificate, *key; /* PEM files for TLS; NULL: none */
    const char *password_hash;     /* Argon2id of DASH_PASS_HASH, for people; NULL: tokens alone */
    const char *state;             /* folder with orders.db, journal and dash_tokens.json */
    const char *version;
    const struct td_tz *new_york; /* of exchange days; NULL: not known */
    const char *config_json;      /* resolved settings, secrets masked */
    struct td_feed *feed;         /* NULL: no desk in this process */
    td_ask_fn *ask;
    td_ask_fn *ask_scan;         /* of the scanner that serves; NULL: there is none to be asked */
    void *ask_arg;               /* of both */
    void (*ask_stop)(void *arg); /* from any thread: the ask that waits returns; NULL: it cannot */
    const struct td_recordings *recordings; /* asked in the dashboard's thread; NULL: none */
    struct td_log *log;                     /* its own: written by the dashboard's thread */
};

struct td_dash; /* opaque */

/* Reads or makes <state>/dash_tokens.json, listens, then starts the thread. What the config points to stays until
 * td_dash_close. TD_EINVAL: an address that may not be served; TD_EINUSE: the port is taken. */
TD_MUST_CHECK enum td_err td_dash_open(struct td_dash **out, const struct td_dash_config *config,
                                       struct td_fail *why);
uint16_t td_dash_port(const struct td_dash *d);
/* Ends within a second, whatever the clients do. Accepts NULL. */
void td_dash_close(struct td_dash *d);

#endif
