/* cmd/journal_cmd.c - the journal for a person: is it whole, what does it say, and are the files made from it its own? */
#include <stdio.h>

#include "cmd/cmd.h"
#include "cmd/option_rows.h"
#include "desk/pgfollow.h"
#include "trade/dbdiff.h"
#include "trade/projection.h"
#include "trade/retrace.h"
#include "wire/json.h"

struct args {
    const char *state, *symbol, *output;
    struct td_opt_list types;
    int64_t key, since;
    bool json, force, postgres;
};

#define AT(m) .into = offsetof(struct args, m)

const struct td_opt cmd_journal_options[] = {
    TD_OPTION_STATE("state folder of the desk"),
    {.name = "type",
     .type = TD_OPT_LIST,
     AT(types),
     .help = "cat: records of these types alone, e.g. ORDER EXEC"},
    {.name = "symbol", .type = TD_OPT_STR, AT(symbol), .help = "cat: records of this symbol alone"},
    {.name = "key",
     .type = TD_OPT_INT,
     .low = 1,
     .high = INT64_MAX,
     AT(key),
     .help = "cat: records of this order alone, by our key"},
    {.name = "since", .type = TD_OPT_DATE, AT(since), .help = "cat: from this UTC day on"},
    {.name = "output",
     .type = TD_OPT_PATH,
     AT(output),
     .help = "rebuild: an empty folder for the new files"},
    {.name = "force",
     .type = TD_OPT_FLAG,
     AT(force),
     .help = "rebuild: in place; refused while a desk runs"},
    {.name = "postgres",
     .type = TD_OPT_FLAG,
     AT(postgres),
     .help = "rebuild: the schema of DATABASE_URL instead of files; refused while a desk runs"},
    TD_OPTION_JSON("print JSON"),
    {0},
};
_Static_assert(sizeof(struct args) <= TD_CMD_ARGS_MAX, "arguments fit");

/* --- verify --- */

struct verify {
    struct td_run *run;
    struct td_text text;
    struct td_json j;
    bool json;
    char bytes[16384];
};

static void show(struct verify *v)
{
    (void)td_cmd_print(&v->text);
    td_text_reset(&v->text);
}

static void tell_file(void *arg, const struct td_journal_file *f)
{
    struct verify *v = arg;
    char chain[2 * TD_JOURNAL_HASH + 1];
    for (size_t i = 0; i < TD_JOURNAL_HASH; i++)
        (void)snprintf(chain + 2 * i, 3, "%02x", f->chain[i]);
    if (!v->json) {
        td_text_printf(&v->text, "%04u.tdj %7u %10llu %12llu %12llu %8llu  %.16s  %s\n", f->number,
                       f->version, (unsigned long long)f->first_seq, (unsigned long long)f->records,
                       (unsigned long long)f->bytes, (unsigned long long)f->torn_bytes, chain,
                       f->err          ? "DAMAGED"
                       : f->torn_bytes ? "whole, with a torn end"
                                       : "whole");
        show(v);
        return;
    }
    td_json_object(&v->j);
    td_json_key_i64(&v->j, "file", f->number);
    td_json_key_i64(&v->j, "version", f->version);
    td_json_key_i64(&v->j, "first", (int64_t)f->first_seq);
    td_json_key_i64(&v->j, "records", (int64_t)f->records);
    td_json_key_i64(&v->j, "bytes", (int64_t)f->bytes);
    td_json_key_i64(&v->j, "torn_bytes", (int64_t)f->torn_bytes);
    td_json_key_text(&v->j, "chain", chain);
    td_json_key_bool(&v->j, "whole", !f->err);
    td_json_object_end(&v->j);
    show(v);
}

static void tell_sums(struct verify *v, const struct td_retrace *r,
                      const struct td_journal_report *report, const struct td_fail *why)
{
    if (v->json) {
        td_json_array_end(&v->j);
        td_json_key_i64(&v->j, "records", (int64_t)report->records);
        td_json_key_i64(&v->j, "torn_bytes", (int64_t)report->cut_bytes);
        td_json_key_i64(&v->j, "states_equal", (int64_t)r->states_equal);
        td_json_key_i64(&v->j, "states_of_another_layout", (int64_t)r->states_other_layout);
        td_json_key_i64(&v->j, "state_differs_at", (int64_t)r->differs_seq);
        td_json_key_i64(&v->j, "snapshots_equal", r->snapshots_equal);
        td_json_key_i64(&v->j, "snapshots_ignored", r->snapshots_ignored);
        td_json_key_i64(&v->j, "snapshot_differs", r->snapshot_differs);
        td_json_key_text(&v->j, "damage", why->code ? why->text : NULL);
        td_json_object_end(&v->j);
        td_text_char(&v->text, '\n');
        return;
    }
    td_text_printf(
        &v->text,
        "%llu records in %u files; %llu states told by STOP and RECON records are equal, "
        "%llu of another layout; %u snapshots equal, %u ignored\n",
        (unsigned long long)report->records, report->files, (unsigned long long)r->states_equal,
        (unsigned long long)r->states_other_layout, r->snapshots_equal, r->snapshots_ignored);
    if (report->cut_bytes)
        td_text_printf(&v->text,
                       "a torn end of %llu bytes: what a power cut or a desk in the middle "
                       "of writing leaves; the next start cuts it\n",
                       (unsigned long long)report->cut_bytes);
}

/* What a person does about it; nothing is repaired here. */
static int tell_damage(struct td_run *run, const struct td_retrace *r, struct td_fail *why,
                       const char *folder)
{
    if (why->code == TD_ECORRUPT || why->code == TD_EVERSION) {
        const int status = td_cmd_fail(run, why);
        (void)fprintf(
            stderr,
            "No desk starts on it. Keep a copy of %s. If a copy of that file from a backup "
            "verifies, put it back;\nelse start with a new --state folder: the look-up at "
            "the broker finds orders, executions and positions again.\n",
            folder);
        return status;
    }
    if (why->code)
        return td_cmd_fail(run, why);
    if (r->differs_seq)
        (void)fprintf(stderr,
                      "tapedeck journal: record %llu tells another state than its records make: a "
                      "defect of the program; keep %s\n",
                      (unsigned long long)r->differs_seq, folder);
    if (r->snapshot_differs)
        (void)fprintf(stderr,
                      "tapedeck journal: delete %s/%04u.snap: it is not what the records make\n",
                      folder, r->snapshot_differs);
    return r->differs_seq || r->snapshot_differs ? 1 : 0;
}

static int verify(struct td_run *run, const struct args *args, const char *folder)
{
    static struct verify v;
    struct td_fail why = {0};
    struct td_journal_report report = {0};
    static struct td_retrace r;
    v.run = run;
    v.json = args->json;
    td_text_init(&v.text, v.bytes, sizeof v.bytes);
    td_json_init(&v.j, &v.text, false);
    r = (struct td_retrace){.file = tell_file, .arg = &v};
    enum td_err err = td_retrace_open(&r, run->world, folder, &why);
    if (err)
        return td_cmd_fail(run, &why);
    if (args->json) {
        td_json_object(&v.j);
        td_json_key(&v.j, "files");
        td_json_array(&v.j);
    } else {
        td_text_put(&v.text, "file     version      first      records        bytes     torn  "
                             "chain             result\n");
    }
    err = td_retrace_run(&r, &report, &why);
    why.code = err;
    tell_sums(&v, &r, &report, &why);
    show(&v);
    const int status = tell_damage(run, &r, &why, folder);
    td_retrace_close(&r);
    return status;
}

/* --- cat --- */

struct cat {
    const struct args *args;
    bool closed; /* the reader of our output is gone */
    char bytes[8192];
};

static bool is_wanted(const struct args *a, const struct td_record *r)
{
    bool type = a->types.count == 0;
    for (int32_t i = 0; i < a->types.count; i++)
        type |= strcmp(a->types.items[i], td_record_name((enum td_record_type)r->type)) == 0;
    return type && (!a->symbol || strcmp(a->symbol, r->symbol) == 0) &&
           (!a->key || (uint64_t)a->key == r->key) &&
           (a->since == INT64_MIN || r->at_ns >= a->since * TD_DAY);
}

static enum td_err cat_record(void *arg, const struct td_record *r)
{
    struct cat *c = arg;
    struct td_text t;
    if (!is_wanted(c->args, r))
        return TD_OK;
    td_text_init(&t, c->bytes, sizeof c->bytes);
    if (c->args->json)
        td_record_json(r, &t);
    else
        td_record_print(r, &t);
    td_text_char(&t, '\n');
    c->closed = fwrite(t.buf, 1, t.len, stdout) != t.len;
    return c->closed ? TD_ECLOSED : TD_OK;
}

static int cat(struct td_run *run, const struct args *args, const char *folder)
{
    static struct cat c;
    struct td_fail why = {0};
    c = (struct cat){.args = args};
    for (int32_t i = 0; i < args->types.count; i++) {
        int type = 1;
        while (type < TD_REC_TYPES &&
               strcmp(args->types.items[i], td_record_name((enum td_record_type)type)) != 0)
            type++;
        if (type == TD_REC_TYPES) {
            (void)td_fail_set(&why, TD_EINVAL,
                              "--type: \"%s\" is no record type; docs/journal.md "
                              "lists them",
                              args->types.items[i]);
            return td_cmd_fail(run, &why);
        }
    }
    const enum td_err err = td_journal_read(run->world, folder, cat_record, &c, NULL, &why);
    const bool flushed = fflush(stdout) == 0;
    if (c.closed || !flushed)
        return 0; /* a pager was left early */
    return err ? td_cmd_fail(run, &why) : 0;
}

/* --- rebuild --- */

struct rebuild {
    struct td_projection *p;
    struct td_fail *why;
};

static enum td_err project(void *arg, const struct td_record *r)
{
    struct rebuild *b = arg;
    return td_projection_apply(b->p, r, b->why);
}

static const char *const made[] = {"orders.db", "trade_audit_log.jsonl"};

/* The files made anew in `into`. */
static enum td_err build(struct td_run *run, const char *journal, const char *into,
                         struct td_journal_report *report, struct td_fail *why)
{
    struct rebuild b = {.why = why};
    for (size_t i = 0; i < TD_COUNT(made); i++) {
        char path[900];
        (void)snprintf(path, sizeof path, "%.800s/%s", into, made[i]);
        if (td_entry_at(run->world, path) != TD_ENTRY_NONE)
            return td_fail_set(why, TD_EEXIST, "%s is there already: name an empty folder", path);
    }
    enum td_err err = td_projection_open(&b.p, run->world, into, why);
    if (!err)
        err = td_journal_read(run->world, journal, project, &b, report, why);
    if (!err)
        err = td_projection_flush(b.p, why);
    td_projection_close(b.p);
    return err;
}

/* What the files of the state folder have and lack against the new ones, told; the number of differences. */
static enum td_err compare(struct td_run *run, const struct args *args, const char *into,
                           int64_t *differences, struct td_fail *why)
{
    char a[900], b[900];
    struct td_dbdiff rows[TD_DBDIFF_TABLES];
    size_t count = 0;
    uint64_t line = 0;
    (void)snprintf(a, sizeof a, "%.800s/%s", into, made[0]);
    (void)snprintf(b, sizeof b, "%.800s/%s", args->state, made[0]);
    enum td_err err = td_dbdiff(run->world, a, b, rows, &count, why);
    if (err == TD_ENOENT)
        (void)printf("%s was not there\n", b);
    else if (err)
        (void)printf("%s cannot be read: %s\n", b, why->text);
    *differences += err != TD_OK;
    for (size_t i = 0; i < count; i++) {
        (void)printf("%-11s %9lld rows; %lld missing or other, %lld too many\n", rows[i].table,
                     (long long)rows[i].rows, (long long)rows[i].only_a, (long long)rows[i].only_b);
        *differences += rows[i].only_a + rows[i].only_b;
    }
    (void)snprintf(a, sizeof a, "%.800s/%s", into, made[1]);
    (void)snprintf(b, sizeof b, "%.800s/%s", args->state, made[1]);
    if (td_lines_differ(run->world, a, b, &line, NULL) != TD_OK)
        (void)printf("%s was not there\n", b);
    else if (line)
        (void)printf("audit log   differs from line %llu on\n", (unsigned long long)line);
    else
        (void)printf("audit log   equal\n");
    *differences += line != 0 || td_entry_at(run->world, b) == TD_ENTRY_NONE;
    return TD_OK;
}

/* The new files in the place of the old. */
static enum td_err put_in_place(struct td_run *run, const char *state, const char *into,
                                struct td_fail *why)
{
    static const char *const beside[] = {"orders.db-wal", "orders.db-shm"};
    char from[900], to[900];
    enum td_err err = TD_OK;
    for (size_t i = 0; i < TD_COUNT(beside); i++) {
        (void)snprintf(to, sizeof to, "%.800s/%s", state, beside[i]);
        (void)td_file_remove(run->world, to);
    }
    for (size_t i = 0; i < TD_COUNT(made) && !err; i++) {
        (void)snprintf(from, sizeof from, "%.800s/%s", into, made[i]);
        (void)snprintf(to, sizeof to, "%.800s/%s", state, made[i]);
        err = td_file_publish(run->world, from, to, why);
    }
    return err;
}

static void drop_built(struct td_run *run, const char *into)
{
    char path[900];
    for (size_t i = 0; i < TD_COUNT(made); i++) {
        (void)snprintf(path, sizeof path, "%.800s/%s", into, made[i]);
        (void)td_file_remove(run->world, path);
    }
    (void)td_file_remove(run->world, into);
}

/* Held while files are put in place: no desk can start, and none runs. */
static enum td_err lock_desk(struct td_run *run, const char *journal, struct td_file *lock,
                             struct td_fail *why)
{
    char path[900];
    (void)snprintf(path, sizeof path, "%.800s/lock", journal);
    const enum td_err err = td_file_open(run->world, path, TD_FILE_LOCK, lock, why);
    return err == TD_ELOCKED ? td_fail_set(why, err, "a desk runs here: stop it first") : err;
}

static enum td_err rebuild_in(struct td_run *run, const struct args *args, const char *journal,
                              const char *into, struct td_fail *why)
{
    struct td_journal_report report = {0};
    int64_t differences = 0;
    enum td_err err = build(run, journal, into, &report, why);
    if (!err)
        err = compare(run, args, into, &differences, why);
    if (err)
        return err;
    (void)printf("%llu records; the files of %s %s\n", (unsigned long long)report.records,
                 args->state,
                 differences ? "DIFFER from what the journal makes" : "are what the journal makes");
    if (args->output) {
        (void)printf("made in %s\n", into);
        return TD_OK;
    }
    if (args->force) {
        err = put_in_place(run, args->state, into, why);
        (void)printf("%s", err ? "" : "put in place\n");
    } else {
        (void)printf(
            "nothing was changed; --force puts them in place, --output keeps them elsewhere\n");
    }
    return err;
}

/* The journal is read whole first: a damaged one changes nothing there. */
static int rebuild_postgres(struct td_run *run, const char *journal)
{
    const struct td_settings *s = run->settings;
    const struct td_pgfollow_config config = {.url = s->database_url ? s->database_url : "",
                                              .schema = s->postgres_schema,
                                              .journal = journal};
    struct td_fail why = {0};
    struct td_file lock = {0};
    struct td_journal_report report = {0};
    enum td_err err = td_pgfollow_check(&config, &why);
    if (!err)
        err = lock_desk(run, journal, &lock, &why);
    if (!err)
        err = td_journal_read(run->world, journal, NULL, NULL, &report, &why);
    if (!err)
        err = td_pgfollow_fill(run->world, &config, report.records, &why);
    td_file_close(run->world, lock);
    if (err)
        return td_cmd_fail(run, &why);
    (void)printf("%llu records; schema %s holds what the journal makes\n",
                 (unsigned long long)report.records, s->postgres_schema);
    return 0;
}

static int rebuild(struct td_run *run, const struct args *args, const char *journal)
{
    struct td_fail why = {0};
    struct td_file lock = {0};
    char into[900];
    enum td_err err = TD_OK;
    if (args->postgres && td_entry_at(run->world, journal) == TD_ENTRY_FOLDER)
        return rebuild_postgres(run, journal);
    if (td_entry_at(run->world, journal) != TD_ENTRY_FOLDER)
        err = td_fail_set(&why, TD_ENOENT, "there is no journal in %s", args->state);
    if (args->output)
        (void)snprintf(into, sizeof into, "%.800s", args->output);
    else
        (void)snprintf(into, sizeof into, "%.800s/rebuild.tmp", args->state);
    if (!err && args->force && !args->output)
        err = lock_desk(run, journal, &lock, &why);
    if (!err && !args->output)
        drop_built(run, into); /* of one that was ended */
    if (!err)
        err = rebuild_in(run, args, journal, into, &why);
    if (!args->output)
        drop_built(run, into);
    td_file_close(run->world, lock);
    return err ? td_cmd_fail(run, &why) : 0;
}

int cmd_journal(struct td_run *run, void *arguments)
{
    static const struct {
        const char *word;
        int (*run)(struct td_run *run, const struct args *args, const char *folder);
    } actions[] = {{"verify", verify}, {"cat", cat}, {"rebuild", rebuild}};
    const struct args *args = arguments;
    struct td_fail why = {0};
    char folder[900];
    (void)snprintf(folder, sizeof folder, "%.800s/journal", args->state);
    for (size_t i = 0; i < TD_COUNT(actions) && run->operands->count == 1; i++)
        if (strcmp(run->operands->items[0], actions[i].word) == 0)
            return actions[i].run(run, args, folder);
    (void)td_fail_set(&why, TD_EINVAL, "one word is needed: verify, cat or rebuild");
    return td_cmd_fail(run, &why);
}
