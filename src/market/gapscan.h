/* market/gapscan.h - which symbols gap up on unusual volume: facts of thousands of symbols in, a sorted table out.
 *
 * Definitions, at a minute of the exchange's day (New York, 0..1439), from finished one-minute bars:
 *     price     before 09:30 the close of the last bar; from then on the open of the first bar from 09:30 on
 *     gap       100 * (price - previous close) / previous close; the close of the last completed regular session
 *     ADV       mean volume of the adv_days [20] sessions directly before the day, all of them or it is not known
 *     RVOL      (volume so far / max(1, ADV)) / f, f = minutes since 09:30 / 390, at least 0.1 and at most 1; 0.1 before
 *               the open; at most 20
 *     listed    gap above 0 and at least the least one, RVOL at least the least one (0: not asked), price within bounds
 * With TD_SCAN_LAST the price is the last one at any time: for days of which only totals are kept.
 *
 * What cannot be known stays unknown: TD_E9_NONE, and a bit that names the reason. A row whose gap is unknown is never
 * listed; it is counted. Rows stand in the order of a column, unknown values last, ties by symbol, then by the order of the
 * facts: the same facts give the same table. Percent and RVOL are 1e-9 fixed point; RVOL is exact to 1e-8.
 *
 * Pure: no clock, no memory of its own: rows and scratch come from the caller's arena (td_scan_bytes). O(n log n).
 * Source: contracts 9 with its corrections.
 */
#ifndef TD_MARKET_GAPSCAN_H
#define TD_MARKET_GAPSCAN_H

#include "base/arena.h"
#include "market/event.h"
#include "market/instrument.h"

#define TD_SCAN_OPEN_MINUTE 570 /* 09:30 */
#define TD_SCAN_SESSION     390 /* minutes of a regular session */
#define TD_SCAN_RVOL_MAX    20
#define TD_SCAN_ADV_DAYS    20
#define TD_SCAN_DAYS_MAX    60

/* Why something is not known, or is less than its name says. NAME, text */
#define TD_SCAN_LACKS(X)                                                                           \
    X(NOT_ASKED, "not asked for yet")                                                              \
    X(REFUSED, "the gateway refuses it")                                                           \
    X(NO_BARS, "no bars of the day")                                                               \
    X(NO_PREMARKET, "no trade yet today")                                                          \
    X(NOT_OPEN, "no finished minute since 09:30")                                                  \
    X(NO_OPEN, "only the day's total is kept: no 09:30 open")                                      \
    X(BARS_END, "the stored minutes end before this one")                                          \
    X(FROM_OPEN, "volume counts from 09:30: no stored minutes before it")                          \
    X(NO_PREVIOUS, "no close of the session before")                                               \
    X(FEW_DAYS, "completed days")                                                                  \
    X(NO_QUOTE, "no quote")                                                                        \
    X(NO_HALT, "halts are not known")

#define TD_SCAN_LACK_ENUM(name, text) TD_SCAN_LACK_##name,
enum td_scan_lack { TD_SCAN_LACKS(TD_SCAN_LACK_ENUM) TD_SCAN_LACK_COUNT };
#undef TD_SCAN_LACK_ENUM
#define TD_SCAN_LACK(name) (1u << TD_SCAN_LACK_##name)

/* Why a symbol is looked at; bits. */
enum td_scan_why {
    TD_SCAN_WHY_GAINER = 1, /* the gateway's TOP_PERC_GAIN */
    TD_SCAN_WHY_ACTIVE = 2, /* its MOST_ACTIVE             */
    TD_SCAN_WHY_COARSE = 4, /* the day's coarse universe   */
    TD_SCAN_WHY_BARS = 8,   /* stored bars of the day      */
    TD_SCAN_WHY_NAMED = 16, /* asked for by name           */
};

/* What takes a row out, whatever its numbers; bits. */
enum td_scan_mark { TD_SCAN_ETF = 1, TD_SCAN_HIDDEN = 2 };

enum td_halted { TD_HALTED_UNKNOWN, TD_HALTED_NO, TD_HALTED_YES };

/* One symbol at the minute. Prices and sizes may be NONE. */
struct td_scan_facts {
    char symbol[TD_SYMBOL_CHARS];
    td_px last;           /* of today */
    td_px open;           /* of the first bar from 09:30 on */
    td_px previous_close; /* split-adjusted to today */
    td_qty volume;        /* of today so far */
    td_qty adv;
    td_px bid, ask;
    uint32_t lacks; /* TD_SCAN_LACK bits the source knows of */
    uint8_t days;   /* completed days known of those ADV asks for */
    uint8_t why;    /* enum td_scan_why bits */
    uint8_t marks;  /* enum td_scan_mark bits */
    uint8_t halted; /* enum td_halted */
};

/* Columns: name, what it means. A row's value of one is td_scan_value. */
#define TD_SCAN_COLUMNS(X)                                                                         \
    X(SYMBOL, "symbol", "")                                                                        \
    X(PRICE, "price", "price of the gap")                                                          \
    X(GAP, "gap_pct", "percent above the previous close")                                          \
    X(RVOL, "rvol", "relative volume")                                                             \
    X(VOLUME, "volume", "shares today so far")                                                     \
    X(ADV, "adv20", "mean shares of a day")                                                        \
    X(PREVIOUS, "previous_close", "close of the session before")                                   \
    X(OPEN, "open", "09:30 open")                                                                  \
    X(LAST, "last", "last price")                                                                  \
    X(SPREAD, "spread", "ask less bid")                                                            \
    X(HALTED, "halted", "trading is halted")                                                       \
    X(WHY, "why", "why it is looked at")                                                           \
    X(REASON, "reason", "what is not known")

#define TD_SCAN_COLUMN_ENUM(name, word, help) TD_SCAN_BY_##name,
enum td_scan_column { TD_SCAN_COLUMNS(TD_SCAN_COLUMN_ENUM) TD_SCAN_COLUMN_COUNT };
#undef TD_SCAN_COLUMN_ENUM

/* Why a symbol is not listed; the first that holds. NAME, text */
#define TD_SCAN_DROPS(X)                                                                           \
    X(HIDDEN, "hidden")                                                                            \
    X(ETF, "ETF")                                                                                  \
    X(NO_GAP, "gap not known")                                                                     \
    X(GAP, "gap too small")                                                                        \
    X(PRICE, "price out of bounds")                                                                \
    X(NO_RVOL, "RVOL not known")                                                                   \
    X(RVOL, "RVOL too small")

#define TD_SCAN_DROP_ENUM(name, text) TD_SCAN_DROP_##name,
enum td_scan_drop { TD_SCAN_DROPS(TD_SCAN_DROP_ENUM) TD_SCAN_DROP_COUNT };
#undef TD_SCAN_DROP_ENUM

enum td_scan_basis { TD_SCAN_OPENING, TD_SCAN_LAST };

struct td_scan_config {
    int32_t minute; /* of the day in New York */
    enum td_scan_basis basis;
    int64_t min_gap_e9;  /* percent */
    int64_t min_rvol_e9; /* 0: RVOL is not asked for */
    td_px low, high;     /* bounds of the price, both included; NONE: none */
    bool etfs;           /* list them too */
    enum td_scan_column sort;
    bool ascending;
    uint32_t limit; /* rows at most; 0: all */
};

struct td_scan_row {
    uint32_t fact;  /* index of the facts */
    uint32_t lacks; /* TD_SCAN_LACK bits */
    td_px price;
    int64_t gap_e9, rvol_e9; /* TD_E9_NONE: not known */
};

struct td_scan_table {
    struct td_scan_row *rows; /* in the arena */
    uint32_t count;           /* in the table */
    uint32_t listed;          /* before the limit */
    uint32_t seen;            /* facts */
    uint32_t dropped[TD_SCAN_DROP_COUNT];
};

/* What td_scan_run takes of an arena for that many facts. */
size_t td_scan_bytes(uint32_t count);
/* TD_ENOMEM: the arena is too small (see above). *out is untouched then. */
TD_MUST_CHECK enum td_err td_scan_run(const struct td_scan_config *config,
                                      const struct td_scan_facts *facts, uint32_t count,
                                      struct td_arena *arena, struct td_scan_table *out);

/* A row's number in a column: 1e-9, or TD_E9_NONE; 1 or 0 for halted; the bits of why and reason; 0 for symbol. */
int64_t td_scan_value(const struct td_scan_row *row, const struct td_scan_facts *facts,
                      enum td_scan_column column);
/* False: no such column. */
bool td_scan_column_find(struct td_str word, enum td_scan_column *out);
const char *td_scan_column_name(enum td_scan_column column);
const char *td_scan_drop_text(enum td_scan_drop drop);
/* "5 of 20 completed days; no quote"; empty when nothing is missing. */
void td_scan_reason(uint32_t lacks, uint32_t days, uint32_t adv_days, struct td_text *out);
/* "gainer active"; one word each. */
void td_scan_why_words(uint32_t why, struct td_text *out);

/* Sets `mark` on the facts whose symbol is among names[count]. */
void td_scan_mark(struct td_scan_facts *facts, uint32_t fact_count, const char *const *names,
                  uint32_t count, enum td_scan_mark mark);

/* ---- facts from bars ---- */

/* Days that are over. td_scan_past_init, then its days in any order. */
struct td_scan_past {
    td_px close;         /* of the session before; NONE: not known */
    uint64_t days;       /* bit i: the session i + 1 before the day counts */
    int64_t whole, rest; /* sum of volumes: shares, and 1e-9 of one */
    int32_t adv_days;    /* 1..TD_SCAN_DAYS_MAX */
};
void td_scan_past_init(struct td_scan_past *p, int32_t adv_days);
/* A session `ago` sessions before the day (1: the one before), adjusted for splits to the day. One told twice counts once,
 * as it was told first; what lies before the asked days is passed over, and so is an unknown close or volume. */
void td_scan_past_add(struct td_scan_past *p, int32_t ago, td_px close, td_qty volume);
/* Into previous_close, adv, days and lacks. */
void td_scan_past_tell(const struct td_scan_past *p, struct td_scan_facts *out);

/* Today's one-minute bars that have ended by `minute`, in order of time. */
struct td_scan_today {
    td_px last, open;
    td_qty volume;
    int32_t minute;
    int32_t begin, end; /* minutes: of the first bar, and behind the last; -1: none */
};
void td_scan_today_init(struct td_scan_today *t, int32_t minute);
/* A bar that begins at minute `at`; one that has not ended by then is passed over. */
void td_scan_today_add(struct td_scan_today *t, int32_t at, const struct td_bar *bar);
/* Into last, open, volume and lacks. */
void td_scan_today_tell(const struct td_scan_today *t, struct td_scan_facts *out);

/* Facts of a symbol of which nothing is known. False: the symbol is too long or not safe as a file name. */
bool td_scan_facts_init(struct td_scan_facts *f, struct td_str symbol);

#endif
