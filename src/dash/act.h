/* dash/act.h - what a person does through the dashboard: log in and out, ask for a nonce, put a word to the desk.
 *
 * Each is a td_api_fn of a row in routes.c. A word goes to the desk's control socket as any other, its reason marked with
 * where it came from, and the desk's own answer comes back. What is dangerous wants a nonce and a typed confirmation;
 * halting wants neither. Pure over the call, but for view->ask.
 */
#ifndef TD_DASH_ACT_H
#define TD_DASH_ACT_H

#include "dash/route.h"

td_api_fn td_act_session, td_act_health, td_act_login, td_act_logout, td_act_nonce;
td_api_fn td_act_halt, td_act_resume, td_act_flatten, td_act_accept, td_act_cancel_all, td_act_ack;

/* The word that is typed to confirm an action; NULL: there is no such action. */
const char *td_act_confirm(const char *action);

#endif
