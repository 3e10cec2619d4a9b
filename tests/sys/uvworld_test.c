/* tests/sys/uvworld_test.c - the libuv world: sockets on loopback, files, wakes. */
#include "support/support.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "sys/environ.h"
#include "sys/thread.h"
#include "sys/uvworld.h"

static struct td_world world;

static int open_world(void **state)
{
    (void)state;
    return td_uvworld_open(&world, true, NULL) == TD_OK ? 0 : -1;
}

static int close_world(void **state)
{
    (void)state;
    td_uvworld_close(&world);
    td_uvworld_close(&world);
    return 0;
}

static struct td_wake next(void)
{
    struct td_wake wake;
    td_world_wait(&world, td_world_mono(&world) + 5 * TD_SEC, &wake);
    assert_int_not_equal(wake.kind, TD_WAKE_TIMEOUT);
    return wake;
}

static void talks_over_tcp(void **state)
{
    (void)state;
    struct td_conn listener, client, server = {0};
    uint16_t port = 0;
    TD_OK_OR_FAIL(td_world_listen(&world, "127.0.0.1", &port, &listener, NULL));
    assert_int_not_equal(port, 0);
    uint16_t same = port;
    struct td_conn second;
    struct td_fail why = {0};
    assert_int_equal(td_world_listen(&world, "127.0.0.1", &same, &second, &why), TD_EINUSE);
    TD_OK_OR_FAIL(td_world_dial(&world, "localhost", port, &client, NULL));
    for (bool connected = false; !connected || !server.id;) {
        const struct td_wake wake = next();
        connected |= wake.kind == TD_WAKE_CONNECTED && wake.conn.id == client.id;
        if (wake.kind == TD_WAKE_ACCEPTED)
            server = wake.conn;
    }
    char buf[16];
    size_t n = 0;
    assert_int_equal(td_world_recv(&world, server, buf, sizeof buf, &n), TD_EAGAIN);
    TD_OK_OR_FAIL(td_world_send(&world, client, "hello", 5, &n));
    assert_int_equal(n, 5);
    struct td_wake wake = next();
    assert_int_equal(wake.kind, TD_WAKE_READABLE);
    assert_int_equal(wake.conn.id, server.id);
    TD_OK_OR_FAIL(td_world_recv(&world, server, buf, sizeof buf, &n));
    assert_int_equal(n, 5);
    td_world_hangup(&world, client, false);
    assert_int_equal(td_world_send(&world, client, "x", 1, &n), TD_ECLOSED);
    wake = next();
    assert_int_equal(td_world_recv(&world, server, buf, sizeof buf, &n), TD_ECLOSED);
    td_world_hangup(&world, server, true);
    td_world_hangup(&world, server, true);
    td_world_hangup(&world, listener, false);
    td_world_wait(&world, td_world_mono(&world) + 10 * TD_MS, &wake);
    assert_int_equal(wake.kind, TD_WAKE_TIMEOUT);
}

static void a_full_pipe_reports_when_it_drains(void **state)
{
    (void)state;
    static char big[1 << 20];
    const char *folder = td_test_folder("uvlocal");
    char path[600];
    struct td_conn listener, client, server = {0};
    (void)snprintf(path, sizeof path, "%s/control", folder);
    TD_OK_OR_FAIL(td_world_listen_local(&world, path, &listener, NULL));
    TD_OK_OR_FAIL(td_world_dial_local(&world, path, &client, NULL));
    while (!server.id) {
        const struct td_wake wake = next();
        if (wake.kind == TD_WAKE_ACCEPTED)
            server = wake.conn;
    }
    size_t sent = sizeof big, total = 0, received = 0;
    while (sent == sizeof big) {
        TD_OK_OR_FAIL(td_world_send(&world, server, big, sizeof big, &sent));
        total += sent;
    }
    bool writable = false;
    while (received < total || !writable) {
        const struct td_wake wake = next();
        size_t n;
        writable |= wake.kind == TD_WAKE_WRITABLE;
        while (wake.kind == TD_WAKE_READABLE &&
               td_world_recv(&world, client, big, sizeof big, &n) == TD_OK)
            received += n;
    }
    assert_int_equal(received, total);
    td_world_hangup(&world, server, false);
    td_world_hangup(&world, client, false);
    td_world_hangup(&world, listener, false);
}

static void says_why_a_dial_failed(void **state)
{
    (void)state;
    struct td_conn conn, listener;
    uint16_t port = 0;
    TD_OK_OR_FAIL(td_world_listen(&world, "127.0.0.1", &port, &listener, NULL));
    td_world_hangup(&world, listener, false);
    TD_OK_OR_FAIL(td_world_dial(&world, "127.0.0.1", port, &conn, NULL));
    const struct td_wake wake = next();
    assert_int_equal(wake.kind, TD_WAKE_FAILED);
    assert_int_equal(wake.err, TD_EUNREACH);
    struct td_fail why = {0};
    assert_int_equal(td_world_dial_local(&world, "no-such-socket", &conn, &why), TD_ENOENT);
    assert_non_null(strstr(why.text, "no-such-socket"));
}

static void poke_from_thread(void *arg)
{
    td_world_poke(arg);
}

static void wakes_for_other_threads_and_signals(void **state)
{
    (void)state;
    struct td_thread thread = {0};
    TD_OK_OR_FAIL(td_thread_start(&thread, "poker", poke_from_thread, &world));
    assert_int_equal(next().kind, TD_WAKE_POKE);
    td_thread_join(&thread);
    td_thread_join(&thread);
    static const int numbers[] = {SIGTERM, SIGINT, SIGHUP, SIGUSR1};
    for (size_t i = 0; i < TD_COUNT(numbers); i++) {
        assert_int_equal(raise(numbers[i]), 0);
        const struct td_wake wake = next();
        assert_int_equal(wake.kind, TD_WAKE_SIGNAL);
        assert_int_equal(wake.signal, numbers[i]);
    }
}

/* libuv counts milliseconds: a deadline less than one ahead, asked for at the very end of one, must still wake.
 * The offsets sweep the few microseconds in which arming the timer and polling fall into two of them. */
static void deadlines_hold_at_the_edge_of_a_millisecond(void **state)
{
    (void)state;
    for (int i = 0; i < 1500; i++) {
        struct td_wake wake;
        const td_ns edge = td_world_mono(&world) / TD_MS * TD_MS + TD_MS - i % 100 * 40;
        while (td_world_mono(&world) < edge)
            continue;
        td_world_wait(&world, td_world_mono(&world) + 100 * TD_US, &wake);
        assert_int_equal(wake.kind, TD_WAKE_TIMEOUT);
    }
}

static bool count_entry(void *arg, const char *name, enum td_entry_kind kind)
{
    (void)name;
    *(int *)arg += kind == TD_ENTRY_FILE ? 1 : 100;
    return true;
}

static void files(void **state)
{
    (void)state;
    char path[600], other[600], buf[64];
    const char *folder = td_test_folder("uvfiles");
    struct td_file f, g;
    size_t n = 0;
    uint64_t size = 0;
    int entries = 0;
    struct td_fail why = {0};
    (void)snprintf(path, sizeof path, "%s/a/b/c.log", folder);
    (void)snprintf(other, sizeof other, "%s/a/b", folder);
    assert_int_equal(td_file_open(&world, path, TD_FILE_READ, &f, &why), TD_ENOENT);
    TD_OK_OR_FAIL(td_folder_make(&world, other));
    TD_OK_OR_FAIL(td_folder_make(&world, other));
    TD_OK_OR_FAIL(td_file_open(&world, path, TD_FILE_LOCK, &f, &why));
    assert_int_equal(td_file_open(&world, path, TD_FILE_LOCK, &g, &why), TD_ELOCKED);
    TD_OK_OR_FAIL(td_file_write(&world, f, "0123456789", 10));
    TD_OK_OR_FAIL(td_file_sync(&world, f));
    TD_OK_OR_FAIL(td_file_read(&world, f, 4, buf, 64, &n));
    assert_int_equal(n, 6);
    TD_OK_OR_FAIL(td_file_truncate(&world, f, 4));
    TD_OK_OR_FAIL(td_file_write(&world, f, "x", 1));
    TD_OK_OR_FAIL(td_file_size(&world, f, &size));
    assert_int_equal(size, 5);
    td_file_close(&world, f);
    TD_OK_OR_FAIL(td_file_slurp(&world, path, buf, sizeof buf, &n, NULL));
    assert_string_equal(buf, "0123x");
    assert_int_equal(td_file_slurp(&world, path, buf, 5, &n, NULL), TD_ERANGE);
    TD_OK_OR_FAIL(td_file_replace(&world, path, td_str_of("new"), &why));
    TD_OK_OR_FAIL(td_file_slurp(&world, path, buf, sizeof buf, &n, NULL));
    assert_string_equal(buf, "new");
    TD_OK_OR_FAIL(td_folder_list(&world, other, count_entry, &entries));
    assert_int_equal(entries, 1);
    TD_OK_OR_FAIL(td_disk_free(&world, other, &size));
    assert_int_equal(td_file_remove(&world, path), TD_OK);
    assert_int_equal(td_file_remove(&world, path), TD_ENOENT);
    assert_int_equal(td_entry_at(&world, path), TD_ENTRY_NONE);
    td_path_folder("x", buf, sizeof buf);
    assert_string_equal(buf, ".");
    td_path_folder("/x", buf, sizeof buf);
    assert_string_equal(buf, "/");
}

static void dotenv(void **state)
{
    (void)state;
    static struct td_environ env;
    char path[600];
    enum td_origin source;
    struct td_fail why = {0};
    (void)snprintf(path, sizeof path, "%s/.env", td_test_folder("dotenv"));
    TD_OK_OR_FAIL(td_environ_load(&env, &world, path, &why));
    assert_int_equal(env.count, 0);
    TD_OK_OR_FAIL(
        td_file_replace(&world, path,
                        td_str_of("# comment\n\nTD_T_A = one # two\nexport TD_T_B=\"x # y\"\n"
                                  "TD_T_C='q'\nTD_T_D=~/data\nTD_T_E=\nPATH=mine\nTD_T_A=later"),
                        &why));
    TD_OK_OR_FAIL(td_environ_load(&env, &world, path, &why));
    assert_false(env.is_private);
    assert_string_equal(td_environ_get(&env, "TD_T_A", &source), "later");
    assert_int_equal(source, TD_FROM_DOTENV);
    assert_string_equal(td_environ_get(&env, "TD_T_B", &source), "x # y");
    assert_string_equal(td_environ_get(&env, "TD_T_C", &source), "q");
    assert_string_equal(td_environ_get(&env, "TD_T_E", &source), "");
    assert_int_not_equal(td_environ_get(&env, "TD_T_D", &source)[0], '~');
    assert_string_not_equal(td_environ_get(&env, "PATH", &source), "mine");
    assert_int_equal(source, TD_FROM_ENVIRONMENT);
    assert_null(td_environ_get(&env, "TD_T_NONE", &source));
    assert_string_equal(td_origin_name(source), "default");
    TD_OK_OR_FAIL(td_file_replace(&world, path, td_str_of("A=1\nbroken line\n"), &why));
    assert_int_equal(td_environ_load(&env, &world, path, &why), TD_EPARSE);
    assert_non_null(strstr(why.text, ":2:"));
}

static void put_file(const char *path)
{
    struct td_file f = {0};
    TD_OK_OR_FAIL(td_file_open(&world, path, TD_FILE_APPEND, &f, NULL));
    td_file_close(&world, f);
}

/* A watch that misses a kill switch would be an order too many: every way in which an entry comes or goes. */
static void a_watched_folder_tells_when_it_stirs(void **state)
{
    (void)state;
    char folder[600], other[600], path[640], from[640], below[640];
    struct td_file f = {0};
    const char *top = td_test_folder("watches");
    (void)snprintf(folder, sizeof folder, "%s/watched", top);
    (void)snprintf(other, sizeof other, "%s/away", top);
    (void)snprintf(path, sizeof path, "%s/kill", folder);
    (void)snprintf(from, sizeof from, "%s/from", top);
    (void)snprintf(below, sizeof below, "%s/deep/er/kill", folder);
    TD_OK_OR_FAIL(td_folder_make(&world, folder));
    assert_true(td_world_stirred(&world)); /* nothing is watched: it cannot tell */
    td_world_watch(&world, path);
    td_world_watch(&world, below);
    assert_true(td_world_stirred(&world));
    assert_false(td_world_stirred(&world));
    put_file(path);
    assert_true(td_world_stirred(&world));
    assert_false(td_world_stirred(&world));
    TD_OK_OR_FAIL(td_file_open(&world, path, TD_FILE_APPEND, &f, NULL));
    TD_OK_OR_FAIL(td_file_write(&world, f, "x", 1)); /* what a file holds does not matter */
    td_file_close(&world, f);
    assert_false(td_world_stirred(&world));
    TD_OK_OR_FAIL(td_file_remove(&world, path));
    assert_true(td_world_stirred(&world));
    put_file(from);
    TD_OK_OR_FAIL(td_file_rename(&world, from, path));
    assert_true(td_world_stirred(&world));
    assert_false(td_world_stirred(&world));
    /* The folder itself: moved away, made again. */
    TD_OK_OR_FAIL(td_file_rename(&world, folder, other));
    assert_true(td_world_stirred(&world));
    TD_OK_OR_FAIL(td_folder_make(&world, folder));
    assert_true(td_world_stirred(&world));
    assert_false(td_world_stirred(&world));
    put_file(path);
    assert_true(td_world_stirred(&world));
    /* One that was not there when the watch began. */
    (void)snprintf(from, sizeof from, "%s/deep/er", folder);
    TD_OK_OR_FAIL(td_folder_make(&world, from));
    assert_true(td_world_stirred(&world));
    while (td_world_stirred(&world))
        continue;
    put_file(below);
    assert_true(td_world_stirred(&world));
    assert_false(td_world_stirred(&world));
}

static void a_child_is_spoken_to_and_reaped(void **state)
{
    (void)state;
    static const char *const argv[] = {"/bin/sh", "-c", "read x; echo \"$x\" >&0; read y", NULL};
    static const char *const missing[] = {"/nowhere/program", NULL};
    struct td_proc p = {0};
    struct td_wake wake = {0};
    char buf[16];
    size_t n = 0;
    int status = 0;
    assert_int_equal(td_world_spawn(&world, missing, &p, NULL), TD_ENOENT);
    TD_OK_OR_FAIL(td_world_spawn(&world, argv, &p, NULL));
    TD_OK_OR_FAIL(td_world_send(&world, p.channel, "hello\n", 6, &n));
    do
        wake = next();
    while (wake.kind != TD_WAKE_READABLE || wake.conn.id != p.channel.id);
    TD_OK_OR_FAIL(td_world_recv(&world, p.channel, buf, sizeof buf, &n));
    assert_int_equal(n, 6);
    assert_false(td_world_reap(&world, p, 0, &status));
    td_world_hangup(&world, p.channel, true);
    td_world_end(&world, p, false);
    assert_true(td_world_reap(&world, p, 20 * TD_SEC, &status));
    assert_true(status == 128 + SIGTERM || status < 2); /* or it saw the end of its channel first */
    td_world_end(&world, p, true);                      /* its id means nobody now */
    assert_true(td_world_reap(&world, p, 0, &status));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(talks_over_tcp),
        cmocka_unit_test(a_full_pipe_reports_when_it_drains),
        cmocka_unit_test(says_why_a_dial_failed),
        cmocka_unit_test(deadlines_hold_at_the_edge_of_a_millisecond),
        cmocka_unit_test(wakes_for_other_threads_and_signals),
        cmocka_unit_test(files),
        cmocka_unit_test(a_watched_folder_tells_when_it_stirs),
        cmocka_unit_test(a_child_is_spoken_to_and_reaped),
        cmocka_unit_test(dotenv),
    };
    return cmocka_run_group_tests_name("sys/uvworld", tests, open_world, close_world);
}
