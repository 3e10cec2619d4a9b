/* market/factors.h - LEAN factor files (dividends and splits) and map files (ticker changes) of one stock.
 *
 * A factor row holds up to and with its day: date, price factor, split factor, reference price; the last row is of the far
 * future with both factors 1. A raw price times both factors is the adjusted one. A split of N for 1 shows as the split factor
 * of the days before being 1/N of the one after; its first day is the trading day after the row's.
 * A map row says under which ticker the stock traded up to and with its day: date, ticker, exchange.
 * Rows must ascend. Pure: the rows are the caller's. Source: LEAN's readme of factor and map files.
 */
#ifndef TD_MARKET_FACTORS_H
#define TD_MARKET_FACTORS_H

#include "base/text.h"

struct td_factor_row {
    int64_t day; /* last day it holds on; days since 1970 */
    double price, split;
    int64_t reference_e9; /* last close before the change; 0 unknown */
};

struct td_map_row {
    int64_t day;
    char ticker[16]; /* upper case */
    char exchange;   /* LEAN's letter; 0 unknown */
};

/* TD_EPARSE names the line; TD_EFULL: more than `cap` rows. */
TD_MUST_CHECK enum td_err td_factors_parse(struct td_str text, struct td_factor_row *rows,
                                           size_t cap, size_t *count, struct td_fail *why);
TD_MUST_CHECK enum td_err td_map_file_parse(struct td_str text, struct td_map_row *rows, size_t cap,
                                            size_t *count, struct td_fail *why);

/* The row of a day: the first whose day is not before it; NULL past the last one (the factors are 1). O(log rows). */
const struct td_factor_row *td_factor_at(const struct td_factor_row *rows, size_t count,
                                         int64_t day);
/* The ticker of a day, or NULL past the last row. */
const char *td_map_file_at(const struct td_map_row *rows, size_t count, int64_t day);

/* Splits: where the split factor changes from row i to i + 1. New shares for an old one, after that day's close. */
struct td_split_fact {
    int64_t day; /* last day before the split */
    double ratio;
};
size_t td_factor_splits(const struct td_factor_row *rows, size_t count, struct td_split_fact *out,
                        size_t cap);

#endif
