/* desk/dataroot.h - where the data lies: the one resolver of the contracts (section 4).
 *
 * DATA_PATH_OVERRIDE when it is exported and not merely written in .env, else ML_BASE_PATH. A command's own option wins
 * over both; that is the command's to say.
 */
#ifndef TD_DESK_DATAROOT_H
#define TD_DESK_DATAROOT_H

#include "desk/settings.h"

/* The folder; its text lives in the settings. */
const char *td_data_root(const struct td_settings *s, const struct td_environ *env);

#endif
