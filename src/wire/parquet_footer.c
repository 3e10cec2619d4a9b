/* wire/parquet_footer.c - the footer: schema, row groups, key/value pairs; and the pandas metadata. */
#include "wire/parquet_writer.h"

#include <string.h>

#include "wire/json.h"
#include "wire/parquet_format.h"
#include "wire/parquet_thrift.h"

int td_pq_codec_number(enum td_pq_codec codec)
{
    return codec == TD_PQ_ZSTD     ? TD_PQF_CODEC_ZSTD
           : codec == TD_PQ_SNAPPY ? TD_PQF_CODEC_SNAPPY
                                   : TD_PQF_CODEC_NONE;
}

int td_pq_type_number(enum td_pq_type type)
{
    static const int numbers[] = {TD_PQF_BOOLEAN, TD_PQF_INT32,      TD_PQF_INT64,
                                  TD_PQF_DOUBLE,  TD_PQF_BYTE_ARRAY, -1};
    return numbers[type];
}

static void put_logical(struct td_thrift_out *t, enum td_pq_logical logical)
{
    if (logical == TD_PQ_NONE)
        return;
    td_thrift_open(t, 10);
    if (logical == TD_PQ_UTF8) {
        td_thrift_empty(t, TD_PQF_LOGICAL_STRING);
    } else if (logical == TD_PQ_INT16) {
        td_thrift_open(t, TD_PQF_LOGICAL_INTEGER);
        td_thrift_i8(t, 1, 16);
        td_thrift_bool(t, 2, true);
        td_thrift_close(t);
    } else if (logical == TD_PQ_UINT64) {
        td_thrift_open(t, TD_PQF_LOGICAL_INTEGER);
        td_thrift_i8(t, 1, 64);
        td_thrift_bool(t, 2, false);
        td_thrift_close(t);
    } else {
        td_thrift_open(t, TD_PQF_LOGICAL_TIMESTAMP);
        td_thrift_bool(t, 1, logical == TD_PQ_TIME_NS);
        td_thrift_open(t, 2);
        td_thrift_empty(t, TD_PQF_UNIT_NANOS);
        td_thrift_close(t);
        td_thrift_close(t);
    }
    td_thrift_close(t);
}

static void put_leaf(struct td_thrift_out *t, const struct td_pq_column *c, const char *name)
{
    td_thrift_item_open(t);
    td_thrift_i32(t, 1, td_pq_type_number(c->type));
    td_thrift_i32(t, 3, c->optional ? TD_PQF_OPTIONAL : TD_PQF_REQUIRED);
    td_thrift_text(t, 4, name);
    if (c->logical == TD_PQ_UTF8)
        td_thrift_i32(t, 6, TD_PQF_UTF8);
    if (c->logical == TD_PQ_INT16)
        td_thrift_i32(t, 6, TD_PQF_INT_16);
    if (c->logical == TD_PQ_UINT64)
        td_thrift_i32(t, 6, TD_PQF_UINT_64);
    put_logical(t, c->logical);
    td_thrift_close(t);
}

/* <optional or required> group name (LIST) { repeated group list { element } } */
static void put_list(struct td_thrift_out *t, const struct td_pq_column *c)
{
    td_thrift_item_open(t);
    td_thrift_i32(t, 3, c->optional ? TD_PQF_OPTIONAL : TD_PQF_REQUIRED);
    td_thrift_text(t, 4, c->name);
    td_thrift_i32(t, 5, 1);
    td_thrift_i32(t, 6, TD_PQF_LIST);
    td_thrift_open(t, 10);
    td_thrift_empty(t, TD_PQF_LOGICAL_LIST);
    td_thrift_close(t);
    td_thrift_close(t);
    td_thrift_item_open(t);
    td_thrift_i32(t, 3, TD_PQF_REPEATED);
    td_thrift_text(t, 4, "list");
    td_thrift_i32(t, 5, 1);
    td_thrift_close(t);
    put_leaf(t, c, "element");
}

static void put_schema(struct td_thrift_out *t, const struct td_pq_write_options *o)
{
    size_t elements = 1;
    for (size_t i = 0; i < o->column_count; i++)
        elements += o->columns[i].list ? 3 : 1;
    td_thrift_list(t, 2, TD_THRIFT_STRUCT, elements);
    td_thrift_item_open(t);
    td_thrift_i32(t, 3, TD_PQF_REQUIRED);
    td_thrift_text(t, 4, "schema");
    td_thrift_i32(t, 5, (int32_t)o->column_count);
    td_thrift_close(t);
    for (size_t i = 0; i < o->column_count; i++) {
        if (o->columns[i].list)
            put_list(t, &o->columns[i]);
        else
            put_leaf(t, &o->columns[i], o->columns[i].name);
    }
}

static void put_range(struct td_thrift_out *t, const struct td_pq_chunk *k)
{
    uint8_t low[8], high[8];
    for (int i = 0; i < 8; i++) {
        low[i] = (uint8_t)((uint64_t)k->low >> 8 * i);
        high[i] = (uint8_t)((uint64_t)k->high >> 8 * i);
    }
    td_thrift_open(t, 12);
    td_thrift_i64(t, 3, (int64_t)k->nulls);
    td_thrift_binary(t, 5, high, sizeof high);
    td_thrift_binary(t, 6, low, sizeof low);
    td_thrift_close(t);
}

static void put_chunk(struct td_thrift_out *t, const struct td_pq_writer *w,
                      const struct td_pq_column *c, const struct td_pq_chunk *k)
{
    td_thrift_item_open(t);
    td_thrift_i64(t, 2, 0); /* deprecated: readers go by the offsets below */
    td_thrift_open(t, 3);
    td_thrift_i32(t, 1, td_pq_type_number(c->type));
    td_thrift_list(t, 2, TD_THRIFT_I32, k->dict_offset ? 3 : 2);
    td_thrift_item_i32(t, k->encoding);
    td_thrift_item_i32(t, TD_PQF_ENC_RLE); /* the levels */
    if (k->dict_offset)
        td_thrift_item_i32(t, TD_PQF_ENC_PLAIN); /* the dictionary */
    td_thrift_list(t, 3, TD_THRIFT_BINARY, c->list ? 3 : 1);
    td_thrift_item_text(t, c->name);
    if (c->list) {
        td_thrift_item_text(t, "list");
        td_thrift_item_text(t, "element");
    }
    td_thrift_i32(t, 4, td_pq_codec_number(w->o.codec));
    td_thrift_i64(t, 5, (int64_t)k->values);
    td_thrift_i64(t, 6, (int64_t)k->raw_bytes);
    td_thrift_i64(t, 7, (int64_t)k->packed_bytes);
    td_thrift_i64(t, 9, (int64_t)k->data_offset);
    if (k->dict_offset)
        td_thrift_i64(t, 11, (int64_t)k->dict_offset);
    if (k->has_range)
        put_range(t, k);
    td_thrift_close(t);
    td_thrift_close(t);
}

static void put_group(struct td_thrift_out *t, const struct td_pq_writer *w, size_t group)
{
    const struct td_pq_chunk *k = w->chunks + group * w->o.column_count;
    uint64_t raw = 0, packed = 0;
    td_thrift_item_open(t);
    td_thrift_list(t, 1, TD_THRIFT_STRUCT, w->o.column_count);
    for (size_t i = 0; i < w->o.column_count; i++) {
        put_chunk(t, w, &w->o.columns[i], &k[i]);
        raw += k[i].raw_bytes;
        packed += k[i].packed_bytes;
    }
    td_thrift_i64(t, 2, (int64_t)raw);
    td_thrift_i64(t, 3, w->group_rows[group]);
    td_thrift_i64(t, 5, (int64_t)(k[0].dict_offset ? k[0].dict_offset : k[0].data_offset));
    td_thrift_i64(t, 6, (int64_t)packed);
    if (group <= INT16_MAX)
        td_thrift_i16(t, 7, (int16_t)group);
    td_thrift_close(t);
}

static void put_pairs(struct td_thrift_out *t, const struct td_pq_write_options *o)
{
    if (o->pair_count == 0)
        return;
    td_thrift_list(t, 5, TD_THRIFT_STRUCT, o->pair_count);
    for (size_t i = 0; i < o->pair_count; i++) {
        td_thrift_item_open(t);
        td_thrift_text(t, 1, o->pairs[i].key);
        td_thrift_text(t, 2, o->pairs[i].value);
        td_thrift_close(t);
    }
}

enum td_err td_pq_put_footer(struct td_pq_writer *w)
{
    struct td_thrift_out t = {.flush = td_pq_emit, .arg = w};
    td_thrift_i32(&t, 1, 2);
    put_schema(&t, &w->o);
    td_thrift_i64(&t, 3, (int64_t)w->rows);
    td_thrift_list(&t, 4, TD_THRIFT_STRUCT, w->groups);
    for (size_t g = 0; g < w->groups; g++)
        put_group(&t, w, g);
    put_pairs(&t, &w->o);
    if (w->o.created_by)
        td_thrift_text(&t, 6, w->o.created_by);
    td_thrift_list(&t, 7, TD_THRIFT_STRUCT, w->o.column_count);
    for (size_t i = 0; i < w->o.column_count; i++) { /* ColumnOrder: each by its type's own order */
        td_thrift_item_open(&t);
        td_thrift_empty(&t, 1);
        td_thrift_close(&t);
    }
    td_thrift_close(&t);
    const size_t len = t.total;
    uint8_t tail[8] = {(uint8_t)len,
                       (uint8_t)(len >> 8),
                       (uint8_t)(len >> 16),
                       (uint8_t)(len >> 24),
                       'P',
                       'A',
                       'R',
                       '1'};
    const enum td_err err = td_thrift_flush(&t);
    return err ? err : td_pq_emit(w, tail, sizeof tail);
}

/* ---- pandas ---- */

static const char *pandas_type(const struct td_pq_column *c)
{
    static const char *const flat[] = {"bool", "int32", "int64", "float64", "bytes", "bytes"};
    static const char *const list[] = {"list[bool]",    "list[int32]", "list[int64]",
                                       "list[float64]", "list[bytes]", ""};
    if (c->list)
        return c->logical == TD_PQ_UTF8 ? "list[unicode]" : list[c->type];
    switch (c->logical) {
    case TD_PQ_UTF8:
        return "unicode";
    case TD_PQ_TIME_NS:
        return "datetimetz";
    case TD_PQ_TIME_NS_LOCAL:
        return "datetime";
    case TD_PQ_INT16:
        return "int16";
    case TD_PQ_UINT64:
        return "uint64";
    case TD_PQ_NONE:
    default:
        return flat[c->type];
    }
}

static const char *numpy_type(const struct td_pq_column *c)
{
    if (c->list || c->type == TD_PQ_BYTES)
        return "object";
    return c->logical == TD_PQ_TIME_NS || c->logical == TD_PQ_TIME_NS_LOCAL ? "datetime64[ns]"
                                                                            : pandas_type(c);
}

void td_pq_pandas(struct td_text *out, const struct td_pq_column *columns, size_t count,
                  const char *index)
{
    struct td_json j;
    td_json_init(&j, out, false);
    td_json_object(&j);
    td_json_key(&j, "index_columns");
    td_json_array(&j);
    if (index)
        td_json_text(&j, index);
    td_json_array_end(&j);
    td_json_key(&j, "column_indexes");
    td_json_array(&j);
    td_json_array_end(&j);
    td_json_key(&j, "columns");
    td_json_array(&j);
    for (size_t i = 0; i < count; i++) {
        td_json_object(&j);
        td_json_key_text(&j, "name", columns[i].name);
        td_json_key_text(&j, "field_name", columns[i].name);
        td_json_key_text(&j, "pandas_type", pandas_type(&columns[i]));
        td_json_key_text(&j, "numpy_type", numpy_type(&columns[i]));
        td_json_key(&j, "metadata");
        if (!columns[i].list && columns[i].logical == TD_PQ_TIME_NS) {
            td_json_object(&j);
            td_json_key_text(&j, "timezone", "UTC");
            td_json_object_end(&j);
        } else {
            td_json_null(&j);
        }
        td_json_object_end(&j);
    }
    td_json_array_end(&j);
    td_json_key(&j, "creator");
    td_json_object(&j);
    td_json_key_text(&j, "library", "tapedeck");
    td_json_key_text(&j, "version", "1");
    td_json_object_end(&j);
    td_json_key_text(&j, "pandas_version", "2.0.0");
    td_json_object_end(&j);
}
