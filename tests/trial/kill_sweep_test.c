/* tests/trial/kill_sweep_test.c - the desk's process ends before every system call of its order path, and is restarted.
 *
 * The gateway's ledger is the oracle: nothing arrives twice, positions and open orders agree or the contract is frozen.
 * TD_KILLS calls in a row (640), every TD_KILL_STEP-th (16); once as kill -9 and once as a power cut.
 */
#include "support/support.h"

#include <stdlib.h>

#include "sys/uvworld.h"
#include "trial/trial.h"

static struct td_world real;

static int set_up(void **state)
{
    (void)state;
    return td_uvworld_open(&real, false, NULL) == TD_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    td_uvworld_close(&real);
    return 0;
}

static uint64_t number(const char *name, uint64_t preset)
{
    const char *text = getenv(name);
    return text ? strtoull(text, NULL, 10) : preset;
}

static void sweep(bool power)
{
    const uint64_t kills = number("TD_KILLS", 640), every = number("TD_KILL_STEP", 16);
    uint64_t played = 0, orders = 0, frozen = 0, died = 0;
    int violated = 0;
    for (uint64_t n = 1; n <= kills; n += every) {
        const struct td_trial_config config = {
            .seed = 1, .days = 1, .die_at = n, .power = power, .real = &real, .version = "test"};
        struct td_trial_result r;
        struct td_fail why = {0};
        if (td_trial_run(&config, &r, &why) != TD_OK)
            fail_msg("call %llu: %s", (unsigned long long)n, why.text);
        if (r.end != TD_TRIAL_HELD) {
            print_error("before call %llu%s: %s\n", (unsigned long long)n,
                        power ? ", power cut" : "", r.what);
            violated++;
        }
        played++;
        orders += r.orders;
        frozen += r.frozen;
        died += r.kills + r.crashes;
    }
    print_message("%s before %llu calls of %llu: %llu deaths, %llu order messages, %llu frozen, %d "
                  "violated\n",
                  power ? "power cut" : "kill -9", (unsigned long long)played,
                  (unsigned long long)kills, (unsigned long long)died, (unsigned long long)orders,
                  (unsigned long long)frozen, violated);
    assert_int_equal(violated, 0);
    assert_true(died >= played && orders > played * 20);
}

static void kill_before_every_call(void **state)
{
    (void)state;
    sweep(false);
}

static void power_cut_before_every_call(void **state)
{
    (void)state;
    sweep(true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kill_before_every_call),
        cmocka_unit_test(power_cut_before_every_call),
    };
    return cmocka_run_group_tests_name("trial/kill_sweep", tests, set_up, tear_down);
}
