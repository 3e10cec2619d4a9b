/* sim/lean.c - LEAN zip archives and their CSV lines. */
#include "sim/lean.h"

#include <string.h>

#ifdef TD_WITH_ZIP
#include <zip.h>
#endif

static const char *const resolution_names[TD_LEAN_RESOLUTIONS] = {"tick", "second", "minute",
                                                                  "daily"};

static void put_lower(struct td_text *t, const char *s)
{
    for (; *s; s++)
        td_text_char(t, *s >= 'A' && *s <= 'Z' ? (char)(*s + 32) : *s);
}

static void put_folder(struct td_text *t, const struct td_lean_file *file)
{
    td_text_put(t, file->root);
    td_text_put(t, file->market ? "/future/" : "/equity/usa/");
    if (file->market)
        td_text_printf(t, "%s/", file->market);
    td_text_put(t, resolution_names[file->resolution]);
    td_text_char(t, '/');
    put_lower(t, file->symbol);
}

bool td_lean_path(const struct td_lean_file *file, char *out, size_t cap)
{
    struct td_text t;
    char date[16];
    td_text_init(&t, out, cap);
    put_folder(&t, file);
    if (file->resolution == TD_LEAN_DAILY) {
        td_text_put(&t, ".zip");
    } else {
        (void)td_date_print_compact(file->day, date);
        td_text_printf(&t, "/%s_%s.zip", date, file->kind == TD_LEAN_TRADES ? "trade" : "quote");
    }
    return !td_text_full(&t);
}

bool td_lean_exists(struct td_world *world, const struct td_lean_file *file)
{
    char path[512];
    return td_lean_path(file, path, sizeof path) && td_entry_at(world, path) == TD_ENTRY_FILE;
}

struct search {
    int64_t from, best;
    const char *suffix;
};

static bool look_at(void *arg, const char *name, enum td_entry_kind kind)
{
    struct search *s = arg;
    int64_t day = 0;
    if (kind == TD_ENTRY_FILE && strlen(name) > 8 && strcmp(name + 8, s->suffix) == 0 &&
        td_date_parse(name, 8, &day) == TD_OK && day >= s->from && day < s->best)
        s->best = day;
    return true;
}

bool td_lean_next_day(struct td_world *world, const struct td_lean_file *file, int64_t from,
                      int64_t *day)
{
    char path[512];
    struct td_text t;
    struct search s = {from, INT64_MAX, file->kind == TD_LEAN_TRADES ? "_trade.zip" : "_quote.zip"};
    td_text_init(&t, path, sizeof path);
    put_folder(&t, file);
    if (td_text_full(&t) || td_folder_list(world, path, look_at, &s) != TD_OK ||
        s.best == INT64_MAX)
        return false;
    *day = s.best;
    return true;
}

/* Equity prices are in 1/10000 dollars, so one unit is 1e5 of 1e-9. */
void td_lean_open_text(struct td_lean *l, const struct td_lean_file *file, struct td_str text,
                       const struct td_daytime *daytime)
{
    *l = (struct td_lean){.rest = text,
                          .daytime = *daytime,
                          .day = file->day,
                          .scale = file->market ? TD_E9 : 100000};
    l->resolution = file->resolution;
    l->kind = file->kind;
    l->utc = file->market != NULL;
}

#ifdef TD_WITH_ZIP
/* The entry for an expiry ("..._201312.csv"); without one the largest, which is the active contract. */
static zip_int64_t pick_entry(zip_t *zip, const struct td_lean_file *file, zip_uint64_t *size)
{
    zip_int64_t best = -1;
    *size = 0;
    for (zip_int64_t i = 0; i < zip_get_num_entries(zip, 0); i++) {
        zip_stat_t st;
        if (zip_stat_index(zip, (zip_uint64_t)i, 0, &st) != 0 || !(st.valid & ZIP_STAT_SIZE))
            continue;
        const bool asked = file->expiry && file->expiry[0];
        if (asked && (!(st.valid & ZIP_STAT_NAME) || !strstr(st.name, file->expiry)))
            continue;
        if (best < 0 || st.size > *size) {
            best = i;
            *size = st.size;
        }
    }
    return best;
}

static enum td_err unpack(zip_t *zip, const struct td_lean_file *file, struct td_arena *arena,
                          struct td_str *text, struct td_fail *why)
{
    zip_uint64_t size = 0;
    const zip_int64_t entry = pick_entry(zip, file, &size);
    if (entry < 0)
        return td_fail_set(why, TD_ENOENT, "lean: no such contract in the archive");
    char *out = size < SIZE_MAX / 2 ? td_arena_take(arena, size + 1, 1) : NULL;
    if (!out)
        return td_fail_set(why, TD_ENOMEM, "lean: %llu bytes do not fit", (unsigned long long)size);
    zip_file_t *f = zip_fopen_index(zip, (zip_uint64_t)entry, 0);
    if (!f)
        return td_fail_set(why, TD_EPARSE, "lean: the archive is damaged");
    const zip_int64_t got = zip_fread(f, out, size);
    const bool good = got >= 0 && (zip_uint64_t)got == size && zip_fclose(f) == 0;
    *text = (struct td_str){out, (size_t)size};
    return good ? TD_OK : td_fail_set(why, TD_EPARSE, "lean: the archive is damaged");
}

static enum td_err read_archive(const char *path, struct td_world *world, struct td_arena *arena,
                                struct td_str *bytes, struct td_fail *why)
{
    struct td_file file = {0};
    uint64_t size = 0;
    size_t got = 0;
    enum td_err err = td_file_open(world, path, TD_FILE_READ, &file, why);
    if (err != TD_OK)
        return err;
    err = td_file_size(world, file, &size);
    void *block = err == TD_OK && size < SIZE_MAX ? td_arena_take(arena, size, 1) : NULL;
    if (err == TD_OK && !block)
        err = TD_ENOMEM;
    if (err == TD_OK)
        err = td_file_read(world, file, 0, block, size, &got);
    td_file_close(world, file);
    *bytes = (struct td_str){block, got};
    return err == TD_OK ? TD_OK : td_fail_set(why, err, "lean: %s: cannot be read whole", path);
}

static enum td_err load(const struct td_lean_file *file, struct td_world *world,
                        struct td_arena *arena, struct td_str *text, struct td_fail *why)
{
    char path[512];
    struct td_str bytes;
    if (!td_lean_path(file, path, sizeof path))
        return td_fail_set(why, TD_EINVAL, "lean: the path is too long");
    enum td_err err = read_archive(path, world, arena, &bytes, why);
    if (err != TD_OK)
        return err;
    zip_error_t problem;
    zip_error_init(&problem);
    zip_source_t *source = zip_source_buffer_create(bytes.p, bytes.len, 0, &problem);
    zip_t *zip = source ? zip_open_from_source(source, ZIP_RDONLY, &problem) : NULL;
    zip_error_fini(&problem);
    if (!zip) {
        zip_source_free(source);
        return td_fail_set(why, TD_EPARSE, "lean: %s: not a zip archive", path);
    }
    err = unpack(zip, file, arena, text, why);
    zip_discard(zip);
    return err == TD_OK ? TD_OK : td_fail_add(why, err, "%s", path);
}
#else
static enum td_err load(const struct td_lean_file *file, struct td_world *world,
                        struct td_arena *arena, struct td_str *text, struct td_fail *why)
{
    (void)world;
    (void)arena;
    (void)text;
    return td_fail_set(why, TD_EUNSUP, "lean: %s: this build has no libzip; build with -DTD_ZIP=ON",
                       file->symbol);
}
#endif

enum td_err td_lean_open(struct td_lean *l, const struct td_lean_file *file, struct td_world *world,
                         struct td_arena *arena, const struct td_daytime *daytime,
                         struct td_fail *why)
{
    struct td_str text = {NULL, 0};
    const enum td_err err = load(file, world, arena, &text, why);
    if (err == TD_OK)
        td_lean_open_text(l, file, text, daytime);
    return err;
}

/* Decimal digits with an optional fraction, in the file's unit, as 1e-9. Empty or zero: absent. */
static bool read_price(struct td_str s, int64_t scale, td_px *out)
{
    int64_t v = 0;
    *out = TD_PX_NONE;
    if (s.len == 0)
        return true;
    if (td_e9_parse(s.p, s.len, &v) != TD_OK || v < 0)
        return false;
    if (scale != TD_E9 && td_i64_muldiv(v, scale, TD_E9, &v) != TD_OK)
        return false;
    if (v > 0)
        out->e9 = v;
    return true;
}

static bool read_qty(struct td_str s, td_qty *out)
{
    *out = TD_QTY(0);
    return s.len == 0 || (td_e9_parse(s.p, s.len, &out->e9) == TD_OK && out->e9 >= 0);
}

static bool read_bar(const struct td_lean *l, const struct td_str *f, td_ns span, struct td_bar *b)
{
    *b = (struct td_bar){.wap = TD_PX_NONE, .span = span, .count = -1};
    return read_price(f[0], l->scale, &b->open) && read_price(f[1], l->scale, &b->high) &&
           read_price(f[2], l->scale, &b->low) && read_price(f[3], l->scale, &b->close) &&
           read_qty(f[4], &b->volume);
}

static bool read_quote_ticks(const struct td_lean *l, const struct td_str *f, size_t n,
                             struct td_lean_row *row)
{
    return n >= 5 && read_price(f[1], l->scale, &row->quote.bid) &&
           read_qty(f[2], &row->quote.bid_qty) && read_price(f[3], l->scale, &row->quote.ask) &&
           read_qty(f[4], &row->quote.ask_qty);
}

static bool read_trade_tick(const struct td_lean *l, const struct td_str *f, size_t n,
                            struct td_lean_row *row)
{
    if (n < 4 || !read_price(f[1], l->scale, &row->trade.px) || !read_qty(f[2], &row->trade.qty))
        return false;
    (void)td_str_copy(f[3], row->trade.exchange, sizeof row->trade.exchange);
    row->trade.aggressor = 2;
    row->suspicious = n >= 6 && td_str_is(f[5], "1");
    row->trade.unreported = row->suspicious;
    return true;
}

static bool read_quote_bars(const struct td_lean *l, const struct td_str *f, size_t n, td_ns span,
                            struct td_lean_row *row)
{
    if (n < 11 || !read_bar(l, f + 1, span, &row->bid_bar) ||
        !read_bar(l, f + 6, span, &row->ask_bar))
        return false;
    row->quote = (struct td_quote){row->bid_bar.close, row->ask_bar.close, row->bid_bar.volume,
                                   row->ask_bar.volume};
    return true;
}

static bool read_time(const struct td_lean *l, struct td_str f, td_ns *at)
{
    int64_t ms = 0;
    if (l->resolution == TD_LEAN_DAILY) {
        int64_t day = 0;
        if (f.len < 8 || td_date_parse(f.p, 8, &day) != TD_OK)
            return false;
        *at = l->daytime.at(l->daytime.zone, day, 0);
        return true;
    }
    /* A tick may carry a fraction of a millisecond. */
    if (td_e9_parse(f.p, f.len, &ms) != TD_OK || ms < 0 || ms > INT64_C(86400000) * TD_E9)
        return false;
    const td_ns whole = l->utc ? l->day * TD_DAY + ms / TD_E9 * TD_MS
                               : l->daytime.at(l->daytime.zone, l->day, ms / TD_E9);
    *at = whole + ms % TD_E9 / 1000;
    return true;
}

static bool read_line(const struct td_lean *l, struct td_str line, struct td_lean_row *row)
{
    static const td_ns spans[TD_LEAN_RESOLUTIONS] = {0, TD_SEC, TD_MIN, TD_DAY};
    struct td_str f[12];
    size_t n = 0;
    *row = (struct td_lean_row){0};
    while (n < TD_COUNT(f) && td_str_split(&line, ',', &f[n]))
        n++;
    if (n < 2 || !read_time(l, f[0], &row->at))
        return false;
    if (l->resolution == TD_LEAN_TICK)
        return l->kind == TD_LEAN_TRADES ? read_trade_tick(l, f, n, row)
                                         : read_quote_ticks(l, f, n, row);
    if (l->kind == TD_LEAN_TRADES)
        return n >= 6 && read_bar(l, f + 1, spans[l->resolution], &row->bar);
    return read_quote_bars(l, f, n, spans[l->resolution], row);
}

enum td_err td_lean_next(struct td_lean *l, struct td_lean_row *out)
{
    struct td_str line = {NULL, 0};
    do {
        if (l->rest.len == 0 || !td_str_split(&l->rest, '\n', &line))
            return TD_ENODATA;
        l->line++;
        line = td_str_trim(line);
    } while (line.len == 0);
    return read_line(l, line, out) ? TD_OK : TD_EPARSE;
}
