/* tests/cmd/help_test.c - help, description and pages of every command agree. Needs TAPEDECK_BIN and TD_DOCGEN. */
#include "support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "sys/child.h"

#define LIMIT (30 * TD_SEC)

static const char *bin, *docgen;
static char out[262144];

static int set_up(void **state)
{
    (void)state;
    bin = td_test_program("TAPEDECK_BIN");
    docgen = td_test_program("TD_DOCGEN");
    return 0;
}

/* What a program says on stdout; it must end with 0. */
/* Its status; what it said is in out. */
static int run(const char *const *argv)
{
    struct td_child c;
    size_t len = 0, got = 0;
    TD_OK_OR_FAIL(td_child_start(&c, argv, TD_CHILD_PIPE, NULL));
    for (enum td_err err = TD_OK; err != TD_ECLOSED;) {
        assert_true(len < sizeof out - 1);
        err = td_child_read(&c, out + len, sizeof out - 1 - len, LIMIT, &got);
        if (err == TD_OK)
            len += got;
        assert_int_not_equal(err, TD_EAGAIN);
    }
    out[len] = '\0';
    while (td_child_alive(&c)) {
    }
    return c.status;
}

static const char *say(const char *program, const char *first, const char *second)
{
    const char *const argv[] = {program, first, second, NULL};
    assert_int_equal(run(argv), 0);
    return out;
}

static cJSON *all_commands(void)
{
    cJSON *all = cJSON_Parse(say(bin, "describe", "--all"));
    assert_true(cJSON_IsArray(all));
    assert_true(cJSON_GetArraySize(all) > 5);
    return all;
}

static const char *name_of(const cJSON *command)
{
    const cJSON *name = cJSON_GetObjectItem(command, "name");
    assert_true(cJSON_IsString(name));
    return name->valuestring;
}

static int differences(const char *page, const char *wanted)
{
    char path[512];
    size_t len = 0;
    (void)snprintf(path, sizeof path, "%s/../docs/%s", TD_TESTS_DIR, page);
    char *text = td_test_slurp(path, &len);
    const bool same = text && strcmp(text, wanted) == 0;
    free(text);
    if (!same)
        print_error("docs/%s is not what the program says: run make docs\n", page);
    return !same;
}

static void pages_are_the_help(void **state)
{
    (void)state;
    static char wanted[1 << 19], page[64];
    int wrong = 0;
    const cJSON *command;
    cJSON *all = all_commands();
    cJSON_ArrayForEach(command, all)
    {
        const char *name = name_of(command);
        (void)snprintf(wanted, sizeof wanted, "# tapedeck %s\n\n```text\n%s```\n", name,
                       say(bin, name, "--help"));
        (void)snprintf(page, sizeof page, "cmd/%s.md", name);
        wrong += differences(page, wanted);
    }
    cJSON_Delete(all);
    assert_int_equal(wrong, 0);
}

static void made_pages_are_their_tables(void **state)
{
    (void)state;
    int wrong = 0;
    wrong += differences("errors.md", say(docgen, "errors", NULL));
    wrong += differences("settings.md", say(docgen, "settings", NULL));
    wrong += differences("journal.md", say(docgen, "journal", NULL));
    wrong += differences("gates.md", say(docgen, "gates", NULL));
    wrong += differences("fault-scripts.md", say(docgen, "fault-scripts", NULL));
    wrong += differences("gateway.md", say(docgen, "gateway", NULL));
    wrong += differences("connection.md", say(docgen, "connection", NULL));
    wrong += differences("indicators.md", say(docgen, "indicators", NULL));
    wrong += differences("features.md", say(docgen, "features", NULL));
    wrong += differences("strategies.md", say(docgen, "strategies", NULL));
    wrong += differences("signals-input.md", say(docgen, "signals-input", NULL));
    wrong += differences("api.md", say(docgen, "api", NULL));
    wrong += differences("wire/dbn.md", say(docgen, "dbn", NULL));
    assert_int_equal(wrong, 0);
}

/* The union of both old shapes (contracts 3): what is missing, or of the wrong kind. */
static const char *missing_key(const cJSON *d)
{
    static const char *const texts[] = {"name", "description", "version"};
    static const char *const objects[] = {"inputs", "outputs", "input_schema", "output_schema"};
    static const char *const lists[] = {"dependencies", "examples", "env_keys"};
    for (size_t i = 0; i < TD_COUNT(texts); i++)
        if (!cJSON_IsString(cJSON_GetObjectItem(d, texts[i])))
            return texts[i];
    for (size_t i = 0; i < TD_COUNT(objects); i++)
        if (!cJSON_IsObject(cJSON_GetObjectItem(d, objects[i])))
            return objects[i];
    for (size_t i = 0; i < TD_COUNT(lists); i++)
        if (!cJSON_IsArray(cJSON_GetObjectItem(d, lists[i])))
            return lists[i];
    if (!cJSON_GetObjectItem(cJSON_GetObjectItem(d, "outputs"), "stdout"))
        return "outputs.stdout";
    if (cJSON_GetArraySize(cJSON_GetObjectItem(d, "examples")) < 1)
        return "examples: at least one";
    if (!cJSON_IsObject(cJSON_GetObjectItem(cJSON_GetObjectItem(d, "input_schema"), "properties")))
        return "input_schema.properties";
    const cJSON *input;
    cJSON_ArrayForEach(
        input, cJSON_GetObjectItem(
                   d, "inputs")) if (strncmp(input->string, "--", 2) != 0 ||
                                     !cJSON_IsString(cJSON_GetObjectItem(
                                         input, "type"))) return "inputs: --option with a type";
    return NULL;
}

static void descriptions_have_the_union_keys(void **state)
{
    (void)state;
    int wrong = 0;
    const cJSON *command, *alias;
    cJSON *all = all_commands();
    cJSON_ArrayForEach(command, all)
    {
        cJSON *d = cJSON_Parse(say(bin, name_of(command), "--describe"));
        const char *missing = d ? missing_key(d) : "valid JSON";
        if (missing)
            print_error("%s --describe: %s is missing\n", name_of(command), missing);
        wrong += missing != NULL;
        if (d && !cJSON_Compare(d, command, true)) {
            print_error("describe --all differs from %s --describe\n", name_of(command));
            wrong++;
        }
        cJSON_Delete(d);
        cJSON_ArrayForEach(alias, cJSON_GetObjectItem(command, "aliases"))
        {
            d = cJSON_Parse(say(bin, alias->valuestring, "--describe"));
            assert_non_null(d);
            assert_string_equal(name_of(d), name_of(command));
            cJSON_Delete(d);
        }
    }
    cJSON_Delete(all);
    assert_int_equal(wrong, 0);
}

static void a_missing_key_is_seen(void **state)
{
    (void)state;
    static const char whole[] =
        "{\"name\":\"a\",\"description\":\"b\",\"version\":\"1\",\"inputs\":{\"--x\":{\"type\":"
        "\"str\"}},"
        "\"outputs\":{\"stdout\":\"t\"},\"dependencies\":[],\"examples\":[\"a\"],\"env_keys\":[],"
        "\"input_schema\":{\"properties\":{}},\"output_schema\":{}}";
    static const char *const keys[] = {"name",         "description",  "version",  "inputs",
                                       "outputs",      "dependencies", "examples", "env_keys",
                                       "input_schema", "output_schema"};
    cJSON *d = cJSON_Parse(whole);
    assert_non_null(d);
    assert_null(missing_key(d));
    cJSON_Delete(d);
    for (size_t i = 0; i < TD_COUNT(keys); i++) {
        d = cJSON_Parse(whole);
        cJSON_DeleteItemFromObject(d, keys[i]);
        assert_non_null(missing_key(d));
        cJSON_Delete(d);
    }
}

static void codes_are_explained(void **state)
{
    (void)state;
    assert_non_null(strstr(say(bin, "explain", "354"), "354 (error): no subscription"));
    assert_non_null(strstr(say(bin, "explain", "577"), "510 to 593 (local)"));
    /* In the order asked for, and the unknown one does not hide the last. */
    const char *const some[] = {bin, "explain", "354", "999998", "nonsense", "577", NULL};
    assert_int_equal(run(some), 2);
    assert_non_null(strstr(out, "354 (error): no subscription"));
    assert_non_null(strstr(out, "510 to 593 (local)"));
    const char *const unknown[] = {bin, "explain", "999998", "354", NULL};
    assert_int_equal(run(unknown), 1);
    assert_non_null(strstr(out, "354 (error): no subscription"));
    cJSON *all = cJSON_Parse(say(bin, "explain", "--json"));
    int32_t last = 0;
    const cJSON *row;
    cJSON_ArrayForEach(row, all)
    {
        const int32_t code = cJSON_GetObjectItem(row, "code")->valueint;
        assert_true(code > last); /* in order, none twice */
        last = code;
    }
    assert_true(cJSON_GetArraySize(all) > 80);
    cJSON_Delete(all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_are_the_help),
        cmocka_unit_test(made_pages_are_their_tables),
        cmocka_unit_test(descriptions_have_the_union_keys),
        cmocka_unit_test(a_missing_key_is_seen),
        cmocka_unit_test(codes_are_explained),
    };
    return cmocka_run_group_tests_name("help", tests, set_up, NULL);
}
