/* sys/environ.c - .env reader; the file is parsed in place. */
#include "sys/environ.h"

#include <errno.h>
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

static struct td_str clean_value(struct td_str v)
{
    v = td_str_trim(v);
    if (v.len >= 2 && (v.p[0] == '"' || v.p[0] == '\'')) {
        const char *close = memchr(v.p + 1, v.p[0], v.len - 1);
        if (close)
            return (struct td_str){v.p + 1, (size_t)(close - v.p - 1)};
    }
    for (size_t i = 1; i < v.len; i++)
        if (v.p[i] == '#' && (v.p[i - 1] == ' ' || v.p[i - 1] == '\t'))
            return td_str_trim((struct td_str){v.p, i});
    return v.len && v.p[0] == '#' ? (struct td_str){v.p, 0} : v;
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

static enum td_err parse_lines(struct td_environ *e, struct td_str rest, struct td_text *pool,
                               const char *path, struct td_fail *why)
{
    struct td_str line;
    for (int number = 1; td_str_split(&rest, '\n', &line); number++) {
        struct td_str key;
        line = td_str_trim(line);
        if (line.len == 0 || line.p[0] == '#')
            continue;
        if (td_str_starts(line, "export "))
            line = td_str_trim((struct td_str){line.p + 7, line.len - 7});
        struct td_str value = line;
        if (!td_str_split(&value, '=', &key) || !value.p || !is_key(td_str_trim(key)))
            return td_fail_set(why, TD_EPARSE, "%s:%d: expected KEY=VALUE", path, number);
        if (e->count == TD_ENVIRON_ROWS)
            return td_fail_set(why, TD_ERANGE, "%s:%d: more than %d settings", path, number,
                               TD_ENVIRON_ROWS);
        e->keys[e->count] = td_str_trim(key);
        e->values[e->count++] = keep_value(pool, clean_value(value));
    }
    return td_text_full(pool) ? td_fail_set(why, TD_ERANGE, "%s: too large", path) : TD_OK;
}

enum td_err td_environ_load(struct td_environ *e, struct td_world *w, const char *path,
                            struct td_fail *why)
{
    struct stat st;
    struct td_text pool;
    size_t len = 0;
    e->count = 0;
    e->is_private = true;
    if (td_entry_at(w, path) != TD_ENTRY_FILE)
        return TD_OK;
    if (stat(path, &st) == 0)
        e->is_private = st.st_uid == getuid() && (st.st_mode & 077) == 0;
    const enum td_err err = td_file_slurp(w, path, e->bytes, sizeof e->bytes / 2, &len, why);
    if (err)
        return err;
    td_text_init(&pool, e->bytes + len + 1, sizeof e->bytes - len - 1);
    return parse_lines(e, (struct td_str){e->bytes, len}, &pool, path, why);
}

const char *td_environ_get(const struct td_environ *e, const char *key, enum td_origin *source)
{
    const char *exported = getenv(key);
    *source = TD_FROM_ENVIRONMENT;
    if (exported)
        return exported;
    for (size_t i = e->count; i-- > 0;)
        if (td_str_is(e->keys[i], key)) {
            *source = TD_FROM_DOTENV;
            return e->values[i];
        }
    *source = TD_FROM_DEFAULT;
    return NULL;
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
