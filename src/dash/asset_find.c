/* dash/asset_find.c - a path against the table of compiled-in files. */
#include <string.h>

#include "dash/assets.h"

/* A view of the page, like /book/SPY: words between slashes, without a dot that a file has. */
static bool is_view(struct td_str path)
{
    if (!td_str_starts(path, "/") || td_str_starts(path, "/api") || td_str_starts(path, "/ws") ||
        td_str_starts(path, "/metrics") || td_str_starts(path, "/health") ||
        td_str_starts(path, "/assets"))
        return false;
    for (size_t i = 0; i < path.len; i++)
        if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_/",
                    path.p[i]) ||
            !path.p[i])
            return false;
    return !memchr(path.p, '\0', path.len) && path.len < 100;
}

const struct td_asset *td_asset_find(struct td_str path)
{
    const struct td_str wanted = is_view(path) ? td_str_of("/index.html") : path;
    for (const struct td_asset *a = td_assets; a->path; a++)
        if (td_str_is(wanted, a->path))
            return a;
    return NULL;
}
