/* cmd/flatten.c - closes everything a running desk holds: shown first, done with --yes and watched to its end. */
#include <stdio.h>

#include "cmd/control.h"

#define LOOK_AGAIN (250 * TD_MS)

const struct td_opt cmd_flatten_options[] = {
    TD_CONTROL_STATE,
    {.name = "yes",
     .type = TD_OPT_FLAG,
     .into = offsetof(struct td_control_args, yes),
     .help = "do it; without it only what would be done is shown"},
    {.name = "reason",
     .preset = "by hand",
     .type = TD_OPT_STR,
     .into = offsetof(struct td_control_args, reason),
     .help = "kept in the journal"},
    {.name = "timeout",
     .preset = "30",
     .type = TD_OPT_INT,
     .low = 1,
     .high = 600,
     .into = offsetof(struct td_control_args, timeout),
     .help = "seconds to wait for the fills"},
    TD_CONTROL_JSON,
    {0},
};

static int print_preview(const cJSON *answer)
{
    const cJSON *row, *closing = td_control_list(answer, "would_close"),
                      *cancels = td_control_list(answer, "would_cancel");
    if (!cJSON_GetArraySize(closing))
        (void)printf("nothing is held\n");
    else
        (void)printf("%-10s %-6s %12s %12s\n", "symbol", "order", "quantity", "last");
    cJSON_ArrayForEach(row, closing)
    {
        const bool refused = cJSON_IsString(td_control_list(row, "refused"));
        (void)printf("%-10s %-6s %12g %12.10g%s%s\n", td_control_text(row, "symbol"),
                     td_control_text(row, "action"), td_control_number(row, "quantity"),
                     td_control_number(row, "last"), refused ? "  REFUSED: " : "",
                     refused ? td_control_text(row, "refused") : "");
    }
    if (cJSON_GetArraySize(cancels))
        (void)printf("orders that would be cancelled:\n");
    td_control_print_orders(cancels);
    (void)printf("nothing was done; tapedeck flatten --yes does it\n");
    return 0;
}

/* Positions that are left, and own orders that still work. */
static int left(const cJSON *answer)
{
    const cJSON *row;
    int n = 0;
    cJSON_ArrayForEach(row, td_control_list(answer, "positions"))
    {
        n += td_control_number(row, "quantity") != 0;
    }
    cJSON_ArrayForEach(row, td_control_list(answer, "orders"))
    {
        n += !td_control_is(row, "foreign");
    }
    return n;
}

static void print_left(const cJSON *answer)
{
    const cJSON *row;
    cJSON_ArrayForEach(row, td_control_list(answer, "positions"))
    {
        if (td_control_number(row, "quantity") != 0)
            (void)printf("still held: %s %g\n", td_control_text(row, "symbol"),
                         td_control_number(row, "quantity"));
    }
    td_control_print_orders(td_control_list(answer, "orders"));
    if (cJSON_IsString(td_control_list(answer, "last_denial")))
        (void)printf("last denial: %s\n", td_control_text(answer, "last_denial"));
}

/* Looks until nothing is left or the time is over; *answer is the last look. */
static enum td_err watch(struct td_run *run, const struct td_control_args *args, cJSON **answer,
                         const char **raw, struct td_fail *why)
{
    const td_ns until = td_world_mono(run->world) + args->timeout * TD_SEC;
    enum td_err err = TD_OK;
    while (!err && left(*answer) && td_world_mono(run->world) < until) {
        struct td_wake wake;
        td_world_wait(run->world, td_world_mono(run->world) + LOOK_AGAIN, &wake);
        cJSON_Delete(*answer);
        *answer = NULL;
        err = td_control_ask(run, args->state, "status", answer, raw, why);
    }
    return err;
}

static int finish(struct td_run *run, const struct td_control_args *args, cJSON *answer,
                  const char *raw)
{
    const int rest = left(answer);
    struct td_fail why = {0};
    if (args->json)
        (void)printf("%s", raw);
    else if (rest)
        print_left(answer);
    else
        (void)printf("flat: nothing is held and none of our orders works\n");
    if (!rest)
        return 0;
    (void)td_fail_set(&why, TD_ETIMEOUT,
                      "not flat after %lld s; tapedeck status shows what is left",
                      (long long)args->timeout);
    return td_cmd_fail(run, &why);
}

int cmd_flatten(struct td_run *run, void *arguments)
{
    const struct td_control_args *args = arguments;
    struct td_fail why = {0};
    cJSON *answer = NULL;
    const char *raw = NULL;
    char line[200];
    int status = 1;
    (void)snprintf(line, sizeof line, args->yes ? "flatten go %.120s" : "flatten", args->reason);
    enum td_err err = td_control_ask(run, args->state, line, &answer, &raw, &why);
    const bool ok = !err && td_control_is(answer, "ok");
    if (ok && args->yes)
        err = watch(run, args, &answer, &raw, &why);
    if (err)
        status = td_cmd_fail(run, &why);
    else if (!ok)
        status = td_control_verdict(run, answer);
    else if (args->yes)
        status = finish(run, args, answer, raw);
    else if (args->json)
        status = printf("%s", raw) < 0;
    else
        status = print_preview(answer);
    cJSON_Delete(answer);
    return status;
}
