/* tests/trade/readiness_test.c - every criterion by itself, lives with and without an end, and the reports' times. */
#include "support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trade/readiness.h"

#define BEGIN INT64_C(1763735400000000000)

static struct td_readiness r;
static struct td_blotter b;
static void *memory;
static struct td_ready_row rows[TD_READY_ITEMS];

static int set_up(void **state)
{
    static const struct td_blotter_limits limits = {64, 64, 4, 0, 0};
    struct td_arena arena;
    (void)state;
    memory = malloc(td_blotter_bytes(&limits));
    td_arena_init(&arena, memory, td_blotter_bytes(&limits));
    r = (struct td_readiness){0};
    return td_blotter_open(&b, &limits, &arena) == TD_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    free(memory);
    return 0;
}

static void take(enum td_record_type type, const char *status, td_ns at)
{
    struct td_record record;
    td_record_init(&record, type, BEGIN + at);
    (void)snprintf(record.status, sizeof record.status, "%s", status);
    record.key = type == TD_REC_EXEC;
    td_readiness_take(&r, &record);
}

static void life(td_ns from, td_ns to, bool orderly)
{
    take(TD_REC_START, "paper", from);
    take(TD_REC_RECON, "", (from + to) / 2);
    take(orderly ? TD_REC_STOP : TD_REC_LOST, "", to);
}

static void trades(int count, td_ns at)
{
    for (int i = 0; i < count; i++)
        take(TD_REC_EXEC, "", at);
}

static void holding(int64_t realized, int64_t fees)
{
    b.holding_count = 1;
    b.holdings[0].now.realized = (td_cash){realized};
    b.holdings[0].now.fees = (td_cash){fees};
}

static bool judge(bool running, td_ns now)
{
    return td_readiness_judge(&r, &b, running, BEGIN + now, rows);
}

static void a_day_on_paper_is_ready(void **state)
{
    (void)state;
    take(TD_REC_START, "paper", 0);
    trades(10, TD_HOUR);
    take(TD_REC_STOP, "", 24 * TD_HOUR);
    holding(5, 5);
    assert_true(judge(false, 30 * TD_HOUR));
    assert_string_equal(rows[TD_READY_HOURS].found, "24.00");
    holding(5, 6);
    assert_false(judge(false, 30 * TD_HOUR));
    assert_false(rows[TD_READY_RESULT].ok);
}

static void each_criterion_counts(void **state)
{
    (void)state;
    take(TD_REC_START, "paper", 0);
    trades(9, TD_HOUR);
    take(TD_REC_STOP, "", 24 * TD_HOUR - 1);
    assert_false(judge(false, 0));
    assert_false(rows[TD_READY_HOURS].ok);
    assert_false(rows[TD_READY_COUNT].ok);
    assert_true(rows[TD_READY_NO_CRASH].ok);
    assert_true(rows[TD_READY_RESULT].ok);
}

static void a_life_without_an_end_is_a_crash(void **state)
{
    (void)state;
    life(0, 10 * TD_HOUR, false);
    life(11 * TD_HOUR, 30 * TD_HOUR, true);
    trades(10, 0); /* outside a life: not counted */
    (void)judge(false, 0);
    assert_string_equal(rows[TD_READY_NO_CRASH].found, "1 of 2 lives");
    assert_string_equal(rows[TD_READY_HOURS].found, "29.00"); /* up to its last record */
    assert_string_equal(rows[TD_READY_COUNT].found, "0");
}

static void the_last_one_may_be_running(void **state)
{
    (void)state;
    life(0, TD_HOUR, false);
    (void)judge(true, 30 * TD_HOUR);
    assert_true(rows[TD_READY_NO_CRASH].ok);
    assert_string_equal(rows[TD_READY_HOURS].found, "30.00");
    (void)judge(false, 30 * TD_HOUR);
    assert_false(rows[TD_READY_NO_CRASH].ok);
    assert_string_equal(rows[TD_READY_HOURS].found, "1.00");
}

static void real_money_and_no_life_at_all_do_not_count(void **state)
{
    (void)state;
    assert_false(judge(false, 0));
    assert_false(rows[TD_READY_NO_CRASH].ok);
    take(TD_REC_START, "live", 0);
    trades(20, TD_HOUR);
    take(TD_REC_STOP, "", 48 * TD_HOUR);
    (void)judge(false, 0);
    assert_string_equal(rows[TD_READY_HOURS].found, "0.00");
    assert_string_equal(rows[TD_READY_COUNT].found, "0");
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(a_day_on_paper_is_ready),
        CASE(each_criterion_counts),
        CASE(a_life_without_an_end_is_a_crash),
        CASE(the_last_one_may_be_running),
        CASE(real_money_and_no_life_at_all_do_not_count),
    };
    return cmocka_run_group_tests_name("trade/readiness", tests, NULL, NULL);
}
