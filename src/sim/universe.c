/* sim/universe.c - the table of contracts, and rows made for symbols the user names. */
#include "sim/universe.h"

#include <string.h>

#include "base/map.h"
#include "market/calendar.h"
#include "market/front.h"

#define STOCK_VENUES                                                                               \
    "SMART,AMEX,NYSE,CBOE,PHLX,ISE,CHX,ARCA,NASDAQ,DRCTEDGE,BEX,BATS,EDGEA,BYX,IEX,EDGX,"          \
    "FOXRIVER,PEARL,NYSENAT,LTSE,MEMX,IBEOS,OVERNIGHT,TPLUS0,PSX"
#define STOCK_RULES "26,26,26,26,26,26,26,26,26,26,26,26,26,26,26,26,26,26,26,26,26,26,26,26,26"
#define ORDER_TYPES "DAY,GTC,IOC,FOK,LMT,MKT,STP,STPLMT,TRAIL"
#define NEW_YORK    "America/New_York"

#define CENT                                                                                       \
    {                                                                                              \
        10000000                                                                                   \
    }
#define E9(n)                                                                                      \
    {                                                                                              \
        INT64_C(n) * 1000000000                                                                    \
    }
#define CENTS(n)                                                                                   \
    {                                                                                              \
        INT64_C(n) * 10000000                                                                      \
    }
#define STOCK_DAY                                                                                  \
    {                                                                                              \
        240, 570, 960, 1200                                                                        \
    }

#define STOCK(id, sym, prim, name, type, ind, start, volume, top, spr, vol)                        \
    {                                                                                              \
        .inst = {.conid = id,                                                                      \
                 .symbol = sym,                                                                    \
                 .sec_type = "STK",                                                                \
                 .exchange = "SMART",                                                              \
                 .primary = prim,                                                                  \
                 .currency = "USD",                                                                \
                 .local_symbol = sym,                                                              \
                 .trading_class = prim,                                                            \
                 .long_name = name,                                                                \
                 .time_zone = NEW_YORK,                                                            \
                 .min_tick = CENT,                                                                 \
                 .multiplier = E9(1)},                                                             \
        .valid_exchanges = STOCK_VENUES, .order_types = ORDER_TYPES, .market_rules = STOCK_RULES,  \
        .industry = ind, .category = "", .subcategory = "", .stock_type = type,                    \
        .contract_month = "", .day = STOCK_DAY, .start_px = CENTS(start),                          \
        .day_volume = E9(volume), .top_qty = E9(top), .spread_ticks = spr, .volatility_bp = vol    \
    }

/* Trading class follows IBKR: NMS for NASDAQ listings, the ticker otherwise (fixed up by td_universe_init). */
static const struct td_universe_row known[] = {
    STOCK(756733, "SPY", "ARCA", "SPDR S&P 500 ETF TRUST", "ETF", "", 16850, 100000000, 5000, 1,
          90),
    STOCK(8314, "IBM", "NYSE", "INTL BUSINESS MACHINES CORP", "COMMON", "Technology", 18250,
          4500000, 200, 3, 130),
    STOCK(61319701, "AIG", "NYSE", "AMERICAN INTERNATIONAL GROUP", "COMMON", "Financial", 4880,
          9000000, 1200, 1, 170),
    STOCK(265598, "AAPL", "NASDAQ", "APPLE INC", "COMMON", "Technology", 19000, 55000000, 400, 1,
          170),
    STOCK(320227571, "QQQ", "NASDAQ", "INVESCO QQQ TRUST SERIES 1", "ETF", "", 42000, 45000000, 900,
          1, 120),
    STOCK(272093, "MSFT", "NASDAQ", "MICROSOFT CORP", "COMMON", "Technology", 41000, 22000000, 300,
          2, 150),
    STOCK(76792991, "TSLA", "NASDAQ", "TESLA INC", "COMMON", "Consumer, Cyclical", 25000, 95000000,
          400, 2, 350),
    STOCK(4815747, "NVDA", "NASDAQ", "NVIDIA CORP", "COMMON", "Technology", 12500, 250000000, 1200,
          1, 300),
    STOCK(4391, "AMD", "NASDAQ", "ADVANCED MICRO DEVICES", "COMMON", "Technology", 15500, 50000000,
          600, 1, 300),
    STOCK(270639, "INTC", "NASDAQ", "INTEL CORP", "COMMON", "Technology", 3100, 45000000, 2500, 1,
          220),
    STOCK(9939, "MU", "NASDAQ", "MICRON TECHNOLOGY INC", "COMMON", "Technology", 11000, 18000000,
          400, 1, 270),
    {.inst = {.conid = 495512563,
              .symbol = "ES",
              .sec_type = "FUT",
              .expiry = "20261218",
              .exchange = "CME",
              .primary = "",
              .currency = "USD",
              .local_symbol = "ESZ6",
              .trading_class = "ES",
              .long_name = "E-mini S&P 500",
              .time_zone = "US/Central",
              .min_tick = {250000000},
              .multiplier = E9(50)},
     .valid_exchanges = "CME,QBALGO",
     .order_types = ORDER_TYPES,
     .market_rules = "67,67",
     .industry = "Indices",
     .category = "Broad Range Equity Index",
     .subcategory = "*",
     .stock_type = "",
     .contract_month = "202612",
     .day = {-420, 510, 900, 960},
     .start_px = CENTS(521425),
     .day_volume = E9(1500000),
     .top_qty = E9(25),
     .spread_ticks = 1,
     .volatility_bp = 90},
    {.inst = {.conid = 559296900,
              .symbol = "GC",
              .sec_type = "FUT",
              .expiry = "20261229",
              .exchange = "COMEX",
              .primary = "",
              .currency = "USD",
              .local_symbol = "GCZ6",
              .trading_class = "GC",
              .long_name = "Gold",
              .time_zone = "US/Eastern",
              .min_tick = {100000000},
              .multiplier = E9(100)},
     .valid_exchanges = "COMEX,QBALGO",
     .order_types = ORDER_TYPES,
     .market_rules = "3268,3268",
     .industry = "Precious Metals",
     .category = "Gold",
     .subcategory = "*",
     .stock_type = "",
     .contract_month = "202612",
     .day = {-360, 500, 810, 1020},
     .start_px = CENTS(132500),
     .day_volume = E9(200000),
     .top_qty = E9(8),
     .spread_ticks = 1,
     .volatility_bp = 100},
    {.inst = {.conid = 12087792,
              .symbol = "EUR",
              .sec_type = "CASH",
              .exchange = "IDEALPRO",
              .primary = "",
              .currency = "USD",
              .local_symbol = "EUR.USD",
              .trading_class = "EUR.USD",
              .long_name = "European Monetary Union Euro",
              .time_zone = "US/Eastern",
              .min_tick = {50000},
              .multiplier = E9(1)},
     .valid_exchanges = "IDEALPRO",
     .order_types = ORDER_TYPES,
     .market_rules = "239",
     .industry = "",
     .category = "",
     .subcategory = "",
     .stock_type = "",
     .contract_month = "",
     .day = {-405, -405, 1020, 1020},
     .start_px = {1135000000},
     .day_volume = E9(2000000000),
     .top_qty = E9(2000000),
     .spread_ticks = 1,
     .volatility_bp = 50},
};

void td_universe_init(struct td_universe *u)
{
    memset(u, 0, sizeof *u);
    for (size_t i = 0; i < TD_COUNT(known); i++) {
        struct td_universe_row *row = &u->rows[u->count++];
        *row = known[i];
        if (strcmp(row->inst.sec_type, "STK") != 0)
            continue;
        const bool nasdaq = strcmp(row->inst.primary, "NASDAQ") == 0;
        (void)td_str_copy(td_str_of(nasdaq ? "NMS" : row->inst.symbol), row->inst.trading_class,
                          sizeof row->inst.trading_class);
    }
}

/* The third last day of trade of a month, when gold ends. */
static int64_t third_last_day(int32_t year, int32_t month)
{
    int64_t day = td_days_from_civil(month == 12 ? year + 1 : year, month % 12 + 1, 1);
    for (int left = 3; left > 0;)
        left -= td_calendar_trades(&td_calendar_xnys, --day);
    return day;
}

static void date_future(struct td_universe_row *row, const struct td_product *p, int64_t last_day)
{
    static const char letters[] = "FGHJKMNQUVXZ";
    struct td_civil c;
    struct td_text local;
    td_civil_from_days(last_day, &c);
    (void)td_date_print_compact(last_day, row->inst.expiry);
    (void)td_str_copy((struct td_str){row->inst.expiry, 6}, row->month, sizeof row->month);
    row->contract_month = row->month;
    td_text_init(&local, row->inst.local_symbol, sizeof row->inst.local_symbol);
    td_text_printf(&local, "%s%c%d", p->trading_class, letters[c.month - 1], (int)(c.year % 10));
}

void td_universe_date(struct td_universe *u, int64_t day)
{
    for (uint32_t i = 0; i < u->count; i++) {
        struct td_universe_row *row = &u->rows[i];
        const struct td_product *p = td_product_find(td_str_of(row->inst.trading_class));
        struct td_civil c;
        int64_t last;
        if (!p || td_last_day_parse(p, td_str_of(row->inst.expiry), &last) != TD_OK ||
            td_roll_day(&p->roll, last) > day)
            continue;
        td_civil_from_days(last, &c);
        while (td_roll_day(&p->roll, last) <= day) {
            do {
                c.year += c.month == 12;
                c.month = c.month % 12 + 1;
            } while (!td_product_in_cycle(p, c.month));
            last = p->third_friday ? td_index_expiry(c.year, c.month)
                                   : third_last_day(c.year, c.month);
        }
        date_future(row, p, last);
    }
}

static bool has_conid(const struct td_universe *u, int32_t conid)
{
    for (uint32_t i = 0; i < u->count; i++)
        if (u->rows[i].inst.conid == conid)
            return true;
    return false;
}

/* A free id from the symbol, above the range of the table's ids. */
static int32_t make_conid(const struct td_universe *u, const char *symbol)
{
    uint32_t id = (uint32_t)(td_hash_bytes(symbol, strlen(symbol)) % 100000000);
    while (has_conid(u, (int32_t)(900000000 + id)))
        id = (id + 1) % 100000000;
    return (int32_t)(900000000 + id);
}

enum td_err td_universe_add(struct td_universe *u, const char *symbol, uint32_t *index)
{
    if (!td_symbol_is_safe(td_str_of(symbol)))
        return TD_EINVAL;
    char name[TD_SYMBOL_CHARS];
    td_symbol_of_broker(symbol, "STK", name);
    const struct td_universe_query query = {.symbol = name};
    uint32_t at = 0;
    if (td_universe_find(u, &query, &at)) {
        *index = at;
        return TD_OK;
    }
    if (u->count == TD_INSTRUMENTS_MAX)
        return TD_EFULL;
    /* The facts are those of an ordinary stock; price, volume and volatility come from the symbol. */
    static const struct td_universe_row model =
        STOCK(0, "", "NASDAQ", "", "COMMON", "", 5000, 5000000, 400, 1, 200);
    struct td_universe_row *row = &u->rows[u->count];
    const uint64_t hash = td_hash_bytes(name, strlen(name));
    *row = model;
    row->inst.conid = make_conid(u, name);
    row->invented = true;
    row->start_px.e9 = (int64_t)(1000 + hash % 29000) * 10000000;
    row->day_volume = TD_QTY(1000000 + (int64_t)(hash >> 16) % 19000000);
    row->volatility_bp = 120 + (int32_t)(hash >> 40 & 255);
    (void)td_str_copy(td_str_of(name), row->inst.symbol, sizeof row->inst.symbol);
    (void)td_str_copy(td_str_of(name), row->inst.local_symbol, sizeof row->inst.local_symbol);
    (void)td_str_copy(td_str_of("NMS"), row->inst.trading_class, sizeof row->inst.trading_class);
    struct td_text long_name;
    td_text_init(&long_name, row->inst.long_name, sizeof row->inst.long_name);
    td_text_printf(&long_name, "%s (INVENTED BY THE SIMULATOR)", name);
    *index = u->count++;
    return TD_OK;
}

enum td_err td_universe_add_derived(struct td_universe *u, const struct td_universe_row *row,
                                    uint32_t *index)
{
    for (uint32_t i = 0; i < u->count; i++)
        if (u->rows[i].inst.conid == row->inst.conid) {
            *index = i;
            return TD_OK;
        }
    if (u->count == TD_INSTRUMENTS_MAX)
        return TD_EFULL;
    *index = u->count;
    u->rows[u->count++] = *row;
    return TD_OK;
}

static bool fits(const char *asked, const char *has)
{
    return !asked || !asked[0] || strcmp(asked, has) == 0;
}

/* An exchange fits when it is a whole word of the valid exchanges. */
static bool fits_exchange(const char *asked, const struct td_universe_row *row)
{
    if (!asked || !asked[0] || strcmp(asked, row->inst.primary) == 0)
        return true;
    struct td_str rest = td_str_of(row->valid_exchanges);
    struct td_str part;
    while (td_str_split(&rest, ',', &part))
        if (td_str_is(part, asked))
            return true;
    return strcmp(asked, "ISLAND") == 0 && strcmp(row->inst.primary, "NASDAQ") == 0;
}

/* YYYYMM asks for any day of that month. */
static bool fits_expiry(const char *asked, const char *has)
{
    if (!asked || !asked[0])
        return true;
    return strncmp(asked, has, strlen(asked)) == 0 &&
           (strlen(asked) == 6 || strlen(asked) == strlen(has));
}

bool td_universe_find(const struct td_universe *u, const struct td_universe_query *q,
                      uint32_t *index)
{
    for (uint32_t i = *index; i < u->count; i++) {
        const struct td_instrument *inst = &u->rows[i].inst;
        if ((q->conid || u->rows[i].derived) && q->conid != inst->conid)
            continue;
        if (fits(q->symbol, inst->symbol) && fits(q->sec_type, inst->sec_type) &&
            fits(q->currency, inst->currency) && fits(q->local_symbol, inst->local_symbol) &&
            fits_expiry(q->expiry, inst->expiry) && fits_exchange(q->exchange, &u->rows[i])) {
            *index = i;
            return true;
        }
    }
    return false;
}

bool td_universe_rule(int32_t id, struct td_tick_rule *out)
{
    static const struct {
        int32_t id;
        struct td_tick_rule rule;
    } rules[] = {{26, {2, {{{0}, {100000}}, {{TD_E9}, {10000000}}}}}, /* US stocks */
                 {67, {1, {{{0}, {250000000}}}}},
                 {110, {1, {{{0}, {10000000}}}}},
                 {239, {1, {{{0}, {50000}}}}},
                 {9000001, {1, {{{0}, {1000}}}}}, /* td_universe_fine */
                 {3268, {1, {{{0}, {100000000}}}}}};
    for (size_t i = 0; i < TD_COUNT(rules); i++)
        if (rules[i].id == id) {
            *out = rules[i].rule;
            return true;
        }
    return false;
}

bool td_universe_ticks(const struct td_universe_row *row, struct td_tick_rule *out)
{
    struct td_str rest = td_str_of(row->valid_exchanges), first;
    int32_t id = 0;
    return td_str_split(&rest, ',', &first) &&
           td_tick_rule_id(td_str_of(row->valid_exchanges), td_str_of(row->market_rules), first,
                           &id) == TD_OK &&
           td_universe_rule(id, out);
}

void td_universe_fine(struct td_universe_row *row)
{
    row->inst.min_tick = (td_px){1000};
    row->valid_exchanges = "SMART";
    row->market_rules = "9000001";
}

static void put_moment(struct td_text *out, int64_t day, int minutes)
{
    char date[16];
    if (minutes < 0) {
        day--;
        minutes += 1440;
    }
    (void)td_date_print_compact(day, date);
    td_text_printf(out, "%s:%02d%02d", date, minutes / 60, minutes % 60);
}

void td_universe_hours_text(const struct td_universe_row *row, const struct td_universe_hours *ask,
                            struct td_text *out)
{
    const int from = ask->liquid ? row->day.open : row->day.ext_open;
    const int to = ask->liquid ? row->day.close : row->day.ext_close;
    for (int64_t day = ask->first; day < ask->first + ask->days; day++) {
        const int weekday = td_weekday(day);
        const bool closed =
            weekday == 0 || weekday == 6 || (ask->closed && ask->closed(ask->arg, day));
        char date[16];
        if (day > ask->first)
            td_text_char(out, ';');
        if (closed) {
            (void)td_date_print_compact(day, date);
            td_text_printf(out, "%s:CLOSED", date);
            continue;
        }
        put_moment(out, day, from);
        td_text_char(out, '-');
        put_moment(out, day, to);
    }
}
