/* dash/act.c - words to the desk. Text from outside becomes one line without control bytes, or nothing at all. */
#include "dash/act.h"

#include <stdio.h>
#include <string.h>

#include "dash/keeper.h"
#include "wire/json.h"

#define REASON_MAX 100
#define SYMBOL_MAX 24
#define ALERT_MAX  48 /* as the name of a rule */

static const char *text_of(const cJSON *body, const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(body, key);
    return cJSON_IsString(item) ? item->valuestring : "";
}

/* One line, of printable bytes. */
static bool is_plain(const char *text, size_t most)
{
    for (const char *p = text; *p; p++)
        if ((unsigned char)*p < ' ' || *p == 127)
            return false;
    return strlen(text) <= most;
}

/* One word for the desk: a symbol, or an alert. */
static bool is_word(const char *text, size_t cap)
{
    return text[0] && text[0] != '.' && strlen(text) < cap &&
           strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") ==
               strlen(text);
}

/* The desk's own JSON, or why there is none. */
static void say(const struct td_api_call *call, const char *line, struct td_api_answer *out)
{
    const struct td_api_view *v = call->view;
    struct td_fail why = {0};
    enum td_err err = TD_ENOENT;
    td_text_reset(&out->text);
    if (v->ask)
        err = v->ask(v->ask_arg, line, out->text.buf, out->text.cap, &why);
    if (!err) {
        out->text.len = strlen(out->text.buf);
        return;
    }
    const bool none = err == TD_ENOENT || err == TD_EUNREACH;
    td_route_refuse(out, none ? 503 : 504,
                    none
                        ? v->no_desk ? v->no_desk : "no desk runs with this state folder"
                        : "the desk did not answer in time: what was asked may have happened; look "
                          "at its status");
}

/* The reason of the body behind `head`; false: it is refused, and the answer says why. */
static bool make_line(const struct td_api_call *call, const char *head, char *line, size_t cap,
                      struct td_api_answer *out)
{
    const char *reason = text_of(call->body, "reason");
    if (!is_plain(reason, REASON_MAX) || (call->route->nonce && !reason[0])) {
        td_route_refuse(out, 400, "a reason is needed: one line of 100 bytes at most");
        return false;
    }
    (void)snprintf(line, cap, "%s dashboard: %s", head, reason[0] ? reason : "by hand");
    return true;
}

static bool is_confirmed(const struct td_api_call *call, struct td_api_answer *out)
{
    if (call->confirmed)
        return true;
    td_route_refuse(out, 403,
                    "this needs a nonce of POST /api/v1/nonce and its word typed as \"confirm\"");
    return false;
}

static void act(const struct td_api_call *call, const char *head, struct td_api_answer *out)
{
    char line[250];
    if ((!call->route->nonce || is_confirmed(call, out)) &&
        make_line(call, head, line, sizeof line, out))
        say(call, line, out);
}

void td_act_halt(const struct td_api_call *call, struct td_api_answer *out)
{
    act(call, "halt", out);
}

void td_act_resume(const struct td_api_call *call, struct td_api_answer *out)
{
    act(call, "resume", out);
}

void td_act_flatten(const struct td_api_call *call, struct td_api_answer *out)
{
    act(call, "flatten go", out);
}

void td_act_accept(const struct td_api_call *call, struct td_api_answer *out)
{
    char head[SYMBOL_MAX + 8];
    const char *symbol = text_of(call->body, "symbol");
    if (!is_word(symbol, SYMBOL_MAX)) {
        td_route_refuse(out, 400, "\"symbol\" is needed: letters, digits, . _ -");
        return;
    }
    (void)snprintf(head, sizeof head, "accept %s", symbol);
    act(call, head, out);
}

void td_act_cancel_all(const struct td_api_call *call, struct td_api_answer *out)
{
    const char *scope = text_of(call->body, "scope");
    const bool all = strcmp(scope, "all") == 0;
    if (!all && scope[0] && strcmp(scope, "own") != 0)
        td_route_refuse(out, 400, "\"scope\" is own or all");
    else
        act(call, all ? "cancel-all all" : "cancel-all own", out);
}

/* Seen by a person: the alert stays while its cause does. Nothing is loosened, so one step is enough. */
void td_act_ack(const struct td_api_call *call, struct td_api_answer *out)
{
    char head[ALERT_MAX + 8];
    const char *id = text_of(call->body, "id");
    if (!is_word(id, ALERT_MAX)) {
        td_route_refuse(out, 400, "\"id\" is the word of an alert: letters, digits, . _ -");
        return;
    }
    (void)snprintf(head, sizeof head, "ack %s", id);
    act(call, head, out);
}

/* --- what an action would do --- */

static int count(const cJSON *object, const char *key)
{
    return cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(object, key));
}

static void tell_resume(const struct td_api_call *call, struct td_text *t)
{
    const char *reason = text_of(call->view->status, "halt_reason");
    td_text_put(t, "new orders may leave again");
    if (reason[0])
        td_text_printf(t, "; halted because: %.100s", reason);
}

/* By the desk's preview of the moment. */
static void tell_flatten(const struct td_api_call *call, struct td_text *t)
{
    static char answer[262144];
    const struct td_api_view *v = call->view;
    struct td_fail why = {0};
    cJSON *preview = v->ask && v->ask(v->ask_arg, "flatten", answer, sizeof answer, &why) == TD_OK
                         ? cJSON_Parse(answer)
                         : NULL;
    const cJSON *row;
    if (!preview) {
        td_text_put(t, "closes everything that is held, at market; the desk does not say now what");
        return;
    }
    td_text_printf(t, "cancels %d orders", count(preview, "would_cancel"));
    cJSON_ArrayForEach(row, cJSON_GetObjectItemCaseSensitive(preview, "would_close"))
    {
        const cJSON *qty = cJSON_GetObjectItemCaseSensitive(row, "quantity");
        td_text_printf(t, ", %s %g %s at market", text_of(row, "action"),
                       cJSON_IsNumber(qty) ? qty->valuedouble : 0, text_of(row, "symbol"));
    }
    cJSON_Delete(preview);
}

static void tell_accept(const struct td_api_call *call, struct td_text *t)
{
    (void)call;
    td_text_put(t, "our own figures of this symbol count as looked at; it may trade again");
}

static void tell_cancel(const struct td_api_call *call, struct td_text *t)
{
    td_text_printf(t, "asks %d working orders to end; scope all: every order of the account",
                   count(call->view->status, "orders"));
}

static const struct action {
    const char *name, *confirm;
    void (*tell)(const struct td_api_call *call, struct td_text *t);
} actions[] = {
    {"resume", "RESUME", tell_resume},
    {"flatten", "FLATTEN", tell_flatten},
    {"accept", "ACCEPT", tell_accept},
    {"cancel-all", "CANCEL ALL", tell_cancel},
};

static const struct action *find_action(const char *name)
{
    for (size_t i = 0; i < TD_COUNT(actions); i++)
        if (strcmp(actions[i].name, name) == 0)
            return &actions[i];
    return NULL;
}

const char *td_act_confirm(const char *action)
{
    const struct action *a = find_action(action);
    return a ? a->confirm : NULL;
}

void td_act_nonce(const struct td_api_call *call, struct td_api_answer *out)
{
    const struct action *a = find_action(text_of(call->body, "action"));
    char nonce[TD_KEEPER_TOKEN / 2 + 1], words[2000];
    struct td_text consequence;
    struct td_json j;
    if (!a) {
        td_route_refuse(out, 400, "\"action\" is resume, flatten, accept or cancel-all");
        return;
    }
    td_text_init(&consequence, words, sizeof words);
    a->tell(call, &consequence);
    td_keeper_nonce(call->view->keeper, a->name, call->view->mono, nonce);
    td_json_init(&j, &out->text, false);
    td_json_object(&j);
    td_json_key_text(&j, "nonce", nonce);
    td_json_key_i64(&j, "expires_in", TD_KEEPER_NONCE / TD_SEC);
    td_json_key_text(&j, "confirm", a->confirm);
    td_json_key_text(&j, "consequence", words);
    td_json_object_end(&j);
}

/* --- logins, and what a page asks first --- */

void td_act_login(const struct td_api_call *call, struct td_api_answer *out)
{
    bool trade = false;
    struct td_json j;
    const int status =
        td_keeper_login(call->view->keeper, call->asker, td_str_of(text_of(call->body, "token")),
                        td_str_of(text_of(call->body, "password")), call->view->mono, out->cookie,
                        sizeof out->cookie, &trade);
    if (status != 200) {
        td_route_refuse(out, status,
                        status == 429 ? "too many wrong logins; wait a minute"
                                      : "this token or password is wrong");
        return;
    }
    td_json_init(&j, &out->text, false);
    td_json_object(&j);
    td_json_key_bool(&j, "ok", true);
    td_json_key(&j, "scopes");
    td_json_array(&j);
    td_json_text(&j, "read");
    if (trade)
        td_json_text(&j, "trade");
    td_json_array_end(&j);
    td_json_object_end(&j);
}

void td_act_logout(const struct td_api_call *call, struct td_api_answer *out)
{
    td_keeper_logout(call->view->keeper, call->asker, out->cookie, sizeof out->cookie);
    td_text_put(&out->text, "{\"ok\":true}");
}

void td_act_session(const struct td_api_call *call, struct td_api_answer *out)
{
    const struct td_api_view *v = call->view;
    const char *mode = text_of(v->status, "mode");
    struct td_json j;
    td_json_init(&j, &out->text, false);
    td_json_object(&j);
    td_json_key_text(&j, "version", v->version);
    td_json_key_text(&j, "mode", mode[0] ? mode : NULL);
    td_json_key(&j, "scopes");
    td_json_array(&j);
    td_json_text(&j, "read");
    if (call->may_trade)
        td_json_text(&j, "trade");
    td_json_array_end(&j);
    td_json_key_bool(&j, "trade_token_needed", !call->may_trade);
    td_json_key(&j, "now");
    td_json_iso(&j, v->now);
    if (!mode[0])
        td_json_key_text(&j, "reason", v->no_desk);
    td_json_object_end(&j);
}

void td_act_health(const struct td_api_call *call, struct td_api_answer *out)
{
    struct td_json j;
    td_json_init(&j, &out->text, false);
    td_json_object(&j);
    td_json_key_text(&j, "status", "healthy");
    td_json_key(&j, "timestamp");
    td_json_iso(&j, call->view->now);
    td_json_object_end(&j);
}
