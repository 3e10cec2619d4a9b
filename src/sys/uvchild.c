/* sys/uvchild.c - children with a channel, of the libuv world. */
#include <string.h>
#include <time.h>

#include "sys/uvworld_inner.h"

#define LOOK (5 * TD_MS) /* between two looks of a reap that waits */

static struct td_child *find_child(struct uv_world *w, struct td_proc proc)
{
    const uint32_t index = (proc.id & 0xffff) - 1;
    if (index >= TD_UV_CHILDREN_MAX || w->child_generation[index] != proc.id >> 16)
        return NULL;
    return w->children[index].pid ? &w->children[index] : NULL;
}

enum td_err td_uv_spawn(void *self, const char *const *argv, struct td_proc *out,
                        struct td_fail *why)
{
    static const char *const only[] = {"LD_LIBRARY_PATH", NULL};
    const struct td_child_config config = {
        .argv = argv, .output = TD_CHILD_QUIET, .only = only, .channel = true};
    struct uv_world *w = self;
    struct td_conn channel = {0};
    uint32_t i = 0;
    while (i < TD_UV_CHILDREN_MAX && w->children[i].pid)
        i++;
    if (i == TD_UV_CHILDREN_MAX)
        return td_fail_set(why, TD_EFULL, "starting %s: too many children", argv[0]);
    enum td_err err = td_child_launch(&w->children[i], &config, why);
    if (err) {
        w->children[i] = (struct td_child){0};
        return err;
    }
    w->child_generation[i]++;
    const uint32_t id = (uint32_t)w->child_generation[i] << 16 | (i + 1);
    err = td_uv_adopt(w, w->children[i].channel_fd, &channel);
    if (err) { /* without its channel it ends by itself */
        (void)td_child_stop(&w->children[i], TD_SEC);
        w->children[i] = (struct td_child){0};
        return td_fail_set(why, err, "starting %s: no channel: %s", argv[0], td_err_text(err));
    }
    *out = (struct td_proc){id, channel};
    return TD_OK;
}

void td_uv_end(void *self, struct td_proc proc, bool hard)
{
    struct td_child *c = find_child(self, proc);
    if (c)
        td_child_end(c, hard);
}

bool td_uv_reap(void *self, struct td_proc proc, td_ns wait, int *status)
{
    const struct timespec pause = {.tv_nsec = LOOK};
    struct td_child *c = find_child(self, proc);
    if (!c)
        return true;
    for (td_ns waited = 0; td_child_alive(c) && waited < wait; waited += LOOK)
        (void)nanosleep(&pause, NULL);
    if (c->running)
        return false;
    *status = c->status;
    *c = (struct td_child){0};
    return true;
}
