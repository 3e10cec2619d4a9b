/* tests/cmd/dbn_cmd_test.c - `tapedeck dbn` as a user meets it: info against golden/facts.tsv for every file, cat against the
 * golden decoded records, convert, filters, torn files. Needs TAPEDECK_BIN. */
#include "support/program.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "base/text.h"
#include "sys/uvworld.h"

static const char *folder;
static char out[8 << 20];
static struct td_world world;

static int set_up(void **state)
{
    (void)state;
    folder = td_test_folder("dbn-cmd");
    return td_uvworld_open(&world, false, NULL) == TD_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    td_uvworld_close(&world);
    return 0;
}

/* Runs `tapedeck dbn WORDS`; what it says on stdout is in `out`. Returns its exit status. */
#define DBN(...) program_run((const char *const[]){"dbn", __VA_ARGS__, NULL}, out, sizeof out)

static const char *path_of(const char *name)
{
    static char path[4][1024];
    static int turn;
    char *p = path[turn = (turn + 1) % 4];
    (void)snprintf(p, sizeof path[0], "%s/%s", folder, name);
    return p;
}

/* ---- info ---- */

/* `  "key": value` with the column's value, quoted or not, null for nothing. */
static void check_column(const char *file, const char *key, struct td_str value)
{
    static const char *const texts[] = {"version", "dataset", "schema", "rtypes",
                                        "sha256_decompressed"};
    char wanted[256];
    bool text = false;
    for (size_t i = 0; i < TD_COUNT(texts); i++)
        text |= strcmp(key, texts[i]) == 0;
    text = text && !(strcmp(key, "version") == 0 && value.len == 1);
    const bool none = (value.len == 0 && strcmp(key, "rtypes") != 0) || td_str_is(value, "None");
    if (none)
        (void)snprintf(wanted, sizeof wanted, "\n  \"%s\": null,\n", key);
    else
        (void)snprintf(wanted, sizeof wanted, "\n  \"%s\": %s%.*s%s,\n", key, text ? "\"" : "",
                       (int)value.len, value.p, text ? "\"" : "");
    if (!strstr(out, wanted))
        fail_msg("%s: no line%sin %s", file, wanted, out);
}

static void info_is_the_golden_facts(void **state)
{
    (void)state;
    const char *path = td_test_data("dbn/golden/facts.tsv");
    if (!path)
        td_skip_data("dbn/golden/facts.tsv");
    size_t len = 0;
    char *text = td_test_slurp(path, &len);
    struct td_str rest = {text, len}, heads, line;
    int files = 0;
    assert_true(td_str_split(&rest, '\n', &heads));
    while (td_str_split(&rest, '\n', &line) && line.len) {
        char name[256], key[64];
        struct td_str head, keys = heads, value;
        assert_true(td_str_split(&line, '\t', &value) && td_str_split(&keys, '\t', &head));
        assert_true(td_str_copy(value, name, sizeof name));
        assert_int_equal(DBN("info", "--json", td_test_data(name)), 0);
        while (td_str_split(&keys, '\t', &head)) {
            value = (struct td_str){NULL, 0};
            (void)td_str_split(&line, '\t', &value);
            assert_true(td_str_copy(head, key, sizeof key));
            check_column(name, key, value);
        }
        assert_non_null(strstr(out, "\n  \"whole\": true,\n"));
        files++;
    }
    assert_true(files >= 60);
    free(text);
    assert_int_equal(
        DBN("info", "--json", "--mappings", td_test_data("dbn/databento-dbn/test_data.mbo.dbn")),
        0);
    assert_non_null(strstr(out, "\"raw_symbol\": \"ESH1\""));
    assert_non_null(strstr(out, "\"start_date\": 20201228"));
}

/* ---- cat ---- */

static bool is_price(const char *key)
{
    static const char *const keys[] = {"price", "bid_px", "ask_px", "open", "high", "low", "close"};
    for (size_t i = 0; i < TD_COUNT(keys); i++)
        if (strcmp(key, keys[i]) == 0)
            return true;
    return false;
}

static int compare_object(const cJSON *golden, const cJSON *ours, const char *where)
{
    const cJSON *g, *level;
    int values = 0;
    cJSON_ArrayForEach(g, golden)
    {
        if (strcmp(g->string, "file") == 0 || strcmp(g->string, "record") == 0)
            continue;
        const cJSON *o = cJSON_GetObjectItemCaseSensitive(ours, g->string);
        if (!o)
            fail_msg("%s: no key %s", where, g->string);
        if (cJSON_IsArray(g)) {
            assert_int_equal(cJSON_GetArraySize(g), cJSON_GetArraySize(o));
            int i = 0;
            cJSON_ArrayForEach(level, g) values +=
                compare_object(level, cJSON_GetArrayItem(o, i++), where);
            continue;
        }
        values++;
        if (cJSON_IsString(g)) {
            assert_string_equal(g->valuestring, o->valuestring);
        } else if (cJSON_IsNull(o)) { /* the golden file has the type's largest value there */
            assert_true(g->valuedouble >= 255);
        } else {
            const double v = o->valuedouble * (is_price(g->string) ? 1e9 : 1);
            if (fabs(v - g->valuedouble) > 1e-12 * fabs(v))
                fail_msg("%s: %s is %f, golden %f", where, g->string, v, g->valuedouble);
        }
    }
    return values;
}

/* Line `n` of `out`. */
static cJSON *line_of(int n)
{
    struct td_str rest = td_str_of(out), line;
    for (int i = 0; i <= n; i++)
        assert_true(td_str_split(&rest, '\n', &line));
    cJSON *json = cJSON_ParseWithLength(line.p, line.len);
    assert_non_null(json);
    return json;
}

static void cat_is_the_golden_records(void **state)
{
    (void)state;
    const char *path = td_test_data("dbn/golden/decoded_records.jsonl");
    if (!path)
        td_skip_data("dbn/golden/decoded_records.jsonl");
    size_t len = 0;
    int values = 0;
    char *text = td_test_slurp(path, &len), shown[256] = "";
    struct td_str rest = {text, len}, line;
    while (td_str_split(&rest, '\n', &line) && line.len) {
        cJSON *golden = cJSON_ParseWithLength(line.p, line.len);
        const char *file = cJSON_GetObjectItem(golden, "file")->valuestring;
        if (strcmp(shown, file) != 0) {
            char relative[300];
            (void)snprintf(shown, sizeof shown, "%s", file);
            (void)snprintf(relative, sizeof relative, "dbn/%s", file);
            assert_int_equal(DBN("cat", "--json", td_test_data(relative)), 0);
        }
        cJSON *ours = line_of(cJSON_GetObjectItem(golden, "record")->valueint);
        values += compare_object(golden, ours, file);
        cJSON_Delete(ours);
        cJSON_Delete(golden);
    }
    assert_true(values > 3000);
    free(text);
}

static int lines(void)
{
    int n = 0;
    for (const char *p = out; *p; p++)
        n += *p == '\n';
    return n;
}

static void filters_choose_records(void **state)
{
    (void)state;
    if (!td_test_data("dbn/nautilus/historical_bars_catalog"))
        td_skip_data("dbn/nautilus/historical_bars_catalog");
    char bars[1024];
    (void)snprintf(bars, sizeof bars, "%s",
                   td_test_data("dbn/nautilus/historical_bars_catalog/"
                                "futures_ohlcv-1m_2024-07-01T23-40_2024-07-02T00-10.dbn.zst"));
    assert_int_equal(DBN("cat", "--json", bars), 0);
    assert_int_equal(lines(), 60);
    cJSON *first = line_of(0);
    char symbol[64];
    (void)snprintf(symbol, sizeof symbol, "%s", cJSON_GetObjectItem(first, "symbol")->valuestring);
    cJSON_Delete(first);
    assert_int_equal(DBN("cat", "--json", bars, "--symbol", symbol), 0);
    assert_int_equal(lines(), 30);
    assert_int_equal(DBN("cat", "--json", bars, "--symbol", symbol, "-n", "7"), 0);
    assert_int_equal(lines(), 7);
    assert_int_equal(DBN("cat", "--json", bars, "--schema", "mbo"), 0);
    assert_int_equal(lines(), 0);
    assert_int_equal(DBN("cat", bars, "--schema", "ohlcv-1m", "-n", "3"), 0);
    assert_int_equal(lines(), 4); /* a head above them */
    assert_int_equal(DBN("cat", bars, "--schema", "weather"), 2);
}

/* ---- convert ---- */

static void convert_writes_once(void **state)
{
    (void)state;
    const char *input = td_test_data("dbn/databento-dbn/test_data.mbo.v1.dbn.zst");
    char in[1024];
    size_t len = 0;
    if (!input)
        td_skip_data("dbn/databento-dbn/test_data.mbo.v1.dbn.zst");
    (void)snprintf(in, sizeof in, "%s", input);
    (void)td_file_remove(&world, path_of("m.csv"));
    (void)td_file_remove(&world, path_of("m.parquet"));
    assert_int_equal(DBN("convert", in, "--out", path_of("m.csv")), 0);
    assert_non_null(strstr(out, "2 mbo records to "));
    char *csv = td_test_slurp(path_of("m.csv"), &len);
    assert_non_null(strstr(csv, "\n160,1,5482,1609160400000429831,647784973705,3722.75,1,128,0,C,A,"
                                "1609160400000704060,22993,1170352,ESH1\n"));
    free(csv);
    assert_int_equal(DBN("convert", in, "--out", path_of("m.csv")), 1);
    assert_int_equal(DBN("convert", in, "--out", path_of("m.csv"), "--force"), 0);
    assert_int_equal(DBN("convert", in, "--out", path_of("m.parquet"), "--json"), 0);
    cJSON *told = cJSON_Parse(out);
    assert_string_equal(cJSON_GetObjectItem(told, "form")->valuestring, "parquet");
    assert_string_equal(cJSON_GetObjectItem(told, "type")->valuestring, "mbo");
    assert_int_equal(cJSON_GetObjectItem(told, "rows")->valueint, 2);
    assert_int_equal(cJSON_GetObjectItem(told, "left_out")->valueint, 0);
    cJSON_Delete(told);
}

static void torn_files_end_with_1_and_what_was_readable(void **state)
{
    (void)state;
    const char *input = td_test_data("dbn/databento-dbn/test_data.mbo.dbn");
    size_t len = 0;
    if (!input)
        td_skip_data("dbn/databento-dbn/test_data.mbo.dbn");
    char *bytes = td_test_slurp(input, &len);
    TD_OK_OR_FAIL(
        td_file_replace(&world, path_of("torn.dbn"), (struct td_str){bytes, len - 1}, NULL));
    free(bytes);
    assert_int_equal(DBN("info", path_of("torn.dbn"), "--json"), 1);
    assert_non_null(strstr(out, "\n  \"records\": 1,\n"));
    assert_non_null(strstr(out, "\n  \"whole\": false,\n"));
    assert_non_null(strstr(out, "ends inside a record after byte 409; 1 whole records before it"));
    assert_int_equal(DBN("cat", path_of("torn.dbn"), "--json"), 1);
    assert_int_equal(lines(), 1);
    (void)td_file_remove(&world, path_of("torn.parquet"));
    assert_int_equal(DBN("convert", path_of("torn.dbn"), "--out", path_of("torn.parquet")), 1);
    assert_int_equal(td_entry_at(&world, path_of("torn.parquet")), TD_ENTRY_NONE);
    assert_int_equal(td_entry_at(&world, path_of("torn.parquet.tmp")), TD_ENTRY_NONE);
    assert_int_equal(
        DBN("convert", path_of("torn.dbn"), "--out", path_of("torn.parquet"), "-n", "1"), 0);
}

static void bad_words_are_told(void **state)
{
    (void)state;
    assert_int_equal(program_run((const char *const[]){"dbn", NULL}, out, sizeof out), 2);
    assert_int_equal(DBN("look"), 2);
    assert_int_equal(DBN("info"), 2);
    assert_int_equal(DBN("cat", "a", "b"), 2);
    assert_int_equal(DBN("cat", path_of("nowhere.dbn")), 1);
    assert_int_equal(DBN("info", "--json", path_of("nowhere.dbn")), 1);
    assert_string_equal(out, "");
    assert_int_equal(DBN("convert", "x", "--to", "xlsx"), 2);
    assert_int_equal(DBN("info", "x", "--limit", "3"), 2);
    assert_int_equal(DBN("cat", "x", "--out", "y"), 2);
    assert_int_equal(DBN("convert", "x", "--upgrade"), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(info_is_the_golden_facts),
        cmocka_unit_test(cat_is_the_golden_records),
        cmocka_unit_test(filters_choose_records),
        cmocka_unit_test(convert_writes_once),
        cmocka_unit_test(torn_files_end_with_1_and_what_was_readable),
        cmocka_unit_test(bad_words_are_told),
    };
    return cmocka_run_group_tests_name("cmd/dbn_cmd", tests, set_up, tear_down);
}
