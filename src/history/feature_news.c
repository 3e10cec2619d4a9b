/* history/feature_news.c - stored articles as inputs of features: how many of the last minutes, and how they sound. */
#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "history/feature_table.h"
#include "market/instrument.h"

#define FILE_BYTES   ((size_t)64 << 20)
#define ARTICLES_MAX ((size_t)1 << 20)

struct article {
    td_ns at;
    double score; /* NaN: not known */
};

struct articles {
    struct article *items;
    size_t count, cap;
    bool kept;   /* there are files */
    td_ns since; /* the day of the first */
};

static enum td_err add(struct articles *a, struct article item, struct td_fail *why)
{
    if (a->count == ARTICLES_MAX)
        return td_fail_set(why, TD_EFULL, "more than %zu articles", ARTICLES_MAX);
    if (a->count == a->cap) {
        const size_t cap = a->cap ? 2 * a->cap : 256;
        struct article *more = realloc(a->items, cap * sizeof *more);
        if (!more)
            return td_fail_set(why, TD_ENOMEM, "%zu articles", cap);
        a->items = more;
        a->cap = cap;
    }
    a->items[a->count++] = item;
    return TD_OK;
}

static double score_of(const cJSON *object)
{
    static const char *const keys[] = {"score", "source_score"};
    for (size_t i = 0; i < TD_COUNT(keys); i++) {
        const cJSON *v = cJSON_GetObjectItemCaseSensitive(object, keys[i]);
        if (cJSON_IsNumber(v) && fabs(v->valuedouble) <= 1)
            return v->valuedouble;
    }
    return (double)NAN;
}

static enum td_err read_line(struct articles *a, struct td_str line, struct td_fail *why)
{
    cJSON *object = cJSON_ParseWithLength(line.p, line.len);
    const char *at = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, "published_at"));
    struct article item = {.score = score_of(object)};
    enum td_err err = TD_OK;
    if (!at || td_iso_parse(at, strlen(at), &item.at) != TD_OK)
        err = td_fail_set(why, TD_EPARSE, "a line is no article with published_at");
    else
        err = add(a, item, why);
    cJSON_Delete(object);
    return err;
}

static enum td_err read_day(struct articles *a, struct td_world *world, const char *path,
                            struct td_fail *why)
{
    size_t len = 0;
    struct td_str rest, line;
    struct td_file file = {0};
    uint64_t size = 0;
    enum td_err err = td_file_open(world, path, TD_FILE_READ, &file, NULL);
    if (err)
        return err == TD_ENOENT ? TD_OK : td_fail_set(why, err, "%s", path);
    err = td_file_size(world, file, &size);
    char *text = !err && size <= FILE_BYTES ? malloc((size_t)size + 1) : NULL;
    if (!err && !text)
        err = size > FILE_BYTES ? TD_ERANGE : TD_ENOMEM;
    if (!err)
        err = td_file_read(world, file, 0, text, (size_t)size, &len);
    td_file_close(world, file);
    if (err)
        (void)td_fail_set(why, err, "%s", td_err_text(err));
    rest = (struct td_str){text, len};
    while (!err && rest.len > 0 && td_str_split(&rest, '\n', &line))
        if (td_str_trim(line).len > 0)
            err = read_line(a, line, why);
    free(text);
    return err ? td_fail_add(why, err, "%s", path) : TD_OK;
}

static int by_time(const void *a, const void *b)
{
    const struct article *x = a, *y = b;
    return (x->at > y->at) - (x->at < y->at);
}

/* The files of the days that the bars look at. */
static enum td_err read_days(struct articles *a, struct td_world *world, const char *folder,
                             td_ns from, td_ns to, struct td_fail *why)
{
    char path[1000], day[16];
    enum td_err err = TD_OK;
    for (td_ns at = from / TD_DAY * TD_DAY; at <= to && !err; at += TD_DAY) {
        (void)td_date_print(at / TD_DAY, day);
        (void)snprintf(path, sizeof path, "%s/%s.jsonl", folder, day);
        err = read_day(a, world, path, why);
    }
    if (a->count > 1)
        qsort(a->items, a->count, sizeof *a->items, by_time);
    return err;
}

/* Names come in byte order: the first day that is kept. Before it nobody knows what was published. */
static bool see_file(void *arg, const char *name, enum td_entry_kind kind)
{
    struct articles *a = arg;
    int64_t day;
    a->kept = kind == TD_ENTRY_FILE && strlen(name) > 10 && td_date_parse(name, 10, &day) == TD_OK;
    a->since = a->kept ? day * TD_DAY : 0;
    return !a->kept;
}

static void count_window(const struct articles *a, size_t from, size_t to, double *count,
                         double *score)
{
    double sum = 0;
    size_t scored = 0;
    for (size_t i = from; i < to; i++)
        if (!isnan(a->items[i].score)) {
            sum += a->items[i].score;
            scored++;
        }
    *count = (double)(to - from);
    *score = scored ? sum / (double)scored : to > from ? (double)NAN : 0;
}

enum td_err td_feature_news(struct td_world *world, const char *root, const char *symbol,
                            td_ns window, const td_ns *at, td_ns span, size_t rows, double *count,
                            double *score, struct td_fail *why)
{
    char folder[900];
    struct articles a = {0};
    if (!td_symbol_is_safe(td_str_of(symbol)) || window <= 0)
        return td_fail_set(why, TD_EINVAL, "news of \"%s\" over %lld s", symbol,
                           (long long)(window / TD_SEC));
    (void)snprintf(folder, sizeof folder, "%.800s/news/%.60s", root, symbol);
    enum td_err err = td_folder_list(world, folder, see_file, &a);
    err = err == TD_ENOENT ? TD_OK : err;
    if (!err && rows > 0)
        err = read_days(&a, world, folder, at[0] + span - window, at[rows - 1] + span, why);
    size_t from = 0, to = 0;
    for (size_t i = 0; i < rows && !err; i++) {
        const td_ns end = at[i] + span;
        while (to < a.count && a.items[to].at <= end)
            to++;
        while (from < to && a.items[from].at <= end - window)
            from++;
        count[i] = score[i] = (double)NAN;
        if (a.kept && end - window >= a.since)
            count_window(&a, from, to, &count[i], &score[i]);
    }
    free(a.items);
    return err;
}
