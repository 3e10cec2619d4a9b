/* tests/desk/paper_scene_test.c - local paper trading: the desk beside a gateway whose API is read-only.
 *
 * The gateway's ledger records every order message it ever gets, and the scene looks for order references in every byte
 * that is sent: both must stay at nothing.
 */
#include "support/support.h"

#include <stdio.h>
#include <string.h>

#include "desk/desk_ask.h"
#include "desk/desk_scene.h"

static struct td_paper_options options;

static void paper_scene(uint64_t seed, td_ns latency)
{
    const struct scene_options o = {
        .world = {.seed = seed}, .read_only = true, .account = "U7654321", .port = 4001};
    scene_open(&o);
    options = (struct td_paper_options){.latency = latency};
    scene.plan.local = true;
    scene.config.paper = &options;
}

/* Nothing about orders ever left for the gateway, by its own books, by the bytes, and by both counters of ours. */
static void nothing_left(void)
{
    assert_int_equal(td_gateway_ledger(scene.gateway.server)->order_count, 0);
    assert_int_equal(scene_watch.checked, 0);
    assert_int_equal(scene.link.tws.orders_refused, 0); /* nobody even tried past the seam */
    assert_true(scene.link.kept_back > 0);
}

static void check_journal(void)
{
    const struct scene_journal *j = &scene_journal;
    read_journal();
    check_states();
    for (uint32_t i = 0; i < j->exec_count; i++)
        assert_int_equal(times_in(j->execs, sizeof j->execs[0], j->exec_count, j->execs[i]), 1);
    for (uint32_t i = 0; i < j->orders; i++)
        assert_int_equal(times_in(j->refs, sizeof j->refs[0], j->orders, j->refs[i]), 1);
    assert_false(scene_watch.early);
}

static void it_trades_beside_a_read_only_gateway_of_a_live_account(void **state)
{
    struct td_fail why = {0};
    (void)state;
    paper_scene(1, 0);
    desk_must_start();
    desk_wait_ready();
    desk_turns(60 * TD_SEC);
    print_message("orders %u fills %u\n", (unsigned)scene.desk->result.orders,
                  (unsigned)scene.desk->result.fills);
    assert_true(scene.desk->result.orders > 10);
    assert_true(scene.desk->result.fills > 10);
    assert_string_equal(scene.desk->account, TD_PAPER_ACCOUNT);
    assert_true(scene.desk->result.positions_equal);
    assert_int_equal(scene.desk->order_errors, 0);
    assert_false(td_cash_is_none(scene.desk->equity));
    TD_OK_OR_FAIL(td_blotter_check(&scene.desk->blotter, &why));
    nothing_left();
    check_journal();
    for (uint32_t i = 0; i < scene.desk->blotter.execution_count; i++)
        assert_true(scene.desk->blotter.executions[i].has_fee);
}

static void status_says_where_orders_are_filled(void **state)
{
    (void)state;
    paper_scene(1, 0);
    scene.config.use_count = 0;
    desk_must_start();
    desk_wait_ready();
    const char *text = ask("status");
    assert_non_null(strstr(text, "\"mode\":\"PAPER (local fills)\""));
    assert_non_null(strstr(text, "\"account\":\"PAPER-LOCAL\""));
}

/* The quotes as they came. A fill is told some turns after it was made: it is held against the quote of its own time. */
static struct quoted {
    td_market_fn *real;
    void *arg;
    struct {
        td_ns at;
        struct td_quote quote;
    } rows[4096];
    size_t count;
} quoted;

static void see_quote(void *arg, uint32_t index, const struct td_event *event, bool warmup)
{
    (void)arg;
    if (index == 0 && event->kind == TD_EV_QUOTE) {
        quoted.rows[quoted.count % TD_COUNT(quoted.rows)].at = event->recv_ns;
        quoted.rows[quoted.count++ % TD_COUNT(quoted.rows)].quote = event->quote;
    }
    quoted.real(quoted.arg, index, event, warmup);
}

/* The best price its side was quoted at when it was made: in that turn, or by the last quote before it. */
static int64_t best_at(const struct td_execution *e)
{
    int64_t best = TD_E9_NONE;
    for (size_t i = quoted.count; i-- > 0 && quoted.count - i <= TD_COUNT(quoted.rows);) {
        const td_ns at = quoted.rows[i % TD_COUNT(quoted.rows)].at;
        const struct td_quote *q = &quoted.rows[i % TD_COUNT(quoted.rows)].quote;
        const int64_t px = e->action == TD_BUY ? q->ask.e9 : q->bid.e9;
        if (at <= e->at_ns && (best == TD_E9_NONE || (e->action == TD_BUY ? px < best : px > best)))
            best = px;
        if (at < e->at_ns)
            break;
    }
    assert_true(best != TD_E9_NONE);
    return best;
}

/* The strategy's orders are market orders: none fills at a price that was not quoted when it was there. */
static void fills_are_never_better_than_the_quote(void **state)
{
    static const char *const one[] = {"SPY"};
    uint32_t seen = 0;
    (void)state;
    paper_scene(3, 0);
    scene.config.symbols = one;
    scene.config.symbol_count = 1;
    desk_must_start();
    memset(&quoted, 0, sizeof quoted);
    quoted.real = scene.desk->market.sink;
    quoted.arg = scene.desk->market.arg;
    scene.desk->market.sink = see_quote;
    desk_wait_ready();
    for (int turn = 0; turn < 60000 && seen < 20; turn++) {
        struct td_wake wake;
        td_world_wait(&scene.desk_world, td_desk_deadline(scene.desk), &wake);
        td_desk_turn(scene.desk, &wake);
        for (; seen < scene.desk->blotter.execution_count; seen++) {
            const struct td_execution *e = &scene.desk->blotter.executions[seen];
            const int64_t best = best_at(e);
            assert_true(e->action == TD_BUY ? e->px.e9 >= best : e->px.e9 <= best);
        }
    }
    assert_in_range(seen, 20, 40);
    nothing_left();
}

static void a_resting_limit_and_its_bracket_work(void **state)
{
    const struct desk_origin from = {.role = TD_ROLE_ENTRY};
    (void)state;
    paper_scene(4, 20 * TD_MS);
    scene.config.use_count = 0;
    desk_must_start();
    desk_wait_ready();
    desk_turns(3 * TD_SEC);
    const td_px ask = scene.desk->market.lines[0].quote.ask;
    const int64_t tick = 10000000;
    const struct td_intent i = {.action = TD_BUY,
                                .type = TD_ORDER_LIMIT,
                                .tif = TD_TIF_GTC,
                                .qty = TD_QTY(2),
                                .limit = {ask.e9 + 5 * tick},
                                .stop = TD_PX_NONE,
                                .trail = TD_PX_NONE,
                                .target = {(ask.e9 + 10 * TD_E9) / tick * tick},
                                .protect = {(ask.e9 - 10 * TD_E9) / tick * tick},
                                .reference = ask,
                                .strength = 1,
                                .decided_ns = td_world_now(&scene.desk_world),
                                .strategy = "hold"};
    if (!desk_ask_gates(scene.desk, 0, &i, &from))
        fail_msg("%s", scene.desk->result.last_denial);
    desk_turns(5 * TD_SEC);
    const struct td_blotter *bl = &scene.desk->blotter;
    assert_int_equal(bl->holdings[0].now.qty.e9, 2 * TD_E9);
    assert_int_equal(bl->live_count, 2); /* target and stop rest */
    for (uint32_t n = 0; n < bl->live_count; n++)
        assert_int_equal(bl->orders[bl->live[n]].state, TD_OS_WORKING);
    desk_crash(); /* they rest across a restart too */
    desk_must_start();
    desk_wait_ready();
    bl = &scene.desk->blotter;
    assert_int_equal(bl->holdings[0].now.qty.e9, 2 * TD_E9);
    assert_int_equal(bl->live_count, 2);
    assert_int_equal(bl->unknown_orders, 0);
    assert_true(scene.desk->result.positions_equal);
    nothing_left();
}

/* A process that dies at any moment begins again with equal positions, and nothing was filled or placed twice. */
static void a_kill_at_any_moment_is_survived(void **state)
{
    (void)state;
    for (uint64_t seed = 60; seed < 68; seed++) {
        paper_scene(seed, (td_ns)(seed % 3) * 20 * TD_MS);
        uint64_t fills = 0;
        for (int life = 0; life < 4; life++) {
            struct td_fail why = {0};
            desk_must_start();
            desk_wait_ready();
            if (!scene.desk->result.positions_equal)
                fail_msg("seed %llu: positions differ after the start", (unsigned long long)seed);
            TD_OK_OR_FAIL(td_blotter_check(&scene.desk->blotter, &why));
            const struct td_sim_fault cut = {TD_SIM_ANY, 40 + td_rng_below(&scene.rng, 400), TD_EIO,
                                             true};
            if (life % 2)
                td_simworld_fault(scene.sim, scene.desk_host, &cut);
            desk_turns(td_rng_between(&scene.rng, 2000, 15000) * TD_MS);
            fills += scene.desk->result.fills;
            assert_int_equal(td_gateway_ledger(scene.gateway.server)->order_count, 0);
            desk_crash();
        }
        assert_true(fills > 0);
        desk_must_start();
        desk_wait_ready();
        assert_true(scene.desk->result.positions_equal);
        assert_int_equal(scene.desk->blotter.unknown_orders, 0);
        assert_int_equal(scene_watch.checked, 0);
        check_journal();
        (void)scene_close(NULL);
    }
}

static void a_folder_is_of_one_account(void **state)
{
    struct td_fail why = {0};
    (void)state;
    paper_scene(5, 0);
    desk_must_start();
    desk_close();
    scene.plan.local = false; /* an account's desk on the same folder */
    scene.config.paper = NULL;
    assert_int_equal(desk_start(&why), TD_EDENIED);
    assert_non_null(strstr(why.text, "state holds the journal of local paper trading"));
    scene.config.state = "other";
    TD_OK_OR_FAIL(desk_start(&why));
    desk_close();
    scene.plan.local = true;
    scene.config.paper = &options;
    assert_int_equal(desk_start(&why), TD_EDENIED);
    assert_non_null(strstr(why.text, "other holds the journal of an account"));
    scene.config.state = "state";
    desk_must_start();
}

static void a_lost_session_is_looked_up_again(void **state)
{
    (void)state;
    paper_scene(6, 20 * TD_MS);
    desk_must_start();
    desk_wait_ready();
    desk_turns(10 * TD_SEC);
    const uint64_t fills = scene.desk->result.fills;
    td_simworld_sever(scene.sim, scene.gateway.host);
    desk_turns(2 * TD_SEC);
    assert_true(scene.desk->sync != SYNC_DONE);
    desk_wait_ready();
    desk_turns(20 * TD_SEC);
    assert_true(scene.desk->result.fills > fills);
    assert_true(scene.desk->result.positions_equal);
    assert_string_equal(scene.link.accounts, TD_PAPER_ACCOUNT);
    nothing_left();
}

int main(void)
{
#define ROW(name) cmocka_unit_test_teardown(name, scene_close)
    const struct CMUnitTest tests[] = {
        ROW(it_trades_beside_a_read_only_gateway_of_a_live_account),
        ROW(status_says_where_orders_are_filled),
        ROW(fills_are_never_better_than_the_quote),
        ROW(a_resting_limit_and_its_bracket_work),
        ROW(a_kill_at_any_moment_is_survived),
        ROW(a_folder_is_of_one_account),
        ROW(a_lost_session_is_looked_up_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
