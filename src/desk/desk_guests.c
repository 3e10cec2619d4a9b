/* desk/desk_guests.c - strategies in shared objects: each runs in a process of its own, and can hurt nobody but itself.
 *
 * An event for a guest is queued (bounded) and sent with the view of the moment it is sent; its answer comes back in a later turn of
 * the loop and goes the way of any intents, through the gates. One live event is under way at a time, so that a strategy
 * sees what became of its last intents before it decides again; bars of the past, whose answers nobody looks at, go AHEAD at once.
 * An answer counts as decided at the time of its event: what took too long is refused by the gate DECISION_AGE.
 *
 * A guest is switched off when it does not answer in time, lets events wait for too long or fills the queue, floods, says what makes no
 * sense, or ends: told once, its process is ended (SIGTERM, a second later SIGKILL) and reaped, and its orders and stops
 * stay managed. Nothing here waits, but for desk_guests_close.
 */
#include <stdio.h>
#include <stdlib.h>

#include "desk/desk_inner.h"
#include "desk/guest_load.h"

#define WAITING_MAX 65536         /* events in a queue: a day of 5 s bars of 14 symbols */
#define AHEAD       64            /* bars of the past under way at once */
#define BEHIND      20            /* deadlines that a live event may wait in the queue */
#define KILL_AFTER  TD_SEC        /* between SIGTERM and SIGKILL */
#define LOOK        (20 * TD_MS)  /* between two looks whether it has ended */
#define ROUNDS      64            /* sends and answers of one turn */
#define READ_MAX    (256 * 1024u) /* bytes of one turn */

struct waiting {
    struct td_event event;
    td_ns queued; /* monotonic */
    uint32_t instance, line;
    bool warmup;
};

/* An event that was sent and is not answered. */
struct asked {
    uint64_t seq;
    td_ns sent, event_ns; /* monotonic; recv_ns of the event */
    uint32_t instance;
    bool warmup;
};

/* What the host knows of a line. */
struct told {
    struct td_instrument inst;
    uint64_t updates;
    uint32_t gaps, resets;
    bool book, broken;
};

enum guest_state { GUEST_LOADING, GUEST_BEGINNING, GUEST_RUNNING, GUEST_OFF };

struct desk_guest {
    const struct td_strat_use *use;
    struct td_proc proc; /* id 0: reaped */
    enum guest_state state;
    uint32_t first, count, begun;                      /* instances */
    td_ns start_mono, end_mono, look_mono, fresh_mono; /* fresh: last answer to a bar of the past */
    bool ended_itself, hard;
    uint64_t seq;
    struct waiting *queue; /* [WAITING_MAX] ring */
    uint32_t head, waiting;
    struct asked asked[AHEAD]; /* ring */
    uint32_t asked_head, asked_count;
    struct told *told; /* by line */
    uint8_t out[TD_GUEST_OUT];
    size_t out_len, out_sent;
    struct td_guest_in in;
    struct td_guest_frame frame;
    char why[200]; /* when off */
};

/* --- the end of one --- */

static void tell_off(struct td_desk *d, struct desk_guest *g)
{
    char text[400];
    (void)snprintf(text, sizeof text, "%s (%s): %s", g->use->strat->name, g->use->object, g->why);
    td_logf(d->log, TD_LOG_ERROR, TD_LOG_TRADING, "strategy_off",
            "%s; it is not asked any more, its orders stay managed", text);
    td_connection_alert(&d->conn, TD_ALERT_STRATEGY, text);
}

static void stop_asking(struct td_desk *d, struct desk_guest *g, const char *why)
{
    g->state = GUEST_OFF;
    (void)snprintf(g->why, sizeof g->why, "%s", why);
    g->waiting = g->asked_count = 0;
    for (uint32_t i = 0; i < g->count; i++) {
        struct desk_instance *n = &d->instances[g->first + i];
        n->off = true;
        (void)snprintf(n->off_why, sizeof n->off_why, "%s", why);
    }
    td_world_hangup(d->world, g->proc.channel, true);
    td_world_end(d->world, g->proc, false);
    g->end_mono = td_world_mono(d->world);
    g->look_mono = g->end_mono;
}

void desk_guest_off(struct td_desk *d, struct desk_guest *g, const char *why)
{
    if (g->state == GUEST_OFF)
        return;
    stop_asking(d, g, why);
    tell_off(d, g);
}

/* Its channel ended: why is known when it is reaped. */
static void lost(struct td_desk *d, struct desk_guest *g)
{
    stop_asking(d, g, "its process ended");
    g->ended_itself = true;
}

static void name_end(struct td_desk *d, struct desk_guest *g, int status)
{
    if (status == 128 + 15)
        (void)snprintf(g->why, sizeof g->why, "it closed its channel");
    else if (status > 128)
        (void)snprintf(g->why, sizeof g->why, "its process crashed (signal %d)", status - 128);
    else
        (void)snprintf(g->why, sizeof g->why, "its process ended (exit status %d)", status);
    for (uint32_t i = 0; i < g->count; i++) {
        struct desk_instance *n = &d->instances[g->first + i];
        (void)snprintf(n->off_why, sizeof n->off_why, "%s", g->why);
    }
    tell_off(d, g);
}

/* A process that shall end is looked at until it has. */
static void see_end(struct td_desk *d, struct desk_guest *g, td_ns mono)
{
    int status = 0;
    if (!g->proc.id || mono < g->look_mono)
        return;
    g->look_mono = mono + (mono - g->end_mono < 2 * KILL_AFTER ? LOOK : KILL_AFTER);
    if (td_world_reap(d->world, g->proc, 0, &status)) {
        g->proc = (struct td_proc){0};
        if (g->ended_itself)
            name_end(d, g, status);
    } else if (mono - g->end_mono >= KILL_AFTER && !g->hard) {
        td_world_end(d->world, g->proc, true);
        g->hard = true;
    }
}

/* --- sending --- */

static void flush(struct td_desk *d, struct desk_guest *g)
{
    size_t sent = 0;
    if (g->out_sent == g->out_len)
        return;
    if (td_world_send(d->world, g->proc.channel, g->out + g->out_sent, g->out_len - g->out_sent,
                      &sent) != TD_OK) {
        lost(d, g);
        return;
    }
    g->out_sent += sent;
    if (g->out_sent == g->out_len)
        g->out_sent = g->out_len = 0;
}

static void put(struct desk_guest *g, enum td_guest_kind kind, const void *body, size_t len)
{
    const size_t n = td_guest_put(g->out + g->out_len, sizeof g->out - g->out_len, kind, body, len);
    TD_REQUIRE(n > 0); /* TD_GUEST_OUT holds the largest event with its lines */
    g->out_len += n;
}

static void put_lines(struct td_desk *d, struct desk_guest *g, const struct desk_instance *n)
{
    for (uint32_t i = n->first; i < n->first + n->legs; i++) {
        const struct td_instrument *inst = &d->market.lines[i].inst;
        struct td_guest_line line;
        if (memcmp(&g->told[i].inst, inst, sizeof *inst) == 0)
            continue;
        memset(&line, 0, sizeof line);
        line.line = i;
        line.inst = *inst;
        memcpy(&g->told[i].inst, inst, sizeof *inst);
        put(g, TD_GUEST_LINE, &line, sizeof line);
    }
}

static bool book_is_new(struct told *t, const struct td_book *book)
{
    if (!book || (t->book && t->updates == book->updates && t->gaps == book->gaps &&
                  t->resets == book->resets && t->broken == book->broken))
        return false;
    t->book = true;
    t->updates = book->updates;
    t->gaps = book->gaps;
    t->resets = book->resets;
    t->broken = book->broken;
    return true;
}

/* The parts behind the head of an EVENT, as strat/guest.h orders them. */
static void put_event(struct desk_guest *g, const struct desk_instance *n, const struct waiting *w,
                      const struct td_view *view)
{
    struct td_guest_book books[TD_LEGS_MAX];
    struct td_guest_event head;
    memset(&head, 0, sizeof head);
    head.seq = g->seq;
    head.instance = w->instance - g->first;
    head.leg = w->line - n->first;
    head.legs = view->leg_count;
    head.working = view->working_count;
    head.equity = view->equity;
    head.now = view->now;
    head.event = w->event;
    for (uint32_t i = 0; i < view->leg_count; i++)
        if (book_is_new(&g->told[n->first + i], view->legs[i].book))
            td_guest_pack_book(n->first + i, view->legs[i].book, &books[head.books++]);
    const size_t working = head.working * sizeof view->working[0];
    const size_t book_bytes = head.books * sizeof books[0];
    put(g, TD_GUEST_EVENT, NULL,
        sizeof head + head.legs * sizeof(struct td_guest_leg) + working + book_bytes);
    uint8_t *at = g->out + g->out_len - book_bytes;
    memcpy(at, books, book_bytes);
    at -= working;
    memcpy(at, view->working, working);
    at -= head.legs * sizeof(struct td_guest_leg);
    for (uint32_t i = 0; i < head.legs; i++) {
        struct td_guest_leg leg;
        td_guest_pack_leg(&view->legs[i], &leg);
        memcpy(at + i * sizeof leg, &leg, sizeof leg);
    }
    memcpy(at - sizeof head, &head, sizeof head);
}

static bool may_send(const struct desk_guest *g)
{
    if (g->state != GUEST_RUNNING || !g->waiting || g->out_len)
        return false;
    if (!g->asked_count)
        return true;
    return g->queue[g->head].warmup && g->asked_count < AHEAD &&
           g->asked[(g->asked_head + g->asked_count - 1) % AHEAD].warmup;
}

static void send_next(struct td_desk *d, struct desk_guest *g)
{
    struct td_working working[TD_WORKING_MAX];
    const struct waiting *w = &g->queue[g->head];
    const struct desk_instance *n = &d->instances[w->instance];
    struct td_view view;
    desk_look_at_line(d, w->line);
    desk_show(d, n, w->line, &w->event, working, &view);
    g->seq++;
    put_lines(d, g, n);
    put_event(g, n, w, &view);
    g->asked[(g->asked_head + g->asked_count++) % AHEAD] =
        (struct asked){g->seq, td_world_mono(d->world), w->event.recv_ns, w->instance, w->warmup};
    g->head = (g->head + 1) % WAITING_MAX;
    g->waiting--;
    flush(d, g);
}

static void begin_next(struct td_desk *d, struct desk_guest *g)
{
    const struct desk_instance *n = &d->instances[g->first + g->begun];
    struct td_guest_begin b;
    memset(&b, 0, sizeof b);
    b.instance = g->begun;
    b.first = n->first;
    b.legs = n->legs;
    b.allow_short = g->use->allow_short;
    b.size = g->use->size;
    b.bar_span = d->config.bar_span;
    memcpy(b.params, g->use->params, sizeof b.params);
    put(g, TD_GUEST_BEGIN, &b, sizeof b);
    flush(d, g);
}

/* --- hearing --- */

static void take_about(struct td_desk *d, struct desk_guest *g)
{
    const struct td_guest_about *a = &g->frame.about;
    const struct td_strat *s = g->use->strat;
    if (strcmp(a->name, s->name) != 0 || a->param_count != s->param_count || a->scope != s->scope) {
        desk_guest_off(d, g, "the object is not the one that was looked at before");
        return;
    }
    g->state = GUEST_BEGINNING;
    begin_next(d, g);
}

static void take_begun(struct td_desk *d, struct desk_guest *g)
{
    if (g->frame.word.err) {
        desk_guest_off(d, g, g->frame.word.text);
    } else if (++g->begun < g->count) {
        begin_next(d, g);
    } else {
        g->state = GUEST_RUNNING;
        g->fresh_mono = td_world_mono(d->world);
        td_logf(d->log, TD_LOG_INFO, TD_LOG_TRADING, "strategy_ready", "%s (%s): %u instances",
                g->use->strat->name, g->use->object, g->count);
    }
}

static void take_intents(struct td_desk *d, struct desk_guest *g)
{
    const struct td_guest_answer *a = &g->frame.answer;
    const struct asked q = g->asked[g->asked_head];
    if (!g->asked_count || a->seq != q.seq || a->instance != q.instance - g->first) {
        desk_guest_off(d, g, "an answer to what it was not asked");
        return;
    }
    g->asked_head = (g->asked_head + 1) % AHEAD;
    g->asked_count--;
    if (q.warmup) {
        g->fresh_mono = td_world_mono(d->world);
        return;
    }
    for (uint32_t i = 0; i < a->count && i < TD_INTENTS_MAX; i++) {
        struct td_intent *intent = &g->frame.intents[i];
        intent->decided_ns = q.event_ns;
        (void)td_str_copy(td_str_of(g->use->strat->name), intent->strategy,
                          sizeof intent->strategy);
    }
    desk_take_intents(d, &d->instances[q.instance], g->frame.intents, a->count);
}

static void take_frame(struct td_desk *d, struct desk_guest *g)
{
    const enum td_guest_kind kind = g->frame.kind;
    if (kind == TD_GUEST_ABOUT && g->state == GUEST_LOADING)
        take_about(d, g);
    else if (kind == TD_GUEST_REFUSED && g->state == GUEST_LOADING)
        desk_guest_off(d, g, g->frame.word.text);
    else if (kind == TD_GUEST_BEGUN && g->state == GUEST_BEGINNING)
        take_begun(d, g);
    else if (kind == TD_GUEST_INTENTS && g->state == GUEST_RUNNING)
        take_intents(d, g);
    else
        desk_guest_off(d, g, "it speaks out of turn");
}

static void take_frames(struct td_desk *d, struct desk_guest *g)
{
    struct td_fail why = {0};
    enum td_err err = TD_OK;
    while (g->state != GUEST_OFF && (err = td_guest_next(&g->in, &g->frame, &why)) == TD_OK)
        take_frame(d, g);
    if (g->state != GUEST_OFF && err != TD_EAGAIN)
        desk_guest_off(d, g, why.text);
}

/* What has come, at most READ_MAX bytes of a turn. False: nothing. */
static bool hear(struct td_desk *d, struct desk_guest *g, size_t *budget)
{
    uint8_t bytes[4096];
    size_t got = 0;
    if (*budget < sizeof bytes)
        return false;
    const enum td_err err = td_world_recv(d->world, g->proc.channel, bytes, sizeof bytes, &got);
    if (err == TD_EAGAIN)
        return false;
    if (err) {
        lost(d, g);
        return false;
    }
    *budget -= got;
    for (size_t off = 0; off < got && g->state != GUEST_OFF;) {
        const size_t n = td_guest_feed(&g->in, bytes + off, got - off);
        take_frames(d, g);
        off += n;
        TD_REQUIRE(n > 0 || g->state == GUEST_OFF); /* the largest frame fits: room is made */
    }
    return true;
}

/* --- time --- */

static td_ns deadline_ns(const struct td_desk *d)
{
    return d->config.settings->strategy_deadline_ms * TD_MS;
}

/* When it must have answered; TD_NS_NEVER: nothing is under way. */
static td_ns due(const struct td_desk *d, const struct desk_guest *g)
{
    if (g->state == GUEST_OFF)
        return g->proc.id ? g->look_mono : TD_NS_NEVER;
    if (g->state != GUEST_RUNNING)
        return g->start_mono + TD_GUEST_START;
    if (g->asked_count)
        return g->asked[g->asked_head].sent + deadline_ns(d);
    return TD_NS_NEVER;
}

static void check_time(struct td_desk *d, struct desk_guest *g, td_ns mono)
{
    char text[120];
    if (mono >= due(d, g)) {
        const bool runs = g->state == GUEST_RUNNING;
        (void)snprintf(text, sizeof text, "no answer within %lld ms%s",
                       (long long)((runs ? deadline_ns(d) : TD_GUEST_START) / TD_MS),
                       runs ? "" : " of its start");
        desk_guest_off(d, g, text);
        return;
    }
    if (g->state != GUEST_RUNNING || !g->waiting || g->queue[g->head].warmup)
        return;
    const td_ns queued = g->queue[g->head].queued;
    const td_ns since = queued > g->fresh_mono ? queued : g->fresh_mono;
    if (mono - since < BEHIND * deadline_ns(d))
        return;
    (void)snprintf(text, sizeof text, "it is %lld ms behind the market",
                   (long long)((mono - since) / TD_MS));
    desk_guest_off(d, g, text);
}

/* --- what the desk calls --- */

static enum td_err open_one(struct td_desk *d, struct desk_guest *g, struct td_fail *why)
{
    g->queue = calloc(WAITING_MAX, sizeof *g->queue);
    g->told = calloc((size_t)d->config.symbol_count, sizeof *g->told);
    if (!g->queue || !g->told)
        return td_fail_set(why, TD_ENOMEM, "no memory for %s", g->use->object);
    g->start_mono = td_world_mono(d->world);
    return td_guest_spawn(d->world, d->config.program, g->use->object, &g->proc, why);
}

enum td_err desk_guests_open(struct td_desk *d, struct td_fail *why)
{
    uint32_t count = 0;
    enum td_err err = TD_OK;
    for (uint32_t i = 0; i < d->config.use_count; i++)
        count += d->config.uses[i].object != NULL;
    if (!count)
        return TD_OK;
    d->guests = calloc(count, sizeof *d->guests);
    if (!d->guests)
        return td_fail_set(why, TD_ENOMEM, "no memory for strategies in shared objects");
    for (uint32_t i = 0; i < d->instance_count && !err; i++) {
        struct desk_instance *n = &d->instances[i];
        if (!n->use->object)
            continue;
        if (n->legs > TD_LEGS_MAX || n->first + n->legs > TD_GUEST_LINES)
            return td_fail_set(why, TD_EINVAL, "%s: an instance has %d symbols at most",
                               n->use->object, TD_LEGS_MAX);
        if (!d->guest_count || d->guests[d->guest_count - 1].use != n->use) {
            struct desk_guest *g = &d->guests[d->guest_count++];
            g->use = n->use;
            g->first = i;
            err = open_one(d, g, why);
        }
        n->guest = &d->guests[d->guest_count - 1];
        n->guest->count++;
    }
    return err;
}

void desk_guests_close(struct td_desk *d)
{
    for (uint32_t i = 0; i < d->guest_count; i++) {
        struct desk_guest *g = &d->guests[i];
        int status;
        if (g->proc.id) {
            td_world_hangup(d->world, g->proc.channel, true);
            td_world_end(d->world, g->proc, false);
            if (!td_world_reap(d->world, g->proc, KILL_AFTER, &status)) {
                td_world_end(d->world, g->proc, true);
                (void)td_world_reap(d->world, g->proc, KILL_AFTER, &status);
            }
        }
        free(g->queue);
        free(g->told);
    }
    free(d->guests);
    d->guests = NULL;
    d->guest_count = 0;
}

void desk_guest_offer(struct td_desk *d, const struct desk_instance *n, uint32_t line,
                      const struct td_event *event, bool warmup)
{
    struct desk_guest *g = n->guest;
    if (g->waiting == WAITING_MAX) {
        desk_guest_off(d, g, "its queue is full");
        return;
    }
    g->queue[(g->head + g->waiting++) % WAITING_MAX] =
        (struct waiting){.event = *event,
                         .queued = td_world_mono(d->world),
                         .instance = (uint32_t)(n - d->instances),
                         .line = line,
                         .warmup = warmup};
}

static void turn_one(struct td_desk *d, struct desk_guest *g)
{
    const td_ns mono = td_world_mono(d->world);
    size_t budget = READ_MAX;
    bool moved = g->state != GUEST_OFF;
    for (int i = 0; moved && i < ROUNDS && g->state != GUEST_OFF; i++) {
        flush(d, g);
        while (may_send(g))
            send_next(d, g);
        moved = g->state != GUEST_OFF && hear(d, g, &budget);
    }
    if (g->state != GUEST_OFF)
        check_time(d, g, mono);
    if (g->state == GUEST_OFF)
        see_end(d, g, mono);
}

void desk_guests_turn(struct td_desk *d)
{
    for (uint32_t i = 0; i < d->guest_count; i++)
        turn_one(d, &d->guests[i]);
}

td_ns desk_guests_deadline(const struct td_desk *d)
{
    td_ns first = TD_NS_NEVER;
    for (uint32_t i = 0; i < d->guest_count; i++) {
        const td_ns one = due(d, &d->guests[i]);
        first = one < first ? one : first;
    }
    return first;
}

bool desk_guests_busy(const struct td_desk *d)
{
    for (uint32_t i = 0; i < d->guest_count; i++)
        if (d->guests[i].state != GUEST_OFF && (d->guests[i].waiting || d->guests[i].asked_count))
            return true;
    return false;
}

static const char *state_word(const struct desk_instance *n)
{
    if (n->off)
        return "disabled";
    return !n->guest || n->guest->state == GUEST_RUNNING ? "running" : "starting";
}

void desk_put_strategies(const struct td_desk *d, struct td_json *j)
{
    td_json_key(j, "strategies");
    td_json_array(j);
    for (uint32_t i = 0; i < d->instance_count && i < DESK_STRATEGIES_TOLD; i++) {
        const struct desk_instance *n = &d->instances[i];
        td_json_object(j);
        td_json_key_text(j, "name", n->use->strat->name);
        td_json_key_text(j, "symbol", n->legs > 1 ? "*" : d->market.lines[n->first].symbol);
        td_json_key_text(j, "object", n->use->object);
        td_json_key_text(j, "state", state_word(n));
        td_json_key_text(j, "reason", n->off ? n->off_why : NULL);
        td_json_object_end(j);
    }
    td_json_array_end(j);
}
