/* desk/gatewaymode.c - one row per place that may tell, and the rule that all must agree. */
#include "desk/gatewaymode.h"

#include <stdio.h>

#define FILE_MAX 32768

const char *td_gateway_mode_word(enum td_gateway_mode mode)
{
    static const char *const words[] = {"unknown", "paper", "live"};
    return words[mode];
}

enum td_gateway_mode td_account_mode(struct td_str account)
{
    static const struct {
        const char *prefix;
        enum td_gateway_mode mode;
    } rows[] = {{"DU", TD_GATEWAY_PAPER},
                {"DF", TD_GATEWAY_PAPER},
                {"U", TD_GATEWAY_LIVE},
                {"F", TD_GATEWAY_LIVE}};
    for (size_t i = 0; i < TD_COUNT(rows); i++) {
        size_t at = strlen(rows[i].prefix);
        if (!td_str_starts(account, rows[i].prefix) || account.len == at)
            continue;
        while (at < account.len && account.p[at] >= '0' && account.p[at] <= '9')
            at++;
        if (at == account.len)
            return rows[i].mode;
    }
    return TD_GATEWAY_UNKNOWN;
}

static bool same_word(struct td_str a, const char *b)
{
    if (a.len != strlen(b))
        return false;
    for (size_t i = 0; i < a.len; i++)
        if ((a.p[i] | 0x20) != (b[i] | 0x20))
            return false;
    return true;
}

/* What a value means; -1: nothing that is known. */
static int mode_of(struct td_str value)
{
    static const struct {
        const char *word;
        enum td_gateway_mode mode;
    } rows[] = {{"paper", TD_GATEWAY_PAPER},
                {"p", TD_GATEWAY_PAPER},
                {"live", TD_GATEWAY_LIVE},
                {"l", TD_GATEWAY_LIVE}};
    for (size_t i = 0; i < TD_COUNT(rows); i++)
        if (same_word(value, rows[i].word))
            return (int)rows[i].mode;
    return -1;
}

/* What has been said so far. */
struct said {
    enum td_gateway_mode mode;
    bool doubt; /* malformed, or two that differ */
    struct td_text *from;
};

static void take(struct said *s, struct td_str value, const char *where)
{
    const int mode = mode_of(value);
    td_text_printf(s->from, "%s%s says %.*s", s->from->len ? ", " : "", where,
                   (int)(value.len < 20 ? value.len : 20), value.p ? value.p : "");
    s->doubt |= mode < 0 || (s->mode != TD_GATEWAY_UNKNOWN && (int)s->mode != mode);
    if (mode >= 0)
        s->mode = (enum td_gateway_mode)mode;
}

/* A file that is there and cannot be read casts doubt; one without the key says nothing. */
static void read_file(struct td_world *world, const char *path, struct said *s)
{
    char bytes[FILE_MAX];
    size_t len = 0;
    struct td_str line, key;
    if (td_entry_at(world, path) != TD_ENTRY_FILE)
        return;
    if (td_file_slurp(world, path, bytes, sizeof bytes, &len, NULL) != TD_OK) {
        td_text_printf(s->from, "%s%s cannot be read", s->from->len ? ", " : "", path);
        s->doubt = true;
        return;
    }
    struct td_str rest = {bytes, len};
    while (td_str_split(&rest, '\n', &line)) {
        line = td_str_trim(line);
        if (line.len && line.p[0] != '#' && td_str_split(&line, '=', &key) && line.p &&
            same_word(td_str_trim(key), "TradingMode"))
            take(s, td_str_trim(line), path);
    }
    memset(bytes, 0, sizeof bytes); /* a login stands in one of them */
}

enum td_gateway_mode td_gateway_mode_find(struct td_world *world, const struct td_settings *s,
                                          const char *host, struct td_text *from)
{
    struct said said = {.mode = TD_GATEWAY_UNKNOWN, .from = from};
    char runtime[600], path[800];
    if (s->gateway_mode && *s->gateway_mode)
        take(&said, td_str_of(s->gateway_mode), "IB_GATEWAY_MODE");
    if (td_host_is_here(host)) {
        const char *const folders[] = {runtime, s->ibc_folder, s->jts_folder};
        const char *const files[] = {"ibc/config.ini", "config.ini", "jts.ini"};
        td_settings_runtime(s, runtime, sizeof runtime);
        for (size_t i = 0; i < TD_COUNT(files); i++) {
            if (!folders[i] || !*folders[i])
                continue;
            (void)snprintf(path, sizeof path, "%.600s/%s", folders[i], files[i]);
            read_file(world, path, &said);
        }
    }
    if (!from->len)
        td_text_put(from, "nothing says it: no TradingMode in the files of a gateway on this "
                          "machine, and IB_GATEWAY_MODE is not set");
    return said.doubt ? TD_GATEWAY_UNKNOWN : said.mode;
}
