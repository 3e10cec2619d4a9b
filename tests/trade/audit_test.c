/* tests/trade/audit_test.c - what the audit log says it has on the disk is there after the machine lost its power. */
#include "trade/audit.h"

#include <stdio.h>
#include <string.h>

#include "sim/simworld.h"
#include "support/support.h"

#define SEEDS 64 /* what an unsynced byte comes to is drawn: each fate is met */
#define PATH  "audit.jsonl"

static void trusted_bytes_outlive_a_power_cut(void **state)
{
    (void)state;
    static struct td_audit audit;
    static char buf[4096];
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        const struct td_simworld_options o = {.seed = seed, .start_ns = TD_DAY};
        const struct td_audit_line line = {
            .at_ns = TD_DAY, .seq = 1, .key = 1, .symbol = "SPY", .action = "BUY", .event = "sent"};
        struct td_simworld *sim = NULL;
        struct td_world world;
        struct td_fail why = {0};
        uint32_t host;
        size_t len = 0;
        TD_OK_OR_FAIL(td_simworld_open(&sim, &o, &why));
        TD_OK_OR_FAIL(td_simworld_attach(sim, "desk", &host, &world, &why));
        TD_OK_OR_FAIL(td_audit_open(&audit, &world, PATH, 0, &why));
        TD_OK_OR_FAIL(td_folder_sync(&world, "."));
        TD_OK_OR_FAIL(td_audit_add(&audit, &line));
        TD_OK_OR_FAIL(td_audit_flush(&audit, true, &why));
        assert_true(audit.trusted > 0 && audit.trusted == audit.bytes);
        td_simworld_crash(sim, host);
        td_audit_close(&audit);
        TD_OK_OR_FAIL(td_simworld_attach(sim, "desk", &host, &world, &why));
        TD_OK_OR_FAIL(td_file_slurp(&world, PATH, buf, sizeof buf, &len, &why));
        if (len < audit.trusted)
            fail_msg("seed %llu: %zu bytes of %llu", (unsigned long long)seed, len,
                     (unsigned long long)audit.trusted);
        td_simworld_close(sim);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(trusted_bytes_outlive_a_power_cut)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
