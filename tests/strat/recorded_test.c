/* tests/strat/recorded_test.c - the microstructure strategies on four recorded minutes of ES futures: best bid and ask, and prints.
 *
 * Every entry and exit of `ofi` is compared with the recorded sizes themselves; the others must want something, and quotes nothing, since
 * the spread of a quarter of a point is far below 5 bps. Skipped without the data. */
#include "strat/strat_stage.h"

#include "support/dbn_load.h"

#define FILE_OF_ES                                                                                 \
    "dbn/nautilus/historical_bars_catalog/futures_mbp-1_2024-07-01T23-58_2024-07-02T00-02.dbn.zst"

static struct stage stage;
static uint8_t *bytes;
static size_t length;

struct played {
    size_t quotes, prints, entries, exits;
};

/* What the sizes at the best prices say. */
static double imbalance(const struct td_dbn_level *l)
{
    const double bid = l->bid_qty, ask = l->ask_qty;
    return (bid - ask) / (bid + ask);
}

static void check_ofi(const struct td_dbn_level *l)
{
    const struct td_intent *i = &stage.out[0];
    const double ofi = imbalance(l);
    const int side = i->action == TD_BUY ? 1 : -1;
    if (!i->exit)
        assert_true(ofi * side > 0.3);
    else if (strstr(i->reason, "turned"))
        assert_true(ofi * side > 0.1);
}

/* The instrument that has most records; the file has two. */
static uint32_t busiest(void)
{
    struct td_dbn d;
    struct td_dbn_record r;
    uint32_t ids[8] = {0}, counts[8] = {0}, best = 0;
    dbn_begin(&d, "mbp-1", bytes, length);
    while (td_dbn_next(&d, &r) == TD_OK) {
        uint32_t k = 0;
        while (k < 7 && counts[k] && ids[k] != r.instrument)
            k++;
        ids[k] = r.instrument;
        counts[k]++;
    }
    for (uint32_t k = 1; k < 8; k++)
        best = counts[k] > counts[best] ? k : best;
    return ids[best];
}

static struct played play(const char *name)
{
    struct td_dbn d;
    struct td_dbn_record r;
    struct played p = {0};
    const uint32_t id = busiest();
    stage_presets(&stage, name);
    stage_begin(&stage, 1, 1, true, TD_MIN);
    stage.insts[0].min_tick.e9 = TD_E9 / 4;
    dbn_begin(&d, "mbp-1", bytes, length);
    while (td_dbn_next(&d, &r) == TD_OK) {
        if (r.instrument != id || r.levels != 1)
            continue;
        const struct td_dbn_level *l = r.level;
        struct td_event ev = {.venue_ns = (td_ns)r.ts_event, .recv_ns = (td_ns)r.ts_recv};
        stage.now = (td_ns)r.ts_recv;
        if (r.action == 'T') {
            ev.kind = TD_EV_TRADE;
            ev.trade =
                (struct td_trade){.px = r.px, .qty = {(int64_t)r.qty * TD_E9}, .aggressor = 2};
            stage.legs[0].last = r.px;
            p.prints++;
        } else {
            ev.kind = TD_EV_QUOTE;
            ev.quote = (struct td_quote){
                l->bid_px, l->ask_px, {(int64_t)l->bid_qty * TD_E9}, {(int64_t)l->ask_qty * TD_E9}};
            stage.legs[0].quote = ev.quote;
            p.quotes++;
        }
        if (!stage_event(&stage, 0, &ev))
            continue;
        p.entries += !stage.out[0].exit;
        p.exits += stage.out[0].exit;
        if (strcmp(name, "ofi") == 0)
            check_ofi(l);
    }
    return p;
}

static void recorded_books_make_signals(void **state)
{
    (void)state;
    if (!bytes)
        td_skip_data(FILE_OF_ES);
    const struct played ofi = play("ofi"), ensemble = play("ensemble"), quotes = play("spread");
    assert_true(ofi.quotes > 1000 && ofi.prints > 50);
    assert_true(ofi.entries > 10 && ofi.exits >= ofi.entries - 1);
    assert_true(ensemble.entries >= 1 && ensemble.exits >= ensemble.entries - 1);
    assert_int_equal(quotes.entries, 0);
}

static int load(void **state)
{
    (void)state;
    bytes = dbn_load(FILE_OF_ES, &length);
    return 0;
}

static int unload(void **state)
{
    (void)state;
    free(bytes);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(recorded_books_make_signals)};
    return cmocka_run_group_tests_name("strat/recorded", tests, load, unload);
}
