/* tests/faults/played.c - the gateway and the children of tests/faults/played.h. */
#include "faults/played.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/wait.h>

#include "support/support.h"
#include "sys/uvworld.h"

extern char **environ;

bool played_open(struct played *p, const char *const *symbols, uint32_t count, uint64_t seed,
                 int speed)
{
    const struct td_gateway_config config = {.world = &p->world,
                                             .symbols = symbols,
                                             .symbol_count = count,
                                             .seed = seed,
                                             .speed_e9 = speed * TD_E9,
                                             .day = TD_GATEWAY_DAY_CHOOSE,
                                             .depth_lines = 60,
                                             .pace = TD_GATEWAY_PACE_OFF,
                                             .master_id = -1};
    struct td_fail why = {0};
    if (td_uvworld_open(&p->world, false, &why) != TD_OK ||
        td_gateway_open(&p->gateway, &config, &why) != TD_OK) {
        print_error("%s\n", why.text);
        return false;
    }
    (void)snprintf(p->port, sizeof p->port, "%u", (unsigned)td_gateway_port(p->gateway));
    return true;
}

void played_close(struct played *p)
{
    td_gateway_close(p->gateway);
    td_uvworld_close(&p->world);
}

void played_pump(struct played *p, td_ns span)
{
    const td_ns until = td_world_mono(&p->world) + span;
    while (td_world_mono(&p->world) < until) {
        struct td_wake wake;
        const td_ns deadline = td_gateway_deadline(p->gateway);
        td_world_wait(&p->world, deadline < until ? deadline : until, &wake);
        (void)td_gateway_wake(p->gateway, &wake);
        td_gateway_tick(p->gateway);
    }
}

pid_t played_start(const char *const *argv, const char *name)
{
    pid_t pid = 0;
    posix_spawn_file_actions_t actions;
    const union {
        const char *const *in;
        char *const *out;
    } words = {argv};
    TD_REQUIRE(posix_spawn_file_actions_init(&actions) == 0);
    for (int fd = 1; fd <= 2; fd++) {
        char path[64];
        (void)snprintf(path, sizeof path, "%s.%s", name, fd == 1 ? "out" : "err");
        TD_REQUIRE(posix_spawn_file_actions_addopen(&actions, fd, path,
                                                    O_WRONLY | O_CREAT | O_APPEND, 0644) == 0);
    }
    assert_int_equal(posix_spawn(&pid, argv[0], &actions, NULL, words.out, environ), 0);
    (void)posix_spawn_file_actions_destroy(&actions);
    return pid;
}

static bool ended(pid_t pid, int *status)
{
    return waitpid(pid, status, WNOHANG) == pid;
}

void played_kill(struct played *p, pid_t pid)
{
    int status;
    (void)kill(pid, SIGKILL);
    while (!ended(pid, &status))
        played_pump(p, 5 * TD_MS);
}

int played_finish(struct played *p, pid_t pid, td_ns limit)
{
    int status = 0;
    const td_ns until = td_world_mono(&p->world) + limit;
    while (!ended(pid, &status)) {
        assert_true(td_world_mono(&p->world) < until);
        played_pump(p, 10 * TD_MS);
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}
