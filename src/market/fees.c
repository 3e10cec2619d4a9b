/* market/fees.c - the tables of charges. */
#include "market/fees.h"

#define TAKING_E9   3000000 /* tiered: a share that takes liquidity */
#define CLEARING_E9 200000  /* tiered: a share */
#define PASSED_PPB  738000  /* tiered: of the commission, to NYSE and FINRA */

static const struct td_fee_row fee_rows[] = {
    /* plan         type    product  per unit      minimum       max ppm  part of value */
    {TD_FEE_FIXED, "STK", NULL, {5000000}, {1000000000}, 10000, 0},
    {TD_FEE_TIERED, "STK", NULL, {3500000}, {350000000}, 10000, 0},
    {TD_FEE_FIXED, "OPT", NULL, {650000000}, {1000000000}, 0, 0},
    {TD_FEE_FIXED, "CASH", NULL, {0}, {2000000000}, 0, 20000},
    /* commission 0.85, exchange 1.38, regulator 0.02; the preset of futures too */
    {TD_FEE_FIXED, "FUT", NULL, {2250000000}, {0}, 0, 0},
    /* 0.25, 0.35, 0.02 */
    {TD_FEE_FIXED, "FUT", "MES", {620000000}, {0}, 0, 0},
    {TD_FEE_FIXED, "FUT", "MNQ", {620000000}, {0}, 0, 0},
    {TD_FEE_FIXED, "FUT", "MYM", {620000000}, {0}, 0, 0},
    {TD_FEE_FIXED, "FUT", "M2K", {620000000}, {0}, 0, 0},
    /* 0.85, 1.60, 0.02 */
    {TD_FEE_FIXED, "FUT", "6A", {2470000000}, {0}, 0, 0},
    {TD_FEE_FIXED, "FUT", "6B", {2470000000}, {0}, 0, 0},
    {TD_FEE_FIXED, "FUT", "6E", {2470000000}, {0}, 0, 0},
    {TD_FEE_FIXED, "FUT", "CL", {2470000000}, {0}, 0, 0},
    {TD_FEE_FIXED, "FUT", "GC", {2470000000}, {0}, 0, 0},
};

/* Regulators' rates on sales of stocks, oldest first. */
struct regulator_row {
    int64_t day;      /* from this day on */
    int64_t rate_ppb; /* of the value, or of a dollar a share */
    td_cash most;     /* per order; 0: no maximum */
};

static const struct regulator_row sec_rows[] = {
    {19865, 27800, {0}}, /* 2024-05-22 */
    {20222, 0, {0}},     /* 2025-05-14 */
    {20547, 20600, {0}}, /* 2026-04-04 */
};

static const struct regulator_row finra_rows[] = {
    {19723, 166000, {8300000000}}, /* 2024-01-01 */
    {20454, 195000, {9790000000}}, /* 2026-01-01 */
};

const struct td_fee_row *td_fee_find(enum td_fee_plan plan, const char *sec_type,
                                     const char *product)
{
    const struct td_fee_row *best = NULL;
    for (size_t i = 0; i < TD_COUNT(fee_rows); i++) {
        const struct td_fee_row *row = &fee_rows[i];
        if (strcmp(row->sec_type, sec_type) != 0)
            continue;
        if (row->product && product && strcmp(row->product, product) == 0)
            return row;
        if (!row->product && (!best || row->plan == (uint8_t)plan))
            best = row;
    }
    return best ? best : &fee_rows[plan == TD_FEE_TIERED];
}

enum td_err td_fee_total(const struct td_fee_row *row, td_qty qty, td_cash value, td_cash *out)
{
    int64_t fee = 0;
    int64_t part = 0;
    enum td_err err = td_e9_mul(row->per_unit.e9, qty.e9, &fee);
    if (err == TD_OK)
        err = td_e9_mul(value.e9, row->value_ppb, &part);
    if (err == TD_OK)
        err = td_e9_add(fee, part, &fee);
    if (err != TD_OK)
        return err;
    if (fee < row->minimum.e9)
        fee = row->minimum.e9;
    if (row->maximum_ppm > 0) {
        int64_t most = 0;
        err = td_i64_muldiv(value.e9, row->maximum_ppm, 1000000, &most);
        if (err != TD_OK)
            return err;
        if (fee > most)
            fee = most;
    }
    out->e9 = fee;
    return TD_OK;
}

/* The rate of the day on an amount; before the first row there is none. */
static enum td_err by_date(const struct regulator_row *rows, size_t count, int64_t day,
                           int64_t amount, int64_t *out)
{
    const struct regulator_row *row = NULL;
    *out = 0;
    for (size_t i = 0; i < count && rows[i].day <= day; i++)
        row = &rows[i];
    if (!row)
        return TD_OK;
    const enum td_err err = td_e9_mul(amount, row->rate_ppb, out);
    if (!err && row->most.e9 && *out > row->most.e9)
        *out = row->most.e9;
    return err;
}

static enum td_err exchange_part(const struct td_fee_ask *a, td_cash commission, td_cash *out)
{
    int64_t shares = 0, passed = 0;
    enum td_err err = td_e9_mul(a->qty.e9, CLEARING_E9 + (a->takes ? TAKING_E9 : 0), &shares);
    if (!err)
        err = td_e9_mul(commission.e9, PASSED_PPB, &passed);
    return err ? err : td_e9_add(shares, passed, &out->e9);
}

static enum td_err regulatory_part(const struct td_fee_ask *a, td_cash *out)
{
    int64_t sec = 0, finra = 0;
    enum td_err err = by_date(sec_rows, TD_COUNT(sec_rows), a->day, a->value.e9, &sec);
    if (!err)
        err = by_date(finra_rows, TD_COUNT(finra_rows), a->day, a->qty.e9, &finra);
    return err ? err : td_e9_add(sec, finra, &out->e9);
}

enum td_err td_fee_expect(const struct td_fee_ask *a, struct td_fee_bill *out)
{
    struct td_fee_bill bill = {0};
    const bool stock = strcmp(a->sec_type, "STK") == 0;
    if (a->qty.e9 < 0 || a->value.e9 < 0)
        return TD_ERANGE;
    enum td_err err = td_fee_total(td_fee_find(a->plan, a->sec_type, a->product), a->qty, a->value,
                                   &bill.commission);
    if (!err && stock && a->plan == TD_FEE_TIERED)
        err = exchange_part(a, bill.commission, &bill.exchange);
    if (!err && stock && a->sells)
        err = regulatory_part(a, &bill.regulatory);
    if (!err)
        err = td_cash_add(bill.commission, bill.exchange, &bill.total);
    if (!err)
        err = td_cash_add(bill.total, bill.regulatory, &bill.total);
    if (!err)
        *out = bill;
    return err;
}
