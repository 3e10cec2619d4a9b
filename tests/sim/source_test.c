/* tests/sim/source_test.c - what plays for a symbol, in time order, with depth behind it. */
#include "support/support.h"

#include <stdlib.h>
#include <string.h>

#include "sim/source.h"
#include "sys/uvworld.h"

static const int64_t east = -4 * 3600;

struct bench {
    struct td_world world;
    struct td_universe u;
    struct td_arena arena;
    void *block;
    struct td_source s;
    char root[1024];
};

static struct bench *setup(const char *symbol, bool with_data)
{
    struct bench *b = calloc(1, sizeof *b);
    struct td_fail why = {0};
    uint32_t index = 0;
    TD_OK_OR_FAIL(td_uvworld_open(&b->world, false, &why));
    td_universe_init(&b->u);
    TD_OK_OR_FAIL(td_universe_add(&b->u, symbol, &index));
    b->block = malloc(td_source_bytes());
    td_arena_init(&b->arena, b->block, td_source_bytes());
    const char *data = td_test_data("lean");
    if (data)
        (void)snprintf(b->root, sizeof b->root, "%.*s", (int)(strlen(data) - strlen("/lean")),
                       data);
    const struct td_source_config config = {.data = with_data ? b->root : NULL,
                                            .row = &b->u.rows[index],
                                            .inst = 3,
                                            .seed = 9,
                                            .day = td_days_from_civil(2013, 10, 6),
                                            .daytime = {td_daytime_fixed, &east}};
    if (td_source_open(&b->s, &config, &b->world, &b->arena, &why) != TD_OK)
        fail_msg("%s", why.text);
    return b;
}

static void teardown(struct bench *b)
{
    td_uvworld_close(&b->world);
    free(b->block);
    free(b);
}

struct tally {
    uint64_t kinds[TD_EV_KINDS];
    int64_t volume;
    uint64_t crossed;
};

/* Plays until `end`; times never run backwards. */
static struct tally play(struct bench *b, td_ns end)
{
    struct tally t = {0};
    struct td_event ev;
    struct td_fail why = {0};
    td_ns before = 0;
    while (td_source_next(&b->s, &ev, &why) == TD_OK && ev.venue_ns < end) {
        assert_true(ev.venue_ns >= before);
        assert_int_equal(ev.inst, 3);
        assert_int_equal(ev.generated, b->s.kind == TD_SOURCE_GENERATED);
        before = ev.venue_ns;
        t.kinds[ev.kind]++;
        if (ev.kind == TD_EV_TRADE)
            t.volume += ev.trade.qty.e9 / TD_E9;
        if (ev.kind == TD_EV_QUOTE && !td_px_is_none(ev.quote.ask) && !td_px_is_none(ev.quote.bid))
            t.crossed += ev.quote.bid.e9 >= ev.quote.ask.e9;
    }
    assert_string_equal(why.text, "");
    return t;
}

static void without_data_the_generator_plays(void **state)
{
    (void)state;
    struct bench *b = setup("ZZZZ", true);
    struct td_depth_row rows[10];
    assert_int_equal(b->s.kind, TD_SOURCE_GENERATED);
    assert_int_equal(b->s.day, td_days_from_civil(2013, 10, 7)); /* the 6th is a Sunday */
    assert_non_null(strstr(td_source_describe(&b->s), "generated"));
    const struct tally t = play(b, b->s.hours.open + 10 * TD_MIN);
    assert_true(t.kinds[TD_EV_QUOTE] > 100 && t.kinds[TD_EV_TRADE] > 10 && t.crossed == 0);
    assert_int_equal(td_source_depth(&b->s, TD_BID, rows, 10), 10);
    assert_true(rows[0].generated && rows[0].px.e9 > rows[9].px.e9);
    (void)play(b, b->s.hours.ext_close + TD_DAY); /* goes on with the next day */
    assert_int_equal(b->s.day, td_days_from_civil(2013, 10, 8));
    teardown(b);
}

#ifdef TD_WITH_ZIP
static void recorded_ticks_are_merged_with_quotes(void **state)
{
    (void)state;
    if (!td_test_data("lean"))
        td_skip_data("lean");
    struct bench *b = setup("IBM", true);
    struct td_depth_row rows[10];
    assert_int_equal(b->s.kind, TD_SOURCE_TICKS);
    assert_string_equal(
        td_source_describe(&b->s),
        "IBM: recorded LEAN ticks of 2013-10-07; depth below the quotes is generated");
    const struct tally t = play(b, b->s.hours.close);
    assert_int_equal(t.kinds[TD_EV_TRADE], 24106 + 158); /* counted apart from the files */
    assert_true(t.kinds[TD_EV_QUOTE] > 107998 && t.crossed == 0);
    assert_int_equal(td_source_depth(&b->s, TD_ASK, rows, 10), 10);
    assert_true(!rows[0].generated && rows[1].generated && rows[9].px.e9 > rows[0].px.e9);
    (void)play(b, b->s.hours.ext_close + TD_SEC);
    assert_int_equal(b->s.day, td_days_from_civil(2013, 10, 8)); /* minute bars of the next day */
    assert_int_equal(b->s.kind, TD_SOURCE_MINUTES);
    const struct tally rest = play(b, TD_NS_NEVER);
    assert_true(rest.kinds[TD_EV_TRADE] > 2000);
    teardown(b);
}

static void futures_play_their_minutes(void **state)
{
    (void)state;
    if (!td_test_data("lean"))
        td_skip_data("lean");
    struct bench *b = setup("ES", true);
    assert_int_equal(b->s.kind, TD_SOURCE_MINUTES);
    const struct tally t = play(b, td_days_from_civil(2013, 10, 8) * TD_DAY);
    assert_int_equal(t.volume, 787701 + 10442); /* the files' sums: bars keep their volume */
    teardown(b);
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_data_the_generator_plays),
#ifdef TD_WITH_ZIP
        cmocka_unit_test(recorded_ticks_are_merged_with_quotes),
        cmocka_unit_test(futures_play_their_minutes),
#endif
    };
    return cmocka_run_group_tests_name("sim/source", tests, NULL, NULL);
}
