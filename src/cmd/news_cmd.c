/* cmd/news_cmd.c - headlines: fetched, imported, scored, kept. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/option_rows.h"
#include "history/news.h"
#include "sys/terminal.h"
#include "wire/json.h"

struct args {
    struct td_opt_list symbols;
    const char *source, *since, *output;
    bool dry_run, json;
};
#define AT(member) .into = offsetof(struct args, member)

const struct td_opt cmd_news_options[] = {
    {.name = "symbols", .type = TD_OPT_LIST, AT(symbols), .help = "of fetch, e.g. AAPL,MSFT"},
    {.name = "source",
     .type = TD_OPT_STR,
     .choices = "marketaux|alphavantage",
     .preset = "marketaux",
     AT(source),
     .help = "of fetch"},
    {.name = "since",
     .type = TD_OPT_STR,
     .preset = "1",
     AT(since),
     .help = "of fetch: so many days ago, or YYYY-MM-DD (UTC)"},
    TD_OPTION_OUTPUT_ROOT,
    {.name = "dry-run",
     .letter = 'n',
     .type = TD_OPT_FLAG,
     AT(dry_run),
     .help = "show articles and scores, keep nothing"},
    TD_OPTION_JSON("an object for each article, and one of counts"),
    {0},
};
_Static_assert(sizeof(struct args) <= TD_CMD_ARGS_MAX, "arguments fit");

struct news {
    struct td_run *run;
    const struct args *args;
    const char *root;
    struct td_news_scorer *scorer;
    uint64_t seen, fresh, scored, bad, failed;
};

/* --- telling --- */

static void put_score(struct td_json *j, const char *key, double score)
{
    td_json_key(j, key);
    td_json_double(j, isnan(score) ? score : round(score * 1e4) / 1e4);
}

static enum td_err print_item(const struct td_news_item *item, bool json)
{
    char buf[16384], when[40];
    struct td_text t;
    struct td_json j;
    td_text_init(&t, buf, sizeof buf);
    td_json_init(&j, &t, false);
    (void)td_iso_print(item->at, when);
    if (json) {
        td_json_object(&j);
        td_json_key_text(&j, "symbol", item->symbol);
        td_json_key_text(&j, "published_at", when);
        td_json_key_text(&j, "source", item->source);
        put_score(&j, "score", item->score);
        put_score(&j, "source_score", item->source_score);
        td_json_key_text(&j, "title", item->title);
        td_json_object_end(&j);
    } else if (isnan(item->score)) {
        td_text_printf(&t, "%.16s %-6s      - %.120s", when, item->symbol, item->title);
    } else {
        td_text_printf(&t, "%.16s %-6s %+6.2f %.120s", when, item->symbol, item->score,
                       item->title);
    }
    td_text_char(&t, '\n');
    return td_cmd_print(&t) ? TD_OK : TD_ECLOSED;
}

static bool print_counts(const struct news *n)
{
    char buf[512];
    struct td_text t;
    struct td_json j;
    td_text_init(&t, buf, sizeof buf);
    td_json_init(&j, &t, false);
    if (n->args->json) {
        td_json_object(&j);
        td_json_key_i64(&j, "articles", (int64_t)n->seen);
        td_json_key_i64(&j, "new", (int64_t)n->fresh);
        td_json_key_i64(&j, "scored", (int64_t)n->scored);
        td_json_key_i64(&j, "left_out", (int64_t)n->bad);
        td_json_key_i64(&j, "failed", (int64_t)n->failed);
        td_json_key_text(&j, "reason",
                         td_news_scorer_has(n->scorer) ? NULL : "SENTIMENT_LEXICON is not set");
        td_json_object_end(&j);
    } else {
        td_text_printf(&t, "%llu articles, %llu new, %llu scored, %llu left out%s",
                       (unsigned long long)n->seen, (unsigned long long)n->fresh,
                       (unsigned long long)n->scored, (unsigned long long)n->bad,
                       td_news_scorer_has(n->scorer) ? ""
                                                     : "; no scores: SENTIMENT_LEXICON is not set");
    }
    td_text_char(&t, '\n');
    return td_cmd_print(&t);
}

/* --- the actions --- */

static void score(struct news *n, struct td_news_item *item)
{
    char text[2 * TD_NEWS_TEXT + 2];
    struct td_sentiment s;
    const int len = snprintf(text, sizeof text, "%s. %s", item->title, item->summary);
    if (len > 0 && td_news_score(n->scorer, (struct td_str){text, (size_t)len}, &s)) {
        item->score = s.compound;
        n->scored++;
    }
}

static enum td_err take(void *arg, const struct td_news_item *given)
{
    static struct td_news_item item;
    struct news *n = arg;
    struct td_fail why = {0};
    bool fresh = false;
    item = *given;
    n->seen++;
    score(n, &item);
    if (n->args->dry_run)
        return print_item(&item, n->args->json);
    const enum td_err err = td_news_store(n->run->world, n->root, &item, &fresh, &why);
    if (err) {
        (void)fprintf(stderr, "tapedeck news: %s\n", why.text);
        return err;
    }
    n->fresh += fresh;
    return fresh ? print_item(&item, n->args->json) : TD_OK;
}

static enum td_err read_since(const struct news *n, td_ns *out, struct td_fail *why)
{
    const struct td_str s = td_str_of(n->args->since);
    int64_t days, day;
    if (s.len == 10 && td_date_parse(s.p, s.len, &day) == TD_OK)
        *out = day * TD_DAY;
    else if (td_i64_parse(s.p, s.len, &days) == TD_OK && days >= 0 && days <= 3650)
        *out = td_world_now(n->run->world) - days * TD_DAY;
    else
        return td_fail_set(why, TD_EINVAL, "--since %.40s: write a number of days or YYYY-MM-DD",
                           n->args->since);
    return TD_OK;
}

/* A symbol that fails is told; the others go on. */
static enum td_err fetch(struct news *n, struct td_fail *why)
{
    const struct td_opt_list *symbols = &n->args->symbols;
    td_ns since = 0;
    if (!symbols->count)
        return td_fail_set(why, TD_EINVAL, "fetch: which? --symbols AAPL,MSFT");
    enum td_err err = read_since(n, &since, why);
    for (int32_t i = 0; i < symbols->count && !err; i++) {
        struct td_fail one = {0};
        if (!td_symbol_is_safe(td_str_of(symbols->items[i])))
            return td_fail_set(why, TD_EINVAL, "--symbols: \"%.40s\" is no symbol",
                               symbols->items[i]);
        td_progress("news: %s (%d of %d)", symbols->items[i], (int)i + 1, (int)symbols->count);
        const enum td_err failed = td_news_fetch(td_news_find(n->args->source), n->run->settings,
                                                 symbols->items[i], since, take, n, &one);
        td_progress("%s", "");
        if (failed == TD_ENOSPC || failed == TD_EACCES)
            err = td_fail_set(why, failed, "%s", one.text[0] ? one.text : td_err_text(failed));
        else if (failed)
            (void)fprintf(stderr, "tapedeck news: %s: %s\n", symbols->items[i],
                          one.text[0] ? one.text : td_err_text(failed));
        n->failed += failed != TD_OK;
    }
    return err;
}

static enum td_err import(struct news *n, struct td_fail *why)
{
    enum td_err err = TD_OK;
    if (n->run->operands->count < 2)
        return td_fail_set(why, TD_EINVAL, "import: which file?");
    for (int32_t i = 1; i < n->run->operands->count && !err; i++) {
        uint64_t bad = 0;
        err = td_news_read_file(n->run->world, n->run->operands->items[i], take, n, &bad, why);
        n->bad += bad;
    }
    return err;
}

/* Each word of the command line is a text of its own. */
static enum td_err say(struct news *n, struct td_fail *why)
{
    if (!td_news_scorer_has(n->scorer))
        return td_fail_set(why, TD_ENOENT, "score needs rated words: set SENTIMENT_LEXICON");
    if (n->run->operands->count < 2)
        return td_fail_set(why, TD_EINVAL, "score: which text? put it in quotes");
    for (int32_t i = 1; i < n->run->operands->count; i++) {
        char buf[4096];
        struct td_text t;
        struct td_json j;
        struct td_sentiment s;
        (void)td_news_score(n->scorer, td_str_of(n->run->operands->items[i]), &s);
        td_text_init(&t, buf, sizeof buf);
        td_json_init(&j, &t, false);
        td_json_object(&j);
        put_score(&j, "compound", s.compound);
        put_score(&j, "pos", s.pos);
        put_score(&j, "neg", s.neg);
        put_score(&j, "neu", s.neu);
        td_json_key_i64(&j, "words", s.words);
        td_json_key_i64(&j, "rated", s.rated);
        td_json_object_end(&j);
        td_text_char(&t, '\n');
        if (!td_cmd_print(&t))
            return td_fail_set(why, TD_ECLOSED, "stdout is gone");
    }
    return TD_OK;
}

static const struct action {
    const char *name;
    enum td_err (*run)(struct news *n, struct td_fail *why);
    bool counts;
} actions[] = {{"fetch", fetch, true}, {"import", import, true}, {"score", say, false}};

static const struct action *find_action(const struct td_run *run, struct td_fail *why)
{
    const char *word = run->operands->count ? run->operands->items[0] : "";
    for (size_t i = 0; i < TD_COUNT(actions); i++)
        if (strcmp(actions[i].name, word) == 0)
            return &actions[i];
    (void)td_fail_set(why, TD_EINVAL, "the first word is fetch, import or score");
    return NULL;
}

int cmd_news(struct td_run *run, void *arguments)
{
    static struct news n;
    const struct td_datapath paths = td_cmd_paths(run);
    struct td_fail why = {0};
    n = (struct news){.run = run, .args = arguments};
    n.root = td_datapath_root(&paths, n.args->output);
    const struct action *action = find_action(run, &why);
    if (!action)
        return td_cmd_fail(run, &why);
    enum td_err err = td_news_scorer_open(&n.scorer, run->world, run->settings, &why);
    if (err)
        return td_cmd_fail(run, &why);
    err = action->run(&n, &why);
    bool printed = true;
    if (action->counts && (!err || n.seen))
        printed = print_counts(&n);
    td_news_scorer_close(n.scorer);
    if (err)
        return td_cmd_fail(run, &why);
    return n.failed || !printed ? 1 : 0;
}
