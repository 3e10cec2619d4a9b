/* bench/list_bench.c - seconds from the bytes of a trade list of 100,000 rows to its tasks, as CSV and as a workbook.
 *
 * The list: three columns, 700 tickers, 900 days, every row once. The workbook has shared texts and dates by format and
 * is stored without compression, so that the reader is measured and not libzip. The yardstick is one second.
 */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench_row.h"
#include "store/tradelist.h"
#include "tests/support/zip_store.h"

enum { ROWS = 100000, RUNS = 5, BYTES = 32 << 20 };

static void put_ticker(struct td_text *t, int i)
{
    td_text_printf(t, "%c%c%c", 'A' + i % 26, 'A' + i / 26 % 26, 'A' + i / 676 % 26);
}

static void make_csv(struct td_text *t)
{
    char day[16];
    td_text_put(t, "Ticker,Date,Note\n");
    for (int i = 0; i < ROWS; i++) {
        put_ticker(t, i % 700);
        (void)td_date_print(19000 + i / 111, day);
        td_text_printf(t, ",%s,row %d\n", day, i);
    }
}

static struct td_str make_workbook(uint8_t *out)
{
    static char shared[1 << 16], sheet[BYTES];
    struct td_text s, t;
    const struct zip_book book = {
        .shared = shared,
        .sheet = sheet,
        .styles = "<styleSheet><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/></cellXfs>"
                  "</styleSheet>"};
    td_text_init(&s, shared, sizeof shared);
    td_text_init(&t, sheet, sizeof sheet);
    td_text_put(&s, "<sst><si><t>Ticker</t></si><si><t>Date</t></si><si><t>Note</t></si>");
    for (int i = 0; i < 700; i++) {
        td_text_put(&s, "<si><t>");
        put_ticker(&s, i);
        td_text_put(&s, "</t></si>");
    }
    td_text_put(&s, "</sst>");
    td_text_put(&t, "<worksheet><sheetData><row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c "
                    "r=\"B1\" t=\"s\"><v>1</v></c><c r=\"C1\" t=\"s\"><v>2</v></c></row>");
    for (int i = 0; i < ROWS; i++)
        td_text_printf(&t,
                       "<row r=\"%d\"><c r=\"A%d\" t=\"s\"><v>%d</v></c><c r=\"B%d\" s=\"1\"><v>%d"
                       "</v></c><c r=\"C%d\"><v>%d.5</v></c></row>",
                       i + 2, i + 2, 3 + i % 700, i + 2, 44569 + i / 111, i + 2, i);
    td_text_put(&t, "</sheetData></worksheet>");
    TD_REQUIRE(!td_text_full(&s) && !td_text_full(&t));
    return zip_book_make(&book, out, BYTES);
}

static double read_list(struct td_str bytes)
{
    struct td_table table;
    struct td_tradelist list;
    struct td_fail why = {0};
    const double start = bench_seconds();
    if (td_table_load_bytes(&table, bytes, "list", NULL, &why) != TD_OK ||
        td_tradelist_read(&list, &table, TD_LIST_TRADES, "list", &why) != TD_OK) {
        (void)fprintf(stderr, "list_bench: %s\n", why.text);
        exit(1);
    }
    const double took = bench_seconds() - start;
    TD_REQUIRE(list.count == ROWS);
    td_tradelist_fini(&list);
    td_table_fini(&table);
    return took;
}

static void measure(const char *name, struct td_str bytes)
{
    double took[RUNS];
    for (int i = 0; i < RUNS; i++)
        took[i] = read_list(bytes);
    const double median = bench_quantile(took, RUNS, 0.5);
    (void)printf("%s: %.3f s (%zu bytes)\n", name, median, bytes.len);
    bench_row(&(struct bench_row){.name = name,
                                  .value = median,
                                  .unit = "s",
                                  .yardstick = "one second",
                                  .ratio = 1 / median,
                                  .note = "100,000 rows, three columns; one core, median of 5"});
}

int main(void)
{
    static char csv[BYTES];
    static uint8_t archive[BYTES];
    struct td_text t;
    td_text_init(&t, csv, sizeof csv);
    make_csv(&t);
    measure("trade list of 100,000 rows, CSV", (struct td_str){csv, t.len});
#ifdef TD_WITH_XLSX
    measure("trade list of 100,000 rows, workbook", make_workbook(archive));
#else
    (void)archive;
    (void)make_workbook;
#endif
    return 0;
}
