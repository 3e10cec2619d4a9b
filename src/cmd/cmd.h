/* cmd/cmd.h - what a subcommand is: one function, one row, one page, one test.
 *
 * The rows stand in src/main.c. A row's option table is parser, --help and --describe at once; help pages
 * under docs/cmd are generated from it and a test compares them. A command returns its exit status: 0
 * success, 1 failure, 2 usage or connection failure (contracts 1).
 */
#ifndef TD_CMD_CMD_H
#define TD_CMD_CMD_H

#include "base/log.h"
#include "base/opt.h"
#include "desk/settings.h"
#include "store/datapath.h"
#include "sys/world.h"

#define TD_CMD_ARGS_MAX 8192
#define TD_CMD_LIST_MAX 6

struct td_run; /* below */
struct td_logfile;

enum td_cmd_flags {
    TD_CMD_GATEWAY = 1,  /* talks to a gateway               */
    TD_CMD_MONEY = 2,    /* can move money: paper by default  */
    TD_CMD_OPERANDS = 4, /* takes words that are no options   */
    TD_CMD_ASKS =
        8, /* asks a running desk: wrong settings files are told and keep nobody from it */
    TD_CMD_SERVES = 16, /* runs until a signal ends it, without a gateway */
};

struct td_cmd {
    const char *name;
    int (*run)(struct td_run *run, void *args);
    int flags;
    const char *help;             /* one line */
    const char *about;            /* a few lines for --help and the page; may be NULL */
    const struct td_opt *options; /* NULL: none of its own */
    const char *aliases[TD_CMD_LIST_MAX];
    const char *output; /* what stdout carries, for --describe */
    const char *files[TD_CMD_LIST_MAX];
    const char *needs[TD_CMD_LIST_MAX];    /* "config:IB_HOST", "optional:libzip" */
    const char *examples[TD_CMD_LIST_MAX]; /* at least one */
};

/* The surroundings of a running command. */
struct td_run {
    struct td_world *world;
    struct td_log *log;
    const struct td_settings *settings;
    const struct td_environ *environ;
    const struct td_cmd *cmd;
    const struct td_cmd *commands; /* all rows; the last has no name */
    struct td_opt_list *operands;
    const char *version, *commit;
    const char *program;      /* path of this program, for starting itself */
    const char *called;       /* the command's name or alias, as it was called */
    struct td_log log_memory; /* private */
    bool option_given[64];    /* private */
};

/* The program: finds the row, reads the options, runs it. */
int td_cmd_main(const struct td_cmd *commands, const char *version, const char *commit, int argc,
                char **argv);

/* Prints the one line of a failure to stderr and gives its exit status. */
int td_cmd_fail(const struct td_run *run, const struct td_fail *why);

/* Waits for the orderly end of a closed connection, until the gateway closes its side: at most a second. */
void td_cmd_let_go(struct td_world *world);

/* The help of one row, as printed and as in docs/cmd. */
void td_cmd_help(const struct td_cmd *cmd, struct td_text *out);
/* The union shape of contracts 3 as JSON with 2-space indent. */
void td_cmd_describe(const struct td_cmd *cmd, const char *version, struct td_text *out);
/* Writes all of a text to stdout. False when stdout is gone. */
bool td_cmd_print(const struct td_text *t);
/* Opens the log files under LOGS_PATH for a command that runs for a while; close with td_logfile_close. */
TD_MUST_CHECK enum td_err td_cmd_logs(struct td_run *run, const char *name, struct td_logfile **out,
                                      struct td_fail *why);
/* NULL when no row has that name or alias. */
const struct td_cmd *td_cmd_find(const struct td_cmd *commands, const char *name);

/* Every setting with its value, secrets masked, and where it came from: what `config --json` prints. */
void td_cmd_settings_json(const struct td_run *run, struct td_text *out);

/* Options shared by every command, after its own. */
extern const struct td_opt td_cmd_common[];

/* A command: what runs it, and its options. */
#define TD_COMMAND(name)                                                                           \
    int cmd_##name(struct td_run *run, void *args);                                                \
    extern const struct td_opt cmd_##name##_options[]

TD_COMMAND(accept);
TD_COMMAND(ack);
TD_COMMAND(analyze);
TD_COMMAND(backtest);
TD_COMMAND(backfill);
TD_COMMAND(cancel_all);
TD_COMMAND(config);
TD_COMMAND(coverage);
TD_COMMAND(dash);
TD_COMMAND(dbn);
TD_COMMAND(demo);
TD_COMMAND(describe);
TD_COMMAND(doctor);
TD_COMMAND(explain);
TD_COMMAND(fault);
TD_COMMAND(features);
TD_COMMAND(flatten);
TD_COMMAND(gateway);
TD_COMMAND(halt);
TD_COMMAND(import);
TD_COMMAND(indicators);
TD_COMMAND(inventory);
TD_COMMAND(journal);
TD_COMMAND(manifest);
TD_COMMAND(news);
TD_COMMAND(probe);
TD_COMMAND(query);
TD_COMMAND(record);
TD_COMMAND(reload);
TD_COMMAND(replay);
TD_COMMAND(report);
TD_COMMAND(resume);
TD_COMMAND(run);
TD_COMMAND(scan);
TD_COMMAND(sim);
TD_COMMAND(simulate);
TD_COMMAND(status);
TD_COMMAND(strategies);
TD_COMMAND(sync);
TD_COMMAND(trade);
TD_COMMAND(update);
TD_COMMAND(verify);
/* Where the old systems' data is, by the settings; DATA_PATH_OVERRIDE counts only when it is exported, not merely
 * written in .env (contracts 4). */
struct td_datapath td_cmd_paths(const struct td_run *run);

#endif
