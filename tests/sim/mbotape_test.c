/* tests/sim/mbotape_test.c - the recorded ES book of 2024-05-08 as a tape: found, in time order, with the known
 * answer of data/dbn/golden behind it. */
#include "support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/exchange.h"
#include "sim/mbotape.h"
#include "sys/uvworld.h"

#define MEMORY (32u << 20)

static struct td_world world;
static struct td_mbotape tape;
static void *memory;
static struct td_arena arena;
static char root[1024];

static int set_up(void **state)
{
    (void)state;
    const char *dbn = td_test_data("dbn");
    if (dbn)
        (void)snprintf(root, sizeof root, "%.*s", (int)(strlen(dbn) - strlen("/dbn")), dbn);
    memory = malloc(MEMORY);
    td_arena_init(&arena, memory, MEMORY);
    return td_uvworld_open(&world, false, NULL) == TD_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    td_uvworld_close(&world);
    free(memory);
    return 0;
}

static td_ns utc(const char *iso)
{
    td_ns at = 0;
    TD_OK_OR_FAIL(td_iso_parse(iso, strlen(iso), &at));
    return at;
}

static void finds_its_day_and_no_other(void **state)
{
    (void)state;
    char path[900];
    if (!root[0])
        td_skip_data("dbn");
    struct td_mbotape_query q = {root, "ES", utc("2024-05-07T22:00:00Z"),
                                 utc("2024-05-08T21:00:00Z")};
    assert_true(td_mbotape_find(&world, &q, arena, path, sizeof path));
    assert_non_null(strstr(path, "2024-05-08"));
    q.product = "NQ";
    assert_false(td_mbotape_find(&world, &q, arena, path, sizeof path));
    q = (struct td_mbotape_query){root, "ES", utc("2020-01-01"), utc("2020-01-02")};
    assert_false(td_mbotape_find(&world, &q, arena, path, sizeof path));
    q.data = "no-such-folder";
    assert_false(td_mbotape_find(&world, &q, arena, path, sizeof path));
}

static void plays_in_order_and_fills_an_order(void **state)
{
    (void)state;
    char path[900];
    struct td_event ev;
    struct td_fail why = {0};
    uint64_t mbo = 0, quotes = 0, trades = 0;
    td_ns last = 0;
    if (!root[0])
        td_skip_data("dbn");
    const struct td_mbotape_query q = {root, "ES", utc("2024-05-07T22:00:00Z"),
                                       utc("2024-05-08T21:00:00Z")};
    assert_true(td_mbotape_find(&world, &q, arena, path, sizeof path));
    TD_OK_OR_FAIL(td_mbotape_open(&tape, &world, path, 7, &arena, &why));
    struct td_exchange x;
    const struct td_exch_config config = {.ticks = {1, {{{0}, {250000000}}}},
                                          .orders_max = 8,
                                          .levels_max = TD_MBOTAPE_LEVELS,
                                          .resting_max = TD_MBOTAPE_RESTING};
    void *block = malloc(td_exchange_bytes(&config));
    struct td_arena own;
    td_arena_init(&own, block, td_exchange_bytes(&config));
    TD_OK_OR_FAIL(td_exchange_open(&x, &config, &own));
    while (td_mbotape_next(&tape, &ev) == TD_OK) {
        assert_true(ev.venue_ns >= last);
        assert_int_equal(ev.inst, 7);
        assert_false(ev.generated);
        last = ev.venue_ns;
        mbo += ev.kind == TD_EV_MBO;
        quotes += ev.kind == TD_EV_QUOTE;
        trades += ev.kind == TD_EV_TRADE;
        if (ev.kind == TD_EV_MBO)
            TD_OK_OR_FAIL(td_exchange_market(&x, &ev));
    }
    assert_int_equal(td_mbotape_next(&tape, &ev), TD_ENODATA);
    assert_int_equal(mbo, 13796); /* golden/facts.tsv */
    assert_int_equal(trades, 5);  /* data/README: T 5 */
    assert_true(quotes > 5);
    assert_int_equal(tape.book.refused, 0);
    struct td_depth_row rows[10];
    assert_int_equal(td_mbotape_depth(&tape, TD_BID, rows, 10), 10);
    assert_true(rows[0].px.e9 > rows[9].px.e9 && !rows[0].generated);
    struct td_venue_level best;
    assert_true(td_exchange_best(&x, TD_ASK, &best));
    assert_int_equal(best.px.e9, tape.quote.ask.e9);
    const struct td_exch_order order = {.key = 1,
                                        .action = TD_BUY,
                                        .type = TD_EXCH_MARKET,
                                        .qty = TD_QTY(3),
                                        .limit_px = TD_PX_NONE,
                                        .stop_px = TD_PX_NONE};
    struct td_exch_report r;
    bool filled = false;
    TD_OK_OR_FAIL(td_exchange_submit(&x, last, &order));
    while (td_exchange_next(&x, last + TD_SEC, &r)) {
        filled |= r.kind == TD_EXCH_FILL;
        if (r.kind == TD_EXCH_FILL)
            assert_int_equal(r.px.e9, best.px.e9);
    }
    assert_true(filled);
    free(block);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(finds_its_day_and_no_other),
                                       cmocka_unit_test(plays_in_order_and_fills_an_order)};
    return cmocka_run_group_tests_name("sim/mbotape", tests, set_up, tear_down);
}
