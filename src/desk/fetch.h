/* desk/fetch.h - asks the gateway for historical bars, one bounded request at a time.
 *
 * Joins connection and market: the market qualifies the contract, this file asks for bars and matches the answers by
 * request id. Each answer is waited for at most 60 s and cancelled after that. Error 162 concerns the one
 * request it names: no data is an empty answer, a pacing violation waits 60 s and asks again (twice; so the same
 * request is never sent within 15 s), anything else fails the request. The pace is the link's (desk/pacer.h): at
 * most 60 requests in 600 s, five of one contract in two seconds. Blocks its caller; a signal ends it with TD_EAGAIN.
 *
 * The connection is kept as everywhere (desk/connection.h): heartbeat, reconnect, alerts. Nothing is asked while it
 * or the broker is away or a history farm is broken (2105); a request that an outage swallowed is asked again, three
 * times at most. What stays away for TD_FETCH_AWAY_MAX fails, and so does every later request until it is back.
 *
 * Source: contracts 8.3, ibkr-operations 2.1, tws-protocol sections 5 and 6.
 */
#ifndef TD_DESK_FETCH_H
#define TD_DESK_FETCH_H

#include "desk/connection.h"
#include "desk/coverage.h"
#include "store/bars_file.h"

#define TD_FETCH_ROWS_MAX ((size_t)1 << 20)
#define TD_FETCH_AWAY_MAX (10 * TD_MIN)

/* Bars in order of time, by the exchange's wall clock. Grows by malloc; td_bar_rows_free gives it back. */
struct td_bar_rows {
    struct td_bar_row *rows;
    size_t count, cap;
};

/* TD_ENOMEM; TD_EFULL past 1 Mi bars. */
TD_MUST_CHECK enum td_err td_bar_rows_add(struct td_bar_rows *r, const struct td_bar_row *row);
/* Sorts by time; of two bars of one time the later added stays. */
void td_bar_rows_settle(struct td_bar_rows *r);
void td_bar_rows_free(struct td_bar_rows *r);

/* Who else lives in the loop: turned with every wake, and at its deadline at the latest. It asks nothing of this fetch. */
struct td_fetch_guest {
    td_ns (*deadline)(void *arg);
    void (*turn)(void *arg, const struct td_wake *wake);
    void *arg;
};

struct td_fetch {
    struct td_connection conn;
    struct td_world *world;
    struct td_market *market;
    struct td_log *log;
    uint32_t requests; /* sent so far */
    /* Messages that are somebody else's, asked before the market; true: taken. NULL: there is nobody. Set after init. */
    bool (*other)(void *arg, const struct td_tws_msg *msg);
    void *other_arg;
    const struct td_fetch_guest *guest; /* NULL: nobody; the caller's. Set after init */
    /* private */
    int32_t next_id, waiting;
    bool answered, interrupted;
    td_ns away;     /* monotonic: since when nothing can be asked; 0: it can */
    bool swallowed; /* an outage fell into the request that is waited for */
    int32_t code;   /* broker error of the request */
    char text[200];
    td_ns server_ns; /* answer to the time request; 0 none */
    struct td_bar_rows *into;
    const struct td_tz *zone;
    td_ns span;
    enum td_err add_err;
};

struct td_fetch_request {
    uint32_t line;        /* of the market, qualified */
    const char *bar_size; /* the wire's words */
    const char *duration; /* the wire's words */
    const char *end;      /* "" for now, or td_request_time */
    bool rth;             /* regular trading hours only */
    td_ns span;           /* of a bar */
    const struct td_tz *zone;
};

/* The connection's link is ready; its market outlives the fetch. */
void td_fetch_init(struct td_fetch *f, const struct td_connection_config *config);
/* Waits until line `index` is qualified. TD_ENOENT: the gateway knows no such contract, with its words.
 * TD_ETIMEOUT, TD_ECLOSED (away too long), TD_EAGAIN (a signal). */
TD_MUST_CHECK enum td_err td_fetch_qualify(struct td_fetch *f, uint32_t index, struct td_fail *why);
/* The gateway's clock, in whole seconds; ours when it does not answer. */
TD_MUST_CHECK enum td_err td_fetch_now(struct td_fetch *f, td_ns *out, struct td_fail *why);
/* Adds the bars of one request to `into`. An empty range adds none and is TD_OK. TD_EUNSUP: the gateway refused
 * (its code and words in `why`). TD_ETIMEOUT, TD_ECLOSED, TD_EAGAIN, TD_ENOMEM, TD_EFULL. */
TD_MUST_CHECK enum td_err td_fetch_bars(struct td_fetch *f, const struct td_fetch_request *request,
                                        struct td_bar_rows *into, struct td_fail *why);
/* Lets `span` pass while the connection is served. False: a signal arrived. */
bool td_fetch_pause(struct td_fetch *f, td_ns span);

#endif
