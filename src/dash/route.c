/* dash/route.c - a path against the table, and a query cut into its values. Paths come decoded; a slash within a value
 * makes another path, and none has it. */
#include "dash/route.h"

#include <string.h>

/* Whether `path` is what `pattern` says; *argument is what stands for its {name}. */
static bool matches(const char *pattern, struct td_str path, struct td_str *argument)
{
    const char *open = strchr(pattern, '{');
    if (!open)
        return td_str_is(path, pattern);
    const size_t head = (size_t)(open - pattern);
    const char *tail = strchr(open, '}') + 1;
    const size_t tail_len = strlen(tail);
    if (path.len <= head + tail_len || memcmp(path.p, pattern, head) != 0 ||
        memcmp(path.p + path.len - tail_len, tail, tail_len) != 0)
        return false;
    const struct td_str value = {path.p + head, path.len - head - tail_len};
    if (memchr(value.p, '/', value.len) || memchr(value.p, '\0', value.len))
        return false;
    *argument = value;
    return true;
}

static const struct td_route *find_in(const struct td_route *table, enum td_method method,
                                      struct td_str path, struct td_str *argument, bool *known)
{
    for (const struct td_route *r = table; r->path; r++) {
        struct td_str value = {0};
        if (!matches(r->path, path, &value))
            continue;
        if (r->method == method) {
            *argument = value;
            return r;
        }
        *known = true;
    }
    return NULL;
}

const struct td_route *td_route_find(enum td_method method, struct td_str path,
                                     struct td_str *argument, bool *known)
{
    *known = false;
    const struct td_route *r = find_in(td_routes, method, path, argument, known);
    return r ? r : find_in(td_api_routes, method, path, argument, known);
}

/* --- the query --- */

static int digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* %41 and + as they are meant; false: no such form, a NUL, or longer than out[cap]. */
static bool decode(struct td_str from, char *out, size_t cap)
{
    size_t n = 0;
    for (size_t i = 0; i < from.len; i++) {
        int c = from.p[i] == '+' ? ' ' : from.p[i];
        if (from.p[i] == '%') {
            const int high = i + 2 < from.len ? digit(from.p[i + 1]) : -1;
            const int low = i + 2 < from.len ? digit(from.p[i + 2]) : -1;
            if (high < 0 || low < 0)
                return false;
            c = high * 16 + low;
            i += 2;
        }
        if (c == '\0' || n + 1 >= cap)
            return false;
        out[n++] = (char)c;
    }
    out[n] = '\0';
    return true;
}

bool td_route_query(struct td_str query, const char *name, char *out, size_t cap)
{
    struct td_str pair, key;
    while (td_str_split(&query, '&', &pair)) {
        (void)td_str_split(&pair, '=', &key);
        if (td_str_is(key, name))
            return decode(pair, out, cap);
    }
    return false;
}
