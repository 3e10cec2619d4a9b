/* tests/desk/alerts_scene_test.c - a desk with alert rules: they fire on what it measures, a person acknowledges, a sink that
 * hangs changes nothing of what it trades. */
#include <math.h>

#include "desk/desk_ask.h"
#include "support/line_stub.h"
#include "sys/uvworld.h"

static const struct td_simworld_options calm = {.seed = 8};
static struct td_monitoring monitoring;
static struct td_world real;
static struct line_stub *web;

static void add_rule(const char *name, enum td_metric metric, enum td_comparison comparison,
                     double threshold)
{
    struct td_rule *r = &monitoring.rules[monitoring.count++];
    *r = (struct td_rule){.metric = (uint8_t)metric,
                          .comparison = (uint8_t)comparison,
                          .severity = TD_SEVERITY_CRITICAL,
                          .active = true,
                          .threshold = threshold,
                          .cooldown = TD_MIN};
    (void)snprintf(r->name, sizeof r->name, "%s", name);
}

static void begin(void)
{
    const struct scene_options o = {.world = calm};
    monitoring = (struct td_monitoring){.enabled = true, .interval_s = 1};
    scene_open(&o);
    scene.config.monitoring = &monitoring;
    add_rule("stopped", TD_METRIC_HALTED, TD_COMPARISON_EQUAL, 1);
    add_rule("lost", TD_METRIC_DAY_LOSS, TD_COMPARISON_GREATER, 1e9);
    add_rule("never", TD_METRIC_CPU, TD_COMPARISON_GREATER_EQUAL, 0); /* nobody measures it here */
}

static int end(void **state)
{
    line_stub_close(web);
    web = NULL;
    return scene_close(state);
}

/* The alert of that word in a status; NULL. Until the next call. */
static const cJSON *alert_in(const char *status, const char *word)
{
    static cJSON *all;
    const cJSON *row;
    cJSON_Delete(all);
    all = cJSON_Parse(status);
    cJSON_ArrayForEach(row, cJSON_GetObjectItem(all, "alerts"))
    {
        if (strcmp(cJSON_GetObjectItem(row, "word")->valuestring, word) == 0)
            return row;
    }
    return NULL;
}

static void what_is_measured_is_plausible(void **state)
{
    (void)state;
    begin();
    desk_must_start();
    desk_wait_ready();
    desk_turns(20 * TD_SEC);
    const double *v = scene.desk->watch.values;
    assert_true(isnan(v[TD_METRIC_CPU]) && isnan(v[TD_METRIC_MEMORY]));
    assert_true(v[TD_METRIC_ERROR_RATE] >= 0 && v[TD_METRIC_ERROR_RATE] <= 100);
    assert_true(v[TD_METRIC_LATENCY] > 0 && v[TD_METRIC_LATENCY] < 1000);
    assert_true(!isnan(v[TD_METRIC_PNL]));
    assert_true(v[TD_METRIC_QUOTE_AGE] >= 0 && v[TD_METRIC_QUOTE_AGE] < 30);
    assert_true(v[TD_METRIC_JOURNAL_LAG] >= 0 && v[TD_METRIC_JOURNAL_LAG] < 2);
    assert_true(v[TD_METRIC_DISK_FREE] > 0);
    assert_true(v[TD_METRIC_UNKNOWN_ORDERS] >= 0 && v[TD_METRIC_HALTED] < 1);
    assert_null(alert_in(ask("status"), "never"));
    assert_null(alert_in(said, "lost"));
}

static void a_rule_fires_is_seen_and_ends(void **state)
{
    (void)state;
    begin();
    desk_must_start();
    desk_wait_ready();
    assert_null(alert_in(ask("status"), "stopped"));
    assert_non_null(strstr(ask("ack stopped"), "\"ok\":false"));
    (void)ask("halt for a look");
    desk_turns(3 * TD_SEC);
    const cJSON *a = alert_in(ask("status"), "stopped");
    assert_non_null(a);
    assert_string_equal(cJSON_GetObjectItem(a, "kind")->valuestring, "rule");
    assert_string_equal(cJSON_GetObjectItem(a, "severity")->valuestring, "critical");
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(a, "acknowledged")));
    assert_non_null(strstr(ask("ack stopped it is \"me\""), "\"ok\":true"));
    a = alert_in(said, "stopped");
    assert_string_equal(cJSON_GetObjectItem(a, "note")->valuestring, "it is \"me\"");
    assert_true(cJSON_IsString(cJSON_GetObjectItem(a, "acknowledged")));
    const uint32_t told = scene.desk->watch.rules.states[0].told;
    desk_turns(3 * TD_MIN);
    assert_int_equal(scene.desk->watch.rules.states[0].told, told);
    assert_non_null(strstr(ask("ack"), "\"ok\":false"));
    assert_non_null(strstr(ask("ack nothing"), "\"ok\":false"));
    (void)ask("resume looked");
    desk_turns(3 * TD_SEC);
    assert_null(alert_in(ask("status"), "stopped"));
}

/* One of the nineteen: seen once, and new when it comes again. */
static void an_operational_alert_is_seen(void **state)
{
    (void)state;
    begin();
    desk_must_start();
    desk_wait_ready();
    td_connection_alert(&scene.desk->conn, TD_ALERT_STRATEGY, "refused");
    desk_turns(2 * TD_SEC);
    assert_non_null(strstr(ask("ack strategy-off looked at it"), "\"ok\":true"));
    const cJSON *a = alert_in(said, "strategy-off");
    assert_non_null(a);
    assert_string_equal(cJSON_GetObjectItem(a, "note")->valuestring, "looked at it");
    assert_string_equal(cJSON_GetObjectItem(a, "kind")->valuestring, "operational");
    td_alert_clear(&scene.desk->conn.alerts, TD_ALERT_STRATEGY);
    td_connection_alert(&scene.desk->conn, TD_ALERT_STRATEGY, "again");
    desk_turns(2 * TD_SEC);
    a = alert_in(ask("status"), "strategy-off");
    assert_non_null(a);
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(a, "acknowledged")));
}

static void settings_switch_it_off(void **state)
{
    (void)state;
    begin();
    scene.settings.monitoring = false;
    desk_must_start();
    desk_wait_ready();
    (void)ask("halt x");
    desk_turns(3 * TD_SEC);
    assert_null(alert_in(ask("status"), "stopped"));
}

static uint64_t trade_a_while(bool hanging, uint64_t *events)
{
    char url[100];
    begin();
    add_rule("noisy", TD_METRIC_HALTED, TD_COMPARISON_LESS, 1);
    monitoring.rules[monitoring.count - 1].cooldown = 0; /* each second */
    desk_must_start();
    if (hanging) {
        web = line_stub_open(false, LINE_STUB_HANGS);
        (void)snprintf(url, sizeof url, "http://127.0.0.1:%u/x", line_stub_port(web));
        const struct td_courier_config config = {.desk = &real,
                                                 .state = td_test_folder("alerts-scene"),
                                                 .webhook = url,
                                                 .per_hour = 1000,
                                                 .limit = TD_MIN};
        TD_OK_OR_FAIL(td_courier_open(&scene.desk->watch.courier, &config, NULL));
    }
    desk_wait_ready();
    desk_turns(5 * TD_MIN);
    const uint64_t orders = scene.desk->result.orders;
    *events = scene.desk->result.fills;
    if (hanging) {
        assert_true(td_courier_dropped(scene.desk->watch.courier) > 0);
        assert_non_null(strstr(ask("status"), "\"sink\":\"webhook\",\"sent\":0,"));
        td_courier_close(scene.desk->watch.courier); /* borrowed `url` ends here */
        scene.desk->watch.courier = NULL;
    }
    return orders;
}

/* The simulated clock stands while real code runs: orders and fills are the same, to the last one. */
static void a_sink_that_hangs_changes_no_trade(void **state)
{
    uint64_t fills[2];
    const uint64_t alone = trade_a_while(false, &fills[0]);
    (void)end(state);
    const uint64_t beside = trade_a_while(true, &fills[1]);
    assert_true(alone > 10);
    assert_int_equal(alone, beside);
    assert_int_equal(fills[0], fills[1]);
}

static int open_real(void **state)
{
    (void)state;
    return td_uvworld_open(&real, false, NULL) == TD_OK ? 0 : -1;
}

static int close_real(void **state)
{
    (void)state;
    td_uvworld_close(&real);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(what_is_measured_is_plausible, end),
        cmocka_unit_test_teardown(a_rule_fires_is_seen_and_ends, end),
        cmocka_unit_test_teardown(an_operational_alert_is_seen, end),
        cmocka_unit_test_teardown(settings_switch_it_off, end),
        cmocka_unit_test_teardown(a_sink_that_hangs_changes_no_trade, end),
    };
    return cmocka_run_group_tests_name("desk/alerts_scene", tests, open_real, close_real);
}
