/* tests/history/vendor_test.c - the vendors of history: what their answers mean, against an HTTPS server of our own. */
#include "support/https_stub.h"
#include "support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "desk/settings.h"
#include "history/vendor.h"

static struct scene {
    struct https_stub *stub;
    struct td_settings settings;
    struct td_environ environ;
    char ca[512], url[64];
    struct stub_request last;
    struct stub_answer next;
    struct td_vendor_answer answer;
    struct td_fail why;
    void *vendor;
} scene;

static const struct td_vendor_ask ask = {.dataset = "XNAS.ITCH",
                                         .schema = "mbp-10",
                                         .symbol = "MSFT",
                                         .start = "2025-03-10T09:00:00-04:00",
                                         .end = "2025-03-10T11:00:00-04:00"};

static void answer(void *arg, const struct stub_request *r, struct stub_answer *a)
{
    (void)arg;
    scene.last = *r;
    *a = scene.next;
}

static int open_scene(void **state)
{
    struct td_settings *s = &scene.settings;
    (void)state;
    memset(&scene, 0, sizeof scene);
    TD_OK_OR_FAIL(td_settings_load(s, &scene.environ, NULL));
    (void)snprintf(scene.ca, sizeof scene.ca, "%s/ca.pem", td_test_folder("vendor"));
    scene.stub = https_stub_open(scene.ca, answer, NULL);
    (void)snprintf(scene.url, sizeof scene.url, "https://localhost:%u/v0",
                   (unsigned)https_stub_port(scene.stub));
    s->databento_enabled = true;
    s->databento_key = "db-0123456789012345678901234567x";
    s->databento_url = scene.url;
    s->ca_file = scene.ca;
    return td_vendor_databento.open(&scene.vendor, s, &scene.why) == TD_OK ? 0 : -1;
}

static int close_scene(void **state)
{
    (void)state;
    td_vendor_databento.close(scene.vendor);
    https_stub_close(scene.stub);
    return 0;
}

static void next(int status, const char *headers, const char *body)
{
    scene.next = (struct stub_answer){
        .status = status, .headers = headers, .body = body, .len = strlen(body)};
}

static char taken[256];
static size_t taken_len;

static enum td_err take(void *arg, const void *bytes, size_t len)
{
    (void)arg;
    if (len > sizeof taken - taken_len)
        return TD_ERANGE;
    memcpy(taken + taken_len, bytes, len);
    taken_len += len;
    return TD_OK;
}

static enum td_err fetch(void)
{
    taken_len = 0;
    scene.why = (struct td_fail){0};
    return td_vendor_databento.fetch(scene.vendor, &ask, take, NULL, &scene.answer, &scene.why);
}

static void assert_form(const char *key, const char *wanted)
{
    char value[256];
    if (!stub_value(scene.last.body, key, value, sizeof value))
        fail_msg("the form has no %s: %s", key, scene.last.body);
    assert_string_equal(value, wanted);
}

static void a_slice_is_asked_for_and_streamed(void **state)
{
    (void)state;
    next(200, "X-Warning: [\"BentoWarning: degraded\"]\r\nrequest-id: r-17\r\n", "DBN bytes");
    TD_OK_OR_FAIL(fetch());
    assert_int_equal(taken_len, 9);
    assert_memory_equal(taken, "DBN bytes", 9);
    assert_string_equal(scene.last.path, "/v0/timeseries.get_range");
    assert_string_equal(scene.last.method, "POST");
    assert_form("dataset", "XNAS.ITCH");
    assert_form("schema", "mbp-10");
    assert_form("symbols", "MSFT");
    assert_form("start", "2025-03-10T09:00:00-04:00");
    assert_form("end", "2025-03-10T11:00:00-04:00");
    assert_form("stype_in", "raw_symbol");
    assert_form("stype_out", "instrument_id");
    assert_form("encoding", "dbn");
    assert_form("compression", "zstd");
    assert_null(strstr(scene.last.body, "limit"));
    assert_string_equal(scene.answer.warnings, "[\"BentoWarning: degraded\"]");
    assert_string_equal(scene.answer.request_id, "r-17");
    assert_false(scene.answer.partial);
    next(206, NULL, "x");
    TD_OK_OR_FAIL(fetch());
    assert_true(scene.answer.partial);
}

static void every_status_has_its_sentence(void **state)
{
    (void)state;
    static const struct {
        int status;
        const char *headers, *body;
        enum td_err err;
        bool again;
        td_ns wait;
        const char *says;
    } rows[] = {
        {400, NULL, "{\"detail\":\"no such schema\"}", TD_EINVAL, false, 0, "no such schema"},
        {401, NULL, "{\"detail\":\"bad key\"}", TD_EACCES, false, 0, "DATABENTO_API_KEY"},
        {402, NULL, "{}", TD_EACCES, false, 0, "payment"},
        {403, NULL, "{\"detail\":{\"case\":\"license_required\",\"message\":\"needs a licence\"}}",
         TD_EACCES, false, 0, "license_required): needs a licence"},
        {404, NULL, "", TD_ENOENT, false, 0, "no such dataset"},
        {408, NULL, "", TD_ETIMEOUT, true, 0, "408"},
        {409, NULL, "", TD_EINVAL, false, 0, "409"},
        {422, "request-id: q-3\r\n",
         "{\"detail\":{\"case\":\"data_end_after_available\",\"message\":\"the end is too late\"}}",
         TD_EINVAL, false, 0, "the end is too late, request q-3"},
        {422, NULL,
         "{\"detail\":{\"case\":\"symbology_invalid_symbol\",\"message\":\"None of them\"}}",
         TD_ENODATA, false, 0, "None of them"},
        {400, NULL, "{\"detail\":{\"case\":\"symbology_invalid_request\",\"message\":\"m\"}}",
         TD_ENODATA, false, 0, "symbology_invalid_request"},
        {429, "Retry-After: 3\r\n", "{\"detail\":\"slower\"}", TD_EFULL, true, 3 * TD_SEC,
         "slower"},
        {500, NULL, "<html>\nboom</html>", TD_ECLOSED, true, 0, "<html>"},
        {503, "Retry-After: 1\r\n", "\x01\x02", TD_ECLOSED, true, TD_SEC, "503"},
        {504, NULL, "", TD_ECLOSED, true, 0, "504"},
        {302, "Location: https://elsewhere.example/\r\n", "", TD_EPROTO, false, 0, "302"},
    };
    for (size_t i = 0; i < TD_COUNT(rows); i++) {
        next(rows[i].status, rows[i].headers, rows[i].body);
        const enum td_err err = fetch();
        if (err != rows[i].err || scene.answer.again != rows[i].again ||
            scene.answer.wait != rows[i].wait || !strstr(scene.why.text, rows[i].says))
            fail_msg("%d: %s, again %d: %s", rows[i].status, td_err_name(err), scene.answer.again,
                     scene.why.text);
        assert_null(strchr(scene.why.text, '\n'));
        assert_null(strstr(scene.why.text, "db-0123"));
        assert_int_equal(taken_len, 0);
    }
}

static void a_cut_stream_may_be_tried_again(void **state)
{
    (void)state;
    next(200, NULL, "some of the bytes");
    scene.next.cut = 5;
    assert_int_equal(fetch(), TD_ECLOSED);
    assert_true(scene.answer.again);
}

static void questions_are_answered(void **state)
{
    (void)state;
    int64_t usd = -1;
    uint64_t bytes = 0;
    char start[40], end[40];
    enum td_vendor_day day;
    struct td_vendor_answer *a = &scene.answer;
    const struct td_vendor_row *v = &td_vendor_databento;
    next(200, NULL, "1.246");
    TD_OK_OR_FAIL(v->cost(scene.vendor, &ask, &usd, a, &scene.why));
    assert_true(usd == 1246000000);
    assert_string_equal(scene.last.path, "/v0/metadata.get_cost");
    next(200, NULL, "99219648");
    TD_OK_OR_FAIL(v->size(scene.vendor, &ask, &bytes, a, &scene.why));
    assert_true(bytes == 99219648);
    next(200, NULL,
         "{\"start\":\"2018-05-01T00:00:00.000000000Z\",\"end\":\"2025-03-11T00:00:00Z\"}");
    TD_OK_OR_FAIL(v->range(scene.vendor, "XNAS.ITCH", start, end, a, &scene.why));
    assert_string_equal(start, "2018-05-01T00:00:00.000000000Z");
    assert_string_equal(end, "2025-03-11T00:00:00Z");
    assert_string_equal(scene.last.query, "dataset=XNAS.ITCH");
    next(200, NULL, "[{\"date\":\"2025-03-10\",\"condition\":\"degraded\"}]");
    TD_OK_OR_FAIL(v->condition(scene.vendor, "XNAS.ITCH", "2025-03-10", &day, a, &scene.why));
    assert_int_equal(day, TD_VENDOR_DAY_INCOMPLETE);
    next(200, NULL, "[{\"date\":\"2025-03-10\",\"condition\":\"available\"}]");
    TD_OK_OR_FAIL(v->condition(scene.vendor, "XNAS.ITCH", "2025-03-10", &day, a, &scene.why));
    assert_int_equal(day, TD_VENDOR_DAY_COMPLETE);
    TD_OK_OR_FAIL(v->condition(scene.vendor, "XNAS.ITCH", "2025-03-11", &day, a, &scene.why));
    assert_int_equal(day, TD_VENDOR_DAY_UNKNOWN);
}

static void odd_answers_are_refused(void **state)
{
    (void)state;
    static const char *const bodies[] = {"", "null", "-1", "\"1\"", "{", "1e300", "[1]"};
    int64_t usd = 0;
    for (size_t i = 0; i < TD_COUNT(bodies); i++) {
        next(200, NULL, bodies[i]);
        assert_int_not_equal(
            td_vendor_databento.cost(scene.vendor, &ask, &usd, &scene.answer, &scene.why), TD_OK);
    }
}

static void without_switch_or_key_nothing_is_bought(void **state)
{
    (void)state;
    struct td_settings s = scene.settings;
    void *vendor = NULL;
    s.databento_enabled = false;
    assert_int_equal(td_vendor_databento.open(&vendor, &s, &scene.why), TD_EACCES);
    assert_non_null(strstr(scene.why.text, "DATABENTO_ENABLE_BACKFILL"));
    s.databento_enabled = true;
    s.databento_key = "";
    assert_int_equal(td_vendor_databento.open(&vendor, &s, &scene.why), TD_EACCES);
    assert_non_null(strstr(scene.why.text, "DATABENTO_API_KEY"));
    assert_null(vendor);
}

/* --- the folder --- */

static void a_folder_is_a_vendor_too(void **state)
{
    (void)state;
    struct td_settings s = scene.settings;
    const struct td_vendor_row *v = td_vendor_find("files");
    const char *folder = td_test_folder("vendor-files");
    struct td_vendor_ask own = ask;
    char path[600];
    void *vendor = NULL;
    uint64_t bytes = 0;
    assert_non_null(v);
    assert_null(td_vendor_find("nobody"));
    s.vendor_files = "";
    assert_int_equal(v->open(&vendor, &s, &scene.why), TD_EINVAL);
    s.vendor_files = folder;
    TD_OK_OR_FAIL(v->open(&vendor, &s, &scene.why));
    (void)snprintf(path, sizeof path, "%s/MSFT", folder);
    assert_int_equal(mkdir(path, 0700), 0);
    (void)snprintf(path, sizeof path, "%s/MSFT/2025-03-10.mbp-10.dbn", folder);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    (void)fputs("DBN", f);
    assert_int_equal(fclose(f), 0);
    taken_len = 0;
    TD_OK_OR_FAIL(v->fetch(vendor, &own, take, NULL, &scene.answer, &scene.why));
    assert_int_equal(taken_len, 3);
    TD_OK_OR_FAIL(v->size(vendor, &own, &bytes, &scene.answer, &scene.why));
    assert_true(bytes == 3);
    own.symbol = "AAPL";
    assert_int_equal(v->fetch(vendor, &own, take, NULL, &scene.answer, &scene.why), TD_ENODATA);
    own.symbol = "../MSFT";
    assert_int_equal(v->fetch(vendor, &own, take, NULL, &scene.answer, &scene.why), TD_EINVAL);
    v->close(vendor);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_slice_is_asked_for_and_streamed),
        cmocka_unit_test(every_status_has_its_sentence),
        cmocka_unit_test(a_cut_stream_may_be_tried_again),
        cmocka_unit_test(questions_are_answered),
        cmocka_unit_test(odd_answers_are_refused),
        cmocka_unit_test(without_switch_or_key_nothing_is_bought),
        cmocka_unit_test(a_folder_is_a_vendor_too),
    };
    return cmocka_run_group_tests_name("history/vendor", tests, open_scene, close_scene);
}
