/* tests/desk/alertrules_test.c - when a rule fires, is reminded of, and is over; and what user_settings.json may say of it. */
#include "desk/alertrules.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "desk/usersettings.h"
#include "sim/simworld.h"
#include "support/support.h"

static struct td_rules rules;
static double values[TD_METRIC_COUNT];
static int told, over;
static double last_value;

static void tell(void *arg, const struct td_rule *rule, const struct td_rule_state *state,
                 bool ended)
{
    (void)arg, (void)rule;
    over += ended;
    told += !ended;
    last_value = state->value;
}

static void begin(enum td_comparison comparison, double threshold, td_ns cooldown)
{
    rules = (struct td_rules){.count = 1};
    rules.rows[0] = (struct td_rule){.name = "r",
                                     .metric = TD_METRIC_PNL,
                                     .comparison = (uint8_t)comparison,
                                     .active = true,
                                     .threshold = threshold,
                                     .cooldown = cooldown};
    for (int m = 0; m < TD_METRIC_COUNT; m++)
        values[m] = (double)NAN;
    told = over = 0;
}

/* At a second of the monotonic clock; the wall clock may say anything. */
static void look(double value, int second)
{
    const struct td_rules_at at = {second * TD_SEC, 1000 - second};
    values[TD_METRIC_PNL] = value;
    td_rules_look(&rules, values, &at, tell, NULL);
}

static void every_comparison(void **state)
{
    (void)state;
    static const struct {
        enum td_comparison comparison;
        bool below, equal, above;
    } rows[TD_COMPARISON_COUNT] = {{TD_COMPARISON_GREATER, false, false, true},
                                   {TD_COMPARISON_GREATER_EQUAL, false, true, true},
                                   {TD_COMPARISON_LESS, true, false, false},
                                   {TD_COMPARISON_LESS_EQUAL, true, true, false},
                                   {TD_COMPARISON_EQUAL, false, true, false},
                                   {TD_COMPARISON_NOT_EQUAL, true, false, true}};
    for (size_t i = 0; i < TD_COUNT(rows); i++) {
        const bool expected[] = {rows[i].below, rows[i].equal, rows[i].above};
        for (int k = 0; k < 3; k++) {
            begin(rows[i].comparison, 5, TD_MIN);
            look(4 + k, 0);
            assert_int_equal(told, expected[k]);
            assert_int_equal(rules.states[0].firing, expected[k]);
        }
        assert_false(td_compare(rows[i].comparison, (double)NAN, 5));
    }
}

static void what_is_not_known_never_fires_nor_ends(void **state)
{
    (void)state;
    begin(TD_COMPARISON_NOT_EQUAL, 5, TD_MIN);
    look((double)NAN, 0);
    assert_int_equal(told, 0);
    assert_false(rules.states[0].firing);
    look(6, 1);
    assert_int_equal(told, 1);
    look((double)NAN, 2);
    assert_int_equal(told + over, 1);
    assert_true(rules.states[0].firing);
    look((double)NAN, 1000);
    assert_int_equal(told + over, 1);
}

static void one_that_stays_is_reminded_of_after_its_cooldown(void **state)
{
    (void)state;
    begin(TD_COMPARISON_LESS, -1000, 60 * TD_SEC);
    for (int s = 0; s < 180; s++)
        look(-1500 - s, s);
    assert_int_equal(told, 3);
    assert_int_equal(rules.states[0].told, 3);
    assert_int_equal(rules.states[0].since, 1000);
    assert_true(last_value < -1500 - 119);
    look(0, 180);
    assert_int_equal(over, 1);
    assert_false(rules.states[0].firing);
}

static void one_that_flaps_is_told_no_more_often(void **state)
{
    (void)state;
    begin(TD_COMPARISON_LESS, -1000, 60 * TD_SEC);
    for (int s = 0; s < 180; s++)
        look(s % 2 ? 0 : -1500, s);
    assert_int_equal(told, 3);
    assert_int_equal(over, 3); /* each end that followed a telling */
}

static void without_a_cooldown_each_look_tells(void **state)
{
    (void)state;
    begin(TD_COMPARISON_GREATER, 0, 0);
    for (int s = 0; s < 5; s++)
        look(1, s);
    assert_int_equal(told, 5);
}

static void a_rule_that_is_off_is_silent(void **state)
{
    (void)state;
    begin(TD_COMPARISON_GREATER, 0, 0);
    rules.rows[0].active = false;
    look(1, 0);
    assert_int_equal(told, 0);
}

static void a_person_ends_the_reminders_until_it_comes_again(void **state)
{
    (void)state;
    begin(TD_COMPARISON_GREATER, 0, 10 * TD_SEC);
    assert_int_equal(td_rules_acknowledge(&rules, td_str_of("r"), td_str_of(""), 5), TD_ENOENT);
    look(1, 0);
    TD_OK_OR_FAIL(td_rules_acknowledge(&rules, td_str_of("r"), td_str_of("on it"), 5));
    assert_int_equal(td_rules_acknowledge(&rules, td_str_of("x"), td_str_of(""), 5), TD_ENOENT);
    look(1, 100);
    assert_int_equal(told, 1);
    assert_string_equal(rules.states[0].note, "on it");
    look(0, 101);
    assert_int_equal(over, 1);
    look(1, 200);
    assert_int_equal(told, 2);
    assert_int_equal(rules.states[0].acknowledged, 0);
    assert_string_equal(rules.states[0].note, "");
}

static void messages_hold_their_words(void **state)
{
    (void)state;
    char text[240];
    size_t at;
    begin(TD_COMPARISON_LESS, -1000, 0);
    td_rule_text(&rules.rows[0], -1500.25, text, sizeof text);
    assert_string_equal(text, "pnl is -1500.25, -1000 is the limit");
    (void)snprintf(rules.rows[0].message, sizeof rules.rows[0].message,
                   "{severity}: {name} {metric}={value:.1f} of {threshold}%%s");
    TD_OK_OR_FAIL(td_rule_message_check(rules.rows[0].message, &at));
    td_rule_text(&rules.rows[0], -1500.25, text, sizeof text);
    assert_string_equal(text, "info: r pnl=-1500.2 of -1000%s");
    static const char *const wrong[] = {"{",          "}",         "{valu}", "{value:.x}",
                                        "{name:.2f}", "{{value}}", "{value"};
    for (size_t i = 0; i < TD_COUNT(wrong); i++)
        assert_int_equal(td_rule_message_check(wrong[i], &at), TD_EPARSE);
}

/* --- user_settings.json --- */

static struct td_world world;
static struct td_simworld *sim;
static struct td_user_settings user;
static struct td_fail why;

static enum td_err read_json(const char *monitoring)
{
    char text[8192];
    (void)snprintf(text, sizeof text, "{\"default\": {},\n\"monitoring\": %s}", monitoring);
    TD_OK_OR_FAIL(td_file_replace(&world, "user_settings.json", td_str_of(text), NULL));
    user = (struct td_user_settings){0};
    why.text[0] = '\0';
    return td_user_settings_read(&world, "user_settings.json", &user, &why);
}

static int open_world(void **state)
{
    (void)state;
    static const struct td_simworld_options options = {.seed = 1};
    uint32_t host;
    return td_simworld_open(&sim, &options, NULL) == TD_OK &&
                   td_simworld_attach(sim, "here", &host, &world, NULL) == TD_OK
               ? 0
               : -1;
}

static int close_world(void **state)
{
    (void)state;
    td_simworld_close(sim);
    return 0;
}

static void rules_are_read(void **state)
{
    (void)state;
    TD_OK_OR_FAIL(
        read_json("{\"enabled\": true, \"interval\": 30, \"retention_hours\": 24,\n"
                  "\"alerts\": {\"high_cpu\": {\"metric_type\": \"cpu\", \"threshold\": 85},\n"
                  "\"loss\": {\"metric_type\": \"pnl\", \"threshold\": -1000, "
                  "\"comparison\": \"less_than\", \"severity\": \"critical\", "
                  "\"cooldown_minutes\": 0.5, \"message_template\": \"lost {value:.2f}\", "
                  "\"active\": false}}}"));
    const struct td_monitoring *m = &user.monitoring;
    assert_true(m->enabled);
    assert_int_equal(m->interval_s, 30);
    assert_int_equal(m->count, 2);
    assert_int_equal(m->rules[0].metric, TD_METRIC_CPU);
    assert_int_equal(m->rules[0].comparison, TD_COMPARISON_GREATER);
    assert_int_equal(m->rules[0].cooldown, 5 * TD_MIN);
    assert_int_equal(m->rules[0].severity, TD_SEVERITY_WARNING);
    assert_true(m->rules[0].active);
    assert_int_equal(m->rules[1].comparison, TD_COMPARISON_LESS);
    assert_int_equal(m->rules[1].cooldown, 30 * TD_SEC);
    assert_false(m->rules[1].active);
    TD_OK_OR_FAIL(read_json("{\"enabled\": false}"));
    assert_false(user.monitoring.enabled);
}

static void what_is_wrong_is_refused_with_its_line(void **state)
{
    (void)state;
    static const struct {
        const char *rule, *says;
    } rows[] = {
        {"{}", "metric_type: expected it to be there"},
        {"{\"metric_type\": \"pnl\"}", "threshold: expected it to be there"},
        {"{\"metric_type\": \"moon\", \"threshold\": 1}", "metric_type: expected one of cpu_usage"},
        {"{\"metric_type\": 5, \"threshold\": 1}", "metric_type: expected one of"},
        {"{\"metric_type\": \"pnl\", \"threshold\": \"1\"}", "threshold: expected a number"},
        {"{\"metric_type\": \"pnl\", \"threshold\": 1e400}", "threshold: expected a number"},
        {"{\"metric_type\": \"pnl\", \"threshold\": 1, \"comparison\": \"above\"}",
         "comparison: expected greater_than"},
        {"{\"metric_type\": \"pnl\", \"threshold\": 1, \"severity\": \"loud\"}",
         "severity: expected info"},
        {"{\"metric_type\": \"pnl\", \"threshold\": 1, \"cooldown_minutes\": -1}",
         "cooldown_minutes: expected minutes"},
        {"{\"metric_type\": \"pnl\", \"threshold\": 1, \"message_template\": \"{what}\"}",
         "message_template: expected braces"},
        {"{\"metric_type\": \"pnl\", \"threshold\": 1, \"message_template\": \"a\\nb\"}",
         "message_template: expected a text without"},
        {"{\"metric_type\": \"pnl\", \"threshold\": 1, \"active\": 1}", "active: expected true"},
        {"{\"metric_type\": \"pnl\", \"threshold\": 1, \"treshold\": 1}", "treshold: expected"},
        {"{\"metric_type\": \"pnl\", \"threshold\": 1, \"threshold\": 2}", "twice"},
        {"[]", "expected an object"},
    };
    for (size_t i = 0; i < TD_COUNT(rows); i++) {
        char text[600];
        (void)snprintf(text, sizeof text, "{\"alerts\": {\n\"bad\":\n%s}}", rows[i].rule);
        assert_int_equal(read_json(text), TD_EPARSE);
        if (!strstr(why.text, rows[i].says) || !strstr(why.text, "user_settings.json:"))
            fail_msg("%s: %s", rows[i].rule, why.text);
        assert_false(user.there);
    }
    assert_non_null(strstr(why.text, "user_settings.json:3:"));
    assert_int_equal(read_json("{\"alerts\": {\"a b\": {}}}"), TD_EPARSE);
    assert_int_equal(read_json("{\"alerts\": []}"), TD_EPARSE);
    assert_int_equal(read_json("{\"enabled\": 1}"), TD_EPARSE);
    assert_int_equal(read_json("{\"interval\": 0}"), TD_EPARSE);
    assert_int_equal(read_json("[]"), TD_EPARSE);
}

static void too_many_rules_are_refused(void **state)
{
    (void)state;
    char text[8000] = "{\"alerts\": {";
    size_t n = strlen(text);
    for (int i = 0; i <= TD_RULES_MAX; i++)
        n += (size_t)snprintf(text + n, sizeof text - n,
                              "%s\"r%d\": {\"metric_type\": \"pnl\", \"threshold\": 1}",
                              i ? "," : "", i);
    (void)snprintf(text + n, sizeof text - n, "}}");
    assert_int_equal(read_json(text), TD_ERANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_comparison),
        cmocka_unit_test(what_is_not_known_never_fires_nor_ends),
        cmocka_unit_test(one_that_stays_is_reminded_of_after_its_cooldown),
        cmocka_unit_test(one_that_flaps_is_told_no_more_often),
        cmocka_unit_test(without_a_cooldown_each_look_tells),
        cmocka_unit_test(a_rule_that_is_off_is_silent),
        cmocka_unit_test(a_person_ends_the_reminders_until_it_comes_again),
        cmocka_unit_test(messages_hold_their_words),
        cmocka_unit_test(rules_are_read),
        cmocka_unit_test(what_is_wrong_is_refused_with_its_line),
        cmocka_unit_test(too_many_rules_are_refused),
    };
    return cmocka_run_group_tests_name("desk/alertrules", tests, open_world, close_world);
}
