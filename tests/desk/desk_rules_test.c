/* tests/desk/desk_rules_test.c - the client's side of the conformance list: limits told apart, a connection lost at any
 * stage, remarks that end nothing, cancels of what is over, raw depth before its consequences, times of bars (14, 16, 21,
 * 22, 23, 25). A link, a market and a fetch against a scripted gateway in the simulated world.
 */
#include "support/support.h"

#include <stdio.h>
#include <string.h>

#include "desk/codes.h"
#include "desk/fetch.h"
#include "desk/market.h"
#include "desk/script_gateway.h"
#include "desk/verdict.h"
#include "desk/zone.h"

#define SCRIPT_PORT 4002

static struct td_simworld *sim;
static struct td_world client_world;
static struct td_link link;
static struct td_market market;
static struct td_log log_counts;
static struct td_tws_event closed; /* the last CLOSED */
static char closed_text[200];
static int closings, warnings;
static struct td_event seen[64];
static size_t seen_count;

static void see(void *arg, uint32_t index, const struct td_event *event, bool warmup)
{
    (void)arg, (void)index, (void)warmup;
    if (seen_count < TD_COUNT(seen))
        seen[seen_count++] = *event;
}

static void count_line(void *sink, enum td_log_level level, enum td_log_channel channel,
                       struct td_str line)
{
    (void)sink, (void)channel, (void)line;
    warnings += level >= TD_LOG_WARN;
}

static td_ns log_clock(void *clock)
{
    (void)clock;
    return 0;
}

static td_ns now(void)
{
    return td_world_mono(&client_world);
}

static void run(td_ns span)
{
    const td_ns until = now() + span;
    while (now() < until) {
        struct td_wake wake;
        struct td_tws_event ev;
        const td_ns times[] = {until, td_market_deadline(&market), td_link_deadline(&link)};
        td_ns first = until;
        for (size_t i = 0; i < TD_COUNT(times); i++)
            first = times[i] < first ? times[i] : first;
        td_world_wait(&client_world, first, &wake);
        (void)td_link_wake(&link, &wake);
        td_link_tick(&link);
        while (td_link_next(&link, &ev)) {
            if (ev.kind == TD_TWS_EV_READY)
                td_market_ready(&market);
            if (ev.kind == TD_TWS_EV_MESSAGE)
                (void)td_market_take(&market, &ev.msg);
            if (ev.kind != TD_TWS_EV_CLOSED)
                continue;
            td_market_lost(&market);
            closed = ev;
            closings++;
            (void)snprintf(closed_text, sizeof closed_text, "%s", ev.text);
        }
        td_market_turn(&market);
        td_link_flush(&link);
    }
}

static void dial(void)
{
    const struct td_link_config config = {.host = "127.0.0.1",
                                          .port = SCRIPT_PORT,
                                          .client_id = 5,
                                          .dial_ns = TD_SEC,
                                          .hello_ns = 2 * TD_SEC,
                                          .ready_ns = 3 * TD_SEC};
    td_link_dial(&link, &config);
    run(100 * TD_MS);
}

static void install_zone(const char *name)
{
    char path[80];
    size_t len = 0;
    (void)snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", name);
    char *bytes = td_test_slurp(path, &len);
    assert_non_null(bytes);
    *strrchr(path, '/') = '\0';
    TD_OK_OR_FAIL(td_folder_make(&client_world, path));
    (void)snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", name);
    TD_OK_OR_FAIL(td_file_replace(&client_world, path, (struct td_str){bytes, len}, NULL));
    free(bytes);
}

static int begin(void **state)
{
    const struct td_market_config config = {
        .depth_rows = 5, .bar_size = "1 min", .bar_history = "1 D", .bar_span = TD_MIN};
    const struct td_simworld_options options = {
        .seed = 3, .latency_min = TD_MS, .latency_max = 2 * TD_MS};
    uint32_t index, host;
    (void)state;
    closings = warnings = 0;
    seen_count = 0;
    log_counts = (struct td_log){.level = TD_LOG_DEBUG, .write = count_line, .now = log_clock};
    TD_OK_OR_FAIL(td_simworld_open(&sim, &options, NULL));
    TD_OK_OR_FAIL(td_simworld_attach(sim, "desk", &host, &client_world, NULL));
    install_zone("America/New_York");
    install_zone("US/Eastern");
    install_zone("Europe/London");
    script_attach(sim, SCRIPT_PORT);
    TD_OK_OR_FAIL(td_link_open(&link, &client_world, NULL));
    TD_OK_OR_FAIL(td_market_init(&market, &config, &link, &log_counts, see, NULL, NULL));
    TD_OK_OR_FAIL(
        td_market_add(&market, "SPY", TD_WANT_DEPTH | TD_WANT_QUOTES | TD_WANT_BARS, &index, NULL));
    return 0;
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

static int32_t id_of(enum td_purpose purpose)
{
    return market.lines[0].subs[purpose].id;
}

static enum td_err fetch(struct td_bar_rows *rows, struct td_fail *why)
{
    struct td_fetch f;
    struct td_tz zone;
    td_tz_utc(&zone);
    const struct td_fetch_request request = {
        .bar_size = "1 min", .duration = "60 S", .end = "", .span = TD_MIN, .zone = &zone};
    const struct td_connection_config config = {.link = &link,
                                                .market = &market,
                                                .client_id = link.config.client_id,
                                                .ids = 1,
                                                .restart_minute = -1,
                                                .reauth_minute = -1};
    td_fetch_init(&f, &config);
    return td_fetch_bars(&f, &request, rows, why);
}

/* --- 14 --- */

static void three_limits_are_told_apart(void **state)
{
    (void)state;
    struct td_bar_rows rows = {0};
    struct td_fail why = {0};
    td_simworld_turn(sim, script.host, NULL, NULL); /* accepts, and never reads */
    const td_ns first = now();
    dial();
    run(10 * TD_SEC);
    assert_int_equal(closings, 1);
    assert_int_equal(closed.err, TD_EMUTE);
    assert_string_equal(closed_text, "no hello from the gateway within 2000 ms");
    assert_int_equal(link.tws.server_version, 0);
    assert_int_equal(td_probe_verdict_of(closed.err, false, false), TD_PROBE_MUTE);
    assert_true(now() - first >= 2 * TD_SEC);
    td_simworld_turn(sim, script.host, script_turn, NULL);
    script.no_ids = true;
    dial();
    assert_int_equal(closings, 1);
    run(10 * TD_SEC);
    assert_int_equal(closings, 2);
    assert_int_equal(closed.err, TD_EMUTE);
    assert_string_equal(closed_text, "no nextValidId after startApi within 3000 ms");
    assert_int_equal(td_probe_verdict_of(closed.err, link.tws.server_version > 0, false),
                     TD_PROBE_HALF_ARMED);
    script.no_ids = false;
    dial();
    run(TD_SEC);
    assert_true(td_link_ready(&link));
    const td_ns asked = now(); /* the time is answered, history is not */
    assert_int_equal(fetch(&rows, &why), TD_ETIMEOUT);
    assert_string_equal(why.text, "no answer to a history request of SPY within 60 s");
    assert_in_range(now() - asked, 60 * TD_SEC, 62 * TD_SEC);
    assert_true(td_link_ready(&link)); /* the session is not blamed for it */
    assert_true(script_asked(TD_TWS_REQ_MKT_DATA) >= 1);
    td_bar_rows_free(&rows);
}

/* --- 16 --- */

static td_ns cut_at;

/* The script's machine: cuts the connection once its time has come. */
static td_ns cutting_turn(void *arg)
{
    (void)script_turn(arg);
    if (!cut_at || td_world_mono(&script.world) < cut_at)
        return cut_at ? cut_at : TD_NS_NEVER;
    cut_at = 0;
    td_world_hangup(&script.world, script.conn, true);
    script.conn.id = 0;
    script.serves = true;
    return TD_NS_NEVER;
}

static void an_end_at_any_stage_fails_everything(void **state)
{
    (void)state;
    struct td_bar_rows rows = {0};
    struct td_fail why = {0};
    const struct td_tws_msg ask = {.kind = TD_TWS_REQ_CURRENT_TIME};
    td_simworld_turn(sim, script.host, cutting_turn, NULL);
    script.no_ids = true; /* the hello was told, ids not */
    dial();
    assert_int_equal(link.tws.state, TD_TWS_START);
    td_simworld_sever(sim, script.host);
    run(TD_SEC);
    assert_int_equal(closings, 1);
    assert_int_equal(closed.err, TD_ECLOSED);
    assert_int_equal(td_link_send(&link, &ask), TD_ECLOSED);
    script.no_ids = false;
    dial();
    run(TD_SEC);
    assert_int_equal(market.lines[0].state, TD_LINE_LIVE);
    const int32_t old = id_of(TD_FOR_QUOTES);
    const int requests = script_asked(TD_TWS_REQ_HISTORICAL_DATA);
    cut_at = now() + 5 * TD_SEC; /* a request waits for its answer */
    const td_ns asked = now();
    TD_OK_OR_FAIL(fetch(&rows, &why)); /* not waited for until 60 s, but asked again by the pace */
    assert_in_range(now() - asked, 15 * TD_SEC, 17 * TD_SEC);
    assert_in_range(script_asked(TD_TWS_REQ_HISTORICAL_DATA) - requests, 2,
                    3); /* and the live bars */
    run(TD_SEC);
    assert_true(id_of(TD_FOR_QUOTES) > old);
    td_simworld_sever(sim, script.host);
    run(TD_SEC);
    td_market_lost(&market);
    for (int p = 0; p < TD_PURPOSES; p++)
        assert_int_equal(market.lines[0].subs[p].id, 0);
    assert_int_equal(market.lines[0].state, TD_LINE_IDLE);
    assert_int_equal(td_link_send(&link, &ask), TD_ECLOSED);
    dial();
    run(TD_SEC);
    assert_true(id_of(TD_FOR_QUOTES) > old); /* ids are never used twice */
    td_bar_rows_free(&rows);
}

/* --- 23 --- */

static const int32_t living[] = {105, 165,  317,   329,   399,   404,  434,
                                 492, 2174, 10089, 10090, 10091, 10167};

static void remarks_end_no_subscription(void **state)
{
    (void)state;
    dial();
    run(TD_SEC);
    for (int p = 0; p <= TD_FOR_BARS; p++) {
        const enum td_purpose purpose = (enum td_purpose)p;
        const int32_t id = id_of(purpose);
        if (!id)
            continue;
        const uint32_t asked = script.count;
        for (size_t i = 0; i < TD_COUNT(living); i++)
            script_error(id, living[i]);
        for (int32_t code = 2100; code < 2170; code++)
            script_error(id, code);
        run(TD_SEC);
        assert_int_equal(id_of(purpose), id);
        assert_int_equal(market.lines[0].state, TD_LINE_LIVE);
        assert_int_not_equal(market.lines[0].subs[purpose].state, TD_SUB_REFUSED);
        assert_int_equal(script.count, asked); /* nothing was asked for again */
    }
    script_error(id_of(TD_FOR_QUOTES), 354); /* but an error does */
    run(TD_SEC);
    assert_int_equal(market.lines[0].state, TD_LINE_REFUSED);
}

static void remarks_end_no_history_request(void **state)
{
    (void)state;
    struct td_fail why = {0};
    dial();
    run(TD_SEC);
    script.serves = true;
    for (size_t i = 0; i <= TD_COUNT(living); i++) {
        struct td_bar_rows rows = {0};
        script.warn = i < TD_COUNT(living) ? living[i] : 2106;
        assert_int_equal(fetch(&rows, &why), TD_OK);
        td_bar_rows_free(&rows);
        run(20 * TD_SEC);
    }
    struct td_bar_rows rows = {0};
    script.warn = 200;
    assert_int_equal(fetch(&rows, &why), TD_EUNSUP);
    td_bar_rows_free(&rows);
}

static void the_rule_of_codes(void **state)
{
    (void)state;
    static const int32_t ends[] = {102, 103, 110, 162, 200, 201, 300, 321, 354, 366, 10092, 99999};
    static const int32_t not_ours[] = {1100, 1101, 1102, 1300, 2110};
    for (size_t i = 0; i < TD_COUNT(living); i++)
        assert_false(td_code_ends(living[i]));
    for (int32_t code = 2100; code < 2170; code++)
        assert_false(td_code_ends(code));
    for (size_t i = 0; i < TD_COUNT(not_ours); i++)
        assert_false(td_code_ends(not_ours[i]));
    for (size_t i = 0; i < TD_COUNT(ends); i++)
        assert_true(td_code_ends(ends[i]));
}

/* --- 25 --- */

/* What was cancelled is not there any more: the gateway's complaint about it changes nothing and warns nobody. */
static void cancels_of_what_is_over_are_silent(void **state)
{
    (void)state;
    static const int32_t codes[] = {300, 310, 366, 162};
    dial();
    run(TD_SEC);
    const int32_t old[] = {id_of(TD_FOR_QUOTES), id_of(TD_FOR_DEPTH), id_of(TD_FOR_BARS)};
    td_market_restore(&market); /* new ids for all */
    run(20 * TD_SEC);
    const uint32_t asked = script.count;
    warnings = 0;
    for (size_t i = 0; i < TD_COUNT(old); i++)
        for (size_t c = 0; c < TD_COUNT(codes); c++)
            script_error(old[i], codes[c]);
    script_error(id_of(TD_FOR_QUOTES), 300); /* nor about what lives */
    script_error(id_of(TD_FOR_DEPTH), 310);
    run(20 * TD_SEC);
    assert_int_equal(warnings, 0);
    assert_int_equal(script.count, asked);
    assert_int_equal(market.lines[0].state, TD_LINE_LIVE);
    for (size_t i = 0; i < TD_COUNT(old); i++)
        assert_true(market.lines[0].subs[i].id != old[i]);
}

/* --- 21 --- */

/* A row past the end is recorded as it came, before the gap and the reset it leads to; so are codes that are none. */
static void raw_depth_stands_before_its_consequences(void **state)
{
    (void)state;
    static const struct {
        int32_t row, op, side;
    } bad[] = {{4, 0, 1}, {-1, 1, 0}, {1000000, 2, 1}};
    dial();
    run(TD_SEC);
    for (size_t i = 0; i < TD_COUNT(bad); i++) {
        struct td_tws_msg msg;
        td_tws_msg_init(&msg, TD_TWS_MARKET_DEPTH_L2);
        msg.depth = (struct td_tws_depth){.req_id = id_of(TD_FOR_DEPTH),
                                          .row = bad[i].row,
                                          .op = bad[i].op,
                                          .side = bad[i].side,
                                          .px = TD_PX(100),
                                          .qty = TD_QTY(3),
                                          .maker = td_str_of("ARCA"),
                                          .smart = true};
        assert_true(msg.depth.req_id != 0);
        seen_count = 0;
        script_send(&msg);
        run(2 * TD_SEC);
        assert_true(seen_count >= 3);
        assert_int_equal(seen[0].kind, TD_EV_DEPTH);
        assert_int_equal(seen[0].depth.row, bad[i].row);
        assert_int_equal(seen[0].depth.op, bad[i].op);
        assert_int_equal(seen[0].depth.side, bad[i].side);
        assert_string_equal(seen[0].depth.maker, "ARCA");
        int gaps = 0, resets = 0;
        for (size_t k = 1; k < seen_count; k++) {
            gaps += seen[k].kind == TD_EV_GAP;
            resets += seen[k].kind == TD_EV_DEPTH_RESET;
        }
        assert_true(gaps == 1 && resets >= 1);
        assert_int_equal(market.lines[0].state, TD_LINE_LIVE); /* flagged, not fatal */
        assert_true(td_link_ready(&link));
        run(TD_MIN); /* asked for again by now */
    }
}

/* --- 22 --- */

static void bar_times_pass_both_changes_of_the_clock(void **state)
{
    (void)state;
    static const struct {
        const char *zone, *text, *utc;
    } rows[] = {
        {"US/Eastern", "20250309 01:59:59 US/Eastern", "2025-03-09T06:59:59Z"},
        {"US/Eastern", "20250309 03:00:00 US/Eastern", "2025-03-09T07:00:00Z"},
        {"US/Eastern", "20250309 02:30:00 US/Eastern", "2025-03-09T07:30:00Z"}, /* is not */
        {"US/Eastern", "20251102 00:59:59 America/New_York", "2025-11-02T04:59:59Z"},
        {"US/Eastern", "20251102 01:30:00 US/Eastern", "2025-11-02T05:30:00Z"}, /* the earlier */
        {"America/New_York", "20251102 02:00:00 US/Eastern", "2025-11-02T07:00:00Z"},
        {"Europe/London", "20250330 00:59:59 Europe/London", "2025-03-30T00:59:59Z"},
        {"Europe/London", "20250330 02:00:00 Europe/London", "2025-03-30T01:00:00Z"},
        {"Europe/London", "20251026 00:59:59 GB", "2025-10-25T23:59:59Z"},
        {"Europe/London", "20251026 01:30:00 Europe/London", "2025-10-26T00:30:00Z"},
        {"Europe/London", "20251026 02:00:00 Europe/London", "2025-10-26T02:00:00Z"},
        {"US/Eastern", "20250309 01:59:59", "2025-03-09T06:59:59Z"},
        {"US/Eastern", "20250309  03:00:00", "2025-03-09T07:00:00Z"}, /* two spaces, below 174 */
        {"US/Eastern", "20250309 07:00:00 UTC", "2025-03-09T07:00:00Z"},
        {"US/Eastern", "1741503600", "2025-03-09T07:00:00Z"},
        {"US/Eastern", "20250309", "2025-03-09T05:00:00Z"},
    };
    static const char *const unknown[] = {"20250309 03:00:00 US/Central",
                                          "20250309 03:00:00 Central Standard Time",
                                          "20250309 03:00:00US/Eastern", "20250309 03:00:00 EST5"};
    td_ns at = 0, wanted = 0;
    struct td_tz zone;
    for (size_t i = 0; i < TD_COUNT(rows); i++) {
        TD_OK_OR_FAIL(td_zone_load(&client_world, rows[i].zone, &zone, NULL));
        TD_OK_OR_FAIL(td_iso_parse(rows[i].utc, strlen(rows[i].utc), &wanted));
        if (td_bar_time_parse(td_str_of(rows[i].text), &zone, &at) != TD_OK || at != wanted)
            fail_msg("%s is off by %lld s", rows[i].text, (long long)((at - wanted) / TD_SEC));
    }
    TD_OK_OR_FAIL(td_zone_load(&client_world, "US/Eastern", &zone, NULL));
    for (size_t i = 0; i < TD_COUNT(unknown); i++) {
        assert_int_equal(td_bar_time_parse(td_str_of(unknown[i]), &zone, &at), TD_EPARSE);
        assert_int_equal(td_bar_time_parse(td_str_of(unknown[i]), NULL, &at), TD_EPARSE);
    }
}

/* A bar that names its zone is at that zone's instant, and one in a zone nobody knows is left out. */
static void live_bars_may_name_their_zone(void **state)
{
    (void)state;
    static const struct {
        const char *date, *utc; /* NULL: no bar */
    } rows[] = {{"20251121 09:30:00 US/Eastern", "2025-11-21T14:30:00Z"},
                {"20251121 14:31:00 Europe/London", "2025-11-21T14:31:00Z"},
                {"20251121 08:32:00 Central Standard Time", NULL},
                {"1763735580", "2025-11-21T14:33:00Z"},
                {"1763735640", "2025-11-21T14:34:00Z"}};
    size_t n = 0;
    dial();
    run(TD_SEC);
    seen_count = 0;
    for (size_t i = 0; i < TD_COUNT(rows); i++) {
        struct td_tws_msg msg;
        td_tws_msg_init(&msg, TD_TWS_HISTORICAL_DATA_UPDATE);
        msg.historical_update.req_id = id_of(TD_FOR_BARS);
        msg.historical_update.bar = (struct td_tws_bar){.date = td_str_of(rows[i].date),
                                                        .open = TD_PX(100),
                                                        .high = TD_PX(100),
                                                        .low = TD_PX(100),
                                                        .close = TD_PX(100),
                                                        .volume = TD_QTY(1)};
        script_send(&msg);
        run(100 * TD_MS);
    }
    for (size_t i = 0; i + 1 < TD_COUNT(rows); i++) {
        td_ns wanted = 0;
        if (!rows[i].utc)
            continue;
        TD_OK_OR_FAIL(td_iso_parse(rows[i].utc, strlen(rows[i].utc), &wanted));
        assert_true(n < seen_count);
        assert_int_equal(seen[n].kind, TD_EV_BAR);
        assert_int_equal(seen[n++].venue_ns, wanted);
    }
    assert_int_equal(seen_count, n);
}

static void request_times_are_utc(void **state)
{
    (void)state;
    static const struct {
        const char *utc, *text;
    } rows[] = {{"2025-03-09T06:59:59Z", "20250309-06:59:59"},
                {"2025-03-09T07:00:00Z", "20250309-07:00:00"},
                {"2025-11-02T05:30:00Z", "20251102-05:30:00"},
                {"2025-10-26T01:00:00Z", "20251026-01:00:00"},
                {"2025-12-31T23:59:59Z", "20251231-23:59:59"}};
    for (size_t i = 0; i < TD_COUNT(rows); i++) {
        char text[40];
        struct td_text t;
        td_ns at = 0;
        td_text_init(&t, text, sizeof text);
        TD_OK_OR_FAIL(td_iso_parse(rows[i].utc, strlen(rows[i].utc), &at));
        td_request_time(at, &t);
        assert_string_equal(text, rows[i].text);
    }
}

int main(void)
{
#define ROW(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        ROW(three_limits_are_told_apart),
        ROW(an_end_at_any_stage_fails_everything),
        ROW(remarks_end_no_subscription),
        ROW(remarks_end_no_history_request),
        cmocka_unit_test(the_rule_of_codes),
        ROW(cancels_of_what_is_over_are_silent),
        ROW(raw_depth_stands_before_its_consequences),
        ROW(bar_times_pass_both_changes_of_the_clock),
        ROW(live_bars_may_name_their_zone),
        cmocka_unit_test(request_times_are_utc),
    };
    return cmocka_run_group_tests_name("desk/desk_rules", tests, NULL, NULL);
}
