/* wire/feather_schema.c - columns of ours as Arrow fields. */
#include "wire/feather_schema.h"

#include "wire/feather_format.h"

static size_t put_type(struct td_fb_out *m, const struct td_pq_column *c, unsigned *kind)
{
    size_t where[2];
    if (c->type == TD_PQ_INT64 && c->logical != TD_PQ_NONE && c->logical != TD_PQ_UINT64) {
        const struct td_fb_field f[] = {{0, 2, 3}, TD_FB_LINK(1)}; /* nanoseconds */
        const bool zone = c->logical == TD_PQ_TIME_NS;
        *kind = TD_FTR_TIMESTAMP;
        const size_t at = td_fb_table(m, f, zone ? 2 : 1, where);
        if (zone)
            td_fb_link(m, where[1], td_fb_string(m, td_str_of("UTC")));
        return at;
    }
    if (c->type == TD_PQ_INT32 || c->type == TD_PQ_INT64) {
        const int64_t bits = c->type == TD_PQ_INT64 ? 64 : c->logical == TD_PQ_INT16 ? 16 : 32;
        const struct td_fb_field f[] = {{0, 4, bits}, {1, 1, c->logical != TD_PQ_UINT64}};
        *kind = TD_FTR_INT;
        return td_fb_table(m, f, 2, where);
    }
    if (c->type == TD_PQ_DOUBLE) {
        const struct td_fb_field f[] = {{0, 2, 2}};
        *kind = TD_FTR_FLOAT;
        return td_fb_table(m, f, 1, where);
    }
    *kind = c->type == TD_PQ_BOOL      ? TD_FTR_BOOL
            : c->logical == TD_PQ_UTF8 ? TD_FTR_UTF8
                                       : TD_FTR_BINARY;
    return td_fb_table(m, NULL, 0, where);
}

/* A field; of a list, the list or its elements. */
static size_t put_field(struct td_fb_out *m, const struct td_pq_column *c, const char *name,
                        bool list)
{
    enum { NAME, NULLABLE, KIND, TYPE, CHILDREN, COUNT };
    const struct td_fb_field f[COUNT] = {
        [NAME] = TD_FB_LINK(TD_FTR_FIELD_NAME),
        [NULLABLE] = {TD_FTR_FIELD_NULLABLE, 1, c->optional},
        [KIND] = {TD_FTR_FIELD_KIND, 1, TD_FTR_LIST},
        [TYPE] = TD_FB_LINK(TD_FTR_FIELD_TYPE),
        [CHILDREN] = TD_FB_LINK(TD_FTR_FIELD_CHILDREN),
    };
    size_t where[COUNT], none[1], items;
    unsigned kind = TD_FTR_LIST;
    const size_t at = td_fb_table(m, f, COUNT, where);
    td_fb_link(m, where[NAME], td_fb_string(m, td_str_of(name)));
    td_fb_link(m, where[TYPE], list ? td_fb_table(m, NULL, 0, none) : put_type(m, c, &kind));
    td_fb_set(m, where[KIND], 1, kind);
    td_fb_link(m, where[CHILDREN], td_fb_room(m, list ? 1 : 0, 4, &items));
    if (list) {
        struct td_pq_column element = *c;
        element.list = 0;
        td_fb_link(m, items, put_field(m, &element, "item", false));
    }
    return at;
}

size_t td_ftr_put_schema(struct td_fb_out *m, const struct td_pq_write_options *o)
{
    const struct td_fb_field f[] = {TD_FB_LINK(TD_FTR_SCHEMA_FIELDS),
                                    TD_FB_LINK(TD_FTR_SCHEMA_PAIRS)};
    const struct td_fb_field pair[] = {TD_FB_LINK(0), TD_FB_LINK(1)};
    size_t where[2], items, at_pair[2];
    const size_t at = td_fb_table(m, f, 2, where);
    td_fb_link(m, where[0], td_fb_room(m, o->column_count, 4, &items));
    for (size_t i = 0; i < o->column_count; i++)
        td_fb_link(m, items + 4 * i,
                   put_field(m, &o->columns[i], o->columns[i].name, o->columns[i].list > 0));
    td_fb_link(m, where[1], td_fb_room(m, o->pair_count, 4, &items));
    for (size_t i = 0; i < o->pair_count; i++) {
        td_fb_link(m, items + 4 * i, td_fb_table(m, pair, 2, at_pair));
        td_fb_link(m, at_pair[0], td_fb_string(m, td_str_of(o->pairs[i].key)));
        td_fb_link(m, at_pair[1], td_fb_string(m, td_str_of(o->pairs[i].value)));
    }
    return at;
}
