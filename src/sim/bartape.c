/* sim/bartape.c - bars from files, adjusted, as events of their span. */
#include "sim/bartape.h"

#include <string.h>

#include "sim/source.h"

#define BEAT        TD_SEC /* a quote that stands still is told again: else it is too old to trade on */
#define FINE        1000 /* a millionth, in 1e-9 */
#define FACTOR_FILE 65536
#define QUOTE_SIZE  100
#define QUOTE_SIZES                                                                                \
    7 /* of one second and the next two they differ: what does not change is not told */

/* --- factors --- */

bool td_bartape_factor_path(const char *root, const char *symbol, char *out, size_t cap)
{
    struct td_text t;
    td_text_init(&t, out, cap);
    td_text_printf(&t, "%s/equity/usa/factor_files/", root);
    for (; *symbol; symbol++)
        td_text_char(&t, *symbol >= 'A' && *symbol <= 'Z' ? (char)(*symbol + 32) : *symbol);
    td_text_put(&t, ".csv");
    return !td_text_full(&t);
}

static bool read_factor(struct td_str line, struct td_bartape_factor *out)
{
    struct td_str date, price, split;
    return td_str_split(&line, ',', &date) && td_str_split(&line, ',', &price) &&
           td_str_split(&line, ',', &split) &&
           td_date_parse(date.p, date.len, &out->last) == TD_OK &&
           td_e9_parse(price.p, price.len, &out->price_e9) == TD_OK &&
           td_e9_parse(split.p, split.len, &out->split_e9) == TD_OK && out->price_e9 > 0 &&
           out->split_e9 > 0;
}

static enum td_err read_factors(struct td_bartape *t, struct td_fail *why)
{
    char path[512];
    size_t len = 0;
    struct td_str rest, line;
    if (t->file.market)
        return TD_OK;
    if (!td_bartape_factor_path(t->file.root, t->file.symbol, path, sizeof path))
        return td_fail_set(why, TD_EINVAL, "lean: the path is too long");
    char *text = td_arena_take(t->arena, FACTOR_FILE, 1);
    if (!text)
        return td_fail_set(why, TD_ENOMEM, "lean: no memory for %s", path);
    const enum td_err err = td_file_slurp(t->world, path, text, FACTOR_FILE, &len, why);
    if (err)
        return err == TD_ENOENT ? TD_OK : err;
    rest = (struct td_str){text, len};
    while (td_str_split(&rest, '\n', &line)) {
        if (!td_str_trim(line).len)
            continue;
        if (t->factor_count == TD_BARTAPE_FACTORS ||
            !read_factor(td_str_trim(line), &t->factors[t->factor_count++]))
            return td_fail_set(why, TD_EPARSE,
                               "lean: %s, row %u: expected date, price factor, split factor", path,
                               t->factor_count);
    }
    return TD_OK;
}

/* NULL: nothing is adjusted on that day. */
static const struct td_bartape_factor *factor_of(const struct td_bartape *t, int64_t day)
{
    for (uint32_t i = 0; i < t->factor_count; i++)
        if (t->factors[i].last >= day)
            return t->factors[i].price_e9 == TD_E9 && t->factors[i].split_e9 == TD_E9
                       ? NULL
                       : &t->factors[i];
    return NULL;
}

bool td_bartape_adjusted(const struct td_bartape *t)
{
    for (int64_t day = t->plan.first; day <= t->plan.last; day++)
        if (factor_of(t, day))
            return true;
    return false;
}

static bool adjust_price(const struct td_bartape_factor *f, td_px *px)
{
    int64_t v = px->e9;
    if (td_px_is_none(*px))
        return false;
    if (td_i64_muldiv(v, f->price_e9, TD_E9, &v) != TD_OK ||
        td_i64_muldiv(v, f->split_e9, TD_E9, &v) != TD_OK)
        return false;
    px->e9 = (v + FINE / 2) / FINE * FINE;
    return px->e9 > 0;
}

static bool adjust_prices(const struct td_bartape_factor *f, struct td_bar *b)
{
    return adjust_price(f, &b->open) && adjust_price(f, &b->high) && adjust_price(f, &b->low) &&
           adjust_price(f, &b->close);
}

static bool adjust(const struct td_bartape *t, struct td_bar *b)
{
    const struct td_bartape_factor *f = factor_of(t, t->day);
    if (!f)
        return true;
    return adjust_prices(f, b) &&
           td_i64_muldiv(b->volume.e9, TD_E9, f->split_e9, &b->volume.e9) == TD_OK;
}

/* --- a bar as events --- */

static struct td_event *push(struct td_bartape *t, td_ns at, enum td_event_kind kind)
{
    TD_REQUIRE(t->count < TD_COUNT(t->queue));
    struct td_event *ev = &t->queue[t->count++];
    *ev = (struct td_event){.venue_ns = at, .inst = t->config->inst, .kind = (uint8_t)kind};
    return ev;
}

static void push_status(struct td_bartape *t, td_ns at, enum td_status status)
{
    push(t, at, TD_EV_STATUS)->status = (uint8_t)status;
}

static td_qty size_at(td_ns at)
{
    return TD_QTY(QUOTE_SIZE + at / TD_SEC % QUOTE_SIZES);
}

static td_px price_at(const struct td_bar *b, int quarter, bool up)
{
    const td_px px[4] = {b->open, up ? b->low : b->high, up ? b->high : b->low, b->close};
    return px[quarter];
}

static void push_quote(struct td_bartape *t, td_ns at, td_px px)
{
    const td_qty size = size_at(at);
    struct td_event *ev = push(t, at, TD_EV_QUOTE);
    ev->generated = true;
    ev->quote = (struct td_quote){{px.e9 - t->tick.e9}, {px.e9 + t->tick.e9}, size, size};
}

/* False: at this quarter the quote bar says nothing. */
static bool push_recorded(struct td_bartape *t, td_ns at, const struct td_lean_row *q, int quarter,
                          bool up)
{
    const td_px bid = price_at(&q->bid_bar, quarter, up), ask = price_at(&q->ask_bar, quarter, up);
    if (bid.e9 > ask.e9)
        return false;
    push(t, at, TD_EV_QUOTE)->quote =
        (struct td_quote){bid, ask, q->quote.bid_qty, q->quote.ask_qty};
    return true;
}

/* `q` is its quote bar, or NULL. */
static void push_bar(struct td_bartape *t, td_ns begin, const struct td_bar *b,
                     const struct td_lean_row *q)
{
    const bool up = b->close.e9 >= b->open.e9;
    const int64_t part = b->volume.e9 / 4 / TD_E9 * TD_E9;
    for (int i = 0; i < 4; i++) {
        const td_ns at = begin + b->span * i / 4;
        const int64_t qty_e9 = i < 3 ? part : b->volume.e9 - 3 * part;
        if (!q || !push_recorded(t, at, q, i, up))
            push_quote(t, at, price_at(b, i, up));
        if (i == 0) /* behind its quote: the exchange fills at it */
            push(t, at, TD_EV_BAR)->bar = *b;
        if (qty_e9 > 0)
            push(t, at, TD_EV_TRADE)->trade =
                (struct td_trade){.px = price_at(b, i, up), .qty = {qty_e9}, .aggressor = 2};
    }
}

/* --- days --- */

static enum td_err damaged(const struct td_bartape *t, struct td_fail *why)
{
    return td_fail_set(why, TD_EPARSE, "lean: %s, line %lld: not a bar",
                       t->config->row->inst.symbol, (long long)t->reader.line);
}

static bool is_bar(const struct td_bar *b)
{
    return !td_px_is_none(b->open) && !td_px_is_none(b->high) && !td_px_is_none(b->low) &&
           !td_px_is_none(b->close) && b->low.e9 <= b->open.e9 && b->low.e9 <= b->close.e9 &&
           b->high.e9 >= b->open.e9 && b->high.e9 >= b->close.e9;
}

/* Their file, where the day has one. */
static enum td_err open_quotes(struct td_bartape *t, struct td_fail *why)
{
    struct td_lean_file file = t->file;
    file.kind = TD_LEAN_QUOTES;
    t->ahead.at = 0;
    t->quoting = false;
    if (!td_lean_exists(t->world, &file))
        return TD_OK;
    const enum td_err err =
        td_lean_open(&t->quotes, &file, t->world, t->arena, &t->config->daytime, why);
    t->quoting = err == TD_OK;
    return err;
}

static bool has_both_sides(const struct td_lean_row *q)
{
    return is_bar(&q->bid_bar) && is_bar(&q->ask_bar);
}

/* The quote bar that begins at `at`, adjusted, into *out; NULL: there is none. */
static enum td_err find_quote(struct td_bartape *t, td_ns at, const struct td_lean_row **out,
                              struct td_fail *why)
{
    const struct td_bartape_factor *f = factor_of(t, t->day);
    *out = NULL;
    while (t->quoting && t->ahead.at < at) {
        const enum td_err err = td_lean_next(&t->quotes, &t->ahead);
        if (err == TD_EPARSE)
            return td_fail_set(why, err, "lean: %s, line %lld: not a quote bar",
                               t->config->row->inst.symbol, (long long)t->quotes.line);
        t->quoting = err == TD_OK;
    }
    if (t->ahead.at != at || !has_both_sides(&t->ahead))
        return TD_OK;
    if (!f || (adjust_prices(f, &t->ahead.bid_bar) && adjust_prices(f, &t->ahead.ask_bar)))
        *out = &t->ahead;
    return TD_OK;
}

static void begin_day(struct td_bartape *t, int64_t day)
{
    t->day = day;
    t->hours = td_source_hours(t->config, day);
    t->open = true;
    t->beat = t->flat = TD_NS_NEVER;
    push_status(t, t->hours.open, TD_STATUS_OPEN);
}

static void end_day(struct td_bartape *t)
{
    t->open = false;
    push_status(t, t->hours.close, TD_STATUS_CLOSED);
}

/* Opens the file of the next recorded day. The daily file holds all days and is opened once. */
static enum td_err next_file(struct td_bartape *t, struct td_fail *why)
{
    int64_t day = t->day + 1;
    if (t->plan.resolution == TD_LEAN_DAILY)
        return TD_ENODATA;
    if (!td_lean_next_day(t->world, &t->file, day, &day) || day > t->plan.last)
        return TD_ENODATA;
    t->arena->used = t->kept;
    t->file.day = day;
    begin_day(t, day);
    t->reading = true;
    const enum td_err err =
        td_lean_open(&t->reader, &t->file, t->world, t->arena, &t->config->daytime, why);
    return err ? err : open_quotes(t, why);
}

/* True when the row plays: a daily one begins its day and takes its hours. */
static bool take_row(struct td_bartape *t, struct td_lean_row *row)
{
    if (t->plan.resolution != TD_LEAN_DAILY)
        return row->at >= t->hours.open && row->at < t->hours.close;
    const int64_t day = td_daytime_day(&t->config->daytime, row->at);
    if (day < t->plan.first || day > t->plan.last)
        return false;
    begin_day(t, day);
    row->at = t->hours.open;
    row->bar.span = t->hours.close - t->hours.open;
    return true;
}

/* Fills the queue with what comes next. TD_ENODATA: nothing does. */
static enum td_err refill(struct td_bartape *t, struct td_fail *why)
{
    struct td_lean_row row;
    const struct td_lean_row *quote;
    t->at = t->count = 0;
    while (!t->count) {
        if (t->plan.resolution == TD_LEAN_DAILY && t->open) {
            end_day(t);
            return TD_OK;
        }
        enum td_err err = t->reading ? td_lean_next(&t->reader, &row) : TD_ENODATA;
        if (err == TD_ENODATA && t->open) {
            t->reading = false;
            end_day(t);
            return TD_OK;
        }
        if (err == TD_ENODATA) {
            err = next_file(t, why);
            if (err)
                return err;
            return TD_OK;
        }
        if (err)
            return damaged(t, why);
        if (!take_row(t, &row))
            continue;
        if (!adjust(t, &row.bar) || !is_bar(&row.bar))
            return damaged(t, why);
        err = find_quote(t, row.at, &quote, why);
        if (err)
            return err;
        push_bar(t, row.at, &row.bar, quote);
    }
    return TD_OK;
}

static td_px tick_of(const struct td_bartape *t)
{
    const td_px tick = t->config->row->inst.min_tick;
    return td_bartape_adjusted(t) || tick.e9 <= 0 ? (td_px){FINE} : tick;
}

enum td_err td_bartape_open(struct td_bartape *t, const struct td_source_config *config,
                            const struct td_lean_file *file, struct td_world *world,
                            struct td_arena *arena, struct td_fail *why)
{
    memset(t, 0, sizeof *t);
    t->plan = *config->bars;
    t->config = config;
    t->file = *file;
    t->file.kind = TD_LEAN_TRADES;
    t->file.resolution = t->plan.resolution;
    t->world = world;
    t->arena = arena;
    t->day = t->plan.first - 1;
    t->beat = t->flat = TD_NS_NEVER;
    enum td_err err = read_factors(t, why);
    t->tick = tick_of(t);
    t->kept = arena->used;
    if (!err && t->plan.resolution == TD_LEAN_DAILY) {
        err = td_lean_open(&t->reader, &t->file, world, arena, &config->daytime, why);
        t->reading = err == TD_OK;
    }
    if (!err)
        err = refill(t, why);
    if (err == TD_ENODATA || err == TD_ENOENT)
        return td_fail_set(why, TD_ENODATA, "%s: no bars of these days", config->row->inst.symbol);
    return err;
}

/* The quote again, its sizes other ones, as long as nothing else comes. */
static void tell_again(struct td_bartape *t, struct td_event *out)
{
    *out = (struct td_event){.venue_ns = t->beat,
                             .inst = t->config->inst,
                             .kind = TD_EV_QUOTE,
                             .generated = true,
                             .quote = t->quote};
    out->quote.bid_qty = out->quote.ask_qty = size_at(t->beat);
    t->beat += BEAT;
}

/* A bar without trades is one print of nothing at the last price. */
static void fill_forward(struct td_bartape *t, struct td_event *out)
{
    *out = (struct td_event){.venue_ns = t->flat,
                             .inst = t->config->inst,
                             .kind = TD_EV_TRADE,
                             .generated = true,
                             .trade = {.px = t->last, .aggressor = 2}};
    t->flat += t->plan.resolution == TD_LEAN_SECOND ? TD_SEC : TD_MIN;
}

/* What comes while the files say nothing. */
static bool idles(struct td_bartape *t, const struct td_event *next, struct td_event *out)
{
    const td_ns until = next->venue_ns < t->hours.close ? next->venue_ns : t->hours.close;
    if (t->flat < until && t->flat <= t->beat)
        fill_forward(t, out);
    else if (t->beat < until)
        tell_again(t, out);
    else
        return false;
    return true;
}

static void remember(struct td_bartape *t, const struct td_event *ev)
{
    if (ev->kind == TD_EV_QUOTE) {
        t->quote = ev->quote;
        t->beat = ev->venue_ns + BEAT;
    }
    if (ev->kind == TD_EV_BAR && t->plan.fill_forward && t->plan.resolution != TD_LEAN_DAILY) {
        t->flat = ev->venue_ns + ev->bar.span;
        t->last = ev->bar.close;
    }
}

enum td_err td_bartape_next(struct td_bartape *t, struct td_event *out, struct td_fail *why)
{
    if (t->at == t->count) {
        const enum td_err err = refill(t, why);
        if (err)
            return err;
    }
    if (idles(t, &t->queue[t->at], out))
        return TD_OK;
    *out = t->queue[t->at++];
    remember(t, out);
    return TD_OK;
}
