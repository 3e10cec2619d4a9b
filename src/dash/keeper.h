/* dash/keeper.h - who may ask what: Host list, tokens, logins, origins, nonces, and how often one may be wrong.
 *
 * Pure: facts of a request in, a verdict out; no socket, no clock. Loopback is not authentication: what changes something
 * wants the trade token there too, and what a browser sends for another site is refused. Tokens are 256 bit, compared in
 * constant time. A login is a random id in a cookie: its trade scope ends after TD_KEEPER_TRADE, all of it after
 * TD_KEEPER_READ. A dangerous action wants a nonce, good for TD_KEEPER_NONCE and one use. Ten wrong words a minute of one
 * peer, and further ones are refused unread; a right token passes always, so nobody can lock its owner out.
 *
 * Bounded: sessions, nonces and peers are small tables, the oldest gives way. Owner: the dashboard's thread.
 * Times are monotonic. Source: reliability 4, F48, P14.
 */
#ifndef TD_DASH_KEEPER_H
#define TD_DASH_KEEPER_H

#include "base/text.h"
#include "dash/route.h"

#define TD_KEEPER_TOKEN    64 /* characters: 256 bit in hex */
#define TD_KEEPER_TRADE    (12 * TD_HOUR)
#define TD_KEEPER_READ     (7 * TD_DAY)
#define TD_KEEPER_NONCE    TD_MIN
#define TD_KEEPER_FAILURES 10 /* a minute */
#define TD_KEEPER_SESSIONS 32
#define TD_KEEPER_NONCES   32
#define TD_KEEPER_PEERS    64
#define TD_KEEPER_HASH     128

/* Fills out[len] with bytes nobody can guess. */
typedef void td_keeper_random_fn(void *arg, void *out, size_t len);

struct td_keeper_config {
    const char *host;          /* address that is bound */
    uint16_t port, other_port; /* the other: of the WebSocket alone; 0: none */
    bool tls;
    const char *const *names; /* further names of a Host header; ends with NULL; may be NULL */
    char read[TD_KEEPER_TOKEN + 1], trade[TD_KEEPER_TOKEN + 1];
    const char *password_hash; /* Argon2id; NULL or "": no password */
    td_keeper_random_fn *random;
    void *random_arg;
};

/* What a request says; empty: it does not. */
struct td_asker {
    enum td_method method;
    bool socket; /* it wants to become a WebSocket */
    struct td_str host, origin, fetch_site, content_type, marker, authorization, cookie;
    struct td_str peer; /* address it comes from */
};

struct td_judgement {
    int status;         /* 200, else the HTTP status to refuse with */
    const char *reason; /* why; what to do */
    bool read, trade;   /* scopes it has */
};

struct td_keeper_session {
    char id[TD_KEEPER_TOKEN + 1]; /* empty: free */
    bool trade;
    td_ns since;
};

struct td_keeper_nonce {
    char id[TD_KEEPER_TOKEN / 2 + 1];
    char action[16];
    td_ns since;
};

struct td_keeper_peer {
    char address[48];
    td_ns since;
    uint32_t failures;
};

struct td_keeper {
    struct td_keeper_config config;
    bool loopback; /* nothing outside this machine can reach it */
    struct td_keeper_session sessions[TD_KEEPER_SESSIONS];
    struct td_keeper_nonce nonces[TD_KEEPER_NONCES];
    struct td_keeper_peer peers[TD_KEEPER_PEERS];
};

/* Takes a copy of the config; its texts stay the caller's. TD_EINVAL: an address beyond loopback without TLS, tokens that
 * are none, or a password hash that is no Argon2id. */
TD_MUST_CHECK enum td_err td_keeper_init(struct td_keeper *k, const struct td_keeper_config *config,
                                         struct td_fail *why);
/* 127.0.0.0/8, ::1 and localhost. */
bool td_keeper_is_loopback(const char *host);

void td_keeper_judge(struct td_keeper *k, enum td_access access, const struct td_asker *a,
                     td_ns mono, struct td_judgement *out);

/* A token or a password, the other empty: a session, and the value of Set-Cookie in out[cap], 200. 401: wrong; 429: too
 * often. `trade`: which scope it got. */
int td_keeper_login(struct td_keeper *k, const struct td_asker *a, struct td_str token,
                    struct td_str password, td_ns mono, char *out, size_t cap, bool *trade);
/* Ends the session of the request's cookie; out[cap] clears it in the browser. */
void td_keeper_logout(struct td_keeper *k, const struct td_asker *a, char *out, size_t cap);

/* A nonce for an action into out[TD_KEEPER_TOKEN / 2 + 1]. */
void td_keeper_nonce(struct td_keeper *k, const char *action, td_ns mono, char *out);
/* True once, for the action it was made for and in time. */
bool td_keeper_spend(struct td_keeper *k, struct td_str nonce, const char *action, td_ns mono);

/* Tokens as they stand in dash_tokens.json: {"read":"...","trade":"..."}. TD_EPARSE. */
TD_MUST_CHECK enum td_err td_keeper_tokens_read(struct td_str text, struct td_keeper_config *out);
/* The Argon2id hash of a password into out[TD_KEEPER_HASH]. TD_ENOMEM. */
TD_MUST_CHECK enum td_err td_keeper_hash(struct td_str password, char *out);
/* Fresh ones, and the text of the file. */
void td_keeper_tokens_make(struct td_keeper_config *config, struct td_text *text);

#endif
