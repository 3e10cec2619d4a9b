/* sim/mbotape.c - finds, unpacks and plays MBO files. */
#include "sim/mbotape.h"

#include <stdio.h>
#include <string.h>

#include "wire/dbn_zstd.h"

#define SCHEMA_MBO 0
#define HEAD_BYTES                                                                                 \
    (256u << 10) /* zstd gives nothing before its first block, up to 128 KiB, is whole */
#define HEAD_UNPACKED (1u << 20)
#define PATH_CHARS    800
#define DEPTH_MAX     3

/* --- unpacking --- */

/* Unpacks raw[0..n) into out[0..cap), zstd or plain; the number of bytes, 0 when it is neither. */
static size_t unpack(const uint8_t *raw, size_t n, uint8_t *out, size_t cap, void *block)
{
    struct td_unzstd u;
    size_t in = n, got = cap;
    if (!td_is_zstd(raw, n)) {
        got = n < cap ? n : cap;
        memcpy(out, raw, got);
        return got;
    }
    if (td_unzstd_init(&u, block, td_unzstd_bytes()) != TD_OK ||
        td_unzstd_run(&u, raw, &in, out, &got) != TD_OK)
        return 0;
    return got;
}

/* --- finding --- */

struct search {
    struct td_world *world;
    const struct td_mbotape_query *query;
    char folder[PATH_CHARS];
    int depth;
    uint8_t *raw, *head;
    void *block;
    char *found;
    size_t cap;
    bool done;
};

/* "ESM4" belongs to the product ES: the root, a month letter, a digit. */
static bool is_contract_of(struct td_str symbol, const char *product)
{
    const size_t n = strlen(product);
    return symbol.len > n + 1 && td_str_starts(symbol, product) &&
           memchr("FGHJKMNQUVXZ", symbol.p[n], 12) != NULL && symbol.p[n + 1] >= '0' &&
           symbol.p[n + 1] <= '9';
}

static bool fits(const struct search *s, const char *path)
{
    struct td_file f = {0};
    struct td_dbn dbn;
    struct td_dbn_record record;
    size_t got = 0;
    if (td_file_open(s->world, path, TD_FILE_READ, &f, NULL) != TD_OK)
        return false;
    const enum td_err err = td_file_read(s->world, f, 0, s->raw, HEAD_BYTES, &got);
    td_file_close(s->world, f);
    td_dbn_init(&dbn);
    td_dbn_feed(&dbn, s->head, err ? 0 : unpack(s->raw, got, s->head, HEAD_UNPACKED, s->block));
    if (td_dbn_next(&dbn, &record) != TD_OK)
        return false;
    const struct td_dbn_metadata *m = &dbn.metadata;
    return m->schema == SCHEMA_MBO && record.rtype == TD_DBN_MBO &&
           is_contract_of(td_dbn_text_at(&m->symbols, 0), s->query->product) &&
           m->start >= (uint64_t)s->query->from && m->start < (uint64_t)s->query->to;
}

static bool look_at(void *arg, const char *name, enum td_entry_kind kind)
{
    struct search *s = arg;
    const size_t before = strlen(s->folder);
    struct td_text path;
    if (s->done || name[0] == '.')
        return !s->done;
    td_text_init(&path, s->folder + before, sizeof s->folder - before);
    td_text_printf(&path, "/%s", name);
    if (!td_text_full(&path)) {
        if (kind == TD_ENTRY_FILE && strstr(name, ".dbn") && fits(s, s->folder))
            s->done = td_str_copy(td_str_of(s->folder), s->found, s->cap);
        if (kind == TD_ENTRY_FOLDER && s->depth < DEPTH_MAX) {
            s->depth++; /* at most DEPTH_MAX calls deep */
            (void)!td_folder_list(s->world, s->folder, look_at, s);
            s->depth--;
        }
    }
    s->folder[before] = '\0';
    return !s->done;
}

bool td_mbotape_find(struct td_world *world, const struct td_mbotape_query *query,
                     struct td_arena scratch, char *path, size_t cap)
{
    struct search s = {.world = world, .query = query, .found = path, .cap = cap};
    s.raw = td_arena_take(&scratch, 1, HEAD_BYTES);
    s.head = td_arena_take(&scratch, 1, HEAD_UNPACKED);
    s.block = td_arena_take(&scratch, 1, td_unzstd_bytes());
    if (!s.raw || !s.head || !s.block ||
        snprintf(s.folder, sizeof s.folder, "%s/dbn", query->data) >= (int)sizeof s.folder)
        return false;
    if (td_entry_at(world, s.folder) != TD_ENTRY_FOLDER ||
        td_folder_list(world, s.folder, look_at, &s) != TD_OK)
        return false;
    return s.done;
}

/* --- playing --- */

static enum td_err load(struct td_mbotape *t, struct td_world *world, const char *path,
                        struct td_arena *arena, struct td_fail *why)
{
    struct td_file f = {0};
    struct td_arena scratch;
    uint64_t size = 0;
    size_t got = 0;
    enum td_err err = td_file_open(world, path, TD_FILE_READ, &f, why);
    if (err)
        return err;
    err = td_file_size(world, f, &size);
    /* The raw bytes and the decoder stand at the far end of the arena while the near end fills. */
    const size_t left = td_arena_left(arena), far = left / 2;
    td_arena_init(&scratch, arena->base + arena->used + far, left - far);
    uint8_t *raw = size <= left ? td_arena_take(&scratch, 1, (size_t)size) : NULL;
    void *block = td_arena_take(&scratch, 1, td_unzstd_bytes());
    if (!err && (!raw || !block))
        err = TD_ENOMEM;
    if (!err)
        err = td_file_read(world, f, 0, raw, (size_t)size, &got);
    td_file_close(world, f);
    if (err)
        return td_fail_set(why, err, "order book %s: %s", path, td_err_text(err));
    t->bytes = arena->base + arena->used;
    t->len = unpack(raw, got, arena->base + arena->used, far, block);
    if (t->len == 0 || t->len == far)
        return td_fail_set(why, t->len ? TD_ENOMEM : TD_EPARSE, "order book %s: %s", path,
                           t->len ? "too large" : "damaged");
    arena->used += (t->len + 63) / 64 * 64;
    return TD_OK;
}

enum td_err td_mbotape_open(struct td_mbotape *t, struct td_world *world, const char *path,
                            uint32_t inst, struct td_arena *arena, struct td_fail *why)
{
    memset(t, 0, sizeof *t);
    t->inst = inst;
    t->quote = (struct td_quote){TD_PX_NONE, TD_PX_NONE, TD_QTY(0), TD_QTY(0)};
    enum td_err err = load(t, world, path, arena, why);
    if (err)
        return err;
    for (int side = 0; side < 2; side++) {
        struct td_venue_level *rows = td_arena_take(arena, TD_MBOTAPE_LEVELS, sizeof *rows);
        if (!rows)
            return td_fail_set(why, TD_ENOMEM, "order book %s: no memory", path);
        td_levels_init(&t->side[side], (enum td_side)side, rows, TD_MBOTAPE_LEVELS);
    }
    err = td_orderbook_open(&t->book, TD_MBOTAPE_RESTING, arena);
    if (err)
        return td_fail_set(why, err, "order book %s: %s", path, td_err_text(err));
    td_dbn_init(&t->dbn);
    td_dbn_feed(&t->dbn, t->bytes, t->len);
    return TD_OK;
}

static bool to_mbo(const struct td_dbn_record *r, struct td_mbo *out)
{
    *out = (struct td_mbo){.order_id = r->order_id,
                           .px = r->px,
                           .qty = TD_QTY(r->qty),
                           .last = (r->flags & TD_DBN_LAST) != 0};
    return td_mbo_letters(r->action, r->side, out);
}

static struct td_event *push(struct td_mbotape *t, enum td_event_kind kind)
{
    TD_REQUIRE(t->pending_count < TD_COUNT(t->pending));
    struct td_event *ev = &t->pending[t->pending_count++];
    memset(ev, 0, sizeof *ev);
    ev->kind = (uint8_t)kind;
    ev->inst = t->inst;
    ev->venue_ns = ev->recv_ns = t->now;
    return ev;
}

static void read_top(const struct td_mbotape *t, struct td_quote *q)
{
    *q = (struct td_quote){TD_PX_NONE, TD_PX_NONE, TD_QTY(0), TD_QTY(0)};
    if (t->side[TD_BID].count) {
        q->bid = t->side[TD_BID].rows[0].px;
        q->bid_qty = t->side[TD_BID].rows[0].qty;
    }
    if (t->side[TD_ASK].count) {
        q->ask = t->side[TD_ASK].rows[0].px;
        q->ask_qty = t->side[TD_ASK].rows[0].qty;
    }
}

static void follow_up(struct td_mbotape *t, const struct td_mbo *mbo)
{
    struct td_quote q;
    if (mbo->action == TD_MBO_TRADE)
        push(t, TD_EV_TRADE)->trade = (struct td_trade){
            .px = mbo->px, .qty = mbo->qty, .aggressor = mbo->side == TD_BID ? TD_ASK : TD_BID};
    if (!mbo->last)
        return;
    read_top(t, &q);
    if (memcmp(&q, &t->quote, sizeof q) != 0) {
        t->quote = q;
        push(t, TD_EV_QUOTE)->quote = q;
    }
}

enum td_err td_mbotape_next(struct td_mbotape *t, struct td_event *out)
{
    struct td_dbn_record record;
    struct td_mbo mbo;
    if (t->pending_at < t->pending_count) {
        *out = t->pending[t->pending_at++];
        return TD_OK;
    }
    t->pending_at = t->pending_count = 0;
    do {
        const enum td_err err = td_dbn_next(&t->dbn, &record);
        if (err == TD_EAGAIN)
            return td_dbn_finish(&t->dbn) == TD_OK ? TD_ENODATA : TD_EPARSE;
        if (err)
            return TD_EPARSE;
    } while (record.rtype != TD_DBN_MBO || !to_mbo(&record, &mbo));
    t->start = (td_ns)t->dbn.metadata.start;
    const td_ns at = record.ts_event > (uint64_t)t->start && record.ts_event < INT64_MAX
                         ? (td_ns)record.ts_event
                         : t->start;
    t->now = at > t->now ? at : t->now;
    if (td_orderbook_apply(&t->book, t->side, &mbo, NULL) != TD_OK && mbo.action != TD_MBO_TRADE)
        return TD_EPARSE;
    struct td_event *ev = push(t, TD_EV_MBO);
    ev->mbo = mbo;
    follow_up(t, &mbo);
    *out = t->pending[t->pending_at++];
    return TD_OK;
}

size_t td_mbotape_depth(const struct td_mbotape *t, enum td_side side, struct td_depth_row *out,
                        size_t rows)
{
    const struct td_levels *l = &t->side[side];
    return td_depth_from_levels(l->rows, l->count < rows ? l->count : rows, false, out, rows);
}
