/* tests/wire/json_test.c - nesting, commas, indentation and exact numbers. */
#include "wire/json.h"

#include "support/support.h"

static void write_sample(struct td_json *j)
{
    td_json_object(j);
    td_json_key_text(j, "name", "a\"b\n");
    td_json_key_e9(j, "px", INT64_C(189950000001));
    td_json_key_e9(j, "none", TD_E9_NONE);
    td_json_key_bool(j, "on", true);
    td_json_key(j, "list");
    td_json_array(j);
    td_json_i64(j, -1);
    td_json_u64(j, UINT64_MAX);
    td_json_double(j, 0.1);
    td_json_double(j, 1e300);
    td_json_double(j, 0.0 / 0.0);
    td_json_object(j);
    td_json_object_end(j);
    td_json_array(j);
    td_json_array_end(j);
    td_json_array_end(j);
    td_json_key_text(j, "null", NULL);
    td_json_key_i64(j, "last", 7);
    td_json_object_end(j);
}

static void compact(void **state)
{
    (void)state;
    char buf[512];
    struct td_text t;
    struct td_json j;
    td_text_init(&t, buf, sizeof buf);
    td_json_init(&j, &t, false);
    write_sample(&j);
    assert_string_equal(buf,
                        "{\"name\":\"a\\\"b\\n\",\"px\":189.950000001,\"none\":null,\"on\":true,"
                        "\"list\":[-1,18446744073709551615,0.1,1.0000000000000001e+300,null,{},[]],"
                        "\"null\":null,\"last\":7}");
    assert_false(td_text_full(&t));
}

static void indented(void **state)
{
    (void)state;
    char buf[256];
    struct td_text t;
    struct td_json j;
    td_text_init(&t, buf, sizeof buf);
    td_json_init(&j, &t, true);
    td_json_array(&j);
    td_json_object(&j);
    td_json_key_i64(&j, "a", 1);
    td_json_key(&j, "at");
    td_json_iso(&j, 0);
    td_json_object_end(&j);
    td_json_i64(&j, 2);
    td_json_array_end(&j);
    assert_string_equal(
        buf,
        "[\n  {\n    \"a\": 1,\n    \"at\": \"1970-01-01T00:00:00.000000+00:00\"\n  },\n  2\n]");
}

static void full_text_is_noticed(void **state)
{
    (void)state;
    char buf[16];
    struct td_text t;
    struct td_json j;
    td_text_init(&t, buf, sizeof buf);
    td_json_init(&j, &t, false);
    write_sample(&j);
    assert_true(td_text_full(&t));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compact),
        cmocka_unit_test(indented),
        cmocka_unit_test(full_text_is_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
