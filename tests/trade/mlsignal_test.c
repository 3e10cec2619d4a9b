/* tests/trade/mlsignal_test.c - lines that are signals and lines that are none, each field at its ends, and the states. */
#include "support/support.h"

#include <stdio.h>
#include <string.h>

#include "base/random.h"
#include "trade/mlsignal.h"

#define AT INT64_C(1763735400500000000) /* 2025-11-21T14:30:00.5Z */

static const struct td_mlsignal_presets presets = {TD_E9 / 1000, 300 * TD_SEC};
static const char whole[] =
    "{\"signal_id\":\"a-1\",\"symbol\":\"SPY\",\"signal_type\":\"BUY\",\"confidence\":0.8,"
    "\"target_quantity\":100,\"signal_timestamp\":\"2025-11-21T14:30:00.5Z\","
    "\"model_version\":\"m:1.2\",\"strategy_name\":\"alpha\",\"max_execution_time\":60,"
    "\"price_tolerance\":0.002,\"urgency\":\"HIGH\",\"price\":600.25,\"model_score\":0.7}";

static enum td_err parse(const char *line, struct td_mlsignal *out, struct td_fail *why)
{
    const size_t len = strlen(line);
    uint8_t *bytes = td_guard_copy(line, len);
    const enum td_err err =
        td_mlsignal_parse((struct td_str){(const char *)bytes, len}, &presets, out, why);
    td_guard_free(bytes, len);
    return err;
}

/* The needed fields, and one more pair or none. */
static const char *with(const char *type, const char *more)
{
    static char line[1600];
    (void)snprintf(line, sizeof line,
                   "{\"signal_id\":\"a-1\",\"symbol\":\"SPY\",\"signal_type\":\"%s\","
                   "\"confidence\":0.8,\"signal_timestamp\":1763735400.5,"
                   "\"model_version\":\"m\",\"strategy_name\":\"alpha\"%s%s}",
                   type, *more ? "," : "", more);
    return line;
}

static void a_whole_line(void **state)
{
    (void)state;
    struct td_mlsignal s;
    TD_OK_OR_FAIL(parse(whole, &s, NULL));
    assert_string_equal(s.id, "a-1");
    assert_string_equal(s.symbol, "SPY");
    assert_string_equal(s.strategy, "alpha");
    assert_string_equal(s.model, "m:1.2");
    assert_int_equal(s.type, TD_MLSIGNAL_BUY);
    assert_int_equal(s.urgency, TD_MLSIGNAL_HIGH);
    assert_int_equal(s.confidence_e9, 8 * TD_E9 / 10);
    assert_int_equal(s.score_e9, 7 * TD_E9 / 10);
    assert_int_equal(s.quantity.e9, 100 * TD_E9);
    assert_int_equal(s.price.e9, INT64_C(600250000000));
    assert_int_equal(s.tolerance_e9, TD_E9 / 500);
    assert_int_equal(s.at, AT);
    assert_int_equal(s.until, AT + 60 * TD_SEC);
}

static void what_is_left_out(void **state)
{
    (void)state;
    struct td_mlsignal s;
    TD_OK_OR_FAIL(parse(with("BUY", ""), &s, NULL));
    assert_int_equal(s.at, AT); /* seconds since 1970 */
    assert_int_equal(s.until, AT + 300 * TD_SEC);
    assert_int_equal(s.tolerance_e9, TD_E9 / 1000);
    assert_int_equal(s.urgency, TD_MLSIGNAL_NORMAL);
    assert_true(s.quantity.e9 == 0 && td_px_is_none(s.price) && s.score_e9 == TD_E9_NONE);
    TD_OK_OR_FAIL(parse(with("BUY", "\"price\":null,\"urgency\":null"), &s, NULL));
    assert_true(td_px_is_none(s.price));
}

static void expect(const char *line, const char *says)
{
    struct td_fail why = {0};
    struct td_mlsignal s, before;
    memset(&s, 0x5a, sizeof s);
    before = s;
    const enum td_err err = parse(line, &s, &why);
    if (err != TD_EPARSE && err != TD_ERANGE)
        fail_msg("taken: %s", line);
    if (!strstr(why.text, says) || strchr(why.text, '\n'))
        fail_msg("%s: says \"%s\", expected %s", line, why.text, says);
    assert_memory_equal(&s, &before, sizeof s);
}

static void each_needed_field_is_missed(void **state)
{
    (void)state;
    static const char *const names[] = {"signal_id",       "symbol",        "signal_type",
                                        "confidence",      "model_version", "strategy_name",
                                        "signal_timestamp"};
    for (size_t i = 0; i < TD_COUNT(names); i++) {
        char line[sizeof whole], says[60];
        (void)snprintf(line, sizeof line, "%s", whole);
        char *at = strstr(line, names[i]);
        at[0] = 'X'; /* another name: no field */
        expect(line, "is no field of a signal");
        (void)snprintf(line, sizeof line, "%s", whole);
        at = strstr(line, names[i]) - 1;
        char *end = strstr(at, ",\"");
        memmove(at, end + 1, strlen(end + 1) + 1);
        (void)snprintf(says, sizeof says, "signal: %s is missing", names[i]);
        expect(line, says);
    }
}

static void values_out_of_their_range(void **state)
{
    (void)state;
    static const struct {
        const char *type, *more, *says;
    } rows[] = {
        {"BUY", "\"target_quantity\":1000001", "target_quantity"},
        {"BUY", "\"target_quantity\":-1", "its sign is not that of BUY"},
        {"SELL", "\"target_quantity\":1", "its sign is not that of SELL"},
        {"HOLD", "\"target_quantity\":1", "its sign is not that of HOLD"},
        {"CLOSE_LONG", "\"target_quantity\":1", "its sign is not that of CLOSE_LONG"},
        {"CLOSE_SHORT", "\"target_quantity\":-1", "its sign is not that of CLOSE_SHORT"},
        {"BUY", "\"target_quantity\":\"5\"", "target_quantity"},
        {"BUY", "\"max_execution_time\":0.9", "max_execution_time"},
        {"BUY", "\"max_execution_time\":86401", "max_execution_time"},
        {"BUY", "\"price_tolerance\":0.0500001", "price_tolerance"},
        {"BUY", "\"price_tolerance\":-0.001", "price_tolerance"},
        {"BUY", "\"urgency\":\"SOON\"", "urgency"},
        {"BUY", "\"urgency\":1", "urgency"},
        {"BUY", "\"price\":0", "price"},
        {"BUY", "\"price\":-5", "price"},
        {"BUY", "\"price\":1e10", "price"},
        {"BUY", "\"model_score\":1.01", "model_score"},
        {"BUY", "\"confidence\":0.8", "stands there twice"},
        {"BUY", "\"sector\":\"tech\"", "is no field"},
        {"BUY", "\"price\":{}", "no JSON object of plain values"},
        {"LONG", "", "signal_type"},
        {"bu\\u0079", "", "signal_type"},
    };
    for (size_t i = 0; i < TD_COUNT(rows); i++)
        expect(with(rows[i].type, rows[i].more), rows[i].says);
    expect("", "no JSON object");
}

static void the_ends_of_ranges_are_taken(void **state)
{
    (void)state;
    static const struct {
        const char *type, *more;
    } rows[] = {{"BUY", "\"target_quantity\":1000000"},
                {"SELL", "\"target_quantity\":-1000000"},
                {"BUY", "\"target_quantity\":0.5"},
                {"HOLD", "\"target_quantity\":0"},
                {"CLOSE_LONG", "\"target_quantity\":-5"},
                {"CLOSE_SHORT", "\"target_quantity\":5"},
                {"BUY", "\"max_execution_time\":1"},
                {"BUY", "\"max_execution_time\":86400"},
                {"BUY", "\"price_tolerance\":0"},
                {"BUY", "\"price_tolerance\":0.05"},
                {"BUY", "\"model_score\":0"},
                {"BUY", "\"model_score\":1"},
                {"BUY", "\"urgency\":\"CRITICAL\""},
                {"BUY", "\"price\":0.000000001"}};
    struct td_mlsignal s;
    for (size_t i = 0; i < TD_COUNT(rows); i++)
        if (parse(with(rows[i].type, rows[i].more), &s, NULL) != TD_OK)
            fail_msg("refused: %s %s", rows[i].type, rows[i].more);
}

/* One field of the whole line with another value. */
static const char *changed(const char *from, const char *to)
{
    static char line[1600];
    const char *at = strstr(whole, from);
    assert_non_null(at);
    (void)snprintf(line, sizeof line, "%.*s%s%s", (int)(at - whole), whole, to, at + strlen(from));
    return line;
}

static void names_and_times(void **state)
{
    (void)state;
    struct td_mlsignal s;
    TD_OK_OR_FAIL(
        parse(changed("\"a-1\"", "\"123456789012345678901234567890123456789\""), &s, NULL));
    expect(changed("\"a-1\"", "\"1234567890123456789012345678901234567890\""), "signal_id");
    expect(changed("\"a-1\"", "\"\""), "signal_id");
    expect(changed("\"a-1\"", "\"a b\""), "signal_id");
    expect(changed("\"a-1\"", "17"), "signal_id");
    expect(changed("\"alpha\"", "\"alphabetically16\""), "strategy_name");
    expect(changed("\"alpha\"", "null"), "strategy_name");
    expect(changed("0.8", "1.000000001"), "confidence");
    expect(changed("0.8", "-0.1"), "confidence");
    expect(changed("0.8", "\"0.8\""), "confidence");
    expect(changed("\"2025-11-21T14:30:00.5Z\"", "\"2025-11-21\""), "signal_timestamp");
    expect(changed("\"2025-11-21T14:30:00.5Z\"", "\"yesterday\""), "signal_timestamp");
    expect(changed("\"2025-11-21T14:30:00.5Z\"", "true"), "signal_timestamp");
    expect(changed("\"2025-11-21T14:30:00.5Z\"", "-1"), "signal_timestamp");
    expect(changed("\"2025-11-21T14:30:00.5Z\"", "9.3e9"), "signal_timestamp");
    expect(changed("\"2025-11-21T14:30:00.5Z\"", "9223372036.5"), "no such time");
    TD_OK_OR_FAIL(parse(changed("00.5Z", "00.5+01:00"), &s, NULL));
    assert_int_equal(s.at, AT - TD_HOUR);
}

static void a_line_that_is_too_long(void **state)
{
    (void)state;
    static char line[TD_MLSIGNAL_LINE_MAX + 2];
    struct td_mlsignal s;
    memset(line, ' ', sizeof line - 1);
    memcpy(line, whole, strlen(whole));
    expect(line, "1000 bytes at most");
    line[TD_MLSIGNAL_LINE_MAX] = '\0';
    TD_OK_OR_FAIL(parse(line, &s, NULL));
}

/* Whatever the bytes are: a signal within its ranges, or one line that says what is wrong. */
static void random_lines(void **state)
{
    (void)state;
    struct td_rng rng;
    int taken = 0;
    td_rng_init(&rng, 11);
    for (int i = 0; i < 50000; i++) {
        char line[sizeof whole];
        struct td_fail why = {0};
        struct td_mlsignal s;
        memcpy(line, whole, sizeof line);
        for (uint64_t k = td_rng_below(&rng, 3) + 1; k > 0; k--)
            line[td_rng_below(&rng, sizeof whole - 1)] = (char)(32 + td_rng_below(&rng, 95));
        if (parse(line, &s, &why) != TD_OK) {
            assert_true(why.text[0] != '\0');
            continue;
        }
        taken++;
        assert_true(s.id[0] && s.symbol[0] && s.model[0] && s.strategy[0]);
        assert_true(s.type < TD_MLSIGNAL_TYPE_COUNT && s.urgency < TD_MLSIGNAL_URGENCIES);
        assert_in_range(s.confidence_e9, 0, TD_E9);
        assert_in_range(s.tolerance_e9, 0, TD_E9 / 20);
        assert_true(s.until > s.at && s.until <= s.at + TD_MLSIGNAL_SPAN_MAX);
        assert_true(s.quantity.e9 * td_mlsignal_side((enum td_mlsignal_type)s.type) >= 0);
    }
    assert_true(taken > 1000);
}

static void states_follow_their_table(void **state)
{
    (void)state;
    static const enum td_mlsignal_state good[][2] = {
        {TD_MLS_RECEIVED, TD_MLS_VALIDATED},  {TD_MLS_RECEIVED, TD_MLS_REJECTED},
        {TD_MLS_VALIDATED, TD_MLS_EXECUTING}, {TD_MLS_VALIDATED, TD_MLS_EXECUTED},
        {TD_MLS_VALIDATED, TD_MLS_FAILED},    {TD_MLS_VALIDATED, TD_MLS_TIMEOUT},
        {TD_MLS_EXECUTING, TD_MLS_EXECUTED},  {TD_MLS_EXECUTING, TD_MLS_FAILED},
        {TD_MLS_EXECUTING, TD_MLS_TIMEOUT}};
    int allowed = 0;
    for (int from = 0; from < TD_MLS_COUNT; from++)
        for (int to = 0; to < TD_MLS_COUNT; to++) {
            const bool may =
                td_mlsignal_may_follow((enum td_mlsignal_state)from, (enum td_mlsignal_state)to);
            allowed += may;
            assert_false(may && td_mlsignal_is_over((enum td_mlsignal_state)from));
        }
    for (size_t i = 0; i < TD_COUNT(good); i++)
        assert_true(td_mlsignal_may_follow(good[i][0], good[i][1]));
    assert_int_equal(allowed, TD_COUNT(good));
    for (int i = 0; i < TD_MLS_COUNT; i++) {
        enum td_mlsignal_state found;
        assert_true(
            td_mlsignal_state_find(td_mlsignal_state_word((enum td_mlsignal_state)i), &found));
        assert_int_equal(found, i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_line),
        cmocka_unit_test(what_is_left_out),
        cmocka_unit_test(each_needed_field_is_missed),
        cmocka_unit_test(values_out_of_their_range),
        cmocka_unit_test(the_ends_of_ranges_are_taken),
        cmocka_unit_test(names_and_times),
        cmocka_unit_test(a_line_that_is_too_long),
        cmocka_unit_test(random_lines),
        cmocka_unit_test(states_follow_their_table),
    };
    return cmocka_run_group_tests_name("trade/mlsignal", tests, NULL, NULL);
}
