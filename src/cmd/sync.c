/* cmd/sync.c - our files into an object store. */
#include <stdio.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/option_rows.h"
#include "history/mirror.h"
#include "sys/terminal.h"
#include "wire/json.h"

#define TOLD_MAX 1000 /* files named in the JSON object; all are counted */

struct args {
    const char *to, *data;
    bool dry_run, json, verbose;
};

const struct td_opt cmd_sync_options[] = {
    {.name = "to",
     .type = TD_OPT_STR,
     .into = offsetof(struct args, to),
     .required = true,
     .help = "s3://BUCKET or s3://BUCKET/PREFIX"},
    TD_OPTION_DATA_ROOT,
    {.name = "dry-run",
     .type = TD_OPT_FLAG,
     .into = offsetof(struct args, dry_run),
     .help = "look and tell, send nothing"},
    {.name = "verbose",
     .letter = 'v',
     .type = TD_OPT_FLAG,
     .into = offsetof(struct args, verbose),
     .help = "name files that are there already, too"},
    TD_OPTION_JSON("one object at the end"),
    {0},
};
_Static_assert(sizeof(struct args) <= TD_CMD_ARGS_MAX, "arguments fit");

struct telling {
    const struct args *args;
    struct td_json *j; /* with --json */
    uint32_t told;
};

static const char *word_of(enum td_mirror_word word)
{
    static const char *const words[] = {"same", "sent", "would-send", "failed"};
    return words[word];
}

static void put_step(struct td_json *j, const struct td_mirror_step *s)
{
    td_json_object(j);
    td_json_key_text(j, "status", word_of(s->word));
    td_json_key_text(j, "path", s->path);
    td_json_key_text(j, "key", s->key);
    td_json_key_i64(j, "bytes", (int64_t)s->bytes);
    if (s->why)
        td_json_key_text(j, "reason", s->why);
    td_json_object_end(j);
}

static void tell(void *arg, const struct td_mirror_step *s, const struct td_mirror_report *r)
{
    struct telling *t = arg;
    const bool named = s->word != TD_MIRROR_SAME || t->args->verbose;
    td_progress("sync: %zu of %zu files, %llu sent, %.1f MB", r->done, r->total,
                (unsigned long long)r->sent, (double)r->bytes_sent / 1e6);
    if (named && t->args->json) {
        if (t->told++ < TOLD_MAX)
            put_step(t->j, s);
    } else if (s->word == TD_MIRROR_FAILED) {
        td_progress("%s", "");
        (void)fprintf(stderr, "tapedeck sync: %s: %s\n", s->path, s->why);
    } else if (named) {
        td_progress("%s", "");
        (void)printf("%-10s %s -> %s\n", word_of(s->word), s->path, s->key);
    }
}

/* s3://bucket/prefix, slashes at the end of the prefix left out. */
static enum td_err read_target(const char *to, char *bucket, size_t bucket_cap, char *prefix,
                               size_t prefix_cap, struct td_fail *why)
{
    struct td_str rest = td_str_of(to), first;
    if (!td_str_starts(rest, "s3://"))
        return td_fail_set(why, TD_EINVAL, "--to %s: s3://BUCKET/PREFIX is meant", to);
    rest = (struct td_str){rest.p + 5, rest.len - 5};
    bool good = td_str_split(&rest, '/', &first) && td_str_copy(first, bucket, bucket_cap);
    while (rest.len && rest.p[rest.len - 1] == '/')
        rest.len--;
    good =
        good && td_str_copy(rest, prefix, prefix_cap) && prefix[0] != '/' && !strstr(prefix, "//");
    return good ? TD_OK : td_fail_set(why, TD_EINVAL, "--to %s: s3://BUCKET/PREFIX is meant", to);
}

static void put_report(struct td_json *j, const struct args *a, const struct td_mirror_report *r,
                       const struct telling *t, const struct td_fail *why)
{
    td_json_array_end(j);
    td_json_key_text(j, "to", a->to);
    td_json_key_bool(j, "dry_run", a->dry_run);
    td_json_key_i64(j, "files", (int64_t)r->files);
    td_json_key_i64(j, "same", (int64_t)r->same);
    td_json_key_i64(j, a->dry_run ? "would_send" : "sent", (int64_t)r->sent);
    td_json_key_i64(j, "failed", (int64_t)r->failed);
    td_json_key_i64(j, "bytes", (int64_t)r->bytes);
    td_json_key_i64(j, a->dry_run ? "bytes_would_send" : "bytes_sent", (int64_t)r->bytes_sent);
    td_json_key_i64(j, "parts_kept", (int64_t)r->parts_kept);
    td_json_key_i64(j, "not_listed", t->told > TOLD_MAX ? t->told - TOLD_MAX : 0);
    td_json_key(j, "error");
    td_json_text(j, why->code ? why->text : NULL);
    td_json_object_end(j);
}

static int report_run(const struct args *a, const struct td_mirror_report *r, struct telling *t,
                      struct td_text *text, const struct td_fail *why)
{
    td_progress("%s", "");
    if (a->json) {
        put_report(t->j, a, r, t, why);
        td_text_char(text, '\n');
        return !td_text_full(text) && td_cmd_print(text) ? 0 : 1;
    }
    (void)printf("%s: %llu files, %llu there already, %llu %s (%.1f MB), %llu failed\n", a->to,
                 (unsigned long long)r->files, (unsigned long long)r->same,
                 (unsigned long long)r->sent, a->dry_run ? "to send" : "sent",
                 (double)r->bytes_sent / 1e6, (unsigned long long)r->failed);
    return 0;
}

int cmd_sync(struct td_run *run, void *args_memory)
{
    static char buf[4 << 20];
    const struct args *a = args_memory;
    const struct td_settings *s = run->settings;
    const struct td_datapath paths = td_cmd_paths(run);
    char bucket[80], prefix[512];
    struct td_text text;
    struct td_json j;
    struct telling telling = {a, &j, 0};
    struct td_mirror_report report = {0};
    struct td_fail why = {0};
    struct td_s3 *s3 = NULL;
    td_text_init(&text, buf, sizeof buf);
    td_json_init(&j, &text, true);
    td_json_object(&j);
    td_json_key(&j, "steps");
    td_json_array(&j);
    enum td_err err = read_target(a->to, bucket, sizeof bucket, prefix, sizeof prefix, &why);
    const struct td_s3_config config = {.world = run->world,
                                        .endpoint = s->s3_endpoint,
                                        .region = s->s3_region,
                                        .bucket = bucket,
                                        .key = s->s3_key,
                                        .secret = s->s3_secret,
                                        .token = s->s3_token,
                                        .ca_file = s->ca_file};
    if (!err)
        err = td_s3_open(&s3, &config, &why);
    if (err)
        return td_cmd_fail(run, &why);
    const struct td_mirror_options o = {
        .world = run->world,
        .s3 = s3,
        .places = {td_datapath_root(&paths, a->data), s->state_path, prefix},
        .dry_run = a->dry_run,
        .tell = tell,
        .arg = &telling};
    err = td_mirror_run(&o, &report, &why);
    td_s3_close(s3);
    const int printed = report_run(a, &report, &telling, &text, &why);
    if (err)
        return td_cmd_fail(run, &why);
    return report.failed ? 1 : printed;
}
