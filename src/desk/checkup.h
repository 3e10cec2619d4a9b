/* desk/checkup.h - examines what a trading day rests on, and says what to do about what it finds.
 *
 * A table of checks; each gives one finding. Reads only: the one connection it makes is an ordinary short session
 * when somebody listens, ended in order, and no socket or program is ended that is not ours. A value that cannot be
 * known is empty and says why; it is never invented.
 */
#ifndef TD_DESK_CHECKUP_H
#define TD_DESK_CHECKUP_H

#include "desk/launch.h"
#include "desk/plan.h"

enum td_finding_level { TD_FINDING_OK, TD_FINDING_WARN, TD_FINDING_BAD };
/* "ok", "warn", "bad". */
const char *td_finding_word(enum td_finding_level level);

struct td_finding {
    enum td_finding_level level;
    char value[120];  /* what was measured; empty: not known */
    char text[300];   /* what it means, or why it is not known */
    char action[200]; /* empty: nothing to do */
};

struct td_doctor_config {
    struct td_world *world;
    const struct td_settings *settings;
    const struct td_plan *plan;
    const char *home;   /* NULL: not known */
    const char *symbol; /* of the short look at market data */
    struct td_log *log;
};

#define TD_DOCTOR_CHECKS_MAX 16

struct td_doctor_report {
    int count, worst; /* worst: enum td_finding_level */
    const char *names[TD_DOCTOR_CHECKS_MAX];
    struct td_finding findings[TD_DOCTOR_CHECKS_MAX];
};

/* Examines everything; at most the plan's time and 6 s. A signal ends the short look early. */
void td_doctor_run(const struct td_doctor_config *config, struct td_doctor_report *out);

#endif
