/* tests/sim/gateway_rules_test.c - the simulator's side of the conformance list, as a client's bytes and messages show it:
 * the hello, answers to what is unknown, limits, every fault, who hears of an order, the daily restart (26, 27, 33 to 38).
 */
#include "support/support.h"

#include <string.h>

#include "sim/gateway_bench.h"

/* ---- bytes of a client without a core ---- */

static struct {
    enum td_err (*send)(void *self, struct td_conn conn, const void *bytes, size_t len,
                        size_t *sent);
    uint32_t conn; /* sends that reach it are counted */
    int sends;
} watched;

static enum td_err count_send(void *self, struct td_conn conn, const void *bytes, size_t len,
                              size_t *sent)
{
    struct pair_world *p = self;
    watched.sends += p->conns[conn.id].peer == watched.conn;
    return watched.send(self, conn, bytes, len, sent);
}

static struct td_conn raw_dial(struct bench *b)
{
    struct td_conn conn;
    TD_OK_OR_FAIL(td_world_dial(&b->world, "127.0.0.1", 4002, &conn, NULL));
    return conn;
}

static void raw_say(struct bench *b, struct td_conn conn, const void *bytes, size_t len)
{
    size_t sent;
    TD_OK_OR_FAIL(td_world_send(&b->world, conn, bytes, len, &sent));
    run(b, 50 * TD_MS);
}

static void raw_offer(struct bench *b, struct td_conn conn, const char *offer)
{
    char bytes[80] = "API\0\0\0\0";
    const size_t len = strlen(offer);
    bytes[7] = (char)len;
    memcpy(bytes + 8, offer, len);
    raw_say(b, conn, bytes, 8 + len);
}

/* All that came, or the error when nothing did. */
static enum td_err raw_hear(struct bench *b, struct td_conn conn, char *bytes, size_t cap,
                            size_t *len)
{
    size_t got;
    *len = 0;
    enum td_err err;
    while ((err = td_world_recv(&b->world, conn, bytes + *len, cap - *len, &got)) == TD_OK)
        *len += got;
    return err;
}

/* One send of 30 bytes, and then silence, however long, until startApi; then accounts, ids, notices. */
static void the_hello_is_alone_until_start_api(void **state)
{
    (void)state;
    static const char start_api[] = "\0\0\0\x08"
                                    "71\0"
                                    "2\0"
                                    "7\0";
    char bytes[65536];
    size_t len;
    struct bench *b = start();
    struct peer *other = join(b, 3);
    struct td_tws_msg m = plain(TD_TWS_REQ_MKT_DATA);
    m.req_mkt_data.req_id = 9;
    fill_contract(&m.req_mkt_data.contract, "AAPL");
    watched.send = b->pair->ops.send;
    b->pair->ops.send = count_send;
    const struct td_conn conn = raw_dial(b);
    watched.conn = conn.id;
    watched.sends = 0;
    raw_offer(b, conn, "v100..200");
    say(b, other, &m); /* the market goes on meanwhile */
    run(b, 5 * TD_SEC);
    assert_int_equal(watched.sends, 1);
    assert_int_equal(raw_hear(b, conn, bytes, sizeof bytes, &len), TD_EAGAIN);
    assert_int_equal(len, 30);
    assert_memory_equal(bytes,
                        "\0\0\0\x1a"
                        "200\0"
                        "20261120 15:00:0",
                        24);
    raw_say(b, conn, start_api, sizeof start_api);
    (void)raw_hear(b, conn, bytes, sizeof bytes, &len);
    int frame = 0;
    for (size_t at = 0; at + 4 < len; at += 4 + (size_t)(uint8_t)bytes[at + 3], frame++) {
        const char *id = bytes + at + 4;
        assert_string_equal(id, frame == 0 ? "15" : frame == 1 ? "9" : "4");
    }
    assert_true(frame >= 4);
    finish(b);
}

static void offers_are_answered_by_the_rule(void **state)
{
    (void)state;
    static const struct {
        const char *offer, *version; /* NULL: closed without a byte */
    } rows[] = {{"v157..178", "178"}, {"v100..193", "193"},          {"v100..225", "200"},
                {"v100..200", "200"}, {"v213..225", "213"},          {"v100", NULL},
                {"v213", "213"},      {"v157..178 +PACEAPI", "178"}, {"v201..212", NULL},
                {"v215..225", "215"}, {"v201..222", "213"},          {"v100..156", NULL}};
    char bytes[256];
    size_t len;
    struct bench *b = start();
    for (size_t i = 0; i < TD_COUNT(rows); i++) {
        const struct td_conn conn = raw_dial(b);
        raw_offer(b, conn, rows[i].offer);
        const enum td_err err = raw_hear(b, conn, bytes, sizeof bytes, &len);
        assert_int_equal(err, rows[i].version ? TD_EAGAIN : TD_ECLOSED);
        assert_int_equal(len, rows[i].version ? 30 : 0);
        if (rows[i].version)
            assert_string_equal(bytes + 4, rows[i].version);
        td_world_hangup(&b->world, conn, true);
        run(b, 20 * TD_MS);
    }
    const struct td_conn rude = raw_dial(b); /* no API\0 in front */
    raw_say(b, rude, "\0\0\0\x09v157..178", 13);
    assert_int_equal(raw_hear(b, rude, bytes, sizeof bytes, &len), TD_ECLOSED);
    assert_int_equal(len, 0);
    finish(b);
}

/* ---- what is not known ---- */

static void unknown_contracts_are_200_everywhere(void **state)
{
    (void)state;
    struct bench *b = start();
    struct peer *p = join(b, 3);
    static const uint16_t kinds[] = {TD_TWS_REQ_MKT_DATA,        TD_TWS_REQ_MKT_DEPTH,
                                     TD_TWS_REQ_HISTORICAL_DATA, TD_TWS_REQ_TICK_BY_TICK,
                                     TD_TWS_REQ_REAL_TIME_BARS,  TD_TWS_REQ_HEAD_TIMESTAMP,
                                     TD_TWS_REQ_CONTRACT_DETAILS};
    for (size_t i = 0; i < TD_COUNT(kinds); i++) {
        struct td_tws_msg m = plain(kinds[i]);
        struct td_tws_contract *const where[] = {
            &m.req_mkt_data.contract,        &m.req_mkt_depth.contract,
            &m.req_historical_data.contract, &m.req_tick_by_tick.contract,
            &m.req_real_time_bars.contract,  &m.req_head_timestamp.contract,
            &m.req_contract.contract};
        const size_t from = p->count;
        fill_contract(where[i], "NOSUCH");
        m.req.req_id = 40 + (int32_t)i;
        if (kinds[i] == TD_TWS_REQ_TICK_BY_TICK)
            m.req_tick_by_tick.tick_type = td_str_of("Last");
        if (kinds[i] == TD_TWS_REQ_REAL_TIME_BARS)
            m.req_real_time_bars.what_to_show = td_str_of("TRADES");
        say(b, p, &m);
        const struct seen *e = find_error(p, from, 200);
        if (!e)
            fail_msg("%s: no error 200", td_tws_kind_name(kinds[i]));
        assert_int_equal(e->id, 40 + (int32_t)i);
    }
    assert_false(p->closed);
    finish(b);
}

/* ---- limits ---- */

static struct td_tws_msg short_history(int32_t id)
{
    struct td_tws_msg m = plain(TD_TWS_REQ_HISTORICAL_DATA);
    m.req_historical_data.req_id = id;
    fill_contract(&m.req_historical_data.contract, "AAPL");
    m.req_historical_data.bar_size = td_str_of("1 min");
    m.req_historical_data.duration = td_str_of("120 S");
    m.req_historical_data.what_to_show = td_str_of("TRADES");
    m.req_historical_data.format_date = 2;
    return m;
}

static void act(struct bench *b, const char *text)
{
    struct td_fault_action action;
    struct td_fail why = {0};
    if (td_fault_parse(td_str_of(text), &action, &why) != TD_OK ||
        td_gateway_act(b->g, &action, &why) != TD_OK)
        fail_msg("%s: %s", text, why.text);
    run(b, 100 * TD_MS);
}

/* The answers are held back: fifty wait, the next is refused, and there is room again once they came. */
static void fifty_histories_at_once(void **state)
{
    (void)state;
    static const uint8_t paces[] = {TD_GATEWAY_PACE_REJECT, TD_GATEWAY_PACE_OFF};
    for (size_t k = 0; k < TD_COUNT(paces); k++) {
        struct td_gateway_config config = usual();
        config.pace = paces[k];
        struct bench *b = start_with(&config);
        struct peer *p = join(b, 3);
        act(b, "delay historical-data 30");
        for (int i = 1; i <= 51; i++) {
            const struct td_tws_msg m = short_history(100 + i);
            const size_t from = p->count;
            say(b, p, &m);
            const struct seen *e = find_error(p, from, 162);
            assert_int_equal(e != NULL, k == 0 && i == 51);
            if (e) {
                assert_int_equal(e->id, 151);
                assert_non_null(strstr(e->text, "Historical Market Data Service"));
            }
        }
        run(b, 31 * TD_SEC);
        act(b, "heal");
        const struct td_tws_msg m = short_history(200);
        const size_t from = p->count;
        say(b, p, &m);
        assert_null(find_error(p, from, 162));
        assert_non_null(find(p, from, TD_TWS_HISTORICAL_DATA, 0));
        finish(b);
    }
}

static void pacing_is_told_in_the_text(void **state)
{
    (void)state;
    struct bench *b = start();
    struct peer *p = join(b, 3);
    struct td_tws_msg m = short_history(1);
    m.req_historical_data.bar_size = td_str_of("5 secs");
    say(b, p, &m);
    m.req_historical_data.req_id = 2;
    const size_t from = p->count;
    say(b, p, &m); /* the same within 15 seconds */
    const struct seen *e = find_error(p, from, 162);
    assert_non_null(e);
    assert_int_equal(e->id, 2);
    assert_non_null(strstr(e->text, "Historical data request pacing violation"));
    finish(b);
}

/* ---- faults ---- */

static void stages_can_hang(void **state)
{
    (void)state;
    static const struct {
        const char *fault, *text;
    } rows[] = {{"mute-hello", "hello"},
                {"mute-after-hello", "nextValidId"},
                {"drop:next-valid-id", "nextValidId"},
                {"drop:managed-accounts", "managedAccounts"}};
    for (size_t i = 0; i < TD_COUNT(rows); i++) {
        struct peer *p;
        struct bench *b = with_fault(rows[i].fault, &p);
        run(b, 20 * TD_SEC);
        assert_false(p->ready);
        assert_int_equal(p->close_err, TD_EMUTE);
        assert_non_null(strstr(p->tws.close_text, rows[i].text));
        finish(b);
    }
}

static void order_ids_can_be_late(void **state)
{
    (void)state;
    struct peer *p;
    struct bench *b = with_fault("delay:next-valid-id:3", &p);
    assert_false(p->ready);
    assert_non_null(find(p, 0, TD_TWS_MANAGED_ACCOUNTS, 0));
    run(b, 2 * TD_SEC);
    assert_false(p->ready);
    run(b, 2 * TD_SEC);
    assert_true(p->ready);
    finish(b);
}

static void a_hello_may_carry_any_zone(void **state)
{
    (void)state;
    struct bench *b = start();
    act(b, "hello-time 20261120 10:00:00 British Summer Time");
    struct peer *p = join(b, 3);
    assert_string_equal(p->tws.server_time, "20261120 10:00:00 British Summer Time");
    finish(b);
}

static void sockets_are_dropped(void **state)
{
    (void)state;
    static const char *const ways[] = {"close", "reset"};
    for (size_t i = 0; i < TD_COUNT(ways); i++) {
        struct bench *b = start();
        struct peer *p = join(b, 3);
        act(b, ways[i]);
        assert_true(p->closed);
        p = join(b, 3); /* and the gateway goes on */
        finish(b);
    }
}

static int notices(const struct peer *p, size_t from, int32_t code)
{
    int n = 0;
    for (size_t i = from; i < p->count; i++)
        n += p->seen[i].kind == TD_TWS_ERROR && p->seen[i].code == code && p->seen[i].id == -1;
    return n;
}

/* 1100, then 1101 (subscriptions are gone) or 1102 (they go on), and a flap of a farm between. */
static void the_broker_comes_and_goes(void **state)
{
    (void)state;
    struct bench *b = start();
    struct peer *p = join(b, 3);
    struct td_tws_msg m = plain(TD_TWS_REQ_MKT_DEPTH);
    fill_contract(&m.req_mkt_depth.contract, "AAPL");
    m.req_mkt_depth.req_id = 9;
    m.req_mkt_depth.rows = 5;
    say(b, p, &m);
    uint64_t told = p->depth_messages;
    run(b, 5 * TD_SEC);
    assert_true(p->depth_messages > told);
    static const struct {
        const char *back;
        int32_t code;
        bool kept;
    } rows[] = {{"link-back 1102", 1102, true}, {"link-back 1101", 1101, false}};
    for (size_t i = 0; i < TD_COUNT(rows); i++) {
        const size_t from = p->count;
        act(b, "link-lost");
        assert_int_equal(notices(p, from, 1100), 1);
        told = p->depth_messages;
        run(b, 5 * TD_SEC);
        assert_int_equal(p->depth_messages, told);
        act(b, rows[i].back);
        assert_int_equal(notices(p, from, rows[i].code), 1);
        told = p->depth_messages;
        run(b, 5 * TD_SEC);
        assert_int_equal(p->depth_messages > told, rows[i].kept);
    }
    const size_t from = p->count;
    act(b, "notice 2103 Market data farm connection is broken:usfarm");
    act(b, "notice 2104 Market data farm connection is OK:usfarm");
    assert_int_equal(notices(p, from, 2103), 1);
    assert_int_equal(notices(p, from, 2104), 1);
    finish(b);
}

/* 317 in the middle: both sides are void, and the rows that follow build the book again from its first row. */
static void depth_is_reset_in_the_middle(void **state)
{
    (void)state;
    struct bench *b = start();
    struct peer *p = join(b, 3);
    struct td_tws_msg m = plain(TD_TWS_REQ_MKT_DEPTH);
    fill_contract(&m.req_mkt_depth.contract, "AAPL");
    m.req_mkt_depth.req_id = 9;
    m.req_mkt_depth.rows = 5;
    say(b, p, &m);
    run(b, 2 * TD_SEC);
    const size_t from = p->count;
    uint64_t told = p->depth_messages;
    act(b, "depth-reset AAPL");
    const struct seen *e = find_error(p, from, 317);
    assert_non_null(e);
    assert_int_equal(e->id, 9);
    run(b, 2 * TD_SEC);
    assert_true(p->depth_messages >= told + 10); /* at least every row anew */
    finish(b);
}

static void lists_and_ids_can_be_wrong(void **state)
{
    (void)state;
    struct bench *b = start();
    struct peer *p = join(b, 3);
    struct td_tws_msg m = order(1, "BUY", "LMT", 10, TD_PX(100));
    act(b, "repeat order-status");
    say(b, p, &m);
    assert_non_null(find(p, 0, TD_TWS_ORDER_STATUS, 1));
    assert_null(find(p, 0, TD_TWS_ORDER_STATUS, 2));
    act(b, "heal");
    act(b, "drop execution-data-end");
    m = plain(TD_TWS_REQ_EXECUTIONS);
    say(b, p, &m);
    assert_null(find(p, 0, TD_TWS_EXECUTION_DATA_END, 0));
    act(b, "heal");
    say(b, p, &m);
    assert_non_null(find(p, 0, TD_TWS_EXECUTION_DATA_END, 0));
    m = plain(TD_TWS_REQ_IDS);
    size_t from = p->count;
    say(b, p, &m);
    assert_int_equal(find(p, from, TD_TWS_NEXT_VALID_ID, 0)->id, 2);
    act(b, "rollback 1");
    from = p->count;
    say(b, p, &m);
    assert_int_equal(find(p, from, TD_TWS_NEXT_VALID_ID, 0)->id, 1);
    finish(b);
}

/* ---- who hears of an order ---- */

static int told(const struct peer *p, size_t from)
{
    static const uint16_t kinds[] = {TD_TWS_OPEN_ORDER, TD_TWS_ORDER_STATUS, TD_TWS_EXECUTION_DATA,
                                     TD_TWS_COMMISSION_REPORT};
    int n = 0;
    for (size_t i = from; i < p->count; i++)
        for (size_t k = 0; k < TD_COUNT(kinds); k++)
            n += p->seen[i].kind == kinds[k];
    return n;
}

/* An order of client 3, from its placing to its fill and to the cancel of a second one. */
static void others_hear_nothing_and_the_master_all(void **state)
{
    (void)state;
    struct td_gateway_config config = usual();
    config.master_id = 5;
    struct bench *b = start_with(&config);
    struct peer *owner = join(b, 3), *second = join(b, 4), *master = join(b, 5), *zero = join(b, 0);
    const size_t from[] = {owner->count, second->count, master->count, zero->count};
    struct td_tws_msg m = order(1, "BUY", "MKT", 10, TD_PX_NONE);
    say(b, owner, &m);
    run(b, TD_SEC);
    m = order(2, "BUY", "LMT", 10, TD_PX(100));
    say(b, owner, &m);
    m = plain(TD_TWS_REQ_OPEN_ORDERS);
    const size_t asked = second->count;
    say(b, second, &m); /* its own: none */
    assert_null(find(second, asked, TD_TWS_OPEN_ORDER, 0));
    say(b, master, &m); /* all */
    assert_int_equal(find(master, from[2], TD_TWS_OPEN_ORDER, 2)->id, 2);
    m = plain(TD_TWS_CANCEL_ORDER);
    m.cancel_order.order_id = 2;
    size_t before = second->count;
    say(b, second, &m); /* only who placed it may */
    assert_int_equal(find_error(second, before, 10147)->id, 2);
    say(b, owner, &m);
    assert_true(told(owner, from[0]) >= 6);
    assert_int_equal(told(second, from[1]), 0);
    assert_int_equal(told(zero, from[3]), 0);
    assert_int_equal(told(master, from[2]), told(owner, from[0]) + 2); /* and its list */
    before = second->count;
    m = plain(TD_TWS_REQ_ALL_OPEN_ORDERS);
    say(b, second, &m);
    assert_null(find(second, before, TD_TWS_OPEN_ORDER, 0)); /* none is left */
    finish(b);
}

/* Orders placed by hand have no id until client 0 binds them: those there by asking, later ones by the flag. */
static void client_zero_binds_orders_by_hand(void **state)
{
    (void)state;
    struct bench *b = start();
    struct peer *zero = join(b, 0), *other = join(b, 4);
    size_t from = zero->count;
    act(b, "foreign-order AAPL 5 100");
    assert_int_equal(find(zero, from, TD_TWS_OPEN_ORDER, 0)->id, 0);
    struct td_tws_msg cancel = plain(TD_TWS_CANCEL_ORDER);
    say(b, zero, &cancel); /* id 0 means no order */
    assert_non_null(find_error(zero, from, 10147));
    struct td_tws_msg m = plain(TD_TWS_REQ_OPEN_ORDERS);
    from = other->count;
    say(b, other, &m); /* others never bind */
    assert_null(find(other, from, TD_TWS_OPEN_ORDER, 0));
    assert_null(find(other, from, TD_TWS_ORDER_BOUND, 0));
    from = zero->count;
    say(b, zero, &m);
    assert_non_null(find(zero, from, TD_TWS_ORDER_BOUND, 0));
    assert_int_equal(find(zero, from, TD_TWS_OPEN_ORDER, 0)->id, 1);
    from = zero->count;
    say(b, zero, &m); /* once */
    assert_null(find(zero, from, TD_TWS_ORDER_BOUND, 0));
    cancel.cancel_order.order_id = 1;
    say(b, zero, &cancel);
    assert_string_equal(find(zero, from, TD_TWS_ORDER_STATUS, 1)->text, "Cancelled");
    m = plain(TD_TWS_REQ_AUTO_OPEN_ORDERS);
    m.flag.on = true;
    from = other->count;
    say(b, other, &m);
    assert_non_null(find_error(other, from, 327));
    say(b, zero, &m);
    from = zero->count;
    act(b, "foreign-order AAPL 5 101");
    assert_non_null(find(zero, from, TD_TWS_ORDER_BOUND, 0));
    assert_int_equal(find(zero, from, TD_TWS_OPEN_ORDER, 0)->id, 2);
    m = plain(TD_TWS_REQ_IDS);
    say(b, zero, &m);
    assert_int_equal(find(zero, from, TD_TWS_NEXT_VALID_ID, 0)->id, 3);
    finish(b);
}

/* ---- the daily restart ---- */

static void a_restart_keeps_ids_and_orders(void **state)
{
    (void)state;
    struct bench *b = start();
    struct peer *p[2] = {join(b, 3), join(b, 4)};
    struct td_tws_msg m = order(6, "BUY", "LMT", 10, TD_PX(100));
    say(b, p[0], &m);
    const uint32_t old = b->pair->listener;
    act(b, "restart 30");
    assert_true(p[0]->closed && p[1]->closed);
    for (int s = 0; s < 29; s++) {
        run(b, TD_SEC);
        assert_false(b->pair->conns[b->pair->listener].open); /* nobody listens */
        assert_int_equal(b->pair->listener, old);
    }
    run(b, 2 * TD_SEC);
    assert_int_not_equal(b->pair->listener, old);
    assert_true(b->pair->conns[b->pair->listener].open);
    struct peer *again = join(b, 3), *other = join(b, 4);
    assert_int_equal(again->tws.next_valid_id, 7);
    assert_int_equal(other->tws.next_valid_id, 1);
    m = plain(TD_TWS_REQ_OPEN_ORDERS);
    say(b, again, &m);
    assert_int_equal(find(again, 0, TD_TWS_OPEN_ORDER, 0)->id, 6);
    finish(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_hello_is_alone_until_start_api),
        cmocka_unit_test(offers_are_answered_by_the_rule),
        cmocka_unit_test(unknown_contracts_are_200_everywhere),
        cmocka_unit_test(fifty_histories_at_once),
        cmocka_unit_test(pacing_is_told_in_the_text),
        cmocka_unit_test(stages_can_hang),
        cmocka_unit_test(order_ids_can_be_late),
        cmocka_unit_test(a_hello_may_carry_any_zone),
        cmocka_unit_test(sockets_are_dropped),
        cmocka_unit_test(the_broker_comes_and_goes),
        cmocka_unit_test(depth_is_reset_in_the_middle),
        cmocka_unit_test(lists_and_ids_can_be_wrong),
        cmocka_unit_test(others_hear_nothing_and_the_master_all),
        cmocka_unit_test(client_zero_binds_orders_by_hand),
        cmocka_unit_test(a_restart_keeps_ids_and_orders),
    };
    return cmocka_run_group_tests_name("sim/gateway_rules", tests, NULL, NULL);
}
