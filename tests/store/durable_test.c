/* tests/store/durable_test.c - what was told to be on the disk is there after the machine lost its power, whatever the disk did
 * with bytes that nobody had synced: appended lines, a finished file of a recording. */
#include <stdio.h>
#include <string.h>

#include "sim/simworld.h"
#include "store/manifest.h"
#include "store/session_out.h"
#include "support/support.h"

#define SEEDS  64 /* what an unsynced byte comes to is drawn: each fate is met */
#define FOLDER "data"

static struct td_simworld *sim;
static struct td_world world;
static uint32_t host;

static void machine_starts(uint64_t seed)
{
    const struct td_simworld_options o = {.seed = seed, .start_ns = TD_DAY};
    struct td_fail why = {0};
    if (!sim)
        TD_OK_OR_FAIL(td_simworld_open(&sim, &o, &why));
    TD_OK_OR_FAIL(td_simworld_attach(sim, "recorder", &host, &world, &why));
}

static int machine_goes(void **state)
{
    (void)state;
    td_simworld_close(sim);
    sim = NULL;
    return 0;
}

static void power_is_cut(uint64_t seed)
{
    td_simworld_crash(sim, host);
    machine_starts(seed);
}

static void has(const char *path, const char *text, uint64_t seed)
{
    char buf[4096] = {0};
    struct td_fail why = {0};
    size_t len = 0;
    if (td_file_slurp(&world, path, buf, sizeof buf - 1, &len, &why) != TD_OK)
        fail_msg("seed %llu: %s", (unsigned long long)seed, why.text);
    if (len != strlen(text) || memcmp(buf, text, len) != 0)
        fail_msg("seed %llu: %s has %zu bytes of %zu", (unsigned long long)seed, path, len,
                 strlen(text));
}

static void appended_lines_stay(void **state)
{
    (void)state;
    static const char one[] = "{\"day\":1}\n", two[] = "{\"day\":2}\n";
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct td_fail why = {0};
        machine_starts(seed);
        TD_OK_OR_FAIL(td_folder_make(&world, FOLDER));
        TD_OK_OR_FAIL(td_folder_sync(&world, "."));
        TD_OK_OR_FAIL(td_lines_append(&world, FOLDER "/days.jsonl", td_str_of(one), &why));
        power_is_cut(seed);
        has(FOLDER "/days.jsonl", one, seed);
        TD_OK_OR_FAIL(td_lines_append(&world, FOLDER "/days.jsonl", td_str_of(two), &why));
        power_is_cut(seed);
        has(FOLDER "/days.jsonl", "{\"day\":1}\n{\"day\":2}\n", seed);
        (void)machine_goes(NULL);
    }
}

static void a_published_file_is_whole(void **state)
{
    (void)state;
    static struct td_out out;
    static const char text[] = "rows of a day, and the foot that tells where they are";
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct td_fail why = {0};
        machine_starts(seed);
        TD_OK_OR_FAIL(td_folder_make(&world, FOLDER));
        TD_OK_OR_FAIL(td_folder_sync(&world, "."));
        TD_OK_OR_FAIL(td_out_open(&out, &world, FOLDER "/day.parquet", &why));
        TD_OK_OR_FAIL(td_out_write(&out, text, sizeof text - 1));
        TD_OK_OR_FAIL(td_out_seal(&out, &why));
        TD_OK_OR_FAIL(td_out_publish(&out, &why));
        power_is_cut(seed);
        has(FOLDER "/day.parquet", text, seed);
        (void)machine_goes(NULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(appended_lines_stay, machine_goes),
        cmocka_unit_test_teardown(a_published_file_is_whole, machine_goes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
