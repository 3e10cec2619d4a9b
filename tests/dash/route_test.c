/* tests/dash/route_test.c - paths against the table, queries, bodies of a POST, and what actions say to the desk. */
#include "dash/route.h"

#include <stdio.h>
#include <string.h>

#include "dash/act.h"
#include "dash/keeper.h"
#include "support/support.h"

static void paths(void **state)
{
    (void)state;
    static const char *const none[] = {"",
                                       "/",
                                       "/api/v1",
                                       "/api/v1/session/",
                                       "/api/v1/session/x",
                                       "/API/v1/session",
                                       "/api/v1/../session",
                                       "//api/v1/session"};
    struct td_str argument = {0};
    bool known;
    const struct td_route *r =
        td_route_find(TD_METHOD_GET, td_str_of("/api/v1/session"), &argument, &known);
    assert_non_null(r);
    assert_int_equal(r->access, TD_ACCESS_READ);
    assert_null(td_route_find(TD_METHOD_POST, td_str_of("/api/v1/session"), &argument, &known));
    assert_true(known);
    for (size_t i = 0; i < TD_COUNT(none); i++) {
        assert_null(td_route_find(TD_METHOD_GET, td_str_of(none[i]), &argument, &known));
        assert_false(known);
    }
}

/* Whatever changes something is a POST with the trade scope; only logging in and out is open. */
static void the_table(void **state)
{
    (void)state;
    const struct td_route *tables[] = {td_routes, td_api_routes};
    for (size_t t = 0; t < TD_COUNT(tables); t++)
        for (const struct td_route *r = tables[t]; r->path; r++) {
            const bool log = strstr(r->path, "/login") || strstr(r->path, "/logout");
            assert_true(r->path[0] == '/' && r->answer && r->help && r->schema);
            assert_true(r->method != TD_METHOD_POST || r->access == TD_ACCESS_TRADE || log);
            assert_true(r->access != TD_ACCESS_TRADE || r->method == TD_METHOD_POST);
            assert_true(!r->nonce || td_act_confirm(r->nonce));
        }
}

static void queries(void **state)
{
    (void)state;
    char out[8] = "-";
    const struct td_str q =
        td_str_of("symbol=S%50Y&limit=10&x&y=a+b&z=%zz&n=%00&long=123456789&e=%4");
    assert_true(td_route_query(q, "symbol", out, sizeof out));
    assert_string_equal(out, "SPY");
    assert_true(td_route_query(q, "limit", out, sizeof out));
    assert_string_equal(out, "10");
    assert_true(td_route_query(q, "x", out, sizeof out));
    assert_string_equal(out, "");
    assert_true(td_route_query(q, "y", out, sizeof out));
    assert_string_equal(out, "a b");
    assert_false(td_route_query(q, "z", out, sizeof out));
    assert_false(td_route_query(q, "n", out, sizeof out));
    assert_false(td_route_query(q, "long", out, sizeof out));
    assert_false(td_route_query(q, "e", out, sizeof out));
    assert_false(td_route_query(q, "sym", out, sizeof out));
    assert_false(td_route_query((struct td_str){0}, "symbol", out, sizeof out));
}

static void bodies(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool good;
    } rows[] = {
        {"{}", true},
        {" {\"a\":1,\"b\":{\"a\":[1,2,{\"a\":null}]}} ", true},
        {"", false},
        {"[]", false},
        {"3", false},
        {"{\"a\":1,\"a\":2}", false},
        {"{\"b\":[{\"a\":1,\"a\":2}]}", false},
        {"{\"a\":1e999}", false},
        {"{\"a\":[-1e999]}", false},
        {"{} x", false},
        {"{}{}", false},
        {"{\"a\":\"\\u0000b\"}", false},
        {"{\"a\":", false},
        {"{a:1}", false},
        {"{\"a\":\"}}}}{{{{[[[[[[[[[[[[[[[[[[[[\"}", true},
    };
    const char *reason;
    char deep[3000];
    for (size_t i = 0; i < TD_COUNT(rows); i++) {
        uint8_t *bytes = td_guard_copy(rows[i].text, strlen(rows[i].text));
        cJSON *body = td_route_body((struct td_str){(char *)bytes, strlen(rows[i].text)}, &reason);
        if (!body != !rows[i].good)
            print_error("%s\n", rows[i].text);
        assert_true(!body == !rows[i].good && !reason == !!body);
        cJSON_Delete(body);
        td_guard_free(bytes, strlen(rows[i].text));
    }
    memset(deep, '[', sizeof deep);
    memcpy(deep, "{\"a\":", 5);
    assert_null(td_route_body((struct td_str){deep, sizeof deep}, &reason));
    assert_string_equal(reason, "the body nests too deep");
    assert_null(td_route_body((struct td_str){"{}\0", 3}, &reason));
}

/* --- actions --- */

static char said[300];

static enum td_err hear(void *arg, const char *line, char *out, size_t cap, struct td_fail *why)
{
    (void)why;
    (void)snprintf(said, sizeof said, "%s", line);
    if (!arg)
        return TD_EMUTE;
    (void)snprintf(out, cap,
                   "{\"ok\":true,\"would_cancel\":[{}],\"would_close\":[{\"symbol\":\"SPY\","
                   "\"action\":\"SELL\",\"quantity\":400}]}\n");
    return TD_OK;
}

static struct td_keeper keeper;
static struct td_api_answer answer;
static char bytes[270000];

static int act_on(const char *path, const char *text, bool confirmed, bool desk, bool mute)
{
    const char *reason;
    bool known;
    struct td_str argument;
    cJSON *body = td_route_body(td_str_of(text), &reason);
    const struct td_api_view view = {
        .ask = desk ? hear : NULL, .ask_arg = mute ? NULL : &keeper, .keeper = &keeper};
    const struct td_api_call call = {
        .route = td_route_find(TD_METHOD_POST, td_str_of(path), &argument, &known),
        .body = body,
        .confirmed = confirmed,
        .view = &view};
    assert_non_null(call.route);
    assert_non_null(body);
    said[0] = '\0';
    answer = (struct td_api_answer){.status = 200};
    td_text_init(&answer.text, bytes, sizeof bytes);
    call.route->answer(&call, &answer);
    cJSON_Delete(body);
    return answer.status;
}

static void words_to_the_desk(void **state)
{
    (void)state;
    assert_int_equal(act_on("/api/v1/halt", "{}", false, true, false), 200);
    assert_string_equal(said, "halt dashboard: by hand");
    assert_true(strncmp(bytes, "{\"ok\":true", 10) == 0);
    assert_int_equal(
        act_on("/api/v1/halt", "{\"reason\":\"a\\nflatten go x\"}", false, true, false), 400);
    assert_string_equal(said, "");
    assert_int_equal(act_on("/api/v1/resume", "{\"reason\":\"looked\"}", false, true, false), 403);
    assert_string_equal(said, "");
    assert_int_equal(act_on("/api/v1/resume", "{}", true, true, false), 400);
    assert_int_equal(act_on("/api/v1/resume", "{\"reason\":\"looked\"}", true, true, false), 200);
    assert_string_equal(said, "resume dashboard: looked");
    assert_int_equal(act_on("/api/v1/flatten", "{\"reason\":\"storm\"}", true, true, false), 200);
    assert_string_equal(said, "flatten go dashboard: storm");
    assert_int_equal(
        act_on("/api/v1/accept", "{\"symbol\":\"SPY x\",\"reason\":\"r\"}", true, true, false),
        400);
    assert_int_equal(
        act_on("/api/v1/accept", "{\"symbol\":\"BRK.B\",\"reason\":\"r\"}", true, true, false),
        200);
    assert_string_equal(said, "accept BRK.B dashboard: r");
    assert_int_equal(
        act_on("/api/v1/cancel-all", "{\"scope\":\"all\",\"reason\":\"r\"}", true, true, false),
        200);
    assert_string_equal(said, "cancel-all all dashboard: r");
    assert_int_equal(
        act_on("/api/v1/cancel-all", "{\"scope\":\"none\",\"reason\":\"r\"}", true, true, false),
        400);
    assert_int_equal(act_on("/api/v1/ack", "{\"id\":\"unknown-order\"}", false, true, false), 200);
    assert_string_equal(said, "ack unknown-order dashboard: by hand");
    assert_int_equal(
        act_on("/api/v1/ack", "{\"id\":\"rule_1.x\",\"reason\":\"seen\"}", false, true, false),
        200);
    assert_string_equal(said, "ack rule_1.x dashboard: seen");
    static const char *const no_alert[] = {"{}",
                                           "{\"id\":7}",
                                           "{\"id\":\"\"}",
                                           "{\"id\":\"a b\"}",
                                           "{\"id\":\"a\\nhalt x\"}",
                                           "{\"id\":\"a\",\"reason\":\"\\u0007\"}"};
    for (size_t i = 0; i < TD_COUNT(no_alert); i++) {
        assert_int_equal(act_on("/api/v1/ack", no_alert[i], false, true, false), 400);
        assert_string_equal(said, "");
    }
    assert_int_equal(act_on("/api/v1/halt", "{}", false, false, false), 503);
    assert_int_equal(act_on("/api/v1/halt", "{}", false, true, true), 504);
}

static void any(void *arg, void *out, size_t len)
{
    (void)arg;
    memset(out, 7, len);
}

static void a_nonce_says_what_it_would_do(void **state)
{
    (void)state;
    struct td_keeper_config c = {.host = "127.0.0.1", .random = any};
    memset(c.read, 'a', TD_KEEPER_TOKEN);
    memset(c.trade, 'b', TD_KEEPER_TOKEN);
    TD_OK_OR_FAIL(td_keeper_init(&keeper, &c, NULL));
    assert_int_equal(act_on("/api/v1/nonce", "{\"action\":\"halt\"}", false, true, false), 400);
    assert_int_equal(act_on("/api/v1/nonce", "{\"action\":\"flatten\"}", false, true, false), 200);
    assert_string_equal(
        bytes,
        "{\"nonce\":\"07070707070707070707070707070707\",\"expires_in\":60,"
        "\"confirm\":\"FLATTEN\",\"consequence\":\"cancels 1 orders, SELL 400 SPY at market\"}");
    assert_true(
        td_keeper_spend(&keeper, td_str_of("07070707070707070707070707070707"), "flatten", 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths),
        cmocka_unit_test(the_table),
        cmocka_unit_test(queries),
        cmocka_unit_test(bodies),
        cmocka_unit_test(words_to_the_desk),
        cmocka_unit_test(a_nonce_says_what_it_would_do),
    };
    return cmocka_run_group_tests_name("route", tests, NULL, NULL);
}
