/* sim/fees.c - the table of broker charges. */
#include "sim/fees.h"

static const struct td_fee_row fee_rows[] = {
    /* type    per unit      minimum       max ppm  part of value */
    {"STK", {5000000}, {1000000000}, 10000, 0},
    {"FUT", {2250000000}, {0}, 0, 0},
    {"OPT", {650000000}, {1000000000}, 0, 0},
    {"CASH", {0}, {2000000000}, 0, 20000},
};

const struct td_fee_row *td_fee_for(const char *sec_type)
{
    for (size_t i = 0; i < TD_COUNT(fee_rows); i++)
        if (strcmp(fee_rows[i].sec_type, sec_type) == 0)
            return &fee_rows[i];
    return &fee_rows[0];
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
