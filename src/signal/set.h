/* signal/set.h - many indicators over the same bars in one pass.
 *
 * A set is a list of asks: a row, its parameters, and which columns of the bar it reads. What the drivers of one row do for each row
 * is done once for all: a bar is looked at once, and rows that are made of the same running values (the same row asked twice,
 * EMA and DEMA of one period, all of Wilder's directional movement) share one step. The values are those of the rows alone, to the bit.
 *
 * A bar is taken by all or by none: when one of the columns that the set reads is a NaN or an infinity there, every value of that bar
 * is NaN and no state changes. A value that is not there yet is NaN as well; a row that refuses a bar by itself (a price that
 * is not above 0) has a NaN there, as in its own batch.
 *
 * The set lives in memory of the caller, without pointers to itself: memcpy is a snapshot that goes on anywhere in this
 * process. Nothing allocates. Single owner. */
#ifndef TD_SIGNAL_SET_H
#define TD_SIGNAL_SET_H

#include "signal/indicator.h"

#define TD_IND_SET_ASKS_MAX    1024
#define TD_IND_SET_COLUMNS_MAX 16
#define TD_IND_SET_BLOCK       512 /* bars of a batch that go through all rows before the next */

struct td_ind_ask {
    const struct td_indicator *row;
    double params[TD_IND_PARAMS_MAX];  /* checked by td_indicator_check */
    uint8_t column[TD_IND_INPUTS_MAX]; /* of the bar, for each input of the row */
};

struct td_ind_set; /* at the beginning of the caller's memory, 8-byte aligned, better 64 */

/* Bytes of a set of `n` asks. TD_ERANGE: no ask, more than TD_IND_SET_ASKS_MAX, a column past TD_IND_SET_COLUMNS_MAX. */
TD_MUST_CHECK enum td_err td_ind_set_size(const struct td_ind_ask *asks, size_t n,
                                          size_t *size_bytes, struct td_fail *why);
/* Prepares `memory` of td_ind_set_size bytes and returns the set in it; the asks are those that gave the size. */
struct td_ind_set *td_ind_set_init(const struct td_ind_ask *asks, size_t n, void *memory);
/* Steps that a bar costs: n less what is shared. */
size_t td_ind_set_steps(const struct td_ind_set *set);

/* One bar: bar[columns], as many as the largest column asked for and one more. TD_EINVAL: refused, all values are NaN. */
TD_MUST_CHECK enum td_err td_ind_set_step(struct td_ind_set *set, const double *bar);
/* Output `output` of ask `ask` on the last bar stepped, or NaN. */
double td_ind_set_value(const struct td_ind_set *set, size_t ask, int output);

/* columns[columns][n]; out: for each ask in order and each of its outputs in order a column of n.
 * No output may be an input. The set goes on from where it is; td_ind_set_value tells nothing of these bars. */
void td_ind_set_batch(struct td_ind_set *set, const double *const *columns, double *const *out,
                      size_t n);

#endif
