/* tests/store/dbn_file_test.c - DBN files through the world: whole, packed in many frames, torn at every byte, with a head
 * that is larger than the buffer, and as Parquet and CSV. */
#include "support/dbn_load.h"

#include <stdio.h>
#include <zstd.h>

#include "fault_world.h"
#include "store/dbn_export.h"
#include "store/dbn_file.h"
#include "sys/uvworld.h"
#include "wire/dbn_upgrade.h"
#include "wire/parquet.h"

static struct td_world world;
static const char *folder;

static int set_up(void **state)
{
    (void)state;
    folder = td_test_folder("dbn-file");
    return td_uvworld_open(&world, false, NULL) == TD_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    td_uvworld_close(&world);
    return 0;
}

static const char *path_of(const char *name)
{
    static char path[1024];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

/* Metadata with `symbols` symbols, then `records` trades in turn of two instruments; malloc'd. */
static uint8_t *make_stream(uint32_t symbols, int records, size_t *len)
{
    char(*texts)[71] = calloc(symbols + 1, sizeof *texts);
    for (uint32_t i = 0; i < symbols; i++)
        (void)snprintf(texts[i], sizeof texts[i], "SYM%u", (unsigned)i);
    const struct td_dbn_metadata m = {.version = 3,
                                      .schema = 4,
                                      .stype_in = 1,
                                      .end = TD_DBN_UNDEF_TIME,
                                      .symbol_chars = 71,
                                      .dataset = "XNAS.ITCH",
                                      .symbols = {texts[0], symbols, 71}};
    const struct td_dbn_layout *l = td_dbn_layout_of(TD_DBN_TRADE, 3);
    const size_t head = td_dbn_metadata_bytes(&m, 3);
    uint8_t *out = malloc(head + (size_t)records * l->bytes);
    TD_OK_OR_FAIL(td_dbn_metadata_write(&m, 3, out, head, len));
    for (int i = 0; i < records; i++, *len += l->bytes) {
        uint8_t *r = out + *len;
        td_dbn_blank(r, l, TD_DBN_TRADE);
        td_dbn_put(r, td_dbn_field_of(l, td_str_of("instrument_id")),
                   &(struct td_dbn_value){.number = 7 + i % 2});
        td_dbn_put(r, td_dbn_field_of(l, td_str_of("price")),
                   &(struct td_dbn_value){.number = 189950000000 + i, .none = i % 10 == 9});
        td_dbn_put(r, td_dbn_field_of(l, td_str_of("ts_recv")),
                   &(struct td_dbn_value){.number = 1609160400006136329 + i});
        td_dbn_put(r, td_dbn_field_of(l, td_str_of("action")),
                   &(struct td_dbn_value){.number = 'T'});
        td_dbn_put(r, td_dbn_field_of(l, td_str_of("sequence")),
                   &(struct td_dbn_value){.number = i});
    }
    free(texts);
    return out;
}

static void save(const char *path, const void *bytes, size_t len)
{
    TD_OK_OR_FAIL(td_file_replace(&world, path, (struct td_str){bytes, len}, NULL));
}

static void count_bytes(void *arg, const void *bytes, size_t len)
{
    uint64_t *sum = arg;
    for (size_t i = 0; i < len; i++)
        *sum = *sum * 31 + ((const uint8_t *)bytes)[i];
}

/* Reads a file to its end; how it ended, with the number of records. */
static enum td_err read_all(const char *path, uint64_t *records, uint64_t *sum, struct td_fail *why)
{
    static struct td_dbn_file f;
    struct td_dbn_record r;
    *sum = 0;
    *records = 0;
    const struct td_dbn_file_options o = {count_bytes, sum};
    enum td_err err = td_dbn_file_open(&f, &world, path, &o, why);
    for (; err == TD_OK && (err = td_dbn_file_next(&f, &r, why)) == TD_OK; ++*records)
        assert_int_equal(r.sequence, *records);
    td_dbn_file_close(&f);
    return err;
}

static void plain_and_packed_files_give_the_same(void **state)
{
    (void)state;
    size_t len = 0;
    uint64_t records, sum, plain_sum = 0;
    struct td_fail why = {0};
    uint8_t *bytes = make_stream(3, 60000, &len); /* past both buffers */
    count_bytes(&plain_sum, bytes, len);
    save(path_of("plain.dbn"), bytes, len);
    assert_int_equal(read_all(path_of("plain.dbn"), &records, &sum, &why), TD_ENODATA);
    assert_true(records == 60000 && sum == plain_sum);
    uint8_t *packed = malloc(ZSTD_compressBound(len) + 100 * 64);
    size_t n = 0;
    for (size_t i = 0; i < 100; i++) {
        const size_t from = len * i / 100, to = len * (i + 1) / 100;
        n += ZSTD_compress(packed + n, ZSTD_compressBound(to - from), bytes + from, to - from, 1);
    }
    save(path_of("frames.zst"), packed, n);
    assert_int_equal(read_all(path_of("frames.zst"), &records, &sum, &why), TD_ENODATA);
    assert_true(records == 60000 && sum == plain_sum);
    free(packed);
    free(bytes);
}

static void metadata_larger_than_the_buffer_are_read(void **state)
{
    (void)state;
    size_t len = 0;
    uint64_t records, sum;
    struct td_fail why = {0};
    uint8_t *bytes = make_stream(40000, 5, &len);
    assert_true(len > 2u << 20);
    save(path_of("large.dbn"), bytes, len);
    assert_int_equal(read_all(path_of("large.dbn"), &records, &sum, &why), TD_ENODATA);
    assert_int_equal(records, 5);
    save(path_of("large.dbn"), bytes, 2u << 20);
    assert_int_equal(read_all(path_of("large.dbn"), &records, &sum, &why), TD_ETORN);
    assert_non_null(strstr(why.text, "inside its metadata, at byte 2097152"));
    free(bytes);
}

static void torn_files_give_what_is_whole(void **state)
{
    (void)state;
    size_t len = 0;
    uint64_t records, sum;
    uint8_t *bytes = make_stream(1, 3, &len);
    const size_t head = len - 3 * 48;
    uint8_t packed[2048];
    for (size_t cut = 0; cut < len; cut++) {
        struct td_fail why = {0};
        save(path_of("torn.dbn"), bytes, cut);
        const enum td_err plain = read_all(path_of("torn.dbn"), &records, &sum, &why);
        const bool between = cut >= head && (cut - head) % 48 == 0;
        assert_int_equal(plain, cut == 0 ? TD_EPARSE : between ? TD_ENODATA : TD_ETORN);
        assert_int_equal(records, cut < head ? 0 : (cut - head) / 48);
        assert_true(between || strstr(why.text, "torn.dbn") != NULL);
    }
    const size_t n = ZSTD_compress(packed, sizeof packed, bytes, len, 3);
    for (size_t cut = 4; cut < n; cut++) {
        struct td_fail why = {0};
        save(path_of("torn.zst"), packed, cut);
        assert_int_equal(read_all(path_of("torn.zst"), &records, &sum, &why), TD_ETORN);
        assert_true(records <= 3);
    }
    free(bytes);
}

static void damage_is_told_with_its_place(void **state)
{
    (void)state;
    size_t len = 0;
    uint64_t records, sum;
    struct td_fail why = {0};
    uint8_t *bytes = make_stream(1, 4, &len);
    const size_t head = len - 4 * 48;
    bytes[head + 2 * 48] = 3; /* a record shorter than its header */
    save(path_of("damaged.dbn"), bytes, len);
    assert_int_equal(read_all(path_of("damaged.dbn"), &records, &sum, &why), TD_EPARSE);
    char place[64];
    (void)snprintf(place, sizeof place, "after byte %zu; 2 whole records", head + 96);
    assert_non_null(strstr(why.text, place));
    bytes[3] = 9;
    save(path_of("damaged.dbn"), bytes, len);
    assert_int_equal(read_all(path_of("damaged.dbn"), &records, &sum, &why), TD_EVERSION);
    bytes[3] = 3;
    memset(bytes + 4, 0xff, 4);
    save(path_of("damaged.dbn"), bytes, len);
    assert_int_equal(read_all(path_of("damaged.dbn"), &records, &sum, &why), TD_EPARSE);
    save(path_of("damaged.dbn"), "no file of this kind", 20);
    assert_int_equal(read_all(path_of("damaged.dbn"), &records, &sum, &why), TD_EPARSE);
    assert_non_null(strstr(why.text, "not a DBN file"));
    assert_int_equal(read_all(path_of("nowhere.dbn"), &records, &sum, &why), TD_ENOENT);
    free(bytes);
}

/* ---- as Parquet and CSV ---- */

static enum td_err export_stream(const char *name, enum td_dbn_form form, bool fixed, int records)
{
    static struct td_dbn_file f;
    struct td_dbn_record r;
    struct td_dbn_export *e = NULL;
    struct td_fail why = {0};
    size_t len = 0;
    uint8_t *bytes = make_stream(1, records, &len);
    const struct td_dbn_export_options o = {.form = form,
                                            .layout = td_dbn_layout_of(TD_DBN_TRADE, 3),
                                            .fixed_prices = fixed,
                                            .schema = "trades"};
    save(path_of("in.dbn"), bytes, len);
    TD_OK_OR_FAIL(td_dbn_file_open(&f, &world, path_of("in.dbn"), NULL, &why));
    enum td_err err = td_dbn_export_open(&e, &world, path_of(name), &o, &why);
    while (!err && td_dbn_file_next(&f, &r, &why) == TD_OK) {
        const struct td_dbn_shown s = {
            .layout = o.layout, .record = r.raw.p, .symbol = td_str_of("SYM\xff")};
        err = td_dbn_export_add(e, &s, &why);
    }
    assert_int_equal(td_entry_at(&world, path_of(name)),
                     TD_ENTRY_NONE); /* not before it is whole */
    if (!err) {
        assert_int_equal(td_dbn_export_rows(e), records);
        err = td_dbn_export_finish(e, &why);
    }
    td_dbn_export_close(e);
    td_dbn_file_close(&f);
    free(bytes);
    return err;
}

struct image {
    char *bytes;
    size_t len;
};

static enum td_err read_image(void *arg, uint64_t offset, void *buf, size_t len)
{
    const struct image *m = arg;
    TD_REQUIRE(offset + len <= m->len);
    memcpy(buf, m->bytes + offset, len);
    return TD_OK;
}

static void parquet_has_every_value(void **state)
{
    (void)state;
    enum { RECORDS = 70000 }; /* two row groups */
    struct image m;
    struct td_arena arena;
    struct td_pq_reader *reader;
    struct td_fail why = {0};
    (void)td_file_remove(&world, path_of("t.parquet"));
    TD_OK_OR_FAIL(export_stream("t.parquet", TD_DBN_PARQUET, true, RECORDS));
    m.bytes = td_test_slurp(path_of("t.parquet"), &m.len);
    const size_t room = 64u << 20;
    void *block = malloc(room);
    td_arena_init(&arena, block, room);
    const struct td_pq_source source = {read_image, &m, m.len};
    TD_OK_OR_FAIL(td_pq_reader_open(&reader, &source, &arena, &why));
    assert_int_equal(td_pq_rows(reader), RECORDS);
    assert_int_equal(td_pq_groups(reader), 2);
    assert_true(td_str_is(td_pq_meta(reader, "dbn.schema"), "trades"));
    const int price = td_pq_column_find(reader, "price"),
              recv = td_pq_column_find(reader, "ts_recv"),
              action = td_pq_column_find(reader, "action"),
              symbol = td_pq_column_find(reader, "symbol");
    assert_int_equal(td_pq_column_at(reader, (size_t)recv)->logical, TD_PQ_TIME_NS);
    int64_t row = 0;
    for (size_t g = 0; g < 2; g++) {
        struct td_pq_values px, at, letter, name;
        TD_OK_OR_FAIL(td_pq_read_column(reader, g, (size_t)price, &arena, &px, &why));
        TD_OK_OR_FAIL(td_pq_read_column(reader, g, (size_t)recv, &arena, &at, &why));
        TD_OK_OR_FAIL(td_pq_read_column(reader, g, (size_t)action, &arena, &letter, &why));
        TD_OK_OR_FAIL(td_pq_read_column(reader, g, (size_t)symbol, &arena, &name, &why));
        for (size_t i = 0; i < px.rows; i++, row++) {
            assert_int_equal(px.present[i], row % 10 != 9);
            if (px.present[i])
                assert_int_equal(((const int64_t *)px.values)[i], 189950000000 + row);
            assert_int_equal(((const int64_t *)at.values)[i], 1609160400006136329 + row);
            assert_true(td_str_is(((const struct td_str *)letter.values)[i], "T"));
            assert_true(td_str_is(((const struct td_str *)name.values)[i], "SYM?"));
        }
    }
    assert_int_equal(row, RECORDS);
    free(block);
    free(m.bytes);
}

static void csv_has_every_line(void **state)
{
    (void)state;
    size_t len = 0;
    (void)td_file_remove(&world, path_of("t.csv"));
    TD_OK_OR_FAIL(export_stream("t.csv", TD_DBN_CSV, false, 12));
    char *text = td_test_slurp(path_of("t.csv"), &len);
    static const char begin[] =
        "rtype,publisher_id,instrument_id,ts_event,price,size,action,side,flags,depth,ts_recv,"
        "ts_in_delta,sequence,symbol\n"
        "0,0,7,,189.95,,T,N,0,0,1609160400006136329,0,0,SYM\xff\n"
        "0,0,8,,189.950000001,,T,N,0,0,1609160400006136330,0,1,SYM\xff\n";
    assert_memory_equal(text, begin, sizeof begin - 1);
    assert_non_null(strstr(text, "\n0,0,8,,,,T,N,0,0,1609160400006136338,0,9,SYM\xff\n"));
    free(text);
}

static void a_file_that_cannot_be_written_leaves_nothing(void **state)
{
    (void)state;
    struct td_dbn_export *e = NULL;
    struct td_fail why = {0};
    const struct td_dbn_export_options o = {.layout = td_dbn_layout_of(TD_DBN_DEFINITION, 3)};
    assert_int_not_equal(
        td_dbn_export_open(&e, &world, path_of("no/such/folder.parquet"), &o, &why), TD_OK);
    assert_null(e);
    TD_OK_OR_FAIL(td_dbn_export_open(&e, &world, path_of("left.parquet"), &o, &why));
    td_dbn_export_close(e);
    assert_int_equal(td_entry_at(&world, path_of("left.parquet")), TD_ENTRY_NONE);
    assert_int_equal(td_entry_at(&world, path_of("left.parquet.tmp")), TD_ENTRY_NONE);
    TD_OK_OR_FAIL(td_dbn_export_open(&e, &world, path_of("empty.parquet"), &o, &why));
    TD_OK_OR_FAIL(td_dbn_export_finish(e, &why));
    td_dbn_export_close(e);
    assert_int_equal(td_entry_at(&world, path_of("empty.parquet")), TD_ENTRY_FILE);
}

/* 3,000 trades; the error of whichever step failed, with its line. */
static enum td_err export_under(struct td_world *w, enum td_dbn_form form, struct td_fail *why)
{
    struct td_dbn_export *e = NULL;
    uint8_t record[TD_DBN_BYTES_MAX];
    const struct td_dbn_layout *l = td_dbn_layout_of(TD_DBN_TRADE, 3);
    const struct td_dbn_export_options o = {.form = form, .layout = l};
    td_dbn_blank(record, l, TD_DBN_TRADE);
    enum td_err err = td_dbn_export_open(&e, w, path_of("fault.out"), &o, why);
    for (int i = 0; i < 3000 && !err; i++) {
        const struct td_dbn_shown s = {.layout = l, .record = record};
        err = td_dbn_export_add(e, &s, why);
    }
    if (!err)
        err = td_dbn_export_finish(e, why);
    td_dbn_export_close(e);
    return err;
}

static void whichever_write_fails_it_is_told_and_nothing_is_left(void **state)
{
    (void)state;
    for (int form = TD_DBN_PARQUET; form <= TD_DBN_CSV; form++) {
        enum td_err err = TD_ENOSPC;
        uint64_t n = 0;
        while (err) {
            struct fault_world w;
            struct td_fail why = {0};
            fault_world_open(&w);
            w.fail_at = ++n;
            w.err = TD_ENOSPC;
            (void)td_file_remove(&world, path_of("fault.out"));
            err = export_under(&w.world, (enum td_dbn_form)form, &why);
            const bool there = td_entry_at(&world, path_of("fault.out")) == TD_ENTRY_FILE;
            assert_int_equal(td_entry_at(&world, path_of("fault.out.tmp")), TD_ENTRY_NONE);
            assert_true(n < 20 && (err ? why.code == TD_ENOSPC && why.text[0] : there));
            /* Only when syncing the folder fails has the file its name already, and it is whole. */
            assert_true(!err || !there || strstr(why.text, "folder"));
            fault_world_close(&w);
        }
        assert_true(n > 4);
    }
}

/* Every record of every recorded file can be shown and exported in the form of version 3. */
static void export_file(const char *name, struct td_str line)
{
    static struct td_dbn_file f;
    struct td_dbn_record r;
    struct td_dbn_export *e = NULL;
    struct td_fail why = {0};
    uint8_t room[TD_DBN_BYTES_MAX];
    (void)line;
    TD_OK_OR_FAIL(td_dbn_file_open(&f, &world, td_test_data(name), NULL, &why));
    while (td_dbn_file_next(&f, &r, &why) == TD_OK) {
        const struct td_dbn_layout *l = td_dbn_upgrade(r.raw, f.dbn.metadata.version, room);
        const struct td_dbn_export_options o = {.layout = l};
        const struct td_dbn_shown s = {
            .layout = l, .record = room, .symbol = td_dbn_file_symbol(&f, &r)};
        assert_non_null(l);
        if (!e)
            TD_OK_OR_FAIL(td_dbn_export_open(&e, &world, path_of("each.parquet"), &o, &why));
        TD_OK_OR_FAIL(td_dbn_export_add(e, &s, &why));
    }
    if (e)
        TD_OK_OR_FAIL(td_dbn_export_finish(e, &why));
    td_dbn_export_close(e);
    td_dbn_file_close(&f);
}

static void every_recorded_file_can_be_exported(void **state)
{
    (void)state;
    if (dbn_each_fact(export_file) == 0)
        td_skip_data("dbn/golden/facts.tsv");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_and_packed_files_give_the_same),
        cmocka_unit_test(metadata_larger_than_the_buffer_are_read),
        cmocka_unit_test(torn_files_give_what_is_whole),
        cmocka_unit_test(damage_is_told_with_its_place),
        cmocka_unit_test(parquet_has_every_value),
        cmocka_unit_test(csv_has_every_line),
        cmocka_unit_test(a_file_that_cannot_be_written_leaves_nothing),
        cmocka_unit_test(whichever_write_fails_it_is_told_and_nothing_is_left),
        cmocka_unit_test(every_recorded_file_can_be_exported),
    };
    return cmocka_run_group_tests_name("store/dbn_file", tests, set_up, tear_down);
}
