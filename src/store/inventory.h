/* store/inventory.h - counts the files of a data folder by type, and what the names of bar files say.
 *
 * The symbol is the leading part of a name of at most five capital letters, the timeframe the part like "1 min", days are
 * YYYY-MM-DD anywhere in the name. Freshness is the age of a file's last day: today, one day, up to a week, older. Names
 * only: no file is opened but to learn its size. Bounded: 1 Mi files, 64 Ki folders, 8,192 symbols, 64 timeframes; what is
 * past them is not counted and `cut` says so. Source: the external behaviour contracts, 2.9.
 */
#ifndef TD_STORE_INVENTORY_H
#define TD_STORE_INVENTORY_H

#include "sys/world.h"

#define TD_INVENTORY_TYPES  16
#define TD_INVENTORY_ADVICE 6
#define TD_INVENTORY_BANDS  4

struct td_inventory_options {
    const char *types[TD_INVENTORY_TYPES]; /* endings without dot */
    size_t type_count;
    int64_t today;
};

/* Distinct words in byte order. */
struct td_inventory_words {
    char (*words)[24];
    size_t count, cap;
};

struct td_inventory {
    uint64_t files, bytes;
    struct {
        char name[16];
        uint64_t files, bytes;
    } types[TD_INVENTORY_TYPES]; /* those found */
    size_t type_count;
    uint64_t bar_files, bar_bytes; /* .ftr and .parquet with a symbol in the name */
    struct td_inventory_words symbols, timeframes;
    int64_t first_day, last_day; /* first > last: none */
    uint64_t fresh[TD_INVENTORY_BANDS];
    bool cut;
};

/* TD_ENOENT: no such folder. TD_ENOMEM. A folder below that cannot be listed is left out, and `cut` says so. */
TD_MUST_CHECK enum td_err td_inventory_scan(struct td_inventory *v, struct td_world *world,
                                            const char *path, const struct td_inventory_options *o,
                                            struct td_fail *why);
void td_inventory_fini(struct td_inventory *v); /* accepts a zeroed one and a second call */
/* "0", "1", "7", "older". */
const char *td_inventory_band(size_t band);
/* What it means and what to do; at most TD_INVENTORY_ADVICE static texts. */
size_t td_inventory_advice(const struct td_inventory *v, const char **lines);
size_t td_inventory_steps(const struct td_inventory *v, const char **lines);

#endif
