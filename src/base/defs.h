/* base/defs.h - the few compiler attributes and assertions the whole program uses.
 *
 * TD_REQUIRE checks a precondition and is on in every build: it prints condition, place and
 * backtrace, then aborts. The supervisor restarts the program and the normal start path reconciles.
 * TD_CHECK is for costly invariants and is on unless NDEBUG is defined. Neither is ever used on
 * bytes from the world: a peer's mistake is data, a caller's mistake is a crash.
 */
#ifndef TD_BASE_DEFS_H
#define TD_BASE_DEFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/banned.h"

#define TD_MUST_CHECK   __attribute__((warn_unused_result))
#define TD_NORETURN     __attribute__((noreturn))
#define TD_PRINTF(f, a) __attribute__((format(printf, f, a)))
#define TD_LIKELY(x)    __builtin_expect(!!(x), 1)
#define TD_UNLIKELY(x)  __builtin_expect(!!(x), 0)

#define TD_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Prints `cond`, the place and a backtrace to stderr, then aborts. */
TD_NORETURN void td_require_failed(const char *cond, const char *file, int line);

#define TD_REQUIRE(cond)                                                                           \
    do {                                                                                           \
        if (TD_UNLIKELY(!(cond)))                                                                  \
            td_require_failed(#cond, __FILE__, __LINE__);                                          \
    } while (0)

#ifdef NDEBUG
#define TD_CHECK(cond) ((void)sizeof(cond))
#else
#define TD_CHECK(cond) TD_REQUIRE(cond)
#endif

#endif
