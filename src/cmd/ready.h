/* cmd/ready.h - the readiness of a desk by its journal, for report and verify. */
#ifndef TD_CMD_READY_H
#define TD_CMD_READY_H

#include "cmd/cmd.h"
#include "trade/readiness.h"

#define TD_READY_ROWS_MAX (TD_READY_ITEMS + 2) /* and what verify adds */

struct td_ready_table {
    struct td_ready_row rows[TD_READY_ROWS_MAX];
    int count;
    bool ready;
};

/* Reads the whole journal, with every check. TD_ENOENT: there is none. */
TD_MUST_CHECK enum td_err td_ready_look(struct td_run *run, const char *state,
                                        struct td_ready_table *out, struct td_fail *why);
void td_ready_print(const struct td_ready_table *table, bool json);

#endif
