/* tests/wire/csv_test.c - rows as RFC 4180 and spreadsheets write them, and every refusal by its line. */
#include "support/support.h"

#include <stdlib.h>
#include <string.h>

#include "wire/csv.h"

static char room[256];

/* The rows as "field|field\n...", every field at a guard page, or the reason of a refusal. */
static const char *rows_of(const char *text, size_t len, enum td_err *end)
{
    static char out[1024];
    struct td_str fields[8];
    struct td_text t;
    struct td_csv c;
    struct td_fail why = {0};
    size_t count = 0;
    uint8_t *guarded = td_guard_copy(text, len);
    td_text_init(&t, out, sizeof out);
    td_csv_open(&c, (struct td_str){(const char *)guarded, len}, room, sizeof room);
    while ((*end = td_csv_next(&c, fields, TD_COUNT(fields), &count, &why)) == TD_OK) {
        for (size_t i = 0; i < count; i++)
            td_text_printf(&t, "%s%.*s", i ? "|" : "", TD_STR_ARG(fields[i]));
        td_text_char(&t, '\n');
    }
    if (*end != TD_ENODATA)
        td_text_put(&t, why.text);
    td_guard_free(guarded, len);
    return out;
}

static void check(const char *text, const char *expected)
{
    enum td_err end;
    assert_string_equal(rows_of(text, strlen(text), &end), expected);
    assert_int_equal(end, TD_ENODATA);
}

static void refused(const char *text, size_t len, enum td_err code, const char *expected)
{
    enum td_err end;
    assert_string_equal(rows_of(text, len, &end), expected);
    assert_int_equal(end, code);
}

static void rows(void **state)
{
    (void)state;
    check("", "");
    check("a", "a\n");
    check("a,b\nc,\n", "a|b\nc|\n");
    check("a,b\r\n\r\n,d\re,f", "a|b\n|d\ne|f\n");
    check("\xef\xbb\xbfTicker,Date\nAAPL,2025-07-29\n", "Ticker|Date\nAAPL|2025-07-29\n");
    check("Ticker;Date\nAAPL;1,5\n", "Ticker|Date\nAAPL|1,5\n");
    check("Ticker\tDate\nAAPL\t1,5\n", "Ticker|Date\nAAPL|1,5\n");
    check("sep=;\r\na,b;c\r\n", "a,b|c\n");
    check("\"a;b;c\",d\n", "a;b;c|d\n");
}

static void quotes(void **state)
{
    (void)state;
    check("\"a\",\"\"\n", "a|\n");
    check("\"a \"\"b\"\" c\",\"d\ne\"\nf,g\n", "a \"b\" c|d\ne\nf|g\n");
    check("a \"b\" c,d\n", "a \"b\" c|d\n");
    check("\"\"\"\"", "\"\n");
    char big[600];
    memset(big, 'x', sizeof big);
    memcpy(big, "a,\"\"\"", 5);
    big[sizeof big - 1] = '"';
    refused(big, sizeof big, TD_ERANGE, "line 1 (byte 600): the row is too long");
}

static void refusals(void **state)
{
    (void)state;
    refused("a\n\"b", 4, TD_EPARSE, "a\nline 2 (byte 4): a quote is not closed");
    refused("\"a\"b", 4, TD_EPARSE, "line 1 (byte 3): text behind a closing quote");
    refused("a\0b", 3, TD_EPARSE, "line 1 (byte 1): a NUL byte; this is no text, or it is UTF-16");
    refused("\"a\0\"", 4, TD_EPARSE, "line 1 (byte 2): a NUL byte; this is no text");
    refused("\xff\xfe"
            "a",
            3, TD_EPARSE, "line 1 (byte 0): this is UTF-16; save it as UTF-8");
    refused("\"x\ny\",b\n1,2,3,4,5,6,7,8,9\n", 26, TD_ERANGE,
            "x\ny|b\nline 3 (byte 24): more fields than are possible");
}

static void written_fields_read_back(void **state)
{
    (void)state;
    static const char *const fields[] = {"", "plain", "a,b", "say \"x\"", "two\nlines", "tab\t;"};
    char buf[256];
    struct td_text t;
    struct td_csv c;
    struct td_str back[8];
    size_t count = 0;
    td_text_init(&t, buf, sizeof buf);
    for (size_t i = 0; i < TD_COUNT(fields); i++) {
        if (i)
            td_text_char(&t, ',');
        td_csv_put(&t, td_str_of(fields[i]));
    }
    td_csv_open(&c, (struct td_str){buf, t.len}, room, sizeof room);
    TD_OK_OR_FAIL(td_csv_next(&c, back, TD_COUNT(back), &count, NULL));
    assert_int_equal(count, TD_COUNT(fields));
    for (size_t i = 0; i < count; i++)
        assert_true(td_str_is(back[i], fields[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows),
        cmocka_unit_test(quotes),
        cmocka_unit_test(refusals),
        cmocka_unit_test(written_fields_read_back),
    };
    return cmocka_run_group_tests_name("wire/csv", tests, NULL, NULL);
}
