/* history/scan_store.c - the sources in their order, and the facts by symbol. */
#include "history/scan_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "history/scan_inner.h"
#include "market/calendar.h"

#define HOLE 30 /* minutes; a series that ends longer ago says nothing of now */

int32_t scan_ago(const struct scan *s, int64_t day)
{
    for (int32_t i = 0; i < s->config->adv_days; i++)
        if (s->sessions[i] == day)
            return i + 1;
    return 0;
}

void scan_failed(struct scan *s, const struct td_fail *why)
{
    if (s->out->failed++ == 0)
        (void)snprintf(s->out->failure, sizeof s->out->failure, "%.200s", why->text);
}

static bool grow(struct scan *s)
{
    const uint32_t cap = s->cap ? 2 * s->cap : 1024;
    struct scan_item *more = realloc(s->items, cap * sizeof *more);
    if (!more) {
        s->err = TD_ENOMEM;
        return false;
    }
    s->items = more;
    s->cap = cap;
    return true;
}

static struct scan_item *add(struct scan *s, struct td_str symbol, bool named)
{
    struct td_scan_facts facts;
    if (!td_scan_facts_init(&facts, symbol)) {
        s->out->unsafe++;
        return NULL;
    }
    if (s->count == TD_SCAN_SYMBOLS_MAX) {
        s->err = TD_EFULL;
        return NULL;
    }
    if (s->count == s->cap && !grow(s))
        return NULL;
    struct scan_item *item = &s->items[s->count];
    *item = (struct scan_item){.facts = facts};
    td_scan_past_init(&item->past, s->config->adv_days);
    if (named)
        s->err = td_map_put(&s->by_symbol, td_hash_bytes(symbol.p, symbol.len), s->count);
    s->count += s->err == TD_OK;
    return s->err ? NULL : item;
}

struct scan_item *scan_item(struct scan *s, struct td_str symbol, enum td_scan_why why)
{
    uint32_t at;
    struct scan_item *item;
    if (td_map_get(&s->by_symbol, td_hash_bytes(symbol.p, symbol.len), &at) &&
        td_str_is(symbol, s->items[at].facts.symbol))
        item = &s->items[at];
    else
        item = add(s, symbol, true);
    if (item)
        item->facts.why |= (uint8_t)why;
    return item;
}

void scan_drop_last(struct scan *s)
{
    const char *symbol = s->items[--s->count].facts.symbol;
    (void)td_map_del(&s->by_symbol, td_hash_bytes(symbol, strlen(symbol)));
}

struct scan_item *scan_twin(struct scan *s, struct td_str symbol, enum td_scan_why why)
{
    struct scan_item *item = add(s, symbol, false);
    if (item)
        item->facts.why |= (uint8_t)why;
    return item;
}

void scan_list(struct scan *s, const char *folder, const char *below, td_list_fn *fn, void *arg)
{
    char path[TD_PATH_MAX];
    struct td_fail why = {0};
    if (s->err || !td_path_join(path, sizeof path, folder, below) ||
        td_entry_at(s->world, path) != TD_ENTRY_FOLDER)
        return;
    const enum td_err err = td_folder_list(s->world, path, fn, arg);
    if (err) {
        (void)td_fail_set(&why, err, "%.150s: %s", path, td_err_text(err));
        scan_failed(s, &why);
    }
}

void scan_tell_today(struct scan_item *item, const struct scan *s,
                     const struct td_scan_today *today, int32_t end)
{
    const int32_t until = s->minute < s->close ? s->minute : s->close;
    if (item->today)
        return;
    item->today = true;
    td_scan_today_tell(today, &item->facts);
    if (today->begin >= TD_SCAN_OPEN_MINUTE)
        item->facts.lacks |= TD_SCAN_LACK(FROM_OPEN);
    if (today->begin < 0 || end >= until - HOLE)
        return;
    item->facts.lacks |= TD_SCAN_LACK(BARS_END);
    item->facts.volume = TD_QTY_NONE;
    item->facts.last = TD_PX_NONE;
}

/* ---- the day ---- */

static enum td_err find_sessions(struct scan *s, struct td_fail *why)
{
    struct td_session_hours hours;
    const struct td_tz *ny = s->config->new_york;
    char date[16], before[16];
    int64_t day = s->config->day;
    for (int32_t n = 0; n < s->config->adv_days;) {
        if (--day < td_days_from_civil(TD_CALENDAR_FIRST_YEAR, 1, 1))
            return td_fail_set(why, TD_EINVAL, "the calendar begins in %d", TD_CALENDAR_FIRST_YEAR);
        if (td_calendar_trades(&td_calendar_xnys, day))
            s->sessions[n++] = day;
    }
    (void)td_date_print(s->config->day, date);
    (void)td_date_print(s->sessions[0], before);
    if (!td_calendar_session(&td_calendar_xnys, ny, s->config->day, &hours))
        return td_fail_set(why, TD_EINVAL, "%s is no trading day; the one before is %s", date,
                           before);
    s->close = (int32_t)((hours.close - td_tz_at(ny, s->config->day, 0, 0, 0)) / TD_MIN);
    s->minute = s->config->minute == INT32_MAX ? s->close : s->config->minute;
    return TD_OK;
}

static enum td_err take_memory(struct scan *s)
{
    s->symbol_slots = malloc(SCAN_SLOTS * sizeof *s->symbol_slots);
    s->id_slots = malloc(SCAN_SLOTS * sizeof *s->id_slots);
    s->text = malloc(SCAN_TEXT);
    s->block = malloc(SCAN_ARENA);
    if (!s->symbol_slots || !s->id_slots || !s->text || !s->block)
        return TD_ENOMEM;
    td_map_init(&s->by_symbol, s->symbol_slots, SCAN_SLOTS);
    td_map_init(&s->by_id, s->id_slots, SCAN_SLOTS);
    return TD_OK;
}

static void give_back(struct scan *s)
{
    free(s->items);
    free(s->symbol_slots);
    free(s->id_slots);
    free(s->text);
    free(s->block);
}

/* ---- the facts ---- */

/* A symbol that two securities have keeps the order in which they were found. */
static int in_order(const void *a, const void *b)
{
    const struct scan_item *x = a, *y = b;
    const int by_name = strcmp(x->facts.symbol, y->facts.symbol);
    return by_name ? by_name : (x->id > y->id) - (x->id < y->id);
}

static enum td_err finish(struct scan *s)
{
    struct td_scan_store *out = s->out;
    qsort(s->items, s->count, sizeof *s->items, in_order);
    out->facts = malloc(s->count * sizeof *out->facts);
    if (!out->facts)
        return TD_ENOMEM;
    for (uint32_t i = 0; i < s->count; i++) {
        struct scan_item *item = &s->items[i];
        if (!item->today)
            item->facts.lacks |= TD_SCAN_LACK(NO_BARS);
        td_scan_past_tell(&item->past, &item->facts);
        out->bars += (item->facts.why & TD_SCAN_WHY_BARS) != 0;
        out->coarse += (item->facts.why & TD_SCAN_WHY_COARSE) != 0;
        out->facts[i] = item->facts;
    }
    out->count = s->count;
    out->minute = s->minute;
    return TD_OK;
}

static enum td_err nothing(const struct scan *s, struct td_fail *why)
{
    const struct td_scan_store_config *c = s->config;
    char date[16];
    (void)td_date_print(c->day, date);
    if (s->out->failed)
        return td_fail_set(why, TD_ENODATA, "nothing of %s can be read: %s", date, s->out->failure);
    return td_fail_set(why, TD_ENODATA, "nothing is stored of %s: looked in %.200s%s%.200s", date,
                       c->base ? c->base : "", c->base && c->lean ? " and " : "",
                       c->lean ? c->lean : "");
}

enum td_err td_scan_store_load(struct td_world *world, const struct td_scan_store_config *config,
                               struct td_scan_store *out, struct td_fail *why)
{
    static void (*const sources[])(struct scan *) = {scan_read_base, scan_read_lean,
                                                     scan_read_coarse};
    struct scan s = {.world = world, .config = config, .out = out};
    *out = (struct td_scan_store){0};
    const enum td_err no_day = find_sessions(&s, why);
    if (no_day)
        return no_day;
    s.err = take_memory(&s);
    for (size_t i = 0; i < TD_COUNT(sources) && !s.err; i++)
        sources[i](&s);
    enum td_err err = s.err;
    if (!err && s.count == 0)
        err = nothing(&s, why);
    else if (!err)
        err = finish(&s);
    if (err == TD_EFULL)
        (void)td_fail_set(why, err, "more than %d symbols", TD_SCAN_SYMBOLS_MAX);
    else if (err == TD_ENOMEM)
        (void)td_fail_set(why, err, "no memory for %u symbols", (unsigned)s.count);
    give_back(&s);
    return err;
}

void td_scan_store_fini(struct td_scan_store *s)
{
    free(s->facts);
    s->facts = NULL;
    s->count = 0;
}
