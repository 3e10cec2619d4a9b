/* tests/history/book_feed_test.c - books and trades in their order, from a Databento file, and from snapshots with an event table. */
#include "history/book_feed.h"
#include "store/l2_file.h"
#include "support/dbn_make.h"
#include "support/support.h"
#include "sys/uvworld.h"

#define RECORDS 60

static struct td_world world;
static char dbn[1100], book[1100], events[1100];

static int set_up(void **state)
{
    (void)state;
    const char *folder = td_test_folder("book-feed");
    (void)snprintf(dbn, sizeof dbn, "%s/MSFT.mbp-10.dbn.zst", folder);
    (void)snprintf(book, sizeof book, "%s/book.parquet", folder);
    (void)snprintf(events, sizeof events, "%s/events.parquet", folder);
    if (td_uvworld_open(&world, false, NULL) != TD_OK)
        return -1;
    size_t len;
    uint8_t *bytes = dbn_make(RECORDS, true, &len);
    TD_OK_OR_FAIL(td_file_replace(&world, dbn, (struct td_str){(const char *)bytes, len}, NULL));
    free(bytes);
    const struct td_l2_options o = {
        .dbn = dbn, .symbol = "MSFT", .events = events, .snapshots = book};
    struct td_l2_result result;
    return td_l2_convert(&world, &o, &result, NULL) == TD_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    td_uvworld_close(&world);
    return 0;
}

static enum td_err next(struct td_book_feed *f, struct td_book_event *e)
{
    struct td_fail why = {0};
    const enum td_err err = td_book_feed_next(f, e, &why);
    if (err && err != TD_ENODATA)
        fail_msg("%s", why.text);
    return err;
}

/* Record i of the made stream is at its time plus `late`; every sixth is a trade, every second ends an event. */
static void assert_stream(const struct td_book_source *source, int64_t late)
{
    struct td_book_feed *f = NULL;
    struct td_book_event e;
    struct td_fail why = {0};
    if (td_book_feed_open(&f, &world, source, &why) != TD_OK)
        fail_msg("%s", why.text);
    for (int i = 0; i < RECORDS; i++) {
        const int64_t at = DBN_MAKE_START + i * DBN_MAKE_STEP + late;
        if (i % 6 == 3 && td_book_feed_has_trades(f)) {
            TD_OK_OR_FAIL(next(f, &e));
            assert_true(e.is_trade && e.trade.at_ns == at && e.trade.qty == 100 + i % 5);
            assert_true(e.trade.px == (double)(DBN_MAKE_MID + i % 7 * 10000000) / 1e9);
        }
        if (i % 2 == 0)
            continue;
        TD_OK_OR_FAIL(next(f, &e));
        assert_true(!e.is_trade && !e.doubted && e.book.at_ns == at);
        assert_true(e.book.bid.px[0] == (double)(DBN_MAKE_MID - 10000000) / 1e9);
        assert_true(e.book.ask.px[9] == (double)(DBN_MAKE_MID + 100000000) / 1e9);
        assert_true(e.book.bid.qty[1] == 20 + i % 9 && e.book.ask.qty[0] == 20 + i % 8);
        assert_true(e.depth == 550 + 10 * (i % 9) + 1100 + 10 * (i % 8));
    }
    assert_int_equal(next(f, &e), TD_ENODATA);
    td_book_feed_close(f);
}

static void records_give_both(void **unused)
{
    (void)unused;
    assert_stream(&(struct td_book_source){.path = dbn}, 1000);
    assert_stream(&(struct td_book_source){.path = dbn, .instrument = "7"}, 1000);
}

static void snapshots_with_trades_give_the_same(void **unused)
{
    (void)unused;
    assert_stream(&(struct td_book_source){.path = book, .trades = events}, 0);
    assert_stream(&(struct td_book_source){.path = book}, 0);
}

static void refuses(const struct td_book_source *source, enum td_err expected, const char *words)
{
    struct td_book_feed *f = NULL;
    struct td_book_event e;
    struct td_fail why = {0};
    enum td_err err = td_book_feed_open(&f, &world, source, &why);
    if (!err)
        err = td_book_feed_next(f, &e, &why);
    td_book_feed_close(f);
    assert_int_equal(err, expected);
    if (words && !strstr(why.text, words))
        fail_msg("%s", why.text);
}

static void what_does_not_fit_is_refused(void **unused)
{
    (void)unused;
    refuses(&(struct td_book_source){.path = dbn, .trades = events}, TD_EINVAL,
            "has its trades in it");
    refuses(&(struct td_book_source){.path = book, .instrument = "MSFT"}, TD_EINVAL,
            "Databento file alone");
    refuses(&(struct td_book_source){.path = events}, TD_EPARSE, "not a snapshots file");
    refuses(&(struct td_book_source){.path = book, .trades = book}, TD_EPARSE, NULL);
    refuses(&(struct td_book_source){.path = dbn, .instrument = "8"}, TD_ENODATA, NULL);
    refuses(&(struct td_book_source){.path = "/no/such"}, TD_ENOENT, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_give_both),
        cmocka_unit_test(snapshots_with_trades_give_the_same),
        cmocka_unit_test(what_does_not_fit_is_refused),
    };
    return cmocka_run_group_tests_name("history/book_feed", tests, set_up, tear_down);
}
