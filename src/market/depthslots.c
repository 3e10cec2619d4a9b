/* market/depthslots.c - one list of sessions, one queue of them, rows of what happened. */
#include "market/depthslots.h"

#include <string.h>

static const struct {
    const char *word, *act;
} events[] = {
#define ROW(name, word, act) {word, act},
    TD_DEPTHSLOTS_EVENTS(ROW)
#undef ROW
};

static const char *const states[] = {[TD_SLOT_NONE] = "Idle",
                                     [TD_SLOT_QUEUED] = "Queued",
                                     [TD_SLOT_ASKED] = "L2",
                                     [TD_SLOT_DEPTH] = "L2",
                                     [TD_SLOT_TICKS] = "Tick"};

void td_depthslots_init(struct td_depthslots *d, uint32_t slots)
{
    TD_REQUIRE(slots <= TD_DEPTHSLOTS_SESSIONS);
    memset(d, 0, sizeof *d);
    d->slots = d->slots_max = slots ? slots : TD_DEPTHSLOTS;
}

/* ---- rows ---- */

static void tell(struct td_depthslots *d, enum td_slot_event event, const struct td_slot_session *s)
{
    TD_REQUIRE(d->row_count < TD_DEPTHSLOTS_ROWS);
    struct td_slot_row *row = &d->rows[d->row_count++];
    *row = (struct td_slot_row){.event = event,
                                .attempts = s->attempts,
                                .held = d->held,
                                .slots = d->slots,
                                .queued = d->queued};
    memcpy(row->symbol, s->symbol, sizeof row->symbol);
}

bool td_depthslots_next(struct td_depthslots *d, struct td_slot_row *out)
{
    if (d->row_at == d->row_count) {
        d->row_at = d->row_count = 0;
        return false;
    }
    *out = d->rows[d->row_at++];
    return true;
}

/* All rows of the call before were taken: none is overwritten, and there is room for every row of one call. */
static void begin(struct td_depthslots *d)
{
    TD_REQUIRE(d->row_at == d->row_count);
    d->row_at = d->row_count = 0;
}

/* ---- the queue ---- */

static void push_back(struct td_depthslots *d, uint32_t session)
{
    d->queue[d->queued++] = session;
    d->sessions[session].state = TD_SLOT_QUEUED;
}

static void push_at(struct td_depthslots *d, uint32_t session, uint32_t at)
{
    memmove(d->queue + at + 1, d->queue + at, (d->queued - at) * sizeof *d->queue);
    d->queue[at] = session;
    d->queued++;
    d->sessions[session].state = TD_SLOT_QUEUED;
}

static void take_out(struct td_depthslots *d, uint32_t session)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < d->queued; i++)
        if (d->queue[i] != session)
            d->queue[kept++] = d->queue[i];
    d->queued = kept;
}

static bool holds(const struct td_slot_session *s)
{
    return s->state == TD_SLOT_ASKED || s->state == TD_SLOT_DEPTH;
}

static void give(struct td_depthslots *d, uint32_t session, enum td_slot_event event)
{
    d->sessions[session].state = TD_SLOT_ASKED;
    d->held++;
    tell(d, event, &d->sessions[session]);
}

static void promote(struct td_depthslots *d)
{
    while (d->held < d->slots && d->queued > 0) {
        const uint32_t first = d->queue[0];
        take_out(d, first);
        give(d, first, TD_SLOT_PROMOTED);
    }
}

/* ---- sessions ---- */

static bool find(const struct td_depthslots *d, struct td_str symbol, uint32_t *out)
{
    for (uint32_t i = 0; i < TD_DEPTHSLOTS_SESSIONS; i++)
        if (d->sessions[i].state != TD_SLOT_NONE && td_str_is(symbol, d->sessions[i].symbol)) {
            *out = i;
            return true;
        }
    return false;
}

const struct td_slot_session *td_depthslots_find(const struct td_depthslots *d,
                                                 struct td_str symbol)
{
    uint32_t at;
    return find(d, symbol, &at) ? &d->sessions[at] : NULL;
}

uint32_t td_depthslots_place(const struct td_depthslots *d, struct td_str symbol)
{
    uint32_t at;
    for (uint32_t i = 0; find(d, symbol, &at) && i < d->queued; i++)
        if (d->queue[i] == at)
            return i + 1;
    return 0;
}

enum td_err td_depthslots_start(struct td_depthslots *d, struct td_str symbol)
{
    uint32_t at = 0;
    begin(d);
    if (!td_symbol_is_safe(symbol))
        return TD_EINVAL;
    if (find(d, symbol, &at))
        return TD_EEXIST;
    for (at = 0; at < TD_DEPTHSLOTS_SESSIONS && d->sessions[at].state != TD_SLOT_NONE;)
        at++;
    if (at == TD_DEPTHSLOTS_SESSIONS)
        return TD_EFULL;
    struct td_slot_session *s = &d->sessions[at];
    *s = (struct td_slot_session){.state = TD_SLOT_TICKS, .number = d->numbers++};
    (void)td_str_copy(symbol, s->symbol, sizeof s->symbol);
    const bool free_slot = d->held < d->slots && d->queued == 0;
    if (!free_slot)
        push_back(d, at);
    tell(d, TD_SLOT_STARTED, s);
    if (free_slot)
        give(d, at, TD_SLOT_ACQUIRED);
    return TD_OK;
}

bool td_depthslots_confirm(struct td_depthslots *d, struct td_str symbol)
{
    uint32_t at;
    begin(d);
    if (!find(d, symbol, &at) || !holds(&d->sessions[at]))
        return false;
    struct td_slot_session *s = &d->sessions[at];
    if (s->state == TD_SLOT_DEPTH)
        return true;
    s->state = TD_SLOT_DEPTH;
    s->attempts = 0;
    tell(d, TD_SLOT_UPGRADED, s);
    return true;
}

/* The slot is not given away at once: the next is the one that just failed, and it waits for the next tick. */
bool td_depthslots_fail(struct td_depthslots *d, struct td_str symbol)
{
    uint32_t at;
    begin(d);
    if (!find(d, symbol, &at) || !holds(&d->sessions[at]))
        return false;
    struct td_slot_session *s = &d->sessions[at];
    d->held--;
    s->attempts++;
    if (s->attempts < TD_DEPTHSLOTS_TRIES)
        push_at(d, at, 0);
    else
        s->state = TD_SLOT_TICKS;
    tell(d, TD_SLOT_FAILED, s);
    return true;
}

bool td_depthslots_none_left(struct td_depthslots *d, struct td_str symbol)
{
    uint32_t at;
    begin(d);
    if (!find(d, symbol, &at) || !holds(&d->sessions[at]))
        return false;
    d->held--;
    d->slots = d->held;
    uint32_t place = 0;
    while (place < d->queued && d->sessions[d->queue[place]].number < d->sessions[at].number)
        place++;
    push_at(d, at, place);
    tell(d, TD_SLOT_FAILED, &d->sessions[at]);
    return true;
}

bool td_depthslots_widen(struct td_depthslots *d)
{
    begin(d);
    if (d->slots == d->slots_max)
        return false;
    d->slots++;
    promote(d);
    return true;
}

static void end(struct td_depthslots *d, uint32_t at)
{
    struct td_slot_session *s = &d->sessions[at];
    const bool held = holds(s);
    if (s->state == TD_SLOT_QUEUED)
        take_out(d, at);
    d->held -= held;
    s->state = TD_SLOT_NONE;
    if (held)
        tell(d, TD_SLOT_RELEASED, s);
    tell(d, TD_SLOT_STOPPED, s);
}

bool td_depthslots_stop(struct td_depthslots *d, struct td_str symbol)
{
    uint32_t at;
    begin(d);
    if (!find(d, symbol, &at))
        return false;
    const bool held = holds(&d->sessions[at]);
    end(d, at);
    if (held)
        promote(d);
    return true;
}

/* From the queue's end: nobody is promoted to be stopped in the next moment. */
void td_depthslots_stop_all(struct td_depthslots *d)
{
    begin(d);
    while (d->queued > 0)
        end(d, d->queue[d->queued - 1]);
    for (uint32_t i = 0; i < TD_DEPTHSLOTS_SESSIONS; i++)
        if (d->sessions[i].state != TD_SLOT_NONE)
            end(d, i);
}

void td_depthslots_tick(struct td_depthslots *d)
{
    begin(d);
    promote(d);
}

/* ---- words ---- */

const char *td_slot_event_word(enum td_slot_event event)
{
    return events[event].word;
}

const char *td_slot_event_act(enum td_slot_event event)
{
    return events[event].act;
}

const char *td_slot_state_word(enum td_slot_state state)
{
    return states[state];
}

void td_slot_row_print(const struct td_slot_row *row, struct td_text *out)
{
    td_text_printf(out, "event=%s symbol=%s l2=%u/%u queue=%u attempts=%u",
                   td_slot_event_word(row->event), row->symbol, (unsigned)row->held,
                   (unsigned)row->slots, (unsigned)row->queued, (unsigned)row->attempts);
}
