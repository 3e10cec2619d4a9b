/* tests/desk/jtsini_test.c - reading and, on request, rewriting the gateway's settings file. */
#include "support/support.h"

#include <stdio.h>
#include <string.h>

#include "desk/jtsini.h"
#include "sys/uvworld.h"

static struct td_world world;

static int open_world(void **state)
{
    (void)state;
    return td_uvworld_open(&world, false, NULL) == TD_OK ? 0 : -1;
}

static int close_world(void **state)
{
    (void)state;
    td_uvworld_close(&world);
    return 0;
}

static void write_ini(const char *home, const char *text, char *path, size_t cap)
{
    char folder[600];
    (void)snprintf(folder, sizeof folder, "%s/Jts", home);
    TD_OK_OR_FAIL(td_folder_make(&world, folder));
    (void)snprintf(path, cap, "%s/jts.ini", folder);
    TD_OK_OR_FAIL(td_file_replace(&world, path, td_str_of(text), NULL));
}

static void says_nothing_without_a_file(void **state)
{
    (void)state;
    struct td_jtsini ini;
    td_jtsini_read(&world, NULL, &ini);
    assert_string_equal(ini.path, "");
    td_jtsini_read(&world, "/no-such-home", &ini);
    assert_int_equal(ini.api_only, -1);
    assert_int_equal(ini.port, -1);
}

static void reads_both_families_of_names(void **state)
{
    (void)state;
    struct td_jtsini ini;
    char path[700];
    const char *home = td_test_folder("jts");
    write_ini(home,
              "[Logon]\nUseSSL=true\nLocale=en\n[IBGateway]\r\napiport=4002\r\ntrusted_ips=10.0.0."
              "1,127.0.0.1\nApiOnly=no\n",
              path, sizeof path);
    td_jtsini_read(&world, home, &ini);
    assert_string_equal(ini.path, path);
    assert_int_equal(ini.ssl, 1);
    assert_int_equal(ini.port, 4002);
    assert_int_equal(ini.trusted_localhost, 1);
    assert_int_equal(ini.api_only, 0);
}

static void fixes_in_place_and_keeps_the_old_file(void **state)
{
    (void)state;
    struct td_jtsini ini;
    char path[700], backup[720], text[2048];
    size_t len;
    const char *home = td_test_folder("jtsfix");
    static const char before[] = "[Logon]\nLocale=en\nUseSSL=true\n[IBGateway]\nWriteDebug=false\n";
    write_ini(home, before, path, sizeof path);
    TD_OK_OR_FAIL(td_jtsini_fix(&world, path, NULL));
    TD_OK_OR_FAIL(td_file_slurp(&world, path, text, sizeof text, &len, NULL));
    assert_string_equal(
        text, "[Logon]\nLocale=en\nUseSSL=0\n[IBGateway]\nApiOnly=true\nLocalServerPort=7497\n"
              "TrustedIPs=127.0.0.1\nWriteDebug=false\n");
    (void)snprintf(backup, sizeof backup, "%s.bak", path);
    TD_OK_OR_FAIL(td_file_slurp(&world, backup, text, sizeof text, &len, NULL));
    assert_string_equal(text, before);
    td_jtsini_read(&world, home, &ini);
    assert_int_equal(ini.port, 7497);
    assert_int_equal(ini.ssl, 0);
    TD_OK_OR_FAIL(td_jtsini_fix(&world, path, NULL)); /* a second time changes nothing */
    TD_OK_OR_FAIL(td_file_slurp(&world, backup, text, sizeof text, &len, NULL));
    assert_non_null(strstr(text, "LocalServerPort=7497\nTrustedIPs"));
    write_ini(home, "Locale=en", path, sizeof path);
    TD_OK_OR_FAIL(td_jtsini_fix(&world, path, NULL));
    TD_OK_OR_FAIL(td_file_slurp(&world, path, text, sizeof text, &len, NULL));
    assert_non_null(strstr(text, "Locale=en\n[IBGateway]\nApiOnly=true\n"));
    struct td_fail why = {0};
    assert_int_equal(td_jtsini_fix(&world, "no-such.ini", &why), TD_ENOENT);
}

/* Whatever stands in the file: one clear line or a harmless reading, and never a rewrite of what is not text. */
static void hostile_files_are_one_line(void **state)
{
    (void)state;
    static char big[1 << 20], diff_text[65536];
    static const char nul[] = "[IBGateway]\nApiOnly=true\0\nLocalServerPort=4002\n";
    struct td_jtsini ini;
    struct td_fail why = {0};
    struct td_text diff;
    char path[700], folder[620];
    const char *home = td_test_folder("jtsbad");
    (void)snprintf(folder, sizeof folder, "%s/Jts", home);
    (void)snprintf(path, sizeof path, "%s/jts.ini", folder);
    TD_OK_OR_FAIL(td_folder_make(&world, folder));
    memset(big, 'A', sizeof big);
    const struct {
        struct td_str bytes;
        const char *trouble;
        enum td_err err;
    } cases[] = {
        {{big, sizeof big}, "larger than 32 KiB", TD_ERANGE}, /* 1 MB, one line, no end */
        {{nul, sizeof nul - 1}, "holds a NUL byte", TD_EPARSE},
        {{big, 32000}, "", TD_OK}, /* one huge line without an end */
        {{"", 0}, "", TD_OK},
        {{"=\n==\n=x\n[\n]\n\r\r\n", 15}, "", TD_OK},
        {{"LocalServerPort=99999999999999999999\nUseSSL=maybe", 49}, "", TD_OK},
        {{"\xff\xfe\x80\n\x01\x02=\x03", 8}, "", TD_OK},
    };
    for (size_t i = 0; i < TD_COUNT(cases); i++) {
        TD_OK_OR_FAIL(td_file_replace(&world, path, cases[i].bytes, NULL));
        td_jtsini_read(&world, home, &ini);
        assert_string_equal(ini.path, path);
        assert_non_null(strstr(ini.trouble, cases[i].trouble));
        assert_null(strchr(ini.trouble, '\n'));
        assert_int_equal(ini.port, -1);
        td_text_init(&diff, diff_text, sizeof diff_text);
        assert_int_equal(td_jtsini_diff(&world, path, &diff, &why), cases[i].err);
        assert_int_equal(td_jtsini_fix(&world, path, &why), cases[i].err);
    }
}

static void a_diff_names_what_would_change(void **state)
{
    (void)state;
    char path[700], text[2048];
    struct td_text diff;
    const char *home = td_test_folder("jtsdiff");
    write_ini(home, "[Logon]\nUseSSL=true\n[IBGateway]\nApiOnly=true\n", path, sizeof path);
    td_text_init(&diff, text, sizeof text);
    TD_OK_OR_FAIL(td_jtsini_diff(&world, path, &diff, NULL));
    assert_string_equal(text,
                        "-UseSSL=true\n+UseSSL=0\n+LocalServerPort=7497\n+TrustedIPs=127.0.0.1\n");
    TD_OK_OR_FAIL(td_jtsini_fix(&world, path, NULL));
    td_text_init(&diff, text, sizeof text);
    TD_OK_OR_FAIL(td_jtsini_diff(&world, path, &diff, NULL));
    assert_string_equal(text, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(says_nothing_without_a_file),
                                       cmocka_unit_test(reads_both_families_of_names),
                                       cmocka_unit_test(fixes_in_place_and_keeps_the_old_file),
                                       cmocka_unit_test(hostile_files_are_one_line),
                                       cmocka_unit_test(a_diff_names_what_would_change)};
    return cmocka_run_group_tests_name("desk/jtsini", tests, open_world, close_world);
}
