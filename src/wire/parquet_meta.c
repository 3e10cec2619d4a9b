/* wire/parquet_meta.c - reads the footer: schema, row groups, key/value pairs. */
#include <string.h>

#include "wire/parquet_format.h"
#include "wire/parquet_reader.h"
#include "wire/parquet_thrift.h"

enum { ELEMENTS_MAX = 4 * TD_PQ_COLUMNS_MAX, PAIRS_MAX = 64 };

struct element {
    struct td_str name;
    int32_t type;       /* -1: a group */
    int32_t repetition; /* of enum TD_PQF_REQUIRED.. */
    int32_t children;
    int32_t converted; /* -1: none */
    int32_t logical;   /* member of the union, 0: none */
    int32_t unit;      /* of a timestamp */
    int32_t width;     /* of an integer */
    bool utc;
};

static void get_timestamp(struct td_thrift_in *in, struct element *e)
{
    struct td_thrift_field f = {0};
    while (td_thrift_next(in, &f)) {
        if (f.id == 1) {
            e->utc = td_thrift_get_bool(in, f.type);
        } else if (f.id == 2 && f.type == TD_THRIFT_STRUCT) {
            struct td_thrift_field unit = {0};
            while (td_thrift_next(in, &unit)) {
                e->unit = unit.id;
                td_thrift_skip(in, unit.type, false);
            }
        } else {
            td_thrift_skip(in, f.type, false);
        }
    }
}

static void get_logical(struct td_thrift_in *in, struct element *e)
{
    struct td_thrift_field f = {0};
    while (td_thrift_next(in, &f)) {
        e->logical = f.id;
        if (f.id == TD_PQF_LOGICAL_TIMESTAMP && f.type == TD_THRIFT_STRUCT) {
            get_timestamp(in, e);
        } else if (f.id == TD_PQF_LOGICAL_INTEGER && f.type == TD_THRIFT_STRUCT) {
            struct td_thrift_field inner = {0};
            while (td_thrift_next(in, &inner)) {
                if (inner.id == 1)
                    e->width = (int32_t)td_thrift_get_int(in, inner.type);
                else
                    td_thrift_skip(in, inner.type, false);
            }
        } else {
            td_thrift_skip(in, f.type, false);
        }
    }
}

static void get_element(struct td_thrift_in *in, struct element *e)
{
    struct td_thrift_field f = {0};
    *e = (struct element){.type = -1, .converted = -1};
    while (td_thrift_next(in, &f)) {
        switch (f.id) {
        case 1:
            e->type = (int32_t)td_thrift_get_int(in, f.type);
            break;
        case 3:
            e->repetition = (int32_t)td_thrift_get_int(in, f.type);
            break;
        case 4:
            e->name = td_thrift_get_binary(in, f.type);
            break;
        case 5:
            e->children = (int32_t)td_thrift_get_int(in, f.type);
            break;
        case 6:
            e->converted = (int32_t)td_thrift_get_int(in, f.type);
            break;
        case 10:
            if (f.type == TD_THRIFT_STRUCT) {
                get_logical(in, e);
                break;
            }
            td_thrift_skip(in, f.type, false);
            break;
        default:
            td_thrift_skip(in, f.type, false);
            break;
        }
    }
    if (e->children > 0)
        e->type = -1;
}

/* ---- schema elements to columns ---- */

static enum td_pq_type type_of(int32_t number)
{
    switch (number) {
    case TD_PQF_BOOLEAN:
        return TD_PQ_BOOL;
    case TD_PQF_INT32:
        return TD_PQ_INT32;
    case TD_PQF_INT64:
        return TD_PQ_INT64;
    case TD_PQF_DOUBLE:
        return TD_PQ_DOUBLE;
    case TD_PQF_BYTE_ARRAY:
        return TD_PQ_BYTES;
    default:
        return TD_PQ_OTHER;
    }
}

/* Logical type and scale of a leaf; micro- and milliseconds are read as nanoseconds. */
static void set_logical(struct td_pq_leaf *leaf, const struct element *e)
{
    enum { TIMESTAMP_MILLIS = 9, TIMESTAMP_MICROS = 10 };
    const enum td_pq_type type = leaf->column.type;
    leaf->scale = 1;
    if (type == TD_PQ_BYTES &&
        (e->logical == TD_PQF_LOGICAL_STRING || e->converted == TD_PQF_UTF8)) {
        leaf->column.logical = TD_PQ_UTF8;
    } else if (type == TD_PQ_INT32 && (e->width == 16 || e->converted == TD_PQF_INT_16)) {
        leaf->column.logical = TD_PQ_INT16;
    } else if (type == TD_PQ_INT64 && e->converted == TD_PQF_UINT_64) {
        leaf->column.logical = TD_PQ_UINT64;
    } else if (type == TD_PQ_INT64 && e->logical == TD_PQF_LOGICAL_TIMESTAMP) {
        leaf->column.logical = e->utc ? TD_PQ_TIME_NS : TD_PQ_TIME_NS_LOCAL;
        leaf->scale = e->unit == TD_PQF_UNIT_NANOS ? 1 : e->unit == 2 ? 1000 : 1000000;
    } else if (type == TD_PQ_INT64 &&
               (e->converted == TIMESTAMP_MILLIS || e->converted == TIMESTAMP_MICROS)) {
        leaf->column.logical = TD_PQ_TIME_NS;
        leaf->scale = e->converted == TIMESTAMP_MICROS ? 1000 : 1000000;
    }
}

static struct td_pq_leaf *add_leaf(struct td_pq_reader *r, const struct element *e,
                                   struct td_str name)
{
    if (r->leaf_count == TD_PQ_COLUMNS_MAX)
        return NULL;
    struct td_pq_leaf *leaf = &r->leaves[r->leaf_count++];
    (void)td_str_copy(name, leaf->name, sizeof leaf->name);
    leaf->column.name = leaf->name;
    leaf->column.type = type_of(e->type);
    set_logical(leaf, e);
    return leaf;
}

/* e[0] is a list of the standard three-level shape: group, repeated group, one leaf. */
static bool is_list(const struct element *e, size_t left)
{
    return left >= 3 && e[0].children == 1 &&
           (e[0].converted == TD_PQF_LIST || e[0].logical == TD_PQF_LOGICAL_LIST) &&
           e[0].repetition != TD_PQF_REPEATED && e[1].children == 1 &&
           e[1].repetition == TD_PQF_REPEATED && e[2].type >= 0 &&
           e[2].repetition != TD_PQF_REPEATED;
}

/* Lists the leaves below a group that cannot be read. Returns the elements used, 0 when the tree is broken. */
static size_t add_others(struct td_pq_reader *r, const struct element *e, size_t left)
{
    size_t used = 0;
    int64_t open = 1; /* elements still to come */
    while (open > 0) {
        if (used == left)
            return 0;
        open += (e[used].children > 0 ? e[used].children : 0) - 1;
        if (e[used].children <= 0) {
            struct td_pq_leaf *leaf = add_leaf(r, &e[used], e[used].name);
            if (!leaf)
                return 0;
            leaf->column.type = TD_PQ_OTHER;
        }
        used++;
    }
    return used;
}

/* One column from e[0..left). Returns the elements used, 0 when the tree is broken or has too many leaves. */
static size_t add_column(struct td_pq_reader *r, const struct element *e, size_t left)
{
    if (is_list(e, left)) {
        struct td_pq_leaf *leaf = add_leaf(r, &e[2], e[0].name);
        if (!leaf)
            return 0;
        leaf->column.list = 1;
        leaf->column.optional =
            e[0].repetition == TD_PQF_OPTIONAL || e[2].repetition == TD_PQF_OPTIONAL;
        leaf->slot_def = (uint8_t)((e[0].repetition == TD_PQF_OPTIONAL) + 1);
        leaf->max_def = (uint8_t)(leaf->slot_def + (e[2].repetition == TD_PQF_OPTIONAL));
        return 3;
    }
    if (e->type < 0 || e->repetition == TD_PQF_REPEATED)
        return add_others(r, e, left);
    struct td_pq_leaf *leaf = add_leaf(r, e, e->name);
    if (!leaf)
        return 0;
    leaf->column.optional = e->repetition == TD_PQF_OPTIONAL;
    leaf->max_def = leaf->column.optional;
    return 1;
}

static enum td_err get_schema(struct td_pq_reader *r, struct td_thrift_in *in, uint8_t type,
                              struct td_arena *arena, struct td_fail *why)
{
    uint8_t of;
    const size_t mark = arena->used;
    const size_t count = td_thrift_get_list(in, type, &of, ELEMENTS_MAX);
    struct element *e = td_arena_take(arena, count, sizeof *e);
    if (!e)
        return td_fail_set(why, TD_ENOMEM, "the schema does not fit the memory given");
    if (of != TD_THRIFT_STRUCT || count < 2)
        return td_fail_set(why, TD_EPARSE,
                           "the schema is empty, damaged or of more than %d elements",
                           ELEMENTS_MAX);
    for (size_t i = 0; i < count; i++)
        get_element(in, &e[i]);
    size_t used = 1;
    while (used < count && !in->bad) {
        const size_t some = add_column(r, e + used, count - used);
        if (some == 0)
            return td_fail_set(why, TD_EPARSE, "the schema is damaged or has more than %d columns",
                               TD_PQ_COLUMNS_MAX);
        used += some;
    }
    arena->used = mark;
    return TD_OK;
}

/* ---- row groups ---- */

static void get_column_meta(struct td_thrift_in *in, struct td_pq_chunk_in *c)
{
    struct td_thrift_field f = {0};
    int64_t data = 0, dict = 0;
    c->type = -1;
    while (td_thrift_next(in, &f)) {
        switch (f.id) {
        case 1:
            c->type = (int32_t)td_thrift_get_int(in, f.type);
            break;
        case 4:
            c->codec = (int32_t)td_thrift_get_int(in, f.type);
            break;
        case 5:
            c->values = (uint64_t)td_thrift_get_int(in, f.type);
            break;
        case 7:
            c->bytes = (uint64_t)td_thrift_get_int(in, f.type);
            break;
        case 9:
            data = td_thrift_get_int(in, f.type);
            break;
        case 11:
            dict = td_thrift_get_int(in, f.type);
            break;
        default:
            td_thrift_skip(in, f.type, false);
            break;
        }
    }
    c->start = (uint64_t)(dict > 0 && dict < data ? dict : data);
    c->seen = true;
}

static void get_chunk(struct td_thrift_in *in, struct td_pq_chunk_in *c)
{
    struct td_thrift_field f = {0};
    while (td_thrift_next(in, &f)) {
        if (f.id == 3 && f.type == TD_THRIFT_STRUCT) {
            get_column_meta(in, c);
        } else {
            c->elsewhere = c->elsewhere || f.id == 1;
            td_thrift_skip(in, f.type, false);
        }
    }
}

static void get_group(struct td_pq_reader *r, struct td_thrift_in *in, struct td_pq_group_in *g)
{
    struct td_thrift_field f = {0};
    while (td_thrift_next(in, &f)) {
        if (f.id == 1) {
            uint8_t of;
            const size_t count = td_thrift_get_list(in, f.type, &of, r->leaf_count);
            for (size_t i = 0; i < count && of == TD_THRIFT_STRUCT; i++)
                get_chunk(in, &g->chunks[i]);
            in->bad = in->bad || of != TD_THRIFT_STRUCT || count != r->leaf_count;
        } else if (f.id == 3) {
            g->rows = (uint64_t)td_thrift_get_int(in, f.type);
        } else {
            td_thrift_skip(in, f.type, false);
        }
    }
}

static enum td_err get_groups(struct td_pq_reader *r, struct td_thrift_in *in, uint8_t type,
                              struct td_arena *arena, struct td_fail *why)
{
    uint8_t of;
    const size_t count = td_thrift_get_list(in, type, &of, SIZE_MAX);
    if (r->leaf_count == 0 || r->groups || (count && of != TD_THRIFT_STRUCT))
        return td_fail_set(why, TD_EPARSE, "row groups without a schema");
    struct td_pq_chunk_in *chunks = td_arena_take(arena, count * r->leaf_count, sizeof *chunks);
    r->groups = td_arena_take(arena, count, sizeof *r->groups);
    if (!chunks || !r->groups)
        return td_fail_set(why, TD_ENOMEM, "%zu row groups do not fit the memory given", count);
    r->group_count = count;
    for (size_t i = 0; i < count; i++) {
        r->groups[i].chunks = chunks + i * r->leaf_count;
        get_group(r, in, &r->groups[i]);
    }
    return TD_OK;
}

static enum td_err get_pairs(struct td_pq_reader *r, struct td_thrift_in *in, uint8_t type,
                             struct td_arena *arena)
{
    uint8_t of;
    const size_t count = td_thrift_get_list(in, type, &of, PAIRS_MAX);
    r->pairs = td_arena_take(arena, count, sizeof *r->pairs);
    if (!r->pairs)
        return TD_ENOMEM;
    r->pair_count = count;
    for (size_t i = 0; i < count && of == TD_THRIFT_STRUCT; i++) {
        struct td_thrift_field f = {0};
        while (td_thrift_next(in, &f)) {
            if (f.id == 1)
                r->pairs[i].key = td_thrift_get_binary(in, f.type);
            else if (f.id == 2)
                r->pairs[i].value = td_thrift_get_binary(in, f.type);
            else
                td_thrift_skip(in, f.type, false);
        }
    }
    return TD_OK;
}

enum td_err td_pq_parse_footer(struct td_pq_reader *r, struct td_str footer, struct td_arena *arena,
                               struct td_fail *why)
{
    const uint8_t *p = (const uint8_t *)footer.p;
    struct td_thrift_in in = {p, p + footer.len, false};
    struct td_thrift_field f = {0};
    enum td_err err = TD_OK;
    while (!err && td_thrift_next(&in, &f)) {
        switch (f.id) {
        case 2:
            err = r->leaf_count ? TD_EPARSE : get_schema(r, &in, f.type, arena, why);
            break;
        case 3:
            r->rows = (uint64_t)td_thrift_get_int(&in, f.type);
            break;
        case 4:
            err = get_groups(r, &in, f.type, arena, why);
            break;
        case 5:
            err = get_pairs(r, &in, f.type, arena);
            break;
        case 6:
            r->created_by = td_thrift_get_binary(&in, f.type);
            break;
        default:
            td_thrift_skip(&in, f.type, false);
            break;
        }
    }
    if (!err && (in.bad || r->leaf_count == 0))
        return td_fail_set(why, TD_EPARSE, "the footer is damaged");
    return err;
}
