/* tests/trade/trips_test.c - round trips first in first out, their sums, currencies, and the curve of equity. */
#include "support/support.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/random.h"
#include "trade/trips.h"

static struct td_blotter b;
static struct td_trips t;
static void *memory, *lots;
static uint64_t seq, key;

static int begin(void **state)
{
    (void)state;
    const struct td_blotter_limits limits = {256, 1024, 8, 0, 0};
    struct td_arena arena;
    memory = malloc(td_blotter_bytes(&limits));
    lots = malloc(td_trips_bytes(1024));
    td_arena_init(&arena, memory, td_blotter_bytes(&limits));
    if (td_blotter_open(&b, &limits, &arena) != TD_OK)
        return -1;
    td_arena_init(&arena, lots, td_trips_bytes(1024));
    seq = key = 0;
    return td_trips_open(&t, 1024, &arena) == TD_OK ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    free(memory);
    free(lots);
    memory = lots = NULL;
    return 0;
}

/* An order of a strategy, filled at once in `parts`. Prices in cents, fees in cents of each part. */
static uint64_t fill(const char *symbol, const char *strategy, int64_t qty, int64_t cents,
                     int parts, int64_t fee)
{
    struct td_record r;
    const uint8_t action = qty < 0 ? TD_SELL : TD_BUY;
    const int64_t size = qty < 0 ? -qty : qty;
    td_record_init(&r, TD_REC_ORDER, (td_ns)++seq * TD_HOUR);
    r.key = ++key;
    r.order_id = 100 + (int64_t)key;
    r.action = action;
    r.qty = TD_QTY(size);
    r.multiplier = strcmp(symbol, "ES") == 0 ? TD_QTY(50) : TD_QTY(1);
    (void)snprintf(r.symbol, sizeof r.symbol, "%s", symbol);
    (void)snprintf(r.strategy, sizeof r.strategy, "%s", strategy);
    TD_OK_OR_FAIL(td_blotter_apply(&b, &r));
    for (int i = 0; i < parts; i++) {
        char id[32];
        (void)snprintf(id, sizeof id, "%llu.%d.01", (unsigned long long)key, i);
        td_record_init(&r, TD_REC_EXEC, (td_ns)seq * TD_HOUR);
        r.key = key;
        r.action = action;
        r.qty = TD_QTY(size / parts);
        r.px = (td_px){cents * (TD_E9 / 100)};
        r.multiplier = strcmp(symbol, "ES") == 0 ? TD_QTY(50) : TD_QTY(1);
        (void)snprintf(r.symbol, sizeof r.symbol, "%s", symbol);
        (void)snprintf(r.exec_id, sizeof r.exec_id, "%s", id);
        TD_OK_OR_FAIL(td_blotter_apply(&b, &r));
        td_record_init(&r, TD_REC_FEE, (td_ns)seq * TD_HOUR);
        (void)snprintf(r.exec_id, sizeof r.exec_id, "%s", id);
        r.cash = (td_cash){fee * (TD_E9 / 100)};
        if (fee)
            TD_OK_OR_FAIL(td_blotter_apply(&b, &r));
    }
    return key;
}

static struct td_trip_sum sum(const char *symbol, const char *strategy, uint32_t last)
{
    struct td_trip_sum s;
    const struct td_trip_choice c = {.symbol = symbol, .strategy = strategy, .last = last};
    TD_OK_OR_FAIL(td_trips_build(&t, &b));
    td_trips_sum(&t, &b, &c, &s);
    return s;
}

static void the_oldest_lot_is_closed_first(void **state)
{
    (void)state;
    const uint64_t first = fill("SPY", "a", 10, 10000, 1, 0);
    (void)fill("SPY", "b", 10, 11000, 1, 0);
    const uint64_t sale = fill("SPY", "b", -15, 12000, 1, 0);
    const struct td_trip_sum all = sum(NULL, NULL, 0);
    assert_int_equal(all.trips, 2);
    assert_int_equal(all.net.e9, (10 * 20 + 5 * 10) * TD_E9);
    assert_int_equal(t.rows[0].opener, first);
    assert_int_equal(t.rows[0].closer, sale);
    assert_int_equal(t.rows[0].qty.e9, 10 * TD_E9);
    /* the trip is of the strategy that opened it */
    assert_int_equal(sum(NULL, "a", 0).net.e9, 200 * TD_E9);
    assert_int_equal(sum(NULL, "b", 0).net.e9, 50 * TD_E9);
    assert_int_equal(t.unmatched, 0);
    /* the book by average cost has the same in the end */
    (void)fill("SPY", "b", -5, 12000, 1, 0);
    assert_int_equal(sum(NULL, NULL, 0).net.e9, b.holdings[0].now.realized.e9);
}

static void partial_fills_are_one_trip(void **state)
{
    (void)state;
    (void)fill("SPY", "a", 10, 10000, 5, 20);
    (void)fill("SPY", "a", -10, 10100, 2, 50);
    const struct td_trip_sum s = sum(NULL, NULL, 0);
    assert_int_equal(s.trips, 1);
    assert_int_equal(t.rows[0].gross.e9, 10 * TD_E9);
    assert_int_equal(s.fees.e9, 2 * TD_E9);
    assert_int_equal(s.net.e9, 8 * TD_E9);
    assert_int_equal(s.wins, 1);
    assert_int_equal(t.rows[0].closed_ns - t.rows[0].opened_ns, TD_HOUR);
}

static void shorts_and_crossings(void **state)
{
    (void)state;
    (void)fill("ES", "a", -2, 650000, 1, 0);
    (void)fill("ES", "a", 3, 649900, 1, 0); /* closes 2 short, and is long 1 */
    (void)fill("ES", "a", -1, 649850, 1, 0);
    const struct td_trip_sum s = sum("ES", NULL, 0);
    assert_int_equal(s.trips, 2);
    assert_true(t.rows[0].is_short && !t.rows[1].is_short);
    assert_int_equal(t.rows[0].gross.e9, 2 * 50 * TD_E9);
    assert_int_equal(t.rows[1].gross.e9, -25 * TD_E9);
    assert_int_equal(s.net.e9, 75 * TD_E9);
    assert_int_equal(s.losses_in_row, 1);
    assert_int_equal(sum("SPY", NULL, 0).trips, 0);
}

static void wins_losses_and_streaks(void **state)
{
    (void)state;
    static const int64_t exits[] = {10100, 9900, 10200, 9900, 9800, 10000, 9700};
    for (size_t i = 0; i < TD_COUNT(exits); i++) {
        (void)fill("SPY", "a", 1, 10000, 1, 0);
        (void)fill("SPY", "a", -1, exits[i], 1, 0);
    }
    struct td_trip_sum s = sum(NULL, "a", 0);
    assert_int_equal(s.trips, 7);
    assert_int_equal(s.wins, 2);
    assert_int_equal(s.losses, 4);
    assert_int_equal(s.losses_in_row, 3); /* one that came to nothing ends no row */
    const struct td_sizing_record r = td_trips_record(&s);
    assert_int_equal(r.trades, 6);
    assert_true(r.average_win == 1.5 && r.average_loss == 1.75);
    s = sum(NULL, "a", 3);
    assert_int_equal(s.trips, 3);
    assert_int_equal(s.net.e9, -5 * TD_E9);
    assert_int_equal(sum(NULL, "nobody", 0).trips, 0);
}

static void corrections_and_busts_count(void **state)
{
    (void)state;
    struct td_record r;
    (void)fill("SPY", "a", 10, 10000, 1, 0);
    (void)fill("SPY", "a", -10, 10100, 1, 0);
    assert_int_equal(sum(NULL, NULL, 0).net.e9, 10 * TD_E9);
    td_record_init(&r, TD_REC_EXEC, (td_ns)seq * TD_HOUR);
    r.key = key;
    r.action = TD_SELL;
    r.qty = TD_QTY(10);
    r.px = TD_PX(99);
    (void)snprintf(r.symbol, sizeof r.symbol, "SPY");
    (void)snprintf(r.exec_id, sizeof r.exec_id, "2.0.02");
    TD_OK_OR_FAIL(td_blotter_apply(&b, &r));
    assert_int_equal(sum(NULL, NULL, 0).net.e9, -10 * TD_E9);
    r.qty = TD_QTY(0); /* taken back */
    (void)snprintf(r.exec_id, sizeof r.exec_id, "2.0.03");
    TD_OK_OR_FAIL(td_blotter_apply(&b, &r));
    assert_int_equal(sum(NULL, NULL, 0).trips, 0);
    assert_int_equal(t.unmatched, 0);
}

static void what_was_there_before_is_told(void **state)
{
    (void)state;
    struct td_record r;
    td_record_init(&r, TD_REC_POSITION, 1);
    (void)snprintf(r.symbol, sizeof r.symbol, "SPY");
    r.multiplier = TD_QTY(1);
    r.qty = TD_QTY(5);
    r.px = TD_PX(90);
    TD_OK_OR_FAIL(td_blotter_apply(&b, &r));
    (void)fill("SPY", "a", -5, 10000, 1, 0);
    assert_int_equal(sum(NULL, NULL, 0).trips, 0);
    assert_int_equal(t.unmatched, 1);
}

static void currencies_are_never_guessed(void **state)
{
    (void)state;
    static const char currencies[8][8] = {"USD", "EUR"};
    static const struct td_rate euro = {"EUR", 1100000000};
    const struct td_rates rates = {"USD", &euro, 1}, none = {"USD", NULL, 0};
    (void)fill("SPY", "a", 1, 10000, 1, 0);
    (void)fill("SPY", "a", -1, 11000, 1, 0);
    (void)fill("SAP", "a", 1, 10000, 1, 100);
    (void)fill("SAP", "a", -1, 9200, 1, 100);
    t.currencies = currencies;
    struct td_trip_sum s = sum(NULL, NULL, 0);
    assert_int_equal(s.trips, 2);
    assert_int_equal(s.losses_in_row, 1);
    assert_true(td_cash_is_none(s.net) && td_cash_is_none(s.fees) && td_cash_is_none(s.lost));
    assert_int_equal(td_trips_record(&s).trades, 0);
    assert_int_equal(sum("SAP", NULL, 0).net.e9, -10 * TD_E9); /* by itself, in euro */
    struct td_trip_choice c = {.rates = &rates};
    td_trips_sum(&t, &b, &c, &s);
    assert_int_equal(s.net.e9, -1 * TD_E9); /* 10 - 11 */
    assert_int_equal(s.lost.e9, 11 * TD_E9);
    c.rates = &none;
    td_trips_sum(&t, &b, &c, &s);
    assert_true(td_cash_is_none(s.net));
    assert_int_equal(s.won.e9, 10 * TD_E9); /* dollars alone need no rate */
    td_cash out = TD_CASH(7);
    assert_int_equal(td_cash_in_base(&none, "EUR", TD_CASH(1), &out), TD_ENOENT);
    assert_int_equal(td_cash_in_base(&rates, "USD", TD_CASH_NONE, &out), TD_ERANGE);
    assert_int_equal(out.e9, TD_CASH(7).e9);
}

static void days_of_the_zone(void **state)
{
    (void)state;
    struct td_tz utc;
    struct td_trip_day days[4];
    td_tz_utc(&utc);
    for (int i = 0; i < 40; i++) { /* an hour each */
        (void)fill("SPY", "a", 1, 10000, 1, 0);
        (void)fill("SPY", "a", -1, 10100, 1, 0);
    }
    TD_OK_OR_FAIL(td_trips_build(&t, &b));
    assert_int_equal(td_trips_days(&t, &utc, NULL, days, 4), 4);
    assert_int_equal(days[0].day, 0);
    assert_int_equal(days[0].sum.trips, 11); /* closed at 2, 4 ... 22 o'clock */
    assert_int_equal(days[1].sum.trips, 12);
    assert_int_equal(days[1].sum.net.e9, 12 * TD_E9);
    assert_int_equal(td_trips_days(&t, &utc, NULL, days, 2), 2);
    assert_int_equal(days[1].day, 3); /* the last ones stay */
}

/* Closed completely, both books have the same profit, whatever the order of fills. */
static void both_books_agree_when_flat(void **state)
{
    (void)state;
    struct td_rng rng;
    for (uint64_t seed = 0; seed < 30; seed++) {
        (void)end(NULL);
        assert_int_equal(begin(NULL), 0);
        td_rng_init(&rng, seed);
        for (int i = 0; i < 60; i++) {
            const int64_t qty = td_rng_between(&rng, 1, 20) * (td_rng_chance(&rng, 0.5) ? 1 : -1);
            (void)fill("SPY", "a", qty, td_rng_between(&rng, 9000, 11000), 1,
                       td_rng_between(&rng, 0, 100));
        }
        const int64_t held = b.holdings[0].now.qty.e9 / TD_E9;
        if (held)
            (void)fill("SPY", "a", -held, 10000, 1, 0);
        const struct td_trip_sum s = sum(NULL, NULL, 0);
        const int64_t net = b.holdings[0].now.realized.e9 - b.holdings[0].now.fees.e9;
        assert_true(s.net.e9 - net < 1000 && net - s.net.e9 < 1000); /* the average is rounded */
        for (uint32_t i = 0; i < t.lot_count; i++)
            assert_int_equal(t.unmatched, 0);
    }
}

static void the_curve_knows_its_highest(void **state)
{
    (void)state;
    static struct td_equity_curve c;
    memset(&c, 0, sizeof c);
    td_equity_note(&c, 1, TD_CASH(100));
    td_equity_note(&c, 1, TD_CASH(120));
    td_equity_note(&c, 2, TD_CASH(90));
    td_equity_note(&c, 2, TD_CASH_NONE);
    td_equity_note(&c, 1, TD_CASH(500)); /* a day that is over */
    td_equity_note(&c, 2, TD_CASH(108));
    assert_int_equal(c.count, 2);
    assert_int_equal(c.days[0].equity.e9, 120 * TD_E9);
    assert_int_equal(c.days[0].pnl.e9, 20 * TD_E9);
    assert_int_equal(c.days[1].pnl.e9, -12 * TD_E9);
    assert_int_equal(c.days[1].drawdown_e9, TD_E9 / 10);
    assert_int_equal(c.worst_e9, TD_E9 / 4);
    td_equity_note(&c, 5, TD_CASH(130));
    assert_int_equal(c.drawdown_e9, 0);
    for (int i = 6; i < 2000; i++)
        td_equity_note(&c, i, TD_CASH(i));
    assert_int_equal(c.days[(c.count - 1) % TD_TRIP_DAYS_MAX].equity.e9, 1999 * TD_E9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_oldest_lot_is_closed_first, begin, end),
        cmocka_unit_test_setup_teardown(partial_fills_are_one_trip, begin, end),
        cmocka_unit_test_setup_teardown(shorts_and_crossings, begin, end),
        cmocka_unit_test_setup_teardown(wins_losses_and_streaks, begin, end),
        cmocka_unit_test_setup_teardown(corrections_and_busts_count, begin, end),
        cmocka_unit_test_setup_teardown(what_was_there_before_is_told, begin, end),
        cmocka_unit_test_setup_teardown(currencies_are_never_guessed, begin, end),
        cmocka_unit_test_setup_teardown(days_of_the_zone, begin, end),
        cmocka_unit_test_setup_teardown(both_books_agree_when_flat, begin, end),
        cmocka_unit_test(the_curve_knows_its_highest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
