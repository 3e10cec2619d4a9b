/* tests/faults/script_test.c - plays examples/faults/ against a desk in the simulated world, and keeps their table.
 *
 * For each script a desk and the gateway simulator run on two machines of one world, from the script's seed. At the end
 * its `expect` lines are compared with the desk's state and the simulator's ledger. Always checked too: the ledger
 * counts no order twice, every order it received stands in the journal, and no order left before its record was durable.
 *
 * What the desk does not do yet is listed in `open_points`, by script and expectation. A row that is met fails the test,
 * so the list can only be right. docs/testing.md carries the table; TD_FAULT_TABLE=write renews it (tools/faults.sh).
 * TD_FAULT=name plays one script and prints the desk's warnings.
 */
#include "support/support.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "desk/ask.h"
#include "desk/desk_scene.h"

#define FOLDER      TD_TESTS_DIR "/../examples/faults"
#define PAGE        TD_TESTS_DIR "/../docs/testing.md"
#define SCRIPTS_MAX 96
#define EVENTS_MAX  64
#define FAULTS      39 /* F1 to F39 are the gateway's and the world's */

struct open_point {
    const char *script, *expects, *why;
};

static const struct open_point open_points[] = {
    {NULL, NULL, NULL},
};

/* --- what one script is played with --- */

struct seen_event {
    char name[32];
    uint32_t count;
};

static struct play {
    struct td_script script;
    char name[64];
    struct seen_event events[EVENTS_MAX];
    uint32_t event_count;
    bool loud, refused, crash, kill, halt, resume;
    td_ns stop_for, began;
    struct td_world bystander;
    uint32_t orders_before[TD_SCRIPT_EXPECTS];
    td_ns quote_age[TD_LINES_MAX];
    char denial[120]; /* the latest */
} play;

static void take_line(void *sink, enum td_log_level level, enum td_log_channel channel,
                      struct td_str line)
{
    struct play *p = sink;
    struct td_str rest = line, word = {0};
    uint32_t i = 0;
    (void)channel;
    (void)level;
    if (p->loud)
        print_message("%.*s", TD_STR_ARG(line));
    while (rest.len && td_str_split(&rest, ' ', &word) && !td_str_is(word, "api") &&
           !td_str_is(word, "trading") && !td_str_is(word, "performance")) {
    }
    if (!td_str_split(&rest, ' ', &word))
        return;
    while (i < p->event_count && !td_str_is(word, p->events[i].name))
        i++;
    if (i == EVENTS_MAX || (i == p->event_count && !td_str_copy(word, p->events[i].name, 32)))
        return;
    p->event_count += i == p->event_count;
    p->events[i].count++;
}

static td_ns log_now(void *clock)
{
    return td_world_now(clock);
}

static uint32_t times_logged(const char *event)
{
    for (uint32_t i = 0; i < play.event_count; i++)
        if (strcmp(play.events[i].name, event) == 0)
            return play.events[i].count;
    return 0;
}

/* Called inside the waits of the desk: what ends or stops its process happens after its turn. */
static void world_action(void *arg, const struct td_fault_action *a)
{
    (void)arg;
    play.crash |= a->id == TD_FAULT_CRASH;
    play.kill |= a->id == TD_FAULT_KILL;
    play.halt |= a->id == TD_FAULT_DESK_HALT;
    play.resume |= a->id == TD_FAULT_DESK_RESUME;
    if (a->id == TD_FAULT_STOP)
        play.stop_for = a->args[0].number;
    if (a->id == TD_FAULT_CLOCK)
        td_simworld_step_clock(scene.sim, a->args[0].number);
    if (a->id == TD_FAULT_SEVER)
        td_simworld_sever(scene.sim, scene.desk_host);
}

static struct td_log desk_log;

static const char *word_of(enum td_script_set key, const char *preset)
{
    const struct td_fault_value *v = td_script_setting(&play.script, key);
    return v ? v->text : preset;
}

static int64_t number_of(enum td_script_set key, int64_t preset)
{
    const struct td_fault_value *v = td_script_setting(&play.script, key);
    return v ? v->number : preset;
}

static void open_play(void)
{
    const char *does = word_of(TD_SET_DESK, "trade");
    const struct scene_options o = {.world = {.seed = play.script.seed},
                                    .speed = 10,
                                    .script = &play.script,
                                    .world_action = world_action};
    uint32_t host;
    scene_open(&o);
    scene.config.strategy = strcmp(does, "trade") == 0  ? td_strat_find("sma_cross")
                            : strcmp(does, "rest") == 0 ? &rest_strategy
                                                        : NULL;
    scene.config.params.size = (td_qty){number_of(TD_SET_SIZE, 1) * TD_E9};
    scene.config.depth_rows = (int32_t)number_of(TD_SET_DEPTH, 0);
    if (strcmp(word_of(TD_SET_CLOCK, "gateway"), "wall") == 0)
        scene.config.clock = TD_CLOCK_WALL;
    desk_log = (struct td_log){.level = TD_LOG_WARN,
                               .write = take_line,
                               .sink = &play,
                               .now = log_now,
                               .clock = &scene.desk_world};
    scene.config.log = &desk_log;
    TD_OK_OR_FAIL(td_simworld_attach(scene.sim, "bystander", &host, &play.bystander, NULL));
    play.began = td_world_mono(&play.bystander);
}

static td_ns played(void)
{
    return td_world_mono(&play.bystander) - play.began;
}

static void start_desk(void)
{
    struct td_fail why = {0};
    play.refused = desk_start(&why) != TD_OK;
    if (play.refused && play.loud)
        print_message("refused: %s\n", why.text);
}

/* Time passes, and the desk's process does nothing. */
static void stand_still(td_ns span)
{
    const td_ns until = td_world_mono(&play.bystander) + span;
    while (td_world_mono(&play.bystander) < until) {
        struct td_wake wake;
        td_world_wait(&play.bystander, until, &wake);
    }
}

static void kill_desk(void)
{
    td_simworld_kill(scene.sim, scene.desk_host);
    desk_close();
    TD_OK_OR_FAIL(td_simworld_attach(scene.sim, "desk", &scene.desk_host, &scene.desk_world, NULL));
    watch_world(&scene.desk_world);
}

static void act(void)
{
    const td_ns still = play.stop_for;
    play.stop_for = 0;
    if (still)
        stand_still(still);
    if (play.crash)
        desk_crash();
    else if (play.kill)
        kill_desk();
    if (play.crash || play.kill)
        start_desk();
    if (play.halt)
        desk_halt(scene.desk, "by the script");
    if (play.resume)
        desk_resume(scene.desk, "by the script");
    play.crash = play.kill = play.halt = play.resume = false;
}

static bool has_action(void)
{
    return play.stop_for || play.crash || play.kill || play.halt || play.resume;
}

/* The desk's loop, left as soon as something is to happen to its process. */
static void turns_until(td_ns until)
{
    while (played() < until && !play.refused) {
        struct td_wake wake;
        const td_ns next = td_desk_deadline(scene.desk), end = play.began + until;
        td_world_wait(&scene.desk_world, next < end ? next : end, &wake);
        td_desk_turn(scene.desk, &wake);
        if (has_action())
            act();
    }
    if (played() < until)
        stand_still(until - played());
}

/* Notes how many orders there were when the last SECONDS of `trading` began. */
static void run_play(void)
{
    const td_ns duration = number_of(TD_SET_DURATION, 90) * TD_SEC;
    start_desk();
    for (td_ns at = TD_SEC; at <= duration; at += TD_SEC) {
        turns_until(at);
        for (uint32_t i = 0; i < play.script.expect_count; i++)
            if (play.script.expects[i].id == TD_EXPECT_TRADING &&
                at == duration - play.script.expects[i].args[0].number / TD_SEC * TD_SEC)
                play.orders_before[i] = td_gateway_ledger(scene.gateway.server)->order_count;
    }
    if (play.refused)
        return;
    for (uint32_t i = 0; i < scene.desk->market.count; i++)
        play.quote_age[i] =
            td_world_now(&scene.desk_world) - scene.desk->market.lines[i].quote_recv_ns;
    memcpy(play.denial, scene.desk->result.last_denial, sizeof play.denial);
}

/* --- what is seen --- */

static td_qty broker_position(const char *symbol)
{
    const struct td_ledger *l = td_gateway_ledger(scene.gateway.server);
    struct td_gateway_symbol s;
    td_qty sum = {0};
    for (uint32_t n = 0; td_gateway_symbol(scene.gateway.server, n, &s); n++)
        for (uint32_t i = 0; strcmp(s.symbol, symbol) == 0 && i < l->position_count; i++)
            if (l->positions[i].inst == s.inst)
                sum.e9 += l->positions[i].qty.e9;
    return sum;
}

static bool positions_equal(void)
{
    for (uint32_t i = 0; !play.refused && i < scene.desk->market.count; i++) {
        const char *symbol = scene.desk->market.lines[i].symbol;
        uint32_t h;
        const bool known = td_blotter_holding(&scene.desk->blotter, symbol, &h);
        const int64_t own = known ? scene.desk->blotter.holdings[h].now.qty.e9 : 0;
        if (own != broker_position(symbol).e9)
            return false;
    }
    return true;
}

static bool seen_word(struct td_text *t, const char *seen, const char *wanted)
{
    td_text_put(t, seen);
    return strcmp(seen, wanted) == 0;
}

static bool seen_number(struct td_text *t, int64_t seen, int64_t wanted)
{
    td_text_i64(t, seen);
    return seen == wanted;
}

static bool seen_fresh(struct td_text *t, const struct td_fault_action *e)
{
    bool fresh = !play.refused;
    for (uint32_t i = 0; !play.refused && i < scene.desk->market.count; i++) {
        const struct td_line *line = &scene.desk->market.lines[i];
        const bool meant =
            strcmp(e->args[0].text, "*") == 0 || strcmp(e->args[0].text, line->symbol) == 0;
        fresh &= !meant || (line->quote_recv_ns && play.quote_age[i] <= e->args[1].number);
    }
    return seen_word(t, fresh ? "yes" : "no", e->args[2].text);
}

static bool seen_denied(struct td_text *t, const char *gate)
{
    struct td_str rest = td_str_of(play.denial), word = {0};
    (void)td_str_split(&rest, ':', &word);
    td_text_str(t, word.len ? word : td_str_of("nothing"));
    return td_str_is(word, gate);
}

static bool seen_trading(struct td_text *t, uint32_t i)
{
    const uint32_t orders = td_gateway_ledger(scene.gateway.server)->order_count;
    return seen_word(t, orders > play.orders_before[i] ? "yes" : "no",
                     play.script.expects[i].args[1].text);
}

static bool seen_connects(struct td_text *t, const struct td_fault_action *e)
{
    struct td_gateway_stats stats;
    td_gateway_stats(scene.gateway.server, &stats);
    td_text_i64(t, (int64_t)stats.accepted);
    return (int64_t)stats.accepted >= e->args[0].number &&
           (int64_t)stats.accepted <= e->args[1].number;
}

static bool seen(struct td_text *t, uint32_t i)
{
    const struct td_fault_action *e = &play.script.expects[i];
    const struct td_ledger *l = td_gateway_ledger(scene.gateway.server);
    const char *word = e->args[0].text;
    const int64_t number = e->args[0].number;
    const struct td_blotter *b = play.refused ? NULL : &scene.desk->blotter;
    switch ((enum td_script_expect)e->id) {
    case TD_EXPECT_SESSION:
        return seen_word(t,
                         play.refused                    ? "refused"
                         : scene.desk->sync == SYNC_DONE ? "ready"
                                                         : "down",
                         word);
    case TD_EXPECT_TWICE:
        return seen_number(t, (int64_t)l->duplicate_ids + l->duplicate_refs, number);
    case TD_EXPECT_POSITIONS:
        return seen_word(t, positions_equal() ? "equal" : "differ", word);
    case TD_EXPECT_FRESH:
        return seen_fresh(t, e);
    case TD_EXPECT_TRADING:
        return seen_trading(t, i);
    case TD_EXPECT_DENIED:
        return seen_denied(t, word);
    case TD_EXPECT_FOREIGN:
        return seen_number(t, b ? b->foreign_executions : 0, number);
    case TD_EXPECT_UNKNOWN:
        return seen_number(t, b ? b->unknown_orders : 0, number);
    case TD_EXPECT_HALTED:
        return seen_word(t, b && b->halted ? "yes" : "no", word);
    case TD_EXPECT_CONNECTS:
        return seen_connects(t, e);
    case TD_EXPECT_ALERT:
        return seen_word(t, times_logged(word) ? word : "none", word);
    case TD_EXPECT_QUIET:
        td_text_printf(t, "%u times", (unsigned)times_logged(word));
        return times_logged(word) <= e->args[1].number;
    case TD_EXPECT_COUNT:
        break;
    }
    return false;
}

/* --- the table --- */

static char table_bytes[65536], script_bytes[TD_SCRIPT_BYTES + 1];
static bool covered[FAULTS + 1];

static const struct open_point *find_open(const char *form)
{
    for (size_t i = 0; i < TD_COUNT(open_points) && open_points[i].script; i++)
        if (strcmp(open_points[i].script, play.name) == 0 &&
            strcmp(open_points[i].expects, form) == 0)
            return &open_points[i];
    return NULL;
}

/* "fresh SPY 30" as the script says it. */
static void put_expectation(struct td_text *t, const struct td_fault_action *e)
{
    td_text_put(t, td_script_expects[e->id].word);
    for (size_t i = 0; i < TD_FAULT_ARGS && e->args[i].text[0]; i++)
        if (strcmp(e->args[i].text, "yes") != 0 || i == 0)
            td_text_printf(t, " %s", e->args[i].text);
}

/* Compares one expectation; adds its cells. 1 when it is wrong. */
static int check_one(uint32_t i, struct td_text *expects, struct td_text *sees)
{
    char form[120], what[120];
    struct td_text f, w;
    td_text_init(&f, form, sizeof form);
    td_text_init(&w, what, sizeof what);
    put_expectation(&f, &play.script.expects[i]);
    const bool met = seen(&w, i);
    const struct open_point *point = find_open(form);
    td_text_printf(expects, "%s%s", i ? "; " : "", form);
    td_text_printf(sees, "%s%s", i ? "; " : "", what);
    if (met == (point == NULL))
        return 0;
    print_error("%s: expect %s: %s%s\n", play.name, form, what,
                point ? ", but it is listed as open" : "");
    return 1;
}

/* A fault that never happened proves nothing. 1 when there is one. */
static int check_steps(void)
{
    struct td_gateway_stats stats;
    td_gateway_stats(scene.gateway.server, &stats);
    if (stats.steps_idle)
        print_error("%s: %u of %u steps never happened\n", play.name, (unsigned)stats.steps_idle,
                    (unsigned)play.script.step_count);
    return stats.steps_idle > 0;
}

static int check_play(struct td_text *table)
{
    char expects[1200], sees[800];
    struct td_text e, s;
    int wrong = check_steps(), open = 0;
    td_text_init(&e, expects, sizeof expects);
    td_text_init(&s, sees, sizeof sees);
    for (uint32_t i = 0; i < play.script.expect_count; i++)
        wrong += check_one(i, &e, &s);
    for (size_t i = 0; i < TD_COUNT(open_points) && open_points[i].script; i++)
        open += strcmp(open_points[i].script, play.name) == 0;
    td_text_printf(table, "| %s | %s | %s | %s |\n", play.name, e.buf, s.buf,
                   open ? "open" : "as expected");
    return wrong;
}

/* F numbers in the comments of a script. */
static void note_faults(const char *text)
{
    for (const char *line = text; line && *line;) {
        const char *end = strchr(line, '\n');
        for (const char *p = line; *line == '#' && p && (p = strchr(p, 'F')) != NULL && p < end;
             p++) {
            char *after;
            const long n = strtol(p + 1, &after, 10);
            if (after != p + 1 && n >= 1 && n <= FAULTS)
                covered[n] = true;
        }
        line = end ? end + 1 : NULL;
    }
}

static void read_script(const char *name)
{
    char path[512];
    size_t len = 0;
    struct td_fail why = {0};
    memset(&play, 0, sizeof play);
    play.loud = getenv("TD_FAULT") != NULL;
    (void)snprintf(play.name, sizeof play.name, "%.*s", (int)(strlen(name) - 6), name);
    (void)snprintf(path, sizeof path, "%s/%.63s", FOLDER, name);
    char *text = td_test_slurp(path, &len);
    assert_non_null(text);
    assert_true(len < sizeof script_bytes);
    memcpy(script_bytes, text, len);
    script_bytes[len] = '\0';
    free(text);
    td_script_init(&play.script);
    if (td_script_parse(&play.script, name, (struct td_str){script_bytes, len}, &why) != TD_OK)
        fail_msg("%s", why.text);
    note_faults(script_bytes);
    if (!play.script.title[0] || !play.script.expect_count)
        fail_msg("%s: a script of the bench has a title and expectations", name);
}

static int play_script(const char *name, struct td_text *table)
{
    read_script(name);
    open_play();
    run_play();
    scene.settings.allow_orders = false; /* what is under way arrives; nothing new leaves */
    turns_until(played() + 4 * TD_SEC);
    const int wrong = check_play(table);
    if (play.refused) {
        assert_int_equal(td_gateway_ledger(scene.gateway.server)->order_count, 0);
    } else {
        desk_close();
        check_ledger(false);
    }
    (void)scene_close(NULL);
    return wrong;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(a, b);
}

static char names[SCRIPTS_MAX][64];

static size_t list_scripts(void)
{
    size_t count = 0;
    DIR *folder = opendir(FOLDER);
    assert_non_null(folder);
    for (const struct dirent *e; (e = readdir(folder)) != NULL;) {
        const size_t n = strlen(e->d_name);
        if (n < 7 || n >= sizeof names[0] || strcmp(e->d_name + n - 6, ".fault") != 0)
            continue;
        assert_true(count < SCRIPTS_MAX);
        memcpy(names[count++], e->d_name, n + 1);
    }
    (void)closedir(folder);
    qsort(names, count, sizeof names[0], by_name);
    return count;
}

static void scripts_end_as_expected(void **state)
{
    (void)state;
    const char *only = getenv("TD_FAULT");
    const size_t count = list_scripts();
    struct td_text table;
    int wrong = 0, plays = 0;
    td_text_init(&table, table_bytes, sizeof table_bytes);
    td_text_put(&table, "| script | expected | seen | |\n| --- | --- | --- | --- |\n");
    for (size_t i = 0; i < count; i++) {
        if (only && strncmp(names[i], only, strlen(only)) != 0)
            continue;
        wrong += play_script(names[i], &table);
        plays++;
    }
    print_message("%s%d scripts played, %d expectations not met\n", table.buf, plays, wrong);
    assert_false(td_text_full(&table));
    assert_int_equal(wrong, 0);
}

static void every_fault_has_a_script(void **state)
{
    (void)state;
    int missing = 0;
    if (getenv("TD_FAULT"))
        skip();
    for (int i = 1; i <= FAULTS; i++)
        if (!covered[i]) {
            print_error("F%d is in the comments of no script of examples/faults\n", i);
            missing++;
        }
    assert_int_equal(missing, 0);
}

/* --- actions while it runs --- */

static void a_running_simulator_takes_actions(void **state)
{
    (void)state;
    static const struct {
        const char *line, *says;
    } rows[] = {{"status", "{\"ok\":true,\"clients\":1,"},
                {"explode", "\"error\":\"no action"},
                {"clock-step 3", "\"error\":\"clock-step needs the simulated world"},
                {"mute-hello", "\"ok\":true"},
                {"reset", "\"ok\":true"}};
    const struct scene_options o = {.world = {.seed = 3}, .speed = 10, .control = "sim.sock"};
    static struct td_world operator;
    char answer[1024];
    uint32_t host;
    scene_open(&o);
    desk_must_start();
    desk_wait_ready();
    TD_OK_OR_FAIL(td_simworld_attach(scene.sim, "operator", &host, &operator, NULL));
    for (size_t i = 0; i < TD_COUNT(rows); i++) {
        struct td_fail why = {0};
        if (td_ask(&operator, "sim.sock", rows[i].line, answer, sizeof answer, &why) != TD_OK)
            fail_msg("%s: %s", rows[i].line, why.text);
        if (!strstr(answer, rows[i].says))
            fail_msg("%s: %s", rows[i].line, answer);
    }
    desk_turns(15 * TD_SEC);
    assert_int_not_equal(scene.desk->sync, SYNC_DONE);
    TD_OK_OR_FAIL(td_ask(&operator, "sim.sock", "heal", answer, sizeof answer, NULL));
    desk_wait_ready();
    assert_int_equal(td_ask(&operator, "other.sock", "heal", answer, sizeof answer, NULL),
                     TD_ENOENT);
}

/* --- the page --- */

static const char *begins = "<!-- faults: made by tools/faults.sh -->\n";
static const char *ends = "<!-- faults: end -->\n";

static void the_page_has_the_table(void **state)
{
    (void)state;
    size_t len = 0;
    if (getenv("TD_FAULT"))
        skip();
    char *page = td_test_slurp(PAGE, &len);
    assert_non_null(page);
    char *from = strstr(page, begins), *to = strstr(page, ends);
    if (!from || !to || to < from)
        fail_msg("docs/testing.md has no place for the table");
    from += strlen(begins);
    const bool same = (size_t)(to - from) == strlen(table_bytes) &&
                      memcmp(from, table_bytes, strlen(table_bytes)) == 0;
    if (!same && getenv("TD_FAULT_TABLE")) {
        FILE *out = fopen(PAGE, "w");
        assert_non_null(out);
        (void)fwrite(page, 1, (size_t)(from - page), out);
        (void)fputs(table_bytes, out);
        (void)fputs(to, out);
        assert_int_equal(fclose(out), 0);
    } else if (!same) {
        free(page);
        fail_msg("docs/testing.md has another table: run tools/faults.sh BUILD-FOLDER");
    }
    free(page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(scripts_end_as_expected, scene_close),
        cmocka_unit_test(every_fault_has_a_script),
        cmocka_unit_test_teardown(a_running_simulator_takes_actions, scene_close),
        cmocka_unit_test(the_page_has_the_table),
    };
    return cmocka_run_group_tests_name("faults/script", tests, NULL, NULL);
}
