/* desk/jtsini.h - the gateway's own settings file: read to explain a failure, rewritten only on request.
 *
 * Looked for at ~/.ibgateway_automated/Jts/jts.ini, ~/Jts/jts.ini and ~/Jts/ibgateway/jts.ini, first found
 * wins. Both families of key names the old tools knew are understood (contracts 8.4). The gateway writes the
 * file itself, so a fix is for when it does not run.
 */
#ifndef TD_DESK_JTSINI_H
#define TD_DESK_JTSINI_H

#include "sys/world.h"

/* -1 where the file says nothing. */
struct td_jtsini {
    char path[1024]; /* empty: no file was found */
    int api_only, ssl, trusted_localhost;
    int64_t port;
    char trouble[200]; /* why a file that is there was not read; empty: nothing */
};

/* `home` is the user's folder; NULL finds nothing. Never fails: what cannot be read says nothing but its trouble
 * (larger than 32 KiB, a NUL byte, no permission). */
void td_jtsini_read(struct td_world *world, const char *home, struct td_jtsini *out);

/* What td_jtsini_fix would change, as lines "-old" and "+new" into `diff`; nothing is written. Empty: nothing to
 * change. Errors as td_jtsini_fix, and TD_EPARSE: a NUL byte. */
TD_MUST_CHECK enum td_err td_jtsini_diff(struct td_world *world, const char *path,
                                         struct td_text *diff, struct td_fail *why);

/* Sets ApiOnly=true, LocalServerPort=7497, UseSSL=0 and TrustedIPs=127.0.0.1 in the file and keeps the old one
 * as <path>.bak. Other lines stay as they are. TD_ERANGE: larger than 32 KiB; TD_EACCES, TD_ENOSPC. */
TD_MUST_CHECK enum td_err td_jtsini_fix(struct td_world *world, const char *path,
                                        struct td_fail *why);

#endif
