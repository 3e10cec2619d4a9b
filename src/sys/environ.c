/* sys/environ.c - .env reader; the file is parsed in place. */
#include "sys/environ.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/uvworld_inner.h"

static bool is_key(struct td_str key)
{
    if (key.len == 0 || (key.p[0] >= '0' && key.p[0] <= '9'))
        return false;
    for (size_t i = 0; i < key.len; i++) {
        const char c = key.p[i];
        if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
              c == '_'))
            return false;
    }
    return true;
}

/* What follows a closed quote or an unquoted value: nothing, or a comment. */
static bool is_comment(struct td_str rest)
{
    rest = td_str_trim(rest);
    return rest.len == 0 || rest.p[0] == '#';
}

/* The value without quotes and comment. NULL, or what is wrong with it. */
static const char *clean_value(struct td_str v, struct td_str *out)
{
    v = td_str_trim(v);
    *out = v;
    if (v.len && (v.p[0] == '"' || v.p[0] == '\'')) {
        const char *close = memchr(v.p + 1, v.p[0], v.len - 1);
        if (!close)
            return "a quote is not closed";
        *out = (struct td_str){v.p + 1, (size_t)(close - v.p - 1)};
        return is_comment((struct td_str){close + 1, v.len - out->len - 2})
                   ? NULL
                   : "text behind the closing quote";
    }
    for (size_t i = 0; i < v.len; i++)
        if (v.p[i] == '#' && (i == 0 || v.p[i - 1] == ' ' || v.p[i - 1] == '\t')) {
            *out = td_str_trim((struct td_str){v.p, i});
            break;
        }
    return NULL;
}

/* Values live NUL-terminated at the end of `bytes`, after the file's own text. */
static const char *keep_value(struct td_text *pool, struct td_str v)
{
    const char *start = pool->buf + pool->len;
    if (td_str_starts(v, "~/")) {
        const char *home = getenv("HOME");
        td_text_put(pool, home ? home : "");
        v.p++;
        v.len--;
    }
    td_text_str(pool, v);
    td_text_char(pool, '\0');
    return start;
}

/* Bytes that no editor writes into settings: a control character, a NUL. */
static bool is_text(struct td_str line)
{
    for (size_t i = 0; i < line.len; i++) {
        const unsigned char c = (unsigned char)line.p[i];
        if ((c < 0x20 && c != '\t' && c != '\r') || c == 0x7f)
            return false;
    }
    return true;
}

/* One KEY=VALUE into the next row. NULL, or what is wrong with it. */
static const char *parse_line(struct td_environ *e, struct td_str line, struct td_text *pool)
{
    struct td_str key, value, clean;
    if (td_str_starts(line, "export "))
        line = td_str_trim((struct td_str){line.p + 7, line.len - 7});
    value = line;
    if (!td_str_split(&value, '=', &key) || !value.p || !is_key(td_str_trim(key)))
        return "expected KEY=VALUE";
    const char *trouble = clean_value(value, &clean);
    if (trouble)
        return trouble;
    if (clean.len > TD_ENVIRON_VALUE)
        return "the value is too long";
    if (e->count == TD_ENVIRON_ROWS)
        return "more settings than there may be";
    e->keys[e->count] = td_str_trim(key);
    e->values[e->count] = keep_value(pool, clean);
    return td_text_full(pool) ? "the file is too large" : NULL;
}

static enum td_err parse_lines(struct td_environ *e, struct td_str rest, struct td_text *pool,
                               struct td_fail *why)
{
    struct td_str line;
    for (int number = 1; td_str_split(&rest, '\n', &line); number++) {
        if (!is_text(line))
            return td_fail_set(why, TD_EPARSE, "%s:%d: a byte that is no text", e->path, number);
        line = td_str_trim(line);
        if (line.len == 0 || line.p[0] == '#')
            continue;
        const char *trouble = parse_line(e, line, pool);
        if (trouble)
            return td_fail_set(why, TD_EPARSE, "%s:%d: %s", e->path, number, trouble);
        e->lines[e->count++] = number;
    }
    return TD_OK;
}

static void look_at_owner(struct td_environ *e)
{
    struct stat st;
    e->is_private = true;
    e->others_write = false;
    if (stat(e->path, &st) != 0)
        return;
    e->is_private = st.st_uid == getuid() && (st.st_mode & 077) == 0;
    e->others_write = (st.st_uid != getuid() && st.st_uid != 0) || (st.st_mode & 022) != 0;
}

enum td_err td_environ_load(struct td_environ *e, struct td_world *w, const char *path,
                            struct td_fail *why)
{
    struct td_text pool;
    size_t len = 0;
    e->count = 0;
    e->is_private = true;
    e->others_write = false;
    (void)snprintf(e->path, sizeof e->path, "%s", path);
    const enum td_entry_kind kind = td_entry_at(w, path);
    e->there = kind != TD_ENTRY_NONE;
    if (!e->there)
        return TD_OK;
    if (kind != TD_ENTRY_FILE)
        return td_fail_set(why, TD_EPARSE, "%s: is no file", path);
    look_at_owner(e);
    const enum td_err err = td_file_slurp(w, path, e->bytes, sizeof e->bytes / 2, &len, why);
    if (err)
        return err;
    td_text_init(&pool, e->bytes + len + 1, sizeof e->bytes - len - 1);
    const enum td_err parsed = parse_lines(e, (struct td_str){e->bytes, len}, &pool, why);
    e->count = parsed ? 0 : e->count;
    return parsed;
}

const char *td_environ_in_file(const struct td_environ *e, const char *key, int32_t *line)
{
    for (size_t i = e->count; i-- > 0;)
        if (td_str_is(e->keys[i], key)) {
            if (line)
                *line = e->lines[i];
            return e->values[i];
        }
    return NULL;
}

const char *td_environ_get(const struct td_environ *e, const char *key, enum td_origin *source)
{
    const char *exported = getenv(key);
    *source = TD_FROM_ENVIRONMENT;
    if (exported)
        return exported;
    const char *value = td_environ_in_file(e, key, NULL);
    *source = value ? TD_FROM_DOTENV : TD_FROM_DEFAULT;
    return value;
}

enum td_err td_environ_export(const char *key, const char *value)
{
    return setenv(key, value, 1) == 0 ? TD_OK : td_uv_errno(errno);
}

const char *td_origin_name(enum td_origin source)
{
    static const char *const names[] = {"default", "environment", ".env", "option"};
    return names[source];
}
