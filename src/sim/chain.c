/* sim/chain.c - expirations, strikes and the rows of options. */
#include "sim/chain.h"

#include <string.h>

#define FRIDAY 5

static int64_t last_trading(const struct td_chain_config *c, int64_t friday)
{
    return c->closed && c->closed(c->arg, friday) ? friday - 1 : friday;
}

static void add(struct td_chain *chain, int64_t day)
{
    if (chain->expiry_count < TD_CHAIN_EXPIRIES &&
        (chain->expiry_count == 0 || day > chain->expiries[chain->expiry_count - 1]))
        chain->expiries[chain->expiry_count++] = day;
}

static int64_t third_friday(int32_t year, int32_t month)
{
    const int64_t first = td_days_from_civil(year, month, 1);
    return first + (FRIDAY - td_weekday(first) + 7) % 7 + 14;
}

static int64_t step_of(int64_t px)
{
    static const struct {
        int64_t below, step;
    } rows[] = {{25, 500000000}, {100, 1000000000}, {250, 2500000000}};
    for (size_t i = 0; i < TD_COUNT(rows); i++)
        if (px < rows[i].below * TD_E9)
            return rows[i].step;
    return 5 * TD_E9;
}

void td_chain_make(struct td_chain *chain, const struct td_chain_config *c)
{
    const int64_t friday = c->day + (FRIDAY - td_weekday(c->day) + 7) % 7;
    const int64_t step = step_of(c->center.e9);
    int64_t middle = (c->center.e9 + step / 2) / step * step;
    struct td_civil civil;
    *chain = (struct td_chain){.index = c->index, .under = c->under};
    for (int week = 0; week < 4; week++)
        add(chain, last_trading(c, friday + 7 * week));
    td_civil_from_days(friday + 21, &civil);
    for (int k = 0; chain->expiry_count < TD_CHAIN_EXPIRIES && k < 6; k++) {
        const int32_t month = (civil.month - 1 + k) % 12 + 1;
        add(chain, last_trading(c, third_friday(civil.year + (civil.month - 1 + k) / 12, month)));
    }
    if (middle < step * (TD_CHAIN_STRIKES / 2 + 1))
        middle = step * (TD_CHAIN_STRIKES / 2 + 1); /* no strike at or below zero */
    for (int i = 0; i < TD_CHAIN_STRIKES; i++)
        chain->strikes[i].e9 = middle + (i - TD_CHAIN_STRIKES / 2) * step;
}

uint32_t td_chain_count(const struct td_chain *chain)
{
    return chain->expiry_count * TD_CHAIN_STRIKES * 2;
}

/* "AAPL  261218C00190000": the symbol in six places, date, right, strike in thousandths. */
static void local_symbol(struct td_universe_row *row, const char *date)
{
    struct td_text t;
    td_text_init(&t, row->inst.local_symbol, sizeof row->inst.local_symbol);
    td_text_printf(&t, "%-6.6s%s%c%08lld", row->inst.symbol, date + 2, row->right,
                   (long long)(row->strike.e9 / 1000000));
}

void td_chain_row(const struct td_chain *chain, uint32_t n, const struct td_universe_row *stock,
                  struct td_universe_row *out)
{
    const int64_t expiry = chain->expiries[n / (TD_CHAIN_STRIKES * 2)];
    char date[16];
    *out = *stock; /* zone, hours, currency, industry and volatility are the stock's */
    (void)td_date_print_compact(expiry, date);
    out->derived = true;
    out->under = chain->under;
    out->expiry_day = expiry;
    out->strike = chain->strikes[n / 2 % TD_CHAIN_STRIKES];
    out->right = n % 2 ? 'P' : 'C';
    out->inst.conid = TD_CHAIN_CONID + (int32_t)(chain->index * 10000 + n);
    out->inst.multiplier = TD_QTY(100);
    out->inst.min_tick.e9 = 10000000;
    out->valid_exchanges = "SMART,CBOE";
    out->market_rules = "110,110";
    out->stock_type = "";
    out->invented = true;
    (void)td_str_copy(td_str_of("OPT"), out->inst.sec_type, sizeof out->inst.sec_type);
    (void)td_str_copy(td_str_of(date), out->inst.expiry, sizeof out->inst.expiry);
    (void)td_str_copy((struct td_str){date, 6}, out->month, sizeof out->month);
    out->inst.primary[0] = '\0';
    (void)td_str_copy(td_str_of(stock->inst.symbol), out->inst.trading_class,
                      sizeof out->inst.trading_class);
    local_symbol(out, date);
}
