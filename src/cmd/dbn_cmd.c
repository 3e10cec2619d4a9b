/* cmd/dbn_cmd.c - Databento files: what is in them, their records in words, and as Parquet or CSV. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/option_rows.h"
#include "cmd/dbn_info.h"
#include "store/dbn_export.h"
#include "sys/terminal.h"
#include "wire/dbn_upgrade.h"

#define PROGRESS_MASK 0x3ffffu
#define PRINT_AT      (TD_DBN_LINE_MAX * 2) /* free bytes below which the text is printed */

struct args {
    const char *schema, *symbol, *out, *to, *prices;
    int64_t limit;
    bool json, mappings, upgrade, force;
};

const struct td_opt cmd_dbn_options[] = {
    TD_OPTION_JSON("info, convert: one object; cat: one object a line"),
    {.name = "mappings",
     .type = TD_OPT_FLAG,
     .into = offsetof(struct args, mappings),
     .help =
         "info --json: which symbol was which instrument on which days, instead of their number"},
    TD_OPTION_LIMIT("cat, convert: at most so many records; 0 is all"),
    {.name = "schema",
     .type = TD_OPT_STR,
     .into = offsetof(struct args, schema),
     .help = "cat, convert: only records of this schema, e.g. mbo"},
    {.name = "symbol",
     .letter = 's',
     .type = TD_OPT_STR,
     .into = offsetof(struct args, symbol),
     .help = "cat, convert: only these symbols or instrument numbers, e.g. ESH4,NQH4"},
    {.name = "upgrade",
     .type = TD_OPT_FLAG,
     .into = offsetof(struct args, upgrade),
     .help = "cat: old records in the form of version 3, as convert does"},
    {.name = "to",
     .type = TD_OPT_STR,
     .choices = "parquet|csv",
     .into = offsetof(struct args, to),
     .help = "convert: form of the file; else by the name of --out, else parquet"},
    {.name = "out",
     .letter = 'o',
     .type = TD_OPT_PATH,
     .into = offsetof(struct args, out),
     .help = "convert: the file; else the input's name in this folder"},
    {.name = "prices",
     .preset = "double",
     .type = TD_OPT_STR,
     .choices = "double|fixed",
     .into = offsetof(struct args, prices),
     .help = "convert to Parquet: fixed is INT64 in units of 1e-9, exact"},
    {.name = "force",
     .letter = 'f',
     .type = TD_OPT_FLAG,
     .into = offsetof(struct args, force),
     .help = "convert: replace a file that is there"},
    {0},
};
_Static_assert(sizeof(struct args) <= TD_CMD_ARGS_MAX, "arguments fit");

/* ---- which records ---- */

struct filter {
    const struct args *args;
    const char *type; /* name of a table (error, system, mapping), or NULL */
    bool by_rtype;
    uint8_t rtype;
    uint64_t taken, left_out;
};

/* A schema's name, or the name of a type that is no schema. */
static enum td_err make_filter(const struct args *args, struct filter *f, struct td_fail *why)
{
    size_t count;
    uint16_t schema;
    const struct td_dbn_layout *l = td_dbn_layouts(&count);
    *f = (struct filter){.args = args};
    if (!args->schema)
        return TD_OK;
    f->by_rtype = td_dbn_schema_find(td_str_of(args->schema), &schema, &f->rtype);
    for (size_t i = 0; i < count && !f->by_rtype; i++)
        if (strcmp(l[i].name, args->schema) == 0)
            f->type = l[i].name;
    if (f->by_rtype || f->type)
        return TD_OK;
    return td_fail_set(why, TD_EINVAL,
                       "--schema %s: no such schema; mbo, mbp-1, mbp-10, tbbo, trades, ohlcv-1m, "
                       "definition, statistics, status, imbalance and the like",
                       args->schema);
}

/* `word` is one of the comma-separated ones. */
static bool is_one_of(const char *words, struct td_str word)
{
    struct td_str rest = td_str_of(words), one;
    while (td_str_split(&rest, ',', &one))
        if (word.len > 0 && td_str_eq(td_str_trim(one), word))
            return true;
    return false;
}

static bool wanted(struct filter *f, struct td_dbn_file *file, const struct td_dbn_record *r)
{
    char number[24];
    if (f->by_rtype && r->rtype != f->rtype)
        return false;
    if (f->type && (!r->layout || strcmp(r->layout->name, f->type) != 0))
        return false;
    if (!f->args->symbol)
        return true;
    (void)td_i64_print(r->instrument, number);
    return is_one_of(f->args->symbol, td_dbn_file_symbol(file, r)) ||
           is_one_of(f->args->symbol, r->symbol) || is_one_of(f->args->symbol, td_str_of(number));
}

/* The next record that is wanted and known; TD_ENODATA also when the limit is reached. */
static enum td_err next_wanted(struct filter *f, struct td_dbn_file *file, struct td_dbn_record *r,
                               struct td_fail *why)
{
    if (f->args->limit > 0 && f->taken >= (uint64_t)f->args->limit)
        return TD_ENODATA;
    for (;;) {
        const enum td_err err = td_dbn_file_next(file, r, why);
        if (err)
            return err;
        if ((file->dbn.records & PROGRESS_MASK) == 0)
            td_progress("%s: %llu records", file->path, (unsigned long long)file->dbn.records);
        if (wanted(f, file, r)) {
            f->taken++;
            return TD_OK;
        }
    }
}

/* How it is shown: as it is, or in the form of version 3 in `room`. layout NULL: a type nobody knows. */
static struct td_dbn_shown show(struct td_dbn_file *file, const struct td_dbn_record *r,
                                bool upgrade, uint8_t *room)
{
    struct td_dbn_shown s = {.layout = r->layout,
                             .record = r->raw.p,
                             .symbol = td_dbn_file_symbol(file, r),
                             .has_ts_out = file->dbn.metadata.ts_out,
                             .ts_out = r->ts_out};
    if (upgrade) {
        s.layout = td_dbn_upgrade(r->raw, file->dbn.metadata.version, room);
        s.record = room;
    }
    return s;
}

/* ---- info ---- */

static enum td_err info_one(const struct td_run *run, const char *path, const struct args *args,
                            struct td_json *j, struct td_text *t)
{
    static struct td_dbn_info info;
    struct td_fail why = {0};
    enum td_err err = td_dbn_info_read(&info, run->world, path, &why);
    if (!err && args->json) {
        td_json_object(j);
        td_dbn_info_json(&info, args->mappings, j, t);
        td_json_object_end(j);
    } else if (!err) {
        td_dbn_info_table(&info, t);
    }
    if (!err && !info.whole) {
        why = info.why;
        err = TD_ETORN;
    }
    td_dbn_info_close(&info);
    if (err && args->json)
        (void)fprintf(stderr, "tapedeck dbn: %s\n", why.text);
    else if (err && td_cmd_print(t)) {
        td_text_reset(t);
        (void)td_cmd_fail(run, &why);
    }
    return err;
}

static int info(const struct td_run *run, const struct args *args)
{
    static char text[65536];
    const int32_t files = run->operands->count - 1;
    struct td_text t;
    struct td_json j;
    int status = 0;
    td_text_init(&t, text, sizeof text);
    td_json_init(&j, &t, true);
    if (args->json && files > 1)
        td_json_array(&j);
    for (int32_t i = 1; i <= files; i++)
        if (info_one(run, run->operands->items[i], args, &j, &t) != TD_OK)
            status = 1;
    if (args->json && files > 1)
        td_json_array_end(&j);
    if (args->json && t.len > 0)
        td_text_char(&t, '\n');
    return td_cmd_print(&t) ? status : 1;
}

/* ---- cat ---- */

static void put_record(const struct td_dbn_shown *s, const struct td_dbn_record *r, bool as_json,
                       struct td_text *t)
{
    struct td_json j;
    if (!as_json) {
        if (s->layout)
            td_dbn_table(t, s);
        else
            td_text_printf(t, "%-10s  type 0x%02x, %zu bytes\n", "unknown", r->rtype, r->raw.len);
        return;
    }
    td_json_init(&j, t, false);
    td_json_object(&j);
    if (s->layout) {
        td_dbn_json(&j, s);
    } else {
        td_json_key_i64(&j, "rtype", r->rtype);
        td_json_key_i64(&j, "publisher_id", r->publisher);
        td_json_key_i64(&j, "instrument_id", r->instrument);
        td_json_key(&j, "ts_event");
        td_json_u64(&j, r->ts_event);
        td_json_key_i64(&j, "unknown_bytes", (int64_t)r->raw.len - TD_DBN_HEAD);
    }
    td_json_object_end(&j);
    td_text_char(t, '\n');
}

static enum td_err cat_file(const struct td_run *run, struct td_dbn_file *file,
                            const struct args *args, struct td_fail *why)
{
    static char text[262144];
    uint8_t room[TD_DBN_BYTES_MAX];
    struct td_text t;
    struct filter filter;
    struct td_dbn_record r;
    const struct td_dbn_layout *head = NULL;
    enum td_err err = make_filter(args, &filter, why);
    if (!err)
        err = td_dbn_file_open(file, run->world, run->operands->items[1], NULL, why);
    td_text_init(&t, text, sizeof text);
    while (!err && (err = next_wanted(&filter, file, &r, why)) == TD_OK) {
        const struct td_dbn_shown s = show(file, &r, args->upgrade, room);
        if (!args->json && s.layout && s.layout != head)
            td_dbn_table_head(&t, s.layout);
        head = s.layout ? s.layout : head;
        put_record(&s, &r, args->json, &t);
        if (t.cap - t.len >= PRINT_AT)
            continue;
        if (!td_cmd_print(&t))
            return TD_OK; /* nobody reads on */
        td_text_reset(&t);
    }
    (void)td_cmd_print(&t);
    return err == TD_ENODATA ? TD_OK : err;
}

/* ---- convert ---- */

struct target {
    char path[800];
    enum td_dbn_form form;
};

static bool ends_with(struct td_str s, const char *tail)
{
    const size_t n = strlen(tail);
    return s.len >= n && memcmp(s.p + s.len - n, tail, n) == 0;
}

/* --to, else the name of --out, else Parquet; a name of its own is the input's without its endings. */
static enum td_err choose_target(const struct td_run *run, const struct args *args,
                                 struct target *target, struct td_fail *why)
{
    static const char *const endings[] = {".zst", ".frag", ".dbn"};
    const char *input = run->operands->items[1];
    const char *slash = strrchr(input, '/');
    struct td_str base = td_str_of(slash ? slash + 1 : input);
    const bool csv = args->to    ? strcmp(args->to, "csv") == 0
                     : args->out ? ends_with(td_str_of(args->out), ".csv")
                                 : false;
    target->form = csv ? TD_DBN_CSV : TD_DBN_PARQUET;
    for (size_t i = 0; i < TD_COUNT(endings); i++)
        if (ends_with(base, endings[i]))
            base.len -= strlen(endings[i]);
    const int n = args->out ? snprintf(target->path, sizeof target->path, "%s", args->out)
                            : snprintf(target->path, sizeof target->path, "%.*s.%s", (int)base.len,
                                       base.p, csv ? "csv" : "parquet");
    if (n >= (int)sizeof target->path)
        return td_fail_set(why, TD_EINVAL, "--out: the path is longer than %zu bytes",
                           sizeof target->path - 1);
    if (!args->force && td_entry_at(run->world, target->path) != TD_ENTRY_NONE)
        return td_fail_set(why, TD_EEXIST,
                           "%s is there already; --force replaces it, --out names another",
                           target->path);
    return TD_OK;
}

/* The columns: of --schema, else of the file's schema, else of its first record. */
static const struct td_dbn_layout *choose_layout(const struct filter *f,
                                                 const struct td_dbn_metadata *m,
                                                 const struct td_dbn_layout *first)
{
    const char *name = td_dbn_schema_name(m->schema);
    uint16_t schema;
    uint8_t rtype;
    if (f->by_rtype)
        return td_dbn_layout_of(f->rtype, 3);
    if (f->type)
        return first;
    if (name && td_dbn_schema_find(td_str_of(name), &schema, &rtype))
        return td_dbn_layout_of(rtype, 3);
    return first;
}

struct conversion {
    struct td_dbn_file file;
    struct td_dbn_export *export;
    struct target target;
    struct filter filter;
    const struct td_dbn_layout *layout;
};

static enum td_err begin_export(const struct td_run *run, const struct args *args,
                                struct conversion *c, const struct td_dbn_layout *first,
                                struct td_fail *why)
{
    const struct td_dbn_metadata *m = &c->file.dbn.metadata;
    c->layout = choose_layout(&c->filter, m, first);
    if (!c->layout)
        return td_fail_set(why, TD_ENODATA,
                           "%s: no record tells which columns to write; --schema does",
                           c->file.path);
    const struct td_dbn_export_options o = {.form = c->target.form,
                                            .layout = c->layout,
                                            .has_ts_out = m->ts_out,
                                            .fixed_prices = strcmp(args->prices, "fixed") == 0,
                                            .dataset = m->dataset,
                                            .schema = td_dbn_schema_name(m->schema)};
    return td_dbn_export_open(&c->export, run->world, c->target.path, &o, why);
}

static enum td_err convert_records(const struct td_run *run, const struct args *args,
                                   struct conversion *c, struct td_fail *why)
{
    uint8_t room[TD_DBN_BYTES_MAX];
    struct td_dbn_record r;
    enum td_err err;
    while ((err = next_wanted(&c->filter, &c->file, &r, why)) == TD_OK) {
        const struct td_dbn_shown s = show(&c->file, &r, true, room);
        if (!c->export)
            err = begin_export(run, args, c, s.layout, why);
        if (!err && s.layout == c->layout)
            err = td_dbn_export_add(c->export, &s, why);
        else
            c->filter.left_out++;
        if (err)
            return err;
    }
    if (err == TD_ENODATA && !c->export)
        err = begin_export(run, args, c, NULL, why);
    else if (err == TD_ENODATA)
        err = TD_OK;
    return err ? err : td_dbn_export_finish(c->export, why);
}

static void tell_conversion(const struct conversion *c, bool as_json)
{
    static const char *const forms[] = {[TD_DBN_PARQUET] = "parquet", [TD_DBN_CSV] = "csv"};
    char text[4096];
    struct td_text t;
    struct td_json j;
    const uint64_t rows = td_dbn_export_rows(c->export);
    td_text_init(&t, text, sizeof text);
    td_json_init(&j, &t, true);
    if (as_json) {
        td_json_object(&j);
        td_json_key_text(&j, "file", c->file.path);
        td_json_key_text(&j, "out", c->target.path);
        td_json_key_text(&j, "form", forms[c->target.form]);
        td_json_key_text(&j, "type", c->layout->name);
        td_json_key_i64(&j, "rows", (int64_t)rows);
        td_json_key_i64(&j, "left_out", (int64_t)c->filter.left_out);
        td_json_object_end(&j);
        td_text_char(&t, '\n');
    } else {
        td_text_printf(&t, "%s: %llu %s records to %s\n", c->file.path, (unsigned long long)rows,
                       c->layout->name, c->target.path);
    }
    if (!as_json && c->filter.left_out > 0)
        td_text_printf(&t, "%llu records of other types are left out; --schema chooses\n",
                       (unsigned long long)c->filter.left_out);
    (void)td_cmd_print(&t);
}

static enum td_err convert(const struct td_run *run, const struct args *args, struct conversion *c,
                           struct td_fail *why)
{
    enum td_err err = make_filter(args, &c->filter, why);
    if (!err)
        err = choose_target(run, args, &c->target, why);
    if (!err)
        err = td_dbn_file_open(&c->file, run->world, run->operands->items[1], NULL, why);
    if (!err)
        err = convert_records(run, args, c, why);
    td_progress("%s", "");
    if (!err)
        tell_conversion(c, args->json);
    else if (err == TD_ETORN && c->file.dbn.records > 0)
        (void)td_fail_add(why, err, "not converted (--limit takes the readable part)");
    td_dbn_export_close(c->export);
    return err;
}

/* ---- the command ---- */

static enum td_err check_words(const struct td_run *run, struct td_fail *why)
{
    const struct td_opt_list *words = run->operands;
    const char *action = words->count > 0 ? words->items[0] : "";
    const bool one = strcmp(action, "cat") == 0 || strcmp(action, "convert") == 0;
    if (!one && strcmp(action, "info") != 0)
        return td_fail_set(why, TD_EINVAL,
                           "\"%.40s\" is no action; write info, cat or convert and a file", action);
    if (words->count < 2)
        return td_fail_set(why, TD_EINVAL, "%s: which file?", action);
    if (one && words->count > 2)
        return td_fail_set(why, TD_EINVAL, "%s takes one file; \"%.100s\" is one too many", action,
                           words->items[2]);
    return TD_OK;
}

/* An option that the action does not have is a mistake, not nothing. */
static enum td_err check_options(const char *action, const struct args *a, struct td_fail *why)
{
    const struct {
        bool given;
        const char *name, *actions;
    } options[] = {
        {a->limit > 0, "limit", "cat and convert"},
        {a->schema, "schema", "cat and convert"},
        {a->symbol, "symbol", "cat and convert"},
        {a->mappings, "mappings", "info"},
        {a->upgrade, "upgrade", "cat"},
        {a->to, "to", "convert"},
        {a->out, "out", "convert"},
        {a->force, "force", "convert"},
    };
    for (size_t i = 0; i < TD_COUNT(options); i++)
        if (options[i].given && !strstr(options[i].actions, action))
            return td_fail_set(why, TD_EINVAL, "--%s is an option of %s, not of %s",
                               options[i].name, options[i].actions, action);
    return TD_OK;
}

int cmd_dbn(struct td_run *run, void *arguments)
{
    static struct conversion conversion;
    const struct args *args = arguments;
    struct td_fail why = {0};
    enum td_err err = check_words(run, &why);
    if (!err)
        err = check_options(run->operands->items[0], args, &why);
    if (!err && strcmp(run->operands->items[0], "info") == 0)
        return info(run, args);
    if (!err && strcmp(run->operands->items[0], "cat") == 0)
        err = cat_file(run, &conversion.file, args, &why);
    else if (!err)
        err = convert(run, args, &conversion, &why);
    td_dbn_file_close(&conversion.file);
    return err ? td_cmd_fail(run, &why) : 0;
}
