/* tests/desk/live_test.c - real money (P5): of all combinations of port, mode, account and gateway exactly one lets an
 * order leave, and that one needs --live and the confirmation file; what tells the gateway's mode; what the account is
 * worth, and the limits made of it. */
#include "support/support.h"

#include <stdio.h>
#include <string.h>

#include "desk/desk_ask.h"
#include "desk/gatewaymode.h"

/* --- the matrix --- */

struct cell {
    uint16_t port;
    bool paper; /* IB_PAPER_TRADING */
    const char *account, *gateway;
    bool live;           /* --live */
    const char *confirm; /* in the file; NULL: there is none */
};

static bool lets_through(const struct cell *c)
{
    const struct scene_options o = {
        .world = {.seed = 1}, .speed = 1, .port = c->port, .account = c->account, .live = c->live};
    scene_open(&o);
    scene.settings.paper = c->paper;
    scene.settings.gateway_mode = c->gateway;
    scene.config.clock = TD_CLOCK_WALL;
    if (c->confirm) {
        TD_OK_OR_FAIL(td_folder_make(&scene.desk_world, "state"));
        TD_OK_OR_FAIL(
            td_file_replace(&scene.desk_world, "state/live.confirm", td_str_of(c->confirm), NULL));
    }
    desk_must_start();
    struct td_gate_facts facts;
    desk_facts(scene.desk, 0, &facts);
    const bool open = facts.mode_agrees == TD_FACT_YES && facts.live_confirmed == TD_FACT_YES;
    (void)scene_close(NULL);
    return open;
}

static const uint16_t ports[] = {4002, 4001};
static const char *const accounts[] = {"DU1234567", "U1234567"};
static const char *const gateways[] = {"paper", "live"};

static void exactly_one_of_sixteen_trades_live(void **state)
{
    (void)state;
    int through = 0;
    for (int i = 0; i < 16; i++) {
        const struct cell c = {.port = ports[i & 1],
                               .paper = !(i & 2),
                               .account = accounts[i >> 2 & 1],
                               .gateway = gateways[i >> 3],
                               .live = true,
                               .confirm = accounts[i >> 2 & 1]};
        if (lets_through(&c)) {
            through++;
            assert_int_equal(i, 15);
        }
    }
    assert_int_equal(through, 1);
}

/* Without --live the same cells: those that are paper wherever it counts, and never a live one. */
static void no_cell_trades_live_without_the_option(void **state)
{
    (void)state;
    for (int i = 0; i < 16; i++) {
        const struct cell c = {.port = ports[i & 1],
                               .paper = !(i & 2),
                               .account = accounts[i >> 2 & 1],
                               .gateway = gateways[i >> 3],
                               .confirm = accounts[i >> 2 & 1]};
        const bool paper = !(i & 1) && !(i >> 2 & 1) && !(i >> 3);
        assert_int_equal(lets_through(&c), paper);
    }
}

/* Live in everything, but for one thing that is missing, malformed or another's. */
static void what_is_missing_or_malformed_is_not_live(void **state)
{
    (void)state;
    static const struct cell good = {7496, false, "U1234567", "live", true, "U1234567\n"};
    static const struct cell cells[] = {
        {7496, false, "U1234567", NULL, true, "U1234567"},
        {7496, false, "U1234567", "", true, "U1234567"},
        {7496, false, "U1234567", "LIFE", true, "U1234567"},
        {7496, false, "U1234567", "live ", true, "U1234567"},
        {7496, false, "1234567", "live", true, "1234567"},
        {7496, false, "X1234567", "live", true, "X1234567"},
        {7496, false, "U", "live", true, "U"},
        {7496, false, "U12X", "live", true, "U12X"},
        {7496, false, "DU1234567", "live", true, "DU1234567"},
        {9999, false, "U1234567", "live", true, "U1234567"},
        {7496, false, "U1234567", "live", true, NULL},
        {7496, false, "U1234567", "live", true, ""},
        {7496, false, "U1234567", "live", true, "U7654321"},
        {7496, false, "U1234567", "live", true, "U123456"},
        {7496, false, "U1234567", "live", true, "U1234567 and more"},
    };
    assert_true(lets_through(&good));
    for (size_t i = 0; i < TD_COUNT(cells); i++)
        if (lets_through(&cells[i]))
            fail_msg("row %zu trades live", i);
}

/* The one cell, all the way: its order reaches the broker; the next cell's does not. */
static void the_one_cell_sends_its_order(void **state)
{
    (void)state;
    for (int mode = 0; mode < 2; mode++) {
        const struct scene_options o = {
            .world = {.seed = 1}, .speed = 1, .port = 4001, .account = "U1234567", .live = true};
        scene_open(&o);
        scene.settings.paper = false;
        scene.settings.gateway_mode = mode == 0 ? "live" : "paper";
        scene.config.clock = TD_CLOCK_WALL;
        TD_OK_OR_FAIL(td_folder_make(&scene.desk_world, "state"));
        TD_OK_OR_FAIL(
            td_file_replace(&scene.desk_world, "state/live.confirm", td_str_of("U1234567"), NULL));
        desk_must_start();
        desk_wait_ready();
        desk_turns(90 * TD_SEC);
        const uint32_t sent = td_gateway_ledger(scene.gateway.server)->order_count;
        if ((sent > 0) != (mode == 0))
            fail_msg("%u orders; %s", sent, scene.desk->result.last_denial);
        (void)scene_close(NULL);
    }
}

/* --- what tells the gateway's mode --- */

static struct td_world *disk;

static void put(const char *path, const char *text)
{
    char folder[200];
    td_path_folder(path, folder, sizeof folder);
    TD_OK_OR_FAIL(td_folder_make(disk, folder));
    TD_OK_OR_FAIL(td_file_replace(disk, path, td_str_of(text), NULL));
}

static enum td_gateway_mode mode_on(const char *host)
{
    char text[400];
    struct td_text t;
    td_text_init(&t, text, sizeof text);
    const enum td_gateway_mode mode = td_gateway_mode_find(disk, &scene.settings, host, &t);
    assert_true(t.len > 0);
    return mode;
}

static void files_tell_the_mode_of_a_gateway_here(void **state)
{
    (void)state;
    const struct scene_options o = {.world = {.seed = 1}};
    scene_open(&o);
    disk = &scene.desk_world;
    scene.settings.jts_folder = "Jts";
    scene.settings.ibc_folder = "ibc";
    scene.settings.runtime_folder = "run";
    scene.settings.gateway_mode = NULL;
    assert_int_equal(mode_on("127.0.0.1"), TD_GATEWAY_UNKNOWN);
    put("Jts/jts.ini", "[IBGateway]\nApiOnly=true\n[Logon]\ntradingMode=p\n");
    assert_int_equal(mode_on("127.0.0.1"), TD_GATEWAY_PAPER);
    assert_int_equal(mode_on("otherhost"), TD_GATEWAY_UNKNOWN);
    put("Jts/jts.ini", "[Logon]\r\ntradingMode=l\r\n");
    assert_int_equal(mode_on("localhost"), TD_GATEWAY_LIVE);
    put("run/tapedeck/ibc/config.ini", "# TradingMode=paper\nTradingMode=live\n");
    assert_int_equal(mode_on("localhost"), TD_GATEWAY_LIVE);
    put("ibc/config.ini", "TradingMode=paper\n"); /* two that differ */
    assert_int_equal(mode_on("localhost"), TD_GATEWAY_UNKNOWN);
    put("ibc/config.ini", "TradingMode=\n");
    assert_int_equal(mode_on("localhost"), TD_GATEWAY_UNKNOWN);
    put("ibc/config.ini", "TradingMode=live\n");
    scene.settings.gateway_mode = "paper"; /* and a person who says otherwise */
    assert_int_equal(mode_on("localhost"), TD_GATEWAY_UNKNOWN);
    assert_int_equal(mode_on("otherhost"), TD_GATEWAY_PAPER);
    static char large[40000];
    memset(large, 'x', sizeof large - 1);
    scene.settings.gateway_mode = NULL;
    put("Jts/jts.ini", large);
    assert_int_equal(mode_on("localhost"), TD_GATEWAY_UNKNOWN);
}

/* --- what the account is worth --- */

static struct td_tws_account_summary told(const char *account, const char *tag, const char *value)
{
    return (struct td_tws_account_summary){.req_id = 1900000001,
                                           .account = td_str_of(account),
                                           .tag = td_str_of(tag),
                                           .value = td_str_of(value),
                                           .currency = td_str_of("USD")};
}

static void tell(const char *account, const char *tag, const char *value)
{
    const struct td_tws_account_summary a = told(account, tag, value);
    assert_true(desk_take_account(scene.desk, &a));
}

static int64_t loss_limit(void)
{
    return scene.desk->limits.value[TD_LIMIT_DAY_LOSS] / TD_E9;
}

static void limits_follow_the_equity(void **state)
{
    (void)state;
    const struct scene_options o = {.world = {.seed = 1}};
    struct td_gate_facts facts;
    scene_open(&o);
    scene.config.use_count = 0;
    scene.settings.max_daily_loss_e9 = TD_E9 / 100 * 2;
    desk_must_start();
    assert_int_equal(loss_limit(), 2000); /* of DEFAULT_CASH */
    desk_wait_ready();
    desk_turns(2 * TD_SEC);
    desk_facts(scene.desk, 0, &facts);
    assert_false(td_cash_is_none(scene.desk->equity)); /* the simulator's own figures came */
    assert_true(facts.equity.e9 == scene.desk->equity.e9);
    assert_int_equal(loss_limit(), scene.desk->equity.e9 / TD_E9 / 50);
    assert_int_not_equal(facts.day_trades_left, INT32_MIN);
    tell("DU1234567", "NetLiquidation", "50000.00");
    assert_int_equal(loss_limit(), 1000);
    tell("DU1234567", "NetLiquidation", "50400.00"); /* less than one in a hundred */
    assert_int_equal(loss_limit(), 1000);
    assert_true(scene.desk->equity.e9 == 50400 * TD_E9);
    tell("DU1234567", "NetLiquidation", "50501.00");
    assert_int_equal(loss_limit(), 1010);
    tell("DU7654321", "NetLiquidation", "9000000.00"); /* another account of the login */
    tell("DU1234567", "NetLiquidation", "n/a");
    assert_int_equal(loss_limit(), 1010);
    const struct td_tws_account_summary other = {.req_id = 5};
    assert_false(desk_take_account(scene.desk, &other));
}

static void day_trades_close_their_gate_until_they_are_told(void **state)
{
    (void)state;
    const struct scene_options o = {.world = {.seed = 1}};
    struct td_gate_facts facts;
    scene_open(&o);
    scene.config.use_count = 0;
    scene.settings.day_trade_check = true;
    desk_must_start();
    desk_facts(scene.desk, 0, &facts);
    assert_int_equal(facts.day_trades_left, INT32_MIN);
    desk_wait_ready();
    desk_turns(2 * TD_SEC);
    tell("DU1234567", "DayTradesRemaining", "0");
    assert_non_null(strstr(ask("gates"), "{\"gate\":\"DAY_TRADES\",\"open\":false"));
    tell("DU1234567", "DayTradesRemaining", "3");
    assert_non_null(strstr(ask("gates"), "{\"gate\":\"DAY_TRADES\",\"open\":true"));
    tell("DU1234567", "DayTradesRemaining", "many");
    assert_non_null(strstr(ask("gates"), "{\"gate\":\"DAY_TRADES\",\"open\":false"));
    tell("DU1234567", "DayTradesRemaining", "-1");
    assert_non_null(strstr(ask("gates"), "{\"gate\":\"DAY_TRADES\",\"open\":true"));
    td_simworld_sever(scene.sim, scene.desk_host);
    desk_turns(100 * TD_MS);
    assert_int_equal(scene.desk->day_trades_left, INT32_MIN);
    desk_wait_ready();
    desk_turns(2 * TD_SEC);
    assert_int_not_equal(scene.desk->day_trades_left, INT32_MIN); /* asked for again */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(exactly_one_of_sixteen_trades_live, scene_close),
        cmocka_unit_test_teardown(no_cell_trades_live_without_the_option, scene_close),
        cmocka_unit_test_teardown(what_is_missing_or_malformed_is_not_live, scene_close),
        cmocka_unit_test_teardown(the_one_cell_sends_its_order, scene_close),
        cmocka_unit_test_teardown(files_tell_the_mode_of_a_gateway_here, scene_close),
        cmocka_unit_test_teardown(limits_follow_the_equity, scene_close),
        cmocka_unit_test_teardown(day_trades_close_their_gate_until_they_are_told, scene_close),
    };
    return cmocka_run_group_tests_name("desk/live", tests, NULL, NULL);
}
