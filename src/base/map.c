/* base/map.c - linear probing; deletion shifts the following run back, so no tombstones gather. */
#include "base/map.h"

#include <string.h>

void td_map_init(struct td_map *m, struct td_map_slot *slots, size_t cap)
{
    TD_REQUIRE(cap >= 8 && (cap & (cap - 1)) == 0);
    *m = (struct td_map){slots, cap, 0, (uint8_t)(64 - __builtin_ctzll(cap))};
    memset(slots, 0, cap * sizeof *slots);
}

void td_map_reset(struct td_map *m)
{
    td_map_init(m, m->slots, m->cap);
}

static uint64_t mix(uint64_t x)
{
    x ^= x >> 32;
    x *= UINT64_C(0xd6e8feb86659fd93);
    x ^= x >> 32;
    x *= UINT64_C(0xd6e8feb86659fd93);
    return x ^ (x >> 32);
}

enum td_err td_map_fill(struct td_map *m, struct td_map_slot *place, uint64_t key, uint32_t value)
{
    if (m->count + 1 > m->cap / 8 * 7)
        return TD_EFULL;
    m->count++;
    *place = (struct td_map_slot){key, value, 1};
    return TD_OK;
}

void td_map_free(struct td_map *m, struct td_map_slot *place)
{
    size_t hole = (size_t)(place - m->slots);
    for (size_t i = (hole + 1) & (m->cap - 1); m->slots[i].used; i = (i + 1) & (m->cap - 1)) {
        const size_t home = td_map_home(m, m->slots[i].key);
        /* Move it back unless its home lies cyclically between the hole and its place. */
        if (((i - home) & (m->cap - 1)) >= ((i - hole) & (m->cap - 1))) {
            m->slots[hole] = m->slots[i];
            hole = i;
        }
    }
    m->slots[hole].used = 0;
    m->count--;
}

enum td_err td_map_put(struct td_map *m, uint64_t key, uint32_t value)
{
    struct td_map_slot *place = td_map_place(m, key);
    if (!place->used)
        return td_map_fill(m, place, key, value);
    place->value = value;
    return TD_OK;
}

bool td_map_get(const struct td_map *m, uint64_t key, uint32_t *value)
{
    const struct td_map_slot *place = td_map_place(m, key);
    if (!place->used)
        return false;
    *value = place->value;
    return true;
}

bool td_map_del(struct td_map *m, uint64_t key)
{
    struct td_map_slot *place = td_map_place(m, key);
    if (!place->used)
        return false;
    td_map_free(m, place);
    return true;
}

uint64_t td_hash_bytes(const void *bytes, size_t len)
{
    const uint8_t *p = bytes;
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < len; i++)
        h = (h ^ p[i]) * UINT64_C(0x100000001b3);
    return mix(h);
}
