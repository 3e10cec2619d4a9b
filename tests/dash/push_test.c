/* tests/dash/push_test.c - subscriptions without sockets: what changed, sequence numbers, frames that are full, the older form. */
#include "dash/push.h"

#include <stdio.h>
#include <string.h>

#include "support/support.h"

static struct td_watch w;
static struct td_push_board board;
static struct td_push_client client;
static char frame[TD_PUSH_FRAME];
static struct td_text text;

static int begin(void **state)
{
    (void)state;
    struct td_feed_item item = {.kind = TD_FEED_LINE, .line = 0, .symbol = "SPY"};
    TD_OK_OR_FAIL(td_watch_open(&w));
    TD_OK_OR_FAIL(td_push_open(&board, &w));
    td_watch_take(&w, &item);
    memset(&client, 0, sizeof client);
    td_text_init(&text, frame, sizeof frame);
    return 0;
}

static int end(void **state)
{
    (void)state;
    td_push_close(&board);
    td_push_close(&board);
    td_watch_close(&w);
    return 0;
}

static void hear(const char *message)
{
    const char *reason;
    assert_true(td_push_hear(&client, &board, td_str_of(message), &reason));
}

static void print(int64_t px)
{
    struct td_feed_item item = {
        .kind = TD_FEED_EVENT,
        .event = {.kind = TD_EV_TRADE,
                  .recv_ns = TD_SEC,
                  .trade = {.px = {px * TD_E9}, .qty = TD_QTY(1), .aggressor = 2}}};
    td_watch_take(&w, &item);
}

static void rows(enum td_push_list list, const char *key, const char *json)
{
    cJSON *answer = cJSON_Parse(json);
    assert_non_null(answer);
    td_push_take(&board, list, answer, key);
    cJSON_Delete(answer);
}

static bool next(void)
{
    return td_push_frame(&client, &board, 0, &text);
}

#define HEAD(seq, full)                                                                            \
    "{\"type\":\"update\",\"seq\":" #seq                                                           \
    ",\"time\":\"1970-01-01T00:00:00.000000+00:00\",\"full\":" #full ",\"topics\":{"

static void only_what_changed(void **state)
{
    (void)state;
    rows(TD_PUSH_ORDERS, "orders", "{\"orders\":[{\"id\":2,\"s\":\"a\"},{\"id\":1,\"s\":\"b\"}]}");
    hear("{\"type\":\"subscribe\",\"topics\":[\"orders\",\"trades:SPY\",\"book:IBM\"]}");
    assert_true(next());
    assert_string_equal(
        frame,
        HEAD(1, true) "\"orders\":{\"orders\":[{\"id\":2,\"s\":\"a\"},{\"id\":1,\"s\":\"b\"}]},"
                      "\"trades:SPY\":{\"symbol\":\"SPY\",\"newest\":0,\"trades\":[]},\"book:IBM\":"
                      "null}}");
    assert_false(td_push_due(&client, &board));
    assert_false(next());
    rows(TD_PUSH_ORDERS, "orders",
         "{\"orders\":[{\"id\":2,\"s\":\"a\"},{\"id\":1,\"s\":\"b\"}]}"); /* the same */
    assert_false(next());
    rows(TD_PUSH_ORDERS, "orders",
         "{\"orders\":[{\"id\":3,\"s\":\"n\"},{\"id\":2,\"s\":\"a\"},{\"id\":1,\"s\":\"c\"}]}");
    assert_true(next());
    assert_string_equal(
        frame,
        HEAD(2, false) "\"orders\":{\"orders\":[{\"id\":3,\"s\":\"n\"},{\"id\":1,\"s\":\"c\"}]}}}");
    for (int64_t px = 1; px <= 3; px++)
        print(px);
    assert_true(next()); /* three in one frame */
    assert_non_null(strstr(frame, "\"seq\":3"));
    assert_non_null(strstr(frame, "\"newest\":3,\"trades\":[{\"n\":1,"));
    print(4);
    assert_true(next());
    assert_non_null(strstr(frame, "\"newest\":4,\"trades\":[{\"n\":4,"));
    assert_null(strstr(frame, "{\"n\":3,"));
    hear(
        "{\"type\":\"subscribe\",\"topics\":[\"trades:SPY\"]}"); /* whole again; the numbers go on */
    assert_true(next());
    assert_non_null(strstr(frame, "\"seq\":5"));
    assert_non_null(strstr(frame, "\"full\":true"));
    assert_non_null(strstr(frame, "{\"n\":1,"));
}

static void what_does_not_fit_comes_later(void **state)
{
    (void)state;
    for (int64_t px = 1; px <= 600; px++)
        print(px);
    hear("{\"type\":\"subscribe\",\"topics\":[\"symbols\",\"trades:SPY\",\"book:SPY\"]}");
    td_text_init(&text, frame, 20000);
    assert_true(next());
    cJSON *whole = cJSON_Parse(frame);
    assert_non_null(whole); /* cut between topics, never within */
    cJSON_Delete(whole);
    assert_non_null(strstr(frame, "symbols"));
    assert_null(strstr(frame, "trades:SPY"));
    td_text_init(&text, frame, sizeof frame);
    assert_true(next());
    assert_non_null(strstr(frame, "trades:SPY"));
    assert_non_null(strstr(frame, "book:SPY"));
    assert_false(next());
}

static void bar(int64_t minute)
{
    struct td_feed_item item = {.kind = TD_FEED_EVENT,
                                .event = {.kind = TD_EV_BAR,
                                          .venue_ns = minute * TD_MIN,
                                          .bar = {.volume = TD_QTY(1), .span = TD_MIN}}};
    td_watch_take(&w, &item);
}

static void bars_that_did_not_fit_are_not_lost(void **state)
{
    (void)state;
    bar(1);
    hear("{\"type\":\"subscribe\",\"topics\":[\"symbols\",\"bars:SPY\"]}");
    assert_true(next());
    for (int64_t minute = 2; minute < 300; minute++)
        bar(minute);
    td_text_init(&text, frame, 2000);
    assert_true(next());
    assert_null(strstr(frame, "bars:SPY"));
    td_text_init(&text, frame, sizeof frame);
    assert_true(next());
    assert_non_null(strstr(frame, "{\"time\":120,"));
    assert_non_null(strstr(frame, "{\"time\":17940,"));
}

static void status_comes_as_it_is(void **state)
{
    (void)state;
    hear("{\"type\":\"subscribe\",\"topics\":[\"status\"]}");
    board.no_desk = "none";
    assert_true(next());
    assert_string_equal(frame, HEAD(1, true) "\"status\":{\"ok\":false,\"reason\":\"none\"}}}");
    board.status_text = "{\"ok\":true,\"a\":[1]}";
    board.status_version++;
    assert_true(next());
    assert_string_equal(frame, HEAD(2, false) "\"status\":{\"ok\":true,\"a\":[1]}}}");
    assert_true(td_push_wants_status(&client));
    assert_false(td_push_wants(&client, TD_PUSH_ORDERS));
}

static void what_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "{",
        "[]",
        "{\"type\":\"subscribe\"}",
        "{\"type\":\"trade\",\"topics\":[]}",
        "{\"type\":\"subscribe\",\"topics\":[\"all\"]}",
        "{\"type\":\"subscribe\",\"topics\":[\"book\"]}",
        "{\"type\":\"subscribe\",\"topics\":[\"book:\"]}",
        "{\"type\":\"subscribe\",\"topics\":[\"status:SPY\"]}",
        "{\"type\":\"subscribe\",\"topics\":[1]}",
        "{\"type\":\"subscribe\",\"topics\":[\"book:AVERYLONGSYMBOLTHATFITSNOWHERE\"]}",
        "{\"type\":\"subscribe\",\"symbols\":[1]}"};
    char many[2000] = "{\"type\":\"subscribe\",\"topics\":[";
    size_t n = strlen(many);
    const char *reason;
    for (size_t i = 0; i < TD_COUNT(bad); i++) {
        reason = NULL;
        assert_false(td_push_hear(&client, &board, td_str_of(bad[i]), &reason));
        assert_non_null(reason);
    }
    for (int i = 0; i < TD_PUSH_TOPICS + 1; i++)
        n += (size_t)snprintf(many + n, sizeof many - n, "%s\"orders\"", i ? "," : "");
    (void)snprintf(many + n, sizeof many - n, "]}");
    assert_false(td_push_hear(&client, &board, td_str_of(many), &reason));
}

static void lists_are_bounded(void **state)
{
    (void)state;
    static char list[200000];
    size_t n = (size_t)snprintf(list, sizeof list, "{\"events\":[");
    for (int i = 0; i < 1000; i++)
        n += (size_t)snprintf(list + n, sizeof list - n, "%s{\"id\":%d,\"text\":\"%0100d\"}",
                              i ? "," : "", 1000 - i, i);
    (void)snprintf(list + n, sizeof list - n, "]}");
    rows(TD_PUSH_EVENTS, "events", list);
    assert_int_equal(board.lists[TD_PUSH_EVENTS].count, TD_PUSH_ROWS);
    assert_int_equal(board.lists[TD_PUSH_EVENTS].rows[0].id, 1000);
}

static void the_older_form_tells_what_comes(void **state)
{
    (void)state;
    rows(TD_PUSH_FILLS, "fills", "{\"fills\":[{\"id\":\"x1\",\"symbol\":\"OLD\"}]}");
    hear("{\"type\":\"subscribe\",\"symbols\":[\"SPY\"]}");
    assert_false(next()); /* nothing of the past */
    rows(TD_PUSH_FILLS, "fills",
         "{\"fills\":[{\"id\":\"x3\",\"symbol\":\"B\",\"side\":\"BUY\",\"quantity\":1,\"price\":2,"
         "\"time\":\"t\"},"
         "{\"id\":\"x2\",\"symbol\":\"A\"},{\"id\":\"x1\",\"symbol\":\"OLD\"}]}");
    print(7);
    const char *const wanted[] = {
        "{\"type\":\"trade\",\"symbol\":\"A\",\"side\":null,\"quantity\":null,\"price\":null,"
        "\"status\":\"executed\",\"timestamp\":null}",
        "{\"type\":\"market_data\",\"symbol\":\"SPY\",\"price\":7,\"timestamp\":"
        "\"1970-01-01T00:00:01.000000+00:00\",\"bid\":null,\"ask\":null,\"volume\":null}",
        "{\"type\":\"trade\",\"symbol\":\"B\",\"side\":\"BUY\",\"quantity\":1,\"price\":2,"
        "\"status\":\"executed\",\"timestamp\":\"t\"}"};
    for (size_t i = 0; i < TD_COUNT(wanted); i++) {
        assert_true(next());
        assert_string_equal(frame, wanted[i]);
    }
    assert_false(next());
    assert_false(td_push_due(&client, &board));
}

/* Three clients at one moment: the second asks as the first, the third has seen less. What is shared changes no word. */
static void check_shared(struct td_push_client *c, td_ns now, char *out, size_t cap, bool first)
{
    static char alone[4096];
    struct td_push_client again = *c;
    td_text_init(&text, out, cap);
    assert_true(td_push_frame(c, &board, now, &text));
    if (!first)
        return;
    board.said->count = 0; /* as if nobody else had asked */
    td_text_init(&text, alone, sizeof alone);
    assert_true(td_push_frame(&again, &board, now, &text));
    assert_string_equal(out, alone);
    assert_memory_equal(&again, c, sizeof again);
}

static void what_is_shared_is_the_same(void **state)
{
    (void)state;
    static struct td_push_client crowd[3];
    static char frames[3][4096];
    const char *reason, *words = "{\"type\":\"subscribe\",\"topics\":[\"symbols\","
                                 "\"trades:SPY\",\"book:SPY\",\"bars:SPY\"]}";
    memset(crowd, 0, sizeof crowd);
    for (size_t i = 0; i < TD_COUNT(crowd); i++)
        assert_true(td_push_hear(&crowd[i], &board, td_str_of(words), &reason));
    for (int64_t n = 1; n < 20; n++) {
        print(100 + n);
        for (size_t i = 0; i < TD_COUNT(crowd); i++)
            if (i < 2 || n % 3 == 0) /* the third is slow */
                check_shared(&crowd[i], n * TD_SEC, frames[i], sizeof frames[i], i > 0);
        assert_string_equal(frames[0], frames[1]);
        print(200); /* at the same moment, and everybody is told */
        for (size_t i = 0; i < 2; i++)
            check_shared(&crowd[i], n * TD_SEC, frames[i], sizeof frames[i], i > 0);
        assert_non_null(strstr(frames[0], "\"price\":200"));
        assert_string_equal(frames[0], frames[1]);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(only_what_changed),
        TEST(what_is_shared_is_the_same),
        TEST(what_does_not_fit_comes_later),
        TEST(bars_that_did_not_fit_are_not_lost),
        TEST(status_comes_as_it_is),
        TEST(what_is_refused),
        TEST(lists_are_bounded),
        TEST(the_older_form_tells_what_comes),
    };
    return cmocka_run_group_tests_name("push", tests, NULL, NULL);
}
