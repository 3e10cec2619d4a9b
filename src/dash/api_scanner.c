/* dash/api_scanner.c - the scanner that serves (tapedeck scan --serve), as its socket tells it: the table, who is recorded, and
 * four words that change that. It is a process of its own; without one the answer names the command. */
#include <stdio.h>
#include <string.h>

#include "dash/api_answers.h"
#include "dash/api_inner.h"

#define SYMBOLS_MAX 64  /* of one request */
#define LINE_BYTES  900 /* a line to the socket takes a little more */

/* Keys that stand at the top as they are told. */
static const char *const told[] = {"last_scan",        "slots",  "etfs",  "sessions",
                                   "hidden",           "output", "ended", "recorder_connected",
                                   "scanner_connected"};

static void put_head(struct td_json *j, const cJSON *table)
{
    const cJSON *item;
    td_json_key(j, "scan");
    td_json_object(j);
    cJSON_ArrayForEach(item, table)
    {
        if (strcmp(item->string, "rows") == 0)
            continue;
        td_json_key(j, item->string);
        api_whole(j, item);
    }
    td_json_object_end(j);
}

void api_scanner(const struct td_api_call *call, struct td_api_answer *out)
{
    const struct td_api_view *v = call->view;
    const cJSON *table = cJSON_GetObjectItemCaseSensitive(v->scan, "table");
    const cJSON *rows = cJSON_GetObjectItemCaseSensitive(table, "rows");
    const char *why = api_text(v->scan, "table_reason");
    struct td_json j;
    api_begin(&j, out);
    td_json_key(&j, "rows");
    api_whole(&j, rows);
    if (table)
        put_head(&j, table);
    for (size_t i = 0; i < TD_COUNT(told) && v->scan; i++) {
        td_json_key(&j, told[i]);
        api_whole(&j, cJSON_GetObjectItemCaseSensitive(v->scan, told[i]));
    }
    if (!rows)
        td_json_key_text(&j, "reason",
                         why          ? why
                         : v->no_scan ? v->no_scan
                                      : "no scanner serves behind this server: tapedeck scan "
                                        "--serve, with the same --state, starts one");
    api_end(&j, out);
}

/* ---- words ---- */

/* `word SYM SYM...` of the body's symbols; false: the refusal is written. */
static bool make_line(const struct td_api_call *call, const char *word, bool all_may, char *line,
                      struct td_api_answer *out)
{
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(call->body, "symbols"), *item;
    struct td_text t;
    int n = 0;
    td_text_init(&t, line, LINE_BYTES);
    td_text_put(&t, word);
    if (all_may && cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(call->body, "all"))) {
        td_text_put(&t, " all");
        return true;
    }
    bool good = cJSON_IsArray(list);
    cJSON_ArrayForEach(item, list)
    {
        good = good && cJSON_IsString(item) && api_symbol_good(td_str_of(item->valuestring)) &&
               n++ < SYMBOLS_MAX;
        if (good)
            td_text_printf(&t, " %s", item->valuestring);
    }
    if (good && n && !td_text_full(&t))
        return true;
    api_error(out, 400,
              all_may ? "\"symbols\": a list of symbols, 64 at most, or \"all\": true"
                      : "\"symbols\": a list of symbols, 64 at most");
    return false;
}

/* The station's own JSON, or why there is none. */
static void say(const struct td_api_call *call, const char *word, bool all_may,
                struct td_api_answer *out)
{
    const struct td_api_view *v = call->view;
    char line[LINE_BYTES];
    struct td_fail why = {0};
    enum td_err err = TD_ENOENT;
    if (!make_line(call, word, all_may, line, out))
        return;
    td_text_reset(&out->text);
    if (v->ask_scan)
        err = v->ask_scan(v->ask_arg, line, out->text.buf, out->text.cap, &why);
    if (!err) {
        out->text.len = strlen(out->text.buf);
        return;
    }
    const bool none = err == TD_ENOENT || err == TD_EUNREACH;
    api_error(out, none ? 503 : 504,
              !none       ? "the scanner did not answer in time: what was asked may have happened"
              : *why.text ? why.text
                          : "no scanner serves behind this server: tapedeck scan --serve");
}

void api_scan_start(const struct td_api_call *call, struct td_api_answer *out)
{
    say(call, "start", false, out);
}

void api_scan_stop(const struct td_api_call *call, struct td_api_answer *out)
{
    say(call, "stop", true, out);
}

void api_scan_hide(const struct td_api_call *call, struct td_api_answer *out)
{
    say(call, "hide", false, out);
}

void api_scan_unhide(const struct td_api_call *call, struct td_api_answer *out)
{
    say(call, "unhide", true, out);
}
