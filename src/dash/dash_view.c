/* dash/dash_view.c - what the dashboard looks at: clocks, the feed, the desk by its words, orders.db. All of it is asked for only
 * when somebody looks, and then no more often than it may. */
#include "dash/dash_inner.h" /* first: what libwebsockets includes has names that we ban */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ITEMS_MAX  50000        /* of the feed in one look */
#define LATER      (5 * TD_SEC) /* after a desk that did not answer */
#define DB_LATER   (2 * TD_SEC)
#define SCAN_AGAIN TD_SEC
#define DB_WAIT_MS 100

void dash_look(struct td_dash *d)
{
    struct td_feed_item item;
    d->view.now = td_world_now(&d->world);
    d->view.mono = td_world_mono(&d->world);
    d->watch.now = d->view.now;
    for (int i = 0; d->config.feed && i < ITEMS_MAX && td_feed_next(d->config.feed, &item); i++)
        td_watch_take(&d->watch, &item);
    d->view.dropped = d->watch.dropped;
    d->view.clients = d->socket_count;
}

/* --- the desk --- */

static char *half(struct td_dash *d, uint32_t which)
{
    return d->ask_text + (size_t)which * DASH_ASK_BYTES;
}

static enum td_err ask(struct td_dash *d, const char *word, char *out, td_ns *due)
{
    struct td_fail why = {0};
    enum td_err err = TD_ENOENT;
    *due = d->view.mono + DASH_ASK;
    if (d->config.ask)
        err = d->config.ask(d->config.ask_arg, word, out, DASH_ASK_BYTES, &why);
    if (!err)
        return TD_OK;
    if (err != TD_ENOENT && err != TD_EUNREACH)
        *due = d->view.mono + LATER;
    (void)snprintf(d->no_desk, sizeof d->no_desk, "%s",
                   why.text[0] ? why.text : "no desk runs here");
    return err;
}

static void lose_status(struct td_dash *d)
{
    if (d->status || !d->board.status_version)
        d->board.status_version++;
    cJSON_Delete(d->status);
    d->status = NULL;
    d->view.status = d->board.status = NULL;
    d->board.status_text = NULL;
    d->view.no_desk = d->board.no_desk = d->no_desk;
}

void dash_ask_status(struct td_dash *d)
{
    char *text = half(d, !d->ask_half);
    if (d->view.mono < d->status_due)
        return;
    const enum td_err err = ask(d, "status", text, &d->status_due);
    cJSON *status = err ? NULL : cJSON_Parse(text);
    if (!status) {
        lose_status(d);
        return;
    }
    text[strcspn(text, "\n")] = '\0';
    if (!d->board.status_text || strcmp(text, d->board.status_text) != 0)
        d->board.status_version++;
    d->ask_half = !d->ask_half;
    cJSON_Delete(d->status);
    d->status = status;
    d->view.status = d->board.status = status;
    d->board.status_text = text;
}

void dash_ask_gates(struct td_dash *d)
{
    char *text = half(d, 2);
    if (d->view.mono < d->gates_due || !d->status)
        return;
    const enum td_err err = ask(d, "gates", text, &d->gates_due);
    cJSON_Delete(d->gates);
    d->gates = err ? NULL : cJSON_Parse(text);
    d->view.gates = d->gates;
}

/* --- the scanner that serves --- */

void dash_ask_scan(struct td_dash *d)
{
    struct td_fail why = {0};
    enum td_err err = TD_ENOENT;
    if (d->view.mono < d->scan_due)
        return;
    d->scan_due = d->view.mono + SCAN_AGAIN;
    if (d->config.ask_scan)
        err = d->config.ask_scan(d->config.ask_arg, "rows", d->scan_text, DASH_SCAN_BYTES, &why);
    if (err && err != TD_ENOENT && err != TD_EUNREACH)
        d->scan_due = d->view.mono + LATER;
    cJSON_Delete(d->scan);
    d->scan = err ? NULL : cJSON_Parse(d->scan_text);
    (void)snprintf(d->no_scan, sizeof d->no_scan, "%s", why.text);
    d->view.scan = d->scan;
    d->view.no_scan = d->no_scan[0] ? d->no_scan : NULL;
}

/* --- orders.db --- */

void dash_open_db(struct td_dash *d)
{
    char path[900];
    sqlite3 *db = NULL;
    if (d->view.db || d->view.mono < d->db_due)
        return;
    d->db_due = d->view.mono + DB_LATER;
    (void)snprintf(path, sizeof path, "%s/orders.db", d->config.state);
    if (td_entry_at(&d->world, path) != TD_ENTRY_FILE)
        return;
    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL) == SQLITE_OK &&
        sqlite3_busy_timeout(db, DB_WAIT_MS) == SQLITE_OK)
        d->view.db = db;
    else
        (void)sqlite3_close(db);
}

/* Whether another connection wrote since the last look. */
static bool db_changed(struct td_dash *d)
{
    sqlite3_stmt *s = NULL;
    int64_t version = -1;
    if (sqlite3_prepare_v2(d->view.db, "PRAGMA data_version", -1, &s, NULL) == SQLITE_OK &&
        sqlite3_step(s) == SQLITE_ROW)
        version = sqlite3_column_int64(s, 0);
    (void)sqlite3_finalize(s);
    const bool changed = version != d->db_seen;
    d->db_seen = version;
    return changed;
}

static const struct {
    enum td_push_list list;
    const char *path, *query, *key;
} lists[] = {
    {TD_PUSH_ORDERS, "/api/v1/orders", "state=all&limit=200", "orders"},
    {TD_PUSH_EVENTS, "/api/v1/events", "limit=200", "events"},
    {TD_PUSH_FILLS, "/api/v1/fills", "days=1", "fills"},
    {TD_PUSH_INTENTS, "/api/v1/intents", "limit=100", "intents"},
};

static bool is_wanted(const struct td_dash *d, enum td_push_list list)
{
    for (const struct dash_conn *c = d->conns; c; c = c->next)
        if (c->socket && td_push_wants(c->client, list))
            return true;
    return false;
}

static void take_list(struct td_dash *d, size_t i)
{
    struct td_str argument;
    bool known;
    struct td_api_answer a = {.status = 200, .type = "application/json"};
    const struct td_api_call call = {
        .route = td_route_find(TD_METHOD_GET, td_str_of(lists[i].path), &argument, &known),
        .query = td_str_of(lists[i].query),
        .view = &d->view};
    if (!call.route)
        return;
    td_text_init(&a.text, (char *)d->out + LWS_PRE, TD_API_BYTES);
    call.route->answer(&call, &a);
    cJSON *answer = a.status == 200 && !td_text_full(&a.text)
                        ? cJSON_ParseWithLength(a.text.buf, a.text.len)
                        : NULL;
    if (answer)
        td_push_take(&d->board, lists[i].list, answer, lists[i].key);
    cJSON_Delete(answer);
}

void dash_ask_lists(struct td_dash *d)
{
    const bool asked = d->lists_due == 0; /* somebody subscribed just now */
    dash_open_db(d);
    if (!d->view.db || d->view.mono < d->lists_due)
        return;
    d->lists_due = d->view.mono + DASH_ASK;
    if (!db_changed(d) && !asked)
        return;
    for (size_t i = 0; i < TD_COUNT(lists); i++)
        if (is_wanted(d, lists[i].list))
            take_list(d, i);
}

void dash_forget(struct td_dash *d)
{
    cJSON_Delete(d->status);
    cJSON_Delete(d->gates);
    cJSON_Delete(d->scan);
    d->status = d->gates = d->scan = NULL;
    (void)sqlite3_close_v2(d->view.db);
    d->view.db = NULL;
}
