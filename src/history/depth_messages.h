/* history/depth_messages.h - the messages of a day in time order, for spoofing candidates; part of history/depth_report.h. */
#ifndef TD_DESK_DEPTH_MESSAGES_H
#define TD_DESK_DEPTH_MESSAGES_H

#include "history/depth_report.h"

/* Reads the messages files of the report into r->messages. A removal that names no price has that of the row it removes,
 * by the book that the messages of its file make. TD_EPARSE: not a messages file, or damaged. */
TD_MUST_CHECK enum td_err td_depth_messages_read(struct td_depth_report *r, struct td_world *world,
                                                 struct td_fail *why);

#endif
