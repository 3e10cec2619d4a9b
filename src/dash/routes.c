/* dash/routes.c - the paths that the server itself answers; those of the API are in api_rows.c. */
#include "dash/act.h"

#define GET  .method = TD_METHOD_GET
#define POST .method = TD_METHOD_POST

const struct td_route td_routes[] = {
    {GET, .path = "/api/v1/health", .access = TD_ACCESS_OPEN, .answer = td_act_health,
     .help = "whether the dashboard answers", .schema = "{status,timestamp}"},
    {GET, .path = "/api/v1/session", .access = TD_ACCESS_READ, .answer = td_act_session,
     .help = "what this caller may do, and whether a desk runs",
     .schema = "{version,mode|null,scopes[],trade_token_needed,now[,reason]}"},
    {POST, .path = "/api/v1/login", .access = TD_ACCESS_OPEN, .answer = td_act_login,
     .help = "a cookie for a token or the password; its trade scope ends after 12 h",
     .schema = "{ok,scopes[]}", .body = "{token} or {password}"},
    {POST, .path = "/api/v1/logout", .access = TD_ACCESS_OPEN, .answer = td_act_logout,
     .help = "ends the cookie's session", .schema = "{ok}", .body = "{}"},
    {POST, .path = "/api/v1/nonce", .access = TD_ACCESS_TRADE, .answer = td_act_nonce,
     .help = "the first step of a dangerous action: what it would do, and the word to type",
     .schema = "{nonce,expires_in,confirm,consequence}", .body = "{action}"},
    {POST, .path = "/api/v1/halt", .access = TD_ACCESS_TRADE, .answer = td_act_halt,
     .help = "no new risk; what rests and could add risk is cancelled. One step",
     .schema = "the desk's status", .body = "{reason}"},
    {POST, .path = "/api/v1/resume", .access = TD_ACCESS_TRADE, .answer = td_act_resume,
     .help = "allows new risk after a halt", .schema = "the desk's status", .nonce = "resume",
     .body = "{nonce,confirm,reason}"},
    {POST, .path = "/api/v1/flatten", .access = TD_ACCESS_TRADE, .answer = td_act_flatten,
     .help = "closes everything that is held, at market", .schema = "the desk's status",
     .nonce = "flatten", .body = "{nonce,confirm,reason}"},
    {POST, .path = "/api/v1/accept", .access = TD_ACCESS_TRADE, .answer = td_act_accept,
     .help = "trusts our own figures of a symbol again", .schema = "the desk's status",
     .nonce = "accept", .body = "{nonce,confirm,symbol,reason}"},
    {POST, .path = "/api/v1/cancel-all", .access = TD_ACCESS_TRADE, .answer = td_act_cancel_all,
     .help = "asks working orders to end: our own, or all of the account",
     .schema = "the desk's status", .nonce = "cancel-all", .body = "{nonce,confirm,scope,reason}"},
    {POST, .path = "/api/v1/ack", .access = TD_ACCESS_TRADE, .answer = td_act_ack,
     .help = "an alert was seen: it is not told again while its cause lasts",
     .schema = "the desk's status", .body = "{id,reason?}: id is the alert's word"},
    {0},
};
