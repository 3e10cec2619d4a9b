/* history/news_store.c - articles from files, their scores, and where they are kept. */
#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "history/news.h"
#include "store/manifest.h"
#include "store/table.h"
#include "wire/json.h"

#define LEXICON_MAX ((size_t)8 << 20)
#define LINE_MAX    16384
#define DAY_MAX     20000 /* articles of a symbol and a day */

/* --- a file of articles --- */

enum column { ID, SYMBOL, AT, TITLE, SUMMARY, URL, SOURCE, SCORE, COLUMNS };

/* What a column may be called; the first is ours. */
static const char *const words[COLUMNS][6] = {
    [ID] = {"id", "uuid", NULL},
    [SYMBOL] = {"symbol", "ticker", "sym", NULL},
    [AT] = {"published_at", "time_published", "time", "date", "datetime", NULL},
    [TITLE] = {"title", "headline", "text", NULL},
    [SUMMARY] = {"summary", "description", "snippet", NULL},
    [URL] = {"url", "link", NULL},
    [SOURCE] = {"source", "provider", NULL},
    [SCORE] = {"source_score", "sentiment", "sentiment_score", NULL},
};

/* Fills an article from the texts of its columns. False: symbol, title or time are not there. */
static bool fill(struct td_news_item *item, const struct td_str *v)
{
    int64_t e9;
    memset(item, 0, sizeof *item);
    item->score = item->source_score = (double)NAN;
    (void)td_str_copy(v[ID], item->id, sizeof item->id);
    (void)td_str_copy(v[TITLE], item->title, sizeof item->title);
    (void)td_str_copy(v[SUMMARY], item->summary, sizeof item->summary);
    (void)td_str_copy(v[URL], item->url, sizeof item->url);
    (void)td_str_copy(v[SOURCE].len ? v[SOURCE] : td_str_of("file"), item->source,
                      sizeof item->source);
    const bool named = td_str_copy(td_str_trim(v[SYMBOL]), item->symbol, sizeof item->symbol) &&
                       td_symbol_is_safe(td_str_of(item->symbol));
    const struct td_str score = td_str_trim(v[SCORE]), at = td_str_trim(v[AT]);
    if (score.len && td_e9_parse(score.p, score.len, &e9) == TD_OK && e9 >= -TD_E9 && e9 <= TD_E9)
        item->source_score = td_e9_to_double(e9);
    if (!item->id[0])
        (void)snprintf(item->id, sizeof item->id, "text-%016llx",
                       (unsigned long long)(td_hash_bytes(item->title, strlen(item->title)) ^
                                            td_hash_bytes(at.p, at.len)));
    return named && item->title[0] && td_iso_parse(at.p, at.len, &item->at) == TD_OK;
}

struct reading {
    td_news_sink *sink;
    void *arg;
    uint64_t *bad;
};

static enum td_err give(struct reading *r, const struct td_str *v)
{
    static struct td_news_item item;
    if (fill(&item, v))
        return r->sink(r->arg, &item);
    ++*r->bad;
    return TD_OK;
}

static enum td_err read_line(void *arg, struct td_str line, uint64_t number)
{
    struct reading *r = arg;
    struct td_str v[COLUMNS] = {{0}};
    char score[40];
    (void)number;
    cJSON *root = cJSON_ParseWithLength(line.p, line.len);
    for (int c = 0; c < COLUMNS; c++)
        for (int k = 0; words[c][k] && !v[c].len; k++) {
            const cJSON *found = cJSON_GetObjectItemCaseSensitive(root, words[c][k]);
            v[c] = td_str_of(cJSON_GetStringValue(found));
            if (c == SCORE && cJSON_IsNumber(found)) {
                (void)snprintf(score, sizeof score, "%.9f", found->valuedouble);
                v[c] = td_str_of(score);
            }
        }
    const enum td_err err = give(r, v);
    cJSON_Delete(root);
    return err;
}

static bool same_word(struct td_str a, const char *b)
{
    const struct td_str s = td_str_trim(a);
    if (s.len != strlen(b))
        return false;
    for (size_t i = 0; i < s.len; i++)
        if ((s.p[i] >= 'A' && s.p[i] <= 'Z' ? s.p[i] + 32 : s.p[i]) != b[i])
            return false;
    return true;
}

static enum td_err read_table(struct td_world *world, const char *path, struct reading *r,
                              struct td_fail *why)
{
    struct td_table t = {0};
    size_t at[COLUMNS];
    enum td_err err = td_table_load(&t, world, path, NULL, why);
    if (err)
        return err;
    for (int c = 0; c < COLUMNS; c++) {
        at[c] = t.columns;
        for (int k = 0; words[c][k] && at[c] == t.columns; k++)
            for (size_t i = 0; i < t.columns && at[c] == t.columns; i++)
                if (same_word(td_table_at(&t, 0, i)->text, words[c][k]))
                    at[c] = i;
    }
    if (at[SYMBOL] == t.columns || at[AT] == t.columns || at[TITLE] == t.columns)
        err = td_fail_set(why, TD_EPARSE,
                          "%s: no columns symbol, published_at and title in the first row", path);
    for (size_t row = 1; row < t.rows && !err; row++) {
        struct td_str v[COLUMNS] = {{0}};
        for (int c = 0; c < COLUMNS; c++)
            if (at[c] < t.columns)
                v[c] = td_table_at(&t, row, at[c])->text;
        err = give(r, v);
    }
    td_table_fini(&t);
    return err;
}

enum td_err td_news_read_file(struct td_world *world, const char *path, td_news_sink *sink,
                              void *arg, uint64_t *bad, struct td_fail *why)
{
    struct reading r = {sink, arg, bad};
    struct td_manifest_counts counts;
    struct td_file file;
    char first = 0;
    size_t got = 0;
    enum td_err err = td_file_open(world, path, TD_FILE_READ, &file, why);
    if (err)
        return err;
    err = td_file_read(world, file, 0, &first, 1, &got);
    td_file_close(world, file);
    *bad = 0;
    if (err)
        return td_fail_set(why, err, "%s: %s", path, td_err_text(err));
    return first == '{' ? td_lines_each(world, path, read_line, &r, &counts, why)
                        : read_table(world, path, &r, why);
}

/* --- scores --- */

struct td_news_scorer {
    struct td_lexicon lexicon, emoji;
    bool has, has_emoji;
    char *files[2];
    void *blocks[2];
    struct td_sentiment_work work;
};

static enum td_err load(struct td_news_scorer *n, struct td_world *world, int which,
                        const char *path, struct td_fail *why)
{
    struct td_arena arena;
    size_t len = 0, lines = 1;
    n->files[which] = malloc(LEXICON_MAX);
    if (!n->files[which])
        return td_fail_set(why, TD_ENOMEM, "no memory for %s", path);
    enum td_err err = td_file_slurp(world, path, n->files[which], LEXICON_MAX, &len, why);
    if (err)
        return err;
    for (size_t i = 0; i < len; i++)
        lines += n->files[which][i] == '\n';
    n->blocks[which] = malloc(td_lexicon_bytes(lines));
    if (!n->blocks[which])
        return td_fail_set(why, TD_ENOMEM, "no memory for %s", path);
    td_arena_init(&arena, n->blocks[which], td_lexicon_bytes(lines));
    err = td_lexicon_read(which ? &n->emoji : &n->lexicon, (struct td_str){n->files[which], len},
                          which == 0, &arena, why);
    return err ? td_fail_add(why, err, "%s", path) : TD_OK;
}

enum td_err td_news_scorer_open(struct td_news_scorer **out, struct td_world *world,
                                const struct td_settings *s, struct td_fail *why)
{
    struct td_news_scorer *n = calloc(1, sizeof *n);
    if (!n)
        return td_fail_set(why, TD_ENOMEM, "no memory for the scorer");
    n->has = s->sentiment_lexicon && *s->sentiment_lexicon;
    n->has_emoji = s->sentiment_emoji && *s->sentiment_emoji;
    enum td_err err = n->has ? load(n, world, 0, s->sentiment_lexicon, why) : TD_OK;
    if (!err && n->has_emoji)
        err = load(n, world, 1, s->sentiment_emoji, why);
    if (err) {
        td_news_scorer_close(n);
        return err;
    }
    *out = n;
    return TD_OK;
}

void td_news_scorer_close(struct td_news_scorer *n)
{
    for (int i = 0; n && i < 2; i++) {
        free(n->files[i]);
        free(n->blocks[i]);
    }
    free(n);
}

bool td_news_scorer_has(const struct td_news_scorer *n)
{
    return n->has;
}

bool td_news_score(struct td_news_scorer *n, struct td_str text, struct td_sentiment *out)
{
    *out = (struct td_sentiment){0};
    if (n->has)
        td_sentiment_score(&n->lexicon, n->has_emoji ? &n->emoji : NULL, text, &n->work, out);
    return n->has;
}

/* --- keeping --- */

struct search {
    const char *id;
    uint64_t lines;
    bool found;
};

static enum td_err look(void *arg, struct td_str line, uint64_t number)
{
    struct search *s = arg;
    (void)number;
    s->lines++;
    cJSON *root = cJSON_ParseWithLength(line.p, line.len);
    const char *id = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(root, "id"));
    s->found |= id && strcmp(id, s->id) == 0;
    cJSON_Delete(root);
    return s->found ? TD_EEXIST : TD_OK;
}

static void put_score(struct td_json *j, const char *key, double score)
{
    td_json_key(j, key);
    td_json_double(j, isnan(score) ? score : round(score * 1e4) / 1e4);
}

static void put_item(struct td_text *t, const struct td_news_item *item)
{
    struct td_json j;
    td_json_init(&j, t, false);
    td_json_object(&j);
    td_json_key_text(&j, "id", item->id);
    td_json_key_text(&j, "symbol", item->symbol);
    td_json_key_text(&j, "source", item->source);
    td_json_key(&j, "published_at");
    td_json_iso(&j, item->at);
    td_json_key_text(&j, "title", item->title);
    td_json_key_text(&j, "url", item->url[0] ? item->url : NULL);
    put_score(&j, "score", item->score);
    put_score(&j, "source_score", item->source_score);
    td_json_object_end(&j);
    td_text_char(t, '\n');
}

enum td_err td_news_store(struct td_world *world, const char *root, const struct td_news_item *item,
                          bool *fresh, struct td_fail *why)
{
    char folder[900], path[960], day[16], line[LINE_MAX];
    struct td_text t;
    struct td_manifest_counts counts;
    struct search s = {.id = item->id};
    *fresh = false;
    (void)td_date_print(item->at / TD_DAY, day);
    (void)snprintf(folder, sizeof folder, "%.800s/news/%s", root, item->symbol);
    (void)snprintf(path, sizeof path, "%s/%s.jsonl", folder, day);
    enum td_err err = td_entry_at(world, path) == TD_ENTRY_FILE
                          ? td_lines_each(world, path, look, &s, &counts, why)
                          : TD_OK;
    if (s.found)
        return TD_OK;
    if (!err && s.lines >= DAY_MAX)
        err = td_fail_set(why, TD_EFULL, "%s holds %d articles already", path, DAY_MAX);
    if (!err && (err = td_folder_make(world, folder)) != TD_OK)
        err = td_fail_set(why, err, "%s: %s", folder, td_err_text(err));
    if (err)
        return err;
    td_text_init(&t, line, sizeof line);
    put_item(&t, item);
    if (td_text_full(&t))
        return td_fail_set(why, TD_ERANGE, "%s: the article does not fit a line", item->id);
    err = td_lines_append(world, path, (struct td_str){line, t.len}, why);
    *fresh = !err;
    return err;
}
