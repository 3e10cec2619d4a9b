/* sim/chain.h - the options the simulator lists on a stock, by rule.
 *
 * Expirations: the next four Fridays and the third Fridays of the three months after, Thursday where Friday is a holiday.
 * Strikes: 21 in steps that grow with the price (0.5 below 25, 1 below 100, 2.5 below 250, else 5), around the close
 * before the day. Calls and puts, multiplier 100. The contract ids are the simulator's own (800 000 000 and up): chain,
 * expiration, strike and right as one number, so they are the same for the same day and data.
 */
#ifndef TD_SIM_CHAIN_H
#define TD_SIM_CHAIN_H

#include "sim/universe.h"

#define TD_CHAIN_EXPIRIES 7
#define TD_CHAIN_STRIKES  21
#define TD_CHAIN_OPTIONS  (TD_CHAIN_EXPIRIES * TD_CHAIN_STRIKES * 2)
#define TD_CHAIN_CONID    800000000

struct td_chain {
    uint32_t index;                      /* of the chain, part of the contract ids */
    uint32_t under;                      /* universe row of the stock */
    int64_t expiries[TD_CHAIN_EXPIRIES]; /* days since 1970, rising */
    uint32_t expiry_count;
    td_px strikes[TD_CHAIN_STRIKES]; /* rising */
};

/* Lists the chain as of `day`. `closed` says which weekdays are holidays. */
struct td_chain_config {
    uint32_t index, under;
    td_px center; /* > 0 */
    int64_t day;
    bool (*closed)(const void *arg, int64_t day);
    const void *arg;
};
void td_chain_make(struct td_chain *chain, const struct td_chain_config *config);

/* Option n (0 .. expiry_count * strikes * 2 - 1) as a universe row; `stock` is the row of the underlying. */
void td_chain_row(const struct td_chain *chain, uint32_t n, const struct td_universe_row *stock,
                  struct td_universe_row *out);
uint32_t td_chain_count(const struct td_chain *chain);

#endif
