/* trial/backtest.h - a backtest: the desk over recorded days, as fast as it computes.
 *
 * The same desk as in live trading (connection, gates, journal, blotter, money) on one machine of a simulated world, the gateway
 * simulator on another, whose exchange plays recorded data; one thread. Wall time of that world is market time: a night takes a
 * night, and some milliseconds of ours. The same configuration gives the same journal and the same figures, bit for bit.
 *
 * What plays: with TD_BACKTEST_NEXT_BAR the LEAN trade bars of the days (seconds for bars of 5 s, minutes, days), regular hours,
 * adjusted prices, fills by bars (sim/bartape.h, sim/exchange.h). With TD_BACKTEST_BOOK LEAN's trades and quotes as they were, or
 * for a future its recorded order book, and fills in the book's queues. A strategy sees bars when their successor begins; nothing
 * it does fills at a price of before.
 *
 * Figures. Equity: the account's cash with positions at the last print, sampled every minute of an open market and at each day's
 * end. Drawdown: the largest fall of those samples below their highest, as a part of it. Sharpe ratio: of the changes of equity
 * from day's end to day's end (the first from the start cash), mean by sample deviation times the root of 252, no riskless rate;
 * NaN below two days or without deviation. A trip is a round trip of the blotter, won when it made money net of fees.
 *
 * Memory: malloc, given back at the end. Owner: one thread. Source: learning 3 (backtest science), shared/data/lean.
 */
#ifndef TD_TRIAL_BACKTEST_H
#define TD_TRIAL_BACKTEST_H

#include "desk/desk.h"
#include "sim/gateway_server.h"

#define TD_BACKTEST_SYMBOLS 32
#define TD_BACKTEST_POINTS  65536 /* of the equity curve; a longer one is thinned to every second */

enum td_backtest_bars { TD_BACKTEST_5S, TD_BACKTEST_1M, TD_BACKTEST_1D, TD_BACKTEST_BARS };
enum td_backtest_fill { TD_BACKTEST_NEXT_BAR, TD_BACKTEST_BOOK };

/* A look at the run, after each turn of the desk, and a last one with `over`. */
struct td_backtest_moment {
    td_ns now; /* the market's clock */
    struct td_desk *desk;
    const struct td_gateway *gateway;
    td_cash equity; /* at the last sample */
    bool over;
};
typedef void td_backtest_fn(void *arg, const struct td_backtest_moment *moment);

struct td_backtest_config {
    struct td_world *real; /* data, zone files, out */
    const char *data;      /* folder with lean/ and dbn/ */
    const char *const *symbols;
    uint32_t symbol_count;
    int64_t first, last; /* days since 1970 of the exchange, both played */
    uint8_t bars;        /* enum td_backtest_bars */
    uint8_t fill;        /* enum td_backtest_fill */
    td_cash cash;
    bool
        fill_forward; /* next-bar: a second or minute without trades has a bar too (sim/bartape.h) */
    int32_t slip_bps; /* next-bar: of market and stop orders */
    bool no_fees;
    int32_t depth_rows; /* of the book the strategies see; 0: none */
    uint64_t seed;
    /* Limits and everything else of the desk; that orders may leave, and what says so, is set here. */
    const struct td_settings *settings;
    const struct td_strat_use *uses;
    uint32_t use_count;
    const char *out; /* folder that gets journal, orders.db and equity.csv; NULL: nothing is kept */
    const char *version;
    struct td_log *log; /* what the desk logs, with the market's time; may be NULL */
    td_backtest_fn *look;
    void *look_arg;
};

struct td_backtest_point {
    td_ns at;
    td_cash equity;
};

struct td_backtest_result {
    uint64_t events, intents, denied, orders, fills;
    td_cash start, end, net, fees;
    int64_t drawdown_e9; /* 0 to 1 */
    uint32_t days;       /* that had an end */
    uint32_t trips, wins;
    double sharpe;
    uint64_t hash; /* of the journal's records */
    char last_denial[120];
    struct td_backtest_point *points; /* the equity curve; td_backtest_free */
    uint32_t point_count;
};

/* TD_ENODATA: a day or symbol has no data, and `why` says which file was looked for; TD_EINVAL: days, symbols or a strategy's
 * number; TD_EEXIST: `out` holds a journal; TD_EPARSE: a damaged file; TD_ENOMEM; TD_ENOENT: no zone files. */
TD_MUST_CHECK enum td_err td_backtest_run(const struct td_backtest_config *config,
                                          struct td_backtest_result *out, struct td_fail *why);
void td_backtest_free(struct td_backtest_result *r);

/* The span of bars and their words at the broker. */
td_ns td_backtest_span(enum td_backtest_bars bars);

#endif
