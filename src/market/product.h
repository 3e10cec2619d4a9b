/* market/product.h - the futures we know by name, one row each.
 *
 * Traders and charts call one thing by several names: the Euro future is EURUSD, 6E or 6E1!, and the broker calls
 * it EUR with trading class 6E. A row holds them all, with what a contract of the class must look like, so that
 * an answer of the gateway can be compared with it. A name without a row is a stock's.
 *
 * Every row's contracts trade in one cycle of months; others of the class exist and are thin, so they are never
 * chosen by themselves. Multiplier and tick are what to expect; what is traded by is the gateway's answer
 * (market/instrument.h, market/tickrule.h).
 *
 * Source: contracts 11 (names), the exchange's contract specifications (size, tick, months; 6A trades in half
 * ticks since 2020-11-23). Const tables; any thread.
 */
#ifndef TD_MARKET_PRODUCT_H
#define TD_MARKET_PRODUCT_H

#include "base/text.h"

/* When the next contract is traded instead of the front one; see market/front.h. */
enum td_roll_kind {
    TD_ROLL_DAYS,    /* a number of days before the last trade day     */
    TD_ROLL_CLASSIC, /* the Thursday eight days before the third Friday */
    TD_ROLL_CME,     /* the Monday of the week of the third Friday      */
};
struct td_roll {
    uint8_t kind; /* enum td_roll_kind */
    int16_t days; /* of TD_ROLL_DAYS, 0..90 */
};

struct td_product {
    const char *trading_class; /* our name of it, and of files: ES, 6E */
    const char *alias;         /* as charts write the pair: EURUSD; "" none */
    const char *sec_type;      /* FUT */
    const char *broker_symbol; /* ES, EUR */
    const char *exchange;      /* CME */
    const char *currency;
    td_qty multiplier;
    td_px tick;
    uint16_t cycle;    /* bit 0 is January */
    bool third_friday; /* cash settled, last traded on the third Friday */
    struct td_roll roll;
};

/* By trading class, alias, or either with the "1!" of a continuous contract; NULL: none of ours. */
const struct td_product *td_product_find(struct td_str name);
/* The row at `i`, NULL past the last. */
const struct td_product *td_product_at(size_t i);
/* Whether contracts of a month 1..12 are of the cycle. */
bool td_product_in_cycle(const struct td_product *p, int32_t month);

/* "classic", "cme", or days before the last trade day ("5"). TD_EPARSE: none of these. */
TD_MUST_CHECK enum td_err td_roll_parse(struct td_str text, struct td_roll *out);

#endif
