/* market/instrument.c - the table of instruments; small, so it is searched in order. */
#include "market/instrument.h"

#include <string.h>

enum td_err td_instruments_add(struct td_instruments *t, const struct td_instrument *row,
                               uint32_t *index)
{
    for (uint32_t i = 0; i < t->count; i++) {
        const struct td_instrument *old = &t->rows[i];
        if (strcmp(old->symbol, row->symbol) == 0 && strcmp(old->sec_type, row->sec_type) == 0 &&
            strcmp(old->expiry, row->expiry) == 0)
            return TD_EEXIST;
    }
    if (t->count == TD_INSTRUMENTS_MAX)
        return TD_EFULL;
    t->rows[t->count] = *row;
    *index = t->count++;
    return TD_OK;
}

bool td_instruments_by_symbol(const struct td_instruments *t, const char *symbol, uint32_t *index)
{
    for (uint32_t i = 0; i < t->count; i++)
        if (strcmp(t->rows[i].symbol, symbol) == 0) {
            *index = i;
            return true;
        }
    return false;
}

bool td_instruments_by_conid(const struct td_instruments *t, int32_t conid, uint32_t *index)
{
    for (uint32_t i = 0; i < t->count; i++)
        if (t->rows[i].conid == conid) {
            *index = i;
            return true;
        }
    return false;
}

bool td_symbol_is_safe(struct td_str symbol)
{
    if (symbol.len == 0 || symbol.len >= TD_SYMBOL_CHARS || symbol.p[0] == '.')
        return false;
    for (size_t i = 0; i < symbol.len; i++) {
        const char c = symbol.p[i];
        const bool allowed =
            (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
        if (!allowed)
            return false;
    }
    return true;
}

void td_symbol_of_broker(const char *symbol, const char *sec_type, char *out)
{
    (void)td_str_copy(td_str_of(symbol), out, TD_SYMBOL_CHARS);
    for (char *p = out; *p && strcmp(sec_type, "STK") == 0; p++)
        if (*p == '-' || *p == '.')
            *p = ' ';
}
