/* trade/mlrisk.c - the tables of limits and rules, and one function per rule. */
#include "trade/mlrisk.h"

#define LEAST_PART (TD_E9 / 10) /* of the confidence, in the size */

#define LIMIT_ROW(name, unit, key, preset, most, meaning)                                          \
    {#name, TD_ML_##unit, key, preset, meaning},
static const struct {
    const char *name;
    enum td_mlunit unit;
    const char *key, *preset, *meaning;
} limit_rows[] = {TD_MLLIMITS(LIMIT_ROW)};
#undef LIMIT_ROW

/* A question, and the figures its answer looked at: `found` against the limit, unset when it is not known. */
struct question {
    const struct td_mllimits *limits;
    const struct td_mlsignal *signal;
    const struct td_mlfacts *facts;
    td_qty qty;    /* of the order */
    td_cash value; /* of it; unset: not known */
    td_px reference;
    bool reduces; /* it only makes a position smaller */
    bool asked;   /* a limit was looked at: `found` is meant */
    int64_t found;
};

static bool at_most(struct question *q, enum td_mllimit limit, int64_t found)
{
    q->asked = true;
    q->found = found;
    const int64_t most = q->limits->value[limit];
    return most == TD_MLLIMIT_OFF || (found != TD_E9_NONE && found <= most);
}

static bool at_least(struct question *q, enum td_mllimit limit, int64_t found)
{
    q->asked = true;
    q->found = found;
    const int64_t least = q->limits->value[limit];
    return least == TD_MLLIMIT_OFF || (found != TD_E9_NONE && found >= least);
}

static bool closes(const struct question *q)
{
    return q->signal->type == TD_MLSIGNAL_CLOSE_LONG || q->signal->type == TD_MLSIGNAL_CLOSE_SHORT;
}

/* --- what it looks at --- */

/* What a price is at most away from another, as a part of it; unset when one is not known. */
static int64_t apart(td_px from, td_px to)
{
    int64_t part;
    if (td_px_is_none(from) || td_px_is_none(to) || from.e9 <= 0 || to.e9 <= 0)
        return TD_E9_NONE;
    const int64_t away = to.e9 > from.e9 ? to.e9 - from.e9 : from.e9 - to.e9;
    return td_e9_div(away, from.e9, &part) == TD_OK ? part : TD_E9_NONE;
}

static int64_t score_of(const struct question *q)
{
    return q->signal->score_e9 != TD_E9_NONE ? q->signal->score_e9 : q->facts->score_e9;
}

/* A value with this order, as a part of the equity; unset when something is not known. */
static int64_t part_after(const struct question *q, td_cash before)
{
    td_cash after;
    int64_t part;
    if (td_cash_is_none(q->facts->equity) || q->facts->equity.e9 <= 0 ||
        td_cash_add(before, q->value, &after) != TD_OK ||
        td_e9_div(after.e9, q->facts->equity.e9, &part) != TD_OK)
        return TD_E9_NONE;
    return part;
}

static int64_t loss_of(td_cash pnl)
{
    return td_cash_is_none(pnl) ? TD_E9_NONE : -pnl.e9;
}

/* Price x multiplier x quantity. */
static td_cash value_of(const struct td_mlfacts *f, td_qty qty)
{
    td_qty units;
    td_cash value;
    if (td_px_is_none(f->mark) || td_qty_is_none(f->multiplier) ||
        td_e9_mul(qty.e9, f->multiplier.e9, &units.e9) != TD_OK ||
        td_notional(f->mark, units, &value) != TD_OK)
        return TD_CASH_NONE;
    return value;
}

/* --- one function per rule: fulfilled? --- */

typedef bool rule_fn(struct question *q);

static bool NONE(struct question *q)
{
    (void)q;
    return true;
}

static bool DUPLICATE(struct question *q)
{
    return !q->facts->seen;
}

static bool CLOCK(struct question *q)
{
    return q->signal->at <= q->facts->now + TD_MLSIGNAL_EARLY;
}

static bool AGE(struct question *q)
{
    return q->facts->now < q->signal->until;
}

static bool SYMBOL(struct question *q)
{
    return q->facts->here;
}

static bool HELD(struct question *q)
{
    return !closes(q) || q->facts->closable.e9 > 0;
}

static bool SIGNALS(struct question *q)
{
    return at_most(q, TD_MLLIMIT_SIGNALS, (int64_t)q->facts->signals + 1);
}

static bool CONCURRENT(struct question *q)
{
    return at_most(q, TD_MLLIMIT_CONCURRENT, (int64_t)q->facts->open + 1);
}

static bool CONFIDENCE(struct question *q)
{
    return at_least(q, TD_MLLIMIT_CONFIDENCE, q->signal->confidence_e9);
}

static bool MODEL_SCORE(struct question *q)
{
    return at_least(q, TD_MLLIMIT_MODEL_SCORE, score_of(q));
}

static bool MARK(struct question *q)
{
    return q->signal->type == TD_MLSIGNAL_HOLD ||
           (!td_px_is_none(q->facts->mark) && q->facts->mark.e9 > 0);
}

static bool PRICE(struct question *q)
{
    const int64_t away = apart(q->reference, q->facts->mark);
    q->asked = true;
    q->found = away;
    return away != TD_E9_NONE && away <= q->signal->tolerance_e9;
}

/* At the limit it is reached. */
static bool DAY_LOSS(struct question *q)
{
    const int64_t loss = loss_of(q->facts->day_pnl);
    return at_most(q, TD_MLLIMIT_DAY_LOSS, loss == TD_E9_NONE ? loss : loss + 1);
}

static bool POSITION_LOSS(struct question *q)
{
    const int64_t loss = loss_of(q->facts->position_pnl);
    return at_most(q, TD_MLLIMIT_POSITION_LOSS, loss == TD_E9_NONE ? loss : loss + 1);
}

static bool SIZED(struct question *q)
{
    return q->signal->type == TD_MLSIGNAL_HOLD || q->qty.e9 > 0;
}

static bool SIZE(struct question *q)
{
    return at_most(q, TD_MLLIMIT_SIZE, q->qty.e9);
}

static bool SINGLE(struct question *q)
{
    return at_most(q, TD_MLLIMIT_SINGLE, part_after(q, q->facts->symbol_value));
}

static bool EXPOSURE(struct question *q)
{
    return at_most(q, TD_MLLIMIT_EXPOSURE, part_after(q, q->facts->gross));
}

static bool SECTOR(struct question *q)
{
    return at_most(q, TD_MLLIMIT_SECTOR, part_after(q, q->facts->sector_value));
}

static bool STRATEGY(struct question *q)
{
    return at_most(q, TD_MLLIMIT_STRATEGY, part_after(q, q->facts->strategy_value));
}

static bool CORRELATION(struct question *q)
{
    return at_most(q, TD_MLLIMIT_CORRELATION, q->facts->correlation_e9);
}

static bool GATE(struct question *q)
{
    (void)q; /* asked by the desk, when all others are fulfilled */
    return true;
}

#define RULE_ROW(name, reducing, limit, text) {#name, name, reducing, TD_MLLIMIT_##limit, text},
static const struct {
    const char *name;
    rule_fn *fulfilled;
    bool reducing;
    enum td_mllimit limit;
    const char *text;
} rules[] = {TD_MLRULES(RULE_ROW)};
#undef RULE_ROW

/* --- sizes --- */

td_qty td_mlrisk_size(const struct td_mllimits *limits, const struct td_mlsignal *signal,
                      const struct td_mlfacts *facts)
{
    const struct question q = {.signal = signal, .facts = facts};
    const int64_t score = score_of(&q);
    const int64_t sure = signal->confidence_e9 > LEAST_PART ? signal->confidence_e9 : LEAST_PART;
    const td_cash unit = value_of(facts, TD_QTY(1));
    int64_t money = facts->equity.e9, units;
    if (td_cash_is_none(facts->equity) || money <= 0 || score == TD_E9_NONE || score <= 0 ||
        td_cash_is_none(unit) || unit.e9 <= 0)
        return TD_QTY(0);
    const int64_t factors[] = {limits->base_e9, sure, score, sure};
    for (size_t i = 0; i < TD_COUNT(factors); i++)
        if (td_i64_muldiv_to(money, factors[i], TD_E9, TD_ROUND_DOWN, &money) != TD_OK)
            return TD_QTY(0);
    return td_i64_muldiv_to(money, 1, unit.e9, TD_ROUND_DOWN, &units) == TD_OK &&
                   units <= INT64_C(9000000000)
               ? TD_QTY(units)
               : TD_QTY(0);
}

/* At most the units that `limit` x equity leaves above `used`. */
static void cut_to(const struct question *q, enum td_mllimit limit, td_cash used, td_qty *qty)
{
    const td_cash unit = value_of(q->facts, TD_QTY(1));
    td_cash room;
    int64_t units;
    if (q->limits->value[limit] == TD_MLLIMIT_OFF)
        return;
    if (td_e9_mul(q->limits->value[limit], q->facts->equity.e9, &room.e9) != TD_OK ||
        td_cash_sub(room, used, &room) != TD_OK || room.e9 <= 0 || unit.e9 <= 0 ||
        td_i64_muldiv_to(room.e9, 1, unit.e9, TD_ROUND_DOWN, &units) != TD_OK)
        units = 0;
    if (units < qty->e9 / TD_E9)
        *qty = TD_QTY(units);
}

static td_qty sized(const struct question *q)
{
    const struct td_mlfacts *f = q->facts;
    const td_cash unit = value_of(f, TD_QTY(1));
    td_qty qty = td_mlrisk_size(q->limits, q->signal, f);
    const int64_t most = q->limits->value[TD_MLLIMIT_SIZE];
    if (qty.e9 == 0 || q->reduces)
        return qty;
    if (most != TD_MLLIMIT_OFF && qty.e9 > most)
        qty.e9 = most / TD_E9 * TD_E9;
    cut_to(q, TD_MLLIMIT_SINGLE, f->symbol_value, &qty);
    cut_to(q, TD_MLLIMIT_EXPOSURE, f->gross, &qty);
    cut_to(q, TD_MLLIMIT_SECTOR, f->sector_value, &qty);
    cut_to(q, TD_MLLIMIT_STRATEGY, f->strategy_value, &qty);
    if (!td_qty_is_none(f->units_max) && qty.e9 > f->units_max.e9)
        qty.e9 = f->units_max.e9 > 0 ? f->units_max.e9 / TD_E9 * TD_E9 : 0;
    if (!td_cash_is_none(f->value_max) && unit.e9 > 0 && qty.e9 / TD_E9 > f->value_max.e9 / unit.e9)
        qty = TD_QTY(f->value_max.e9 > 0 ? f->value_max.e9 / unit.e9 : 0);
    return qty;
}

static int64_t size_of(int64_t signed_value)
{
    return signed_value < 0 ? -signed_value : signed_value;
}

static td_qty quantity_of(const struct question *q)
{
    const int64_t told = size_of(q->signal->quantity.e9);
    if (q->signal->type == TD_MLSIGNAL_HOLD)
        return TD_QTY(0);
    if (closes(q))
        return told == 0 || told > q->facts->closable.e9 ? q->facts->closable : (td_qty){told};
    return told ? (td_qty){told} : sized(q);
}

/* --- the question --- */

/* A told quantity of the other side, within what no order closes yet. */
static bool may_reduce(const struct question *q)
{
    const int64_t told = size_of(q->signal->quantity.e9);
    return closes(q) || (td_mlsignal_opens((enum td_mlsignal_type)q->signal->type) && told > 0 &&
                         told <= q->facts->closable.e9);
}

static void put_amount(struct td_text *t, enum td_mlunit unit, int64_t value)
{
    if (value == TD_E9_NONE)
        td_text_put(t, "not known");
    else if (unit == TD_ML_COUNT)
        td_text_i64(t, value);
    else
        td_text_e9(t, value);
}

static void tell(const struct question *q, enum td_mlrule rule, struct td_mlverdict *out)
{
    struct td_text t;
    const enum td_mllimit limit = rules[rule].limit;
    td_text_init(&t, out->text, sizeof out->text);
    td_text_printf(&t, "%s: %s", rules[rule].name, rules[rule].text);
    if (!q->asked)
        return;
    td_text_put(&t, ": ");
    if (limit == TD_MLLIMIT_NONE) {
        put_amount(&t, TD_ML_PART, q->found);
        return;
    }
    /* What is reached is told as it is, not as it was compared. */
    const bool reached = rule == TD_MLRULE_DAY_LOSS || rule == TD_MLRULE_POSITION_LOSS;
    put_amount(&t, limit_rows[limit].unit,
               reached && q->found != TD_E9_NONE ? q->found - 1 : q->found);
    td_text_put(&t, ", limit ");
    put_amount(&t, limit_rows[limit].unit, q->limits->value[limit]);
    td_text_printf(&t, " (%s)", limit_rows[limit].key);
}

static bool is_looked_at(const struct question *q, enum td_mlrule rule)
{
    const bool after_hold = rule > TD_MLRULE_SYMBOL && rule != TD_MLRULE_SIGNALS;
    return !(q->reduces && rules[rule].reducing) &&
           !(q->signal->type == TD_MLSIGNAL_HOLD && after_hold);
}

void td_mlrisk_check(const struct td_mllimits *limits, const struct td_mlsignal *signal,
                     const struct td_mlfacts *facts, struct td_mlverdict *out)
{
    struct question q = {.limits = limits, .signal = signal, .facts = facts};
    *out = (struct td_mlverdict){.reference = TD_PX_NONE};
    q.reference = td_px_is_none(signal->price) ? facts->mark : signal->price;
    q.reduces = may_reduce(&q);
    if (facts->here)
        q.qty = quantity_of(&q);
    q.value = value_of(facts, q.qty);
    for (int rule = 1; rule < TD_MLRULE_COUNT; rule++) {
        q.asked = false;
        if (!is_looked_at(&q, (enum td_mlrule)rule) || rules[rule].fulfilled(&q))
            continue;
        out->rule = (enum td_mlrule)rule;
        tell(&q, out->rule, out);
        return;
    }
    out->qty = q.qty;
    out->reference = q.reference;
}

/* --- words --- */

const char *td_mllimit_name(enum td_mllimit limit)
{
    return (unsigned)limit < TD_MLLIMIT_COUNT ? limit_rows[limit].name : "?";
}

const char *td_mllimit_key(enum td_mllimit limit)
{
    return (unsigned)limit < TD_MLLIMIT_COUNT ? limit_rows[limit].key : "?";
}

enum td_mlunit td_mllimit_unit(enum td_mllimit limit)
{
    TD_REQUIRE((unsigned)limit < TD_MLLIMIT_COUNT);
    return limit_rows[limit].unit;
}

const char *td_mlrule_name(enum td_mlrule rule)
{
    return (unsigned)rule < TD_MLRULE_COUNT ? rules[rule].name : "?";
}

bool td_mlrule_lets_reducing(enum td_mlrule rule)
{
    return (unsigned)rule < TD_MLRULE_COUNT && rules[rule].reducing;
}

enum td_mllimit td_mlrule_limit(enum td_mlrule rule)
{
    return (unsigned)rule < TD_MLRULE_COUNT ? rules[rule].limit : TD_MLLIMIT_NONE;
}

void td_mllimits_preset(struct td_mllimits *out)
{
    *out = (struct td_mllimits){.base_e9 = TD_E9 / 100};
    for (int i = 0; i < TD_MLLIMIT_COUNT; i++) {
        const char *preset = limit_rows[i].preset;
        const size_t len = strlen(preset);
        enum td_err err = TD_OK;
        out->value[i] = TD_MLLIMIT_OFF;
        if (len)
            err = limit_rows[i].unit == TD_ML_COUNT ? td_i64_parse(preset, len, &out->value[i])
                                                    : td_e9_parse(preset, len, &out->value[i]);
        TD_REQUIRE(err == TD_OK); /* the table's own */
    }
}

void td_mlrisk_describe(struct td_text *out)
{
    td_text_put(out, "| rule | refuses when | limit | what makes a position smaller |\n"
                     "| --- | --- | --- | --- |\n");
    for (int i = 1; i < TD_MLRULE_COUNT; i++)
        td_text_printf(out, "| %s | %s | %s | %s |\n", rules[i].name, rules[i].text,
                       rules[i].limit == TD_MLLIMIT_NONE ? "" : limit_rows[rules[i].limit].key,
                       rules[i].reducing ? "passes" : "refused");
    td_text_put(out, "\n| setting | preset | limit |\n| --- | --- | --- |\n");
    for (int i = 0; i < TD_MLLIMIT_COUNT; i++)
        td_text_printf(out, "| %s | %s | %s |\n", limit_rows[i].key,
                       *limit_rows[i].preset ? limit_rows[i].preset : "off", limit_rows[i].meaning);
}
