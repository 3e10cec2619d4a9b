/* desk/stationfile.c - the sessions of a station as JSON, there and back. */
#include "desk/stationfile.h"

#include <cjson/cJSON.h>
#include <stdlib.h>

#include "wire/json.h"

#define FILE_BYTES ((size_t)65536) /* of 64 sessions and 256 hidden symbols: 20 KiB at most */

/* False: no symbol. */
static bool take_symbol(const cJSON *from, char *out)
{
    return cJSON_IsString(from) && td_symbol_is_safe(td_str_of(from->valuestring)) &&
           td_str_copy(td_str_of(from->valuestring), out, TD_SYMBOL_CHARS);
}

static void take_session(struct td_stationfile *f, const cJSON *from)
{
    struct td_stationfile_session *s = &f->sessions[f->session_count];
    const cJSON *at = cJSON_GetObjectItemCaseSensitive(from, "start_time");
    if (f->session_count == TD_DEPTHSLOTS_SESSIONS ||
        !take_symbol(cJSON_GetObjectItemCaseSensitive(from, "symbol"), s->symbol))
        return;
    for (uint32_t i = 0; i < f->session_count; i++)
        if (strcmp(f->sessions[i].symbol, s->symbol) == 0)
            return;
    s->started = 0;
    if (cJSON_IsString(at) &&
        td_iso_parse(at->valuestring, strlen(at->valuestring), &s->started) != TD_OK)
        s->started = 0;
    f->session_count++;
}

static void take_all(struct td_stationfile *f, const cJSON *root)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(root, "sessions"))
        take_session(f, item);
    cJSON_ArrayForEach(
        item, cJSON_GetObjectItemCaseSensitive(
                  root, "hidden_symbols")) if (f->hidden_count < TD_STATIONFILE_HIDDEN &&
                                               take_symbol(item, f->hidden[f->hidden_count]))
        f->hidden_count++;
}

enum td_err td_stationfile_load(struct td_stationfile *f, struct td_world *world, const char *path,
                                struct td_fail *why)
{
    size_t len = 0;
    memset(f, 0, sizeof *f);
    if (td_entry_at(world, path) != TD_ENTRY_FILE)
        return TD_OK;
    char *bytes = malloc(FILE_BYTES);
    if (!bytes)
        return td_fail_set(why, TD_ENOMEM, "no memory for %s", path);
    const enum td_err err = td_file_slurp(world, path, bytes, FILE_BYTES, &len, why);
    cJSON *root = err ? NULL : cJSON_ParseWithLength(bytes, len);
    const bool good = cJSON_IsObject(root);
    if (good)
        take_all(f, root);
    cJSON_Delete(root);
    free(bytes);
    return err || good ? err
                       : td_fail_set(why, TD_EPARSE,
                                     "%s is no JSON object: remove it, and start what is to be "
                                     "recorded again",
                                     path);
}

static void put_sessions(const struct td_stationfile *f, struct td_json *j)
{
    td_json_key(j, "sessions");
    td_json_array(j);
    for (uint32_t i = 0; i < f->session_count; i++) {
        const struct td_stationfile_session *s = &f->sessions[i];
        td_json_object(j);
        td_json_key_text(j, "symbol", s->symbol);
        td_json_key_text(j, "mode", s->mode);
        td_json_key(j, "start_time");
        td_json_iso(j, s->started);
        td_json_key_bool(j, "queued", strcmp(s->mode, "queued") == 0);
        td_json_object_end(j);
    }
    td_json_array_end(j);
}

enum td_err td_stationfile_save(const struct td_stationfile *f, struct td_world *world,
                                const char *path, struct td_fail *why)
{
    char *bytes = malloc(FILE_BYTES);
    struct td_text t;
    struct td_json j;
    if (!bytes)
        return td_fail_set(why, TD_ENOMEM, "no memory for %s", path);
    td_text_init(&t, bytes, FILE_BYTES);
    td_json_init(&j, &t, true);
    td_json_object(&j);
    put_sessions(f, &j);
    td_json_key(&j, "hidden_symbols");
    td_json_array(&j);
    for (uint32_t i = 0; i < f->hidden_count; i++)
        td_json_text(&j, f->hidden[i]);
    td_json_array_end(&j);
    td_json_key(&j, "preferences");
    td_json_object(&j);
    td_json_key_e9(&j, "min_gap_pct", f->min_gap_e9);
    td_json_key_e9(&j, "min_rvol", f->min_rvol_e9);
    td_json_key_i64(&j, "refresh_sec", f->refresh_s);
    td_json_key_bool(&j, "exclude_etfs", f->exclude_etfs);
    td_json_object_end(&j);
    td_json_object_end(&j);
    td_text_char(&t, '\n');
    TD_REQUIRE(!td_text_full(&t));
    const enum td_err err = td_file_replace(world, path, (struct td_str){t.buf, t.len}, why);
    free(bytes);
    return err;
}
