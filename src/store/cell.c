/* store/cell.c - decimal numbers, number formats, serial dates, and the pool of texts. */
#include "store/cell.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- numbers ---- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Digits of a number without its sign and exponent. */
struct decimal {
    uint64_t digits;
    int32_t count;  /* significant ones in `digits` */
    int32_t places; /* of them behind the point, less those left out */
    bool exact;     /* none was left out */
};

/* False unless there is at least one digit. */
static bool take_digits(struct td_str *s, struct decimal *d)
{
    bool any = false, point = false;
    *d = (struct decimal){.exact = true};
    for (; s->len; s->p++, s->len--) {
        const char c = *s->p;
        if (c == '.' && !point) {
            point = true;
            continue;
        }
        if (!is_digit(c))
            break;
        any = true;
        d->places += point;
        if (d->digits == 0 && c == '0')
            continue;
        if (d->count >= 18) {
            d->exact = false;
            return true; /* the slow way takes it all */
        }
        d->digits = d->digits * 10 + (uint64_t)(c - '0');
        d->count++;
    }
    return any;
}

/* Every character one that a number may have, so that sscanf sees no "inf" or "0x". */
static bool is_plain(struct td_str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!is_digit(s.p[i]) && !strchr("+-.eE", s.p[i]))
            return false;
    return s.len && (is_digit(s.p[s.len - 1]) || s.p[s.len - 1] == '.'); /* not "1e" */
}

static bool parse_slowly(struct td_str s, double *out)
{
    char buf[64];
    int used = 0;
    double v = 0;
    if (!td_str_copy(s, buf, sizeof buf) || !is_plain(s))
        return false;
    if (sscanf(buf, "%lf%n", &v, &used) != 1 || (size_t)used != s.len || !isfinite(v))
        return false;
    *out = v;
    return true;
}

/* Digits below 2^53 and a power of ten up to 22 are both exact, so one multiplication or division rounds once. */
bool td_double_parse(struct td_str s, double *out)
{
    static const double tens[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                  1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                  1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    struct td_str rest = s;
    struct decimal d;
    const bool minus = s.len && s.p[0] == '-';
    if (s.len && (s.p[0] == '-' || s.p[0] == '+'))
        rest = (struct td_str){s.p + 1, s.len - 1};
    if (!take_digits(&rest, &d))
        return false;
    if (rest.len || !d.exact || d.digits >> 53 || d.places > 22)
        return parse_slowly(s, out);
    const double v = (double)d.digits / tens[d.places];
    *out = minus ? -v : v;
    return true;
}

/* ---- formats ---- */

/* What a bracket holds: [h], [mm] and [ss] count; [Red], [$-409] and [<1] do not matter. */
static bool counts_time(struct td_str inside)
{
    if (!inside.len)
        return false;
    for (size_t i = 0; i < inside.len; i++)
        if (!strchr("hHmMsS", inside.p[i]))
            return false;
    return true;
}

static size_t find_byte(struct td_str s, size_t from, char c)
{
    while (from < s.len && s.p[from] != c)
        from++;
    return from;
}

bool td_format_is_date(struct td_str code, bool *span)
{
    bool date = false;
    *span = false;
    for (size_t i = 0; i < code.len; i++) {
        const char c = code.p[i];
        if (c == ';')
            break;
        if (c == '"') {
            i = find_byte(code, i + 1, '"');
        } else if (c == '[') {
            const size_t end = find_byte(code, i, ']');
            *span |= counts_time((struct td_str){code.p + i + 1, end - i - 1});
            i = end;
        } else if (c == '\\' || c == '_' || c == '*') {
            i++;
        } else if (c && strchr("dmyhsDMYHS", c)) {
            date = true;
        }
    }
    return date || *span;
}

bool td_format_number_is_date(uint32_t number, bool *span)
{
    static const struct {
        uint32_t from, to;
    } dates[] = {{14, 22}, {27, 36}, {45, 47}, {50, 58}};
    *span = number == 46;
    for (size_t i = 0; i < TD_COUNT(dates); i++)
        if (number >= dates[i].from && number <= dates[i].to)
            return true;
    return false;
}

/* Days between 1970-01-01 and the day with serial 0: 1899-12-30 (from March 1900 on), 1904-01-01. Before it the
 * 1900 system is a day behind, because it has a 29 February 1900 that never was. */
bool td_serial_to_ns(double serial, bool since_1904, td_ns *out)
{
    if (!(serial >= 0 && serial < 132000))
        return false;
    int64_t day = (int64_t)serial;
    const double fraction = serial - (double)day;
    const int64_t ms = llround(fraction * 86400000.0);
    day += since_1904 ? -24107 : -25569;
    if (!since_1904 && serial > 0 && serial < 60)
        day++;
    *out = day * TD_DAY + ms * TD_MS;
    return true;
}

/* ---- texts ---- */

#define BLOCK_BYTES ((size_t)1 << 20)

struct td_pool_block {
    struct td_pool_block *older;
    size_t used, cap;
    char bytes[];
};

void td_pool_init(struct td_pool *p, size_t bytes_max)
{
    *p = (struct td_pool){.bytes_max = bytes_max};
}

void td_pool_fini(struct td_pool *p)
{
    while (p->newest) {
        struct td_pool_block *b = p->newest;
        p->newest = b->older;
        free(b);
    }
    p->bytes = 0;
}

enum td_err td_pool_copy(struct td_pool *p, struct td_str s, struct td_str *out)
{
    struct td_pool_block *b = p->newest;
    if (s.len == 0) {
        *out = (struct td_str){NULL, 0};
        return TD_OK;
    }
    if (s.len > p->bytes_max - p->bytes)
        return TD_EFULL;
    if (!b || b->cap - b->used < s.len) {
        const size_t cap = s.len > BLOCK_BYTES ? s.len : BLOCK_BYTES;
        b = malloc(sizeof *b + cap);
        if (!b)
            return TD_ENOMEM;
        *b = (struct td_pool_block){.older = p->newest, .cap = cap};
        p->newest = b;
    }
    memcpy(b->bytes + b->used, s.p, s.len);
    *out = (struct td_str){b->bytes + b->used, s.len};
    b->used += s.len;
    p->bytes += s.len;
    return TD_OK;
}
