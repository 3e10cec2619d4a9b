/* wire/parquet_thrift.h - the part of the Thrift compact protocol that Parquet's headers use.
 *
 * The writer fills a small buffer and hands it on when it is nearly full. The reader walks borrowed bytes
 * and latches `bad` at the first impossible one: values read afterwards are 0, loops over fields end.
 * Nothing recurses. Source: thrift-compact-protocol.md of github.com/apache/thrift.
 */
#ifndef TD_WIRE_PARQUET_THRIFT_H
#define TD_WIRE_PARQUET_THRIFT_H

#include "base/err.h"
#include "base/text.h"

enum td_thrift_type {
    TD_THRIFT_STOP = 0,
    TD_THRIFT_TRUE = 1,
    TD_THRIFT_FALSE = 2,
    TD_THRIFT_I8 = 3,
    TD_THRIFT_I16 = 4,
    TD_THRIFT_I32 = 5,
    TD_THRIFT_I64 = 6,
    TD_THRIFT_DOUBLE = 7,
    TD_THRIFT_BINARY = 8,
    TD_THRIFT_LIST = 9,
    TD_THRIFT_SET = 10,
    TD_THRIFT_MAP = 11,
    TD_THRIFT_STRUCT = 12,
};

#define TD_THRIFT_DEPTH 12
#define TD_THRIFT_BUF   1024

struct td_thrift_out {
    enum td_err (*flush)(void *arg, const void *bytes, size_t len);
    void *arg;
    enum td_err err; /* first failure of flush */
    size_t total;    /* bytes made so far */
    /* private */
    size_t len;
    int depth;
    int16_t last[TD_THRIFT_DEPTH];
    uint8_t buf[TD_THRIFT_BUF];
};

void td_thrift_i8(struct td_thrift_out *o, int16_t id, int8_t value);
void td_thrift_i16(struct td_thrift_out *o, int16_t id, int16_t value);
void td_thrift_i32(struct td_thrift_out *o, int16_t id, int32_t value);
void td_thrift_i64(struct td_thrift_out *o, int16_t id, int64_t value);
void td_thrift_bool(struct td_thrift_out *o, int16_t id, bool value);
void td_thrift_binary(struct td_thrift_out *o, int16_t id, const void *bytes, size_t len);
void td_thrift_text(struct td_thrift_out *o, int16_t id, const char *c_string);
void td_thrift_empty(struct td_thrift_out *o, int16_t id); /* a struct without members */
void td_thrift_list(struct td_thrift_out *o, int16_t id, enum td_thrift_type of, size_t count);
void td_thrift_open(struct td_thrift_out *o, int16_t id); /* a struct that is a member */
void td_thrift_close(struct td_thrift_out *o);            /* ends it, or the outermost one */
/* Elements of a list. */
void td_thrift_item_open(struct td_thrift_out *o);
void td_thrift_item_i32(struct td_thrift_out *o, int32_t value);
void td_thrift_item_text(struct td_thrift_out *o, const char *c_string);
/* Hands on what is left. */
TD_MUST_CHECK enum td_err td_thrift_flush(struct td_thrift_out *o);

struct td_thrift_in {
    const uint8_t *p;
    const uint8_t *end;
    bool bad;
};

struct td_thrift_field {
    int16_t id; /* 0 before the first */
    uint8_t type;
};

/* The next field of the struct being read; false at its end or when bad. `f` starts zeroed. */
bool td_thrift_next(struct td_thrift_in *in, struct td_thrift_field *f);
uint64_t td_thrift_get_varint(struct td_thrift_in *in);
/* An integer field of any width; a field of another type is skipped and gives 0. */
int64_t td_thrift_get_int(struct td_thrift_in *in, uint8_t type);
bool td_thrift_get_bool(struct td_thrift_in *in, uint8_t type);
struct td_str td_thrift_get_binary(struct td_thrift_in *in, uint8_t type);
/* The element type and count of a list field, at most `limit`; more makes it bad. Each element takes at least
 * one byte, so a count past the bytes left is bad too. */
size_t td_thrift_get_list(struct td_thrift_in *in, uint8_t type, uint8_t *of, size_t limit);
/* Steps over a value of that type (in_list: booleans take a byte there). */
void td_thrift_skip(struct td_thrift_in *in, uint8_t type, bool in_list);

#endif
