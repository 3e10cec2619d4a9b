/* cmd/replay_days.h - recorded days and evening reports for the dashboard: the disk behind the calls of dash/recordings.h.
 *
 * Used in the dashboard's thread alone, with its world. Opened with the first question: who never asks pays nothing.
 */
#ifndef TD_CMD_REPLAY_DAYS_H
#define TD_CMD_REPLAY_DAYS_H

#include "dash/recordings.h"
#include "store/recorded.h"

struct td_recordings_of {
    struct td_world *world;
    const char *folder, *state;
    struct td_recorded *recorded; /* NULL: nobody has asked */
    struct td_recordings calls;   /* for td_dash_config */
};

/* World, folder of recordings and state folder stay the caller's. Reads nothing. */
void td_recordings_init(struct td_recordings_of *r, struct td_world *world, const char *folder,
                        const char *state);
void td_recordings_close(struct td_recordings_of *r); /* accepts a zeroed one, and twice */

#endif
