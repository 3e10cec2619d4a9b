/* desk/ask.h - one line to a local control socket, one line of JSON back.
 *
 * For commands that talk to a running desk or simulator. Waits at most five seconds. Single use, no memory of its own.
 * A poke of the world ends the wait at once, as if nobody had answered.
 */
#ifndef TD_DESK_ASK_H
#define TD_DESK_ASK_H

#include "sys/world.h"

/* Sends `line` (at most 250 bytes; the line end is added) to the socket at `path`; the answer with its line end goes
 * into out[cap]. TD_ENOENT, TD_EUNREACH: nobody listens there; TD_EMUTE: no answer in time; TD_ERANGE: too long. */
TD_MUST_CHECK enum td_err td_ask(struct td_world *world, const char *path, const char *line,
                                 char *out, size_t cap, struct td_fail *why);

#endif
