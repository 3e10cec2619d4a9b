/* market/factors.c - rows of factor and map files, and what they say about a day. */
#include "market/factors.h"

#include <math.h>

/* "YYYYMMDD" in front of the first comma, later than the one before. */
static bool take_day(struct td_str *line, int64_t before, int64_t *day)
{
    struct td_str field;
    return td_str_split(line, ',', &field) && field.len == 8 &&
           td_date_parse(field.p, 8, day) == TD_OK && *day > before;
}

static bool take_factor(struct td_str *line, double *out)
{
    struct td_str field;
    int64_t e9;
    if (!td_str_split(line, ',', &field) || td_e9_parse(field.p, field.len, &e9) != TD_OK ||
        e9 <= 0)
        return false;
    *out = td_e9_to_double(e9);
    return true;
}

/* The next line that holds something. */
static bool next_line(struct td_str *rest, struct td_str *line, size_t *number)
{
    while (rest->len && td_str_split(rest, '\n', line)) {
        ++*number;
        *line = td_str_trim(*line);
        if (line->len)
            return true;
    }
    return false;
}

enum td_err td_factors_parse(struct td_str text, struct td_factor_row *rows, size_t cap,
                             size_t *count, struct td_fail *why)
{
    struct td_str line;
    size_t number = 0, n = 0;
    int64_t before = INT64_MIN;
    for (; next_line(&text, &line, &number); n++) {
        struct td_factor_row row = {.day = 0};
        if (!take_day(&line, before, &row.day) || !take_factor(&line, &row.price) ||
            !take_factor(&line, &row.split))
            return td_fail_set(why, TD_EPARSE, "line %zu is no factor row in order", number);
        if (line.len &&
            (td_e9_parse(line.p, line.len, &row.reference_e9) != TD_OK || row.reference_e9 < 0))
            return td_fail_set(why, TD_EPARSE, "line %zu has no reference price", number);
        if (n == cap)
            return td_fail_set(why, TD_EFULL, "more than %zu factor rows", cap);
        rows[n] = row;
        before = row.day;
    }
    *count = n;
    return TD_OK;
}

enum td_err td_map_file_parse(struct td_str text, struct td_map_row *rows, size_t cap,
                              size_t *count, struct td_fail *why)
{
    struct td_str line, ticker;
    size_t number = 0, n = 0;
    int64_t before = INT64_MIN;
    for (; next_line(&text, &line, &number); n++) {
        struct td_map_row row = {.day = 0};
        if (!take_day(&line, before, &row.day) || !td_str_split(&line, ',', &ticker) ||
            ticker.len == 0 || !td_str_copy(ticker, row.ticker, sizeof row.ticker))
            return td_fail_set(why, TD_EPARSE, "line %zu is no row of a map file in order", number);
        for (char *c = row.ticker; *c; c++)
            *c = *c >= 'a' && *c <= 'z' ? (char)(*c - 32) : *c;
        row.exchange = line.len ? line.p[0] : '\0';
        if (n == cap)
            return td_fail_set(why, TD_EFULL, "more than %zu rows of a map file", cap);
        rows[n] = row;
        before = row.day;
    }
    *count = n;
    return TD_OK;
}

const struct td_factor_row *td_factor_at(const struct td_factor_row *rows, size_t count,
                                         int64_t day)
{
    size_t low = 0, high = count;
    while (low < high) {
        const size_t mid = low + (high - low) / 2;
        if (rows[mid].day < day)
            low = mid + 1;
        else
            high = mid;
    }
    return low < count ? &rows[low] : NULL;
}

const char *td_map_file_at(const struct td_map_row *rows, size_t count, int64_t day)
{
    for (size_t i = 0; i < count; i++)
        if (rows[i].day >= day)
            return rows[i].ticker;
    return NULL;
}

/* Factors have seven decimals, so a ratio near a whole number, or the inverse of one, is that number. */
static double exact_ratio(double ratio)
{
    const double whole = round(ratio), inverse = round(1 / ratio);
    if (whole >= 1 && fabs(ratio / whole - 1) < 1e-4)
        return whole;
    if (inverse >= 1 && fabs(ratio * inverse - 1) < 1e-4)
        return 1 / inverse;
    return ratio;
}

size_t td_factor_splits(const struct td_factor_row *rows, size_t count, struct td_split_fact *out,
                        size_t cap)
{
    size_t n = 0;
    for (size_t i = 0; i + 1 < count && n < cap; i++) {
        const double ratio = exact_ratio(rows[i + 1].split / rows[i].split);
        if (fabs(ratio - 1) > 1e-6)
            out[n++] = (struct td_split_fact){rows[i].day, ratio};
    }
    return n;
}
