/* desk/ibc.h - IBC as login controller: its config.ini from our settings, the words that start it, its statuses.
 *
 * The login and the password go into that file alone, which is of mode 0600 from its first byte on: never into an
 * argument, an environment or a log. The keys are a table (ibkr-operations 1.3); values that could break out of
 * their line are refused. The file is Java properties: a backslash and leading blanks are escaped.
 */
#ifndef TD_DESK_IBC_H
#define TD_DESK_IBC_H

#include "desk/settings.h"
#include "sys/world.h"

/* One key of config.ini, and why we write it. */
struct td_ibc_key {
    const char *key;
    const char *why;
};
extern const struct td_ibc_key td_ibc_keys[];
extern const size_t td_ibc_key_count;

/* The whole file into `out`; it holds the secrets. TD_EINVAL: login or password is missing, or a value that does
 * not fit a line (control characters, not ASCII); the failure names the setting and never its value. */
TD_MUST_CHECK enum td_err td_ibc_config(const struct td_settings *s, bool live, struct td_text *out,
                                        struct td_fail *why);
/* Writes it to `path`, mode 0600, and wipes what it made. */
TD_MUST_CHECK enum td_err td_ibc_write(struct td_world *world, const struct td_settings *s,
                                       bool live, const char *path, struct td_fail *why);

/* Values of an existing config.ini, for doctor. `trouble` says why it was not read (32 KiB, NUL, permission). */
struct td_ibc_found {
    char auto_restart[32], closed_down[32], cold_restart[32];
    bool has_password;
    char trouble[200];
};
void td_ibc_read(struct td_world *world, const char *path, struct td_ibc_found *out);

/* What an exit status of ibcstart.sh means. NULL: not in the table. */
struct td_ibc_status {
    int status;
    const char *meaning, *action;
};
const struct td_ibc_status *td_ibc_status_find(int status);
const struct td_ibc_status *td_ibc_status_table(size_t *count);

/* How often its log says that the second factor is awaited. */
int td_ibc_prompts(struct td_str log);

#endif
