/* store/l2_file.h - a DBN file of one symbol as the level-2 files of contracts 4.4: the event table, and true snapshots.
 *
 * Events: a row per add, change, delete, trade, fill or clear, the ten contract columns, one order; the metadata key
 * tapedeck.l2_map says which mapping was used: 2 (sides B, S, U; actions in words; level from the vendor's depth), or 1 for
 * what the old tool wrote (`legacy`: every ask is U, a cancel is "change", other letters as they are, level 0).
 * Snapshots: the columns of live snapshots (contracts 4.1), ten levels, a row where a venue's event ends (flag "last");
 * from mbp-10 rows as they are, from mbo by keeping the book. Other schemas have no snapshots.
 * Both files appear whole or not at all (.tmp, sync, rename). Memory is constant, about 100 MiB on the heap. One owner.
 * Source: contracts 4.4 and rulings C1, C2; Databento's public DBN specification.
 */
#ifndef TD_STORE_L2_FILE_H
#define TD_STORE_L2_FILE_H

#include "sys/world.h"

struct td_l2_options {
    const char *dbn;       /* the file read: whole, packed or plain */
    const char *symbol;    /* what the symbol column says: our own name */
    const char *events;    /* the event table; NULL: none */
    const char *snapshots; /* NULL: none */
    bool legacy;
    uint64_t rows_max; /* the first so many events; 0: all */
};

struct td_l2_result {
    uint64_t records, rows, snapshots;
    uint64_t
        unplaced;  /* orders of an mbo file that did not fit the book, or changed one never seen */
    bool degraded; /* the vendor marked the book as maybe bad somewhere */
    td_ns first, last; /* event times; 0 without rows */
};

/* TD_ENODATA: no events in it, nothing is written. TD_ETORN, TD_EPARSE: the file is damaged: nothing is written.
 * TD_EUNSUP: a schema without level-2 events. TD_ENOSPC and the others of the disk. */
TD_MUST_CHECK enum td_err td_l2_convert(struct td_world *world, const struct td_l2_options *o,
                                        struct td_l2_result *out, struct td_fail *why);

#endif
