/* trade/mlrisk.h - may a signal of a model outside be traded, and how much of it: rules, limits, sizes.
 *
 * These are asked before the gates of trade/risk.h and take nothing from them. The rules are a table, asked in order; the
 * first that is not fulfilled refuses and is named with its limit and that limit's setting. A fact that is not known
 * refuses. Limits that need not be there are off unless they are set: nothing in this program tells sectors, and what
 * moves together is not known of new symbols. Rules marked so let CLOSE_LONG and CLOSE_SHORT pass, and whatever makes a
 * position smaller: a limit never traps a position.
 *
 * A signal without a quantity is sized: equity x base x max(0.1, c) x score x max(0.1, c), c its confidence, over price and
 * multiplier, rounded down to whole units, then cut to what the limits leave. One with a quantity is that much or nothing.
 *
 * Pure. Source: contracts 12 (ML risk limits, ML sizing).
 */
#ifndef TD_TRADE_MLRISK_H
#define TD_TRADE_MLRISK_H

#include "trade/mlsignal.h"

enum td_mlunit { TD_ML_UNITS, TD_ML_MONEY, TD_ML_PART, TD_ML_COUNT };

/* name, unit, setting, preset ("" is off), most, meaning. All but COUNT are in 1e-9; 0 to `most` is allowed. */
#define TD_MLLIMITS(X)                                                                             \
    X(SIZE, UNITS, "ML_MAX_POSITION_SIZE", "10000", 1000000,                                       \
      "shares or contracts of an external signal's order")                                         \
    X(EXPOSURE, PART, "ML_MAX_EXPOSURE", "0.8", 10,                                                \
      "value of all positions after an external signal, as a fraction of equity")                  \
    X(SECTOR, PART, "ML_MAX_SECTOR_EXPOSURE", "", 10,                                              \
      "the same of its sector; empty: not looked at")                                              \
    X(SINGLE, PART, "ML_MAX_SINGLE_POSITION", "0.1", 10, "the same of its symbol")                 \
    X(STRATEGY, PART, "ML_MAX_STRATEGY_EXPOSURE", "0.4", 10, "the same of its strategy_name")      \
    X(CORRELATION, PART, "ML_MAX_CORRELATION", "", 1,                                              \
      "highest correlation of its symbol with one that is held; empty: not looked at")             \
    X(CONFIDENCE, PART, "ML_MIN_CONFIDENCE", "0.6", 1, "least confidence of an external signal")   \
    X(MODEL_SCORE, PART, "ML_MIN_MODEL_SCORE", "0.5", 1,                                           \
      "least score of its model; not known: refused")                                              \
    X(SIGNALS, COUNT, "ML_MAX_SIGNALS_PER_HOUR", "100", 1000, "external signals an hour")          \
    X(CONCURRENT, COUNT, "ML_MAX_CONCURRENT_SIGNALS", "50", 1000,                                  \
      "external signals that are not over")                                                        \
    X(DAY_LOSS, MONEY, "ML_MAX_DAILY_LOSS", "10000", 9000000000,                                   \
      "loss of the day at which no external signal opens anything, in money")                      \
    X(POSITION_LOSS, MONEY, "ML_MAX_POSITION_LOSS", "1000", 9000000000,                            \
      "loss of the symbol's open position at which nothing is added to it, in money")

#define TD_MLLIMIT_ENUM(name, unit, key, preset, most, meaning) TD_MLLIMIT_##name,
enum td_mllimit {
    TD_MLLIMITS(TD_MLLIMIT_ENUM) TD_MLLIMIT_COUNT,
    TD_MLLIMIT_NONE = TD_MLLIMIT_COUNT
};
#undef TD_MLLIMIT_ENUM

#define TD_MLLIMIT_OFF (-1)

/* name, lets what makes a position smaller pass, limit, what a refusal says. Numbers are in the journal. */
#define TD_MLRULES(X)                                                                              \
    X(NONE, 0, NONE, "")                                                                           \
    X(DUPLICATE, 0, NONE, "a signal of that id was here before")                                   \
    X(CLOCK, 0, NONE, "it was made in the future")                                                 \
    X(AGE, 0, NONE, "it is older than its max_execution_time")                                     \
    X(SYMBOL, 0, NONE, "this desk does not trade the symbol")                                      \
    X(HELD, 0, NONE, "nothing is held that it could close")                                        \
    X(SIGNALS, 1, SIGNALS, "too many signals in the last hour")                                    \
    X(CONCURRENT, 1, CONCURRENT, "too many signals are not over")                                  \
    X(CONFIDENCE, 1, CONFIDENCE, "the confidence is too low")                                      \
    X(MODEL_SCORE, 1, MODEL_SCORE, "the score of the model is too low")                            \
    X(MARK, 0, NONE, "there is no price to go by")                                                 \
    X(PRICE, 1, NONE, "the price has gone farther than price_tolerance")                           \
    X(DAY_LOSS, 1, DAY_LOSS, "the day's loss is reached")                                          \
    X(POSITION_LOSS, 1, POSITION_LOSS, "the position has lost too much")                           \
    X(SIZED, 0, NONE, "sized to nothing")                                                          \
    X(SIZE, 1, SIZE, "the order is too large")                                                     \
    X(SINGLE, 1, SINGLE, "too much of the equity would be in this symbol")                         \
    X(EXPOSURE, 1, EXPOSURE, "too much of the equity would be in positions")                       \
    X(SECTOR, 1, SECTOR, "too much would be in this sector")                                       \
    X(STRATEGY, 1, STRATEGY, "too much would be held for this strategy")                           \
    X(CORRELATION, 1, CORRELATION, "it moves with what is held")                                   \
    X(GATE, 0, NONE, "a gate refused the order")

#define TD_MLRULE_ENUM(name, reducing, limit, text) TD_MLRULE_##name,
enum td_mlrule { TD_MLRULES(TD_MLRULE_ENUM) TD_MLRULE_COUNT };
#undef TD_MLRULE_ENUM

struct td_mllimits {
    int64_t value[TD_MLLIMIT_COUNT]; /* TD_MLLIMIT_OFF: not looked at */
    int64_t base_e9;                 /* part of the equity a full signal is sized to */
};

/* What is known when the signal comes. Unset prices, money and numbers: not known. */
struct td_mlfacts {
    td_ns now;
    bool seen;              /* its id was here before */
    bool here;              /* the desk trades the symbol */
    uint32_t signals, open; /* of the last hour; not over */
    td_px mark;
    td_qty multiplier;
    td_qty closable; /* >= 0: held on the other side of its order, less what closes it already */
    td_cash equity, gross, symbol_value, sector_value, strategy_value; /* values >= 0 */
    td_cash day_pnl, position_pnl;
    int64_t correlation_e9;
    int64_t score_e9; /* of the model, when the signal does not tell it */
    td_qty units_max; /* that the gates leave a sized order; unset: none */
    td_cash value_max;
};

struct td_mlverdict {
    enum td_mlrule rule; /* NONE: it may be tried */
    td_qty qty;          /* of the order, > 0; 0 of a HOLD */
    td_px reference;     /* price it is measured by; unset only of a HOLD */
    char
        text[96]; /* "CONFIDENCE: the confidence is too low: 0.55, limit 0.6 (ML_MIN_CONFIDENCE)" */
};

const char *td_mllimit_name(enum td_mllimit limit);
const char *td_mllimit_key(enum td_mllimit limit);
enum td_mlunit td_mllimit_unit(enum td_mllimit limit);
const char *td_mlrule_name(enum td_mlrule rule);
bool td_mlrule_lets_reducing(enum td_mlrule rule);
enum td_mllimit td_mlrule_limit(enum td_mlrule rule);
/* The presets of the table. */
void td_mllimits_preset(struct td_mllimits *out);

void td_mlrisk_check(const struct td_mllimits *limits, const struct td_mlsignal *signal,
                     const struct td_mlfacts *facts, struct td_mlverdict *out);
/* The size of one without a quantity, before the limits cut it: whole units, rounded down. 0: something is not known. */
td_qty td_mlrisk_size(const struct td_mllimits *limits, const struct td_mlsignal *signal,
                      const struct td_mlfacts *facts);
/* Rules and limits as Markdown tables (docs/signals-input.md). */
void td_mlrisk_describe(struct td_text *out);

#endif
