/* tests/sys/machine_test.c - facts of this machine; secret files; a child's environment and file. */
#include "support/support.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/child.h"
#include "sys/machine.h"
#include "sys/uvworld.h"

static struct td_world world;

static int open_world(void **state)
{
    (void)state;
    return td_uvworld_open(&world, false, NULL) == TD_OK ? 0 : -1;
}

static int close_world(void **state)
{
    (void)state;
    td_uvworld_close(&world);
    return 0;
}

static void memory_and_processes_are_known(void **state)
{
    uint64_t available = 0, total = 0;
    (void)state;
    TD_OK_OR_FAIL(td_machine_memory(&available, &total));
    assert_true(total > (64u << 20) && available > 0 && available <= total);
    assert_true(td_machine_has_pid(td_machine_pid()));
    assert_false(td_machine_has_pid(0));
    assert_false(td_machine_has_pid(INT64_C(99999999)));
}

/* In a process of its own: it cannot be taken back. */
static void a_hardened_process_cannot_be_dumped(void **state)
{
    int status = -1;
    (void)state;
    const pid_t pid = fork();
    if (pid == 0) {
        const bool hard = td_machine_harden(NULL) == TD_OK && prctl(PR_GET_DUMPABLE) == 0;
        _exit(hard ? 7 : 1);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 7);
}

/* A secret file is ours alone from its first byte on, also where a wider one stood. */
static void a_secret_file_is_ours_alone(void **state)
{
    char path[600], tmp[620];
    struct stat st;
    (void)state;
    (void)snprintf(path, sizeof path, "%s/secret", td_test_folder("secret"));
    assert_int_equal(td_machine_privacy(path), TD_PRIVACY_NONE);
    TD_OK_OR_FAIL(td_file_replace(&world, path, td_str_of("x"), NULL));
    assert_int_equal(td_machine_privacy(path), TD_PRIVACY_OTHERS);
    (void)snprintf(tmp, sizeof tmp, "%s.tmp", path);
    TD_OK_OR_FAIL(td_file_replace(&world, tmp, td_str_of("left over"), NULL));
    TD_OK_OR_FAIL(td_file_replace_secret(&world, path, td_str_of("y"), NULL));
    assert_int_equal(td_machine_privacy(path), TD_PRIVACY_OURS);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
}

static void programs_are_found(void **state)
{
    char out[600];
    (void)state;
    assert_true(td_machine_program("sh", out, sizeof out));
    assert_int_equal(out[0], '/');
    assert_true(td_machine_program("/bin/sh", out, sizeof out));
    assert_false(td_machine_program("no-such-program", out, sizeof out));
    assert_false(td_machine_program("/bin", out, sizeof out));
    assert_false(td_machine_program("", out, sizeof out));
    assert_false(td_machine_program("sh", out, 3));
}

static void a_child_gets_what_it_may_have(void **state)
{
    static const char *const argv[] = {
        "sh", "-c", "echo \"[$TD_SECRET][$TD_KEPT][$DISPLAY]\"; echo err >&2", NULL};
    static const char *const set[] = {"DISPLAY=:107", NULL}, *const drop[] = {"TD_SECRET", NULL};
    struct td_child c;
    char path[600], text[200];
    size_t len = 0;
    (void)state;
    (void)snprintf(path, sizeof path, "%s/log", td_test_folder("childfile"));
    assert_int_equal(setenv("TD_SECRET", "canary", 1), 0);
    assert_int_equal(setenv("TD_KEPT", "kept", 1), 0);
    assert_int_equal(setenv("DISPLAY", ":1", 1), 0);
    TD_OK_OR_FAIL(td_child_launch(
        &c,
        &(struct td_child_config){
            .argv = argv, .output = TD_CHILD_TO_FILE, .file = path, .set = set, .drop = drop},
        NULL));
    while (td_child_alive(&c)) {
    }
    TD_OK_OR_FAIL(td_file_slurp(&world, path, text, sizeof text, &len, NULL));
    assert_string_equal(text, "[][kept][:107]\nerr\n");
    assert_int_equal(td_machine_privacy(path), TD_PRIVACY_OURS);
    assert_string_equal(getenv("DISPLAY"), ":1"); /* ours is as it was */
}

static void the_peak_of_memory_is_known(void **state)
{
    (void)state;
    const int64_t before = td_machine_peak_kb();
    char *big = malloc(64 << 20);
    assert_non_null(big);
    memset(big, 1, 64 << 20);
    const int64_t after = td_machine_peak_kb();
    assert_true(before > 0 && after >= 64 << 10);
    assert_int_equal(big[5], 1);
    free(big);
    assert_true(td_machine_peak_kb() >= after);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_peak_of_memory_is_known),
                                       cmocka_unit_test(a_hardened_process_cannot_be_dumped),
                                       cmocka_unit_test(memory_and_processes_are_known),
                                       cmocka_unit_test(a_secret_file_is_ours_alone),
                                       cmocka_unit_test(programs_are_found),
                                       cmocka_unit_test(a_child_gets_what_it_may_have)};
    return cmocka_run_group_tests_name("sys/machine", tests, open_world, close_world);
}
