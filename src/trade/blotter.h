/* trade/blotter.h - orders, executions, positions and the day's counters, as the journal's records say.
 *
 * The blotter changes by td_blotter_apply alone: the desk appends a record to the journal and applies it;
 * a restart applies the same records again and has the same blotter. It never talks to anybody.
 *
 * Life of an order (contracts 10.5, ibkr-operations 2.2-2.4, faults F10-F21):
 *   INTENT -> SENT -> WORKING -> FILLED | CANCELLED | REJECTED
 * Executions decide what is filled; a status is a hint. A cancelled order whose executions come late still
 * counts them. A lost session makes every sent, unfinished order UNKNOWN until it is looked up: then it
 * works again, is done, or, found nowhere three times, is ABANDONED. Conflicting evidence makes it FROZEN.
 * An order at the broker that is not ours is FOREIGN: counted, never touched. Inactive is never an end by
 * itself. No order is ever sent again.
 *
 * A change of terms is asked for and then either the broker shows them or refuses: until then the larger
 * quantity counts. A fill may cross a change to less: then it filled what it was before.
 * A PARENT is an order that has none at the broker: its children (SLICE) fill it, and can
 * never be more than it. TARGET and STOP close what their parent filled, in one group: one cancels the other.
 *
 * Signals of models outside (mlsignal.h) are kept with their states: as many as TD_MLSIGNALS_KEPT, the newest.
 *
 * A holding may be frozen (nothing for it leaves) or reduce-only, until a person accepts it.
 *
 * Days past: at the begin of a day, finished orders and executions older than TD_BLOTTER_KEEP are forgotten once
 * there are more than the limits keep; two blotters that shall be the same keep as many. The gateway tells
 * executions of seven days at most.
 *
 * Memory: td_blotter_bytes at start, none after. Single owner (trading thread; projections have their own).
 */
#ifndef TD_TRADE_BLOTTER_H
#define TD_TRADE_BLOTTER_H

#include "base/arena.h"
#include "base/map.h"
#include "trade/position.h"
#include "trade/entry.h"
#include "trade/mlsignal.h"

/* Order ids are signed 32-bit numbers; those above this one are requests (errors name both by one number). Past it
 * nothing can be ordered: next_id stays one above, and never wraps. */
#define TD_ORDER_ID_LAST INT64_C(1899999999)

/* name, word on screen, terminal */
#define TD_ORDER_STATES(X)                                                                         \
    X(INTENT, "intent", 0)         /* journaled, bytes not sent as far as the journal knows */     \
    X(SENT, "submitted", 0)        /* bytes handed to the socket, no word yet               */     \
    X(WORKING, "working", 0)       /* the broker has it                                     */     \
    X(CANCELLING, "cancelling", 0) /* we asked for a cancel                               */       \
    X(UNKNOWN, "unknown", 0)       /* the session was lost meanwhile: look it up            */     \
    X(FROZEN, "frozen", 0)         /* conflicting evidence: a person decides                */     \
    X(FOREIGN, "foreign", 0)       /* not ours                                              */     \
    X(FILLED, "filled", 1)                                                                         \
    X(CANCELLED, "cancelled", 1)                                                                   \
    X(REJECTED, "rejected", 1)                                                                     \
    X(ABANDONED, "abandoned", 1) /* found nowhere, three times: it never arrived          */

#define TD_ORDER_STATE_ROW(name, word, terminal) TD_OS_##name,
enum td_order_state { TD_ORDER_STATES(TD_ORDER_STATE_ROW) TD_OS_COUNT };
#undef TD_ORDER_STATE_ROW

const char *td_order_state_word(enum td_order_state state);
bool td_order_state_terminal(enum td_order_state state);

#define TD_BLOTTER_KEEP (8 * TD_DAY)
/* What a desk and its projections keep alike. */
#define TD_BLOTTER_ORDERS_KEPT     8192
#define TD_BLOTTER_EXECUTIONS_KEPT 16384
#define TD_BLOTTER_ORDERS_MAX      16384
#define TD_BLOTTER_EXECUTIONS_MAX  32768
#define TD_BLOTTER_HOLDINGS_MAX    1024
#define TD_FOREIGN_KEY             (UINT64_C(1) << 63) /* | permId: the key of a foreign order */
#define TD_MISSING_LOOKS           3 /* clean looks without an order before it is abandoned */

/* The prices and quantity an order works at, or is asked to. */
struct td_order_terms {
    td_qty qty;
    td_px limit, stop, trail;
};

struct td_order {
    uint64_t key, parent; /* parent 0: none */
    int64_t order_id, perm_id, client_id, conid;
    int64_t twin;     /* permId of a second incarnation; 0 none */
    uint32_t holding; /* index */
    uint8_t action, type, state, tif, role;
    bool foreign;    /* not ours: seen at the broker only */
    bool changing;   /* `asked` was sent, and not answered */
    bool closed;     /* what its target and stop were for is over */
    uint8_t missing; /* clean looks that did not find it */
    struct td_order_terms now, asked;
    td_qty filled;
    td_qty told; /* the most a status said was filled; more than `filled`: executions are missing */
    td_qty most; /* the largest it was ever sent with: a fill may cross a change to less */
    td_qty working; /* of a PARENT: unfilled part of its live children */
    td_qty display;
    td_px target, protect;
    int64_t group, tag;
    td_ns until; /* GTD */
    td_cash
        paid; /* sum of price x quantity of its executions, without multiplier; a PARENT's children's */
    td_cash fees;
    td_ns intent_ns, sent_ns, done_ns, missed_ns;
    int64_t code; /* last broker error about it */
    char symbol[24], status[24], ref[40], strategy[16], reason[96];
};

struct td_execution {
    char exec_id[48]; /* as last received */
    uint64_t order;   /* key, 0 when the order is not known */
    uint32_t holding;
    uint8_t action;
    bool has_fee;
    td_qty qty;
    td_px px;
    td_cash fee;
    td_ns at_ns;
};

enum td_freeze { TD_FREEZE_NONE, TD_FREEZE_REDUCE_ONLY, TD_FREEZE_ALL };

/* The stop-loss monitor's stop of a holding: what it was when it was journaled last. */
struct td_guard {
    td_qty qty;     /* it would close; 0: no stop */
    uint8_t action; /* SELL under a long */
    bool triggered;
    uint8_t kind;      /* enum td_guard_kind */
    td_px stop, trail; /* trail: a distance, or 1e-9 parts of the best price */
};

struct td_blotter_holding {
    char symbol[24];
    int64_t conid;
    td_qty multiplier;
    struct td_holding now;
    td_cash realized_before, fees_before; /* at the start of the day */
    td_qty working_buy, working_sell;     /* unfilled part of unfinished orders */
    int32_t open_orders;
    int32_t unknown_orders;
    uint8_t freeze; /* enum td_freeze */
    char freeze_reason[120];
    struct td_guard guard;
};

struct td_blotter_limits {
    uint32_t orders_max, executions_max, holdings_max; /* powers of two */
    uint32_t orders_kept,
        executions_kept; /* what is old is forgotten above these; 0: half of max */
};

struct td_blotter {
    struct td_order *orders;
    struct td_execution *executions;
    struct td_blotter_holding *holdings;
    struct td_blotter_limits max;
    uint32_t *live;                  /* indices of unfinished orders, in no order */
    struct td_mlsignal_row *signals; /* number n lies at (n - 1) % TD_MLSIGNALS_KEPT */
    uint32_t live_count;
    uint32_t order_count, execution_count, holding_count;
    struct td_map by_key, by_order_id, by_exec;
    uint64_t last_seq;
    uint64_t next_key; /* of the next order */
    int64_t next_id;   /* lowest order id never used or seen */
    bool halted;
    char halt_reason[160];
    int64_t day; /* exchange day, days since 1970; INT64_MIN before the first */
    int32_t orders_today, intents_today, denied_today, fills_today;
    td_cash value_today; /* of approved orders */
    td_cash carried;     /* unrealized profit at the start of the day */
    uint32_t unknown_orders;
    uint32_t frozen_holdings; /* frozen or reduce-only */
    uint32_t short_told;      /* orders whose executions are missing, as far as statuses tell */
    uint32_t brackets;        /* orders whose target or stop may still be needed */
    uint32_t looks;           /* complete look-ups, ever */
    uint32_t overfills;       /* executions that made more of an order than was ever ordered */
    uint32_t foreign_executions;
    uint64_t forgotten_orders; /* finished ones of days past that are not in the table any more */
    uint32_t signal_total;     /* signals that were ever journaled: the number of the newest */
};

size_t td_blotter_bytes(const struct td_blotter_limits *limits);
/* TD_ENOMEM: the arena is too small. */
TD_MUST_CHECK enum td_err td_blotter_open(struct td_blotter *b,
                                          const struct td_blotter_limits *limits,
                                          struct td_arena *arena);

/* The only way to change it. TD_EFULL: a table is full (the record is then not applied: close the gate).
 * TD_EEXIST: an execution or order that was applied already, word for word (harmless, nothing changed).
 * TD_ERANGE: money left its range. TD_ECORRUPT: a record that cannot follow the ones before. */
TD_MUST_CHECK enum td_err td_blotter_apply(struct td_blotter *b, const struct td_record *r);
/* The same for a record that is read from a journal: TD_EEXIST, and TD_ENOENT of an order or execution that is not known,
 * are no errors there. They stood in it when the desk met them too. */
TD_MUST_CHECK enum td_err td_blotter_replay(struct td_blotter *b, const struct td_record *r);

/* Would this ORDER, PARENT or CHANGE be applied? Asked before the journal has it: a record that cannot be applied
 * would stop every later start. TD_EFULL: the tables are full. TD_ERANGE: it would make the children of a parent
 * more than the parent, or an order smaller than what it filled. TD_ECORRUPT: it does not fit the ones before. */
TD_MUST_CHECK enum td_err td_blotter_may(const struct td_blotter *b, const struct td_record *r);

/* NULL when unknown. Order ids are per client id; foreign orders are found by perm id through the key. */
struct td_order *td_blotter_order(const struct td_blotter *b, uint64_t key);
struct td_order *td_blotter_by_order_id(const struct td_blotter *b, int64_t order_id);
bool td_blotter_holding(const struct td_blotter *b, const char *symbol, uint32_t *index);
/* A signal by its number or id, among those that are kept; NULL. How many are kept: rows of b->signals. */
const struct td_mlsignal_row *td_blotter_signal(const struct td_blotter *b, uint32_t number);
const struct td_mlsignal_row *td_blotter_signal_of(const struct td_blotter *b, const char *id);
uint32_t td_blotter_signals(const struct td_blotter *b);
/* The SIGNAL record of a row: what apply makes the same row of. */
void td_mlsignal_record(const struct td_mlsignal_row *row, struct td_record *out);
/* What is not filled of an unfinished order: of a PARENT, what no child has yet; 0 of a finished one. */
td_qty td_order_rest(const struct td_order *o);
/* The same as its holding counts it: a TARGET is 0, since its STOP stands for both. */
td_qty td_order_counted(const struct td_order *o);
/* It has a target or a stop, and what they are for is not over. */
bool td_order_bracketed(const struct td_order *o);
/* Average fill price; unset when nothing filled. */
td_px td_order_average(const struct td_order *o);

/* Realized - fees since the day's start, and with unrealized at the given marks minus what was carried in.
 * `marks` is [holding_count]; TD_ERANGE when a held one has no mark. */
td_cash td_blotter_realized_today(const struct td_blotter *b);
TD_MUST_CHECK enum td_err td_blotter_day_pnl(const struct td_blotter *b, const td_px *marks,
                                             td_cash *out);

/* Best prices of own working limit orders of a holding; unset when none. */
void td_blotter_own_prices(const struct td_blotter *b, uint32_t holding, td_px *bid, td_px *ask);

/* Recomputes positions from all executions and counters from all orders. TD_ECORRUPT when they differ. */
TD_MUST_CHECK enum td_err td_blotter_check(const struct td_blotter *b, struct td_fail *why);

#endif
