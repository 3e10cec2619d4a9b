/* dash/api_put.c - how an answer is begun and ended, and how a value or its absence is written. */
#include "dash/api_inner.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

void api_begin(struct td_json *j, struct td_api_answer *out)
{
    td_text_reset(&out->text);
    td_json_init(j, &out->text, false);
    td_json_object(j);
}

void api_end(struct td_json *j, struct td_api_answer *out)
{
    td_json_object_end(j);
    td_text_char(&out->text, '\n');
    if (td_text_full(&out->text))
        api_error(out, 500, "the answer does not fit: ask for less (limit, days)");
}

void api_error(struct td_api_answer *out, int status, const char *text)
{
    struct td_json j;
    out->status = status;
    out->type = "application/json";
    td_text_reset(&out->text);
    td_json_init(&j, &out->text, false);
    td_json_object(&j);
    td_json_key_bool(&j, "ok", false);
    td_json_key_text(&j, "reason", text);
    td_json_object_end(&j);
    td_text_char(&out->text, '\n');
}

void api_null(struct td_json *j, const char *key, const char *reason)
{
    char beside[64];
    (void)snprintf(beside, sizeof beside, "%s_reason", key);
    td_json_key_text(j, key, NULL);
    td_json_key_text(j, beside, reason && *reason ? reason : "not known");
}

void api_real(struct td_json *j, const char *key, double value, const char *reason)
{
    if (!isfinite(value)) {
        api_null(j, key, reason);
        return;
    }
    td_json_key(j, key);
    td_json_double(j, value);
}

void api_time(struct td_json *j, const char *key, td_ns at)
{
    td_json_key(j, key);
    td_json_iso(j, at);
}

void api_copy(struct td_json *j, const char *key, const cJSON *object, const char *reason)
{
    if (cJSON_IsNumber(object)) {
        td_json_key(j, key);
        td_json_double(j, object->valuedouble);
    } else if (cJSON_IsString(object)) {
        td_json_key_text(j, key, object->valuestring);
    } else if (cJSON_IsBool(object)) {
        td_json_key_bool(j, key, cJSON_IsTrue(object));
    } else {
        api_null(j, key, reason);
    }
}

/* cJSON prints into what is left of the buffer; the emitter is told by a null that is then taken back. */
void api_whole(struct td_json *j, const cJSON *value)
{
    struct td_text *t = j->out;
    td_json_null(j);
    if (!value || td_text_full(t))
        return;
    const size_t at = t->len - 4;
    union { /* cJSON does not change what it prints, and does not say so */
        const cJSON *in;
        cJSON *out;
    } item = {value};
    if (t->cap - at > INT32_MAX ||
        !cJSON_PrintPreallocated(item.out, t->buf + at, (int)(t->cap - at), false)) {
        t->len = at;
        t->buf[at] = '\0';
        t->full = true;
        return;
    }
    t->len = at + strlen(t->buf + at);
}
