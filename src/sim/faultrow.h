/* sim/faultrow.h - the table of fault actions: one row each, read by the parser, the help, the page and the simulator.
 *
 * A row is a word, its arguments and one line of help. A row's id names its handler: the gateway's files hold one
 * function do_<id> for each (gateway_fault*.c), and what the gateway cannot do itself (clocks, processes, networks of
 * the world) has a row marked for the owner of the world. Adding one = a row here and its handler.
 *
 * Arguments. A COUNT says how often the fault happens; 0 means from now on, until `heal`. Message kinds are written
 * like the broker's messages with dashes: order-status, next-valid-id. Numbers have ranges; texts are one word, except
 * REST, which is the rest of the line.
 */
#ifndef TD_SIM_FAULTROW_H
#define TD_SIM_FAULTROW_H

#include "base/text.h"

#define TD_FAULT_ARGS 6
#define TD_FAULT_TEXT 72

enum td_fault_arg_type {
    TD_FA_NONE,
    TD_FA_INT,    /* low..high                                       */
    TD_FA_NUM,    /* 1e-9 fixed point, low..high in whole units      */
    TD_FA_WORD,   /* one of `choices` "a|b", or any word when NULL   */
    TD_FA_SYMBOL, /* letters, digits, dots, dashes; "*" for all      */
    TD_FA_KIND,   /* message kind                                    */
    TD_FA_REST,   /* rest of the line, may be empty                  */
};

struct td_fault_arg {
    const char *name;
    enum td_fault_arg_type type;
    int64_t low, high;
    const char *choices, *preset; /* preset: may be left out */
};

#define TD_FA_COUNT_ARG(text)                                                                      \
    {                                                                                              \
        "COUNT", TD_FA_INT, 0, 1000000, NULL, text                                                 \
    }
#define TD_FA_SYMBOL_ARG                                                                           \
    {                                                                                              \
        "SYMBOL", TD_FA_SYMBOL, 0, 0, NULL, NULL                                                   \
    }
#define TD_FA_KIND_ARG                                                                             \
    {                                                                                              \
        "KIND", TD_FA_KIND, 0, 0, NULL, NULL                                                       \
    }
#define TD_FA_CODE_ARG                                                                             \
    {                                                                                              \
        "CODE", TD_FA_INT, 1, 99999, NULL, NULL                                                    \
    }
#define TD_FA_SECONDS_ARG                                                                          \
    {                                                                                              \
        "SECONDS", TD_FA_NUM, 0, 86400, NULL, NULL                                                 \
    }
#define TD_FA_QTY_ARG                                                                              \
    {                                                                                              \
        "QTY", TD_FA_NUM, -1000000, 1000000, NULL, NULL                                            \
    }

/* X(id, word, done by the owner of the world, help, arguments...) */
#define TD_FAULTS(X)                                                                               \
    X(HEAL, heal, "heal", false, "ends every lasting fault", {0})                                  \
    X(DROP, drop, "drop", false, "messages of a kind are not sent", TD_FA_KIND_ARG,                \
      TD_FA_COUNT_ARG("0"))                                                                        \
    X(REPEAT, repeat, "repeat", false, "messages of a kind are sent twice", TD_FA_KIND_ARG,        \
      TD_FA_COUNT_ARG("0"))                                                                        \
    X(DELAY, delay, "delay", false, "messages of a kind come later than those after them",         \
      TD_FA_KIND_ARG, TD_FA_SECONDS_ARG, TD_FA_COUNT_ARG("0"))                                     \
    X(SHORTEN, shorten, "shorten", false, "messages of a kind lack their last field",              \
      TD_FA_KIND_ARG, TD_FA_COUNT_ARG("1"))                                                        \
    X(LENGTHEN, lengthen, "lengthen", false, "messages of a kind have a field too many",           \
      TD_FA_KIND_ARG, TD_FA_COUNT_ARG("1"))                                                        \
    X(FIELD, field, "field", false, "field N (1 is the message id) of a kind reads VALUE",         \
      TD_FA_KIND_ARG, {"N", TD_FA_INT, 1, 200, NULL, NULL},                                        \
      {"VALUE", TD_FA_WORD, 0, 0, NULL, NULL}, TD_FA_COUNT_ARG("1"))                               \
    X(FRAME, frame, "frame", false, "sends a message of these fields, | between them",             \
      {"FIELDS", TD_FA_REST, 0, 0, NULL, NULL})                                                    \
    X(GARBAGE, garbage, "garbage", false,                                                          \
      "sends a frame of this claimed length and 7 bytes, even before the hello",                   \
      {"LENGTH", TD_FA_INT, 0, UINT32_MAX, NULL, "4294967295"})                                    \
    X(SPLIT, split, "split", false, "bytes leave N at a time; 0 ends it",                          \
      {"N", TD_FA_INT, 0, 65536, NULL, NULL})                                                      \
    X(JOIN, join, "join", false, "bytes wait and leave together every so often; 0 ends it",        \
      TD_FA_SECONDS_ARG)                                                                           \
    X(MUTE_HELLO, mute_hello, "mute-hello", false, "accepts connections and never answers", {0})   \
    X(MUTE, mute, "mute-after-hello", false, "answers the hello, then nothing", {0})               \
    X(VERSION, version, "version", false, "the hello names this server version",                   \
      {"N", TD_FA_INT, 0, 999999, NULL, NULL})                                                     \
    X(HELLO_TIME, hello_time, "hello-time", false, "the hello carries this time text",             \
      {"TEXT", TD_FA_REST, 0, 0, NULL, NULL})                                                      \
    X(NEXT_ID, next_id, "next-id", false, "sends nextValidId N",                                   \
      {"N", TD_FA_INT, 0, INT32_MAX, NULL, NULL})                                                  \
    X(ROLLBACK, rollback, "rollback", false,                                                       \
      "forgets the order ids used: nextValidId begins at N",                                       \
      {"N", TD_FA_INT, 1, INT32_MAX, NULL, "1"})                                                   \
    X(ACCOUNTS, accounts, "accounts", false, "managedAccounts names these, with commas",           \
      {"NAMES", TD_FA_WORD, 0, 0, NULL, NULL})                                                     \
    X(BUSY_ID, busy_id, "busy-id", false, "every client id is in use (326) for so long",           \
      TD_FA_SECONDS_ARG)                                                                           \
    X(CLOSE, close, "close", false, "ends the connection in order", {0})                           \
    X(RESET, reset, "reset", false, "resets the connection; what is queued is lost", {0})          \
    X(CLOSE_AFTER, close_after, "drop-after", false, "ends each connection after N requests",      \
      {"N", TD_FA_INT, 1, 1000000, NULL, "1"})                                                     \
    X(GARBAGE_AFTER, garbage_after, "garbage-after", false,                                        \
      "sends a broken frame after N requests of each connection and ends it",                      \
      {"N", TD_FA_INT, 1, 1000000, NULL, "1"})                                                     \
    X(RESTART, restart, "restart", false, "ends all connections and refuses new ones for so long", \
      TD_FA_SECONDS_ARG, {"HOW", TD_FA_WORD, 0, 0, "keep|rollback", "keep"})                       \
    X(NOTICE, notice, "notice", false, "sends a notice without an id", TD_FA_CODE_ARG,             \
      {"TEXT", TD_FA_REST, 0, 0, NULL, NULL})                                                      \
    X(REQUEST_ERROR, request_error, "request-error", false,                                        \
      "answers the data subscriptions of a symbol with an error and ends them", TD_FA_SYMBOL_ARG,  \
      TD_FA_CODE_ARG, {"TEXT", TD_FA_REST, 0, 0, NULL, NULL})                                      \
    X(LINK_LOST, link_lost, "link-lost", false,                                                    \
      "1100: the broker is gone; no data and no order reports", {0})                               \
    X(LINK_BACK, link_back, "link-back", false, "the broker is back, subscriptions kept or lost",  \
      {"CODE", TD_FA_INT, 1101, 1102, NULL, NULL})                                                 \
    X(KILL_FEEDS, kill_feeds, "kill-feeds", false,                                                 \
      "present subscriptions of a symbol fall silent; new ones work", TD_FA_SYMBOL_ARG)            \
    X(FREEZE, freeze, "freeze", false, "no market data at all, old or new, until heal", {0})       \
    X(RATE, rate, "rate", false, "error 100 and the connection ends", {0})                         \
    X(LOSE_ORDER, lose_order, "lose-order", false, "orders are received and never seen again",     \
      TD_FA_COUNT_ARG("1"))                                                                        \
    X(CUT_ORDER, cut_order, "cut-order", false,                                                    \
      "resets the connection in the middle of the bytes of an order", TD_FA_COUNT_ARG("1"))        \
    X(REJECT_ORDER, reject_order, "reject-order", false, "refuses new orders with a code",         \
      TD_FA_CODE_ARG, TD_FA_COUNT_ARG("1"))                                                        \
    X(REJECT_CHANGE, reject_change, "reject-change", false, "refuses changed orders with a code",  \
      TD_FA_CODE_ARG, TD_FA_COUNT_ARG("1"))                                                        \
    X(CLONE_ORDER, clone_order, "clone-order", false,                                              \
      "the newest live order lives twice, with one order id and two permIds", {0})                 \
    X(FILL_ORDER, fill_order, "fill-order", false,                                                 \
      "the newest live order fills by so many percent",                                            \
      {"PERCENT", TD_FA_INT, 1, 100, NULL, "100"})                                                 \
    X(REPEAT_FILL, repeat_fill, "repeat-fill", false, "tells the newest execution again",          \
      TD_FA_COUNT_ARG("1"))                                                                        \
    X(CORRECT_FILL, correct_fill, "correct-fill", false,                                           \
      "corrects the newest execution (.01 to .02) to another quantity", TD_FA_QTY_ARG)             \
    X(BUST_FILL, bust_fill, "bust-fill", false, "takes the newest execution back", {0})            \
    X(STATUS, status, "status", false, "tells an orderStatus of the newest order",                 \
      {"WORD", TD_FA_WORD, 0, 0,                                                                   \
       "Submitted|PreSubmitted|PendingSubmit|PendingCancel|Inactive|Cancelled|Filled", NULL},      \
      {"FILLED", TD_FA_NUM, 0, 1000000, NULL, "0"})                                                \
    X(FOREIGN_ORDER, foreign_order, "foreign-order", false, "an order placed by hand appears",     \
      TD_FA_SYMBOL_ARG, TD_FA_QTY_ARG, {"PRICE", TD_FA_NUM, 0, 1000000, NULL, NULL})               \
    X(FOREIGN_FILL, foreign_fill, "foreign-fill", false,                                           \
      "an execution of an order placed by hand", TD_FA_SYMBOL_ARG, TD_FA_QTY_ARG)                  \
    X(POSITION, position, "position", false, "the broker's position changes without an execution", \
      TD_FA_SYMBOL_ARG, TD_FA_QTY_ARG)                                                             \
    X(DEPTH, depth, "depth", false, "a row update for the depth of a symbol, as it stands",        \
      TD_FA_SYMBOL_ARG, {"ROW", TD_FA_WORD, 0, 0, NULL, NULL},                                     \
      {"OP", TD_FA_WORD, 0, 0, NULL, NULL}, {"SIDE", TD_FA_WORD, 0, 0, NULL, NULL},                \
      {"PRICE", TD_FA_WORD, 0, 0, NULL, NULL}, {"SIZE", TD_FA_WORD, 0, 0, NULL, NULL})             \
    X(TICK, tick, "tick", false, "a price tick for the quotes of a symbol, as it stands",          \
      TD_FA_SYMBOL_ARG, {"TYPE", TD_FA_INT, 0, 200, NULL, NULL},                                   \
      {"PRICE", TD_FA_WORD, 0, 0, NULL, NULL}, {"SIZE", TD_FA_WORD, 0, 0, NULL, "100"})            \
    X(DEPTH_RESET, depth_reset, "depth-reset", false, "317: the depth of a symbol starts anew",    \
      TD_FA_SYMBOL_ARG)                                                                            \
    X(LATE, late_updates, "late-updates", false, "updates still come for cancelled subscriptions", \
      TD_FA_COUNT_ARG("3"))                                                                        \
    X(HALT, halt, "halt", false, "trading in a symbol halts (tick 49)", TD_FA_SYMBOL_ARG)          \
    X(RESUME, resume, "resume", false, "and goes on", TD_FA_SYMBOL_ARG)                            \
    X(HISTORY_ERROR, history_error, "history-error", false,                                        \
      "the next historical request is refused", TD_FA_CODE_ARG, TD_FA_COUNT_ARG(NULL),             \
      {"TEXT", TD_FA_REST, 0, 0, NULL, NULL})                                                      \
    X(BARS, bars, "bars", false, "the bars of historical answers are odd",                         \
      {"HOW", TD_FA_WORD, 0, 0, "duplicate|gap|disorder|zone|unzoned", NULL},                      \
      TD_FA_COUNT_ARG("1"))                                                                        \
    X(CLOCK, world, "clock-step", true, "the wall clock of every machine jumps",                   \
      {"SECONDS", TD_FA_NUM, -86400, 86400, NULL, NULL})                                           \
    X(STOP, world, "stop-process", true, "the client's process stands still for so long",          \
      TD_FA_SECONDS_ARG)                                                                           \
    X(CRASH, world, "crash-client", true, "the client's machine loses power and starts again",     \
      {0})                                                                                         \
    X(KILL, world, "kill-client", true, "the client's process is killed and starts again", {0})    \
    X(DESK_HALT, world, "halt-desk", true, "the operator halts the desk", {0})                     \
    X(DESK_RESUME, world, "resume-desk", true, "and lets it go on", {0})                           \
    X(SEVER, world, "sever", true, "the network resets every connection of the client", {0})

#define TD_FAULT_ID(id, handler, word, world, help, ...) TD_FAULT_##id,
enum td_fault { TD_FAULTS(TD_FAULT_ID) TD_FAULT_COUNT };
#undef TD_FAULT_ID

struct td_fault_row {
    const char *word;
    bool world;
    const char *help;
    struct td_fault_arg args[TD_FAULT_ARGS];
};

struct td_fault_value {
    int64_t number; /* INT; NUM in 1e-9; KIND: enum td_tws_kind */
    char text[TD_FAULT_TEXT];
};

struct td_fault_action {
    uint32_t id; /* enum td_fault, or the row of another table of words */
    struct td_fault_value args[TD_FAULT_ARGS];
};

const struct td_fault_row *td_fault_row_of(enum td_fault id);
/* "drop KIND [COUNT]" and the like. */
void td_fault_form(const struct td_fault_row *row, struct td_text *out);
/* Reads "word arg arg". TD_EINVAL says what, and what is allowed. */
TD_MUST_CHECK enum td_err td_fault_parse(struct td_str text, struct td_fault_action *out,
                                         struct td_fail *why);
/* The same for any table of such rows; `what` names them in messages. */
TD_MUST_CHECK enum td_err td_fault_words(const struct td_fault_row *rows, size_t count,
                                         const char *what, struct td_str text,
                                         struct td_fault_action *out, struct td_fail *why);
/* A message kind by its written name ("order-status"); 0 when there is none. */
uint16_t td_fault_kind_of(struct td_str name);
/* Whether `text` is a symbol name. */
bool td_fault_is_symbol(struct td_str text);

#endif
