/* store/daytext.c - tickers and days in the ways people write them. */
#include <stdio.h>
#include <string.h>

#include "store/tradelist.h"

static char upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 32) : c;
}

static bool is_letter(char c)
{
    return upper(c) >= 'A' && upper(c) <= 'Z';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool td_ticker_parse(struct td_str text, char out[TD_TICKER_CHARS])
{
    static const char *const none[] = {"NAN", "NAT", "NA", "NONE", "NULL"};
    char word[TD_TICKER_CHARS];
    const struct td_str s = td_str_trim(text);
    if (s.len == 0 || s.len >= TD_TICKER_CHARS || !is_letter(s.p[0]))
        return false;
    for (size_t i = 0; i < s.len; i++) {
        char c = upper(s.p[i]);
        c = c == '/' || c == '.' ? '-' : c;
        if (!is_letter(c) && !is_digit(c) && c != '-')
            return false;
        word[i] = c;
    }
    word[s.len] = '\0';
    for (size_t i = 0; i < TD_COUNT(none); i++)
        if (strcmp(word, none[i]) == 0)
            return false;
    memcpy(out, word, sizeof word);
    return true;
}

/* ---- days ---- */

struct words {
    int64_t number[3];
    size_t digits[3];
    int count;  /* of numbers */
    int month;  /* of a name, 1..12; 0 none */
    int before; /* numbers in front of the name */
    bool dots;
};

static const char *const months[] = {"JANUARY",   "FEBRUARY", "MARCH",    "APRIL",
                                     "MAY",       "JUNE",     "JULY",     "AUGUST",
                                     "SEPTEMBER", "OCTOBER",  "NOVEMBER", "DECEMBER"};
static const char *const weekdays[] = {"MONDAY", "TUESDAY",  "WEDNESDAY", "THURSDAY",
                                       "FRIDAY", "SATURDAY", "SUNDAY"};

/* At least three letters, all of them the name's first ones ("Sept" too). 0: not in the list. */
static int name_in(const char *const *names, int count, struct td_str word)
{
    for (int i = 0; i < count; i++) {
        size_t k = 0;
        while (k < word.len && names[i][k] && upper(word.p[k]) == names[i][k])
            k++;
        if (k == word.len && k >= 3)
            return i + 1;
    }
    return 0;
}

static bool take_number(struct words *w, struct td_str word)
{
    int64_t v = 0;
    if (w->count == 3 || td_i64_parse(word.p, word.len, &v) != TD_OK)
        return false;
    w->number[w->count] = v;
    w->digits[w->count++] = word.len;
    return true;
}

static bool take_name(struct words *w, struct td_str word)
{
    const int month = name_in(months, 12, word);
    if (month && !w->month) {
        w->month = month;
        w->before = w->count;
        return true;
    }
    return name_in(weekdays, 7, word) != 0;
}

/* Whether the words say a day already; what follows is then a time or its zone. */
static bool enough(const struct words *w)
{
    return w->count == 3 || (w->month && w->count == 2) || (w->count == 1 && w->digits[0] == 8);
}

/* Cuts numbers and names; false at anything else before a day is there. */
static bool take_words(struct td_str s, struct words *w)
{
    for (size_t i = 0; i < s.len && !enough(w);) {
        const size_t start = i;
        if (is_digit(s.p[i])) {
            while (i < s.len && is_digit(s.p[i]))
                i++;
            if (i - start > 8 || !take_number(w, (struct td_str){s.p + start, i - start}))
                return false;
            const bool ordinal = i + 1 < s.len && is_letter(s.p[i]) && w->month; /* 29th */
            i += ordinal ? 2 : 0;
        } else if (is_letter(s.p[i])) {
            while (i < s.len && is_letter(s.p[i]))
                i++;
            if (!take_name(w, (struct td_str){s.p + start, i - start}))
                return false;
        } else if (strchr(" ,/-.", s.p[i])) {
            w->dots |= s.p[i++] == '.';
        } else {
            return false;
        }
    }
    return enough(w);
}

static int64_t full_year(int64_t year, size_t digits)
{
    if (digits > 2)
        return year;
    return year < 69 ? 2000 + year : 1900 + year;
}

static bool make_day(int64_t year, int64_t month, int64_t day, int64_t *out)
{
    char text[16];
    if (year < 1970 || year > 2199 || month < 1 || month > 12 || day < 1 || day > 31)
        return false;
    (void)snprintf(text, sizeof text, "%04d-%02d-%02d", (int)year, (int)month, (int)day);
    return td_date_parse(text, 10, out) == TD_OK;
}

static bool day_of_words(const struct words *w, int64_t *out)
{
    const int64_t a = w->number[0], b = w->number[1], c = w->number[2];
    if (w->count == 1)
        return make_day(a / 10000, a / 100 % 100, a % 100, out);
    if (w->month && w->digits[0] == 4)
        return make_day(a, w->month, b, out);
    if (w->month)
        return make_day(full_year(b, w->digits[1]), w->month, a, out);
    if (w->digits[0] == 4)
        return make_day(a, b, c, out);
    const int64_t year = full_year(c, w->digits[2]);
    if (w->dots || a > 12)
        return make_day(year, b, a, out);
    return make_day(year, a, b, out);
}

bool td_day_parse(struct td_str text, int64_t *day)
{
    const struct td_str s = td_str_trim(text);
    struct words w = {.count = 0};
    return s.len >= 6 && s.len <= 64 && take_words(s, &w) && day_of_words(&w, day);
}

bool td_day_of_cell(const struct td_cell *cell, int64_t *day)
{
    td_ns at = 0;
    if (cell->kind == TD_CELL_DATE) {
        if (cell->local_ns < 0)
            return false;
        *day = cell->local_ns / TD_DAY;
        return true;
    }
    if (cell->kind == TD_CELL_TEXT)
        return td_day_parse(cell->text, day);
    if (cell->kind != TD_CELL_NUMBER)
        return false;
    if (cell->number >= 20000 && cell->number <= 80000 &&
        td_serial_to_ns(cell->number, false, &at) && at >= 0) {
        *day = at / TD_DAY;
        return true;
    }
    return td_day_parse(cell->text, day);
}
