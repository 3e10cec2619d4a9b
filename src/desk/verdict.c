/* desk/verdict.c - the table of verdicts, and whose accounts those are. */
#include "desk/verdict.h"

const struct td_probe_row td_probe_rows[TD_PROBES] = {
    [TD_PROBE_READY] = {"ready", 0, "the session is ready: version, order ids, accounts", "none"},
    [TD_PROBE_REFUSED] = {"refused", 2, "nobody listens there, or no connection came about",
                          "start IB Gateway or TWS and log in, or look at host and port"},
    [TD_PROBE_MUTE] = {"mute", 3, "the connection was accepted and the API did not answer",
                       "look for an open dialog, an untrusted IP or the SSL setting; a login "
                       "may still be under way"},
    [TD_PROBE_HALF_ARMED] = {"half-armed", 4,
                             "the API told its version and then neither order ids nor accounts",
                             "wait for the login to finish; then look for an open dialog, or "
                             "restart the gateway"},
    [TD_PROBE_VERSION] = {"version", 5, "the gateway's protocol version is not one we speak",
                          "install a gateway of a version in docs/wire/tws.md, or set "
                          "IB_PROTOCOL=protobuf for one that has given up text"},
    [TD_PROBE_WRONG_ACCOUNT] = {"wrong-account", 6,
                                "a live account on a paper plan, or not the one of IB_ACCOUNT",
                                "log in with the paper user, or name the port with --live"},
    [TD_PROBE_BUSY_ID] = {"busy-id", 7, "the client ids are in use (error 326)",
                          "end the other client, or set another IB_CLIENT_ID"},
    [TD_PROBE_STRANGER] = {"stranger", 8, "something answers that does not speak the TWS API",
                           "look which program listens on that port"},
    [TD_PROBE_ORDER_IDS] = {"order-ids", 11,
                            "the next order id of this client id does not fit 31 bits",
                            "with no order working, reset order ids in the gateway's API settings, "
                            "or set another IB_CLIENT_ID"},
    [TD_PROBE_CLOSED] = {"closed", 9, "the connection was accepted and closed again",
                         "add this address to TrustedIPs, or wait until the login has finished"},
    [TD_PROBE_PROTOCOL] = {"protocol", 10,
                           "protobuf was offered; the gateway told another version, or closed "
                           "without one",
                           "set IB_PROTOCOL=text, or install a gateway that speaks version 213"},
};

enum td_probe_verdict td_probe_verdict_of(enum td_err err, bool has_version, bool protobuf)
{
    static const struct {
        enum td_err err;
        enum td_probe_verdict verdict;
    } table[] = {
        {TD_OK, TD_PROBE_READY},
        {TD_EUNREACH, TD_PROBE_REFUSED},
        {TD_ETIMEOUT, TD_PROBE_REFUSED},
        {TD_EVERSION, TD_PROBE_VERSION},
        {TD_EDENIED, TD_PROBE_WRONG_ACCOUNT},
        {TD_EINUSE, TD_PROBE_BUSY_ID},
        {TD_EPROTO, TD_PROBE_STRANGER},
        {TD_ERANGE, TD_PROBE_ORDER_IDS},
        {TD_ECLOSED, TD_PROBE_CLOSED},
    };
    if (protobuf && (err == TD_EVERSION || (err == TD_ECLOSED && !has_version)))
        return TD_PROBE_PROTOCOL;
    if (err == TD_EMUTE)
        return has_version ? TD_PROBE_HALF_ARMED : TD_PROBE_MUTE;
    for (size_t i = 0; i < TD_COUNT(table); i++)
        if (table[i].err == err)
            return table[i].verdict;
    return TD_PROBE_REFUSED;
}

static bool is_paper(struct td_str account)
{
    int64_t number;
    return account.len > 2 && account.p[0] == 'D' && (account.p[1] == 'U' || account.p[1] == 'F') &&
           td_i64_parse(account.p + 2, account.len - 2, &number) == TD_OK && number >= 0;
}

bool td_accounts_are_paper(const char *accounts)
{
    struct td_str rest = td_str_of(accounts), one;
    int count = 0;
    while (td_str_split(&rest, ',', &one)) {
        one = td_str_trim(one);
        if (one.len && !is_paper(one))
            return false;
        count += one.len > 0;
    }
    return count > 0;
}

bool td_accounts_hold(const char *accounts, const char *account)
{
    struct td_str rest = td_str_of(accounts), one;
    if (!account || !*account)
        return true;
    while (td_str_split(&rest, ',', &one))
        if (td_str_is(td_str_trim(one), account))
            return true;
    return false;
}
