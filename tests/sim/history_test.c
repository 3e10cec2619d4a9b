/* tests/sim/history_test.c - bars added up from files, and a generated past that meets the tape. */
#include "support/support.h"

#include <stdlib.h>
#include <string.h>

#include "sim/history.h"
#include "sys/uvworld.h"

static const int64_t east = -4 * 3600;

static struct td_universe universe;

struct bench {
    struct td_world world;
    struct td_arena arena;
    void *block;
    char root[1024];
    struct td_source_config config;
};

static void setup(struct bench *b, const char *symbol)
{
    struct td_fail why = {0};
    uint32_t index = 0;
    memset(b, 0, sizeof *b);
    TD_OK_OR_FAIL(td_uvworld_open(&b->world, false, &why));
    td_universe_init(&universe);
    TD_OK_OR_FAIL(td_universe_add(&universe, symbol, &index));
    b->block = malloc(td_source_bytes());
    td_arena_init(&b->arena, b->block, td_source_bytes());
    const char *data = td_test_data("lean");
    if (data)
        (void)snprintf(b->root, sizeof b->root, "%.*s", (int)(strlen(data) - strlen("/lean")),
                       data);
    b->config = (struct td_source_config){.data = b->root,
                                          .row = &universe.rows[index],
                                          .seed = 4,
                                          .day = td_days_from_civil(2013, 10, 7),
                                          .daytime = {td_daytime_fixed, &east}};
}

static void teardown(struct bench *b)
{
    td_uvworld_close(&b->world);
    free(b->block);
}

static td_ns at(int day, int hour, int minute)
{
    return td_days_from_civil(2013, 10, day) * TD_DAY + (hour + 4) * TD_HOUR + minute * TD_MIN;
}

static size_t bars(struct bench *b, struct td_history_request ask, struct td_history_bar *out,
                   size_t cap)
{
    size_t n = 0;
    struct td_fail why = {0};
    if (td_history_bars(&b->config, &ask, &b->world, &b->arena, out, cap, &n, &why) != TD_OK)
        fail_msg("%s", why.text);
    return n;
}

static struct td_history_bar out[4000];

static void sizes_and_durations(void **state)
{
    (void)state;
    struct bench b;
    td_ns span = 0;
    setup(&b, "ZZZZ");
    TD_OK_OR_FAIL(td_history_bar_size(td_str_of("5 mins"), &span));
    assert_true(span == 5 * TD_MIN);
    assert_int_equal(td_history_bar_size(td_str_of("7 mins"), &span), TD_EPARSE);
    const struct td_source_config *c = &b.config;
    TD_OK_OR_FAIL(td_history_start(c, td_str_of("3600 S"), at(7, 12, 0), &span));
    assert_true(span == at(7, 11, 0));
    TD_OK_OR_FAIL(td_history_start(c, td_str_of("2 D"), at(7, 12, 0), &span));
    assert_true(span == at(4, 0, 0)); /* Monday and the Friday before */
    TD_OK_OR_FAIL(td_history_start(c, td_str_of("1 W"), at(7, 12, 0), &span));
    assert_true(span == at(1, 0, 0));
    static const char *const bad[] = {"", "D", "1", "1 X", "0 D", "-1 D", "1 DD", "x D"};
    for (size_t i = 0; i < TD_COUNT(bad); i++)
        assert_int_equal(td_history_start(c, td_str_of(bad[i]), at(7, 12, 0), &span), TD_EPARSE);
    size_t n;
    const struct td_history_request wrong = {.start = 5, .end = 5, .bar = TD_MIN};
    assert_int_equal(td_history_bars(c, &wrong, &b.world, &b.arena, out, 10, &n, NULL), TD_EINVAL);
    const struct td_history_request future = {.start = 1, .end = TD_MIN, .bar = TD_SEC};
    assert_int_equal(td_history_bars(c, &future, &b.world, &b.arena, out, 10, &n, NULL),
                     TD_ENODATA);
    teardown(&b);
}

#ifdef TD_WITH_ZIP
static void recorded_bars_add_up(void **state)
{
    (void)state;
    if (!td_test_data("lean"))
        td_skip_data("lean");
    struct bench b;
    setup(&b, "SPY");
    struct td_history_request ask = {.start = at(7, 0, 0), .end = at(8, 0, 0), .bar = TD_MIN};
    assert_int_equal(bars(&b, ask, out, TD_COUNT(out)), 828);
    ask.rth = true;
    assert_int_equal(bars(&b, ask, out, TD_COUNT(out)), 390);
    const struct td_bar first = out[0].bar;
    assert_true(out[0].start == at(7, 9, 30) && out[389].start == at(7, 15, 59));
    const td_px last = out[389].bar.close;
    ask.bar = 30 * TD_MIN;
    assert_int_equal(bars(&b, ask, out, TD_COUNT(out)), 13);
    assert_int_equal(out[0].bar.open.e9, first.open.e9);
    assert_int_equal(out[12].bar.close.e9, last.e9);
    ask.bar = 5 * TD_SEC;
    assert_int_equal(bars(&b, ask, out, 3), 3); /* the newest three */
    assert_true(out[2].start == at(7, 15, 59) + 55 * TD_SEC && out[1].start < out[2].start);
    ask.what = TD_HISTORY_MIDPOINT;
    ask.bar = TD_MIN;
    assert_int_equal(bars(&b, ask, out, TD_COUNT(out)), 390);
    assert_true(llabs(out[0].bar.open.e9 - first.open.e9) < TD_E9 / 10);
    ask = (struct td_history_request){.start = at(1, 0, 0), .end = at(12, 0, 0), .bar = TD_DAY};
    assert_int_equal(bars(&b, ask, out, TD_COUNT(out)), 9);
    assert_int_equal(out[8].day, td_days_from_civil(2013, 10, 11));
    /* Without a daily file (quotes have none) days are added up, in regular hours when asked. */
    ask.what = TD_HISTORY_BID;
    ask.rth = true;
    assert_int_equal(bars(&b, ask, out, TD_COUNT(out)), 6);
    const td_px open = out[1].bar.open;
    ask.bar = TD_MIN;
    assert_true(bars(&b, ask, out, TD_COUNT(out)) > 2 * 390);
    assert_int_equal(out[390].bar.open.e9, open.e9);
    teardown(&b);
}
#endif

static void the_generated_past_meets_the_tape(void **state)
{
    (void)state;
    struct bench b;
    setup(&b, "ZZZZ");
    struct td_history_request ask = {
        .start = at(2, 0, 0), .end = at(7, 10, 0), .bar = TD_MIN, .rth = true};
    const size_t n = bars(&b, ask, out, TD_COUNT(out));
    assert_true(n > 3 * 390 && n <= 3 * 390 + 30);
    assert_true(out[0].start == at(2, 9, 30));
    assert_int_equal(out[3 * 390 - 1].bar.close.e9, b.config.row->start_px.e9);
    for (size_t i = 0; i < n; i++) {
        const struct td_bar *bar = &out[i].bar;
        assert_true(bar->low.e9 > 0 && bar->low.e9 <= bar->open.e9 && bar->low.e9 <= bar->close.e9);
        assert_true(bar->high.e9 >= bar->open.e9 && bar->high.e9 >= bar->close.e9 &&
                    bar->volume.e9 > 0);
        assert_true(i == 0 || out[i].start > out[i - 1].start);
    }
    const td_px close = out[389].bar.close;
    /* A longer or coarser request gives the same past. */
    ask.start = at(1, 0, 0);
    ask.bar = TD_DAY;
    assert_int_equal(bars(&b, ask, out, TD_COUNT(out)), 5);
    assert_int_equal(out[1].bar.close.e9, close.e9);
    /* Hours of a session that begins at half past: the first bar is half of one. */
    ask = (struct td_history_request){
        .start = at(4, 0, 0), .end = at(5, 0, 0), .bar = TD_HOUR, .rth = true};
    assert_int_equal(bars(&b, ask, out, TD_COUNT(out)), 7);
    assert_true(out[0].start == at(4, 9, 30) && out[1].start == at(4, 10, 0) &&
                out[6].start == at(4, 15, 0));
    /* The tape's own bars are its trades. */
    ask = (struct td_history_request){.start = at(7, 9, 31), .end = at(7, 9, 32), .bar = TD_MIN};
    assert_int_equal(bars(&b, ask, out, TD_COUNT(out)), 1);
    struct td_source s;
    struct td_event ev;
    struct td_fail why;
    td_qty volume = {0};
    TD_OK_OR_FAIL(td_source_open(&s, &b.config, &b.world, &b.arena, &why));
    while (td_source_next(&s, &ev, &why) == TD_OK && ev.venue_ns < at(7, 9, 32))
        if (ev.kind == TD_EV_TRADE && ev.venue_ns >= at(7, 9, 31))
            volume.e9 += ev.trade.qty.e9;
    assert_int_equal(out[0].bar.volume.e9, volume.e9);
    teardown(&b);
}

static void same_bars(const struct td_history_bar *a, const struct td_history_bar *b, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        assert_true(a[i].start == b[i].start && a[i].day == b[i].day);
        assert_int_equal(a[i].bar.open.e9, b[i].bar.open.e9);
        assert_int_equal(a[i].bar.high.e9, b[i].bar.high.e9);
        assert_int_equal(a[i].bar.low.e9, b[i].bar.low.e9);
        assert_int_equal(a[i].bar.close.e9, b[i].bar.close.e9);
        assert_int_equal(a[i].bar.volume.e9, b[i].bar.volume.e9);
    }
}

/* Whatever was asked before, of whatever it remembers: the bars are those of a generator that forgot everything. */
static void ask_twice(struct bench *b, struct td_history_request *ask, struct td_history_mark *mark)
{
    static struct td_history_bar plain[4000];
    size_t n = 0, m = 0;
    ask->mark = NULL;
    const enum td_err err =
        td_history_bars(&b->config, ask, &b->world, &b->arena, plain, TD_COUNT(plain), &n, NULL);
    ask->mark = mark;
    assert_int_equal(
        td_history_bars(&b->config, ask, &b->world, &b->arena, out, TD_COUNT(out), &m, NULL), err);
    assert_int_equal(err ? 0 : n, err ? 0 : m);
    same_bars(plain, out, err ? 0 : n);
}

static void a_mark_changes_no_bar(void **state)
{
    (void)state;
    static struct td_history_mark mark;
    struct bench b;
    struct td_rng rng;
    int64_t renewed = 0;
    setup(&b, "ZZZZ");
    td_rng_init(&rng, 11);
    for (int i = 0; i < 30; i++) {
        const td_ns before = mark.start;
        const td_ns start = at(7, 4, 0) + td_rng_between(&rng, i - 8, i) * 10 * TD_MIN +
                            td_rng_between(&rng, 0, 600) * TD_SEC;
        struct td_history_request ask = {.start = start,
                                         .end = start + td_rng_between(&rng, 1, 600) * TD_SEC,
                                         .bar = i % 3 ? TD_SEC : TD_MIN};
        for (uint8_t what = TD_HISTORY_TRADES; what <= TD_HISTORY_ASK; what++) {
            ask.what = what;
            ask_twice(&b, &ask, &mark);
        }
        assert_true(mark.set && mark.start >= before);
        renewed += mark.start > before;
    }
    assert_true(renewed >= 5);
    teardown(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_and_durations),
#ifdef TD_WITH_ZIP
        cmocka_unit_test(recorded_bars_add_up),
#endif
        cmocka_unit_test(the_generated_past_meets_the_tape),
        cmocka_unit_test(a_mark_changes_no_bar),
    };
    return cmocka_run_group_tests_name("sim/history", tests, NULL, NULL);
}
