/* base/random.c - xoshiro256** and the few distributions the simulator draws from. */
#include "base/random.h"

#include <math.h>

static uint64_t splitmix(uint64_t *state)
{
    uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

void td_rng_init(struct td_rng *r, uint64_t seed)
{
    for (int i = 0; i < 4; i++)
        r->s[i] = splitmix(&seed);
}

static uint64_t rotate_left(uint64_t x, int k)
{
    return (x << k) | (x >> (64 - k));
}

uint64_t td_rng_u64(struct td_rng *r)
{
    const uint64_t result = rotate_left(r->s[1] * 5, 7) * 9;
    const uint64_t t = r->s[1] << 17;
    r->s[2] ^= r->s[0];
    r->s[3] ^= r->s[1];
    r->s[1] ^= r->s[2];
    r->s[0] ^= r->s[3];
    r->s[2] ^= t;
    r->s[3] = rotate_left(r->s[3], 45);
    return result;
}

uint64_t td_rng_below(struct td_rng *r, uint64_t bound)
{
    TD_REQUIRE(bound > 0);
    /* Values under `threshold` would make the low remainders more likely: draw again. */
    const uint64_t threshold = (0 - bound) % bound;
    uint64_t x;
    do {
        x = td_rng_u64(r);
    } while (x < threshold);
    return x % bound;
}

int64_t td_rng_between(struct td_rng *r, int64_t low, int64_t high)
{
    TD_REQUIRE(low <= high);
    return low + (int64_t)td_rng_below(r, (uint64_t)(high - low) + 1);
}

double td_rng_unit(struct td_rng *r)
{
    return (double)(td_rng_u64(r) >> 11) * 0x1.0p-53;
}

double td_rng_exp(struct td_rng *r, double mean)
{
    return -mean * log(1.0 - td_rng_unit(r));
}

double td_rng_normal(struct td_rng *r)
{
    const double radius = sqrt(-2.0 * log(1.0 - td_rng_unit(r)));
    return radius * cos(6.283185307179586 * td_rng_unit(r));
}

bool td_rng_chance(struct td_rng *r, double p)
{
    return td_rng_unit(r) < p;
}
