/* tests/desk/ibc_command_test.c - a command to the login controller's port, in the simulated world. */
#include "support/support.h"

#include <string.h>

#include "desk/ibc_command.h"
#include "sim/simworld.h"

#define PORT 7462

static struct td_simworld *sim;
static struct td_world client, server;
static const char *answer;
static bool hang_up;
static char heard[64];
static struct td_conn listener;

/* Runs one command against a controller that answers `answer` to the first line. */
static enum td_err command(bool listens, struct td_ibc_command *c)
{
    const struct td_simworld_options o = {.seed = 5, .odd = 200, .latency_max = 20 * TD_MS};
    uint32_t host;
    uint16_t port = PORT;
    size_t len = 0, n = 0;
    TD_OK_OR_FAIL(td_simworld_open(&sim, &o, NULL));
    TD_OK_OR_FAIL(td_simworld_attach(sim, "desk", &host, &client, NULL));
    TD_OK_OR_FAIL(td_simworld_attach(sim, "ibc", &host, &server, NULL));
    if (listens)
        TD_OK_OR_FAIL(td_world_listen(&server, "127.0.0.1", &port, &listener, NULL));
    heard[0] = '\0';
    td_ibc_command_begin(c, &client, PORT, "RESTART");
    while (!td_ibc_command_over(c)) {
        struct td_wake wake;
        td_world_wait(&client, td_world_mono(&client) + 5 * TD_MS, &wake);
        (void)td_ibc_command_wake(c, &wake);
        td_world_wait(&server, 0, &wake);
        if (wake.kind != TD_WAKE_READABLE)
            continue;
        while (td_world_recv(&server, wake.conn, heard + len, sizeof heard - 1 - len, &n) == TD_OK)
            len += n;
        heard[len] = '\0';
        if (!strchr(heard, '\n'))
            continue;
        for (size_t at = 0; answer && at < strlen(answer); at += n)
            TD_OK_OR_FAIL(td_world_send(&server, wake.conn, answer + at, strlen(answer) - at, &n));
        answer = NULL;
        if (hang_up)
            td_world_hangup(&server, wake.conn, false);
    }
    const enum td_err err = c->err;
    td_simworld_close(sim);
    return err;
}

static void answers_decide(void **state)
{
    static const struct {
        const char *answer;
        bool hang_up, listens;
        enum td_err err;
        const char *reply;
    } cases[] = {
        {"INFO one moment\r\nOK restarting\r\n", false, true, TD_OK, "OK restarting"},
        {"ERROR not now\n", false, true, TD_EDENIED, "ERROR not now"},
        {"INFO hello\n", false, true, TD_EMUTE, "no answer within 10 s"},
        {NULL, true, true, TD_ECLOSED, "closed without an answer"},
        {NULL, false, false, TD_EUNREACH, "nobody listens"},
    };
    (void)state;
    for (size_t i = 0; i < TD_COUNT(cases); i++) {
        struct td_ibc_command c;
        answer = cases[i].answer;
        hang_up = cases[i].hang_up;
        assert_int_equal(command(cases[i].listens, &c), cases[i].err);
        assert_non_null(strstr(c.reply, cases[i].reply));
        if (cases[i].listens)
            assert_string_equal(heard, "RESTART\n");
        assert_true(td_ibc_command_over(&c));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(answers_decide)};
    return cmocka_run_group_tests_name("desk/ibc_command", tests, NULL, NULL);
}
