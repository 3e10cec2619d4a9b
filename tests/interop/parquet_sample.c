/* tests/interop/parquet_sample.c - writes the files that other Parquet readers are asked to read.
 *
 * parquet_sample FOLDER: a recorded session (through the recorder), bars, and beside them the same rows as
 * JSON, made from the numbers before they reached any column: what the readers must see.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "store/bars_file.h"
#include "store/recorder.h"
#include "sys/uvworld.h"
#include "wire/json.h"

enum { LEVELS = 10, ROWS = 700, BARS = 390 };

static void put_side(struct td_json *j, const char *name, const td_px *px, const td_qty *qty,
                     bool prices)
{
    td_json_key(j, name);
    td_json_array(j);
    for (int i = 0; i < LEVELS; i++)
        td_json_e9(j, prices ? px[i].e9 : qty[i].e9);
    td_json_array_end(j);
}

static void put_row(struct td_json *j, const struct td_snap *s)
{
    td_json_object(j);
    td_json_key(j, "timestamp");
    td_json_iso(j, s->at_ns);
    put_side(j, "bid_prices", s->px[TD_BID], s->qty[TD_BID], true);
    put_side(j, "bid_sizes", s->px[TD_BID], s->qty[TD_BID], false);
    put_side(j, "ask_prices", s->px[TD_ASK], s->qty[TD_ASK], true);
    put_side(j, "ask_sizes", s->px[TD_ASK], s->qty[TD_ASK], false);
    /* as text: these do not fit the numbers of every JSON reader */
    char ns[24];
    (void)td_i64_print(s->recv_ns, ns);
    td_json_key_text(j, "recv_ns", ns);
    (void)td_i64_print(s->venue_ns, ns);
    td_json_key_text(j, "venue_ns", ns);
    td_json_key_i64(j, "quality", s->quality);
    td_json_key_bool(j, "generated", s->generated);
    td_json_key_i64(j, "seq", (int64_t)s->seq);
    td_json_object_end(j);
}

static enum td_err record(struct td_world *w, const char *folder, struct td_json *j,
                          struct td_fail *why)
{
    static struct td_recorder r;
    struct td_recorder_options o = {.folder = folder};
    struct td_rng rng;
    struct td_book book;
    td_ns now = INT64_C(1763735400000000000);
    o.facts = (struct td_session_facts){.symbol = "SPY",
                                        .day = "2025-11-21",
                                        .time = "093000",
                                        .levels = LEVELS,
                                        .local_iso = "2025-11-21T09:30:00",
                                        .interval_ms = 100,
                                        .paper = true};
    enum td_err err = td_recorder_open(&r, w, &o, why);
    td_rng_init(&rng, 42);
    td_book_init(&book, LEVELS);
    for (int row = 0; row < ROWS && !err; row++) {
        struct td_event ev = {.recv_ns = now + 1, .venue_ns = now - 350001, .kind = TD_EV_DEPTH};
        const int side = row % 2;
        ev.depth.side = (uint8_t)side;
        ev.depth.op = book.rows[side] < LEVELS ? TD_DEPTH_INSERT : TD_DEPTH_UPDATE;
        ev.depth.row =
            ev.depth.op == TD_DEPTH_INSERT ? book.rows[side] : (int32_t)td_rng_below(&rng, LEVELS);
        ev.depth.px.e9 =
            630 * TD_E9 + (side == TD_ASK ? 1 : -1) * (ev.depth.row + 1) * (TD_E9 / 100);
        ev.depth.qty = TD_QTY(td_rng_between(&rng, 1, 500));
        ev.generated = row >= 300;
        now += 100 * TD_MS;
        err = td_recorder_message(&r, &ev, why);
        if (!err && td_book_apply(&book, &ev))
            err = td_fail_set(why, TD_EGAP, "the sample's own book broke");
        struct td_snap s;
        td_snap_take(&s, &book, LEVELS, now, 0);
        if (!err)
            err = td_recorder_snapshot(&r, &s, why);
        put_row(j, &s);
    }
    const enum td_err closed = td_recorder_close(&r, NULL, why);
    return err ? err : closed;
}

static enum td_err write_bars(struct td_world *w, const char *folder, struct td_fail *why)
{
    static struct td_bar_row rows[BARS];
    char path[1024];
    for (int i = 0; i < BARS; i++) {
        struct td_bar *b = &rows[i].bar;
        rows[i].local_ns =
            INT64_C(1763717400000000000) + i * TD_MIN; /* 2025-11-21 09:30 on the wall */
        *b = (struct td_bar){.open = TD_PX(100 + i),
                             .high = TD_PX(101 + i),
                             .low = TD_PX(99 + i),
                             .close = {TD_E9 * (100 + i) + TD_E9 / 4},
                             .volume = TD_QTY(1000 * i),
                             .wap = i % 10 ? TD_PX(100 + i) : TD_PX_NONE,
                             .count = i};
    }
    (void)snprintf(path, sizeof path, "%s/bars.parquet", folder);
    enum td_err err = td_bars_write_parquet(w, path, rows, BARS, why);
    (void)snprintf(path, sizeof path, "%s/bars.csv", folder);
    return err ? err : td_bars_write_csv(w, path, rows, BARS, why);
}

int main(int argc, char **argv)
{
    static char text_buf[4 << 20];
    struct td_world w;
    struct td_fail why = {.text = ""};
    struct td_text text;
    struct td_json j;
    char path[1024];
    if (argc != 2 || td_uvworld_open(&w, false, &why) || td_folder_make(&w, argv[1]))
        return EXIT_FAILURE;
    td_text_init(&text, text_buf, sizeof text_buf);
    td_json_init(&j, &text, false);
    td_json_array(&j);
    enum td_err err = record(&w, argv[1], &j, &why);
    td_json_array_end(&j);
    (void)snprintf(path, sizeof path, "%s/expected.json", argv[1]);
    if (!err)
        err = td_file_replace(&w, path, (struct td_str){text.buf, text.len}, &why);
    if (!err)
        err = write_bars(&w, argv[1], &why);
    if (err)
        (void)fprintf(stderr, "parquet_sample: %s\n", why.text);
    td_uvworld_close(&w);
    return err || td_text_full(&text) ? EXIT_FAILURE : EXIT_SUCCESS;
}
