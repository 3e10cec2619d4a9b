/* tests/base/text_test.c - borrowed and bounded text, its JSON form, and the one line of a failure. */
#include "base/text.h"

#include <string.h>

#include "support/support.h"

static void borrowed_text(void **state)
{
    (void)state;
    struct td_str rest = td_str_of("a,,b"), part;
    char out[4];
    assert_int_equal(td_str_of(NULL).len, 0);
    assert_true(td_str_eq(td_str_of(NULL), td_str_of("")));
    assert_false(td_str_eq(td_str_of("ab"), td_str_of("ac")));
    assert_false(td_str_is(td_str_of("ab"), "abc"));
    assert_true(td_str_starts(td_str_of("abc"), "ab") && td_str_starts(td_str_of("a"), ""));
    assert_false(td_str_starts(td_str_of("a"), "ab") || td_str_starts(td_str_of("ba"), "a"));
    assert_true(td_str_copy(td_str_of("abc"), out, sizeof out));
    assert_false(td_str_copy(td_str_of("abcd"), out, sizeof out));
    assert_string_equal(out, "abc");
    assert_true(td_str_copy(td_str_of(NULL), out, sizeof out));
    assert_string_equal(out, "");
    assert_true(td_str_is(td_str_trim(td_str_of(" \t a b\r\n")), "a b"));
    assert_int_equal(td_str_trim(td_str_of(" \n")).len, 0);
    assert_true(td_str_split(&rest, ',', &part) && td_str_is(part, "a"));
    assert_true(td_str_split(&rest, ',', &part) && td_str_is(part, ""));
    assert_true(td_str_split(&rest, ',', &part) && td_str_is(part, "b"));
    assert_false(td_str_split(&rest, ',', &part));
    rest = td_str_of("x,");
    assert_true(td_str_split(&rest, ',', &part) && td_str_split(&rest, ',', &part));
    assert_int_equal(part.len, 0);
    assert_false(td_str_split(&rest, ',', &part));
}

static void words_of_settings(void **state)
{
    (void)state;
    static const char *const yes[] = {"1", "true", "YES", " On "},
                             *const no[] = {"0", "False", "no", "OFF"},
                             *const bad[] = {"", "2", "ye", "yess", "null", "t"};
    bool value = false;
    for (size_t i = 0; i < TD_COUNT(yes); i++) {
        TD_OK_OR_FAIL(td_bool_parse(td_str_of(yes[i]), &value));
        assert_true(value);
        TD_OK_OR_FAIL(td_bool_parse(td_str_of(no[i]), &value));
        assert_false(value);
    }
    for (size_t i = 0; i < TD_COUNT(bad); i++)
        assert_int_equal(td_bool_parse(td_str_of(bad[i]), &value), TD_EPARSE);
}

static void bounded_text(void **state)
{
    (void)state;
    char buf[64];
    struct td_text t;
    td_text_init(&t, buf, sizeof buf);
    td_text_put(&t, "a");
    td_text_char(&t, '-');
    td_text_i64(&t, INT64_MIN);
    td_text_char(&t, ' ');
    td_text_e9(&t, -1500000000);
    td_text_e9(&t, TD_E9_NONE);
    td_text_printf(&t, " %d", 7);
    assert_string_equal(buf, "a--9223372036854775808 -1.5 7");
    td_text_reset(&t);
    td_text_iso(&t, 0);
    assert_string_equal(buf, "1970-01-01T00:00:00.000000+00:00");
    for (size_t cap = 1; cap < 12; cap++) {
        char *guarded = (char *)td_guard_copy(buf, cap);
        td_text_init(&t, guarded, cap);
        td_text_put(&t, "0123");
        td_text_printf(&t, "%s", "456789");
        assert_int_equal(td_text_full(&t), cap <= 10);
        assert_int_equal(strlen(guarded), cap <= 10 ? cap - 1 : 10);
        td_text_reset(&t);
        assert_false(td_text_full(&t));
        td_guard_free((uint8_t *)guarded, cap);
    }
}

static void json_texts(void **state)
{
    (void)state;
    static const struct {
        const char *in, *out;
    } rows[] = {
        {"", "\"\""},
        {"a\"b\\c/", "\"a\\\"b\\\\c/\""},
        {"\b\f\n\r\t\x01\x1f\x7f", "\"\\b\\f\\n\\r\\t\\u0001\\u001f\\u007f\""},
        {"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\""},
        {"\xff", "\"\\ufffd\""},
        {"\x80z", "\"\\ufffdz\""},
        {"\xc0\x80", "\"\\ufffd\\ufffd\""},
        {"\xc1\xbf", "\"\\ufffd\\ufffd\""},
        {"\xc3", "\"\\ufffd\""},
        {"\xe0\x80\x80", "\"\\ufffd\\ufffd\\ufffd\""},
        {"\xe0\xa0\x80", "\"\xe0\xa0\x80\""},
        {"\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\""},
        {"\xed\x9f\xbf", "\"\xed\x9f\xbf\""},
        {"\xe2\x82", "\"\\ufffd\\ufffd\""},
        {"\xe2\x82z", "\"\\ufffd\\ufffdz\""},
        {"\xf0\x80\x80\x80", "\"\\ufffd\\ufffd\\ufffd\\ufffd\""},
        {"\xf0\x90\x80\x80", "\"\xf0\x90\x80\x80\""},
        {"\xf4\x8f\xbf\xbf", "\"\xf4\x8f\xbf\xbf\""},
        {"\xf4\x90\x80\x80", "\"\\ufffd\\ufffd\\ufffd\\ufffd\""},
        {"\xf5\x80\x80\x80", "\"\\ufffd\\ufffd\\ufffd\\ufffd\""},
    };
    char buf[100];
    struct td_text t;
    for (size_t i = 0; i < TD_COUNT(rows); i++) {
        const size_t n = strlen(rows[i].in);
        uint8_t *guarded = td_guard_copy(rows[i].in, n);
        td_text_init(&t, buf, sizeof buf);
        td_text_json(&t, (struct td_str){(const char *)guarded, n});
        td_guard_free(guarded, n);
        assert_string_equal(buf, rows[i].out);
    }
    td_text_init(&t, buf, sizeof buf);
    td_text_json(&t, (struct td_str){"a\0b", 3});
    assert_string_equal(buf, "\"a\\u0000b\"");
}

/* A peer's or a file's words may have any bytes; the failure is one line all the same. */
static void a_failure_is_one_line(void **state)
{
    (void)state;
    struct td_fail why = {0};
    char long_name[600];
    (void)td_fail_set(&why, TD_EPARSE, "version \"%s\"", "bars\nmanifest\x01\x7f");
    assert_string_equal(why.text, "version \"bars?manifest??\"");
    (void)td_fail_add(&why, TD_EPARSE, "line\t%d", 7);
    assert_string_equal(why.text, "line?7: version \"bars?manifest??\"");
    memset(long_name, '\n', sizeof long_name - 1);
    long_name[sizeof long_name - 1] = '\0';
    (void)td_fail_set(&why, TD_EPARSE, "%s", long_name);
    assert_null(strchr(why.text, '\n'));
    assert_true(strlen(why.text) < sizeof why.text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(borrowed_text),         cmocka_unit_test(words_of_settings),
        cmocka_unit_test(bounded_text),          cmocka_unit_test(json_texts),
        cmocka_unit_test(a_failure_is_one_line),
    };
    return cmocka_run_group_tests_name("base/text", tests, NULL, NULL);
}
