/* dash/push.c - one row per kind of topic: how to tell that it differs, and how to say it. */
#include "dash/push.h"

#include <string.h>

/* What a topic's version is now. */
typedef uint64_t version_fn(const struct td_push_board *b, const struct td_watch_symbol *s);
/* Writes the value, of a topic that differs, and marks it as seen. */
typedef void value_fn(const struct td_push_board *b, const struct td_watch_symbol *s,
                      struct td_push_topic *t, struct td_json *j);

static const struct td_push_rows *list_of(const struct td_push_board *b, int list)
{
    return &b->lists[list];
}

/* Text that is JSON already, as a value. */
static void put_raw(struct td_json *j, struct td_str text)
{
    td_json_i64(j, 0); /* its comma, its place; the digit goes */
    if (!td_text_full(j->out))
        j->out->len--;
    td_text_str(j->out, text);
}

static struct td_str row_text(const struct td_push_rows *l, uint32_t i)
{
    return (struct td_str){l->pool + (l->half ? TD_PUSH_POOL : 0) + l->rows[i].at, l->rows[i].len};
}

/* --- versions --- */

static uint64_t status_version(const struct td_push_board *b, const struct td_watch_symbol *s)
{
    (void)s;
    return b->status_version;
}

static uint64_t symbols_version(const struct td_push_board *b, const struct td_watch_symbol *s)
{
    uint64_t sum = 0;
    (void)s;
    for (uint32_t i = 0; i < b->watch->count; i++)
        sum += b->watch->symbols[i].quote_version;
    return sum;
}

static uint64_t orders_version(const struct td_push_board *b, const struct td_watch_symbol *s)
{
    (void)s;
    return list_of(b, TD_PUSH_ORDERS)->version;
}

static uint64_t events_version(const struct td_push_board *b, const struct td_watch_symbol *s)
{
    (void)s;
    return list_of(b, TD_PUSH_EVENTS)->version;
}

static uint64_t book_version(const struct td_push_board *b, const struct td_watch_symbol *s)
{
    (void)b;
    return s ? s->book_version : 0;
}

static uint64_t trades_version(const struct td_push_board *b, const struct td_watch_symbol *s)
{
    (void)b;
    return s ? s->trades_seen : 0;
}

static uint64_t bars_version(const struct td_push_board *b, const struct td_watch_symbol *s)
{
    (void)b;
    return s ? s->bars_version : 0;
}

/* --- values --- */

static void put_status(const struct td_push_board *b, const struct td_watch_symbol *s,
                       struct td_push_topic *t, struct td_json *j)
{
    (void)s, (void)t;
    if (b->status_text) {
        put_raw(j, td_str_of(b->status_text));
        return;
    }
    td_json_object(j);
    td_json_key_bool(j, "ok", false);
    td_json_key_text(j, "reason", b->no_desk);
    td_json_object_end(j);
}

static void put_symbols(const struct td_push_board *b, const struct td_watch_symbol *s,
                        struct td_push_topic *t, struct td_json *j)
{
    (void)s, (void)t;
    td_json_object(j);
    td_json_key(j, "symbols");
    td_json_array(j);
    for (uint32_t i = 0; i < b->watch->count; i++)
        if (b->watch->symbols[i].symbol[0])
            td_watch_put_quote(&b->watch->symbols[i], j);
    td_json_array_end(j);
    td_json_object_end(j);
}

static void put_rows(const struct td_push_rows *l, const char *key, const struct td_push_topic *t,
                     struct td_json *j)
{
    td_json_object(j);
    td_json_key(j, key);
    td_json_array(j);
    for (uint32_t i = 0; i < l->count; i++)
        if (!t->told || l->rows[i].version > t->seen)
            put_raw(j, row_text(l, i));
    td_json_array_end(j);
    td_json_object_end(j);
}

static void put_orders(const struct td_push_board *b, const struct td_watch_symbol *s,
                       struct td_push_topic *t, struct td_json *j)
{
    (void)s;
    put_rows(list_of(b, TD_PUSH_ORDERS), "orders", t, j);
}

static void put_events(const struct td_push_board *b, const struct td_watch_symbol *s,
                       struct td_push_topic *t, struct td_json *j)
{
    (void)s;
    put_rows(list_of(b, TD_PUSH_EVENTS), "events", t, j);
}

static void put_book(const struct td_push_board *b, const struct td_watch_symbol *s,
                     struct td_push_topic *t, struct td_json *j)
{
    (void)b, (void)t;
    td_watch_put_book(s, j);
}

static void put_trades(const struct td_push_board *b, const struct td_watch_symbol *s,
                       struct td_push_topic *t, struct td_json *j)
{
    (void)b;
    td_watch_put_trades(s, t->told ? t->seen : 0, j);
}

static void put_bars(const struct td_push_board *b, const struct td_watch_symbol *s,
                     struct td_push_topic *t, struct td_json *j)
{
    (void)b;
    td_watch_put_bars(s, t->told ? t->from : INT64_MIN, j);
    if (s->bar_count)
        t->from = s->bars[s->bar_count - 1].start;
}

/* --- the kinds --- */

#define NO_LIST (-1)

static const struct kind {
    const char *word;
    bool symbol; /* "word:SYMBOL" */
    bool status; /* it wants the desk's status */
    int list;    /* enum td_push_list, or NO_LIST */
    version_fn *version;
    value_fn *put;
} kinds[] = {
    {"status", false, true, NO_LIST, status_version, put_status},
    {"symbols", false, false, NO_LIST, symbols_version, put_symbols},
    {"orders", false, false, TD_PUSH_ORDERS, orders_version, put_orders},
    {"events", false, false, TD_PUSH_EVENTS, events_version, put_events},
    {"book", true, false, NO_LIST, book_version, put_book},
    {"trades", true, false, NO_LIST, trades_version, put_trades},
    {"bars", true, false, NO_LIST, bars_version, put_bars},
};

static const struct td_watch_symbol *symbol_of(const struct td_push_board *b,
                                               struct td_push_topic *t)
{
    const struct td_watch *w = b->watch;
    if (!t->symbol[0])
        return NULL;
    if (t->line >= w->count || strcmp(w->symbols[t->line].symbol, t->symbol) != 0) {
        const struct td_watch_symbol *s = td_watch_find(w, td_str_of(t->symbol));
        if (!s)
            return NULL;
        t->line = (uint32_t)(s - w->symbols);
    }
    return &w->symbols[t->line];
}

static bool differs(const struct td_push_board *b, struct td_push_topic *t)
{
    return !t->told || kinds[t->kind].version(b, symbol_of(b, t)) != t->seen;
}

/* --- what a client says --- */

static bool add_topic(struct td_push_client *c, uint8_t kind, struct td_str symbol)
{
    struct td_push_topic *t = &c->topics[c->count];
    if (c->count == TD_PUSH_TOPICS)
        return false;
    *t = (struct td_push_topic){.kind = kind};
    if (kinds[kind].symbol && (!symbol.len || !td_str_copy(symbol, t->symbol, sizeof t->symbol)))
        return false;
    c->count++;
    return true;
}

static bool add_word(struct td_push_client *c, struct td_str text)
{
    struct td_str word = text;
    (void)td_str_split(&text, ':', &word);
    for (size_t i = 0; i < TD_COUNT(kinds); i++)
        if (td_str_is(word, kinds[i].word) && kinds[i].symbol == (text.p != NULL))
            return add_topic(c, (uint8_t)i, text);
    return false;
}

static bool subscribe(struct td_push_client *c, const cJSON *topics, const char **reason)
{
    const cJSON *item;
    c->count = 0;
    c->older = false;
    c->full = true;
    *reason =
        "topics are status, symbols, orders, events, book:SYMBOL, trades:SYMBOL, bars:SYMBOL; "
        "64 at most";
    cJSON_ArrayForEach(item, topics)
    {
        if (!cJSON_IsString(item) || !add_word(c, td_str_of(item->valuestring)))
            return false;
    }
    return true;
}

bool td_push_hear(struct td_push_client *c, const struct td_push_board *b, struct td_str message,
                  const char **reason)
{
    cJSON *said = cJSON_ParseWithLength(message.p, message.len);
    const cJSON *type = cJSON_GetObjectItemCaseSensitive(said, "type"),
                *topics = cJSON_GetObjectItemCaseSensitive(said, "topics"),
                *symbols = cJSON_GetObjectItemCaseSensitive(said, "symbols");
    bool good = cJSON_IsString(type) && strcmp(type->valuestring, "subscribe") == 0;
    *reason = "the only message is {\"type\":\"subscribe\",\"topics\":[...]}";
    if (good && cJSON_IsArray(topics))
        good = subscribe(c, topics, reason);
    else if (good && cJSON_IsArray(symbols))
        good = td_push_older_hear(c, b, symbols, reason);
    else
        good = false;
    cJSON_Delete(said);
    return good;
}

bool td_push_wants(const struct td_push_client *c, enum td_push_list list)
{
    if (c->older)
        return list == TD_PUSH_FILLS || list == TD_PUSH_EVENTS || list == TD_PUSH_INTENTS;
    for (uint32_t i = 0; i < c->count; i++)
        if (kinds[c->topics[i].kind].list == (int)list)
            return true;
    return false;
}

bool td_push_wants_status(const struct td_push_client *c)
{
    for (uint32_t i = 0; i < c->count && !c->older; i++)
        if (kinds[c->topics[i].kind].status)
            return true;
    return c->older;
}

/* --- frames --- */

void td_push_hello(td_ns now, struct td_text *out)
{
    struct td_json j;
    td_json_init(&j, out, false);
    td_json_object(&j);
    td_json_key_text(&j, "type", "connection");
    td_json_key_text(&j, "status", "connected");
    td_json_key(&j, "timestamp");
    td_json_iso(&j, now);
    td_json_object_end(&j);
}

bool td_push_due(struct td_push_client *c, const struct td_push_board *b)
{
    if (c->older)
        return td_push_older_due(c, b);
    if (c->full)
        return true;
    for (uint32_t i = 0; i < c->count; i++)
        if (differs(b, &c->topics[i]))
            return true;
    return false;
}

/* What another client with the same question was told of this version at this moment; -1: none was. */
static int find_said(const struct td_push_said *said, const struct td_push_topic *t,
                     uint64_t version)
{
    for (uint32_t i = 0; i < said->count; i++) {
        const struct td_push_topic *q = &said->answers[i].before;
        if (q->kind == t->kind && q->told == t->told && q->seen == t->seen && q->from == t->from &&
            said->answers[i].after.seen == version && strcmp(q->symbol, t->symbol) == 0)
            return (int)i;
    }
    return -1;
}

static void keep_said(struct td_push_said *said, const struct td_push_topic *before,
                      const struct td_push_topic *after, struct td_str text)
{
    if (said->count == TD_PUSH_SAID || text.len > sizeof said->pool - said->used)
        return;
    memcpy(said->pool + said->used, text.p, text.len);
    said->answers[said->count].before = *before;
    said->answers[said->count].after = *after;
    said->answers[said->count].at = said->used;
    said->answers[said->count++].len = (uint32_t)text.len;
    said->used += (uint32_t)text.len;
}

/* The value of a topic of which something is known, from what was said or anew. */
static void put_value(const struct td_push_board *b, const struct td_watch_symbol *s,
                      struct td_push_topic *t, struct td_json *j)
{
    struct td_push_said *said = b->said;
    const struct kind *kind = &kinds[t->kind];
    const uint64_t version = kind->version(b, s);
    const int known = find_said(said, t, version);
    if (known >= 0) {
        put_raw(j, (struct td_str){said->pool + said->answers[known].at, said->answers[known].len});
        *t = said->answers[known].after;
        return;
    }
    const struct td_push_topic before = *t;
    const size_t from = j->out->len;
    kind->put(b, s, t, j);
    t->seen = version;
    t->told = true;
    if (!td_text_full(j->out))
        keep_said(said, &before, t, (struct td_str){j->out->buf + from, j->out->len - from});
}

/* Key and value of a topic, marked as seen; false: it does not fit behind what is there, and nothing is changed. */
static bool put_topic(const struct td_push_board *b, struct td_push_topic *t, struct td_json *j)
{
    const struct td_watch_symbol *s = symbol_of(b, t);
    const struct kind *kind = &kinds[t->kind];
    const struct td_json before = *j;
    const struct td_push_topic was = *t;
    const size_t len = j->out->len;
    char key[TD_FEED_SYMBOL + 16];
    struct td_text name;
    td_text_init(&name, key, sizeof key);
    td_text_printf(&name, kind->symbol ? "%s:%s" : "%s", kind->word, t->symbol);
    td_json_key(j, key);
    if (kind->symbol && !s) {
        td_json_null(j); /* not watched (yet) */
        t->seen = kind->version(b, s);
        t->told = true;
    } else {
        put_value(b, s, t, j);
    }
    if (!td_text_full(j->out) && j->out->len + 8 < j->out->cap)
        return true;
    *t = was;
    *j = before;
    j->out->len = len;
    j->out->full = false;
    return false;
}

bool td_push_frame(struct td_push_client *c, const struct td_push_board *b, td_ns now,
                   struct td_text *out)
{
    struct td_json j;
    if (c->older)
        return td_push_older_frame(c, b, now, out);
    if (!td_push_due(c, b))
        return false;
    if (b->said->now != now) {
        b->said->now = now;
        b->said->count = b->said->used = 0;
    }
    td_text_reset(out);
    td_json_init(&j, out, false);
    td_json_object(&j);
    td_json_key_text(&j, "type", "update");
    td_json_key_i64(&j, "seq", (int64_t)++c->seq);
    td_json_key(&j, "time");
    td_json_iso(&j, now);
    td_json_key_bool(&j, "full", c->full);
    td_json_key(&j, "topics");
    td_json_object(&j);
    for (uint32_t i = 0; i < c->count; i++)
        if (differs(b, &c->topics[i]) && !put_topic(b, &c->topics[i], &j))
            break;
    td_json_object_end(&j);
    td_json_object_end(&j);
    c->full = false;
    return true;
}
