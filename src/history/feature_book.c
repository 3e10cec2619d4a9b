/* history/feature_book.c - books and trades as the inputs of features: a row for each instant that has a book. */
#include <math.h>
#include <stdlib.h>

#include "history/feature_book.h"

#define ROWS_FIRST ((size_t)4096)

struct work {
    struct td_feature_table *table;
    const bool *uses;
    bool has_trades;
    struct td_micro micro;
    size_t cap;
};

/* What only trades tell: books alone do not know that there were none. */
static bool is_of_trades(int micro)
{
    static const enum td_micro_id rows[] = {
        TD_MICRO_CANCEL_RATE,     TD_MICRO_TRADE_SIGN,   TD_MICRO_CVD,
        TD_MICRO_FLOW_IMB,        TD_MICRO_TRADE_RATE_1, TD_MICRO_TRADE_RATE_10,
        TD_MICRO_TRADE_RATE_60,   TD_MICRO_EFF_SPREAD,   TD_MICRO_ROLL_SPREAD,
        TD_MICRO_REALISED_SPREAD, TD_MICRO_VPIN,         TD_MICRO_KYLE,
        TD_MICRO_HASBROUCK};
    for (size_t i = 0; i < TD_COUNT(rows); i++)
        if (micro == (int)rows[i])
            return true;
    return false;
}

static bool is_kept(const struct work *w, int input)
{
    return (w->uses[input] && input >= TD_BAR_DEPTH) || input == TD_BAR_CLOSE;
}

static bool grow(void **memory, size_t rows, size_t size)
{
    void *more = realloc(*memory, rows * size);
    *memory = more ? more : *memory;
    return more != NULL;
}

/* Room for one more row, in every column that is kept. */
static enum td_err make_room(struct work *w, struct td_fail *why)
{
    struct td_feature_table *t = w->table;
    if (t->rows < w->cap)
        return TD_OK;
    if (w->cap == TD_FEATURE_ROWS_MAX)
        return td_fail_set(why, TD_ERANGE, "more than %zu books", TD_FEATURE_ROWS_MAX);
    const size_t cap = w->cap ? w->cap * 2 : ROWS_FIRST;
    void *at = t->at;
    bool has = grow(&at, cap, sizeof *t->at);
    t->at = at;
    for (int i = 0; i < TD_BAR_COUNT && has; i++) {
        void *column = t->column[i];
        has = !is_kept(w, i) || grow(&column, cap, sizeof **t->column);
        t->column[i] = column;
    }
    w->cap = has ? cap : w->cap;
    return has ? TD_OK : td_fail_set(why, TD_ENOMEM, "%zu books", cap);
}

static void put_row(struct work *w, size_t row, const struct td_book_event *e)
{
    struct td_feature_table *t = w->table;
    double values[TD_MICRO_COUNT];
    td_micro_values(&w->micro, e->book.at_ns, values);
    t->at[row] = e->book.at_ns;
    t->column[TD_BAR_CLOSE][row] = values[TD_MICRO_MID];
    if (t->column[TD_BAR_DEPTH])
        t->column[TD_BAR_DEPTH][row] = e->depth;
    for (int k = 0; k < TD_MICRO_COUNT; k++)
        if (t->column[TD_BAR_MICRO + k])
            t->column[TD_BAR_MICRO + k][row] =
                is_of_trades(k) && !w->has_trades ? (double)NAN : values[k];
}

/* A book of the same instant as the one before takes its row: the features know all of that instant. */
static enum td_err add_book(struct work *w, const struct td_book_event *e, struct td_fail *why)
{
    static const struct td_micro_book none;
    struct td_feature_table *t = w->table;
    struct td_micro_book refused = none;
    refused.at_ns = e->book.at_ns;
    const bool again = t->rows > 0 && t->at[t->rows - 1] == e->book.at_ns;
    /* a book that is refused leaves NaN: the values tell so */
    if (td_micro_on_book(&w->micro, e->doubted ? &refused : &e->book) == TD_EPROTO)
        return td_fail_set(why, TD_EPARSE, "a book behind row %zu is older than what came before",
                           t->rows);
    const enum td_err err = again ? TD_OK : make_room(w, why);
    if (err)
        return err;
    t->rows += !again;
    put_row(w, t->rows - 1, e);
    return TD_OK;
}

/* A trade without a price or a size is left out. */
static enum td_err add_trade(struct work *w, const struct td_book_event *e, struct td_fail *why)
{
    return td_micro_on_trade(&w->micro, &e->trade) == TD_EPROTO
               ? td_fail_set(why, TD_EPARSE,
                             "a trade behind row %zu is older than what came before",
                             w->table->rows)
               : TD_OK;
}

static enum td_err read_all(struct work *w, struct td_book_feed *feed, struct td_fail *why)
{
    struct td_book_event event;
    enum td_err err = TD_OK;
    while (!err) {
        err = td_book_feed_next(feed, &event, why);
        if (!err)
            err = event.is_trade ? add_trade(w, &event, why) : add_book(w, &event, why);
    }
    if (err != TD_ENODATA)
        return err;
    return w->table->rows > 0 ? TD_OK : td_fail_set(why, TD_ENODATA, "no books");
}

enum td_err td_feature_books(struct td_feature_table *t, struct td_world *world,
                             const struct td_book_source *source,
                             const struct td_micro_config *config, const bool *uses,
                             struct td_fail *why)
{
    struct td_book_feed *feed = NULL;
    struct work *w = calloc(1, sizeof *w);
    if (!w)
        return td_fail_set(why, TD_ENOMEM, "the books of %s", source->path);
    w->table = t;
    w->uses = uses;
    enum td_err err = td_micro_init(&w->micro, config, why);
    if (!err)
        err = td_book_feed_open(&feed, world, source, why);
    if (!err) {
        w->has_trades = td_book_feed_has_trades(feed);
        err = read_all(w, feed, why);
    }
    td_book_feed_close(feed);
    free(w);
    return err ? td_fail_add(why, err, "books of %s", source->path) : TD_OK;
}
