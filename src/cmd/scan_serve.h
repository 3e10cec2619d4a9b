/* cmd/scan_serve.h - the scanner that stays and records what it is told to, and what talks to a running one. */
#ifndef TD_CMD_SCAN_SERVE_H
#define TD_CMD_SCAN_SERVE_H

#include "cmd/cmd.h"
#include "cmd/scan_prefs.h"
#include "desk/plan.h"

struct scan_serve {
    struct td_run *run;
    const struct scan_prefs *prefs;
    const struct td_scan_config *config;
    const struct td_tz *new_york;
    const struct td_plan *plan; /* the recording's client ids are behind the scanner's */
    const struct td_opt_list *symbols;
    const char *state, *output;
    int64_t slots, levels, interval_ms;
};

/* Until a signal, which is TD_OK. */
TD_MUST_CHECK enum td_err scan_serve_run(const struct scan_serve *s, struct td_fail *why);

/* Puts a word and its symbols to the station of a state folder, and prints its sessions: a table, or its answer as it is.
 * TD_EINVAL: it refused something, in its words, behind what was printed. */
TD_MUST_CHECK enum td_err scan_serve_ask(struct td_run *run, const char *state, const char *word,
                                         const struct td_opt_list *symbols, bool json,
                                         struct td_fail *why);

#endif
