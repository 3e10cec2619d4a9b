/* tests/wire/dbn_test.c - records by hand, hostile lengths, and every recorded file against the golden facts. */
#include "support/dbn_load.h"

#include <stdio.h>
#include <zstd.h>

#include "wire/dbn_layout.h"

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
        {0, 'X', 1, TD_EPROTO},          {3, 0, 1, TD_EVERSION},        {3, 4, 1, TD_EVERSION},
        {4, 99, 4, TD_EPROTO},           {4, 0xffffffff, 4, TD_EPROTO}, {4, 100, 4, TD_EPROTO},
        {53, 0, 2, TD_EPROTO},           {53, 256, 2, TD_EPROTO},       {108, 1, 4, TD_EPROTO},
        {112, 0xffffffff, 4, TD_EPROTO}, {116, 1, 4, TD_EPROTO},        {124, 1, 4, TD_EPROTO},
        {128, 0, 1, TD_EPROTO},          {128, 3, 1, TD_EPROTO},        {128, 11, 1, TD_EPROTO},
        {129, 0x0a, 1, TD_EPROTO},       {129, 0x13, 1, TD_EPROTO},     {129, 0x99, 1, TD_EAGAIN},
        {128, 255, 1, TD_EAGAIN},
    };
    for (size_t i = 0; i < TD_COUNT(bad); i++) {
        uint8_t b[256];
        const size_t len = sample(b, false);
        put(b + bad[i].at, bad[i].value, bad[i].bytes);
        assert_int_equal(first_error(b, len), bad[i].err);
    }
}

/* ---- packed streams ---- */

static struct td_unzstd unpacker;
static void *unpacker_block;

static void unpack_begin(void)
{
    unpacker_block = unpacker_block ? unpacker_block : malloc(td_unzstd_bytes());
    TD_OK_OR_FAIL(td_unzstd_init(&unpacker, unpacker_block, td_unzstd_bytes()));
}

/* Unpacks `in` in steps of `in_step` into rooms of `out_step`; bytes that came out, and how the stream ended. */
static size_t unpack_in_steps(const uint8_t *in, size_t len, size_t in_step, size_t out_step,
                              uint8_t *out, enum td_err *end)
{
    size_t at = 0, made = 0;
    unpack_begin();
    *end = TD_OK;
    while (*end == TD_OK) {
        size_t take = len - at < in_step ? len - at : in_step;
        size_t room = out_step;
        *end = td_unzstd_run(&unpacker, in + at, &take, out + made, &room);
        at += take;
        made += room;
        if (at == len && room < out_step)
            break;
    }
    if (*end == TD_OK)
        *end = td_unzstd_finish(&unpacker);
    return made;
}

/* Three frames, one of them empty, with skippable ones in front, between and behind. */
static size_t pack_frames(const uint8_t *bytes, size_t len, uint8_t *out, size_t cap)
{
    static const uint8_t skippable[] = {0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 9, 9, 9};
    const size_t cuts[] = {0, len / 3, len / 3, len};
    size_t n = 0;
    for (int i = 0; i < 3; i++) {
        memcpy(out + n, skippable, sizeof skippable);
        n += sizeof skippable;
        const size_t got =
            ZSTD_compress(out + n, cap - n, bytes + cuts[i], cuts[i + 1] - cuts[i], 3);
        assert_false(ZSTD_isError(got));
        n += got;
    }
    memcpy(out + n, skippable, sizeof skippable);
    return n + sizeof skippable;
}

static void frames_behind_each_other_are_one_file(void **state)
{
    (void)state;
    uint8_t plain[256], packed[1024], out[1024];
    const size_t len = sample(plain, true);
    const size_t n = pack_frames(plain, len, packed, sizeof packed);
    assert_true(td_is_zstd(packed, n));
    for (size_t in_step = 1; in_step < 40; in_step += 6)
        for (size_t out_step = 1; out_step < 300; out_step += 37) {
            enum td_err end;
            assert_int_equal(unpack_in_steps(packed, n, in_step, out_step, out, &end), len);
            TD_OK_OR_FAIL(end);
            assert_memory_equal(out, plain, len);
        }
}

/* A cut stream gives a true beginning and tells that it is one; only between frames nobody can know. */
static void a_packed_stream_torn_anywhere_is_told(void **state)
{
    (void)state;
    uint8_t plain[256], packed[1024], out[1024];
    const size_t len = sample(plain, false);
    const size_t n = pack_frames(plain, len, packed, sizeof packed);
    int whole = 0;
    for (size_t cut = 0; cut < n; cut++) {
        enum td_err end;
        uint8_t *part = td_guard_copy(packed, cut);
        const size_t got = unpack_in_steps(part, cut, cut + 1, 300, out, &end);
        assert_true(got <= len && memcmp(out, plain, got) == 0);
        assert_true(end == TD_OK || end == TD_ETORN);
        whole += end == TD_OK;
        td_guard_free(part, cut);
    }
    assert_in_range(whole, 1, 7); /* frame ends, the empty stream among them */
}

static void damaged_frames_and_large_windows_are_refused(void **state)
{
    (void)state;
    static uint8_t plain[4096], packed[8192], out[8192];
    enum td_err end;
    struct td_unzstd u;
    size_t n = ZSTD_compress(packed, sizeof packed, plain, sizeof plain, 3);
    packed[n / 2] ^= 0x55;
    packed[5] ^= 0x55;
    (void)unpack_in_steps(packed, n, n, sizeof out, out, &end);
    assert_int_not_equal(end, TD_OK);
    /* A frame head that asks for a window of 2^30. */
    static const uint8_t greedy[] = {0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xa0, 0x01, 0x00, 0x00, 0x00};
    (void)unpack_in_steps(greedy, sizeof greedy, sizeof greedy, sizeof out, out, &end);
    assert_int_equal(end, TD_EPROTO);
    assert_int_equal(td_unzstd_init(&u, unpacker_block, 16), TD_ENOMEM);
    assert_false(td_is_zstd("DBN\1", 4));
    assert_false(td_is_zstd(greedy, 3));
}

/* ---- metadata ---- */

static void metadata_go_both_ways_in_every_version(void **state)
{
    (void)state;
    char symbols[2][22] = {"ESH1", "NQH1"}, missing[1][22] = {"XXX"};
    struct td_dbn_metadata m = {.version = 3,
                                .schema = 5,
                                .stype_in = 1,
                                .start = 7,
                                .end = TD_DBN_UNDEF_TIME,
                                .limit = 9,
                                .dataset = "EXACTLY.16.CHARS",
                                .symbols = {symbols[0], 2, 22},
                                .not_found = {missing[0], 1, 22},
                                .symbol_chars = 22};
    for (uint8_t version = 1; version <= 3; version++) {
        uint8_t b[1024];
        size_t len = 0;
        struct td_dbn_metadata back;
        m.symbol_chars = version == 1 ? 22 : 71;
        TD_OK_OR_FAIL(td_dbn_metadata_write(&m, version, b, sizeof b, &len));
        assert_int_equal(len, td_dbn_metadata_bytes(&m, version));
        assert_int_equal(td_dbn_metadata_write(&m, version, b, len - 1, &len), TD_EFULL);
        assert_int_equal(version == 3 ? len % 8 : 0, 0);
        uint8_t *exact = td_guard_copy(b, len);
        TD_OK_OR_FAIL(td_dbn_metadata_read(&back, exact, len));
        assert_int_equal(back.version, version);
        assert_int_equal(back.symbol_chars, version == 1 ? 22 : 71);
        assert_true(back.schema == 5 && back.start == 7 && back.limit == 9);
        assert_true(back.end == TD_DBN_UNDEF_TIME && back.stype_in == 1 && !back.ts_out);
        assert_string_equal(back.dataset, "EXACTLY.16.CHARS");
        assert_int_equal(back.symbols.count, 2);
        assert_true(td_str_is(td_dbn_text_at(&back.symbols, 1), "NQH1"));
        assert_int_equal(td_dbn_text_at(&back.symbols, 2).len, 0);
        assert_true(td_str_is(td_dbn_text_at(&back.not_found, 0), "XXX"));
        assert_int_equal(back.partial.count, 0);
        td_guard_free(exact, len);
    }
}

static void a_symbol_too_long_for_version_1_is_refused(void **state)
{
    (void)state;
    char symbol[1][71] = {"a symbol of twenty-two"};
    uint8_t b[1024];
    size_t len = 0;
    struct td_dbn_metadata m = {
        .version = 3, .symbol_chars = 71, .symbols = {symbol[0], 1, 71}, .dataset = "X"};
    assert_int_equal(td_dbn_metadata_write(&m, 1, b, sizeof b, &len), TD_ERANGE);
    symbol[0][21] = '\0';
    TD_OK_OR_FAIL(td_dbn_metadata_write(&m, 1, b, sizeof b, &len));
}

static void fragments_tell_their_version(void **state)
{
    (void)state;
    static const struct {
        uint8_t head[2];
        uint8_t version;
    } cases[] = {{{90, TD_DBN_DEFINITION}, 1},
                 {{100, TD_DBN_DEFINITION}, 2},
                 {{130, TD_DBN_DEFINITION}, 3},
                 {{16, TD_DBN_STATISTICS}, 2},
                 {{14, TD_DBN_MBO}, 3},
                 {{13, TD_DBN_MBO}, 0},
                 {{14, 0x99}, 0}};
    for (size_t i = 0; i < TD_COUNT(cases); i++) {
        uint8_t b[16] = {cases[i].head[0], cases[i].head[1]};
        assert_int_equal(td_dbn_fragment_version(b, sizeof b), cases[i].version);
        assert_int_equal(td_dbn_fragment_version(b, 15), 0);
    }
    struct td_dbn d;
    struct td_dbn_mapping mapping = {0};
    td_dbn_init_fragment(&d, 2);
    assert_false(td_dbn_mapping_next(&d.metadata, &mapping));
    assert_int_equal(td_dbn_text_at(&d.metadata.symbols, 0).len, 0);
    assert_int_equal(td_dbn_schema_name(d.metadata.schema)[0], 'm');
}

/* ---- recorded files ---- */

static int64_t number_of(struct td_str s)
{
    int64_t n = 0;
    TD_OK_OR_FAIL(td_i64_parse(s.p, s.len, &n));
    return n;
}

static bool same_u64(struct td_str s, uint64_t v)
{
    char text[32];
    (void)snprintf(text, sizeof text, "%llu", (unsigned long long)v);
    return td_str_is(s, text);
}

/* What a reader counts, as facts.tsv writes it. */
struct seen {
    uint64_t first, last;
    uint32_t instruments[4096];
    uint32_t instrument_count;
    char types[64];
};

static void see(struct seen *s, const struct td_dbn_record *r, uint64_t number)
{
    uint32_t i = 0;
    s->first = number == 1 ? r->ts_event : s->first;
    s->last = r->ts_event;
    while (i < s->instrument_count && s->instruments[i] != r->instrument)
        i++;
    if (i == s->instrument_count && i < TD_COUNT(s->instruments))
        s->instruments[s->instrument_count++] = r->instrument;
    (void)snprintf(s->types, sizeof s->types, "0x%02x/%zu:%llu", r->rtype, r->raw.len,
                   (unsigned long long)number);
}

/* Columns: file version dataset schema records rtypes instruments first last start end limit ts_out symbols bytes sha. */
static void check_fact(const char *name, struct td_str line)
{
    static struct seen s;
    struct td_str c[16];
    struct td_dbn d;
    struct td_dbn_record r;
    size_t n = 0, len = 0;
    enum td_err err;
    while (n < TD_COUNT(c) && td_str_split(&line, '\t', &c[n]))
        n++;
    assert_int_equal(n, 16);
    uint8_t *bytes = dbn_load(name, &len);
    assert_non_null(bytes);
    assert_int_equal(len, number_of(c[14]));
    dbn_begin(&d, name, bytes, len);
    memset(&s, 0, sizeof s);
    while ((err = td_dbn_next(&d, &r)) == TD_OK)
        see(&s, &r, d.records);
    assert_int_equal(err, TD_EAGAIN);
    TD_OK_OR_FAIL(td_dbn_finish(&d));
    const struct td_dbn_metadata *m = &d.metadata;
    assert_int_equal(d.records, number_of(c[4]));
    assert_true(td_str_is(c[5], s.types));
    assert_int_equal(s.instrument_count, number_of(c[6]));
    assert_true(d.records == 0 || (same_u64(c[7], s.first) && same_u64(c[8], s.last)));
    if (td_str_is(c[1], "fragment")) {
        assert_int_equal(m->version, 3);
    } else {
        assert_int_equal(m->version, number_of(c[1]));
        assert_true(td_str_is(c[2], m->dataset));
        assert_true(td_str_is(c[3], td_dbn_schema_name(m->schema)));
        assert_true(same_u64(c[9], m->start) && same_u64(c[10], m->end));
        assert_true(same_u64(c[11], m->limit) && same_u64(c[12], m->ts_out));
        assert_true(same_u64(c[13], m->symbols.count));
    }
    free(bytes);
}

static void recorded_files_agree_with_the_facts(void **state)
{
    (void)state;
    const int files = dbn_each_fact(check_fact);
    if (files == 0)
        td_skip_data("dbn/golden/facts.tsv");
    assert_true(files >= 60);
}

/* Every field read and written again gives the same bytes: no byte of a record is unknown to its table. */
static void rewrite_record(const char *name, const struct td_dbn_record *r)
{
    uint8_t out[TD_DBN_BYTES_MAX];
    assert_non_null(r->layout);
    td_dbn_blank(out, r->layout, r->rtype);
    for (uint16_t i = 0; i < r->layout->count; i++) {
        const struct td_dbn_field *f = &r->layout->fields[i];
        struct td_dbn_value v;
        td_dbn_get(r->raw.p, f, &v);
        td_dbn_put(out, f, &v);
        if (memcmp(out + f->at, r->raw.p + f->at, f->bytes) != 0)
            fail_msg("%s: %s differs", name, f->name);
    }
    assert_int_equal(r->raw.len, r->layout->bytes);
    assert_memory_equal(out, r->raw.p, r->raw.len);
}

static void rewrite(const char *name, struct td_str line)
{
    struct td_dbn d;
    struct td_dbn_record r;
    size_t len = 0, written = 0;
    (void)line;
    uint8_t *bytes = dbn_load(name, &len);
    dbn_begin(&d, name, bytes, len);
    while (td_dbn_next(&d, &r) == TD_OK)
        rewrite_record(name, &r);
    if (!strstr(name, ".frag")) {
        const struct td_dbn_metadata *m = &d.metadata;
        uint8_t *out = malloc(len);
        TD_OK_OR_FAIL(td_dbn_metadata_write(m, m->version, out, len, &written));
        assert_memory_equal(out, bytes, written);
        uint32_t body = 0;
        memcpy(&body, bytes + 4, 4);
        assert_int_equal(written, body + TD_DBN_PREFIX);
        free(out);
    }
    free(bytes);
}

static void recorded_files_are_written_again_byte_by_byte(void **state)
{
    (void)state;
    if (dbn_each_fact(rewrite) == 0)
        td_skip_data("dbn/golden/facts.tsv");
}

/* However short a file is cut, its whole records are given and the tear is told. */
static void tear(const char *name, struct td_str line)
{
    size_t len = 0;
    (void)line;
    uint8_t *bytes = dbn_load(name, &len);
    for (size_t cut = 0; cut < len && len < 2000; cut++) {
        struct td_dbn d;
        struct td_dbn_record r;
        uint8_t *part = td_guard_copy(bytes, cut);
        dbn_begin(&d, "", part, cut);
        while (td_dbn_next(&d, &r) == TD_OK) {
        }
        const size_t used = td_dbn_used(&d);
        if (d.state != TD_DBN_BROKEN) {
            assert_true(td_dbn_wants(&d) > cut - used);
            assert_int_equal(td_dbn_finish(&d),
                             d.state == TD_DBN_WANT_RECORD && used == cut ? TD_OK : TD_ETORN);
        } else {
            assert_non_null(strstr(name, ".frag")); /* which has no metadata to begin with */
        }
        td_guard_free(part, cut);
    }
    free(bytes);
}

static void recorded_files_may_be_torn_anywhere(void **state)
{
    (void)state;
    if (dbn_each_fact(tear) == 0)
        td_skip_data("dbn/golden/facts.tsv");
}

static int tear_down(void **state)
{
    (void)state;
    free(unpacker_block);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_cut_gives_the_same_record),
        cmocka_unit_test(hostile_lengths_are_refused),
        cmocka_unit_test(frames_behind_each_other_are_one_file),
        cmocka_unit_test(a_packed_stream_torn_anywhere_is_told),
        cmocka_unit_test(damaged_frames_and_large_windows_are_refused),
        cmocka_unit_test(metadata_go_both_ways_in_every_version),
        cmocka_unit_test(a_symbol_too_long_for_version_1_is_refused),
        cmocka_unit_test(fragments_tell_their_version),
        cmocka_unit_test(recorded_files_agree_with_the_facts),
        cmocka_unit_test(recorded_files_are_written_again_byte_by_byte),
        cmocka_unit_test(recorded_files_may_be_torn_anywhere),
    };
    return cmocka_run_group_tests_name("wire/dbn", tests, NULL, tear_down);
}
