/* market/gapscan.c - measure, filter, sort. */
#include "market/gapscan.h"

#include <string.h>

#include "base/map.h"

#define HUNDRED (100 * TD_E9)

static const char *const lacks[] = {
#define TEXT(name, text) text,
    TD_SCAN_LACKS(TEXT)
#undef TEXT
};

static const char *const drops[] = {
#define TEXT(name, text) text,
    TD_SCAN_DROPS(TEXT)
#undef TEXT
};

static const char *const columns[] = {
#define NAME(name, word, help) word,
    TD_SCAN_COLUMNS(NAME)
#undef NAME
};

static const struct {
    uint32_t bit;
    const char *word;
} whys[] = {{TD_SCAN_WHY_GAINER, "gainer"},
            {TD_SCAN_WHY_ACTIVE, "active"},
            {TD_SCAN_WHY_COARSE, "coarse"},
            {TD_SCAN_WHY_BARS, "bars"},
            {TD_SCAN_WHY_NAMED, "named"}};

/* ---- words ---- */

bool td_scan_column_find(struct td_str word, enum td_scan_column *out)
{
    for (size_t i = 0; i < TD_COUNT(columns); i++)
        if (td_str_is(word, columns[i])) {
            *out = (enum td_scan_column)i;
            return true;
        }
    return false;
}

const char *td_scan_column_name(enum td_scan_column column)
{
    return columns[column];
}

const char *td_scan_drop_text(enum td_scan_drop drop)
{
    return drops[drop];
}

void td_scan_reason(uint32_t bits, uint32_t days, uint32_t adv_days, struct td_text *out)
{
    const char *between = "";
    for (uint32_t i = 0; i < TD_SCAN_LACK_COUNT; i++) {
        if (!(bits >> i & 1))
            continue;
        td_text_put(out, between);
        if (i == TD_SCAN_LACK_FEW_DAYS)
            td_text_printf(out, "%u of %u ", (unsigned)days, (unsigned)adv_days);
        td_text_put(out, lacks[i]);
        between = "; ";
    }
}

void td_scan_why_words(uint32_t why, struct td_text *out)
{
    const char *between = "";
    for (size_t i = 0; i < TD_COUNT(whys); i++) {
        if (!(why & whys[i].bit))
            continue;
        td_text_printf(out, "%s%s", between, whys[i].word);
        between = " ";
    }
}

/* ---- facts from bars ---- */

bool td_scan_facts_init(struct td_scan_facts *f, struct td_str symbol)
{
    *f = (struct td_scan_facts){.last = TD_PX_NONE,
                                .open = TD_PX_NONE,
                                .previous_close = TD_PX_NONE,
                                .volume = TD_QTY_NONE,
                                .adv = TD_QTY_NONE,
                                .bid = TD_PX_NONE,
                                .ask = TD_PX_NONE};
    return td_symbol_is_safe(symbol) && td_str_copy(symbol, f->symbol, sizeof f->symbol);
}

void td_scan_past_init(struct td_scan_past *p, int32_t adv_days)
{
    TD_REQUIRE(adv_days >= 1 && adv_days <= TD_SCAN_DAYS_MAX);
    *p = (struct td_scan_past){.close = TD_PX_NONE, .adv_days = adv_days};
}

void td_scan_past_add(struct td_scan_past *p, int32_t ago, td_px close, td_qty volume)
{
    if (ago == 1 && td_px_is_none(p->close) && close.e9 > 0)
        p->close = close;
    if (ago < 1 || ago > p->adv_days || td_qty_is_none(volume) || volume.e9 < 0 ||
        p->days >> (ago - 1) & 1)
        return;
    p->days |= UINT64_C(1) << (ago - 1);
    p->whole += volume.e9 / TD_E9;
    p->rest += volume.e9 % TD_E9;
}

static int32_t count_days(uint64_t days)
{
    int32_t n = 0;
    for (; days; days &= days - 1)
        n++;
    return n;
}

/* Shares and parts apart: the sum of sixty days is past the fixed-point range, their mean is not. */
static td_qty mean_of(const struct td_scan_past *p)
{
    const int64_t n = p->adv_days, left = (p->whole % n) * TD_E9 + p->rest;
    return (td_qty){p->whole / n * TD_E9 + (left + n / 2) / n};
}

void td_scan_past_tell(const struct td_scan_past *p, struct td_scan_facts *out)
{
    out->days = (uint8_t)count_days(p->days);
    out->previous_close = p->close;
    if (td_px_is_none(p->close))
        out->lacks |= TD_SCAN_LACK(NO_PREVIOUS);
    if (out->days == p->adv_days)
        out->adv = mean_of(p);
    else
        out->lacks |= TD_SCAN_LACK(FEW_DAYS);
}

void td_scan_today_init(struct td_scan_today *t, int32_t minute)
{
    *t = (struct td_scan_today){.last = TD_PX_NONE,
                                .open = TD_PX_NONE,
                                .volume = TD_QTY_NONE,
                                .minute = minute,
                                .begin = -1,
                                .end = -1};
}

void td_scan_today_add(struct td_scan_today *t, int32_t at, const struct td_bar *bar)
{
    int64_t sum = 0;
    if (at < 0 || at >= t->minute)
        return;
    if (t->begin < 0)
        t->begin = at;
    t->end = at + 1;
    t->last = bar->close;
    if (at >= TD_SCAN_OPEN_MINUTE && td_px_is_none(t->open))
        t->open = bar->open;
    if (td_qty_is_none(t->volume))
        t->volume = TD_QTY(0);
    if (!td_qty_is_none(bar->volume) && bar->volume.e9 > 0 &&
        td_e9_add(t->volume.e9, bar->volume.e9, &sum) == TD_OK)
        t->volume.e9 = sum;
}

void td_scan_today_tell(const struct td_scan_today *t, struct td_scan_facts *out)
{
    out->last = t->last;
    out->open = t->open;
    out->volume = t->volume;
    if (t->begin >= 0)
        return;
    if (t->minute < TD_SCAN_OPEN_MINUTE)
        out->lacks |= TD_SCAN_LACK(NO_PREMARKET);
    else
        out->lacks |= TD_SCAN_LACK(NOT_OPEN);
}

/* ---- measuring ---- */

static bool has_price(td_px px)
{
    return !td_px_is_none(px) && px.e9 > 0;
}

static td_px price_of(const struct td_scan_config *c, const struct td_scan_facts *f)
{
    if (c->basis == TD_SCAN_LAST || c->minute < TD_SCAN_OPEN_MINUTE)
        return f->last;
    return f->open;
}

static int64_t gap_of(td_px price, td_px close)
{
    int64_t gap = TD_E9_NONE;
    if (!has_price(price) || !has_price(close) ||
        td_i64_muldiv(price.e9 - close.e9, HUNDRED, close.e9, &gap) != TD_OK)
        return TD_E9_NONE;
    return gap;
}

/* Minutes of the session that count, 39..390. */
static int64_t minutes_of(int32_t minute)
{
    const int32_t since = minute - TD_SCAN_OPEN_MINUTE;
    const int32_t least = TD_SCAN_SESSION / 10;
    return since < least ? least : since > TD_SCAN_SESSION ? TD_SCAN_SESSION : since;
}

/* A ratio that does not fit is past the cap as well. */
static int64_t rvol_of(int32_t minute, td_qty volume, td_qty adv)
{
    int64_t ratio, rvol;
    if (td_qty_is_none(volume) || td_qty_is_none(adv) || volume.e9 < 0 || adv.e9 < 0)
        return TD_E9_NONE;
    if (td_e9_div(volume.e9, adv.e9 < TD_E9 ? TD_E9 : adv.e9, &ratio) != TD_OK ||
        td_i64_muldiv(ratio, TD_SCAN_SESSION, minutes_of(minute), &rvol) != TD_OK ||
        rvol > TD_SCAN_RVOL_MAX * TD_E9)
        return TD_SCAN_RVOL_MAX * TD_E9;
    return rvol;
}

static uint32_t lacks_of(const struct td_scan_config *c, const struct td_scan_facts *f, td_px price)
{
    const uint32_t why = TD_SCAN_LACK(NOT_ASKED) | TD_SCAN_LACK(REFUSED) | TD_SCAN_LACK(NO_BARS) |
                         TD_SCAN_LACK(NO_PREMARKET) | TD_SCAN_LACK(NOT_OPEN) |
                         TD_SCAN_LACK(NO_OPEN);
    uint32_t out = f->lacks;
    if (!has_price(price) && !(out & why))
        out |=
            c->minute < TD_SCAN_OPEN_MINUTE ? TD_SCAN_LACK(NO_PREMARKET) : TD_SCAN_LACK(NOT_OPEN);
    if (!has_price(f->bid) || !has_price(f->ask))
        out |= TD_SCAN_LACK(NO_QUOTE);
    if (f->halted == TD_HALTED_UNKNOWN)
        out |= TD_SCAN_LACK(NO_HALT);
    return out;
}

static struct td_scan_row measure(const struct td_scan_config *c, const struct td_scan_facts *f,
                                  uint32_t index)
{
    const td_px price = price_of(c, f);
    return (struct td_scan_row){.fact = index,
                                .lacks = lacks_of(c, f, price),
                                .price = price,
                                .gap_e9 = gap_of(price, f->previous_close),
                                .rvol_e9 = rvol_of(c->minute, f->volume, f->adv)};
}

static bool is_inside(td_px px, td_px low, td_px high)
{
    return (td_px_is_none(low) || px.e9 >= low.e9) && (td_px_is_none(high) || px.e9 <= high.e9);
}

/* TD_SCAN_DROP_COUNT: it stays. */
static enum td_scan_drop judge(const struct td_scan_config *c, const struct td_scan_facts *f,
                               const struct td_scan_row *row)
{
    if (f->marks & TD_SCAN_HIDDEN)
        return TD_SCAN_DROP_HIDDEN;
    if (f->marks & TD_SCAN_ETF && !c->etfs)
        return TD_SCAN_DROP_ETF;
    if (row->gap_e9 == TD_E9_NONE)
        return TD_SCAN_DROP_NO_GAP;
    if (row->gap_e9 <= 0 || row->gap_e9 < c->min_gap_e9)
        return TD_SCAN_DROP_GAP;
    if (!is_inside(row->price, c->low, c->high))
        return TD_SCAN_DROP_PRICE;
    if (c->min_rvol_e9 <= 0)
        return TD_SCAN_DROP_COUNT;
    if (row->rvol_e9 == TD_E9_NONE)
        return TD_SCAN_DROP_NO_RVOL;
    return row->rvol_e9 < c->min_rvol_e9 ? TD_SCAN_DROP_RVOL : TD_SCAN_DROP_COUNT;
}

/* ---- order ---- */

static int64_t halted_value(uint8_t halted)
{
    return halted == TD_HALTED_UNKNOWN ? TD_E9_NONE : halted == TD_HALTED_YES;
}

int64_t td_scan_value(const struct td_scan_row *row, const struct td_scan_facts *f,
                      enum td_scan_column column)
{
    switch (column) {
    case TD_SCAN_BY_PRICE:
        return row->price.e9;
    case TD_SCAN_BY_GAP:
        return row->gap_e9;
    case TD_SCAN_BY_RVOL:
        return row->rvol_e9;
    case TD_SCAN_BY_VOLUME:
        return f->volume.e9;
    case TD_SCAN_BY_ADV:
        return f->adv.e9;
    case TD_SCAN_BY_PREVIOUS:
        return f->previous_close.e9;
    case TD_SCAN_BY_OPEN:
        return f->open.e9;
    case TD_SCAN_BY_LAST:
        return f->last.e9;
    case TD_SCAN_BY_SPREAD:
        return has_price(f->bid) && has_price(f->ask) ? f->ask.e9 - f->bid.e9 : TD_E9_NONE;
    case TD_SCAN_BY_HALTED:
        return halted_value(f->halted);
    case TD_SCAN_BY_WHY:
        return f->why;
    case TD_SCAN_BY_REASON:
        return row->lacks;
    case TD_SCAN_BY_SYMBOL:
    case TD_SCAN_COLUMN_COUNT:
        break;
    }
    return 0;
}

/* What a row is sorted by: symbols are compared last, so their column needs no number of its own. */
struct place {
    int64_t key;
    uint32_t row;
};

struct order {
    const struct td_scan_config *config;
    const struct td_scan_facts *facts;
    const struct td_scan_row *rows;
};

/* True when b stands before a. Unknown is last either way. */
static bool is_before(const struct order *o, struct place b, struct place a)
{
    if (b.key != a.key) {
        if (b.key == TD_E9_NONE || a.key == TD_E9_NONE)
            return a.key == TD_E9_NONE;
        return o->config->ascending ? b.key < a.key : b.key > a.key;
    }
    const int by_name =
        strcmp(o->facts[o->rows[b.row].fact].symbol, o->facts[o->rows[a.row].fact].symbol);
    const bool backwards = o->config->sort == TD_SCAN_BY_SYMBOL && !o->config->ascending;
    return backwards ? by_name > 0 : by_name < 0;
}

static void merge(const struct order *o, const struct place *from, struct place *to,
                  const size_t cut[3])
{
    size_t i = cut[0], j = cut[1];
    for (size_t k = cut[0]; k < cut[2]; k++) {
        const bool right = j < cut[2] && (i >= cut[1] || is_before(o, from[j], from[i]));
        to[k] = right ? from[j++] : from[i++];
    }
}

/* Bottom-up and stable; the sorted places are in the result. */
static struct place *sort(const struct order *o, struct place *a, struct place *b, size_t count)
{
    for (size_t width = 1; width < count; width *= 2) {
        for (size_t left = 0; left < count; left += 2 * width) {
            const size_t middle = left + width < count ? left + width : count;
            const size_t right = left + 2 * width < count ? left + 2 * width : count;
            merge(o, a, b, (const size_t[]){left, middle, right});
        }
        struct place *swap = a;
        a = b;
        b = swap;
    }
    return a;
}

/* ---- the whole ---- */

size_t td_scan_bytes(uint32_t count)
{
    return (size_t)count * (2 * sizeof(struct td_scan_row) + 2 * sizeof(struct place)) + 256;
}

enum td_err td_scan_run(const struct td_scan_config *config, const struct td_scan_facts *facts,
                        uint32_t count, struct td_arena *arena, struct td_scan_table *out)
{
    struct td_scan_table table = {.seen = count};
    const size_t used = arena->used;
    struct td_scan_row *found = td_arena_take_raw(arena, count, sizeof *found);
    struct td_scan_row *rows = td_arena_take_raw(arena, count, sizeof *rows);
    struct place *a = td_arena_take_raw(arena, count, sizeof *a);
    struct place *b = td_arena_take_raw(arena, count, sizeof *b);
    if (count && (!found || !rows || !a || !b)) {
        arena->used = used;
        return TD_ENOMEM;
    }
    for (uint32_t i = 0; i < count; i++) {
        const struct td_scan_row row = measure(config, &facts[i], i);
        const enum td_scan_drop drop = judge(config, &facts[i], &row);
        if (drop != TD_SCAN_DROP_COUNT) {
            table.dropped[drop]++;
            continue;
        }
        found[table.listed] = row;
        a[table.listed] =
            (struct place){td_scan_value(&row, &facts[i], config->sort), table.listed};
        table.listed++;
    }
    const struct order order = {config, facts, found};
    const struct place *sorted = sort(&order, a, b, table.listed);
    table.count = config->limit && config->limit < table.listed ? config->limit : table.listed;
    table.rows = rows;
    for (uint32_t i = 0; i < table.count; i++)
        rows[i] = found[sorted[i].row];
    *out = table;
    return TD_OK;
}

/* ---- marks ---- */

#define NAMES_MAX 2048 /* of one list */

static void mark_some(struct td_scan_facts *facts, uint32_t fact_count, const char *const *names,
                      uint32_t count, enum td_scan_mark mark)
{
    struct td_map_slot slots[2 * NAMES_MAX];
    struct td_map map;
    td_map_init(&map, slots, TD_COUNT(slots));
    for (uint32_t i = 0; i < count; i++) /* never full: half of the slots */
        if (td_map_put(&map, td_hash_bytes(names[i], strlen(names[i])), i) != TD_OK)
            return;
    for (uint32_t i = 0; i < fact_count; i++) {
        const char *symbol = facts[i].symbol;
        uint32_t at;
        if (td_map_get(&map, td_hash_bytes(symbol, strlen(symbol)), &at) &&
            strcmp(names[at], symbol) == 0)
            facts[i].marks |= (uint8_t)mark;
    }
}

void td_scan_mark(struct td_scan_facts *facts, uint32_t fact_count, const char *const *names,
                  uint32_t count, enum td_scan_mark mark)
{
    for (uint32_t at = 0; at < count; at += NAMES_MAX)
        mark_some(facts, fact_count, names + at, count - at < NAMES_MAX ? count - at : NAMES_MAX,
                  mark);
}
