/* desk/guest_host.c - loading, checking and asking a foreign strategy, in its own process. */
#include "desk/guest_host.h"

#include <stdlib.h>

#include "strat/guest.h"
#include "sys/confine.h"
#include "sys/library.h"

struct running {
    struct td_guest_begin begin;
    void *state; /* NULL: init refused */
};

struct host {
    const struct td_strat *strat;
    struct running instances[TD_GUEST_LINES];
    struct td_instrument lines[TD_GUEST_LINES];
    struct td_book *books; /* by line */
    uint8_t body[TD_GUEST_OUT], out[TD_GUEST_IN];
    /* the view that an event is shown with */
    struct td_leg legs[TD_LEGS_MAX];
    struct td_forecast forecasts[TD_LEGS_MAX];
    struct td_working working[TD_WORKING_MAX];
    struct td_intent intents[TD_INTENTS_MAX];
};

static enum td_err say(struct host *h, size_t len)
{
    TD_REQUIRE(len > 0);
    return td_confined_write(h->out, len);
}

static enum td_err say_word(struct host *h, enum td_guest_kind kind, uint32_t instance,
                            const struct td_fail *why)
{
    struct td_guest_word word;
    memset(&word, 0, sizeof word);
    word.instance = instance;
    word.err = (int32_t)why->code;
    (void)td_str_copy(td_str_of(why->text), word.text, sizeof word.text);
    return say(h, td_guest_put_word(h->out, sizeof h->out, kind, &word));
}

static enum td_err load(struct host *h, const char *path, struct td_fail *why)
{
    struct td_library library = {0};
    const enum td_err err = td_library_open(&library, path, why);
    if (err)
        return err;
    const struct td_strat_plugin *plugin = td_library_object(&library, TD_STRAT_PLUGIN_SYMBOL);
    if (!plugin)
        return td_fail_set(why, TD_EVERSION,
                           "%s: no strategy of contract version %d in it (no TD_STRATEGY)", path,
                           TD_STRAT_ABI);
    if (td_plugin_check(plugin, why) != TD_OK)
        return td_fail_add(why, why->code, "%s", path);
    h->strat = plugin->strat;
    return TD_OK;
}

static enum td_err begin(struct host *h, size_t len)
{
    struct td_guest_begin b;
    struct td_fail why = {0};
    if (len != sizeof b)
        return TD_EPROTO;
    memcpy(&b, h->body, sizeof b);
    if (b.instance >= TD_GUEST_LINES || b.legs == 0 || b.legs > TD_LEGS_MAX ||
        b.first > TD_GUEST_LINES - b.legs)
        return TD_EPROTO;
    struct running *r = &h->instances[b.instance];
    const struct td_strat_setup setup = {.params = b.params,
                                         .size = b.size,
                                         .allow_short = b.allow_short != 0,
                                         .leg_count = b.legs,
                                         .bar_span = b.bar_span};
    void *state = calloc(1, h->strat->state_size ? h->strat->state_size : 1);
    enum td_err err = state ? h->strat->init(state, &setup, &why) : TD_ENOMEM;
    if (err)
        (void)td_fail_add(&why, err, "strategy %s", h->strat->name);
    free(r->state);
    *r = (struct running){b, err ? NULL : state};
    if (err)
        free(state);
    return say_word(h, TD_GUEST_BEGUN, b.instance, &why);
}

static enum td_err take_line(struct host *h, size_t len)
{
    struct td_guest_line line;
    if (len != sizeof line)
        return TD_EPROTO;
    memcpy(&line, h->body, sizeof line);
    if (line.line >= TD_GUEST_LINES)
        return TD_EPROTO;
    h->lines[line.line] = line.inst;
    return TD_OK;
}

static enum td_err take_books(struct host *h, const struct td_guest_parts *p)
{
    for (uint32_t i = 0; i < p->head.books; i++) {
        struct td_guest_book book;
        memcpy(&book, p->books + i * sizeof book, sizeof book);
        if (book.line >= TD_GUEST_LINES)
            return TD_EPROTO;
        td_guest_unpack_book(&book, &h->books[book.line]);
    }
    return TD_OK;
}

static void take_legs(struct host *h, const struct td_guest_parts *p, uint32_t first)
{
    for (uint32_t i = 0; i < p->head.legs; i++) {
        struct td_guest_leg leg;
        memcpy(&leg, p->legs + i * sizeof leg, sizeof leg);
        h->forecasts[i].up = leg.up;
        h->legs[i] = (struct td_leg){.inst = &h->lines[first + i],
                                     .book = leg.has_book ? &h->books[first + i] : NULL,
                                     .quote = leg.quote,
                                     .last = leg.last,
                                     .forecast = leg.has_forecast ? &h->forecasts[i] : NULL,
                                     .position = leg.position,
                                     .average = leg.average,
                                     .since = leg.since,
                                     .pending = leg.pending,
                                     .tradable = leg.tradable != 0};
    }
}

static enum td_err answer(struct host *h, size_t len)
{
    struct td_guest_parts p;
    if (td_guest_cut(h->body, len, &p) != TD_OK || p.head.instance >= TD_GUEST_LINES)
        return TD_EPROTO;
    const struct running *r = &h->instances[p.head.instance];
    if (!r->state || p.head.legs != r->begin.legs || take_books(h, &p) != TD_OK)
        return TD_EPROTO;
    take_legs(h, &p, r->begin.first);
    memcpy(h->working, p.working, p.head.working * sizeof h->working[0]);
    memset(h->intents, 0, sizeof h->intents);
    const struct td_view view = {.leg = &h->legs[p.head.leg],
                                 .legs = h->legs,
                                 .leg_count = p.head.legs,
                                 .working = h->working,
                                 .working_count = p.head.working,
                                 .equity = p.head.equity,
                                 .now = p.head.now};
    const size_t count = h->strat->on_event(r->state, &p.head.event, &view, h->intents);
    const struct td_guest_answer a = {.seq = p.head.seq,
                                      .instance = p.head.instance,
                                      .count = count > UINT32_MAX ? UINT32_MAX : (uint32_t)count};
    return say(h, td_guest_put_intents(h->out, sizeof h->out, &a, h->intents));
}

static enum td_err take_frame(struct host *h)
{
    struct td_guest_head head;
    enum td_err err = td_confined_read(&head, sizeof head);
    if (err)
        return err;
    if (!td_guest_from_desk(&head) || head.len > sizeof h->body)
        return TD_EPROTO;
    err = td_confined_read(h->body, head.len);
    if (err)
        return err;
    switch (head.kind) {
    case TD_GUEST_BEGIN:
        return begin(h, head.len);
    case TD_GUEST_LINE:
        return take_line(h, head.len);
    case TD_GUEST_EVENT:
        return answer(h, head.len);
    default:
        return TD_EPROTO;
    }
}

enum td_err td_guest_host(const char *path, struct td_fail *why)
{
    struct td_fail refused = {0};
    enum td_err err = td_confine(why);
    if (err)
        return err;
    struct host *h = calloc(1, sizeof *h);
    if (h)
        h->books = calloc(TD_GUEST_LINES, sizeof *h->books);
    if (!h || !h->books)
        td_confined_exit(1);
    if (load(h, path, &refused) != TD_OK) {
        (void)say_word(h, TD_GUEST_REFUSED, 0, &refused);
        td_confined_exit(1);
    }
    err = say(h, td_guest_put_about(h->out, sizeof h->out, h->strat));
    while (!err)
        err = take_frame(h);
    td_confined_exit(err == TD_ECLOSED ? 0 : 1);
}
