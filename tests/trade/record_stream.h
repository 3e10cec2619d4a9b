/* tests/trade/record_stream.h - random records that a desk could have journaled: made against a blotter, kept when it
 * takes them. Orders, children, changes, fills and their corrections, fees, losses, look-ups, foreign orders, freezes,
 * guards, halts and days. One stream at a time. */
#ifndef TD_TESTS_RECORD_STREAM_H
#define TD_TESTS_RECORD_STREAM_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "support/support.h"
#include "trade/blotter.h"

struct stream {
    struct td_rng rng;
    struct td_blotter b; /* takes what is made */
    void *memory;
    td_ns at;
    uint64_t seq;
    uint32_t execs;
};

static inline void blotter_make(struct td_blotter *b, void **memory,
                                const struct td_blotter_limits *limits)
{
    struct td_arena arena;
    *memory = malloc(td_blotter_bytes(limits));
    assert_non_null(*memory);
    td_arena_init(&arena, *memory, td_blotter_bytes(limits));
    TD_OK_OR_FAIL(td_blotter_open(b, limits, &arena));
}

static inline void stream_open(struct stream *s, uint64_t seed,
                               const struct td_blotter_limits *limits)
{
    memset(s, 0, sizeof *s);
    td_rng_init(&s->rng, seed);
    s->at = INT64_C(1763735400000000000);
    blotter_make(&s->b, &s->memory, limits);
}

static inline void stream_close(struct stream *s)
{
    free(s->memory);
    s->memory = NULL;
}

static inline struct td_order *stream_order(struct stream *s)
{
    return s->b.order_count ? &s->b.orders[td_rng_below(&s->rng, s->b.order_count)] : NULL;
}

static inline void stream_terms(struct stream *s, struct td_record *r)
{
    r->qty = TD_QTY(1 + (int64_t)td_rng_below(&s->rng, 9));
    r->limit = TD_PX(90 + (int64_t)td_rng_below(&s->rng, 20));
    r->stop = td_rng_chance(&s->rng, 0.3) ? TD_PX(80) : TD_PX_NONE;
}

static inline void stream_new_order(struct stream *s, struct td_record *r)
{
    const struct td_order *parent = stream_order(s);
    r->key = s->b.next_key;
    r->order_id = s->b.next_id;
    r->client_id = 7;
    r->conid = 1;
    r->multiplier = TD_QTY(1);
    r->action = (uint8_t)td_rng_below(&s->rng, 2);
    r->otype = TD_ORDER_LIMIT;
    r->cash = TD_CASH(100);
    stream_terms(s, r);
    if (td_rng_chance(&s->rng, 0.2)) {
        r->target = TD_PX(120);
        r->protect = TD_PX(70);
    }
    if (r->type == TD_REC_PARENT) {
        r->order_id = 0;
        r->role = TD_ROLE_PARENT;
    } else if (parent && parent->role == TD_ROLE_PARENT) {
        r->role = TD_ROLE_SLICE;
        r->parent = (int64_t)parent->key;
        r->action = parent->action;
        (void)snprintf(r->symbol, sizeof r->symbol, "%s", parent->symbol);
    }
    (void)snprintf(r->ref, sizeof r->ref, "td-abcdef-%llu", (unsigned long long)r->key);
    (void)snprintf(r->strategy, sizeof r->strategy, "random");
}

static inline void stream_exec(struct stream *s, struct td_record *r)
{
    const struct td_order *o = stream_order(s);
    const bool corrects = s->execs && td_rng_chance(&s->rng, 0.2);
    const uint32_t n = corrects ? (uint32_t)td_rng_below(&s->rng, s->execs) : s->execs++;
    r->key = o && o->role != TD_ROLE_PARENT ? o->key : 0;
    r->action = o ? o->action : TD_BUY;
    r->qty = TD_QTY((int64_t)td_rng_below(&s->rng, 3));
    r->px = TD_PX(95 + (int64_t)td_rng_below(&s->rng, 10));
    r->multiplier = TD_QTY(1);
    if (o)
        (void)snprintf(r->symbol, sizeof r->symbol, "%s", o->symbol);
    (void)snprintf(r->exec_id, sizeof r->exec_id, "0000e0d5.%u.%02d", n, corrects ? 2 : 1);
}

static inline void stream_about_order(struct stream *s, struct td_record *r)
{
    static const char *const words[] = {"Submitted", "Cancelled", "open",     "cancelled",
                                        "missing",   "abandoned", "closed",   "done",
                                        "frozen",    "off",       "triggered"};
    const struct td_order *o = stream_order(s);
    r->key = o ? o->key : 0;
    r->order_id = o ? o->order_id : 0;
    if (o)
        (void)snprintf(r->symbol, sizeof r->symbol, "%s", o->symbol);
    (void)snprintf(r->status, sizeof r->status, "%s",
                   words[td_rng_below(&s->rng, TD_COUNT(words))]);
    (void)snprintf(r->text, sizeof r->text, "about it");
    r->code = td_rng_chance(&s->rng, 0.2) ? 202 : 399;
    stream_terms(s, r);
}

/* A new signal, or the next state of one that is there. */
static inline void stream_signal(struct stream *s, struct td_record *r)
{
    const uint32_t kept = td_blotter_signals(&s->b);
    struct td_mlsignal_row row = {.number = s->b.signal_total + 1};
    if (kept && td_rng_chance(&s->rng, 0.6))
        row = s->b.signals[td_rng_below(&s->rng, kept)];
    else
        (void)snprintf(row.told.id, sizeof row.told.id, "s-%u",
                       (unsigned)td_rng_below(&s->rng, 500));
    row.state = (uint8_t)td_rng_below(&s->rng, TD_MLS_COUNT);
    row.told.type = (uint8_t)td_rng_below(&s->rng, TD_MLSIGNAL_TYPE_COUNT);
    row.received = row.changed = s->at;
    row.filled = row.wanted = TD_QTY((int64_t)td_rng_below(&s->rng, 9));
    td_mlsignal_record(&row, r);
}

static inline void stream_fill(struct stream *s, struct td_record *r)
{
    switch (r->type) {
    case TD_REC_ORDER:
    case TD_REC_PARENT:
        stream_new_order(s, r);
        return;
    case TD_REC_EXEC:
        stream_exec(s, r);
        return;
    case TD_REC_FEE:
        (void)snprintf(r->exec_id, sizeof r->exec_id, "0000e0d5.%u.01",
                       (unsigned)td_rng_below(&s->rng, s->execs + 1));
        r->cash = TD_CASH((int64_t)td_rng_below(&s->rng, 5));
        return;
    case TD_REC_FOREIGN:
        stream_terms(s, r);
        r->key = TD_FOREIGN_KEY | td_rng_below(&s->rng, 50);
        r->order_id = (int64_t)td_rng_below(&s->rng, 50); /* may be one of ours: another client's */
        r->client_id = 9;
        return;
    case TD_REC_SIGNAL:
        stream_signal(s, r);
        return;
    case TD_REC_DAY:
        r->number = s->at / TD_DAY;
        r->cash = TD_CASH(0);
        s->at += TD_DAY;
        return;
    case TD_REC_POSITION:
        r->qty = TD_QTY((int64_t)td_rng_below(&s->rng, 9) - 4);
        r->px = TD_PX(100);
        return;
    default:
        stream_about_order(s, r);
    }
}

/* A record is what the journal keeps of it. */
static inline void stream_pass(struct td_record *r)
{
    uint8_t bytes[TD_RECORD_BYTES_MAX];
    const size_t len = td_record_encode(r, bytes);
    TD_OK_OR_FAIL(td_record_decode(bytes, len, TD_RECORD_VERSION, r));
}

/* Filled with what `draws` draws, and applied to the blotter of `s`. False: it was not taken. */
static inline bool stream_try(struct stream *s, struct stream *draws, struct td_record *r)
{
    stream_fill(draws, r);
    stream_pass(r);
    if (td_blotter_apply(&s->b, r) != TD_OK)
        return false;
    r->seq = ++s->seq;
    s->b.last_seq = r->seq;
    return true;
}

/* The next record that the blotter takes. */
static inline struct td_record stream_next(struct stream *s)
{
    static const uint8_t often[] = {TD_REC_ORDER, TD_REC_ORDER, TD_REC_ORDER,  TD_REC_SENT,
                                    TD_REC_SENT,  TD_REC_EXEC,  TD_REC_EXEC,   TD_REC_EXEC,
                                    TD_REC_FEE,   TD_REC_FEE,   TD_REC_STATUS, TD_REC_CHANGE};
    for (bool signal = s->seq % 16 == 7;; signal = false) {
        struct td_record r;
        struct stream apart =
            *s; /* signals draw for themselves: the other records stay as they are */
        if (signal) {
            td_rng_init(&apart.rng, s->seq);
            td_record_init(&r, TD_REC_SIGNAL, s->at);
            if (stream_try(s, &apart, &r))
                return r;
            continue;
        }
        const bool any = td_rng_chance(&s->rng, 0.3);
        s->at += (td_ns)td_rng_below(&s->rng, 1000000000);
        td_record_init(&r,
                       any ? (enum td_record_type)(1 + td_rng_below(&s->rng, TD_REC_SIGNAL - 1))
                           : (enum td_record_type)often[td_rng_below(&s->rng, TD_COUNT(often))],
                       s->at);
        (void)snprintf(r.symbol, sizeof r.symbol, "SYM%d", (int)td_rng_below(&s->rng, 5));
        if (stream_try(s, s, &r))
            return r;
    }
}

#endif
