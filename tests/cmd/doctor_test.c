/* tests/cmd/doctor_test.c - `tapedeck doctor` without and with a gateway, and with things in a bad state. Needs
 * TAPEDECK_BIN. */
#include "support/program.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include <cjson/cJSON.h>

#include "sys/socktable.h"
#include "sys/uvworld.h"

#define LIMIT (40 * TD_SEC)

static struct td_world world;
static const char *folder;
static cJSON *json;
static char out[32768];

static int set_up(void **state)
{
    (void)state;
    folder = td_test_folder("doctor");
    (void)setenv("HOME", folder, 1);
    (void)setenv("XDG_RUNTIME_DIR", folder, 1);
    (void)setenv("LOGS_PATH", folder, 1);
    (void)setenv("IB_CONNECT_TIMEOUT", "3", 1);
    (void)setenv("DISK_FLOOR_MB", "1", 1);
    return td_uvworld_open(&world, false, NULL) == TD_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    cJSON_Delete(json);
    td_uvworld_close(&world);
    return 0;
}

static int doctor(const char *port)
{
    const char *const words[] = {"doctor", "--json", "--port", port, NULL};
    const int status = program_run(words, out, sizeof out);
    cJSON_Delete(json);
    json = cJSON_Parse(out);
    if (!json)
        print_error("%s\n", out);
    assert_non_null(json);
    assert_int_equal(cJSON_IsTrue(cJSON_GetObjectItem(json, "ok")), status == 0);
    return status;
}

static const cJSON *check(const char *name)
{
    const cJSON *row;
    cJSON_ArrayForEach(row, cJSON_GetObjectItem(json, "checks"))
    {
        if (strcmp(cJSON_GetObjectItem(row, "name")->valuestring, name) == 0)
            return row;
    }
    print_error("no check %s\n", name);
    assert_true(false);
    return NULL;
}

static void expect(const char *name, const char *level)
{
    const char *got = cJSON_GetObjectItem(check(name), "level")->valuestring;
    if (strcmp(got, level) != 0)
        print_error("%s: %s, wanted %s: %s\n", name, got, level,
                    cJSON_GetObjectItem(check(name), "text")->valuestring);
    assert_string_equal(got, level);
    if (strcmp(level, "bad") == 0) /* what is bad says what to do */
        assert_true(cJSON_IsString(cJSON_GetObjectItem(check(name), "action")));
}

static void without_a_gateway_it_says_so(void **state)
{
    (void)state;
    assert_int_equal(doctor("1"), 1);
    expect("listening", "bad");
    expect("handshake", "warn");
    expect("time zones", "ok");
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(check("clock"), "value"))); /* never invented */
    assert_non_null(
        strstr(cJSON_GetObjectItem(check("clock"), "text")->valuestring, "no gateway answered"));
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(check("market data"), "value")));
}

static void start_sim(struct td_child *sim, char *port)
{
    program_sim(sim,
                (const char *const[]){"sim", "--port", "0", "--no-data", "--json", "--symbols",
                                      "SPY", "--start", "10:00", "--duration", "100", NULL},
                port);
}

static void a_gateway_is_examined_and_left_clean(void **state)
{
    struct td_child sim;
    struct td_sock_census left = {0};
    char port[16];
    int64_t number = 0;
    (void)state;
    start_sim(&sim, port);
    (void)doctor(port);
    expect("listening", "ok");
    expect("handshake", "ok");
    expect("market data", "ok");
    expect("dead connections", "ok");
    assert_true(cJSON_IsString(cJSON_GetObjectItem(check("clock"), "value")));
    TD_OK_OR_FAIL(td_i64_parse(port, strlen(port), &number));
    const td_ns until = td_world_mono(&world) + 2 * TD_SEC;
    do {
        struct td_wake wake;
        td_world_wait(&world, td_world_mono(&world) + 10 * TD_MS, &wake);
        TD_OK_OR_FAIL(td_sock_census_take((uint16_t)number, &left));
    } while (left.established && td_world_mono(&world) < until);
    assert_int_equal(left.established + left.gateway_close_wait + left.other_close_wait, 0);
    assert_true(td_child_stop(&sim, LIMIT));
}

static void put_file(const char *below, const char *text, mode_t mode)
{
    char path[700], parent[700];
    (void)snprintf(path, sizeof path, "%s/%s", folder, below);
    td_path_folder(path, parent, sizeof parent);
    TD_OK_OR_FAIL(td_folder_make(&world, parent));
    TD_OK_OR_FAIL(td_file_replace(&world, path, td_str_of(text), NULL));
    assert_int_equal(chmod(path, mode), 0);
}

static void age_file(const char *below, time_t seconds)
{
    char path[700];
    (void)snprintf(path, sizeof path, "%s/%s", folder, below);
    const time_t then = time(NULL) - seconds;
    const struct timespec times[2] = {{.tv_sec = then}, {.tv_sec = then}};
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void bad_states_are_found(void **state)
{
    (void)state;
    put_file("tapedeck/ibc/config.ini",
             "IbPassword=x\nAutoRestartTime=11:45 PM\nClosedownAt=22:00\n", 0644);
    put_file("Jts/dhmpqsu/autorestart", "x", 0600);
    put_file("Jts/jts.ini", "[Logon]\nUseSSL=true\n", 0600);
    (void)setenv("GATEWAY_WINDOW_DAILY", "late", 1);
    assert_int_equal(doctor("1"), 1);
    expect("restarts", "bad");
    expect("secrets", "bad");
    expect("autorestart file", "ok"); /* just written: it restarts */
    expect("jts.ini", "warn");
    expect("windows", "bad");
    (void)unsetenv("GATEWAY_WINDOW_DAILY");
    put_file("tapedeck/ibc/config.ini",
             "IbPassword=x\nAutoRestartTime=11:45 PM\nColdRestartTime=00:30\n", 0600);
    age_file("Jts/dhmpqsu/autorestart", 3 * 3600 + 125);
    assert_int_equal(doctor("1"), 1);
    expect("restarts", "warn");
    expect("autorestart file", "warn");
    assert_non_null(strstr(out, "3 h 2 min"));
    put_file(
        "tapedeck/ibc/config.ini",
        "IbPassword=x\nAutoRestartTime=11:45 PM\nClosedownAt=Friday 22:00\nColdRestartTime=10:00\n",
        0600);
    (void)setenv("DISK_FLOOR_MB", "1000000", 1);
    assert_int_equal(doctor("1"), 1);
    expect("restarts", "ok");
    expect("secrets", "ok");
    expect("windows", "ok");
    expect("disk", "bad");
    (void)setenv("DISK_FLOOR_MB", "1", 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_gateway_it_says_so),
        cmocka_unit_test(a_gateway_is_examined_and_left_clean),
        cmocka_unit_test(bad_states_are_found),
    };
    return cmocka_run_group_tests_name("cmd/doctor", tests, set_up, tear_down);
}
