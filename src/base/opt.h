/* base/opt.h - the option table: parser, help text and --describe all read the same rows.
 *
 * A command owns a plain struct of arguments; each row says which option fills which member, from which
 * environment variable, and with what preset. Order of precedence: option, environment (or .env),
 * preset. Nothing here exits or prints: the caller shows the one-line failure (exit status 2).
 *
 * Forms understood: --name value, --name=value, -n value, --flag, --no-flag (for flags), and lists,
 * which take every following word up to the next option: --symbols SPY AAPL or --symbols SPY,AAPL.
 */
#ifndef TD_BASE_OPT_H
#define TD_BASE_OPT_H

#include "base/text.h"

enum td_opt_type {
    TD_OPT_FLAG, /* bool                                             */
    TD_OPT_STR,  /* const char *                                     */
    TD_OPT_PATH, /* const char *                                     */
    TD_OPT_INT,  /* int64_t, `low`..`high`                           */
    TD_OPT_NUM,  /* int64_t 1e-9 fixed point, `low`..`high` in whole units */
    TD_OPT_DATE, /* int64_t days since 1970-01-01; unset INT64_MIN   */
    TD_OPT_LIST, /* struct td_opt_list                               */
};

#define TD_OPT_LIST_MAX 64

struct td_opt_list {
    const char *items[TD_OPT_LIST_MAX];
    int32_t count;
    char text[1024]; /* private: items cut at commas live here */
};

/* Items may point into `text`: assignment does not copy a list. */
void td_opt_list_copy(struct td_opt_list *to, const struct td_opt_list *from);

struct td_opt {
    const char *name;   /* without dashes; NULL ends the table */
    char letter;        /* short form, 0 none                  */
    const char *env;    /* environment variable, NULL none     */
    const char *preset; /* as text, NULL = empty / off / unset */
    enum td_opt_type type;
    size_t into;         /* offset in the struct of arguments   */
    int64_t low, high;   /* allowed range of INT and NUM; both 0 = any */
    const char *choices; /* "a|b|c" for STR, NULL any         */
    const char *help;    /* one line                            */
    bool required;
    bool secret; /* never shown                         */
    bool adds;   /* LIST: given again it adds, else it begins anew */
    int32_t per; /* NUM: low and high count parts of one, 1/per each; 0: whole ones */
};

/* The allowed range as "1 to 60", or nothing when there is none. */
void td_opt_range(const struct td_opt *row, struct td_text *out);
/* Looks up a variable of the environment; `arg` is the caller's. NULL when unset. */
typedef const char *td_opt_env_fn(void *arg, const char *key);

/* Fills presets, then the environment, into the struct. TD_EINVAL names the variable and the form. */
TD_MUST_CHECK enum td_err td_opt_defaults(const struct td_opt *table, void *args,
                                          td_opt_env_fn *env, void *env_arg, struct td_fail *why);

/* Reads argv[0..argc) (without program and command). Words that are no options are kept as operands in
 * `operands` (may be NULL: then they are errors), commas and all. TD_EINVAL names the option and the allowed form.
 * The texts of argv are borrowed. */
TD_MUST_CHECK enum td_err td_opt_parse(const struct td_opt *table, void *args, int argc,
                                       char *const *argv, struct td_opt_list *operands,
                                       struct td_fail *why);

/* TD_EINVAL when a required option has no value. */
TD_MUST_CHECK enum td_err td_opt_require(const struct td_opt *table, const void *args,
                                         struct td_fail *why);

/* The help of one table: a line per option with its form, preset and variable, aligned. */
void td_opt_help(const struct td_opt *table, struct td_text *out);

/* How the value is written: "N", "TEXT", "PATH", "YYYY-MM-DD", "a|b", "NAME...". Empty for flags. */
void td_opt_form(const struct td_opt *row, struct td_text *out);

/* The closest option name to a mistyped one, or NULL. */
const char *td_opt_suggest(const struct td_opt *table, struct td_str name);

#endif
