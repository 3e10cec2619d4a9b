/* desk/coverage.h - which part of a history is wanted, held and missing, and how a broker is asked for it.
 *
 * Pure: no clock, no file, no socket. Windows are half-open [from, to) in UTC. Bar sizes and durations are the
 * broker's words (tws-protocol 4.4), kept in one table with the longest request each allows (section 6).
 */
#ifndef TD_DESK_COVERAGE_H
#define TD_DESK_COVERAGE_H

#include "base/text.h"
#include "base/tz.h"

#define TD_WINDOWS_MAX 512

struct td_window {
    td_ns from, to;
};

struct td_bar_size {
    const char *words; /* as the wire wants it */
    td_ns span;
    td_ns request_max; /* longest window of one request */
};

/* Takes "1 min" as well as "1 mins" and "1 sec" as well as "1 secs"; NULL: no such bar size. */
const struct td_bar_size *td_bar_size_find(struct td_str words);
/* All of them, for a message: "1 secs, 5 secs, ..." */
void td_bar_size_list(struct td_text *out);

struct td_duration {
    int32_t count; /* 1..9999 */
    char unit;     /* S D W M Y */
};

/* "N S|D|W|M|Y", one blank between. TD_EPARSE. */
TD_MUST_CHECK enum td_err td_duration_parse(struct td_str text, struct td_duration *out);
/* Where a duration that ends at `now` begins: S counts seconds; the others begin at a local midnight, D
 * with the N-th weekday back, today included; W, M and Y are 7, 30 and 365 days. Holidays are not known here. */
td_ns td_duration_start(const struct td_duration *d, const struct td_tz *zone, td_ns now);

/* The parts of `want` that no window of held[] has, oldest first, without those shorter than `shortest`.
 * held[] may overlap and stand in any order; it is sorted. At most `cap` windows: the rest is in the last. */
size_t td_windows_missing(struct td_window want, struct td_window *held, size_t held_count,
                          td_ns shortest, struct td_window *out, size_t cap);
/* The same windows in pieces of at most `longest`, or 0 when they do not fit into `cap`. */
size_t td_windows_cut(const struct td_window *in, size_t count, td_ns longest,
                      struct td_window *out, size_t cap);

/* A window as the broker's duration: whole seconds up to a day, else whole days; days for bars of a day. */
void td_window_words(struct td_window w, const struct td_bar_size *size, struct td_text *out);
/* An instant as the end of a request: "yyyymmdd-hh:mm:ss", UTC. */
void td_request_time(td_ns at, struct td_text *out);

#endif
