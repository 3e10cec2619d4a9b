/* wire/dbn_symbols.c - instrument numbers to symbols, in a chain of days behind a hash table. */
#include "wire/dbn_symbols.h"

#include "base/time.h"

#define BY_INSTRUMENT 0 /* stype of instrument numbers */
#define CHAIN_MAX                                                                                  \
    4096 /* days of one number that are looked through: sixteen years of a contract a day */

static uint32_t count_intervals(const struct td_dbn_metadata *m)
{
    struct td_dbn_mapping mapping = {0};
    uint32_t n = 0;
    while (td_dbn_mapping_next(m, &mapping))
        n += mapping.intervals;
    return n;
}

static size_t slots_for(uint32_t rows)
{
    size_t slots = 8;
    while (slots < (size_t)rows * 2)
        slots *= 2;
    return slots;
}

size_t td_dbn_symbols_bytes(const struct td_dbn_metadata *m)
{
    const uint32_t rows = count_intervals(m);
    return slots_for(rows) * sizeof(struct td_map_slot) +
           ((size_t)rows + 1) * sizeof(struct td_dbn_symbol_row) + 64;
}

static bool number_of(struct td_str text, uint32_t *out)
{
    int64_t n = 0;
    if (text.len == 0 || td_i64_parse(text.p, text.len, &n) != TD_OK || n < 0 || n > UINT32_MAX)
        return false;
    *out = (uint32_t)n;
    return true;
}

static void add(struct td_dbn_symbols *s, const struct td_dbn_metadata *m, struct td_str asked,
                const struct td_dbn_interval *interval)
{
    const bool forward = m->stype_out == BY_INSTRUMENT;
    struct td_dbn_symbol_row *row = &s->rows[s->count];
    uint32_t first = 0;
    if (!number_of(forward ? interval->symbol : asked, &row->instrument))
        return;
    row->symbol = forward ? asked : interval->symbol;
    row->start = interval->start;
    row->end = interval->end;
    (void)td_map_get(&s->map, row->instrument, &first);
    row->next = first;
    if (td_map_put(&s->map, row->instrument, s->count + 1) == TD_OK)
        s->count++;
}

enum td_err td_dbn_symbols_open(struct td_dbn_symbols *s, const struct td_dbn_metadata *m,
                                struct td_arena *arena)
{
    struct td_dbn_mapping mapping = {0};
    struct td_dbn_interval interval;
    const uint32_t rows = count_intervals(m);
    struct td_map_slot *slots = td_arena_take(arena, slots_for(rows), sizeof *slots);
    *s = (struct td_dbn_symbols){.rows = td_arena_take(arena, (size_t)rows + 1, sizeof *s->rows),
                                 .last = UINT32_MAX};
    if (!slots || !s->rows)
        return TD_ENOMEM;
    td_map_init(&s->map, slots, slots_for(rows));
    if (m->stype_out != BY_INSTRUMENT && m->stype_in != BY_INSTRUMENT)
        return TD_OK;
    while (td_dbn_mapping_next(m, &mapping))
        for (uint32_t i = 0; i < mapping.intervals; i++) {
            td_dbn_interval_at(m, &mapping, i, &interval);
            add(s, m, mapping.symbol, &interval);
        }
    return TD_OK;
}

/* Records come day by day, so the calendar is asked once a day. */
static uint32_t day_of(struct td_dbn_symbols *s, uint64_t at)
{
    const uint32_t days = (uint32_t)(at / (uint64_t)(86400 * TD_SEC));
    if (days != s->last) {
        struct td_civil c;
        td_civil_from_days(days, &c);
        s->last = days;
        s->day = (uint32_t)(c.year * 10000 + c.month * 100 + c.day);
    }
    return s->day;
}

struct td_str td_dbn_symbol_of(struct td_dbn_symbols *s, uint32_t instrument, uint64_t at)
{
    uint32_t i = 0;
    if (s->count == 0 || at == TD_DBN_UNDEF_TIME || !td_map_get(&s->map, instrument, &i))
        return (struct td_str){NULL, 0};
    const uint32_t day = day_of(s, at);
    for (int n = 0; i > 0 && n < CHAIN_MAX; n++, i = s->rows[i - 1].next)
        if (day >= s->rows[i - 1].start && day < s->rows[i - 1].end)
            return s->rows[i - 1].symbol;
    return (struct td_str){NULL, 0};
}
