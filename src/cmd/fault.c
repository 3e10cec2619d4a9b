/* cmd/fault.c - one fault action to a running simulator. */
#include <stdio.h>
#include <string.h>

#include "cmd/cmd.h"
#include "desk/ask.h"
#include "sim/faultrow.h"

struct args {
    const char *control;
};

const struct td_opt cmd_fault_options[] = {
    {.name = "control",
     .type = TD_OPT_PATH,
     .into = offsetof(struct args, control),
     .required = true,
     .help = "the simulator's socket, as its --control"},
    {0},
};
_Static_assert(sizeof(struct args) <= TD_CMD_ARGS_MAX, "arguments fit");

/* The words as one line, checked here: a mistyped action needs no simulator to be told. */
static enum td_err make_line(const struct td_run *run, struct td_text *line, struct td_fail *why)
{
    struct td_fault_action action;
    for (int32_t i = 0; i < run->operands->count; i++)
        td_text_printf(line, "%s%s", i ? " " : "", run->operands->items[i]);
    if (td_text_full(line))
        return td_fail_set(why, TD_EINVAL, "the action is longer than 240 bytes");
    if (strcmp(line->buf, "status") == 0)
        return TD_OK;
    return td_fault_parse((struct td_str){line->buf, line->len}, &action, why);
}

int cmd_fault(struct td_run *run, void *arguments)
{
    const struct args *args = arguments;
    char text[241], answer[2048];
    struct td_text line;
    struct td_fail why = {0};
    td_text_init(&line, text, sizeof text);
    enum td_err err = make_line(run, &line, &why);
    if (!err)
        err = td_ask(run->world, args->control, text, answer, sizeof answer, &why);
    if (err)
        return td_cmd_fail(run, &why);
    (void)printf("%s", answer);
    return strncmp(answer, "{\"ok\":true", 10) == 0 ? 0 : 1;
}
