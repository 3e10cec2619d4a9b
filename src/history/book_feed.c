/* history/book_feed.c - two kinds of sources, one sequence. */
#include "history/book_feed.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "store/dbn_book.h"
#include "store/dbn_file.h"
#include "store/depth_events.h"
#include "store/depth_stream.h"

struct td_book_feed {
    struct td_book_source source;
    bool is_dbn;
    /* snapshots, and the trades beside them; each has its next one ready */
    struct td_depth_stream *stream;
    struct td_depth_table *table;
    struct td_depth_image image;
    struct td_depth_happening happening;
    bool has_image, has_happening;
    /* records */
    struct td_dbn_file file;
    struct td_dbn_book book;
    struct td_snap snap;
    bool has_snap; /* behind the trade that was given */
    bool begun;
    uint32_t instrument;
    uint16_t publisher;
    uint64_t records;
};

enum td_err td_book_feed_is_dbn(struct td_world *world, const char *path, bool *out,
                                struct td_fail *why)
{
    static const uint8_t packed[4] = {0x28, 0xb5, 0x2f, 0xfd};
    struct td_file file;
    uint8_t head[4];
    size_t len = 0;
    enum td_err err = td_file_open(world, path, TD_FILE_READ, &file, why);
    if (err)
        return err;
    err = td_file_read(world, file, 0, head, sizeof head, &len);
    td_file_close(world, file);
    if (err)
        return td_fail_set(why, err, "reading %s: %s", path, td_err_text(err));
    *out = len == 4 && (memcmp(head, packed, 4) == 0 || memcmp(head, "DBN", 3) == 0);
    return TD_OK;
}

/* ---- snapshots and an event table ---- */

static enum td_err load_image(struct td_book_feed *f, struct td_fail *why)
{
    const enum td_err err = td_depth_stream_next(f->stream, &f->image, why);
    f->has_image = !err;
    if (err != TD_ENODATA)
        return err;
    const uint64_t late = td_depth_stream_source(f->stream, 0)->late;
    return late ? td_fail_set(why, TD_EPARSE, "%s: %llu rows are older than rows before them",
                              f->source.path, (unsigned long long)late)
                : TD_OK;
}

static enum td_err load_happening(struct td_book_feed *f, struct td_fail *why)
{
    enum td_err err = TD_OK;
    do
        err = td_depth_table_next(f->table, &f->happening, why);
    while (!err && f->happening.action != TD_DEPTH_TRADE);
    f->has_happening = !err;
    if (err && err != TD_ENODATA)
        return td_fail_add(why, err, "trades of %s", f->source.trades);
    return TD_OK;
}

static enum td_err open_snapshots(struct td_book_feed *f, struct td_world *world,
                                  struct td_fail *why)
{
    if (f->source.instrument)
        return td_fail_set(why, TD_EINVAL, "an instrument is named in a Databento file alone; %s",
                           f->source.path);
    enum td_err err = td_depth_stream_open(&f->stream, world, &f->source.path, 1, why);
    if (!err && f->source.trades)
        err = td_depth_table_open(&f->table, world, f->source.trades, why);
    if (!err)
        err = load_image(f, why);
    if (!err && f->table)
        err = load_happening(f, why);
    return err;
}

static double put_rows(const double *px, const double *qty, int32_t rows,
                       struct td_micro_levels *out)
{
    double depth = 0;
    memset(out, 0, sizeof *out);
    for (int32_t k = 0; k < rows; k++) {
        if (!(px[k] > 0) || !(qty[k] > 0) || !isfinite(px[k]) || !isfinite(qty[k]))
            continue;
        depth += qty[k];
        if (k < TD_MICRO_LEVELS) {
            out->px[k] = px[k];
            out->qty[k] = qty[k];
        }
    }
    return depth;
}

static enum td_err next_of_snapshots(struct td_book_feed *f, struct td_book_event *out,
                                     struct td_fail *why)
{
    const struct td_depth_image *i = &f->image;
    if (f->has_happening && (!f->has_image || f->happening.at_ns <= i->at_ns)) {
        out->is_trade = true;
        out->trade = (struct td_micro_trade){f->happening.px, f->happening.qty, f->happening.at_ns};
        return load_happening(f, why);
    }
    if (!f->has_image)
        return TD_ENODATA;
    out->is_trade = false;
    out->doubted = (i->quality & (TD_Q_GAP | TD_Q_STALE)) != 0;
    out->depth = put_rows(i->px[TD_BID], i->qty[TD_BID], i->rows[TD_BID], &out->book.bid) +
                 put_rows(i->px[TD_ASK], i->qty[TD_ASK], i->rows[TD_ASK], &out->book.ask);
    out->book.at_ns = i->at_ns;
    return load_image(f, why);
}

/* ---- records ---- */

static enum td_err open_records(struct td_book_feed *f, struct td_world *world, struct td_fail *why)
{
    if (f->source.trades)
        return td_fail_set(why, TD_EINVAL, "%s has its trades in it; leave out %s", f->source.path,
                           f->source.trades);
    enum td_err err =
        td_dbn_file_open(&f->file, world, f->source.path, &(struct td_dbn_file_options){0}, why);
    return err ? err : td_dbn_book_open(&f->book, why);
}

static bool is_wanted(struct td_book_feed *f, const struct td_dbn_record *r)
{
    char number[16];
    struct td_text t;
    if (!r->action ||
        (r->rtype != TD_DBN_MBO && r->rtype != TD_DBN_MBP10 && r->rtype != TD_DBN_MBP1))
        return false;
    if (!f->source.instrument)
        return true;
    td_text_init(&t, number, sizeof number);
    td_text_printf(&t, "%u", (unsigned)r->instrument);
    return td_str_is(td_dbn_file_symbol(&f->file, r), f->source.instrument) ||
           strcmp(number, f->source.instrument) == 0;
}

/* The next record of the one instrument. */
static enum td_err next_record(struct td_book_feed *f, struct td_dbn_record *r, struct td_fail *why)
{
    enum td_err err;
    do {
        err = td_dbn_file_next(&f->file, r, why);
        f->records += !err;
    } while (!err && !is_wanted(f, r));
    if (err)
        return err;
    if (f->begun && (r->instrument != f->instrument || r->publisher != f->publisher))
        return td_fail_set(why, TD_EUNSUP, "%s: record %llu is of another instrument or venue",
                           f->source.path, (unsigned long long)f->records);
    if (r->ts_recv > INT64_MAX)
        return td_fail_set(why, TD_EPARSE, "%s: record %llu has no time of receipt", f->source.path,
                           (unsigned long long)f->records);
    f->begun = true;
    f->instrument = r->instrument;
    f->publisher = r->publisher;
    return TD_OK;
}

static double put_levels(const struct td_snap *snap, enum td_side side, struct td_micro_levels *out)
{
    double depth = 0;
    memset(out, 0, sizeof *out);
    for (int k = 0; k < TD_MICRO_LEVELS && k < TD_DBN_LEVELS; k++) {
        const int64_t px = snap->px[side][k].e9, qty = snap->qty[side][k].e9;
        if (px <= 0 || px == INT64_MAX || qty <= 0)
            continue;
        out->px[k] = td_e9_to_double(px);
        out->qty[k] = td_e9_to_double(qty);
        depth += out->qty[k];
    }
    return depth;
}

static enum td_err next_of_records(struct td_book_feed *f, struct td_book_event *out,
                                   struct td_fail *why)
{
    struct td_dbn_record r;
    while (!f->has_snap) {
        const enum td_err err = next_record(f, &r, why);
        if (err)
            return err;
        f->has_snap = td_dbn_book_take(&f->book, &r, &f->snap);
        if (r.action != 'T' || td_px_is_none(r.px))
            continue;
        out->is_trade = true;
        out->trade =
            (struct td_micro_trade){td_e9_to_double(r.px.e9), (double)r.qty, (int64_t)r.ts_recv};
        return TD_OK;
    }
    f->has_snap = false;
    out->is_trade = false;
    out->doubted = (f->snap.quality & TD_Q_GAP) != 0;
    out->depth =
        put_levels(&f->snap, TD_BID, &out->book.bid) + put_levels(&f->snap, TD_ASK, &out->book.ask);
    out->book.at_ns = f->snap.recv_ns;
    return TD_OK;
}

/* ---- both ---- */

enum td_err td_book_feed_open(struct td_book_feed **out, struct td_world *world,
                              const struct td_book_source *source, struct td_fail *why)
{
    struct td_book_feed *f = calloc(1, sizeof *f);
    if (!f)
        return td_fail_set(why, TD_ENOMEM, "the books of %s", source->path);
    f->source = *source;
    enum td_err err = td_book_feed_is_dbn(world, source->path, &f->is_dbn, why);
    if (!err)
        err = f->is_dbn ? open_records(f, world, why) : open_snapshots(f, world, why);
    if (err)
        td_book_feed_close(f);
    else
        *out = f;
    return err;
}

bool td_book_feed_has_trades(const struct td_book_feed *f)
{
    return f->is_dbn || f->table;
}

enum td_err td_book_feed_next(struct td_book_feed *f, struct td_book_event *out,
                              struct td_fail *why)
{
    return f->is_dbn ? next_of_records(f, out, why) : next_of_snapshots(f, out, why);
}

void td_book_feed_close(struct td_book_feed *f)
{
    if (!f)
        return;
    td_depth_stream_close(f->stream);
    td_depth_table_close(f->table);
    td_dbn_file_close(&f->file);
    td_dbn_book_close(&f->book);
    free(f);
}
