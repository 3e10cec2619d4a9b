/* tests/support/program.h - the program as a user meets it: started with words, heard to its end, with its exit status.
 *
 * TAPEDECK_BIN names it. Needs td_sys.
 */
#ifndef TD_TESTS_PROGRAM_H
#define TD_TESTS_PROGRAM_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/support.h"
#include "sys/child.h"

#define PROGRAM_WORDS 40
#define PROGRAM_LIMIT (60 * TD_SEC) /* of silence */

/* Starts `tapedeck WORDS`; words[] ends with NULL. Its stdout is read from c. */
static inline void program_start(struct td_child *c, const char *const *words)
{
    const char *argv[PROGRAM_WORDS + 2] = {td_test_program("TAPEDECK_BIN")};
    int n = 0;
    for (; words[n] && n < PROGRAM_WORDS; n++)
        argv[n + 1] = words[n];
    assert_null(words[n]);
    TD_OK_OR_FAIL(td_child_start(c, argv, TD_CHILD_PIPE, NULL));
}

/* All it says until it ends, with a NUL behind it; its exit status. */
static inline int program_finish(struct td_child *c, char *out, size_t cap)
{
    size_t len = 0, got = 0;
    for (enum td_err err = TD_OK; err != TD_ECLOSED;) {
        assert_true(len < cap - 1);
        err = td_child_read(c, out + len, cap - 1 - len, PROGRAM_LIMIT, &got);
        len += err == TD_OK ? got : 0;
        assert_int_not_equal(err, TD_EAGAIN);
    }
    out[len] = '\0';
    while (td_child_alive(c)) {
    }
    return c->status;
}

static inline int program_run(const char *const *words, char *out, size_t cap)
{
    struct td_child c;
    program_start(&c, words);
    return program_finish(&c, out, cap);
}

/* Starts `tapedeck sim ... --json`; its first line tells the port: port[16]. */
static inline void program_sim(struct td_child *c, const char *const *words, char *port)
{
    char line[4096];
    size_t got = 0;
    program_start(c, words);
    TD_OK_OR_FAIL(td_child_read(c, line, sizeof line - 1, PROGRAM_LIMIT, &got));
    line[got] = '\0';
    const char *at = strstr(line, "\"port\":");
    assert_non_null(at);
    assert_int_equal(sscanf(at + 7, "%15[0-9]", port), 1);
}

#endif
