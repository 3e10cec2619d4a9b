/* sim/source.c - chooses and plays the tape of one symbol. */
#include "sim/source.h"

#include <string.h>

#define PENDING 24

struct td_source_state {
    struct td_flow flow;
    struct td_mbotape orders;
    struct td_bartape bars;
    struct td_source_folder names; /* of bars */
    struct td_lean reader[2];      /* index enum td_lean_kind */
    struct td_lean_row row[2];
    bool ready[2];                    /* row[i] is valid and not used yet */
    struct td_event pending[PENDING]; /* sorted by time */
    uint32_t pending_count;
    struct td_quote quote;    /* as of the last event given out */
    struct td_quote building; /* one-sided ticks collect here */
    struct td_depth_fill fill;
    td_ns now;
    bool closed; /* the day's closing status is out */
};

size_t td_source_bytes(void)
{
    return sizeof(struct td_source_state) + 24u * 1024 * 1024;
}

struct td_venue_hours td_source_hours(const struct td_source_config *c, int64_t day)
{
    const struct td_trading_day *d = &c->row->day;
    const struct td_daytime *t = &c->daytime;
    return (struct td_venue_hours){t->at(t->zone, day, d->ext_open * INT64_C(60000)),
                                   t->at(t->zone, day, d->open * INT64_C(60000)),
                                   t->at(t->zone, day, d->close * INT64_C(60000)),
                                   t->at(t->zone, day, d->ext_close * INT64_C(60000))};
}

int64_t td_source_trading_day(const struct td_source_config *c, int64_t day)
{
    /* Ten days cover the longest run of weekends and holidays; past them the day is taken as it is. */
    for (int64_t d = day; d < day + 10; d++) {
        const int weekday = td_weekday(d);
        if (weekday != 0 && weekday != 6 && !(c->closed && c->closed(c->closed_arg, d)))
            return d;
    }
    return day;
}

bool td_source_lean(const struct td_source_config *c, struct td_source_folder *names,
                    struct td_lean_file *out)
{
    if (!c->data || !c->data[0] || (c->row->invented && !c->bars))
        return false;
    struct td_text root;
    struct td_text market;
    td_text_init(&root, names->root, sizeof names->root);
    td_text_init(&market, names->market, sizeof names->market);
    td_text_printf(&root, "%s/lean", c->data);
    *out = (struct td_lean_file){.root = names->root, .symbol = c->row->inst.symbol};
    if (strcmp(c->row->inst.sec_type, "FUT") == 0) {
        for (const char *e = c->row->inst.exchange; *e; e++)
            td_text_char(&market, *e >= 'A' && *e <= 'Z' ? (char)(*e + 32) : *e);
        out->market = names->market;
    } else if (strcmp(c->row->inst.sec_type, "STK") != 0) {
        return false;
    }
    return !td_text_full(&root) && !td_text_full(&market);
}

struct td_flow_config td_source_flow(const struct td_source_config *c)
{
    const struct td_universe_row *row = c->row;
    const bool stock = strcmp(row->inst.sec_type, "STK") == 0;
    const bool cash = strcmp(row->inst.sec_type, "CASH") == 0;
    return (struct td_flow_config){.seed = c->seed,
                                   .symbol = row->inst.symbol,
                                   .inst = c->inst,
                                   .min_tick = row->inst.min_tick,
                                   .start_px = row->start_px,
                                   .lot = stock  ? TD_QTY(100)
                                          : cash ? TD_QTY(100000)
                                                 : TD_QTY(1),
                                   .top_qty = row->top_qty,
                                   .day_volume = {row->day_volume.e9 / (c->thin > 1 ? c->thin : 1)},
                                   .spread_ticks = row->spread_ticks,
                                   .volatility_bp = row->volatility_bp};
}

/* The first day at or after `from` with trades in any resolution. */
static bool recorded_day(struct td_source *s, struct td_lean_file file, int64_t from, int64_t *day)
{
    int64_t best = INT64_MAX;
    file.kind = TD_LEAN_TRADES;
    for (uint8_t res = TD_LEAN_TICK; res <= TD_LEAN_MINUTE; res++) {
        int64_t found = 0;
        file.resolution = res;
        if (td_lean_next_day(s->world, &file, from, &found) && found < best)
            best = found;
    }
    *day = best;
    return best != INT64_MAX;
}

/* The finest file of that kind on that day; TD_LEAN_RESOLUTIONS when there is none. */
static uint8_t finest(struct td_source *s, struct td_lean_file file)
{
    for (file.resolution = TD_LEAN_TICK; file.resolution <= TD_LEAN_MINUTE; file.resolution++)
        if (td_lean_exists(s->world, &file))
            return file.resolution;
    return TD_LEAN_RESOLUTIONS;
}

static enum td_err advance(struct td_source *s, int kind, struct td_fail *why)
{
    struct td_source_state *st = s->state;
    const enum td_err err = td_lean_next(&st->reader[kind], &st->row[kind]);
    st->ready[kind] = err == TD_OK;
    if (err == TD_OK || err == TD_ENODATA)
        return TD_OK;
    return td_fail_set(why, err, "lean: %s, line %lld: not in the expected form",
                       s->config.row->inst.symbol, (long long)st->reader[kind].line);
}

static void insert(struct td_source_state *st, const struct td_event *ev)
{
    TD_REQUIRE(st->pending_count < PENDING);
    uint32_t at = st->pending_count++;
    for (; at > 0 && st->pending[at - 1].venue_ns > ev->venue_ns; at--)
        st->pending[at] = st->pending[at - 1];
    st->pending[at] = *ev;
}

static void insert_status(struct td_source *s, td_ns at, enum td_status status)
{
    const struct td_event ev = {
        .venue_ns = at, .inst = s->config.inst, .kind = TD_EV_STATUS, .status = (uint8_t)status};
    insert(s->state, &ev);
}

static enum td_err open_day(struct td_source *s, int64_t day, struct td_fail *why)
{
    struct td_source_state *st = s->state;
    struct td_source_folder names;
    struct td_lean_file file;
    TD_REQUIRE(td_source_lean(&s->config, &names, &file));
    s->arena.used = s->kept;
    s->day = file.day = day;
    s->hours = td_source_hours(&s->config, day);
    st->closed = false;
    st->building = st->quote = (struct td_quote){TD_PX_NONE, TD_PX_NONE, {0}, {0}};
    for (int kind = TD_LEAN_TRADES; kind <= TD_LEAN_QUOTES; kind++) {
        file.kind = (uint8_t)kind;
        file.resolution = finest(s, file);
        st->ready[kind] = false;
        if (file.resolution == TD_LEAN_RESOLUTIONS)
            continue;
        if (kind == TD_LEAN_TRADES)
            s->kind = (uint8_t)(TD_SOURCE_TICKS + file.resolution);
        enum td_err err =
            td_lean_open(&st->reader[kind], &file, s->world, &s->arena, &s->config.daytime, why);
        if (err == TD_OK)
            err = advance(s, kind, why);
        if (err != TD_OK)
            return err;
    }
    td_ns first = s->hours.ext_open;
    for (int kind = TD_LEAN_TRADES; kind <= TD_LEAN_QUOTES; kind++)
        if (st->ready[kind] && st->row[kind].at < first)
            first = st->row[kind].at;
    insert_status(s, first, TD_STATUS_OPEN);
    return TD_OK;
}

static void start_generated_day(struct td_source *s, int64_t day)
{
    s->day = td_source_trading_day(&s->config, day);
    s->hours = td_source_hours(&s->config, s->day);
    const struct td_flow_day d = {s->day, s->hours};
    td_flow_start_day(&s->state->flow, &d);
}

static void describe(struct td_source *s)
{
    static const char *const names[] = {"", "ticks", "second bars", "minute bars", "", "bars"};
    struct td_text t;
    char date[16];
    td_text_init(&t, s->text, sizeof s->text);
    (void)td_date_print(s->day, date);
    if (s->kind == TD_SOURCE_ORDERS)
        td_text_printf(
            &t,
            "%s: recorded DBN order book of %s, every order; it stands still after its last record",
            s->config.row->inst.symbol, date);
    else if (s->kind == TD_SOURCE_BARS)
        td_text_printf(&t, "%s: recorded LEAN bars from %s, %s; quotes are made around them",
                       s->config.row->inst.symbol, date, s->adjusted ? "adjusted" : "as they are");
    else if (s->kind == TD_SOURCE_GENERATED)
        td_text_printf(&t, "%s: generated order flow, seed %llu, from %s",
                       s->config.row->inst.symbol, (unsigned long long)s->config.seed, date);
    else
        td_text_printf(&t, "%s: recorded LEAN %s of %s; depth below the quotes is generated",
                       s->config.row->inst.symbol, names[s->kind], date);
}

/* The day to begin with: at or after the wanted one, else the last there is. False: nothing recorded. */
static bool first_day(struct td_source *s, int64_t *day)
{
    struct td_source_folder names;
    struct td_lean_file file;
    if (!td_source_lean(&s->config, &names, &file))
        return false;
    if (recorded_day(s, file, s->config.day, day))
        return true;
    bool any = false;
    int64_t found = 0;
    for (int64_t from = 0; recorded_day(s, file, from, &found); from = found + 1) {
        *day = found;
        any = true;
    }
    return any;
}

/* A recorded order book of exactly the wanted day. TD_ENODATA: there is none. */
static enum td_err open_orders(struct td_source *s, struct td_fail *why)
{
    char path[900];
    const struct td_source_config *c = &s->config;
    const struct td_venue_hours hours = td_source_hours(c, c->day);
    const struct td_mbotape_query query = {c->data, c->row->inst.symbol, hours.ext_open,
                                           hours.ext_close};
    if (!c->data || !c->data[0] || c->row->invented || strcmp(c->row->inst.sec_type, "FUT") != 0 ||
        !td_mbotape_find(s->world, &query, s->arena, path, sizeof path))
        return TD_ENODATA;
    s->kind = TD_SOURCE_ORDERS;
    s->day = c->day;
    s->hours = hours;
    insert_status(s, hours.ext_open, TD_STATUS_OPEN);
    return td_mbotape_open(&s->state->orders, s->world, path, c->inst, &s->arena, why);
}

static void follow_bars(struct td_source *s)
{
    s->day = s->state->bars.day;
    s->hours = s->state->bars.hours;
}

/* The bars of a plan, and nothing in their place. */
static enum td_err open_bars(struct td_source *s, struct td_fail *why)
{
    struct td_lean_file file;
    s->kind = TD_SOURCE_BARS;
    if (!td_source_lean(&s->config, &s->state->names, &file))
        return td_fail_set(why, TD_ENODATA, "%s: no recorded bars", s->config.row->inst.symbol);
    const enum td_err err =
        td_bartape_open(&s->state->bars, &s->config, &file, s->world, &s->arena, why);
    s->adjusted = !err && td_bartape_adjusted(&s->state->bars);
    if (!err)
        follow_bars(s);
    return err;
}

enum td_err td_source_open(struct td_source *s, const struct td_source_config *config,
                           struct td_world *world, struct td_arena *memory, struct td_fail *why)
{
    memset(s, 0, sizeof *s);
    s->config = *config;
    s->world = world;
    const size_t size = td_arena_left(memory) < td_source_bytes() ? 0 : td_source_bytes();
    /* The region is not zeroed as a whole: 24 MB are only touched when a file needs them. */
    if (size == 0)
        return td_fail_set(why, TD_ENOMEM, "source: %s: no memory for its data",
                           config->row->inst.symbol);
    td_arena_init(&s->arena, memory->base + memory->used, size);
    memory->used += size;
    s->state = td_arena_take(&s->arena, 1, sizeof *s->state);
    TD_REQUIRE(s->state != NULL);
    s->kept = s->arena.used;
    const struct td_flow_config flow = td_source_flow(config);
    s->state->fill = (struct td_depth_fill){config->seed ^ (uint64_t)config->row->inst.conid,
                                            flow.min_tick, flow.lot, flow.top_qty, 0};
    int64_t day = 0;
    enum td_err err = config->bars ? open_bars(s, why) : open_orders(s, why);
    if (config->bars || err != TD_ENODATA) {
        describe(s);
        return err;
    }
    err = TD_OK;
    if (first_day(s, &day)) {
        err = open_day(s, day, why);
    } else {
        td_flow_open(&s->state->flow, &flow);
        start_generated_day(s, config->day);
    }
    describe(s);
    return err;
}

static struct td_event event_at(const struct td_source *s, td_ns at, enum td_event_kind kind)
{
    return (struct td_event){.venue_ns = at, .inst = s->config.inst, .kind = (uint8_t)kind};
}

/* A bar as prints at quarter spans; equal neighbours stay, so that the volume adds up. */
static void insert_trade_bar(struct td_source *s, const struct td_lean_row *row)
{
    const struct td_bar *b = &row->bar;
    const bool up = b->close.e9 >= b->open.e9;
    const td_px px[4] = {b->open, up ? b->low : b->high, up ? b->high : b->low, b->close};
    const int64_t part = b->volume.e9 / 4 / TD_E9 * TD_E9;
    for (int i = 0; i < 4; i++) {
        struct td_event ev = event_at(s, row->at + b->span * i / 4, TD_EV_TRADE);
        ev.trade = (struct td_trade){
            .px = px[i], .qty = {i < 3 ? part : b->volume.e9 - 3 * part}, .aggressor = 2};
        if (ev.trade.qty.e9 > 0 && !td_px_is_none(px[i]))
            insert(s->state, &ev);
    }
}

static void insert_quote_bar(struct td_source *s, const struct td_lean_row *row)
{
    struct td_event first = event_at(s, row->at, TD_EV_QUOTE);
    struct td_event last =
        event_at(s, row->at + (row->bid_bar.span | row->ask_bar.span) * 7 / 8, TD_EV_QUOTE);
    first.quote = last.quote = row->quote;
    first.quote.bid = row->bid_bar.open;
    first.quote.ask = row->ask_bar.open;
    insert(s->state, &first);
    insert(s->state, &last);
}

/* Ticks quote one side each: the other keeps its last value unless the new one crosses it. */
static void insert_quote_tick(struct td_source *s, const struct td_lean_row *row)
{
    struct td_quote *q = &s->state->building;
    if (!td_px_is_none(row->quote.bid)) {
        q->bid = row->quote.bid;
        q->bid_qty = row->quote.bid_qty;
        if (q->ask.e9 <= q->bid.e9)
            q->ask = TD_PX_NONE;
    }
    if (!td_px_is_none(row->quote.ask)) {
        q->ask = row->quote.ask;
        q->ask_qty = row->quote.ask_qty;
        if (!td_px_is_none(q->bid) && q->bid.e9 >= q->ask.e9)
            q->bid = TD_PX_NONE;
    }
    q->bid_qty.e9 = td_px_is_none(q->bid) ? 0 : q->bid_qty.e9;
    q->ask_qty.e9 = td_px_is_none(q->ask) ? 0 : q->ask_qty.e9;
    struct td_event ev = event_at(s, row->at, TD_EV_QUOTE);
    ev.quote = *q;
    insert(s->state, &ev);
}

static void insert_row(struct td_source *s, int kind)
{
    const struct td_lean_row *row = &s->state->row[kind];
    const bool tick = s->state->reader[kind].resolution == TD_LEAN_TICK;
    if (kind == TD_LEAN_QUOTES) {
        if (tick)
            insert_quote_tick(s, row);
        else
            insert_quote_bar(s, row);
        return;
    }
    if (!tick) {
        insert_trade_bar(s, row);
        return;
    }
    struct td_event ev = event_at(s, row->at, TD_EV_TRADE);
    ev.trade = row->trade;
    insert(s->state, &ev);
}

/* Which kind of row comes next, or -1 at the end of the day. */
static int next_row(const struct td_source_state *st)
{
    const bool trades = st->ready[TD_LEAN_TRADES];
    const bool quotes = st->ready[TD_LEAN_QUOTES];
    if (trades && quotes)
        return st->row[TD_LEAN_QUOTES].at <= st->row[TD_LEAN_TRADES].at ? TD_LEAN_QUOTES
                                                                        : TD_LEAN_TRADES;
    return trades ? TD_LEAN_TRADES : quotes ? TD_LEAN_QUOTES : -1;
}

static enum td_err next_recorded_day(struct td_source *s, struct td_fail *why)
{
    struct td_source_folder names;
    struct td_lean_file file;
    int64_t day = 0;
    if (!td_source_lean(&s->config, &names, &file) || !recorded_day(s, file, s->day + 1, &day))
        return TD_ENODATA;
    const enum td_err err = open_day(s, day, why);
    describe(s);
    return err;
}

static enum td_err next_recorded(struct td_source *s, struct td_event *out, struct td_fail *why)
{
    struct td_source_state *st = s->state;
    for (;;) {
        const int kind = next_row(st);
        if (st->pending_count && (kind < 0 || st->pending[0].venue_ns <= st->row[kind].at))
            break;
        enum td_err err = TD_OK;
        if (kind >= 0) {
            insert_row(s, kind);
            err = advance(s, kind, why);
        } else if (!st->closed) {
            st->closed = true;
            insert_status(s, st->now > s->hours.ext_close ? st->now : s->hours.ext_close,
                          TD_STATUS_CLOSED);
        } else {
            err = next_recorded_day(s, why);
        }
        if (err != TD_OK)
            return err;
    }
    *out = st->pending[0];
    memmove(st->pending, st->pending + 1, --st->pending_count * sizeof *st->pending);
    /* A day file may hold a few rows out of order; the tape never runs backwards. */
    if (out->venue_ns < st->now)
        out->venue_ns = st->now;
    return TD_OK;
}

static enum td_err next_order(struct td_source *s, struct td_event *out)
{
    struct td_source_state *st = s->state;
    if (st->pending_count) { /* the opening status */
        *out = st->pending[--st->pending_count];
        return TD_OK;
    }
    return td_mbotape_next(&st->orders, out);
}

enum td_err td_source_next(struct td_source *s, struct td_event *out, struct td_fail *why)
{
    struct td_source_state *st = s->state;
    if (s->kind == TD_SOURCE_GENERATED) {
        while (!td_flow_next(&st->flow, out))
            start_generated_day(s, s->day + 1);
    } else if (s->kind == TD_SOURCE_BARS) {
        const enum td_err err = td_bartape_next(&st->bars, out, why);
        if (err != TD_OK)
            return err;
        follow_bars(s);
    } else if (s->kind == TD_SOURCE_ORDERS) {
        const enum td_err err = next_order(s, out);
        if (err != TD_OK)
            return err == TD_ENODATA
                       ? err
                       : td_fail_set(why, err, "%s: the recorded order book is damaged",
                                     s->config.row->inst.symbol);
    } else {
        const enum td_err err = next_recorded(s, out, why);
        if (err != TD_OK)
            return err;
    }
    st->now = out->venue_ns;
    out->recv_ns = out->venue_ns;
    if (out->kind == TD_EV_QUOTE)
        st->quote = out->quote;
    return TD_OK;
}

size_t td_source_depth(const struct td_source *s, enum td_side side, struct td_depth_row *out,
                       size_t rows)
{
    struct td_venue_level levels[TD_DEPTH_ROWS_MAX];
    if (rows > TD_DEPTH_ROWS_MAX)
        rows = TD_DEPTH_ROWS_MAX;
    if (s->kind == TD_SOURCE_ORDERS)
        return td_mbotape_depth(&s->state->orders, side, out, rows);
    if (s->kind != TD_SOURCE_GENERATED)
        return td_depth_fill(&s->state->fill, &s->state->quote, side, s->state->now, out, rows);
    return td_depth_from_levels(levels, td_flow_levels(&s->state->flow, side, levels, rows), true,
                                out, rows);
}

const char *td_source_describe(const struct td_source *s)
{
    return s->text;
}
