/* cmd/coverage_cmd.c - derives bars_coverage_manifest.json from the manifest of downloaded bars. */
#include "cmd/cmd.h"
#include "cmd/option_rows.h"
#include "store/coverage_file.h"
#include "sys/terminal.h"
#include "wire/json.h"

struct args {
    const char *from, *out;
    bool json;
};

const struct td_opt cmd_coverage_options[] = {
    {.name = "from-manifest",
     .type = TD_OPT_PATH,
     .into = offsetof(struct args, from),
     .help = "manifest to read; else <root>/bars_download_manifest.jsonl"},
    {.name = "out",
     .letter = 'o',
     .type = TD_OPT_PATH,
     .into = offsetof(struct args, out),
     .help = "file to write; else <root>/bars_coverage_manifest.json"},
    TD_OPTION_JSON("also the counts of days and of lines that were left out"),
    {0},
};
_Static_assert(sizeof(struct args) <= TD_CMD_ARGS_MAX, "arguments fit");

static enum td_err choose(const char *given, const char *base, const char *name, char *out,
                          struct td_fail *why)
{
    const bool fits = given ? snprintf(out, TD_PATH_MAX, "%s", given) < TD_PATH_MAX
                            : td_path_join(out, TD_PATH_MAX, base, name);
    return fits ? TD_OK : td_fail_set(why, TD_EINVAL, "%s: the path is too long", name);
}

static int tell(const struct td_coverage *c, const char *out, bool more)
{
    char text[8192];
    struct td_text t;
    struct td_json j;
    td_text_init(&t, text, sizeof text);
    td_json_init(&j, &t, false);
    td_json_object(&j);
    td_json_key_text(&j, "wrote", out);
    td_json_key_i64(&j, "entry_count", (int64_t)td_coverage_pairs(c));
    if (more) {
        td_json_key_i64(&j, "days", (int64_t)c->day_count);
        td_json_key_i64(&j, "lines", (int64_t)c->counts.lines);
        td_json_key_i64(&j, "broken", (int64_t)(c->counts.broken + c->counts.torn));
        td_json_key_i64(&j, "foreign", (int64_t)c->counts.foreign);
        td_json_key_i64(&j, "without_day", (int64_t)c->dayless);
    }
    td_json_object_end(&j);
    td_text_char(&t, '\n');
    return td_cmd_print(&t) ? 0 : 1;
}

int cmd_coverage(struct td_run *run, void *arguments)
{
    const struct args *args = arguments;
    char from[TD_PATH_MAX], out[TD_PATH_MAX];
    const struct td_datapath paths = td_cmd_paths(run);
    const char *base = td_datapath_root(&paths, NULL);
    struct td_coverage c = {0};
    struct td_fail why = {0};
    enum td_err err = choose(args->from, base, TD_BARS_MANIFEST, from, &why);
    if (!err)
        err = choose(args->out, base, TD_BARS_COVERAGE, out, &why);
    if (!err)
        err = td_coverage_read(&c, run->world, from, &why);
    if (!err)
        err = td_coverage_write(&c, run->world, out, &why);
    const int status = err ? td_cmd_fail(run, &why) : tell(&c, out, args->json);
    td_coverage_fini(&c);
    return status;
}
