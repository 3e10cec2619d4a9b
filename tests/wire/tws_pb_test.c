/* tests/wire/tws_pb_test.c - hostile protobuf: wrong types, wrong values, changed bytes, too little room.
 *
 * Every row of every table is met by every wire type with values at and past its bounds, alone and inside its parents.
 * The exchange of whole messages is tws_roundtrip_test's; agreement with another codec is interop/protobuf_c's.
 */
#include "support/support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tws_fill.h"
#include "wire/tws_pb.h"

#define BYTES   (1 << 18)
#define VERSION 225
#define NESTED  6

static struct {
    struct td_rng rng;
    struct td_arena made, read;
    uint8_t *bytes;
    uint64_t ok, proto, range, full, other;
} b;

static int set_up(void **state)
{
    (void)state;
    td_rng_init(&b.rng, 213);
    td_arena_init(&b.made, malloc(BYTES), BYTES);
    td_arena_init(&b.read, malloc(BYTES), BYTES);
    b.bytes = malloc(BYTES);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    free(b.made.base);
    free(b.read.base);
    free(b.bytes);
    return 0;
}

/* Decodes a copy that ends where its memory ends. */
static enum td_err decode(uint16_t kind, const uint8_t *bytes, size_t len)
{
    const struct td_tws_codec codec = {VERSION, td_tws_is_request(kind), &b.read};
    struct td_tws_msg msg;
    struct td_tws_decoded info;
    uint8_t *copy = malloc(len ? len : 1);
    memcpy(copy, bytes, len);
    const enum td_err err = td_tws_decode(&codec, (struct td_str){(char *)copy, len}, &msg, &info);
    free(copy);
    b.ok += err == TD_OK;
    b.proto += err == TD_EPROTO;
    b.range += err == TD_ERANGE;
    b.full += err == TD_EFULL;
    b.other += err != TD_OK && err != TD_EPROTO && err != TD_ERANGE && err != TD_EFULL;
    return err;
}

static bool is_proto(uint16_t kind)
{
    return td_tws_layout_of(kind) && !td_tws_text_only(kind);
}

/* A filled message and its length. */
static size_t encode(uint16_t kind, struct td_tws_msg *msg)
{
    const struct td_tws_codec codec = {VERSION, td_tws_is_request(kind), &b.read};
    struct filler f = {&b.rng, &b.made, VERSION, 2};
    size_t len = 0;
    td_arena_reset(&b.made);
    fill_message(&f, msg, kind);
    TD_OK_OR_FAIL(td_tws_encode(&codec, msg, b.bytes, BYTES, &len));
    return len;
}

/* --- changed bytes --- */

static void changed_bytes_are_survived(void **state)
{
    (void)state;
    static const uint8_t changes[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
    struct td_tws_msg msg;
    b.ok = b.proto = b.range = b.other = 0;
    for (uint16_t kind = 0; kind < TD_TWS_KINDS; kind++) {
        const size_t len = is_proto(kind) ? encode(kind, &msg) : 0;
        for (size_t at = 4; at < len; at++)
            for (size_t i = 0; i < TD_COUNT(changes); i++) {
                const uint8_t before = b.bytes[at];
                b.bytes[at] = changes[i];
                (void)decode(kind, b.bytes, len);
                b.bytes[at] = before;
            }
    }
    print_message("%llu accepted, %llu refused, %llu out of range\n", (unsigned long long)b.ok,
                  (unsigned long long)b.proto, (unsigned long long)b.range);
    assert_true(b.proto > 1000 && b.range > 0 && b.other == 0);
}

/* --- too little room --- */

static void every_shorter_buffer_is_refused(void **state)
{
    (void)state;
    struct td_tws_msg msg;
    for (uint16_t kind = 0; kind < TD_TWS_KINDS; kind++) {
        if (!is_proto(kind))
            continue;
        const struct td_tws_codec codec = {VERSION, td_tws_is_request(kind), &b.read};
        const size_t len = encode(kind, &msg);
        for (size_t cap = 0; cap < len; cap++) {
            size_t got = 0;
            uint8_t *room = malloc(cap ? cap : 1);
            if (td_tws_encode(&codec, &msg, room, cap, &got) != TD_EFULL)
                fail_msg("%s fits into %zu of %zu bytes", td_tws_kind_name(kind), cap, len);
            free(room);
        }
    }
}

static void a_small_arena_is_told(void **state)
{
    (void)state;
    struct td_tws_msg msg;
    struct td_tws_decoded info;
    uint64_t full = 0;
    for (uint16_t kind = 0; kind < TD_TWS_KINDS; kind++) {
        const size_t len = is_proto(kind) ? encode(kind, &msg) : 0;
        for (size_t room = 0; len && room < 1024; room += 8) {
            struct td_arena small;
            const struct td_tws_codec codec = {VERSION, td_tws_is_request(kind), &small};
            uint8_t *block = malloc(room ? room : 1);
            td_arena_init(&small, block, room);
            const enum td_err err =
                td_tws_decode(&codec, (struct td_str){(char *)b.bytes, len}, &msg, &info);
            free(block);
            full += err == TD_EFULL;
            if (err && err != TD_EFULL)
                fail_msg("%s: %s", td_tws_kind_name(kind), td_err_name(err));
        }
    }
    assert_true(full > 100);
}

/* --- every row, every wire type --- */

struct part {
    uint8_t bytes[64];
    size_t len;
};

static size_t put_varint(uint8_t *p, uint64_t value)
{
    size_t n = 0;
    for (; value > 127; value >>= 7)
        p[n++] = (uint8_t)(value | 128);
    p[n++] = (uint8_t)value;
    return n;
}

static struct part field(uint64_t number, unsigned type, const void *value, size_t len)
{
    struct part f;
    f.len = put_varint(f.bytes, number << 3 | type);
    if (type == TD_PB_SPAN)
        f.len += put_varint(f.bytes + f.len, len);
    memcpy(f.bytes + f.len, value, len);
    f.len += len;
    return f;
}

static struct part varint(uint64_t number, uint64_t value)
{
    uint8_t bytes[10];
    return field(number, TD_PB_VARINT, bytes, put_varint(bytes, value));
}

static struct part real(uint64_t number, double value)
{
    return field(number, TD_PB_FIXED64, &value, sizeof value);
}

static struct part span(uint64_t number, const char *text)
{
    return field(number, TD_PB_SPAN, text, strlen(text));
}

/* Inside the messages of `path`, behind the head of the kind; twice in a row, and all of it again: a message that comes in
 * parts is one message. */
static void feed(uint16_t kind, const uint64_t *path, size_t depth, const struct part *f)
{
    uint8_t body[512], out[1028];
    size_t len = 0;
    for (int i = 0; i < 2; i++, len += f->len)
        memcpy(body + len, f->bytes, f->len);
    for (size_t i = depth; i-- > 0;) {
        uint8_t head[20];
        size_t n = put_varint(head, path[i] << 3 | TD_PB_SPAN);
        n += put_varint(head + n, len);
        memmove(body + n, body, len);
        memcpy(body, head, n);
        len += n;
    }
    memcpy(out, b.bytes, 4); /* the message id */
    memcpy(out + 4, body, len);
    (void)decode(kind, out, 4 + len);
    memcpy(out + 4 + len, body, len);
    (void)decode(kind, out, 4 + 2 * len);
}

static void try_number(uint16_t kind, const uint64_t *path, size_t depth, uint64_t number)
{
    static const uint8_t overlong[] = {0x80, 0x80, 0x80, 0x80, 0x80, 0x80,
                                       0x80, 0x80, 0x80, 0x80, 0x80, 0x01};
    static const uint8_t half_varint[] = {0x80};
    static const uint8_t pair[] = {0x0a, 1, 'a', 0x12, 1, 'b', 0x1a, 1, 'c'},
                         bad_pair[] = {0x0a, 1, 'a', 0x10, 1}, torn_pair[] = {0x0a, 9, 'a'},
                         eights[16] = {0}, few[] = {1, 2, 3};
    const struct part parts[] = {field(number, TD_PB_SPAN, pair, sizeof pair),
                                 field(number, TD_PB_SPAN, bad_pair, sizeof bad_pair),
                                 field(number, TD_PB_SPAN, torn_pair, sizeof torn_pair),
                                 field(number, TD_PB_SPAN, eights, sizeof eights),
                                 field(number, TD_PB_SPAN, few, sizeof few),
                                 varint(number, 0),
                                 varint(number, 31),
                                 varint(number, 32),
                                 varint(number, UINT64_MAX),
                                 varint(number, INT32_MAX),
                                 varint(number, (uint64_t)INT32_MAX + 1),
                                 real(number, 0.25),
                                 real(number, (double)NAN),
                                 real(number, (double)INFINITY),
                                 real(number, -(double)INFINITY),
                                 real(number, 1e200),
                                 real(number, 1.7976931348623157e308),
                                 span(number, ""),
                                 span(number, "12.5"),
                                 span(number, "99999999999999999999"),
                                 span(number, "abcdefgh"),
                                 span(number, "\xff\xff\xff"),
                                 field(number, TD_PB_SPAN, half_varint, 1),
                                 field(number, TD_PB_FIXED32, "1234", 4),
                                 field(number, TD_PB_FIXED32, "12", 2),
                                 field(number, TD_PB_FIXED64, "12", 2),
                                 field(number, 3, "", 0),
                                 field(number, 4, "", 0),
                                 field(number, 7, "", 0),
                                 field(number, TD_PB_VARINT, overlong, sizeof overlong),
                                 field(number, TD_PB_VARINT, "", 0)};
    for (size_t i = 0; i < TD_COUNT(parts); i++)
        feed(kind, path, depth, &parts[i]);
}

static void try_rows(uint16_t kind, const struct td_tws_field *row, uint64_t *path, size_t depth)
{
    for (; row->type != TD_F_END; row++) {
        const bool nested = row->type == TD_F_SUB || row->type == TD_F_LIST;
        if (!row->pb)
            continue;
        if (row->pb < TD_TWS_BARE)
            try_number(kind, path, depth, row->pb);
        if (nested && row->sub->pb != TD_TWS_BARE && depth < NESTED) {
            path[depth] = row->pb;
            try_rows(kind, row->sub, path, depth + 1);
        }
    }
    try_number(kind, path, depth, 0);      /* no field has this number */
    try_number(kind, path, depth, 500000); /* nobody knows this one: skipped */
}

static void wrong_types_and_values_are_refused(void **state)
{
    (void)state;
    struct td_tws_msg msg;
    uint64_t path[NESTED + 1];
    b.ok = b.proto = b.range = b.full = b.other = 0;
    for (uint16_t kind = 0; kind < TD_TWS_KINDS; kind++) {
        if (!is_proto(kind))
            continue;
        (void)encode(kind, &msg); /* its head stays in b.bytes */
        try_rows(kind, td_tws_layout_of(kind)->rows, path, 0);
    }
    print_message("%llu accepted, %llu refused, %llu out of range\n", (unsigned long long)b.ok,
                  (unsigned long long)b.proto, (unsigned long long)b.range);
    assert_true(b.ok > 1000 && b.proto > b.ok && b.range > 100);
    assert_int_equal(b.other + b.full, 0);
}

/* --- numbers --- */

static void doubles_become_the_decimals_they_were(void **state)
{
    (void)state;
    static const struct {
        double value;
        int64_t e9;
    } rows[] = {{0, 0},
                {0.1, 100000000},
                {-0.1, -100000000},
                {189.95, 189950000000},
                {0.000000001, 1},
                {123456789.123456, 123456789123456000},
                {5000000000.25, 5000000000250000000},
                {-5000000000.25, -5000000000250000000},
                {9199999999.5, 9199999999500000000}};
    int64_t out;
    for (size_t i = 0; i < TD_COUNT(rows); i++) {
        TD_OK_OR_FAIL(td_pb_double(rows[i].value, false, &out));
        assert_true(out == rows[i].e9);
    }
    assert_int_equal(td_pb_double((double)NAN, true, &out), TD_EPROTO);
    assert_int_equal(td_pb_double(9.3e9, true, &out), TD_ERANGE);
    assert_int_equal(td_pb_double(-9.3e9, true, &out), TD_ERANGE);
    assert_int_equal(td_pb_double(-(double)INFINITY, true, &out), TD_ERANGE);
    TD_OK_OR_FAIL(td_pb_double(1.7976931348623157e308, true, &out));
    assert_true(out == TD_E9_NONE);
    TD_OK_OR_FAIL(td_pb_double((double)INFINITY, true, &out));
    assert_true(out == TD_TWS_INFINITY);
    TD_OK_OR_FAIL(td_pb_double((double)INFINITY, false, &out));
    assert_true(out == TD_E9_NONE);
    for (double value = 2.26e6; value < TD_PB_MOST; value *= 1.0173) { /* no decimal in mind */
        TD_OK_OR_FAIL(td_pb_double(value, false, &out));
        assert_true(fabs((double)out / 1e9 - value) <= value * 1e-15);
    }
}

/* --- what may not be written --- */

static enum td_err write_order(const struct td_tws_msg *msg)
{
    const struct td_tws_codec codec = {VERSION, td_tws_is_request(msg->kind), &b.read};
    size_t len = 0;
    return td_tws_encode(&codec, msg, b.bytes, BYTES, &len);
}

static void what_no_reader_takes_is_not_written(void **state)
{
    (void)state;
    static const char *const bad_pairs[] = {"\x01=1;", "novalue;", "\xff=1;", "a=1;b"};
    struct td_tws_msg msg;
    td_tws_msg_init(&msg, TD_TWS_PLACE_ORDER);
    td_tws_order_init(&msg.place_order.order);
    msg.place_order.contract.symbol = td_str_of("AAPL");
    TD_OK_OR_FAIL(write_order(&msg));
    msg.place_order.contract.symbol = td_str_of("\xc3\xa9"); /* requests are ASCII */
    assert_int_equal(write_order(&msg), TD_EINVAL);
    msg.place_order.contract.symbol = td_str_of("AAPL");
    msg.place_order.contract.multiplier = td_str_of("fifty");
    assert_int_equal(write_order(&msg), TD_EINVAL);
    msg.place_order.contract.multiplier = td_str_of("9210000000");
    assert_int_equal(write_order(&msg), TD_ERANGE);
    msg.place_order.contract.multiplier = td_str_of("-9210000000");
    assert_int_not_equal(write_order(&msg), TD_OK);
    msg.place_order.contract.multiplier = td_str_of("0.5");
    TD_OK_OR_FAIL(write_order(&msg));
    msg.place_order.order.total_quantity = (td_qty){-INT64_MAX};
    assert_int_equal(write_order(&msg), TD_ERANGE);
    msg.place_order.order.total_quantity = TD_QTY(1);
    for (size_t i = 0; i < TD_COUNT(bad_pairs); i++) {
        msg.place_order.order.misc_options = td_str_of(bad_pairs[i]);
        assert_int_equal(write_order(&msg), TD_EINVAL);
    }
    msg.place_order.order.misc_options = td_str_of(";a=1;;b=;");
    TD_OK_OR_FAIL(write_order(&msg));
}

/* Fixed point that is no number, infinity where it is none, a choice that does not exist. */
static void try_values(uint16_t kind, const struct td_tws_field *row, uint8_t *base,
                       struct td_tws_msg *msg)
{
    static const int64_t odd[] = {-INT64_MAX, TD_TWS_INFINITY, TD_TWS_INT_NONE * TD_E9,
                                  INT64_C(9210000000) * TD_E9, -INT64_C(9210000000) * TD_E9};
    for (; row->type != TD_F_END; row++) {
        int64_t *at = (int64_t *)(void *)(base + row->off), kept;
        const bool fixed = row->type >= TD_F_E9 && row->type <= TD_F_QTY;
        if (row->type == TD_F_SUB && row->pb && row->when == TD_W_ALWAYS)
            try_values(kind, row->sub, base + row->off, msg);
        if (row->type == TD_F_ENUM && row->pb && row->when == TD_W_ALWAYS) {
            int32_t *choice = (int32_t *)(void *)(base + row->off), before = *choice;
            for (*choice = -1; *choice <= 32; *choice += 11)
                b.range += write_order(msg) == TD_ERANGE;
            *choice = before;
        }
        if (!fixed || !row->pb || row->when != TD_W_ALWAYS)
            continue;
        kept = *at;
        for (size_t i = 0; i < TD_COUNT(odd); i++) {
            *at = odd[i];
            const struct td_tws_codec text = {200, td_tws_is_request(kind), &b.read};
            size_t len = 0;
            const enum td_err err = write_order(msg),
                              old = td_tws_encode(&text, msg, b.bytes, BYTES, &len);
            if (old && old != TD_ERANGE && old != TD_EUNSUP)
                fail_msg("%s.%s at 200: %s", td_tws_kind_name(kind), row->name, td_err_name(old));
            b.range += err == TD_ERANGE;
            b.ok += err == TD_OK;
            if (err && err != TD_ERANGE)
                fail_msg("%s.%s: %s", td_tws_kind_name(kind), row->name, td_err_name(err));
        }
        *at = kept;
    }
}

static void values_without_a_form_are_refused(void **state)
{
    (void)state;
    struct td_tws_msg msg;
    b.ok = b.range = 0;
    for (uint16_t kind = 0; kind < TD_TWS_KINDS; kind++)
        if (is_proto(kind)) {
            (void)encode(kind, &msg);
            try_values(kind, td_tws_layout_of(kind)->rows, msg_body(&msg), &msg);
        }
    assert_true(b.range > 100 && b.ok > 10);
}

/* --- messages nobody has a table for --- */

static void messages_of_others_are_carried(void **state)
{
    (void)state;
    struct td_tws_msg msg, back;
    struct td_tws_decoded info;
    const struct td_tws_codec codec = {VERSION, false, &b.read}, text = {200, false, &b.read};
    size_t len = 0;
    td_tws_msg_init(&msg, TD_TWS_OTHER_REPLY);
    msg.other.id = 388;
    msg.other.fields = td_str_of("anything");
    TD_OK_OR_FAIL(td_tws_encode(&codec, &msg, b.bytes, BYTES, &len));
    TD_OK_OR_FAIL(td_tws_decode(&codec, (struct td_str){(char *)b.bytes, len}, &back, &info));
    assert_int_equal(back.kind, TD_TWS_OTHER_REPLY);
    assert_int_equal(back.other.id, 388);
    assert_true(td_str_is(back.other.fields, "anything"));
    assert_int_equal(td_tws_encode(&codec, &msg, b.bytes, len - 1, &len), TD_EFULL);
    assert_int_equal(td_tws_encode(&text, &msg, b.bytes, BYTES, &len), TD_EINVAL);
    msg.other.id = 188; /* of text, whose fields end with a NUL */
    assert_int_equal(td_tws_encode(&codec, &msg, b.bytes, BYTES, &len), TD_EINVAL);
    static const int32_t bad[] = {0, -1, INT32_MAX, 401};
    for (size_t i = 0; i < TD_COUNT(bad); i++) {
        msg.other.id = bad[i];
        assert_int_not_equal(td_tws_encode(&codec, &msg, b.bytes, BYTES, &len), TD_OK);
    }
    static const uint8_t ids[][4] = {{0, 0, 0, 0}, {255, 255, 255, 255}, {0, 0, 2, 0}};
    for (size_t i = 0; i < TD_COUNT(ids); i++)
        assert_int_not_equal(
            td_tws_decode(&codec, (struct td_str){(const char *)ids[i], 4}, &back, &info), TD_OK);
    assert_int_equal(td_tws_decode(&codec, td_str_of("abc"), &back, &info), TD_EPROTO);
    static const char within[] = {0, 0, 0, 100, 'x'}; /* text ids do not end in the middle */
    assert_int_equal(td_tws_decode(&codec, (struct td_str){within, 5}, &back, &info), TD_EPROTO);
}

/* Behind a good reply: a field number 0, a key without its end, a field that nobody knows and that is cut, and one whole. */
static void keys_and_unknown_fields_are_checked(void **state)
{
    (void)state;
    static const struct {
        uint8_t bytes[4];
        size_t len;
        enum td_err err;
    } rows[] = {{{0}, 1, TD_EPROTO},
                {{0, 1}, 2, TD_EPROTO},
                {{0x80}, 1, TD_EPROTO},
                {{0xc2, 0x3e, 5, 'x'}, 4, TD_EPROTO},
                {{0xc0, 0x3e, 0x80}, 3, TD_EPROTO},
                {{0xc1, 0x3e, 1, 2}, 4, TD_EPROTO},
                {{0xc2, 0x3e, 1, 'x'}, 4, TD_OK}};
    const struct td_tws_codec codec = {VERSION, false, &b.read};
    struct td_tws_msg msg;
    size_t len = 0;
    td_tws_msg_init(&msg, TD_TWS_ERROR);
    msg.error.text = td_str_of("no such contract");
    TD_OK_OR_FAIL(td_tws_encode(&codec, &msg, b.bytes, BYTES - sizeof rows[0].bytes, &len));
    for (size_t i = 0; i < TD_COUNT(rows); i++) {
        memcpy(b.bytes + len, rows[i].bytes, rows[i].len);
        assert_int_equal(decode(TD_TWS_ERROR, b.bytes, len + rows[i].len), rows[i].err);
    }
}

static void texts_of_replies_are_utf8(void **state)
{
    (void)state;
    static const char *const bad[] = {"\xff",         "\xc3",  "a\xe2\x82",
                                      "\xf0\x9f\x98", "\xc3(", "\xed\xa0\x80"};
    struct td_tws_msg msg;
    td_tws_msg_init(&msg, TD_TWS_ERROR);
    for (size_t i = 0; i < TD_COUNT(bad); i++) {
        msg.error.text = td_str_of(bad[i]);
        assert_int_equal(write_order(&msg), TD_EINVAL);
    }
    msg.error.text = td_str_of("\xe2\x82\xac \xf0\x9f\x98\x80 \xc3\xa9");
    TD_OK_OR_FAIL(write_order(&msg));
    td_tws_msg_init(&msg, TD_TWS_OPEN_ORDER);
    td_tws_order_init(&msg.open_order.order);
    TD_OK_OR_FAIL(write_order(&msg));
    msg.open_order.order.misc_options = td_str_of("\xff=1;");
    assert_int_equal(write_order(&msg), TD_EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_of_replies_are_utf8),
        cmocka_unit_test(changed_bytes_are_survived),
        cmocka_unit_test(every_shorter_buffer_is_refused),
        cmocka_unit_test(a_small_arena_is_told),
        cmocka_unit_test(wrong_types_and_values_are_refused),
        cmocka_unit_test(doubles_become_the_decimals_they_were),
        cmocka_unit_test(what_no_reader_takes_is_not_written),
        cmocka_unit_test(values_without_a_form_are_refused),
        cmocka_unit_test(messages_of_others_are_carried),
        cmocka_unit_test(keys_and_unknown_fields_are_checked),
    };
    return cmocka_run_group_tests_name("wire/tws_pb", tests, set_up, tear_down);
}
