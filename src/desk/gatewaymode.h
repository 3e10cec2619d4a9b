/* desk/gatewaymode.h - is the gateway behind the port logged in for paper or for live? Told by its own files.
 *
 * IBC's config.ini says TradingMode (its default is live), the gateway's jts.ini says tradingMode (p or l) in [Logon].
 * Files of this machine speak for a gateway on this machine only; for another machine IB_GATEWAY_MODE says it. All that
 * speak must agree. What nobody says, what is malformed and what disagrees is unknown, and unknown never trades live.
 */
#ifndef TD_DESK_GATEWAYMODE_H
#define TD_DESK_GATEWAYMODE_H

#include "desk/settings.h"
#include "sys/world.h"

enum td_gateway_mode { TD_GATEWAY_UNKNOWN, TD_GATEWAY_PAPER, TD_GATEWAY_LIVE };

const char *td_gateway_mode_word(enum td_gateway_mode mode);
/* `from` names what said it, or why it is not known. */
enum td_gateway_mode td_gateway_mode_find(struct td_world *world, const struct td_settings *s,
                                          const char *host, struct td_text *from);

/* By their names: DU and DF are paper, U and F live, each with digits behind; anything else is unknown. */
enum td_gateway_mode td_account_mode(struct td_str account);

#endif
