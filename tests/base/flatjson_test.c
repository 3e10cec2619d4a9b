/* tests/base/flatjson_test.c - what is a flat JSON object, what is none, and that no byte behind a line is read. */
#include "support/support.h"

#include <string.h>

#include "base/flatjson.h"
#include "base/random.h"

/* Pairs of a line, or -1 when it is no flat object. The line ends before an unreadable page. */
static int pairs_of(const char *line, size_t len, struct td_flatjson_pair *last)
{
    uint8_t *bytes = td_guard_copy(line, len);
    struct td_flatjson f;
    struct td_flatjson_pair p;
    enum td_err err;
    int count = 0;
    td_flatjson_init(&f, (struct td_str){(const char *)bytes, len});
    while ((err = td_flatjson_next(&f, &p)) == TD_OK) {
        count++;
        if (last) { /* borrows the caller's bytes, not the copy's */
            *last = p;
            last->key.p = line + (p.key.p - (const char *)bytes);
            last->value.p = line + (p.value.p - (const char *)bytes);
        }
        assert_true(count <= (int)len);
    }
    assert_true(err == TD_ENODATA || err == TD_EPARSE);
    assert_int_equal(td_flatjson_next(&f, &p), err); /* and so it stays */
    td_guard_free(bytes, len);
    return err == TD_ENODATA ? count : -1;
}

static void good_lines(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        int pairs;
    } rows[] = {{"{}", 0},
                {" { } \r\n", 0},
                {"{\"a\":1}", 1},
                {" { \"a\" : -1.5e3 , \"b\" : \"x y\" } ", 2},
                {"{\"a\":true,\"b\":false,\"c\":null}", 3},
                {"{\"a\":\"\\\"}\",\"b\":\"\"}", 2}};
    for (size_t i = 0; i < TD_COUNT(rows); i++)
        assert_int_equal(pairs_of(rows[i].line, strlen(rows[i].line), NULL), rows[i].pairs);
}

static void what_a_pair_says(void **state)
{
    (void)state;
    static const struct {
        const char *line, *value;
        uint8_t kind;
        bool escaped;
    } rows[] = {{"{\"k\":\"v\"}", "v", TD_FLATJSON_TEXT, false},
                {"{\"k\":\"a\\\"b\"}", "a\\\"b", TD_FLATJSON_TEXT, true},
                {"{\"k\":-0.5}", "-0.5", TD_FLATJSON_NUMBER, false},
                {"{\"k\":true}", "true", TD_FLATJSON_BOOL, false},
                {"{\"k\":null}", "null", TD_FLATJSON_NULL, false}};
    for (size_t i = 0; i < TD_COUNT(rows); i++) {
        struct td_flatjson_pair p;
        assert_int_equal(pairs_of(rows[i].line, strlen(rows[i].line), &p), 1);
        assert_true(td_str_is(p.key, "k") && td_str_is(p.value, rows[i].value));
        assert_int_equal(p.kind, rows[i].kind);
        assert_int_equal(p.escaped, rows[i].escaped);
    }
}

static void what_is_none(void **state)
{
    (void)state;
    static const char *const lines[] = {"",
                                        "x",
                                        "[]",
                                        "{",
                                        "}",
                                        "{\"a\"}",
                                        "{\"a\":}",
                                        "{\"a\":1",
                                        "{\"a\":1,}",
                                        "{,\"a\":1}",
                                        "{\"a\":1 \"b\":2}",
                                        "{\"a\":{}}",
                                        "{\"a\":[1]}",
                                        "{\"a\":\"x}",
                                        "{\"a\":\"x\\\"}",
                                        "{\"a\":tru}",
                                        "{a:1}",
                                        "{'a':1}",
                                        "{\"a\":1}}",
                                        "{\"a\":1} x",
                                        "{\"a\":1}{\"b\":2}"};
    for (size_t i = 0; i < TD_COUNT(lines); i++)
        if (pairs_of(lines[i], strlen(lines[i]), NULL) != -1)
            fail_msg("taken: %s", lines[i]);
}

/* Every beginning of a good line is none, and whatever a byte becomes the reader ends. */
static void cut_and_changed(void **state)
{
    (void)state;
    static const char line[] = "{\"id\":\"a-1\",\"n\":-1.5,\"ok\":true,\"none\":null}";
    struct td_rng rng;
    td_rng_init(&rng, 3);
    for (size_t n = 0; n < sizeof line - 1; n++)
        assert_int_equal(pairs_of(line, n, NULL), -1);
    for (int i = 0; i < 20000; i++) {
        char other[sizeof line];
        memcpy(other, line, sizeof line);
        for (uint64_t k = td_rng_below(&rng, 4) + 1; k > 0; k--)
            other[td_rng_below(&rng, sizeof line - 1)] = (char)td_rng_below(&rng, 256);
        (void)pairs_of(other, sizeof line - 1, NULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_lines),
        cmocka_unit_test(what_a_pair_says),
        cmocka_unit_test(what_is_none),
        cmocka_unit_test(cut_and_changed),
    };
    return cmocka_run_group_tests_name("base/flatjson", tests, NULL, NULL);
}
