/* cmd/control.c - status, halt and resume: one line to the control socket of a running desk. */
#include <cjson/cJSON.h>
#include <stdio.h>

#include "cmd/cmd.h"
#include "desk/desk.h"

struct args {
    const char *state, *reason;
    bool json;
};

const struct td_opt cmd_control_options[] = {
    {.name = "state",
     .env = "TAPEDECK_STATE",
     .preset = "state",
     .type = TD_OPT_PATH,
     .into = offsetof(struct args, state),
     .help = "state folder of the desk"},
    {.name = "reason",
     .preset = "by hand",
     .type = TD_OPT_STR,
     .into = offsetof(struct args, reason),
     .help = "kept in the journal"},
    {.name = "json",
     .type = TD_OPT_FLAG,
     .into = offsetof(struct args, json),
     .help = "the desk's answer as JSON"},
    {0},
};
_Static_assert(sizeof(struct args) <= TD_CMD_ARGS_MAX, "arguments fit");

static const char *text_of(const cJSON *object, const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    return cJSON_IsString(item) ? item->valuestring : "-";
}

static void put_number(const cJSON *object, const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    if (cJSON_IsNumber(item))
        (void)printf(" %12.2f", item->valuedouble);
    else
        (void)printf(" %12s", "-");
}

static int whole(const cJSON *object, const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    return cJSON_IsNumber(item) ? item->valueint : 0;
}

static void print_session(const cJSON *s)
{
    const cJSON *connection = cJSON_GetObjectItemCaseSensitive(s, "connection");
    const cJSON *data = cJSON_GetObjectItemCaseSensitive(s, "market_data");
    const char *missing = text_of(s, "missing");
    const cJSON *row;
    (void)printf("connection: %s\n", text_of(connection, "text"));
    (void)printf("start-up: %s%s\n", *missing ? "missing " : "all confirmed", missing);
    (void)printf("data: %d of %d lines live, %d stale, %d refused, %d waiting for a slot\n",
                 whole(data, "live"), whole(data, "lines"), whole(data, "stale"),
                 whole(data, "refused"), whole(data, "waiting_for_a_slot"));
    cJSON_ArrayForEach(row, cJSON_GetObjectItemCaseSensitive(data, "not_well"))
    {
        (void)printf("  %s: %s%s, asked again %d times\n", text_of(row, "symbol"),
                     text_of(row, "state"),
                     cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(row, "stale")) ? ", stale" : "",
                     whole(row, "asked_again"));
    }
    cJSON_ArrayForEach(row, cJSON_GetObjectItemCaseSensitive(s, "alerts"))
    {
        (void)printf("ALERT %s since %s, tries %d, next try %s: %s; %s\n", text_of(row, "word"),
                     text_of(row, "since"), whole(row, "tries"), text_of(row, "next_try"),
                     text_of(row, "text"), text_of(row, "action"));
    }
}

static void print_status(const cJSON *s)
{
    static const char *const keys[] = {"quantity", "average",    "mark",
                                       "realized", "unrealized", "fees"};
    const cJSON *row;
    (void)printf(
        "%s account %s, session %s, orders %s%s%s\n", text_of(s, "mode"), text_of(s, "account"),
        text_of(s, "session"),
        cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(s, "armed")) ? "armed" : "not armed (dry)",
        cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(s, "halted")) ? ", HALTED: " : "",
        cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(s, "halted")) ? text_of(s, "halt_reason")
                                                                    : "");
    (void)printf("today: %d intents, %d denied, %d orders, %d fills, %d unknown\n",
                 whole(s, "intents_today"), whole(s, "denied_today"), whole(s, "orders_today"),
                 whole(s, "fills_today"), whole(s, "unknown_orders"));
    (void)printf("%-10s %12s %12s %12s %12s %12s %12s\n", "symbol", "quantity", "average", "mark",
                 "realized", "unrealized", "fees");
    cJSON_ArrayForEach(row, cJSON_GetObjectItemCaseSensitive(s, "positions"))
    {
        (void)printf("%-10s", text_of(row, "symbol"));
        for (size_t i = 0; i < TD_COUNT(keys); i++)
            put_number(row, keys[i]);
        (void)printf("\n");
    }
    if (cJSON_GetObjectItemCaseSensitive(s, "connection"))
        print_session(s);
}

static int ask(struct td_run *run, const struct args *args, const char *word, bool with_reason)
{
    static char answer[65536];
    char line[200];
    struct td_fail why = {0};
    (void)snprintf(line, sizeof line, "%s%s%.120s", word, with_reason ? " " : "",
                   with_reason ? args->reason : "");
    const enum td_err err = td_desk_ask(run->world, args->state, line, answer, sizeof answer, &why);
    if (err)
        return td_cmd_fail(run, &why);
    cJSON *parsed = cJSON_Parse(answer);
    if (args->json || !parsed)
        (void)printf("%s", answer);
    else
        print_status(parsed);
    const bool ok = parsed && cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(parsed, "ok"));
    cJSON_Delete(parsed);
    return ok ? 0 : 1;
}

int cmd_status(struct td_run *run, void *args)
{
    return ask(run, args, "status", false);
}

int cmd_halt(struct td_run *run, void *args)
{
    return ask(run, args, "halt", true);
}

int cmd_resume(struct td_run *run, void *args)
{
    return ask(run, args, "resume", true);
}
