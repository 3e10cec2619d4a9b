/* store/l2_file.c - DBN records into the event table and into snapshots, in one pass. */
#include "store/l2_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/dbn_book.h"
#include "store/dbn_file.h"
#include "store/session_files.h"
#include "wire/parquet.h"

#define LEVELS       TD_DBN_LEVELS
#define ROWS         32768 /* of a row group of events */
#define GROUPS       ((size_t)1 << 16)
#define SNAPSHOTS    ((uint64_t)1 << 30) /* bound of a file */
#define SYMBOL_CHARS 32

enum column {
    TIMESTAMP,
    ACTION,
    SIDE,
    PRICE,
    SIZE,
    LEVEL,
    EXCHANGE,
    SYMBOL,
    SOURCE,
    TS_RECV,
    COLUMNS
};

static const struct td_pq_column schema[COLUMNS] = {
    [TIMESTAMP] = {"timestamp_ns", TD_PQ_INT64, TD_PQ_NONE, TD_PQ_DELTA, 0, true},
    [ACTION] = {"action", TD_PQ_BYTES, TD_PQ_UTF8, TD_PQ_PLAIN, 0, true},
    [SIDE] = {"side", TD_PQ_BYTES, TD_PQ_UTF8, TD_PQ_PLAIN, 0, true},
    [PRICE] = {"price", TD_PQ_DOUBLE, TD_PQ_NONE, TD_PQ_DICT, 0, true},
    [SIZE] = {"size", TD_PQ_DOUBLE, TD_PQ_NONE, TD_PQ_DICT, 0, true},
    [LEVEL] = {"level", TD_PQ_INT32, TD_PQ_INT16, TD_PQ_DICT, 0, true},
    [EXCHANGE] = {"exchange", TD_PQ_BYTES, TD_PQ_UTF8, TD_PQ_PLAIN, 0, true},
    [SYMBOL] = {"symbol", TD_PQ_BYTES, TD_PQ_UTF8, TD_PQ_PLAIN, 0, true},
    [SOURCE] = {"source", TD_PQ_BYTES, TD_PQ_UTF8, TD_PQ_PLAIN, 0, true},
    [TS_RECV] = {"ts_recv", TD_PQ_INT64, TD_PQ_TIME_NS, TD_PQ_DELTA, 0, true},
};

/* The words of both mappings, by the vendor's letter. */
static const struct {
    char letter;
    const char *word, *old;
} actions[] = {
    {'A', "add", "add"}, {'M', "change", "M"}, {'C', "delete", "change"},
    {'T', "trade", "T"}, {'F', "fill", "F"},   {'R', "clear", "R"},
};

struct events {
    struct td_out out;
    struct td_pq_writer *writer;
    void *block;
    struct td_pq_pair pairs[3];
    char pandas[4096];
    int64_t timestamp[ROWS], recv[ROWS];
    struct td_str action[ROWS], side[ROWS], exchange[ROWS], symbol[ROWS], source[ROWS];
    double price[ROWS], size[ROWS];
    uint8_t priced[ROWS];
    int32_t level[ROWS];
    char exchange_text[ROWS][6];
    uint16_t publisher; /* of the last row */
    size_t rows;
};

struct snapshots {
    struct td_out out;
    struct td_snapshot_writer writer;
    void *block;
    struct td_snap snap;
    struct td_dbn_book book;
    bool open;
};

struct convert {
    const struct td_l2_options *o;
    struct td_world *world;
    struct td_dbn_file file;
    struct events *events;
    struct snapshots *snapshots;
    struct td_l2_result result;
    uint32_t instrument; /* the one in it */
    uint16_t publisher;
    bool begun;
};

/* --- the event table --- */

static enum td_err open_events(struct convert *c, struct td_fail *why)
{
    struct td_text text;
    struct td_arena arena;
    struct events *e = calloc(1, sizeof *e);
    c->events = e;
    if (!e)
        return td_fail_set(why, TD_ENOMEM, "no memory for the event table");
    td_text_init(&text, e->pandas, sizeof e->pandas);
    td_pq_pandas(&text, schema, COLUMNS, "ts_recv");
    TD_REQUIRE(!td_text_full(&text));
    e->pairs[0] = (struct td_pq_pair){"pandas", e->pandas};
    e->pairs[1] = (struct td_pq_pair){"schema_version", "1"};
    e->pairs[2] = (struct td_pq_pair){"tapedeck.l2_map", c->o->legacy ? "1" : "2"};
    const struct td_pq_write_options o = {.columns = schema,
                                          .column_count = COLUMNS,
                                          .rows_max = ROWS,
                                          .groups_max = GROUPS,
                                          .text_max = (size_t)ROWS * (SYMBOL_CHARS + 4),
                                          .codec = TD_PQ_SNAPPY, /* contracts 4.4 */
                                          .pairs = e->pairs,
                                          .pair_count = TD_COUNT(e->pairs),
                                          .created_by = "tapedeck version " TD_VERSION,
                                          .write = td_out_write,
                                          .arg = &e->out};
    const size_t need = td_pq_writer_need(&o);
    e->block = malloc(need);
    if (!e->block)
        return td_fail_set(why, TD_ENOMEM, "%zu bytes for the event table", need);
    td_arena_init(&arena, e->block, need);
    const enum td_err err = td_out_open(&e->out, c->world, c->o->events, why);
    return err ? err : td_pq_writer_open(&e->writer, &o, &arena, why);
}

static enum td_err write_events(struct events *e, struct td_fail *why)
{
    const struct td_pq_data data[COLUMNS] = {
        [TIMESTAMP] = {e->timestamp, NULL}, [ACTION] = {e->action, NULL},
        [SIDE] = {e->side, NULL},           [PRICE] = {e->price, e->priced},
        [SIZE] = {e->size, NULL},           [LEVEL] = {e->level, NULL},
        [EXCHANGE] = {e->exchange, NULL},   [SYMBOL] = {e->symbol, NULL},
        [SOURCE] = {e->source, NULL},       [TS_RECV] = {e->recv, NULL}};
    const enum td_err err = e->rows ? td_pq_write_group(e->writer, data, e->rows, why) : TD_OK;
    e->rows = 0;
    return err;
}

static struct td_str action_of(const struct td_dbn_record *r, bool legacy)
{
    for (size_t i = 0; i < TD_COUNT(actions); i++)
        if (actions[i].letter == r->action)
            return td_str_of(legacy ? actions[i].old : actions[i].word);
    return td_str_of("unknown");
}

static struct td_str side_of(const struct td_dbn_record *r, bool legacy)
{
    return td_str_of(r->side == 'B' ? "B" : r->side == 'A' && !legacy ? "S" : "U");
}

/* Nearly always that of the row before. */
static struct td_str exchange_of(struct events *e, size_t row, uint16_t publisher)
{
    if (row > 0 && publisher == e->publisher)
        return e->exchange[row - 1];
    e->publisher = publisher;
    const int n =
        snprintf(e->exchange_text[row], sizeof e->exchange_text[row], "%u", (unsigned)publisher);
    return (struct td_str){e->exchange_text[row], (size_t)n};
}

static enum td_err add_event(struct convert *c, const struct td_dbn_record *r, struct td_fail *why)
{
    struct events *e = c->events;
    const size_t i = e->rows++;
    e->timestamp[i] = (int64_t)r->ts_event;
    e->recv[i] = (int64_t)r->ts_recv;
    e->action[i] = action_of(r, c->o->legacy);
    e->side[i] = side_of(r, c->o->legacy);
    e->priced[i] = !td_px_is_none(r->px);
    e->price[i] = e->priced[i] ? td_e9_to_double(r->px.e9) : 0;
    e->size[i] = r->qty;
    e->level[i] = c->o->legacy ? 0 : r->depth;
    e->exchange[i] = exchange_of(e, i, r->publisher);
    e->symbol[i] = td_str_of(c->o->symbol);
    e->source[i] = td_str_of("databento");
    return e->rows == ROWS ? write_events(e, why) : TD_OK;
}

/* --- snapshots --- */

static enum td_err open_snapshots(struct convert *c, struct td_fail *why)
{
    struct td_arena arena;
    const size_t need = td_snapshot_writer_need(LEVELS, SNAPSHOTS);
    struct snapshots *s = calloc(1, sizeof *s);
    c->snapshots = s;
    if (s)
        s->block = malloc(need);
    if (!s || !s->block)
        return td_fail_set(why, TD_ENOMEM, "no memory for the snapshots");
    td_arena_init(&arena, s->block, need);
    enum td_err err = td_dbn_book_open(&s->book, why);
    if (!err)
        err = td_out_open(&s->out, c->world, c->o->snapshots, why);
    if (!err)
        err = td_snapshot_writer_open(&s->writer, LEVELS, SNAPSHOTS, &s->out, &arena, why);
    s->open = !err;
    return err;
}

/* A row where the venue's event ends. */
static enum td_err add_snapshot(struct convert *c, const struct td_dbn_record *r,
                                struct td_fail *why)
{
    struct snapshots *s = c->snapshots;
    if (!td_dbn_book_take(&s->book, r, &s->snap))
        return TD_OK;
    c->result.snapshots++;
    return td_snapshot_writer_add(&s->writer, &s->snap, why);
}

/* --- the pass --- */

static bool is_event(const struct td_dbn_record *r)
{
    return r->action && (r->rtype == TD_DBN_MBO || r->rtype == TD_DBN_MBP10 ||
                         r->rtype == TD_DBN_MBP1 || r->rtype == TD_DBN_TRADE);
}

static enum td_err take(struct convert *c, const struct td_dbn_record *r, struct td_fail *why)
{
    struct td_l2_result *out = &c->result;
    enum td_err err = TD_OK;
    out->records++;
    if (!is_event(r))
        return TD_OK;
    if (c->begun && (r->instrument != c->instrument || r->publisher != c->publisher))
        return td_fail_set(why, TD_EUNSUP, "%s: record %llu is of another instrument or venue",
                           c->o->dbn, (unsigned long long)out->records);
    if (!c->begun)
        out->first = (td_ns)r->ts_event;
    c->begun = true;
    c->instrument = r->instrument;
    c->publisher = r->publisher;
    out->last = (td_ns)r->ts_event;
    out->rows++;
    out->degraded |= (r->flags & TD_DBN_MAYBE_BAD) != 0;
    if (c->events)
        err = add_event(c, r, why);
    if (!err && c->snapshots && (r->rtype == TD_DBN_MBO || r->rtype == TD_DBN_MBP10))
        err = add_snapshot(c, r, why);
    return err;
}

static enum td_err read_all(struct convert *c, struct td_fail *why)
{
    struct td_dbn_record r;
    enum td_err err = TD_OK;
    while (!err && (!c->o->rows_max || c->result.rows < c->o->rows_max)) {
        err = td_dbn_file_next(&c->file, &r, why);
        if (!err)
            err = take(c, &r, why);
    }
    if (err && err != TD_ENODATA)
        return err;
    return c->result.rows ? TD_OK : td_fail_set(why, TD_ENODATA, "%s: no events in it", c->o->dbn);
}

static enum td_err publish(struct convert *c, struct td_fail *why)
{
    enum td_err err = TD_OK;
    if (c->snapshots && c->result.snapshots) {
        err = td_snapshot_writer_finish(&c->snapshots->writer, why);
        if (!err)
            err = td_out_seal(&c->snapshots->out, why);
    }
    if (!err && c->events) {
        err = write_events(c->events, why);
        if (!err)
            err = td_pq_writer_finish(c->events->writer, why);
        if (!err)
            err = td_out_seal(&c->events->out, why);
    }
    /* The event table is what tells that a task is done, so its name comes last. */
    if (!err && c->snapshots && c->result.snapshots)
        err = td_out_publish(&c->snapshots->out, why);
    return err || !c->events ? err : td_out_publish(&c->events->out, why);
}

static void close_all(struct convert *c)
{
    if (c->events) {
        td_pq_writer_close(c->events->writer);
        td_out_drop(&c->events->out);
        free(c->events->block);
    }
    if (c->snapshots) {
        if (c->snapshots->open)
            td_snapshot_writer_close(&c->snapshots->writer);
        td_out_drop(&c->snapshots->out);
        free(c->snapshots->block);
        td_dbn_book_close(&c->snapshots->book);
    }
    free(c->events);
    free(c->snapshots);
    td_dbn_file_close(&c->file);
    free(c);
}

enum td_err td_l2_convert(struct td_world *world, const struct td_l2_options *o,
                          struct td_l2_result *out, struct td_fail *why)
{
    struct convert *c = calloc(1, sizeof *c);
    if (!c)
        return td_fail_set(why, TD_ENOMEM, "reading %s: %s", o->dbn, td_err_text(TD_ENOMEM));
    TD_REQUIRE(strlen(o->symbol) < SYMBOL_CHARS);
    c->o = o;
    c->world = world;
    enum td_err err =
        td_dbn_file_open(&c->file, world, o->dbn, &(struct td_dbn_file_options){0}, why);
    if (!err && o->events)
        err = open_events(c, why);
    if (!err && o->snapshots)
        err = open_snapshots(c, why);
    if (!err)
        err = read_all(c, why);
    if (!err)
        err = publish(c, why);
    if (!err) {
        *out = c->result;
        out->unplaced = c->snapshots ? td_dbn_book_unplaced(&c->snapshots->book) : 0;
    }
    close_all(c);
    return err;
}
