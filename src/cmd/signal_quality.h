/* cmd/signal_quality.h - how well external signals were executed, out of the journal; no desk need run. */
#ifndef TD_CMD_SIGNAL_QUALITY_H
#define TD_CMD_SIGNAL_QUALITY_H

#include "cmd/cmd.h"

/* Of the signals that came from `from` on and before `before`, as far as the state of the journal keeps them. TD_ENOENT:
 * no desk has run there. Others as td_retrace_run. */
TD_MUST_CHECK enum td_err td_signal_quality_print(struct td_run *run, const char *state, td_ns from,
                                                  td_ns before, bool json, struct td_fail *why);

#endif
