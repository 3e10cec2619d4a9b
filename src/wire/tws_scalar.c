/* wire/tws_scalar.c - the text of single TWS fields: doubles, decimals and the gateway's escapes. */
#include "wire/tws_field.h"

#include <string.h>

static bool is_text(const char *text, size_t len, const char *word)
{
    return len == strlen(word) && !memcmp(text, word, len);
}

/* Whether the text is a double of at least 1.797e308, which every sender uses for "unset": one digit, a
 * point and an exponent of 308 (any sender's float printing), or 309 plain digits. */
static bool is_max_double(const char *text, size_t len)
{
    if (len > 4 && text[1] == '.' && memcmp(text, "1.797", 5) >= 0) {
        const char *e = memchr(text, 'e', len);
        if (!e)
            e = memchr(text, 'E', len);
        if (!e)
            return false;
        e++;
        size_t left = len - (size_t)(e - text);
        if (left && *e == '+') {
            e++;
            left--;
        }
        return left == 3 && !memcmp(e, "308", 3);
    }
    const char *point = memchr(text, '.', len);
    const size_t whole = point ? (size_t)(point - text) : len;
    return whole == 309 && memcmp(text, "1797", 4) >= 0;
}

enum td_err td_tws_double_parse(const char *text, size_t len, bool allow_infinity, int64_t *out)
{
    int64_t value;
    const enum td_err err = td_e9_parse(text, len, &value);
    if (TD_LIKELY(!err)) {
        *out = value;
        return TD_OK;
    }
    if (err == TD_ERANGE && is_max_double(text, len)) {
        *out = TD_E9_NONE;
        return TD_OK;
    }
    if (is_text(text, len, "Infinity") || is_text(text, len, "Infinite")) {
        *out = allow_infinity ? TD_TWS_INFINITY : TD_E9_NONE;
        return TD_OK;
    }
    return err == TD_ERANGE ? TD_ERANGE : TD_EPROTO;
}

enum td_err td_tws_qty_parse(const char *text, size_t len, int64_t *out)
{
    int64_t value = TD_E9_NONE;
    if (len && !is_text(text, len, "9223372036854775807") &&
        !is_text(text, len, "-9223372036854775808")) {
        const enum td_err err = td_tws_double_parse(text, len, false, &value);
        if (err)
            return err;
        if (value == TD_TWS_INT_NONE * TD_E9)
            value = TD_E9_NONE;
    }
    *out = value;
    return TD_OK;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The value of "\uXXXX" at text, or -1. */
static int32_t read_escape(const char *text, size_t len)
{
    if (len < 6 || text[0] != '\\' || text[1] != 'u')
        return -1;
    int32_t value = 0;
    for (size_t i = 2; i < 6; i++) {
        const int digit = hex_digit(text[i]);
        if (digit < 0)
            return -1;
        value = value * 16 + digit;
    }
    return value;
}

static size_t put_utf8(uint32_t c, char *out)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xc0 | c >> 6);
        out[1] = (char)(0x80 | (c & 63));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xe0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 63));
        out[2] = (char)(0x80 | (c & 63));
        return 3;
    }
    out[0] = (char)(0xf0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 63));
    out[2] = (char)(0x80 | (c >> 6 & 63));
    out[3] = (char)(0x80 | (c & 63));
    return 4;
}

/* Reads one character's escape (a surrogate pair is two). Bytes used, or 0 when it is not one we undo. */
static size_t take_escape(const char *text, size_t len, uint32_t *out)
{
    const int32_t first = read_escape(text, len);
    if (first < 0x20 || first == 0x7f || (first >= 0xdc00 && first < 0xe000))
        return 0;
    if (first < 0xd800 || first >= 0xe000) {
        *out = (uint32_t)first;
        return 6;
    }
    const int32_t second = read_escape(text + 6, len - 6);
    if (second < 0xdc00 || second >= 0xe000)
        return 0;
    *out = 0x10000 + ((uint32_t)(first - 0xd800) << 10) + (uint32_t)(second - 0xdc00);
    return 12;
}

size_t td_tws_unescape(const char *text, size_t len, char *out)
{
    size_t n = 0;
    for (size_t i = 0; i < len;) {
        uint32_t c = 0;
        const size_t used = text[i] == '\\' ? take_escape(text + i, len - i, &c) : 0;
        if (used)
            n += put_utf8(c, out + n);
        else
            out[n++] = text[i];
        i += used ? used : 1;
    }
    return n;
}

/* Length of the valid UTF-8 sequence of 2..4 bytes at text, with its code point; 0 when it is none. */
static size_t read_utf8(const char *text, size_t len, uint32_t *out)
{
    const uint8_t lead = (uint8_t)text[0];
    const size_t n = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    const uint32_t least = n == 4 ? 0x10000 : n == 3 ? 0x800 : 0x80;
    if (lead < 0xc2 || lead > 0xf4 || len < n)
        return 0;
    uint32_t c = lead & (0x7fu >> n);
    for (size_t i = 1; i < n; i++) {
        if (((uint8_t)text[i] & 0xc0) != 0x80)
            return 0;
        c = c << 6 | ((uint8_t)text[i] & 63);
    }
    if (c < least || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
        return 0;
    *out = c;
    return n;
}

static size_t put_escape(uint32_t unit, char *out)
{
    static const char digits[] = "0123456789abcdef";
    const char escape[6] = {'\\',
                            'u',
                            digits[unit >> 12],
                            digits[unit >> 8 & 15],
                            digits[unit >> 4 & 15],
                            digits[unit & 15]};
    memcpy(out, escape, 6);
    return 6;
}

size_t td_tws_escape(const char *text, size_t len, char *out, size_t cap)
{
    size_t n = 0;
    for (size_t i = 0; i < len;) {
        uint32_t c = 0;
        size_t used = (uint8_t)text[i] >= 0x80 ? read_utf8(text + i, len - i, &c) : 0;
        if (cap - n < 12)
            return SIZE_MAX;
        if (c >= 0x10000) {
            n += put_escape(0xd800 + ((c - 0x10000) >> 10), out + n);
            n += put_escape(0xdc00 + ((c - 0x10000) & 0x3ff), out + n);
        } else if (used) {
            n += put_escape(c, out + n);
        } else if (text[i] == '\\' && take_escape(text + i, len - i, &c)) {
            n += put_escape('\\', out + n); /* a literal backslash that would read as an escape */
        } else {
            out[n++] = text[i];
        }
        i += used ? used : 1;
    }
    return n;
}
