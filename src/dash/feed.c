/* dash/feed.c - the ring between the trading thread and the dashboard's: an item is cut behind what it holds. */
#include "dash/feed.h"

#include <stdlib.h>
#include <string.h>

#define HEAD offsetof(struct td_feed_item, symbol)

enum td_err td_feed_open(struct td_feed *f)
{
    void *memory = malloc(TD_FEED_RING);
    memset(f, 0, sizeof *f);
    if (!memory)
        return TD_ENOMEM;
    td_ring_init(&f->ring, memory, TD_FEED_RING);
    return TD_OK;
}

void td_feed_close(struct td_feed *f)
{
    free(f->ring.buf);
    memset(f, 0, sizeof *f);
}

/* --- the trading thread --- */

/* Room for an item of `bytes` behind its head, the head filled; NULL: the ring is full. */
static struct td_feed_item *begin(struct td_feed *f, enum td_feed_kind kind, uint32_t line,
                                  size_t bytes)
{
    struct td_feed_item *item = td_ring_claim(&f->ring, HEAD + bytes);
    if (!item)
        return NULL;
    item->kind = kind;
    item->line = line;
    item->dropped = f->lost;
    item->warmup = false;
    f->lost = 0;
    return item;
}

static void lose(struct td_feed *f, uint32_t line)
{
    f->lost++;
    f->behind[line] = true;
    atomic_fetch_add_explicit(&f->lost_in_all, 1, memory_order_relaxed);
}

void td_feed_line(struct td_feed *f, uint32_t line, const char *symbol)
{
    if (!f || line >= TD_FEED_LINES)
        return;
    struct td_feed_item *item = begin(f, TD_FEED_LINE, line, TD_FEED_SYMBOL);
    f->behind[line] = true; /* its first event brings the book's size along */
    if (!item) {
        lose(f, line);
        return;
    }
    memset(item->symbol, 0, sizeof item->symbol);
    (void)td_str_copy(td_str_of(symbol), item->symbol, sizeof item->symbol);
    td_ring_publish(&f->ring);
}

static bool put_image(struct td_feed *f, uint32_t line, const struct td_book *book)
{
    struct td_feed_item *item = begin(f, TD_FEED_IMAGE, line, sizeof item->image);
    if (!item)
        return false;
    struct td_feed_image *image = &item->image;
    image->recv_ns = book->recv_ns;
    image->rows_max = book->rows_max;
    image->quality = td_book_quality(book, 0, 0);
    for (int side = 0; side < 2; side++) {
        image->rows[side] = book->rows[side];
        memcpy(image->side[side], book->side[side],
               (size_t)book->rows[side] * sizeof *image->side[side]);
    }
    td_ring_publish(&f->ring);
    return true;
}

void td_feed_event(struct td_feed *f, uint32_t line, const struct td_event *event, bool warmup,
                   const struct td_book *book)
{
    if (!f || line >= TD_FEED_LINES)
        return;
    if (TD_UNLIKELY(f->behind[line]) && book) {
        if (!put_image(f, line, book)) {
            lose(f, line);
            return;
        }
        f->behind[line] = false;
        if (event->kind == TD_EV_DEPTH)
            return; /* the image has it */
    }
    struct td_feed_item *item = begin(f, TD_FEED_EVENT, line, sizeof *event);
    if (!item) {
        lose(f, line);
        return;
    }
    item->warmup = warmup;
    memcpy(&item->event, event, sizeof *event);
    td_ring_publish(&f->ring);
}

/* --- the dashboard's thread --- */

bool td_feed_next(struct td_feed *f, struct td_feed_item *out)
{
    size_t len;
    const void *item = td_ring_peek(&f->ring, &len);
    if (!item)
        return false;
    memcpy(out, item, len);
    td_ring_release(&f->ring);
    return true;
}
