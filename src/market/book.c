/* market/book.c - the row book: shifts are memmoves of at most 64 rows, order is kept as a count of
 * neighbours that violate it, so that quality costs nothing to ask. */
#include "market/book.h"

#include <string.h>

void td_book_init(struct td_book *book, int32_t rows_max)
{
    TD_REQUIRE(rows_max >= 1 && rows_max <= TD_BOOK_ROWS_MAX);
    memset(book, 0, sizeof *book);
    book->rows_max = rows_max;
}

void td_book_reset(struct td_book *book)
{
    book->rows[TD_ASK] = book->rows[TD_BID] = 0;
    book->disorder[TD_ASK] = book->disorder[TD_BID] = 0;
    book->broken = false;
    book->generated = false;
    book->resets++;
}

/* 1 when rows `upper` and `upper + 1` of a side are in the wrong price order. */
static uint32_t violates(const struct td_book *book, uint8_t side, int32_t upper)
{
    if (upper < 0 || upper + 1 >= book->rows[side])
        return 0;
    const int64_t here = book->side[side][upper].px.e9, next = book->side[side][upper + 1].px.e9;
    return side == TD_ASK ? here > next : here < next;
}

static void put_row(struct td_book *book, uint8_t side, int32_t row, const struct td_depth *d)
{
    book->side[side][row] = (struct td_level){d->px, d->qty};
    memcpy(book->maker[side][row], d->maker, TD_MAKER_CHARS);
}

static void shift(struct td_book *book, uint8_t side, int32_t to, int32_t from, int32_t count)
{
    if (count <= 0)
        return;
    memmove(&book->side[side][to], &book->side[side][from],
            (size_t)count * sizeof(struct td_level));
    memmove(book->maker[side][to], book->maker[side][from], (size_t)count * TD_MAKER_CHARS);
}

static enum td_err break_book(struct td_book *book)
{
    book->gaps++;
    book->broken = true;
    return TD_EGAP;
}

static bool has_level(const struct td_depth *d)
{
    return !td_px_is_none(d->px) && !td_qty_is_none(d->qty) && d->qty.e9 > 0;
}

static void insert_row(struct td_book *book, const struct td_depth *d)
{
    const uint8_t side = d->side;
    const int32_t row = d->row;
    if (book->rows[side] == book->rows_max) {
        book->disorder[side] -= violates(book, side, book->rows[side] - 2);
        book->rows[side]--;
    }
    book->disorder[side] -= violates(book, side, row - 1);
    shift(book, side, row + 1, row, book->rows[side] - row);
    book->rows[side]++;
    put_row(book, side, row, d);
    book->disorder[side] += violates(book, side, row - 1) + violates(book, side, row);
}

static void update_row(struct td_book *book, const struct td_depth *d)
{
    const uint8_t side = d->side;
    const int32_t row = d->row;
    book->disorder[side] -= violates(book, side, row - 1) + violates(book, side, row);
    put_row(book, side, row, d);
    book->disorder[side] += violates(book, side, row - 1) + violates(book, side, row);
}

static void delete_row(struct td_book *book, uint8_t side, int32_t row)
{
    book->disorder[side] -= violates(book, side, row - 1) + violates(book, side, row);
    shift(book, side, row, row + 1, book->rows[side] - row - 1);
    book->rows[side]--;
    book->disorder[side] += violates(book, side, row - 1);
}

static enum td_err apply_row(struct td_book *book, const struct td_depth *d)
{
    if (d->side > TD_BID || d->row < 0)
        return break_book(book);
    const int32_t rows = book->rows[d->side];
    switch ((enum td_depth_op)d->op) {
    case TD_DEPTH_INSERT:
        if (!has_level(d) || d->row > rows)
            return break_book(book);
        if (d->row < book->rows_max)
            insert_row(book, d);
        return TD_OK;
    case TD_DEPTH_UPDATE:
        if (!has_level(d) || (d->row >= rows && rows < book->rows_max))
            return break_book(book);
        if (d->row < rows)
            update_row(book, d);
        return TD_OK;
    case TD_DEPTH_DELETE:
        if (d->row >= rows && rows < book->rows_max)
            return break_book(book);
        if (d->row < rows)
            delete_row(book, d->side, d->row);
        return TD_OK;
    }
    return break_book(book);
}

enum td_err td_book_apply(struct td_book *book, const struct td_event *event)
{
    TD_REQUIRE(event->kind == TD_EV_DEPTH);
    const enum td_err err = apply_row(book, &event->depth);
    if (err)
        return err;
    book->updates++;
    book->generated |= event->generated;
    book->recv_ns = event->recv_ns;
    book->venue_ns = event->venue_ns;
    return TD_OK;
}

const char *td_quality_word(unsigned bit)
{
    static const char *const words[] = {"empty", "crossed", "locked",   "disorder",
                                        "gap",   "stale",   "generated"};
    return bit < TD_COUNT(words) ? words[bit] : NULL;
}

uint32_t td_book_quality(const struct td_book *book, td_ns now, td_ns stale_ns)
{
    uint32_t quality = book->broken ? TD_Q_GAP : 0;
    if (!book->rows[TD_ASK] || !book->rows[TD_BID]) {
        quality |= TD_Q_EMPTY;
    } else {
        const int64_t bid = book->side[TD_BID][0].px.e9, ask = book->side[TD_ASK][0].px.e9;
        quality |= bid > ask ? TD_Q_CROSSED : bid == ask ? TD_Q_LOCKED : 0;
    }
    if (book->disorder[TD_ASK] || book->disorder[TD_BID])
        quality |= TD_Q_DISORDER;
    if (stale_ns > 0 && now - book->recv_ns > stale_ns)
        quality |= TD_Q_STALE;
    return quality | (book->generated ? TD_Q_GENERATED : 0);
}

void td_book_top(const struct td_book *book, struct td_quote *out)
{
    *out = (struct td_quote){TD_PX_NONE, TD_PX_NONE, TD_QTY(0), TD_QTY(0)};
    if (book->rows[TD_BID]) {
        out->bid = book->side[TD_BID][0].px;
        out->bid_qty = book->side[TD_BID][0].qty;
    }
    if (book->rows[TD_ASK]) {
        out->ask = book->side[TD_ASK][0].px;
        out->ask_qty = book->side[TD_ASK][0].qty;
    }
}
