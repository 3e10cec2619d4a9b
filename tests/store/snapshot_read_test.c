/* tests/store/snapshot_read_test.c - messages as others write them, and files that are something else. */
#include "store/snapshot_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fault_world.h"
#include "store/bars_file.h"

static struct fault_world w;

static const char *put(const char *name, const char *text)
{
    static char path[300];
    (void)snprintf(path, sizeof path, "%s/%s", td_test_folder("read"), name);
    TD_OK_OR_FAIL(td_file_replace(&w.world, path, td_str_of(text), NULL));
    return path;
}

static void original_messages(void **state)
{
    (void)state;
    struct td_message_file *f;
    struct td_message m;
    const char *path =
        put("m.json",
            "[{\"timestamp\":\"2025-07-30T13:30:00.101250+00:00\",\"operation\":\"add\","
            "\"side\":\"bid\",\"level\":0,\"price\":630.11,\"size\":400,\"symbol\":\"SPY\"},\n"
            " { \"extra\" : null , \"size\": 1e2, \"symbol\": \"A\\u0042\\\"\", \"level\": 3,"
            "\"operation\":\"remove\",\"price\":0.0,\"side\":\"ask\","
            "\"timestamp\":\"2025-07-30T13:30:01+00:00\"},"
            "{\"operation\":\"?\",\"side\":\"?\",\"event\":\"reset\",\"seq\":9}]\n");
    TD_OK_OR_FAIL(td_message_file_open(&f, &w.world, path, NULL));
    TD_OK_OR_FAIL(td_message_file_next(f, &m, NULL));
    assert_int_equal(m.at_ns, INT64_C(1753882200101250000));
    assert_int_equal(m.event.recv_ns, m.at_ns);
    assert_int_equal(m.event.kind, TD_EV_DEPTH);
    assert_int_equal(m.event.depth.op, TD_DEPTH_INSERT);
    assert_int_equal(m.event.depth.side, TD_BID);
    assert_int_equal(m.event.depth.px.e9, INT64_C(630110000000));
    assert_int_equal(m.event.depth.qty.e9, 400 * TD_E9);
    assert_string_equal(m.symbol, "SPY");
    TD_OK_OR_FAIL(td_message_file_next(f, &m, NULL));
    assert_int_equal(m.event.depth.op, TD_DEPTH_DELETE);
    assert_int_equal(m.event.depth.row, 3);
    assert_int_equal(m.event.depth.qty.e9, 100 * TD_E9);
    assert_string_equal(m.symbol, "AB\"");
    TD_OK_OR_FAIL(td_message_file_next(f, &m, NULL));
    assert_int_equal(m.event.kind, TD_EV_DEPTH_RESET);
    assert_int_equal(m.seq, 9);
    assert_int_equal(td_message_file_next(f, &m, NULL), TD_ENODATA);
    td_message_file_close(f);
}

static void damaged_messages(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "{",
        "[",
        "[{",
        "[{\"a\"",
        "[{\"a\":",
        "[{\"a\":1",
        "[{\"a\":1}",
        "[{\"a\":[1]}]",
        "[{\"a\":{}}]",
        "[1]",
        "[{\"level\":99999999999}]",
        "[{\"price\":\"x\"}]",
        "[{\"timestamp\":\"noon\"}]",
        "[{\"a\":\"\n\"}]",
        "[{\"a\":\"\\x\"}]",
        "[{\"a\":\"\\u12g4\"}]",
        "[{}{}]",
    };
    for (size_t i = 0; i < TD_COUNT(texts); i++) {
        struct td_message_file *f;
        struct td_message m;
        enum td_err err;
        TD_OK_OR_FAIL(td_message_file_open(&f, &w.world, put("bad.json", texts[i]), NULL));
        while ((err = td_message_file_next(f, &m, NULL)) == TD_OK)
            ;
        assert_int_equal(err, TD_EPARSE);
        td_message_file_close(f);
    }
    struct td_message_file *f;
    struct td_message m;
    TD_OK_OR_FAIL(td_message_file_open(&f, &w.world, put("none.json", " [ ] "), NULL));
    assert_int_equal(td_message_file_next(f, &m, NULL), TD_ENODATA);
    td_message_file_close(f);
    assert_int_equal(td_message_file_open(&f, &w.world, "absent.json", NULL), TD_ENOENT);
}

static void not_snapshots(void **state)
{
    (void)state;
    struct td_snapshot_file *f;
    struct td_fail why;
    assert_int_equal(td_snapshot_file_open(&f, &w.world, "absent.parquet", &why), TD_ENOENT);
    assert_int_equal(
        td_snapshot_file_open(&f, &w.world, put("text.parquet", "not a Parquet file"), &why),
        TD_EPARSE);
    const struct td_bar_row row = {0};
    char path[300];
    (void)snprintf(path, sizeof path, "%s/bars.parquet", td_test_folder("read"));
    TD_OK_OR_FAIL(td_bars_write_parquet(&w.world, path, &row, 1, NULL));
    assert_int_equal(td_snapshot_file_open(&f, &w.world, path, &why), TD_EPARSE);
    assert_non_null(strstr(why.text, "no column timestamp"));
    td_snapshot_file_close(NULL);
    td_message_file_close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(original_messages),
        cmocka_unit_test(damaged_messages),
        cmocka_unit_test(not_snapshots),
    };
    fault_world_open(&w);
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    fault_world_close(&w);
    return failed;
}
