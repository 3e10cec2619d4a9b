/* base/err.h - one table of errors: the code to act on, the exit status, the words to read.
 *
 * Hot functions return only the code. Cold functions take `struct td_fail *why` last (NULL allowed)
 * and add a line of context on the way up. Success outputs are untouched on failure; an error is
 * handled or passed on, never both. docs/errors.md is generated from this table.
 */
#ifndef TD_BASE_ERR_H
#define TD_BASE_ERR_H

#include "base/defs.h"

/* name, exit status of a command that ends with it (contracts: 1 failure, 2 usage or connection), text */
#define TD_ERRORS(X)                                                                               \
    X(TD_OK, 0, "success")                                                                         \
    X(TD_EGAP, 1, "market data is missing; resubscribe")                                           \
    X(TD_EPROTO, 1, "the peer broke the protocol")                                                 \
    X(TD_ERANGE, 1, "a value does not fit its type or limit")                                      \
    X(TD_EDENIED, 1, "the risk gate refused the order")                                            \
    X(TD_EINVAL, 2, "an argument or setting is not allowed")                                       \
    X(TD_EPARSE, 1, "the text or file is not in the expected form")                                \
    X(TD_EFULL, 1, "a bounded buffer, queue or table is full")                                     \
    X(TD_EAGAIN, 1, "nothing to do yet; try again after the next event")                           \
    X(TD_ENOENT, 1, "no such file, symbol or record")                                              \
    X(TD_EEXIST, 1, "it exists already")                                                           \
    X(TD_EACCES, 1, "permission denied")                                                           \
    X(TD_ENOSPC, 1, "the disk is full")                                                            \
    X(TD_EIO, 1, "reading or writing failed")                                                      \
    X(TD_ECORRUPT, 1, "stored bytes do not match their checksum")                                  \
    X(TD_ETORN, 1, "the last record of a log is incomplete")                                       \
    X(TD_EVERSION, 1, "written by a version this program does not know")                           \
    X(TD_ELOCKED, 1, "another process owns it")                                                    \
    X(TD_ENOMEM, 1, "out of memory")                                                               \
    X(TD_EUNREACH, 2, "nobody listens at that address")                                            \
    X(TD_EMUTE, 2, "the peer accepted the connection and then stayed silent")                      \
    X(TD_ETIMEOUT, 2, "the time limit passed")                                                     \
    X(TD_ECLOSED, 2, "the peer closed the connection")                                             \
    X(TD_EINUSE, 2, "the address or client id is in use")                                          \
    X(TD_EHALTED, 1, "trading is halted")                                                          \
    X(TD_EUNSUP, 1, "not supported by this build or this peer")                                    \
    X(TD_ENODATA, 1, "there is no data for the request")

#define TD_ERR_ROW(name, exit_code, text) name,
enum td_err { TD_ERRORS(TD_ERR_ROW) TD_ERR_COUNT };
#undef TD_ERR_ROW

/* The enumerator's name ("TD_EGAP"), its text, its exit status. Any value is accepted. */
const char *td_err_name(enum td_err err);
const char *td_err_text(enum td_err err);
int td_err_exit(enum td_err err);

/* The story of a failure, innermost cause first, one clear line: "what: where: cause". Control characters become '?'. */
struct td_fail {
    enum td_err code;
    char text[480]; /* NUL-terminated, cut with "..." when full */
};

/* Starts the story. Returns `err`, so that it can be the return statement. `why` may be NULL. */
enum td_err td_fail_set(struct td_fail *why, enum td_err err, const char *format, ...)
    TD_PRINTF(3, 4);

/* Puts a line of context in front of the story. Returns `err`. `why` may be NULL. */
enum td_err td_fail_add(struct td_fail *why, enum td_err err, const char *format, ...)
    TD_PRINTF(3, 4);

#endif
