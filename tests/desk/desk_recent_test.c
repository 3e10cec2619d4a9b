/* tests/desk/desk_recent_test.c - a desk that ends and begins again within a minute still knows its orders of that minute. */
#include "support/support.h"

#include "desk/desk_scene.h"

static void a_restart_remembers_the_last_minute(void **state)
{
    const struct scene_options o = {.world = {.seed = 1}};
    (void)state;
    scene_open(&o);
    desk_must_start();
    desk_wait_ready();
    desk_turns(30 * TD_SEC);
    assert_true(scene.desk->recent.count > 5);
    desk_crash();
    desk_must_start();
    assert_int_equal(scene.desk->recent.count, 0); /* and no order passes: the clock is not known */
    for (int i = 0; i < 1000 && !scene.desk->days.recalled; i++)
        desk_turns(TD_MS);
    const struct td_blotter *b = &scene.desk->blotter;
    const uint32_t wanted = b->order_count < TD_RECENT_MAX ? b->order_count : TD_RECENT_MAX;
    print_message("%u orders, %u remembered\n", b->order_count, scene.desk->recent.count);
    assert_true(wanted > 0);
    assert_int_equal(scene.desk->recent.count, wanted);
    const struct td_order *first = &b->orders[b->order_count - wanted];
    /* as old by the monotonic clock as it is at least by the wall's, which may have been off by 2 s then and now */
    assert_true(td_world_mono(&scene.desk_world) - scene.desk->recent.rows[0].at ==
                td_world_now(&scene.desk_world) - first->intent_ns - 4 * TD_SEC);
    assert_int_equal(scene.desk->recent.rows[0].qty.e9, first->now.qty.e9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_restart_remembers_the_last_minute, scene_close),
    };
    return cmocka_run_group_tests_name("desk/desk_recent", tests, NULL, NULL);
}
