/* desk/limits.c - from settings to the limits of the gates: one row per setting, the most restrictive counts. */
#include "desk/settings.h"

enum form {
    AS_IS,     /* already in the unit of the limit     */
    PERCENT,   /* of a hundred                         */
    OF_EQUITY, /* a fraction of equity, becoming money */
    MILLIS,
    SECONDS,
    MILLIONS,
    A_FLAG,
};

struct source {
    enum td_limit limit;
    const char *key;
    size_t at; /* of an int64_t in struct td_settings, or a bool */
    enum form form;
    bool always; /* it has a preset: 0 is meant */
};

#define AT(m) offsetof(struct td_settings, m)

static const struct source sources[] = {
    {TD_LIMIT_ORDER_SIZE, "MAX_ORDER_SIZE", AT(max_order_size_e9), AS_IS, true},
    {TD_LIMIT_ORDER_SIZE, "ORDER_QTY_LIMIT", AT(order_qty_limit_e9), AS_IS, false},
    {TD_LIMIT_POSITION, "MAX_POSITION_EXPOSURE", AT(max_position_e9), AS_IS, true},
    {TD_LIMIT_ORDER_VALUE, "RISK_MAX_ORDER_NOTIONAL", AT(max_order_notional_e9), AS_IS, true},
    {TD_LIMIT_DAY_VALUE, "RISK_MAX_DAILY_NOTIONAL", AT(max_daily_notional_e9), AS_IS, true},
    {TD_LIMIT_DAY_LOSS, "MAX_DAILY_LOSS_PCT", AT(max_daily_loss_e9), OF_EQUITY, true},
    {TD_LIMIT_DAY_LOSS, "RISK_MAX_DAILY_LOSS_PCT", AT(risk_daily_loss_e9), OF_EQUITY, false},
    {TD_LIMIT_DAY_LOSS, "MAX_DAILY_LOSS", AT(max_loss_money_e9), AS_IS, false},
    {TD_LIMIT_DAY_LOSS, "max_daily_loss of USER_SETTINGS_FILE", AT(user_loss_money_e9), AS_IS,
     false},
    {TD_LIMIT_TRADES, "MAX_TRADES_PER_DAY", AT(max_trades), AS_IS, true},
    {TD_LIMIT_TRADES, "EXECUTION_MAX_DAILY_TRADES", AT(execution_trades), AS_IS, false},
    {TD_LIMIT_TRADES, "MAX_DAILY_TRADES", AT(daily_trades), AS_IS, false},
    {TD_LIMIT_OPEN_ORDERS, "MAX_OPEN_ORDERS", AT(max_open_orders), AS_IS, true},
    {TD_LIMIT_RATE, "MAX_ORDERS_PER_MINUTE", AT(max_orders_per_minute), AS_IS, true},
    {TD_LIMIT_COLLAR, "PRICE_COLLAR_PCT", AT(collar_e9), PERCENT, true},
    {TD_LIMIT_COLLAR_LOW, "PRICE_COLLAR_LOW_PCT", AT(collar_low_e9), PERCENT, true},
    {TD_LIMIT_SPREAD, "MAX_SPREAD_PERCENT", AT(max_spread_percent_e9), PERCENT, true},
    {TD_LIMIT_QUOTE_AGE, "QUOTE_AGE_MS", AT(quote_age_ms), MILLIS, true},
    {TD_LIMIT_DECISION_AGE, "DECISION_LATENCY_MS", AT(decision_latency_ms), MILLIS, true},
    {TD_LIMIT_DUPLICATE, "DEDUP_WINDOW_SECONDS", AT(dedup_window_s), SECONDS, true},
    {TD_LIMIT_SHORT_SALE, "EXECUTION_SHORT_SELLING", AT(short_selling), A_FLAG, true},
    {TD_LIMIT_OPEN_POSITIONS, "RISK_MAX_OPEN_POSITIONS", AT(risk_open_positions), AS_IS, true},
    {TD_LIMIT_OPEN_POSITIONS, "MAX_OPEN_POSITIONS", AT(open_positions), AS_IS, false},
    {TD_LIMIT_LEVERAGE, "RISK_MAX_LEVERAGE", AT(max_leverage_e9), AS_IS, true},
    {TD_LIMIT_SYMBOL_EXPOSURE, "MAX_SYMBOL_EXPOSURE_PCT", AT(max_symbol_exposure_e9), AS_IS, true},
    {TD_LIMIT_SECTOR_EXPOSURE, "RISK_MAX_SECTOR_EXPOSURE", AT(max_sector_exposure_e9), AS_IS,
     false},
    {TD_LIMIT_CORRELATION, "RISK_CORRELATION_LIMIT", AT(correlation_limit_e9), AS_IS, false},
    {TD_LIMIT_HEAT, "RISK_MAX_HEAT", AT(max_heat_e9), AS_IS, false},
    {TD_LIMIT_VOLUME, "RISK_MIN_VOLUME", AT(min_volume_e9), AS_IS, false},
    {TD_LIMIT_MARKET_CAP, "RISK_MIN_MARKET_CAP", AT(min_market_cap_e9), MILLIONS, false},
    {TD_LIMIT_DAY_TRADES, "DAY_TRADE_CHECK", AT(day_trade_check), A_FLAG, true},
};

static int64_t read(const struct td_settings *s, const struct source *row)
{
    const char *at = (const char *)s + row->at;
    int64_t value = 0;
    if (row->form == A_FLAG)
        return *(const bool *)at;
    memcpy(&value, at, sizeof value);
    return value;
}

/* In the unit of the limit; what does not fit it is 0: closed. */
static int64_t convert(int64_t value, enum form form, td_cash equity)
{
    int64_t out;
    switch (form) {
    case PERCENT:
        return value / 100;
    case OF_EQUITY:
        return td_e9_mul(value, equity.e9, &out) == TD_OK ? out : 0;
    case MILLIS:
        return value * TD_MS;
    case SECONDS:
        return value * TD_SEC;
    case MILLIONS:
        return td_e9_mul(value, 1000000 * TD_E9, &out) == TD_OK ? out : 0;
    case AS_IS:
    case A_FLAG:
        break;
    }
    return value;
}

/* Of a least volume or value the larger is the stricter. */
static bool is_stricter(enum td_limit limit, int64_t a, int64_t b)
{
    const bool least = limit == TD_LIMIT_VOLUME || limit == TD_LIMIT_MARKET_CAP ||
                       limit == TD_LIMIT_DUPLICATE || limit == TD_LIMIT_DAY_TRADES;
    return least ? a > b : a < b;
}

void td_settings_limits(const struct td_settings *s, td_cash equity, struct td_limits *out)
{
    const td_cash money = td_cash_is_none(equity) ? (td_cash){s->default_cash_e9} : equity;
    for (int i = 0; i < TD_LIMIT_COUNT; i++) {
        out->value[i] = TD_LIMIT_OFF;
        out->key[i] = NULL;
    }
    for (size_t i = 0; i < TD_COUNT(sources); i++) {
        const struct source *row = &sources[i];
        const int64_t set = read(s, row);
        const int64_t value = convert(set, row->form, money);
        if (!set && !row->always)
            continue;
        if (out->key[row->limit] && !is_stricter(row->limit, value, out->value[row->limit]))
            continue;
        out->value[row->limit] = value;
        out->key[row->limit] = row->key;
    }
}

void td_settings_mllimits(const struct td_settings *s, struct td_mllimits *out)
{
    struct td_mllimits presets;
    td_mllimits_preset(&presets);
    out->base_e9 = s->ml_base_e9;
    for (int i = 0; i < TD_MLLIMIT_COUNT; i++) {
        const bool off = presets.value[i] == TD_MLLIMIT_OFF && s->ml_limit[i] == 0;
        out->value[i] = off ? TD_MLLIMIT_OFF : s->ml_limit[i];
    }
}
