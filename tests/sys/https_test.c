/* tests/sys/https_test.c - requests against a TLS server of our own: what comes, what fails, what is refused. */
#include "support/https_stub.h"
#include "support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sys/https.h"

#define BIG 300000

static struct scene {
    struct https_stub *stub;
    struct td_https *client;
    char ca[512], big[BIG];
    struct stub_request last;
} scene;

static void answer(void *arg, const struct stub_request *r, struct stub_answer *a)
{
    static const struct {
        const char *path;
        struct stub_answer answer;
    } rows[] = {
        {"/ok",
         {.status = 200,
          .headers = "request-id: abc-1\r\nX-Warning: [\"Note: thin\"]\r\n",
          .body = "hello",
          .len = 5}},
        {"/slow-down",
         {.status = 429,
          .headers = "Retry-After: 7\r\n",
          .body = "{\"detail\":\"later\"}",
          .len = 18}},
        {"/long-wait", {.status = 503, .headers = "Retry-After: 999999\r\n"}},
        {"/away", {.status = 302, .headers = "Location: https://localhost:1/other\r\n"}},
        {"/big", {.status = 200, .body = scene.big, .len = BIG}},
        {"/chunks", {.status = 200, .body = scene.big, .len = BIG, .chunked = true}},
        {"/cut", {.status = 200, .body = scene.big, .len = BIG, .cut = BIG / 2}},
        {"/cut-chunks",
         {.status = 200, .body = scene.big, .len = BIG, .cut = BIG / 2, .chunked = true}},
        {"/big-error", {.status = 500, .body = scene.big, .len = BIG}},
        {"/stall", {.status = 200, .body = "late", .len = 4, .stall_ms = 4000}},
    };
    (void)arg;
    scene.last = *r;
    for (size_t i = 0; i < TD_COUNT(rows); i++)
        if (strcmp(rows[i].path, r->path) == 0)
            *a = rows[i].answer;
}

static int open_scene(void **state)
{
    const struct td_https_config config = {.ca_file = scene.ca, .silence_limit = TD_SEC};
    (void)state;
    memset(&scene, 0, sizeof scene);
    for (size_t i = 0; i < BIG; i++)
        scene.big[i] = (char)('a' + i % 26);
    (void)snprintf(scene.ca, sizeof scene.ca, "%s/ca.pem", td_test_folder("https"));
    scene.stub = https_stub_open(scene.ca, answer, NULL);
    return td_https_open(&scene.client, &config, NULL) == TD_OK ? 0 : -1;
}

static int close_scene(void **state)
{
    (void)state;
    td_https_close(scene.client);
    https_stub_close(scene.stub);
    return 0;
}

static char url_text[256];

static const char *url_of(const char *host, const char *path)
{
    (void)snprintf(url_text, sizeof url_text, "https://%s:%u%s", host,
                   (unsigned)https_stub_port(scene.stub), path);
    return url_text;
}

static struct td_https_reply reply;
static struct td_fail why;

static enum td_err get(const char *path)
{
    const struct td_https_request q = {.url = url_of("localhost", path)};
    why = (struct td_fail){0};
    return td_https_do(scene.client, &q, &reply, &why);
}

static void an_answer_comes_whole(void **state)
{
    (void)state;
    TD_OK_OR_FAIL(get("/ok"));
    assert_int_equal(reply.status, 200);
    assert_string_equal(reply.body, "hello");
    assert_string_equal(reply.request_id, "abc-1");
    assert_string_equal(reply.warnings, "[\"Note: thin\"]");
    TD_OK_OR_FAIL(get("/nothing-there"));
    assert_int_equal(reply.status, 404);
    assert_string_equal(reply.request_id, ""); /* of the request before: not kept */
}

static void waits_are_told_and_bounded(void **state)
{
    (void)state;
    TD_OK_OR_FAIL(get("/slow-down"));
    assert_int_equal(reply.status, 429);
    assert_true(reply.wait == 7 * TD_SEC);
    assert_string_equal(reply.body, "{\"detail\":\"later\"}");
    TD_OK_OR_FAIL(get("/long-wait"));
    assert_true(reply.wait == TD_HOUR);
}

static void a_redirect_is_not_followed(void **state)
{
    (void)state;
    TD_OK_OR_FAIL(get("/away"));
    assert_int_equal(reply.status, 302);
}

/* --- streams --- */

static struct taken {
    uint64_t bytes, hash;
    uint64_t stop_at;
} taken;

static enum td_err take(void *arg, const void *bytes, size_t len)
{
    (void)arg;
    for (size_t i = 0; i < len; i++)
        taken.hash = taken.hash * 31 + ((const uint8_t *)bytes)[i];
    taken.bytes += len;
    return taken.stop_at && taken.bytes >= taken.stop_at ? TD_ENOSPC : TD_OK;
}

static enum td_err stream(const char *path, uint64_t stop_at)
{
    const struct td_https_request q = {.url = url_of("127.0.0.1", path), .sink = take};
    taken = (struct taken){.stop_at = stop_at};
    why = (struct td_fail){0};
    return td_https_do(scene.client, &q, &reply, &why);
}

static void bodies_stream_and_a_cut_is_an_error(void **state)
{
    (void)state;
    TD_OK_OR_FAIL(stream("/big", 0));
    const struct taken whole = taken;
    assert_true(whole.bytes == BIG && reply.bytes == BIG && reply.len == 0);
    TD_OK_OR_FAIL(stream("/chunks", 0));
    assert_true(taken.bytes == BIG && taken.hash == whole.hash);
    assert_int_equal(stream("/cut", 0), TD_ECLOSED);
    assert_true(taken.bytes <= BIG / 2);
    assert_int_equal(stream("/cut-chunks", 0), TD_ECLOSED);
    TD_OK_OR_FAIL(stream("/big", 0)); /* the client goes on after that */
    assert_true(taken.hash == whole.hash);
}

static void the_sink_may_end_it(void **state)
{
    (void)state;
    assert_int_equal(stream("/big", 1000), TD_ENOSPC);
    assert_true(taken.bytes < BIG);
    assert_non_null(strstr(why.text, "the disk is full"));
}

static void an_error_body_is_kept_but_bounded(void **state)
{
    (void)state;
    TD_OK_OR_FAIL(stream("/big-error", 0));
    assert_int_equal(reply.status, 500);
    assert_true(taken.bytes == 0 && reply.cut);
    assert_int_equal(strlen(reply.body), TD_HTTPS_BODY - 1);
}

static void silence_and_stop_end_it(void **state)
{
    (void)state;
    atomic_bool stop = true;
    assert_int_equal(get("/stall"), TD_ETIMEOUT);
    const struct td_https_request q = {.url = url_of("localhost", "/ok"), .stop = &stop};
    assert_int_equal(td_https_do(scene.client, &q, &reply, &why), TD_EAGAIN);
}

/* --- who is spoken to --- */

static void strangers_are_refused(void **state)
{
    (void)state;
    struct td_https *other;
    TD_OK_OR_FAIL(td_https_open(&other, &(struct td_https_config){0}, NULL));
    struct td_https_request q = {.url = url_of("localhost", "/ok"), .user = "secret-key"};
    assert_int_equal(td_https_do(other, &q, &reply, &why), TD_EACCES); /* nobody's certificate */
    assert_null(strstr(why.text, "secret-key"));
    assert_true(https_stub_requests(scene.stub) == 0 || scene.last.path[0]);
    td_https_close(other);
    char plain[64];
    (void)snprintf(plain, sizeof plain, "http://localhost:%u/ok?key=secret-key",
                   (unsigned)https_stub_port(scene.stub));
    q.url = plain;
    assert_int_equal(td_https_do(scene.client, &q, &reply, &why), TD_EINVAL);
    assert_null(strstr(why.text, "secret-key"));
    q.url = "https://localhost:1/nobody";
    assert_int_equal(td_https_do(scene.client, &q, &reply, &why), TD_EUNREACH);
}

static void a_form_is_posted_with_the_key(void **state)
{
    (void)state;
    char form[512], value[128];
    struct td_text t;
    td_text_init(&t, form, sizeof form);
    td_https_pair(&t, "dataset", td_str_of("XNAS.ITCH"));
    td_https_pair(&t, "start", td_str_of("2025-03-10T09:00:00-04:00"));
    td_https_pair(&t, "odd", td_str_of("a b&c=\xc3\xa9%"));
    static const char *const headers[] = {"accept: application/json", NULL};
    const struct td_https_request q = {
        .url = url_of("localhost", "/ok"), .user = "db-key", .form = form, .headers = headers};
    TD_OK_OR_FAIL(td_https_do(scene.client, &q, &reply, &why));
    assert_string_equal(scene.last.method, "POST");
    assert_true(stub_header(&scene.last, "authorization", value, sizeof value));
    assert_string_equal(value, "Basic ZGIta2V5Og=="); /* "db-key:" */
    assert_true(stub_header(&scene.last, "accept", value, sizeof value));
    assert_string_equal(value, "application/json");
    assert_true(stub_value(scene.last.body, "start", value, sizeof value));
    assert_string_equal(value, "2025-03-10T09:00:00-04:00");
    assert_true(stub_value(scene.last.body, "odd", value, sizeof value));
    assert_string_equal(value, "a b&c=\xc3\xa9%");
    assert_non_null(strstr(scene.last.body, "start=2025-03-10T09%3A00%3A00-04%3A00"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_comes_whole),
        cmocka_unit_test(waits_are_told_and_bounded),
        cmocka_unit_test(a_redirect_is_not_followed),
        cmocka_unit_test(bodies_stream_and_a_cut_is_an_error),
        cmocka_unit_test(the_sink_may_end_it),
        cmocka_unit_test(an_error_body_is_kept_but_bounded),
        cmocka_unit_test(silence_and_stop_end_it),
        cmocka_unit_test(strangers_are_refused),
        cmocka_unit_test(a_form_is_posted_with_the_key),
    };
    return cmocka_run_group_tests_name("sys/https", tests, open_scene, close_scene);
}
