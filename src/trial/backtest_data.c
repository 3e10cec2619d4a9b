/* trial/backtest_data.c - data onto a simulated disk, results off it. */
#include "trial/backtest_data.h"

#include <stdio.h>
#include <stdlib.h>

#include "desk/zone.h"
#include "market/calendar.h"
#include "sim/source.h"
#include "trade/journal.h"
#include "trade/projection.h"

#define BEFORE      (5 * TD_MIN)  /* the desk connects and looks around before the market opens */
#define BEFORE_BOOK (15 * TD_SEC) /* a book that is silent for longer is no longer trusted */
#define DAYS_MAX    4000
#define BYTES_MAX   (UINT64_C(1) << 30)
#define BOOK_ARENA  (64u << 20)

/* --- copying --- */

static enum td_err read_whole(struct td_world *from, const char *path, char **bytes, size_t *len,
                              struct td_fail *why)
{
    struct td_file file = {0};
    uint64_t size = 0;
    enum td_err err = td_file_open(from, path, TD_FILE_READ, &file, why);
    if (err)
        return err;
    err = td_file_size(from, file, &size);
    td_file_close(from, file);
    *bytes = !err && size < BYTES_MAX ? malloc(size + 1) : NULL;
    if (err || !*bytes)
        return td_fail_set(why, err ? err : TD_ENOMEM, "%s: cannot be read whole", path);
    return td_file_slurp(from, path, *bytes, size + 1, len, why);
}

/* A file from one world to another, with the folders of its path there. */
static enum td_err copy(struct td_world *from, const char *path, struct td_world *to,
                        const char *target, struct td_fail *why)
{
    char *bytes = NULL, folder[900];
    size_t len = 0;
    enum td_err err = read_whole(from, path, &bytes, &len, why);
    td_path_folder(target, folder, sizeof folder);
    if (!err)
        err = td_folder_make(to, folder);
    if (!err)
        err = td_file_replace(to, target, (struct td_str){bytes, len}, why);
    free(bytes);
    return err ? td_fail_add(why, err, "copying %s", path) : TD_OK;
}

/* --- data in --- */

struct load {
    const struct td_backtest_config *config;
    struct td_world *to;
    struct td_backtest_data *out;
    struct td_tz new_york;
    struct td_universe *universe;
    uint32_t files;
};

static enum td_err copy_below(struct load *l, const char *name, struct td_fail *why)
{
    char target[1000];
    (void)snprintf(target, sizeof target, TD_BACKTEST_FOLDER "%s", name + strlen(l->config->data));
    l->files++;
    return copy(l->config->real, name, l->to, target, why);
}

static bool is_trading_day(const struct load *l, int64_t day)
{
    struct td_session_hours hours;
    return td_calendar_session(&td_calendar_xnys, &l->new_york, day, &hours);
}

static enum td_err missing(const struct load *l, const char *symbol, const char *path,
                           struct td_fail *why)
{
    (void)l;
    return td_fail_set(why, TD_ENODATA, "no data of %s: there is no %s", symbol, path);
}

/* One kind of bars of all days. */
static enum td_err load_days(struct load *l, struct td_lean_file *file, bool needed,
                             struct td_fail *why)
{
    char path[512];
    for (int64_t day = l->config->first; day <= l->config->last; day++) {
        file->day = day;
        if (!td_lean_path(file, path, sizeof path))
            return td_fail_set(why, TD_EINVAL, "%s: the path is too long", l->config->data);
        const bool there = td_lean_exists(l->config->real, file);
        if (!there && needed && is_trading_day(l, day))
            return missing(l, file->symbol, path, why);
        const enum td_err err = there ? copy_below(l, path, why) : TD_OK;
        if (err)
            return err;
    }
    return TD_OK;
}

static enum td_err load_bars(struct load *l, struct td_lean_file *file, struct td_fail *why)
{
    char path[512];
    const bool days = l->config->bars == TD_BACKTEST_1D;
    file->kind = TD_LEAN_TRADES;
    file->resolution = l->out->plan.resolution;
    if (!td_lean_path(file, path, sizeof path))
        return td_fail_set(why, TD_EINVAL, "%s: the path is too long", l->config->data);
    if (days && !td_lean_exists(l->config->real, file))
        return missing(l, file->symbol, path, why);
    enum td_err err = days ? copy_below(l, path, why) : load_days(l, file, !file->market, why);
    file->kind = TD_LEAN_QUOTES;
    if (!err && !days)
        err = load_days(l, file, false, why);
    if (err || file->market ||
        !td_bartape_factor_path(file->root, file->symbol, path, sizeof path) ||
        td_entry_at(l->config->real, path) != TD_ENTRY_FILE)
        return err;
    return copy_below(l, path, why);
}

static enum td_err load_quotes_and_trades(struct load *l, struct td_lean_file *file,
                                          struct td_fail *why)
{
    file->resolution = l->config->bars == TD_BACKTEST_5S ? TD_LEAN_SECOND : TD_LEAN_MINUTE;
    file->kind = TD_LEAN_TRADES;
    enum td_err err = load_days(l, file, !file->market, why);
    file->kind = TD_LEAN_QUOTES;
    return err ? err : load_days(l, file, false, why);
}

/* The order book of the first day; it starts the clock. TD_ENODATA: there is none. */
static enum td_err load_orders(struct load *l, const struct td_source_config *c,
                               struct td_fail *why)
{
    char path[900];
    const struct td_venue_hours hours = td_source_hours(c, l->config->first);
    const struct td_mbotape_query query = {c->data, c->row->inst.symbol, hours.ext_open,
                                           hours.ext_close};
    struct td_arena arena;
    struct td_mbotape *tape = calloc(1, sizeof *tape);
    void *block = malloc(BOOK_ARENA);
    struct td_event first;
    enum td_err err = TD_ENODATA;
    td_arena_init(&arena, block, block ? BOOK_ARENA : 0);
    if (!tape || !block)
        err = td_fail_set(why, TD_ENOMEM, "no memory for an order book");
    else if (td_mbotape_find(l->config->real, &query, arena, path, sizeof path))
        err = td_mbotape_open(tape, l->config->real, path, 0, &arena, why);
    if (!err && td_mbotape_next(tape, &first) != TD_OK)
        err = td_fail_set(why, TD_EPARSE, "%s: no record of an order", path);
    if (!err) {
        l->out->by_order = true;
        l->out->start = first.venue_ns - BEFORE_BOOK;
        err = copy_below(l, path, why);
    }
    free(block);
    free(tape);
    return err;
}

static enum td_err load_symbol(struct load *l, const char *symbol, struct td_fail *why)
{
    uint32_t row;
    struct td_source_folder names;
    struct td_lean_file file;
    if (td_universe_add(l->universe, symbol, &row) != TD_OK)
        return td_fail_set(why, TD_EINVAL, "symbol \"%s\": letters, digits, dots and dashes only",
                           symbol);
    const struct td_universe_row *r = &l->universe->rows[row];
    const bool book = l->config->fill == TD_BACKTEST_BOOK;
    struct td_tz own;
    enum td_err err = td_zone_load(l->config->real, r->inst.time_zone, &own, why);
    const struct td_source_config c = {.data = l->config->data,
                                       .row = r,
                                       .bars = book ? NULL : &l->out->plan,
                                       .daytime = {td_daytime_tz, &own}};
    if (err)
        return err;
    if (book && strcmp(r->inst.sec_type, "FUT") == 0) {
        err = load_orders(l, &c, why);
        if (err != TD_ENODATA)
            return err;
    }
    if (!td_source_lean(&c, &names, &file))
        return td_fail_set(why, TD_ENODATA,
                           "no data of %s: not a stock or future that the simulator knows", symbol);
    const uint32_t before = l->files;
    err = book ? load_quotes_and_trades(l, &file, why) : load_bars(l, &file, why);
    if (!err && l->files == before)
        return td_fail_set(why, TD_ENODATA, "no data of %s below %s on these days", symbol,
                           l->config->data);
    return err;
}

static enum td_err check_days(struct load *l, struct td_fail *why)
{
    const struct td_backtest_config *c = l->config;
    char from[16], to[16];
    (void)td_date_print(c->first, from);
    (void)td_date_print(c->last, to);
    if (c->first > c->last)
        return td_fail_set(why, TD_EINVAL, "from %s to %s: the first day is after the last", from,
                           to);
    if (c->last - c->first > DAYS_MAX)
        return td_fail_set(why, TD_EINVAL, "from %s to %s: more than %d days", from, to, DAYS_MAX);
    return TD_OK;
}

/* Stocks begin on a trading day; where there is none the first day is taken as it is (a Sunday's futures). */
static void choose_start(struct load *l)
{
    l->out->day = l->config->first;
    while (!l->out->by_order && l->out->day < l->config->last && !is_trading_day(l, l->out->day))
        l->out->day++;
    if (!l->out->by_order)
        l->out->start = td_tz_at(&l->new_york, l->out->day, 9, 30, 0) - BEFORE;
}

enum td_err td_backtest_load(const struct td_backtest_config *config, struct td_world *to,
                             struct td_backtest_data *out, struct td_fail *why)
{
    static const uint8_t resolutions[TD_BACKTEST_BARS] = {TD_LEAN_SECOND, TD_LEAN_MINUTE,
                                                          TD_LEAN_DAILY};
    struct load l = {.config = config, .to = to, .out = out};
    *out = (struct td_backtest_data){
        .plan = {resolutions[config->bars], config->first, config->last, config->fill_forward}};
    if (config->symbol_count < 1 || config->symbol_count > TD_BACKTEST_SYMBOLS)
        return td_fail_set(why, TD_EINVAL, "%u symbols: expected 1 to %d", config->symbol_count,
                           TD_BACKTEST_SYMBOLS);
    enum td_err err = check_days(&l, why);
    if (!err)
        err = td_zone_load(config->real, TD_ZONE_NEW_YORK, &l.new_york, why);
    l.universe = malloc(sizeof *l.universe);
    if (!err && !l.universe)
        err = td_fail_set(why, TD_ENOMEM, "no memory for the contracts");
    if (!err) {
        td_universe_init(l.universe);
        td_universe_date(l.universe, config->first);
    }
    for (uint32_t i = 0; i < config->symbol_count && !err; i++)
        err = load_symbol(&l, config->symbols[i], why);
    if (!err)
        choose_start(&l);
    free(l.universe);
    return err;
}

/* --- results out --- */

enum td_err td_backtest_may_keep(const struct td_backtest_config *config, struct td_fail *why)
{
    char path[900];
    if (!config->out)
        return TD_OK;
    (void)snprintf(path, sizeof path, "%.800s/journal", config->out);
    if (td_entry_at(config->real, path) == TD_ENTRY_NONE)
        return TD_OK;
    return td_fail_set(why, TD_EEXIST, "%s holds a journal already; name another folder",
                       config->out);
}

struct keep {
    const struct td_backtest_config *config;
    struct td_world *from;
    struct td_projection *projection;
    enum td_err err;
    struct td_fail *why;
};

static bool copy_journal_file(void *arg, const char *name, enum td_entry_kind kind)
{
    struct keep *k = arg;
    char path[400], target[1200];
    if (kind != TD_ENTRY_FILE)
        return true;
    (void)snprintf(path, sizeof path, TD_BACKTEST_JOURNAL "/%.300s", name);
    (void)snprintf(target, sizeof target, "%.800s/journal/%.300s", k->config->out, name);
    k->err = copy(k->from, path, k->config->real, target, k->why);
    return k->err == TD_OK;
}

static enum td_err project(void *arg, const struct td_record *r)
{
    struct keep *k = arg;
    return td_projection_apply(k->projection, r, k->why);
}

/* orders.db and the audit log, from the journal that was kept. */
static enum td_err build_projection(struct keep *k)
{
    char folder[900];
    struct td_journal_report report;
    (void)snprintf(folder, sizeof folder, "%.800s/journal", k->config->out);
    enum td_err err = td_projection_open(&k->projection, k->config->real, k->config->out, k->why);
    if (!err)
        err = td_journal_read(k->config->real, folder, project, k, &report, k->why);
    if (!err)
        err = td_projection_flush(k->projection, k->why);
    td_projection_close(k->projection);
    return err;
}

static enum td_err write_curve(const struct td_backtest_config *config,
                               const struct td_backtest_result *r, struct td_fail *why)
{
    char path[900];
    const size_t cap = (size_t)r->point_count * 64 + 64;
    char *bytes = malloc(cap);
    struct td_text t;
    if (!bytes)
        return td_fail_set(why, TD_ENOMEM, "no memory for the equity curve");
    (void)snprintf(path, sizeof path, "%.800s/equity.csv", config->out);
    td_text_init(&t, bytes, cap);
    td_text_put(&t, "time,equity\n");
    for (uint32_t i = 0; i < r->point_count; i++) {
        td_text_iso(&t, r->points[i].at);
        td_text_char(&t, ',');
        td_text_e9(&t, r->points[i].equity.e9);
        td_text_char(&t, '\n');
    }
    const enum td_err err = td_file_replace(config->real, path, (struct td_str){t.buf, t.len}, why);
    free(bytes);
    return err;
}

enum td_err td_backtest_keep(const struct td_backtest_config *config, struct td_world *from,
                             const struct td_backtest_result *r, struct td_fail *why)
{
    struct keep k = {.config = config, .from = from, .why = why};
    if (!config->out)
        return TD_OK;
    enum td_err err = td_folder_list(from, TD_BACKTEST_JOURNAL, copy_journal_file, &k);
    err = k.err ? k.err : err;
    if (!err)
        err = build_projection(&k);
    return err ? td_fail_add(why, err, "keeping the run in %s", config->out)
               : write_curve(config, r, why);
}
