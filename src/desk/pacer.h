/* desk/pacer.h - when a request may be sent: the broker's message limits as rows of a table.
 *
 * Pure: time is an argument (monotonic), nothing is sent here. The owner asks when, waits, sends, and says that
 * it has sent; a rule then never sees more than its count inside any window of its length. Rules that count
 * per request or per instrument are told which by a hash; requests that weigh double count twice. Beside the
 * windows, at most TD_PACE_IN_FLIGHT historical requests wait for their answer at once.
 *
 * Orders and their cancels have an eighth of the rate to themselves, so that nothing else makes them wait.
 * Among the others the owner sends cancels first. Error 100 of the gateway halves the rate of the rules that
 * are marked so; every ten quiet seconds give TD_PACE_STEP messages a second back.
 *
 * Each rule remembers its sends in a ring as long as its window can need; a full ring counts as a full window,
 * so a rule errs on the slow side. No allocation; one owner. O(ring) per call.
 * Source: tws-protocol section 6, ibkr-operations 2.5 and 2.6, contracts 8.3.
 */
#ifndef TD_DESK_PACER_H
#define TD_DESK_PACER_H

#include "base/time.h"

#define TD_PACE_RATE      40 /* messages a second, all kinds; the gateway allows 50 over all clients */
#define TD_PACE_SECOND    (TD_SEC + TD_SEC / 20) /* the network may move two ends closer together */
#define TD_PACE_RATE_LOW  5                      /* never slower after error 100 */
#define TD_PACE_STEP      5                      /* given back every ten seconds */
#define TD_PACE_IN_FLIGHT 50

enum td_pace_kind {
    TD_PACE_ORDER,         /* orders and cancels of orders                        */
    TD_PACE_CANCEL,        /* cancels of subscriptions and requests               */
    TD_PACE_OTHER,         /* everything without a rule of its own                */
    TD_PACE_HISTORY,       /* historical bars longer than 30 s                    */
    TD_PACE_HISTORY_SMALL, /* up to 30 s, and whatever the owner wants held so    */
    TD_PACE_TICKS,         /* tick-by-tick subscriptions                          */
    TD_PACE_KINDS
};

/* name, kinds counted, kinds held back, window, count, counts per, slowed by error 100, ring */
#define TD_PACE_RULES(X)                                                                           \
    X(ALL, "all messages", TD_PACE_ANY, TD_PACE_BIT(ORDER), TD_PACE_SECOND, TD_PACE_RATE, NONE,    \
      true, 64)                                                                                    \
    X(REST, "all but orders", TD_PACE_ANY, TD_PACE_ANY & ~TD_PACE_BIT(ORDER), TD_PACE_SECOND,      \
      TD_PACE_RATE - TD_PACE_RATE / 8, NONE, true, 64)                                             \
    X(IDENTICAL, "the same historical request", TD_PACE_BIT(HISTORY) | TD_PACE_BIT(HISTORY_SMALL), \
      TD_PACE_BIT(HISTORY) | TD_PACE_BIT(HISTORY_SMALL), 15 * TD_SEC, 1, REQUEST, false, 1024)     \
    X(SAME_STREAM, "history of one contract, exchange and type", TD_PACE_BIT(HISTORY_SMALL),       \
      TD_PACE_BIT(HISTORY_SMALL), 2 * TD_SEC, 5, STREAM, false, 128)                               \
    X(TEN_MINUTES, "history in ten minutes, BID_ASK double", TD_PACE_BIT(HISTORY_SMALL),           \
      TD_PACE_BIT(HISTORY_SMALL), 600 * TD_SEC, 60, NONE, false, 64)                               \
    X(TICKS, "tick-by-tick of one instrument", TD_PACE_BIT(TICKS), TD_PACE_BIT(TICKS),             \
      15 * TD_SEC, 1, STREAM, false, 1024)

#define TD_PACE_BIT(kind) (1u << TD_PACE_##kind)
#define TD_PACE_ANY       ((1u << TD_PACE_KINDS) - 1)

enum td_pace_per { TD_PACE_PER_NONE, TD_PACE_PER_REQUEST, TD_PACE_PER_STREAM };

#define TD_PACE_RULE_ENUM(name, what, counted, held, window, count, per, slowed, ring)             \
    TD_PACE_RULE_##name,
enum td_pace_rule_id { TD_PACE_RULES(TD_PACE_RULE_ENUM) TD_PACE_RULE_COUNT };
#undef TD_PACE_RULE_ENUM

struct td_pace_rule {
    const char *what;
    uint32_t counted, held; /* TD_PACE_BIT of the kinds */
    td_ns window;
    int32_t count;
    enum td_pace_per per;
    bool slowed;
    uint32_t ring;
};

/* What is to be sent. */
struct td_pace {
    enum td_pace_kind kind;
    int32_t weight;   /* 2 for BID_ASK history, else 1 (0 counts as 1) */
    uint64_t request; /* hash of the whole request but its id           */
    uint64_t stream;  /* hash of contract, exchange and type            */
};

struct td_pace_sent {
    td_ns at;
    uint64_t key;
};

#define TD_PACE_RING_SUM(name, what, counted, held, window, count, per, slowed, ring) +(ring)
enum { TD_PACE_RING_TOTAL = 0 TD_PACE_RULES(TD_PACE_RING_SUM) };
#undef TD_PACE_RING_SUM

struct td_pacer {
    int32_t in_flight;
    uint64_t sent;    /* messages so far */
    uint32_t refused; /* error 100 so far */
    /* private */
    int32_t rate_then; /* at `slowed_at` */
    td_ns slowed_at;
    uint64_t counts[TD_PACE_RULE_COUNT]; /* entries ever put into each ring */
    struct td_pace_sent rings[TD_PACE_RING_TOTAL];
};

void td_pacer_init(struct td_pacer *p);
/* The earliest time, at or after `now`, at which it may be sent. TD_NS_NEVER: only an answer makes room. */
td_ns td_pacer_when(const struct td_pacer *p, const struct td_pace *what, td_ns now);
/* It was handed to the connection. Orders are never held by the owner; they are counted all the same. */
void td_pacer_sent(struct td_pacer *p, const struct td_pace *what, td_ns now);
/* A historical request got its answer, failed, or was cancelled. */
void td_pacer_answered(struct td_pacer *p);
/* The connection ended: nothing is in flight; what was sent still counts. */
void td_pacer_lost(struct td_pacer *p);
/* Error 100: the rate halves; several within a second are one. */
void td_pacer_refused(struct td_pacer *p, td_ns now);
/* Messages a second now, TD_PACE_RATE when all is well. */
int32_t td_pacer_rate(const struct td_pacer *p, td_ns now);
/* All rows, for pages and tests. */
const struct td_pace_rule *td_pacer_rules(size_t *count);

#endif
