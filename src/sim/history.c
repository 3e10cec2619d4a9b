/* sim/history.c - historical bars from LEAN files or made again by the generator. */
#include "sim/history.h"

#include <math.h>
#include <string.h>

#include "base/map.h"

/* One request being answered. */
struct job {
    const struct td_source_config *config;
    const struct td_history_request *ask;
    struct td_world *world;
    struct td_arena *memory;
    struct td_history_bar *out; /* ring of cap, oldest at `first` */
    size_t cap, first, count;
    struct td_venue_hours hours; /* of `day` */
    int64_t day;
    bool marked; /* the mark is as new as it can be */
};

static const struct {
    const char *text;
    td_ns span;
} sizes[] = {
    {"1 secs", TD_SEC},       {"5 secs", 5 * TD_SEC},   {"10 secs", 10 * TD_SEC},
    {"15 secs", 15 * TD_SEC}, {"30 secs", 30 * TD_SEC}, {"1 min", TD_MIN},
    {"2 mins", 2 * TD_MIN},   {"3 mins", 3 * TD_MIN},   {"4 mins", 4 * TD_MIN},
    {"5 mins", 5 * TD_MIN},   {"10 mins", 10 * TD_MIN}, {"15 mins", 15 * TD_MIN},
    {"20 mins", 20 * TD_MIN}, {"30 mins", 30 * TD_MIN}, {"1 hour", TD_HOUR},
    {"2 hours", 2 * TD_HOUR}, {"3 hours", 3 * TD_HOUR}, {"4 hours", 4 * TD_HOUR},
    {"8 hours", 8 * TD_HOUR}, {"1 day", TD_DAY},
};

enum td_err td_history_bar_size(struct td_str text, td_ns *out)
{
    for (size_t i = 0; i < TD_COUNT(sizes); i++)
        if (td_str_is(text, sizes[i].text)) {
            *out = sizes[i].span;
            return TD_OK;
        }
    return TD_EPARSE;
}

static bool is_trading_day(const struct td_source_config *c, int64_t day)
{
    return td_source_trading_day(c, day) == day;
}

enum td_err td_history_start(const struct td_source_config *c, struct td_str duration, td_ns end,
                             td_ns *start)
{
    struct td_str number;
    struct td_str rest = duration;
    int64_t n = 0;
    if (!td_str_split(&rest, ' ', &number) || rest.len != 1 ||
        td_i64_parse(number.p, number.len, &n) != TD_OK || n < 1 || n > 1000000)
        return TD_EPARSE;
    const int64_t last = td_daytime_day(&c->daytime, end - 1);
    int64_t first = last;
    switch (rest.p[0]) {
    case 'S':
        *start = end - n * TD_SEC;
        return TD_OK;
    case 'D':
        for (int64_t left = is_trading_day(c, last) ? n - 1 : n;
             left > 0 && first > last - 2 * n - 20;)
            left -= is_trading_day(c, --first);
        break;
    case 'W':
        first = last - n * 7 + 1;
        break;
    case 'M':
        first = last - n * 30;
        break;
    case 'Y':
        first = last - n * 365;
        break;
    default:
        return TD_EPARSE;
    }
    *start = c->daytime.at(c->daytime.zone, first, 0);
    return TD_OK;
}

static void set_day(struct job *j, int64_t day)
{
    j->day = day;
    j->hours = td_source_hours(j->config, day);
}

/* Adds a bar (or a print as a bar of one price) to the bar it belongs to. Bars arrive in time order. */
static void add(struct job *j, td_ns at, const struct td_bar *b)
{
    const struct td_daytime *t = &j->config->daytime;
    const bool daily = j->ask->bar == TD_DAY;
    if (at < j->ask->start || at >= j->ask->end || td_px_is_none(b->open))
        return;
    if (j->ask->rth && b->span != TD_DAY && (at < j->hours.open || at >= j->hours.close))
        return;
    const td_ns midnight = t->at(t->zone, j->day, 0);
    td_ns start = daily ? midnight : at - (at - midnight) % j->ask->bar;
    if (j->ask->rth && !daily && start < j->hours.open)
        start = j->hours.open; /* the first hour bar is 09:30, the next 10:00 */
    struct td_history_bar *last = j->count ? &j->out[(j->first + j->count - 1) % j->cap] : NULL;
    if (last && last->start == start) {
        last->bar.high.e9 = b->high.e9 > last->bar.high.e9 ? b->high.e9 : last->bar.high.e9;
        last->bar.low.e9 = b->low.e9 < last->bar.low.e9 ? b->low.e9 : last->bar.low.e9;
        last->bar.close = b->close;
        last->bar.volume.e9 += b->volume.e9;
        return;
    }
    if (j->count == j->cap)
        j->first = (j->first + 1) % j->cap;
    else
        j->count++;
    last = &j->out[(j->first + j->count - 1) % j->cap];
    *last = (struct td_history_bar){.start = start, .day = j->day, .bar = *b};
    last->bar.span = j->ask->bar;
    last->bar.wap = TD_PX_NONE;
    last->bar.count = -1;
}

static td_px middle(td_px a, td_px b)
{
    return td_px_is_none(a) || td_px_is_none(b)
               ? TD_PX_NONE
               : (td_px){a.e9 / 2 + b.e9 / 2 + (a.e9 % 2 + b.e9 % 2) / 2};
}

/* The bar of a LEAN row that was asked for. Quote bars have no volume. */
static struct td_bar wanted(const struct job *j, const struct td_lean_row *row)
{
    if (j->ask->what == TD_HISTORY_TRADES)
        return row->bar;
    struct td_bar b = j->ask->what == TD_HISTORY_ASK ? row->ask_bar : row->bid_bar;
    b.volume = TD_QTY(0);
    if (j->ask->what == TD_HISTORY_MIDPOINT) {
        b.open = middle(row->bid_bar.open, row->ask_bar.open);
        b.high = middle(row->bid_bar.high, row->ask_bar.high);
        b.low = middle(row->bid_bar.low, row->ask_bar.low);
        b.close = middle(row->bid_bar.close, row->ask_bar.close);
    }
    return b;
}

/* Adds up one file. Daily files hold all days. */
static enum td_err add_file(struct job *j, const struct td_lean_file *file, struct td_fail *why)
{
    struct td_lean reader;
    struct td_lean_row row;
    td_arena_reset(j->memory);
    enum td_err err = td_lean_open(&reader, file, j->world, j->memory, &j->config->daytime, why);
    while (err == TD_OK && (err = td_lean_next(&reader, &row)) == TD_OK) {
        if (file->resolution == TD_LEAN_DAILY)
            j->day = td_daytime_day(&j->config->daytime, row.at);
        const struct td_bar bar = wanted(j, &row);
        add(j, row.at, &bar);
    }
    if (err == TD_ENODATA)
        return TD_OK;
    return err == TD_EPARSE
               ? td_fail_add(why, err, "lean: %s, line %lld", file->symbol, (long long)reader.line)
               : err;
}

static enum td_err from_recorded(struct job *j, struct td_lean_file file, struct td_fail *why)
{
    const struct td_history_request *ask = j->ask;
    file.kind = ask->what == TD_HISTORY_TRADES ? TD_LEAN_TRADES : TD_LEAN_QUOTES;
    file.resolution = TD_LEAN_DAILY;
    if (ask->bar == TD_DAY && ask->what == TD_HISTORY_TRADES && td_lean_exists(j->world, &file))
        return add_file(j, &file, why);
    file.resolution = ask->bar < TD_MIN ? TD_LEAN_SECOND : TD_LEAN_MINUTE;
    const int64_t last = td_daytime_day(&j->config->daytime, ask->end - 1);
    int64_t day = td_daytime_day(&j->config->daytime, ask->start);
    for (; td_lean_next_day(j->world, &file, day, &file.day) && file.day <= last;
         day = file.day + 1) {
        set_day(j, file.day);
        const enum td_err err = add_file(j, &file, why);
        if (err != TD_OK)
            return err;
    }
    return TD_OK;
}

static void add_event(struct job *j, const struct td_event *ev)
{
    const bool trades = j->ask->what == TD_HISTORY_TRADES;
    if (ev->kind != (trades ? TD_EV_TRADE : TD_EV_QUOTE))
        return;
    td_px px = ev->trade.px;
    if (!trades)
        px = j->ask->what == TD_HISTORY_BID   ? ev->quote.bid
             : j->ask->what == TD_HISTORY_ASK ? ev->quote.ask
                                              : middle(ev->quote.bid, ev->quote.ask);
    const struct td_bar b = {.open = px,
                             .high = px,
                             .low = px,
                             .close = px,
                             .volume = trades ? ev->trade.qty : TD_QTY(0)};
    add(j, ev->venue_ns, &b);
}

/* Keeps where the generator stands behind the first event of the request, unless an earlier mark is as far. */
static void keep_mark(struct job *j, const struct td_flow *flow, const struct td_event *ev)
{
    const struct td_history_request *ask = j->ask;
    j->marked = true;
    if (ask->mark && (!ask->mark->set || ask->mark->start < ask->start))
        *ask->mark = (struct td_history_mark){ask->start, *ev, *flow, true};
}

/* False: it is past the end. */
static bool take_event(struct job *j, const struct td_flow *flow, const struct td_event *ev)
{
    if (!j->marked && ev->venue_ns >= j->ask->start)
        keep_mark(j, flow, ev);
    if (ev->venue_ns >= j->ask->end)
        return false;
    add_event(j, ev);
    return true;
}

static void play_day(struct job *j, struct td_flow *flow)
{
    struct td_event ev;
    while (td_flow_next(flow, &ev) && take_event(j, flow, &ev))
        ;
}

/* The rest of the day in which an earlier request began. False: none that is of use. */
static bool resume(struct job *j, struct td_flow *flow)
{
    const struct td_history_mark *mark = j->ask->mark;
    if (!mark || !mark->set || mark->start > j->ask->start)
        return false;
    const struct td_event first = mark->event;
    *flow = mark->flow;
    set_day(j, flow->day.day);
    if (take_event(j, flow, &first))
        play_day(j, flow);
    return true;
}

/* The generator's days made again up to `end`: from the first one on, or from where an earlier request began. */
static enum td_err from_tape(struct job *j, struct td_fail *why)
{
    const struct td_flow_config config = td_source_flow(j->config);
    struct td_flow *flow = td_arena_take(j->memory, 1, sizeof *flow);
    int64_t day = j->config->day;
    if (!flow)
        return td_fail_set(why, TD_ENOMEM, "history: no memory for the generator");
    td_flow_open(flow, &config);
    if (resume(j, flow))
        day = flow->day.day + 1;
    for (;; day++) {
        day = td_source_trading_day(j->config, day);
        set_day(j, day);
        if (j->hours.ext_open >= j->ask->end)
            return TD_OK;
        const struct td_flow_day d = {day, j->hours};
        td_flow_start_day(flow, &d);
        play_day(j, flow);
    }
}

#define DAY_MINUTES_MAX 1440

/* A day before the tape: its minutes as a random walk pinned to open and close, in ticks. */
struct walk {
    struct td_rng rng;
    double open, close, gap; /* gap: ratio of this open to the close before */
    double minute[DAY_MINUTES_MAX + 1];
    int minutes;
};

/* Draws the day's return and gap from its own seed, backwards from `close`. */
static void draw_day(struct walk *w, const struct job *j, int64_t day, double close)
{
    const char *symbol = j->config->row->inst.symbol;
    const double sigma = (double)j->config->row->volatility_bp / 1e4;
    const uint64_t seed = j->config->seed ^ td_hash_bytes(symbol, strlen(symbol)) ^
                          (uint64_t)day * UINT64_C(0xd1342543de82ef95);
    td_rng_init(&w->rng, seed);
    w->close = close;
    w->open = close / exp(sigma * td_rng_normal(&w->rng));
    w->gap = exp(0.5 * sigma * td_rng_normal(&w->rng));
    const int64_t minutes = (j->hours.close - j->hours.open) / TD_MIN;
    w->minutes = minutes < 1 ? 1 : minutes > DAY_MINUTES_MAX ? DAY_MINUTES_MAX : (int)minutes;
    const double step = sigma * close / sqrt((double)w->minutes);
    w->minute[0] = 0;
    for (int i = 1; i <= w->minutes; i++)
        w->minute[i] = w->minute[i - 1] + step * td_rng_normal(&w->rng);
    const double drift = w->minute[w->minutes] - (w->close - w->open);
    for (int i = 0; i <= w->minutes; i++)
        w->minute[i] += w->open - drift * i / w->minutes;
}

static td_px to_tick(const struct job *j, double px)
{
    const td_px tick = j->config->row->inst.min_tick;
    td_px out = {0};
    td_px raw = tick;
    if (td_e9_from_double(px, &raw.e9) != TD_OK ||
        td_px_round(raw, tick, TD_ROUND_NEAR, &out) != TD_OK || out.e9 < tick.e9)
        return tick;
    return out;
}

static void add_walk(struct job *j, struct walk *w)
{
    const struct td_universe_row *row = j->config->row;
    const int64_t part = row->day_volume.e9 / w->minutes / TD_E9;
    const int64_t side = j->ask->what == TD_HISTORY_ASK ? row->inst.min_tick.e9 : 0;
    for (int i = 0; i < w->minutes; i++) {
        const td_px a = to_tick(j, w->minute[i]);
        const td_px b = to_tick(j, w->minute[i + 1]);
        const td_px high = {(a.e9 > b.e9 ? a.e9 : b.e9) +
                            (int64_t)td_rng_below(&w->rng, 3) * row->inst.min_tick.e9 + side};
        td_px low = {(a.e9 < b.e9 ? a.e9 : b.e9) -
                     (int64_t)td_rng_below(&w->rng, 3) * row->inst.min_tick.e9 + side};
        if (low.e9 < row->inst.min_tick.e9)
            low = row->inst.min_tick;
        const int64_t volume = 1 + part / 2 + (int64_t)td_rng_below(&w->rng, (uint64_t)part + 1);
        const struct td_bar bar = {.open = {a.e9 + side},
                                   .close = {b.e9 + side},
                                   .high = high,
                                   .low = low,
                                   .volume = j->ask->what == TD_HISTORY_TRADES ? TD_QTY(volume)
                                                                               : TD_QTY(0)};
        add(j, j->hours.open + i * TD_MIN, &bar);
    }
}

/* The days before the tape. They are drawn backwards from the price the tape starts at, and given out forwards:
 * the closes are kept, a day is then drawn again from its close. */
static enum td_err before_tape(struct job *j, struct td_fail *why)
{
    const int64_t tape = td_source_trading_day(j->config, j->config->day);
    int64_t from = td_daytime_day(&j->config->daytime, j->ask->start);
    if (from < tape - 4000)
        from = tape - 4000;
    if (j->ask->bar < TD_MIN || from >= tape)
        return TD_OK;
    const size_t days = (size_t)(tape - from);
    double *close = td_arena_take(j->memory, days, sizeof *close);
    struct walk *w = td_arena_take(j->memory, 1, sizeof *w);
    if (!close || !w)
        return td_fail_set(why, TD_ENOMEM, "history: no memory for %llu days",
                           (unsigned long long)days);
    double px = td_e9_to_double(j->config->row->start_px.e9);
    for (size_t i = days; i-- > 0;) {
        close[i] = px;
        if (!is_trading_day(j->config, from + (int64_t)i))
            continue;
        set_day(j, from + (int64_t)i);
        draw_day(w, j, j->day, px);
        px = w->open / w->gap;
    }
    for (size_t i = 0; i < days; i++) {
        if (!is_trading_day(j->config, from + (int64_t)i))
            continue;
        set_day(j, from + (int64_t)i);
        draw_day(w, j, j->day, close[i]);
        add_walk(j, w);
    }
    return TD_OK;
}

/* The ring becomes a list that begins at its first place. */
static void straighten(struct job *j)
{
    for (; j->first > 0; j->first--) {
        const struct td_history_bar first = j->out[0];
        memmove(j->out, j->out + 1, (j->cap - 1) * sizeof first);
        j->out[j->cap - 1] = first;
    }
}

enum td_err td_history_bars(const struct td_source_config *config,
                            const struct td_history_request *request, struct td_world *world,
                            struct td_arena *memory, struct td_history_bar *out, size_t cap,
                            size_t *count, struct td_fail *why)
{
    struct job j = {
        .config = config, .ask = request, .world = world, .memory = memory, .out = out, .cap = cap};
    struct td_source_folder names;
    struct td_lean_file file;
    if (cap == 0 || request->bar < TD_SEC || request->bar > TD_DAY ||
        request->start >= request->end || request->what > TD_HISTORY_ASK)
        return td_fail_set(why, TD_EINVAL, "history: bar size or times are not allowed");
    td_arena_reset(memory);
    int64_t day = 0;
    enum td_err err = TD_OK;
    bool recorded = td_source_lean(config, &names, &file);
    for (file.resolution = TD_LEAN_TICK; recorded; file.resolution++) {
        if (file.resolution == TD_LEAN_DAILY) {
            recorded = false;
            break;
        }
        file.kind = TD_LEAN_TRADES;
        if (td_lean_next_day(world, &file, 0, &day))
            break;
    }
    if (recorded) {
        err = from_recorded(&j, file, why);
    } else {
        err = before_tape(&j, why);
        if (err == TD_OK)
            err = from_tape(&j, why);
    }
    td_arena_reset(memory);
    if (err != TD_OK)
        return err;
    straighten(&j);
    *count = j.count;
    return j.count ? TD_OK
                   : td_fail_set(why, TD_ENODATA, "history: %s has no bars in that range",
                                 config->row->inst.symbol);
}
