/* tests/store/l2_file_test.c - DBN into the event table and snapshots: every value, both mappings, damage, recorded data. */
#include "support/dbn_load.h"
#include "support/dbn_make.h"
#include "support/support.h"

#include "store/l2_file.h"
#include "store/snapshot_read.h"
#include "sys/uvworld.h"

#define ROOM ((size_t)64 << 20)

static struct td_world world;
static const char *folder;

static int open_world(void **state)
{
    (void)state;
    folder = td_test_folder("l2-file");
    return td_uvworld_open(&world, false, NULL) == TD_OK ? 0 : -1;
}

static int close_world(void **state)
{
    (void)state;
    td_uvworld_close(&world);
    return 0;
}

static const char *path_of(const char *name)
{
    static char paths[4][1024];
    static unsigned turn;
    char *path = paths[turn++ % 4];
    (void)snprintf(path, 1024, "%s/%s", folder, name);
    return path;
}

static void save(const char *path, const void *bytes, size_t len)
{
    TD_OK_OR_FAIL(td_file_replace(&world, path, (struct td_str){(const char *)bytes, len}, NULL));
}

/* --- reading the event table back --- */

static struct table {
    char *bytes;
    size_t len, rows;
    void *block;
    struct td_arena arena;
    struct td_pq_reader *reader;
    struct td_pq_values c[10];
} table;

static enum td_err read_image(void *arg, uint64_t offset, void *buf, size_t len)
{
    const struct table *t = arg;
    memcpy(buf, t->bytes + offset, len);
    return TD_OK;
}

static const char *const names[] = {"timestamp_ns", "action",   "side",   "price",  "size",
                                    "level",        "exchange", "symbol", "source", "ts_recv"};

static void open_table(const char *path)
{
    struct table *t = &table;
    struct td_fail why = {0};
    t->bytes = td_test_slurp(path, &t->len);
    assert_non_null(t->bytes);
    t->block = malloc(ROOM);
    td_arena_init(&t->arena, t->block, ROOM);
    const struct td_pq_source source = {read_image, t, t->len};
    TD_OK_OR_FAIL(td_pq_reader_open(&t->reader, &source, &t->arena, &why));
    assert_int_equal(td_pq_columns(t->reader), TD_COUNT(names));
    for (size_t i = 0; i < TD_COUNT(names); i++) {
        assert_int_equal(td_pq_column_find(t->reader, names[i]),
                         i); /* the order is the contract's */
        TD_OK_OR_FAIL(td_pq_read_column(t->reader, 0, i, &t->arena, &t->c[i], &why));
    }
    t->rows = t->c[0].rows;
}

static void close_table(void)
{
    free(table.bytes);
    free(table.block);
}

static int64_t number_at(size_t column, size_t row)
{
    const enum td_pq_type type = td_pq_column_at(table.reader, column)->type;
    return type == TD_PQ_INT32 ? ((const int32_t *)table.c[column].values)[row]
                               : ((const int64_t *)table.c[column].values)[row];
}

static void assert_text(size_t column, size_t row, const char *wanted)
{
    const struct td_str text = ((const struct td_str *)table.c[column].values)[row];
    if (!td_str_is(text, wanted))
        fail_msg("%s[%zu] is %.*s, wanted %s", names[column], row, (int)text.len, text.p, wanted);
}

static struct td_l2_result result;

static enum td_err convert(const char *dbn, bool legacy, uint64_t rows_max)
{
    struct td_fail why = {0};
    const struct td_l2_options o = {.dbn = path_of(dbn),
                                    .symbol = "MSFT",
                                    .events = path_of("events.parquet"),
                                    .snapshots = path_of("book.parquet"),
                                    .legacy = legacy,
                                    .rows_max = rows_max};
    (void)td_file_remove(&world, o.events);
    (void)td_file_remove(&world, o.snapshots);
    memset(&result, 0, sizeof result);
    return td_l2_convert(&world, &o, &result, &why);
}

/* --- of our own --- */

static void every_value_is_there(void **state)
{
    (void)state;
    static const char *const words[] = {"add", "change", "delete", "trade", "fill", "clear"};
    static const char *const sides[] = {"S", "B", "U"};
    size_t len = 0;
    uint8_t *bytes = dbn_make(1000, true, &len);
    save(path_of("own.dbn.zst"), bytes, len);
    TD_OK_OR_FAIL(convert("own.dbn.zst", false, 0));
    assert_true(result.rows == 1000 && result.records == 1000 && result.snapshots == 500);
    assert_true(result.first == DBN_MAKE_START);
    assert_true(result.last == DBN_MAKE_START + 999 * DBN_MAKE_STEP);
    open_table(path_of("events.parquet"));
    assert_true(td_str_is(td_pq_meta(table.reader, "tapedeck.l2_map"), "2"));
    assert_true(td_str_is(td_pq_meta(table.reader, "schema_version"), "1"));
    assert_int_equal(td_pq_column_at(table.reader, 5)->logical, TD_PQ_INT16);
    assert_int_equal(td_pq_column_at(table.reader, 9)->logical, TD_PQ_TIME_NS);
    assert_int_equal(table.rows, 1000);
    for (int i = 0; i < 1000; i++) {
        const size_t row = (size_t)i;
        assert_true(number_at(0, row) == DBN_MAKE_START + i * DBN_MAKE_STEP);
        assert_text(1, row, words[i % 6]);
        assert_text(2, row, sides[i % 3]);
        if (i % 6 != 5) {
            const double price = ((const double *)table.c[3].values)[row];
            assert_true(td_e9_to_double(DBN_MAKE_MID + i % 7 * 10000000) == price);
        }
        assert_int_equal(table.c[3].present ? table.c[3].present[row] : 1, i % 6 != 5);
        assert_true(((const double *)table.c[4].values)[row] == 100 + i % 5);
        assert_int_equal(number_at(5, row), i % 10);
        assert_text(6, row, "2");
        assert_text(7, row, "MSFT");
        assert_text(8, row, "databento");
        assert_true(number_at(9, row) == DBN_MAKE_START + i * DBN_MAKE_STEP + 1000);
    }
    close_table();
    free(bytes);
}

static void snapshots_are_the_rows_where_events_end(void **state)
{
    (void)state;
    struct td_snapshot_file *f;
    struct td_fail why = {0};
    static struct td_snap snap;
    TD_OK_OR_FAIL(convert("own.dbn.zst", false, 0));
    TD_OK_OR_FAIL(td_snapshot_file_open(&f, &world, path_of("book.parquet"), &why));
    assert_true(td_snapshot_file_rows(f) == 500);
    for (int n = 0; n < 500; n++) {
        const int i = 2 * n + 1;
        TD_OK_OR_FAIL(td_snapshot_file_next(f, &snap, &why));
        assert_true(snap.venue_ns == DBN_MAKE_START + i * DBN_MAKE_STEP);
        assert_true(snap.recv_ns == snap.venue_ns + 1000);
        assert_true(snap.seq == (uint64_t)i && snap.quality == 0 && !snap.generated);
        for (int k = 0; k < TD_DBN_LEVELS; k++) {
            assert_true(snap.px[TD_BID][k].e9 == DBN_MAKE_MID - (k + 1) * 10000000);
            assert_true(snap.px[TD_ASK][k].e9 == DBN_MAKE_MID + (k + 1) * 10000000);
            assert_true(snap.qty[TD_BID][k].e9 == (10 * (k + 1) + i % 9) * TD_E9);
            assert_true(snap.qty[TD_ASK][k].e9 == (20 * (k + 1) + i % 8) * TD_E9);
        }
    }
    assert_int_equal(td_snapshot_file_next(f, &snap, &why), TD_ENODATA);
    td_snapshot_file_close(f);
}

static void the_old_mapping_can_be_had(void **state)
{
    (void)state;
    static const char *const words[] = {"add", "M", "change", "T", "F", "R"};
    TD_OK_OR_FAIL(convert("own.dbn.zst", true, 0));
    open_table(path_of("events.parquet"));
    assert_true(td_str_is(td_pq_meta(table.reader, "tapedeck.l2_map"), "1"));
    for (size_t i = 0; i < 1000; i++) {
        assert_text(1, i, words[i % 6]);
        assert_text(2, i, i % 3 == 1 ? "B" : "U");
        assert_int_equal(number_at(5, i), 0);
    }
    close_table();
    TD_OK_OR_FAIL(convert("own.dbn.zst", false, 10));
    assert_true(result.rows == 10 && result.snapshots == 5);
}

static bool nothing_there(void)
{
    return td_entry_at(&world, path_of("events.parquet")) == TD_ENTRY_NONE &&
           td_entry_at(&world, path_of("book.parquet")) == TD_ENTRY_NONE &&
           td_entry_at(&world, path_of("events.parquet.tmp")) == TD_ENTRY_NONE &&
           td_entry_at(&world, path_of("book.parquet.tmp")) == TD_ENTRY_NONE;
}

static void damage_publishes_nothing(void **state)
{
    (void)state;
    size_t len = 0, packed = 0;
    uint8_t *plain = dbn_make(200, false, &len), *zstd = dbn_make(200, true, &packed);
    save(path_of("torn.dbn"), plain, len - 1);
    assert_int_equal(convert("torn.dbn", false, 0), TD_ETORN);
    assert_true(nothing_there());
    save(path_of("torn.dbn"), zstd, packed - 5);
    assert_int_equal(convert("torn.dbn", false, 0), TD_ETORN);
    assert_true(nothing_there());
    zstd[packed / 2] ^= 0x55;
    save(path_of("torn.dbn"), zstd, packed);
    assert_int_not_equal(convert("torn.dbn", false, 0), TD_OK);
    assert_true(nothing_there());
    save(path_of("torn.dbn"), "no such thing", 13);
    assert_int_equal(convert("torn.dbn", false, 0), TD_EPARSE);
    assert_true(nothing_there());
    free(plain);
    plain = dbn_make(0, false, &len);
    save(path_of("empty.dbn"), plain, len);
    assert_int_equal(convert("empty.dbn", false, 0), TD_ENODATA);
    assert_true(nothing_there());
    free(plain);
    free(zstd);
}

/* --- recorded --- */

static void recorded_orders_give_the_golden_book(void **state)
{
    (void)state;
    static const char *const words[] = {"clear", "add", "delete", "change", "trade", "fill"};
    static const size_t counts[] = {1, 13678, 80, 27, 5, 5};
    struct td_snapshot_file *f;
    static struct td_snap snap;
    size_t seen[TD_COUNT(words)] = {0}, len = 0;
    struct td_fail why = {0};
    const char *path =
        td_test_data("dbn/nautilus/order_book_deltas_catalog/"
                     "orderbooks_mbo_2024-05-08T00-00-00_2024-05-08T00-00-02.dbn.zst");
    if (!path)
        td_skip_data("dbn/nautilus/order_book_deltas_catalog");
    char *bytes = td_test_slurp(path, &len);
    save(path_of("es.dbn.zst"), bytes, len);
    free(bytes);
    TD_OK_OR_FAIL(convert("es.dbn.zst", false, 0));
    assert_true(result.rows == 13796 && result.unplaced == 0);
    open_table(path_of("events.parquet"));
    for (size_t i = 0; i < table.rows; i++)
        for (size_t k = 0; k < TD_COUNT(words); k++)
            seen[k] += td_str_is(((const struct td_str *)table.c[1].values)[i], words[k]);
    for (size_t k = 0; k < TD_COUNT(words); k++)
        assert_int_equal(seen[k], counts[k]);
    close_table();
    /* The last checkpoint of golden/orderbooks_20240508_book_checkpoints.jsonl is the book behind record 13,796. */
    TD_OK_OR_FAIL(td_snapshot_file_open(&f, &world, path_of("book.parquet"), &why));
    while (td_snapshot_file_next(f, &snap, &why) == TD_OK) {
    }
    char *golden =
        td_test_slurp(td_test_data("dbn/golden/orderbooks_20240508_book_checkpoints.jsonl"), &len);
    assert_non_null(golden);
    const char *last = golden;
    for (const char *p = golden; (p = strstr(p, "{\"after_record\": ")) != NULL; p++)
        last = p;
    static const char *const sides[] = {"\"asks\": [[", "\"bids\": [["};
    for (int side = TD_ASK; side <= TD_BID; side++) {
        const char *p = strstr(last, sides[side]);
        assert_non_null(p);
        p += strlen(sides[side]);
        for (int k = 0; k < TD_DBN_LEVELS; k++) {
            char *end;
            const long long px = strtoll(p, &end, 10);
            const long long qty = strtoll(end + 2, &end, 10);
            assert_true(snap.px[side][k].e9 == px && snap.qty[side][k].e9 == qty * TD_E9);
            p = strchr(end, '[') + 1;
        }
    }
    td_snapshot_file_close(f);
    free(golden);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_value_is_there),
        cmocka_unit_test(snapshots_are_the_rows_where_events_end),
        cmocka_unit_test(the_old_mapping_can_be_had),
        cmocka_unit_test(damage_publishes_nothing),
        cmocka_unit_test(recorded_orders_give_the_golden_book),
    };
    return cmocka_run_group_tests_name("store/l2_file", tests, open_world, close_world);
}
