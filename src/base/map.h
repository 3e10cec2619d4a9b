/* base/map.h - a fixed-size hash table from 64-bit keys to 32-bit values.
 *
 * Open addressing with linear probing in the caller's memory; no allocation, never rehashes.
 * Key 0 is allowed. Insertion fails with TD_EFULL at 7/8 load. Not thread-safe. O(1) expected.
 */
#ifndef TD_BASE_MAP_H
#define TD_BASE_MAP_H

#include "base/err.h"

struct td_map_slot {
    uint64_t key;
    uint32_t value;
    uint32_t used;
};

struct td_map {
    struct td_map_slot *slots;
    size_t cap; /* power of two */
    size_t count;
    uint8_t shift; /* of a hash, to the bits of cap */
};

/* The high bits of a product depend on every bit of the key; ids in sequence spread evenly (Knuth, 6.4). */
static inline size_t td_map_home(const struct td_map *m, uint64_t key)
{
    return (size_t)(((key ^ key >> 32) * UINT64_C(0x9e3779b97f4a7c15)) >> m->shift);
}

/* `slots` has `cap` (a power of two >= 8) entries and stays owned by the caller; it is zeroed. */
void td_map_init(struct td_map *m, struct td_map_slot *slots, size_t cap);
void td_map_reset(struct td_map *m);
/* Inserts or overwrites. TD_EFULL when the table is at its load limit and the key is new. */
TD_MUST_CHECK enum td_err td_map_put(struct td_map *m, uint64_t key, uint32_t value);
bool td_map_get(const struct td_map *m, uint64_t key, uint32_t *value);
bool td_map_del(struct td_map *m, uint64_t key); /* false when it was not there */

/* By place, for those who look before they change: where the key is (`used`) or would be. A place is good until
 * the next change of the table. */
static inline struct td_map_slot *td_map_place(const struct td_map *m, uint64_t key)
{
    size_t i = td_map_home(m, key);
    while (m->slots[i].used && m->slots[i].key != key)
        i = (i + 1) & (m->cap - 1);
    return &m->slots[i];
}
/* Puts a new key into its place. TD_EFULL. */
TD_MUST_CHECK enum td_err td_map_fill(struct td_map *m, struct td_map_slot *place, uint64_t key,
                                      uint32_t value);
void td_map_free(struct td_map *m, struct td_map_slot *place); /* a used one */

/* A 64-bit key for a text (FNV-1a, finished by a mixer). Callers compare the text itself on a hit. */
uint64_t td_hash_bytes(const void *bytes, size_t len);

#endif
