/* tests/market/pause_test.c - pauses of the venue and the fresh quote after them, every cell of the table. */
#include "market/pause.h"

#include "support/support.h"

#define BID ((td_px){INT64_C(99990000000)})
#define ASK ((td_px){INT64_C(100010000000)})

static void what_is_told_changes_the_state(void **state)
{
    (void)state;
    static const struct {
        enum td_pause_state from;
        int64_t told;
        enum td_pause_state to;
    } rows[] = {
        {TD_PAUSE_TRADING, 0, TD_PAUSE_TRADING},   {TD_PAUSE_TRADING, 1, TD_PAUSE_PAUSED},
        {TD_PAUSE_TRADING, 2, TD_PAUSE_PAUSED},    {TD_PAUSE_TRADING, -1, TD_PAUSE_DOUBTFUL},
        {TD_PAUSE_TRADING, 7, TD_PAUSE_DOUBTFUL},  {TD_PAUSE_PAUSED, 0, TD_PAUSE_DOUBTFUL},
        {TD_PAUSE_PAUSED, 1, TD_PAUSE_PAUSED},     {TD_PAUSE_PAUSED, 2, TD_PAUSE_PAUSED},
        {TD_PAUSE_PAUSED, -1, TD_PAUSE_PAUSED},    {TD_PAUSE_PAUSED, 7, TD_PAUSE_PAUSED},
        {TD_PAUSE_DOUBTFUL, 0, TD_PAUSE_DOUBTFUL}, {TD_PAUSE_DOUBTFUL, 1, TD_PAUSE_PAUSED},
        {TD_PAUSE_DOUBTFUL, 2, TD_PAUSE_PAUSED},   {TD_PAUSE_DOUBTFUL, -1, TD_PAUSE_DOUBTFUL},
    };
    for (size_t i = 0; i < TD_COUNT(rows); i++) {
        struct td_pause p = {.state = (uint8_t)rows[i].from};
        td_pause_tell(&p, rows[i].told);
        if (p.state != rows[i].to)
            fail_msg("row %zu: %s", i, td_pause_word(&p));
    }
}

static void both_sides_must_be_told_anew(void **state)
{
    (void)state;
    struct td_pause p = {0};
    td_pause_quote(&p, TD_BID, BID);
    td_pause_quote(&p, TD_ASK, ASK);
    td_pause_tell(&p, 2);
    td_pause_quote(&p, TD_BID, BID); /* frozen: counts for nothing */
    td_pause_quote(&p, TD_ASK, ASK);
    td_pause_tell(&p, 0);
    assert_int_equal(p.state, TD_PAUSE_DOUBTFUL);
    td_pause_quote(&p, TD_BID, BID);
    td_pause_quote(&p, TD_BID, BID);
    assert_int_equal(p.state, TD_PAUSE_DOUBTFUL);
    td_pause_quote(&p, TD_ASK, ASK);
    assert_int_equal(p.state, TD_PAUSE_TRADING);
    td_pause_quote(&p, TD_ASK, TD_PX_NONE); /* an empty side of an open market is not a pause */
    assert_int_equal(p.state, TD_PAUSE_TRADING);
}

static void a_side_that_goes_away_is_not_fresh(void **state)
{
    (void)state;
    struct td_pause p = {.state = TD_PAUSE_DOUBTFUL};
    td_pause_quote(&p, TD_BID, BID);
    td_pause_quote(&p, TD_BID, TD_PX_NONE);
    td_pause_quote(&p, TD_ASK, ASK);
    assert_int_equal(p.state, TD_PAUSE_DOUBTFUL);
    td_pause_quote(&p, TD_BID, (td_px){0});
    assert_int_equal(p.state, TD_PAUSE_DOUBTFUL);
    td_pause_quote(&p, TD_BID, (td_px){ASK.e9 + 1}); /* crossed */
    assert_int_equal(p.state, TD_PAUSE_DOUBTFUL);
    td_pause_quote(&p, TD_BID, ASK); /* locked will do */
    assert_int_equal(p.state, TD_PAUSE_TRADING);
}

static void a_second_pause_begins_anew(void **state)
{
    (void)state;
    struct td_pause p = {0};
    td_pause_tell(&p, 2);
    td_pause_tell(&p, 0);
    td_pause_quote(&p, TD_BID, BID);
    td_pause_tell(&p, 1);
    td_pause_tell(&p, 0);
    td_pause_quote(&p, TD_ASK, ASK);
    assert_int_equal(p.state, TD_PAUSE_DOUBTFUL);
}

static void a_pause_outlives_the_connection(void **state)
{
    (void)state;
    struct td_pause p = {0};
    td_pause_lost(&p);
    assert_int_equal(p.state, TD_PAUSE_TRADING);
    td_pause_tell(&p, 2);
    td_pause_lost(&p);
    assert_int_equal(p.state, TD_PAUSE_PAUSED);
    td_pause_tell(&p, 0);
    td_pause_quote(&p, TD_BID, BID);
    td_pause_lost(&p);
    td_pause_quote(&p, TD_ASK, ASK);
    assert_int_equal(p.state, TD_PAUSE_DOUBTFUL);
    td_pause_quote(&p, TD_BID, BID);
    assert_int_equal(p.state, TD_PAUSE_TRADING);
}

static void states_have_words(void **state)
{
    (void)state;
    struct td_pause p = {0};
    assert_string_equal(td_pause_word(&p), "trading");
    td_pause_tell(&p, 1);
    assert_string_equal(td_pause_word(&p), "paused by a regulator");
    td_pause_tell(&p, 2);
    assert_string_equal(td_pause_word(&p), "paused for volatility");
    td_pause_tell(&p, 0);
    assert_string_equal(td_pause_word(&p), "waiting for a fresh quote");
    p.state = 9;
    assert_string_equal(td_pause_word(&p), "?");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_told_changes_the_state),
        cmocka_unit_test(both_sides_must_be_told_anew),
        cmocka_unit_test(a_side_that_goes_away_is_not_fresh),
        cmocka_unit_test(a_second_pause_begins_anew),
        cmocka_unit_test(a_pause_outlives_the_connection),
        cmocka_unit_test(states_have_words),
    };
    return cmocka_run_group_tests_name("market/pause", tests, NULL, NULL);
}
