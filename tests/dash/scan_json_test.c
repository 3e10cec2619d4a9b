/* tests/dash/scan_json_test.c - the scanner's table as JSON: the text for one known row and one with holes, and its bounds. */
#include "dash/scan_json.h"

#include <stdlib.h>
#include <string.h>

#include "support/support.h"

static struct td_scan_facts facts[2];
static struct td_scan_row rows[2];
static struct td_scan_table table = {.rows = rows, .count = 2, .listed = 2, .seen = 9};

static struct td_scan_view view_of(void)
{
    (void)td_scan_facts_init(&facts[0], td_str_of("FULL"));
    facts[0].open = facts[0].last = (td_px){11 * TD_E9 + TD_E9 / 2};
    facts[0].previous_close = TD_PX(10);
    facts[0].volume = TD_QTY(500);
    facts[0].adv = TD_QTY(1000);
    facts[0].bid = TD_PX(11);
    facts[0].ask = TD_PX(12);
    facts[0].halted = TD_HALTED_NO;
    facts[0].why = TD_SCAN_WHY_GAINER;
    rows[0] = (struct td_scan_row){
        .fact = 0, .price = facts[0].open, .gap_e9 = 15 * TD_E9, .rvol_e9 = 5 * TD_E9};
    (void)td_scan_facts_init(&facts[1], td_str_of("HOLES"));
    facts[1].days = 3;
    rows[1] = (struct td_scan_row){.fact = 1,
                                   .lacks = TD_SCAN_LACK(FEW_DAYS) | TD_SCAN_LACK(NO_QUOTE),
                                   .price = TD_PX_NONE,
                                   .gap_e9 = TD_E9_NONE,
                                   .rvol_e9 = TD_E9_NONE};
    return (struct td_scan_view){.table = &table,
                                 .facts = facts,
                                 .day = 16227,
                                 .minute = 605,
                                 .adv_days = 20,
                                 .source = "store"};
}

static void a_table_is_one_object(void **state)
{
    (void)state;
    char text[8192];
    struct td_text t;
    struct td_json j;
    const struct td_scan_view view = view_of();
    td_text_init(&t, text, sizeof text);
    td_json_init(&j, &t, false);
    td_scan_json(&j, &view);
    assert_false(td_text_full(&t));
    assert_string_equal(
        text,
        "{\"day\":\"2014-06-06\",\"time\":\"10:05\",\"zone\":\"America/"
        "New_York\",\"basis\":\"open\","
        "\"adv_days\":20,\"source\":\"store\",\"note\":null,\"seen\":9,\"listed\":2,\"dropped\":{"
        "\"hidden\":0,\"ETF\":0,\"gap not known\":0,\"gap too small\":0,\"price out of bounds\":0,"
        "\"RVOL not known\":0,\"RVOL too small\":0},\"rows\":["
        "{\"symbol\":\"FULL\",\"price\":11.5,\"gap_pct\":15,\"rvol\":5,\"volume\":500,\"adv20\":"
        "1000,"
        "\"previous_close\":10,\"open\":11.5,\"last\":11.5,\"spread\":1,\"halted\":false,"
        "\"why\":\"gainer\",\"reason\":null},"
        "{\"symbol\":\"HOLES\",\"price\":null,\"gap_pct\":null,\"rvol\":null,\"volume\":null,"
        "\"adv20\":null,\"previous_close\":null,\"open\":null,\"last\":null,\"spread\":null,"
        "\"halted\":null,\"why\":\"\",\"reason\":\"3 of 20 completed days; no quote\"}]}");
}

/* Whatever is missing, a row takes no more than it says. */
static void a_row_keeps_its_bound(void **state)
{
    (void)state;
    char text[TD_SCAN_JSON_ROW];
    struct td_text t;
    struct td_json j;
    const struct td_scan_view view = view_of();
    facts[0].why = 0xff;
    memset(facts[0].symbol, 'W', sizeof facts[0].symbol - 1);
    facts[0].volume.e9 = facts[0].adv.e9 = facts[0].previous_close.e9 = INT64_MAX - 1;
    facts[0].open.e9 = facts[0].last.e9 = INT64_MAX - 1;
    rows[0].price.e9 = rows[0].gap_e9 = rows[0].rvol_e9 = INT64_MAX - 1;
    rows[0].lacks = UINT32_MAX;
    td_text_init(&t, text, sizeof text);
    td_json_init(&j, &t, false);
    td_scan_json_row(&j, &view, &rows[0]);
    assert_false(td_text_full(&t));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_table_is_one_object),
                                       cmocka_unit_test(a_row_keeps_its_bound)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
