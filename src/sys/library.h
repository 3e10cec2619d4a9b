/* sys/library.h - shared libraries that are loaded while the program runs: what is optional and large.
 *
 * Only by a path of ours or of the user's settings, or by the plain name the system's own search knows; never from the
 * working directory.
 */
#ifndef TD_SYS_LIBRARY_H
#define TD_SYS_LIBRARY_H

#include "base/err.h"

struct td_library {
    void *handle; /* NULL: none */
};

typedef void td_library_fn(void); /* cast to the function's own type before it is called */

/* TD_ENOENT: it is not there, or something it needs is not; the reason is the loader's. */
TD_MUST_CHECK enum td_err td_library_open(struct td_library *l, const char *path,
                                          struct td_fail *why);
/* NULL: it has no function of that name. */
td_library_fn *td_library_find(const struct td_library *l, const char *name);
/* An object instead of a function; NULL: it has none of that name. */
const void *td_library_object(const struct td_library *l, const char *name);
void td_library_close(struct td_library *l);

#endif
