/* tests/base/memory_test.c - arena, ring (two threads), map, checksum and random numbers. */
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/crc.h"
#include "base/map.h"
#include "base/random.h"
#include "base/ring.h"
#include "support/support.h"

static void arenas(void **state)
{
    (void)state;
    static uint8_t block[1000];
    struct td_arena a;
    memset(block, 7, sizeof block);
    td_arena_init(&a, block + 1, sizeof block - 1);
    const size_t left = td_arena_left(&a);
    char *first = td_arena_take(&a, 3, 5), *second = td_arena_take(&a, 1, 1);
    assert_int_equal((uintptr_t)first % 16, 0);
    assert_int_equal((uintptr_t)second % 16, 0);
    assert_int_equal(first[14] | second[0], 0);
    assert_int_equal(td_arena_left(&a), left - 32);
    assert_null(td_arena_take(&a, 1, left));
    assert_null(td_arena_take(&a, SIZE_MAX, 2));
    assert_null(td_arena_take(&a, 1, SIZE_MAX));
    assert_int_equal(td_arena_left(&a), left - 32); /* unchanged */
    td_arena_reset(&a);
    first[0] = 9;
    assert_ptr_equal(td_arena_take_raw(&a, 1, 16), first);
    assert_int_equal(first[0], 9); /* as it was */
    td_arena_reset(&a);
    assert_null(td_arena_take_raw(&a, 1, left + 16));
    assert_ptr_equal(td_arena_take(&a, 1, left / 16 * 16), first);
    assert_int_equal(first[0], 0);
    td_arena_init(&a, block + 1, 2);
    assert_null(td_arena_take(&a, 1, 1));
}

static void ring_alone(void **state)
{
    (void)state;
    static _Alignas(8) uint8_t memory[256];
    struct td_ring r;
    size_t len = 0;
    td_ring_init(&r, memory, sizeof memory);
    assert_null(td_ring_peek(&r, &len));
    assert_null(td_ring_claim(&r, 300));
    assert_int_equal(r.refused, 1);
    for (int i = 0; i < 100; i++) {
        uint8_t *p = td_ring_claim(&r, (size_t)(i % 60));
        assert_non_null(p);
        assert_int_equal((uintptr_t)p % 8, 0);
        memset(p, i, (size_t)(i % 60));
        assert_null(td_ring_peek(&r, &len)); /* not visible before it is published */
        td_ring_publish(&r);
        assert_true(td_ring_used(&r) > 0);
        const uint8_t *q = td_ring_peek(&r, &len);
        assert_non_null(q);
        assert_int_equal(len, i % 60);
        assert_true(len == 0 || (q[0] == i && q[len - 1] == i));
        td_ring_release(&r);
        assert_int_equal(td_ring_used(&r), 0);
    }
    int fitted = 0;
    while (td_ring_claim(&r, 8)) {
        td_ring_publish(&r);
        fitted++;
    }
    assert_in_range(fitted, 8, 16);
    assert_int_equal(r.refused, 2);
}

#define RECORDS 20000

static void *produce(void *arg)
{
    struct td_ring *r = arg;
    for (uint32_t i = 0; i < RECORDS;) {
        const size_t len = 4 + i % 50;
        uint8_t *p = td_ring_claim(r, len);
        if (!p) {
            (void)sched_yield();
            continue;
        }
        memcpy(p, &i, 4);
        memset(p + 4, (int)(i & 0xff), len - 4);
        td_ring_publish(r);
        i++;
    }
    return NULL;
}

static void ring_between_threads(void **state)
{
    (void)state;
    static _Alignas(8) uint8_t memory[1024];
    struct td_ring r;
    pthread_t producer;
    uint32_t next = 0;
    td_ring_init(&r, memory, sizeof memory);
    assert_int_equal(pthread_create(&producer, NULL, produce, &r), 0);
    while (next < RECORDS) {
        size_t len;
        uint32_t number;
        const uint8_t *p = td_ring_peek(&r, &len);
        if (!p) {
            (void)sched_yield();
            continue;
        }
        memcpy(&number, p, 4);
        assert_int_equal(number, next);
        assert_int_equal(len, 4 + next % 50);
        assert_true(len == 4 || (p[4] == (next & 0xff) && p[len - 1] == (next & 0xff)));
        td_ring_release(&r);
        next++;
    }
    assert_int_equal(pthread_join(producer, NULL), 0);
}

/* Against a plain array, with keys that collide often. */
static void maps(void **state)
{
    (void)state;
    static struct td_map_slot slots[64];
    static uint32_t want[80];
    static bool there[80];
    struct td_map m;
    struct td_rng rng;
    size_t count = 0;
    td_map_init(&m, slots, 64);
    td_rng_init(&rng, 5);
    for (int i = 0; i < 50000; i++) {
        const uint64_t key = td_rng_below(&rng, 80);
        const uint32_t value = (uint32_t)td_rng_u64(&rng);
        uint32_t got = 0;
        if (td_rng_chance(&rng, 0.55)) {
            const enum td_err err = td_map_put(&m, key, value);
            assert_int_equal(err, there[key] || count < 56 ? TD_OK : TD_EFULL);
            count += !err && !there[key];
            there[key] |= !err;
            want[key] = err ? want[key] : value;
        } else {
            assert_int_equal(td_map_del(&m, key), there[key]);
            count -= there[key];
            there[key] = false;
        }
        const uint64_t other = td_rng_below(&rng, 80);
        assert_int_equal(td_map_get(&m, other, &got), there[other]);
        assert_true(!there[other] || got == want[other]);
        assert_int_equal(m.count, count);
    }
    td_map_reset(&m);
    assert_false(td_map_get(&m, 1, &want[0]));
    assert_int_not_equal(td_hash_bytes("a", 1), td_hash_bytes("b", 1));
    assert_int_equal(td_hash_bytes("ab", 2), td_hash_bytes("abc", 2));
}

static void checksums(void **state)
{
    (void)state;
    uint8_t zeros[32] = {0}, ones[32];
    memset(ones, 0xff, sizeof ones);
    assert_int_equal(td_crc32c(0, "123456789", 9), 0xe3069283);
    assert_int_equal(td_crc32c(0, zeros, 32), 0x8a9136aa); /* RFC 3720 B.4 */
    assert_int_equal(td_crc32c(0, ones, 32), 0x62a8ab43);
    assert_int_equal(td_crc32c(0, "", 0), 0);
    for (size_t cut = 0; cut <= 9; cut++)
        assert_int_equal(td_crc32c(td_crc32c(0, "123456789", cut), &"123456789"[cut], 9 - cut),
                         0xe3069283);
    uint8_t bytes[80];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 37 + 11);
    for (size_t from = 0; from < 9; from++) /* both ways to it, wherever the bytes begin and end */
        for (size_t len = 0; from + len <= sizeof bytes; len++)
            assert_int_equal(td_crc32c(7, bytes + from, len),
                             td_crc32c_table(7, bytes + from, len));
}

static void random_numbers(void **state)
{
    (void)state;
    struct td_rng r, same;
    double sum = 0, squares = 0, exponential = 0;
    int counts[7] = {0}, heads = 0;
    td_rng_init(&r, 42);
    td_rng_init(&same, 42);
    for (int i = 0; i < 1000; i++)
        assert_true(td_rng_u64(&r) == td_rng_u64(&same));
    td_rng_init(&same, 43);
    assert_true(td_rng_u64(&r) != td_rng_u64(&same));
    for (int i = 0; i < 70000; i++) {
        const double unit = td_rng_unit(&r), normal = td_rng_normal(&r), span = td_rng_exp(&r, 3);
        const int64_t between = td_rng_between(&r, -3, 3);
        assert_true(unit >= 0 && unit < 1 && span >= 0 && between >= -3 && between <= 3);
        counts[between + 3]++;
        sum += normal;
        squares += normal * normal;
        exponential += span;
        heads += td_rng_chance(&r, 0.25);
    }
    for (int i = 0; i < 7; i++)
        assert_in_range(counts[i], 9500, 10500);
    assert_in_range(heads, 16800, 18200);
    assert_true(sum / 70000 > -0.02 && sum / 70000 < 0.02 && squares / 70000 > 0.97 &&
                squares / 70000 < 1.03);
    assert_true(exponential / 70000 > 2.9 && exponential / 70000 < 3.1);
    assert_int_equal(td_rng_below(&r, 1), 0);
    assert_false(td_rng_chance(&r, 0));
    assert_true(td_rng_chance(&r, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arenas),
        cmocka_unit_test(ring_alone),
        cmocka_unit_test(ring_between_threads),
        cmocka_unit_test(maps),
        cmocka_unit_test(checksums),
        cmocka_unit_test(random_numbers),
    };
    return cmocka_run_group_tests_name("base/memory", tests, NULL, NULL);
}
