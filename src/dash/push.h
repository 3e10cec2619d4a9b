/* dash/push.h - what a WebSocket client is sent: topics it asked for, what changed of them, and nothing queued.
 *
 * The board holds the newest state of everything with a version; a client holds what it has seen. A frame is made when the
 * client can take one, of what differs then: a slow client gets the newest state later, and never more than one frame waits
 * for it. `seq` grows by one a frame; the first frame after a subscribe holds whole values. What does not fit a frame comes
 * with the next one. The older form of subscribing (contracts 10.3) gets one message a frame: market_data, trade,
 * positions, signal, performance, log.
 *
 * No socket and no clock: text in, text out. Bounded: TD_PUSH_TOPICS topics, TD_PUSH_ROWS rows of a list. Owner: the
 * dashboard's thread.
 */
#ifndef TD_DASH_PUSH_H
#define TD_DASH_PUSH_H

#include <cjson/cJSON.h>

#include "dash/watch.h"

#define TD_PUSH_TOPICS  64         /* of one client */
#define TD_PUSH_ROWS    256        /* newest rows of a list that are watched for changes */
#define TD_PUSH_POOL    (1u << 18) /* bytes of their text */
#define TD_PUSH_FRAME   (1u << 19) /* bytes of a frame at most */
#define TD_PUSH_MESSAGE 16384      /* bytes of a client's message */

/* Rows of a list that change one by one: which of them, since when. */
struct td_push_row {
    uint64_t id, hash, version;
    uint32_t at, len; /* of its text in the pool */
};

struct td_push_rows {
    struct td_push_row rows[TD_PUSH_ROWS]; /* as the list has them */
    uint32_t count;
    uint64_t version; /* of the newest change */
    char *pool;       /* [2][TD_PUSH_POOL]: the half in use, the other */
    uint32_t half;
};

struct td_push_topic {
    uint8_t kind;
    char symbol[TD_FEED_SYMBOL]; /* of those that have one */
    uint32_t line;               /* private: where it was last */
    uint64_t seen;               /* version, or number of the newest print */
    td_ns from;                  /* of bars: the last one sent */
    bool told;                   /* at all, since the subscribe */
};

/* What was written for one client, for the others with the same question at the same moment: all they share is written
 * once, however many look. Gone with the moment; what does not fit is written again. */
#define TD_PUSH_SAID 64
struct td_push_said {
    td_ns now; /* the moment */
    uint32_t count;
    struct {
        struct td_push_topic before,
            after; /* of the client: the question, and what it has seen then */
        uint32_t at, len;
    } answers[TD_PUSH_SAID];
    uint32_t used;
    char pool[TD_PUSH_FRAME];
};

enum td_push_list { TD_PUSH_ORDERS, TD_PUSH_EVENTS, TD_PUSH_FILLS, TD_PUSH_INTENTS, TD_PUSH_LISTS };

struct td_push_board {
    const struct td_watch *watch;
    const cJSON *status;     /* the desk's newest; NULL: none */
    const char *status_text; /* the same as text, without its line end; NULL: none */
    const char *no_desk;     /* why there is none */
    uint64_t status_version;
    struct td_push_rows lists[TD_PUSH_LISTS];
    struct td_push_said *said; /* owned */
};

struct td_push_client {
    uint64_t seq;
    uint32_t count;
    struct td_push_topic topics[TD_PUSH_TOPICS];
    bool older; /* form */
    bool full;  /* the next frame is the first after a subscribe */
};

/* Memory of the board's lists. TD_ENOMEM. Close with td_push_close, which accepts a zeroed one. */
TD_MUST_CHECK enum td_err td_push_open(struct td_push_board *b, const struct td_watch *watch);
void td_push_close(struct td_push_board *b);
/* The rows of a list as a route answered them: `answer` holds the list under `key`, each row with its "id". */
void td_push_take(struct td_push_board *b, enum td_push_list list, const cJSON *answer,
                  const char *key);

/* What a client says. False: it is no message of ours, and *reason tells (the connection ends). */
bool td_push_hear(struct td_push_client *c, const struct td_push_board *b, struct td_str message,
                  const char **reason);
/* Whether anybody's topics need this list, or the status. */
bool td_push_wants(const struct td_push_client *c, enum td_push_list list);
bool td_push_wants_status(const struct td_push_client *c);

/* Something differs from what it has seen. */
bool td_push_due(struct td_push_client *c, const struct td_push_board *b);
/* The next frame; false: nothing differs. `out` has room for TD_PUSH_FRAME. */
bool td_push_frame(struct td_push_client *c, const struct td_push_board *b, td_ns now,
                   struct td_text *out);
/* The older form, in push_older.c: the same for its own messages. */
bool td_push_older_hear(struct td_push_client *c, const struct td_push_board *b,
                        const cJSON *symbols, const char **reason);
bool td_push_older_due(struct td_push_client *c, const struct td_push_board *b);
bool td_push_older_frame(struct td_push_client *c, const struct td_push_board *b, td_ns now,
                         struct td_text *out);
/* {"type":"connection",...}, the first frame. */
void td_push_hello(td_ns now, struct td_text *out);

#endif
