/* trade/sizing.c - a method gives a part of the capital; lots and limits make a quantity of it. */
#include "trade/sizing.h"

#include <math.h>
#include <stdio.h>

#define KELLY_PART       0.25 /* of f, in `kelly` */
#define KELLY_UNPROVEN   0.01
#define ADVANCED_PART    0.5
#define ADVANCED_KELLY   0.25 /* most of half Kelly */
#define ADVANCED_CAPITAL 0.10 /* most in one position */
#define ADVANCED_RISK_E9 (TD_E9 / 50)
#define FACTOR_LEAST     0.3

#define NOTHING ((int64_t)0)

/* --- rounding down, all of it: a value that does not fit is 0 --- */

static int64_t part_of(int64_t amount, int64_t part_e9)
{
    int64_t out;
    return td_i64_muldiv_to(amount, part_e9, TD_E9, TD_ROUND_DOWN, &out) == TD_OK && out > 0
               ? out
               : NOTHING;
}

/* How many 1e-9 of a unit `budget` pays, each unit costing price x multiplier rounded up. */
static int64_t units_for(int64_t budget, int64_t price, int64_t multiplier)
{
    int64_t cost, out;
    if (budget <= 0 || td_i64_muldiv_to(price, multiplier, TD_E9, TD_ROUND_UP, &cost) != TD_OK ||
        cost <= 0)
        return NOTHING;
    if (td_i64_muldiv_to(budget, TD_E9, cost, TD_ROUND_DOWN, &out) != TD_OK)
        return INT64_MAX - 1; /* more than can be counted: a limit will cut it */
    return out > 0 ? out : NOTHING;
}

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* A fraction as fixed point, never more than it is. */
static int64_t fraction_of(double part)
{
    if (!(part > 0))
        return NOTHING;
    return part >= 1 ? TD_E9 : (int64_t)floor(part * (double)TD_E9);
}

/* --- the methods --- */

double td_sizing_kelly(const struct td_sizing_record *r)
{
    if (r->trades < TD_SIZING_TRADES)
        return (double)NAN;
    const double p = (double)r->wins / r->trades;
    if (r->wins == 0 || !(r->average_win > 0))
        return 0;
    if (r->wins >= r->trades || !(r->average_loss > 0))
        return p;
    const double b = r->average_win / r->average_loss;
    return (p * b - (1 - p)) / b;
}

static double correlation_factor(const struct td_sizing_facts *f)
{
    if (!f->holds)
        return 1;
    if (isnan(f->correlation))
        return FACTOR_LEAST;
    const double factor = 1 - 2 * (f->correlation - 0.5);
    return factor < FACTOR_LEAST ? FACTOR_LEAST : factor > 1 ? 1 : factor;
}

static double strength_of(const struct td_sizing_facts *f)
{
    return isnan(f->strength) ? 1 : f->strength < 0 ? 0 : f->strength > 1 ? 1 : f->strength;
}

/* Twice the ATR, 0 when it is not known. */
static int64_t twice_atr(const struct td_sizing_facts *f)
{
    return td_px_is_none(f->atr) || f->atr.e9 <= 0 || f->atr.e9 > INT64_MAX / 4 ? 0 : 2 * f->atr.e9;
}

static int64_t fixed_units(const struct td_sizing_facts *f, struct td_text *why)
{
    td_text_put(why, "fixed");
    return units_for(part_of(f->capital.e9, f->fraction_e9), f->price.e9, f->multiplier.e9);
}

static int64_t atr_units(const struct td_sizing_facts *f, struct td_text *why)
{
    const int64_t risk = twice_atr(f);
    const int64_t cash = td_cash_is_none(f->cash) ? f->capital.e9 : f->cash.e9;
    if (!risk) {
        td_text_put(why, "atr not known, ");
        return fixed_units(f, why);
    }
    td_text_put(why, "atr ");
    td_text_e9(why, f->atr.e9);
    return smaller(units_for(part_of(f->capital.e9, f->fraction_e9), risk, f->multiplier.e9),
                   units_for(cash, f->price.e9, f->multiplier.e9));
}

static int64_t kelly_units(const struct td_sizing_facts *f, struct td_text *why)
{
    const double kelly = td_sizing_kelly(&f->record);
    const int64_t wanted = fraction_of(isnan(kelly) ? KELLY_UNPROVEN : KELLY_PART * kelly);
    if (isnan(kelly))
        td_text_printf(why, "kelly of %u trades", f->record.trades);
    else
        td_text_printf(why, "kelly %.4f", kelly);
    return units_for(part_of(f->capital.e9, smaller(wanted, f->fraction_e9)), f->price.e9,
                     f->multiplier.e9);
}

static int64_t advanced_units(const struct td_sizing_facts *f, struct td_text *why)
{
    const double kelly = td_sizing_kelly(&f->record);
    const double half = isnan(kelly) ? KELLY_UNPROVEN : ADVANCED_PART * kelly;
    const double capped = half > ADVANCED_KELLY ? ADVANCED_KELLY : half;
    const double part = capped * strength_of(f) * correlation_factor(f);
    const int64_t wanted = fraction_of(part > ADVANCED_CAPITAL ? ADVANCED_CAPITAL : part);
    int64_t risk = twice_atr(f);
    td_text_printf(why, "advanced %.4f x %.2f x %.2f", capped, strength_of(f),
                   correlation_factor(f));
    if (!risk && td_i64_muldiv_to(f->price.e9, 1, 50, TD_ROUND_UP, &risk) != TD_OK)
        return NOTHING;
    return smaller(units_for(part_of(f->capital.e9, wanted), f->price.e9, f->multiplier.e9),
                   units_for(part_of(f->capital.e9, ADVANCED_RISK_E9), risk, f->multiplier.e9));
}

struct sizing_row {
    const char *word;
    int64_t (*units)(const struct td_sizing_facts *f, struct td_text *why);
};

static const struct sizing_row sizing_rows[] = {
    [TD_SIZING_FIXED] = {"fixed", fixed_units},
    [TD_SIZING_ATR] = {"atr", atr_units},
    [TD_SIZING_KELLY] = {"kelly", kelly_units},
    [TD_SIZING_ADVANCED] = {"advanced", advanced_units},
};
_Static_assert(TD_COUNT(sizing_rows) == TD_SIZING_COUNT, "one row per method");

const char *td_sizing_word(enum td_sizing_method method)
{
    return (unsigned)method < TD_SIZING_COUNT ? sizing_rows[method].word : "?";
}

bool td_sizing_find(struct td_str word, enum td_sizing_method *out)
{
    for (int i = 0; i < TD_SIZING_COUNT; i++)
        if (td_str_is(word, sizing_rows[i].word)) {
            *out = (enum td_sizing_method)i;
            return true;
        }
    return false;
}

/* --- limits and lots --- */

static int64_t within_limits(const struct td_sizing_facts *f, int64_t units, struct td_text *why)
{
    int64_t most = units;
    if (!td_qty_is_none(f->units_max))
        most = smaller(most, f->units_max.e9);
    if (!td_cash_is_none(f->value_max))
        most = smaller(most, units_for(f->value_max.e9, f->price.e9, f->multiplier.e9));
    if (most < units)
        td_text_put(why, ", cut to the limit");
    return most > 0 ? most : NOTHING;
}

static bool is_usable(const struct td_sizing_facts *f)
{
    return !td_cash_is_none(f->capital) && f->capital.e9 > 0 && !td_px_is_none(f->price) &&
           f->price.e9 > 0 && !td_qty_is_none(f->multiplier) && f->multiplier.e9 > 0 &&
           f->fraction_e9 > 0 && f->fraction_e9 <= TD_E9;
}

void td_sizing_decide(enum td_sizing_method method, const struct td_sizing_facts *f,
                      struct td_sizing *out)
{
    struct td_text why;
    const int64_t lot = td_qty_is_none(f->lot) || f->lot.e9 <= 0 ? TD_E9 : f->lot.e9;
    TD_REQUIRE((unsigned)method < TD_SIZING_COUNT);
    out->qty = TD_QTY(0);
    td_text_init(&why, out->reason, sizeof out->reason);
    if (!is_usable(f)) {
        td_text_printf(&why, "%s: capital, price or limit is not known", sizing_rows[method].word);
        return;
    }
    const int64_t units = within_limits(f, sizing_rows[method].units(f, &why), &why);
    out->qty.e9 = units - units % lot;
    td_text_put(&why, ": ");
    td_text_e9(&why, out->qty.e9);
    td_text_put(&why, " at ");
    td_text_e9(&why, f->price.e9);
}
