/* dash/route.h - what the dashboard answers: one row per path, and the call that fills the answer.
 *
 * The table is the one source of paths: the server matches by it, the guard reads its scope, docs/api.md and the OpenAPI
 * file are printed from it. A handler sees only the call; it opens no socket, and reads nothing but the view. What is not
 * known is null, with the reason beside it ("reason", or "<key>_reason").
 */
#ifndef TD_DASH_ROUTE_H
#define TD_DASH_ROUTE_H

#include <cjson/cJSON.h>
#include <sqlite3.h>

#include "base/tz.h"
#include "dash/watch.h"

#define TD_API_BYTES (2u << 20) /* room for every answer: all lists are bounded */

struct td_keeper;     /* dash/keeper.h */
struct td_recordings; /* dash/recordings.h */
struct td_asker;

enum td_access {
    TD_ACCESS_OPEN,  /* health and the page itself: no token, but still the Host list            */
    TD_ACCESS_READ,  /* loopback without token; elsewhere the read token                         */
    TD_ACCESS_TRADE, /* changes something: trade token, Origin, content type, header; always     */
};

enum td_method { TD_METHOD_GET, TD_METHOD_POST };

/* One line to the running desk and its JSON answer: the words of the control socket. TD_ENOENT: no desk runs. */
typedef enum td_err td_ask_fn(void *arg, const char *line, char *out, size_t cap,
                              struct td_fail *why);

/* What a handler may look at. Everything is the dashboard thread's. */
struct td_api_view {
    td_ns now;
    const cJSON *status,
        *gates; /* the desk's newest answers; NULL: no desk runs, `no_desk` says why */
    const char *no_desk;
    sqlite3 *db;                  /* orders.db, read only; NULL: there is none yet */
    const struct td_watch *watch; /* NULL: nothing is watched */
    const struct td_tz *new_york; /* of exchange days; NULL: not known */
    const char *version, *state;
    const char *config_json; /* as `tapedeck config --json`, secrets masked; NULL: none */
    td_ask_fn *ask;
    td_ask_fn *ask_scan; /* the same of the scanner that serves: its words are in desk/station.h */
    void *ask_arg;
    const struct td_recordings *recordings;       /* NULL: none */
    const cJSON *scan; /* its newest answer to `rows`; NULL: none serves, `no_scan` says why */
    const char *no_scan;
    uint64_t requests, refused, clients, dropped; /* of the server, for metrics */
    struct td_keeper *keeper;                     /* logins and nonces (dash/keeper.h) */
    td_ns mono;
};

struct td_api_call {
    const struct td_route *route;
    struct td_str argument;       /* what stands for {name} in the path */
    struct td_str query;          /* behind the question mark, as sent */
    const cJSON *body;            /* of a POST: an object; NULL: none */
    bool may_trade;               /* the caller showed the trade token */
    bool confirmed;               /* the guard took a nonce of route->nonce from the body */
    const struct td_asker *asker; /* the request's headers, as the guard saw them */
    const struct td_api_view *view;
};

struct td_api_answer {
    int status;         /* HTTP; preset 200 */
    const char *type;   /* preset application/json */
    const char *policy; /* Content-Security-Policy; NULL: that of the page */
    struct td_text text;
    char cookie[192]; /* Set-Cookie; empty: none */
};

typedef void td_api_fn(const struct td_api_call *call, struct td_api_answer *out);

struct td_route {
    enum td_method method;
    const char *path; /* "/api/v1/books/{symbol}" */
    enum td_access access;
    td_api_fn *answer;
    const char *help, *schema; /* one line each: what it is, its keys */
    const char *
        nonce; /* the action whose nonce it may need, as POST /api/v1/nonce names it; NULL: none. The answer
                          itself refuses what was not confirmed: a preview or a look needs no nonce */
    const char *body; /* keys of the body; NULL: none */
    bool scans;       /* looks at the scanner that serves, or tells it something */
};

/* Ends with a row without path. */
extern const struct td_route td_routes[];
/* The rows of api_rows.c, which td_routes holds too. Ends alike. */
extern const struct td_route td_api_routes[];

/* The row of a path, of either table; *argument is its {name}. NULL: none has it; *known: another method has. */
const struct td_route *td_route_find(enum td_method method, struct td_str path,
                                     struct td_str *argument, bool *known);
/* A value of the query, decoded into out; false: it is not there, malformed or too long. */
bool td_route_query(struct td_str query, const char *name, char *out, size_t cap);

#define TD_BODY_DEPTH 16  /* objects and lists within each other */
#define TD_BODY_KEYS  256 /* of one object */

/* The object of a POST, to be deleted; NULL: it is none, nests deeper, has a key twice or a number that is none, and *reason says
 * which. */
cJSON *td_route_body(struct td_str text, const char **reason);
/* {"ok":false,"reason":...} in place of what was written so far. */
void td_route_refuse(struct td_api_answer *out, int status, const char *reason);

#endif
