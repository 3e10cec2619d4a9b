/* desk/market_inner.h - what the market's source files share; nobody else includes it. */
#ifndef TD_DESK_MARKET_INNER_H
#define TD_DESK_MARKET_INNER_H

#include "desk/market.h"

/* Errors name orders and requests by one number: requests live far above any order id. */
#define MARKET_FIRST_ID 2000000000

static inline struct td_sub *market_sub(struct td_market *m, uint32_t index,
                                        enum td_purpose purpose)
{
    return &m->lines[index].subs[purpose];
}

static inline td_ns market_mono(const struct td_market *m)
{
    return td_world_mono(m->link->world);
}

/* market.c */
/* The enum td_want bit of a purpose; 0: it is no subscription. */
int market_want(enum td_purpose purpose);
/* The request that stands is given up: its id is forgotten, and cancelled at the broker when `cancel`. */
void market_drop(struct td_market *m, uint32_t index, enum td_purpose purpose, bool cancel);
/* Asks (again): drops what stands and queues it, now or when its pause is over. */
void market_again(struct td_market *m, uint32_t index, enum td_purpose purpose, bool cancel,
                  const char *why);
/* False: it was asked for again too recently. */
bool market_may_again(const struct td_market *m, const struct td_sub *sub);
void market_subscribe(struct td_market *m, uint32_t index);
void market_subscribe_one(struct td_market *m, uint32_t index, enum td_purpose purpose);
/* Line `index` from nothing: names, wants, an empty book. TD_EINVAL, TD_EEXIST as td_market_add. */
TD_MUST_CHECK enum td_err market_begin_line(struct td_market *m, uint32_t index, const char *symbol,
                                            int wants, struct td_fail *why);
/* The budget of a purpose; NULL: it has none. */
struct td_budget *market_budget(struct td_market *m, enum td_purpose purpose);
void market_queue_ask(struct td_market *m, uint32_t index, enum td_purpose purpose);
/* False: it cannot leave now; the deadline says when. */
bool market_may_leave(struct td_market *m, const struct td_tws_msg *msg);
bool market_send(struct td_market *m, const struct td_tws_msg *msg, const struct td_line *line);

/* market_contracts.c */
/* Gives a line its names; false: not a safe symbol. */
bool market_name_line(struct td_line *line, const char *name);
/* Looks the line's contract up, from the beginning (a future not before the market's day is known); the contract as the
 * request names it; what happens as it is sent. */
void market_contract_anew(struct td_market *m, uint32_t index);
void market_contract_ask(const struct td_line *line, struct td_tws_contract *c);
void market_contract_begin(struct td_market *m, struct td_line *line);
/* One answer, and the end of them. */
void market_contract_take(struct td_market *m, uint32_t index,
                          const struct td_tws_contract_data *d);
void market_contract_end(struct td_market *m, uint32_t index);
/* Once a second: looks up what waited for the clock, and tells when the last days of a contract begin. */
void market_contract_watch(struct td_market *m, uint32_t index);
/* The contract that is held is not known to the broker any more: true, it is looked up by name. */
bool market_contract_unheld(struct td_market *m, uint32_t index, int32_t code);

/* market_answers.c */
/* The line is of no use. */
void market_refuse(struct td_market *m, uint32_t index, int32_t code, struct td_str text);

/* market_ticks.c */
/* Finds out the market rule of a line from its contract details. */
void market_ticks_of(struct td_market *m, uint32_t index, const struct td_tws_contract_data *d);
/* Asks for rules that nobody has asked for; once a second, for those that were not answered. */
void market_ticks_turn(struct td_market *m);
void market_ticks_watch(struct td_market *m);
void market_ticks_take(struct td_market *m, const struct td_tws_market_rule *told);
void market_ticks_lost(struct td_line *line);

/* market_events.c */
void market_depth(struct td_market *m, uint32_t index, const struct td_tws_depth *d);
void market_tick(struct td_market *m, uint32_t index, int32_t type, td_px px, td_qty size);
void market_tick_generic(struct td_market *m, uint32_t index, int32_t type, int64_t value_e9);
void market_tick_by_tick(struct td_market *m, uint32_t index, const struct td_tws_tick_by_tick *t);
void market_history(struct td_market *m, uint32_t index, const struct td_tws_historical_data *h);
void market_bar_update(struct td_market *m, uint32_t index, const struct td_tws_bar *from);
/* Both sides are void; with `gap` something was missed before. */
void market_depth_reset(struct td_market *m, uint32_t index, bool gap);

#endif
