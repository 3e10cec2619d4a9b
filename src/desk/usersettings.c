/* desk/usersettings.c - reads the two members we know. */
#include "desk/usersettings.h"

#include <cjson/cJSON.h>
#include <stdio.h>

#define FILE_MAX 65536

/* The file while it is read. */
struct source {
    const char *path, *bytes;
    struct td_fail *why;
};

static int line_at(const struct source *f, const char *at)
{
    int line = 1;
    for (const char *p = f->bytes; p < at; p++)
        line += *p == '\n';
    return line;
}

/* The line a member of "default" stands in. cJSON keeps no places: its first name behind that of the group. */
static int line_of(const struct source *f, const char *name)
{
    const char *group = strstr(f->bytes, "\"default\"");
    const char *at = group ? strstr(group, name) : NULL;
    return line_at(f, at ? at : group ? group : f->bytes);
}

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

static enum td_err take_symbols(const struct source *f, const cJSON *list,
                                struct td_user_settings *out)
{
    const cJSON *item;
    const int line = line_of(f, "\"symbols\"");
    if (!list)
        return TD_OK;
    if (!cJSON_IsArray(list))
        return td_fail_set(f->why, TD_EPARSE, "%s:%d: default.symbols must be a list of names",
                           f->path, line);
    cJSON_ArrayForEach(item, list)
    {
        if (!cJSON_IsString(item) || !is_symbol(item->valuestring))
            return td_fail_set(f->why, TD_EPARSE,
                               "%s:%d: default.symbols[%d] must be a symbol like \"AAPL\"", f->path,
                               line, (int)out->symbols.count);
        if (out->symbols.count == TD_OPT_LIST_MAX)
            return td_fail_set(f->why, TD_ERANGE, "%s:%d: more than %d symbols", f->path, line,
                               TD_OPT_LIST_MAX);
        char *text = out->text[out->symbols.count];
        (void)snprintf(text, sizeof out->text[0], "%s", item->valuestring);
        out->symbols.items[out->symbols.count++] = text;
    }
    return TD_OK;
}

static enum td_err take_loss(const struct source *f, const cJSON *loss,
                             struct td_user_settings *out)
{
    if (!loss)
        return TD_OK;
    if (cJSON_IsNumber(loss) && loss->valuedouble > 0 && loss->valuedouble <= 9e9)
        out->max_daily_loss_e9 = (int64_t)(loss->valuedouble * 1e9);
    return out->max_daily_loss_e9 > 0
               ? TD_OK
               : td_fail_set(
                     f->why, TD_EPARSE,
                     "%s:%d: default.max_daily_loss must be money above 0, up to 9000000000",
                     f->path, line_of(f, "\"max_daily_loss\""));
}

/* The member of this name; more than one is refused. */
static enum td_err find(const struct source *f, const cJSON *in, const char *name,
                        const cJSON **out)
{
    const cJSON *item;
    *out = NULL;
    cJSON_ArrayForEach(item, in)
    {
        if (!item->string || strcmp(item->string, name) != 0)
            continue;
        if (*out)
            return td_fail_set(f->why, TD_EPARSE, "%s:%d: \"%s\" is there twice", f->path,
                               line_of(f, name), name);
        *out = item;
    }
    return TD_OK;
}

static enum td_err take(const struct source *f, const cJSON *all, struct td_user_settings *out)
{
    const cJSON *group = NULL, *loss = NULL, *symbols = NULL;
    enum td_err err = find(f, all, "default", &group);
    if (!err && !cJSON_IsObject(group))
        err = td_fail_set(f->why, TD_EPARSE, "%s:%d: no object \"default\" in it", f->path,
                          line_of(f, ""));
    if (!err)
        err = find(f, group, "max_daily_loss", &loss);
    if (!err)
        err = find(f, group, "symbols", &symbols);
    if (!err)
        err = take_loss(f, loss, out);
    if (!err)
        err = td_monitoring_take(all, f->path, f->bytes, &out->monitoring, f->why);
    return err ? err : take_symbols(f, symbols, out);
}

static enum td_err parse(const struct source *f, size_t len, struct td_user_settings *out)
{
    const char *nul = memchr(f->bytes, '\0', len), *end = NULL;
    if (nul)
        return td_fail_set(f->why, TD_EPARSE, "%s:%d: a NUL byte", f->path, line_at(f, nul));
    cJSON *all = cJSON_ParseWithLengthOpts(f->bytes, len + 1, &end, true);
    const enum td_err err =
        all ? take(f, all, out)
            : td_fail_set(f->why, TD_EPARSE, "%s:%d: not JSON from here on", f->path,
                          line_at(f, end && end < f->bytes + len ? end : f->bytes + len));
    cJSON_Delete(all);
    return err;
}

void td_user_settings_copy(struct td_user_settings *to, const struct td_user_settings *from)
{
    if (to == from)
        return;
    *to = *from;
    for (int32_t i = 0; i < to->symbols.count; i++)
        to->symbols.items[i] = to->text[i];
}

enum td_err td_user_settings_read(struct td_world *world, const char *path,
                                  struct td_user_settings *out, struct td_fail *why)
{
    char bytes[FILE_MAX];
    size_t len = 0;
    struct td_user_settings fresh = {.monitoring = {.enabled = true}}; /* also without a file */
    const enum td_entry_kind kind = path && *path ? td_entry_at(world, path) : TD_ENTRY_NONE;
    const struct source file = {.path = path, .bytes = bytes, .why = why};
    enum td_err err = TD_OK;
    if (kind == TD_ENTRY_FOLDER)
        return td_fail_set(why, TD_EPARSE, "%s: is no file", path);
    if (kind == TD_ENTRY_FILE) {
        fresh.there = true;
        err = td_file_slurp(world, path, bytes, sizeof bytes, &len, why);
        if (!err)
            err = parse(&file, len, &fresh);
    }
    if (!err)
        td_user_settings_copy(out, &fresh);
    return err;
}
