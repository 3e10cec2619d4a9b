/* tests/store/table_test.c - CSV and workbooks as tables of cells; other forms are told by their bytes. */
#include "store/table.h"

#include <stdio.h>
#include <string.h>

#include "support/support.h"
#include "support/zip_store.h"

static void check_text(const struct td_table *t, size_t row, size_t column, const char *expected)
{
    char text[64];
    (void)td_str_copy(td_table_at(t, row, column)->text, text, sizeof text);
    assert_string_equal(text, expected);
}

static void csv(void **state)
{
    (void)state;
    struct td_table t;
    TD_OK_OR_FAIL(td_table_load_bytes(
        &t, td_str_of("Ticker;Note;Date\r\nAAPL;;2025-07-29\r\n\"a\"\"b\";x\r\n"), "list.csv", NULL,
        NULL));
    assert_string_equal(t.format, "csv");
    assert_int_equal(t.rows, 3);
    assert_int_equal(t.columns, 3);
    check_text(&t, 0, 2, "Date");
    check_text(&t, 1, 0, "AAPL");
    assert_int_equal(td_table_at(&t, 1, 1)->kind, TD_CELL_EMPTY);
    check_text(&t, 2, 0, "a\"b");
    assert_int_equal(td_table_at(&t, 2, 2)->kind, TD_CELL_EMPTY);
    assert_int_equal(td_table_at(&t, 9, 9)->kind, TD_CELL_EMPTY);
    td_table_fini(&t);
    td_table_fini(&t);
    TD_OK_OR_FAIL(td_table_load_bytes(&t, td_str_of(""), "empty.csv", NULL, NULL));
    assert_int_equal(t.rows, 0);
    td_table_fini(&t);
}

static void workbook(void **state)
{
    (void)state;
    static uint8_t archive[65536];
    struct td_table t;
    struct td_fail why = {0};
    const struct zip_book b = {.sheet = "<worksheet><sheetData><row r=\"2\"><c r=\"C2\" "
                                        "t=\"inlineStr\"><is><t>far</t></is></c></row><row "
                                        "r=\"1000000\"><c r=\"XFD1000000\"><v>5</v></c></row>"
                                        "</sheetData></worksheet>"};
    const struct td_str bytes = zip_book_make(&b, archive, sizeof archive);
    const struct td_table_options one = {.sheet = "One"}, first = {.sheet = "1"},
                                  none = {.sheet = "Two"};
#ifndef TD_WITH_XLSX
    td_skip("built without libzip and expat: workbooks cannot be read");
#endif
    TD_OK_OR_FAIL(td_table_load_bytes(&t, bytes, "b.xlsx", &one, NULL));
    assert_int_equal(t.rows, 1000000);
    assert_int_equal(t.columns, 16384);
    assert_string_equal(t.sheet, "One");
    check_text(&t, 1, 2, "far");
    assert_true(td_table_at(&t, 999999, 16383)->number == 5);
    assert_int_equal(td_table_at(&t, 500, 5)->kind, TD_CELL_EMPTY);
    td_table_fini(&t);
    TD_OK_OR_FAIL(td_table_load_bytes(&t, bytes, "b.xlsx", &first, NULL));
    td_table_fini(&t);
    assert_int_equal(td_table_load_bytes(&t, bytes, "b.xlsx", &none, &why), TD_ENOENT);
    assert_string_equal(why.text, "b.xlsx: no sheet \"Two\"; it has \"One\"");
}

static void other_forms_are_named(void **state)
{
    (void)state;
    static const struct {
        const char *bytes, *form;
        enum td_err err;
    } rows[] = {{"PAR1....", "parquet", TD_EUNSUP},
                {"ARROW1..", "feather", TD_EUNSUP},
                {"FEA1....", "feather-v1", TD_EUNSUP},
                {"DBN\x03", "dbn", TD_EUNSUP},
                {"\x28\xb5\x2f\xfd", "zstd", TD_EUNSUP},
                {"\x1f\x8b..", "gzip", TD_EUNSUP},
                {"a,\"b", "csv", TD_EPARSE}};
    struct td_table t;
    for (size_t i = 0; i < TD_COUNT(rows); i++) {
        struct td_fail why = {0};
        assert_string_equal(td_magic_name(td_str_of(rows[i].bytes)), rows[i].form);
        assert_int_equal(td_table_load_bytes(&t, td_str_of(rows[i].bytes), "f", NULL, &why),
                         rows[i].err);
        assert_true(strncmp(why.text, "f: ", 3) == 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(csv),
        cmocka_unit_test(workbook),
        cmocka_unit_test(other_forms_are_named),
    };
    return cmocka_run_group_tests_name("store/table", tests, NULL, NULL);
}
