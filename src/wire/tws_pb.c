/* wire/tws_pb.c - decodes the protobuf form of a message by the numbers in its rows.
 *
 * The wire format is small (keys, varints, eight bytes, lengths), and the rows say all that a generated reader
 * would: so the members are written in place, with no second set of structs, no copy and no memory but the
 * caller's arena. Why not a library: docs/decisions/. Nested messages are entered through an explicit stack; a
 * repeated field is counted once and gets its memory at its first element.
 */
#include "wire/tws_field.h"
#include "wire/tws_pb.h"

#include <string.h>

#define NEST_MAX 5 /* message, order, list element, contract, delta neutral */

#define ROWS_MAX 192 /* rows of one table */

struct frame {
    const struct td_tws_field *rows, *hint; /* hint: where the next number probably is */
    uint8_t *base;
    const uint8_t *end;
    uint64_t counted[ROWS_MAX / 64]; /* rows whose elements have been counted to `end` */
};

struct reader {
    const uint8_t *p, *end; /* end of the innermost message */
    struct td_arena *arena;
    int32_t id;
    struct frame stack[NEST_MAX];
    size_t depth;
    const char *at; /* row that failed */
};

/* Every list has this shape. */
struct list {
    uint8_t *p;
    uint32_t n;
};

static bool read_varint(struct reader *r, uint64_t *out)
{
    uint64_t value = 0;
    for (unsigned shift = 0; r->p < r->end && shift < 64; shift += 7) {
        const uint8_t byte = *r->p++;
        value |= (uint64_t)(byte & 127) << shift;
        if (!(byte & 128)) {
            *out = value;
            return true;
        }
    }
    return false;
}

static bool read_fixed(struct reader *r, size_t bytes, uint64_t *out)
{
    uint64_t value = 0;
    if ((size_t)(r->end - r->p) < bytes)
        return false;
    for (size_t i = 0; i < bytes; i++)
        value |= (uint64_t)r->p[i] << (8 * i);
    r->p += bytes;
    *out = value;
    return true;
}

static bool read_span(struct reader *r, struct td_str *out)
{
    uint64_t len = 0;
    if (!read_varint(r, &len) || len > (uint64_t)(r->end - r->p))
        return false;
    *out = (struct td_str){(const char *)r->p, (size_t)len};
    r->p += len;
    return true;
}

/* ---- values ---- */

/* Past 2^51 the product with 1e9 is not exact: the decimal with the fewest places that is this double. */
static enum td_err shortest(double value, int64_t *out)
{
    for (int64_t places = 1, unit = TD_E9; unit; places *= 10, unit /= 10) {
        const double whole = value * (double)places;
        if (whole <= -TD_PB_WHOLE || whole >= TD_PB_WHOLE)
            break;
        const int64_t digits = (int64_t)(whole < 0 ? whole - 0.5 : whole + 0.5);
        if ((double)digits / (double)places == value && digits <= INT64_MAX / unit &&
            digits >= -(INT64_MAX / unit)) {
            *out = digits * unit;
            return TD_OK;
        }
    }
    return td_e9_from_double(value, out);
}

enum td_err td_pb_double(double value, bool allow_infinity, int64_t *out)
{
    const double scaled = value * 1e9;
    if (value != value)
        return TD_EPROTO;
    if (value >= TD_PB_UNSET) {
        *out = allow_infinity && value > TD_PB_LARGEST ? TD_TWS_INFINITY : TD_E9_NONE;
        return TD_OK;
    }
    if (value < -TD_PB_MOST || value > TD_PB_MOST)
        return TD_ERANGE;
    if (scaled > -TD_PB_EXACT && scaled < TD_PB_EXACT) {
        *out = (int64_t)(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
        return TD_OK;
    }
    return shortest(value, out);
}

static enum td_err store_varint(struct reader *r, const struct td_tws_field *f, uint8_t *base,
                                uint64_t value)
{
    void *at = base + f->off;
    const int64_t number = (int64_t)value;
    switch (f->type) {
    case TD_F_BOOL:
    case TD_F_TRUE:
    case TD_F_AND:
        *(bool *)at = value != 0;
        return TD_OK;
    case TD_F_I64:
        *(int64_t *)at = number;
        return TD_OK;
    case TD_F_ENUM:
        if (number < 0 || number > 31 || !(f->values >> number & 1))
            return TD_EPROTO;
        break;
    case TD_F_ID:
        r->id = (int32_t)number;
        break;
    case TD_F_I32:
    case TD_F_I32U:
    case TD_F_I32M:
        break;
    default:
        return TD_EPROTO;
    }
    if (f->as != TD_PB_PLAIN)
        return TD_EPROTO;
    if (number < INT32_MIN || number > INT32_MAX)
        return TD_ERANGE;
    *(int32_t *)at = (int32_t)number;
    return TD_OK;
}

/* A double where our struct has text, as contracts' multipliers. */
static enum td_err store_as_text(struct reader *r, double value, struct td_str *out)
{
    int64_t e9 = 0;
    const enum td_err err = td_pb_double(value, false, &e9);
    if (err || e9 == TD_E9_NONE)
        return err;
    char *text = td_arena_take(r->arena, TD_E9_CHARS, 1);
    if (!text)
        return TD_EFULL;
    *out = (struct td_str){text, td_e9_print(e9, text)};
    return TD_OK;
}

static enum td_err store_double(struct reader *r, const struct td_tws_field *f, uint8_t *base,
                                uint64_t bits)
{
    void *at = base + f->off;
    double value;
    memcpy(&value, &bits, sizeof value);
    if (f->type == TD_F_STR && f->as == TD_PB_DOUBLE)
        return store_as_text(r, value, at);
    if (f->type < TD_F_E9 || f->type > TD_F_E9I || f->as != TD_PB_PLAIN)
        return TD_EPROTO;
    return td_pb_double(value, f->type == TD_F_E9I, at);
}

static enum td_err store_number_text(const struct td_tws_field *f, uint8_t *base,
                                     struct td_str text)
{
    void *at = base + f->off;
    int64_t number = 0;
    enum td_err err;
    switch (f->type) {
    case TD_F_QTY:
        return td_tws_qty_parse(text.p, text.len, at);
    case TD_F_E9:
    case TD_F_E9U:
        return text.len ? td_tws_double_parse(text.p, text.len, false, at) : TD_OK;
    case TD_F_I32U:
        if (!text.len)
            return TD_OK;
        err = td_i64_parse(text.p, text.len, &number);
        if (err || number < INT32_MIN || number > INT32_MAX)
            return err == TD_EPARSE ? TD_EPROTO : TD_ERANGE;
        *(int32_t *)at = (int32_t)number;
        return TD_OK;
    default:
        return TD_EPROTO;
    }
}

static enum td_err store_text(const struct td_tws_field *f, uint8_t *base, struct td_str text)
{
    const bool is_text = f->type == TD_F_STR || f->type == TD_F_ESC || f->type == TD_F_TAIL;
    if (is_text && f->as == TD_PB_PLAIN) {
        *(struct td_str *)(void *)(base + f->off) = text;
        return TD_OK;
    }
    return f->as == TD_PB_TEXT || f->type == TD_F_QTY ? store_number_text(f, base, text)
                                                      : TD_EPROTO;
}

/* ---- lists ---- */

/* Numbers in a packed field, by the type of the element. SIZE_MAX: not a whole number of them. */
static size_t packed_count(const struct td_tws_field *element, struct td_str span)
{
    size_t n = 0;
    if (element->type >= TD_F_E9 && element->type <= TD_F_E9I)
        return span.len % 8 ? SIZE_MAX : span.len / 8;
    for (size_t i = 0; i < span.len; i++)
        n += !((uint8_t)span.p[i] & 128);
    return span.len && (uint8_t)span.p[span.len - 1] & 128 ? SIZE_MAX : n;
}

static bool is_text_field(const struct td_tws_field *f)
{
    return f->type == TD_F_STR || f->type == TD_F_ESC || f->type == TD_F_QTY;
}

static bool is_packed(const struct td_tws_field *list, uint64_t key)
{
    return list->sub->pb == TD_TWS_BARE && (key & 7) == TD_PB_SPAN && !is_text_field(list->sub);
}

static bool skip(struct reader *r, uint64_t key)
{
    uint64_t number;
    struct td_str span;
    switch (key & 7) {
    case TD_PB_VARINT:
        return read_varint(r, &number);
    case TD_PB_FIXED64:
        return read_fixed(r, 8, &number);
    case TD_PB_SPAN:
        return read_span(r, &span);
    case TD_PB_FIXED32:
        return read_fixed(r, 4, &number);
    default:
        return false; /* groups do not exist here */
    }
}

/* What the innermost message has of a repeated row from here on, the present field included. */
struct tally {
    size_t elements, bytes; /* bytes: of their spans */
};

static bool count_field(struct reader *ahead, const struct td_tws_field *f, uint64_t key,
                        struct tally *t)
{
    struct td_str span = {NULL, 0};
    const bool mine = key >> 3 == f->pb;
    if (!mine || (key & 7) != TD_PB_SPAN) {
        t->elements += mine;
        return skip(ahead, key);
    }
    if (!read_span(ahead, &span))
        return false;
    const size_t n = f->type == TD_F_LIST && is_packed(f, key) ? packed_count(f->sub, span) : 1;
    t->elements += n;
    t->bytes += span.len;
    return n != SIZE_MAX;
}

static bool count_fields(const struct reader *r, const struct td_tws_field *f, uint64_t key,
                         struct tally *out)
{
    struct reader ahead = {.p = r->p, .end = r->end};
    *out = (struct tally){0, 0};
    do {
        if (!count_field(&ahead, f, key, out))
            return false;
    } while (ahead.p < ahead.end && read_varint(&ahead, &key));
    return true;
}

/* True once per row and message: what follows has not been counted yet. */
static bool is_first(struct frame *top, const struct td_tws_field *f)
{
    const size_t row = (size_t)(f - top->rows);
    TD_REQUIRE(row < ROWS_MAX);
    const uint64_t bit = UINT64_C(1) << row % 64;
    const bool first = !(top->counted[row / 64] & bit);
    top->counted[row / 64] |= bit;
    return first;
}

static void set_unset(const struct td_tws_field *row, uint8_t *base)
{
    for (; row->type != TD_F_END; row++) {
        if (row->type == TD_F_SUB && row->pb)
            set_unset(row->sub, base + row->off); /* as deep as the tables are */
        else if (row->pb || row->type == TD_F_UNSET)
            td_tws_row_unset(row, base);
    }
}

/* Memory for all elements that follow in this message, behind those an earlier part of it brought. */
static enum td_err make_room(struct reader *r, const struct td_tws_field *f, uint64_t key,
                             struct list *list)
{
    struct tally t;
    if (!count_fields(r, f, key, &t))
        return TD_EPROTO;
    if (t.elements > UINT32_MAX - list->n)
        return TD_EFULL;
    uint8_t *grown = td_arena_take(r->arena, list->n + t.elements, f->size);
    if (!grown)
        return TD_EFULL;
    if (list->n)
        memcpy(grown, list->p, (size_t)list->n * f->size);
    list->p = grown;
    return TD_OK;
}

/* The next element of a list: counted and given memory once per message it stands in. */
static enum td_err add_element(struct reader *r, const struct td_tws_field *f, uint64_t key,
                               uint8_t **element)
{
    struct frame *top = &r->stack[r->depth - 1];
    struct list list;
    memcpy(&list, top->base + f->off, sizeof list);
    const enum td_err err = is_first(top, f) ? make_room(r, f, key, &list) : TD_OK;
    if (err)
        return err;
    *element = list.p + (size_t)list.n++ * f->size;
    memset(*element, 0, f->size);
    set_unset(f->sub, *element);
    memcpy(top->base + f->off, &list, sizeof list);
    return TD_OK;
}

/* Text of a map: "tag=value;" per entry, in memory for all entries of this message. */
static enum td_err make_text(struct reader *r, const struct td_tws_field *f, uint64_t key,
                             struct td_str *text)
{
    struct tally t;
    if (!count_fields(r, f, key, &t))
        return TD_EPROTO;
    char *grown = td_arena_take(r->arena, text->len + t.bytes + 2 * t.elements, 1);
    if (!grown)
        return TD_EFULL;
    if (text->len)
        memcpy(grown, text->p, text->len);
    text->p = grown;
    return TD_OK;
}

static bool read_entry(struct td_str entry, struct td_str part[2])
{
    struct reader in = {.p = (const uint8_t *)entry.p, .end = (const uint8_t *)entry.p + entry.len};
    while (in.p < in.end) {
        struct td_str text;
        uint64_t key = 0;
        if (!read_varint(&in, &key) || (key & 7) != TD_PB_SPAN || !read_span(&in, &text))
            return false;
        if (key >> 3 == 1 || key >> 3 == 2)
            part[(key >> 3) - 1] = text;
    }
    return true;
}

static enum td_err take_map(struct reader *r, const struct td_tws_field *f, uint64_t key)
{
    struct frame *top = &r->stack[r->depth - 1];
    struct td_str *text = (struct td_str *)(void *)(top->base + f->off);
    struct td_str entry, part[2] = {{"", 0}, {"", 0}};
    const enum td_err err = is_first(top, f) ? make_text(r, f, key, text) : TD_OK;
    if (err)
        return err;
    if ((key & 7) != TD_PB_SPAN || !read_span(r, &entry) || !read_entry(entry, part))
        return TD_EPROTO;
    char *p = (char *)(uintptr_t)text->p + text->len; /* make_text's memory */
    for (int i = 0; i < 2; i++) {
        memcpy(p, part[i].p, part[i].len);
        p += part[i].len;
        *p++ = i ? ';' : '=';
    }
    text->len = (size_t)(p - text->p);
    return TD_OK;
}

static enum td_err take_packed(struct reader *r, const struct td_tws_field *f, uint64_t key)
{
    const bool doubles = f->sub->type >= TD_F_E9 && f->sub->type <= TD_F_E9I;
    struct reader ahead = {.p = r->p, .end = r->end};
    struct td_str span = {NULL, 0};
    enum td_err err = TD_OK;
    if (!read_span(&ahead, &span) || packed_count(f->sub, span) == SIZE_MAX)
        return TD_EPROTO;
    struct reader in = {.p = (const uint8_t *)span.p, .end = (const uint8_t *)span.p + span.len};
    while (in.p < in.end && !err) {
        uint8_t *element;
        uint64_t bits = 0;
        if (doubles ? !read_fixed(&in, 8, &bits) : !read_varint(&in, &bits))
            return TD_EPROTO;
        err = add_element(r, f, key, &element);
        if (!err)
            err = doubles ? store_double(r, f->sub, element, bits)
                          : store_varint(r, f->sub, element, bits);
    }
    r->p = ahead.p; /* only now: the count of the first element begins at this field */
    return err;
}

/* ---- messages ---- */

static enum td_err enter(struct reader *r, const struct td_tws_field *rows, uint8_t *base)
{
    struct td_str span;
    if (!read_span(r, &span))
        return TD_EPROTO;
    TD_REQUIRE(r->depth < NEST_MAX);
    r->stack[r->depth++] =
        (struct frame){rows, rows, base, (const uint8_t *)span.p + span.len, {0}};
    r->p = (const uint8_t *)span.p;
    r->end = r->p + span.len;
    return TD_OK;
}

static enum td_err take_scalar(struct reader *r, const struct td_tws_field *f, uint8_t *base,
                               uint64_t key)
{
    uint64_t bits = 0;
    struct td_str text;
    switch (key & 7) {
    case TD_PB_VARINT:
        return read_varint(r, &bits) ? store_varint(r, f, base, bits) : TD_EPROTO;
    case TD_PB_FIXED64:
        return read_fixed(r, 8, &bits) ? store_double(r, f, base, bits) : TD_EPROTO;
    case TD_PB_SPAN:
        return read_span(r, &text) ? store_text(f, base, text) : TD_EPROTO;
    default:
        return TD_EPROTO;
    }
}

static enum td_err take_list(struct reader *r, const struct td_tws_field *f, uint64_t key)
{
    uint8_t *element = NULL;
    if (is_packed(f, key))
        return take_packed(r, f, key);
    const enum td_err err = add_element(r, f, key, &element);
    if (err)
        return err;
    if (f->sub->pb == TD_TWS_BARE)
        return take_scalar(r, f->sub, element, key);
    return (key & 7) == TD_PB_SPAN ? enter(r, f->sub, element) : TD_EPROTO;
}

static enum td_err take_nested(struct reader *r, const struct td_tws_field *f, uint8_t *base,
                               uint64_t key)
{
    if (f->when == TD_W_FLAG) /* the flag is the message's presence */
        *(bool *)(void *)(base + f->arg) = true;
    return (key & 7) == TD_PB_SPAN ? enter(r, f->sub, base + f->off) : TD_EPROTO;
}

/* The row of a field number: senders write in ascending order, so it is mostly a step ahead of the last one. */
static const struct td_tws_field *find_row(struct frame *top, uint64_t number)
{
    const struct td_tws_field *f;
    for (f = top->hint; f->type != TD_F_END; f++)
        if (f->pb == number) {
            top->hint = f;
            return f;
        }
    for (f = top->rows; f != top->hint; f++)
        if (f->pb == number) {
            top->hint = f;
            return f;
        }
    return NULL;
}

static enum td_err take_one(struct reader *r, struct frame *top)
{
    uint64_t key = 0;
    if (!read_varint(r, &key) || key >> 3 == 0)
        return TD_EPROTO;
    const struct td_tws_field *f = key >> 3 < TD_TWS_BARE ? find_row(top, key >> 3) : NULL;
    if (!f)
        return skip(r, key) ? TD_OK : TD_EPROTO;
    r->at = f->name;
    switch (f->type) {
    case TD_F_LIST:
        return take_list(r, f, key);
    case TD_F_SUB:
        return take_nested(r, f, top->base, key);
    default:
        return f->as == TD_PB_MAP ? take_map(r, f, key) : take_scalar(r, f, top->base, key);
    }
}

enum td_err td_tws_pb_decode(const struct td_tws_codec *codec, const struct td_tws_layout *layout,
                             struct td_str body, uint8_t *base, struct td_tws_decoded *info)
{
    const uint8_t *start = (const uint8_t *)body.p;
    struct reader r = {.p = start, .end = start + body.len, .arena = codec->arena, .id = -1};
    enum td_err err = TD_OK;
    set_unset(layout->rows, base);
    r.stack[r.depth++] = (struct frame){layout->rows, layout->rows, base, r.end, {0}};
    while (r.depth && !err) {
        if (r.p < r.end) {
            err = take_one(&r, &r.stack[r.depth - 1]);
        } else if (--r.depth) {
            r.end = r.stack[r.depth - 1].end;
        }
    }
    info->req_id = r.id;
    info->at = err ? r.at : NULL;
    return err;
}
