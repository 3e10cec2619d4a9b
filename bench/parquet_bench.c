/* bench/parquet_bench.c - rows per second and bytes per row of the snapshots file, against memcpy and zstd.
 *
 * The tape: 10 levels a side, one snapshot each 100 ms of a mid price that walks by ticks, a few sizes changing
 * between two snapshots, receive stamps with nanosecond noise. The same rows are copied by memcpy and compressed
 * by zstd level 1 as they lie in memory, in the same run. One core, medians of RUNS runs, no file behind it.
 */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <zstd.h>

#include "base/random.h"
#include "bench_row.h"
#include "store/session.h"

enum { LEVELS = 10, GROUP = 32768, GROUPS = 16, RUNS = 5, ISO = 40 };

struct columns {
    struct td_str text[GROUP];
    char iso[GROUP][ISO];
    double px[2][GROUP][LEVELS];
    int64_t qty[2][GROUP][LEVELS];
    int64_t recv_ns[GROUP], venue_ns[GROUP], seq[GROUP];
    int32_t quality[GROUP];
    uint8_t generated[GROUP];
};

/* The market between two snapshots. */
struct tape {
    struct td_rng rng;
    int64_t mid; /* cents */
    int64_t qty[2][LEVELS];
    td_ns at;
    int64_t seq;
};

static int64_t draw_size(struct td_rng *r)
{
    return 100 * (1 + (int64_t)td_rng_exp(r, 4.0)) +
           (td_rng_chance(r, 0.2) ? (int64_t)td_rng_below(r, 100) : 0);
}

static void step(struct tape *t)
{
    struct td_rng *r = &t->rng;
    t->at += 100 * TD_MS;
    if (td_rng_chance(r, 0.15)) {
        const bool up = td_rng_chance(r, 0.5);
        const int gone = up ? TD_ASK : TD_BID;
        t->mid += up ? 1 : -1;
        memmove(t->qty[gone], t->qty[gone] + 1, (LEVELS - 1) * sizeof(int64_t));
        t->qty[gone][LEVELS - 1] = draw_size(r);
        memmove(t->qty[!gone] + 1, t->qty[!gone], (LEVELS - 1) * sizeof(int64_t));
        t->qty[!gone][0] = draw_size(r);
    }
    for (uint64_t n = td_rng_below(r, 4); n > 0; n--) {
        const double depth = td_rng_exp(r, 2.0);
        t->qty[td_rng_below(r, 2)][depth < LEVELS ? (int)depth : 0] = draw_size(r);
        t->seq++;
    }
}

static void make_group(struct tape *t, struct columns *c, bool stamped)
{
    for (size_t i = 0; i < GROUP; i++) {
        step(t);
        c->text[i] = (struct td_str){c->iso[i], td_iso_print(t->at, c->iso[i])};
        for (int side = 0; side < 2; side++)
            for (int l = 0; l < LEVELS; l++) {
                const int64_t cents = t->mid + (side == TD_ASK ? 1 + l : -l);
                c->px[side][i][l] = td_e9_to_double(cents * (TD_E9 / 100));
                c->qty[side][i][l] = t->qty[side][l];
            }
        c->recv_ns[i] = t->at - (int64_t)td_rng_below(&t->rng, 100000000);
        c->venue_ns[i] =
            stamped ? c->recv_ns[i] - 200000 - (int64_t)td_rng_below(&t->rng, 65536) : 0;
        c->seq[i] = t->seq;
        c->quality[i] = 0;
        c->generated[i] = 0;
    }
}

static double seconds(void)
{
    struct timespec ts;
    (void)clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec + 1e-9 * (double)ts.tv_nsec;
}

static enum td_err count_bytes(void *arg, const void *bytes, size_t len)
{
    (void)bytes;
    *(uint64_t *)arg += len;
    return TD_OK;
}

static double median(double *v)
{
    for (int i = 1; i < RUNS; i++)
        for (int j = i; j > 0 && v[j] < v[j - 1]; j--) {
            const double swap = v[j];
            v[j] = v[j - 1];
            v[j - 1] = swap;
        }
    return v[RUNS / 2];
}

struct variant {
    const char *name;
    size_t columns; /* from the left */
    enum td_pq_codec codec;
    bool stamped; /* the venue stamps its messages: DBN does, the TWS depth feed does not */
};

/* Writes the same GROUPS groups; returns the seconds spent in the writer alone. */
static double write_file(struct columns *c, const struct variant *v, uint64_t *bytes)
{
    struct td_pq_column schema[TD_SESSION_COLUMNS];
    struct td_arena arena;
    struct td_pq_writer *w;
    struct tape tape = {.mid = 63000, .at = INT64_C(1763735400000000000)};
    double spent = 0;
    td_session_schema(LEVELS, schema);
    td_rng_init(&tape.rng, 7);
    for (int l = 0; l < LEVELS; l++)
        tape.qty[0][l] = tape.qty[1][l] = draw_size(&tape.rng);
    *bytes = 0;
    const struct td_pq_write_options o = {.columns = schema,
                                          .column_count = v->columns,
                                          .rows_max = GROUP,
                                          .groups_max = GROUPS,
                                          .codec = v->codec,
                                          .write = count_bytes,
                                          .arg = bytes};
    const size_t need = td_pq_writer_need(&o);
    void *block = malloc(need);
    TD_REQUIRE(block != NULL);
    td_arena_init(&arena, block, need);
    TD_REQUIRE(td_pq_writer_open(&w, &o, &arena, NULL) == TD_OK);
    const struct td_pq_data data[TD_SESSION_COLUMNS] = {
        {c->text, NULL},       {c->px[TD_BID], NULL},  {c->qty[TD_BID], NULL},
        {c->px[TD_ASK], NULL}, {c->qty[TD_ASK], NULL}, {c->recv_ns, NULL},
        {c->venue_ns, NULL},   {c->quality, NULL},     {c->generated, NULL},
        {c->seq, NULL}};
    for (int g = 0; g < GROUPS; g++) {
        make_group(&tape, c, v->stamped);
        const double start = seconds();
        TD_REQUIRE(td_pq_write_group(w, data, GROUP, NULL) == TD_OK);
        spent += seconds() - start;
    }
    const double start = seconds();
    TD_REQUIRE(td_pq_writer_finish(w, NULL) == TD_OK);
    spent += seconds() - start;
    td_pq_writer_close(w);
    free(block);
    return spent;
}

struct figure {
    double rows_per_s, bytes_per_row;
};

static struct figure report(const struct variant *v, struct columns *c)
{
    double spent[RUNS];
    uint64_t bytes = 0;
    for (int run = 0; run < RUNS; run++)
        spent[run] = write_file(c, v, &bytes);
    const double rows = (double)GROUP * GROUPS, s = median(spent);
    printf("%-34s %8.1f ns/row  %6.2f M rows/s  %6.2f bytes/row\n", v->name, s / rows * 1e9,
           rows / s / 1e6, (double)bytes / rows);
    return (struct figure){rows / s, (double)bytes / rows};
}

/* The yardsticks, on the list columns of one group as they lie in memory. */
static struct figure report_yardsticks(struct columns *c)
{
    const size_t len = sizeof c->px + sizeof c->qty;
    const size_t cap = ZSTD_compressBound(len);
    char *out = malloc(cap);
    double copy[RUNS], zstd[RUNS];
    size_t packed = 0;
    TD_REQUIRE(out != NULL);
    for (int run = 0; run < RUNS; run++) {
        double start = seconds();
        memcpy(out, c->px, len);
        __asm__ volatile("" : : "r"(out) : "memory");
        copy[run] = seconds() - start;
        start = seconds();
        packed = ZSTD_compress(out, cap, c->px, len, 1);
        zstd[run] = seconds() - start;
    }
    free(out);
    printf("%-34s %8.1f ns/row  %6.2f M rows/s  %6.2f bytes/row\n",
           "yardstick: memcpy of the lists", median(copy) / GROUP * 1e9, GROUP / median(copy) / 1e6,
           (double)len / GROUP);
    printf("%-34s %8.1f ns/row  %6.2f M rows/s  %6.2f bytes/row\n",
           "yardstick: zstd -1 of the lists", median(zstd) / GROUP * 1e9,
           GROUP / median(zstd) / 1e6, (double)packed / GROUP);
    return (struct figure){GROUP / median(zstd), (double)packed / GROUP};
}

/* What the recorder writes: all columns, zstd; the TWS feed carries no venue stamps. */
static void tell(struct figure ours, struct figure zstd, double peak_mb)
{
    char note[160];
    (void)snprintf(note, sizeof note, "all %d columns, zstd, %d rows, median of %d runs",
                   (int)TD_SESSION_COLUMNS, GROUP * GROUPS, RUNS);
    const struct bench_row rows[] = {
        {"10-level snapshots to Parquet", ours.rows_per_s, "rows/s/core",
         "zstd -1 of the list columns in memory", ours.rows_per_s / zstd.rows_per_s, note},
        {"10-level snapshots, size", ours.bytes_per_row, "bytes/row",
         "zstd -1 of the list columns in memory", zstd.bytes_per_row / ours.bytes_per_row,
         "limit 12; with a venue stamp in each row (DBN, not TWS) about 13.3"},
        {"10-level snapshots, peak memory", peak_mb, "MB", "limit 64 MB", 64 / peak_mb,
         "of the whole process, the bench's own columns included"},
    };
    for (size_t i = 0; i < TD_COUNT(rows); i++)
        bench_row(&rows[i]);
}

int main(void)
{
    static const struct variant variants[] = {
        {"contractual columns, zstd", 5, TD_PQ_ZSTD, false},
        {"all columns, zstd", TD_SESSION_COLUMNS, TD_PQ_ZSTD, false},
        {"all columns, venue stamps, zstd", TD_SESSION_COLUMNS, TD_PQ_ZSTD, true},
        {"all columns, snappy", TD_SESSION_COLUMNS, TD_PQ_SNAPPY, false},
    };
    struct columns *c = calloc(1, sizeof *c);
    struct rusage usage;
    TD_REQUIRE(c != NULL);
    struct figure ours[TD_COUNT(variants)];
    for (size_t i = 0; i < TD_COUNT(variants); i++)
        ours[i] = report(&variants[i], c);
    (void)getrusage(RUSAGE_SELF, &usage);
    printf("%-34s %8.1f MB, of which columns %.1f MB\n", "peak memory of the process",
           (double)usage.ru_maxrss / 1024, (double)sizeof *c / 1048576);
    tell(ours[1], report_yardsticks(c), (double)usage.ru_maxrss / 1024);
    free(c);
    return 0;
}
