/* strat/terms.c - the tables of order kinds and durations. */
#include "strat/terms.h"

struct type_row {
    const char *word;
    uint32_t needs;
};

#define ROW(name, word, needs) {word, needs},
static const struct type_row types[] = {TD_ORDER_TYPES(ROW)};
#undef ROW

#define ROW(name, word, meaning) word,
static const char *const durations[] = {TD_DURATIONS(ROW)};
#undef ROW

const char *td_order_type_word(uint8_t type)
{
    return type < TD_COUNT(types) ? types[type].word : "?";
}

uint32_t td_order_type_needs(uint8_t type)
{
    return type < TD_COUNT(types) ? types[type].needs : 0;
}

const char *td_tif_word(uint8_t tif)
{
    return tif < TD_COUNT(durations) ? durations[tif] : "?";
}
