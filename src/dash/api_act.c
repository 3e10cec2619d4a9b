/* dash/api_act.c - the original's three buttons as words to the desk: kill switch, start, stop.
 *
 * Start and reset are `resume` and need its nonce; stop is `halt` and needs none. A switch that cannot be switched off is
 * refused, and says so. What the desk answers decides what is claimed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dash/api_answers.h"
#include "dash/api_inner.h"

/* One line of printable bytes that is no second word. */
static bool is_plain(const char *text)
{
    if (strlen(text) > API_REASON_MAX)
        return false;
    for (const char *p = text; *p; p++)
        if ((unsigned char)*p < ' ' || *p == 127)
            return false;
    return true;
}

/* Puts `word REASON` to the desk; its answer, to be deleted. NULL: the refusal is written. */
static cJSON *tell_desk(const struct td_api_call *call, const char *word, const char *by_itself,
                        struct td_api_answer *out)
{
    const struct td_api_view *v = call->view;
    const char *reason = api_text(call->body, "reason");
    char line[256];
    struct td_fail why = {0};
    if (reason && !is_plain(reason)) {
        api_error(out, 400, "\"reason\": one line of 110 bytes at most");
        return NULL;
    }
    (void)snprintf(line, sizeof line, "%s dashboard: %s", word,
                   reason && *reason ? reason : by_itself);
    td_text_reset(&out->text);
    const enum td_err err =
        v->ask ? v->ask(v->ask_arg, line, out->text.buf, out->text.cap, &why) : TD_ENOENT;
    cJSON *answer = err ? NULL : cJSON_Parse(out->text.buf);
    const bool none = err == TD_ENOENT || err == TD_EUNREACH;
    if (!answer)
        api_error(out, none ? 503 : 504,
                  none ? api_no_desk(v)
                       : "the desk did not answer in time: what was asked may have happened");
    return answer;
}

static const char *desk_error(const cJSON *answer)
{
    const char *text = api_text(answer, "error");
    return text ? text : "the desk refused it";
}

static bool is_confirmed(const struct td_api_call *call, struct td_api_answer *out)
{
    if (!call->confirmed)
        api_error(out, 403,
                  "this needs a nonce: POST /api/v1/nonce {\"action\":\"resume\"}, then nonce and "
                  "confirm in the body");
    return call->confirmed;
}

/* --- POST /api/risk/kill-switch --- */

static void put_success(struct td_api_answer *out, bool success, const char *message,
                        const cJSON *status)
{
    struct td_json j;
    api_begin(&j, out);
    td_json_key_bool(&j, "success", success);
    td_json_key_text(&j, "message", message);
    if (status)
        td_json_key_text(&j, "status", api_is(status, "halted") ? "triggered" : "normal");
    else
        api_null(&j, "status", "no desk runs");
    api_end(&j, out);
}

static void tell_switch(const struct td_api_view *v, struct td_api_answer *out)
{
    const char *session = api_text(v->status, "session"), *why = api_no_desk(v);
    struct td_json j;
    api_begin(&j, out);
    if (v->status) {
        const bool halted = api_is(v->status, "halted");
        td_json_key_bool(&j, "active", halted);
        td_json_key_bool(&j, "triggered", halted);
        td_json_key_bool(&j, "can_trade",
                         !halted && api_is(v->status, "armed") && session &&
                             strcmp(session, "ready") == 0);
    } else {
        api_null(&j, "active", why);
        api_null(&j, "triggered", why);
        td_json_key_bool(&j, "can_trade", false);
        td_json_key_text(&j, "reason", why);
    }
    api_end(&j, out);
}

static void reset_switch(const struct td_api_call *call, struct td_api_answer *out)
{
    cJSON *answer = is_confirmed(call, out)
                        ? tell_desk(call, "resume", "kill switch reset by hand", out)
                        : NULL;
    if (!answer)
        return;
    const bool good = api_is(answer, "ok");
    put_success(out, good, good ? "trading goes on" : desk_error(answer), answer);
    cJSON_Delete(answer);
}

void api_kill_switch(const struct td_api_call *call, struct td_api_answer *out)
{
    const char *action = api_text(call->body, "action");
    if (action && strcmp(action, "status") == 0) {
        tell_switch(call->view, out);
    } else if (action && strcmp(action, "reset") == 0) {
        reset_switch(call, out);
    } else if (action && strcmp(action, "disable") == 0) {
        out->status = 403;
        put_success(out, false,
                    "the kill switch cannot be disabled here: its limits are settings of the desk "
                    "(KILL_*), read at its start",
                    call->view->status);
    } else {
        api_error(out, 400, "\"action\" is reset, disable or status");
    }
}

/* --- POST /api/start and /api/stop --- */

static void put_names(struct td_json *j, const cJSON *status)
{
    const cJSON *names = api_at(status, "symbols");
    td_json_key(j, "symbols");
    api_whole(j, names);
    if (!names)
        td_json_key_text(j, "symbols_reason", "the desk does not tell it");
}

/* A desk trades the symbols it was started with. */
static bool knows_symbols(const struct td_api_call *call, struct td_api_answer *out)
{
    const cJSON *wanted, *has;
    char text[120];
    cJSON_ArrayForEach(wanted, api_at(call->body, "symbols"))
    {
        bool known = false;
        const char *name = cJSON_IsString(wanted) ? wanted->valuestring : "";
        cJSON_ArrayForEach(has, api_at(call->view->status, "symbols")) known =
            known || (cJSON_IsString(has) && strcmp(has->valuestring, name) == 0);
        if (known)
            continue;
        (void)snprintf(text, sizeof text,
                       "%.24s: the desk trades the symbols it was started with (--symbols)",
                       api_symbol_good(td_str_of(name)) ? name : "symbols");
        api_error(out, 400, text);
        return false;
    }
    return true;
}

void api_start(const struct td_api_call *call, struct td_api_answer *out)
{
    const struct td_api_view *v = call->view;
    struct td_json j;
    cJSON *answer = NULL;
    if (!v->status) {
        api_error(out, 503, api_no_desk(v));
        return;
    }
    if (!knows_symbols(call, out))
        return;
    const bool halted = api_is(v->status, "halted");
    if (halted) {
        answer = is_confirmed(call, out) ? tell_desk(call, "resume", "started by hand", out) : NULL;
        if (!answer)
            return;
        if (!api_is(answer, "ok")) {
            char text[200];
            (void)snprintf(text, sizeof text, "%s", desk_error(answer));
            api_error(out, 409, text);
            cJSON_Delete(answer);
            return;
        }
    }
    api_begin(&j, out);
    td_json_key_text(&j, "status", halted ? "started" : "already_running");
    put_names(&j, answer ? answer : v->status);
    api_end(&j, out);
    cJSON_Delete(answer);
}

void api_stop(const struct td_api_call *call, struct td_api_answer *out)
{
    struct td_json j;
    cJSON *answer = tell_desk(call, "halt", "stopped by hand", out);
    if (!answer)
        return;
    const bool stopped = api_is(answer, "halted");
    api_begin(&j, out);
    td_json_key_text(&j, "status", stopped ? "stopped" : "running");
    if (!stopped)
        td_json_key_text(&j, "reason", desk_error(answer));
    api_end(&j, out);
    cJSON_Delete(answer);
}
