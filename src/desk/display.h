/* desk/display.h - a display for a gateway where there is none: Xvfb, closed to the network and behind a cookie.
 *
 * Takes the first free number from 99 on, writes an Xauthority file of mode 0600 with a random cookie, and starts the
 * program as `Xvfb :N -screen 0 1024x768x24 -nolisten tcp -auth FILE`. It is there when its socket is; whoever waits
 * for that has the limit. Ended with the gateway it was started for, or left to it.
 */
#ifndef TD_DESK_DISPLAY_H
#define TD_DESK_DISPLAY_H

#include "sys/child.h"
#include "sys/world.h"

struct td_display {
    struct td_child child;
    int number;          /* 0: none */
    char name[24];       /* "DISPLAY=:99" */
    char authority[640]; /* "XAUTHORITY=<file>" */
    char socket[120];
};

/* `sockets` is the folder of X sockets ("/tmp/.X11-unix"). TD_ENOENT: no such program. TD_EFULL: 99 to 119 are all
 * in use. */
TD_MUST_CHECK enum td_err td_display_start(struct td_display *d, struct td_world *world,
                                           const char *program, const char *folder,
                                           const char *sockets, const char *const *drop,
                                           struct td_fail *why);
/* True once programs can use it; false with !td_child_alive(&d->child): it will never be. */
bool td_display_ready(const struct td_display *d, struct td_world *world);

#endif
