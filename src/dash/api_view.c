/* dash/api_view.c - what an answer reads: the desk's status, settings, the query, prices, days. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "dash/api_inner.h"
#include "market/calendar.h"

/* --- the desk's status --- */

const cJSON *api_at(const cJSON *object, const char *path)
{
    struct td_str rest = td_str_of(path), part;
    while (object && td_str_split(&rest, '.', &part)) {
        char name[64];
        if (!td_str_copy(part, name, sizeof name))
            return NULL;
        object = cJSON_GetObjectItemCaseSensitive(object, name);
    }
    return object;
}

double api_number(const cJSON *object, const char *path)
{
    const cJSON *value = api_at(object, path);
    return cJSON_IsNumber(value) ? value->valuedouble : (double)NAN;
}

const char *api_text(const cJSON *object, const char *path)
{
    const cJSON *value = api_at(object, path);
    return cJSON_IsString(value) ? value->valuestring : NULL;
}

bool api_is(const cJSON *object, const char *path)
{
    return cJSON_IsTrue(api_at(object, path));
}

const char *api_no_desk(const struct td_api_view *v)
{
    if (v->status)
        return "the desk does not tell it";
    return v->no_desk && *v->no_desk ? v->no_desk : "no desk runs";
}

const cJSON *api_position(const struct td_api_view *v, const char *symbol)
{
    const cJSON *row;
    cJSON_ArrayForEach(row, api_at(v->status, "positions"))
    {
        const char *name = api_text(row, "symbol");
        if (name && strcmp(name, symbol) == 0)
            return row;
    }
    return NULL;
}

bool api_setting(const struct td_api_view *v, const char *key, char *out, size_t cap)
{
    cJSON *all = v->config_json ? cJSON_Parse(v->config_json) : NULL;
    const cJSON *row = all ? cJSON_GetObjectItemCaseSensitive(all, key) : NULL;
    const char *text = api_text(row, "value");
    const bool told = text && td_str_copy(td_str_of(text), out, cap);
    cJSON_Delete(all);
    return told;
}

td_ns api_market_now(const struct td_api_view *v)
{
    const char *text = api_text(v->status, "market_time");
    td_ns at;
    return text && td_iso_parse(text, strlen(text), &at) == TD_OK ? at : v->now;
}

/* --- what was asked --- */

bool api_symbol_good(struct td_str text)
{
    if (text.len == 0 || text.len >= API_SYMBOL_MAX || text.p[0] == '.')
        return false;
    for (size_t i = 0; i < text.len; i++) {
        const char c = text.p[i];
        const bool good = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                          (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
        if (!good)
            return false;
    }
    return true;
}

/* It is there, whatever it holds. */
static bool is_asked(struct td_str query, const char *name)
{
    struct td_str pair, key;
    while (td_str_split(&query, '&', &pair)) {
        (void)td_str_split(&pair, '=', &key);
        if (td_str_is(key, name))
            return true;
    }
    return false;
}

bool api_query_whole(const struct td_api_call *call, const char *name, int64_t low, int64_t high,
                     int64_t *value, struct td_api_answer *out)
{
    char text[32], error[96];
    int64_t n;
    if (!is_asked(call->query, name))
        return true;
    if (!td_route_query(call->query, name, text, sizeof text) ||
        td_i64_parse(text, strlen(text), &n) != TD_OK) {
        (void)snprintf(error, sizeof error, "%s: a whole number of %lld to %lld is needed", name,
                       (long long)low, (long long)high);
        api_error(out, 400, error);
        return false;
    }
    *value = n < low ? low : n > high ? high : n;
    return true;
}

#define BAD_SYMBOL "symbol: letters, digits, dot, dash and underscore, at most 23"

bool api_query_symbol(const struct td_api_call *call, char *out_symbol, struct td_api_answer *out)
{
    char text[128] = "";
    out_symbol[0] = '\0';
    const bool read = td_route_query(call->query, "symbol", text, sizeof text);
    if (!is_asked(call->query, "symbol") || (read && !text[0]))
        return true;
    if (!read || !api_symbol_good(td_str_of(text))) {
        api_error(out, 400, BAD_SYMBOL);
        return false;
    }
    (void)td_str_copy(td_str_of(text), out_symbol, API_SYMBOL_MAX);
    return true;
}

bool api_path_symbol(const struct td_api_call *call, char *out_symbol, struct td_api_answer *out)
{
    if (!api_symbol_good(call->argument)) {
        api_error(out, 400, BAD_SYMBOL);
        return false;
    }
    (void)td_str_copy(call->argument, out_symbol, API_SYMBOL_MAX);
    return true;
}

/* --- days and prices --- */

int64_t api_day_of(const struct td_api_view *v, td_ns at)
{
    if (v->new_york)
        return td_tz_day(v->new_york, at);
    return at / TD_DAY - (at % TD_DAY < 0);
}

td_ns api_day_start(const struct td_api_view *v, int64_t back)
{
    const int64_t day = api_day_of(v, v->now) - back;
    return v->new_york ? td_tz_at(v->new_york, day, 0, 0, 0) : day * TD_DAY;
}

double api_price(const struct td_api_view *v, const char *symbol)
{
    const struct td_watch_symbol *s = v->watch ? td_watch_find(v->watch, td_str_of(symbol)) : NULL;
    const double mark = api_number(api_position(v, symbol), "mark");
    if (s && s->quote_ns && !td_px_is_none(s->quote.bid) && !td_px_is_none(s->quote.ask))
        return td_e9_to_double(s->quote.bid.e9 + (s->quote.ask.e9 - s->quote.bid.e9) / 2);
    if (s && s->last_ns && !td_px_is_none(s->last))
        return td_e9_to_double(s->last.e9);
    return mark;
}

int api_market_open(const struct td_api_view *v)
{
    if (!v->new_york)
        return -1;
    return td_calendar_is_open(&td_calendar_xnys, v->new_york, api_market_now(v));
}

#define NO_ZONE "the time zone America/New_York could not be read"

static void put_next_open(struct td_json *j, const struct td_api_view *v, td_ns at)
{
    char text[48];
    const td_ns next = td_calendar_next_open(&td_calendar_xnys, v->new_york, at);
    if (next == TD_NS_NEVER) {
        api_null(j, "next_open", "past the calendar's last year");
        api_null(j, "seconds_until_open", "past the calendar's last year");
        api_null(j, "time_until_open", "past the calendar's last year");
        return;
    }
    const long long seconds = (next - at) / TD_SEC;
    (void)snprintf(text, sizeof text, "%lldh %02lldm", seconds / 3600, seconds / 60 % 60);
    api_time(j, "next_open", next);
    td_json_key_i64(j, "seconds_until_open", seconds);
    td_json_key_text(j, "time_until_open", text);
}

void api_put_market(struct td_json *j, const struct td_api_view *v)
{
    const td_ns at = api_market_now(v);
    if (!v->new_york) {
        api_null(j, "is_open", NO_ZONE);
        api_null(j, "session", NO_ZONE);
        api_time(j, "current_time", at);
        api_null(j, "status_text", NO_ZONE);
        return;
    }
    const bool open = td_calendar_is_open(&td_calendar_xnys, v->new_york, at);
    const char *phase =
        td_session_phase_name(td_calendar_phase(&td_calendar_xnys, v->new_york, at));
    char text[64];
    (void)snprintf(text, sizeof text, "NYSE %s, %s", open ? "open" : "not in regular trading",
                   phase);
    td_json_key_bool(j, "is_open", open);
    td_json_key_text(j, "session", phase);
    api_time(j, "current_time", at);
    td_json_key_text(j, "status_text", text);
    if (!open)
        put_next_open(j, v, at);
}
