/* trial/backtest_data.h - the files of a backtest: onto the gateway's disk before it, to the operator's folder after it. */
#ifndef TD_TRIAL_BACKTEST_DATA_H
#define TD_TRIAL_BACKTEST_DATA_H

#include "sim/bartape.h"
#include "trial/backtest.h"

#define TD_BACKTEST_FOLDER  "data" /* on the gateway's disk */
#define TD_BACKTEST_STATE   "state"
#define TD_BACKTEST_JOURNAL TD_BACKTEST_STATE "/journal"

/* What was found. */
struct td_backtest_data {
    struct td_bar_plan plan;
    int64_t day;   /* the first that plays */
    td_ns start;   /* the market's clock before the first event */
    bool by_order; /* an order book plays */
};

/* Copies what the days need; every trading day of a stock must be there. TD_ENODATA, TD_EINVAL. */
TD_MUST_CHECK enum td_err td_backtest_load(const struct td_backtest_config *config,
                                           struct td_world *to, struct td_backtest_data *out,
                                           struct td_fail *why);
/* `out` is not given, or may be written. TD_EEXIST. */
TD_MUST_CHECK enum td_err td_backtest_may_keep(const struct td_backtest_config *config,
                                               struct td_fail *why);
/* Journal, orders.db and equity.csv into config->out. */
TD_MUST_CHECK enum td_err td_backtest_keep(const struct td_backtest_config *config,
                                           struct td_world *from,
                                           const struct td_backtest_result *r, struct td_fail *why);

#endif
