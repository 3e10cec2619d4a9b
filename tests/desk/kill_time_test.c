/* tests/desk/kill_time_test.c - how long the kill switch takes, by each way it can be thrown (P6).
 *
 * A desk that buys with nearly every print and has a dozen orders resting; at a moment drawn from the seed somebody
 * throws the switch. Looked at where the bytes leave the desk's machine: when the last new order went, and when the last
 * cancel did, in ms of the simulated world. Then the machine loses power and the desk that comes back must stay halted.
 * TD_KILL_TIMES is the number of runs of each way.
 */
#include <signal.h>

#include "desk/desk_ask.h"

#define TURN      (10 * TD_MS)  /* to "no new order" */
#define CANCELLED (100 * TD_MS) /* to the last cancel */
#define RUNS_MAX  1000
#define RESTING   (12 * TD_E9)

/* --- a desk that is busy --- */

static const struct td_strat busy_strategy;

static size_t busy_on_event(void *state, const struct td_event *event, const struct td_view *view,
                            struct td_intent *out)
{
    const struct td_leg *leg = view->leg;
    int64_t *count = state;
    if (event->kind != TD_EV_TRADE || td_px_is_none(leg->quote.bid))
        return 0;
    const bool rests = leg->pending.e9 < RESTING;
    const int64_t cents = leg->quote.bid.e9 / 100 * 99 / 10000000 - *count % 50;
    ++*count;
    td_intent_init(out, &busy_strategy, event, view);
    out->qty = TD_QTY(1);
    if (rests) {
        out->type = TD_ORDER_LIMIT;
        out->limit = (td_px){cents * 10000000};
    }
    return 1;
}

static const struct td_strat busy_strategy = {.name = "busy",
                                              .help = "buys with every print",
                                              .state_size = sizeof(int64_t),
                                              .init = rest_init,
                                              .on_event = busy_on_event};

/* --- what leaves --- */

static struct leaving {
    uint8_t head[6];
    size_t at, frame; /* in the frame, and its length once its head is there */
    uint32_t orders, cancels;
    td_ns order_mono, cancel_mono; /* when the last one's first bytes went */
    td_ns asked_mono;              /* when words came by the control socket */
} leaving;

static void look_at_head(struct leaving *l)
{
    const td_ns mono = td_simworld_mono(scene.sim);
    l->frame = 4 + ((size_t)l->head[0] << 24 | (size_t)l->head[1] << 16 | (size_t)l->head[2] << 8 |
                    l->head[3]);
    if (memcmp(l->head + 4, "3", 2) == 0) {
        l->orders++;
        l->order_mono = mono;
    }
    if (memcmp(l->head + 4, "4", 2) == 0) {
        l->cancels++;
        l->cancel_mono = mono;
    }
}

static void note_leaving(void *arg, struct td_conn conn, const void *bytes, size_t len)
{
    struct leaving *l = arg;
    const uint8_t *p = bytes;
    if (conn.id != scene.link.conn.id)
        return; /* the control socket's answers */
    for (size_t i = 0; i < len; i++) {
        if (l->at < sizeof l->head)
            l->head[l->at] = p[i];
        if (++l->at == sizeof l->head)
            look_at_head(l);
        if (l->at >= sizeof l->head && l->at == l->frame)
            l->at = 0;
    }
}

static void note_heard(void *arg, struct td_conn conn, const void *bytes, size_t len)
{
    struct leaving *l = arg;
    (void)bytes;
    if (len && conn.id != scene.link.conn.id)
        l->asked_mono = td_simworld_mono(scene.sim);
}

/* --- the ways --- */

static void by_signal(void)
{
    td_simworld_signal(scene.sim, scene.desk_host, SIGUSR1);
}

static void by_file(void)
{
    TD_OK_OR_FAIL(
        td_file_replace(&scene.desk_world, "state/kill_switch.lock", td_str_of("stop\n"), NULL));
}

static void by_socket(void)
{
    (void)ask("halt enough");
}

/* A thousand are lost at once; the gate of each order takes half of that, the switch nearly nothing. */
static void by_loss(void)
{
    scene.desk->blotter.holdings[0].realized_before.e9 += 1000 * TD_E9;
    scene.desk->limits.value[TD_LIMIT_DAY_LOSS] = 500 * TD_E9;
    scene.desk->money.kill.limits.value[TD_KILL_DAY_LOSS] = 1;
}

/* The gateway says nothing: no wake of the desk but its own timers. */
static td_ns silent_turn(void *arg)
{
    (void)arg;
    return TD_NS_NEVER;
}

static void by_file_in_silence(void)
{
    by_file();
}

static const struct way {
    const char *name;
    void (*throws)(void);
    td_ns order_max, cancel_max;
} ways[] = {
    {"signal", by_signal, TURN, CANCELLED},
    {"socket", by_socket, TURN, CANCELLED},
    /* Looked for with every order's record, and twenty times a second while an order works. */
    {"file", by_file, TURN, CANCELLED},
    {"quiet", by_file_in_silence, TURN, CANCELLED}, /* nothing is ordered, nothing is told */
    /* The gate with each order, the switch in the turn of what moved the money. */
    {"loss", by_loss, TURN, CANCELLED}};

static void start_busy(uint64_t seed)
{
    const struct scene_options o = {
        .world = {.seed = seed, .latency_max = (td_ns)(1 + seed % 5) * TD_MS}, .speed = 10};
    scene_open(&o);
    scene.use.strat = &busy_strategy;
    scene.settings.max_position_e9 = 10000 * TD_E9;
    scene.settings.broker_stops = false; /* a halt leaves them, and they are no new orders */
    desk_must_start();
    desk_wait_ready();
    desk_turns(4 * TD_SEC + td_rng_between(&scene.rng, 0, 2000000) * 1000);
}

struct times {
    td_ns order[RUNS_MAX], cancel[RUNS_MAX];
    uint32_t runs, cancels, later; /* orders that left after the switch was thrown */
};

/* Nothing leaves any more, and the next life knows. */
static void stays_halted(void)
{
    desk_crash();
    leaving.at = 0;
    desk_must_start();
    desk_wait_ready();
    const uint32_t orders = leaving.orders;
    desk_turns(3 * TD_SEC);
    assert_true(scene.desk->blotter.halted);
    assert_int_equal(leaving.orders, orders);
    assert_int_equal(strncmp(scene.desk->result.last_denial, "HALT", 4), 0);
}

static void throw_once(const struct way *way, uint64_t seed, struct times *out)
{
    const struct td_sim_watch watch = {.arg = &leaving, .took = note_leaving, .heard = note_heard};
    start_busy(seed);
    const int open = working();
    assert_true(open >= 12);
    memset(&leaving, 0, sizeof leaving);
    td_simworld_watch(scene.sim, scene.desk_host, &watch);
    if (way->throws == by_file_in_silence) {
        td_simworld_turn(scene.sim, scene.gateway.host, silent_turn, NULL);
        desk_turns(td_rng_between(&scene.rng, 200, 1200) * TD_MS);
    }
    const td_ns now = td_simworld_mono(scene.sim);
    const uint32_t approved = scene.desk->blotter.order_count;
    way->throws();
    desk_turns(2 * TD_SEC);
    if (way->throws == by_file_in_silence)
        td_simworld_turn(scene.sim, scene.gateway.host, gateway_turn, &scene.gateway);
    for (int i = 0; i < 30 && working(); i++) /* a cancel that met a fill is looked up */
        desk_turns(TD_SEC);
    const td_ns thrown = leaving.asked_mono ? leaving.asked_mono : now;
    assert_true(scene.desk->blotter.halted);
    assert_int_equal(working(), 0);
    if (way->throws == by_loss || way->throws == by_signal) /* what left had been approved before */
        assert_int_equal(scene.desk->blotter.order_count, approved);
    assert_true(leaving.cancels >= (uint32_t)open / 2); /* the others were filled */
    const td_ns order =
        leaving.orders && leaving.order_mono > thrown ? leaving.order_mono - thrown : 0;
    const td_ns cancel = leaving.cancel_mono - thrown;
    if (order > way->order_max || cancel > way->cancel_max)
        fail_msg("%s, seed %llu: %lld ms to the last order, %lld ms to the last cancel", way->name,
                 (unsigned long long)seed, (long long)(order / TD_MS), (long long)(cancel / TD_MS));
    out->order[out->runs] = order;
    out->cancel[out->runs++] = cancel;
    out->cancels += leaving.cancels;
    out->later += leaving.orders;
    stays_halted();
    (void)scene_close(NULL);
}

static int compare_ns(const void *a, const void *b)
{
    const td_ns *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static double part_ms(td_ns *values, uint32_t count, uint32_t percent)
{
    qsort(values, count, sizeof *values, compare_ns);
    return (double)values[(uint64_t)(count - 1) * percent / 100] / (double)TD_MS;
}

static void the_switch_is_quick_by_every_way(void **state)
{
    (void)state;
    static struct times t;
    const char *text = getenv("TD_KILL_TIMES");
    int64_t runs = 10;
    if (text)
        TD_OK_OR_FAIL(td_i64_parse(text, strlen(text), &runs));
    assert_true(runs >= 1 && runs <= RUNS_MAX);
    for (size_t w = 0; w < TD_COUNT(ways); w++) {
        memset(&t, 0, sizeof t);
        for (int64_t i = 0; i < runs; i++)
            throw_once(&ways[w], (uint64_t)(1 + i), &t);
        print_message("[ kill ] %-6s %u runs, %u cancels, %u orders left later; ms to the last "
                      "order %.1f %.1f %.1f, to the last cancel %.1f %.1f %.1f (p50 p99 max)\n",
                      ways[w].name, (unsigned)t.runs, (unsigned)t.cancels, (unsigned)t.later,
                      part_ms(t.order, t.runs, 50), part_ms(t.order, t.runs, 99),
                      part_ms(t.order, t.runs, 100), part_ms(t.cancel, t.runs, 50),
                      part_ms(t.cancel, t.runs, 99), part_ms(t.cancel, t.runs, 100));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(the_switch_is_quick_by_every_way, scene_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
