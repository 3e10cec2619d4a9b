/* base/text.c - borrowed and bounded text. */
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct td_str td_str_of(const char *c_string)
{
    return (struct td_str){c_string, c_string ? strlen(c_string) : 0};
}

bool td_str_eq(struct td_str a, struct td_str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

bool td_str_is(struct td_str a, const char *c_string)
{
    return td_str_eq(a, td_str_of(c_string));
}

bool td_str_starts(struct td_str a, const char *prefix)
{
    const size_t n = strlen(prefix);
    return a.len >= n && (n == 0 || memcmp(a.p, prefix, n) == 0);
}

bool td_str_copy(struct td_str from, char *out, size_t cap)
{
    TD_REQUIRE(cap > 0);
    const size_t n = from.len < cap ? from.len : cap - 1;
    if (n)
        memmove(out, from.p, n);
    out[n] = '\0';
    return n == from.len;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct td_str td_str_trim(struct td_str s)
{
    while (s.len && is_blank(s.p[0])) {
        s.p++;
        s.len--;
    }
    while (s.len && is_blank(s.p[s.len - 1]))
        s.len--;
    return s;
}

bool td_str_split(struct td_str *rest, char separator, struct td_str *part)
{
    if (!rest->p)
        return false;
    const char *at = rest->len ? memchr(rest->p, separator, rest->len) : NULL;
    if (!at) {
        *part = *rest;
        *rest = (struct td_str){NULL, 0};
        return true;
    }
    *part = (struct td_str){rest->p, (size_t)(at - rest->p)};
    rest->len -= part->len + 1;
    rest->p = at + 1;
    return true;
}

static bool equals_nocase(struct td_str a, const char *lower)
{
    if (a.len != strlen(lower))
        return false;
    for (size_t i = 0; i < a.len; i++) {
        const char c = a.p[i];
        if ((c >= 'A' && c <= 'Z' ? (char)(c + 32) : c) != lower[i])
            return false;
    }
    return true;
}

enum td_err td_bool_parse(struct td_str s, bool *out)
{
    static const char *const words[2][4] = {{"0", "false", "no", "off"},
                                            {"1", "true", "yes", "on"}};
    s = td_str_trim(s);
    for (int value = 0; value < 2; value++)
        for (int i = 0; i < 4; i++)
            if (equals_nocase(s, words[value][i])) {
                *out = value == 1;
                return TD_OK;
            }
    return TD_EPARSE;
}

void td_text_init(struct td_text *t, char *buf, size_t cap)
{
    TD_REQUIRE(cap > 0);
    *t = (struct td_text){buf, cap, 0, false};
    buf[0] = '\0';
}

void td_text_reset(struct td_text *t)
{
    td_text_init(t, t->buf, t->cap);
}

bool td_text_full(const struct td_text *t)
{
    return t->full;
}

void td_text_str(struct td_text *t, struct td_str s)
{
    const size_t room = t->cap - 1 - t->len;
    const size_t n = s.len < room ? s.len : room;
    if (n)
        memcpy(t->buf + t->len, s.p, n);
    t->len += n;
    t->buf[t->len] = '\0';
    t->full |= n < s.len;
}

void td_text_char(struct td_text *t, char c)
{
    td_text_str(t, (struct td_str){&c, 1});
}

void td_text_put(struct td_text *t, const char *c_string)
{
    td_text_str(t, td_str_of(c_string));
}

void td_text_i64(struct td_text *t, int64_t value)
{
    char digits[24];
    td_text_str(t, (struct td_str){digits, td_i64_print(value, digits)});
}

void td_text_e9(struct td_text *t, int64_t e9)
{
    char digits[TD_E9_CHARS];
    td_text_str(t, (struct td_str){digits, td_e9_print(e9, digits)});
}

void td_text_iso(struct td_text *t, td_ns at)
{
    char iso[40];
    td_text_str(t, (struct td_str){iso, td_iso_print(at, iso)});
}

void td_text_printf(struct td_text *t, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const size_t room = t->cap - t->len;
    const int n = vsnprintf(t->buf + t->len, room, format, args);
    va_end(args);
    if (n >= 0 && (size_t)n < room) {
        t->len += (size_t)n;
    } else {
        t->full = true;
        t->len = n < 0 ? t->len : t->cap - 1;
        t->buf[t->len] = '\0';
    }
}

/* Length of the UTF-8 sequence at p, or 0 when it is not a valid one. */
static size_t utf8_length(const unsigned char *p, size_t left)
{
    static const struct {
        unsigned char mask, lead, min_second, max_second;
        size_t len;
    } forms[] = {
        {0xff, 0xe0, 0xa0, 0xbf, 3}, {0xff, 0xed, 0x80, 0x9f, 3}, {0xff, 0xf0, 0x90, 0xbf, 4},
        {0xff, 0xf4, 0x80, 0x8f, 4}, {0xf0, 0xe0, 0x80, 0xbf, 3}, {0xfc, 0xf0, 0x80, 0xbf, 4},
        {0xe0, 0xc0, 0x80, 0xbf, 2},
    };
    if (p[0] < 0x80)
        return 1;
    if (p[0] == 0xc0 || p[0] == 0xc1)
        return 0;
    for (size_t i = 0; i < TD_COUNT(forms); i++) {
        if ((p[0] & forms[i].mask) != forms[i].lead)
            continue;
        if (left < forms[i].len || p[1] < forms[i].min_second || p[1] > forms[i].max_second)
            return 0;
        for (size_t k = 2; k < forms[i].len; k++)
            if ((p[k] & 0xc0) != 0x80)
                return 0;
        return forms[i].len;
    }
    return 0;
}

void td_text_utf8(struct td_text *t, struct td_str s)
{
    for (size_t i = 0; i < s.len;) {
        const size_t n = utf8_length((const unsigned char *)s.p + i, s.len - i);
        td_text_str(t, n ? (struct td_str){s.p + i, n} : td_str_of("\xef\xbf\xbd"));
        i += n ? n : 1;
    }
}

void td_text_json(struct td_text *t, struct td_str s)
{
    static const char short_escapes[] = "\"\\\b\f\n\r\t";
    static const char letters[] = "\"\\bfnrt";
    td_text_char(t, '"');
    for (size_t i = 0; i < s.len;) {
        const unsigned char *p = (const unsigned char *)s.p + i;
        const size_t n = utf8_length(p, s.len - i);
        const char *at = *p && *p < 0x80 ? strchr(short_escapes, *p) : NULL;
        if (at) {
            td_text_char(t, '\\');
            td_text_char(t, letters[at - short_escapes]);
        } else if (n == 0) {
            td_text_put(t, "\\ufffd");
        } else if (n == 1 && (*p < 0x20 || *p == 0x7f)) {
            td_text_printf(t, "\\u%04x", *p);
        } else {
            td_text_str(t, (struct td_str){s.p + i, n});
        }
        i += n ? n : 1;
    }
    td_text_char(t, '"');
}
