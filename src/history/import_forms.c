/* history/import_forms.c - places of results, workbooks, CSV and LEAN archives, and the table of forms. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "history/import_inner.h"
#include "sim/lean.h"
#include "store/bars_file.h"
#include "store/table_parquet.h"

#define LEAN_BYTES ((size_t)128 << 20)

bool td_import_ends(const char *text, const char *tail)
{
    const size_t n = strlen(text), m = strlen(tail);
    if (n < m)
        return false;
    for (size_t i = 0; i < m; i++) {
        const char c = text[n - m + i];
        if ((c >= 'A' && c <= 'Z' ? (char)(c + 32) : c) != tail[i])
            return false;
    }
    return true;
}

/* ---- placing ---- */

static enum td_err refuse(const struct td_import_item *it, uint32_t other, struct td_fail *why)
{
    return td_fail_set(why, TD_EEXIST, "%s: leads to the same file as %s: %s", it->path,
                       it->im->files[other].path, it->place);
}

enum td_err td_import_claim(struct td_import_item *it, bool shared, struct td_fail *why)
{
    char day[16], part[TD_PATH_MAX + 20];
    struct td_importer *im = it->im;
    uint32_t other = 0;
    const uint64_t key = td_hash_bytes(it->place, strlen(it->place));
    const bool taken = td_map_get(&im->places, key, &other);
    if (taken && !(shared && im->files[other].shared))
        return refuse(it, other, why);
    it->owner = taken ? other : it->number;
    im->files[it->number].shared = shared;
    enum td_err err = taken ? TD_OK : td_map_put(&im->places, key, it->number);
    if (err || !shared)
        return err;
    (void)td_date_print(it->name.day, day);
    const int len = snprintf(part, sizeof part, "%s %s", it->place, day);
    const uint64_t part_key = td_hash_bytes(part, (size_t)len);
    if (td_map_get(&im->places, part_key, &other))
        return refuse(it, other, why);
    return td_map_put(&im->places, part_key, it->number);
}

enum td_err td_import_place_series(struct td_import_item *it, bool shared, struct td_fail *why)
{
    const struct td_import_options *o = it->im->o;
    if (o->symbol)
        (void)snprintf(it->name.symbol, sizeof it->name.symbol, "%s", o->symbol);
    if (o->bar_size)
        it->name.bar_size = o->bar_size;
    if (!it->name.symbol[0])
        return td_fail_set(why, TD_EPARSE,
                           "%s: no symbol at the begin of its name (AAPL_...); --symbol says it",
                           it->path);
    if (!it->name.bar_size)
        return td_fail_set(why, TD_EPARSE,
                           "%s: no bar size in its name (1 min, 1 hour, ...); --bar-size says it",
                           it->path);
    if (!td_import_place(&it->name, it->place, sizeof it->place))
        return td_fail_set(why, TD_EINVAL, "%s: its name is too long", it->path);
    return td_import_claim(it, shared && td_import_is_monthly(&it->name), why);
}

/* <kind>_<stamp>, with a number when several lists of a kind are imported at once. */
enum td_err td_import_place_list(struct td_import_item *it, struct td_fail *why)
{
    struct td_fail taken;
    for (int n = 1; n < 1000; n++) {
        const char *kind = it->name.kind;
        if (n == 1)
            (void)snprintf(it->place, sizeof it->place, "metadata_tables/%s_%s.parquet", kind,
                           it->im->stamp);
        else
            (void)snprintf(it->place, sizeof it->place, "metadata_tables/%s_%s_%d.parquet", kind,
                           it->im->stamp, n);
        if (td_import_claim(it, false, &taken) == TD_OK)
            return TD_OK;
    }
    return td_fail_set(why, TD_EFULL, "%s: more lists of a kind than are possible", it->path);
}

enum td_err td_import_prepare(struct td_import_item *it, struct td_fail *why)
{
    char folder[TD_PATH_MAX];
    if (!td_path_join(it->dest, sizeof it->dest, it->im->o->root, it->place))
        return td_fail_set(why, TD_EINVAL, "%s: its name is too long", it->path);
    td_path_folder(it->dest, folder, sizeof folder);
    const enum td_err err = td_folder_make(it->im->world, folder);
    return err ? td_fail_set(why, err, "%s: %s", folder, td_err_text(err)) : TD_OK;
}

/* ---- forms ---- */

static enum td_err import_table(struct td_import_item *it, struct td_fail *why)
{
    struct td_importer *im = it->im;
    struct td_table table = {0};
    struct td_table_parquet made = {0};
    const struct td_table_options o = {.sheet = im->o->sheet};
    enum td_err err = td_table_load(&table, im->world, it->path, &o, why);
    if (!err)
        err =
            it->name.kind ? td_import_place_list(it, why) : td_import_place_series(it, false, why);
    if (!err && table.rows < 2)
        err = td_fail_set(why, TD_EPARSE, "%s: no rows below the names of the columns", it->path);
    if (!err)
        it->rows = table.rows - 1;
    if (!err && !im->o->dry_run) {
        err = td_import_prepare(it, why);
        if (!err) {
            err = td_table_write_parquet(&table, im->world, it->dest, it->path, &made, why);
            if (err)
                (void)td_fail_add(why, err, "%s", it->path);
        }
    }
    im->report->error_cells += made.errors;
    im->report->uncached += err ? 0 : table.uncached;
    td_table_fini(&table);
    return err;
}

/* Root, resolution, symbol and day of a path of a LEAN folder; false: not bars of a US equity. */
static bool lean_place(const char *path, struct td_lean_file *f, char *root, char *symbol)
{
    static const char *const folders[] = {"/minute/", "/second/", "/daily/"};
    static const uint8_t resolutions[] = {TD_LEAN_MINUTE, TD_LEAN_SECOND, TD_LEAN_DAILY};
    const char *at = strstr(path, "/equity/usa/");
    const size_t skip = strlen("/equity/usa");
    for (size_t i = 0; at && i < TD_COUNT(folders); i++) {
        if (strncmp(at + skip, folders[i], strlen(folders[i])) != 0)
            continue;
        struct td_str rest = td_str_of(at + skip + strlen(folders[i])), part;
        const bool daily = resolutions[i] == TD_LEAN_DAILY;
        if (!td_str_split(&rest, daily ? '.' : '/', &part) || part.len == 0 || part.len > 7)
            return false;
        (void)td_str_copy(part, symbol, 8);
        (void)td_str_copy((struct td_str){path, (size_t)(at - path)}, root, TD_PATH_MAX);
        *f = (struct td_lean_file){
            .root = root, .symbol = symbol, .resolution = resolutions[i], .kind = TD_LEAN_TRADES};
        return daily ? td_str_is(rest, "zip")
                     : rest.len == 18 && td_date_parse(rest.p, 8, &f->day) == TD_OK &&
                           memcmp(rest.p + 8, "_trade.zip", 10) == 0;
    }
    return false;
}

static enum td_err read_lean(struct td_import_item *it, const struct td_lean_file *f,
                             struct td_arena *arena, struct td_bar_row *rows, struct td_fail *why)
{
    static const int64_t wall_clock = 0; /* times stay those of the exchange's clock */
    const struct td_daytime daytime = {td_daytime_fixed, &wall_clock};
    struct td_lean lean;
    struct td_lean_row row;
    enum td_err err = td_lean_open(&lean, f, it->im->world, arena, &daytime, why);
    if (err)
        return err;
    while ((err = td_lean_next(&lean, &row)) == TD_OK) {
        if (it->rows == IMPORT_BARS_MAX)
            return td_fail_set(why, TD_ERANGE, "%s: more than %zu bars", it->path, IMPORT_BARS_MAX);
        rows[it->rows++] = (struct td_bar_row){row.at, row.bar};
    }
    if (err != TD_ENODATA)
        return td_fail_set(why, err, "%s: line %lld is no bar", it->path, (long long)lean.line);
    return it->rows ? TD_OK : td_fail_set(why, TD_EPARSE, "%s: no bars", it->path);
}

static enum td_err import_lean(struct td_import_item *it, struct td_fail *why)
{
    static const char *const words[] = {
        [TD_LEAN_SECOND] = "1 sec", [TD_LEAN_MINUTE] = "1 min", [TD_LEAN_DAILY] = "1 day"};
    char root[TD_PATH_MAX], symbol[8];
    struct td_lean_file f;
    struct td_arena arena;
    if (!lean_place(it->path, &f, root, symbol))
        return TD_ENODATA; /* ticks, quotes and other markets are no bars: skipped */
    it->name = (struct td_import_name){.bar_size = words[f.resolution],
                                       .day = f.resolution == TD_LEAN_DAILY ? INT64_MIN : f.day};
    for (size_t i = 0; symbol[i]; i++)
        it->name.symbol[i] =
            symbol[i] >= 'a' && symbol[i] <= 'z' ? (char)(symbol[i] - 32) : symbol[i];
    void *block = malloc(LEAN_BYTES);
    struct td_bar_row *rows = malloc(IMPORT_BARS_MAX * sizeof *rows);
    enum td_err err = block && rows ? TD_OK : td_fail_set(why, TD_ENOMEM, "out of memory");
    if (!err) {
        td_arena_init(&arena, block, LEAN_BYTES);
        err = read_lean(it, &f, &arena, rows, why);
    }
    if (!err && !td_import_place(&it->name, it->place, sizeof it->place))
        err = TD_EINVAL;
    if (!err)
        err = td_import_claim(it, false, why);
    if (!err && !it->im->o->dry_run)
        err = td_import_prepare(it, why);
    if (!err && !it->im->o->dry_run)
        err = td_bars_write_parquet(it->im->world, it->dest, rows, it->rows, why);
    free(rows);
    free(block);
    return err;
}

static enum td_err skip_parquet(struct td_import_item *it, struct td_fail *why)
{
    (void)it;
    (void)why;
    return TD_ENODATA; /* where and as what it lies is for whoever wrote it to say */
}

/* Tables of a LEAN folder that are no series: splits, names, fundamentals (market/factors.h reads the first two). */
static bool is_lean_table(const char *path)
{
    static const char *const folders[] = {"/factor_files/", "/map_files/", "/fundamental/",
                                          "/universes/"};
    for (size_t i = 0; i < TD_COUNT(folders); i++)
        if (strstr(path, folders[i]))
            return true;
    return false;
}

static enum td_err import_any_table(struct td_import_item *it, struct td_fail *why)
{
    return is_lean_table(it->path) ? TD_ENODATA : import_table(it, why);
}

/* The last row takes the rest: what td_table_load cannot read it refuses by name. */
static const struct form {
    const char *magic, *ending;
    td_import_form *import;
} forms[] = {
    {"xlsx", ".zip", import_lean},
    {"feather", NULL, td_import_columns},
    {"parquet", ".ftr", td_import_columns}, /* the old fetcher wrote Parquet under that name */
    {"parquet", ".feather", td_import_columns},
    {"parquet", NULL, skip_parquet},
    {NULL, NULL, import_any_table},
};

td_import_form *td_import_form_of(const char *magic, const char *path)
{
    const struct form *f = forms;
    while (f->magic &&
           (strcmp(f->magic, magic) != 0 || (f->ending && !td_import_ends(path, f->ending))))
        f++;
    return f->import;
}
