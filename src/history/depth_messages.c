/* history/depth_messages.c - a merge of messages files, each with the book it makes. */
#include "history/depth_messages.h"

#include <stdlib.h>
#include <string.h>

#include "market/book.h"
#include "store/snapshot_read.h"

#define WAITING 131072 /* adds that can wait for their removal at once: 13,000 a second */

struct reader {
    struct td_message_file *file;
    size_t index; /* in the report's files */
    bool done;
    struct td_message next;
    struct td_book book;
};

static enum td_err advance(struct td_depth_report *r, struct reader *from, struct td_fail *why)
{
    const td_ns before = from->next.at_ns;
    struct td_depth_source *facts = &r->facts[from->index];
    const enum td_err err = td_message_file_next(from->file, &from->next, why);
    from->done = err == TD_ENODATA;
    if (err == TD_OK) {
        const td_ns at = from->next.at_ns;
        facts->disordered += facts->rows > 0 && at < before;
        facts->first_ns = facts->rows == 0 || at < facts->first_ns ? at : facts->first_ns;
        facts->last_ns = facts->rows == 0 || at > facts->last_ns ? at : facts->last_ns;
        facts->rows++;
    }
    return err && !from->done ? td_fail_add(why, err, "reading %s", facts->path) : TD_OK;
}

static bool is_whole(const struct td_depth *d)
{
    return d->side <= TD_BID && d->row >= 0 && d->px.e9 >= 0 && d->px.e9 < 9000000000 * TD_E9;
}

/* The price of a removal, which may stand only in the book. */
static td_px removed_price(const struct reader *from, const struct td_depth *d)
{
    return d->px.e9 == 0 && d->row < from->book.rows[d->side] ? from->book.side[d->side][d->row].px
                                                              : d->px;
}

static void take_row(struct td_depth_messages *m, struct reader *from)
{
    const struct td_message *msg = &from->next;
    struct td_depth d = msg->event.depth;
    const bool whole = is_whole(&d);
    m->odd += !whole;
    m->images += msg->image;
    m->adds += !msg->image && d.op == TD_DEPTH_INSERT;
    m->updates += d.op == TD_DEPTH_UPDATE;
    m->removals += d.op == TD_DEPTH_DELETE;
    if (whole && d.op == TD_DEPTH_INSERT && !msg->image && d.px.e9 > 0) {
        td_spoof_add(&m->spoof, msg->at_ns, &d);
    } else if (whole && d.op == TD_DEPTH_DELETE) {
        d.px = removed_price(from, &d);
        td_spoof_remove(&m->spoof, msg->at_ns, &d);
    }
    if (whole && td_book_apply(&from->book, &msg->event) != TD_OK)
        from->book.broken = false; /* a file of the original begins without the rows there were */
}

static void take(struct td_depth_messages *m, struct reader *from)
{
    m->count++;
    if (from->next.at_ns == 0) { /* no time, no place in the order of things */
        m->odd++;
        return;
    }
    const td_ns at = from->next.at_ns;
    m->first_ns = m->first_ns == 0 || at < m->first_ns ? at : m->first_ns;
    m->last_ns = at > m->last_ns ? at : m->last_ns;
    if (from->next.event.kind == TD_EV_DEPTH) {
        take_row(m, from);
        return;
    }
    m->marks++;
    td_spoof_forget(&m->spoof);
    td_book_reset(&from->book);
}

static enum td_err open_all(struct td_depth_report *r, struct td_world *world,
                            struct reader *readers, struct td_fail *why)
{
    enum td_err err = TD_OK;
    for (size_t i = 0, n = 0; i < r->files.count && !err; i++) {
        if (r->files.files[i].kind != TD_DEPTH_MESSAGES)
            continue;
        struct reader *to = &readers[n++];
        to->index = i;
        r->used[i] = true;
        r->facts[i].path = r->files.files[i].path;
        td_book_init(&to->book, TD_BOOK_ROWS_MAX);
        err = td_message_file_open(&to->file, world, r->facts[i].path, why);
        if (!err)
            err = advance(r, to, why);
    }
    return err;
}

static enum td_err read_all(struct td_depth_report *r, struct reader *readers, size_t count,
                            struct td_fail *why)
{
    for (;;) {
        struct reader *first = NULL;
        for (size_t i = 0; i < count; i++)
            if (!readers[i].done && (!first || readers[i].next.at_ns < first->next.at_ns))
                first = &readers[i];
        if (!first)
            return TD_OK;
        take(&r->messages, first);
        const enum td_err err = advance(r, first, why);
        if (err)
            return err;
    }
}

enum td_err td_depth_messages_read(struct td_depth_report *r, struct td_world *world,
                                   struct td_fail *why)
{
    const size_t count = r->files.counts[TD_DEPTH_MESSAGES];
    if (count == 0)
        return TD_OK;
    struct reader *readers = calloc(count, sizeof *readers);
    r->messages.nodes = malloc(WAITING * sizeof *r->messages.nodes);
    if (!readers || !r->messages.nodes) {
        free(readers);
        return td_fail_set(why, TD_ENOMEM, "no memory for the messages");
    }
    td_spoof_init(&r->messages.spoof, r->messages.nodes, WAITING);
    enum td_err err = open_all(r, world, readers, why);
    if (!err)
        err = read_all(r, readers, count, why);
    for (size_t i = 0; i < count; i++)
        td_message_file_close(readers[i].file);
    free(readers);
    return err;
}
