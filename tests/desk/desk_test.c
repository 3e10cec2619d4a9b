/* tests/desk/desk_test.c - the desk against the gateway simulator, inside the simulated world.
 *
 * TD_SEEDS is the number of seeded runs (60 by default), TD_SEED the first of them. A run that fails
 * names its seed.
 */
#include "support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "desk/desk_scene.h"

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
    print_message("intents %u denied %u orders %u fills %u: %s\n", (unsigned)scene.desk->result.intents,
                  (unsigned)scene.desk->result.denied, (unsigned)scene.desk->result.orders,
                  (unsigned)scene.desk->result.fills, scene.desk->result.last_denial);
    assert_true(scene.desk->result.orders > 10);
    assert_true(scene_watch.checked > 10);
    check_ledger(true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(it_trades, scene_close),
    };
    (void)from_env;
    (void)desk_crash;
    return cmocka_run_group_tests_name("desk/desk", tests, NULL, NULL);
}
