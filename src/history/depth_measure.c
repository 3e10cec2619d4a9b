/* history/depth_measure.c - a book, what it says, and what it says beside the one before it. */
#include "history/depth_measure.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "market/book.h"

#define NEAR 0.01 /* of the mid: contracts 6, price_impact */

enum td_err td_measure_open(struct td_measure *m, td_ns break_ns, struct td_fail *why)
{
    static const int32_t lags[TD_LAGS] = {1, 5, 10, 50, 100};
    const size_t rows = 2 * (size_t)TD_MEASURE_PRICES * sizeof(struct td_profile_row);
    const size_t histograms = TD_H_COUNT * sizeof(struct td_histogram);
    memset(m, 0, sizeof *m);
    uint8_t *block = calloc(1, sizeof(struct td_series) + histograms + rows);
    if (!block)
        return td_fail_set(why, TD_ENOMEM, "no memory for the figures");
    m->block = block;
    m->break_ns = break_ns;
    m->series = (void *)block;
    block += sizeof(struct td_series);
    for (size_t i = 0; i < TD_H_COUNT; i++, block += sizeof(struct td_histogram))
        m->histogram[i] = (void *)block;
    td_profile_init(&m->resting, (void *)block, TD_MEASURE_PRICES);
    memcpy(m->lagged.lag, lags, sizeof lags);
    td_ofi_init(&m->ofi, TD_OFI_LEVELS);
    return TD_OK;
}

void td_measure_close(struct td_measure *m)
{
    free(m->block);
    m->block = NULL;
}

/* ---- segments ---- */

static void cut_shock(struct td_measure_shocks *s, struct td_recovery *r)
{
    s->cut += r->open;
    r->open = false;
}

static void end_segment(struct td_measure *m)
{
    if (!m->inside)
        return;
    m->inside = m->counting = false;
    td_ofi_reset(&m->ofi);
    td_lagged_reset(&m->lagged);
    m->runs_cut += m->sign != 0;
    cut_shock(&m->spread_shocks, &m->spread_watch);
    cut_shock(&m->depth_shocks, &m->depth_watch[TD_ASK]);
    cut_shock(&m->depth_shocks, &m->depth_watch[TD_BID]);
}

static void note_gap(struct td_measure *m, td_ns from, td_ns to)
{
    if (m->gaps < TD_MEASURE_GAPS)
        m->gap[m->gaps] = (struct td_measure_gap){from, to};
    m->gaps++;
    m->gap_sum_ns += to - from;
    m->gap_longest_ns = to - from > m->gap_longest_ns ? to - from : m->gap_longest_ns;
    end_segment(m);
}

static void note_time(struct td_measure *m, td_ns at)
{
    if (m->quality.rows++ == 0) {
        m->first_ns = at;
    } else {
        m->quality.same_time += at == m->last_ns;
        if (at - m->last_ns > m->break_ns)
            note_gap(m, m->last_ns, at);
    }
    m->last_ns = at;
}

/* ---- is it to be believed ---- */

static bool believe(struct td_measure *m, const struct td_depth_image *row)
{
    struct td_measure_quality *q = &m->quality;
    const struct td_ladder *b = &m->book;
    const uint32_t seen =
        td_ladder_fill(&m->book, TD_ASK, row->px[TD_ASK], row->qty[TD_ASK], row->rows[TD_ASK]) |
        td_ladder_fill(&m->book, TD_BID, row->px[TD_BID], row->qty[TD_BID], row->rows[TD_BID]);
    const bool empty = !b->rows[TD_ASK] || !b->rows[TD_BID];
    const bool bad = seen & TD_LADDER_BAD, gap = row->quality & TD_Q_GAP,
               stale = row->quality & TD_Q_STALE;
    const bool crossed = !empty && b->px[TD_BID][0] > b->px[TD_ASK][0];
    const bool locked = !empty && b->px[TD_BID][0] == b->px[TD_ASK][0];
    q->disorder += (seen & TD_LADDER_DISORDER) != 0;
    q->merged += (seen & TD_LADDER_MERGED) != 0;
    q->generated += row->generated;
    q->differing_lengths += row->rows[TD_ASK] != row->rows[TD_BID];
    for (int side = TD_ASK; side <= TD_BID; side++)
        m->levels = row->rows[side] > m->levels ? row->rows[side] : m->levels;
    q->empty += empty;
    q->bad += bad;
    q->gap_flag += gap;
    q->stale_flag += stale;
    q->crossed += crossed;
    q->locked += locked;
    return !(empty || bad || gap || stale || crossed || locked);
}

/* ---- one book ---- */

/* Both sides' sums, over all levels and over those near the best price. */
static double add_depth(struct td_measure *m, double span, double *depth)
{
    const struct td_ladder *b = &m->book;
    double near = 0;
    for (int side = TD_ASK; side <= TD_BID; side++) {
        const int32_t n = b->rows[side];
        depth[side] = td_ladder_depth(b, (enum td_side)side, n);
        near += fabs(b->px[side][n - 1] - b->px[side][0]) <= span
                    ? depth[side]
                    : td_ladder_near(b, (enum td_side)side, span);
        td_moments_add(&m->depth[side], depth[side]);
        td_histogram_add(m->histogram[side == TD_BID ? TD_H_BID : TD_H_ASK],
                         (int64_t)(depth[side] * 1000 + 0.5));
    }
    return near / 2;
}

static void add_levels(struct td_measure *m, double mid)
{
    const struct td_ladder *b = &m->book;
    for (int side = TD_ASK; side <= TD_BID; side++) {
        const int32_t n = b->rows[side] < TD_OFI_LEVELS ? b->rows[side] : TD_OFI_LEVELS;
        m->books_of[side][n]++;
        for (int32_t k = 0; k < n; k++) {
            m->level_qty[side][k] += b->qty[side][k];
            m->level_away[side][k] += fabs(b->px[side][k] - mid);
        }
    }
}

/* What stood at a price for some books, all at once. */
static void add_resting(struct td_measure *m, int side, int32_t row)
{
    td_px px = {0};
    const double books = (double)(m->quality.used - m->kept_since[side][row]);
    if (td_e9_from_double(m->kept_px[side][row], &px.e9) == TD_OK && books > 0)
        td_profile_add(&m->resting, px, side == TD_BID ? 0 : 1, m->kept_qty[side][row] * books);
}

/* Most rows stay as they are from book to book; only those that change are written down. */
static void keep_levels(struct td_measure *m)
{
    const struct td_ladder *b = &m->book;
    for (int side = TD_ASK; side <= TD_BID; side++) {
        for (int32_t k = 0; k < b->rows[side]; k++) {
            const bool kept = k < m->kept_rows[side];
            if (kept && m->kept_px[side][k] == b->px[side][k] &&
                m->kept_qty[side][k] == b->qty[side][k])
                continue;
            if (kept)
                add_resting(m, side, k);
            m->kept_px[side][k] = b->px[side][k];
            m->kept_qty[side][k] = b->qty[side][k];
            m->kept_since[side][k] = m->quality.used;
        }
        for (int32_t k = b->rows[side]; k < m->kept_rows[side]; k++)
            add_resting(m, side, k);
        m->kept_rows[side] = b->rows[side];
    }
}

/* ---- beside the book before ---- */

static void count_step(struct td_measure *m, enum td_recovery_step step,
                       struct td_measure_shocks *s, enum td_measure_histogram h, td_ns took)
{
    s->begun += step == TD_RECOVERY_BEGUN;
    s->lost += step == TD_RECOVERY_LOST;
    s->back += step == TD_RECOVERY_BACK;
    if (step == TD_RECOVERY_BACK)
        td_histogram_add(m->histogram[h], took);
}

static void watch(struct td_measure *m, td_ns at, double spread, const double *depth)
{
    td_ns took = 0;
    enum td_recovery_step step =
        td_recovery_spread(&m->spread_watch, m->last_spread, spread, at, TD_MEASURE_LIMIT, &took);
    count_step(m, step, &m->spread_shocks, TD_H_SPREAD_BACK, took);
    for (int side = TD_ASK; side <= TD_BID; side++) {
        step = td_recovery_depth(&m->depth_watch[side], m->last_depth[side], depth[side], at,
                                 TD_MEASURE_LIMIT, &took);
        count_step(m, step, &m->depth_shocks, TD_H_DEPTH_BACK, took);
    }
}

static void weigh(struct td_measure *m, td_ns at)
{
    const double seconds = (double)(at - m->at_ns) / (double)TD_SEC;
    m->seconds += seconds;
    m->spread_seconds += m->last_spread * seconds;
    m->bid_heavy_seconds += m->last_imbalance > 0 ? seconds : 0;
    m->ask_heavy_seconds += m->last_imbalance < 0 ? seconds : 0;
}

/* A run of one sign lasts until the first book of another. */
static void follow_sign(struct td_measure *m, td_ns at, double imbalance, bool fresh)
{
    const int sign = (imbalance > 0) - (imbalance < 0);
    if (!fresh && sign == m->sign)
        return;
    if (!fresh && m->sign != 0) {
        m->runs++;
        td_histogram_add(m->histogram[TD_H_RUN], at - m->sign_ns);
    }
    m->sign = sign;
    m->sign_ns = at;
}

/* Intervals are whole tens of seconds of the clock; one counts when the book before its first is in the same segment. */
static void follow_interval(struct td_measure *m, td_ns at, double flow)
{
    const td_ns interval = at / TD_MEASURE_INTERVAL;
    if (interval != m->interval) {
        if (m->counting)
            td_pairs_add(&m->impact, m->interval_flow, m->last_mid - m->interval_mid);
        m->interval = interval;
        m->interval_flow = 0;
        m->interval_mid = m->last_mid;
        m->counting = true;
    }
    m->interval_flow += flow;
}

static void add_flow(struct td_measure *m, td_ns at)
{
    double e[TD_OFI_LEVELS];
    const int32_t n = td_ofi_push(&m->ofi, &m->book, e);
    for (int32_t k = 0; k < n; k++) {
        m->flow_n[k]++;
        m->flow_sum[k] += e[k];
        m->flow_abs[k] += fabs(e[k]);
    }
    if (m->inside)
        follow_interval(m, at, e[0]);
    else
        m->interval = at / TD_MEASURE_INTERVAL;
}

void td_measure_push(struct td_measure *m, const struct td_depth_image *row)
{
    const struct td_ladder *b = &m->book;
    const td_ns at = row->at_ns;
    double depth[2];
    note_time(m, at);
    if (!believe(m, row)) {
        end_segment(m);
        return;
    }
    const int64_t spread_e9 =
        (int64_t)(td_ladder_spread(b) * 1e9 + 0.5); /* a difference of doubles */
    const double mid = td_ladder_mid(b), spread = (double)spread_e9 / 1e9;
    const double half = spread / 2 / mid * 1e4;
    td_moments_add(&m->near, add_depth(m, mid * NEAR, depth));
    const double imbalance = (depth[TD_BID] - depth[TD_ASK]) / (depth[TD_BID] + depth[TD_ASK]);
    td_moments_add(&m->spread, spread);
    td_moments_add(&m->half_bps, half);
    td_moments_add(&m->mid, mid);
    td_moments_add(&m->imbalance, imbalance);
    td_moments_add(&m->tilt, (td_ladder_price(b) - mid) / spread);
    td_histogram_add(m->histogram[TD_H_SPREAD], spread_e9);
    td_histogram_add(m->histogram[TD_H_BPS], (int64_t)(half * 1e6 + 0.5));
    add_levels(m, mid);
    keep_levels(m);
    m->quality.used++;
    if (m->inside) {
        weigh(m, at);
        watch(m, at, spread, depth);
    }
    add_flow(m, at);
    follow_sign(m, at, imbalance, !m->inside);
    td_lagged_push(&m->lagged, imbalance);
    td_series_push(m->series, at, b, imbalance);
    m->segments += !m->inside;
    m->inside = true;
    m->at_ns = at;
    m->last_spread = spread;
    m->last_mid = mid;
    m->last_imbalance = imbalance;
    memcpy(m->last_depth, depth, sizeof depth);
}

void td_measure_finish(struct td_measure *m)
{
    end_segment(m);
    for (int side = TD_ASK; side <= TD_BID; side++)
        for (int k = 0; k < TD_OFI_LEVELS; k++)
            for (int n = k + 1; n <= TD_OFI_LEVELS; n++)
                m->level_n[side][k] += m->books_of[side][n];
    for (int side = TD_ASK; side <= TD_BID; side++) {
        for (int32_t k = 0; k < m->kept_rows[side]; k++)
            add_resting(m, side, k);
        m->kept_rows[side] = 0;
    }
    (void)td_profile_sort(&m->resting);
}
