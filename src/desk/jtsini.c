/* desk/jtsini.c - lines of KEY=VALUE below [Section] heads; everything else is left alone. */
#include "desk/jtsini.h"

#include <stdio.h>

#define FILE_MAX 32768

static bool key_is(struct td_str key, const char *wanted)
{
    if (key.len != strlen(wanted))
        return false;
    for (size_t i = 0; i < key.len; i++)
        if ((key.p[i] | 0x20) != (wanted[i] | 0x20))
            return false;
    return true;
}

static int truth(struct td_str value)
{
    bool on;
    return td_bool_parse(value, &on) == TD_OK ? on : -1;
}

static bool trusts_localhost(struct td_str list)
{
    static const char *const names[] = {"127.0.0.1", "localhost", "0.0.0.0", "*"};
    struct td_str one;
    while (td_str_split(&list, ',', &one))
        for (size_t i = 0; i < TD_COUNT(names); i++)
            if (td_str_is(td_str_trim(one), names[i]))
                return true;
    return false;
}

static void take_setting(struct td_jtsini *ini, struct td_str key, struct td_str value)
{
    int64_t port;
    if (key_is(key, "ApiOnly"))
        ini->api_only = truth(value);
    else if (key_is(key, "UseSSL") || key_is(key, "ssl"))
        ini->ssl = truth(value);
    else if (key_is(key, "TrustedIPs") || key_is(key, "trusted_ips"))
        ini->trusted_localhost = trusts_localhost(value);
    else if ((key_is(key, "LocalServerPort") || key_is(key, "SocketPort") ||
              key_is(key, "ApiPort")) &&
             td_i64_parse(value.p, value.len, &port) == TD_OK)
        ini->port = port;
}

/* Text of at most FILE_MAX bytes; anything else is refused with one line. */
static enum td_err slurp_text(struct td_world *world, const char *path, char *buf, size_t cap,
                              size_t *len, struct td_fail *why)
{
    const enum td_err err = td_file_slurp(world, path, buf, cap, len, why);
    if (err == TD_ERANGE)
        return td_fail_set(why, err, "%s: larger than %d KiB; not a gateway's settings file", path,
                           FILE_MAX / 1024);
    if (!err && memchr(buf, '\0', *len))
        return td_fail_set(why, TD_EPARSE, "%s: holds a NUL byte; not a text file", path);
    return err;
}

void td_jtsini_read(struct td_world *world, const char *home, struct td_jtsini *out)
{
    static const char *const places[] = {"/.ibgateway_automated/Jts/jts.ini", "/Jts/jts.ini",
                                         "/Jts/ibgateway/jts.ini"};
    char bytes[FILE_MAX];
    *out = (struct td_jtsini){.api_only = -1, .ssl = -1, .trusted_localhost = -1, .port = -1};
    for (size_t i = 0; i < TD_COUNT(places) && home && !out->path[0]; i++) {
        char path[1024];
        size_t len;
        struct td_str line, key;
        struct td_fail why = {0};
        if (snprintf(path, sizeof path, "%s%s", home, places[i]) >= (int)sizeof path ||
            td_entry_at(world, path) != TD_ENTRY_FILE)
            continue;
        (void)td_str_copy(td_str_of(path), out->path, sizeof out->path);
        if (slurp_text(world, path, bytes, sizeof bytes, &len, &why) != TD_OK) {
            (void)snprintf(out->trouble, sizeof out->trouble, "%.199s", why.text);
            return;
        }
        struct td_str rest = {bytes, len};
        while (td_str_split(&rest, '\n', &line))
            if (td_str_split(&line, '=', &key) && line.p)
                take_setting(out, td_str_trim(key), td_str_trim(line));
    }
}

static const struct {
    const char *key, *value;
} wanted[] = {
    {"ApiOnly", "true"}, {"LocalServerPort", "7497"}, {"UseSSL", "0"}, {"TrustedIPs", "127.0.0.1"}};

/* Writes `line` with its value replaced when it is one of the wanted keys, and notes which. */
static void put_line(struct td_text *out, struct td_str line, bool *done)
{
    struct td_str rest = line, key = {0};
    (void)td_str_split(&rest, '=', &key);
    for (size_t i = 0; i < TD_COUNT(wanted) && rest.p; i++)
        if (key_is(td_str_trim(key), wanted[i].key)) {
            td_text_printf(out, "%s=%s\n", wanted[i].key, wanted[i].value);
            done[i] = true;
            return;
        }
    td_text_str(out, line);
    td_text_char(out, '\n');
}

static void put_missing(struct td_text *out, bool *done)
{
    for (size_t i = 0; i < TD_COUNT(wanted); i++)
        if (!done[i]) {
            td_text_printf(out, "%s=%s\n", wanted[i].key, wanted[i].value);
            done[i] = true;
        }
}

static bool has_key(struct td_str text, const char *key)
{
    struct td_str line, name;
    while (td_str_split(&text, '\n', &line))
        if (td_str_split(&line, '=', &name) && line.p && key_is(td_str_trim(name), key))
            return true;
    return false;
}

/* The whole file with the wanted settings in place. */
static void put_fixed(struct td_str old, struct td_text *t)
{
    bool done[TD_COUNT(wanted)] = {false}, section = false;
    struct td_str rest = old, line;
    for (size_t i = 0; i < TD_COUNT(wanted); i++)
        done[i] = has_key(rest, wanted[i].key); /* replaced in place further down */
    while (td_str_split(&rest, '\n', &line)) {
        if (!rest.p && !line.len)
            break; /* behind the last line end */
        put_line(t, line, done);
        if (key_is(td_str_trim(line), "[IBGateway]")) {
            section = true;
            put_missing(t, done);
        }
    }
    if (!section)
        td_text_put(t, "[IBGateway]\n");
    put_missing(t, done);
}

static enum td_err make_fixed(struct td_world *world, const char *path, char *old, size_t *len,
                              struct td_text *fresh, struct td_fail *why)
{
    const enum td_err err = slurp_text(world, path, old, FILE_MAX, len, why);
    if (err)
        return err;
    put_fixed((struct td_str){old, *len}, fresh);
    if (td_text_full(fresh))
        return td_fail_set(why, TD_ERANGE, "%s: too large to rewrite", path);
    return TD_OK;
}

/* The lines of `a` that do not stand in `b`, behind a sign. */
static void put_missing_lines(struct td_str a, struct td_str b, char sign, struct td_text *out)
{
    struct td_str line, other;
    while (td_str_split(&a, '\n', &line)) {
        bool found = !line.len;
        struct td_str rest = b;
        while (!found && td_str_split(&rest, '\n', &other))
            found = td_str_eq(line, other);
        if (found)
            continue;
        td_text_char(out, sign);
        td_text_str(out, line);
        td_text_char(out, '\n');
    }
}

enum td_err td_jtsini_diff(struct td_world *world, const char *path, struct td_text *diff,
                           struct td_fail *why)
{
    char old[FILE_MAX], fresh[FILE_MAX + 256];
    size_t len = 0;
    struct td_text t;
    td_text_init(&t, fresh, sizeof fresh);
    const enum td_err err = make_fixed(world, path, old, &len, &t, why);
    if (err)
        return err;
    put_missing_lines((struct td_str){old, len}, (struct td_str){t.buf, t.len}, '-', diff);
    put_missing_lines((struct td_str){t.buf, t.len}, (struct td_str){old, len}, '+', diff);
    return TD_OK;
}

enum td_err td_jtsini_fix(struct td_world *world, const char *path, struct td_fail *why)
{
    char old[FILE_MAX], fresh[FILE_MAX + 256], backup[1100];
    size_t len = 0;
    struct td_text t;
    td_text_init(&t, fresh, sizeof fresh);
    enum td_err err = make_fixed(world, path, old, &len, &t, why);
    if (err)
        return err;
    (void)snprintf(backup, sizeof backup, "%s.bak", path);
    err = td_file_replace(world, backup, (struct td_str){old, len}, why);
    if (err)
        return err;
    return td_file_replace(world, path, (struct td_str){t.buf, t.len}, why);
}
