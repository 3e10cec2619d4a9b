/* signal/price.c - rows: one number for a bar, Heikin-Ashi, Elder's powers. */
#include "signal/kernel_smooth.h"
#include "signal/rows.h"

TD_IND_STEP(avgprice)
{
    (void)state;
    *out = (in[0] + in[1] + in[2] + in[3]) / 4;
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(avgprice, td_ind_nothing, 4, 1)

TD_IND_STEP(medprice)
{
    (void)state;
    *out = (in[0] + in[1]) / 2;
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(medprice, td_ind_nothing, 2, 1)

TD_IND_STEP(typprice)
{
    (void)state;
    *out = (in[0] + in[1] + in[2]) / 3;
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(typprice, td_ind_nothing, 3, 1)

TD_IND_STEP(wclprice)
{
    (void)state;
    *out = (in[0] + in[1] + in[2] * 2) / 4;
    return TD_IND_VALUE;
}
TD_IND_BATCH_AS(wclprice, td_ind_nothing, 3, 1)

struct ha {
    double open, close;
    bool begun;
};

TD_IND_STEP(ha)
{
    struct ha *s = state;
    const double close = (in[0] + in[1] + in[2] + in[3]) / 4;
    const double open = s->begun ? (s->open + s->close) / 2 : (in[0] + in[3]) / 2;
    out[0] = s->open = open;
    out[1] = td_max(in[1], td_max(open, close));
    out[2] = td_min(in[2], td_min(open, close));
    out[3] = s->close = close;
    s->begun = true;
    return TD_IND_VALUE;
}
TD_IND_BATCH(ha, 4, 4)

struct eri {
    struct td_ema_of mean;
};

TD_IND_INIT(eri)
{
    struct eri *s = state;
    td_ema_init(&s->mean, p[0]);
}

TD_IND_STEP(eri)
{
    struct eri *s = state;
    double mean;
    if (!td_ema_push(&s->mean, in[2], &mean))
        return TD_IND_WAIT;
    out[0] = in[0] - mean;
    out[1] = in[1] - mean;
    return TD_IND_VALUE;
}
TD_IND_BATCH(eri, 3, 2)

#define PRICE .group = "price"
#define PLAIN(name, state)                                                                         \
    .lookback = td_ind_none, .fixed_bytes = sizeof(struct state), .init = td_ind_stateless,        \
    .step = name##_step, .batch = name##_batch, .source = TD_IND_TALIB

const struct td_indicator td_rows_price[] = {
    {.name = "AVGPRICE",
     .talib = "AVGPRICE",
     .tulip = "avgprice",
     PRICE,
     .inputs = {"open", "high", "low", "close"},
     .outputs = {"real"},
     PLAIN(avgprice, td_ind_nothing),
     .formula = "(O+H+L+C)/4"},
    {.name = "MEDPRICE",
     .talib = "MEDPRICE",
     .tulip = "medprice",
     PRICE,
     .inputs = {"high", "low"},
     .outputs = {"real"},
     PLAIN(medprice, td_ind_nothing),
     .formula = "(H+L)/2"},
    {.name = "TYPPRICE",
     .talib = "TYPPRICE",
     .tulip = "typprice",
     PRICE,
     .inputs = {"high", "low", "close"},
     .outputs = {"real"},
     PLAIN(typprice, td_ind_nothing),
     .formula = "(H+L+C)/3"},
    {.name = "WCLPRICE",
     .talib = "WCLPRICE",
     .tulip = "wcprice",
     PRICE,
     .inputs = {"high", "low", "close"},
     .outputs = {"real"},
     PLAIN(wclprice, td_ind_nothing),
     .formula = "(H+L+2C)/4"},
    {.name = "HA",
     .talib = "HA",
     PRICE,
     .inputs = {"open", "high", "low", "close"},
     .outputs = {"haopen", "hahigh", "halow", "haclose"},
     PLAIN(ha, ha),
     .formula = "Heikin-Ashi: c = (O+H+L+C)/4; o = (o before + c before)/2, first (O+C)/2; h = "
                "max(H,o,c); l = min(L,o,c)"},
    {.name = "ERI",
     .talib = "ERI",
     .group = "momentum",
     .inputs = {"high", "low", "close"},
     .outputs = {"bullpower", "bearpower"},
     .params = {TD_IND_PERIOD(13, 1)},
     .lookback = td_ind_n_less_1,
     TD_IND_RUN(eri),
     .formula = "H and L less the EMA of C",
     .source = "Elder 1989"},
    {0},
};
