/* tests/desk/fetch_test.c - history over the one connection: outages, silence, broken farms, client ids.
 *
 * A fetch and a scripted gateway as two machines of one simulated world. What the gateway does while the fetch
 * waits stands in a plan of moments.
 */
#include "support/support.h"

#include <stdio.h>

#include "desk/fetch.h"
#include "desk/script_dial.h"
#include "desk/script_gateway.h"
#include "desk/zone.h"

enum act { SAY, MUTE, SPEAK, OMIT, SERVE, SEVER, REFUSE, ALLOW, BUSY };

struct moment {
    td_ns at; /* after the scene opened */
    enum act act;
    int32_t code; /* of SAY */
};

static struct scene {
    struct td_simworld *sim;
    struct td_world world;
    uint32_t host;
    struct td_link link;
    struct td_market market;
    struct td_fetch fetch;
    struct td_tz utc;
    const struct moment *plan;
    size_t count, done;
    td_ns from;
    bool open;
} scene;

static void no_event(void *arg, uint32_t index, const struct td_event *event, bool warmup)
{
    (void)arg, (void)index, (void)event, (void)warmup;
}

static void act(const struct moment *m)
{
    switch (m->act) {
    case SAY:
        script_error(-1, m->code);
        break;
    case MUTE:
    case SPEAK:
        script.mute = m->act == MUTE;
        break;
    case OMIT:
    case SERVE:
        script.omit = m->act == OMIT ? TD_TWS_REQ_HISTORICAL_DATA : 0;
        break;
    case SEVER:
        td_simworld_sever(scene.sim, scene.host);
        break;
    case REFUSE:
    case ALLOW:
        td_simworld_refuse(scene.sim, 4003, m->act == REFUSE);
        break;
    case BUSY:
        script.busy = !script.busy;
        break;
    }
}

static td_ns play(void *arg)
{
    (void)script_turn(arg);
    const td_ns now = td_world_mono(&script.world);
    while (scene.done < scene.count && now >= scene.from + scene.plan[scene.done].at)
        act(&scene.plan[scene.done++]);
    return scene.done < scene.count ? scene.from + scene.plan[scene.done].at : TD_NS_NEVER;
}

/* A qualified line, and the plan begins. */
static void begin(const struct moment *plan, size_t count)
{
    const struct td_simworld_options o = {
        .seed = 1, .start_ns = INT64_C(1763735400000000000), .latency_max = 3 * TD_MS};
    const struct td_market_config market = {.depth_rows = 1, .lines_max = 4};
    uint32_t index;
    memset(&scene, 0, sizeof scene);
    TD_OK_OR_FAIL(td_simworld_open(&scene.sim, &o, NULL));
    TD_OK_OR_FAIL(td_simworld_attach(scene.sim, "client", &scene.host, &scene.world, NULL));
    script_attach(scene.sim, 4003);
    script.serves = true;
    scene.open = true;
    script_dial(&scene.link, &scene.world, 21);
    const struct td_connection_config config = {.link = &scene.link,
                                                .market = &scene.market,
                                                .client_id = 21,
                                                .ids = 3,
                                                .restart_minute = -1,
                                                .reauth_minute = -1};
    TD_OK_OR_FAIL(td_market_init(&scene.market, &market, &scene.link, NULL, no_event, NULL, NULL));
    td_fetch_init(&scene.fetch, &config);
    TD_OK_OR_FAIL(td_market_add(&scene.market, "SPY", 0, &index, NULL));
    TD_OK_OR_FAIL(td_fetch_qualify(&scene.fetch, index, NULL));
    scene.from = td_world_mono(&scene.world);
    scene.plan = plan;
    scene.count = count;
    td_simworld_turn(scene.sim, script.host, play, NULL);
}

static int end(void **state)
{
    (void)state;
    if (!scene.open)
        return 0;
    td_market_fini(&scene.market);
    td_link_close(&scene.link);
    td_simworld_close(scene.sim);
    script_free();
    memset(&scene, 0, sizeof scene);
    return 0;
}

static enum td_err ask(const char *end_time, struct td_fail *why)
{
    const struct td_fetch_request request = {.line = 0,
                                             .bar_size = "1 min",
                                             .duration = "1 D",
                                             .end = end_time,
                                             .span = TD_MIN,
                                             .zone = &scene.utc};
    struct td_bar_rows rows = {0};
    const enum td_err err = td_fetch_bars(&scene.fetch, &request, &rows, why);
    td_bar_rows_free(&rows);
    return err;
}

static double seconds(void)
{
    return (double)(td_world_mono(&scene.world) - scene.from) / 1e9;
}

#define BEGIN(plan) begin(plan, TD_COUNT(plan))
#define AT(s, ...)                                                                                 \
    {                                                                                              \
        (s) * TD_SEC, __VA_ARGS__                                                                  \
    }

static void a_broken_history_farm_holds_the_queue(void **state)
{
    (void)state;
    static const struct moment plan[] = {AT(0, SAY, 2105), AT(100, SAY, 2106)};
    BEGIN(plan);
    assert_true(td_fetch_pause(&scene.fetch, TD_SEC));
    TD_OK_OR_FAIL(ask("", NULL));
    assert_int_equal(script_asked(TD_TWS_REQ_HISTORICAL_DATA), 1);
    assert_true(seconds() >= 100 && seconds() < 101);
    assert_int_equal(scene.fetch.requests, 1);
}

static void contracts_are_not_looked_up_while_their_farm_is_broken(void **state)
{
    (void)state;
    static const struct moment plan[] = {AT(0, SAY, 2157), AT(30, SAY, 2158)};
    uint32_t index;
    BEGIN(plan);
    assert_true(td_fetch_pause(&scene.fetch, TD_SEC));
    TD_OK_OR_FAIL(td_market_add(&scene.market, "IBM", 0, &index, NULL));
    TD_OK_OR_FAIL(td_fetch_qualify(&scene.fetch, index, NULL));
    assert_true(seconds() >= 30 && seconds() < 31);
}

static void a_silent_gateway_is_left_and_asked_again(void **state)
{
    (void)state;
    static const struct moment plan[] = {AT(0, MUTE, 0), AT(36, SPEAK, 0)};
    BEGIN(plan);
    TD_OK_OR_FAIL(ask("", NULL));
    assert_int_equal(scene.fetch.conn.lost, 1); /* by the heartbeat, not after the answer's 60 s */
    assert_int_equal(scene.fetch.conn.reconnects, 1);
    assert_int_equal(scene.fetch.requests, 2);
    assert_true(seconds() < 60);
    print_message("silent gateway: bars after %.1f s, 2 requests\n", seconds());
}

static void a_cut_connection_is_made_again_and_asked_again(void **state)
{
    (void)state;
    static const struct moment plan[] = {AT(0, OMIT, 0), AT(2, REFUSE, 0), AT(3, SEVER, 0),
                                         AT(100, ALLOW, 0), AT(101, SERVE, 0)};
    BEGIN(plan);
    assert_true(td_fetch_pause(&scene.fetch, TD_SEC));
    TD_OK_OR_FAIL(ask("", NULL));
    assert_int_equal(scene.fetch.requests, 2);
    assert_int_equal(scene.fetch.conn.reconnects, 1);
    print_message("97 s without a gateway: bars after %.1f s, %llu connects\n", seconds(),
                  (unsigned long long)scene.fetch.conn.manager.connects);
}

static void a_lost_broker_is_waited_for(void **state)
{
    (void)state;
    static const struct moment plan[] = {AT(0, SAY, 1100), AT(200, SAY, 1102)};
    td_ns now;
    BEGIN(plan);
    assert_true(td_fetch_pause(&scene.fetch, TD_SEC));
    TD_OK_OR_FAIL(td_fetch_now(&scene.fetch, &now, NULL));
    TD_OK_OR_FAIL(ask("", NULL));
    assert_true(seconds() >= 200 && seconds() < 202);
}

static void what_stays_away_fails_once(void **state)
{
    (void)state;
    static const struct moment plan[] = {AT(0, REFUSE, 0), AT(1, SEVER, 0), AT(1200, ALLOW, 0)};
    struct td_fail why = {0};
    BEGIN(plan);
    assert_true(td_fetch_pause(&scene.fetch, 2 * TD_SEC));
    assert_int_equal(ask("", &why), TD_ECLOSED);
    assert_true(seconds() >= 600 && seconds() < 603);
    assert_non_null(strstr(why.text, "nothing can be asked for 10 minutes"));
    assert_int_equal(ask("20251120-00:00:00", &why), TD_ECLOSED);
    assert_true(seconds() < 603); /* not another ten minutes for each symbol */
    assert_true(scene.fetch.conn.alerts.rows[TD_ALERT_CONNECTION].active);
    assert_true(td_fetch_pause(&scene.fetch, 20 * TD_MIN));
    TD_OK_OR_FAIL(ask("20251119-00:00:00", NULL));
}

static void swallowed_requests_are_asked_again_three_times(void **state)
{
    (void)state;
    static const struct moment plan[] = {
        AT(0, OMIT, 0),    AT(5, SEVER, 0),   AT(65, SEVER, 0),  AT(125, SEVER, 0),
        AT(185, SEVER, 0), AT(245, SEVER, 0), AT(305, SEVER, 0),
    };
    struct td_fail why = {0};
    BEGIN(plan);
    assert_true(td_fetch_pause(&scene.fetch, TD_SEC));
    assert_int_equal(ask("", &why), TD_ETIMEOUT);
    assert_int_equal(scene.fetch.requests, 4);
}

/* 326 at a reconnect: the next of its own ids, never one below the base. */
static void a_busy_id_is_left_for_the_next_of_ours(void **state)
{
    (void)state;
    static const struct moment plan[] = {AT(0, BUSY, 0), AT(1, SEVER, 0), AT(60, BUSY, 0)};
    int32_t seen[8] = {0};
    BEGIN(plan);
    for (int i = 0; i < 600; i++) {
        assert_true(td_fetch_pause(&scene.fetch, 100 * TD_MS));
        const int32_t id = scene.link.config.client_id;
        assert_in_range(id, 21, 23);
        seen[id - 21] = 1;
    }
    assert_int_equal(seen[0] + seen[1] + seen[2], 3);
    TD_OK_OR_FAIL(ask("", NULL));
}

static void a_signal_ends_every_wait(void **state)
{
    (void)state;
    static const struct moment plan[] = {AT(0, SAY, 2105)};
    struct td_fail why = {0};
    td_ns now;
    BEGIN(plan);
    assert_true(td_fetch_pause(&scene.fetch, TD_SEC));
    td_simworld_signal(scene.sim, scene.host, 2);
    assert_int_equal(ask("", &why), TD_EAGAIN);
    assert_int_equal(td_fetch_now(&scene.fetch, &now, &why), TD_EAGAIN);
    assert_false(td_fetch_pause(&scene.fetch, TD_SEC));
}

int main(void)
{
#define ROW(name) cmocka_unit_test_teardown(name, end)
    const struct CMUnitTest tests[] = {
        ROW(a_broken_history_farm_holds_the_queue),
        ROW(contracts_are_not_looked_up_while_their_farm_is_broken),
        ROW(a_silent_gateway_is_left_and_asked_again),
        ROW(a_cut_connection_is_made_again_and_asked_again),
        ROW(a_lost_broker_is_waited_for),
        ROW(what_stays_away_fails_once),
        ROW(swallowed_requests_are_asked_again_three_times),
        ROW(a_busy_id_is_left_for_the_next_of_ours),
        ROW(a_signal_ends_every_wait),
    };
    return cmocka_run_group_tests_name("desk/fetch", tests, NULL, NULL);
}
