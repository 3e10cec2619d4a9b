/* strat/terms.h - the kinds of orders there are and how long they last, one row each.
 *
 * The words are TWS's; which prices a kind needs is read by the form gate, the executor, the journal and the
 * strategies alike. An order at the open is MARKET or LIMIT with the duration OPEN.
 * Source: TWS API, "Order Types and Algos", "Time in Force"; tws-protocol, placeOrder.
 */
#ifndef TD_STRAT_TERMS_H
#define TD_STRAT_TERMS_H

#include "base/num.h"
#include "base/time.h"

/* Prices an order needs. */
enum td_price_need {
    TD_NEEDS_LIMIT = 1,  /* the worst price it may fill at                                    */
    TD_NEEDS_STOP = 2,   /* the price that wakes it                                           */
    TD_NEEDS_TRAIL = 4,  /* a distance: amount or fraction                                    */
    TD_TAKES_OFFSET = 8, /* a distance from what it is pegged to; the limit, if any, is a cap */
    TD_AT_MARKET = 16,   /* once awake it takes any price                                     */
};

/* name, TWS word, needs. Values are in the journal: add at the end, never renumber. */
#define TD_ORDER_TYPES(X)                                                                          \
    X(MARKET, "MKT", TD_AT_MARKET)                                                                 \
    X(LIMIT, "LMT", TD_NEEDS_LIMIT)                                                                \
    X(STOP, "STP", TD_NEEDS_STOP | TD_AT_MARKET)                                                   \
    X(STOP_LIMIT, "STP LMT", TD_NEEDS_STOP | TD_NEEDS_LIMIT)                                       \
    X(TRAIL, "TRAIL", TD_NEEDS_TRAIL | TD_AT_MARKET)                                               \
    X(MARKET_ON_CLOSE, "MOC", TD_AT_MARKET)                                                        \
    X(LIMIT_ON_CLOSE, "LOC", TD_NEEDS_LIMIT)                                                       \
    X(MARKET_IF_TOUCHED, "MIT", TD_NEEDS_STOP | TD_AT_MARKET)                                      \
    X(LIMIT_IF_TOUCHED, "LIT", TD_NEEDS_STOP | TD_NEEDS_LIMIT)                                     \
    X(PEG_PRIMARY, "REL", TD_TAKES_OFFSET)                                                         \
    X(PEG_MIDPOINT, "PEG MID", TD_TAKES_OFFSET)

#define TD_ORDER_TYPE_ENUM(name, word, needs) TD_ORDER_##name,
enum td_order_type { TD_ORDER_TYPES(TD_ORDER_TYPE_ENUM) TD_ORDER_TYPE_COUNT };
#undef TD_ORDER_TYPE_ENUM

/* name, TWS word, meaning */
#define TD_DURATIONS(X)                                                                            \
    X(DAY, "DAY", "until the end of the session")                                                  \
    X(GTC, "GTC", "until it is cancelled")                                                         \
    X(IOC, "IOC", "what fills at once; the rest is cancelled")                                     \
    X(FOK, "FOK", "all at once or nothing")                                                        \
    X(OPEN, "OPG", "in the opening auction")                                                       \
    X(GTD, "GTD", "until the moment given with it")

#define TD_DURATION_ENUM(name, word, meaning) TD_TIF_##name,
enum td_tif { TD_DURATIONS(TD_DURATION_ENUM) TD_TIF_COUNT };
#undef TD_DURATION_ENUM

/* "STP LMT"; "?" past the table. */
const char *td_order_type_word(uint8_t type);
/* enum td_price_need, or 0 past the table. */
uint32_t td_order_type_needs(uint8_t type);
/* "DAY"; "?" past the table. */
const char *td_tif_word(uint8_t tif);

#endif
