/* history/import_name.c - kind, symbol, bar size and day from a file's name, and the place they lead to. */
#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "history/importer.h"

static const struct bar_size {
    const char *words, *folder_unit; /* unit as names have it, without a plural s */
    int count;
    bool daily; /* a file a day; else a file a month */
} sizes[] = {
    {"1 sec", "sec", 1, true},     {"5 secs", "sec", 5, true},    {"10 secs", "sec", 10, true},
    {"15 secs", "sec", 15, true},  {"30 secs", "sec", 30, true},  {"1 min", "min", 1, true},
    {"2 mins", "min", 2, true},    {"3 mins", "min", 3, true},    {"5 mins", "min", 5, true},
    {"10 mins", "min", 10, true},  {"15 mins", "min", 15, true},  {"20 mins", "min", 20, true},
    {"30 mins", "min", 30, true},  {"1 hour", "hour", 1, false},  {"2 hours", "hour", 2, false},
    {"3 hours", "hour", 3, false}, {"4 hours", "hour", 4, false}, {"8 hours", "hour", 8, false},
    {"1 day", "day", 1, false},    {"1 week", "week", 1, false},  {"1 month", "month", 1, false},
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

/* Lower case, with blanks for '_' and '-'. */
static void fold(const char *from, char *to, size_t cap)
{
    (void)snprintf(to, cap, "%s", from);
    for (char *c = to; *c; c++)
        *c = is_upper(*c) ? (char)(*c + 32) : *c == '_' || *c == '-' ? ' ' : *c;
}

static const char *kind_of(const char *folded)
{
    static const char *const kinds[] = {"failed", "downloadable", "downloaded", "warrior"};
    for (size_t i = 0; i < TD_COUNT(kinds); i++)
        if (strstr(folded, kinds[i]))
            return kinds[i];
    return strstr(folded, "train list") ? "train" : NULL;
}

static const char *size_at(int count, const char *unit)
{
    for (size_t i = 0; i < TD_COUNT(sizes); i++)
        if (sizes[i].count == count &&
            strncmp(unit, sizes[i].folder_unit, strlen(sizes[i].folder_unit)) == 0)
            return sizes[i].words;
    return NULL;
}

/* "1 min", "1min", "30 mins", "daily", "hourly" anywhere in the name. */
static const char *size_in(const char *folded)
{
    for (const char *p = folded; *p; p++) {
        int count = 0, digits = 0;
        if (!is_digit(*p) || (p > folded && is_digit(p[-1])))
            continue;
        for (; is_digit(p[digits]) && digits < 4; digits++)
            count = count * 10 + (p[digits] - '0');
        const char *unit = p + digits + (p[digits] == ' ');
        const char *words = size_at(count, unit);
        if (words)
            return words;
    }
    return strstr(folded, "daily") ? "1 day" : strstr(folded, "hourly") ? "1 hour" : NULL;
}

/* YYYY-MM-DD, YYYY_MM_DD (both folded to blanks) or YYYYMMDD. */
static int64_t day_in(const char *folded)
{
    char text[11];
    int64_t day;
    for (const char *p = folded; *p; p++) {
        if ((p > folded && is_digit(p[-1])) || strlen(p) < 8)
            continue;
        if (strlen(p) >= 10 && p[4] == ' ' && p[7] == ' ' && !is_digit(p[10])) {
            (void)snprintf(text, sizeof text, "%.4s-%.2s-%.2s", p, p + 5, p + 8);
            if (td_date_parse(text, 10, &day) == TD_OK)
                return day;
        }
        if (!is_digit(p[8]) && td_date_parse(p, 8, &day) == TD_OK)
            return day;
    }
    return INT64_MIN;
}

bool td_import_name(const char *file_name, struct td_import_name *out)
{
    char folded[256];
    const char *slash = strrchr(file_name, '/'), *name = slash ? slash + 1 : file_name;
    size_t n = 0;
    fold(name, folded, sizeof folded);
    *out = (struct td_import_name){
        .kind = kind_of(folded), .bar_size = size_in(folded), .day = day_in(folded)};
    while (is_upper(name[n]) && n < 6)
        n++;
    const bool ends = !(name[n] >= 'a' && name[n] <= 'z');
    if (n >= 1 && n <= 5 && ends)
        (void)snprintf(out->symbol, sizeof out->symbol, "%.*s", (int)n, name);
    return out->kind || out->symbol[0];
}

static bool is_daily(const char *bar_size)
{
    for (size_t i = 0; i < TD_COUNT(sizes); i++)
        if (strcmp(sizes[i].words, bar_size) == 0)
            return sizes[i].daily;
    return false;
}

bool td_import_is_monthly(const struct td_import_name *n)
{
    return n->day != INT64_MIN && !is_daily(n->bar_size);
}

bool td_import_place(const struct td_import_name *n, char *out, size_t cap)
{
    char tail[24], date[16] = "latest", folder[16] = "";
    (void)snprintf(tail, sizeof tail, "%s", n->bar_size);
    for (char *c = tail; *c; c++)
        *c = *c == ' ' ? '_' : *c;
    if (n->day != INT64_MIN) {
        (void)td_date_print(n->day, date);
        (void)snprintf(folder, sizeof folder, "%.4s/", date);
        if (is_daily(n->bar_size))
            (void)snprintf(folder + 5, sizeof folder - 5, "%.2s/", date + 5);
        else
            date[7] = '\0';
    }
    const int len = snprintf(out, cap, "parquet_data/%s/%s/%s%s_%s_%s.parquet", n->symbol,
                             n->bar_size, folder, n->symbol, tail, date);
    return len > 0 && (size_t)len < cap;
}
