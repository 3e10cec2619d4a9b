/* history/depth_measure.h - everything the analyzer knows about a day of books, gathered one book at a time.
 *
 * Rows come in time order (store/depth_stream.h). A book that is not to be believed (a side empty, best bid not below best
 * ask, a bad number, or a recorded flag that says gap or stale) is counted and enters no figure. It also ends a segment, as
 * does a hole in time longer than `break_ns`: nothing is compared across. Formulas: docs/analyzer.md.
 * One block of heap of fixed size, about 4 MiB, whatever comes. One owner.
 */
#ifndef TD_DESK_DEPTH_MEASURE_H
#define TD_DESK_DEPTH_MEASURE_H

#include "history/depth_series.h"
#include "signal/ladder_flow.h"
#include "signal/ladder_profile.h"
#include "signal/running_stats.h"
#include "store/depth_stream.h"

#define TD_MEASURE_GAPS     10
#define TD_MEASURE_INTERVAL (10 * TD_SEC) /* of the line through OFI and moves of the mid */
#define TD_MEASURE_LIMIT    (60 * TD_SEC) /* after which a shock counts as not recovered */
#define TD_MEASURE_PRICES   2048 /* table of a volume profile: at most three quarters are used */

enum td_measure_histogram {
    TD_H_SPREAD,      /* 1e-9 of a currency unit      */
    TD_H_BPS,         /* half spread, 1e-6 of a basis point */
    TD_H_BID,         /* sizes of a side, 1e-3        */
    TD_H_ASK,         /* the same                     */
    TD_H_SPREAD_BACK, /* ns                           */
    TD_H_DEPTH_BACK,  /* ns                           */
    TD_H_RUN,         /* ns                           */
    TD_H_COUNT
};

/* Why a row was left out, and what else was seen; a row may count several times. */
struct td_measure_quality {
    uint64_t rows, used;
    uint64_t empty, crossed, locked, bad, gap_flag, stale_flag;         /* left out */
    uint64_t disorder, merged, generated, same_time, differing_lengths; /* seen     */
};

struct td_measure_gap {
    td_ns from_ns, to_ns;
};

struct td_measure_shocks {
    uint64_t begun, back, lost, cut; /* cut: its segment ended first */
};

struct td_measure {
    td_ns break_ns;
    struct td_measure_quality quality;
    td_ns first_ns, last_ns; /* of all rows */
    uint64_t gaps;
    td_ns gap_sum_ns, gap_longest_ns;
    struct td_measure_gap gap[TD_MEASURE_GAPS]; /* the first ones */
    uint64_t segments;

    struct td_moments spread, half_bps, imbalance, mid, depth[2], near, tilt;
    double spread_seconds, seconds, bid_heavy_seconds, ask_heavy_seconds; /* within segments */
    uint64_t level_n[2][TD_OFI_LEVELS];
    double level_qty[2][TD_OFI_LEVELS], level_away[2][TD_OFI_LEVELS];
    int32_t levels; /* most rows a list had */

    uint64_t flow_n[TD_OFI_LEVELS];
    double flow_sum[TD_OFI_LEVELS], flow_abs[TD_OFI_LEVELS];
    struct td_pairs impact; /* OFI of an interval, move of the mid */
    struct td_lagged lagged;
    uint64_t runs, runs_cut;
    struct td_measure_shocks spread_shocks, depth_shocks;
    struct td_histogram *histogram[TD_H_COUNT];
    struct td_profile resting;
    struct td_series *series;

    /* private: the book before, while `inside` a segment */
    struct td_ladder book;
    struct td_ofi ofi;
    struct td_recovery spread_watch, depth_watch[2];
    bool inside, counting; /* counting: the interval was entered from its start */
    td_ns at_ns;
    double last_spread, last_mid, last_imbalance, last_depth[2];
    int sign;
    td_ns sign_ns, interval;
    double interval_flow, interval_mid;
    int32_t kept_rows[2];
    double kept_px[2][TD_LADDER_LEVELS], kept_qty[2][TD_LADDER_LEVELS];
    uint64_t kept_since[2][TD_LADDER_LEVELS];
    uint64_t books_of[2][TD_OFI_LEVELS + 1]; /* books with so many levels on a side */
    void *block;
};

/* `break_ns`: TD_NS_NEVER for books that come with events, where silence is no loss. TD_ENOMEM. */
TD_MUST_CHECK enum td_err td_measure_open(struct td_measure *m, td_ns break_ns,
                                          struct td_fail *why);
void td_measure_push(struct td_measure *m, const struct td_depth_image *row);
/* After the last row: what is open is counted as cut, the profile is complete and sorted. */
void td_measure_finish(struct td_measure *m);
void td_measure_close(struct td_measure *m); /* accepts a zeroed one, and twice */

#endif
