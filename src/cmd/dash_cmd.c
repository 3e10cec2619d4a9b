/* cmd/dash_cmd.c - the dashboard of a state folder, without a desk in this process. */
#include <stdio.h>
#include <string.h>

#include "cmd/dashboard.h"
#include "dash/keeper.h"
#include "sys/logfile.h"

struct args {
    const char *state, *recordings;
    int64_t port;
    bool hash;
};

const struct td_opt cmd_dash_options[] = {
    {.name = "state",
     .env = "TAPEDECK_STATE",
     .preset = "state",
     .type = TD_OPT_PATH,
     .into = offsetof(struct args, state),
     .help = "state folder of the desk"},
    {.name = "port",
     .env = "DASH_PORT",
     .preset = "5555",
     .type = TD_OPT_INT,
     .low = 0,
     .high = 65535,
     .into = offsetof(struct args, port),
     .help = "port to serve; 0: a free one"},
    {.name = "recordings",
     .env = "DASH_RECORDINGS",
     .preset = "./data/level2",
     .type = TD_OPT_PATH,
     .into = offsetof(struct args, recordings),
     .help = "folder of recordings to show"},
    {.name = "hash-password",
     .type = TD_OPT_FLAG,
     .into = offsetof(struct args, hash),
     .help = "read a password from stdin, print its hash for DASH_PASS_HASH, and end"},
    {0},
};
_Static_assert(sizeof(struct args) <= TD_CMD_ARGS_MAX, "arguments fit");

static int hash_password(struct td_run *run)
{
    char line[256] = "", hash[TD_KEEPER_HASH];
    struct td_fail why = {0};
    if (!fgets(line, sizeof line, stdin))
        line[0] = '\0';
    line[strcspn(line, "\r\n")] = '\0';
    if (strlen(line) < 8)
        (void)td_fail_set(&why, TD_EINVAL, "a password of 8 characters or more is read from stdin");
    else if (td_keeper_hash(td_str_of(line), hash) != TD_OK)
        (void)td_fail_set(&why, TD_ENOMEM, "no memory for the hash");
    memset(line, 0, sizeof line);
    if (why.code)
        return td_cmd_fail(run, &why);
    return printf("DASH_PASS_HASH='%s'\n", hash) < 0;
}

/* Until a signal that ends programs. */
static void wait_for_end(struct td_run *run)
{
    struct td_wake wake = {0};
    while (wake.kind != TD_WAKE_SIGNAL)
        td_world_wait(run->world, TD_NS_NEVER, &wake);
}

int cmd_dash(struct td_run *run, void *arguments)
{
    const struct args *args = arguments;
    static struct td_settings settings;
    static struct td_dashboard board;
    struct td_fail why = {0};
    struct td_logfile *files = NULL;
    char text[400];
    struct td_text t;
    if (args->hash)
        return hash_password(run);
    td_settings_copy(&settings, run->settings);
    settings.dash_port = args->port;
    settings.dash_recordings = args->recordings;
    run->settings = &settings;
    enum td_err err = td_cmd_logs(run, "dash", &files, &why);
    if (!err)
        err = td_dashboard_open(&board, run, args->state, false, &why);
    if (!err) {
        td_text_init(&t, text, sizeof text);
        td_text_put(&t, "dashboard at ");
        td_dashboard_address(&board, run, &t);
        td_text_printf(&t, ", tokens in %s/dash_tokens.json; Ctrl-C ends it\n", args->state);
        (void)td_cmd_print(&t);
        (void)fflush(stdout);
        wait_for_end(run);
    }
    td_dashboard_close(&board);
    td_logfile_close(files, run->log);
    return err ? td_cmd_fail(run, &why) : 0;
}
