/* desk/usersettings.c - reads the two members we know. */
#include "desk/usersettings.h"

#include <cjson/cJSON.h>
#include <stdio.h>

#define FILE_MAX 65536

static bool is_symbol(const char *text)
{
    size_t n = 0;
    for (; text[n]; n++) {
        const char c = text[n];
        if (!((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == ' '))
            return false;
    }
    return n > 0 && n < 24;
}

static enum td_err take_symbols(const cJSON *list, const char *path, struct td_user_settings *out,
                                struct td_fail *why)
{
    const cJSON *item;
    if (!list)
        return TD_OK;
    if (!cJSON_IsArray(list))
        return td_fail_set(why, TD_EPARSE, "%s: default.symbols must be a list of names", path);
    cJSON_ArrayForEach(item, list)
    {
        if (!cJSON_IsString(item) || !is_symbol(item->valuestring))
            return td_fail_set(why, TD_EPARSE,
                               "%s: default.symbols[%d] must be a symbol like \"AAPL\"", path,
                               (int)out->symbols.count);
        if (out->symbols.count == TD_OPT_LIST_MAX)
            return td_fail_set(why, TD_ERANGE, "%s: more than %d symbols", path, TD_OPT_LIST_MAX);
        char *text = out->text[out->symbols.count];
        (void)snprintf(text, sizeof out->text[0], "%s", item->valuestring);
        out->symbols.items[out->symbols.count++] = text;
    }
    return TD_OK;
}

static enum td_err take(const cJSON *all, const char *path, struct td_user_settings *out,
                        struct td_fail *why)
{
    const cJSON *group = cJSON_GetObjectItemCaseSensitive(all, "default");
    const cJSON *loss = cJSON_GetObjectItemCaseSensitive(group, "max_daily_loss");
    if (!cJSON_IsObject(group))
        return td_fail_set(why, TD_EPARSE, "%s: no object \"default\" in it", path);
    if (loss && (!cJSON_IsNumber(loss) || !(loss->valuedouble > 0 && loss->valuedouble <= 9e9)))
        return td_fail_set(why, TD_EPARSE,
                           "%s: default.max_daily_loss must be money above 0, up to 9000000000",
                           path);
    out->max_daily_loss_e9 = loss ? (int64_t)(loss->valuedouble * 1e9) : 0;
    return take_symbols(cJSON_GetObjectItemCaseSensitive(group, "symbols"), path, out, why);
}

enum td_err td_user_settings_read(struct td_world *world, const char *path,
                                  struct td_user_settings *out, struct td_fail *why)
{
    char bytes[FILE_MAX];
    size_t len = 0;
    memset(out, 0, sizeof *out);
    if (!path || !*path || td_entry_at(world, path) != TD_ENTRY_FILE)
        return TD_OK;
    enum td_err err = td_file_slurp(world, path, bytes, sizeof bytes, &len, why);
    if (err)
        return err;
    cJSON *all = cJSON_ParseWithLength(bytes, len);
    out->there = true;
    err = all ? take(all, path, out, why) : td_fail_set(why, TD_EPARSE, "%s: not JSON", path);
    cJSON_Delete(all);
    return err;
}
