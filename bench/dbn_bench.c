/* bench/dbn_bench.c - Databento files from zstd to a book: order by order, and ten levels at a time.
 *
 * The tape is bench/dbn_tape.h's. Inside the clock: unpacking in pieces, decoding every member of every record, and the book
 * behind each. The yardstick is unpacking the same bytes in the same pieces with nothing behind it.
 */
#define _POSIX_C_SOURCE 200809L
#include "bench_row.h"
#include "dbn_tape.h"
#include "wire/dbn_zstd.h"

enum { MBO_RECORDS = 2000000, MBP_RECORDS = 400000, RUNS = 5 };
#define PIECE ((size_t)128 << 10)
#define ROOM  ((size_t)256 << 10)

static void show(struct book *b, const struct td_dbn_record *r)
{
    for (int i = 0; i < TD_DBN_LEVELS; i++) {
        b->shown.side[TD_BID][i] =
            (struct td_level){r->level[i].bid_px, TD_QTY(r->level[i].bid_qty)};
        b->shown.side[TD_ASK][i] =
            (struct td_level){r->level[i].ask_px, TD_QTY(r->level[i].ask_qty)};
    }
    b->shown.updates++;
}

/* ---- playing it ---- */

enum work { UNPACK, DECODE, BOOK };

static double play(const struct tape *t, struct book *b, enum work work, bool levels)
{
    static uint8_t out[ROOM];
    static void *block;
    struct td_unzstd u;
    struct td_dbn d;
    struct td_dbn_record r;
    size_t at = 0, len = 0, made = 0;
    block = block ? block : malloc(td_unzstd_bytes());
    TD_REQUIRE(td_unzstd_init(&u, block, td_unzstd_bytes()) == TD_OK);
    td_dbn_init(&d);
    open_book(b);
    const double start = bench_seconds();
    while (made < t->len) {
        size_t in = t->packed_len - at < PIECE ? t->packed_len - at : PIECE, room = ROOM - len;
        TD_REQUIRE(td_unzstd_run(&u, t->packed + at, &in, out + len, &room) == TD_OK);
        at += in;
        made += room;
        len += room;
        if (work == UNPACK) {
            len = 0;
            continue;
        }
        td_dbn_feed(&d, out, len);
        while (td_dbn_next(&d, &r) == TD_OK) {
            if (work == BOOK && levels)
                show(b, &r);
            else if (work == BOOK)
                apply(b, &r);
        }
        len -= td_dbn_used(&d);
        memmove(out, out + td_dbn_used(&d), len);
    }
    const double seconds = bench_seconds() - start;
    TD_REQUIRE(work == UNPACK || d.records == t->records);
    TD_REQUIRE(b->orders.refused == 0 && b->levels[0].dropped + b->levels[1].dropped == 0);
    return seconds;
}

static double median(const struct tape *t, struct book *b, enum work work, bool levels)
{
    double seconds[RUNS];
    for (int i = 0; i < RUNS; i++)
        seconds[i] = play(t, b, work, levels);
    return bench_quantile(seconds, RUNS, 0.5);
}

static void report(const char *name, struct book *b, uint64_t records, bool levels)
{
    struct tape t = {0};
    char note[160];
    make_tape(&t, b, records, levels);
    const double alone = median(&t, b, UNPACK, levels);
    const double decoded = median(&t, b, DECODE, levels);
    const double booked = median(&t, b, BOOK, levels);
    const double mb = (double)t.len / 1e6, n = (double)t.records;
    printf(
        "%-36s %6.2f M records/s, %5.0f MB/s unpacked; zstd alone %5.0f MB/s, decoded %5.0f MB/s\n",
        name, n / booked / 1e6, mb / booked, mb / alone, mb / decoded);
    (void)snprintf(
        note, sizeof note,
        "%.0f MB/s of unpacked bytes; zstd alone %.0f, decoded without a book %.0f; %.1f "
        "times packed; median of %d",
        mb / booked, mb / alone, mb / decoded, (double)t.len / (double)t.packed_len, RUNS);
    bench_row(&(struct bench_row){name, n / booked, "records/s", "zstd unpacking the same bytes",
                                  alone / booked, note});
    if (levels)
        bench_row(&(struct bench_row){"DBN ten levels, zstd to decoded", n / decoded, "records/s",
                                      "zstd unpacking the same bytes", alone / decoded,
                                      "aim 0.9 of unpacking alone"});
    free(t.packed);
}

/* Decoding alone, of bytes in memory, against what the vendor's Python package does with the same kind of tape: its
 * records a second. */
static void compare(struct book *b, double theirs)
{
    struct tape t = {0};
    double seconds[RUNS];
    make_tape(&t, b, MBP_RECORDS, true);
    uint8_t *plain = malloc(t.len);
    TD_REQUIRE(plain && ZSTD_decompress(plain, t.len, t.packed, t.packed_len) == t.len);
    for (int i = 0; i < RUNS; i++) {
        struct td_dbn d;
        struct td_dbn_record r;
        td_dbn_init(&d);
        const double start = bench_seconds();
        td_dbn_feed(&d, plain, t.len);
        while (td_dbn_next(&d, &r) == TD_OK)
            continue;
        seconds[i] = bench_seconds() - start;
        TD_REQUIRE(d.records == t.records);
    }
    const double ours = (double)t.records / bench_quantile(seconds, RUNS, 0.5);
    printf("DBN ten levels, records decoded: %.1f M records/s, %.1f times databento_dbn\n",
           ours / 1e6, ours / theirs);
    bench_row(&(struct bench_row){"DBN ten levels, records decoded", ours, "records/s",
                                  "databento_dbn 0.72 in Python", ours / theirs,
                                  "both without unpacking; aim 5 times"});
    free(plain);
    free(t.packed);
}

int main(int argc, char **argv)
{
    static struct book book;
    int64_t theirs;
    if (argc == 2 && td_i64_parse(argv[1], strlen(argv[1]), &theirs) == TD_OK && theirs > 0)
        compare(&book, (double)theirs);
    report("DBN orders (MBO) from zstd to book", &book, MBO_RECORDS, false);
    report("DBN ten levels from zstd to book", &book, MBP_RECORDS, true);
    free(book.block);
    return 0;
}
