/* desk/reload.h - settings read anew while the process runs: all of them or none.
 *
 * `.env` and user_settings.json are read as a whole into fresh settings and checked like at the start. What is wrong
 * refuses everything, with file, line and reason, and what was in force stays. What is good becomes the next settings,
 * which td_reload_take puts in force by exchanging one pointer.
 *
 * A reload can make trading stricter and take that back, never looser than the process was started with: each setting
 * has a direction here, and one that has none counts at the next start. So a file that was cut, or a line that is gone,
 * closes and never opens. The environment of the process is not read again: what was exported at the start stays.
 * Source: contracts, section "Dangerous actions" of the reliability notes, F45.
 *
 * Owner: the command's thread. Nothing is allocated but what the JSON reader needs; large, so not for a stack.
 */
#ifndef TD_DESK_RELOAD_H
#define TD_DESK_RELOAD_H

#include "desk/settings.h"
#include "desk/usersettings.h"

/* Which value of a setting is the stricter one. */
enum td_strict {
    TD_STRICT_AT_START, /* neither: it counts at the next start             */
    TD_STRICT_LESS,     /* the smaller; of a flag 0                         */
    TD_STRICT_LESS_ON,  /* the smaller; 0 or nothing is no limit            */
    TD_STRICT_MORE,     /* the larger; of a flag 1                          */
    TD_STRICT_FEWER,    /* a list with fewer names; an empty one has all    */
    TD_STRICT_LONGER,   /* a list with more names                           */
};

#define TD_RELOAD_TEXT    64
#define TD_RELOAD_CHANGES (TD_SETTINGS_MAX + 2)

/* A setting whose file says something else than what is in force, or whose value in force changes. */
struct td_reload_change {
    const char *key;
    bool changes; /* `was` becomes `now` */
    bool kept;    /* `asked` is looser than at the start, or counts at a start: it waits for one */
    char was[TD_RELOAD_TEXT], asked[TD_RELOAD_TEXT], now[TD_RELOAD_TEXT];
};

struct td_reload_config {
    struct td_world *world;
    const struct td_environ *environ; /* as it was read at the start; names the file */
    const struct td_settings *file;   /* what it and the environment said */
    const struct td_settings
        *started; /* the same with the command's options: what the desk began with */
    const struct td_user_settings *user; /* at the start */
};

struct td_reload {
    bool asked;    /* somebody wants the files read: the desk does it in its next turn */
    bool refused;  /* the last reading failed, and nobody has looked at it: no entries */
    char why[480]; /* of that */
    uint64_t readings, taken, refusals;
    struct td_reload_change changes[TD_RELOAD_CHANGES]; /* of the last good reading */
    uint32_t change_count;
    /* private */
    struct td_world *world;
    struct td_settings file, started, slots[2];
    int current;
    bool exported[TD_SETTINGS_MAX];
    struct td_user_settings user;
    struct td_environ fresh;
    char user_path[TD_ENVIRON_VALUE + 1];
    char bytes[TD_ENVIRON_BYTES];
    bool env_there;
};

/* Keeps what the process was started with. TD_EACCES: somebody else may write one of the files. */
TD_MUST_CHECK enum td_err td_reload_open(struct td_reload *r, const struct td_reload_config *config,
                                         struct td_fail *why);
/* Reads and checks all files. TD_OK: `changes` tells what differs, and td_reload_take may follow. Else nothing changes
 * but `refused` and `why`. A file that was there at the start and is gone, or changed while it was read, is an error. */
TD_MUST_CHECK enum td_err td_reload_read(struct td_reload *r, struct td_fail *why);
/* What was read last comes into force. */
const struct td_settings *td_reload_take(struct td_reload *r);
/* The same before that; only between a reading that was good and its taking. */
const struct td_settings *td_reload_next(const struct td_reload *r);
/* What is in force. */
const struct td_settings *td_reload_settings(const struct td_reload *r);
/* How many of `changes` come into force. */
uint32_t td_reload_effective(const struct td_reload *r);

/* The direction of a setting, and in words for the page of settings. */
enum td_strict td_reload_way(const char *key);
const char *td_reload_words(enum td_strict way);

#endif
