/* market/tickrule.h - which prices an order may have.
 *
 * A market rule is a list of steps {low edge, increment}: from an edge on, up to the next one, prices are multiples of
 * the increment. US stocks have two (0.0001 below one dollar, 0.01 from there), other venues a dozen. The smallest
 * increment anywhere (minTick of the contract) is not enough: at 12.3456 it would say yes.
 *
 * The rule is that of the exchange an order is routed to: the contract tells its exchanges and their rule ids in two
 * lists of the same order. Sizes have an increment of their own, told with the contract; round lots vary by price
 * and are nowhere in this program.
 *
 * A rule without steps is "not known": no price is on it, so that the gate that asks stays closed. Prices below the
 * first edge (spreads may be negative) follow the first step. Pure; plain data.
 * Source: operations 2.7, tws-protocol (marketRule 93, marketRuleIds).
 */
#ifndef TD_MARKET_TICKRULE_H
#define TD_MARKET_TICKRULE_H

#include "base/text.h"
#include "market/event.h"

#define TD_TICK_STEPS_MAX 16

struct td_tick_step {
    td_px low_edge, increment;
};

struct td_tick_rule {
    uint32_t count; /* 0: not known */
    struct td_tick_step steps[TD_TICK_STEPS_MAX];
};

/* Takes a list as the gateway tells it. TD_EINVAL: empty, an increment that is none, edges that do not rise.
 * TD_EFULL: more steps than the limit. *rule is untouched on failure. */
TD_MUST_CHECK enum td_err td_tick_rule_set(struct td_tick_rule *rule,
                                           const struct td_tick_step *steps, size_t n);
/* One step for all prices; an increment that is none makes the rule not known. */
void td_tick_rule_one(struct td_tick_rule *rule, td_px increment);

/* The increment in force at a price; TD_PX_NONE: not known. */
td_px td_tick_at(const struct td_tick_rule *rule, td_px px);
/* False also for a price that is none and a rule that is not known. */
bool td_tick_is_on(const struct td_tick_rule *rule, td_px px);
/* A price an order may have that is no worse for us: down for buys, up for sells, over an edge where it must.
 * TD_EINVAL: rule or price not known. TD_ERANGE: no such price. */
TD_MUST_CHECK enum td_err td_tick_round(const struct td_tick_rule *rule, td_px px,
                                        enum td_action action, td_px *out);

/* The rule id of an exchange out of "SMART,NYSE,..." and "26,26,...". TD_ENOENT: the exchange is not in the list.
 * TD_EPARSE: the lists do not fit each other, or the id is none. */
TD_MUST_CHECK enum td_err td_tick_rule_id(struct td_str exchanges, struct td_str rule_ids,
                                          struct td_str exchange, int32_t *id);

#endif
