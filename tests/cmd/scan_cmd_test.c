/* tests/cmd/scan_cmd_test.c - `tapedeck scan` as a user meets it: stored days, preferences, bad options, and the simulator's
 * scanners live. Needs TAPEDECK_BIN. */
#include "support/program.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "sys/uvworld.h"

static struct td_world world;
static char folder[400], funds[500], out[1 << 18];

static void put(const char *below, const char *name, const char *text)
{
    char path[700];
    (void)snprintf(path, sizeof path, "%s/%s", folder, below);
    TD_OK_OR_FAIL(td_folder_make(&world, path));
    (void)snprintf(path, sizeof path, "%s/%s/%s", folder, below, name);
    TD_OK_OR_FAIL(td_file_replace(&world, path, td_str_of(text), NULL));
}

static void point(const char *variable, const char *below)
{
    char path[700];
    (void)snprintf(path, sizeof path, "%s/%s", folder, below);
    (void)setenv(variable, path, 1);
}

static int set_up(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof folder, "%s", td_test_folder("scan-cmd"));
    if (td_uvworld_open(&world, false, NULL) != TD_OK)
        return -1;
    point("TAPEDECK_STATE", "state");
    point("ML_BASE_PATH", "ml");
    point("LOGS_PATH", "logs");
    point("XDG_RUNTIME_DIR", "run");
    point("TAPEDECK_DATA", "data");
    (void)setenv("HOME", folder, 1);
    const char *coarse = "data/lean/equity/usa/fundamental/coarse";
    put(coarse, "20140327.csv",
        "A 1,UP,10,1000,1,True,1,1\nB 1,ETF,10,1000,1,True,1,1\nC 1,DOWN,10,1000,1,True,1,1\nD "
        "1,BIG,100,10,1,True,1,1\n");
    put(coarse, "20140328.csv",
        "A 1,UP,11,4000,1,True,1,1\nB 1,ETF,12,4000,1,True,1,1\nC 1,DOWN,9,1000,1,True,1,1\nD "
        "1,BIG,120,90,1,True,1,1\n");
    put("etc", "funds.txt", "# funds\nETF # one\n\n");
    (void)snprintf(funds, sizeof funds, "%s/etc/funds.txt", folder);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    td_uvworld_close(&world);
    return 0;
}

#define RUN(...) program_run((const char *const[]){"scan", __VA_ARGS__, NULL}, out, sizeof out)
#define PAST     "--from-store", "2014-03-28", "--basis", "last", "--adv-days", "1"

/* The symbols of a JSON table in their order: "UP ETF ". */
static const char *listed(void)
{
    static char names[4096];
    struct td_text t;
    const cJSON *row;
    cJSON *j = cJSON_Parse(out);
    td_text_init(&t, names, sizeof names);
    if (!j)
        fail_msg("no JSON: %.200s", out);
    cJSON_ArrayForEach(row, cJSON_GetObjectItem(j, "rows"))
        td_text_printf(&t, "%s ", cJSON_GetObjectItem(row, "symbol")->valuestring);
    cJSON_Delete(j);
    return names;
}

static void a_stored_day(void **state)
{
    (void)state;
    assert_int_equal(RUN(PAST, "--plain", "--json"), 0);
    assert_string_equal(listed(), "ETF UP ");
    assert_int_equal(RUN(PAST, "--plain", "--json", "--sort", "symbol"), 0);
    assert_string_equal(listed(), "ETF UP ");
    assert_int_equal(RUN(PAST, "--plain", "--json", "--sort", "gap_pct:asc", "--price", ":"), 0);
    assert_string_equal(listed(), "UP BIG ETF ");
    assert_int_equal(RUN(PAST, "--plain", "--json", "--etf-file", funds), 0);
    assert_string_equal(listed(), "UP ");
    assert_int_equal(RUN(PAST, "--plain", "--json", "--etf-file", funds, "--etfs"), 0);
    assert_string_equal(listed(), "ETF UP ");
    assert_int_equal(RUN(PAST, "--plain", "--json", "--hide", "UP"), 0);
    assert_string_equal(listed(), "ETF ");
    assert_int_equal(RUN(PAST, "--plain", "--json", "--limit", "1"), 0);
    assert_string_equal(listed(), "ETF ");
    assert_int_equal(RUN("--from-store", "2014-03-28", "--plain"),
                     0); /* no open: nothing, and why */
    assert_non_null(strstr(out, "0 of 4 symbols; 4 gap not known"));
    assert_non_null(strstr(out, "it has no opens: --basis last compares closes"));
    assert_int_equal(RUN(PAST, "--plain"), 0);
    assert_non_null(strstr(out, "\nUP            11.00    10.00"));
    assert_null(strchr(out, '\033')); /* no terminal: nothing is drawn over */
}

static void the_same_words_give_the_same_bytes(void **state)
{
    (void)state;
    static char first[sizeof out];
    assert_int_equal(RUN(PAST, "--plain", "--json"), 0);
    memcpy(first, out, sizeof out);
    assert_int_equal(RUN(PAST, "--plain", "--json"), 0);
    assert_string_equal(out, first);
}

static void preferences_are_kept(void **state)
{
    (void)state;
    assert_int_equal(RUN(PAST, "--save", "--json", "--min-gap", "15", "--hide", "NONE", "X"), 0);
    assert_string_equal(listed(), "ETF ");
    assert_int_equal(RUN("--from-store", "2014-03-28", "--json"), 0); /* basis and days too */
    assert_string_equal(listed(), "ETF ");
    assert_int_equal(RUN("--from-store", "2014-03-28", "--json", "--min-gap", "4"), 0);
    assert_string_equal(listed(), "ETF UP "); /* an option wins, its preset too */
    (void)setenv("GAP_SCANNER_MIN_GAP_PCT", "9", 1);
    assert_int_equal(RUN("--from-store", "2014-03-28", "--json"), 0);
    assert_string_equal(listed(), "ETF UP "); /* and so does the environment */
    (void)unsetenv("GAP_SCANNER_MIN_GAP_PCT");
    assert_int_equal(RUN(PAST, "--plain", "--json"), 0);
    assert_string_equal(listed(), "ETF UP ");
    char path[700], text[500];
    size_t len = 0;
    (void)snprintf(path, sizeof path, "%s/state/scan.conf", folder);
    TD_OK_OR_FAIL(td_file_slurp(&world, path, text, sizeof text, &len, NULL));
    assert_string_equal(text, "min-gap=15\nadv-days=1\nbasis=last\nhide=NONE,X\n");
    TD_OK_OR_FAIL(td_file_remove(&world, path));
}

static void bad_words_are_refused(void **state)
{
    (void)state;
    assert_int_equal(RUN(PAST, "--price", "30"), 2);
    assert_int_equal(RUN(PAST, "--price", "30:1"), 2);
    assert_int_equal(RUN(PAST, "--sort", "colour"), 2);
    assert_int_equal(RUN(PAST, "--min-gap", "much"), 2);
    assert_int_equal(RUN(PAST, "--refresh", "2"), 2);
    assert_int_equal(RUN(PAST, "--adv-days", "61"), 2);
    assert_int_equal(RUN(PAST, "--at", "9:30"), 2);
    assert_int_equal(RUN("--at", "09:30"), 2);
    assert_int_equal(RUN("--from-store", "2014-03-29"), 2); /* Saturday */
    assert_int_equal(RUN("--from-store", "2014-02-05"), 1); /* nothing is stored */
    assert_int_not_equal(RUN(PAST, "--etf-file", "no/such/file"), 0);
}

/* ---- live ---- */

static double number(const cJSON *row, const char *key)
{
    const cJSON *item = cJSON_GetObjectItem(row, key);
    return cJSON_IsNumber(item) ? item->valuedouble : NAN;
}

static void live_lists_movers(void **state)
{
    (void)state;
    struct td_child sim;
    char port[16];
    const cJSON *row;
    double before = INFINITY;
    int rows = 0;
    program_sim(&sim,
                (const char *const[]){"sim", "--port", "0", "--no-data", "--seed", "7", "--start",
                                      "10:30", "--symbols", "AAPL", "MSFT", "TSLA", "NVDA", "ES",
                                      "--json", NULL},
                port);
    const int status = RUN("--port", port, "--plain", "--json", "--price", ":", "--min-gap", "0",
                           "--min-rvol", "0", "--symbols", "TSLA");
    assert_true(td_child_stop(&sim, 10 * TD_SEC));
    assert_int_equal(status, 0);
    cJSON *j = cJSON_Parse(out);
    assert_non_null(j);
    assert_string_equal(cJSON_GetObjectItem(j, "source")->valuestring, "gateway");
    assert_true(number(j, "seen") == 4); /* the future is no stock */
    cJSON_ArrayForEach(row, cJSON_GetObjectItem(j, "rows"))
    {
        const double close = number(row, "previous_close"), gap = number(row, "gap_pct");
        assert_true(fabs((number(row, "open") - close) / close * 100 - gap) < 1e-8);
        assert_true(fabs(number(row, "volume") / number(row, "adv20") / (60 / 390.0) -
                         number(row, "rvol")) < 0.2); /* the clock may be a minute further */
        assert_true(gap > 0 && gap <= before && number(row, "spread") > 0);
        assert_true(cJSON_IsFalse(cJSON_GetObjectItem(row, "halted")));
        assert_true(cJSON_IsNull(cJSON_GetObjectItem(row, "reason")));
        if (strcmp(cJSON_GetObjectItem(row, "symbol")->valuestring, "TSLA") == 0)
            assert_non_null(strstr(cJSON_GetObjectItem(row, "why")->valuestring, "named"));
        before = gap;
        rows++;
    }
    assert_true(rows >= 2);
    cJSON_Delete(j);
    /* Nobody listens there any more. */
    (void)setenv("IB_CONNECT_TIMEOUT", "2", 1);
    assert_int_equal(RUN("--port", port, "--plain"), 2);
}

/* Status of a symbol in the answer of `scan --sessions --json`, "-" when it is not recorded. */
static const char *status_of(const char *symbol)
{
    static char word[16];
    const cJSON *row;
    assert_int_equal(RUN("--sessions", "--json"), 0);
    cJSON *j = cJSON_Parse(out);
    assert_non_null(j);
    (void)snprintf(word, sizeof word, "-");
    cJSON_ArrayForEach(row, cJSON_GetObjectItem(j, "sessions"))
    {
        const bool same = strcmp(cJSON_GetObjectItem(row, "symbol")->valuestring, symbol) == 0;
        const bool comes = cJSON_IsTrue(cJSON_GetObjectItem(row, "depth_comes"));
        const char *status = cJSON_GetObjectItem(row, "status")->valuestring;
        if (same && (comes || strcmp(status, "L2") != 0))
            (void)snprintf(word, sizeof word, "%s", status);
    }
    cJSON_Delete(j);
    return word;
}

static void assert_becomes(const char *symbol, const char *want)
{
    for (int i = 0; i < 300 && strcmp(status_of(symbol), want) != 0; i++) {
        struct td_wake wake;
        td_world_wait(&world, td_world_mono(&world) + 100 * TD_MS, &wake);
    }
    assert_string_equal(status_of(symbol), want);
}

/* Over loopback: seven are started, one is stopped, the sixth begins; an end with Ctrl-C leaves whole files and keeps who was
 * recorded. */
static void the_serving_scanner_records(void **state)
{
    (void)state;
    struct td_child sim, serving;
    char port[16], output[500], path[700];
    size_t got = 0;
    (void)snprintf(output, sizeof output, "%s/level2", folder);
    assert_int_equal(RUN("--sessions"), 1);
    program_sim(&sim,
                (const char *const[]){"sim", "--port", "0", "--no-data", "--seed", "7", "--start",
                                      "10:30", "--speed", "10", "--depth-lines", "9", "--symbols",
                                      "SPY,AAPL,MSFT,IBM,QQQ,NVDA,AMD", "--json", NULL},
                port);
    program_start(&serving, (const char *const[]){"scan", "--serve", "--port", port, "--output",
                                                  output, "--price", ":", "--plain", NULL});
    TD_OK_OR_FAIL(td_child_read(&serving, out, sizeof out - 1, PROGRAM_LIMIT, &got));
    out[got] = '\0';
    assert_non_null(strstr(out, "scan.sock"));
    assert_int_equal(RUN("--start", "spy,AAPL,MSFT,IBM,QQQ,NVDA,AMD"), 0);
    assert_becomes("QQQ", "L2");
    assert_string_equal(status_of("NVDA"), "Queued");
    assert_int_equal(RUN("--stop", "AAPL"), 0);
    assert_becomes("NVDA", "L2");
    assert_string_equal(status_of("AMD"), "Queued");
    assert_string_equal(status_of("AAPL"), "-");
    assert_int_equal(RUN("--stop", "AAPL"), 2);                     /* it is not recorded */
    assert_int_equal(RUN("--serve", "--port", port, "--plain"), 1); /* one a folder */
    assert_true(td_child_stop(&serving, 20 * TD_SEC));
    assert_true(td_child_stop(&sim, 10 * TD_SEC));
    (void)snprintf(path, sizeof path, "%s/state/gap_recorder_state.json", folder);
    TD_OK_OR_FAIL(td_file_slurp(&world, path, out, sizeof out, &got, NULL));
    assert_non_null(strstr(out, "\"NVDA\""));
    assert_null(strstr(out, "\"AAPL\""));
    assert_int_equal(
        program_run((const char *const[]){"record", "--recover", output, NULL}, out, sizeof out),
        0);
    assert_non_null(strstr(out, "0 logs")); /* nothing was left half done */
    (void)snprintf(path, sizeof path, "%s/NVDA", output);
    assert_int_equal(td_entry_at(&world, path), TD_ENTRY_FOLDER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stored_day),
        cmocka_unit_test(the_same_words_give_the_same_bytes),
        cmocka_unit_test(preferences_are_kept),
        cmocka_unit_test(bad_words_are_refused),
        cmocka_unit_test(live_lists_movers),
        cmocka_unit_test(the_serving_scanner_records),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
