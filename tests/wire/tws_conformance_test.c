/* tests/wire/tws_conformance_test.c - the page tests/golden/tws_conformance.md is whole and true: lines 1 to 38, tests that
 * exist, programs that `ctest -L tws` runs. The build writes the labelled programs into the file TD_TWS_LABELLED.
 */
#include "support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/num.h"
#include "base/text.h"

#define LINES   38
#define COLUMNS 5

enum column { LINE, DEMAND, PROGRAM, SOURCE, TESTS };

struct row {
    struct td_str cell[COLUMNS];
};

static char *page;
static int missing; /* of what the page promises */

static int set_up(void **state)
{
    size_t len;
    (void)state;
    page = td_test_slurp(TD_TESTS_DIR "/golden/tws_conformance.md", &len);
    return page ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    free(page);
    return 0;
}

/* "| a | b | ... |": false for any other line, and for the head of the table. */
static bool read_row(struct td_str line, struct row *out)
{
    struct td_str cell;
    int64_t number;
    if (!line.len || line.p[0] != '|')
        return false;
    line.p++;
    line.len--;
    for (int i = 0; i < COLUMNS; i++) {
        if (!td_str_split(&line, '|', &cell))
            return false;
        out->cell[i] = td_str_trim(cell);
    }
    return td_i64_parse(out->cell[LINE].p, out->cell[LINE].len, &number) == TD_OK;
}

typedef void row_fn(const struct row *row, void *arg);

static void each_row(row_fn *fn, void *arg)
{
    struct td_str rest = td_str_of(page), line;
    struct row row;
    while (td_str_split(&rest, '\n', &line))
        if (read_row(line, &row))
            fn(&row, arg);
}

static void complain(const struct row *row, const char *what, struct td_str which)
{
    print_error("line %.*s: %s: %.*s\n", TD_STR_ARG(row->cell[LINE]), what, TD_STR_ARG(which));
    missing++;
}

/* --- lines --- */

struct order {
    int64_t last;
    int rows;
};

static void follow(const struct row *row, void *arg)
{
    struct order *o = arg;
    int64_t number = 0;
    TD_OK_OR_FAIL(td_i64_parse(row->cell[LINE].p, row->cell[LINE].len, &number));
    if (number != o->last && number != o->last + 1)
        complain(row, "not the next line", row->cell[LINE]);
    if (number != o->last && !row->cell[DEMAND].len)
        complain(row, "its first row says no demand", row->cell[PROGRAM]);
    if (!row->cell[TESTS].len)
        complain(row, "no test", row->cell[PROGRAM]);
    o->last = number;
    o->rows++;
}

static void every_line_has_a_test(void **state)
{
    (void)state;
    struct order o = {0};
    missing = 0;
    each_row(follow, &o);
    assert_int_equal(missing, 0);
    assert_int_equal(o.last, LINES);
    print_message("%d lines in %d rows\n", LINES, o.rows);
}

/* --- tests --- */

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* How often the word stands in the source with `after` behind it. */
static int count_word(const char *source, struct td_str word, const char *after)
{
    char text[120];
    int n = 0;
    (void)snprintf(text, sizeof text, "%.*s%s", TD_STR_ARG(word), after);
    for (const char *at = source; (at = strstr(at, text)) != NULL; at++)
        n += at == source || !is_word(at[-1]);
    return n;
}

static bool has_tail(struct td_str text, const char *tail)
{
    const size_t n = strlen(tail);
    return text.len >= n && memcmp(text.p + text.len - n, tail, n) == 0;
}

/* A C test is defined and stands in the table of its program; one of a script language is defined and called. */
static bool is_tested(struct td_str source_name, const char *source, struct td_str test)
{
    if (!has_tail(source_name, ".c"))
        return count_word(source, test, "(") >= 2;
    return count_word(source, test, "(void **state)") == 1 &&
           count_word(source, test, ")") + count_word(source, test, ",") >= 1;
}

static void look_up(const struct row *row, void *arg)
{
    char path[512];
    size_t len;
    struct td_str rest = row->cell[TESTS], test;
    int *tests = arg;
    const struct td_str source = row->cell[SOURCE];
    (void)snprintf(path, sizeof path, "%s/../%.*s", TD_TESTS_DIR, TD_STR_ARG(source));
    char *text = td_str_is(source, "examples/faults") ? NULL : td_test_slurp(path, &len);
    if (!text && !td_str_is(source, "examples/faults"))
        complain(row, "no such source", source);
    while (td_str_split(&rest, ',', &test)) {
        test = td_str_trim(test);
        ++*tests;
        if (text && !is_tested(source, text, test))
            complain(row, "no such test", test);
        if (!td_str_is(source, "examples/faults"))
            continue;
        (void)snprintf(path, sizeof path, "%s/../examples/faults/%.*s.fault", TD_TESTS_DIR,
                       TD_STR_ARG(test));
        char *script = td_test_slurp(path, &len);
        if (!script)
            complain(row, "no such script", test);
        free(script);
    }
    free(text);
}

static void every_named_test_exists(void **state)
{
    (void)state;
    int tests = 0;
    missing = 0;
    each_row(look_up, &tests);
    assert_int_equal(missing, 0);
    print_message("%d tests are named\n", tests);
}

/* --- programs --- */

static bool is_listed(const char *list, struct td_str program)
{
    struct td_str rest = td_str_of(list), line;
    while (td_str_split(&rest, '\n', &line))
        if (td_str_eq(td_str_trim(line), program))
            return true;
    return false;
}

static void check_label(const struct row *row, void *arg)
{
    if (!is_listed(arg, row->cell[PROGRAM]))
        complain(row, "not run by ctest -L tws", row->cell[PROGRAM]);
}

static void every_named_program_has_the_label(void **state)
{
    (void)state;
    size_t len;
    char *list = td_test_slurp(TD_TWS_LABELLED, &len);
    assert_non_null(list);
    missing = 0;
    each_row(check_label, list);
    free(list);
    assert_int_equal(missing, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_line_has_a_test),
        cmocka_unit_test(every_named_test_exists),
        cmocka_unit_test(every_named_program_has_the_label),
    };
    return cmocka_run_group_tests_name("wire/tws_conformance", tests, set_up, tear_down);
}
