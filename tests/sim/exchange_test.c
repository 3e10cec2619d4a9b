/* tests/sim/exchange_test.c - fills, queues, life of an order; then random sequences against the invariants. */
#include "support/support.h"

#include <stdlib.h>
#include <string.h>

#include "base/crc.h"
#include "base/random.h"
#include "sim/exchange.h"
#include "market/fees.h"
#include "sim/ledger.h"

#define PX(cents) ((td_px){INT64_C(cents) * 10000000})

struct bench {
    struct td_exchange x;
    struct td_arena arena;
    void *block;
    td_ns now;
};

static void setup(struct bench *b, const struct td_exch_config *config)
{
    const size_t size = td_exchange_bytes(config);
    b->block = malloc(size);
    assert_non_null(b->block);
    td_arena_init(&b->arena, b->block, size);
    TD_OK_OR_FAIL(td_exchange_open(&b->x, config, &b->arena));
    b->now = TD_DAY;
}

static const struct td_exch_config plain = {
    .ticks = {1, {{{0}, {10000000}}}}, .orders_max = 32, .levels_max = 16, .resting_max = 64};

static void teardown(struct bench *b)
{
    free(b->block);
}

static void feed(struct bench *b, struct td_event ev)
{
    ev.venue_ns = b->now += TD_MS;
    TD_OK_OR_FAIL(td_exchange_market(&b->x, &ev));
}

static void quote(struct bench *b, td_px bid, int bid_qty, td_px ask, int ask_qty)
{
    feed(b, (struct td_event){.kind = TD_EV_QUOTE,
                              .quote = {bid, ask, TD_QTY(bid_qty), TD_QTY(ask_qty)}});
}

static void trade(struct bench *b, td_px px, int qty, int aggressor)
{
    feed(b, (struct td_event){
                .kind = TD_EV_TRADE,
                .trade = {.px = px, .qty = TD_QTY(qty), .aggressor = (uint8_t)aggressor}});
}

static void status(struct bench *b, enum td_status to)
{
    feed(b, (struct td_event){.kind = TD_EV_STATUS, .status = (uint8_t)to});
}

static void mbo(struct bench *b, enum td_mbo_action action, uint64_t id, enum td_side side,
                td_px px, int qty)
{
    feed(b, (struct td_event){.kind = TD_EV_MBO,
                              .mbo = {id, px, TD_QTY(qty), (uint8_t)action, (uint8_t)side, true}});
}

static void submit(struct bench *b, struct td_exch_order o)
{
    TD_OK_OR_FAIL(td_exchange_submit(&b->x, b->now, &o));
}

static struct td_exch_order limit(uint64_t key, enum td_action action, int qty, td_px px)
{
    return (struct td_exch_order){.key = key,
                                  .action = (uint8_t)action,
                                  .type = TD_EXCH_LIMIT,
                                  .qty = TD_QTY(qty),
                                  .limit_px = px};
}

static struct td_exch_order market(uint64_t key, enum td_action action, int qty)
{
    return (struct td_exch_order){
        .key = key, .action = (uint8_t)action, .type = TD_EXCH_MARKET, .qty = TD_QTY(qty)};
}

/* The next report must be of this kind and order. */
static struct td_exch_report expect(struct bench *b, enum td_exch_kind kind, uint64_t key)
{
    struct td_exch_report r = {0};
    assert_true(td_exchange_next(&b->x, b->now, &r));
    assert_int_equal(r.kind, kind);
    assert_int_equal(r.key, key);
    return r;
}

static void expect_fill(struct bench *b, uint64_t key, int qty, td_px px)
{
    const struct td_exch_report r = expect(b, TD_EXCH_FILL, key);
    assert_int_equal(r.qty.e9, TD_QTY(qty).e9);
    assert_int_equal(r.px.e9, px.e9);
}

static void expect_nothing(struct bench *b)
{
    struct td_exch_report r;
    assert_false(td_exchange_next(&b->x, b->now, &r));
}

static void market_orders_walk_the_book(void **state)
{
    (void)state;
    struct bench b;
    setup(&b, &plain);
    const struct td_depth rows[] = {
        {.px = PX(10001), .qty = TD_QTY(100), .row = 0, .op = TD_DEPTH_INSERT, .side = TD_ASK},
        {.px = PX(10002), .qty = TD_QTY(200), .row = 1, .op = TD_DEPTH_INSERT, .side = TD_ASK},
    };
    for (size_t i = 0; i < TD_COUNT(rows); i++)
        feed(&b, (struct td_event){.kind = TD_EV_DEPTH, .depth = rows[i]});
    submit(&b, market(1, TD_BUY, 400));
    (void)expect(&b, TD_EXCH_ACCEPTED, 1);
    expect_fill(&b, 1, 100, PX(10001));
    const struct td_exch_report second = expect(&b, TD_EXCH_FILL, 1);
    assert_int_equal(second.liquidity, 2);
    assert_int_equal(second.leaves.e9, TD_QTY(100).e9);
    expect_nothing(&b);
    /* What was taken is not offered again; new size is. */
    quote(&b, PX(10000), 100, PX(10001), 130);
    expect_fill(&b, 1, 30, PX(10001));
    quote(&b, PX(10000), 100, PX(10005), 500);
    expect_fill(&b, 1, 70, PX(10005));
    expect_nothing(&b);
    assert_int_equal(td_exchange_live(&b.x), 0);
    teardown(&b);
}

static void limits_take_then_rest(void **state)
{
    (void)state;
    struct bench b;
    setup(&b, &plain);
    quote(&b, PX(10000), 300, PX(10001), 100);
    submit(&b, limit(1, TD_BUY, 250, PX(10001)));
    (void)expect(&b, TD_EXCH_ACCEPTED, 1);
    expect_fill(&b, 1, 100, PX(10001));
    expect_nothing(&b);
    /* The ask comes down through our limit: filled at the limit, liquidity added. */
    quote(&b, PX(9999), 300, PX(10000), 60);
    const struct td_exch_report r = expect(&b, TD_EXCH_FILL, 1);
    assert_int_equal(r.px.e9, PX(10001).e9);
    assert_int_equal(r.qty.e9, TD_QTY(60).e9);
    assert_int_equal(r.liquidity, 1);
    teardown(&b);
}

static void the_queue_ahead_goes_first(void **state)
{
    (void)state;
    struct bench b;
    setup(&b, &plain);
    quote(&b, PX(10000), 300, PX(10001), 100);
    submit(&b, limit(1, TD_BUY, 100, PX(10000)));
    submit(&b, limit(2, TD_BUY, 100, PX(10000)));
    (void)expect(&b, TD_EXCH_ACCEPTED, 1);
    (void)expect(&b, TD_EXCH_ACCEPTED, 2);
    trade(&b, PX(10000), 200, TD_BID);
    expect_nothing(&b);
    trade(&b, PX(10000), 500, TD_ASK); /* the other side was hit: not us */
    expect_nothing(&b);
    trade(&b, PX(10000), 160, 2);
    expect_fill(&b, 1, 60, PX(10000));
    expect_nothing(&b);
    trade(&b, PX(10000), 60, TD_BID);
    expect_fill(&b, 1, 40, PX(10000));
    expect_fill(&b, 2, 20, PX(10000));
    trade(&b, PX(9999), 1, TD_BID); /* through: the level was swept */
    expect_fill(&b, 2, 80, PX(10000));
    expect_nothing(&b);
    teardown(&b);
}

static int64_t ahead_of(struct bench *b, uint64_t key)
{
    struct td_exch_view view;
    assert_true(td_exchange_order(&b->x, key, &view));
    return view.ahead.e9 / TD_E9;
}

static void cancellations_ahead_follow_the_model(void **state)
{
    (void)state;
    static const struct {
        uint8_t model;
        int64_t after;
    } cases[] = {{TD_EXCH_QUEUE_PRORATA, 150},
                 {TD_EXCH_QUEUE_PESSIMISTIC, 200},
                 {TD_EXCH_QUEUE_OPTIMISTIC, 100}};
    for (size_t i = 0; i < TD_COUNT(cases); i++) {
        struct bench b;
        struct td_exch_config config = plain;
        config.queue = cases[i].model;
        setup(&b, &config);
        quote(&b, PX(10000), 200, PX(10001), 100);
        submit(&b, limit(1, TD_BUY, 100, PX(10000)));
        td_exchange_advance(&b.x, b.now);
        quote(&b, PX(10000), 400, PX(10001), 100); /* 200 join behind us */
        assert_int_equal(ahead_of(&b, 1), 200);
        quote(&b, PX(10000), 300, PX(10001), 100); /* 100 leave */
        assert_int_equal(ahead_of(&b, 1), cases[i].after);
        trade(&b, PX(10000), 50, TD_BID); /* the next fall of 50 is this print, no cancellation */
        quote(&b, PX(10000), 250, PX(10001), 100);
        assert_int_equal(ahead_of(&b, 1), cases[i].after - 50);
        quote(&b, PX(10000), 10, PX(10001), 100);
        assert_true(ahead_of(&b, 1) <= 10);
        teardown(&b);
    }
}

static void an_order_book_tape_gives_the_exact_queue(void **state)
{
    (void)state;
    struct bench b;
    setup(&b, &plain);
    mbo(&b, TD_MBO_ADD, 11, TD_BID, PX(10000), 5);
    mbo(&b, TD_MBO_ADD, 12, TD_BID, PX(10000), 7);
    mbo(&b, TD_MBO_ADD, 21, TD_ASK, PX(10025), 4);
    submit(&b, limit(1, TD_BUY, 3, PX(10000)));
    td_exchange_advance(&b.x, b.now);
    mbo(&b, TD_MBO_ADD, 13, TD_BID, PX(10000), 9);
    assert_int_equal(ahead_of(&b, 1), 12);
    mbo(&b, TD_MBO_CANCEL, 13, TD_BID, PX(10000), 4); /* behind us */
    assert_int_equal(ahead_of(&b, 1), 12);
    mbo(&b, TD_MBO_MODIFY, 12, TD_BID, PX(10000), 6); /* smaller: keeps its place */
    assert_int_equal(ahead_of(&b, 1), 11);
    mbo(&b, TD_MBO_MODIFY, 12, TD_BID, PX(10000), 8); /* larger: goes behind us */
    assert_int_equal(ahead_of(&b, 1), 5);
    (void)expect(&b, TD_EXCH_ACCEPTED, 1);
    mbo(&b, TD_MBO_TRADE, 0, TD_ASK, PX(10000), 7);
    mbo(&b, TD_MBO_FILL, 11, TD_BID, PX(10000), 5);
    expect_nothing(&b);
    mbo(&b, TD_MBO_FILL, 13, TD_BID, PX(10000), 1); /* someone behind us traded: we would have */
    expect_fill(&b, 1, 1, PX(10000));
    mbo(&b, TD_MBO_FILL, 12, TD_BID, PX(10000), 1); /* it went behind us when it grew */
    expect_fill(&b, 1, 1, PX(10000));
    mbo(&b, TD_MBO_CLEAR, 0, TD_BID, PX(0), 0);
    struct td_venue_level best;
    assert_false(td_exchange_best(&b.x, TD_BID, &best));
    teardown(&b);
}

static void stops_wait_for_the_print(void **state)
{
    (void)state;
    struct bench b;
    setup(&b, &plain);
    quote(&b, PX(10000), 300, PX(10001), 500);
    trade(&b, PX(10000), 1, 2);
    struct td_exch_order o = {
        .key = 1, .action = TD_BUY, .type = TD_EXCH_STOP, .qty = TD_QTY(10), .stop_px = PX(10002)};
    submit(&b, o);
    o.key = 2;
    o.type = TD_EXCH_STOP_LIMIT;
    o.limit_px = PX(10002);
    submit(&b, o);
    submit(
        &b,
        (struct td_exch_order){
            .key = 3, .action = TD_SELL, .type = TD_EXCH_TRAIL, .qty = TD_QTY(10), .trail = PX(3)});
    for (uint64_t key = 1; key <= 3; key++)
        assert_true(expect(&b, TD_EXCH_ACCEPTED, key).held);
    quote(&b, PX(10002), 300, PX(10004), 500);
    expect_nothing(&b);
    trade(&b, PX(10002), 1, 2);
    (void)expect(&b, TD_EXCH_ACTIVATED, 1);
    expect_fill(&b, 1, 10, PX(10004));
    (void)expect(&b, TD_EXCH_ACTIVATED, 2);
    expect_nothing(&b); /* rests at 100.02, where it would stand in the way of our own sell */
    TD_OK_OR_FAIL(td_exchange_cancel(&b.x, b.now, 2));
    (void)expect(&b, TD_EXCH_CANCELLED, 2);
    trade(&b, PX(10005), 1, 2); /* the trailing stop is now 100.02 */
    expect_nothing(&b);
    trade(&b, PX(10003), 1, 2);
    expect_nothing(&b);
    quote(&b, PX(10001), 300, PX(10004), 500);
    trade(&b, PX(10002), 1, TD_ASK);
    (void)expect(&b, TD_EXCH_ACTIVATED, 3);
    expect_fill(&b, 3, 10, PX(10001));
    teardown(&b);
}

static void immediate_orders_do_not_rest(void **state)
{
    (void)state;
    struct bench b;
    setup(&b, &plain);
    quote(&b, PX(10000), 300, PX(10001), 100);
    struct td_exch_order o = limit(1, TD_BUY, 150, PX(10001));
    o.tif = TD_EXCH_FOK;
    submit(&b, o);
    (void)expect(&b, TD_EXCH_ACCEPTED, 1);
    assert_int_equal(expect(&b, TD_EXCH_CANCELLED, 1).reason, TD_EXCH_R_FOK);
    o.key = 2;
    o.tif = TD_EXCH_IOC;
    submit(&b, o);
    (void)expect(&b, TD_EXCH_ACCEPTED, 2);
    expect_fill(&b, 2, 100, PX(10001));
    const struct td_exch_report r = expect(&b, TD_EXCH_CANCELLED, 2);
    assert_int_equal(r.reason, TD_EXCH_R_IOC);
    assert_int_equal(r.cum.e9, TD_QTY(100).e9);
    assert_int_equal(r.leaves.e9, 0);
    teardown(&b);
}

static void refusals_have_reasons(void **state)
{
    (void)state;
    static const struct {
        struct td_exch_order o;
        enum td_exch_reason reason;
    } bad[] = {
        {{.key = 1, .type = TD_EXCH_TYPES, .qty = {1 * TD_E9}}, TD_EXCH_R_TYPE},
        {{.key = 1, .action = 2, .qty = {1 * TD_E9}}, TD_EXCH_R_TYPE},
        {{.key = 1, .tif = TD_EXCH_OPG, .qty = {1 * TD_E9}}, TD_EXCH_R_TIF},
        {{.key = 1, .qty = {0 * TD_E9}}, TD_EXCH_R_QTY},
        {{.key = 1, .qty = {INT64_MAX}}, TD_EXCH_R_QTY},
        {{.key = 1, .type = TD_EXCH_LIMIT, .qty = {1 * TD_E9}, .limit_px = {INT64_MAX}},
         TD_EXCH_R_PRICE},
        {{.key = 1, .type = TD_EXCH_STOP, .qty = {1 * TD_E9}}, TD_EXCH_R_PRICE},
        {{.key = 1, .type = TD_EXCH_TRAIL, .qty = {1 * TD_E9}}, TD_EXCH_R_PRICE},
        {{.key = 1, .type = TD_EXCH_LIMIT, .qty = {1 * TD_E9}, .limit_px = {10005000000}},
         TD_EXCH_R_TICK},
    };
    struct bench b;
    setup(&b, &plain);
    for (size_t i = 0; i < TD_COUNT(bad); i++) {
        submit(&b, bad[i].o);
        assert_int_equal(expect(&b, TD_EXCH_REJECTED, 1).reason, bad[i].reason);
        assert_true(td_exch_reason_text(bad[i].reason)[0] != '\0');
    }
    submit(&b, limit(5, TD_BUY, 10, PX(9000)));
    submit(&b, limit(5, TD_BUY, 10, PX(9000)));
    (void)expect(&b, TD_EXCH_ACCEPTED, 5);
    assert_int_equal(expect(&b, TD_EXCH_REJECTED, 5).reason, TD_EXCH_R_DUPLICATE);
    submit(&b, limit(6, TD_SELL, 10, PX(8999)));
    (void)expect(&b, TD_EXCH_ACCEPTED, 6);
    assert_int_equal(expect(&b, TD_EXCH_CANCELLED, 6).reason, TD_EXCH_R_SELF);
    TD_OK_OR_FAIL(td_exchange_cancel(&b.x, b.now, 77));
    assert_int_equal(expect(&b, TD_EXCH_CANCEL_REFUSED, 77).reason, TD_EXCH_R_UNKNOWN);
    for (uint64_t key = 100; key < 131; key++) {
        submit(&b, limit(key, TD_BUY, 1, PX(8000)));
        (void)expect(&b, TD_EXCH_ACCEPTED, key);
    }
    submit(&b, limit(131, TD_BUY, 1, PX(8000)));
    assert_int_equal(expect(&b, TD_EXCH_REJECTED, 131).reason, TD_EXCH_R_FULL);
    for (uint64_t key = 200; key < 232; key++)
        TD_OK_OR_FAIL(td_exchange_cancel(&b.x, b.now, key));
    assert_int_equal(td_exchange_cancel(&b.x, b.now, 1), TD_EFULL);
    teardown(&b);
}

static void changes_keep_or_lose_the_queue(void **state)
{
    (void)state;
    struct bench b;
    setup(&b, &plain);
    quote(&b, PX(10000), 300, PX(10001), 100);
    submit(&b, limit(1, TD_BUY, 100, PX(10000)));
    td_exchange_advance(&b.x, b.now);
    trade(&b, PX(10000), 250, TD_BID);
    assert_int_equal(ahead_of(&b, 1), 50);
    struct td_exch_order o = limit(1, TD_BUY, 80, PX(10000));
    TD_OK_OR_FAIL(td_exchange_modify(&b.x, b.now, &o));
    (void)expect(&b, TD_EXCH_ACCEPTED, 1);
    (void)expect(&b, TD_EXCH_REPLACED, 1);
    assert_int_equal(ahead_of(&b, 1), 50);
    o.qty = TD_QTY(90);
    TD_OK_OR_FAIL(td_exchange_modify(&b.x, b.now, &o));
    (void)expect(&b, TD_EXCH_REPLACED, 1);
    assert_int_equal(ahead_of(&b, 1), 300);
    o.action = TD_SELL;
    TD_OK_OR_FAIL(td_exchange_modify(&b.x, b.now, &o));
    assert_int_equal(expect(&b, TD_EXCH_REPLACE_REFUSED, 1).reason, TD_EXCH_R_TYPE);
    o = limit(1, TD_BUY, 90, PX(10001));
    TD_OK_OR_FAIL(td_exchange_modify(&b.x, b.now, &o));
    (void)expect(&b, TD_EXCH_REPLACED, 1);
    expect_fill(&b, 1, 90, PX(10001));
    TD_OK_OR_FAIL(td_exchange_modify(&b.x, b.now, &o));
    assert_int_equal(expect(&b, TD_EXCH_REPLACE_REFUSED, 1).reason, TD_EXCH_R_UNKNOWN);
    teardown(&b);
}

static void latency_delays_both_ways(void **state)
{
    (void)state;
    struct bench b;
    struct td_exch_config config = plain;
    config.entry_ns = 5 * TD_MS;
    config.response_ns = 3 * TD_MS;
    setup(&b, &config);
    quote(&b, PX(10000), 300, PX(10001), 100);
    const td_ns sent = b.now;
    submit(&b, market(1, TD_BUY, 10));
    assert_true(td_exchange_due(&b.x) == sent + 5 * TD_MS);
    quote(&b, PX(10000), 300, PX(10009), 100); /* moved before our order got there */
    b.now = sent + 7 * TD_MS;
    expect_nothing(&b);
    assert_true(td_exchange_due(&b.x) == sent + 8 * TD_MS);
    b.now = sent + 8 * TD_MS;
    const struct td_exch_report r = expect(&b, TD_EXCH_ACCEPTED, 1);
    assert_true(r.venue_ns == sent + 5 * TD_MS && r.visible_ns == sent + 8 * TD_MS);
    expect_fill(&b, 1, 10, PX(10009));
    assert_true(td_exchange_due(&b.x) == TD_NS_NEVER);
    teardown(&b);
}

static void halts_and_hours_hold_orders(void **state)
{
    (void)state;
    struct bench b;
    setup(&b, &plain);
    const td_ns t = b.now;
    const struct td_venue_hours hours = {t, t + TD_HOUR, t + 2 * TD_HOUR, t + 3 * TD_HOUR};
    td_exchange_session(&b.x, &hours);
    quote(&b, PX(10000), 300, PX(10001), 100);
    submit(&b, limit(1, TD_BUY, 10, PX(10001)));
    assert_true(expect(&b, TD_EXCH_ACCEPTED, 1).held);
    struct td_exch_order o = limit(2, TD_BUY, 10, PX(10001));
    o.outside_rth = true;
    submit(&b, o);
    (void)expect(&b, TD_EXCH_ACCEPTED, 2);
    expect_fill(&b, 2, 10, PX(10001));
    assert_true(td_exchange_due(&b.x) == hours.open);
    b.now = hours.open;
    (void)expect(&b, TD_EXCH_ACTIVATED, 1);
    expect_fill(&b, 1, 10, PX(10001));
    status(&b, TD_STATUS_HALTED);
    submit(&b, limit(3, TD_BUY, 10, PX(10001)));
    assert_true(expect(&b, TD_EXCH_ACCEPTED, 3).held);
    trade(&b, PX(9000), 1000, 2);
    expect_nothing(&b);
    status(&b, TD_STATUS_OPEN);
    (void)expect(&b, TD_EXCH_ACTIVATED, 3);
    expect_fill(&b, 3, 10, PX(10001));
    submit(&b, limit(4, TD_BUY, 10, PX(9000)));
    o = limit(5, TD_BUY, 10, PX(9000));
    o.tif = TD_EXCH_GTC;
    submit(&b, o);
    b.now = hours.close;
    (void)expect(&b, TD_EXCH_ACCEPTED, 4);
    (void)expect(&b, TD_EXCH_ACCEPTED, 5);
    const struct td_exch_report r = expect(&b, TD_EXCH_EXPIRED, 4);
    assert_true(r.venue_ns == hours.close);
    submit(&b, limit(6, TD_BUY, 10, PX(9000))); /* after the close: for the next day */
    assert_true(expect(&b, TD_EXCH_ACCEPTED, 6).held);
    const struct td_venue_hours next = {t + TD_DAY, t + TD_DAY + TD_HOUR, t + TD_DAY + 2 * TD_HOUR,
                                        t + TD_DAY + 3 * TD_HOUR};
    td_exchange_session(&b.x, &next);
    b.now = next.open;
    (void)expect(&b, TD_EXCH_ACTIVATED, 5);
    (void)expect(&b, TD_EXCH_ACTIVATED, 6);
    b.now = next.close;
    (void)expect(&b, TD_EXCH_EXPIRED, 6);
    assert_int_equal(td_exchange_live(&b.x), 1);
    teardown(&b);
}

static void malformed_events_are_refused(void **state)
{
    (void)state;
    struct bench b;
    setup(&b, &plain);
    struct td_event ev = {
        .venue_ns = b.now, .kind = TD_EV_DEPTH, .depth = {.row = 1, .op = TD_DEPTH_INSERT}};
    assert_int_equal(td_exchange_market(&b.x, &ev), TD_EINVAL);
    ev.depth.row = -1;
    assert_int_equal(td_exchange_market(&b.x, &ev), TD_EINVAL);
    ev.depth = (struct td_depth){.op = TD_DEPTH_DELETE};
    assert_int_equal(td_exchange_market(&b.x, &ev), TD_EINVAL);
    ev.depth = (struct td_depth){.side = 2};
    assert_int_equal(td_exchange_market(&b.x, &ev), TD_EINVAL);
    ev.kind = TD_EV_STATUS;
    ev.status = 9;
    assert_int_equal(td_exchange_market(&b.x, &ev), TD_EINVAL);
    ev.kind = TD_EV_KINDS;
    assert_int_equal(td_exchange_market(&b.x, &ev), TD_EINVAL);
    ev.kind = TD_EV_MBO;
    ev.mbo = (struct td_mbo){.side = 2, .action = TD_MBO_ADD};
    assert_int_equal(td_exchange_market(&b.x, &ev), TD_EINVAL);
    struct td_exch_config config = plain;
    config.orders_max = 0;
    assert_int_equal(td_exchange_open(&b.x, &config, &b.arena), TD_EINVAL);
    td_arena_init(&b.arena, b.block, 64);
    assert_int_equal(td_exchange_open(&b.x, &plain, &b.arena), TD_ENOMEM);
    teardown(&b);
}

/* Random market and orders; after every step the invariants hold. Returns a hash of all reports. */
struct run {
    struct bench b;
    struct td_rng rng;
    struct td_ledger ledger;
    void *block;
    uint64_t next_key;
    int64_t filled[4096], total[4096];
    int64_t queued[2];
    uint32_t hash;
    uint32_t fills;
};

static void random_market(struct run *r)
{
    const int64_t bid = td_rng_between(&r->rng, 9990, 10010);
    const int size = (int)td_rng_between(&r->rng, 1, 500);
    switch (td_rng_below(&r->rng, 8)) {
    case 0:
        status(&r->b, td_rng_chance(&r->rng, 0.3) ? TD_STATUS_HALTED : TD_STATUS_OPEN);
        break;
    case 1:
    case 2:
    case 3:
        trade(&r->b, (td_px){bid * 10000000}, size, (int)td_rng_below(&r->rng, 3));
        break;
    default:
        quote(&r->b, (td_px){bid * 10000000}, size,
              (td_px){(bid + td_rng_between(&r->rng, 1, 3)) * 10000000},
              (int)td_rng_between(&r->rng, 0, 500));
        break;
    }
}

static void random_command(struct run *r)
{
    struct td_exch_order o = {.key = 1 + td_rng_below(&r->rng, r->next_key)};
    const uint64_t what = td_rng_below(&r->rng, 10);
    if (what == 0) {
        TD_OK_OR_FAIL(td_exchange_cancel(&r->b.x, r->b.now, o.key));
        return;
    }
    if (what > 2)
        o.key = r->next_key++;
    TD_REQUIRE(r->next_key < TD_COUNT(r->total));
    o.action = (uint8_t)td_rng_below(&r->rng, 2);
    o.type = (uint8_t)td_rng_below(&r->rng, TD_EXCH_TYPES);
    o.tif = (uint8_t)td_rng_below(&r->rng, TD_EXCH_TIFS);
    o.qty = TD_QTY(td_rng_between(&r->rng, 1, 400));
    o.limit_px.e9 = td_rng_between(&r->rng, 9988, 10014) * 10000000;
    o.stop_px.e9 = td_rng_between(&r->rng, 9988, 10014) * 10000000;
    o.trail.e9 = td_rng_between(&r->rng, 1, 5) * 10000000;
    if (what > 2) {
        r->total[o.key] = o.qty.e9;
        submit(&r->b, o);
    } else {
        if (o.qty.e9 > r->total[o.key])
            r->total[o.key] = o.qty.e9;
        TD_OK_OR_FAIL(td_exchange_modify(&r->b.x, r->b.now, &o));
    }
}

static void book_report(struct run *r, const struct td_exch_report *rep)
{
    r->hash = td_crc32c(r->hash, &rep->key, sizeof rep->key);
    r->hash = td_crc32c(r->hash, &rep->venue_ns, sizeof rep->venue_ns);
    r->hash = td_crc32c(r->hash, &rep->qty, sizeof rep->qty);
    r->hash = td_crc32c(r->hash, &rep->kind, sizeof rep->kind);
    if (rep->kind != TD_EXCH_FILL)
        return;
    r->fills++;
    r->filled[rep->key] += rep->qty.e9;
    assert_true(rep->qty.e9 > 0);
    assert_int_equal(rep->cum.e9, r->filled[rep->key]);
    assert_true(r->filled[rep->key] <= r->total[rep->key]);
    struct td_ledger_fill fill = {
        .px = rep->px, .qty = rep->qty, .action = rep->action, .multiplier = TD_QTY(1)};
    td_cash value;
    TD_OK_OR_FAIL(td_notional(rep->px, rep->qty, &value));
    TD_OK_OR_FAIL(td_fee_total(td_fee_find(TD_FEE_FIXED, "STK", NULL), rep->qty, value, &fill.fee));
    TD_OK_OR_FAIL(td_ledger_book(&r->ledger, &fill));
}

/* No own buy at or above an own sell, both working. */
static void not_crossed(const struct run *r)
{
    int64_t bid = 0;
    int64_t ask = INT64_MAX;
    for (uint64_t key = 1; key < r->next_key; key++) {
        struct td_exch_view v;
        if (!td_exchange_order(&r->b.x, key, &v) || v.held || v.order.type != TD_EXCH_LIMIT)
            continue;
        if (v.order.action == TD_BUY && v.order.limit_px.e9 > bid)
            bid = v.order.limit_px.e9;
        if (v.order.action == TD_SELL && v.order.limit_px.e9 < ask)
            ask = v.order.limit_px.e9;
    }
    assert_true(bid < ask);
}

static uint32_t random_run(uint64_t seed, uint32_t *fills)
{
    struct run *r = calloc(1, sizeof *r);
    assert_non_null(r);
    struct td_exch_config config = plain;
    config.orders_max = 16;
    config.entry_ns = (td_ns)(seed % 3) * TD_MS;
    config.response_ns = (td_ns)(seed % 2) * TD_MS;
    config.queue = (uint8_t)(seed % 3);
    setup(&r->b, &config);
    td_rng_init(&r->rng, seed);
    const struct td_ledger_config books = {1, 4, 1, 20000};
    struct td_arena arena;
    r->block = malloc(td_ledger_bytes(&books));
    td_arena_init(&arena, r->block, td_ledger_bytes(&books));
    TD_OK_OR_FAIL(td_ledger_open(&r->ledger, &books, &arena));
    uint32_t account;
    TD_OK_OR_FAIL(td_ledger_add_account(&r->ledger, "DU1", TD_CASH(1000000), &account));
    r->next_key = 1;
    for (int step = 0; step < 3000; step++) {
        random_market(r);
        if (td_rng_chance(&r->rng, 0.5))
            random_command(r);
        struct td_exch_report rep;
        while (td_exchange_next(&r->b.x, r->b.now, &rep))
            book_report(r, &rep);
        if (step % 16 == 0)
            not_crossed(r);
    }
    TD_OK_OR_FAIL(td_ledger_check(&r->ledger, NULL));
    /* Equity at the average price is start + realized - fees, to the rounding of averages. */
    const struct td_position *p = td_ledger_position(&r->ledger, 0, 0);
    td_cash held;
    TD_OK_OR_FAIL(td_notional(p->avg_px, p->qty, &held));
    const struct td_ledger_account *a = &r->ledger.accounts[0];
    assert_true(llabs(a->cash.e9 + held.e9 - a->start.e9 - a->realized.e9 + a->fees.e9) < 1000000);
    *fills = r->fills;
    const uint32_t hash = r->hash;
    teardown(&r->b);
    free(r->block);
    free(r);
    return hash;
}

static void random_sequences_keep_the_invariants(void **state)
{
    (void)state;
    uint32_t fills = 0;
    for (uint64_t seed = 1; seed <= 12; seed++) {
        const uint32_t hash = random_run(seed, &fills);
        assert_true(fills > 200);
        assert_int_equal(hash, random_run(seed, &fills));
    }
    assert_int_not_equal(random_run(1, &fills), random_run(2, &fills));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(market_orders_walk_the_book),
        cmocka_unit_test(limits_take_then_rest),
        cmocka_unit_test(the_queue_ahead_goes_first),
        cmocka_unit_test(cancellations_ahead_follow_the_model),
        cmocka_unit_test(an_order_book_tape_gives_the_exact_queue),
        cmocka_unit_test(stops_wait_for_the_print),
        cmocka_unit_test(immediate_orders_do_not_rest),
        cmocka_unit_test(refusals_have_reasons),
        cmocka_unit_test(changes_keep_or_lose_the_queue),
        cmocka_unit_test(latency_delays_both_ways),
        cmocka_unit_test(halts_and_hours_hold_orders),
        cmocka_unit_test(malformed_events_are_refused),
        cmocka_unit_test(random_sequences_keep_the_invariants),
    };
    return cmocka_run_group_tests_name("sim/exchange", tests, NULL, NULL);
}
