/* desk/scanner.h - the scanner's facts, live: who is moving by the gateway's lists, and bars and quotes of each.
 *
 * Two standing scanner subscriptions (TOP_PERC_GAIN, then MOST_ACTIVE, stocks of STK.US.MAJOR, the price bounds on the
 * server's side) give the universe: their union in that order, at most TD_SCANNER_UNIVERSE, and what was named. Of each symbol
 * are asked for, one bounded request at a time and within the link's pace (desk/fetch.h):
 *     the days     closes and volumes of completed sessions; kept until the day is over
 *     the minutes  one-minute bars of today, hours before and after the session included; again after a minute
 * Quotes and pauses come by the desk's market lines (desk/market.h), as many at a time as its budget allows.
 *
 * What was not asked for yet, or is refused (tried again after ten minutes), is not known and says so; nothing stands in for
 * it. A symbol that has left the lists keeps its line and is asked no more; when TD_SCANNER_LINES have been seen no new one is
 * taken (told).
 * "Now" is the gateway's clock. Owner: one thread; heap at open, none after but for bars. Blocks its caller, bounded.
 * Source: contracts 9; tws-protocol 4.6.
 */
#ifndef TD_DESK_SCANNER_H
#define TD_DESK_SCANNER_H

#include "dash/scan_json.h"
#include "desk/fetch.h"
#include "desk/plan.h"

#define TD_SCANNER_UNIVERSE 200
#define TD_SCANNER_LINES    512

struct td_scanner_config {
    const struct td_plan *plan; /* whose client ids a reconnect may use */
    const struct td_tz *new_york;
    int32_t adv_days;
    td_px low, high; /* NONE: no bound */
    const char *const *named;
    uint32_t named_count;
    uint32_t quote_slots;               /* market data lines of the account */
    const struct td_fetch_guest *guest; /* who else lives in the loop; NULL: nobody */
    struct td_log *log;
};

struct td_scanner; /* opaque: heap */

/* What is known now; valid until the next call. */
struct td_scanner_view {
    struct td_scan_facts *facts;     /* of the universe, in its order; the caller may mark them */
    const struct td_scan_told *told; /* [count] */
    uint32_t count;
    uint32_t pending; /* of them not asked for yet */
    int64_t day;
    int32_t minute;
    char note[200]; /* what the gateway refuses; empty: nothing */
};

/* `link` is ready. TD_ENOMEM; TD_EINVAL: a name is no symbol. */
TD_MUST_CHECK enum td_err td_scanner_open(struct td_scanner **out,
                                          const struct td_scanner_config *config,
                                          struct td_link *link, struct td_world *world,
                                          struct td_fail *why);
/* Asks for what is due, for about `span`. TD_EAGAIN: a signal. TD_ECLOSED: the gateway stays away. */
TD_MUST_CHECK enum td_err td_scanner_run(struct td_scanner *s, td_ns span, struct td_fail *why);
/* Lets `span` pass and asks for nothing, but keeps the connection. False: a signal. */
bool td_scanner_pause(struct td_scanner *s, td_ns span);
/* Until the lists came and every symbol was asked for once. TD_ETIMEOUT: the lists did not come. */
TD_MUST_CHECK enum td_err td_scanner_settle(struct td_scanner *s, struct td_fail *why);
void td_scanner_view(struct td_scanner *s, struct td_scanner_view *out);
void td_scanner_close(struct td_scanner *s); /* NULL is fine */

#endif
