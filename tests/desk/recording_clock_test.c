/* tests/desk/recording_clock_test.c - a recording whose wall clock is set while it runs: freshness goes by the other one.
 *
 * The scripted gateway sends depth for twelve seconds and then nothing; our wall clock is set after ten.
 */
#include "support/support.h"

#include <stdio.h>

#include "desk/desk_scene.h"
#include "desk/recording.h"
#include "desk/script_gateway.h"
#include "store/snapshot_read.h"

#define SENDS    (12 * TD_SEC)
#define SET_AT   (10 * TD_SEC)
#define DURATION (40 * TD_SEC)

static struct {
    td_ns from, step, next;
    bool set, rows;
} play;

static void send_depth(int32_t id)
{
    for (int side = 0; side < 2; side++) {
        struct td_tws_msg msg;
        td_tws_msg_init(&msg, TD_TWS_MARKET_DEPTH_L2);
        msg.depth = (struct td_tws_depth){.req_id = id,
                                          .op = play.rows,
                                          .side = side,
                                          .px = TD_PX(101 - side),
                                          .qty = TD_QTY(3),
                                          .maker = td_str_of("ARCA"),
                                          .smart = true};
        script_send(&msg);
    }
    play.rows = true;
}

static td_ns turn(void *arg)
{
    const td_ns now = td_world_mono(&script.world);
    (void)script_turn(arg);
    if (!play.set && now >= play.from + SET_AT) {
        play.set = true;
        td_simworld_step_clock(scene.sim, play.step);
    }
    for (uint32_t i = 0; i < script.count && now >= play.next && now < play.from + SENDS; i++)
        if (script.requests[i].kind == TD_TWS_REQ_MKT_DEPTH)
            send_depth(script.requests[i].req_id);
    play.next = now >= play.next ? now + 200 * TD_MS : play.next;
    return play.next;
}

/* Counts snapshots without the stale mark among the first `fresh`, and with it among the last `stale`. */
static void count_marks(const char *path, int *fresh, int *stale)
{
    struct td_snapshot_file *f = NULL;
    static struct td_snap snap;
    int row = 0;
    TD_OK_OR_FAIL(td_snapshot_file_open(&f, &scene.desk_world, path, NULL));
    const int rows = (int)td_snapshot_file_rows(f);
    for (; td_snapshot_file_next(f, &snap, NULL) == TD_OK; row++) {
        const bool marked = snap.quality & TD_Q_STALE;
        *fresh += row < 20 && !marked;
        *stale += row >= rows - 15 && marked;
    }
    td_snapshot_file_close(f);
}

static void a_set_clock_neither_ages_nor_renews_a_book(void **state)
{
    (void)state;
    static const td_ns steps[] = {-TD_HOUR, TD_HOUR, 0};
    static const char *const symbols[] = {"SPY"};
    static struct td_recording_result result;
    for (size_t i = 0; i < TD_COUNT(steps); i++) {
        const struct scene_options o = {.world = {.seed = 1}};
        struct td_fail why = {0};
        uint16_t port;
        int32_t client_id;
        int fresh = 0, stale = 0;
        scene_open(&o);
        td_simworld_turn(scene.sim, scene.gateway.host, NULL, NULL);
        script_attach(scene.sim, 4003);
        scene.plan.ports[0] = 4003;
        TD_OK_OR_FAIL(td_link_open(&scene.link, &scene.desk_world, &why));
        TD_OK_OR_FAIL(td_plan_connect(&scene.plan, &scene.link, NULL, &port, &client_id, &why));
        memset(&play, 0, sizeof play);
        play.step = steps[i];
        play.from = td_world_mono(&script.world);
        td_simworld_turn(scene.sim, script.host, turn, NULL);
        const struct td_recording_config config = {.plan = &scene.plan,
                                                   .folder = "out",
                                                   .levels = 1,
                                                   .interval_ms = 500,
                                                   .duration = DURATION,
                                                   .rotate_ns = TD_HOUR,
                                                   .symbols = symbols,
                                                   .symbol_count = 1,
                                                   .inline_writer = true};
        if (td_recording_run(&config, &scene.link, &scene.desk_world, &result, &why) != TD_OK)
            fail_msg("%s", why.text);
        assert_int_equal(script_asked(TD_TWS_REQ_MKT_DEPTH), 1);
        count_marks(result.lines[0].last.paths.snapshots, &fresh, &stale);
        assert_int_equal(fresh, 20);
        assert_int_equal(stale, 15);
        (void)scene_close(NULL);
        script_free();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_set_clock_neither_ages_nor_renews_a_book)};
    (void)check_ledger, (void)desk_crash; /* of the scene, not needed here */
    return cmocka_run_group_tests_name("desk/recording_clock", tests, NULL, NULL);
}
