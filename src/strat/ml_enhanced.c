/* strat/ml_enhanced.c - averages on several time frames, weighed by regime: the rules beside the model (contracts 10.9).
 *
 * Frames of 1, 5, 15 minutes, an hour and a day are built from the bars as far as these are not longer, and seen when they are over. A
 * frame's way is the sign of SMA 10 less SMA 20 of its closes, its confidence that difference over the deviation of the 20, at most 1.
 * The way of the whole is the sign of the sum of way * confidence; its confidence the mean of the frames that go that way. When they
 * all do it must be 0.6, in high or extreme volatility 0.7, else in a strong trend 0.5; when one goes the other way it must be past
 * 0.8. At least `frames_min` frames must have their 20 bars.
 * Size: 2 % of the equity * regime * confidence, at most 5 %; a size given by the operator goes before that, and without equity the
 * desk sizes, with strength the fraction over 5 %. Out: 30 minutes after the entry in high volatility, 240 in a strong trend, else 120;
 * when the whole turns; in a crash. The regime (strat/regimes.h) is that of the shortest frame. */
#include <math.h>

#include "market/bars.h"
#include "strat/bar_feed.h"
#include "strat/hold.h"
#include "strat/regimes.h"
#include "strat/wish.h"

#define CLOSES_MAX 200

enum {
    CONFIDENCE = TD_REGIME_MARKS,
    CONFIDENCE_HIGH_VOL,
    CONFIDENCE_STRONG,
    DISAGREE,
    FAST,
    SLOW,
    FRAMES_MIN,
    SIZE,
    SIZE_MAX_PART,
    HOLD_HIGH_VOL,
    HOLD,
    HOLD_STRONG,
    DAY_HOUR,
    PARAMS
};

static const struct td_strat_param table[PARAMS] = {
    TD_REGIME_ROWS,
    [CONFIDENCE] = {"confidence", 0.6, 0, 1, "least confidence"},
    [CONFIDENCE_HIGH_VOL] = {"confidence_high_vol", 0.7, 0, 1, "least in high volatility"},
    [CONFIDENCE_STRONG] = {"confidence_strong", 0.5, 0, 1, "least in a strong trend"},
    [DISAGREE] = {"disagree", 0.8, 0, 1, "confidence to pass when a frame disagrees"},
    [FAST] = {"fast", 10, 1, CLOSES_MAX, "fast average, bars of a frame"},
    [SLOW] = {"slow", 20, 2, CLOSES_MAX, "slow average, bars of a frame"},
    [FRAMES_MIN] = {"frames_min", 2, 1, 5, "frames that must have their bars"},
    [SIZE] = {"size", 0.02, 0, 1, "part of the equity, before regime and confidence"},
    [SIZE_MAX_PART] = {"size_max", 0.05, 0, 1, "largest part of the equity"},
    [HOLD_HIGH_VOL] = {"hold_high_vol", 30, 1, 100000, "minutes to hold in high volatility"},
    [HOLD] = {"hold", 120, 1, 100000, "minutes to hold"},
    [HOLD_STRONG] = {"hold_strong", 240, 1, 100000, "minutes to hold in a strong trend"},
    [DAY_HOUR] = {"day_hour", 5, 0, 23, "hour UTC at which the frame of a day begins"},
};
_Static_assert(PARAMS <= TD_STRAT_PARAMS, "the use has room for them");

struct frame {
    struct td_bars bars;
    uint32_t at, count;
    double close[CLOSES_MAX];
};

static const td_ns spans[] = {TD_MIN, 5 * TD_MIN, 15 * TD_MIN, TD_HOUR, TD_DAY};
#define FRAMES TD_COUNT(spans)

struct state {
    double p[PARAMS];
    td_qty size;
    bool allow_short;
    uint32_t first; /* shortest frame that the bars can make */
    struct td_hold hold;
    double minutes; /* that the position may be held */
    struct td_regime regime;
    struct td_regime_watch watch;
    struct frame frames[FRAMES];
};
_Static_assert(sizeof(struct state) <= TD_STRAT_STATE_MAX, "state fits");

static enum td_err start(void *memory, const struct td_strat_setup *setup, struct td_fail *why)
{
    struct state *s = memory;
    for (size_t i = 0; i < PARAMS; i++)
        s->p[i] = setup->params[i];
    s->size = setup->size;
    s->allow_short = setup->allow_short;
    if (s->p[FAST] >= s->p[SLOW])
        return td_fail_set(why, TD_EINVAL, "ml_enhanced: fast %g and slow %g; expected fast < slow",
                           s->p[FAST], s->p[SLOW]);
    while (s->first < FRAMES && (setup->bar_span <= 0 || spans[s->first] % setup->bar_span != 0))
        s->first++;
    if (s->first == FRAMES)
        return td_fail_set(why, TD_EINVAL,
                           "ml_enhanced: bars of %lld s make no frame of 1, 5, 15 minutes, an "
                           "hour or a day",
                           (long long)(setup->bar_span / TD_SEC));
    for (size_t f = s->first; f < FRAMES; f++)
        td_bars_init(&s->frames[f].bars, spans[f],
                     spans[f] == TD_DAY ? (td_ns)s->p[DAY_HOUR] * TD_HOUR : 0);
    const enum td_err err = td_regime_begin(&s->watch, s->p, why);
    return err ? td_fail_add(why, err, "ml_enhanced") : TD_OK;
}

/* A frame's bar is over. */
static void finish(struct state *s, size_t f, const struct td_bar *bar)
{
    struct frame *frame = &s->frames[f];
    const struct td_event event = {.kind = TD_EV_BAR, .bar = *bar};
    double columns[TD_FEED_COLUMNS];
    if (!td_feed_bar(&event, columns))
        return;
    frame->close[frame->at] = columns[TD_FEED_CLOSE];
    frame->at = (frame->at + 1) % CLOSES_MAX;
    frame->count += frame->count < CLOSES_MAX;
    if (f == s->first)
        td_regime_step(&s->watch, columns, &s->regime);
}

/* True when a bar of the shortest frame is over. */
static bool build(struct state *s, const struct td_event *event)
{
    const td_ns begin = event->venue_ns ? event->venue_ns : event->recv_ns - event->bar.span;
    bool over = false;
    for (size_t f = s->first; f < FRAMES; f++) {
        struct td_bar bar;
        td_ns at;
        bool any = td_bars_bar(&s->frames[f].bars, begin, &event->bar, &bar, &at);
        if (any)
            finish(s, f, &bar);
        if (td_bars_flush(&s->frames[f].bars, begin + event->bar.span, &bar, &at)) {
            finish(s, f, &bar);
            any = true;
        }
        over = over || (any && f == s->first);
    }
    return over;
}

static double mean(const struct frame *f, uint32_t n)
{
    double sum = 0;
    for (uint32_t i = 1; i <= n; i++)
        sum += f->close[(f->at + CLOSES_MAX - i) % CLOSES_MAX];
    return sum / n;
}

/* Signed confidence of a frame, -1 to 1; NaN before it has its bars. */
static double look(const struct state *s, const struct frame *f)
{
    const uint32_t fast = (uint32_t)s->p[FAST], slow = (uint32_t)s->p[SLOW];
    double squares = 0;
    if (f->count < slow)
        return (double)NAN;
    const double middle = mean(f, slow), gap = mean(f, fast) - middle;
    for (uint32_t i = 1; i <= slow; i++) {
        const double d = f->close[(f->at + CLOSES_MAX - i) % CLOSES_MAX] - middle;
        squares += d * d;
    }
    const double spread = sqrt(squares / slow);
    if (!(spread > middle * 1e-12) || fabs(gap) < middle * 1e-12) /* equal, but for rounding */
        return 0;
    return gap > spread ? 1 : gap < -spread ? -1 : gap / spread;
}

struct opinion {
    int32_t side; /* 0: none */
    double confidence;
    bool disagree;
};

static struct opinion ask_frames(const struct state *s)
{
    struct opinion o = {0};
    double looks[FRAMES], sum = 0, same = 0;
    uint32_t warm = 0, agree = 0;
    for (size_t f = 0; f < FRAMES; f++) {
        looks[f] = f < s->first ? (double)NAN : look(s, &s->frames[f]);
        warm += isnan(looks[f]) ? 0 : 1;
        sum += isnan(looks[f]) ? 0 : looks[f];
    }
    o.side = (sum > 0) - (sum < 0);
    if (warm < (uint32_t)s->p[FRAMES_MIN] || !o.side)
        return (struct opinion){0};
    for (size_t f = 0; f < FRAMES; f++) {
        agree += looks[f] * o.side > 0;
        same += looks[f] * o.side > 0 ? looks[f] * o.side : 0;
        o.disagree = o.disagree || looks[f] * o.side < 0;
    }
    o.confidence = same / agree;
    return o;
}

static bool is_strong(const struct td_regime *r)
{
    return r->trend == TD_STRONG_BULL || r->trend == TD_STRONG_BEAR;
}

static bool is_enough(const struct state *s, const struct opinion *o)
{
    const double *p = s->p;
    if (o->disagree)
        return o->confidence > p[DISAGREE];
    if (s->regime.vol >= TD_VOL_HIGH)
        return o->confidence >= p[CONFIDENCE_HIGH_VOL];
    return o->confidence >= (is_strong(&s->regime) ? p[CONFIDENCE_STRONG] : p[CONFIDENCE]);
}

/* Units to enter; 0: the desk sizes; -1: too small to enter. */
static int64_t units(const struct state *s, const struct td_view *view, double part, double close)
{
    if (s->size.e9 || td_cash_is_none(view->equity))
        return s->size.e9 / TD_E9;
    const td_qty lot = view->leg->inst ? view->leg->inst->multiplier : TD_QTY(1);
    const double worth = close * (lot.e9 > 0 ? td_e9_to_double(lot.e9) : 1);
    const double n = floor(td_e9_to_double(view->equity.e9) * part / worth);
    return n >= 1 && n < 1e9 ? (int64_t)n : -1;
}

static void enter(struct state *s, struct td_wish *w, double close)
{
    const struct opinion o = ask_frames(s);
    const double wanted = s->p[SIZE] * td_regime_size(&s->watch, &s->regime) * o.confidence;
    const double part = wanted < s->p[SIZE_MAX_PART] ? wanted : s->p[SIZE_MAX_PART];
    const int64_t n = units(s, w->view, part, close);
    if (!o.side || !is_enough(s, &o) || !(part > 0) || n < 0 || (o.side < 0 && !s->allow_short))
        return;
    s->minutes = s->regime.vol >= TD_VOL_HIGH ? s->p[HOLD_HIGH_VOL]
                 : is_strong(&s->regime)      ? s->p[HOLD_STRONG]
                                              : s->p[HOLD];
    (void)td_wish_enter(w,
                        &(struct td_entry){.leg = td_wish_leg(w),
                                           .direction = o.side,
                                           .size = s->size.e9 ? s->size : TD_QTY(n),
                                           .price = close,
                                           .strength = part / s->p[SIZE_MAX_PART],
                                           .risk = (double)NAN},
                        "%s, %s, confidence %.2f", td_regime_trend_word(s->regime.trend),
                        td_regime_vol_word(s->regime.vol), o.confidence);
}

static void leave(const struct state *s, struct td_wish *w, td_ns now)
{
    const struct opinion o = ask_frames(s);
    const double minutes = s->minutes > 0 ? s->minutes : s->p[HOLD];
    const uint32_t leg = td_wish_leg(w);
    if (s->regime.crash)
        (void)td_wish_leave(w, leg, 1, "crash");
    else if ((double)(now - s->hold.since_ns) >= minutes * (double)TD_MIN)
        (void)td_wish_leave(w, leg, 1, "held %g minutes", minutes);
    else if (o.side == -s->hold.side && is_enough(s, &o))
        (void)td_wish_leave(w, leg, 1, "the frames turned, confidence %.2f", o.confidence);
}

static size_t on_event(void *memory, const struct td_event *event, const struct td_view *view,
                       struct td_intent *out)
{
    struct state *s = memory;
    struct td_wish w = {&td_strat_ml_enhanced, event, view, out, 0};
    double bar[TD_FEED_COLUMNS];
    if (!td_feed_bar(event, bar) || event->bar.span <= 0)
        return 0;
    const double close = bar[TD_FEED_CLOSE];
    const bool over = build(s, event);
    const td_ns now = td_feed_time(event);
    td_hold_follow(&s->hold, view->leg,
                   &(struct td_hold_plan){.price = close, .now = now - event->bar.span});
    if (!s->regime.known)
        return 0;
    if (s->hold.side)
        leave(s, &w, now);
    else if (over)
        enter(s, &w, close);
    return w.count;
}

const struct td_strat td_strat_ml_enhanced = {
    .name = "ml_enhanced",
    .help = "moving averages on frames of a minute to a day, weighed and sized by regime",
    .scope = TD_SCOPE_EACH,
    .state_size = sizeof(struct state),
    .params = table,
    .param_count = TD_COUNT(table),
    .init = start,
    .on_event = on_event,
};
