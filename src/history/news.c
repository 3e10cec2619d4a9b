/* history/news.c - the sources: what is asked, and what the answers mean. */
#include "history/news.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sys/https.h"

#define PAGE "50"

/* --- values of an answer --- */

static const char *text_of(const cJSON *object, const char *key)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));
    return text ? text : "";
}

/* What somebody else wrote, cut, with blanks for control characters. */
static void take(char *out, size_t cap, const char *text)
{
    (void)td_str_copy(td_str_of(text), out, cap);
    for (char *p = out; *p; p++)
        *p = (unsigned char)*p < ' ' || *p == 0x7f ? ' ' : *p;
}

/* A score is a number, or a text with one. */
static double score_of(const cJSON *v)
{
    const char *text = cJSON_GetStringValue(v);
    int64_t e9;
    if (cJSON_IsNumber(v))
        return v->valuedouble;
    return text && td_e9_parse(text, strlen(text), &e9) == TD_OK ? td_e9_to_double(e9)
                                                                 : (double)NAN;
}

static double within_one(double score)
{
    return score >= -1 && score <= 1 ? score : (double)NAN;
}

/* An id of a source that has none: its address. */
static void id_of_url(struct td_news_item *item)
{
    (void)snprintf(item->id, sizeof item->id, "url-%016llx",
                   (unsigned long long)td_hash_bytes(item->url, strlen(item->url)));
}

static void begin(struct td_news_item *item, const char *source, const char *symbol)
{
    memset(item, 0, sizeof *item);
    item->score = item->source_score = (double)NAN;
    take(item->source, sizeof item->source, source);
    take(item->symbol, sizeof item->symbol, symbol);
}

static enum td_err refusal(struct td_fail *why, const char *source, enum td_err err,
                           const char *text)
{
    return td_fail_set(why, err, "%s: %.200s", source, *text ? text : td_err_text(err));
}

/* --- MarketAux --- */

static void query_marketaux(const char *key, const char *symbol, td_ns since, struct td_text *out)
{
    char iso[40];
    (void)td_iso_print(since, iso);
    iso[19] = '\0'; /* UTC without a zone letter */
    td_https_pair(out, "api_token", td_str_of(key));
    td_https_pair(out, "symbols", td_str_of(symbol));
    td_https_pair(out, "filter_entities", td_str_of("true"));
    td_https_pair(out, "language", td_str_of("en"));
    td_https_pair(out, "published_after", td_str_of(iso));
    td_https_pair(out, "limit", td_str_of(PAGE));
}

static double entity_score(const cJSON *article, const char *symbol)
{
    const cJSON *entity;
    cJSON_ArrayForEach(entity, cJSON_GetObjectItemCaseSensitive(article, "entities")) if (
        strcmp(text_of(entity, "symbol"), symbol) ==
        0) return score_of(cJSON_GetObjectItemCaseSensitive(entity, "sentiment_score"));
    return (double)NAN;
}

static enum td_err read_marketaux(struct td_str body, int status, const char *symbol,
                                  td_news_sink *sink, void *arg, struct td_fail *why)
{
    static const struct {
        int status;
        enum td_err err;
    } refusals[] = {{401, TD_EACCES}, {402, TD_EFULL}, {403, TD_EACCES}, {429, TD_EFULL}};
    cJSON *root = cJSON_ParseWithLength(body.p, body.len);
    const cJSON *article, *data = cJSON_GetObjectItemCaseSensitive(root, "data");
    enum td_err err = cJSON_IsArray(data) && status == 200 ? TD_OK : TD_EPROTO;
    for (size_t i = 0; i < TD_COUNT(refusals) && err; i++)
        if (refusals[i].status == status)
            err = refusals[i].err;
    if (err)
        err = refusal(why, "marketaux", err,
                      text_of(cJSON_GetObjectItemCaseSensitive(root, "error"), "message"));
    data = err ? NULL : data;
    cJSON_ArrayForEach(article, data)
    {
        static struct td_news_item item;
        const char *at = text_of(article, "published_at");
        begin(&item, "marketaux", symbol);
        take(item.id, sizeof item.id, text_of(article, "uuid"));
        take(item.title, sizeof item.title, text_of(article, "title"));
        take(item.summary, sizeof item.summary, text_of(article, "description"));
        take(item.url, sizeof item.url, text_of(article, "url"));
        item.source_score = within_one(entity_score(article, symbol));
        if (!item.id[0])
            id_of_url(&item);
        if (item.title[0] && td_iso_parse(at, strlen(at), &item.at) == TD_OK)
            err = sink(arg, &item);
        if (err)
            break;
    }
    cJSON_Delete(root);
    return err;
}

/* --- Alpha Vantage --- */

static void query_alphavantage(const char *key, const char *symbol, td_ns since,
                               struct td_text *out)
{
    struct td_civil c;
    char from[32];
    td_civil_from_ns(since, &c);
    (void)snprintf(from, sizeof from, "%04d%02d%02dT%02d%02d", (int)c.year, (int)c.month,
                   (int)c.day, (int)c.hour, (int)c.minute);
    td_https_pair(out, "function", td_str_of("NEWS_SENTIMENT"));
    td_https_pair(out, "tickers", td_str_of(symbol));
    td_https_pair(out, "time_from", td_str_of(from));
    td_https_pair(out, "sort", td_str_of("LATEST"));
    td_https_pair(out, "limit", td_str_of(PAGE));
    td_https_pair(out, "apikey", td_str_of(key));
}

/* "20260131T143000", UTC. */
static bool read_compact(const char *text, td_ns *out)
{
    char iso[24];
    if (strlen(text) != 15 || text[8] != 'T')
        return false;
    (void)snprintf(iso, sizeof iso, "%.4s-%.2s-%.2sT%.2s:%.2s:%.2sZ", text, text + 4, text + 6,
                   text + 9, text + 11, text + 13);
    return td_iso_parse(iso, 20, out) == TD_OK;
}

static double ticker_score(const cJSON *article, const char *symbol)
{
    const cJSON *ticker;
    cJSON_ArrayForEach(ticker, cJSON_GetObjectItemCaseSensitive(article, "ticker_sentiment")) if (
        strcmp(text_of(ticker, "ticker"), symbol) ==
        0) return score_of(cJSON_GetObjectItemCaseSensitive(ticker, "ticker_sentiment_score"));
    return (double)NAN;
}

/* Refusals come with status 200 and a key instead of `feed`. */
static enum td_err refusal_of(const cJSON *root, const char **text)
{
    static const struct {
        const char *key;
        enum td_err err;
    } rows[] = {{"Note", TD_EFULL}, {"Information", TD_EFULL}, {"Error Message", TD_EACCES}};
    *text = "";
    for (size_t i = 0; i < TD_COUNT(rows); i++)
        if (*(*text = text_of(root, rows[i].key)))
            return rows[i].err;
    return cJSON_IsArray(cJSON_GetObjectItemCaseSensitive(root, "feed")) ? TD_OK : TD_EPROTO;
}

static enum td_err read_alphavantage(struct td_str body, int status, const char *symbol,
                                     td_news_sink *sink, void *arg, struct td_fail *why)
{
    cJSON *root = cJSON_ParseWithLength(body.p, body.len);
    const cJSON *article, *feed = cJSON_GetObjectItemCaseSensitive(root, "feed");
    const char *text;
    enum td_err err = refusal_of(root, &text);
    err = !err && status != 200 ? TD_EPROTO : err;
    if (err)
        err = refusal(why, "alphavantage", err, text);
    feed = err ? NULL : feed;
    cJSON_ArrayForEach(article, feed)
    {
        static struct td_news_item item;
        begin(&item, "alphavantage", symbol);
        take(item.title, sizeof item.title, text_of(article, "title"));
        take(item.summary, sizeof item.summary, text_of(article, "summary"));
        take(item.url, sizeof item.url, text_of(article, "url"));
        item.source_score = within_one(ticker_score(article, symbol));
        id_of_url(&item);
        if (item.title[0] && read_compact(text_of(article, "time_published"), &item.at))
            err = sink(arg, &item);
        if (err)
            break;
    }
    cJSON_Delete(root);
    return err;
}

/* --- the table --- */

static const char *marketaux_key(const struct td_settings *s)
{
    return s->news_key;
}

static const char *marketaux_address(const struct td_settings *s)
{
    return s->marketaux_url;
}

static const char *alphavantage_key(const struct td_settings *s)
{
    return s->alphavantage_key;
}

static const char *alphavantage_address(const struct td_settings *s)
{
    return s->alphavantage_url;
}

static const struct td_news_source marketaux = {
    "marketaux",       "MarketAux, all news", "NEWS_API_KEY", marketaux_key,
    marketaux_address, query_marketaux,       read_marketaux};
static const struct td_news_source alphavantage = {
    "alphavantage",          "Alpha Vantage, news and sentiment",
    "ALPHA_VANTAGE_API_KEY", alphavantage_key,
    alphavantage_address,    query_alphavantage,
    read_alphavantage};
const struct td_news_source *const td_news_sources[] = {&marketaux, &alphavantage, NULL};

const struct td_news_source *td_news_find(const char *name)
{
    for (size_t i = 0; td_news_sources[i]; i++)
        if (strcmp(td_news_sources[i]->name, name) == 0)
            return td_news_sources[i];
    return NULL;
}

/* --- asking --- */

struct answer {
    char *bytes;
    size_t len;
};

static enum td_err take_bytes(void *arg, const void *bytes, size_t len)
{
    struct answer *a = arg;
    if (len > TD_NEWS_BYTES - a->len)
        return TD_ERANGE;
    memcpy(a->bytes + a->len, bytes, len);
    a->len += len;
    return TD_OK;
}

static enum td_err ask(const struct td_news_source *source, const struct td_settings *s,
                       const char *url, struct answer *a, struct td_https_reply *reply,
                       struct td_fail *why)
{
    const struct td_https_config config = {.ca_file = s->ca_file && *s->ca_file ? s->ca_file : NULL,
                                           .silence_limit = 20 * TD_SEC};
    const struct td_https_request request = {.url = url, .sink = take_bytes, .arg = a};
    struct td_https *https = NULL;
    enum td_err err = td_https_open(&https, &config, why);
    if (err)
        return err;
    err = td_https_do(https, &request, reply, why);
    td_https_close(https);
    return err ? td_fail_add(why, err, "%s", source->name) : TD_OK;
}

enum td_err td_news_fetch(const struct td_news_source *source, const struct td_settings *s,
                          const char *symbol, td_ns since, td_news_sink *sink, void *arg,
                          struct td_fail *why)
{
    static struct td_https_reply reply;
    char url[TD_HTTPS_URL], query[TD_HTTPS_URL - 256];
    struct td_text text;
    struct answer a = {0};
    const char *key = source->key(s);
    if (!key || !*key)
        return td_fail_set(why, TD_EACCES, "%s needs a key: set %s", source->name,
                           source->key_setting);
    td_text_init(&text, query, sizeof query);
    source->query(key, symbol, since, &text);
    const int n = snprintf(url, sizeof url, "%.200s?%s", source->address(s), query);
    if (td_text_full(&text) || n < 0 || (size_t)n >= sizeof url)
        return td_fail_set(why, TD_ERANGE, "%s: the request is too long", source->name);
    if (!(a.bytes = malloc(TD_NEWS_BYTES)))
        return td_fail_set(why, TD_ENOMEM, "no memory for the answer of %s", source->name);
    enum td_err err = ask(source, s, url, &a, &reply, why);
    const struct td_str body = reply.status == 200 ? (struct td_str){a.bytes, a.len}
                                                   : (struct td_str){reply.body, reply.len};
    if (!err)
        err = source->read(body, reply.status, symbol, sink, arg, why);
    free(a.bytes);
    return err;
}
