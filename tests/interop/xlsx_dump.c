/* tests/interop/xlsx_dump.c - prints the cells of a workbook as JSON lines: sheet, row, column, kind, value. */
#include <stdio.h>

#include "store/xlsx.h"
#include "sys/uvworld.h"
#include "wire/json.h"

static enum td_err print_cell(void *arg, uint32_t row, const struct td_cell *c)
{
    static const char *const kinds[] = {"empty", "text", "number", "date", "time", "bool", "error"};
    static char buf[1 << 20];
    const char *const *sheet = arg;
    struct td_text t;
    struct td_json j;
    td_text_init(&t, buf, sizeof buf);
    td_json_init(&j, &t, false);
    td_json_array(&j);
    td_json_text(&j, *sheet);
    td_json_i64(&j, (int64_t)row + 1);
    td_json_i64(&j, c->column + 1);
    td_json_text(&j, kinds[c->kind]);
    if (c->kind == TD_CELL_NUMBER)
        td_json_double(&j, c->number);
    else if (c->kind == TD_CELL_DATE || c->kind == TD_CELL_TIME)
        td_json_i64(&j, c->local_ns / TD_MS);
    else
        td_json_str(&j, c->text);
    td_json_array_end(&j);
    (void)printf("%s\n", buf);
    return td_text_full(&t) ? TD_EFULL : TD_OK;
}

int main(int argc, char **argv)
{
    struct td_world world = {0};
    struct td_fail why = {0};
    struct td_xlsx *x = NULL;
    if (argc != 2)
        return 2;
    enum td_err err = td_uvworld_open(&world, false, &why);
    if (!err)
        err = td_xlsx_open(&x, &world, argv[1], &why);
    for (size_t i = 0; !err && i < td_xlsx_sheets(x); i++) {
        const char *name = td_xlsx_sheet_name(x, i);
        err = td_xlsx_read(x, i, print_cell, &name, &why);
    }
    if (err)
        (void)fprintf(stderr, "%s\n", why.text);
    td_xlsx_close(x);
    td_uvworld_close(&world);
    return err ? 1 : 0;
}
