/* base/num.c - fixed point by digits; the only file that uses 128-bit integers. */
#include "base/num.h"

#include <math.h>

__extension__ typedef __int128 i128;

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The digits of a number as an integer and a power of ten: value = digits * 10^exponent. */
struct decimal {
    uint64_t digits; /* up to 19 significant digits; the rest only moves the exponent */
    int exponent;
    bool negative;
    bool more; /* digits past the 19th were not all zero */
};

static enum td_err scan_exponent(const char *p, const char *end, int *out)
{
    bool negative = false;
    int value = 0;
    if (p < end && (*p == '+' || *p == '-'))
        negative = *p++ == '-';
    if (p == end)
        return TD_EPARSE;
    for (; p < end; p++) {
        if (!is_digit(*p))
            return TD_EPARSE;
        if (value < 100000)
            value = value * 10 + (*p - '0');
    }
    *out = negative ? -value : value;
    return TD_OK;
}

static enum td_err scan_decimal(const char *p, const char *end, struct decimal *out)
{
    struct decimal d = {0, 0, false, false};
    int seen = 0, kept = 0;
    bool point = false;
    if (p < end && (*p == '+' || *p == '-'))
        d.negative = *p++ == '-';
    for (; p < end; p++) {
        if (*p == '.' && !point) {
            point = true;
            continue;
        }
        if (!is_digit(*p))
            break;
        seen = 1;
        if (kept < 19) {
            d.digits = d.digits * 10 + (uint64_t)(*p - '0');
            kept += d.digits != 0;
            d.exponent -= point;
        } else {
            d.more |= *p != '0';
            d.exponent += !point;
        }
    }
    if (!seen)
        return TD_EPARSE;
    if (p < end) {
        int exponent = 0;
        if (*p != 'e' && *p != 'E')
            return TD_EPARSE;
        const enum td_err err = scan_exponent(p + 1, end, &exponent);
        if (err)
            return err;
        d.exponent += exponent;
    }
    *out = d;
    return TD_OK;
}

/* d.digits * 10^(d.exponent + 9), rounded half away from zero. */
static enum td_err scale_decimal(const struct decimal *d, int64_t *out)
{
    uint64_t value = d->digits;
    int shift = d->exponent + 9;
    for (; shift > 0 && value; shift--) {
        if (value > (uint64_t)INT64_MAX / 10)
            return TD_ERANGE;
        value *= 10;
    }
    bool half = false;
    for (; shift < 0 && value; shift++) {
        half = value % 10 >= 5;
        value /= 10;
    }
    value += shift == 0 && half;
    if (value >= (uint64_t)INT64_MAX)
        return TD_ERANGE;
    *out = d->negative ? -(int64_t)value : (int64_t)value;
    return TD_OK;
}

enum td_err td_e9_parse(const char *text, size_t len, int64_t *out)
{
    /* Nearly every number of a tape is digits, a point, and at most nine digits: read it in one pass. */
    uint64_t value = 0;
    size_t i = 0, decimals = 0;
    if (len && len <= 18) {
        for (; i < len && is_digit(text[i]); i++)
            value = value * 10 + (uint64_t)(text[i] - '0');
        const size_t whole = i;
        if (i < len && text[i] == '.' && whole)
            for (i++; i < len && is_digit(text[i]); i++, decimals++)
                value = value * 10 + (uint64_t)(text[i] - '0');
        static const uint64_t pow10[10] = {1000000000, 100000000, 10000000, 1000000, 100000,
                                           10000,      1000,      100,      10,      1};
        if (i == len && whole && whole <= 9 && decimals <= 9) {
            *out = (int64_t)(value * pow10[decimals]);
            return TD_OK;
        }
    }
    struct decimal d;
    enum td_err err = scan_decimal(text, text + len, &d);
    if (!err)
        err = scale_decimal(&d, out);
    return err;
}

static size_t print_digits(uint64_t value, char *out)
{
    char reversed[20];
    size_t n = 0;
    do {
        reversed[n++] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    for (size_t i = 0; i < n; i++)
        out[i] = reversed[n - 1 - i];
    return n;
}

static uint64_t magnitude(int64_t value)
{
    return value < 0 ? (uint64_t)0 - (uint64_t)value : (uint64_t)value;
}

static size_t print_fraction(uint64_t fraction, int decimals, char *out)
{
    for (int i = decimals - 1; i >= 0; i--) {
        out[i] = (char)('0' + fraction % 10);
        fraction /= 10;
    }
    return (size_t)decimals;
}

size_t td_e9_print(int64_t e9, char *out)
{
    size_t n = 0;
    if (e9 != TD_E9_NONE) {
        const uint64_t value = magnitude(e9);
        const uint64_t fraction = value % (uint64_t)TD_E9;
        if (e9 < 0)
            out[n++] = '-';
        n += print_digits(value / (uint64_t)TD_E9, out + n);
        if (fraction) {
            out[n++] = '.';
            n += print_fraction(fraction, 9, out + n);
            while (out[n - 1] == '0')
                n--;
        }
    }
    out[n] = '\0';
    return n;
}

size_t td_e9_print_fixed(int64_t e9, int decimals, char *out)
{
    TD_REQUIRE(decimals >= 0 && decimals <= 9);
    size_t n = 0;
    if (e9 != TD_E9_NONE) {
        uint64_t unit = 1;
        for (int i = decimals; i < 9; i++)
            unit *= 10;
        const uint64_t scaled = (magnitude(e9) + unit / 2) / unit;
        const uint64_t per = (uint64_t)TD_E9 / unit;
        if (e9 < 0 && scaled)
            out[n++] = '-';
        n += print_digits(scaled / per, out + n);
        if (decimals) {
            out[n++] = '.';
            n += print_fraction(scaled % per, decimals, out + n);
        }
    }
    out[n] = '\0';
    return n;
}

enum td_err td_i64_parse(const char *text, size_t len, int64_t *out)
{
    const char *p = text, *end = text + len;
    bool negative = false;
    uint64_t value = 0;
    if (p < end && (*p == '+' || *p == '-'))
        negative = *p++ == '-';
    if (p == end)
        return TD_EPARSE;
    for (; p < end; p++) {
        if (!is_digit(*p))
            return TD_EPARSE;
        const uint64_t digit = (uint64_t)(*p - '0');
        if (value > ((uint64_t)INT64_MAX - digit) / 10)
            return TD_ERANGE;
        value = value * 10 + digit;
    }
    *out = negative ? -(int64_t)value : (int64_t)value;
    return TD_OK;
}

size_t td_i64_print(int64_t value, char *out)
{
    size_t n = 0;
    if (value < 0)
        out[n++] = '-';
    n += print_digits(magnitude(value), out + n);
    out[n] = '\0';
    return n;
}

enum td_err td_e9_add(int64_t a, int64_t b, int64_t *out)
{
    int64_t sum;
    if (a == TD_E9_NONE || b == TD_E9_NONE || __builtin_add_overflow(a, b, &sum) ||
        sum == TD_E9_NONE || sum == INT64_MIN)
        return TD_ERANGE;
    *out = sum;
    return TD_OK;
}

enum td_err td_e9_sub(int64_t a, int64_t b, int64_t *out)
{
    int64_t difference;
    if (a == TD_E9_NONE || b == TD_E9_NONE || __builtin_sub_overflow(a, b, &difference) ||
        difference == TD_E9_NONE || difference == INT64_MIN)
        return TD_ERANGE;
    *out = difference;
    return TD_OK;
}

enum td_err td_i64_muldiv(int64_t a, int64_t b, int64_t c, int64_t *out)
{
    if (c == 0 || a == TD_E9_NONE || b == TD_E9_NONE || c == TD_E9_NONE)
        return TD_ERANGE;
    const i128 product = (i128)a * b;
    const i128 divisor = c < 0 ? -(i128)c : (i128)c;
    /* Half away from zero: an odd divisor has no exact half, so the floor of its half rounds the same. */
    const i128 rounded = ((product < 0 ? -product : product) + divisor / 2) / divisor;
    if (rounded >= (i128)INT64_MAX)
        return TD_ERANGE;
    const bool negative = (product < 0) != (c < 0);
    *out = negative ? -(int64_t)rounded : (int64_t)rounded;
    return TD_OK;
}

enum td_err td_i64_muldiv_to(int64_t a, int64_t b, int64_t c, enum td_round how, int64_t *out)
{
    if (how == TD_ROUND_NEAR)
        return td_i64_muldiv(a, b, c, out);
    if (c == 0 || a == TD_E9_NONE || b == TD_E9_NONE || c == TD_E9_NONE)
        return TD_ERANGE;
    const i128 product = (i128)a * b;
    const i128 rest = product % c;
    i128 whole = product / c; /* towards zero */
    if (rest != 0 && how == TD_ROUND_DOWN && (rest < 0) != (c < 0))
        whole--;
    if (rest != 0 && how == TD_ROUND_UP && (rest < 0) == (c < 0))
        whole++;
    if (whole >= (i128)INT64_MAX || whole < (i128)INT64_MIN)
        return TD_ERANGE;
    *out = (int64_t)whole;
    return TD_OK;
}

enum td_err td_e9_mul(int64_t a, int64_t b, int64_t *out)
{
    return td_i64_muldiv(a, b, TD_E9, out);
}

enum td_err td_e9_div(int64_t a, int64_t b, int64_t *out)
{
    return td_i64_muldiv(a, TD_E9, b, out);
}

enum td_err td_notional(td_px px, td_qty qty, td_cash *out)
{
    return td_e9_mul(px.e9, qty.e9, &out->e9);
}

enum td_err td_cash_add(td_cash a, td_cash b, td_cash *out)
{
    return td_e9_add(a.e9, b.e9, &out->e9);
}

enum td_err td_cash_sub(td_cash a, td_cash b, td_cash *out)
{
    return td_e9_sub(a.e9, b.e9, &out->e9);
}

enum td_err td_qty_add(td_qty a, td_qty b, td_qty *out)
{
    return td_e9_add(a.e9, b.e9, &out->e9);
}

enum td_err td_qty_sub(td_qty a, td_qty b, td_qty *out)
{
    return td_e9_sub(a.e9, b.e9, &out->e9);
}

enum td_err td_px_round(td_px px, td_px tick, enum td_round how, td_px *out)
{
    if (td_px_is_none(px) || td_px_is_none(tick) || tick.e9 <= 0)
        return TD_ERANGE;
    int64_t rest = px.e9 % tick.e9;
    if (rest < 0)
        rest += tick.e9;
    const bool up =
        rest && (how == TD_ROUND_UP || (how == TD_ROUND_NEAR && rest >= tick.e9 - rest));
    int64_t base;
    if (__builtin_sub_overflow(px.e9, rest, &base))
        return TD_ERANGE;
    return td_e9_add(base, up ? tick.e9 : 0, &out->e9);
}

#define E9_EXACT (INT64_C(1) << 53)

/* The nearest double. Past 2^53 the count itself is no double any more; then whole and rest are added, whose sum is far
 * enough from every tie (by more than 2^-51, the error of rest is below 2^-54) to be rounded once. */
double td_e9_to_double(int64_t e9)
{
    if (e9 == TD_E9_NONE)
        return (double)NAN;
    if (e9 > -E9_EXACT && e9 < E9_EXACT)
        return (double)e9 / 1e9;
    return (double)(e9 / TD_E9) + (double)(e9 % TD_E9) / 1e9;
}

enum td_err td_e9_from_double(double value, int64_t *out)
{
    if (value != value) {
        *out = TD_E9_NONE;
        return TD_OK;
    }
    if (!(value > -9.2e9 && value < 9.2e9))
        return TD_ERANGE;
    const int64_t whole = (int64_t)value; /* and what is left is exact, too */
    const double rest = (value - (double)whole) * 1e9;
    *out = whole * TD_E9 + (int64_t)(rest + (rest < 0 ? -0.5 : 0.5));
    return TD_OK;
}
