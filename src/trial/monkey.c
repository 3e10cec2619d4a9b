/* trial/monkey.c - one function per whim, in a table. */
#include <stdio.h>

#include "base/random.h"
#include "trial/monkey.h"

enum { SEED, RATE, FLOOD, ALGOS };
static const struct td_strat_param table[] = {
    [SEED] = {"seed", 1, 0, 1e15, "of its whims"},
    [RATE] = {"rate", 5, 0, 1000, "whims in a thousand events"},
    [FLOOD] = {"flood", 0, 0, 1, "floods of plain orders now and then, and nothing else"},
    [ALGOS] = {"algos", 0, 0, 1000, "orders in a thousand that are worked by an algorithm"},
};

struct state {
    struct td_rng rng;
    struct td_rng
        algo_rng; /* a stream of its own: without algorithms a seed's whims are what they were */
    uint32_t rate, algos, tag, group;
    uint32_t flood; /* events that are left of one; only when `floods` */
    bool floods;
};

struct call {
    struct state *s;
    const struct td_event *event;
    const struct td_view *view;
    struct td_intent *out;
};

static enum td_err start(void *memory, const struct td_strat_setup *setup, struct td_fail *why)
{
    struct state *s = memory;
    (void)why;
    td_rng_init(&s->rng, (uint64_t)setup->params[SEED]);
    td_rng_init(&s->algo_rng, ~(uint64_t)setup->params[SEED]);
    s->rate = (uint32_t)setup->params[RATE];
    s->floods = setup->params[FLOOD] != 0;
    s->algos = (uint32_t)setup->params[ALGOS];
    return TD_OK;
}

static int64_t below(struct call *c, int64_t n)
{
    return (int64_t)td_rng_below(&c->s->rng, (uint64_t)n);
}

/* The middle of the quote moved by so many parts of ten thousand, on the grid. */
static td_px near_middle(const struct call *c, int64_t parts)
{
    const struct td_quote *q = &c->view->leg->quote;
    const int64_t tick = c->view->leg->inst->min_tick.e9, mid = q->bid.e9 / 2 + q->ask.e9 / 2;
    const int64_t px = mid + mid / 10000 * parts;
    return (td_px){px / tick * tick};
}

static struct td_intent *begin(struct call *c, const char *reason)
{
    td_intent_init(c->out, &td_strat_monkey, c->event, c->view);
    c->out->action = below(c, 2) ? TD_BUY : TD_SELL;
    c->out->qty.e9 = (1 + below(c, 3)) * TD_E9;
    (void)snprintf(c->out->reason, sizeof c->out->reason, "%s", reason);
    return c->out;
}

static int64_t sign_of(const struct td_intent *i)
{
    return i->action == TD_BUY ? 1 : -1;
}

/* Some of the orders that can be are worked, by any algorithm, in seconds or minutes; none that may be too large. */
static void work(struct call *c, struct td_intent *i)
{
    struct td_rng *rng = &c->s->algo_rng;
    if (td_rng_below(rng, 1000) >= c->s->algos)
        return;
    i->algo = (uint8_t)(TD_ALGO_TWAP + td_rng_below(rng, TD_ALGO_ADAPTIVE));
    i->algo_span = (5 + (td_ns)td_rng_below(rng, 120)) * TD_SEC;
    i->tag = i->tag ? i->tag : ++c->s->tag;
}

static size_t at_market(struct call *c)
{
    struct td_intent *i = begin(c, "at market");
    i->type = TD_ORDER_MARKET;
    work(c, i);
    return 1;
}

static size_t at_limit(struct call *c)
{
    static const uint8_t tifs[] = {TD_TIF_DAY, TD_TIF_GTC, TD_TIF_IOC, TD_TIF_DAY, TD_TIF_GTD};
    struct td_intent *i = begin(c, "at a limit");
    i->type = TD_ORDER_LIMIT;
    i->tif = tifs[below(c, TD_COUNT(tifs))];
    i->limit = near_middle(c, sign_of(i) * (below(c, 40) - 30));
    i->tag = ++c->s->tag;
    i->good_until = c->event->recv_ns + (30 + below(c, 300)) * TD_SEC;
    work(c, i);
    return 1;
}

static size_t bracket(struct call *c)
{
    struct td_intent *i = begin(c, "with target and stop");
    i->type = below(c, 2) ? TD_ORDER_MARKET : TD_ORDER_LIMIT;
    if (i->type == TD_ORDER_LIMIT)
        i->limit = near_middle(c, sign_of(i) * 5);
    if (below(c, 4))
        i->target = near_middle(c, sign_of(i) * (5 + below(c, 40)));
    if (below(c, 4))
        i->protect = near_middle(c, -sign_of(i) * (5 + below(c, 40)));
    work(c, i);
    return 1;
}

static size_t stop(struct call *c)
{
    struct td_intent *i = begin(c, "a stop");
    i->type = below(c, 2) ? TD_ORDER_STOP : TD_ORDER_TRAIL;
    i->tag = ++c->s->tag;
    if (i->type == TD_ORDER_STOP)
        i->stop = near_middle(c, sign_of(i) * (5 + below(c, 30)));
    else
        i->trail.e9 = (1 + below(c, 30)) * c->view->leg->inst->min_tick.e9;
    return 1;
}

/* Two orders of which one shall be left. */
static size_t group(struct call *c)
{
    c->s->group++;
    for (int k = 0; k < 2; k++) {
        struct td_intent *i = begin(c, "one of two");
        i->type = TD_ORDER_LIMIT;
        i->action = k ? TD_SELL : TD_BUY;
        i->limit = near_middle(c, k ? 5 + below(c, 10) : -5 - below(c, 10));
        i->tag = ++c->s->tag;
        i->group = c->s->group;
        c->out++;
    }
    return 2;
}

static size_t change(struct call *c)
{
    const struct td_view *v = c->view;
    if (!v->working_count)
        return 0;
    const struct td_working *w = &v->working[below(c, v->working_count)];
    struct td_intent *i = begin(c, "other terms");
    i->kind = TD_INTENT_CHANGE;
    i->leg = w->leg;
    i->tag = w->tag;
    i->action = w->action;
    i->type = w->type;
    i->qty.e9 = w->qty.e9 + (below(c, 3) - 1) * TD_E9;
    i->limit = w->limit;
    i->stop = w->stop;
    if (w->type == TD_ORDER_LIMIT && v->legs + w->leg == v->leg)
        i->limit = near_middle(c, sign_of(i) * (below(c, 30) - 25));
    if (w->type == TD_ORDER_TRAIL)
        i->trail.e9 = (1 + below(c, 30)) * v->leg->inst->min_tick.e9;
    return 1;
}

static size_t cancel(struct call *c)
{
    const struct td_view *v = c->view;
    if (!v->working_count)
        return 0;
    const struct td_working *w = &v->working[below(c, v->working_count)];
    struct td_intent *i = begin(c, "not any more");
    i->kind = TD_INTENT_CANCEL;
    i->leg = w->leg;
    i->tag = w->tag;
    return 1;
}

static size_t leave(struct call *c)
{
    const int64_t held = c->view->leg->position.e9;
    if (!held)
        return 0;
    struct td_intent *i = begin(c, "out");
    i->type = TD_ORDER_MARKET;
    i->action = held > 0 ? TD_SELL : TD_BUY;
    i->exit = true;
    i->qty = TD_QTY(0);
    work(c, i);
    i->tag = 0;
    return 1;
}

/* What a broken strategy might want. Every one of these must be refused. */
static size_t nonsense(struct call *c)
{
    struct td_intent *i = begin(c, "nonsense");
    i->type = TD_ORDER_LIMIT;
    i->limit = near_middle(c, 0);
    switch (below(c, c->s->floods ? 10 : 6)) {
    case 6:
        i->limit = TD_PX_NONE; /* what a NaN becomes */
        break;
    case 7:
        i->limit.e9 = INT64_MIN;
        break;
    case 8:
        i->action = 77;
        break;
    case 9:
        i->tif = 250;
        break;
    case 0:
        i->qty = TD_QTY_NONE;
        break;
    case 1:
        i->qty.e9 = -TD_E9;
        break;
    case 2:
        i->limit = TD_PX(0);
        break;
    case 3:
        i->limit.e9 += 1; /* beside the grid */
        break;
    case 4:
        i->qty.e9 = INT64_MAX - 1;
        break;
    default:
        i->type = 200;
        break;
    }
    return 1;
}

/* As many as one event allows, and for some events on end: more than any throttle lets through. */
static size_t flood(struct call *c)
{
    static size_t (*const plain[])(struct call * c) = {at_limit, at_limit, at_market, nonsense};
    const size_t count = 1 + (size_t)below(c, TD_INTENTS_MAX);
    if (!c->s->flood)
        c->s->flood = 1 + (uint32_t)below(c, 8);
    c->s->flood--;
    for (size_t i = 0; i < count; i++, c->out++)
        (void)plain[below(c, TD_COUNT(plain))](c);
    return count;
}

static size_t on_event(void *memory, const struct td_event *event, const struct td_view *view,
                       struct td_intent *out)
{
    static size_t (*const whims[])(struct call * c) = {at_market, at_limit, at_limit, bracket,
                                                       bracket,   stop,     group,    change,
                                                       change,    cancel,   leave,    nonsense};
    struct call c = {memory, event, view, out};
    const struct td_quote *q = &view->leg->quote;
    const bool goes_on = c.s->flood > 0;
    if ((!goes_on && below(&c, 1000) >= c.s->rate) || td_px_is_none(q->bid) ||
        td_px_is_none(q->ask) || q->bid.e9 <= 0 || q->ask.e9 <= q->bid.e9 ||
        view->leg->inst->min_tick.e9 <= 0)
        return 0;
    if (c.s->floods)
        return below(&c, 4) == 0 ? leave(&c) : flood(&c);
    return whims[below(&c, TD_COUNT(whims))](&c);
}

const struct td_strat td_strat_monkey = {
    .name = "monkey",
    .help = "wants everything an order can be, by chance",
    .scope = TD_SCOPE_EACH,
    .state_size = sizeof(struct state),
    .params = table,
    .param_count = TD_COUNT(table),
    .init = start,
    .on_event = on_event,
};
