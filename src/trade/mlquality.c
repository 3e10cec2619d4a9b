/* trade/mlquality.c - measures of one signal, and their means. */
#include "trade/mlquality.h"

#define BPS        10000
#define SLIP_COST  40
#define LATE_COST  30
#define SHORT_COST 30

#define ALERT_ROW(name, meaning) {#name, meaning},
static const struct {
    const char *name, *meaning;
} alerts[] = {TD_MLALERTS(ALERT_ROW)};
#undef ALERT_ROW

const char *td_mlalert_name(enum td_mlalert alert)
{
    return (unsigned)alert < TD_MLALERT_COUNT ? alerts[alert].name : "?";
}

const char *td_mlalert_meaning(enum td_mlalert alert)
{
    return (unsigned)alert < TD_MLALERT_COUNT ? alerts[alert].meaning : "?";
}

/* a / b within 0 and 1, in 1e-9; 1 when b is 0 and a is more. */
static int64_t part_of(int64_t a, int64_t b)
{
    int64_t part;
    if (a <= 0)
        return 0;
    if (b <= 0 || a >= b || td_i64_muldiv(a, TD_E9, b, &part) != TD_OK)
        return TD_E9;
    return part;
}

static int64_t slippage_of(const struct td_mlsignal_row *row)
{
    int64_t away, bps;
    if (td_px_is_none(row->average) || td_px_is_none(row->reference) || row->reference.e9 <= 0 ||
        td_e9_sub(row->average.e9, row->reference.e9, &away) != TD_OK ||
        td_i64_muldiv(away, BPS * TD_E9, row->reference.e9, &bps) != TD_OK)
        return TD_E9_NONE;
    return td_mlsignal_side((enum td_mlsignal_type)row->told.type) > 0 ? bps : -bps;
}

static int64_t score_of(const struct td_mlsignal_row *row, const struct td_mlmeasure *m)
{
    int64_t lost = SHORT_COST * (TD_E9 - m->alignment_e9);
    if (row->filled.e9 <= 0 || m->slippage_bps_e9 == TD_E9_NONE)
        return 0;
    lost += SLIP_COST * part_of(m->slippage_bps_e9, row->told.tolerance_e9 * BPS);
    lost += LATE_COST * part_of(m->latency, row->told.until - row->received);
    return 100 * TD_E9 - lost;
}

void td_mlquality_measure(const struct td_mlsignal_row *row, struct td_mlmeasure *out)
{
    *out = (struct td_mlmeasure){.way = row->received - row->told.at,
                                 .latency = INT64_MIN,
                                 .slippage_bps_e9 = TD_E9_NONE,
                                 .alignment_e9 = TD_E9_NONE,
                                 .score_e9 = TD_E9_NONE};
    if (!row->key || !td_mlsignal_is_over((enum td_mlsignal_state)row->state))
        return;
    out->latency = row->changed - row->received;
    out->slippage_bps_e9 = row->filled.e9 > 0 ? slippage_of(row) : TD_E9_NONE;
    out->alignment_e9 = part_of(row->filled.e9, row->wanted.e9);
    out->score_e9 = score_of(row, out);
}

/* A mean that is taken one by one. */
struct mean {
    int64_t sum;
    uint32_t count;
};

static void add(struct mean *m, int64_t value)
{
    int64_t sum;
    if (td_e9_add(m->sum, value, &sum) != TD_OK)
        return;
    m->sum = sum;
    m->count++;
}

static int64_t mean_of(const struct mean *m, int64_t none)
{
    return m->count ? m->sum / m->count : none;
}

struct sums {
    struct mean way, latency, slippage, alignment, score, share;
};

static void take_slippage(struct td_mlquality *out, struct sums *s, int64_t bps)
{
    if (bps == TD_E9_NONE)
        return;
    add(&s->slippage, bps);
    if (out->slippage_worst_e9 == TD_E9_NONE || bps > out->slippage_worst_e9)
        out->slippage_worst_e9 = bps;
    out->improved += bps < 0;
    if (bps < 0 && (out->improvement_best_e9 == TD_E9_NONE || -bps > out->improvement_best_e9))
        out->improvement_best_e9 = -bps;
}

static void take(struct td_mlquality *out, struct sums *s, const struct td_mlsignal_row *row)
{
    struct td_mlmeasure m;
    td_mlquality_measure(row, &m);
    out->signals++;
    out->states[row->state]++;
    add(&s->way, m.way);
    if (m.score_e9 == TD_E9_NONE)
        return;
    out->ordered++;
    out->filled += row->filled.e9 > 0;
    add(&s->latency, m.latency);
    add(&s->share, part_of(m.latency, row->told.until - row->received));
    add(&s->alignment, m.alignment_e9);
    add(&s->score, m.score_e9);
    out->latency_most = m.latency > out->latency_most ? m.latency : out->latency_most;
    take_slippage(out, s, m.slippage_bps_e9);
}

static void judge(struct td_mlquality *q, const struct sums *s)
{
    const bool orders = q->ordered >= TD_MLALERT_LEAST;
    const bool many = q->signals >= TD_MLALERT_LEAST;
    q->alerts[TD_MLALERT_SLIPPAGE] =
        orders && s->slippage.count && q->slippage_mean_e9 > 10 * TD_E9;
    q->alerts[TD_MLALERT_LATENCY] = orders && mean_of(&s->share, 0) > TD_E9 / 2;
    q->alerts[TD_MLALERT_SCORE] = orders && q->score_e9 < 60 * TD_E9;
    q->alerts[TD_MLALERT_ALIGNMENT] = orders && q->alignment_e9 < TD_E9 / 10 * 8;
    q->alerts[TD_MLALERT_REJECTED] = many && 2 * q->states[TD_MLS_REJECTED] > q->signals;
    q->alerts[TD_MLALERT_TIMEOUT] = orders && 10 * q->states[TD_MLS_TIMEOUT] > q->ordered;
}

void td_mlquality_sum(const struct td_mlsignal_row *rows, uint32_t count, td_ns from, td_ns before,
                      struct td_mlquality *out)
{
    struct sums s = {.way = {0, 0}};
    *out = (struct td_mlquality){.latency_most = INT64_MIN,
                                 .slippage_worst_e9 = TD_E9_NONE,
                                 .improvement_best_e9 = TD_E9_NONE};
    for (uint32_t i = 0; i < count; i++)
        if (rows[i].number && rows[i].received >= from && rows[i].received < before)
            take(out, &s, &rows[i]);
    out->way_mean = mean_of(&s.way, INT64_MIN);
    out->latency_mean = mean_of(&s.latency, INT64_MIN);
    out->slippage_mean_e9 = mean_of(&s.slippage, TD_E9_NONE);
    out->alignment_e9 = mean_of(&s.alignment, TD_E9_NONE);
    out->score_e9 = mean_of(&s.score, TD_E9_NONE);
    judge(out, &s);
}
