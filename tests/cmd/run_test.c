/* tests/cmd/run_test.c - `tapedeck run` against the simulator: files, gaps, exit statuses, a gateway it starts. */
#include "support/program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "sys/uvworld.h"

#define LIMIT (60 * TD_SEC)

static struct td_world world;
static const char *bin, *folder;
static struct td_child sim;
static char out[65536];

/* Starts the program and hears all of its stdout; returns its exit status. */
static int run(const char *const *words)
{
    return program_run(words, out, sizeof out);
}

static void start_sim(char *port)
{
    program_sim(&sim,
                (const char *const[]){"sim", "--port", "0", "--no-data", "--json", "--symbols",
                                      "AAPL,MSFT,BRK-B", "--start", "11:00", NULL},
                port);
}

static int set_up(void **state)
{
    char port[16];
    (void)state;
    bin = td_test_program("TAPEDECK_BIN");
    folder = td_test_folder("run");
    (void)setenv("LOGS_PATH", folder, 1);
    (void)unsetenv("IB_USERNAME");
    (void)unsetenv("IB_PASSWORD");
    (void)unsetenv("IB_GATEWAY_START_CMD");
    if (td_uvworld_open(&world, false, NULL) != TD_OK)
        return -1;
    start_sim(port);
    (void)setenv("IB_PORT", port, 1);
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

static const cJSON *symbol(const cJSON *json, int i)
{
    return cJSON_GetArrayItem(cJSON_GetObjectItem(json, "symbols"), i);
}

static double number(const cJSON *object, const char *key)
{
    const cJSON *item = cJSON_GetObjectItem(object, key);
    assert_true(cJSON_IsNumber(item));
    return item->valuedouble;
}

static void it_saves_bars_and_a_summary(void **state)
{
    (void)state;
    static const char *const words[] = {"run", "--symbols", "aapl",     "NOPE", "--duration",
                                        "1 D", "--json",    "--output", "",     NULL};
    const char *argv[TD_COUNT(words)];
    memcpy(argv, words, sizeof argv);
    argv[8] = folder;
    assert_int_equal(run(argv), 0);
    cJSON *json = result();
    const cJSON *aapl = symbol(json, 0), *nope = symbol(json, 1);
    assert_string_equal(cJSON_GetObjectItem(aapl, "symbol")->valuestring, "AAPL");
    assert_true(number(aapl, "bars") >= 90); /* from 09:30 on */
    assert_true(number(aapl, "requests") == 1);
    assert_true(number(aapl, "held") == 0);
    assert_non_null(
        strstr("STRONG BUY STRONG SELL", cJSON_GetObjectItem(aapl, "signal")->valuestring));
    const cJSON *files = cJSON_GetObjectItem(aapl, "files");
    assert_int_equal(cJSON_GetArraySize(files), 2);
    const char *parquet = cJSON_GetArrayItem(files, 0)->valuestring;
    assert_non_null(strstr(parquet, "/AAPL_1_D_1_min_20"));
    assert_int_equal(td_entry_at(&world, parquet), TD_ENTRY_FILE);
    assert_int_equal(td_entry_at(&world, cJSON_GetArrayItem(files, 1)->valuestring), TD_ENTRY_FILE);
    assert_non_null(strstr(cJSON_GetObjectItem(nope, "error")->valuestring, "no contract NOPE"));
    assert_int_equal(td_entry_at(&world, cJSON_GetObjectItem(json, "summary")->valuestring),
                     TD_ENTRY_FILE);
    cJSON_Delete(json);
}

/* What is on disk is not asked for again, unless told so; the series is the same either way. */
static void it_asks_only_for_what_is_missing(void **state)
{
    (void)state;
    const char *const gaps[] = {"run", "--symbols", "AAPL", "--json", "--output", folder, NULL};
    const char *const whole[] = {"run",       "--symbols", "AAPL", "--json", "--no-resume-gaps",
                                 "--no-save", "--output",  folder, NULL};
    assert_int_equal(run(gaps), 0);
    cJSON *json = result();
    const double bars = number(symbol(json, 0), "bars"), mean = number(symbol(json, 0), "mean");
    assert_true(number(symbol(json, 0), "held") >= 89); /* the last bar was still forming */
    assert_true(number(symbol(json, 0), "requests") <= 1);
    cJSON_Delete(json);
    assert_int_equal(run(whole), 0);
    json = result();
    assert_true(number(symbol(json, 0), "held") == 0);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(symbol(json, 0), "files")), 0);
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(json, "summary")));
    assert_true(number(symbol(json, 0), "bars") - bars <= 1);
    const double other = number(symbol(json, 0), "mean");
    assert_true(other - mean < 0.01 * mean && mean - other < 0.01 * mean);
    cJSON_Delete(json);
}

static void no_symbol_is_a_failure(void **state)
{
    (void)state;
    static const char *const words[] = {"run", "--symbols", "NOPE", "--no-save", NULL};
    assert_int_equal(run(words), 1);
    assert_non_null(strstr(out, "NOPE       failed: the gateway has no contract NOPE"));
}

/* Nobody listens: the login is missing (1), the start command fails (1), or it starts one (0). */
static void it_starts_a_gateway_when_none_listens(void **state)
{
    (void)state;
    const char *const words[] = {"run", "--symbols", "MSFT", "--no-save", "--json", NULL};
    char command[600], old[16];
    struct td_conn listener;
    uint16_t port = 0;
    char text[8];
    (void)td_str_copy(td_str_of(getenv("IB_PORT")), old, sizeof old);
    TD_OK_OR_FAIL(td_world_listen(&world, "127.0.0.1", &port, &listener, NULL));
    td_world_hangup(&world, listener, false); /* a port that was free a moment ago */
    (void)snprintf(text, sizeof text, "%u", (unsigned)port);
    (void)setenv("IB_PORT", text, 1);
    (void)setenv("IB_GATEWAY_PAPER_PORT", text, 1);
    (void)setenv("IB_PAPER_PORT", text, 1);
    (void)setenv("IB_GATEWAY_CHECK_INTERVAL", "1", 1);
    assert_int_equal(run(words), 1);
    (void)setenv("IB_GATEWAY_START_CMD", "false", 1);
    assert_int_equal(run(words), 1);
    (void)snprintf(command, sizeof command,
                   "'%s' sim --port %s --no-data --symbols MSFT --start 10:00", bin, text);
    (void)setenv("IB_GATEWAY_START_CMD", command, 1);
    assert_int_equal(run(words), 0);
    cJSON *json = result();
    assert_true(number(symbol(json, 0), "bars") >= 30);
    cJSON_Delete(json);
    (void)unsetenv("IB_GATEWAY_START_CMD");
    assert_int_equal(run(words), 1); /* what was started has ended */
    (void)setenv("IB_PORT", old, 1);
}

/* The broker's name of it is "BRK B"; files and results have ours. */
static void a_share_class_is_asked_for_by_the_brokers_name(void **state)
{
    (void)state;
    static const char *const words[] = {"run",    "--symbols", "brk-b", "--duration", "1 D",
                                        "--json", "--output",  "",      NULL};
    const char *argv[TD_COUNT(words)];
    memcpy(argv, words, sizeof argv);
    argv[7] = folder;
    assert_int_equal(run(argv), 0);
    cJSON *json = result();
    const cJSON *line = symbol(json, 0);
    assert_string_equal(cJSON_GetObjectItem(line, "symbol")->valuestring, "BRK-B");
    assert_true(number(line, "bars") >= 90);
    assert_non_null(strstr(cJSON_GetArrayItem(cJSON_GetObjectItem(line, "files"), 0)->valuestring,
                           "/BRK-B_1_D_1_min_"));
    cJSON_Delete(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_saves_bars_and_a_summary),
        cmocka_unit_test(it_asks_only_for_what_is_missing),
        cmocka_unit_test(no_symbol_is_a_failure),
        cmocka_unit_test(it_starts_a_gateway_when_none_listens),
        cmocka_unit_test(a_share_class_is_asked_for_by_the_brokers_name),
    };
    return cmocka_run_group_tests_name("run", tests, set_up, tear_down);
}
