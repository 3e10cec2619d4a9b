/* market/calendar.h - exchange sessions by rule, 1990 to 2100, and the broker's own hours text.
 *
 * Two calendars: NYSE (also Nasdaq and the other US equity venues) and CME Globex equity index futures.
 * Everything follows from rules plus two short tables of one-off closures and closes, so there is no file
 * to go stale; a closure decreed after this program was built can be told as a change (td_calendar_change), and the
 * broker's own hours (td_hours_text_open) are asked too: disagreement means no new risk.
 *
 * Rules of NYSE: closed on Saturday, Sunday, New Year (a Sunday moves to Monday, a Saturday is not
 * observed), Martin Luther King Day (from 1998), Presidents' Day, Good Friday, Memorial Day, Juneteenth
 * (from 2022), Independence Day, Labor Day, Thanksgiving, Christmas (these three movable ones: Saturday to
 * Friday, Sunday to Monday). Early close at 13:00 (14:00 up to 1992): the day after Thanksgiving (from
 * 1992), December 24 on Monday to Thursday, and from 1995 the day before Independence Day when both are
 * trading days of one week; where the 4th is a Thursday this was Friday the 5th up to 2012.
 * Rules of CME: closed on New Year, Good Friday and Christmas; a halt at 12:00 Chicago on the other holidays of
 * NYSE, with trading again from 17:00 the same evening; the day after Thanksgiving (from 1993), December 24 and (from
 * 2016) the day before Independence Day end at 12:00, from 2016 at 12:15. Where payrolls are published on Good Friday
 * it trades to 08:15; from 2016 such days are rows of their own, before that the known answers have none.
 * Known answer: data/calendar xnys_1990_2015.csv and cmes_1990_2015.csv; later one-offs from the
 * exchanges' notices.
 *
 * Pure: the zone is passed in. Both calendars take America/New_York; Chicago's clock is one hour behind it
 * at every session boundary. Days are days since 1970-01-01 of the exchange's day. O(1).
 */
#ifndef TD_MARKET_CALENDAR_H
#define TD_MARKET_CALENDAR_H

#include "base/text.h"
#include "base/tz.h"

#define TD_CALENDAR_FIRST_YEAR 1990
#define TD_CALENDAR_LAST_YEAR  2100

#define TD_CALENDAR_CHANGES_MAX 64
#define TD_CALENDAR_USUAL       INT16_MIN

/* A day that is not as the rules say. Minutes of the day in New York; TD_CALENDAR_USUAL: as the rules say. */
struct td_calendar_change {
    int64_t day;
    int16_t open, close;
    bool closed;
};
struct td_calendar_changes {
    struct td_calendar_change rows[TD_CALENDAR_CHANGES_MAX];
    uint32_t count;
};

struct td_calendar_rules; /* one exchange; const, shared */

/* Copy td_calendar_xnys or td_calendar_cmes and set `changes` for one with changes, which stay the caller's. */
struct td_calendar {
    const struct td_calendar_rules *rules;
    const struct td_calendar_changes *changes; /* NULL: none */
};

extern const struct td_calendar td_calendar_xnys;
extern const struct td_calendar td_calendar_cmes;

/* "XNYS" or "CMES"; NULL for others. */
const struct td_calendar *td_calendar_find(struct td_str name);
const char *td_calendar_name(const struct td_calendar *c);

/* Reads changes, a line each, of at most TD_CALENDAR_CHANGES_MAX days; times are New York's, # begins a comment:
 *
 *   2026-01-09 closed
 *   2027-12-24 13:00          closes early
 *   2026-03-02 10:30-16:00    opens late
 *
 * A line with times makes a session also of a day that has none by the rules. TD_EPARSE: why names the line, what is
 * wrong and what to write; TD_EFULL; TD_EEXIST: the day was named before. *out is then untouched. */
TD_MUST_CHECK enum td_err td_calendar_changes_parse(const struct td_calendar *c, struct td_str text,
                                                    struct td_calendar_changes *out,
                                                    struct td_fail *why);

/* Whether an exchange day has a session at all; needs no zone. */
bool td_calendar_trades(const struct td_calendar *c, int64_t day);
/* The day the trades of a session are booked on: its own, but where CME halts on a holiday that of the next
 * session without such a halt (Thanksgiving's trades are Friday's). Of a day without session: that of the next. */
int64_t td_calendar_trade_date(const struct td_calendar *c, int64_t day);

/* One exchange day, ns UTC. `open`..`close`: regular trading; `outer_open`..`outer_close`: with the hours
 * before and after it. NYSE: 09:30-16:00 within 04:00-20:00 (17:00 after an early close). CME: the Globex
 * session, 17:00 Chicago of the day before to 16:00, within the trade date that ends at 17:00. */
struct td_session_hours {
    td_ns open, close;
    td_ns outer_open, outer_close;
    bool early;
};

/* False when the exchange is closed all day or the year is outside the limits; *out is then untouched. */
bool td_calendar_session(const struct td_calendar *c, const struct td_tz *ny, int64_t day,
                         struct td_session_hours *out);

enum td_session_phase { TD_PHASE_CLOSED, TD_PHASE_PRE, TD_PHASE_REGULAR, TD_PHASE_AFTER };

/* Where an instant falls. Opens belong to what they begin, closes to what follows. */
enum td_session_phase td_calendar_phase(const struct td_calendar *c, const struct td_tz *ny,
                                        td_ns at);
/* "closed", "pre-market", "regular", "after-hours". */
const char *td_session_phase_name(enum td_session_phase phase);

/* Regular trading at an instant. */
bool td_calendar_is_open(const struct td_calendar *c, const struct td_tz *ny, td_ns at);
/* The first regular open after `at`; TD_NS_NEVER past the last year. */
td_ns td_calendar_next_open(const struct td_calendar *c, const struct td_tz *ny, td_ns at);
/* The exchange day an instant belongs to: the local date, for CME the trade date (from 17:00 Chicago on
 * the next one). Not every such day has a session. */
int64_t td_calendar_day(const struct td_calendar *c, const struct td_tz *ny, td_ns at);

/* The broker's tradingHours or liquidHours: "yyyymmdd:hhmm-yyyymmdd:hhmm;yyyymmdd:CLOSED", also several
 * spans of a day behind commas and ends without date, as older gateways write. */
enum td_hours_answer { TD_HOURS_UNKNOWN, TD_HOURS_OPEN, TD_HOURS_CLOSED };

/* UNKNOWN: the text is empty or malformed anywhere, or says nothing about the local day of `at`. `zone` is
 * the contract's own time zone. Never a guess: callers close their gate on UNKNOWN. */
enum td_hours_answer td_hours_text_open(struct td_str text, const struct td_tz *zone, td_ns at);

#endif
