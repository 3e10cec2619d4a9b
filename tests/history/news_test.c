/* tests/history/news_test.c - two sources over HTTPS with every answer they are known for, files, and articles kept once. */
#include "support/https_stub.h"
#include "support/support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "history/news.h"
#include "sys/uvworld.h"

static struct scene {
    struct https_stub *stub;
    struct td_settings settings;
    struct td_environ environ;
    struct td_world world;
    const char *folder;
    char ca[700], url[64], query[2048];
    int status;
    const char *body;
    struct td_news_item items[8];
    size_t count;
} scene;

static void answer(void *arg, const struct stub_request *r, struct stub_answer *a)
{
    (void)arg;
    (void)snprintf(scene.query, sizeof scene.query, "%s", r->query);
    *a = (struct stub_answer){
        .status = scene.status, .body = scene.body, .len = strlen(scene.body), .chunked = true};
}

static int open_scene(void **state)
{
    struct scene *s = &scene;
    (void)state;
    TD_OK_OR_FAIL(td_settings_load(&s->settings, &s->environ, NULL));
    TD_OK_OR_FAIL(td_uvworld_open(&s->world, false, NULL));
    s->folder = td_test_folder("news");
    (void)snprintf(s->ca, sizeof s->ca, "%s/ca.pem", s->folder);
    s->stub = https_stub_open(s->ca, answer, NULL);
    (void)snprintf(s->url, sizeof s->url, "https://localhost:%u/news",
                   (unsigned)https_stub_port(s->stub));
    s->settings.ca_file = s->ca;
    s->settings.news_key = "token-of-marketaux";
    s->settings.alphavantage_key = "key-of-alpha";
    s->settings.marketaux_url = s->settings.alphavantage_url = s->url;
    return 0;
}

static int close_scene(void **state)
{
    (void)state;
    https_stub_close(scene.stub);
    td_uvworld_close(&scene.world);
    return 0;
}

static enum td_err keep(void *arg, const struct td_news_item *item)
{
    (void)arg;
    assert_true(scene.count < TD_COUNT(scene.items));
    scene.items[scene.count++] = *item;
    return TD_OK;
}

static enum td_err ask(const char *source, int status, const char *body, struct td_fail *why)
{
    td_ns since;
    TD_OK_OR_FAIL(td_iso_parse("2026-01-30T08:05:00Z", 20, &since));
    scene.status = status;
    scene.body = body;
    scene.count = 0;
    *why = (struct td_fail){0};
    return td_news_fetch(td_news_find(source), &scene.settings, "AAPL", since, keep, NULL, why);
}

static void expect_query(const char *key, const char *wanted)
{
    char value[128] = "";
    assert_true(stub_value(scene.query, key, value, sizeof value));
    assert_string_equal(value, wanted);
}

static void marketaux_is_read(void **state)
{
    (void)state;
    struct td_fail why;
    static const char body[] =
        "{\"meta\":{\"found\":2},\"data\":[{\"uuid\":\"u-1\",\"title\":\"Up\\nand "
        "away\",\"description\":\"d\",\"url\":"
        "\"https://x/"
        "1\",\"published_at\":\"2026-01-31T14:30:00.000000Z\",\"entities\":[{\"symbol\":\"MSFT\","
        "\"sentiment_score\":-0.9},{\"symbol\":\"AAPL\",\"sentiment_score\":0.52}]},"
        "{\"uuid\":\"u-2\",\"title\":\"No time\",\"published_at\":\"soon\"},"
        "{\"uuid\":\"\",\"title\":\"No "
        "id\",\"url\":\"https://x/3\",\"published_at\":\"2026-01-31T15:00:00Z\"}]}";
    TD_OK_OR_FAIL(ask("marketaux", 200, body, &why));
    assert_int_equal(scene.count, 2);
    assert_string_equal(scene.items[0].title, "Up and away");
    assert_string_equal(scene.items[0].id, "u-1");
    assert_true(scene.items[0].source_score == 0.52 && isnan(scene.items[0].score));
    assert_true(scene.items[0].at % TD_DAY == 14 * TD_HOUR + 30 * TD_MIN);
    assert_true(strncmp(scene.items[1].id, "url-", 4) == 0 && isnan(scene.items[1].source_score));
    expect_query("symbols", "AAPL");
    expect_query("published_after", "2026-01-30T08:05:00");
    expect_query("api_token", "token-of-marketaux");
}

static void alphavantage_is_read(void **state)
{
    (void)state;
    struct td_fail why;
    static const char body[] = "{\"items\":\"1\",\"feed\":[{\"title\":\"T\",\"url\":\"https://x/"
                               "1\",\"time_published\":\"20260131T143000\","
                               "\"summary\":\"S\",\"ticker_sentiment\":[{\"ticker\":\"AAPL\","
                               "\"ticker_sentiment_score\":\"-0.25\"}]}]}";
    TD_OK_OR_FAIL(ask("alphavantage", 200, body, &why));
    assert_int_equal(scene.count, 1);
    assert_true(scene.items[0].source_score == -0.25); /* a text with a number */
    assert_true(scene.items[0].at % TD_DAY == 14 * TD_HOUR + 30 * TD_MIN);
    expect_query("tickers", "AAPL");
    expect_query("time_from", "20260130T0805");
}

static void refusals_are_told_without_the_key(void **state)
{
    (void)state;
    static const struct {
        const char *source;
        int status;
        const char *body;
        enum td_err err;
        const char *says;
    } rows[] = {
        {"marketaux", 401, "{\"error\":{\"code\":\"invalid_api_token\",\"message\":\"bad token\"}}",
         TD_EACCES, "bad token"},
        {"marketaux", 402, "{\"error\":{\"code\":\"usage_limit_reached\",\"message\":\"limit\"}}",
         TD_EFULL, "limit"},
        {"marketaux", 429, "{\"error\":{\"message\":\"slow down\"}}", TD_EFULL, "slow down"},
        {"marketaux", 500, "oops", TD_EPROTO, "marketaux"},
        {"marketaux", 200, "{\"data\":7}", TD_EPROTO, "marketaux"},
        {"alphavantage", 200, "{\"Note\":\"5 calls per minute\"}", TD_EFULL, "5 calls"},
        {"alphavantage", 200, "{\"Information\":\"25 requests per day\"}", TD_EFULL, "25 requests"},
        {"alphavantage", 200, "{\"Error Message\":\"the parameter apikey\"}", TD_EACCES, "apikey"},
        {"alphavantage", 200, "not json", TD_EPROTO, "alphavantage"},
        {"alphavantage", 503, "{\"feed\":[]}", TD_EPROTO, "alphavantage"},
    };
    struct td_fail why;
    for (size_t i = 0; i < TD_COUNT(rows); i++) {
        const enum td_err err = ask(rows[i].source, rows[i].status, rows[i].body, &why);
        if (err != rows[i].err || !strstr(why.text, rows[i].says))
            fail_msg("row %zu: %d %s", i, (int)err, why.text);
        assert_int_equal(scene.count, 0);
        assert_null(strstr(why.text, "token-of"));
        assert_null(strstr(why.text, "key-of"));
    }
    scene.settings.news_key = "";
    assert_int_equal(ask("marketaux", 200, "", &why), TD_EACCES);
    assert_non_null(strstr(why.text, "NEWS_API_KEY"));
    scene.settings.news_key = "token-of-marketaux";
}

static void hostile_answers_are_bounded(void **state)
{
    (void)state;
    struct td_fail why;
    char *body = malloc(2 * TD_NEWS_BYTES);
    assert_non_null(body);
    memset(body, ' ', 2 * TD_NEWS_BYTES - 1);
    body[2 * TD_NEWS_BYTES - 1] = '\0';
    assert_int_equal(ask("marketaux", 200, body, &why), TD_ERANGE); /* past 1 MiB */
    char *p = body;
    p += snprintf(p, 4096, "{\"data\":[{\"uuid\":\"");
    memset(p, 'u', 500), p += 500;
    p += snprintf(p, 4096, "\",\"title\":\"");
    memset(p, 'x', 20000), p += 20000;
    p += snprintf(p, 4096,
                  "\",\"published_at\":\"2026-01-31T14:30:00Z\",\"entities\":[{\"symbol\":\"AAPL\","
                  "\"sentiment_score\":1e300}]}]}");
    TD_OK_OR_FAIL(ask("marketaux", 200, body, &why));
    assert_int_equal(strlen(scene.items[0].title), TD_NEWS_TEXT - 1);
    assert_true(isnan(scene.items[0].source_score)); /* no score at all */
    free(body);
}

static const char *put(const char *name, const char *text)
{
    static char path[700];
    (void)snprintf(path, sizeof path, "%s/%s", scene.folder, name);
    TD_OK_OR_FAIL(td_file_replace(&scene.world, path, td_str_of(text), NULL));
    return path;
}

static void files_are_a_source_too(void **state)
{
    (void)state;
    uint64_t bad = 0;
    struct td_fail why = {0};
    scene.count = 0;
    TD_OK_OR_FAIL(td_news_read_file(
        &scene.world,
        put("n.csv", "Date;Ticker;Headline;Sentiment\n2026-01-31;AAPL;\"a; b\";0,5\n"
                     "2026-01-31T10:00:00Z;MSFT;c;-0.5\n;AAPL;d;\nnever;AAPL;e;\n"
                     "2026-01-31;../x;f;\n"),
        keep, NULL, &bad, &why));
    assert_int_equal(scene.count, 2);
    assert_int_equal(bad, 3);
    assert_string_equal(scene.items[0].title, "a; b");
    assert_true(isnan(scene.items[0].source_score) && scene.items[1].source_score == -0.5);
    scene.count = 0;
    TD_OK_OR_FAIL(
        td_news_read_file(&scene.world,
                          put("n.jsonl", "{\"symbol\":\"AAPL\",\"published_at\":\"2026-01-31T10:00:"
                                         "00Z\",\"title\":\"t\",\"id\":\"1\","
                                         "\"sentiment\":0.25}\n{\"symbol\":\"AAPL\"}\nbroken\n"),
                          keep, NULL, &bad, &why));
    assert_int_equal(scene.count, 1);
    assert_int_equal(bad, 2);
    assert_true(scene.items[0].source_score == 0.25);
    assert_int_equal(
        td_news_read_file(&scene.world, put("o.csv", "a,b\n1,2\n"), keep, NULL, &bad, &why),
        TD_EPARSE);
    assert_non_null(strstr(why.text, "no columns symbol"));
}

static void an_article_is_kept_once(void **state)
{
    (void)state;
    struct td_news_item item = {
        .at = 20484 * TD_DAY + TD_HOUR, .score = 0.12345, .source_score = (double)NAN};
    char path[800];
    size_t len;
    bool fresh;
    (void)snprintf(item.id, sizeof item.id, "one");
    (void)snprintf(item.symbol, sizeof item.symbol, "AAPL");
    (void)snprintf(item.title, sizeof item.title, "a \"quoted\" title");
    for (int i = 0; i < 3; i++) {
        TD_OK_OR_FAIL(td_news_store(&scene.world, scene.folder, &item, &fresh, NULL));
        assert_int_equal(fresh, i == 0);
    }
    (void)snprintf(item.id, sizeof item.id, "two");
    TD_OK_OR_FAIL(td_news_store(&scene.world, scene.folder, &item, &fresh, NULL));
    assert_true(fresh);
    (void)snprintf(path, sizeof path, "%s/news/AAPL/2026-01-31.jsonl", scene.folder);
    char *text = td_test_slurp(path, &len);
    assert_non_null(text);
    assert_non_null(
        strstr(text, "{\"id\":\"one\",\"symbol\":\"AAPL\",\"source\":\"\",\"published_at\":"
                     "\"2026-01-31T01:00:00.000000+00:00\",\"title\":\"a \\\"quoted\\\" title\","
                     "\"url\":null,\"score\":0.1235,\"source_score\":null}\n"));
    free(text);
}

static void scores_need_a_lexicon(void **state)
{
    (void)state;
    struct td_news_scorer *n = NULL;
    struct td_sentiment s;
    struct td_fail why = {0};
    TD_OK_OR_FAIL(td_news_scorer_open(&n, &scene.world, &scene.settings, &why));
    assert_false(td_news_score(n, td_str_of("great"), &s));
    td_news_scorer_close(n);
    struct td_settings settings = scene.settings;
    settings.sentiment_lexicon = put("l.txt", "great\t3.1\n");
    TD_OK_OR_FAIL(td_news_scorer_open(&n, &scene.world, &settings, &why));
    assert_true(td_news_score(n, td_str_of("great"), &s) && s.compound > 0.6);
    td_news_scorer_close(n);
    settings.sentiment_lexicon = put("l.txt", "great 3.1\n");
    assert_int_equal(td_news_scorer_open(&n, &scene.world, &settings, &why), TD_EPARSE);
    assert_non_null(strstr(why.text, "l.txt: line 1"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(marketaux_is_read),
        cmocka_unit_test(alphavantage_is_read),
        cmocka_unit_test(refusals_are_told_without_the_key),
        cmocka_unit_test(hostile_answers_are_bounded),
        cmocka_unit_test(files_are_a_source_too),
        cmocka_unit_test(an_article_is_kept_once),
        cmocka_unit_test(scores_need_a_lexicon),
    };
    return cmocka_run_group_tests_name("history/news", tests, open_scene, close_scene);
}
