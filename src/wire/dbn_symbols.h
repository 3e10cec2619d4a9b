/* wire/dbn_symbols.h - which symbol an instrument number stood for on a day, by a file's own mappings.
 *
 * Numbers are used again on other days, so the day counts: the UTC date of the record's index time. Files asked for
 * by instrument_id map the other way round and are read so. O(1) expected; the caller's arena; borrows the metadata.
 */
#ifndef TD_WIRE_DBN_SYMBOLS_H
#define TD_WIRE_DBN_SYMBOLS_H

#include "base/arena.h"
#include "base/map.h"
#include "wire/dbn_metadata.h"

struct td_dbn_symbol_row {
    struct td_str symbol;
    uint32_t instrument;
    uint32_t start, end; /* yyyymmdd, end exclusive */
    uint32_t next;       /* 1 + another row of the instrument; 0: none */
};

struct td_dbn_symbols {
    struct td_map map; /* instrument -> 1 + its first row */
    struct td_dbn_symbol_row *rows;
    uint32_t count;
    uint32_t day, last; /* the day of the last question, as yyyymmdd and as days since 1970 */
};

/* Arena bytes that open takes for this metadata. */
size_t td_dbn_symbols_bytes(const struct td_dbn_metadata *m);
/* TD_ENOMEM: the arena is smaller. Metadata that map no instrument numbers give an empty table. */
TD_MUST_CHECK enum td_err td_dbn_symbols_open(struct td_dbn_symbols *s,
                                              const struct td_dbn_metadata *m,
                                              struct td_arena *arena);
/* The symbol, or an empty text when the file does not say. `at` is ns since 1970 UTC. */
struct td_str td_dbn_symbol_of(struct td_dbn_symbols *s, uint32_t instrument, uint64_t at);

#endif
