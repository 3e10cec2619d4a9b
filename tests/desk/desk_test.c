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
            td_simworld_sever(s->sim, td_rng_chance(&s->rng, 0.5) ? s->desk_host : s->gateway_host);
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
    o.faults = seed % 4 == 3 ? TD_GATEWAY_DUP_STATUS : 0;
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
                                td_gateway_ledger(scene.gateway)->order_count, scene_watch.checked,
                                scene_journal.orders};
    (void)scene_close(NULL);
    return out;
}

static void crashes_never_double_an_order(void **state)
{
    (void)state;
    struct outcome sum = {0};
    const int64_t first = from_env("TD_SEED", 1), seeds = from_env("TD_SEEDS", 60);
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
    print_message("%lld seeds, %llu orders journaled, %llu received, 0 twice, %llu sends looked at\n",
                  (long long)seeds, (unsigned long long)sum.intents, (unsigned long long)sum.orders,
                  (unsigned long long)sum.checked);
    assert_true(sum.orders > (uint64_t)seeds * 5);
    assert_true(sum.checked >= sum.orders);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(it_trades, scene_close),
        cmocka_unit_test_teardown(crashes_never_double_an_order, scene_close),
    };
    return cmocka_run_group_tests_name("desk/desk", tests, NULL, NULL);
}
