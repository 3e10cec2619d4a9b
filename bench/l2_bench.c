/* bench/l2_bench.c - a vendor file of ten levels to the two Parquet files of a backfill, on one core: FOLDER [convert].
 *
 * Inside the clock: reading the file, unpacking, decoding, the event table, a snapshot after each event, both packed and synced.
 * Run on a tape and on one four times as long: memory must not grow with the file. Leaves the tape as FOLDER/ten.dbn.zst.
 */
#define _POSIX_C_SOURCE 200809L
#include <sys/resource.h>

#include "bench_row.h"
#include "dbn_tape.h"
#include "store/l2_file.h"
#include "sys/uvworld.h"

enum { RECORDS = 400000, MORE = 4 };

static long peak_mb(void)
{
    struct rusage used;
    (void)getrusage(RUSAGE_SELF, &used);
    return used.ru_maxrss / 1024;
}

/* The tape, given back before the clock runs, so that what is measured is the conversion's memory. */
static void save(struct td_world *world, const char *path, uint64_t records)
{
    static struct book book;
    struct tape t = {0};
    make_tape(&t, &book, records, true);
    TD_REQUIRE(td_file_replace(world, path, (struct td_str){(const char *)t.packed, t.packed_len},
                               NULL) == TD_OK);
    free(t.packed);
    free(book.block);
    book.block = NULL;
}

static double convert(struct td_world *world, const char *folder, const char *dbn)
{
    char events[1100], snapshots[1100];
    struct td_l2_result r = {0};
    struct td_fail why = {0};
    (void)snprintf(events, sizeof events, "%s/events.parquet", folder);
    (void)snprintf(snapshots, sizeof snapshots, "%s/book.parquet", folder);
    const struct td_l2_options o = {
        .dbn = dbn, .symbol = "ES", .events = events, .snapshots = snapshots};
    const double start = bench_seconds();
    if (td_l2_convert(world, &o, &r, &why) != TD_OK) {
        (void)fprintf(stderr, "%s\n", why.text);
        exit(1);
    }
    const double seconds = bench_seconds() - start;
    TD_REQUIRE(r.rows == r.records && r.snapshots == r.records);
    return (double)r.records / seconds;
}

int main(int argc, char **argv)
{
    char paths[2][1100], note[200];
    struct td_world world;
    if (argc != 2 && argc != 3) {
        (void)fprintf(stderr, "l2_bench FOLDER [FILE]\n");
        return 2;
    }
    TD_REQUIRE(td_uvworld_open(&world, false, NULL) == TD_OK);
    (void)snprintf(paths[0], sizeof paths[0], "%.1000s/ten.dbn.zst", argv[1]);
    (void)snprintf(paths[1], sizeof paths[1], "%.1000s/ten-long.dbn.zst", argv[1]);
    if (argc == 2) { /* makes the tapes, in a process of their own */
        save(&world, paths[0], RECORDS);
        save(&world, paths[1], (uint64_t)RECORDS * MORE);
        td_uvworld_close(&world);
        return 0;
    }
    const double short_rate = convert(&world, argv[1], paths[0]);
    const long short_mb = peak_mb();
    const double rate = convert(&world, argv[1], paths[1]);
    const long long_mb = peak_mb();
    td_uvworld_close(&world);
    printf(
        "DBN ten levels to Parquet: %.2f M records/s (%.2f M on the shorter file); peak memory %ld "
        "MB, %ld MB for a file %d times as long\n",
        rate / 1e6, short_rate / 1e6, short_mb, long_mb, MORE);
    (void)snprintf(
        note, sizeof note,
        "event table and snapshots, synced; %d records; peak memory %ld MB, %ld MB for a "
        "file of a quarter",
        RECORDS * MORE, long_mb, short_mb);
    bench_row(&(struct bench_row){"DBN ten levels to Parquet, end to end", rate, "records/s",
                                  "aim 1.5 M records/s", rate / 1.5e6, note});
    return 0;
}
