/* tests/base/opt_test.c - the option table: forms, precedence, and the one clear line of each mistake. */
#include "support/support.h"

#include <string.h>

#include "base/opt.h"

struct args {
    bool save, verbose;
    const char *symbol;
    const char *mode;
    int64_t rows;
    int64_t speed;
    int64_t date;
    struct td_opt_list symbols;
};

static const struct td_opt table[] = {
    {.name = "save",
     .preset = "1",
     .type = TD_OPT_FLAG,
     .into = offsetof(struct args, save),
     .help = "write files"},
    {.name = "verbose",
     .letter = 'v',
     .type = TD_OPT_FLAG,
     .into = offsetof(struct args, verbose),
     .help = "say more"},
    {.name = "symbol",
     .letter = 's',
     .env = "TD_SYMBOL",
     .type = TD_OPT_STR,
     .into = offsetof(struct args, symbol),
     .help = "one instrument",
     .required = true},
    {.name = "mode",
     .preset = "paper",
     .choices = "paper|live",
     .type = TD_OPT_STR,
     .into = offsetof(struct args, mode),
     .help = "account"},
    {.name = "rows",
     .letter = 'r',
     .env = "TD_ROWS",
     .preset = "10",
     .type = TD_OPT_INT,
     .low = 1,
     .high = 32,
     .into = offsetof(struct args, rows),
     .help = "depth"},
    {.name = "speed",
     .preset = "1",
     .type = TD_OPT_NUM,
     .low = 0,
     .high = 1000,
     .into = offsetof(struct args, speed),
     .help = "clock"},
    {.name = "date", .type = TD_OPT_DATE, .into = offsetof(struct args, date), .help = "day"},
    {.name = "symbols",
     .preset = "SPY,AAPL",
     .type = TD_OPT_LIST,
     .into = offsetof(struct args, symbols),
     .help = "instruments"},
    {0},
};

static const char *env_rows(void *arg, const char *key)
{
    return strcmp(key, "TD_ROWS") == 0 ? arg : NULL;
}

static struct args a;
static struct td_fail why;
static struct td_opt_list operands;

static enum td_err parse(const char *first, const char *second, const char *third,
                         const char *fourth)
{
    char *argv[4];
    int argc = 0;
    const char *const words[4] = {first, second, third, fourth};
    for (int i = 0; i < 4 && words[i]; i++)
        argv[argc++] = (char *)(uintptr_t)words[i];
    memset(&a, 0, sizeof a);
    operands.count = 0;
    TD_OK_OR_FAIL(td_opt_defaults(table, &a, NULL, NULL, &why));
    return td_opt_parse(table, &a, argc, argv, &operands, &why);
}

static void precedence(void **state)
{
    (void)state;
    char seven[] = "7", many[] = "many";
    memset(&a, 0, sizeof a);
    TD_OK_OR_FAIL(td_opt_defaults(table, &a, env_rows, seven, &why));
    assert_int_equal(a.rows, 7);
    assert_true(a.save);
    assert_int_equal(a.date, INT64_MIN);
    assert_int_equal(a.symbols.count, 2);
    assert_int_equal(td_opt_defaults(table, &a, env_rows, many, &why), TD_EINVAL);
    assert_string_equal(why.text, "TD_ROWS: \"many\" is not allowed; expected N from 1 to 32");
}

static void forms(void **state)
{
    (void)state;
    TD_OK_OR_FAIL(parse("--rows=5", "-s", "MSFT", "--no-save"));
    assert_int_equal(a.rows, 5);
    assert_string_equal(a.symbol, "MSFT");
    assert_false(a.save);
    TD_OK_OR_FAIL(parse("--symbols", "A", "B,C", "-v"));
    assert_int_equal(a.symbols.count, 3);
    assert_string_equal(a.symbols.items[2], "C");
    assert_true(a.verbose);
    TD_OK_OR_FAIL(parse("--speed", "2.5", "--date", "2025-01-31"));
    assert_int_equal(a.speed, 2500000000);
    TD_OK_OR_FAIL(parse("one", "--", "--two", NULL));
    assert_int_equal(operands.count, 2);
    TD_OK_OR_FAIL(parse("a, b", NULL, NULL, NULL)); /* a statement, a file's name */
    assert_int_equal(operands.count, 1);
    assert_string_equal(operands.items[0], "a, b");
    TD_OK_OR_FAIL(parse("--verbose=no", NULL, NULL, NULL));
    assert_false(a.verbose);
}

static void mistakes(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b, *text;
    } bad[] = {
        {"--row", "5", "unknown option --row; did you mean --rows? (--help lists all)"},
        {"--nothing-like-it", NULL,
         "unknown option --nothing-like-it; --help lists what is allowed"},
        {"--rows", "33", "--rows: \"33\" is not allowed; expected N from 1 to 32"},
        {"--rows", NULL, "--rows: \"\" is not allowed; expected N from 1 to 32"},
        {"--rows", "x", "--rows: \"x\" is not allowed; expected N from 1 to 32"},
        {"--speed", "-1", "--speed: \"-1\" is not allowed; expected NUMBER from 0 to 1000"},
        {"--mode", "fast", "--mode: \"fast\" is not allowed; expected paper|live"},
        {"--date", "2025-02-30", "--date: \"2025-02-30\" is not allowed; expected YYYY-MM-DD"},
        {"--verbose=maybe", NULL,
         "--verbose: \"maybe\" is not allowed; expected 1|0|true|false|yes|no|on|off"},
    };
    for (size_t i = 0; i < TD_COUNT(bad); i++) {
        assert_int_equal(parse(bad[i].a, bad[i].b, NULL, NULL), TD_EINVAL);
        assert_string_equal(why.text, bad[i].text);
    }
    char *word[] = {(char *)(uintptr_t) "stray"};
    assert_int_equal(td_opt_parse(table, &a, 1, word, NULL, &why), TD_EINVAL);
    TD_OK_OR_FAIL(parse(NULL, NULL, NULL, NULL));
    assert_int_equal(td_opt_require(table, &a, &why), TD_EINVAL);
    assert_string_equal(why.text, "--symbol is required (one instrument)");
    TD_OK_OR_FAIL(parse("-s", "X", NULL, NULL));
    TD_OK_OR_FAIL(td_opt_require(table, &a, &why));
    static const struct td_opt day[] = {
        {.name = "day", .type = TD_OPT_DATE, .required = true, .help = "x"}, {0}};
    int64_t value = INT64_MIN;
    assert_int_equal(td_opt_require(day, &value, &why), TD_EINVAL);
    assert_string_equal(why.text, "--day is required (x)");
    value = 0;
    assert_int_equal(td_opt_require(day, &value, &why), TD_OK);
}

static void a_list_that_adds_keeps_what_it_has(void **state)
{
    (void)state;
    struct td_opt_list list = {.count = 0};
    static const struct td_opt once[] = {{.name = "opt", .type = TD_OPT_LIST}, {0}};
    static const struct td_opt more[] = {{.name = "opt", .type = TD_OPT_LIST, .adds = true}, {0}};
    char *const words[] = {"--opt", "a=1,b=2", "--opt", "c=3"};
    TD_OK_OR_FAIL(td_opt_parse(once, &list, 4, words, NULL, NULL));
    assert_int_equal(list.count, 1);
    list.count = 0;
    TD_OK_OR_FAIL(td_opt_parse(more, &list, 4, words, NULL, NULL));
    assert_int_equal(list.count, 3);
    assert_string_equal(list.items[0], "a=1");
    assert_string_equal(list.items[2], "c=3");
}

static void lists_are_bounded(void **state)
{
    (void)state;
    char big[2048];
    memset(big, 'A', sizeof big - 1);
    big[sizeof big - 1] = '\0';
    assert_int_equal(parse("--symbols", big, NULL, NULL), TD_EINVAL);
    for (size_t i = 1; i < 200; i += 2)
        big[i] = ',';
    big[200] = '\0';
    assert_int_equal(parse("--symbols", big, NULL, NULL), TD_EINVAL);
}

static void help_lists_every_row(void **state)
{
    (void)state;
    char text[4096];
    struct td_text t;
    td_text_init(&t, text, sizeof text);
    td_opt_help(table, &t);
    assert_false(td_text_full(&t));
    for (const struct td_opt *row = table; row->name; row++)
        assert_non_null(strstr(text, row->name));
    assert_non_null(strstr(text, "-r, --rows N"));
    assert_non_null(strstr(text, "(1 to 32) [10] {TD_ROWS}"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(precedence),        cmocka_unit_test(forms),
        cmocka_unit_test(mistakes),          cmocka_unit_test(a_list_that_adds_keeps_what_it_has),
        cmocka_unit_test(lists_are_bounded), cmocka_unit_test(help_lists_every_row),
    };
    return cmocka_run_group_tests_name("base/opt", tests, NULL, NULL);
}
