/* market/product.c - the table of futures. */
#include "market/product.h"

#define E9(n)                                                                                      \
    {                                                                                              \
        INT64_C(n) * TD_E9                                                                         \
    }
#define MONTH(m)    (1u << ((m)-1))
#define QUARTERLY   (MONTH(3) | MONTH(6) | MONTH(9) | MONTH(12))
#define EVEN_MONTHS (MONTH(2) | MONTH(4) | MONTH(6) | MONTH(8) | MONTH(10) | MONTH(12))
#define DAYS(n)                                                                                    \
    {                                                                                              \
        TD_ROLL_DAYS, n                                                                            \
    }
#define CLASSIC                                                                                    \
    {                                                                                              \
        TD_ROLL_CLASSIC, 0                                                                         \
    }
#define ROLL_DAYS_MAX 90

/* Gold is delivered: notice of that begins on the last business day of the month before, up to 31 days before the
 * last trade, and the broker closes positions ahead of it. Currencies are delivered after the last trade. */
static const struct td_product rows[] = {
    {"ES", "", "FUT", "ES", "CME", "USD", E9(50), {250000000}, QUARTERLY, true, CLASSIC},
    {"NQ", "", "FUT", "NQ", "CME", "USD", E9(20), {250000000}, QUARTERLY, true, CLASSIC},
    {"6B", "GBPUSD", "FUT", "GBP", "CME", "USD", E9(62500), {100000}, QUARTERLY, false, DAYS(5)},
    {"6E", "EURUSD", "FUT", "EUR", "CME", "USD", E9(125000), {50000}, QUARTERLY, false, DAYS(5)},
    {"6A", "AUDUSD", "FUT", "AUD", "CME", "USD", E9(100000), {50000}, QUARTERLY, false, DAYS(5)},
    {"GC",
     "XAUUSD",
     "FUT",
     "GC",
     "COMEX",
     "USD",
     E9(100),
     {100000000},
     EVEN_MONTHS,
     false,
     DAYS(35)},
};

const struct td_product *td_product_at(size_t i)
{
    return i < TD_COUNT(rows) ? &rows[i] : NULL;
}

const struct td_product *td_product_find(struct td_str name)
{
    struct td_str bare = name;
    if (bare.len > 2 && bare.p[bare.len - 2] == '1' && bare.p[bare.len - 1] == '!')
        bare.len -= 2;
    for (size_t i = 0; i < TD_COUNT(rows) && bare.len; i++)
        if (td_str_is(bare, rows[i].trading_class) || td_str_is(bare, rows[i].alias))
            return &rows[i];
    return NULL;
}

bool td_product_in_cycle(const struct td_product *p, int32_t month)
{
    return month >= 1 && month <= 12 && (p->cycle & MONTH(month)) != 0;
}

enum td_err td_roll_parse(struct td_str text, struct td_roll *out)
{
    int64_t days;
    if (td_str_is(text, "classic") || td_str_is(text, "cme")) {
        *out = (struct td_roll){td_str_is(text, "cme") ? TD_ROLL_CME : TD_ROLL_CLASSIC, 0};
        return TD_OK;
    }
    if (td_i64_parse(text.p, text.len, &days) != TD_OK || days < 0 || days > ROLL_DAYS_MAX)
        return TD_EPARSE;
    *out = (struct td_roll){TD_ROLL_DAYS, (int16_t)days};
    return TD_OK;
}
