/* tests/sys/socktable_test.c - the kernel's socket table: its lines, listeners, and dead ends by owner. */
#include "support/support.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sys/socktable.h"
#include "sys/uvworld.h"

static struct td_sock parsed(const char *line)
{
    struct td_sock s;
    TD_OK_OR_FAIL(td_sock_parse(td_str_of(line), &s));
    return s;
}

static void lines_of_both_tables_are_read(void **state)
{
    (void)state;
    struct td_sock s = parsed("   0: 0100007F:0FA2 00000000:0000 0A 00000000:00000000 00:00000000 "
                              "00000000  1000        0 48211 1 0000000000000000 100 0 0 10 0");
    assert_int_equal(s.local_port, 4002);
    assert_int_equal(s.state, TD_SOCK_LISTEN);
    assert_true(s.local_loop);
    assert_int_equal(s.uid, 1000);
    assert_int_equal(s.inode, 48211);
    s = parsed(
        "  12: 0000000000000000FFFF00000100007F:0FA2 0000000000000000FFFF00000100007F:D431 08 "
        "00000001:00000000 00:00000000 00000000     0        0 99 1 0 20 4 30 10 -1");
    assert_int_equal(s.remote_port, 0xd431);
    assert_int_equal(s.state, TD_SOCK_CLOSE_WAIT);
    assert_true(s.local_loop);
    s = parsed(
        " 3: 0A00020F:1F90 0A000202:C001 01 00000000:00000000 02:000A7214 00000000 0 0 7 2 0 20");
    assert_false(s.local_loop);
}

static void what_is_no_line_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid",
        "0: 0100007F:0FA 00000000:0000 0A 0:0 0:0 0 0 0 1",
        "0: 0100007:0FA2 00000000:0000 0A 0:0 0:0 0 0 0 1",
        "0: 0100007F:0FA2 00000000:0000 FFF 0:0 0:0 0 0 0 1",
        "0: 0100007F:0FA2 00000000:0000 0A 0:0 0:0 0 -1 0 1",
        "0: 0100007F:0FA2 00000000:0000 0A 0:0 0:0 0 0 0"};
    struct td_sock s;
    for (size_t i = 0; i < TD_COUNT(bad); i++)
        assert_int_equal(td_sock_parse(td_str_of(bad[i]), &s), TD_EPARSE);
}

/* A socket that never existed in the table must not be found: each step changes the answer. */
static void a_listener_is_seen_without_connecting(void **state)
{
    (void)state;
    struct td_world world;
    struct td_conn listener;
    struct td_sock_census census;
    uint16_t port = 0;
    TD_OK_OR_FAIL(td_uvworld_open(&world, false, NULL));
    TD_OK_OR_FAIL(td_world_listen(&world, "127.0.0.1", &port, &listener, NULL));
    assert_int_equal(td_world_listening(&world, "127.0.0.1", port), TD_LISTENING_YES);
    assert_int_equal(td_world_listening(&world, "localhost", port), TD_LISTENING_YES);
    assert_int_equal(td_world_listening(&world, "192.0.2.1", port), TD_LISTENING_UNKNOWN);
    TD_OK_OR_FAIL(td_sock_census_take(port, &census));
    assert_int_equal(census.listeners, 1);
    assert_int_equal(census.established, 0);
    td_world_hangup(&world, listener, false);
    assert_int_equal(td_world_listening(&world, "127.0.0.1", port), TD_LISTENING_NO);
    td_uvworld_close(&world);
}

static int listen_any(uint16_t *port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof a;
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(fd >= 0 && !bind(fd, (struct sockaddr *)&a, len) && !listen(fd, 4));
    assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &len), 0);
    *port = ntohs(a.sin_port);
    return fd;
}

static int connect_to(uint16_t port)
{
    struct sockaddr_in a = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(fd >= 0 && !connect(fd, (struct sockaddr *)&a, sizeof a));
    return fd;
}

static void dead_ends_are_told_apart_by_owner(void **state)
{
    (void)state;
    uint16_t port = 0;
    struct td_sock_census census;
    const int listener = listen_any(&port);
    const int ours = connect_to(port), theirs = accept(listener, NULL, NULL);
    const int leaver = connect_to(port), left = accept(listener, NULL, NULL);
    assert_true(theirs >= 0 && left >= 0);
    TD_OK_OR_FAIL(td_sock_census_take(port, &census));
    assert_int_equal(census.established, 2);
    assert_int_equal(close(theirs), 0); /* the gateway ends: our side waits for close */
    assert_int_equal(close(leaver), 0); /* the client ends: the gateway's side waits  */
    for (int tries = 0; tries < 1000 && census.our_close_wait + census.gateway_close_wait < 2;
         tries++)
        TD_OK_OR_FAIL(td_sock_census_take(port, &census));
    assert_int_equal(census.our_close_wait, 1);
    assert_int_equal(census.gateway_close_wait, 1);
    assert_int_equal(census.other_close_wait, 0);
    assert_false(td_sock_is_ours(0));
    (void)close(ours);
    (void)close(left);
    (void)close(listener);
    TD_OK_OR_FAIL(td_sock_census_take(port, &census));
    assert_int_equal(census.listeners + census.our_close_wait + census.gateway_close_wait, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_of_both_tables_are_read),
        cmocka_unit_test(what_is_no_line_is_refused),
        cmocka_unit_test(a_listener_is_seen_without_connecting),
        cmocka_unit_test(dead_ends_are_told_apart_by_owner),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
