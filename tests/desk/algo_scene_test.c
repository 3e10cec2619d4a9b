/* tests/desk/algo_scene_test.c - parents and their children: a desk that works orders with the gateway simulator, whose ledger is
 * the oracle. */
#include "desk/desk_wants.h"

static const struct td_simworld_options calm = {.seed = 8};

/* What the strategy saw of its orders, and what it wants next. */
static struct {
    struct td_working seen[TD_WORKING_MAX];
    uint32_t seen_count;
    td_qty pending, position;
} view;

static size_t watch_on_event(void *state, const struct td_event *event, const struct td_view *v,
                             struct td_intent *out)
{
    (void)state;
    (void)event;
    (void)out;
    if (v->legs[0].inst != scene.desk->legs[0].inst)
        return 0;
    memcpy(view.seen, v->working, v->working_count * sizeof *v->working);
    view.seen_count = v->working_count;
    view.pending = v->leg->pending;
    view.position = v->leg->position;
    return 0;
}

static const struct td_strat watcher = {.name = "watcher",
                                        .help = "looks on",
                                        .state_size = sizeof(int64_t),
                                        .init = rest_init,
                                        .on_event = watch_on_event};

static void begin_with(const struct scene_options *o)
{
    memset(&view, 0, sizeof view);
    scene_open(o);
    scene.use.strat = &watcher;
    scene.settings.max_order_size_e9 = scene.settings.max_position_e9 = 100000 * TD_E9;
    scene.settings.short_selling = true;
    scene.settings.stop_monitor = false;
    scene.settings.algo_participation_e9 = TD_E9 / 1000;
}

static void begin(void)
{
    const struct scene_options o = {.world = calm};
    begin_with(&o);
    desk_must_start();
    desk_wait_ready();
    desk_turns(2 * TD_SEC);
}

static struct td_intent intent_of(uint8_t algo, enum td_action action, int64_t qty, td_ns span)
{
    struct td_intent i = one_share(action);
    i.algo = algo;
    i.tag = 5;
    i.qty = TD_QTY(qty);
    i.algo_span = span;
    (void)td_str_copy(td_str_of("watcher"), i.strategy, sizeof i.strategy);
    return i;
}

static const struct td_order *newest_parent(void)
{
    for (uint32_t i = scene.desk->blotter.order_count; i-- > 0;)
        if (scene.desk->blotter.orders[i].role == TD_ROLE_PARENT)
            return &scene.desk->blotter.orders[i];
    return NULL;
}

/* On line 0, SPY. The parent's key. */
static uint64_t want(const struct td_intent *i)
{
    const uint64_t before = scene.desk->blotter.next_key;
    struct td_intent now = *i;
    now.decided_ns = td_world_now(&scene.desk_world);
    desk_want(scene.desk, 0, 0, &now);
    const struct td_order *o = newest_parent();
    if (!o || o->key < before)
        fail_msg("no parent: %s", scene.desk->result.last_denial);
    return o->key;
}

static uint64_t work(uint8_t algo, enum td_action action, int64_t qty, td_ns span)
{
    const struct td_intent i = intent_of(algo, action, qty, span);
    return want(&i);
}

static const struct td_order *order_of(uint64_t key)
{
    const struct td_order *o = td_blotter_order(&scene.desk->blotter, key);
    assert_non_null(o);
    return o;
}

static bool over(uint64_t key)
{
    if (!td_order_state_terminal((enum td_order_state)order_of(key)->state))
        return false;
    for (uint32_t i = 0; i < scene.desk->blotter.live_count; i++)
        if (scene.desk->blotter.orders[scene.desk->blotter.live[i]].parent == key)
            return false;
    return true;
}

static void play_out(uint64_t key, td_ns most)
{
    for (td_ns t = 0; t < most && !over(key); t += TD_SEC)
        desk_turns(TD_SEC);
    if (!over(key))
        fail_msg("order %llu is not over: %s", (unsigned long long)key,
                 scene.desk->result.last_denial);
}

/* What the ledger filled of a parent's children. */
static int64_t ledger_sum(uint64_t key)
{
    const struct td_ledger *l = td_gateway_ledger(scene.gateway.server);
    int64_t sum = 0;
    for (uint32_t i = 0; i < scene.desk->blotter.order_count; i++) {
        const struct td_order *o = &scene.desk->blotter.orders[i];
        for (uint32_t k = 0; k < l->fill_count && o->parent == key && o->role == TD_ROLE_SLICE; k++)
            if (strcmp(l->fills[k].ref, o->ref) == 0)
                sum += l->fills[k].qty.e9;
    }
    return sum;
}

static uint32_t children_of(uint64_t key)
{
    struct desk_children c;
    desk_count_children(scene.desk, order_of(key), &c);
    return c.count;
}

/* All of it, by the ledger's books too, and the sums of the blotter are whole. */
static void filled_exactly(uint64_t key)
{
    struct td_fail why = {0};
    const struct td_order *o = order_of(key);
    assert_int_equal(o->state, TD_OS_FILLED);
    assert_int_equal(o->filled.e9, o->now.qty.e9);
    assert_int_equal(ledger_sum(key), o->now.qty.e9);
    assert_string_equal(o->status, "done");
    if (td_blotter_check(&scene.desk->blotter, &why) != TD_OK)
        fail_msg("%s", why.text);
    assert_int_equal(scene.desk->algos.count, 0);
    assert_int_equal(scene.desk->algos.stopped, 0);
}

/* --- to the end --- */

static void every_algorithm_fills_its_parent_exactly(void **state)
{
    static const uint8_t algos[] = {TD_ALGO_TWAP, TD_ALGO_VWAP, TD_ALGO_POV, TD_ALGO_ICEBERG,
                                    TD_ALGO_ADAPTIVE};
    (void)state;
    begin();
    for (size_t i = 0; i < TD_COUNT(algos); i++) {
        const uint64_t key = work(algos[i], i % 2 ? TD_SELL : TD_BUY, 97, 40 * TD_SEC);
        assert_int_equal(desk_may_order(scene.desk), true);
        play_out(key, 2 * TD_MIN);
        filled_exactly(key);
        if (children_of(key) < 3)
            fail_msg("%s: %u children", td_algo_word(algos[i]), children_of(key));
    }
    desk_close();
    check_ledger(true);
}

static void slices_go_out_when_they_begin(void **state)
{
    (void)state;
    begin();
    const uint64_t key = work(TD_ALGO_TWAP, TD_BUY, 100, 100 * TD_SEC);
    for (int slice = 1; slice < 10; slice++) {
        desk_turns(5 * TD_SEC);
        assert_int_equal(order_of(key)->filled.e9, 10 * slice * TD_E9);
        desk_turns(5 * TD_SEC);
    }
    play_out(key, TD_MIN);
    filled_exactly(key);
    assert_int_equal(children_of(key), 10);
    const double bps = td_e9_to_double(td_order_average(order_of(key)).e9) /
                           td_e9_to_double(order_of(key)->now.trail.e9) -
                       1;
    assert_true(bps < 0.01 && bps > -0.01);
}

static void the_curve_rules_vwap(void **state)
{
    (void)state;
    begin();
    uint64_t key = work(TD_ALGO_VWAP, TD_BUY, 40, 20 * TD_SEC);
    assert_string_equal(order_of(key)->status, "TWAP"); /* nothing was recorded: told, and so */
    play_out(key, TD_MIN);
    struct desk_curve *c = &scene.desk->algos.curves[0];
    for (int i = 0; i < TD_ALGO_BUCKETS; i++)
        c->past[i] = 1000;
    c->days = 1;
    key = work(TD_ALGO_VWAP, TD_BUY, 40, 20 * TD_SEC);
    assert_string_equal(order_of(key)->status, "VWAP");
    play_out(key, TD_MIN);
    filled_exactly(key);
    c->past[3] = 0; /* a hole in its time */
    const struct td_event bar = {.kind = TD_EV_BAR};
    desk_see_volume(scene.desk, 0, &bar, false); /* a bar of nothing changes nothing */
    key = work(TD_ALGO_VWAP, TD_BUY, 40, 8 * TD_HOUR);
    assert_string_equal(order_of(key)->status, "TWAP");
}

/* Bars of yesterday make today's curve. */
static void bars_of_other_days_make_the_curve(void **state)
{
    (void)state;
    begin();
    struct desk_curve *c = &scene.desk->algos.curves[1];
    memset(c, 0, sizeof *c);
    const td_ns opens = SCENE_START - TD_DAY;
    struct td_event bar = {.kind = TD_EV_BAR, .bar = {.span = TD_MIN}};
    for (int minute = 0; minute < 390; minute++) {
        bar.venue_ns = opens + minute * TD_MIN;
        bar.bar.volume = TD_QTY(10 + minute / 5);
        desk_see_volume(scene.desk, 1, &bar, true);
        desk_see_volume(scene.desk, 1, &bar, true); /* told twice */
    }
    assert_int_equal(c->days, 0);
    bar.venue_ns = opens + TD_DAY + 90 * TD_MIN;
    bar.bar.span = 30 * TD_MIN; /* a longer bar covers its buckets evenly */
    bar.bar.volume = TD_QTY(600);
    desk_see_volume(scene.desk, 1, &bar, false);
    assert_int_equal(c->days, 1);
    assert_true(c->past[0] == 50 && c->past[77] == 435);
    assert_true(c->today[18] == 100 && c->today[23] == 100 && c->today[24] == 0);
}

/* --- what goes wrong --- */

static void a_limit_that_is_not_reached_expires(void **state)
{
    (void)state;
    begin();
    struct td_intent i = intent_of(TD_ALGO_TWAP, TD_BUY, 100, 50 * TD_SEC);
    i.type = TD_ORDER_LIMIT;
    i.limit.e9 = scene.desk->legs[0].quote.bid.e9 / 100 * 99 / 10000000 * 10000000;
    const uint64_t key = want(&i);
    struct desk_children c;
    int64_t most = 0;
    for (int second = 0; second < 46; second++) {
        desk_turns(TD_SEC);
        desk_count_children(scene.desk, order_of(key), &c);
        assert_true(c.live <= 2 && c.out + c.doubt <= 100 * TD_E9);
        most = c.out > most ? c.out : most;
    }
    assert_true(most >=
                80 * TD_E9); /* those that waited a slice gave theirs back, and it went out again */
    assert_int_equal(c.filled, 0);
    play_out(key, TD_MIN);
    assert_string_equal(order_of(key)->status, "expired");
    assert_int_equal(order_of(key)->state, TD_OS_CANCELLED);
    assert_int_equal(scene.desk->blotter.holdings[0].working_buy.e9, 0);
    assert_int_equal(ledger_sum(key), 0);
    desk_close();
    check_ledger(true);
}

static void a_refused_child_is_given_out_again_and_three_end_it(void **state)
{
    const struct scene_options one = {.world = calm, .fault = "reject-order:201:1"},
                               all = {.world = calm, .fault = "reject-order:201:50"};
    (void)state;
    begin_with(&one);
    desk_must_start();
    desk_wait_ready();
    desk_turns(8 * TD_SEC);
    uint64_t key = work(TD_ALGO_TWAP, TD_BUY, 50, 30 * TD_SEC);
    play_out(key, TD_MIN);
    filled_exactly(key);
    assert_int_equal(children_of(key), 11);
    (void)scene_close(NULL);
    begin_with(&all);
    desk_must_start();
    desk_wait_ready();
    desk_turns(8 * TD_SEC);
    key = work(TD_ALGO_TWAP, TD_BUY, 50, 30 * TD_SEC);
    play_out(key, TD_MIN);
    assert_string_equal(order_of(key)->status, "cancelled");
    assert_int_equal(children_of(key), 3);
}

/* Sets a gate's limit so that children are refused, by a gate that passes and by one that does not. */
static void refusals_of_gates(void **state)
{
    (void)state;
    begin();
    uint64_t key = work(TD_ALGO_TWAP, TD_BUY, 50, 40 * TD_SEC);
    desk_turns(TD_SEC);
    scene.settings.short_selling = true;
    const int64_t spread = scene.desk->limits.value[TD_LIMIT_SPREAD];
    const uint64_t denied = scene.desk->result.denied;
    scene.desk->limits.value[TD_LIMIT_SPREAD] = 0;
    desk_turns(15 * TD_SEC);
    assert_int_equal(order_of(key)->filled.e9, 5 * TD_E9);
    assert_int_equal(scene.desk->result.denied, denied + 1); /* once, not every second */
    scene.desk->limits.value[TD_LIMIT_SPREAD] = spread;
    play_out(key, TD_MIN);
    filled_exactly(key);
    key = work(TD_ALGO_TWAP, TD_BUY, 50, 40 * TD_SEC);
    desk_turns(TD_SEC);
    scene.desk->limits.value[TD_LIMIT_POSITION] = TD_QTY(60).e9;
    play_out(key, TD_MIN);
    assert_string_equal(order_of(key)->status, "cancelled");
    assert_true(order_of(key)->filled.e9 <= 10 * TD_E9);
}

static void a_parent_counts_whole_for_everybody_else(void **state)
{
    (void)state;
    begin();
    scene.desk->limits.value[TD_LIMIT_POSITION] = TD_QTY(100).e9;
    const uint64_t key = work(TD_ALGO_TWAP, TD_BUY, 60, 60 * TD_SEC);
    desk_turns(3 * TD_SEC);
    struct td_intent other = intent_of(TD_ALGO_NONE, TD_BUY, 41, 0);
    other.tag = 6;
    desk_want(scene.desk, 0, 0, &other);
    assert_non_null(strstr(scene.desk->result.last_denial, "POSITION"));
    other.algo = TD_ALGO_ICEBERG;
    desk_want(scene.desk, 0, 0, &other);
    assert_int_equal(newest_parent()->key, key);
    other.algo = TD_ALGO_NONE;
    other.qty = TD_QTY(40);
    desk_want(scene.desk, 0, 0, &other);
    play_out(key, 2 * TD_MIN);
    filled_exactly(key);
    desk_turns(TD_SEC);
    assert_int_equal(scene.desk->blotter.holdings[0].now.qty.e9, 100 * TD_E9);
}

/* --- ends --- */

static void no_child_after(uint64_t key, const char *word)
{
    assert_string_equal(order_of(key)->status, word);
    const uint32_t count = children_of(key);
    desk_turns(15 * TD_SEC);
    assert_int_equal(children_of(key), count);
    assert_true(over(key));
    assert_int_equal(ledger_sum(key), order_of(key)->filled.e9);
}

static void cancels_and_halts_end_it(void **state)
{
    (void)state;
    begin();
    uint64_t key = work(TD_ALGO_TWAP, TD_BUY, 50, 40 * TD_SEC);
    desk_turns(6 * TD_SEC);
    struct td_intent cancel = intent_of(TD_ALGO_NONE, TD_BUY, 1, 0);
    cancel.kind = TD_INTENT_CANCEL;
    desk_want(scene.desk, 0, 0, &cancel); /* by its tag */
    no_child_after(key, "cancelled");
    key = work(TD_ALGO_ICEBERG, TD_BUY, 50, 40 * TD_SEC);
    desk_cancel_all(scene.desk, "by hand");
    no_child_after(key, "cancelled");
    key = work(TD_ALGO_TWAP, TD_BUY, 50, 40 * TD_SEC);
    desk_turns(6 * TD_SEC);
    desk_halt(scene.desk, "by hand");
    no_child_after(key, "cancelled");
    assert_true(order_of(key)->filled.e9 > 0);
    assert_int_equal(scene.desk->blotter.holdings[0].working_buy.e9, 0);
}

static void an_exit_goes_on_in_a_halt_and_ends_with_the_session(void **state)
{
    (void)state;
    begin();
    uint64_t key = work(TD_ALGO_TWAP, TD_BUY, 60, 10 * TD_SEC);
    play_out(key, TD_MIN);
    struct td_intent out = intent_of(TD_ALGO_TWAP, TD_SELL, 20, 20 * TD_SEC);
    out.exit = true;
    key = want(&out);
    assert_string_equal(order_of(key)->status, "TWAP exit");
    desk_want(scene.desk, 0, 0, &out); /* again: the first one closes it */
    assert_int_equal(newest_parent()->key, key);
    desk_turns(3 * TD_SEC);
    desk_halt(scene.desk, "by hand");
    play_out(key, TD_MIN);
    filled_exactly(key);
    assert_int_equal(scene.desk->blotter.holdings[0].now.qty.e9, 40 * TD_E9);
    key = want(&out);
    desk_turns(3 * TD_SEC);
    scene.desk->stop = true;
    desk_cancel_entries(scene.desk, "end of the session");
    assert_string_equal(order_of(key)->status, "cancelled");
}

static void an_exit_takes_the_place_of_what_is_worked(void **state)
{
    (void)state;
    begin();
    const uint64_t key = work(TD_ALGO_TWAP, TD_BUY, 100, 100 * TD_SEC);
    desk_turns(25 * TD_SEC);
    assert_int_equal(order_of(key)->filled.e9, 30 * TD_E9);
    struct td_intent out = intent_of(TD_ALGO_NONE, TD_SELL, 0, 0);
    out.exit = true;
    desk_want(scene.desk, 0, 0, &out);
    desk_turns(3 * TD_SEC);
    no_child_after(key, "cancelled");
    assert_int_equal(scene.desk->blotter.holdings[0].now.qty.e9, 0);
}

static void a_bracket_follows_the_parent(void **state)
{
    (void)state;
    begin();
    struct td_intent i = intent_of(TD_ALGO_TWAP, TD_BUY, 50, 40 * TD_SEC);
    i.protect.e9 = scene.desk->legs[0].quote.bid.e9 / 100 * 97 / 10000000 * 10000000;
    const uint64_t key = want(&i);
    desk_turns(14 * TD_SEC);
    int64_t stop = 0;
    for (uint32_t n = 0; n < scene.desk->blotter.live_count; n++) {
        const struct td_order *o = &scene.desk->blotter.orders[scene.desk->blotter.live[n]];
        stop += o->role == TD_ROLE_STOP ? o->now.qty.e9 : 0;
    }
    assert_int_equal(stop, order_of(key)->filled.e9);
    assert_true(stop > 0);
}

/* --- what the strategy sees --- */

static void the_strategy_sees_one_order(void **state)
{
    (void)state;
    begin();
    const uint64_t key = work(TD_ALGO_TWAP, TD_BUY, 100, 60 * TD_SEC);
    desk_turns(20 * TD_SEC);
    assert_int_equal(view.seen_count, 1);
    assert_int_equal(view.seen[0].tag, 5);
    assert_int_equal(view.seen[0].qty.e9, 100 * TD_E9);
    assert_int_equal(view.seen[0].filled.e9, order_of(key)->filled.e9);
    assert_int_equal(view.pending.e9, 100 * TD_E9 - order_of(key)->filled.e9);
    assert_int_equal(view.position.e9, order_of(key)->filled.e9);
    struct td_intent change = intent_of(TD_ALGO_NONE, TD_BUY, 10, 0);
    change.kind = TD_INTENT_CHANGE;
    desk_want(scene.desk, 0, 0, &change);
    assert_non_null(strstr(scene.desk->result.last_denial, "cancel it"));
    char text[65536];
    struct td_text t;
    struct td_json j;
    td_text_init(&t, text, sizeof text);
    td_json_init(&j, &t, false);
    td_json_object(&j);
    desk_put_algos(scene.desk, &j);
    td_json_object_end(&j);
    text[t.len] = '\0';
    assert_non_null(strstr(text, "\"algo\":\"TWAP\""));
    assert_non_null(strstr(text, "\"quantity\":100"));
}

static void presets_choose_for_entries(void **state)
{
    (void)state;
    begin();
    struct td_algo_preset *p = &scene.desk->algos.preset;
    struct td_intent i = intent_of(TD_ALGO_NONE, TD_BUY, 499, 0);
    p->by_size = true;
    assert_int_equal(desk_choose_algo(scene.desk, 0, &i), TD_ALGO_NONE);
    i.qty = TD_QTY(2500);
    assert_int_equal(desk_choose_algo(scene.desk, 0, &i), TD_ALGO_TWAP); /* no curve */
    i.qty = TD_QTY(10000);
    assert_int_equal(desk_choose_algo(scene.desk, 0, &i), TD_ALGO_ICEBERG);
    struct desk_curve *c = &scene.desk->algos.curves[0];
    for (int k = 0; k < TD_ALGO_BUCKETS; k++)
        c->past[k] = 100000;
    c->days = 1;
    i.qty = TD_QTY(2500);
    assert_int_equal(desk_choose_algo(scene.desk, 0, &i), TD_ALGO_VWAP);
    for (int k = 0; k < TD_ALGO_BUCKETS; k++)
        c->past[k] = 1000; /* it would be a fifth of the market */
    assert_int_equal(desk_choose_algo(scene.desk, 0, &i), TD_ALGO_ICEBERG);
    p->by_size = false;
    p->algo = TD_ALGO_POV;
    assert_int_equal(desk_choose_algo(scene.desk, 0, &i), TD_ALGO_POV);
    i.tif = TD_TIF_GTC; /* what cannot be split goes as it is */
    assert_int_equal(desk_choose_algo(scene.desk, 0, &i), TD_ALGO_NONE);
    i.algo = TD_ALGO_TWAP;
    desk_want(scene.desk, 0, 0, &i);
    assert_non_null(strstr(scene.desk->result.last_denial, "of the day"));
}

static void spans_and_words_are_read(void **state)
{
    static const struct {
        const char *text;
        td_ns span; /* 0: refused */
    } rows[] = {{"90s", 90 * TD_SEC},
                {"30m", 30 * TD_MIN},
                {"2h", 2 * TD_HOUR},
                {" 8h ", 8 * TD_HOUR},
                {"9h", 0},
                {"0s", 0},
                {"30", 0},
                {"m", 0},
                {"", 0},
                {"1d", 0},
                {"-5m", 0},
                {"99999999999h", 0}};
    struct td_settings s;
    struct td_algo_preset p;
    struct td_fail why = {0};
    (void)state;
    wide_settings(&s);
    TD_OK_OR_FAIL(td_algo_preset_of(&s, &p, &why));
    assert_true(p.algo == TD_ALGO_NONE && p.span == TD_HOUR && p.slices == 10);
    for (size_t i = 0; i < TD_COUNT(rows); i++) {
        s.algo_span = rows[i].text;
        assert_int_equal(td_algo_preset_of(&s, &p, &why), rows[i].span ? TD_OK : TD_EINVAL);
        assert_true(!rows[i].span || p.span == rows[i].span);
    }
    s.algo_span = "1h";
    s.algo = "iceberg";
    TD_OK_OR_FAIL(td_algo_preset_of(&s, &p, &why));
    assert_int_equal(p.algo, TD_ALGO_ICEBERG);
    s.algo = "sniper";
    assert_int_equal(td_algo_preset_of(&s, &p, &why), TD_EINVAL);
    assert_non_null(strstr(why.text, "sniper"));
}

/* --- the count at the socket --- */

static void a_child_too_many_is_stopped_at_the_socket(void **state)
{
    (void)state;
    begin();
    const uint64_t key = work(TD_ALGO_TWAP, TD_BUY, 100, 50 * TD_SEC);
    desk_turns(12 * TD_SEC);
    struct td_order *parent = td_blotter_order(&scene.desk->blotter, key);
    assert_int_equal(parent->filled.e9, 30 * TD_E9);
    struct td_intent i = intent_of(TD_ALGO_NONE, TD_BUY, 71, 0);
    const struct desk_origin from = {.role = TD_ROLE_SLICE, .parent = key};
    assert_int_equal(desk_ask_slice(scene.desk, 0, &i, &from, TD_GATE_COUNT), TD_GATE_POSITION);
    i.qty = TD_QTY(70);
    assert_int_equal(desk_ask_slice(scene.desk, 0, &i, &from, TD_GATE_COUNT), TD_GATE_COUNT);
    i.qty = TD_QTY(40);
    parent->working =
        TD_QTY(0); /* a sum that forgot what works lets it pass: the rows are counted again */
    assert_int_equal(desk_ask_slice(scene.desk, 0, &i, &from, TD_GATE_COUNT), TD_GATE_COUNT);
    const uint32_t received = td_gateway_ledger(scene.gateway.server)->order_count;
    desk_turns(2 * TD_SEC);
    assert_int_equal(td_gateway_ledger(scene.gateway.server)->order_count, received);
    assert_int_equal(scene.desk->algos.stopped, 1);
    assert_true(scene.desk->blotter.halted);
    assert_non_null(strstr(scene.desk->blotter.halt_reason, "exceeded its parent"));
    assert_int_equal(ledger_sum(key), 30 * TD_E9);
}

/* --- deaths --- */

static void desk_killed(void)
{
    td_simworld_kill(scene.sim, scene.desk_host);
    desk_close();
    TD_OK_OR_FAIL(td_simworld_attach(scene.sim, "desk", &scene.desk_host, &scene.desk_world, NULL));
    watch_world(&scene.desk_world);
}

static void killed_at_any_moment_it_goes_on_and_never_exceeds(void **state)
{
    static const uint8_t algos[] = {TD_ALGO_TWAP, TD_ALGO_POV, TD_ALGO_ICEBERG, TD_ALGO_ADAPTIVE};
    (void)state;
    for (int n = 0; n < 16; n++) {
        begin();
        const uint64_t key = work(algos[n % 4], TD_BUY, 80, 90 * TD_SEC);
        desk_turns(n * 511 * TD_MS + 1);
        if (n % 3)
            desk_killed();
        else
            desk_crash();
        desk_must_start();
        desk_wait_ready();
        if (td_blotter_order(&scene.desk->blotter,
                             key)) { /* else it was not durable: it never was */
            play_out(key, 3 * TD_MIN);
            filled_exactly(key);
        }
        desk_close();
        check_ledger(true);
        (void)scene_close(NULL);
    }
}

static void away_for_too_long_it_ends(void **state)
{
    (void)state;
    begin();
    const uint64_t key = work(TD_ALGO_TWAP, TD_BUY, 80, 30 * TD_SEC);
    desk_turns(7 * TD_SEC);
    desk_killed();
    td_ns until = td_world_mono(&scene.gateway.world) + 60 * TD_SEC;
    while (td_world_mono(&scene.desk_world) < until) {
        struct td_wake wake;
        td_world_wait(&scene.desk_world, until, &wake);
    }
    desk_must_start();
    desk_wait_ready();
    desk_turns(5 * TD_SEC);
    assert_string_equal(order_of(key)->status, "expired");
    assert_true(order_of(key)->filled.e9 < 80 * TD_E9);
    no_child_after(key, "expired");
}

static void a_lost_session_only_delays(void **state)
{
    (void)state;
    begin();
    const uint64_t key = work(TD_ALGO_TWAP, TD_BUY, 100, 60 * TD_SEC);
    desk_turns(14 * TD_SEC);
    td_simworld_sever(scene.sim, scene.desk_host);
    play_out(key, 3 * TD_MIN);
    filled_exactly(key);
    assert_true(scene.desk->result.reconnects >= 1);
    desk_close();
    check_ledger(true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(every_algorithm_fills_its_parent_exactly, scene_close),
        cmocka_unit_test_teardown(slices_go_out_when_they_begin, scene_close),
        cmocka_unit_test_teardown(the_curve_rules_vwap, scene_close),
        cmocka_unit_test_teardown(bars_of_other_days_make_the_curve, scene_close),
        cmocka_unit_test_teardown(a_limit_that_is_not_reached_expires, scene_close),
        cmocka_unit_test_teardown(a_refused_child_is_given_out_again_and_three_end_it, scene_close),
        cmocka_unit_test_teardown(refusals_of_gates, scene_close),
        cmocka_unit_test_teardown(a_parent_counts_whole_for_everybody_else, scene_close),
        cmocka_unit_test_teardown(cancels_and_halts_end_it, scene_close),
        cmocka_unit_test_teardown(an_exit_goes_on_in_a_halt_and_ends_with_the_session, scene_close),
        cmocka_unit_test_teardown(an_exit_takes_the_place_of_what_is_worked, scene_close),
        cmocka_unit_test_teardown(a_bracket_follows_the_parent, scene_close),
        cmocka_unit_test_teardown(the_strategy_sees_one_order, scene_close),
        cmocka_unit_test_teardown(presets_choose_for_entries, scene_close),
        cmocka_unit_test(spans_and_words_are_read),
        cmocka_unit_test_teardown(a_child_too_many_is_stopped_at_the_socket, scene_close),
        cmocka_unit_test_teardown(killed_at_any_moment_it_goes_on_and_never_exceeds, scene_close),
        cmocka_unit_test_teardown(away_for_too_long_it_ends, scene_close),
        cmocka_unit_test_teardown(a_lost_session_only_delays, scene_close),
    };
    return cmocka_run_group_tests_name("desk/algo_scene", tests, NULL, NULL);
}
