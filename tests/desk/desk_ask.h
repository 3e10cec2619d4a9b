/* tests/desk/desk_ask.h - an operator on a third machine of the scene: asks the desk, or the gateway's control socket,
 * while both run by their turn functions. Answers are checked to be JSON by an independent reader. */
#ifndef TD_TESTS_DESK_ASK_H
#define TD_TESTS_DESK_ASK_H

#include <cjson/cJSON.h>

#include "desk/ask.h"
#include "desk/desk_scene.h"

static char said[TD_DESK_ANSWER];

static td_ns desk_turn(void *arg)
{
    struct scene *s = arg;
    struct td_wake wake;
    do {
        td_world_wait(&s->desk_world, 0, &wake);
        td_desk_turn(s->desk, &wake);
    } while (wake.kind != TD_WAKE_TIMEOUT);
    return td_desk_deadline(s->desk);
}

/* `path` NULL: the desk. */
static const char *ask_at(const char *path, const char *line)
{
    static struct td_world operator;
    struct td_fail why = {0};
    uint32_t host;
    td_simworld_turn(scene.sim, scene.desk_host, desk_turn, &scene);
    TD_OK_OR_FAIL(td_simworld_attach(scene.sim, "operator", &host, &operator, & why));
    const enum td_err err = path ? td_ask(&operator, path, line, said, sizeof said, &why)
                                 : td_desk_ask(&operator, "state", line, said, sizeof said, &why);
    if (err)
        fail_msg("%s", why.text);
    td_simworld_kill(scene.sim, host);
    td_simworld_turn(scene.sim, scene.desk_host, NULL, NULL);
    cJSON *json = cJSON_Parse(said);
    assert_non_null(json);
    cJSON_Delete(json);
    return said;
}

static inline const char *ask(const char *line)
{
    return ask_at(NULL, line);
}

static inline int working(void)
{
    int n = 0;
    for (uint32_t i = 0; i < scene.desk->blotter.holding_count; i++)
        n += scene.desk->blotter.holdings[i].open_orders;
    return n;
}

/* Two orders of each symbol that rest below the market. */
static inline void start_resting(const struct scene_options *o)
{
    scene_open(o);
    scene.use.strat = &rest_strategy;
    desk_must_start();
    desk_wait_ready();
    desk_turns(5 * TD_SEC);
    if (working() != 4)
        fail_msg("%d orders work: %s", working(), scene.desk->result.last_denial);
}

#endif
