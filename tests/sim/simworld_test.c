/* tests/sim/simworld_test.c - the simulated world: determinism, connections, faults, disks, power cuts. */
#include "sim/simworld.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "support/support.h"

#define START INT64_C(1763735400000000000)

static const struct td_simworld_options calm = {
    .seed = 1, .start_ns = START, .latency_min = TD_MS, .latency_max = 3 * TD_MS};

static struct td_simworld *sim;
static struct td_world a, b;
static uint32_t host_a, host_b;

static void begin(const struct td_simworld_options *o)
{
    TD_OK_OR_FAIL(td_simworld_open(&sim, o, NULL));
    TD_OK_OR_FAIL(td_simworld_attach(sim, "desk", &host_a, &a, NULL));
    TD_OK_OR_FAIL(td_simworld_attach(sim, "gateway", &host_b, &b, NULL));
}

static int end(void **state)
{
    (void)state;
    td_simworld_close(sim);
    sim = NULL;
    return 0;
}

static struct td_wake wait_for(struct td_world *w, td_ns span)
{
    struct td_wake wake;
    td_world_wait(w, td_world_mono(w) + span, &wake);
    return wake;
}

/* A connected pair over TCP. */
static void connect_pair(struct td_conn *client, struct td_conn *server)
{
    struct td_conn listener;
    uint16_t port = 0;
    TD_OK_OR_FAIL(td_world_listen(&b, "127.0.0.1", &port, &listener, NULL));
    assert_int_not_equal(port, 0);
    TD_OK_OR_FAIL(td_world_dial(&a, "localhost", port, client, NULL));
    struct td_wake wake = wait_for(&a, TD_SEC);
    assert_int_equal(wake.kind, TD_WAKE_CONNECTED);
    assert_int_equal(wake.conn.id, client->id);
    wake = wait_for(&b, 0);
    assert_int_equal(wake.kind, TD_WAKE_ACCEPTED);
    assert_int_equal(wake.listener.id, listener.id);
    *server = wake.conn;
}

static void time_moves_in_wait_alone(void **state)
{
    (void)state;
    begin(&calm);
    const td_ns mono = td_world_mono(&a);
    assert_int_equal(td_world_now(&a), START + mono);
    assert_int_equal(wait_for(&a, 5 * TD_SEC).kind, TD_WAKE_TIMEOUT);
    assert_int_equal(td_world_mono(&a), mono + 5 * TD_SEC);
    assert_int_equal(td_world_mono(&b), td_world_mono(&a));
    td_simworld_step_clock(sim, -TD_HOUR);
    assert_int_equal(td_world_now(&a), START + mono + 5 * TD_SEC - TD_HOUR);
    assert_int_equal(td_world_mono(&a), mono + 5 * TD_SEC);
    td_simworld_signal(sim, host_a, 15);
    td_world_poke(&a);
    struct td_wake wake = wait_for(&a, TD_SEC);
    assert_int_equal(wake.kind, TD_WAKE_SIGNAL);
    assert_int_equal(wake.signal, 15);
    assert_int_equal(wait_for(&a, TD_SEC).kind, TD_WAKE_POKE);
    td_world_wait(&a, TD_NS_NEVER, &wake); /* nothing will ever happen */
    assert_int_equal(wake.kind, TD_WAKE_TIMEOUT);
    assert_int_not_equal(td_world_random(&a), td_world_random(&a));
}

static void timers_may_be_late(void **state)
{
    (void)state;
    struct td_simworld_options o = calm;
    td_ns late = 0;
    o.odd = 500;
    begin(&o);
    for (int i = 0; i < 100; i++) {
        const td_ns deadline = td_world_mono(&a) + TD_SEC;
        (void)wait_for(&a, TD_SEC);
        assert_in_range(td_world_mono(&a), deadline, deadline + 2 * TD_MS);
        late += td_world_mono(&a) > deadline;
    }
    assert_in_range(late, 20, 80);
}

static void a_connection_carries_bytes(void **state)
{
    (void)state;
    struct td_conn client, server;
    char buf[16] = "";
    size_t n = 0;
    begin(&calm);
    connect_pair(&client, &server);
    assert_int_equal(td_world_recv(&b, server, buf, sizeof buf, &n), TD_EAGAIN);
    TD_OK_OR_FAIL(td_world_send(&a, client, "hello", 5, &n));
    assert_int_equal(n, 5);
    for (size_t got = 0; got < 5; got += n) {
        assert_int_equal(wait_for(&b, TD_SEC).kind, TD_WAKE_READABLE);
        TD_OK_OR_FAIL(td_world_recv(&b, server, buf + got, sizeof buf - got, &n));
    }
    assert_memory_equal(buf, "hello", 5);
    td_world_hangup(&a, client, false);
    assert_int_equal(td_world_send(&a, client, "x", 1, &n), TD_ECLOSED);
    assert_int_equal(wait_for(&b, TD_SEC).kind, TD_WAKE_READABLE);
    assert_int_equal(td_world_recv(&b, server, buf, sizeof buf, &n), TD_ECLOSED);
    assert_int_equal(td_world_recv(&a, server, buf, sizeof buf, &n), TD_ECLOSED); /* not ours */
    td_world_hangup(&b, server, true);
    td_world_hangup(&b, server, true);
}

static void failed_dials_say_why(void **state)
{
    (void)state;
    struct td_conn conn, listener, second;
    struct td_fail why = {0};
    uint16_t port = 4002, same = 4002;
    begin(&calm);
    static const char *const hosts[] = {"127.0.0.1", "nowhere.example"};
    for (size_t i = 0; i < TD_COUNT(hosts); i++) {
        TD_OK_OR_FAIL(td_world_dial(&a, hosts[i], 4002, &conn, NULL));
        const struct td_wake wake = wait_for(&a, TD_SEC);
        assert_int_equal(wake.kind, TD_WAKE_FAILED);
        assert_int_equal(wake.err, TD_EUNREACH);
        assert_int_equal(wake.conn.id, conn.id);
    }
    TD_OK_OR_FAIL(td_world_listen(&b, "0.0.0.0", &port, &listener, NULL));
    assert_int_equal(td_world_listen(&a, "localhost", &same, &second, &why), TD_EINUSE);
    assert_int_equal(td_world_listen(&a, "example.org", &same, &second, &why), TD_EINVAL);
    td_simworld_refuse(sim, 4002, true);
    TD_OK_OR_FAIL(td_world_dial(&a, "gateway", 4002, &conn, NULL));
    assert_int_equal(wait_for(&a, TD_SEC).kind, TD_WAKE_FAILED);
    td_simworld_refuse(sim, 4002, false);
    TD_OK_OR_FAIL(td_world_dial(&a, "gateway", 4002, &conn, NULL));
    assert_int_equal(wait_for(&a, TD_SEC).kind, TD_WAKE_CONNECTED);
    assert_int_equal(td_world_dial_local(&a, "run/control", &conn, &why), TD_ENOENT);
    TD_OK_OR_FAIL(td_world_listen_local(&b, "run/control", &listener, NULL));
    TD_OK_OR_FAIL(
        td_world_listen_local(&b, "run/control", &second, NULL)); /* a stale path is replaced */
    TD_OK_OR_FAIL(td_world_dial_local(&a, "run/control", &conn, NULL));
    assert_int_equal(wait_for(&a, TD_SEC).kind, TD_WAKE_CONNECTED);
    while (wait_for(&b, 0).kind != TD_WAKE_TIMEOUT)
        continue;
    enum td_err err = TD_OK;
    for (int i = 0; i < 300 && !err; i++)
        err = td_world_dial(&a, "localhost", 4002, &conn, &why);
    assert_int_equal(err, TD_EFULL);
}

static void expect_reset(struct td_world *w, struct td_conn conn)
{
    char buf[4];
    size_t n;
    struct td_wake wake;
    do {
        wake = wait_for(w, TD_SEC);
        assert_int_not_equal(wake.kind, TD_WAKE_TIMEOUT);
    } while (wake.kind != TD_WAKE_READABLE || wake.conn.id != conn.id);
    assert_int_equal(td_world_recv(w, conn, buf, sizeof buf, &n), TD_EIO);
    assert_int_equal(td_world_send(w, conn, "x", 1, &n), TD_EIO);
}

static void resets(void **state)
{
    (void)state;
    struct td_conn client, server;
    size_t n;
    begin(&calm);
    connect_pair(&client, &server);
    td_world_hangup(&a, client, true);
    expect_reset(&b, server);
    connect_pair(&client, &server);
    td_simworld_sever(sim, host_b);
    expect_reset(&a, client);
    expect_reset(&b, server);
    connect_pair(&client, &server);
    td_simworld_kill(sim, host_b);
    expect_reset(&a, client);
    assert_int_equal(td_world_send(&b, server, "x", 1, &n), TD_ECLOSED);
    assert_int_equal(wait_for(&b, TD_HOUR).kind, TD_WAKE_TIMEOUT); /* the dead do not wait */
    td_simworld_close(sim);
    struct td_simworld_options o = calm;
    o.drop = 1000;
    begin(&o);
    connect_pair(&client, &server);
    TD_OK_OR_FAIL(td_world_send(&a, client, "x", 1, &n));
    expect_reset(&b, server);
    expect_reset(&a, client);
}

static void a_full_window_says_when_it_drains(void **state)
{
    (void)state;
    static char big[TD_SIM_WINDOW + 1000];
    struct td_conn client, server;
    size_t n, received = 0;
    begin(&calm);
    connect_pair(&client, &server);
    TD_OK_OR_FAIL(td_world_send(&a, client, big, sizeof big, &n));
    assert_int_equal(n, TD_SIM_WINDOW);
    TD_OK_OR_FAIL(td_world_send(&a, client, big, 1, &n));
    assert_int_equal(n, 0);
    while (received < TD_SIM_WINDOW) {
        assert_int_equal(wait_for(&b, TD_SEC).kind, TD_WAKE_READABLE);
        TD_OK_OR_FAIL(td_world_recv(&b, server, big, sizeof big, &n));
        received += n;
    }
    assert_int_equal(wait_for(&a, TD_SEC).kind, TD_WAKE_WRITABLE);
    TD_OK_OR_FAIL(td_world_send(&a, client, big, 1000, &n));
    assert_int_equal(n, 1000);
}

/* --- an echo server that runs inside the other machine's waits --- */

struct echo {
    struct td_world *world;
    uint8_t buf[4 * TD_SIM_WINDOW];
    size_t len;
    struct td_conn conn;
    uint64_t turns;
};

static void echo_out(struct echo *e)
{
    size_t n = 0;
    if (e->len && td_world_send(e->world, e->conn, e->buf, e->len, &n) == TD_OK) {
        memmove(e->buf, e->buf + n, e->len - n);
        e->len -= n;
    }
}

static td_ns echo_turn(void *arg)
{
    struct echo *e = arg;
    struct td_wake wake;
    size_t n;
    e->turns++;
    for (td_world_wait(e->world, 0, &wake); wake.kind != TD_WAKE_TIMEOUT;
         td_world_wait(e->world, 0, &wake)) {
        if (wake.kind == TD_WAKE_ACCEPTED)
            e->conn = wake.conn;
        while (wake.kind == TD_WAKE_READABLE && td_world_recv(e->world, e->conn, e->buf + e->len,
                                                              sizeof e->buf - e->len, &n) == TD_OK)
            e->len += n;
        echo_out(e);
    }
    return e->len ? td_world_mono(e->world) + TD_MS : TD_NS_NEVER;
}

/* Sends `total` bytes to the echo and checks what returns. Returns the trace. */
static uint64_t echo_all(const struct td_simworld_options *o, size_t total)
{
    static struct echo e;
    struct td_conn listener, conn;
    struct td_wake wake;
    uint16_t port = 0;
    uint8_t *out = malloc(total);
    struct td_rng rng;
    size_t sent = 0, got = 0, n;
    TD_REQUIRE(out != NULL);
    td_rng_init(&rng, 9);
    for (size_t i = 0; i < total; i++)
        out[i] = (uint8_t)td_rng_u64(&rng);
    begin(o);
    e = (struct echo){.world = &b};
    TD_OK_OR_FAIL(td_world_listen(&b, "127.0.0.1", &port, &listener, NULL));
    td_simworld_turn(sim, host_b, echo_turn, &e);
    TD_OK_OR_FAIL(td_world_dial(&a, "127.0.0.1", port, &conn, NULL));
    td_ns before = td_world_mono(&a);
    while (got < total) {
        uint8_t back[5000];
        td_world_wait(&a, td_world_mono(&a) + TD_SEC, &wake);
        assert_true(td_world_mono(&a) >= before);
        before = td_world_mono(&a);
        assert_int_not_equal(wake.kind, TD_WAKE_TIMEOUT);
        if (wake.kind == TD_WAKE_CONNECTED || wake.kind == TD_WAKE_WRITABLE ||
            wake.kind == TD_WAKE_READABLE) {
            const size_t most = total - sent < 20000 ? total - sent : 20000;
            if (most) {
                TD_OK_OR_FAIL(td_world_send(&a, conn, out + sent, most, &n));
                sent += n;
            }
        }
        while (wake.kind == TD_WAKE_READABLE &&
               td_world_recv(&a, conn, back, sizeof back, &n) == TD_OK) {
            assert_memory_equal(back, out + got, n);
            got += n;
        }
    }
    free(out);
    assert_true(e.turns > 3);
    const uint64_t trace = td_simworld_trace(sim);
    td_simworld_close(sim);
    sim = NULL;
    return trace;
}

static void bytes_survive_odd_behaviour(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 8; seed++) {
        struct td_simworld_options o = calm;
        o.seed = seed;
        o.odd = (uint32_t)seed * 50;
        o.latency_max = (td_ns)seed * 20 * TD_MS;
        (void)echo_all(&o, 200000);
    }
}

/* Files, sockets and faults in one run; the same seed gives the same trace. */
static uint64_t mixed_run(uint64_t seed)
{
    struct td_simworld_options o = calm;
    struct td_rng rng;
    char path[40], bytes[3000] = "";
    o.seed = seed;
    o.odd = 100;
    uint64_t trace = echo_all(&o, 30000);
    begin(&o);
    td_rng_init(&rng, 4);
    TD_OK_OR_FAIL(td_folder_make(&a, "d"));
    for (int i = 0; i < 200; i++) {
        struct td_file f;
        (void)snprintf(path, sizeof path, "d/f%d", (int)td_rng_below(&rng, 5));
        TD_OK_OR_FAIL(td_file_open(&a, path, TD_FILE_APPEND, &f, NULL));
        TD_OK_OR_FAIL(td_file_write(&a, f, bytes, td_rng_below(&rng, sizeof bytes)));
        if (td_rng_chance(&rng, 0.2))
            TD_OK_OR_FAIL(td_file_sync(&a, f));
        td_file_close(&a, f);
        if (td_rng_chance(&rng, 0.1)) {
            td_simworld_crash(sim, host_a);
            TD_OK_OR_FAIL(td_simworld_attach(sim, "desk", &host_a, &a, NULL));
        }
    }
    trace ^= td_simworld_trace(sim);
    td_simworld_close(sim);
    sim = NULL;
    return trace;
}

static void same_seed_same_trace(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 5; seed++) {
        const uint64_t trace = mixed_run(seed);
        assert_int_equal(mixed_run(seed), trace);
        assert_int_not_equal(mixed_run(seed + 100), trace);
    }
}

/* --- disk --- */

static void write_file(struct td_world *w, const char *path, const char *text, bool sync)
{
    struct td_file f;
    TD_OK_OR_FAIL(td_file_open(w, path, TD_FILE_APPEND, &f, NULL));
    TD_OK_OR_FAIL(td_file_write(w, f, text, strlen(text)));
    if (sync)
        TD_OK_OR_FAIL(td_file_sync(w, f));
    td_file_close(w, f);
}

static void expect_file(struct td_world *w, const char *path, const char *want)
{
    char buf[4096];
    size_t len = 0;
    TD_OK_OR_FAIL(td_file_slurp(w, path, buf, sizeof buf, &len, NULL));
    assert_string_equal(buf, want);
}

static bool gather(void *arg, const char *name, enum td_entry_kind kind)
{
    struct td_text *t = arg;
    td_text_printf(t, "%s%s ", name, kind == TD_ENTRY_FOLDER ? "/" : "");
    return t->len < 60;
}

static void files_behave_as_on_linux(void **state)
{
    (void)state;
    struct td_file f, g;
    char names[100], buf[8];
    uint64_t size = 0;
    size_t n;
    struct td_text t;
    begin(&calm);
    assert_int_equal(td_file_open(&a, "x/y", TD_FILE_APPEND, &f, NULL),
                     TD_ENOENT); /* no such folder */
    assert_int_equal(td_file_open(&a, "x", TD_FILE_READ, &f, NULL), TD_ENOENT);
    TD_OK_OR_FAIL(td_folder_make(&a, "./x//y/z/"));
    TD_OK_OR_FAIL(td_folder_make(&a, "x/y"));
    assert_int_equal(td_file_open(&a, "x/y", TD_FILE_APPEND, &f, NULL), TD_EEXIST);
    write_file(&a, "x/b", "two", false);
    write_file(&a, "x/b", "+", false);
    write_file(&a, "./x/a", "one", false);
    expect_file(&a, "x/b", "two+");
    assert_int_equal(td_folder_make(&a, "x/b/c"), TD_EEXIST);
    td_text_init(&t, names, sizeof names);
    TD_OK_OR_FAIL(td_folder_list(&a, "x/", gather, &t));
    assert_string_equal(names, "a b y/ ");
    assert_int_equal(td_folder_list(&a, "x/a", gather, &t), TD_ENOENT);
    assert_int_equal(td_entry_at(&a, "x/y"), TD_ENTRY_FOLDER);
    assert_int_equal(td_entry_at(&a, "x/a"), TD_ENTRY_FILE);
    assert_int_equal(td_entry_at(&b, "x/a"), TD_ENTRY_NONE); /* another machine */
    TD_OK_OR_FAIL(td_file_rename(&a, "x/a", "x/b"));
    expect_file(&a, "x/b", "one");
    assert_int_equal(td_file_rename(&a, "x/a", "x/b"), TD_ENOENT);
    assert_int_equal(td_file_remove(&a, "x/a"), TD_ENOENT);
    assert_int_equal(td_file_remove(&a, "x/y"), TD_EACCES);
    TD_OK_OR_FAIL(td_file_open(&a, "x/b", TD_FILE_LOCK, &f, NULL));
    assert_int_equal(td_file_open(&a, "x/b", TD_FILE_LOCK, &g, NULL), TD_ELOCKED);
    TD_OK_OR_FAIL(td_file_remove(&a, "x/b"));
    TD_OK_OR_FAIL(td_file_write(&a, f, "!", 1)); /* the open file lives on */
    TD_OK_OR_FAIL(td_file_size(&a, f, &size));
    assert_int_equal(size, 4);
    TD_OK_OR_FAIL(td_file_truncate(&a, f, 2));
    TD_OK_OR_FAIL(td_file_read(&a, f, 1, buf, sizeof buf, &n));
    assert_int_equal(n, 1);
    assert_int_equal(buf[0], 'n');
    td_file_close(&a, f);
    write_file(&a, "x/n", "old", false);
    TD_OK_OR_FAIL(td_file_open(&a, "x/n", TD_FILE_NEW, &f, NULL));
    td_file_close(&a, f);
    expect_file(&a, "x/n", "");
    TD_OK_OR_FAIL(td_file_open(&a, "x/n", TD_FILE_READ, &f, NULL));
    assert_int_equal(td_file_write(&a, f, "x", 1), TD_EACCES);
    td_file_close(&a, f);
    TD_OK_OR_FAIL(td_file_replace(&a, "x/n", td_str_of("new"), NULL));
    expect_file(&a, "x/n", "new");
}

static void disks_fill_and_fail(void **state)
{
    (void)state;
    static char big[8000];
    struct td_simworld_options o = calm;
    struct td_file f;
    uint64_t left = 0, size = 0;
    o.disk_bytes = 10000;
    begin(&o);
    TD_OK_OR_FAIL(td_file_open(&a, "f", TD_FILE_APPEND, &f, NULL));
    TD_OK_OR_FAIL(td_file_write(&a, f, big, sizeof big));
    TD_OK_OR_FAIL(td_disk_free(&a, ".", &left));
    assert_int_equal(left, 2000);
    assert_int_equal(td_file_write(&a, f, big, 3000), TD_ENOSPC);
    TD_OK_OR_FAIL(td_file_size(&a, f, &size));
    assert_int_equal(size, 10000);
    TD_OK_OR_FAIL(td_file_truncate(&a, f, 0));
    TD_OK_OR_FAIL(td_file_write(&a, f, big, 3000));
    const struct td_sim_fault second_sync = {TD_SIM_SYNC, 2, TD_EIO, false};
    td_simworld_fault(sim, host_a, &second_sync);
    TD_OK_OR_FAIL(td_file_sync(&a, f));
    TD_OK_OR_FAIL(td_file_write(&a, f, big, 1));
    assert_int_equal(td_folder_sync(&a, "."), TD_EIO);
    TD_OK_OR_FAIL(td_file_sync(&a, f));
    const struct td_sim_fault write_forever = {TD_SIM_WRITE, 2, TD_ENOSPC, true};
    td_simworld_fault(sim, host_a, &write_forever);
    TD_OK_OR_FAIL(td_file_truncate(&a, f, 0));
    TD_OK_OR_FAIL(td_file_write(&a, f, big, 10));
    assert_int_equal(td_file_write(&a, f, big, 1000), TD_ENOSPC);
    TD_OK_OR_FAIL(td_file_size(&a, f, &size));
    assert_in_range(size, 10, 1009); /* a part of it may be there */
    const uint64_t partial = size;
    assert_int_equal(td_file_write(&a, f, big, 1000), TD_ENOSPC);
    assert_int_equal(td_file_sync(&a, f), TD_ENOSPC);
    assert_int_equal(td_file_rename(&a, "f", "g"), TD_ENOSPC);
    TD_OK_OR_FAIL(td_file_size(&a, f, &size));
    assert_int_equal(size, partial);
    td_simworld_fault(sim, host_a, &(struct td_sim_fault){TD_SIM_RENAME, 1, TD_EACCES, false});
    assert_int_equal(td_file_rename(&a, "f", "g"), TD_EACCES);
    TD_OK_OR_FAIL(td_file_rename(&a, "f", "g"));
    td_simworld_fault(sim, host_a, &(struct td_sim_fault){TD_SIM_OPEN, 1, TD_EACCES, false});
    struct td_file again;
    assert_int_equal(td_file_open(&a, "h", TD_FILE_NEW, &again, NULL), TD_EACCES);
    TD_OK_OR_FAIL(td_file_open(&a, "h", TD_FILE_NEW, &again, NULL));
    assert_true(td_simworld_disk_calls(sim, host_a) > 15);
}

static void kill_keeps_the_cache(void **state)
{
    (void)state;
    struct td_file f;
    begin(&calm);
    TD_OK_OR_FAIL(td_file_open(&a, "f", TD_FILE_LOCK, &f, NULL));
    TD_OK_OR_FAIL(td_file_write(&a, f, "kept", 4));
    struct td_world old = a;
    td_simworld_kill(sim, host_a);
    assert_int_equal(td_file_write(&old, f, "x", 1), TD_EIO);
    TD_OK_OR_FAIL(td_simworld_attach(sim, "desk", &host_a, &a, NULL));
    assert_int_equal(td_file_write(&old, f, "x", 1), TD_EIO); /* still the dead one */
    expect_file(&a, "f", "kept");
    TD_OK_OR_FAIL(td_file_open(&a, "f", TD_FILE_LOCK, &f, NULL)); /* the lock is free */
}

/* Over many cuts: what was synced is always there; every kind of loss happens. */
static void power_cuts_lose_what_was_not_synced(void **state)
{
    (void)state;
    int whole = 0, none = 0, partial = 0, zeros = 0, undone = 0, done = 0, unborn = 0;
    for (uint64_t seed = 1; seed <= 600; seed++) {
        static char big[20000], got[20010];
        struct td_simworld_options o = calm;
        size_t len = 0;
        o.seed = seed;
        begin(&o);
        memset(big, 'n', sizeof big);
        big[sizeof big - 1] = '\0';
        write_file(&a, "f", "synced", true);
        write_file(&a, "old", "old", true);
        write_file(&a, "tmp", "new", true);
        TD_OK_OR_FAIL(td_folder_sync(&a, "."));
        write_file(&a, "f", big, false);
        TD_OK_OR_FAIL(td_file_rename(&a, "tmp", "old"));
        write_file(&a, "unborn", "x", true);
        td_simworld_power_cut(sim);
        TD_OK_OR_FAIL(td_simworld_attach(sim, "desk", &host_a, &a, NULL));
        TD_OK_OR_FAIL(td_file_slurp(&a, "f", got, sizeof got, &len, NULL));
        assert_memory_equal(got, "synced", 6);
        size_t fresh = 0, zero = 0;
        for (size_t i = 6; i < len; i++) {
            fresh += got[i] == 'n';
            zero += got[i] == 0;
        }
        assert_int_equal(fresh + zero, len - 6);
        whole += fresh == sizeof big - 1;
        none += len == 6;
        partial += len > 6 && len < sizeof big + 5;
        zeros += zero > 0;
        const bool renamed = td_entry_at(&a, "tmp") == TD_ENTRY_NONE;
        expect_file(&a, "old", renamed ? "new" : "old");
        done += renamed;
        undone += !renamed;
        unborn += td_entry_at(&a, "unborn") == TD_ENTRY_NONE;
        td_simworld_close(sim);
    }
    sim = NULL;
    assert_true(whole > 20 && none > 20 && partial > 20 && zeros > 20 && done > 100 &&
                undone > 100 && unborn > 100);
}

static void limits_are_errors(void **state)
{
    (void)state;
    struct td_simworld_options o = calm;
    struct td_world w;
    uint32_t host;
    char name[16];
    o.latency_max = 0;
    assert_int_equal(td_simworld_open(&sim, &o, NULL), TD_EINVAL);
    o = calm;
    o.odd = 1001;
    assert_int_equal(td_simworld_open(&sim, &o, NULL), TD_EINVAL);
    begin(&calm);
    assert_int_equal(td_simworld_attach(sim, "desk", &host, &w, NULL), TD_EEXIST);
    for (int i = 2; i < TD_SIM_HOSTS; i++) {
        (void)snprintf(name, sizeof name, "h%d", i);
        TD_OK_OR_FAIL(td_simworld_attach(sim, name, &host, &w, NULL));
    }
    assert_int_equal(td_simworld_attach(sim, "one more", &host, &w, NULL), TD_EFULL);
    td_simworld_close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(time_moves_in_wait_alone, end),
        cmocka_unit_test_teardown(timers_may_be_late, end),
        cmocka_unit_test_teardown(a_connection_carries_bytes, end),
        cmocka_unit_test_teardown(failed_dials_say_why, end),
        cmocka_unit_test_teardown(resets, end),
        cmocka_unit_test_teardown(a_full_window_says_when_it_drains, end),
        cmocka_unit_test_teardown(bytes_survive_odd_behaviour, end),
        cmocka_unit_test_teardown(same_seed_same_trace, end),
        cmocka_unit_test_teardown(files_behave_as_on_linux, end),
        cmocka_unit_test_teardown(disks_fill_and_fail, end),
        cmocka_unit_test_teardown(kill_keeps_the_cache, end),
        cmocka_unit_test_teardown(power_cuts_lose_what_was_not_synced, end),
        cmocka_unit_test_teardown(limits_are_errors, end),
    };
    return cmocka_run_group_tests_name("sim/simworld", tests, NULL, NULL);
}
