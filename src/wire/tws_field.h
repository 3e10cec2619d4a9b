/* wire/tws_field.h - the field tables of the TWS protocol and the interpreters that run them.
 *
 * A message is an array of rows in the order of its text form, ended by a row of type TD_F_END. A row says what
 * the field is, where its value lives in the message's struct, at which server versions it is on the wire, on
 * which earlier value it depends, and its number in the protobuf form. Both forms are decoded and encoded from the
 * same rows, so neither the two directions nor the two forms can drift apart. Rows may enter a table of their
 * own (TD_F_SUB: in text a shared tuple, in protobuf a nested message) or repeat one (TD_F_LIST: behind a count,
 * or a repeated field).
 *
 * A row without a protobuf number is only in the text form; one with .since = TD_TWS_PROTOBUF only in protobuf, where
 * it may nest what text has flat. Versions do not matter otherwise in protobuf: every gate is below it.
 *
 * Pure and bounded: lists come from the caller's arena, a count is believed only as far as the remaining
 * bytes could hold it, nesting is a property of the tables. Source: tws-protocol sections 2 and 4.
 */
#ifndef TD_WIRE_TWS_FIELD_H
#define TD_WIRE_TWS_FIELD_H

#include "base/arena.h"
#include "wire/tws_msg.h"

enum td_tws_field_type {
    TD_F_END,   /* no field: the table ends                                                   */
    TD_F_UNSET, /* no field: a fixed-point member this message never carries becomes unset    */
    TD_F_LIT,   /* `text` when written, anything when read (legacy version numbers)           */
    TD_F_ID,    /* int32; also the request or order id an error would name                    */
    TD_F_I32,   /* int32; empty reads 0                                                       */
    TD_F_I32U,  /* int32; unset is empty                                                      */
    TD_F_I32M,  /* int32; unset is written 2147483647, empty reads unset                      */
    TD_F_ENUM,  /* int32 that must be one of the bits of `values`: the layout depends on it   */
    TD_F_I64,   /* int64; empty reads 0                                                       */
    TD_F_BOOL,  /* bool; non-zero is true, empty false                                        */
    TD_F_MASK,  /* bit 0 is the bool at `off`, bit 1 the bool at `second`                        */
    TD_F_STR,   /* bytes                                                                      */
    TD_F_ESC,   /* text the gateway sends with \uXXXX escapes                                 */
    TD_F_TRUE,  /* bool written "true" or "false"                                              */
    TD_F_AND,   /* bool written "a" (and) or "o" (or)                                          */
    TD_F_TAIL,  /* the last text of the payload; some clients send a count in front of it      */
    TD_F_E9,    /* double as fixed point; empty reads 0, unset is written as the largest double */
    TD_F_E9U,   /* double; unset is empty                                                     */
    TD_F_E9I,   /* double; unset is empty, "Infinity" is a value (TD_TWS_INFINITY)            */
    TD_F_QTY,   /* decimal; empty and the four sentinels of section 2 are unset               */
    TD_F_SUB,   /* the rows of `sub` on the struct at `off`                                   */
    TD_F_LIST,  /* a count, then so many times the rows of `sub`; elements of `size` bytes    */
    TD_F_AGAIN, /* as LIST over the elements that are there; a count of 0 leaves them unset   */
};

/* How a row's value travels in protobuf, where it is not the plain way of its type (integers and bools as varints,
 * texts and decimals as strings, doubles as doubles). */
enum td_tws_pb {
    TD_PB_PLAIN,
    TD_PB_TEXT,   /* a number as decimal text           */
    TD_PB_DOUBLE, /* a number that is text in our struct */
    TD_PB_MAP,    /* "tag=value;" text as a map          */
};

/* When a row is on the wire, besides its versions. `arg` is the offset of the member looked at. */
enum td_tws_when {
    TD_W_ALWAYS,
    TD_W_TEXT,      /* the text at arg is not empty                                */
    TD_W_IS,        /* the text at arg is `text`                                   */
    TD_W_FLAG,      /* the bool at arg is true                                     */
    TD_W_COUNT,     /* the list at arg is not empty                                */
    TD_W_VALUE,     /* the int32 at arg is one of the bits of `values`             */
    TD_W_SCALE,     /* 0 < the price at arg < unset                                */
    TD_W_PEG_BENCH, /* the order type at arg is pegged to benchmark                */
    TD_W_PEG_BEST,  /* the order type at arg is pegged to best                     */
    TD_W_OFFSETS,   /* arg is a td_tws_order: pegged to mid, or to best up to mid  */
};

struct td_tws_field {
    uint8_t type;    /* enum td_tws_field_type */
    uint8_t when;    /* enum td_tws_when       */
    uint8_t pb;      /* field number in protobuf, 0 = not there, TD_TWS_BARE = the element itself */
    uint8_t as;      /* enum td_tws_pb         */
    uint8_t since;   /* first server version, 0 = always                    */
    uint8_t until;   /* first server version without it, 0 = no end         */
    uint16_t off;    /* of the member in the struct                         */
    uint16_t arg;    /* of the member `when` looks at                       */
    uint16_t second; /* of a mask's second bool                            */
    uint16_t size;   /* of a list's element                                 */
    uint32_t values;
    const char *text; /* of a literal, or what TD_W_IS compares with         */
    const char *name; /* the member's name, for reports and docs             */
    const struct td_tws_field *sub;
};

#define TD_TWS_PROTOBUF 201 /* as `since`: only in protobuf */
#define TD_TWS_TEXT_IDS 200 /* protobuf ids are that much larger */
#define TD_TWS_BARE     255

/* Row makers: type, struct, member, then optional designators (.since = 146, PB(4), TD_WHEN(...)). */
#define PB(n)             .pb = (n)
#define PB_TEXT(n)        .pb = (n), .as = TD_PB_TEXT
#define PB_DOUBLE(n)      .pb = (n), .as = TD_PB_DOUBLE
#define PB_MAP(n)         .pb = (n), .as = TD_PB_MAP
#define PB_BARE           .pb = TD_TWS_BARE
#define TD_ROW(kind, ...) TD_ROW_(kind, __VA_ARGS__, )
#define TD_ROW_(kind, s, member, ...)                                                              \
    {                                                                                              \
        .type = TD_F_##kind, .off = offsetof(struct s, member), .name = #member, __VA_ARGS__       \
    }
#define TD_LIT(...) TD_LIT_(__VA_ARGS__, )
#define TD_LIT_(words, ...)                                                                        \
    {                                                                                              \
        .type = TD_F_LIT, .text = words, .name = "literal", __VA_ARGS__                            \
    }
#define TD_SUB(...)                   TD_SUB_(__VA_ARGS__, )
#define TD_SUB_(s, member, rows, ...) TD_ROW_(SUB, s, member, .sub = rows, __VA_ARGS__)
#define TD_ROWS(...)                  TD_ROWS_(__VA_ARGS__, )
#define TD_ROWS_(s, member, rows, ...)                                                             \
    TD_ROW_(LIST, s, member, .sub = rows, .size = sizeof *((struct s *)0)->member.p, __VA_ARGS__)
#define TD_AGAIN(...) TD_AGAIN_(__VA_ARGS__, )
#define TD_AGAIN_(s, member, rows, ...)                                                            \
    TD_ROW_(AGAIN, s, member, .sub = rows, .size = sizeof *((struct s *)0)->member.p, __VA_ARGS__)
/* The next rows stand on the same struct: in text in place, in protobuf nested (TD_ONLY: only there). */
#define TD_PART(...) TD_PART_(__VA_ARGS__, )
#define TD_PART_(rows, ...)                                                                        \
    {                                                                                              \
        .type = TD_F_SUB, .sub = rows, .name = #rows, __VA_ARGS__                                  \
    }
#define TD_ONLY(...)           TD_ONLY_(__VA_ARGS__, )
#define TD_ONLY_(rows, n, ...) TD_PART_(rows, PB(n), .since = TD_TWS_PROTOBUF, __VA_ARGS__)
/* A member's struct as a nested message of protobuf; its text form has rows of its own. */
#define TD_NESTED(s, member, rows, n)                                                              \
    TD_ROW_(SUB, s, member, .sub = rows, PB(n), .since = TD_TWS_PROTOBUF)
#define TD_WHEN(rule, s, member) .when = TD_W_##rule, .arg = offsetof(struct s, member)
#define TD_END                                                                                     \
    {                                                                                              \
        .type = TD_F_END                                                                           \
    }

/* A message: its rows, its place on the wire, the size of its struct. */
struct td_tws_layout {
    const char *name;
    const struct td_tws_field *rows;
    uint16_t wire_id;
    uint16_t since;
    uint16_t size;
};

/* The layout of a kind; NULL for TD_TWS_NONE, the two OTHER kinds and values out of range. */
const struct td_tws_layout *td_tws_layout_of(uint16_t kind);
/* The kind of a wire id, or the direction's OTHER kind. */
uint16_t td_tws_kind_of(int32_t wire_id, bool request);

/* Whether a row is on the wire at `version`, given the struct filled so far. */
bool td_tws_row_present(const struct td_tws_field *row, const uint8_t *base, int32_t version);
/* Whether the condition of a row holds, versions aside. */
bool td_tws_row_holds(const struct td_tws_field *row, const uint8_t *base);
/* Messages that never got a protobuf form; they stay text inside the newer framing. */
bool td_tws_text_only(uint16_t kind);
/* A field that is not on the wire: unset where it can be. */
static inline void td_tws_row_unset(const struct td_tws_field *row, uint8_t *base)
{
    void *at = base + row->off;
    if ((row->type >= TD_F_E9 && row->type <= TD_F_QTY) || row->type == TD_F_UNSET)
        *(int64_t *)at = TD_E9_NONE;
    else if (row->type == TD_F_I32U || row->type == TD_F_I32M)
        *(int32_t *)at = TD_TWS_INT_NONE;
}

/* What the interpreters need to know about the session. */
struct td_tws_codec {
    int32_t version;        /* negotiated: 157..200 text, from TD_TWS_VERSION_PB on protobuf */
    bool request;           /* direction: client to gateway */
    struct td_arena *arena; /* decoding: reset per message; NULL for encoding */
};

struct td_tws_decoded {
    int32_t wire_id; /* of the text form; -1 when it could not be read     */
    int32_t req_id;  /* -1 when the message has none or failed before it   */
    size_t surplus;  /* bytes behind the last field of the table           */
    const char *at;  /* name of the field that failed, or NULL             */
};

/* Decodes one frame's payload. Above version 200 a raw id tells the form, and either is read. On failure
 * *out is unspecified, *info says how far it got. TD_EPROTO: not of the table's form (or not protobuf);
 * TD_ERANGE: a number past int32, int64 or fixed point; TD_EFULL: a list does not fit the arena. */
TD_MUST_CHECK enum td_err td_tws_decode(const struct td_tws_codec *codec, struct td_str payload,
                                        struct td_tws_msg *out, struct td_tws_decoded *info);

/* Writes one payload. TD_EFULL: more than `cap` bytes; TD_EINVAL: wrong direction, or a text the wire must
 * not carry; TD_ERANGE: a value it cannot carry; TD_EUNSUP: not in that version. *len only on TD_OK. */
TD_MUST_CHECK enum td_err td_tws_encode(const struct td_tws_codec *codec,
                                        const struct td_tws_msg *msg, uint8_t *out, size_t cap,
                                        size_t *len);

/* The bodies of the protobuf form, without the id (tws_pb.c). Errors as above; unknown fields are skipped and do
 * not count as surplus. */
TD_MUST_CHECK enum td_err td_tws_pb_decode(const struct td_tws_codec *codec,
                                           const struct td_tws_layout *layout, struct td_str body,
                                           uint8_t *base, struct td_tws_decoded *info);
TD_MUST_CHECK enum td_err td_tws_pb_encode(const struct td_tws_codec *codec,
                                           const struct td_tws_layout *layout, const uint8_t *base,
                                           uint8_t *out, size_t cap, size_t *len);
/* Whether a text may be sent: no control bytes but TAB, LF, CR; ASCII only from a client. */
bool td_tws_may_carry(bool request, struct td_str s);

/* All members of the order that can be unset become so; the others are left as they are. */
void td_tws_order_unset(struct td_tws_order *order);
/* The same for the broker's state. */
void td_tws_state_unset(struct td_tws_order_state *state);

/* Text of single fields (tws_scalar.c). `allow_infinity` as TD_F_E9I. */
TD_MUST_CHECK enum td_err td_tws_double_parse(const char *text, size_t len, bool allow_infinity,
                                              int64_t *out);
TD_MUST_CHECK enum td_err td_tws_qty_parse(const char *text, size_t len, int64_t *out);
/* \uXXXX escapes to UTF-8 into out[len]; returns the length. Escapes of NUL, control bytes and lone
 * surrogates stay as they are. */
size_t td_tws_unescape(const char *text, size_t len, char *out);
/* The reverse into out[cap] for valid UTF-8; other bytes are copied. Length, or SIZE_MAX when full. */
size_t td_tws_escape(const char *text, size_t len, char *out, size_t cap);

#endif
