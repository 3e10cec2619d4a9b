/* cmd/scan_prefs.c - four layers of one value, and the file of the third. */
#include "cmd/scan_prefs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sys/environ.h"

#define AT(member) .into = offsetof(struct scan_prefs, member)

/* The column `env` is the option's own name: it is what an error message shows. */
const struct td_opt scan_prefs_table[] = {
    {.name = "min-gap",
     .env = "--min-gap",
     .preset = "4",
     .type = TD_OPT_NUM,
     .high = 10000,
     AT(min_gap_e9)},
    {.name = "min-rvol",
     .env = "--min-rvol",
     .preset = "2",
     .type = TD_OPT_NUM,
     .high = 20,
     AT(min_rvol_e9)},
    {.name = "price", .env = "--price", .preset = "1:30", .type = TD_OPT_STR, AT(price)},
    {.name = "sort", .env = "--sort", .preset = "gap_pct", .type = TD_OPT_STR, AT(sort)},
    {.name = "limit",
     .env = "--limit",
     .preset = "50",
     .type = TD_OPT_INT,
     .high = 16384,
     AT(limit)},
    {.name = "refresh",
     .env = "--refresh",
     .preset = "10",
     .type = TD_OPT_INT,
     .low = 3,
     .high = 3600,
     AT(refresh_s)},
    {.name = "adv-days",
     .env = "--adv-days",
     .preset = "20",
     .type = TD_OPT_INT,
     .low = 1,
     .high = TD_SCAN_DAYS_MAX,
     AT(adv_days)},
    {.name = "basis",
     .env = "--basis",
     .preset = "open",
     .type = TD_OPT_STR,
     .choices = "open|last",
     AT(basis)},
    {.name = "etf-file", .env = "--etf-file", .type = TD_OPT_PATH, AT(etf_file)},
    {.name = "hide", .env = "--hide", .type = TD_OPT_LIST, AT(hide)},
    {.name = "etfs", .env = "--etfs", .type = TD_OPT_FLAG, AT(etfs)},
    {0},
};

static const struct {
    const char *option, *variable;
} variables[] = {{"--min-gap", "GAP_SCANNER_MIN_GAP_PCT"},
                 {"--min-rvol", "GAP_SCANNER_MIN_RVOL"},
                 {"--refresh", "GAP_SCANNER_REFRESH_SEC"},
                 {"--etf-file", "GAP_SCANNER_ETF_BLACKLIST_FILE"}};

static const struct {
    const char *option;
    size_t at;
} texts[] = {{"--min-gap", offsetof(struct scan_words, min_gap)},
             {"--min-rvol", offsetof(struct scan_words, min_rvol)},
             {"--price", offsetof(struct scan_words, price)},
             {"--sort", offsetof(struct scan_words, sort)},
             {"--limit", offsetof(struct scan_words, limit)},
             {"--refresh", offsetof(struct scan_words, refresh)},
             {"--adv-days", offsetof(struct scan_words, adv_days)},
             {"--basis", offsetof(struct scan_words, basis)},
             {"--etf-file", offsetof(struct scan_words, etf_file)}};

struct layers {
    const struct td_run *run;
    const struct scan_words *words;
    char *saved; /* lines with their ends made NUL */
    size_t saved_len;
    const char *hidden; /* --hide as one text; NULL: not given */
};

static const char *given(const struct layers *l, const char *key)
{
    if (strcmp(key, "--etfs") == 0)
        return l->words->etfs ? "1" : NULL;
    if (strcmp(key, "--hide") == 0)
        return l->hidden;
    for (size_t i = 0; i < TD_COUNT(texts); i++)
        if (strcmp(texts[i].option, key) == 0) {
            const char *text;
            memcpy(&text, (const char *)l->words + texts[i].at, sizeof text);
            return text;
        }
    return NULL;
}

static const char *exported(const struct layers *l, const char *key)
{
    for (size_t i = 0; i < TD_COUNT(variables); i++)
        if (strcmp(variables[i].option, key) == 0) {
            enum td_origin from;
            const char *value = td_environ_get(l->run->environ, variables[i].variable, &from);
            return value && *value ? value : NULL;
        }
    return NULL;
}

static const char *saved(const struct layers *l, const char *key)
{
    const size_t n = strlen(key + 2);
    for (const char *p = l->saved; p < l->saved + l->saved_len; p += strlen(p) + 1)
        if (strncmp(p, key + 2, n) == 0 && p[n] == '=')
            return p + n + 1;
    return NULL;
}

static const char *look_up(void *arg, const char *key)
{
    const struct layers *l = arg;
    const char *value = given(l, key);
    if (!value)
        value = exported(l, key);
    return value ? value : saved(l, key);
}

static bool path_of(const struct td_run *run, char out[TD_PATH_MAX])
{
    return td_path_join(out, TD_PATH_MAX, run->settings->state_path, "scan.conf");
}

static enum td_err read_saved(struct scan_prefs *p, struct layers *l, struct td_fail *why)
{
    char path[TD_PATH_MAX];
    if (!path_of(l->run, path) || td_entry_at(l->run->world, path) != TD_ENTRY_FILE)
        return TD_OK;
    const enum td_err err =
        td_file_slurp(l->run->world, path, p->saved, sizeof p->saved, &l->saved_len, why);
    for (size_t i = 0; i < l->saved_len; i++)
        p->saved[i] = p->saved[i] == '\n' ? '\0' : p->saved[i];
    return err;
}

static void join(const struct td_opt_list *list, char *out, size_t cap)
{
    struct td_text t;
    td_text_init(&t, out, cap);
    for (int32_t i = 0; i < list->count; i++)
        td_text_printf(&t, "%s%s", i ? "," : "", list->items[i]);
}

enum td_err scan_prefs_load(struct scan_prefs *p, const struct td_run *run,
                            const struct scan_words *words, bool plain, struct td_fail *why)
{
    struct layers l = {.run = run, .words = words, .saved = p->saved};
    memset(p, 0, sizeof *p);
    if (words->hide.count) {
        join(&words->hide, p->hidden, sizeof p->hidden);
        l.hidden = p->hidden;
    }
    const enum td_err err = plain ? TD_OK : read_saved(p, &l, why);
    return err ? err : td_opt_defaults(scan_prefs_table, p, look_up, &l, why);
}

/* ---- saving ---- */

static void put_value(const struct scan_prefs *p, const struct td_opt *row, struct td_text *out)
{
    const char *at = (const char *)p + row->into;
    const char *text;
    char list[1200];
    int64_t number;
    if (row->type == TD_OPT_LIST) {
        join((const struct td_opt_list *)(const void *)at, list, sizeof list);
        td_text_put(out, list);
    } else if (row->type == TD_OPT_FLAG) {
        td_text_put(out, *(const bool *)at ? "1" : "0");
    } else if (row->type == TD_OPT_INT || row->type == TD_OPT_NUM) {
        memcpy(&number, at, sizeof number);
        if (row->type == TD_OPT_INT)
            td_text_i64(out, number);
        else
            td_text_e9(out, number);
    } else {
        memcpy(&text, at, sizeof text);
        td_text_put(out, text ? text : "");
    }
}

enum td_err scan_prefs_save(const struct scan_prefs *p, const struct td_run *run,
                            struct td_fail *why)
{
    char path[TD_PATH_MAX], bytes[SCAN_PREFS_BYTES], value[1280];
    struct td_text t, v;
    td_text_init(&t, bytes, sizeof bytes);
    for (const struct td_opt *row = scan_prefs_table; row->name; row++) {
        td_text_init(&v, value, sizeof value);
        put_value(p, row, &v);
        if (v.len && strcmp(value, row->preset ? row->preset : "0") != 0)
            td_text_printf(&t, "%s=%s\n", row->name, value);
    }
    if (td_text_full(&t) || !path_of(run, path))
        return td_fail_set(why, TD_ERANGE, "the preferences are too long to be kept");
    const enum td_err err = td_folder_make(run->world, run->settings->state_path);
    if (err)
        return td_fail_set(why, err, "%s: %s", run->settings->state_path, td_err_text(err));
    return td_file_replace(run->world, path, (struct td_str){bytes, t.len}, why);
}

/* ---- for the scanner ---- */

static bool read_bound(struct td_str s, td_px *out)
{
    *out = TD_PX_NONE;
    s = td_str_trim(s);
    return s.len == 0 || (td_e9_parse(s.p, s.len, &out->e9) == TD_OK && out->e9 >= 0);
}

static enum td_err read_price(const char *text, struct td_scan_config *out, struct td_fail *why)
{
    struct td_str rest = td_str_of(text), low = {NULL, 0};
    const char *colon = strchr(text, ':');
    (void)td_str_split(&rest, ':', &low);
    if (!colon || !read_bound(low, &out->low) || !read_bound(rest, &out->high) ||
        (!td_px_is_none(out->low) && !td_px_is_none(out->high) && out->low.e9 > out->high.e9))
        return td_fail_set(why, TD_EINVAL,
                           "--price \"%.40s\": write LOW:HIGH, e.g. 1:30, 5: or :20", text);
    return TD_OK;
}

static enum td_err read_sort(const char *text, struct td_scan_config *out, struct td_fail *why)
{
    struct td_str rest = td_str_of(text), word = rest;
    char list[300];
    struct td_text t;
    (void)td_str_split(&rest, ':', &word);
    const bool up = td_str_is(rest, "asc"), down = td_str_is(rest, "desc");
    if (td_scan_column_find(word, &out->sort) && (up || down || rest.len == 0)) {
        out->ascending = up || (!down && out->sort == TD_SCAN_BY_SYMBOL);
        return TD_OK;
    }
    td_text_init(&t, list, sizeof list);
    for (int i = 0; i < TD_SCAN_COLUMN_COUNT; i++)
        td_text_printf(&t, "%s%s", i ? ", " : "", td_scan_column_name((enum td_scan_column)i));
    return td_fail_set(why, TD_EINVAL, "--sort \"%.40s\": a column, and :asc or :desc; one of %s",
                       text, list);
}

enum td_err scan_prefs_config(const struct scan_prefs *p, struct td_scan_config *out,
                              struct td_fail *why)
{
    *out = (struct td_scan_config){.basis = strcmp(p->basis, "last") == 0 ? TD_SCAN_LAST
                                                                          : TD_SCAN_OPENING,
                                   .min_gap_e9 = p->min_gap_e9,
                                   .min_rvol_e9 = p->min_rvol_e9,
                                   .etfs = p->etfs,
                                   .limit = (uint32_t)p->limit};
    const enum td_err err = read_price(p->price, out, why);
    return err ? err : read_sort(p->sort, out, why);
}

/* One symbol a line; # begins a comment. Cuts the text into its names. */
static uint32_t cut_names(char *text, const char **names)
{
    uint32_t n = 0;
    for (char *p = text; *p && n < SCAN_NAMES_MAX;) {
        const size_t len = strcspn(p, "\r\n");
        const bool last = p[len] == '\0';
        p[len] = '\0';
        p[strcspn(p, "# \t,")] = '\0';
        if (*p)
            names[n++] = p;
        p += len + !last;
        if (last)
            break;
    }
    return n;
}

static enum td_err mark_funds(const struct scan_prefs *p, const struct td_run *run,
                              struct td_scan_facts *facts, uint32_t count, uint32_t *funds,
                              struct td_fail *why)
{
    char *text = malloc(SCAN_NAMES_BYTES);
    const char **names = malloc(SCAN_NAMES_MAX * sizeof *names);
    size_t len = 0;
    enum td_err err = text && names ? TD_OK : td_fail_set(why, TD_ENOMEM, "no memory");
    if (!err)
        err = td_file_slurp(run->world, p->etf_file, text, SCAN_NAMES_BYTES, &len, why);
    if (!err) {
        *funds = cut_names(text, names);
        td_scan_mark(facts, count, names, *funds, TD_SCAN_ETF);
    }
    free(text);
    free((void *)names);
    return err;
}

enum td_err scan_prefs_mark(const struct scan_prefs *p, const struct td_run *run,
                            struct td_scan_facts *facts, uint32_t count, uint32_t *funds,
                            struct td_fail *why)
{
    *funds = 0;
    td_scan_mark(facts, count, p->hide.items, (uint32_t)p->hide.count, TD_SCAN_HIDDEN);
    return p->etf_file && *p->etf_file && !p->etfs ? mark_funds(p, run, facts, count, funds, why)
                                                   : TD_OK;
}
