/* signal/micro.c - events in, the vector out. */
#include "signal/micro.h"

#include <string.h>

#include "signal/quote_flow.h"

#define SECOND       1000000000ll
#define SPREAD_COUNT 300
#define VOL_WEIGHT   0.05
#define ROOT_HALF    0.70710678118654752440

#define ROW(id, name, formula, source) {name, formula, source},
const struct td_micro_row td_micro_rows[TD_MICRO_COUNT] = {TD_MICRO_ROWS(ROW)};
#undef ROW

enum td_err td_micro_init(struct td_micro *m, const struct td_micro_config *config,
                          struct td_fail *why)
{
    struct td_micro_config c = *config;
    struct td_ind_space space = {0};
    const enum td_err err = td_micro_config_fill(&c, why);
    if (err)
        return err;
    memset(m, 0, sizeof *m);
    m->config = c;
    m->eff = m->realised = (double)NAN;
    td_pair_init(&m->kyle, &space, c.intervals);
    td_pair_init(&m->hasbrouck, &space, c.intervals);
    td_pair_init(&m->roll, &space, c.intervals);
    td_sum_init(&m->rv, &space, c.intervals);
    td_sum_init(&m->bv, &space, c.intervals);
    td_sum_init(&m->up, &space, c.intervals);
    td_sum_init(&m->down, &space, c.intervals);
    td_moment_init(&m->spread, &space, SPREAD_COUNT);
    td_moment_init(&m->bulk, &space, c.intervals);
    TD_REQUIRE(space.used <= TD_MICRO_MEM);
    return TD_OK;
}

/* ---- time ---- */

/* Brings what decays to `at`: one exponential, its powers for the shorter times. */
static void decay(struct td_micro *m, int64_t at)
{
    if (at <= m->decay_ns)
        return;
    const double by_60 = exp(-(double)(at - m->decay_ns) / 60e9);
    const double two = by_60 * by_60, by_10 = two * two * two;
    const double by_5 = by_10 * by_10, four = by_5 * by_5, by_1 = four * four * by_5;
    m->decay_ns = at;
    m->rate[0] *= by_1;
    m->rate[1] *= by_10;
    m->rate[2] *= by_60;
    m->lost *= by_10;
    m->cancels *= by_10;
    m->signed_flow *= by_60;
    m->all_flow *= by_60;
}

/* An interval has ended, and a book was in force then: its spread counts, and its change of mid and its volume when one was
 * in force at its beginning too. */
static void close_interval(struct td_micro *m)
{
    const double change = m->mid - m->start_mid, r = log(m->mid / m->start_mid);
    (void)td_moment_push(&m->spread, m->mem, m->book.ask.px[0] - m->book.bid.px[0]);
    if (!m->whole)
        return;
    (void)td_pair_push(&m->kyle, m->mem, m->volume_signed, change);
    (void)td_pair_push(&m->hasbrouck, m->mem, m->root_signed, r);
    (void)td_sum_push(&m->rv, m->mem, r * r);
    (void)td_sum_push(&m->up, m->mem, r > 0 ? r * r : 0);
    (void)td_sum_push(&m->down, m->mem, r < 0 ? r * r : 0);
    if (m->has_return)
        (void)td_sum_push(&m->bv, m->mem, fabs(r * m->last_return));
    m->last_return = r;
    m->has_return = true;
}

static void begin_interval(struct td_micro *m, int64_t interval, bool whole)
{
    m->interval = interval;
    m->whole = whole;
    m->start_mid = m->mid;
    m->volume_signed = m->root_signed = m->depth = m->updates = 0;
    memset(m->flow, 0, sizeof m->flow);
}

/* Ends the intervals that are over by `at`, those without an event too: as many of these as the longest window holds. */
static void turn_interval(struct td_micro *m, int64_t at)
{
    const int64_t interval = at / m->config.interval_ns;
    if (interval == m->interval)
        return;
    close_interval(m);
    if (interval - m->interval > SPREAD_COUNT)
        m->interval = interval - SPREAD_COUNT - 1;
    while (m->interval + 1 < interval) {
        begin_interval(m, m->interval + 1, true);
        close_interval(m);
    }
    begin_interval(m, interval, true);
}

static void lose_book(struct td_micro *m)
{
    m->has_book = m->has_return = false;
}

/* The last book ages: intervals end under it until it is stale. */
static void age_book(struct td_micro *m, int64_t at)
{
    const int64_t last = m->book.at_ns + m->config.stale_ns;
    turn_interval(m, at < last ? at : last);
    if (at > last)
        lose_book(m);
}

/* Trades whose time has come meet the mid in force then. */
static void settle(struct td_micro *m, int64_t at)
{
    while (m->waiting_count > 0) {
        const struct td_micro_waiting *w = &m->waiting[m->waiting_at];
        if (w->due_ns > at)
            return;
        if (m->has_book && w->due_ns - m->book.at_ns <= m->config.stale_ns)
            m->realised = 2 * w->sign * (w->px - m->mid) / w->mid;
        m->waiting_at = (m->waiting_at + 1) % TD_MICRO_QUEUE;
        m->waiting_count--;
    }
}

/* ---- buckets of VPIN ---- */

/* Volume fills buckets; a full one leaves its imbalance. Of a trade larger than all buckets together those before the last
 * ones are left out. A bucket is full when rounding alone keeps it from being so. */
static void fill_buckets(struct td_micro *m, double sign, double qty)
{
    const double full = m->config.bucket_qty, most = full * (m->config.buckets + 1);
    double left = qty > most ? most + fmod(qty, full) : qty;
    while (left > 0) {
        const double part = td_min(left, full - m->bucket);
        m->bucket += part;
        m->bucket_signed += sign * part;
        left -= part;
        if (m->bucket < full * (1 - 1e-12))
            return;
        m->imbalance[m->bucket_at] = fabs(m->bucket_signed);
        m->bucket_at = (m->bucket_at + 1) % (uint32_t)m->config.buckets;
        m->bucket_count += m->bucket_count < (uint32_t)m->config.buckets;
        m->bucket = m->bucket_signed = 0;
    }
}

/* Ends the bar of bulk classification that is over by `at`: what share of its volume bought tells its change of price. */
static void turn_bar(struct td_micro *m, int64_t at)
{
    const int64_t bar = at / m->config.vpin_bar_ns;
    if (bar == m->bulk_bar)
        return;
    m->bulk_bar = bar;
    if (m->bulk_volume == 0)
        return;
    const double change = m->last_px - m->bulk_px;
    if (m->bulk_px > 0 && td_moment_push(&m->bulk, m->mem, change)) {
        const double deviation = sqrt(td_moment_variance(&m->bulk));
        const double sells = deviation > 0 ? erfc(change / deviation * ROOT_HALF) / 2 : 0.5;
        fill_buckets(m, 1 - 2 * sells, m->bulk_volume);
    }
    m->bulk_px = m->last_px;
    m->bulk_volume = 0;
}

/* What every event does first; false when it is older than the one before. */
static bool advance(struct td_micro *m, int64_t at)
{
    if (at < m->decay_ns)
        return false;
    settle(m, at);
    decay(m, at);
    if (m->has_book)
        age_book(m, at);
    if (m->config.vpin_bar_ns > 0)
        turn_bar(m, at);
    return true;
}

/* ---- books ---- */

static bool is_there(const struct td_micro_levels *l, int k)
{
    return l->px[k] > 0 && l->qty[k] > 0;
}

static bool is_good(const struct td_micro_book *b)
{
    double probe = 0;
    for (int k = 0; k < TD_MICRO_LEVELS; k++)
        probe += (b->bid.px[k] + b->bid.qty[k] + b->ask.px[k] + b->ask.qty[k]) * 0.0;
    return probe == 0 && is_there(&b->bid, 0) && is_there(&b->ask, 0) &&
           b->bid.px[0] < b->ask.px[0];
}

/* A level of both sides; false: it is missing on one. */
static bool quote_at(const struct td_micro_book *b, int k, struct td_flow_level *out)
{
    *out = (struct td_flow_level){b->bid.px[k], b->bid.qty[k], b->ask.px[k], b->ask.qty[k]};
    return is_there(&b->bid, k) && is_there(&b->ask, k);
}

static void add_flow(struct td_micro *m, const struct td_micro_book *b)
{
    struct td_flow_level now, was;
    for (int k = 0; k < TD_MICRO_FLOWS; k++)
        if (quote_at(b, k, &now) && quote_at(&m->book, k, &was))
            m->flow[k] += td_quote_flow(&now, &was);
    const double lost =
        (b->bid.px[0] == m->book.bid.px[0] ? td_max(m->book.bid.qty[0] - b->bid.qty[0], 0) : 0) +
        (b->ask.px[0] == m->book.ask.px[0] ? td_max(m->book.ask.qty[0] - b->ask.qty[0], 0) : 0);
    m->lost += lost;
    m->cancels += lost > 0 && !m->traded;
}

/* Mean and variance of changes of mid, weighted to the newest. */
static void add_change(struct td_micro *m, double mid)
{
    const double x = (mid - m->mid) / m->config.tick;
    if (m->changes == 0)
        m->change = x;
    m->changes += m->changes < TD_MICRO_CHANGES;
    const double d = x - m->change;
    m->change += VOL_WEIGHT * d;
    m->change_var = (1 - VOL_WEIGHT) * (m->change_var + VOL_WEIGHT * d * d);
}

static bool same_best(const struct td_micro_book *a, const struct td_micro_book *b)
{
    return a->bid.px[0] == b->bid.px[0] && a->ask.px[0] == b->ask.px[0] &&
           a->bid.qty[0] == b->bid.qty[0] && a->ask.qty[0] == b->ask.qty[0];
}

enum td_err td_micro_on_book(struct td_micro *m, const struct td_micro_book *book)
{
    if (!advance(m, book->at_ns))
        return TD_EPROTO;
    if (!is_good(book)) {
        lose_book(m);
        return TD_EINVAL;
    }
    const double mid = (book->bid.px[0] + book->ask.px[0]) / 2;
    const bool goes_on = m->has_book;
    if (goes_on) {
        add_flow(m, book);
        add_change(m, mid);
    }
    if (!goes_on || !same_best(book, &m->book))
        m->quote_ns = book->at_ns;
    m->book = *book;
    m->mid = mid;
    m->has_book = true;
    if (!goes_on)
        begin_interval(m, book->at_ns / m->config.interval_ns, false);
    m->traded = false;
    m->depth += (book->bid.qty[0] + book->ask.qty[0]) / 2;
    m->updates += 1;
    return TD_OK;
}

/* ---- trades ---- */

static double sign_of(const struct td_micro *m, double px, double tick_sign)
{
    if (!m->has_book || px == m->mid)
        return tick_sign;
    return px > m->mid ? 1 : -1;
}

/* Of trades of one instant the last one is told, so the others need not wait. */
static void wait_for_mid(struct td_micro *m, double sign, const struct td_micro_trade *t)
{
    const int64_t due = t->at_ns + m->config.realised_ns;
    const uint32_t last = (m->waiting_at + m->waiting_count + TD_MICRO_QUEUE - 1) % TD_MICRO_QUEUE;
    if (m->waiting_count > 0 && m->waiting[last].due_ns == due) {
        m->waiting[last] = (struct td_micro_waiting){sign, t->px, m->mid, due};
        return;
    }
    if (m->waiting_count == TD_MICRO_QUEUE) {
        m->waiting_at = (m->waiting_at + 1) % TD_MICRO_QUEUE;
        m->waiting_count--;
        m->dropped++;
    }
    m->waiting[(m->waiting_at + m->waiting_count++) % TD_MICRO_QUEUE] =
        (struct td_micro_waiting){sign, t->px, m->mid, due};
}

enum td_err td_micro_on_trade(struct td_micro *m, const struct td_micro_trade *t)
{
    if (!(t->px > 0) || !(t->qty > 0) || !isfinite(t->px) || !isfinite(t->qty))
        return TD_EINVAL;
    if (!advance(m, t->at_ns))
        return TD_EPROTO;
    const double change = m->has_px ? t->px - m->last_px : 0;
    if (change != 0)
        m->tick_sign = change > 0 ? 1 : -1;
    const double sign = sign_of(m, t->px, m->tick_sign);
    if (m->has_px) {
        if (m->has_change)
            (void)td_pair_push(&m->roll, m->mem, change, m->last_change);
        m->last_change = change;
        m->has_change = true;
    }
    m->sign = sign;
    m->cvd += sign * t->qty;
    m->signed_flow += sign * t->qty;
    m->all_flow += t->qty;
    for (int i = 0; i < 3; i++)
        m->rate[i] += 1;
    m->volume_signed += sign * t->qty;
    m->root_signed += sign * sqrt(t->px * t->qty);
    if (m->config.vpin_bar_ns > 0)
        m->bulk_volume += t->qty;
    else
        fill_buckets(m, sign, t->qty);
    if (m->has_book) {
        m->eff = 2 * sign * (t->px - m->mid) / m->mid;
        wait_for_mid(m, sign, t);
    }
    m->last_px = t->px;
    m->has_px = m->traded = true;
    return TD_OK;
}
