/* tests/cmd/update_test.c - `tapedeck update` against a simulator process: files, coverage, lists, exit statuses. */
#include "support/program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "desk/zone.h"
#include "market/calendar.h"
#include "store/bars_read.h"
#include "sys/uvworld.h"

#define LIMIT (60 * TD_SEC)

static struct td_world world;
static char base[600], port[16], out[1 << 18];
static char friday[16], saturday[16];
static struct td_child sim;

/* The last Friday with a whole session: the broker keeps second bars for months only, by the clock of this machine. */
static void choose_day(void)
{
    struct td_tz ny;
    struct td_session_hours h = {.early = true};
    TD_OK_OR_FAIL(td_zone_load(&world, TD_ZONE_NEW_YORK, &ny, NULL));
    int64_t day = td_tz_day(&ny, td_world_now(&world)) - 1;
    while (td_weekday(day) != 5 || !td_calendar_session(&td_calendar_xnys, &ny, day, &h) || h.early)
        day--;
    (void)td_date_print(day, friday);
    (void)td_date_print(day + 1, saturday);
}

#define RUN(...) program_run((const char *const[]){__VA_ARGS__, NULL}, out, sizeof out)

static int set_up(void **state)
{
    (void)state;
    if (td_uvworld_open(&world, false, NULL) != TD_OK)
        return -1;
    choose_day();
    (void)snprintf(base, sizeof base, "%s", td_test_folder("update"));
    (void)setenv("ML_BASE_PATH", base, 1);
    (void)setenv("LOGS_PATH", base, 1);
    (void)setenv("BAR_LOOKBACK_DAYS_SEC_1", "1", 1);
    (void)setenv("BAR_LOOKBACK_DAYS_MIN_1", "2", 1);
    (void)setenv("BAR_LOOKBACK_DAYS_HOUR_1", "3", 1);
    (void)unsetenv("DATA_PATH_OVERRIDE");
    (void)unsetenv("IB_PORT");
    program_sim(&sim,
                (const char *const[]){"sim", "--port", "0", "--no-data", "--json", "--symbols",
                                      "AAPL", "--start", "17:00", "--day", friday, NULL},
                port);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    (void)td_child_stop(&sim, LIMIT);
    td_uvworld_close(&world);
    return 0;
}

static cJSON *result(void)
{
    cJSON *json = cJSON_Parse(out);
    if (!json)
        print_error("%s\n", out);
    assert_non_null(json);
    return json;
}

static int number(const cJSON *object, const char *key)
{
    const cJSON *item = cJSON_GetObjectItem(object, key);
    assert_true(cJSON_IsNumber(item));
    return (int)item->valuedouble;
}

static const char *below(const char *name)
{
    static char path[1200];
    (void)snprintf(path, sizeof path, "%s/%s", base, name);
    return path;
}

static enum td_err count_row(void *arg, const struct td_bar_row *row)
{
    (void)row;
    ++*(int *)arg;
    return TD_OK;
}

/* Needs no gateway and writes nothing. Saturday is not due; the days before it are. */
static void a_dry_run_tells_what_is_missing(void **state)
{
    (void)state;
    assert_int_equal(RUN("update", "--symbols", "aapl", "--date", saturday, "--dry-run"), 0);
    cJSON *json = result();
    assert_int_equal(number(json, "task_count"), 3);
    assert_int_equal(number(json, "files"), 3 + 2 + 1);
    assert_int_equal(number(json, "requests"), 3 + 2 + 4);
    assert_string_equal(cJSON_GetObjectItem(json, "date")->valuestring, friday);
    const cJSON *tasks = cJSON_GetObjectItem(json, "tasks");
    assert_int_equal(cJSON_GetArraySize(tasks), 3);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(cJSON_GetArrayItem(tasks, 0), "needs")),
                     1);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(cJSON_GetArrayItem(tasks, 2), "needs")),
                     3);
    cJSON_Delete(json);
    assert_int_equal(td_entry_at(&world, below("IBDownloads")), TD_ENTRY_NONE);
}

static void it_writes_bars_and_coverage_once(void **state)
{
    (void)state;
    int rows = 0;
    char name[80];
    assert_int_equal(
        RUN("update_data", "--symbols", "AAPL", "--date", friday, "--ib-port", port, "--json"), 0);
    cJSON *json = result();
    assert_int_equal(number(json, "written"), 6);
    assert_int_equal(number(json, "requests"), 9);
    assert_int_equal(number(json, "failed"), 0);
    assert_true(cJSON_IsTrue(cJSON_GetObjectItem(json, "coverage")));
    cJSON_Delete(json);
    (void)snprintf(name, sizeof name, "IBDownloads/AAPL_USUSD_1 hour_%s.ftr", friday);
    TD_OK_OR_FAIL(td_bars_read(&world, below(name), count_row, &rows, NULL));
    assert_int_equal(rows, 7);
    size_t len = 0;
    char *text = td_test_slurp(below("bars_coverage_manifest.json"), &len);
    assert_non_null(text);
    cJSON *coverage = cJSON_Parse(text);
    free(text);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(coverage, "entries")), 3);
    cJSON_Delete(coverage);
    assert_int_equal(RUN("run_data_update", "--symbols", "AAPL", "--date", friday, "--ib-host",
                         "127.0.0.1", "--ib-port", port, "--json"),
                     0);
    json = result();
    assert_int_equal(number(json, "held"), 6);
    assert_int_equal(number(json, "requests"), 0);
    cJSON_Delete(json);
    assert_int_equal(RUN("update", "--symbols", "AAPL", "--date", friday, "--dry-run"), 0);
    json = result();
    assert_int_equal(number(json, "requests"), 0);
    cJSON_Delete(json);
}

/* The symbols of a text, of the trade list, and of the words are one list. */
static void symbols_come_from_lists(void **state)
{
    (void)state;
    TD_OK_OR_FAIL(td_file_replace(&world, below("watch.txt"),
                                  td_str_of("# watched\nmsft\nAAPL # held\n???\n"), NULL));
    TD_OK_OR_FAIL(td_file_replace(&world, below("WarriorTrading_Trades.csv"),
                                  td_str_of("ticker,date\nTSLA,2025-07-29\nAAPL,2025-07-30\n"
                                            "TSLA,2025-07-31\n"),
                                  NULL));
    char list[1200];
    (void)snprintf(list, sizeof list, "%s", below("watch.txt"));
    assert_int_equal(RUN("update", "--list", list, "--use-warrior-list", "--symbols", "BRK.B,AAPL",
                         "--timeframes", "1 hour", "--date", friday, "--dry-run"),
                     0);
    cJSON *json = result();
    assert_int_equal(number(json, "symbol_count"), 4); /* AAPL BRK-B MSFT TSLA */
    assert_int_equal(number(json, "requests"), 3 * 3);
    cJSON_Delete(json);
}

static void failures_have_their_exit_status(void **state)
{
    (void)state;
    char text[16];
    assert_int_equal(RUN("update"), 2);
    assert_int_equal(RUN("update", "--symbols", "A B C D E"), 2);
    assert_int_equal(RUN("update", "--symbols", "AAPL", "--timeframes", "30 mins"), 2);
    assert_int_equal(RUN("update", "--list", "/nowhere/at/all.txt", "--dry-run"), 1);
    assert_int_equal(RUN("update", "--symbols", "NOPE", "--timeframes", "1 hour", "--date", friday,
                         "--ib-port", port, "--json"),
                     1);
    cJSON *json = result();
    assert_int_equal(number(json, "failed"), 3);
    assert_non_null(strstr(cJSON_GetArrayItem(cJSON_GetObjectItem(json, "errors"), 0)->valuestring,
                           "no contract NOPE"));
    cJSON_Delete(json);
    struct td_conn listener;
    uint16_t free_port = 0;
    TD_OK_OR_FAIL(td_world_listen(&world, "127.0.0.1", &free_port, &listener, NULL));
    td_world_hangup(&world, listener, false); /* a port that was free a moment ago */
    (void)snprintf(text, sizeof text, "%u", (unsigned)free_port);
    assert_int_equal(RUN("update", "--symbols", "AAPL", "--ib-port", text), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_dry_run_tells_what_is_missing),
        cmocka_unit_test(it_writes_bars_and_coverage_once),
        cmocka_unit_test(symbols_come_from_lists),
        cmocka_unit_test(failures_have_their_exit_status),
    };
    return cmocka_run_group_tests_name("cmd/update", tests, set_up, tear_down);
}
