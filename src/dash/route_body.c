/* dash/route_body.c - what a POST carries: one JSON object, not deep, no key twice, numbers that are numbers. */
#include <math.h>
#include <string.h>

#include "dash/route.h"
#include "wire/json.h"

/* Deepest nesting, told before a parser walks into it; -1: a byte or an escape that no text has. */
static int depth_of(struct td_str text)
{
    int depth = 0, deepest = 0;
    bool inside = false;
    for (size_t i = 0; i < text.len; i++) {
        const char c = text.p[i];
        if (c == '\0')
            return -1;
        if (inside && c == '\\') {
            if (text.len - i >= 6 && memcmp(text.p + i, "\\u0000", 6) == 0)
                return -1;
            i++;
        } else if (c == '"') {
            inside = !inside;
        } else if (!inside && (c == '{' || c == '[')) {
            deepest = ++depth > deepest ? depth : deepest;
        } else if (!inside && (c == '}' || c == ']')) {
            depth--;
        }
    }
    return deepest;
}

/* Why the members of one container are refused; NULL: they are fine. */
static const char *judge_members(const cJSON *parent)
{
    const char *keys[TD_BODY_KEYS];
    size_t count = 0;
    for (const cJSON *item = parent->child; item; item = item->next) {
        if (cJSON_IsNumber(item) && !isfinite(item->valuedouble))
            return "a number is out of range";
        if (!cJSON_IsObject(parent))
            continue;
        if (count == TD_BODY_KEYS)
            return "an object has too many keys";
        for (size_t i = 0; i < count; i++)
            if (strcmp(keys[i], item->string) == 0)
                return "a key stands twice";
        keys[count++] = item->string;
    }
    return NULL;
}

/* All containers, without recursion: the depth is bounded, so the way back is too. */
static const char *judge_tree(const cJSON *root)
{
    const cJSON *path[TD_BODY_DEPTH + 1];
    const char *reason = judge_members(root);
    int depth = 0;
    path[0] = root->child;
    while (!reason && depth >= 0) {
        const cJSON *at = path[depth];
        if (!at) {
            depth--;
            continue;
        }
        path[depth] = at->next;
        if (cJSON_IsObject(at) || cJSON_IsArray(at)) {
            reason = judge_members(at);
            path[++depth] = at->child;
        }
    }
    return reason;
}

cJSON *td_route_body(struct td_str text, const char **reason)
{
    const char *end = NULL;
    const int depth = depth_of(text);
    *reason = depth < 0 ? "the body holds a NUL" : "the body nests too deep";
    if (depth < 0 || depth > TD_BODY_DEPTH)
        return NULL;
    cJSON *body = text.len ? cJSON_ParseWithLengthOpts(text.p, text.len, &end, 0) : NULL;
    *reason = "the body is no JSON object";
    if (body && cJSON_IsObject(body) &&
        td_str_trim((struct td_str){end, (size_t)(text.p + text.len - end)}).len == 0)
        *reason = judge_tree(body);
    if (!*reason)
        return body;
    cJSON_Delete(body);
    return NULL;
}

void td_route_refuse(struct td_api_answer *out, int status, const char *reason)
{
    struct td_json j;
    out->status = status;
    out->type = "application/json";
    td_text_reset(&out->text);
    td_json_init(&j, &out->text, false);
    td_json_object(&j);
    td_json_key_bool(&j, "ok", false);
    td_json_key_text(&j, "reason", reason);
    td_json_object_end(&j);
}
