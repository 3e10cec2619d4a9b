/* market/instrument.h - what can be traded: one row per contract, and the table of them.
 *
 * Filled from the gateway's contract details (or by the simulator, which answers with the same facts).
 * The table is fixed at start; an instrument's index is its id on the tape. Not thread-safe.
 */
#ifndef TD_MARKET_INSTRUMENT_H
#define TD_MARKET_INSTRUMENT_H

#include "base/text.h"

#define TD_INSTRUMENTS_MAX 256
#define TD_SYMBOL_CHARS    24

struct td_instrument {
    int32_t conid;                /* IBKR contract id, 0 unknown */
    char symbol[TD_SYMBOL_CHARS]; /* AAPL, ES */
    char sec_type[8];             /* STK FUT CASH ... */
    char expiry[16];              /* YYYYMMDD or YYYYMM for futures */
    char exchange[16];            /* SMART, CME */
    char primary[16];             /* NASDAQ, ARCA */
    char currency[8];
    char local_symbol[TD_SYMBOL_CHARS];
    char trading_class[16];
    char long_name[64];
    char time_zone[32]; /* IANA name of the trading hours */
    td_px min_tick;
    td_qty multiplier; /* 1 for stocks, 50 for ES */
};

struct td_instruments {
    struct td_instrument rows[TD_INSTRUMENTS_MAX];
    uint32_t count;
};

/* Adds a copy and returns its index; TD_EEXIST when symbol+type+expiry is there, TD_EFULL. */
TD_MUST_CHECK enum td_err td_instruments_add(struct td_instruments *t,
                                             const struct td_instrument *row, uint32_t *index);
/* By symbol (first match), or by contract id. False when absent. */
bool td_instruments_by_symbol(const struct td_instruments *t, const char *symbol, uint32_t *index);
bool td_instruments_by_conid(const struct td_instruments *t, int32_t conid, uint32_t *index);

/* True when the symbol is safe as part of a file name: [A-Z0-9._-], no leading dot, 1..23 characters. */
bool td_symbol_is_safe(struct td_str symbol);

/* What the broker calls a symbol: of a stock the share class stands behind a blank (BRK-B and BRK.B are "BRK B"), others are
 * called what they are. out[TD_SYMBOL_CHARS]. */
void td_symbol_of_broker(const char *symbol, const char *sec_type, char *out);

#endif
