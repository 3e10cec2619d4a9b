/* desk/launch.h - the ways a gateway could be started here, which one is taken, and why (contracts 2.6).
 *
 * Looking changes nothing: it reads settings, folders and the environment, and every way gets its reason, so that
 * `gateway plan` and `gateway explain` print what `gateway start` does. Order: IB_GATEWAY_START_CMD (words, no
 * shell), IBC, the newest IB Gateway installed below IB_JTS_LINUX_DIR, the two Windows programs where they are
 * allowed and set. Secrets are in no argument and in no child's environment.
 */
#ifndef TD_DESK_LAUNCH_H
#define TD_DESK_LAUNCH_H

#include "desk/display.h"
#include "desk/settings.h"

#define TD_LAUNCH_BYTES   4096
#define TD_LAUNCH_SECRETS 16

enum td_launch_way {
    TD_LAUNCH_COMMAND,
    TD_LAUNCH_IBC,
    TD_LAUNCH_LINUX,
    TD_LAUNCH_WINDOWS_GATEWAY,
    TD_LAUNCH_WINDOWS_TWS,
    TD_LAUNCH_WAYS
};
/* "start command", "IBC", ... */
const char *td_launch_way_name(enum td_launch_way way);

struct td_launch_choice {
    bool usable;
    char reason[240];  /* why it is, or is not */
    char program[600]; /* of a usable one */
};

struct td_launch {
    const struct td_settings *settings;
    struct td_world *world;
    bool live;
    struct td_launch_choice ways[TD_LAUNCH_WAYS];
    int way;          /* the first usable one, or -1 */
    char version[24]; /* newest install; empty: none */
    bool needs_display;
    char jts[500]; /* IB_JTS_LINUX_DIR with the home folder in place of "~" */
    char runtime[600], ini[640], log[640]; /* folder; IBC's file; output of what we start */
};

void td_launch_look(struct td_launch *l, struct td_world *world, const struct td_settings *s,
                    bool live);

/* Takes another way than the first usable one. */
void td_launch_choose(struct td_launch *l, enum td_launch_way way);

/* The words of a way, in buf[cap] and argv[TD_CHILD_WORDS_MAX + 1]; the first is the program. */
TD_MUST_CHECK enum td_err td_launch_words(const struct td_launch *l, char *buf, size_t cap,
                                          const char **argv, struct td_fail *why);

/* Writes what the way needs (IBC's file) and starts it; `display` may be NULL or not started. Its output goes to the
 * log file `l->log`, which begins anew. TD_ENOENT: no way is usable. */
TD_MUST_CHECK enum td_err td_launch_start(const struct td_launch *l,
                                          const struct td_display *display, struct td_child *child,
                                          struct td_fail *why);
/* The display first, when one is needed. */
TD_MUST_CHECK enum td_err td_launch_display(const struct td_launch *l, struct td_display *display,
                                            struct td_fail *why);

#endif
