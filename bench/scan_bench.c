/* bench/scan_bench.c - milliseconds to measure, filter and sort 8,000 symbols (market/gapscan.h).
 *
 * Every symbol has all facts and none is filtered out, so all of them are sorted: the longest way. The limit is 50 ms; the
 * floor that nothing can be below is copying the facts once.
 */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "bench_row.h"
#include "market/gapscan.h"

enum { MANY = 8000, RUNS = 51 };

static struct td_scan_facts facts[MANY], copy[MANY];
static uint8_t memory[MANY * 128 + 1024];

static void make(void)
{
    struct td_rng rng;
    char name[16];
    td_rng_init(&rng, 1);
    for (uint32_t i = 0; i < MANY; i++) {
        (void)snprintf(name, sizeof name, "S%u", (unsigned)i);
        TD_REQUIRE(td_scan_facts_init(&facts[i], td_str_of(name)));
        facts[i].previous_close = (td_px){td_rng_between(&rng, 10000, 300000) * 100000};
        facts[i].open =
            (td_px){facts[i].previous_close.e9 / 1000 * td_rng_between(&rng, 1001, 1300)};
        facts[i].volume = TD_QTY(td_rng_between(&rng, 1, 5000000));
        facts[i].adv = TD_QTY(td_rng_between(&rng, 1, 5000000));
    }
}

static double scan(void)
{
    static const struct td_scan_config all = {
        .minute = 600, .low = {TD_E9_NONE}, .high = {TD_E9_NONE}, .sort = TD_SCAN_BY_GAP};
    struct td_arena arena;
    struct td_scan_table table;
    td_arena_init(&arena, memory, sizeof memory);
    const double start = bench_seconds();
    TD_REQUIRE(td_scan_run(&all, facts, MANY, &arena, &table) == TD_OK);
    const double took = bench_seconds() - start;
    TD_REQUIRE(table.count == MANY);
    return took;
}

static double duplicate(void)
{
    const double start = bench_seconds();
    memcpy(copy, facts, sizeof copy);
    const double took = bench_seconds() - start;
    TD_REQUIRE(memcmp(copy, facts, sizeof copy) == 0);
    return took;
}

int main(void)
{
    static double took[RUNS], floor[RUNS];
    char note[160];
    make();
    for (int i = 0; i < RUNS; i++) {
        took[i] = 1e3 * scan();
        floor[i] = 1e3 * duplicate();
    }
    const double ms = bench_quantile(took, RUNS, 0.5), least = bench_quantile(floor, RUNS, 0.5);
    (void)printf("scan of 8,000 symbols: %.3f ms, the worst %.3f ms; copying the facts %.3f ms\n",
                 ms, took[RUNS - 1], least);
    (void)snprintf(
        note, sizeof note,
        "measured, filtered, all sorted; one core, median of %d, worst %.2f ms; copying the "
        "facts %.2f ms",
        RUNS, took[RUNS - 1], least);
    bench_row(&(struct bench_row){.name = "scanner, 8,000 symbols",
                                  .value = ms,
                                  .unit = "ms",
                                  .yardstick = "limit 50 ms",
                                  .ratio = 50 / ms,
                                  .note = note});
    return 0;
}
