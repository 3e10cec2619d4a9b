/* cmd/cmd.c - finds the row, reads the options, opens the surroundings, runs it. */
#include "cmd/cmd.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "sys/logfile.h"
#include "sys/machine.h"
#include "sys/uvworld.h"
#include "wire/json.h"

struct common_args {
    bool help, describe, version;
};

const struct td_opt td_cmd_common[] = {
    {.name = "help",
     .letter = 'h',
     .type = TD_OPT_FLAG,
     .into = offsetof(struct common_args, help),
     .help = "show this help"},
    {.name = "describe",
     .type = TD_OPT_FLAG,
     .into = offsetof(struct common_args, describe),
     .help = "describe the command as JSON"},
    {0},
};

const struct td_cmd *td_cmd_find(const struct td_cmd *commands, const char *name)
{
    for (const struct td_cmd *c = commands; c->name; c++) {
        if (strcmp(c->name, name) == 0)
            return c;
        for (int i = 0; i < TD_CMD_LIST_MAX && c->aliases[i]; i++)
            if (strcmp(c->aliases[i], name) == 0)
                return c;
    }
    return NULL;
}

bool td_cmd_print(const struct td_text *t)
{
    return fwrite(t->buf, 1, t->len, stdout) == t->len && fflush(stdout) == 0;
}

int td_cmd_fail(const struct td_run *run, const struct td_fail *why)
{
    (void)fflush(stdout);
    (void)fprintf(stderr, "tapedeck %s: %s\n", run->cmd ? run->cmd->name : "", why->text);
    return td_err_exit(why->code);
}

void td_cmd_let_go(struct td_world *world)
{
    const td_ns until = td_world_mono(world) + TD_SEC;
    for (struct td_wake wake; td_world_mono(world) < until;) {
        td_world_wait(world, td_world_mono(world) + 20 * TD_MS, &wake);
        if (wake.kind == TD_WAKE_TIMEOUT)
            return;
    }
}

void td_cmd_help(const struct td_cmd *cmd, struct td_text *out)
{
    td_text_printf(out, "tapedeck %s - %s\n\nUsage: tapedeck %s [options]%s\n", cmd->name,
                   cmd->help, cmd->name, cmd->flags & TD_CMD_OPERANDS ? " [WORD...]" : "");
    if (cmd->aliases[0]) {
        td_text_put(out, "Also known as:");
        for (int i = 0; i < TD_CMD_LIST_MAX && cmd->aliases[i]; i++)
            td_text_printf(out, " %s", cmd->aliases[i]);
        td_text_char(out, '\n');
    }
    if (cmd->about)
        td_text_printf(out, "\n%s\n", cmd->about);
    td_text_put(out, "\nOptions (preset in [], environment variable in {}):\n");
    if (cmd->options)
        td_opt_help(cmd->options, out);
    td_opt_help(td_cmd_common, out);
    td_text_put(out, "\nExamples:\n");
    for (int i = 0; i < TD_CMD_LIST_MAX && cmd->examples[i]; i++)
        td_text_printf(out, "  %s\n", cmd->examples[i]);
}

/* --- --describe --- */

static const char *type_word(const struct td_opt *row)
{
    static const char *const words[] = {
        [TD_OPT_FLAG] = "flag", [TD_OPT_STR] = "str",    [TD_OPT_PATH] = "path",
        [TD_OPT_INT] = "int",   [TD_OPT_NUM] = "number", [TD_OPT_DATE] = "str",
        [TD_OPT_LIST] = "list"};
    return words[row->type];
}

static const char *schema_word(const struct td_opt *row)
{
    static const char *const words[] = {
        [TD_OPT_FLAG] = "boolean", [TD_OPT_STR] = "string", [TD_OPT_PATH] = "string",
        [TD_OPT_INT] = "integer",  [TD_OPT_NUM] = "number", [TD_OPT_DATE] = "string",
        [TD_OPT_LIST] = "array"};
    return words[row->type];
}

static void describe_inputs(struct td_json *j, const struct td_opt *table)
{
    for (const struct td_opt *row = table; row && row->name; row++) {
        char key[80];
        (void)snprintf(key, sizeof key, "--%s", row->name);
        td_json_key(j, key);
        td_json_object(j);
        td_json_key_text(j, "type", type_word(row));
        td_json_key_bool(j, "required", row->required);
        if (row->preset && !row->secret)
            td_json_key_text(j, "default", row->preset);
        td_json_key_text(j, "description", row->help);
        td_json_object_end(j);
    }
}

static void describe_schema(struct td_json *j, const struct td_opt *table)
{
    td_json_object(j);
    td_json_key_text(j, "type", "object");
    td_json_key(j, "properties");
    td_json_object(j);
    for (const struct td_opt *row = table; row && row->name; row++) {
        char key[80];
        (void)snprintf(key, sizeof key, "%s", row->name);
        for (char *p = key; *p; p++)
            *p = *p == '-' ? '_' : *p;
        td_json_key(j, key);
        td_json_object(j);
        td_json_key_text(j, "type", schema_word(row));
        if (row->type == TD_OPT_LIST) {
            td_json_key(j, "items");
            td_json_object(j);
            td_json_key_text(j, "type", "string");
            td_json_object_end(j);
        }
        td_json_key_text(j, "description", row->help);
        td_json_object_end(j);
    }
    td_json_object_end(j);
    td_json_object_end(j);
}

static void describe_list(struct td_json *j, const char *key, const char *const *items)
{
    td_json_key(j, key);
    td_json_array(j);
    for (int i = 0; i < TD_CMD_LIST_MAX && items[i]; i++)
        td_json_text(j, items[i]);
    td_json_array_end(j);
}

static void describe_outputs(struct td_json *j, const struct td_cmd *cmd)
{
    td_json_key(j, "outputs");
    td_json_object(j);
    td_json_key(j, "stdout");
    td_json_object(j);
    td_json_key_text(j, "type", "text");
    td_json_key_text(j, "description", cmd->output);
    td_json_object_end(j);
    describe_list(j, "files", cmd->files);
    td_json_object_end(j);
    td_json_key(j, "output_schema");
    td_json_object(j);
    td_json_key_text(j, "type", "object");
    td_json_key_text(j, "description", cmd->output);
    td_json_key(j, "properties");
    td_json_object(j);
    td_json_object_end(j);
    td_json_object_end(j);
}

static void describe_env(struct td_json *j, const struct td_opt *table)
{
    td_json_key(j, "env_keys");
    td_json_array(j);
    for (const struct td_opt *row = table; row && row->name; row++)
        if (row->env)
            td_json_text(j, row->env);
    td_json_array_end(j);
}

void td_cmd_describe(const struct td_cmd *cmd, const char *version, struct td_text *out)
{
    struct td_json j;
    td_json_init(&j, out, true);
    td_json_object(&j);
    td_json_key_text(&j, "name", cmd->name);
    td_json_key_text(&j, "description", cmd->help);
    td_json_key_text(&j, "version", version);
    describe_list(&j, "aliases", cmd->aliases);
    td_json_key(&j, "inputs");
    td_json_object(&j);
    describe_inputs(&j, cmd->options);
    describe_inputs(&j, td_cmd_common);
    td_json_object_end(&j);
    describe_outputs(&j, cmd);
    describe_list(&j, "dependencies", cmd->needs);
    describe_env(&j, cmd->options);
    td_json_key(&j, "examples");
    td_json_array(&j);
    for (int i = 0; i < TD_CMD_LIST_MAX && cmd->examples[i]; i++) {
        td_json_object(&j);
        td_json_key_text(&j, "description", cmd->help);
        td_json_key_text(&j, "command", cmd->examples[i]);
        td_json_object_end(&j);
    }
    td_json_array_end(&j);
    td_json_key(&j, "input_schema");
    describe_schema(&j, cmd->options);
    td_json_object_end(&j);
    td_text_char(out, '\n');
}

/* --- running --- */

static int print_overview(const struct td_cmd *commands, FILE *to)
{
    (void)fprintf(to, "tapedeck - records, replays, researches and trades the tape through "
                      "Interactive Brokers\n\n"
                      "Usage: tapedeck COMMAND [options]\n\nCommands:\n");
    for (const struct td_cmd *c = commands; c->name; c++)
        (void)fprintf(to, "  %-10s %s\n", c->name, c->help);
    (void)fprintf(
        to, "\ntapedeck COMMAND --help explains one; tapedeck --version tells the version.\n");
    return to == stdout ? 0 : 2;
}

static int print_aliases(const struct td_cmd *commands)
{
    for (const struct td_cmd *c = commands; c->name; c++)
        for (int i = 0; i < TD_CMD_LIST_MAX && c->aliases[i]; i++)
            (void)printf("%s\n", c->aliases[i]);
    return 0;
}

/* Takes --help and --describe wherever they stand, before anything else is read or opened. */
static bool answer_common(const struct td_cmd *cmd, const char *version, int argc, char **argv)
{
    static char text[65536];
    struct td_text t;
    td_text_init(&t, text, sizeof text);
    for (int i = 0; i < argc; i++) {
        if (strcmp(argv[i], "--") == 0)
            break;
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            td_cmd_help(cmd, &t);
        else if (strcmp(argv[i], "--describe") == 0 || strcmp(argv[i], "--show-describe") == 0)
            td_cmd_describe(cmd, version, &t);
        else
            continue;
        TD_REQUIRE(!td_text_full(&t));
        (void)td_cmd_print(&t);
        return true;
    }
    return false;
}

static const char *look_up(void *arg, const char *key)
{
    enum td_origin source;
    return td_environ_get(arg, key, &source);
}

static void start_log(struct td_run *run, const struct td_settings *s)
{
    run->log = &run->log_memory;
    memset(run->log, 0, sizeof *run->log);
    run->log->json = strcmp(s->log_format, "json") == 0;
    if (td_log_level_parse(td_str_of(s->log_level), &run->log->level) != TD_OK)
        run->log->level = TD_LOG_INFO;
    for (const struct td_opt *row = td_settings_table; row->name; row++) {
        const char *value;
        if (!row->secret)
            continue;
        memcpy(&value, (const char *)s + row->into, sizeof value);
        td_log_hide(run->log, value);
    }
}

enum td_err td_cmd_logs(struct td_run *run, const char *name, struct td_logfile **out,
                        struct td_fail *why)
{
    const char *folder = run->settings->logs_path;
    const enum td_err err = td_folder_make(run->world, folder);
    if (err)
        return td_fail_set(why, err, "log folder %s: %s", folder, td_err_text(err));
    const struct td_logfile_config config = {.folder = folder, .name = name};
    return td_logfile_open(out, &config, run->log, why);
}

static enum td_err read_arguments(struct td_run *run, struct td_environ *env, void *args, int argc,
                                  char **argv, struct td_fail *why)
{
    static const struct td_opt none[] = {{0}};
    const struct td_opt *table = run->cmd->options ? run->cmd->options : none;
    enum td_err err = td_opt_defaults(table, args, look_up, env, why);
    if (!err)
        err = td_opt_parse(table, args, argc, argv,
                           run->cmd->flags & TD_CMD_OPERANDS ? run->operands : NULL, why);
    return err ? err : td_opt_require(table, args, why);
}

/* Presets have not gone through the reader of settings, which replaces "~/". */
static void expand_homes(struct td_settings *s)
{
    static char homes[8][TD_PATH_MAX];
    const char *home = getenv("HOME");
    size_t used = 0;
    for (const struct td_opt *row = td_settings_table; row->name && home; row++) {
        const char *value;
        if (row->type != TD_OPT_PATH)
            continue;
        memcpy(&value, (const char *)s + row->into, sizeof value);
        if (!value || strncmp(value, "~/", 2) != 0 || used == TD_COUNT(homes))
            continue;
        (void)snprintf(homes[used], sizeof homes[0], "%s%s", home, value + 1);
        value = homes[used++];
        memcpy((char *)s + row->into, &value, sizeof value);
    }
}

/* Settings of files and environment. A command that asks a running desk goes on with presets when they are wrong: who
 * wants to halt must not be kept from it by a file, and the desk judges its own. */
static enum td_err read_settings(struct td_run *run, struct td_environ *env,
                                 struct td_settings *settings, struct td_fail *why)
{
    enum td_err err = td_environ_load(env, run->world, ".env", why);
    if (!err)
        err = td_settings_load(settings, env, why);
    if (!err || !(run->cmd->flags & TD_CMD_ASKS))
        return err;
    (void)fprintf(stderr, "tapedeck %s: %s; going on without it\n", run->cmd->name, why->text);
    memset(settings, 0, sizeof *settings);
    return td_opt_defaults(td_settings_table, settings, NULL, NULL, why);
}

static int run_command(struct td_run *run, int argc, char **argv)
{
    static struct td_environ env;
    static struct td_settings settings;
    static struct td_opt_list operands;
    static _Alignas(max_align_t) uint8_t args[TD_CMD_ARGS_MAX];
    struct td_world world = {0};
    struct td_fail why = {0};
    enum td_err err =
        td_uvworld_open(&world, (run->cmd->flags & (TD_CMD_GATEWAY | TD_CMD_SERVES)) != 0, &why);
    run->world = &world;
    run->environ = &env;
    run->settings = &settings;
    run->operands = &operands;
    if (!err)
        err = read_settings(run, &env, &settings, &why);
    expand_homes(&settings);
    if (!err)
        err = read_arguments(run, &env, args, argc, argv, &why);
    int status = err ? td_cmd_fail(run, &why) : 0;
    if (!err) {
        start_log(run, &settings);
        status = run->cmd->run(run, args);
    }
    td_uvworld_close(&world);
    return status;
}

struct td_datapath td_cmd_paths(const struct td_run *run)
{
    const struct td_settings *s = run->settings;
    enum td_origin from = TD_FROM_DEFAULT;
    const bool exported =
        td_environ_get(run->environ, "DATA_PATH_OVERRIDE", &from) && from == TD_FROM_ENVIRONMENT;
    return (struct td_datapath){s->base_path, exported ? s->data_override : NULL, s->level2_folder,
                                s->downloads_folder};
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

int td_cmd_main(const struct td_cmd *commands, const char *version, const char *commit, int argc,
                char **argv)
{
    static struct td_run run;
    const struct td_cmd *cmd = td_cmd_find(commands, base_name(argv[0]));
    int used = 1;
    if (!cmd && argc > 1 && strcmp(argv[1], "--version") == 0) {
        (void)printf("tapedeck %s (%s)\n", version, commit);
        return 0;
    }
    if (!cmd && argc > 1 && strcmp(argv[1], "--aliases") == 0)
        return print_aliases(commands);
    if (!cmd && argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0))
        return print_overview(commands, stdout);
    if (!cmd && argc < 2)
        return print_overview(commands, stderr);
    if (!cmd) {
        cmd = td_cmd_find(commands, argv[1]);
        used = 2;
    }
    if (!cmd) {
        (void)fprintf(stderr, "tapedeck: unknown command \"%s\"; tapedeck --help lists them\n",
                      argv[1]);
        return 2;
    }
    if (answer_common(cmd, version, argc - used, argv + used))
        return 0;
    struct td_fail why = {0};
    if (td_machine_harden(&why) != TD_OK) {
        (void)fprintf(stderr, "tapedeck %s: %s\n", cmd->name, why.text);
        return 1;
    }
    run = (struct td_run){.cmd = cmd,
                          .commands = commands,
                          .version = version,
                          .commit = commit,
                          .program = argv[0],
                          .called = used == 2 ? argv[1] : base_name(argv[0])};
    return run_command(&run, argc - used, argv + used);
}
