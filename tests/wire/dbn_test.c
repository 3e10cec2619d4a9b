/* tests/wire/dbn_test.c - records by hand, hostile lengths, and every recorded file against the golden facts. */
#include "support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/dbn.h"
#include "wire/dbn_zstd.h"

static void put(uint8_t *p, uint64_t v, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        p[i] = (uint8_t)(v >> 8 * i);
}

/* Version 2 metadata without symbols, then one trade. */
static size_t sample(uint8_t *b, bool ts_out)
{
    memset(b, 0, 256);
    memcpy(b, "DBN\2", 4);
    put(b + 4, 120, 4);
    memcpy(b + 8, "TEST", 4);
    b[52] = ts_out;
    put(b + 53, 71, 2);
    uint8_t *r = b + 128;
    r[0] = ts_out ? 14 : 12;
    put(r + 4, 77, 4);
    put(r + 8, 5, 8);
    put(r + 16, 189950000000, 8);
    put(r + 24, 300, 4);
    r[28] = 'T';
    r[29] = 'A';
    put(r + 32, 6, 8);
    put(r + 48, 7, 8);
    return 128 + (ts_out ? 56 : 48);
}

static void any_cut_gives_the_same_record(void **state)
{
    (void)state;
    for (int ts_out = 0; ts_out < 2; ts_out++) {
        uint8_t b[256];
        const size_t len = sample(b, ts_out);
        for (size_t cut = 0; cut < len; cut++) {
            struct td_dbn d;
            struct td_dbn_record r;
            td_dbn_init(&d);
            uint8_t *part = td_guard_copy(b, cut);
            td_dbn_feed(&d, part, cut);
            assert_int_equal(td_dbn_next(&d, &r), TD_EAGAIN);
            const size_t used = td_dbn_used(&d);
            assert_int_equal(td_dbn_finish(&d), cut == 128 ? TD_OK : TD_ETORN);
            td_guard_free(part, cut);
            part = td_guard_copy(b + used, len - used);
            td_dbn_feed(&d, part, len - used);
            TD_OK_OR_FAIL(td_dbn_next(&d, &r));
            assert_int_equal(r.px.e9, 189950000000);
            assert_int_equal(r.qty, 300);
            assert_int_equal(r.instrument, 77);
            assert_int_equal(r.ts_recv, 6);
            assert_int_equal(r.ts_out, ts_out ? 7 : 0);
            assert_int_equal(r.raw.len, 48);
            assert_true(r.action == 'T' && r.side == 'A');
            assert_int_equal(td_dbn_next(&d, &r), TD_EAGAIN);
            TD_OK_OR_FAIL(td_dbn_finish(&d));
            td_guard_free(part, len - used);
        }
    }
}

static enum td_err first_error(const uint8_t *b, size_t len)
{
    struct td_dbn d;
    struct td_dbn_record r;
    enum td_err err;
    uint8_t *copy = td_guard_copy(b, len);
    td_dbn_init(&d);
    td_dbn_feed(&d, copy, len);
    do
        err = td_dbn_next(&d, &r);
    while (err == TD_OK);
    if (err != TD_EAGAIN)
        assert_int_equal(td_dbn_next(&d, &r), TD_EPROTO);
    td_guard_free(copy, len);
    return err;
}

static void hostile_lengths_are_refused(void **state)
{
    (void)state;
    static const struct {
        size_t at;
        uint64_t value;
        size_t bytes;
        enum td_err err;
    } bad[] = {
        {0, 'X', 1, TD_EPROTO},    {3, 0, 1, TD_EVERSION},        {3, 4, 1, TD_EVERSION},
        {4, 99, 4, TD_EPROTO},     {4, 0xffffffff, 4, TD_EPROTO}, {4, 100, 4, TD_EPROTO},
        {53, 0, 2, TD_EPROTO},     {108, 1, 4, TD_EPROTO},        {112, 0xffffffff, 4, TD_EPROTO},
        {116, 1, 4, TD_EPROTO},    {124, 1, 4, TD_EPROTO},        {128, 0, 1, TD_EPROTO},
        {128, 3, 1, TD_EPROTO},    {128, 11, 1, TD_EPROTO},       {129, 0x0a, 1, TD_EPROTO},
        {129, 0x13, 1, TD_EPROTO}, {129, 0x99, 1, TD_EAGAIN},     {128, 255, 1, TD_EAGAIN},
    };
    for (size_t i = 0; i < TD_COUNT(bad); i++) {
        uint8_t b[256];
        const size_t len = sample(b, false);
        put(b + bad[i].at, bad[i].value, bad[i].bytes);
        assert_int_equal(first_error(b, len), bad[i].err);
    }
}

/* Unpacks when needed; malloc'd. */
static uint8_t *load(const char *path, size_t *len)
{
    char *raw = td_test_slurp(path, len);
    assert_non_null(raw);
    if (!td_is_zstd(raw, *len))
        return (uint8_t *)raw;
    void *block = malloc(td_unzstd_bytes());
    struct td_unzstd u;
    assert_int_equal(td_unzstd_init(&u, block, 16), TD_ENOMEM);
    TD_OK_OR_FAIL(td_unzstd_init(&u, block, td_unzstd_bytes()));
    const size_t cap = 8u << 20;
    uint8_t *out = malloc(cap);
    size_t in = *len;
    size_t got = cap;
    TD_OK_OR_FAIL(td_unzstd_run(&u, raw, &in, out, &got));
    assert_int_equal(in, *len);
    assert_true(got < cap);
    TD_OK_OR_FAIL(td_unzstd_finish(&u));
    /* One byte less is a torn file. */
    TD_OK_OR_FAIL(td_unzstd_init(&u, block, td_unzstd_bytes()));
    uint8_t *again = malloc(cap);
    size_t again_len = cap;
    in = *len - 1;
    TD_OK_OR_FAIL(td_unzstd_run(&u, raw, &in, again, &again_len));
    assert_int_equal(td_unzstd_finish(&u), TD_ETORN);
    raw[0] ^= 1;
    TD_OK_OR_FAIL(td_unzstd_init(&u, block, td_unzstd_bytes()));
    again_len = cap;
    assert_int_equal(td_unzstd_run(&u, raw, &in, again, &again_len), TD_EPROTO);
    free(again);
    free(block);
    free(raw);
    *len = got;
    return out;
}

/* Columns of facts.tsv: file version dataset schema records rtypes instruments first_ts_event last_ts_event start ... */
static void check_file(struct td_str *column)
{
    char name[256];
    char relative[300];
    size_t len = 0;
    (void)td_str_copy(column[0], name, sizeof name);
    (void)snprintf(relative, sizeof relative, "%s", name);
    const char *path = td_test_data(relative);
    if (!path)
        fail_msg("%s is missing", relative);
    uint8_t *bytes = load(path, &len);
    struct td_dbn d;
    struct td_dbn_record r;
    int64_t version = 0;
    int64_t records = 0;
    if (td_str_is(column[1], "fragment"))
        version = 3;
    else
        TD_OK_OR_FAIL(td_i64_parse(column[1].p, column[1].len, &version));
    TD_OK_OR_FAIL(td_i64_parse(column[4].p, column[4].len, &records));
    if (strstr(name, ".frag"))
        td_dbn_init_fragment(&d, (uint8_t)version);
    else
        td_dbn_init(&d);
    td_dbn_feed(&d, bytes, len);
    uint64_t types[256] = {0};
    enum td_err err;
    while ((err = td_dbn_next(&d, &r)) == TD_OK)
        types[r.rtype]++;
    assert_int_equal(err, TD_EAGAIN);
    TD_OK_OR_FAIL(td_dbn_finish(&d));
    assert_int_equal(d.metadata.version, version);
    assert_int_equal(d.records, records);
    for (unsigned t = 0; t < 256; t++) {
        char text[32];
        if (types[t] == 0)
            continue;
        (void)snprintf(text, sizeof text, "0x%02x/", t);
        char all[256];
        (void)td_str_copy(column[5], all, sizeof all);
        assert_non_null(strstr(all, text));
    }
    free(bytes);
}

static void recorded_files_agree_with_the_facts(void **state)
{
    (void)state;
    const char *path = td_test_data("dbn/golden/facts.tsv");
    if (!path)
        skip();
    size_t len = 0;
    char *text = td_test_slurp(path, &len);
    struct td_str rest = {text, len};
    struct td_str line;
    int files = 0;
    (void)td_str_split(&rest, '\n', &line);
    while (td_str_split(&rest, '\n', &line) && line.len) {
        struct td_str column[8];
        size_t n = 0;
        while (n < TD_COUNT(column) && td_str_split(&line, '\t', &column[n]))
            n++;
        assert_true(n >= 6);
        check_file(column);
        files++;
    }
    assert_true(files >= 60);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_cut_gives_the_same_record),
        cmocka_unit_test(hostile_lengths_are_refused),
        cmocka_unit_test(recorded_files_agree_with_the_facts),
    };
    return cmocka_run_group_tests_name("wire/dbn", tests, NULL, NULL);
}
