/* tests/cmd/verify_test.c - verify does its checks, and report answers about the desk it ran. Needs TAPEDECK_BIN. */
#include "support/program.h"

#include <cjson/cJSON.h>

#include "sys/uvworld.h"

static struct td_world world;
static const char *folder;
static char state_folder[400];
static char out[400000];

static int set_up(void **state)
{
    (void)state;
    folder = td_test_folder("verify");
    (void)setenv("LOGS_PATH", "verify-logs", 1);
    (void)setenv("DRY_RUN", "1", 1); /* the checks do not depend on it */
    (void)setenv("MAX_ORDER_SIZE", "0", 1);
    return td_uvworld_open(&world, false, NULL) == TD_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    td_uvworld_close(&world);
    return 0;
}

static bool note_folder(void *arg, const char *name, enum td_entry_kind kind)
{
    (void)arg;
    if (kind == TD_ENTRY_FOLDER)
        (void)snprintf(state_folder, sizeof state_folder, "%s/%s/state", folder, name);
    return true;
}

static const char *outcome(const cJSON *all, const char *name)
{
    const cJSON *c;
    cJSON_ArrayForEach(c, cJSON_GetObjectItemCaseSensitive(all, "checks"))
    {
        if (strcmp(cJSON_GetObjectItemCaseSensitive(c, "check")->valuestring, name) == 0)
            return cJSON_GetObjectItemCaseSensitive(c, "outcome")->valuestring;
    }
    return "not there";
}

static void the_checks_are_done(void **state)
{
    (void)state;
    static const char *const done[] = {"trading environment", "decision making", "paper trading",
                                       "memory management"},
                             *const missing[] = {"RL implementation", "learning capability",
                                                 "RL training"};
    const char *const words[] = {"verify", "--folder", folder, "--json", NULL};
    const int status = program_run(words, out, sizeof out);
    cJSON *all = cJSON_Parse(out);
    assert_non_null(all);
    for (size_t i = 0; i < TD_COUNT(done); i++)
        if (strcmp(outcome(all, done[i]), "passed") != 0)
            fail_msg("%s: %s", done[i], out);
    for (size_t i = 0; i < TD_COUNT(missing); i++)
        assert_string_equal(outcome(all, missing[i]), "not built");
    assert_int_equal(status, 0);
    assert_int_equal(cJSON_GetObjectItemCaseSensitive(all, "passed")->valueint, 4);
    cJSON_Delete(all);
    TD_OK_OR_FAIL(td_folder_list(&world, folder, note_folder, NULL));
}

#define REPORT(...)                                                                                \
    program_run((const char *const[]){"report", __VA_ARGS__, "--state", state_folder, NULL}, out,  \
                sizeof out)

static int rows_of(void)
{
    cJSON *rows = cJSON_Parse(out);
    assert_true(cJSON_IsArray(rows));
    const int n = cJSON_GetArraySize(rows);
    cJSON_Delete(rows);
    return n;
}

static void reports_tell_what_was_traded(void **state)
{
    (void)state;
    assert_int_equal(REPORT("fills", "--json"), 0);
    const int fills = rows_of();
    assert_true(fills >= 4);
    assert_non_null(strstr(out, "\"pnl\":"));
    assert_int_equal(REPORT("today", "--json"), 0);
    assert_true(rows_of() >= 2); /* a symbol, and all */
    assert_non_null(strstr(out, "\"symbol\":\"all\""));
    assert_int_equal(REPORT("today", "--day", "2001-01-02", "--json"), 0);
    assert_int_equal(rows_of(), 1);
    assert_int_equal(REPORT("pnl"), 0);
    assert_non_null(strstr(out, "day         symbol"));
    assert_int_equal(REPORT("fills", "--since", "2099-01-01", "--json"), 0);
    assert_int_equal(rows_of(), 0);
    assert_int_equal(REPORT("failed", "--json"), 0);
    assert_int_equal(rows_of(), 0);
    assert_int_equal(REPORT("denied", "--json"), 0);
    (void)rows_of();
    assert_int_equal(REPORT("readiness"), 0);
    assert_non_null(strstr(out, "not ready for live trading"));
    assert_non_null(
        strstr(out, "crashes                    none           0 of 1 lives         ok"));
    assert_int_equal(REPORT("bananas"), 2);
}

static void readiness_needs_six_of_six(void **state)
{
    (void)state;
    const char *const words[] = {"verify", "--readiness", "--state", "no-such-state", NULL};
    assert_int_equal(program_run(words, out, sizeof out), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_checks_are_done),
        cmocka_unit_test(reports_tell_what_was_traded),
        cmocka_unit_test(readiness_needs_six_of_six),
    };
    return cmocka_run_group_tests_name("cmd/verify", tests, set_up, tear_down);
}
