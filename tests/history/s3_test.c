/* tests/history/s3_test.c - requests to an object store that checks their signatures: keys, pages, tries, refusals. */
#include "history/s3.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "history/s3_xml.h"
#include "support/s3_stub.h"
#include "support/support.h"
#include "sys/uvworld.h"

static struct {
    struct s3_stub stub;
    struct td_world world;
    struct td_s3_config config;
    char ca[512], endpoint[64];
} scene;

static struct td_fail why;

static int open_scene(void **state)
{
    (void)state;
    (void)snprintf(scene.ca, sizeof scene.ca, "%s/ca.pem", td_test_folder("s3"));
    s3_stub_open(&scene.stub, scene.ca);
    (void)snprintf(scene.endpoint, sizeof scene.endpoint, "https://localhost:%u/",
                   (unsigned)https_stub_port(scene.stub.server));
    scene.config = (struct td_s3_config){.world = &scene.world,
                                         .endpoint = scene.endpoint,
                                         .region = "us-east-1",
                                         .bucket = S3_STUB_BUCKET,
                                         .key = S3_STUB_KEY,
                                         .secret = S3_STUB_SECRET,
                                         .ca_file = scene.ca,
                                         .first_wait = TD_MS};
    why = (struct td_fail){0};
    return td_uvworld_open(&scene.world, false, NULL) == TD_OK ? 0 : -1;
}

static int close_scene(void **state)
{
    (void)state;
    s3_stub_close(&scene.stub);
    td_uvworld_close(&scene.world);
    return 0;
}

static struct td_s3 *open_store(void)
{
    struct td_s3 *s;
    if (td_s3_open(&s, &scene.config, &why))
        fail_msg("%s", why.text);
    return s;
}

static const char *const keys[] = {"plain",
                                   "market_data/ES/a b.parquet",
                                   "1 min/x=1&y=2+3.ftr",
                                   "\xc3\xa4\xc3\xb6/~tilde'(quote)*!",
                                   "models/ppo/7/card.json",
                                   "a%41b",
                                   "seventh"};

static bool collect(void *arg, const char *key, int64_t size)
{
    uint32_t *seen = arg;
    for (size_t i = 0; i < TD_COUNT(keys); i++)
        if (strcmp(key, keys[i]) == 0 && size == (int64_t)i)
            *seen |= 1u << i;
    return true;
}

/* Every kind of key goes there and comes back; listings come in pages of three with tokens that need escaping. */
static void keys_and_pages(void **state)
{
    (void)state;
    struct td_s3 *s = open_store();
    uint32_t seen = 0;
    for (size_t i = 0; i < TD_COUNT(keys); i++) {
        char hash[TD_S3_HASH], want[TD_S3_HASH];
        int64_t size = -1;
        TD_OK_OR_FAIL(td_s3_put(s, keys[i], "0123456789", i, &why));
        TD_OK_OR_FAIL(td_s3_head(s, keys[i], &size, hash, &why));
        td_s3_hash("0123456789", i, want);
        assert_int_equal(size, i);
        assert_string_equal(hash, want);
        assert_non_null(s3_stub_find(&scene.stub, keys[i]));
    }
    TD_OK_OR_FAIL(td_s3_list(s, "", 100, collect, &seen, &why));
    assert_int_equal(seen, (1u << TD_COUNT(keys)) - 1);
    assert_int_equal(scene.stub.lists, 3);
    seen = 0;
    TD_OK_OR_FAIL(td_s3_list(s, "1 min/x=1&y", 100, collect, &seen, &why));
    assert_int_equal(seen, 1u << 2);
    assert_int_equal(td_s3_list(s, "", 6, collect, &seen, &why), TD_EFULL);
    assert_int_equal(scene.stub.refused, 0);
    td_s3_close(s);
}

static void a_token_is_signed(void **state)
{
    (void)state;
    scene.stub.token = scene.config.token = "FwoGZXIvYXdzE+/=";
    struct td_s3 *s = open_store();
    TD_OK_OR_FAIL(td_s3_put(s, "k", "v", 1, &why));
    td_s3_close(s);
    scene.config.token = NULL;
    s = open_store();
    assert_int_equal(td_s3_put(s, "k", "v", 1, &why), TD_EACCES);
    td_s3_close(s);
}

static void a_wrong_secret_is_told(void **state)
{
    (void)state;
    scene.config.secret = "other";
    struct td_s3 *s = open_store();
    assert_int_equal(td_s3_put(s, "k", "v", 1, &why), TD_EACCES);
    assert_non_null(strstr(why.text, "SignatureDoesNotMatch"));
    assert_null(strstr(why.text, "other"));
    assert_int_equal(td_s3_requests(s), 1); /* trying again does not help */
    td_s3_close(s);
}

static void tries_are_bounded(void **state)
{
    (void)state;
    struct td_s3 *s = open_store();
    scene.stub.fail_next = 2;
    TD_OK_OR_FAIL(td_s3_put(s, "k", "v", 1, &why));
    assert_int_equal(td_s3_requests(s), 3);
    scene.stub.fail_next = 1000;
    assert_int_equal(td_s3_put(s, "k", "v", 1, &why), TD_ECLOSED);
    assert_non_null(strstr(why.text, "SlowDown"));
    assert_int_equal(td_s3_requests(s), 3 + TD_S3_TRIES);
    td_s3_close(s);
}

static void nobody_there(void **state)
{
    (void)state;
    atomic_bool stop = true;
    scene.config.endpoint = "https://localhost:1";
    struct td_s3 *s = open_store();
    assert_int_equal(td_s3_put(s, "k", "v", 1, &why), TD_EUNREACH);
    assert_int_equal(td_s3_requests(s), TD_S3_TRIES);
    td_s3_close(s);
    scene.config.stop = &stop;
    s = open_store();
    assert_int_equal(td_s3_put(s, "k", "v", 1, &why), TD_EAGAIN);
    td_s3_close(s);
}

static void uploads_in_parts(void **state)
{
    (void)state;
    struct td_s3 *s = open_store();
    struct td_s3_part parts[3] = {0}, there[3] = {0};
    char upload[64], hash[TD_S3_HASH];
    td_s3_hash("abcdef", 6, hash);
    TD_OK_OR_FAIL(td_s3_begin(s, "big file", hash, upload, sizeof upload, &why));
    TD_OK_OR_FAIL(td_s3_send_part(s, "big file", upload, 1, "abc", 3, &parts[0], &why));
    TD_OK_OR_FAIL(td_s3_send_part(s, "big file", upload, 2, "de", 2, &parts[1], &why));
    TD_OK_OR_FAIL(td_s3_list_parts(s, "big file", upload, there, 3, &why));
    assert_int_equal(there[0].size, 3);
    assert_string_equal(there[1].etag, parts[1].etag);
    assert_int_equal(there[2].size, 0);
    TD_OK_OR_FAIL(td_s3_send_part(s, "big file", upload, 3, "f", 1, &parts[2], &why));
    TD_OK_OR_FAIL(td_s3_complete(s, "big file", upload, parts, 3, &why));
    assert_memory_equal(s3_stub_find(&scene.stub, "big file")->bytes, "abcdef", 6);
    assert_int_equal(td_s3_list_parts(s, "big file", upload, there, 3, &why), TD_ENOENT);
    TD_OK_OR_FAIL(td_s3_begin(s, "k", hash, upload, sizeof upload, &why));
    TD_OK_OR_FAIL(td_s3_abort(s, "k", upload, &why));
    assert_int_equal(scene.stub.aborts, 1);
    td_s3_close(s);
}

static void settings_that_cannot_be(void **state)
{
    (void)state;
    static const struct {
        const char *bucket, *endpoint, *region, *key;
    } bad[] = {{"UPPER", NULL, "us-east-1", "k"},
               {"a", NULL, "us-east-1", "k"},
               {"good/../x", NULL, "us-east-1", "k"},
               {"good", "http://x", "us-east-1", "k"},
               {"good", "https://x/y", "us-east-1", "k"},
               {"good", NULL, "", "k"},
               {"good", NULL, "us east", "k"},
               {"good", NULL, "us-east-1", ""}};
    for (size_t i = 0; i < TD_COUNT(bad); i++) {
        struct td_s3 *s;
        struct td_s3_config c = scene.config;
        c.bucket = bad[i].bucket;
        c.endpoint = bad[i].endpoint;
        c.region = bad[i].region;
        c.key = bad[i].key;
        assert_int_equal(td_s3_open(&s, &c, &why), TD_EINVAL);
    }
}

static void elements(void **state)
{
    (void)state;
    struct td_str rest = td_str_of("<a>1</a><b>x &lt;&amp;&#34;&#x41; %41+</b><a></a><a>open"), in;
    char text[32];
    assert_true(td_s3_xml_next(&rest, "a", &in) && td_str_is(in, "1"));
    assert_true(td_s3_xml_get(rest, "b", &in));
    assert_true(td_s3_xml_text(in, false, text, sizeof text));
    assert_string_equal(text, "x <&\"A %41+");
    assert_true(td_s3_xml_text(in, true, text, sizeof text));
    assert_string_equal(text, "x <&\"A A ");
    assert_false(td_s3_xml_text(in, false, text, 5));
    assert_true(td_s3_xml_next(&rest, "a", &in) && in.len == 0);
    assert_false(td_s3_xml_next(&rest, "a", &in));
    assert_true(td_s3_xml_text(td_str_of("&;&#;&#99999;%zz"), true, text, sizeof text));
    assert_string_equal(text, "&;&#;&#99999;%zz");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, open_scene, close_scene)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(keys_and_pages),          TEST(a_token_is_signed),    TEST(a_wrong_secret_is_told),
        TEST(tries_are_bounded),       TEST(nobody_there),         TEST(uploads_in_parts),
        TEST(settings_that_cannot_be), cmocka_unit_test(elements),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
