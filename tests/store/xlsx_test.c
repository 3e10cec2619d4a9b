/* tests/store/xlsx_test.c - workbooks made here and real ones: every kind of cell, every refusal, every bound. */
#include "store/xlsx.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/support.h"
#include "support/zip_store.h"
#include "sys/uvworld.h"

static uint8_t archive[1 << 20];
static char seen[8192];

/* One line per cell: "A1 text hello" */
static enum td_err show(void *arg, uint32_t row, const struct td_cell *c)
{
    static const char *const kinds[] = {"empty", "text", "number", "date", "time", "bool", "error"};
    struct td_text *t = arg;
    char when[40];
    td_text_printf(t, "%c%u %s ", 'A' + c->column, row + 1, kinds[c->kind]);
    if (c->kind == TD_CELL_NUMBER) {
        td_text_printf(t, "%.17g", c->number);
    } else if (c->kind == TD_CELL_DATE || c->kind == TD_CELL_TIME) {
        (void)td_iso_print(c->local_ns, when);
        td_text_printf(t, "%.19s", when);
    } else {
        td_text_str(t, c->text);
    }
    td_text_put(t, c->formula ? " formula\n" : "\n");
    return TD_OK;
}

/* The cells of a workbook, or the reason why not. */
static const char *cells_of(struct td_str bytes, size_t sheet, enum td_err *err)
{
    struct td_text t;
    struct td_xlsx *x = NULL;
    struct td_fail why = {0};
    td_text_init(&t, seen, sizeof seen);
    *err = td_xlsx_open_bytes(&x, bytes, "book", &why);
    if (!*err)
        *err = td_xlsx_read(x, sheet, show, &t, &why);
    td_xlsx_close(x);
    if (*err)
        (void)snprintf(seen, sizeof seen, "%s", why.text);
    return seen;
}

static void check(const struct zip_book *book, const char *expected)
{
    enum td_err err;
    assert_string_equal(cells_of(zip_book_make(book, archive, sizeof archive), 0, &err), expected);
    assert_int_equal(err, TD_OK);
}

static void refused(const struct zip_book *book, enum td_err code, const char *expected)
{
    enum td_err err;
    assert_string_equal(cells_of(zip_book_make(book, archive, sizeof archive), 0, &err), expected);
    assert_int_equal(err, code);
}

#define SHEET(rows) "<worksheet><sheetData>" rows "</sheetData></worksheet>"

static void texts(void **state)
{
    (void)state;
    const struct zip_book b = {
        .shared = "<sst><si><t>plain</t></si><si><r><t xml:space=\"preserve\">ri </t></r><r><rPr/>"
                  "<t>ch</t></r><rPh sb=\"0\" eb=\"1\"><t>guide</t></rPh></si><si/>"
                  "<si><t>a_x000A_b_x005F_c_xZZZZ_&amp;</t></si></sst>",
        .sheet =
            SHEET("<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"B1\" t=\"s\"><v>1</v></c>"
                  "<c r=\"C1\" t=\"s\"><v>2</v></c><c r=\"D1\" t=\"s\"><v>3</v></c></row>"
                  "<row r=\"3\"><c r=\"B3\" t=\"inlineStr\"><is><r><t>in</t></r><r><t>line</t>"
                  "</r><rPh><t>x</t></rPh></is></c><c r=\"C3\" t=\"str\"><f>A1</f><v>for</v></c>"
                  "</row>")};
    check(&b, "A1 text plain\nB1 text ri ch\nD1 text a\nb_c_xZZZZ_&\nB3 text inline\n"
              "C3 text for formula\n");
}

static void values(void **state)
{
    (void)state;
    const struct zip_book b = {
        .sheet =
            SHEET("<row><c><v>1</v></c><c><v>-2.5E-3</v></c><c t=\"n\"><v>0.1</v></c></row>"
                  "<row><c t=\"b\"><v>1</v></c><c t=\"b\"><v>0</v></c><c t=\"e\"><v>#N/A</v></c>"
                  "<c><f>1+1</f><v>2</v></c><c><f>NOW()</f></c><c t=\"str\"><v></v></c></row>"
                  "<row><c t=\"d\"><v>2025-07-29T09:30:00</v></c></row>")};
    check(&b, "A1 number 1\nB1 number -0.0025000000000000001\nC1 number 0.10000000000000001\n"
              "A2 bool TRUE\nB2 bool FALSE\nC2 error #N/A\nD2 number 2 formula\n"
              "A3 date 2025-07-29T09:30:00\n");
}

static const char styles[] =
    "<styleSheet><numFmts><numFmt numFmtId=\"164\" formatCode=\"[Red]0.00&quot;d&quot;\\d_m\"/>"
    "<numFmt numFmtId=\"165\" formatCode=\"[$-409]d\\-mmm\\-yy;@\"/><numFmt numFmtId=\"166\" "
    "formatCode=\"[h]:mm:ss\"/><numFmt numFmtId=\"167\" formatCode=\"0;[Red]-0;d\"/></numFmts>"
    "<cellStyleXfs><xf numFmtId=\"14\"/></cellStyleXfs><cellXfs><xf numFmtId=\"0\"/>"
    "<xf numFmtId=\"14\"/><xf numFmtId=\"164\"/><xf numFmtId=\"165\"/><xf numFmtId=\"166\"/>"
    "<xf numFmtId=\"167\"/><xf numFmtId=\"46\"/></cellXfs></styleSheet>";

static void dates(void **state)
{
    (void)state;
    struct zip_book b = {
        .styles = styles,
        .sheet =
            SHEET("<row><c s=\"0\"><v>45867</v></c><c s=\"1\"><v>45867</v></c>"
                  "<c s=\"2\"><v>45867</v></c><c s=\"3\"><v>45867.3958333333</v></c>"
                  "<c s=\"4\"><v>1.5</v></c><c s=\"5\"><v>45867</v></c><c s=\"1\"><v>0.5</v></c>"
                  "<c s=\"1\"><v>59</v></c><c s=\"1\"><v>61</v></c><c s=\"1\"><v>9999999</v></c>"
                  "<c s=\"99\"><v>5</v></c><c s=\"6\"><v>0.25</v></c></row>")};
    check(&b, "A1 number 45867\nB1 date 2025-07-29T00:00:00\nC1 number 45867\n"
              "D1 date 2025-07-29T09:30:00\nE1 time 1970-01-02T12:00:00\nF1 number 45867\n"
              "G1 time 1970-01-01T12:00:00\nH1 date 1900-02-28T00:00:00\n"
              "I1 date 1900-03-01T00:00:00\nJ1 number 9999999\nK1 number 5\n"
              "L1 time 1970-01-01T06:00:00\n");
    b.workbook = "<w:workbook xmlns:w=\"w\" xmlns:r=\"x\"><w:workbookPr date1904=\"1\"/><w:sheets>"
                 "<w:sheet name=\"One\" r:id=\"rId1\"/></w:sheets></w:workbook>";
    b.sheet = SHEET("<row><c s=\"1\"><v>44405</v></c></row>");
    check(&b, "A1 date 2025-07-29T00:00:00\n");
}

static void bad_cells(void **state)
{
    (void)state;
    static const struct {
        const char *sheet, *reason;
    } rows[] = {
        {SHEET("<row><c t=\"s\"><v>9</v></c></row>"),
         "row 1 column 1: \"9\" is no value of its type"},
        {SHEET("<row/><row><c/><c><v>1x</v></c></row>"),
         "row 2 column 2: \"1x\" is no value of its type"},
        {SHEET("<row><c><v>inf</v></c></row>"), "row 1 column 1: \"inf\" is no value of its type"},
        {SHEET("<row><c t=\"b\"><v>7</v></c></row>"),
         "row 1 column 1: \"7\" is no value of its type"},
        {SHEET("<row><c t=\"zz\"><v>7</v></c></row>"),
         "row 1 column 1: \"7\" is no value of its type"},
        {SHEET("<row r=\"0\"/>"), "\"0\" is no row"},
        {SHEET("<row r=\"5\"/><row r=\"5\"/>"), "row 5 is out of order or past the last one"},
        {SHEET("<row r=\"1048577\"/>"), "row 1048577 is out of order or past the last one"},
        {SHEET("<row r=\"2\"><c r=\"A1\"/></row>"), "\"A1\" is no cell of row 2"},
        {SHEET("<row r=\"2\"><c r=\"XFE2\"/></row>"), "\"XFE2\" is no cell of row 2"},
        {SHEET("<row r=\"2\"><c r=\"B2\"/><c r=\"A2\"/></row>"),
         "row 2: column 1 is out of order or past the last one"},
        {SHEET("<row><c s=\"70000\"><v>1</v></c></row>"), "\"70000\" is no cell format"},
        {"<!DOCTYPE x [<!ENTITY a \"b\">]><worksheet/>", "a document type; workbooks have none"},
        {"<worksheet><sheetData>", "no element found"},
    };
    for (size_t i = 0; i < TD_COUNT(rows); i++) {
        const struct zip_book b = {.sheet = rows[i].sheet};
        char expected[200];
        (void)snprintf(expected, sizeof expected, "book: xl/worksheets/sheet1.xml line 1: %s",
                       rows[i].reason);
        refused(&b, TD_EPARSE, expected);
    }
}

static void bad_books(void **state)
{
    (void)state;
    enum td_err err;
    struct zip_book b = {.workbook = "<workbook/>"};
    refused(&b, TD_EPARSE, "book: a workbook without sheets");
    b = (struct zip_book){.relations = "<Relationships/>"};
    refused(&b, TD_EPARSE, "book: a workbook without sheets");
    assert_string_equal(cells_of(td_str_of("hello"), 0, &err),
                        "book: not a workbook (no zip archive at byte 0)");
    assert_int_equal(err, TD_EPARSE);
    (void)cells_of(td_str_of("\xd0\xcf\x11\xe0....."), 0, &err);
    assert_int_equal(err, TD_EUNSUP);
    b = (struct zip_book){0};
    (void)cells_of(zip_book_make(&b, archive, sizeof archive), 3, &err);
    assert_int_equal(err, TD_ENOENT);
    const struct td_str whole = zip_book_make(&b, archive, sizeof archive);
    for (size_t n = 0; n < whole.len; n++) { /* cut anywhere: refused, never read past the end */
        uint8_t *cut = td_guard_copy(whole.p, n);
        (void)cells_of((struct td_str){(const char *)cut, n}, 0, &err);
        assert_int_not_equal(err, TD_OK);
        td_guard_free(cut, n);
    }
}

static void deep_and_long_texts_are_refused(void **state)
{
    (void)state;
    static char xml[400000];
    struct td_text t;
    struct zip_book b = {.sheet = xml};
    td_text_init(&t, xml, sizeof xml);
    for (int i = 0; i < 70; i++)
        td_text_put(&t, "<a>");
    refused(&b, TD_ERANGE, "book: xl/worksheets/sheet1.xml line 1: elements nest deeper than 64");
    td_text_reset(&t);
    td_text_put(&t, "<worksheet><sheetData><row><c><v>");
    for (int i = 0; i < 300000; i++)
        td_text_char(&t, '1');
    refused(&b, TD_ERANGE,
            "book: xl/worksheets/sheet1.xml line 1: a text of more than 262144 bytes");
}

/* ---- real workbooks ---- */

struct totals {
    size_t cells, dates, texts, numbers;
    double sum;
    char first_date[16];
};

static enum td_err add_up(void *arg, uint32_t row, const struct td_cell *c)
{
    struct totals *t = arg;
    (void)row;
    t->cells++;
    t->texts += c->kind == TD_CELL_TEXT;
    t->numbers += c->kind == TD_CELL_NUMBER;
    if (c->kind == TD_CELL_NUMBER)
        t->sum += c->number;
    if (c->kind == TD_CELL_DATE && t->dates++ == 0)
        (void)td_date_print(c->local_ns / TD_DAY, t->first_date);
    return TD_OK;
}

static void real_workbooks(void **state)
{
    (void)state;
    const char *path = td_test_data("xlsx/stock-indicators/Sma.Calc.xlsx");
    struct td_world world;
    struct td_xlsx *x = NULL;
    struct totals t = {0};
    if (!path)
        td_skip_data("xlsx/stock-indicators/Sma.Calc.xlsx");
    TD_OK_OR_FAIL(td_uvworld_open(&world, false, NULL));
    TD_OK_OR_FAIL(td_xlsx_open(&x, &world, path, NULL));
    assert_int_equal(td_xlsx_sheets(x), 2);
    assert_string_equal(td_xlsx_sheet_name(x, 1), "SMA - Volume");
    assert_int_equal(td_xlsx_sheet_find(x, "SMA - Close"), 0);
    TD_OK_OR_FAIL(td_xlsx_read(x, 0, add_up, &t, NULL));
    assert_int_equal(t.dates, 502); /* SPY, 2017 and 2018 */
    assert_string_equal(t.first_date, "2017-01-03");
    assert_int_equal(td_xlsx_uncached(x), 0);
    td_xlsx_close(x);
    td_uvworld_close(&world);
}

/* ---- numbers ---- */

static void numbers(void **state)
{
    (void)state;
    static const char *const good[] = {"0",
                                       "-0",
                                       "1",
                                       "0.1",
                                       "1e22",
                                       "123456789012345678901234567890",
                                       "1.5e3",
                                       "+2.5",
                                       "1.",
                                       ".5",
                                       "5e-324",
                                       "1.7976931348623157E308",
                                       "0.30000000000000004",
                                       "9007199254740993",
                                       "-1.2345678901234567e-5"};
    static const char *const bad[] = {"",     "-",   ".",   "1e",    "x",   "1 ",
                                      "0x10", "inf", "nan", "1e999", "1,5", "--1"};
    double v;
    for (size_t i = 0; i < TD_COUNT(good); i++) {
        double expected;
        assert_int_equal(sscanf(good[i], "%lf", &expected), 1);
        assert_true(td_double_parse(td_str_of(good[i]), &v));
        assert_memory_equal(&v, &expected, sizeof v);
    }
    for (size_t i = 0; i < TD_COUNT(bad); i++)
        assert_false(td_double_parse(td_str_of(bad[i]), &v));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts),          cmocka_unit_test(values),
        cmocka_unit_test(dates),          cmocka_unit_test(bad_cells),
        cmocka_unit_test(bad_books),      cmocka_unit_test(deep_and_long_texts_are_refused),
        cmocka_unit_test(real_workbooks),
    };
    const struct CMUnitTest always[] = {cmocka_unit_test(numbers)};
    const int failed = cmocka_run_group_tests_name("store/xlsx numbers", always, NULL, NULL);
#ifdef TD_WITH_XLSX
    return failed + cmocka_run_group_tests_name("store/xlsx", tests, NULL, NULL);
#else
    (void)tests;
    return failed;
#endif
}
