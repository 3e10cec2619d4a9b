/* wire/parquet_read.c - the reader: one column of one row group at a time. */
#include "wire/parquet.h"

#include <string.h>

#include "wire/parquet_format.h"
#include "wire/parquet_reader.h"

enum { TAIL_BYTES = 8, FOOTER_BYTES_MAX = 64 << 20, BATCH = 256 };

static size_t element_bytes(enum td_pq_type type)
{
    static const size_t sizes[] = {1, 4, 8, 8, sizeof(struct td_str), 0};
    return sizes[type];
}

static enum td_err read_footer(struct td_pq_reader *r, struct td_arena *arena, struct td_fail *why)
{
    const struct td_pq_source *s = &r->source;
    uint8_t tail[TAIL_BYTES];
    if (s->size < 4 + TAIL_BYTES)
        return td_fail_set(why, TD_EPARSE, "not a Parquet file: %llu bytes",
                           (unsigned long long)s->size);
    enum td_err err = s->read(s->arg, s->size - TAIL_BYTES, tail, sizeof tail);
    if (err)
        return td_fail_set(why, err, "reading the end of a Parquet file: %s", td_err_text(err));
    if (memcmp(tail + 4, "PARE", 4) == 0)
        return td_fail_set(why, TD_EUNSUP, "the Parquet file is encrypted");
    if (memcmp(tail + 4, "PAR1", 4) != 0)
        return td_fail_set(why, TD_EPARSE, "not a Parquet file, or cut short: no PAR1 at its end");
    const size_t len =
        (size_t)tail[0] | (size_t)tail[1] << 8 | (size_t)tail[2] << 16 | (size_t)tail[3] << 24;
    if (len > s->size - 4 - TAIL_BYTES || len > FOOTER_BYTES_MAX)
        return td_fail_set(why, TD_EPARSE, "a footer of %zu bytes does not fit the file", len);
    char *footer = td_arena_take(arena, len, 1);
    if (!footer)
        return td_fail_set(why, TD_ENOMEM, "a footer of %zu bytes does not fit the memory given",
                           len);
    err = s->read(s->arg, s->size - TAIL_BYTES - len, footer, len);
    if (err)
        return td_fail_set(why, err, "reading the footer of a Parquet file: %s", td_err_text(err));
    return td_pq_parse_footer(r, (struct td_str){footer, len}, arena, why);
}

enum td_err td_pq_reader_open(struct td_pq_reader **out, const struct td_pq_source *source,
                              struct td_arena *arena, struct td_fail *why)
{
    const size_t mark = arena->used;
    struct td_pq_reader *r = td_arena_take(arena, 1, sizeof *r);
    if (!r)
        return td_fail_set(why, TD_ENOMEM, "no memory for the Parquet reader");
    r->source = *source;
    const enum td_err err = read_footer(r, arena, why);
    if (err) {
        arena->used = mark;
        return err;
    }
    *out = r;
    return TD_OK;
}

size_t td_pq_columns(const struct td_pq_reader *r)
{
    return r->leaf_count;
}

const struct td_pq_column *td_pq_column_at(const struct td_pq_reader *r, size_t column)
{
    TD_REQUIRE(column < r->leaf_count);
    return &r->leaves[column].column;
}

int td_pq_column_find(const struct td_pq_reader *r, const char *name)
{
    for (size_t i = 0; i < r->leaf_count; i++)
        if (strcmp(r->leaves[i].name, name) == 0)
            return (int)i;
    return -1;
}

size_t td_pq_groups(const struct td_pq_reader *r)
{
    return r->group_count;
}

uint64_t td_pq_group_rows(const struct td_pq_reader *r, size_t group)
{
    TD_REQUIRE(group < r->group_count);
    return r->groups[group].rows;
}

uint64_t td_pq_rows(const struct td_pq_reader *r)
{
    return r->rows;
}

struct td_str td_pq_meta(const struct td_pq_reader *r, const char *key)
{
    for (size_t i = 0; i < r->pair_count; i++)
        if (td_str_is(r->pairs[i].key, key))
            return r->pairs[i].value;
    return (struct td_str){NULL, 0};
}

struct td_str td_pq_created_by(const struct td_pq_reader *r)
{
    return r->created_by;
}

/* ---- one column ---- */

/* A column being read. */
struct job {
    struct td_pq_pages pages;
    enum td_pq_type type;
    size_t element;
    bool list;
    uint8_t *values; /* [capacity] */
    uint8_t *present;
    uint32_t *starts;
    size_t capacity; /* level entries of the chunk */
    size_t rows_max;
    size_t entries; /* read so far */
    size_t slots;
    size_t rows;
    bool any_null;
    uint8_t *dict; /* [dict_count] elements; NULL: none yet */
    size_t dict_count;
};

/* Levels of up to BATCH entries; a missing block of levels means all are `most`. */
static bool get_levels(struct td_pq_hybrid *h, uint32_t most, uint32_t *out, size_t n)
{
    if (h->b.p == NULL) {
        for (size_t i = 0; i < n; i++)
            out[i] = most;
        return true;
    }
    if (td_pq_hybrid_get(h, out, n) != n)
        return false;
    if (most == (UINT32_C(1) << h->bits) - 1) /* more cannot be written in so few bits */
        return true;
    for (size_t i = 0; i < n; i++)
        if (out[i] > most)
            return false;
    return true;
}

static bool all_are(const uint32_t *levels, uint32_t value, size_t n)
{
    uint32_t other = 0;
    for (size_t i = 0; i < n; i++)
        other |= levels[i] ^ value;
    return other == 0;
}

/* The same as place() of entries that all have a value, as those of most files do. */
static bool place_full(struct job *j, const uint32_t *rep, size_t n)
{
    const size_t slots = j->slots, rows_max = j->rows_max;
    uint32_t *starts =
        j->starts; /* copies, for stores through it would make the compiler read all again */
    size_t rows = j->rows;
    if (!j->list) {
        if (n > rows_max - rows)
            return false;
        rows += n;
    } else if (rows == 0 && n && rep[0] != 0) {
        return false;
    }
    for (size_t i = 0; starts && i < n; i++) {
        if (rep[i] != 0)
            continue;
        if (rows == rows_max)
            return false;
        starts[rows++] = (uint32_t)(slots + i);
    }
    memset(j->present + slots, 1, n);
    j->rows = rows;
    j->slots = slots + n;
    return true;
}

/* Places `n` level entries; counts in *full those that have a value. */
static bool place(struct job *j, const uint32_t *rep, const uint32_t *def, size_t n, size_t *full)
{
    const struct td_pq_leaf *leaf = j->pages.leaf;
    for (size_t i = 0; i < n; i++) {
        if (!j->list || rep[i] == 0) {
            if (j->rows == j->rows_max)
                return false;
            if (j->list)
                j->starts[j->rows] = (uint32_t)j->slots;
            j->rows++;
        } else if (j->rows == 0) {
            return false;
        }
        if (def[i] < leaf->slot_def)
            continue;
        const bool value = def[i] == leaf->max_def;
        *full += value;
        j->any_null = j->any_null || !value;
        j->present[j->slots++] = value;
    }
    return true;
}

static bool place_page(struct job *j, const struct td_pq_page *page, size_t *full)
{
    const struct td_pq_leaf *leaf = j->pages.leaf;
    struct td_pq_hybrid rep, def;
    uint32_t reps[BATCH] = {0}, defs[BATCH];
    *full = 0;
    td_pq_hybrid_init(&rep, page->rep, 1);
    td_pq_hybrid_init(&def, page->def, td_pqf_bits(leaf->max_def));
    for (size_t at = 0; at < page->values;) {
        const size_t n = page->values - at < BATCH ? page->values - at : BATCH;
        if ((j->list && (page->rep.p == NULL || !get_levels(&rep, 1, reps, n))) ||
            (leaf->max_def && page->def.p == NULL))
            return false;
        bool whole = page->def.p == NULL || td_pq_hybrid_skip(&def, leaf->max_def, n);
        if (!whole && !get_levels(&def, leaf->max_def, defs, n))
            return false;
        whole = whole || all_are(defs, leaf->max_def, n);
        *full += whole ? n : 0;
        if (whole ? !place_full(j, reps, n) : !place(j, reps, defs, n, full))
            return false;
        at += n;
    }
    return true;
}

/* ---- values ---- */

static bool get_fixed(struct td_pq_bytes *b, void *out, size_t count, size_t size)
{
    struct td_pq_bytes bytes;
    if (count > SIZE_MAX / size || !td_pq_cut(b, count * size, &bytes))
        return false;
    if (count)
        memcpy(out, bytes.p, bytes.left);
    return true;
}

static bool get_plain(enum td_pq_type type, struct td_pq_bytes *b, void *out, size_t count)
{
    if (type == TD_PQ_BYTES)
        return td_pq_get_texts(b, out, count);
    if (type == TD_PQ_BOOL)
        return td_pq_get_bits(b, out, count);
    return get_fixed(b, out, count, element_bytes(type));
}

/* Copies the entries of the dictionary that `index` names; false when there is no such entry. */
static bool copy_entries(const struct job *j, const uint32_t *index, uint8_t *out, size_t n)
{
    const uint8_t *dict = j->dict;
    const size_t count = j->dict_count, element = j->element;
    bool bad = count == 0;
    if (element == 8 && !bad) { /* moves of known size, without a way out */
        for (size_t i = 0; i < n; i++) {
            const size_t at = index[i] < count ? index[i] : 0;
            bad |= at != index[i];
            memcpy(out + i * 8, dict + at * 8, 8);
        }
        return !bad;
    }
    for (size_t i = 0; i < n && !bad; i++) {
        bad = index[i] >= count;
        if (!bad)
            memcpy(out + i * element, dict + index[i] * element, element);
    }
    return !bad;
}

static bool get_indexed(const struct job *j, struct td_pq_bytes b, uint8_t *out, size_t count)
{
    struct td_pq_bytes width;
    struct td_pq_hybrid h;
    uint32_t index[BATCH];
    if (count == 0)
        return true;
    if (!j->dict || !td_pq_cut(&b, 1, &width) || width.p[0] > 32)
        return false;
    td_pq_hybrid_init(&h, b, width.p[0]);
    for (size_t at = 0; at < count;) {
        const size_t n = count - at < BATCH ? count - at : BATCH;
        if (td_pq_hybrid_get(&h, index, n) != n)
            return false;
        if (!copy_entries(j, index, out + at * j->element, n))
            return false;
        at += n;
    }
    return true;
}

static bool get_run_bools(struct td_pq_bytes b, uint8_t *out, size_t count)
{
    uint32_t len, bits[BATCH];
    struct td_pq_bytes runs;
    struct td_pq_hybrid h;
    if (!td_pq_get_u32(&b, &len) || !td_pq_cut(&b, len, &runs))
        return false;
    td_pq_hybrid_init(&h, runs, 1);
    for (size_t at = 0; at < count;) {
        const size_t n = count - at < BATCH ? count - at : BATCH;
        if (td_pq_hybrid_get(&h, bits, n) != n)
            return false;
        for (size_t i = 0; i < n; i++)
            out[at++] = (uint8_t)bits[i];
    }
    return true;
}

static enum td_err get_delta_ints(struct job *j, struct td_pq_bytes b, void *out, size_t count)
{
    if (j->type == TD_PQ_INT64)
        return td_pq_get_delta(&b, out, count, false) ? TD_OK : TD_EPARSE;
    int64_t *wide = td_arena_take(j->pages.arena, count, sizeof *wide);
    if (!wide)
        return TD_ENOMEM;
    if (!td_pq_get_delta(&b, wide, count, true))
        return TD_EPARSE;
    for (size_t i = 0; i < count; i++) {
        const int32_t narrow = (int32_t)wide[i];
        memcpy((uint8_t *)out + i * sizeof narrow, &narrow, sizeof narrow);
    }
    return TD_OK;
}

/* Front-coded texts: each is `prefix` bytes of the one before it and a suffix. Built in the arena. */
static enum td_err join_texts(struct job *j, const int64_t *prefix, struct td_str *texts,
                              size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const size_t last = i ? texts[i - 1].len : 0;
        if (prefix[i] < 0 || (uint64_t)prefix[i] > last)
            return TD_EPARSE;
        if (prefix[i] == 0)
            continue;
        const size_t shared = (size_t)prefix[i];
        char *whole = td_arena_take(j->pages.arena, shared + texts[i].len, 1);
        if (!whole)
            return TD_ENOMEM;
        memcpy(whole, texts[i - 1].p, shared);
        if (texts[i].len)
            memcpy(whole + shared, texts[i].p, texts[i].len);
        texts[i] = (struct td_str){whole, shared + texts[i].len};
    }
    return TD_OK;
}

static enum td_err get_delta_texts(struct job *j, struct td_pq_bytes b, struct td_str *out,
                                   size_t count, bool front)
{
    int64_t *lengths = td_arena_take(j->pages.arena, count, sizeof *lengths);
    int64_t *prefix = front ? td_arena_take(j->pages.arena, count, sizeof *prefix) : NULL;
    if (!lengths || (front && !prefix))
        return TD_ENOMEM;
    if ((front && !td_pq_get_delta(&b, prefix, count, true)) ||
        !td_pq_get_delta(&b, lengths, count, true) ||
        !td_pq_get_texts_sized(&b, lengths, out, count))
        return TD_EPARSE;
    return front ? join_texts(j, prefix, out, count) : TD_OK;
}

/* `count` values of a page, without gaps for nulls. */
static enum td_err get_values(struct job *j, const struct td_pq_page *page, uint8_t *out,
                              size_t count, struct td_fail *why)
{
    struct td_pq_bytes b = page->data;
    switch (page->encoding) {
    case TD_PQF_ENC_PLAIN:
        return get_plain(j->type, &b, out, count) ? TD_OK : TD_EPARSE;
    case TD_PQF_ENC_PLAIN_DICTIONARY:
    case TD_PQF_ENC_RLE_DICTIONARY:
        return get_indexed(j, b, out, count) ? TD_OK : TD_EPARSE;
    case TD_PQF_ENC_RLE:
        if (j->type == TD_PQ_BOOL)
            return get_run_bools(b, out, count) ? TD_OK : TD_EPARSE;
        break;
    case TD_PQF_ENC_DELTA_BINARY_PACKED:
        if (j->type == TD_PQ_INT64 || j->type == TD_PQ_INT32)
            return get_delta_ints(j, b, out, count);
        break;
    case TD_PQF_ENC_DELTA_LENGTH_BYTE_ARRAY:
    case TD_PQF_ENC_DELTA_BYTE_ARRAY:
        if (j->type == TD_PQ_BYTES)
            return get_delta_texts(j, b, (struct td_str *)(void *)out, count,
                                   page->encoding == TD_PQF_ENC_DELTA_BYTE_ARRAY);
        break;
    default:
        break;
    }
    return td_fail_set(why, TD_EUNSUP, "column %s: encoding %d is not supported",
                       j->pages.leaf->name, page->encoding);
}

/* Moves `full` values at the front of the page's slots to the slots that have one; nulls become zero. */
static void spread(struct job *j, size_t first, size_t full)
{
    for (size_t slot = j->slots; slot > first && full < slot - first;) {
        slot--;
        uint8_t *to = j->values + slot * j->element;
        if (j->present[slot])
            memmove(to, j->values + (first + --full) * j->element, j->element);
        else
            memset(to, 0, j->element);
    }
}

static enum td_err read_dictionary(struct job *j, const struct td_pq_page *page,
                                   struct td_fail *why)
{
    struct td_pq_bytes b = page->data;
    if (j->dict || j->entries)
        return TD_EPARSE;
    if (page->encoding != TD_PQF_ENC_PLAIN && page->encoding != TD_PQF_ENC_PLAIN_DICTIONARY)
        return td_fail_set(why, TD_EUNSUP, "column %s: dictionary in encoding %d",
                           j->pages.leaf->name, page->encoding);
    j->dict = td_arena_take(j->pages.arena, page->values, j->element);
    j->dict_count = page->values;
    if (!j->dict)
        return TD_ENOMEM;
    return get_plain(j->type, &b, j->dict, page->values) ? TD_OK : TD_EPARSE;
}

static enum td_err read_data(struct job *j, const struct td_pq_page *page, struct td_fail *why)
{
    const size_t first = j->slots;
    size_t full = 0;
    if (page->values > j->capacity - j->entries || !place_page(j, page, &full))
        return TD_EPARSE;
    j->entries += page->values;
    const enum td_err err = get_values(j, page, j->values + first * j->element, full, why);
    if (!err && full < j->slots - first)
        spread(j, first, full);
    return err;
}

static enum td_err read_pages(struct job *j, struct td_fail *why)
{
    struct td_arena *arena = j->pages.arena;
    while (j->entries < j->capacity) {
        const size_t mark = arena->used;
        struct td_pq_page page;
        enum td_err err = td_pq_next_page(&j->pages, &page, why);
        if (err)
            return err;
        if (page.type == TD_PQF_PAGE_DICTIONARY)
            err = read_dictionary(j, &page, why);
        else if (page.type == TD_PQF_PAGE_DATA || page.type == TD_PQF_PAGE_DATA_V2)
            err = read_data(j, &page, why);
        else
            err = TD_EPARSE;
        if (err == TD_EUNSUP) /* which has said what */
            return err;
        if (err)
            return td_fail_set(why, err, "column %s: values: %s", j->pages.leaf->name,
                               td_err_text(err));
        if (j->type != TD_PQ_BYTES && page.type != TD_PQF_PAGE_DICTIONARY)
            arena->used = mark; /* texts lie in their pages, numbers were copied */
    }
    return j->rows == j->rows_max ? TD_OK
                                  : td_fail_set(why, TD_EPARSE, "column %s: %zu rows of %zu",
                                                j->pages.leaf->name, j->rows, j->rows_max);
}

static bool scale_times(struct job *j)
{
    int64_t *v = (int64_t *)(void *)j->values;
    for (size_t i = 0; i < j->slots && j->pages.leaf->scale != 1; i++)
        if (__builtin_mul_overflow(v[i], j->pages.leaf->scale, &v[i]))
            return false;
    return true;
}

static enum td_err check_chunk(const struct td_pq_reader *r, const struct td_pq_group_in *g,
                               size_t column, struct td_fail *why)
{
    const struct td_pq_leaf *leaf = &r->leaves[column];
    const struct td_pq_chunk_in *c = &g->chunks[column];
    static const int types[] = {TD_PQF_BOOLEAN, TD_PQF_INT32, TD_PQF_INT64, TD_PQF_DOUBLE,
                                TD_PQF_BYTE_ARRAY};
    if (leaf->column.type == TD_PQ_OTHER)
        return td_fail_set(why, TD_EUNSUP, "column %s has a type or nesting that is not supported",
                           leaf->name);
    if (c->elsewhere)
        return td_fail_set(why, TD_EUNSUP, "column %s lies in another file", leaf->name);
    if (!c->seen || c->type != types[leaf->column.type] || c->start < 4 ||
        c->start > r->source.size || c->bytes > r->source.size - c->start ||
        c->values > INT32_MAX || g->rows > INT32_MAX ||
        (!leaf->column.list && c->values != g->rows) || c->values < g->rows)
        return td_fail_set(why, TD_EPARSE, "column %s: its place, type or count is impossible",
                           leaf->name);
    return TD_OK;
}

static enum td_err run(struct job *j, struct td_arena *arena, struct td_pq_values *out,
                       struct td_fail *why)
{
    /* Slots, rows and their number are written together: nothing is read that was not. */
    j->values = td_arena_take_raw(arena, j->capacity, j->element);
    j->present = td_arena_take_raw(arena, j->capacity, 1);
    j->starts = j->list ? td_arena_take_raw(arena, j->rows_max + 1, sizeof *j->starts) : NULL;
    if (!j->values || !j->present || (j->list && !j->starts))
        return td_fail_set(why, TD_ENOMEM, "column %s of %zu values does not fit the memory given",
                           j->pages.leaf->name, j->capacity);
    const size_t mark = arena->used;
    const enum td_err err = read_pages(j, why);
    if (err)
        return err;
    if (!scale_times(j))
        return td_fail_set(why, TD_EPARSE, "column %s: a time past the year 2262",
                           j->pages.leaf->name);
    if (j->type != TD_PQ_BYTES)
        arena->used = mark;
    if (j->list)
        j->starts[j->rows_max] = (uint32_t)j->slots;
    *out = (struct td_pq_values){j->rows, j->slots, j->values, j->any_null ? j->present : NULL,
                                 j->starts};
    return TD_OK;
}

enum td_err td_pq_read_column(struct td_pq_reader *r, size_t group, size_t column,
                              struct td_arena *arena, struct td_pq_values *out, struct td_fail *why)
{
    TD_REQUIRE(group < r->group_count && column < r->leaf_count);
    const struct td_pq_group_in *g = &r->groups[group];
    const struct td_pq_leaf *leaf = &r->leaves[column];
    const size_t mark = arena->used;
    enum td_err err = check_chunk(r, g, column, why);
    if (err)
        return err;
    const struct td_pq_chunk_in *c = &g->chunks[column];
    struct job j = {.type = leaf->column.type,
                    .element = element_bytes(leaf->column.type),
                    .list = leaf->column.list,
                    .capacity = (size_t)c->values,
                    .rows_max = (size_t)g->rows};
    j.pages = (struct td_pq_pages){r, leaf, c, arena, c->start, c->bytes};
    err = run(&j, arena, out, why);
    if (err)
        arena->used = mark;
    return err;
}
