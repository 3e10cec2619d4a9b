/* tests/base/log_test.c - log lines: redaction by value, one line per call, valid JSON, levels. */
#include "base/log.h"

#include <stdio.h>
#include <string.h>

#include "support/support.h"

static char got[2 * TD_LOG_LINE_MAX];
static int lines;
static enum td_log_level got_level;
static enum td_log_channel got_channel;

static void keep(void *sink, enum td_log_level level, enum td_log_channel channel,
                 struct td_str line)
{
    assert_ptr_equal(sink, &lines);
    got_level = level;
    got_channel = channel;
    assert_true(line.len < sizeof got && line.p[line.len - 1] == '\n');
    assert_null(memchr(line.p, '\n', line.len - 1));
    memcpy(got, line.p, line.len);
    got[line.len] = '\0';
    lines++;
}

static td_ns clock_at(void *clock)
{
    return *(td_ns *)clock;
}

static td_ns now = INT64_C(1757341865120000000);

static struct td_log fresh(bool json)
{
    lines = 0;
    got[0] = '\0';
    return (struct td_log){.level = TD_LOG_INFO,
                           .json = json,
                           .write = keep,
                           .sink = &lines,
                           .now = clock_at,
                           .clock = &now};
}

static void a_text_line(void **state)
{
    (void)state;
    struct td_log log = fresh(false);
    td_logf(&log, TD_LOG_WARN, TD_LOG_API, "session.lost", "port %d", 4002);
    assert_string_equal(got, "2025-09-08T14:31:05.120000+00:00 warn  api session.lost port 4002\n");
    assert_int_equal(got_level, TD_LOG_WARN);
    assert_int_equal(got_channel, TD_LOG_API);
    td_logf(&log, TD_LOG_DEBUG, TD_LOG_API, "x", "lower levels are dropped");
    assert_int_equal(lines, 1);
    td_logf(&log, TD_LOG_INFO, TD_LOG_TRADING, "x", "a\r\nb\x1b[31m\x7f\t");
    assert_non_null(strstr(got, "x a\\x0d\\x0ab\\x1b[31m\\x7f\\x09\n"));
    td_logf(NULL, TD_LOG_ERROR, TD_LOG_TRADING, "x", "dropped");
    log.write = NULL;
    td_logf(&log, TD_LOG_ERROR, TD_LOG_TRADING, "x", "dropped");
    assert_int_equal(lines, 2);
}

static void a_json_line(void **state)
{
    (void)state;
    struct td_log log = fresh(true);
    td_logf(&log, TD_LOG_ERROR, TD_LOG_PERFORMANCE, "turn", "say \"%s\"\n\x01\xff", "hi");
    assert_string_equal(got,
                        "{\"ts\":\"2025-09-08T14:31:05.120000+00:00\",\"level\":\"error\","
                        "\"channel\":\"performance\","
                        "\"event\":\"turn\",\"message\":\"say \\\"hi\\\"\\n\\u0001\\ufffd\"}\n");
    char bytes[700];
    memset(bytes, 1, sizeof bytes);
    bytes[sizeof bytes - 1] = '\0';
    td_logf(&log, TD_LOG_ERROR, TD_LOG_TRADING, "x", "%s",
            bytes); /* escapes make it six times as long */
    assert_non_null(strstr(got, "\"message\":\"(message too long)\"}\n"));
}

static void secrets_never_appear(void **state)
{
    (void)state;
    for (int json = 0; json < 2; json++) {
        struct td_log log = fresh(json);
        td_log_hide(&log, "hunter2");
        td_log_hide(&log, "hunter2hunter3");
        td_log_hide(&log, "abc"); /* too short: it would hide words */
        td_log_hide(&log, NULL);
        assert_int_equal(log.secret_count, 2);
        td_logf(&log, TD_LOG_INFO, TD_LOG_API, "login", "key=hunter2 again hunter2hunter2, abc");
        assert_null(strstr(got, "hunter"));
        assert_non_null(strstr(got, "key=******* again **************, abc"));
        td_logf(&log, TD_LOG_INFO, TD_LOG_API, "login",
                "hunter2hunter3"); /* one inside the other */
        assert_null(strstr(got, "hunter"));
        for (int before = 780; before < TD_LOG_LINE_MAX; before++) { /* cut anywhere inside it */
            td_logf(&log, TD_LOG_INFO, TD_LOG_API, "login", "%*s%s", before, "", "hunter2");
            assert_null(strchr(strstr(got, "login"), 'h'));
        }
    }
    struct td_log log = fresh(false);
    for (int i = 0; i < 2 * TD_LOG_SECRETS_MAX; i++)
        td_log_hide(&log, "longer");
    assert_int_equal(log.secret_count, TD_LOG_SECRETS_MAX);
}

static void long_lines_are_cut(void **state)
{
    (void)state;
    struct td_log log = fresh(false);
    td_logf(&log, TD_LOG_INFO, TD_LOG_API, "x", "%2000d", 1);
    assert_in_range(strlen(got), 800, TD_LOG_LINE_MAX);
}

static void levels_have_names(void **state)
{
    (void)state;
    enum td_log_level level = TD_LOG_DEBUG;
    for (int i = TD_LOG_DEBUG; i <= TD_LOG_ERROR; i++) {
        TD_OK_OR_FAIL(
            td_log_level_parse(td_str_of(td_log_level_name((enum td_log_level)i)), &level));
        assert_int_equal(level, i);
    }
    TD_OK_OR_FAIL(td_log_level_parse(td_str_of("WARNING"), &level));
    assert_int_equal(level, TD_LOG_WARN);
    assert_int_equal(td_log_level_parse(td_str_of("loud"), &level), TD_EPARSE);
    assert_int_equal(td_log_level_parse(td_str_of(""), &level), TD_EPARSE);
    assert_int_equal(td_log_level_parse(td_str_of("errorerrorerrorerror"), &level), TD_EPARSE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_line),          cmocka_unit_test(a_json_line),
        cmocka_unit_test(secrets_never_appear), cmocka_unit_test(long_lines_are_cut),
        cmocka_unit_test(levels_have_names),
    };
    return cmocka_run_group_tests_name("base/log", tests, NULL, NULL);
}
