/* tests/cmd/gateway_cmd_test.c - `tapedeck gateway` with a stand-in that listens late, waits for a second factor, dies,
 * stays mute or works. Needs TAPEDECK_BIN and TD_FAKE_GATEWAY. */
#include "support/support.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include "sys/child.h"
#include "sys/machine.h"
#include "sys/uvworld.h"

#define LIMIT (40 * TD_SEC)

static struct td_world world;
static const char *bin, *fake, *folder;
static char out[65536], err_path[600], err_text[65536], port[8];
static cJSON *json;

static void set(const char *key, const char *value)
{
    assert_int_equal(value ? setenv(key, value, 1) : unsetenv(key), 0);
}

static int set_up(void **state)
{
    (void)state;
    bin = td_test_program("TAPEDECK_BIN");
    fake = td_test_program("TD_FAKE_GATEWAY");
    folder = td_test_folder("gateway");
    (void)snprintf(err_path, sizeof err_path, "%s/stderr", folder);
    set("HOME", folder);
    set("XDG_RUNTIME_DIR", folder);
    set("LOGS_PATH", folder);
    set("DISPLAY", ":0");
    set("IB_GATEWAY_CHECK_INTERVAL", "1");
    set("IB_CONNECT_TIMEOUT", "2");
    set("IB_POST_LISTENER_GRACE", "3");
    set("IB_GATEWAY_START_TIMEOUT", "20");
    return td_uvworld_open(&world, false, NULL) == TD_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    td_uvworld_close(&world);
    return 0;
}

/* A port that was free a moment ago; each test has its own. */
static void take_port(void)
{
    struct td_conn listener;
    uint16_t number = 0;
    TD_OK_OR_FAIL(td_world_listen(&world, "127.0.0.1", &number, &listener, NULL));
    td_world_hangup(&world, listener, false);
    (void)snprintf(port, sizeof port, "%u", (unsigned)number);
}

/* Runs `tapedeck gateway ACTION --json --port P`; stdout is parsed, stderr kept. */
static int gateway(const char *action, const char *more, const char *value)
{
    const char *argv[] = {bin, "gateway", action, "--json", "--port", port, more, value, NULL};
    char out_path[600];
    struct td_child c;
    size_t len = 0;
    (void)snprintf(out_path, sizeof out_path, "%s/stdout", folder);
    const char *const shell[] = {
        "sh",     "-c", "out=$1; err=$2; shift 2; exec \"$@\" >\"$out\" 2>\"$err\"", "sh", out_path,
        err_path, NULL};
    const char *words[16];
    size_t n = 0;
    for (size_t i = 0; shell[i]; i++)
        words[n++] = shell[i];
    for (size_t i = 0; argv[i]; i++)
        words[n++] = argv[i];
    words[n] = NULL;
    TD_OK_OR_FAIL(td_child_start(&c, words, TD_CHILD_QUIET, NULL));
    const td_ns until = td_world_mono(&world) + LIMIT;
    while (td_child_alive(&c) && td_world_mono(&world) < until) {
        struct td_wake wake;
        td_world_wait(&world, td_world_mono(&world) + 10 * TD_MS, &wake);
    }
    assert_false(td_child_alive(&c));
    TD_OK_OR_FAIL(td_file_slurp(&world, out_path, out, sizeof out, &len, NULL));
    TD_OK_OR_FAIL(td_file_slurp(&world, err_path, err_text, sizeof err_text, &len, NULL));
    cJSON_Delete(json);
    json = cJSON_Parse(out);
    if (!json)
        print_error("%s%s", out, err_text);
    assert_non_null(json);
    return c.status;
}

static const char *text_of(const char *key)
{
    const cJSON *item = cJSON_GetObjectItem(json, key);
    return cJSON_IsString(item) ? item->valuestring : "";
}

/* Ends the gateway that the last start left running: by the pid it told, which is that of our stand-in. */
static void end_started(void)
{
    const cJSON *item = cJSON_GetObjectItem(json, "pid");
    char command[200] = "";
    if (!cJSON_IsNumber(item))
        return;
    const pid_t pid = (pid_t)item->valuedouble;
    if (td_machine_command(pid, command, sizeof command) &&
        (strstr(command, "fake_gateway") || strstr(command, "ibcstart.sh")))
        assert_int_equal(kill(pid, SIGTERM), 0);
}

static void start_command(const char *words)
{
    char command[900];
    (void)snprintf(command, sizeof command, "'%s' --port %s %s", fake, port, words);
    set("IB_GATEWAY_START_CMD", command);
}

static void nobody_and_no_way(void **state)
{
    (void)state;
    take_port();
    set("IB_GATEWAY_START_CMD", NULL);
    assert_int_equal(gateway("status", NULL, NULL), 1);
    assert_string_equal(text_of("listening"), "no");
    assert_int_equal(gateway("start", NULL, NULL), 1);
    assert_non_null(
        strstr(text_of("error"), "IB_GATEWAY_START_CMD and IB_USERNAME and IB_PASSWORD"));
    assert_int_equal(gateway("handshake", NULL, NULL), 2);
    assert_string_equal(text_of("verdict"), "refused");
    assert_int_equal(gateway("explain", NULL, NULL), 0);
    assert_non_null(strstr(text_of("text"), "Nothing would be started"));
    assert_int_equal(gateway("plan", NULL, NULL), 0);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(json, "ways")), 5);
    assert_int_equal(gateway("wait", "--timeout", "1"), 1);
}

static void one_that_listens_late_is_started_once(void **state)
{
    (void)state;
    take_port();
    start_command("--late 1500");
    assert_int_equal(gateway("explain", NULL, NULL), 0);
    assert_non_null(strstr(text_of("text"), "IB_GATEWAY_START_CMD is set"));
    assert_int_equal(gateway("start", NULL, NULL), 0);
    assert_true(cJSON_IsTrue(cJSON_GetObjectItem(json, "started")));
    cJSON *first = json;
    json = NULL;
    assert_int_equal(gateway("status", NULL, NULL), 0); /* it goes on without us */
    assert_string_equal(text_of("listening"), "yes");
    assert_int_equal(gateway("handshake", NULL, NULL), 0);
    assert_string_equal(text_of("verdict"), "ready");
    assert_int_equal(gateway("start", NULL, NULL), 0); /* a second start attaches */
    assert_false(cJSON_IsTrue(cJSON_GetObjectItem(json, "started")));
    cJSON_Delete(json);
    json = first;
    end_started();
}

static void one_that_never_listens_is_1(void **state)
{
    (void)state;
    take_port();
    set("IB_GATEWAY_START_TIMEOUT", "2");
    start_command("--late 60000");
    assert_int_equal(gateway("start", NULL, NULL), 1);
    assert_non_null(strstr(text_of("error"), "did not listen within 2 s"));
    end_started();
    start_command("--die 4");
    assert_int_equal(gateway("start", NULL, NULL), 1);
    assert_non_null(strstr(text_of("error"), "ended with status 4"));
    set("IB_GATEWAY_START_CMD", "no-such-program --port 1");
    assert_int_equal(gateway("start", NULL, NULL), 1);
    assert_non_null(strstr(text_of("error"), "no-such-program"));
    set("IB_GATEWAY_START_TIMEOUT", "20");
}

static void one_that_stays_mute_is_2(void **state)
{
    (void)state;
    take_port();
    start_command("--mute");
    assert_int_equal(gateway("start", NULL, NULL), 2);
    assert_string_equal(text_of("verdict"), "mute");
    end_started();
}

static void waiting_waits(void **state)
{
    struct td_child c;
    (void)state;
    take_port();
    set("IB_GATEWAY_START_CMD", NULL);
    const char *const argv[] = {fake, "--port", port, "--late", "1500", NULL};
    TD_OK_OR_FAIL(td_child_start(&c, argv, TD_CHILD_QUIET, NULL));
    assert_int_equal(gateway("wait", "--timeout", "20"), 0);
    assert_string_equal(text_of("state"), "READY");
    assert_true(td_child_stop(&c, LIMIT));
}

/* An install and a login controller below the test's home; the controller is our stand-in. */
static void install_ibc(const char *words)
{
    char path[700], plan[900];
    (void)snprintf(path, sizeof path, "%s/Jts/ibgateway/1039", folder);
    TD_OK_OR_FAIL(td_folder_make(&world, path));
    (void)snprintf(path, sizeof path, "%s/ibc/scripts", folder);
    TD_OK_OR_FAIL(td_folder_make(&world, path));
    (void)snprintf(path, sizeof path, "%s/ibc/scripts/ibcstart.sh", folder);
    (void)unlink(path);
    assert_int_equal(symlink(fake, path), 0);
    (void)snprintf(path, sizeof path, "%s/ibc", folder);
    (void)snprintf(plan, sizeof plan, "fake --port %s %s", port, words);
    set("IB_GATEWAY_START_CMD", NULL);
    set("IBC_PATH", path);
    set("IB_USERNAME", "canarylogin");
    set("IB_PASSWORD", "canarypassword");
    set("FAKE_GATEWAY", strchr(plan, '-')); /* its words alone */
}

static void remove_ibc(void)
{
    set("IBC_PATH", NULL);
    set("IB_USERNAME", NULL);
    set("IB_PASSWORD", NULL);
}

/* The login controller gets the login by its file alone; the second factor is told and waited for. */
static void a_second_login_is_told_and_waited_for(void **state)
{
    char approved[640], words[700], ini[700], log[16384];
    size_t len = 0;
    (void)state;
    take_port();
    (void)snprintf(approved, sizeof approved, "%s/approved", folder);
    (void)snprintf(words, sizeof words, "--prompt %s", approved);
    install_ibc(words);
    const char *const argv[] = {"sh", "-c", "sleep 3; : > \"$1\"", "sh", approved, NULL};
    struct td_child human;
    TD_OK_OR_FAIL(td_child_start(&human, argv, TD_CHILD_QUIET, NULL));
    assert_int_equal(gateway("start", NULL, NULL), 0);
    assert_string_equal(text_of("way"), "IBC");
    assert_non_null(strstr(err_text, "second-login: WAIT_2FA since"));
    assert_non_null(strstr(err_text, "approve the login on the phone"));
    (void)snprintf(ini, sizeof ini, "%s/tapedeck/ibc/config.ini", folder);
    assert_int_equal(td_machine_privacy(ini), TD_PRIVACY_OURS);
    (void)snprintf(ini, sizeof ini, "%s/tapedeck/gateway-start.log", folder);
    TD_OK_OR_FAIL(td_file_slurp(&world, ini, log, sizeof log, &len, NULL));
    assert_null(strstr(log, "LEAK"));
    assert_null(strstr(log, "canary"));
    assert_null(strstr(out, "canary"));
    assert_null(strstr(err_text, "canary"));
    end_started();
    assert_true(td_child_stop(&human, LIMIT));
    remove_ibc();
}

/* It listens before the login is approved: mute handshakes inside the grace are no verdict. */
static void the_grace_covers_a_login_behind_a_listener(void **state)
{
    char approved[640], words[700];
    (void)state;
    take_port();
    set("IB_POST_LISTENER_GRACE", "20");
    (void)snprintf(approved, sizeof approved, "%s/approved-late", folder);
    (void)snprintf(words, sizeof words, "--bound-first --prompt %s", approved);
    start_command(words);
    const char *const argv[] = {"sh", "-c", "sleep 4; : > \"$1\"", "sh", approved, NULL};
    struct td_child human;
    TD_OK_OR_FAIL(td_child_start(&human, argv, TD_CHILD_QUIET, NULL));
    assert_int_equal(gateway("start", NULL, NULL), 0);
    assert_string_equal(text_of("verdict"), "ready");
    end_started();
    assert_true(td_child_stop(&human, LIMIT));
    set("IB_POST_LISTENER_GRACE", "3");
}

static void statuses_of_the_controller_are_explained(void **state)
{
    (void)state;
    take_port();
    install_ibc("--die 87");
    assert_int_equal(gateway("start", NULL, NULL), 1);
    assert_non_null(strstr(text_of("error"), "status 87: the second factor was not approved"));
    remove_ibc();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_and_no_way),
        cmocka_unit_test(one_that_listens_late_is_started_once),
        cmocka_unit_test(one_that_never_listens_is_1),
        cmocka_unit_test(one_that_stays_mute_is_2),
        cmocka_unit_test(waiting_waits),
        cmocka_unit_test(a_second_login_is_told_and_waited_for),
        cmocka_unit_test(the_grace_covers_a_login_behind_a_listener),
        cmocka_unit_test(statuses_of_the_controller_are_explained),
    };
    return cmocka_run_group_tests_name("cmd/gateway", tests, set_up, tear_down);
}
