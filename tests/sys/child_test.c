/* tests/sys/child_test.c - starting, hearing and ending a program. */
#include "support/support.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sys/child.h"

#define LONG (20 * TD_SEC) /* a limit nobody should reach */

static size_t read_all(struct td_child *c, char *out, size_t cap)
{
    size_t len = 0, got = 0;
    enum td_err err = TD_OK;
    while (len < cap - 1 && err != TD_ECLOSED) {
        err = td_child_read(c, out + len, cap - 1 - len, LONG, &got);
        if (err == TD_OK)
            len += got;
    }
    out[len] = '\0';
    return len;
}

static void output_and_status_arrive(void **state)
{
    (void)state;
    static const char *const argv[] = {"sh", "-c",    "printf 'port %s' \"$1\"; exit 3",
                                       "sh", "40 02", NULL};
    struct td_child c;
    char out[64];
    TD_OK_OR_FAIL(td_child_start(&c, argv, TD_CHILD_PIPE, NULL));
    assert_true(c.pid > 0);
    (void)read_all(&c, out, sizeof out);
    assert_string_equal(out, "port 40 02"); /* one word stays one word: no shell of ours */
    while (td_child_alive(&c)) {
    }
    assert_int_equal(c.status, 3);
    assert_true(td_child_stop(&c, 0)); /* a second ending is fine */
}

static void stop_ends_the_child_and_only_it(void **state)
{
    (void)state;
    static const char *const argv[] = {"sleep", "600", NULL};
    struct td_child one, two;
    TD_OK_OR_FAIL(td_child_start(&one, argv, TD_CHILD_QUIET, NULL));
    TD_OK_OR_FAIL(td_child_start(&two, argv, TD_CHILD_TO_STDERR, NULL));
    assert_true(td_child_alive(&one));
    assert_true(td_child_stop(&one, LONG));
    assert_int_equal(one.status, 128 + SIGTERM);
    assert_true(td_child_alive(&two));
    assert_true(td_child_stop(&two, LONG));
    assert_false(td_child_alive(&two));
}

static void a_child_that_ignores_us_is_told(void **state)
{
    (void)state;
    static const char *const argv[] = {
        "sh", "-c",
        "trap '' TERM; echo up; read x; i=0; while [ $i -lt 3 ]; do sleep 0.1; i=$((i+1)); done",
        NULL};
    struct td_child c;
    char out[16];
    size_t got = 0;
    TD_OK_OR_FAIL(td_child_start(&c, argv, TD_CHILD_PIPE, NULL));
    TD_OK_OR_FAIL(td_child_read(&c, out, sizeof out, LONG, &got));
    assert_false(td_child_stop(&c, 0));
    assert_true(td_child_stop(&c, LONG)); /* it ends by itself */
    assert_int_equal(c.status, 0);
}

static void no_such_program_is_named(void **state)
{
    (void)state;
    static const char *const missing[] = {"/nowhere/gateway", NULL};
    static const char *const folder[] = {"/", NULL};
    struct td_child c;
    struct td_fail why = {0};
    assert_int_equal(td_child_start(&c, missing, TD_CHILD_PIPE, &why), TD_ENOENT);
    assert_non_null(strstr(why.text, "/nowhere/gateway"));
    assert_int_equal(td_child_start(&c, folder, TD_CHILD_PIPE, &why), TD_EACCES);
    assert_false(td_child_alive(&c));
    assert_true(td_child_stop(&c, 0));
}

static void silence_is_not_the_end(void **state)
{
    (void)state;
    static const char *const argv[] = {"sleep", "600", NULL};
    struct td_child c;
    char out[8];
    size_t got = 0;
    TD_OK_OR_FAIL(td_child_start(&c, argv, TD_CHILD_PIPE, NULL));
    assert_int_equal(td_child_read(&c, out, sizeof out, 0, &got), TD_EAGAIN);
    assert_true(td_child_stop(&c, LONG));
    assert_int_equal(td_child_read(&c, out, sizeof out, 0, &got), TD_ECLOSED);
}

/* Its stdin is the other end, and of our environment it sees what it shall. */
static void a_channel_goes_both_ways(void **state)
{
    (void)state;
    static const char *const argv[] = {"/bin/sh", "-c",
                                       "read x; echo \"$x $CHILD_KEPT $CHILD_SECRET.\" >&0", NULL};
    static const char *const only[] = {"CHILD_KEPT", NULL};
    struct td_child c;
    char out[64];
    (void)setenv("CHILD_KEPT", "kept", 1);
    (void)setenv("CHILD_SECRET", "secret", 1);
    TD_OK_OR_FAIL(
        td_child_launch(&c,
                        &(struct td_child_config){
                            .argv = argv, .output = TD_CHILD_QUIET, .only = only, .channel = true},
                        NULL));
    assert_int_equal(send(c.channel_fd, "word\n", 5, MSG_NOSIGNAL), 5);
    struct pollfd look = {.fd = c.channel_fd, .events = POLLIN};
    assert_int_equal(poll(&look, 1, 20000), 1);
    const ssize_t n = recv(c.channel_fd, out, sizeof out - 1, 0);
    assert_true(n > 0);
    out[n] = '\0';
    assert_string_equal(out, "word kept .\n");
    (void)close(c.channel_fd);
    assert_true(td_child_stop(&c, LONG));
}

static void one_that_will_not_end_is_killed(void **state)
{
    (void)state;
    static const char *const argv[] = {"sh", "-c",
                                       "trap '' TERM; echo up; while :; do sleep 0.05; done", NULL};
    struct td_child c;
    char out[16];
    size_t got = 0;
    TD_OK_OR_FAIL(td_child_start(&c, argv, TD_CHILD_PIPE, NULL));
    TD_OK_OR_FAIL(td_child_read(&c, out, sizeof out, LONG, &got));
    td_child_end(&c, false);
    assert_false(td_child_stop(&c, 50 * TD_MS));
    td_child_end(&c, true);
    assert_true(td_child_stop(&c, LONG));
    assert_int_equal(c.status, 128 + SIGKILL);
    td_child_end(&c, true); /* nobody is there any more */
}

static void a_command_is_cut_into_words(void **state)
{
    (void)state;
    const char *argv[TD_CHILD_WORDS_MAX + 1];
    char buf[128], small[8], many[4 * TD_CHILD_WORDS_MAX];
    TD_OK_OR_FAIL(
        td_child_words("  /opt/ib gw/x \"a  b\" 'c\"d'e ; $(id)", buf, sizeof buf, argv, NULL));
    static const char *const wanted[] = {"/opt/ib", "gw/x", "a  b", "c\"de", ";", "$(id)"};
    for (size_t i = 0; i < TD_COUNT(wanted); i++)
        assert_string_equal(argv[i], wanted[i]);
    assert_null(argv[TD_COUNT(wanted)]);
    TD_OK_OR_FAIL(td_child_words("run ''", buf, sizeof buf, argv, NULL));
    assert_string_equal(argv[1], "");
    assert_int_equal(td_child_words("  ", buf, sizeof buf, argv, NULL), TD_EINVAL);
    assert_int_equal(td_child_words("a 'b", buf, sizeof buf, argv, NULL), TD_EINVAL);
    assert_int_equal(td_child_words("a b c d e f g", small, sizeof small, argv, NULL), TD_EINVAL);
    for (size_t i = 0; i + 2 < sizeof many; i += 2)
        memcpy(many + i, "x ", 3);
    assert_int_equal(td_child_words(many, buf, sizeof buf, argv, NULL), TD_EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(output_and_status_arrive),
        cmocka_unit_test(stop_ends_the_child_and_only_it),
        cmocka_unit_test(a_child_that_ignores_us_is_told),
        cmocka_unit_test(no_such_program_is_named),
        cmocka_unit_test(silence_is_not_the_end),
        cmocka_unit_test(a_channel_goes_both_ways),
        cmocka_unit_test(one_that_will_not_end_is_killed),
        cmocka_unit_test(a_command_is_cut_into_words),
    };
    return cmocka_run_group_tests_name("child", tests, NULL, NULL);
}
