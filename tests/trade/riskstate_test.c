/* tests/trade/riskstate_test.c - risk_state.json: its keys, when it is written, and that a failure is told. */
#include "support/support.h"

#include <stdio.h>
#include <stdlib.h>

#include "sim/simworld.h"
#include "trade/riskstate.h"

static struct td_simworld *sim;
static struct td_world world;
static struct td_blotter b;
static struct td_riskstate state_file;
static void *memory;
static td_ns at;
static uint32_t host;

static int begin(void **state)
{
    (void)state;
    const struct td_blotter_limits limits = {64, 256, 8, 0, 0};
    const struct td_simworld_options options = {.seed = 1};
    struct td_arena arena;
    memory = malloc(td_blotter_bytes(&limits));
    td_arena_init(&arena, memory, td_blotter_bytes(&limits));
    at = INT64_C(1757341865120000000);
    return td_blotter_open(&b, &limits, &arena) == TD_OK &&
                   td_simworld_open(&sim, &options, NULL) == TD_OK &&
                   td_simworld_attach(sim, "desk", &host, &world, NULL) == TD_OK &&
                   td_folder_make(&world, "state") == TD_OK &&
                   td_riskstate_open(&state_file, &world, "state") == TD_OK
               ? 0
               : -1;
}

static int end(void **state)
{
    (void)state;
    td_simworld_close(sim);
    free(memory);
    sim = NULL;
    memory = NULL;
    return 0;
}

static void apply(struct td_record *r)
{
    TD_OK_OR_FAIL(td_blotter_apply(&b, r));
    td_riskstate_note(&state_file, r);
}

static void fill(const char *symbol, const char *id, int64_t qty, int64_t px)
{
    struct td_record r;
    at += TD_MS;
    td_record_init(&r, TD_REC_EXEC, at);
    r.action = qty < 0 ? TD_SELL : TD_BUY;
    r.qty = TD_QTY(qty < 0 ? -qty : qty);
    r.px = TD_PX(px);
    r.multiplier = TD_QTY(1);
    (void)snprintf(r.symbol, sizeof r.symbol, "%s", symbol);
    (void)snprintf(r.exec_id, sizeof r.exec_id, "%s", id);
    apply(&r);
}

static void plain(enum td_record_type type)
{
    struct td_record r;
    at += TD_MS;
    td_record_init(&r, type, at);
    apply(&r);
}

static const char *text(void)
{
    static char buf[8192];
    size_t len = 0;
    if (td_file_slurp(&world, "state/risk_state.json", buf, sizeof buf, &len, NULL) != TD_OK)
        return NULL;
    return buf;
}

static void every_key_has_its_value(void **state)
{
    (void)state;
    fill("SPY", "1.01", 10, 100);
    fill("SPY", "2.01", -4, 103);
    fill("IBM", "3.01", -2, 200);
    TD_OK_OR_FAIL(td_riskstate_write(&state_file, &b, false, NULL));
    assert_string_equal(
        text(), "{\"positions\":{\"SPY\":{\"quantity\":6,\"avg_price\":100},"
                "\"IBM\":{\"quantity\":-2,\"avg_price\":200}},\"daily_pnl\":12,\"total_pnl\":12,"
                "\"current_capital\":null,\"kill_switch_triggered\":false,\"kelly_trades\":[12],"
                "\"timestamp\":\"2025-09-08T14:31:05.123000+00:00\"}\n");
}

static void once_a_second_and_at_once_at_a_halt(void **state)
{
    (void)state;
    fill("SPY", "1.01", 1, 100);
    TD_OK_OR_FAIL(td_riskstate_write(&state_file, &b, false, NULL));
    fill("SPY", "2.01", 1, 100);
    TD_OK_OR_FAIL(td_riskstate_write(&state_file, &b, false, NULL));
    assert_non_null(strstr(text(), "\"quantity\":1,"));
    plain(TD_REC_HALT);
    TD_OK_OR_FAIL(td_riskstate_write(&state_file, &b, false, NULL));
    assert_non_null(strstr(text(), "\"kill_switch_triggered\":true"));
    assert_non_null(strstr(text(), "\"quantity\":2,"));
    fill("SPY", "3.01", 1, 100);
    at += TD_SEC;
    TD_OK_OR_FAIL(td_riskstate_write(&state_file, &b, true, NULL)); /* the end of the process */
    assert_non_null(strstr(text(), "\"quantity\":3,"));
    TD_OK_OR_FAIL(td_file_remove(&world, "state/risk_state.json"));
    plain(TD_REC_LOST); /* nothing of it changed */
    TD_OK_OR_FAIL(td_riskstate_write(&state_file, &b, true, NULL));
    assert_null(text());
}

static void a_failure_is_told_and_tried_again(void **state)
{
    (void)state;
    struct td_fail why = {0};
    const struct td_sim_fault fault = {TD_SIM_SYNC, 1, TD_EIO, false};
    fill("SPY", "1.01", 1, 100);
    td_simworld_fault(sim, host, &fault);
    assert_int_equal(td_riskstate_write(&state_file, &b, false, &why), TD_EIO);
    assert_true(why.text[0] != '\0');
    assert_null(text());
    TD_OK_OR_FAIL(td_riskstate_write(&state_file, &b, false, &why));
    assert_non_null(text());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_key_has_its_value, begin, end),
        cmocka_unit_test_setup_teardown(once_a_second_and_at_once_at_a_halt, begin, end),
        cmocka_unit_test_setup_teardown(a_failure_is_told_and_tried_again, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
