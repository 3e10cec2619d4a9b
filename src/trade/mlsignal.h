/* trade/mlsignal.h - a signal of a model outside: one line of JSON, what it means, and the states it goes through.
 *
 * A signal says what some model wants: buy, sell, hold, or close what is held. It is no order and no intent: the desk asks
 * trade/mlrisk.h, then makes an intent of it, and all gates are asked as for a strategy. This file reads the line and
 * judges each field by itself; what needs to know anything else is not its business.
 *
 * A row is a signal with what became of it. Rows are kept by the blotter and journaled whole with every change
 * (SIGNAL records), so that a restart knows ids that were seen and signals whose orders work.
 *
 * RECEIVED -> VALIDATED -> EXECUTING -> EXECUTED | FAILED | TIMEOUT, and RECEIVED -> REJECTED. RECEIVED is before
 * the answer, in the same turn: no row is journaled in it. A HOLD is EXECUTED at once, without an order.
 *
 * Pure: no clock, no I/O, no memory. Source: contracts 12 (signal input, signal states).
 */
#ifndef TD_TRADE_MLSIGNAL_H
#define TD_TRADE_MLSIGNAL_H

#include "base/text.h"
#include "market/event.h"

#define TD_MLSIGNAL_LINE_MAX 1000 /* bytes of a line, without its end */
#define TD_MLSIGNALS_KEPT    4096 /* rows; a new one takes the place of the oldest */
#define TD_MLSIGNAL_SPAN_MAX (24 * TD_HOUR)
#define TD_MLSIGNAL_EARLY    (5 * TD_SEC) /* clocks of two machines: not from farther ahead */

/* name, opens a position, direction of its order (1 buys, -1 sells, 0 none). Values are in the journal. */
#define TD_MLSIGNAL_TYPES(X)                                                                       \
    X(BUY, 1, 1)                                                                                   \
    X(SELL, 1, -1)                                                                                 \
    X(HOLD, 0, 0)                                                                                  \
    X(CLOSE_LONG, 0, -1)                                                                           \
    X(CLOSE_SHORT, 0, 1)

#define TD_MLSIGNAL_TYPE_ENUM(name, opens, side) TD_MLSIGNAL_##name,
enum td_mlsignal_type { TD_MLSIGNAL_TYPES(TD_MLSIGNAL_TYPE_ENUM) TD_MLSIGNAL_TYPE_COUNT };
#undef TD_MLSIGNAL_TYPE_ENUM

/* How it is sent. Values are in the journal. */
enum td_mlsignal_urgency {
    TD_MLSIGNAL_NORMAL,   /* a limit at the mark: rests, may not fill                     */
    TD_MLSIGNAL_HIGH,     /* a limit at the end of the tolerance: fills within it or rests */
    TD_MLSIGNAL_CRITICAL, /* at market                                                     */
    TD_MLSIGNAL_URGENCIES
};

/* name, is an end. The names are in the journal. */
#define TD_MLSIGNAL_STATES(X)                                                                      \
    X(RECEIVED, 0)                                                                                 \
    X(VALIDATED, 0)                                                                                \
    X(REJECTED, 1)                                                                                 \
    X(EXECUTING, 0)                                                                                \
    X(EXECUTED, 1)                                                                                 \
    X(FAILED, 1)                                                                                   \
    X(TIMEOUT, 1)

#define TD_MLSIGNAL_STATE_ENUM(name, over) TD_MLS_##name,
enum td_mlsignal_state { TD_MLSIGNAL_STATES(TD_MLSIGNAL_STATE_ENUM) TD_MLS_COUNT };
#undef TD_MLSIGNAL_STATE_ENUM

const char *td_mlsignal_type_word(enum td_mlsignal_type type);
const char *td_mlsignal_urgency_word(enum td_mlsignal_urgency urgency);
const char *td_mlsignal_state_word(enum td_mlsignal_state state);
/* False: no such word. */
bool td_mlsignal_state_find(const char *word, enum td_mlsignal_state *out);
bool td_mlsignal_is_over(enum td_mlsignal_state state);
/* May a signal go from one state to the other? */
bool td_mlsignal_may_follow(enum td_mlsignal_state from, enum td_mlsignal_state to);
bool td_mlsignal_opens(enum td_mlsignal_type type);
int td_mlsignal_side(enum td_mlsignal_type type);

/* As it was told. */
struct td_mlsignal {
    char id[40], symbol[24], strategy[16], model[48];
    uint8_t type, urgency;
    int64_t confidence_e9; /* 0 to 1 */
    int64_t score_e9;      /* of the model, 0 to 1; unset: not told */
    td_qty quantity; /* of the order, with its sign; 0: the desk decides, or all that is held */
    td_px price;     /* it was made at; unset: not told */
    int64_t tolerance_e9; /* as a fraction of that price */
    td_ns at, until;      /* when it was made, and after which nothing is wanted any more */
};

/* One signal with what became of it. */
struct td_mlsignal_row {
    struct td_mlsignal told;
    uint32_t number; /* 1, 2, 3 ... over the life of the journal */
    uint8_t state;   /* enum td_mlsignal_state */
    uint8_t rule;    /* enum td_mlrule that refused it; 0 none */
    uint64_t key;    /* of its order; 0: none yet */
    td_qty wanted;   /* quantity of the order, > 0; 0: none */
    td_qty filled;
    td_px
        reference; /* what its fills are measured by: the price it was made at, else the mark at receipt; unset */
    td_px average; /* of its fills; unset */
    td_ns received, changed;
    char reason[96]; /* of its state, one line */
};

/* What a line means that leaves it out. */
struct td_mlsignal_presets {
    int64_t tolerance_e9;
    td_ns span;
};

/* One line into a signal. TD_EPARSE, TD_ERANGE: the text says which field and what it should be; *out is untouched. */
TD_MUST_CHECK enum td_err td_mlsignal_parse(struct td_str line,
                                            const struct td_mlsignal_presets *presets,
                                            struct td_mlsignal *out, struct td_fail *why);
/* The fields as a Markdown table (docs/signals-input.md). */
void td_mlsignal_describe(struct td_text *out);

#endif
