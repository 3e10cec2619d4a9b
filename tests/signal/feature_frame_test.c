/* tests/signal/feature_frame_test.c - slower frames over faster bars: when their values become visible, at session ends and in gaps. */
#include "signal/bars_of.h"

#define BARS 1000

static struct td_feature_set set;
static struct td_feature_bar bars[BARS];
static struct td_tz zone;
static double values[TD_FEATURE_VECTOR_MAX][BARS];
static size_t count;

static const struct td_feature_clock *clock_now(void)
{
    static struct td_feature_clock clock;
    clock =
        (struct td_feature_clock){.calendar = &td_calendar_xnys, .zone = &zone, .regular = true};
    return &clock;
}

/* A bar whose prices all are the given one. */
static void put_bar(td_ns at, td_ns span, double price, double volume)
{
    td_feature_bar_begin(clock_now(), at, span, &bars[count]);
    for (int k = TD_BAR_OPEN; k <= TD_BAR_CLOSE; k++)
        bars[count].x[k] = price;
    bars[count++].x[TD_BAR_VOLUME] = volume;
}

static td_ns local(int day, int hour, int minute)
{
    return td_tz_at(&zone, td_days_from_civil(2026, 3, day), hour, minute, 0);
}

static void run(const char *text)
{
    double *out[TD_FEATURE_VECTOR_MAX];
    size_t taken;
    TD_OK_OR_FAIL(td_feature_set_read(&set, td_str_of(text), NULL));
    void *state = malloc(td_features_state_size(&set));
    assert_non_null(state);
    td_features_init(&set, state);
    for (int i = 0; i < TD_FEATURE_VECTOR_MAX; i++)
        out[i] = values[i];
    TD_OK_OR_FAIL(td_features_batch(&set, state, bars, count, out, &taken));
    free(state);
}

static void expect(int column, size_t bar, double value)
{
    const double is = values[column][bar];
    if (isnan(value) ? !isnan(is) : is != value)
        fail_msg("column %d, bar %zu: %g, expected %g", column, bar, is, value);
}

#define SLOW                                                                                       \
    "set s 1\no t VALUE inputs=open frame=15\nh t VALUE inputs=high frame=15\n"                    \
    "l t VALUE inputs=low frame=15\nc t VALUE inputs=close frame=15\nv t VALUE inputs=volume "     \
    "frame=15\n"

static void a_slow_bar_is_seen_with_its_last_fast_bar(void **unused)
{
    (void)unused;
    static const double price[] = {10, 12, 9, 20, 21, 22, 30};
    count = 0;
    for (int i = 0; i < 7; i++)
        put_bar(local(9, 9, 30 + 5 * i), 5 * TD_MIN, price[i], i + 1);
    run(SLOW);
    for (int c = 0; c < 5; c++)
        for (size_t i = 0; i < 2; i++)
            expect(c, i, (double)NAN);
    for (size_t i = 2; i < 5; i++) {
        expect(0, i, 10);
        expect(1, i, 12);
        expect(2, i, 9);
        expect(3, i, 9);
        expect(4, i, 6);
    }
    expect(3, 5, 22);
    expect(3, 6, 22);
    expect(4, 6, 15);
}

static void in_a_gap_a_slow_bar_ends_by_the_clock(void **unused)
{
    (void)unused;
    count = 0;
    put_bar(local(9, 9, 30), 5 * TD_MIN, 10, 1);
    put_bar(local(9, 9, 35), 5 * TD_MIN, 11, 1); /* 09:40 to 10:20 is missing */
    put_bar(local(9, 10, 20), 5 * TD_MIN, 12, 1);
    put_bar(local(9, 10, 25), 5 * TD_MIN, 13, 1);
    put_bar(local(9, 10, 30), 5 * TD_MIN, 14, 1);
    run(SLOW);
    expect(3, 1, (double)NAN);
    expect(3, 2, 11); /* the bar of 09:30 ended at 09:45 */
    expect(3, 3, 13); /* 10:15 to 10:30 has two */
    expect(0, 3, 12);
    expect(3, 4, 13);
}

static void a_session_end_ends_slow_bars(void **unused)
{
    (void)unused;
    count = 0;
    for (int i = 0; i < 6; i++) /* 15:30 to 16:00: the 60 minutes of 15:00 end with the session */
        put_bar(local(9, 15, 30 + 5 * i), 5 * TD_MIN, 50 + i, 1);
    put_bar(local(10, 9, 30), 5 * TD_MIN, 70, 1);
    run("set s 1\nhour_close t VALUE inputs=close frame=60\nday_close t VALUE inputs=close "
        "frame=1440\nday_open t VALUE inputs=open frame=1440\n");
    expect(0, 4, (double)NAN);
    expect(0, 5, 55);
    expect(1, 4, (double)NAN);
    expect(1, 5, 55);
    expect(2, 5, 50);
    expect(0, 6, 55);
    expect(1, 6, 55);
}

/* November 27 2026 ends at 13:00. */
static void an_early_close_is_a_session_end(void **unused)
{
    (void)unused;
    const int64_t day = td_days_from_civil(2026, 11, 27);
    count = 0;
    put_bar(td_tz_at(&zone, day, 12, 50, 0), 5 * TD_MIN, 1, 1);
    put_bar(td_tz_at(&zone, day, 12, 55, 0), 5 * TD_MIN, 2, 1);
    put_bar(td_tz_at(&zone, day + 3, 9, 30, 0), 5 * TD_MIN, 3, 1);
    run("set s 1\nd t VALUE inputs=close frame=1440\nto t VALUE inputs=to_close\nfrom t VALUE "
        "inputs=from_open\n");
    expect(0, 0, (double)NAN);
    expect(0, 1, 2);
    expect(0, 2, 2);
    expect(1, 0, 5);
    expect(1, 1, 0);
    expect(2, 0, 200);
    expect(2, 2, 0);
}

static void a_session_without_its_last_bars_is_seen_the_next_day(void **unused)
{
    (void)unused;
    count = 0;
    put_bar(local(9, 15, 0), 5 * TD_MIN, 1, 1);
    put_bar(local(10, 9, 30), 5 * TD_MIN, 2, 1);
    run("set s 1\nd t VALUE inputs=close frame=1440\n");
    expect(0, 0, (double)NAN);
    expect(0, 1, 1);
}

static void bars_that_are_none_leave_no_trace(void **unused)
{
    (void)unused;
    count = 0;
    put_bar(local(9, 9, 30), 5 * TD_MIN, 10, 1);
    put_bar(local(9, 9, 35), 5 * TD_MIN, 1000, 1);
    bars[1].x[TD_BAR_LOW] = (double)NAN;
    put_bar(local(9, 9, 40), 5 * TD_MIN, 11, (double)NAN);
    put_bar(local(9, 9, 45), 15 * TD_MIN, (double)NAN, 1);
    run(SLOW);
    expect(1, 2, 11);
    expect(4, 2, 1);
    expect(1, 3, 11); /* nothing came of the bar without prices */
}

/* A whole random week: each value equals the newest slow bar that ended, computed by hand over all bars. */
static void equals_a_join_on_the_time_of_close(void **unused)
{
    (void)unused;
    static struct series series;
    uint32_t seed = 99;
    count = 0;
    series_walk(&series, BARS, 8, 0);
    bars_of(&series, clock_now(), 5 * TD_MIN, 78, bars);
    for (size_t i = 0; i < BARS; i++) /* every fourth bar is missing */
        if (series_draw(&seed, 4) != 0)
            bars[count++] = bars[i];
    run("set s 1\nh t VALUE inputs=high frame=60\nv t VALUE inputs=volume frame=60\n"
        "s t SMA inputs=close timeperiod=3 frame=60\n");
    double high = (double)NAN, volume = (double)NAN, closes[BARS];
    size_t slow = 0, begin = 0, seen = 0;
    for (size_t i = 0; i < count; i++) {
        while (begin <= i) { /* all bars of the hour that bars[begin] begins */
            const td_ns hour = bars[begin].at / TD_HOUR * TD_HOUR + TD_HOUR;
            const td_ns end = hour < bars[begin].session_end ? hour : bars[begin].session_end;
            size_t next = begin;
            double most = 0, sum = 0;
            for (; next < count && bars[next].at < end; next++) {
                most = fmax(most, bars[next].x[TD_BAR_HIGH]);
                sum += bars[next].x[TD_BAR_VOLUME];
            }
            if (end > bars[i].end)
                break;
            high = most;
            volume = sum;
            closes[slow++] = bars[next - 1].x[TD_BAR_CLOSE];
            begin = next;
        }
        expect(0, i, high);
        expect(1, i, volume);
        seen += isfinite(high);
        const double mean =
            slow < 3 ? (double)NAN : (closes[slow - 1] + closes[slow - 2] + closes[slow - 3]) / 3;
        if (!series_close(values[2][i], mean))
            fail_msg("bar %zu: mean %g, expected %g", i, values[2][i], mean);
    }
    assert_true(seen > 600);
}

static void without_a_calendar_days_are_local_days(void **unused)
{
    (void)unused;
    struct td_tz utc;
    td_tz_utc(&utc);
    const struct td_feature_clock clock = {.zone = &utc};
    count = 0;
    for (int i = 0; i < 5; i++) {
        td_feature_bar_begin(&clock, (18000 + i / 2) * TD_DAY + i % 2 * 12 * TD_HOUR, 12 * TD_HOUR,
                             &bars[count]);
        for (int k = TD_BAR_OPEN; k <= TD_BAR_CLOSE; k++)
            bars[count].x[k] = i;
        count++;
    }
    run("set s 1\nd t VALUE inputs=close frame=1440\nw t VALUE inputs=weekday\n");
    expect(0, 0, (double)NAN);
    expect(0, 1, 1);
    expect(0, 2, 1);
    expect(0, 3, 3);
    expect(1, 0, 6); /* 2019-04-14, a Sunday */
}

static int read_zone(void **unused)
{
    (void)unused;
    bars_zone(&zone);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_slow_bar_is_seen_with_its_last_fast_bar),
        cmocka_unit_test(in_a_gap_a_slow_bar_ends_by_the_clock),
        cmocka_unit_test(a_session_end_ends_slow_bars),
        cmocka_unit_test(an_early_close_is_a_session_end),
        cmocka_unit_test(a_session_without_its_last_bars_is_seen_the_next_day),
        cmocka_unit_test(bars_that_are_none_leave_no_trace),
        cmocka_unit_test(equals_a_join_on_the_time_of_close),
        cmocka_unit_test(without_a_calendar_days_are_local_days),
    };
    return cmocka_run_group_tests_name("feature_frame", tests, read_zone, NULL);
}
