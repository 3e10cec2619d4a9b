/* tests/desk/connectivity_test.c - connectivity notices, alerts, start-up checklist, heartbeat and clocks: the pure
 * parts of a connection that can be left alone, with time as an argument. */
#include "support/support.h"

#include <stdio.h>
#include <string.h>

#include "desk/alert.h"
#include "desk/checklist.h"
#include "desk/connectivity.h"
#include "desk/pulse.h"

static struct td_connectivity conn;

static uint32_t notice(int32_t code, const char *text, td_ns now)
{
    return td_connectivity_take(&conn, code, td_str_of(text), now);
}

static void a_flood_is_one_change(void **state)
{
    (void)state;
    td_connectivity_reset(&conn, 0);
    int told = 0;
    for (int i = 0; i < 6000; i++) /* ten a second for ten minutes */
        told += (notice(1100, "lost", i * 100 * TD_MS) & TD_CONN_TELL) != 0;
    assert_int_equal(told, 1);
    assert_int_equal(conn.outages, 1);
    assert_int_equal(conn.broker, TD_CONN_LOST);
    const uint32_t back = notice(1102, "back", 601 * TD_SEC);
    assert_int_equal(back, TD_CONN_TELL | TD_CONN_VERIFY | TD_CONN_BARS | TD_CONN_SYNC);
    assert_int_equal(notice(1102, "back", 602 * TD_SEC), 0);
    assert_int_equal(conn.repeats, 6000);
    print_message("6000 notices in 600 s: 1 line, 1 state change\n");
    assert_true(notice(1101, "back, data lost", 603 * TD_SEC) & TD_CONN_RESUBSCRIBE);
    assert_true(notice(2110, "broken", 604 * TD_SEC) & TD_CONN_CLOSE);
    assert_int_equal(notice(1100, "lost", 605 * TD_SEC), 0); /* lost already */
    assert_int_equal(notice(99999, "?", 606 * TD_SEC), 0);
}

static void a_long_outage_stops_the_session_once(void **state)
{
    (void)state;
    td_connectivity_reset(&conn, 0);
    (void)notice(1100, "lost", 0);
    assert_int_equal(td_connectivity_tick(&conn, 299 * TD_SEC, false), 0);
    assert_true(td_connectivity_tick(&conn, 300 * TD_SEC, false) & TD_CONN_STOP);
    assert_int_equal(td_connectivity_tick(&conn, 301 * TD_SEC, false), 0);
    (void)notice(1102, "back", 302 * TD_SEC);
    (void)notice(1100, "lost", 400 * TD_SEC); /* in a window: counted from its end */
    for (td_ns t = 400; t <= 4000; t++)
        assert_int_equal(td_connectivity_tick(&conn, t * TD_SEC, true), 0);
    assert_int_equal(td_connectivity_tick(&conn, 4299 * TD_SEC, false), 0);
    assert_true(td_connectivity_tick(&conn, 4300 * TD_SEC, false) & TD_CONN_STOP);
}

static void farms_are_known_by_name(void **state)
{
    (void)state;
    td_connectivity_reset(&conn, 0);
    assert_int_equal(notice(2104, "Market data farm connection is OK:usfarm", 0), 0);
    assert_int_equal(notice(2103, "Market data farm connection is broken:usfarm", TD_SEC),
                     TD_CONN_TELL);
    assert_int_equal(notice(2103, "Market data farm connection is broken:usfarm", TD_SEC), 0);
    assert_int_equal(td_connectivity_broken(&conn, TD_FARM_MARKET), 1);
    assert_int_equal(notice(2104, "Market data farm connection is OK:cashfarm", 2 * TD_SEC), 0);
    assert_int_equal(notice(2119, "Market data farm is connecting:usfarm", 3 * TD_SEC), 0);
    assert_true(notice(2104, "Market data farm connection is OK:usfarm", 4 * TD_SEC) &
                TD_CONN_VERIFY); /* the flap of three seconds */
    assert_int_equal(td_connectivity_broken(&conn, TD_FARM_MARKET), 0);
    assert_true(notice(2108, "inactive:usfarm", 5 * TD_SEC) & TD_CONN_VERIFY);
    assert_int_equal(notice(2107, "inactive:ushmds", 5 * TD_SEC), 0);
    (void)notice(2105, "HMDS data farm connection is broken:ushmds", 6 * TD_SEC);
    assert_int_equal(td_connectivity_tick(&conn, 305 * TD_SEC, false), 0);
    assert_true(td_connectivity_tick(&conn, 306 * TD_SEC, false) & TD_CONN_ALERT);
    assert_int_equal(td_connectivity_tick(&conn, 307 * TD_SEC, false), 0);
    assert_string_equal(td_connectivity_long_broken(&conn, 307 * TD_SEC)->name, "ushmds");
    assert_true(notice(2106, "HMDS data farm connection is OK:ushmds", 308 * TD_SEC) &
                TD_CONN_BARS);
    assert_null(td_connectivity_long_broken(&conn, 400 * TD_SEC));
}

static void more_farms_than_rows_are_harmless(void **state)
{
    (void)state;
    char text[200];
    td_connectivity_reset(&conn, 0);
    for (int i = 0; i < 100; i++) {
        memset(text, 'x', sizeof text);
        (void)snprintf(text, sizeof text, "broken:farm%d-%0150d", i, i);
        assert_int_equal(notice(2103, text, TD_SEC), TD_CONN_TELL);
    }
    assert_int_equal(conn.farm_count, TD_CONN_FARMS);
    assert_int_equal(notice(2103, "", TD_SEC), TD_CONN_TELL);
}

static void an_eviction_is_told_once_until_data_comes(void **state)
{
    (void)state;
    td_connectivity_reset(&conn, 0);
    assert_int_equal(notice(10197, "competing", TD_SEC), TD_CONN_TELL | TD_CONN_ALERT);
    for (int i = 0; i < 100; i++)
        assert_int_equal(notice(10197, "competing", 2 * TD_SEC), 0);
    td_connectivity_data(&conn);
    assert_true(notice(10197, "competing", 3 * TD_SEC) & TD_CONN_ALERT);
}

/* --- alerts --- */

static uint32_t lines;

static void count_line(void *sink, enum td_log_level level, enum td_log_channel channel,
                       struct td_str line)
{
    (void)sink;
    (void)channel;
    lines += level == TD_LOG_ERROR && strstr(line.p, "alert") != NULL;
}

static td_ns no_clock(void *clock)
{
    (void)clock;
    return 0;
}

static void an_alert_is_told_and_reminded_of(void **state)
{
    (void)state;
    struct td_log log = {.level = TD_LOG_INFO, .write = count_line, .now = no_clock};
    struct td_alerts alerts;
    td_alerts_init(&alerts, &log);
    lines = 0;
    for (int s = 0; s < 3600; s++) { /* an hour of a retry every second */
        const struct td_alert_at at = {s * TD_SEC, TD_DAY + s * TD_SEC, (uint32_t)s, 0};
        td_alert_raise(&alerts, TD_ALERT_COMPETING, &at, "try %d", s);
    }
    assert_int_equal(lines, 4); /* at once, then every quarter of an hour */
    const struct td_alert *a = &alerts.rows[TD_ALERT_COMPETING];
    assert_true(a->active && a->since == TD_DAY && a->tries == 3599);
    assert_string_equal(a->text, "try 3599");
    td_alert_clear(&alerts, TD_ALERT_COMPETING);
    assert_int_equal(td_alerts_active(&alerts), 0);
    const struct td_alert_at again = {3601 * TD_SEC, TD_DAY, 1, 0};
    td_alert_raise(&alerts, TD_ALERT_COMPETING, &again, "comes and goes");
    assert_int_equal(lines, 5); /* 15 minutes after the fourth */
    td_alert_clear(&alerts, TD_ALERT_COMPETING);
    td_alert_raise(&alerts, TD_ALERT_COMPETING, &again, "comes and goes");
    assert_int_equal(lines, 5);
    assert_int_equal(a->raised, 3);
    for (int k = 0; k < TD_ALERT_COUNT; k++) {
        assert_true(strlen(td_alert_action((enum td_alert_kind)k)) > 20);
        assert_true(td_alert_pause((enum td_alert_kind)k) >= 900 * TD_SEC);
    }
}

/* --- checklist --- */

static void nothing_opens_before_all_is_confirmed(void **state)
{
    (void)state;
    struct td_checklist c = {0};
    int closed = 0;
    for (int missing = 0; missing < TD_CHECK_COUNT; missing++) {
        td_checklist_begin(&c);
        for (int i = 0; i < TD_CHECK_COUNT; i++)
            if (i != missing)
                td_checklist_set(&c, (enum td_check)i, true);
        closed += !td_checklist_open(&c);
        td_checklist_set(&c, (enum td_check)missing, false);
        closed += !td_checklist_open(&c);
        td_checklist_set(&c, (enum td_check)missing, true);
        assert_true(td_checklist_open(&c));
    }
    assert_int_equal(closed, 2 * TD_CHECK_COUNT);
    print_message("%d items, closed with any of them missing or failed\n", TD_CHECK_COUNT);
}

static void items_are_late_waived_and_told(void **state)
{
    (void)state;
    struct td_checklist c = {0};
    char text[200];
    struct td_text t;
    td_checklist_begin(&c);
    assert_false(td_checklist_late(&c, TD_CHECK_EXECUTIONS, TD_HOUR)); /* not asked */
    td_checklist_ask(&c, TD_CHECK_EXECUTIONS, 5 * TD_SEC);
    assert_false(td_checklist_late(&c, TD_CHECK_EXECUTIONS, 25 * TD_SEC - 1));
    assert_true(td_checklist_late(&c, TD_CHECK_EXECUTIONS, 25 * TD_SEC));
    assert_false(td_checklist_late(&c, TD_CHECK_POSITIONS, 25 * TD_SEC));
    for (int i = 0; i < TD_CHECK_COUNT; i++)
        if (i != TD_CHECK_QUOTES && i != TD_CHECK_COMPLETED)
            td_checklist_set(&c, (enum td_check)i, true);
    td_text_init(&t, text, sizeof text);
    td_checklist_missing(&c, &t);
    assert_string_equal(text, "completed-orders, quotes");
    TD_OK_OR_FAIL(td_checklist_waive(&c, td_str_of(" quotes , completed-orders,"), NULL));
    assert_true(td_checklist_open(&c));
    assert_int_equal(td_checklist_waive(&c, td_str_of("positions"), NULL), TD_EINVAL);
    assert_int_equal(td_checklist_waive(&c, td_str_of("bananas"), NULL), TD_EINVAL);
    td_checklist_begin(&c);
    assert_true(td_checklist_ok(&c, TD_CHECK_QUOTES));
    assert_false(td_checklist_ok(&c, TD_CHECK_POSITIONS));
}

/* --- heartbeat and clocks --- */

static void two_misses_drop_the_socket(void **state)
{
    (void)state;
    struct td_heartbeat h = {0};
    assert_int_equal(td_heartbeat_tick(&h, 0, 15 * TD_SEC - 1, false), TD_BEAT_NONE);
    assert_true(td_heartbeat_deadline(&h, 0) == 15 * TD_SEC);
    assert_int_equal(td_heartbeat_tick(&h, 0, 15 * TD_SEC, false), TD_BEAT_ASK);
    assert_int_equal(td_heartbeat_tick(&h, 0, 25 * TD_SEC - 1, false), TD_BEAT_NONE);
    assert_int_equal(td_heartbeat_tick(&h, 0, 25 * TD_SEC, false), TD_BEAT_DEGRADED);
    assert_int_equal(td_heartbeat_tick(&h, 0, 35 * TD_SEC, false), TD_BEAT_DROP);
    td_heartbeat_reset(&h);
    assert_int_equal(td_heartbeat_tick(&h, 0, 15 * TD_SEC, false), TD_BEAT_ASK);
    assert_int_equal(td_heartbeat_tick(&h, 16 * TD_SEC, 17 * TD_SEC, false), TD_BEAT_NONE);
    assert_int_equal(td_heartbeat_tick(&h, 16 * TD_SEC, 31 * TD_SEC, false), TD_BEAT_ASK);
    assert_int_equal(td_heartbeat_tick(&h, 16 * TD_SEC, 41 * TD_SEC, false), TD_BEAT_DEGRADED);
    assert_int_equal(td_heartbeat_tick(&h, 42 * TD_SEC, 42 * TD_SEC, false), TD_BEAT_HEALED);
    assert_int_equal(td_heartbeat_tick(&h, 42 * TD_SEC, TD_HOUR, true), TD_BEAT_NONE); /* window */
    assert_int_equal(h.drops, 1);
}

static void jumps_and_stops_are_seen(void **state)
{
    (void)state;
    struct td_turnwatch w = {0};
    assert_int_equal(td_turnwatch_turn(&w, TD_DAY, TD_SEC, TD_SEC), TD_TURN_FINE);
    td_ns wall = TD_DAY, mono = TD_SEC;
    for (int i = 0; i < 1000; i++) { /* a clock that is slewed by a thousandth */
        mono += TD_SEC;
        wall += TD_SEC + TD_MS;
        assert_int_equal(td_turnwatch_turn(&w, wall, mono, mono), TD_TURN_FINE);
    }
    static const td_ns steps[] = {TD_HOUR, -TD_HOUR, 3 * TD_SEC, -3 * TD_SEC};
    for (size_t i = 0; i < TD_COUNT(steps); i++) {
        mono += TD_SEC;
        wall += TD_SEC + steps[i];
        assert_int_equal(td_turnwatch_turn(&w, wall, mono, mono), TD_TURN_JUMPED);
        assert_true(w.jumped_by == steps[i]);
    }
    mono += 60 * TD_SEC;
    wall += 60 * TD_SEC;
    assert_int_equal(td_turnwatch_turn(&w, wall, mono, mono - 59 * TD_SEC), TD_TURN_STOPPED);
    mono += TD_SEC; /* a suspended machine: the monotonic clock stood still */
    wall += TD_HOUR;
    assert_int_equal(td_turnwatch_turn(&w, wall, mono, mono), TD_TURN_JUMPED);
    assert_int_equal(td_turnwatch_turn(&w, wall + TD_SEC, mono + TD_SEC, TD_NS_NEVER),
                     TD_TURN_FINE);
    assert_int_equal(w.jumps, 5);
    assert_int_equal(w.stops, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_flood_is_one_change),
        cmocka_unit_test(a_long_outage_stops_the_session_once),
        cmocka_unit_test(farms_are_known_by_name),
        cmocka_unit_test(more_farms_than_rows_are_harmless),
        cmocka_unit_test(an_eviction_is_told_once_until_data_comes),
        cmocka_unit_test(an_alert_is_told_and_reminded_of),
        cmocka_unit_test(nothing_opens_before_all_is_confirmed),
        cmocka_unit_test(items_are_late_waived_and_told),
        cmocka_unit_test(two_misses_drop_the_socket),
        cmocka_unit_test(jumps_and_stops_are_seen),
    };
    return cmocka_run_group_tests_name("desk/connectivity", tests, NULL, NULL);
}
