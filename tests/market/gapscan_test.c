/* tests/market/gapscan_test.c - the definitions one by one, values worked by hand, and thousands of symbols against a slow scan
 * in floating point. */
#include "market/gapscan.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "support/support.h"

#define MANY 8000

static uint8_t memory[MANY * 128 + 1024];
static struct td_scan_facts facts[MANY];
static struct td_scan_table table;

static const struct td_scan_config usual = {.minute = 600,
                                            .min_gap_e9 = 4 * TD_E9,
                                            .min_rvol_e9 = 2 * TD_E9,
                                            .low = {TD_E9},
                                            .high = {30 * TD_E9},
                                            .sort = TD_SCAN_BY_GAP};

static td_px px(const char *s)
{
    int64_t e9;
    TD_OK_OR_FAIL(td_e9_parse(s, strlen(s), &e9));
    return (td_px){e9};
}

/* A symbol that gapped from 10 to `open` with `volume` of a mean of 1000. */
static struct td_scan_facts one(const char *symbol, const char *open, int64_t volume)
{
    struct td_scan_facts f;
    assert_true(td_scan_facts_init(&f, td_str_of(symbol)));
    f.open = px(open);
    f.last = TD_PX(999);
    f.previous_close = TD_PX(10);
    f.volume = TD_QTY(volume);
    f.adv = TD_QTY(1000);
    f.bid = f.ask = TD_PX(1);
    f.halted = TD_HALTED_NO;
    return f;
}

static void run(const struct td_scan_config *config, uint32_t count)
{
    struct td_arena arena;
    td_arena_init(&arena, memory, sizeof memory);
    TD_OK_OR_FAIL(td_scan_run(config, facts, count, &arena, &table));
    assert_int_equal(table.seen, count);
}

static const struct td_scan_row *only(const struct td_scan_config *config, struct td_scan_facts f)
{
    facts[0] = f;
    run(config, 1);
    assert_int_equal(table.count, 1);
    return &table.rows[0];
}

static void dropped(const struct td_scan_config *config, struct td_scan_facts f,
                    enum td_scan_drop why)
{
    facts[0] = f;
    run(config, 1);
    assert_int_equal(table.count, 0);
    assert_int_equal(table.dropped[why], 1);
}

static void the_gap_is_of_the_open_and_before_it_of_the_last(void **state)
{
    (void)state;
    struct td_scan_config c = usual;
    struct td_scan_facts f = one("A", "10.5", 5000);
    assert_true(only(&c, f)->gap_e9 == 5 * TD_E9);
    assert_true(table.rows[0].price.e9 == px("10.5").e9);
    c.minute = 569;
    f.last = px("11.25");
    assert_true(only(&c, f)->gap_e9 == 12 * TD_E9 + TD_E9 / 2);
    c.minute = 960;
    c.basis = TD_SCAN_LAST;
    assert_true(only(&c, f)->gap_e9 == 12 * TD_E9 + TD_E9 / 2);
    f.previous_close = px("3");
    f.last = px("3.5");
    assert_true(only(&c, f)->gap_e9 == INT64_C(16666666667)); /* half away from zero */
}

static void rvol_counts_the_part_of_the_day(void **state)
{
    (void)state;
    static const struct {
        int32_t minute;
        int64_t volume;
        double rvol;
    } rows[] = {
        {500, 500, 5},   {570, 500, 5},
        {609, 500, 5},   {610, 500, 500 / 1000.0 * 390 / 40},
        {765, 1000, 2},  {960, 2000, 2},
        {1100, 2000, 2}, {960, 1999, 1.999},
        {600, 4000, 20}, {600, 1000000000, 20},
        {580, 0, 0},
    };
    struct td_scan_config c = usual;
    c.min_rvol_e9 = 0;
    for (size_t i = 0; i < TD_COUNT(rows); i++) {
        struct td_scan_facts f = one("A", "11", rows[i].volume);
        c.minute = rows[i].minute;
        f.last = f.open;
        assert_true(fabs(td_e9_to_double(only(&c, f)->rvol_e9) - rows[i].rvol) < 1e-8);
    }
    struct td_scan_facts f = one("A", "11", 3);
    c.minute = 960;
    f.adv = TD_QTY(0); /* at least one share */
    assert_true(only(&c, f)->rvol_e9 == 3 * TD_E9);
    f.adv = (td_qty){TD_E9 / 2};
    assert_true(only(&c, f)->rvol_e9 == 3 * TD_E9);
}

static void what_is_too_little_is_not_listed(void **state)
{
    (void)state;
    struct td_scan_config c = usual;
    (void)only(&c, one("A", "10.4", 200)); /* exactly 4 percent, exactly 2 */
    dropped(&c, one("A", "10.399999999", 200), TD_SCAN_DROP_GAP);
    dropped(&c, one("A", "10.4", 199), TD_SCAN_DROP_RVOL);
    c.min_gap_e9 = 0;
    dropped(&c, one("A", "10", 500), TD_SCAN_DROP_GAP); /* a gap is above zero */
    dropped(&c, one("A", "9", 500), TD_SCAN_DROP_GAP);
    (void)only(&c, one("A", "10.01", 500));
    (void)only(&c, one("A", "30", 500)); /* the bounds belong */
    dropped(&c, one("A", "30.01", 500), TD_SCAN_DROP_PRICE);
    c.low = TD_PX(11);
    dropped(&c, one("A", "10.5", 500), TD_SCAN_DROP_PRICE);
    c.low = c.high = TD_PX_NONE;
    (void)only(&c, one("A", "5000", 500));
}

static void etfs_and_hidden_ones_are_left_out(void **state)
{
    (void)state;
    static const char *const funds[] = {"SPY", "QQQ"}, *const hidden[] = {"BAD", "NONE"};
    static const char *const names[] = {"BAD", "QQQ", "FINE", "SPY"};
    struct td_scan_config c = usual;
    for (uint32_t i = 0; i < 4; i++)
        facts[i] = one(names[i], "11", 500);
    td_scan_mark(facts, 4, funds, 2, TD_SCAN_ETF);
    td_scan_mark(facts, 4, hidden, 2, TD_SCAN_HIDDEN);
    run(&c, 4);
    assert_int_equal(table.count, 1);
    assert_string_equal(facts[table.rows[0].fact].symbol, "FINE");
    assert_int_equal(table.dropped[TD_SCAN_DROP_ETF], 2);
    assert_int_equal(table.dropped[TD_SCAN_DROP_HIDDEN], 1);
    c.etfs = true;
    run(&c, 4);
    assert_int_equal(table.count, 3);
}

static const char *reason_of(const struct td_scan_row *row)
{
    static char text[400];
    struct td_text t;
    td_text_init(&t, text, sizeof text);
    td_scan_reason(row->lacks, facts[row->fact].days, 20, &t);
    return text;
}

static void unknown_is_unknown_and_says_why(void **state)
{
    (void)state;
    struct td_scan_config c = usual;
    struct td_scan_past past;
    struct td_scan_facts f = one("A", "11", 500);
    assert_string_equal(reason_of(only(&c, f)), "");
    f.open = TD_PX_NONE; /* never the last price instead */
    dropped(&c, f, TD_SCAN_DROP_NO_GAP);
    f = one("A", "11", 500);
    f.previous_close = TD_PX_NONE;
    dropped(&c, f, TD_SCAN_DROP_NO_GAP);
    f = one("A", "11", 500);
    td_scan_past_init(&past, 20);
    for (int32_t ago = 1; ago <= 19; ago++)
        td_scan_past_add(&past, ago, TD_PX(10), TD_QTY(1000));
    f.adv = TD_QTY_NONE;
    td_scan_past_tell(&past, &f);
    dropped(&c, f, TD_SCAN_DROP_NO_RVOL);
    c.min_rvol_e9 = 0; /* listed when RVOL is not asked for, with null and the reason */
    f.bid = TD_PX_NONE;
    f.halted = TD_HALTED_UNKNOWN;
    const struct td_scan_row *row = only(&c, f);
    assert_true(row->rvol_e9 == TD_E9_NONE);
    assert_true(td_scan_value(row, facts, TD_SCAN_BY_SPREAD) == TD_E9_NONE);
    assert_true(td_scan_value(row, facts, TD_SCAN_BY_HALTED) == TD_E9_NONE);
    assert_string_equal(reason_of(row), "19 of 20 completed days; no quote; halts are not known");
}

static void past_days_are_counted_once_and_all(void **state)
{
    (void)state;
    struct td_scan_past p;
    struct td_scan_facts f;
    td_scan_past_init(&p, 20);
    assert_true(td_scan_facts_init(&f, td_str_of("A")));
    for (int32_t ago = 60; ago >= 1; ago--) /* those before the twenty do not count */
        td_scan_past_add(&p, ago, TD_PX(ago), (td_qty){(int64_t)ago * TD_E9 + 1});
    td_scan_past_add(&p, 1, TD_PX(7), TD_QTY(1000000)); /* told again */
    td_scan_past_add(&p, 0, TD_PX(7), TD_QTY(1000000)); /* the day itself */
    td_scan_past_tell(&p, &f);
    assert_true(f.previous_close.e9 == TD_E9);
    assert_true(f.adv.e9 == 10 * TD_E9 + TD_E9 / 2 + 1);
    assert_int_equal(f.days, 20);
    assert_int_equal(f.lacks, 0);
    td_scan_past_init(&p, 20); /* a sum past the fixed-point range, a mean within it */
    for (int32_t ago = 1; ago <= 20; ago++)
        td_scan_past_add(&p, ago, TD_PX(1), TD_QTY(9000000000));
    td_scan_past_tell(&p, &f);
    assert_true(f.adv.e9 == TD_QTY(9000000000).e9);
}

static struct td_bar bar(int64_t open, int64_t close, int64_t volume)
{
    return (struct td_bar){.open = TD_PX(open),
                           .high = TD_PX(close),
                           .low = TD_PX(open),
                           .close = TD_PX(close),
                           .volume = TD_QTY(volume)};
}

static void today_is_what_has_ended(void **state)
{
    (void)state;
    static const int32_t at[] = {240, 569, 572, 573, 600};
    struct td_scan_today t;
    struct td_scan_facts f;
    struct td_bar bars[5];
    for (int i = 0; i < 5; i++)
        bars[i] = bar(10 + i, 20 + i, 100);
    static const struct {
        int32_t minute;
        int64_t last, open, volume; /* 0: not known */
    } rows[] = {{240, 0, 0, 0},     {241, 20, 0, 100},  {570, 21, 0, 200},  {572, 21, 0, 200},
                {573, 22, 12, 300}, {600, 23, 12, 400}, {601, 24, 12, 500}, {960, 24, 12, 500}};
    for (size_t i = 0; i < TD_COUNT(rows); i++) {
        td_scan_today_init(&t, rows[i].minute);
        for (int k = 0; k < 5; k++)
            td_scan_today_add(&t, at[k], &bars[k]);
        assert_true(td_scan_facts_init(&f, td_str_of("A")));
        td_scan_today_tell(&t, &f);
        assert_true(f.last.e9 == (rows[i].last ? TD_PX(rows[i].last).e9 : TD_E9_NONE));
        assert_true(f.open.e9 == (rows[i].open ? TD_PX(rows[i].open).e9 : TD_E9_NONE));
        assert_true(f.volume.e9 == (rows[i].volume ? TD_QTY(rows[i].volume).e9 : TD_E9_NONE));
    }
    facts[0] = f;
    facts[0].open = TD_PX_NONE;
    facts[0].previous_close = TD_PX(1);
    dropped(&usual, facts[0], TD_SCAN_DROP_NO_GAP);
}

/* ---- order ---- */

static void every_column_sorts_and_ties_are_stable(void **state)
{
    (void)state;
    struct td_scan_config c = usual;
    c.low = c.high = TD_PX_NONE;
    c.min_rvol_e9 = 0;
    for (uint32_t i = 0; i < 200; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "S%03u", (unsigned)((i * 37) % 100));
        facts[i] = one(name, "11", (int64_t)(i % 7) * 100);
        facts[i].open.e9 += (int64_t)(i % 5) * TD_E9;
        facts[i].adv = i % 11 ? TD_QTY(1000 + i % 3) : TD_QTY_NONE;
        facts[i].bid = i % 4 ? TD_PX(10) : TD_PX_NONE;
        facts[i].ask = TD_PX(11 + i % 6);
        facts[i].why = (uint8_t)(i % 3);
        facts[i].halted = (uint8_t)(i % 3);
    }
    for (int column = 0; column < TD_SCAN_COLUMN_COUNT; column++)
        for (int up = 0; up < 2; up++) {
            c.sort = (enum td_scan_column)column;
            c.ascending = up;
            run(&c, 200);
            assert_int_equal(table.count, 200);
            for (uint32_t i = 1; i < table.count; i++) {
                const struct td_scan_row *a = &table.rows[i - 1], *b = &table.rows[i];
                const int64_t x = td_scan_value(a, &facts[a->fact], c.sort);
                const int64_t y = td_scan_value(b, &facts[b->fact], c.sort);
                const int names = strcmp(facts[a->fact].symbol, facts[b->fact].symbol);
                if (x != y)
                    assert_true(y == TD_E9_NONE || (x != TD_E9_NONE && (up ? x < y : x > y)));
                else if (names != 0)
                    assert_true(column == TD_SCAN_BY_SYMBOL && !up ? names > 0 : names < 0);
                else
                    assert_true(a->fact < b->fact);
            }
        }
}

static void names_of_columns_are_found(void **state)
{
    (void)state;
    enum td_scan_column c;
    for (int i = 0; i < TD_SCAN_COLUMN_COUNT; i++) {
        assert_true(
            td_scan_column_find(td_str_of(td_scan_column_name((enum td_scan_column)i)), &c));
        assert_int_equal(c, i);
    }
    assert_false(td_scan_column_find(td_str_of("colour"), &c));
    assert_string_equal(td_scan_drop_text(TD_SCAN_DROP_RVOL), "RVOL too small");
    struct td_scan_facts f;
    assert_false(td_scan_facts_init(&f, td_str_of("../etc")));
    assert_false(td_scan_facts_init(&f, td_str_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ")));
    char text[64];
    struct td_text t;
    td_text_init(&t, text, sizeof text);
    td_scan_why_words(TD_SCAN_WHY_GAINER | TD_SCAN_WHY_NAMED, &t);
    assert_string_equal(text, "gainer named");
}

static void the_limit_cuts_and_says_so(void **state)
{
    (void)state;
    struct td_scan_config c = usual;
    struct td_arena arena;
    for (uint32_t i = 0; i < 10; i++)
        facts[i] = one((char[]){(char)('A' + i), '\0'}, "11", 500);
    c.limit = 3;
    run(&c, 10);
    assert_int_equal(table.count, 3);
    assert_int_equal(table.listed, 10);
    td_arena_init(&arena, memory, td_scan_bytes(10) / 2);
    table.count = 77;
    assert_int_equal(td_scan_run(&c, facts, 10, &arena, &table), TD_ENOMEM);
    assert_int_equal(table.count, 77);
    assert_int_equal(arena.used, 0);
    run(&c, 0);
    assert_int_equal(table.count, 0);
}

/* ---- against a slow scan ---- */

static void draw(struct td_rng *rng, uint32_t count)
{
    char name[12];
    for (uint32_t i = 0; i < count; i++) {
        (void)snprintf(name, sizeof name, "T%u", (unsigned)i);
        struct td_scan_facts *f = &facts[i];
        assert_true(td_scan_facts_init(f, td_str_of(name)));
        f->previous_close = (td_px){td_rng_between(rng, 5000, 400000) * 100000};
        f->open = (td_px){f->previous_close.e9 / 1000 * td_rng_between(rng, 900, 1200)};
        f->last = (td_px){f->open.e9 / 1000 * td_rng_between(rng, 950, 1050)};
        f->volume = TD_QTY(td_rng_between(rng, 0, 3000000));
        f->adv = TD_QTY(td_rng_between(rng, 1, 2000000));
        if (td_rng_below(rng, 20) == 0)
            f->open = TD_PX_NONE;
        if (td_rng_below(rng, 20) == 0)
            f->adv = TD_QTY_NONE;
    }
}

/* 1: listed, 0: not, -1: so near a bound that floating point cannot say. */
static int slow_judge(const struct td_scan_facts *f, int32_t minute, double *gap)
{
    if (td_px_is_none(f->open) || td_qty_is_none(f->adv))
        return 0;
    const double price = td_e9_to_double(f->open.e9), close = td_e9_to_double(f->previous_close.e9);
    double part = (minute - 570) / 390.0;
    part = part < 0.1 ? 0.1 : part > 1 ? 1 : part;
    *gap = (price - close) / close * 100;
    const double rvol =
        fmin(20, td_e9_to_double(f->volume.e9) / fmax(1, td_e9_to_double(f->adv.e9)) / part);
    if (fabs(*gap - 4) < 1e-6 || fabs(rvol - 2) < 1e-6)
        return -1;
    return *gap >= 4 && rvol >= 2 && price >= 1 && price <= 30;
}

static void thousands_are_as_a_slow_scan_says(void **state)
{
    (void)state;
    struct td_rng rng;
    uint32_t listed = 0;
    td_rng_init(&rng, 20140331);
    for (int32_t minute = 571; minute <= 960; minute += 43) {
        static int8_t in[MANY];
        struct td_scan_config c = usual;
        c.minute = minute;
        draw(&rng, MANY);
        run(&c, MANY);
        memset(in, 0, sizeof in);
        for (uint32_t i = 0; i < table.count; i++) {
            in[table.rows[i].fact] = 1;
            assert_true(i == 0 || table.rows[i - 1].gap_e9 >= table.rows[i].gap_e9);
        }
        for (uint32_t i = 0; i < MANY; i++) {
            double gap;
            const int slow = slow_judge(&facts[i], minute, &gap);
            if (slow >= 0)
                assert_int_equal(slow, in[i]);
        }
        listed += table.count;
    }
    assert_true(listed > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_gap_is_of_the_open_and_before_it_of_the_last),
        cmocka_unit_test(rvol_counts_the_part_of_the_day),
        cmocka_unit_test(what_is_too_little_is_not_listed),
        cmocka_unit_test(etfs_and_hidden_ones_are_left_out),
        cmocka_unit_test(unknown_is_unknown_and_says_why),
        cmocka_unit_test(past_days_are_counted_once_and_all),
        cmocka_unit_test(today_is_what_has_ended),
        cmocka_unit_test(every_column_sorts_and_ties_are_stable),
        cmocka_unit_test(names_of_columns_are_found),
        cmocka_unit_test(the_limit_cuts_and_says_so),
        cmocka_unit_test(thousands_are_as_a_slow_scan_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
