/* tests/desk/guest_scene_test.c - strategies in shared objects, real processes beside a desk in the simulated world: the same orders
 * as built in; whatever goes wrong in one, it is off, its process is gone, and the desk, its orders and its stops go on. Needs
 * TAPEDECK_BIN and TD_GUESTS, the folder of the objects. */
#include "desk/guest_hook.h"

static const struct td_simworld_options calm = {.seed = 5};
static struct td_guest_strat guest;
static char object[512];

static const char *path_of(const char *name)
{
    const char *folder = getenv("TD_GUESTS");
    assert_non_null(folder);
    (void)snprintf(object, sizeof object, "%s/%s.so", folder, name);
    return object;
}

/* The row that a command would have learned from the object. */
static void describe(const char *name, const struct td_strat_param *params, uint32_t count)
{
    struct td_guest_about a = {.param_count = count};
    (void)td_str_copy(td_str_of(name), a.name, sizeof a.name);
    for (uint32_t i = 0; i < count; i++) {
        (void)td_str_copy(td_str_of(params[i].name), a.params[i].name, sizeof a.params[0].name);
        a.params[i].high = 1000;
    }
    td_guest_describe(&a, &guest);
    scene.use = (struct td_strat_use){
        .strat = &guest.strat, .object = object, .params = {1, 2}, .size = TD_QTY(1)};
}

/* --- the same orders --- */

static struct decisions {
    uint32_t count, orders;
    char rows[4096][160];
} decided, before;

static enum td_err note_decision(void *arg, const struct td_record *r)
{
    struct decisions *n = arg;
    if ((r->type != TD_REC_ORDER && r->type != TD_REC_DENIED) || n->count == 4096)
        return TD_OK;
    n->orders += r->type == TD_REC_ORDER;
    (void)snprintf(n->rows[n->count++], sizeof n->rows[0], "%d %s %d %lld %.60s", r->type,
                   r->symbol, r->action, (long long)r->qty.e9, r->text);
    return TD_OK;
}

static void play(td_ns span)
{
    struct td_fail why = {0};
    scene.settings.stop_monitor = scene.settings.broker_stops = false; /* the strategy alone */
    desk_must_start();
    desk_wait_ready();
    desk_turns(span);
    assert_false(scene.desk->instances[0].off);
    memset(&decided, 0, sizeof decided);
    TD_OK_OR_FAIL(
        td_journal_read(&scene.desk_world, SCENE_JOURNAL, note_decision, &decided, NULL, &why));
}

static void a_copy_decides_as_the_built_in_one(void **state)
{
    (void)state;
    static const struct td_strat_param params[] = {{.name = "fast"}, {.name = "slow"}};
    struct scene_options o = {.world = calm};
    scene_open(&o);
    play(TD_MIN);
    assert_true(decided.orders > 20);
    before = decided;
    desk_close();
    (void)scene_close(NULL);

    scene_open(&o);
    (void)path_of("guest_sma");
    describe("sma_copy", params, 2);
    hook_guests(5000);
    play(TD_MIN);
    assert_int_equal(guest_hook.spawned, 1);
    for (uint32_t i = 0; i < decided.count && i < before.count; i++)
        assert_string_equal(decided.rows[i], before.rows[i]);
    assert_int_equal(decided.count, before.count);
    check_ledger(true);
    desk_close();
    assert_true(guest_is_gone());
}

/* --- what goes wrong --- */

static const struct fault {
    int mode;
    const char *why; /* part of it */
} faults[] = {
    {1, "no answer within 250 ms"},
    {2, "no answer within 250 ms"},
    {3, "no answer within 250 ms"},
    {4, "more than 100 intents"},
    {5, "its process "}, /* crashed; a sanitizer makes an exit of it */
    {6, "exit status 3"},
    {7, "bytes that are no frame"},
    {8, "bytes that are no frame"},
    {9, "it wrote past its intents"},
    {10, "it wrote past its intents"},
    {11, "an instrument it does not have"},
    {12, "makes no sense"},
    {13, "makes no sense"},
    {14, "not asked"},
    {15, "closed its channel"},
    {16, "its process "},
    {17, "no answer within 250 ms"},
};

static void open_faulty(int mode)
{
    static const struct td_strat_param params[] = {{.name = "mode"}};
    static const char *const symbols[] = {"SPY"};
    struct scene_options o = {.world = calm, .symbols = symbols, .symbol_count = 1};
    scene_open(&o);
    (void)path_of("guest_faulty");
    describe("faulty", params, 1);
    scene.use.params[0] = mode;
    hook_guests(mode == 17 ? 20 : (mode && mode < 4) || mode == 19 ? 100 : 5000);
    desk_must_start();
    desk_wait_ready();
}

static const struct td_order *working_stop(void)
{
    for (uint32_t i = 0; i < scene.desk->blotter.live_count; i++) {
        const struct td_order *o = &scene.desk->blotter.orders[scene.desk->blotter.live[i]];
        if (o->role == TD_ROLE_STOP && o->perm_id)
            return o;
    }
    return NULL;
}

static int64_t held(void)
{
    uint32_t h;
    return td_blotter_holding(&scene.desk->blotter, "SPY", &h)
               ? scene.desk->blotter.holdings[h].now.qty.e9
               : 0;
}

static const char *status_of_desk(void)
{
    static char text[65536];
    const struct td_str answer = desk_answer(scene.desk, "status");
    (void)td_str_copy(answer, text, sizeof text);
    return text;
}

static void check_off(const struct fault *f)
{
    const struct desk_instance *n = &scene.desk->instances[0];
    for (int i = 0; i < 600 && !(n->off && guest_hook.child.pid == 0); i++)
        desk_turns(100 * TD_MS);
    if (!n->off || !strstr(n->off_why, f->why))
        fail_msg("mode %d: off %d, \"%s\", expected \"%s\"", f->mode, n->off, n->off_why, f->why);
    assert_true(guest_is_gone());
    assert_true(scene.desk->conn.alerts.rows[TD_ALERT_STRATEGY].active);
    assert_non_null(strstr(status_of_desk(), "\"state\":\"disabled\""));
    assert_non_null(strstr(status_of_desk(), n->off_why));
}

/* The desk lives, and what the strategy left is managed. */
static void check_desk_goes_on(void)
{
    const uint64_t events = scene.desk->result.events;
    for (int i = 0; i < 100 && !working_stop(); i++)
        desk_turns(100 * TD_MS);
    const struct td_order *stop = working_stop();
    if (!stop)
        fail_msg("no stop works: %s", status_of_desk());
    const uint64_t key = stop->key;
    desk_turns(5 * TD_SEC);
    assert_true(scene.desk->result.events > events);
    assert_int_equal(scene.desk->sync, SYNC_DONE);
    assert_int_equal(held(), 2 * TD_E9);
    assert_non_null(working_stop());
    assert_int_equal(working_stop()->key, key);
    check_ledger(true);
}

static void whatever_goes_wrong_ends_only_the_guest(void **state)
{
    (void)state;
    for (size_t i = 0; i < TD_COUNT(faults); i++) {
        open_faulty(faults[i].mode);
        check_off(&faults[i]);
        check_desk_goes_on();
        assert_int_equal(guest_hook.hard_ends > 0, faults[i].mode == 3);
        desk_close();
        (void)scene_close(NULL);
    }
}

static void a_sound_guest_stays_and_cannot_fork(void **state)
{
    (void)state;
    static const int sound[] = {0, 21};
    for (size_t i = 0; i < (geteuid() ? 2 : 1); i++) { /* root may fork whatever the limit */
        open_faulty(sound[i]);
        for (int k = 0; k < 600 && held() == 0; k++)
            desk_turns(100 * TD_MS);
        assert_int_equal(held(), 2 * TD_E9);
        desk_turns(10 * TD_SEC);
        assert_false(scene.desk->instances[0].off);
        assert_non_null(strstr(status_of_desk(), "\"state\":\"running\""));
        assert_false(desk_guests_busy(scene.desk));
        desk_close();
        assert_true(guest_is_gone());
        (void)scene_close(NULL);
    }
}

static void one_that_cannot_begin_is_off(void **state)
{
    (void)state;
    static const struct fault rows[] = {{18, "not with these numbers"},
                                        {19, "no answer within 5000 ms of its start"},
                                        {20, "its process "}};
    for (size_t i = 0; i < TD_COUNT(rows); i++) {
        open_faulty(rows[i].mode);
        check_off(&rows[i]);
        desk_close();
        (void)scene_close(NULL);
    }
}

/* Answers take their time, and events wait meanwhile: the next is shown with the order that the last one made. */
static void one_sees_its_order_before_it_decides_again(void **state)
{
    (void)state;
    open_faulty(22);
    guest_hook.delay = 20 * TD_MS;
    for (int i = 0; i < 600 && held() == 0; i++)
        desk_turns(100 * TD_MS);
    desk_turns(5 * TD_SEC);
    assert_false(scene.desk->instances[0].off);
    assert_int_equal(held(), 2 * TD_E9);
    check_ledger(true);
    assert_int_equal(td_gateway_ledger(scene.gateway.server)->fill_count, 1);
    desk_close();
}

/* Each answer comes within the deadline, and slower than the events do. */
static void one_that_falls_behind_is_off(void **state)
{
    (void)state;
    open_faulty(0);
    for (int i = 0; i < 600 && held() == 0; i++)
        desk_turns(100 * TD_MS);
    assert_int_equal(held(), 2 * TD_E9);
    desk_turns(5 * TD_SEC);
    assert_false(scene.desk->instances[0].off);
    guest_hook.delay = 240 * TD_MS;
    check_off(&(struct fault){0, "ms behind the market"});
    check_desk_goes_on();
    desk_close();
}

static void a_queue_that_is_full_switches_off(void **state)
{
    (void)state;
    const struct td_event bar = {.kind = TD_EV_BAR};
    uint32_t offered = 0;
    open_faulty(0);
    desk_turns(5 * TD_SEC);
    while (!scene.desk->instances[0].off && offered < 100000) {
        desk_guest_offer(scene.desk, &scene.desk->instances[0], 0, &bar, true);
        offered++;
    }
    assert_int_equal(offered, 65537);
    check_off(&(struct fault){0, "its queue is full"});
    desk_close();
}

/* A row that is not what the object says: it was replaced after the command looked at it. */
static void another_object_is_refused(void **state)
{
    (void)state;
    static const struct td_strat_param params[] = {{.name = "mode"}};
    struct scene_options o = {.world = calm};
    scene_open(&o);
    (void)path_of("guest_sma");
    describe("faulty", params, 1);
    hook_guests(5000);
    desk_must_start();
    check_off(&(struct fault){0, "not the one"});
    desk_close();
}

static void a_world_without_processes_says_so(void **state)
{
    (void)state;
    struct td_fail why = {0};
    struct scene_options o = {.world = calm};
    scene_open(&o);
    (void)path_of("guest_sma");
    describe("sma_copy", NULL, 0);
    scene.config.program = "tapedeck";
    assert_int_equal(desk_start(&why), TD_EUNSUP);
    assert_non_null(strstr(why.text, "no processes"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_copy_decides_as_the_built_in_one, scene_close),
        cmocka_unit_test_teardown(whatever_goes_wrong_ends_only_the_guest, scene_close),
        cmocka_unit_test_teardown(a_sound_guest_stays_and_cannot_fork, scene_close),
        cmocka_unit_test_teardown(one_that_cannot_begin_is_off, scene_close),
        cmocka_unit_test_teardown(one_sees_its_order_before_it_decides_again, scene_close),
        cmocka_unit_test_teardown(one_that_falls_behind_is_off, scene_close),
        cmocka_unit_test_teardown(a_queue_that_is_full_switches_off, scene_close),
        cmocka_unit_test_teardown(another_object_is_refused, scene_close),
        cmocka_unit_test_teardown(a_world_without_processes_says_so, scene_close),
    };
    return cmocka_run_group_tests_name("desk/guests", tests, NULL, NULL);
}
