/* store/capture.c - the capture log's writer. */
#include "store/capture.h"

#include "base/crc.h"
#include "store/capture_format.h"

static void put_head(uint8_t *head, const struct td_session_facts *f)
{
    const uint32_t len = TD_CAPF_HEAD;
    const uint16_t version = TD_CAPF_VERSION;
    const uint16_t flags =
        (uint16_t)((f->paper ? TD_CAPF_PAPER : 0) | (f->smart ? TD_CAPF_BOOK_SMART : 0));
    const int32_t zero = 0;
    uint8_t *p = head;
    td_capf_put(&p, TD_CAPF_MAGIC, 8);
    td_capf_put(&p, &len, 4);
    p += 4; /* the checksum, below */
    td_capf_put(&p, &version, 2);
    td_capf_put(&p, &flags, 2);
    td_capf_put(&p, &f->levels, 4);
    td_capf_put(&p, &f->interval_ms, 4);
    td_capf_put(&p, &zero, 4);
    td_capf_put(&p, &f->start_ns, 8);
    td_capf_put(&p, f->symbol, sizeof f->symbol);
    td_capf_put(&p, f->day, sizeof f->day);
    td_capf_put(&p, f->time, sizeof f->time);
    td_capf_put(&p, f->local_iso, sizeof f->local_iso);
    TD_REQUIRE(p == head + TD_CAPF_HEAD);
    const uint32_t crc = td_crc32c(0, head + 16, TD_CAPF_HEAD - 16);
    memcpy(head + 12, &crc, 4);
}

/* Head on the disk, and the folder knows the file: from here on a crash leaves a readable log. */
static enum td_err start(struct td_capture *c, const char *path,
                         const struct td_session_facts *facts)
{
    uint8_t head[TD_CAPF_HEAD];
    char folder[1024];
    enum td_err err;
    put_head(head, facts);
    err = td_file_write(c->world, c->file, head, sizeof head);
    if (!err)
        err = td_file_sync(c->world, c->file);
    td_path_folder(path, folder, sizeof folder);
    return err ? err : td_folder_sync(c->world, folder);
}

enum td_err td_capture_open(struct td_capture *c, struct td_world *world, const char *path,
                            const struct td_session_facts *facts, size_t group_bytes,
                            struct td_fail *why)
{
    *c = (struct td_capture){.world = world, .failed = TD_ECLOSED};
    c->group_bytes = group_bytes < TD_CAPTURE_BUFFER ? group_bytes : TD_CAPTURE_BUFFER;
    if (td_entry_at(world, path) != TD_ENTRY_NONE)
        return td_fail_set(why, TD_EEXIST, "%s: %s", path, td_err_text(TD_EEXIST));
    enum td_err err = td_file_open(world, path, TD_FILE_LOCK, &c->file, why);
    if (err)
        return err;
    err = start(c, path, facts);
    if (err) {
        td_capture_close(c);
        (void)td_file_remove(world, path); /* a log without a head holds nothing */
        return td_fail_set(why, err, "starting the capture log %s: %s", path, td_err_text(err));
    }
    c->bytes = TD_CAPF_HEAD;
    c->failed = TD_OK;
    return TD_OK;
}

enum td_err td_capture_flush(struct td_capture *c)
{
    if (c->failed || c->used == 0)
        return c->failed;
    c->failed = td_file_write(c->world, c->file, c->buf, c->used);
    c->used = 0;
    return c->failed;
}

enum td_err td_capture_sync(struct td_capture *c)
{
    if (td_capture_flush(c))
        return c->failed;
    c->failed = td_file_sync(c->world, c->file);
    return c->failed;
}

/* Room for a record in the buffer, behind its header; NULL when the log has failed. */
static uint8_t *claim(struct td_capture *c, size_t len)
{
    if (sizeof c->buf - c->used < TD_CAPF_RECORD + len && td_capture_flush(c))
        return NULL;
    return c->failed ? NULL : c->buf + c->used + TD_CAPF_RECORD;
}

static enum td_err append(struct td_capture *c, enum td_capture_kind kind, size_t len)
{
    uint8_t *record = c->buf + c->used;
    const uint16_t len16 = (uint16_t)len;
    memcpy(record + 4, &len16, 2);
    record[6] = (uint8_t)kind;
    record[7] = (uint8_t)td_crc32c(0, record + 4, 3);
    const uint32_t crc = td_crc32c(0, record + 4, 4 + len);
    memcpy(record, &crc, 4);
    c->used += TD_CAPF_RECORD + len;
    c->bytes += TD_CAPF_RECORD + len;
    return c->used > c->group_bytes || c->group_bytes == 0 ? td_capture_flush(c) : TD_OK;
}

enum td_err td_capture_message(struct td_capture *c, const struct td_event *ev, bool image)
{
    if (ev->kind != TD_EV_DEPTH && ev->kind != TD_EV_DEPTH_RESET && ev->kind != TD_EV_GAP)
        return TD_EINVAL;
    const struct td_depth none = {0};
    const struct td_depth *d = ev->kind == TD_EV_DEPTH ? &ev->depth : &none;
    const uint8_t flags =
        (uint8_t)((d->smart ? TD_CAPF_SMART : 0) | (ev->generated ? TD_CAPF_GENERATED : 0) |
                  (image ? TD_CAPF_IMAGE : 0));
    uint8_t *p = claim(c, TD_CAPF_MESSAGE);
    if (!p)
        return c->failed;
    td_capf_put(&p, &ev->venue_ns, 8);
    td_capf_put(&p, &ev->recv_ns, 8);
    td_capf_put(&p, &d->px.e9, 8);
    td_capf_put(&p, &d->qty.e9, 8);
    td_capf_put(&p, &d->row, 4);
    td_capf_put(&p, &ev->kind, 1);
    td_capf_put(&p, &d->op, 1);
    td_capf_put(&p, &d->side, 1);
    td_capf_put(&p, &flags, 1);
    td_capf_put(&p, d->maker, TD_MAKER_CHARS);
    c->messages++;
    return append(c, TD_CAPTURE_MESSAGE, TD_CAPF_MESSAGE);
}

enum td_err td_capture_tick(struct td_capture *c, const struct td_event *ev)
{
    const bool quote = ev->kind == TD_EV_QUOTE;
    int64_t numbers[4] = {0};
    if (!quote && ev->kind != TD_EV_TRADE)
        return TD_EINVAL;
    if (quote)
        memcpy(numbers,
               (const int64_t[]){ev->quote.bid.e9, ev->quote.ask.e9, ev->quote.bid_qty.e9,
                                 ev->quote.ask_qty.e9},
               sizeof numbers);
    else
        memcpy(numbers, (const int64_t[]){ev->trade.px.e9, ev->trade.qty.e9}, 16);
    const uint8_t small[4] = {ev->kind, quote ? 2 : ev->trade.aggressor,
                              (uint8_t)((ev->generated ? TD_CAPF_GENERATED : 0) |
                                        (!quote && ev->trade.unreported ? TD_CAPF_UNREPORTED : 0)),
                              0};
    const char none[TD_MAKER_CHARS] = {0};
    uint8_t *p = claim(c, TD_CAPF_TICK);
    if (!p)
        return c->failed;
    td_capf_put(&p, &ev->venue_ns, 8);
    td_capf_put(&p, &ev->recv_ns, 8);
    td_capf_put(&p, numbers, sizeof numbers);
    td_capf_put(&p, small, sizeof small);
    td_capf_put(&p, quote ? none : ev->trade.exchange, TD_MAKER_CHARS);
    return append(c, TD_CAPTURE_TICK, TD_CAPF_TICK);
}

/* Bits of the rows of one side that differ from the snapshot before. */
static uint64_t find_changed(const struct td_capture *c, const struct td_snap *s, int side,
                             int32_t levels)
{
    uint64_t changed = 0;
    for (int32_t i = 0; i < levels; i++)
        if (s->px[side][i].e9 != c->last.px[side][i].e9 ||
            s->qty[side][i].e9 != c->last.qty[side][i].e9)
            changed |= UINT64_C(1) << i;
    return changed;
}

enum td_err td_capture_snap(struct td_capture *c, const struct td_snap *s, int32_t levels)
{
    TD_REQUIRE(levels > 0 && levels <= TD_CAPTURE_LEVELS_MAX);
    const uint8_t small[4] = {s->generated, (uint8_t)levels, 0, 0};
    uint64_t changed[2];
    uint8_t *const start_of = claim(c, TD_CAPF_PAYLOAD_MAX);
    uint8_t *p = start_of;
    if (!p)
        return c->failed;
    td_capf_put(&p, &s->at_ns, 8);
    td_capf_put(&p, &s->recv_ns, 8);
    td_capf_put(&p, &s->venue_ns, 8);
    td_capf_put(&p, &s->seq, 8);
    td_capf_put(&p, &s->quality, 4);
    td_capf_put(&p, small, 4);
    for (int side = 0; side < 2; side++) {
        changed[side] = find_changed(c, s, side, levels);
        td_capf_put(&p, &changed[side], 8);
    }
    for (int side = 0; side < 2; side++)
        for (int32_t i = 0; i < levels; i++)
            if (changed[side] >> i & 1) {
                td_capf_put(&p, &s->px[side][i].e9, 8);
                td_capf_put(&p, &s->qty[side][i].e9, 8);
            }
    c->last = *s;
    c->snapshots++;
    return append(c, TD_CAPTURE_SNAP, (size_t)(p - start_of));
}

enum td_err td_capture_seal(struct td_capture *c)
{
    uint8_t *p = claim(c, TD_CAPF_END);
    if (!p)
        return c->failed;
    td_capf_put(&p, &c->messages, 8);
    td_capf_put(&p, &c->snapshots, 8);
    const enum td_err err = append(c, TD_CAPTURE_END, TD_CAPF_END);
    return err ? err : td_capture_sync(c);
}

void td_capture_close(struct td_capture *c)
{
    if (c->file.id)
        td_file_close(c->world, c->file);
    c->file = (struct td_file){0};
    c->used = 0;
    c->failed = TD_ECLOSED;
}
