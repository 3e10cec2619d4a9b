/* tests/support/depth_make.h - small files of snapshots and events, written row by row. Needs td_store. */
#ifndef TD_TESTS_DEPTH_MAKE_H
#define TD_TESTS_DEPTH_MAKE_H

#include <string.h>

#include "store/session_out.h"
#include "support/support.h"
#include "wire/parquet.h"

enum { DEPTH_MAKE_LEVELS = 2, DEPTH_MAKE_ROWS = 64 };

#define DEPTH_MAKE_START INT64_C(1763735400000000000) /* 2025-11-21 09:30 in New York */

struct depth_make_row {
    int64_t ms; /* after DEPTH_MAKE_START */
    double bid[DEPTH_MAKE_LEVELS], bid_qty[DEPTH_MAKE_LEVELS];
    double ask[DEPTH_MAKE_LEVELS], ask_qty[DEPTH_MAKE_LEVELS];
    int32_t quality;
};

/* Writes columns in groups of `group` rows; values[c] are arrays of the column's type. */
static inline void depth_make_file(struct td_world *world, const char *path,
                                   const struct td_pq_column *columns, size_t column_count,
                                   const struct td_pq_data *values, const size_t *widths,
                                   size_t rows, size_t group, const struct td_pq_pair *pair)
{
    static struct td_out file;
    static uint8_t block[4 << 20];
    struct td_arena arena;
    struct td_pq_writer *w;
    const struct td_pq_write_options o = {.columns = columns,
                                          .column_count = column_count,
                                          .rows_max = group,
                                          .groups_max = DEPTH_MAKE_ROWS,
                                          .text_max = 16384,
                                          .pairs = pair,
                                          .pair_count = pair ? 1 : 0,
                                          .write = td_out_write,
                                          .arg = &file};
    td_arena_init(&arena, block, sizeof block);
    TD_OK_OR_FAIL(td_out_open(&file, world, path, NULL));
    TD_OK_OR_FAIL(td_pq_writer_open(&w, &o, &arena, NULL));
    for (size_t at = 0; at < rows; at += group) {
        struct td_pq_data part[16];
        for (size_t c = 0; c < column_count; c++)
            part[c] = (struct td_pq_data){(const uint8_t *)values[c].values + at * widths[c],
                                          values[c].present ? values[c].present + at : NULL};
        TD_OK_OR_FAIL(td_pq_write_group(w, part, rows - at < group ? rows - at : group, NULL));
    }
    TD_OK_OR_FAIL(td_pq_writer_finish(w, NULL));
    td_pq_writer_close(w);
    TD_OK_OR_FAIL(td_out_seal(&file, NULL));
    TD_OK_OR_FAIL(td_out_publish(&file, NULL));
    td_out_drop(&file);
}

/* Snapshots with the columns of a recording; sizes as whole numbers. */
static inline void depth_make_snapshots(struct td_world *world, const char *path,
                                        const struct depth_make_row *rows, size_t count,
                                        size_t group)
{
    enum { L = DEPTH_MAKE_LEVELS, N = DEPTH_MAKE_ROWS };
    static const struct td_pq_column columns[] = {
        {"timestamp", TD_PQ_BYTES, TD_PQ_UTF8, TD_PQ_AUTO, 0, true},
        {"bid_prices", TD_PQ_DOUBLE, TD_PQ_NONE, TD_PQ_AUTO, L, true},
        {"bid_sizes", TD_PQ_INT64, TD_PQ_NONE, TD_PQ_AUTO, L, true},
        {"ask_prices", TD_PQ_DOUBLE, TD_PQ_NONE, TD_PQ_AUTO, L, true},
        {"ask_sizes", TD_PQ_INT64, TD_PQ_NONE, TD_PQ_AUTO, L, true},
        {"quality", TD_PQ_INT32, TD_PQ_NONE, TD_PQ_AUTO, 0, true}};
    static const size_t widths[] = {sizeof(struct td_str), L * 8, L * 8, L * 8, L * 8, 4};
    static char iso[N][40];
    static struct td_str at[N];
    static double px[2][N][L];
    static int64_t qty[2][N][L];
    static int32_t quality[N];
    TD_REQUIRE(count <= N);
    for (size_t i = 0; i < count; i++) {
        at[i] =
            (struct td_str){iso[i], td_iso_print(DEPTH_MAKE_START + rows[i].ms * TD_MS, iso[i])};
        for (int k = 0; k < L; k++) {
            px[1][i][k] = rows[i].bid[k];
            px[0][i][k] = rows[i].ask[k];
            qty[1][i][k] = (int64_t)rows[i].bid_qty[k];
            qty[0][i][k] = (int64_t)rows[i].ask_qty[k];
        }
        quality[i] = rows[i].quality;
    }
    const struct td_pq_data values[] = {{at, NULL},    {px[1], NULL},  {qty[1], NULL},
                                        {px[0], NULL}, {qty[0], NULL}, {quality, NULL}};
    depth_make_file(world, path, columns, TD_COUNT(columns), values, widths, count, group, NULL);
}

/* The same columns as texts, five for each row. */
static inline void depth_make_texts(struct td_world *world, const char *path,
                                    const char *const (*rows)[5], size_t count)
{
    static const struct td_pq_column columns[] = {
        {"timestamp", TD_PQ_BYTES, TD_PQ_UTF8, TD_PQ_AUTO, 0, true},
        {"bid_prices", TD_PQ_BYTES, TD_PQ_UTF8, TD_PQ_AUTO, 0, true},
        {"bid_sizes", TD_PQ_BYTES, TD_PQ_UTF8, TD_PQ_AUTO, 0, true},
        {"ask_prices", TD_PQ_BYTES, TD_PQ_UTF8, TD_PQ_AUTO, 0, true},
        {"ask_sizes", TD_PQ_BYTES, TD_PQ_UTF8, TD_PQ_AUTO, 0, true}};
    static const size_t widths[] = {sizeof(struct td_str), sizeof(struct td_str),
                                    sizeof(struct td_str), sizeof(struct td_str),
                                    sizeof(struct td_str)};
    static struct td_str text[5][DEPTH_MAKE_ROWS];
    struct td_pq_data values[5];
    for (int c = 0; c < 5; c++) {
        for (size_t i = 0; i < count; i++)
            text[c][i] = td_str_of(rows[i][c]);
        values[c] = (struct td_pq_data){text[c], NULL};
    }
    depth_make_file(world, path, columns, 5, values, widths, count, DEPTH_MAKE_ROWS, NULL);
}

struct depth_make_event {
    int64_t ms;
    const char *action, *side;
    double px, qty; /* px below 0: null */
};

static inline void depth_make_events(struct td_world *world, const char *path,
                                     const struct depth_make_event *rows, size_t count, bool legacy)
{
    static const struct td_pq_column columns[] = {
        {"timestamp_ns", TD_PQ_INT64, TD_PQ_NONE, TD_PQ_AUTO, 0, true},
        {"action", TD_PQ_BYTES, TD_PQ_UTF8, TD_PQ_AUTO, 0, true},
        {"side", TD_PQ_BYTES, TD_PQ_UTF8, TD_PQ_AUTO, 0, true},
        {"price", TD_PQ_DOUBLE, TD_PQ_NONE, TD_PQ_AUTO, 0, true},
        {"size", TD_PQ_DOUBLE, TD_PQ_NONE, TD_PQ_AUTO, 0, true}};
    static const size_t widths[] = {8, sizeof(struct td_str), sizeof(struct td_str), 8, 8};
    static const struct td_pq_pair map = {"tapedeck.l2_map", "2"};
    static int64_t at[DEPTH_MAKE_ROWS];
    static struct td_str action[DEPTH_MAKE_ROWS], side[DEPTH_MAKE_ROWS];
    static double px[DEPTH_MAKE_ROWS], qty[DEPTH_MAKE_ROWS];
    static uint8_t priced[DEPTH_MAKE_ROWS];
    for (size_t i = 0; i < count; i++) {
        at[i] = DEPTH_MAKE_START + rows[i].ms * TD_MS;
        action[i] = td_str_of(rows[i].action);
        side[i] = td_str_of(rows[i].side);
        priced[i] = rows[i].px >= 0;
        px[i] = rows[i].px;
        qty[i] = rows[i].qty;
    }
    const struct td_pq_data values[] = {
        {at, NULL}, {action, NULL}, {side, NULL}, {px, priced}, {qty, NULL}};
    depth_make_file(world, path, columns, 5, values, widths, count, DEPTH_MAKE_ROWS,
                    legacy ? NULL : &map);
}

#endif
