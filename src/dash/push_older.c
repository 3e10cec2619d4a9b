/* dash/push_older.c - the messages of the older dashboards: one thing a frame. Of fills, intents and events only what comes after
 * the subscribe is told. */
#include <stdlib.h>
#include <string.h>

#include "dash/push.h"

typedef void message_fn(const struct td_push_board *b, const void *what, struct td_json *j);

static void put_market(const struct td_push_board *b, const void *what, struct td_json *j)
{
    const struct td_watch_symbol *s = what;
    const td_ns at = s->quote_ns > s->last_ns ? s->quote_ns : s->last_ns;
    (void)b;
    td_json_key_text(j, "symbol", s->symbol);
    td_json_key_e9(j, "price", s->last.e9);
    td_json_key(j, "timestamp");
    if (at)
        td_json_iso(j, at);
    else
        td_json_null(j);
    td_json_key_e9(j, "bid", s->quote.bid.e9);
    td_json_key_e9(j, "ask", s->quote.ask.e9);
    td_json_key(j, "volume");
    td_json_null(j);
}

/* A member of a row under another name: the first that is there. */
static void copy(struct td_json *j, const char *key, const cJSON *row, const char *const *names)
{
    const cJSON *v = NULL;
    for (; *names && !v; names++)
        v = cJSON_GetObjectItemCaseSensitive(row, *names);
    td_json_key(j, key);
    if (cJSON_IsString(v))
        td_json_text(j, v->valuestring);
    else if (cJSON_IsNumber(v))
        td_json_double(j, v->valuedouble);
    else
        td_json_null(j);
}

#define NAMES(...) ((const char *const[]){__VA_ARGS__, NULL})

static void put_trade(const struct td_push_board *b, const void *what, struct td_json *j)
{
    (void)b;
    copy(j, "symbol", what, NAMES("symbol"));
    copy(j, "side", what, NAMES("side", "action"));
    copy(j, "quantity", what, NAMES("quantity", "qty", "size", "shares"));
    copy(j, "price", what, NAMES("price"));
    td_json_key_text(j, "status", "executed");
    copy(j, "timestamp", what, NAMES("timestamp", "time"));
}

static void put_signal(const struct td_push_board *b, const void *what, struct td_json *j)
{
    (void)b;
    copy(j, "symbol", what, NAMES("symbol"));
    copy(j, "signal", what, NAMES("side", "action", "type"));
    copy(j, "strength", what, NAMES("strength"));
    copy(j, "timestamp", what, NAMES("timestamp", "time"));
}

static void put_log(const struct td_push_board *b, const void *what, struct td_json *j)
{
    (void)b;
    copy(j, "event", what, NAMES("event", "name"));
    copy(j, "message", what, NAMES("text", "message"));
    copy(j, "timestamp", what, NAMES("timestamp", "time"));
}

static const cJSON *at(const cJSON *object, const char *key)
{
    return cJSON_GetObjectItemCaseSensitive(object, key);
}

static void put_positions(const struct td_push_board *b, const void *what, struct td_json *j)
{
    const cJSON *row;
    (void)what;
    td_json_key(j, "positions");
    td_json_object(j);
    cJSON_ArrayForEach(row, at(b->status, "positions"))
    {
        if (!cJSON_IsString(at(row, "symbol")))
            continue;
        td_json_key(j, at(row, "symbol")->valuestring);
        td_json_object(j);
        copy(j, "quantity", row, NAMES("quantity"));
        copy(j, "avg_price", row, NAMES("average"));
        copy(j, "current_price", row, NAMES("mark"));
        copy(j, "unrealized_pnl", row, NAMES("unrealized"));
        copy(j, "realized_pnl", row, NAMES("realized"));
        td_json_object_end(j);
    }
    td_json_object_end(j);
}

static void put_performance(const struct td_push_board *b, const void *what, struct td_json *j)
{
    static const char *const keys[] = {"equity", "day_pnl", "realized", "unrealized", "fees"};
    const cJSON *trips = at(b->status, "round_trips");
    (void)what;
    td_json_key(j, "metrics");
    td_json_object(j);
    for (size_t i = 0; i < TD_COUNT(keys); i++)
        copy(j, keys[i], b->status, NAMES(keys[i]));
    copy(j, "total_trades", trips, NAMES("trips"));
    copy(j, "winning_trades", trips, NAMES("wins"));
    copy(j, "losing_trades", trips, NAMES("losses"));
    td_json_object_end(j);
}

enum source { OF_SYMBOL, OF_STATUS, OF_LIST };

static const struct older {
    const char *type;
    enum source source;
    enum td_push_list list;
    message_fn *put;
} olders[] = {
    {"market_data", OF_SYMBOL, TD_PUSH_LISTS, put_market},
    {"positions", OF_STATUS, TD_PUSH_LISTS, put_positions},
    {"performance", OF_STATUS, TD_PUSH_LISTS, put_performance},
    {"trade", OF_LIST, TD_PUSH_FILLS, put_trade},
    {"signal", OF_LIST, TD_PUSH_INTENTS, put_signal},
    {"log", OF_LIST, TD_PUSH_EVENTS, put_log},
};

bool td_push_older_hear(struct td_push_client *c, const struct td_push_board *b,
                        const cJSON *symbols, const char **reason)
{
    const cJSON *item;
    c->count = 0;
    c->older = true;
    *reason = "symbols are texts, 59 at most";
    for (uint8_t i = 1; i < TD_COUNT(olders); i++)
        c->topics[c->count++] = (struct td_push_topic){
            .kind = i, .seen = olders[i].source == OF_LIST ? b->lists[olders[i].list].version : 0};
    cJSON_ArrayForEach(item, symbols)
    {
        struct td_push_topic *t = &c->topics[c->count];
        if (c->count == TD_PUSH_TOPICS || !cJSON_IsString(item))
            return false;
        *t = (struct td_push_topic){.kind = 0};
        if (!td_str_copy(td_str_of(item->valuestring), t->symbol, sizeof t->symbol))
            return false;
        c->count++;
    }
    return true;
}

/* The oldest row of a list that a topic has not seen. A version can be of several rows: `from` counts those sent. */
static const struct td_push_row *next_row(const struct td_push_rows *l,
                                          const struct td_push_topic *t)
{
    const struct td_push_row *best = NULL;
    int64_t skip = t->from;
    for (uint32_t i = l->count; i-- > 0;) { /* the list is newest first */
        const struct td_push_row *r = &l->rows[i];
        if (r->version <= t->seen || (best && r->version >= best->version))
            continue;
        best = r;
    }
    for (uint32_t i = l->count; best && i-- > 0;)
        if (l->rows[i].version == best->version && skip-- == 0)
            return &l->rows[i];
    return NULL;
}

static const struct td_watch_symbol *watched(const struct td_push_board *b,
                                             const struct td_push_topic *t)
{
    const struct td_watch_symbol *s = td_watch_find(b->watch, td_str_of(t->symbol));
    return s && s->quote_version != t->seen && (s->quote_ns || s->last_ns) ? s : NULL;
}

static bool differs(const struct td_push_board *b, const struct td_push_topic *t)
{
    switch (olders[t->kind].source) {
    case OF_SYMBOL:
        return watched(b, t) != NULL;
    case OF_STATUS:
        return b->status && b->status_version != t->seen;
    case OF_LIST:
        return b->lists[olders[t->kind].list].version > t->seen;
    }
    return false;
}

bool td_push_older_due(struct td_push_client *c, const struct td_push_board *b)
{
    for (uint32_t i = 0; i < c->count; i++)
        if (differs(b, &c->topics[i]))
            return true;
    return false;
}

static void put_message(const struct td_push_board *b, const struct older *o, const void *what,
                        td_ns now, struct td_text *out)
{
    struct td_json j;
    td_text_reset(out);
    td_json_init(&j, out, false);
    td_json_object(&j);
    td_json_key_text(&j, "type", o->type);
    o->put(b, what, &j);
    if (o->source == OF_STATUS) {
        td_json_key(&j, "timestamp");
        td_json_iso(&j, now);
    }
    td_json_object_end(&j);
}

/* A row of a list; false: all of this version were sent, and the topic goes on behind it. */
static bool put_list(const struct td_push_board *b, struct td_push_topic *t, td_ns now,
                     struct td_text *out)
{
    const struct older *o = &olders[t->kind];
    const struct td_push_rows *l = &b->lists[o->list];
    const struct td_push_row *r = next_row(l, t);
    if (!r) {
        t->seen = t->from ? t->seen + 1 : l->version;
        t->from = 0;
        return false;
    }
    cJSON *row = cJSON_ParseWithLength(l->pool + (l->half ? TD_PUSH_POOL : 0) + r->at, r->len);
    t->seen = r->version - 1;
    t->from++;
    put_message(b, o, row, now, out);
    cJSON_Delete(row);
    return true;
}

/* The topics take turns: after a message its topic stands last. */
bool td_push_older_frame(struct td_push_client *c, const struct td_push_board *b, td_ns now,
                         struct td_text *out)
{
    for (uint32_t i = 0; i < c->count; i++) {
        struct td_push_topic *t = &c->topics[i];
        if (!differs(b, t))
            continue;
        const struct older *o = &olders[t->kind];
        if (o->source == OF_LIST && !put_list(b, t, now, out))
            continue;
        if (o->source != OF_LIST) {
            const struct td_watch_symbol *s = watched(b, t);
            put_message(b, o, s, now, out);
            t->seen = o->source == OF_STATUS ? b->status_version : s->quote_version;
        }
        const struct td_push_topic said = *t;
        memmove(t, t + 1, (c->count - i - 1) * sizeof *t);
        c->topics[c->count - 1] = said;
        return true;
    }
    return false;
}
