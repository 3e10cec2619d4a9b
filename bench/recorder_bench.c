/* bench/recorder_bench.c - what recording costs: 20 symbols, 20 rows a side, a snapshot each 50 ms, to real files.
 *
 * Plays SECONDS of tape as fast as it can, syncing every log once per second of tape, and prints the CPU time per
 * second of tape: the share of a core a live recording takes. Finishing the files is timed apart.
 */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/random.h"
#include "bench_row.h"
#include "store/recorder.h"
#include "sys/uvworld.h"

enum { SYMBOLS = 20, LEVELS = 20, PER_SECOND = 20, MESSAGES = 10, SECONDS = 60 };

static struct td_recorder recorders[SYMBOLS];
static struct td_book books[SYMBOLS];

static double cpu_seconds(void)
{
    return (double)clock() / CLOCKS_PER_SEC;
}

/* One row of the book: filled first, then updated at random depths. */
static struct td_event make_event(struct td_rng *r, const struct td_book *book, td_ns now)
{
    struct td_event ev = {.recv_ns = now, .kind = TD_EV_DEPTH};
    const int side = (int)td_rng_below(r, 2);
    const bool full = book->rows[side] == LEVELS;
    ev.depth.side = (uint8_t)side;
    ev.depth.op = full ? TD_DEPTH_UPDATE : TD_DEPTH_INSERT;
    ev.depth.row = full ? (int32_t)td_rng_below(r, LEVELS) : book->rows[side];
    ev.depth.px.e9 = 100 * TD_E9 + (side == TD_ASK ? 1 : -1) * (ev.depth.row + 1) * (TD_E9 / 100);
    ev.depth.qty = TD_QTY(td_rng_between(r, 1, 900));
    return ev;
}

static void play_interval(struct td_rng *r, int symbol, td_ns now)
{
    struct td_snap snap;
    for (int m = 0; m < MESSAGES; m++) {
        const struct td_event ev = make_event(r, &books[symbol], now + m);
        TD_REQUIRE(td_recorder_message(&recorders[symbol], &ev, NULL) == TD_OK);
        TD_REQUIRE(td_book_apply(&books[symbol], &ev) == TD_OK);
    }
    td_snap_take(&snap, &books[symbol], LEVELS, now + 50 * TD_MS, 0);
    TD_REQUIRE(td_recorder_snapshot(&recorders[symbol], &snap, NULL) == TD_OK);
}

static void open_all(struct td_world *w, const char *folder, size_t group_bytes)
{
    for (int s = 0; s < SYMBOLS; s++) {
        struct td_recorder_options o = {.folder = folder, .group_bytes = group_bytes};
        struct td_fail why = {.text = ""};
        o.facts = (struct td_session_facts){.day = "2026-11-21",
                                            .time = "093000",
                                            .levels = LEVELS,
                                            .interval_ms = 50,
                                            .local_iso = "2026-11-21T09:30:00",
                                            .paper = true};
        (void)snprintf(o.facts.symbol, sizeof o.facts.symbol, "S%d", s);
        if (td_recorder_open(&recorders[s], w, &o, &why)) {
            (void)fprintf(stderr, "recorder_bench: %s\n", why.text);
            exit(EXIT_FAILURE);
        }
        td_book_init(&books[s], LEVELS);
    }
}

int main(int argc, char **argv)
{
    struct td_world w;
    struct td_rng rng;
    td_ns now = INT64_C(1763735400000000000);
    uint64_t bytes = 0;
    if (argc != 2 || td_uvworld_open(&w, false, NULL)) {
        (void)fprintf(stderr, "recorder_bench EMPTY-FOLDER\n");
        return EXIT_FAILURE;
    }
    td_rng_init(&rng, 3);
    open_all(&w, argv[1], 0);
    const double start = cpu_seconds();
    for (int i = 0; i < SECONDS * PER_SECOND; i++, now += 50 * TD_MS)
        for (int s = 0; s < SYMBOLS; s++) {
            play_interval(&rng, s, now);
            if (i % PER_SECOND == 0)
                TD_REQUIRE(td_recorder_sync(&recorders[s], NULL) == TD_OK);
        }
    const double live = cpu_seconds() - start;
    for (int s = 0; s < SYMBOLS; s++) {
        bytes += recorders[s].capture.bytes;
        TD_REQUIRE(td_recorder_close(&recorders[s], NULL, NULL) == TD_OK);
    }
    const double finish = cpu_seconds() - start - live;
    printf("recording %d symbols, %d rows, %d snapshots/s and %d messages/s each\n", SYMBOLS,
           LEVELS, PER_SECOND, PER_SECOND * MESSAGES);
    printf("live      %6.2f %% of a core, %.0f KiB/s of capture log\n", live / SECONDS * 100,
           (double)bytes / SECONDS / 1024);
    printf("finishing %6.2f %% of a core, when spread over the recording\n",
           finish / SECONDS * 100);
    const double percent = live / SECONDS * 100;
    const struct bench_row row = {"recording, recorder alone",
                                  percent,
                                  "% of a core",
                                  "limit 5 %",
                                  5 / percent,
                                  "20 symbols, 20 rows a side, a snapshot each 50 ms, 200 "
                                  "messages/s each, synced each second"};
    bench_row(&row);
    td_uvworld_close(&w);
    return EXIT_SUCCESS;
}
