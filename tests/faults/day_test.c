/* tests/faults/day_test.c - twenty-four hours of a desk that is left alone; with TD_DAY_TWICE twice from one seed.
 *
 * examples/days/ holds the script: a nightly restart whose login waits for a phone, the broker's reset, three farm flaps
 * and a client id that is still in use. Looked at every second: how long each subscription has been without data while
 * its market is open (hours of this test, not of the desk's) and the gateway serves. Also: nobody is sent a signal, no
 * socket or file is kept, and both runs write the same journal.
 */
#include "faults/play.h"

#include <dirent.h>
#include <signal.h>
#include <unistd.h>

#define FOLDER      TD_TESTS_DIR "/../examples/days"
#define SCRIPT      "thursday-night-to-friday.fault"
#define LOST_MAX    (30 * TD_SEC)
#define DAY_LINES   3
#define AT(minute)  ((minute)*TD_MIN)
#define SUBS_LOOKED 3

/* --- no process is signalled --- */

static uint32_t signals_sent;

/* In place of the library's: nothing that is played here may end anybody. */
int kill(pid_t pid, int number)
{
    (void)pid;
    (void)number;
    signals_sent++;
    return 0;
}

int killpg(pid_t group, int number)
{
    return kill(group, number);
}

/* --- what the market and the gateway do, in minutes since 18:00 --- */

struct span {
    td_ns from, to;
};

static const struct {
    const char *symbol;
    struct span open;
} sessions[DAY_LINES] = {
    {"SPY", {AT(930), AT(1320)}}, {"IBM", {AT(930), AT(1320)}}, {"ES", {0, AT(1380)}}};

/* Nobody can subscribe while the gateway restarts, waits for its phone, or has no broker. */
static const struct span away[] = {
    {AT(345), AT(345) + 90 * TD_SEC}, {AT(380), AT(381)}, {AT(490), AT(502)}};

static bool inside(const struct span *s, td_ns at)
{
    return at >= s->from && at < s->to;
}

/* --- how long each subscription was lost --- */

static const enum td_purpose looked[SUBS_LOOKED] = {TD_FOR_QUOTES, TD_FOR_DEPTH, TD_FOR_BARS};

static struct day {
    td_ns flowed[DAY_LINES][SUBS_LOOKED]; /* played time when it last had data, or could not have */
    td_ns heard[DAY_LINES][SUBS_LOOKED];  /* of the desk, as last seen */
    td_ns longest[DAY_LINES][SUBS_LOOKED], longest_at[DAY_LINES][SUBS_LOOKED];
    uint64_t flows[DAY_LINES][SUBS_LOOKED]; /* seconds with new data */
    struct td_simworld_held held;           /* an hour after the start */
    uint64_t hash, trace;
    uint32_t orders, busy;
} day;

static bool can_flow(size_t line, td_ns at)
{
    for (size_t i = 0; i < TD_COUNT(away); i++)
        if (inside(&away[i], at))
            return false;
    return inside(&sessions[line].open, at);
}

static void look_at(size_t line, size_t k, td_ns at)
{
    const struct td_sub *sub = &scene.desk->market.lines[line].subs[looked[k]];
    const bool new_data = sub->heard > day.heard[line][k];
    if (new_data)
        day.heard[line][k] = sub->heard;
    day.flows[line][k] += new_data;
    if (new_data || !can_flow(line, at))
        day.flowed[line][k] = at;
    const td_ns lost = at - day.flowed[line][k];
    if (lost > day.longest[line][k]) {
        day.longest[line][k] = lost;
        day.longest_at[line][k] = at;
    }
}

static void each_second(td_ns at)
{
    for (size_t line = 0; line < DAY_LINES; line++)
        for (size_t k = 0; k < SUBS_LOOKED; k++)
            look_at(line, k, at);
    if (at == AT(60))
        day.held = td_simworld_held(scene.sim, scene.desk_host);
}

static void print_day(void)
{
    print_message("%-6s %-8s %14s %12s %10s\n", "symbol", "of", "seconds heard", "longest lost",
                  "at");
    for (size_t line = 0; line < DAY_LINES; line++)
        for (size_t k = 0; k < SUBS_LOOKED; k++) {
            const int64_t minute = day.longest_at[line][k] / TD_MIN + 18 * 60;
            print_message("%-6s %-8s %14llu %10lld s %7lld:%02lld\n", sessions[line].symbol,
                          td_purpose_word(looked[k]), (unsigned long long)day.flows[line][k],
                          (long long)(day.longest[line][k] / TD_SEC), (long long)(minute / 60 % 24),
                          (long long)(minute % 60));
        }
}

/* --- the day --- */

static uint32_t open_descriptors(void)
{
    uint32_t count = 0;
    DIR *folder = opendir("/proc/self/fd");
    assert_non_null(folder);
    while (readdir(folder))
        count++;
    (void)closedir(folder);
    return count;
}

static void nothing_is_kept(void)
{
    const struct td_simworld_held end = td_simworld_held(scene.sim, scene.desk_host);
    assert_int_equal(end.sockets, day.held.sockets);
    assert_int_equal(end.files, day.held.files);
}

static void play_the_day(void)
{
    char row[2400];
    struct td_text table;
    td_text_init(&table, row, sizeof row);
    memset(&day, 0, sizeof day);
    play_read(FOLDER, SCRIPT);
    play.each_second = each_second;
    open_play();
    for (size_t line = 0; line < DAY_LINES; line++)
        assert_string_equal(scene.o.symbols[line], sessions[line].symbol);
    run_play();
    nothing_is_kept();
    play_settle();
    const int wrong = play_check(&table);
    day.orders = td_gateway_ledger(scene.gateway.server)->order_count;
    play_end();
    day.hash = scene_journal.hash;
    day.trace = td_simworld_trace(scene.sim);
    const struct td_simworld_held left = td_simworld_held(scene.sim, scene.desk_host);
    (void)scene_close(NULL);
    print_message("%s", row);
    assert_int_equal(wrong, 0);
    assert_int_equal(left.sockets + left.files, 0);
}

static void a_day_is_survived_and_the_same_again(void **state)
{
    (void)state;
    play_the_day();
    const struct day first = day;
    const uint32_t before = open_descriptors();
    print_day();
    for (size_t line = 0; line < DAY_LINES; line++)
        for (size_t k = 0; k < SUBS_LOOKED; k++) {
            assert_true(first.longest[line][k] <= LOST_MAX);
            assert_true(first.flows[line][k] > 1000);
        }
    assert_true(first.orders > 100);
    assert_int_equal(signals_sent, 0);
    if (!getenv("TD_DAY_TWICE")) /* `make soak`; in `make check` trials are played twice */
        return;
    play_the_day();
    assert_true(day.hash == first.hash && day.trace == first.trace);
    assert_int_equal(day.orders, first.orders);
    assert_int_equal(open_descriptors(), before);
    assert_int_equal(signals_sent, 0);
    print_message("%u orders, journal %016llx twice\n", (unsigned)day.orders,
                  (unsigned long long)day.hash);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_day_is_survived_and_the_same_again, scene_close),
    };
    return cmocka_run_group_tests_name("faults/day", tests, NULL, NULL);
}
