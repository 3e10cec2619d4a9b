/* desk/usersettings.h - user_settings.json of the older system: which symbols, and how much may be lost in a day.
 *
 * {"default": {"symbols": ["AAPL", ...], "max_daily_loss": 1000, ...}, "monitoring": {...}} (desk/monitoring.h); other
 * members are left alone. A file that is
 * not there says nothing. The loss is one more limit: the most restrictive of all settings counts (desk/limits.c).
 * A file is taken whole or refused whole: text behind the object, one of our members twice and a NUL byte are wrong too.
 */
#ifndef TD_DESK_USERSETTINGS_H
#define TD_DESK_USERSETTINGS_H

#include "base/opt.h"
#include "desk/monitoring.h"
#include "sys/world.h"

struct td_user_settings {
    struct td_opt_list symbols;      /* empty: it names none */
    char text[TD_OPT_LIST_MAX][24];  /* private: they live here */
    int64_t max_daily_loss_e9;       /* 0: it says none */
    struct td_monitoring monitoring; /* alert rules: they count at the next start */
    bool there;
};

/* TD_EPARSE, TD_ERANGE: it is there and cannot be used; the text says line and reason, and *out is untouched. */
TD_MUST_CHECK enum td_err td_user_settings_read(struct td_world *world, const char *path,
                                                struct td_user_settings *out, struct td_fail *why);

/* The list holds pointers into the struct: assignment does not copy it. */
void td_user_settings_copy(struct td_user_settings *to, const struct td_user_settings *from);

#endif
