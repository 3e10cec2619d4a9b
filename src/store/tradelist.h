/* store/tradelist.h - trade lists: which symbols were traded on which days, from CSV or a workbook.
 *
 * The first row has the headers. Columns `ticker` and `date` win; else the first synonym (symbol, sym, stock, ...;
 * trading_day, execution_date, ...); else the column whose first 20 values look most like tickers, or days. Rows
 * without both are skipped and counted. Each (symbol, day) comes out once, ordered by day, then symbol.
 *
 * Owner: the caller, until td_tradelist_fini. Days are days since 1970-01-01 of the exchange's day.
 * Source: the external behaviour contracts, 4.10 (docs/history.md).
 */
#ifndef TD_STORE_TRADELIST_H
#define TD_STORE_TRADELIST_H

#include "store/table.h"

#define TD_TICKER_CHARS   8 /* a letter, up to 6 more, NUL */
#define TD_LIST_SAMPLES   5
#define TD_LIST_HEAD_MAX  64
#define TD_LIST_LOOK_ROWS 20

/* A symbol on a day of the exchange. */
struct td_task {
    int64_t day;
    char symbol[TD_TICKER_CHARS];
};

enum td_list_kind {
    TD_LIST_TRADES, /* WarriorTrading_Trades */
    TD_LIST_TRAIN,  /* Train_List-<kind>: columns Stock and DateStr first */
};

enum td_list_rule { TD_RULE_NONE, TD_RULE_NAME, TD_RULE_SYNONYM, TD_RULE_LOOKS };
/* "none", "name", "synonym", "looks". */
const char *td_list_rule_name(enum td_list_rule rule);

struct td_list_column {
    size_t column;
    enum td_list_rule rule;
    char head[TD_LIST_HEAD_MAX]; /* as the file has it */
};

struct td_list_sample {
    char symbol[32], day[32]; /* as the file has them */
};

struct td_tradelist {
    struct td_task *tasks;
    size_t count;
    struct td_list_column symbol, date;
    size_t rows;       /* below the header */
    size_t usable;     /* with symbol and day, before de-duplication */
    size_t bad_symbol; /* no ticker in the column */
    size_t bad_date;   /* a ticker without a day */
    struct td_list_sample samples[TD_LIST_SAMPLES];
    size_t sample_count;
};

/* TD_EPARSE: no column looks like a ticker, or a day; the reason names the headers. TD_ENOMEM. */
TD_MUST_CHECK enum td_err td_tradelist_read(struct td_tradelist *l, const struct td_table *table,
                                            enum td_list_kind kind, const char *name,
                                            struct td_fail *why);
/* A list of symbols alone, each once, as tasks of `day`: a column as above, or without a header one symbol per line ('#'
 * begins a remark). TD_EPARSE: no column of tickers; TD_ENODATA: a list without any. */
TD_MUST_CHECK enum td_err td_tradelist_symbols(struct td_tradelist *l, const struct td_table *table,
                                               int64_t day, const char *name, struct td_fail *why);
void td_tradelist_fini(struct td_tradelist *l); /* accepts a zeroed one and a second call */

/* Sorts by day, then symbol, and keeps one of each. Returns how many are left. */
size_t td_tasks_sort(struct td_task *tasks, size_t count);

/* Upper case, trimmed, '/' and '.' as '-': a letter and up to six of letters, digits and '-'. NAN, NAT, NA, NONE and
 * NULL are no tickers. */
bool td_ticker_parse(struct td_str text, char out[TD_TICKER_CHARS]);

/* The day a text begins with, 1970 to 2199; a time behind it is left out. YYYY-MM-DD, YYYY/M/D, YYYYMMDD, M/D/YYYY and
 * M-D-YY (day first when the first number is past 12, or between dots), Jul 29, 2025, 29-Jul-2025, Tue Jul 29 2025. */
bool td_day_parse(struct td_str text, int64_t *day);
/* The same of a cell: a date, a text, or a number that is a serial (20,000..80,000) or YYYYMMDD. */
bool td_day_of_cell(const struct td_cell *cell, int64_t *day);

/* Column of the first header equal to `name` in any case, trimmed; -1 when there is none. */
int td_table_head(const struct td_table *table, const char *name);

#endif
