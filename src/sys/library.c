/* sys/library.c - the loader of the system. */
#include "sys/library.h"

#include <dlfcn.h>
#include <string.h>

enum td_err td_library_open(struct td_library *l, const char *path, struct td_fail *why)
{
    l->handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (l->handle)
        return TD_OK;
    const char *said = dlerror();
    return td_fail_set(why, TD_ENOENT, "%s", said ? said : path);
}

td_library_fn *td_library_find(const struct td_library *l, const char *name)
{
    void *found = l->handle ? dlsym(l->handle, name) : NULL;
    td_library_fn *fn = NULL;
    _Static_assert(sizeof fn == sizeof found, "POSIX: functions fit object pointers");
    memcpy(&fn, &found, sizeof fn);
    return fn;
}

const void *td_library_object(const struct td_library *l, const char *name)
{
    return l->handle ? dlsym(l->handle, name) : NULL;
}

void td_library_close(struct td_library *l)
{
    if (l->handle)
        (void)dlclose(l->handle);
    l->handle = NULL;
}
