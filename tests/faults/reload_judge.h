/* tests/faults/reload_judge.h - reads a journal and says whether an order left while the settings recorded before it
 * forbade orders, or while a reading was refused. Knows the settings of reload_gates. Orders against what is held are
 * exits, which only the switches stop. */
#ifndef TD_TESTS_FAULTS_RELOAD_JUDGE_H
#define TD_TESTS_FAULTS_RELOAD_JUDGE_H

#include <string.h>

#include "trade/journal.h"

/* Each of these alone forbids every order of the strategy. */
static const struct {
    const char *line, *key, *closed;
    bool exits; /* it stops exits too */
} reload_gates[] = {
    {"ALLOW_ORDERS=0\nDRY_RUN=0\n", "ALLOW_ORDERS", "0", true},
    {"ALLOW_ORDERS=1\nDRY_RUN=1\n", "DRY_RUN", "1", true},
    {"ALLOW_ORDERS=1\nDRY_RUN=0\nMAX_ORDER_SIZE=0\n", "MAX_ORDER_SIZE", "0", false},
    {"ALLOW_ORDERS=1\nDRY_RUN=0\nMAX_TRADES_PER_DAY=0\n", "MAX_TRADES_PER_DAY", "0", false},
    {"ALLOW_ORDERS=1\nDRY_RUN=0\nRESTRICTED_SYMBOLS=SPY,IBM\n", "RESTRICTED_SYMBOLS", "SPY,IBM",
     false},
    {"ALLOW_ORDERS=1\nDRY_RUN=0\nSYMBOL_ALLOWLIST=QQQ\n", "SYMBOL_ALLOWLIST", "QQQ", false},
};

#define RELOAD_KEYS 65536

struct reload_judge {
    bool sells[RELOAD_KEYS]; /* orders by key */
    bool first[RELOAD_KEYS]; /* of the first symbol that was seen, not of another */
    char symbol[24];
    int64_t held_e9[2];
    bool shut[TD_COUNT(reload_gates)], refused;
    uint32_t sent, leaks, taken, refusals, closings;
};

static bool reload_is_shut(const struct reload_judge *j, bool exit)
{
    bool shut = j->refused && !exit;
    for (size_t i = 0; i < TD_COUNT(reload_gates); i++)
        shut |= j->shut[i] && (!exit || reload_gates[i].exits);
    return shut;
}

static bool reload_is_first(struct reload_judge *j, const struct td_record *r)
{
    if (!j->symbol[0])
        (void)td_str_copy(td_str_of(r->symbol), j->symbol, sizeof j->symbol);
    return strcmp(j->symbol, r->symbol) == 0;
}

static void reload_sent(struct reload_judge *j, const struct td_record *r)
{
    const int64_t held = j->held_e9[!j->first[r->key % RELOAD_KEYS]];
    j->sent++;
    j->leaks += reload_is_shut(j, j->sells[r->key % RELOAD_KEYS] ? held > 0 : held < 0);
}

static void reload_take(struct reload_judge *j, const struct td_record *r)
{
    j->refused =
        strcmp(r->status, "refused") == 0 || (j->refused && strcmp(r->status, "taken") != 0);
    j->refusals += strcmp(r->status, "refused") == 0;
    j->taken += strcmp(r->status, "taken") == 0;
    for (size_t i = 0; i < TD_COUNT(reload_gates); i++) {
        const size_t n = strlen(reload_gates[i].key);
        const char *to = strstr(r->text, " -> ");
        if (strncmp(r->text, reload_gates[i].key, n) == 0 && r->text[n] == ':' && to)
            j->shut[i] = strcmp(to + 4, reload_gates[i].closed) == 0;
    }
}

static enum td_err reload_judge_record(void *arg, const struct td_record *r)
{
    struct reload_judge *j = arg;
    const bool shut = reload_is_shut(j, false);
    if (r->type == TD_REC_ORDER) {
        j->sells[r->key % RELOAD_KEYS] = r->action == TD_SELL;
        j->first[r->key % RELOAD_KEYS] = reload_is_first(j, r);
    }
    if (r->type == TD_REC_EXEC)
        j->held_e9[!reload_is_first(j, r)] += r->action == TD_SELL ? -r->qty.e9 : r->qty.e9;
    if (r->type == TD_REC_SENT)
        reload_sent(j, r);
    if (r->type == TD_REC_SETTINGS)
        reload_take(j, r);
    j->closings += !shut && reload_is_shut(j, false);
    return TD_OK;
}

#endif
