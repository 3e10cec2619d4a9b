/* cmd/reload_cmd.c - asks a running desk to read its settings files again, and shows what that changes. */
#include <stdio.h>

#include "cmd/control.h"

const struct td_opt cmd_reload_options[] = {
    TD_CONTROL_STATE,
    TD_CONTROL_JSON,
    {0},
};

static void print_change(const cJSON *c)
{
    const char *wait = td_control_text(c, "needs_restart");
    const char *was = td_control_text(c, "was"), *now = td_control_text(c, "now");
    (void)printf("  %-28s %-16s -> %-16s", td_control_text(c, "setting"), *was ? was : "-",
                 *now ? now : "-");
    if (*wait != '-')
        (void)printf(" %s waits for a restart: %s", td_control_text(c, "asked"), wait);
    (void)printf("\n");
}

static void print_answer(const cJSON *answer)
{
    const cJSON *c, *changes = td_control_list(answer, "changes");
    (void)printf("%d settings differ%s\n", cJSON_GetArraySize(changes),
                 td_control_is(answer, "waits_for_disk")
                     ? "; they count when their record is on the disk, no entry leaves before"
                     : "");
    cJSON_ArrayForEach(c, changes)
    {
        print_change(c);
    }
}

int cmd_reload(struct td_run *run, void *arguments)
{
    const struct td_control_args *args = arguments;
    struct td_fail why = {0};
    cJSON *answer = NULL;
    const char *raw = NULL;
    if (td_control_ask(run, args->state, "reload", &answer, &raw, &why) != TD_OK)
        return td_cmd_fail(run, &why);
    if (args->json)
        (void)printf("%s", raw);
    else if (td_control_is(answer, "ok"))
        print_answer(answer);
    const int status = td_control_verdict(run, answer);
    cJSON_Delete(answer);
    return status;
}
