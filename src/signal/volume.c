/* signal/volume.c - rows: running totals, flows, force. */
#include "signal/kernel_smooth.h"
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

/* Volume that flowed in, from high, low, close, volume. */
static inline double flow_of(const double *in)
{
    return place_in_bar(in[0], in[1], in[2]) * in[3];
}

TD_IND_STEP(ad)
{
    *out = total_add(state, flow_of(in));
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

/* True when there is a difference, else it is NaN. */
static inline bool adosc_take(struct adosc *s, double flow, double *total, double *difference)
{
    const double ad = total_add(&s->ad, flow);
    *total = ad;
    *difference = (double)NAN;
    if (!s->ad.begun) {
        s->ad.begun = true;
        s->fast = s->slow = ad;
    } else {
        s->fast = s->fast_k * ad + (1 - s->fast_k) * s->fast;
        s->slow = s->slow_k * ad + (1 - s->slow_k) * s->slow;
    }
    if (s->wait > 0) {
        s->wait--;
        return false;
    }
    *difference = s->fast - s->slow;
    return true;
}

TD_IND_STEP(adosc)
{
    double ad, difference;
    if (!adosc_take(state, flow_of(in), &ad, &difference))
        return TD_IND_WAIT;
    *out = difference;
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
    struct td_sums_of sums;
};

TD_IND_INIT(flow)
{
    struct flow *s = state;
    td_sums_init(&s->sums, space, p[0]);
}

TD_IND_STEP(mfi)
{
    struct flow *s = state;
    const double x = (in[0] + in[1] + in[2]) * (1.0 / 3), money = x * in[3];
    double before;
    if (!td_step_push(&s->last, x, &before))
        return TD_IND_WAIT;
    const double d = x - before, rounding = 1e-14 * fabs(x); /* equal sums may divide unequally */
    if (!td_sums_push(&s->sums, mem,
                      td_two_of(td_if(d > rounding, money), td_if(d < -rounding, money))))
        return TD_IND_WAIT;
    const double up = s->sums.value[0], all = up + s->sums.value[1];
    *out = all > 0 ? 100 * (up / all) : 0;
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(mfi, flow, 4, 1)

static inline bool cmf_push(struct td_sums_of *sums, double *mem, double flow, double volume,
                            double *out)
{
    if (!td_sums_push(sums, mem, td_two_of(flow, volume)))
        return false;
    const td_two both = sums->value;
    *out = both[1] > 0 ? both[0] / both[1] : 0;
    return true;
}

TD_IND_STEP(cmf)
{
    struct flow *s = state;
    return cmf_push(&s->sums, mem, flow_of(in), in[3], out) ? TD_IND_VALUE : TD_IND_WAIT;
}
TD_IND_BATCH_AS(cmf, flow, 4, 1)

/* All that is made of the flow of each bar. */
struct flows {
    struct adosc adosc;
    struct td_sums_of sums;
};

TD_IND_INIT(flows)
{
    struct flows *s = state;
    adosc_init(&s->adosc, space, p);
    td_sums_init(&s->sums, space, p[2]);
}

TD_IND_STEP(flows)
{
    struct flows *s = state;
    const double flow = flow_of(in);
    (void)adosc_take(&s->adosc, flow, &out[0], &out[1]);
    out[2] = (double)NAN;
    (void)cmf_push(&s->sums, mem, flow, in[3], &out[2]);
    return TD_IND_VALUE;
}
TD_IND_BATCH(flows, 4, 3)

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
    {0},
};

const struct td_ind_family td_family_volume = {
    .row = {.name = "AD, ADOSC and CMF",
            .inputs = {"high", "low", "close", "volume"},
            .outputs = {"ad", "adosc", "cmf"},
            .params = {TD_IND_WHOLE("fastperiod", NULL, 3, 1, TD_IND_PERIOD_MAX, "bars, fast"),
                       TD_IND_WHOLE("slowperiod", NULL, 10, 1, TD_IND_PERIOD_MAX, "bars, slow"),
                       TD_IND_PERIOD(20, 1)},
            TD_IND_RUN(flows)},
    .members = {{"AD", .output = {0}},
                {"ADOSC", .params = 2, .output = {1}},
                {"CMF", .params = 1, .skip = 2, .output = {2}}},
};
