/* history/feature_book.c - a recording of snapshots as the inputs of features: one bar for each book. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "history/feature_book.h"
#include "store/snapshot_read.h"

struct work {
    struct td_feature_table *table;
    const bool *uses;
    struct td_micro micro;
    size_t cap;
};

/* What only trades tell: a recording of books does not know that there were none. */
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

static bool is_wanted(const struct work *w, int input)
{
    return (w->uses[input] && input >= TD_BAR_DEPTH) || input == TD_BAR_CLOSE;
}

static enum td_err make_columns(struct work *w, struct td_fail *why)
{
    w->table->at = malloc(w->cap * sizeof *w->table->at);
    bool has = w->table->at != NULL;
    for (int i = 0; i < TD_BAR_COUNT && has; i++)
        if (is_wanted(w, i))
            has = (w->table->column[i] = malloc(w->cap * sizeof **w->table->column)) != NULL;
    return has ? TD_OK : td_fail_set(why, TD_ENOMEM, "%zu books", w->cap);
}

static void put_side(const struct td_snap *snap, enum td_side side, struct td_micro_levels *out,
                     double *depth)
{
    memset(out, 0, sizeof *out);
    for (int k = 0; k < TD_CAPTURE_LEVELS_MAX; k++) {
        const int64_t px = snap->px[side][k].e9, qty = snap->qty[side][k].e9;
        if (px <= 0 || px == INT64_MAX || qty <= 0 || qty == INT64_MAX)
            continue;
        *depth += td_e9_to_double(qty);
        if (k < TD_MICRO_LEVELS) {
            out->px[k] = td_e9_to_double(px);
            out->qty[k] = td_e9_to_double(qty);
        }
    }
}

static enum td_err add_book(struct work *w, const struct td_snap *snap, struct td_fail *why)
{
    struct td_feature_table *t = w->table;
    const size_t row = t->rows;
    double values[TD_MICRO_COUNT], depth = 0;
    struct td_micro_book book = {.at_ns = snap->at_ns};
    if (row > 0 && snap->at_ns <= t->at[row - 1])
        return td_fail_set(why, TD_EPARSE, "row %zu: its time is not after the row before", row);
    put_side(snap, TD_BID, &book.bid, &depth);
    put_side(snap, TD_ASK, &book.ask, &depth);
    /* a book that is refused leaves NaN: the values tell so */
    const enum td_err said = td_micro_on_book(&w->micro, &book);
    if (said == TD_EPROTO)
        return td_fail_set(why, TD_EPARSE, "row %zu: older than the book before", row);
    td_micro_values(&w->micro, snap->at_ns, values);
    t->at[row] = snap->at_ns;
    t->column[TD_BAR_CLOSE][row] = values[TD_MICRO_MID];
    if (t->column[TD_BAR_DEPTH])
        t->column[TD_BAR_DEPTH][row] = depth;
    for (int k = 0; k < TD_MICRO_COUNT; k++)
        if (t->column[TD_BAR_MICRO + k])
            t->column[TD_BAR_MICRO + k][row] = is_of_trades(k) ? (double)NAN : values[k];
    t->rows++;
    return TD_OK;
}

static enum td_err read_books(struct work *w, struct td_snapshot_file *f, struct td_fail *why)
{
    static struct td_snap snap;
    const uint64_t rows = td_snapshot_file_rows(f);
    if (rows == 0 || rows > TD_FEATURE_ROWS_MAX)
        return td_fail_set(why, rows ? TD_ERANGE : TD_ENODATA, "%llu books; 1 to %zu are possible",
                           (unsigned long long)rows, TD_FEATURE_ROWS_MAX);
    w->cap = (size_t)rows;
    enum td_err err = make_columns(w, why);
    while (!err && w->table->rows < w->cap) {
        err = td_snapshot_file_next(f, &snap, why);
        if (!err)
            err = add_book(w, &snap, why);
    }
    return err == TD_ENODATA && w->table->rows > 0 ? TD_OK : err;
}

enum td_err td_feature_books(struct td_feature_table *t, struct td_world *world, const char *path,
                             const bool *uses, struct td_fail *why)
{
    const struct td_micro_config preset = {0};
    struct td_snapshot_file *f = NULL;
    struct work *w = calloc(1, sizeof *w);
    if (!w)
        return td_fail_set(why, TD_ENOMEM, "the books of %s", path);
    w->table = t;
    w->uses = uses;
    enum td_err err = td_micro_init(&w->micro, &preset, why);
    if (!err)
        err = td_snapshot_file_open(&f, world, path, why);
    if (!err)
        err = read_books(w, f, why);
    td_snapshot_file_close(f);
    free(w);
    return err ? td_fail_add(why, err, "books of %s", path) : TD_OK;
}
