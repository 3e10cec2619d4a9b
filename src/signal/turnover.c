/* signal/turnover.c - rows: volume-weighted price, relative volume, price impact. */
#include "signal/kernel_smooth.h"
#include "signal/rows.h"

/* ---- VWAP since the start (of the session: begin a fresh state there) ---- */

struct vwap {
    double volume, mean, m2, k1, k2;
    double sum, sum_carry, all, all_carry;
};

TD_IND_INIT(vwap)
{
    struct vwap *s = state;
    s->k1 = p[0];
    s->k2 = p[1];
}

TD_IND_STEP(vwap)
{
    struct vwap *s = state;
    td_sum_add(&s->sum, &s->sum_carry, (in[0] + in[1] + in[2]) / 3 * in[3]);
    td_sum_add(&s->all, &s->all_carry, in[3]);
    const double all = s->all + s->all_carry;
    *out = all > 0 ? (s->sum + s->sum_carry) / all : (double)NAN;
    return TD_IND_VALUE;
}
TD_IND_BATCH(vwap, 4, 1)

TD_IND_STEP(vwap_bands)
{
    struct vwap *s = state;
    const double x = (in[0] + in[1] + in[2]) / 3, volume = in[3];
    if (volume < 0)
        return TD_IND_REFUSE;
    if (volume > 0) {
        const double d = x - s->mean;
        s->volume += volume;
        s->mean += d * (volume / s->volume);
        s->m2 += volume * d * (x - s->mean);
    }
    const bool has = s->volume > 0;
    const double mean = has ? s->mean : (double)NAN;
    const double sd = has ? sqrt(td_max(s->m2 / s->volume, 0)) : (double)NAN;
    out[0] = mean;
    out[1] = mean + s->k1 * sd;
    out[2] = mean - s->k1 * sd;
    out[3] = mean + s->k2 * sd;
    out[4] = mean - s->k2 * sd;
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(vwap_bands, vwap, 4, 5)

/* ---- relative volume ---- */

struct rvol {
    struct td_sum_of sum;
};

TD_IND_INIT(rvol)
{
    struct rvol *s = state;
    td_sum_init(&s->sum, space, p[0]);
}

TD_IND_STEP(rvol)
{
    struct rvol *s = state;
    const bool full = s->sum.full;
    const double mean = td_sum_mean(&s->sum);
    (void)td_sum_push(&s->sum, mem, in[0]);
    if (!full)
        return TD_IND_WAIT;
    *out = mean > 0 ? in[0] / mean : (double)NAN;
    return TD_IND_VALUE;
}
TD_IND_BATCH(rvol, 1, 1)

/* Per minute of the day the volumes of the last sessions; a falling minute begins a session. */
#define DAY_MINUTES 1440u

struct rvol_day {
    uint32_t sessions, past, counts, today;
    double minute;
};

TD_IND_INIT(rvol_day)
{
    struct rvol_day *s = state;
    s->sessions = (uint32_t)p[0];
    s->past = td_ind_room(space, DAY_MINUTES * s->sessions);
    s->counts = td_ind_room(space, DAY_MINUTES);
    s->today = td_ind_room(space, DAY_MINUTES);
    s->minute = -1;
}

/* The ended session's volumes join the past; minutes without volume do not. */
static void rvol_day_close(struct rvol_day *s, double *mem)
{
    for (uint32_t m = 0; m < DAY_MINUTES; m++) {
        if (!(mem[s->today + m] > 0))
            continue;
        const uint32_t count = (uint32_t)mem[s->counts + m];
        mem[s->past + m * s->sessions + count % s->sessions] = mem[s->today + m];
        mem[s->counts + m] = count + 1;
        mem[s->today + m] = 0;
    }
}

TD_IND_STEP(rvol_day)
{
    struct rvol_day *s = state;
    if (!(in[1] >= 0 && in[1] < DAY_MINUTES) || in[0] < 0)
        return TD_IND_REFUSE;
    if (in[1] < s->minute)
        rvol_day_close(s, mem);
    s->minute = in[1];
    const uint32_t m = (uint32_t)in[1];
    const uint32_t count = (uint32_t)td_min(mem[s->counts + m], s->sessions);
    double sum = 0;
    for (uint32_t i = 0; i < count; i++)
        sum += mem[s->past + m * s->sessions + i];
    mem[s->today + m] += in[0];
    *out = count > 0 ? mem[s->today + m] / (sum / count) : (double)NAN;
    return TD_IND_VALUE;
}
TD_IND_BATCH(rvol_day, 2, 1)

/* ---- Amihud: how far the price goes for its money ---- */

struct amihud {
    struct td_step_of last;
    struct td_sum_of sum;
    double value;
};

TD_IND_INIT(amihud)
{
    struct amihud *s = state;
    td_sum_init(&s->sum, space, p[0]);
    s->value = (double)NAN;
}

TD_IND_STEP(amihud)
{
    struct amihud *s = state;
    double before;
    if (!(in[0] > 0))
        return TD_IND_REFUSE;
    if (!td_step_push(&s->last, in[0], &before))
        return TD_IND_WAIT;
    if (in[1] > 0 && td_sum_push(&s->sum, mem, 1e6 * fabs(in[0] / before - 1) / (in[0] * in[1])))
        s->value = td_sum_mean(&s->sum);
    if (!s->sum.full)
        return TD_IND_WAIT;
    *out = s->value;
    return TD_IND_VALUE;
}
TD_IND_BATCH(amihud, 2, 1)
/* ---- rows ---- */

#define VOLUME .group = "volume"
#define ONE    .outputs = {"real"}
#define MONEY  .inputs = {"close", "volume"}
#define BAR    .inputs = {"high", "low", "close", "volume"}

const struct td_indicator td_rows_turnover[] = {
    {.name = "VWAP",
     .talib = "VWAP",
     VOLUME,
     BAR,
     ONE,
     .lookback = td_ind_none,
     .fixed_bytes = sizeof(struct vwap),
     .init = td_ind_stateless,
     .step = vwap_step,
     .batch = vwap_batch,
     .formula = "sum of (H+L+C)/3*volume / sum of volume since the state began (a session's start "
                "is the caller's); NaN before any volume",
     .source = TD_IND_TALIB},
    {.name = "VWAP_BANDS",
     VOLUME,
     BAR,
     .outputs = {"vwap", "upper1", "lower1", "upper2", "lower2"},
     .params = {TD_IND_NUMBER("k1", NULL, 1, 0, 100, "deviations to the inner bands"),
                TD_IND_NUMBER("k2", NULL, 2, 0, 100, "deviations to the outer bands")},
     .lookback = td_ind_none,
     .fixed_bytes = sizeof(struct vwap),
     .init = vwap_init,
     .step = vwap_bands_step,
     .batch = vwap_bands_batch,
     .formula =
         "VWAP plus and minus volume-weighted deviations of (H+L+C)/3; NaN before any volume",
     .source = "definition of this project"},
    {.name = "RVOL",
     .talib = "RVOL",
     VOLUME,
     .inputs = {"volume"},
     ONE,
     .params = {TD_IND_PERIOD(20, 1)},
     .lookback = td_ind_n,
     TD_IND_RUN(rvol),
     .formula = "volume / mean volume of the n bars before; NaN when that was 0",
     .source = TD_IND_TALIB},
    {.name = "RVOL_DAY",
     VOLUME,
     .inputs = {"volume", "minute"},
     ONE,
     .params = {TD_IND_WHOLE("sessions", "period", 20, 1, 250, "sessions that are remembered")},
     .lookback = td_ind_none,
     TD_IND_RUN(rvol_day),
     .formula = "volume of this minute of the day so far / its mean over the last sessions that "
                "had it; a minute (0 to 1439) below the one before begins a session; "
                "NaN in the first",
     .source = "definition of this project"},
    {.name = "AMIHUD",
     VOLUME,
     MONEY,
     ONE,
     .params = {TD_IND_PERIOD(20, 1)},
     .lookback = td_ind_n,
     TD_IND_RUN(amihud),
     .formula = "mean of 1e6*|return|/(price*volume) over n bars with volume; bars without are "
                "passed over; prices above 0",
     .source = "Amihud 2002"},
    {0},
};
