/* desk/farm.c - names of farms against contracts. */
#include "desk/farm.h"

#include "base/text.h"

#define EUROPE "EUR,GBP,CHF,SEK,NOK,DKK,PLN,HUF,CZK"

static const struct td_farm_row rows[] = {
    {"usfarm", TD_FARM_MARKET, "STK,IND", "USD"},
    {"usopt", TD_FARM_MARKET, "OPT", "USD"},
    {"usfuture", TD_FARM_MARKET, "FUT,CONTFUT,FOP", "USD"},
    {"cashfarm", TD_FARM_MARKET, "CASH", ""},
    {"eufarm", TD_FARM_MARKET, "STK,IND,OPT,FUT,CONTFUT,FOP", EUROPE},
    {"jfarm", TD_FARM_MARKET, "STK,IND,OPT,FUT,CONTFUT,FOP", "JPY"},
    {"hfarm", TD_FARM_MARKET, "STK,IND,OPT,FUT,CONTFUT,FOP", "HKD"},
    {"ushmds", TD_FARM_HISTORY, "STK,IND,OPT,FUT,CONTFUT,FOP", "USD"},
    {"euhmds", TD_FARM_HISTORY, "STK,IND,OPT,FUT,CONTFUT,FOP", EUROPE},
    {"cashhmds", TD_FARM_HISTORY, "CASH", ""},
};

const struct td_farm_row *td_farm_rows(size_t *count)
{
    *count = TD_COUNT(rows);
    return rows;
}

const char *td_farm_state_word(enum td_farm_state state)
{
    static const char *const words[] = {"ok", "broken", "idle", "connecting"};
    return words[state];
}

const char *td_farm_kind_word(enum td_farm_kind kind)
{
    static const char *const words[] = {"market", "history", "contracts"};
    return words[kind];
}

static bool holds(const char *list, const char *word)
{
    struct td_str rest = td_str_of(list), one;
    if (!*list)
        return true;
    while (td_str_split(&rest, ',', &one))
        if (td_str_is(one, word))
            return true;
    return false;
}

bool td_farm_feeds(const struct td_farm *farm, const char *sec_type, const char *currency)
{
    bool known_farm = false, feeds = false, known_contract = false;
    for (size_t i = 0; i < TD_COUNT(rows); i++) {
        if (rows[i].kind != (enum td_farm_kind)farm->kind)
            continue;
        const bool named = td_str_starts(td_str_of(farm->name), rows[i].prefix);
        const bool fits = holds(rows[i].sec_types, sec_type) && holds(rows[i].currencies, currency);
        known_farm |= named;
        known_contract |= fits;
        feeds |= named && fits;
    }
    return feeds || !known_farm || !known_contract;
}
