/* cmd/describe.c - the list of all commands, or all their descriptions as one JSON array. */
#include "cmd/cmd.h"

#include <stdio.h>

struct args {
    bool all;
};

const struct td_opt cmd_describe_options[] = {
    {.name = "all",
     .type = TD_OPT_FLAG,
     .into = offsetof(struct args, all),
     .help = "every command's description as one JSON array"},
    {0},
};
_Static_assert(sizeof(struct args) <= TD_CMD_ARGS_MAX, "arguments fit");

static int describe_all(const struct td_run *run)
{
    static char text[65536];
    struct td_text t;
    (void)printf("[\n");
    for (const struct td_cmd *c = run->commands; c->name; c++) {
        td_text_init(&t, text, sizeof text);
        td_cmd_describe(c, run->version, &t);
        TD_REQUIRE(!td_text_full(&t));
        if (!td_cmd_print(&t))
            return 1;
        if (c[1].name)
            (void)printf(",\n");
    }
    (void)printf("]\n");
    return fflush(stdout) == 0 ? 0 : 1;
}

int cmd_describe(struct td_run *run, void *arguments)
{
    const struct args *args = arguments;
    if (args->all)
        return describe_all(run);
    for (const struct td_cmd *c = run->commands; c->name; c++)
        (void)printf("%-10s %s\n", c->name, c->help);
    return fflush(stdout) == 0 ? 0 : 1;
}
