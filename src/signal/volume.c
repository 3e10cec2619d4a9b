/* signal/volume.c - rows: prices weighed by volume. */
#include "signal/kernel_average.h"
#include "signal/rows.h"

/* Where the close stands in its bar, -1 to 1; 0 without a range. */
static inline double place_in_bar(double high, double low, double close)
{
    return high > low ? ((close - low) - (high - close)) / (high - low) : 0;
}

/* ---- running totals ---- */

struct total {
    struct td_step_of last, volume;
    double sum, carry;
    bool begun;
};

static inline double total_add(struct total *s, double x)
{
    td_sum_add(&s->sum, &s->carry, x);
    return s->sum + s->carry;
}

TD_IND_STEP(obv)
{
    struct total *s = state;
    double before;
    if (!td_step_push(&s->last, in[0], &before))
        *out = total_add(s, in[1]);
    else
        *out = total_add(s, in[1] * ((in[0] > before) - (in[0] < before)));
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(obv, total, 2, 1)

TD_IND_STEP(ad)
{
    *out = total_add(state, place_in_bar(in[0], in[1], in[2]) * in[3]);
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(ad, total, 4, 1)

TD_IND_STEP(pvt)
{
    struct total *s = state;
    double before;
    const bool has = td_step_push(&s->last, in[0], &before);
    *out = total_add(s, has && before != 0 ? in[1] * (in[0] / before - 1) : 0);
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(pvt, total, 2, 1)

TD_IND_STEP(wad)
{
    struct total *s = state;
    double before;
    if (!td_step_push(&s->last, in[2], &before))
        return TD_IND_WAIT;
    *out = total_add(s, in[2] > before   ? in[2] - td_min(in[1], before)
                        : in[2] < before ? in[2] - td_max(in[0], before)
                                         : 0);
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(wad, total, 3, 1)

/* Compounds the return on bars whose volume fell (rose). */
static inline double index_of(struct total *s, const double *in, bool rising)
{
    double close = 0, volume = 0;
    const bool has = td_step_push(&s->last, in[0], &close);
    (void)td_step_push(&s->volume, in[1], &volume);
    if (!has)
        s->sum = 1000;
    else if ((rising ? in[1] > volume : in[1] < volume) && close != 0)
        s->sum += s->sum * ((in[0] - close) / close);
    return s->sum;
}

TD_IND_STEP(nvi)
{
    *out = index_of(state, in, false);
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(nvi, total, 2, 1)

TD_IND_STEP(pvi)
{
    *out = index_of(state, in, true);
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(pvi, total, 2, 1)

/* ---- ADOSC: both means begin as the first AD ---- */

struct adosc {
    struct total ad;
    double fast_k, slow_k, fast, slow;
    uint32_t wait;
};

TD_IND_INIT(adosc)
{
    struct adosc *s = state;
    s->fast_k = 2 / (p[0] + 1);
    s->slow_k = 2 / (p[1] + 1);
    s->wait = (uint32_t)fmax(p[0], p[1]) - 1;
}

TD_IND_STEP(adosc)
{
    struct adosc *s = state;
    double ad;
    (void)ad_step(&s->ad, mem, in, &ad);
    if (!s->ad.begun) {
        s->ad.begun = true;
        s->fast = s->slow = ad;
    } else {
        s->fast = s->fast_k * ad + (1 - s->fast_k) * s->fast;
        s->slow = s->slow_k * ad + (1 - s->slow_k) * s->slow;
    }
    if (s->wait > 0) {
        s->wait--;
        return TD_IND_WAIT;
    }
    *out = s->fast - s->slow;
    return TD_IND_VALUE;
}
TD_IND_BATCH(adosc, 4, 1)

TD_IND_LOOKBACK(longer)
{
    return (int32_t)fmax(p[0], p[1]) - 1;
}

/* ---- sums over a window: MFI, CMF ---- */

struct flow {
    struct td_step_of last;
    struct td_sum_of one, two;
};

TD_IND_INIT(flow)
{
    struct flow *s = state;
    td_sum_init(&s->one, space, p[0]);
    td_sum_init(&s->two, space, p[0]);
}

TD_IND_STEP(mfi)
{
    struct flow *s = state;
    const double x = (in[0] + in[1] + in[2]) / 3, money = x * in[3];
    double before;
    if (!td_step_push(&s->last, x, &before))
        return TD_IND_WAIT;
    const double d = x - before, rounding = 1e-14 * fabs(x); /* equal sums may divide unequally */
    (void)td_sum_push(&s->one, mem, td_if(d > rounding, money));
    if (!td_sum_push(&s->two, mem, td_if(d < -rounding, money)))
        return TD_IND_WAIT;
    const double up = td_sum_value(&s->one), all = up + td_sum_value(&s->two);
    *out = all > 0 ? 100 * (up / all) : 0;
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(mfi, flow, 4, 1)

TD_IND_STEP(cmf)
{
    struct flow *s = state;
    (void)td_sum_push(&s->one, mem, place_in_bar(in[0], in[1], in[2]) * in[3]);
    if (!td_sum_push(&s->two, mem, in[3]))
        return TD_IND_WAIT;
    const double volume = td_sum_value(&s->two);
    *out = volume > 0 ? td_sum_value(&s->one) / volume : 0;
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(cmf, flow, 4, 1)

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

/* ---- force, ease, facilitation ---- */

struct efi {
    struct td_step_of last;
    struct td_ema_of mean;
};

TD_IND_INIT(efi)
{
    struct efi *s = state;
    td_ema_init(&s->mean, p[0]);
}

TD_IND_STEP(efi)
{
    struct efi *s = state;
    double before;
    if (!td_step_push(&s->last, in[0], &before) ||
        !td_ema_push(&s->mean, (in[0] - before) * in[1], out))
        return TD_IND_WAIT;
    return TD_IND_VALUE;
}
TD_IND_BATCH(efi, 2, 1)

struct emv {
    struct td_step_of last;
    struct td_sum_of mean;
};

TD_IND_INIT(emv)
{
    struct emv *s = state;
    td_sum_init(&s->mean, space, p[0]);
}

TD_IND_STEP(emv)
{
    struct emv *s = state;
    const double middle = (in[0] + in[1]) / 2, height = in[0] - in[1];
    double before;
    if (!td_step_push(&s->last, middle, &before))
        return TD_IND_WAIT;
    const double ease = in[2] > 0 ? (middle - before) * height * 1e4 / in[2] : 0;
    return td_sma_push(&s->mean, mem, ease, out) ? TD_IND_VALUE : TD_IND_WAIT;
}
TD_IND_BATCH(emv, 3, 1)

TD_IND_STEP(marketfi)
{
    (void)state;
    *out = in[2] != 0 ? (in[0] - in[1]) / in[2] : (double)NAN;
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(marketfi, td_ind_nothing, 3, 1)

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
#define TOTAL(name)                                                                                \
    .lookback = td_ind_none, .fixed_bytes = sizeof(struct total), .init = td_ind_stateless,        \
    .step = name##_step, .batch = name##_batch

const struct td_indicator td_rows_volume[] = {
    {.name = "OBV",
     .talib = "OBV",
     .tulip = "obv",
     VOLUME,
     .inputs = {"real", "volume"},
     ONE,
     TOTAL(obv),
     .formula = "begins as the first volume; + volume when x rose, - when it fell",
     .source = "Granville 1963; " TD_IND_TALIB},
    {.name = "AD",
     .talib = "AD",
     .tulip = "ad",
     VOLUME,
     BAR,
     ONE,
     TOTAL(ad),
     .formula = "+ volume*((C-L)-(H-C))/(H-L); unchanged when H = L",
     .source = "Chaikin; " TD_IND_TALIB},
    {.name = "ADOSC",
     .talib = "ADOSC",
     .tulip = "adosc",
     VOLUME,
     BAR,
     ONE,
     .params = {TD_IND_WHOLE("fastperiod", "shortperiod", 3, 1, TD_IND_PERIOD_MAX,
                             "bars of the fast mean"),
                TD_IND_WHOLE("slowperiod", "longperiod", 10, 1, TD_IND_PERIOD_MAX,
                             "bars of the slow mean")},
     .lookback = longer_lookback,
     TD_IND_RUN(adosc),
     .formula = "EMA(fast) - EMA(slow) of AD, both begun as the first AD",
     .source = "Chaikin; " TD_IND_TALIB},
    {.name = "MFI",
     .talib = "MFI",
     .tulip = "mfi",
     VOLUME,
     BAR,
     ONE,
     .params = {TD_IND_PERIOD(14, 1)},
     .lookback = td_ind_n,
     TD_IND_RUN_AS(mfi, flow),
     .formula = "100*up/(up+down), sums of TP*volume of bars whose TP = (H+L+C)/3 rose or fell; 0 "
                "when nothing moved",
     .source = "Quong and Soudack 1989; " TD_IND_TALIB},
    {.name = "CMF",
     .talib = "CMF",
     .tulip = "cmf",
     VOLUME,
     BAR,
     ONE,
     .params = {TD_IND_PERIOD(20, 1)},
     .lookback = td_ind_n_less_1,
     TD_IND_RUN_AS(cmf, flow),
     .formula = "sum of volume*((C-L)-(H-C))/(H-L) / sum of volume; 0 without volume",
     .source = "Chaikin"},
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
    {.name = "EFI",
     .talib = "EFI",
     VOLUME,
     MONEY,
     ONE,
     .params = {TD_IND_PERIOD(13, 1)},
     .lookback = td_ind_n,
     TD_IND_RUN(efi),
     .formula = "EMA of (C - C before)*volume",
     .source = "Elder 1993"},
    {.name = "EMV",
     .tulip = "emv",
     VOLUME,
     .inputs = {"high", "low", "volume"},
     ONE,
     .params = {TD_IND_PERIOD(14, 1)},
     .lookback = td_ind_n,
     TD_IND_RUN(emv),
     .formula =
         "SMA of (middle - middle before)*(H-L)*10000/volume; 0 for a bar without volume or height",
     .source = "Arms; " TD_IND_TULIP},
    {.name = "NVI",
     .talib = "NVI",
     .tulip = "nvi",
     VOLUME,
     MONEY,
     ONE,
     TOTAL(nvi),
     .formula = "1000, compounded by the return of bars with less volume than the one before",
     .source = TD_IND_TULIP},
    {.name = "PVI",
     .talib = "PVI",
     .tulip = "pvi",
     VOLUME,
     MONEY,
     ONE,
     TOTAL(pvi),
     .formula = "1000, compounded by the return of bars with more volume than the one before",
     .source = TD_IND_TULIP},
    {.name = "PVT",
     .talib = "PVT",
     VOLUME,
     MONEY,
     ONE,
     TOTAL(pvt),
     .formula = "0, + volume*(C/C before - 1)",
     .source = "definition of this project"},
    {.name = "WAD",
     .tulip = "wad",
     .talib = "WAD",
     VOLUME,
     .inputs = {"high", "low", "close"},
     ONE,
     .lookback = td_ind_one,
     .fixed_bytes = sizeof(struct total),
     .init = td_ind_stateless,
     .step = wad_step,
     .batch = wad_batch,
     .formula = "C rose: + C - min(L, C before); fell: + C - max(H, C before)",
     .source = "Williams; " TD_IND_TULIP},
    {.name = "MARKETFI",
     .talib = "MARKETFI",
     .tulip = "marketfi",
     VOLUME,
     .inputs = {"high", "low", "volume"},
     ONE,
     .lookback = td_ind_none,
     .fixed_bytes = sizeof(struct td_ind_nothing),
     .init = td_ind_stateless,
     .step = marketfi_step,
     .batch = marketfi_batch,
     .formula = "(H - L)/volume; NaN without volume",
     .source = "Williams; " TD_IND_TULIP},
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
