/* trade/kill.h - the kill switch: losses and data that stop trading, one row each.
 *
 * Pure: what is known in, the first rule that trips out. The owner halts, and the halt is sticky until a person resumes
 * with a reason (td_kill_resumed): each rule then forgives what it had seen, and trips again when it gets worse by its
 * limit once more; getting better is forgotten with it. A restart remembers no forgiveness: what is still too bad trips again.
 * A fact that is not known trips nothing (its gate is closed already). A limit of 0 is off.
 * Source: contracts 10.4, kill switch. Single owner, no allocation.
 */
#ifndef TD_TRADE_KILL_H
#define TD_TRADE_KILL_H

#include "base/text.h"

/* name, word, what it says */
#define TD_KILL_RULES(X)                                                                           \
    X(DAY_LOSS, "daily_loss", "loss of the day, as a part of equity")                              \
    X(POSITION_LOSS, "position_loss", "loss of an open position, as a part of equity")             \
    X(LOSING_STREAK, "losing_streak", "round trips lost in a row")                                 \
    X(DRAWDOWN, "drawdown", "equity below its highest, as a part of it")                           \
    X(BAD_DATA, "invalid_data", "market data keep failing their checks")

#define TD_KILL_ENUM(name, word, text) TD_KILL_##name,
enum td_kill_rule { TD_KILL_RULES(TD_KILL_ENUM) TD_KILL_COUNT, TD_KILL_NONE = TD_KILL_COUNT };
#undef TD_KILL_ENUM

/* Parts in 1e-9, counts and yes (1) as they are. */
struct td_kill_values {
    int64_t value[TD_KILL_COUNT]; /* TD_E9_NONE: not known */
};

struct td_kill {
    struct td_kill_values limits;   /* 0: off */
    struct td_kill_values forgiven; /* private */
};

void td_kill_init(struct td_kill *k, const struct td_kill_values *limits);
/* The first rule whose value is past its limit, or TD_KILL_NONE; `reason` (may be NULL) gets one line of it. */
enum td_kill_rule td_kill_look(struct td_kill *k, const struct td_kill_values *now,
                               struct td_text *reason);
/* A person lets trading go on with these. */
void td_kill_resumed(struct td_kill *k, const struct td_kill_values *now);
const char *td_kill_word(enum td_kill_rule rule); /* "daily_loss" */
/* loss / equity in 1e-9: 0 for a profit, TD_E9_NONE when one of them is not known or equity is not above 0. */
int64_t td_kill_part(td_cash profit, td_cash equity);

#endif
