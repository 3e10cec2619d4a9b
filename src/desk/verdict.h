/* desk/verdict.h - what one look at a gateway found, by name: one table for probe, gateway, doctor and the docs.
 *
 * A verdict is a fact about the gateway, an error one about our call. Source: ibkr-operations 1.5 and 1.6.
 */
#ifndef TD_DESK_VERDICT_H
#define TD_DESK_VERDICT_H

#include "base/text.h"

enum td_probe_verdict {
    TD_PROBE_READY,
    TD_PROBE_REFUSED,       /* nobody listens, or no connection came about */
    TD_PROBE_MUTE,          /* connected, and not one byte                 */
    TD_PROBE_HALF_ARMED,    /* a version, and no ids or accounts           */
    TD_PROBE_VERSION,       /* too old or too new for us                   */
    TD_PROBE_WRONG_ACCOUNT, /* a live account where paper is asked for, or not ours */
    TD_PROBE_BUSY_ID,       /* error 326, or another process of ours       */
    TD_PROBE_STRANGER,      /* speaks, but not the TWS protocol            */
    TD_PROBE_ORDER_IDS,     /* its next order id does not fit           */
    TD_PROBE_CLOSED,        /* connected, and closed by the other side     */
    TD_PROBE_PROTOCOL,      /* protobuf was offered, and not taken         */
    TD_PROBES
};

struct td_probe_row {
    const char *name;
    int exit; /* status of `tapedeck probe` */
    const char *meaning, *action;
};
extern const struct td_probe_row td_probe_rows[TD_PROBES];

/* From the way a connection ended; `has_version`: the gateway had told its version; `protobuf`: nothing but that
 * was offered. */
enum td_probe_verdict td_probe_verdict_of(enum td_err err, bool has_version, bool protobuf);

/* Whether every account of a comma list is a paper one (DU or DF and digits). False for an empty list. */
bool td_accounts_are_paper(const char *accounts);
/* Whether `account` is in the list; an empty one always is. */
bool td_accounts_hold(const char *accounts, const char *account);

#endif
