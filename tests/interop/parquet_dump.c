/* tests/interop/parquet_dump.c - reads Parquet files that pyarrow wrote.
 *
 * parquet_dump FOLDER OURS: the snapshots files in FOLDER hold the contractual columns of our file OURS, and must
 * read back equal to it; gzip must be refused by name; events and bars must hold what the script put there.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "store/snapshot_read.h"
#include "sys/uvworld.h"

#define CHECK(cond)                                                                                \
    do {                                                                                           \
        if (!(cond)) {                                                                             \
            (void)fprintf(stderr, "parquet_dump: line %d: %s\n", __LINE__, #cond);                 \
            exit(EXIT_FAILURE);                                                                    \
        }                                                                                          \
    } while (0)

static struct td_world world;

static void compare_snapshots(const char *ours, const char *theirs)
{
    struct td_snapshot_file *a, *b;
    struct td_snap x, y;
    struct td_fail why = {.text = ""};
    uint64_t rows = 0;
    CHECK(td_snapshot_file_open(&a, &world, ours, NULL) == TD_OK);
    CHECK(td_snapshot_file_open(&b, &world, theirs, &why) == TD_OK);
    while (td_snapshot_file_next(a, &x, NULL) == TD_OK) {
        CHECK(td_snapshot_file_next(b, &y, &why) == TD_OK);
        CHECK(x.at_ns == y.at_ns);
        CHECK(memcmp(x.px, y.px, sizeof x.px) == 0 && memcmp(x.qty, y.qty, sizeof x.qty) == 0);
        rows++;
    }
    CHECK(td_snapshot_file_next(b, &y, NULL) == TD_ENODATA);
    CHECK(rows == td_snapshot_file_rows(b) && rows > 0);
    td_snapshot_file_close(a);
    td_snapshot_file_close(b);
}

static void refuse_gzip(const char *path)
{
    struct td_snapshot_file *f;
    struct td_snap s;
    struct td_fail why = {.text = ""};
    CHECK(td_snapshot_file_open(&f, &world, path, NULL) == TD_OK);
    CHECK(td_snapshot_file_next(f, &s, &why) == TD_EUNSUP);
    CHECK(strstr(why.text, "gzip") != NULL);
    td_snapshot_file_close(f);
}

static char bytes[1 << 20];
static size_t size;

static enum td_err give(void *arg, uint64_t offset, void *buf, size_t len)
{
    (void)arg;
    memcpy(buf, bytes + offset, len);
    return TD_OK;
}

static struct td_pq_reader *open_file(const char *path, struct td_arena *arena)
{
    struct td_pq_reader *r;
    CHECK(td_file_slurp(&world, path, bytes, sizeof bytes, &size, NULL) == TD_OK);
    const struct td_pq_source source = {give, NULL, size};
    CHECK(td_pq_reader_open(&r, &source, arena, NULL) == TD_OK);
    return r;
}

static struct td_pq_values column(struct td_pq_reader *r, const char *name, struct td_arena *arena)
{
    struct td_pq_values v;
    struct td_fail why = {.text = ""};
    const int c = td_pq_column_find(r, name);
    CHECK(c >= 0);
    const enum td_err err = td_pq_read_column(r, 0, (size_t)c, arena, &v, &why);
    if (err)
        (void)fprintf(stderr, "parquet_dump: %s\n", why.text);
    CHECK(err == TD_OK);
    return v;
}

static void read_events(const char *path, struct td_arena *arena)
{
    struct td_pq_reader *r = open_file(path, arena);
    CHECK(td_pq_rows(r) == 1000);
    const struct td_pq_values at = column(r, "timestamp_ns", arena),
                              side = column(r, "side", arena);
    const struct td_pq_values level = column(r, "level", arena), price = column(r, "price", arena);
    const struct td_pq_values recv = column(r, "ts_recv", arena);
    CHECK(td_pq_column_at(r, 5)->logical == TD_PQ_INT16 &&
          td_pq_column_at(r, 9)->logical == TD_PQ_TIME_NS);
    for (size_t i = 0; i < 1000; i++) {
        static const char *const sides[] = {"B", "S", "U", NULL};
        CHECK(((const int64_t *)at.values)[i] == (int64_t)i);
        CHECK(side.present[i] == (i % 4 != 3));
        CHECK(td_str_is(((const struct td_str *)side.values)[i], sides[i % 4] ? sides[i % 4] : ""));
        CHECK(((const int32_t *)level.values)[i] == (int32_t)(i % 10));
        CHECK(((const int64_t *)recv.values)[i] == (int64_t)i * 1000000);
        CHECK(((const double *)price.values)[i] * 4 > (double)i - 0.5);
    }
    td_arena_reset(arena);
}

static void read_bars(const char *path, struct td_arena *arena)
{
    struct td_pq_reader *r = open_file(path, arena);
    const struct td_pq_values open = column(r, "open", arena), count = column(r, "count", arena);
    const struct td_pq_values at = column(r, "datetime", arena);
    CHECK(open.rows == 3 && !open.present[1] && open.present[2] &&
          ((const double *)open.values)[2] > 2.9);
    CHECK(!count.present[2] && ((const int64_t *)count.values)[1] == 2);
    CHECK(((const int64_t *)at.values)[2] == 3);
    CHECK(td_pq_column_at(r, 2)->logical == TD_PQ_TIME_NS_LOCAL);
    td_arena_reset(arena);
}

int main(int argc, char **argv)
{
    static const char *const codecs[] = {"snappy", "zstd", "none"};
    static uint8_t block[8 << 20];
    struct td_arena arena;
    char path[1024];
    CHECK(argc == 3 && td_uvworld_open(&world, false, NULL) == TD_OK);
    td_arena_init(&arena, block, sizeof block);
    for (int version = 1; version <= 2; version++) {
        for (size_t i = 0; i < TD_COUNT(codecs); i++) {
            (void)snprintf(path, sizeof path, "%s/snapshots_v%d_%s.parquet", argv[1], version,
                           codecs[i]);
            compare_snapshots(argv[2], path);
        }
        (void)snprintf(path, sizeof path, "%s/snapshots_v%d_gzip.parquet", argv[1], version);
        refuse_gzip(path);
    }
    (void)snprintf(path, sizeof path, "%s/events.parquet", argv[1]);
    read_events(path, &arena);
    (void)snprintf(path, sizeof path, "%s/bars_delta.parquet", argv[1]);
    read_bars(path, &arena);
    td_uvworld_close(&world);
    (void)puts("ok tapedeck reads pyarrow's files");
    return EXIT_SUCCESS;
}
