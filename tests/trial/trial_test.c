/* tests/trial/trial_test.c - a few seeds with all faults, the same day twice, and the words for faults. */
#include "support/support.h"

#include <string.h>

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

static struct td_trial_result play_with(uint64_t seed, uint64_t faults, enum td_trial_camera camera)
{
    const struct td_trial_config config = {.seed = seed,
                                           .days = 1,
                                           .faults = faults,
                                           .camera = camera,
                                           .real = &real,
                                           .version = "test"};
    struct td_trial_result r;
    struct td_fail why = {0};
    if (td_trial_run(&config, &r, &why) != TD_OK)
        fail_msg("seed %llu: %s", (unsigned long long)seed, why.text);
    if (r.end != TD_TRIAL_HELD)
        fail_msg("seed %llu: %s (%s)", (unsigned long long)seed, r.what, r.story);
    return r;
}

static struct td_trial_result play(uint64_t seed, uint64_t faults)
{
    return play_with(seed, faults, TD_TRIAL_CAMERA_NEVER);
}

static void a_day_without_faults_is_recorded_whole(void **state)
{
    (void)state;
    const struct td_trial_result r = play_with(3, 0, TD_TRIAL_CAMERA_ALWAYS);
    assert_true(r.recorded.trials == 1 && r.recorded.files >= 4 && r.recorded.messages > 5000);
    assert_true(r.recorded.snapshots > 100);
    assert_true(r.recorded.lost == 0 && r.recorded.deaths == 0);
}

static void a_recorder_dies_and_its_files_are_whole(void **state)
{
    uint64_t all;
    (void)state;
    TD_OK_OR_FAIL(td_trial_faults_parse("all", &all, NULL));
    const struct td_trial_result a = play_with(2, all, TD_TRIAL_CAMERA_ALWAYS);
    assert_true(a.recorded.deaths > 0 && a.recorded.recovered > 0 && a.recorded.files > 4);
}

static void a_day_without_faults_trades(void **state)
{
    (void)state;
    const struct td_trial_result r = play(3, 0);
    assert_true(r.orders > 100 && r.fills > 50 && r.changes > 10);
    assert_true(r.kills + r.crashes + r.faults + r.frozen == 0);
    assert_true(r.checks > 1000);
}

static void a_seed_is_the_same_day_again(void **state)
{
    (void)state;
    uint64_t all;
    TD_OK_OR_FAIL(td_trial_faults_parse("all", &all, NULL));
    const struct td_trial_result a = play(7, all), b = play(7, all), c = play(8, all);
    assert_true(a.hash == b.hash && a.trace == b.trace && a.orders == b.orders);
    assert_true(a.hash != c.hash);
    assert_true(a.faults > 0);
}

static void faults_by_number(void **state)
{
    (void)state;
    uint64_t bits;
    struct td_fail why = {0};
    TD_OK_OR_FAIL(td_trial_faults_parse("1,44,54", &bits, &why));
    assert_true(bits == (UINT64_C(1) << 1 | UINT64_C(1) << 44 | UINT64_C(1) << 54));
    TD_OK_OR_FAIL(td_trial_faults_parse("none", &bits, &why));
    assert_true(bits == 0);
    static const char *const bad[] = {"0", "55", "x", "1,,2", ""};
    for (size_t i = 0; i < TD_COUNT(bad) - 1; i++) {
        assert_int_equal(td_trial_faults_parse(bad[i], &bits, &why), TD_EINVAL);
        assert_non_null(strstr(why.text, "1 to 54"));
    }
    const struct td_trial_config config = {.seed = 1, .days = 31, .real = &real};
    struct td_trial_result r;
    assert_int_equal(td_trial_run(&config, &r, &why), TD_EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_day_without_faults_trades),
        cmocka_unit_test(a_day_without_faults_is_recorded_whole),
        cmocka_unit_test(a_recorder_dies_and_its_files_are_whole),
        cmocka_unit_test(a_seed_is_the_same_day_again),
        cmocka_unit_test(faults_by_number),
    };
    return cmocka_run_group_tests_name("trial/trial", tests, set_up, tear_down);
}
