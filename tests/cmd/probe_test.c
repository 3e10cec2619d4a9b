/* tests/cmd/probe_test.c - `tapedeck probe` against nobody, a mute listener and simulators of four kinds: what it
 * says, how it ends, and that no socket stays behind. Needs TAPEDECK_BIN. */
#include "support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "sys/child.h"
#include "sys/socktable.h"
#include "sys/uvworld.h"

#define LIMIT (60 * TD_SEC)

static struct td_world world;
static const char *bin, *folder;
static char out[65536];

static int set_up(void **state)
{
    (void)state;
    bin = td_test_program("TAPEDECK_BIN");
    folder = td_test_folder("probe");
    (void)setenv("HOME", folder, 1);
    (void)setenv("XDG_RUNTIME_DIR", folder, 1);
    (void)setenv("LOGS_PATH", folder, 1);
    return td_uvworld_open(&world, false, NULL) == TD_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    td_uvworld_close(&world);
    return 0;
}

static void start(struct td_child *c, const char *const *words)
{
    const char *argv[32] = {bin};
    for (int i = 0; words[i] && i < 30; i++)
        argv[i + 1] = words[i];
    TD_OK_OR_FAIL(td_child_start(c, argv, TD_CHILD_PIPE, NULL));
}

/* All it says until it ends; its exit status. The world is served meanwhile: a listener of ours accepts. */
static int finish(struct td_child *c)
{
    size_t len = 0, got = 0;
    for (enum td_err err = TD_OK; err != TD_ECLOSED && len < sizeof out - 1;) {
        struct td_wake wake;
        td_world_wait(&world, td_world_mono(&world), &wake);
        err = td_child_read(c, out + len, sizeof out - 1 - len, 20 * TD_MS, &got);
        if (err == TD_OK)
            len += got;
    }
    out[len] = '\0';
    while (td_child_alive(c)) {
    }
    return c->status;
}

static int probe(uint16_t port, const char *const *more)
{
    char text[8];
    const char *words[32] = {"probe", "--timeout", "2", "--port", text};
    struct td_child c;
    (void)snprintf(text, sizeof text, "%u", (unsigned)port);
    for (int i = 0; more && more[i]; i++)
        words[5 + i] = more[i];
    start(&c, words);
    return finish(&c);
}

/* No end of a connection is left: neither ours nor the listener's. */
static void assert_nothing_left(uint16_t port)
{
    struct td_sock_census left = {0};
    const td_ns until = td_world_mono(&world) + 2 * TD_SEC;
    do {
        struct td_wake wake;
        td_world_wait(&world, td_world_mono(&world) + 10 * TD_MS, &wake);
        TD_OK_OR_FAIL(td_sock_census_take(port, &left));
    } while ((left.established || left.gateway_close_wait) && td_world_mono(&world) < until);
    assert_int_equal(left.established, 0);
    assert_int_equal(left.gateway_close_wait, 0);
    assert_int_equal(left.our_close_wait + left.other_close_wait, 0);
}

static void expect(uint16_t port, const char *const *more, const char *verdict, int status)
{
    const int got = probe(port, more);
    cJSON *json = cJSON_Parse(out);
    if (!json || got != status)
        print_error("%s: status %d, wanted %d: %s\n", verdict, got, status, out);
    assert_non_null(json);
    assert_string_equal(cJSON_GetObjectItem(json, "verdict")->valuestring, verdict);
    assert_int_equal(cJSON_IsTrue(cJSON_GetObjectItem(json, "connected")), status == 0);
    static const char *const keys[] = {
        "host",    "port", "clientId",    "method",          "candidates",       "api_port",
        "api_ssl", "hint", "api_enabled", "windows_allowed", "trusted_localhost"};
    for (size_t i = 0; i < TD_COUNT(keys); i++)
        assert_true(cJSON_HasObjectItem(json, keys[i]));
    assert_int_equal(cJSON_HasObjectItem(json, "error"), status != 0);
    cJSON_Delete(json);
    assert_int_equal(got, status);
    assert_nothing_left(port);
}

static uint16_t sim_start(struct td_child *sim, const char *account)
{
    const char *const words[] = {"sim",    "--duration", "110", "--port",    "0",     "--no-data",
                                 "--json", "--symbols",  "SPY", "--account", account, NULL};
    char line[4096];
    size_t got = 0;
    unsigned port = 0;
    start(sim, words);
    TD_OK_OR_FAIL(td_child_read(sim, line, sizeof line - 1, LIMIT, &got));
    line[got] = '\0';
    assert_non_null(strstr(line, "\"port\":"));
    assert_int_equal(sscanf(strstr(line, "\"port\":") + 7, "%5u", &port), 1);
    return (uint16_t)port;
}

static void five_gateways_five_verdicts(void **state)
{
    struct td_child sim, live;
    struct td_conn listener;
    uint16_t port = 0;
    (void)state;
    TD_OK_OR_FAIL(td_world_listen(&world, "127.0.0.1", &port, &listener, NULL));
    expect(port, NULL, "mute", 3);
    td_world_hangup(&world, listener, false);
    expect(port, NULL, "refused", 2); /* the same port, free again */
    const uint16_t sim_port = sim_start(&sim, "DU1234567");
    expect(sim_port, NULL, "ready", 0);
    assert_non_null(strstr(out, "\"accounts\":[\"DU1234567\"]"));
    const uint16_t live_port = sim_start(&live, "U1234567");
    expect(live_port, NULL, "wrong-account", 6);
    assert_true(td_child_stop(&live, LIMIT));
    assert_true(td_child_stop(&sim, LIMIT));
}

/* All three ids belong to others: the simulator says 326 to each. */
static void used_ids_are_a_verdict(void **state)
{
    struct td_child sim, holder[3];
    char port_text[8];
    struct td_sock_census census = {0};
    (void)state;
    const uint16_t port = sim_start(&sim, "DU1234567");
    (void)snprintf(port_text, sizeof port_text, "%u", (unsigned)port);
    for (int i = 0; i < 3; i++) {
        char runtime[600], id[16];
        (void)snprintf(runtime, sizeof runtime, "%s/other%d", folder, i);
        (void)snprintf(id, sizeof id, "%d", 2011 + i);
        const char *const words[] = {"record",  "--symbol",    "SPY",   "--port",
                                     port_text, "--output",    runtime, "--duration",
                                     "60",      "--client-id", id,      NULL};
        (void)setenv("XDG_RUNTIME_DIR", runtime, 1); /* as of another user: no lease is seen */

        start(&holder[i], words);
    }
    (void)setenv("XDG_RUNTIME_DIR", folder, 1);

    const td_ns until = td_world_mono(&world) + LIMIT;
    while (census.established < 3 && td_world_mono(&world) < until) {
        struct td_wake wake;
        td_world_wait(&world, td_world_mono(&world) + 50 * TD_MS, &wake);
        TD_OK_OR_FAIL(td_sock_census_take(port, &census));
    }
    assert_int_equal(census.established, 3);
    int status = probe(port, NULL);
    for (int i = 0; i < 20 && status == 0; i++)
        status = probe(port, NULL); /* until all three have shaken hands */
    assert_int_equal(status, 7);
    assert_non_null(strstr(out, "\"verdict\":\"busy-id\""));
    assert_non_null(strstr(out, "error 326"));
    for (int i = 0; i < 3; i++)
        assert_true(td_child_stop(&holder[i], LIMIT));
    assert_nothing_left(port);
    assert_true(td_child_stop(&sim, LIMIT));
}

/* A process of ours that has the id is told by name, and nothing is dialled. */
static void a_lease_is_told_by_name(void **state)
{
    struct td_child sim, holder;
    char port_text[8];
    (void)state;
    const uint16_t port = sim_start(&sim, "DU1234567");
    (void)snprintf(port_text, sizeof port_text, "%u", (unsigned)port);
    const char *const words[] = {"trade",      "--symbols", "SPY",     "--port", port_text,
                                 "--duration", "60",        "--state", folder,   NULL};
    const char *const trade[] = {"trade",   "--symbols", "SPY",   "--port",
                                 port_text, "--state",   "other", NULL};
    (void)setenv("IB_CONNECT_TIMEOUT", "2", 1);
    start(&holder, words);
    struct td_sock_census census = {0};
    const td_ns until = td_world_mono(&world) + LIMIT;
    while (census.established < 1 && td_world_mono(&world) < until) {
        struct td_wake wake;
        td_world_wait(&world, td_world_mono(&world) + 50 * TD_MS, &wake);
        TD_OK_OR_FAIL(td_sock_census_take(port, &census));
    }
    assert_int_equal(census.established, 1);
    struct td_child second;
    const char *argv[12] = {bin};
    for (int i = 0; trade[i]; i++)
        argv[i + 1] = trade[i];
    char log[600];
    (void)snprintf(log, sizeof log, "%s/second.log", folder);
    const struct td_child_config config = {.argv = argv, .output = TD_CHILD_TO_FILE, .file = log};
    TD_OK_OR_FAIL(td_child_launch(&second, &config, NULL));
    while (td_child_alive(&second)) {
    }
    assert_int_equal(second.status, 2);
    size_t len = 0;
    TD_OK_OR_FAIL(td_file_slurp(&world, log, out, sizeof out, &len, NULL));
    char pid[32];
    (void)snprintf(pid, sizeof pid, "pid %lld ", (long long)holder.pid);
    assert_non_null(strstr(out, "is used by another process of ours"));
    assert_non_null(strstr(out, pid));
    assert_non_null(strstr(out, "tapedeck trade"));
    assert_true(td_child_stop(&holder, LIMIT));
    (void)unsetenv("IB_CONNECT_TIMEOUT");
    expect(port, NULL, "ready", 0); /* it is free again */
    assert_true(td_child_stop(&sim, LIMIT));
}

static void a_fix_is_shown_before_it_is_written(void **state)
{
    static const char before[] = "[Logon]\nUseSSL=true\n[IBGateway]\nApiOnly=true\n";
    static const char *const show[] = {"--fix-api-config", NULL};
    static const char *const write[] = {"--fix-api-config", "--yes", NULL};
    char path[700], text[2048];
    size_t len = 0;
    (void)state;
    (void)snprintf(path, sizeof path, "%s/Jts", folder);
    TD_OK_OR_FAIL(td_folder_make(&world, path));
    (void)snprintf(path, sizeof path, "%s/Jts/jts.ini", folder);
    TD_OK_OR_FAIL(td_file_replace(&world, path, td_str_of(before), NULL));
    assert_int_equal(probe(1, show), 2);
    assert_non_null(strstr(out, "\"api_ssl\":true"));
    assert_non_null(strstr(out, "set UseSSL=0"));
    TD_OK_OR_FAIL(td_file_slurp(&world, path, text, sizeof text, &len, NULL));
    assert_string_equal(text, before);
    assert_int_equal(probe(1, write), 2);
    TD_OK_OR_FAIL(td_file_slurp(&world, path, text, sizeof text, &len, NULL));
    assert_non_null(strstr(text, "UseSSL=0"));
    (void)snprintf(path, sizeof path, "%s/Jts/jts.ini.bak", folder);
    TD_OK_OR_FAIL(td_file_slurp(&world, path, text, sizeof text, &len, NULL));
    assert_string_equal(text, before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(five_gateways_five_verdicts),
        cmocka_unit_test(used_ids_are_a_verdict),
        cmocka_unit_test(a_lease_is_told_by_name),
        cmocka_unit_test(a_fix_is_shown_before_it_is_written),
    };
    return cmocka_run_group_tests_name("cmd/probe", tests, set_up, tear_down);
}
