/* base/random.h - seeded random numbers: the same seed gives the same tape on every machine.
 *
 * xoshiro256** seeded by splitmix64. Source: Blackman and Vigna 2018, "Scrambled linear pseudorandom
 * number generators". Not for secrets (those come from libsodium). One owner each.
 */
#ifndef TD_BASE_RANDOM_H
#define TD_BASE_RANDOM_H

#include "base/defs.h"

struct td_rng {
    uint64_t s[4];
};

void td_rng_init(struct td_rng *r, uint64_t seed);
uint64_t td_rng_u64(struct td_rng *r);
uint64_t td_rng_below(struct td_rng *r, uint64_t bound); /* uniform in [0, bound); bound > 0 */
int64_t td_rng_between(struct td_rng *r, int64_t low, int64_t high); /* both ends included */
double td_rng_unit(struct td_rng *r);                                /* uniform in [0, 1) */
double td_rng_exp(struct td_rng *r, double mean);                    /* exponential, mean > 0 */
double td_rng_normal(struct td_rng *r);         /* standard normal (Box-Muller) */
bool td_rng_chance(struct td_rng *r, double p); /* true with probability p */

#endif
