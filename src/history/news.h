/* history/news.h - headlines about symbols from where they are told: one row per source.
 *
 * A source is asked for one symbol's articles since an instant and gives them one by one, newest first or not. Files are a
 * source, too: JSON Lines with the keys below, or CSV with a header of them. Everything a source says is untrusted: bodies end
 * at 1 MiB, texts at 4 KiB, control characters become blanks, and nothing of it ever leads to an order by itself.
 *
 *   marketaux     one page of /v1/news/all; key NEWS_API_KEY
 *   alphavantage  NEWS_SENTIMENT; key ALPHA_VANTAGE_API_KEY; refusals come with status 200 and are told as what they are
 *
 * Stored are JSON Lines below <root>/news/<SYMBOL>/<UTC day>.jsonl: id, symbol, source, published_at, title, url, score (ours,
 * null without a lexicon) and source_score (theirs, null when not told); an article that is there is not written again.
 * Keys are never in a message. Owner: one thread. Source: ibkr-operations 5.
 */
#ifndef TD_DESK_NEWS_H
#define TD_DESK_NEWS_H

#include "desk/settings.h"
#include "signal/sentiment.h"

#define TD_NEWS_TEXT  4096
#define TD_NEWS_BYTES ((size_t)1 << 20) /* of an answer */

struct td_news_item {
    td_ns at;
    char id[80], symbol[24], source[24];
    char title[TD_NEWS_TEXT], summary[TD_NEWS_TEXT], url[2048];
    double score, source_score; /* -1..1; NaN: not known */
};

/* Anything but TD_OK ends it and is passed on. */
typedef enum td_err td_news_sink(void *arg, const struct td_news_item *item);

struct td_news_source {
    const char *name, *help;
    const char *key_setting; /* "NEWS_API_KEY" */
    const char *(*key)(const struct td_settings *s);
    const char *(*address)(const struct td_settings *s);
    /* The query behind the address, key included. */
    void (*query)(const char *key, const char *symbol, td_ns since, struct td_text *out);
    /* The articles of an answer. TD_EACCES, TD_EFULL (a limit), TD_EPROTO: what it said instead. */
    enum td_err (*read)(struct td_str body, int status, const char *symbol, td_news_sink *sink,
                        void *arg, struct td_fail *why);
};

/* All of them, NULL at the end; and by name, NULL when there is none. */
extern const struct td_news_source *const td_news_sources[];
const struct td_news_source *td_news_find(const char *name);

/* Asks a source. TD_EACCES: no key, or it was not accepted. TD_EFULL: its limit is reached. TD_EUNREACH, TD_ETIMEOUT,
 * TD_ECLOSED, TD_EPROTO, and what the sink says. */
TD_MUST_CHECK enum td_err td_news_fetch(const struct td_news_source *source,
                                        const struct td_settings *s, const char *symbol,
                                        td_ns since, td_news_sink *sink, void *arg,
                                        struct td_fail *why);

/* The articles of a file of ours or another's: JSON Lines or CSV by its first byte. Rows without symbol, title or a time
 * are counted in *bad and left out. TD_EPARSE: none of the columns. */
TD_MUST_CHECK enum td_err td_news_read_file(struct td_world *world, const char *path,
                                            td_news_sink *sink, void *arg, uint64_t *bad,
                                            struct td_fail *why);

/* The scorer with the settings' lexicon, or without one. */
struct td_news_scorer;
/* TD_ENOENT, TD_EPARSE: SENTIMENT_LEXICON or SENTIMENT_EMOJI cannot be read. No lexicon is fine: scores are NaN. */
TD_MUST_CHECK enum td_err td_news_scorer_open(struct td_news_scorer **out, struct td_world *world,
                                              const struct td_settings *s, struct td_fail *why);
void td_news_scorer_close(struct td_news_scorer *n); /* NULL is fine */
bool td_news_scorer_has(const struct td_news_scorer *n);
/* False without a lexicon: *out is 0 then. */
bool td_news_score(struct td_news_scorer *n, struct td_str text, struct td_sentiment *out);

/* Appends an article to its file unless its id is there; *fresh says which. TD_EIO, TD_ENOSPC, TD_EACCES, TD_EFULL. */
TD_MUST_CHECK enum td_err td_news_store(struct td_world *world, const char *root,
                                        const struct td_news_item *item, bool *fresh,
                                        struct td_fail *why);

#endif
