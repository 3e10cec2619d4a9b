/* tests/desk/codes_test.c - every code of the broker's documented tables has a row, and each row says what to do. */
#include "support/support.h"

#include <string.h>

#include "desk/codes.h"
#include "desk/ibc.h"

/* The codes of tws-protocol section 5 and ibkr-operations 2.1 and 2.4, one by one; ranges of local codes by their ends. */
static const int32_t wanted[] = {
    100,   101,   102,   103,   104,   105,   106,   107,   109,   110,   111,   113,   135,
    136,   161,   162,   163,   165,   166,   200,   201,   202,   203,   300,   309,   310,
    316,   317,   320,   321,   322,   323,   326,   327,   329,   354,   365,   366,   385,
    386,   399,   404,   420,   430,   434,   435,   460,   492,   501,   502,   503,   504,
    505,   506,   507,   508,   509,   510,   579,   588,   593,   1100,  1101,  1102,  1300,
    2100,  2101,  2102,  2103,  2104,  2105,  2106,  2107,  2108,  2109,  2110,  2119,  2137,
    2157,  2158,  2168,  2169,  2174,  10089, 10090, 10091, 10092, 10147, 10148, 10167, 10168,
    10182, 10186, 10187, 10189, 10190, 10197, 10225, 10268, 10269, 10270, 10285, 10299, 10314};

/* Codes after which the request or order still lives. */
static const int32_t living[] = {105, 165,  317,   329,   399,   404,  434,
                                 492, 2174, 10089, 10090, 10091, 10167};

static void every_documented_code_is_explained(void **state)
{
    int missing = 0;
    (void)state;
    for (size_t i = 0; i < TD_COUNT(wanted); i++)
        if (!td_code_find(wanted[i])) {
            print_error("code %d has no row\n", (int)wanted[i]);
            missing++;
        }
    assert_int_equal(missing, 0);
    for (size_t i = 0; i < TD_COUNT(living); i++)
        assert_int_equal(td_code_find(living[i])->kind, TD_CODE_WARNING);
    for (int32_t code = 2100; code < 2170; code++)
        if (td_code_find(code) && code != 2110)
            assert_in_range(td_code_find(code)->kind, TD_CODE_NOTICE, TD_CODE_WARNING);
    static const int32_t connection[] = {1100, 1101, 1102, 1300, 2110, 326, 100};
    for (size_t i = 0; i < TD_COUNT(connection); i++)
        assert_int_equal(td_code_find(connection[i])->kind, TD_CODE_CONNECTION);
}

static void rows_are_in_order_and_whole(void **state)
{
    size_t count;
    const struct td_code *rows = td_code_table(&count);
    (void)state;
    for (size_t i = 0; i < count; i++) {
        assert_true(rows[i].first <= rows[i].last);
        assert_true(i == 0 || rows[i].first > rows[i - 1].last);
        assert_true(rows[i].meaning[0] && rows[i].action[0]);
    }
    const struct td_fault *faults = td_fault_table(&count);
    assert_int_equal(count, 54);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(faults[i].number, (int32_t)i + 1);
        assert_true(faults[i].fault[0] && faults[i].rule[0]);
    }
    static const int statuses[] = {1, 2, 3, 4, 5, 6, 7, 8, 81, 84, 85, 87, 88};
    for (size_t i = 0; i < TD_COUNT(statuses); i++)
        assert_non_null(td_ibc_status_find(statuses[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_documented_code_is_explained),
                                       cmocka_unit_test(rows_are_in_order_and_whole)};
    return cmocka_run_group_tests_name("desk/codes", tests, NULL, NULL);
}
