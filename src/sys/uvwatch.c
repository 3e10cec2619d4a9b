/* sys/uvwatch.c - whether anything came or went in a few folders: one inotify queue, asked without waiting.
 *
 * The kernel queues an event before the call that made it returns, so whoever asks afterwards sees it. A folder that is not
 * there is watched for by the nearest one above it that is; every event arms all watches anew, as folders may have come.
 */
#include <errno.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "sys/uvworld_inner.h"

#define EVENTS                                                                                     \
    (IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF |         \
     IN_ATTRIB | IN_ONLYDIR)

/* The nearest folder above `path` that is there. */
static bool arm_path(int fd, const char *path)
{
    char folder[800];
    bool at_top = false;
    td_path_folder(path, folder, sizeof folder);
    while (inotify_add_watch(fd, folder, EVENTS) < 0) {
        char above[800];
        if ((errno != ENOENT && errno != ENOTDIR) || at_top)
            return false;
        td_path_folder(folder, above, sizeof above);
        at_top = strcmp(above, ".") == 0 || strcmp(above, "/") == 0;
        memcpy(folder, above, sizeof folder);
    }
    return true;
}

/* A new queue: watches of folders that are gone end with the old one. */
static void arm_all(struct uv_watch *w)
{
    if (w->fd >= 0)
        (void)close(w->fd);
    w->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    bool armed = w->fd >= 0;
    for (uint32_t i = 0; i < w->count && armed; i++)
        armed = arm_path(w->fd, w->paths[i]);
    if (!armed && w->fd >= 0) {
        (void)close(w->fd);
        w->fd = -1;
    }
}

void td_uv_watch(void *self, const char *path)
{
    struct uv_watch *w = &((struct uv_world *)self)->watch;
    w->blind |= w->count == TD_WATCHES_MAX ||
                !td_str_copy(td_str_of(path), w->paths[w->count], sizeof w->paths[0]);
    w->count += !w->blind;
}

/* Armed before it says so: what comes after the caller's look is noticed. */
bool td_uv_stirred(void *self)
{
    struct uv_watch *w = &((struct uv_world *)self)->watch;
    char events[sizeof(struct inotify_event) + 256];
    if (w->blind || w->count == 0)
        return true;
    if (w->fd >= 0 && read(w->fd, events, sizeof events) < 0 && errno == EAGAIN)
        return false;
    arm_all(w);
    return true;
}
