/* tests/sys/logfile_test.c - which line goes to which file, rotation, dropped lines that are reported. */
#include "sys/logfile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/support.h"

static char *slurp_log(const char *folder, const char *name)
{
    char path[300];
    size_t len;
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    return td_test_slurp(path, &len);
}

static int count_of(const char *text, const char *word)
{
    int n = 0;
    for (const char *p = text; (p = strstr(p, word)) != NULL; p++)
        n++;
    return n;
}

static void lines_go_to_their_files(void **state)
{
    (void)state;
    const char *folder = td_test_folder("logs");
    const struct td_logfile_config config = {.folder = folder, .name = "desk"};
    static const struct {
        const char *file;
        int first, second, third, fourth;
    } want[] = {{"trading.log", 1, 1, 1, 1},
                {"error.log", 0, 0, 0, 1},
                {"api.desk.log", 0, 1, 0, 1},
                {"performance.log", 0, 0, 1, 0}};
    struct td_logfile *lf;
    struct td_log log = {.level = TD_LOG_INFO};
    TD_OK_OR_FAIL(td_logfile_open(&lf, &config, &log, NULL));
    td_logf(&log, TD_LOG_INFO, TD_LOG_TRADING, "first", "1");
    td_logf(&log, TD_LOG_WARN, TD_LOG_API, "second", "2");
    td_logf(&log, TD_LOG_INFO, TD_LOG_PERFORMANCE, "third", "3");
    td_logf(&log, TD_LOG_ERROR, TD_LOG_API, "fourth", "4");
    td_logfile_close(lf, &log);
    td_logf(&log, TD_LOG_ERROR, TD_LOG_API, "fifth", "after the end");
    for (size_t i = 0; i < TD_COUNT(want); i++) {
        char *text = slurp_log(folder, want[i].file);
        assert_non_null(text);
        assert_int_equal(count_of(text, "first"), want[i].first);
        assert_int_equal(count_of(text, "second"), want[i].second);
        assert_int_equal(count_of(text, "third"), want[i].third);
        assert_int_equal(count_of(text, "fourth"), want[i].fourth);
        assert_int_equal(count_of(text, "fifth"), 0);
        free(text);
    }
    td_logfile_close(NULL, &log);
}

static void big_files_rotate(void **state)
{
    (void)state;
    const char *folder = td_test_folder("rotated");
    const struct td_logfile_config config = {.folder = folder, .name = "desk", .bytes_max = 2000};
    struct td_logfile *lf;
    struct td_log log = {0};
    TD_OK_OR_FAIL(td_logfile_open(&lf, &config, &log, NULL));
    for (int i = 0; i < 100; i++)
        td_logf(&log, TD_LOG_INFO, TD_LOG_TRADING, "n", "%d.", i);
    td_logfile_close(lf, &log);
    char *now = slurp_log(folder, "trading.log"), *before = slurp_log(folder, "trading.log.1");
    assert_non_null(now);
    assert_non_null(before);
    assert_in_range(strlen(now), 1, 2100);
    assert_in_range(strlen(before), 2001, 2100);
    assert_non_null(strstr(now, " 99.\n"));
    free(now);
    free(before);
}

/* Far more than the ring holds, at once: every line is written or counted as dropped; each is valid JSON. */
static void dropped_lines_are_reported(void **state)
{
    (void)state;
    const char *folder = td_test_folder("flood");
    const struct td_logfile_config config = {.folder = folder, .name = "desk"};
    struct td_logfile *lf;
    struct td_log log = {.json = true};
    long long written = 0, dropped = 0;
    TD_OK_OR_FAIL(td_logfile_open(&lf, &config, &log, NULL));
    for (int i = 0; i < 20000; i++)
        td_logf(&log, TD_LOG_INFO, TD_LOG_PERFORMANCE, "flood", "%700d", i);
    td_logfile_close(lf, &log);
    char *text = slurp_log(folder, "trading.log");
    assert_non_null(text);
    struct td_str rest = td_str_of(text), line;
    while (td_str_split(&rest, '\n', &line) && line.len) {
        assert_true(line.p[0] == '{' && line.p[line.len - 1] == '}');
        text[line.p + line.len - text] = '\0';
        const char *report = strstr(line.p, "\"event\":\"log.dropped\",\"message\":\"");
        if (!report) {
            written++;
            continue;
        }
        long long n = 0;
        assert_int_equal(
            sscanf(report, "\"event\":\"log.dropped\",\"message\":\"%lld log lines dropped", &n),
            1);
        dropped += n;
    }
    free(text);
    assert_int_equal(written + dropped, 20000);
}

static void a_folder_that_is_not_there(void **state)
{
    (void)state;
    struct td_fail why = {0};
    struct td_logfile *lf;
    struct td_log log = {0};
    const struct td_logfile_config config = {.folder = "no/such/folder", .name = "desk"},
                                   none = {.name = "desk"};
    assert_int_equal(td_logfile_open(&lf, &config, &log, &why), TD_EACCES);
    assert_non_null(strstr(why.text, "no/such/folder/trading.log"));
    TD_OK_OR_FAIL(td_logfile_open(&lf, &none, &log, &why));
    td_logf(&log, TD_LOG_INFO, TD_LOG_TRADING, "x", "to nowhere");
    td_logfile_close(lf, &log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_go_to_their_files),
        cmocka_unit_test(big_files_rotate),
        cmocka_unit_test(dropped_lines_are_reported),
        cmocka_unit_test(a_folder_that_is_not_there),
    };
    return cmocka_run_group_tests_name("sys/logfile", tests, NULL, NULL);
}
