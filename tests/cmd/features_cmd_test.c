/* tests/cmd/features_cmd_test.c - `tapedeck features` as a user meets it. Needs TAPEDECK_BIN. */
#include "support/program.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "base/text.h"
#include "store/columns_file.h"
#include "sys/uvworld.h"

#define ROWS 390

static char folder[400], bars[600], out[4 << 20];
static double close_of[ROWS];
static struct td_world world;

static uint32_t draw(uint32_t *seed, uint32_t below)
{
    *seed = (*seed * 1103515245u + 12345u) & 0x7fffffffu;
    return (*seed >> 16) % below;
}

static const char *put(const char *name, const char *text)
{
    static char path[600];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    TD_OK_OR_FAIL(td_file_replace(&world, path, td_str_of(text), NULL));
    return path;
}

/* Five days of five minutes from Monday March 9, 2026 on. */
static void write_bars(void)
{
    static char text[65536];
    struct td_text t;
    uint32_t seed = 77;
    int64_t last = 10000;
    td_text_init(&t, text, sizeof text);
    td_text_put(&t, "datetime,open,high,low,close,volume\n");
    for (int i = 0; i < ROWS; i++) {
        const int minute = 570 + i % 78 * 5;
        const int64_t open = last + draw(&seed, 21) - 10, close = open + draw(&seed, 101) - 50;
        const int64_t high = (open > close ? open : close) + draw(&seed, 40);
        const int64_t low = (open < close ? open : close) - draw(&seed, 40);
        td_text_printf(&t, "2026-03-%02d %02d:%02d:00,%.2f,%.2f,%.2f,%.2f,%u\n", 9 + i / 78,
                       minute / 60, minute % 60, (double)open / 100, (double)high / 100,
                       (double)low / 100, (double)close / 100, 1000 + draw(&seed, 5000));
        close_of[i] = (double)close / 100;
        last = close;
    }
    assert_false(td_text_full(&t));
    (void)snprintf(bars, sizeof bars, "%s", put("bars.csv", text));
}

static int set_up(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof folder, "%s", td_test_folder("features-cmd"));
    if (td_uvworld_open(&world, false, NULL) != TD_OK)
        return -1;
    write_bars();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    td_uvworld_close(&world);
    return 0;
}

/* Runs `tapedeck features WORDS`; what it says on stdout is in `out`. Returns its exit status. */
#define RUN(...) program_run((const char *const[]){"features", __VA_ARGS__, NULL}, out, sizeof out)

static cJSON *answer(void)
{
    cJSON *j = cJSON_Parse(out);
    if (!j)
        fail_msg("no JSON: %.200s", out);
    return j;
}

static void lists_and_describes(void **state)
{
    (void)state;
    assert_int_equal(RUN("list"), 0);
    assert_non_null(strstr(out, "set omega47 "));
    assert_non_null(strstr(out, "\nrsi_14 "));
    assert_int_equal(RUN("list", "--json"), 0);
    cJSON *j = answer();
    assert_true(cJSON_GetArraySize(cJSON_GetObjectItem(j, "features")) > 150);
    cJSON_Delete(j);
    assert_int_equal(RUN("describe", "omega47", "--json"), 0);
    j = answer();
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(j, "features")), 47);
    assert_int_equal(strlen(cJSON_GetObjectItem(j, "hash")->valuestring), 16);
    cJSON_Delete(j);
}

static double number_at(const cJSON *j, const char *name, int row)
{
    const cJSON *v = cJSON_GetArrayItem(cJSON_GetObjectItem(j, name), row);
    assert_non_null(v);
    return cJSON_IsNull(v) ? (double)NAN : v->valuedouble;
}

static void runs_a_set_of_a_file(void **state)
{
    (void)state;
    char set[600];
    (void)snprintf(
        set, sizeof set, "%s",
        put("my.set", "set my 3\nreturn_1\nhour\nr t ROCP inputs=close timeperiod=1 frame=60\n"));
    assert_int_equal(RUN("run", set, "--in", bars, "--json"), 0);
    cJSON *j = answer();
    assert_true(isnan(number_at(j, "return_1", 0)));
    for (int i = 1; i < ROWS; i++)
        assert_true(fabs(number_at(j, "return_1", i) - (close_of[i] / close_of[i - 1] - 1)) <
                    1e-12);
    assert_true(number_at(j, "hour", 0) == 9 && number_at(j, "hour", 77) == 15);
    assert_true(isnan(number_at(j, "r@60", 16)));
    assert_true(fabs(number_at(j, "r@60", 17) - (close_of[17] / close_of[5] - 1)) < 1e-12);
    assert_true(number_at(j, "r@60", 28) == number_at(j, "r@60", 17));
    assert_string_equal(cJSON_GetArrayItem(cJSON_GetObjectItem(j, "time"), 0)->valuestring,
                        "2026-03-09T13:30:00.000000+00:00");
    cJSON_Delete(j);
}

/* Settings of book features are part of a set, and of its hash alone when they are not the presets. */
static void settings_of_books_are_kept_with_the_set(void **state)
{
    (void)state;
    char hash[3][17], set[600];
    static const char *const texts[] = {"set b 1\nmid\n", "set b 1\nmicro tick=0.01\nmid\n",
                                        "set b 1\nmicro tick=0.25 buckets=9\nmid\n"};
    for (int i = 0; i < 3; i++) {
        (void)snprintf(set, sizeof set, "%s", put("books.set", texts[i]));
        assert_int_equal(RUN("describe", set, "--json"), 0);
        cJSON *j = answer();
        (void)snprintf(hash[i], sizeof hash[i], "%s", cJSON_GetObjectItem(j, "hash")->valuestring);
        cJSON_Delete(j);
    }
    assert_string_equal(hash[0], hash[1]);
    assert_string_not_equal(hash[0], hash[2]);
    assert_int_equal(RUN("describe", put("books.set", "set b 1\nmicro tick=0\nmid\n")), 1);
    assert_int_equal(RUN("run", "bars", "--in", bars, "--trades", bars), 2);
    (void)snprintf(set, sizeof set, "%s", put("pc.set", "set p 1\nmlofi_pc\n"));
    assert_int_equal(RUN("run", set, "--in", bars, "--fit", "100"), 1); /* bars have no levels */
    assert_int_equal(RUN("run", set, "--in", bars, "--fit", "100000"), 2);
    assert_int_equal(RUN("run", "bars", "--in", bars, "--instrument", "ESM4"), 2);
}

/* The scaling is learned from the first rows alone, kept in the text, and the same when read again. */
static void scaling_is_kept_with_the_set(void **state)
{
    (void)state;
    static char first[1 << 20];
    char kept[600];
    (void)snprintf(kept, sizeof kept, "%s/kept.set", folder);
    assert_int_equal(RUN("run", "bars", "--in", bars, "--scale", "zscore"), 2);
    assert_int_equal(RUN("run", "bars", "--in", bars, "--scale", "zscore", "--fit", "350", "--save",
                         kept, "--json"),
                     0);
    assert_true(strlen(out) < sizeof first);
    memcpy(first, out, strlen(out) + 1);
    assert_int_equal(RUN("run", kept, "--in", bars, "--json"), 0);
    assert_string_equal(out, first);
}

static void an_honest_set_passes(void **state)
{
    (void)state;
    const char *set = put("honest.set", "set honest 1\nreturn_1\nrsi_7\nover_sma_20@15\nhour\n");
    assert_int_equal(RUN("check", set, "--in", bars), 0);
    assert_non_null(strstr(out, "0 of 4 columns have faults\n"));
}

/* A file whose columns came from elsewhere: one is the next close, one the next return with noise, one always 1. */
static void leaking_columns_are_found(void **state)
{
    (void)state;
    static char text[65536];
    struct td_text t;
    td_text_init(&t, text, sizeof text);
    td_text_put(&t, "bar,fine,tomorrow,soon,one,holes\n");
    for (int i = 0; i < ROWS; i++) {
        const double next = i + 1 < ROWS ? close_of[i + 1] : close_of[i];
        td_text_printf(&t, "%d,%d,%.2f,%.6f,1,%s\n", i, i * 37 % 101, next,
                       next / close_of[i] + (i * 7 % 5) * 0.0005, i % 3 ? "" : "4.5");
    }
    const char *leaky = put("leaky.csv", text);
    assert_int_equal(RUN("check", leaky, "--in", bars, "--json"), 1);
    cJSON *j = answer(), *columns = cJSON_GetObjectItem(j, "columns");
    static const char *const fault[] = {NULL, "future", "leak", "constant", "constant"};
    assert_int_equal(cJSON_GetArraySize(columns), 5);
    for (int k = 0; k < 5; k++) {
        const cJSON *f = cJSON_GetObjectItem(cJSON_GetArrayItem(columns, k), "faults");
        assert_int_equal(cJSON_GetArraySize(f) > 0, fault[k] != NULL);
        if (fault[k])
            assert_string_equal(cJSON_GetArrayItem(f, 0)->valuestring, fault[k]);
    }
    cJSON_Delete(j);
    assert_int_equal(RUN("check", leaky, "--in", bars), 1);
    assert_non_null(strstr(out, "4 of 5 columns have faults: tomorrow, soon, one, holes\n"));
    assert_non_null(strstr(out, "the close of 1 rows later"));
}

/* An article counts from the end of the bar in which it was published, for as long as the window. */
static void news_is_seen_from_its_publication_on(void **state)
{
    (void)state;
    char path[700], set[600];
    (void)snprintf(set, sizeof set, "%s", put("news.set", "set news 1\nnews_count\nnews_score\n"));
    (void)snprintf(path, sizeof path, "%s/news/SPY", folder);
    TD_OK_OR_FAIL(td_folder_make(&world, path));
    (void)put("news/SPY/2026-03-09.jsonl",
              "{\"id\":\"b\",\"published_at\":\"2026-03-09T15:00:00Z\",\"score\":null,\"source_"
              "score\":-0.5}\n"
              "{\"id\":\"a\",\"published_at\":\"2026-03-09T14:02:00Z\",\"score\":0.25,\"source_"
              "score\":0.9}\n"
              "{\"id\":\"c\",\"published_at\":\"2026-03-09T14:10:00Z\",\"score\":null}\n");
    assert_int_equal(RUN("run", set, "--in", bars, "--data", folder, "--symbol", "SPY",
                         "--news-minutes", "30", "--json"),
                     0);
    cJSON *j = answer();
    /* bar 5 is 13:55 to 14:00, bar 6 to 14:05, bar 7 to 14:10, bar 12 to 14:35, bar 13 to 14:40, bar 17 to 15:00 */
    static const struct {
        int row;
        double count, score;
    } rows[] = {{5, 0, 0},   {6, 1, 0.25}, {7, 2, 0.25}, {11, 2, 0.25},
                {12, 1, -9}, {13, 0, 0},   {16, 0, 0},   {17, 1, -0.5}};
    for (size_t i = 0; i < TD_COUNT(rows); i++) {
        const double score = number_at(j, "news_score", rows[i].row);
        assert_true(number_at(j, "news_count", rows[i].row) == rows[i].count);
        assert_true(rows[i].score == -9 ? isnan(score) : score == rows[i].score);
    }
    cJSON_Delete(j);
    assert_int_equal(RUN("run", set, "--in", bars, "--data", folder, "--symbol", "QQQ"), 0);
    assert_non_null(strstr(out, "null for want of news_count, news_score"));
}

/* Days come once; a day that grew, or whose file is gone, comes again; the values are those of `run`. */
static void days_are_kept_and_only_the_missing_made(void **state)
{
    (void)state;
    static char text[65536];
    size_t len;
    char part[600], gone[700], kept[700], all[600];
    char *whole = td_test_slurp(bars, &len);
    assert_non_null(whole);
    char *at = whole;
    for (int i = 0; i < 1 + 2 * 78 + 10; i++)
        at = strchr(at, '\n') + 1;
    assert_true((size_t)(at - whole) < sizeof text);
    memcpy(text, whole, (size_t)(at - whole));
    text[at - whole] = '\0';
    free(whole);
    (void)snprintf(part, sizeof part, "%s", put("part.csv", text));
    assert_int_equal(RUN("store", "bars", "--in", part, "--symbol", "SPY", "--data", folder), 0);
    assert_string_equal(out, "bars version 1, SPY: 3 of 3 days written, 166 rows\n");
    assert_int_equal(RUN("store", "bars", "--in", bars, "--symbol", "SPY", "--data", folder), 0);
    assert_string_equal(out, "bars version 1, SPY: 3 of 5 days written, 234 rows\n");
    (void)snprintf(gone, sizeof gone, "%s/features/bars/1/SPY/2026-03-10.parquet", folder);
    TD_OK_OR_FAIL(td_file_remove(&world, gone));
    assert_int_equal(RUN("store", "bars", "--in", bars, "--symbol", "SPY", "--data", folder), 0);
    assert_string_equal(out, "bars version 1, SPY: 1 of 5 days written, 78 rows\n");
    assert_int_equal(
        RUN("store", "bars", "--in", bars, "--symbol", "SPY", "--data", folder, "--json"), 0);
    assert_non_null(strstr(out, "\"days_written\":0"));
    assert_int_equal(
        RUN("store", "bars", "--in", bars, "--symbol", "SPY", "--data", folder, "--extended"), 1);
    assert_int_equal(RUN("index", "--data", folder), 0);
    assert_non_null(strstr(out, "5 days       390 rows  2026-03-09 to 2026-03-13"));
    (void)snprintf(all, sizeof all, "%s/all.parquet", folder);
    assert_int_equal(RUN("run", "bars", "--in", bars, "--out", all), 0);
    for (int day = 0; day < 5; day++) {
        struct td_columns_file *f = NULL, *g = NULL;
        double *mine[2], *theirs[2];
        size_t n, m;
        (void)snprintf(kept, sizeof kept, "%s/features/bars/1/SPY/2026-03-%02d.parquet", folder,
                       9 + day);
        TD_OK_OR_FAIL(td_columns_open(&f, &world, kept, NULL));
        TD_OK_OR_FAIL(td_columns_open(&g, &world, all, NULL));
        const int columns[] = {td_columns_find(f, "rsi_14"), td_columns_find(f, "vol_rank")};
        TD_OK_OR_FAIL(td_columns_load(f, columns, 2, mine, &n, NULL));
        TD_OK_OR_FAIL(td_columns_load(g, columns, 2, theirs, &m, NULL));
        assert_int_equal(n, 78);
        for (int k = 0; k < 2; k++)
            for (size_t i = 0; i < n; i++)
                if (isnan(mine[k][i]) ? !isnan(theirs[k][(size_t)day * 78 + i])
                                      : mine[k][i] != theirs[k][(size_t)day * 78 + i])
                    fail_msg("day %d, row %zu: %g", day, i, mine[k][i]);
        for (int k = 0; k < 2; k++) {
            free(mine[k]);
            free(theirs[k]);
        }
        td_columns_close(f);
        td_columns_close(g);
    }
}

static void says_what_is_wrong(void **state)
{
    (void)state;
    assert_int_equal(RUN("run", "bars"), 2);
    assert_int_equal(RUN("run", "nobody", "--in", bars), 2);
    assert_int_equal(RUN("run", "bars", "--in", "/nowhere.csv"), 1);
    assert_int_equal(RUN("run", "bars", "--in", put("notime.csv", "close\n1\n2\n")), 1);
    assert_int_equal(
        RUN("run", "bars", "--in", put("back.csv", "time,close\n2026-03-10,1\n2026-03-09,2\n")), 1);
    assert_int_equal(RUN("run", put("bad.set", "set a 1\nx y NOBODY\n"), "--in", bars), 1);
    assert_int_equal(RUN("run", "bars", "--in", bars, "--span", "600"), 2);
    assert_int_equal(RUN("run", "bars", "--in", bars, "--zone", "Europe/Berlin"), 2);
    assert_int_equal(RUN("store", "bars", "--in", bars), 2);
    assert_int_equal(RUN("describe"), 2);
    assert_int_equal(RUN("walk"), 2);
    assert_string_equal(out, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_and_describes),
        cmocka_unit_test(runs_a_set_of_a_file),
        cmocka_unit_test(settings_of_books_are_kept_with_the_set),
        cmocka_unit_test(scaling_is_kept_with_the_set),
        cmocka_unit_test(an_honest_set_passes),
        cmocka_unit_test(leaking_columns_are_found),
        cmocka_unit_test(news_is_seen_from_its_publication_on),
        cmocka_unit_test(days_are_kept_and_only_the_missing_made),
        cmocka_unit_test(says_what_is_wrong),
    };
    return cmocka_run_group_tests_name("cmd/features", tests, set_up, tear_down);
}
