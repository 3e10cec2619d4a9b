/* cmd/simulate.c - seeded trials of the whole product: one with its story, or a sweep over many seeds. */
#include <stdio.h>

#include "cmd/cmd.h"
#include "cmd/option_rows.h"
#include "sys/terminal.h"
#include "trial/trial.h"
#include "wire/json.h"

struct args {
    int64_t seed, days, symbols;
    const char *seeds, *faults, *recorder;
    bool twice, loud, json;
};

const struct td_opt cmd_simulate_options[] = {
    TD_OPTION_SEED("of everything that is drawn"),
    {.name = "seeds",
     .type = TD_OPT_STR,
     .into = offsetof(struct args, seeds),
     .help = "a sweep: A..B, both played"},
    {.name = "days",
     .preset = "1",
     .type = TD_OPT_INT,
     .low = 1,
     .high = 30,
     .into = offsetof(struct args, days),
     .help = "sessions of each trial"},
    {.name = "faults",
     .preset = "all",
     .type = TD_OPT_STR,
     .into = offsetof(struct args, faults),
     .help =
         "what may go wrong: all, none or numbers of the catalogue (docs/testing.md) with commas"},
    {.name = "symbols",
     .preset = "0",
     .type = TD_OPT_INT,
     .low = 0,
     .high = TD_TRIAL_SYMBOLS_MAX,
     .into = offsetof(struct args, symbols),
     .help = "how many; 0: the seed draws"},
    {.name = "twice",
     .type = TD_OPT_FLAG,
     .into = offsetof(struct args, twice),
     .help = "play each seed twice: journal and calls must be the same"},
    TD_OPTION_LOG("print what the desk logs, with the simulated time"),
    {.name = "recorder",
     .preset = "drawn",
     .type = TD_OPT_STR,
     .choices = "drawn|never|always",
     .into = offsetof(struct args, recorder),
     .help = "a recorder beside the desk: in one seed of sixteen, never, always"},
    TD_OPTION_JSON("one JSON line for each trial"),
    {0},
};
_Static_assert(sizeof(struct args) <= TD_CMD_ARGS_MAX, "arguments fit");

/* What a sweep adds up to. */
struct sums {
    uint64_t trials, violated, orders, fills, changes, parents, faults, kills, crashes, checks,
        frozen;
    uint64_t recorded, files, messages, snapshots, lost, deaths, recovered;
    td_ns simulated, began;
};

static void put_line(void *sink, enum td_log_level level, enum td_log_channel channel,
                     struct td_str line)
{
    (void)sink;
    (void)level;
    (void)channel;
    (void)printf("%.*s", TD_STR_ARG(line));
}

static bool parse_seeds(const struct args *args, uint64_t *first, uint64_t *last)
{
    struct td_str rest = td_str_of(args->seeds), a = {0};
    int64_t low = args->seed, high = args->seed;
    if (args->seeds) {
        (void)td_str_split(&rest, '.', &a);
        if (rest.len < 2 || rest.p[0] != '.' || td_i64_parse(a.p, a.len, &low) != TD_OK ||
            td_i64_parse(rest.p + 1, rest.len - 1, &high) != TD_OK)
            return false;
    }
    *first = (uint64_t)low;
    *last = (uint64_t)high;
    return low >= 0 && low <= high;
}

static void put_json(const struct td_run *run, const struct td_trial_result *r, uint64_t seed)
{
    char text[2048], hash[20], trace[20];
    struct td_text t;
    struct td_json j;
    (void)run;
    (void)snprintf(hash, sizeof hash, "%016llx", (unsigned long long)r->hash);
    (void)snprintf(trace, sizeof trace, "%016llx", (unsigned long long)r->trace);
    td_text_init(&t, text, sizeof text);
    td_json_init(&j, &t, false);
    td_json_object(&j);
    td_json_key_i64(&j, "seed", (int64_t)seed);
    td_json_key_bool(&j, "held", r->end == TD_TRIAL_HELD);
    td_json_key_text(&j, "violation", r->what[0] ? r->what : NULL);
    td_json_key_text(&j, "story", r->story);
    td_json_key_text(&j, "journal", hash);
    td_json_key_text(&j, "trace", trace);
    td_json_key_i64(&j, "orders", (int64_t)r->orders);
    td_json_key_i64(&j, "changes", (int64_t)r->changes);
    td_json_key_i64(&j, "parents", (int64_t)r->parents);
    td_json_key_i64(&j, "fills", (int64_t)r->fills);
    td_json_key_i64(&j, "intents", (int64_t)r->intents);
    td_json_key_i64(&j, "denied", (int64_t)r->denied);
    td_json_key_i64(&j, "faults", r->faults);
    td_json_key_i64(&j, "kills", r->kills);
    td_json_key_i64(&j, "crashes", r->crashes);
    td_json_key_i64(&j, "connects", r->connects);
    td_json_key_i64(&j, "looks", r->looks);
    td_json_key_i64(&j, "frozen", r->frozen);
    td_json_key_i64(&j, "recorded_sessions", r->recorded.files);
    td_json_key_i64(&j, "recorded_messages", (int64_t)r->recorded.messages);
    td_json_key_i64(&j, "checks", (int64_t)r->checks);
    td_json_object_end(&j);
    td_text_char(&t, '\n');
    (void)td_cmd_print(&t);
}

static void put_story(const struct td_trial_result *r, uint64_t seed)
{
    (void)printf("seed %llu: %s\n", (unsigned long long)seed, r->story);
    (void)printf(
        "  %llu intents, %llu denied, %llu order messages (%llu changes), %llu fills, %llu worked; "
        "%u faults, %u kills, %u power cuts, %u connects, %u look-ups, %u frozen\n",
        (unsigned long long)r->intents, (unsigned long long)r->denied,
        (unsigned long long)r->orders, (unsigned long long)r->changes, (unsigned long long)r->fills,
        (unsigned long long)r->parents, r->faults, r->kills, r->crashes, r->connects, r->looks,
        r->frozen);
    if (r->recorded.trials)
        (void)printf("  recorder: %u sessions, %llu messages, %llu snapshots, %u deaths, %u "
                     "recovered, %llu messages lost with a reason\n",
                     r->recorded.files, (unsigned long long)r->recorded.messages,
                     (unsigned long long)r->recorded.snapshots, r->recorded.deaths,
                     r->recorded.recovered, (unsigned long long)r->recorded.lost);
    (void)printf("  journal %016llx, calls %016llx, %llu checks\n", (unsigned long long)r->hash,
                 (unsigned long long)r->trace, (unsigned long long)r->checks);
}

static void put_violation(const struct td_run *run, const struct args *args, uint64_t seed,
                          const char *what)
{
    (void)printf("VIOLATED seed %llu: %s\n  version %s; again: tapedeck simulate --seed %llu "
                 "--days %lld --faults %s --symbols %lld --recorder %s --log\n",
                 (unsigned long long)seed, what, run->version, (unsigned long long)seed,
                 (long long)args->days, args->faults, (long long)args->symbols, args->recorder);
    (void)fflush(stdout); /* a sweep of hours tells what it found when it found it */
}

static void add(struct sums *sums, const struct td_trial_result *r)
{
    sums->trials++;
    sums->violated += r->end == TD_TRIAL_VIOLATED;
    sums->orders += r->orders;
    sums->fills += r->fills;
    sums->changes += r->changes;
    sums->parents += r->parents;
    sums->faults += r->faults;
    sums->kills += r->kills;
    sums->crashes += r->crashes;
    sums->checks += r->checks;
    sums->frozen += r->frozen;
    sums->simulated += r->simulated;
    sums->recorded += r->recorded.trials;
    sums->files += r->recorded.files;
    sums->messages += r->recorded.messages;
    sums->snapshots += r->recorded.snapshots;
    sums->lost += r->recorded.lost;
    sums->deaths += r->recorded.deaths;
    sums->recovered += r->recorded.recovered;
}

static void put_sums(const struct td_run *run, const struct args *args, const struct sums *s)
{
    const double minutes = (double)(td_world_mono(run->world) - s->began) / (double)TD_MIN;
    (void)printf("%llu trials of %lld day%s in %.1f s, %.0f days a minute: %llu order messages, "
                 "%llu fills,\n%llu orders worked by algorithms, %llu faults, %llu kills, %llu "
                 "power cuts, %llu frozen contracts, "
                 "%llu checks; %llu violated\n",
                 (unsigned long long)s->trials, (long long)args->days, args->days > 1 ? "s" : "",
                 minutes * 60, (double)s->trials * (double)args->days / minutes,
                 (unsigned long long)s->orders, (unsigned long long)s->fills,
                 (unsigned long long)s->parents, (unsigned long long)s->faults,
                 (unsigned long long)s->kills, (unsigned long long)s->crashes,
                 (unsigned long long)s->frozen, (unsigned long long)s->checks,
                 (unsigned long long)s->violated);
    if (s->recorded)
        (void)printf("%llu days recorded: %llu sessions with %llu messages and %llu snapshots read "
                     "back, %llu deaths of the\nrecorder, %llu logs recovered, %llu messages lost "
                     "with a reason\n",
                     (unsigned long long)s->recorded, (unsigned long long)s->files,
                     (unsigned long long)s->messages, (unsigned long long)s->snapshots,
                     (unsigned long long)s->deaths, (unsigned long long)s->recovered,
                     (unsigned long long)s->lost);
}

static enum td_trial_camera camera_of(const char *word)
{
    return strcmp(word, "never") == 0    ? TD_TRIAL_CAMERA_NEVER
           : strcmp(word, "always") == 0 ? TD_TRIAL_CAMERA_ALWAYS
                                         : TD_TRIAL_CAMERA_DRAWN;
}

/* One seed, perhaps twice. */
static enum td_err play(const struct args *args, const struct td_trial_config *config,
                        struct td_trial_result *r, struct td_fail *why)
{
    enum td_err err = td_trial_run(config, r, why);
    if (err || !args->twice || r->end == TD_TRIAL_VIOLATED)
        return err;
    struct td_trial_result again;
    err = td_trial_run(config, &again, why);
    if (!err && (again.hash != r->hash || again.trace != r->trace)) {
        r->end = TD_TRIAL_VIOLATED;
        (void)snprintf(r->what, sizeof r->what,
                       "played again it is another day: journal %016llx, calls %016llx",
                       (unsigned long long)again.hash, (unsigned long long)again.trace);
    }
    return err;
}

int cmd_simulate(struct td_run *run, void *arguments)
{
    const struct args *args = arguments;
    struct td_log log = {.level = TD_LOG_INFO, .write = put_line};
    struct td_trial_config config = {.days = (int32_t)args->days,
                                     .symbols = (uint32_t)args->symbols,
                                     .camera = camera_of(args->recorder),
                                     .real = run->world,
                                     .log = args->loud ? &log : NULL,
                                     .version = run->version};
    struct td_fail why = {0};
    struct sums sums = {.began = td_world_mono(run->world)};
    uint64_t first = 0, last = 0;
    enum td_err err = td_trial_faults_parse(args->faults, &config.faults, &why);
    if (!err && !parse_seeds(args, &first, &last))
        err = td_fail_set(&why, TD_EINVAL, "--seeds %s: expected A..B with A not above B",
                          args->seeds ? args->seeds : "");
    for (uint64_t seed = first; !err && seed <= last; seed++) {
        struct td_trial_result r;
        config.seed = seed;
        err = play(args, &config, &r, &why);
        if (err)
            break;
        add(&sums, &r);
        if (args->json)
            put_json(run, &r, seed);
        else if (first == last)
            put_story(&r, seed);
        if (r.end == TD_TRIAL_VIOLATED && !args->json)
            put_violation(run, args, seed, r.what);
        td_progress("seed %llu of %llu..%llu, %llu violated", (unsigned long long)seed,
                    (unsigned long long)first, (unsigned long long)last,
                    (unsigned long long)sums.violated);
    }
    td_progress("%s", "");
    if (err)
        return td_cmd_fail(run, &why);
    if (!args->json)
        put_sums(run, args, &sums);
    return sums.violated ? 1 : 0;
}
