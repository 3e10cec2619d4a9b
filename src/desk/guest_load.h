/* desk/guest_load.h - a strategy in a shared object, as the program sees it before a desk runs it.
 *
 * The object is never loaded here: a host of its own (desk/guest_host.h) is started, asked, and ended again. What is learned is a
 * `struct td_strat` with the name, scope and parameters of the real one and without functions: only desk/desk_guests.c can run it.
 *
 * For the preparation of a command: waits, at most TD_GUEST_START for an answer; no connection may be open in the world.
 */
#ifndef TD_DESK_GUEST_LOAD_H
#define TD_DESK_GUEST_LOAD_H

#include "strat/guest.h"
#include "sys/world.h"

#define TD_GUEST_START (5 * TD_SEC) /* to load the object and begin its instances */

struct td_guest_strat {
    struct td_strat strat; /* texts and params point into the rest */
    struct td_guest_about about;
    struct td_strat_param params[TD_STRAT_PARAMS];
};

/* Is this word a path of a shared object, not a name? It has a slash and ends with ".so". */
bool td_guest_is_object(const char *word);

/* Starts `program` as the host of an object; the caller ends it. */
TD_MUST_CHECK enum td_err td_guest_spawn(struct td_world *world, const char *program,
                                         const char *object, struct td_proc *out,
                                         struct td_fail *why);
/* The strategy of a description, into out->strat. */
void td_guest_describe(const struct td_guest_about *about, struct td_guest_strat *out);

/* What the object is. TD_ENOENT: not there, or no object that can be loaded; TD_EVERSION, TD_EINVAL as td_plugin_check;
 * TD_ETIMEOUT, TD_ECLOSED, TD_EPROTO: it hangs, crashes or talks nonsense while it is loaded. */
TD_MUST_CHECK enum td_err td_guest_look(struct td_world *world, const char *program,
                                        const char *object, struct td_guest_strat *out,
                                        struct td_fail *why);
/* Does its init accept these numbers? Its own error, else as td_guest_look. */
TD_MUST_CHECK enum td_err td_guest_try(struct td_world *world, const char *program,
                                       const struct td_strat_use *use, uint32_t legs,
                                       td_ns bar_span, struct td_fail *why);

#endif
