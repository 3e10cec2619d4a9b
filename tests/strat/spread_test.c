/* tests/strat/spread_test.c - two-sided quotes: where they stand, how they move, and when there are none. */
#include "strat/strat_stage.h"

static struct stage stage;

static void begin(bool allow_short)
{
    stage_presets(&stage, "spread");
    stage_begin(&stage, 1, 10, allow_short, TD_MIN);
}

static size_t book(double bid, double ask, double bids, double asks)
{
    stage.now += TD_SEC;
    return stage_book(&stage, 0, bid, ask, bids, asks, 3);
}

static const struct td_working *works(uint8_t action)
{
    for (uint32_t i = 0; i < stage.working_count; i++)
        if (stage.working[i].action == action)
            return &stage.working[i];
    return NULL;
}

static void assert_quotes(double bid, double ask)
{
    assert_int_equal(stage.working_count, 2);
    assert_true(fabs(stage_px(works(TD_BUY)->limit) - bid) < 1e-9);
    assert_true(fabs(stage_px(works(TD_SELL)->limit) - ask) < 1e-9);
}

/* Micro-price (100*300 + 100.10*100)/400 = 100.025; 2 bps are 0.020005. */
static void around_the_micro_price(void **state)
{
    (void)state;
    begin(true);
    assert_int_equal(book(100, 100.10, 100, 300), 2);
    assert_quotes(100, 100.05);
    assert_int_equal(works(TD_BUY)->qty.e9, 10 * TD_E9);
    assert_int_equal(book(100, 100.10, 100, 300), 0); /* they stand right */
    assert_int_equal(book(100, 100.10, 300, 100), 2); /* micro 100.075: both are changed */
    assert_int_equal(stage.out[0].kind, TD_INTENT_CHANGE);
    assert_quotes(100.05, 100.10);
}

/* Half the inventory leans both quotes by 0.5 * 0.5 * 0.10 = 0.025. */
static void leans_against_the_position(void **state)
{
    (void)state;
    begin(true);
    stage_fill(&stage, 0, 50 * TD_E9, TD_PX(100));
    assert_int_equal(book(100, 100.10, 100, 100), 2); /* micro 100.05 */
    assert_quotes(100, 100.05);                       /* 100.004995, 100.045010 */
    begin(true);
    stage_fill(&stage, 0, -50 * TD_E9, TD_PX(100));
    assert_int_equal(book(100, 100.10, 100, 100), 2);
    assert_quotes(100.05, 100.10); /* 100.054990, 100.095010 */
}

static void inventory_is_bounded(void **state)
{
    (void)state;
    begin(true);
    stage_fill(&stage, 0, 95 * TD_E9, TD_PX(100));
    assert_int_equal(book(100, 100.10, 100, 100), 2);
    assert_int_equal(works(TD_BUY)->qty.e9, 5 * TD_E9); /* up to 100 */
    stage_fill(&stage, 0, 5 * TD_E9, TD_PX(100));       /* by some other order */
    assert_true(book(100, 100.10, 100, 100) >= 1);
    assert_null(works(TD_BUY));
    assert_non_null(works(TD_SELL));
    begin(false);
    assert_int_equal(book(100, 100.10, 100, 100), 1); /* nothing to offer without shorts */
    assert_non_null(works(TD_BUY));
    stage_fill(&stage, 0, 4 * TD_E9, TD_PX(100));
    assert_true(book(100, 100.10, 100, 100) >= 1);
    assert_int_equal(works(TD_SELL)->qty.e9, 4 * TD_E9);
}

static void only_in_a_spread_of_5_to_50_bps(void **state)
{
    (void)state;
    begin(true);
    assert_int_equal(book(100, 100.04, 100, 100), 0); /* 4 bps */
    assert_int_equal(book(100, 100.06, 100, 100), 2);
    assert_int_equal(book(100, 100.60, 100, 100), 2); /* 60 bps: both are cancelled */
    assert_int_equal(stage.out[0].kind, TD_INTENT_CANCEL);
    assert_int_equal(stage.working_count, 0);
    assert_int_equal(book(100, 100.40, 100, 100), 2);
    stage.legs[0].tradable = false;
    assert_int_equal(book(100, 100.40, 100, 100), 2);
    assert_int_equal(stage.working_count, 0);
}

/* However the book runs: never through the market, never more than twice a second, never past the inventory. */
static void holds_its_limits_on_a_wild_book(void **state)
{
    (void)state;
    struct td_rng rng;
    double mid = 100;
    uint64_t moves = 0, cancels = 0;
    td_rng_init(&rng, 9);
    begin(true);
    for (int i = 0; i < 20000; i++) {
        stage.now += 50 * TD_MS;
        mid = fmax(20, mid + 0.03 * td_rng_normal(&rng));
        const double bid = stage_cent(mid - 0.01 * (double)td_rng_between(&rng, 1, 40));
        const double ask = stage_cent(mid + 0.01 * (double)td_rng_between(&rng, 1, 40));
        (void)stage_book(&stage, 0, bid, ask, (double)td_rng_between(&rng, 1, 500),
                         (double)td_rng_between(&rng, 1, 500), 3);
        for (size_t k = 0; k < stage.count; k++) {
            const struct td_intent *it = &stage.out[k];
            moves += it->kind != TD_INTENT_CANCEL;
            cancels += it->kind == TD_INTENT_CANCEL;
            if (it->kind == TD_INTENT_CANCEL)
                continue;
            assert_int_equal(it->limit.e9 % (TD_E9 / 100), 0);
            if (it->action == TD_BUY)
                assert_true(stage_px(it->limit) < ask - 0.005);
            else
                assert_true(stage_px(it->limit) > bid + 0.005);
        }
        if (works(TD_BUY) && works(TD_SELL))
            assert_true(works(TD_BUY)->limit.e9 < works(TD_SELL)->limit.e9 || stage.count == 0);
        if (stage.working_count && td_rng_chance(&rng, 0.1)) { /* one of them fills */
            struct td_working *w = &stage.working[td_rng_below(&rng, stage.working_count)];
            stage_fill(&stage, 0, w->action == TD_BUY ? w->qty.e9 : -w->qty.e9, w->limit);
            *w = stage.working[--stage.working_count];
            stage_count_pending(&stage);
        }
        assert_true(llabs(stage.legs[0].position.e9) <= 100 * TD_E9);
    }
    assert_true(moves > 1000 && moves <= 2 * 2 * 1000 + 2 && cancels <= 2 * 1000 + 2);
}

/* Its own orders cannot be seen: nothing is sent beside them. */
static void blind_it_waits(void **state)
{
    (void)state;
    begin(true);
    stage.no_fills = true;
    stage.legs[0].pending = TD_QTY(10);
    stage.now += TD_SEC;
    const struct td_event ev = {.recv_ns = stage.now, .kind = TD_EV_QUOTE};
    stage.legs[0].quote = (struct td_quote){stage_of(100), stage_of(100.1), TD_QTY(1), TD_QTY(1)};
    assert_int_equal(stage_event(&stage, 0, &ev), 0);
    stage.no_fills = false;
    assert_int_equal(stage_event(&stage, 0, &ev), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(around_the_micro_price),
        cmocka_unit_test(leans_against_the_position),
        cmocka_unit_test(inventory_is_bounded),
        cmocka_unit_test(only_in_a_spread_of_5_to_50_bps),
        cmocka_unit_test(holds_its_limits_on_a_wild_book),
        cmocka_unit_test(blind_it_waits),
    };
    return cmocka_run_group_tests_name("strat/spread", tests, NULL, NULL);
}
