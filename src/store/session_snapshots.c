/* store/session_snapshots.c - snapshots into the Parquet file of a session. */
#include <string.h>

#include "store/session_files.h"

enum { ISO_CHARS = 40, GROUP_ROWS = 65536 };

#define GROUP_BYTES ((size_t)24 << 20) /* of column buffers: what bounds the memory of deep books */

static size_t row_bytes(int32_t levels)
{
    return sizeof(struct td_str) + ISO_CHARS + (size_t)levels * 4 * 8 + 3 * 8 + 4 + 1;
}

static size_t rows_of_group(int32_t levels, uint64_t snapshots)
{
    size_t rows = GROUP_BYTES / row_bytes(levels);
    rows = rows < GROUP_ROWS ? rows : GROUP_ROWS;
    return snapshots < rows ? (size_t)snapshots + 1 : rows;
}

void td_session_schema(int32_t levels, struct td_pq_column *out)
{
    const struct td_pq_column list_of_prices = {NULL,       TD_PQ_DOUBLE,     TD_PQ_NONE,
                                                TD_PQ_DICT, (uint16_t)levels, true};
    const struct td_pq_column list_of_sizes = {NULL,       TD_PQ_INT64,      TD_PQ_NONE,
                                               TD_PQ_DICT, (uint16_t)levels, true};
    const struct td_pq_column clock = {NULL, TD_PQ_INT64, TD_PQ_TIME_NS, TD_PQ_DELTA, 0, true};
    static const char *const names[TD_SESSION_COLUMNS] = {
        "timestamp", "bid_prices", "bid_sizes", "ask_prices", "ask_sizes",
        "recv_ns",   "venue_ns",   "quality",   "generated",  "seq"};
    out[TD_SESSION_TIMESTAMP] =
        (struct td_pq_column){NULL, TD_PQ_BYTES, TD_PQ_UTF8, TD_PQ_PLAIN, 0, true};
    out[TD_SESSION_BID_PRICES] = out[TD_SESSION_ASK_PRICES] = list_of_prices;
    out[TD_SESSION_BID_SIZES] = out[TD_SESSION_ASK_SIZES] = list_of_sizes;
    out[TD_SESSION_RECV_NS] = out[TD_SESSION_VENUE_NS] = clock;
    out[TD_SESSION_QUALITY] =
        (struct td_pq_column){NULL, TD_PQ_INT32, TD_PQ_NONE, TD_PQ_DICT, 0, false};
    out[TD_SESSION_GENERATED] =
        (struct td_pq_column){NULL, TD_PQ_BOOL, TD_PQ_NONE, TD_PQ_PLAIN, 0, false};
    out[TD_SESSION_SEQ] =
        (struct td_pq_column){NULL, TD_PQ_INT64, TD_PQ_NONE, TD_PQ_DELTA, 0, false};
    for (int i = 0; i < TD_SESSION_COLUMNS; i++)
        out[i].name = names[i];
}

static void fill_options(struct td_snapshot_writer *w, struct td_pq_write_options *o,
                         uint64_t snapshots)
{
    *o = (struct td_pq_write_options){.columns = w->columns,
                                      .column_count = TD_SESSION_COLUMNS,
                                      .rows_max = w->rows_max,
                                      .groups_max = (size_t)(snapshots / w->rows_max) + 1,
                                      .codec = TD_PQ_ZSTD,
                                      .pairs = &w->pair,
                                      .pair_count = 1,
                                      .created_by = "tapedeck version " TD_VERSION,
                                      .write = td_out_write,
                                      .arg = w->out};
}

size_t td_snapshot_writer_need(int32_t levels, uint64_t snapshots)
{
    struct td_snapshot_writer w = {.rows_max = rows_of_group(levels, snapshots)};
    struct td_pq_write_options o;
    td_session_schema(levels, w.columns);
    fill_options(&w, &o, snapshots);
    return td_pq_writer_need(&o) + w.rows_max * row_bytes(levels) + 16 * (TD_SESSION_COLUMNS + 2);
}

static void take_columns(struct td_snapshot_writer *w, struct td_arena *arena)
{
    const size_t n = w->rows_max, values = n * (size_t)w->levels;
    w->timestamp = td_arena_take(arena, n, sizeof *w->timestamp);
    w->iso = td_arena_take(arena, n, ISO_CHARS);
    for (int side = 0; side < 2; side++) {
        w->px[side] = td_arena_take(arena, values, sizeof(double));
        w->qty[side] = td_arena_take(arena, values, sizeof(int64_t));
    }
    w->recv_ns = td_arena_take(arena, n, sizeof(int64_t));
    w->venue_ns = td_arena_take(arena, n, sizeof(int64_t));
    w->seq = td_arena_take(arena, n, sizeof(int64_t));
    w->quality = td_arena_take(arena, n, sizeof(int32_t));
    w->generated = td_arena_take(arena, n, 1);
}

enum td_err td_snapshot_writer_open(struct td_snapshot_writer *w, int32_t levels,
                                    uint64_t snapshots, struct td_out *out, struct td_arena *arena,
                                    struct td_fail *why)
{
    struct td_pq_write_options o;
    struct td_text text;
    *w = (struct td_snapshot_writer){
        .out = out, .levels = levels, .rows_max = rows_of_group(levels, snapshots)};
    td_session_schema(levels, w->columns);
    td_text_init(&text, w->pandas, sizeof w->pandas);
    td_pq_pandas(&text, w->columns, TD_SESSION_COLUMNS, NULL);
    TD_REQUIRE(!td_text_full(&text));
    w->pair = (struct td_pq_pair){"pandas", w->pandas};
    fill_options(w, &o, snapshots);
    take_columns(w, arena);
    if (!w->generated)
        return td_fail_set(why, TD_ENOMEM, "no memory for the columns of %zu snapshots",
                           w->rows_max);
    return td_pq_writer_open(&w->writer, &o, arena, why);
}

static enum td_err write_group(struct td_snapshot_writer *w, struct td_fail *why)
{
    const struct td_pq_data data[TD_SESSION_COLUMNS] = {
        [TD_SESSION_TIMESTAMP] = {w->timestamp, NULL},
        [TD_SESSION_BID_PRICES] = {w->px[TD_BID], NULL},
        [TD_SESSION_BID_SIZES] = {w->qty[TD_BID], NULL},
        [TD_SESSION_ASK_PRICES] = {w->px[TD_ASK], NULL},
        [TD_SESSION_ASK_SIZES] = {w->qty[TD_ASK], NULL},
        [TD_SESSION_RECV_NS] = {w->recv_ns, NULL},
        [TD_SESSION_VENUE_NS] = {w->venue_ns, NULL},
        [TD_SESSION_QUALITY] = {w->quality, NULL},
        [TD_SESSION_GENERATED] = {w->generated, NULL},
        [TD_SESSION_SEQ] = {w->seq, NULL},
    };
    const enum td_err err = td_pq_write_group(w->writer, data, w->rows, why);
    w->rows = 0;
    return err;
}

/* Whole shares, rounded half away from zero: the column is int64. */
static int64_t whole_of(int64_t e9)
{
    const int64_t rest = e9 % TD_E9;
    return e9 / TD_E9 + (rest >= TD_E9 / 2) - (rest <= -TD_E9 / 2);
}

/* An unset price is an empty row, as the contract writes it: 0.0. */
static double price_of(int64_t e9)
{
    return e9 == TD_E9_NONE ? 0.0 : td_e9_to_double(e9);
}

enum td_err td_snapshot_writer_add(struct td_snapshot_writer *w, const struct td_snap *s,
                                   struct td_fail *why)
{
    const size_t row = w->rows, levels = (size_t)w->levels;
    char *iso = w->iso + row * ISO_CHARS;
    w->timestamp[row] =
        (struct td_str){iso, row ? td_iso_print_after(s->at_ns, w->iso_at, iso - ISO_CHARS, iso)
                                 : td_iso_print(s->at_ns, iso)};
    w->iso_at = s->at_ns;
    for (int side = 0; side < 2; side++)
        for (size_t i = 0; i < levels; i++) {
            w->px[side][row * levels + i] = price_of(s->px[side][i].e9);
            w->qty[side][row * levels + i] =
                td_qty_is_none(s->qty[side][i]) ? 0 : whole_of(s->qty[side][i].e9);
        }
    w->recv_ns[row] = s->recv_ns;
    w->venue_ns[row] = s->venue_ns;
    w->quality[row] = (int32_t)s->quality;
    w->generated[row] = s->generated;
    w->seq[row] = (int64_t)s->seq;
    w->first_ns = w->total ? w->first_ns : s->at_ns;
    w->last_ns = s->at_ns;
    w->total++;
    w->rows++;
    return w->rows == w->rows_max ? write_group(w, why) : TD_OK;
}

enum td_err td_snapshot_writer_finish(struct td_snapshot_writer *w, struct td_fail *why)
{
    const enum td_err err = w->rows ? write_group(w, why) : TD_OK;
    return err ? err : td_pq_writer_finish(w->writer, why);
}

void td_snapshot_writer_close(struct td_snapshot_writer *w)
{
    td_pq_writer_close(w->writer);
    w->writer = NULL;
}
