/* tests/sys/post_test.c - a webhook over TLS: a certificate that is trusted, one that is not; what is no address. */
#include "sys/post.h"

#include <stdio.h>
#include <string.h>

#include "support/https_stub.h"
#include "support/support.h"

static struct https_stub *stub;
static struct td_post *post;
static char ca_file[700], url[100], heard[STUB_TEXT];
static struct td_fail why;

static void answer(void *arg, const struct stub_request *request, struct stub_answer *out)
{
    (void)arg;
    (void)snprintf(heard, sizeof heard, "%s %s %.100s", request->method, request->path,
                   request->body);
    *out = (struct stub_answer){.status = 200, .body = "ok", .len = 2};
}

static int set_up(void **state)
{
    (void)state;
    (void)snprintf(ca_file, sizeof ca_file, "%s/ca.pem", td_test_folder("post"));
    stub = https_stub_open(ca_file, answer, NULL);
    (void)snprintf(url, sizeof url, "https://localhost:%u/hook", https_stub_port(stub));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    https_stub_close(stub);
    return 0;
}

static int end(void **state)
{
    (void)state;
    td_post_close(post);
    post = NULL;
    return 0;
}

static const struct td_post_limit limit = {.limit = 5 * TD_SEC};

static void a_trusted_certificate_is_enough(void **state)
{
    (void)state;
    TD_OK_OR_FAIL(td_post_open(&post, ca_file, &why));
    TD_OK_OR_FAIL(td_post_web(post, url, td_str_of("{\"a\":1}"), &limit, &why));
    assert_string_equal(heard, "POST /hook {\"a\":1}");
    TD_OK_OR_FAIL(td_post_web(post, url, td_str_of("{}"), &limit, &why)); /* and again */
    assert_string_equal(heard, "POST /hook {}");
}

static void another_one_is_refused(void **state)
{
    (void)state;
    heard[0] = '\0';
    TD_OK_OR_FAIL(td_post_open(&post, NULL, &why));
    assert_int_equal(td_post_web(post, url, td_str_of("{}"), &limit, &why), TD_EACCES);
    assert_null(strstr(why.text, "localhost"));
    assert_string_equal(heard, "");
}

static void stopped_from_outside(void **state)
{
    (void)state;
    const atomic_bool stop = true;
    const struct td_post_limit stopped = {.limit = 5 * TD_SEC, .stop = &stop};
    TD_OK_OR_FAIL(td_post_open(&post, ca_file, &why));
    assert_int_equal(td_post_web(post, url, td_str_of("{}"), &stopped, &why), TD_EAGAIN);
}

static void what_is_an_address(void **state)
{
    (void)state;
    static const struct {
        const char *url;
        bool good;
    } rows[] = {{"https://hooks.example.org/a/b", true},
                {"HTTPS://EXAMPLE.ORG", true},
                {"http://localhost:80/x", true},
                {"http://127.0.0.1/x", true},
                {"http://[::1]:8080/x", true},
                {"http://example.org/", false},
                {"http://127.0.0.1.example.org/", false},
                {"http://localhost@example.org/", false},
                {"http://[::1/", false},
                {"file:///etc/passwd", false},
                {"https://", false},
                {"https://a\r\nb/", false},
                {"", false}};
    for (size_t i = 0; i < TD_COUNT(rows); i++)
        if ((td_post_check_web(rows[i].url, &why) == TD_OK) != rows[i].good)
            fail_msg("%s", rows[i].url);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_trusted_certificate_is_enough, end),
        cmocka_unit_test_teardown(another_one_is_refused, end),
        cmocka_unit_test_teardown(stopped_from_outside, end),
        cmocka_unit_test_teardown(what_is_an_address, end),
    };
    return cmocka_run_group_tests_name("sys/post", tests, set_up, tear_down);
}
