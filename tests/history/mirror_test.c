/* tests/history/mirror_test.c - what is sent where, what is not sent again, and uploads that go on after an end. */
#include "history/mirror.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/s3_stub.h"
#include "support/support.h"
#include "sys/uvworld.h"

enum { PART = 4000, BIG = 3 * PART + 17 };

static struct {
    struct s3_stub stub;
    struct td_world world;
    struct td_s3 *s3;
    atomic_bool stop;
    char root[400], data[440], state[440], endpoint[64], ca[512];
    uint8_t big[BIG];
    uint32_t told[4];
} scene;

static struct td_fail why;
static struct td_mirror_report report;

static void put_file(const char *under, const char *path, const void *bytes, size_t len)
{
    char full[1024], folder[1024];
    (void)snprintf(full, sizeof full, "%s/%s", under, path);
    td_path_folder(full, folder, sizeof folder);
    TD_OK_OR_FAIL(td_folder_make(&scene.world, folder));
    TD_OK_OR_FAIL(td_file_replace(&scene.world, full, (struct td_str){bytes, len}, NULL));
}

static int open_scene(void **state)
{
    (void)state;
    memset(&scene, 0, sizeof scene);
    (void)snprintf(scene.root, sizeof scene.root, "%s", td_test_folder("mirror"));
    (void)snprintf(scene.ca, sizeof scene.ca, "%s/ca.pem", scene.root);
    (void)snprintf(scene.data, sizeof scene.data, "%s/data", scene.root);
    (void)snprintf(scene.state, sizeof scene.state, "%s/state", scene.root);
    s3_stub_open(&scene.stub, scene.ca);
    (void)snprintf(scene.endpoint, sizeof scene.endpoint, "https://127.0.0.1:%u",
                   (unsigned)https_stub_port(scene.stub.server));
    for (size_t i = 0; i < BIG; i++)
        scene.big[i] = (uint8_t)(i * 7 + i / 251);
    const struct td_s3_config config = {.world = &scene.world,
                                        .endpoint = scene.endpoint,
                                        .region = "eu-central-1",
                                        .bucket = S3_STUB_BUCKET,
                                        .key = S3_STUB_KEY,
                                        .secret = S3_STUB_SECRET,
                                        .ca_file = scene.ca,
                                        .stop = &scene.stop,
                                        .first_wait = TD_MS};
    if (td_uvworld_open(&scene.world, false, NULL))
        return -1;
    return td_s3_open(&scene.s3, &config, NULL) == TD_OK ? 0 : -1;
}

static int close_scene(void **state)
{
    (void)state;
    td_s3_close(scene.s3);
    s3_stub_close(&scene.stub);
    td_uvworld_close(&scene.world);
    return 0;
}

static void tell(void *arg, const struct td_mirror_step *step, const struct td_mirror_report *r)
{
    (void)arg, (void)r;
    scene.told[step->word]++;
}

static enum td_err run(bool dry)
{
    const struct td_mirror_options o = {.world = &scene.world,
                                        .s3 = scene.s3,
                                        .places = {scene.data, scene.state, "desk1/x"},
                                        .dry_run = dry,
                                        .part_bytes = PART,
                                        .tell = tell};
    memset(scene.told, 0, sizeof scene.told);
    why = (struct td_fail){0};
    return td_mirror_run(&o, &report, &why);
}

static void put_samples(void)
{
    static const char *const data[] = {
        "Level2/AAPL/2025-07-29_snapshots_databento.parquet",
        "level2/ES/2025-07-29_snapshots_093000.parquet",
        "IBDownloads/MSFT_USUSD_1 min_2025-07-29.ftr", "models/ppo/7/card.json",
        "features/SPY/day.parquet", "bars_download_manifest.jsonl",
        /* these stay */
        "level2/ES/2025-07-29_depth_093000.capture", "models/ppo/7/weights.tmp", ".hidden/x",
        "notes.txt", "IBDownloads/strange.ftr", "other/x.parquet"};
    for (size_t i = 0; i < TD_COUNT(data); i++)
        put_file(scene.data, data[i], data[i], strlen(data[i]));
    put_file(scene.state, "journal/0001.tdj", "journal", 7);
    put_file(scene.state, "trade_audit_log.jsonl", "", 0);
    put_file(scene.state, "orders.db", "sqlite", 6);
}

static void layout(void **state)
{
    (void)state;
    static const char *const want[] = {
        "desk1/x/market_data/AAPL/2025-07-29_snapshots_databento.parquet",
        "desk1/x/market_data/ES/2025-07-29_snapshots_093000.parquet",
        "desk1/x/market_data/MSFT/bars/MSFT_USUSD_1 min_2025-07-29.ftr",
        "desk1/x/models/ppo/7/card.json",
        "desk1/x/features/SPY/day.parquet",
        "desk1/x/backups/data/bars_download_manifest.jsonl",
        "desk1/x/backups/journal/0001.tdj",
        "desk1/x/backups/state/trade_audit_log.jsonl"};
    put_samples();
    TD_OK_OR_FAIL(run(true));
    assert_int_equal(report.sent, TD_COUNT(want));
    assert_int_equal(scene.told[TD_MIRROR_WOULD_SEND], TD_COUNT(want));
    assert_int_equal(scene.stub.count, 0);
    TD_OK_OR_FAIL(run(false));
    assert_int_equal(report.sent, TD_COUNT(want));
    assert_int_equal(scene.stub.count, TD_COUNT(want));
    for (size_t i = 0; i < TD_COUNT(want); i++)
        assert_non_null(s3_stub_find(&scene.stub, want[i]));
    assert_memory_equal(s3_stub_find(&scene.stub, want[6])->bytes, "journal", 7);
}

static void what_is_there_is_not_sent_again(void **state)
{
    (void)state;
    put_samples();
    TD_OK_OR_FAIL(run(false));
    const uint32_t puts = scene.stub.puts;
    TD_OK_OR_FAIL(run(false));
    assert_int_equal(scene.stub.puts, puts);
    assert_int_equal(report.same, report.files);
    assert_int_equal(report.bytes_sent, 0);
    put_file(scene.state, "journal/0001.tdj", "JOURNAL", 7); /* the same size, another content */
    TD_OK_OR_FAIL(run(false));
    assert_int_equal(scene.stub.puts, puts + 1);
    assert_int_equal(report.sent, 1);
    s3_stub_find(&scene.stub, "desk1/x/backups/journal/0001.tdj")->sha256[0] = '\0'; /* not by us */
    TD_OK_OR_FAIL(run(false));
    assert_int_equal(report.sent, 1);
}

static const char big_key[] = "desk1/x/market_data/ES/day.parquet";

static void big_is_there(void)
{
    const struct s3_object *o = s3_stub_find(&scene.stub, big_key);
    assert_non_null(o);
    assert_int_equal(o->len, BIG);
    assert_memory_equal(o->bytes, scene.big, BIG);
    TD_OK_OR_FAIL(run(false));
    assert_int_equal(report.same, 1);
}

static void parts_go_on_after_an_end(void **state)
{
    (void)state;
    put_file(scene.data, "level2/ES/day.parquet", scene.big, BIG);
    scene.stub.stop = &scene.stop;
    scene.stub.stop_after_parts = 2;
    assert_int_equal(run(false), TD_EAGAIN);
    assert_int_equal(scene.stub.parts, 2);
    assert_null(s3_stub_find(&scene.stub, big_key));
    atomic_store(&scene.stop, false);
    TD_OK_OR_FAIL(run(false));
    assert_int_equal(report.parts_kept, 2);
    assert_int_equal(scene.stub.parts, 4);
    assert_int_equal(scene.stub.begins, 1);
    big_is_there();
}

/* The upload of other content is ended there, not gone on with. */
static void parts_of_another_content_are_left(void **state)
{
    (void)state;
    put_file(scene.data, "level2/ES/day.parquet", scene.big, BIG);
    scene.stub.stop = &scene.stop;
    scene.stub.stop_after_parts = 2;
    assert_int_equal(run(false), TD_EAGAIN);
    atomic_store(&scene.stop, false);
    scene.big[0] ^= 1;
    put_file(scene.data, "level2/ES/day.parquet", scene.big, BIG);
    TD_OK_OR_FAIL(run(false));
    assert_int_equal(report.parts_kept, 0);
    assert_int_equal(scene.stub.aborts, 1);
    big_is_there();
}

/* Somebody ended the upload there meanwhile: a new one. */
static void an_upload_that_is_gone(void **state)
{
    (void)state;
    put_file(scene.data, "level2/ES/day.parquet", scene.big, BIG);
    scene.stub.stop = &scene.stop;
    scene.stub.stop_after_parts = 2;
    assert_int_equal(run(false), TD_EAGAIN);
    atomic_store(&scene.stop, false);
    scene.stub.upload.open = false;
    TD_OK_OR_FAIL(run(false));
    assert_int_equal(report.parts_kept, 0);
    assert_int_equal(scene.stub.begins, 2);
    big_is_there();
}

static void change_the_file(uint32_t part)
{
    char path[1024];
    (void)snprintf(path, sizeof path, "%s/level2/ES/day.parquet", scene.data);
    FILE *f = part == 1 ? fopen(path, "r+b") : NULL;
    if (!f)
        return;
    assert_int_equal(fseek(f, BIG - 1, SEEK_SET), 0);
    assert_int_equal(fputc(scene.big[BIG - 1] ^ 1, f), scene.big[BIG - 1] ^ 1);
    assert_int_equal(fclose(f), 0);
}

static void a_file_that_changes_is_not_completed(void **state)
{
    (void)state;
    put_file(scene.data, "level2/ES/day.parquet", scene.big, BIG);
    scene.stub.on_part = change_the_file;
    TD_OK_OR_FAIL(run(false));
    assert_int_equal(report.failed, 1);
    assert_int_equal(scene.told[TD_MIRROR_FAILED], 1);
    assert_int_equal(scene.stub.completes, 0);
    assert_int_equal(scene.stub.aborts, 1);
    scene.stub.on_part = NULL;
    scene.big[BIG - 1] ^= 1;
    TD_OK_OR_FAIL(run(false));
    big_is_there();
}

static void a_lost_answer_to_the_end(void **state)
{
    (void)state;
    put_file(scene.data, "level2/ES/day.parquet", scene.big, BIG);
    scene.stub.lose_complete = true;
    TD_OK_OR_FAIL(run(false));
    assert_int_equal(report.sent, 1);
    assert_int_equal(report.failed, 0);
    big_is_there();
}

static void failures_end_it(void **state)
{
    (void)state;
    put_samples();
    TD_OK_OR_FAIL(run(true)); /* the listing is answered */
    scene.stub.fail_next = 1000;
    assert_int_equal(run(false), TD_ECLOSED);
    assert_int_equal(report.sent, 0);
    scene.stub.fail_next = 0;
    scene.stub.token = "wanted";
    assert_int_equal(run(false), TD_EACCES);
}

static void one_at_a_time(void **state)
{
    (void)state;
    char path[1024];
    struct td_world other;
    struct td_file lock;
    put_samples();
    (void)snprintf(path, sizeof path, "%s/sync.lock", scene.state);
    TD_OK_OR_FAIL(td_uvworld_open(&other, false, NULL));
    TD_OK_OR_FAIL(td_file_open(&other, path, TD_FILE_LOCK, &lock, NULL));
    assert_int_equal(run(false), TD_ELOCKED);
    td_file_close(&other, lock);
    td_uvworld_close(&other);
    TD_OK_OR_FAIL(run(false));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, open_scene, close_scene)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(layout),
        TEST(what_is_there_is_not_sent_again),
        TEST(parts_go_on_after_an_end),
        TEST(parts_of_another_content_are_left),
        TEST(an_upload_that_is_gone),
        TEST(a_file_that_changes_is_not_completed),
        TEST(a_lost_answer_to_the_end),
        TEST(failures_end_it),
        TEST(one_at_a_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
