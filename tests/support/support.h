/* tests/support/support.h - what the tests share: guard pages, temporary folders, data, golden files.
 *
 * Every test program is plain cmocka. td_test_data returns NULL when TAPEDECK_DATA is not there: the
 * test then calls td_skip_data, and `make check` tells its name with the reason.
 */
#ifndef TD_TESTS_SUPPORT_H
#define TD_TESTS_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/defs.h"

#define TD_OK_OR_FAIL(expr) assert_int_equal((expr), TD_OK)

/* `len` bytes that end right before an unreadable page. Free with td_guard_free. */
uint8_t *td_guard_copy(const void *bytes, size_t len);
void td_guard_free(uint8_t *bytes, size_t len);

/* Path below the real market data (TAPEDECK_DATA, else ../shared/data beside the checkout), or NULL
 * when that file is not there. The result is valid until the next call. */
const char *td_test_data(const char *relative);

/* Ends the running test as skipped. Why is printed on a line of its own, which cmocka's line with the test's name follows:
 * tools/check.sh joins the two. cmocka's skip() alone tells no reason, and tests/tidy_test.c refuses it. */
void td_skip(const char *format, ...) TD_PRINTF(1, 2);
/* The same for what td_test_data did not find; "": all of it. */
void td_skip_data(const char *relative);

/* A fresh empty folder below the build tree; the result is the caller's to keep until exit. */
const char *td_test_folder(const char *name);

/* Whole file into malloc'd memory with a NUL after it; NULL when unreadable. */
char *td_test_slurp(const char *path, size_t *len);

/* The path of a file under tests/golden. */
const char *td_test_golden(const char *name);

/* A program of others that a test needs: in the search path, else unpacked by tools/deps.sh as third_party/<below>; NULL:
 * neither. The result is valid until the next call. */
const char *td_test_tool(const char *name, const char *below);

/* The program that a variable of the environment names. Without it the test program ends with 1: what tries a program
 * has tried nothing when there is none. ctest sets them. */
const char *td_test_program(const char *variable);

#endif
