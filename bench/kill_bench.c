/* bench/kill_bench.c - the kill switch with five hundred orders open, from the signal to the last cancel's bytes:
 * kill_bench EMPTY-FOLDER
 *
 * The real desk against the real simulator over loopback (tests/support/jump_world.h). Twenty orders rest on each of 25
 * symbols, as many as the broker takes; then the process sends itself SIGUSR1. The clock is the machine's.
 */
#define _POSIX_C_SOURCE 200809L
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench_row.h"
#include "desk/desk_inner.h"
#include "sys/logfile.h"
#include "tests/support/jump_world.h"
#include "tests/support/plain_strategy.h"

#define APART (250 * TD_MS) /* market time between two orders: under 255 a minute */

enum { EACH = 20, SYMBOLS = 25, ORDERS = EACH * SYMBOLS };

static struct bench {
    struct td_desk *desk;
    double start_s, last_s;
    uint32_t cancels; /* that left since the start */
    td_ns last_order; /* market time */
} bench;

/* --- orders that rest, each a cent below the last --- */

static const struct td_strat strategy;

static size_t decide(void *state, const struct td_event *ev, const struct td_view *view,
                     struct td_intent *out)
{
    const struct td_leg *leg = view->leg;
    (void)state;
    if (td_px_is_none(leg->quote.bid) || leg->pending.e9 >= EACH * TD_E9 ||
        view->now - bench.last_order < APART)
        return 0;
    bench.last_order = view->now;
    plain_rest(out, &strategy, ev, view, 97);
    return 1;
}

static const struct td_strat strategy = {
    .name = "many", .help = "", .state_size = 64, .init = plain_start, .on_event = decide};

/* The market stands still while the disk works. */
static bool waits_for_disk(void)
{
    return bench.desk && bench.desk->pending_count > 0;
}

static uint32_t working(void)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < bench.desk->blotter.holding_count; i++)
        n += (uint32_t)bench.desk->blotter.holdings[i].open_orders;
    return n;
}

/* Counts cancelOrder frames (message id 4) as their first bytes go; a frame may go in parts. */
static void bytes_leave(const void *bytes, size_t len)
{
    static uint8_t head[6];
    static size_t at, frame; /* in the frame, and its length once its head is there */
    const uint8_t *p = bytes;
    for (size_t i = 0; bench.start_s > 0 && i < len; i++) {
        if (at < sizeof head)
            head[at] = p[i];
        if (++at == sizeof head) {
            frame = 4 + ((size_t)head[0] << 24 | (size_t)head[1] << 16 | (size_t)head[2] << 8 |
                         head[3]);
            if (memcmp(head + 4, "4", 2) == 0) {
                bench.cancels++;
                bench.last_s = bench_seconds();
            }
        }
        if (at >= sizeof head && at == frame)
            at = 0;
    }
}

static void run(td_ns span)
{
    const td_ns until = td_world_mono(&jump_world.world) + span;
    while (td_world_mono(&jump_world.world) < until) {
        struct td_wake wake;
        td_world_wait(&jump_world.world, td_desk_deadline(bench.desk), &wake);
        td_desk_turn(bench.desk, &wake);
    }
}

static void die(const char *what, const struct td_fail *why)
{
    (void)fprintf(stderr, "kill_bench: %s: %s\n", what, why->text);
    exit(EXIT_FAILURE);
}

static void open_all(const char *folder, struct td_settings *settings, struct td_log *log)
{
    static const char *const symbols[SYMBOLS] = {
        "AAPL", "MSFT", "SPY",  "QQQ", "TSLA", "NVDA", "AMD", "INTC", "META",
        "AMZN", "GOOG", "NFLX", "IBM", "ORCL", "CSCO", "JPM", "BAC",  "WMT",
        "KO",   "PEP",  "GE",   "XOM", "CVX",  "DIS",  "NKE"};
    static struct td_plan plan;
    static struct td_strat_use use;
    struct td_fail why = {0};
    use = (struct td_strat_use){.strat = &strategy, .size = TD_QTY(1)};
    if (jump_open(true, &why) || jump_gateway(symbols, SYMBOLS, &why) ||
        jump_settings(settings, &why))
        die("starting", &why);
    settings->risk_open_positions = settings->open_positions = SYMBOLS;
    settings->collar_e9 = 10 * TD_E9;
    if (jump_connect(&plan, settings, log, &why))
        die("connecting", &why);
    struct td_desk_config config = jump_desk(settings, &plan, symbols, SYMBOLS, &use);
    config.state = folder;
    config.version = "bench";
    config.log = log;
    if (td_desk_open(&bench.desk, &config, &jump_world.link, &jump_world.world, &why))
        die("the desk", &why);
    td_desk_start(bench.desk);
}

int main(int argc, char **argv)
{
    static struct td_settings settings;
    struct td_fail why = {0};
    struct td_log log = {.level = TD_LOG_INFO};
    struct td_logfile *files = NULL;
    char note[160];
    const struct td_logfile_config log_config = {.folder = argc == 2 ? argv[1] : NULL,
                                                 .name = "bench"};
    if (argc != 2 || td_logfile_open(&files, &log_config, &log, &why))
        die("kill_bench EMPTY-FOLDER", &why);
    jump_world.sent = bytes_leave;
    jump_world.holds = waits_for_disk;
    open_all(argv[1], &settings, &log);
    for (int i = 0; i < 900 && working() < ORDERS; i++)
        run(TD_SEC);
    const uint32_t open = working();
    if (open < ORDERS)
        (void)fprintf(stderr, "kill_bench: only %u orders rest; the last denial: %s\n", open,
                      bench.desk->result.last_denial);
    bench.start_s = bench_seconds();
    (void)raise(SIGUSR1);
    for (int i = 0; i < 60 && bench.cancels < open; i++)
        run(TD_SEC);
    const double ms = (bench.last_s - bench.start_s) * 1e3;
    (void)snprintf(note, sizeof note,
                   "%u orders open, %u cancels left; each a record of the journal", open,
                   bench.cancels);
    const struct bench_row row = {
        "kill to last cancel byte, 500 open orders", ms, "ms", "limit 100 ms", 100 / ms, note};
    printf("%s: %.2f ms (%s)\n", row.name, row.value, row.note);
    bench_row(&row);
    td_desk_close(bench.desk);
    td_logfile_close(files, &log);
    jump_close();
    return open == ORDERS && bench.cancels == ORDERS ? EXIT_SUCCESS : EXIT_FAILURE;
}
