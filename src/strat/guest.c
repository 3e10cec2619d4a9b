/* strat/guest.c - frames between a desk and the host of a foreign strategy. */
#include "strat/guest.h"

#include <math.h>

#define MAGIC     0x54444731u /* "TDG1" */
#define HEAD      sizeof(struct td_guest_head)
#define PRICE_MAX (INT64_MAX / 2) /* differences of two cannot overflow */

_Static_assert(HEAD + sizeof(struct td_guest_about) <= TD_GUEST_IN, "a description fits");
_Static_assert(HEAD + sizeof(struct td_guest_answer) +
                       TD_INTENTS_MAX * sizeof(struct td_guest_intent) <=
                   TD_GUEST_IN,
               "all intents fit");
_Static_assert(HEAD + sizeof(struct td_guest_event) +
                       TD_LEGS_MAX * (sizeof(struct td_guest_leg) + sizeof(struct td_guest_book) +
                                      HEAD + sizeof(struct td_guest_line)) +
                       TD_WORKING_MAX * sizeof(struct td_working) <=
                   TD_GUEST_OUT,
               "the largest event fits");

/* --- writing --- */

size_t td_guest_put(uint8_t *out, size_t cap, enum td_guest_kind kind, const void *body, size_t len)
{
    const struct td_guest_head head = {MAGIC, kind, (uint32_t)len};
    if (cap < HEAD + len)
        return 0;
    memcpy(out, &head, HEAD);
    if (body)
        memcpy(out + HEAD, body, len);
    return HEAD + len;
}

static void copy_text(const char *from, char *out, size_t cap)
{
    (void)td_str_copy(td_str_of(from), out, cap);
}

size_t td_guest_put_about(uint8_t *out, size_t cap, const struct td_strat *strat)
{
    struct td_guest_about a;
    memset(&a, 0, sizeof a);
    copy_text(strat->name, a.name, sizeof a.name);
    copy_text(strat->help, a.help, sizeof a.help);
    a.scope = strat->scope;
    a.legs_min = strat->legs_min;
    a.state_size = (uint32_t)strat->state_size;
    a.param_count = strat->param_count;
    for (uint32_t i = 0; i < strat->param_count; i++) {
        const struct td_strat_param *p = &strat->params[i];
        copy_text(p->name, a.params[i].name, sizeof a.params[i].name);
        copy_text(p->help, a.params[i].help, sizeof a.params[i].help);
        a.params[i].preset = p->preset;
        a.params[i].low = p->low;
        a.params[i].high = p->high;
    }
    return td_guest_put(out, cap, TD_GUEST_ABOUT, &a, sizeof a);
}

size_t td_guest_put_word(uint8_t *out, size_t cap, enum td_guest_kind kind,
                         const struct td_guest_word *word)
{
    return td_guest_put(out, cap, kind, word, sizeof *word);
}

/* The bytes of a bool that foreign code wrote may be anything. */
static uint32_t byte_of(const bool *flag)
{
    uint8_t byte;
    memcpy(&byte, flag, 1);
    return byte;
}

static void pack_intent(const struct td_intent *i, struct td_guest_intent *out)
{
    memset(out, 0, sizeof *out);
    out->leg = i->leg;
    out->tag = i->tag;
    out->group = i->group;
    out->kind = i->kind;
    out->action = i->action;
    out->type = i->type;
    out->tif = i->tif;
    out->algo = i->algo;
    out->exit = byte_of(&i->exit);
    out->qty = i->qty;
    out->display = i->display;
    out->limit = i->limit;
    out->stop = i->stop;
    out->trail = i->trail;
    out->target = i->target;
    out->protect = i->protect;
    out->reference = i->reference;
    out->risk = i->risk;
    out->strength = i->strength;
    out->good_until = i->good_until;
    out->algo_span = i->algo_span;
    memcpy(out->reason, i->reason, sizeof out->reason);
}

size_t td_guest_put_intents(uint8_t *out, size_t cap, const struct td_guest_answer *answer,
                            const struct td_intent *intents)
{
    const uint32_t told = answer->count <= TD_INTENTS_MAX ? answer->count : 0;
    const size_t len = sizeof *answer + told * sizeof(struct td_guest_intent);
    if (!td_guest_put(out, cap, TD_GUEST_INTENTS, NULL, len))
        return 0;
    memcpy(out + HEAD, answer, sizeof *answer);
    for (uint32_t i = 0; i < told; i++) {
        struct td_guest_intent one;
        pack_intent(&intents[i], &one);
        memcpy(out + HEAD + sizeof *answer + i * sizeof one, &one, sizeof one);
    }
    return HEAD + len;
}

void td_guest_pack_leg(const struct td_leg *leg, struct td_guest_leg *out)
{
    *out = (struct td_guest_leg){.quote = leg->quote,
                                 .last = leg->last,
                                 .position = leg->position,
                                 .average = leg->average,
                                 .since = leg->since,
                                 .pending = leg->pending,
                                 .up = leg->forecast ? leg->forecast->up : 0,
                                 .tradable = leg->tradable,
                                 .has_book = leg->book != NULL,
                                 .has_forecast = leg->forecast != NULL};
}

void td_guest_pack_book(uint32_t line, const struct td_book *book, struct td_guest_book *out)
{
    memset(out, 0, sizeof *out);
    out->line = line;
    out->rows_max = book->rows_max < TD_GUEST_ROWS ? book->rows_max : TD_GUEST_ROWS;
    out->updates = book->updates;
    out->gaps = book->gaps;
    out->resets = book->resets;
    out->broken = book->broken;
    out->generated = book->generated;
    out->recv_ns = book->recv_ns;
    out->venue_ns = book->venue_ns;
    for (int side = 0; side < 2; side++) {
        const int32_t rows = book->rows[side] < TD_GUEST_ROWS ? book->rows[side] : TD_GUEST_ROWS;
        out->rows[side] = rows;
        out->disorder[side] = book->disorder[side];
        memcpy(out->side[side], book->side[side], (size_t)rows * sizeof out->side[0][0]);
        memcpy(out->maker[side], book->maker[side], (size_t)rows * sizeof out->maker[0][0]);
    }
}

void td_guest_unpack_book(const struct td_guest_book *from, struct td_book *out)
{
    td_book_init(out, from->rows_max > 0 ? from->rows_max : 1);
    out->updates = from->updates;
    out->gaps = from->gaps;
    out->resets = from->resets;
    out->broken = from->broken != 0;
    out->generated = from->generated != 0;
    out->recv_ns = from->recv_ns;
    out->venue_ns = from->venue_ns;
    for (int side = 0; side < 2; side++) {
        out->rows[side] = from->rows[side];
        out->disorder[side] = from->disorder[side];
        memcpy(out->side[side], from->side[side], sizeof from->side[0]);
        memcpy(out->maker[side], from->maker[side], sizeof from->maker[0]);
    }
}

/* --- what a host says --- */

size_t td_guest_feed(struct td_guest_in *g, const void *in, size_t len)
{
    const size_t room = sizeof g->bytes - g->used, n = len < room ? len : room;
    memcpy(g->bytes + g->used, in, n);
    g->used += n;
    return n;
}

static bool length_fits(const struct td_guest_head *h)
{
    const size_t answer = sizeof(struct td_guest_answer), one = sizeof(struct td_guest_intent);
    switch (h->kind) {
    case TD_GUEST_ABOUT:
        return h->len == sizeof(struct td_guest_about);
    case TD_GUEST_REFUSED:
    case TD_GUEST_BEGUN:
        return h->len == sizeof(struct td_guest_word);
    case TD_GUEST_INTENTS:
        return h->len >= answer && h->len <= answer + TD_INTENTS_MAX * one &&
               (h->len - answer) % one == 0;
    default:
        return false;
    }
}

/* Ends the text, and leaves nothing in it that a terminal or a log would act on. */
static void clean(char *text, size_t cap)
{
    text[cap - 1] = '\0';
    for (char *p = text; *p; p++)
        if ((unsigned char)*p < ' ' || (unsigned char)*p >= 127)
            *p = '?';
}

static bool about_is_sound(struct td_guest_about *a)
{
    clean(a->name, sizeof a->name);
    clean(a->help, sizeof a->help);
    if (!a->name[0] || a->scope > TD_SCOPE_ALL || a->legs_min > TD_LEGS_MAX ||
        a->param_count > TD_STRAT_PARAMS || a->state_size > TD_STRAT_STATE_MAX)
        return false;
    for (uint32_t i = 0; i < a->param_count; i++) {
        struct td_guest_param *p = &a->params[i];
        clean(p->name, sizeof p->name);
        clean(p->help, sizeof p->help);
        if (!p->name[0] || !(p->low <= p->preset && p->preset <= p->high) || !isfinite(p->low) ||
            !isfinite(p->high))
            return false;
    }
    return true;
}

static bool is_price(td_px px)
{
    return td_px_is_none(px) || (px.e9 > -PRICE_MAX && px.e9 < PRICE_MAX);
}

static bool prices_are_sound(const struct td_guest_intent *i)
{
    const td_px all[] = {i->limit, i->stop, i->trail, i->target, i->protect, i->reference, i->risk};
    for (size_t k = 0; k < TD_COUNT(all); k++)
        if (!is_price(all[k]))
            return false;
    return true;
}

static bool intent_is_sound(const struct td_guest_intent *i)
{
    return i->kind <= TD_INTENT_CANCEL && i->action <= TD_SELL && i->type < TD_ORDER_TYPE_COUNT &&
           i->tif < TD_TIF_COUNT && i->algo <= TD_ALGO_ADAPTIVE && i->exit <= 1 &&
           i->leg < TD_LEGS_MAX && i->qty.e9 >= 0 && i->qty.e9 < PRICE_MAX && i->display.e9 >= 0 &&
           i->display.e9 < PRICE_MAX && i->strength >= 0 && i->strength <= 1 &&
           i->good_until >= 0 && i->algo_span >= 0 && prices_are_sound(i);
}

static void unpack_intent(const struct td_guest_intent *i, struct td_intent *out)
{
    *out = (struct td_intent){.leg = i->leg,
                              .tag = i->tag,
                              .kind = (uint8_t)i->kind,
                              .action = (uint8_t)i->action,
                              .type = (uint8_t)i->type,
                              .tif = (uint8_t)i->tif,
                              .algo = (uint8_t)i->algo,
                              .exit = i->exit == 1,
                              .qty = i->qty,
                              .display = i->display,
                              .limit = i->limit,
                              .stop = i->stop,
                              .trail = i->trail,
                              .target = i->target,
                              .protect = i->protect,
                              .group = i->group,
                              .reference = i->reference,
                              .risk = i->risk,
                              .strength = i->strength,
                              .good_until = i->good_until,
                              .algo_span = i->algo_span};
    memcpy(out->reason, i->reason, sizeof out->reason);
    clean(out->reason, sizeof out->reason);
}

static enum td_err read_answer(const uint8_t *body, size_t len, struct td_guest_frame *out,
                               struct td_fail *why)
{
    memcpy(&out->answer, body, sizeof out->answer);
    const uint32_t told = (uint32_t)((len - sizeof out->answer) / sizeof(struct td_guest_intent));
    if (told != (out->answer.count <= TD_INTENTS_MAX ? out->answer.count : 0))
        return td_fail_set(why, TD_EPROTO, "it says %u intents and sends %u", out->answer.count,
                           told);
    for (uint32_t k = 0; k < told; k++) {
        struct td_guest_intent one;
        memcpy(&one, body + sizeof out->answer + k * sizeof one, sizeof one);
        if (!intent_is_sound(&one))
            return td_fail_set(why, TD_EPROTO, "an intent that makes no sense");
        unpack_intent(&one, &out->intents[k]);
    }
    return TD_OK;
}

static enum td_err read_body(const uint8_t *body, size_t len, struct td_guest_frame *out,
                             struct td_fail *why)
{
    if (out->kind == TD_GUEST_INTENTS)
        return read_answer(body, len, out, why);
    if (out->kind == TD_GUEST_ABOUT) {
        memcpy(&out->about, body, sizeof out->about);
        return about_is_sound(&out->about)
                   ? TD_OK
                   : td_fail_set(why, TD_EPROTO, "a description that makes no sense");
    }
    memcpy(&out->word, body, sizeof out->word);
    clean(out->word.text, sizeof out->word.text);
    return out->word.err >= 0 && out->word.err < TD_ERR_COUNT
               ? TD_OK
               : td_fail_set(why, TD_EPROTO, "an error of no known kind");
}

enum td_err td_guest_next(struct td_guest_in *g, struct td_guest_frame *out, struct td_fail *why)
{
    struct td_guest_head head;
    if (g->used < HEAD)
        return TD_EAGAIN;
    memcpy(&head, g->bytes, HEAD);
    if (head.magic != MAGIC || !length_fits(&head))
        return td_fail_set(why, TD_EPROTO, "bytes that are no frame");
    if (g->used < HEAD + head.len)
        return TD_EAGAIN;
    out->kind = (enum td_guest_kind)head.kind;
    const enum td_err err = read_body(g->bytes + HEAD, head.len, out, why);
    if (err)
        return err;
    g->used -= HEAD + head.len;
    memmove(g->bytes, g->bytes + HEAD + head.len, g->used);
    return TD_OK;
}

/* --- what a desk says --- */

bool td_guest_from_desk(const struct td_guest_head *head)
{
    return head->magic == MAGIC && head->len <= TD_GUEST_OUT;
}

enum td_err td_guest_cut(const uint8_t *body, size_t len, struct td_guest_parts *out)
{
    if (len < sizeof out->head)
        return TD_EPROTO;
    memcpy(&out->head, body, sizeof out->head);
    const struct td_guest_event *h = &out->head;
    if (h->legs > TD_LEGS_MAX || h->leg >= h->legs || h->working > TD_WORKING_MAX ||
        h->books > TD_LEGS_MAX)
        return TD_EPROTO;
    out->legs = body + sizeof *h;
    out->working = out->legs + h->legs * sizeof(struct td_guest_leg);
    out->books = out->working + h->working * sizeof(struct td_working);
    const uint8_t *end = out->books + h->books * sizeof(struct td_guest_book);
    return (size_t)(end - body) == len ? TD_OK : TD_EPROTO;
}
