/* signal/candle.c - rows: candlestick patterns, 100 (bullish), -100 (bearish) or 0. */
#include "signal/kernel_candle.h"
#include "signal/rows.h"

/* A pattern's function sees the candles a (newest), b, c, d. */
#define PATTERN(name, bars)                                                                        \
    static int name##_of(const struct td_candles_of *s, const struct td_candle *a,                 \
                         __attribute__((unused)) const struct td_candle *b,                        \
                         __attribute__((unused)) const struct td_candle *c,                        \
                         __attribute__((unused)) const struct td_candle *d);                       \
    TD_IND_LOOKBACK(name)                                                                          \
    {                                                                                              \
        (void)p;                                                                                   \
        return bars;                                                                               \
    }                                                                                              \
    TD_IND_INIT(name)                                                                              \
    {                                                                                              \
        struct td_candles_of *s = state;                                                           \
        s->lookback = bars;                                                                        \
        s->share = p[0];                                                                           \
    }                                                                                              \
    TD_IND_STEP(name)                                                                              \
    {                                                                                              \
        struct td_candles_of *s = state;                                                           \
        if (!td_candles_push(s, in))                                                               \
            return TD_IND_WAIT;                                                                    \
        *out = name##_of(s, td_candle_ago(s, 0), td_candle_ago(s, 1), td_candle_ago(s, 2),         \
                         td_candle_ago(s, 3));                                                     \
        return TD_IND_VALUE;                                                                       \
    }                                                                                              \
    TD_IND_BATCH_AS(name, td_candles_of, 4, 1)                                                     \
    static int name##_of(const struct td_candles_of *s, const struct td_candle *a,                 \
                         __attribute__((unused)) const struct td_candle *b,                        \
                         __attribute__((unused)) const struct td_candle *c,                        \
                         __attribute__((unused)) const struct td_candle *d)

/* ---- one candle ---- */

PATTERN(doji, 10)
{
    return td_body(a) <= td_candle_measure(s, TD_BODY_DOJI, 0) ? 100 : 0;
}

PATTERN(marubozu, 10)
{
    const double tiny = td_candle_measure(s, TD_SHADOW_VERY_SHORT, 0);
    return td_body(a) > td_candle_measure(s, TD_BODY_LONG, 0) && td_upper_shadow(a) < tiny &&
                   td_lower_shadow(a) < tiny
               ? 100 * td_colour(a)
               : 0;
}

PATTERN(spinningtop, 10)
{
    return td_body(a) < td_candle_measure(s, TD_BODY_SHORT, 0) && td_upper_shadow(a) > td_body(a) &&
                   td_lower_shadow(a) > td_body(a)
               ? 100 * td_colour(a)
               : 0;
}

/* A small body with one long shadow and hardly another: 1 the shadow is below, -1 above, 0 neither. */
static int pin(const struct td_candles_of *s, const struct td_candle *a)
{
    const double tiny = td_candle_measure(s, TD_SHADOW_VERY_SHORT, 0);
    const double far = td_candle_measure(s, TD_SHADOW_LONG, 0);
    if (!(td_body(a) < td_candle_measure(s, TD_BODY_SHORT, 0)))
        return 0;
    if (td_lower_shadow(a) > far && td_upper_shadow(a) < tiny)
        return 1;
    return td_upper_shadow(a) > far && td_lower_shadow(a) < tiny ? -1 : 0;
}

PATTERN(hammer, 11)
{
    return pin(s, a) > 0 && td_body_low(a) <= b->low + td_candle_measure(s, TD_NEAR, 1) ? 100 : 0;
}

PATTERN(hangingman, 11)
{
    return pin(s, a) > 0 && td_body_low(a) >= b->high - td_candle_measure(s, TD_NEAR, 1) ? -100 : 0;
}

PATTERN(invertedhammer, 11)
{
    return pin(s, a) < 0 && td_gap_down(a, b) ? 100 : 0;
}

PATTERN(shootingstar, 11)
{
    return pin(s, a) < 0 && td_gap_up(a, b) ? -100 : 0;
}

/* ---- two candles ---- */

PATTERN(engulfing, 2)
{
    const int colour = td_colour(a);
    (void)s;
    if (colour == td_colour(b))
        return 0;
    const double over = colour * (a->close - b->open), under = colour * (b->close - a->open);
    if (!((over >= 0 && under > 0) || (over > 0 && under >= 0)))
        return 0;
    return colour * (over != 0 && under != 0 ? 100 : 80);
}

PATTERN(harami, 11)
{
    if (!(td_body(b) > td_candle_measure(s, TD_BODY_LONG, 1) &&
          td_body(a) <= td_candle_measure(s, TD_BODY_SHORT, 0)))
        return 0;
    const double top = td_body_top(b) - td_body_top(a), low = td_body_low(a) - td_body_low(b);
    if (top > 0 && low > 0)
        return -td_colour(b) * 100;
    return top >= 0 && low >= 0 ? -td_colour(b) * 80 : 0;
}

PATTERN(piercing, 11)
{
    return td_colour(b) < 0 && td_colour(a) > 0 &&
                   td_body(b) > td_candle_measure(s, TD_BODY_LONG, 1) &&
                   td_body(a) > td_candle_measure(s, TD_BODY_LONG, 0) && a->open < b->low &&
                   a->close < b->open && a->close > b->close + td_body(b) * 0.5
               ? 100
               : 0;
}

PATTERN(darkcloud, 11)
{
    return td_colour(b) > 0 && td_colour(a) < 0 &&
                   td_body(b) > td_candle_measure(s, TD_BODY_LONG, 1) && a->open > b->high &&
                   a->close > b->open && a->close < b->close - td_body(b) * s->share
               ? -100
               : 0;
}

/* ---- three and four candles ---- */

/* A long candle, a short one beyond a gap, and one back into the first: way 1 up, -1 down. */
static bool star(const struct td_candles_of *s, int way)
{
    const struct td_candle *a = td_candle_ago(s, 0), *b = td_candle_ago(s, 1),
                           *c = td_candle_ago(s, 2);
    return td_body(c) > td_candle_measure(s, TD_BODY_LONG, 2) && td_colour(c) == -way &&
           td_body(b) <= td_candle_measure(s, TD_BODY_SHORT, 1) &&
           (way > 0 ? td_gap_down(b, c) : td_gap_up(b, c)) &&
           td_body(a) > td_candle_measure(s, TD_BODY_SHORT, 0) && td_colour(a) == way &&
           way * (a->close - c->close) > td_body(c) * s->share;
}

PATTERN(morningstar, 12)
{
    (void)a;
    return star(s, 1) ? 100 : 0;
}

PATTERN(eveningstar, 12)
{
    (void)a;
    return star(s, -1) ? -100 : 0;
}

PATTERN(soldiers, 12)
{
    const struct td_candle *k[] = {a, b, c};
    for (uint32_t i = 0; i < 3; i++)
        if (td_colour(k[i]) < 0 ||
            !(td_upper_shadow(k[i]) < td_candle_measure(s, TD_SHADOW_VERY_SHORT, i)))
            return 0;
    for (uint32_t i = 0; i < 2; i++)
        if (!(k[i]->close > k[i + 1]->close && k[i]->open > k[i + 1]->open &&
              k[i]->open <= k[i + 1]->close + td_candle_measure(s, TD_NEAR, i + 1) &&
              td_body(k[i]) > td_body(k[i + 1]) - td_candle_measure(s, TD_FAR, i + 1)))
            return 0;
    return td_body(a) > td_candle_measure(s, TD_BODY_SHORT, 0) ? 100 : 0;
}

PATTERN(crows, 13)
{
    const struct td_candle *k[] = {a, b, c};
    for (uint32_t i = 0; i < 3; i++)
        if (td_colour(k[i]) > 0 ||
            !(td_lower_shadow(k[i]) < td_candle_measure(s, TD_SHADOW_VERY_SHORT, i)))
            return 0;
    for (uint32_t i = 0; i < 2; i++)
        if (!(k[i]->open < k[i + 1]->open && k[i]->open > k[i + 1]->close &&
              k[i]->close < k[i + 1]->close))
            return 0;
    return td_colour(d) > 0 && d->high > c->close ? -100 : 0;
}

/* ---- rows ---- */

#define CANDLE(id, state, words)                                                                   \
    .name = id, .talib = id, .group = "candle", .inputs = {"open", "high", "low", "close"},        \
    .outputs = {"integer"}, .lookback = state##_lookback,                                          \
    .fixed_bytes = sizeof(struct td_candles_of), .init = state##_init, .step = state##_step,       \
    .batch = state##_batch, .formula = words, .source = TD_IND_TALIB
#define SHARE(value) TD_IND_NUMBER("penetration", NULL, value, 0, 1e6, "share of the first body")

const struct td_indicator td_rows_candle[] = {
    {CANDLE("CDLDOJI", doji, "100: body at most 0.1 of the mean height of ten bars before")},
    {CANDLE("CDLMARUBOZU", marubozu, "100 white, -100 black: long body, hardly a shadow")},
    {CANDLE("CDLSPINNINGTOP", spinningtop,
            "100 white, -100 black: short body, both shadows longer than it")},
    {CANDLE(
        "CDLHAMMER", hammer,
        "100: short body, lower shadow longer than it, hardly an upper one, near the low before")},
    {CANDLE("CDLHANGINGMAN", hangingman, "-100: a hammer near the high before")},
    {CANDLE(
        "CDLINVERTEDHAMMER", invertedhammer,
        "100: short body below the one before, upper shadow longer than it, hardly a lower one")},
    {CANDLE(
        "CDLSHOOTINGSTAR", shootingstar,
        "-100: short body above the one before, upper shadow longer than it, hardly a lower one")},
    {CANDLE(
        "CDLENGULFING", engulfing,
        "100 white, -100 black: covers the other colour's body before; 80 when one end is equal")},
    {CANDLE("CDLHARAMI", harami,
            "100 or -100 against a long body before that holds this short one; 80 when one end is "
            "equal")},
    {CANDLE("CDLPIERCING", piercing,
            "100: long black, then long white from below its low to above its middle")},
    {CANDLE("CDLDARKCLOUDCOVER", darkcloud,
            "-100: long white, then black from above its high to below a share of its body"),
     .params = {SHARE(0.5)}},
    {CANDLE("CDLMORNINGSTAR", morningstar,
            "100: long black, short below a gap, then white back into the first by a share"),
     .params = {SHARE(0.3)}},
    {CANDLE("CDLEVENINGSTAR", eveningstar,
            "-100: long white, short above a gap, then black back into the first by a share"),
     .params = {SHARE(0.3)}},
    {CANDLE("CDL3WHITESOLDIERS", soldiers,
            "100: three white, each opening in or near the body before and closing higher, hardly "
            "an upper shadow")},
    {CANDLE("CDL3BLACKCROWS", crows,
            "-100: after a white one three black, each opening in the body before and closing "
            "lower, hardly a lower shadow")},
    {0},
};
