/* tests/trade/mlquality_test.c - worked measures of single signals, their means, and each alert. */
#include "support/support.h"

#include "trade/mlquality.h"

#define AT (INT64_C(1763735400) * TD_SEC)

/* 10 of 10 at the reference of 100, after 3 s of 300. */
static struct td_mlsignal_row usual(void)
{
    struct td_mlsignal_row row = {.number = 1,
                                  .state = TD_MLS_EXECUTED,
                                  .key = 5,
                                  .wanted = TD_QTY(10),
                                  .filled = TD_QTY(10),
                                  .reference = TD_PX(100),
                                  .average = TD_PX(100),
                                  .received = AT,
                                  .changed = AT + 3 * TD_SEC};
    row.told.type = TD_MLSIGNAL_BUY;
    row.told.tolerance_e9 = TD_E9 / 1000;
    row.told.at = AT - 20 * TD_MS;
    row.told.until = AT + 300 * TD_SEC;
    return row;
}

static struct td_mlmeasure of(struct td_mlsignal_row row)
{
    struct td_mlmeasure m;
    td_mlquality_measure(&row, &m);
    return m;
}

static void worked_measures(void **state)
{
    (void)state;
    struct td_mlsignal_row row = usual();
    struct td_mlmeasure m = of(row);
    assert_int_equal(m.way, 20 * TD_MS);
    assert_int_equal(m.latency, 3 * TD_SEC);
    assert_int_equal(m.slippage_bps_e9, 0);
    assert_int_equal(m.alignment_e9, TD_E9);
    assert_int_equal(m.score_e9, 100 * TD_E9 - 3 * TD_E9 / 10); /* 30 x 3/300 */
    row.average.e9 = INT64_C(100050000000);                     /* 5 of 10 basis points worse */
    row.changed = AT;
    m = of(row);
    assert_int_equal(m.slippage_bps_e9, 5 * TD_E9);
    assert_int_equal(m.score_e9, 80 * TD_E9);
    row.told.type = TD_MLSIGNAL_SELL; /* the same is better for a seller */
    m = of(row);
    assert_int_equal(m.slippage_bps_e9, -5 * TD_E9);
    assert_int_equal(m.score_e9, 100 * TD_E9);
    row.told.type = TD_MLSIGNAL_CLOSE_SHORT;
    assert_int_equal(of(row).slippage_bps_e9, 5 * TD_E9);
    row.filled = TD_QTY(5); /* half of it: 15 less */
    row.state = TD_MLS_TIMEOUT;
    m = of(row);
    assert_int_equal(m.alignment_e9, TD_E9 / 2);
    assert_int_equal(m.score_e9, 65 * TD_E9);
    row.average = TD_PX(200); /* everything as bad as can be: late, far, little */
    row.changed = row.told.until + TD_SEC;
    row.filled.e9 = 1;
    m = of(row);
    assert_true(m.score_e9 >= 0 && m.score_e9 < 10);
}

static void what_has_no_measure(void **state)
{
    (void)state;
    struct td_mlsignal_row row = usual();
    row.filled = TD_QTY(0);
    row.average = TD_PX_NONE;
    row.state = TD_MLS_FAILED;
    struct td_mlmeasure m = of(row);
    assert_int_equal(m.score_e9, 0);
    assert_int_equal(m.slippage_bps_e9, TD_E9_NONE);
    row.key = 0; /* no order */
    m = of(row);
    assert_true(m.score_e9 == TD_E9_NONE && m.latency == INT64_MIN);
    row = usual();
    row.state = TD_MLS_EXECUTING;
    assert_int_equal(of(row).score_e9, TD_E9_NONE);
    row = usual();
    row.told.tolerance_e9 = 0; /* any slippage costs all 40 */
    row.changed = AT;
    row.average.e9++;
    assert_int_equal(of(row).slippage_bps_e9, 100);
    assert_int_equal(of(row).score_e9, 60 * TD_E9);
}

static void means_and_counts(void **state)
{
    (void)state;
    struct td_mlsignal_row rows[6] = {{.number = 0}};
    struct td_mlquality q;
    td_mlquality_sum(rows, 0, INT64_MIN, INT64_MAX, &q);
    assert_true(q.signals == 0 && q.score_e9 == TD_E9_NONE && q.latency_mean == INT64_MIN);
    for (int i = 0; i < 6; i++)
        rows[i] = usual();
    rows[1].average.e9 = INT64_C(100050000000);
    rows[2].average.e9 = INT64_C(99980000000);
    rows[3].state = TD_MLS_REJECTED;
    rows[3].key = 0;
    rows[4].number = 0;
    rows[5].received = AT + TD_HOUR;
    td_mlquality_sum(rows, 6, AT, AT + TD_HOUR, &q);
    assert_int_equal(q.signals, 4);
    assert_int_equal(q.states[TD_MLS_EXECUTED], 3);
    assert_int_equal(q.states[TD_MLS_REJECTED], 1);
    assert_true(q.ordered == 3 && q.filled == 3 && q.improved == 1);
    assert_int_equal(q.slippage_mean_e9, TD_E9); /* (0 + 5 - 2) / 3 */
    assert_int_equal(q.slippage_worst_e9, 5 * TD_E9);
    assert_int_equal(q.improvement_best_e9, 2 * TD_E9);
    assert_int_equal(q.latency_mean, 3 * TD_SEC);
    assert_int_equal(q.alignment_e9, TD_E9);
}

/* Five of a kind, and which alerts they give. */
static unsigned alerts_of(const struct td_mlsignal_row *one, uint32_t count)
{
    struct td_mlsignal_row rows[5];
    struct td_mlquality q;
    unsigned bits = 0;
    for (int i = 0; i < 5; i++)
        rows[i] = *one;
    td_mlquality_sum(rows, count, INT64_MIN, INT64_MAX, &q);
    for (unsigned i = 0; i < TD_MLALERT_COUNT; i++)
        bits |= (unsigned)q.alerts[i] << i;
    return bits;
}

static void each_alert(void **state)
{
    (void)state;
    struct td_mlsignal_row row = usual();
    assert_int_equal(alerts_of(&row, 5), 0);
    row.changed = row.received;
    row.average.e9 = INT64_C(100100000000);
    assert_int_equal(alerts_of(&row, 5), 0); /* 10 basis points: not more */
    row.average.e9 = INT64_C(100101000000);
    assert_int_equal(alerts_of(&row, 5), 1u << TD_MLALERT_SLIPPAGE);
    assert_int_equal(alerts_of(&row, 4), 0); /* too few to say anything */
    row = usual();
    row.changed = AT + 151 * TD_SEC;
    assert_int_equal(alerts_of(&row, 5), 1u << TD_MLALERT_LATENCY);
    row = usual();
    row.filled.e9 = 79 * TD_E9 / 10;
    assert_int_equal(alerts_of(&row, 5), 1u << TD_MLALERT_ALIGNMENT);
    row.filled = TD_QTY(0);
    assert_int_equal(alerts_of(&row, 5), 1u << TD_MLALERT_ALIGNMENT | 1u << TD_MLALERT_SCORE);
    row = usual();
    row.state = TD_MLS_REJECTED;
    row.key = 0;
    assert_int_equal(alerts_of(&row, 5), 1u << TD_MLALERT_REJECTED);
    row = usual();
    row.state = TD_MLS_TIMEOUT;
    assert_int_equal(alerts_of(&row, 5), 1u << TD_MLALERT_TIMEOUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(worked_measures),
        cmocka_unit_test(what_has_no_measure),
        cmocka_unit_test(means_and_counts),
        cmocka_unit_test(each_alert),
    };
    return cmocka_run_group_tests_name("trade/mlquality", tests, NULL, NULL);
}
