/* tests/desk/steady_test.c - what a desk that runs for long takes more than at its begin: nothing (P16).
 *
 * Desk, writer thread, journal, projections and log against the simulator over loopback; market time jumps over what is
 * quiet. Two minutes after the session is ready the trading thread is watched: it must not ask for memory any more. At
 * every hour memory and open files are looked at; from the first to the last they must not grow. The simulator keeps every
 * order it ever received and lives in this process: what its turns take is left out of what must not grow. What orders.db
 * has cached is counted apart: SQLite fills it up to its bound within two hours, and no further.
 * TD_STEADY_MINUTES says how long; `make soak` plays 24 hours.
 */
#define _DEFAULT_SOURCE /* mincore */
#include <dirent.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "desk/desk_inner.h"
#include "support/alloc_watch.h"
#include "support/jump_world.h"
#include "support/plain_strategy.h"
#include "support/support.h"
#include "sys/logfile.h"

#define SETTLE (2 * TD_MIN)
#define APART  (250 * TD_MS) /* between two orders at least: under 255 a minute */
#define ORDERS 16000         /* at most in a run: a day's blotter takes 16384 */
/* Bytes that any later look may show more than the first, whether after an hour or after 24: four pages, for what a file
 * that is just open, a line of log or the state's text hold. A row more for each order would be a hundred times that. */
#define GROWTH (16 << 10)
#define CACHE  (3 << 20) /* 2000 KiB of pages, and the statements */

static struct steady {
    struct td_desk *desk;
    td_ns last_order, apart;
} steady;

struct sample {
    int64_t kept;  /* bytes, without the simulator's and the database's */
    int64_t cache; /* of the database: pages of orders.db, bounded by its own setting */
    size_t heap, resident_kb;
    int files;
};

/* --- the load: an order out of a depth message, up to four times a second --- */

static const struct td_strat strategy;

static size_t decide(void *state, const struct td_event *ev, const struct td_view *view,
                     struct td_intent *out)
{
    (void)state;
    if (!plain_turn(out, &strategy, ev, view, steady.last_order, steady.apart))
        return 0;
    steady.last_order = view->now;
    return 1;
}

static const struct td_strat strategy = {
    .name = "steady", .help = "", .state_size = 64, .init = plain_start, .on_event = decide};

/* --- looking --- */

static int open_files(void)
{
    DIR *dir = opendir("/proc/self/fd");
    int n = 0;
    while (dir && readdir(dir))
        n++;
    closedir(dir);
    return n;
}

static void for_the_gateway(bool begins)
{
    alloc_watch.aside = begins;
}

/* When the writer has nothing to do: it holds a snapshot's bytes while it saves one. */
static struct sample look(void)
{
    td_writer_drain(steady.desk->writer);
    struct sample s = {.cache = sqlite3_memory_used(), .heap = alloc_held(), .files = open_files()};
    s.kept = alloc_kept() - s.cache;
    FILE *f = fopen("/proc/self/statm", "r");
    unsigned long all, resident;
    assert_non_null(f);
    assert_int_equal(fscanf(f, "%lu %lu", &all, &resident), 2);
    (void)fclose(f);
    s.resident_kb = resident * (size_t)sysconf(_SC_PAGESIZE) / 1024;
    return s;
}

/* Every page of the table is this process's own already: no later order makes it larger. */
static bool all_there(const void *at, size_t bytes)
{
    static unsigned char there[1 << 14];
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    const size_t from = ((size_t)at + page - 1) / page * page,
                 to = ((size_t)at + bytes) / page * page;
    const size_t pages = (to - from) / page;
    TD_REQUIRE(pages > 1000 && pages <= sizeof there);
    const union {
        size_t number;
        void *at;
    } begin = {from};
    assert_int_equal(mincore(begin.at, to - from, there), 0);
    for (size_t i = 0; i < pages; i++)
        if (!(there[i] & 1))
            return false;
    return true;
}

static void turn(bool watched)
{
    struct td_wake wake;
    td_world_wait(&jump_world.world, td_desk_deadline(steady.desk), &wake);
    alloc_watch.on = watched;
    td_desk_turn(steady.desk, &wake);
    alloc_watch.on = false;
}

static void run(td_ns span, bool watched)
{
    const td_ns until = td_world_mono(&jump_world.world) + span;
    while (td_world_mono(&jump_world.world) < until && !td_desk_done(steady.desk))
        turn(watched);
}

static void wait_ready(void)
{
    for (int i = 0; i < 600 && steady.desk->sync != SYNC_DONE; i++)
        run(TD_SEC, false);
    assert_int_equal(steady.desk->sync, SYNC_DONE);
    run(SETTLE, false);
}

/* --- the test --- */

static struct td_log steady_log = {.level = TD_LOG_INFO};

static void open_all(const char *folder, struct td_settings *settings, struct td_logfile **files)
{
    static const char *const symbols[] = {"AAPL", "MSFT", "SPY"};
    static struct td_plan plan;
    static struct td_strat_use use;
    struct td_fail why = {0};
    const struct td_logfile_config log = {.folder = folder, .name = "steady"};
    use = (struct td_strat_use){.strat = &strategy, .size = TD_QTY(1)};
    TD_OK_OR_FAIL(td_logfile_open(files, &log, &steady_log, &why));
    TD_OK_OR_FAIL(jump_open(false, &why));
    TD_OK_OR_FAIL(jump_gateway(symbols, TD_COUNT(symbols), &why));
    TD_OK_OR_FAIL(jump_settings(settings, &why));
    TD_OK_OR_FAIL(jump_connect(&plan, settings, &steady_log, &why));
    struct td_desk_config config = jump_desk(settings, &plan, symbols, TD_COUNT(symbols), &use);
    config.depth_rows = 10;
    config.state = folder;
    config.version = "steady";
    config.log = &steady_log;
    TD_OK_OR_FAIL(td_desk_open(&steady.desk, &config, &jump_world.link, &jump_world.world, &why));
    td_desk_start(steady.desk);
}

/* Minutes of market; the first hour, or half, is what the others are compared with. */
static int64_t minutes_to_play(void)
{
    const char *text = getenv("TD_STEADY_MINUTES");
    int64_t minutes = 10;
    if (text)
        TD_OK_OR_FAIL(td_i64_parse(text, strlen(text), &minutes));
    assert_true(minutes >= 2 && minutes <= 2880);
    return minutes;
}

static void it_takes_nothing_more(void **state)
{
    (void)state;
    static struct td_settings settings;
    struct td_logfile *files = NULL;
    const char *folder = td_test_folder("steady");
    const int64_t minutes = minutes_to_play();
    const int64_t steps = minutes < 120 ? 2 : minutes / 60;
    struct sample first = {0}, second = {0}, last = {0};
    int64_t most = 0;
    assert_true(alloc_watch_begin());
    void *volatile seen; /* it sees what there is to see */
    alloc_watch.on = true;
    seen = malloc((size_t)minutes);
    alloc_watch.on = false;
    free(seen);
    assert_int_equal(alloc_watch.count, 1);
    alloc_watch.count = 0;
    jump_world.serves = for_the_gateway;
    steady.apart = minutes * TD_MIN / ORDERS > APART ? minutes * TD_MIN / ORDERS : APART;
    open_all(folder, &settings, &files);
    wait_ready();
    for (int64_t i = 0; i < steps; i++) {
        run(minutes / steps * TD_MIN, true);
        last = look();
        if (i == 0)
            first = last;
        if (i <= 1)
            second = last;
        most = last.kept > most ? last.kept : most;
        print_message("[ steady ] %4lld min: %llu orders, ours %lld kB, database %lld kB, heap %zu "
                      "kB, resident %zu kB, "
                      "%d files, %lu allocations\n",
                      (long long)(minutes / steps * (i + 1)),
                      (unsigned long long)steady.desk->result.orders, (long long)last.kept / 1024,
                      (long long)last.cache / 1024, last.heap / 1024, last.resident_kb, last.files,
                      alloc_watch.count);
    }
    assert_true(steady.desk->result.orders > 100);
    assert_int_equal(alloc_watch.count, 0);
    assert_true(most <= first.kept + GROWTH);
    assert_true(last.cache <= (minutes < 180 ? CACHE : second.cache + GROWTH));
    assert_true(all_there(steady.desk->memory, td_blotter_bytes(&steady.desk->blotter.max)));
    assert_true(last.files <= first.files + 1); /* the writer thread may have one open just then */
    td_desk_close(steady.desk);
    td_logfile_close(files, &steady_log);
    jump_close();
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(it_takes_nothing_more)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
