/* bench/analyze_bench.c - snapshots a second that the analyzer reads from a file and measures, and its memory.
 *
 * The tape: ten levels a side each 100 ms, a mid that walks by ticks, a few sizes changing between two snapshots, written as
 * the recorder writes them. From the opened file to the last figure, one core, median of RUNS. Reading alone (the columns
 * unpacked, no row looked at) is the yardstick. A file four times as long must not need more memory.
 */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/random.h"
#include "bench_row.h"
#include "history/depth_measure.h"
#include "store/session_files.h"
#include "store/table_file.h"
#include "sys/uvworld.h"

enum { LEVELS = 10, SMALL = 500000, LARGE = 2000000, RUNS = 5 };

static struct td_world world;

static int64_t draw_size(struct td_rng *r)
{
    return 100 * (1 + (int64_t)td_rng_exp(r, 4.0));
}

/* The market between two snapshots. */
static void step(struct td_rng *r, int64_t *mid, int64_t (*qty)[LEVELS])
{
    if (td_rng_chance(r, 0.15)) {
        const bool up = td_rng_chance(r, 0.5);
        const int gone = up ? TD_ASK : TD_BID;
        *mid += up ? 1 : -1;
        memmove(qty[gone], qty[gone] + 1, (LEVELS - 1) * sizeof(int64_t));
        qty[gone][LEVELS - 1] = draw_size(r);
        memmove(qty[!gone] + 1, qty[!gone], (LEVELS - 1) * sizeof(int64_t));
        qty[!gone][0] = draw_size(r);
    }
    for (uint64_t n = td_rng_below(r, 4); n > 0; n--) {
        const double at = td_rng_exp(r, 2.0);
        qty[td_rng_below(r, 2)][at < LEVELS ? (int)at : 0] = draw_size(r);
    }
}

static void write_file(const char *path, uint64_t rows)
{
    static struct td_out out;
    static struct td_snapshot_writer w;
    static struct td_snap snap;
    int64_t qty[2][LEVELS], mid = 10000;
    struct td_arena arena;
    struct td_rng r;
    const size_t need = td_snapshot_writer_need(LEVELS, rows);
    void *block = malloc(need);
    TD_REQUIRE(block != NULL);
    td_arena_init(&arena, block, need);
    td_rng_init(&r, 11);
    for (int i = 0; i < 2 * LEVELS; i++)
        qty[i / LEVELS][i % LEVELS] = draw_size(&r);
    TD_REQUIRE(td_out_open(&out, &world, path, NULL) == TD_OK);
    TD_REQUIRE(td_snapshot_writer_open(&w, LEVELS, rows, &out, &arena, NULL) == TD_OK);
    snap.at_ns = INT64_C(1763735400000000000);
    for (uint64_t n = 0; n < rows; n++) {
        step(&r, &mid, qty);
        for (int i = 0; i < LEVELS; i++) {
            snap.px[TD_BID][i].e9 = (mid - 1 - i) * (TD_E9 / 100);
            snap.px[TD_ASK][i].e9 = (mid + 1 + i) * (TD_E9 / 100);
            snap.qty[TD_BID][i] = TD_QTY(qty[TD_BID][i]);
            snap.qty[TD_ASK][i] = TD_QTY(qty[TD_ASK][i]);
        }
        snap.at_ns += 100 * TD_MS;
        snap.seq++;
        TD_REQUIRE(td_snapshot_writer_add(&w, &snap, NULL) == TD_OK);
    }
    TD_REQUIRE(td_snapshot_writer_finish(&w, NULL) == TD_OK);
    TD_REQUIRE(td_out_seal(&out, NULL) == TD_OK && td_out_publish(&out, NULL) == TD_OK);
}

/* In a process of its own, whose memory is not ours. */
static void make_file(const char *path, uint64_t rows)
{
    int status = 0;
    const pid_t child = fork();
    if (child == 0) {
        write_file(path, rows);
        _exit(0);
    }
    TD_REQUIRE(child > 0 && waitpid(child, &status, 0) == child && status == 0);
}

/* Of the processor: what else runs on the machine does not count. */
static double cpu_seconds(void)
{
    return (double)clock() / CLOCKS_PER_SEC;
}

static double analyze(const char *path, uint64_t rows)
{
    struct td_depth_stream *s;
    struct td_measure m;
    struct td_depth_image row;
    const double start = cpu_seconds();
    TD_REQUIRE(td_depth_stream_open(&s, &world, &path, 1, NULL) == TD_OK);
    TD_REQUIRE(td_measure_open(&m, 5 * TD_SEC, NULL) == TD_OK);
    while (td_depth_stream_next(s, &row, NULL) == TD_OK)
        td_measure_push(&m, &row);
    td_measure_finish(&m);
    TD_REQUIRE(m.quality.used == rows);
    td_measure_close(&m);
    td_depth_stream_close(s);
    return cpu_seconds() - start;
}

static double read_alone(const char *path)
{
    static const char *const names[] = {"timestamp", "bid_prices", "bid_sizes", "ask_prices",
                                        "ask_sizes", "quality",    "generated"};
    struct td_table_file *f;
    struct td_pq_values values[TD_COUNT(names)];
    size_t columns[TD_COUNT(names)];
    const double start = cpu_seconds();
    TD_REQUIRE(td_table_file_open(&f, &world, path, NULL) == TD_OK);
    for (size_t i = 0; i < TD_COUNT(names); i++)
        columns[i] = (size_t)td_table_file_find(f, names[i]);
    for (size_t g = 0; g < td_table_file_groups(f); g++)
        TD_REQUIRE(td_table_file_load(f, g, columns, TD_COUNT(names), values, NULL) == TD_OK);
    td_table_file_close(f);
    return cpu_seconds() - start;
}

static double peak_mb(void)
{
    struct rusage usage;
    (void)getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_maxrss / 1024;
}

int main(int argc, char **argv)
{
    char small[1024], large[1024], note[160];
    double spent[RUNS], alone[RUNS];
    if (argc != 2 || td_uvworld_open(&world, false, NULL)) {
        (void)fprintf(stderr, "analyze_bench FOLDER\n");
        return EXIT_FAILURE;
    }
    (void)snprintf(small, sizeof small, "%.900s/small.parquet", argv[1]);
    (void)snprintf(large, sizeof large, "%.900s/large.parquet", argv[1]);
    make_file(small, SMALL);
    make_file(large, LARGE);
    for (int i = 0; i < RUNS; i++)
        spent[i] = analyze(small, SMALL);
    const double before = peak_mb();
    (void)analyze(large, LARGE);
    const double after = peak_mb();
    for (int i = 0; i < RUNS; i++)
        alone[i] = read_alone(small);
    const double s = bench_quantile(spent, RUNS, 0.5), a = bench_quantile(alone, RUNS, 0.5);
    printf("analyzer: %.2f M snapshots/s, %.0f ns each; reading alone %.0f ns\n", SMALL / s / 1e6,
           s / SMALL * 1e9, a / SMALL * 1e9);
    printf("peak memory %.1f MB after %d snapshots, %.1f MB after %d\n", before, SMALL, after,
           LARGE);
    (void)snprintf(note, sizeof note,
                   "ten levels, from the file; reading it alone takes %.0f of %.0f ns",
                   a / SMALL * 1e9, s / SMALL * 1e9);
    const struct bench_row rows[] = {
        {"analyzer, from the file to all figures", SMALL / s, "snapshots/s/core", "limit 2 M",
         SMALL / s / 2e6, note},
        {"analyzer, peak memory", after, "MB", "the same with a quarter of the snapshots",
         before / after, "of the whole process"},
    };
    for (size_t i = 0; i < TD_COUNT(rows); i++)
        bench_row(&rows[i]);
    (void)unlink(small);
    (void)unlink(large);
    td_uvworld_close(&world);
    return EXIT_SUCCESS;
}
