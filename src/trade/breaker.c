/* trade/breaker.c - three states, a window of seconds, and a latch. */
#include "trade/breaker.h"

#include <stdio.h>

static const struct td_breaker_config presets = {5, 10, 50, 300 * TD_SEC};

void td_breaker_init(struct td_breaker *b, const char *name, const struct td_breaker_config *config,
                     td_ns now)
{
    memset(b, 0, sizeof *b);
    (void)snprintf(b->name, sizeof b->name, "%s", name);
    b->config = config ? *config : presets;
    b->config.failures_max = b->config.failures_max ? b->config.failures_max : presets.failures_max;
    b->config.calls_min = b->config.calls_min ? b->config.calls_min : presets.calls_min;
    b->config.failures_percent =
        b->config.failures_percent ? b->config.failures_percent : presets.failures_percent;
    b->config.timeout = b->config.timeout ? b->config.timeout : presets.timeout;
    b->since = now;
    b->second = now / TD_SEC;
}

/* --- the window --- */

static void forget_window(struct td_breaker *b)
{
    memset(b->calls, 0, sizeof b->calls);
    memset(b->failures, 0, sizeof b->failures);
}

/* Seconds that passed since the newest are empty. */
static void turn_window(struct td_breaker *b, td_ns now)
{
    const int64_t second = now / TD_SEC;
    if (second - b->second >= TD_BREAKER_WINDOW_S)
        forget_window(b);
    else
        for (int64_t s = b->second + 1; s <= second; s++)
            b->calls[s % TD_BREAKER_WINDOW_S] = b->failures[s % TD_BREAKER_WINDOW_S] = 0;
    b->second = second > b->second ? second : b->second;
}

static void count_in_window(struct td_breaker *b, bool success)
{
    const int64_t i = b->second % TD_BREAKER_WINDOW_S;
    if (b->calls[i] == UINT16_MAX)
        return; /* 65 thousand calls within a second: the rate is known well enough */
    b->calls[i]++;
    b->failures[i] = (uint16_t)(b->failures[i] + !success);
}

static bool fails_too_often(const struct td_breaker *b)
{
    uint64_t calls = 0, failures = 0;
    for (int i = 0; i < TD_BREAKER_WINDOW_S; i++) {
        calls += b->calls[i];
        failures += b->failures[i];
    }
    return b->consecutive_failures >= b->config.failures_max ||
           (calls >= b->config.calls_min && failures * 100 > calls * b->config.failures_percent);
}

/* --- states --- */

enum td_breaker_state td_breaker_state_at(const struct td_breaker *b, td_ns now)
{
    const bool waited =
        b->state == TD_BREAKER_OPEN && !b->latched && now - b->last_failure >= b->config.timeout;
    return waited ? TD_BREAKER_HALF_OPEN : (enum td_breaker_state)b->state;
}

static void set_state(struct td_breaker *b, enum td_breaker_state state, td_ns now)
{
    b->times_opened += state == TD_BREAKER_OPEN;
    b->times_recovered += state == TD_BREAKER_CLOSED;
    b->state = (uint8_t)state;
    b->since = now;
    b->probing = false;
    if (state == TD_BREAKER_CLOSED) {
        b->consecutive_failures = 0;
        forget_window(b);
    }
}

/* An open one whose wait is over becomes half-open when somebody comes. */
static void wake(struct td_breaker *b, td_ns now)
{
    if (b->state == TD_BREAKER_OPEN && td_breaker_state_at(b, now) == TD_BREAKER_HALF_OPEN)
        set_state(b, TD_BREAKER_HALF_OPEN, now);
}

bool td_breaker_admits(const struct td_breaker *b, td_ns now)
{
    switch (td_breaker_state_at(b, now)) {
    case TD_BREAKER_CLOSED:
        return true;
    case TD_BREAKER_HALF_OPEN:
        return !b->probing || now - b->probe_at >= b->config.timeout;
    case TD_BREAKER_OPEN:
        break;
    }
    return false;
}

void td_breaker_begin(struct td_breaker *b, td_ns now)
{
    wake(b, now);
    if (b->state != TD_BREAKER_HALF_OPEN)
        return;
    b->probing = true;
    b->probe_at = now;
}

static void note(struct td_breaker *b, bool success, td_ns now)
{
    b->total_calls++;
    if (success) {
        b->successful_calls++;
        b->consecutive_successes++;
        b->consecutive_failures = 0;
        b->last_success = now;
    } else {
        b->failed_calls++;
        b->consecutive_failures++;
        b->consecutive_successes = 0;
        b->last_failure = now;
    }
}

void td_breaker_report(struct td_breaker *b, bool success, td_ns now)
{
    wake(b, now);
    turn_window(b, now);
    note(b, success, now);
    if (b->state == TD_BREAKER_HALF_OPEN) {
        set_state(b, success ? TD_BREAKER_CLOSED : TD_BREAKER_OPEN, now);
        return;
    }
    if (b->state == TD_BREAKER_OPEN)
        return;
    count_in_window(b, success);
    if (!success && fails_too_often(b))
        set_state(b, TD_BREAKER_OPEN, now);
}

void td_breaker_trip(struct td_breaker *b, td_ns now)
{
    if (b->state != TD_BREAKER_OPEN)
        set_state(b, TD_BREAKER_OPEN, now);
    b->latched = true;
}

void td_breaker_reset(struct td_breaker *b, td_ns now)
{
    b->latched = false;
    if (b->state != TD_BREAKER_CLOSED)
        set_state(b, TD_BREAKER_CLOSED, now);
}

const char *td_breaker_state_word(enum td_breaker_state state)
{
    static const char *const words[] = {"closed", "open", "half_open"};
    return (unsigned)state < TD_COUNT(words) ? words[state] : "?";
}

static td_ns ago(uint64_t times, td_ns at, td_ns now)
{
    return times ? now - at : TD_NS_NEVER;
}

void td_breaker_read(const struct td_breaker *b, td_ns now, struct td_breaker_stats *out)
{
    *out = (struct td_breaker_stats){
        .name = b->name,
        .state = td_breaker_state_word(td_breaker_state_at(b, now)),
        .total_calls = b->total_calls,
        .successful_calls = b->successful_calls,
        .failed_calls = b->failed_calls,
        .consecutive_failures = b->consecutive_failures,
        .consecutive_successes = b->consecutive_successes,
        .times_opened = b->times_opened,
        .times_recovered = b->times_recovered,
        .failure_rate = b->total_calls ? (double)b->failed_calls / (double)b->total_calls : 0,
        .state_duration = now - b->since,
        .last_failure_ago = ago(b->failed_calls, b->last_failure, now),
        .last_success_ago = ago(b->successful_calls, b->last_success, now)};
}

/* --- all of them --- */

struct td_breaker *td_breakers_get(struct td_breakers *all, const char *name,
                                   const struct td_breaker_config *config, td_ns now)
{
    for (uint32_t i = 0; i < all->count; i++)
        if (strcmp(all->rows[i].name, name) == 0)
            return &all->rows[i];
    if (all->count == TD_BREAKERS_MAX)
        return NULL;
    td_breaker_init(&all->rows[all->count], name, config, now);
    return &all->rows[all->count++];
}

const struct td_breaker *td_breakers_first_open(const struct td_breakers *all, td_ns now)
{
    for (uint32_t i = 0; i < all->count; i++)
        if (!td_breaker_admits(&all->rows[i], now))
            return &all->rows[i];
    return NULL;
}

void td_breakers_trip(struct td_breakers *all, td_ns now)
{
    for (uint32_t i = 0; i < all->count; i++)
        td_breaker_trip(&all->rows[i], now);
}

void td_breakers_reset(struct td_breakers *all, td_ns now)
{
    for (uint32_t i = 0; i < all->count; i++)
        td_breaker_reset(&all->rows[i], now);
}
