/* tests/desk/courier_test.c - notices reach file, webhook, mail and desktop, and whatever these do, posting never waits. */
#include "desk/courier.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cjson/cJSON.h>

#include "support/line_stub.h"
#include "support/support.h"
#include "sys/post.h"
#include "sys/uvworld.h"

#define SECRET "s3cr3t-path-of-the-hook"

static struct td_world world;
static struct td_courier *courier;
static struct line_stub *web, *mail;
static char webhook[200], smtp[100], trouble[200];
static struct td_fail why;

static int open_world(void **state)
{
    (void)state;
    return td_uvworld_open(&world, false, NULL) == TD_OK ? 0 : -1;
}

static int close_world(void **state)
{
    (void)state;
    td_uvworld_close(&world);
    return 0;
}

static int end(void **state)
{
    (void)state;
    td_courier_close(courier);
    line_stub_close(web);
    line_stub_close(mail);
    courier = NULL;
    web = mail = NULL;
    return 0;
}

static struct td_courier_config base(const char *folder)
{
    return (struct td_courier_config){.desk = &world,
                                      .state = td_test_folder(folder),
                                      .version = "0.1.0",
                                      .limit = 300 * TD_MS,
                                      .pause = 5 * TD_MS,
                                      .per_hour = 1000};
}

static void with_web(struct td_courier_config *c, enum line_stub_manner manner)
{
    web = line_stub_open(false, manner);
    (void)snprintf(webhook, sizeof webhook, "http://127.0.0.1:%u/%s", line_stub_port(web), SECRET);
    c->webhook = webhook;
}

static void with_mail(struct td_courier_config *c, enum line_stub_manner manner)
{
    mail = line_stub_open(true, manner);
    (void)snprintf(smtp, sizeof smtp, "smtp://127.0.0.1:%u", line_stub_port(mail));
    c->smtp = smtp;
    c->from = "desk@example.org";
    c->to = "me@example.org";
}

static struct td_notice notice(const char *alert, const char *text)
{
    struct td_notice n = {.at = INT64_C(1763735400000000000),
                          .severity = TD_SEVERITY_CRITICAL,
                          .rule = true,
                          .value = -1500,
                          .threshold = -1000};
    (void)snprintf(n.alert, sizeof n.alert, "%s", alert);
    (void)snprintf(n.text, sizeof n.text, "%s", text);
    (void)snprintf(n.account, sizeof n.account, "DU1");
    return n;
}

static void post(const char *alert, const char *text)
{
    const struct td_notice n = notice(alert, text);
    assert_true(td_courier_post(courier, &n));
}

/* Until so many outcomes of a sink are there: ten seconds at most. */
static const struct td_delivery *wait_for(enum td_courier_sink sink, uint64_t outcomes)
{
    const struct td_delivery *d = td_courier_delivery(courier, sink);
    const td_ns until = td_world_mono(&world) + 10 * TD_SEC;
    while (td_world_mono(&world) < until) {
        struct td_wake wake;
        enum td_courier_sink from;
        while (td_courier_next(courier, &from, trouble, sizeof trouble))
            continue;
        if (d->sent + d->failed >= outcomes)
            return d;
        td_world_wait(&world, td_world_mono(&world) + 5 * TD_MS, &wake);
    }
    fail_msg("%s: %d sent, %d failed", td_courier_sink_word(sink), (int)d->sent, (int)d->failed);
    return d;
}

static void without_sinks_there_is_no_thread(void **state)
{
    (void)state;
    const struct td_courier_config c = base("courier-none");
    TD_OK_OR_FAIL(td_courier_open(&courier, &c, &why));
    assert_null(courier);
    const struct td_notice n = notice("a", "b");
    assert_true(td_courier_post(NULL, &n));
    assert_false(td_courier_delivery(NULL, TD_SINK_FILE)->on);
}

static void the_file_has_each_notice(void **state)
{
    (void)state;
    struct td_courier_config c = base("courier-file");
    char path[700];
    size_t len = 0;
    c.file = true;
    TD_OK_OR_FAIL(td_courier_open(&courier, &c, &why));
    post("loss", "lost \"it\"\n<b>");
    post("other", "x");
    assert_int_equal(wait_for(TD_SINK_FILE, 2)->sent, 2);
    (void)snprintf(path, sizeof path, "%s/alerts.jsonl", c.state);
    char *text = td_test_slurp(path, &len);
    assert_non_null(text);
    cJSON *all = cJSON_Parse(text);
    assert_string_equal(cJSON_GetObjectItem(all, "text")->valuestring, "lost \"it\"\n<b>");
    assert_string_equal(cJSON_GetObjectItem(all, "alert")->valuestring, "loss");
    assert_string_equal(cJSON_GetObjectItem(all, "state")->valuestring, "raised");
    assert_true(cJSON_GetObjectItem(all, "value")->valuedouble == -1500);
    assert_non_null(strstr(text, "\n{"));
    cJSON_Delete(all);
    free(text);
}

static void a_file_that_cannot_be_written_is_told(void **state)
{
    (void)state;
    struct td_courier_config c = base("courier-nofile");
    c.state = "/nonexistent/folder";
    c.file = true;
    TD_OK_OR_FAIL(td_courier_open(&courier, &c, &why));
    post("a", "b");
    const struct td_delivery *d = wait_for(TD_SINK_FILE, 1);
    assert_int_equal(d->failed, 1);
    assert_true(d->last_error[0] && d->last_at);
}

static void webhook_and_mail_get_it(void **state)
{
    (void)state;
    struct td_courier_config c = base("courier-both");
    with_web(&c, LINE_STUB_GOOD);
    with_mail(&c, LINE_STUB_GOOD);
    TD_OK_OR_FAIL(td_courier_open(&courier, &c, &why));
    post("loss", "lost it\r\nBcc: <x@example.org>\r\n.\r\nQUIT");
    assert_int_equal(wait_for(TD_SINK_WEBHOOK, 1)->sent, 1);
    assert_int_equal(wait_for(TD_SINK_EMAIL, 1)->sent, 1);
    td_courier_close(courier);
    courier = NULL;
    const char *heard = line_stub_heard(web);
    assert_non_null(strstr(heard, "POST /" SECRET " HTTP/1.1"));
    assert_non_null(strstr(heard, "Content-Type: application/json"));
    assert_non_null(strstr(heard, "\"alert\":\"loss\""));
    heard = line_stub_heard(mail);
    assert_non_null(strstr(heard, "MAIL FROM:<desk@example.org>"));
    assert_non_null(strstr(heard, "RCPT TO:<me@example.org>"));
    assert_non_null(strstr(heard, "Subject: [tapedeck critical] loss\r\n"));
    assert_null(strstr(heard, "\nBcc:")); /* what outsiders say stays in its line */
    assert_int_equal(line_stub_visits(mail), 1);
}

static void what_is_refused_for_good_is_not_tried_again(void **state)
{
    (void)state;
    static const enum line_stub_manner manners[] = {LINE_STUB_REFUSES, LINE_STUB_MOVED};
    for (size_t i = 0; i < TD_COUNT(manners); i++) {
        struct td_courier_config c = base("courier-refused");
        with_web(&c, manners[i]);
        TD_OK_OR_FAIL(td_courier_open(&courier, &c, &why));
        post("loss", "x");
        const struct td_delivery *d = wait_for(TD_SINK_WEBHOOK, 1);
        assert_int_equal(d->failed, 1);
        assert_non_null(strstr(d->last_error, "HTTP status"));
        assert_int_equal(line_stub_visits(web), 1); /* nor is a redirect followed */
        (void)end(NULL);
    }
    struct td_courier_config c = base("courier-refused-mail");
    with_mail(&c, LINE_STUB_REFUSES);
    TD_OK_OR_FAIL(td_courier_open(&courier, &c, &why));
    post("loss", "x");
    const struct td_delivery *d = wait_for(TD_SINK_EMAIL, 1);
    assert_int_equal(d->failed, 1);
    assert_int_equal(line_stub_visits(mail), 1);
}

static void trouble_that_may_pass_is_tried_three_times(void **state)
{
    (void)state;
    static const enum line_stub_manner manners[] = {LINE_STUB_BUSY, LINE_STUB_CLOSES,
                                                    LINE_STUB_HANGS, LINE_STUB_STALLS};
    for (size_t i = 0; i < TD_COUNT(manners); i++) {
        struct td_courier_config c = base("courier-busy");
        with_web(&c, manners[i]);
        with_mail(&c, manners[i]);
        TD_OK_OR_FAIL(td_courier_open(&courier, &c, &why));
        post("loss", "x");
        assert_int_equal(wait_for(TD_SINK_WEBHOOK, 1)->failed, 1);
        assert_int_equal(wait_for(TD_SINK_EMAIL, 1)->failed, 1);
        assert_int_equal(line_stub_visits(web), TD_COURIER_TRIES);
        assert_int_equal(line_stub_visits(mail), TD_COURIER_TRIES);
        (void)end(NULL);
    }
}

static void nobody_listens(void **state)
{
    (void)state;
    struct td_courier_config c = base("courier-nobody");
    with_web(&c, LINE_STUB_GOOD);
    line_stub_close(web);
    web = NULL;
    TD_OK_OR_FAIL(td_courier_open(&courier, &c, &why));
    post("loss", "x");
    const struct td_delivery *d = wait_for(TD_SINK_WEBHOOK, 1);
    assert_int_equal(d->failed, 1);
    assert_null(strstr(d->last_error, SECRET));
    assert_null(strstr(d->last_error, "127.0.0.1"));
}

/* The sink of the whole test: it takes everything and says nothing. The trading thread's calls take microseconds. */
static void a_sink_that_hangs_delays_nobody(void **state)
{
    (void)state;
    struct td_courier_config c = base("courier-hang");
    td_ns worst = 0;
    uint32_t dropped = 0;
    with_web(&c, LINE_STUB_HANGS);
    c.file = true;
    c.limit = TD_MIN; /* longer than the test */
    TD_OK_OR_FAIL(td_courier_open(&courier, &c, &why));
    post("first", "x");
    assert_int_equal(wait_for(TD_SINK_FILE, 1)->sent, 1);
    const td_ns until = td_world_mono(&world) + 10 * TD_SEC;
    while (line_stub_visits(web) == 0 && td_world_mono(&world) < until) {
        struct td_wake wake;
        td_world_wait(&world, td_world_mono(&world) + 2 * TD_MS, &wake);
    }
    assert_int_equal(line_stub_visits(web), 1); /* the thread is in there */
    for (int i = 0; i < 1000; i++) {
        const struct td_notice n = notice("flood", "x");
        const td_ns before = td_world_mono(&world);
        dropped += !td_courier_post(courier, &n);
        const td_ns took = td_world_mono(&world) - before;
        worst = took > worst ? took : worst;
    }
    assert_true(dropped > 0); /* the ring is bounded, and says so */
    assert_int_equal(td_courier_dropped(courier), dropped);
    assert_true(worst < 100 * TD_MS);
    const td_ns before = td_world_mono(&world);
    td_courier_close(courier);
    courier = NULL;
    assert_true(td_world_mono(&world) - before < 10 * TD_SEC); /* not a minute */
}

static void above_the_hour_it_is_held_back(void **state)
{
    (void)state;
    struct td_courier_config c = base("courier-hour");
    with_web(&c, LINE_STUB_GOOD);
    c.file = true;
    c.per_hour = 2;
    TD_OK_OR_FAIL(td_courier_open(&courier, &c, &why));
    for (int i = 0; i < 5; i++)
        post("loss", "x");
    assert_int_equal(wait_for(TD_SINK_FILE, 5)->sent, 5);
    const struct td_delivery *d = wait_for(TD_SINK_WEBHOOK, 2);
    const td_ns until = td_world_mono(&world) + 10 * TD_SEC;
    while (d->held < 3 && td_world_mono(&world) < until) {
        struct td_wake wake;
        enum td_courier_sink from;
        (void)td_courier_next(courier, &from, trouble, sizeof trouble);
        td_world_wait(&world, td_world_mono(&world) + 2 * TD_MS, &wake);
    }
    assert_int_equal(d->held, 3);
    assert_int_equal(line_stub_visits(web), 2);
}

static void the_desktop_gets_fixed_words(void **state)
{
    (void)state;
    struct td_courier_config c = base("courier-desktop");
    char program[700], script[2400], heard[700];
    size_t len = 0;
    (void)snprintf(program, sizeof program, "%s/notify", c.state);
    (void)snprintf(heard, sizeof heard, "%s/heard", c.state);
    (void)snprintf(script, sizeof script,
                   "#!/bin/sh\nfor a in \"$@\"; do echo \"[$a]\"; done > %s.tmp\nmv %s.tmp %s\n",
                   heard, heard, heard);
    TD_OK_OR_FAIL(td_file_replace(&world, program, td_str_of(script), NULL));
    assert_int_equal(chmod(program, 0700), 0);
    c.desktop = true;
    c.bus = "unix:path=/nowhere";
    c.notifier = program;
    TD_OK_OR_FAIL(td_courier_open(&courier, &c, &why));
    post("loss", "$(touch /tmp/never) <b>&\"; --expire-time=0");
    assert_int_equal(wait_for(TD_SINK_DESKTOP, 1)->sent, 1);
    char *text = td_test_slurp(heard, &len);
    assert_non_null(text);
    assert_string_equal(text,
                        "[--app-name=tapedeck]\n[--urgency=critical]\n[--]\n[tapedeck: loss]\n"
                        "[$(touch /tmp/never) &lt;b&gt;&amp;\"; --expire-time=0; ]\n");
    free(text);
    td_courier_close(courier);
    courier = NULL;
    c.notifier = "/nonexistent/notify-send";
    TD_OK_OR_FAIL(td_courier_open(&courier, &c, &why));
    post("loss", "x");
    assert_int_equal(wait_for(TD_SINK_DESKTOP, 1)->failed, 1);
}

static void wrong_settings_are_named_and_not_shown(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "http://example.org/" SECRET, "ftp://127.0.0.1/" SECRET, "https://user@example.org/" SECRET,
        "https:///" SECRET,           "https://a b/" SECRET,     "http://127.0.0.1@example.org/"};
    for (size_t i = 0; i < TD_COUNT(wrong); i++) {
        struct td_courier_config c = base("courier-wrong");
        c.webhook = wrong[i];
        assert_int_equal(td_courier_open(&courier, &c, &why), TD_EINVAL);
        assert_non_null(strstr(why.text, "ALERT_WEBHOOK"));
        assert_null(strstr(why.text, SECRET));
        assert_null(courier);
    }
    static const struct {
        const char *server, *from, *to;
    } mails[] = {{"http://127.0.0.1", "a@b.c", "a@b.c"},
                 {"smtp://127.0.0.1", "a", "a@b.c"},
                 {"smtp://127.0.0.1", "a@b.c", "a@b.c>\r\nRCPT TO:<x@y.z"},
                 {NULL, "a@b.c", "a@b.c"},
                 {"smtp://127.0.0.1", NULL, "a@b.c"}};
    for (size_t i = 0; i < TD_COUNT(mails); i++) {
        struct td_courier_config c = base("courier-wrong");
        c.smtp = mails[i].server;
        c.from = mails[i].from;
        c.to = mails[i].to;
        assert_int_equal(td_courier_open(&courier, &c, &why), TD_EINVAL);
    }
    struct td_courier_config c = base("courier-wrong");
    c.desktop = true;
    assert_int_equal(td_courier_open(&courier, &c, &why), TD_EINVAL);
}

static void vitals_are_percent(void **state)
{
    (void)state;
    struct td_courier_config c = base("courier-vitals");
    double cpu, memory;
    uint64_t busy, all;
    c.vitals = 50 * TD_MS;
    TD_OK_OR_FAIL(td_courier_open(&courier, &c, &why));
    const td_ns until = td_world_mono(&world) + 10 * TD_SEC;
    do {
        struct td_wake wake;
        td_world_wait(&world, td_world_mono(&world) + 20 * TD_MS, &wake);
        td_courier_vitals(courier, &cpu, &memory);
    } while ((isnan(cpu) || isnan(memory)) && td_world_mono(&world) < until);
    assert_true(cpu >= 0 && cpu <= 100);
    assert_true(memory > 0 && memory <= 100);
    TD_OK_OR_FAIL(td_cpu_ticks("cpu  10 1 5 100 20 2 3 4 50 0\ncpu0 1\n", &busy, &all));
    assert_int_equal(busy, 25);
    assert_int_equal(all, 145);
    assert_int_equal(td_cpu_ticks("", &busy, &all), TD_EPARSE);
    assert_int_equal(td_cpu_ticks("cpu  a b c d e\n", &busy, &all), TD_EPARSE);
    assert_int_equal(td_cpu_ticks("cpu  1 2\n", &busy, &all), TD_EPARSE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(without_sinks_there_is_no_thread, end),
        cmocka_unit_test_teardown(the_file_has_each_notice, end),
        cmocka_unit_test_teardown(a_file_that_cannot_be_written_is_told, end),
        cmocka_unit_test_teardown(webhook_and_mail_get_it, end),
        cmocka_unit_test_teardown(what_is_refused_for_good_is_not_tried_again, end),
        cmocka_unit_test_teardown(trouble_that_may_pass_is_tried_three_times, end),
        cmocka_unit_test_teardown(nobody_listens, end),
        cmocka_unit_test_teardown(a_sink_that_hangs_delays_nobody, end),
        cmocka_unit_test_teardown(above_the_hour_it_is_held_back, end),
        cmocka_unit_test_teardown(the_desktop_gets_fixed_words, end),
        cmocka_unit_test_teardown(wrong_settings_are_named_and_not_shown, end),
        cmocka_unit_test_teardown(vitals_are_percent, end),
    };
    return cmocka_run_group_tests_name("desk/courier", tests, open_world, close_world);
}
