/* trade/snapshot.c - the tables of members, and the one writer and reader of them.
 *
 * File: head, then body. Numbers are as the machine keeps them, little-endian: the layout's hash holds the order of
 * bytes as well. */
#include "trade/snapshot.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/crc.h"
#include "trade/blotter_inner.h"

#define MAGIC      "TDSNAP\0\1"
#define HEAD       80u
#define BODY_MAX   (UINT64_C(1) << 30)
#define ROWS_LIMIT (1u << 20) /* of a table: more was never written */

enum kind { NUMBER, FLAG, TEXT };

struct member {
    const char *name;
    size_t at, size;
    enum kind kind;
};

#define M(type, member, kind)                                                                      \
    {                                                                                              \
#member, offsetof(struct type, member), sizeof(((struct type *)0)->member), kind           \
    }
#define O(member)      M(td_order, member, NUMBER)
#define O_FLAG(member) M(td_order, member, FLAG)
#define O_TEXT(member) M(td_order, member, TEXT)
static const struct member order_members[] = {
    O(key),           O(parent),      O(order_id),    O(perm_id),      O(client_id),
    O(conid),         O(twin),        O(holding),     O(action),       O(type),
    O(state),         O(tif),         O(role),        O_FLAG(foreign), O_FLAG(changing),
    O_FLAG(closed),   O(missing),     O(now.qty),     O(now.limit),    O(now.stop),
    O(now.trail),     O(asked.qty),   O(asked.limit), O(asked.stop),   O(asked.trail),
    O(filled),        O(told),        O(most),        O(working),      O(display),
    O(target),        O(protect),     O(group),       O(tag),          O(until),
    O(paid),          O(fees),        O(intent_ns),   O(sent_ns),      O(done_ns),
    O(missed_ns),     O(code),        O_TEXT(symbol), O_TEXT(status),  O_TEXT(ref),
    O_TEXT(strategy), O_TEXT(reason),
};
_Static_assert(sizeof(struct td_order) == 472, "a new member of an order needs a row above");

#define E(member) M(td_execution, member, NUMBER)
static const struct member execution_members[] = {
    M(td_execution, exec_id, TEXT),
    E(order),
    E(holding),
    E(action),
    M(td_execution, has_fee, FLAG),
    E(qty),
    E(px),
    E(fee),
    E(at_ns),
};
_Static_assert(sizeof(struct td_execution) == 96, "a new member of an execution needs a row above");

#define H(member) M(td_blotter_holding, member, NUMBER)
static const struct member holding_members[] = {
    M(td_blotter_holding, symbol, TEXT),
    H(conid),
    H(multiplier),
    H(now.qty),
    H(now.average),
    H(now.realized),
    H(now.fees),
    H(now.bought),
    H(now.sold),
    H(now.fills),
    H(realized_before),
    H(fees_before),
    H(working_buy),
    H(working_sell),
    H(open_orders),
    H(unknown_orders),
    H(freeze),
    M(td_blotter_holding, freeze_reason, TEXT),
    H(guard.qty),
    H(guard.kind),
    H(guard.action),
    M(td_blotter_holding, guard.triggered, FLAG),
    H(guard.stop),
    H(guard.trail),
};
_Static_assert(sizeof(struct td_blotter_holding) == 296, "a new member of a holding needs a row");

#define S(member)      M(td_mlsignal_row, member, NUMBER)
#define S_TEXT(member) M(td_mlsignal_row, member, TEXT)
static const struct member signal_members[] = {
    S_TEXT(told.id),
    S_TEXT(told.symbol),
    S_TEXT(told.strategy),
    S_TEXT(told.model),
    S(told.type),
    S(told.urgency),
    S(told.confidence_e9),
    S(told.score_e9),
    S(told.quantity),
    S(told.price),
    S(told.tolerance_e9),
    S(told.at),
    S(told.until),
    S(number),
    S(state),
    S(rule),
    S(key),
    S(wanted),
    S(filled),
    S(reference),
    S(average),
    S(received),
    S(changed),
    S_TEXT(reason),
};
_Static_assert(sizeof(struct td_mlsignal_row) == 352, "a new member of a signal needs a row above");

#define B(member) M(td_blotter, member, NUMBER)
static const struct member blotter_members[] = {
    B(live_count),
    B(order_count),
    B(execution_count),
    B(holding_count),
    B(next_key),
    B(next_id),
    M(td_blotter, halted, FLAG),
    M(td_blotter, halt_reason, TEXT),
    B(day),
    B(orders_today),
    B(intents_today),
    B(denied_today),
    B(fills_today),
    B(value_today),
    B(carried),
    B(unknown_orders),
    B(short_told),
    B(overfills),
    B(frozen_holdings),
    B(brackets),
    B(looks),
    B(foreign_executions),
    B(forgotten_orders),
    B(signal_total),
};

_Static_assert(sizeof(struct td_blotter) == 456, "a new member of the blotter needs a row above");

struct layout {
    const struct member *members;
    size_t count, row;
};
#define LAYOUT(table, type)                                                                        \
    {                                                                                              \
        table, TD_COUNT(table), sizeof(struct type)                                                \
    }
static const struct layout head_rows = LAYOUT(blotter_members, td_blotter),
                           order_rows = LAYOUT(order_members, td_order),
                           execution_rows = LAYOUT(execution_members, td_execution),
                           holding_rows = LAYOUT(holding_members, td_blotter_holding),
                           signal_rows = LAYOUT(signal_members, td_mlsignal_row);

static uint64_t mix(uint64_t hash, uint64_t more)
{
    const uint64_t pair[2] = {hash, more};
    return td_hash_bytes(pair, sizeof pair);
}

static uint64_t layout_hash(void)
{
    static const struct layout *const all[] = {&head_rows, &order_rows, &execution_rows,
                                               &holding_rows, &signal_rows};
    uint64_t hash = TD_SNAPSHOT_MEANING;
    for (size_t i = 0; i < TD_COUNT(all); i++)
        for (size_t k = 0; k < all[i]->count; k++) {
            const struct member *m = &all[i]->members[k];
            hash = mix(hash, td_hash_bytes(m->name, strlen(m->name)));
            hash = mix(hash, (uint64_t)m->size << 8 | m->kind);
        }
    return hash;
}

/* --- bytes --- */

/* Writes into bytes, into a hash, or only counts. */
struct sink {
    uint8_t *out; /* NULL: none */
    size_t len;
    uint64_t hash;
    bool hashes;
};

static size_t packed(const struct layout *l)
{
    size_t n = 0;
    for (size_t i = 0; i < l->count; i++)
        n += l->members[i].size;
    return n;
}

static void put(struct sink *s, const void *bytes, size_t len)
{
    if (s->out)
        memcpy(s->out + s->len, bytes, len);
    if (s->hashes)
        s->hash = mix(s->hash, td_hash_bytes(bytes, len));
    s->len += len;
}

/* Behind the end of a text there may be anything. */
static void put_text(struct sink *s, const char *text, size_t size)
{
    char clean[160];
    TD_REQUIRE(size <= sizeof clean);
    memset(clean, 0, size);
    (void)td_str_copy(td_str_of(text), clean, size);
    put(s, clean, size);
}

static void put_rows(struct sink *s, const struct layout *l, const void *rows, uint32_t count)
{
    const char *row = rows;
    for (uint32_t r = 0; r < count; r++, row += l->row)
        for (size_t i = 0; i < l->count; i++) {
            const struct member *m = &l->members[i];
            if (m->kind == TEXT)
                put_text(s, row + m->at, m->size);
            else
                put(s, row + m->at, m->size);
        }
}

static void put_blotter(struct sink *s, const struct td_blotter *b)
{
    put_rows(s, &head_rows, b, 1);
    put_rows(s, &holding_rows, b->holdings, b->holding_count);
    put_rows(s, &order_rows, b->orders, b->order_count);
    put_rows(s, &execution_rows, b->executions, b->execution_count);
    put_rows(s, &signal_rows, b->signals, td_blotter_signals(b));
    put(s, b->live, b->live_count * sizeof *b->live);
}

uint64_t td_blotter_print(const struct td_blotter *b)
{
    struct sink s = {.hashes = true, .hash = layout_hash()};
    put_blotter(&s, b);
    return s.hash;
}

/* --- what a record tells of the state --- */

#define TELLS " state "

void td_state_tell(const struct td_blotter *b, char *text, size_t cap)
{
    char told[40];
    const size_t used = strlen(text);
    (void)snprintf(told, sizeof told, TELLS "%08x:%016llx", (unsigned)layout_hash(),
                   (unsigned long long)td_blotter_print(b));
    if (used + strlen(told) < cap)
        memcpy(text + used, told, strlen(told) + 1);
}

enum td_state_told td_state_compare(const struct td_blotter *b, const struct td_record *r)
{
    char mine[sizeof r->text] = "";
    const char *told = strstr(r->text, TELLS);
    if ((r->type != TD_REC_STOP && r->type != TD_REC_RECON) || !told)
        return TD_STATE_NONE;
    td_state_tell(b, mine, sizeof mine);
    if (strncmp(told, mine, strlen(TELLS) + 9) != 0)
        return TD_STATE_OTHER_LAYOUT;
    return strcmp(told, mine) == 0 ? TD_STATE_EQUAL : TD_STATE_DIFFERS;
}

/* --- copies --- */

static enum td_err fill_maps(struct td_blotter *b)
{
    enum td_err err = TD_OK;
    td_map_reset(&b->by_key);
    td_map_reset(&b->by_order_id);
    td_map_reset(&b->by_exec);
    for (uint32_t i = 0; i < b->order_count && !err; i++) {
        const struct td_order *o = &b->orders[i];
        err = td_map_put(&b->by_key, o->key, i);
        if (!err && o->order_id && !o->foreign && o->role != TD_ROLE_PARENT)
            err = td_map_put(&b->by_order_id, (uint64_t)o->order_id, i);
    }
    for (uint32_t i = 0; i < b->execution_count && !err; i++)
        err = td_map_put(&b->by_exec, blotter_exec_base(b->executions[i].exec_id), i);
    return err;
}

static bool has_room(const struct td_blotter_limits *max, const struct td_blotter *for_this)
{
    return for_this->order_count <= max->orders_max &&
           for_this->execution_count <= max->executions_max &&
           for_this->holding_count <= max->holdings_max;
}

enum td_err td_blotter_copy(struct td_blotter *into, const struct td_blotter *from)
{
    struct td_blotter b = *from;
    if (!has_room(&into->max, from))
        return TD_EFULL;
    b.max = into->max;
    b.orders = into->orders;
    b.executions = into->executions;
    b.holdings = into->holdings;
    b.live = into->live;
    b.signals = into->signals;
    b.by_key = into->by_key;
    b.by_order_id = into->by_order_id;
    b.by_exec = into->by_exec;
    memcpy(b.orders, from->orders, from->order_count * sizeof *b.orders);
    memcpy(b.executions, from->executions, from->execution_count * sizeof *b.executions);
    memcpy(b.holdings, from->holdings, from->holding_count * sizeof *b.holdings);
    memcpy(b.live, from->live, from->live_count * sizeof *b.live);
    memset(b.signals, 0, TD_MLSIGNALS_KEPT * sizeof *b.signals);
    memcpy(b.signals, from->signals, td_blotter_signals(from) * sizeof *b.signals);
    *into = b;
    return fill_maps(into);
}

/* --- files --- */

static void name_file(const char *folder, uint32_t number, char *out, size_t cap)
{
    (void)snprintf(out, cap, "%s/%04u.snap", folder, number);
}

static void put_head(struct sink *s, const struct td_snapshot *about, uint64_t body_len,
                     uint32_t body_crc)
{
    static const uint8_t zeros[16];
    const uint64_t layout = layout_hash();
    put(s, MAGIC, 8);
    put(s, &about->number, 4);
    put(s, &about->seq_crc, 4);
    put(s, &about->seq, 8);
    put(s, about->chain, sizeof about->chain);
    put(s, &layout, 8);
    put(s, &body_len, 8);
    put(s, &body_crc, 4);
    put(s, zeros, HEAD - 4 - s->len);
    const uint32_t crc = td_crc32c(0, s->out, s->len);
    put(s, &crc, 4);
}

enum td_err td_snapshot_save(struct td_world *world, const char *folder,
                             const struct td_snapshot *about, const struct td_blotter *b,
                             struct td_fail *why)
{
    char path[800];
    struct sink body = {0}, head = {0};
    put_blotter(&body, b);
    const size_t len = body.len;
    uint8_t *bytes = malloc(HEAD + len);
    if (!bytes)
        return td_fail_set(why, TD_ENOMEM, "no memory for a snapshot of %zu bytes", len);
    body = (struct sink){.out = bytes + HEAD};
    head.out = bytes;
    put_blotter(&body, b);
    put_head(&head, about, len, td_crc32c(0, bytes + HEAD, len));
    name_file(folder, about->number, path, sizeof path);
    const enum td_err err =
        td_file_replace(world, path, (struct td_str){(const char *)bytes, HEAD + len}, why);
    free(bytes);
    if (!err && about->number > TD_SNAPSHOT_KEPT) {
        name_file(folder, about->number - TD_SNAPSHOT_KEPT, path, sizeof path);
        (void)td_file_remove(world, path);
    }
    return err;
}

/* What is left of a body that is being read. */
struct source {
    const uint8_t *p;
    size_t left;
};

static bool take(struct source *s, void *out, size_t len)
{
    if (s->left < len)
        return false;
    if (len)
        memcpy(out, s->p, len);
    s->p += len;
    s->left -= len;
    return true;
}

static bool take_member(struct source *s, const struct member *m, char *row)
{
    if (s->left < m->size || (m->kind == FLAG && s->p[0] > 1) ||
        (m->kind == TEXT && s->p[m->size - 1] != 0))
        return false;
    return take(s, row + m->at, m->size);
}

static bool take_rows(struct source *s, const struct layout *l, void *rows, uint32_t count)
{
    char *row = rows;
    bool good = true;
    for (uint32_t r = 0; r < count && good; r++, row += l->row)
        for (size_t i = 0; i < l->count && good; i++)
            good = take_member(s, &l->members[i], row);
    return good;
}

/* What other code takes for granted: indices and kinds in their range. Sums are the checksum's business. */
static bool is_sound(const struct td_blotter *b)
{
    bool good = true;
    for (uint32_t i = 0; i < b->order_count && good; i++)
        good = b->orders[i].holding < b->holding_count && b->orders[i].state < TD_OS_COUNT &&
               b->orders[i].role < TD_ROLE_COUNT && b->orders[i].action <= TD_SELL &&
               b->orders[i].type < TD_ORDER_TYPE_COUNT && b->orders[i].tif < TD_TIF_COUNT;
    for (uint32_t i = 0; i < b->execution_count && good; i++)
        good = b->executions[i].holding < b->holding_count;
    for (uint32_t i = 0; i < b->live_count && good; i++)
        good = b->live[i] < b->order_count;
    for (uint32_t i = 0; i < td_blotter_signals(b) && good; i++)
        good = b->signals[i].told.type < TD_MLSIGNAL_TYPE_COUNT &&
               b->signals[i].told.urgency < TD_MLSIGNAL_URGENCIES &&
               b->signals[i].state < TD_MLS_COUNT;
    return good;
}

/* The body's bytes as they are: makes room, fills it, and looks whether it can be. */
static enum td_err take_blotter(struct source *s, uint64_t seq, td_snapshot_room_fn *make_room,
                                void *arg)
{
    struct td_blotter counts = {0};
    if (!take_rows(s, &head_rows, &counts, 1) || counts.order_count > ROWS_LIMIT ||
        counts.execution_count > ROWS_LIMIT || counts.holding_count > ROWS_LIMIT ||
        counts.live_count > counts.order_count ||
        s->left != counts.order_count * packed(&order_rows) +
                       counts.execution_count * packed(&execution_rows) +
                       counts.holding_count * packed(&holding_rows) +
                       td_blotter_signals(&counts) * packed(&signal_rows) +
                       counts.live_count * sizeof *counts.live)
        return TD_ECORRUPT;
    const struct td_blotter_limits needed = {counts.order_count, counts.execution_count,
                                             counts.holding_count, 0, 0};
    struct td_blotter *b = make_room(arg, &needed);
    if (!b || !has_room(&b->max, &counts))
        return TD_EFULL;
    for (size_t i = 0; i < head_rows.count; i++)
        memcpy((char *)b + blotter_members[i].at, (const char *)&counts + blotter_members[i].at,
               blotter_members[i].size);
    b->last_seq = seq;
    const bool good = take_rows(s, &holding_rows, b->holdings, b->holding_count) &&
                      take_rows(s, &order_rows, b->orders, b->order_count) &&
                      take_rows(s, &execution_rows, b->executions, b->execution_count) &&
                      take_rows(s, &signal_rows, b->signals, td_blotter_signals(b)) &&
                      take(s, b->live, b->live_count * sizeof *b->live) && is_sound(b);
    return good ? fill_maps(b) : TD_ECORRUPT;
}

/* Head and checksum; then *body is what stands behind the head. */
static enum td_err check_file(const uint8_t *bytes, size_t len, struct td_snapshot *about,
                              struct source *body)
{
    uint64_t layout, body_len;
    uint32_t number, seq_crc, body_crc, crc;
    uint64_t seq;
    if (len < HEAD || memcmp(bytes, MAGIC, 8) != 0)
        return TD_ECORRUPT;
    memcpy(&crc, bytes + HEAD - 4, 4);
    memcpy(&number, bytes + 8, 4);
    memcpy(&seq_crc, bytes + 12, 4);
    memcpy(&seq, bytes + 16, 8);
    memcpy(&layout, bytes + 40, 8);
    memcpy(&body_len, bytes + 48, 8);
    memcpy(&body_crc, bytes + 56, 4);
    if (crc != td_crc32c(0, bytes, HEAD - 4))
        return TD_ECORRUPT;
    if (layout != layout_hash())
        return TD_EVERSION;
    if (number != about->number || body_len != len - HEAD ||
        memcmp(bytes + 24, about->chain, sizeof about->chain) != 0 ||
        body_crc != td_crc32c(0, bytes + HEAD, len - HEAD))
        return TD_ECORRUPT;
    about->seq = seq;
    about->seq_crc = seq_crc;
    *body = (struct source){bytes + HEAD, len - HEAD};
    return TD_OK;
}

static enum td_err read_whole(struct td_world *world, const char *path, uint8_t **out, size_t *len)
{
    struct td_file file;
    uint64_t size = 0;
    enum td_err err = td_file_open(world, path, TD_FILE_READ, &file, NULL);
    if (err)
        return err;
    err = td_file_size(world, file, &size);
    *out = NULL;
    if (!err && size > BODY_MAX)
        err = TD_ECORRUPT;
    if (!err)
        *out = malloc((size_t)size + 1);
    if (!err && !*out)
        err = TD_ENOMEM;
    if (!err)
        err = td_file_read(world, file, 0, *out, (size_t)size, len);
    td_file_close(world, file);
    return err;
}

enum td_err td_snapshot_load(struct td_world *world, const char *folder, struct td_snapshot *about,
                             td_snapshot_room_fn *make_room, void *arg, struct td_fail *why)
{
    char path[800];
    uint8_t *bytes = NULL;
    size_t len = 0;
    struct source body = {0};
    name_file(folder, about->number, path, sizeof path);
    enum td_err err = read_whole(world, path, &bytes, &len);
    if (!err)
        err = check_file(bytes, len, about, &body);
    if (!err)
        err = take_blotter(&body, about->seq, make_room, arg);
    free(bytes);
    return err ? td_fail_set(why, err, "snapshot %s: %s", path, td_err_text(err)) : TD_OK;
}
