/* wire/json.c - the emitter: one bit of state per nesting level. */
#include "wire/json.h"

#include <math.h>
#include <string.h>

void td_json_init(struct td_json *j, struct td_text *out, bool indent)
{
    *j = (struct td_json){.out = out, .indent = indent};
}

static void break_line(struct td_json *j)
{
    if (!j->indent)
        return;
    td_text_char(j->out, '\n');
    for (int i = 0; i < j->depth; i++)
        td_text_put(j->out, "  ");
}

/* What stands between the previous value and the next one. */
static void separate(struct td_json *j)
{
    if (j->after_key) {
        j->after_key = false;
        return;
    }
    const uint64_t bit = UINT64_C(1) << j->depth;
    if (j->filled & bit)
        td_text_char(j->out, ',');
    j->filled |= bit;
    if (j->depth)
        break_line(j);
}

static void open_with(struct td_json *j, char c)
{
    separate(j);
    td_text_char(j->out, c);
    TD_REQUIRE(j->depth < TD_JSON_DEPTH_MAX);
    j->depth++;
    j->filled &= ~(UINT64_C(1) << j->depth);
}

static void close_with(struct td_json *j, char c)
{
    TD_REQUIRE(j->depth > 0);
    const bool filled = j->filled >> j->depth & 1;
    j->depth--;
    if (filled)
        break_line(j);
    td_text_char(j->out, c);
}

void td_json_object(struct td_json *j)
{
    open_with(j, '{');
}
void td_json_object_end(struct td_json *j)
{
    close_with(j, '}');
}
void td_json_array(struct td_json *j)
{
    open_with(j, '[');
}
void td_json_array_end(struct td_json *j)
{
    close_with(j, ']');
}

void td_json_key(struct td_json *j, const char *name)
{
    TD_REQUIRE(!j->after_key);
    separate(j);
    td_text_json(j->out, td_str_of(name));
    td_text_put(j->out, j->indent ? ": " : ":");
    j->after_key = true;
}

void td_json_str(struct td_json *j, struct td_str s)
{
    separate(j);
    td_text_json(j->out, s);
}

void td_json_text(struct td_json *j, const char *c_string)
{
    if (c_string)
        td_json_str(j, td_str_of(c_string));
    else
        td_json_null(j);
}

void td_json_i64(struct td_json *j, int64_t value)
{
    separate(j);
    td_text_i64(j->out, value);
}

void td_json_u64(struct td_json *j, uint64_t value)
{
    separate(j);
    td_text_printf(j->out, "%llu", (unsigned long long)value);
}

void td_json_e9(struct td_json *j, int64_t e9)
{
    if (e9 == TD_E9_NONE) {
        td_json_null(j);
        return;
    }
    separate(j);
    td_text_e9(j->out, e9);
}

void td_json_double(struct td_json *j, double value)
{
    int64_t e9 = 0;
    if (!isfinite(value)) {
        td_json_null(j);
        return;
    }
    separate(j);
    const bool exact = td_e9_from_double(value, &e9) == TD_OK && e9 != TD_E9_NONE;
    const double back = td_e9_to_double(e9);
    if (exact && memcmp(&back, &value, sizeof back) == 0)
        td_text_e9(j->out, e9);
    else
        td_text_printf(j->out, "%.17g", value);
}

void td_json_bool(struct td_json *j, bool value)
{
    separate(j);
    td_text_put(j->out, value ? "true" : "false");
}

void td_json_null(struct td_json *j)
{
    separate(j);
    td_text_put(j->out, "null");
}

void td_json_iso(struct td_json *j, td_ns at)
{
    separate(j);
    td_text_char(j->out, '"');
    td_text_iso(j->out, at);
    td_text_char(j->out, '"');
}

void td_json_key_text(struct td_json *j, const char *name, const char *c_string)
{
    td_json_key(j, name);
    td_json_text(j, c_string);
}

void td_json_key_i64(struct td_json *j, const char *name, int64_t value)
{
    td_json_key(j, name);
    td_json_i64(j, value);
}

void td_json_key_e9(struct td_json *j, const char *name, int64_t e9)
{
    td_json_key(j, name);
    td_json_e9(j, e9);
}

void td_json_key_bool(struct td_json *j, const char *name, bool value)
{
    td_json_key(j, name);
    td_json_bool(j, value);
}
