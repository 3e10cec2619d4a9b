/* tests/history/feature_store_test.c - the index of kept features: versions bound to a hash, ten of them, days found by key. */
#include "support/support.h"

#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "history/feature_store.h"
#include "sys/uvworld.h"

static struct td_world world;
static char root[500];
static struct td_feature_set set;

static int set_up(void **state)
{
    (void)state;
    (void)snprintf(root, sizeof root, "%s", td_test_folder("feature-store"));
    return td_uvworld_open(&world, false, NULL) == TD_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    td_uvworld_close(&world);
    return 0;
}

static void make_set(const char *name, int version, int period)
{
    char text[200];
    (void)snprintf(text, sizeof text, "set %s %d\nmean t SMA timeperiod=%d\n", name, version,
                   period);
    TD_OK_OR_FAIL(td_feature_set_read(&set, td_str_of(text), NULL));
}

/* Keeps one day; its file holds a few bytes. */
static void keep_day(struct td_feature_store *s, int64_t id, int64_t day)
{
    char path[1200];
    const struct td_feature_day d = {
        .symbol = "SPY", .day = day, .rows = 7, .last = day * TD_DAY + 5, .since = 3};
    TD_OK_OR_FAIL(
        td_feature_store_place(s, set.name, set.version, "SPY", day, path, sizeof path, NULL));
    TD_OK_OR_FAIL(td_file_replace(&world, path, td_str_of("file"), NULL));
    TD_OK_OR_FAIL(td_feature_store_add(s, id, &d, NULL));
}

static enum td_err find_day(struct td_feature_store *s, int version, int64_t day, char *path)
{
    struct td_feature_day d = {.symbol = "SPY", .day = day};
    const enum td_err err = td_feature_store_find(s, set.name, version, &d, path, 1200, NULL);
    if (!err) {
        assert_int_equal(d.rows, 7);
        assert_int_equal(d.last, day * TD_DAY + 5);
        assert_int_equal(d.since, 3);
    }
    return err;
}

static void days_are_found_by_key(void **state)
{
    (void)state;
    struct td_feature_store *s;
    char path[1200], same[1200];
    int64_t id, again;
    make_set("days", 1, 5);
    TD_OK_OR_FAIL(td_feature_store_open(&s, &world, root, NULL));
    TD_OK_OR_FAIL(td_feature_store_version(s, &set, "span=60", &id, NULL));
    keep_day(s, id, 20000);
    td_feature_store_close(s);
    TD_OK_OR_FAIL(td_feature_store_open(&s, &world, root, NULL));
    TD_OK_OR_FAIL(td_feature_store_version(s, &set, "span=60", &again, NULL));
    assert_int_equal(id, again);
    TD_OK_OR_FAIL(find_day(s, 1, 20000, path));
    (void)snprintf(same, sizeof same, "%s/features/days/1/SPY/2024-10-04.parquet", root);
    assert_string_equal(path, same);
    assert_int_equal(find_day(s, 1, 20001, path), TD_ENOENT);
    assert_int_equal(find_day(s, 2, 20000, path), TD_ENOENT);
    TD_OK_OR_FAIL(td_file_remove(&world, same)); /* the file is the truth */
    assert_int_equal(find_day(s, 1, 20000, path), TD_ENOENT);
    assert_int_equal(td_feature_store_place(s, "days", 1, "../SPY", 20000, path, sizeof path, NULL),
                     TD_EINVAL);
    td_feature_store_close(s);
}

static void a_version_is_one_hash_and_one_making(void **state)
{
    (void)state;
    struct td_feature_store *s;
    struct td_fail why = {0};
    int64_t id;
    TD_OK_OR_FAIL(td_feature_store_open(&s, &world, root, NULL));
    make_set("bound", 1, 5);
    TD_OK_OR_FAIL(td_feature_store_version(s, &set, "span=60", &id, NULL));
    assert_int_equal(td_feature_store_version(s, &set, "span=300", &id, &why), TD_EEXIST);
    assert_non_null(strstr(why.text, "made with span=60, now it is span=300"));
    make_set("bound", 1, 6);
    assert_int_equal(td_feature_store_version(s, &set, "span=60", &id, &why), TD_EEXIST);
    assert_non_null(strstr(why.text, "raise its version"));
    make_set("bound", 2, 6);
    TD_OK_OR_FAIL(td_feature_store_version(s, &set, "span=60", &id, NULL));
    td_feature_store_close(s);
}

static bool count_kept(void *arg, const struct td_feature_kept *k)
{
    *(int *)arg += strcmp(k->set, "ten") == 0;
    return true;
}

static void ten_versions_are_kept(void **state)
{
    (void)state;
    struct td_feature_store *s;
    char path[1200];
    int64_t id;
    int kept = 0;
    TD_OK_OR_FAIL(td_feature_store_open(&s, &world, root, NULL));
    for (int v = 2; v <= TD_FEATURE_VERSIONS + 3; v++) {
        make_set("ten", v, v);
        TD_OK_OR_FAIL(td_feature_store_version(s, &set, "", &id, NULL));
        keep_day(s, id, 20000);
    }
    TD_OK_OR_FAIL(td_feature_store_list(s, count_kept, &kept, NULL));
    assert_int_equal(kept, TD_FEATURE_VERSIONS);
    for (int v = 2; v <= TD_FEATURE_VERSIONS + 3; v++) {
        assert_int_equal(find_day(s, v, 20000, path), v < 4 ? TD_ENOENT : TD_OK);
        (void)snprintf(path, sizeof path, "%s/features/ten/%d/SPY/2024-10-04.parquet", root, v);
        assert_int_equal(td_entry_at(&world, path), v < 4 ? TD_ENTRY_NONE : TD_ENTRY_FILE);
    }
    make_set("ten", 1, 50);
    assert_int_equal(td_feature_store_version(s, &set, "", &id, NULL), TD_EINVAL);
    td_feature_store_close(s);
}

static void quality_and_importance_stay_apart(void **state)
{
    (void)state;
    struct td_feature_store *s;
    const struct td_feature_quality first = {0.5, (double)NAN}, second = {0.25, -0.125};
    char path[700];
    sqlite3 *db;
    sqlite3_stmt *row;
    int64_t id;
    make_set("quality", 1, 5);
    TD_OK_OR_FAIL(td_feature_store_open(&s, &world, root, NULL));
    TD_OK_OR_FAIL(td_feature_store_version(s, &set, "", &id, NULL));
    TD_OK_OR_FAIL(td_feature_store_quality(s, id, "SPY", "mean", &first, NULL));
    TD_OK_OR_FAIL(td_feature_store_importance(s, id, "SPY", "mean", 0.75, NULL));
    TD_OK_OR_FAIL(td_feature_store_quality(s, id, "SPY", "mean", &second, NULL));
    td_feature_store_close(s);
    (void)snprintf(path, sizeof path, "%s/features/index.db", root);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(
        sqlite3_prepare_v2(db,
                           "SELECT nan_share, next_correlation, importance FROM quality q"
                           " JOIN versions v ON v.id = q.version_id WHERE v.name = 'quality'",
                           -1, &row, NULL),
        SQLITE_OK);
    assert_int_equal(sqlite3_step(row), SQLITE_ROW);
    assert_true(sqlite3_column_double(row, 0) == 0.25);
    assert_true(sqlite3_column_double(row, 1) == -0.125);
    assert_true(sqlite3_column_double(row, 2) == 0.75);
    (void)sqlite3_finalize(row);
    (void)sqlite3_close(db);
}

static void a_foreign_database_is_left_alone(void **state)
{
    (void)state;
    struct td_feature_store *s = NULL;
    char path[700], other[600];
    sqlite3 *db;
    (void)snprintf(other, sizeof other, "%s/other", root);
    (void)snprintf(path, sizeof path, "%s/features", other);
    TD_OK_OR_FAIL(td_folder_make(&world, path));
    (void)snprintf(path, sizeof path, "%s/features/index.db", other);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "CREATE TABLE mine (x)", NULL, NULL, NULL), SQLITE_OK);
    (void)sqlite3_close(db);
    assert_int_equal(td_feature_store_open(&s, &world, other, NULL), TD_EVERSION);
    TD_OK_OR_FAIL(
        td_file_replace(&world, path, td_str_of("no database at all, only a text"), NULL));
    assert_int_equal(td_feature_store_open(&s, &world, other, NULL), TD_EVERSION);
    assert_null(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(days_are_found_by_key),
        cmocka_unit_test(a_version_is_one_hash_and_one_making),
        cmocka_unit_test(ten_versions_are_kept),
        cmocka_unit_test(quality_and_importance_stay_apart),
        cmocka_unit_test(a_foreign_database_is_left_alone),
    };
    return cmocka_run_group_tests_name("feature_store", tests, set_up, tear_down);
}
