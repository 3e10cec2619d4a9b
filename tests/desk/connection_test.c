/* tests/desk/connection_test.c - the desk's connection left alone: outages, silence, clocks, checklist, bad bytes.
 *
 * A desk and a scripted gateway in one simulated world; prints what was measured.
 */
#include "support/support.h"

#include <stdio.h>

#define SCRIPT_REQUESTS 65536
#include "desk/desk_scene.h"
#include "desk/script_gateway.h"

static void start(const char *restart_at)
{
    const struct scene_options o = {.world = {.seed = 1},
                                    .speed = 1}; /* nobody watches its market */
    scene_open(&o);
    td_simworld_turn(scene.sim, scene.gateway.host, NULL, NULL); /* only the scripted one plays */
    script_attach(scene.sim, 4003);
    script.serves = true;
    scene.plan.ports[0] = 4003;
    scene.config.use_count = 0;
    scene.config.clock = TD_CLOCK_WALL;
    scene.settings.restart_at = restart_at;
}

static void ready(void)
{
    desk_must_start();
    desk_wait_ready();
    desk_turns(3 * TD_SEC);
    assert_true(desk_may_order(scene.desk));
    assert_int_equal(desk_clock_fact(scene.desk), TD_FACT_YES);
}

static int end(void **state)
{
    (void)scene_close(state);
    script_free();
    return 0;
}

static const struct td_alert *alert(enum td_alert_kind kind)
{
    return &scene.desk->conn.alerts.rows[kind];
}

/* Simulated seconds until the gate is as wanted; the limit is an error. */
static double until(bool open, td_ns limit)
{
    const td_ns from = td_world_mono(&scene.desk_world);
    while (desk_may_order(scene.desk) != open) {
        desk_turns(100 * TD_MS);
        assert_true(td_world_mono(&scene.desk_world) - from <= limit);
    }
    return (double)(td_world_mono(&scene.desk_world) - from) / 1e9;
}

/* --- the broker behind the gateway --- */

static void a_lost_broker_closes_the_gate_and_is_looked_up_after(void **state)
{
    (void)state;
    start(NULL);
    ready();
    const int looks = script_asked(TD_TWS_REQ_ALL_OPEN_ORDERS);
    for (int i = 0; i < 600; i++) { /* ten a second for a minute */
        script_error(-1, 1100);
        desk_turns(100 * TD_MS);
        assert_false(desk_may_order(scene.desk));
        assert_true(td_market_stale(&scene.desk->market, 0));
    }
    assert_int_equal(scene.desk->conn.state.outages, 1);
    assert_false(scene.desk->blotter.halted);
    script_error(-1, 1102);
    const double kept = until(true, 10 * TD_SEC);
    assert_int_equal(script_asked(TD_TWS_REQ_ALL_OPEN_ORDERS), looks + 2); /* two that agree */
    assert_int_equal(script_asked(TD_TWS_REQ_MKT_DATA), 2);                /* two symbols, once */
    script_error(-1, 2110);
    desk_turns(TD_SEC);
    assert_false(desk_may_order(scene.desk));
    script_error(-1, 1101);
    const double lost = until(true, 10 * TD_SEC);
    assert_int_equal(script_asked(TD_TWS_REQ_ALL_OPEN_ORDERS), looks + 4);
    assert_int_equal(script_asked(TD_TWS_REQ_MKT_DATA), 4);
    print_message(
        "600 x 1100: 1 outage, 0 turns with an open gate; ready %.1f s after 1102, %.1f s "
        "after 1101\n",
        kept, lost);
}

static void five_minutes_without_a_broker_end_the_trading(void **state)
{
    (void)state;
    start(NULL);
    ready();
    script_error(-1, 1100);
    desk_turns(299 * TD_SEC);
    assert_false(scene.desk->blotter.halted);
    desk_turns(3 * TD_SEC);
    assert_true(scene.desk->blotter.halted);
    assert_true(alert(TD_ALERT_BROKER)->active);
    script_error(-1, 1102);
    desk_turns(20 * TD_SEC);
    assert_true(scene.desk->blotter.halted); /* until a human resumes */
    assert_false(alert(TD_ALERT_BROKER)->active);
}

static void another_session_of_the_login_is_told_rarely(void **state)
{
    (void)state;
    start(NULL);
    ready();
    for (int i = 0; i < 1000; i++) {
        script_error(-1, 10197);
        desk_turns(TD_SEC);
    }
    assert_true(alert(TD_ALERT_COMPETING)->active);
    assert_int_equal(alert(TD_ALERT_COMPETING)->told, 1); /* a thousand refusals */
    assert_int_equal(scene.desk->conn.lost, 0);           /* no fight for the session */
    desk_turns(70 * TD_SEC); /* nothing refused, nothing silent: it is over */
    assert_false(alert(TD_ALERT_COMPETING)->active);
}

static void too_many_messages_slow_us_down(void **state)
{
    (void)state;
    start(NULL);
    ready();
    script_error(-1, 100);
    desk_turns(TD_SEC);
    assert_false(desk_may_order(scene.desk));
    assert_int_equal(td_pacer_rate(&scene.link.pacer, td_world_mono(&scene.desk_world)), 20);
    const double closed = until(true, 15 * TD_SEC) + 1;
    desk_turns(60 * TD_SEC);
    assert_int_equal(td_pacer_rate(&scene.link.pacer, td_world_mono(&scene.desk_world)), 40);
    print_message("error 100: gate closed for %.1f s, rate 20, 40 again within a minute\n", closed);
}

/* --- silence --- */

static void a_silent_gateway_is_dropped(void **state)
{
    (void)state;
    start(NULL);
    ready();
    script.mute = true;
    const td_ns from = scene.link.heard_mono;
    (void)until(false, 40 * TD_SEC);
    const double degraded = (double)(td_world_mono(&scene.desk_world) - from) / 1e9;
    while (scene.desk->conn.lost == 0)
        desk_turns(100 * TD_MS);
    const double dropped = (double)(td_world_mono(&scene.desk_world) - from) / 1e9;
    script.mute = false;
    const double back = until(true, 60 * TD_SEC);
    print_message("silence: gate closed after %.1f s, dropped after %.1f s, ready %.1f s later\n",
                  degraded, dropped, back);
    assert_true(degraded <= 26 && dropped <= 36);
}

static void a_missing_answer_keeps_the_gate_closed_and_is_told(void **state)
{
    (void)state;
    static const uint16_t kinds[] = {TD_TWS_REQ_ALL_OPEN_ORDERS, TD_TWS_REQ_EXECUTIONS,
                                     TD_TWS_REQ_COMPLETED_ORDERS, TD_TWS_REQ_POSITIONS,
                                     TD_TWS_REQ_MKT_DATA};
    for (size_t i = 0; i < TD_COUNT(kinds); i++) {
        start(NULL);
        script.omit = kinds[i];
        desk_must_start();
        int open = 0;
        for (int s = 0; s < 300; s++) {
            desk_turns(TD_SEC);
            open += desk_may_order(scene.desk);
        }
        assert_int_equal(open, 0);
        if (kinds[i] != TD_TWS_REQ_MKT_DATA) { /* a closed market has no quotes either */
            assert_true(alert(TD_ALERT_LOOK_UP)->told >= 1);
            assert_true(scene.desk->conn.lost >= 1);
        }
        script.omit = 0;
        for (uint32_t k = 0; k < scene.desk->market.count; k++)
            if (kinds[i] == TD_TWS_REQ_MKT_DATA)
                td_market_restore(&scene.desk->market);
        (void)until(true, 20 * TD_MIN);
        assert_false(alert(TD_ALERT_LOOK_UP)->active);
        (void)end(NULL);
    }
    print_message("%zu answers left out for 300 s each: 0 s with an open gate\n", TD_COUNT(kinds));
}

static void a_list_that_never_ends_can_be_waived(void **state)
{
    (void)state;
    start(NULL);
    script.omit = TD_TWS_REQ_COMPLETED_ORDERS;
    scene.settings.waive = "completed-orders";
    desk_must_start();
    assert_true(until(true, 60 * TD_SEC) < 30);
}

/* What decides reads the gate of the line, not the line. */
static void a_stale_line_is_no_basis(void **state)
{
    (void)state;
    struct td_gate_facts facts;
    start(NULL);
    ready();
    desk_facts(scene.desk, 0, &facts);
    assert_int_equal(facts.quote_live, TD_FACT_YES);
    scene.desk->market.lines[0].subs[TD_FOR_QUOTES].stale = true;
    desk_facts(scene.desk, 0, &facts);
    assert_int_equal(facts.quote_live, TD_FACT_NO);
    desk_facts(scene.desk, 1, &facts);
    assert_int_equal(facts.quote_live, TD_FACT_YES);
}

/* F36: closed in a pause, and after it until both sides of the quote were told anew. */
static void a_pause_closes_the_gate_until_the_quote_is_fresh(void **state)
{
    (void)state;
    struct td_gate_facts facts;
    start(NULL);
    script.hours = "20200101:0000-20391231:2359";
    ready();
    struct td_pause *pause = &scene.desk->market.lines[0].pause;
    desk_facts(scene.desk, 0, &facts);
    assert_int_equal(facts.market_open, TD_FACT_YES);
    td_pause_tell(pause, 2);
    desk_facts(scene.desk, 0, &facts);
    assert_int_equal(facts.market_open, TD_FACT_NO);
    td_pause_tell(pause, 0);
    desk_facts(scene.desk, 0, &facts);
    assert_int_equal(facts.market_open, TD_FACT_UNKNOWN);
    td_pause_quote(pause, TD_BID, TD_PX(100));
    td_pause_quote(pause, TD_ASK, TD_PX(101));
    desk_facts(scene.desk, 0, &facts);
    assert_int_equal(facts.market_open, TD_FACT_YES);
}

/* In the last days of a future the gate closes that lets reducing orders through. */
static void a_future_that_ends_takes_no_entries(void **state)
{
    (void)state;
    struct td_gate_facts facts;
    start(NULL);
    ready();
    struct td_line *line = &scene.desk->market.lines[0];
    desk_facts(scene.desk, 0, &facts);
    assert_int_equal(facts.not_expiring, TD_FACT_YES);
    line->product = td_product_find(td_str_of("ES"));
    line->last_day = td_world_now(scene.desk->world) / TD_DAY + 30;
    desk_facts(scene.desk, 0, &facts);
    assert_int_equal(facts.not_expiring, TD_FACT_YES);
    line->last_day -= 30;
    desk_facts(scene.desk, 0, &facts);
    assert_int_equal(facts.not_expiring, TD_FACT_NO);
    line->last_day = 0; /* not known */
    desk_facts(scene.desk, 0, &facts);
    assert_int_equal(facts.not_expiring, TD_FACT_NO);
    assert_true(td_gate_lets_reducing(TD_GATE_SYMBOL));
}

static void what_is_held_keeps_its_slot(void **state)
{
    (void)state;
    start(NULL);
    ready();
    struct td_tws_execution e = {.order_id = 900, .client_id = 99, .shares = TD_QTY(5)};
    e.contract.symbol = td_str_of("SPY");
    e.contract.sec_type = td_str_of("STK");
    e.exec_id = td_str_of("aa.01.01");
    e.account = td_str_of("DU1234567");
    e.side = td_str_of("BOT");
    e.price = TD_PX(100);
    desk_take_execution(scene.desk, &e);
    desk_turns(2 * TD_SEC);
    assert_true(scene.desk->market.budgets[TD_BUDGET_QUOTES].items[0].pinned);
    assert_false(scene.desk->market.budgets[TD_BUDGET_QUOTES].items[1].pinned);
}

/* --- clocks --- */

static void a_clock_that_jumps_closes_the_gate_until_checked(void **state)
{
    (void)state;
    static const td_ns steps[] = {3 * TD_SEC, -3 * TD_SEC, TD_MIN, -TD_HOUR};
    start(NULL);
    ready();
    for (size_t i = 0; i < TD_COUNT(steps); i++) {
        script.no_time = true;
        desk_turns(2 * TD_SEC);
        td_simworld_step_clock(scene.sim, steps[i]);
        desk_turns(TD_SEC + 50 * TD_MS);
        assert_int_equal(desk_clock_fact(scene.desk), TD_FACT_NO);
        desk_turns(10 * TD_SEC);
        assert_false(desk_may_order(scene.desk));
        script.no_time = false;
        desk_turns(3 * TD_SEC);
        assert_int_equal(desk_clock_fact(scene.desk), TD_FACT_YES);
        assert_true(desk_may_order(scene.desk));
    }
    assert_int_equal(scene.desk->conn.turns.jumps, TD_COUNT(steps));
    print_message("%zu clock steps: closed within 1.1 s, open again after the gateway's time\n",
                  TD_COUNT(steps));
}

/* Else the day's orders and loss would be counted from nothing when it comes back. */
static void a_clock_that_jumps_begins_no_day(void **state)
{
    (void)state;
    start(NULL);
    ready();
    const int64_t day = scene.desk->blotter.day;
    assert_true(day != INT64_MIN);
    scene.desk->blotter.orders_today = 17;
    for (int i = 0; i < 2; i++) {
        script.no_time = true;
        td_simworld_step_clock(scene.sim, i ? -TD_DAY : TD_DAY);
        desk_turns(5 * TD_SEC);
        assert_int_equal(scene.desk->blotter.day, day);
    }
    script.no_time = false;
    desk_turns(3 * TD_SEC);
    assert_true(desk_may_order(scene.desk));
    assert_int_equal(scene.desk->blotter.day, day);
    assert_int_equal(scene.desk->blotter.orders_today, 17);
}

static void a_stopped_process_forgets_and_looks_up(void **state)
{
    (void)state;
    struct td_world other;
    struct td_record r;
    struct td_wake wake;
    uint32_t host;
    start(NULL);
    ready();
    const int looks = script_asked(TD_TWS_REQ_ALL_OPEN_ORDERS);
    td_record_init(&r, TD_REC_ORDER, td_world_now(&scene.desk_world));
    r.key = scene.desk->blotter.next_key;
    r.order_id = scene.desk->blotter.next_id;
    r.client_id = 7;
    r.qty = TD_QTY(1);
    (void)snprintf(r.symbol, sizeof r.symbol, "SPY");
    (void)snprintf(r.ref, sizeof r.ref, "td-000000-1");
    TD_OK_OR_FAIL(desk_fact(scene.desk, &r)); /* decided, and waiting for the disk */
    scene.desk->pending[0] = (struct desk_pending){
        .seq = r.seq, .key = r.key, .since = td_world_mono(&scene.desk_world)};
    scene.desk->pending_count = 1;
    TD_OK_OR_FAIL(td_simworld_attach(scene.sim, "other", &host, &other, NULL));
    (void)td_desk_deadline(scene.desk);
    const td_ns later = td_world_mono(&other) + 60 * TD_SEC;
    while (td_world_mono(&other) < later) /* only others live meanwhile */
        td_world_wait(&other, later, &wake);
    desk_turns(100 * TD_MS);
    assert_int_equal(scene.desk->conn.turns.stops, 1);
    desk_turns(5 * TD_SEC);
    assert_int_equal(script_asked(TD_TWS_PLACE_ORDER), 0); /* a minute old: not sent */
    assert_true(td_order_state_terminal(
        (enum td_order_state)td_blotter_order(&scene.desk->blotter, r.key)->state));
    /* It never left, and that is known: nothing has to be looked for. */
    assert_int_equal(script_asked(TD_TWS_REQ_ALL_OPEN_ORDERS), looks + 2);
    assert_true(desk_may_order(scene.desk));
}

/* The disk may be slow for a moment, not for longer than a decision is worth. */
static void a_decision_that_waited_too_long_is_not_sent(void **state)
{
    (void)state;
    static const td_ns ages[] = {100 * TD_MS, 3 * TD_SEC};
    for (size_t i = 0; i < TD_COUNT(ages); i++) {
        struct td_record r;
        start(NULL);
        ready();
        td_record_init(&r, TD_REC_ORDER, td_world_now(&scene.desk_world));
        r.key = scene.desk->blotter.next_key;
        r.order_id = scene.desk->blotter.next_id;
        r.client_id = 7;
        r.qty = TD_QTY(1);
        (void)snprintf(r.symbol, sizeof r.symbol, "SPY");
        (void)snprintf(r.ref, sizeof r.ref, "td-000000-1");
        TD_OK_OR_FAIL(desk_fact(scene.desk, &r));
        scene.desk->pending[0] = (struct desk_pending){
            .seq = r.seq, .key = r.key, .since = td_world_mono(&scene.desk_world) - ages[i]};
        scene.desk->pending_count = 1;
        desk_turns(500 * TD_MS); /* it leaves */
        desk_turns(500 * TD_MS); /* and arrives */
        const bool sent = td_blotter_order(&scene.desk->blotter, r.key)->state == TD_OS_SENT;
        assert_int_equal(sent, i == 0);
        assert_int_equal(script_asked(TD_TWS_PLACE_ORDER), sent);
        (void)end(NULL);
    }
}

static void the_gate_closes_before_a_scheduled_restart(void **state)
{
    (void)state;
    start("09:40"); /* it is 09:30 */
    ready();
    const td_ns now = td_world_now(&scene.desk_world);
    const td_ns restart = SCENE_START + 10 * TD_MIN;
    desk_turns(restart - 2 * TD_MIN - now - TD_SEC);
    assert_true(desk_may_order(scene.desk));
    desk_turns(2 * TD_SEC);
    int open = 0;
    for (int s = 0; s < 240; s++) { /* two minutes, and two more: the restart is late */
        open += desk_may_order(scene.desk);
        desk_turns(TD_SEC);
    }
    assert_int_equal(open, 0);
    td_simworld_sever(scene.sim, scene.desk_host);
    (void)until(true, 60 * TD_SEC);
    int32_t minute;
    assert_int_equal(td_connection_minute("9:40", &minute, NULL), TD_EINVAL);
    assert_int_equal(td_connection_minute("24:00", &minute, NULL), TD_EINVAL);
}

/* --- connecting again --- */

static void a_used_client_id_is_kept_and_told(void **state)
{
    (void)state;
    start(NULL);
    ready();
    script.busy = true;
    td_simworld_sever(scene.sim, scene.desk_host);
    desk_turns(110 * TD_SEC);
    assert_false(alert(TD_ALERT_CLIENT_ID)->active);
    desk_turns(200 * TD_SEC);
    assert_true(alert(TD_ALERT_CLIENT_ID)->active);
    assert_int_equal(scene.link.config.client_id, 7);
    script.busy = false;
    (void)until(true, 10 * TD_MIN);
    assert_false(alert(TD_ALERT_CLIENT_ID)->active);
}

static void connects_are_few_and_told(void **state)
{
    (void)state;
    start(NULL);
    ready();
    td_simworld_refuse(scene.sim, 4003, true);
    td_simworld_sever(scene.sim, scene.desk_host);
    const uint64_t before = scene.desk->conn.manager.connects;
    int told_after = 0;
    while (!alert(TD_ALERT_CONNECTION)->active && told_after < 600) {
        desk_turns(TD_SEC);
        told_after++;
    }
    desk_turns(TD_HOUR - told_after * TD_SEC);
    const uint64_t connects = scene.desk->conn.manager.connects - before;
    print_message("an hour without a gateway: %llu connects, told after %d s, %u times\n",
                  (unsigned long long)connects, told_after, alert(TD_ALERT_CONNECTION)->told);
    assert_true(told_after <= 302 && connects <= 20);
    td_simworld_refuse(scene.sim, 4003, false);
    (void)until(true, 70 * TD_MIN);
    assert_false(alert(TD_ALERT_CONNECTION)->active);
}

/* However a session ends: its socket is gone before the next begins, and the same id waits for a second. */
static void the_old_socket_ends_a_second_before_the_next_begins(void **state)
{
    (void)state;
    for (int way = 0; way < 3; way++) {
        start(NULL);
        ready();
        assert_int_equal(script.accepted, 1);
        if (way == 0)
            td_simworld_sever(scene.sim, scene.desk_host);
        else if (way == 1)
            td_world_hangup(&script.world, script.conn, false); /* the gateway ends it */
        else
            script.mute = true; /* and we end it after the heartbeat */
        const td_ns began = td_world_mono(&script.world);
        if (way == 1)
            script.ended_at = began;
        for (int s = 0; s < 600 && script.accepted < 2; s++)
            desk_turns(TD_SEC / 10);
        assert_int_equal(script.accepted, 2);
        assert_int_equal(scene.link.config.client_id, 7);
        assert_true(script.ended_at >= began);
        const td_ns apart = script.accepted_at - script.ended_at;
        if (apart < TD_SEC - 20 * TD_MS) /* of latency, which may differ for the two */
            fail_msg("way %d: %lld ms apart", way, (long long)(apart / TD_MS));
        script.mute = false;
        (void)until(true, 60 * TD_SEC);
        assert_true(scene.desk->conn.lost >= 1);
        (void)end(NULL);
    }
}

/* 322 without an id, in the middle of a look-up: asked again at once, not after its 20 s. */
static void an_error_without_an_id_fails_a_look_up(void **state)
{
    (void)state;
    start(NULL);
    script.omit = TD_TWS_REQ_EXECUTIONS;
    desk_must_start();
    desk_turns(2 * TD_SEC);
    assert_int_equal(script_asked(TD_TWS_REQ_EXECUTIONS), 1);
    script.omit = 0;
    script_error(-1, 322);
    desk_turns(TD_SEC);
    assert_int_equal(script_asked(TD_TWS_REQ_EXECUTIONS), 2);
    assert_true(until(true, 30 * TD_SEC) < 10);
    assert_int_equal(script_asked(TD_TWS_REQ_EXECUTIONS), 3); /* the second look */
    script_error(-1, 322);                                    /* nothing waits: nothing happens */
    desk_turns(2 * TD_SEC);
    assert_int_equal(script_asked(TD_TWS_REQ_EXECUTIONS), 3);
    assert_true(desk_may_order(scene.desk));
    assert_int_equal(scene.desk->conn.lost, 0);
}

/* Orders cannot be seen, so none leaves; quotes come all the same. */
static void a_read_only_gateway_gives_market_data(void **state)
{
    (void)state;
    start(NULL);
    script.omit = script.read_only = TD_TWS_REQ_ALL_OPEN_ORDERS;
    desk_must_start();
    desk_turns(10 * TD_SEC);
    assert_string_equal(desk_sync_word(scene.desk), "read-only");
    const struct td_line *line = &scene.desk->market.lines[0];
    struct td_tws_msg msg;
    td_tws_msg_init(&msg, TD_TWS_TICK_PRICE);
    msg.tick_price.req_id = line->subs[TD_FOR_QUOTES].id;
    msg.tick_price.tick_type = 1;
    msg.tick_price.size = TD_QTY(1);
    for (int i = 0; i < 60; i++) {
        msg.tick_price.price = TD_PX(101 + i);
        script_send(&msg);
        desk_turns(TD_SEC);
        assert_true(line->quote.bid.e9 == (101 + i) * TD_E9);
        assert_int_equal(line->state, TD_LINE_LIVE);
        assert_false(desk_may_order(scene.desk));
    }
    assert_true(alert(TD_ALERT_READ_ONLY)->active);
    assert_int_equal(scene.desk->conn.lost, 0);
}

/* An orderly end of a handshake would leave the gateway a half-open socket. */
static void an_unfinished_handshake_is_reset(void **state)
{
    (void)state;
    static const bool finished[] = {false, true};
    for (size_t i = 0; i < TD_COUNT(finished); i++) {
        struct td_link_config config = {.host = "127.0.0.1",
                                        .port = 4003,
                                        .client_id = 9,
                                        .dial_ns = TD_SEC,
                                        .hello_ns = TD_MIN,
                                        .ready_ns = TD_MIN};
        struct td_tws_event ev;
        uint8_t byte;
        size_t got;
        start(NULL);
        script.busy = false;
        TD_OK_OR_FAIL(td_link_open(&scene.link, &scene.desk_world, NULL));
        td_link_dial(&scene.link, &config);
        const td_ns span = finished[i] ? 100 * TD_MS : 5 * TD_MS;
        const td_ns stop = td_world_mono(&scene.desk_world) + span;
        while (td_world_mono(&scene.desk_world) < stop) {
            struct td_wake wake;
            td_world_wait(&scene.desk_world, stop, &wake);
            (void)td_link_wake(&scene.link, &wake);
            while (td_link_next(&scene.link, &ev))
                continue;
            td_link_flush(&scene.link);
        }
        assert_int_equal(td_link_ready(&scene.link), finished[i]);
        td_simworld_turn(scene.sim, script.host, NULL, NULL); /* it reads nothing more by itself */
        td_link_hangup(&scene.link);
        struct td_wake wake;
        td_world_wait(&scene.desk_world, stop + TD_SEC, &wake);
        enum td_err err = TD_OK;
        while (err == TD_OK)
            err = td_world_recv(&script.world, script.conn, &byte, 1, &got);
        assert_int_equal(err, finished[i] ? TD_ECLOSED : TD_EIO);
        td_link_close(&scene.link);
        td_gateway_close(scene.gateway.server);
        td_simworld_close(scene.sim);
        scene.sim = NULL;
        script_free();
    }
}

/* --- bad input --- */

static void send_raw(const uint8_t *bytes, size_t len)
{
    size_t sent = 0;
    if (script.conn.id)
        (void)!td_world_send(&script.world, script.conn, bytes, len, &sent);
}

static void send_frame(const char *body, size_t len)
{
    uint8_t frame[600] = {0, 0, (uint8_t)(len >> 8), (uint8_t)len};
    memcpy(frame + 4, body, len);
    send_raw(frame, len + 4);
}

static void a_bad_order_message_leads_to_a_look_up(void **state)
{
    (void)state;
    start(NULL);
    ready();
    const int looks = script_asked(TD_TWS_REQ_ALL_OPEN_ORDERS);
    send_frame("3\0x\0", 4); /* an order status that is none */
    desk_turns(5 * TD_SEC);
    assert_int_equal(script_asked(TD_TWS_REQ_ALL_OPEN_ORDERS), looks + 2);
    send_frame("1\0x\0", 4); /* a tick */
    desk_turns(5 * TD_SEC);
    assert_int_equal(script_asked(TD_TWS_REQ_ALL_OPEN_ORDERS), looks + 2);
    assert_int_equal(scene.desk->conn.bad_messages, 2);
    assert_int_equal(scene.desk->conn.lost, 0);
    assert_true(desk_may_order(scene.desk));
}

static void any_bytes_are_survived(void **state)
{
    (void)state;
    struct td_rng rng;
    uint64_t frames = 0, streams = 0;
    start(NULL);
    ready();
    td_rng_init(&rng, 77);
    for (int round = 0; round < 3000; round++) { /* whole frames of nonsense */
        char body[500];
        const size_t len = 1 + (size_t)td_rng_below(&rng, sizeof body - 1);
        const int n = snprintf(body, sizeof body, "%d", (int)td_rng_below(&rng, 120));
        for (size_t i = (size_t)n; i < len; i++)
            body[i] = td_rng_chance(&rng, 0.3)   ? '\0'
                      : td_rng_chance(&rng, 0.6) ? (char)('0' + td_rng_below(&rng, 10))
                                                 : (char)td_rng_below(&rng, 256);
        send_frame(body, len > (size_t)n ? len : (size_t)n);
        frames++;
        desk_turns(20 * TD_MS);
    }
    for (int round = 0; round < 10; round++) { /* and streams of it */
        uint8_t noise[3000];
        for (size_t i = 0; i < sizeof noise; i++)
            noise[i] = (uint8_t)td_rng_below(&rng, 256);
        send_raw(noise, sizeof noise);
        streams++;
        desk_turns(10 * TD_MIN);
    }
    print_message("%llu frames and %llu streams of noise: %llu bad messages, %u connections lost\n",
                  (unsigned long long)frames, (unsigned long long)streams,
                  (unsigned long long)scene.desk->conn.bad_messages, scene.desk->conn.lost);
    assert_int_equal(script_asked(TD_TWS_PLACE_ORDER), 0);
    scene.desk->blotter.halted = false;
    assert_true(scene.desk->conn.bad_messages > 100);
    assert_true(scene.desk->conn.lost >= 1);
    TD_OK_OR_FAIL(td_blotter_check(&scene.desk->blotter, NULL));
}

/* --- farms --- */

static void a_farm_of_others_does_not_concern_us(void **state)
{
    (void)state;
    static const struct {
        const char *farm;
        int32_t broken, back;
        bool ours;
    } flaps[] = {
        {"usfuture", 2103, 2104, false}, {"eufarm", 2103, 2104, false},
        {"euhmds", 2105, 2106, false},   {"usfarm", 2103, 2104, true},
        {"ushmds", 2105, 2106, true},    {"somefarm", 2103, 2104, true},
        {"secdefil", 2157, 2158, false}, /* look-ups wait; the session does not */
    };
    for (size_t i = 0; i < TD_COUNT(flaps); i++) {
        char text[80];
        start(NULL);
        ready();
        (void)snprintf(text, sizeof text, "a farm:%s", flaps[i].farm);
        script_say(-1, flaps[i].broken, text);
        desk_turns(3 * TD_SEC);
        assert_int_equal(desk_may_order(scene.desk), !flaps[i].ours);
        script_say(-1, flaps[i].back, text);
        desk_turns(3 * TD_SEC);
        assert_true(desk_may_order(scene.desk));
        const struct td_sub *subs = scene.desk->market.lines[0].subs;
        const bool market = flaps[i].ours && flaps[i].broken == 2103;
        assert_int_equal(subs[TD_FOR_QUOTES].doubted, market);
        assert_int_equal(subs[TD_FOR_BARS].doubted, flaps[i].ours);
        (void)end(NULL);
    }
}

static void a_farm_does_not_bring_the_broker_back(void **state)
{
    (void)state;
    start(NULL);
    ready();
    script_say(-1, 2103, "a farm:usfarm");
    script_error(-1, 1100);
    desk_turns(2 * TD_SEC);
    script_say(-1, 2104, "a farm:usfarm");
    desk_turns(2 * TD_SEC);
    assert_true(scene.desk->market.blind);
    assert_true(td_market_stale(&scene.desk->market, 0));
    assert_false(desk_may_order(scene.desk));
}

/* --- soft restarts --- */

#define COMMAND_PORT 7462

static struct {
    struct td_world world;
    uint32_t host;
    struct td_conn listener;
    int restarts;
    const char *answer;
    char line[16];
    size_t len;
} ibc;

static td_ns ibc_turn(void *arg)
{
    struct td_wake wake;
    char byte;
    size_t n;
    (void)arg;
    for (td_world_wait(&ibc.world, 0, &wake); wake.kind != TD_WAKE_TIMEOUT;
         td_world_wait(&ibc.world, 0, &wake)) {
        while (wake.kind == TD_WAKE_READABLE &&
               td_world_recv(&ibc.world, wake.conn, &byte, 1, &n) == TD_OK) {
            ibc.line[ibc.len++ % sizeof ibc.line] = byte;
            if (byte != '\n')
                continue;
            assert_memory_equal(ibc.line, "RESTART\n", ibc.len);
            ibc.len = 0;
            ibc.restarts++;
            TD_OK_OR_FAIL(td_world_send(&ibc.world, wake.conn, ibc.answer, strlen(ibc.answer), &n));
        }
    }
    return TD_NS_NEVER;
}

/* A gateway of this machine under IBC, whose command port answers. */
static void start_with_ibc(bool allowed)
{
    uint16_t port = COMMAND_PORT;
    start(NULL);
    memset(&ibc, 0, sizeof ibc);
    ibc.answer = "OK\n";
    TD_OK_OR_FAIL(td_simworld_attach(scene.sim, "ibc", &ibc.host, &ibc.world, NULL));
    TD_OK_OR_FAIL(td_world_listen(&ibc.world, "127.0.0.1", &port, &ibc.listener, NULL));
    td_simworld_turn(scene.sim, ibc.host, ibc_turn, NULL);
    (void)td_str_copy(td_str_of("127.0.0.1"), scene.plan.host, sizeof scene.plan.host);
    scene.settings.ibc_command_port = allowed ? COMMAND_PORT : 0;
    ready();
}

static void a_farm_that_stays_away_restarts_the_gateway_once_an_hour(void **state)
{
    (void)state;
    start_with_ibc(true);
    script_error(-1, 2103);
    desk_turns(299 * TD_SEC);
    assert_int_equal(ibc.restarts, 0);
    desk_turns(3 * TD_SEC);
    assert_int_equal(ibc.restarts, 1);
    desk_turns(30 * TD_SEC);
    td_simworld_sever(scene.sim, scene.desk_host); /* it restarts */
    const double back = until(true, 2 * TD_MIN);
    assert_false(alert(TD_ALERT_FARM)->active);
    script_error(-1, 2103);
    desk_turns(10 * TD_MIN);
    assert_int_equal(ibc.restarts, 1); /* not twice within the hour: a human is told */
    assert_true(alert(TD_ALERT_FARM)->active);
    script_error(-1, 2104);
    (void)until(true, TD_MIN);
    assert_false(alert(TD_ALERT_FARM)->active);
    desk_turns(TD_HOUR);
    script_error(-1, 2103);
    desk_turns(6 * TD_MIN);
    assert_int_equal(ibc.restarts, 2);
    print_message("farm away: restart asked after 5 min, ready %.1f s after the cut\n", back);
}

static void no_restart_with_an_order_in_flight(void **state)
{
    (void)state;
    struct td_record r;
    start_with_ibc(true);
    td_record_init(&r, TD_REC_ORDER, td_world_now(&scene.desk_world));
    r.key = scene.desk->blotter.next_key;
    r.order_id = scene.desk->blotter.next_id;
    r.client_id = 7;
    r.qty = TD_QTY(1);
    (void)snprintf(r.symbol, sizeof r.symbol, "SPY");
    (void)snprintf(r.ref, sizeof r.ref, "td-000000-1");
    TD_OK_OR_FAIL(desk_fact(scene.desk, &r));
    script_error(-1, 2103);
    desk_turns(20 * TD_MIN);
    assert_int_equal(ibc.restarts, 0);
    assert_true(alert(TD_ALERT_FARM)->active);
}

static void no_restart_unless_asked_for(void **state)
{
    (void)state;
    start_with_ibc(false);
    script_error(-1, 2103);
    desk_turns(20 * TD_MIN);
    assert_int_equal(ibc.restarts, 0);
    assert_true(alert(TD_ALERT_FARM)->active);
    (void)end(NULL);
    start_with_ibc(true); /* allowed, but that gateway runs elsewhere */
    assert_true(scene.desk->conn.manager.config.soft_restart);
    desk_close();
    (void)td_str_copy(td_str_of("gateway"), scene.plan.host, sizeof scene.plan.host);
    ready();
    assert_false(scene.desk->conn.manager.config.soft_restart);
}

static void a_half_armed_gateway_is_restarted(void **state)
{
    (void)state;
    start_with_ibc(true);
    script.no_ids = true;
    td_simworld_sever(scene.sim, scene.desk_host);
    desk_turns(2 * TD_MIN);
    assert_int_equal(ibc.restarts, 1);
    script.no_ids = false; /* the restart helped */
    (void)until(true, 2 * TD_MIN);
    assert_false(alert(TD_ALERT_HUMAN)->active);
}

static void a_restart_that_is_refused_needs_a_human(void **state)
{
    (void)state;
    start_with_ibc(true);
    ibc.answer = "ERROR not now\n";
    script.no_ids = true;
    td_simworld_sever(scene.sim, scene.desk_host);
    desk_turns(2 * TD_MIN);
    assert_int_equal(ibc.restarts, 1);
    assert_true(alert(TD_ALERT_HUMAN)->active);
    assert_int_equal(scene.desk->conn.manager.state, TD_MANAGER_NEED_HUMAN);
    script.no_ids = false;
    const double back = until(true, 11 * TD_MIN); /* somebody acted: seen within ten minutes */
    print_message("NEED_HUMAN: ready %.1f s after somebody acted\n", back);
}

static void the_weekly_login_is_told(void **state)
{
    (void)state;
    start(NULL);
    scene.settings.weekly_login = "Fri 09:40";
    ready();
    desk_turns(9 * TD_MIN);
    assert_false(alert(TD_ALERT_HUMAN)->active);
    desk_turns(2 * TD_MIN);
    assert_true(alert(TD_ALERT_HUMAN)->active);
    assert_non_null(strstr(alert(TD_ALERT_HUMAN)->text, "weekly login"));
    desk_turns(30 * TD_MIN); /* ready half an hour later: it is done */
    assert_false(alert(TD_ALERT_HUMAN)->active);
}

/* --- positions --- */

static void a_difference_beside_a_working_order_is_pending(void **state)
{
    (void)state;
    struct td_record r;
    uint32_t holding;
    start(NULL);
    ready();
    td_record_init(&r, TD_REC_ORDER, td_world_now(&scene.desk_world));
    r.key = scene.desk->blotter.next_key;
    r.order_id = scene.desk->blotter.next_id;
    r.client_id = 7;
    r.qty = TD_QTY(1);
    (void)snprintf(r.symbol, sizeof r.symbol, "SPY");
    (void)snprintf(r.ref, sizeof r.ref, "td-000000-1");
    TD_OK_OR_FAIL(desk_fact(scene.desk, &r));
    struct td_tws_order_status s = {.order_id = (int32_t)r.order_id, .client_id = 7, .perm_id = 77};
    s.status = td_str_of("Submitted");
    desk_take_status(scene.desk, &s);
    script.position = 5;
    desk_ask_positions(scene.desk);
    desk_turns(20 * TD_SEC);
    assert_int_equal(scene.desk->result.positions_pending, 1);
    assert_false(scene.desk->result.positions_equal);
    assert_true(td_blotter_holding(&scene.desk->blotter, "SPY", &holding));
    assert_int_equal(scene.desk->blotter.holdings[holding].now.qty.e9, 0);
    s.status = td_str_of("Cancelled");
    desk_take_status(scene.desk, &s);
    desk_turns(7 * TD_SEC); /* nothing works any more: asked again by itself, and taken over */
    assert_int_equal(scene.desk->result.positions_pending, 0);
    assert_int_equal(scene.desk->blotter.holdings[holding].now.qty.e9, 5 * TD_E9);
    const int asked = script_asked(TD_TWS_REQ_POSITIONS);
    desk_turns(20 * TD_SEC);
    assert_int_equal(script_asked(TD_TWS_REQ_POSITIONS), asked); /* no further, for a minute */
}

/* --- ids --- */

static void the_highest_id_ever_seen_counts(void **state)
{
    (void)state;
    start(NULL);
    ready();
    struct td_tws_order_status s = {.order_id = 5000, .client_id = 7};
    s.status = td_str_of("Submitted");
    desk_take_status(scene.desk, &s);
    assert_int_equal(scene.desk->blotter.next_id, 5001);
    s.client_id = 8; /* of another client: ids are per client */
    s.order_id = 9000;
    desk_take_status(scene.desk, &s);
    assert_int_equal(scene.desk->blotter.next_id, 5001);
}

static void next_id(int64_t id)
{
    start(NULL);
    script.next_id = (int32_t)id;
}

static bool needs_human(const char *words)
{
    const struct td_alert *a = alert(TD_ALERT_ORDER_IDS);
    return scene.desk->conn.manager.state == TD_MANAGER_NEED_HUMAN && a->active &&
           strstr(a->text, words) && strstr(td_alert_action(TD_ALERT_ORDER_IDS), "cannot reset");
}

static void an_order_id_past_the_range_needs_a_human(void **state)
{
    (void)state;
    static const int64_t ids[] = {TD_ORDER_ID_LAST + 1, INT32_MAX - 1, INT32_MAX};
    for (size_t i = 0; i < TD_COUNT(ids); i++) {
        next_id(ids[i]);
        desk_must_start();
        desk_turns(30 * TD_MIN);
        assert_true(needs_human("order ids are used up: the gateway offers"));
        assert_int_equal(scene.desk->conn.reconnects, 0); /* hourly, not in a loop */
        assert_int_equal(scene.desk->blotter.next_id, 1);
        script.next_id = 50; /* somebody reset them */
        (void)until(true, 40 * TD_MIN);
        assert_false(alert(TD_ALERT_ORDER_IDS)->active);
        assert_int_equal(scene.desk->blotter.next_id, 50);
        (void)end(NULL);
    }
}

static void the_last_id_is_used_once_and_never_wrapped(void **state)
{
    (void)state;
    struct td_record r;
    next_id(TD_ORDER_ID_LAST);
    ready();
    assert_int_equal(scene.desk->blotter.next_id, TD_ORDER_ID_LAST);
    td_record_init(&r, TD_REC_ORDER, td_world_now(&scene.desk_world));
    r.key = scene.desk->blotter.next_key;
    r.order_id = scene.desk->blotter.next_id;
    r.client_id = 7;
    r.qty = TD_QTY(1);
    (void)snprintf(r.symbol, sizeof r.symbol, "SPY");
    (void)snprintf(r.ref, sizeof r.ref, "td-000000-1");
    TD_OK_OR_FAIL(desk_fact(scene.desk, &r));
    assert_int_equal(scene.desk->blotter.next_id, TD_ORDER_ID_LAST + 1);
    desk_note_order_id(scene.desk, INT32_MAX);
    desk_note_order_id(scene.desk, TD_ORDER_ID_LAST + 5);
    assert_int_equal(scene.desk->blotter.next_id, TD_ORDER_ID_LAST + 1);
    td_simworld_sever(scene.sim, scene.desk_host); /* the journal remembers, whatever is offered */
    script.next_id = 1;
    desk_turns(30 * TD_SEC);
    assert_true(needs_human("order ids are used up: we have used 1899999999"));
    desk_close();
    desk_must_start();
    desk_turns(30 * TD_SEC);
    assert_true(needs_human("we have used"));
}

static void an_id_beyond_all_range_ever_seen_uses_them_up(void **state)
{
    (void)state;
    start(NULL);
    ready();
    struct td_tws_order_status s = {.order_id = INT32_MAX, .client_id = 7};
    s.status = td_str_of("Submitted");
    desk_take_status(scene.desk, &s);
    assert_int_equal(scene.desk->blotter.next_id, TD_ORDER_ID_LAST + 1);
}

int main(void)
{
#define ROW(name) cmocka_unit_test_teardown(name, end)
    const struct CMUnitTest tests[] = {
        ROW(a_lost_broker_closes_the_gate_and_is_looked_up_after),
        ROW(five_minutes_without_a_broker_end_the_trading),
        ROW(another_session_of_the_login_is_told_rarely),
        ROW(too_many_messages_slow_us_down),
        ROW(a_silent_gateway_is_dropped),
        ROW(a_missing_answer_keeps_the_gate_closed_and_is_told),
        ROW(a_list_that_never_ends_can_be_waived),
        ROW(a_clock_that_jumps_closes_the_gate_until_checked),
        ROW(a_clock_that_jumps_begins_no_day),
        ROW(a_stopped_process_forgets_and_looks_up),
        ROW(a_decision_that_waited_too_long_is_not_sent),
        ROW(the_gate_closes_before_a_scheduled_restart),
        ROW(a_used_client_id_is_kept_and_told),
        ROW(connects_are_few_and_told),
        ROW(a_stale_line_is_no_basis),
        ROW(a_pause_closes_the_gate_until_the_quote_is_fresh),
        ROW(a_future_that_ends_takes_no_entries),
        ROW(what_is_held_keeps_its_slot),
        cmocka_unit_test(the_old_socket_ends_a_second_before_the_next_begins),
        ROW(an_error_without_an_id_fails_a_look_up),
        ROW(a_read_only_gateway_gives_market_data),
        cmocka_unit_test(an_unfinished_handshake_is_reset),
        ROW(a_bad_order_message_leads_to_a_look_up),
        ROW(any_bytes_are_survived),
        ROW(a_farm_of_others_does_not_concern_us),
        ROW(a_farm_does_not_bring_the_broker_back),
        ROW(a_farm_that_stays_away_restarts_the_gateway_once_an_hour),
        ROW(no_restart_with_an_order_in_flight),
        ROW(no_restart_unless_asked_for),
        ROW(a_half_armed_gateway_is_restarted),
        ROW(a_restart_that_is_refused_needs_a_human),
        ROW(the_weekly_login_is_told),
        ROW(a_difference_beside_a_working_order_is_pending),
        ROW(the_highest_id_ever_seen_counts),
        ROW(an_order_id_past_the_range_needs_a_human),
        ROW(the_last_id_is_used_once_and_never_wrapped),
        ROW(an_id_beyond_all_range_ever_seen_uses_them_up),
    };
    (void)check_ledger, (void)desk_crash; /* of the scene, not needed here */
    return cmocka_run_group_tests_name("desk/connection", tests, NULL, NULL);
}
