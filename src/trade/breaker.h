/* trade/breaker.h - circuit breakers: what keeps failing is left alone for a while.
 *
 * Pure: outcomes and times in, yes or no out. Times are of one monotonic clock.
 *
 *   closed     calls go through. Five failures in a row, or more than half of ten or more calls within 60 s: open
 *   open       nothing goes through until 300 s after the last failure: half-open
 *   half-open  one call goes through, the probe: its success closes, its failure opens. A probe whose outcome never
 *              comes is given up after the same 300 s
 *
 * An emergency opens a breaker by hand; it stays open, whatever succeeds, until an operator resets it. What closes by a
 * probe or by a reset counts as recovered. The window counts by whole seconds. Where calls cannot be held back (data that
 * arrives), only their outcomes are told (td_breaker_report): while open they are counted and change nothing but the time of
 * the last failure, and the first one after the wait is the probe.
 * Source: contracts 10.7; corrections: recoveries are counted, emergencies latch. Single owner, no allocation.
 */
#ifndef TD_TRADE_BREAKER_H
#define TD_TRADE_BREAKER_H

#include "base/text.h"

#define TD_BREAKER_WINDOW_S 60
#define TD_BREAKERS_MAX     16

enum td_breaker_state { TD_BREAKER_CLOSED, TD_BREAKER_OPEN, TD_BREAKER_HALF_OPEN };

/* Zero takes the preset in brackets. */
struct td_breaker_config {
    uint32_t failures_max;     /* in a row that open it [5] */
    uint32_t calls_min;        /* within the window, before the rate counts [10] */
    uint32_t failures_percent; /* of the window's calls, above which it opens [50] */
    td_ns timeout;             /* since the last failure, before a probe [300 s] */
};

struct td_breaker {
    char name[24];
    struct td_breaker_config config;
    uint8_t state; /* enum td_breaker_state, as it was at the last call */
    bool latched;  /* by an emergency */
    bool probing;  /* a probe is out */
    uint64_t total_calls, successful_calls, failed_calls, times_opened, times_recovered;
    uint32_t consecutive_failures, consecutive_successes;
    td_ns since, last_failure, last_success, probe_at; /* 0: never */
    /* private: per second of the window, and the second of the newest */
    uint16_t calls[TD_BREAKER_WINDOW_S], failures[TD_BREAKER_WINDOW_S];
    int64_t second;
};

/* Its numbers at a moment; names as contracts 10.7. Ages of what never was are TD_NS_NEVER. */
struct td_breaker_stats {
    const char *name, *state;
    uint64_t total_calls, successful_calls, failed_calls;
    uint32_t consecutive_failures, consecutive_successes;
    uint64_t times_opened, times_recovered;
    double failure_rate; /* of all calls, 0 before the first */
    td_ns state_duration, last_failure_ago, last_success_ago;
};

void td_breaker_init(struct td_breaker *b, const char *name, const struct td_breaker_config *config,
                     td_ns now);
/* Would a call go through? Changes nothing. */
bool td_breaker_admits(const struct td_breaker *b, td_ns now);
/* A call goes out (it was admitted); its outcome is reported later. */
void td_breaker_begin(struct td_breaker *b, td_ns now);
/* The outcome of a call. */
void td_breaker_report(struct td_breaker *b, bool success, td_ns now);
/* By hand: open and latched; and closed again. */
void td_breaker_trip(struct td_breaker *b, td_ns now);
void td_breaker_reset(struct td_breaker *b, td_ns now);
/* As it is now: an open one whose wait is over is half-open. */
enum td_breaker_state td_breaker_state_at(const struct td_breaker *b, td_ns now);
void td_breaker_read(const struct td_breaker *b, td_ns now, struct td_breaker_stats *out);
const char *td_breaker_state_word(enum td_breaker_state state); /* "half_open" */

/* Breakers by name. Zero-initialise. */
struct td_breakers {
    struct td_breaker rows[TD_BREAKERS_MAX];
    uint32_t count;
};

/* The one of this name, made when there is none. NULL: the table is full. */
struct td_breaker *td_breakers_get(struct td_breakers *all, const char *name,
                                   const struct td_breaker_config *config, td_ns now);
/* The first that lets nothing through now; NULL: none. */
const struct td_breaker *td_breakers_first_open(const struct td_breakers *all, td_ns now);
void td_breakers_trip(struct td_breakers *all, td_ns now);
void td_breakers_reset(struct td_breakers *all, td_ns now);

#endif
