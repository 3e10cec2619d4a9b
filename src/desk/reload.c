/* desk/reload.c - reads the files again, and keeps the stricter of what they say and what the process began with. */
#include "desk/reload.h"

#include <stdio.h>

#include "base/map.h"
#include "desk/checklist.h"
#include "desk/connection.h"
#include "desk/window.h"

/* --- which way is stricter --- */

static const struct {
    const char *key;
    enum td_strict way;
} ways[] = {
    {"ALLOW_ORDERS", TD_STRICT_LESS},
    {"DRY_RUN", TD_STRICT_MORE},
    {"ENABLE_ORDER_EXEC", TD_STRICT_LESS},
    {"MAX_DAILY_LOSS_PCT", TD_STRICT_LESS},
    {"RISK_MAX_DAILY_LOSS_PCT", TD_STRICT_LESS_ON},
    {"MAX_DAILY_LOSS", TD_STRICT_LESS_ON},
    {"MAX_TRADES_PER_DAY", TD_STRICT_LESS},
    {"EXECUTION_MAX_DAILY_TRADES", TD_STRICT_LESS_ON},
    {"MAX_DAILY_TRADES", TD_STRICT_LESS_ON},
    {"MAX_POSITION_EXPOSURE", TD_STRICT_LESS},
    {"MAX_ORDER_SIZE", TD_STRICT_LESS},
    {"ORDER_QTY_LIMIT", TD_STRICT_LESS_ON},
    {"RISK_MAX_OPEN_POSITIONS", TD_STRICT_LESS},
    {"MAX_OPEN_POSITIONS", TD_STRICT_LESS_ON},
    {"RISK_MAX_LEVERAGE", TD_STRICT_LESS},
    {"MAX_SYMBOL_EXPOSURE_PCT", TD_STRICT_LESS},
    {"RISK_MAX_SECTOR_EXPOSURE", TD_STRICT_LESS_ON},
    {"RISK_CORRELATION_LIMIT", TD_STRICT_LESS_ON},
    {"RISK_MAX_HEAT", TD_STRICT_LESS_ON},
    {"RISK_MAX_POSITION_PCT", TD_STRICT_LESS},
    {"DATA_STALENESS_SECONDS", TD_STRICT_LESS},
    {"CIRCUIT_BREAKER_THRESHOLD", TD_STRICT_LESS},
    {"CIRCUIT_BREAKER_TIMEOUT", TD_STRICT_MORE},
    {"KILL_DAILY_LOSS_PCT", TD_STRICT_LESS_ON},
    {"KILL_POSITION_LOSS_PCT", TD_STRICT_LESS_ON},
    {"KILL_LOSING_STREAK", TD_STRICT_LESS_ON},
    {"KILL_DRAWDOWN_PCT", TD_STRICT_LESS_ON},
    {"KILL_BAD_DATA", TD_STRICT_MORE},
    {"STOP_LOSS_MONITOR", TD_STRICT_MORE},
    {"RISK_STOP_LOSS_PCT", TD_STRICT_LESS},
    {"RISK_TRAILING_STOP_PCT", TD_STRICT_LESS},
    {"RISK_BROKER_STOPS", TD_STRICT_MORE},
    {"RISK_MIN_VOLUME", TD_STRICT_MORE},
    {"RISK_MIN_MARKET_CAP", TD_STRICT_MORE},
    {"DAY_TRADE_CHECK", TD_STRICT_MORE},
    {"RISK_MAX_ORDER_NOTIONAL", TD_STRICT_LESS},
    {"RISK_MAX_DAILY_NOTIONAL", TD_STRICT_LESS},
    {"PRICE_COLLAR_PCT", TD_STRICT_LESS},
    {"PRICE_COLLAR_LOW_PCT", TD_STRICT_LESS},
    {"MAX_SPREAD_PERCENT", TD_STRICT_LESS},
    {"MAX_OPEN_ORDERS", TD_STRICT_LESS},
    {"MAX_ORDERS_PER_MINUTE", TD_STRICT_LESS},
    {"DEDUP_WINDOW_SECONDS", TD_STRICT_MORE},
    {"DECISION_LATENCY_MS", TD_STRICT_LESS},
    {"QUOTE_AGE_MS", TD_STRICT_LESS},
    {"DISK_FLOOR_MB", TD_STRICT_MORE},
    {"SYMBOL_ALLOWLIST", TD_STRICT_FEWER},
    {"RESTRICTED_SYMBOLS", TD_STRICT_LONGER},
    {"EXECUTION_SHORT_SELLING", TD_STRICT_LESS},
    {"ALLOW_OUTSIDE_RTH", TD_STRICT_LESS},
};

/* What user_settings.json adds to the table. */
static const struct td_opt loss_row = {.name = "default.max_daily_loss",
                                       .type = TD_OPT_NUM,
                                       .into = offsetof(struct td_settings, user_loss_money_e9)};

enum td_strict td_reload_way(const char *key)
{
    for (size_t i = 0; i < TD_COUNT(ways); i++)
        if (strcmp(ways[i].key, key) == 0)
            return ways[i].way;
    return strcmp(key, loss_row.name) == 0 ? TD_STRICT_LESS_ON : TD_STRICT_AT_START;
}

const char *td_reload_words(enum td_strict way)
{
    static const char *const words[] = {"at the next start", "when smaller", "when smaller",
                                        "when larger",       "when fewer",   "when more"};
    return words[way];
}

/* --- comparing values --- */

static const void *at(const struct td_settings *s, const struct td_opt *row)
{
    return (const char *)s + row->into;
}

static int64_t number(const struct td_settings *s, const struct td_opt *row)
{
    return row->type == TD_OPT_FLAG ? (int64_t) * (const bool *)at(s, row)
                                    : *(const int64_t *)at(s, row);
}

static bool has_all(const struct td_opt_list *of, const struct td_opt_list *names)
{
    for (int32_t i = 0; i < names->count; i++) {
        bool found = false;
        for (int32_t k = 0; k < of->count && !found; k++)
            found = strcmp(of->items[k], names->items[i]) == 0;
        if (!found)
            return false;
    }
    return true;
}

/* Is a as strict as b, or stricter? */
static bool is_strict(const struct td_opt *row, const struct td_settings *a,
                      const struct td_settings *b)
{
    switch (td_reload_way(row->name)) {
    case TD_STRICT_LESS:
        return number(a, row) <= number(b, row);
    case TD_STRICT_LESS_ON:
        return !number(b, row) || (number(a, row) && number(a, row) <= number(b, row));
    case TD_STRICT_MORE:
        return number(a, row) >= number(b, row);
    case TD_STRICT_FEWER: {
        const struct td_opt_list *x = at(a, row), *y = at(b, row);
        return !y->count || (x->count && has_all(y, x));
    }
    case TD_STRICT_LONGER:
        return has_all(at(a, row), at(b, row));
    case TD_STRICT_AT_START:
        break;
    }
    return false;
}

/* A preset below the home folder is written out at the start, and as ~/ in what is read later. */
static bool is_same_text(const char *a, const char *b)
{
    const char *full = b[0] == '~' ? a : b, *home = b[0] == '~' ? b : a;
    const size_t m = strlen(full), n = strlen(home);
    return strcmp(a, b) == 0 ||
           (home[0] == '~' && home[1] == '/' && m >= n && strcmp(full + m - n + 1, home + 1) == 0);
}

static bool is_same(const struct td_opt *row, const struct td_settings *a,
                    const struct td_settings *b)
{
    if (row->type == TD_OPT_LIST)
        return has_all(at(a, row), at(b, row)) && has_all(at(b, row), at(a, row));
    if (row->type != TD_OPT_STR && row->type != TD_OPT_PATH)
        return number(a, row) == number(b, row);
    const char *x = *(const char *const *)at(a, row), *y = *(const char *const *)at(b, row);
    return is_same_text(x ? x : "", y ? y : "");
}

static void take_value(const struct td_opt *row, struct td_settings *to,
                       const struct td_settings *from)
{
    char *into = (char *)to + row->into;
    if (row->type == TD_OPT_FLAG)
        *(bool *)into = *(const bool *)at(from, row);
    else if (row->type == TD_OPT_LIST)
        td_opt_list_copy((struct td_opt_list *)into, at(from, row));
    else
        memcpy(into, at(from, row), sizeof(int64_t));
}

static void print_value(const struct td_opt *row, const struct td_settings *s, char *out)
{
    struct td_text t;
    td_text_init(&t, out, TD_RELOAD_TEXT);
    if (row->type == TD_OPT_LIST) {
        const struct td_opt_list *list = at(s, row);
        for (int32_t i = 0; i < list->count; i++)
            td_text_printf(&t, "%s%s", i ? "," : "", list->items[i]);
    } else if (row->type == TD_OPT_NUM) {
        td_text_e9(&t, number(s, row));
    } else if (row->type == TD_OPT_INT || row->type == TD_OPT_FLAG) {
        td_text_i64(&t, number(s, row));
    } else {
        const char *text = *(const char *const *)at(s, row);
        td_text_put(&t, row->secret ? "***" : text ? text : "");
    }
    if (td_text_full(&t))
        (void)snprintf(out + TD_RELOAD_TEXT - 4, 4, "...");
}

/* --- the next settings --- */

static void note(struct td_reload *r, const struct td_opt *row, const struct td_settings *asked,
                 const struct td_settings *next)
{
    const struct td_settings *now = td_reload_settings(r);
    struct td_reload_change *c = &r->changes[r->change_count];
    const bool kept = !is_same(row, asked, &r->file) && !is_same(row, asked, next);
    if (!kept && is_same(row, next, now))
        return;
    TD_REQUIRE(r->change_count < TD_COUNT(r->changes));
    r->change_count++;
    *c = (struct td_reload_change){
        .key = row->name, .changes = !is_same(row, next, now), .kept = kept};
    print_value(row, now, c->was);
    print_value(row, next, c->now);
    print_value(row, kept ? asked : next, c->asked);
}

/* A row of the file that says what it said at the start leaves the start's value, which an option may have made. */
static void choose(struct td_reload *r, const struct td_opt *row, const struct td_settings *asked,
                   struct td_settings *next)
{
    const bool stricter = !is_same(row, asked, &r->file) && is_strict(row, asked, &r->started);
    if (stricter)
        take_value(row, next, asked);
    note(r, row, asked, next);
}

static void note_symbols(struct td_reload *r, const struct td_user_settings *user)
{
    const struct td_opt_list *a = &user->symbols, *b = &r->user.symbols;
    if (has_all(a, b) && has_all(b, a))
        return;
    struct td_reload_change *c = &r->changes[r->change_count++];
    *c = (struct td_reload_change){.key = "default.symbols", .kept = true};
    (void)snprintf(c->was, sizeof c->was, "%d symbols", (int)b->count);
    (void)snprintf(c->now, sizeof c->now, "%d symbols", (int)b->count);
    (void)snprintf(c->asked, sizeof c->asked, "%d symbols, not the same", (int)a->count);
}

static void make_next(struct td_reload *r, const struct td_settings *asked,
                      const struct td_user_settings *user)
{
    struct td_settings *next = &r->slots[!r->current];
    td_settings_copy(next, &r->started);
    r->change_count = 0;
    for (const struct td_opt *row = td_settings_table; row->name; row++)
        choose(r, row, asked, next);
    choose(r, &loss_row, asked, next);
    note_symbols(r, user);
}

/* --- the files --- */

/* A print of both files, to see that nobody wrote while they were read; files that are not there print as nothing. */
static uint64_t print_files(struct td_reload *r)
{
    const char *const paths[] = {r->fresh.path, r->user_path};
    uint64_t sum = 0;
    for (size_t i = 0; i < TD_COUNT(paths); i++) {
        size_t len = 0;
        if (*paths[i] &&
            td_file_slurp(r->world, paths[i], r->bytes, sizeof r->bytes, &len, NULL) == TD_OK)
            sum = (sum << 32 | sum >> 32) ^ td_hash_bytes(r->bytes, len) ^ len;
    }
    return sum;
}

static enum td_err check_owner(const struct td_environ *env, struct td_fail *why)
{
    return env->others_write
               ? td_fail_set(why, TD_EACCES,
                             "%s: somebody else may write it: chmod go-w %s, and own it", env->path,
                             env->path)
               : TD_OK;
}

/* Texts with a form of their own, which only the desk knows. */
static enum td_err check_texts(const struct td_settings *s, struct td_fail *why)
{
    struct td_windows windows;
    struct td_checklist checks = {0};
    int32_t minute;
    enum td_err err = td_windows_parse(s->window_daily, "", &windows, why);
    if (err)
        return td_fail_add(why, err, "GATEWAY_WINDOW_DAILY");
    err = td_windows_parse("", s->window_weekly, &windows, why);
    if (err)
        return td_fail_add(why, err, "GATEWAY_WINDOW_WEEKLY");
    err = td_connection_minute(s->restart_at, &minute, why); /* it names itself */
    if (err)
        return err;
    err = td_week_minute_parse(s->weekly_login, &minute, why);
    if (err)
        return td_fail_add(why, err, "GATEWAY_WEEKLY_LOGIN");
    err = td_checklist_waive(&checks, td_str_of(s->waive), why);
    return err ? td_fail_add(why, err, "TAPEDECK_WAIVE") : TD_OK;
}

/* Puts the line in front of a message that names a setting of the file. */
static enum td_err add_line(const struct td_reload *r, const struct td_environ *env,
                            enum td_err err, struct td_fail *why)
{
    int32_t line = 0;
    for (size_t i = 0; td_settings_table[i].name && err; i++)
        if (!r->exported[i] && strstr(why->text, td_settings_table[i].name) &&
            td_environ_in_file(env, td_settings_table[i].name, &line))
            return td_fail_add(why, err, "%s:%d", env->path, (int)line);
    return err;
}

static enum td_err read_files(struct td_reload *r, struct td_settings *asked,
                              struct td_user_settings *user, struct td_fail *why)
{
    char path[sizeof r->fresh.path];
    (void)snprintf(path, sizeof path, "%s", r->fresh.path);
    enum td_err err = td_environ_load(&r->fresh, r->world, path, why);
    if (!err && r->env_there && !r->fresh.there)
        err = td_fail_set(why, TD_ENOENT, "%s: it was there at the start and is gone", path);
    if (!err)
        err = check_owner(&r->fresh, why);
    if (!err)
        err = td_settings_load_file(asked, &r->fresh, r->exported, &r->file, why);
    if (!err)
        err = add_line(r, &r->fresh, check_texts(asked, why), why);
    if (!err)
        err = td_user_settings_read(r->world, r->user_path, user, why);
    if (!err && r->user.there && !user->there)
        err =
            td_fail_set(why, TD_ENOENT, "%s: it was there at the start and is gone", r->user_path);
    asked->user_loss_money_e9 = user->max_daily_loss_e9;
    return err;
}

enum td_err td_reload_open(struct td_reload *r, const struct td_reload_config *config,
                           struct td_fail *why)
{
    memset(r, 0, sizeof *r);
    r->world = config->world;
    td_settings_copy(&r->file, config->file);
    td_settings_copy(&r->started, config->started);
    td_settings_copy(&r->slots[0], config->started);
    td_user_settings_copy(&r->user, config->user);
    r->file.user_loss_money_e9 = config->user->max_daily_loss_e9;
    r->env_there = config->environ->there;
    (void)snprintf(r->fresh.path, sizeof r->fresh.path, "%s", config->environ->path);
    (void)snprintf(r->user_path, sizeof r->user_path, "%s",
                   config->file->user_settings_file ? config->file->user_settings_file : "");
    for (size_t i = 0; td_settings_table[i].name; i++) {
        enum td_origin source;
        TD_REQUIRE(i < TD_SETTINGS_MAX);
        (void)td_environ_get(config->environ, td_settings_table[i].name, &source);
        r->exported[i] = source == TD_FROM_ENVIRONMENT;
    }
    const enum td_err err = check_owner(config->environ, why);
    return err ? err : add_line(r, config->environ, check_texts(config->file, why), why);
}

enum td_err td_reload_read(struct td_reload *r, struct td_fail *why)
{
    struct td_settings asked = {0};
    struct td_user_settings user = {0};
    struct td_fail own = {0};
    r->asked = false;
    r->readings++;
    const uint64_t before = print_files(r);
    enum td_err err = read_files(r, &asked, &user, &own);
    if (!err && print_files(r) != before)
        err = td_fail_set(&own, TD_EAGAIN, "%s, %s: changed while they were read", r->fresh.path,
                          r->user_path);
    if (err) {
        r->refused = true;
        r->refusals++;
        (void)snprintf(r->why, sizeof r->why, "%s", own.text);
        return td_fail_set(why, err, "%s", own.text);
    }
    make_next(r, &asked, &user);
    return TD_OK;
}

const struct td_settings *td_reload_take(struct td_reload *r)
{
    r->current = !r->current;
    r->taken++;
    r->refused = false;
    r->why[0] = '\0';
    return td_reload_settings(r);
}

const struct td_settings *td_reload_next(const struct td_reload *r)
{
    return &r->slots[!r->current];
}

const struct td_settings *td_reload_settings(const struct td_reload *r)
{
    return &r->slots[r->current];
}

uint32_t td_reload_effective(const struct td_reload *r)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < r->change_count; i++)
        n += r->changes[i].changes;
    return n;
}
