/* tests/desk/release_scene_test.c - what was approved and waits for the disk is asked again before its bytes leave: each thing
 * that closes meanwhile, alone; how many may wait; what a full disk lets pass; settings that wait for their records. */
#include "desk/desk_ask.h"
#include "desk/desk_reload.h"
#include "desk/desk_wants.h"

static const struct scene_options calm = {
    .world = {.seed = 5, .latency_min = TD_MS, .latency_max = 2 * TD_MS}, .speed = 10};

static void open_quiet(void)
{
    start_alone(&calm, false); /* no order but the test's */
    desk_turns(3 * TD_SEC);
}

/* --- the release --- */

static void nothing_closes(void)
{
}
static void newer_settings(void)
{
    scene.desk->reload.number++;
}

static void what_closes_before_the_bytes_sends_nothing(void **state)
{
    (void)state;
    static const struct {
        void (*closes)(void);
        uint32_t sent;
    } rows[] = {{nothing_closes, 1}, {orders_forbidden, 0}, {dry_run, 0}, {no_execution, 0},
                {newer_settings, 0}, {looks_up, 0},         {halts, 0}};
    for (size_t i = 0; i < TD_COUNT(rows); i++) {
        open_quiet();
        assert_true(asks(TD_BUY));
        assert_int_equal(scene.desk->pending_count, 1);
        desk_release_durable(scene.desk); /* its record is not on the disk */
        assert_int_equal(scene.desk->pending_count, 1);
        assert_int_equal(received(), 0);
        rows[i].closes();
        td_writer_drain(scene.desk->writer);
        desk_release_durable(scene.desk);
        assert_int_equal(scene.desk->pending_count, 0);
        assert_int_equal(scene.desk->blotter.orders[0].state == TD_OS_REJECTED, !rows[i].sent);
        if (rows[i].closes != looks_up) /* a look-up that nobody asked for has no end */
            desk_turns(TD_SEC);
        assert_int_equal(received(), rows[i].sent);
        (void)scene_close(NULL);
    }
}

/* What the gates let through a halt since it only makes a position smaller leaves, whoever wanted it. */
static void a_strategy_s_reducing_order_passes_a_halt(void **state)
{
    (void)state;
    open_quiet();
    assert_true(asks(TD_BUY));
    desk_turns(2 * TD_SEC);
    assert_int_equal(received(), 1);
    desk_halt(scene.desk, "a test");
    assert_true(asks_as(TD_SELL, TD_ROLE_ENTRY));
    desk_turns(2 * TD_SEC);
    assert_int_equal(received(), 2);
    assert_int_equal(scene.desk->blotter.holdings[0].now.qty.e9, 0);
    assert_false(asks_as(TD_SELL, TD_ROLE_ENTRY)); /* nothing is held any more */
    desk_turns(2 * TD_SEC);
    assert_int_equal(received(), 2);
}

/* One order, one count in each stage; the broker's answer takes the way there and back. */
static void each_stage_is_measured(void **state)
{
    (void)state;
    open_quiet();
    const struct td_spans *delays = scene.desk->delays;
    for (int stage = DESK_STAGE_DECIDE; stage < DESK_STAGE_COUNT; stage++)
        assert_int_equal(delays[stage].count, 0);
    const uint64_t turns = delays[DESK_STAGE_TURN].count;
    assert_true(turns > 0);
    assert_true(asks(TD_BUY));
    desk_turns(2 * TD_SEC);
    assert_int_equal(received(), 1);
    for (int stage = DESK_STAGE_DECIDE; stage < DESK_STAGE_COUNT; stage++)
        assert_int_equal(delays[stage].count, 1);
    assert_true(delays[DESK_STAGE_TURN].count > turns);
    assert_true(delays[DESK_STAGE_ANSWER].most >= 2 * TD_MS);
    assert_true(delays[DESK_STAGE_ANSWER].most < TD_SEC);
    cJSON *status = cJSON_Parse(ask("status"));
    const cJSON *told = cJSON_GetObjectItemCaseSensitive(status, "delays");
    assert_int_equal(cJSON_GetArraySize(told), DESK_STAGE_COUNT);
    const cJSON *answer = cJSON_GetArrayItem(told, DESK_STAGE_ANSWER);
    assert_string_equal(cJSON_GetObjectItem(answer, "stage")->valuestring, "answer");
    assert_int_equal(cJSON_GetObjectItem(answer, "count")->valueint, 1);
    assert_true(cJSON_GetObjectItem(answer, "max_us")->valuedouble ==
                (double)delays[DESK_STAGE_ANSWER].most / 1e3);
    cJSON_Delete(status);
}

/* An order that got another end while it waited has no bytes any more. */
static void what_ended_while_it_waited_is_not_sent(void **state)
{
    (void)state;
    open_quiet();
    assert_true(asks(TD_BUY));
    assert_true(desk_cancel(scene.desk, &scene.desk->blotter.orders[0], "not wanted any more"));
    desk_turns(TD_SEC);
    assert_int_equal(received(), 0);
    assert_int_equal(scene.desk->blotter.orders[0].state, TD_OS_REJECTED);
}

static void only_so_many_wait_for_the_disk(void **state)
{
    (void)state;
    open_quiet();
    for (int i = 0; i < DESK_PENDING_MAX; i++)
        assert_true(asks(TD_BUY));
    assert_false(asks(TD_BUY));
    assert_int_equal(scene.desk->pending_count, DESK_PENDING_MAX);
    desk_turns(5 * TD_SEC);
    assert_int_equal(received(), DESK_PENDING_MAX);
    assert_int_equal(scene.desk->pending_count, 0);
}

/* --- the disk --- */

static void a_full_disk_lets_exits_pass_only(void **state)
{
    (void)state;
    open_quiet();
    assert_true(asks(TD_BUY));
    desk_turns(2 * TD_SEC);
    scene.settings.disk_floor_mb = INT32_MAX;
    desk_turns(2 * TD_SEC);
    assert_false(asks(TD_BUY));
    assert_non_null(strstr(scene.desk->result.last_denial, "DISK"));
    assert_true(asks(TD_SELL));
    scene.settings.disk_floor_mb = 0;
    desk_turns(2 * TD_SEC);
    assert_true(asks(TD_BUY));
}

/* --- settings --- */

static void settings_wait_for_their_records(void **state)
{
    (void)state;
    scene_open(&calm);
    read_settings("ALLOW_ORDERS=1\nDRY_RUN=0\n");
    open_reload();
    scene.config.use_count = 0;
    desk_must_start();
    desk_wait_ready();
    put_text("ALLOW_ORDERS=0\n");
    assert_null(desk_reload(scene.desk));
    desk_tend_reload(scene.desk, td_world_mono(&scene.desk_world));
    assert_true(scene.desk->reload.waits); /* nothing is on the disk yet */
    assert_true(scene.desk->config.settings->allow_orders);
    td_writer_drain(scene.desk->writer);
    desk_tend_reload(scene.desk, td_world_mono(&scene.desk_world));
    assert_false(scene.desk->reload.waits);
    assert_false(scene.desk->config.settings->allow_orders);
}

/* An exit that waited for a slow disk while somebody switched orders off: the switch was recorded first, so nothing leaves. */
static void what_switches_orders_off_counts_while_it_waits(void **state)
{
    (void)state;
    static const struct {
        const char *file;
        uint32_t sent;
    } rows[] = {{"ALLOW_ORDERS=1\nDRY_RUN=1\nENABLE_ORDER_EXEC=1\nMAX_ORDER_SIZE=2\n", 0},
                {"ALLOW_ORDERS=0\nDRY_RUN=0\nENABLE_ORDER_EXEC=1\nMAX_ORDER_SIZE=2\n", 0},
                {"ALLOW_ORDERS=1\nDRY_RUN=0\nENABLE_ORDER_EXEC=1\nMAX_ORDER_SIZE=0\n", 1}};
    for (size_t i = 0; i < TD_COUNT(rows); i++) {
        scene_open(&calm);
        read_settings("ALLOW_ORDERS=1\nDRY_RUN=0\nENABLE_ORDER_EXEC=1\nMAX_ORDER_SIZE=2\n");
        scene.settings.max_leverage_e9 = scene.settings.max_symbol_exposure_e9 = 1000 * TD_E9;
        scene.settings.stop_monitor = scene.settings.broker_stops = false;
        open_reload();
        scene.config.use_count = 0;
        desk_must_start();
        desk_wait_ready();
        desk_turns(3 * TD_SEC);
        must_ask(TD_BUY);
        desk_turns(2 * TD_SEC);
        assert_int_equal(received(), 1);
        must_ask(TD_SELL);
        td_writer_drain(scene.desk->writer); /* its record is on the disk */
        put_text(rows[i].file);
        assert_null(desk_reload(scene.desk));
        assert_true(scene.desk->reload.waits); /* theirs are not */
        desk_release_durable(scene.desk);
        assert_int_equal(scene.desk->pending_count, 0);
        desk_turns(TD_SEC);
        assert_int_equal(received(), 1 + rows[i].sent);
        (void)scene_close(NULL);
    }
}

/* --- children --- */

/* The last count before the socket, on rows that no way through the desk makes. */
static void children_are_never_more_than_their_parent(void **state)
{
    (void)state;
    static const struct {
        int parent, filled, child;
        bool fits;
    } rows[] = {{10, 4, 6, true}, {10, 4, 7, false}, {10, 10, 0, true}, {10, 11, 0, false}};
    open_quiet();
    assert_true(asks(TD_BUY) && asks(TD_BUY) && asks(TD_BUY));
    struct td_order *o = scene.desk->blotter.orders;
    o[0].role = TD_ROLE_PARENT;
    o[1].role = o[2].role = TD_ROLE_SLICE;
    o[1].parent = o[2].parent = o[0].key;
    o[1].state = TD_OS_FILLED;
    for (size_t i = 0; i < TD_COUNT(rows); i++) {
        o[0].now.qty = TD_QTY(rows[i].parent);
        o[1].now.qty = o[1].filled = o[1].told = TD_QTY(rows[i].filled);
        o[2].now.qty = TD_QTY(rows[i].child);
        assert_int_equal(desk_child_fits(scene.desk, &o[2]), rows[i].fits);
    }
    scene.desk->pending_count = 0; /* what was made up is not sent */
    memset(scene.desk->pending, 0, sizeof scene.desk->pending);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_closes_before_the_bytes_sends_nothing),
        cmocka_unit_test_teardown(each_stage_is_measured, scene_close),
        cmocka_unit_test_teardown(what_ended_while_it_waited_is_not_sent, scene_close),
        cmocka_unit_test_teardown(a_strategy_s_reducing_order_passes_a_halt, scene_close),
        cmocka_unit_test_teardown(only_so_many_wait_for_the_disk, scene_close),
        cmocka_unit_test_teardown(a_full_disk_lets_exits_pass_only, scene_close),
        cmocka_unit_test_teardown(settings_wait_for_their_records, scene_close),
        cmocka_unit_test(what_switches_orders_off_counts_while_it_waits),
        cmocka_unit_test_teardown(children_are_never_more_than_their_parent, scene_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
