/* dash/dash_inner.h - what the files of the server share; nobody else includes it.
 *
 * One connection has one struct, made when it is accepted and freed with it. Every wait of a connection is one deadline that
 * the tick looks at: for its headers, its body, the next bytes of its answer, the next request, the next frame.
 */
#ifndef TD_DASH_DASH_INNER_H
#define TD_DASH_DASH_INNER_H

#include <libwebsockets.h>
#include <stdatomic.h>

#include "dash/assets.h"
#include "dash/dash.h"
#include "dash/keeper.h"
#include "dash/push.h"
#include "sys/thread.h"
#include "sys/world.h"

#define DASH_TICK        (TD_SEC / 30) /* 30 frames a second */
#define DASH_HTTP_MAX    64
#define DASH_SOCKETS_MAX 512
#define DASH_HEADERS     65536
#define DASH_BODY_MAX    (1 << 20)
#define DASH_ASK         (500 * TD_MS)
#define DASH_WAIT_HEAD   (10 * TD_SEC)
#define DASH_WAIT_BODY   (10 * TD_SEC)
#define DASH_WAIT_TAKE   (30 * TD_SEC) /* until a client takes the next bytes */
#define DASH_CHUNK       32768
#define DASH_MESSAGES    50 /* of a client, in DASH_MESSAGES_IN */
#define DASH_MESSAGES_IN (10 * TD_SEC)

/* What a request said; each too long for its field is refused. */
struct dash_facts {
    char path[1024], query[2048], host[256], origin[300], site[24], type[128], marker[8],
        authorization[128], cookie[4096], peer[48];
};

struct dash_conn {
    struct lws *wsi;
    struct dash_conn *next, **back; /* in the list of all */
    td_ns deadline;                 /* monotonic; TD_NS_NEVER: none */
    bool socket;                    /* a WebSocket now */
    bool close;                     /* after its answer: there are bytes that nobody reads */
    /* a request */
    struct dash_facts *facts;
    const struct td_route *route;
    bool may_trade;
    char *body;
    size_t body_len, body_need;
    /* its answer */
    const uint8_t *answer;
    char *owned; /* the answer's memory, when it is not compiled in */
    size_t answer_len, answer_at;
    /* a WebSocket */
    struct td_push_client *client;
    char *message;
    size_t message_len;
    bool waiting; /* for room to write */
    bool hello;   /* was said */
    uint32_t messages;
    td_ns messages_since;
};

struct td_dash {
    struct td_dash_config config;
    struct td_thread thread;
    struct td_world world; /* the thread's */
    struct lws_context *context;
    lws_sorted_usec_list_t timer;
    uint16_t port;
    _Atomic bool stop;
    _Atomic bool alive;
    struct td_watch watch;
    struct td_keeper keeper;
    struct td_push_board board;
    struct td_api_view view;
    struct dash_conn *conns;
    uint32_t http_count, socket_count;
    uint8_t *out; /* [LWS_PRE + TD_API_BYTES] */
    char
        *ask_text; /* [3][DASH_ASK_BYTES]: the newest status, where the next one comes; the gates */
    uint32_t ask_half;
    char no_desk[480];
    td_ns status_due, gates_due, lists_due, db_due, scan_due;
    int64_t db_seen;
    cJSON *status, *gates, *scan;
    char *scan_text; /* [DASH_SCAN_BYTES] */
    char no_scan[480];
};

#define DASH_ASK_BYTES  262144 /* as TD_DESK_ANSWER */
#define DASH_SCAN_BYTES 524288 /* as TD_STATION_ANSWER */

/* dash_view.c: what is looked at. Each asks no more often than it may. */
void dash_look(struct td_dash *d);       /* clocks, the feed */
void dash_ask_status(struct td_dash *d); /* twice a second at most */
void dash_ask_gates(struct td_dash *d);
void dash_ask_scan(struct td_dash *d);  /* the scanner that serves, once a second at most */
void dash_open_db(struct td_dash *d);   /* when it is there, and not open yet */
void dash_ask_lists(struct td_dash *d); /* those that somebody subscribed to */
void dash_forget(struct td_dash *d);

/* dash_http.c: a request and its answer. Each returns what libwebsockets wants: nonzero ends the connection. */
int dash_http_begin(struct td_dash *d, struct dash_conn *c, struct td_str path);
int dash_http_body(struct td_dash *d, struct dash_conn *c, struct td_str bytes);
int dash_http_body_end(struct td_dash *d, struct dash_conn *c);
int dash_http_write(struct td_dash *d, struct dash_conn *c);
int dash_http_upgrade(struct td_dash *d, struct dash_conn *c, const char *protocol);
void dash_http_forget(struct dash_conn *c);
/* What a request says, judged by the guard; 200, or the status it was refused with and why. */
int dash_http_judge(struct td_dash *d, struct dash_conn *c, enum td_access access,
                    const struct td_asker *a, const char **reason);

/* dash_facts.c: what libwebsockets read, as one struct. 200; 400, 431: it cannot be used. */
int dash_facts_take(struct dash_conn *c, struct td_str path);
void dash_facts_asker(const struct dash_facts *f, struct td_asker *out);

/* dash_socket.c: WebSocket clients. */
int dash_socket_open(struct td_dash *d, struct dash_conn *c);
int dash_socket_hear(struct td_dash *d, struct dash_conn *c, struct td_str bytes);
int dash_socket_write(struct td_dash *d, struct dash_conn *c);
void dash_socket_tick(struct td_dash *d, struct dash_conn *c);

#endif
