/* tests/trade/snapshot_test.c - a blotter through its bytes: the rest of a stream makes the same of it, whatever the
 * stream; what is damaged, of another chain or layout is not taken. */
#include "support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crc.h"
#include "sys/uvworld.h"
#include "trade/record_stream.h"
#include "trade/snapshot.h"

static struct td_world world;
static const char *folder;
static const struct td_blotter_limits small = {256, 1024, 8, 64, 128},
                                      large = {1024, 4096, 32, 64, 128};

static int open_world(void **state)
{
    (void)state;
    folder = td_test_folder("snapshot");
    return td_uvworld_open(&world, false, NULL) == TD_OK ? 0 : -1;
}

static int close_world(void **state)
{
    (void)state;
    td_uvworld_close(&world);
    return 0;
}

struct room {
    struct td_blotter b;
    void *memory;
    struct td_blotter_limits limits;
};

static struct td_blotter *give_room(void *arg, const struct td_blotter_limits *needed)
{
    struct room *r = arg;
    (void)needed;
    blotter_make(&r->b, &r->memory, &r->limits);
    return &r->b;
}

static void drop(struct room *r)
{
    free(r->memory);
    r->memory = NULL;
}

static struct td_snapshot about(uint32_t number, uint64_t seq)
{
    struct td_snapshot a = {.number = number, .seq = seq, .seq_crc = 99};
    memset(a.chain, 0x5a, sizeof a.chain);
    return a;
}

static enum td_err load(uint32_t number, struct room *room)
{
    struct td_snapshot a = about(number, 0);
    struct td_fail why = {0};
    return td_snapshot_load(&world, folder, &a, give_room, room, &why);
}

/* The same records make the same of a blotter that came from bytes, into tables of another size. */
static void one_stream(uint64_t seed)
{
    struct stream s;
    struct room room = {.limits = large};
    struct td_snapshot a;
    stream_open(&s, seed, &small);
    const int before = (int)td_rng_below(&s.rng, 400), after = 100;
    for (int i = 0; i < before; i++)
        (void)stream_next(&s);
    a = about(2, s.seq);
    TD_OK_OR_FAIL(td_snapshot_save(&world, folder, &a, &s.b, NULL));
    a = about(2, 0);
    TD_OK_OR_FAIL(td_snapshot_load(&world, folder, &a, give_room, &room, NULL));
    assert_true(a.seq == s.seq && a.seq_crc == 99 && room.b.last_seq == s.seq);
    assert_true(td_blotter_print(&room.b) == td_blotter_print(&s.b));
    for (int i = 0; i < after; i++) {
        const struct td_record r = stream_next(&s);
        TD_OK_OR_FAIL(td_blotter_apply(&room.b, &r));
        if (td_blotter_print(&room.b) != td_blotter_print(&s.b))
            fail_msg("seed %llu: %s makes another state", (unsigned long long)seed,
                     td_record_name((enum td_record_type)r.type));
    }
    for (int64_t id = 0; id < 300; id++) {
        const struct td_order *x = td_blotter_by_order_id(&s.b, id),
                              *y = td_blotter_by_order_id(&room.b, id);
        assert_true(x ? y && x->key == y->key : !y);
    }
    drop(&room);
    stream_close(&s);
}

static void the_rest_of_a_stream_makes_the_same(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 60; seed++)
        one_stream(seed);
}

static void a_print_sees_what_changes(void **state)
{
    (void)state;
    struct stream s;
    stream_open(&s, 4, &small);
    uint64_t last = td_blotter_print(&s.b);
    int same = 0;
    for (int i = 0; i < 300; i++) {
        (void)stream_next(&s);
        const uint64_t now = td_blotter_print(&s.b);
        same += now == last; /* STOP and its like change nothing */
        last = now;
    }
    assert_in_range(same, 1, 100);
    stream_close(&s);
}

/* Bytes of a row that are not 1. */
static size_t not_one(const void *row, size_t size)
{
    const uint8_t *p = row;
    size_t n = 0;
    for (size_t i = 0; i < size; i++)
        n += p[i] != 1;
    return n;
}

/* Rows of ones come back as ones, but for what the compiler put between the members, the ends of texts, and the index
 * of the holding: no member is left out. */
static void every_member_is_kept(void **state)
{
    (void)state;
    enum { ORDER_GAPS = 3, EXECUTION_GAPS = 2, HOLDING_GAPS = 12, SIGNAL_GAPS = 8 };
    struct stream s;
    struct room room = {.limits = large};
    stream_open(&s, 1, &small);
    struct td_order *o = &s.b.orders[0];
    struct td_execution *e = &s.b.executions[0];
    struct td_blotter_holding *h = &s.b.holdings[0];
    memset(o, 1, sizeof *o);
    memset(e, 1, sizeof *e);
    memset(h, 1, sizeof *h);
    struct td_mlsignal_row *m = &s.b.signals[0];
    memset(m, 1, sizeof *m);
    m->told.id[sizeof m->told.id - 1] = m->told.symbol[sizeof m->told.symbol - 1] = '\0';
    m->told.strategy[sizeof m->told.strategy - 1] = m->told.model[sizeof m->told.model - 1] = '\0';
    m->reason[sizeof m->reason - 1] = '\0';
    s.b.signal_total = 1;
    o->holding = e->holding = 0;
    o->symbol[sizeof o->symbol - 1] = o->status[sizeof o->status - 1] = '\0';
    o->ref[sizeof o->ref - 1] = o->strategy[sizeof o->strategy - 1] = '\0';
    o->reason[sizeof o->reason - 1] = e->exec_id[sizeof e->exec_id - 1] = '\0';
    h->symbol[sizeof h->symbol - 1] = h->freeze_reason[sizeof h->freeze_reason - 1] = '\0';
    s.b.order_count = s.b.execution_count = s.b.holding_count = 1;
    const struct td_snapshot a = about(2, 1);
    TD_OK_OR_FAIL(td_snapshot_save(&world, folder, &a, &s.b, NULL));
    TD_OK_OR_FAIL(load(2, &room));
    assert_int_equal(not_one(room.b.orders, sizeof *o), 5 + 4 + ORDER_GAPS);
    assert_int_equal(not_one(room.b.executions, sizeof *e), 1 + 4 + EXECUTION_GAPS);
    assert_int_equal(not_one(room.b.holdings, sizeof *h), 2 + HOLDING_GAPS);
    assert_int_equal(not_one(room.b.signals, sizeof *m), 5 + SIGNAL_GAPS);
    drop(&room);
    stream_close(&s);
}

/* --- what is not taken --- */

static void put_bytes(const char *path, const uint8_t *bytes, size_t len)
{
    TD_OK_OR_FAIL(td_file_replace(&world, path, (struct td_str){(const char *)bytes, len}, NULL));
}

static void expect(enum td_err err)
{
    struct room room = {.limits = large};
    assert_int_equal(load(2, &room), err);
    drop(&room);
}

/* The bytes of a snapshot that stands before file 2, after 60 records; to be freed. */
static uint8_t *saved(uint64_t seed, char *path, size_t cap, size_t *len)
{
    struct stream s;
    stream_open(&s, seed, &small);
    for (int i = 0; i < 60; i++)
        (void)stream_next(&s);
    const struct td_snapshot a = about(2, s.seq);
    TD_OK_OR_FAIL(td_snapshot_save(&world, folder, &a, &s.b, NULL));
    stream_close(&s);
    (void)snprintf(path, cap, "%s/0002.snap", folder);
    uint8_t *bytes = (uint8_t *)td_test_slurp(path, len);
    assert_non_null(bytes);
    return bytes;
}

static void damage_and_strangers_are_not_taken(void **state)
{
    (void)state;
    char path[200];
    size_t len;
    uint8_t *bytes = saved(9, path, sizeof path, &len);
    expect(TD_OK);
    for (size_t i = 0; i < len; i += i < 90 ? 1 : 61) {
        bytes[i] ^= 0x10;
        put_bytes(path, bytes, len);
        expect(TD_ECORRUPT);
        bytes[i] ^= 0x10;
    }
    for (size_t cut = 0; cut < len; cut += cut < 90 ? 1 : 997) {
        put_bytes(path, bytes, cut);
        expect(TD_ECORRUPT);
    }
    const uint32_t good = td_crc32c(0, bytes, 76);
    assert_memory_equal(bytes + 76, &good, 4);
    bytes[40] ^= 1; /* another layout, with a head that is whole */
    const uint32_t other = td_crc32c(0, bytes, 76);
    memcpy(bytes + 76, &other, 4);
    put_bytes(path, bytes, len);
    expect(TD_EVERSION);
    TD_OK_OR_FAIL(td_file_remove(&world, path));
    expect(TD_ENOENT);
    free(bytes);
}

/* A whole file with a checksum of its own can still hold nonsense. */
static void nonsense_behind_a_good_checksum_is_not_taken(void **state)
{
    (void)state;
    struct td_rng rng;
    char path[200];
    size_t len;
    td_rng_init(&rng, 77);
    uint8_t *bytes = saved(10, path, sizeof path, &len), *bad = malloc(len);
    assert_non_null(bad);
    int taken = 0;
    for (int i = 0; i < 2000; i++) { /* it ends in an error, or in a blotter that can be used */
        struct room room = {.limits = large};
        memcpy(bad, bytes, len);
        bad[80 + td_rng_below(&rng, len - 80)] = (uint8_t)td_rng_below(&rng, 256);
        const uint32_t body = td_crc32c(0, bad + 80, len - 80);
        memcpy(bad + 56, &body, 4);
        const uint32_t head = td_crc32c(0, bad, 76);
        memcpy(bad + 76, &head, 4);
        put_bytes(path, bad, len);
        if (load(2, &room) == TD_OK) {
            for (int type = 1; type < TD_REC_TYPES; type++) {
                struct td_record r;
                td_record_init(&r, (enum td_record_type)type, 5);
                r.key = 1;
                (void)!td_blotter_apply(&room.b, &r);
            }
            (void)td_blotter_print(&room.b);
            taken++;
        }
        drop(&room);
    }
    assert_in_range(taken, 1, 1999);
    free(bad);
    free(bytes);
}

static void another_chain_and_small_tables_are_told(void **state)
{
    (void)state;
    struct stream s;
    struct room room = {.limits = {8, 8, 1, 0, 0}};
    stream_open(&s, 12, &small);
    for (int i = 0; i < 100; i++)
        (void)stream_next(&s);
    struct td_snapshot a = about(3, s.seq);
    TD_OK_OR_FAIL(td_snapshot_save(&world, folder, &a, &s.b, NULL));
    a.chain[0] ^= 1;
    assert_int_equal(td_snapshot_load(&world, folder, &a, give_room, &room, NULL), TD_ECORRUPT);
    assert_null(room.memory);
    assert_int_equal(load(3, &room), TD_EFULL);
    struct td_blotter before = room.b;
    assert_int_equal(td_blotter_copy(&room.b, &s.b), TD_EFULL);
    assert_memory_equal(&before, &room.b, sizeof before);
    drop(&room);
    stream_close(&s);
}

static void only_the_newest_are_kept(void **state)
{
    (void)state;
    struct stream s;
    char path[200];
    stream_open(&s, 13, &small);
    for (uint32_t n = 10; n < 20; n++) {
        const struct td_snapshot a = about(n, 0);
        TD_OK_OR_FAIL(td_snapshot_save(&world, folder, &a, &s.b, NULL));
    }
    for (uint32_t n = 10; n < 20; n++) {
        (void)snprintf(path, sizeof path, "%s/%04u.snap", folder, n);
        assert_int_equal(td_entry_at(&world, path) == TD_ENTRY_FILE, n >= 20 - TD_SNAPSHOT_KEPT);
    }
    stream_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_rest_of_a_stream_makes_the_same),
        cmocka_unit_test(a_print_sees_what_changes),
        cmocka_unit_test(every_member_is_kept),
        cmocka_unit_test(damage_and_strangers_are_not_taken),
        cmocka_unit_test(nonsense_behind_a_good_checksum_is_not_taken),
        cmocka_unit_test(another_chain_and_small_tables_are_told),
        cmocka_unit_test(only_the_newest_are_kept),
    };
    return cmocka_run_group_tests_name("trade/snapshot", tests, open_world, close_world);
}
