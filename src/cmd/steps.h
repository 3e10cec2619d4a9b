/* cmd/steps.h - this program started as a user would start it, step by step: for demo and verify.
 *
 * A step is one command line, heard to its end within its limit; what it printed lies in `output`. Ending is in order
 * only: a child that outlives its limit is asked to end and named.
 */
#ifndef TD_CMD_STEPS_H
#define TD_CMD_STEPS_H

#include "cmd/cmd.h"
#include "sys/child.h"

#define TD_STEPS_OUTPUT 262144
#define TD_STEPS_WORDS  40

struct td_steps {
    struct td_run *run;
    char *output; /* of the last step, with a NUL */
    td_ns took;   /* by it */
};

/* Words of one command line, NULL-terminated. */
struct td_step_words {
    const char *argv[TD_STEPS_WORDS];
    int n;
};

/* TD_ENOMEM. */
TD_MUST_CHECK enum td_err td_steps_open(struct td_steps *s, struct td_run *run,
                                        struct td_fail *why);
void td_steps_close(struct td_steps *s);

void td_step_add(struct td_step_words *w, const char *word);
/* This program and a command. */
struct td_step_words td_step_begin(const struct td_steps *s, const char *command);
/* Runs it to its end. TD_EIO: it ended with another status than 0; TD_ETIMEOUT. */
TD_MUST_CHECK enum td_err td_step(struct td_steps *s, const struct td_step_words *w, td_ns limit,
                                  struct td_fail *why);
/* Starts one that goes on, and hears its first line. */
TD_MUST_CHECK enum td_err td_step_start(struct td_steps *s, const struct td_step_words *w,
                                        td_ns limit, struct td_child *child, struct td_fail *why);

#endif
