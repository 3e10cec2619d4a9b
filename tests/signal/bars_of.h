/* tests/signal/bars_of.h - a series as bars with all inputs, for the tests of features. */
#ifndef TD_TESTS_BARS_OF_H
#define TD_TESTS_BARS_OF_H

#include "signal/feature.h"
#include "signal/series.h"

#define BARS_START (INT64_C(1773063000) * TD_SEC) /* 2026-03-09 13:30 UTC, 09:30 in New York */

/* The zone of New York from the machine's zone files. */
static inline void bars_zone(struct td_tz *zone)
{
    size_t len;
    char *bytes = td_test_slurp("/usr/share/zoneinfo/America/New_York", &len);
    assert_non_null(bytes);
    TD_OK_OR_FAIL(td_tz_parse(bytes, len, "America/New_York", zone));
    free(bytes);
}

/* `per_day` bars of `span` from the opening of each weekday on. */
static inline void bars_of(const struct series *s, const struct td_feature_clock *clock, td_ns span,
                           size_t per_day, struct td_feature_bar *bars)
{
    uint32_t seed = 4711;
    double other = 50;
    for (size_t i = 0; i < s->n; i++) {
        const size_t day = i / per_day;
        const td_ns start = BARS_START + (td_ns)(day / 5 * 7 + day % 5) * TD_DAY;
        td_feature_bar_begin(clock, start + (td_ns)(i % per_day) * span, span, &bars[i]);
        double *x = bars[i].x;
        for (int c = OPEN; c <= VOLUME; c++)
            x[c] = s->column[c][i];
        other *= 1 + ((double)series_draw(&seed, 21) - 10) / 1000;
        x[TD_BAR_OTHER] = other;
        x[TD_BAR_NEWS_COUNT] = series_draw(&seed, 3);
        x[TD_BAR_NEWS_SCORE] = (double)series_draw(&seed, 201) / 100 - 1;
        for (int c = TD_BAR_DEPTH; c < TD_BAR_COUNT; c++)
            x[c] = (double)series_draw(&seed, 1000) / 7 - 50;
    }
}

#endif
