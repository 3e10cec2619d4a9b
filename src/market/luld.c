/* market/luld.c - the width of the band by price, tier and time. */
#include "market/luld.h"

#define LAST_MINUTES (25 * TD_MIN)
#define PERCENT(n)   (INT64_C(n) * 10000000) /* of one, 1e-9 */
#define CENTS(n)     (INT64_C(n) * 10000000)

/* The first row whose lowest price is not above the close of the day before. */
static const struct {
    int64_t above, from; /* > above, or >= from */
    int64_t fraction[TD_LULD_TIERS];
    int64_t most; /* width in dollars; 0: no limit */
    bool doubles[TD_LULD_TIERS];
} rows[] = {
    {CENTS(300), INT64_MAX, {PERCENT(5), PERCENT(10)}, 0, {true, false}},
    {INT64_MAX, CENTS(75), {PERCENT(20), PERCENT(20)}, 0, {true, true}},
    {INT64_MAX, 0, {PERCENT(75), PERCENT(75)}, CENTS(15), {true, true}},
};

static bool is_price(td_px px)
{
    return !td_px_is_none(px) && px.e9 > 0;
}

static size_t row_of(int64_t close)
{
    for (size_t i = 0; i < TD_COUNT(rows); i++)
        if (close > rows[i].above || close >= rows[i].from)
            return i;
    return TD_COUNT(rows) - 1;
}

enum td_err td_luld_band_of(const struct td_luld_ask *ask, struct td_luld_band *out)
{
    const struct td_session_hours *s = &ask->session;
    int64_t width, upper;
    if (!is_price(ask->reference) || (unsigned)ask->tier >= TD_LULD_TIERS)
        return TD_EINVAL;
    if (ask->at < s->open || ask->at >= s->close)
        return TD_ENODATA;
    const td_px close = is_price(ask->previous_close) ? ask->previous_close : ask->reference;
    const size_t row = row_of(close.e9);
    const bool doubled = rows[row].doubles[ask->tier] && ask->at >= s->close - LAST_MINUTES;
    enum td_err err = td_e9_mul(ask->reference.e9, rows[row].fraction[ask->tier], &width);
    if (err)
        return err;
    if (rows[row].most && width > rows[row].most)
        width = rows[row].most;
    width *= doubled ? 2 : 1;
    err = td_e9_add(ask->reference.e9, width, &upper);
    if (err)
        return err;
    *out = (struct td_luld_band){
        .lower = {width < ask->reference.e9 ? ask->reference.e9 - width : 0},
        .upper = {upper},
        .doubled = doubled,
    };
    return TD_OK;
}

bool td_luld_is_outside(const struct td_luld_band *band, td_px px)
{
    return td_px_is_none(px) || px.e9 < band->lower.e9 || px.e9 > band->upper.e9;
}
