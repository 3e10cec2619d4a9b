/* tests/sim/fault_script_test.c - the parser of fault scripts: forms, hostile text, the short names. */
#include "support/support.h"

#include <stdio.h>
#include <string.h>

#include "sim/script.h"
#include "wire/tws_msg.h"

static struct td_script script;

static enum td_err parse(const char *text, struct td_fail *why)
{
    td_script_init(&script);
    return td_script_parse(&script, "a.fault", td_str_of(text), why);
}

static void every_form_is_read(void **state)
{
    (void)state;
    struct td_fail why = {0};
    if (parse("# all forms\n"
              "title Orders double after a restart\n"
              "seed 42\n"
              "\n"
              "set speed 2.5\n"
              "set accounts DU1,DU2\n"
              "at 01:02.500 notice 1100 the broker is gone\n"
              "between 0:05 0:09 reset\n"
              "every 0.1 for 20 from 0:10 notice 1100\n"
              "every 5 for 2 heal\n"
              "on request req-executions:2 drop execution-data-end 3\n"
              "on place-order:4 field order-status 3 NaN\n"
              "  on fill correct-fill 7  \n"
              "expect orders-twice 0\n"
              "expect fresh SPY 30\n",
              &why) != TD_OK)
        fail_msg("%s", why.text);
    assert_string_equal(script.title, "Orders double after a restart");
    assert_int_equal(script.seed, 42);
    assert_int_equal(script.step_count, 7);
    assert_true(td_script_setting(&script, TD_SET_SPEED)->number == 2500000000);
    assert_null(td_script_setting(&script, TD_SET_LINES));
    const struct td_script_step *s = script.steps;
    assert_true(s[0].at == 62500 * TD_MS && s[0].action.args[0].number == 1100);
    assert_string_equal(s[0].action.args[1].text, "the broker is gone");
    assert_true(s[1].at == 5 * TD_SEC && s[1].to == 9 * TD_SEC);
    assert_true(s[2].at == 10 * TD_SEC && s[2].to == 100 * TD_MS && s[2].count == 20);
    assert_true(s[3].at == 5 * TD_SEC);
    assert_int_equal(s[4].kind, TD_TWS_REQ_EXECUTIONS);
    assert_int_equal(s[4].count, 2);
    assert_int_equal(s[4].action.args[1].number, 3);
    assert_int_equal(s[5].event, TD_SCRIPT_ON_PLACE_ORDER);
    assert_string_equal(s[5].action.args[2].text, "NaN");
    assert_int_equal(s[5].action.args[3].number, 1); /* the preset */
    assert_true(s[6].action.args[0].number == 7 * TD_E9);
    assert_int_equal(script.expect_count, 2);
    assert_string_equal(script.expects[1].args[2].text, "yes");
}

static void bad_lines_are_one_message(void **state)
{
    (void)state;
    static const struct {
        const char *text, *says;
    } rows[] = {
        {"boom", "a.fault:1: line \"boom\": title, seed"},
        {"title x\n\nseed -1", "a.fault:3: seed \"-1\": a whole number"},
        {"seed", "seed \"\""},
        {"title", "title \"\""},
        {"at 1 heal", "time \"1\": MM:SS"},
        {"at 0:60 heal", "time \"0:60\""},
        {"at 10000:00 heal", "time \"10000:00\""},
        {"at 0:01", "no action \"\": heal, drop"},
        {"at 0:01 explode", "no action \"explode\""},
        {"at 0:01 close now", "close: \"now\" is too much"},
        {"at 0:01 drop", "drop: KIND \"\": a message kind like order-status"},
        {"at 0:01 drop order-statu", "KIND \"order-statu\""},
        {"at 0:01 drop order-status -1", "COUNT \"-1\": 0 to 1000000"},
        {"at 0:01 halt ../SPY", "SYMBOL \"../SPY\": a symbol"},
        {"at 0:01 link-back 1100", "CODE \"1100\": 1101 to 1102"},
        {"at 0:01 bars wobbly", "duplicate|gap|disorder"},
        {"between 0:05 0:04 heal", "the second time is before the first"},
        {"every 0 for 3 heal", "every \"0\""},
        {"every 1 times 3 heal", "COUNT 1 to 100000"},
        {"on tuesday heal", "event \"tuesday\": hello"},
        {"on fill:0 heal", "event \"fill:0\""},
        {"on fill:x heal", "event \"fill:x\""},
        {"on request heal", "message kind \"heal\""},
        {"set colour red", "no setting \"colour\": day, start"},
        {"set pace slow", "reject|hold|off"},
        {"expect wonders", "no expectation \"wonders\""},
        {"title a\x01z", "a control byte (1)"},
    };
    for (size_t i = 0; i < TD_COUNT(rows); i++) {
        struct td_fail why = {0};
        if (parse(rows[i].text, &why) != TD_EINVAL || !strstr(why.text, rows[i].says) ||
            strchr(why.text, '\n'))
            fail_msg("\"%s\" gave \"%s\"", rows[i].text, why.text);
    }
}

static void what_does_not_fit_is_refused(void **state)
{
    (void)state;
    static char text[TD_SCRIPT_BYTES + 64];
    struct td_fail why = {0};
    struct td_text t;
    td_text_init(&t, text, sizeof text);
    for (int i = 0; i <= TD_SCRIPT_STEPS; i++)
        td_text_put(&t, "at 0:01 heal\n");
    assert_int_equal(parse(text, &why), TD_EFULL);
    assert_non_null(strstr(why.text, "a.fault:65: more than 64 steps"));
    memset(text, '\n', sizeof text - 1);
    assert_int_equal(parse(text, &why), TD_EFULL);
    td_text_reset(&t);
    td_text_put(&t, "at 0:01 notice 1 ");
    for (int i = 0; i < 100; i++)
        td_text_char(&t, 'x');
    assert_int_equal(parse(text, &why), TD_EINVAL);
}

static void short_names_are_actions(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum td_fault id;
    } rows[] = {{"mute-hello", TD_FAULT_MUTE_HELLO},     {"mute-after-hello", TD_FAULT_MUTE},
                {"drop-after:20", TD_FAULT_CLOSE_AFTER}, {"no-next-id", TD_FAULT_DROP},
                {"garbage:3", TD_FAULT_GARBAGE_AFTER},   {"garbage", TD_FAULT_GARBAGE_AFTER},
                {"dup-status", TD_FAULT_REPEAT},         {"no-exec-end", TD_FAULT_DROP},
                {"delay:open-order:5", TD_FAULT_DELAY}};
    struct td_fail why = {0};
    for (size_t i = 0; i < TD_COUNT(rows); i++) {
        td_script_init(&script);
        if (td_script_fault(&script, rows[i].text, &why) != TD_OK)
            fail_msg("%s: %s", rows[i].text, why.text);
        assert_int_equal(script.steps[0].action.id, rows[i].id);
        assert_true(script.steps[0].at == 0);
    }
    assert_int_equal(td_script_fault(&script, "drop-after:x", &why), TD_EINVAL);
    assert_int_equal(td_script_fault(&script, "flood", &why), TD_EINVAL);
}

/* Every form in the table reads back as its own row. */
static void tables_are_consistent(void **state)
{
    (void)state;
    for (int i = 0; i < TD_FAULT_COUNT; i++) {
        const struct td_fault_row *row = td_fault_row_of((enum td_fault)i);
        bool optional = false;
        assert_non_null(row->word);
        assert_true(strlen(row->help) > 5);
        for (size_t k = 0; k < TD_FAULT_ARGS && row->args[k].type; k++) {
            assert_true(!optional || row->args[k].preset || row->args[k].type == TD_FA_REST);
            optional |= row->args[k].preset != NULL;
        }
        for (int k = 0; k < i; k++)
            assert_string_not_equal(row->word, td_fault_row_of((enum td_fault)k)->word);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_form_is_read),           cmocka_unit_test(bad_lines_are_one_message),
        cmocka_unit_test(what_does_not_fit_is_refused), cmocka_unit_test(short_names_are_actions),
        cmocka_unit_test(tables_are_consistent),
    };
    return cmocka_run_group_tests_name("sim/fault_script", tests, NULL, NULL);
}
