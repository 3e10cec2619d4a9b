/* store/dbn_export.c - records into column buffers into row groups, or into lines. */
#include "store/dbn_export.h"

#include <stdlib.h>
#include <string.h>

#include "store/session_out.h"
#include "wire/parquet.h"

#define COLUMNS_MAX  (TD_DBN_FIELDS_MAX + 2)
#define BUFFER_BYTES ((size_t)24 << 20) /* of a row group's values */
#define CHUNK_BYTES  ((size_t)16 << 20) /* of what the footer keeps of all groups */
#define CHUNK_SIZE   ((size_t)96)       /* of it for one column of one group, rounded up */
#define ROWS_MIN     ((size_t)1024)
#define ROWS_MAX     ((size_t)65536)
#define PAGE_TEXTS   ((size_t)16384)
#define SYMBOL_CHARS TD_DBN_SYMBOL_CHARS_MAX

/* One column: its row of the table, or NULL for ts_out and symbol. */
struct column {
    const struct td_dbn_field *field;
    uint8_t *values;  /* [rows] of the Parquet type */
    uint8_t *present; /* [rows] or NULL */
    char *texts;      /* [rows][width]: where the bytes of texts lie */
    size_t width;     /* 0: no text */
};

struct td_dbn_export {
    struct td_out out;
    struct td_dbn_export_options o;
    struct column columns[COLUMNS_MAX];
    struct td_pq_column schema[COLUMNS_MAX];
    size_t count;
    size_t rows, rows_max; /* in the buffers */
    uint64_t total;
    struct td_pq_writer *writer;
    void *buffers, *writer_block;
    struct td_pq_pair pairs[3]; /* the writer borrows them and the text below */
    char pandas[32768];
    char line[TD_DBN_LINE_MAX];
};

/* ---- columns ---- */

static struct td_pq_column column_of(const struct td_dbn_field *f, bool fixed_prices)
{
    static const struct {
        enum td_pq_type type;
        enum td_pq_logical logical;
    } forms[] = {
        [TD_DBN_U8] = {TD_PQ_INT32, TD_PQ_NONE},      [TD_DBN_U16] = {TD_PQ_INT32, TD_PQ_NONE},
        [TD_DBN_U32] = {TD_PQ_INT64, TD_PQ_NONE},     [TD_DBN_U64] = {TD_PQ_INT64, TD_PQ_UINT64},
        [TD_DBN_I8] = {TD_PQ_INT32, TD_PQ_NONE},      [TD_DBN_I16] = {TD_PQ_INT32, TD_PQ_NONE},
        [TD_DBN_I32] = {TD_PQ_INT32, TD_PQ_NONE},     [TD_DBN_I64] = {TD_PQ_INT64, TD_PQ_NONE},
        [TD_DBN_QTY32] = {TD_PQ_INT64, TD_PQ_NONE},   [TD_DBN_PX] = {TD_PQ_DOUBLE, TD_PQ_NONE},
        [TD_DBN_TIME] = {TD_PQ_INT64, TD_PQ_TIME_NS}, [TD_DBN_CHAR] = {TD_PQ_BYTES, TD_PQ_UTF8},
        [TD_DBN_TEXT] = {TD_PQ_BYTES, TD_PQ_UTF8},
    };
    struct td_pq_column c = {.name = f->name,
                             .type = forms[f->type].type,
                             .logical = forms[f->type].logical,
                             .optional = f->fill == TD_DBN_NONE || f->type == TD_DBN_CHAR};
    if (f->type == TD_DBN_PX && fixed_prices)
        c.type = TD_PQ_INT64;
    return c;
}

static void add_column(struct td_dbn_export *e, const struct td_dbn_field *f,
                       struct td_pq_column schema, size_t width)
{
    e->columns[e->count] = (struct column){.field = f, .width = width};
    e->schema[e->count++] = schema;
}

static void choose_columns(struct td_dbn_export *e)
{
    const struct td_dbn_layout *l = e->o.layout;
    for (uint16_t i = 0; i < l->count; i++) {
        const struct td_dbn_field *f = &l->fields[i];
        if (f->type != TD_DBN_PAD)
            add_column(e, f, column_of(f, e->o.fixed_prices),
                       f->type == TD_DBN_TEXT || f->type == TD_DBN_CHAR ? f->bytes : 0);
    }
    if (e->o.has_ts_out)
        add_column(
            e, NULL,
            (struct td_pq_column){
                .name = "ts_out", .type = TD_PQ_INT64, .logical = TD_PQ_TIME_NS, .optional = true},
            0);
    add_column(e, NULL,
               (struct td_pq_column){
                   .name = "symbol", .type = TD_PQ_BYTES, .logical = TD_PQ_UTF8, .optional = true},
               SYMBOL_CHARS);
}

static size_t value_bytes(const struct td_pq_column *c)
{
    return c->type == TD_PQ_BYTES ? sizeof(struct td_str) : c->type == TD_PQ_INT32 ? 4 : 8;
}

/* Buffers for as many rows as the budget allows. */
static enum td_err take_buffers(struct td_dbn_export *e)
{
    size_t row = 0;
    struct td_arena arena;
    for (size_t i = 0; i < e->count; i++)
        row += value_bytes(&e->schema[i]) + 1 + e->columns[i].width;
    TD_REQUIRE(row > 0);
    const size_t fit = BUFFER_BYTES / row;
    e->rows_max = fit < ROWS_MIN ? ROWS_MIN : fit > ROWS_MAX ? ROWS_MAX : fit;
    const size_t need = e->rows_max * row + e->count * 3 * 64;
    e->buffers = malloc(need);
    if (!e->buffers)
        return TD_ENOMEM;
    td_arena_init(&arena, e->buffers, need);
    for (size_t i = 0; i < e->count; i++) {
        struct column *c = &e->columns[i];
        c->values = td_arena_take(&arena, e->rows_max, value_bytes(&e->schema[i]));
        c->present = e->schema[i].optional ? td_arena_take(&arena, e->rows_max, 1) : NULL;
        c->texts = c->width ? td_arena_take(&arena, e->rows_max, c->width) : NULL;
        TD_REQUIRE(c->values && (c->present || !e->schema[i].optional));
    }
    return TD_OK;
}

static enum td_err open_parquet(struct td_dbn_export *e, struct td_fail *why)
{
    struct td_text text;
    struct td_arena arena;
    size_t widest = 1;
    td_text_init(&text, e->pandas, sizeof e->pandas);
    td_pq_pandas(&text, e->schema, e->count, NULL);
    TD_REQUIRE(!td_text_full(&text));
    for (size_t i = 0; i < e->count; i++)
        widest = e->columns[i].width > widest ? e->columns[i].width : widest;
    e->pairs[0] = (struct td_pq_pair){"pandas", e->pandas};
    e->pairs[1] = (struct td_pq_pair){"dbn.schema", e->o.schema ? e->o.schema : ""};
    e->pairs[2] = (struct td_pq_pair){"dbn.dataset", e->o.dataset ? e->o.dataset : ""};
    const struct td_pq_write_options o = {.columns = e->schema,
                                          .column_count = e->count,
                                          .rows_max = e->rows_max,
                                          .groups_max = CHUNK_BYTES / (CHUNK_SIZE * e->count),
                                          .text_max = PAGE_TEXTS * (widest + 4),
                                          .pairs = e->pairs,
                                          .pair_count = TD_COUNT(e->pairs),
                                          .created_by = "tapedeck version " TD_VERSION,
                                          .write = td_out_write,
                                          .arg = &e->out};
    const size_t need = td_pq_writer_need(&o);
    e->writer_block = malloc(need);
    if (!e->writer_block)
        return td_fail_set(why, TD_ENOMEM, "%zu bytes for the columns", need);
    td_arena_init(&arena, e->writer_block, need);
    return td_pq_writer_open(&e->writer, &o, &arena, why);
}

/* ---- rows ---- */

static void put_text(struct column *c, size_t row, struct td_str s)
{
    char *to = c->texts + row * c->width;
    const size_t len = s.len < c->width ? s.len : c->width;
    for (size_t i = 0; i < len; i++)
        to[i] = (unsigned char)s.p[i] < 128 ? s.p[i] : '?';
    const struct td_str kept = {to, len};
    memcpy(c->values + row * sizeof kept, &kept, sizeof kept);
}

static void put_number(struct column *c, const struct td_pq_column *schema, size_t row,
                       int64_t number)
{
    const int32_t narrow = (int32_t)number;
    const double price = td_e9_to_double(number);
    if (schema->type == TD_PQ_INT32)
        memcpy(c->values + row * sizeof narrow, &narrow, sizeof narrow);
    else if (schema->type == TD_PQ_DOUBLE)
        memcpy(c->values + row * sizeof price, &price, sizeof price);
    else
        memcpy(c->values + row * sizeof number, &number, sizeof number);
}

static void put_field(struct column *c, const struct td_pq_column *schema, size_t row,
                      const struct td_dbn_value *v)
{
    const char letter = (char)v->number;
    /* Times past the year 2262 are none a timestamp column can hold. */
    const bool none = v->none || (schema->logical == TD_PQ_TIME_NS && v->number < 0);
    if (c->present)
        c->present[row] = !none;
    if (c->field && c->field->type == TD_DBN_CHAR)
        put_text(c, row, (struct td_str){&letter, none ? 0 : 1});
    else if (c->width)
        put_text(c, row, v->text);
    else
        put_number(c, schema, row, none ? 0 : v->number);
}

static void put_row(struct td_dbn_export *e, const struct td_dbn_shown *r)
{
    struct td_dbn_value v;
    for (size_t i = 0; i < e->count; i++) {
        struct column *c = &e->columns[i];
        if (c->field) {
            td_dbn_get(r->record, c->field, &v);
        } else if (c->width) {
            v = (struct td_dbn_value){.none = r->symbol.len == 0, .text = r->symbol};
        } else {
            v = (struct td_dbn_value){0};
            memcpy(&v.number, &r->ts_out, sizeof v.number);
        }
        put_field(c, &e->schema[i], e->rows, &v);
    }
    e->rows++;
}

static enum td_err flush(struct td_dbn_export *e, struct td_fail *why)
{
    struct td_pq_data data[COLUMNS_MAX];
    if (e->rows == 0)
        return TD_OK;
    for (size_t i = 0; i < e->count; i++)
        data[i] = (struct td_pq_data){e->columns[i].values, e->columns[i].present};
    const enum td_err err = td_pq_write_group(e->writer, data, e->rows, why);
    e->rows = 0;
    return err;
}

/* ---- life ---- */

static enum td_err begin(struct td_dbn_export *e, struct td_fail *why)
{
    struct td_text t;
    if (e->o.form == TD_DBN_CSV) {
        td_text_init(&t, e->line, sizeof e->line);
        td_dbn_csv_head(&t, e->o.layout, e->o.has_ts_out);
        return td_out_write(&e->out, t.buf, t.len); /* sealing repeats its error */
    }
    choose_columns(e);
    if (take_buffers(e) != TD_OK)
        return td_fail_set(why, TD_ENOMEM, "no memory for the columns");
    return open_parquet(e, why);
}

enum td_err td_dbn_export_open(struct td_dbn_export **out, struct td_world *world, const char *path,
                               const struct td_dbn_export_options *options, struct td_fail *why)
{
    *out = NULL;
    struct td_dbn_export *e = calloc(1, sizeof *e);
    if (!e)
        return td_fail_set(why, TD_ENOMEM, "writing %s: %s", path, td_err_text(TD_ENOMEM));
    e->o = *options;
    enum td_err err = td_out_open(&e->out, world, path, why);
    if (!err)
        err = begin(e, why);
    if (err) {
        td_dbn_export_close(e);
        return err;
    }
    *out = e;
    return TD_OK;
}

enum td_err td_dbn_export_add(struct td_dbn_export *e, const struct td_dbn_shown *r,
                              struct td_fail *why)
{
    struct td_text t;
    TD_REQUIRE(r->layout == e->o.layout);
    e->total++;
    if (e->o.form == TD_DBN_CSV) {
        td_text_init(&t, e->line, sizeof e->line);
        td_dbn_csv(&t, r);
        TD_REQUIRE(!td_text_full(&t));
        const enum td_err err = td_out_write(&e->out, t.buf, t.len);
        return err ? td_fail_set(why, err, "writing %s: %s", e->out.tmp, td_err_text(err)) : TD_OK;
    }
    put_row(e, r);
    return e->rows == e->rows_max ? flush(e, why) : TD_OK;
}

enum td_err td_dbn_export_finish(struct td_dbn_export *e, struct td_fail *why)
{
    enum td_err err = TD_OK;
    if (e->o.form == TD_DBN_PARQUET) {
        err = flush(e, why);
        if (!err)
            err = td_pq_writer_finish(e->writer, why);
    }
    if (!err)
        err = td_out_seal(&e->out, why);
    return err ? err : td_out_publish(&e->out, why);
}

uint64_t td_dbn_export_rows(const struct td_dbn_export *e)
{
    return e->total;
}

void td_dbn_export_close(struct td_dbn_export *e)
{
    if (!e)
        return;
    td_pq_writer_close(e->writer);
    td_out_drop(&e->out);
    free(e->buffers);
    free(e->writer_block);
    free(e);
}
