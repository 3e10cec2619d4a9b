/* tests/desk/now_status_test.c - a status tells the moment it is of, and no key of it stands twice. */
#include <string.h>

#include "desk/desk_ask.h"

static const cJSON *get(const cJSON *o, const char *key)
{
    return cJSON_GetObjectItemCaseSensitive(o, key);
}

static void no_key_stands_twice(const cJSON *o)
{
    const cJSON *a;
    cJSON_ArrayForEach(a, o)
    {
        for (const cJSON *b = a->next; b && cJSON_IsObject(o); b = b->next)
            if (strcmp(a->string, b->string) == 0)
                fail_msg("\"%s\" stands twice", a->string);
        no_key_stands_twice(a);
    }
}

static void start(void)
{
    static const struct scene_options calm = {0};
    scene_open(&calm);
    scene.config.use_count = 0;
    scene.settings.kill_losses = 7;
    scene.settings.kill_drawdown_e9 = TD_E9 / 10;
    desk_must_start();
    desk_wait_ready();
    desk_turns(5 * TD_SEC);
}

static void the_moment_is_told(void **state)
{
    (void)state;
    start();
    cJSON *s = cJSON_Parse(ask("status"));
    no_key_stands_twice(s);
    assert_true(cJSON_IsString(get(s, "now")) && cJSON_IsString(get(s, "started")));
    assert_true(cJSON_IsString(get(s, "market_time")));
    assert_true(get(s, "uptime_s")->valuedouble >= 5 && get(s, "uptime_s")->valuedouble < 120);
    assert_true(get(s, "last_tick_age_s")->valuedouble < 5);
    assert_true(cJSON_IsTrue(get(s, "disk_ok")));
    const cJSON *journal = get(s, "journal"), *clock = get(s, "clock");
    assert_true(get(journal, "last_record")->valuedouble > 0);
    assert_int_equal(get(journal, "waiting")->valueint, 0);
    assert_int_equal(get(journal, "durable")->valueint, (int)scene.desk->blotter.last_seq);
    assert_true(cJSON_IsTrue(get(journal, "ok")));
    assert_true(cJSON_IsNumber(get(clock, "offset_s")) != cJSON_IsString(get(clock, "reason")));
    assert_int_equal(cJSON_GetArraySize(get(s, "symbols")), (int)scene.desk->market.count);
    assert_int_equal(get(s, "symbols_not_told")->valueint, 0);
    assert_int_equal(cJSON_GetArraySize(get(s, "equity_days")), 1);
    assert_int_equal(cJSON_GetArraySize(get(s, "algorithms")), 5);
    assert_string_equal(get(s, "algorithms")->child->valuestring, "TWAP");
    cJSON_Delete(s);
}

/* The limits stand beside the values; the file that halts has a key of its own. */
static void the_kill_switch_tells_its_limits(void **state)
{
    (void)state;
    start();
    cJSON *s = cJSON_Parse(ask("status"));
    const cJSON *limits = get(get(s, "kill_switch"), "limits");
    assert_true(get(limits, "losing_streak")->valuedouble == 7);
    assert_true(get(limits, "drawdown")->valuedouble == 0.1);
    assert_true(cJSON_IsNull(get(s, "kill_switch_file")));
    cJSON_Delete(s);
    TD_OK_OR_FAIL(
        td_file_replace(&scene.desk_world, "state/kill_switch.lock", td_str_of("stop\n"), NULL));
    s = cJSON_Parse(ask("status"));
    assert_string_equal(get(s, "kill_switch_file")->valuestring, "state/kill_switch.lock");
    cJSON_Delete(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(the_moment_is_told, scene_close),
        cmocka_unit_test_teardown(the_kill_switch_tells_its_limits, scene_close),
    };
    return cmocka_run_group_tests_name("desk/now_status", tests, NULL, NULL);
}
