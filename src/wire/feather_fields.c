/* wire/feather_fields.c - the schema of a Feather file: columns, where their buffers lie in a batch, metadata. */
#include <string.h>

#include "wire/feather_reader.h"

#define FIELDS_MAX 4096 /* of a schema, nested ones too */
#define DEPTH_MAX  16

static const struct {
    const char *name;
    uint8_t buffers; /* of one node; 255: how many is not in the schema */
} types[TD_FTR_TYPES] = {
    [TD_FTR_NULL] = {"null", 0},
    [TD_FTR_INT] = {"int", 2},
    [TD_FTR_FLOAT] = {"float", 2},
    [TD_FTR_BINARY] = {"binary", 3},
    [TD_FTR_UTF8] = {"utf8", 3},
    [TD_FTR_BOOL] = {"bool", 2},
    [TD_FTR_DECIMAL] = {"decimal", 2},
    [TD_FTR_DATE] = {"date", 2},
    [TD_FTR_TIME] = {"time", 2},
    [TD_FTR_TIMESTAMP] = {"timestamp", 2},
    [TD_FTR_INTERVAL] = {"interval", 2},
    [TD_FTR_LIST] = {"list", 2},
    [TD_FTR_STRUCT] = {"struct", 1},
    [TD_FTR_UNION] = {"union", 255},
    [TD_FTR_FIXED_BINARY] = {"fixed-size binary", 2},
    [TD_FTR_FIXED_LIST] = {"fixed-size list", 1},
    [TD_FTR_MAP] = {"map", 2},
    [TD_FTR_DURATION] = {"duration", 2},
    [TD_FTR_LARGE_BINARY] = {"large binary", 3},
    [TD_FTR_LARGE_UTF8] = {"large utf8", 3},
    [TD_FTR_LARGE_LIST] = {"large list", 2},
    [TD_FTR_RUN_ENDS] = {"run-end encoded", 255},
    [TD_FTR_BINARY_VIEW] = {"binary view", 255},
    [TD_FTR_UTF8_VIEW] = {"utf8 view", 255},
    [TD_FTR_LIST_VIEW] = {"list view", 255},
    [TD_FTR_LARGE_LIST_VIEW] = {"large list view", 255},
};

static unsigned kind_of(const struct td_fb_table *field)
{
    const int64_t kind = (uint8_t)td_fb_int(field, TD_FTR_FIELD_KIND, 1, 0);
    return kind > 0 && kind < TD_FTR_TYPES ? (unsigned)kind : 0;
}

/* ---- where the buffers lie ---- */

struct places {
    size_t nodes, buffers;
};

/* Adds the nodes and buffers of a field and all below it. Names the type when they cannot be counted. */
static enum td_err count_places(struct td_fb_table field, struct places *p, struct td_fail *why)
{
    struct {
        struct td_fb_vector children;
        size_t next;
    } stack[DEPTH_MAX];
    size_t depth = 0, seen = 0;
    for (;;) {
        const unsigned kind = kind_of(&field);
        const bool indexed = td_fb_child(&field, TD_FTR_FIELD_DICTIONARY).in != NULL;
        if (!kind || types[kind].buffers == 255)
            return td_fail_set(why, TD_EUNSUP, "a column of type %s",
                               kind ? types[kind].name : "unknown to this program");
        p->nodes++;
        p->buffers += indexed ? 2 : types[kind].buffers;
        if (++seen > FIELDS_MAX || depth == DEPTH_MAX)
            return td_fail_set(why, TD_EUNSUP, "columns nested deeper than %d", DEPTH_MAX);
        if (!indexed) /* a dictionary's own fields lie in its batch */
            stack[depth++].children = td_fb_list(&field, TD_FTR_FIELD_CHILDREN, 4);
        else
            stack[depth++].children = (struct td_fb_vector){0};
        stack[depth - 1].next = 0;
        while (depth && stack[depth - 1].next == stack[depth - 1].children.count)
            depth--;
        if (!depth)
            return TD_OK;
        field = td_fb_item(&stack[depth - 1].children, stack[depth - 1].next++);
    }
}

/* ---- one column ---- */

static enum td_ftr_kind int_kind(const struct td_fb_table *type)
{
    const int64_t bits = td_fb_int(type, 0, 4, 0);
    const bool is_signed = td_fb_int(type, 1, 1, 0) != 0;
    switch (bits) {
    case 8:
        return is_signed ? TD_FTR_K_I8 : TD_FTR_K_U8;
    case 16:
        return is_signed ? TD_FTR_K_I16 : TD_FTR_K_U16;
    case 32:
        return is_signed ? TD_FTR_K_I32 : TD_FTR_K_U32;
    case 64:
        return TD_FTR_K_I64;
    default:
        return TD_FTR_K_BAD;
    }
}

static void set_int(struct td_ftr_leaf *l, const struct td_fb_table *type)
{
    l->kind = int_kind(type);
    l->column.type = l->kind == TD_FTR_K_I64 || l->kind == TD_FTR_K_U32 ? TD_PQ_INT64
                     : l->kind != TD_FTR_K_BAD                          ? TD_PQ_INT32
                                                                        : TD_PQ_OTHER;
    if (l->kind == TD_FTR_K_I16)
        l->column.logical = TD_PQ_INT16;
    if (l->kind == TD_FTR_K_I64 && td_fb_int(type, 1, 1, 0) == 0)
        l->column.logical = TD_PQ_UINT64;
}

static void set_instant(struct td_ftr_leaf *l, enum td_ftr_kind kind, int64_t scale, bool zone)
{
    l->kind = kind;
    l->scale = scale;
    l->column.type = TD_PQ_INT64;
    l->column.logical = zone ? TD_PQ_TIME_NS : TD_PQ_TIME_NS_LOCAL;
}

static void set_text(struct td_ftr_leaf *l, bool utf8, uint8_t width)
{
    l->kind = TD_FTR_K_TEXT;
    l->text_width = width;
    l->column.type = TD_PQ_BYTES;
    l->column.logical = utf8 ? TD_PQ_UTF8 : TD_PQ_NONE;
}

static void set_timestamp(struct td_ftr_leaf *l, const struct td_fb_table *type)
{
    static const int64_t scales[] = {TD_SEC, TD_MS, TD_US, 1};
    const int64_t unit = td_fb_int(type, 0, 2, 0);
    l->zone = td_fb_text(type, 1);
    if (unit >= 0 && unit < (int64_t)TD_COUNT(scales))
        set_instant(l, TD_FTR_K_I64, scales[unit], l->zone.len > 0);
}

/* The flat type of a field; what is not known stays TD_PQ_OTHER. */
static void set_type(struct td_ftr_leaf *l, const struct td_fb_table *field)
{
    const struct td_fb_table type = td_fb_child(field, TD_FTR_FIELD_TYPE);
    const unsigned kind = kind_of(field);
    l->kind = TD_FTR_K_BAD;
    l->column.type = TD_PQ_OTHER;
    l->type_name = kind ? types[kind].name : "unknown";
    if (kind == TD_FTR_INT)
        set_int(l, &type);
    else if (kind == TD_FTR_TIMESTAMP)
        set_timestamp(l, &type);
    else if (kind == TD_FTR_DATE && td_fb_int(&type, 0, 2, 1) == 0)
        set_instant(l, TD_FTR_K_I32, TD_DAY, false);
    else if (kind == TD_FTR_DATE)
        set_instant(l, TD_FTR_K_I64, TD_MS, false);
    else if (kind == TD_FTR_UTF8 || kind == TD_FTR_BINARY)
        set_text(l, kind == TD_FTR_UTF8, 4);
    else if (kind == TD_FTR_LARGE_UTF8 || kind == TD_FTR_LARGE_BINARY)
        set_text(l, kind == TD_FTR_LARGE_UTF8, 8);
    if (kind == TD_FTR_BOOL) {
        l->kind = TD_FTR_K_BITS;
        l->column.type = TD_PQ_BOOL;
    }
    const int64_t precision = kind == TD_FTR_FLOAT ? td_fb_int(&type, 0, 2, 0) : 0;
    if (precision == 1 || precision == 2) {
        l->kind = precision == 1 ? TD_FTR_K_F32 : TD_FTR_K_F64;
        l->column.type = TD_PQ_DOUBLE;
    }
}

static void set_list(struct td_ftr_leaf *l, const struct td_fb_table *field, unsigned kind)
{
    const struct td_fb_vector children = td_fb_list(field, TD_FTR_FIELD_CHILDREN, 4);
    if (children.count != 1) {
        field->in->bad = true;
        return;
    }
    const struct td_fb_table element = td_fb_item(&children, 0);
    set_type(l, &element);
    if (td_fb_child(&element, TD_FTR_FIELD_DICTIONARY).in)
        l->column.type = TD_PQ_OTHER;
    l->column.list = 1;
    l->list_width = kind == TD_FTR_LIST ? 4 : 8;
}

static void set_dictionary(struct td_ftr_leaf *l, const struct td_fb_table *dictionary)
{
    const struct td_fb_table index = td_fb_child(dictionary, TD_FTR_DICT_INDEX);
    l->dictionary = td_fb_int(dictionary, TD_FTR_DICT_ID, 8, 0);
    l->index = index.in ? int_kind(&index) : TD_FTR_K_I32;
    if (l->index == TD_FTR_K_BAD || l->kind != TD_FTR_K_TEXT) {
        l->column.type = TD_PQ_OTHER;
        l->type_name = "dictionary of something else than text";
    }
}

static enum td_err parse_field(struct td_ftr_leaf *l, const struct td_fb_table *field,
                               struct td_fail *why)
{
    const struct td_str name = td_fb_text(field, TD_FTR_FIELD_NAME);
    const struct td_fb_table dictionary = td_fb_child(field, TD_FTR_FIELD_DICTIONARY);
    const unsigned kind = kind_of(field);
    if (!td_str_copy(name, l->name, sizeof l->name))
        return td_fail_set(why, TD_EUNSUP, "a column name longer than %d bytes",
                           TD_PQ_NAME_CHARS - 1);
    l->column.name = l->name;
    l->column.optional = td_fb_int(field, TD_FTR_FIELD_NULLABLE, 1, 0) != 0;
    if ((kind == TD_FTR_LIST || kind == TD_FTR_LARGE_LIST) && !dictionary.in)
        set_list(l, field, kind);
    else
        set_type(l, field);
    if (dictionary.in)
        set_dictionary(l, &dictionary);
    return TD_OK;
}

/* ---- the schema ---- */

static enum td_err parse_pairs(struct td_ftr_reader *r, const struct td_fb_table *schema,
                               struct td_arena *arena)
{
    const struct td_fb_vector pairs = td_fb_list(schema, TD_FTR_SCHEMA_PAIRS, 4);
    r->pairs = td_arena_take(arena, 2 * pairs.count, sizeof *r->pairs);
    if (!r->pairs && pairs.count)
        return TD_ENOMEM;
    r->pair_count = pairs.count;
    for (size_t i = 0; i < pairs.count; i++) {
        const struct td_fb_table pair = td_fb_item(&pairs, i);
        r->pairs[2 * i] = td_fb_text(&pair, 0);
        r->pairs[2 * i + 1] = td_fb_text(&pair, 1);
    }
    return TD_OK;
}

enum td_err td_ftr_parse_schema(struct td_ftr_reader *r, const struct td_fb_table *schema,
                                struct td_arena *arena, struct td_fail *why)
{
    const struct td_fb_vector fields = td_fb_list(schema, TD_FTR_SCHEMA_FIELDS, 4);
    struct places p = {0, 0};
    if (!schema->in)
        return td_fail_set(why, TD_EPARSE, "no schema");
    if (td_fb_int(schema, TD_FTR_SCHEMA_ENDIAN, 2, 0) != 0)
        return td_fail_set(why, TD_EUNSUP, "a big-endian file");
    if (fields.count > TD_PQ_COLUMNS_MAX)
        return td_fail_set(why, TD_EUNSUP, "%zu columns; %d are read", fields.count,
                           TD_PQ_COLUMNS_MAX);
    for (size_t i = 0; i < fields.count && !schema->in->bad; i++) {
        const struct td_fb_table field = td_fb_item(&fields, i);
        struct td_ftr_leaf *l = &r->leaves[i];
        l->node = p.nodes;
        l->buffer = p.buffers;
        enum td_err err = parse_field(l, &field, why);
        if (!err && !schema->in->bad)
            err = count_places(field, &p, why);
        if (err && !schema->in->bad)
            return td_fail_add(why, err, "column %zu %s", i + 1, l->name);
    }
    r->leaf_count = fields.count;
    return parse_pairs(r, schema, arena) ? td_fail_set(why, TD_ENOMEM, "%s", td_err_text(TD_ENOMEM))
                                         : TD_OK;
}
