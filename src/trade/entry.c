/* trade/entry.c - the tables of records and fields, and the one encoder and decoder that read them. */
#include "trade/entry.h"

enum field_kind { KIND_U8, KIND_I64, KIND_E9, KIND_TEXT };

struct field {
    const char *name;
    enum field_kind kind;
    size_t at;
    size_t size;
};

#define FIELD(kind, member)                                                                        \
    {                                                                                              \
#member, kind, offsetof(struct td_record, member), sizeof(((struct td_record *)0)->member) \
    }
/* Order = bit number of enum td_record_field = order on disk. */
static const struct field fields[] = {
    FIELD(KIND_I64, key),       FIELD(KIND_I64, order_id),  FIELD(KIND_I64, perm_id),
    FIELD(KIND_I64, client_id), FIELD(KIND_I64, conid),     FIELD(KIND_U8, action),
    FIELD(KIND_U8, otype),      FIELD(KIND_I64, code),      FIELD(KIND_I64, number),
    FIELD(KIND_E9, qty),        FIELD(KIND_E9, limit),      FIELD(KIND_E9, stop),
    FIELD(KIND_E9, px),         FIELD(KIND_E9, multiplier), FIELD(KIND_E9, cash),
    FIELD(KIND_E9, pnl),        FIELD(KIND_TEXT, symbol),   FIELD(KIND_TEXT, status),
    FIELD(KIND_TEXT, exec_id),  FIELD(KIND_TEXT, ref),      FIELD(KIND_TEXT, account),
    FIELD(KIND_TEXT, strategy), FIELD(KIND_TEXT, text),     FIELD(KIND_U8, tif),
    FIELD(KIND_U8, role),       FIELD(KIND_I64, parent),    FIELD(KIND_I64, group),
    FIELD(KIND_I64, tag),       FIELD(KIND_E9, display),    FIELD(KIND_E9, trail),
    FIELD(KIND_E9, target),     FIELD(KIND_E9, protect),    FIELD(KIND_I64, until),
};
_Static_assert(UINT64_C(1) << (TD_COUNT(fields) - 1) == F_UNTIL, "one row per bit");
_Static_assert(UINT64_C(1) << (TD_RECORD_FIELDS_V1 - 1) == F_TEXT, "version 1 ended with it");

struct type_row {
    const char *name;
    uint64_t fields;
    const char *meaning;
};

#define ROW(name, mask, meaning) {#name, mask, meaning},
static const struct type_row types[] = {{"NONE", 0, ""}, TD_RECORDS(ROW)};
#undef ROW
_Static_assert(TD_COUNT(types) == TD_REC_TYPES, "one row per type");

#define HEAD 18u /* seq, time, type */

void td_record_init(struct td_record *r, enum td_record_type type, td_ns at_ns)
{
    memset(r, 0, sizeof *r);
    r->type = (uint16_t)type;
    r->at_ns = at_ns;
    r->qty = r->multiplier = TD_QTY_NONE;
    r->limit = r->stop = r->px = r->trail = r->target = r->protect = TD_PX_NONE;
    r->cash = r->pnl = TD_CASH_NONE;
}

static inline uint8_t *put(uint8_t *p, uint64_t value, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        p[i] = (uint8_t)(value >> (8 * i));
    return p + bytes;
}

static uint64_t get(const uint8_t *p, size_t bytes)
{
    uint64_t value = 0;
    for (size_t i = 0; i < bytes; i++)
        value |= (uint64_t)p[i] << (8 * i);
    return value;
}

static uint8_t *put_text(uint8_t *p, const char *from, size_t size)
{
    const char *nul = memchr(from, 0, size);
    const size_t n = nul ? (size_t)(nul - from) : size - 1;
    p = put(p, n, 2);
    memcpy(p, from, n);
    return p + n;
}

size_t td_record_encode(const struct td_record *r, uint8_t *out)
{
    TD_REQUIRE(r->type > TD_REC_NONE && r->type < TD_REC_TYPES);
    uint8_t *p = put(put(put(out, r->seq, 8), (uint64_t)r->at_ns, 8), r->type, 2);
    for (size_t i = 0; i < TD_COUNT(fields); i++) {
        const char *from = (const char *)r + fields[i].at;
        uint64_t value;
        if (!(types[r->type].fields & (UINT64_C(1) << i)))
            continue;
        switch (fields[i].kind) {
        case KIND_TEXT:
            p = put_text(p, from, fields[i].size);
            break;
        case KIND_U8:
            *p++ = *(const uint8_t *)from;
            break;
        case KIND_I64:
        case KIND_E9:
            memcpy(&value, from, sizeof value);
            p = put(p, value, sizeof value);
            break;
        }
    }
    TD_REQUIRE((size_t)(p - out) <= TD_RECORD_BYTES_MAX);
    return (size_t)(p - out);
}

static enum td_err take_field(const struct field *f, const uint8_t **p, size_t *left,
                              struct td_record *out)
{
    char *into = (char *)out + f->at;
    if (f->kind == KIND_TEXT) {
        if (*left < 2)
            return TD_ECORRUPT;
        const size_t n = (size_t)get(*p, 2);
        if (n >= f->size || *left - 2 < n)
            return TD_ECORRUPT;
        memcpy(into, *p + 2, n);
        into[n] = '\0';
        *p += 2 + n;
        *left -= 2 + n;
        return TD_OK;
    }
    if (*left < f->size)
        return TD_ECORRUPT;
    const uint64_t value = get(*p, f->size);
    memcpy(into, &value, f->size);
    *p += f->size;
    *left -= f->size;
    return TD_OK;
}

enum td_err td_record_decode(const uint8_t *bytes, size_t len, uint32_t version,
                             struct td_record *out)
{
    const size_t known = version < 2 ? TD_RECORD_FIELDS_V1 : TD_COUNT(fields);
    struct td_record r;
    if (len < HEAD)
        return TD_ECORRUPT;
    const uint64_t type = get(bytes + 16, 2);
    if (type == TD_REC_NONE || type >= TD_REC_TYPES)
        return TD_EVERSION;
    td_record_init(&r, (enum td_record_type)type, (td_ns)get(bytes + 8, 8));
    r.seq = get(bytes, 8);
    const uint8_t *p = bytes + HEAD;
    size_t left = len - HEAD;
    for (size_t i = 0; i < known; i++) {
        if (!(types[type].fields & (UINT64_C(1) << i)))
            continue;
        const enum td_err err = take_field(&fields[i], &p, &left, &r);
        if (err)
            return err;
    }
    if (left || r.action > TD_SELL || r.otype >= TD_ORDER_TYPE_COUNT || r.tif >= TD_TIF_COUNT ||
        r.role >= TD_ROLE_COUNT)
        return TD_ECORRUPT;
    *out = r;
    return TD_OK;
}

const char *td_record_name(enum td_record_type type)
{
    return (unsigned)type < TD_REC_TYPES ? types[type].name : "?";
}

void td_record_print(const struct td_record *r, struct td_text *out)
{
    td_text_printf(out, "%llu ", (unsigned long long)r->seq);
    td_text_iso(out, r->at_ns);
    td_text_printf(out, " %s", td_record_name((enum td_record_type)r->type));
    for (size_t i = 0; i < TD_COUNT(fields); i++) {
        const char *from = (const char *)r + fields[i].at;
        int64_t value = 0;
        if (r->type >= TD_REC_TYPES || !(types[r->type].fields & (UINT64_C(1) << i)))
            continue;
        td_text_printf(out, " %s=", fields[i].name);
        if (fields[i].kind == KIND_TEXT) {
            td_text_json(out, td_str_of(from));
            continue;
        }
        memcpy(&value, from, fields[i].size);
        if (fields[i].kind == KIND_E9)
            td_text_e9(out, value);
        else
            td_text_i64(out, value);
    }
}

void td_record_json(const struct td_record *r, struct td_text *out)
{
    td_text_printf(out, "{\"seq\":%llu,\"time\":\"", (unsigned long long)r->seq);
    td_text_iso(out, r->at_ns);
    td_text_printf(out, "\",\"type\":\"%s\"", td_record_name((enum td_record_type)r->type));
    for (size_t i = 0; i < TD_COUNT(fields); i++) {
        const char *from = (const char *)r + fields[i].at;
        int64_t value = 0;
        if (r->type >= TD_REC_TYPES || !(types[r->type].fields & (UINT64_C(1) << i)))
            continue;
        td_text_printf(out, ",\"%s\":", fields[i].name);
        if (fields[i].kind == KIND_TEXT) {
            td_text_json(out, td_str_of(from));
            continue;
        }
        memcpy(&value, from, fields[i].size);
        if (fields[i].kind == KIND_E9 && value == TD_E9_NONE)
            td_text_put(out, "null");
        else if (fields[i].kind == KIND_E9)
            td_text_e9(out, value);
        else
            td_text_i64(out, value);
    }
    td_text_char(out, '}');
}

void td_record_describe(struct td_text *out)
{
    static const char *const forms[] = {"u8", "i64", "i64 1e-9", "u16 length + bytes"};
    td_text_put(out, "| type | name | meaning | fields after the head, in this order |\n| --- | "
                     "--- | --- | --- |\n");
    for (size_t t = 1; t < TD_REC_TYPES; t++) {
        td_text_printf(out, "| %zu | %s | %s |", t, types[t].name, types[t].meaning);
        for (size_t i = 0; i < TD_COUNT(fields); i++)
            if (types[t].fields & (UINT64_C(1) << i))
                td_text_printf(out, " %s (%s)", fields[i].name, forms[fields[i].kind]);
        td_text_put(out, " |\n");
    }
}
