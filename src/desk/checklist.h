/* desk/checklist.h - what must be confirmed after every connect before anything is traded.
 *
 * One row per item: how it is confirmed, how long an answer may take, whether a human may waive it
 * (TAPEDECK_WAIVE). The order gate stays closed until each item is confirmed or waived, and closes again when
 * one is lost. An asked item without its answer after its limit is asked again; a look-up that fails three times is
 * the manager's business (desk/manager.h): the connection is dropped after two minutes, and an alert raised.
 *
 * Pure; time is an argument (monotonic). Source: ibkr-operations 1.6 and 2.3, field-lessons A.
 */
#ifndef TD_DESK_CHECKLIST_H
#define TD_DESK_CHECKLIST_H

#include "base/text.h"
#include "base/time.h"

/* name, word, how it is confirmed, limit in seconds (0: none), waivable */
#define TD_CHECKS(X)                                                                               \
    X(SESSION, "session", "nextValidId and managedAccounts arrived", 0, false)                     \
    X(ACCOUNT, "account", "the gateway has the account, and it fits paper or live", 0, false)      \
    X(CLOCK, "clock", "reqCurrentTime is answered, and our clock is less than 2 s off", 1, false)  \
    X(IDS, "order-ids", "the next order id is above every id known, and fits 31 bits", 0, false)   \
    X(OPEN_ORDERS, "open-orders", "openOrderEnd", 20, false)                                       \
    X(EXECUTIONS, "executions", "execDetailsEnd", 20, false)                                       \
    X(COMPLETED, "completed-orders", "completedOrdersEnd", 20, true)                               \
    X(POSITIONS, "positions", "positionEnd", 20, false)                                            \
    X(CONTRACTS, "contracts", "every symbol has contract details, or was refused", 20, false)      \
    X(QUOTES, "quotes", "a live quote of at least one symbol arrived", 0, true)                    \
    X(JOURNAL, "journal", "the journal takes records", 0, false)

#define TD_CHECK_ENUM(name, word, how, limit, waivable) TD_CHECK_##name,
enum td_check { TD_CHECKS(TD_CHECK_ENUM) TD_CHECK_COUNT };
#undef TD_CHECK_ENUM

enum td_check_state { TD_CHECK_MISSING, TD_CHECK_ASKED, TD_CHECK_OK, TD_CHECK_FAILED };

struct td_check_row {
    const char *word, *how;
    td_ns limit;
    bool waivable;
};

struct td_checklist {
    uint8_t state[TD_CHECK_COUNT]; /* enum td_check_state */
    td_ns asked[TD_CHECK_COUNT];
    uint32_t waived; /* bits */
};

/* A new connection: all is missing. What is waived stays so. */
void td_checklist_begin(struct td_checklist *c);
/* "completed-orders,quotes" of the settings. TD_EINVAL: no such item, or one that cannot be waived. */
TD_MUST_CHECK enum td_err td_checklist_waive(struct td_checklist *c, struct td_str words,
                                             struct td_fail *why);
void td_checklist_ask(struct td_checklist *c, enum td_check item, td_ns now);
void td_checklist_set(struct td_checklist *c, enum td_check item, bool ok);
bool td_checklist_ok(const struct td_checklist *c, enum td_check item); /* confirmed or waived */
bool td_checklist_open(const struct td_checklist *c);                   /* all of them */
/* It was asked for, and its limit is over. */
bool td_checklist_late(const struct td_checklist *c, enum td_check item, td_ns now);
/* "open-orders, quotes"; empty when all is there. */
void td_checklist_missing(const struct td_checklist *c, struct td_text *out);

const struct td_check_row *td_checklist_row(enum td_check item);
const char *td_check_state_word(enum td_check_state state);

#endif
