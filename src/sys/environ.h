/* sys/environ.h - settings from outside: the process environment, then `.env`, then nothing.
 *
 * Grammar of .env (contracts 1): KEY=VALUE, blank lines and lines starting with # ignored, optional
 * matching quotes, inline " # comment" dropped for unquoted values, leading ~/ expands to the home
 * folder. An exported variable is never overwritten. `is_private` tells whether the file is ours
 * alone; commands that use its secrets refuse it otherwise.
 *
 * A file is taken whole or refused whole, with its line: no KEY=VALUE, a quote that is not closed or has text behind it,
 * bytes that are no text, a value that is too long. So is what is no file at all. Of a key that stands there twice the
 * later counts; of our own settings that is refused (desk/settings.h).
 */
#ifndef TD_SYS_ENVIRON_H
#define TD_SYS_ENVIRON_H

#include "sys/world.h"

#define TD_ENVIRON_BYTES 65536
#define TD_ENVIRON_ROWS  512
#define TD_ENVIRON_VALUE 4096 /* bytes of one */

enum td_origin { TD_FROM_DEFAULT, TD_FROM_ENVIRONMENT, TD_FROM_DOTENV, TD_FROM_OPTION };

struct td_environ {
    char bytes[TD_ENVIRON_BYTES];
    struct td_str keys[TD_ENVIRON_ROWS];
    const char *values[TD_ENVIRON_ROWS]; /* NUL-terminated, in `bytes` */
    int32_t lines[TD_ENVIRON_ROWS];      /* where they stand, from 1 */
    size_t count;
    char path[256];    /* as it was given, for messages */
    bool there;        /* there is a file */
    bool is_private;   /* the file is ours alone (or there is none) */
    bool others_write; /* somebody else may write it */
};

/* Reads `path` (usually ".env"); a missing file is fine. TD_EPARSE names the line; TD_ERANGE too large. */
TD_MUST_CHECK enum td_err td_environ_load(struct td_environ *e, struct td_world *w,
                                          const char *path, struct td_fail *why);
/* The value of a key and where it came from; NULL when nobody set it. */
const char *td_environ_get(const struct td_environ *e, const char *key, enum td_origin *source);
/* What the file says of a key, whatever is exported; NULL: nothing. `line` (may be NULL): where. */
const char *td_environ_in_file(const struct td_environ *e, const char *key, int32_t *line);
/* Sets a variable of our own environment, for the children started from then on. TD_ENOMEM, TD_EINVAL. */
TD_MUST_CHECK enum td_err td_environ_export(const char *key, const char *value);
/* "default", "environment", ".env", "option". */
const char *td_origin_name(enum td_origin source);

#endif
