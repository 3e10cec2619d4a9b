/* market/validator.c - the checks, one function each, in the order of their table. */
#include "market/validator.h"

struct td_data_rules td_data_presets(void)
{
    return (struct td_data_rules){.stale_after = 60 * TD_SEC,
                                  .least = {TD_E9 / 100},
                                  .spread_e9 = TD_E9 / 100,
                                  .jump_e9 = TD_E9 / 5,
                                  .slack_e9 = 0,
                                  .volume_min = TD_QTY(100)};
}

void td_validator_init(struct td_validator *v, const struct td_data_rules *rules)
{
    *v = (struct td_validator){.rules = *rules, .reference = TD_PX_NONE, .jumped = TD_PX_NONE};
}

/* --- numbers --- */

/* (a - b) / b; unset when it does not fit. */
static int64_t part_of(int64_t a, int64_t b)
{
    int64_t difference, part;
    return td_e9_sub(a, b, &difference) == TD_OK && td_e9_div(difference, b, &part) == TD_OK
               ? part
               : TD_E9_NONE;
}

static bool is_within(int64_t part, int64_t limit)
{
    return part != TD_E9_NONE && part <= limit && part >= -limit;
}

/* The trade, else the middle, else the side there is. */
static td_px price_of(const struct td_data_view *w)
{
    if (!td_px_is_none(w->last))
        return w->last;
    if (td_px_is_none(w->bid))
        return w->ask;
    return td_px_is_none(w->ask) ? w->bid : (td_px){w->bid.e9 / 2 + w->ask.e9 / 2};
}

/* --- the checks: true when it holds --- */

typedef bool check_fn(struct td_validator *v, const struct td_data_view *w,
                      const struct td_data_answer *a);

static bool has_something(struct td_validator *v, const struct td_data_view *w,
                          const struct td_data_answer *a)
{
    (void)v, (void)a;
    return !td_px_is_none(price_of(w));
}

static bool is_recent(struct td_validator *v, const struct td_data_view *w,
                      const struct td_data_answer *a)
{
    (void)w;
    return a->age >= 0 && a->age <= v->rules.stale_after;
}

static bool has_real_prices(struct td_validator *v, const struct td_data_view *w,
                            const struct td_data_answer *a)
{
    const td_px prices[] = {w->bid, w->ask, w->last};
    (void)a;
    for (size_t i = 0; i < TD_COUNT(prices); i++)
        if (!td_px_is_none(prices[i]) && (prices[i].e9 <= 0 || prices[i].e9 < v->rules.least.e9))
            return false;
    return true;
}

/* low <= high, by a slack of low */
static bool is_ordered(td_px low, td_px high, int64_t slack)
{
    return td_px_is_none(low) || td_px_is_none(high) || low.e9 <= high.e9 ||
           (slack > 0 && is_within(part_of(low.e9, high.e9), slack));
}

static bool is_in_order(struct td_validator *v, const struct td_data_view *w,
                        const struct td_data_answer *a)
{
    (void)a;
    return is_ordered(w->bid, w->ask, 0) && is_ordered(w->bid, w->last, v->rules.slack_e9) &&
           is_ordered(w->last, w->ask, v->rules.slack_e9);
}

static bool is_narrow(struct td_validator *v, const struct td_data_view *w,
                      const struct td_data_answer *a)
{
    return td_px_is_none(w->bid) || td_px_is_none(w->ask) ||
           is_within(a->spread_e9, v->rules.spread_e9);
}

static bool is_traded(struct td_validator *v, const struct td_data_view *w,
                      const struct td_data_answer *a)
{
    (void)a;
    return td_qty_is_none(w->volume) || w->volume.e9 >= v->rules.volume_min.e9;
}

/* Refused ones that agree with the first of them become the truth. */
static bool is_near(struct td_validator *v, const struct td_data_view *w,
                    const struct td_data_answer *a)
{
    const td_px px = price_of(w);
    if (td_px_is_none(v->reference) || is_within(a->change_e9, v->rules.jump_e9)) {
        v->jumped = TD_PX_NONE;
        return true;
    }
    if (td_px_is_none(v->jumped) || !is_within(part_of(px.e9, v->jumped.e9), v->rules.jump_e9)) {
        v->jumped = px;
        v->agree = 0;
    }
    v->agree++;
    if (v->agree < TD_DATA_AGREE)
        return false;
    v->jumped = TD_PX_NONE;
    return true;
}

struct data_check {
    check_fn *holds;
    size_t counter;
    const char *word;
    bool absurd;
};

#define COUNTER(c) offsetof(struct td_data_counts, c)
static const struct data_check checks[TD_DATA_FAULTS] = {
    [TD_DATA_OK] = {NULL, COUNTER(passed), "ok", false},
    [TD_DATA_EMPTY] = {has_something, COUNTER(failed_price), "empty", true},
    [TD_DATA_STALE] = {is_recent, COUNTER(failed_stale), "stale", false},
    [TD_DATA_PRICE] = {has_real_prices, COUNTER(failed_price), "price", true},
    [TD_DATA_ORDER] = {is_in_order, COUNTER(failed_price), "order", false},
    [TD_DATA_SPREAD] = {is_narrow, COUNTER(failed_spread), "spread", false},
    [TD_DATA_VOLUME] = {is_traded, COUNTER(failed_volume), "volume", false},
    [TD_DATA_JUMP] = {is_near, COUNTER(failed_anomaly), "jump", true},
};

const char *td_data_fault_word(enum td_data_fault fault)
{
    return (unsigned)fault < TD_DATA_FAULTS ? checks[fault].word : "?";
}

static bool is_beyond(const struct td_validator *v, int64_t part)
{
    return part != TD_E9_NONE && !is_within(part, v->rules.jump_e9);
}

static void conclude(struct td_validator *v, enum td_data_fault reason, struct td_data_answer *out)
{
    uint64_t *counter = (uint64_t *)((char *)&v->counts + checks[reason].counter);
    v->counts.total_validations++;
    ++*counter;
    out->reason = reason;
    out->is_valid = reason == TD_DATA_OK;
    out->absurd =
        checks[reason].absurd ||
        (!out->is_valid && (is_beyond(v, out->spread_e9) || is_beyond(v, out->change_e9)));
}

void td_validate_quote(struct td_validator *v, const struct td_data_view *view, td_ns now,
                       struct td_data_answer *out)
{
    const td_px px = price_of(view);
    const bool both = !td_px_is_none(view->bid) && !td_px_is_none(view->ask);
    *out = (struct td_data_answer){.age = now - view->at,
                                   .spread_e9 =
                                       both ? part_of(view->ask.e9, view->bid.e9) : TD_E9_NONE,
                                   .change_e9 = td_px_is_none(v->reference) || td_px_is_none(px)
                                                    ? TD_E9_NONE
                                                    : part_of(px.e9, v->reference.e9)};
    for (int i = TD_DATA_EMPTY; i < TD_DATA_FAULTS; i++)
        if (!checks[i].holds(v, view, out)) {
            conclude(v, (enum td_data_fault)i, out);
            return;
        }
    v->reference = px;
    conclude(v, TD_DATA_OK, out);
}

/* --- bars --- */

static bool is_whole(const struct td_bar *b)
{
    return !td_px_is_none(b->open) && !td_px_is_none(b->high) && !td_px_is_none(b->low);
}

static bool is_inside(td_px px, const struct td_bar *b)
{
    return px.e9 >= b->low.e9 && px.e9 <= b->high.e9;
}

static enum td_data_fault judge_bar(struct td_validator *v, const struct td_bar *b,
                                    struct td_data_answer *out)
{
    const td_px prices[] = {b->open, b->high, b->low, b->close};
    if (td_px_is_none(b->close))
        return TD_DATA_EMPTY;
    for (size_t i = 0; i < TD_COUNT(prices); i++)
        if (!td_px_is_none(prices[i]) && (prices[i].e9 <= 0 || prices[i].e9 < v->rules.least.e9))
            return TD_DATA_PRICE;
    if (!is_whole(b)) {
        out->warnings |= TD_DATA_WARN_DROPPED;
        return TD_DATA_OK;
    }
    if (b->high.e9 < b->low.e9)
        return TD_DATA_PRICE;
    if (!is_inside(b->open, b) || !is_inside(b->close, b))
        out->warnings |= TD_DATA_WARN_OUTSIDE;
    if (!td_px_is_none(v->reference)) {
        out->change_e9 = part_of(b->close.e9, v->reference.e9);
        if (!is_within(out->change_e9, v->rules.jump_e9))
            out->warnings |= TD_DATA_WARN_CHANGE;
    }
    v->reference = b->close;
    return TD_DATA_OK;
}

void td_validate_bar(struct td_validator *v, const struct td_bar *bar, td_ns end, td_ns now,
                     struct td_data_answer *out)
{
    *out =
        (struct td_data_answer){.age = now - end, .spread_e9 = TD_E9_NONE, .change_e9 = TD_E9_NONE};
    enum td_data_fault fault = td_px_is_none(bar->close) ? TD_DATA_EMPTY : TD_DATA_OK;
    if (!fault && (out->age < 0 || out->age > v->rules.stale_after))
        fault = TD_DATA_STALE;
    conclude(v, fault ? fault : judge_bar(v, bar, out), out);
}

void td_validate_bars(struct td_validator *v, const struct td_bar *bars, const td_ns *starts,
                      uint32_t count, td_ns now, struct td_data_answer *out)
{
    enum td_data_fault fault = count ? TD_DATA_OK : TD_DATA_EMPTY;
    uint32_t thin = 0, whole = 0;
    *out = (struct td_data_answer){
        .age = TD_NS_NEVER, .spread_e9 = TD_E9_NONE, .change_e9 = TD_E9_NONE};
    if (count) {
        out->age = now - (starts[count - 1] + bars[count - 1].span);
        if (out->age < 0 || out->age > v->rules.stale_after)
            fault = TD_DATA_STALE;
    }
    for (uint32_t i = 0; i < count && !fault; i++) {
        fault = judge_bar(v, &bars[i], out);
        whole += is_whole(&bars[i]);
        thin += is_whole(&bars[i]) && !td_qty_is_none(bars[i].volume) &&
                bars[i].volume.e9 < v->rules.volume_min.e9;
    }
    if (thin * 2 > whole)
        out->warnings |= TD_DATA_WARN_THIN;
    conclude(v, fault, out);
}
