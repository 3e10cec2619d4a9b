/* desk/farm.h - the broker's data farms by name, and which contracts they feed.
 *
 * Notices name a farm ("Market data farm connection is OK:usfarm"); the kind comes from their code. A flap of one
 * farm says nothing about the contracts of another one, where it is known which farm feeds which: by security type
 * and currency for the names below, and only for contracts that one of them feeds. Whatever else a farm is called,
 * and whatever no row feeds, is taken to be concerned.
 *
 * Pure. Source: ibkr-operations 2.1; the names are those seen in notices, and prefixes of longer ones (usfarm.nj).
 */
#ifndef TD_DESK_FARM_H
#define TD_DESK_FARM_H

#include "base/time.h"

enum td_farm_kind { TD_FARM_MARKET, TD_FARM_HISTORY, TD_FARM_SECDEF };
enum td_farm_state { TD_FARM_OK, TD_FARM_BROKEN, TD_FARM_IDLE, TD_FARM_CONNECTING };

struct td_farm {
    char name[24];
    uint8_t kind, state; /* enum td_farm_kind, td_farm_state */
    bool was_broken;     /* since it was last ok */
    bool told_long;      /* a human was told that it stays broken */
    td_ns since;
};

/* False only when it is known that the farm does not feed such contracts. */
bool td_farm_feeds(const struct td_farm *farm, const char *sec_type, const char *currency);

const char *td_farm_state_word(enum td_farm_state state);
const char *td_farm_kind_word(enum td_farm_kind kind);

/* The rows, for the docs: prefix of the name, kind, security types and currencies (lists with commas; empty: all). */
struct td_farm_row {
    const char *prefix;
    enum td_farm_kind kind;
    const char *sec_types, *currencies;
};
const struct td_farm_row *td_farm_rows(size_t *count);

#endif
