/* tests/trade/journal_test.c - journal: round trip, torn tails at every byte, damage, lock, failed syncs. */
#include "support/support.h"

#include <stdio.h>
#include <string.h>

#include "base/random.h"
#include "sys/uvworld.h"
#include "trade/journal.h"

static struct td_world world;
static struct td_journal journal;

static int open_world(void **state)
{
    (void)state;
    return td_uvworld_open(&world, false, NULL) == TD_OK ? 0 : -1;
}

static int close_world(void **state)
{
    (void)state;
    td_uvworld_close(&world);
    return 0;
}

static struct td_record some_record(struct td_rng *rng)
{
    struct td_record r;
    td_record_init(&r, (enum td_record_type)(1 + td_rng_below(rng, TD_REC_TYPES - 1)),
                   (td_ns)td_rng_below(rng, 1u << 30));
    r.key = td_rng_u64(rng);
    r.order_id = (int64_t)td_rng_below(rng, 100000);
    r.action = (uint8_t)td_rng_below(rng, 2);
    r.otype = (uint8_t)td_rng_below(rng, 4);
    r.qty = TD_QTY(td_rng_below(rng, 1000));
    r.px = (td_px){-5};
    (void)snprintf(r.symbol, sizeof r.symbol, "SYM%d", (int)td_rng_below(rng, 100));
    (void)snprintf(r.text, sizeof r.text, "%.*s", (int)td_rng_below(rng, 100),
                   "text of some length, with \"quotes\" and \n lines, and yet more of it to fill "
                   "the room there is for texts");
    return r;
}

/* Version 1 had an order without its terms: they come last, so its bytes are a beginning of ours. */
static void version_1_is_read(void **state)
{
    (void)state;
    enum { TERMS = 2 + 8 * 8 };
    struct td_record r, back;
    uint8_t bytes[TD_RECORD_BYTES_MAX];
    td_record_init(&r, TD_REC_ORDER, 7);
    r.key = 9;
    r.tif = TD_TIF_GTC;
    r.parent = 3;
    (void)snprintf(r.text, sizeof r.text, "why");
    const size_t n = td_record_encode(&r, bytes);
    TD_OK_OR_FAIL(td_record_decode(bytes, n - TERMS, 1, &back));
    assert_true(back.key == 9 && back.tif == TD_TIF_DAY && back.parent == 0);
    assert_true(td_px_is_none(back.trail));
    assert_string_equal(back.text, "why");
    assert_int_equal(td_record_decode(bytes, n, 1, &back), TD_ECORRUPT);
    assert_int_equal(td_record_decode(bytes, n - TERMS, 2, &back), TD_ECORRUPT);
}

static void records_round_trip(void **state)
{
    (void)state;
    struct td_rng rng;
    td_rng_init(&rng, 3);
    for (int i = 0; i < 5000; i++) {
        struct td_record r = some_record(&rng), back;
        uint8_t bytes[TD_RECORD_BYTES_MAX], again[TD_RECORD_BYTES_MAX];
        r.seq = (uint64_t)i;
        const size_t n = td_record_encode(&r, bytes);
        uint8_t *guarded = td_guard_copy(bytes, n);
        TD_OK_OR_FAIL(td_record_decode(guarded, n, TD_RECORD_VERSION, &back));
        assert_int_equal(td_record_encode(&back, again), n);
        assert_memory_equal(bytes, again, n);
        td_guard_free(guarded, n);
        for (size_t cut = 0; cut < n; cut += 7) {
            guarded = td_guard_copy(bytes, cut);
            assert_int_equal(td_record_decode(guarded, cut, TD_RECORD_VERSION, &back), TD_ECORRUPT);
            td_guard_free(guarded, cut);
        }
    }
    uint8_t bytes[TD_RECORD_BYTES_MAX] = {0};
    struct td_record r;
    assert_int_equal(td_record_decode(bytes, 18, TD_RECORD_VERSION, &r), TD_EVERSION);
    bytes[16] = 200;
    assert_int_equal(td_record_decode(bytes, 18, TD_RECORD_VERSION, &r), TD_EVERSION);
    char text[8192];
    struct td_text t;
    td_text_init(&t, text, sizeof text);
    td_record_describe(&t);
    assert_false(td_text_full(&t));
    td_record_init(&r, TD_REC_EXEC, 0);
    td_text_reset(&t);
    td_record_print(&r, &t);
    assert_non_null(strstr(text, "EXEC key=0"));
    assert_string_equal(td_record_name(TD_REC_TYPES), "?");
}

struct seen {
    uint64_t count, last_seq;
    uint64_t hash;
};

static enum td_err see(void *arg, const struct td_record *record)
{
    struct seen *s = arg;
    assert_int_equal(record->seq, s->last_seq + 1);
    s->last_seq = record->seq;
    s->count++;
    return TD_OK;
}

static void write_records(const char *folder, int batches, int per_batch, uint64_t seed)
{
    struct td_rng rng;
    struct td_journal_report report;
    struct td_fail why = {0};
    td_rng_init(&rng, seed);
    TD_OK_OR_FAIL(td_journal_open(&journal, &world, folder, NULL, NULL, &report, &why));
    for (int b = 0; b < batches; b++) {
        for (int i = 0; i < per_batch; i++) {
            struct td_record r = some_record(&rng);
            TD_OK_OR_FAIL(td_journal_append(&journal, &r));
            assert_int_equal(r.seq, journal.next_seq - 1);
        }
        TD_OK_OR_FAIL(td_journal_commit(&journal, &why));
        assert_int_equal(journal.durable_seq, journal.next_seq - 1);
    }
    td_journal_close(&journal);
    td_journal_close(&journal);
}

static enum td_err reopen(const char *folder, struct seen *seen, struct td_journal_report *report,
                          struct td_fail *why)
{
    *seen = (struct seen){0};
    const enum td_err err = td_journal_open(&journal, &world, folder, see, seen, report, why);
    td_journal_close(&journal);
    return err;
}

static void continues_over_restarts_and_locks(void **state)
{
    (void)state;
    const char *folder = td_test_folder("journal");
    struct td_journal_report report;
    struct td_fail why = {0};
    struct seen seen = {0};
    static struct td_journal second;
    write_records(folder, 3, 5, 1);
    write_records(folder, 2, 1, 2);
    TD_OK_OR_FAIL(reopen(folder, &seen, &report, &why));
    assert_int_equal(seen.count, 17);
    assert_int_equal(report.files, 2);
    assert_int_equal(report.cut_bytes, 0);
    seen = (struct seen){0};
    TD_OK_OR_FAIL(td_journal_read(&world, folder, see, &seen, NULL, &why));
    assert_int_equal(seen.count, 17);
    TD_OK_OR_FAIL(td_journal_open(&journal, &world, folder, NULL, NULL, &report, &why));
    assert_int_equal(td_journal_open(&second, &world, folder, NULL, NULL, &report, &why),
                     TD_ELOCKED);
    td_journal_close(&journal);
}

static void put_file(const char *path, const char *bytes, size_t len)
{
    struct td_file f;
    TD_OK_OR_FAIL(td_file_open(&world, path, TD_FILE_NEW, &f, NULL));
    TD_OK_OR_FAIL(td_file_write(&world, f, bytes, len));
    td_file_close(&world, f);
}

/* Every cut of the newest file recovers a prefix; every record of finished commits before it is there. */
static void torn_at_every_byte(void **state)
{
    (void)state;
    char path[700], next[700];
    const char *folder = td_test_folder("torn");
    struct td_journal_report report;
    struct td_fail why = {0};
    struct seen seen;
    size_t len;
    write_records(folder, 4, 3, 5);
    (void)snprintf(path, sizeof path, "%s/0001.tdj", folder);
    (void)snprintf(next, sizeof next, "%s/0002.tdj", folder);
    char *bytes = td_test_slurp(path, &len);
    for (size_t cut = 0; cut <= len; cut++) {
        put_file(path, bytes, cut);
        (void)td_file_remove(&world, next);
        TD_OK_OR_FAIL(reopen(folder, &seen, &report, &why));
        assert_in_range(seen.count, 0, 12);
        if (cut == len)
            assert_int_equal(seen.count, 12);
        const uint64_t kept = seen.count;
        TD_OK_OR_FAIL(reopen(folder, &seen, &report, &why)); /* a second start finds it whole */
        assert_int_equal(seen.count, kept);
        assert_int_equal(report.cut_bytes, 0);
        for (int n = 2; n <= 4; n++) {
            char more[700];
            (void)snprintf(more, sizeof more, "%s/%04d.tdj", folder, n);
            (void)td_file_remove(&world, more);
        }
    }
    free(bytes);
}

/* A flipped byte in a commit that has a later commit behind it refuses; in the last commit it is a tear. */
static void damage_is_not_a_tear(void **state)
{
    (void)state;
    char path[700], next[700];
    const char *folder = td_test_folder("damage");
    struct td_journal_report report;
    struct td_fail why = {0};
    struct seen seen;
    size_t len;
    int refused = 0, torn = 0;
    write_records(folder, 4, 3, 6);
    (void)snprintf(path, sizeof path, "%s/0001.tdj", folder);
    (void)snprintf(next, sizeof next, "%s/0002.tdj", folder);
    char *bytes = td_test_slurp(path, &len);
    for (size_t at = 0; at < len; at += 3) {
        bytes[at] ^= 0x20;
        put_file(path, bytes, len);
        bytes[at] ^= 0x20;
        (void)td_file_remove(&world, next);
        const enum td_err err = reopen(folder, &seen, &report, &why);
        if (err == TD_OK) {
            torn++;
            assert_in_range(seen.count, 9, 11); /* only records of the last commit may go */
            assert_true(report.cut_bytes > 0);
        } else {
            refused++;
            assert_true(err == TD_ECORRUPT || err == TD_EVERSION);
            assert_non_null(strstr(why.text, "0001.tdj"));
        }
    }
    assert_true(refused > 100 && torn > 20);
    put_file(path, bytes, len);
    char zeros[64] = {0};
    put_file(next, zeros, sizeof zeros); /* a header that never reached the disk */
    TD_OK_OR_FAIL(reopen(folder, &seen, &report, &why));
    assert_int_equal(seen.count, 12);
    put_file(next, zeros, 63);
    TD_OK_OR_FAIL(reopen(folder, &seen, &report, &why));
    zeros[9] = 1;
    put_file(next, zeros, sizeof zeros);
    assert_int_equal(reopen(folder, &seen, &report, &why), TD_ECORRUPT);
    (void)td_file_remove(&world, next);
    write_records(folder, 1, 1, 7);
    put_file(path, bytes, len - 5); /* torn, but a newer file exists */
    assert_int_equal(reopen(folder, &seen, &report, &why), TD_ECORRUPT);
    (void)td_file_remove(&world, path);
    assert_int_equal(reopen(folder, &seen, &report, &why), TD_ECORRUPT); /* a file is missing */
    free(bytes);
}

/* A disk that fails at the n-th write or sync: the failure is latched, what was durable is still there. */
static struct td_world_ops failing;
static int countdown;
static enum td_err verdict;

static enum td_err failing_write(void *self, struct td_file file, const void *bytes, size_t len)
{
    if (--countdown == 0)
        return verdict;
    return world.ops->write(self, file, bytes, len);
}

static enum td_err failing_sync(void *self, struct td_file file)
{
    if (--countdown == 0)
        return verdict;
    return world.ops->sync(self, file);
}

static void failed_disk_is_final(void **state)
{
    (void)state;
    failing = *world.ops;
    failing.write = failing_write;
    failing.sync = failing_sync;
    struct td_world bad = {&failing, world.self};
    struct td_journal_report report;
    for (int n = 1; n <= 8; n++) {
        const char *folder = td_test_folder("failing");
        struct td_fail why = {0};
        struct seen seen;
        uint64_t durable = 0;
        countdown = n;
        verdict = n % 2 ? TD_ENOSPC : TD_EIO;
        enum td_err err = td_journal_open(&journal, &bad, folder, NULL, NULL, &report, &why);
        for (int i = 0; i < 3 && !err; i++) {
            struct td_record r;
            td_record_init(&r, TD_REC_HALT, i);
            TD_OK_OR_FAIL(td_journal_append(&journal, &r));
            err = td_journal_commit(&journal, &why);
            durable = err ? durable : r.seq;
        }
        assert_int_equal(err, verdict);
        if (journal.world) {
            struct td_record r;
            td_record_init(&r, TD_REC_HALT, 9);
            assert_int_equal(td_journal_append(&journal, &r), verdict);
            assert_int_equal(td_journal_commit(&journal, &why), verdict);
            td_journal_close(&journal);
        }
        TD_OK_OR_FAIL(reopen(folder, &seen, &report, &why));
        assert_true(seen.count >= durable);
    }
}

static void full_buffer_asks_for_a_commit(void **state)
{
    (void)state;
    struct td_journal_report report;
    struct td_fail why = {0};
    struct td_rng rng;
    enum td_err err = TD_OK;
    td_rng_init(&rng, 1);
    TD_OK_OR_FAIL(
        td_journal_open(&journal, &world, td_test_folder("full"), NULL, NULL, &report, &why));
    for (int i = 0; i < 5000 && !err; i++) {
        struct td_record r = some_record(&rng);
        err = td_journal_append(&journal, &r);
    }
    assert_int_equal(err, TD_EFULL);
    TD_OK_OR_FAIL(td_journal_commit(&journal, &why));
    td_journal_close(&journal);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(version_1_is_read),
        cmocka_unit_test(records_round_trip),
        cmocka_unit_test(continues_over_restarts_and_locks),
        cmocka_unit_test(torn_at_every_byte),
        cmocka_unit_test(damage_is_not_a_tear),
        cmocka_unit_test(failed_disk_is_final),
        cmocka_unit_test(full_buffer_asks_for_a_commit),
    };
    return cmocka_run_group_tests_name("trade/journal", tests, open_world, close_world);
}
