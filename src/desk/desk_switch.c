/* desk/desk_switch.c - the kill switch as a file: while it is there nothing new leaves, and the desk is halted.
 *
 * Looked for once a second, every 50 ms while an order of ours works (desk_look.c), and for every order by the writer
 * thread, after its record is on the disk and before its bytes may leave (td_writer_watched), whenever anything stirred in
 * the folders of the file since its last look (td_world_stirred). The halt it makes is the sticky one of the journal: taking the file
 * away resumes nothing, a person does; and nobody resumes while it is there. Source: contracts 10.4, reliability P6.
 */
#include <stdio.h>

#include "desk/desk_inner.h"

/* One level below where the program was started: where the older system keeps it. */
const char desk_switch_beside[] = "data/kill_switch.lock";

void desk_name_switch(struct td_desk *d)
{
    const char *named = d->config.settings->kill_switch_file;
    if (named && *named)
        (void)snprintf(d->switch_file, sizeof d->switch_file, "%s", named);
    else
        (void)snprintf(d->switch_file, sizeof d->switch_file, "%s/kill_switch.lock",
                       d->config.state);
}

const char *desk_switch_file(struct td_desk *d)
{
    const char *const paths[] = {d->switch_file, desk_switch_beside};
    const char *there = NULL;
    for (size_t i = 0; i < TD_COUNT(paths) && !there; i++)
        if (td_entry_at(d->world, paths[i]) != TD_ENTRY_NONE)
            there = paths[i];
    d->switch_seen = there != NULL;
    return there;
}

void desk_watch_switch(struct td_desk *d)
{
    char reason[120];
    const char *file = desk_switch_file(d);
    if (!file || d->blotter.halted)
        return;
    (void)snprintf(reason, sizeof reason, "kill switch: %.80s is there", file);
    desk_halt(d, reason);
}
