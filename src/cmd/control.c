/* cmd/control.c - halt, resume, accept, ack and cancel-all, and what all commands share that ask a running desk. */
#include "cmd/control.h"

#include <stdio.h>

#include "desk/desk.h"

#define AT(m) .into = offsetof(struct td_control_args, m)

const struct td_opt cmd_halt_options[] = {
    TD_CONTROL_STATE,
    {.name = "reason",
     .preset = "by hand",
     .type = TD_OPT_STR,
     AT(reason),
     .help = "kept in the journal"},
    TD_CONTROL_JSON,
    {0},
};

const struct td_opt cmd_resume_options[] = {
    TD_CONTROL_STATE,
    {.name = "reason",
     .type = TD_OPT_STR,
     AT(reason),
     .required = true,
     .help = "what was looked at, and why trading may go on; kept in the journal"},
    TD_CONTROL_JSON,
    {0},
};

const struct td_opt cmd_accept_options[] = {
    TD_CONTROL_STATE,
    {.name = "reason",
     .type = TD_OPT_STR,
     AT(reason),
     .required = true,
     .help = "what was looked at; kept in the journal"},
    TD_CONTROL_JSON,
    {0},
};

const struct td_opt cmd_ack_options[] = {
    TD_CONTROL_STATE,
    {.name = "note",
     .preset = "",
     .type = TD_OPT_STR,
     AT(reason),
     .help = "who has seen it and what is done, for others who look"},
    TD_CONTROL_JSON,
    {0},
};

const struct td_opt cmd_cancel_all_options[] = {
    TD_CONTROL_STATE,
    {.name = "reason",
     .type = TD_OPT_STR,
     AT(reason),
     .required = true,
     .help = "kept in the journal"},
    {.name = "foreign",
     .type = TD_OPT_FLAG,
     AT(foreign),
     .help = "every order of the account, of other programs and by hand too"},
    TD_CONTROL_JSON,
    {0},
};
_Static_assert(sizeof(struct td_control_args) <= TD_CMD_ARGS_MAX, "arguments fit");

/* --- answers --- */

const char *td_control_text(const cJSON *object, const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    return cJSON_IsString(item) ? item->valuestring : "-";
}

double td_control_number(const cJSON *object, const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    return cJSON_IsNumber(item) ? item->valuedouble : 0;
}

const cJSON *td_control_list(const cJSON *object, const char *key)
{
    return cJSON_GetObjectItemCaseSensitive(object, key);
}

bool td_control_is(const cJSON *object, const char *key)
{
    return cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(object, key));
}

enum td_err td_control_ask(struct td_run *run, const char *state, const char *line, cJSON **answer,
                           const char **raw, struct td_fail *why)
{
    static char text[TD_DESK_ANSWER];
    const enum td_err err = td_desk_ask(run->world, state, line, text, sizeof text, why);
    if (err)
        return err;
    *answer = cJSON_Parse(text);
    if (raw)
        *raw = text;
    return *answer ? TD_OK : td_fail_set(why, TD_EPROTO, "the desk's answer is no JSON");
}

int td_control_verdict(const struct td_run *run, const cJSON *answer)
{
    if (td_control_is(answer, "ok"))
        return 0;
    (void)fflush(stdout);
    (void)fprintf(stderr, "tapedeck %s: %s\n", run->cmd->name, td_control_text(answer, "error"));
    return 1;
}

static void put_price(const cJSON *order, const char *word, const char *key)
{
    if (cJSON_IsNumber(td_control_list(order, key)))
        (void)printf(" %s %.10g", word, td_control_number(order, key));
}

void td_control_print_orders(const cJSON *orders)
{
    const cJSON *o;
    cJSON_ArrayForEach(o, orders)
    {
        (void)printf("  %-8s %-4s %g of %g %s", td_control_text(o, "symbol"),
                     td_control_text(o, "action"), td_control_number(o, "filled"),
                     td_control_number(o, "quantity"), td_control_text(o, "type"));
        put_price(o, "limit", "limit");
        put_price(o, "stop", "stop");
        (void)printf(", %s, %s", td_control_text(o, "state"), td_control_text(o, "role"));
        if (td_control_is(o, "foreign"))
            (void)printf(" of client %.0f (permId %.0f)", td_control_number(o, "client_id"),
                         td_control_number(o, "perm_id"));
        else
            (void)printf(" %.0f of %s", td_control_number(o, "key"),
                         td_control_text(o, "strategy"));
        (void)printf("\n");
    }
}

/* --- commands --- */

static void print_after(const cJSON *s)
{
    int working = 0, foreign = 0;
    const cJSON *o;
    cJSON_ArrayForEach(o, td_control_list(s, "orders"))
    {
        foreign += td_control_is(o, "foreign");
        working += !td_control_is(o, "foreign");
    }
    (void)printf(
        "%s account %s: %s%s; %d orders work, %d of others\n", td_control_text(s, "mode"),
        td_control_text(s, "account"), td_control_is(s, "halted") ? "HALTED: " : "not halted",
        td_control_is(s, "halted") ? td_control_text(s, "halt_reason") : "", working, foreign);
}

/* Says a line, shows what the desk is like then. */
static int say(struct td_run *run, const struct td_control_args *args, const char *line)
{
    struct td_fail why = {0};
    cJSON *answer = NULL;
    const char *raw = NULL;
    if (td_control_ask(run, args->state, line, &answer, &raw, &why) != TD_OK)
        return td_cmd_fail(run, &why);
    if (args->json)
        (void)printf("%s", raw);
    else if (td_control_is(answer, "ok"))
        print_after(answer);
    const int status = td_control_verdict(run, answer);
    cJSON_Delete(answer);
    return status;
}

int cmd_halt(struct td_run *run, void *arguments)
{
    const struct td_control_args *args = arguments;
    char line[200];
    (void)snprintf(line, sizeof line, "halt %.120s", args->reason);
    return say(run, args, line);
}

int cmd_resume(struct td_run *run, void *arguments)
{
    const struct td_control_args *args = arguments;
    char line[200];
    (void)snprintf(line, sizeof line, "resume %.120s", args->reason);
    return say(run, args, line);
}

int cmd_accept(struct td_run *run, void *arguments)
{
    const struct td_control_args *args = arguments;
    struct td_fail why = {0};
    char line[200];
    if (run->operands->count != 1) {
        (void)td_fail_set(&why, TD_EINVAL,
                          "one symbol is needed: tapedeck accept SPY --reason TEXT");
        return td_cmd_fail(run, &why);
    }
    (void)snprintf(line, sizeof line, "accept %.40s %.120s", run->operands->items[0], args->reason);
    return say(run, args, line);
}

int cmd_ack(struct td_run *run, void *arguments)
{
    const struct td_control_args *args = arguments;
    struct td_fail why = {0};
    char line[200];
    if (run->operands->count != 1) {
        (void)td_fail_set(&why, TD_EINVAL,
                          "one alert is needed, by its word: tapedeck ack stale-data");
        return td_cmd_fail(run, &why);
    }
    (void)snprintf(line, sizeof line, "ack %.47s %.119s", run->operands->items[0], args->reason);
    return say(run, args, line);
}

int cmd_cancel_all(struct td_run *run, void *arguments)
{
    const struct td_control_args *args = arguments;
    char line[200];
    (void)snprintf(line, sizeof line, "cancel-all %s %.120s", args->foreign ? "all" : "own",
                   args->reason);
    return say(run, args, line);
}
