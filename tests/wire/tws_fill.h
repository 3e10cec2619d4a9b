/* tests/wire/tws_fill.h - fills any TWS message with random contents by its table, and compares two.
 *
 * Everything a row may hold comes up: unset, empty, zero, extremes, and the words that switch conditional
 * blocks on. Lists live in the caller's arena; texts are constants. Used by tests and the corpus maker.
 */
#ifndef TD_TESTS_TWS_FILL_H
#define TD_TESTS_TWS_FILL_H

#include <string.h>

#include "base/random.h"
#include "wire/tws_field.h"

struct filler {
    struct td_rng *rng;
    struct td_arena *arena;
    int32_t version;
    uint32_t list_max;
};

static struct td_str pick_word(struct td_rng *rng, const char *const *words, size_t n)
{
    return td_str_of(words[td_rng_below(rng, n)]);
}
#define PICK(rng, ...)                                                                             \
    pick_word(rng, (const char *const[]){__VA_ARGS__},                                             \
              sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

/* Rows that the form spoken at `version` has; in protobuf the conditions still say which members count. */
static bool has_row(const struct td_tws_field *row, const uint8_t *base, int32_t version)
{
    if (version <= TD_TWS_VERSION_MAX)
        return row->since != TD_TWS_PROTOBUF && td_tws_row_present(row, base, version);
    return row->type == TD_F_UNSET ||
           (row->pb && (row->since <= TD_TWS_PROTOBUF || row->since <= version) &&
            (!row->when || td_tws_row_holds(row, base)));
}

static struct td_str random_text(struct td_rng *rng, const char *name)
{
    if (strstr(name, "sec_type"))
        return PICK(rng, "STK", "BAG", "FUND", "OPT", "");
    if (strstr(name, "order_type") && !strstr(name, "dn_") && !strstr(name, "adjusted"))
        return PICK(rng, "LMT", "PEG BENCH", "PEGBENCH", "PEG BEST", "PEGBEST", "PEG MID", "PEGMID",
                    "VOL");
    if (strstr(name, "dn_order_type"))
        return PICK(rng, "", "None", "MKT");
    if (strstr(name, "exchange"))
        return PICK(rng, "SMART", "IBKRATS", "ISLAND", "");
    return PICK(rng, "", "x", "AAPL", "20261121 05:30:00 US/Eastern", "two words", "a=b;c=d;",
                "tab\tand\nline", "a text that is longer than the sixteen bytes of the short scan",
                "back\\slash \\u0041 kept");
}

/* `exact`: no more digits than a double of the wire can hold, and not unset. */
static int64_t random_e9(struct td_rng *rng, const struct td_tws_field *row, bool exact)
{
    static const int64_t values[] = {0,
                                     1,
                                     -1,
                                     189950000000,
                                     -1000000000,
                                     10,
                                     1000000000000,
                                     123456789123456789,
                                     INT64_MAX - 1,
                                     -INT64_MAX + 1};
    const uint64_t draw = td_rng_below(rng, 14);
    if (draw < TD_COUNT(values) - (exact ? 3 : 0))
        return values[draw];
    if (draw == 12 && row->type == TD_F_E9I)
        return TD_TWS_INFINITY;
    if (draw == 11)
        return td_rng_between(rng, -99999999999, 99999999999) *
               10000000; /* ten digits, two places */
    return draw == 13 && row->pb != TD_TWS_BARE
               ? TD_E9_NONE
               : td_rng_between(rng, -1000000000000, 1000000000000);
}

/* Texts that are something else in protobuf come in the one form that comes back. */
static struct td_str random_row_text(struct td_rng *rng, const struct td_tws_field *row, bool proto)
{
    if (row->as == TD_PB_MAP)
        return PICK(rng, "", "a=b;c=d;", "adaptivePriority=Normal;", "x=;");
    if (row->as == TD_PB_DOUBLE)
        return PICK(rng, "", "50", "0.1", "1000", "-25000.75");
    if (row->type == TD_F_ESC && td_rng_chance(rng, 0.3))
        return td_str_of(proto ? "Schl\xc3\xbcssel \xe2\x82\xac \xf0\x9d\x84\x9e \\u00fc"
                               : "Schl\xc3\xbcssel \xe2\x82\xac \xf0\x9d\x84\x9e \\u00fc raw \xe9");
    return random_text(rng, row->name);
}

static int32_t random_i32(struct td_rng *rng)
{
    static const int32_t values[] = {0, 1, -1, 7001, INT32_MAX, INT32_MIN};
    const uint64_t draw = td_rng_below(rng, 8);
    return draw < 6 ? values[draw] : (int32_t)td_rng_between(rng, 0, 100000);
}

static int32_t random_choice(struct td_rng *rng, uint32_t values)
{
    int32_t value;
    do
        value = (int32_t)td_rng_below(rng, 32);
    while (!(values >> value & 1));
    return value;
}

static void fill_rows(struct filler *f, const struct td_tws_field *row, uint8_t *base);

static void fill_list(struct filler *f, const struct td_tws_field *row, uint8_t *base)
{
    TD_TWS_LIST(td_tws_text) list = {NULL, 0};
    list.n = (uint32_t)td_rng_below(f->rng, f->list_max + 1);
    uint8_t *elements = list.n ? td_arena_take(f->arena, list.n, row->size) : NULL;
    list.n = elements ? list.n : 0;
    list.p = (const void *)elements;
    for (uint32_t i = 0; i < list.n; i++)
        fill_rows(f, row->sub, elements + (size_t)i * row->size);
    memcpy(base + row->off, &list, sizeof list);
}

/* The prices of legs that are there already. */
static void fill_again(struct filler *f, const struct td_tws_field *row, uint8_t *base)
{
    struct {
        uint8_t *p;
        uint32_t n;
    } list;
    memcpy(&list, base + row->off, sizeof list);
    for (uint32_t i = 0; i < list.n; i++)
        fill_rows(f, row->sub, list.p + (size_t)i * row->size);
}

static void fill_row(struct filler *f, const struct td_tws_field *row, uint8_t *base)
{
    void *at = base + row->off;
    const bool proto = f->version > TD_TWS_VERSION_MAX;
    switch (row->type) {
    case TD_F_ID:
    case TD_F_I32:
    case TD_F_I32U:
    case TD_F_I32M:
        *(int32_t *)at = random_i32(f->rng);
        break;
    case TD_F_ENUM:
        *(int32_t *)at = random_choice(f->rng, row->values);
        break;
    case TD_F_I64:
        *(int64_t *)at = td_rng_chance(f->rng, 0.3) ? INT64_MAX : (int64_t)td_rng_u64(f->rng) / 2;
        break;
    case TD_F_MASK:
        *(bool *)(void *)(base + row->second) = td_rng_chance(f->rng, 0.5);
        *(bool *)at = td_rng_chance(f->rng, 0.5);
        break;
    case TD_F_BOOL:
    case TD_F_TRUE:
    case TD_F_AND:
        *(bool *)at = td_rng_chance(f->rng, 0.5);
        break;
    case TD_F_STR:
    case TD_F_TAIL:
    case TD_F_ESC:
        *(struct td_str *)at = random_row_text(f->rng, row, proto);
        break;
    case TD_F_SUB:
        fill_rows(f, row->sub, at);
        break;
    case TD_F_LIST:
        fill_list(f, row, base);
        break;
    case TD_F_AGAIN:
        fill_again(f, row, base);
        break;
    case TD_F_LIT:
        break;
    case TD_F_UNSET:
        *(int64_t *)at = TD_E9_NONE;
        break;
    default:
        *(int64_t *)at =
            random_e9(f->rng, row, proto && row->as == TD_PB_PLAIN && row->type != TD_F_QTY);
    }
}

/* Rows that are not on the wire become unset, as td_tws_msg_init and the decoder leave them. */
static void fill_rows(struct filler *f, const struct td_tws_field *row, uint8_t *base)
{
    for (; row->type != TD_F_END; row++) {
        if (f->version > TD_TWS_VERSION_MAX && row->type == TD_F_SUB && row->when == TD_W_FLAG)
            *(bool *)(void *)(base + row->arg) = td_rng_chance(f->rng, 0.5);
        if (has_row(row, base, f->version))
            fill_row(f, row, base);
        else if (f->version <= TD_TWS_VERSION_MAX ? row->since != TD_TWS_PROTOBUF : row->pb > 0)
            td_tws_row_unset(row, base);
    }
}

static uint8_t *msg_body(struct td_tws_msg *msg)
{
    return (uint8_t *)msg + offsetof(struct td_tws_msg, none);
}

static void fill_message(struct filler *f, struct td_tws_msg *msg, uint16_t kind)
{
    td_tws_msg_init(msg, kind);
    if (kind == TD_TWS_PLACE_ORDER) /* members no row carries decode as unset, false, 0 */
        msg->place_order.order.transmit = false, msg->place_order.order.exempt_code = 0;
    fill_rows(f, td_tws_layout_of(kind)->rows, msg_body(msg));
}

/* Name of the first row whose values differ, or NULL. */
static const char *differing_row(const struct td_tws_field *row, const uint8_t *a, const uint8_t *b,
                                 int32_t version);

static const char *differing_list(const struct td_tws_field *row, const uint8_t *a,
                                  const uint8_t *b, int32_t version)
{
    TD_TWS_LIST(td_tws_text) x, y;
    memcpy(&x, a + row->off, sizeof x);
    memcpy(&y, b + row->off, sizeof y);
    if (x.n != y.n)
        return row->name;
    for (uint32_t i = 0; i < x.n; i++) {
        const size_t at = (size_t)i * row->size;
        const char *name =
            differing_row(row->sub, (const uint8_t *)x.p + at, (const uint8_t *)y.p + at, version);
        if (name)
            return name;
    }
    return NULL;
}

static bool same_value(const struct td_tws_field *row, const void *a, const void *b)
{
    switch (row->type) {
    case TD_F_ID:
    case TD_F_I32:
    case TD_F_I32U:
    case TD_F_I32M:
    case TD_F_ENUM:
        return !memcmp(a, b, sizeof(int32_t));
    case TD_F_BOOL:
    case TD_F_TRUE:
    case TD_F_AND:
    case TD_F_MASK:
        return *(const bool *)a == *(const bool *)b;
    case TD_F_STR:
    case TD_F_TAIL:
    case TD_F_ESC:
        return td_str_eq(*(const struct td_str *)a, *(const struct td_str *)b);
    case TD_F_LIT:
        return true;
    default:
        return !memcmp(a, b, sizeof(int64_t));
    }
}

static const char *differing_row(const struct td_tws_field *row, const uint8_t *a, const uint8_t *b,
                                 int32_t version)
{
    for (; row->type != TD_F_END; row++) {
        const char *name = NULL;
        if (!has_row(row, a, version))
            continue;
        if (row->type == TD_F_LIST || row->type == TD_F_AGAIN)
            name = differing_list(row, a, b, version);
        else if (row->type == TD_F_SUB)
            name = differing_row(row->sub, a + row->off, b + row->off, version);
        else if (!same_value(row, a + row->off, b + row->off))
            name = row->name;
        else if (row->type == TD_F_MASK && a[row->second] != b[row->second])
            name = row->name;
        if (name)
            return name;
    }
    return NULL;
}

#endif
