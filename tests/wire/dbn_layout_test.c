/* tests/wire/dbn_layout_test.c - the tables of DBN records: they cover every byte, values go both ways, members agree
 * with their rows, old records become new ones, and what is shown is exact. */
#include "support/dbn_load.h"

#include <stdio.h>

#include "base/random.h"
#include "wire/dbn_symbols.h"
#include "wire/dbn_text.h"
#include "wire/dbn_upgrade.h"

static void tables_cover_every_byte_once(void **state)
{
    (void)state;
    static const uint16_t width[] = {
        [TD_DBN_U8] = 1,    [TD_DBN_U16] = 2, [TD_DBN_U32] = 4,  [TD_DBN_U64] = 8,
        [TD_DBN_I8] = 1,    [TD_DBN_I16] = 2, [TD_DBN_I32] = 4,  [TD_DBN_I64] = 8,
        [TD_DBN_QTY32] = 4, [TD_DBN_PX] = 8,  [TD_DBN_TIME] = 8, [TD_DBN_CHAR] = 1};
    size_t count;
    const struct td_dbn_layout *l = td_dbn_layouts(&count);
    assert_int_equal(count, 21);
    for (size_t n = 0; n < count; n++, l++) {
        uint16_t at = 0;
        assert_true(l->count <= TD_DBN_FIELDS_MAX && l->bytes <= TD_DBN_BYTES_MAX);
        for (uint16_t i = 0; i < l->count; i++) {
            const struct td_dbn_field *f = &l->fields[i];
            assert_non_null(f->name);
            assert_int_equal(f->at, at);
            if (f->type < TD_DBN_TEXT)
                assert_int_equal(f->bytes, width[f->type]);
            if (f->type != TD_DBN_PAD) {
                assert_ptr_equal(td_dbn_field_of(l, td_str_of(f->name)), f);
                assert_true(f->meaning != NULL || l->until < 3);
            }
            if (i > 0 && l->fields[i - 1].level > 0 && f->type != TD_DBN_PAD)
                assert_true(f->level > 0); /* levels stand behind everything else */
            assert_int_equal(i < 5, f->at < TD_DBN_HEAD);
            if (f->type == TD_DBN_PX || f->type == TD_DBN_TIME)
                assert_int_equal(f->fill, TD_DBN_NONE);
            at = (uint16_t)(at + f->bytes);
        }
        assert_int_equal(at, l->bytes);
        for (size_t t = 0; t < sizeof l->rtypes; t++)
            for (uint8_t version = l->since; version <= l->until; version++)
                assert_ptr_equal(td_dbn_layout_of(l->rtypes[t], version), l);
    }
    assert_null(td_dbn_layout_of(0x99, 3));
    assert_null(td_dbn_layout_of(TD_DBN_MBO, 0));
    assert_null(td_dbn_layout_of(TD_DBN_MBO, 4));
}

/* A record of any values; texts end with a NUL and nothing behind it. */
static void random_record(struct td_rng *rng, const struct td_dbn_layout *l, uint8_t *out)
{
    for (uint16_t i = 0; i < l->bytes; i++)
        out[i] = (uint8_t)td_rng_u64(rng);
    for (uint16_t i = 0; i < l->count; i++) {
        const struct td_dbn_field *f = &l->fields[i];
        if (f->type != TD_DBN_TEXT)
            continue;
        const size_t n = td_rng_u64(rng) % f->bytes;
        memset(out + f->at, 0, f->bytes);
        memset(out + f->at, 'A' + (int)(n % 26), n);
    }
    out[0] = (uint8_t)(l->bytes / 4);
    out[1] = l->rtypes[td_rng_u64(rng) % sizeof l->rtypes];
}

static void values_go_both_ways(void **state)
{
    (void)state;
    struct td_rng rng;
    size_t count;
    const struct td_dbn_layout *l = td_dbn_layouts(&count);
    td_rng_init(&rng, 3);
    for (size_t n = 0; n < count; n++, l++)
        for (int round = 0; round < 50; round++) {
            uint8_t from[TD_DBN_BYTES_MAX], to[TD_DBN_BYTES_MAX];
            random_record(&rng, l, from);
            td_dbn_blank(to, l, from[1]);
            assert_int_equal(to[0], l->bytes / 4);
            for (uint16_t i = 0; i < l->count; i++) {
                struct td_dbn_value v;
                td_dbn_get(from, &l->fields[i], &v);
                td_dbn_put(to, &l->fields[i], &v);
            }
            assert_memory_equal(to, from, l->bytes);
        }
}

/* The value a member should have, by its row. */
static void compare_member(const struct td_dbn_record *r, const struct td_dbn_field *f)
{
    const uint8_t *member = (const uint8_t *)r + f->into;
    struct td_dbn_value v;
    struct td_str text;
    int64_t number;
    td_dbn_get(r->raw.p, f, &v);
    if (f->type == TD_DBN_TEXT) {
        memcpy(&text, member, sizeof text);
        assert_true(td_str_eq(text, v.text));
        return;
    }
    if (f->type == TD_DBN_QTY32) {
        memcpy(&number, member, sizeof number);
        assert_int_equal(number, v.none ? INT64_MAX : v.number);
        return;
    }
    number = v.number; /* little-endian: the low bytes are the number in any width */
    assert_memory_equal(member, &number, f->bytes);
}

static void compare_levels(const struct td_dbn_record *r)
{
    for (uint16_t i = 0; i < r->layout->count; i++) {
        const struct td_dbn_field *f = &r->layout->fields[i];
        if (f->level == 0)
            continue;
        const struct td_dbn_level *level = &r->level[f->level - 1];
        const int64_t by_place[] = {level->bid_px.e9, level->ask_px.e9,  level->bid_qty,
                                    level->ask_qty,   level->bid_orders, level->ask_orders};
        static const size_t place[] = {[0] = 0, [8] = 1, [16] = 2, [20] = 3, [24] = 4, [28] = 5};
        struct td_dbn_value v;
        td_dbn_get(r->raw.p, f, &v);
        assert_int_equal(by_place[place[(f->at - 48) % 32]], v.number);
    }
}

static void members_agree_with_their_rows(void **state)
{
    (void)state;
    struct td_rng rng;
    size_t count;
    const struct td_dbn_layout *l = td_dbn_layouts(&count);
    td_rng_init(&rng, 4);
    for (size_t n = 0; n < count; n++, l++)
        for (int round = 0; round < 50; round++) {
            uint8_t b[TD_DBN_BYTES_MAX];
            struct td_dbn d;
            struct td_dbn_record r;
            random_record(&rng, l, b);
            uint8_t *guarded = td_guard_copy(b, l->bytes);
            td_dbn_init_fragment(&d, l->until);
            td_dbn_feed(&d, guarded, l->bytes);
            TD_OK_OR_FAIL(td_dbn_next(&d, &r));
            assert_ptr_equal(r.layout, l);
            assert_int_equal(r.levels, l->levels);
            for (uint16_t i = 0; i < l->count; i++)
                if (l->fields[i].into)
                    compare_member(&r, &l->fields[i]);
            compare_levels(&r);
            td_guard_free(guarded, l->bytes);
        }
}

static void not_given_is_told(void **state)
{
    (void)state;
    uint8_t b[TD_DBN_BYTES_MAX];
    struct td_dbn_value v;
    const struct td_dbn_layout *l = td_dbn_layout_of(TD_DBN_DEFINITION, 3);
    td_dbn_blank(b, l, TD_DBN_DEFINITION);
    static const struct {
        const char *name;
        bool none;
        int64_t number;
    } expected[] = {{"strike_price", true, INT64_MAX}, {"expiration", true, -1},
                    {"appl_id", true, INT16_MAX},      {"maturity_year", true, UINT16_MAX},
                    {"leg_count", false, 0},           {"leg_side", false, 'N'},
                    {"instrument_class", true, 0},     {"contract_multiplier", true, INT32_MAX}};
    for (size_t i = 0; i < TD_COUNT(expected); i++) {
        td_dbn_get(b, td_dbn_field_of(l, td_str_of(expected[i].name)), &v);
        assert_int_equal(v.none, expected[i].none);
        assert_int_equal(v.number, expected[i].number);
    }
    td_dbn_put(b, td_dbn_field_of(l, td_str_of("appl_id")), &(struct td_dbn_value){.number = -5});
    td_dbn_get(b, td_dbn_field_of(l, td_str_of("appl_id")), &v);
    assert_true(!v.none && v.number == -5);
}

/* ---- the upgrade ---- */

static void upgrade_file(const char *old_name, const char *new_name)
{
    size_t old_len = 0, new_len = 0;
    uint8_t *old_bytes = dbn_load(old_name, &old_len);
    uint8_t *new_bytes = dbn_load(new_name, &new_len);
    if (!old_bytes || !new_bytes)
        td_skip_data(old_bytes ? new_name : old_name);
    struct td_dbn old, new;
    struct td_dbn_record a, b;
    uint8_t out[TD_DBN_BYTES_MAX];
    int compared = 0;
    dbn_begin(&old, old_name, old_bytes, old_len);
    dbn_begin(&new, new_name, new_bytes, new_len);
    while (td_dbn_next(&old, &a) == TD_OK) {
        TD_OK_OR_FAIL(td_dbn_next(&new, &b));
        const struct td_dbn_layout *l = td_dbn_upgrade(a.raw, old.metadata.version, out);
        assert_ptr_equal(l, b.layout);
        if (memcmp(out, b.raw.p, b.raw.len) != 0)
            for (uint16_t i = 0; i < l->count; i++)
                if (memcmp(out + l->fields[i].at, b.raw.p + l->fields[i].at, l->fields[i].bytes))
                    fail_msg("%s: %s differs", old_name, l->fields[i].name);
        compared++;
    }
    assert_int_equal(td_dbn_next(&new, &b), TD_EAGAIN);
    assert_true(compared > 0 || strstr(old_name, "ohlcv-1d"));
    free(old_bytes);
    free(new_bytes);
}

static void old_files_become_the_new_ones(void **state)
{
    (void)state;
    static const char *const both[] = {"imbalance",  "mbo",      "mbp-1",    "mbp-10",
                                       "ohlcv-1d",   "ohlcv-1h", "ohlcv-1m", "ohlcv-1s",
                                       "statistics", "tbbo",     "trades",   "definition"};
    static const char *const second[] = {"definition", "mbo",      "mbp-1",
                                         "mbp-10",     "ohlcv-1s", "trades"};
    for (size_t i = 0; i < TD_COUNT(both); i++) {
        char old[128], new[128];
        (void)snprintf(old, sizeof old, "dbn/databento-dbn/test_data.%s.v1.dbn.zst", both[i]);
        (void)snprintf(new, sizeof new, "dbn/databento-dbn/test_data.%s.v3.dbn.zst", both[i]);
        upgrade_file(old, new);
    }
    for (size_t i = 0; i < TD_COUNT(second); i++) {
        char old[128], new[128];
        (void)snprintf(old, sizeof old, "dbn/databento-dbn/test_data.%s.dbn", second[i]);
        (void)snprintf(new, sizeof new, "dbn/databento-dbn/test_data.%s.v3.dbn.zst", second[i]);
        upgrade_file(old, new);
    }
}

/* A record of version 1 with its first text set, upgraded; the value of `field` then. */
static int64_t upgraded(uint8_t rtype, const char *text, const char *field, bool *none)
{
    uint8_t old[TD_DBN_BYTES_MAX], new[TD_DBN_BYTES_MAX];
    struct td_dbn_value v = {.text = td_str_of(text)};
    const struct td_dbn_layout *l = td_dbn_layout_of(rtype, 1);
    td_dbn_blank(old, l, rtype);
    td_dbn_put(old, &l->fields[5], &v);
    uint8_t *guarded = td_guard_copy(old, l->bytes);
    const struct td_str raw = {(const char *)guarded, l->bytes};
    const struct td_dbn_layout *up = td_dbn_upgrade(raw, 1, new);
    assert_ptr_equal(up, td_dbn_layout_of(rtype, 3));
    td_dbn_get(new, &up->fields[rtype == TD_DBN_MAPPING ? 6 : 5], &v);
    assert_true(td_str_is(v.text, text));
    td_dbn_get(new, td_dbn_field_of(up, td_str_of(field)), &v);
    td_guard_free(guarded, l->bytes);
    *none = v.none;
    return v.number;
}

static void live_records_of_version_1_get_their_codes(void **state)
{
    (void)state;
    bool none;
    assert_int_equal(upgraded(TD_DBN_SYSTEM, "Heartbeat", "code", &none), 0);
    assert_int_equal(
        upgraded(TD_DBN_SYSTEM, "Subscription request 3 for mbo data succeeded", "code", &none), 1);
    assert_int_equal(upgraded(TD_DBN_ERROR, "Internal error", "code", &none), 6);
    (void)upgraded(TD_DBN_ERROR, "something else", "code", &none);
    assert_true(none);
    (void)upgraded(TD_DBN_MAPPING, "ESH1", "stype_in", &none);
    assert_true(none);
    uint8_t out[TD_DBN_BYTES_MAX];
    const char strange[16] = {4, (char)0x99};
    assert_null(td_dbn_upgrade((struct td_str){strange, sizeof strange}, 1, out));
    const char brief[16] = {4, TD_DBN_DEFINITION};
    assert_null(td_dbn_upgrade((struct td_str){brief, sizeof brief}, 1, out));
}

static void a_quantity_keeps_its_unknown(void **state)
{
    (void)state;
    uint8_t old[TD_DBN_BYTES_MAX], new[TD_DBN_BYTES_MAX];
    struct td_dbn_value v;
    const struct td_dbn_layout *l = td_dbn_layout_of(TD_DBN_STATISTICS, 2);
    td_dbn_blank(old, l, TD_DBN_STATISTICS);
    const struct td_dbn_layout *up =
        td_dbn_upgrade((struct td_str){(const char *)old, l->bytes}, 2, new);
    td_dbn_get(new, td_dbn_field_of(up, td_str_of("quantity")), &v);
    assert_true(v.none && v.number == INT64_MAX);
    td_dbn_put(old, td_dbn_field_of(l, td_str_of("quantity")),
               &(struct td_dbn_value){.number = -7});
    (void)td_dbn_upgrade((struct td_str){(const char *)old, l->bytes}, 2, new);
    td_dbn_get(new, td_dbn_field_of(up, td_str_of("quantity")), &v);
    assert_true(!v.none && v.number == -7);
}

/* ---- words ---- */

static void shown_values_are_exact(void **state)
{
    (void)state;
    uint8_t b[TD_DBN_BYTES_MAX];
    char text[TD_DBN_LINE_MAX];
    struct td_text t;
    struct td_json j;
    const struct td_dbn_layout *l = td_dbn_layout_of(TD_DBN_MBP1, 3);
    td_dbn_blank(b, l, TD_DBN_MBP1);
    td_dbn_put(b, td_dbn_field_of(l, td_str_of("ts_recv")),
               &(struct td_dbn_value){.number = 1609160400006136329});
    td_dbn_put(b, td_dbn_field_of(l, td_str_of("bid_px_00")),
               &(struct td_dbn_value){.number = -3720250000001});
    td_dbn_put(b, td_dbn_field_of(l, td_str_of("action")), &(struct td_dbn_value){.number = '"'});
    const struct td_dbn_shown r = {l, b, td_str_of("A,B"), true, UINT64_MAX};
    td_text_init(&t, text, sizeof text);
    td_json_init(&j, &t, false);
    td_json_object(&j);
    td_dbn_json(&j, &r);
    td_json_object_end(&j);
    assert_string_equal(
        text,
        "{\"rtype\":1,\"publisher_id\":0,\"instrument_id\":0,\"ts_event\":null,\"price\":null,"
        "\"size\":null,\"action\":\"\\\"\",\"side\":\"N\",\"flags\":0,\"depth\":0,"
        "\"ts_recv\":1609160400006136329,\"ts_in_delta\":0,\"sequence\":0,\"levels\":[{"
        "\"bid_px\":-3720.250000001,\"ask_px\":null,\"bid_sz\":0,\"ask_sz\":0,\"bid_ct\":0,"
        "\"ask_ct\":0}],\"ts_out\":18446744073709551615,\"symbol\":\"A,B\"}");
    td_text_reset(&t);
    td_dbn_csv_head(&t, l, true);
    td_dbn_csv(&t, &r);
    assert_string_equal(
        text,
        "rtype,publisher_id,instrument_id,ts_event,price,size,action,side,flags,depth,ts_recv,"
        "ts_in_delta,sequence,bid_px_00,ask_px_00,bid_sz_00,ask_sz_00,bid_ct_00,ask_ct_00,"
        "ts_out,symbol\n"
        "1,0,0,,,,\"\"\"\",N,0,0,1609160400006136329,0,0,-3720.250000001,,0,0,0,0,"
        "18446744073709551615,\"A,B\"\n");
    td_text_reset(&t);
    td_dbn_time_text(&t, 1609160400006136329);
    td_dbn_time_text(&t, UINT64_MAX);
    td_dbn_time_text(&t, UINT64_MAX - 1);
    assert_string_equal(text, "2020-12-28T13:00:00.006136329Z2554-07-21T23:34:33.709551614Z");
}

/* Every line of every type has its columns where the head has them, and nothing overflows. */
static void tables_align(void **state)
{
    (void)state;
    struct td_rng rng;
    size_t count;
    const struct td_dbn_layout *l = td_dbn_layouts(&count);
    td_rng_init(&rng, 5);
    for (size_t n = 0; n < count; n++, l++) {
        uint8_t b[TD_DBN_BYTES_MAX];
        char head[TD_DBN_LINE_MAX], text[TD_DBN_LINE_MAX];
        struct td_text h, t;
        struct td_json j;
        random_record(&rng, l, b);
        const struct td_dbn_shown r = {l, b, td_str_of("ESM4"), false, 0};
        td_text_init(&h, head, sizeof head);
        td_text_init(&t, text, sizeof text);
        td_dbn_table_head(&h, l);
        td_dbn_table(&t, &r);
        assert_ptr_equal(strstr(head, "symbol") - head, 44);
        assert_ptr_equal(strstr(text, "ESM4") - text, 44);
        assert_ptr_equal(strchr(text, '\n'), text + t.len - 1);
        assert_false(td_text_full(&h) || td_text_full(&t));
        td_text_reset(&t);
        td_json_init(&j, &t, false);
        td_json_object(&j);
        td_dbn_json(&j, &r);
        td_json_object_end(&j);
        td_dbn_csv(&t, &r);
        assert_false(td_text_full(&t));
    }
}

/* ---- symbols by day ---- */

static void symbols_are_those_of_the_day(void **state)
{
    (void)state;
    struct td_dbn_metadata m = {.version = 3, .stype_in = 1, .symbol_chars = 8, .mappings = 2};
    static const char bytes[] = "ESH1\0\0\0\0\2\0\0\0"
                                "\x0c\x3f\x34\x01\x0d\x3f\x34\x01"
                                "5482\0\0\0\0"
                                "\x0d\x3f\x34\x01\xff\xff\xff\xff"
                                "77\0\0\0\0\0\0"
                                "NQH1\0\0\0\0\1\0\0\0"
                                "\x0d\x3f\x34\x01\xff\xff\xff\xff"
                                "5482\0\0\0\0";
    m.mapping_bytes = (struct td_str){bytes, sizeof bytes - 1};
    struct td_dbn_symbols s;
    struct td_arena arena;
    void *block = malloc(td_dbn_symbols_bytes(&m));
    td_arena_init(&arena, block, td_dbn_symbols_bytes(&m));
    TD_OK_OR_FAIL(td_dbn_symbols_open(&s, &m, &arena));
    assert_int_equal(s.count, 3);
    const uint64_t day = UINT64_C(86400) * TD_SEC;
    const uint64_t at = (uint64_t)td_days_from_civil(2020, 12, 28) * day; /* 0x1343f0c: 20201228 */
    assert_true(td_str_is(td_dbn_symbol_of(&s, 5482, at), "ESH1"));
    assert_true(td_str_is(td_dbn_symbol_of(&s, 5482, at + day - 1), "ESH1"));
    assert_true(td_str_is(td_dbn_symbol_of(&s, 5482, at + day), "NQH1"));
    assert_int_equal(td_dbn_symbol_of(&s, 5482, at - 1).len, 0);
    assert_int_equal(td_dbn_symbol_of(&s, 77, at).len, 0);
    assert_int_equal(td_dbn_symbol_of(&s, 99, at).len, 0);
    assert_int_equal(td_dbn_symbol_of(&s, 5482, UINT64_MAX).len, 0);
    const uint64_t later = (uint64_t)td_days_from_civil(2021, 1, 1) * day;
    assert_true(td_str_is(td_dbn_symbol_of(&s, 5482, later), "NQH1"));
    assert_true(td_str_is(td_dbn_symbol_of(&s, 77, later), "ESH1"));
    td_arena_init(&arena, block, 16);
    assert_int_equal(td_dbn_symbols_open(&s, &m, &arena), TD_ENOMEM);
    free(block);
}

static void recorded_symbols_are_found(void **state)
{
    (void)state;
    const char *name = "dbn/databento-python/XNAS.ITCH/test_data.mbo.dbn.zst";
    size_t len = 0;
    uint8_t *bytes = dbn_load(name, &len);
    if (!bytes)
        td_skip_data(name);
    struct td_dbn d;
    struct td_dbn_record r;
    struct td_dbn_symbols s;
    struct td_arena arena;
    dbn_begin(&d, name, bytes, len);
    TD_OK_OR_FAIL(td_dbn_next(&d, &r));
    void *block = malloc(td_dbn_symbols_bytes(&d.metadata));
    td_arena_init(&arena, block, td_dbn_symbols_bytes(&d.metadata));
    TD_OK_OR_FAIL(td_dbn_symbols_open(&s, &d.metadata, &arena));
    assert_true(td_str_is(td_dbn_symbol_of(&s, r.instrument, r.ts_recv), "NVDA"));
    assert_int_equal(td_dbn_symbol_of(&s, r.instrument, r.ts_recv + UINT64_C(86400) * TD_SEC).len,
                     0);
    free(block);
    free(bytes);
}

static void names_of_numbers(void **state)
{
    (void)state;
    for (uint16_t i = 0; i < 20; i++) {
        uint16_t schema = 99;
        uint8_t rtype;
        assert_true(td_dbn_schema_find(td_str_of(td_dbn_schema_name(i)), &schema, &rtype));
        assert_int_equal(schema, i);
        assert_non_null(td_dbn_layout_of(rtype, 3));
    }
    assert_null(td_dbn_schema_name(20));
    assert_string_equal(td_dbn_schema_name(0xffff), "mixed");
    assert_string_equal(td_dbn_stype_name(1), "raw_symbol");
    assert_null(td_dbn_stype_name(13));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_cover_every_byte_once),
        cmocka_unit_test(values_go_both_ways),
        cmocka_unit_test(members_agree_with_their_rows),
        cmocka_unit_test(not_given_is_told),
        cmocka_unit_test(old_files_become_the_new_ones),
        cmocka_unit_test(live_records_of_version_1_get_their_codes),
        cmocka_unit_test(a_quantity_keeps_its_unknown),
        cmocka_unit_test(shown_values_are_exact),
        cmocka_unit_test(tables_align),
        cmocka_unit_test(symbols_are_those_of_the_day),
        cmocka_unit_test(recorded_symbols_are_found),
        cmocka_unit_test(names_of_numbers),
    };
    return cmocka_run_group_tests_name("wire/dbn_layout", tests, NULL, NULL);
}
