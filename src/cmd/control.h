/* cmd/control.h - what the commands share that ask a running desk through its control socket. */
#ifndef TD_CMD_CONTROL_H
#define TD_CMD_CONTROL_H

#include <cjson/cJSON.h>

#include "cmd/cmd.h"

/* Options of all of them; each command's table fills those it has. */
struct td_control_args {
    const char *state, *reason, *symbol;
    bool json, gates, foreign, yes;
    int64_t timeout;
};

#define TD_CONTROL_STATE                                                                           \
    {                                                                                              \
        .name = "state", .env = "TAPEDECK_STATE", .preset = "state", .type = TD_OPT_PATH,          \
        .into = offsetof(struct td_control_args, state), .help = "state folder of the desk"        \
    }
#define TD_CONTROL_JSON                                                                            \
    {                                                                                              \
        .name = "json", .type = TD_OPT_FLAG, .into = offsetof(struct td_control_args, json),       \
        .help = "the desk's answer as JSON"                                                        \
    }

/* One line to the desk. *answer is its JSON, to be deleted; `raw`, when not NULL, its bytes, until the next call.
 * Errors as td_desk_ask; TD_EPROTO: what came is no JSON. */
TD_MUST_CHECK enum td_err td_control_ask(struct td_run *run, const char *state, const char *line,
                                         cJSON **answer, const char **raw, struct td_fail *why);
/* The answer's verdict as exit status; why it refused goes to stderr. */
int td_control_verdict(const struct td_run *run, const cJSON *answer);

/* Members of an answer: "-" and 0 when they are not there. */
const char *td_control_text(const cJSON *object, const char *key);
double td_control_number(const cJSON *object, const char *key);
const cJSON *td_control_list(const cJSON *object, const char *key);
bool td_control_is(const cJSON *object, const char *key);
/* A list of orders of an answer, a line each. */
void td_control_print_orders(const cJSON *orders);

#endif
