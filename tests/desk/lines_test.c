/* tests/desk/lines_test.c - many lines over one connection: the pace of a thousand, silence, budgets, turns.
 *
 * A scripted gateway in the simulated world; the wall clock begins in an open market. Prints what it measured; the
 * time of the thousand is a row of `make bench` too (seconds of the simulated clock, the same on every machine).
 */
#include "support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench_row.h"

#define SCRIPT_REQUESTS 16384
#include "desk/market.h"
#include "desk/script_gateway.h"

#define SCRIPT_PORT 4002
#define OPEN_TIME   INT64_C(1763735400000000000) /* Friday 2025-11-21, 09:30 in New York */
#define HOURS       "20251121:0930-20251121:1600;20251122:CLOSED"

static struct td_simworld *sim;
static struct td_world client_world;
static struct td_link link;
static struct td_market market;
static uint32_t gaps, resets, trades;
static const char *hours = HOURS; /* NULL: not known, so silence means nothing */

static void see(void *arg, uint32_t index, const struct td_event *event, bool warmup)
{
    (void)arg, (void)index, (void)warmup;
    gaps += event->kind == TD_EV_GAP;
    resets += event->kind == TD_EV_DEPTH_RESET;
    trades += event->kind == TD_EV_TRADE;
}

static td_ns now(void)
{
    return td_world_mono(&client_world);
}

static void take(const struct td_tws_event *ev)
{
    if (ev->kind == TD_TWS_EV_READY)
        td_market_ready(&market);
    if (ev->kind == TD_TWS_EV_CLOSED)
        td_market_lost(&market);
    if (ev->kind == TD_TWS_EV_MESSAGE)
        (void)td_market_take(&market, &ev->msg);
}

static td_ns watch_at;

static void run(td_ns span)
{
    const td_ns until = now() + span;
    while (now() < until) {
        struct td_wake wake;
        struct td_tws_event ev;
        const td_ns times[] = {until, watch_at, td_market_deadline(&market),
                               td_link_deadline(&link)};
        td_ns first = until;
        for (size_t i = 0; i < TD_COUNT(times); i++)
            first = times[i] < first ? times[i] : first;
        td_world_wait(&client_world, first, &wake);
        (void)td_link_wake(&link, &wake);
        td_link_tick(&link);
        while (td_link_next(&link, &ev))
            take(&ev);
        if (now() >= watch_at) {
            td_market_watch(&market, td_world_now(&client_world));
            watch_at = now() + TD_SEC;
        }
        td_market_turn(&market);
        td_link_flush(&link);
    }
}

static void install_zone(void)
{
    size_t len = 0;
    char *bytes = td_test_slurp("/usr/share/zoneinfo/America/New_York", &len);
    assert_non_null(bytes);
    TD_OK_OR_FAIL(td_folder_make(&client_world, "/usr/share/zoneinfo/America"));
    TD_OK_OR_FAIL(td_file_replace(&client_world, "/usr/share/zoneinfo/America/New_York",
                                  (struct td_str){bytes, len}, NULL));
    free(bytes);
}

static void begin(const struct td_market_config *config, uint32_t lines, int wants)
{
    const struct td_simworld_options options = {
        .seed = 3, .start_ns = OPEN_TIME, .latency_min = TD_MS, .latency_max = TD_MS};
    const struct td_link_config dial = {.host = "127.0.0.1",
                                        .port = SCRIPT_PORT,
                                        .client_id = 5,
                                        .dial_ns = TD_SEC,
                                        .hello_ns = TD_SEC,
                                        .ready_ns = TD_SEC,
                                        .messages_per_sec = 40};
    uint32_t index, host;
    gaps = resets = trades = 0;
    TD_OK_OR_FAIL(td_simworld_open(&sim, &options, NULL));
    TD_OK_OR_FAIL(td_simworld_attach(sim, "desk", &host, &client_world, NULL));
    install_zone();
    script_attach(sim, SCRIPT_PORT);
    script.hours = hours;
    hours = HOURS;
    TD_OK_OR_FAIL(td_link_open(&link, &client_world, NULL));
    TD_OK_OR_FAIL(td_market_init(&market, config, &link, NULL, see, NULL, NULL));
    for (uint32_t i = 0; i < lines; i++) {
        char symbol[16];
        (void)snprintf(symbol, sizeof symbol, "S%u", i);
        TD_OK_OR_FAIL(td_market_add(&market, symbol, wants, &index, NULL));
    }
    watch_at = now();
    td_link_dial(&link, &dial);
    run(200 * TD_MS);
    assert_true(td_link_ready(&link));
}

static int end(void **state)
{
    (void)state;
    td_market_fini(&market);
    td_link_close(&link);
    script_free();
    td_simworld_close(sim);
    return 0;
}

/* --- what the gateway sends --- */

static void send_quote(int32_t id, int32_t type, int64_t cents)
{
    struct td_tws_msg msg;
    td_tws_msg_init(&msg, TD_TWS_TICK_PRICE);
    msg.tick_price.req_id = id;
    msg.tick_price.tick_type = type;
    msg.tick_price.price = (td_px){cents * 10000000};
    msg.tick_price.size = TD_QTY(1);
    script_send(&msg);
}

static void send_depth(int32_t id)
{
    struct td_tws_msg msg;
    td_tws_msg_init(&msg, TD_TWS_MARKET_DEPTH_L2);
    msg.depth = (struct td_tws_depth){.req_id = id,
                                      .op = market.lines[0].book.rows[TD_BID] ? 1 : 0,
                                      .side = 1,
                                      .px = TD_PX(100),
                                      .qty = TD_QTY(3),
                                      .maker = td_str_of("ARCA"),
                                      .smart = true};
    script_send(&msg);
}

static void send_bar(int32_t id, bool first)
{
    struct td_tws_bar bar = {.date = td_str_of("1763735400"),
                             .open = TD_PX(100),
                             .high = TD_PX(100),
                             .low = TD_PX(100),
                             .close = TD_PX(100),
                             .volume = TD_QTY(1)};
    struct td_tws_msg msg;
    td_tws_msg_init(&msg, first ? TD_TWS_HISTORICAL_DATA : TD_TWS_HISTORICAL_DATA_UPDATE);
    msg.req.req_id = id;
    if (first) {
        msg.historical_data.bars.p = &bar;
        msg.historical_data.bars.n = 1;
    } else {
        msg.historical_update.bar = bar;
    }
    script_send(&msg);
}

static int32_t id_of(uint32_t index, enum td_purpose purpose)
{
    return market.lines[index].subs[purpose].id;
}

/* A second of an ordinary market in line 0, without the purposes of `dead`. */
static void second(uint32_t dead)
{
    const struct td_sub *subs = market.lines[0].subs;
    if (!(dead & 1u << TD_FOR_QUOTES) && subs[TD_FOR_QUOTES].id) {
        send_quote(subs[TD_FOR_QUOTES].id, 1, 10000);
        send_quote(subs[TD_FOR_QUOTES].id, 4, 10000);
    }
    if (!(dead & 1u << TD_FOR_DEPTH) && subs[TD_FOR_DEPTH].id)
        send_depth(subs[TD_FOR_DEPTH].id);
    if (!(dead & 1u << TD_FOR_BARS) && subs[TD_FOR_BARS].id)
        send_bar(subs[TD_FOR_BARS].id, subs[TD_FOR_BARS].heard == 0);
    run(TD_SEC);
}

static void seconds(int n, uint32_t dead)
{
    for (int i = 0; i < n; i++)
        second(dead);
}

static const struct td_market_config plain = {
    .depth_rows = 5, .bar_size = "1 min", .bar_history = "1 D", .bar_span = TD_MIN};

#define ALL_WANTS (TD_WANT_QUOTES | TD_WANT_DEPTH | TD_WANT_BARS)

/* --- a thousand lines --- */

static uint32_t most_in_a_second(uint32_t from)
{
    uint32_t most = 0, tail = from;
    for (uint32_t i = from; i < script.count; i++) {
        while (script.requests[tail].at + TD_SEC <= script.requests[i].at)
            tail++;
        most = i - tail + 1 > most ? i - tail + 1 : most;
    }
    return most;
}

static uint32_t live_quotes(void)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < market.count; i++)
        n += market.lines[i].subs[TD_FOR_QUOTES].state == TD_SUB_ASKED;
    return n;
}

static td_ns until_all_asked(void)
{
    const td_ns start = now();
    for (int i = 0; i < 4000 && live_quotes() < market.count; i++)
        run(20 * TD_MS);
    assert_int_equal(live_quotes(), market.count);
    return now() - start;
}

static void tell_bench(double seconds, uint32_t most)
{
    char note[120];
    (void)snprintf(
        note, sizeof note,
        "simulated clock; at most %u messages in any second, ours are %d, the broker's 50",
        (unsigned)most, TD_PACE_RATE);
    bench_row(&(struct bench_row){"1,000 subscriptions again after 1101", seconds, "s",
                                  "1,000 messages at 40 a second", 25 / seconds, note});
}

static void a_thousand_lines_come_back_within_the_pace(void **state)
{
    (void)state;
    const struct td_market_config config = {.depth_rows = 1, .lines_max = 1000};
    hours = NULL;
    begin(&config, 1000, TD_WANT_QUOTES);
    const td_ns first = until_all_asked();
    const uint32_t first_most = most_in_a_second(0), from = script.count;
    int32_t highest = 0;
    for (uint32_t i = 0; i < from; i++)
        highest = script.requests[i].req_id > highest ? script.requests[i].req_id : highest;
    for (uint32_t i = 0; i < 1000; i++) /* each has an answer: what has none is cancelled first */
        send_quote(id_of(i, TD_FOR_QUOTES), 1, 10000);
    script_flush();
    run(2 * TD_SEC);
    td_market_restore(&market); /* 1101 */
    run(5 * TD_SEC);
    struct td_tws_msg urgent; /* an order in the middle of it does not wait */
    td_tws_msg_init(&urgent, TD_TWS_REQ_GLOBAL_CANCEL);
    TD_OK_OR_FAIL(td_link_send(&link, &urgent));
    td_link_flush(&link);
    const td_ns asked = now();
    run(5 * TD_MS);
    assert_int_equal(script_asked(TD_TWS_REQ_GLOBAL_CANCEL), 1);
    for (uint32_t i = script.count; i-- > from;)
        if (script.requests[i].kind == TD_TWS_REQ_GLOBAL_CANCEL)
            assert_true(script.requests[i].at - asked <= 2 * TD_MS);
    const td_ns second_span = until_all_asked() + 5 * TD_SEC;
    const uint32_t most = most_in_a_second(from);
    assert_int_equal(script.count - from, 1001); /* each once, and the order */
    for (uint32_t i = from; i < script.count; i++)
        assert_true(script.requests[i].kind == TD_TWS_REQ_GLOBAL_CANCEL ||
                    script.requests[i].req_id > highest);
    print_message(
        "1000 lines: qualified and subscribed in %.1f s (at most %u in any second), again "
        "after 1101 in %.1f s (at most %u); limit %d\n",
        (double)first / 1e9, first_most, (double)second_span / 1e9, most, TD_PACE_RATE);
    tell_bench((double)second_span / 1e9, most);
    assert_true(first_most <= TD_PACE_RATE && most <= TD_PACE_RATE);
    assert_true(second_span < 30 * TD_SEC);
}

static void error_100_slows_all_of_it(void **state)
{
    (void)state;
    const struct td_market_config config = {.depth_rows = 1, .lines_max = 200};
    begin(&config, 200, TD_WANT_QUOTES);
    td_pacer_refused(&link.pacer, now());
    run(TD_SEC);
    const uint32_t from = script.count;
    run(5 * TD_SEC);
    const uint32_t most = most_in_a_second(from);
    print_message("after error 100: at most %u in any second\n", most);
    assert_true(most <= 20);
    (void)until_all_asked();
}

/* --- silence --- */

static int by_size(const void *a, const void *b)
{
    const td_ns x = *(const td_ns *)a, y = *(const td_ns *)b;
    return (x > y) - (x < y);
}

static void silence_is_noticed_within_thirty_seconds(void **state)
{
    (void)state;
    static const enum td_purpose kinds[] = {TD_FOR_QUOTES, TD_FOR_DEPTH, TD_FOR_BARS};
    td_ns found[30];
    size_t n = 0;
    begin(&plain, 1, ALL_WANTS);
    seconds(5, 0);
    for (int round = 0; round < 10; round++)
        for (size_t k = 0; k < TD_COUNT(kinds); k++) {
            const struct td_sub *sub = &market.lines[0].subs[kinds[k]];
            const int32_t old = sub->id;
            run((td_ns)(round * 97 % 10) * 100 * TD_MS); /* another phase of the clock */
            second(0);
            assert_false(sub->stale || td_market_stale(&market, 0));
            for (int i = 0; i < 40 && !sub->stale; i++)
                second(1u << kinds[k]);
            assert_true(sub->stale && td_market_stale(&market, 0));
            found[n++] = sub->stale_after;
            run(TD_SEC);
            assert_int_not_equal(id_of(0, kinds[k]), old); /* asked again, under a new id */
            send_quote(old, 1, 9999);                      /* of the old generation */
            seconds(40, 0);
            assert_false(td_market_stale(&market, 0));
        }
    qsort(found, n, sizeof found[0], by_size);
    print_message("%zu stalls: noticed after %.1f s (median), %.1f s (most); %llu strays dropped\n",
                  n, (double)found[n / 2] / 1e9, (double)found[n - 1] / 1e9,
                  (unsigned long long)market.strays);
    assert_true(found[n - 1] <= 30 * TD_SEC);
    assert_int_equal(market.strays, n);
}

static void a_corrupt_row_is_noticed_with_its_message(void **state)
{
    (void)state;
    const struct td_tws_depth rows[] = {
        {.row = 4, .op = 0, .side = 1, .px = TD_PX(99), .qty = TD_QTY(3)},  /* a hole before it */
        {.row = 40, .op = 0, .side = 1, .px = TD_PX(99), .qty = TD_QTY(3)}, /* past the end */
        {.row = -1, .op = 0, .side = 1, .px = TD_PX(99), .qty = TD_QTY(3)},
        {.row = 3,
         .op = 1,
         .side = 1,
         .px = TD_PX(99),
         .qty = TD_QTY(3)}, /* changes what is not there */
        {.row = 3,
         .op = 2,
         .side = 0,
         .px = TD_PX(99),
         .qty = TD_QTY(3)}, /* ends what is not there */
        {.row = 0, .op = 7, .side = 1, .px = TD_PX(99), .qty = TD_QTY(3)},
        {.row = 0, .op = 1, .side = 1, .px = TD_PX(99), .qty = TD_QTY(-3)}};
    td_ns found[20 * TD_COUNT(rows)];
    size_t n = 0;
    begin(&plain, 1, ALL_WANTS);
    for (int round = 0; round < 20; round++)
        for (size_t k = 0; k < TD_COUNT(rows); k++) {
            struct td_tws_msg msg;
            td_tws_msg_init(&msg, TD_TWS_MARKET_DEPTH_L2);
            seconds(40, 0);
            const int32_t old = id_of(0, TD_FOR_DEPTH);
            assert_int_equal(market.lines[0].book.rows[TD_BID], 1);
            msg.depth = rows[k];
            msg.depth.req_id = old;
            msg.depth.maker = td_str_of("ARCA");
            msg.depth.smart = true;
            const td_ns from = now();
            script_send(&msg);
            for (int i = 0; i < 1000 && market.lines[0].book.rows[TD_BID]; i++)
                run(TD_MS);
            if (market.lines[0].book.rows[TD_BID])
                fail_msg("row %zu was taken", k);
            found[n++] = now() - from;
            run(TD_SEC);
            assert_int_not_equal(id_of(0, TD_FOR_DEPTH), old); /* asked for again */
        }
    qsort(found, n, sizeof found[0], by_size);
    print_message("%zu corrupt rows: book emptied after %.0f ms (median), %.0f ms (most)\n", n,
                  (double)found[n / 2] / 1e6, (double)found[n - 1] / 1e6);
    assert_true(found[n - 1] <= 10 * TD_MS);
}

static void a_mute_line_is_asked_for_and_then_told(void **state)
{
    (void)state;
    struct td_market_health health;
    begin(&plain, 1, TD_WANT_QUOTES);
    seconds(5, 0);
    const uint32_t from = script.count;
    td_ns last = now();
    for (int i = 0; i < 3600; i++) {
        const uint32_t before = script.count;
        second(1u << TD_FOR_QUOTES);
        for (uint32_t k = before; k < script.count; k++)
            if (script.requests[k].kind == TD_TWS_REQ_MKT_DATA) {
                assert_true(script.requests[k].at - last >= 28 * TD_SEC);
                last = script.requests[k].at;
            }
        td_market_health(&market, &health);
        if (i == 119) /* asked three times by now, in vain */
            assert_int_equal(health.mute, 1);
        if (i < 85)
            assert_int_equal(health.mute, 0);
    }
    const int asked = script_asked(TD_TWS_REQ_MKT_DATA) - 1;
    print_message("mute for an hour: asked %d times, %u messages\n", asked, script.count - from);
    assert_in_range(asked, 12, 18);
    assert_int_equal(script_asked(TD_TWS_CANCEL_MKT_DATA), asked);
    seconds(3, 0);
    td_market_health(&market, &health);
    assert_int_equal(health.stale, 0);
}

static void silence_means_nothing_when_nobody_trades(void **state)
{
    (void)state;
    begin(&plain, 1, ALL_WANTS);
    seconds(5, 0);
    struct td_tws_msg msg; /* halted: tick 49 */
    td_tws_msg_init(&msg, TD_TWS_TICK_GENERIC);
    msg.tick_generic.req_id = id_of(0, TD_FOR_QUOTES);
    msg.tick_generic.tick_type = 49;
    msg.tick_generic.value_e9 = TD_E9;
    script_send(&msg);
    seconds(300, UINT32_MAX);
    assert_int_equal(market.lines[0].resubscribed, 0);
    msg.tick_generic.value_e9 = 0;
    script_send(&msg);
    seconds(20, UINT32_MAX);
    assert_false(td_market_stale(&market, 0));
    seconds(15, UINT32_MAX);
    assert_true(td_market_stale(&market, 0));
    seconds(35, 0);
    /* Quotes flow, nobody trades: bars are not missed. */
    const int32_t bars = id_of(0, TD_FOR_BARS);
    for (int i = 0; i < 300; i++) {
        send_quote(id_of(0, TD_FOR_QUOTES), 1, 10000);
        send_depth(id_of(0, TD_FOR_DEPTH));
        run(TD_SEC);
    }
    assert_int_equal(id_of(0, TD_FOR_BARS), bars);
    /* ... but after a flap of the farm they are. */
    td_market_verify(&market, NULL, true);
    for (int i = 0; i < 31; i++) {
        send_quote(id_of(0, TD_FOR_QUOTES), 1, 10000);
        send_depth(id_of(0, TD_FOR_DEPTH));
        run(TD_SEC);
    }
    assert_int_not_equal(id_of(0, TD_FOR_BARS), bars);
    td_simworld_step_clock(sim, 7 * TD_HOUR); /* after the close */
    seconds(2, 0);
    const uint32_t before = market.lines[0].resubscribed;
    seconds(300, UINT32_MAX);
    assert_int_equal(market.lines[0].resubscribed, before);
}

static void a_lost_broker_makes_all_stale_and_asks_nothing(void **state)
{
    (void)state;
    begin(&plain, 1, ALL_WANTS);
    seconds(5, 0);
    td_market_blind(&market);
    assert_true(td_market_stale(&market, 0));
    const uint32_t count = script.count;
    seconds(100, UINT32_MAX);
    assert_int_equal(script.count, count);
    td_market_verify(&market, NULL, true);
    assert_true(td_market_stale(&market, 0)); /* until it is heard */
    seconds(2, 0);
    assert_false(td_market_stale(&market, 0));
    assert_int_equal(market.lines[0].resubscribed, 0);
}

static void errors_that_end_bars_ask_again(void **state)
{
    (void)state;
    static const int32_t codes[] = {10182, 10225};
    begin(&plain, 1, ALL_WANTS);
    for (size_t i = 0; i < TD_COUNT(codes); i++) {
        seconds(40, 0);
        const int32_t old = id_of(0, TD_FOR_BARS);
        script_error(old, codes[i]);
        seconds(16, 0);
        assert_int_not_equal(id_of(0, TD_FOR_BARS), old);
        assert_int_equal(market.lines[0].subs[TD_FOR_BARS].state, TD_SUB_LIVE);
    }
    seconds(10, 0);
    const int32_t quotes = id_of(0, TD_FOR_QUOTES);
    script_error(quotes, 10197); /* another session has the data */
    seconds(60, 0);
    assert_true(td_market_stale(&market, 0));
    assert_int_equal(id_of(0, TD_FOR_QUOTES), 0); /* no fight for it */
    seconds(245, 0);
    assert_int_not_equal(id_of(0, TD_FOR_QUOTES), 0);
    assert_false(td_market_stale(&market, 0));
}

/* --- budgets --- */

static uint32_t holding(enum td_purpose purpose)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < market.count; i++)
        n += market.lines[i].subs[purpose].id != 0;
    return n;
}

static void depth_lines_take_turns(void **state)
{
    (void)state;
    const struct td_market_config config = {.depth_rows = 5, .depth_slots = 3};
    bool seen[7] = {0};
    hours = NULL;
    begin(&config, 7, TD_WANT_DEPTH);
    run(2 * TD_SEC);
    assert_int_equal(holding(TD_FOR_DEPTH), 3);
    td_market_pin(&market, 0, true);
    for (int i = 0; i < 130; i++) {
        run(TD_SEC);
        assert_true(holding(TD_FOR_DEPTH) <= 3);
        assert_true(id_of(0, TD_FOR_DEPTH) != 0); /* pinned */
        for (uint32_t k = 0; k < 7; k++)
            seen[k] |= id_of(k, TD_FOR_DEPTH) != 0;
    }
    for (uint32_t k = 0; k < 7; k++)
        assert_true(seen[k]);
    const int asked = script_asked(TD_TWS_REQ_MKT_DEPTH);
    assert_int_equal(asked - script_asked(TD_TWS_CANCEL_MKT_DEPTH), 3);
    assert_true(gaps > 0); /* a recording knows that something is missing */
    print_message("7 symbols on 3 depth lines for 132 s: %d subscriptions, %llu turns\n", asked,
                  (unsigned long long)market.budgets[TD_BUDGET_DEPTH].rotations);
}

static void the_broker_may_allow_less(void **state)
{
    (void)state;
    const struct td_market_config config = {.depth_rows = 5};
    begin(&config, 5, TD_WANT_DEPTH | TD_WANT_QUOTES | TD_WANT_TICKS);
    run(2 * TD_SEC);
    script_error(id_of(4, TD_FOR_DEPTH), 309);
    script_error(id_of(3, TD_FOR_QUOTES), 101);
    script_error(id_of(2, TD_FOR_TICKS), 10190);
    run(100 * TD_MS);
    assert_int_equal(market.budgets[TD_BUDGET_DEPTH].slots, 4);
    assert_int_equal(market.budgets[TD_BUDGET_QUOTES].slots, 4);
    assert_int_equal(market.budgets[TD_BUDGET_TICKS].slots, 4);
    assert_int_equal(holding(TD_FOR_DEPTH), 4);
    for (uint32_t i = 0; i < 5; i++)
        assert_int_equal(market.lines[i].state, TD_LINE_LIVE);
    td_market_restore(&market);
    run(20 * TD_SEC);
    assert_int_equal(holding(TD_FOR_DEPTH), 4); /* what was learnt stays */
    assert_int_equal(holding(TD_FOR_QUOTES), 4);
}

static void a_refused_part_leaves_the_line(void **state)
{
    (void)state;
    begin(&plain, 1, ALL_WANTS | TD_WANT_TICKS);
    seconds(3, 0);
    script_error(id_of(0, TD_FOR_DEPTH), 10092);
    script_error(id_of(0, TD_FOR_TICKS), 10189);
    seconds(3, 0);
    assert_int_equal(market.lines[0].state, TD_LINE_LIVE);
    assert_int_equal(market.lines[0].subs[TD_FOR_DEPTH].state, TD_SUB_REFUSED);
    assert_int_equal(market.lines[0].subs[TD_FOR_QUOTES].state, TD_SUB_LIVE);
    td_market_restore(&market);
    seconds(20, 0);
    assert_int_equal(script_asked(TD_TWS_REQ_MKT_DEPTH), 1); /* not asked for again */
}

static void ticks_are_trades_of_their_own(void **state)
{
    (void)state;
    struct td_tws_msg msg;
    begin(&plain, 1, TD_WANT_QUOTES | TD_WANT_TICKS);
    td_tws_msg_init(&msg, TD_TWS_TICK_BY_TICK);
    msg.tick_by_tick.req_id = id_of(0, TD_FOR_TICKS);
    msg.tick_by_tick.type = 2;
    msg.tick_by_tick.time_s = OPEN_TIME / TD_SEC;
    msg.tick_by_tick.price = TD_PX(101);
    msg.tick_by_tick.size = TD_QTY(5);
    msg.tick_by_tick.exchange = td_str_of("ARCA");
    script_send(&msg);
    run(50 * TD_MS);
    assert_int_equal(trades, 1);
    assert_true(market.lines[0].last.e9 == 101 * TD_E9);
    send_quote(id_of(0, TD_FOR_QUOTES), 4, 10200); /* the same trade, conflated */
    run(50 * TD_MS);
    assert_int_equal(trades, 1);
}

int main(void)
{
#define ROW(name) cmocka_unit_test_teardown(name, end)
    const struct CMUnitTest tests[] = {
        ROW(a_thousand_lines_come_back_within_the_pace),
        ROW(error_100_slows_all_of_it),
        ROW(silence_is_noticed_within_thirty_seconds),
        ROW(a_corrupt_row_is_noticed_with_its_message),
        ROW(a_mute_line_is_asked_for_and_then_told),
        ROW(silence_means_nothing_when_nobody_trades),
        ROW(a_lost_broker_makes_all_stale_and_asks_nothing),
        ROW(errors_that_end_bars_ask_again),
        ROW(depth_lines_take_turns),
        ROW(the_broker_may_allow_less),
        ROW(a_refused_part_leaves_the_line),
        ROW(ticks_are_trades_of_their_own),
    };
    return cmocka_run_group_tests_name("desk/lines", tests, NULL, NULL);
}
