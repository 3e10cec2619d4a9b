/* tests/store/tradelist_test.c - columns, tickers and days of trade lists, symbol mapping, and the old books. */
#include "store/tradelist.h"

#include <stdio.h>
#include <string.h>

#include "store/symbolmap.h"
#include "store/trackers.h"
#include "support/support.h"

/* "2025-07-29 AAPL|..." of a list, or the reason. */
static const char *tasks_of(const char *csv, enum td_list_kind kind, struct td_tradelist *l)
{
    static char out[2048];
    struct td_table table;
    struct td_fail why = {0};
    struct td_text t;
    char day[16];
    td_text_init(&t, out, sizeof out);
    TD_OK_OR_FAIL(td_table_load_bytes(&table, td_str_of(csv), "list", NULL, NULL));
    if (td_tradelist_read(l, &table, kind, "list", &why) != TD_OK)
        td_text_put(&t, why.text);
    for (size_t i = 0; i < l->count; i++) {
        (void)td_date_print(l->tasks[i].day, day);
        td_text_printf(&t, "%s%s %s", i ? "|" : "", day, l->tasks[i].symbol);
    }
    td_table_fini(&table);
    td_tradelist_fini(l);
    return out;
}

static void columns(void **state)
{
    (void)state;
    struct td_tradelist l;
    assert_string_equal(
        tasks_of("Day,Symbol, TICKER ,Date\n1,X,aapl,2025-07-29\n", TD_LIST_TRADES, &l),
        "2025-07-29 AAPL");
    assert_int_equal(l.symbol.rule, TD_RULE_NAME);
    assert_int_equal(l.symbol.column, 2);
    assert_int_equal(l.date.rule, TD_RULE_NAME);
    assert_string_equal(tasks_of("Note,Sym,Trade_Date\nx,IBM,7/28/2025\n", TD_LIST_TRADES, &l),
                        "2025-07-28 IBM");
    assert_int_equal(l.symbol.rule, TD_RULE_SYNONYM);
    assert_string_equal(l.symbol.head, "Sym");
    assert_string_equal(
        tasks_of("a,b,c\n5,\"Jul 1, 2025\",MSFT\nMany words,2025-07-02,T\n", TD_LIST_TRADES, &l),
        "2025-07-01 MSFT|2025-07-02 T");
    assert_int_equal(l.symbol.rule, TD_RULE_LOOKS);
    assert_int_equal(l.date.column, 1);
    assert_string_equal(
        tasks_of("Stock,Date,DateStr\nGE,2020-01-01,2025-07-03\n", TD_LIST_TRAIN, &l),
        "2025-07-03 GE");
    assert_string_equal(tasks_of("a,b\n1,2\n", TD_LIST_TRADES, &l),
                        "list: no column of days; the headers are: a, b");
    assert_string_equal(tasks_of("a,date\n1,2025-01-02\n", TD_LIST_TRADES, &l),
                        "list: no column of tickers; the headers are: a, date");
    assert_string_equal(tasks_of("", TD_LIST_TRADES, &l), "list: an empty list, without headers");
}

static void rows_once_and_in_order(void **state)
{
    (void)state;
    struct td_tradelist l;
    assert_string_equal(
        tasks_of("ticker,date\nTSLA,2025-07-29\nbrk.b,2025-07-29\nAAPL,2025-07-30\n,\n"
                 "BRK/B,07/29/2025\nnan,2025-07-29\nAAPL,never\nTOOLONGX,2025-07-29\n",
                 TD_LIST_TRADES, &l),
        "2025-07-29 BRK-B|2025-07-29 TSLA|2025-07-30 AAPL");
    assert_int_equal(l.rows, 7);
    assert_int_equal(l.usable, 4);
    assert_int_equal(l.bad_symbol, 2);
    assert_int_equal(l.bad_date, 1);
    assert_int_equal(l.sample_count, 5);
    assert_string_equal(l.samples[1].symbol, "brk.b");
}

static void tickers(void **state)
{
    (void)state;
    static const char *const bad[] = {"",   " ",     "NaN", "NaT",      "na",  "None", "null",
                                      "1A", "AB CD", "-A",  "ABCDEFGH", "A_B", "Ä"};
    static const char *const good[][2] = {
        {"a", "A"},       {" spy ", "SPY"},       {"BRK.B", "BRK-B"},
        {"BF/A", "BF-A"}, {"A1234-6", "A1234-6"}, {"true", "TRUE"}};
    char out[TD_TICKER_CHARS];
    for (size_t i = 0; i < TD_COUNT(bad); i++)
        assert_false(td_ticker_parse(td_str_of(bad[i]), out));
    for (size_t i = 0; i < TD_COUNT(good); i++) {
        assert_true(td_ticker_parse(td_str_of(good[i][0]), out));
        assert_string_equal(out, good[i][1]);
    }
}

static void days(void **state)
{
    (void)state;
    static const char *const good[] = {"2025-07-09",
                                       "2025-07-09T23:59:59-04:00",
                                       "2025-07-09 09:30:00",
                                       "20250709",
                                       "2025/7/9",
                                       "7/9/2025",
                                       "7/9/25",
                                       "07-09-2025",
                                       "7/9/2025 9:30 AM",
                                       "9.7.2025",
                                       "09.07.25",
                                       "Jul 9, 2025",
                                       "July 9 2025",
                                       "9-Jul-2025",
                                       "9 Jul 25",
                                       "Wed, Jul 9th, 2025",
                                       " 2025-7-9 ",
                                       "2025 July 9"};
    static const char *const bad[] = {
        "",        "never", "2025-13-01",       "2025-02-30", "13/13/2025", "1/2",
        "9:30:00", "2025",  "1850-01-01",       "2025-07",    "Jul 2025x",  "12345",
        "45867",   "July",  "July July 9 2025", "1/2/3/4a5b", "99999999999"};
    int64_t day, expected;
    TD_OK_OR_FAIL(td_date_parse("2025-07-09", 10, &expected));
    for (size_t i = 0; i < TD_COUNT(good); i++) {
        day = 0;
        if (!td_day_parse(td_str_of(good[i]), &day) || day != expected)
            fail_msg("%s: day %lld", good[i], (long long)day);
    }
    for (size_t i = 0; i < TD_COUNT(bad); i++)
        if (td_day_parse(td_str_of(bad[i]), &day) && strcmp(bad[i], "1/2/3/4a5b") != 0)
            fail_msg("%s: is a day", bad[i]);
    assert_true(td_day_parse(td_str_of("31/12/1999"), &day));
    const struct td_cell serial = {
        .kind = TD_CELL_NUMBER, .number = 45847, .text = td_str_of("45847")};
    assert_true(td_day_of_cell(&serial, &day) && day == expected);
    const struct td_cell compact = {
        .kind = TD_CELL_NUMBER, .number = 20250709, .text = td_str_of("20250709")};
    assert_true(td_day_of_cell(&compact, &day) && day == expected);
    const struct td_cell small = {.kind = TD_CELL_NUMBER, .number = 12, .text = td_str_of("12")};
    assert_false(td_day_of_cell(&small, &day));
}

static void symbol_mapping(void **state)
{
    (void)state;
    static struct td_symbolmap m;
    td_symbolmap_parse(&m,
                       td_str_of("{\"BRK-B\":\"BRK.B\",\"ES\":{\"symbol\":\"ESU5\",\"dataset\":"
                                 "\"nasdaq.itch\",\"schema\":\"mbo\"},\"AAPL\":\"AAPL\",\"X\":5,"
                                 "\"GE\":{\"dataset\":\"NYSE.PILLAR\"}}"),
                       "map.json");
    assert_string_equal(td_symbolmap_symbol(&m, "BRK-B"), "BRK.B");
    assert_string_equal(td_symbolmap_symbol(&m, "ES"), "ESU5");
    assert_string_equal(td_symbolmap_find(&m, "ES")->dataset, "XNAS.ITCH");
    assert_string_equal(td_symbolmap_find(&m, "ES")->schema, "mbo");
    assert_string_equal(td_symbolmap_find(&m, "GE")->dataset, "XNYS.PILLAR");
    assert_string_equal(td_symbolmap_symbol(&m, "GE"), "GE");
    assert_string_equal(td_symbolmap_symbol(&m, "MSFT"), "MSFT");
    assert_int_equal(m.warnings, 2);
    assert_string_equal(
        m.warning, "map.json: AAPL: maps to itself; remove the line or name the vendor's symbol");
    td_symbolmap_parse(&m, td_str_of("[1]"), "map.json");
    assert_string_equal(m.warning, "map.json: not a JSON object; every symbol maps to itself");
    assert_string_equal(td_symbolmap_symbol(&m, "BRK-B"), "BRK-B");
    assert_string_equal(td_dataset_name("GLBX.MDP3"), "GLBX.MDP3");
}

/* ---- the old books ---- */

static enum td_err show(void *arg, const struct td_track *k)
{
    static const char *const names[] = {"gone", "failed", "comment", "earliest", "range", "held"};
    char from[16] = "-", to[16] = "-";
    if (k->from != INT64_MIN && k->from)
        (void)td_date_print(k->from, from);
    if (k->to != INT64_MIN && k->to)
        (void)td_date_print(k->to, to);
    td_text_printf(arg, "%s %s %s %s %s %.*s\n", names[k->what], k->symbol,
                   k->bar_size[0] ? k->bar_size : "-", from, to, TD_STR_ARG(k->comment));
    return TD_OK;
}

static void check_book(const char *file, const char *csv, size_t bad, const char *expected)
{
    char out[1024];
    struct td_text t;
    struct td_table table;
    struct td_track_counts counts;
    enum td_tracker kind;
    td_text_init(&t, out, sizeof out);
    assert_true(td_tracker_of(file, &kind));
    TD_OK_OR_FAIL(td_table_load_bytes(&table, td_str_of(csv), file, NULL, NULL));
    TD_OK_OR_FAIL(td_tracker_read(&table, kind, show, &t, &counts));
    assert_string_equal(out, expected);
    assert_int_equal(counts.bad, bad);
    td_table_fini(&table);
}

static void old_books(void **state)
{
    (void)state;
    enum td_tracker kind;
    check_book("/d/IB Failed Stocks.xlsx",
               "Stock,NonExistent,1 min-LatestFailed,Date0,Comment0,Date1,Comment1\n"
               "ABC,Yes,,,,,\nXYZ,,2025-07-01,2025-07-02,no data,soon,later\n?,,,,,,\n",
               2,
               "gone ABC - - - \nfailed XYZ 1 min 2025-07-01 - \ncomment XYZ - 2025-07-02 - no "
               "data\n");
    check_book("IB Downloadable Stocks.xlsx",
               ",EarliestAvailBar,1 hour-StartDate,1 hour-EndDate\nABC,2001-01-02,2024-01-03,\n", 0,
               "earliest ABC - 2001-01-02 - \nrange ABC 1 hour 2024-01-03 - \n");
    check_book("downloaded_stocks.csv", ",1 min,1 sec\n2025-07-29-BRK.B,Yes,\nnonsense,Yes,Yes\n",
               1, "held BRK-B 1 min 2025-07-29 - \n");
    assert_false(td_tracker_of("WarriorTrading_Trades.xlsx", &kind));
}

static void symbols_alone(void **state)
{
    (void)state;
    static const struct {
        const char *text, *wanted;
        size_t bad;
    } rows[] = {
        {"Price,Ticker\n5,spy\n6,BRK.B\n7,SPY\n8,?\n", "BRK-B SPY ", 1},
        {"# mine, and yours\nMSFT\n aapl # Apple\n\n#T\n123\n", "AAPL MSFT ", 1},
        {"Name,When\nXYZ,2025-07-01\nABC,2025-07-02\n", "ABC XYZ ", 0},
        {"TSLA\n", "TSLA ", 0},
    };
    struct td_tradelist l;
    struct td_table table;
    struct td_fail why = {0};
    for (size_t i = 0; i < TD_COUNT(rows); i++) {
        char got[100] = "";
        TD_OK_OR_FAIL(td_table_load_bytes(&table, td_str_of(rows[i].text), "list", NULL, NULL));
        TD_OK_OR_FAIL(td_tradelist_symbols(&l, &table, 77, "list", &why));
        for (size_t k = 0; k < l.count; k++) {
            assert_int_equal(l.tasks[k].day, 77);
            const size_t len = strlen(got);
            (void)snprintf(got + len, sizeof got - len, "%s ", l.tasks[k].symbol);
        }
        assert_string_equal(got, rows[i].wanted);
        assert_int_equal(l.bad_symbol, rows[i].bad);
        td_tradelist_fini(&l);
        td_table_fini(&table);
    }
    TD_OK_OR_FAIL(td_table_load_bytes(&table, td_str_of("1,2\n3,4\n"), "list", NULL, NULL));
    assert_int_equal(td_tradelist_symbols(&l, &table, 0, "list", &why), TD_EPARSE);
    td_table_fini(&table);
    TD_OK_OR_FAIL(td_table_load_bytes(&table, td_str_of("symbol\n?\n"), "list", NULL, NULL));
    assert_int_equal(td_tradelist_symbols(&l, &table, 0, "list", &why), TD_ENODATA);
    td_table_fini(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns),        cmocka_unit_test(rows_once_and_in_order),
        cmocka_unit_test(tickers),        cmocka_unit_test(days),
        cmocka_unit_test(symbol_mapping), cmocka_unit_test(old_books),
        cmocka_unit_test(symbols_alone),
    };
    return cmocka_run_group_tests_name("store/tradelist", tests, NULL, NULL);
}
