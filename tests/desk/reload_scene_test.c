/* tests/desk/reload_scene_test.c - settings read again under a desk that trades: what the words and the signal answer, and
 * a storm of reloads beside a strategy that sends as fast as the limits let it (P4).
 *
 * Two judges: the journal, where no SENT may stand while the settings recorded before it forbid orders; and the gateway's
 * ledger against the times in which the desk's settings forbade them. */
#include "support/support.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "desk/desk_ask.h"
#include "desk/desk_reload.h"
#include "desk/desk_wants.h"
#include "faults/reload_judge.h"

#define LATENCY (2 * TD_MS)
#define WIDE                                                                                       \
    "ENABLE_ORDER_EXEC=1\nMAX_ORDERS_PER_MINUTE=255\nDEDUP_WINDOW_SECONDS=0\n"                     \
    "RISK_MAX_DAILY_NOTIONAL=9000000000\nRISK_MAX_ORDER_NOTIONAL=9000000000\n"                     \
    "MAX_DAILY_LOSS_PCT=1\nMAX_POSITION_EXPOSURE=9000000000\nMAX_OPEN_ORDERS=1000\n"               \
    "DEFAULT_CASH=9000000000\nKILL_DAILY_LOSS_PCT=0\nKILL_POSITION_LOSS_PCT=0\n"                   \
    "KILL_DRAWDOWN_PCT=0\nKILL_LOSING_STREAK=0\nDECISION_LATENCY_MS=2000\nDISK_FLOOR_MB=0\n"       \
    "RISK_MAX_LEVERAGE=4\nMAX_SYMBOL_EXPOSURE_PCT=4\nSTOP_LOSS_MONITOR=0\n"

static const char all_open[] = WIDE "ALLOW_ORDERS=1\nDRY_RUN=0\nMAX_TRADES_PER_DAY=100000\n"
                                    "MAX_ORDER_SIZE=2\n";

static const struct scene_options calm = {
    .world = {.seed = 3, .latency_min = TD_MS, .latency_max = LATENCY}, .speed = 10};

/* --- the strategy: buys one, again and again --- */

static const struct td_strat busy_strategy;

static enum td_err busy_init(void *state, const struct td_strat_setup *setup, struct td_fail *why)
{
    (void)setup;
    (void)why;
    memset(state, 0, sizeof(td_ns));
    return TD_OK;
}

static size_t busy_on_event(void *state, const struct td_event *event, const struct td_view *view,
                            struct td_intent *out)
{
    td_ns last;
    memcpy(&last, state, sizeof last);
    if (td_px_is_none(view->leg->quote.bid) || event->recv_ns - last < 475 * TD_MS)
        return 0;
    memcpy(state, &event->recv_ns, sizeof last);
    td_intent_init(out, &busy_strategy, event, view);
    out->type = TD_ORDER_MARKET;
    out->qty = TD_QTY(1);
    (void)snprintf(out->reason, sizeof out->reason, "busy");
    return 1;
}

static const struct td_strat busy_strategy = {.name = "busy",
                                              .help = "buys all the time",
                                              .state_size = sizeof(td_ns),
                                              .init = busy_init,
                                              .on_event = busy_on_event};

/* --- the scene --- */

/* The scene's own limits count as if they had come by options. */
static void open_with(const struct td_strat *strat)
{
    scene_open(&calm);
    read_settings(all_open);
    scene.settings.max_leverage_e9 = scene.settings.max_symbol_exposure_e9 = 1000 * TD_E9;
    open_reload();
    scene.config.use_count = strat ? 1 : 0;
    scene.use.strat = strat ? strat : scene.use.strat;
    desk_must_start();
    desk_wait_ready();
    desk_turns(3 * TD_SEC);
}

static void hang_up(void)
{
    td_simworld_signal(scene.sim, scene.desk_host, SIGHUP);
}

/* --- words and signal --- */

static void what_changes_is_told_journaled_and_counts(void **state)
{
    (void)state;
    open_with(NULL);
    put_text(WIDE "ALLOW_ORDERS=0\nDRY_RUN=0\nMAX_ORDER_SIZE=7\nIB_HOST=elsewhere\n"
                  "MAX_TRADES_PER_DAY=5\n");
    assert_true(scene.desk->config.settings->allow_orders);
    assert_non_null(strstr(ask("reload"), "\"ok\":true"));
    assert_non_null(strstr(said, "{\"setting\":\"ALLOW_ORDERS\",\"was\":\"1\",\"now\":\"0\","
                                 "\"asked\":\"0\",\"needs_restart\":null}"));
    assert_non_null(strstr(said,
                           "{\"setting\":\"MAX_ORDER_SIZE\",\"was\":\"2\",\"now\":\"2\","
                           "\"asked\":\"7\",\"needs_restart\":\"looser than at the start\"}"));
    assert_non_null(strstr(said, "\"asked\":\"elsewhere\",\"needs_restart\":\"it counts at a"));
    desk_turns(TD_SEC);
    assert_false(scene.desk->config.settings->allow_orders);
    assert_true(scene.desk->limits.value[TD_LIMIT_TRADES] == 5);
    assert_non_null(strstr(ask("status"), "\"armed\":false"));
    td_writer_drain(scene.desk->writer);
    read_journal();
    assert_int_equal(scene_journal.types[TD_REC_SETTINGS], 3);
    assert_string_equal(scene_journal.last[TD_REC_SETTINGS].status, "taken");
    put_text(all_open);
    hang_up();
    desk_turns(TD_SEC);
    assert_true(scene.desk->config.settings->allow_orders);
    assert_true(scene.desk->limits.value[TD_LIMIT_TRADES] == 100000);
    (void)ask("reload"); /* nothing differs: no record */
    desk_turns(TD_SEC);
    td_writer_drain(scene.desk->writer);
    read_journal();
    assert_int_equal(scene_journal.types[TD_REC_SETTINGS], 6);
    check_states();
}

static bool may(enum td_action action)
{
    const bool passed = asks(action);
    desk_turns(TD_SEC);
    return passed;
}

static void a_refusal_holds_entries_and_lets_exits_pass(void **state)
{
    (void)state;
    static const char *const ends[] = {"good file", "resume"};
    for (size_t i = 0; i < TD_COUNT(ends); i++) {
        open_with(NULL);
        assert_true(may(TD_BUY));
        put_text(WIDE "ALLOW_ORDERS=1\nDRY_RUN=perhaps\n");
        assert_non_null(strstr(ask("reload"), "\"ok\":false,\"error\":\".env:20: DRY_RUN"));
        assert_non_null(strstr(ask("status"), "\"settings_refused\":\".env:20: DRY_RUN"));
        assert_true(scene.desk->config.settings->allow_orders); /* what was in force is */
        assert_false(may(TD_BUY));
        assert_non_null(strstr(scene.desk->result.last_denial, "HALT"));
        assert_true(may(TD_SELL));
        hang_up();
        desk_turns(TD_SEC);
        assert_int_equal(reload.refusals, 2);
        td_writer_drain(scene.desk->writer);
        read_journal();
        assert_int_equal(scene_journal.types[TD_REC_SETTINGS], 1); /* the same again is none */
        assert_string_equal(scene_journal.last[TD_REC_SETTINGS].status, "refused");
        put_text(i ? "DRY_RUN=perhaps\n" : all_open);
        (void)ask(i ? "resume the file is corrected later" : "reload");
        assert_true(i || strstr(said, "\"changes\":[]"));
        desk_turns(TD_SEC);
        assert_non_null(strstr(ask("status"), "\"settings_refused\":null"));
        assert_true(may(TD_BUY));
        (void)scene_close(NULL);
    }
}

/* Approved, its record on the way to the disk, and then the signal: it never leaves. */
static void what_waits_for_the_disk_is_judged_again(void **state)
{
    (void)state;
    static const char *const files[] = {WIDE "ALLOW_ORDERS=0\n", WIDE "MAX_ORDER_SIZE=0\n",
                                        "MAX_ORDER_SIZE=none\n"};
    for (size_t i = 0; i < 2 * TD_COUNT(files); i++) {
        open_with(NULL);
        put_text(files[i / 2]);
        reload.asked = i % 2; /* read in the turn that releases, or before it */
        must_ask(TD_BUY);
        if (!reload.asked)
            (void)desk_reload(scene.desk);
        desk_turns(2 * TD_SEC);
        assert_int_equal(received(), 0);
        assert_int_equal(scene.desk->blotter.orders[0].state, TD_OS_REJECTED);
        (void)scene_close(NULL);
    }
}

static void without_files_nothing_is_read(void **state)
{
    (void)state;
    start_alone(&calm, true);
    assert_non_null(strstr(ask("reload"), "\"ok\":false"));
    hang_up();
    desk_turns(TD_SEC);
    assert_false(td_desk_done(scene.desk));
}

/* --- the storm --- */

static const char *const bad[] = {"ALLOW_ORDERS=1\nDRY_RUN=0\nMAX_ORDER_SIZE=many\n",
                                  "ALLOW_ORDERS=1\nDRY_RUN=0\nALLOW_ORDERS=1\n",
                                  "ALLOW_ORDERS=1\nDRY_RUN=0\nMAX_ORDER_SIZ=9\n", "garbage\n",
                                  "ALLOW_ORDERS=1\nDRY_RUN=0\nMAX_DAILY_LOSS=1e999\n"};

static struct storm {
    td_ns closed_since,
        looked; /* monotonic: since when the settings forbid orders, 0 they do not; the last look */
    uint32_t seen, span_count, leaks;
    struct reload_judge judge;
} storm;

static bool forbids(const struct td_settings *s)
{
    return !s->allow_orders || s->dry_run || !s->max_order_size_e9 || !s->max_trades ||
           s->restricted.count || s->allowlist.count || reload.refused;
}

/* What the gateway received since the last look it received after it: when that was later than the closing and the time
 * bytes travel, it left while the settings forbade it. */
static void watch(void)
{
    const bool shut = forbids(scene.desk->config.settings);
    const td_ns mono = td_world_mono(&scene.desk_world);
    if (storm.closed_since && storm.looked > storm.closed_since + LATENCY)
        storm.leaks += received() - storm.seen;
    storm.seen = received();
    storm.looked = mono;
    if (shut && !storm.closed_since)
        storm.span_count++;
    storm.closed_since = !shut ? 0 : storm.closed_since ? storm.closed_since : mono;
}

static void watched_turns(td_ns span)
{
    const td_ns until = td_world_mono(&scene.desk_world) + span;
    while (td_world_mono(&scene.desk_world) < until) {
        struct td_wake wake;
        const td_ns next = td_desk_deadline(scene.desk);
        td_world_wait(&scene.desk_world, next < until ? next : until, &wake);
        td_desk_turn(scene.desk, &wake);
        watch();
    }
}

static void put_some_file(struct td_rng *rng)
{
    static char text[2000];
    const uint64_t what = td_rng_below(rng, 10);
    const char *lines = what < 5   ? "ALLOW_ORDERS=1\nDRY_RUN=0\nMAX_ORDER_SIZE=2\n"
                                     "MAX_TRADES_PER_DAY=100000\n"
                        : what < 8 ? reload_gates[td_rng_below(rng, TD_COUNT(reload_gates))].line
                                   : bad[td_rng_below(rng, TD_COUNT(bad))];
    const int n = snprintf(text, sizeof text, WIDE "%s%s%s", lines,
                           strstr(lines, "MAX_TRADES") ? "" : "MAX_TRADES_PER_DAY=100000\n",
                           strstr(lines, "MAX_ORDER_SIZ") ? "" : "MAX_ORDER_SIZE=2\n");
    put_env(text, (size_t)n);
}

static void no_order_leaks_through_a_storm(void **state)
{
    (void)state;
    struct td_rng rng;
    memset(&storm, 0, sizeof storm);
    open_with(&busy_strategy);
    td_rng_init(&rng, 11);
    for (int i = 0; i < 5000; i++) {
        put_some_file(&rng);
        for (uint64_t k = td_rng_below(&rng, 3) + 1; k > 0; k--)
            hang_up();
        watched_turns((td_ns)td_rng_below(&rng, 160) * TD_MS + TD_MS);
    }
    td_writer_drain(scene.desk->writer);
    TD_OK_OR_FAIL(td_journal_read(&scene.desk_world, SCENE_JOURNAL, reload_judge_record,
                                  &storm.judge, NULL, NULL));
    print_message("storm: %llu readings, %u taken with changes, %llu refused, %u times closed; "
                  "%llu intents, %u orders at the gateway; leaks %u by the journal, %u by the "
                  "ledger\n",
                  (unsigned long long)reload.readings, storm.judge.taken,
                  (unsigned long long)reload.refusals, storm.span_count,
                  (unsigned long long)scene.desk->result.intents, received(), storm.judge.leaks,
                  storm.leaks);
    assert_int_equal(storm.judge.leaks, 0);
    assert_int_equal(storm.leaks, 0);
    assert_true(received() > 200 && storm.span_count > 500 && reload.refusals > 500);
    assert_int_equal(storm.judge.sent, received());
    check_states();
    assert_false(scene_watch.early);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(what_changes_is_told_journaled_and_counts, scene_close),
        cmocka_unit_test_teardown(a_refusal_holds_entries_and_lets_exits_pass, scene_close),
        cmocka_unit_test_teardown(what_waits_for_the_disk_is_judged_again, scene_close),
        cmocka_unit_test_teardown(without_files_nothing_is_read, scene_close),
        cmocka_unit_test_teardown(no_order_leaks_through_a_storm, scene_close),
    };
    return cmocka_run_group_tests_name("desk/reload_scene", tests, NULL, NULL);
}
