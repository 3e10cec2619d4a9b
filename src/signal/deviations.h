/* signal/deviations.h - where other libraries give other numbers under the same name, and why ours stand.
 *
 * The page docs/indicators.md prints this table, and the tests that compare with those libraries' own vectors excuse a
 * difference only when it is here. */
#ifndef TD_SIGNAL_DEVIATIONS_H
#define TD_SIGNAL_DEVIATIONS_H

#include "base/defs.h"

struct td_deviation {
    const char *library; /* Tulip, Stock.Indicators, LEAN, TA-Lib; NULL ends the table */
    const char *theirs;  /* its name there */
    const char *row;     /* ours; NULL: none */
    const char *what;    /* what it does otherwise */
};

extern const struct td_deviation td_deviations[];
/* NULL when that library's indicator is not listed. */
const struct td_deviation *td_deviation_find(const char *library, const char *theirs);

#endif
