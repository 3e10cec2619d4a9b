/* desk/codes.c - the table of broker codes. */
#include "desk/codes.h"

#define N TD_CODE_NOTICE
#define W TD_CODE_WARNING
#define E TD_CODE_ERROR
#define X TD_CODE_CONNECTION
#define L TD_CODE_LOCAL

static const struct td_code table[] = {
    {100, 100, X, "more messages than the gateway allows in a second",
     "stop sending for a second or more and lower the rate; expect the connection to end"},
    {101, 101, E, "all market data lines are in use", "cancel a line, then ask again"},
    {102, 102, E, "the request id is still in use", "use a new id; after a reconnect too"},
    {103, 103, E, "the order id was used before",
     "take the larger of nextValidId and the last own id plus one; it is a new order"},
    {104, 104, E, "a filled order cannot be changed", "look the order up; do not repeat blindly"},
    {105, 105, W, "the change does not fit the order", "the order lives as it was; look it up"},
    {106, 107, E, "the order cannot be transmitted, or is incomplete",
     "complete the order; look it up before sending it again"},
    {109, 109, E, "the price is outside the precautionary limits",
     "correct the price; on a change the old order lives"},
    {110, 110, E, "the price is not a multiple of the tick",
     "round to the contract's tick; on a change the old order lives"},
    {111, 111, E, "time in force and order type exclude each other", "correct one of them"},
    {113, 113, E, "market and limit on close need time in force DAY", "use DAY"},
    {135, 135, E, "no such order to cancel", "look it up in open and completed orders"},
    {136, 136, E, "the order cannot be cancelled", "look it up in open and completed orders"},
    {161, 161, E, "the order is not in a state that can be cancelled",
     "look it up in open and completed orders"},
    {162, 162, E,
     "historical data service: pacing, no data, no permission, cancelled, or a bad step",
     "read the text: pacing waits, no data is an empty range, cancelled follows our own cancel"},
    {163, 163, E, "the price is outside the percentage limits",
     "correct the price; the limits are never widened by themselves"},
    {165, 165, W, "historical data service: a remark", "none; the request goes on"},
    {166, 166, E, "the contract has expired",
     "name a contract that trades, or ask with expired data"},
    {200, 200, E, "no such contract, or more than one fits",
     "correct the contract; never repeat it unchanged"},
    {201, 201, E, "the order was rejected", "read the reason; the order is dead"},
    {202, 202, E, "the order was cancelled", "none; the order is done"},
    {203, 203, E, "the account may not trade this security", "stop trading it"},
    {300, 300, E, "no market data subscription with that id", "none; it was cancelled before"},
    {309, 309, E, "all market depth subscriptions are in use",
     "release one, or wait; the account allows at least three"},
    {310, 310, E, "no market depth subscription with that id", "none; it was cancelled before"},
    {316, 316, E, "market depth was halted", "clear the book and subscribe again"},
    {317, 317, W, "market depth was reset", "clear both sides; the subscription goes on"},
    {320, 320, E, "the gateway could not read the request", "report it: our encoding is wrong"},
    {321, 321, E, "a field of the request is not valid, or the API is read-only",
     "read the text; untick Read-Only API in the gateway for orders"},
    {322, 322, E, "the gateway could not process the request, often a duplicate id",
     "use a new id; read the text"},
    {323, 323, E, "the request failed for another reason", "read the text"},
    {326, 326, X, "the client id is in use", "wait, or use another id; the connection ends"},
    {327, 327, E, "only client id 0 may bind orders by hand", "connect with client id 0"},
    {329, 329, W, "the order type cannot be changed", "the order lives as it was"},
    {354, 354, E, "no subscription for this market data",
     "subscribe in the account, or use delayed data"},
    {365, 365, E, "no scanner with that id", "none; it was cancelled before"},
    {366, 366, E, "no historical request with that id", "none; it was answered or cancelled"},
    {385, 386, E, "the id of a scanner or historical request is in use", "use a new id"},
    {399, 399, W, "a message about an order, such as its session", "none; the order lives"},
    {404, 404, W, "shares are being located for a short sale", "wait; the order is held"},
    {420, 420, E, "invalid real-time query, often too many real-time bars", "ask less often"},
    {430, 430, E, "no fundamental data for this security", "none"},
    {434, 434, W, "the order size is zero", "give it a size"},
    {435, 435, E, "an account must be named", "set IB_ACCOUNT"},
    {460, 460, E, "no permission to trade this", "stop trading it; ask for the permission"},
    {492, 492, W, "scanner subscription: precision was reduced", "none"},
    {501, 501, L, "connected already", "none"},
    {502, 502, L, "no connection could be made",
     "enable the API, check the port, trust this address in the gateway"},
    {503, 503, L, "the gateway is too old for a feature", "update TWS or IB Gateway"},
    {504, 504, L, "not connected", "connect first"},
    {505, 509, L, "an unknown, damaged or unsupported message, or a broken socket",
     "treat it as the end of the connection"},
    {510, 593, L, "a request could not be sent", "report it: the request was not valid"},
    {1100, 1100, X, "the gateway lost the broker",
     "quotes are stale and no new orders leave; keep the connection"},
    {1101, 1101, X, "the broker is back, subscriptions were lost",
     "subscribe again; look orders and executions up"},
    {1102, 1102, X, "the broker is back, subscriptions were kept", "look orders and executions up"},
    {1300, 1300, X, "the gateway's port changed; the connection ends",
     "connect to the port in the text"},
    {2100, 2100, W, "the account subscription was replaced", "use account summary requests"},
    {2101, 2101, W, "the account subscription was refused: another client has one",
     "use account summary requests"},
    {2102, 2102, W, "the order is still being processed; the change was refused", "try later"},
    {2103, 2103, N, "a market data farm is not connected",
     "data may stop silently; look for it after the farm is back"},
    {2104, 2104, N, "a market data farm is connected", "none"},
    {2105, 2105, N, "a historical data farm is not connected", "ask again after it is back"},
    {2106, 2106, N, "a historical data farm is connected", "none"},
    {2107, 2107, N, "a historical data farm sleeps until it is needed", "none"},
    {2108, 2108, N, "a market data farm sleeps until it is needed", "none"},
    {2109, 2109, W, "the outside-hours attribute was ignored", "none"},
    {2110, 2110, X, "the link between gateway and broker is broken", "as 1100: wait for it"},
    {2119, 2119, N, "a market data farm is connecting", "none"},
    {2137, 2137, W, "the order would close a position across sides", "check the position"},
    {2157, 2157, N, "a security definition farm is not connected", "contract look-ups may fail"},
    {2158, 2158, N, "a security definition farm is connected", "none"},
    {2168, 2169, W, "an order attribute is no longer supported", "leave it unset"},
    {2174, 2174, W, "a date and time without a time zone", "send UTC as yyyymmdd-hh:mm:ss"},
    {10089, 10089, W, "the API needs another subscription; delayed data may follow",
     "keep the request; subscribe in the account for live data"},
    {10090, 10091, W, "part of the market data is not subscribed", "keep the request"},
    {10092, 10092, E, "no market depth for this security at this exchange",
     "name an exchange that offers depth"},
    {10147, 10147, E, "no order with that id to cancel", "look it up in open and completed orders"},
    {10148, 10148, E, "the order was filled or cancelled before", "look its executions up"},
    {10167, 10167, W, "not subscribed; delayed data is shown", "none; the quote is marked delayed"},
    {10168, 10168, E, "not subscribed, and delayed data is not enabled",
     "ask for delayed data first"},
    {10182, 10182, E, "live updates of bars ended", "ask for the bars again"},
    {10186, 10186, E, "not subscribed, and delayed data is not enabled",
     "ask for delayed data first"},
    {10187, 10187, E, "historical ticks failed", "as 162: read the text"},
    {10189, 10189, E, "tick-by-tick data failed", "check permission and product"},
    {10190, 10190, E, "all tick-by-tick subscriptions are in use", "release one"},
    {10197, 10197, E, "no market data: another session of this login has it",
     "end the other session; data stays stale until then"},
    {10225, 10225, W, "bars were stopped by a bust event", "cancel and subscribe again"},
    {10243, 10243, E, "the API takes no fraction of a unit for this contract", "send whole units"},
    {10268, 10270, E, "an order attribute that is no longer supported is set", "leave it unset"},
    {10285, 10285, E, "this API version cannot carry fractional sizes",
     "negotiate server version 163 or later"},
    {10299, 10299, E, "trades are not offered for crypto", "ask for AGGTRADES"},
    {10314, 10314, E, "a date, time or zone is not valid", "send UTC as yyyymmdd-hh:mm:ss"},
};

#undef N
#undef W
#undef E
#undef X
#undef L

const struct td_code *td_code_find(int32_t code)
{
    for (size_t i = 0; i < TD_COUNT(table); i++)
        if (code >= table[i].first && code <= table[i].last)
            return &table[i];
    return NULL;
}

bool td_code_ends(int32_t code)
{
    const struct td_code *row = td_code_find(code);
    if (code >= 2100 && code < 2170)
        return false;
    return !row || row->kind == TD_CODE_ERROR || row->kind == TD_CODE_LOCAL;
}

const struct td_code *td_code_table(size_t *count)
{
    *count = TD_COUNT(table);
    return table;
}

const char *td_code_kind_name(enum td_code_kind kind)
{
    static const char *const names[] = {[TD_CODE_NOTICE] = "notice",
                                        [TD_CODE_WARNING] = "warning",
                                        [TD_CODE_ERROR] = "error",
                                        [TD_CODE_CONNECTION] = "connection",
                                        [TD_CODE_LOCAL] = "local"};
    return names[kind];
}

void td_code_print(const struct td_code *row, struct td_text *out)
{
    if (row->first == row->last)
        td_text_printf(out, "%d", (int)row->first);
    else
        td_text_printf(out, "%d to %d", (int)row->first, (int)row->last);
}
