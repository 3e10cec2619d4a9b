/* signal/micro.h - features of an order book and its trades, event by event.
 *
 * Events come in the order they were received, books and trades mixed; a trade is judged by the book before it. A level whose price or
 * size is 0 is missing, and sums leave its place out on both sides. A book that is empty at its best, crossed or not finite is refused,
 * and one is stale after `stale_ns`: no book is in force then, what depends on it is NaN until the next good one, trades are judged by
 * the tick test, and nothing is compared across: no flow, no return, no change of mid.
 *
 * VPIN by bars (bulk classification, after the source): only bars with trades count; those before there are `intervals`
 * changes of price are not classified; without deviation the share of buys is one half.
 *
 * Intervals are equal cuts of the clock that the caller uses for all events; one without events counts too. The mid at a cut is
 * the last before it. Returns and impact are of intervals that have a book in force at both ends, the spread is the one at the end.
 *
 * State is memory of the caller without pointers: a copy goes on by itself. Nothing allocates. A value that does not exist yet is
 * NaN. Sizes keep the caller's unit. O(levels) a book, O(1) a trade.
 * Sources: the rows name them (td_micro_rows). */
#ifndef TD_SIGNAL_MICRO_H
#define TD_SIGNAL_MICRO_H

#include "base/text.h"
#include "signal/kernel_moment.h"

#define TD_MICRO_LEVELS  10
#define TD_MICRO_FLOWS   5   /* levels whose order flow is told */
#define TD_MICRO_BUCKETS 128 /* most buckets of VPIN */
#define TD_MICRO_QUEUE                                                                             \
    4096 /* instants with trades that wait for their realised spread; more: the oldest is dropped */
#define TD_MICRO_MEM     2048 /* doubles for windows */
#define TD_MICRO_CHANGES 20   /* of mid before their deviation is told: 1/weight */

struct td_micro_levels {
    double px[TD_MICRO_LEVELS], qty[TD_MICRO_LEVELS]; /* best first */
};

struct td_micro_book {
    struct td_micro_levels bid, ask;
    int64_t at_ns;
};

struct td_micro_trade {
    double px, qty;
    int64_t at_ns;
};

/* 0 means the preset in brackets. */
struct td_micro_config {
    double tick;         /* price step (0.01) */
    int64_t interval_ns; /* of flow, returns and impact (1 s) */
    int64_t stale_ns;    /* (5 s) */
    int64_t realised_ns; /* delay of the realised spread (5 s) */
    double sweep_qty;    /* size walked through the book (100) */
    double bucket_qty;   /* volume of a VPIN bucket (10000) */
    int64_t
        vpin_bar_ns; /* VPIN: bars whose volume is classified in bulk; (0) by the signs of trades */
    int32_t buckets; /* of VPIN (50, at most TD_MICRO_BUCKETS) */
    int32_t intervals; /* of impact and variance, and trades of Roll's spread (50, at most 100) */
};

/* A setting as text knows it; an empty row ends the table. */
struct td_micro_setting {
    const char *name;
    size_t at;   /* in struct td_micro_config */
    size_t size; /* 4: int32_t, 8: int64_t, 0: double */
    double preset, least, most;
    const char *help;
};
extern const struct td_micro_setting td_micro_settings[];

/* Puts presets where 0 is. TD_EINVAL names the setting that is out of range. */
TD_MUST_CHECK enum td_err td_micro_config_fill(struct td_micro_config *c, struct td_fail *why);
/* The settings that are not presets as a line "micro tick=0.25 interval_ns=100000000", nothing without; and one of them back. */
void td_micro_config_write(const struct td_micro_config *c, struct td_text *out);
/* False: no such setting, or out of its range; at most 9 decimals. */
bool td_micro_config_read(struct td_micro_config *c, struct td_str word);

/* name, formula in words, source */
#define TD_MICRO_ROWS(X)                                                                           \
    X(MID, "mid", "(best bid + best ask)/2", "")                                                   \
    X(SPREAD, "spread", "best ask - best bid", "")                                                 \
    X(REL_SPREAD, "rel_spread", "10000*spread/mid", "")                                            \
    X(MICROPRICE, "microprice", "(bid*ask size + ask*bid size)/(both sizes)", "Stoikov 2018")      \
    X(MICRO_DEV, "micro_dev", "(microprice - mid)/spread, -0.5 to 0.5", "")                        \
    X(IMB_L1, "imb_l1", "(bid size - ask size)/(both) at the best", "")                            \
    X(DEPTH_IMB, "depth_imb", "the same over all levels with weights 1/(level+1)", "")             \
    X(OFI, "ofi", "order flow imbalance of this interval so far",                                  \
      "Cont, Kukanov and Stoikov 2014")                                                            \
    X(OFI_DEPTH, "ofi_depth", "ofi over the interval's mean of (bid size + ask size)/2", "")       \
    X(MLOFI_1, "mlofi_1", "order flow imbalance of level 1", "Xu, Gould and Howison 2018")         \
    X(MLOFI_2, "mlofi_2", "of level 2", "")                                                        \
    X(MLOFI_3, "mlofi_3", "of level 3", "")                                                        \
    X(MLOFI_4, "mlofi_4", "of level 4", "")                                                        \
    X(MLOFI_5, "mlofi_5", "of level 5", "")                                                        \
    X(BOOK_SLOPE, "book_slope", "mean of both sides' slope of summed size on distance to mid", "") \
    X(BOOK_PRESSURE, "book_pressure", "(B-A)/(B+A), sums of size/distance to mid", "")             \
    X(SWEEP_BUY, "sweep_buy", "mean price of buying sweep_qty less mid; NaN: too thin", "")        \
    X(SWEEP_SELL, "sweep_sell", "mid less the mean price of selling it; NaN: too thin", "")        \
    X(BID_GAP_1, "bid_gap_1", "ticks from the best bid to the next", "")                           \
    X(BID_GAP_2, "bid_gap_2", "ticks from the second to the third", "")                            \
    X(BID_GAP_3, "bid_gap_3", "ticks from the third to the fourth", "")                            \
    X(ASK_GAP_1, "ask_gap_1", "ticks from the best ask to the next", "")                           \
    X(ASK_GAP_2, "ask_gap_2", "ticks from the second to the third", "")                            \
    X(ASK_GAP_3, "ask_gap_3", "ticks from the third to the fourth", "")                            \
    X(QUOTE_AGE, "quote_age", "seconds since a best price or size changed", "")                    \
    X(SPREAD_Z, "spread_z", "z-score of the spread against those at the last 300 interval ends",   \
      "")                                                                                          \
    X(MICRO_VOL, "micro_vol",                                                                      \
      "deviation of changes of mid in ticks, weight 0.05 a book, from the 20th on", "")            \
    X(QUEUE_DEPLETION, "queue_depletion", "size that left the best at its price, decay 10 s", "")  \
    X(CANCEL_RATE, "cancel_rate", "times it left without a trade between, decay 10 s", "")         \
    X(TRADE_SIGN, "trade_sign", "1 above mid, -1 below, at mid as the last price change",          \
      "Lee and Ready 1991")                                                                        \
    X(CVD, "cvd", "sum of sign*size of all trades", "")                                            \
    X(FLOW_IMB, "flow_imb", "sum of sign*size over sum of size, decay 60 s", "")                   \
    X(TRADE_RATE_1, "trade_rate_1", "trades, decay 1 s", "")                                       \
    X(TRADE_RATE_10, "trade_rate_10", "trades, decay 10 s", "")                                    \
    X(TRADE_RATE_60, "trade_rate_60", "trades, decay 60 s", "")                                    \
    X(EFF_SPREAD, "eff_spread", "2*sign*(price - mid)/mid of the last trade", "")                  \
    X(REALISED_SPREAD, "realised_spread",                                                          \
      "2*sign*(price - mid later)/mid, told when that time has come", "Huang and Stoll 1996")      \
    X(ROLL_SPREAD, "roll_spread", "2*sqrt(-cov(dp, dp before)) of trades; 0 when cov >= 0",        \
      "Roll 1984")                                                                                 \
    X(VPIN, "vpin",                                                                                \
      "mean |buys - sells| of equal-volume buckets, signs as trade_sign; with vpin_bar_ns the "    \
      "share of buys of a bar is Phi(change of price/deviation of the last changes)",              \
      "Easley, Lopez de Prado and O'Hara 2012")                                                    \
    X(KYLE, "kyle", "slope of change of mid on signed volume of intervals", "Kyle 1985")           \
    X(HASBROUCK, "hasbrouck", "slope of change of ln mid on the sum of sign*sqrt(money)",          \
      "Hasbrouck 2009")                                                                            \
    X(RV, "rv", "sum of squared log returns of intervals", "")                                     \
    X(BV, "bv", "pi/2 * sum of |r*r before|", "Barndorff-Nielsen and Shephard 2004")               \
    X(JUMP, "jump", "max(0, rv - bv)", "")                                                         \
    X(RSEMI_UP, "rsemi_up", "sum of squares of rising returns", "")                                \
    X(RSEMI_DOWN, "rsemi_down", "sum of squares of falling returns", "")

#define TD_MICRO_ID(id, name, formula, source) TD_MICRO_##id,
enum td_micro_id { TD_MICRO_ROWS(TD_MICRO_ID) TD_MICRO_COUNT };
#undef TD_MICRO_ID

struct td_micro_row {
    const char *name, *formula, *source;
};
extern const struct td_micro_row td_micro_rows[TD_MICRO_COUNT];

/* A trade that waits for the mid some time after it. */
struct td_micro_waiting {
    double sign, px, mid;
    int64_t due_ns;
};

struct td_micro {
    struct td_micro_config config;
    /* private */
    struct td_micro_book book;
    double mid;
    bool has_book; /* in force: good, and not stale at the last event */
    bool traded;   /* since the last book */
    int64_t quote_ns;
    double flow[TD_MICRO_FLOWS], depth, updates; /* of this interval */
    double change, change_var;                   /* of mid, in ticks */
    uint32_t changes;                            /* up to TD_MICRO_CHANGES */
    double sign, last_px, cvd, eff, realised;    /* trades */
    double last_change, tick_sign;
    bool has_px, has_change;
    int64_t decay_ns;
    double rate[3], lost, cancels, signed_flow, all_flow;
    struct td_micro_waiting waiting[TD_MICRO_QUEUE];
    uint32_t waiting_at, waiting_count, dropped;
    double bucket, bucket_signed, imbalance[TD_MICRO_BUCKETS]; /* VPIN */
    uint32_t bucket_at, bucket_count;
    int64_t
        bulk_bar; /* VPIN by bars: this one, its volume so far, the last price of the one before */
    double bulk_volume, bulk_px;
    struct td_moment_of bulk; /* of changes of price from bar to bar */
    int64_t interval;
    bool whole; /* a book was in force when the interval began */
    double start_mid, last_return, volume_signed, root_signed;
    bool has_return;
    struct td_pair_of kyle, hasbrouck, roll;
    struct td_sum_of rv, bv, up, down;
    struct td_moment_of spread;
    double mem[TD_MICRO_MEM];
};

/* TD_EINVAL names the setting that is out of range. */
TD_MUST_CHECK enum td_err td_micro_init(struct td_micro *m, const struct td_micro_config *config,
                                        struct td_fail *why);
/* TD_EINVAL: the book is refused (see above). TD_EPROTO: it is older than the event before; nothing changed. */
enum td_err td_micro_on_book(struct td_micro *m, const struct td_micro_book *book);
/* TD_EINVAL: price or size is not above 0. TD_EPROTO as above. */
enum td_err td_micro_on_trade(struct td_micro *m, const struct td_micro_trade *trade);
/* All features as of now_ns (at or after the last event) into out[TD_MICRO_COUNT]. */
void td_micro_values(const struct td_micro *m, int64_t now_ns, double *out);

#endif
