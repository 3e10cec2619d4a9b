/* bench/depth_bench.c - TWS depth messages from framed bytes to a checked book, per second and core.
 *
 * depth_bench --tape FILE     writes the framed messages (for the comparator to read the same bytes)
 * depth_bench [PEER]          measures; PEER is the comparator's messages per second in the same run
 *
 * Inside the clock: the client core's feed and next, and td_market_take, which maps the message to an event,
 * applies it to the book and hands it to a sink, exactly as the program does. Bytes arrive in pieces of 64 KiB.
 */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>

#include "bench_row.h"
#include "depth_tape.h"
#include "desk/market.h"

enum { MESSAGES = 500000, RUNS = 9, PIECE = 65536 };
#define TAPE_BYTES ((size_t)MESSAGES * 80)

static struct tape_pair pair;
static struct td_market market;
static struct td_link link_idle; /* never opened: subscriptions go nowhere */
static uint64_t events, gaps;

static void count_event(void *arg, uint32_t index, const struct td_event *event, bool warmup)
{
    (void)arg, (void)index, (void)warmup;
    events++;
    gaps += event->kind == TD_EV_GAP;
}

/* A line whose depth subscription stands; returns its request id. No connection: the bench brings the bytes. */
static int32_t subscribe(void)
{
    const struct td_market_config config = {.depth_rows = TAPE_ROWS, .lines_max = 1};
    uint32_t index;
    TD_REQUIRE(td_market_init(&market, &config, &link_idle, NULL, count_event, NULL, NULL) ==
               TD_OK);
    TD_REQUIRE(td_market_add(&market, "AAPL", TD_WANT_DEPTH, &index, NULL) == TD_OK);
    const int32_t id = market.next_id++; /* as the market would give it out */
    market.lines[index].state = TD_LINE_LIVE;
    market.lines[index].subs[TD_FOR_DEPTH] = (struct td_sub){.id = id, .state = TD_SUB_LIVE};
    TD_REQUIRE(td_map_put(&market.by_id, (uint64_t)id, index * TD_PURPOSES + TD_FOR_DEPTH) ==
               TD_OK);
    return id;
}

static double play(const uint8_t *bytes, size_t len)
{
    struct td_tws_event ev;
    td_book_reset(&market.lines[0].book);
    const double start = bench_seconds();
    for (size_t at = 0; at < len; at += PIECE) {
        const size_t piece = len - at < PIECE ? len - at : PIECE;
        for (size_t off = 0; off < piece;) {
            off += td_tws_feed(&pair.client, bytes + at + off, piece - off);
            while (td_tws_next(&pair.client, &ev))
                if (ev.kind == TD_TWS_EV_MESSAGE)
                    (void)td_market_take(&market, &ev.msg);
        }
    }
    return bench_seconds() - start;
}

static int write_tape(const char *path, const uint8_t *bytes, size_t len)
{
    FILE *f = fopen(path, "wb");
    if (!f || fwrite(bytes, 1, len, f) != len || fclose(f) != 0) {
        (void)fprintf(stderr, "depth_bench: %s was not written\n", path);
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    struct tape_maker maker = {0};
    double rate[RUNS], peer = (double)NAN;
    char note[200];
    uint8_t *bytes = malloc(TAPE_BYTES);
    TD_REQUIRE(bytes != NULL);
    td_rng_init(&maker.rng, 1);
    tape_join(&pair);
    const size_t len = tape_make(&pair, &maker, subscribe(), MESSAGES, bytes, TAPE_BYTES);
    if (argc == 3)
        return write_tape(argv[2], bytes, len);
    if (argc == 2 && sscanf(argv[1], "%lf", &peer) != 1)
        peer = (double)NAN;
    (void)play(bytes, len); /* warm */
    for (int run = 0; run < RUNS; run++) {
        events = 0;
        rate[run] = MESSAGES / play(bytes, len);
        TD_REQUIRE(events == MESSAGES && gaps == 0);
    }
    const double value = bench_quantile(rate, RUNS, 0.5);
    (void)snprintf(note, sizeof note,
                   "one core, median of %d runs; %.0f bytes a message; mix %.0f/%.0f/%.0f %%; "
                   "%.2f to %.2f M%s",
                   RUNS, (double)len / MESSAGES, 100.0 * (double)maker.ops[0] / MESSAGES,
                   100.0 * (double)maker.ops[1] / MESSAGES, 100.0 * (double)maker.ops[2] / MESSAGES,
                   rate[0] / 1e6, rate[RUNS - 1] / 1e6,
                   isnan(peer) ? "; no ratio: @stoqey/ib or node is not installed" : "");
    printf("depth messages to a checked book: %.2f M/s (%s)\n", value / 1e6, note);
    const struct bench_row row = {
        "TWS depth text decode + checked book",
        value,
        "messages/s",
        "@stoqey/ib 1.6.10 decode alone, same bytes, tokens split outside the clock",
        value / peer,
        note};
    bench_row(&row);
    free(bytes);
    return EXIT_SUCCESS;
}
