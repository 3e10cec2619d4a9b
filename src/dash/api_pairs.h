/* dash/api_pairs.h - what moves together of what is held: correlations of returns of common bars. */
#ifndef TD_DASH_API_PAIRS_H
#define TD_DASH_API_PAIRS_H

#include "dash/route.h"

#define API_PAIR_BARS  60
#define API_PAIR_LEAST 20 /* returns in common; fewer prove nothing */
#define API_PAIR_WHY   "two held symbols with twenty bars in common are needed"

struct api_pair_sum {
    uint32_t count;
    double average, most; /* NaN: no pair */
    const char *a, *b;    /* of the highest */
};

/* -1 to 1; NaN: not known. */
double api_correlation(const struct td_watch_symbol *a, const struct td_watch_symbol *b);
/* Watched symbols with a position; how many. */
uint32_t api_held(const struct td_api_view *v, const struct td_watch_symbol **out, uint32_t max);
void api_pairs(const struct td_api_view *v, struct api_pair_sum *out);

#endif
