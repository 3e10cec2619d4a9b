/* tests/trial/seeds_test.c - seeds that once showed something, and fresh ones: TD_SEED is the first, TD_SEEDS how many. */
#include "support/support.h"

#include <stdlib.h>
#include <string.h>

#include "sys/uvworld.h"
#include "trial/trial.h"

#define FRESH_FIRST 100000
#define FRESH       24

static struct td_world real;
static struct {
    uint64_t trials, orders, fills, faults, kills, crashes, checks;
} sums;

static int set_up(void **state)
{
    (void)state;
    return td_uvworld_open(&real, false, NULL) == TD_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    td_uvworld_close(&real);
    return 0;
}

/* What is played. */
struct what {
    uint64_t seed;
    int32_t days;
    const char *faults;
    uint32_t symbols;
    enum td_trial_camera camera;
};

/* How many did not hold: 0 or 1. */
static int play(const struct what *w)
{
    struct td_trial_config config = {.seed = w->seed,
                                     .days = w->days,
                                     .symbols = w->symbols,
                                     .camera = w->camera,
                                     .real = &real,
                                     .version = "test"};
    struct td_trial_result r;
    struct td_fail why = {0};
    TD_OK_OR_FAIL(td_trial_faults_parse(w->faults, &config.faults, &why));
    if (td_trial_run(&config, &r, &why) != TD_OK)
        fail_msg("seed %llu: %s", (unsigned long long)w->seed, why.text);
    sums.trials++;
    sums.orders += r.orders;
    sums.fills += r.fills;
    sums.faults += r.faults;
    sums.kills += r.kills;
    sums.crashes += r.crashes;
    sums.checks += r.checks;
    if (r.end == TD_TRIAL_HELD)
        return 0;
    print_error("VIOLATED: tapedeck simulate --seed %llu --days %d --faults %s --symbols %u "
                "--recorder %s: %s\n",
                (unsigned long long)w->seed, (int)w->days, w->faults, (unsigned)w->symbols,
                w->camera == TD_TRIAL_CAMERA_ALWAYS ? "always" : "never", r.what);
    return 1;
}

/* "SEED DAYS FAULTS SYMBOLS  what it showed"; "recorder" in front of what it showed: with one on the stage. */
static int play_line(struct td_str line)
{
    static const struct td_str recorder = {"recorder ", 9};
    struct td_str words[4];
    int64_t seed, days, symbols;
    char faults[120];
    size_t n = 0;
    while (n < TD_COUNT(words) && td_str_split(&line, ' ', &words[n]))
        n += words[n].len > 0;
    if (n < TD_COUNT(words) || !td_str_copy(words[2], faults, sizeof faults) ||
        td_i64_parse(words[0].p, words[0].len, &seed) != TD_OK ||
        td_i64_parse(words[1].p, words[1].len, &days) != TD_OK ||
        td_i64_parse(words[3].p, words[3].len, &symbols) != TD_OK)
        fail_msg("tests/seeds/seeds.txt: \"%.*s\"", TD_STR_ARG(line));
    line = td_str_trim(line);
    const bool recorded = line.len > recorder.len && memcmp(line.p, recorder.p, recorder.len) == 0;
    const struct what w = {(uint64_t)seed, (int32_t)days, faults, (uint32_t)symbols,
                           recorded ? TD_TRIAL_CAMERA_ALWAYS : TD_TRIAL_CAMERA_NEVER};
    return play(&w);
}

static void seeds_of_the_past(void **state)
{
    (void)state;
    size_t len;
    int violated = 0, played = 0;
    char *text = td_test_slurp(TD_TESTS_DIR "/seeds/seeds.txt", &len);
    assert_non_null(text);
    struct td_str rest = {text, len}, line;
    while (td_str_split(&rest, '\n', &line)) {
        if (!line.len || line.p[0] == '#')
            continue;
        violated += play_line(line);
        played++;
    }
    free(text);
    assert_true(played > 10);
    assert_int_equal(violated, 0);
}

static uint64_t number(const char *name, uint64_t preset)
{
    const char *text = getenv(name);
    return text ? strtoull(text, NULL, 10) : preset;
}

static void fresh_seeds(void **state)
{
    (void)state;
    const uint64_t first = number("TD_SEED", FRESH_FIRST), count = number("TD_SEEDS", FRESH);
    int violated = 0;
    for (uint64_t seed = first; seed < first + count; seed++) {
        const struct what w = {seed, 1, "all", 0, TD_TRIAL_CAMERA_DRAWN};
        violated += play(&w);
    }
    print_message("%llu trials: %llu order messages, %llu fills, %llu faults, %llu kills, "
                  "%llu power cuts, %llu checks\n",
                  (unsigned long long)sums.trials, (unsigned long long)sums.orders,
                  (unsigned long long)sums.fills, (unsigned long long)sums.faults,
                  (unsigned long long)sums.kills, (unsigned long long)sums.crashes,
                  (unsigned long long)sums.checks);
    assert_int_equal(violated, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(seeds_of_the_past),
        cmocka_unit_test(fresh_seeds),
    };
    return cmocka_run_group_tests_name("trial/seeds", tests, set_up, tear_down);
}
