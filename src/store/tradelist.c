/* store/tradelist.c - which columns, which rows, and each (symbol, day) once. */
#include "store/tradelist.h"

#include <stdlib.h>
#include <string.h>

static const char *const rule_names[] = {"none", "name", "synonym", "looks"};

const char *td_list_rule_name(enum td_list_rule rule)
{
    return rule_names[rule];
}

/* Headers by rank: the first of a list wins, the others are synonyms. NULL ends a list. */
struct heads {
    const char *const *symbol;
    const char *const *date;
};

static const char *const trade_symbols[] = {"ticker",     "symbol", "sym",           "stock",
                                            "instrument", "code",   "ticker symbol", NULL};
static const char *const trade_dates[] = {
    "date",          "trading_day", "trading day", "trade_date", "execution_date",
    "date executed", "exec_date",   "day",         NULL};
static const char *const train_symbols[] = {"stock",      "ticker", "symbol",        "sym",
                                            "instrument", "code",   "ticker symbol", NULL};
static const char *const train_dates[] = {
    "datestr",        "date",          "trading_day", "trading day", "trade_date",
    "execution_date", "date executed", "exec_date",   "day",         NULL};

static const struct heads heads_of[] = {
    [TD_LIST_TRADES] = {trade_symbols, trade_dates},
    [TD_LIST_TRAIN] = {train_symbols, train_dates},
};

static bool same_word(struct td_str a, const char *b)
{
    a = td_str_trim(a);
    if (a.len != strlen(b))
        return false;
    for (size_t i = 0; i < a.len; i++) {
        const char x = a.p[i] >= 'A' && a.p[i] <= 'Z' ? (char)(a.p[i] + 32) : a.p[i];
        const char y = b[i] >= 'A' && b[i] <= 'Z' ? (char)(b[i] + 32) : b[i];
        if (x != y)
            return false;
    }
    return true;
}

int td_table_head(const struct td_table *table, const char *name)
{
    for (size_t c = 0; c < table->columns; c++)
        if (same_word(td_table_at(table, 0, c)->text, name))
            return (int)c;
    return -1;
}

static bool by_name(const struct td_table *t, const char *const *names, struct td_list_column *out)
{
    for (size_t i = 0; names[i]; i++) {
        const int c = td_table_head(t, names[i]);
        if (c < 0)
            continue;
        out->column = (size_t)c;
        out->rule = i == 0 ? TD_RULE_NAME : TD_RULE_SYNONYM;
        return true;
    }
    return false;
}

typedef bool looks_fn(const struct td_cell *cell);

static bool looks_ticker(const struct td_cell *cell)
{
    char ticker[TD_TICKER_CHARS];
    int64_t day;
    return (cell->kind == TD_CELL_TEXT || cell->kind == TD_CELL_BOOL) &&
           td_ticker_parse(cell->text, ticker) && !td_day_parse(cell->text, &day);
}

static bool looks_day(const struct td_cell *cell)
{
    int64_t day;
    return td_day_of_cell(cell, &day);
}

/* The column with most hits among its first values; the leftmost of equals, never `taken`. */
static bool by_looks(const struct td_table *t, looks_fn *looks, int taken,
                     struct td_list_column *out)
{
    size_t best = 0;
    for (size_t c = 0; c < t->columns && c < 256; c++) {
        size_t hits = 0;
        for (size_t r = 1; r < t->rows && r <= TD_LIST_LOOK_ROWS; r++)
            hits += looks(td_table_at(t, r, c));
        if ((int)c == taken || hits <= best)
            continue;
        best = hits;
        *out = (struct td_list_column){.column = c, .rule = TD_RULE_LOOKS};
    }
    return best > 0;
}

static enum td_err no_column(const struct td_table *t, const char *name, const char *what,
                             struct td_fail *why)
{
    char list[240];
    struct td_text text;
    td_text_init(&text, list, sizeof list);
    for (size_t c = 0; c < t->columns && !td_text_full(&text); c++)
        td_text_printf(&text, "%s%.*s", c ? ", " : "", TD_STR_ARG(td_table_at(t, 0, c)->text));
    return td_fail_set(why, TD_EPARSE, "%s: no column of %s; the headers are: %s", name, what,
                       list);
}

static enum td_err choose_columns(struct td_tradelist *l, const struct td_table *t,
                                  enum td_list_kind kind, const char *name, struct td_fail *why)
{
    const struct heads *h = &heads_of[kind];
    const bool symbol = by_name(t, h->symbol, &l->symbol);
    if (!by_name(t, h->date, &l->date) &&
        !by_looks(t, looks_day, symbol ? (int)l->symbol.column : -1, &l->date))
        return no_column(t, name, "days", why);
    if (!symbol && !by_looks(t, looks_ticker, (int)l->date.column, &l->symbol))
        return no_column(t, name, "tickers", why);
    (void)td_str_copy(td_table_at(t, 0, l->symbol.column)->text, l->symbol.head,
                      sizeof l->symbol.head);
    (void)td_str_copy(td_table_at(t, 0, l->date.column)->text, l->date.head, sizeof l->date.head);
    return TD_OK;
}

static void keep_sample(struct td_tradelist *l, const struct td_cell *symbol,
                        const struct td_cell *date)
{
    if (l->sample_count == TD_LIST_SAMPLES)
        return;
    struct td_list_sample *s = &l->samples[l->sample_count++];
    (void)td_str_copy(symbol->text, s->symbol, sizeof s->symbol);
    (void)td_str_copy(date->text, s->day, sizeof s->day);
}

static void read_rows(struct td_tradelist *l, const struct td_table *t)
{
    for (size_t r = 1; r < t->rows; r++) {
        const struct td_cell *symbol = td_table_at(t, r, l->symbol.column),
                             *date = td_table_at(t, r, l->date.column);
        struct td_task *task = &l->tasks[l->count];
        if (symbol->kind == TD_CELL_EMPTY && date->kind == TD_CELL_EMPTY)
            continue;
        l->rows++;
        keep_sample(l, symbol, date);
        if (symbol->kind == TD_CELL_ERROR || !td_ticker_parse(symbol->text, task->symbol))
            l->bad_symbol++;
        else if (!td_day_of_cell(date, &task->day))
            l->bad_date++;
        else
            l->count++;
    }
    l->usable = l->count;
    l->count = td_tasks_sort(l->tasks, l->count);
}

static int order(const void *a, const void *b)
{
    const struct td_task *x = a, *y = b;
    return x->day != y->day ? (x->day > y->day) - (x->day < y->day) : strcmp(x->symbol, y->symbol);
}

size_t td_tasks_sort(struct td_task *tasks, size_t count)
{
    size_t kept = 0;
    if (count == 0)
        return 0;
    qsort(tasks, count, sizeof *tasks, order);
    for (size_t i = 1; i < count; i++)
        if (order(&tasks[kept], &tasks[i]) != 0)
            tasks[++kept] = tasks[i];
    return kept + 1;
}

enum td_err td_tradelist_read(struct td_tradelist *l, const struct td_table *table,
                              enum td_list_kind kind, const char *name, struct td_fail *why)
{
    *l = (struct td_tradelist){0};
    if (table->rows == 0)
        return td_fail_set(why, TD_EPARSE, "%s: an empty list, without headers", name);
    const enum td_err err = choose_columns(l, table, kind, name, why);
    if (err)
        return err;
    l->tasks = calloc(table->rows, sizeof *l->tasks);
    if (!l->tasks)
        return td_fail_set(why, TD_ENOMEM, "%s: out of memory", name);
    read_rows(l, table);
    return TD_OK;
}

static bool is_remark(const struct td_table *t, size_t row)
{
    return td_str_starts(td_str_trim(td_table_at(t, row, 0)->text), "#");
}

/* One symbol per line, whatever the remarks hold. */
static bool is_plain(const struct td_table *t)
{
    for (size_t r = 0; r < t->rows; r++)
        for (size_t c = 1; c < t->columns && !is_remark(t, r); c++)
            if (td_table_at(t, r, c)->kind != TD_CELL_EMPTY)
                return false;
    return true;
}

/* The column of tickers, and the first row of it: a list of one column has no header unless a known one. */
static bool symbol_column(const struct td_table *t, struct td_list_column *out, size_t *first)
{
    *first = 1;
    if (by_name(t, heads_of[TD_LIST_TRADES].symbol, out))
        return true;
    if (!is_plain(t))
        return by_looks(t, looks_ticker, -1, out);
    *first = 0;
    *out = (struct td_list_column){.column = 0, .rule = TD_RULE_LOOKS};
    return t->rows > 0;
}

enum td_err td_tradelist_symbols(struct td_tradelist *l, const struct td_table *table, int64_t day,
                                 const char *name, struct td_fail *why)
{
    size_t first;
    *l = (struct td_tradelist){0};
    if (!symbol_column(table, &l->symbol, &first))
        return no_column(table, name, "tickers", why);
    l->tasks = calloc(table->rows, sizeof *l->tasks);
    if (!l->tasks)
        return td_fail_set(why, TD_ENOMEM, "%s: out of memory", name);
    for (size_t r = first; r < table->rows; r++) {
        const struct td_cell *cell = td_table_at(table, r, l->symbol.column);
        struct td_str text = cell->text, word;
        if (cell->kind == TD_CELL_EMPTY || is_remark(table, r))
            continue;
        l->rows++;
        l->tasks[l->count].day = day;
        if (cell->kind != TD_CELL_ERROR && td_str_split(&text, '#', &word) &&
            td_ticker_parse(word, l->tasks[l->count].symbol))
            l->count++;
        else
            l->bad_symbol++;
    }
    l->usable = l->count;
    l->count = td_tasks_sort(l->tasks, l->count);
    if (l->count)
        return TD_OK;
    td_tradelist_fini(l);
    return td_fail_set(why, TD_ENODATA, "%s: no symbol in it", name);
}

void td_tradelist_fini(struct td_tradelist *l)
{
    free(l->tasks);
    l->tasks = NULL;
    l->count = 0;
}
