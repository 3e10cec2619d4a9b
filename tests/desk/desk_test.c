/* tests/desk/desk_test.c - the desk against the gateway simulator, inside the simulated world.
 *
 * TD_SEEDS is the number of seeded runs (20 by default), TD_SEED the first of them. A run that fails
 * names its seed.
 */
#include "support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "desk/desk_ask.h"
#include "desk/desk_scene.h"
#include "desk/script_gateway.h"

static int64_t from_env(const char *name, int64_t preset)
{
    const char *text = getenv(name);
    if (text)
        TD_OK_OR_FAIL(td_i64_parse(text, strlen(text), &preset));
    return preset;
}

static const struct td_simworld_options calm = {.seed = 1};

static void it_trades(void **state)
{
    (void)state;
    const struct scene_options o = {.world = calm};
    scene_open(&o);
    desk_must_start();
    desk_wait_ready();
    desk_turns(60 * TD_SEC);
    print_message("intents %u denied %u orders %u fills %u: %s\n",
                  (unsigned)scene.desk->result.intents, (unsigned)scene.desk->result.denied,
                  (unsigned)scene.desk->result.orders, (unsigned)scene.desk->result.fills,
                  scene.desk->result.last_denial);
    assert_true(scene.desk->result.orders > 10);
    assert_true(scene_watch.checked > 10);
    check_ledger(true);
}

/* --- seeded runs --- */

/* One life of the desk's process: until a moment, or until the disk dies in the middle of a call. */
static void one_life(void)
{
    struct scene *s = &scene;
    struct td_fail why = {0};
    if (desk_start(&why) != TD_OK)
        fail_msg("seed %llu: %s", (unsigned long long)s->o.world.seed, why.text);
    const bool by_disk = td_rng_chance(&s->rng, 0.5);
    if (by_disk) {
        const struct td_sim_fault cut = {TD_SIM_ANY, 1 + td_rng_below(&s->rng, 120), TD_EIO, true};
        td_simworld_fault(s->sim, s->desk_host, &cut);
    }
    for (uint64_t i = 1 + td_rng_below(&s->rng, 3); i > 0; i--) {
        desk_turns(td_rng_between(&s->rng, 20, 4000) * TD_MS);
        if (td_rng_chance(&s->rng, 0.6)) {
            td_simworld_sever(s->sim, td_rng_chance(&s->rng, 0.5) ? s->desk_host : s->gateway.host);
            s->faults_hit++;
        }
    }
    if (td_rng_chance(&s->rng, 0.5))
        desk_turns(td_rng_between(&s->rng, 1, 5000) * TD_MS);
    desk_crash();
}

struct outcome {
    uint64_t journal, trace, orders, checked, intents;
};

static struct outcome seeded_run(uint64_t seed)
{
    struct td_desk_result result = {0};
    struct td_fail why = {0};
    struct scene_options o = {.world = {.seed = seed}};
    o.world.latency_max = (td_ns)(1 + seed % 40) * 2 * TD_MS;
    o.world.odd = (uint32_t)(seed % 5) * 30;
    o.fault = seed % 4 == 3 ? "dup-status" : NULL;
    scene_open(&o);
    for (uint64_t lives = 2 + seed % 4; lives > 0; lives--)
        one_life();
    desk_must_start();
    desk_wait_ready();
    desk_turns(3 * TD_SEC);
    desk_wait_ready();
    scene.settings.allow_orders = false; /* what works may end now */
    scene.desk->config.duration = 10 * TD_SEC;
    TD_OK_OR_FAIL(td_desk_run(scene.desk, true, &result, &why));
    desk_close();
    check_ledger(true);
    if (!result.positions_known || !result.positions_equal)
        fail_msg("seed %llu: positions %s", (unsigned long long)seed,
                 result.positions_known ? "differ" : "are not known");
    const struct outcome out = {scene_journal.hash, td_simworld_trace(scene.sim),
                                td_gateway_ledger(scene.gateway.server)->order_count,
                                scene_watch.checked, scene_journal.orders};
    (void)scene_close(NULL);
    return out;
}

static void crashes_never_double_an_order(void **state)
{
    (void)state;
    struct outcome sum = {0};
    const int64_t first = from_env("TD_SEED", 1), seeds = from_env("TD_SEEDS", 20);
    for (int64_t seed = first; seed < first + seeds; seed++) {
        const struct outcome one = seeded_run((uint64_t)seed);
        sum.orders += one.orders;
        sum.checked += one.checked;
        sum.intents += one.intents;
        if (seed % 10 == 0) {
            const struct outcome again = seeded_run((uint64_t)seed);
            assert_true(again.journal == one.journal);
            assert_true(again.trace == one.trace);
        }
    }
    print_message(
        "%lld seeds, %llu orders journaled, %llu received, 0 twice, %llu sends looked at\n",
        (long long)seeds, (unsigned long long)sum.intents, (unsigned long long)sum.orders,
        (unsigned long long)sum.checked);
    assert_true(sum.orders > (uint64_t)seeds * 5);
    assert_true(sum.checked >= sum.orders);
}

/* --- orders that rest --- */

static const struct scene_options calm_rest = {.world = {.seed = 1}, .speed = 10};

/* --- the journal fails --- */

static void a_failed_journal_closes_the_gate(void **state)
{
    (void)state;
    static const struct td_sim_fault faults[] = {{TD_SIM_SYNC, 1, TD_EIO, false},
                                                 {TD_SIM_WRITE, 1, TD_ENOSPC, true},
                                                 {TD_SIM_WRITE, 3, TD_EIO, false},
                                                 {TD_SIM_ANY, 2, TD_ENOSPC, true}};
    for (size_t i = 0; i < TD_COUNT(faults); i++) {
        const struct scene_options o = {.world = {.seed = 20 + i}};
        scene_open(&o);
        desk_must_start();
        desk_wait_ready();
        desk_turns(5 * TD_SEC);
        assert_true(scene.desk->result.orders > 5);
        td_simworld_fault(scene.sim, scene.desk_host, &faults[i]);
        for (int k = 0; k < 100 && !td_writer_journal_error(scene.desk->writer); k++)
            desk_turns(100 * TD_MS);
        assert_int_equal(td_writer_journal_error(scene.desk->writer), faults[i].err);
        desk_turns(TD_SEC); /* what was on its way arrives */
        const uint32_t received = td_gateway_ledger(scene.gateway.server)->order_count;
        const uint64_t denied = scene.desk->result.denied;
        desk_turns(20 * TD_SEC);
        assert_int_equal(td_gateway_ledger(scene.gateway.server)->order_count, received);
        assert_true(scene.desk->result.denied > denied);
        assert_int_equal(strncmp(scene.desk->result.last_denial, "JOURNAL", 7), 0);
        desk_crash(); /* the disk of a new life is good again */
        desk_must_start();
        desk_wait_ready();
        desk_turns(5 * TD_SEC);
        assert_true(td_gateway_ledger(scene.gateway.server)->order_count > received);
        desk_close();
        check_ledger(true);
        (void)scene_close(NULL);
    }
}

static void cancels_pass_a_failed_journal(void **state)
{
    (void)state;
    const struct td_sim_fault fault = {TD_SIM_SYNC, 1, TD_EIO, true};
    start_resting(&calm_rest);
    td_simworld_fault(scene.sim, scene.desk_host, &fault);
    desk_halt(scene.desk, "test");
    desk_turns(2 * TD_SEC);
    assert_int_equal(td_writer_journal_error(scene.desk->writer), TD_EIO);
    assert_int_equal(working(), 0);
}

/* --- the control socket --- */

static void a_halt_is_sticky_and_cancels(void **state)
{
    (void)state;
    start_resting(&calm_rest);
    assert_non_null(strstr(ask("status"), "\"halted\":false"));
    assert_non_null(strstr(said, "\"session\":\"ready\""));
    assert_non_null(strstr(ask("bananas"), "\"ok\":false"));
    assert_non_null(strstr(ask("halt too \"hot\""), "\"halted\":true"));
    desk_turns(2 * TD_SEC);
    assert_int_equal(working(), 0);
    const uint32_t received = td_gateway_ledger(scene.gateway.server)->order_count;
    assert_int_equal(received, 4);
    desk_crash();
    desk_must_start(); /* the strategy begins anew and wants its orders again */
    desk_wait_ready();
    desk_turns(5 * TD_SEC);
    assert_int_equal(td_gateway_ledger(scene.gateway.server)->order_count, received);
    assert_int_equal(strncmp(scene.desk->result.last_denial, "HALT", 4), 0);
    assert_non_null(strstr(ask("status"), "too \\\"hot\\\""));
    assert_non_null(strstr(ask("resume looked"), "\"halted\":false"));
    desk_turns(5 * TD_SEC);
    assert_int_equal(td_gateway_ledger(scene.gateway.server)->order_count, received + 4);
}

static void a_halt_reaches_orders_over_a_lost_connection(void **state)
{
    (void)state;
    for (int mode = 0; mode < 3; mode++) {
        start_resting(&calm_rest);
        if (mode == 0) /* the connection goes with the cancels under way */
            desk_halt(scene.desk, "test");
        td_simworld_sever(scene.sim, scene.desk_host);
        desk_turns(mode == 1 ? 500 * TD_MS : 0);
        if (mode == 1) /* nobody there to be told */
            desk_halt(scene.desk, "test");
        if (mode == 2) { /* halted, and the process dies at once */
            desk_halt(scene.desk, "test");
            td_writer_kick(scene.desk->writer);
            desk_crash();
            desk_must_start();
        }
        desk_turns(TD_SEC);
        desk_wait_ready();
        desk_turns(2 * TD_SEC);
        assert_true(scene.desk->blotter.halted);
        assert_int_equal(working(), 0);
        (void)scene_close(NULL);
    }
}

/* --- states of the gateway --- */

/* A gateway of another machine that never lets the look-up end stands behind the port for a while. */
static void a_mute_gateway_is_outlived(void **state)
{
    (void)state;
    static const char *const faults[] = {"mute-hello", "mute-after-hello", "no-next-id",
                                         "no-exec-end"};
    for (size_t i = 0; i < TD_COUNT(faults); i++) {
        const struct scene_options o = {.world = {.seed = 40 + i}, .speed = 10};
        scene_open(&o);
        desk_must_start();
        desk_wait_ready();
        desk_turns(8 * TD_SEC);
        scene.o.fault = faults[i];
        gateway_start(&scene.broken, "broken", 4003);
        scene.link.config.port = 4003;
        td_simworld_sever(scene.sim, scene.gateway.host);
        desk_turns(100 * TD_SEC);
        assert_int_not_equal(scene.desk->sync, SYNC_DONE);
        assert_int_equal(td_gateway_ledger(scene.broken.server)->order_count, 0);
        scene.link.config.port = SCENE_PORT;
        td_simworld_sever(scene.sim, scene.broken.host);
        desk_turns(TD_SEC);
        desk_wait_ready();
        const uint64_t orders = scene.desk->result.orders;
        desk_turns(30 * TD_SEC);
        assert_true(scene.desk->result.orders > orders);
        desk_close();
        check_ledger(false);
        (void)scene_close(NULL);
    }
}

static void a_rude_gateway_is_survived(void **state)
{
    (void)state;
    static const char *const faults[] = {"drop-after:25", "garbage:25", "dup-status"};
    for (size_t i = 0; i < TD_COUNT(faults); i++) {
        const struct scene_options o = {.world = {.seed = 50 + i}, .speed = 10, .fault = faults[i]};
        scene_open(&o);
        desk_must_start();
        desk_turns(60 * TD_SEC);
        assert_true(strcmp(faults[i], "dup-status") == 0 || scene.desk->result.reconnects >= 3);
        assert_true(scene.desk->result.orders > 5);
        desk_close();
        check_ledger(false);
        (void)scene_close(NULL);
    }
}

static void a_used_client_id_is_waited_for(void **state)
{
    (void)state;
    struct td_world other;
    struct td_link link = {0};
    struct td_fail why = {0};
    uint32_t host;
    uint16_t port;
    int32_t id;
    const struct scene_options o = {.world = calm, .speed = 10};
    scene_open(&o);
    desk_must_start();
    desk_wait_ready();
    td_simworld_refuse(scene.sim, SCENE_PORT, true);
    td_simworld_sever(scene.sim, scene.desk_host);
    desk_turns(200 * TD_MS);
    td_simworld_refuse(scene.sim, SCENE_PORT, false);
    TD_OK_OR_FAIL(td_simworld_attach(scene.sim, "other", &host, &other, &why));
    TD_OK_OR_FAIL(td_link_open(&link, &other, &why));
    TD_OK_OR_FAIL(td_plan_connect(&scene.plan, &link, NULL, &port, &id, &why));
    assert_int_equal(id, 7);
    desk_turns(40 * TD_SEC);
    assert_int_not_equal(scene.desk->sync, SYNC_DONE);
    td_link_close(&link);
    desk_wait_ready();
    assert_int_equal(scene.link.config.client_id, 7);
    desk_turns(5 * TD_SEC);
    check_ledger(false);
}

/* --- modes --- */

static void expect_mode_closed(void)
{
    desk_must_start();
    desk_wait_ready();
    desk_turns(20 * TD_SEC);
    assert_int_equal(scene.desk->result.orders, 0);
    assert_true(scene.desk->result.denied > 0);
    assert_int_equal(strncmp(scene.desk->result.last_denial, "MODE", 4), 0);
    assert_int_equal(td_gateway_ledger(scene.gateway.server)->order_count, 0);
    (void)scene_close(NULL);
}

static void modes_must_agree(void **state)
{
    (void)state;
    static const struct scene_options cells[] = {
        {.world = {.seed = 1}, .account = "U1234567"},
        {.world = {.seed = 1}, .port = 4001},
        {.world = {.seed = 1}, .port = 7496, .account = "U1234567"},
        {.world = {.seed = 1}, .live = true},
        {.world = {.seed = 1}, .live = true, .port = 4001},
        {.world = {.seed = 1}, .live = true, .port = 4001, .account = "U1234567"},
    };
    for (size_t i = 0; i < TD_COUNT(cells); i++) {
        scene_open(&cells[i]); /* the last one is live all over, but the settings say paper */
        expect_mode_closed();
    }
}

static void another_account_behind_the_port_closes_the_gate(void **state)
{
    (void)state;
    const struct scene_options o = {.world = calm, .speed = 10};
    scene_open(&o);
    desk_must_start();
    desk_wait_ready();
    desk_turns(10 * TD_SEC);
    assert_true(scene.desk->result.orders > 0);
    td_simworld_kill(scene.sim, scene.gateway.host);
    td_gateway_close(scene.gateway.server);
    scene.o.account = "U7654321";
    gateway_start(&scene.gateway, "gateway", SCENE_PORT);
    desk_turns(TD_SEC);
    desk_wait_ready();
    desk_turns(20 * TD_SEC);
    assert_int_equal(strncmp(scene.desk->result.last_denial, "MODE", 4), 0);
    assert_int_equal(td_gateway_ledger(scene.gateway.server)->order_count, 0);
}

/* --- a read-only gateway --- */

static void a_read_only_gateway_is_told_and_left_connected(void **state)
{
    (void)state;
    const struct scene_options o = {.world = calm};
    scene_open(&o);
    script_attach(scene.sim, 4003);
    script.read_only = TD_TWS_REQ_ALL_OPEN_ORDERS;
    scene.plan.ports[0] = 4003;
    desk_must_start();
    const uint32_t conn = script.conn.id;
    desk_turns(200 * TD_SEC);
    assert_int_equal(script.conn.id, conn);
    assert_int_equal(script_asked(TD_TWS_REQ_ALL_OPEN_ORDERS), 1);
    assert_string_equal(desk_sync_word(scene.desk), "read-only");
    desk_turns(200 * TD_SEC);
    assert_int_equal(script_asked(TD_TWS_REQ_ALL_OPEN_ORDERS), 2);
    assert_int_equal(script.conn.id, conn);
    assert_int_equal(script_asked(TD_TWS_PLACE_ORDER), 0);
    script_free();
}

/* --- tables --- */

static void a_full_blotter_refuses_before_the_journal(void **state)
{
    (void)state;
    const struct scene_options o = {.world = calm};
    scene_open(&o);
    desk_must_start();
    desk_wait_ready();
    desk_turns(2 * TD_SEC);
    const uint32_t count = scene.desk->blotter.order_count;
    assert_true(count > 0);
    scene.desk->blotter.max.orders_max = count;
    desk_turns(5 * TD_SEC);
    assert_int_equal(scene.desk->blotter.order_count, count);
    td_writer_drain(scene.desk->writer);
    read_journal();
    assert_int_equal(scene_journal.orders, count); /* else the next start could not read it back */
}

static void fees_of_others_leave_room(void **state)
{
    (void)state;
    const struct scene_options o = {.world = calm};
    struct td_tws_commission c = {.commission = TD_CASH(1), .currency = td_str_of("USD")};
    scene_open(&o);
    scene.config.use_count = 0;
    desk_must_start();
    desk_wait_ready();
    char id[32];
    for (int round = 0; round < 3; round++)
        for (int i = 0; i < 100; i++) {
            (void)snprintf(id, sizeof id, "other.%d.01", i);
            c.exec_id = td_str_of(id);
            desk_take_commission(scene.desk, &c);
        }
    int waiting = 0;
    for (int i = 0; i < DESK_FEES_MAX; i++)
        waiting += scene.desk->fees[i].exec_id[0] != '\0';
    assert_int_equal(waiting, 100);
    desk_sync_start(scene.desk);
    assert_int_equal(scene.desk->fees[0].exec_id[0], 0);
}

static struct td_tws_execution execution(const char *id)
{
    struct td_tws_execution e = {.order_id = 900, .client_id = 99, .shares = TD_QTY(5)};
    e.contract.symbol = td_str_of("SPY");
    e.contract.sec_type = td_str_of("STK");
    e.exec_id = td_str_of(id);
    e.account = td_str_of("DU1234567");
    e.side = td_str_of("BOT");
    e.price = (td_px){100 * TD_E9};
    return e;
}

static void foreign_executions_count_when_they_are_ours(void **state)
{
    (void)state;
    const struct scene_options o = {.world = calm};
    scene_open(&o);
    scene.config.use_count = 0;
    desk_must_start();
    desk_wait_ready();
    struct td_tws_execution e = execution("aa.01.01");
    e.contract.sec_type = td_str_of("OPT");
    desk_take_execution(scene.desk, &e);
    e = execution("aa.02.01");
    e.account = td_str_of("DU7654321");
    desk_take_execution(scene.desk, &e);
    assert_int_equal(scene.desk->blotter.execution_count, 0);
    e = execution("aa.03.01");
    desk_take_execution(scene.desk, &e);
    desk_take_execution(scene.desk, &e);
    assert_int_equal(scene.desk->blotter.foreign_executions, 1);
    assert_true(scene.desk->blotter.holdings[0].now.qty.e9 == 5 * TD_E9);
}

/* --- another client id --- */

/* The id was in use when the process came back, so it got the next one: its orders live on under the old. */
static void orders_of_an_older_client_id_are_found(void **state)
{
    (void)state;
    start_resting(&calm_rest);
    desk_crash();
    scene.plan.client_id = 8;
    desk_must_start();
    desk_halt(scene.desk, "no new ones");
    desk_wait_ready();
    desk_turns(2 * TD_SEC);
    for (uint32_t i = 0; i < scene.desk->blotter.order_count; i++)
        assert_int_not_equal(scene.desk->blotter.orders[i].state, TD_OS_ABANDONED);
    assert_int_equal(working(), 4);
}

/* --- positions --- */

/* An order that was lost is settled first; only then does the broker's position replace ours. */
static void positions_are_compared_after_unknown_orders(void **state)
{
    (void)state;
    const struct scene_options o = {.world = calm};
    struct td_record r;
    scene_open(&o);
    scene.config.use_count = 0;
    desk_must_start();
    desk_wait_ready();
    struct td_tws_execution e = execution("bb.01.01"); /* a fill the broker does not know */
    desk_take_execution(scene.desk, &e);
    td_record_init(&r, TD_REC_ORDER, td_world_now(&scene.desk_world));
    r.key = scene.desk->blotter.next_key;
    r.order_id = scene.desk->blotter.next_id;
    r.qty = TD_QTY(1);
    (void)snprintf(r.symbol, sizeof r.symbol, "SPY");
    (void)snprintf(r.ref, sizeof r.ref, "td-000000-1");
    TD_OK_OR_FAIL(desk_fact(scene.desk, &r)); /* journaled, and never sent */
    desk_sync_start(scene.desk);
    desk_wait_ready();
    assert_int_equal(scene.desk->blotter.unknown_orders, 1); /* once nowhere is not gone */
    assert_true(scene.desk->blotter.holdings[0].now.qty.e9 ==
                0); /* two answers: the broker's counts */
    desk_turns(150 * TD_SEC);
    assert_int_equal(scene.desk->blotter.unknown_orders, 0);
    assert_int_equal(scene.desk->blotter.holdings[0].open_orders, 0);
    assert_true(scene.desk->blotter.holdings[0].now.qty.e9 == 0);
    desk_turns(TD_SEC);
    read_journal();
    assert_int_equal(scene_journal.types[TD_REC_POSITION], 1);
    assert_string_equal(scene_journal.last[TD_REC_RESOLVED].status, "abandoned");
}

/* The broker's average cost of a future is per contract, ours per point. */
static void the_average_of_a_future_is_per_point(void **state)
{
    (void)state;
    const struct scene_options o = {.world = calm};
    scene_open(&o);
    scene.config.use_count = 0;
    desk_must_start();
    desk_wait_ready();
    struct td_line *line = &scene.desk->market.lines[0];
    (void)snprintf(line->symbol, sizeof line->symbol, "ES");
    (void)snprintf(line->broker_symbol, sizeof line->broker_symbol, "ES");
    (void)snprintf(line->sec_type, sizeof line->sec_type, "FUT");
    line->inst.multiplier = TD_QTY(50);
    struct td_tws_msg msg;
    td_tws_msg_init(&msg, TD_TWS_POSITION);
    msg.position.account = td_str_of("DU1234567");
    msg.position.contract.symbol = td_str_of("ES");
    msg.position.contract.sec_type = td_str_of("FUT");
    msg.position.position = TD_QTY(1);
    msg.position.avg_cost = (td_px){302500 * TD_E9};
    assert_true(desk_sync_take(scene.desk, &msg));
    msg.kind = TD_TWS_POSITION_END;
    uint32_t h;
    assert_true(desk_sync_take(scene.desk, &msg));
    assert_false(
        td_blotter_holding(&scene.desk->blotter, "ES", &h)); /* one answer may be a moment's */
    scene.desk->position_since[0] -= 10 * TD_SEC;
    assert_true(desk_sync_take(scene.desk, &msg));
    assert_true(td_blotter_holding(&scene.desk->blotter, "ES", &h));
    assert_true(scene.desk->blotter.holdings[h].now.average.e9 == 6050 * TD_E9);
}

/* --- days --- */

static void a_day_changes_while_holding(void **state)
{
    (void)state;
    const struct scene_options o = {.world = calm, .speed = 600};
    scene_open(&o);
    desk_must_start();
    desk_wait_ready();
    desk_turns(10 * TD_SEC);
    assert_true(scene.desk->result.fills > 0);
    const int64_t day = scene.desk->blotter.day;
    for (int i = 0; i < 600 && scene.desk->blotter.day == day; i++)
        desk_turns(TD_SEC);
    assert_true(scene.desk->blotter.day > day);
    assert_true(scene.desk->blotter.orders_today <= 255);
    td_px marks[TD_LINES_MAX];
    td_cash pnl;
    desk_marks(scene.desk, marks);
    desk_turns(2 * TD_SEC);
    const enum td_err known = td_blotter_day_pnl(&scene.desk->blotter, marks, &pnl);
    assert_true(known == TD_OK || scene.desk->market.lines[0].quote.bid.e9 == TD_PX_NONE.e9);
    TD_OK_OR_FAIL(td_blotter_check(&scene.desk->blotter, NULL));
    desk_close();
    check_ledger(false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(it_trades, scene_close),
        cmocka_unit_test_teardown(a_failed_journal_closes_the_gate, scene_close),
        cmocka_unit_test_teardown(cancels_pass_a_failed_journal, scene_close),
        cmocka_unit_test_teardown(a_halt_is_sticky_and_cancels, scene_close),
        cmocka_unit_test_teardown(a_halt_reaches_orders_over_a_lost_connection, scene_close),
        cmocka_unit_test_teardown(a_mute_gateway_is_outlived, scene_close),
        cmocka_unit_test_teardown(a_rude_gateway_is_survived, scene_close),
        cmocka_unit_test_teardown(a_used_client_id_is_waited_for, scene_close),
        cmocka_unit_test_teardown(modes_must_agree, scene_close),
        cmocka_unit_test_teardown(another_account_behind_the_port_closes_the_gate, scene_close),
        cmocka_unit_test_teardown(a_read_only_gateway_is_told_and_left_connected, scene_close),
        cmocka_unit_test_teardown(a_full_blotter_refuses_before_the_journal, scene_close),
        cmocka_unit_test_teardown(fees_of_others_leave_room, scene_close),
        cmocka_unit_test_teardown(foreign_executions_count_when_they_are_ours, scene_close),
        cmocka_unit_test_teardown(orders_of_an_older_client_id_are_found, scene_close),
        cmocka_unit_test_teardown(positions_are_compared_after_unknown_orders, scene_close),
        cmocka_unit_test_teardown(the_average_of_a_future_is_per_point, scene_close),
        cmocka_unit_test_teardown(a_day_changes_while_holding, scene_close),
        cmocka_unit_test_teardown(crashes_never_double_an_order, scene_close),
    };
    return cmocka_run_group_tests_name("desk/desk", tests, NULL, NULL);
}
