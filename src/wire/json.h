/* wire/json.h - writes JSON into a bounded text, one value at a time.
 *
 * Commas, nesting and indentation are this file's work; the caller says object, key, value, end. Nothing
 * is allocated and nothing is kept but 64 levels of nesting in one word. Numbers in fixed point are
 * printed exactly. When the text is full the rest is cut: check td_text_full once at the end. A caller
 * that streams may empty the text (td_text_reset) between two values. Not thread-safe.
 * Source: RFC 8259. Parsing is cJSON's work (cmd) or, for the messages file, store/messages_read.h's.
 */
#ifndef TD_WIRE_JSON_H
#define TD_WIRE_JSON_H

#include "base/text.h"

#define TD_JSON_DEPTH_MAX 63

struct td_json {
    struct td_text *out;
    bool indent; /* two blanks per level and a line per value; else one compact line */
    /* private */
    uint64_t filled; /* bit d: the container at depth d has a value already */
    uint8_t depth;
    bool after_key;
};

/* `out` stays the caller's and outlives the emitter. */
void td_json_init(struct td_json *j, struct td_text *out, bool indent);

void td_json_object(struct td_json *j);
void td_json_object_end(struct td_json *j);
void td_json_array(struct td_json *j);
void td_json_array_end(struct td_json *j);
/* The name of the next value of an object. */
void td_json_key(struct td_json *j, const char *name);

void td_json_str(struct td_json *j, struct td_str s);
void td_json_text(struct td_json *j, const char *c_string); /* NULL is written as null */
void td_json_i64(struct td_json *j, int64_t value);
void td_json_u64(struct td_json *j, uint64_t value);
void td_json_e9(struct td_json *j, int64_t e9);       /* exact decimal; TD_E9_NONE is null */
void td_json_double(struct td_json *j, double value); /* reads back equal; NaN, inf: null */
void td_json_bool(struct td_json *j, bool value);
void td_json_null(struct td_json *j);
void td_json_iso(struct td_json *j, td_ns at); /* base/time.h's ISO form, as a string */

/* Key and value in one line of the caller's code. */
void td_json_key_text(struct td_json *j, const char *name, const char *c_string);
void td_json_key_i64(struct td_json *j, const char *name, int64_t value);
void td_json_key_e9(struct td_json *j, const char *name, int64_t e9);
void td_json_key_bool(struct td_json *j, const char *name, bool value);

#endif
