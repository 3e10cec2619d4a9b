/* cmd/query.c - one question in SQL to recordings, bars and orders. */
#include <stdio.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/option_rows.h"
#include "history/duck_views.h"

#define TABLE_ROWS  256 /* that decide how wide the columns of a table are */
#define TABLE_BYTES (1 << 20)
#define WIDTH_MAX   48

struct args {
    const char *data, *live;
    int64_t limit;
    bool json, csv;
};

const struct td_opt cmd_query_options[] = {
    TD_OPTION_JSON("an array of objects, one a line"),
    {.name = "csv",
     .type = TD_OPT_FLAG,
     .into = offsetof(struct args, csv),
     .help = "CSV with a line of names; NULL is an empty field"},
    TD_OPTION_LIMIT("at most so many rows; 0 is all"),
    TD_OPTION_DATA_ROOT,
    {.name = "live",
     .preset = "./data/level2",
     .type = TD_OPT_PATH,
     .into = offsetof(struct args, live),
     .help = "folder of recordings, as --output of record"},
    {0},
};
_Static_assert(sizeof(struct args) <= TD_CMD_ARGS_MAX, "arguments fit");

struct printing {
    const struct args *args;
    struct td_text out; /* printed when it is nearly full */
    int64_t rows;
    size_t columns;
    bool gone; /* nobody reads on */
    /* a table: the first rows wait until the widths are known */
    char *kept; /* cells one behind the other, each with a NUL */
    size_t kept_len;
    size_t kept_cells;
    size_t width[TD_DUCK_COLUMNS_MAX];
    bool flowing;
};

static char out_buf[1 << 20], kept_buf[TABLE_BYTES];

/* Prints what has come together. */
static bool flush(struct printing *p)
{
    p->gone = p->gone || (p->out.len > 0 && !td_cmd_print(&p->out));
    td_text_reset(&p->out);
    return !p->gone;
}

/* Text of any length: the part that does not fit the buffer goes out in pieces. */
static void put(struct printing *p, struct td_str s)
{
    while (s.len > 0 && !p->gone) {
        const size_t room = p->out.cap - 1 - p->out.len;
        const size_t n = s.len < room ? s.len : room;
        td_text_str(&p->out, (struct td_str){s.p, n});
        s = (struct td_str){s.p + n, s.len - n};
        if (s.len > 0)
            (void)flush(p);
    }
}

static void put_char(struct printing *p, char c)
{
    put(p, (struct td_str){&c, 1});
}

/* ---- JSON ---- */

/* NaN and Infinity, which the library writes and JSON does not know, are null. */
static void put_json(struct printing *p, struct td_str s)
{
    static const char *const words[] = {"NaN", "Infinity", "-NaN", "-Infinity"};
    bool in_text = false;
    size_t from = 0;
    for (size_t i = 0; i < s.len; i++) {
        const struct td_str rest = {s.p + i, s.len - i};
        if (in_text && s.p[i] == '\\')
            i++;
        else if (s.p[i] == '"')
            in_text = !in_text;
        for (size_t w = 0; !in_text && w < TD_COUNT(words) && i < s.len; w++)
            if (td_str_starts(rest, words[w])) {
                put(p, (struct td_str){s.p + from, i - from});
                put(p, td_str_of("null"));
                i += strlen(words[w]) - 1;
                from = i + 1;
                break;
            }
    }
    put(p, (struct td_str){s.p + from, s.len - from});
}

/* ---- CSV ---- */

static void put_field(struct printing *p, struct td_str s)
{
    bool quoted = s.p && s.len == 0; /* an empty text is no NULL */
    for (size_t i = 0; i < s.len; i++)
        quoted |= s.p[i] == '"' || s.p[i] == ',' || s.p[i] == '\n' || s.p[i] == '\r';
    if (!quoted) {
        put(p, s);
        return;
    }
    put_char(p, '"');
    for (size_t i = 0; i < s.len; i++) {
        if (s.p[i] == '"')
            put_char(p, '"');
        put_char(p, s.p[i]);
    }
    put_char(p, '"');
}

static void put_fields(struct printing *p, const struct td_str *cells, size_t count)
{
    for (size_t c = 0; c < count; c++) {
        if (c)
            put_char(p, ',');
        put_field(p, cells[c]);
    }
    put_char(p, '\n');
}

/* ---- table ---- */

/* Characters of UTF-8, for the widths. */
static size_t letters(struct td_str s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.len; i++)
        n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
    return n;
}

static void put_cells(struct printing *p, const struct td_str *cells, size_t count)
{
    for (size_t c = 0; c < count; c++) {
        put(p, cells[c]);
        const size_t n = letters(cells[c]);
        for (size_t i = n; c + 1 < count && i < p->width[c] + 2; i++)
            put_char(p, ' ');
        if (c + 1 < count && n >= p->width[c] + 2)
            put_char(p, ' ');
    }
    put_char(p, '\n');
}

/* The rows that waited, under their names. */
static void let_flow(struct printing *p)
{
    struct td_str cells[TD_DUCK_COLUMNS_MAX];
    const char *at = p->kept;
    p->flowing = true;
    for (size_t i = 0; i < p->kept_cells; i++) {
        cells[i % p->columns] = td_str_of(at);
        at += strlen(at) + 1;
        if ((i + 1) % p->columns == 0)
            put_cells(p, cells, p->columns);
    }
}

static void add_table(struct printing *p, const struct td_str *cells, size_t count)
{
    size_t need = 0;
    for (size_t c = 0; c < count; c++)
        need += cells[c].len + 1;
    if (!p->flowing && (p->rows > TABLE_ROWS || need > TABLE_BYTES - p->kept_len))
        let_flow(p);
    if (p->flowing) {
        put_cells(p, cells, count);
        return;
    }
    for (size_t c = 0; c < count; c++) {
        const size_t n = letters(cells[c]);
        const size_t width = n < WIDTH_MAX ? n : WIDTH_MAX;
        p->width[c] = width > p->width[c] ? width : p->width[c];
        for (size_t i = 0; i < cells[c].len; i++) /* a line stays one */
            p->kept[p->kept_len++] =
                cells[c].p[i] == '\n' || cells[c].p[i] == '\0' ? ' ' : cells[c].p[i];
        p->kept[p->kept_len++] = '\0';
    }
    p->kept_cells += count;
}

/* ---- the answer ---- */

static bool take_names(void *arg, const struct td_str *names, size_t count)
{
    struct printing *p = arg;
    p->columns = count;
    if (p->args->csv)
        put_fields(p, names, count);
    else if (p->args->json)
        put_char(p, '[');
    else
        add_table(p, names, count);
    return !p->gone;
}

static bool take_row(void *arg, const struct td_str *cells, size_t count)
{
    struct printing *p = arg;
    if (p->args->limit > 0 && p->rows == p->args->limit)
        return false;
    p->rows++;
    if (p->args->csv) {
        put_fields(p, cells, count);
    } else if (p->args->json) {
        put(p, td_str_of(p->rows > 1 ? ",\n " : "\n "));
        put_json(p, cells[0]);
    } else {
        add_table(p, cells, count);
    }
    return !p->gone;
}

static void put_end(struct printing *p)
{
    if (p->args->json)
        put(p, td_str_of(p->rows ? "\n]\n" : "]\n"));
    else if (!p->args->csv && !p->flowing)
        let_flow(p);
}

static enum td_err ask(const struct td_run *run, const struct args *a, struct printing *p,
                       const char *sql, struct td_fail *why)
{
    const struct td_settings *s = run->settings;
    const struct td_datapath paths = td_cmd_paths(run);
    char orders[1100], temp[1100];
    struct td_duck *d;
    const struct td_duck_sink sink = {take_names, take_row, p};
    (void)snprintf(orders, sizeof orders, "%s/orders.db", s->state_path);
    (void)snprintf(temp, sizeof temp, "%s/query-tmp", s->state_path);
    const struct td_duck_config config = {.library = s->duckdb_library,
                                          .program = run->program,
                                          .memory_mb = s->duckdb_memory_mb,
                                          .temp = temp};
    const struct td_duck_places places = {td_datapath_root(&paths, a->data), a->live, orders};
    enum td_err err = td_duck_open(&d, &config, why);
    if (err)
        return err;
    err = td_duck_views(d, run->world, &places, sql, why);
    if (!err)
        err = td_duck_lock(d, why);
    if (!err)
        err = td_duck_select(d, sql, a->json ? TD_DUCK_JSON : TD_DUCK_TEXT, &sink, why);
    if (err && why->code == TD_EINVAL && strstr(why->text, "does not exist") &&
        td_entry_at(run->world, orders) != TD_ENTRY_FILE)
        (void)td_fail_add(why, err, "%s is not there, so no orders are known", orders);
    td_duck_close(d);
    return err;
}

int cmd_query(struct td_run *run, void *args)
{
    static struct printing p;
    const struct args *a = args;
    struct td_fail why = {0};
    p = (struct printing){.args = a, .kept = kept_buf};
    td_text_init(&p.out, out_buf, sizeof out_buf);
    if (run->operands->count != 1 || (a->json && a->csv)) {
        (void)td_fail_set(&why, TD_EINVAL,
                          run->operands->count != 1 ? "one statement in quotes is meant, e.g. "
                                                      "\"SELECT count(*) FROM levels\""
                                                    : "--json or --csv, not both");
        return td_cmd_fail(run, &why);
    }
    const enum td_err err = ask(run, a, &p, run->operands->items[0], &why);
    if (err) {
        (void)flush(&p);
        return td_cmd_fail(run, &why);
    }
    put_end(&p);
    return flush(&p) ? 0 : 1;
}
