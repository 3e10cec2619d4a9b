/* dash/api_v1.c - the desk's own answers, and the market as it is watched. */
#include <string.h>

#include "dash/api_answers.h"
#include "dash/api_inner.h"

/* The desk's answer as it is. */
static void pass_on(const struct td_api_view *v, const cJSON *answer, struct td_api_answer *out)
{
    struct td_json j;
    if (!answer) {
        api_error(out, 200, api_no_desk(v));
        return;
    }
    td_text_reset(&out->text);
    td_json_init(&j, &out->text, false);
    api_whole(&j, answer);
    if (td_text_full(&out->text))
        api_error(out, 500, "the desk's answer does not fit");
}

void api_desk_status(const struct td_api_call *call, struct td_api_answer *out)
{
    pass_on(call->view, call->view->status, out);
}

static bool holds(const cJSON *list, const char *text)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, list) if (cJSON_IsString(item) &&
                                       strcmp(item->valuestring, text) == 0) return true;
    return false;
}

/* Every gate as it stands for one symbol. */
static void narrow(cJSON *gates, const char *symbol)
{
    cJSON *gate;
    cJSON_ArrayForEach(gate, gates)
    {
        const bool closed = holds(api_at(gate, "closed_for"), symbol);
        cJSON *list = cJSON_CreateArray();
        if (closed)
            (void)cJSON_AddItemToArray(list, cJSON_CreateString(symbol));
        (void)cJSON_ReplaceItemInObjectCaseSensitive(gate, "open", cJSON_CreateBool(!closed));
        (void)cJSON_ReplaceItemInObjectCaseSensitive(gate, "closed_for", list);
    }
}

/* The desk is asked twice a second, not for every client: what it said of all symbols is cut to one. */
void api_desk_gates(const struct td_api_call *call, struct td_api_answer *out)
{
    const struct td_api_view *v = call->view;
    char symbol[API_SYMBOL_MAX];
    if (!api_query_symbol(call, symbol, out))
        return;
    if (!*symbol || !v->gates) {
        pass_on(v, v->gates, out);
        return;
    }
    if (!holds(api_at(v->status, "symbols"), symbol) ||
        api_number(v->gates, "symbols_asked") < api_number(v->gates, "symbols")) {
        api_error(out, 404,
                  "not among the symbols whose gates the desk tells: see tapedeck status "
                  "--gates --symbol");
        return;
    }
    cJSON *copy = cJSON_Duplicate(v->gates, true);
    if (copy)
        narrow(cJSON_GetObjectItemCaseSensitive(copy, "gates"), symbol);
    pass_on(v, copy, out);
    cJSON_Delete(copy);
}

void api_symbols(const struct td_api_call *call, struct td_api_answer *out)
{
    const struct td_watch *w = call->view->watch;
    struct td_json j;
    api_begin(&j, out);
    td_json_key(&j, "symbols");
    td_json_array(&j);
    for (uint32_t i = 0; w && i < w->count; i++)
        td_watch_put_quote(&w->symbols[i], &j);
    td_json_array_end(&j);
    td_json_key_text(&j, "reason",
                     w && w->count ? "null: it has not been told yet"
                                   : "no desk in this process feeds the dashboard with prices");
    api_end(&j, out);
}

/* The watched symbol of the path; NULL: the error is written. */
static const struct td_watch_symbol *find(const struct td_api_call *call, struct td_api_answer *out)
{
    char symbol[API_SYMBOL_MAX];
    if (!api_path_symbol(call, symbol, out))
        return NULL;
    const struct td_watch_symbol *s =
        call->view->watch ? td_watch_find(call->view->watch, call->argument) : NULL;
    if (!s)
        api_error(out, 404, "this symbol is not watched: GET /api/v1/symbols lists those that are");
    return s;
}

/* What null means goes into the object that the watch has closed. */
static void finish(struct td_api_answer *out)
{
    struct td_text *t = &out->text;
    if (!td_text_full(t) && t->len && t->buf[t->len - 1] == '}') {
        t->len--;
        td_text_put(t,
                    ",\"reason\":\"null: the venue does not tell it, or nothing has come yet\"}");
    }
    if (td_text_full(&out->text))
        api_error(out, 500, "the answer does not fit: ask for less");
}

void api_book(const struct td_api_call *call, struct td_api_answer *out)
{
    const struct td_watch_symbol *s = find(call, out);
    struct td_json j;
    if (!s)
        return;
    td_json_init(&j, &out->text, false);
    td_watch_put_book(s, &j);
    finish(out);
}

void api_bars(const struct td_api_call *call, struct td_api_answer *out)
{
    const struct td_watch_symbol *s = find(call, out);
    char text[48];
    td_ns from = INT64_MIN;
    struct td_json j;
    if (!s)
        return;
    if (td_route_query(call->query, "from", text, sizeof text) &&
        td_iso_parse(text, strlen(text), &from) != TD_OK) {
        api_error(out, 400, "from: a time like 2026-11-20T14:30:00Z is needed");
        return;
    }
    td_json_init(&j, &out->text, false);
    td_watch_put_bars(s, from, &j);
    finish(out);
}

void api_prints(const struct td_api_call *call, struct td_api_answer *out)
{
    const struct td_watch_symbol *s = find(call, out);
    int64_t after = 0;
    struct td_json j;
    if (!s || !api_query_whole(call, "after", 0, INT64_MAX, &after, out))
        return;
    td_json_init(&j, &out->text, false);
    td_watch_put_trades(s, (uint64_t)after, &j);
    finish(out);
}
