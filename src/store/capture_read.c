/* store/capture_read.c - the capture log's reader: trusts what its checksums prove, and says where that ends. */
#include "base/crc.h"
#include "store/capture.h"
#include "store/capture_format.h"

static bool is_ended(const char *text, size_t cap)
{
    return memchr(text, '\0', cap) != NULL;
}

static bool is_known(uint16_t version)
{
    return version >= TD_CAPF_OLDEST && version <= TD_CAPF_VERSION;
}

static enum td_err parse_head(const uint8_t *head, struct td_session_facts *f)
{
    const uint8_t *p = head + 8;
    uint32_t len, crc;
    uint16_t version, flags;
    int32_t zero;
    if (memcmp(head, TD_CAPF_MAGIC, 8) != 0)
        return TD_EPARSE;
    td_capf_get(&p, &len, 4);
    td_capf_get(&p, &crc, 4);
    td_capf_get(&p, &version, 2);
    td_capf_get(&p, &flags, 2);
    if (crc != td_crc32c(0, head + 16, TD_CAPF_HEAD - 16))
        return is_known(version) || len == TD_CAPF_HEAD ? TD_ECORRUPT : TD_EVERSION;
    if (!is_known(version) || len != TD_CAPF_HEAD)
        return TD_EVERSION;
    f->paper = flags & TD_CAPF_PAPER;
    f->smart = flags & TD_CAPF_BOOK_SMART;
    td_capf_get(&p, &f->levels, 4);
    td_capf_get(&p, &f->interval_ms, 4);
    td_capf_get(&p, &zero, 4);
    td_capf_get(&p, &f->start_ns, 8);
    td_capf_get(&p, f->symbol, sizeof f->symbol);
    td_capf_get(&p, f->day, sizeof f->day);
    td_capf_get(&p, f->time, sizeof f->time);
    td_capf_get(&p, f->local_iso, sizeof f->local_iso);
    const bool good = is_ended(f->symbol, sizeof f->symbol) && is_ended(f->day, sizeof f->day) &&
                      is_ended(f->time, sizeof f->time) &&
                      is_ended(f->local_iso, sizeof f->local_iso) && f->levels >= 1 &&
                      f->levels <= TD_CAPTURE_LEVELS_MAX;
    return good ? TD_OK : TD_ECORRUPT;
}

static enum td_err read_head(struct td_capture_reader *r)
{
    uint8_t head[TD_CAPF_HEAD];
    size_t got = 0;
    enum td_err err = td_file_size(r->world, r->file, &r->size);
    if (!err)
        err = td_file_read(r->world, r->file, 0, head, sizeof head, &got);
    if (err)
        return err;
    bool zero =
        r->size == TD_CAPF_HEAD; /* grew before its head was written: nothing was ever behind it */
    for (size_t i = 0; i < got; i++)
        zero = zero && head[i] == 0;
    if (got < sizeof head || zero) {
        r->cut_bytes = r->size;
        return TD_ENODATA;
    }
    r->offset = TD_CAPF_HEAD;
    return parse_head(head, &r->facts);
}

enum td_err td_capture_reader_open(struct td_capture_reader *r, struct td_world *world,
                                   const char *path, struct td_fail *why)
{
    *r = (struct td_capture_reader){.world = world};
    enum td_err err = td_file_open(world, path, TD_FILE_READ, &r->file, why);
    if (err)
        return err;
    err = read_head(r);
    if (err) {
        td_capture_reader_close(r);
        return td_fail_set(why, err, "the head of the capture log %s: %s", path, td_err_text(err));
    }
    return TD_OK;
}

void td_capture_reader_close(struct td_capture_reader *r)
{
    if (r->file.id)
        td_file_close(r->world, r->file);
    r->file = (struct td_file){0};
}

/* At least `len` bytes of the next record in the buffer, if the file has them. */
static enum td_err fill(struct td_capture_reader *r, size_t len)
{
    if (r->have - r->at >= len)
        return TD_OK;
    memmove(r->buf, r->buf + r->at, r->have - r->at);
    r->have -= r->at;
    r->at = 0;
    size_t got = 0;
    const enum td_err err = td_file_read(r->world, r->file, r->offset + r->have, r->buf + r->have,
                                         sizeof r->buf - r->have, &got);
    r->have += got;
    return err;
}

static enum td_err finish(struct td_capture_reader *r, enum td_capture_end end)
{
    r->end = end;
    r->cut_bytes = end == TD_CAPTURE_TORN || end == TD_CAPTURE_DAMAGED ? r->size - r->offset : 0;
    return TD_ENODATA;
}

/* A file that grew before its bytes were written ends in zeros: that is a tear. Anything else is damage. */
static enum td_err finish_untrusted(struct td_capture_reader *r)
{
    uint64_t at = r->offset;
    uint8_t some[1024];
    while (at < r->size) {
        size_t got = 0;
        const enum td_err err = td_file_read(r->world, r->file, at, some, sizeof some, &got);
        if (err)
            return err;
        for (size_t i = 0; i < got; i++)
            if (some[i])
                return finish(r, TD_CAPTURE_DAMAGED);
        if (got == 0)
            break;
        at += got;
    }
    return finish(r, TD_CAPTURE_TORN);
}

static bool parse_message(struct td_capture_reader *r, const uint8_t *p, size_t len,
                          struct td_capture_record *out)
{
    struct td_event *ev = &out->event;
    uint8_t flags;
    if (len != TD_CAPF_MESSAGE)
        return false;
    *ev = (struct td_event){0};
    td_capf_get(&p, &ev->venue_ns, 8);
    td_capf_get(&p, &ev->recv_ns, 8);
    td_capf_get(&p, &ev->depth.px.e9, 8);
    td_capf_get(&p, &ev->depth.qty.e9, 8);
    td_capf_get(&p, &ev->depth.row, 4);
    td_capf_get(&p, &ev->kind, 1);
    td_capf_get(&p, &ev->depth.op, 1);
    td_capf_get(&p, &ev->depth.side, 1);
    td_capf_get(&p, &flags, 1);
    td_capf_get(&p, ev->depth.maker, TD_MAKER_CHARS);
    ev->depth.smart = flags & TD_CAPF_SMART;
    ev->generated = flags & TD_CAPF_GENERATED;
    out->image = flags & TD_CAPF_IMAGE;
    out->seq = ++r->messages;
    return ev->kind == TD_EV_DEPTH || ev->kind == TD_EV_DEPTH_RESET || ev->kind == TD_EV_GAP;
}

static bool parse_tick(const uint8_t *p, size_t len, struct td_capture_record *out)
{
    struct td_event *ev = &out->event;
    int64_t n[4];
    uint8_t small[4];
    if (len != TD_CAPF_TICK)
        return false;
    *ev = (struct td_event){0};
    td_capf_get(&p, &ev->venue_ns, 8);
    td_capf_get(&p, &ev->recv_ns, 8);
    td_capf_get(&p, n, sizeof n);
    td_capf_get(&p, small, sizeof small);
    ev->kind = small[0];
    ev->generated = small[2] & TD_CAPF_GENERATED;
    if (ev->kind == TD_EV_QUOTE)
        ev->quote = (struct td_quote){{n[0]}, {n[1]}, {n[2]}, {n[3]}};
    else
        ev->trade = (struct td_trade){.px = {n[0]},
                                      .qty = {n[1]},
                                      .aggressor = small[1],
                                      .unreported = small[2] & TD_CAPF_UNREPORTED};
    if (ev->kind == TD_EV_TRADE)
        td_capf_get(&p, ev->trade.exchange, TD_MAKER_CHARS);
    return ev->kind == TD_EV_QUOTE || ev->kind == TD_EV_TRADE;
}

static bool parse_snap(struct td_capture_reader *r, const uint8_t *p, size_t len,
                       struct td_capture_record *out)
{
    struct td_snap *s = &r->last;
    uint8_t small[4];
    uint64_t changed[2];
    if (len < TD_CAPF_SNAP)
        return false;
    td_capf_get(&p, &s->at_ns, 8);
    td_capf_get(&p, &s->recv_ns, 8);
    td_capf_get(&p, &s->venue_ns, 8);
    td_capf_get(&p, &s->seq, 8);
    td_capf_get(&p, &s->quality, 4);
    td_capf_get(&p, small, 4);
    td_capf_get(&p, changed, 16);
    s->generated = small[0];
    const int rows = __builtin_popcountll(changed[0]) + __builtin_popcountll(changed[1]);
    if (len != TD_CAPF_SNAP + (size_t)rows * 16)
        return false;
    for (int side = 0; side < 2; side++)
        for (int i = 0; i < TD_CAPTURE_LEVELS_MAX; i++)
            if (changed[side] >> i & 1) {
                td_capf_get(&p, &s->px[side][i].e9, 8);
                td_capf_get(&p, &s->qty[side][i].e9, 8);
            }
    out->snap = *s;
    return true;
}

static bool parse_payload(struct td_capture_reader *r, const uint8_t *p, size_t len,
                          struct td_capture_record *out)
{
    switch (out->kind) {
    case TD_CAPTURE_MESSAGE:
        return parse_message(r, p, len, out);
    case TD_CAPTURE_SNAP:
        return parse_snap(r, p, len, out);
    case TD_CAPTURE_TICK:
        return parse_tick(p, len, out);
    case TD_CAPTURE_END:
        return len == TD_CAPF_END;
    default:
        return false;
    }
}

enum td_err td_capture_next(struct td_capture_reader *r, struct td_capture_record *out)
{
    enum td_err err = fill(r, TD_CAPF_RECORD + TD_CAPF_PAYLOAD_MAX);
    if (err)
        return err;
    const uint8_t *record = r->buf + r->at;
    const size_t have = r->have - r->at;
    uint32_t crc;
    uint16_t len;
    if (have == 0)
        return finish(r, TD_CAPTURE_OPEN);
    if (have < TD_CAPF_RECORD)
        return finish(r, TD_CAPTURE_TORN);
    memcpy(&crc, record, 4);
    memcpy(&len, record + 4, 2);
    if (record[7] != (uint8_t)td_crc32c(0, record + 4, 3) || len > TD_CAPF_PAYLOAD_MAX)
        return finish_untrusted(r);
    const size_t whole = TD_CAPF_RECORD + len;
    if (have < whole)
        return finish(r, TD_CAPTURE_TORN);
    if (crc != td_crc32c(0, record + 4, 4 + (size_t)len))
        return finish(r, r->offset + whole == r->size ? TD_CAPTURE_TORN : TD_CAPTURE_DAMAGED);
    out->kind = (enum td_capture_kind)record[6];
    if (!parse_payload(r, record + TD_CAPF_RECORD, len, out))
        return finish(r, TD_CAPTURE_DAMAGED);
    if (out->kind == TD_CAPTURE_END)
        return finish(r, TD_CAPTURE_SEALED);
    r->at += whole;
    r->offset += whole;
    return TD_OK;
}
