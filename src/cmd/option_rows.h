/* cmd/option_rows.h - rows of option tables that stand in more than one command.
 *
 * A command's table (base/opt.h) is a const array of its own; a row that another command has too is named here once,
 * so that its form, variable, range and preset cannot come apart. Every row fills the member of its name in the
 * command's own `struct args`; a missing one, or one that is named otherwise, does not compile. A row whose meaning
 * depends on the command takes its help line. Rows of one command alone stay in its table. Rows of the commands that
 * ask a running desk are in cmd/control.h. */
#ifndef TD_CMD_OPTION_ROWS_H
#define TD_CMD_OPTION_ROWS_H

#include "base/opt.h"

/* bool json: how the result is printed. */
#define TD_OPTION_JSON(meaning)                                                                    \
    {                                                                                              \
        .name = "json", .type = TD_OPT_FLAG, .into = offsetof(struct args, json), .help = meaning  \
    }
/* The two forms of it that most commands have. */
#define TD_OPTION_JSON_RESULT TD_OPTION_JSON("print the result as one JSON object")
#define TD_OPTION_JSON_OBJECT TD_OPTION_JSON("print one JSON object")

/* --- the gateway --- */

/* int64_t port: 0 unset. */
#define TD_OPTION_PORT(meaning)                                                                    \
    {                                                                                              \
        .name = "port", .type = TD_OPT_INT, .low = 1, .high = 65535,                               \
        .into = offsetof(struct args, port), .help = meaning                                       \
    }
/* int64_t client_id. */
#define TD_OPTION_CLIENT_ID(meaning)                                                               \
    {                                                                                              \
        .name = "client-id", .env = "IB_CLIENT_ID", .preset = "2011", .type = TD_OPT_INT,          \
        .low = 0, .high = 2147483000, .into = offsetof(struct args, client_id), .help = meaning    \
    }
/* const char *protocol. */
#define TD_OPTION_PROTOCOL                                                                         \
    {                                                                                              \
        .name = "protocol", .env = "IB_PROTOCOL", .preset = "text", .type = TD_OPT_STR,            \
        .choices = "text|protobuf", .into = offsetof(struct args, protocol),                       \
        .help = "form of the API's messages"                                                       \
    }
/* bool live: what it allows differs, and the help line says it. */
#define TD_OPTION_LIVE(meaning)                                                                    \
    {                                                                                              \
        .name = "live", .type = TD_OPT_FLAG, .into = offsetof(struct args, live), .help = meaning  \
    }

/* --- folders --- */

/* const char *state. */
#define TD_OPTION_STATE(meaning)                                                                   \
    {                                                                                              \
        .name = "state", .env = "TAPEDECK_STATE", .preset = "state", .type = TD_OPT_PATH,          \
        .into = offsetof(struct args, state), .help = meaning                                      \
    }
/* const char *data or *output: the data root, NULL unset; td_cmd_paths says which folder it is then. */
#define TD_DATA_ROOT_HELP "data root; else DATA_PATH_OVERRIDE when exported, else ML_BASE_PATH"
#define TD_OPTION_DATA_ROOT                                                                        \
    {                                                                                              \
        .name = "data", .type = TD_OPT_PATH, .into = offsetof(struct args, data),                  \
        .help = TD_DATA_ROOT_HELP                                                                  \
    }
#define TD_OPTION_OUTPUT_ROOT                                                                      \
    {                                                                                              \
        .name = "output", .letter = 'o', .type = TD_OPT_PATH,                                      \
        .into = offsetof(struct args, output), .help = TD_DATA_ROOT_HELP                           \
    }

/* --- strategies --- */

/* struct td_opt_list strategies. */
#define TD_OPTION_STRATEGY(meaning)                                                                \
    {                                                                                              \
        .name = "strategy", .preset = "sma_cross", .type = TD_OPT_LIST,                            \
        .into = offsetof(struct args, strategies), .help = meaning                                 \
    }
/* struct td_opt_list params; td_strat_set_all reads each. */
#define TD_OPTION_PARAM                                                                            \
    {                                                                                              \
        .name = "param", .type = TD_OPT_LIST, .into = offsetof(struct args, params),               \
        .help = "numbers of a strategy: NAME=VALUE, or STRATEGY.NAME=VALUE with several"           \
    }
/* int64_t size_e9. */
#define TD_OPTION_SIZE(meaning)                                                                    \
    {                                                                                              \
        .name = "size", .preset = "1", .type = TD_OPT_NUM, .low = 0, .high = 1000000,              \
        .into = offsetof(struct args, size_e9), .help = meaning                                    \
    }
/* int64_t depth. */
#define TD_OPTION_DEPTH                                                                            \
    {                                                                                              \
        .name = "depth", .preset = "0", .type = TD_OPT_INT, .low = 0, .high = 60,                  \
        .into = offsetof(struct args, depth), .help = "rows of level 2 the strategy sees"          \
    }

/* --- simulated worlds --- */

/* int64_t seed. */
#define TD_OPTION_SEED(meaning)                                                                    \
    {                                                                                              \
        .name = "seed", .preset = "1", .type = TD_OPT_INT, .low = 0, .high = INT64_MAX,            \
        .into = offsetof(struct args, seed), .help = meaning                                       \
    }
/* bool loud. */
#define TD_OPTION_LOG(meaning)                                                                     \
    {                                                                                              \
        .name = "log", .type = TD_OPT_FLAG, .into = offsetof(struct args, loud), .help = meaning   \
    }

/* --- tables --- */

/* int64_t limit. */
#define TD_OPTION_LIMIT(meaning)                                                                   \
    {                                                                                              \
        .name = "limit", .letter = 'n', .preset = "0", .type = TD_OPT_INT, .low = 0,               \
        .high = INT64_MAX, .into = offsetof(struct args, limit), .help = meaning                   \
    }

#endif
