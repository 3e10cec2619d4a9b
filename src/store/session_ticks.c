/* store/session_ticks.c - quotes and trades into the Parquet file of a session. */
#include <string.h>

#include "store/session_files.h"

enum { ISO_CHARS = 40, TICK_TEXT = ISO_CHARS + TD_MAKER_CHARS, GROUP_ROWS = 16384, NUMBERS = 6 };

#define NUMBER(name)                                                                               \
    {                                                                                              \
        name, TD_PQ_DOUBLE, TD_PQ_NONE, TD_PQ_DICT, 0, true                                        \
    }

const struct td_pq_column td_tick_schema[TD_TICK_COLUMNS] = {
    [TD_TICK_TIMESTAMP] = {"timestamp", TD_PQ_BYTES, TD_PQ_UTF8, TD_PQ_PLAIN, 0, true},
    [TD_TICK_BID] = NUMBER("bid"),
    [TD_TICK_ASK] = NUMBER("ask"),
    [TD_TICK_BID_SIZE] = NUMBER("bid_size"),
    [TD_TICK_ASK_SIZE] = NUMBER("ask_size"),
    [TD_TICK_LAST] = NUMBER("last"),
    [TD_TICK_LAST_SIZE] = NUMBER("last_size"),
    [TD_TICK_EXCHANGE] = {"exchange", TD_PQ_BYTES, TD_PQ_UTF8, TD_PQ_PLAIN, 0, true},
    [TD_TICK_RECV_NS] = {"recv_ns", TD_PQ_INT64, TD_PQ_TIME_NS, TD_PQ_DELTA, 0, true},
    [TD_TICK_VENUE_NS] = {"venue_ns", TD_PQ_INT64, TD_PQ_TIME_NS, TD_PQ_DELTA, 0, true},
    [TD_TICK_GENERATED] = {"generated", TD_PQ_BOOL, TD_PQ_NONE, TD_PQ_PLAIN, 0, false},
};

static size_t row_bytes(void)
{
    return 2 * sizeof(struct td_str) + TICK_TEXT + NUMBERS * 9 + 2 * 8 + 1;
}

static size_t rows_of_group(uint64_t ticks)
{
    return ticks < GROUP_ROWS ? (size_t)ticks + 1 : GROUP_ROWS;
}

static void fill_options(struct td_tick_writer *w, struct td_pq_write_options *o, uint64_t ticks)
{
    *o = (struct td_pq_write_options){.columns = td_tick_schema,
                                      .column_count = TD_TICK_COLUMNS,
                                      .rows_max = w->rows_max,
                                      .groups_max = (size_t)(ticks / w->rows_max) + 1,
                                      .codec = TD_PQ_ZSTD,
                                      .pairs = &w->pair,
                                      .pair_count = 1,
                                      .created_by = "tapedeck version " TD_VERSION,
                                      .write = td_out_write,
                                      .arg = w->out};
}

size_t td_tick_writer_need(uint64_t ticks)
{
    struct td_tick_writer w = {.rows_max = rows_of_group(ticks)};
    struct td_pq_write_options o;
    fill_options(&w, &o, ticks);
    return td_pq_writer_need(&o) + w.rows_max * row_bytes() +
           (size_t)16 * (TD_TICK_COLUMNS + NUMBERS + 2);
}

static void take_columns(struct td_tick_writer *w, struct td_arena *arena)
{
    const size_t n = w->rows_max;
    w->timestamp = td_arena_take(arena, n, sizeof *w->timestamp);
    w->exchange = td_arena_take(arena, n, sizeof *w->exchange);
    w->text = td_arena_take(arena, n, TICK_TEXT);
    for (int i = 0; i < NUMBERS; i++) {
        w->numbers[i] = td_arena_take(arena, n, sizeof(double));
        w->present[i] = td_arena_take(arena, n, 1);
    }
    w->recv_ns = td_arena_take(arena, n, sizeof(int64_t));
    w->venue_ns = td_arena_take(arena, n, sizeof(int64_t));
    w->generated = td_arena_take(arena, n, 1);
}

enum td_err td_tick_writer_open(struct td_tick_writer *w, uint64_t ticks, struct td_out *out,
                                struct td_arena *arena, struct td_fail *why)
{
    struct td_pq_write_options o;
    struct td_text text;
    *w = (struct td_tick_writer){.out = out, .rows_max = rows_of_group(ticks)};
    td_text_init(&text, w->pandas, sizeof w->pandas);
    td_pq_pandas(&text, td_tick_schema, TD_TICK_COLUMNS, NULL);
    TD_REQUIRE(!td_text_full(&text));
    w->pair = (struct td_pq_pair){"pandas", w->pandas};
    fill_options(w, &o, ticks);
    take_columns(w, arena);
    if (!w->generated)
        return td_fail_set(why, TD_ENOMEM, "no memory for the columns of %zu ticks", w->rows_max);
    return td_pq_writer_open(&w->writer, &o, arena, why);
}

static enum td_err write_group(struct td_tick_writer *w, struct td_fail *why)
{
    const struct td_pq_data data[TD_TICK_COLUMNS] = {
        [TD_TICK_TIMESTAMP] = {w->timestamp, NULL},
        [TD_TICK_BID] = {w->numbers[0], w->present[0]},
        [TD_TICK_ASK] = {w->numbers[1], w->present[1]},
        [TD_TICK_BID_SIZE] = {w->numbers[2], w->present[2]},
        [TD_TICK_ASK_SIZE] = {w->numbers[3], w->present[3]},
        [TD_TICK_LAST] = {w->numbers[4], w->present[4]},
        [TD_TICK_LAST_SIZE] = {w->numbers[5], w->present[5]},
        [TD_TICK_EXCHANGE] = {w->exchange, NULL},
        [TD_TICK_RECV_NS] = {w->recv_ns, NULL},
        [TD_TICK_VENUE_NS] = {w->venue_ns, NULL},
        [TD_TICK_GENERATED] = {w->generated, NULL},
    };
    const enum td_err err = td_pq_write_group(w->writer, data, w->rows, why);
    w->rows = 0;
    return err;
}

/* A quote: both sides and their sizes, each side if it is there. A trade: price and size. */
static void put_numbers(struct td_tick_writer *w, const struct td_event *ev)
{
    const bool quote = ev->kind == TD_EV_QUOTE;
    const struct td_quote *q = &ev->quote;
    const bool bid = quote && !td_px_is_none(q->bid), ask = quote && !td_px_is_none(q->ask);
    const bool present[NUMBERS] = {bid, ask, bid, ask, !quote, !quote};
    const int64_t e9[NUMBERS] = {quote ? q->bid.e9 : 0,       quote ? q->ask.e9 : 0,
                                 quote ? q->bid_qty.e9 : 0,   quote ? q->ask_qty.e9 : 0,
                                 quote ? 0 : ev->trade.px.e9, quote ? 0 : ev->trade.qty.e9};
    for (int i = 0; i < NUMBERS; i++) {
        w->present[i][w->rows] = present[i];
        w->numbers[i][w->rows] = present[i] ? td_e9_to_double(e9[i]) : 0.0;
    }
}

enum td_err td_tick_writer_add(struct td_tick_writer *w, const struct td_event *ev,
                               struct td_fail *why)
{
    const size_t row = w->rows;
    char *iso = w->text + row * TICK_TEXT, *exchange = iso + ISO_CHARS;
    size_t len = 0;
    w->timestamp[row] = (struct td_str){iso, td_iso_print(ev->recv_ns, iso)};
    if (ev->kind == TD_EV_TRADE)
        for (; len < TD_MAKER_CHARS && ev->trade.exchange[len]; len++)
            exchange[len] = ev->trade.exchange[len];
    w->exchange[row] = (struct td_str){exchange, len};
    put_numbers(w, ev);
    w->recv_ns[row] = ev->recv_ns;
    w->venue_ns[row] = ev->venue_ns;
    w->generated[row] = ev->generated;
    w->total++;
    w->rows++;
    return w->rows == w->rows_max ? write_group(w, why) : TD_OK;
}

enum td_err td_tick_writer_finish(struct td_tick_writer *w, struct td_fail *why)
{
    const enum td_err err = w->rows ? write_group(w, why) : TD_OK;
    return err ? err : td_pq_writer_finish(w->writer, why);
}

void td_tick_writer_close(struct td_tick_writer *w)
{
    td_pq_writer_close(w->writer);
    w->writer = NULL;
}
