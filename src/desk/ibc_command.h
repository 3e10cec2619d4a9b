/* desk/ibc_command.h - one command to IBC's command port, e.g. RESTART: a soft restart that needs no second factor.
 *
 * One line out; lines back, of which INFO are skipped and OK or ERROR decides. Driven by the owner's wakes; never waits. Only to
 * 127.0.0.1: the port has no password (ibkr-operations 1.3). On the Gateway a RESTART works by setting the restart
 * time to the next minute, so the listener goes away up to a minute later. Answers SOFT_RESTART of desk/manager.h.
 */
#ifndef TD_DESK_IBC_COMMAND_H
#define TD_DESK_IBC_COMMAND_H

#include "sys/world.h"

struct td_ibc_command {
    struct td_world *world;
    struct td_conn conn; /* id 0: over, or never begun */
    td_ns until;
    enum td_err err; /* once over: TD_OK, TD_EUNREACH, TD_EMUTE, TD_ECLOSED, TD_EDENIED (ERROR) */
    char reply[200]; /* the line that decided */
    /* private */
    char word[24];
    char line[256];
    size_t len, sent;
};

/* Begins; the answer is due in 10 s. A failure to dial is over at once. */
void td_ibc_command_begin(struct td_ibc_command *c, struct td_world *world, uint16_t port,
                          const char *word);
/* Takes a wake; false when it was not about this command. */
bool td_ibc_command_wake(struct td_ibc_command *c, const struct td_wake *wake);
/* True once over; call each turn, it knows the time limit. */
bool td_ibc_command_over(struct td_ibc_command *c);

#endif
