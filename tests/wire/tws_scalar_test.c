/* tests/wire/tws_scalar_test.c - texts of single fields and single messages (conformance 4-13). */
#include "support/support.h"

#include <string.h>

#include "wire/tws_field.h"

static uint8_t arena_block[4096];

/* Decodes fields written with '|' for NUL. */
static enum td_err decode(const char *fields, int32_t version, bool request, struct td_tws_msg *out,
                          struct td_tws_decoded *info)
{
    static char bytes[8192];
    static struct td_arena arena;
    const size_t len = strlen(fields);
    td_arena_init(&arena, arena_block, sizeof arena_block);
    assert_true(len < sizeof bytes);
    for (size_t i = 0; i < len; i++)
        bytes[i] = fields[i] == '|' ? '\0' : fields[i];
    const struct td_tws_codec codec = {version, request, &arena};
    return td_tws_decode(&codec, (struct td_str){bytes, len}, out, info);
}

static int64_t double_of(const char *text)
{
    int64_t value = 77;
    TD_OK_OR_FAIL(td_tws_double_parse(text, strlen(text), false, &value));
    return value;
}

static int64_t qty_of(const char *text)
{
    int64_t value = 77;
    TD_OK_OR_FAIL(td_tws_qty_parse(text, strlen(text), &value));
    return value;
}

static void doubles_and_their_unset_forms(void **state)
{
    (void)state;
    static const char *const unset[] = {"1.7976931348623157E308",
                                        "1.7976931348623157e+308",
                                        "1.797693134862316e308",
                                        "1.8e308",
                                        "9.9E+308",
                                        "Infinity",
                                        "Infinite"};
    for (size_t i = 0; i < TD_COUNT(unset); i++)
        assert_int_equal(double_of(unset[i]), TD_E9_NONE);
    char plain[312];
    memset(plain, '0', sizeof plain);
    memcpy(plain, "179769313486231570", 18);
    plain[309] = '\0';
    assert_int_equal(double_of(plain), TD_E9_NONE);
    plain[309] = '.', plain[310] = '0', plain[311] = '\0';
    assert_int_equal(double_of(plain), TD_E9_NONE);
    assert_int_equal(double_of("1E+3"), 1000 * TD_E9);
    assert_int_equal(double_of("-1"), -TD_E9);
    assert_int_equal(double_of("1e-05"), 10000);
    int64_t value = 5;
    static const char *const large[] = {"1.796e308",   "1e308",    "1.9e307", "1.9e3080",
                                        "99999999999", "-1.9e308", "1.9e+"};
    for (size_t i = 0; i < TD_COUNT(large); i++)
        assert_true(td_tws_double_parse(large[i], strlen(large[i]), false, &value) != TD_OK);
    memcpy(plain, "1696", 4), plain[309] = '\0';
    assert_int_equal(td_tws_double_parse(plain, 309, false, &value), TD_ERANGE);
    assert_int_equal(td_tws_double_parse("1.9999999999999", 15, false, &value), TD_OK);
    assert_int_equal(td_tws_double_parse("NaN", 3, false, &value), TD_EPROTO);
    assert_int_equal(td_tws_double_parse("Infinity", 8, true, &value), TD_OK);
    assert_int_equal(value, TD_TWS_INFINITY);
    assert_int_equal(
        td_tws_double_parse("1.99999999999999999999999999999999999e9999", 42, false, &value),
        TD_ERANGE);
}

static void decimals_and_their_unset_forms(void **state)
{
    (void)state;
    static const char *const unset[] = {"", "2147483647", "9223372036854775807",
                                        "-9223372036854775808", "1.7976931348623157E308"};
    for (size_t i = 0; i < TD_COUNT(unset); i++)
        assert_int_equal(qty_of(unset[i]), TD_E9_NONE);
    assert_int_equal(qty_of("0.00000001"), 10);
    assert_int_equal(qty_of("123456789.123456789"), INT64_C(123456789123456789));
    assert_int_equal(qty_of("1E+3"), 1000 * TD_E9);
    int64_t value;
    assert_int_equal(td_tws_qty_parse("x", 1, &value), TD_EPROTO);
    assert_int_equal(td_tws_qty_parse("99999999999", 11, &value), TD_ERANGE);
}

static void escapes(void **state)
{
    (void)state;
    static const struct {
        const char *wire, *text;
    } both[] = {
        {"caf\\u00e9", "caf\xc3\xa9"},
        {"\\u20ac", "\xe2\x82\xac"},
        {"\\ud834\\udd1e", "\xf0\x9d\x84\x9e"},
        {"a\\b", "a\\b"},
        {"\\u005cu0041", "\\u0041"},
        {"\\n", "\\n"},
    };
    char out[256];
    for (size_t i = 0; i < TD_COUNT(both); i++) {
        size_t n = td_tws_unescape(both[i].wire, strlen(both[i].wire), out);
        assert_int_equal(n, strlen(both[i].text));
        assert_memory_equal(out, both[i].text, n);
        n = td_tws_escape(both[i].text, strlen(both[i].text), out, sizeof out);
        assert_int_equal(n, strlen(both[i].wire));
        assert_memory_equal(out, both[i].wire, n);
    }
    /* what is no escape we undo, and what is not UTF-8, stays */
    static const char *const kept[] = {"\\u00-1", "\\u00:1", "\\u00_1",         "\\u00g0",
                                       "\\u00G0", "\\u12",   "\\u0000",         "\\u001f",
                                       "\\u007f", "\\ud834", "\\ud834x\\u0041", "\\ud834\\u0041",
                                       "\\udd1e", "\\",      "\\ud834\\ue000"};
    for (size_t i = 0; i < TD_COUNT(kept); i++) {
        const size_t n = td_tws_unescape(kept[i], strlen(kept[i]), out);
        if (!strstr(kept[i], "0041") && !strstr(kept[i], "e000"))
            assert_int_equal(n, strlen(kept[i]));
        assert_memory_equal(out, kept[i], n < 4 ? n : 4);
    }
    assert_int_equal(td_tws_unescape("\\u00E9", 6, out), 2);
    static const char *const raw[] = {"\xe9",
                                      "\xe9t\xe9",
                                      "\xc3",
                                      "\xc0\x80",
                                      "\xe0\x80\x80",
                                      "\xed\xa0\x80",
                                      "\xf5\x80\x80\x80",
                                      "\xf4\x90\x80\x80",
                                      "\xf0\x80\x80\x80",
                                      "\x80"};
    for (size_t i = 0; i < TD_COUNT(raw); i++) {
        assert_int_equal(td_tws_escape(raw[i], strlen(raw[i]), out, sizeof out), strlen(raw[i]));
        assert_memory_equal(out, raw[i], strlen(raw[i]));
    }
    assert_int_equal(td_tws_escape("abc", 3, out, 12), SIZE_MAX);
}

static void error_text_is_unescaped(void **state)
{
    (void)state;
    struct td_tws_msg msg;
    struct td_tws_decoded info;
    TD_OK_OR_FAIL(decode("4|2|7|201|caf\\u00e9||", 178, false, &msg, &info));
    assert_true(td_str_is(msg.error.text, "caf\xc3\xa9"));
    TD_OK_OR_FAIL(decode("4|-1|2104|raw \xe9||1700000000000|", 200, false, &msg, &info));
    assert_true(td_str_is(msg.error.text, "raw \xe9"));
    assert_int_equal(msg.error.time_ms, 1700000000000);
    assert_int_equal(info.req_id, -1);
}

static void integers_keep_their_range(void **state)
{
    (void)state;
    struct td_tws_msg msg;
    struct td_tws_decoded info;
    assert_int_equal(decode("9|1|2147483648|", 200, false, &msg, &info), TD_ERANGE);
    assert_int_equal(decode("9|1|-2147483649|", 200, false, &msg, &info), TD_ERANGE);
    assert_int_equal(decode("9|1|99999999999999999999|", 200, false, &msg, &info), TD_ERANGE);
    assert_int_equal(decode("9|1|-|", 200, false, &msg, &info), TD_EPROTO);
    assert_int_equal(decode("9|1|1.5|", 200, false, &msg, &info), TD_EPROTO);
    TD_OK_OR_FAIL(decode("9|1|+5|", 200, false, &msg, &info));
    assert_int_equal(msg.number.value, 5);
    TD_OK_OR_FAIL(decode("9|1|-2147483648|", 200, false, &msg, &info));
    assert_int_equal(msg.number.value, INT32_MIN);
    TD_OK_OR_FAIL(decode("49|1|9223372036854775807|", 200, false, &msg, &info));
    assert_int_equal(msg.instant.value, INT64_MAX);
    TD_OK_OR_FAIL(decode("49|1||", 200, false, &msg, &info));
    assert_int_equal(msg.instant.value, 0);
    static const char *const bad_ids[] = {
        "", "0|", "201|", "-1|", "|", "x|", "99999999999999999999|", "9"};
    for (size_t i = 0; i < TD_COUNT(bad_ids); i++) {
        assert_int_equal(decode(bad_ids[i], 200, false, &msg, &info), TD_EPROTO);
        assert_int_equal(info.wire_id, -1);
    }
}

static void huge_counts_allocate_nothing(void **state)
{
    (void)state;
    struct td_tws_msg msg;
    struct td_tws_decoded info;
    assert_int_equal(decode("80|2147483647|", 200, false, &msg, &info), TD_EPROTO);
    assert_int_equal(decode("80|2147483647|a|b|c|d|1|", 200, false, &msg, &info), TD_EPROTO);
    assert_int_equal(decode("80|-1|", 200, false, &msg, &info), TD_EPROTO);
    assert_int_equal(decode("80|2|a|b|c|d|1|", 200, false, &msg, &info), TD_EPROTO);
    assert_int_equal(decode("80|x|a|b|c|d|1|", 200, false, &msg, &info), TD_EPROTO);
    TD_OK_OR_FAIL(decode("80|0|", 200, false, &msg, &info));
    assert_null(msg.depth_exchanges.exchanges.p);
    char many[4096] = "75|1|SMART|2|AAPL|100|600|";
    size_t n = strlen(many);
    for (int i = 0; i < 600; i++)
        many[n++] = '|';
    memcpy(many + n, "0|", 3);
    assert_int_equal(decode(many, 200, false, &msg, &info),
                     TD_EFULL); /* 600 texts of 16 bytes do not fit the arena */
    assert_string_equal(info.at, "expirations");
    char escaped[5000];
    memset(escaped, 'a', sizeof escaped);
    memcpy(escaped, "4|1|2|\\", 7);
    memcpy(escaped + 4500, "||1|", 5);
    assert_int_equal(decode(escaped, 200, false, &msg, &info), TD_EFULL);
}

static void masks_have_opposite_orders(void **state)
{
    (void)state;
    struct td_tws_msg msg;
    struct td_tws_decoded info;
    TD_OK_OR_FAIL(decode("99|7|3|1700000000|1.5|1.6|10|20|1|", 200, false, &msg, &info));
    assert_true(msg.tick_by_tick.bid_past_low);
    assert_false(msg.tick_by_tick.ask_past_high);
    assert_true(td_px_is_none(msg.tick_by_tick.price));
    TD_OK_OR_FAIL(decode("97|7|1|1700000000|1|1.5|1.6|10|20|1|", 200, false, &msg, &info));
    assert_false(msg.historical_ticks.ticks.p[0].bid_past_low);
    assert_true(msg.historical_ticks.ticks.p[0].ask_past_high);
    assert_true(msg.historical_ticks.done);
    assert_int_equal(decode("99|7|5|1700000000|", 200, false, &msg, &info), TD_EPROTO);
    assert_int_equal(decode("99|7|32|1700000000|", 200, false, &msg, &info), TD_EPROTO);
    assert_int_equal(decode("99|7|-1|1700000000|", 200, false, &msg, &info), TD_EPROTO);
    assert_int_equal(decode("99|7|x|1700000000|", 200, false, &msg, &info), TD_EPROTO);
    TD_OK_OR_FAIL(decode("99|7|0|1700000000|", 200, false, &msg, &info));
    assert_int_equal(info.surplus, 0);
}

static void updates_have_their_own_order(void **state)
{
    (void)state;
    struct td_tws_msg msg;
    struct td_tws_decoded info;
    TD_OK_OR_FAIL(decode("90|7|3|20261120|1|2|4|0.5|1.25|900|", 200, false, &msg, &info));
    const struct td_tws_bar *bar = &msg.historical_update.bar;
    assert_int_equal(bar->open.e9, 1 * TD_E9);
    assert_int_equal(bar->close.e9, 2 * TD_E9);
    assert_int_equal(bar->high.e9, 4 * TD_E9);
    assert_int_equal(bar->low.e9, TD_E9 / 2);
    assert_int_equal(bar->wap.e9, 1250000000);
    assert_int_equal(bar->volume.e9, 900 * TD_E9);
    TD_OK_OR_FAIL(decode("90|7|-1||||||||", 200, false, &msg, &info)); /* before the first trade */
    assert_true(td_px_is_none(msg.historical_update.bar.open));
}

/* Payload of a message with nothing set, NULs as '|'. */
static const char *bare(uint16_t kind, int32_t version)
{
    static char text[4096];
    struct td_tws_msg msg;
    size_t len = 0;
    const struct td_tws_codec codec = {.version = version, .request = td_tws_is_request(kind)};
    td_tws_msg_init(&msg, kind);
    TD_OK_OR_FAIL(td_tws_encode(&codec, &msg, (uint8_t *)text, sizeof text - 1, &len));
    for (size_t i = 0; i < len; i++)
        text[i] = text[i] ? text[i] : '|';
    text[len] = '\0';
    return text;
}

static void version_fields_come_and_go(void **state)
{
    (void)state;
    assert_string_equal(bare(TD_TWS_CANCEL_ORDER, 168), "4|1|0|");
    assert_string_equal(bare(TD_TWS_CANCEL_ORDER, 186), "4|1|0||");
    assert_string_equal(bare(TD_TWS_CANCEL_ORDER, 187), "4|1|0||||2147483647|");
    assert_string_equal(bare(TD_TWS_CANCEL_ORDER, 189), "4|1|0||||2147483647|");
    assert_string_equal(bare(TD_TWS_CANCEL_ORDER, 190), "4|1|0||");
    assert_string_equal(bare(TD_TWS_CANCEL_ORDER, 192), "4|0|||2147483647|");
    assert_string_equal(bare(TD_TWS_REQ_GLOBAL_CANCEL, 191), "58|1|");
    assert_string_equal(bare(TD_TWS_REQ_GLOBAL_CANCEL, 192), "58||2147483647|");
    assert_string_equal(bare(TD_TWS_ERROR, 165), "4|2|0|0||");
    assert_string_equal(bare(TD_TWS_ERROR, 193), "4|2|0|0|||");
    assert_string_equal(bare(TD_TWS_ERROR, 194), "4|0|0|||0|");
    assert_string_equal(bare(TD_TWS_HISTORICAL_DATA, 195), "17|0|||0|");
    assert_string_equal(bare(TD_TWS_HISTORICAL_DATA, 196), "17|0|0|");
    char before[4096];
    (void)td_str_copy(td_str_of(bare(TD_TWS_PLACE_ORDER, 186)), before, sizeof before);
    assert_string_equal(bare(TD_TWS_PLACE_ORDER, 190) + strlen(before),
                        "0|"); /* includeOvernight */
    assert_string_equal(bare(TD_TWS_PLACE_ORDER, 187) + strlen(before), "|2147483647|");
    assert_string_equal(bare(TD_TWS_PLACE_ORDER, 189) + strlen(before), "|2147483647|0|");
}

static size_t fields_of(const char *text)
{
    size_t n = 0;
    for (; *text; text++)
        n += *text == '|';
    return n;
}

/* Field counts written down from the reference's tables, id included. */
static void orders_have_as_many_fields_as_the_reference(void **state)
{
    (void)state;
    assert_int_equal(fields_of(bare(TD_TWS_PLACE_ORDER, 157)), 1 + 109);
    assert_int_equal(fields_of(bare(TD_TWS_PLACE_ORDER, 200)), 1 + 109 - 1 + 10);
    assert_int_equal(fields_of(bare(TD_TWS_OPEN_ORDER, 173)), 1 + 127);
    assert_int_equal(fields_of(bare(TD_TWS_MARKET_DEPTH_L2, 200)), 10);
    assert_int_equal(fields_of(bare(TD_TWS_EXECUTION_DATA, 200)), 33);
    assert_int_equal(fields_of(bare(TD_TWS_PORTFOLIO_VALUE, 200)), 20);
}

static void names_are_for_logs(void **state)
{
    (void)state;
    assert_string_equal(td_tws_kind_name(TD_TWS_MARKET_DEPTH_L2), "MARKET_DEPTH_L2");
    assert_string_equal(td_tws_kind_name(TD_TWS_OTHER_REPLY), "OTHER");
    assert_string_equal(td_tws_kind_name(TD_TWS_OTHER_REQUEST), "OTHER");
    assert_string_equal(td_tws_kind_name(TD_TWS_NONE), "?");
    assert_string_equal(td_tws_kind_name(60000), "?");
    struct td_tws_msg msg;
    td_tws_msg_init(&msg, TD_TWS_OTHER_REPLY);
    assert_int_equal(msg.other.id, 0);
}

static void values_the_wire_cannot_carry_are_refused(void **state)
{
    (void)state;
    struct td_tws_msg msg;
    uint8_t out[512];
    size_t len;
    const struct td_tws_codec codec = {.version = 200};
    td_tws_msg_init(&msg, TD_TWS_TICK_SIZE);
    msg.tick_size.size.e9 = INT32_MAX * TD_E9; /* would be read as unset */
    assert_int_equal(td_tws_encode(&codec, &msg, out, sizeof out, &len), TD_ERANGE);
    msg.tick_size.size.e9 = TD_TWS_INFINITY;
    assert_int_equal(td_tws_encode(&codec, &msg, out, sizeof out, &len), TD_ERANGE);
    msg.tick_size.size.e9 = -INT64_MAX;
    assert_int_equal(td_tws_encode(&codec, &msg, out, sizeof out, &len), TD_ERANGE);
    td_tws_msg_init(&msg, TD_TWS_TICK_BY_TICK);
    static const int32_t types[] = {-1, 5, 32};
    for (size_t i = 0; i < TD_COUNT(types); i++) {
        msg.tick_by_tick.type = types[i];
        assert_int_equal(td_tws_encode(&codec, &msg, out, sizeof out, &len), TD_ERANGE);
    }
    td_tws_msg_init(&msg, TD_TWS_FAMILY_CODES);
    msg.pairs.pairs.n = UINT32_MAX;
    assert_int_equal(td_tws_encode(&codec, &msg, out, sizeof out, &len), TD_ERANGE);
    msg.kind = TD_TWS_NONE;
    assert_int_equal(td_tws_encode(&codec, &msg, out, sizeof out, &len), TD_EINVAL);
    td_tws_msg_init(&msg, TD_TWS_ERROR);
    msg.error.text = td_str_of("0123456789");
    for (size_t cap = 0; cap < 20; cap++)
        assert_int_equal(td_tws_encode(&codec, &msg, out, cap, &len), TD_EFULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(doubles_and_their_unset_forms),
        cmocka_unit_test(decimals_and_their_unset_forms),
        cmocka_unit_test(escapes),
        cmocka_unit_test(error_text_is_unescaped),
        cmocka_unit_test(integers_keep_their_range),
        cmocka_unit_test(huge_counts_allocate_nothing),
        cmocka_unit_test(masks_have_opposite_orders),
        cmocka_unit_test(updates_have_their_own_order),
        cmocka_unit_test(version_fields_come_and_go),
        cmocka_unit_test(orders_have_as_many_fields_as_the_reference),
        cmocka_unit_test(names_are_for_logs),
        cmocka_unit_test(values_the_wire_cannot_carry_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
