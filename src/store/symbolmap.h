/* store/symbolmap.h - config/symbol_mapping.json: what a vendor calls our symbols, and in which dataset they are.
 *
 * An object from our symbol to the vendor's: a text, or an object with any of symbol, dataset and schema. A symbol
 * that is not there maps to itself. An unreadable file maps every symbol to itself and says so once. An entry that
 * maps a symbol to itself and says nothing else is a warning: it is noise, or a forgotten edit.
 * Dataset names of other spellings (NASDAQ.ITCH) become the vendor's (XNAS.ITCH).
 * Fixed size, visible, no memory of its own but the struct. Source: the external behaviour contracts, 4.10.
 */
#ifndef TD_STORE_SYMBOLMAP_H
#define TD_STORE_SYMBOLMAP_H

#include "sys/world.h"

#define TD_SYMBOLMAP_MAX 1024

struct td_symbol_row {
    char local[16], symbol[32], dataset[32], schema[24]; /* "": not said */
};

struct td_symbolmap {
    struct td_symbol_row rows[TD_SYMBOLMAP_MAX];
    size_t count;
    size_t warnings;
    char warning[240]; /* the first one, or why the file was not read */
};

/* Reads the file; a missing one is an empty map. Never fails: see above. */
void td_symbolmap_load(struct td_symbolmap *m, struct td_world *world, const char *path);
void td_symbolmap_parse(struct td_symbolmap *m, struct td_str json, const char *name);

/* The vendor's symbol of ours (itself when nothing is said), and the row or NULL. */
const char *td_symbolmap_symbol(const struct td_symbolmap *m, const char *local);
const struct td_symbol_row *td_symbolmap_find(const struct td_symbolmap *m, const char *local);

/* "NASDAQ.ITCH" as "XNAS.ITCH"; other names as they are. */
const char *td_dataset_name(const char *name);

#endif
