/* tests/cmd/indicators_cmd_test.c - `tapedeck indicators` as a user meets it. Needs TAPEDECK_BIN. */
#include "support/program.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "base/text.h"
#include "signal/indicator.h"
#include "sys/uvworld.h"

#define ROWS 120

static char folder[400], bars[600], out[4 << 20];
static double close_of[ROWS];
static struct td_world world;

/* A file of bars; column names in other cases and order than ours. */
static enum td_err write_bars(void)
{
    static char text[16384];
    struct td_text t;
    td_text_init(&t, text, sizeof text);
    td_text_put(&t, "Volume,date,CLOSE,Low,High,Open\n");
    for (int i = 0; i < ROWS; i++) {
        close_of[i] = 100 + (i * 37 % 23) * 0.25 - (i * 11 % 17) * 0.5;
        td_text_printf(&t, "%d,2020-%02d-%02d,%.2f,%.2f,%.2f,%.2f\n", 1000 + i * 7 % 400,
                       1 + i / 28, 1 + i % 28, close_of[i], close_of[i] - 1, close_of[i] + 1.5,
                       close_of[i] - 0.25);
    }
    (void)snprintf(bars, sizeof bars, "%s/bars.csv", folder);
    return td_file_replace(&world, bars, (struct td_str){text, t.len}, NULL);
}

static int set_up(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof folder, "%s", td_test_folder("indicators-cmd"));
    if (td_uvworld_open(&world, false, NULL) != TD_OK)
        return -1;
    return write_bars() == TD_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    td_uvworld_close(&world);
    return 0;
}

/* Runs `tapedeck indicators WORDS`; what it says on stdout is in `out`. Returns its exit status. */
#define RUN(...)                                                                                   \
    program_run((const char *const[]){"indicators", __VA_ARGS__, NULL}, out, sizeof out)

static cJSON *answer(void)
{
    cJSON *j = cJSON_Parse(out);
    if (!j)
        fail_msg("no JSON: %.200s", out);
    return j;
}

static void lists_and_describes_every_row(void **state)
{
    (void)state;
    assert_int_equal(RUN("list", "--json"), 0);
    cJSON *j = answer();
    assert_int_equal(cJSON_GetArraySize(j), td_indicator_count());
    cJSON_Delete(j);
    assert_int_equal(RUN("list"), 0);
    assert_non_null(strstr(out, "\nHT_TRENDMODE "));
    assert_int_equal(RUN("describe", "wilders", "--json"), 0);
    j = answer();
    assert_string_equal(cJSON_GetObjectItem(j, "name")->valuestring, "RMA");
    assert_true(cJSON_GetObjectItem(j, "lookback")->valuedouble == 13);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(j, "parameters")), 2);
    cJSON_Delete(j);
    assert_int_equal(RUN("describe", "ADX", "--opt", "timeperiod=5"), 0);
    assert_non_null(strstr(out, "first value on bar 9"));
}

/* Arrays for each output with nulls before the first value; name, column and parameter in other words than ours. */
static void runs_a_row_over_a_file(void **state)
{
    (void)state;
    assert_int_equal(RUN("run", "bBands", "--in", bars, "--json", "--opt", "optInTimePeriod=7",
                         "--opt", "nbdev_up=1,nbdevdn=3"),
                     0);
    cJSON *j = answer();
    static const char *const names[] = {"upperband", "middleband", "lowerband"};
    for (int k = 0; k < 3; k++) {
        const cJSON *a = cJSON_GetObjectItem(j, names[k]);
        assert_int_equal(cJSON_GetArraySize(a), ROWS);
        for (int i = 0; i < ROWS; i++) {
            const cJSON *v = cJSON_GetArrayItem(a, i);
            double mean = 0, square = 0;
            assert_int_equal(cJSON_IsNull(v) != 0, i < 6);
            if (i < 6)
                continue;
            for (int b = i - 6; b <= i; b++)
                mean += close_of[b] / 7;
            for (int b = i - 6; b <= i; b++)
                square += (close_of[b] - mean) * (close_of[b] - mean) / 7;
            const double side[] = {1, 0, -3};
            assert_true(fabs(v->valuedouble - (mean + side[k] * sqrt(square))) < 1e-9);
        }
    }
    cJSON_Delete(j);
}

/* The same values by every way: CSV on stdout, --stream, a CSV file, a Parquet file read again. */
static void every_way_gives_the_same(void **state)
{
    (void)state;
    static char first[65536];
    char csv[600], parquet[600];
    (void)snprintf(csv, sizeof csv, "%s/macd.csv", folder);
    (void)snprintf(parquet, sizeof parquet, "%s/macd.parquet", folder);
    assert_int_equal(RUN("run", "macd", "--in", bars), 0);
    assert_true(strlen(out) < sizeof first);
    memcpy(first, out, strlen(out) + 1);
    assert_memory_equal(first, "bar,macd,macdsignal,macdhist\n0,,,\n", 34);
    assert_int_equal(RUN("run", "macd", "--in", bars, "--stream"), 0);
    assert_string_equal(out, first);
    assert_int_equal(RUN("run", "macd", "--in", bars, "--out", csv), 0);
    size_t len;
    char *text = td_test_slurp(csv, &len);
    assert_non_null(text);
    assert_string_equal(text, first);
    free(text);
    assert_int_equal(RUN("run", "macd", "--in", bars, "--out", parquet), 0);
    assert_int_equal(RUN("run", "ADD", "--in", parquet, "--json"), 1);
    assert_int_equal(RUN("run", "CUMSUM", "--in", csv), 1);
}

static void says_what_is_wrong(void **state)
{
    (void)state;
    char bad[600];
    (void)snprintf(bad, sizeof bad, "%s/bad.csv", folder);
    TD_OK_OR_FAIL(td_file_replace(&world, bad, td_str_of("close\n1\ntwo\n3\n"), NULL));
    assert_int_equal(RUN("run", "SMA", "--in", bad), 1);
    assert_int_equal(RUN("run", "ATR", "--in", bad), 1);
    assert_int_equal(RUN("run", "SMA", "--opt", "timeperiod=500", "--in", bars), 1);
    assert_int_equal(RUN("run", "SMA", "--in", "/nowhere.csv"), 1);
    assert_int_equal(RUN("run", "SMA"), 2);
    assert_int_equal(RUN("run", "nothing", "--in", bars), 2);
    assert_int_equal(RUN("run", "SMA", "--in", bars, "--opt", "timeperiod=0"), 2);
    assert_int_equal(RUN("run", "SMA", "--in", bars, "--opt", "timeperiod=2.5"), 2);
    assert_int_equal(RUN("run", "SMA", "--in", bars, "--opt", "timeperiod=x"), 2);
    assert_int_equal(RUN("run", "SMA", "--in", bars, "--opt", "windows=3"), 2);
    assert_int_equal(RUN("run", "SMA", "--in", bars, "--opt", "timeperiod"), 2);
    assert_int_equal(RUN("run", "SMA", "EMA", "--in", bars), 2);
    assert_int_equal(RUN("describe"), 2);
    assert_int_equal(RUN("walk"), 2);
    assert_string_equal(out, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_and_describes_every_row),
        cmocka_unit_test(runs_a_row_over_a_file),
        cmocka_unit_test(every_way_gives_the_same),
        cmocka_unit_test(says_what_is_wrong),
    };
    return cmocka_run_group_tests_name("cmd/indicators", tests, set_up, tear_down);
}
