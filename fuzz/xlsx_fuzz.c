/* fuzz/xlsx_fuzz.c - any bytes as a workbook, or as one part of a sound one: read or refused with one line, cells in order.
 *
 * Bytes that begin with "PK" are the whole archive. Else the first byte chooses the part that the rest replaces. */
#include <stdlib.h>
#include <string.h>

#include "store/xlsx.h"
#include "tests/support/zip_store.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct order {
    int64_t row, column;
};

static enum td_err check_order(void *arg, uint32_t row, const struct td_cell *c)
{
    struct order *o = arg;
    TD_REQUIRE((int64_t)row > o->row || ((int64_t)row == o->row && c->column > o->column));
    TD_REQUIRE(row < TD_XLSX_ROWS_MAX && c->column < TD_XLSX_COLUMNS_MAX);
    TD_REQUIRE(c->kind != TD_CELL_EMPTY && (c->text.len == 0 || c->text.p));
    *o = (struct order){row, c->column};
    return TD_OK;
}

static struct td_str make_book(const uint8_t *data, size_t size, char *text, uint8_t *out,
                               size_t cap)
{
    static const char shared[] = "<sst><si><t>a</t></si><si><t>b</t></si></sst>";
    static const char sheet[] = "<worksheet><sheetData><row><c t=\"s\"><v>1</v></c>"
                                "<c s=\"1\"><v>45000.5</v></c></row></sheetData></worksheet>";
    struct zip_book b = {.shared = shared, .sheet = sheet};
    const char **parts[] = {&b.workbook, &b.relations, &b.shared, &b.styles, &b.sheet};
    if (size > 0) {
        memcpy(text, data + 1, size - 1);
        text[size - 1] = '\0';
        *parts[data[0] % TD_COUNT(parts)] = text;
    }
    return zip_book_make(&b, out, cap);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t out[1 << 18];
    static char text[1 << 16];
    struct td_fail why = {0};
    struct td_xlsx *x = NULL;
    struct td_str bytes = {(const char *)data, size};
    if (size > sizeof text)
        return 0;
    if (!td_str_starts(bytes, "PK"))
        bytes = make_book(data, size, text, out, sizeof out);
    enum td_err err = td_xlsx_open_bytes(&x, bytes, "fuzz", &why);
    for (size_t i = 0; !err && i < td_xlsx_sheets(x); i++) {
        struct order o = {-1, -1};
        err = td_xlsx_read(x, i, check_order, &o, &why);
    }
    TD_REQUIRE(err == TD_OK || (why.text[0] && !strchr(why.text, '\n')));
    td_xlsx_close(x);
    return 0;
}
