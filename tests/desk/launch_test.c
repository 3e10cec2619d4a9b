/* tests/desk/launch_test.c - ways to start a gateway, IBC's file, the display: all before anything logs in. */
#include "support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "desk/ibc.h"
#include "desk/launch.h"
#include "sys/machine.h"
#include "sys/uvworld.h"

#define LIMIT (20 * TD_SEC)

static struct td_world world;
static struct td_settings settings;
static const char *home;

static int set_up(void **state)
{
    static const struct td_environ nothing;
    (void)state;
    home = td_test_folder("launch");
    if (chdir(home) != 0) /* a .env of ours disturbs nobody there */
        return -1;
    home = ".";
    if (td_uvworld_open(&world, false, NULL) != TD_OK)
        return -1;
    return td_settings_load(&settings, &nothing, NULL) == TD_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    td_uvworld_close(&world);
    return 0;
}

static const char *make_program(const char *below, const char *text)
{
    static char path[8][700];
    static int n;
    char folder[700];
    char *p = path[n++ % 8];
    (void)snprintf(p, sizeof path[0], "%s/%s", home, below);
    td_path_folder(p, folder, sizeof folder);
    TD_OK_OR_FAIL(td_folder_make(&world, folder));
    TD_OK_OR_FAIL(td_file_replace(&world, p, td_str_of(text), NULL));
    assert_int_equal(chmod(p, 0755), 0);
    return p;
}

static struct td_settings with_home(void)
{
    static char jts[700], runtime[700];
    struct td_settings s = settings;
    (void)snprintf(jts, sizeof jts, "%s/Jts", home);
    (void)snprintf(runtime, sizeof runtime, "%s/run", home);
    s.jts_folder = jts;
    s.runtime_folder = runtime;
    return s;
}

static void every_way_has_its_reason(void **state)
{
    struct td_launch l;
    struct td_fail why = {0};
    char buf[TD_LAUNCH_BYTES];
    const char *argv[TD_CHILD_WORDS_MAX + 1];
    struct td_settings s = with_home();
    (void)state;
    td_launch_look(&l, &world, &s, false);
    assert_int_equal(l.way, -1);
    for (int i = 0; i < TD_LAUNCH_WAYS; i++) {
        assert_false(l.ways[i].usable);
        assert_true(l.ways[i].reason[0]);
    }
    assert_int_equal(td_launch_words(&l, buf, sizeof buf, argv, &why), TD_ENOENT);
    assert_non_null(strstr(why.text, "IB_GATEWAY_START_CMD"));
}

static void the_newest_install_wins(void **state)
{
    struct td_launch l;
    struct td_settings s = with_home();
    (void)state;
    (void)make_program("Jts/ibgateway/978/ibgateway", "#!/bin/sh\n");
    (void)make_program("Jts/ibgateway/10.4/ibgateway", "#!/bin/sh\n");
    (void)make_program("Jts/ibgateway/10.30/ibgateway.sh", "#!/bin/sh\n");
    (void)make_program("Jts/ibgateway/99x/ibgateway", "#!/bin/sh\n"); /* no version */
    (void)make_program("Jts/ibgateway/jars/ibgateway", "#!/bin/sh\n");
    td_launch_look(&l, &world, &s, false);
    assert_int_equal(l.way, TD_LAUNCH_LINUX);
    assert_string_equal(l.version, "978"); /* numbers, not letters: 978 > 10.30 */
    const char *newest = make_program("Jts/ibgateway/1039/ibgateway1", "#!/bin/sh\n");
    td_launch_look(&l, &world, &s, false);
    assert_string_equal(l.version, "1039");
    assert_string_equal(l.ways[TD_LAUNCH_LINUX].program, newest);
    assert_int_equal(unsetenv("DISPLAY"), 0);
    td_launch_look(&l, &world, &s, false);
    assert_true(l.needs_display);
    s.gateway_start_cmd = "sh -c 'exit 0'";
    td_launch_look(&l, &world, &s, false);
    assert_int_equal(l.way, TD_LAUNCH_COMMAND); /* what is said outright comes first */
    assert_false(l.needs_display);
}

static void ibc_gets_no_secret_in_a_word(void **state)
{
    struct td_launch l;
    char buf[TD_LAUNCH_BYTES];
    const char *argv[TD_CHILD_WORDS_MAX + 1];
    struct td_settings s = with_home();
    (void)state;
    const char *script = make_program("ibc/scripts/ibcstart.sh", "#!/bin/sh\n");
    char ibc[700];
    (void)snprintf(ibc, sizeof ibc, "%s/ibc", home);
    s.ibc_folder = ibc;
    td_launch_look(&l, &world, &s, false);
    assert_non_null(strstr(l.ways[TD_LAUNCH_IBC].reason, "IB_USERNAME and IB_PASSWORD"));
    s.username = "canarylogin";
    s.password = "canarypassword";
    td_launch_look(&l, &world, &s, false);
    assert_int_equal(l.way, TD_LAUNCH_IBC);
    TD_OK_OR_FAIL(td_launch_words(&l, buf, sizeof buf, argv, NULL));
    assert_string_equal(argv[0], script);
    assert_string_equal(argv[1], "1039");
    assert_string_equal(argv[2], "-g");
    for (int i = 0; argv[i]; i++)
        assert_null(strstr(argv[i], "canary"));
    assert_int_equal(td_entry_at(&world, ".env"), TD_ENTRY_NONE);
    TD_OK_OR_FAIL(td_file_replace(&world, ".env", td_str_of("IB_PASSWORD=x\n"), NULL));
    td_launch_look(&l, &world, &s, false); /* secrets that others may read are not used */
    TD_OK_OR_FAIL(td_file_remove(&world, ".env"));
    assert_false(l.ways[TD_LAUNCH_IBC].usable);
    assert_non_null(strstr(l.ways[TD_LAUNCH_IBC].reason, "chmod 600 .env"));
}

static void the_ini_is_ours_alone_and_whole(void **state)
{
    struct td_settings s = settings;
    struct td_ibc_found found;
    struct td_fail why = {0};
    char path[700], text[8192];
    size_t len = 0;
    (void)state;
    (void)snprintf(path, sizeof path, "%s/run/ibc/config.ini", home);
    assert_int_equal(td_ibc_write(&world, &s, false, path, &why), TD_EINVAL);
    assert_non_null(strstr(why.text, "IB_USERNAME"));
    s.username = "canarylogin";
    s.password = " back\\slash#!=:";
    TD_OK_OR_FAIL(td_ibc_write(&world, &s, false, path, &why));
    assert_int_equal(td_machine_privacy(path), TD_PRIVACY_OURS);
    TD_OK_OR_FAIL(td_file_slurp(&world, path, text, sizeof text, &len, NULL));
    static const char *const lines[] = {"IbLoginId=canarylogin\n",
                                        "IbPassword=\\ back\\\\slash#!=:\n",
                                        "TradingMode=paper\n",
                                        "AcceptNonBrokerageAccountWarning=yes\n",
                                        "AcceptIncomingConnectionAction=reject\n",
                                        "ReadOnlyApi=yes\n",
                                        "ExistingSessionDetectedAction=primary\n",
                                        "ReloginAfterSecondFactorAuthenticationTimeout=no\n",
                                        "AutoRestartTime=11:45 PM\n",
                                        "AcceptBidAskLastSizeDisplayUpdateNotification=accept\n",
                                        "AllowBlindTrading=no\n",
                                        "ResetOrderIdsAtStart=no\n",
                                        "CommandServerPort=0\n",
                                        "BindAddress=127.0.0.1\n"};
    for (size_t i = 0; i < TD_COUNT(lines); i++)
        assert_non_null(strstr(text, lines[i]));
    assert_null(strstr(text, "ColdRestartTime")); /* not set: left to the program */
    s.ibc_read_only = false;
    TD_OK_OR_FAIL(td_ibc_write(&world, &s, true, path, &why));
    TD_OK_OR_FAIL(td_file_slurp(&world, path, text, sizeof text, &len, NULL));
    assert_non_null(strstr(text, "TradingMode=live\n"));
    assert_non_null(strstr(text, "ReadOnlyApi=no\n"));
    td_ibc_read(&world, path, &found);
    assert_string_equal(found.auto_restart, "11:45 PM");
    assert_true(found.has_password);
    static const char *const bad[] = {"a\nTradingMode=live", "a\rb", "t\xc3\xa4st", "\x01"};
    for (size_t i = 0; i < TD_COUNT(bad); i++) {
        s.password = bad[i];
        assert_int_equal(td_ibc_write(&world, &s, false, path, &why), TD_EINVAL);
        assert_null(strstr(why.text, bad[i])); /* never the value */
    }
}

static void hostile_ini_is_one_line(void **state)
{
    static char big[1 << 20];
    struct td_ibc_found found;
    char path[700];
    (void)state;
    (void)snprintf(path, sizeof path, "%s/bad.ini", home);
    memset(big, 'A', sizeof big);
    const struct {
        struct td_str bytes;
        const char *trouble;
    } cases[] = {{{big, sizeof big}, "larger than 32 KiB"},
                 {{"IbPassword=x\0y\n", 15}, "holds a NUL byte"},
                 {{big, 32000}, ""},
                 {{"", 0}, ""},
                 {{"AutoRestartTime", 15}, ""},
                 {{"=\n=x\n#IbPassword=x\n\xff", 20}, ""}};
    for (size_t i = 0; i < TD_COUNT(cases); i++) {
        TD_OK_OR_FAIL(td_file_replace(&world, path, cases[i].bytes, NULL));
        td_ibc_read(&world, path, &found);
        assert_non_null(strstr(found.trouble, cases[i].trouble));
        assert_null(strchr(found.trouble, '\n'));
        assert_false(found.has_password);
        assert_string_equal(found.auto_restart, "");
    }
    td_ibc_read(&world, "/no/such.ini", &found);
    assert_true(found.trouble[0]);
}

static void statuses_and_prompts_are_known(void **state)
{
    (void)state;
    assert_non_null(strstr(td_ibc_status_find(87)->meaning, "second factor"));
    assert_null(td_ibc_status_find(0));
    assert_null(td_ibc_status_find(42));
    static const char log[] = "x\nSecond Factor Authentication initiated\nIBC: Second Factor "
                              "Authentication initiated\nSecond Factor Auth";
    assert_int_equal(td_ibc_prompts(td_str_of(log)), 2);
    assert_int_equal(td_ibc_prompts((struct td_str){NULL, 0}), 0);
}

/* A display of ours: a cookie file of mode 0600, no TCP, a number that is free, and its own words. */
static void a_display_is_closed_to_others(void **state)
{
    struct td_display d;
    struct td_fail why = {0};
    char sockets[700], taken[720], words[700], text[400] = "";
    size_t len = 0;
    (void)state;
    (void)snprintf(sockets, sizeof sockets, "%s/X11", home);
    (void)snprintf(words, sizeof words, "%s/xvfb.words", home);
    TD_OK_OR_FAIL(td_folder_make(&world, sockets));
    (void)snprintf(taken, sizeof taken, "%s/X99", sockets);
    TD_OK_OR_FAIL(td_file_replace(&world, taken, td_str_of(""), NULL));
    char script[2400];
    (void)snprintf(script, sizeof script,
                   "#!/bin/sh\necho \"$@\" > '%s'\nsleep 0.2\n: > '%s/X'${1#:}\nsleep 100\n", words,
                   sockets);
    const char *program = make_program("fake-xvfb", script);
    TD_OK_OR_FAIL(td_display_start(&d, &world, program, home, sockets, NULL, &why));
    assert_true(d.number >= 100);
    assert_false(td_display_ready(&d, &world));
    const td_ns until = td_world_mono(&world) + LIMIT;
    while (!td_display_ready(&d, &world) && td_world_mono(&world) < until) {
        struct td_wake wake;
        td_world_wait(&world, td_world_mono(&world) + 10 * TD_MS, &wake);
    }
    assert_true(td_display_ready(&d, &world));
    assert_true(td_child_alive(&d.child));
    TD_OK_OR_FAIL(td_file_slurp(&world, words, text, sizeof text, &len, NULL));
    assert_non_null(strstr(text, "-screen 0 1024x768x24 -nolisten tcp -auth "));
    assert_int_equal(td_machine_privacy(d.authority + strlen("XAUTHORITY=")), TD_PRIVACY_OURS);
    assert_true(td_child_stop(&d.child, LIMIT));
    assert_int_equal(td_display_start(&d, &world, "no-such-xvfb", home, sockets, NULL, &why),
                     TD_ENOENT);
}

/* The cookie file is what xauth reads. */
static void xauth_reads_the_cookie(void **state)
{
    char path[600], sockets[700], out[400] = "";
    struct td_display d;
    struct td_child c;
    size_t got = 0;
    (void)state;
    if (!td_machine_program("xauth", path, sizeof path))
        td_skip("xauth is not installed");
    (void)snprintf(sockets, sizeof sockets, "%s/none", home);
    TD_OK_OR_FAIL(td_display_start(&d, &world, "true", home, sockets, NULL, NULL));
    const char *const argv[] = {path,   "-n", "-f", d.authority + strlen("XAUTHORITY="),
                                "list", NULL};
    TD_OK_OR_FAIL(td_child_start(&c, argv, TD_CHILD_PIPE, NULL));
    TD_OK_OR_FAIL(td_child_read(&c, out, sizeof out - 1, LIMIT, &got));
    out[got] = '\0';
    char number[16];
    (void)snprintf(number, sizeof number, ":%d ", d.number);
    assert_non_null(strstr(out, number));
    assert_non_null(strstr(out, "MIT-MAGIC-COOKIE-1"));
    assert_true(td_child_stop(&c, LIMIT));
    assert_true(td_child_stop(&d.child, LIMIT));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_way_has_its_reason),
                                       cmocka_unit_test(the_newest_install_wins),
                                       cmocka_unit_test(ibc_gets_no_secret_in_a_word),
                                       cmocka_unit_test(the_ini_is_ours_alone_and_whole),
                                       cmocka_unit_test(hostile_ini_is_one_line),
                                       cmocka_unit_test(statuses_and_prompts_are_known),
                                       cmocka_unit_test(a_display_is_closed_to_others),
                                       cmocka_unit_test(xauth_reads_the_cookie)};
    return cmocka_run_group_tests_name("desk/launch", tests, set_up, tear_down);
}
